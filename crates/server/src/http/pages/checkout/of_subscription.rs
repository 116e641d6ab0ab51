//! A subscription's link as a page.

use super::model::{
    Back, Brand, CardSecurity, CheckoutPage, Ended, Figure, Form, Item, Language, Order, Outcome, Refusal,
    Setting, Step, SubscriptionFact, SubscriptionStep,
};
use super::words::Words;
use super::{Rendered, render};
use crate::app::checkout::view::Notice;
use crate::app::subscription::{Enrollable, Offer};
use crate::global::subscription::every;
use crate::http::pages::figure::figure;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use paypier_domain::channel::Environment;
use paypier_domain::money::{Amount, Currency};
use paypier_domain::subscription::{Regular, Subscription, SubscriptionStatus, Terms};

/// The page of a link as it stands at this instant. `notice` is about the form that was just sent.
pub fn rendered(link: &Enrollable, language: Language, notice: Option<Notice>, now: Timestamp) -> Rendered {
    render(&page(link, language, notice, now))
}

fn page(link: &Enrollable, language: Language, notice: Option<Notice>, now: Timestamp) -> CheckoutPage {
    let subscription = &link.subscription;
    let addresses = &subscription.addresses;
    let brand = &link.global.merchant.brand.name;
    let name = if brand.is_empty() { &link.profile.store.name } else { brand };
    let charged = subscription.charge_at_enrolment(now).map(|(amount, _)| amount);
    CheckoutPage {
        language,
        brand: Brand { name: name.clone(), colours: None },
        is_test: subscription.environment == Environment::Test,
        setting: Setting::Whole,
        back: Back::Shop,
        order: Some(Order {
            name: subscription.plan_name.clone(),
            total: charged.map(|amount| shown(amount, subscription.currency)),
            image: None,
            items: items(subscription),
        }),
        talk: None,
        form: Form {
            action: format!("/subscribe/?ref={}", subscription.reference),
            // A page that was left behind is of an enrolment that was tried since.
            nonce: subscription.enrolments.to_string(),
        },
        redirect_url: None,
        leads_to: vec![addresses.success.clone(), addresses.failure.clone(), addresses.pending.clone()],
        step: step(link, Words::of(language), notice, charged.is_some(), now),
    }
}

fn shown(amount: Amount, currency: Currency) -> Figure {
    Figure { digits: figure(amount, currency), currency: currency.code().to_owned() }
}

/// The costs that are charged once; what takes something off is in the terms.
fn items(subscription: &Subscription) -> Vec<Item> {
    let item = |cost: &paypier_domain::subscription::Cost| {
        let amount = Amount::new(cost.value).ok()?;
        Some(Item { name: cost.key.clone(), quantity: 1, amount: shown(amount, subscription.currency) })
    };
    subscription.costs.iter().filter_map(item).collect()
}

fn step(link: &Enrollable, words: &Words, notice: Option<Notice>, is_charged: bool, now: Timestamp) -> Step {
    match link.status {
        SubscriptionStatus::Created if !link.is_plan_active => Step::Refused(Refusal::Closed),
        SubscriptionStatus::Created if link.is_under_way => Step::Working,
        SubscriptionStatus::Created if link.subscription.is_worn_out() => Step::Refused(Refusal::Closed),
        SubscriptionStatus::Created => {
            let subscription = &link.subscription;
            Step::Subscription(SubscriptionStep {
                terms: terms(subscription, words, now),
                methods: methods(&link.offers),
                security: if subscription.currency == Currency::KRW {
                    CardSecurity::BirthAndPassword
                } else {
                    CardSecurity::Code
                },
                is_charged,
                problem: notice.map(|notice| words.notice(notice).to_owned()),
            })
        }
        SubscriptionStatus::Active => ended(Outcome::Enrolled),
        SubscriptionStatus::Completed => ended(Outcome::Paid),
        SubscriptionStatus::Expired => Step::Refused(Refusal::Expired),
        SubscriptionStatus::Cancelled => Step::Refused(Refusal::Closed),
    }
}

const fn ended(outcome: Outcome) -> Step {
    Step::Ended(Ended { outcome, account: None, result: String::new() })
}

/// What there is to choose. Which of the merchant's PSPs keeps a card is nothing to a customer: of those that are
/// called the same the first one stands for all.
fn methods(offers: &[Offer]) -> Vec<(String, String)> {
    let mut methods: Vec<(String, String)> = Vec::new();
    for offer in offers {
        if methods.iter().all(|(_, name)| name != offer.name) {
            methods.push((code(offer), offer.name.to_owned()));
        }
    }
    methods
}

/// How a form names a way to pay.
pub fn code(offer: &Offer) -> String {
    format!("{}/{}", offer.means.channel, offer.means.method)
}

fn terms(subscription: &Subscription, words: &Words, now: Timestamp) -> Vec<(SubscriptionFact, String)> {
    let money = |amount: Amount| {
        format!("{} {}", figure(amount, subscription.currency), subscription.currency.code())
    };
    let mut terms = Vec::new();
    let mut say = |fact, value: String| {
        if !value.is_empty() {
            terms.push((fact, value));
        }
    };
    say(SubscriptionFact::Description, subscription.description.clone());
    match &subscription.terms {
        Terms::OnDemand { initial, additional } => {
            say(SubscriptionFact::OnDemand, words.on_demand().to_owned());
            let first = initial.plus(*additional).unwrap_or(*initial);
            if !first.is_zero() {
                say(SubscriptionFact::FirstCharge, money(first));
            }
        }
        Terms::Regular(regular) => {
            let each = format!(
                "{} / {}",
                money(regular.totals.recurring),
                every(regular.step, words.language == Language::Korean)
            );
            say(SubscriptionFact::EachTime, each);
            say(SubscriptionFact::Count, regular.totals.count.to_string());
            if !regular.totals.additional.is_zero() {
                say(SubscriptionFact::Additional, money(regular.totals.additional));
            }
            say(SubscriptionFact::Total, money(regular.totals.total));
            say(SubscriptionFact::Trial, trial(regular, now));
            say(SubscriptionFact::FirstCharge, later_start(regular, now));
        }
    }
    let customer = &subscription.customer;
    let who: Vec<&str> = [&customer.name, &customer.email, &customer.phone_number]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    say(SubscriptionFact::Customer, who.join(", "));
    terms
}

fn trial(regular: &Regular, now: Timestamp) -> String {
    regular.trial.and_then(|trial| trial.after(now, 1)).map(day).unwrap_or_default()
}

fn later_start(regular: &Regular, now: Timestamp) -> String {
    regular.starts_at.filter(|at| *at > now).map(day).unwrap_or_default()
}

/// `2026-12-24`: calendars run in UTC.
fn day(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).date().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_to_pay_that_are_called_the_same_are_one() {
        let offer = |channel: &str, method: &str, name: &'static str| Offer {
            means: paypier_domain::subscription::Means { channel: channel.into(), method: method.into() },
            name,
            channel: paypier_domain::id::ChannelKey::known(channel),
        };
        let offers = [
            offer("ONEPAY", "ONEPAY_SUBSCRIPTION_CARD", "Subscription card"),
            offer("OMISE", "OMISE_CREDIT_CARD", "Credit or debit card"),
            offer("STRIPE", "STRIPE_CARD", "Credit or debit card"),
        ];
        let shown = methods(&offers);
        let codes: Vec<&str> = shown.iter().map(|(code, _)| code.as_str()).collect();
        assert_eq!(codes, ["ONEPAY/ONEPAY_SUBSCRIPTION_CARD", "OMISE/OMISE_CREDIT_CARD"]);
    }

    #[test]
    fn a_day_is_that_of_the_calendar() {
        assert_eq!(day("2026-01-31T23:59:59Z".parse().unwrap()), "2026-01-31");
    }
}
