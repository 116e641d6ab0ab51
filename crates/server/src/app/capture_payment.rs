//! Manual acquisition.

use super::App;
use super::caller::Caller;
use super::commit::MOST_TRIES;
use super::directory::StoreProfile;
use super::failure::{Failure, Missing, PspFailure};
use super::idempotency::{DONE, Fate};
use super::success::Verdict;
use super::ticket::Ticket;
use jiff::Timestamp;
use paypier_domain::claim::ClaimRef;
use paypier_domain::id::{PaymentId, PaymentKey, TransactionId};
use paypier_domain::outcome::Outcome;
use paypier_domain::payment::Payment;
use paypier_domain::payment::capture::{self, CaptureRefusal, CaptureStep};
use paypier_storage::CommitError;

/// What a capture is of a payment that was captured before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Repeated {
    IsFine,
    IsRefused,
}

impl App {
    /// # Errors
    /// No such payment, not paid, manual capture not enabled, another capture or cancellation in
    /// progress, the PSP's refusal or an unknown outcome.
    pub async fn capture_payment(
        &self,
        caller: &Caller,
        store: Option<&str>,
        payment_id: &PaymentId,
        ticket: &Ticket,
    ) -> Verdict {
        self.capture(caller, store, payment_id, Repeated::IsFine, ticket).await
    }

    /// The same, where of two captures one is refused.
    ///
    /// # Errors
    /// As [`App::capture_payment`], and captured before.
    pub async fn capture_payment_once(
        &self,
        caller: &Caller,
        payment_id: &PaymentId,
        ticket: &Ticket,
    ) -> Verdict {
        self.capture(caller, None, payment_id, Repeated::IsRefused, ticket).await
    }

    async fn capture(
        &self,
        caller: &Caller,
        store: Option<&str>,
        payment_id: &PaymentId,
        repeated: Repeated,
        ticket: &Ticket,
    ) -> Verdict {
        let profile = caller.store(self, store).await?;
        let key = PaymentKey { store: profile.store.id.clone(), payment: payment_id.clone() };
        let Some((payment, transaction)) = self.begin_capture(&profile, &key, ticket).await? else {
            return match repeated {
                Repeated::IsFine => DONE,
                Repeated::IsRefused => Err(CaptureRefusal::InProgress.into()),
            };
        };
        let attempt = payment
            .attempt(&transaction)
            .ok_or_else(|| Failure::internal(format!("the paid attempt of {key} is gone")))?;
        let channel = attempt
            .channel
            .as_ref()
            .ok_or_else(|| Failure::internal(format!("the paid attempt of {key} has no channel")))?;
        let route = self.route(&profile, &channel.key)?;
        let now = self.now(&profile, payment.environment);
        let pg_tx_id = attempt.pg_tx_id.clone().unwrap_or_else(|| paypier_domain::id::PgTxId::known(""));
        let outcome = route
            .measured(
                "capture",
                route.connector.capture(
                    &route.call(now),
                    attempt.reference(),
                    &pg_tx_id,
                    attempt.amounts.to_pay(),
                ),
            )
            .await;
        match self.settle_capture(&profile, payment, &transaction, &outcome, 0, ticket).await {
            Ok(_) => verdict(&outcome),
            Err(failure) => {
                tracing::error!(%transaction, ?failure, "the PSP answered and the answer could not be recorded; a job will ask again");
                // Not that nothing was done: something may have been, and will be found out.
                Err(Failure::Psp(not_known_yet()))
            }
        }
    }

    async fn begin_capture(
        &self,
        profile: &StoreProfile,
        key: &PaymentKey,
        ticket: &Ticket,
    ) -> Result<Option<(Payment, TransactionId)>, Failure> {
        let _lane = self.lanes.enter(key).await;
        for _ in 0..MOST_TRIES {
            let payment = self.storage.payment(key).await?.ok_or(Failure::NotFound(Missing::Payment))?;
            let now = self.now(profile, payment.environment);
            let (decided, transaction) =
                match capture::request(&payment, ticket.reference(), self.policy.limits, now)? {
                    CaptureStep::AlreadyCaptured => return Ok(None),
                    CaptureStep::Ask(decided, transaction) => (*decided, transaction),
                };
            let mut change = decided.change;
            ticket.begin(&mut change);
            match self.commit(profile, ticket, change).await {
                Ok(()) => return Ok(Some((decided.payment, transaction))),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    /// Records how a capture ended, however often the row changes meanwhile. Without a ticket the
    /// request that began it is given its answer, or its key back when it was interrupted before
    /// anything happened. Says whether there was anything to record.
    pub(crate) async fn settle_capture(
        &self,
        profile: &StoreProfile,
        mut payment: Payment,
        transaction: &TransactionId,
        outcome: &Outcome<Timestamp>,
        runs: u32,
        ticket: &Ticket,
    ) -> Result<bool, Failure> {
        let told = verdict(outcome);
        for _ in 0..MOST_TRIES {
            let now = self.now(profile, payment.environment);
            let Some(decided) = capture::settle(&payment, transaction, outcome, runs, now) else {
                return Ok(false);
            };
            let mut change = decided.change;
            let begun_by = payment.attempt(transaction).and_then(|attempt| attempt.claim.as_ref());
            let was_silent = ticket.is_none() && self.is_unanswered(begun_by).await?;
            self.answer_request(&mut change, ticket, begun_by, Fate::of(outcome, was_silent), &told);
            match self.commit(profile, ticket, change).await {
                Ok(()) => return Ok(true),
                Err(CommitError::Conflict) => {
                    payment = self
                        .storage
                        .payment(&payment.key)
                        .await?
                        .ok_or(Failure::NotFound(Missing::Payment))?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    /// Whether the request with this claim still runs, or was interrupted.
    pub(super) async fn is_unanswered(&self, claim: Option<&ClaimRef>) -> Result<bool, Failure> {
        let Some(claim) = claim else { return Ok(false) };
        let stored = self.storage.claim(&claim.merchant, &claim.key).await?;
        Ok(stored.is_some_and(|stored| stored.answer.is_none()))
    }
}

fn verdict(outcome: &Outcome<Timestamp>) -> Verdict {
    match outcome {
        Outcome::Done(_) => DONE,
        Outcome::Declined(decline) => Err(Failure::Psp(PspFailure {
            code: decline.code.clone(),
            message: decline.message.clone(),
            note: "the PSP did not capture the payment".into(),
        })),
        Outcome::NotSent(reason) => Err(Failure::Psp(PspFailure {
            code: reason.code.clone(),
            message: reason.message.clone(),
            note: "nothing was captured; the request may be repeated".into(),
        })),
        Outcome::Pending(_) | Outcome::Unknown(_) => Err(Failure::Psp(not_known_yet())),
    }
}

fn not_known_yet() -> PspFailure {
    PspFailure {
        code: PspFailure::OUTCOME_UNKNOWN.into(),
        message: "the PSP has not said how the capture ended".into(),
        note: "it is not known yet whether the payment was captured; the server keeps asking the PSP".into(),
    }
}
