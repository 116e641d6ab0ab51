//! The letter by which a customer gets the link of a subscription: who asks, for what plan, how much and how often.

use super::letter::{Language, Letter, Request, amount, moment, shown};
use crate::global::subscription::every;
use paypier_domain::global::Brand;
use paypier_domain::subscription::{Regular, Subscription, Terms};

/// About `subscription`, which is enrolled in at `url`. `merchant` is the name that its page shows, too.
pub fn letter(subscription: &Subscription, merchant: &str, brand: &Brand, url: &str) -> Letter {
    let language = if subscription.country == "KR" { Language::Korean } else { Language::English };
    let plan = &subscription.plan_name;
    Letter {
        language,
        request: Request::Enrol,
        merchant: merchant.to_owned(),
        logo: shown(&brand.logo),
        buyer: subscription.customer.name.clone().unwrap_or_default(),
        description: match subscription.description.as_str() {
            "" => plan.clone(),
            text if text == plan => plan.clone(),
            text => format!("{plan}: {text}"),
        },
        amount: match &subscription.terms {
            Terms::Regular(regular) => regularly(regular, subscription, language),
            Terms::OnDemand { .. } => match language {
                Language::Korean => "이용한 만큼 결제".to_owned(),
                Language::English => "charged as you use it".to_owned(),
            },
        },
        url: url.to_owned(),
        until: Some(moment(subscription.expires_at, language)),
    }
}

/// `USD 3,000.00 every month, 3 times`.
fn regularly(regular: &Regular, subscription: &Subscription, language: Language) -> String {
    let each = amount(regular.totals.recurring, subscription.currency, language);
    let count = regular.totals.count;
    match (language, count) {
        (Language::Korean, count) => format!("{each} / {}, {count}회", every(regular.step, true)),
        (Language::English, 1) => format!("{each}, once"),
        (Language::English, count) => {
            format!("{each} every {}, {count} times", every(regular.step, false))
        }
    }
}
