//! Putting stores on the sales slip of a payment.
//!
//! Moves no money, and the PSP replaces what a request before has said: repeating one whose answer was
//! lost is right, so that no intention has to be durable before the PSP is asked.

use super::App;
use super::caller::Caller;
use super::charging::seen;
use super::failure::{Failure, Missing, PspFailure};
use super::success::{Success, Verdict};
use super::ticket::Ticket;
use paypier_connectors::contract::StoreLinesAsk;
use paypier_domain::change::Change;
use paypier_domain::evidence::{Evidence, EvidenceKind};
use paypier_domain::id::{PaymentId, PaymentKey, PgTxId};
use paypier_domain::outcome::Outcome;
use paypier_domain::payment::store_receipt;
use paypier_domain::psp::StoreLine;

/// `POST /payments/{paymentId}/register-store-receipt` in no dialect's words.
#[derive(Debug)]
pub struct RegisterStoreReceipt {
    pub store: Option<String>,
    pub payment_id: PaymentId,
    pub lines: Vec<StoreLine>,
}

impl App {
    /// # Errors
    /// Store out of reach, no such payment, the refusals of `store_receipt::registrable` in their order, a
    /// channel without the key for it, the PSP's refusal or an unknown outcome.
    pub async fn register_store_receipt(
        &self,
        caller: &Caller,
        ask: RegisterStoreReceipt,
        ticket: &Ticket,
    ) -> Verdict {
        let profile = caller.store(self, ask.store.as_deref()).await?;
        let key = PaymentKey { store: profile.store.id.clone(), payment: ask.payment_id };
        let _lane = self.lanes.enter(&key).await;
        let payment = self.storage.payment(&key).await?.ok_or(Failure::NotFound(Missing::Payment))?;
        let attempt = store_receipt::registrable(&payment, &ask.lines)?;
        let channel = attempt
            .channel
            .as_ref()
            .ok_or_else(|| Failure::internal(format!("the paid attempt of {key} has no channel")))?;
        let route = self.route(&profile, &channel.key)?;
        let now = self.now(&profile, payment.environment);
        let call = route.call(now);
        route.connector.takes_store_lines(&call).map_err(Failure::Invalid)?;
        let pg_tx_id = attempt.pg_tx_id.clone().unwrap_or_else(|| PgTxId::known(""));
        let asked =
            StoreLinesAsk { charge_reference: attempt.reference(), pg_tx_id: &pg_tx_id, lines: &ask.lines };
        let outcome =
            route.measured("register_store_lines", route.connector.register_store_lines(&call, &asked)).await;
        let psp = |code: &str, message: &str, note: &str| {
            Err(Failure::Psp(PspFailure { code: code.into(), message: message.into(), note: note.into() }))
        };
        let url = match outcome {
            Outcome::Done(url) => url,
            Outcome::Declined(decline) => {
                return psp(&decline.code, &decline.message, "the PSP did not put the stores on the slip");
            }
            Outcome::NotSent(reason) => {
                return psp(
                    &reason.code,
                    &reason.message,
                    "the PSP was not reached; the request may be repeated",
                );
            }
            Outcome::Pending(_) | Outcome::Unknown(_) => {
                return psp(
                    PspFailure::OUTCOME_UNKNOWN,
                    "the PSP has not said whether the stores are on the slip",
                    "it is not known whether the stores are on the slip; repeat the request, which replaces what is there",
                );
            }
        };
        let verdict = Ok(Success::StoreReceiptRegistered { receipt_url: url });
        let mut change = Change::default();
        change.evidence.push(Evidence {
            subject: Some("store receipt".into()),
            ..seen(
                &key,
                &attempt.id,
                EvidenceKind::Answer,
                now,
                format!("{} stores are on the slip", ask.lines.len()),
            )
        });
        ticket.finish(&mut change, &verdict);
        // What is remembered of it is evidence only: the slip is the PSP's.
        if let Err(error) = self.commit(&profile, ticket, change).await {
            tracing::warn!(payment.id = %key, %error, "that stores are on a slip could not be recorded");
        }
        verdict
    }
}
