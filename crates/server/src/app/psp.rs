//! Reaching a PSP: which connector, through which exchange, with which credentials.

use super::App;
use super::directory::StoreProfile;
use super::failure::Failure;
use jiff::Timestamp;
use paypier_connectors::contract::{Call, Connector};
use paypier_connectors::exchange::Exchange;
use paypier_domain::channel::ChannelSnapshot;
use paypier_domain::id::{ChannelKey, StoreId};
use paypier_domain::outcome::Outcome;
use std::future::Future;
use std::sync::Arc;
use tokio::time::Instant;
use zeroize::Zeroizing;

/// The connectors of this process, each with the exchange it talks through.
pub struct Psps(Vec<Psp>);

/// A connector and the exchange it talks through.
pub type Psp = (Arc<dyn Connector>, Arc<dyn Exchange>);

impl std::fmt::Debug for Psps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

impl Psps {
    pub const fn new(psps: Vec<Psp>) -> Self {
        Self(psps)
    }

    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|(connector, _)| connector.name())
    }

    pub fn get(&self, name: &str) -> Option<&Psp> {
        self.0.iter().find(|(connector, _)| connector.name() == name)
    }
}

/// A channel that is ready to be called.
pub struct Route {
    pub connector: Arc<dyn Connector>,
    exchange: Arc<dyn Exchange>,
    store: StoreId,
    pub channel: ChannelSnapshot,
    pub manual_capture: bool,
    credentials: Zeroizing<String>,
}

impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Route({} by {})", self.channel.key, self.connector.name())
    }
}

impl Route {
    /// What a connector is given for one call.
    pub fn call(&self, now: Timestamp) -> Call<'_> {
        Call {
            exchange: self.exchange.as_ref(),
            store: &self.store,
            channel: &self.channel,
            credentials: &self.credentials,
            now,
        }
    }

    pub fn credentials(&self) -> &str {
        &self.credentials
    }

    /// Counts and times a call to the PSP.
    pub async fn measured<T>(
        &self,
        operation: &'static str,
        call: impl Future<Output = Outcome<T>>,
    ) -> Outcome<T> {
        let started = Instant::now();
        let outcome = call.await;
        let connector = self.connector.name();
        metrics::histogram!("paypier_psp_call_seconds", "connector" => connector, "operation" => operation)
            .record(started.elapsed());
        metrics::counter!("paypier_psp_calls_total", "connector" => connector, "operation" => operation, "outcome" => outcome.word())
            .increment(1);
        outcome
    }
}

/// What a channel's credentials are sealed for.
pub fn credentials_purpose(channel: &ChannelKey) -> String {
    format!("channel-credentials:{channel}")
}

impl App {
    /// The way to a channel of the store, enabled or not: what was begun on a channel is finished
    /// on it.
    ///
    /// # Errors
    /// The channel or its connector is gone, or its credentials cannot be opened: the operator has
    /// to mend that, so it is internal.
    pub fn route(&self, profile: &StoreProfile, key: &ChannelKey) -> Result<Route, Failure> {
        let channel = profile.channel(key).ok_or_else(|| {
            Failure::internal(format!("the channel {key} of the store {} is gone", profile.store.id))
        })?;
        let (connector, exchange) = self.psps.get(&channel.connector).ok_or_else(|| {
            Failure::internal(format!(
                "the channel {key} needs the connector {}, which this process does not have",
                channel.connector
            ))
        })?;
        let clear = self.keyring.open(&credentials_purpose(key), &channel.credentials).map_err(|error| {
            Failure::internal(format!("the credentials of the channel {key} cannot be opened: {error}"))
        })?;
        let credentials = String::from_utf8(clear)
            .map_err(|_| Failure::internal(format!("the credentials of the channel {key} are not text")))?;
        Ok(Route {
            connector: connector.clone(),
            exchange: exchange.clone(),
            store: profile.store.id.clone(),
            channel: channel.snapshot(),
            manual_capture: channel.manual_capture,
            credentials: Zeroizing::new(credentials),
        })
    }
}
