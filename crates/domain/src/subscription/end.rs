//! The ends of a subscription that do not come from a deduction.

use super::{Decided, Ending, State, Subscription, SubscriptionStatus};
use crate::change::Change;
use crate::id::BillingKeyId;
use crate::job::JobWrite;
use jiff::Timestamp;

/// Why a subscription is not cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CancelRefusal {
    #[error("the subscription is {0}, which is final")]
    Final(SubscriptionStatus),
}

/// Cancels a subscription. Nothing is refunded, a deduction that is under way finishes, and the way to pay is
/// deleted. None when it was cancelled before.
///
/// # Errors
/// It is completed or expired.
pub fn cancel(subscription: &Subscription, now: Timestamp) -> Result<Option<Decided>, CancelRefusal> {
    match subscription.status_at(now) {
        SubscriptionStatus::Cancelled => return Ok(None),
        status @ (SubscriptionStatus::Completed | SubscriptionStatus::Expired) => {
            return Err(CancelRefusal::Final(status));
        }
        SubscriptionStatus::Created | SubscriptionStatus::Active => {}
    }
    let mut change = Change::default();
    change.jobs.push(JobWrite::Remove(subscription.deduct_task().key()));
    change.jobs.push(JobWrite::Remove(subscription.expire_task().key()));
    let ran = match &subscription.state {
        State::Created { enrolling } => {
            if let Some(enrolling) = enrolling {
                change.jobs.push(subscription.release(&enrolling.billing_key, now));
            }
            None
        }
        State::Active(running) => {
            change.jobs.push(subscription.release(&running.billing_key, now));
            Some(running.clone())
        }
        State::Ended { .. } => return Ok(None),
    };
    let state = State::Ended { how: Ending::CancelledByMerchant, at: now, ran };
    Ok(Some(subscription.clone().turned(state, change)))
}

/// Ends a link that nobody has used in time. None when there is nothing to end (yet).
pub fn expire(subscription: &Subscription, now: Timestamp) -> Option<Decided> {
    match &subscription.state {
        State::Created { enrolling: None } if subscription.expires_at <= now => {}
        State::Created { .. } | State::Active(_) | State::Ended { .. } => return None,
    }
    let mut change = Change::default();
    change.jobs.push(JobWrite::Remove(subscription.expire_task().key()));
    let state = State::Ended { how: Ending::Expired, at: now, ran: None };
    Some(subscription.clone().turned(state, change))
}

/// Ends a subscription whose billing key is gone: the PSP does not know it any more, or it was deleted past the
/// subscription. None when nothing runs.
pub fn key_gone(subscription: &Subscription, now: Timestamp) -> Option<Decided> {
    let State::Active(running) = &subscription.state else { return None };
    let mut change = Change::default();
    change.jobs.push(JobWrite::Remove(subscription.deduct_task().key()));
    let state = State::Ended { how: Ending::CancelledByPsp, at: now, ran: Some(running.clone()) };
    Some(subscription.clone().turned(state, change))
}

/// The job that deletes a billing key which came too late to be of use.
pub fn release(subscription: &Subscription, key: &BillingKeyId, now: Timestamp) -> JobWrite {
    subscription.release(key, now)
}
