//! Billing keys: a PSP's reusable right to charge a buyer who is not there, held at one or more channels.

use crate::change::{Change, Notify, Write};
use crate::channel::{ChannelGroupSnapshot, ChannelSnapshot, Environment};
use crate::claim::ClaimRef;
use crate::customer::Customer;
use crate::event::{BillingKeyEventKind, Event, Subject};
use crate::id::{
    BillingKeyId, ChannelKey, EventId, MerchantId, PaymentId, PgTxId, ScheduleId, StoreId, TransactionId,
};
use crate::job::{Job, JobWrite, Task};
use crate::outcome::Outcome;
use crate::payment::{Notices, Origin};
use crate::psp::{CardDetails, StoredInstrument};
use jiff::{SignedDuration, Timestamp};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillingKey {
    pub id: BillingKeyId,
    pub store: StoreId,
    pub merchant: MerchantId,
    pub environment: Environment,
    /// Counts stored changes; 0 before the first one.
    pub version: u64,
    pub customer: Customer,
    pub custom_data: Option<String>,
    pub origin: Origin,
    pub channel_group: Option<ChannelGroupSnapshot>,
    pub issue_id: Option<String>,
    pub issue_name: Option<String>,
    /// What the right is for.
    pub method: KeyMethod,
    /// The buyer authenticated in a window, and the merchant's server has yet to approve the issuance.
    pub approval: Option<PendingApproval>,
    pub notices: Notices,
    pub claim: Option<ClaimRef>,
    pub requested_at: Timestamp,
    /// Since when the PSPs are being asked to delete it: what is begun with it from then on would be
    /// begun in vain.
    pub going_since: Option<Timestamp>,
    /// The payment that is made with it as soon as it is issued, where a window asks for both.
    pub first_payment: Option<FirstPayment>,
    /// One for each channel that was asked.
    pub holdings: Vec<Holding>,
    pub state: State,
}

/// A payment that belongs to the issuance of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstPayment {
    pub payment: PaymentId,
    pub transaction: TransactionId,
}

/// The instrument that a key charges.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum KeyMethod {
    #[default]
    Card,
    EasyPay {
        provider: Option<String>,
    },
    Mobile,
    Paypal,
    Transfer {
        bank: Option<String>,
    },
}

impl KeyMethod {
    /// The method's name in filters.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Card => "CARD",
            Self::EasyPay { .. } => "EASY_PAY",
            Self::Mobile => "MOBILE",
            Self::Paypal => "PAYPAL",
            Self::Transfer { .. } => "TRANSFER",
        }
    }
}

/// What the approval of an issuance waits for: the merchant's server showing the token.
#[derive(Clone, PartialEq, Eq)]
pub struct PendingApproval {
    /// SHA-256 of the issue token.
    pub token_digest: [u8; 32],
    pub expires_at: Timestamp,
    /// The PSP's token for what the buyer authenticated with.
    pub instrument: String,
}

impl std::fmt::Debug for PendingApproval {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PendingApproval(until {}, ..)", self.expires_at)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// A window is open for the buyer; no PSP was asked to issue yet.
    Ready,
    /// The PSPs are being asked.
    Sending,
    Issued {
        at: Timestamp,
    },
    Failed {
        at: Timestamp,
    },
    Deleted {
        issued_at: Timestamp,
        at: Timestamp,
    },
}

/// The right at one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    pub channel: ChannelSnapshot,
    pub state: HoldingState,
}

#[derive(Clone, PartialEq, Eq)]
pub enum HoldingState {
    Asked,
    Held {
        token: String,
        pg_tx_id: Option<PgTxId>,
        card: Option<CardDetails>,
    },
    Refused {
        at: Timestamp,
        pg_code: String,
        pg_message: String,
        message: String,
    },
    /// Deleted at the PSP while others remain.
    Released,
}

impl std::fmt::Debug for HoldingState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Asked => f.write_str("Asked"),
            Self::Held { card, .. } => write!(f, "Held({card:?}, ..)"),
            Self::Refused { pg_code, .. } => write!(f, "Refused({pg_code})"),
            Self::Released => f.write_str("Released"),
        }
    }
}

impl BillingKey {
    pub const fn is_issued(&self) -> bool {
        matches!(self.state, State::Issued { .. })
    }

    /// The PSP's token at this channel.
    pub fn token_at(&self, channel: &ChannelKey) -> Option<&str> {
        self.holdings.iter().find(|h| h.channel.key == *channel).and_then(|holding| match &holding.state {
            HoldingState::Held { token, .. } => Some(token.as_str()),
            HoldingState::Asked | HoldingState::Refused { .. } | HoldingState::Released => None,
        })
    }

    /// The channels that hold the right, in the order in which they were asked.
    pub fn held_at(&self) -> impl Iterator<Item = &ChannelSnapshot> {
        self.holdings.iter().filter(|h| matches!(h.state, HoldingState::Held { .. })).map(|h| &h.channel)
    }

    pub fn card(&self) -> Option<&CardDetails> {
        self.holdings.iter().find_map(|holding| match &holding.state {
            HoldingState::Held { card, .. } => card.as_ref(),
            HoldingState::Asked | HoldingState::Refused { .. } | HoldingState::Released => None,
        })
    }

    /// Whether it is being deleted. A deletion that was begun longer than `going_for` ago was interrupted,
    /// and the key is what it was.
    pub fn is_going(&self, going_for: SignedDuration, now: Timestamp) -> bool {
        self.going_since.is_some_and(|since| now.duration_since(since) < going_for)
    }

    fn event(&self, kind: BillingKeyEventKind, now: Timestamp) -> Event {
        Event {
            id: EventId::known(format!("{}-{}", self.id, kind.as_str())),
            merchant: self.merchant.clone(),
            store: self.store.clone(),
            environment: self.environment,
            at: now,
            trigger: None,
            subject: Subject::BillingKey { key: self.id.clone(), kind },
        }
    }

    fn decided(mut self, mut change: Change, expects: Option<u64>) -> Decided {
        self.version = self.version.saturating_add(1);
        change.writes.push(Write::BillingKey { key: Box::new(self.clone()), expects });
        Decided { key: self, change }
    }
}

/// What a decision about a billing key gives back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    pub key: BillingKey,
    pub change: Change,
}

/// Stores the intention to issue a key. `key` has every asked channel as [`HoldingState::Asked`] and
/// the state [`State::Sending`].
pub fn begin(key: BillingKey, answer_overdue: SignedDuration, now: Timestamp) -> Decided {
    let mut change = Change::default();
    change.jobs.push(JobWrite::Put(Job {
        task: Task::ResolveIssuance { key: key.id.clone() },
        store: key.store.clone(),
        environment: key.environment,
        due_at: now.checked_add(answer_overdue).unwrap_or(Timestamp::MAX),
        runs: 0,
    }));
    key.decided(change, None)
}

/// Stores a key whose window is open: it has its id already, and is announced.
pub fn open(key: BillingKey, now: Timestamp) -> Decided {
    let mut change = Change::default();
    change.events.push((key.event(BillingKeyEventKind::Ready, now), Notify::Yes));
    key.decided(change, None)
}

/// The key does not wait in a window (any more).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this billing key does not wait for its buyer any more")]
pub struct NotWaiting;

/// The buyer is done: stores the intention to issue.
///
/// # Errors
/// It was asked for, handed over or ended before.
pub fn ask(key: &BillingKey, answer_overdue: SignedDuration, now: Timestamp) -> Result<Decided, NotWaiting> {
    if key.state != State::Ready || key.approval.is_some() {
        return Err(NotWaiting);
    }
    Ok(asking(key.clone(), answer_overdue, now))
}

fn asking(key: BillingKey, answer_overdue: SignedDuration, now: Timestamp) -> Decided {
    let expects = Some(key.version);
    let mut change = Change::default();
    change.jobs.push(JobWrite::Put(Job {
        task: Task::ResolveIssuance { key: key.id.clone() },
        store: key.store.clone(),
        environment: key.environment,
        due_at: now.checked_add(answer_overdue).unwrap_or(Timestamp::MAX),
        runs: 0,
    }));
    BillingKey { state: State::Sending, approval: None, ..key }.decided(change, expects)
}

/// The buyer is done and the merchant's server has to approve.
///
/// # Errors
/// It was asked for, handed over or ended before.
pub fn hand_over(key: &BillingKey, approval: PendingApproval) -> Result<Decided, NotWaiting> {
    if key.state != State::Ready || key.approval.is_some() {
        return Err(NotWaiting);
    }
    let after = BillingKey { approval: Some(approval), ..key.clone() };
    Ok(after.decided(Change::default(), Some(key.version)))
}

/// Why the merchant's server does not get a key issued, in the order of the checks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfirmRefusal {
    #[error("the billing key was issued before")]
    AlreadyIssued,
    #[error("the billing issue token is unknown, expired, used, or of another store")]
    InvalidToken,
    #[error("{member} is {actual}, not {believed}; nothing was issued")]
    Mismatch { member: &'static str, believed: String, actual: String },
}

/// The merchant's server approves the issuance: stores the intention and uses the token up. The
/// instrument is what the PSP is asked with.
///
/// # Errors
/// See [`ConfirmRefusal`].
pub fn confirm(
    key: &BillingKey,
    token_digest: &[u8; 32],
    claim: Option<ClaimRef>,
    skip_success: bool,
    answer_overdue: SignedDuration,
    now: Timestamp,
) -> Result<(Decided, String), ConfirmRefusal> {
    match key.state {
        State::Issued { .. } => return Err(ConfirmRefusal::AlreadyIssued),
        State::Ready => {}
        State::Sending | State::Failed { .. } | State::Deleted { .. } => {
            return Err(ConfirmRefusal::InvalidToken);
        }
    }
    let approval = key
        .approval
        .as_ref()
        .filter(|approval| approval.token_digest == *token_digest && now < approval.expires_at)
        .ok_or(ConfirmRefusal::InvalidToken)?;
    let instrument = approval.instrument.clone();
    let mut asked = BillingKey { claim, ..key.clone() };
    asked.notices.skip_success = skip_success;
    Ok((asking(asked, answer_overdue, now), instrument))
}

/// Ends a key that waits for its buyer in a window.
///
/// # Errors
/// It does not wait any more: what a PSP was asked for ends by its answer.
pub fn given_up(
    key: &BillingKey,
    (pg_code, pg_message, message): (&str, &str, &str),
    now: Timestamp,
) -> Result<Decided, NotWaiting> {
    if key.state != State::Ready || key.approval.is_some() {
        return Err(NotWaiting);
    }
    let mut after = key.clone();
    after.state = State::Failed { at: now };
    for holding in &mut after.holdings {
        holding.state = HoldingState::Refused {
            at: now,
            pg_code: pg_code.to_owned(),
            pg_message: pg_message.to_owned(),
            message: message.to_owned(),
        };
    }
    let mut change = Change::default();
    change.events.push((after.event(BillingKeyEventKind::Failed, now), Notify::Yes));
    Ok(after.decided(change, Some(key.version)))
}

/// Records how each channel answered, and ends the issuance: issued when at least one holds it.
///
/// An unknown answer counts as refused for the merchant: the token never reached us, so nobody can
/// charge with it, and issuing moves no money. The merchant simply asks again.
pub fn issued(
    key: &BillingKey,
    answers: Vec<(ChannelKey, Outcome<StoredInstrument>)>,
    now: Timestamp,
) -> Decided {
    let mut after = key.clone();
    for (channel, outcome) in answers {
        let Some(holding) = after.holdings.iter_mut().find(|h| h.channel.key == channel) else { continue };
        holding.state = match outcome {
            Outcome::Done(stored) | Outcome::Pending(stored) => {
                HoldingState::Held { token: stored.token, pg_tx_id: stored.pg_tx_id, card: stored.card }
            }
            Outcome::Declined(decline) => HoldingState::Refused {
                at: now,
                message: "declined by the PSP".into(),
                pg_code: decline.code,
                pg_message: decline.message,
            },
            Outcome::NotSent(not_sent) => HoldingState::Refused {
                at: now,
                message: "nothing was executed at the PSP".into(),
                pg_code: not_sent.code,
                pg_message: not_sent.message,
            },
            Outcome::Unknown(doubt) => HoldingState::Refused {
                at: now,
                message: "the PSP did not answer; no key was issued, the request may be repeated".into(),
                pg_code: "OUTCOME_UNKNOWN".into(),
                pg_message: doubt.reason,
            },
        };
    }
    for holding in &mut after.holdings {
        if holding.state == HoldingState::Asked {
            holding.state = HoldingState::Refused {
                at: now,
                message: "the request was interrupted; no key was issued, the request may be repeated".into(),
                pg_code: "OUTCOME_UNKNOWN".into(),
                pg_message: String::new(),
            };
        }
    }
    let is_issued = after.held_at().next().is_some();
    after.state = if is_issued { State::Issued { at: now } } else { State::Failed { at: now } };
    let mut change = Change::default();
    change.jobs.push(JobWrite::Remove(Task::ResolveIssuance { key: key.id.clone() }.key()));
    let (kind, notify) = if is_issued {
        (BillingKeyEventKind::Issued, Notify::unless(key.notices.skip_success))
    } else {
        (BillingKeyEventKind::Failed, Notify::Yes)
    };
    change.events.push((after.event(kind, now), notify));
    after.decided(change, Some(key.version))
}

/// Why a key cannot be deleted, in the order of the checks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeleteRefusal {
    #[error("the billing key was never issued")]
    NotIssued,
    #[error("the billing key was deleted before")]
    AlreadyDeleted,
    #[error("payments are scheduled with the billing key ({0} and maybe more); revoke them first")]
    Scheduled(ScheduleId),
}

/// # Errors
/// See [`DeleteRefusal`].
pub const fn deletable(key: &BillingKey) -> Result<(), DeleteRefusal> {
    match key.state {
        State::Issued { .. } => Ok(()),
        State::Ready | State::Sending | State::Failed { .. } => Err(DeleteRefusal::NotIssued),
        State::Deleted { .. } => Err(DeleteRefusal::AlreadyDeleted),
    }
}

/// Stores the intention to delete the key, so that no payment is scheduled with it any more. `scheduled`
/// is a schedule that waits, when there is one.
///
/// # Errors
/// See [`DeleteRefusal`].
pub fn going(
    key: &BillingKey,
    scheduled: Option<&ScheduleId>,
    now: Timestamp,
) -> Result<Decided, DeleteRefusal> {
    deletable(key)?;
    if let Some(schedule) = scheduled {
        return Err(DeleteRefusal::Scheduled(schedule.clone()));
    }
    let after = BillingKey { going_since: Some(now), ..key.clone() };
    Ok(after.decided(Change::default(), Some(key.version)))
}

/// Records at which channels the key was deleted. When one is left the key stays issued there.
///
/// # Errors
/// See [`DeleteRefusal`].
pub fn deleted(
    key: &BillingKey,
    released: &[ChannelKey],
    notify: Notify,
    now: Timestamp,
) -> Result<Decided, DeleteRefusal> {
    deletable(key)?;
    let mut after = BillingKey { going_since: None, ..key.clone() };
    for holding in &mut after.holdings {
        if released.contains(&holding.channel.key) && matches!(holding.state, HoldingState::Held { .. }) {
            holding.state = HoldingState::Released;
        }
    }
    let mut change = Change::default();
    if after.held_at().next().is_none()
        && let State::Issued { at } = after.state
    {
        after.state = State::Deleted { issued_at: at, at: now };
        change.events.push((after.event(BillingKeyEventKind::Deleted, now), notify));
    }
    Ok(after.decided(change, Some(key.version)))
}

#[cfg(test)]
mod tests;
