//! What the stores have in the Global dialect: credentials, channels, and endpoints for each topic.

use super::Shop;
use jiff::Timestamp;
use paypier::app::App;
use paypier::app::global::caller::{new_merchant, seal_secret};
use paypier::app::global::channel::{rows, simulated};
use paypier::global::signature::{MerchantSecret, sign};
use paypier_domain::catalogue;
use paypier_domain::change::Write;
use paypier_domain::channel::Environment;
use paypier_domain::global::{Brand, GlobalEndpoint, Topic};
use paypier_wire::global::Decimal;
use paypier_wire::global::signed::Signed;
use serde_json::{Map, Value};

/// Channels that every store has credentials for.
const CHANNELS: [&str; 2] = ["PAYLETTER", "PORTONE_KR"];

/// Topics that something in this world is told about.
pub const TOPICS: [Topic; 4] = [Topic::Payment, Topic::PaymentLink, Topic::Refund, Topic::Subscription];

impl Shop {
    /// Public: sixteen letters.
    pub const fn client_key(&self) -> &'static str {
        match self.id.as_bytes() {
            b"store-1" => "GlobalKeyStoreAA",
            b"store-2" => "GlobalKeyStoreBB",
            _ => "GlobalKeyStoreCC",
        }
    }

    /// Its end is that of all secrets, by which they are looked for.
    pub const fn global_secret_text(&self) -> &'static str {
        match self.id.as_bytes() {
            b"store-1" => "global-secret-of-store-1-0123456789abcdefghijklmnop",
            b"store-2" => "global-secret-of-store-2-0123456789abcdefghijklmnop",
            _ => "global-secret-of-store-3-0123456789abcdefghijklmnop",
        }
    }

    pub fn global_secret(&self) -> MerchantSecret {
        MerchantSecret::new(self.global_secret_text())
    }

    pub fn signs(&self, message: &impl Signed) -> String {
        sign(&self.global_secret(), message)
    }

    /// One store sells in a currency with cents.
    pub const fn global_currency(&self) -> &'static str {
        match self.id.as_bytes() {
            b"store-3" => "USD",
            _ => "KRW",
        }
    }

    /// How the dialect writes so many minor units.
    pub fn number(&self, units: i64) -> Decimal {
        Decimal::from_minor_units(units, self.exponent())
    }

    pub fn json_number(&self, units: i64) -> Value {
        serde_json::from_str(&self.number(units).to_string()).unwrap_or_default()
    }

    /// The minor units that a number of the dialect is.
    pub fn units(&self, number: &Value) -> Option<i64> {
        let decimal: Decimal = number.to_string().trim_matches('"').parse().ok()?;
        decimal.minor_units(self.exponent()).ok()
    }

    fn exponent(&self) -> u8 {
        if self.global_currency() == "USD" { 2 } else { 0 }
    }

    /// Where messages of a topic go.
    pub fn global_endpoint(&self, topic: Topic) -> String {
        format!("http://shop.example/{}/global/{}", self.id, topic.as_str())
    }

    /// Where those about single payment links go that name it.
    pub fn link_endpoint(&self) -> String {
        format!("http://other.example/{}/links", self.id)
    }
}

/// What a store is given to speak the dialect.
///
/// # Errors
/// The key ring cannot seal.
pub fn furniture(app: &App, shop: &Shop, now: Timestamp) -> anyhow::Result<Vec<Write>> {
    let (store, random) = (shop.store(), app.random.as_ref());
    let brand =
        Brand { name: shop.id.into(), email: format!("{}@shop.example", shop.id), ..Brand::default() };
    let sealed = seal_secret(&app.keyring, &store, shop.global_secret_text(), random)?;
    let merchant = new_merchant(&store, shop.client_key(), sealed, brand, random, now);
    let mut writes = vec![Write::GlobalMerchant(Box::new(merchant))];
    let psp = app.simulator.as_ref();
    for name in CHANNELS {
        let serving = psp.map(|psp| simulated(psp, &store, name));
        let Some(name) = catalogue::channel(name) else { continue };
        let place = (&store, Environment::Test, name, "GLOBAL");
        let made = rows(serving.as_ref(), (&app.keyring, random), place, &Map::new(), now);
        writes.extend(made.map_err(|failure| anyhow::anyhow!("{failure:?}"))?);
    }
    for (environment, topic) in
        TOPICS.into_iter().flat_map(|topic| [(Environment::Test, topic), (Environment::Live, topic)])
    {
        let url = match environment {
            Environment::Test => shop.global_endpoint(topic),
            Environment::Live => shop.live_endpoint(),
        };
        writes.push(Write::GlobalEndpoint(Box::new(GlobalEndpoint {
            id: app.ids.uuid().to_string(),
            store: store.clone(),
            environment,
            topic,
            name: topic.as_str().into(),
            url,
            is_enabled: true,
            created_at: now,
        })));
    }
    Ok(writes)
}
