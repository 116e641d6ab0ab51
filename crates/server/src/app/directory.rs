//! What the server knows about stores and credentials, kept in memory for a moment.
//!
//! Everything here changes rarely and is needed by every request. An entry lives for
//! [`super::Policy::directory_staleness`]; changes made by this process are dropped at once, so only
//! another process's change (an administrator's command, another instance) can be seen that late.

use super::App;
use super::failure::Failure;
use super::global::channel::engine_key;
use paypier_domain::account::{ApiSecret, Merchant, Store, WebhookEndpoint, WebhookSecret};
use paypier_domain::channel::{Channel, ChannelGroup, Environment};
use paypier_domain::global::{GlobalChannel, GlobalEndpoint, GlobalMerchant, Taking, Topic};
use paypier_domain::id::{ChannelGroupId, ChannelKey, StoreId};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

/// More entries than this empty the table: an attacker's made-up ids must not fill the memory.
const MOST_ENTRIES: usize = 10_000;

/// A store with everything it owns that requests need.
#[derive(Debug, Clone, PartialEq)]
pub struct StoreProfile {
    pub store: Store,
    pub channels: Vec<Channel>,
    pub groups: Vec<ChannelGroup>,
    pub endpoints: Vec<WebhookEndpoint>,
    pub webhook_secrets: Vec<WebhookSecret>,
    /// What it has in the Global dialect; none when nobody gave it credentials there.
    pub global: Option<Arc<GlobalProfile>>,
}

/// What a store owns in the Global dialect.
#[derive(Debug, Clone, PartialEq)]
pub struct GlobalProfile {
    pub merchant: GlobalMerchant,
    pub channels: Vec<GlobalChannel>,
    pub endpoints: Vec<GlobalEndpoint>,
}

impl GlobalProfile {
    /// The merchant's channel of this name.
    pub fn channel(&self, environment: Environment, name: &str) -> Option<&GlobalChannel> {
        self.channels.iter().find(|channel| channel.environment == environment && channel.name == name)
    }

    /// What the catalogue calls the channel that this one of the engine serves.
    pub fn name_of(&self, key: &ChannelKey) -> Option<&str> {
        let served = self.channels.iter().find(|channel| {
            let captured_later =
                || engine_key(&channel.store, channel.environment, &channel.name, Taking::PreAuthorised);
            channel.key == *key || captured_later() == *key
        })?;
        Some(&served.name)
    }

    /// Where messages of this topic go.
    pub fn urls(&self, environment: Environment, topic: Topic) -> impl Iterator<Item = &str> {
        self.endpoints
            .iter()
            .filter(move |endpoint| {
                endpoint.is_enabled && endpoint.environment == environment && endpoint.topic == topic
            })
            .map(|endpoint| endpoint.url.as_str())
    }
}

impl StoreProfile {
    pub fn channel(&self, key: &ChannelKey) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.key == *key)
    }

    pub fn group(&self, id: &ChannelGroupId) -> Option<&ChannelGroup> {
        self.groups.iter().find(|group| group.id == *id && !group.is_deleted)
    }

    pub fn endpoint(&self, environment: Environment) -> Option<&WebhookEndpoint> {
        self.endpoints.iter().find(|endpoint| endpoint.environment == environment)
    }
}

#[derive(Debug)]
pub struct Directory {
    staleness: Duration,
    stores: Table<StoreId, Arc<StoreProfile>>,
    secrets: Table<[u8; 32], Arc<Credential>>,
    clients: Table<String, StoreId>,
}

/// A usable-looking secret with the store it belongs to; expiry is checked by who uses it.
#[derive(Debug, Clone, PartialEq)]
pub struct Credential {
    pub secret: ApiSecret,
    pub merchant: Merchant,
    pub is_representative: bool,
}

#[derive(Debug)]
struct Table<K, V>(Mutex<Entries<K, V>>);

#[derive(Debug)]
struct Entries<K, V> {
    entries: HashMap<K, (Instant, V)>,
    /// How often everything was forgotten.
    forgotten: u64,
}

impl<K: Eq + Hash, V: Clone> Table<K, V> {
    fn new() -> Self {
        Self(Mutex::new(Entries { entries: HashMap::new(), forgotten: 0 }))
    }

    /// What is known; or else when it is not, for whoever goes and reads it.
    fn get(&self, key: &K, staleness: Duration) -> Result<V, Unknown> {
        let table = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let fresh = table.entries.get(key).filter(|(at, _)| at.elapsed() < staleness);
        fresh.map(|(_, value)| value.clone()).ok_or(Unknown { forgotten: table.forgotten })
    }

    /// Keeps what was read, unless everything was forgotten meanwhile: it may be what was changed.
    fn put(&self, key: K, value: V, unknown: Unknown) {
        let mut table = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if table.forgotten != unknown.forgotten {
            return;
        }
        if table.entries.len() >= MOST_ENTRIES {
            table.entries.clear();
        }
        table.entries.insert(key, (Instant::now(), value));
    }

    fn clear(&self) {
        let mut table = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        table.forgotten = table.forgotten.wrapping_add(1);
        table.entries.clear();
    }
}

/// A look that found nothing, and when.
#[derive(Debug, Clone, Copy)]
struct Unknown {
    forgotten: u64,
}

impl Directory {
    pub fn new(staleness: Duration) -> Self {
        Self { staleness, stores: Table::new(), secrets: Table::new(), clients: Table::new() }
    }

    /// # Errors
    /// The database could not be read.
    pub async fn store(&self, app: &App, id: &StoreId) -> Result<Option<Arc<StoreProfile>>, Failure> {
        let unknown = match self.stores.get(id, self.staleness) {
            Ok(profile) => return Ok(Some(profile)),
            Err(unknown) => unknown,
        };
        let Some(store) = app.storage.store(id).await? else { return Ok(None) };
        let global = match app.storage.global_merchant(id).await? {
            Some(merchant) => Some(Arc::new(GlobalProfile {
                merchant,
                channels: app.storage.global_channels_of(id).await?,
                endpoints: app.storage.global_endpoints_of(id).await?,
            })),
            None => None,
        };
        let profile = Arc::new(StoreProfile {
            global,
            channels: app.storage.channels_of(id).await?,
            groups: app.storage.channel_groups_of(id).await?,
            endpoints: app.storage.webhook_endpoints_of(id).await?,
            webhook_secrets: app.storage.webhook_secrets_of(id, app.clock.now()).await?,
            store,
        });
        self.stores.put(id.clone(), profile.clone(), unknown);
        Ok(Some(profile))
    }

    /// The secret with this digest, when there is one that was not deleted.
    ///
    /// # Errors
    /// The database could not be read.
    pub async fn credential(&self, app: &App, digest: &[u8; 32]) -> Result<Option<Arc<Credential>>, Failure> {
        let unknown = match self.secrets.get(digest, self.staleness) {
            Ok(credential) => return Ok(Some(credential)),
            Err(unknown) => unknown,
        };
        let Some(secret) = app.storage.secret_by_digest(digest).await? else { return Ok(None) };
        let Some(merchant) = app.storage.merchant(&secret.merchant).await? else { return Ok(None) };
        let Some(store) = app.storage.store(&secret.store).await? else { return Ok(None) };
        let credential =
            Arc::new(Credential { secret, merchant, is_representative: store.is_representative });
        self.secrets.put(*digest, credential.clone(), unknown);
        Ok(Some(credential))
    }

    /// The store with this client key of the Global dialect.
    ///
    /// # Errors
    /// The database could not be read.
    pub async fn client(&self, app: &App, client_key: &str) -> Result<Option<StoreId>, Failure> {
        let key = client_key.to_owned();
        let unknown = match self.clients.get(&key, self.staleness) {
            Ok(store) => return Ok(Some(store)),
            Err(unknown) => unknown,
        };
        let Some(merchant) = app.storage.global_merchant_by_key(client_key).await? else { return Ok(None) };
        self.clients.put(key, merchant.store.clone(), unknown);
        Ok(Some(merchant.store))
    }

    /// To be called after this process changed anything the directory knows.
    pub fn forget(&self) {
        self.stores.clear();
        self.secrets.clear();
        self.clients.clear();
    }
}
