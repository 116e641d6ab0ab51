//! The sandbox plays the buyer: the same use case as the pages, without a browser.

use super::identity::Person;
use super::submit::{ProviderDecision, Submission, Submitted};
use super::{Visit, end};
use crate::app::App;
use crate::app::directory::StoreProfile;
use crate::app::failure::Failure;
use crate::keyring::digest;
use paypier_connectors::contract::Card;
use paypier_domain::checkout::{PayMethod, Step, Window};
use paypier_domain::identity_verification::{IdentityVerification, State};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

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
/// Who shows up where the shop's page has not said who it is.
const PERSON_NAME: &str = "홍길동";
const PERSON_NUMBER: &str = "9001011";
const PERSON_PHONE: &str = "01012345678";
const PERSON_OPERATOR: &str = "SKT";
/// What the carrier sends to a phone, and what it does not.
const RIGHT_PHONE_CODE: &str = "000000";
const WRONG_PHONE_CODE: &str = "999999";
/// More forms than any visit has: who it is, and three tries of a code.
const MOST_FORMS: usize = 8;

impl App {
    /// Plays the buyer in the window that is about `subject`: an attempt, a billing key, or the attempt of an
    /// identity verification. `None` when there is no such window, or nothing waits in it.
    ///
    /// # Errors
    /// Nothing could be recorded, or the PSP did not answer.
    pub async fn play_buyer(
        &self,
        profile: &StoreProfile,
        subject: &str,
        played: Played,
        token: Option<&str>,
    ) -> Result<Option<()>, Failure> {
        let Some(window) = self.storage.window_about(&profile.store.id, subject).await? else {
            return Ok(None);
        };
        if token.is_some_and(|token| !bool::from(digest(token).ct_eq(&window.digest))) {
            return Err(Failure::Invalid("window is not the token of the window that waits".into()));
        }
        let Some(visit) = self.waiting_visit(window).await? else { return Ok(None) };
        match played {
            Played::Timeout => Ok(Some(())),
            Played::Cancel => self.close_visit(visit).await.map(|_| Some(())),
            Played::Approve | Played::Decline => self.play_on(visit, played, token).await,
        }
    }

    /// The visit, when something waits in it. The token is not needed to know that.
    async fn waiting_visit(&self, window: Window) -> Result<Option<Visit>, Failure> {
        let visit = self.visit_of(window).await?;
        Ok(visit.filter(|visit| {
            let now = self.now(&visit.profile, visit.window.environment);
            end::outcome(visit, "", now) == end::Outcome::Open
        }))
    }

    /// Submits what the buyer would, form by form, until nothing waits any more.
    async fn play_on(
        &self,
        mut visit: Visit,
        played: Played,
        token: Option<&str>,
    ) -> Result<Option<()>, Failure> {
        for _ in 0..MOST_FORMS {
            let Some(submission) = submission(&visit, played) else {
                // Where nothing can be declined, the buyer leaves.
                if played == Played::Decline {
                    self.close_visit(visit).await?;
                }
                return Ok(Some(()));
            };
            match self.take(&visit, token, submission).await? {
                // Another code may be tried.
                Submitted::Look | Submitted::Silent | Submitted::WrongCode => {}
                Submitted::NeedsToken => {
                    return Err(Failure::Invalid(
                        "the channel has manual approval: give the window's token as window, of which the token for the shop's server is made"
                            .into(),
                    ));
                }
                Submitted::TryAgain => return Err(Failure::Overloaded),
                Submitted::NotOffered => {
                    return Err(Failure::Invalid(
                        "the window's method has choices that this call does not make".into(),
                    ));
                }
            }
            let window = self.storage.window(&visit.window.digest).await?;
            let again = match window {
                Some(window) => self.waiting_visit(window).await?,
                None => None,
            };
            let Some(again) = again.filter(Visit::is_waiting) else { return Ok(Some(())) };
            visit = again;
        }
        Ok(Some(()))
    }
}

fn submission(visit: &Visit, played: Played) -> Option<Submission> {
    let is_approved = played == Played::Approve;
    if let Some(identity) = &visit.identity {
        return identity_submission(identity, is_approved);
    }
    let (method, choices) = visit.window.purpose.method()?;
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

/// Who the person is, as far as the shop's page has said it, and then the code.
fn identity_submission(identity: &IdentityVerification, is_approved: bool) -> Option<Submission> {
    match identity.state {
        State::Open => {
            let customer = &identity.customer;
            let given = |text: &Option<String>, usual: &str| {
                text.clone().filter(|text| !text.is_empty()).unwrap_or_else(|| usual.to_owned())
            };
            Some(Submission::Identity(Person {
                name: given(&customer.name, PERSON_NAME),
                identity_number: Zeroizing::new(PERSON_NUMBER.to_owned()),
                phone_number: given(&customer.phone_number, PERSON_PHONE),
                operator: PERSON_OPERATOR.to_owned(),
                ip_address: String::from("127.0.0.1"),
            }))
        }
        State::Ready => {
            Some(Submission::Code(if is_approved { RIGHT_PHONE_CODE } else { WRONG_PHONE_CODE }.into()))
        }
        State::Sending
        | State::SendUnknown { .. }
        | State::Confirming { .. }
        | State::Verified(_)
        | State::Failed(_) => None,
    }
}
