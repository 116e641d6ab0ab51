//! Deductions that begin: those of the calendar, those that the merchant asks for.

use super::enrol::with_deduction;
use super::{Decided, Deduction, Ending, Slot, State, Subscription, SubscriptionStatus, Terms};
use crate::change::Change;
use crate::id::{BillingKeyId, PaymentId};
use crate::job::JobWrite;
use crate::money::{Amount, Currency};
use jiff::{SignedDuration, Timestamp};

/// Whether there is anything to deduct now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    Now(DueDeduction),
    /// Not before this instant.
    At(Timestamp),
    /// A deduction is under way; its outcome decides what comes next.
    Going,
    /// It is on demand, a link, or over.
    Never,
}

/// The deduction that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueDeduction {
    pub billing_key: BillingKeyId,
    pub amount: Amount,
    pub slot: Slot,
}

/// What the calendar says now.
pub fn due(subscription: &Subscription, now: Timestamp) -> Due {
    let (Terms::Regular(regular), State::Active(running)) = (&subscription.terms, &subscription.state) else {
        return Due::Never;
    };
    let Some(cycle) = &running.cycle else { return Due::Never };
    if cycle.going.is_some() {
        return Due::Going;
    }
    let Some(amount) = regular.collection(subscription, cycle).due() else { return Due::Never };
    if now < cycle.due_at {
        return Due::At(cycle.due_at);
    }
    Due::Now(DueDeduction {
        billing_key: running.billing_key.clone(),
        amount,
        slot: Slot::Cycle(cycle.ended),
    })
}

/// Begins the deduction that is due. The job goes; the outcome makes the next one. None when nothing is due
/// (any more).
pub fn begin_due(
    subscription: &Subscription,
    payment: &PaymentId,
    now: Timestamp,
) -> Option<(Decided, Deduction)> {
    let Due::Now(DueDeduction { amount, slot, .. }) = due(subscription, now) else { return None };
    let mut after = subscription.clone();
    if let State::Active(running) = &mut after.state
        && let Some(cycle) = &mut running.cycle
    {
        cycle.going = Some(payment.clone());
        cycle.tried_at = cycle.tried_at.or(Some(now));
    }
    let job = JobWrite::Remove(subscription.deduct_task().key());
    let (mut decided, deduction) = with_deduction(after, payment, slot, amount, now);
    decided.change.jobs.push(job);
    Some((decided, deduction))
}

/// Why nothing is deducted on demand. Tried in this order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeductRefusal {
    #[error("Deduction is allowed only for ONDEMAND subscription")]
    NotOnDemand,
    #[error("Subscription is cancelled by the PSP")]
    CancelledByPsp,
    #[error("Subscription is not active")]
    NotActive(SubscriptionStatus),
    #[error("Currency does not match the subscription")]
    OtherCurrency { asked: Currency, subscription: Currency },
}

/// Decides whether the merchant may deduct from this subscription, and begins the deduction.
///
/// # Errors
/// See [`DeductRefusal`].
pub fn on_demand(
    subscription: &Subscription,
    payment: &PaymentId,
    amount: Amount,
    currency: Currency,
    now: Timestamp,
) -> Result<(Decided, Deduction), DeductRefusal> {
    match &subscription.terms {
        Terms::OnDemand { .. } => {}
        Terms::Regular(_) => return Err(DeductRefusal::NotOnDemand),
    }
    match &subscription.state {
        State::Active(_) => {}
        State::Ended { how: Ending::CancelledByPsp, .. } => return Err(DeductRefusal::CancelledByPsp),
        State::Created { .. } | State::Ended { .. } => {
            return Err(DeductRefusal::NotActive(subscription.status_at(now)));
        }
    }
    if currency != subscription.currency {
        return Err(DeductRefusal::OtherCurrency { asked: currency, subscription: subscription.currency });
    }
    Ok(with_deduction(subscription.clone(), payment, Slot::OnDemand, amount, now))
}

/// A merchant that asks twice within this time asks once: the answer to the first may have been lost.
pub const TRIGGER_PAUSE: SignedDuration = SignedDuration::from_secs(60);

/// Why the next deduction is not made now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TriggerRefusal {
    #[error("the subscription is on demand")]
    OnDemand,
    #[error("the subscription is {0}")]
    NotActive(SubscriptionStatus),
    #[error("nothing is left to collect")]
    NothingLeft,
}

/// Makes the next deduction of the calendar due now; later dates stay where they are. In a trial the calendar
/// begins now. None when a deduction is under way, or when the same was asked for a moment ago.
///
/// # Errors
/// See [`TriggerRefusal`].
pub fn trigger(subscription: &Subscription, now: Timestamp) -> Result<Option<Decided>, TriggerRefusal> {
    let Terms::Regular(regular) = &subscription.terms else { return Err(TriggerRefusal::OnDemand) };
    let mut after = subscription.clone();
    let State::Active(running) = &mut after.state else {
        return Err(TriggerRefusal::NotActive(subscription.status_at(now)));
    };
    let Some(cycle) = &mut running.cycle else { return Err(TriggerRefusal::OnDemand) };
    if cycle.going.is_some() {
        return Ok(None);
    }
    if regular.collection(subscription, cycle).due().is_none() {
        return Err(TriggerRefusal::NothingLeft);
    }
    if cycle.triggered_at.is_some_and(|at| now.duration_since(at) < TRIGGER_PAUSE) {
        return Ok(None);
    }
    if cycle.ended == 0 && cycle.trial_ends_at.is_some_and(|at| now < at) {
        cycle.trial_ends_at = Some(now);
        cycle.anchor = now;
    }
    cycle.triggered_at = Some(now);
    cycle.due_at = cycle.due_at.min(now);
    let mut change = Change::default();
    change.jobs.push(subscription.job(subscription.deduct_task(), now));
    Ok(Some(after.decided(change)))
}
