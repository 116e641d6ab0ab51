//! Rates as integers with a unit, and rounding said where it happens.

use super::{Amount, MoneyError};

/// How a fraction of a minor unit is rounded. The names hold for negative amounts, too: "down" makes
/// an amount smaller whichever its sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rounding {
    /// Toward zero.
    Down,
    /// To the nearest minor unit; a half goes away from zero.
    HalfUp,
    /// Away from zero.
    Up,
}

/// Units of [`Rate`] in one whole.
const WHOLE: i128 = 100_000;
/// The largest rate: a hundred times the base.
const MAX_MILLIPERCENT: u32 = 10_000_000;

/// A rate in thousandths of a percent (10⁻⁵), which is the finest that a dialect names: 3,200 is
/// 3.2 %. From 0 to 10,000,000; what is above is held there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(u32);

impl Rate {
    pub const ZERO: Self = Self(0);
    /// 100 %.
    pub const WHOLE: Self = Self(100_000);

    /// Hundredths of a percent: 320 is 3.2 %.
    pub const fn bps(basis_points: u32) -> Self {
        Self::millipercent(basis_points.saturating_mul(10))
    }

    /// Thousandths of a percent: 3,200 is 3.2 %.
    pub const fn millipercent(thousandths: u32) -> Self {
        Self(if thousandths > MAX_MILLIPERCENT { MAX_MILLIPERCENT } else { thousandths })
    }

    /// Hundredths of a percent; what is finer is left away.
    pub const fn as_bps(self) -> u32 {
        self.0 / 10
    }

    pub const fn as_millipercent(self) -> u32 {
        self.0
    }

    /// `amount` times this rate.
    ///
    /// # Errors
    /// The product is above [`super::MAX_AMOUNT`].
    pub fn of(self, amount: Amount, rounding: Rounding) -> Result<Amount, MoneyError> {
        let product = i128::from(amount.minor_units()).saturating_mul(i128::from(self.0));
        let rounded = match rounding {
            Rounding::Down => product / WHOLE,
            Rounding::HalfUp => product.saturating_add(WHOLE / 2) / WHOLE,
            Rounding::Up => product.saturating_add(WHOLE - 1) / WHOLE,
        };
        Amount::new(i64::try_from(rounded).unwrap_or(i64::MAX))
    }
}

impl std::fmt::Display for Rate {
    /// As a percentage without needless zeros: `3.2 %`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (percent, rest) = (self.0 / 1_000, self.0 % 1_000);
        if rest == 0 {
            return write!(f, "{percent} %");
        }
        let rest = format!("{rest:03}");
        write!(f, "{percent}.{} %", rest.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_what_its_name_says() {
        let rate = Rate::bps(320);
        let amount = Amount::new(1_015).unwrap(); // 32.48
        assert_eq!(rate.of(amount, Rounding::Down).unwrap().minor_units(), 32);
        assert_eq!(rate.of(amount, Rounding::HalfUp).unwrap().minor_units(), 32);
        assert_eq!(rate.of(amount, Rounding::Up).unwrap().minor_units(), 33);
        let half = Amount::new(50).unwrap(); // of 1 %: 0.5
        assert_eq!(Rate::bps(100).of(half, Rounding::HalfUp).unwrap().minor_units(), 1);
    }

    #[test]
    fn a_thousandth_of_a_percent_counts() {
        let amount = Amount::new(100_000).unwrap();
        assert_eq!(Rate::millipercent(1).of(amount, Rounding::Down).unwrap().minor_units(), 1);
        assert_eq!(Rate::millipercent(3_205).as_bps(), 320);
        assert_eq!(Rate::bps(320), Rate::millipercent(3_200));
    }

    #[test]
    fn a_rate_reads_as_a_percentage() {
        for (rate, text) in
            [(0, "0 %"), (1, "0.001 %"), (3_200, "3.2 %"), (12_345, "12.345 %"), (100_000, "100 %")]
        {
            assert_eq!(Rate::millipercent(rate).to_string(), text);
        }
    }
}
