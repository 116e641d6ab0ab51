//! Amounts that may be below zero: what is owed to a partner, and what goes back.

use super::{Amount, MAX_AMOUNT, MoneyError};

/// An amount inside one currency that may be negative. Minor units, from −[`MAX_AMOUNT`] to
/// [`MAX_AMOUNT`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SignedAmount(i64);

impl SignedAmount {
    pub const ZERO: Self = Self(0);

    /// # Errors
    /// Amounts whose magnitude is above [`MAX_AMOUNT`].
    pub const fn new(minor_units: i64) -> Result<Self, MoneyError> {
        if minor_units > MAX_AMOUNT {
            Err(MoneyError::TooLarge(minor_units))
        } else if minor_units < -MAX_AMOUNT {
            Err(MoneyError::TooSmall(minor_units))
        } else {
            Ok(Self(minor_units))
        }
    }

    /// # Errors
    /// As [`Self::new`].
    pub fn from_wide(minor_units: i128) -> Result<Self, MoneyError> {
        match i64::try_from(minor_units) {
            Ok(units) => Self::new(units),
            Err(_) if minor_units > 0 => Err(MoneyError::TooLarge(i64::MAX)),
            Err(_) => Err(MoneyError::TooSmall(i64::MIN)),
        }
    }

    /// Minor units.
    pub const fn minor_units(self) -> i64 {
        self.0
    }

    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    pub const fn negated(self) -> Self {
        Self(self.0.saturating_neg())
    }

    /// # Errors
    /// The sum leaves the range.
    pub const fn plus(self, other: Self) -> Result<Self, MoneyError> {
        Self::new(self.0.saturating_add(other.0))
    }

    /// # Errors
    /// The difference leaves the range.
    pub const fn minus(self, other: Self) -> Result<Self, MoneyError> {
        Self::new(self.0.saturating_sub(other.0))
    }

    /// # Errors
    /// A partial sum leaves the range.
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::ZERO, Self::plus)
    }

    /// The amount, unless it is negative.
    pub const fn to_amount(self) -> Option<Amount> {
        match Amount::new(self.0) {
            Ok(amount) => Some(amount),
            Err(_) => None,
        }
    }
}

impl From<Amount> for SignedAmount {
    fn from(amount: Amount) -> Self {
        Self(amount.minor_units())
    }
}

impl std::fmt::Display for SignedAmount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::fmt::Debug for SignedAmount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_is_the_same_on_both_sides() {
        let most = SignedAmount::new(MAX_AMOUNT).unwrap();
        assert_eq!(most.negated().minor_units(), -MAX_AMOUNT);
        assert!(matches!(most.plus(SignedAmount(1)), Err(MoneyError::TooLarge(_))));
        assert!(matches!(most.negated().minus(SignedAmount(1)), Err(MoneyError::TooSmall(_))));
        assert_eq!(SignedAmount::from_wide(i128::MIN), Err(MoneyError::TooSmall(i64::MIN)));
        assert_eq!(SignedAmount(-1).to_amount(), None);
    }
}
