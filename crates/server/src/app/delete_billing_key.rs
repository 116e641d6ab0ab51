//! Deleting a billing key at every channel that holds it.

use super::App;
use super::caller::Caller;
use super::commit::MOST_TRIES;
use super::directory::StoreProfile;
use super::failure::{ChannelFailure, Failure, Missing, PspFailure};
use super::success::{Success, Verdict};
use super::ticket::Ticket;
use paypier_domain::billing_key::{self, BillingKey, HoldingState, State};
use paypier_domain::change::Notify;
use paypier_domain::id::{BillingKeyId, ChannelKey};
use paypier_domain::outcome::Outcome;
use paypier_storage::CommitError;

/// `DELETE /billing-keys/{billingKey}` in no dialect's words.
#[derive(Debug)]
pub struct DeleteBillingKey {
    pub store: Option<String>,
    pub billing_key: BillingKeyId,
    pub skip_webhook: bool,
    pub reason: Option<String>,
    /// `CUSTOMER` or `ADMIN`.
    pub requester: Option<String>,
}

impl App {
    /// Deletion is safe to repeat, so it is asked for before it is recorded: a crash in between
    /// leaves an issued key that can be deleted again.
    ///
    /// # Errors
    /// Store out of reach, key unknown, never issued, deleted before or scheduled to be charged; `Psp` when the only channel
    /// refused, `Channels` when some of several did (those that succeeded are removed).
    pub async fn delete_billing_key(
        &self,
        caller: &Caller,
        ask: DeleteBillingKey,
        ticket: &Ticket,
    ) -> Verdict {
        let profile = caller.store(self, ask.store.as_deref()).await?;
        self.delete_key(&profile, ask, ticket).await
    }

    /// The same for a key of this store, whoever wants it gone.
    ///
    /// # Errors
    /// As [`App::delete_billing_key`].
    pub(super) async fn delete_key(
        &self,
        profile: &StoreProfile,
        ask: DeleteBillingKey,
        ticket: &Ticket,
    ) -> Verdict {
        let mut key = self
            .storage
            .billing_key(&ask.billing_key)
            .await?
            .filter(|key| key.store == profile.store.id)
            .ok_or(Failure::NotFound(Missing::BillingKey))?;
        key = self.begin_deletion(profile, key).await?;
        let mut released: Vec<ChannelKey> = Vec::new();
        let mut failures = Vec::new();
        for holding in &key.holdings {
            let HoldingState::Held { token, .. } = &holding.state else { continue };
            let now = self.now(profile, key.environment);
            let outcome = match self.route(profile, &holding.channel.key) {
                Ok(route) => {
                    route
                        .measured("delete_stored", route.connector.delete_stored(&route.call(now), token))
                        .await
                }
                // The channel is gone: nobody can charge with its token any more.
                Err(_) => Outcome::Done(now),
            };
            let (pg_code, pg_message) = match outcome {
                Outcome::Done(_) | Outcome::Pending(_) => {
                    released.push(holding.channel.key.clone());
                    continue;
                }
                Outcome::Declined(decline) => (decline.code, decline.message),
                Outcome::NotSent(reason) => (reason.code, reason.message),
                Outcome::Unknown(doubt) => (PspFailure::OUTCOME_UNKNOWN.into(), doubt.reason),
            };
            let message = "the PSP did not delete the key; the request may be repeated".into();
            failures.push(ChannelFailure { channel: holding.channel.clone(), pg_code, pg_message, message });
        }
        let notify = Notify::unless(ask.skip_webhook);
        for _ in 0..MOST_TRIES {
            let now = self.now(profile, key.environment);
            let decided = billing_key::deleted(&key, &released, notify, now)?;
            let verdict = match (decided.key.state, failures.as_slice()) {
                (State::Deleted { at, .. }, _) => Ok(Success::BillingKeyDeleted { at }),
                (_, [only]) if released.is_empty() => Err(Failure::Psp(PspFailure {
                    code: only.pg_code.clone(),
                    message: only.pg_message.clone(),
                    note: only.message.clone(),
                })),
                (_, _) => Err(Failure::Channels {
                    failures: failures.clone(),
                    succeeded: key
                        .holdings
                        .iter()
                        .filter(|holding| released.contains(&holding.channel.key))
                        .map(|holding| holding.channel.clone())
                        .collect(),
                }),
            };
            let mut change = decided.change;
            ticket.finish(&mut change, &verdict);
            match self.commit(profile, ticket, change).await {
                Ok(()) => return verdict,
                Err(CommitError::Conflict) => {
                    key = self
                        .storage
                        .billing_key(&ask.billing_key)
                        .await?
                        .ok_or(Failure::NotFound(Missing::BillingKey))?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    /// Stores that the key is going, so that no payment is scheduled with it from here on. The request's
    /// idempotency key is not taken yet: after an interruption the request may simply be repeated.
    async fn begin_deletion(
        &self,
        profile: &StoreProfile,
        mut key: BillingKey,
    ) -> Result<BillingKey, Failure> {
        for _ in 0..MOST_TRIES {
            // Looked for after the key was loaded: a schedule that is made later than that is noticed by
            // the write.
            let scheduled = self.storage.waiting_schedule_with(&profile.store.id, &key.id).await?;
            let now = self.now(profile, key.environment);
            let decided = billing_key::going(&key, scheduled.as_ref(), now)?;
            match self.commit(profile, &Ticket::none(), decided.change).await {
                Ok(()) => return Ok(decided.key),
                Err(CommitError::Conflict) => {
                    let reloaded = self.storage.billing_key(&key.id).await?;
                    key = reloaded.ok_or(Failure::NotFound(Missing::BillingKey))?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }
}
