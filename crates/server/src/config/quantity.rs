//! Quantities with their unit: lengths of time and numbers of bytes.
//!
//! A number without a unit is refused: nobody has to remember whether a setting counts seconds or
//! milliseconds, kilobytes or kibibytes.

use std::time::Duration;

const DURATIONS: [(&str, u64); 5] =
    [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
const SIZES: [(&str, u64); 4] = [("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];

/// Reads `500ms`, `10s`, `15m`, `6h`, `30d`.
pub fn duration(text: &str) -> Option<Duration> {
    counted(text, &DURATIONS).map(Duration::from_millis)
}

/// Spells a duration of whole milliseconds in the largest unit that fits without a remainder.
pub fn shown_duration(duration: Duration) -> String {
    spelled(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX), &DURATIONS)
}

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

impl Bytes {
    pub const fn kib(count: u64) -> Self {
        Self(count.saturating_mul(1 << 10))
    }

    pub const fn mib(count: u64) -> Self {
        Self(count.saturating_mul(1 << 20))
    }

    /// Reads `100B`, `64KiB`, `1MiB`, `2GiB`.
    pub fn parse(text: &str) -> Option<Self> {
        counted(text, &SIZES).map(Self)
    }

    /// As the size of something in memory.
    pub fn in_memory(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl std::fmt::Display for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&spelled(self.0, &SIZES))
    }
}

fn counted(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(digits)?;
    let (_, factor) = units.iter().find(|(name, _)| *name == unit)?;
    number.parse::<u64>().ok()?.checked_mul(*factor)
}

fn spelled(count: u64, units: &[(&str, u64)]) -> String {
    let fitting = units.iter().rev().find(|(_, factor)| count > 0 && count.checked_rem(*factor) == Some(0));
    let (unit, factor) = fitting.or(units.first()).copied().unwrap_or(("", 1));
    format!("{}{unit}", count.checked_div(factor).unwrap_or(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantity_has_one_number_and_one_known_unit() {
        for (text, expected) in [
            ("500ms", Some(500)),
            ("10s", Some(10_000)),
            ("15m", Some(900_000)),
            ("1d", Some(86_400_000)),
            ("0s", Some(0)),
            ("10", None),
            ("10 s", None),
            ("s", None),
            ("", None),
            ("-1s", None),
            ("1.5s", None),
            ("1M", None),
            ("99999999999999999999s", None),
            ("18446744073709551615d", None),
        ] {
            assert_eq!(duration(text), expected.map(Duration::from_millis), "{text}");
        }
        assert_eq!(Bytes::parse("64KiB"), Some(Bytes::kib(64)));
        assert_eq!(Bytes::parse("64KB"), None);
    }

    #[test]
    fn what_is_shown_reads_back() {
        for millis in [1, 999, 1_000, 90_000, 3_600_000, 86_400_000, 2_592_000_000] {
            let value = Duration::from_millis(millis);
            assert_eq!(duration(&shown_duration(value)), Some(value));
        }
        assert_eq!(shown_duration(Duration::from_secs(90)), "90s");
        assert_eq!(shown_duration(Duration::from_secs(86_400)), "1d");
        assert_eq!(Bytes::mib(1).to_string(), "1MiB");
        assert_eq!(Bytes(1).to_string(), "1B");
    }
}
