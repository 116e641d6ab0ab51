//! The days on which banks are open: a value that is handed in, never a table inside a calculation.
//!
//! What is shipped is Korea's ([`Calendar::korea`]). Temporary holidays are declared at short notice,
//! so an operator hands in lines of the same format that add to it or take away from it
//! ([`Calendar::amended`]). Beyond the years that are covered only weekends, holidays with a fixed
//! date and Labour Day close; [`Calendar::covers`] lets the caller warn about it.

use jiff::civil::{Date, Weekday};
use std::collections::BTreeMap;

const KOREA: &str = include_str!("calendar/korea.txt");

/// Public holidays with a fixed date, and Labour Day (month, day): what is known of any year.
const FIXED: [(i8, i8, &str); 10] = [
    (1, 1, "신정"),
    (3, 1, "삼일절"),
    (5, 1, "노동절"),
    (5, 5, "어린이날"),
    (6, 6, "현충일"),
    (7, 17, "제헌절"),
    (8, 15, "광복절"),
    (10, 3, "개천절"),
    (10, 9, "한글날"),
    (12, 25, "기독탄신일"),
];

/// The longest run of closed days that is looked past; Korea's longest is ten.
const LONGEST_CLOSURE_DAYS: u32 = 60;

/// Holidays by day, with their names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Calendar {
    /// A day without a name is one that an amendment opened.
    holidays: BTreeMap<Date, Option<Box<str>>>,
    /// First and last year in which every holiday is listed.
    covered: Option<(i16, i16)>,
}

/// Why holiday data was not accepted; lines are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    #[error(
        "line {line} of the holidays does not begin with a date (yyyy-mm-dd), `open` or `covers`: {text:?}"
    )]
    NotALine { line: usize, text: String },
    #[error("line {line} of the holidays gives the holiday of {date} no name")]
    NoName { line: usize, date: Date },
    #[error(
        "line {line} of the holidays must read `covers 2023..2028`, the first year not after the last: {text:?}"
    )]
    NotYears { line: usize, text: String },
}

/// No bank opens near a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no business day within {LONGEST_CLOSURE_DAYS} days of {0}")]
pub struct NoBusinessDay(pub Date);

impl Calendar {
    /// Korea's public holidays, substitute holidays and Labour Day as shipped.
    pub fn korea() -> Self {
        // A test reads the shipped file; were it unreadable, weekends and fixed dates would remain.
        Self::default().amended(KOREA).unwrap_or_default()
    }

    /// This calendar with further lines applied, in order:
    ///
    /// ```text
    /// # a comment
    /// covers 2023..2028
    /// 2026-02-17 설날
    /// open 2026-02-18
    /// ```
    ///
    /// # Errors
    /// The first line that cannot be read.
    pub fn amended(mut self, lines: &str) -> Result<Self, CalendarError> {
        for (index, text) in lines.lines().enumerate() {
            let line = index.saturating_add(1);
            let text = text.trim().trim_start_matches('\u{feff}');
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let (head, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
            let rest = rest.trim();
            let not_a_line = || CalendarError::NotALine { line, text: text.to_owned() };
            match head {
                "covers" => {
                    self.covered = Some(
                        years(rest).ok_or_else(|| CalendarError::NotYears { line, text: text.to_owned() })?,
                    );
                }
                "open" => {
                    let date: Date = rest.parse().map_err(|_| not_a_line())?;
                    self.holidays.insert(date, None);
                }
                _ => {
                    let date: Date = head.parse().map_err(|_| not_a_line())?;
                    if rest.is_empty() {
                        return Err(CalendarError::NoName { line, date });
                    }
                    self.holidays.insert(date, Some(rest.into()));
                }
            }
        }
        Ok(self)
    }

    /// Whether every holiday of that day's year is listed.
    pub fn covers(&self, date: Date) -> bool {
        self.covered.is_some_and(|(first, last)| (first..=last).contains(&date.year()))
    }

    /// The holiday's name, or `None` when the day is none (a weekend is not a holiday).
    pub fn holiday(&self, date: Date) -> Option<&str> {
        if let Some(listed) = self.holidays.get(&date) {
            return listed.as_deref();
        }
        if self.covers(date) {
            return None;
        }
        FIXED
            .iter()
            .find(|(month, day, _)| (*month, *day) == (date.month(), date.day()))
            .map(|(.., name)| *name)
    }

    /// The holidays of one year, in order of their days.
    pub fn holidays_of(&self, year: i16) -> Vec<(Date, &str)> {
        let (Ok(first), Ok(last)) = (Date::new(year, 1, 1), Date::new(year, 12, 31)) else {
            return Vec::new();
        };
        first
            .series(jiff::Span::new().days(1))
            .take_while(|day| *day <= last)
            .filter_map(|day| self.holiday(day).map(|name| (day, name)))
            .collect()
    }

    /// Not Saturday, not Sunday, not a holiday.
    pub fn is_business_day(&self, date: Date) -> bool {
        !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) && self.holiday(date).is_none()
    }

    /// The latest business day that is not after `date`.
    ///
    /// # Errors
    /// None within two months.
    pub fn business_day_not_after(&self, date: Date) -> Result<Date, NoBusinessDay> {
        self.nearest(date, Date::yesterday)
    }

    /// The earliest business day that is not before `date`.
    ///
    /// # Errors
    /// None within two months.
    pub fn business_day_not_before(&self, date: Date) -> Result<Date, NoBusinessDay> {
        self.nearest(date, Date::tomorrow)
    }

    fn nearest(
        &self,
        date: Date,
        step: impl Fn(Date) -> Result<Date, jiff::Error>,
    ) -> Result<Date, NoBusinessDay> {
        let mut day = date;
        for _ in 0..LONGEST_CLOSURE_DAYS {
            if self.is_business_day(day) {
                return Ok(day);
            }
            day = step(day).map_err(|_| NoBusinessDay(date))?;
        }
        Err(NoBusinessDay(date))
    }
}

fn years(text: &str) -> Option<(i16, i16)> {
    let (first, last) = text.split_once("..")?;
    let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (first <= last).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    /// Section 16.3: the holidays that fall on a weekday, as the specification lists them.
    const WEEKDAYS: [(i16, &str); 5] = [
        (2023, "1/23 1/24 3/1 5/1 5/5 5/29 6/6 8/15 9/28 9/29 10/2 10/3 10/9 12/25"),
        (2024, "1/1 2/9 2/12 3/1 4/10 5/1 5/6 5/15 6/6 8/15 9/16 9/17 9/18 10/1 10/3 10/9 12/25"),
        (2025, "1/1 1/27 1/28 1/29 1/30 3/3 5/1 5/5 5/6 6/3 6/6 8/15 10/3 10/6 10/7 10/8 10/9 12/25"),
        (2026, "1/1 2/16 2/17 2/18 3/2 5/1 5/5 5/25 6/3 7/17 8/17 9/24 9/25 10/5 10/9 12/25"),
        (2027, "1/1 2/8 2/9 3/1 5/3 5/5 5/13 7/19 8/16 9/14 9/15 9/16 10/4 10/11 12/27"),
    ];

    #[test]
    fn the_shipped_holidays_are_those_of_the_specification() {
        let korea = Calendar::default().amended(KOREA).unwrap();
        assert_eq!(korea, Calendar::korea());
        for (year, expected) in WEEKDAYS {
            let weekdays: Vec<String> = korea
                .holidays_of(year)
                .into_iter()
                .filter(|(day, _)| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday))
                .map(|(day, _)| format!("{}/{}", day.month(), day.day()))
                .collect();
            assert_eq!(weekdays.join(" "), expected, "{year}");
        }
    }

    #[test]
    fn substitute_holidays_follow_the_decree() {
        let korea = Calendar::korea();
        // 2028: National Foundation Day falls into Chuseok, so that the day after Chuseok is free.
        assert_eq!(korea.holiday(date(2028, 10, 5)), Some("대체공휴일(추석)"));
        // Memorial Day and New Year's Day have no substitute; neither has Chuseok on a Saturday.
        assert!(korea.is_business_day(date(2027, 6, 7)));
        assert!(korea.is_business_day(date(2028, 1, 3)));
        assert!(korea.is_business_day(date(2026, 9, 28)));
    }

    #[test]
    fn beyond_the_covered_years_weekends_and_fixed_dates_close() {
        let korea = Calendar::korea();
        assert!(korea.covers(date(2028, 12, 31)) && !korea.covers(date(2029, 1, 1)));
        assert!(!korea.is_business_day(date(2029, 3, 1)));
        assert!(!korea.is_business_day(date(2029, 5, 1)));
        assert!(!korea.is_business_day(date(2029, 1, 6)));
        assert!(korea.is_business_day(date(2029, 2, 13))); // the lunar new year, which nobody has listed
    }

    #[test]
    fn an_operator_adds_and_removes_holidays() {
        let calendar = Calendar::korea()
            .amended("# declared in May\n2026-06-05 임시공휴일\nopen 2026-10-09\nopen 2030-07-17\n\ncovers 2023..2026\n")
            .unwrap();
        assert!(!calendar.is_business_day(date(2026, 6, 5)));
        assert!(calendar.is_business_day(date(2026, 10, 9)));
        assert!(calendar.is_business_day(date(2030, 7, 17)));
        assert!(!calendar.covers(date(2027, 1, 1)));
        // What is listed stays known although its year is not covered.
        assert!(!calendar.is_business_day(date(2027, 9, 15)));
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named() {
        let refused = |lines: &str| Calendar::default().amended(lines).unwrap_err().to_string();
        insta::assert_snapshot!(refused("\ntomorrow x"), @r#"line 2 of the holidays does not begin with a date (yyyy-mm-dd), `open` or `covers`: "tomorrow x""#);
        insta::assert_snapshot!(refused("2026-02-30 x"), @r#"line 1 of the holidays does not begin with a date (yyyy-mm-dd), `open` or `covers`: "2026-02-30 x""#);
        insta::assert_snapshot!(refused("2026-06-05"), @"line 1 of the holidays gives the holiday of 2026-06-05 no name");
        insta::assert_snapshot!(refused("covers 2028..2023"), @r#"line 1 of the holidays must read `covers 2023..2028`, the first year not after the last: "covers 2028..2023""#);
        insta::assert_snapshot!(refused("open soon"), @r#"line 1 of the holidays does not begin with a date (yyyy-mm-dd), `open` or `covers`: "open soon""#);
    }

    #[test]
    fn a_calendar_without_business_days_is_an_error() {
        let lines: String = date(2026, 1, 1)
            .series(jiff::Span::new().days(1))
            .take(200)
            .map(|day| format!("{day} closed\n"))
            .collect();
        let closed = Calendar::default().amended(&lines).unwrap();
        let day = date(2026, 4, 1);
        assert_eq!(closed.business_day_not_before(day), Err(NoBusinessDay(day)));
        assert_eq!(closed.business_day_not_after(day), Err(NoBusinessDay(day)));
        assert_eq!(Calendar::korea().business_day_not_before(Date::MAX), Ok(Date::MAX)); // a Friday
    }
}
