//! Identity verifications: showing that somebody is who they say they are, by a code sent to their phone
//! or by an app.
//!
//! Many attempts may be made under one id, at most one of them is open at a time and at most one ever
//! succeeds; the write itself sees to both. Sending a code and checking it are intentions that are
//! stored before the PSP hears of them. Codes are handed to the PSP and kept nowhere; what identifies a
//! person for life (CI, DI and the PSP's answer that holds them) is kept sealed.

use crate::account::Sealed;
use crate::change::{Change, Write};
use crate::channel::{ChannelSnapshot, Environment};
use crate::claim::ClaimRef;
use crate::id::{IdentityVerificationId, IdentityVerificationTxId, MerchantId, PgTxId, StoreId};
use crate::job::{Job, JobWrite, Task, wait_before_query};
use crate::outcome::{Decline, DeclineClass, Outcome};
use jiff::{SignedDuration, Timestamp};

/// A verification's full name: ids are unique in a store, not beyond it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VerificationKey {
    pub store: StoreId,
    pub id: IdentityVerificationId,
}

impl std::fmt::Display for VerificationKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.store, self.id)
    }
}

/// One attempt under an id.
#[derive(Clone, PartialEq, Eq)]
pub struct IdentityVerification {
    pub key: VerificationKey,
    /// Counts the attempts of the id from 1.
    pub number: u32,
    /// Names the attempt, also at the PSP.
    pub tx: IdentityVerificationTxId,
    pub merchant: MerchantId,
    pub environment: Environment,
    /// Counts stored changes; 0 before the first one.
    pub version: u64,
    pub channel: ChannelSnapshot,
    pub origin: Origin,
    pub customer: AskedCustomer,
    /// `SKT`, `KT_MVNO`, …
    pub operator: Option<String>,
    pub method: Option<Method>,
    pub custom_data: Option<String>,
    /// The keyed request that asked the PSP last: whoever ends that asking gives it its answer.
    pub claim: Option<ClaimRef>,
    pub pg_tx_id: Option<PgTxId>,
    pub requested_at: Timestamp,
    pub updated_at: Timestamp,
    pub status_changed_at: Timestamp,
    /// Wrong codes, and apps that were not answered yet.
    pub refused_confirmations: u32,
    pub resends: u32,
    /// How often a job asked the PSP about what is open.
    pub queries: u32,
    pub state: State,
}

impl std::fmt::Debug for IdentityVerification {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "IdentityVerification({} no. {}, {:?}, ..)", self.key, self.number, self.state)
    }
}

/// Where it was begun: what the API began, only the API confirms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Api,
    Window,
}

impl Origin {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "API",
            Self::Window => "WINDOW",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Api, Self::Window].into_iter().find(|origin| origin.as_str() == text)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Sms,
    App,
}

impl Method {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "SMS",
            Self::App => "APP",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Sms, Self::App].into_iter().find(|method| method.as_str() == text)
    }
}

/// Who says to be whom. Every member is what was said; nothing is guessed.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct AskedCustomer {
    pub id: Option<String>,
    pub name: Option<String>,
    /// Digits only.
    pub phone_number: Option<String>,
    pub birth: Option<Birth>,
}

impl std::fmt::Debug for AskedCustomer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AskedCustomer(..)")
    }
}

/// A birthday, as the digits that it is written with: four, two and two.
#[derive(Clone, PartialEq, Eq)]
pub struct Birth {
    pub year: String,
    pub month: String,
    pub day: String,
}

impl std::fmt::Debug for Birth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Birth(..)")
    }
}

impl Birth {
    /// The birthday in the first seven digits of a resident number: six of a date, and one that says the
    /// century. `None` when they are none.
    pub fn of_resident_number(digits: &str) -> Option<Self> {
        if digits.len() < 7 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let century = match digits.get(6..7)? {
            "1" | "2" | "5" | "6" => "19",
            "3" | "4" | "7" | "8" => "20",
            _ => "18",
        };
        let (year, month, day) = (digits.get(..2)?, digits.get(2..4)?, digits.get(4..6)?);
        let year = format!("{century}{year}");
        let date = jiff::civil::Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
        date.is_ok().then(|| Self { year, month: month.to_owned(), day: day.to_owned() })
    }
}

/// Who it is, without what identifies a person for life.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    pub name: String,
    pub operator: Option<String>,
    /// Digits only.
    pub phone_number: Option<String>,
    pub birth: Birth,
    /// `MALE`, `FEMALE` or `OTHER`.
    pub gender: Option<String>,
    pub is_foreigner: Option<bool>,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Person(..)")
    }
}

/// The PSP's word that somebody is who they say.
#[derive(Clone, PartialEq, Eq)]
pub struct Proof {
    pub at: Timestamp,
    pub pg_tx_id: PgTxId,
    pub person: Person,
    /// CI, DI and the PSP's answer, sealed for [`secrets_purpose`].
    pub secrets: Sealed,
}

impl std::fmt::Debug for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Proof(at {}, ..)", self.at)
    }
}

/// What the secrets of an attempt are sealed for.
pub fn secrets_purpose(tx: &IdentityVerificationTxId) -> String {
    format!("identity-verification:{tx}")
}

/// The PSP has sent a code, or asked an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeSent {
    pub pg_tx_id: PgTxId,
    pub at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// A window is open for the person; nothing was asked of the PSP yet.
    Open,
    /// The PSP is being asked to send the code; its answer is outstanding.
    Sending,
    /// No usable answer came; the code may have been sent.
    SendUnknown {
        since: Timestamp,
    },
    /// The code is with the person, or the app asks them.
    Ready,
    /// The PSP is being asked whether the code is right.
    Confirming {
        since: Timestamp,
        /// Whoever asked was told that nobody knows.
        was_told: bool,
    },
    Verified(Box<Proof>),
    Failed(Failure),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub at: Timestamp,
    pub reason: String,
    pub pg_code: Option<String>,
    pub pg_message: Option<String>,
}

/// The statuses of the dialects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerificationStatus {
    Ready,
    Verified,
    Failed,
}

impl VerificationStatus {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "READY",
            Self::Verified => "VERIFIED",
            Self::Failed => "FAILED",
        }
    }
}

impl IdentityVerification {
    /// Our name for it at the PSP.
    pub fn reference(&self) -> &str {
        self.tx.as_str()
    }

    pub const fn status(&self) -> VerificationStatus {
        match self.state {
            State::Open
            | State::Sending
            | State::SendUnknown { .. }
            | State::Ready
            | State::Confirming { .. } => VerificationStatus::Ready,
            State::Verified(_) => VerificationStatus::Verified,
            State::Failed(_) => VerificationStatus::Failed,
        }
    }

    pub const fn is_ended(&self) -> bool {
        matches!(self.state, State::Verified(_) | State::Failed(_))
    }

    /// Whether the PSP has yet to say how something ended.
    pub const fn is_outstanding(&self) -> bool {
        match self.state {
            State::Sending | State::SendUnknown { .. } | State::Confirming { .. } => true,
            State::Open | State::Ready | State::Verified(_) | State::Failed(_) => false,
        }
    }

    pub fn proof(&self) -> Option<&Proof> {
        match &self.state {
            State::Verified(proof) => Some(proof),
            State::Open
            | State::Sending
            | State::SendUnknown { .. }
            | State::Ready
            | State::Confirming { .. }
            | State::Failed(_) => None,
        }
    }

    pub const fn failure(&self) -> Option<&Failure> {
        match &self.state {
            State::Failed(failure) => Some(failure),
            State::Open
            | State::Sending
            | State::SendUnknown { .. }
            | State::Ready
            | State::Confirming { .. }
            | State::Verified(_) => None,
        }
    }

    /// From when on a PSP's "not found" can be old enough to prove anything.
    pub const fn asked_at(&self) -> Timestamp {
        match self.state {
            State::Confirming { since, .. } => since,
            State::Open
            | State::Sending
            | State::SendUnknown { .. }
            | State::Ready
            | State::Verified(_)
            | State::Failed(_) => self.updated_at,
        }
    }

    pub fn resolution(&self) -> Task {
        Task::ResolveIdentityVerification { store: self.key.store.clone(), tx: self.tx.clone() }
    }

    fn job(&self, due_at: Option<Timestamp>, runs: u32) -> JobWrite {
        JobWrite::Put(Job {
            task: self.resolution(),
            store: self.key.store.clone(),
            environment: self.environment,
            due_at: due_at.unwrap_or(Timestamp::MAX),
            runs,
        })
    }

    /// This attempt in another state, and its row's write.
    fn becomes(&self, state: State, now: Timestamp) -> Decided {
        let mut after = Self { state, updated_at: now, ..self.clone() };
        if after.status() != self.status() || self.version == 0 {
            after.status_changed_at = now;
        }
        after.decided(Change::default(), (self.version > 0).then_some(self.version))
    }

    fn decided(mut self, mut change: Change, expects: Option<u64>) -> Decided {
        self.version = self.version.saturating_add(1);
        change.writes.push(Write::IdentityVerification { verification: Box::new(self.clone()), expects });
        Decided { verification: self, change }
    }

    /// The same, with the job of an asking that ended removed.
    fn ended(&self, state: State, now: Timestamp) -> Decided {
        let mut decided = Self { queries: 0, ..self.clone() }.becomes(state, now);
        decided.change.jobs.push(JobWrite::Remove(self.resolution().key()));
        decided
    }

    /// The same, with the job that looks for the answer.
    fn asked(
        &self,
        state: State,
        claim: Option<ClaimRef>,
        overdue: SignedDuration,
        now: Timestamp,
    ) -> Decided {
        let mut decided = Self { claim, queries: 0, ..self.clone() }.becomes(state, now);
        let job = decided.verification.job(now.checked_add(overdue).ok(), 0);
        decided.change.jobs.push(job);
        decided
    }

    /// Still nobody knows: the job asks again, later each time.
    fn still_open(&self, state: State, was_told: bool, now: Timestamp) -> Decided {
        let queries = if was_told { self.queries.saturating_add(1) } else { 0 };
        // When it was asked is what a later "not found" is measured by.
        let at = if was_told { self.updated_at } else { now };
        let mut decided = Self { queries, ..self.clone() }.becomes(state, at);
        let job = decided.verification.job(now.checked_add(wait_before_query(queries)).ok(), queries);
        decided.change.jobs.push(job);
        decided
    }
}

/// What a decision about a verification gives back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    pub verification: IdentityVerification,
    pub change: Change,
}

/// Everything that an attempt is made from.
#[derive(Clone, PartialEq, Eq)]
pub struct Ask {
    pub key: VerificationKey,
    pub tx: IdentityVerificationTxId,
    pub merchant: MerchantId,
    pub channel: ChannelSnapshot,
    pub origin: Origin,
    pub customer: AskedCustomer,
    pub operator: Option<String>,
    pub method: Option<Method>,
    pub custom_data: Option<String>,
    pub claim: Option<ClaimRef>,
}

impl std::fmt::Debug for Ask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ask({:?}, {:?}, {:?}, ..)", self.key, self.tx, self.origin)
    }
}

/// Why an attempt cannot be begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendRefusal {
    #[error("this identity verification id belongs to the other environment (TEST or LIVE)")]
    OtherEnvironment,
    #[error("this identity verification has succeeded before")]
    AlreadyVerified,
    #[error(
        "a code was sent for this identity verification and waits to be confirmed; resend it, or confirm it"
    )]
    AlreadySent,
    #[error(
        "the PSP has not said yet how the last request about this identity verification ended; repeat the request a little later"
    )]
    InProgress,
    #[error("this identity verification was attempted {count} times; at most {limit} attempts are accepted")]
    TooManyAttempts { count: u32, limit: u32 },
}

/// Begins an attempt. One that the API begins is about to be sent; one in a window waits for the person.
/// `latest` is the latest attempt under the id. An open one that gives way to it ends as failed.
///
/// # Errors
/// See [`SendRefusal`], tried in the order listed.
pub fn begin(
    latest: Option<&IdentityVerification>,
    ask: Ask,
    max_attempts: u32,
    answer_overdue: SignedDuration,
    now: Timestamp,
) -> Result<Decided, SendRefusal> {
    let mut superseded = None;
    if let Some(latest) = latest {
        if latest.environment != ask.channel.environment {
            return Err(SendRefusal::OtherEnvironment);
        }
        match (&latest.state, latest.origin, ask.origin) {
            (State::Verified(_), _, _) => return Err(SendRefusal::AlreadyVerified),
            (State::Sending | State::SendUnknown { .. } | State::Confirming { .. }, _, _) => {
                return Err(SendRefusal::InProgress);
            }
            (State::Ready, Origin::Api, Origin::Api) => return Err(SendRefusal::AlreadySent),
            // Whoever opens another window, or leaves the window for the API, has given the last one up.
            (State::Open | State::Ready, _, _) => superseded = Some(latest),
            (State::Failed(_), _, _) => {}
        }
        if latest.number >= max_attempts {
            return Err(SendRefusal::TooManyAttempts { count: latest.number, limit: max_attempts });
        }
    }
    let fresh = IdentityVerification {
        number: latest.map_or(0, |latest| latest.number).saturating_add(1),
        environment: ask.channel.environment,
        key: ask.key,
        tx: ask.tx,
        merchant: ask.merchant,
        version: 0,
        channel: ask.channel,
        origin: ask.origin,
        customer: ask.customer,
        operator: ask.operator,
        method: ask.method,
        custom_data: ask.custom_data,
        claim: ask.claim.clone(),
        pg_tx_id: None,
        requested_at: now,
        updated_at: now,
        status_changed_at: now,
        refused_confirmations: 0,
        resends: 0,
        queries: 0,
        state: State::Open,
    };
    let begun = match fresh.origin {
        Origin::Api => fresh.asked(State::Sending, ask.claim, answer_overdue, now),
        Origin::Window => fresh.becomes(State::Open, now),
    };
    let Some(superseded) = superseded else { return Ok(begun) };
    let failure = Failure {
        at: now,
        reason: "another attempt of this identity verification was begun".into(),
        pg_code: None,
        pg_message: None,
    };
    // The old one gives up its place before the new one takes it.
    let change = superseded.ended(State::Failed(failure), now).change.and(begun.change);
    Ok(Decided { verification: begun.verification, change })
}

/// Stores the intention to send the code of an attempt whose window has heard who the person is.
///
/// # Errors
/// [`ConfirmRefusal::NotSent`] when the window does not wait for that.
pub fn send_in_window(
    verification: &IdentityVerification,
    customer: AskedCustomer,
    operator: Option<String>,
    method: Method,
    answer_overdue: SignedDuration,
    now: Timestamp,
) -> Result<Decided, ConfirmRefusal> {
    match verification.state {
        State::Open => {}
        State::Verified(_) => return Err(ConfirmRefusal::AlreadyVerified),
        State::Sending
        | State::SendUnknown { .. }
        | State::Ready
        | State::Confirming { .. }
        | State::Failed(_) => return Err(ConfirmRefusal::NotSent),
    }
    let told = IdentityVerification { customer, operator, method: Some(method), ..verification.clone() };
    Ok(told.asked(State::Sending, None, answer_overdue, now))
}

/// What the PSP's answer to the sending does. `None` when it does nothing.
pub fn settle_send(
    verification: &IdentityVerification,
    outcome: &Outcome<CodeSent>,
    now: Timestamp,
) -> Option<Decided> {
    let was_told = match verification.state {
        State::Sending => false,
        State::SendUnknown { .. } => true,
        State::Open | State::Ready | State::Confirming { .. } | State::Verified(_) | State::Failed(_) => {
            return None;
        }
    };
    Some(match outcome {
        Outcome::Done(sent) | Outcome::Pending(sent) => {
            let known =
                IdentityVerification { pg_tx_id: Some(sent.pg_tx_id.clone()), ..verification.clone() };
            known.ended(State::Ready, now)
        }
        Outcome::Declined(decline) => verification.ended(State::Failed(refused(decline, now)), now),
        Outcome::NotSent(not_sent) => {
            let failure = Failure {
                at: now,
                reason: "nothing was executed at the PSP".into(),
                pg_code: Some(not_sent.code.clone()),
                pg_message: Some(not_sent.message.clone()),
            };
            verification.ended(State::Failed(failure), now)
        }
        Outcome::Unknown(_) => {
            let since = match verification.state {
                State::SendUnknown { since } => since,
                _ => now,
            };
            verification.still_open(State::SendUnknown { since }, was_told, now)
        }
    })
}

fn refused(decline: &Decline, now: Timestamp) -> Failure {
    Failure {
        at: now,
        reason: "the PSP refused".into(),
        pg_code: Some(decline.code.clone()),
        pg_message: Some(decline.message.clone()),
    }
}

/// Why an attempt cannot be confirmed, or its code not be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConfirmRefusal {
    #[error("this identity verification has succeeded before")]
    AlreadyVerified,
    #[error(
        "no code was sent for this identity verification by the API, or it is not waiting for one any more; send one first"
    )]
    NotSent,
    #[error(
        "the PSP has not said yet how the last request about this identity verification ended; repeat the request a little later"
    )]
    InProgress,
    #[error("otp is required: this identity verification waits for the code that was sent by SMS")]
    CodeMissing,
    #[error("this identity verification waits for an app, which is not asked again; nothing was sent by SMS")]
    NotBySms,
}

/// Whether the attempt waits for the person, as far as `by` may say so.
fn waits(verification: &IdentityVerification, by: Origin) -> Result<(), ConfirmRefusal> {
    match verification.state {
        State::Verified(_) => Err(ConfirmRefusal::AlreadyVerified),
        _ if verification.origin != by => Err(ConfirmRefusal::NotSent),
        State::Sending | State::SendUnknown { .. } | State::Confirming { .. } => {
            Err(ConfirmRefusal::InProgress)
        }
        State::Open | State::Failed(_) => Err(ConfirmRefusal::NotSent),
        State::Ready => Ok(()),
    }
}

/// Stores the intention to ask the PSP whether the person has shown to be who they say.
///
/// # Errors
/// See [`ConfirmRefusal`].
pub fn confirm(
    verification: &IdentityVerification,
    by: Origin,
    has_code: bool,
    claim: Option<ClaimRef>,
    answer_overdue: SignedDuration,
    now: Timestamp,
) -> Result<Decided, ConfirmRefusal> {
    waits(verification, by)?;
    if !has_code && verification.method != Some(Method::App) {
        return Err(ConfirmRefusal::CodeMissing);
    }
    let state = State::Confirming { since: now, was_told: false };
    Ok(verification.asked(state, claim, answer_overdue, now))
}

/// What the PSP's answer to the confirmation does. A wrong code leaves the attempt waiting for the right
/// one, for as long as the PSP lets it.
pub fn settle_confirm(
    verification: &IdentityVerification,
    outcome: &Outcome<Proof>,
    now: Timestamp,
) -> Option<Decided> {
    let State::Confirming { since, was_told } = verification.state else { return None };
    Some(match outcome {
        Outcome::Done(proof) => {
            let known =
                IdentityVerification { pg_tx_id: Some(proof.pg_tx_id.clone()), ..verification.clone() };
            known.ended(State::Verified(Box::new(proof.clone())), now)
        }
        Outcome::Declined(decline) if decline.class == DeclineClass::Payer => {
            let refused_confirmations = verification.refused_confirmations.saturating_add(1);
            let known = IdentityVerification { refused_confirmations, ..verification.clone() };
            known.ended(State::Ready, now)
        }
        Outcome::Declined(decline) => verification.ended(State::Failed(refused(decline, now)), now),
        Outcome::NotSent(_) => verification.ended(State::Ready, now),
        Outcome::Pending(_) | Outcome::Unknown(_) => {
            verification.still_open(State::Confirming { since, was_told: true }, was_told, now)
        }
    })
}

/// The person closed the window: the attempt ends, unless the PSP is being asked or it ended before.
pub fn given_up(verification: &IdentityVerification, failure: Failure, now: Timestamp) -> Option<Decided> {
    match (verification.origin, &verification.state) {
        (Origin::Window, State::Open | State::Ready) => Some(verification.ended(State::Failed(failure), now)),
        (Origin::Api, _)
        | (
            _,
            State::Sending
            | State::SendUnknown { .. }
            | State::Confirming { .. }
            | State::Verified(_)
            | State::Failed(_),
        ) => None,
    }
}

/// Whether the code may be sent again. Sending it twice does no harm, so it is asked for before it is
/// recorded.
///
/// # Errors
/// See [`ConfirmRefusal`].
pub fn resendable(verification: &IdentityVerification, by: Origin) -> Result<(), ConfirmRefusal> {
    waits(verification, by)?;
    match verification.method {
        Some(Method::Sms) => Ok(()),
        Some(Method::App) | None => Err(ConfirmRefusal::NotBySms),
    }
}

/// Records that the PSP has sent another code, or that it has closed the attempt.
///
/// # Errors
/// See [`ConfirmRefusal`]: somebody was faster.
pub fn resent(
    verification: &IdentityVerification,
    by: Origin,
    closed: Option<&Decline>,
    now: Timestamp,
) -> Result<Decided, ConfirmRefusal> {
    resendable(verification, by)?;
    Ok(match closed {
        None => {
            let resends = verification.resends.saturating_add(1);
            IdentityVerification { resends, ..verification.clone() }.becomes(State::Ready, now)
        }
        Some(decline) => verification.ended(State::Failed(refused(decline, now)), now),
    })
}

#[cfg(test)]
mod tests;
