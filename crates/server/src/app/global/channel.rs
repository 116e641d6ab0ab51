//! A merchant's channels: credentials are given, and with them the engine's channels that serve them are made.
//!
//! Each has two channels of the engine, because there the channel says whether money is taken at once or captured
//! later. Both are named after store, environment and catalogue name, so that giving credentials again replaces
//! them. In the sandbox the simulated PSP stands in for every PSP of the catalogue.

use super::Refusal;
use super::caller::GlobalCaller;
use crate::app::App;
use crate::app::failure::Failure;
use crate::app::psp::credentials_purpose;
use crate::app::ticket::Ticket;
use crate::clock::Random;
use crate::keyring::Keyring;
use jiff::Timestamp;
use paypier_connectors::simulator::psp::Psp;
use paypier_domain::catalogue;
use paypier_domain::change::{Change, Write};
use paypier_domain::channel::{Channel, ChannelUsage, Environment};
use paypier_domain::global::{GlobalChannel, Taking};
use paypier_domain::id::{ChannelId, ChannelKey, StoreId};
use paypier_wire::v2::PgProvider;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use uuid::Builder;
use zeroize::Zeroizing;

/// The connector that serves a channel of the catalogue.
const SANDBOX: &str = "sandbox";
const STRIPE: &str = "stripe";

/// The engine's channel that serves a channel of the catalogue for this store.
pub fn engine_key(store: &StoreId, environment: Environment, name: &str, taking: Taking) -> ChannelKey {
    ChannelKey::known(format!("channel-key-{}", derived(store, environment, name, taking)))
}

fn derived(store: &StoreId, environment: Environment, name: &str, taking: Taking) -> String {
    let taking = match taking {
        Taking::Purchase => "PURCHASE",
        Taking::PreAuthorised => "PREAUTH",
    };
    let mut hash = Sha256::new();
    for part in ["paypier global channel", store.as_str(), environment.as_str(), name, taking] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let digest: [u8; 32] = hash.finalize().into();
    let bytes = digest.first_chunk().copied().unwrap_or_default();
    Builder::from_custom_bytes(bytes).into_uuid().to_string()
}

/// What the credentials that a merchant gave are sealed for.
pub fn given_purpose(store: &StoreId, environment: Environment, name: &str) -> String {
    format!("global-credentials:{store}:{}:{name}", environment.as_str())
}

/// Where a channel is served, and with what.
pub struct Serving {
    pub connector: &'static str,
    /// The merchant's id at the PSP.
    pub pg_merchant_id: String,
    /// As the connector reads them.
    pub credentials: Zeroizing<String>,
}

// The credentials are not printed.
impl std::fmt::Debug for Serving {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Serving({}, ..)", self.connector)
    }
}

/// The rows of a channel: what the merchant gave, and the engine's two channels.
///
/// # Errors
/// The key ring cannot seal.
pub fn rows(
    serving: Option<&Serving>,
    (keyring, random): (&Keyring, &dyn Random),
    (store, environment, name, country): (&StoreId, Environment, &'static str, &str),
    given: &Map<String, Value>,
    now: Timestamp,
) -> Result<Vec<Write>, Failure> {
    let seal = |purpose: &str, clear: &str| {
        keyring
            .seal(purpose, clear.as_bytes(), random)
            .map_err(|error| Failure::internal(format!("credentials cannot be sealed: {error}")))
    };
    let clear = Zeroizing::new(Value::Object(given.clone()).to_string());
    let mut writes = vec![Write::GlobalChannel(Box::new(GlobalChannel {
        store: store.clone(),
        environment,
        name: name.to_owned(),
        key: engine_key(store, environment, name, Taking::Purchase),
        country: country.to_owned(),
        credentials: seal(&given_purpose(store, environment, name), &clear)?,
        updated_at: now,
    }))];
    let Some(serving) = serving else { return Ok(writes) };
    for taking in [Taking::Purchase, Taking::PreAuthorised] {
        let key = engine_key(store, environment, name, taking);
        writes.push(Write::Channel(Box::new(Channel {
            id: ChannelId::known(format!("channel-id-{}", derived(store, environment, name, taking))),
            store: store.clone(),
            name: name.to_owned(),
            environment,
            usage: ChannelUsage::Payment,
            connector: serving.connector.to_owned(),
            // The other dialect has few words for the PSPs of this one.
            pg_provider: PgProvider::parse(name).unwrap_or(PgProvider::OfGlobal).as_str().to_owned(),
            pg_merchant_id: serving.pg_merchant_id.clone(),
            manual_capture: taking == Taking::PreAuthorised,
            manual_approval: false,
            is_enabled: true,
            credentials: seal(&credentials_purpose(&key), &serving.credentials)?,
            key,
        })));
    }
    Ok(writes)
}

/// How the simulated PSP serves a channel of the catalogue.
pub fn simulated(psp: &Psp, store: &StoreId, name: &str) -> Serving {
    let pg_merchant_id = format!("global-{}", name.to_ascii_lowercase());
    let secret = serde_json::json!({ "secretKey": psp.secret_key(store, &pg_merchant_id) });
    Serving { connector: SANDBOX, credentials: Zeroizing::new(secret.to_string()), pg_merchant_id }
}

/// Whether the credentials are there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Stored whether or not there are any.
    Anything,
    Existing,
}

impl App {
    /// Stores credentials of a channel, and says what the catalogue calls it.
    ///
    /// # Errors
    /// No such channel, none stored where some are to be replaced, a member that its connector needs is missing.
    pub async fn put_channel(
        &self,
        caller: &GlobalCaller,
        environment: Environment,
        name: &str,
        country: &str,
        given: &Map<String, Value>,
        expected: Expected,
    ) -> Result<&'static str, Refusal> {
        let name = catalogue::channel(name).ok_or_else(|| Refusal::UnknownChannel(name.to_owned()))?;
        if expected == Expected::Existing && caller.global.channel(environment, name).is_none() {
            return Err(Refusal::NoCredentials(name.to_owned()));
        }
        if given.is_empty() {
            return Err(Refusal::Lacks("creds"));
        }
        let store = caller.store();
        let random = self.random.as_ref();
        let serving = match environment {
            Environment::Test => {
                let psp = self.simulator.as_ref();
                psp.map(|psp| simulated(psp, store, name))
            }
            Environment::Live if name == "STRIPE" => {
                let secret =
                    ["secretKey", "secret_key", "api_key"].into_iter().find_map(|member| given.get(member));
                let secret = secret.and_then(Value::as_str).ok_or(Refusal::Lacks("secretKey"))?;
                let webhook = given.get("webhookSecret").and_then(Value::as_str);
                let credentials = match webhook {
                    Some(webhook) => serde_json::json!({ "secretKey": secret, "webhookSecret": webhook }),
                    None => serde_json::json!({ "secretKey": secret }),
                };
                Some(Serving {
                    connector: STRIPE,
                    pg_merchant_id: "stripe".to_owned(),
                    credentials: Zeroizing::new(credentials.to_string()),
                })
            }
            // Kept for the day that a connector serves it.
            Environment::Live => None,
        };
        let now = self.clock.now();
        let place = (store, environment, name, country);
        let writes = rows(serving.as_ref(), (&self.keyring, random), place, given, now)?;
        self.commit_with(&Ticket::none(), Change { writes, ..Change::default() }).await?;
        self.directory.forget();
        Ok(name)
    }

    /// The credentials of a channel as the merchant gave them. To be masked by whoever shows them.
    ///
    /// # Errors
    /// They cannot be opened.
    pub fn given_credentials(&self, channel: &GlobalChannel) -> Result<Map<String, Value>, Refusal> {
        let broken = |error: &dyn std::fmt::Display| {
            Failure::internal(format!("credentials of {} cannot be opened: {error}", channel.name))
        };
        let purpose = given_purpose(&channel.store, channel.environment, &channel.name);
        let clear = Zeroizing::new(
            self.keyring.open(&purpose, &channel.credentials).map_err(|error| broken(&error))?,
        );
        serde_json::from_slice(&clear).map_err(|_| broken(&"they are no object").into())
    }

    /// The engine's channel for a try.
    ///
    /// # Errors
    /// The merchant has no credentials for it, or nothing here serves it.
    pub fn engine_channel(
        &self,
        caller: &GlobalCaller,
        environment: Environment,
        name: &str,
        taking: Taking,
    ) -> Result<ChannelKey, Refusal> {
        let global = &caller.global;
        if global.channel(environment, name).is_none() {
            let elsewhere = global.channels.iter().any(|channel| channel.name == name);
            return Err(if elsewhere {
                Refusal::NoCredentials(name.to_owned())
            } else {
                Refusal::ChannelNotEnabled(name.to_owned())
            });
        }
        let key = engine_key(&global.merchant.store, environment, name, taking);
        match caller.profile.channel(&key) {
            Some(channel) if channel.is_enabled && self.psps.get(&channel.connector).is_some() => Ok(key),
            _ => Err(Refusal::ChannelNotEnabled(name.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn engine_channels_are_named_after_what_they_serve() {
        let store = StoreId::known("store-1");
        let key = |environment, name, taking| engine_key(&store, environment, name, taking);
        let one = key(Environment::Test, "OMISE", Taking::Purchase);
        assert_eq!(one, key(Environment::Test, "OMISE", Taking::Purchase));
        for other in [
            key(Environment::Live, "OMISE", Taking::Purchase),
            key(Environment::Test, "STRIPE", Taking::Purchase),
            key(Environment::Test, "OMISE", Taking::PreAuthorised),
            engine_key(&StoreId::known("store-2"), Environment::Test, "OMISE", Taking::Purchase),
        ] {
            assert_ne!(one, other);
        }
        assert_eq!(one.as_str().len(), "channel-key-".len() + 36);
    }
}
