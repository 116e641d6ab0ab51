//! When contracts settle.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::union::union;
use crate::words::words;

/// A day of every year.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MonthDay {
    pub month: i32,
    pub day: i32,
}

words! {
    /// A day of the week.
    pub enum DayOfWeek {
        Sun = "SUN",
        Mon = "MON",
        Tue = "TUE",
        Wed = "WED",
        Thu = "THU",
        Fri = "FRI",
        Sat = "SAT",
    }
}

/// How often a contract settles.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformSettlementCycle {
    /// 1 to 10, counted from the settlement start date.
    pub lag_days: i32,
    pub date_policy: PlatformSettlementCycleDatePolicy,
    pub method: PlatformSettlementCycleMethod,
}

/// How often a contract settles.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformSettlementCycleInput {
    /// 1 to 10, counted from the settlement start date.
    pub lag_days: i32,
    pub date_policy: PlatformSettlementCycleDatePolicy,
    pub method: PlatformSettlementCycleMethodInput,
}

words! {
    /// What a holiday does to a settlement date.
    pub enum PlatformSettlementCycleDatePolicy {
        HolidayBefore = "HOLIDAY_BEFORE",
        HolidayAfter = "HOLIDAY_AFTER",
        CalendarDay = "CALENDAR_DAY",
    }
}

union! {
    /// The days on which a contract settles.
    pub enum PlatformSettlementCycleMethod by "type" {
        "DAILY" => Daily(PlatformSettlementCycleMethodDaily),
        "MANUAL_DATES" => ManualDates(PlatformSettlementCycleMethodManualDates),
        "MONTHLY" => Monthly(PlatformSettlementCycleMethodMonthly),
        "WEEKLY" => Weekly(PlatformSettlementCycleMethodWeekly),
    }
}

/// Every day.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlatformSettlementCycleMethodDaily {}

/// The same days of every week.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformSettlementCycleMethodWeekly {
    pub days_of_week: Vec<DayOfWeek>,
}

/// The same days of every month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformSettlementCycleMethodMonthly {
    /// 1 to 31; a day beyond the month is its last one.
    pub days_of_month: Vec<i32>,
}

/// The same days of every year.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformSettlementCycleMethodManualDates {
    pub dates: Vec<MonthDay>,
}

/// The days on which a contract settles; exactly one of the members.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformSettlementCycleMethodInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub daily: Option<PlatformSettlementCycleMethodDailyInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weekly: Option<PlatformSettlementCycleMethodWeeklyInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monthly: Option<PlatformSettlementCycleMethodMonthlyInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manual_dates: Option<PlatformSettlementCycleMethodManualDatesInput>,
}

/// Every day.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlatformSettlementCycleMethodDailyInput {}

/// The same days of every week.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformSettlementCycleMethodWeeklyInput {
    pub days_of_week: Vec<DayOfWeek>,
}

/// The same days of every month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformSettlementCycleMethodMonthlyInput {
    /// 1 to 31; a day beyond the month is its last one.
    pub days_of_month: Vec<i32>,
}

/// The same days of every year.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformSettlementCycleMethodManualDatesInput {
    pub dates: Vec<MonthDay>,
}

words! {
    /// Which days a contract settles on.
    pub enum PlatformSettlementCycleType {
        Daily = "DAILY",
        Weekly = "WEEKLY",
        Monthly = "MONTHLY",
        ManualDates = "MANUAL_DATES",
    }
}
