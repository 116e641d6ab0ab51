//! The writer: takes what is queued, and writes it in one transaction.
//!
//! A batch is first written as if nothing could fail, without savepoints: SQLite keeps a copy of each
//! page that a savepoint is the first to touch (docs/performance.md has what that cost). A change that
//! fails at its first statement, where its guards are, has written nothing and fails alone. One that
//! fails later has left something behind: then the transaction is rolled back and the batch is written
//! once more, each change in a savepoint of its own.

use super::checkpoint::Checkpoints;
use super::{Rows, Work, bind, select};
use crate::engine::gauge;
use crate::error::CommitError;
use crate::options::Faults;
use crate::plan::Step;
use crate::sql::{Dialect, Duplicate, Statement as Write, Untouched};
use rusqlite::{Connection, ErrorCode, Statement};
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Receiver;
use std::time::Duration;
use tokio::time::Instant;

/// How long a batch waits for the rest of a crowd; a small part of what a flush takes.
const CROWD_WAIT: Duration = Duration::from_micros(250);

pub(super) struct Writer {
    /// Changes that share one flush at most.
    pub(super) batch: usize,
    pub(super) faults: Faults,
    pub(super) depth: Arc<AtomicUsize>,
}

/// The prepared statements of the writer.
pub(super) struct Prepared<'c> {
    connection: &'c Connection,
    writes: HashMap<(Write, usize), Statement<'c>>,
}

impl<'c> Prepared<'c> {
    pub(super) fn new(connection: &'c Connection) -> Self {
        Self { connection, writes: HashMap::new() }
    }

    fn write(&mut self, write: Write, rows: usize) -> rusqlite::Result<&mut Statement<'c>> {
        match self.writes.entry((write, rows)) {
            std::collections::hash_map::Entry::Occupied(entry) => Ok(entry.into_mut()),
            std::collections::hash_map::Entry::Vacant(entry) => {
                Ok(entry.insert(self.connection.prepare(&write.text(rows, Dialect::Sqlite))?))
            }
        }
    }

    /// Runs a statement with these values; answers how many rows it touched.
    pub(super) fn run(&mut self, step: &Step, values: &[crate::row::Value]) -> rusqlite::Result<usize> {
        let statement = self.write(step.statement, step.rows)?;
        bind(statement, values)?;
        statement.raw_execute()
    }
}

/// What a piece of work came to: the rows of its statements, none for a change.
pub(super) type Came = Result<Vec<Rows>, CommitError>;

/// Why a piece of work was not done.
struct Fault {
    error: CommitError,
    /// Something of it may be in the transaction.
    has_written: bool,
}

impl Writer {
    pub(super) fn run(&self, connection: &Connection, queue: &Receiver<Work>, mut checkpoints: Checkpoints) {
        let mut prepared = Prepared::new(connection);
        let mut faulty = Faulty::default();
        let mut crowd = 0usize;
        while let Ok(first) = queue.recv() {
            let batch = gather(first, queue, self.batch, crowd);
            // Forgets a crowd that has gone within a few batches.
            crowd = batch.len().max(crowd.saturating_mul(3) / 4);
            let left = self.depth.fetch_sub(batch.len(), Ordering::Relaxed).saturating_sub(batch.len());
            metrics::gauge!("paypier_commit_queue_depth").set(gauge(left));
            metrics::histogram!("paypier_commit_batch_size").record(gauge(batch.len()));
            faulty.apply(connection, &self.faults);
            let results = write(connection, &mut prepared, &batch, &self.faults);
            tell(batch, results);
            checkpoints.after_commit(connection);
        }
    }
}

/// What is queued, and what is about to be: callers that were answered by the same COMMIT come back
/// together, and the first of them must not have a flush for itself while the others wait for it. So
/// a batch that is smaller than the crowd that was here before waits a moment for the rest of it.
fn gather(first: Work, queue: &Receiver<Work>, most: usize, crowd: usize) -> Vec<Work> {
    let mut batch = vec![first];
    let mut deadline = None;
    while batch.len() < most {
        if let Ok(next) = queue.try_recv() {
            batch.push(next);
            continue;
        }
        if batch.len() >= crowd {
            break;
        }
        let now = Instant::now();
        let until = *deadline.get_or_insert_with(|| now.checked_add(CROWD_WAIT).unwrap_or(now));
        match queue.recv_timeout(until.saturating_duration_since(now)) {
            Ok(next) => batch.push(next),
            Err(_) => break,
        }
    }
    batch
}

/// Tells everybody what their work came to.
pub(super) fn tell(batch: Vec<Work>, results: Vec<Came>) {
    for (work, came) in batch.into_iter().zip(results) {
        // A caller that stopped waiting misses its answer, not its write.
        match work {
            Work::Change { answer, .. } => {
                let _ = answer.send(came.map(|_| ()));
            }
            Work::Queue { answer, .. } => {
                let _ = answer.send(came);
            }
        }
    }
}

/// Writes a batch in one transaction and answers what became of each piece of it.
pub(super) fn write(
    connection: &Connection,
    prepared: &mut Prepared<'_>,
    batch: &[Work],
    faults: &Faults,
) -> Vec<Came> {
    if let Err(error) = begin(connection) {
        // Whoever else holds the database held it for as long as it is waited for.
        return batch.iter().map(|_| Err(error.clone())).collect();
    }
    let (results, commit) = match together(connection, prepared, batch, faults) {
        Ok(results) => (results, commit(connection, faults)),
        Err(panicked) => {
            metrics::counter!("paypier_commit_batches_repeated_total").increment(1);
            roll_back(connection);
            apart(connection, prepared, batch, faults, panicked)
        }
    };
    if commit.is_err() {
        roll_back(connection);
    }
    results
        .into_iter()
        // What failed by itself failed for its own reason, whatever becomes of the batch.
        .map(|came| came.and_then(|rows| commit.clone().map(|()| rows)))
        .collect()
}

fn begin(connection: &Connection) -> Result<(), CommitError> {
    simple(connection, "BEGIN IMMEDIATE").map_err(|error| commit_error(&error, None))
}

fn commit(connection: &Connection, faults: &Faults) -> Result<(), CommitError> {
    if faults.takes_io_error() {
        return Err(CommitError::Unavailable("disk I/O error (ordered by a test)".into()));
    }
    simple(connection, "COMMIT").map_err(|error| commit_error(&error, None))
}

/// Nothing of a transaction may stay; a rollback that fails leaves the log unfinished, which the next
/// transaction discards.
fn roll_back(connection: &Connection) {
    if !connection.is_autocommit() {
        let _ = simple(connection, "ROLLBACK");
    }
}

/// Which piece of a batch panicked, and what that came to: it is not run a second time.
type Panicked = Option<(usize, CommitError)>;

/// Runs a batch without savepoints in the transaction that has begun. An error means that the transaction is spoilt.
fn together(
    connection: &Connection,
    prepared: &mut Prepared<'_>,
    batch: &[Work],
    faults: &Faults,
) -> Result<Vec<Came>, Panicked> {
    let mut results = Vec::with_capacity(batch.len());
    for (index, work) in batch.iter().enumerate() {
        match caught(|| run(connection, prepared, work, faults)) {
            Ok(Ok(rows)) => results.push(Ok(rows)),
            Ok(Err(fault)) if !fault.has_written && !connection.is_autocommit() => {
                results.push(Err(fault.error));
            }
            Ok(Err(_)) => return Err(None),
            Err(panic) => return Err(Some((index, panic))),
        }
    }
    Ok(results)
}

/// Runs a batch with a savepoint for each piece, so that one that fails is undone alone.
fn apart(
    connection: &Connection,
    prepared: &mut Prepared<'_>,
    batch: &[Work],
    faults: &Faults,
    panicked: Panicked,
) -> (Vec<Came>, Result<(), CommitError>) {
    let mut all = begin(connection);
    let results = batch
        .iter()
        .enumerate()
        .map(|(index, work)| match &panicked {
            Some((at, error)) if *at == index => Err(error.clone()),
            _ => in_savepoint(connection, &mut all, || run(connection, prepared, work, faults)),
        })
        .collect();
    (results, all.and_then(|()| commit(connection, faults)))
}

/// Runs one piece in its savepoint. When SQLite has rolled the whole transaction back (full disk, I/O
/// error), `all` says so and everything after it fails.
fn in_savepoint(
    connection: &Connection,
    all: &mut Result<(), CommitError>,
    run: impl FnOnce() -> Result<Vec<Rows>, Fault>,
) -> Came {
    if let Err(error) = all {
        return Err(error.clone());
    }
    if let Err(error) = simple(connection, "SAVEPOINT change") {
        return Err(commit_error(&error, None));
    }
    let result = caught(run).and_then(|ran| ran.map_err(|fault| fault.error));
    let result = match result {
        Ok(rows) => match simple(connection, "RELEASE change") {
            Ok(()) => return Ok(rows),
            Err(error) => Err(commit_error(&error, None)),
        },
        Err(error) => Err(error),
    };
    if connection.is_autocommit() {
        let text = result.as_ref().err().map(ToString::to_string).unwrap_or_default();
        *all = Err(CommitError::Unavailable(format!("the transaction was rolled back: {text}")));
        return result;
    }
    if let Err(error) =
        simple(connection, "ROLLBACK TO change").and_then(|()| simple(connection, "RELEASE change"))
    {
        *all = Err(commit_error(&error, None));
    }
    result
}

/// A panic in one piece must not take the writer with it.
fn caught<T>(run: impl FnOnce() -> T) -> Result<T, CommitError> {
    std::panic::catch_unwind(AssertUnwindSafe(run)).map_err(|panic| {
        let text = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        CommitError::Broken(format!("the change panicked: {text}"))
    })
}

fn run(
    connection: &Connection,
    prepared: &mut Prepared<'_>,
    work: &Work,
    faults: &Faults,
) -> Result<Vec<Rows>, Fault> {
    match work {
        Work::Change { steps, .. } => {
            run_steps(connection, prepared, steps, faults)?;
            Ok(Vec::new())
        }
        Work::Queue { statements, .. } => statements
            .iter()
            .enumerate()
            .map(|(index, query)| {
                select(connection, query)
                    .map_err(|error| Fault { error: commit_error(&error, None), has_written: index > 0 })
            })
            .collect(),
    }
}

fn run_steps(
    connection: &Connection,
    prepared: &mut Prepared<'_>,
    steps: &[Step],
    faults: &Faults,
) -> Result<(), Fault> {
    if faults.disk_full() {
        // More than the pages at hand may hold, so that the order to have no room is felt at once. Random,
        // because one that is written just before the order takes effect must not forbid the next.
        connection
            .execute("INSERT INTO commits (commit_id, at) VALUES (hex(randomblob(262144)), 0)", [])
            .map_err(|error| Fault { error: commit_error(&error, None), has_written: true })?;
    }
    for (index, step) in steps.iter().enumerate() {
        // A statement that fails undoes itself; what came before it stays.
        let fault = |error| Fault { error, has_written: index > 0 };
        if index == 1 && faults.takes_panic() {
            std::panic::resume_unwind(Box::new("ordered by a test"));
        }
        let touched = prepared
            .run(step, &step.values)
            .map_err(|error| fault(commit_error(&error, Some(step.statement))))?;
        if touched == 0 {
            match step.statement.untouched() {
                Untouched::Fine => {}
                Untouched::Conflict => return Err(fault(CommitError::Conflict)),
                Untouched::KeyTaken => return Err(fault(CommitError::KeyTaken)),
            }
        }
    }
    Ok(())
}

pub(super) fn simple(connection: &Connection, sql: &'static str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.raw_execute().map(|_| ())
}

fn commit_error(error: &rusqlite::Error, write: Option<Write>) -> CommitError {
    let table = write.map_or("", Write::table);
    let Some(failure) = error.sqlite_error() else {
        return CommitError::Broken(format!("{table}: {error}"));
    };
    match failure.code {
        ErrorCode::ConstraintViolation => {
            let is_duplicate = matches!(
                failure.extended_code,
                rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE
                    | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY
                    | rusqlite::ffi::SQLITE_CONSTRAINT_ROWID
            );
            match write.map(Write::duplicate) {
                Some(Duplicate::Conflict) if is_duplicate => CommitError::Conflict,
                Some(Duplicate::Exists) if is_duplicate => CommitError::Exists(table.to_owned()),
                _ => CommitError::Broken(format!("{table}: {error}")),
            }
        }
        ErrorCode::DiskFull
        | ErrorCode::SystemIoFailure
        | ErrorCode::ReadOnly
        | ErrorCode::CannotOpen
        | ErrorCode::DatabaseBusy
        | ErrorCode::DatabaseLocked
        | ErrorCode::OutOfMemory
        | ErrorCode::PermissionDenied
        | ErrorCode::DatabaseCorrupt
        | ErrorCode::NotADatabase
        | ErrorCode::NoLargeFileSupport
        | ErrorCode::FileLockingProtocolFailed => CommitError::Unavailable(error.to_string()),
        _ => CommitError::Broken(format!("{table}: {error}")),
    }
}

/// The failures that are switched on at the writer's connection.
#[derive(Default)]
pub(super) struct Faulty {
    disk_full: bool,
    read_only: bool,
}

impl Faulty {
    pub(super) fn apply(&mut self, connection: &Connection, faults: &Faults) {
        if faults.disk_full() != self.disk_full {
            self.disk_full = faults.disk_full();
            let pages: i64 = if self.disk_full {
                connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap_or(1)
            } else {
                4_294_967_294
            };
            // A test that orders a failure sees whether it took effect.
            let _ = connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()));
        }
        if faults.read_only() != self.read_only {
            self.read_only = faults.read_only();
            let _ = connection.pragma_update(None, "query_only", self.read_only);
        }
    }
}
