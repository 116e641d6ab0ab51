//! Promotions: discounts that a store gives for the cards of one company, out of a budget.
//!
//! Owns the promotion's life and what its budget means. Whether a payment gets a discount is in
//! [`grant`], how large it is in [`policy`], what a cancellation takes back in [`give_back`]; how a
//! payment's progress moves the budget is the payment's own (`payment/promoted.rs`). What always holds:
//! what is spent and reserved together never exceeds the budget; the guard of that is in the write.

pub mod give_back;
pub mod grant;
mod policy;

pub use give_back::RetainOption;
pub use grant::{Grant, GrantRefusal};
pub(crate) use policy::proportion;
pub use policy::{DiscountPolicy, MOST_PARTITIONS, Partition, PolicyError, Scheme};

use crate::channel::Environment;
use crate::id::{PromotionId, StoreId};
use crate::money::{Amount, Currency, Rate, Rounding};
use jiff::Timestamp;

/// The company that issues a card, of those that promotions are made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CardCompany {
    Woori,
    Bc,
    Samsung,
    Shinhan,
    Hyundai,
    Lotte,
    Nh,
    Hana,
    Kookmin,
}

impl CardCompany {
    pub const ALL: [Self; 9] = [
        Self::Woori,
        Self::Bc,
        Self::Samsung,
        Self::Shinhan,
        Self::Hyundai,
        Self::Lotte,
        Self::Nh,
        Self::Hana,
        Self::Kookmin,
    ];

    /// The company's name, as PSPs' issuers are named: `SHINHAN_CARD`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Woori => "WOORI_CARD",
            Self::Bc => "BC_CARD",
            Self::Samsung => "SAMSUNG_CARD",
            Self::Shinhan => "SHINHAN_CARD",
            Self::Hyundai => "HYUNDAI_CARD",
            Self::Lotte => "LOTTE_CARD",
            Self::Nh => "NH_CARD",
            Self::Hana => "HANA_CARD",
            Self::Kookmin => "KOOKMIN_CARD",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|company| company.as_str() == text)
    }
}

impl std::fmt::Display for CardCompany {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is set aside beyond the budget for discounts that are given back and do not return to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spare {
    Amount(Amount),
    /// Of the total budget, rounded down.
    Percent(u8),
}

/// Whether a discount that a cancellation takes back returns to the budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovery {
    Recover,
    NoRecover { spare: Option<Spare> },
}

/// How a promotion stands. Derived, never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    Scheduled,
    InProgress,
    Paused,
    BudgetExhausted,
    Terminated,
    Completed,
}

impl Status {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "SCHEDULED",
            Self::InProgress => "IN_PROGRESS",
            Self::Paused => "PAUSED",
            Self::BudgetExhausted => "BUDGET_EXHAUSTED",
            Self::Terminated => "TERMINATED",
            Self::Completed => "COMPLETED",
        }
    }

    /// Whether nothing about the promotion can change any more.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Terminated | Self::Completed)
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How the money of a promotion stands, minor units of its currency. Moved by payments, in the writes
/// themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Budget {
    /// Held for payments whose outcome is open.
    pub reserved: Amount,
    /// Given to buyers, less what came back.
    pub spent: Amount,
    /// Given to buyers although the budget did not have it: a payment that was approved after its hold
    /// had been released. The store bears it; the budget is not overdrawn by it.
    pub unfunded: Amount,
    /// Given back by buyers and not returned to the budget.
    pub unrecovered: Amount,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promotion {
    pub id: PromotionId,
    pub store: StoreId,
    /// TEST and LIVE never meet: a budget is spent by payments of its own environment.
    pub environment: Environment,
    pub name: String,
    pub card_company: CardCompany,
    pub currency: Currency,
    pub policy: DiscountPolicy,
    pub total_budget: Amount,
    pub recovery: Recovery,
    pub start_at: Timestamp,
    /// Exclusive.
    pub end_at: Timestamp,
    pub created_at: Timestamp,
    pub paused_at: Option<Timestamp>,
    pub terminated_at: Option<Timestamp>,
    /// Counts what the operator did, from 1. A discount is granted by the terms that were looked at.
    pub terms: u64,
    pub budget: Budget,
}

/// What an operator may change; `None` leaves it as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edit {
    pub name: Option<String>,
    pub start_at: Option<Timestamp>,
    pub end_at: Option<Timestamp>,
    pub card_company: Option<CardCompany>,
    pub currency: Option<Currency>,
    pub policy: Option<DiscountPolicy>,
    pub total_budget: Option<Amount>,
    pub recovery: Option<Recovery>,
}

/// Why an operator's wish about a promotion is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TermsRefusal {
    #[error("the promotion is over (its status is {0}); nothing about it can change any more")]
    Over(Status),
    #[error("the promotion is paused already")]
    Paused,
    #[error("the promotion is not paused (its status is {0})")]
    NotPaused(Status),
    #[error(
        "{member} cannot be changed while the promotion is {status}; everything can be changed while it is SCHEDULED"
    )]
    Fixed { member: &'static str, status: Status },
    #[error("the promotion has started; its start cannot be moved to {0}, which is in the future")]
    Started(Timestamp),
    #[error("a promotion ends after it starts: start {start_at}, end {end_at}")]
    EndsBeforeStart { start_at: Timestamp, end_at: Timestamp },
    #[error("the total budget must be above 0")]
    NoBudget,
    #[error("a spare budget in percent is 1 to 100, not {0}")]
    SparePercent(u8),
}

impl Promotion {
    /// What is set aside beyond the total budget.
    pub fn spare_budget(&self) -> Amount {
        match self.recovery {
            Recovery::Recover | Recovery::NoRecover { spare: None } => Amount::ZERO,
            Recovery::NoRecover { spare: Some(Spare::Amount(amount)) } => amount,
            Recovery::NoRecover { spare: Some(Spare::Percent(percent)) } => {
                percent_of(percent, self.total_budget)
            }
        }
    }

    /// What may be spent and reserved in all: the total budget, and of the spare budget as much as
    /// cancellations have cost the promotion.
    pub fn limit(&self) -> Amount {
        Amount::total([self.total_budget, self.budget.unrecovered.min(self.spare_budget())])
    }

    /// What is left to reserve.
    pub fn room(&self) -> Amount {
        self.limit().minus_or_zero(Amount::total([self.budget.spent, self.budget.reserved]))
    }

    /// An end ends a pause, too. A budget that is used up has come to its end only when nothing at all
    /// is left of it.
    pub fn status(&self, now: Timestamp) -> Status {
        if self.terminated_at.is_some() {
            Status::Terminated
        } else if now >= self.end_at {
            Status::Completed
        } else if self.paused_at.is_some() {
            Status::Paused
        } else if now < self.start_at {
            Status::Scheduled
        } else if self.room().is_zero() {
            Status::BudgetExhausted
        } else {
            Status::InProgress
        }
    }

    /// Whether the promotion can be as it is.
    ///
    /// # Errors
    /// A budget of 0, an end before the start, a spare budget of no percent.
    pub fn check(&self) -> Result<(), TermsRefusal> {
        if self.end_at <= self.start_at {
            return Err(TermsRefusal::EndsBeforeStart { start_at: self.start_at, end_at: self.end_at });
        }
        if self.total_budget.is_zero() {
            return Err(TermsRefusal::NoBudget);
        }
        match self.recovery {
            Recovery::NoRecover { spare: Some(Spare::Percent(percent)) } if !(1..=100).contains(&percent) => {
                Err(TermsRefusal::SparePercent(percent))
            }
            Recovery::NoRecover { .. } | Recovery::Recover => Ok(()),
        }
    }

    /// Stops granting discounts for now. Payments that were begun keep theirs.
    ///
    /// # Errors
    /// It is over, or paused already.
    pub fn paused(&self, now: Timestamp) -> Result<Self, TermsRefusal> {
        match self.status(now) {
            over @ (Status::Terminated | Status::Completed) => Err(TermsRefusal::Over(over)),
            Status::Paused => Err(TermsRefusal::Paused),
            Status::Scheduled | Status::InProgress | Status::BudgetExhausted => {
                Ok(Self { paused_at: Some(now), ..self.next_terms() })
            }
        }
    }

    /// Goes on where it was paused.
    ///
    /// # Errors
    /// It is not paused.
    pub fn resumed(&self, now: Timestamp) -> Result<Self, TermsRefusal> {
        match self.status(now) {
            over @ (Status::Terminated | Status::Completed) => Err(TermsRefusal::Over(over)),
            Status::Paused => Ok(Self { paused_at: None, ..self.next_terms() }),
            other @ (Status::Scheduled | Status::InProgress | Status::BudgetExhausted) => {
                Err(TermsRefusal::NotPaused(other))
            }
        }
    }

    /// Ends it for good. Payments that were begun keep their discount.
    ///
    /// # Errors
    /// It is over.
    pub fn terminated(&self, now: Timestamp) -> Result<Self, TermsRefusal> {
        let status = self.status(now);
        if status.is_over() {
            return Err(TermsRefusal::Over(status));
        }
        Ok(Self { terminated_at: Some(now), ..self.next_terms() })
    }

    /// Changes what may be changed: everything while it is scheduled, afterwards its name and its
    /// schedule, of a paused one its name and its end.
    ///
    /// # Errors
    /// See [`TermsRefusal`].
    pub fn edited(&self, edit: Edit, now: Timestamp) -> Result<Self, TermsRefusal> {
        let status = self.status(now);
        if status.is_over() {
            return Err(TermsRefusal::Over(status));
        }
        if status != Status::Scheduled {
            let fixed = [
                (edit.card_company.is_some(), "the card company"),
                (edit.currency.is_some(), "the currency"),
                (edit.policy.is_some(), "the discount"),
                (edit.total_budget.is_some(), "the budget"),
                (edit.recovery.is_some(), "what becomes of discounts that are given back"),
                (edit.start_at.is_some() && status == Status::Paused, "the start"),
            ];
            if let Some((_, member)) = fixed.into_iter().find(|(is_asked, _)| *is_asked) {
                return Err(TermsRefusal::Fixed { member, status });
            }
            // A promotion that has given discounts does not become one that has not started.
            if let Some(start_at) = edit.start_at.filter(|start_at| *start_at > now) {
                return Err(TermsRefusal::Started(start_at));
            }
        }
        let now_so = self.next_terms();
        let edited = Self {
            name: edit.name.unwrap_or(now_so.name),
            start_at: edit.start_at.unwrap_or(now_so.start_at),
            end_at: edit.end_at.unwrap_or(now_so.end_at),
            card_company: edit.card_company.unwrap_or(now_so.card_company),
            currency: edit.currency.unwrap_or(now_so.currency),
            policy: edit.policy.unwrap_or(now_so.policy),
            total_budget: edit.total_budget.unwrap_or(now_so.total_budget),
            recovery: edit.recovery.unwrap_or(now_so.recovery),
            ..now_so
        };
        edited.check()?;
        Ok(edited)
    }

    fn next_terms(&self) -> Self {
        Self { terms: self.terms.saturating_add(1), ..self.clone() }
    }
}

/// A percentage of an amount, rounded down to the minor unit.
fn percent_of(percent: u8, amount: Amount) -> Amount {
    // A percentage up to 100 of an amount is within the range of amounts.
    Rate::bps(u32::from(percent).saturating_mul(100)).of(amount, Rounding::Down).unwrap_or(amount)
}

/// Where an attempt's discount is accounted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// In `reserved`: the attempt may still succeed.
    Held,
    /// In `spent` (or `unfunded`): the buyer has it.
    Spent,
    /// Nowhere: the attempt failed, or was abandoned.
    Released,
}

/// A discount that an attempt was given, with all that a later cancellation needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromotionUse {
    pub id: PromotionId,
    pub card_company: CardCompany,
    /// Part of the attempt's whole discount.
    pub discount: Amount,
    /// By which the discount was made, and is made anew for what a cancellation leaves.
    pub policy: DiscountPolicy,
    pub recovers: bool,
    /// The promotion's terms when the discount was granted.
    pub terms: u64,
    pub hold: Hold,
}

/// What happens to the money of a promotion. Each is one conditional statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Movement {
    /// Holds the amount; refused when there is less, or when the terms are others by now.
    Reserve { terms: u64 },
    /// Holds the amount of an attempt that had been given up; refused when there is less.
    Regain,
    /// What was held is spent.
    Spend,
    /// What was held is free again.
    Release,
    /// Spends what was not held: as much as there is, and the rest unfunded. Never refused, because it
    /// records what has happened.
    SpendUnheld,
    /// The buyer gave it back, and it returns to the budget; what was unfunded first.
    Recover,
    /// The buyer gave it back, and it does not return.
    Lose,
}

/// A movement of one promotion's money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetMovement {
    pub store: StoreId,
    pub promotion: PromotionId,
    pub movement: Movement,
    /// Above 0.
    pub amount: Amount,
}

#[cfg(test)]
pub(crate) mod tests;
