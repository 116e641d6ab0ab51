//! The sandbox plays the buyer: the same use case as the pages, without a browser.

use super::submit::{ProviderDecision, Submission, Submitted};
use super::{Visit, end};
use crate::app::App;
use crate::app::directory::StoreProfile;
use crate::app::failure::Failure;
use crate::keyring::digest;
use paypier_connectors::contract::Card;
use paypier_domain::checkout::{PayMethod, Step};
use paypier_domain::id::TransactionId;
use subtle::ConstantTimeEq;

/// What the buyer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Played {
    Approve,
    Decline,
    Cancel,
    /// The buyer leaves and nothing is reported.
    Timeout,
}

/// What the simulated PSP's buyers hold in their hands.
const APPROVED_CARD: &str = "4242424242424242";
const DECLINED_CARD: &str = "4000000000000002";
/// What the issuer sends to the holder of the card that asks for a code, and what it does not.
const RIGHT_CODE: &str = "123456";
const WRONG_CODE: &str = "000000";
const BANK: &str = "SHINHAN";

impl App {
    /// Plays the buyer of an attempt that waits in a window. `None` when no window has this attempt, or
    /// nothing waits in it.
    ///
    /// # Errors
    /// Nothing could be recorded, or the PSP did not answer.
    pub async fn play_buyer(
        &self,
        profile: &StoreProfile,
        transaction: &TransactionId,
        played: Played,
        token: Option<&str>,
    ) -> Result<Option<()>, Failure> {
        let Some(window) = self.storage.window_of(&profile.store.id, transaction).await? else {
            return Ok(None);
        };
        if token.is_some_and(|token| !bool::from(digest(token).ct_eq(&window.digest))) {
            return Err(Failure::Invalid("window is not the token of this payment's window".into()));
        }
        let Some(visit) = self.visit_of(window).await? else { return Ok(None) };
        let now = self.now(&visit.profile, visit.window.environment);
        // The token is not needed to know whether something waits.
        if end::outcome(&visit, "", now) != end::Outcome::Open {
            return Ok(None);
        }
        let submitted = match (played, submission(&visit, played)) {
            (Played::Timeout, _) => return Ok(Some(())),
            (Played::Cancel, _) => {
                self.close_visit(visit).await?;
                return Ok(Some(()));
            }
            // A virtual account cannot be declined: the buyer leaves.
            (Played::Decline, None) => {
                self.close_visit(visit).await?;
                return Ok(Some(()));
            }
            (Played::Approve | Played::Decline, Some(submission)) => {
                self.take(&visit, token, submission).await?
            }
            (Played::Approve, None) => return Ok(None),
        };
        match submitted {
            Submitted::Look | Submitted::Silent => Ok(Some(())),
            Submitted::NeedsToken => Err(Failure::Invalid(
                "the channel has manual approval: give the window's token as window, of which the payment token is made"
                    .into(),
            )),
            Submitted::TryAgain | Submitted::WrongCode => Err(Failure::Overloaded),
            Submitted::NotOffered => {
                Err(Failure::Invalid("the window's method has choices that this call does not make".into()))
            }
        }
    }
}

fn submission(visit: &Visit, played: Played) -> Option<Submission> {
    let (method, choices) = visit.window.purpose.method()?;
    let is_approved = played == Played::Approve;
    if matches!(visit.window.step, Step::Challenged { .. }) {
        return Some(Submission::Code(if is_approved { RIGHT_CODE } else { WRONG_CODE }.into()));
    }
    match method {
        PayMethod::Card => {
            let number = if is_approved { APPROVED_CARD } else { DECLINED_CARD };
            Some(Submission::Card {
                card: Card::new(number.into(), "49".into(), "12".into(), None, None),
                installment_months: choices.installments.months().first().copied().unwrap_or(0),
            })
        }
        PayMethod::VirtualAccount => is_approved.then(|| Submission::Account {
            bank: choices.bank.clone().unwrap_or_else(|| BANK.into()),
            depositor: None,
        }),
        PayMethod::Transfer
        | PayMethod::Mobile
        | PayMethod::GiftCertificate
        | PayMethod::EasyPay
        | PayMethod::Paypal
        | PayMethod::Alipay
        | PayMethod::ConvenienceStore
        | PayMethod::AlipayPlus => Some(Submission::Provider(if is_approved {
            ProviderDecision::Approve
        } else {
            ProviderDecision::Decline
        })),
    }
}
