//! The machine's clock as stories have it: the real one, which can be pushed ahead.

use jiff::{SignedDuration, Timestamp};
use paypier::clock::{Clock, SystemClock};
use std::sync::atomic::{AtomicI64, Ordering};

#[derive(Debug, Default)]
pub struct WallClock {
    ahead_ms: AtomicI64,
}

impl WallClock {
    /// Real time passes, for the server alone.
    pub fn passes(&self, seconds: i64) {
        self.ahead_ms.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for WallClock {
    fn now(&self) -> Timestamp {
        SystemClock.now() + SignedDuration::from_millis(self.ahead_ms.load(Ordering::SeqCst))
    }
}
