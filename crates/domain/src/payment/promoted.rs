//! What a payment's progress does to the budget of its promotion.
//!
//! Every decision about a payment ends in [`Draft::decided`], which asks here. So whoever pays, fails,
//! reverses or cancels, now or in a window or by a notification, moves the budget with it in the same
//! commit, and the payment's version sees to it that this happens once.

use super::{Attempt, AttemptState, Decided, Draft, Payment};
use crate::change::{RowWrite, Write};
use crate::id::TransactionId;
use crate::job::{Job, JobWrite, Task};
use crate::money::Amount;
use crate::promotion::{BudgetMovement, Hold, Movement};
use jiff::{SignedDuration, Timestamp};

/// How long a discount is held for a window that nobody closes.
pub const HOLD: SignedDuration = SignedDuration::from_mins(30);

/// What the movements are found from: how it was before.
#[derive(Debug, Default)]
pub(crate) struct Before {
    /// Attempts with a promotion that waited for the buyer.
    ready: Vec<TransactionId>,
    /// How many cancellations had succeeded.
    succeeded: Vec<crate::id::CancellationId>,
}

impl Before {
    pub(super) fn of(payment: &Payment) -> Self {
        let promoted = |attempt: &&Attempt| attempt.promotion.is_some();
        if !payment.attempts.iter().any(|attempt| promoted(&attempt)) {
            return Self::default();
        }
        let is_ready = |attempt: &&Attempt| attempt.state == AttemptState::Ready;
        Self {
            ready: payment
                .attempts
                .iter()
                .filter(promoted)
                .filter(is_ready)
                .map(|attempt| attempt.id.clone())
                .collect(),
            succeeded: payment
                .cancellations
                .iter()
                .filter(|cancellation| cancellation.is_succeeded())
                .map(|cancellation| cancellation.id.clone())
                .collect(),
        }
    }
}

impl Draft {
    /// Lets the attempts' holds follow their states, and says how the budgets move.
    pub(super) fn budgets_moved(&mut self) -> Vec<BudgetMovement> {
        let mut moved = Vec::new();
        for attempt in &mut self.payment.attempts {
            let Some(used) = &mut attempt.promotion else { continue };
            let is_new = self
                .touched
                .attempts
                .iter()
                .any(|(id, write)| *id == attempt.id && *write == RowWrite::Insert);
            let movement = if is_new {
                Some((Movement::Reserve { terms: used.terms }, Hold::Held))
            } else {
                followed(&attempt.state, used.hold)
            };
            if let Some((movement, hold)) = movement {
                used.hold = hold;
                moved.push(BudgetMovement {
                    store: self.payment.key.store.clone(),
                    promotion: used.id.clone(),
                    movement,
                    amount: used.discount,
                });
            }
            let is_ready = attempt.state == AttemptState::Ready;
            let task = || Task::ReleasePromotion {
                payment: self.payment.key.clone(),
                transaction: attempt.id.clone(),
            };
            if is_new && is_ready {
                self.change.jobs.push(JobWrite::Put(Job {
                    task: task(),
                    store: self.payment.key.store.clone(),
                    environment: self.payment.environment,
                    due_at: self.now.checked_add(HOLD).unwrap_or(Timestamp::MAX),
                    runs: 0,
                }));
            } else if !is_ready && self.before_promoted.ready.contains(&attempt.id) {
                self.change.jobs.push(JobWrite::Remove(task().key()));
            }
        }
        moved.extend(self.given_back());
        moved
    }

    /// What the cancellations that have succeeded by this change take back from the discounts.
    fn given_back(&self) -> Vec<BudgetMovement> {
        let newly = self
            .payment
            .cancellations
            .iter()
            .filter(|c| c.is_succeeded() && !self.before_promoted.succeeded.contains(&c.id));
        newly
            .filter_map(|cancellation| {
                let used = self.payment.attempt(&cancellation.transaction)?.promotion.as_ref()?;
                let (movement, amount) = match cancellation.order_amount.minus(cancellation.refund) {
                    Some(back) if used.recovers => (Movement::Recover, back),
                    Some(back) => (Movement::Lose, back),
                    // A fixed discount whose rate is kept can grow by a cancellation.
                    None => {
                        (Movement::SpendUnheld, cancellation.refund.minus_or_zero(cancellation.order_amount))
                    }
                };
                (!amount.is_zero()).then(|| BudgetMovement {
                    store: self.payment.key.store.clone(),
                    promotion: used.id.clone(),
                    movement,
                    amount,
                })
            })
            .collect()
    }
}

/// Where a discount goes when its attempt is in this state; `None` when it is there.
fn followed(state: &AttemptState, hold: Hold) -> Option<(Movement, Hold)> {
    match (state, hold) {
        (AttemptState::Paid(_), Hold::Held) => Some((Movement::Spend, Hold::Spent)),
        // Approved although it had been called failed or given up.
        (AttemptState::Paid(_), Hold::Released) => Some((Movement::SpendUnheld, Hold::Spent)),
        (AttemptState::Failed(_), Hold::Held) => Some((Movement::Release, Hold::Released)),
        // The buyer came back to a window that had been given up: the money may be gone by now.
        (AttemptState::Sending, Hold::Released) => Some((Movement::Regain, Hold::Held)),
        (
            AttemptState::Ready
            | AttemptState::Sending
            | AttemptState::Unknown { .. }
            | AttemptState::Pending { .. }
            | AttemptState::AccountIssued { .. }
            | AttemptState::Paid(_)
            | AttemptState::Failed(_),
            Hold::Held | Hold::Spent | Hold::Released,
        ) => None,
    }
}

/// Gives up the discount of a window that nobody closed. `None` when there is nothing to give up: the
/// buyer went on, or it was given up before.
pub fn abandoned(payment: &Payment, id: &TransactionId, now: Timestamp) -> Option<Decided> {
    let attempt = payment.attempt(id).filter(|attempt| attempt.state == AttemptState::Ready)?;
    let used = attempt.promotion.as_ref().filter(|used| used.hold == Hold::Held)?;
    let movement = BudgetMovement {
        store: payment.key.store.clone(),
        promotion: used.id.clone(),
        movement: Movement::Release,
        amount: used.discount,
    };
    let mut draft = Draft::of(payment, now);
    for attempt in draft.payment.attempts.iter_mut().filter(|attempt| attempt.id == *id) {
        if let Some(used) = &mut attempt.promotion {
            used.hold = Hold::Released;
        }
    }
    draft.touched.attempts.push((id.clone(), RowWrite::Update));
    let task = Task::ReleasePromotion { payment: payment.key.clone(), transaction: id.clone() };
    draft.change.jobs.push(JobWrite::Remove(task.key()));
    let mut decided = draft.decided();
    decided.change.writes.push(Write::Budget(movement));
    Some(decided)
}

/// The tax-free part and the VAT of what the PSP is asked to charge or to give back, where a discount
/// makes that another amount than the order's: in proportion, rounded down, and the cancellation that
/// empties the payment takes what is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PspParts {
    pub tax_free: Amount,
    pub vat: Amount,
}

impl Attempt {
    /// The parts of the charge.
    pub fn psp_parts(&self) -> PspParts {
        let part = |amount| in_proportion(amount, self.amounts.to_pay(), self.amounts.total);
        PspParts { tax_free: part(self.amounts.tax_free), vat: part(self.amounts.vat) }
    }
}

impl Payment {
    /// The parts of a refund.
    pub fn psp_parts_of(&self, id: &crate::id::CancellationId) -> PspParts {
        let Some(cancellation) = self.cancellation(id) else { return PspParts::default() };
        let as_asked = PspParts { tax_free: cancellation.tax_free, vat: cancellation.vat };
        let Some(attempt) = self.attempt(&cancellation.transaction) else { return as_asked };
        if attempt.amounts.discount.is_zero() {
            return as_asked;
        }
        let mut left = attempt.psp_parts();
        let mut order_left = attempt.amounts.total;
        for one in self.cancellations.iter().filter(|c| c.is_claiming() || c.id == *id) {
            order_left = order_left.minus_or_zero(one.order_amount);
            let part = |amount, left: Amount| {
                if order_left.is_zero() {
                    left.min(one.refund)
                } else {
                    in_proportion(amount, one.refund, one.order_amount).min(left).min(one.refund)
                }
            };
            let tax_free = part(one.tax_free, left.tax_free);
            let vat = part(one.vat, left.vat).min(one.refund.minus_or_zero(tax_free));
            if one.id == *id {
                return PspParts { tax_free, vat };
            }
            left.tax_free = left.tax_free.minus_or_zero(tax_free);
            left.vat = left.vat.minus_or_zero(vat);
        }
        as_asked
    }
}

fn in_proportion(amount: Amount, part: Amount, whole: Amount) -> Amount {
    if part == whole { amount } else { crate::promotion::proportion(amount, part, whole) }
}

#[cfg(test)]
mod tests;
