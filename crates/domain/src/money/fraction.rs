//! Exact fractions of minor units, for calculations that are rounded once, at their end.

use super::{MoneyError, Rounding, SignedAmount};

/// A fraction in lowest terms; the denominator is above 0. Every operation is exact or an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fraction {
    numerator: i128,
    denominator: i128,
}

impl Fraction {
    pub const ZERO: Self = Self { numerator: 0, denominator: 1 };
    pub const ONE: Self = Self { numerator: 1, denominator: 1 };

    /// Numerator and denominator, in lowest terms; the denominator is above 0.
    pub const fn parts(self) -> (i128, i128) {
        (self.numerator, self.denominator)
    }

    pub fn whole(number: i64) -> Self {
        Self { numerator: i128::from(number), denominator: 1 }
    }

    pub fn of(amount: SignedAmount) -> Self {
        Self::whole(amount.minor_units())
    }

    /// # Errors
    /// A denominator of 0, or numbers beyond the range.
    pub fn new(numerator: i128, denominator: i128) -> Result<Self, MoneyError> {
        if denominator == 0 {
            return Err(MoneyError::DivisionByZero);
        }
        // In 128 bits no fraction has the magnitude of the smallest integer on either side.
        if numerator == i128::MIN || denominator == i128::MIN {
            return Err(MoneyError::Inexact);
        }
        let common = common_divisor(numerator, denominator);
        let sign = if denominator < 0 { -1 } else { 1 };
        match (numerator.checked_div(common), denominator.checked_div(common)) {
            (Some(numerator), Some(denominator)) => Ok(Self {
                numerator: numerator.saturating_mul(sign),
                denominator: denominator.saturating_mul(sign),
            }),
            _ => Err(MoneyError::Inexact),
        }
    }

    /// `number` × 10^−`scale`.
    ///
    /// # Errors
    /// A scale that leaves the range.
    pub fn decimal(number: i64, scale: u32) -> Result<Self, MoneyError> {
        Self::new(i128::from(number), 10i128.checked_pow(scale).ok_or(MoneyError::Inexact)?)
    }

    /// # Errors
    /// The sum leaves the range of exact arithmetic.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        let left = self.numerator.checked_mul(other.denominator).ok_or(MoneyError::Inexact)?;
        let right = other.numerator.checked_mul(self.denominator).ok_or(MoneyError::Inexact)?;
        let denominator = self.denominator.checked_mul(other.denominator).ok_or(MoneyError::Inexact)?;
        Self::new(left.checked_add(right).ok_or(MoneyError::Inexact)?, denominator)
    }

    /// # Errors
    /// The difference leaves the range of exact arithmetic.
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.plus(other.negated())
    }

    pub const fn negated(self) -> Self {
        Self { numerator: self.numerator.saturating_neg(), denominator: self.denominator }
    }

    /// # Errors
    /// The product leaves the range of exact arithmetic.
    pub fn times(self, other: Self) -> Result<Self, MoneyError> {
        Self::new(
            self.numerator.checked_mul(other.numerator).ok_or(MoneyError::Inexact)?,
            self.denominator.checked_mul(other.denominator).ok_or(MoneyError::Inexact)?,
        )
    }

    /// # Errors
    /// Division by zero, or a quotient beyond the range of exact arithmetic.
    pub fn over(self, other: Self) -> Result<Self, MoneyError> {
        Self::new(
            self.numerator.checked_mul(other.denominator).ok_or(MoneyError::Inexact)?,
            self.denominator.checked_mul(other.numerator).ok_or(MoneyError::Inexact)?,
        )
    }

    /// `numerator / denominator`, rounded: without finding lowest terms, for the calculations that
    /// every transfer passes through.
    ///
    /// # Errors
    /// A denominator of 0, or an amount that leaves its range.
    pub fn quotient(
        numerator: i128,
        denominator: i128,
        rounding: Rounding,
    ) -> Result<SignedAmount, MoneyError> {
        if denominator <= 0 {
            return Err(MoneyError::DivisionByZero);
        }
        Self { numerator, denominator }.rounded(rounding)
    }

    /// The nearest whole number in the direction of `rounding`, still as a fraction.
    pub fn to_whole(self, rounding: Rounding) -> Self {
        Self { numerator: self.rounded_units(rounding), denominator: 1 }
    }

    /// # Errors
    /// The amount leaves its range.
    pub fn rounded(self, rounding: Rounding) -> Result<SignedAmount, MoneyError> {
        SignedAmount::from_wide(self.rounded_units(rounding))
    }

    fn rounded_units(self, rounding: Rounding) -> i128 {
        let quotient = self.numerator.checked_div(self.denominator).unwrap_or(0);
        let rest = self.numerator.checked_rem(self.denominator).unwrap_or(0).unsigned_abs();
        let away = match rounding {
            Rounding::Down => false,
            Rounding::Up => rest != 0,
            Rounding::HalfUp => rest >= self.denominator.unsigned_abs().saturating_sub(rest),
        };
        if away { quotient.saturating_add(self.numerator.signum()) } else { quotient }
    }
}

fn common_divisor(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    while let Some(rest) = a.checked_rem(b) {
        a = b;
        b = rest;
    }
    i128::try_from(a).unwrap_or(1).max(1)
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::type_complexity, reason = "tests")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fraction(numerator: i128, denominator: i128) -> Fraction {
        Fraction::new(numerator, denominator).unwrap()
    }

    #[test]
    fn rounding_knows_the_sign() {
        // numerator, denominator; down, half up, up
        for (numerator, denominator, down, half_up, up) in [
            (7, 2, 3, 4, 4),
            (-7, 2, -3, -4, -4),
            (10, 3, 3, 3, 4),
            (-10, 3, -3, -3, -4),
            (11, 3, 3, 4, 4),
            (6, 3, 2, 2, 2),
            (0, 5, 0, 0, 0),
        ] {
            let value = fraction(numerator, denominator);
            let rounded = [Rounding::Down, Rounding::HalfUp, Rounding::Up]
                .map(|rounding| value.rounded(rounding).unwrap().minor_units());
            assert_eq!(rounded, [down, half_up, up], "{numerator}/{denominator}");
        }
    }

    #[test]
    fn leaving_the_range_is_an_error_and_no_panic() {
        let huge = fraction(i128::MAX, 1);
        assert_eq!(huge.times(fraction(2, 1)), Err(MoneyError::Inexact));
        assert_eq!(huge.plus(huge), Err(MoneyError::Inexact));
        assert_eq!(Fraction::ONE.over(Fraction::ZERO), Err(MoneyError::DivisionByZero));
        assert_eq!(Fraction::new(1, i128::MIN), Err(MoneyError::Inexact));
        assert!(huge.rounded(Rounding::Down).is_err());
        assert_eq!(Fraction::decimal(1, 99), Err(MoneyError::Inexact));
    }

    proptest! {
        #[test]
        fn what_is_added_can_be_taken_away(a in -1_000_000i64..1_000_000, b in 1i64..10_000, c in -1_000_000i64..1_000_000, d in 1i64..10_000) {
            let (x, y) = (fraction(a.into(), b.into()), fraction(c.into(), d.into()));
            prop_assert_eq!(x.plus(y).unwrap().minus(y).unwrap(), x);
            if c != 0 {
                prop_assert_eq!(x.times(y).unwrap().over(y).unwrap(), x);
            }
        }

        #[test]
        fn rounding_stays_within_one_unit(a in -1_000_000i64..1_000_000, b in 1i64..10_000) {
            let value = fraction(a.into(), b.into());
            for rounding in [Rounding::Down, Rounding::HalfUp, Rounding::Up] {
                let error = value.minus(value.to_whole(rounding)).unwrap();
                prop_assert!(error.numerator.abs() < error.denominator);
                if rounding == Rounding::HalfUp {
                    prop_assert!(error.numerator.abs() * 2 <= error.denominator);
                }
            }
        }
    }
}
