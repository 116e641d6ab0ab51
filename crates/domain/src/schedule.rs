//! Payment schedules: a charge of a billing key that is promised for a later time.
//!
//! A schedule runs once. Claiming it fixes the transaction of its charge and begins the attempt in the
//! same commit; from then on the schedule stands as its attempt does, whoever learns how that ended.
//! Nothing is tried a second time after a failure: the merchant decides about that.

use crate::billing_key::{self, BillingKey};
use crate::change::{Change, Write};
use crate::channel::Environment;
use crate::id::{BillingKeyId, ChannelKey, MerchantId, PaymentKey, ScheduleId, TransactionId};
use crate::job::{Job, JobWrite, Task};
use crate::money::{Amount, Currency};
use crate::payment::{
    Amounts, AmountsError, Attempt, AttemptState, Installment, Notices, Order, Origin, Payment, Status,
};
use jiff::{SignedDuration, Timestamp};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    pub id: ScheduleId,
    /// What it will pay.
    pub payment: PaymentKey,
    pub merchant: MerchantId,
    /// That of the billing key.
    pub environment: Environment,
    /// Counts stored changes; 0 before the first one. The guard of every write.
    pub version: u64,
    pub charge: ScheduledCharge,
    pub created_at: Timestamp,
    pub time_to_pay: Timestamp,
    pub state: State,
}

/// What is charged when the time has come, as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduledCharge {
    pub billing_key: BillingKeyId,
    /// Selects among the channels of a super billing key.
    pub channel: Option<ChannelKey>,
    pub order: Order,
    pub currency: Currency,
    pub total: Amount,
    pub tax_free: Amount,
    /// Computed from the others when absent.
    pub vat: Option<Amount>,
    pub installment: Option<Installment>,
    pub is_point_used: bool,
    pub origin: Origin,
    pub notices: Notices,
    /// Its discount is decided when the charge is made.
    pub promotion: Option<String>,
    /// A JSON object for the PSP, passed on as it is.
    pub bypass: Option<String>,
}

impl ScheduledCharge {
    /// The amounts without any discount.
    ///
    /// # Errors
    /// See [`Amounts::new`].
    pub fn amounts(&self) -> Result<Amounts, AmountsError> {
        Amounts::new(self.total, self.tax_free, self.vat, Amount::ZERO)
    }
}

/// How a schedule stands. From `Started` on it stands as its attempt does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    Scheduled,
    /// Claimed; its transaction is fixed, and the PSP is being asked.
    Started(Run),
    /// The PSP will say later, or has said nothing usable.
    Pending {
        run: Run,
        at: Timestamp,
    },
    Succeeded {
        run: Run,
        at: Timestamp,
    },
    Failed {
        /// `None` when no attempt could be made: the payment had been paid, or tried too often.
        run: Option<Run>,
        started_at: Timestamp,
        at: Timestamp,
    },
    Revoked {
        at: Timestamp,
    },
}

/// The one charge of a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    pub transaction: TransactionId,
    pub started_at: Timestamp,
}

/// A state without what it brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ScheduleStatus {
    Scheduled,
    Started,
    Pending,
    Succeeded,
    Failed,
    Revoked,
}

impl ScheduleStatus {
    pub const ALL: [Self; 6] =
        [Self::Scheduled, Self::Started, Self::Pending, Self::Succeeded, Self::Failed, Self::Revoked];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "SCHEDULED",
            Self::Started => "STARTED",
            Self::Pending => "PENDING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Revoked => "REVOKED",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

impl std::fmt::Display for ScheduleStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl State {
    pub const fn status(&self) -> ScheduleStatus {
        match self {
            Self::Scheduled => ScheduleStatus::Scheduled,
            Self::Started(_) => ScheduleStatus::Started,
            Self::Pending { .. } => ScheduleStatus::Pending,
            Self::Succeeded { .. } => ScheduleStatus::Succeeded,
            Self::Failed { .. } => ScheduleStatus::Failed,
            Self::Revoked { .. } => ScheduleStatus::Revoked,
        }
    }
}

impl Schedule {
    pub const fn status(&self) -> ScheduleStatus {
        self.state.status()
    }

    /// The one charge, from when the schedule was claimed on.
    pub const fn run(&self) -> Option<&Run> {
        match &self.state {
            State::Started(run) | State::Pending { run, .. } | State::Succeeded { run, .. } => Some(run),
            State::Failed { run, .. } => run.as_ref(),
            State::Scheduled | State::Revoked { .. } => None,
        }
    }

    pub const fn started_at(&self) -> Option<Timestamp> {
        match &self.state {
            State::Started(run) | State::Pending { run, .. } | State::Succeeded { run, .. } => {
                Some(run.started_at)
            }
            State::Failed { started_at, .. } => Some(*started_at),
            State::Scheduled | State::Revoked { .. } => None,
        }
    }

    pub const fn completed_at(&self) -> Option<Timestamp> {
        match &self.state {
            State::Pending { at, .. } | State::Succeeded { at, .. } | State::Failed { at, .. } => Some(*at),
            State::Scheduled | State::Started(_) | State::Revoked { .. } => None,
        }
    }

    /// The planned time, that of the try, or that of the revocation.
    pub const fn status_at(&self) -> Timestamp {
        match &self.state {
            State::Scheduled => self.time_to_pay,
            State::Started(run) | State::Pending { run, .. } | State::Succeeded { run, .. } => run.started_at,
            State::Failed { started_at, .. } => *started_at,
            State::Revoked { at } => *at,
        }
    }

    /// The job that runs it.
    pub fn task(&self) -> Task {
        Task::RunSchedule { schedule: self.id.clone() }
    }

    fn decided(mut self, mut change: Change) -> Decided {
        let expects = self.version;
        self.version = self.version.saturating_add(1);
        change.writes.push(Write::Schedule { schedule: Box::new(self.clone()), expects });
        Decided { schedule: self, change }
    }
}

/// What a decision about a schedule gives back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    pub schedule: Schedule,
    pub change: Change,
}

/// Why a payment cannot be scheduled. Checked in this order; callers depend on the first.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreateRefusal {
    #[error("timeToPay is {time_to_pay}, which is not in the future (it is {now})")]
    NotInFuture { time_to_pay: Timestamp, now: Timestamp },
    #[error("the billing key was deleted before")]
    BillingKeyDeleted,
    #[error("the billing key is being deleted")]
    BillingKeyGoing,
    #[error("the payment is {0}; a new payment needs a new payment id")]
    PaidOrWaiting(Status),
    #[error("the payment is scheduled already ({0}); revoke that schedule first")]
    Exists(ScheduleId),
    #[error("the payment belongs to the other environment: TEST and LIVE never share a payment id")]
    OtherEnvironment,
    #[error(transparent)]
    Amounts(#[from] AmountsError),
}

/// What a schedule is decided against, as it was loaded.
#[derive(Debug, Clone, Copy)]
pub struct Present<'a> {
    pub key: &'a BillingKey,
    pub payment: Option<&'a Payment>,
    /// The schedule that owns the payment id now.
    pub active: Option<&'a ScheduleId>,
}

/// Decides whether a payment may be scheduled. `schedule` is new, in the state [`State::Scheduled`].
///
/// Who deletes the billing key or tries the payment in the meantime is noticed by the write.
///
/// # Errors
/// See [`CreateRefusal`].
pub fn create(
    schedule: Schedule,
    present: Present<'_>,
    going_for: SignedDuration,
    now: Timestamp,
) -> Result<Decided, CreateRefusal> {
    let Present { key, payment, active } = present;
    if schedule.time_to_pay <= now {
        return Err(CreateRefusal::NotInFuture { time_to_pay: schedule.time_to_pay, now });
    }
    match key.state {
        billing_key::State::Deleted { .. } => return Err(CreateRefusal::BillingKeyDeleted),
        billing_key::State::Ready
        | billing_key::State::Sending
        | billing_key::State::Issued { .. }
        | billing_key::State::Failed { .. } => {}
    }
    if key.is_going(going_for, now) {
        return Err(CreateRefusal::BillingKeyGoing);
    }
    if let Some(payment) = payment
        && payment.attempts.iter().any(Attempt::blocks_others)
    {
        return Err(CreateRefusal::PaidOrWaiting(payment.status()));
    }
    if let Some(active) = active {
        return Err(CreateRefusal::Exists(active.clone()));
    }
    if payment.is_some_and(|payment| payment.environment != schedule.environment) {
        return Err(CreateRefusal::OtherEnvironment);
    }
    schedule.charge.amounts()?;
    let mut change = Change::default();
    change.jobs.push(JobWrite::Put(Job {
        task: schedule.task(),
        store: schedule.payment.store.clone(),
        environment: schedule.environment,
        due_at: schedule.time_to_pay,
        runs: 0,
    }));
    let schedule = Schedule { version: 1, ..schedule };
    change.writes.push(Write::NewSchedule {
        schedule: Box::new(schedule.clone()),
        key: key.version,
        payment: payment.map(|payment| payment.version),
    });
    Ok(Decided { schedule, change })
}

/// Why schedules are not revoked. Each schedule is checked for the first rule before any for the next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RevokeRefusal {
    #[error("the billing key was deleted before")]
    BillingKeyDeleted,
    #[error("the schedule {id} has been processed ({status}); nothing was revoked")]
    AlreadyProcessed { id: ScheduleId, status: ScheduleStatus },
    #[error("the schedule {0} was revoked before; nothing was revoked")]
    AlreadyRevoked(ScheduleId),
}

/// Decides whether all of these schedules may be revoked, and revokes all of them or none.
///
/// # Errors
/// See [`RevokeRefusal`].
pub fn revoke(schedules: &[Schedule], now: Timestamp) -> Result<Change, RevokeRefusal> {
    for schedule in schedules {
        match &schedule.state {
            State::Scheduled | State::Revoked { .. } => {}
            State::Started(_) | State::Pending { .. } | State::Succeeded { .. } | State::Failed { .. } => {
                return Err(RevokeRefusal::AlreadyProcessed {
                    id: schedule.id.clone(),
                    status: schedule.status(),
                });
            }
        }
    }
    if let Some(revoked) = schedules.iter().find(|schedule| schedule.status() == ScheduleStatus::Revoked) {
        return Err(RevokeRefusal::AlreadyRevoked(revoked.id.clone()));
    }
    Ok(schedules.iter().fold(Change::default(), |change, schedule| {
        let mut revoked = schedule.clone();
        revoked.state = State::Revoked { at: now };
        let mut one = Change::default();
        one.jobs.push(JobWrite::Remove(schedule.task().key()));
        change.and(revoked.decided(one).change)
    }))
}

/// Claims a schedule for the attempt that was begun for it; to be committed together with that attempt.
/// `None` when it was claimed or revoked before.
pub fn started(schedule: &Schedule, transaction: &TransactionId, now: Timestamp) -> Option<Decided> {
    if schedule.status() != ScheduleStatus::Scheduled {
        return None;
    }
    let mut after = schedule.clone();
    after.state = State::Started(Run { transaction: transaction.clone(), started_at: now });
    let mut change = Change::default();
    change.jobs.push(JobWrite::Remove(schedule.task().key()));
    Some(after.decided(change))
}

/// Claims a schedule and ends it at once: its attempt failed before anything was sent, or none could be made
/// at all. `None` when it was claimed or revoked before.
pub fn failed(schedule: &Schedule, attempt: Option<&TransactionId>, now: Timestamp) -> Option<Decided> {
    if schedule.status() != ScheduleStatus::Scheduled {
        return None;
    }
    let mut after = schedule.clone();
    let run = attempt.map(|transaction| Run { transaction: transaction.clone(), started_at: now });
    after.state = State::Failed { run, started_at: now, at: now };
    let mut change = Change::default();
    change.jobs.push(JobWrite::Remove(schedule.task().key()));
    Some(after.decided(change))
}

/// How a schedule stands when its attempt stands so.
pub const fn status_of(attempt: &AttemptState) -> ScheduleStatus {
    match attempt {
        AttemptState::Ready | AttemptState::Sending => ScheduleStatus::Started,
        AttemptState::Unknown { .. } | AttemptState::Pending { .. } | AttemptState::AccountIssued { .. } => {
            ScheduleStatus::Pending
        }
        AttemptState::Paid(_) => ScheduleStatus::Succeeded,
        AttemptState::Failed(_) => ScheduleStatus::Failed,
    }
}

/// Lets the schedule stand as its attempt does; to be committed together with the attempt. `None` when
/// it does already, or the attempt is not the schedule's.
pub fn follow(schedule: &Schedule, attempt: &Attempt, now: Timestamp) -> Option<Decided> {
    let run = schedule.run().filter(|run| run.transaction == attempt.id)?.clone();
    let status = status_of(&attempt.state);
    if status == schedule.status() {
        return None;
    }
    let mut after = schedule.clone();
    after.state = match status {
        ScheduleStatus::Scheduled | ScheduleStatus::Started | ScheduleStatus::Revoked => return None,
        ScheduleStatus::Pending => State::Pending { run, at: now },
        ScheduleStatus::Succeeded => State::Succeeded { run, at: now },
        ScheduleStatus::Failed => {
            let started_at = run.started_at;
            State::Failed { run: Some(run), started_at, at: now }
        }
    };
    Some(after.decided(Change::default()))
}

#[cfg(test)]
mod tests;
