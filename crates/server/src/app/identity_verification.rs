//! Identity verifications: sending a code, sending it again, confirming it. The same three steps as for
//! charges: intention, call, outcome.
//!
//! [`App::begin_identity_verification`], [`App::send_identity_code`] and [`App::verify_identity`] serve the
//! API and the window alike; who calls says which of the two it is.

use super::App;
use super::caller::Caller;
use super::channel_choice::Wanted;
use super::charging::never_happened;
use super::commit::MOST_TRIES;
use super::directory::StoreProfile;
use super::failure::{Failure, Missing, PspFailure};
use super::idempotency::{DONE, Fate};
use super::psp::Route;
use super::success::{Success, Verdict};
use super::ticket::Ticket;
use jiff::{SignedDuration, Timestamp};
use paypier_connectors::contract::{IdentityAsk, IdentityFound, IdentityStanding};
use paypier_domain::change::Change;
use paypier_domain::id::{ChannelKey, IdentityVerificationId, IdentityVerificationTxId};
use paypier_domain::identity_verification::{
    self, AskedCustomer, Birth, CodeSent, ConfirmRefusal, Decided, IdentityVerification, Method, Origin,
    Person, Proof, State, VerificationKey,
};
use paypier_domain::outcome::{Decline, DeclineClass, Doubt, Found, Outcome};
use paypier_storage::CommitError;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

/// Who is to be verified and how, as the PSP is told.
#[derive(Clone)]
pub struct Asked {
    pub customer_id: Option<String>,
    pub name: String,
    /// Digits only.
    pub phone_number: String,
    /// The first seven digits of the resident number; by SMS it is needed.
    pub identity_number: Option<Zeroizing<String>>,
    pub ip_address: String,
    /// `SKT`, `KT_MVNO`, …
    pub operator: Option<String>,
    pub method: Method,
    /// A JSON object for the PSP, passed on as it is.
    pub bypass: Option<String>,
}

impl std::fmt::Debug for Asked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Asked({}, ..)", self.method.as_str())
    }
}

impl Asked {
    fn customer(&self) -> AskedCustomer {
        let digits = self.identity_number.as_ref().map(|digits| digits.as_str());
        AskedCustomer {
            id: self.customer_id.clone(),
            name: Some(self.name.clone()),
            phone_number: Some(self.phone_number.clone()),
            birth: digits.and_then(Birth::of_resident_number),
        }
    }
}

/// `POST /identity-verifications/{id}/send` in no dialect's words.
#[derive(Debug)]
pub struct SendIdentityVerification {
    pub store: Option<String>,
    pub id: IdentityVerificationId,
    pub channel: ChannelKey,
    pub custom_data: Option<String>,
    pub asked: Asked,
}

/// An attempt with what is sealed of it, opened to be shown.
#[derive(Clone, PartialEq, Eq)]
pub struct VerificationView {
    pub verification: IdentityVerification,
    pub secrets: Option<Secrets>,
}

impl std::fmt::Debug for VerificationView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VerificationView({:?}, ..)", self.verification)
    }
}

/// What identifies a person for life, and the PSP's answer that holds it. Its memory is cleared.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Secrets {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub di: Option<String>,
    pub raw: String,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(..)")
    }
}

impl Drop for Secrets {
    fn drop(&mut self) {
        self.ci.zeroize();
        self.di.zeroize();
        self.raw.zeroize();
    }
}

/// Providers whose verifications take place in a window only.
const WINDOW_ONLY: [&str; 1] = ["INICIS_UNIFIED"];
/// Danal takes customer ids up to this length.
const MOST_DANAL_ID_CHARS: usize = 200;
/// KCP takes ids of letters and digits up to this length.
const MOST_KCP_ID_CHARS: usize = 40;

impl App {
    /// # Errors
    /// Store out of reach, no usable channel, what the provider does not take, the refusals of
    /// `identity_verification::begin`, the PSP's refusal or an unknown outcome.
    pub async fn send_identity_verification(
        &self,
        caller: &Caller,
        ask: SendIdentityVerification,
        ticket: &Ticket,
    ) -> Verdict {
        let profile = caller.store(self, ask.store.as_deref()).await?;
        let route = self.identity_route(&profile, &ask.channel)?;
        taken_by(&route.channel.pg_provider, &ask)?;
        let begun = identity_verification::Ask {
            key: VerificationKey { store: profile.store.id.clone(), id: ask.id },
            tx: IdentityVerificationTxId::known(self.ids.uuid().to_string()),
            merchant: profile.store.merchant.clone(),
            channel: route.channel.clone(),
            origin: Origin::Api,
            customer: ask.asked.customer(),
            operator: ask.asked.operator.clone(),
            method: Some(ask.asked.method),
            custom_data: ask.custom_data,
            claim: ticket.reference(),
        };
        let verification = self.begin_identity_verification(&profile, begun, ticket).await?;
        self.send_identity_code(&profile, &route, verification, &ask.asked, ticket).await
    }

    /// The way to a channel for identity verification.
    ///
    /// # Errors
    /// The channel is unknown, disabled or for payments, or its PSP verifies nobody.
    pub fn identity_route(&self, profile: &StoreProfile, channel: &ChannelKey) -> Result<Route, Failure> {
        if !self.can_verify_identity(profile, channel) {
            return Err(Failure::NotFound(Missing::Channel));
        }
        self.route(profile, channel)
    }

    /// Stores a new attempt: one that the API begins is about to be sent, one of a window waits for the
    /// person.
    ///
    /// # Errors
    /// See [`identity_verification::SendRefusal`].
    pub async fn begin_identity_verification(
        &self,
        profile: &StoreProfile,
        ask: identity_verification::Ask,
        ticket: &Ticket,
    ) -> Result<IdentityVerification, Failure> {
        for _ in 0..MOST_TRIES {
            let latest = self.storage.identity_verification(&ask.key).await?;
            let now = self.now(profile, ask.channel.environment);
            let limits = self.policy.limits;
            let begun = identity_verification::begin(
                latest.as_ref(),
                ask.clone(),
                limits.max_attempts,
                limits.answer_overdue,
                now,
            )?;
            let mut change = begun.change;
            ticket.begin(&mut change);
            match self.commit(profile, ticket, change).await {
                Ok(()) => return Ok(begun.verification),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    /// Stores what the person has said in a window; [`App::send_identity_code`] then sends the code.
    ///
    /// # Errors
    /// The window does not wait for that.
    pub async fn identity_window_heard(
        &self,
        profile: &StoreProfile,
        mut verification: IdentityVerification,
        asked: &Asked,
    ) -> Result<IdentityVerification, Failure> {
        for _ in 0..MOST_TRIES {
            let now = self.now(profile, verification.environment);
            let decided = identity_verification::send_in_window(
                &verification,
                asked.customer(),
                asked.operator.clone(),
                asked.method,
                self.policy.limits.answer_overdue,
                now,
            )?;
            match self.commit(profile, &Ticket::none(), decided.change).await {
                Ok(()) => return Ok(decided.verification),
                Err(CommitError::Conflict) => {
                    verification = self.reloaded_verification(&verification).await?
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    /// Has the PSP send the code of an attempt whose intention is stored, and records how that ended.
    ///
    /// # Errors
    /// The PSP's refusal or an unknown outcome.
    pub async fn send_identity_code(
        &self,
        profile: &StoreProfile,
        route: &Route,
        verification: IdentityVerification,
        asked: &Asked,
        ticket: &Ticket,
    ) -> Verdict {
        let ask = IdentityAsk {
            reference: verification.reference(),
            verification_id: verification.key.id.as_str(),
            customer_id: asked.customer_id.as_deref(),
            name: &asked.name,
            phone_number: &asked.phone_number,
            identity_number: asked.identity_number.as_ref().map(|digits| digits.as_str()),
            ip_address: &asked.ip_address,
            operator: asked.operator.as_deref(),
            method: asked.method,
            bypass: asked.bypass.as_deref(),
        };
        let call = route.call(self.now(profile, verification.environment));
        let outcome =
            route.measured("send_identity_code", route.connector.send_identity_code(&call, &ask)).await;
        let outcome = match outcome {
            Outcome::Unknown(_) => {
                let look = || self.look_up_sending(profile, route, &verification);
                self.ask_until_known(look, |_| {}).await
            }
            known => known,
        };
        self.conclude_verification(profile, verification, VerificationAnswer::Send(outcome), ticket).await
    }

    /// `POST /identity-verifications/{id}/confirm` in no dialect's words.
    ///
    /// # Errors
    /// Store out of reach, no such verification, the refusals of `identity_verification::confirm`, the
    /// PSP's refusal or an unknown outcome.
    pub async fn confirm_identity_verification(
        &self,
        caller: &Caller,
        store: Option<&str>,
        id: &IdentityVerificationId,
        otp: Option<Zeroizing<String>>,
        ticket: &Ticket,
    ) -> Verdict {
        let profile = caller.store(self, store).await?;
        let verification = self.verification_of(&profile, id).await?;
        self.verify_identity(&profile, verification, Origin::Api, otp, ticket).await
    }

    /// Asks the PSP whether the person has shown to be who they say, and records the answer.
    ///
    /// # Errors
    /// The refusals of `identity_verification::confirm`, the PSP's refusal or an unknown outcome.
    pub async fn verify_identity(
        &self,
        profile: &StoreProfile,
        mut verification: IdentityVerification,
        by: Origin,
        otp: Option<Zeroizing<String>>,
        ticket: &Ticket,
    ) -> Verdict {
        let mut asked = None;
        for _ in 0..MOST_TRIES {
            let now = self.now(profile, verification.environment);
            let overdue = self.policy.limits.answer_overdue;
            let claim = ticket.reference();
            let decided =
                identity_verification::confirm(&verification, by, otp.is_some(), claim, overdue, now)?;
            let route = self.route(profile, &verification.channel.key)?;
            let mut change = decided.change;
            ticket.begin(&mut change);
            match self.commit(profile, ticket, change).await {
                Ok(()) => {
                    asked = Some((decided.verification, route));
                    break;
                }
                Err(CommitError::Conflict) => {
                    verification = self.reloaded_verification(&verification).await?
                }
                Err(error) => return Err(error.into()),
            }
        }
        let Some((verification, route)) = asked else { return Err(Failure::Overloaded) };
        let call = route.call(self.now(profile, verification.environment));
        let code = otp.as_ref().map(|otp| otp.as_str());
        let confirmed = route.connector.confirm_identity(&call, verification.reference(), code);
        let outcome = match route.measured("confirm_identity", confirmed).await {
            Outcome::Unknown(_) => {
                let look = || self.look_up_confirmation(profile, &route, &verification);
                self.ask_until_known(look, |_| {}).await
            }
            known => known,
        };
        drop(otp);
        let outcome = self.proved(&verification, outcome)?;
        self.conclude_verification(profile, verification, VerificationAnswer::Confirm(outcome), ticket).await
    }

    /// `POST /identity-verifications/{id}/resend` in no dialect's words. Sending a code twice does no harm,
    /// so it is asked for before it is recorded.
    ///
    /// # Errors
    /// Store out of reach, no such verification, the refusals of `identity_verification::resendable`, the
    /// PSP's refusal or an unknown outcome.
    pub async fn resend_identity_verification(
        &self,
        caller: &Caller,
        store: Option<&str>,
        id: &IdentityVerificationId,
        ticket: &Ticket,
    ) -> Verdict {
        let profile = caller.store(self, store).await?;
        let verification = self.verification_of(&profile, id).await?;
        self.resend_identity_code(&profile, verification, Origin::Api, ticket).await
    }

    /// Has the PSP send another code.
    ///
    /// # Errors
    /// The refusals of `identity_verification::resendable`, the PSP's refusal or an unknown outcome.
    pub async fn resend_identity_code(
        &self,
        profile: &StoreProfile,
        mut verification: IdentityVerification,
        by: Origin,
        ticket: &Ticket,
    ) -> Verdict {
        identity_verification::resendable(&verification, by)?;
        let route = self.route(profile, &verification.channel.key)?;
        let call = route.call(self.now(profile, verification.environment));
        let asked = route.connector.resend_identity_code(&call, verification.reference());
        let (closed, verdict) = match route.measured("resend_identity_code", asked).await {
            Outcome::Done(_) | Outcome::Pending(_) => (None, DONE),
            Outcome::Declined(decline) => {
                let verdict = Err(refusal(&decline, "the PSP did not send the code again"));
                if decline.class == DeclineClass::Payer {
                    return verdict;
                }
                (Some(decline), verdict)
            }
            Outcome::NotSent(not_sent) => {
                return Err(Failure::Psp(PspFailure {
                    code: not_sent.code,
                    message: not_sent.message,
                    note: "nothing was executed at the PSP; the request may be repeated".into(),
                }));
            }
            Outcome::Unknown(doubt) => {
                return Err(Failure::Psp(PspFailure {
                    code: PspFailure::OUTCOME_UNKNOWN.into(),
                    message: doubt.reason,
                    note: "it is not known whether the code was sent again; the request may be repeated"
                        .into(),
                }));
            }
        };
        for _ in 0..MOST_TRIES {
            let now = self.now(profile, verification.environment);
            let Ok(decided) = identity_verification::resent(&verification, by, closed.as_ref(), now) else {
                // Somebody confirmed it meanwhile; that a code was sent in addition changes nothing.
                return verdict;
            };
            let mut change = decided.change;
            ticket.finish(&mut change, &verdict);
            match self.commit(profile, ticket, change).await {
                Ok(()) => return verdict,
                Err(CommitError::Conflict) => {
                    verification = self.reloaded_verification(&verification).await?
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    /// The verification as it stands, with what is sealed of it.
    ///
    /// # Errors
    /// Store out of reach, or there is none.
    pub async fn identity_verification(
        &self,
        caller: &Caller,
        store: Option<&str>,
        id: &IdentityVerificationId,
    ) -> Result<VerificationView, Failure> {
        let profile = caller.store(self, store).await?;
        let verification = self.verification_of(&profile, id).await?;
        self.opened_verification(verification)
    }

    async fn verification_of(
        &self,
        profile: &StoreProfile,
        id: &IdentityVerificationId,
    ) -> Result<IdentityVerification, Failure> {
        let key = VerificationKey { store: profile.store.id.clone(), id: id.clone() };
        let found = self.storage.identity_verification(&key).await?;
        found.ok_or(Failure::NotFound(Missing::IdentityVerification))
    }

    async fn reloaded_verification(
        &self,
        verification: &IdentityVerification,
    ) -> Result<IdentityVerification, CommitError> {
        let (store, tx) = (&verification.key.store, &verification.tx);
        let stored = self.storage.identity_verification_attempt(store, tx).await;
        stored
            .map_err(|error| CommitError::Unavailable(error.to_string()))?
            .ok_or_else(|| CommitError::Broken(format!("the identity verification {tx} disappeared")))
    }

    /// Opens what is sealed of an attempt.
    ///
    /// # Errors
    /// `Internal`: its master key is gone.
    pub fn opened_verification(
        &self,
        verification: IdentityVerification,
    ) -> Result<VerificationView, Failure> {
        let secrets = match verification.proof() {
            None => None,
            Some(proof) => {
                let purpose = identity_verification::secrets_purpose(&verification.tx);
                let clear = self.keyring.open(&purpose, &proof.secrets).map(Zeroizing::new);
                let clear = clear.map_err(|error| {
                    Failure::internal(format!(
                        "what is sealed of {} cannot be opened: {error}",
                        verification.tx
                    ))
                })?;
                let read = serde_json::from_slice(&clear);
                // The reader's own words may quote what was sealed: they are not repeated.
                Some(read.map_err(|_| {
                    Failure::internal(format!("what is sealed of {} cannot be read", verification.tx))
                })?)
            }
        };
        Ok(VerificationView { verification, secrets })
    }

    /// The PSP's word with what identifies a person for life sealed.
    pub(crate) fn proved(
        &self,
        verification: &IdentityVerification,
        outcome: Outcome<IdentityFound>,
    ) -> Result<Outcome<Proof>, Failure> {
        let found = match outcome {
            Outcome::Done(found) | Outcome::Pending(found) => found,
            Outcome::Declined(decline) => return Ok(Outcome::Declined(decline)),
            Outcome::NotSent(not_sent) => return Ok(Outcome::NotSent(not_sent)),
            Outcome::Unknown(doubt) => return Ok(Outcome::Unknown(doubt)),
        };
        let secrets = Secrets { ci: found.ci.clone(), di: found.di.clone(), raw: found.raw.clone() };
        let clear = serde_json::to_vec(&secrets).map(Zeroizing::new);
        let clear = clear.map_err(|_| Failure::internal("what a PSP said of a person cannot be written"))?;
        let purpose = identity_verification::secrets_purpose(&verification.tx);
        let sealed = self.keyring.seal(&purpose, &clear, self.random.as_ref());
        let secrets = sealed
            .map_err(|error| Failure::internal(format!("a person's data cannot be sealed: {error}")))?;
        Ok(Outcome::Done(Proof {
            at: found.at,
            pg_tx_id: found.pg_tx_id.clone(),
            person: Person {
                name: found.name.clone(),
                operator: found.operator.clone().or_else(|| verification.operator.clone()),
                phone_number: found.phone_number.clone(),
                birth: found.birth.clone(),
                gender: found.gender.clone(),
                is_foreigner: found.is_foreigner,
            },
            secrets,
        }))
    }

    async fn standing(
        &self,
        profile: &StoreProfile,
        route: &Route,
        verification: &IdentityVerification,
    ) -> (Found<IdentityStanding>, SignedDuration) {
        let now = self.now(profile, verification.environment);
        let age = now.duration_since(verification.asked_at()).max(SignedDuration::ZERO);
        (route.connector.query_identity(&route.call(now), verification.reference(), age).await, age)
    }

    /// Asks the PSP whether it sent the code.
    pub(crate) async fn look_up_sending(
        &self,
        profile: &StoreProfile,
        route: &Route,
        verification: &IdentityVerification,
    ) -> Found<CodeSent> {
        match self.standing(profile, route, verification).await.0 {
            Found::Known(Outcome::Done(standing) | Outcome::Pending(standing)) => {
                Found::Known(match standing {
                    IdentityStanding::Waiting(sent) => Outcome::Done(sent),
                    IdentityStanding::Verified(found) => {
                        Outcome::Done(CodeSent { pg_tx_id: found.pg_tx_id.clone(), at: found.at })
                    }
                    IdentityStanding::Closed(decline) => Outcome::Declined(decline),
                })
            }
            other => other_word(other),
        }
    }

    /// Asks the PSP whether the person has shown to be who they say. A request that still waits long
    /// after the question shows that the question never arrived, or that the code was wrong.
    pub(crate) async fn look_up_confirmation(
        &self,
        profile: &StoreProfile,
        route: &Route,
        verification: &IdentityVerification,
    ) -> Found<IdentityFound> {
        let (found, age) = self.standing(profile, route, verification).await;
        match found {
            Found::Known(Outcome::Done(standing) | Outcome::Pending(standing)) => match standing {
                IdentityStanding::Verified(found) => Found::Known(Outcome::Done(*found)),
                IdentityStanding::Closed(decline) => Found::Known(Outcome::Declined(decline)),
                IdentityStanding::Waiting(_) => match route.connector.unlisted_is_conclusive_after() {
                    Some(delay) if age >= delay => Found::Absent,
                    Some(_) | None => Found::NotYet,
                },
            },
            Found::Absent | Found::NotYet => Found::NoAnswer(Doubt {
                reason: "the PSP does not find the identity verification that is to be confirmed".into(),
            }),
            other => other_word(other),
        }
    }

    async fn conclude_verification(
        &self,
        profile: &StoreProfile,
        verification: IdentityVerification,
        answer: VerificationAnswer,
        ticket: &Ticket,
    ) -> Verdict {
        let tx = verification.tx.clone();
        match self.settle_verification(profile, verification, &answer, ticket).await {
            Ok(settled) => self.verification_verdict(&answer, settled),
            Err(error) => {
                tracing::error!(identity_verification = %tx, %error, "the PSP answered and the answer could not be recorded; a job will ask again");
                Err(unknown())
            }
        }
    }

    /// Applies an answer, however often the row changes meanwhile.
    ///
    /// # Errors
    /// It cannot be recorded.
    pub(crate) async fn settle_verification(
        &self,
        profile: &StoreProfile,
        mut verification: IdentityVerification,
        answer: &VerificationAnswer,
        ticket: &Ticket,
    ) -> Result<IdentityVerification, CommitError> {
        for _ in 0..MOST_TRIES {
            let now = self.now(profile, verification.environment);
            let Some(decided) = answer.decide(&verification, now) else { return Ok(verification) };
            let mut change: Change = decided.change;
            let told = self.verification_verdict(answer, decided.verification.clone());
            let (claim, fate) = (verification.claim.as_ref(), answer.fate(&verification));
            self.answer_request(&mut change, ticket, claim, fate, &told);
            match self.commit(profile, ticket, change).await {
                Ok(()) => return Ok(decided.verification),
                Err(CommitError::Conflict) => {
                    verification = self.reloaded_verification(&verification).await?
                }
                Err(error) => return Err(error),
            }
        }
        Err(CommitError::Conflict)
    }

    /// What a caller is told about the attempt as it stands after this answer.
    fn verification_verdict(
        &self,
        answer: &VerificationAnswer,
        verification: IdentityVerification,
    ) -> Verdict {
        match (answer, &verification.state) {
            (VerificationAnswer::Confirm(_), State::Verified(_)) => {
                let view = self.opened_verification(verification)?;
                Ok(Success::IdentityVerified(Box::new(view)))
            }
            (VerificationAnswer::Send(_), State::Ready | State::Verified(_)) => DONE,
            (_, State::Failed(failure)) => Err(Failure::Psp(PspFailure {
                code: failure.pg_code.clone().unwrap_or_default(),
                message: failure.pg_message.clone().unwrap_or_default(),
                note: failure.reason.clone(),
            })),
            (VerificationAnswer::Confirm(Outcome::Declined(decline)), _) => {
                Err(refusal(decline, "the PSP did not accept the confirmation; it may be repeated"))
            }
            (VerificationAnswer::Confirm(Outcome::NotSent(not_sent)), _) => Err(Failure::Psp(PspFailure {
                code: not_sent.code.clone(),
                message: not_sent.message.clone(),
                note: "nothing was executed at the PSP; the request may be repeated".into(),
            })),
            (VerificationAnswer::Send(_) | VerificationAnswer::Confirm(_), _) => Err(unknown()),
        }
    }
}

/// What is known about how an asking ended.
#[derive(Debug)]
pub(crate) enum VerificationAnswer {
    Send(Outcome<CodeSent>),
    Confirm(Outcome<Proof>),
}

impl VerificationAnswer {
    fn decide(&self, verification: &IdentityVerification, now: Timestamp) -> Option<Decided> {
        match self {
            Self::Send(outcome) => identity_verification::settle_send(verification, outcome, now),
            Self::Confirm(outcome) => identity_verification::settle_confirm(verification, outcome, now),
        }
    }

    fn fate(&self, before: &IdentityVerification) -> Fate {
        let was_silent = matches!(before.state, State::Sending | State::Confirming { was_told: false, .. });
        match self {
            Self::Send(outcome) => Fate::of(outcome, was_silent),
            Self::Confirm(outcome) => Fate::of(outcome, was_silent),
        }
    }
}

/// What a question found that has nothing to do with how the person stands.
fn other_word<T>(found: Found<IdentityStanding>) -> Found<T> {
    match found {
        Found::Known(Outcome::Declined(decline)) => Found::Known(Outcome::Declined(decline)),
        Found::Known(Outcome::NotSent(_)) => Found::Known(Outcome::NotSent(never_happened())),
        Found::Known(other) => {
            Found::NoAnswer(Doubt { reason: format!("the PSP calls it {}", other.word()) })
        }
        Found::Absent => Found::Absent,
        Found::NotYet => Found::NotYet,
        Found::NoAnswer(doubt) => Found::NoAnswer(doubt),
    }
}

fn refusal(decline: &Decline, note: &str) -> Failure {
    Failure::Psp(PspFailure {
        code: decline.code.clone(),
        message: decline.message.clone(),
        note: note.into(),
    })
}

/// The honest answer when nobody knows.
fn unknown() -> Failure {
    Failure::Psp(PspFailure {
        code: PspFailure::OUTCOME_UNKNOWN.into(),
        message: "the PSP has not said how this ended".into(),
        note: "the outcome is not known yet; read the identity verification, which shows it as soon as the PSP's answer is known".into(),
    })
}

/// What is known beforehand that a provider does not take.
fn taken_by(provider: &str, ask: &SendIdentityVerification) -> Result<(), Failure> {
    if WINDOW_ONLY.contains(&provider) {
        return Err(Failure::Invalid(format!("the provider {provider} verifies in a window only")));
    }
    let customer_id = ask.asked.customer_id.as_deref().unwrap_or_default();
    if provider.starts_with("DANAL") && customer_id.chars().count() > MOST_DANAL_ID_CHARS {
        return Err(Failure::Invalid(format!(
            "customer.id must have at most {MOST_DANAL_ID_CHARS} characters"
        )));
    }
    let id = ask.id.as_str();
    let is_plain = id.len() <= MOST_KCP_ID_CHARS && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if provider.starts_with("KCP") && !is_plain {
        return Err(Failure::Invalid(format!(
            "identityVerificationId must be at most {MOST_KCP_ID_CHARS} letters and digits at this provider"
        )));
    }
    Ok(())
}

impl App {
    fn can_verify_identity(&self, profile: &StoreProfile, channel: &ChannelKey) -> bool {
        self.can_serve(profile, channel, Wanted::IdentityVerification, paypier_domain::money::Currency::KRW)
    }
}

impl From<ConfirmRefusal> for Failure {
    fn from(refusal: ConfirmRefusal) -> Self {
        match refusal {
            ConfirmRefusal::CodeMissing | ConfirmRefusal::NotBySms => Self::Invalid(refusal.to_string()),
            ConfirmRefusal::AlreadyVerified | ConfirmRefusal::NotSent | ConfirmRefusal::InProgress => {
                Self::ConfirmIdentity(refusal)
            }
        }
    }
}
