//! Moving a store's test clock, and running everything that became due on the way, in due order.

use super::App;
use super::failure::Failure;
use super::ticket::Ticket;
use jiff::{SignedDuration, Timestamp};
use paypier_domain::change::{Change, Write};
use paypier_domain::channel::Environment;
use paypier_domain::id::StoreId;
use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockMove {
    By(SignedDuration),
    To(Timestamp),
}

/// Work that is due and does not run has been taken by another process, or its end could not be
/// recorded and its lease has to end. It is waited for this often and no longer.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
const MOST_LOOKS: u32 = 100;

/// How long a moved clock waits at one moment for all work to end. In a shop that is being paid
/// without a pause that never happens, and the clock must move all the same: having waited in vain
/// once, it hurries.
const PATIENCE: Duration = Duration::from_secs(10);
const HURRY: Duration = Duration::from_millis(100);

/// How many due moments one move may run through before it is refused as unending.
const MOST_STEPS: u32 = 100_000;

impl App {
    /// The time of the store's TEST data.
    ///
    /// # Errors
    /// The store is unknown or the database cannot be read.
    pub async fn test_clock(&self, store: &StoreId) -> Result<Timestamp, Failure> {
        let profile = self.directory.store(self, store).await?.ok_or_else(|| unknown(store))?;
        Ok(self.now(&profile, Environment::Test))
    }

    /// Moves the clock forward. It stops at every moment at which something becomes due, and goes
    /// on when that has run, so that a month of daily work happens day by day. When it returns, every
    /// instance uses the new time.
    ///
    /// # Errors
    /// `Invalid` for a move back.
    pub async fn advance_clock(&self, store: &StoreId, to: ClockMove) -> Result<Timestamp, Failure> {
        let start = self.test_clock(store).await?;
        let target = match to {
            ClockMove::By(by) => start
                .checked_add(by)
                .map_err(|_| Failure::Invalid("advance leads past the calendar (the year 9999)".into()))?,
            ClockMove::To(at) => at,
        };
        if target < start {
            return Err(Failure::Invalid(format!(
                "the test clock is at {start} and only moves forward; {target} is before that"
            )));
        }
        self.run_up_to(store, target).await?;
        if self.policy.has_siblings {
            // Until they have noticed, siblings date what they write by the clock as it was. What they
            // queue meanwhile is put on the moved clock afterwards.
            tokio::time::sleep(self.policy.directory_staleness).await;
            self.set_test_clock(store, self.test_clock(store).await?).await?;
            self.run_up_to(store, target).await?;
        }
        self.test_clock(store).await
    }

    async fn run_up_to(&self, store: &StoreId, target: Timestamp) -> Result<(), Failure> {
        let (mut looks, mut patience) = (0u32, PATIENCE);
        for _ in 0..MOST_STEPS {
            if !self.run_due_work_for(patience).await {
                patience = HURRY;
            }
            let Some(due) = self.storage.due_of_store(store, target).await? else { break };
            if due > self.test_clock(store).await? {
                self.set_test_clock(store, due).await?;
                looks = 0;
            } else if looks < MOST_LOOKS {
                looks = looks.saturating_add(1);
                tokio::time::sleep(LOOK_AGAIN).await;
            } else {
                break;
            }
        }
        if self.test_clock(store).await? < target {
            self.set_test_clock(store, target).await?;
            self.run_due_work_for(patience).await;
        }
        Ok(())
    }

    async fn set_test_clock(&self, store: &StoreId, at: Timestamp) -> Result<(), Failure> {
        let offset = at.duration_since(self.clock.now()).max(SignedDuration::ZERO);
        let mut change = Change::default();
        change.writes.push(Write::TestClock { store: store.clone(), offset });
        self.commit_with(&Ticket::none(), change).await?;
        self.directory.forget();
        self.bell.notify_one();
        Ok(())
    }
}

fn unknown(store: &StoreId) -> Failure {
    Failure::Forbidden(format!(
        "the store {} cannot be reached with this credential",
        super::caller::shown(store.as_str())
    ))
}
