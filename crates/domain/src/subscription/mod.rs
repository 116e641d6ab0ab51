//! Plans, subscriptions and their deductions.
//!
//! A plan says what is deducted and how often. A subscription is one customer's enrolment in a plan: a link
//! until the customer has given a way to pay, and deductions from then on. Each deduction is one payment with
//! the subscription's billing key. A regular one is made by the calendar and, when it fails, tried again; one
//! on demand is made when the merchant says so, and never tried again.
//!
//! Owned here: when each deduction is due, how much it is, and what its outcome does to the subscription.
//! How a charge is made and settled is the payment's ([`crate::payment`]).

mod calendar;
mod collection;
mod deduct;
mod deduction;
mod end;
mod enrol;
mod follow;
mod plan;
mod standing;
#[cfg(test)]
mod tests;

pub use calendar::{Period, Step, StepRefusal};
pub use collection::{Collection, MISSED_IN_A_ROW, Missed, Totals, TotalsRefusal, retry_after_days};
pub use deduct::{
    DeductRefusal, Due, DueDeduction, TRIGGER_PAUSE, TriggerRefusal, begin_due, due, on_demand, trigger,
};
pub use deduction::{Deduction, DeductionState, Slot};
pub use end::{CancelRefusal, cancel, expire, key_gone, release};
pub use enrol::{EnrolRefusal, Enrolled, begin, charge, create, refuse, start};
pub use follow::{Verdict, follow};
pub use plan::{Note, Plan, PlanKind, cancel_plan, create_plan};
pub use standing::{
    Addresses, Cost, Cycle, Decided, Ending, Enrolling, Means, Regular, Running, State, Subscription,
    SubscriptionStatus, Terms,
};
