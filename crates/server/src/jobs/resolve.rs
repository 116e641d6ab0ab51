//! Asking the PSP how something ended that nobody recorded: after a silence, and after a crash.
//!
//! Safe to repeat: asking changes nothing at the PSP, and an answer that is known already changes
//! nothing here.

use super::Next;
use super::found::TOO_EARLY_TO_TELL;
use crate::app::App;
use crate::app::charging::{finding, never_happened, seen};
use crate::app::disputes::LOOK_AGAIN;
use crate::app::failure::Failure;
use crate::app::issue_billing_key::issuance_verdict;
use crate::app::psp::Route;
use crate::app::refunding;
use crate::app::ticket::Ticket;
use jiff::{SignedDuration, Timestamp};
use paypier_domain::billing_key::{self, State};
use paypier_domain::change::Change;
use paypier_domain::claim::ClaimWrite;
use paypier_domain::evidence::EvidenceKind;
use paypier_domain::id::{BillingKeyId, CancellationId, PaymentKey, TransactionId};
use paypier_domain::job::{Job, wait_before_query};
use paypier_domain::outcome::{Doubt, Found, Outcome};
use paypier_domain::payment::escrow;
use paypier_domain::payment::{Attempt, AttemptState, CancellationState, Capture, Payment};

pub(super) async fn attempt(
    app: &App,
    job: &Job,
    key: &PaymentKey,
    transaction: &TransactionId,
) -> Result<Next, Failure> {
    let Some(payment) = app.storage.payment(key).await? else { return Ok(Next::Done) };
    if !App::is_open(&payment, transaction) {
        return Ok(Next::Done);
    }
    let Some(attempt) = payment.attempt(transaction).cloned() else { return Ok(Next::Done) };
    let Some(channel) = &attempt.channel else { return Ok(Next::Done) };
    let Some(profile) = app.directory.store(app, &key.store).await? else { return Ok(Next::Done) };
    let route = app.route(&profile, &channel.key)?;
    let found = app.look_up_charge(&profile, &route, &payment, transaction).await;
    let now = app.now(&profile, payment.environment);
    let was_told = attempt.state != AttemptState::Sending;
    let is_young = now.duration_since(attempt.asked_at()) < TOO_EARLY_TO_TELL;
    let evidence = vec![seen(key, transaction, EvidenceKind::Query, now, finding(&found))];
    // A schedule has no caller who could repeat an interrupted request, so it is sent from here.
    if matches!(found, Found::Absent)
        && !was_told
        && app.send_claimed(&profile, &payment, &attempt, evidence.clone()).await?
    {
        return Ok(Next::Queued);
    }
    let outcome = match found {
        Found::Known(outcome) => outcome,
        Found::Absent => Outcome::NotSent(never_happened()),
        Found::NotYet | Found::NoAnswer(_) if !was_told && is_young => {
            let change = Change { evidence, ..Change::default() };
            app.commit(&profile, &Ticket::none(), change).await?;
            return Ok(Next::Later(wait_before_query(job.runs.min(1))));
        }
        Found::NotYet => Outcome::Unknown(Doubt { reason: "the PSP does not know the request yet".into() }),
        Found::NoAnswer(doubt) => Outcome::Unknown(doubt),
    };
    let before = payment.version;
    let settled = app
        .settle_charge(
            &profile,
            route.manual_capture,
            payment,
            transaction,
            outcome,
            evidence,
            &Ticket::none(),
        )
        .await?;
    Ok(next(job, settled.version != before))
}

/// How often a PSP that reported something and then does not answer is asked about it.
const MOST_LOOKS: u32 = 6;

/// The PSP reported something about a charge: whatever it was, what it says now is applied.
pub(super) async fn again(
    app: &App,
    job: &Job,
    key: &PaymentKey,
    transaction: &TransactionId,
) -> Result<Next, Failure> {
    let Some(payment) = app.storage.payment(key).await? else { return Ok(Next::Done) };
    let Some(channel) = payment.attempt(transaction).and_then(|attempt| attempt.channel.clone()) else {
        return Ok(Next::Done);
    };
    let Some(profile) = app.directory.store(app, &key.store).await? else { return Ok(Next::Done) };
    let route = app.route(&profile, &channel.key)?;
    match app.looked_up(&profile, &route, &payment, transaction).await {
        Some(snapshot) => {
            let taken: Vec<_> =
                snapshot.chargebacks.iter().map(|taken| taken.pg_cancellation_id.clone()).collect();
            let kind = EvidenceKind::Notification;
            let payment = app.apply_snapshot(&profile, &route, payment, transaction, snapshot, kind).await?;
            // What the PSP took back may meet a cancellation of ours that has no answer yet.
            let is_known =
                |id| payment.cancellations.iter().any(|c| c.pg_cancellation_id.as_ref() == Some(id));
            let is_open = payment.cancellations.iter().any(|c| c.is_claiming() && !c.is_succeeded());
            let waits = is_open && !taken.iter().all(is_known);
            Ok(if waits { Next::Later(LOOK_AGAIN) } else { Next::Done })
        }
        // What is open has a job of its own that goes on asking.
        None if job.runs >= MOST_LOOKS => Ok(Next::Done),
        None => Ok(Next::Later(wait_before_query(job.runs))),
    }
}

/// A change removes its job or gives it its next time; without a change the question is still open.
fn next(job: &Job, has_changed: bool) -> Next {
    if has_changed { Next::Queued } else { Next::Later(wait_before_query(job.runs)) }
}

pub(super) async fn cancellation(
    app: &App,
    job: &Job,
    key: &PaymentKey,
    id: &CancellationId,
) -> Result<Next, Failure> {
    let Some(payment) = app.storage.payment(key).await? else { return Ok(Next::Done) };
    let Some(cancellation) = payment.cancellation(id).cloned() else { return Ok(Next::Done) };
    if !is_open(&payment, id) {
        return Ok(Next::Done);
    }
    let Some(channel) = payment.attempt(&cancellation.transaction).and_then(|a| a.channel.clone()) else {
        return Ok(Next::Done);
    };
    let Some(profile) = app.directory.store(app, &key.store).await? else { return Ok(Next::Done) };
    let route = app.route(&profile, &channel.key)?;
    let found = app.look_up_refund(&profile, &route, &payment, &cancellation).await;
    let now = app.now(&profile, payment.environment);
    let was_told = cancellation.state != CancellationState::Sending;
    let is_young = now.duration_since(cancellation.requested_at) < TOO_EARLY_TO_TELL;
    let evidence = vec![refunding::seen(&payment, &cancellation, EvidenceKind::Query, now, finding(&found))];
    let outcome = match found {
        Found::Known(outcome) => outcome,
        Found::Absent => Outcome::NotSent(never_happened()),
        Found::NotYet | Found::NoAnswer(_) if !was_told && is_young => {
            let change = Change { evidence, ..Change::default() };
            app.commit(&profile, &Ticket::none(), change).await?;
            return Ok(Next::Later(wait_before_query(job.runs.min(1))));
        }
        Found::NotYet => Outcome::Unknown(Doubt { reason: "the PSP does not know the refund yet".into() }),
        Found::NoAnswer(doubt) => Outcome::Unknown(doubt),
    };
    let before = payment.version;
    let settled = app.settle_refund(&profile, payment, id, outcome, evidence, &Ticket::none()).await?;
    Ok(next(job, settled.version != before))
}

fn is_open(payment: &Payment, id: &CancellationId) -> bool {
    payment.cancellation(id).is_some_and(|cancellation| match cancellation.state {
        CancellationState::Sending
        | CancellationState::Unknown { .. }
        | CancellationState::Requested { .. } => true,
        CancellationState::Succeeded { .. } | CancellationState::Failed { .. } => false,
    })
}

pub(super) async fn capture(
    app: &App,
    job: &Job,
    key: &PaymentKey,
    transaction: &TransactionId,
) -> Result<Next, Failure> {
    let Some(payment) = app.storage.payment(key).await? else { return Ok(Next::Done) };
    let Some(attempt) = payment.attempt(transaction) else { return Ok(Next::Done) };
    let Some(channel) = &attempt.channel else { return Ok(Next::Done) };
    let Some(profile) = app.directory.store(app, &key.store).await? else { return Ok(Next::Done) };
    let route = app.route(&profile, &channel.key)?;
    let now = app.now(&profile, payment.environment);
    let age = now.duration_since(attempt.requested_at).max(SignedDuration::ZERO);
    let found =
        route.connector.query(&route.call(now), attempt.reference(), attempt.pg_tx_id.as_ref(), age).await;
    let outcome = match found {
        Found::Known(Outcome::Done(snapshot) | Outcome::Pending(snapshot)) => match snapshot.captured_at {
            Some(at) => Outcome::Done(at),
            // The PSP knows the charge and has not captured it: once it must have seen the request,
            // that proves that the request never arrived, and it may be made again.
            None if is_conclusive(attempt, &route, now) => Outcome::NotSent(never_happened()),
            // Whoever was interrupted is told nothing yet: the key is given back when that proof is there.
            None if is_young(attempt, now) => return Ok(Next::Later(wait_before_query(job.runs.min(1)))),
            None => Outcome::Unknown(Doubt { reason: "the PSP may not have seen the capture yet".into() }),
        },
        Found::Known(_) | Found::Absent | Found::NotYet => {
            Outcome::Unknown(Doubt { reason: "the PSP does not find the charge".into() })
        }
        Found::NoAnswer(_) if is_young(attempt, now) => {
            return Ok(Next::Later(wait_before_query(job.runs.min(1))));
        }
        Found::NoAnswer(doubt) => Outcome::Unknown(doubt),
    };
    let has_changed =
        app.settle_capture(&profile, payment, transaction, &outcome, job.runs, &Ticket::none()).await?;
    // The change removed the job or gave it its next time; removing it here as well could remove the
    // job of a capture that was asked for anew.
    Ok(if has_changed { Next::Queued } else { Next::Done })
}

/// Whether a capture that the PSP does not show is so old that it never arrived.
fn is_conclusive(attempt: &Attempt, route: &Route, now: Timestamp) -> bool {
    let delay = route.connector.unlisted_is_conclusive_after();
    capture_age(attempt, now).zip(delay).is_some_and(|(age, delay)| age >= delay)
}

fn is_young(attempt: &Attempt, now: Timestamp) -> bool {
    capture_age(attempt, now).is_some_and(|age| age < TOO_EARLY_TO_TELL)
}

fn capture_age(attempt: &Attempt, now: Timestamp) -> Option<SignedDuration> {
    let AttemptState::Paid(paid) = &attempt.state else { return None };
    let Capture::Sending { since } = paid.capture else { return None };
    Some(now.duration_since(since))
}

/// A closing whose answer nobody recorded: the PSP shows whether the account is closed or paid.
pub(super) async fn closing(
    app: &App,
    job: &Job,
    key: &PaymentKey,
    transaction: &TransactionId,
) -> Result<Next, Failure> {
    let Some(payment) = app.storage.payment(key).await? else { return Ok(Next::Done) };
    let Some(since) = closing_since(&payment, transaction) else { return Ok(Next::Done) };
    let Some(channel) = payment.attempt(transaction).and_then(|attempt| attempt.channel.clone()) else {
        return Ok(Next::Done);
    };
    let Some(profile) = app.directory.store(app, &key.store).await? else { return Ok(Next::Done) };
    let route = app.route(&profile, &channel.key)?;
    let age = app.now(&profile, payment.environment).duration_since(since);
    let (payment, outcome) = match app.looked_up(&profile, &route, &payment, transaction).await {
        Some(snapshot) => {
            let kind = EvidenceKind::Query;
            let payment = app.apply_snapshot(&profile, &route, payment, transaction, snapshot, kind).await?;
            let is_conclusive =
                route.connector.unlisted_is_conclusive_after().is_some_and(|delay| age >= delay);
            // An account that still waits at the PSP, long enough after, was never asked to be closed.
            let outcome = if is_conclusive {
                Outcome::NotSent(never_happened())
            } else {
                Outcome::Unknown(Doubt { reason: "the PSP may not have seen the request yet".into() })
            };
            (payment, outcome)
        }
        None => (payment, Outcome::Unknown(Doubt { reason: "the PSP does not show the account".into() })),
    };
    if closing_since(&payment, transaction).is_none() {
        // The change that ended it has removed the job.
        return Ok(Next::Queued);
    }
    if age < TOO_EARLY_TO_TELL && matches!(outcome, Outcome::Unknown(_)) {
        return Ok(Next::Later(wait_before_query(job.runs.min(1))));
    }
    let kind = EvidenceKind::Query;
    let none = Ticket::none();
    app.settle_closing(&profile, payment, transaction, &outcome, job.runs, kind, &none).await?;
    Ok(Next::Queued)
}

/// Something that was said about a delivery and whose answer nobody recorded: the PSP shows it or not.
pub(super) async fn delivery(
    app: &App,
    job: &Job,
    key: &PaymentKey,
    transaction: &TransactionId,
) -> Result<Next, Failure> {
    let asked_since = |payment: &Payment| Some(escrow::asked_of(payment.attempt(transaction)?)?.since);
    let Some(payment) = app.storage.payment(key).await? else { return Ok(Next::Done) };
    let Some(since) = asked_since(&payment) else { return Ok(Next::Done) };
    let Some(channel) = payment.attempt(transaction).and_then(|attempt| attempt.channel.clone()) else {
        return Ok(Next::Done);
    };
    let Some(profile) = app.directory.store(app, &key.store).await? else { return Ok(Next::Done) };
    let route = app.route(&profile, &channel.key)?;
    let age = app.now(&profile, payment.environment).duration_since(since);
    let kind = EvidenceKind::Query;
    let (payment, outcome) = match app.looked_up(&profile, &route, &payment, transaction).await {
        Some(snapshot) => {
            let payment = app.apply_snapshot(&profile, &route, payment, transaction, snapshot, kind).await?;
            let is_conclusive =
                route.connector.unlisted_is_conclusive_after().is_some_and(|delay| age >= delay);
            // What the PSP does not show, long enough after, it was never told.
            let outcome = if is_conclusive {
                Outcome::NotSent(never_happened())
            } else {
                Outcome::Unknown(Doubt { reason: "the PSP may not have seen the request yet".into() })
            };
            (payment, outcome)
        }
        None => (payment, Outcome::Unknown(Doubt { reason: "the PSP does not show the charge".into() })),
    };
    if asked_since(&payment).is_none() {
        // The change that ended it has removed the job.
        return Ok(Next::Queued);
    }
    if age < TOO_EARLY_TO_TELL && matches!(outcome, Outcome::Unknown(_)) {
        return Ok(Next::Later(wait_before_query(job.runs.min(1))));
    }
    let none = Ticket::none();
    app.settle_step(&profile, payment, transaction, &outcome, job.runs, kind, &none).await?;
    Ok(Next::Queued)
}

fn closing_since(payment: &Payment, transaction: &TransactionId) -> Option<Timestamp> {
    let attempt = payment.attempt(transaction)?;
    matches!(attempt.state, AttemptState::AccountIssued { .. }).then_some(attempt.account.closing)?
}

/// An issuance that was interrupted. No money moved and no token reached us, so it ends as failed, a first
/// payment with it, and the merchant may simply ask again.
pub(super) async fn issuance(app: &App, id: &BillingKeyId) -> Result<Next, Failure> {
    let Some(key) = app.storage.billing_key(id).await? else { return Ok(Next::Done) };
    if key.state != State::Sending {
        return Ok(Next::Done);
    }
    let Some(profile) = app.directory.store(app, &key.store).await? else { return Ok(Next::Done) };
    let now = app.now(&profile, key.environment);
    let decided = billing_key::issued(&key, Vec::new(), now);
    // Nothing was charged: the key and the intention to charge it would have been one change.
    let mut change = decided.change.and(app.first_payment_interrupted(&decided.key, now).await?);
    if let Some(claim) = key.claim
        && let Some(answer) = app.answers.answer(&claim.operation, &issuance_verdict(&decided.key))
    {
        change.claim = Some(ClaimWrite::Finish(claim, answer));
    }
    app.commit(&profile, &Ticket::none(), change).await?;
    Ok(Next::Queued)
}
