//! The one place from which the application writes.

use super::App;
use super::directory::StoreProfile;
use super::global::expire::not_ended;
use super::ticket::Ticket;
use jiff::SignedDuration;
use paypier_domain::change::Change;
use paypier_domain::channel::Environment;
use paypier_domain::id::PaymentKey;
use paypier_domain::payment::Payment;
use paypier_storage::CommitError;

/// How often a decision that lost against another one is made again before the caller is told to
/// come back. Callers of one payment take turns inside a process, so only other processes and
/// notifications compete.
pub const MOST_TRIES: u32 = 40;

impl App {
    /// Commits a store's change: adds the deliveries of its events, puts due times on the store's
    /// clock, and wakes the scheduler when something may have become due.
    ///
    /// # Errors
    /// See [`CommitError`]; nothing was written unless it is in doubt.
    pub async fn commit(
        &self,
        profile: &StoreProfile,
        ticket: &Ticket,
        mut change: Change,
    ) -> Result<(), CommitError> {
        let environment = change.environment().unwrap_or(Environment::Test);
        change.clock_offset = match environment {
            Environment::Test => profile.store.test_clock_offset,
            Environment::Live => SignedDuration::ZERO,
        };
        let followed = self.following_link(profile, &change).await;
        change = change.and(followed.map_err(|failure| CommitError::Unavailable(failure.to_string()))?);
        if profile.global.is_some() {
            change.jobs.extend(not_ended(&change));
        }
        let deliveries = self.deliveries_for(profile, &change, self.now(profile, environment));
        change.deliveries.extend(deliveries);
        let global = self.global_deliveries_of(profile, &change).await;
        change.deliveries.extend(global.map_err(|failure| CommitError::Unavailable(failure.to_string()))?);
        let of_subscriptions = self.subscription_deliveries(profile, &change);
        change
            .deliveries
            .extend(of_subscriptions.map_err(|failure| CommitError::Unavailable(failure.to_string()))?);
        self.commit_with(ticket, change).await
    }

    /// The payment as it is now, after a commit was refused because somebody else changed it.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) async fn reloaded(&self, key: &PaymentKey) -> Result<Payment, CommitError> {
        let payment = self.storage.payment(key).await;
        payment
            .map_err(|error| CommitError::Unavailable(error.to_string()))?
            .ok_or_else(|| CommitError::Broken(format!("the payment {key} disappeared")))
    }

    /// Commits a change that is complete as it is.
    ///
    /// # Errors
    /// See [`CommitError`].
    pub async fn commit_with(&self, ticket: &Ticket, change: Change) -> Result<(), CommitError> {
        let claim = change.claim.clone();
        let rings = !change.deliveries.is_empty() || !change.jobs.is_empty();
        self.storage.commit(change).await?;
        ticket.committed(claim.as_ref());
        if rings {
            self.bell.notify_one();
        }
        Ok(())
    }
}
