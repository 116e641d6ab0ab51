//! Plans: what is deducted, and how often.

use super::Step;
use crate::change::{Change, Write};
use crate::channel::Environment;
use crate::id::{MerchantId, PlanRef, StoreId};
use crate::money::{Amount, Currency};
use jiff::Timestamp;

/// Something that the merchant wants to remember, as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub key: String,
    pub value: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub reference: PlanRef,
    pub store: StoreId,
    pub merchant: MerchantId,
    pub environment: Environment,
    /// Counts stored changes; 0 before the first one.
    pub version: u64,
    /// The merchant's own reference, unique in the store and environment.
    pub merchant_ref: String,
    pub name: String,
    pub description: String,
    /// In the dialect's word: where it was made.
    pub source: String,
    pub notes: Vec<Note>,
    pub currency: Currency,
    pub kind: PlanKind,
    pub created_at: Timestamp,
    /// A cancelled plan takes no new subscriptions; those that run go on.
    pub cancelled_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanKind {
    /// This amount (minor units) every so often.
    Regular { amount: Amount, step: Step },
    /// Whatever the merchant asks for, whenever it asks.
    OnDemand,
}

impl Plan {
    pub const fn is_active(&self) -> bool {
        self.cancelled_at.is_none()
    }
}

/// Stores a new plan.
pub fn create_plan(plan: Plan) -> (Plan, Change) {
    let plan = Plan { version: 1, ..plan };
    let mut change = Change::default();
    change.writes.push(Write::Plan { plan: Box::new(plan.clone()), expects: None });
    (plan, change)
}

/// Cancels a plan. None when it was cancelled before: then there is nothing to do.
pub fn cancel_plan(plan: &Plan, now: Timestamp) -> Option<Change> {
    if !plan.is_active() {
        return None;
    }
    let cancelled = Plan { cancelled_at: Some(now), version: plan.version.saturating_add(1), ..plan.clone() };
    let mut change = Change::default();
    change.writes.push(Write::Plan { plan: Box::new(cancelled), expects: Some(plan.version) });
    Some(change)
}
