//! When deductions are due.
//!
//! Every date is counted from the first one, in UTC. So a day that a month does not have moves to the last day
//! of that month alone: 31 January, 28 February, 31 March.

use jiff::{Span, Timestamp, tz::TimeZone};

/// A step of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Period {
    Hour,
    Day,
    Week,
    Month,
    /// Three months.
    Quarter,
    Year,
}

/// More steps at once than any subscription has, and few enough to stay in the calendar.
const MAX_FREQUENCY: i64 = 1_000;

/// So many periods: two weeks, three months.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Step {
    frequency: i64,
    period: Period,
}

/// A step that goes nowhere, or too far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a step is 1 to {MAX_FREQUENCY} periods, not {0}")]
pub struct StepRefusal(i64);

impl Step {
    /// # Errors
    /// Fewer than one period, or more than a thousand.
    pub const fn new(frequency: i64, period: Period) -> Result<Self, StepRefusal> {
        if frequency < 1 || frequency > MAX_FREQUENCY {
            return Err(StepRefusal(frequency));
        }
        Ok(Self { frequency, period })
    }

    pub const fn frequency(self) -> i64 {
        self.frequency
    }

    pub const fn period(self) -> Period {
        self.period
    }

    /// The instant this many steps after the first one. None beyond the end of the calendar.
    pub fn after(self, first: Timestamp, steps: u32) -> Option<Timestamp> {
        let count = self.frequency.checked_mul(i64::from(steps))?;
        let span = Span::new();
        let span = match self.period {
            Period::Hour => span.try_hours(count),
            Period::Day => span.try_days(count),
            Period::Week => span.try_weeks(count),
            Period::Month => span.try_months(count),
            Period::Quarter => span.try_months(count.checked_mul(3)?),
            Period::Year => span.try_years(count),
        };
        let due = first.to_zoned(TimeZone::UTC).checked_add(span.ok()?).ok()?;
        Some(due.timestamp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn due(frequency: i64, period: Period, first: &str, steps: u32) -> String {
        Step::new(frequency, period).unwrap().after(at(first), steps).unwrap().to_string()
    }

    #[test]
    fn steps_are_counted_from_the_first_date() {
        for (frequency, period, first, steps, then) in [
            (1, Period::Month, "2026-01-31T10:00:00Z", 0, "2026-01-31T10:00:00Z"),
            (1, Period::Month, "2026-01-31T10:00:00Z", 1, "2026-02-28T10:00:00Z"),
            (1, Period::Month, "2026-01-31T10:00:00Z", 2, "2026-03-31T10:00:00Z"),
            (1, Period::Month, "2028-01-31T10:00:00Z", 1, "2028-02-29T10:00:00Z"),
            (3, Period::Month, "2026-01-31T00:00:00Z", 1, "2026-04-30T00:00:00Z"),
            (1, Period::Quarter, "2026-01-31T00:00:00Z", 1, "2026-04-30T00:00:00Z"),
            (1, Period::Quarter, "2026-11-30T00:00:00Z", 1, "2027-02-28T00:00:00Z"),
            (1, Period::Year, "2028-02-29T00:00:00Z", 1, "2029-02-28T00:00:00Z"),
            (1, Period::Year, "2028-02-29T00:00:00Z", 4, "2032-02-29T00:00:00Z"),
            (2, Period::Week, "2026-01-01T23:59:59Z", 3, "2026-02-12T23:59:59Z"),
            (1, Period::Day, "2026-12-31T12:00:00Z", 1, "2027-01-01T12:00:00Z"),
            (6, Period::Hour, "2026-12-31T20:00:00Z", 1, "2027-01-01T02:00:00Z"),
        ] {
            assert_eq!(due(frequency, period, first, steps), then, "{frequency} {period:?} from {first}");
        }
    }

    #[test]
    fn a_step_goes_somewhere_and_not_too_far() {
        for frequency in [0, -1, 1_001, i64::MIN, i64::MAX] {
            assert_eq!(Step::new(frequency, Period::Day), Err(StepRefusal(frequency)));
        }
        let step = Step::new(1_000, Period::Year).unwrap();
        assert_eq!(step.after(at("2026-01-01T00:00:00Z"), 8), None, "beyond the calendar");
        assert_eq!(step.after(at("2026-01-01T00:00:00Z"), u32::MAX), None);
    }

    proptest! {
        #[test]
        fn dates_never_stand_still(second in 0i64..4_000_000_000, frequency in 1i64..=12, steps in 0u32..50) {
            let first = Timestamp::from_second(second).unwrap();
            for period in [Period::Hour, Period::Day, Period::Week, Period::Month, Period::Quarter, Period::Year] {
                let step = Step::new(frequency, period).unwrap();
                prop_assert!(step.after(first, steps) < step.after(first, steps.saturating_add(1)));
            }
        }
    }
}
