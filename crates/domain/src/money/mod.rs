//! Money: integers in the minor unit of an ISO 4217 currency.
//!
//! Owns amounts, currencies, rates, rounding and splitting. Nothing here wraps around, panics or
//! touches floating point; leaving the range or mixing currencies is an error value.

mod currency;
mod fraction;
mod rate;
mod signed;
mod split;

pub use currency::Currency;
pub use fraction::Fraction;
pub use rate::{Rate, Rounding};
pub use signed::SignedAmount;
pub use split::split_by_weight;

/// The largest amount that a payment may have, in minor units: far above any real payment and far
/// below the range of `i64`, so that sums over many payments stay in range.
pub const MAX_AMOUNT: i64 = 1_000_000_000_000_000;

/// An amount of money inside one payment, where the currency is fixed. Minor units, from 0 to
/// [`MAX_AMOUNT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Amount(i64);

/// Why an amount could not be formed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    #[error("the amount {0} is negative")]
    Negative(i64),
    #[error("the amount {0} is above the largest amount {MAX_AMOUNT}")]
    TooLarge(i64),
    #[error("the amount {0} is below the smallest amount -{MAX_AMOUNT}")]
    TooSmall(i64),
    #[error("the calculation leaves the range of exact arithmetic")]
    Inexact,
    #[error("the calculation divides by zero")]
    DivisionByZero,
    #[error("the currencies {0} and {1} cannot be mixed")]
    MixedCurrencies(Currency, Currency),
}

impl Amount {
    pub const ZERO: Self = Self(0);

    /// # Errors
    /// Negative amounts and amounts above [`MAX_AMOUNT`].
    pub const fn new(minor_units: i64) -> Result<Self, MoneyError> {
        if minor_units < 0 {
            Err(MoneyError::Negative(minor_units))
        } else if minor_units > MAX_AMOUNT {
            Err(MoneyError::TooLarge(minor_units))
        } else {
            Ok(Self(minor_units))
        }
    }

    /// Minor units, never negative.
    pub const fn minor_units(self) -> i64 {
        self.0
    }

    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// # Errors
    /// The sum is above [`MAX_AMOUNT`].
    pub const fn plus(self, other: Self) -> Result<Self, MoneyError> {
        Self::new(self.0.saturating_add(other.0))
    }

    /// What is left after taking `other` away, or `None` when there is less than that.
    pub const fn minus(self, other: Self) -> Option<Self> {
        if other.0 > self.0 { None } else { Some(Self(self.0.saturating_sub(other.0))) }
    }

    /// What is left after taking `other` away, and nothing when there is less than that.
    pub const fn minus_or_zero(self, other: Self) -> Self {
        match self.minus(other) {
            Some(left) => left,
            None => Self::ZERO,
        }
    }

    /// The sum, held at [`MAX_AMOUNT`]; for totals that are shown and never decided upon.
    pub fn total(amounts: impl IntoIterator<Item = Self>) -> Self {
        Self(amounts.into_iter().fold(0i64, |sum, amount| sum.saturating_add(amount.0)).min(MAX_AMOUNT))
    }

    /// This amount divided by `divisor`, rounded half up: the value-added tax contained in a price
    /// is an eleventh of it (Korean VAT Act, rate 10 %).
    pub const fn divided_half_up(self, divisor: i64) -> Self {
        match self.0.saturating_mul(2).saturating_add(divisor).checked_div(divisor.saturating_mul(2)) {
            Some(quotient) if divisor > 0 => Self(quotient),
            _ => Self::ZERO,
        }
    }
}

impl std::fmt::Display for Amount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// An amount with its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    amount: Amount,
    currency: Currency,
}

impl Money {
    pub const fn new(amount: Amount, currency: Currency) -> Self {
        Self { amount, currency }
    }
    pub const fn amount(self) -> Amount {
        self.amount
    }
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// # Errors
    /// Mixed currencies, or a sum above [`MAX_AMOUNT`].
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::MixedCurrencies(self.currency, other.currency));
        }
        Ok(Self::new(self.amount.plus(other.amount)?, self.currency))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vat_is_an_eleventh_rounded_half_up() {
        for (total, vat) in
            [(0, 0), (1, 0), (5, 0), (6, 1), (1000, 91), (10_000, 909), (11_000, 1000), (16, 1), (17, 2)]
        {
            assert_eq!(Amount::new(total).unwrap().divided_half_up(11).minor_units(), vat, "{total}");
        }
    }

    #[test]
    fn amounts_are_bounded_on_both_sides() {
        assert_eq!(Amount::new(-1), Err(MoneyError::Negative(-1)));
        assert_eq!(Amount::new(i64::MAX), Err(MoneyError::TooLarge(i64::MAX)));
        assert!(Amount::new(MAX_AMOUNT).unwrap().plus(Amount::new(1).unwrap()).is_err());
        assert_eq!(Amount::new(3).unwrap().minus(Amount::new(4).unwrap()), None);
    }

    #[test]
    fn currencies_do_not_mix() {
        let won = Money::new(Amount::new(1).unwrap(), Currency::KRW);
        let dollar = Money::new(Amount::new(1).unwrap(), Currency::USD);
        assert!(won.plus(dollar).is_err());
    }
}
