//! A deduction: one payment of a subscription.

use crate::channel::Environment;
use crate::id::{PaymentId, StoreId, SubscriptionRef};
use crate::money::Amount;
use jiff::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deduction {
    pub store: StoreId,
    pub environment: Environment,
    pub subscription: SubscriptionRef,
    /// Counts the subscription's deductions from 1, failed ones included.
    pub number: u64,
    /// The payment that it is.
    pub payment: PaymentId,
    pub slot: Slot,
    pub amount: Amount,
    pub created_at: Timestamp,
    pub state: DeductionState,
}

/// What a deduction is for. Of each slot but those on demand, at most one deduction ever succeeds: storage
/// holds that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// The charge at enrolment in a plan on demand.
    Initial,
    /// A date of the calendar, counted from 0.
    Cycle(u32),
    /// The merchant asked for it.
    OnDemand,
}

impl Slot {
    /// The slot's number, unique in its subscription; none on demand.
    pub const fn number(self) -> Option<u32> {
        match self {
            Self::Initial => Some(0),
            Self::Cycle(cycle) => Some(cycle),
            Self::OnDemand => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeductionState {
    /// The PSP is being asked, or has not said how it ended.
    Going,
    Collected {
        at: Timestamp,
    },
    Failed {
        at: Timestamp,
        /// It was the last try of its slot: the amount is missed.
        is_last: bool,
    },
}

impl DeductionState {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Going => "GOING",
            Self::Collected { .. } => "COLLECTED",
            Self::Failed { .. } => "FAILED",
        }
    }
}
