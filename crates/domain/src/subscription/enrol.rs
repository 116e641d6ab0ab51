//! Making a subscription, and its customer's enrolment.
//!
//! An enrolment is single: the first confirmation takes the link ([`begin`]), and whoever comes second finds
//! it taken. The billing key is asked for between two commits; once it is there, either the first charge
//! begins in the same commit ([`charge`]), or the subscription is active at once ([`start`]). When the key or
//! the charge is refused, the link is free again ([`refuse`], and [`follow`](super::follow)).

use super::{
    Cycle, Decided, Deduction, DeductionState, Enrolling, Means, Running, Slot, State, Subscription,
    SubscriptionStatus, Terms,
};
use crate::change::{Change, Write};
use crate::id::{BillingKeyId, PaymentId};
use crate::job::JobWrite;
use crate::money::Amount;
use jiff::Timestamp;

/// Stores a new subscription: a link, the job that ends it, and the one that sends it to the customer.
pub fn create(subscription: Subscription) -> Decided {
    let mut change = Change::default();
    if subscription.ways().next().is_some() {
        change.jobs.push(subscription.job(subscription.send_task(), subscription.created_at));
    }
    change.jobs.push(subscription.job(subscription.expire_task(), subscription.expires_at));
    subscription.decided(change)
}

/// Why a customer cannot enrol. Tried in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnrolRefusal {
    #[error("the subscription is {0}; its link cannot be used any more")]
    Over(SubscriptionStatus),
    #[error("the plan of the subscription was cancelled; nobody can enrol in it any more")]
    PlanCancelled,
    #[error("an enrolment by this link is under way")]
    UnderWay,
    #[error("too many cards were tried by this link; a new one is needed")]
    WornOut,
}

/// Takes the link for one enrolment with this key. `is_plan_active` and `is_earlier_over` (whether an
/// enrolment that was begun before came to nothing) are as they were loaded.
///
/// # Errors
/// See [`EnrolRefusal`].
pub fn begin(
    subscription: &Subscription,
    is_plan_active: bool,
    is_earlier_over: bool,
    key: &BillingKeyId,
    means: &Means,
    now: Timestamp,
) -> Result<Decided, EnrolRefusal> {
    let status = subscription.status_at(now);
    let State::Created { enrolling } = &subscription.state else { return Err(EnrolRefusal::Over(status)) };
    if status != SubscriptionStatus::Created {
        return Err(EnrolRefusal::Over(status));
    }
    if !is_plan_active {
        return Err(EnrolRefusal::PlanCancelled);
    }
    if enrolling.is_some() && !is_earlier_over {
        return Err(EnrolRefusal::UnderWay);
    }
    if subscription.is_worn_out() {
        return Err(EnrolRefusal::WornOut);
    }
    let mut after = subscription.clone();
    after.enrolments = after.enrolments.saturating_add(1);
    after.state = State::Created {
        enrolling: Some(Enrolling {
            billing_key: key.clone(),
            means: means.clone(),
            since: now,
            payment: None,
        }),
    };
    Ok(after.decided(Change::default()))
}

/// What becomes of an enrolment whose billing key is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Enrolled {
    /// This is charged first.
    Charge { amount: Amount, slot: Slot },
    /// Nothing is charged now: the subscription runs.
    Starts,
    /// The link was cancelled meanwhile, or belongs to another enrolment: the key is not needed.
    Lost,
}

impl Enrolled {
    /// What the key that has been issued is good for now.
    pub fn with(subscription: &Subscription, key: &BillingKeyId, now: Timestamp) -> Self {
        if enrolment(subscription, key).is_none() {
            return Self::Lost;
        }
        match subscription.charge_at_enrolment(now) {
            Some((amount, slot)) => Self::Charge { amount, slot },
            None => Self::Starts,
        }
    }
}

/// The enrolment with this key, as long as it has not been charged.
fn enrolment<'a>(subscription: &'a Subscription, key: &BillingKeyId) -> Option<&'a Enrolling> {
    match &subscription.state {
        State::Created { enrolling } => enrolling
            .as_ref()
            .filter(|enrolling| enrolling.billing_key == *key && enrolling.payment.is_none()),
        State::Active(_) | State::Ended { .. } => None,
    }
}

/// Begins the first charge of an enrolment. The subscription stays a link until it has succeeded. None when
/// the enrolment is not this key's any more.
pub fn charge(
    subscription: &Subscription,
    key: &BillingKeyId,
    payment: &PaymentId,
    (amount, slot): (Amount, Slot),
    now: Timestamp,
) -> Option<(Decided, Deduction)> {
    let enrolling = enrolment(subscription, key)?.clone();
    let mut after = subscription.clone();
    after.state =
        State::Created { enrolling: Some(Enrolling { payment: Some(payment.clone()), ..enrolling }) };
    Some(with_deduction(after, payment, slot, amount, now))
}

/// Writes the subscription together with a deduction of it that begins.
pub(super) fn with_deduction(
    mut subscription: Subscription,
    payment: &PaymentId,
    slot: Slot,
    amount: Amount,
    now: Timestamp,
) -> (Decided, Deduction) {
    subscription.deductions = subscription.deductions.saturating_add(1);
    let deduction = Deduction {
        store: subscription.store.clone(),
        environment: subscription.environment,
        subscription: subscription.reference.clone(),
        number: subscription.deductions,
        payment: payment.clone(),
        slot,
        amount,
        created_at: now,
        state: DeductionState::Going,
    };
    let mut decided = subscription.decided(Change::default());
    decided.change.writes.push(Write::NewDeduction(Box::new(deduction.clone())));
    (decided, deduction)
}

/// The subscription runs without a charge at enrolment: on demand, in a trial, or from a later day on. None
/// when the enrolment is not this key's any more.
pub fn start(subscription: &Subscription, key: &BillingKeyId, now: Timestamp) -> Option<Decided> {
    let means = enrolment(subscription, key)?.means.clone();
    let mut change = Change::default();
    let cycle = match &subscription.terms {
        Terms::OnDemand { .. } => None,
        Terms::Regular(regular) => {
            let trial_ends_at = regular.trial.map(|trial| trial.after(now, 1).unwrap_or(Timestamp::MAX));
            let first = trial_ends_at.or(regular.starts_at).unwrap_or(now).max(now);
            change.jobs.push(subscription.job(subscription.deduct_task(), first));
            Some(Cycle { trial_ends_at, ..Cycle::first(first, regular.totals.additional) })
        }
    };
    change.jobs.push(JobWrite::Remove(subscription.expire_task().key()));
    let running = Running { billing_key: key.clone(), means, enrolled_at: now, cycle };
    Some(subscription.clone().turned(State::Active(running), change))
}

/// The key was refused: the link is free for another try. None when the enrolment is not this key's any more.
pub fn refuse(subscription: &Subscription, key: &BillingKeyId) -> Option<Decided> {
    enrolment(subscription, key)?;
    let mut after = subscription.clone();
    after.state = State::Created { enrolling: None };
    Some(after.decided(Change::default()))
}

impl Cycle {
    /// The first date of a calendar.
    pub(super) const fn first(anchor: Timestamp, arrears: Amount) -> Self {
        Self {
            anchor,
            trial_ends_at: None,
            ended: 0,
            missed_in_a_row: 0,
            arrears,
            due_at: anchor,
            failures: 0,
            unsent: 0,
            tried_at: None,
            triggered_at: None,
            going: None,
        }
    }
}
