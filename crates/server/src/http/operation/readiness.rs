//! Whether this process can serve: it is not being shut down, the database answers, and a write gets
//! through the queue.
//!
//! Asked by anybody as often as they like, so an answer is kept for a second.

use jiff::Timestamp;
use paypier_domain::change::{Change, Write};
use paypier_storage::{CommitError, Storage};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// How long an answer holds.
const KEPT_FOR: Duration = Duration::from_secs(1);
/// A database that takes longer is not one to send requests to.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

#[derive(Debug, Default)]
pub struct Readiness {
    is_draining: AtomicBool,
    latest: Mutex<Option<(Instant, Result<(), Hindrance>)>>,
}

/// Why not. Seen by whoever asks, so it says nothing about addresses or versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Hindrance {
    #[error("the server is shutting down")]
    Draining,
    #[error("the database does not answer")]
    DatabaseSilent,
    #[error("the database does not accept writes")]
    DatabaseReadOnly,
    #[error("too many writes are waiting")]
    QueueFull,
}

impl Readiness {
    pub fn drain(&self) {
        self.is_draining.store(true, Ordering::Release);
    }

    pub async fn ask(&self, storage: &Storage) -> Result<(), Hindrance> {
        if self.is_draining.load(Ordering::Acquire) {
            return Err(Hindrance::Draining);
        }
        let mut latest = self.latest.lock().await;
        if let Some((at, found)) = *latest
            && at.elapsed() < KEPT_FOR
        {
            return found;
        }
        let found = match timeout(LONGEST_WAIT, look(storage)).await {
            Ok(found) => found,
            Err(_) => Err(Hindrance::DatabaseSilent),
        };
        if let Err(hindrance) = found {
            tracing::warn!(%hindrance, "not ready");
        }
        *latest = Some((Instant::now(), found));
        found
    }
}

async fn look(storage: &Storage) -> Result<(), Hindrance> {
    storage.ping().await.map_err(|_| Hindrance::DatabaseSilent)?;
    storage.commit(nothing()).await.map_err(|error| match error {
        CommitError::Overloaded => Hindrance::QueueFull,
        CommitError::Conflict
        | CommitError::KeyTaken
        | CommitError::Exists(_)
        | CommitError::Unavailable(_)
        | CommitError::InDoubt(_)
        | CommitError::Broken(_) => Hindrance::DatabaseReadOnly,
    })
}

/// A write that waits its turn like any other, takes the write lock, and changes no row: nothing is
/// older than the beginning of time.
fn nothing() -> Change {
    let mut change = Change::default();
    change.writes.push(Write::Purge { claims_before: Timestamp::MIN, tokens_before: Timestamp::MIN });
    change
}
