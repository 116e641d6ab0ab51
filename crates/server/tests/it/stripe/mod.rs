//! Stripe, as others imagine it: the whole server against counterparts that nobody here wrote.
//!
//! localstripe keeps intents, refunds, stored cards and signed events, and ignores idempotency keys;
//! stripe-stateful-mock honours keys and refuses with Stripe's true errors, and knows charges only.
//! `tests/psp/run` starts both. Without them these stories are left out and say so, except those of
//! `events`, which need neither.

mod door;
mod events;
mod faults;
mod flows;
mod keys;

use crate::shop::{Answer, Engine, Shop, both_databases, sent};
use door::{Counterpart, Door};
use paypier::cli::dev::demo;
use paypier_domain::change::Write;
use paypier_domain::channel::{Channel, ChannelUsage, Environment};
use paypier_domain::id::{ChannelId, ChannelKey, StoreId};
use serde_json::{Value, json};
use std::time::Duration;

pub const SECRET_KEY: &str = "sk_test_0123456789abcdef";
pub const WEBHOOK_SECRET: &str = "whsec_0123456789abcdef";

pub const INTENTS: &str = "POST /v1/payment_intents";
pub const CAPTURE: &str = "POST /v1/payment_intents/{id}/capture";
pub const REFUNDS: &str = "POST /v1/refunds";

/// Where a counterpart runs; nothing when none was started, which is said.
#[expect(clippy::disallowed_methods, reason = "tests are configured by the environment")]
fn counterpart(which: Counterpart) -> Option<String> {
    let (variable, name) = match which {
        Counterpart::Localstripe => ("PAYPIER_TEST_LOCALSTRIPE_URL", "localstripe"),
        Counterpart::StatefulMock => ("PAYPIER_TEST_STRIPE_MOCK_URL", "stripe-stateful-mock"),
    };
    let url = std::env::var(variable).ok().filter(|url| !url.is_empty());
    if url.is_none() {
        eprintln!("{variable} is not set: this story needs {name} and is LEFT OUT; tests/psp/run runs it");
    }
    url
}

/// Tells a story on both databases with a shop that has a channel at the counterpart.
fn with<F, Fut>(which: Counterpart, story: F)
where
    F: Fn(Trade) -> Fut,
    Fut: Future<Output = ()>,
{
    let Some(url) = counterpart(which) else { return };
    both_databases(|engine| {
        let (url, story) = (&url, &story);
        async move { story(Trade::open(engine, which, url).await).await }
    });
}

/// A shop, its channels at Stripe, and the door in between.
struct Trade {
    shop: Shop,
    door: Door,
    /// Makes payment ids that no other story uses: they share one Stripe.
    mark: String,
}

const CARDS: &str = "channel-key-stripe-cards";
/// Approves first, captures when asked.
const MANUAL: &str = "channel-key-stripe-manual";

impl Trade {
    async fn open(engine: Engine, which: Counterpart, url: &str) -> Self {
        let door = Door::open(which, url).await;
        let shop = Shop::open_with(engine, |config| {
            config.stripe.api_base = door.url.parse().unwrap();
            config.stripe.minimal_parameters = which == Counterpart::Localstripe;
            config.stripe.read_timeout = Duration::from_millis(1500);
        })
        .await;
        for (key, manual_capture) in [(CARDS, false), (MANUAL, true)] {
            let channel = stripe_channel(&shop, key, manual_capture);
            shop.writes(vec![Write::Channel(Box::new(channel))]).await;
        }
        let mark = uuid::Builder::from_random_bytes(rand::random()).into_uuid().simple().to_string();
        Self { shop, door, mark }
    }

    fn id(&self, name: &str) -> String {
        format!("{name}-{}", self.mark)
    }

    fn order(&self, channel: &str, number: &str, total: i64) -> Value {
        let mut order = self.shop.order(number, total);
        order["channelKey"] = channel.into();
        order
    }

    async fn pays_at(&self, channel: &str, name: &str, number: &str, total: i64) -> Answer {
        let order = self.order(channel, number, total);
        self.shop.post(&format!("/payments/{}/instant", self.id(name)), &order).await
    }

    async fn pays(&self, name: &str, number: &str, total: i64) -> Answer {
        self.pays_at(CARDS, name, number, total).await
    }

    /// With something that Stripe has already, in the card's place.
    async fn pays_by(&self, channel: &str, name: &str, method: &str, total: i64) -> Answer {
        let mut order = self.order(channel, crate::shop::APPROVED, total);
        order["bypass"] = json!({ "paymentMethod": method });
        self.shop.post(&format!("/payments/{}/instant", self.id(name)), &order).await
    }

    async fn cancels(&self, name: &str, amount: Option<i64>) -> Answer {
        self.shop.cancels(&self.id(name), amount).await
    }

    async fn captures(&self, name: &str) -> Answer {
        self.shop.post(&format!("/payments/{}/capture", self.id(name)), &json!({})).await
    }

    async fn payment(&self, name: &str) -> Value {
        self.shop.payment(&self.id(name)).await
    }

    async fn status(&self, name: &str) -> String {
        self.shop.status(&self.id(name)).await
    }

    async fn webhooks(&self, name: &str) -> Vec<String> {
        self.shop.webhooks(&self.id(name)).await
    }

    /// What localstripe's books say of a payment: each intent that was made for it.
    async fn intents(&self, name: &str) -> Vec<Value> {
        self.booked("/v1/payment_intents", name).await
    }

    async fn booked(&self, list: &str, name: &str) -> Vec<Value> {
        let id = self.id(name);
        let mut found = Vec::new();
        let mut after = String::new();
        loop {
            let page = self.door.asks(&format!("{list}?limit=100{after}")).await;
            let data = page["data"].as_array().unwrap();
            found
                .extend(data.iter().filter(|one| one["metadata"]["paypier_payment"] == id.as_str()).cloned());
            match data.last() {
                Some(last) if page["has_more"] == true => {
                    after = format!("&starting_after={}", last["id"].as_str().unwrap());
                }
                _ => return found,
            }
        }
    }

    /// The amounts that were refunded of a payment's only intent.
    async fn refunded(&self, name: &str) -> Vec<i64> {
        let intents = self.intents(name).await;
        let [intent] = intents.as_slice() else { panic!("one charge: {intents:#?}") };
        let id = intent["id"].as_str().unwrap();
        let refunds = self.door.asks(&format!("/v1/refunds?payment_intent={id}&limit=100")).await;
        amounts(&refunds)
    }
}

fn amounts(list: &Value) -> Vec<i64> {
    let mut amounts: Vec<i64> =
        list["data"].as_array().unwrap().iter().map(|one| one["amount"].as_i64().unwrap()).collect();
    amounts.sort_unstable();
    amounts
}

fn stripe_channel(shop: &Shop, key: &str, manual_capture: bool) -> Channel {
    let key = ChannelKey::known(key);
    let credentials =
        json!({ "secretKey": SECRET_KEY, "webhookSecret": WEBHOOK_SECRET, "paymentMethodIds": true });
    Channel {
        credentials: shop.sealed(&key, &credentials.to_string()),
        id: ChannelId::known(format!("id-of-{key}")),
        name: key.to_string(),
        key,
        store: StoreId::known(demo::STORE_ID),
        environment: Environment::Test,
        usage: ChannelUsage::Payment,
        connector: "stripe".into(),
        pg_provider: "STRIPE".into(),
        pg_merchant_id: "acct_story".into(),
        manual_capture,
        manual_approval: false,
        is_enabled: true,
    }
}

/// Where Stripe reports what happens on the channel.
fn events_path(channel: &str) -> String {
    format!("/psp/notifications/{}/{channel}", demo::STORE_ID)
}

async fn is_told(shop: &Shop, channel: &str, signature: Option<&str>, body: &str) -> Answer {
    let mut request = shop.anonymous("POST", &events_path(channel)).body(body.to_owned());
    if let Some(signature) = signature {
        request = request.header("stripe-signature", signature);
    }
    sent(request).await.unwrap()
}
