//! Stopping a cancellation that waits at the PSP.

use super::App;
use super::caller::Caller;
use super::commit::MOST_TRIES;
use super::failure::{Failure, Missing, PspFailure};
use super::success::{Success, Verdict};
use super::ticket::Ticket;
use paypier_domain::id::{CancellationId, PaymentId, PaymentKey};
use paypier_domain::outcome::Outcome;
use paypier_domain::payment::cancel;
use paypier_storage::CommitError;

impl App {
    /// # Errors
    /// No such payment or cancellation, the cancellation is not pending, the PSP cannot stop it.
    pub async fn stop_cancellation(
        &self,
        caller: &Caller,
        store: Option<&str>,
        payment_id: &PaymentId,
        id: &CancellationId,
        ticket: &Ticket,
    ) -> Verdict {
        let profile = caller.store(self, store).await?;
        let key = PaymentKey { store: profile.store.id.clone(), payment: payment_id.clone() };
        let _lane = self.lanes.enter(&key).await;
        let payment = self.storage.payment(&key).await?.ok_or(Failure::NotFound(Missing::Payment))?;
        let cancellation = cancel::stoppable(&payment, id)?;
        let channel = payment
            .attempt(&cancellation.transaction)
            .and_then(|attempt| attempt.channel.as_ref())
            .ok_or_else(|| Failure::internal(format!("the paid attempt of {key} has no channel")))?;
        let route = self.route(&profile, &channel.key)?;
        if !route.connector.capabilities().stop_refund {
            return Err(Failure::Invalid("the PSP of this payment cannot stop a cancellation".into()));
        }
        let pg_id = cancellation.pg_cancellation_id.as_ref().ok_or(cancel::StopRefusal::NotPending)?;
        let now = self.now(&profile, payment.environment);
        let outcome = route
            .measured(
                "stop_refund",
                route.connector.stop_refund(&route.call(now), cancellation.reference(), pg_id),
            )
            .await;
        let stopped_at = match outcome {
            Outcome::Done(at) => at,
            Outcome::Declined(decline) => {
                return Err(psp(decline.code, decline.message, "the PSP did not stop the cancellation"));
            }
            Outcome::NotSent(reason) => {
                return Err(psp(reason.code, reason.message, "the PSP was not reached; nothing was stopped"));
            }
            // The cancellation keeps its reservation; its own job learns how it ended.
            Outcome::Pending(_) | Outcome::Unknown(_) => {
                return Err(psp(
                    PspFailure::OUTCOME_UNKNOWN.into(),
                    "the PSP has not said whether the cancellation was stopped".into(),
                    "it is not known whether the cancellation was stopped; read the payment to learn how it ended",
                ));
            }
        };
        let mut payment = payment;
        for _ in 0..MOST_TRIES {
            let decided = cancel::stopped(&payment, id, stopped_at)?;
            let verdict = Ok(Success::CancellationStopped { at: stopped_at });
            let mut change = decided.change;
            ticket.finish(&mut change, &verdict);
            match self.commit(&profile, ticket, change).await {
                Ok(()) => return verdict,
                Err(CommitError::Conflict) => {
                    payment = self.storage.payment(&key).await?.ok_or(Failure::NotFound(Missing::Payment))?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }
}

fn psp(code: String, message: String, note: &str) -> Failure {
    Failure::Psp(PspFailure { code, message, note: note.into() })
}
