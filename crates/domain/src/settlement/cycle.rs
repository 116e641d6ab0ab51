//! When a transfer is settled: a contract's cycle, counted from the settlement start date
//! (v2-platform, sections 5 and 16).

use super::calendar::{Calendar, NoBusinessDay};
use jiff::Span;
use jiff::civil::{Date, Weekday};
use std::collections::BTreeSet;

/// The fewest and the most days between the start date and the first possible settlement date.
pub const LAG_DAYS: std::ops::RangeInclusive<i32> = 1..=10;

/// How often a contract settles, and what a holiday does to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettlementCycle {
    lag_days: u8,
    pub date_policy: DatePolicy,
    method: CycleMethod,
}

/// What happens to a settlement date on which the banks are closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DatePolicy {
    /// The business day before.
    HolidayBefore,
    /// The business day after.
    HolidayAfter,
    /// The day is kept.
    CalendarDay,
}

/// The days on which a cycle settles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CycleMethod {
    Daily,
    Weekly(Days<DayOfWeek>),
    /// Days 1 to 31; one beyond the month's length is its last day.
    Monthly(Days<i8>),
    /// Months and days of every year; 29 February is the 28th in years that have none.
    ManualDates(Days<(i8, i8)>),
}

/// Days of a cycle in their order: at least one, each valid, and each once however often it was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Days<T>(BTreeSet<T>);

impl<T: Ord + Copy> Days<T> {
    fn new(days: BTreeSet<T>) -> Result<Self, CycleError> {
        if days.is_empty() { Err(CycleError::NoDays) } else { Ok(Self(days)) }
    }

    pub fn iter(&self) -> impl Iterator<Item = T> {
        self.0.iter().copied()
    }
}

/// A weekday, Monday first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DayOfWeek {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl DayOfWeek {
    pub fn of(date: Date) -> Self {
        match date.weekday() {
            Weekday::Monday => Self::Monday,
            Weekday::Tuesday => Self::Tuesday,
            Weekday::Wednesday => Self::Wednesday,
            Weekday::Thursday => Self::Thursday,
            Weekday::Friday => Self::Friday,
            Weekday::Saturday => Self::Saturday,
            Weekday::Sunday => Self::Sunday,
        }
    }
}

/// Why a cycle was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CycleError {
    #[error("lagDays is {0}; from 1 to 10 are accepted")]
    LagDays(i32),
    #[error("the cycle names no day")]
    NoDays,
    #[error("{0} is no day of a month")]
    NotADayOfMonth(i32),
    #[error("there is no day {day} in month {month}")]
    NotADate { month: i32, day: i32 },
}

/// Why no settlement date can be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    #[error("no settlement date follows {0} within the calendar's range")]
    OutOfRange(Date),
    #[error(transparent)]
    NoBusinessDay(#[from] NoBusinessDay),
}

impl CycleMethod {
    /// # Errors
    /// No day at all.
    pub fn weekly(days: impl IntoIterator<Item = DayOfWeek>) -> Result<Self, CycleError> {
        Days::new(days.into_iter().collect()).map(Self::Weekly)
    }

    /// # Errors
    /// No day at all, or one that is not between 1 and 31.
    pub fn monthly(days: impl IntoIterator<Item = i32>) -> Result<Self, CycleError> {
        let days = days
            .into_iter()
            .map(|day| match i8::try_from(day) {
                Ok(valid) if (1..=31).contains(&valid) => Ok(valid),
                _ => Err(CycleError::NotADayOfMonth(day)),
            })
            .collect::<Result<BTreeSet<i8>, CycleError>>()?;
        Days::new(days).map(Self::Monthly)
    }

    /// # Errors
    /// No date at all, or one that no year has.
    pub fn manual_dates(dates: impl IntoIterator<Item = (i32, i32)>) -> Result<Self, CycleError> {
        let dates = dates
            .into_iter()
            .map(|(month, day)| match (i8::try_from(month), i8::try_from(day)) {
                // 2024 is a leap year: every date that any year has exists in it.
                (Ok(m), Ok(d)) if Date::new(2024, m, d).is_ok() => Ok((m, d)),
                _ => Err(CycleError::NotADate { month, day }),
            })
            .collect::<Result<BTreeSet<(i8, i8)>, CycleError>>()?;
        Days::new(dates).map(Self::ManualDates)
    }

    /// The first day of the cycle that is not before `base`, holidays not regarded.
    fn first_from(&self, base: Date) -> Option<Date> {
        match self {
            Self::Daily => Some(base),
            Self::Weekly(days) => {
                base.series(Span::new().days(1)).take(7).find(|day| days.0.contains(&DayOfWeek::of(*day)))
            }
            // Every month has its days, and the second month begins after `base`.
            Self::Monthly(days) => {
                base.first_of_month().series(Span::new().months(1)).take(2).find_map(|month| {
                    days.iter()
                        .filter_map(|day| clamped(month.year(), month.month(), day))
                        .find(|day| *day >= base)
                })
            }
            Self::ManualDates(dates) => {
                [base.year(), base.year().saturating_add(1)].into_iter().find_map(|year| {
                    dates.iter().filter_map(|(month, day)| clamped(year, month, day)).find(|day| *day >= base)
                })
            }
        }
    }
}

/// The day of a month, or the month's last day when it is shorter.
fn clamped(year: i16, month: i8, day: i8) -> Option<Date> {
    let first = Date::new(year, month, 1).ok()?;
    Date::new(year, month, day.min(first.days_in_month())).ok()
}

impl SettlementCycle {
    /// # Errors
    /// A lag outside 1 to 10 days.
    pub fn new(lag_days: i32, date_policy: DatePolicy, method: CycleMethod) -> Result<Self, CycleError> {
        match u8::try_from(lag_days) {
            Ok(days) if LAG_DAYS.contains(&lag_days) => Ok(Self { lag_days: days, date_policy, method }),
            _ => Err(CycleError::LagDays(lag_days)),
        }
    }

    /// Days between the start date and the first day on which the cycle may settle.
    pub const fn lag_days(&self) -> u8 {
        self.lag_days
    }

    pub const fn method(&self) -> &CycleMethod {
        &self.method
    }

    /// The settlement date of what starts on `start` (section 16.1).
    ///
    /// The first cycle day on or after start + lag, moved off a holiday as the contract says. Where
    /// that leads back to the start date or before it, [`EarlierDate::TakeDayAfter`] takes the
    /// business day after instead.
    ///
    /// # Errors
    /// Dates at the end of the calendar, or a calendar without business days.
    pub fn settles_on(
        &self,
        start: Date,
        earlier: EarlierDate,
        calendar: &Calendar,
    ) -> Result<Date, DateError> {
        let out_of_range = || DateError::OutOfRange(start);
        let base = start.checked_add(Span::new().days(self.lag_days)).map_err(|_| out_of_range())?;
        let candidate = self.method.first_from(base).ok_or_else(out_of_range)?;
        let moved = match self.date_policy {
            DatePolicy::CalendarDay => candidate,
            DatePolicy::HolidayBefore => calendar.business_day_not_after(candidate)?,
            DatePolicy::HolidayAfter => calendar.business_day_not_before(candidate)?,
        };
        match earlier {
            EarlierDate::TakeDayAfter if moved <= start => Ok(calendar.business_day_not_before(candidate)?),
            EarlierDate::TakeDayAfter | EarlierDate::Keep => Ok(moved),
        }
    }
}

/// What to do with a settlement date that a holiday pulls to the start date or before it: the
/// setting `adjustSettlementDateAfterHolidayIfEarlier`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EarlierDate {
    TakeDayAfter,
    Keep,
}

#[cfg(test)]
mod tests;
