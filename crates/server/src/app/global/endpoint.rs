//! Where a merchant's messages go.

use super::Refusal;
use super::caller::GlobalCaller;
use crate::app::App;
use crate::app::ticket::Ticket;
use crate::webhooks::target::{self, Targets};
use paypier_domain::change::{Change, Write};
use paypier_domain::channel::Environment;
use paypier_domain::global::{GlobalEndpoint, Topic};
use paypier_storage::CommitError;

/// Endpoints of one store, topic and environment: each message goes to all of them.
const MOST_ENDPOINTS: usize = 20;

impl App {
    /// # Errors
    /// The address is none that messages may be sent to, or name or address are there already.
    pub async fn add_endpoint(
        &self,
        caller: &GlobalCaller,
        environment: Environment,
        topic: Topic,
        name: &str,
        url: &str,
    ) -> Result<GlobalEndpoint, Refusal> {
        let targets = if self.policy.allow_private_targets { Targets::Any } else { Targets::Public };
        let address =
            target::parse(url, &targets).map_err(|error| Refusal::EndpointUrl(error.to_string()))?;
        let is_open = environment == Environment::Live && address.scheme() != "https";
        if is_open && !self.policy.allow_private_targets {
            return Err(Refusal::EndpointUrl("live messages go to https addresses only".to_owned()));
        }
        let stored = self.storage.global_endpoints_of(caller.store()).await?;
        let of_topic = stored.iter().filter(|known| known.environment == environment && known.topic == topic);
        if of_topic.count() >= MOST_ENDPOINTS {
            return Err(Refusal::EndpointUrl(format!(
                "there are {MOST_ENDPOINTS} endpoints of this type already"
            )));
        }
        let endpoint = GlobalEndpoint {
            id: self.ids.uuid().to_string(),
            store: caller.store().clone(),
            environment,
            topic,
            name: name.to_owned(),
            url: url.to_owned(),
            is_enabled: true,
            created_at: self.now(&caller.profile, environment),
        };
        let write = Write::GlobalEndpoint(Box::new(endpoint.clone()));
        match self.commit_with(&Ticket::none(), Change { writes: vec![write], ..Change::default() }).await {
            Ok(()) => {}
            Err(CommitError::Exists(_) | CommitError::Conflict) => return Err(Refusal::EndpointExists),
            Err(error) => return Err(error.into()),
        }
        self.directory.forget();
        Ok(endpoint)
    }

    /// The endpoints of an environment, by creation.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn endpoints(
        &self,
        caller: &GlobalCaller,
        environment: Environment,
    ) -> Result<Vec<GlobalEndpoint>, Refusal> {
        let mut found = self.storage.global_endpoints_of(caller.store()).await?;
        found.retain(|endpoint| endpoint.environment == environment);
        Ok(found)
    }
}
