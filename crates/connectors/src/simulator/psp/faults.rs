//! Seeded faults: what goes wrong at the PSP, decided by a counter and a seed and nothing else.
//!
//! Leaves to others: where the settings are stored, and what a lost answer looks like.

use paypier_domain::money::Rate;
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What goes wrong at the PSP for a store, from now on. A rate of 100 % or more is always.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Faults {
    /// Added to every answer.
    pub latency_ms: u32,
    /// How many answers are replaced by an HTTP 500 without sense. The request was executed in about
    /// half of these cases.
    pub error_rate: Rate,
    /// How many answers never come. The request was executed in about half of these cases.
    pub drop_answer_rate: Rate,
    /// How many changes are announced twice.
    pub duplicate_notification_rate: Rate,
    /// The same seed and the same calls give the same faults.
    pub seed: u64,
}

impl Faults {
    pub const NONE: Self = Self {
        latency_ms: 0,
        error_rate: Rate::bps(0),
        drop_answer_rate: Rate::bps(0),
        duplicate_notification_rate: Rate::bps(0),
        seed: 0,
    };

    /// Reads a probability from 0 to 1 with at most four decimals (`0.05` is 5 %), exactly.
    pub fn rate(text: &str) -> Option<Rate> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(whole) || !is_number(decimals) || whole.len() > 4 || decimals.len() > 4 {
            return None;
        }
        let whole: u32 = whole.parse().ok()?;
        let decimals: u32 = format!("{decimals:0<4}").parse().ok()?;
        let bps = whole.checked_mul(10_000)?.checked_add(decimals)?;
        (bps <= 10_000).then(|| Rate::bps(bps))
    }
}

/// As it is stored.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FaultsPage {
    latency_ms: u32,
    error_rate_bps: u32,
    drop_answer_rate_bps: u32,
    duplicate_notification_rate_bps: u32,
    seed: u64,
}

impl From<Faults> for FaultsPage {
    fn from(faults: Faults) -> Self {
        Self {
            latency_ms: faults.latency_ms,
            error_rate_bps: faults.error_rate.as_bps(),
            drop_answer_rate_bps: faults.drop_answer_rate.as_bps(),
            duplicate_notification_rate_bps: faults.duplicate_notification_rate.as_bps(),
            seed: faults.seed,
        }
    }
}

impl From<FaultsPage> for Faults {
    fn from(page: FaultsPage) -> Self {
        Self {
            latency_ms: page.latency_ms,
            error_rate: Rate::bps(page.error_rate_bps),
            drop_answer_rate: Rate::bps(page.drop_answer_rate_bps),
            duplicate_notification_rate: Rate::bps(page.duplicate_notification_rate_bps),
            seed: page.seed,
        }
    }
}

/// What happens to one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fate {
    pub(super) delay: Duration,
    pub(super) mishap: Option<(Mishap, Moment)>,
    pub(super) announces_twice: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mishap {
    Garbage,
    Silence,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    BeforeWork,
    AfterWork,
}

/// A store's faults with the counter that its fates are drawn by.
#[derive(Debug)]
pub(super) struct Weather {
    pub(super) faults: Faults,
    calls: AtomicU64,
}

impl Weather {
    pub(super) const fn new(faults: Faults) -> Self {
        Self { faults, calls: AtomicU64::new(0) }
    }

    pub(super) fn draw(&self) -> Fate {
        let faults = &self.faults;
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        let at = |purpose: u64| mixed(faults.seed ^ mixed(call.wrapping_mul(8).wrapping_add(purpose)));
        let hits = |rate: Rate, purpose| {
            at(purpose).checked_rem(10_000).is_some_and(|n| n < u64::from(rate.as_bps()))
        };
        let moment = if at(2).is_multiple_of(2) { Moment::BeforeWork } else { Moment::AfterWork };
        let mishap = if hits(faults.drop_answer_rate, 0) {
            Some((Mishap::Silence, moment))
        } else if hits(faults.error_rate, 1) {
            Some((Mishap::Garbage, moment))
        } else {
            None
        };
        Fate {
            delay: Duration::from_millis(u64::from(faults.latency_ms)),
            mishap,
            announces_twice: hits(faults.duplicate_notification_rate, 3),
        }
    }
}

/// SplitMix64 (Steele, Lea and Flood 2014): every bit of the input changes half of the output.
const fn mixed(seed: u64) -> u64 {
    let z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stormy(seed: u64) -> Faults {
        Faults {
            latency_ms: 5,
            error_rate: Rate::bps(2_000),
            drop_answer_rate: Rate::bps(1_000),
            duplicate_notification_rate: Rate::bps(3_000),
            seed,
        }
    }

    fn fates(faults: Faults, calls: usize) -> Vec<Fate> {
        let weather = Weather::new(faults);
        (0..calls).map(|_| weather.draw()).collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_faults_and_another_one_others() {
        assert_eq!(fates(stormy(1), 500), fates(stormy(1), 500));
        assert_ne!(fates(stormy(1), 500), fates(stormy(2), 500));
    }

    #[test]
    fn rates_are_met_and_both_moments_occur() {
        let fates = fates(stormy(42), 20_000);
        let share =
            |test: &dyn Fn(&Fate) -> bool| fates.iter().filter(|fate| test(fate)).count() * 100 / fates.len();
        assert!((9..=11).contains(&share(&|f| matches!(f.mishap, Some((Mishap::Silence, _))))));
        assert!(
            (17..=19).contains(&share(&|f| matches!(f.mishap, Some((Mishap::Garbage, _))))),
            "20 % of the other 90 %"
        );
        assert!((29..=31).contains(&share(&|f| f.announces_twice)));
        assert!((13..=16).contains(&share(&|f| matches!(f.mishap, Some((_, Moment::AfterWork))))));
    }

    #[test]
    fn no_faults_are_no_faults_and_certain_ones_certain() {
        assert!(
            fates(Faults::NONE, 1_000)
                .iter()
                .all(|f| f.mishap.is_none() && !f.announces_twice && f.delay.is_zero())
        );
        let broken = Faults { error_rate: Rate::bps(10_000), ..Faults::NONE };
        assert!(fates(broken, 1_000).iter().all(|f| matches!(f.mishap, Some((Mishap::Garbage, _)))));
    }

    #[test]
    fn probabilities_are_read_exactly() {
        for (text, bps) in
            [("0", 0), ("1", 10_000), ("1.0", 10_000), ("0.05", 500), ("0.0001", 1), ("0.5", 5_000)]
        {
            assert_eq!(Faults::rate(text), Some(Rate::bps(bps)), "{text}");
        }
        for text in ["", ".5", "-1", "1.1", "2", "1e-3", "0.00001", "0,5", " 0", "+0"] {
            assert_eq!(Faults::rate(text), None, "{text:?}");
        }
    }
}
