//! The PSP's own books: what it must find again after a crash.
//!
//! The PSP keeps no state of its own beyond a cache of its settings. Everything it promised is a
//! record here, written with an expected version: two requests that change the same record are told
//! apart by the write, and the slower one reads and decides again.

use async_trait::async_trait;
use jiff::Timestamp;
use paypier_domain::change::SimulatorRecord;
use paypier_domain::id::StoreId;
use paypier_domain::money::Currency;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A notification that is to be sent when the store's clock reaches `due_at`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduledNotification {
    /// Unique in the store; what [`super::Psp::notification`] is asked with.
    pub id: String,
    /// In the store's own time.
    pub due_at: Timestamp,
}

/// Why the books did not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BooksError {
    /// The record has another version than expected; nothing was written.
    #[error("the record was changed meanwhile")]
    Conflict,
    /// Whether a write happened is not known.
    #[error("the books cannot be reached: {0}")]
    Unavailable(String),
}

/// What the PSP believes it holds for one merchant in one currency, minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Total {
    pub merchant_id: String,
    pub currency: Currency,
    pub approved: i64,
    pub refunded: i64,
}

/// Durable storage of the PSP's records, as the server's database offers it.
#[async_trait]
pub trait Books: Send + Sync + std::fmt::Debug {
    /// # Errors
    /// [`BooksError::Unavailable`].
    async fn record(
        &self,
        store: &StoreId,
        kind: &str,
        id: &str,
    ) -> Result<Option<SimulatorRecord>, BooksError>;

    /// Records of one kind in the order of their ids, those after `after` only, `limit` at most.
    ///
    /// # Errors
    /// [`BooksError::Unavailable`].
    async fn records(
        &self,
        store: &StoreId,
        kind: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<SimulatorRecord>, BooksError>;

    /// Stores the record if the stored version is the expected one, and queues the notifications,
    /// both or neither.
    ///
    /// # Errors
    /// [`BooksError::Conflict`] when the version is another, with nothing written.
    async fn write(
        &self,
        record: SimulatorRecord,
        notifications: Vec<ScheduledNotification>,
    ) -> Result<(), BooksError>;

    /// Sums of `approved` and `refunded` over all orders of the store, by merchant and currency.
    ///
    /// # Errors
    /// [`BooksError::Unavailable`].
    async fn totals(&self, store: &StoreId) -> Result<Vec<Total>, BooksError>;
}

/// Books that live as long as the process, for tests. Others get their turn before each read and
/// write, as they would with a database.
#[derive(Debug, Default)]
pub struct MemoryBooks {
    pages: Mutex<Pages>,
}

#[derive(Debug, Default)]
struct Pages {
    records: BTreeMap<(StoreId, String, String), SimulatorRecord>,
    notifications: Vec<(StoreId, ScheduledNotification)>,
    reads: u64,
    writes: u64,
}

impl MemoryBooks {
    pub fn new() -> Self {
        Self::default()
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every notification that was queued so far, in the order of the writes.
    pub fn notifications(&self, store: &StoreId) -> Vec<ScheduledNotification> {
        self.pages().notifications.iter().filter(|(of, _)| of == store).map(|(_, n)| n.clone()).collect()
    }

    /// How many reads and writes the books have served.
    pub fn traffic(&self) -> (u64, u64) {
        let pages = self.pages();
        (pages.reads, pages.writes)
    }

    /// Every document as it is stored, to look for what must not be in there.
    pub fn documents(&self) -> Vec<String> {
        self.pages().records.values().map(|record| format!("{} {}", record.id, record.document)).collect()
    }
}

#[async_trait]
impl Books for MemoryBooks {
    async fn record(
        &self,
        store: &StoreId,
        kind: &str,
        id: &str,
    ) -> Result<Option<SimulatorRecord>, BooksError> {
        tokio::task::yield_now().await;
        let mut pages = self.pages();
        pages.reads = pages.reads.saturating_add(1);
        Ok(pages.records.get(&(store.clone(), kind.to_owned(), id.to_owned())).cloned())
    }

    async fn records(
        &self,
        store: &StoreId,
        kind: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<SimulatorRecord>, BooksError> {
        let pages = self.pages();
        Ok(pages
            .records
            .values()
            .filter(|r| {
                r.store == *store && r.kind == kind && after.is_none_or(|after| r.id.as_str() > after)
            })
            .take(usize::try_from(limit).unwrap_or(usize::MAX))
            .cloned()
            .collect())
    }

    async fn write(
        &self,
        record: SimulatorRecord,
        notifications: Vec<ScheduledNotification>,
    ) -> Result<(), BooksError> {
        tokio::task::yield_now().await;
        let mut pages = self.pages();
        let key = (record.store.clone(), record.kind.clone(), record.id.clone());
        if pages.records.get(&key).map(|stored| stored.version) != record.expects {
            return Err(BooksError::Conflict);
        }
        pages.writes = pages.writes.saturating_add(1);
        pages.notifications.extend(notifications.into_iter().map(|n| (record.store.clone(), n)));
        pages.records.insert(key, record);
        Ok(())
    }

    async fn totals(&self, store: &StoreId) -> Result<Vec<Total>, BooksError> {
        let pages = self.pages();
        let mut sums: BTreeMap<(String, Currency), (i64, i64)> = BTreeMap::new();
        for record in pages.records.values().filter(|r| r.store == *store) {
            if let Some(currency) = record.currency {
                let sum = sums.entry((record.merchant_id.clone(), currency)).or_default();
                *sum = (sum.0.saturating_add(record.approved), sum.1.saturating_add(record.refunded));
            }
        }
        Ok(sums
            .into_iter()
            .map(|((merchant_id, currency), (approved, refunded))| Total {
                merchant_id,
                currency,
                approved,
                refunded,
            })
            .collect())
    }
}
