//! How large a discount is: partitions of the order amount, each with its own discount.

use super::percent_of;
use crate::money::Amount;

/// As many partitions as an operator may make.
pub const MOST_PARTITIONS: usize = 5;

/// What is taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Always so much.
    Amount(Amount),
    /// Of the order amount, rounded down; 1 to 100.
    Percent(u8),
}

/// The discount of orders from an amount on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partition {
    pub from: Amount,
    pub scheme: Scheme,
}

/// Why partitions make no policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    #[error("a discount has 1 to {MOST_PARTITIONS} partitions, not {0}")]
    Count(usize),
    #[error("a discount in percent is 1 to 100, not {0}")]
    Percent(u8),
    #[error("a discount and its cap must be above 0")]
    Nothing,
    #[error("two partitions begin at {0}")]
    SameStart(Amount),
    #[error("the partition from {from} must discount at a higher rate than the one before it")]
    LowerRate { from: Amount },
}

/// Partitions in the order of their amounts, and the cap of what they give in percent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscountPolicy {
    partitions: Vec<Partition>,
    max_discount: Option<Amount>,
}

impl DiscountPolicy {
    /// # Errors
    /// See [`PolicyError`].
    pub fn new(mut partitions: Vec<Partition>, max_discount: Option<Amount>) -> Result<Self, PolicyError> {
        if partitions.is_empty() || partitions.len() > MOST_PARTITIONS {
            return Err(PolicyError::Count(partitions.len()));
        }
        partitions.sort_by_key(|partition| partition.from);
        for partition in &partitions {
            match partition.scheme {
                Scheme::Percent(percent) if !(1..=100).contains(&percent) => {
                    return Err(PolicyError::Percent(percent));
                }
                Scheme::Amount(Amount::ZERO) => return Err(PolicyError::Nothing),
                Scheme::Amount(_) | Scheme::Percent(_) => {}
            }
        }
        if max_discount == Some(Amount::ZERO) {
            return Err(PolicyError::Nothing);
        }
        for (before, after) in partitions.iter().zip(partitions.iter().skip(1)) {
            if before.from == after.from {
                return Err(PolicyError::SameStart(after.from));
            }
            if !before.has_lower_rate_than(after) {
                return Err(PolicyError::LowerRate { from: after.from });
            }
        }
        Ok(Self { partitions, max_discount })
    }

    /// A policy that was checked when it was made.
    pub fn known(partitions: Vec<Partition>, max_discount: Option<Amount>) -> Self {
        Self { partitions, max_discount }
    }

    pub fn partitions(&self) -> &[Partition] {
        &self.partitions
    }

    /// The cap of discounts in percent.
    pub fn max_discount(&self) -> Option<Amount> {
        self.max_discount
    }

    /// The highest partition that the order reaches.
    fn partition_of(&self, order: Amount) -> Option<&Partition> {
        self.partitions.iter().rev().find(|partition| partition.from <= order)
    }

    /// What is taken off an order; 0 when no partition is reached.
    pub fn discount(&self, order: Amount) -> Amount {
        match self.partition_of(order).map(|partition| partition.scheme) {
            None => Amount::ZERO,
            Some(Scheme::Amount(amount)) => amount,
            Some(Scheme::Percent(percent)) => {
                let uncapped = percent_of(percent, order);
                self.max_discount.map_or(uncapped, |cap| uncapped.min(cap))
            }
        }
    }

    /// What stays taken off `rest` when an order that got `granted` keeps its rate: the percentage, or
    /// the fixed discount as a part of the amount that it is given from. A discount that the cap made
    /// smaller, and a fixed one that is not below the amount that it is given from, keep the part that
    /// they really were. Rounded down.
    pub fn retained(&self, order: Amount, granted: Amount, rest: Amount) -> Amount {
        let as_granted = (granted, order);
        let hundred = Amount::new(100).unwrap_or(Amount::ZERO);
        let (part, whole) = match self.partition_of(order) {
            Some(Partition { from, scheme: Scheme::Amount(amount) }) if amount < from => (*amount, *from),
            Some(Partition { scheme: Scheme::Percent(percent), .. })
                if percent_of(*percent, order) == granted =>
            {
                (Amount::new(i64::from(*percent)).unwrap_or(Amount::ZERO), hundred)
            }
            Some(_) | None => as_granted,
        };
        proportion(rest, part, whole)
    }
}

impl Partition {
    /// Compares fractions without dividing. A fixed discount of every order has no rate to exceed.
    fn has_lower_rate_than(&self, other: &Self) -> bool {
        let (part, whole) = self.rate();
        let (other_part, other_whole) = other.rate();
        part.saturating_mul(other_whole) < other_part.saturating_mul(whole)
    }

    fn rate(&self) -> (i128, i128) {
        match self.scheme {
            Scheme::Percent(percent) => (i128::from(percent), 100),
            Scheme::Amount(amount) => (i128::from(amount.minor_units()), i128::from(self.from.minor_units())),
        }
    }
}

/// `amount` × `part` / `whole`, rounded down; nothing of nothing.
pub(crate) fn proportion(amount: Amount, part: Amount, whole: Amount) -> Amount {
    let product = i128::from(amount.minor_units()).saturating_mul(i128::from(part.minor_units()));
    let quotient = product.checked_div(i128::from(whole.minor_units())).unwrap_or(0);
    Amount::new(i64::try_from(quotient).unwrap_or(i64::MAX)).unwrap_or(amount)
}
