//! An outcome that no PSP can tell us any more, decided by people.
//!
//! Two different people have to agree, and say what they saw; both names and the reason are kept as
//! evidence. What they decide is applied like a PSP's answer: the same events and webhooks, the same
//! posting, and the request that began it gets the truth as its answer. Only what is open can be
//! decided: a PSP's answer that comes first stands, and what is being sent is waited for, because its
//! answer may come any moment and a job makes it unknown when it does not.

use super::App;
use super::charging::{self, ChargeAnswer};
use super::commit::MOST_TRIES;
use super::directory::StoreProfile;
use super::failure::{Failure, Missing};
use super::refunding;
use super::ticket::Ticket;
use jiff::Timestamp;
use paypier_domain::evidence::EvidenceKind;
use paypier_domain::id::{CancellationId, PaymentKey, PgCancellationId, PgTxId, TransactionId};
use paypier_domain::money::Amount;
use paypier_domain::outcome::{NotSent, Outcome};
use paypier_domain::payment::{Attempt, AttemptState, Cancellation, CancellationState, Payment, Status};
use paypier_domain::psp::{Charge, Refund};
use paypier_storage::CommitError;
use std::sync::Arc;

/// The code under which an operator's no is kept where a PSP's code would be.
const OPERATOR_DECISION: &str = "OPERATOR_DECISION";
const LONGEST_NAME: usize = 100;
const LONGEST_REASON: usize = 2_000;

/// Who says so, and why, as it was typed.
#[derive(Debug, Clone, Copy)]
pub struct Testimony<'a> {
    pub operator: &'a str,
    pub approved_by: &'a str,
    /// What was seen, and where.
    pub reason: &'a str,
}

/// How a charge ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChargeFinding {
    /// The PSP has charged the buyer; without a time, now.
    Charged { pg_tx_id: PgTxId, at: Option<Timestamp> },
    /// The PSP has not charged the buyer and never will.
    NotCharged,
}

/// How a refund ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundFinding {
    /// The PSP has given the money back; without a time, now. The PSP's name of the refund may be
    /// left out where the PSP has told it before.
    Refunded { pg_cancellation_id: Option<PgCancellationId>, at: Option<Timestamp> },
    /// The PSP has not given the money back and never will.
    NotRefunded,
}

/// Why people's decision is not taken, in the order of the checks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResolveRefusal {
    #[error("both people are named, by a name or an address of 1 to {LONGEST_NAME} characters on one line")]
    Unnamed,
    #[error("the two must be different people: money is decided with two pairs of eyes")]
    OnePerson,
    #[error("a reason is needed, of 1 to {LONGEST_REASON} characters: what was seen, and where")]
    NoReason,
    #[error("the payment is {0} and no attempt of it waits for a decision")]
    NothingOpen(Status),
    #[error("the cancellation {id} is {state} and waits for no decision")]
    NotOpen { id: CancellationId, state: &'static str },
    #[error("the time {at} is not between the request ({requested_at}) and now ({now})")]
    ImpossibleTime { at: Timestamp, requested_at: Timestamp, now: Timestamp },
    #[error("the PSP has not told its name of this refund: look it up and give it")]
    PgCancellationIdUnknown,
}

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum ResolveFailure {
    #[error(transparent)]
    Refused(#[from] ResolveRefusal),
    /// No such store, payment or cancellation, or it could not be read.
    #[error(transparent)]
    Failed(#[from] Failure),
    #[error("the decision was not recorded")]
    NotRecorded(#[source] CommitError),
}

/// A decision that was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    pub transaction: TransactionId,
    pub before: Status,
    pub payment: Payment,
}

/// Two people who agree, and what they saw.
struct Agreed {
    operator: String,
    approved_by: String,
    reason: String,
}

impl Agreed {
    fn read(testimony: Testimony<'_>) -> Result<Self, ResolveRefusal> {
        let [operator, approved_by, reason] =
            [testimony.operator, testimony.approved_by, testimony.reason].map(str::trim);
        let is_within = |text: &str, longest: usize| !text.is_empty() && text.chars().count() <= longest;
        let is_name = |name: &str| is_within(name, LONGEST_NAME) && !name.chars().any(char::is_control);
        if !is_name(operator) || !is_name(approved_by) {
            return Err(ResolveRefusal::Unnamed);
        }
        if operator.to_lowercase() == approved_by.to_lowercase() {
            return Err(ResolveRefusal::OnePerson);
        }
        if !is_within(reason, LONGEST_REASON) || reason.contains('\0') {
            return Err(ResolveRefusal::NoReason);
        }
        let [operator, approved_by, reason] = [operator, approved_by, reason].map(str::to_owned);
        Ok(Self { operator, approved_by, reason })
    }

    fn finding(&self, word: &str) -> String {
        let Self { operator, approved_by, reason } = self;
        format!("{word}, decided by {operator}, approved by {approved_by}: {reason}")
    }
}

impl App {
    /// Ends the attempt of a payment whose outcome nobody knows.
    ///
    /// # Errors
    /// See [`ResolveRefusal`] and [`ResolveFailure`].
    pub async fn resolve_attempt_by_operator(
        &self,
        key: &PaymentKey,
        found: ChargeFinding,
        testimony: Testimony<'_>,
    ) -> Result<Resolved, ResolveFailure> {
        let agreed = Agreed::read(testimony)?;
        let profile = self.profile_of(key).await?;
        let _lane = self.lanes.enter(key).await;
        for _ in 0..MOST_TRIES {
            let payment = self.payment_to_resolve(key).await?;
            let attempt = undecided(&payment)?;
            let now = self.now(&profile, payment.environment);
            let (word, outcome) = charge_outcome(&found, attempt, now)?;
            let evidence =
                charging::seen(key, &attempt.id, EvidenceKind::Operator, now, agreed.finding(word));
            let channel = attempt.channel.as_ref().and_then(|channel| profile.channel(&channel.key));
            let answer = ChargeAnswer {
                manual_capture: channel.is_some_and(|channel| channel.manual_capture),
                outcome,
                evidence: vec![evidence],
            };
            let settled =
                self.settle_charge_once(&profile, &payment, &attempt.id, &answer, &Ticket::none()).await;
            match settled {
                Ok(after) => return Ok(resolved(&attempt.id, &payment, after)),
                Err(CommitError::Conflict | CommitError::Exists(_)) => {}
                Err(error) => return Err(ResolveFailure::NotRecorded(error)),
            }
        }
        Err(ResolveFailure::NotRecorded(CommitError::Conflict))
    }

    /// Ends a cancellation whose outcome nobody knows.
    ///
    /// # Errors
    /// See [`ResolveRefusal`] and [`ResolveFailure`].
    pub async fn resolve_cancellation_by_operator(
        &self,
        key: &PaymentKey,
        id: &CancellationId,
        found: RefundFinding,
        testimony: Testimony<'_>,
    ) -> Result<Resolved, ResolveFailure> {
        let agreed = Agreed::read(testimony)?;
        let profile = self.profile_of(key).await?;
        let _lane = self.lanes.enter(key).await;
        for _ in 0..MOST_TRIES {
            let payment = self.payment_to_resolve(key).await?;
            let cancellation = payment.cancellation(id).ok_or(Failure::NotFound(Missing::Cancellation))?;
            let now = self.now(&profile, payment.environment);
            let (word, outcome) = refund_outcome(&found, cancellation, now)?;
            let seen =
                refunding::seen(&payment, cancellation, EvidenceKind::Operator, now, agreed.finding(word));
            let settled =
                self.settle_refund_once(&profile, &payment, id, &outcome, &[seen], &Ticket::none()).await;
            match settled {
                Ok(after) => return Ok(resolved(&cancellation.transaction, &payment, after)),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(ResolveFailure::NotRecorded(error)),
            }
        }
        Err(ResolveFailure::NotRecorded(CommitError::Conflict))
    }

    async fn profile_of(&self, key: &PaymentKey) -> Result<Arc<StoreProfile>, Failure> {
        // A payment of a store that does not exist does not exist either.
        self.directory.store(self, &key.store).await?.ok_or(Failure::NotFound(Missing::Payment))
    }

    async fn payment_to_resolve(&self, key: &PaymentKey) -> Result<Payment, Failure> {
        self.storage.payment(key).await?.ok_or(Failure::NotFound(Missing::Payment))
    }
}

fn resolved(transaction: &TransactionId, before: &Payment, after: Payment) -> Resolved {
    Resolved { transaction: transaction.clone(), before: before.status(), payment: after }
}

/// The attempt that waits for a decision; there is one at most, since an open one blocks others.
fn undecided(payment: &Payment) -> Result<&Attempt, ResolveRefusal> {
    let open = payment.attempts.iter().find(|attempt| match attempt.state {
        AttemptState::Unknown { .. } | AttemptState::Pending { .. } => true,
        AttemptState::Ready
        | AttemptState::Sending
        | AttemptState::AccountIssued { .. }
        | AttemptState::Paid(_)
        | AttemptState::Failed(_) => false,
    });
    open.ok_or_else(|| ResolveRefusal::NothingOpen(payment.status()))
}

fn charge_outcome(
    found: &ChargeFinding,
    attempt: &Attempt,
    now: Timestamp,
) -> Result<(&'static str, Outcome<Charge>), ResolveRefusal> {
    match found {
        ChargeFinding::NotCharged => {
            Ok(("not charged", not_executed("an operator has found that nothing was charged")))
        }
        ChargeFinding::Charged { pg_tx_id, at } => {
            let charge = Charge {
                pg_tx_id: pg_tx_id.clone(),
                amount: attempt.amounts.to_pay(),
                at: possible(*at, attempt.requested_at, now)?,
                // What the PSP keeps is in its settlement report, not in anybody's memory.
                fee: Amount::ZERO,
                card: None,
                account: None,
                approval_number: None,
                receipt_url: None,
                raw: None,
            };
            Ok(("charged", Outcome::Done(charge)))
        }
    }
}

fn refund_outcome(
    found: &RefundFinding,
    cancellation: &Cancellation,
    now: Timestamp,
) -> Result<(&'static str, Outcome<Refund>), ResolveRefusal> {
    let not_open = |state| Err(ResolveRefusal::NotOpen { id: cancellation.id.clone(), state });
    match cancellation.state {
        CancellationState::Unknown { .. } | CancellationState::Requested { .. } => {}
        CancellationState::Sending => return not_open("being sent"),
        CancellationState::Succeeded { .. } => return not_open("refunded"),
        CancellationState::Failed { .. } => return not_open("failed"),
    }
    match found {
        RefundFinding::NotRefunded => {
            Ok(("not refunded", not_executed("an operator has found that nothing was refunded")))
        }
        RefundFinding::Refunded { pg_cancellation_id, at } => {
            let named = pg_cancellation_id.as_ref().or(cancellation.pg_cancellation_id.as_ref());
            let refund = Refund {
                pg_cancellation_id: named.ok_or(ResolveRefusal::PgCancellationIdUnknown)?.clone(),
                amount: cancellation.refund,
                at: possible(*at, cancellation.requested_at, now)?,
                fee_returned: Amount::ZERO,
                receipt_url: None,
                raw: None,
            };
            Ok(("refunded", Outcome::Done(refund)))
        }
    }
}

/// The merchant reads this as the PSP's message: what the two saw, and who they are, stays inside.
fn not_executed<T>(message: &str) -> Outcome<T> {
    Outcome::NotSent(NotSent { code: OPERATOR_DECISION.into(), message: message.into() })
}

fn possible(
    at: Option<Timestamp>,
    requested_at: Timestamp,
    now: Timestamp,
) -> Result<Timestamp, ResolveRefusal> {
    let at = at.unwrap_or(now);
    if at < requested_at || at > now {
        return Err(ResolveRefusal::ImpossibleTime { at, requested_at, now });
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_people_agree_and_say_what_they_saw() {
        let long = "x".repeat(LONGEST_NAME + 1);
        let novel = "x".repeat(LONGEST_REASON + 1);
        for (operator, approved_by, reason, refusal) in [
            ("kim", "lee", "seen", None),
            (" kim ", "lee", " seen\nin two lines ", None),
            ("kim", "kim", "seen", Some(ResolveRefusal::OnePerson)),
            ("kim", " KIM ", "seen", Some(ResolveRefusal::OnePerson)),
            ("", "lee", "seen", Some(ResolveRefusal::Unnamed)),
            ("kim", " ", "seen", Some(ResolveRefusal::Unnamed)),
            ("kim", "l\nee", "seen", Some(ResolveRefusal::Unnamed)),
            ("kim", &long, "seen", Some(ResolveRefusal::Unnamed)),
            ("kim", "lee", "  ", Some(ResolveRefusal::NoReason)),
            ("kim", "lee", "a\0b", Some(ResolveRefusal::NoReason)),
            ("kim", "lee", &novel, Some(ResolveRefusal::NoReason)),
        ] {
            let agreed = Agreed::read(Testimony { operator, approved_by, reason });
            assert_eq!(agreed.err(), refusal, "{operator:?} {approved_by:?}");
        }
    }
}
