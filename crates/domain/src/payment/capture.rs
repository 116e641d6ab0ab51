//! Manual acquisition: taking the money of an approved payment by a request of its own.

use super::{AttemptState, Capture, Decided, Draft, Limits, Payment, Status};
use crate::change::RowWrite;
use crate::claim::ClaimRef;
use crate::id::TransactionId;
use crate::job::{Job, JobWrite, Task, wait_before_query};
use crate::outcome::Outcome;
use jiff::Timestamp;

/// Why a payment cannot be captured.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CaptureRefusal {
    #[error("the payment is not paid (its status is {0})")]
    NotPaid(Status),
    #[error(
        "the payment's channel captures together with the approval; manual capture is not enabled for it"
    )]
    NotEnabled,
    #[error(
        "a capture or cancellation of this payment is in progress; repeat the request when it has been answered"
    )]
    InProgress,
}

/// What to do about a capture request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaptureStep {
    /// The intention, to be committed before the PSP is asked.
    Ask(Box<Decided>, TransactionId),
    /// Captured before: nothing to do.
    AlreadyCaptured,
}

/// # Errors
/// See [`CaptureRefusal`], in its order.
pub fn request(
    payment: &Payment,
    claim: Option<ClaimRef>,
    limits: Limits,
    now: Timestamp,
) -> Result<CaptureStep, CaptureRefusal> {
    let attempt = payment.paid_attempt().ok_or_else(|| CaptureRefusal::NotPaid(payment.status()))?;
    match payment.status() {
        Status::Paid | Status::PartialCancelled => {}
        status @ (Status::Cancelled
        | Status::Ready
        | Status::Pending
        | Status::VirtualAccountIssued
        | Status::Failed) => {
            return Err(CaptureRefusal::NotPaid(status));
        }
    }
    let AttemptState::Paid(paid) = &attempt.state else {
        return Err(CaptureRefusal::NotPaid(payment.status()));
    };
    match paid.capture {
        Capture::WithApproval => return Err(CaptureRefusal::NotEnabled),
        Capture::Captured { .. } => return Ok(CaptureStep::AlreadyCaptured),
        Capture::Sending { .. } => return Err(CaptureRefusal::InProgress),
        Capture::Awaited => {}
    }
    if payment.cancellations.iter().any(|c| c.is_claiming() && !c.is_succeeded()) {
        return Err(CaptureRefusal::InProgress);
    }
    let id = attempt.id.clone();
    let mut draft = Draft::of(payment, now);
    set_capture(&mut draft, &id, Capture::Sending { since: now });
    if let Some(row) = draft.payment.attempts.iter_mut().find(|a| a.id == id) {
        row.claim = claim;
    }
    put_job(&mut draft, &id, now.checked_add(limits.answer_overdue).unwrap_or(Timestamp::MAX), 0);
    Ok(CaptureStep::Ask(Box::new(draft.decided()), id))
}

/// Applies the PSP's answer about a capture. `None` when there is nothing to change.
pub fn settle(
    payment: &Payment,
    id: &TransactionId,
    outcome: &Outcome<Timestamp>,
    runs: u32,
    now: Timestamp,
) -> Option<Decided> {
    let attempt = payment.attempt(id)?;
    let AttemptState::Paid(paid) = &attempt.state else { return None };
    let Capture::Sending { since } = paid.capture else { return None };
    let mut draft = Draft::of(payment, now);
    let job = Task::ResolveCapture { payment: payment.key.clone(), transaction: id.clone() };
    match outcome {
        Outcome::Done(at) => {
            set_capture(&mut draft, id, Capture::Captured { at: *at });
            draft.change.jobs.push(JobWrite::Remove(job.key()));
        }
        Outcome::Declined(_) | Outcome::NotSent(_) => {
            set_capture(&mut draft, id, Capture::Awaited);
            draft.change.jobs.push(JobWrite::Remove(job.key()));
        }
        Outcome::Pending(_) | Outcome::Unknown(_) => {
            set_capture(&mut draft, id, Capture::Sending { since });
            put_job(
                &mut draft,
                id,
                now.checked_add(wait_before_query(runs)).unwrap_or(Timestamp::MAX),
                runs.saturating_add(1),
            );
        }
    }
    Some(draft.decided())
}

fn set_capture(draft: &mut Draft, id: &TransactionId, capture: Capture) {
    if let Some(attempt) = draft.payment.attempts.iter_mut().find(|a| a.id == *id)
        && let AttemptState::Paid(paid) = &mut attempt.state
    {
        paid.capture = capture;
    }
    draft.touched.attempts.push((id.clone(), RowWrite::Update));
}

fn put_job(draft: &mut Draft, id: &TransactionId, due_at: Timestamp, runs: u32) {
    draft.change.jobs.push(JobWrite::Put(Job {
        task: Task::ResolveCapture { payment: draft.payment.key.clone(), transaction: id.clone() },
        store: draft.payment.key.store.clone(),
        environment: draft.payment.environment,
        due_at,
        runs,
    }));
}
