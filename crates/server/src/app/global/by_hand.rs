//! How a payment ended, said by the merchant.
//!
//! For what a PSP leaves to the merchant: a transfer or a payment in a shop that it does not report, and whatever it has
//! not decided and the merchant has looked up there. What the merchant says is kept as evidence and applied like a
//! PSP's answer: the same posting, events and messages, and the link that it is of is paid. What is over stays over,
//! and what is being sent is waited for, because its answer may come any moment. An account that the merchant calls
//! failed is closed at the PSP: whoever transfers into it later would pay for nothing.

use super::Refusal;
use super::caller::GlobalCaller;
use super::order::OrderView;
use crate::app::App;
use crate::app::charging::{self, ChargeAnswer};
use crate::app::commit::MOST_TRIES;
use crate::app::failure::{Failure, Missing};
use crate::app::ticket::Ticket;
use jiff::Timestamp;
use paypier_domain::evidence::EvidenceKind;
use paypier_domain::outcome::{NotSent, Outcome};
use paypier_domain::payment::{Attempt, AttemptState};
use paypier_domain::psp::Charge;
use paypier_storage::CommitError;

/// The code under which a merchant's no is kept where a PSP's code would be.
const MERCHANT_DECISION: &str = "MERCHANT_DECISION";

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Success,
    Failed,
}

/// Why the merchant's word is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ByHandRefusal {
    #[error("The transaction does not wait for a decision")]
    NothingOpen,
    #[error("The transaction is being sent to the PSP, whose answer is awaited")]
    BeingSent,
    /// What the PSP never named cannot be refunded.
    #[error("The PSP has not named this payment, so that it could not be refunded")]
    Unnamed,
}

impl App {
    /// Ends the attempt of an order that waits for a decision.
    ///
    /// # Errors
    /// See [`ByHandRefusal`]; the PSP did not close the account; nothing could be stored.
    pub async fn set_by_hand(
        &self,
        caller: &GlobalCaller,
        view: &OrderView,
        verdict: Verdict,
    ) -> Result<(), Refusal> {
        let Some(payment) = &view.payment else { return Err(ByHandRefusal::NothingOpen.into()) };
        let key = payment.key.clone();
        if verdict == Verdict::Failed
            && matches!(open_attempt(payment.current())?.state, AttemptState::AccountIssued { .. })
        {
            let ticket = Ticket::none();
            self.close_virtual_account(&caller.as_caller(), None, &key.payment, &ticket).await?;
            return Ok(());
        }
        let _lane = self.lanes.enter(&key).await;
        for _ in 0..MOST_TRIES {
            let payment = self.storage.payment(&key).await?.ok_or(Failure::NotFound(Missing::Payment))?;
            let attempt = open_attempt(payment.current())?;
            let now = self.now(&caller.profile, payment.environment);
            let (word, outcome) = match verdict {
                Verdict::Success => ("charged", Outcome::Done(charge(attempt, now)?)),
                Verdict::Failed => (
                    "not charged",
                    Outcome::NotSent(NotSent {
                        code: MERCHANT_DECISION.into(),
                        message: "the merchant has set the transaction to failed".into(),
                    }),
                ),
            };
            let finding = format!("{word}, set by the merchant with the key {}", caller.client_key());
            let seen = charging::seen(&key, &attempt.id, EvidenceKind::Operator, now, finding);
            let channel = attempt.channel.as_ref().and_then(|channel| caller.profile.channel(&channel.key));
            let answer = ChargeAnswer {
                manual_capture: channel.is_some_and(|channel| channel.manual_capture),
                outcome,
                evidence: vec![seen],
            };
            let ticket = Ticket::none();
            match self.settle_charge_once(&caller.profile, &payment, &attempt.id, &answer, &ticket).await {
                Ok(_) => return Ok(()),
                Err(CommitError::Conflict | CommitError::Exists(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }
}

/// The attempt, when the merchant may say how it ended.
fn open_attempt(attempt: Option<&Attempt>) -> Result<&Attempt, ByHandRefusal> {
    let attempt = attempt.ok_or(ByHandRefusal::NothingOpen)?;
    match attempt.state {
        AttemptState::Unknown { .. } | AttemptState::Pending { .. } | AttemptState::AccountIssued { .. } => {
            Ok(attempt)
        }
        AttemptState::Sending => Err(ByHandRefusal::BeingSent),
        AttemptState::Ready | AttemptState::Paid(_) | AttemptState::Failed(_) => {
            Err(ByHandRefusal::NothingOpen)
        }
    }
}

fn charge(attempt: &Attempt, now: Timestamp) -> Result<Charge, ByHandRefusal> {
    Ok(Charge {
        pg_tx_id: attempt.pg_tx_id.clone().ok_or(ByHandRefusal::Unnamed)?,
        amount: attempt.amounts.to_pay(),
        at: now,
        // What the PSP keeps is in its settlement report.
        fee: paypier_domain::money::Amount::ZERO,
        card: None,
        account: None,
        approval_number: None,
        receipt_url: None,
        raw: None,
    })
}
