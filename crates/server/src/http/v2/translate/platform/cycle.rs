//! Settlement cycles.

use super::super::invalid;
use crate::app::failure::Failure;
use paypier_domain::settlement::cycle::{CycleError, CycleMethod, DatePolicy, DayOfWeek, SettlementCycle};
use paypier_wire::v2;

/// # Errors
/// Not exactly one method, no days, days that do not exist, a lag out of range.
pub fn asked(cycle: v2::PlatformSettlementCycleInput) -> Result<SettlementCycle, Failure> {
    let refused = |error: CycleError| invalid("settlementCycle", &format!("is not accepted: {error}"));
    let v2::PlatformSettlementCycleInput { lag_days, date_policy, method } = cycle;
    let v2::PlatformSettlementCycleMethodInput { daily, weekly, monthly, manual_dates } = method;
    let method = match (daily, weekly, monthly, manual_dates) {
        (Some(_), None, None, None) => CycleMethod::Daily,
        (None, Some(weekly), None, None) => {
            CycleMethod::weekly(weekly.days_of_week.into_iter().map(weekday)).map_err(refused)?
        }
        (None, None, Some(monthly), None) => CycleMethod::monthly(monthly.days_of_month).map_err(refused)?,
        (None, None, None, Some(manual)) => {
            let dates = manual.dates.into_iter().map(|date| (date.month, date.day));
            CycleMethod::manual_dates(dates).map_err(refused)?
        }
        _ => {
            let accepted = "takes exactly one of daily, weekly, monthly and manualDates";
            return Err(invalid("settlementCycle.method", accepted));
        }
    };
    SettlementCycle::new(lag_days, policy(date_policy), method).map_err(refused)
}

pub fn shown(cycle: &SettlementCycle) -> v2::PlatformSettlementCycle {
    let method = match cycle.method() {
        CycleMethod::Daily => v2::PlatformSettlementCycleMethodDaily {}.into(),
        CycleMethod::Weekly(days) => {
            v2::PlatformSettlementCycleMethodWeekly { days_of_week: days.iter().map(weekday_shown).collect() }
                .into()
        }
        CycleMethod::Monthly(days) => {
            v2::PlatformSettlementCycleMethodMonthly { days_of_month: days.iter().map(i32::from).collect() }
                .into()
        }
        CycleMethod::ManualDates(dates) => v2::PlatformSettlementCycleMethodManualDates {
            dates: dates
                .iter()
                .map(|(month, day)| v2::MonthDay { month: month.into(), day: day.into() })
                .collect(),
        }
        .into(),
    };
    v2::PlatformSettlementCycle {
        lag_days: cycle.lag_days().into(),
        date_policy: policy_shown(cycle.date_policy),
        method,
    }
}

const fn policy(policy: v2::PlatformSettlementCycleDatePolicy) -> DatePolicy {
    match policy {
        v2::PlatformSettlementCycleDatePolicy::HolidayBefore => DatePolicy::HolidayBefore,
        v2::PlatformSettlementCycleDatePolicy::HolidayAfter => DatePolicy::HolidayAfter,
        v2::PlatformSettlementCycleDatePolicy::CalendarDay => DatePolicy::CalendarDay,
    }
}

const fn policy_shown(policy: DatePolicy) -> v2::PlatformSettlementCycleDatePolicy {
    match policy {
        DatePolicy::HolidayBefore => v2::PlatformSettlementCycleDatePolicy::HolidayBefore,
        DatePolicy::HolidayAfter => v2::PlatformSettlementCycleDatePolicy::HolidayAfter,
        DatePolicy::CalendarDay => v2::PlatformSettlementCycleDatePolicy::CalendarDay,
    }
}

const fn weekday(day: v2::DayOfWeek) -> DayOfWeek {
    match day {
        v2::DayOfWeek::Sun => DayOfWeek::Sunday,
        v2::DayOfWeek::Mon => DayOfWeek::Monday,
        v2::DayOfWeek::Tue => DayOfWeek::Tuesday,
        v2::DayOfWeek::Wed => DayOfWeek::Wednesday,
        v2::DayOfWeek::Thu => DayOfWeek::Thursday,
        v2::DayOfWeek::Fri => DayOfWeek::Friday,
        v2::DayOfWeek::Sat => DayOfWeek::Saturday,
    }
}

const fn weekday_shown(day: DayOfWeek) -> v2::DayOfWeek {
    match day {
        DayOfWeek::Sunday => v2::DayOfWeek::Sun,
        DayOfWeek::Monday => v2::DayOfWeek::Mon,
        DayOfWeek::Tuesday => v2::DayOfWeek::Tue,
        DayOfWeek::Wednesday => v2::DayOfWeek::Wed,
        DayOfWeek::Thursday => v2::DayOfWeek::Thu,
        DayOfWeek::Friday => v2::DayOfWeek::Fri,
        DayOfWeek::Saturday => v2::DayOfWeek::Sat,
    }
}
