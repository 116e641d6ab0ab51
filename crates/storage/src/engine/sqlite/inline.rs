//! SQLite without threads, for simulations: the writer is a task, and reads run where they are asked.
//!
//! The statements, batches and answers are those of the threaded engine; only who runs
//! them differs. Everything happens on the one thread that polls the tasks, so that the same program
//! with the same inputs does the same things in the same order. An [`Interference`] stands around
//! each read and each transaction, and may hold it up, for ever if it likes: that is what a process
//! looks like that was killed there. Nothing is flushed: what was committed outlives the process,
//! but not the machine.

use super::batch::{Faulty, Prepared, tell, write};
use super::{
    Kind, Query, Reader, Role, Rows, Work, check_file, open_error, queue_error, schema_version, settings,
};
use crate::engine::check_version;
use crate::error::{CommitError, OpenError, ReadError};
use crate::options::{Interference, Options};
use crate::plan::Step;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, oneshot};

/// Of each connection: more than there are texts, with their variants.
const STATEMENTS_KEPT: usize = 512;

pub(crate) struct Inline {
    work: mpsc::Sender<Work>,
    reader: Mutex<Reader>,
    interference: Arc<dyn Interference>,
}

impl Inline {
    /// Must be called on a [`tokio::task::LocalSet`], which the writer's task lives on: prepared
    /// statements stay with their connection, and neither may change threads.
    pub(crate) fn open(
        path: &Path,
        options: &Options,
        interference: Arc<dyn Interference>,
    ) -> Result<Self, OpenError> {
        if !path.exists() {
            return Err(check_version(0).err().unwrap_or(OpenError::Unreachable("no file".into())));
        }
        let connection = connected(path, Role::Writer)?;
        connection.pragma_update(None, "synchronous", "OFF").map_err(|error| open_error(&error))?;
        check_version(schema_version(&connection).map_err(|error| open_error(&error))?)?;
        check_file(&connection, path)?;
        let reader = Mutex::new(Reader::over(connected(path, Role::Reader)?, options.scan_deadline)?);
        let (work, queue) = mpsc::channel(options.queue.max(1));
        let writer = Writer {
            batch: options.batch.max(1),
            faults: options.faults.clone(),
            interference: Arc::clone(&interference),
        };
        tokio::task::spawn_local(writer.run(connection, queue));
        Ok(Self { work, reader, interference })
    }

    fn send(&self, work: Work) -> Result<(), CommitError> {
        self.work.try_send(work).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => CommitError::Overloaded,
            mpsc::error::TrySendError::Closed(_) => CommitError::Unavailable("the writer has stopped".into()),
        })
    }

    pub(crate) async fn commit(&self, steps: Vec<Step>) -> Result<(), CommitError> {
        let (answer, answered) = oneshot::channel();
        self.send(Work::Change { steps, answer })?;
        answered.await.unwrap_or_else(|_| Err(CommitError::InDoubt("the writer has stopped".into())))
    }

    pub(crate) async fn queue(&self, statements: Vec<Query>) -> Result<Vec<Rows>, ReadError> {
        let statements = statements.into_iter().map(kept).collect();
        let (answer, answered) = oneshot::channel();
        self.send(Work::Queue { statements, answer }).map_err(queue_error)?;
        answered
            .await
            .unwrap_or_else(|_| Err(CommitError::Unavailable("the writer has stopped".into())))
            .map_err(queue_error)
    }

    pub(crate) async fn query(&self, query: Query) -> Result<Rows, ReadError> {
        if let Some(pause) = self.interference.before_read() {
            pause.await;
        }
        self.reader.lock().unwrap_or_else(PoisonError::into_inner).read(&kept(query))
    }
}

/// A connection for one process alone, which needs no locks that others would see; and whose
/// statements are prepared once, whatever values they are given.
fn connected(path: &Path, role: Role) -> Result<Connection, OpenError> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = if cfg!(unix) {
        Connection::open_with_flags_and_vfs(path, flags, c"unix-excl")
    } else {
        Connection::open_with_flags(path, flags)
    };
    let connection = opened.map_err(|error| open_error(&error))?;
    settings(&connection, role).map_err(|error| open_error(&error))?;
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(|error| open_error(&error))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    Ok(connection)
}

/// Prepared statements of all but the walks are kept: a simulation asks the same few things very often,
/// and of a small database preparing is the larger part of a read.
fn kept(query: Query) -> Query {
    let kind = match query.kind {
        Kind::Point | Kind::Scan => Kind::Point,
        Kind::Walk => Kind::Walk,
    };
    Query { kind, ..query }
}

struct Writer {
    batch: usize,
    faults: crate::options::Faults,
    interference: Arc<dyn Interference>,
}

impl Writer {
    async fn run(self, connection: Connection, mut queue: mpsc::Receiver<Work>) {
        let mut prepared = Prepared::new(&connection);
        let mut faulty = Faulty::default();
        while let Some(first) = queue.recv().await {
            if let Some(pause) = self.interference.before_commit() {
                pause.await;
            }
            // What came meanwhile shares the transaction, as it does with the threaded writer.
            let mut batch = vec![first];
            while batch.len() < self.batch
                && let Ok(next) = queue.try_recv()
            {
                batch.push(next);
            }
            faulty.apply(&connection, &self.faults);
            let results = write(&connection, &mut prepared, &batch, &self.faults);
            if let Some(pause) = self.interference.after_commit() {
                pause.await;
            }
            tell(batch, results);
        }
    }
}
