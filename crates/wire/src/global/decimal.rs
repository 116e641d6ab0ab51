//! Exact decimals: amounts as the dialect writes them, in the major unit of their currency.
//!
//! A number is taken from the digits of the JSON text and written as digits again; it is never a float on the
//! way. Its one written form is the shortest: `100`, `100.5`, never `100.50`, `1e2` or `-0`.

use std::fmt;
use std::str::FromStr;

use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// More digits behind the point than any currency or exchange rate has.
const MAX_PLACES: usize = 18;
/// The most significant digits; below the range of `i128` by far.
const MAX_DIGITS: usize = 30;
/// A longer text is not looked at.
const MAX_TEXT: usize = 100;

/// A decimal number, at most 30 digits, at most 18 of them behind the point. Equal numbers are equal values:
/// `1.50` and `1.5e0` are one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Decimal {
    /// The digits without the point.
    coefficient: i128,
    /// How many of them are behind the point. As few as possible.
    places: u8,
}

/// Why a text is no decimal of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotADecimal {
    /// Not a number of JSON: `abc`, `NaN`, `+1`, `.5`, `1,000`.
    NotANumber,
    /// A number with more digits, or more of them behind the point, than we hold.
    OutOfRange,
}

impl fmt::Display for NotADecimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotANumber => "not a decimal number",
            Self::OutOfRange => "a number with too many digits",
        })
    }
}

impl std::error::Error for NotADecimal {}

/// Why a decimal is no whole number of minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotMinorUnits {
    /// It has more places than the currency.
    TooManyPlaces,
    /// It has too many digits for 64 bits.
    OutOfRange,
}

impl Decimal {
    pub const ZERO: Self = Self { coefficient: 0, places: 0 };

    /// Minor units of a currency with this many decimals, in its major unit: `10050` of USD (2) is `100.5`.
    #[must_use]
    pub fn from_minor_units(units: i64, decimals: u8) -> Self {
        Self::shortest(i128::from(units), decimals)
    }

    /// This many minor units of a currency with this many decimals.
    ///
    /// # Errors
    /// It has more places than the currency, or leaves the range.
    pub fn minor_units(self, decimals: u8) -> Result<i64, NotMinorUnits> {
        let missing = decimals.checked_sub(self.places).ok_or(NotMinorUnits::TooManyPlaces)?;
        self.coefficient
            .checked_mul(power_of_ten(missing).ok_or(NotMinorUnits::OutOfRange)?)
            .and_then(|units| i64::try_from(units).ok())
            .ok_or(NotMinorUnits::OutOfRange)
    }

    /// The whole number, when it is one.
    #[must_use]
    pub fn whole(self) -> Option<i64> {
        self.minor_units(0).ok()
    }

    /// The largest whole number that is not above it.
    #[must_use]
    pub fn floor(self) -> Option<i64> {
        let divisor = power_of_ten(self.places)?;
        i64::try_from(self.coefficient.div_euclid(divisor)).ok()
    }

    /// How many digits are behind the point.
    #[must_use]
    pub const fn places(self) -> u8 {
        self.places
    }

    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.coefficient > 0
    }

    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.coefficient < 0
    }

    /// The sum. None when it has too many digits.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        let places = self.places.max(other.places);
        let aligned = |decimal: Self| {
            decimal.coefficient.checked_mul(power_of_ten(places.saturating_sub(decimal.places))?)
        };
        Some(Self::shortest(aligned(self)?.checked_add(aligned(other)?)?, places))
    }

    /// So many times this. None when it has too many digits.
    #[must_use]
    pub fn times(self, times: i64) -> Option<Self> {
        Some(Self::shortest(self.coefficient.checked_mul(i128::from(times))?, self.places))
    }

    /// Rounded half to even, to at most this many places.
    #[must_use]
    pub fn rounded_half_even(self, places: u8) -> Self {
        let Some(excess) = self.places.checked_sub(places) else { return self };
        // At most 18 places, hence a divisor of at most 10^18.
        let Some(divisor) = power_of_ten(excess) else { return self };
        let (quotient, rest) = (self.coefficient.div_euclid(divisor), self.coefficient.rem_euclid(divisor));
        let twice = rest.saturating_mul(2);
        let up = match twice.cmp(&divisor) {
            std::cmp::Ordering::Less => false,
            std::cmp::Ordering::Equal => quotient.rem_euclid(2) == 1,
            std::cmp::Ordering::Greater => true,
        };
        Self::shortest(quotient.saturating_add(i128::from(up)), places)
    }

    fn shortest(mut coefficient: i128, mut places: u8) -> Self {
        while places > 0 && coefficient.rem_euclid(10) == 0 {
            coefficient = coefficient.div_euclid(10);
            places = places.saturating_sub(1);
        }
        Self { coefficient, places }
    }
}

fn power_of_ten(exponent: u8) -> Option<i128> {
    10i128.checked_pow(u32::from(exponent))
}

impl FromStr for Decimal {
    type Err = NotADecimal;

    /// Reads a number as JSON writes it, with or without an exponent.
    fn from_str(text: &str) -> Result<Self, NotADecimal> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(unsigned) => (true, unsigned),
            None => (false, text),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, Some(exponent)),
            None => (unsigned, None),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (mantissa, None),
        };
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let unsigned_exponent = exponent.map(|text| text.strip_prefix(['+', '-']).unwrap_or(text));
        let is_number = digits(whole)
            && (whole.len() == 1 || !whole.starts_with('0'))
            && fraction.is_none_or(digits)
            && unsigned_exponent.is_none_or(digits);
        if !is_number {
            return Err(NotADecimal::NotANumber);
        }
        if text.len() > MAX_TEXT {
            return Err(NotADecimal::OutOfRange);
        }

        let fraction = fraction.unwrap_or_default();
        let all = format!("{whole}{fraction}");
        let significant = all.trim_start_matches('0').trim_end_matches('0');
        if significant.is_empty() {
            return Ok(Self::ZERO);
        }
        let dropped = all.len().saturating_sub(all.trim_end_matches('0').len());
        // How far the point is from the end of the significant digits; negative when zeros follow.
        let size = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
        let exponent: i64 = match exponent {
            Some(text) => text.parse().map_err(|_| NotADecimal::OutOfRange)?,
            None => 0,
        };
        let places = size(fraction.len()).saturating_sub(exponent).saturating_sub(size(dropped));
        let zeros = usize::try_from(places.saturating_neg()).unwrap_or(0);
        let places = usize::try_from(places).unwrap_or(0);
        if places > MAX_PLACES || significant.len().saturating_add(zeros) > MAX_DIGITS {
            return Err(NotADecimal::OutOfRange);
        }
        let coefficient: i128 =
            format!("{significant}{}", "0".repeat(zeros)).parse().map_err(|_| NotADecimal::OutOfRange)?;
        let places = u8::try_from(places).map_err(|_| NotADecimal::OutOfRange)?;
        Ok(Self { coefficient: if negative { coefficient.saturating_neg() } else { coefficient }, places })
    }
}

impl From<i64> for Decimal {
    fn from(whole: i64) -> Self {
        Self { coefficient: i128::from(whole), places: 0 }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.coefficient < 0 { "-" } else { "" };
        let digits = self.coefficient.unsigned_abs().to_string();
        let places = usize::from(self.places);
        if places == 0 {
            return write!(f, "{sign}{digits}");
        }
        let digits = format!("{digits:0>width$}", width = places.saturating_add(1));
        let (whole, fraction) = digits.split_at(digits.len().saturating_sub(places));
        write!(f, "{sign}{whole}.{fraction}")
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A JSON number of exactly these digits.
impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(whole) = self.whole() {
            return serializer.serialize_i64(whole);
        }
        let number = RawValue::from_string(self.to_string()).map_err(S::Error::custom)?;
        number.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_have_one_form_the_shortest() {
        for (read, written) in [
            ("0", "0"),
            ("-0", "0"),
            ("-0.00", "0"),
            ("100.00", "100"),
            ("10.10", "10.1"),
            ("0.5", "0.5"),
            ("-0.05", "-0.05"),
            ("12345.678", "12345.678"),
            ("1234567890123", "1234567890123"),
            ("99999999.99", "99999999.99"),
            ("1e3", "1000"),
            ("1.5E+2", "150"),
            ("25e-1", "2.5"),
            ("1200e-2", "12"),
            ("0e99999999999", "0"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("0.000000000000000001", "0.000000000000000001"),
        ] {
            let decimal: Decimal = read.parse().unwrap();
            assert_eq!(decimal.to_string(), written, "{read}");
            assert_eq!(serde_json::to_string(&decimal).unwrap(), written, "{read}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "", "-", "+1", ".5", "5.", "01", "00", "1,000", "1 ", " 1", "NaN", "Infinity", "abc", "0x10",
            "1e", "1e+", "1.e1", "--1", "1.2.3", "1e1e1", "１",
        ] {
            assert_eq!(text.parse::<Decimal>(), Err(NotADecimal::NotANumber), "{text}");
        }
        let long = "1".repeat(31);
        for text in ["1e30", "0.0000000000000000001", "1e-19", "1e99999999999999999999", long.as_str()] {
            assert_eq!(text.parse::<Decimal>(), Err(NotADecimal::OutOfRange), "{text}");
        }
    }

    #[test]
    fn minor_units_are_whole_and_in_range() {
        let units = |text: &str, decimals| text.parse::<Decimal>().unwrap().minor_units(decimals);
        assert_eq!(units("100.25", 2), Ok(10_025));
        assert_eq!(units("100", 0), Ok(100));
        assert_eq!(units("0.5", 0), Err(NotMinorUnits::TooManyPlaces));
        assert_eq!(units("1.005", 2), Err(NotMinorUnits::TooManyPlaces));
        assert_eq!(units("1.005", 3), Ok(1_005));
        assert_eq!(units("92233720368547758.08", 2), Err(NotMinorUnits::OutOfRange));
        assert_eq!(units("92233720368547758.07", 2), Ok(i64::MAX));
    }

    #[test]
    fn sums_and_multiples_are_exact() {
        let decimal = |text: &str| text.parse::<Decimal>().unwrap();
        assert_eq!(decimal("0.1").plus(decimal("0.2")), Some(decimal("0.3")));
        assert_eq!(decimal("1.5").plus(decimal("-1.50")), Some(Decimal::ZERO));
        assert_eq!(decimal("33.335").times(-2), Some(decimal("-66.67")));
        assert_eq!(decimal("123456789012345678901234567890").times(i64::MAX), None);
    }

    #[test]
    fn the_floor_is_never_above() {
        for (read, floor) in [("1.75", Some(1)), ("-0.5", Some(-1)), ("3", Some(3)), ("1e29", None)] {
            assert_eq!(read.parse::<Decimal>().unwrap().floor(), floor, "{read}");
        }
    }

    #[test]
    fn a_tie_goes_to_the_even_digit() {
        for (read, rounded) in [
            ("12345.678", "12345.68"),
            ("0.125", "0.12"),
            ("0.135", "0.14"),
            ("-0.125", "-0.12"),
            ("1.996", "2"),
        ] {
            assert_eq!(read.parse::<Decimal>().unwrap().rounded_half_even(2).to_string(), rounded, "{read}");
        }
    }

    proptest! {
        #[test]
        fn minor_units_come_back(units in any::<i64>(), decimals in 0u8..=4) {
            let decimal = Decimal::from_minor_units(units, decimals);
            prop_assert_eq!(decimal.minor_units(decimals), Ok(units));
            prop_assert_eq!(decimal.to_string().parse::<Decimal>(), Ok(decimal));
            let text = decimal.to_string();
            prop_assert!(!text.contains(['e', 'E']));
            prop_assert!(!text.contains('.') || !text.ends_with('0'), "{}", text);
        }

        #[test]
        fn no_text_makes_it_panic(text in "[-+0-9.eE]{0,40}|.{0,8}") {
            if let Ok(decimal) = text.parse::<Decimal>() {
                prop_assert_eq!(decimal.to_string().parse(), Ok(decimal));
            }
        }

        /// A client that computes with doubles writes the shortest text that gives its double back; the digits
        /// that we read and write are that text.
        #[test]
        fn the_shortest_form_of_a_double_is_kept(cents in 0i64..1_000_000_000_000_000) {
            let exact = Decimal::from_minor_units(cents, 2).to_string();
            let double: f64 = exact.parse().unwrap();
            prop_assert_eq!(exact, double.to_string());
        }
    }
}
