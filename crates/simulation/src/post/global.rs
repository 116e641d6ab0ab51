//! The Global dialect's messages at their receivers: signed by the merchant's secret, and in an order that things
//! can happen in.

use crate::ground::Finding;
use crate::office::{SHOPS, Shop};
use paypier_domain::global::Topic;
use paypier_wire::global::Decimal;
use paypier_wire::global::signed;
use serde_json::Value;
use std::collections::BTreeMap;

/// A message that a receiver has seen for the first time.
#[derive(Debug, Clone)]
pub struct Told {
    pub shop: &'static Shop,
    pub topic: Topic,
    /// The reference of what it is about.
    pub subject: String,
    pub status: String,
    pub body: Value,
}

/// A URL, and the topic and subject of what it is told about.
type Thread = (String, &'static str, String);

#[derive(Debug, Default)]
pub(super) struct GlobalBook {
    /// The statuses in the order of first arrival, each with its message.
    stories: BTreeMap<Thread, Vec<(String, String)>>,
    told: Vec<Told>,
}

impl GlobalBook {
    pub(super) fn take_told(&mut self) -> Vec<Told> {
        std::mem::take(&mut self.told)
    }

    /// Whether this URL was told that it stands so.
    pub(super) fn has_heard(&self, url: &str, topic: Topic, subject: &str, status: &str) -> bool {
        let key = (url.to_owned(), topic.as_str(), subject.to_owned());
        self.stories.get(&key).is_some_and(|story| story.iter().any(|(heard, _)| heard == status))
    }

    pub(super) fn carried(
        &mut self,
        url: &str,
        id: &str,
        body: &[u8],
        keeps_order: bool,
    ) -> Result<(), Finding> {
        let Some(told) = told(body) else { return Ok(()) };
        is_signed(&told)?;
        let key = (url.to_owned(), told.topic.as_str(), told.subject.clone());
        let story = self.stories.entry(key).or_default();
        if story.iter().any(|(_, known)| known == id) {
            return Ok(());
        }
        let before = story.last().map(|(status, _)| status.clone());
        story.push((told.status.clone(), id.to_owned()));
        if keeps_order
            && let Some(before) = before.filter(|before| !may_follow(told.topic, before, &told.status))
        {
            return Err(Finding::new(
                "messages of the Global dialect tell a story in order",
                format!(
                    "{} {}: {before} and then {} at {url}",
                    told.topic.as_str(),
                    told.subject,
                    told.status
                ),
            ));
        }
        self.told.push(told);
        Ok(())
    }
}

fn text(body: &Value, member: &str) -> String {
    body[member].as_str().unwrap_or_default().to_owned()
}

fn told(body: &[u8]) -> Option<Told> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let (topic, subject, key) = if body["link_ref"].is_string() {
        (Topic::PaymentLink, text(&body, "link_ref"), text(&body, "portone_key"))
    } else if body["plan_order_ref"].is_string() {
        (Topic::Subscription, text(&body, "order_ref"), text(&body, "portone_key"))
    } else if body["channel_key"].is_string() {
        (Topic::Payment, text(&body, "order_ref"), text(&body, "merchant_key"))
    } else {
        return None;
    };
    let shop = SHOPS.iter().find(|shop| shop.client_key() == key)?;
    Some(Told { shop, topic, subject, status: text(&body, "status"), body })
}

/// # Errors
/// The signature is not the one that the merchant computes.
fn is_signed(told: &Told) -> Result<(), Finding> {
    let word = |member: &str| text(&told.body, member);
    let amount: Decimal = told.body["amount"].to_string().parse().unwrap_or_default();
    let (currency, merchant_order_ref) = (word("currency"), word("merchant_order_ref"));
    let right = match told.topic {
        Topic::Payment => told.shop.signs(&signed::PaymentWebhook {
            amount,
            channel_key: &word("channel_key"),
            channel_order_ref: &word("channel_order_ref"),
            country_code: &word("country_code"),
            currency: &currency,
            merchant_order_ref: &merchant_order_ref,
            method_name: &word("method_name"),
            order_ref: &told.subject,
            status: &told.status,
        }),
        Topic::PaymentLink => told.shop.signs(&signed::LinkWebhook {
            amount,
            country_code: &word("countryCode"),
            currency: &currency,
            link_ref: &told.subject,
            merchant_order_ref: &merchant_order_ref,
            status: &told.status,
        }),
        Topic::Subscription => told.shop.signs(&signed::SubscriptionWebhook {
            currency: &currency,
            merchant_order_ref: &merchant_order_ref,
            order_ref: &told.subject,
            status: &told.status,
        }),
        Topic::Refund | Topic::Payout | Topic::Onboarding => return Ok(()),
    };
    if told.body["signature_hash"] == right {
        Ok(())
    } else {
        Err(Finding::new("what is told is signed", told.body.to_string()))
    }
}

/// Money that has come is the end of a payment's story; whatever else was the end, late money comes after it.
fn may_follow(topic: Topic, before: &str, next: &str) -> bool {
    match topic {
        Topic::Payment => before != "Success",
        Topic::PaymentLink => match before {
            "Processing" => next != "Processing",
            "Expired" | "Cancelled" => next == "Success",
            _ => false,
        },
        Topic::Subscription => before == "Active" && next != "Active",
        Topic::Refund | Topic::Payout | Topic::Onboarding => true,
    }
}
