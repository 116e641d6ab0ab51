//! What is said about a subscription: as it is read, its transactions, its messages to the merchant's endpoints and
//! the parameters of the way back. Signed where the dialect signs.

use super::amount::written;
use super::signature::{MerchantSecret, sign};
use super::transaction::{Transaction, environment_word};
use jiff::Timestamp;
use paypier_domain::global::GlobalMerchant;
use paypier_domain::id::SubscriptionRef;
use paypier_domain::money::Amount;
use paypier_domain::subscription::{
    Deduction, Missed, Period, Regular, Step, Subscription, SubscriptionStatus as Status, Terms,
};
use paypier_wire::global::redirect::SubscriptionRedirect;
use paypier_wire::global::webhook::SubscriptionStatusWebhook;
use paypier_wire::global::{
    AdditionalCostContent, Code, Decimal, PlanType, SubscriptionContent, SubscriptionStatus,
    SubscriptionTransaction, signed,
};
use serde_json::{Map, Value};

/// Where a customer enrols.
pub fn link(public_url: &str, reference: &SubscriptionRef) -> String {
    format!("{public_url}/subscribe/?ref={reference}")
}

pub const fn period_word(period: Period) -> &'static str {
    match period {
        Period::Hour => "H",
        Period::Day => "D",
        Period::Week => "W",
        Period::Month => "M",
        Period::Quarter => "Q",
        Period::Year => "Y",
    }
}

/// How often, for people: `2 weeks`, `2주`. One of them is not counted in English.
pub fn every(step: Step, in_korean: bool) -> String {
    let (korean, english) = match step.period() {
        Period::Hour => ("시간", "hour"),
        Period::Day => ("일", "day"),
        Period::Week => ("주", "week"),
        Period::Month => ("개월", "month"),
        Period::Quarter => ("분기", "quarter"),
        Period::Year => ("년", "year"),
    };
    match (in_korean, step.frequency()) {
        (true, count) => format!("{count}{korean}"),
        (false, 1) => english.to_owned(),
        (false, count) => format!("{count} {english}s"),
    }
}

pub const fn status_word(status: Status) -> SubscriptionStatus {
    match status {
        Status::Created => SubscriptionStatus::Created,
        Status::Active => SubscriptionStatus::Active,
        Status::Completed => SubscriptionStatus::Completed,
        Status::Expired => SubscriptionStatus::Expired,
        Status::Cancelled => SubscriptionStatus::Cancelled,
    }
}

const fn type_word(terms: &Terms) -> PlanType {
    match terms {
        Terms::Regular(_) => PlanType::Regular,
        Terms::OnDemand { .. } => PlanType::OnDemand,
    }
}

/// What a subscription costs, in the dialect's numbers: zeros and empty words where it is on demand.
struct Costs {
    accumulates: &'static str,
    frequency: i64,
    period: &'static str,
    quantity: i64,
    count: i64,
    plan_amount: Amount,
    recurring: Amount,
    total: Amount,
    additional: Amount,
    trial: (i64, &'static str),
}

impl Costs {
    fn of(terms: &Terms) -> Self {
        match terms {
            Terms::Regular(regular) => Self::of_regular(regular),
            Terms::OnDemand { additional, .. } => Self {
                accumulates: "",
                frequency: 0,
                period: "",
                quantity: 0,
                count: 0,
                plan_amount: Amount::ZERO,
                recurring: Amount::ZERO,
                total: Amount::ZERO,
                additional: *additional,
                trial: (0, ""),
            },
        }
    }

    fn of_regular(regular: &Regular) -> Self {
        Self {
            accumulates: match regular.missed {
                Missed::Accumulates => "Y",
                Missed::ExtendsSchedule => "N",
            },
            frequency: regular.step.frequency(),
            period: period_word(regular.step.period()),
            quantity: i64::from(regular.quantity),
            count: i64::from(regular.totals.count),
            plan_amount: regular.plan_amount,
            recurring: regular.totals.recurring,
            total: regular.totals.total,
            additional: regular.totals.additional,
            trial: regular.trial.map_or((0, ""), |trial| (trial.frequency(), period_word(trial.period()))),
        }
    }
}

/// From when on it runs, or is to run. A link that starts at once shows when it was made.
fn started_at(subscription: &Subscription) -> Timestamp {
    let planned = match &subscription.terms {
        Terms::Regular(regular) => regular.starts_at,
        Terms::OnDemand { .. } => None,
    };
    subscription.started_at().or(planned).unwrap_or(subscription.created_at)
}

/// As it is read, without its notes.
pub fn shown(
    subscription: &Subscription,
    client_key: &str,
    public_url: &str,
    now: Timestamp,
) -> SubscriptionContent {
    let costs = Costs::of(&subscription.terms);
    let money = |amount: Amount| written(amount, subscription.currency);
    let exponent = subscription.currency.exponent();
    let said = |text: &Option<String>| text.clone().unwrap_or_default();
    let next = subscription.next_deduction();
    SubscriptionContent {
        additional_costs: subscription
            .costs
            .iter()
            .map(|cost| AdditionalCostContent {
                key: cost.key.clone(),
                value: Decimal::from_minor_units(cost.value, exponent),
            })
            .collect(),
        allow_accumulate: costs.accumulates.to_owned(),
        portone_key: client_key.to_owned(),
        created_at: Some(subscription.created_at.into()),
        currency: subscription.currency.code().to_owned(),
        country_code: subscription.country.clone(),
        customer_email_address: said(&subscription.customer.email),
        customer_name: said(&subscription.customer.name),
        customer_phone_number: said(&subscription.customer.phone_number),
        environment: environment_word(subscription.environment).to_string(),
        expired_at: Some(subscription.expires_at.into()),
        merchant_order_ref: subscription.merchant_ref.clone(),
        notes: Vec::new(),
        notify_by_email: subscription.notify_by_email,
        notify_by_phone: subscription.notify_by_phone,
        plan_order_ref: subscription.plan.to_string(),
        quantity: costs.quantity,
        recurrance_count: costs.count,
        signature_hash: String::new(),
        source: subscription.source.clone(),
        started_at: Some(started_at(subscription).into()),
        status: status_word(subscription.status_at(now)).to_string(),
        subscription_type: type_word(&subscription.terms).to_string(),
        total_amount: money(costs.total),
        plan_amount: money(costs.plan_amount),
        collected_amount: money(subscription.collected_amount),
        total_additional_cost: money(costs.additional),
        next_deduction_amount: next.map_or(Decimal::ZERO, |(amount, _)| money(amount)),
        next_deduction_date: next.map(|(_, at)| at.into()),
        collected_count: i64::from(subscription.collected_count),
        trial_frequency: costs.trial.0,
        trial_period: costs.trial.1.to_owned(),
        in_trial: subscription.is_in_trial(now),
        order_ref: subscription.reference.to_string(),
        subscription_link: link(public_url, &subscription.reference),
    }
}

/// A deduction as a transaction.
pub fn row(deduction: &Deduction, transaction: &Transaction<'_>) -> SubscriptionTransaction {
    SubscriptionTransaction {
        amount: transaction.amount(),
        channel_name: transaction.channel_key().to_owned(),
        channel_order_ref: transaction.channel_order_ref(),
        created_at: Some(deduction.created_at.into()),
        currency: transaction.currency(),
        merchant_order_ref: transaction.order.merchant_reference.clone(),
        method_key: transaction.method_key().to_owned(),
        order_ref: transaction.order.reference.clone(),
        payment_method_used: transaction.payment_method_used(),
        refund_status: transaction.refund_status(),
        status: transaction.status().to_string(),
    }
}

/// The message that a subscription has another status.
pub fn webhook(
    subscription: &Subscription,
    merchant: &GlobalMerchant,
    secret: &MerchantSecret,
    public_url: &str,
    now: Timestamp,
) -> SubscriptionStatusWebhook {
    let costs = Costs::of(&subscription.terms);
    let content = shown(subscription, &merchant.client_key, public_url, now);
    let signature = sign(
        secret,
        &signed::SubscriptionWebhook {
            currency: &content.currency,
            merchant_order_ref: &content.merchant_order_ref,
            order_ref: &content.order_ref,
            status: &content.status,
        },
    );
    let named: Map<String, Value> = content
        .additional_costs
        .iter()
        .map(|cost| (cost.key.clone(), serde_json::to_value(cost.value).unwrap_or_default()))
        .collect();
    let has_costs = !named.is_empty();
    SubscriptionStatusWebhook {
        allow_accumulate: content.allow_accumulate,
        recurring_amount: written(costs.recurring, subscription.currency),
        chaipaykey: merchant.client_key.clone(),
        currency: content.currency,
        customer_email_address: content.customer_email_address,
        customer_name: content.customer_name,
        customer_phone_number: content.customer_phone_number,
        environment: content.environment,
        frequency: costs.frequency,
        expired_at: content.expired_at,
        link: content.subscription_link,
        merchant_order_ref: content.merchant_order_ref,
        name: subscription.plan_name.clone(),
        notify_by_email: content.notify_by_email,
        notify_by_phone: content.notify_by_phone,
        order_ref: content.order_ref,
        plan_order_ref: content.plan_order_ref,
        period: costs.period.to_owned(),
        quantity: content.quantity,
        recurrance_count: content.recurrance_count,
        source: content.source,
        started_at: content.started_at,
        created_at: content.created_at,
        status: content.status,
        subscription_type: content.subscription_type,
        signature_hash: signature,
        total_amount: content.total_amount,
        collected_amount: content.collected_amount,
        ip_address: subscription.ip_address.clone(),
        collected_count: content.collected_count,
        portone_key: merchant.client_key.clone(),
        trial_frequency: content.trial_frequency,
        trial_period: content.trial_period,
        next_deduction_amount: content.next_deduction_amount,
        next_deduction_date: content.next_deduction_date,
        in_trial: content.in_trial,
        additional_cost: has_costs.then_some(named),
        total_additional_cost: has_costs.then_some(content.total_additional_cost),
    }
}

/// The way back after an enrolment: `transaction` is the first charge; without one the card is kept, and the
/// subscription's own references stand for those of a transaction.
pub fn redirect(
    subscription: &Subscription,
    transaction: Option<&Transaction<'_>>,
    merchant: &GlobalMerchant,
    secret: &MerchantSecret,
    language: &str,
) -> SubscriptionRedirect {
    let costs = Costs::of(&subscription.terms);
    let money = |amount: Amount| written(amount, subscription.currency);
    let is_regular = matches!(subscription.terms, Terms::Regular(_));
    let regular = |value: Decimal| is_regular.then_some(value);
    let (reference, merchant_reference, channel_reference, status) = match transaction {
        Some(transaction) => (
            transaction.order.reference.clone(),
            transaction.order.merchant_reference.clone(),
            transaction.channel_order_ref(),
            transaction.status().to_string(),
        ),
        None => (
            subscription.reference.to_string(),
            subscription.merchant_ref.clone(),
            String::new(),
            "Success".to_owned(),
        ),
    };
    let signature = sign(
        secret,
        &signed::Redirect {
            channel_order_ref: &channel_reference,
            merchant_order_ref: &merchant_reference,
            order_ref: &reference,
            status: &status,
        },
    );
    let code = transaction.map_or(Some(Code::Success), Transaction::code);
    SubscriptionRedirect {
        amount: regular(money(subscription.first_amount())),
        channel_order_ref: channel_reference,
        currency: subscription.currency.code().to_owned(),
        frequency: is_regular.then_some(costs.frequency),
        initial_amount: match &subscription.terms {
            Terms::OnDemand { initial, .. } => Some(money(*initial)),
            Terms::Regular(_) => None,
        },
        lang: language.to_owned(),
        link_order_ref: subscription.merchant_ref.clone(),
        merchant_brand_name: merchant.brand.name.clone(),
        merchant_logo: merchant.brand.logo.clone(),
        merchant_order_ref: merchant_reference,
        message: transaction.map_or_else(String::new, |transaction| transaction.user_message().to_owned()),
        next_deduction_date: subscription.next_deduction().map(|(_, at)| at.into()),
        order_ref: reference,
        payment_source: subscription.source.clone(),
        period: is_regular.then(|| costs.period.to_owned()),
        recurrance_amount: regular(money(costs.recurring)),
        recurrance_count: is_regular.then_some(costs.count),
        signature_hash: signature,
        status,
        status_channel_reason: transaction.map(Transaction::channel_reason).unwrap_or_default(),
        status_code: code.map(|code| code.digits().to_owned()).unwrap_or_default(),
        status_reason: code.map(|code| code.reason().to_owned()).unwrap_or_default(),
        subscription_order_ref: subscription.reference.to_string(),
        subscription_type: type_word(&subscription.terms).to_string(),
        total_additional_cost: regular(money(costs.additional)),
        total_amount: regular(money(costs.total)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_said_in_both_languages() {
        for (frequency, period, korean, english) in [
            (1, Period::Month, "1개월", "month"),
            (2, Period::Week, "2주", "2 weeks"),
            (3, Period::Quarter, "3분기", "3 quarters"),
        ] {
            let step = Step::new(frequency, period).unwrap();
            assert_eq!(every(step, true), korean);
            assert_eq!(every(step, false), english);
        }
    }
}
