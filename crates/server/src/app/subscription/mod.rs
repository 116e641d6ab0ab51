//! Plans, subscriptions and their deductions.
//!
//! What is due, and what an outcome means, is decided in `domain::subscription`; here is who loads, commits and
//! charges. A deduction is a payment with the subscription's billing key: its intention, its order and its place
//! in the calendar are one commit, so that no date is charged twice whoever tries, and its outcome is applied to
//! the subscription by the commit that settles the payment (`charging.rs`), whoever learns it.

mod charge;
mod create;
mod deduct;
mod end;
mod enrol;
mod notice;
mod read;

pub use create::{NewPlan, NewSubscription, WantedTerms};
pub use deduct::{DeductOnDemand, Deducted, RanCycle};
pub use end::Released;
pub use enrol::{Enrol, Enrolment};
pub use read::{Enrollable, Offer};

use super::failure::Failure;
use super::global::Refusal;
use paypier_domain::subscription::{
    CancelRefusal, DeductRefusal, EnrolRefusal, TotalsRefusal, TriggerRefusal,
};
use paypier_storage::{CommitError, ReadError};

/// Why nothing becomes of a plan, a subscription or a deduction. The dialect has the code of each.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SubscriptionRefusal {
    #[error("Plan does not exist with this order ref")]
    UnknownPlan,
    #[error("Plan is not active")]
    PlanNotActive,
    #[error("Subscription does not exist with this order ref")]
    UnknownSubscription,
    #[error("the plan is of the other type")]
    OtherType,
    #[error("the plan is of the other environment")]
    OtherEnvironment,
    #[error("Currency does not match the plan")]
    OtherCurrency,
    #[error("trial and started_at exclude each other")]
    TrialWithStart,
    #[error("the initial amount is too large")]
    TooLarge,
    #[error(transparent)]
    Totals(#[from] TotalsRefusal),
    #[error(transparent)]
    Enrol(#[from] EnrolRefusal),
    #[error(transparent)]
    Deduct(#[from] DeductRefusal),
    #[error(transparent)]
    Trigger(#[from] TriggerRefusal),
    #[error(transparent)]
    Cancel(#[from] CancelRefusal),
    /// References, and whatever keeps any use case of the dialect from succeeding.
    #[error(transparent)]
    Dialect(#[from] Refusal),
}

impl From<Failure> for SubscriptionRefusal {
    fn from(failure: Failure) -> Self {
        Self::Dialect(failure.into())
    }
}

impl From<ReadError> for SubscriptionRefusal {
    fn from(error: ReadError) -> Self {
        Self::Dialect(error.into())
    }
}

impl From<CommitError> for SubscriptionRefusal {
    fn from(error: CommitError) -> Self {
        Self::Dialect(error.into())
    }
}

/// A commit that met a row of the same name: the merchant's reference was used.
fn used(error: CommitError) -> SubscriptionRefusal {
    match error {
        CommitError::Exists(_) => SubscriptionRefusal::Dialect(Refusal::DuplicateReference),
        other => other.into(),
    }
}
