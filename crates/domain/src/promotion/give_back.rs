//! What a cancellation of a discounted payment gives back to the buyer.
//!
//! Amounts of orders are before discounts. What is refunded is what the buyer holds less what the rest
//! of the order costs, so that the sums tie whatever was refunded before.

use super::PromotionUse;
use crate::money::Amount;

/// What a partial cancellation does to the discount of what is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RetainOption {
    /// The rate of the discount is kept.
    Retain,
    /// The rest gets what an order of its size would get.
    #[default]
    Release,
}

impl RetainOption {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Retain => "RETAIN",
            Self::Release => "RELEASE",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Retain, Self::Release].into_iter().find(|option| option.as_str() == text)
    }
}

/// The refund of a partial cancellation would be negative: the buyer would have to pay more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WouldOwe {
    pub owed: Amount,
}

/// What is refunded when `rest` of an order of `total` is left and `held` is what was paid and not
/// refunded. Never more than is held.
///
/// # Errors
/// The rest costs more than is held.
pub fn refund(
    used: &PromotionUse,
    total: Amount,
    rest: Amount,
    held: Amount,
    option: RetainOption,
) -> Result<Amount, WouldOwe> {
    let kept = match option {
        RetainOption::Release => used.policy.discount(rest),
        RetainOption::Retain => used.policy.retained(total, used.discount, rest),
    };
    let target = rest.minus_or_zero(kept);
    held.minus(target).ok_or(WouldOwe { owed: target.minus_or_zero(held) })
}
