//! Cancelling a payment, in whole or in part: the arithmetic, the refusals, and what a PSP's answer does.

use super::{Attempt, AttemptState, Capture, Decided, Draft, Limits, Method, Payment, Status, escrow};
use crate::cash_receipt;
use crate::change::{Notify, RowWrite};
use crate::claim::ClaimRef;
use crate::event::{PaymentEventKind, Trigger};
use crate::id::{CancellationId, PgCancellationId, TransactionId};
use crate::job::{Job, JobWrite, Task, wait_before_query};
use crate::ledger::{Context, Posting};
use crate::money::Amount;
use crate::outcome::Outcome;
use crate::promotion::{RetainOption, give_back};
use crate::psp::Refund;
use jiff::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancellation {
    pub id: CancellationId,
    /// The attempt whose money goes back.
    pub transaction: TransactionId,
    /// What is taken off the order, before discounts.
    pub order_amount: Amount,
    /// What goes back to the buyer.
    pub refund: Amount,
    pub tax_free: Amount,
    pub vat: Amount,
    pub reason: String,
    /// `CUSTOMER` or `ADMIN`.
    pub requester: Option<String>,
    pub origin: CancelOrigin,
    pub requested_at: Timestamp,
    pub skip_webhook: bool,
    pub claim: Option<ClaimRef>,
    pub refund_account: Option<RefundAccount>,
    /// What it does to the discount of what is left; only where there is one and something is left.
    pub retain: Option<RetainOption>,
    pub pg_cancellation_id: Option<PgCancellationId>,
    /// How often a job asked the PSP about it.
    pub queries: u32,
    pub state: CancellationState,
}

/// Where a cancellation came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelOrigin {
    Console,
    Api,
    /// By us: a refused late approval.
    Server,
    Chargeback,
}

impl CancelOrigin {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Console => "CONSOLE",
            Self::Api => "API",
            Self::Server => "PORTONE_ADMIN",
            Self::Chargeback => "CHARGEBACK",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Console, Self::Api, Self::Server, Self::Chargeback].into_iter().find(|o| o.as_str() == text)
    }
}

/// Where the money of a transfer goes back to.
#[derive(Clone, PartialEq, Eq)]
pub struct RefundAccount {
    pub bank: String,
    pub number: String,
    pub holder_name: String,
    pub holder_phone_number: Option<String>,
}

impl std::fmt::Debug for RefundAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RefundAccount({}, ..)", self.bank)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CancellationState {
    /// The intention is stored and the PSP is being asked.
    Sending,
    /// No usable answer came; the refund may have happened. Its amount stays reserved.
    Unknown {
        since: Timestamp,
    },
    /// The PSP accepted and will say later.
    Requested {
        since: Timestamp,
    },
    Succeeded {
        at: Timestamp,
        fee_returned: Amount,
        receipt_url: Option<String>,
    },
    Failed {
        at: Timestamp,
        pg_code: Option<String>,
        pg_message: Option<String>,
    },
}

impl Cancellation {
    pub const fn is_succeeded(&self) -> bool {
        matches!(self.state, CancellationState::Succeeded { .. })
    }

    /// Whether its amount cannot be given to another cancellation.
    pub const fn is_claiming(&self) -> bool {
        match self.state {
            CancellationState::Sending
            | CancellationState::Unknown { .. }
            | CancellationState::Requested { .. }
            | CancellationState::Succeeded { .. } => true,
            CancellationState::Failed { .. } => false,
        }
    }

    /// By how much it changes what the store bears of the order: below 0 where a discount is given back.
    pub const fn discount_change(&self) -> i64 {
        self.refund.minor_units().saturating_sub(self.order_amount.minor_units())
    }

    /// Our name for the refund at the PSP, and its idempotency key.
    pub fn reference(&self) -> &str {
        self.id.as_str()
    }
}

/// What a caller asks for. Amounts are order amounts, before discounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelAsk {
    pub id: CancellationId,
    /// Absent: all that is left.
    pub amount: Option<Amount>,
    pub tax_free: Option<Amount>,
    pub vat: Option<Amount>,
    /// The caller's belief of what is cancellable; another value refuses the request.
    pub current_cancellable: Option<Amount>,
    pub reason: String,
    pub requester: Option<String>,
    pub origin: CancelOrigin,
    pub refund_account: Option<RefundAccount>,
    /// What becomes of a promotion's discount; means nothing where there is none.
    pub retain: RetainOption,
    pub skip_webhook: bool,
    pub claim: Option<ClaimRef>,
}

/// Why a cancellation is refused, in the order of the checks (v2-payments, section 7.3).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CancelRefusal {
    #[error("a refund account is needed to cancel a virtual account payment")]
    RefundAccountMissing,
    #[error("the amount to cancel must be above 0")]
    ZeroAmount,
    #[error("the payment is cancelled already")]
    AlreadyCancelled,
    #[error("the payment is not paid (its status is {0})")]
    NotPaid(Status),
    #[error("a capture of this payment is in progress; repeat the request when it has been answered")]
    CaptureInProgress,
    #[error("the cancellable amount is {cancellable}, not {believed}")]
    CancellableIsAnother { believed: Amount, cancellable: Amount },
    #[error("asked to cancel {asked}, cancellable are {cancellable}")]
    ExceedsCancellable { asked: Amount, cancellable: Amount },
    #[error("the tax-free amount {tax_free} and the VAT {vat} exceed the amount {asked}")]
    PartsExceedAmount { asked: Amount, tax_free: Amount, vat: Amount },
    #[error("asked to cancel {asked} tax-free, cancellable are {cancellable}")]
    ExceedsTaxFree { asked: Amount, cancellable: Amount },
    #[error("asked to cancel {asked} taxable, cancellable are {cancellable}")]
    ExceedsTaxable { asked: Amount, cancellable: Amount },
    #[error(
        "the discount of this payment was cancelled with {} before, and cannot be with {} now; a cancellation of all that is left takes either",
        .before.as_str(), .asked.as_str()
    )]
    RetainOptionChanged { before: RetainOption, asked: RetainOption },
    #[error(
        "without what is cancelled the order loses its discount, and what is left would cost {owed} more than is held; cancel more of it, or keep the discount (promotionDiscountRetainOption RETAIN)"
    )]
    NegativeRefund { owed: Amount },
    #[error("the payment has {made} cancellations; at most {limit} are accepted")]
    TooMany { made: usize, limit: u32 },
}

/// A decided cancellation: `refund` zero means that no PSP needs to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requested {
    pub decided: Decided,
    pub cancellation: Cancellation,
}

/// Decides whether a payment may be cancelled, and stores the intention with its amount reserved.
///
/// # Errors
/// See [`CancelRefusal`]; the first rule that is broken, in its order.
pub fn request(
    payment: &Payment,
    ask: CancelAsk,
    limits: Limits,
    now: Timestamp,
) -> Result<Requested, CancelRefusal> {
    let paid = payment.paid_attempt();
    if matches!(paid.and_then(|a| a.method.as_ref()), Some(Method::VirtualAccount { .. }))
        && ask.refund_account.is_none()
    {
        return Err(CancelRefusal::RefundAccountMissing);
    }
    if ask.amount.is_some_and(Amount::is_zero) {
        return Err(CancelRefusal::ZeroAmount);
    }
    let attempt = match (payment.status(), paid) {
        (Status::Cancelled, _) => return Err(CancelRefusal::AlreadyCancelled),
        (Status::Paid | Status::PartialCancelled, Some(attempt)) => attempt,
        (status, _) => return Err(CancelRefusal::NotPaid(status)),
    };
    if is_capturing(attempt) {
        return Err(CancelRefusal::CaptureInProgress);
    }
    let cancellable = payment.cancellable();
    if let Some(believed) = ask.current_cancellable
        && believed != cancellable
    {
        return Err(CancelRefusal::CancellableIsAnother { believed, cancellable });
    }
    let amount = ask.amount.unwrap_or(cancellable);
    if amount > cancellable || amount.is_zero() {
        return Err(CancelRefusal::ExceedsCancellable { asked: amount, cancellable });
    }
    let empties = amount == cancellable;
    let tax_free_left = attempt.amounts.tax_free.minus_or_zero(payment.claimed(|c| c.tax_free));
    let vat_left = attempt.amounts.vat.minus_or_zero(payment.claimed(|c| c.vat));
    // Without amounts the whole rest goes back, tax-free part included; otherwise a plain full
    // cancellation of a mixed payment could never succeed.
    let tax_free = match (ask.tax_free, ask.amount) {
        (Some(tax_free), _) => tax_free,
        (None, None) => tax_free_left,
        (None, Some(_)) => Amount::ZERO,
    };
    // The cancellation that empties the payment takes the VAT that is left, so that parts sum up.
    let vat = match ask.vat {
        Some(vat) => vat,
        None if empties => vat_left.min(amount.minus_or_zero(tax_free)),
        None => amount.minus_or_zero(tax_free).divided_half_up(11),
    };
    if tax_free.minor_units().saturating_add(vat.minor_units()) > amount.minor_units() {
        return Err(CancelRefusal::PartsExceedAmount { asked: amount, tax_free, vat });
    }
    if tax_free > tax_free_left {
        return Err(CancelRefusal::ExceedsTaxFree { asked: tax_free, cancellable: tax_free_left });
    }
    let taxable = amount.minus_or_zero(tax_free);
    let taxable_left = cancellable.minus_or_zero(tax_free_left);
    if taxable > taxable_left {
        return Err(CancelRefusal::ExceedsTaxable { asked: taxable, cancellable: taxable_left });
    }
    let held = attempt.amounts.to_pay().minus_or_zero(payment.claimed(|c| c.refund));
    let retain = attempt.promotion.as_ref().filter(|_| !empties).map(|_| ask.retain);
    let refund = match &attempt.promotion {
        _ if empties => held,
        None => amount.min(held),
        Some(used) => {
            let before = payment.cancellations.iter().filter(|c| c.is_claiming()).find_map(|c| c.retain);
            if let Some(before) = before.filter(|before| *before != ask.retain) {
                return Err(CancelRefusal::RetainOptionChanged { before, asked: ask.retain });
            }
            let rest = cancellable.minus_or_zero(amount);
            give_back::refund(used, attempt.amounts.total, rest, held, ask.retain)
                .map_err(|would| CancelRefusal::NegativeRefund { owed: would.owed })?
        }
    };
    let made = payment.cancellations.iter().filter(|c| c.is_claiming()).count();
    if made >= usize::try_from(limits.max_cancellations).unwrap_or(usize::MAX) {
        return Err(CancelRefusal::TooMany { made, limit: limits.max_cancellations });
    }
    let cancellation = Cancellation {
        id: ask.id,
        transaction: attempt.id.clone(),
        order_amount: amount,
        refund,
        tax_free,
        vat,
        reason: ask.reason,
        requester: ask.requester,
        origin: ask.origin,
        requested_at: now,
        skip_webhook: ask.skip_webhook,
        claim: ask.claim,
        refund_account: ask.refund_account,
        retain,
        pg_cancellation_id: None,
        queries: 0,
        state: CancellationState::Sending,
    };
    let mut draft = Draft::of(payment, now);
    draft.payment.cancellations.push(cancellation.clone());
    draft.touched.cancellations.push((cancellation.id.clone(), RowWrite::Insert));
    draft.change.jobs.push(JobWrite::Put(Job {
        task: Task::ResolveCancellation {
            payment: payment.key.clone(),
            cancellation: cancellation.id.clone(),
        },
        store: payment.key.store.clone(),
        environment: payment.environment,
        due_at: now.checked_add(limits.answer_overdue).unwrap_or(Timestamp::MAX),
        runs: 0,
    }));
    Ok(Requested { decided: draft.decided(), cancellation })
}

fn is_capturing(attempt: &Attempt) -> bool {
    matches!(&attempt.state, AttemptState::Paid(paid) if matches!(paid.capture, Capture::Sending { .. }))
}

/// What an answer about a cancellation did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CancelSettled {
    Changed(Box<Decided>),
    /// A duplicate, or a regression that the state machine ignores.
    Unchanged,
}

/// Applies a PSP's answer about a cancellation; in any order, any number of times.
pub fn settle(
    payment: &Payment,
    id: &CancellationId,
    outcome: Outcome<Refund>,
    now: Timestamp,
) -> CancelSettled {
    let Some(cancellation) = payment.cancellation(id) else { return CancelSettled::Unchanged };
    let was_pending = match &cancellation.state {
        CancellationState::Sending => false,
        CancellationState::Unknown { .. } | CancellationState::Requested { .. } => true,
        CancellationState::Succeeded { .. } | CancellationState::Failed { .. } => {
            return CancelSettled::Unchanged;
        }
    };
    let mut draft = Draft::of(payment, now);
    let Some(row) = draft.payment.cancellations.iter_mut().find(|c| c.id == *id) else {
        return CancelSettled::Unchanged;
    };
    let job = Task::ResolveCancellation { payment: payment.key.clone(), cancellation: id.clone() };
    let transaction = cancellation.transaction.clone();
    draft.touched.cancellations.push((id.clone(), RowWrite::Update));
    match outcome {
        Outcome::Done(refund) => {
            row.pg_cancellation_id = Some(refund.pg_cancellation_id.clone());
            row.state = CancellationState::Succeeded {
                at: refund.at,
                fee_returned: refund.fee_returned,
                receipt_url: refund.receipt_url.clone(),
            };
            draft.change.jobs.push(JobWrite::Remove(job.key()));
            if let Some(posting) = refund_posting(payment, cancellation, refund.fee_returned, now) {
                draft.change.postings.push(posting);
            }
            let kind = succeeded_kind(&draft.payment);
            if kind == PaymentEventKind::Cancelled {
                escrow::given_back(&mut draft, &transaction);
            }
            let moved = cancellation.refund.minor_units().saturating_neg();
            let (trigger, notify) = if was_pending {
                (Some(Trigger::AsyncCancelApproved), Notify::Yes)
            } else {
                (None, Notify::unless(cancellation.skip_webhook))
            };
            draft.event(kind, &transaction, Some(id), trigger, moved, notify);
            draft.change.jobs.extend(cash_receipt::withdrawn_with(&draft.payment, now));
        }
        Outcome::Declined(decline) => {
            row.state = CancellationState::Failed {
                at: now,
                pg_code: Some(decline.code),
                pg_message: Some(decline.message),
            };
            close_failed(&mut draft, &job, &transaction, id, was_pending);
        }
        Outcome::NotSent(not_sent) => {
            row.state = CancellationState::Failed {
                at: now,
                pg_code: Some(not_sent.code),
                pg_message: Some(not_sent.message),
            };
            close_failed(&mut draft, &job, &transaction, id, was_pending);
        }
        Outcome::Pending(refund) => {
            if matches!(cancellation.state, CancellationState::Requested { .. }) {
                row.queries = row.queries.saturating_add(1);
            } else {
                row.state = CancellationState::Requested { since: now };
            }
            row.pg_cancellation_id = Some(refund.pg_cancellation_id);
            let queries = row.queries;
            still_open(
                &mut draft,
                job,
                queries,
                now,
                &transaction,
                id,
                was_pending,
                cancellation.skip_webhook,
            );
        }
        Outcome::Unknown(_) => {
            if was_pending {
                row.queries = row.queries.saturating_add(1);
            } else {
                row.state = CancellationState::Unknown { since: now };
            }
            let queries = row.queries;
            still_open(
                &mut draft,
                job,
                queries,
                now,
                &transaction,
                id,
                was_pending,
                cancellation.skip_webhook,
            );
        }
    }
    CancelSettled::Changed(Box::new(draft.decided()))
}

/// The posting of a cancellation that succeeded.
pub(super) fn refund_posting(
    payment: &Payment,
    cancellation: &Cancellation,
    fee_returned: Amount,
    now: Timestamp,
) -> Option<Posting> {
    let attempt = payment.attempt(&cancellation.transaction)?;
    let context = Context {
        payment: payment.key.clone(),
        environment: payment.environment,
        currency: attempt.currency,
        channel: attempt.channel.as_ref()?.key.clone(),
        at: now,
    };
    let posting = Posting::refund(context, &cancellation.id, cancellation.refund, fee_returned);
    Some(match attempt.promotion {
        Some(_) => posting.with_discount(cancellation.discount_change()),
        None => posting,
    })
}

/// The event of a cancellation that succeeded: whether something is left.
pub(super) fn succeeded_kind(payment: &Payment) -> PaymentEventKind {
    match payment.status() {
        Status::Cancelled => PaymentEventKind::Cancelled,
        Status::Ready
        | Status::Pending
        | Status::VirtualAccountIssued
        | Status::Paid
        | Status::Failed
        | Status::PartialCancelled => PaymentEventKind::PartialCancelled,
    }
}

fn close_failed(
    draft: &mut Draft,
    job: &Task,
    transaction: &TransactionId,
    id: &CancellationId,
    was_pending: bool,
) {
    draft.change.jobs.push(JobWrite::Remove(job.key()));
    if was_pending {
        // No event type says "an asynchronous cancellation failed": the event of the payment's
        // present status is sent again with the trigger, so that receivers read the payment.
        let kind = match draft.payment.status() {
            Status::PartialCancelled => PaymentEventKind::PartialCancelled,
            Status::Cancelled => PaymentEventKind::Cancelled,
            Status::Ready
            | Status::Pending
            | Status::VirtualAccountIssued
            | Status::Paid
            | Status::Failed => PaymentEventKind::Paid,
        };
        draft.event(kind, transaction, Some(id), Some(Trigger::AsyncCancelFailed), 0, Notify::Yes);
    }
}

#[expect(clippy::too_many_arguments, reason = "one place that is called twice with what both branches hold")]
fn still_open(
    draft: &mut Draft,
    task: Task,
    queries: u32,
    now: Timestamp,
    transaction: &TransactionId,
    id: &CancellationId,
    was_pending: bool,
    skip_webhook: bool,
) {
    draft.change.jobs.push(JobWrite::Put(Job {
        task,
        store: draft.payment.key.store.clone(),
        environment: draft.payment.environment,
        due_at: now.checked_add(wait_before_query(queries)).unwrap_or(Timestamp::MAX),
        runs: queries,
    }));
    if !was_pending {
        draft.event(
            PaymentEventKind::CancelPending,
            transaction,
            Some(id),
            None,
            0,
            Notify::unless(skip_webhook),
        );
    }
}

/// Why a cancellation cannot be stopped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StopRefusal {
    #[error("the payment has no cancellation with this id")]
    NotFound,
    #[error("the cancellation is not pending any more")]
    NotPending,
}

/// Whether the cancellation waits at the PSP and may be stopped there.
///
/// # Errors
/// See [`StopRefusal`].
pub fn stoppable<'a>(payment: &'a Payment, id: &CancellationId) -> Result<&'a Cancellation, StopRefusal> {
    let cancellation = payment.cancellation(id).ok_or(StopRefusal::NotFound)?;
    match &cancellation.state {
        CancellationState::Requested { .. } => Ok(cancellation),
        CancellationState::Sending
        | CancellationState::Unknown { .. }
        | CancellationState::Succeeded { .. }
        | CancellationState::Failed { .. } => Err(StopRefusal::NotPending),
    }
}

/// Records that the PSP stopped a pending cancellation: it failed, its reservation is released, and
/// no webhook is sent.
///
/// # Errors
/// See [`StopRefusal`].
pub fn stopped(payment: &Payment, id: &CancellationId, now: Timestamp) -> Result<Decided, StopRefusal> {
    stoppable(payment, id)?;
    let mut draft = Draft::of(payment, now);
    if let Some(row) = draft.payment.cancellations.iter_mut().find(|c| c.id == *id) {
        row.state = CancellationState::Failed {
            at: now,
            pg_code: None,
            pg_message: Some("the cancellation was stopped before it was executed".into()),
        };
    }
    draft.touched.cancellations.push((id.clone(), RowWrite::Update));
    let job = Task::ResolveCancellation { payment: payment.key.clone(), cancellation: id.clone() };
    draft.change.jobs.push(JobWrite::Remove(job.key()));
    Ok(draft.decided())
}

#[cfg(test)]
mod tests;
