//! New subscriptions: the links by which customers enrol.

use super::{bounded, currency, kept, notes, own_key, signed, some, source, step, text, whole, word};
use crate::app::subscription::{NewSubscription, WantedTerms};
use crate::global::amount;
use crate::global::subscription::link;
use crate::http::global::call::{Answered, Call};
use crate::http::global::need;
use crate::http::global::problem::Refused;
use paypier_domain::customer::Customer;
use paypier_domain::id::PlanRef;
use paypier_domain::money::{Amount, Currency};
use paypier_domain::subscription::{Addresses, Cost, Missed};
use paypier_wire::global::code::fault;
use paypier_wire::global::signed::{OnDemandSubscription, RegularSubscription};
use paypier_wire::global::{
    AllowAccumulate, Choices, Code, CreateSubscriptionRequest, Decimal, PlanType, SubscriptionCreated, time,
};
use std::sync::Arc;
use url::Url;

const MOST_COSTS: usize = 50;
const LONGEST_ADDRESS: usize = 2_000;

/// `POST /api/subscription/createSubscription`
pub async fn create_subscription(
    call: Arc<Call>,
    body: CreateSubscriptionRequest,
) -> Answered<SubscriptionCreated> {
    let caller = call.caller()?;
    let key_names = [&body.portone_key, &body.chaipay_key, &body.key];
    some("portone_key", key_names.into_iter().flatten().find(|key| !key.is_empty()))?;
    let signature = text("signature_hash", body.signature_hash.as_ref())?;
    let merchant_ref = text("merchant_order_ref", body.merchant_order_ref.as_ref())?;
    let source_word = word("source", body.source.as_ref())?;
    let kind = word("subscription_type", body.subscription_type.as_ref())?;
    let plan = text("plan_order_ref", body.plan_order_ref.as_ref())?;
    let currency_code = text("currency", body.currency.as_ref())?;
    let success_url = text("success_url", body.success_url.as_ref())?;
    let failure_url = text("failure_url", body.failure_url.as_ref())?;
    let pending_url = text("pending_url", body.pending_url.as_ref())?;
    own_key(&call, key_names)?;
    // Published samples leave it out: that of the plan then.
    let environment = match &body.environment {
        None => None,
        Some(word) => Some(need::environment(Some(word))?),
    };
    let source = source(source_word)?;
    let kind = kind.known().ok_or_else(|| {
        Refused::invalid(Code::InvalidRequest, "subscription_type must be one of REGULAR, ONDEMAND")
    })?;
    for address in [success_url, failure_url, pending_url] {
        absolute(address)?;
    }
    let terms = asked_terms(&body, kind)?;
    let country = country(body.country_code.as_ref())?;
    let client_key = caller.client_key();
    match &terms {
        Asked::Regular { quantity, .. } => {
            let message = RegularSubscription {
                client_key,
                currency: currency_code,
                failure_url,
                merchant_order_ref: merchant_ref,
                quantity: *quantity,
                success_url,
            };
            signed(&call, &message, signature)?;
        }
        Asked::OnDemand { .. } => {
            let message = OnDemandSubscription {
                client_key,
                currency: currency_code,
                failure_url,
                merchant_order_ref: merchant_ref,
                success_url,
            };
            signed(&call, &message, signature)?;
        }
    }
    let currency = currency(currency_code)?;
    let ask = NewSubscription {
        environment,
        merchant_ref: merchant_ref.to_owned(),
        plan: PlanRef::known(plan),
        source: source.as_str().to_owned(),
        description: kept("description", body.description.as_ref())?,
        country,
        customer: customer(&body)?,
        notify_by_email: body.notify_by_email.is_some_and(|flag| flag.0),
        notify_by_phone: body.notify_by_phone.is_some_and(|flag| flag.0),
        notes: notes(body.notes.as_ref())?,
        costs: costs(&body, currency)?,
        currency,
        terms: terms.in_currency(currency)?,
        addresses: Addresses {
            success: success_url.to_owned(),
            failure: failure_url.to_owned(),
            pending: pending_url.to_owned(),
        },
        ip_address: call.origin().ip_address,
        expires_at: instant("expiry_date", body.expiry_date.as_ref())?,
    };
    let made = call.app.create_subscription(caller, ask).await?;
    Ok(SubscriptionCreated {
        is_success: true,
        merchant_order_ref: made.merchant_ref,
        order_ref: made.reference.to_string(),
        status_code: Code::Success.digits().to_owned(),
        subscription_link: link(&call.app.policy.public_url, &made.reference),
    })
}

/// What is asked for, before the currency is known.
enum Asked {
    Regular { quantity: i64, wanted: WantedTerms },
    OnDemand { initial: Decimal },
}

impl Asked {
    fn in_currency(self, currency: Currency) -> Answered<WantedTerms> {
        Ok(match self {
            Self::Regular { wanted, .. } => wanted,
            Self::OnDemand { initial } => WantedTerms::OnDemand { initial: amount::of(initial, currency)? },
        })
    }
}

/// Members of the other type are ignored.
fn asked_terms(body: &CreateSubscriptionRequest, kind: PlanType) -> Answered<Asked> {
    match kind {
        PlanType::OnDemand => {
            let number = some("initial_amount", body.initial_amount)?;
            let initial = number
                .decimal()
                .filter(|decimal| !decimal.is_negative())
                .ok_or_else(|| Refused::invalid(Code::InvalidAmount, "Invalid amount"))?;
            Ok(Asked::OnDemand { initial })
        }
        PlanType::Regular => {
            let quantity = whole(some("quantity", body.quantity)?);
            let accumulates = some("allow_accumulate", body.allow_accumulate.as_ref())?;
            let count = whole(some("recurrance_count", body.recurrance_count)?);
            if quantity < 1 {
                return Err(Refused::invalid(Code::InvalidQuantity, "Quantity must be at least 1"));
            }
            let missed = match accumulates.known().ok_or(fault::ALLOW_ACCUMULATE)? {
                AllowAccumulate::Yes => Missed::Accumulates,
                AllowAccumulate::No => Missed::ExtendsSchedule,
            };
            if count < 1 {
                let message = "Recurrance count must be at least 1";
                return Err(Refused::invalid(Code::InvalidRecurranceCount, message));
            }
            let starts_at = instant("started_at", body.started_at.as_ref())?;
            let trial_period = body.trial_period.as_ref().filter(|period| !period.as_str().is_empty());
            let trial = match (body.trial_frequency, trial_period) {
                (None, None) => None,
                // What clients send who want none.
                (Some(frequency), None) if whole(frequency) == 0 => None,
                (Some(frequency), Some(period)) => Some(step(frequency, period, None)?),
                (Some(_), None) => {
                    return Err(Refused::invalid(Code::InvalidPeriod, "trial_period is a required field"));
                }
                (None, Some(_)) => {
                    let message = "trial_frequency is a required field";
                    return Err(Refused::invalid(Code::InvalidFrequency, message));
                }
            };
            let wanted = WantedTerms::Regular { quantity, count, missed, starts_at, trial };
            Ok(Asked::Regular { quantity, wanted })
        }
    }
}

/// Costs beside the plan's amount. Single ones may be negative.
fn costs(body: &CreateSubscriptionRequest, currency: Currency) -> Answered<Vec<Cost>> {
    let wrong = || Refused::invalid(Code::InvalidTotalAdditionalCost, "Invalid additional cost");
    let costs = body.additional_costs.as_deref().unwrap_or_default();
    if costs.len() > MOST_COSTS {
        return Err(wrong());
    }
    costs
        .iter()
        .map(|cost| {
            let decimal = cost.value.and_then(|value| value.decimal()).ok_or_else(wrong)?;
            let units = decimal.minor_units(currency.exponent()).map_err(|_| wrong())?;
            // Within what an amount can be, on either side of zero.
            Amount::new(units.saturating_abs()).map_err(|_| wrong())?;
            Ok(Cost { key: kept("additional_costs", cost.key.as_ref())?, value: units })
        })
        .collect()
}

fn customer(body: &CreateSubscriptionRequest) -> Answered<Customer> {
    let said = |member, value: Option<&String>| -> Answered<Option<String>> {
        Ok(Some(bounded(member, value, 255)?).filter(|text| !text.is_empty()))
    };
    let customer = Customer {
        name: said("customer_name", body.customer_name.as_ref())?,
        email: said("customer_email_address", body.customer_email_address.as_ref())?,
        phone_number: said("customer_phone_number", body.customer_phone_number.as_ref())?,
        ..Customer::default()
    };
    let is_wanted = |flag: Option<paypier_wire::global::Flag>| flag.is_some_and(|flag| flag.0);
    if is_wanted(body.notify_by_email) && customer.email.is_none() {
        return Err(super::missing("customer_email_address"));
    }
    let is_address = |email: &String| email.parse::<lettre::Address>().is_ok();
    if is_wanted(body.notify_by_email) && !customer.email.as_ref().is_some_and(is_address) {
        return Err(Refused::invalid(Code::InvalidEmailAddress, "Invalid email address"));
    }
    if is_wanted(body.notify_by_phone) && customer.phone_number.is_none() {
        return Err(super::missing("customer_phone_number"));
    }
    Ok(customer)
}

fn country(code: Option<&String>) -> Answered<String> {
    let code = code.map(String::as_str).unwrap_or_default();
    let is_code = code.is_empty() || (code.len() == 2 && code.bytes().all(|b| b.is_ascii_alphabetic()));
    if is_code {
        Ok(code.to_ascii_uppercase())
    } else {
        Err(Refused::invalid(Code::InvalidRequest, "country_code must have two letters"))
    }
}

/// Where a browser can be sent: an address with a scheme, of the web or of an app, and none that runs a script.
fn absolute(address: &str) -> Answered<()> {
    let wrong = || Refused::invalid(Code::InvalidRedirectUrl, "The redirect url is not valid");
    if address.chars().count() > LONGEST_ADDRESS {
        return Err(wrong());
    }
    let url = Url::parse(address).map_err(|_| wrong())?;
    let is_hostile = matches!(url.scheme(), "javascript" | "data" | "vbscript" | "file" | "blob" | "about");
    let has_host = !matches!(url.scheme(), "http" | "https") || url.has_host();
    if is_hostile || !has_host { Err(wrong()) } else { Ok(()) }
}

/// An instant; an empty text is none.
fn instant(member: &str, text: Option<&String>) -> Answered<Option<jiff::Timestamp>> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let read = time::read(text);
    read.map(Some)
        .ok_or_else(|| Refused::invalid(Code::InvalidRequest, format!("{member} is not a date and time")))
}
