//! The machine's clock: goes with virtual time, stands still while no process runs, and can be set.

use super::locked;
use jiff::{SignedDuration, Timestamp};
use paypier::clock::Clock;
use std::sync::Mutex;
use std::time::Duration;
use tokio::time::Instant;

/// The evening before a leap day, a minute before the day ends in Seoul.
const START: &str = "2028-02-28T14:59:00Z";

#[derive(Debug)]
pub struct WallClock(Mutex<Hands>);

#[derive(Debug)]
struct Hands {
    /// When the process began, or ended.
    at: Timestamp,
    /// When the process began, in virtual time.
    since: Option<Instant>,
    /// Time that really passed until `since`.
    passed: Duration,
}

impl Default for WallClock {
    fn default() -> Self {
        let at = START.parse().unwrap_or(Timestamp::UNIX_EPOCH);
        Self(Mutex::new(Hands { at, since: None, passed: Duration::ZERO }))
    }
}

impl WallClock {
    /// A process begins; to be called in its runtime.
    pub fn start(&self) {
        locked(&self.0).since = Some(Instant::now());
    }

    /// The process ends; to be called in its runtime.
    pub fn stop(&self) {
        let mut hands = locked(&self.0);
        let elapsed = hands.elapsed();
        hands.at = later(hands.at, elapsed);
        hands.passed = hands.passed.saturating_add(elapsed);
        hands.since = None;
    }

    /// Somebody sets the clock. How much time has really passed is not changed by that.
    pub fn set_by(&self, by: SignedDuration) {
        let mut hands = locked(&self.0);
        hands.at = hands.at.checked_add(by).unwrap_or(hands.at);
    }

    /// Time passes while nothing runs.
    pub fn stands_for(&self, time: Duration) {
        let mut hands = locked(&self.0);
        hands.at = later(hands.at, time);
        hands.passed = hands.passed.saturating_add(time);
    }

    /// How much time has really passed, whatever the clock says.
    pub fn passed(&self) -> Duration {
        let hands = locked(&self.0);
        hands.passed.saturating_add(hands.elapsed())
    }
}

impl Hands {
    fn elapsed(&self) -> Duration {
        self.since.map(|since| since.elapsed()).unwrap_or_default()
    }
}

fn later(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_add(SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX)).unwrap_or(Timestamp::MAX)
}

impl Clock for WallClock {
    fn now(&self) -> Timestamp {
        let hands = locked(&self.0);
        later(hands.at, hands.elapsed())
    }
}
