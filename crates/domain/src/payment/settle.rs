//! What a PSP's answer about an attempt does to the payment.
//!
//! The same function takes the direct answer, the answer to a query, a notification and an
//! operator's decision, in any order and any number of times: money is posted once, regressions are
//! ignored, and the final state does not depend on who was first.

use super::{Attempt, AttemptState, Capture, Decided, Draft, Failure, Method, Payment, virtual_account};
use crate::cash_receipt;
use crate::change::{Notify, RowWrite};
use crate::event::{PaymentEventKind, Trigger};
use crate::id::TransactionId;
use crate::job::{Job, JobWrite, Task, wait_before_query};
use crate::ledger::{Context, Posting};
use crate::outcome::Outcome;
use crate::psp::Charge;
use jiff::Timestamp;

/// What an answer did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// The payment changed.
    Changed(Box<Decided>, Effect),
    /// Nothing new: a duplicate, or a regression that the state machine ignores.
    Unchanged,
}

/// What the change was, for those who act on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    Paid,
    /// Paid although it had been called failed: the store's policy decides what follows.
    PaidLate,
    AccountIssued,
    /// Something was transferred into the account, and the rest is waited for.
    ShortDeposit,
    Pending,
    Failed,
    StillUnknown,
    /// Charged although another attempt had succeeded, or deposited into an account that was closed: it
    /// must be given back.
    MustReverse,
}

/// Applies `outcome` to the attempt.
///
/// A charge of another amount than asked is not success: it stays unknown until a person looks.
pub fn attempt(
    payment: &Payment,
    id: &TransactionId,
    outcome: Outcome<Charge>,
    manual_capture: bool,
    now: Timestamp,
) -> Settled {
    let Some(attempt) = payment.attempt(id) else { return Settled::Unchanged };
    // An account that expired stays as it is: buyers do pay late, and only closing it ends it
    // (v2-payments, section 4.4).
    let is_waiting = matches!(attempt.state, AttemptState::AccountIssued { .. });
    match outcome {
        Outcome::Declined(_) | Outcome::NotSent(_) if is_waiting => Settled::Unchanged,
        Outcome::Done(charge) if charge.amount == attempt.amounts.to_pay() => {
            paid(payment, attempt, charge, manual_capture, now)
        }
        Outcome::Done(_) => unknown(payment, attempt, now),
        Outcome::Declined(decline) => {
            let failure = Failure {
                at: now,
                reason: Some(if decline.message.is_empty() {
                    "declined by the PSP".into()
                } else {
                    decline.message.clone()
                }),
                pg_code: Some(decline.code),
                pg_message: Some(decline.message),
            };
            failed(payment, attempt, failure, now)
        }
        Outcome::NotSent(not_sent) => {
            let failure = Failure {
                at: now,
                reason: Some("nothing was executed at the PSP".into()),
                pg_code: Some(not_sent.code),
                pg_message: Some(not_sent.message),
            };
            failed(payment, attempt, failure, now)
        }
        Outcome::Pending(charge) => pending(payment, attempt, charge, now),
        Outcome::Unknown(_) => unknown(payment, attempt, now),
    }
}

fn paid(
    payment: &Payment,
    attempt: &Attempt,
    charge: Charge,
    manual_capture: bool,
    now: Timestamp,
) -> Settled {
    let (trigger, is_external) = match &attempt.state {
        AttemptState::Paid(_) => return Settled::Unchanged,
        AttemptState::Sending | AttemptState::Ready => (None, false),
        AttemptState::Unknown { .. } | AttemptState::Pending { .. } => {
            (Some(Trigger::AsyncPayApproved), true)
        }
        AttemptState::AccountIssued { .. } => (Some(Trigger::VirtualAccountDeposit), true),
        AttemptState::Failed(_) => (Some(Trigger::AsyncPayApproved), true),
    };
    let is_late = matches!(attempt.state, AttemptState::Failed(_));
    let was_closed = attempt.account.closed_at.is_some();
    let must_reverse = was_closed || payment.paid_attempt().is_some();
    // The reversal of this very charge is under way or done. A charge that is given back for another's
    // sake is known by its PSP id; an account has had its id since it was issued.
    let is_known = if was_closed {
        attempt.account.late_deposit_at.is_some()
    } else {
        must_reverse && attempt.pg_tx_id.as_ref() == Some(&charge.pg_tx_id) && is_late
    };
    if is_known {
        return Settled::Unchanged;
    }
    let mut draft = Draft::of(payment, now);
    let Some(state) = draft.payment.attempts.iter_mut().find(|a| a.id == attempt.id) else {
        return Settled::Unchanged;
    };
    state.pg_tx_id = Some(charge.pg_tx_id.clone());
    state.method = merged_method(state.method.take(), &charge);
    if must_reverse {
        if was_closed {
            // It stays as it was told: closed, and the merchant counts on no money.
            state.account.late_deposit_at = Some(now);
        } else {
            state.state = AttemptState::Failed(Failure {
                at: now,
                reason: Some(
                    "another attempt of this payment had succeeded; this charge is given back".into(),
                ),
                pg_code: None,
                pg_message: None,
            });
        }
        draft.touched.attempts.push((attempt.id.clone(), RowWrite::Update));
        remove_resolution(&mut draft, attempt);
        draft.change.jobs.push(JobWrite::Put(Job {
            task: Task::ReverseCharge { payment: payment.key.clone(), transaction: attempt.id.clone() },
            store: payment.key.store.clone(),
            environment: payment.environment,
            due_at: now,
            runs: 0,
        }));
        if let Some(posting) = charge_posting(payment, attempt, &charge, now) {
            draft.change.postings.push(posting);
        }
        return Settled::Changed(Box::new(draft.decided()), Effect::MustReverse);
    }
    state.status_changed_at = now;
    state.state = AttemptState::Paid(super::Paid {
        at: charge.at,
        fee: charge.fee,
        receipt_url: charge.receipt_url.clone(),
        pg_response: charge.raw.clone(),
        capture: if manual_capture { Capture::Awaited } else { Capture::WithApproval },
    });
    // A deposit that is here has won against a closing that was asked for.
    let was_closing = state.account.closing.take().is_some();
    if was_closing {
        state.claim = None;
    }
    draft.touched.attempts.push((attempt.id.clone(), RowWrite::Update));
    remove_resolution(&mut draft, attempt);
    if was_closing {
        virtual_account::remove_resolution(&mut draft, &attempt.id);
    }
    if let Some(posting) = charge_posting(payment, attempt, &charge, now) {
        let discount = attempt.promotion.as_ref().map_or(0, |used| used.discount.minor_units());
        draft.change.postings.push(posting.with_discount(discount));
    }
    let moved = attempt.amounts.to_pay().minor_units();
    let notify = if is_external { Notify::Yes } else { Notify::unless(attempt.notices.skip_success) };
    draft.event(PaymentEventKind::Paid, &attempt.id, None, trigger, moved, notify);
    draft.change.jobs.extend(cash_receipt::wanted_with(&draft.payment, now));
    let effect = if is_late { Effect::PaidLate } else { Effect::Paid };
    Settled::Changed(Box::new(draft.decided()), effect)
}

fn charge_posting(payment: &Payment, attempt: &Attempt, charge: &Charge, now: Timestamp) -> Option<Posting> {
    let channel = attempt.channel.as_ref()?;
    let context = Context {
        payment: payment.key.clone(),
        environment: payment.environment,
        currency: attempt.currency,
        channel: channel.key.clone(),
        at: now,
    };
    Some(Posting::charge(context, &attempt.id, charge.amount, charge.fee))
}

/// What the PSP says about the instrument wins; what it leaves out stays as it was asked.
fn merged_method(asked: Option<Method>, charge: &Charge) -> Option<Method> {
    match (asked, &charge.card, &charge.account) {
        (Some(Method::Card { card, installment, is_point_used, approval_number }), details, _) => {
            Some(Method::Card {
                card: details.clone().unwrap_or(card),
                approval_number: charge.approval_number.clone().or(approval_number),
                installment,
                is_point_used,
            })
        }
        (Some(Method::VirtualAccount { account }), _, details) => {
            Some(Method::VirtualAccount { account: details.clone().unwrap_or(account) })
        }
        (Some(Method::EasyPay { provider, card }), details, _) => {
            Some(Method::EasyPay { provider, card: details.clone().or(card) })
        }
        (Some(Method::GiftCertificate { kind, approval_number }), _, _) => Some(Method::GiftCertificate {
            kind,
            approval_number: charge.approval_number.clone().unwrap_or(approval_number),
        }),
        (Some(Method::ConvenienceStore { brand, confirmation_number, deadline }), _, _) => {
            Some(Method::ConvenienceStore {
                brand,
                confirmation_number: charge.approval_number.clone().or(confirmation_number),
                deadline,
            })
        }
        (None, Some(card), _) => Some(Method::Card {
            card: card.clone(),
            approval_number: charge.approval_number.clone(),
            installment: None,
            is_point_used: false,
        }),
        (None, None, Some(account)) => Some(Method::VirtualAccount { account: account.clone() }),
        (asked, _, _) => asked,
    }
}

fn remove_resolution(draft: &mut Draft, attempt: &Attempt) {
    let task = Task::ResolveAttempt { payment: draft.payment.key.clone(), transaction: attempt.id.clone() };
    draft.change.jobs.push(JobWrite::Remove(task.key()));
}

fn failed(payment: &Payment, attempt: &Attempt, failure: Failure, now: Timestamp) -> Settled {
    let trigger = match &attempt.state {
        AttemptState::Paid(_) | AttemptState::Failed(_) => return Settled::Unchanged,
        AttemptState::Sending | AttemptState::Ready | AttemptState::AccountIssued { .. } => None,
        AttemptState::Unknown { .. } | AttemptState::Pending { .. } => Some(Trigger::AsyncPayFailed),
    };
    let mut draft = Draft::of(payment, now);
    let Some(state) = draft.payment.attempts.iter_mut().find(|a| a.id == attempt.id) else {
        return Settled::Unchanged;
    };
    state.status_changed_at = now;
    state.state = AttemptState::Failed(failure);
    draft.touched.attempts.push((attempt.id.clone(), RowWrite::Update));
    remove_resolution(&mut draft, attempt);
    // A window may be left when the payment has been paid otherwise, or is being paid: then the attempt
    // has failed and the payment has not, and nobody is told that it had.
    let is_alone = !payment.attempts.iter().any(|other| other.id != attempt.id && other.blocks_others());
    if is_alone {
        draft.event(PaymentEventKind::Failed, &attempt.id, None, trigger, 0, Notify::Yes);
    }
    Settled::Changed(Box::new(draft.decided()), Effect::Failed)
}

/// Ends an attempt that waits for its buyer in a window, because the buyer gave up or the merchant's
/// server said no. `None` when it does not wait any more: what was sent to a PSP ends by evidence only.
pub fn given_up(
    payment: &Payment,
    id: &TransactionId,
    failure: Failure,
    now: Timestamp,
) -> Option<Box<Decided>> {
    let attempt = payment.attempt(id)?;
    if attempt.state != AttemptState::Ready || attempt.authentication.is_some() {
        return None;
    }
    match failed(payment, attempt, failure, now) {
        Settled::Changed(decided, _) => Some(decided),
        Settled::Unchanged => None,
    }
}

/// Ends every attempt that waits for its buyer, because nothing is to be paid any more: each window that is
/// still open finds that it has. `None` when none waits. What was sent to a PSP is left alone.
pub fn all_given_up(payment: &Payment, failure: &Failure, now: Timestamp) -> Option<Box<Decided>> {
    let is_waiting =
        |attempt: &Attempt| attempt.state == AttemptState::Ready && attempt.authentication.is_none();
    let waiting: Vec<TransactionId> = payment
        .attempts
        .iter()
        .filter(|attempt| is_waiting(attempt))
        .map(|attempt| attempt.id.clone())
        .collect();
    if waiting.is_empty() {
        return None;
    }
    let is_alone = !payment.attempts.iter().any(Attempt::blocks_others);
    let mut draft = Draft::of(payment, now);
    for id in waiting {
        if let Some(attempt) = draft.payment.attempts.iter_mut().find(|attempt| attempt.id == id) {
            attempt.status_changed_at = now;
            attempt.state = AttemptState::Failed(failure.clone());
        }
        draft.touched.attempts.push((id.clone(), RowWrite::Update));
        if is_alone {
            draft.event(PaymentEventKind::Failed, &id, None, None, 0, Notify::Yes);
        }
    }
    Some(Box::new(draft.decided()))
}

fn pending(payment: &Payment, attempt: &Attempt, charge: Charge, now: Timestamp) -> Settled {
    match &attempt.state {
        AttemptState::Sending | AttemptState::Ready | AttemptState::Unknown { .. } => {}
        AttemptState::AccountIssued { .. } => return short_deposit(payment, attempt, &charge, now),
        // The PSP repeats itself, or answers out of order: what is known already is more.
        AttemptState::Pending { .. } | AttemptState::Paid(_) | AttemptState::Failed(_) => {
            return Settled::Unchanged;
        }
    }
    let issues_account = charge.account.is_some();
    let mut draft = Draft::of(payment, now);
    let Some(state) = draft.payment.attempts.iter_mut().find(|a| a.id == attempt.id) else {
        return Settled::Unchanged;
    };
    state.status_changed_at = now;
    state.pg_tx_id = Some(charge.pg_tx_id.clone());
    state.method = merged_method(state.method.take(), &charge);
    state.state = if issues_account {
        AttemptState::AccountIssued { at: charge.at }
    } else {
        AttemptState::Pending { since: now }
    };
    draft.touched.attempts.push((attempt.id.clone(), RowWrite::Update));
    if issues_account {
        remove_resolution(&mut draft, attempt);
        let notify = Notify::unless(attempt.notices.skip_success);
        draft.event(PaymentEventKind::VirtualAccountIssued, &attempt.id, None, None, 0, notify);
        return Settled::Changed(Box::new(draft.decided()), Effect::AccountIssued);
    }
    ask_again(&mut draft, attempt, now);
    draft.event(PaymentEventKind::PayPending, &attempt.id, None, None, 0, Notify::Yes);
    Settled::Changed(Box::new(draft.decided()), Effect::Pending)
}

/// A part of the amount is there. The payment waits for the rest as before, and nobody is told; what was
/// transferred is kept, so that it can be looked up.
fn short_deposit(payment: &Payment, attempt: &Attempt, charge: &Charge, now: Timestamp) -> Settled {
    let known = match &attempt.method {
        Some(Method::VirtualAccount { account }) => account.deposited,
        _ => return Settled::Unchanged,
    };
    if charge.account.as_ref().is_none_or(|account| account.deposited <= known) {
        return Settled::Unchanged;
    }
    let mut draft = Draft::of(payment, now);
    let Some(state) = draft.payment.attempts.iter_mut().find(|a| a.id == attempt.id) else {
        return Settled::Unchanged;
    };
    state.method = merged_method(state.method.take(), charge);
    draft.touched.attempts.push((attempt.id.clone(), RowWrite::Update));
    Settled::Changed(Box::new(draft.decided()), Effect::ShortDeposit)
}

fn unknown(payment: &Payment, attempt: &Attempt, now: Timestamp) -> Settled {
    let was_told = match &attempt.state {
        AttemptState::Sending | AttemptState::Ready => false,
        AttemptState::Unknown { .. } | AttemptState::Pending { .. } => true,
        AttemptState::AccountIssued { .. } | AttemptState::Paid(_) | AttemptState::Failed(_) => {
            return Settled::Unchanged;
        }
    };
    let mut draft = Draft::of(payment, now);
    let Some(state) = draft.payment.attempts.iter_mut().find(|a| a.id == attempt.id) else {
        return Settled::Unchanged;
    };
    if !was_told {
        state.status_changed_at = now;
        state.state = AttemptState::Unknown { since: now };
    }
    state.queries = if was_told { state.queries.saturating_add(1) } else { 0 };
    draft.touched.attempts.push((attempt.id.clone(), RowWrite::Update));
    ask_again(&mut draft, attempt, now);
    if !was_told {
        draft.event(PaymentEventKind::PayPending, &attempt.id, None, None, 0, Notify::Yes);
    }
    Settled::Changed(Box::new(draft.decided()), Effect::StillUnknown)
}

fn ask_again(draft: &mut Draft, attempt: &Attempt, now: Timestamp) {
    let queries = draft.payment.attempt(&attempt.id).map_or(0, |a| a.queries);
    draft.change.jobs.push(JobWrite::Put(Job {
        task: Task::ResolveAttempt { payment: draft.payment.key.clone(), transaction: attempt.id.clone() },
        store: draft.payment.key.store.clone(),
        environment: draft.payment.environment,
        due_at: now.checked_add(wait_before_query(queries)).unwrap_or(Timestamp::MAX),
        runs: queries,
    }));
}

#[cfg(test)]
mod tests;
