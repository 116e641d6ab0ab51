//! What lists by creation time may show already.
//!
//! A change gets its time when it is decided and becomes visible when it is committed, a little
//! later and not in the same order. A reader that goes on from its last cursor would pass over what
//! shows up behind it. So such lists end before the oldest moment that is still being written, and
//! before the present. This knows of this process only; with several, lists stay [`BESIDE_OTHERS`]
//! behind as well.

use super::App;
use super::directory::StoreProfile;
use super::failure::Failure;
use jiff::{SignedDuration, Timestamp};
use paypier_domain::channel::Environment;
use paypier_domain::id::{MerchantId, StoreId};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// Longer than a commit takes on another instance.
const BESIDE_OTHERS: SignedDuration = SignedDuration::from_secs(2);

type Whose = (MerchantId, Environment);

/// The moments that are being written, each with how many changes have it.
#[derive(Debug, Clone, Default)]
pub struct Horizon(Arc<Mutex<HashMap<Whose, BTreeMap<Timestamp, u32>>>>);

/// A time that lists do not reach until this is dropped: hold it until the change is committed.
#[derive(Debug)]
pub struct Moment {
    pub at: Timestamp,
    whose: Whose,
    horizon: Horizon,
}

/// How far a merchant's lists may look; taken before the list is read.
#[derive(Debug, Clone, Copy)]
pub struct Settled {
    live: Option<Timestamp>,
    test: Option<Timestamp>,
    now: Timestamp,
}

impl Settled {
    /// Whether a row of this time may be shown. `ahead` is how far its clock runs ahead.
    fn shows(&self, environment: Environment, ahead: SignedDuration, at: Timestamp) -> bool {
        let open = match environment {
            Environment::Live => self.live,
            Environment::Test => self.test,
        };
        let now = self.now.checked_add(ahead).unwrap_or(Timestamp::MAX);
        let until = open.unwrap_or(Timestamp::MAX).min(now);
        // Rows are stored in whole microseconds.
        at.as_microsecond() < until.as_microsecond()
    }
}

impl Drop for Moment {
    fn drop(&mut self) {
        let mut horizon = self.horizon.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(open) = horizon.get_mut(&self.whose) else { return };
        if let Some(count) = open.get_mut(&self.at) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                open.remove(&self.at);
            }
        }
        if open.is_empty() {
            horizon.remove(&self.whose);
        }
    }
}

impl App {
    /// The store's time for a change that is about to be decided and committed.
    pub(super) fn moment(&self, profile: &StoreProfile, environment: Environment) -> Moment {
        let mut horizon = self.horizon.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Read under the lock, so that no list can have looked past it in between.
        let at = self.now(profile, environment);
        let whose = (profile.store.merchant.clone(), environment);
        let count = horizon.entry(whose.clone()).or_default().entry(at).or_default();
        *count = count.saturating_add(1);
        drop(horizon);
        Moment { at, whose, horizon: self.horizon.clone() }
    }

    /// How far lists of the merchant may look now.
    pub fn settled(&self, merchant: &MerchantId) -> Settled {
        let horizon = self.horizon.0.lock().unwrap_or_else(PoisonError::into_inner);
        let oldest = |environment| {
            let open = horizon.get(&(merchant.clone(), environment));
            open.and_then(|open| open.keys().next().copied())
        };
        let now = self.clock.now();
        let behind = if self.policy.has_siblings { BESIDE_OTHERS } else { SignedDuration::ZERO };
        Settled {
            live: oldest(Environment::Live),
            test: oldest(Environment::Test),
            now: now.checked_sub(behind).unwrap_or(Timestamp::MIN),
        }
    }

    /// The rows up to the first one that may not be shown yet.
    ///
    /// # Errors
    /// The stores' clocks could not be read.
    pub async fn settled_rows<T>(
        &self,
        settled: Settled,
        mut rows: Vec<T>,
        of: impl Fn(&T) -> (&StoreId, Environment, Timestamp),
    ) -> Result<Vec<T>, Failure> {
        let mut shown = rows.len();
        for (index, row) in rows.iter().enumerate() {
            let (store, environment, at) = of(row);
            let ahead = match environment {
                Environment::Live => SignedDuration::ZERO,
                Environment::Test => {
                    let profile = self.directory.store(self, store).await?;
                    profile.map_or(SignedDuration::ZERO, |profile| profile.store.test_clock_offset)
                }
            };
            if !settled.shows(environment, ahead, at) {
                shown = index;
                break;
            }
        }
        rows.truncate(shown);
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_open_until_its_last_holder_lets_go() {
        let horizon = Horizon::default();
        let whose = (MerchantId::known("merchant-1"), Environment::Test);
        let open = |second| {
            let at = Timestamp::from_second(second).unwrap();
            let mut merchants = horizon.0.lock().unwrap();
            *merchants.entry(whose.clone()).or_default().entry(at).or_default() += 1;
            Moment { at, whose: whose.clone(), horizon: horizon.clone() }
        };
        let oldest =
            || horizon.0.lock().unwrap().get(&whose).map(|open| open.keys().next().unwrap().as_second());
        let (first, same, later) = (open(5), open(5), open(9));
        drop(first);
        assert_eq!(oldest(), Some(5));
        drop(same);
        assert_eq!(oldest(), Some(9));
        drop(later);
        assert_eq!(oldest(), None);
    }
}
