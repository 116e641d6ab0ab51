//! Whether changes stand in line, and for how long.
//!
//! A line that empties now and then absorbs a burst and harms nobody. A line that stands makes
//! everybody late and helps nobody: the database is busy either way. The two are told apart by the
//! luckiest change of a short while: when even that one had to wait, the line stands.
//!
//! Only what the database takes is measured, never what a PSP takes: thousands of requests may wait
//! for a slow PSP without anything being short here.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How far the luckiest change is looked for, back from now: one to two of these.
const SPAN: Duration = Duration::from_millis(50);

#[derive(Debug)]
pub(crate) struct Line {
    /// As many as the database works on at once. They are being served and do not wait in line.
    served_at_once: usize,
    seen: Mutex<Seen>,
}

#[derive(Debug)]
struct Seen {
    inside: usize,
    /// When the present span began.
    since: Instant,
    /// The shortest time that a change took which ended in the present span, and in the one before.
    fastest: Option<Duration>,
    fastest_before: Option<Duration>,
    latest_end: Instant,
}

impl Seen {
    fn turn_over(&mut self, now: Instant) {
        let age = now.saturating_duration_since(self.since);
        if age < SPAN {
            return;
        }
        self.fastest_before = if age < SPAN.saturating_mul(2) { self.fastest } else { None };
        self.fastest = None;
        self.since = now;
    }
}

/// A change on its way to being durable; it has left when this is dropped.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    line: &'a Line,
    began: Instant,
    was_served: bool,
}

impl Turn<'_> {
    /// It was refused at the door. That was quick, and says nothing about the line.
    pub(crate) fn turned_away(mut self) {
        self.was_served = false;
    }
}

impl Line {
    pub(crate) fn new(served_at_once: usize) -> Self {
        let now = Instant::now();
        let seen = Seen { inside: 0, since: now, fastest: None, fastest_before: None, latest_end: now };
        Self { served_at_once, seen: Mutex::new(seen) }
    }

    pub(crate) fn enter(&self) -> Turn<'_> {
        let began = Instant::now();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.inside == 0 {
            // Nobody waited for the database before now, so nothing is late.
            seen.latest_end = began;
        }
        seen.inside = seen.inside.saturating_add(1);
        Turn { line: self, began, was_served: true }
    }

    /// How long a change has to wait at least, as things stand; nothing when there is no line.
    pub(crate) fn standing(&self) -> Duration {
        let now = Instant::now();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.inside <= self.served_at_once {
            return Duration::ZERO;
        }
        seen.turn_over(now);
        match (seen.fastest, seen.fastest_before) {
            (Some(one), Some(other)) => one.min(other),
            (Some(one), None) | (None, Some(one)) => one,
            // Nothing has ended lately: whoever is inside has waited for at least as long.
            (None, None) => now.saturating_duration_since(seen.latest_end),
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let now = Instant::now();
        let took = now.saturating_duration_since(self.began);
        let mut seen = self.line.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.turn_over(now);
        seen.inside = seen.inside.saturating_sub(1);
        if !self.was_served {
            return;
        }
        seen.fastest = Some(seen.fastest.map_or(took, |fastest| fastest.min(took)));
        seen.latest_end = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    const TAKES: Duration = Duration::from_millis(10);

    fn millis(line: &Line) -> u128 {
        line.standing().as_millis()
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_served_at_once_does_not_stand_in_line() {
        let line = Line::new(2);
        let _served = (line.enter(), line.enter());
        advance(Duration::from_secs(9)).await;
        assert_eq!(millis(&line), 0, "a slow database alone is no line");
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_that_is_worked_off_is_no_standing_line() {
        let line = Line::new(1);
        let mut burst: Vec<_> = (0..40).map(|_| line.enter()).collect();
        while burst.pop().is_some() {
            // Somebody who came last and was served at once.
            let quick = line.enter();
            advance(TAKES).await;
            drop(quick);
            assert!(millis(&line) <= TAKES.as_millis());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_line_stands_when_even_the_luckiest_waited_and_is_forgotten_when_it_is_gone() {
        let line = Line::new(1);
        let mut waiting = std::collections::VecDeque::new();
        // Twice as many come as are served: first come, first served.
        for _ in 0..60 {
            waiting.push_back(line.enter());
            waiting.push_back(line.enter());
            advance(TAKES).await;
            waiting.pop_front();
        }
        let stood = millis(&line);
        assert!((250..=310).contains(&stood), "{stood}: the one that left waited for some 30 others");
        // Nobody comes any more.
        while waiting.len() > 1 {
            advance(TAKES).await;
            waiting.pop_front();
        }
        assert_eq!(millis(&line), 0);
        waiting.push_back(line.enter());
        waiting.pop_front();
        waiting.push_back(line.enter());
        advance(TAKES).await;
        waiting.pop_front();
        waiting.push_back(line.enter());
        assert!(millis(&line) <= 2 * TAKES.as_millis(), "what was is not held against who comes now");
    }

    #[tokio::test(start_paused = true)]
    async fn being_turned_away_quickly_does_not_make_the_line_look_short() {
        let line = Line::new(1);
        let _waiting = (line.enter(), line.enter());
        for _ in 0..20 {
            advance(TAKES).await;
            line.enter().turned_away();
        }
        assert_eq!(millis(&line), 200);
    }

    #[tokio::test(start_paused = true)]
    async fn a_database_that_stopped_is_noticed_without_an_end() {
        let line = Line::new(1);
        advance(Duration::from_secs(60)).await;
        let _both = (line.enter(), line.enter());
        assert_eq!(millis(&line), 0, "a minute without work is not a minute of waiting");
        advance(Duration::from_millis(700)).await;
        assert_eq!(millis(&line), 700);
    }
}
