//! Deciding whether a payment may be tried (again), and storing the intention.

use super::{
    AccountLife, Amounts, Attempt, AttemptState, Authentication, Decided, Draft, Failure, Limits, Method,
    Notices, Order, Origin, Payment, Request, Status,
};
use crate::change::{Notify, RowWrite};
use crate::channel::Environment;
use crate::claim::ClaimRef;
use crate::event::PaymentEventKind;
use crate::id::{BillingKeyId, MerchantId, PaymentKey, ScheduleId, TransactionId};
use crate::job::{Job, JobWrite, Task};
use crate::money::{Amount, Currency};
use jiff::Timestamp;

/// Why a payment may not be tried. Checked in this order; callers depend on the first.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PayRefusal {
    #[error("the payment was paid before; a new payment needs a new payment id")]
    AlreadyPaid,
    #[error("a try of this payment is still in progress ({0}); wait for its outcome or use a new payment id")]
    InProgress(Status),
    #[error("the payment has been tried {tried} times; at most {limit} tries are accepted")]
    TooManyAttempts { tried: usize, limit: u32 },
    #[error("the payment belongs to the other environment: TEST and LIVE never share a payment id")]
    OtherEnvironment,
    #[error("the amount or currency differs from what was registered for this payment before")]
    DiffersFromRegistered,
    #[error("the payment is scheduled ({0}); revoke the schedule to pay otherwise")]
    Scheduled(ScheduleId),
}

/// Decides on the next attempt and prepares the intention: attempt `Sending`, and a job that looks
/// for the answer in case nobody records one.
///
/// # Errors
/// See [`PayRefusal`].
pub fn begin(
    existing: Option<&Payment>,
    key: &PaymentKey,
    merchant: &MerchantId,
    request: Request,
    limits: Limits,
    now: Timestamp,
) -> Result<Decided, PayRefusal> {
    check(existing, &request, limits)?;
    let transaction = request.transaction.clone();
    let mut draft = with_attempt(existing, key, merchant, request, AttemptState::Sending, None, now);
    look_for_answer(&mut draft, &transaction, limits, now);
    Ok(draft.decided())
}

/// Decides on an attempt in a window: `Ready`, announced, waiting for the buyer. With
/// `authentication` the buyer has done their part and the merchant's server has yet to approve.
///
/// # Errors
/// See [`PayRefusal`].
pub fn open(
    existing: Option<&Payment>,
    key: &PaymentKey,
    merchant: &MerchantId,
    request: Request,
    authentication: Option<Authentication>,
    limits: Limits,
    now: Timestamp,
) -> Result<Decided, PayRefusal> {
    check(existing, &request, limits)?;
    let transaction = request.transaction.clone();
    let mut draft = with_attempt(existing, key, merchant, request, AttemptState::Ready, authentication, now);
    draft.event(PaymentEventKind::Ready, &transaction, None, None, 0, Notify::Yes);
    Ok(draft.decided())
}

/// An attempt that nobody waits for and that cannot be sent: no channel can take it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsendable {
    pub transaction: TransactionId,
    pub environment: Environment,
    pub currency: Currency,
    pub amounts: Amounts,
    pub order: Order,
    pub origin: Origin,
    pub billing_key: Option<BillingKeyId>,
    pub schedule: Option<ScheduleId>,
    pub notices: Notices,
    pub failure: Failure,
}

/// Records an attempt that failed before a PSP could be asked, and tells the merchant: there is no
/// caller who could be told.
///
/// # Errors
/// See [`PayRefusal`].
pub fn not_sent(
    existing: Option<&Payment>,
    key: &PaymentKey,
    merchant: &MerchantId,
    unsendable: Unsendable,
    limits: Limits,
    now: Timestamp,
) -> Result<Decided, PayRefusal> {
    check_in(existing, unsendable.environment, limits)?;
    let mut draft = draft(existing, key, merchant, unsendable.environment, now);
    let transaction = unsendable.transaction.clone();
    let number = next_number(&draft.payment);
    draft.touched.attempts.push((transaction.clone(), RowWrite::Insert));
    draft.payment.attempts.push(Attempt {
        id: unsendable.transaction,
        number,
        requested_at: now,
        status_changed_at: now,
        currency: unsendable.currency,
        amounts: unsendable.amounts,
        order: unsendable.order,
        origin: unsendable.origin,
        channel: None,
        channel_group: None,
        billing_key: unsendable.billing_key,
        schedule: unsendable.schedule,
        promotion: None,
        notices: unsendable.notices,
        claim: None,
        method: None,
        pg_tx_id: None,
        queries: 0,
        authentication: None,
        account: AccountLife::default(),
        escrow: None,
        state: AttemptState::Failed(unsendable.failure),
    });
    draft.event(PaymentEventKind::Failed, &transaction, None, None, 0, Notify::Yes);
    Ok(draft.decided())
}

/// Stores the intention to ask the PSP anew for an attempt whose request was interrupted and, as the PSP
/// has proved, never arrived. The reference is the same. `None` when the attempt is not being sent any
/// more.
pub fn again(
    payment: &Payment,
    transaction: &TransactionId,
    limits: Limits,
    now: Timestamp,
) -> Option<Decided> {
    let attempt = payment.attempt(transaction)?;
    if attempt.state != AttemptState::Sending {
        return None;
    }
    let mut draft = Draft::of(payment, now);
    // From when on "not found" can prove anything is counted from here.
    draft.payment.attempts.iter_mut().find(|a| a.id == *transaction)?.status_changed_at = now;
    draft.touched.attempts.push((transaction.clone(), RowWrite::Update));
    look_for_answer(&mut draft, transaction, limits, now);
    Some(draft.decided())
}

/// Whether the payment may be tried with this request.
///
/// # Errors
/// See [`PayRefusal`].
pub fn check(existing: Option<&Payment>, request: &Request, limits: Limits) -> Result<(), PayRefusal> {
    check_in(existing, request.channel.environment, limits)
}

fn check_in(existing: Option<&Payment>, environment: Environment, limits: Limits) -> Result<(), PayRefusal> {
    let Some(payment) = existing else { return Ok(()) };
    if payment.paid_attempt().is_some() {
        return Err(PayRefusal::AlreadyPaid);
    }
    if payment.attempts.iter().any(Attempt::blocks_others) {
        return Err(PayRefusal::InProgress(payment.status()));
    }
    let tried = payment.attempts.len();
    if tried >= usize::try_from(limits.max_attempts).unwrap_or(usize::MAX) {
        return Err(PayRefusal::TooManyAttempts { tried, limit: limits.max_attempts });
    }
    if payment.environment != environment {
        return Err(PayRefusal::OtherEnvironment);
    }
    Ok(())
}

fn draft(
    existing: Option<&Payment>,
    key: &PaymentKey,
    merchant: &MerchantId,
    environment: Environment,
    now: Timestamp,
) -> Draft {
    let Some(payment) = existing else {
        let new = Payment {
            key: key.clone(),
            merchant: merchant.clone(),
            environment,
            version: 0,
            last_event: 0,
            created_at: now,
            updated_at: now,
            status_changed_at: now,
            attempts: Vec::new(),
            cancellations: Vec::new(),
            disputes: Vec::new(),
        };
        return Draft::of(&new, now);
    };
    Draft::of(payment, now)
}

fn next_number(payment: &Payment) -> u32 {
    u32::try_from(payment.attempts.len()).unwrap_or(u32::MAX).saturating_add(1)
}

fn with_attempt(
    existing: Option<&Payment>,
    key: &PaymentKey,
    merchant: &MerchantId,
    request: Request,
    state: AttemptState,
    authentication: Option<Authentication>,
    now: Timestamp,
) -> Draft {
    let mut draft = draft(existing, key, merchant, request.channel.environment, now);
    let number = next_number(&draft.payment);
    draft.touched.attempts.push((request.transaction.clone(), RowWrite::Insert));
    draft.payment.attempts.push(Attempt {
        id: request.transaction,
        number,
        requested_at: now,
        status_changed_at: now,
        currency: request.currency,
        amounts: request.amounts,
        order: request.order,
        origin: request.origin,
        channel: Some(request.channel),
        channel_group: request.channel_group,
        billing_key: request.billing_key,
        schedule: request.schedule,
        promotion: request.promotion,
        notices: request.notices,
        claim: request.claim,
        method: request.method,
        pg_tx_id: None,
        queries: 0,
        authentication,
        account: AccountLife::default(),
        escrow: None,
        state,
    });
    draft
}

fn look_for_answer(draft: &mut Draft, transaction: &TransactionId, limits: Limits, now: Timestamp) {
    draft.change.jobs.push(JobWrite::Put(Job {
        task: Task::ResolveAttempt { payment: draft.payment.key.clone(), transaction: transaction.clone() },
        store: draft.payment.key.store.clone(),
        environment: draft.payment.environment,
        due_at: now.checked_add(limits.answer_overdue).unwrap_or(Timestamp::MAX),
        runs: 0,
    }));
}

/// What a merchant's server believes about the attempt it approves; members that are absent are not
/// compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beliefs {
    pub transaction: Option<TransactionId>,
    pub currency: Option<Currency>,
    pub total: Option<Amount>,
    pub tax_free: Option<Amount>,
    pub is_test: Option<bool>,
}

/// Why an authenticated payment is not approved, in the order of the checks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfirmRefusal {
    #[error("the payment was paid before")]
    AlreadyPaid,
    #[error("the payment token is unknown, expired, used, or of another payment")]
    InvalidToken,
    #[error("{member} is {actual}, not {believed}; nothing was approved")]
    Mismatch { member: &'static str, believed: String, actual: String },
}

/// An approved authentication: the intention, and what the PSP is charged with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmed {
    pub decided: Decided,
    pub transaction: TransactionId,
    pub instrument: String,
}

/// Decides whether the token approves an attempt of this payment, uses the token up and prepares the
/// intention. `claim` is the confirming request's key and `skip_success` its wish.
///
/// # Errors
/// See [`ConfirmRefusal`].
pub fn confirm(
    payment: &Payment,
    token_digest: &[u8; 32],
    beliefs: &Beliefs,
    claim: Option<crate::claim::ClaimRef>,
    skip_success: bool,
    limits: Limits,
    now: Timestamp,
) -> Result<Confirmed, ConfirmRefusal> {
    if payment.paid_attempt().is_some() {
        return Err(ConfirmRefusal::AlreadyPaid);
    }
    let Some((attempt, authentication)) = payment.attempts.iter().find_map(|attempt| {
        let authentication = attempt.authentication.as_ref()?;
        (authentication.token_digest == *token_digest).then_some((attempt, authentication))
    }) else {
        return Err(ConfirmRefusal::InvalidToken);
    };
    if attempt.state != AttemptState::Ready || authentication.expires_at <= now {
        return Err(ConfirmRefusal::InvalidToken);
    }
    // Another attempt of this payment may be under way: then this one cannot be approved.
    if payment.attempts.iter().any(Attempt::blocks_others) {
        return Err(ConfirmRefusal::AlreadyPaid);
    }
    compare("txId", beliefs.transaction.as_ref(), &attempt.id)?;
    compare("currency", beliefs.currency.as_ref(), &attempt.currency)?;
    compare("totalAmount", beliefs.total.as_ref(), &attempt.amounts.total)?;
    compare("taxFreeAmount", beliefs.tax_free.as_ref(), &attempt.amounts.tax_free)?;
    let is_test = payment.environment == crate::channel::Environment::Test;
    compare("isTest", beliefs.is_test.as_ref(), &is_test)?;
    let (transaction, instrument) = (attempt.id.clone(), authentication.instrument.clone());
    let mut draft = Draft::of(payment, now);
    if let Some(row) = draft.payment.attempts.iter_mut().find(|a| a.id == transaction) {
        row.authentication = None;
        row.state = AttemptState::Sending;
        row.status_changed_at = now;
        row.claim = claim;
        row.notices.skip_success = skip_success;
    }
    draft.touched.attempts.push((transaction.clone(), RowWrite::Update));
    look_for_answer(&mut draft, &transaction, limits, now);
    Ok(Confirmed { decided: draft.decided(), transaction, instrument })
}

/// Why a window's attempt does not go on, in the order of the checks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApproveRefusal {
    /// It was submitted, ended or handed over before; whoever asks now looks at how it stands.
    #[error("this try of the payment does not wait for its buyer any more")]
    NotWaiting,
    #[error("the payment was paid before")]
    AlreadyPaid,
    #[error("another try of this payment is still in progress ({0})")]
    InProgress(Status),
}

/// Decides whether an attempt in a window is approved now that its buyer is done, and prepares the
/// intention. `method` is what the buyer chose; `skip_success` is a wish of whoever approves, and `claim` is
/// their request, when the merchant's server does.
///
/// # Errors
/// See [`ApproveRefusal`].
pub fn approve(
    payment: &Payment,
    transaction: &TransactionId,
    method: Method,
    skip_success: bool,
    claim: Option<ClaimRef>,
    limits: Limits,
    now: Timestamp,
) -> Result<Decided, ApproveRefusal> {
    let mut draft = waiting(payment, transaction, now)?;
    if let Some(row) = draft.payment.attempts.iter_mut().find(|a| a.id == *transaction) {
        row.state = AttemptState::Sending;
        row.status_changed_at = now;
        row.method = Some(method);
        row.notices.skip_success |= skip_success;
        if claim.is_some() {
            row.claim = claim;
        }
    }
    look_for_answer(&mut draft, transaction, limits, now);
    Ok(draft.decided())
}

/// The buyer is done and the merchant's server has to approve: keeps what it will be approved with.
///
/// # Errors
/// See [`ApproveRefusal`].
pub fn hand_over(
    payment: &Payment,
    transaction: &TransactionId,
    method: Method,
    authentication: Authentication,
    now: Timestamp,
) -> Result<Decided, ApproveRefusal> {
    let mut draft = waiting(payment, transaction, now)?;
    if let Some(row) = draft.payment.attempts.iter_mut().find(|a| a.id == *transaction) {
        row.authentication = Some(authentication);
        row.method = Some(method);
    }
    Ok(draft.decided())
}

/// A draft that touches an attempt which waits for its buyer.
fn waiting(payment: &Payment, transaction: &TransactionId, now: Timestamp) -> Result<Draft, ApproveRefusal> {
    let is_waiting = payment
        .attempt(transaction)
        .is_some_and(|attempt| attempt.state == AttemptState::Ready && attempt.authentication.is_none());
    if !is_waiting {
        return Err(ApproveRefusal::NotWaiting);
    }
    if payment.paid_attempt().is_some() {
        return Err(ApproveRefusal::AlreadyPaid);
    }
    if payment.attempts.iter().any(Attempt::blocks_others) {
        return Err(ApproveRefusal::InProgress(payment.status()));
    }
    let mut draft = Draft::of(payment, now);
    draft.touched.attempts.push((transaction.clone(), RowWrite::Update));
    Ok(draft)
}

fn compare<T: PartialEq + std::fmt::Display>(
    member: &'static str,
    believed: Option<&T>,
    actual: &T,
) -> Result<(), ConfirmRefusal> {
    match believed {
        Some(believed) if believed != actual => Err(ConfirmRefusal::Mismatch {
            member,
            believed: believed.to_string(),
            actual: actual.to_string(),
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
