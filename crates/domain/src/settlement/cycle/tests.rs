//! Section 16.2 of the specification as a table, and the laws of every cycle.

#![allow(clippy::arithmetic_side_effects, clippy::type_complexity, reason = "tests")]

use super::*;
use jiff::civil::date;
use proptest::prelude::*;

use DatePolicy::{CalendarDay, HolidayAfter, HolidayBefore};
use EarlierDate::{Keep, TakeDayAfter};

fn weekly(days: &[DayOfWeek]) -> CycleMethod {
    CycleMethod::weekly(days.iter().copied()).unwrap()
}

fn monthly(days: &[i32]) -> CycleMethod {
    CycleMethod::monthly(days.iter().copied()).unwrap()
}

fn manual(dates: &[(i32, i32)]) -> CycleMethod {
    CycleMethod::manual_dates(dates.iter().copied()).unwrap()
}

fn settles(start: Date, lag: i32, method: &CycleMethod, policy: DatePolicy, earlier: EarlierDate) -> Date {
    SettlementCycle::new(lag, policy, method.clone())
        .unwrap()
        .settles_on(start, earlier, &Calendar::korea())
        .unwrap()
}

#[test]
fn the_date_vectors_of_the_specification() {
    let friday = weekly(&[DayOfWeek::Friday]);
    let thursday = weekly(&[DayOfWeek::Thursday]);
    let half_months = monthly(&[15, 31]);
    let half_years = manual(&[(1, 1), (7, 1)]);
    // start, lag, cycle, policy, an earlier date, the settlement date
    let table = [
        (date(2023, 8, 11), 2, monthly(&[31]), HolidayBefore, TakeDayAfter, date(2023, 8, 31)),
        (date(2023, 8, 11), 2, monthly(&[31]), HolidayAfter, TakeDayAfter, date(2023, 8, 31)),
        (date(2023, 8, 11), 2, monthly(&[31]), CalendarDay, TakeDayAfter, date(2023, 8, 31)),
        (date(2023, 9, 1), 2, monthly(&[31]), HolidayBefore, TakeDayAfter, date(2023, 9, 27)),
        (date(2023, 8, 11), 2, friday.clone(), CalendarDay, TakeDayAfter, date(2023, 8, 18)),
        (date(2024, 10, 10), 3, half_months.clone(), HolidayBefore, TakeDayAfter, date(2024, 10, 15)),
        // The 15th of May 2024 is Buddha's birthday.
        (date(2024, 5, 10), 3, half_months.clone(), HolidayBefore, TakeDayAfter, date(2024, 5, 14)),
        (date(2024, 10, 13), 3, half_months, HolidayBefore, TakeDayAfter, date(2024, 10, 31)),
        (date(2024, 6, 30), 10, monthly(&[10]), HolidayBefore, TakeDayAfter, date(2024, 7, 10)),
        (date(2024, 7, 1), 10, monthly(&[10]), HolidayBefore, TakeDayAfter, date(2024, 8, 9)),
        // A Sunday, and a Monday.
        (date(2024, 10, 13), 4, thursday.clone(), HolidayBefore, TakeDayAfter, date(2024, 10, 17)),
        (date(2024, 10, 14), 4, thursday, HolidayBefore, TakeDayAfter, date(2024, 10, 24)),
        (date(2024, 10, 18), 1, CycleMethod::Daily, HolidayBefore, TakeDayAfter, date(2024, 10, 21)),
        (date(2024, 10, 18), 1, CycleMethod::Daily, CalendarDay, TakeDayAfter, date(2024, 10, 19)),
        (date(2025, 10, 2), 1, CycleMethod::Daily, HolidayBefore, TakeDayAfter, date(2025, 10, 10)),
        (date(2025, 10, 2), 1, CycleMethod::Daily, HolidayBefore, Keep, date(2025, 10, 2)),
        (date(2025, 10, 1), 5, CycleMethod::Daily, HolidayBefore, TakeDayAfter, date(2025, 10, 2)),
        (date(2025, 2, 3), 5, monthly(&[30]), HolidayAfter, TakeDayAfter, date(2025, 2, 28)),
        (date(2024, 12, 20), 1, half_years.clone(), HolidayAfter, TakeDayAfter, date(2025, 1, 2)),
        (date(2024, 12, 20), 1, half_years, HolidayBefore, TakeDayAfter, date(2024, 12, 31)),
        (date(2025, 4, 30), 1, CycleMethod::Daily, HolidayAfter, TakeDayAfter, date(2025, 5, 2)),
        (date(2024, 2, 8), 1, friday, HolidayBefore, TakeDayAfter, date(2024, 2, 13)),
    ];
    for (start, lag, method, policy, earlier, expected) in table {
        let on = settles(start, lag, &method, policy, earlier);
        assert_eq!(on, expected, "start {start}, lag {lag}, {method:?}, {policy:?}, {earlier:?}");
    }
}

#[test]
fn month_ends_and_leap_days() {
    let end = monthly(&[31]);
    for (start, expected) in [
        (date(2024, 2, 1), date(2024, 2, 29)),
        (date(2025, 2, 1), date(2025, 2, 28)),
        (date(2025, 2, 27), date(2025, 2, 28)),
        (date(2025, 2, 28), date(2025, 3, 31)),
        (date(2025, 4, 10), date(2025, 4, 30)),
        (date(2025, 12, 31), date(2026, 1, 31)),
    ] {
        assert_eq!(settles(start, 1, &end, CalendarDay, Keep), expected, "{start}");
    }
    let leap_day = manual(&[(2, 29)]);
    assert_eq!(settles(date(2027, 3, 1), 1, &leap_day, CalendarDay, Keep), date(2028, 2, 29));
    assert_eq!(settles(date(2028, 3, 1), 1, &leap_day, CalendarDay, Keep), date(2029, 2, 28));
    // 29 and 30 are the same day in February: one date, not two.
    assert_eq!(settles(date(2025, 2, 1), 1, &monthly(&[29, 30]), CalendarDay, Keep), date(2025, 2, 28));
}

#[test]
fn impossible_cycles_are_refused() {
    let lag = |days| SettlementCycle::new(days, CalendarDay, CycleMethod::Daily).unwrap_err();
    assert_eq!(
        (lag(0), lag(11), lag(-1)),
        (CycleError::LagDays(0), CycleError::LagDays(11), CycleError::LagDays(-1))
    );
    assert_eq!(CycleMethod::weekly([]), Err(CycleError::NoDays));
    assert_eq!(CycleMethod::monthly([]), Err(CycleError::NoDays));
    assert_eq!(CycleMethod::manual_dates([]), Err(CycleError::NoDays));
    for day in [0, 32, -1, 300, i32::MAX] {
        assert_eq!(CycleMethod::monthly([day]), Err(CycleError::NotADayOfMonth(day)));
    }
    for (month, day) in [(2, 30), (4, 31), (13, 1), (0, 1), (1, 0), (1, 256 + 1)] {
        assert_eq!(CycleMethod::manual_dates([(month, day)]), Err(CycleError::NotADate { month, day }));
    }
}

#[test]
fn the_end_of_the_calendar_is_an_error() {
    let daily = SettlementCycle::new(1, HolidayAfter, CycleMethod::Daily).unwrap();
    let end = Date::MAX;
    assert_eq!(daily.settles_on(end, Keep, &Calendar::korea()), Err(DateError::OutOfRange(end)));
}

fn any_method() -> impl Strategy<Value = CycleMethod> {
    prop_oneof![
        Just(CycleMethod::Daily),
        prop::collection::vec(
            prop::sample::select(vec![
                DayOfWeek::Monday,
                DayOfWeek::Wednesday,
                DayOfWeek::Saturday,
                DayOfWeek::Sunday
            ]),
            1..3
        )
        .prop_map(|days| CycleMethod::weekly(days).unwrap()),
        prop::collection::vec(1i32..=31, 1..4).prop_map(|days| CycleMethod::monthly(days).unwrap()),
        prop::collection::vec((1i32..=12, 1i32..=28), 1..5)
            .prop_map(|dates| CycleMethod::manual_dates(dates).unwrap()),
        Just(CycleMethod::manual_dates([(2, 29)]).unwrap()),
    ]
}

proptest! {
    #[test]
    fn a_settlement_date_is_a_business_day_unless_days_are_kept(
        offset in 0i32..2_500, lag in 1i32..=10, method in any_method(),
        policy in prop::sample::select(vec![HolidayBefore, HolidayAfter]),
    ) {
        let start = date(2023, 1, 1).checked_add(Span::new().days(offset)).unwrap();
        let korea = Calendar::korea();
        let kept = settles(start, lag, &method, CalendarDay, TakeDayAfter);
        prop_assert!(kept >= start.checked_add(Span::new().days(lag)).unwrap());
        let on = settles(start, lag, &method, policy, TakeDayAfter);
        prop_assert!(korea.is_business_day(on));
        prop_assert!(on > start, "{} is not after {}", on, start);
        // Nothing but closed days lies between the day as named and the day as moved.
        let (from, to) = (kept.min(on), kept.max(on));
        let between = from.series(Span::new().days(1)).take_while(|day| *day <= to).filter(|day| *day != on);
        if policy == HolidayAfter || on < kept {
            prop_assert!(between.into_iter().all(|day| !korea.is_business_day(day)));
        }
    }

    #[test]
    fn what_starts_later_does_not_settle_earlier(offset in 0i32..2_000, lag in 1i32..=10, method in any_method()) {
        let start = date(2023, 1, 1).checked_add(Span::new().days(offset)).unwrap();
        let on = settles(start, lag, &method, HolidayAfter, Keep);
        let next = settles(start.tomorrow().unwrap(), lag, &method, HolidayAfter, Keep);
        prop_assert!(next >= on);
    }
}
