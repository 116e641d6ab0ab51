//! A payment: what a buyer owes a store for one order, its attempts and its cancellations.
//!
//! Many attempts may fail, at most one may succeed. What a caller sees as the status is derived from
//! the current attempt and the cancellations; nothing stores it a second time as a fact. Decisions
//! live one a file: [`pay`], [`settle`], [`cancel`], [`capture`], [`virtual_account`], [`escrow`],
//! [`store_receipt`], [`dispute`], [`preregister`], [`promoted`].

mod amounts;
mod attempt;
pub mod cancel;
pub mod capture;
pub mod dispute;
pub mod escrow;
pub mod pay;
pub mod preregister;
pub mod promoted;
pub mod receipt_wish;
pub mod settle;
pub mod store_receipt;
#[cfg(test)]
pub(crate) mod testing;
pub mod virtual_account;

pub use amounts::{Amounts, AmountsError, AmountsNow};
pub use attempt::{
    Attempt, AttemptState, Authentication, Capture, Failure, Installment, Method, Notices, Order, Origin,
    Paid, Platform, Request,
};
pub use cancel::{Cancellation, CancellationState};
pub use dispute::Dispute;
pub use escrow::Escrow;
pub use preregister::PreRegistration;
pub use virtual_account::AccountLife;

use crate::change::{Change, Touched, Write};
use crate::channel::Environment;
use crate::event::{Event, PaymentEvent, PaymentEventKind, Subject, Trigger};
use crate::id::{CancellationId, EventId, MerchantId, PaymentKey, TransactionId};
use crate::money::Amount;
use jiff::{SignedDuration, Timestamp};

/// Bounds that an operator may set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Attempts of one payment. Default 100.
    pub max_attempts: u32,
    /// Cancellations of one payment. Default 100.
    pub max_cancellations: u32,
    /// How long after an intention its missing answer is looked for by a job. Above the longest time
    /// that a caller waits, so that the job does not race the request. Default 60 s.
    pub answer_overdue: SignedDuration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_attempts: 100, max_cancellations: 100, answer_overdue: SignedDuration::from_secs(60) }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    pub key: PaymentKey,
    pub merchant: MerchantId,
    pub environment: Environment,
    /// Counts stored changes; 0 before the first one. The guard of every write.
    pub version: u64,
    /// The last event's number; 0 before the first one.
    pub last_event: u64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub status_changed_at: Timestamp,
    /// In the order in which they were made. Never empty.
    pub attempts: Vec<Attempt>,
    /// In the order in which they were asked for.
    pub cancellations: Vec<Cancellation>,
    pub disputes: Vec<Dispute>,
}

/// The status that both dialects show, each in its own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    Ready,
    /// The outcome is not known yet: the PSP said "later", or said nothing.
    Pending,
    VirtualAccountIssued,
    Paid,
    Failed,
    PartialCancelled,
    Cancelled,
}

impl Status {
    pub const ALL: [Self; 7] = [
        Self::Ready,
        Self::Pending,
        Self::VirtualAccountIssued,
        Self::Paid,
        Self::Failed,
        Self::PartialCancelled,
        Self::Cancelled,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "READY",
            Self::Pending => "PENDING",
            Self::VirtualAccountIssued => "VIRTUAL_ACCOUNT_ISSUED",
            Self::Paid => "PAID",
            Self::Failed => "FAILED",
            Self::PartialCancelled => "PARTIAL_CANCELLED",
            Self::Cancelled => "CANCELLED",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Payment {
    /// The successful attempt, or else the one that may have taken money, or else the latest. `None` only for a payment that was never made.
    pub fn current(&self) -> Option<&Attempt> {
        let paid = self.attempts.iter().find(|attempt| attempt.is_paid());
        paid.or_else(|| self.attempts.iter().find(|attempt| attempt.blocks_others())).or(self.attempts.last())
    }

    pub fn attempt(&self, id: &TransactionId) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| attempt.id == *id)
    }

    pub fn cancellation(&self, id: &CancellationId) -> Option<&Cancellation> {
        self.cancellations.iter().find(|cancellation| cancellation.id == *id)
    }

    /// The attempt that succeeded.
    pub fn paid_attempt(&self) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| attempt.is_paid())
    }

    pub fn status(&self) -> Status {
        let Some(attempt) = self.current() else { return Status::Ready };
        match &attempt.state {
            AttemptState::Ready => Status::Ready,
            AttemptState::Sending | AttemptState::Unknown { .. } | AttemptState::Pending { .. } => {
                Status::Pending
            }
            AttemptState::AccountIssued { .. } => Status::VirtualAccountIssued,
            AttemptState::Failed(_) => Status::Failed,
            AttemptState::Paid(_) => {
                let cancelled = self.cancelled_order_amount();
                if cancelled.is_zero() && !self.cancellations.iter().any(Cancellation::is_succeeded) {
                    Status::Paid
                } else if cancelled >= attempt.amounts.total {
                    Status::Cancelled
                } else {
                    Status::PartialCancelled
                }
            }
        }
    }

    /// The order amount that succeeded cancellations took back.
    pub fn cancelled_order_amount(&self) -> Amount {
        Amount::total(self.cancellations.iter().filter(|c| c.is_succeeded()).map(|c| c.order_amount))
    }

    /// The order amount that may still be cancelled. Unanswered cancellations count as taken: the
    /// PSP may still grant them.
    pub fn cancellable(&self) -> Amount {
        match self.paid_attempt() {
            Some(attempt) => attempt.amounts.total.minus_or_zero(self.claimed(|c| c.order_amount)),
            None => Amount::ZERO,
        }
    }

    /// The sum of one part over succeeded and unanswered cancellations.
    fn claimed(&self, part: impl Fn(&Cancellation) -> Amount) -> Amount {
        Amount::total(self.cancellations.iter().filter(|c| c.is_claiming()).map(part))
    }

    /// The amounts as a caller sees them now.
    pub fn amounts(&self) -> AmountsNow {
        let Some(attempt) = self.current() else { return AmountsNow::default() };
        let succeeded = || self.cancellations.iter().filter(|c| c.is_succeeded());
        AmountsNow {
            total: attempt.amounts.total,
            tax_free: attempt.amounts.tax_free,
            vat: attempt.amounts.vat,
            supply: attempt.amounts.supply(),
            discount: attempt.amounts.discount,
            paid: if attempt.is_paid() { attempt.amounts.to_pay() } else { Amount::ZERO },
            cancelled: Amount::total(succeeded().map(|c| c.refund)),
            cancelled_tax_free: Amount::total(succeeded().map(|c| c.tax_free)),
        }
    }

    /// When the latest successful cancellation ended.
    pub fn cancelled_at(&self) -> Option<Timestamp> {
        self.cancellations
            .iter()
            .filter_map(|c| match &c.state {
                CancellationState::Succeeded { at, .. } => Some(*at),
                CancellationState::Sending
                | CancellationState::Unknown { .. }
                | CancellationState::Requested { .. }
                | CancellationState::Failed { .. } => None,
            })
            .max()
    }
}

/// A payment being changed: the new state and everything that is written with it.
#[derive(Debug)]
pub(crate) struct Draft {
    pub payment: Payment,
    pub touched: Touched,
    pub change: Change,
    expects: Option<u64>,
    before: Option<Status>,
    before_promoted: promoted::Before,
    now: Timestamp,
}

/// What a decision gives back: the payment as it will be, and the change that makes it so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    pub payment: Payment,
    pub change: Change,
}

impl Draft {
    pub fn of(payment: &Payment, now: Timestamp) -> Self {
        Self {
            expects: (payment.version > 0).then_some(payment.version),
            before: (payment.version > 0).then(|| payment.status()),
            before_promoted: promoted::Before::of(payment),
            payment: payment.clone(),
            touched: Touched::default(),
            change: Change::default(),
            now,
        }
    }

    pub fn event(
        &mut self,
        kind: PaymentEventKind,
        transaction: &TransactionId,
        cancellation: Option<&CancellationId>,
        trigger: Option<Trigger>,
        moved: i64,
        notify: crate::change::Notify,
    ) {
        self.payment.last_event = self.payment.last_event.saturating_add(1);
        let sequence = self.payment.last_event;
        let event = Event {
            id: EventId::known(format!("{transaction}-{sequence}")),
            merchant: self.payment.merchant.clone(),
            store: self.payment.key.store.clone(),
            environment: self.payment.environment,
            at: self.now,
            trigger,
            subject: Subject::Payment(PaymentEvent {
                payment: self.payment.key.clone(),
                transaction: transaction.clone(),
                cancellation: cancellation.cloned(),
                kind,
                sequence,
                status: self.payment.status(),
                amounts: self.payment.amounts(),
                moved,
            }),
        };
        self.change.events.push((event, notify));
    }

    pub fn decided(mut self) -> Decided {
        self.payment.version = self.payment.version.saturating_add(1);
        self.payment.updated_at = self.now;
        if self.before != Some(self.payment.status()) {
            self.payment.status_changed_at = self.now;
        }
        let moved = self.budgets_moved();
        self.change.write_payment(self.payment.clone(), self.expects, self.touched);
        // Behind the payment, whose version guards them.
        self.change.writes.extend(moved.into_iter().map(Write::Budget));
        Decided { payment: self.payment, change: self.change }
    }
}
