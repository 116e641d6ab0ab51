//! Time and randomness as they are handed in. Nothing below `main.rs` asks the machine.

use jiff::Timestamp;
use std::sync::Arc;
use uuid::{Builder, Uuid};

/// The real time. A store's TEST clock runs ahead of it by an offset that the application adds.
pub trait Clock: Send + Sync + std::fmt::Debug {
    fn now(&self) -> Timestamp;
}

/// Random numbers, good enough for secrets.
pub trait Random: Send + Sync + std::fmt::Debug {
    fn fill(&self, bytes: &mut [u8]);

    fn number(&self) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The operating system's randomness, through the thread's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        rand::fill(bytes);
    }
}

/// Makes ids from the time and randomness handed in.
#[derive(Debug, Clone)]
pub struct Ids {
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
}

impl Ids {
    /// A UUID whose order is the order of making (version 7).
    pub fn uuid(&self) -> Uuid {
        let mut bytes = [0; 10];
        self.random.fill(&mut bytes);
        let millis = u64::try_from(self.clock.now().as_millisecond()).unwrap_or(0);
        Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
    }

    /// `prefix` and a UUID.
    pub fn prefixed(&self, prefix: &str) -> String {
        format!("{prefix}{}", self.uuid())
    }
}
