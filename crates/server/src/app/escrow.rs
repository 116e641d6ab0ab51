//! Deliveries of payments in escrow: reporting them, changing the report, completing the purchase.
//!
//! The same three steps as charging, for a step of `domain::payment::escrow`. What the PSP shows in
//! answer to a question, or in a notification, is applied by [`App::hear_delivery`].

use super::App;
use super::caller::Caller;
use super::charging::seen;
use super::commit::MOST_TRIES;
use super::directory::StoreProfile;
use super::failure::{Failure, Missing, PspFailure};
use super::idempotency::Fate;
use super::success::{Success, Verdict};
use super::ticket::Ticket;
use jiff::Timestamp;
use paypier_connectors::contract::DeliveryAsk;
use paypier_domain::evidence::{Evidence, EvidenceKind};
use paypier_domain::id::{PaymentId, PaymentKey, PgTxId, TransactionId};
use paypier_domain::outcome::{NotSent, Outcome};
use paypier_domain::payment::Payment;
use paypier_domain::payment::escrow::{self, Particulars, Standing, Step};
use paypier_storage::CommitError;

/// What evidence about a delivery is filed under.
const DELIVERY: &str = "delivery";

/// One of the three escrow operations in no dialect's words.
#[derive(Debug)]
pub struct EscrowAsk {
    pub store: Option<String>,
    pub payment_id: PaymentId,
    pub step: Step,
    pub particulars: Particulars,
}

impl App {
    /// # Errors
    /// Store out of reach, no such payment, the refusals of `escrow::ask` in their order, the PSP's
    /// refusal or an unknown outcome.
    pub async fn ask_escrow(&self, caller: &Caller, ask: EscrowAsk, ticket: &Ticket) -> Verdict {
        let profile = caller.store(self, ask.store.as_deref()).await?;
        let key = PaymentKey { store: profile.store.id.clone(), payment: ask.payment_id.clone() };
        let (payment, transaction) = self.begin_step(&profile, &key, &ask, ticket).await?;
        let outcome = self.ask_for_step(&profile, &payment, &transaction, &ask).await;
        let settled = self
            .settle_step(&profile, payment, &transaction, &outcome, 0, EvidenceKind::Answer, ticket)
            .await;
        match settled {
            Ok(_) => verdict(&ask.step, &outcome),
            Err(error) => {
                tracing::error!(%transaction, %error, "the PSP answered and the answer could not be recorded; a job will ask again");
                // Not that nothing was done: something may have been, and will be found out.
                Err(Failure::Psp(not_known_yet()))
            }
        }
    }

    async fn begin_step(
        &self,
        profile: &StoreProfile,
        key: &PaymentKey,
        ask: &EscrowAsk,
        ticket: &Ticket,
    ) -> Result<(Payment, TransactionId), Failure> {
        let _lane = self.lanes.enter(key).await;
        for _ in 0..MOST_TRIES {
            let payment = self.storage.payment(key).await?.ok_or(Failure::NotFound(Missing::Payment))?;
            let now = self.now(profile, payment.environment);
            let (claim, limits) = (ticket.reference(), self.policy.limits);
            let asked = escrow::ask(&payment, ask.step.clone(), &ask.particulars, claim, limits, now)?;
            let mut change = asked.decided.change;
            ticket.begin(&mut change);
            match self.commit(profile, ticket, change).await {
                Ok(()) => return Ok((asked.decided.payment, asked.transaction)),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    async fn ask_for_step(
        &self,
        profile: &StoreProfile,
        payment: &Payment,
        transaction: &TransactionId,
        ask: &EscrowAsk,
    ) -> Outcome<Timestamp> {
        let unusable = || {
            Outcome::NotSent(NotSent {
                code: "CHANNEL_UNUSABLE".into(),
                message: "the channel of this payment cannot be used".into(),
            })
        };
        let attempt = payment.attempt(transaction);
        let Some((attempt, channel)) = attempt.and_then(|a| Some((a, a.channel.as_ref()?))) else {
            return unusable();
        };
        let route = match self.route(profile, &channel.key) {
            Ok(route) => route,
            Err(failure) => {
                tracing::error!(payment.id = %payment.key, ?failure, "a delivery cannot be told to the PSP");
                return unusable();
            }
        };
        let now = self.now(profile, payment.environment);
        let pg_tx_id = attempt.pg_tx_id.clone().unwrap_or_else(|| PgTxId::known(""));
        let (call, connector) = (route.call(now), &route.connector);
        let asked = |logistics| DeliveryAsk {
            charge_reference: attempt.reference(),
            pg_tx_id: &pg_tx_id,
            logistics,
            particulars: &ask.particulars,
        };
        match &ask.step {
            Step::Register(logistics) => {
                let ask = asked(logistics);
                route.measured("report_delivery", connector.report_delivery(&call, &ask)).await
            }
            Step::Modify(logistics) => {
                let ask = asked(logistics);
                route.measured("correct_delivery", connector.correct_delivery(&call, &ask)).await
            }
            Step::Complete { from_store } => {
                let completed =
                    connector.complete_purchase(&call, attempt.reference(), &pg_tx_id, *from_store);
                route.measured("complete_purchase", completed).await
            }
        }
    }

    /// Applies what the PSP says about the step that is asked for, however often the row changes meanwhile.
    #[expect(
        clippy::too_many_arguments,
        reason = "the one place where all that is known about an answer comes together"
    )]
    pub(crate) async fn settle_step(
        &self,
        profile: &StoreProfile,
        mut payment: Payment,
        transaction: &TransactionId,
        outcome: &Outcome<Timestamp>,
        runs: u32,
        kind: EvidenceKind,
        ticket: &Ticket,
    ) -> Result<Payment, CommitError> {
        for _ in 0..MOST_TRIES {
            let asking = payment.attempt(transaction).and_then(escrow::asked_of).cloned();
            let now = self.now(profile, payment.environment);
            let (Some(asking), Some(decided)) =
                (asking, escrow::settle(&payment, transaction, outcome, runs, now))
            else {
                return Ok(payment);
            };
            let mut change = decided.change;
            change.evidence.push(Evidence {
                subject: Some(DELIVERY.into()),
                ..seen(&payment.key, transaction, kind, now, finding(outcome))
            });
            let begun_by = asking.claim.as_ref();
            let was_silent = ticket.is_none()
                && self
                    .is_unanswered(begun_by)
                    .await
                    .map_err(|failure| CommitError::Unavailable(failure.to_string()))?;
            let told = verdict(&asking.step, outcome);
            self.answer_request(&mut change, ticket, begun_by, Fate::of(outcome, was_silent), &told);
            match self.commit(profile, ticket, change).await {
                Ok(()) => return Ok(decided.payment),
                Err(CommitError::Conflict) => payment = self.reloaded(&payment.key).await?,
                Err(error) => return Err(error),
            }
        }
        Err(CommitError::Conflict)
    }

    /// Takes over how a delivery stands at the PSP: first that a step of ours was taken, then how far the
    /// carrier and the buyer are.
    pub(crate) async fn hear_delivery(
        &self,
        profile: &StoreProfile,
        mut payment: Payment,
        transaction: &TransactionId,
        standing: &Standing,
        kind: EvidenceKind,
    ) -> Result<Payment, CommitError> {
        let asking = payment.attempt(transaction).and_then(escrow::asked_of);
        if let Some(at) = asking.and_then(|asking| escrow::taken_at(asking, standing)) {
            let (taken, none) = (Outcome::Done(at), Ticket::none());
            payment = self.settle_step(profile, payment, transaction, &taken, 0, kind, &none).await?;
        }
        for _ in 0..MOST_TRIES {
            let now = self.now(profile, payment.environment);
            let Some(decided) = escrow::heard(&payment, transaction, standing, now) else {
                return Ok(payment);
            };
            let mut change = decided.change;
            change.evidence.push(Evidence {
                subject: Some(DELIVERY.into()),
                ..seen(
                    &payment.key,
                    transaction,
                    kind,
                    now,
                    format!("the delivery is {}", standing.state.as_str()),
                )
            });
            match self.commit(profile, &Ticket::none(), change).await {
                Ok(()) => return Ok(decided.payment),
                Err(CommitError::Conflict) => payment = self.reloaded(&payment.key).await?,
                Err(error) => return Err(error),
            }
        }
        Err(CommitError::Conflict)
    }
}

fn verdict(step: &Step, outcome: &Outcome<Timestamp>) -> Verdict {
    let psp = |code: &str, message: &str, note: &str| {
        Err(Failure::Psp(PspFailure { code: code.into(), message: message.into(), note: note.into() }))
    };
    match (outcome, step) {
        (Outcome::Done(at), Step::Register(logistics)) => Ok(Success::DeliveryReported {
            invoice_number: logistics.invoice_number.clone(),
            sent_at: logistics.sent_at,
            at: *at,
        }),
        (Outcome::Done(at), Step::Modify(logistics)) => Ok(Success::DeliveryCorrected {
            invoice_number: logistics.invoice_number.clone(),
            sent_at: logistics.sent_at,
            at: *at,
        }),
        (Outcome::Done(at), Step::Complete { .. }) => Ok(Success::PurchaseCompleted { at: *at }),
        (Outcome::Declined(decline), _) => {
            psp(&decline.code, &decline.message, "the PSP did not take what was said about the delivery")
        }
        (Outcome::NotSent(reason), _) => {
            psp(&reason.code, &reason.message, "the PSP was told nothing; the request may be repeated")
        }
        (Outcome::Pending(_) | Outcome::Unknown(_), _) => Err(Failure::Psp(not_known_yet())),
    }
}

fn finding(outcome: &Outcome<Timestamp>) -> String {
    match outcome {
        Outcome::Declined(decline) => format!("not taken: {}", decline.code),
        Outcome::NotSent(reason) => format!("not sent: {}", reason.code),
        Outcome::Unknown(doubt) => format!("whether it was taken is unknown: {}", doubt.reason),
        Outcome::Done(_) | Outcome::Pending(_) => format!("what was said is {}", outcome.word()),
    }
}

fn not_known_yet() -> PspFailure {
    PspFailure {
        code: PspFailure::OUTCOME_UNKNOWN.into(),
        message: "the PSP has not said whether it took what was said about the delivery".into(),
        note: "it is not known yet whether the PSP took it; the server keeps asking".into(),
    }
}
