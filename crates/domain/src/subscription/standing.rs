//! A subscription, and how it stands.

use super::{Collection, Missed, Note, Slot, Step, Totals};
use crate::change::{Change, Notify, Write};
use crate::channel::Environment;
use crate::customer::Customer;
use crate::id::{BillingKeyId, MerchantId, PaymentId, PlanRef, StoreId, SubscriptionRef};
use crate::job::{Job, JobWrite, Task};
use crate::money::{Amount, Currency};
use crate::notice::{self, Notice, NoticeKind, Way};
use jiff::Timestamp;

/// Confirmations that one link takes.
const MOST_ENROLMENTS: u32 = 30;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    pub reference: SubscriptionRef,
    pub store: StoreId,
    pub merchant: MerchantId,
    pub environment: Environment,
    /// Counts stored changes; 0 before the first one. The guard of every write.
    pub version: u64,
    /// The merchant's own reference, unique in the store and environment.
    pub merchant_ref: String,
    pub plan: PlanRef,
    /// As it was when the subscription was made; what the customer agrees to does not change.
    pub plan_name: String,
    /// In the dialect's word: where it was made.
    pub source: String,
    pub description: String,
    /// Two letters, or empty.
    pub country: String,
    pub customer: Customer,
    /// The ways by which the link is sent to the customer.
    pub notify_by_email: bool,
    pub notify_by_phone: bool,
    /// What was sent, and how that went.
    pub notices: Vec<Notice>,
    pub notes: Vec<Note>,
    /// Charged once, with the first deduction.
    pub costs: Vec<Cost>,
    pub currency: Currency,
    pub terms: Terms,
    pub addresses: Addresses,
    /// Of whoever made it.
    pub ip_address: String,
    pub created_at: Timestamp,
    /// When the link ends that nobody has used.
    pub expires_at: Timestamp,
    /// What deductions have collected; refunds do not take anything from it.
    pub collected_amount: Amount,
    pub collected_count: u32,
    /// Deductions made so far, failed ones included.
    pub deductions: u64,
    /// How often somebody confirmed the enrolment.
    pub enrolments: u32,
    /// Changes of its status that were told, counted from 1.
    pub last_event: u64,
    pub state: State,
}

/// A cost beside the plan's amount, minor units. Single ones may be negative, their sum is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cost {
    pub key: String,
    pub value: i64,
}

/// Where the customer is led after the enrolment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    pub success: String,
    pub failure: String,
    pub pending: String,
}

/// What the customer agrees to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Terms {
    Regular(Regular),
    /// `initial` and `additional` are charged together at enrolment; nothing is when both are zero.
    OnDemand {
        initial: Amount,
        additional: Amount,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regular {
    pub plan_amount: Amount,
    pub quantity: u32,
    pub step: Step,
    pub totals: Totals,
    pub missed: Missed,
    /// When the first deduction is due; at enrolment when absent or past.
    pub starts_at: Option<Timestamp>,
    /// Before the first deduction, counted from the enrolment. Never together with `starts_at`.
    pub trial: Option<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// A link that waits for its customer.
    Created {
        enrolling: Option<Enrolling>,
    },
    Active(Running),
    /// Final. What ran stays to be read.
    Ended {
        how: Ending,
        at: Timestamp,
        ran: Option<Running>,
    },
}

/// A customer has confirmed, and a PSP is being asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolling {
    pub billing_key: BillingKeyId,
    pub means: Means,
    pub since: Timestamp,
    /// The first charge, as soon as the key is there.
    pub payment: Option<PaymentId>,
}

/// With what the customer pays, as the dialect's catalogue names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Means {
    pub channel: String,
    pub method: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Completed,
    Expired,
    CancelledByMerchant,
    /// Too many deductions in a row had failed.
    GivenUp,
    /// The PSP does not know the billing key any more.
    CancelledByPsp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    pub billing_key: BillingKeyId,
    pub means: Means,
    pub enrolled_at: Timestamp,
    /// The date of the calendar that comes next; none on demand.
    pub cycle: Option<Cycle>,
}

/// Where a regular subscription is in its calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cycle {
    /// The first date, from which all others are counted.
    pub anchor: Timestamp,
    /// When the trial ends, when there is one.
    pub trial_ends_at: Option<Timestamp>,
    /// Dates that came to an end, either way: the number of the next one.
    pub ended: u32,
    pub missed_in_a_row: u32,
    /// Due beside the recurring amount.
    pub arrears: Amount,
    /// When the next deduction, or the next try of it, is due.
    pub due_at: Timestamp,
    /// Tries of the present date that failed.
    pub failures: u32,
    /// Tries of the present date that provably never reached the PSP.
    pub unsent: u32,
    /// When the present date was first tried.
    pub tried_at: Option<Timestamp>,
    /// When the merchant last asked for the next deduction out of turn.
    pub triggered_at: Option<Timestamp>,
    /// The deduction that is under way, which the next one waits for.
    pub going: Option<PaymentId>,
}

/// How a subscription stands, without what that brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SubscriptionStatus {
    Created,
    Active,
    Completed,
    Expired,
    Cancelled,
}

impl SubscriptionStatus {
    pub const ALL: [Self; 5] = [Self::Created, Self::Active, Self::Completed, Self::Expired, Self::Cancelled];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "CREATED",
            Self::Active => "ACTIVE",
            Self::Completed => "COMPLETED",
            Self::Expired => "EXPIRED",
            Self::Cancelled => "CANCELLED",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

impl std::fmt::Display for SubscriptionStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Ending {
    pub const fn status(self) -> SubscriptionStatus {
        match self {
            Self::Completed => SubscriptionStatus::Completed,
            Self::Expired => SubscriptionStatus::Expired,
            Self::CancelledByMerchant | Self::GivenUp | Self::CancelledByPsp => SubscriptionStatus::Cancelled,
        }
    }
}

impl Regular {
    /// What the calendar collects, at this place of it.
    pub(super) const fn collection(&self, subscription: &Subscription, cycle: &Cycle) -> Collection {
        Collection {
            totals: self.totals,
            missed: self.missed,
            collected_amount: subscription.collected_amount,
            collected_count: subscription.collected_count,
            ended: cycle.ended,
            missed_in_a_row: cycle.missed_in_a_row,
            arrears: cycle.arrears,
        }
    }
}

impl Subscription {
    pub const fn status(&self) -> SubscriptionStatus {
        match &self.state {
            State::Created { .. } => SubscriptionStatus::Created,
            State::Active(_) => SubscriptionStatus::Active,
            State::Ended { how, .. } => how.status(),
        }
    }

    /// How it stands at this instant, whether or not somebody has written down that its link is over. A link
    /// whose customer is enrolling does not end.
    pub fn status_at(&self, now: Timestamp) -> SubscriptionStatus {
        match &self.state {
            State::Created { enrolling: None } if self.expires_at <= now => SubscriptionStatus::Expired,
            State::Created { .. } | State::Active(_) | State::Ended { .. } => self.status(),
        }
    }

    /// Whether nobody may try to enrol any more: whoever tries card after card is no customer.
    pub const fn is_worn_out(&self) -> bool {
        self.enrolments >= MOST_ENROLMENTS
    }

    /// What runs, or ran.
    pub const fn running(&self) -> Option<&Running> {
        match &self.state {
            State::Active(running) => Some(running),
            State::Ended { ran, .. } => ran.as_ref(),
            State::Created { .. } => None,
        }
    }

    /// What is charged first, with the additional costs: at enrolment, or when the calendar begins.
    pub fn first_amount(&self) -> Amount {
        match &self.terms {
            Terms::Regular(regular) => {
                regular.totals.recurring.plus(regular.totals.additional).unwrap_or(regular.totals.total)
            }
            // Their sum was checked when the subscription was made.
            Terms::OnDemand { initial, additional } => initial.plus(*additional).unwrap_or(*initial),
        }
    }

    /// What is charged at this instant when a customer enrols, and for what; nothing when the way to pay is
    /// only kept.
    pub fn charge_at_enrolment(&self, now: Timestamp) -> Option<(Amount, Slot)> {
        let slot = match &self.terms {
            Terms::Regular(regular) => {
                let is_later = regular.trial.is_some() || regular.starts_at.is_some_and(|at| at > now);
                if is_later {
                    return None;
                }
                Slot::Cycle(0)
            }
            Terms::OnDemand { .. } => Slot::Initial,
        };
        Some((self.first_amount(), slot)).filter(|(amount, _)| !amount.is_zero())
    }

    /// The next deduction of the calendar and when it is due; nothing on demand, before the enrolment, and
    /// when it is over.
    pub fn next_deduction(&self) -> Option<(Amount, Timestamp)> {
        let (Terms::Regular(regular), State::Active(running)) = (&self.terms, &self.state) else {
            return None;
        };
        let cycle = running.cycle.as_ref()?;
        let amount = regular.collection(self, cycle).due()?;
        Some((amount, cycle.due_at))
    }

    pub fn is_in_trial(&self, now: Timestamp) -> bool {
        let State::Active(running) = &self.state else { return false };
        running
            .cycle
            .as_ref()
            .is_some_and(|cycle| cycle.ended == 0 && cycle.trial_ends_at.is_some_and(|at| now < at))
    }

    pub(super) fn job(&self, task: Task, due_at: Timestamp) -> JobWrite {
        JobWrite::Put(Job { task, store: self.store.clone(), environment: self.environment, due_at, runs: 0 })
    }

    pub(super) fn deduct_task(&self) -> Task {
        Task::DeductCycle { subscription: self.reference.clone() }
    }

    pub(super) fn send_task(&self) -> Task {
        Task::SendSubscription { subscription: self.reference.clone() }
    }

    pub(super) fn expire_task(&self) -> Task {
        Task::ExpireSubscription { subscription: self.reference.clone() }
    }

    /// The ways by which the customer is sent the link.
    pub fn ways(&self) -> impl Iterator<Item = Way> {
        let (by_email, by_phone) = (self.notify_by_email, self.notify_by_phone);
        Way::ALL.into_iter().filter(move |way| match way {
            Way::Email => by_email,
            Way::Sms => by_phone,
        })
    }

    /// The ways by which this is still to be sent.
    pub fn outstanding(&self, kind: NoticeKind) -> Vec<Way> {
        notice::outstanding(&self.notices, kind, self.ways())
    }

    /// Writes down how a notice stands.
    pub fn noticed(&self, notice: Notice) -> Decided {
        let mut after = self.clone();
        notice::write_down(&mut after.notices, notice);
        after.decided(Change::default())
    }

    /// From when on it runs: the first date of its calendar, or the enrolment.
    pub fn started_at(&self) -> Option<Timestamp> {
        let running = self.running()?;
        Some(running.cycle.as_ref().map_or(running.enrolled_at, |cycle| cycle.anchor))
    }

    /// The job that deletes a billing key which is not needed any more.
    pub(super) fn release(&self, key: &BillingKeyId, now: Timestamp) -> JobWrite {
        let task = Task::ReleaseSubscriptionKey { subscription: self.reference.clone(), key: key.clone() };
        self.job(task, now)
    }

    pub(super) fn decided(self, change: Change) -> Decided {
        self.written(change, Notify::No)
    }

    fn written(mut self, mut change: Change, notify: Notify) -> Decided {
        let expects = (self.version > 0).then_some(self.version);
        self.version = self.version.saturating_add(1);
        change.writes.push(Write::Subscription { subscription: Box::new(self.clone()), expects, notify });
        Decided { subscription: self, change }
    }

    /// Stores a new status and tells the merchant.
    pub(super) fn turned(mut self, state: State, change: Change) -> Decided {
        self.state = state;
        self.last_event = self.last_event.saturating_add(1);
        self.written(change, Notify::Yes)
    }
}

/// What a decision about a subscription gives back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    pub subscription: Subscription,
    pub change: Change,
}
