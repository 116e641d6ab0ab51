//! Cancelling, expiring, and deleting the billing keys that are not needed any more.

use super::SubscriptionRefusal;
use crate::app::App;
use crate::app::commit::MOST_TRIES;
use crate::app::delete_billing_key::DeleteBillingKey;
use crate::app::failure::{Failure, Missing};
use crate::app::global::caller::GlobalCaller;
use crate::app::ticket::Ticket;
use jiff::SignedDuration;
use paypier_domain::billing_key::DeleteRefusal;
use paypier_domain::id::{BillingKeyId, StoreId, SubscriptionRef};
use paypier_domain::subscription::{self, State};
use paypier_storage::CommitError;

/// What became of a billing key that is to be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Released {
    Gone,
    /// A deduction is under way with it.
    InUse,
}

impl App {
    /// Cancels a subscription; one that was cancelled before stays so.
    ///
    /// # Errors
    /// There is none of this name, or it is completed or expired.
    pub async fn cancel_subscription(
        &self,
        caller: &GlobalCaller,
        reference: &SubscriptionRef,
    ) -> Result<(), SubscriptionRefusal> {
        for _ in 0..MOST_TRIES {
            let subscription = self.subscription_of(caller, reference).await?;
            let now = self.now(&caller.profile, subscription.environment);
            let Some(cancelled) = subscription::cancel(&subscription, now)? else { return Ok(()) };
            match self.commit(&caller.profile, &Ticket::none(), cancelled.change).await {
                Ok(()) => return Ok(()),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    /// Ends a link that nobody has used in time. Says after which time to look again, when it is too early or a
    /// customer is enrolling.
    ///
    /// # Errors
    /// Nothing could be recorded.
    pub(crate) async fn expire_subscription(
        &self,
        store: &StoreId,
        reference: &SubscriptionRef,
    ) -> Result<Option<SignedDuration>, Failure> {
        let Some(profile) = self.directory.store(self, store).await? else { return Ok(None) };
        for _ in 0..MOST_TRIES {
            let Some(subscription) = self.storage.subscription(store, reference).await? else {
                return Ok(None);
            };
            let subscription = self.without_dead_enrolment(subscription).await?;
            let now = self.now(&profile, subscription.environment);
            let Some(expired) = subscription::expire(&subscription, now) else {
                return Ok(match subscription.state {
                    State::Created { enrolling: None } => Some(subscription.expires_at.duration_since(now)),
                    State::Created { enrolling: Some(_) } => Some(SignedDuration::from_hours(1)),
                    State::Active(_) | State::Ended { .. } => None,
                });
            };
            match self.commit(&profile, &Ticket::none(), expired.change).await {
                Ok(()) => return Ok(None),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    /// Deletes a billing key at its PSP, once no deduction is under way with it. Safe to repeat: a key that is
    /// deleted stays so.
    ///
    /// # Errors
    /// The PSP did not delete it: it is asked again.
    pub(crate) async fn release_subscription_key(
        &self,
        store: &StoreId,
        reference: &SubscriptionRef,
        key: &BillingKeyId,
    ) -> Result<Released, Failure> {
        let Some(profile) = self.directory.store(self, store).await? else { return Ok(Released::Gone) };
        if self.storage.is_being_deducted(store, reference).await? {
            return Ok(Released::InUse);
        }
        let ask = DeleteBillingKey {
            store: None,
            billing_key: key.clone(),
            skip_webhook: false,
            reason: None,
            requester: None,
        };
        match self.delete_key(&profile, ask, &Ticket::none()).await {
            Ok(_) => Ok(Released::Gone),
            Err(
                Failure::NotFound(Missing::BillingKey)
                | Failure::DeleteBillingKey(DeleteRefusal::AlreadyDeleted | DeleteRefusal::NotIssued),
            ) => Ok(Released::Gone),
            Err(failure) => Err(failure),
        }
    }
}
