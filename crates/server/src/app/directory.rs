//! What the server knows about stores and credentials, kept in memory for a moment.
//!
//! Everything here changes rarely and is needed by every request. An entry lives for
//! [`super::Policy::directory_staleness`]; changes made by this process are dropped at once, so only
//! another process's change (an administrator's command, another instance) can be seen that late.

use super::App;
use super::failure::Failure;
use paypier_domain::account::{ApiSecret, Merchant, Store, WebhookEndpoint, WebhookSecret};
use paypier_domain::channel::{Channel, ChannelGroup, Environment};
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
        Self { staleness, stores: Table::new(), secrets: Table::new() }
    }

    /// # Errors
    /// The database could not be read.
    pub async fn store(&self, app: &App, id: &StoreId) -> Result<Option<Arc<StoreProfile>>, Failure> {
        let unknown = match self.stores.get(id, self.staleness) {
            Ok(profile) => return Ok(Some(profile)),
            Err(unknown) => unknown,
        };
        let Some(store) = app.storage.store(id).await? else { return Ok(None) };
        let profile = Arc::new(StoreProfile {
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

    /// To be called after this process changed anything the directory knows.
    pub fn forget(&self) {
        self.stores.clear();
        self.secrets.clear();
    }
}
