//! Revoking schedules before their time: all that were asked for, or none.

use super::App;
use super::caller::Caller;
use super::commit::MOST_TRIES;
use super::directory::StoreProfile;
use super::failure::{Failure, Missing};
use super::success::{Success, Verdict};
use super::ticket::Ticket;
use paypier_domain::billing_key::State;
use paypier_domain::channel::Environment;
use paypier_domain::id::{BillingKeyId, ScheduleId};
use paypier_domain::schedule::{self, RevokeRefusal, Schedule};
use paypier_storage::CommitError;

/// `DELETE /payment-schedules` in no dialect's words.
#[derive(Debug)]
pub struct RevokeSchedules {
    pub store: Option<String>,
    pub which: Which,
}

#[derive(Debug)]
pub enum Which {
    /// Every schedule that waits to charge the key.
    OfKey(BillingKeyId),
    /// These, in the order in which they were named, each once. With a key, each must be the key's.
    Named { ids: Vec<ScheduleId>, key: Option<BillingKeyId> },
}

impl App {
    /// # Errors
    /// Store out of reach, key or schedule unknown, a schedule of another key, a key that is deleted, a
    /// schedule that has run or was revoked.
    pub async fn revoke_schedules(&self, caller: &Caller, ask: RevokeSchedules, ticket: &Ticket) -> Verdict {
        let profile = caller.store(self, ask.store.as_deref()).await?;
        for _ in 0..MOST_TRIES {
            let schedules = self.schedules_to_revoke(&profile, &ask.which).await?;
            // One time for all of them; where LIVE ones are among them, the real one.
            let is_test = schedules.iter().all(|schedule| schedule.environment == Environment::Test);
            let now = self.now(&profile, if is_test { Environment::Test } else { Environment::Live });
            let mut change = schedule::revoke(&schedules, now)?;
            let ids = schedules.into_iter().map(|schedule| schedule.id).collect();
            let verdict = Ok(Success::SchedulesRevoked { ids, at: now });
            ticket.finish(&mut change, &verdict);
            match self.commit(&profile, ticket, change).await {
                Ok(()) => return verdict,
                // One of them was claimed or revoked in the meantime.
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    async fn schedules_to_revoke(
        &self,
        profile: &StoreProfile,
        which: &Which,
    ) -> Result<Vec<Schedule>, Failure> {
        let (named, key) = match which {
            Which::OfKey(key) => (None, Some(key)),
            Which::Named { ids, key } => (Some(ids), key.as_ref()),
        };
        let key = match key {
            Some(id) => Some(self.known_key(profile, id).await?),
            None => None,
        };
        let mut schedules = Vec::new();
        for id in named.into_iter().flatten() {
            let found = self.storage.schedule(&profile.store.id, id).await?;
            let is_of_key =
                |schedule: &Schedule| key.as_ref().is_none_or(|key| schedule.charge.billing_key == key.id);
            schedules.push(found.filter(is_of_key).ok_or(Failure::NotFound(Missing::Schedule))?);
        }
        let Some(key) = key else { return Ok(schedules) };
        if matches!(key.state, State::Deleted { .. }) {
            return Err(RevokeRefusal::BillingKeyDeleted.into());
        }
        if named.is_some() {
            return Ok(schedules);
        }
        Ok(self.storage.waiting_schedules_with(&profile.store.id, &key.id).await?)
    }
}
