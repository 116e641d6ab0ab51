//! The life of a virtual account after it was issued: closing it, and a deposit that comes too late.
//!
//! Closing is asked of the PSP, which knows what was deposited: whoever is first at the PSP's books wins,
//! the closing or the deposit. An account that was closed takes no money: what the PSP reports all the
//! same is posted, so that the books are those of the PSP, and given back (`settle`). An account that
//! only expired still counts a deposit, because buyers do pay late.

use super::{Attempt, AttemptState, Decided, Draft, Failure, Limits, Payment, Status};
use crate::change::{Notify, RowWrite};
use crate::claim::ClaimRef;
use crate::event::PaymentEventKind;
use crate::id::TransactionId;
use crate::job::{Job, JobWrite, Task, wait_before_query};
use crate::outcome::Outcome;
use crate::psp::VirtualAccount;
use jiff::{SignedDuration, Timestamp};

/// Why closed accounts read as failed payments.
pub const CLOSED: &str = "virtual account closed";

/// The longest that accounts of Toss Payments wait for their deposit.
const TOSS_WAITS: SignedDuration = SignedDuration::from_hours(2_160);

/// What became of an account beside being issued and paid into.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountLife {
    /// The PSP is being asked to close it, since then; its answer is outstanding or unknown.
    pub closing: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    /// The PSP took a deposit after that; it is given back.
    pub late_deposit_at: Option<Timestamp>,
}

/// Why such an account cannot be issued at this PSP; `None` when it can.
pub fn unissuable(provider: &str, account: &VirtualAccount, now: Timestamp) -> Option<&'static str> {
    let is_lasting = account.kind.as_deref() == Some("FIXED");
    let waits = account.expires_at.map_or(SignedDuration::ZERO, |at| at.duration_since(now));
    match provider {
        "KCP_V2" | "KCP" if is_lasting => {
            Some("method.virtualAccount.option.type: KCP issues NORMAL virtual accounts only")
        }
        "PAYMENTWALL" => Some("method.virtualAccount: Paymentwall issues no virtual accounts"),
        "TOSSPAYMENTS" | "TOSS_BRANDPAY" if waits > TOSS_WAITS => {
            Some("method.virtualAccount.expiry: Toss Payments waits 2160 hours at most")
        }
        _ => None,
    }
}

/// Why an account is not closed, in the order of the checks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CloseRefusal {
    #[error("the payment does not wait for a deposit (its status is {0})")]
    NotWaiting(Status),
    #[error("the account is being closed already; repeat the request when that has been answered")]
    InProgress,
}

/// An intention to close: what to commit, and whose account it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    pub decided: Decided,
    pub transaction: TransactionId,
}

/// Decides whether the account that waits for its deposit may be closed, and stores the intention.
///
/// # Errors
/// See [`CloseRefusal`].
pub fn close(
    payment: &Payment,
    claim: Option<ClaimRef>,
    limits: Limits,
    now: Timestamp,
) -> Result<Closing, CloseRefusal> {
    let attempt = payment
        .current()
        .filter(|attempt| matches!(attempt.state, AttemptState::AccountIssued { .. }))
        .ok_or_else(|| CloseRefusal::NotWaiting(payment.status()))?;
    if attempt.account.closing.is_some() {
        return Err(CloseRefusal::InProgress);
    }
    let transaction = attempt.id.clone();
    let mut draft = Draft::of(payment, now);
    if let Some(row) = draft.payment.attempts.iter_mut().find(|a| a.id == transaction) {
        row.account.closing = Some(now);
        // The request that had the account issued was answered when it was there.
        row.claim = claim;
    }
    draft.touched.attempts.push((transaction.clone(), RowWrite::Update));
    let due_at = now.checked_add(limits.answer_overdue).unwrap_or(Timestamp::MAX);
    ask_again(&mut draft, &transaction, due_at, 0);
    Ok(Closing { decided: draft.decided(), transaction })
}

/// Applies what the PSP says about the closing; in any order, any number of times. `None` when there is
/// nothing to change: the deposit was first, or the account is closed already. The PSP may close an
/// account of its own accord.
pub fn settle(
    payment: &Payment,
    id: &TransactionId,
    outcome: &Outcome<Timestamp>,
    runs: u32,
    now: Timestamp,
) -> Option<Decided> {
    let attempt = payment.attempt(id)?;
    if !matches!(attempt.state, AttemptState::AccountIssued { .. }) {
        return None;
    }
    let is_closing = attempt.account.closing.is_some();
    let mut draft = Draft::of(payment, now);
    let row = draft.payment.attempts.iter_mut().find(|a| a.id == *id)?;
    match outcome {
        Outcome::Done(at) => {
            row.account.closing = None;
            row.account.closed_at = Some(*at);
            row.claim = None;
            row.status_changed_at = now;
            row.state = AttemptState::Failed(Failure {
                at: *at,
                reason: Some(CLOSED.into()),
                pg_code: None,
                pg_message: None,
            });
            remove_resolution(&mut draft, id);
            draft.event(PaymentEventKind::Failed, id, None, None, 0, Notify::Yes);
        }
        Outcome::Declined(_) | Outcome::NotSent(_) if is_closing => {
            row.account.closing = None;
            row.claim = None;
            remove_resolution(&mut draft, id);
        }
        Outcome::Pending(_) | Outcome::Unknown(_) if is_closing => {
            let due_at = now.checked_add(wait_before_query(runs)).unwrap_or(Timestamp::MAX);
            ask_again(&mut draft, id, due_at, runs.saturating_add(1));
        }
        Outcome::Declined(_) | Outcome::NotSent(_) | Outcome::Pending(_) | Outcome::Unknown(_) => {
            return None;
        }
    }
    draft.touched.attempts.push((id.clone(), RowWrite::Update));
    Some(draft.decided())
}

/// How far the money of a deposit has come on its way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundStatus {
    /// It is being sent back; the answer is outstanding.
    Pending,
    Completed,
    /// The last try to send all of it back failed.
    Failed,
    /// The last try to send a part of it back failed; other parts may have arrived.
    PartialFailed,
}

/// `None` where nothing was ever sent back. While something is on its way that is what counts, otherwise
/// what was asked for last.
pub fn refund_status(payment: &Payment, attempt: &Attempt) -> Option<RefundStatus> {
    let own = || payment.cancellations.iter().filter(|c| c.transaction == attempt.id);
    if own().any(|c| c.is_claiming() && !c.is_succeeded()) {
        return Some(RefundStatus::Pending);
    }
    let last = own().next_back()?;
    Some(if last.is_succeeded() {
        RefundStatus::Completed
    } else if last.order_amount < attempt.amounts.total {
        RefundStatus::PartialFailed
    } else {
        RefundStatus::Failed
    })
}

fn ask_again(draft: &mut Draft, transaction: &TransactionId, due_at: Timestamp, runs: u32) {
    draft.change.jobs.push(JobWrite::Put(Job {
        task: Task::ResolveClosing { payment: draft.payment.key.clone(), transaction: transaction.clone() },
        store: draft.payment.key.store.clone(),
        environment: draft.payment.environment,
        due_at,
        runs,
    }));
}

pub(super) fn remove_resolution(draft: &mut Draft, transaction: &TransactionId) {
    let task = Task::ResolveClosing { payment: draft.payment.key.clone(), transaction: transaction.clone() };
    draft.change.jobs.push(JobWrite::Remove(task.key()));
}

#[cfg(test)]
mod tests;
