//! The embedded database: one writer thread with group commit, and readers that never wait for it.
//!
//! The writer takes whatever is queued, runs it in one transaction, commits once for all and only then
//! answers: one flush serves a crowd (see [`batch`]). Reads by key run at once on a free connection,
//! because handing them to a thread costs more than the read; everything else goes to threads of its
//! own.

mod batch;
mod checkpoint;
mod inline;

pub(crate) use inline::Inline;

use super::{Kind, Query, check_version, gauge};
use crate::error::{CommitError, OpenError, ReadError};
use crate::options::Options;
use crate::plan::Step;
use crate::row::Value;
use batch::{Prepared, Writer, simple};
use checkpoint::Checkpoints;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, Statement, ToSql};
use std::collections::VecDeque;
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// How long a connection waits for another process that writes (`paypier admin`, a backup).
const BUSY: Duration = Duration::from_secs(10);
/// The whole file is checked at open up to this size, which takes about a second. Above it, opening
/// checks the header and the schema; `paypier verify` checks everything.
const CHECKED_AT_OPEN: u64 = 256 * 1024 * 1024;
/// Reads that may wait for a thread.
const WAITING_READS: usize = 1024;
/// Connections for reads by key.
const POINT_READERS: usize = 2;
/// Steps of SQLite between two looks at the time; together they take a small part of a millisecond.
const STEPS_PER_LOOK: i32 = 4000;

type Rows = Vec<Vec<Value>>;

pub(crate) struct Sqlite {
    work: SyncSender<Work>,
    depth: Arc<AtomicUsize>,
    points: Arc<Vec<Mutex<Reader>>>,
    next_point: AtomicUsize,
    scans: Arc<Scans>,
    deadline: Duration,
}

enum Work {
    Change { steps: Vec<Step>, answer: oneshot::Sender<Result<(), CommitError>> },
    Queue { statements: Vec<Query>, answer: oneshot::Sender<Result<Vec<Rows>, CommitError>> },
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Text(value) => ValueRef::Text(value.as_bytes()),
            Self::Blob(value) => ValueRef::Blob(value),
        }))
    }
}

impl Sqlite {
    pub(crate) async fn open(path: &Path, options: &Options) -> Result<Self, OpenError> {
        let path = path.to_owned();
        let options = options.clone();
        // Opening reads the whole file; that is work for a thread that may wait.
        tokio::task::spawn_blocking(move || Self::open_now(&path, &options))
            .await
            .map_err(|_| OpenError::Unreachable("opening was interrupted".into()))?
    }

    fn open_now(path: &Path, options: &Options) -> Result<Self, OpenError> {
        if !path.exists() {
            return Err(check_version(0).err().unwrap_or(OpenError::Unreachable("no file".into())));
        }
        let mut writer = connect(path, Role::Writer)?;
        check_version(schema_version(&writer).map_err(|error| open_error(&error))?)?;
        crate::migrate::check_sqlite(&writer)?;
        check_file(&writer, path)?;
        let (work, queue) = sync_channel(options.queue.max(1));
        let depth = Arc::new(AtomicUsize::new(0));
        let scans = Arc::new(Scans::default());
        let deadline = options.scan_deadline;
        let points = (0..POINT_READERS)
            .map(|_| Reader::open(path, deadline).map(Mutex::new))
            .collect::<Result<Vec<_>, _>>()?;
        for _ in 0..options.readers.max(1) {
            let reader = Reader::open(path, deadline)?;
            let scans = Arc::clone(&scans);
            thread("paypier-read", move || scans.serve(&reader))?;
        }
        let state =
            Writer { batch: options.batch.max(1), faults: options.faults.clone(), depth: Arc::clone(&depth) };
        let checkpoints = Checkpoints::of(&mut writer, path)?;
        thread("paypier-write", move || state.run(&writer, &queue, checkpoints))?;
        Ok(Self { work, depth, points: Arc::new(points), next_point: AtomicUsize::new(0), scans, deadline })
    }

    fn send(&self, work: Work) -> Result<(), CommitError> {
        // Counted before it is sent, so that the writer never counts down first.
        let depth = self.depth.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        metrics::gauge!("paypier_commit_queue_depth").set(gauge(depth));
        self.work.try_send(work).map_err(|error| {
            self.depth.fetch_sub(1, Ordering::Relaxed);
            match error {
                TrySendError::Full(_) => CommitError::Overloaded,
                TrySendError::Disconnected(_) => CommitError::Unavailable("the writer has stopped".into()),
            }
        })
    }

    pub(crate) async fn commit(&self, steps: Vec<Step>) -> Result<(), CommitError> {
        let (answer, answered) = oneshot::channel();
        self.send(Work::Change { steps, answer })?;
        answered.await.unwrap_or_else(|_| Err(CommitError::InDoubt("the writer has stopped".into())))
    }

    pub(crate) async fn queue(&self, statements: Vec<Query>) -> Result<Vec<Rows>, ReadError> {
        let (answer, answered) = oneshot::channel();
        self.send(Work::Queue { statements, answer }).map_err(queue_error)?;
        answered
            .await
            .unwrap_or_else(|_| Err(CommitError::Unavailable("the writer has stopped".into())))
            .map_err(queue_error)
    }

    pub(crate) async fn query(&self, query: Query) -> Result<Rows, ReadError> {
        if query.kind == Kind::Point {
            let start = self.next_point.fetch_add(1, Ordering::Relaxed);
            for step in 0..self.points.len() {
                let index = start.wrapping_add(step).checked_rem(self.points.len()).unwrap_or(0);
                if let Some(slot) = self.points.get(index)
                    && let Ok(reader) = slot.try_lock()
                {
                    return reader.read(&query);
                }
            }
        }
        let (answer, answered) = oneshot::channel();
        let begin_by = Instant::now().checked_add(self.deadline);
        self.scans.put(Scan { query, answer, begin_by })?;
        answered.await.unwrap_or_else(|_| Err(ReadError::Unavailable("the reader has stopped".into())))
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        self.scans.stop();
    }
}

fn queue_error(error: CommitError) -> ReadError {
    match error {
        CommitError::Overloaded => ReadError::Overloaded,
        CommitError::Broken(text) => ReadError::Broken(text),
        other => ReadError::Unavailable(other.to_string()),
    }
}

fn thread(name: &str, run: impl FnOnce() + Send + 'static) -> Result<(), OpenError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(run)
        .map(|_| ())
        .map_err(|error| OpenError::Unreachable(format!("a thread cannot be started: {error}")))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Writer,
    /// Moves the write-ahead log into the file.
    Mover,
    Reader,
}

pub(crate) fn connect(path: &Path, role: Role) -> Result<Connection, OpenError> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| open_error(&error))?;
    settings(&connection, role).map_err(|error| open_error(&error))?;
    Ok(connection)
}

fn settings(connection: &Connection, role: Role) -> rusqlite::Result<()> {
    // First of all, since switching to the write-ahead log already needs the lock.
    connection.busy_timeout(BUSY)?;
    switch_to_wal(connection)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.set_prepared_statement_cache_capacity(128);
    match role {
        Role::Writer => {
            connection.pragma_update(None, "cache_size", -32 * 1024)?;
            connection.pragma_update(None, "journal_size_limit", 128 * 1024 * 1024)?;
        }
        Role::Mover => connection.pragma_update(None, "cache_size", -1024)?,
        Role::Reader => {
            connection.pragma_update(None, "cache_size", -4 * 1024)?;
            connection.pragma_update(None, "query_only", true)?;
        }
    }
    Ok(())
}

/// How often the switch is tried beside others that open a new file in the same moment.
const MOST_SWITCHES: u32 = 100;

/// SQLite does not wait for a lock that it meets in the middle of this switch, whatever the timeout says. A
/// transaction does wait; so the switch is tried again behind one.
fn switch_to_wal(connection: &Connection) -> rusqlite::Result<()> {
    for _ in 0..MOST_SWITCHES {
        match connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                connection.execute_batch("BEGIN IMMEDIATE; COMMIT")?;
            }
            ended => return ended,
        }
    }
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))
}

/// The version of the schema, 0 when there is none.
pub(crate) fn schema_version(connection: &Connection) -> rusqlite::Result<u32> {
    let has_table: i64 = connection.query_row(
        "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'schema_version'",
        [],
        |row| row.get(0),
    )?;
    if has_table == 0 {
        return Ok(0);
    }
    connection.query_row("SELECT coalesce(max(version), 0) FROM schema_version", [], |row| row.get(0))
}

fn check_file(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let size = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    if size > CHECKED_AT_OPEN {
        return Ok(());
    }
    let found: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(|error| open_error(&error))?;
    if found == "ok" { Ok(()) } else { Err(OpenError::Corrupt(found)) }
}

pub(crate) fn open_error(error: &rusqlite::Error) -> OpenError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => OpenError::Corrupt(error.to_string()),
        _ => OpenError::Unreachable(error.to_string()),
    }
}

fn read_error(error: &rusqlite::Error) -> ReadError {
    ReadError::Unavailable(error.to_string())
}

fn value(value: ValueRef<'_>) -> rusqlite::Result<Value> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(value) => Value::Int(value),
        ValueRef::Text(value) => {
            Value::Text(String::from_utf8(value.to_vec()).map_err(|_| not_utf8())?.into())
        }
        ValueRef::Blob(value) => Value::Blob(value.to_vec()),
        ValueRef::Real(_) => return Err(rusqlite::Error::InvalidQuery),
    })
}

fn not_utf8() -> rusqlite::Error {
    rusqlite::Error::InvalidColumnName("a text that is not UTF-8".into())
}

fn select(connection: &Connection, query: &Query) -> rusqlite::Result<Rows> {
    match query.kind {
        Kind::Point => {
            let mut statement = connection.prepare_cached(&query.text)?;
            fetch(&mut statement, &query.values)
        }
        Kind::Scan | Kind::Walk => {
            // Made for one occasion: keeping it would push out what is used every time.
            let mut statement = connection.prepare(&query.text)?;
            fetch(&mut statement, &query.values)
        }
    }
}

fn fetch(statement: &mut Statement<'_>, values: &[Value]) -> rusqlite::Result<Rows> {
    bind(statement, values)?;
    let columns = statement.column_count();
    let mut rows = statement.raw_query();
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let values = (0..columns).map(|index| value(row.get_ref(index)?)).collect::<rusqlite::Result<_>>()?;
        found.push(values);
    }
    Ok(found)
}

fn bind(statement: &mut Statement<'_>, values: &[Value]) -> rusqlite::Result<()> {
    for (index, value) in (1usize..).zip(values) {
        statement.raw_bind_parameter(index, value)?;
    }
    Ok(())
}

/// A connection that reads, and gives up when the time for a read is over.
struct Reader {
    connection: Connection,
    deadline: Duration,
    opened: Instant,
    /// When the present read is given up, microseconds after `opened`.
    until: Arc<AtomicU64>,
}

impl Reader {
    fn open(path: &Path, deadline: Duration) -> Result<Self, OpenError> {
        Self::over(connect(path, Role::Reader)?, deadline)
    }

    fn over(mut connection: Connection, deadline: Duration) -> Result<Self, OpenError> {
        let opened = Instant::now();
        let until = Arc::new(AtomicU64::new(u64::MAX));
        let end = Arc::clone(&until);
        let is_over = move || passed(opened) > end.load(Ordering::Relaxed);
        connection.progress_handler(STEPS_PER_LOOK, Some(is_over)).map_err(|error| open_error(&error))?;
        Ok(Self { connection, deadline, opened, until })
    }

    fn read(&self, query: &Query) -> Result<Rows, ReadError> {
        let until = match query.kind {
            Kind::Point | Kind::Scan => passed(self.opened).saturating_add(whole_micros(self.deadline)),
            Kind::Walk => u64::MAX,
        };
        self.until.store(until, Ordering::Relaxed);
        select(&self.connection, query).map_err(|error| match error.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted) => query.kind.cut_off(self.deadline),
            _ => read_error(&error),
        })
    }
}

fn passed(since: Instant) -> u64 {
    whole_micros(since.elapsed())
}

fn whole_micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// Reads that wait for a thread.
#[derive(Default)]
struct Scans {
    waiting: Mutex<Waiting>,
    wake: Condvar,
}

#[derive(Default)]
struct Waiting {
    scans: VecDeque<Scan>,
    is_stopped: bool,
}

struct Scan {
    query: Query,
    answer: oneshot::Sender<Result<Rows, ReadError>>,
    /// Whoever waited longer for a thread than a read may take is refused.
    begin_by: Option<Instant>,
}

impl Scans {
    fn put(&self, scan: Scan) -> Result<(), ReadError> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.scans.len() >= WAITING_READS {
            return Err(ReadError::Overloaded);
        }
        waiting.scans.push_back(scan);
        self.wake.notify_one();
        Ok(())
    }

    fn stop(&self) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).is_stopped = true;
        self.wake.notify_all();
    }

    fn take(&self) -> Option<Scan> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(scan) = waiting.scans.pop_front() {
                return Some(scan);
            }
            if waiting.is_stopped {
                return None;
            }
            waiting = self.wake.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn serve(&self, reader: &Reader) {
        while let Some(scan) = self.take() {
            if scan.answer.is_closed() {
                continue;
            }
            let is_late = scan.begin_by.is_some_and(|begin_by| Instant::now() > begin_by);
            let answer = match scan.query.kind {
                Kind::Point | Kind::Scan if is_late => Err(ReadError::Overloaded),
                Kind::Point | Kind::Scan | Kind::Walk => reader.read(&scan.query),
            };
            // Nobody waits any more: nothing is lost.
            let _ = scan.answer.send(answer);
        }
    }
}

/// The bare loop: batches of payments, one COMMIT for each of their changes, nothing else.
pub(crate) fn bare(
    path: &Path,
    templates: &[Vec<Step>],
    batch: usize,
    duration: Duration,
    numbered: fn(&[Value], u64) -> Vec<Value>,
) -> Result<u64, OpenError> {
    let connection = connect(path, Role::Writer)?;
    connection
        .pragma_update(None, "wal_autocheckpoint", checkpoint::PAGES)
        .map_err(|error| open_error(&error))?;
    let mut prepared = Prepared::new(&connection);
    let started = Instant::now();
    let mut written = 0u64;
    let mut run = || -> rusqlite::Result<u64> {
        while started.elapsed() < duration {
            let until = written.saturating_add(u64::try_from(batch).unwrap_or(1));
            for template in templates {
                simple(&connection, "BEGIN IMMEDIATE")?;
                for number in written..until {
                    for step in template {
                        prepared.run(step, &numbered(&step.values, number))?;
                    }
                }
                simple(&connection, "COMMIT")?;
            }
            written = until;
        }
        Ok(written)
    };
    run().map_err(|error| open_error(&error))
}
