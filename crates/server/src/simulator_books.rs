//! The simulated PSP's books, kept in the server's own database: one commit a write, with the
//! notifications it announces as jobs in the same commit.
//!
//! The PSP is another company that happens to live here: its records share no row with ours, and what
//! it writes is never part of a change of ours. So a crash between the two leaves what a crash
//! between two companies leaves, and the same recovery mends it.

use async_trait::async_trait;
use jiff::SignedDuration;
use paypier_connectors::simulator::psp::books::{Books, BooksError, ScheduledNotification, Total};
use paypier_domain::change::{Change, SimulatorRecord, Write};
use paypier_domain::channel::Environment;
use paypier_domain::id::StoreId;
use paypier_domain::job::{Job, JobWrite, Task};
use paypier_storage::{CommitError, ReadError, SimulatorTotal, Storage};
use std::sync::Arc;

/// How far a store's TEST clock runs ahead of the real one, from whatever cache the caller keeps.
pub type ClockOffset = Arc<dyn Fn(&StoreId) -> SignedDuration + Send + Sync>;
/// Wakes whoever waits for due jobs.
pub type Bell = Arc<dyn Fn() + Send + Sync>;

#[derive(Clone)]
pub struct SimulatorBooks {
    storage: Storage,
    clock_offset: ClockOffset,
    bell: Option<Bell>,
}

impl std::fmt::Debug for SimulatorBooks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SimulatorBooks({:?})", self.storage)
    }
}

impl SimulatorBooks {
    pub fn new(storage: Storage, clock_offset: ClockOffset) -> Self {
        Self { storage, clock_offset, bell: None }
    }

    /// With a bell that is rung when a notification was queued, so that it does not wait for the
    /// scheduler's next look.
    #[must_use]
    pub fn ringing(self, bell: Bell) -> Self {
        Self { bell: Some(bell), ..self }
    }
}

#[async_trait]
impl Books for SimulatorBooks {
    async fn record(
        &self,
        store: &StoreId,
        kind: &str,
        id: &str,
    ) -> Result<Option<SimulatorRecord>, BooksError> {
        self.storage.simulator_record(store, kind, id).await.map_err(unread)
    }

    async fn records(
        &self,
        store: &StoreId,
        kind: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<SimulatorRecord>, BooksError> {
        self.storage.simulator_records(store, kind, after, limit).await.map_err(unread)
    }

    async fn write(
        &self,
        record: SimulatorRecord,
        notifications: Vec<ScheduledNotification>,
    ) -> Result<(), BooksError> {
        let rings = !notifications.is_empty();
        let mut change = Change { clock_offset: (self.clock_offset)(&record.store), ..Change::default() };
        change.jobs =
            notifications.into_iter().map(|notification| queued(&record.store, notification)).collect();
        change.writes.push(Write::Simulator(Box::new(record)));
        self.storage.commit(change).await.map_err(unwritten)?;
        if rings && let Some(bell) = &self.bell {
            bell();
        }
        Ok(())
    }

    async fn totals(&self, store: &StoreId) -> Result<Vec<Total>, BooksError> {
        let totals = self.storage.simulator_totals(store).await.map_err(unread)?;
        Ok(totals.into_iter().filter_map(in_a_currency).collect())
    }
}

fn queued(store: &StoreId, notification: ScheduledNotification) -> JobWrite {
    JobWrite::Put(Job {
        task: Task::SimulatorNotification { id: notification.id },
        store: store.clone(),
        environment: Environment::Test,
        due_at: notification.due_at,
        runs: 0,
    })
}

/// Records without a currency are not about money.
fn in_a_currency(total: SimulatorTotal) -> Option<Total> {
    let SimulatorTotal { merchant_id, currency, approved, refunded } = total;
    Some(Total { merchant_id, currency: currency?, approved, refunded })
}

fn unread(error: ReadError) -> BooksError {
    BooksError::Unavailable(error.to_string())
}

/// A conflict makes the PSP read and decide again at once, so only what that can mend is one: a full
/// queue would be asked again and again.
fn unwritten(error: CommitError) -> BooksError {
    match error {
        CommitError::Conflict | CommitError::Exists(_) => BooksError::Conflict,
        CommitError::KeyTaken
        | CommitError::Overloaded
        | CommitError::Unavailable(_)
        | CommitError::InDoubt(_)
        | CommitError::Broken(_) => BooksError::Unavailable(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_reading_again_can_mend_is_a_conflict() {
        for error in [CommitError::Conflict, CommitError::Exists("simulator_records".into())] {
            assert_eq!(unwritten(error), BooksError::Conflict);
        }
        for error in [
            CommitError::Overloaded,
            CommitError::InDoubt("lost".into()),
            CommitError::Unavailable("full".into()),
        ] {
            assert!(matches!(unwritten(error), BooksError::Unavailable(_)));
        }
    }
}
