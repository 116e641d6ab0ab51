//! What the outcome of a deduction does to its subscription: to be committed together with the outcome.
//!
//! Outcomes come in any order and any number of times, as they do for the payment itself; a deduction that
//! has ended ignores the same end.

use super::{
    Cycle, Decided, Deduction, DeductionState, Ending, Regular, Running, Slot, State, Subscription, Terms,
    retry_after_days,
};
use crate::change::{Change, Write};
use crate::id::{PaymentKey, TransactionId};
use crate::job::{JobWrite, Task};
use crate::outcome::NotSent;
use crate::payment::{Attempt, AttemptState, Failure};
use jiff::{SignedDuration, Timestamp};

/// Whether a refused deduction may be tried again with the same billing key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The bank or the PSP may say yes another day.
    MayPass,
    /// This card will not be charged any more: expired, blocked, lost, or suspected of fraud.
    Hopeless,
    /// The PSP does not know the billing key any more.
    KeyGone,
}

/// A request that was interrupted before it was sent is made again at once, so many times.
const MOST_UNSENT: u32 = 3;

/// What becomes of the deduction and its subscription, now that its attempt stands as it does. `verdict`
/// judges a failure. None when nothing changes.
pub fn follow(
    subscription: &Subscription,
    deduction: &Deduction,
    attempt: &Attempt,
    verdict: impl FnOnce(&Failure) -> Verdict,
    now: Timestamp,
) -> Option<Decided> {
    match (&attempt.state, deduction.state) {
        (AttemptState::Paid(_), DeductionState::Going | DeductionState::Failed { .. }) => {
            Some(collected(subscription, deduction, &attempt.id, now))
        }
        (AttemptState::Failed(failure), DeductionState::Going) => {
            let was_sent = failure.pg_code.as_deref() != Some(NotSent::NOT_EXECUTED);
            Some(failed(subscription, deduction, was_sent, verdict(failure), now))
        }
        (AttemptState::Paid(_), DeductionState::Collected { .. })
        | (AttemptState::Failed(_), DeductionState::Collected { .. } | DeductionState::Failed { .. })
        | (
            AttemptState::Ready
            | AttemptState::Sending
            | AttemptState::Unknown { .. }
            | AttemptState::Pending { .. }
            | AttemptState::AccountIssued { .. },
            _,
        ) => None,
    }
}

fn ended(deduction: &Deduction, state: DeductionState) -> Change {
    let mut change = Change::default();
    change.writes.push(Write::Deduction(Box::new(Deduction { state, ..deduction.clone() })));
    change
}

fn collected(
    subscription: &Subscription,
    deduction: &Deduction,
    transaction: &TransactionId,
    now: Timestamp,
) -> Decided {
    if is_superfluous(subscription, deduction) {
        return given_back(subscription, deduction, transaction, now);
    }
    let mut change = ended(deduction, DeductionState::Collected { at: now });
    let mut after = subscription.clone();
    after.collected_amount = after.collected_amount.plus(deduction.amount).unwrap_or(after.collected_amount);
    after.collected_count = after.collected_count.saturating_add(1);
    let running = match &subscription.state {
        State::Created { enrolling: Some(enrolling) } => {
            change.jobs.push(JobWrite::Remove(subscription.expire_task().key()));
            let cycle = match &subscription.terms {
                Terms::Regular(regular) => {
                    Some(Cycle::first(deduction.created_at, regular.totals.additional))
                }
                Terms::OnDemand { .. } => None,
            };
            Running {
                billing_key: enrolling.billing_key.clone(),
                means: enrolling.means.clone(),
                enrolled_at: now,
                cycle,
            }
        }
        State::Active(running) => running.clone(),
        // A cancellation lets a deduction that is under way finish; nothing follows from it.
        State::Created { enrolling: None } | State::Ended { .. } => return after.decided(change),
    };
    match (&subscription.terms, running.cycle.clone()) {
        (Terms::Regular(regular), Some(cycle)) => {
            let collection = regular.collection(subscription, &cycle).collected();
            let cycle = Cycle {
                ended: collection.ended,
                missed_in_a_row: collection.missed_in_a_row,
                arrears: collection.arrears,
                ..cycle
            };
            if collection.is_complete() {
                let cycle = Some(Cycle { going: None, ..cycle });
                return over(after, Running { cycle, ..running }, Ending::Completed, change, now);
            }
            continued(after, subscription, running, regular, cycle, change)
        }
        (_, cycle) => stands(after, subscription, Running { cycle, ..running }, change),
    }
}

/// Whether the slot of a deduction that is paid late is paid otherwise, being tried otherwise, or behind.
fn is_superfluous(subscription: &Subscription, deduction: &Deduction) -> bool {
    match (&subscription.state, deduction.slot) {
        (State::Active(Running { cycle: Some(cycle), .. }), Slot::Cycle(slot)) => {
            let is_awaited = match &cycle.going {
                Some(going) => *going == deduction.payment,
                None => cycle.ended == slot,
            };
            !is_awaited
        }
        (State::Created { enrolling }, Slot::Initial | Slot::Cycle(_)) => {
            enrolling.as_ref().is_none_or(|enrolling| enrolling.payment.as_ref() != Some(&deduction.payment))
        }
        (State::Active(_), Slot::Initial) => true,
        (State::Ended { .. }, Slot::Initial | Slot::Cycle(_)) => {
            // What was under way when it was cancelled was awaited; a failure that turns out to be none
            // afterwards was not.
            deduction.state != DeductionState::Going
        }
        (_, Slot::OnDemand) | (State::Active(_), Slot::Cycle(_)) => false,
    }
}

/// The PSP took money after all for what had failed, and nobody waits for it any more.
fn given_back(
    subscription: &Subscription,
    deduction: &Deduction,
    transaction: &TransactionId,
    now: Timestamp,
) -> Decided {
    let payment = PaymentKey { store: deduction.store.clone(), payment: deduction.payment.clone() };
    let mut change = Change::default();
    let task = Task::CancelLate { payment, transaction: transaction.clone() };
    change.jobs.push(subscription.job(task, now));
    subscription.clone().decided(change)
}

fn failed(
    subscription: &Subscription,
    deduction: &Deduction,
    was_sent: bool,
    verdict: Verdict,
    now: Timestamp,
) -> Decided {
    let mut after = subscription.clone();
    let change = |is_last| ended(deduction, DeductionState::Failed { at: now, is_last });
    match (&subscription.state, &subscription.terms) {
        (State::Created { enrolling: Some(enrolling) }, _)
            if enrolling.payment.as_ref() == Some(&deduction.payment) =>
        {
            // The customer may try again with another card.
            let mut change = change(true);
            change.jobs.push(subscription.release(&enrolling.billing_key, now));
            after.state = State::Created { enrolling: None };
            after.decided(change)
        }
        (State::Active(running), _) if verdict == Verdict::KeyGone => {
            over(after, stopped(running), Ending::CancelledByPsp, change(true), now)
        }
        (State::Active(running), Terms::Regular(regular)) => {
            let Some(cycle) =
                running.cycle.clone().filter(|cycle| cycle.going.as_ref() == Some(&deduction.payment))
            else {
                return after.decided(change(true));
            };
            if !was_sent && cycle.unsent < MOST_UNSENT {
                let cycle = Cycle { unsent: cycle.unsent.saturating_add(1), due_at: now, ..cycle };
                return tried_again(after, subscription, running, cycle, change(false));
            }
            let failures = cycle.failures.saturating_add(1);
            let wait = usize::try_from(failures)
                .ok()
                .and_then(retry_after_days)
                .filter(|_| verdict == Verdict::MayPass);
            if let Some(days) = wait {
                let first = cycle.tried_at.unwrap_or(now);
                let due_at = first.checked_add(SignedDuration::from_hours(days.saturating_mul(24)));
                // What was asked for out of turn is not tried before it is due once more.
                let cycle = Cycle { failures, due_at: due_at.unwrap_or(Timestamp::MAX).max(now), ..cycle };
                return tried_again(after, subscription, running, cycle, change(false));
            }
            let missed = regular.collection(subscription, &cycle).failed();
            let cycle = Cycle {
                ended: missed.ended,
                missed_in_a_row: missed.missed_in_a_row,
                arrears: missed.arrears,
                ..cycle
            };
            if missed.is_given_up() {
                return over(after, stopped(running), Ending::GivenUp, change(true), now);
            }
            continued(after, subscription, running.clone(), regular, cycle, change(true))
        }
        (State::Active(_) | State::Created { .. } | State::Ended { .. }, _) => after.decided(change(true)),
    }
}

fn stopped(running: &Running) -> Running {
    let cycle = running.cycle.clone().map(|cycle| Cycle { going: None, ..cycle });
    Running { cycle, ..running.clone() }
}

/// The same date once more, at `cycle.due_at`.
fn tried_again(
    mut after: Subscription,
    before: &Subscription,
    running: &Running,
    cycle: Cycle,
    mut change: Change,
) -> Decided {
    change.jobs.push(before.job(before.deduct_task(), cycle.due_at));
    let cycle = Some(Cycle { going: None, ..cycle });
    after.state = State::Active(Running { cycle, ..running.clone() });
    after.decided(change)
}

/// On to the next date of the calendar. One that has passed, because of a standstill or of tries that took
/// longer than a step, is due at once.
fn continued(
    after: Subscription,
    before: &Subscription,
    running: Running,
    regular: &Regular,
    cycle: Cycle,
    mut change: Change,
) -> Decided {
    let due_at = regular.step.after(cycle.anchor, cycle.ended).unwrap_or(Timestamp::MAX);
    change.jobs.push(before.job(before.deduct_task(), due_at));
    let cycle = Cycle { due_at, failures: 0, unsent: 0, tried_at: None, going: None, ..cycle };
    stands(after, before, Running { cycle: Some(cycle), ..running }, change)
}

/// It runs, from now on or still; only the first is told.
fn stands(mut after: Subscription, before: &Subscription, running: Running, change: Change) -> Decided {
    let state = State::Active(running);
    match before.state {
        State::Active(_) => {
            after.state = state;
            after.decided(change)
        }
        State::Created { .. } | State::Ended { .. } => after.turned(state, change),
    }
}

/// It is over: the job goes, and so does the billing key.
fn over(after: Subscription, running: Running, how: Ending, mut change: Change, now: Timestamp) -> Decided {
    change.jobs.push(JobWrite::Remove(after.deduct_task().key()));
    change.jobs.push(JobWrite::Remove(after.expire_task().key()));
    change.jobs.push(after.release(&running.billing_key, now));
    after.turned(State::Ended { how, at: now, ran: Some(running) }, change)
}
