//! Moving the write-ahead log into the database file, out of the writer's way.
//!
//! SQLite would do it inside a COMMIT, while everybody who waits for that commit waits for it, too. Here
//! a thread with a connection of its own copies most of the log while the writer goes on. What was
//! written meanwhile is little: the writer copies that between two batches, when all callers have their
//! answers, and the log begins anew. Should the thread fall behind, the writer copies everything, so that
//! the log stays bounded.

use super::{Role, connect, open_error, thread};
use crate::error::OpenError;
use rusqlite::Connection;
use rusqlite::hooks::Wal;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};

/// Pages in the log from which on it is moved (32 MiB). Larger than SQLite's default, because a busy page
/// is then moved once instead of many times.
pub(super) const PAGES: i32 = 8192;
/// Pages from which on the writer does it by itself (256 MiB).
const MOST_PAGES: i32 = 65_536;

const MOVE: &str = "PRAGMA wal_checkpoint(PASSIVE)";

/// The writer's side.
pub(super) struct Checkpoints {
    /// Told to move what is in the log; ends with the writer.
    helper: SyncSender<()>,
    is_helping: Arc<AtomicBool>,
    /// Pages in the log after the last commit.
    logged: Arc<AtomicI32>,
    /// The helper was sent and what it left is not moved yet.
    is_underway: bool,
}

impl Checkpoints {
    /// Takes the place of the checkpoints that SQLite would do on this connection.
    pub(super) fn of(writer: &mut Connection, path: &Path) -> Result<Self, OpenError> {
        let connection = connect(path, Role::Mover)?;
        let (helper, orders) = sync_channel::<()>(1);
        let is_helping = Arc::new(AtomicBool::new(false));
        let helping = Arc::clone(&is_helping);
        thread("paypier-checkpoint", move || {
            while orders.recv().is_ok() {
                run(&connection);
                helping.store(false, Ordering::Release);
            }
        })?;
        let logged = Arc::new(AtomicI32::new(0));
        let log = Arc::clone(&logged);
        let note = move |_: &mut Wal, pages| {
            log.store(pages, Ordering::Relaxed);
            Ok(())
        };
        writer.wal_hook(Some(note)).map_err(|error| open_error(&error))?;
        Ok(Self { helper, is_helping, logged, is_underway: false })
    }

    /// To be called between two batches, when nobody waits.
    pub(super) fn after_commit(&mut self, writer: &Connection) {
        let pages = self.logged.load(Ordering::Relaxed);
        if pages < PAGES
            || (self.is_underway && self.is_helping.load(Ordering::Acquire) && pages < MOST_PAGES)
        {
            return;
        }
        if self.is_underway || pages >= MOST_PAGES {
            run(writer);
            self.is_underway = false;
        } else {
            self.is_helping.store(true, Ordering::Release);
            self.is_underway = self.helper.try_send(()).is_ok();
        }
    }
}

/// Moves what no reader still needs as it was. What cannot be moved now, or fails, stays in the log,
/// which is just as safe, and is moved the next time.
fn run(connection: &Connection) {
    let started = tokio::time::Instant::now();
    let moved = connection.prepare_cached(MOVE).and_then(|mut statement| statement.query_row([], |_| Ok(())));
    metrics::histogram!("paypier_checkpoint_seconds").record(started.elapsed().as_secs_f64());
    if let Err(error) = moved {
        tracing::warn!(%error, "the write-ahead log could not be moved into the database; it will be tried again");
    }
}
