//! What the buyer did in the window.
//!
//! Every submission may come twice, late, or from another tab. An authentication moves no money, so two of
//! them are harmless; the approval behind it is sent once, because the write that sends it finds the
//! attempt waiting or not. A process that dies in between leaves an attempt that waits, and the buyer
//! submits again; or one that was sent, and the job of every sent attempt asks the PSP.

use super::approve::Ready;
use super::identity::Person;
use super::{Visit, end, keys, step_nonce};
use crate::app::App;
use crate::app::charging::{FixedAccount, Instrument};
use crate::app::failure::Failure;
use crate::app::psp::Route;
use jiff::Timestamp;
use paypier_connectors::contract::{
    AuthenticateAsk, BuyerAuthentication, BuyerInstrument, Card, PlayedBuyer,
};
use paypier_domain::account::ConfirmProcess;
use paypier_domain::channel::ChannelSnapshot;
use paypier_domain::checkout::{Authenticated, PayMethod, PaymentPurpose, Purpose, Step};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::outcome::Outcome;
use paypier_domain::payment::{self, Installment, Method};
use paypier_domain::psp::CardDetails;
use subtle::ConstantTimeEq;

/// What a form of the window brings.
#[derive(Debug)]
pub enum Submission {
    Card {
        card: Card,
        installment_months: u8,
    },
    /// The code that the issuer wanted (3-D Secure).
    Code(String),
    /// What the buyer did on a provider's page.
    Provider(ProviderDecision),
    /// An account to transfer to.
    Account {
        bank: String,
        depositor: Option<String>,
    },
    /// Who the person says they are.
    Identity(Person),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderDecision {
    Approve,
    /// The provider will say later.
    ApproveLater,
    Decline,
    Cancel,
    /// The buyer leaves and the provider reports nothing.
    Silence,
}

/// What became of a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Submitted {
    /// The window says how it stands.
    Look,
    /// The PSP did not answer; nothing was charged, the buyer may try again.
    TryAgain,
    /// What was chosen is not on offer.
    NotOffered,
    /// The provider reports nothing, so the window stays as it is.
    Silent,
    /// The code is not the one that was sent; there may be another try.
    WrongCode,
    /// The merchant's server approves, with a token that is made of the window's.
    NeedsToken,
}

impl App {
    /// Takes what the buyer did. `nonce` is the form's: a form of an earlier step changes nothing. `None`
    /// for what is no token of a window.
    ///
    /// # Errors
    /// Nothing could be recorded.
    pub async fn submit(
        &self,
        token: &str,
        nonce: &str,
        submission: Submission,
    ) -> Result<Option<Submitted>, Failure> {
        let Some(visit) = self.visit(token).await? else { return Ok(None) };
        let expected = step_nonce(token, &visit);
        if !bool::from(nonce.as_bytes().ct_eq(expected.as_bytes())) {
            return Ok(Some(Submitted::Look));
        }
        if matches!(submission, Submission::Provider(ProviderDecision::Cancel)) {
            self.close_window(token).await?;
            return Ok(Some(Submitted::Look));
        }
        self.take(&visit, Some(token), submission).await.map(Some)
    }

    /// The same without a form: the sandbox plays the buyer, and may not know the token.
    pub(super) async fn take(
        &self,
        visit: &Visit,
        token: Option<&str>,
        submission: Submission,
    ) -> Result<Submitted, Failure> {
        let now = self.now(&visit.profile, visit.window.environment);
        if !visit.is_waiting() || end::outcome(visit, "", now) != end::Outcome::Open {
            return Ok(Submitted::Look);
        }
        if let Some(identity) = &visit.identity {
            return self.take_identity(visit, identity, submission).await;
        }
        let Some(channel) = channel_of(visit) else { return Ok(Submitted::Look) };
        let route = self.route(&visit.profile, &channel.key)?;
        let Some((method, choices)) = visit.window.purpose.method() else { return Ok(Submitted::Look) };
        match (&visit.window.step, submission) {
            (Step::Open, Submission::Card { card, installment_months }) if method == PayMethod::Card => {
                if !choices.installments.months().contains(&installment_months) {
                    return Ok(Submitted::NotOffered);
                }
                self.take_card(visit, token, &route, &card, installment_months).await
            }
            (Step::Open, Submission::Provider(decision))
                if !matches!(method, PayMethod::Card | PayMethod::VirtualAccount) =>
            {
                self.take_decision(visit, token, &route, decision).await
            }
            (Step::Open, Submission::Account { bank, depositor }) if method == PayMethod::VirtualAccount => {
                match &visit.window.purpose {
                    Purpose::Payment(about) => {
                        self.take_account(visit, token, about, &route, bank, depositor).await
                    }
                    Purpose::BillingKey(_) | Purpose::Identity(_) => Ok(Submitted::Look),
                }
            }
            (Step::Challenged { authenticated }, Submission::Code(code)) => {
                self.take_code(visit, token, &route, authenticated, &code).await
            }
            // Of another step or method: a stale form, or a made-up one.
            (
                Step::Open
                | Step::Challenged { .. }
                | Step::Confirming { .. }
                | Step::HandedOver { .. }
                | Step::Ended(_),
                _,
            ) => Ok(Submitted::Look),
        }
    }

    async fn take_card(
        &self,
        visit: &Visit,
        token: Option<&str>,
        route: &Route,
        card: &Card,
        installment_months: u8,
    ) -> Result<Submitted, Failure> {
        let kept = CardDetails {
            bin: Some(card.bin()),
            masked_number: Some(card.masked_number()),
            ..CardDetails::default()
        };
        let outcome = self.authenticate_buyer(visit, route, BuyerInstrument::Card(card)).await;
        let authentication = match self.judged(visit, outcome).await? {
            Ok(authentication) => authentication,
            Err(submitted) => return Ok(submitted),
        };
        let installment = (installment_months > 0).then_some(Installment {
            months: installment_months,
            is_interest_free: false,
            is_interest_free_from_merchant: false,
        });
        let authenticated = Authenticated {
            method: Method::Card {
                card: authentication.card.unwrap_or(kept),
                approval_number: None,
                installment,
                is_point_used: false,
            },
            instrument: authentication.token,
            installment_months,
        };
        if authentication.needs_code {
            self.step_window(visit, Step::Challenged { authenticated }).await?;
            return Ok(Submitted::Look);
        }
        self.go_on_with(visit, token, route, authenticated).await
    }

    async fn take_code(
        &self,
        visit: &Visit,
        token: Option<&str>,
        route: &Route,
        authenticated: &Authenticated,
        code: &str,
    ) -> Result<Submitted, Failure> {
        let call = route.call(self.now(&visit.profile, visit.window.environment));
        let asked = route.connector.answer_challenge(&call, &authenticated.instrument, code);
        let outcome = route.measured("answer_challenge", asked).await;
        match self.judged(visit, outcome).await? {
            Ok(_) => self.go_on_with(visit, token, route, authenticated.clone()).await,
            Err(submitted) => Ok(submitted),
        }
    }

    async fn take_decision(
        &self,
        visit: &Visit,
        token: Option<&str>,
        route: &Route,
        decision: ProviderDecision,
    ) -> Result<Submitted, Failure> {
        let buyer = match decision {
            ProviderDecision::Approve => PlayedBuyer::Approves,
            ProviderDecision::ApproveLater => PlayedBuyer::ApprovesLater,
            ProviderDecision::Decline => PlayedBuyer::IsDeclined,
            ProviderDecision::Silence | ProviderDecision::Cancel => return Ok(Submitted::Silent),
        };
        let Some((method, choices)) = visit.window.purpose.method() else { return Ok(Submitted::Look) };
        let with = BuyerInstrument::Page { method, kind: choices.kind.as_deref(), buyer };
        let outcome = self.authenticate_buyer(visit, route, with).await;
        match self.judged(visit, outcome).await? {
            Ok(authentication) => {
                let authenticated = Authenticated {
                    instrument: authentication.token,
                    method: method.asked(choices),
                    installment_months: 0,
                };
                self.go_on_with(visit, token, route, authenticated).await
            }
            Err(submitted) => Ok(submitted),
        }
    }

    async fn take_account(
        &self,
        visit: &Visit,
        token: Option<&str>,
        about: &PaymentPurpose,
        route: &Route,
        bank: String,
        depositor: Option<String>,
    ) -> Result<Submitted, Failure> {
        if about.choices.bank.as_ref().is_some_and(|fixed| *fixed != bank) {
            return Ok(Submitted::NotOffered);
        }
        let Method::VirtualAccount { mut account } = about.method.asked(&about.choices) else {
            return Ok(Submitted::Look);
        };
        let Some(expires_at) = account.expires_at else { return Ok(Submitted::Look) };
        account.bank = Some(bank.clone());
        account.remitter_name = depositor;
        let ready = Ready {
            instrument: Instrument::VirtualAccount {
                bank,
                expires_at,
                fixed_account: about.choices.fixed_account.as_ref().map(FixedAccount::from),
                remittee_name: about.choices.remittee_name.clone(),
            },
            method: Method::VirtualAccount { account },
            installment_months: 0,
        };
        self.go_on(visit, token, about, route, ready).await
    }

    /// The buyer is done: handed over to the merchant's server, or on to the approval.
    async fn go_on(
        &self,
        visit: &Visit,
        token: Option<&str>,
        about: &PaymentPurpose,
        route: &Route,
        ready: Ready,
    ) -> Result<Submitted, Failure> {
        if let Some(payment) = &visit.payment
            && let Err(refusal) = self.check_card(payment, &about.transaction, route, &ready.method)
        {
            self.lose_discount(visit, about, &refusal).await?;
            return Ok(Submitted::Look);
        }
        let is_handed_over =
            visit.profile.channel(&route.channel.key).is_some_and(|channel| channel.manual_approval);
        if is_handed_over {
            let Some(token) = token else { return Ok(Submitted::NeedsToken) };
            self.hand_over(visit, token, about, ready).await?;
            return Ok(Submitted::Look);
        }
        let asks = visit.profile.store.policy.confirm_process != ConfirmProcess::Off;
        match about.confirm_url.as_deref().filter(|_| asks) {
            Some(url) if !self.is_confirmed(visit, about, url).await? => {}
            Some(_) | None => self.approve_in_window(visit, about, route, ready).await?,
        }
        Ok(Submitted::Look)
    }

    /// On with an authentication, to what the window is for.
    async fn go_on_with(
        &self,
        visit: &Visit,
        token: Option<&str>,
        route: &Route,
        authenticated: Authenticated,
    ) -> Result<Submitted, Failure> {
        match &visit.window.purpose {
            Purpose::Payment(about) => self.go_on(visit, token, about, route, authenticated.into()).await,
            Purpose::BillingKey(about) => {
                match self.issue_in_window(visit, token, about, route, authenticated).await {
                    // How the first payment ended is in its attempt.
                    Err(Failure::Psp(_)) => Ok(Submitted::Look),
                    submitted => submitted,
                }
            }
            Purpose::Identity(_) => Ok(Submitted::Look),
        }
    }

    async fn authenticate_buyer(
        &self,
        visit: &Visit,
        route: &Route,
        with: BuyerInstrument<'_>,
    ) -> Outcome<BuyerAuthentication> {
        let (charge_reference, amount, currency) = match (&visit.key, visit.attempt()) {
            (Some(key), _) => (keys::reference(key, route), Amount::ZERO, Currency::KRW),
            (None, Some(attempt)) => {
                (attempt.reference().to_owned(), attempt.amounts.to_pay(), attempt.currency)
            }
            (None, None) => return Outcome::NotSent(crate::app::charging::never_happened()),
        };
        // A buyer may try more than once, each time with something else.
        let reference = format!("{charge_reference}:{}", self.ids.uuid());
        let ask = AuthenticateAsk {
            reference: &reference,
            charge_reference: &charge_reference,
            amount,
            currency,
            with,
        };
        let call = route.call(self.now(&visit.profile, visit.window.environment));
        route.measured("authenticate", route.connector.authenticate(&call, &ask)).await
    }

    /// An authentication, or what the buyer is told instead. A refusal ends the attempt; silence does not,
    /// because nothing can have been charged.
    async fn judged(
        &self,
        visit: &Visit,
        outcome: Outcome<BuyerAuthentication>,
    ) -> Result<Result<BuyerAuthentication, Submitted>, Failure> {
        let (reason, code, message) = match outcome {
            Outcome::Done(authentication) => return Ok(Ok(authentication)),
            Outcome::Unknown(_) | Outcome::Pending(_) => return Ok(Err(Submitted::TryAgain)),
            Outcome::Declined(decline) => {
                let reason =
                    if decline.message.is_empty() { "declined by the PSP" } else { &decline.message };
                (reason.to_owned(), decline.code, decline.message)
            }
            Outcome::NotSent(not_sent) => {
                ("nothing was executed at the PSP".to_owned(), not_sent.code, not_sent.message)
            }
        };
        match &visit.window.purpose {
            Purpose::Payment(about) => {
                let failure = |at: Timestamp| payment::Failure {
                    at,
                    reason: Some(reason.clone()),
                    pg_code: Some(code.clone()),
                    pg_message: Some(message.clone()),
                };
                self.refuse_in_window(visit, about, failure).await?;
            }
            Purpose::BillingKey(about) => self.refuse_key(visit, about, (&code, &message, &reason)).await?,
            Purpose::Identity(_) => {}
        }
        Ok(Err(Submitted::Look))
    }
}

/// The channel that the window's attempt or key is at.
fn channel_of(visit: &Visit) -> Option<&ChannelSnapshot> {
    match (&visit.key, visit.attempt()) {
        (Some(key), _) => key.holdings.first().map(|holding| &holding.channel),
        (None, Some(attempt)) => attempt.channel.as_ref(),
        (None, None) => None,
    }
}
