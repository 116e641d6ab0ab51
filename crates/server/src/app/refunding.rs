//! Refunding: the same three steps as charging, for a cancellation.

use super::App;
use super::charging::{finding, never_happened};
use super::commit::MOST_TRIES;
use super::directory::StoreProfile;
use super::failure::{Failure, Missing, PspFailure};
use super::idempotency::Fate;
use super::psp::Route;
use super::success::{Success, Verdict};
use super::ticket::Ticket;
use jiff::SignedDuration;
use paypier_connectors::contract::RefundAsk;
use paypier_domain::change::Write;
use paypier_domain::evidence::{Evidence, EvidenceKind};
use paypier_domain::id::{CancellationId, PaymentKey, PgCancellationId};
use paypier_domain::outcome::{Doubt, Found, NotSent, Outcome};
use paypier_domain::payment::cancel::{self, CancelAsk, CancelSettled};
use paypier_domain::payment::{Cancellation, CancellationState, Payment};
use paypier_domain::psp::Refund;
use paypier_storage::CommitError;
use std::time::Duration;
use tokio::time::Instant;

const CALLER_WAITS: [Duration; 5] = [
    Duration::from_millis(300),
    Duration::from_millis(700),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];

impl App {
    /// Makes one cancellation and says how it stands.
    ///
    /// # Errors
    /// The refusals of `cancel::request`, the PSP's refusal, or that nothing could be recorded.
    pub async fn refund(
        &self,
        profile: &StoreProfile,
        key: &PaymentKey,
        ask: CancelAsk,
        ticket: &Ticket,
    ) -> Verdict {
        self.refund_noting(profile, key, ask, Vec::new(), ticket).await
    }

    /// The same, and these rows are stored with the intention.
    ///
    /// # Errors
    /// As [`App::refund`].
    pub async fn refund_noting(
        &self,
        profile: &StoreProfile,
        key: &PaymentKey,
        ask: CancelAsk,
        beside: Vec<Write>,
        ticket: &Ticket,
    ) -> Verdict {
        let (payment, cancellation) = self.begin_refund(profile, key, ask, &beside, ticket).await?;
        let channel = payment
            .attempt(&cancellation.transaction)
            .and_then(|attempt| attempt.channel.clone())
            .ok_or_else(|| Failure::internal(format!("the paid attempt of {key} has no channel")))?;
        let mut evidence = Vec::new();
        let outcome = match self.route(profile, &channel.key) {
            Ok(route) => {
                let outcome = self.ask_for_refund(profile, &route, &payment, &cancellation).await;
                if let Outcome::Unknown(doubt) = outcome {
                    let now = self.now(profile, payment.environment);
                    evidence.push(seen(
                        &payment,
                        &cancellation,
                        EvidenceKind::Answer,
                        now,
                        format!("no usable answer: {}", doubt.reason),
                    ));
                    self.ask_about_refund_while_caller_waits(
                        profile,
                        &route,
                        &payment,
                        &cancellation,
                        &mut evidence,
                    )
                    .await
                } else {
                    outcome
                }
            }
            Err(failure) => {
                tracing::error!(payment.id = %key, ?failure, "a refund cannot be sent");
                Outcome::NotSent(NotSent {
                    code: "CHANNEL_UNUSABLE".into(),
                    message: "the channel of this payment cannot be used".into(),
                })
            }
        };
        match self.settle_refund(profile, payment, &cancellation.id, outcome, evidence, ticket).await {
            Ok(payment) => verdict(&payment, &cancellation.id),
            Err(error) => {
                tracing::error!(cancellation = %cancellation.id, %error, "the PSP answered and the answer could not be recorded; a job will ask again");
                // A notification may have been faster, and reading goes on when writing fails.
                match self.storage.payment(key).await {
                    Ok(Some(stored)) => verdict(&stored, &cancellation.id),
                    Ok(None) | Err(_) => Ok(Success::Cancelled(Box::new(cancellation))),
                }
            }
        }
    }

    async fn begin_refund(
        &self,
        profile: &StoreProfile,
        key: &PaymentKey,
        ask: CancelAsk,
        beside: &[Write],
        ticket: &Ticket,
    ) -> Result<(Payment, Cancellation), Failure> {
        let _lane = self.lanes.enter(key).await;
        for _ in 0..MOST_TRIES {
            let payment = self.storage.payment(key).await?.ok_or(Failure::NotFound(Missing::Payment))?;
            let moment = self.moment(profile, payment.environment);
            let requested = cancel::request(&payment, ask.clone(), self.policy.limits, moment.at)?;
            let mut change = requested.decided.change;
            change.writes.extend(beside.iter().cloned());
            ticket.begin(&mut change);
            match self.commit(profile, ticket, change).await {
                Ok(()) => return Ok((requested.decided.payment, requested.cancellation)),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    async fn ask_for_refund(
        &self,
        profile: &StoreProfile,
        route: &Route,
        payment: &Payment,
        cancellation: &Cancellation,
    ) -> Outcome<Refund> {
        let now = self.now(profile, payment.environment);
        if cancellation.refund.is_zero() {
            return Outcome::Done(nothing_refunded(cancellation, now));
        }
        let Some(attempt) = payment.attempt(&cancellation.transaction) else {
            return Outcome::NotSent(never_happened());
        };
        let Some(pg_tx_id) = attempt.pg_tx_id.as_ref() else { return Outcome::NotSent(never_happened()) };
        let parts = payment.psp_parts_of(&cancellation.id);
        let ask = RefundAsk {
            reference: cancellation.reference(),
            charge_reference: attempt.reference(),
            pg_tx_id,
            amount: cancellation.refund,
            tax_free: parts.tax_free,
            vat: parts.vat,
            currency: attempt.currency,
            reason: &cancellation.reason,
            refund_account: cancellation.refund_account.as_ref(),
        };
        route.measured("refund", route.connector.refund(&route.call(now), &ask)).await
    }

    async fn ask_about_refund_while_caller_waits(
        &self,
        profile: &StoreProfile,
        route: &Route,
        payment: &Payment,
        cancellation: &Cancellation,
        evidence: &mut Vec<Evidence>,
    ) -> Outcome<Refund> {
        let started = Instant::now();
        let mut last = Doubt { reason: "the PSP was not reached in time".into() };
        for wait in CALLER_WAITS.iter().copied().chain(std::iter::repeat(Duration::from_secs(6))) {
            if started.elapsed().saturating_add(wait) >= self.policy.caller_patience {
                break;
            }
            tokio::time::sleep(wait).await;
            let found = self.look_up_refund(profile, route, payment, cancellation).await;
            let now = self.now(profile, payment.environment);
            evidence.push(seen(payment, cancellation, EvidenceKind::Query, now, finding(&found)));
            match found {
                Found::Known(Outcome::Unknown(doubt)) | Found::NoAnswer(doubt) => last = doubt,
                Found::Known(outcome) => return outcome,
                Found::Absent => return Outcome::NotSent(never_happened()),
                Found::NotYet => {}
            }
        }
        Outcome::Unknown(last)
    }

    /// Asks the PSP how a refund stands.
    pub(crate) async fn look_up_refund(
        &self,
        profile: &StoreProfile,
        route: &Route,
        payment: &Payment,
        cancellation: &Cancellation,
    ) -> Found<Refund> {
        let Some(attempt) = payment.attempt(&cancellation.transaction) else { return Found::Absent };
        let now = self.now(profile, payment.environment);
        if cancellation.refund.is_zero() {
            return Found::Known(Outcome::Done(nothing_refunded(cancellation, now)));
        }
        let charge_age = now.duration_since(attempt.requested_at).max(SignedDuration::ZERO);
        let found = route
            .connector
            .query(&route.call(now), attempt.reference(), attempt.pg_tx_id.as_ref(), charge_age)
            .await;
        let snapshot = match found {
            Found::Known(Outcome::Done(snapshot) | Outcome::Pending(snapshot)) => snapshot,
            Found::Known(other) => {
                return Found::NoAnswer(Doubt {
                    reason: format!("the PSP calls the charge {}", other.word()),
                });
            }
            Found::Absent | Found::NotYet => {
                return Found::NoAnswer(Doubt {
                    reason: "the PSP does not find the charge that is to be refunded".into(),
                });
            }
            Found::NoAnswer(doubt) => return Found::NoAnswer(doubt),
        };
        if let Some((_, outcome)) =
            snapshot.refunds.into_iter().find(|(reference, _)| reference == cancellation.reference())
        {
            return Found::Known(outcome);
        }
        let age = now.duration_since(cancellation.requested_at);
        match route.connector.unlisted_is_conclusive_after() {
            Some(delay) if age >= delay => Found::Absent,
            Some(_) | None => Found::NotYet,
        }
    }

    /// Applies an outcome, however often the row changes meanwhile.
    pub(crate) async fn settle_refund(
        &self,
        profile: &StoreProfile,
        mut payment: Payment,
        id: &CancellationId,
        outcome: Outcome<Refund>,
        evidence: Vec<Evidence>,
        ticket: &Ticket,
    ) -> Result<Payment, CommitError> {
        let _lane = self.lanes.enter(&payment.key).await;
        for _ in 0..MOST_TRIES {
            match self.settle_refund_once(profile, &payment, id, &outcome, &evidence, ticket).await {
                Err(CommitError::Conflict) => {
                    payment = self.reloaded(&payment.key).await?;
                }
                ended => return ended,
            }
        }
        Err(CommitError::Conflict)
    }

    /// Applies an outcome to the payment as it was loaded.
    ///
    /// # Errors
    /// `Conflict` when the row changed meanwhile; nothing was written.
    pub(super) async fn settle_refund_once(
        &self,
        profile: &StoreProfile,
        payment: &Payment,
        id: &CancellationId,
        outcome: &Outcome<Refund>,
        evidence: &[Evidence],
        ticket: &Ticket,
    ) -> Result<Payment, CommitError> {
        let moment = self.moment(profile, payment.environment);
        let decided = match cancel::settle(payment, id, outcome.clone(), moment.at) {
            CancelSettled::Changed(decided) => *decided,
            CancelSettled::Unchanged => {
                if !evidence.is_empty() {
                    let change =
                        paypier_domain::change::Change { evidence: evidence.to_vec(), ..Default::default() };
                    self.commit(profile, &Ticket::none(), change).await?;
                }
                return Ok(payment.clone());
            }
        };
        let mut change = decided.change;
        change.evidence.extend(evidence.iter().cloned());
        let told = verdict(&decided.payment, id);
        let begun = payment.cancellation(id);
        let was_silent = begun.is_some_and(|c| c.state == CancellationState::Sending);
        let fate = Fate::of(outcome, was_silent);
        self.answer_request(&mut change, ticket, begun.and_then(|c| c.claim.as_ref()), fate, &told);
        self.commit(profile, ticket, change).await?;
        Ok(decided.payment)
    }
}

/// A promotion can leave nothing to give back; then there is nothing to ask the PSP, which knows nothing
/// of the cancellation.
fn nothing_refunded(cancellation: &Cancellation, now: jiff::Timestamp) -> Refund {
    Refund {
        pg_cancellation_id: PgCancellationId::known(""),
        amount: cancellation.refund,
        at: now,
        fee_returned: cancellation.refund,
        receipt_url: None,
        raw: None,
    }
}

/// What a caller is told about a cancellation as it stands.
pub fn verdict(payment: &Payment, id: &CancellationId) -> Verdict {
    let Some(cancellation) = payment.cancellation(id) else {
        return Err(Failure::internal(format!("the cancellation {id} is not part of {}", payment.key)));
    };
    match &cancellation.state {
        CancellationState::Succeeded { .. }
        | CancellationState::Requested { .. }
        | CancellationState::Unknown { .. }
        | CancellationState::Sending => Ok(Success::Cancelled(Box::new(cancellation.clone()))),
        CancellationState::Failed { pg_code, pg_message, .. } => Err(Failure::Psp(PspFailure {
            code: pg_code.clone().unwrap_or_default(),
            message: pg_message.clone().unwrap_or_default(),
            note: "the PSP did not cancel the payment".into(),
        })),
    }
}

pub fn seen(
    payment: &Payment,
    cancellation: &Cancellation,
    kind: EvidenceKind,
    at: jiff::Timestamp,
    finding: String,
) -> Evidence {
    Evidence {
        payment: payment.key.clone(),
        transaction: cancellation.transaction.clone(),
        subject: Some(cancellation.id.to_string()),
        at,
        kind,
        finding,
        raw: None,
    }
}
