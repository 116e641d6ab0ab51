//! The commit of a change.
//!
//! Nearly every change is one statement: each of its writes is a part of one `WITH`, guards fail by
//! themselves, and a statement alone is a transaction. So a commit is one message each way, and
//! PostgreSQL answers once instead of once a row. A change that writes one table in two different ways
//! (PostgreSQL leaves open which of them a `WITH` does first) is sent statement by statement, from
//! BEGIN to COMMIT without waiting in between.

use super::access::{connection, told};
use super::{is_lost, parameter};
use crate::error::CommitError;
use crate::options::Faults;
use crate::plan::Step;
use crate::row::Value;
use crate::sql::{Dialect, Duplicate, Statement as Write, Untouched, together};
use deadpool_postgres::{Object, Pool};
use std::collections::{BTreeSet, HashMap};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::time::Instant;
use tokio_postgres::error::{DbError, SqlState};

/// How long the outcome of a commit whose connection was lost is asked for.
const DOUBT: Duration = Duration::from_secs(10);
/// How often a change is tried that the database could not serialise.
pub(super) const TRIES: u32 = 24;
/// The marker. The time is the database's own and only says when the row may go.
pub(super) const MARK: &str =
    "INSERT INTO commits (commit_id, at) VALUES ($1, (extract(epoch FROM now()) * 1000000)::bigint)";

/// Different changes whose statements are kept. A connection keeps each that it has used prepared,
/// which takes memory at the server, so that what is rare is sent statement by statement.
const MOST_SHAPES: usize = 192;

/// Statements beyond which a change is never one: a bulk payout has thousands, no two alike, and remembering
/// their shapes would only take memory.
const MOST_STATEMENTS: usize = 64;

/// Which statements a change has, with how many rows each.
pub(super) type Shape = Vec<(Write, usize)>;

pub(super) fn shape(steps: &[Step]) -> Shape {
    steps.iter().map(|step| (step.statement, step.rows)).collect()
}

/// One statement for a change of this shape, where the order of its parts does not matter: no table is
/// written in two ways.
pub(super) fn one_statement(shape: &Shape) -> Option<String> {
    let mut tables = BTreeSet::new();
    if !shape.iter().all(|(write, _)| tables.insert(write.table())) {
        return None;
    }
    let values: Vec<usize> = shape.iter().map(|(write, rows)| write.values(*rows)).collect();
    // The marker is the first value; the protocol counts values in 16 bits.
    let all = values.iter().fold(1usize, |sum, values| sum.saturating_add(*values));
    (all <= usize::from(u16::MAX)).then(|| together(MARK, shape))
}

pub(super) struct Commits {
    pub(super) pool: Pool,
    /// The statement of a shape; `None` where there is none.
    shapes: RwLock<HashMap<Shape, Option<Arc<str>>>>,
    texts: RwLock<HashMap<(Write, usize), Arc<str>>>,
    faults: Faults,
    /// Spreads retries; no randomness is needed for that.
    jitter: AtomicU64,
}

pub(super) fn is_retryable(error: &tokio_postgres::Error) -> bool {
    matches!(error.code(), Some(code) if *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED)
}

/// What is tried again when transactions got into each other's way, or a connection was lost.
#[derive(Debug, Clone, Copy)]
pub(super) enum Work {
    Commit,
    Queue,
    Read,
}

impl Work {
    const fn word(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Queue => "queue",
            Self::Read => "read",
        }
    }
}

/// How one try ended.
enum Try {
    Committed,
    Failed(CommitError),
    /// The database asks for another try.
    Again(String),
    /// The connection was lost; the marker knows.
    Lost(String),
}

type Call<'a> = Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>;

impl Commits {
    pub(super) fn new(pool: Pool, faults: Faults) -> Self {
        Self {
            pool,
            shapes: RwLock::new(HashMap::new()),
            texts: RwLock::new(HashMap::new()),
            faults,
            jitter: AtomicU64::new(0),
        }
    }

    pub(super) async fn commit(&self, steps: &[Step], commit: &str) -> Result<(), CommitError> {
        let mut tries = 0u32;
        loop {
            tries = tries.saturating_add(1);
            // Each try has a marker of its own: asking for a lost one uses its name up.
            let marker = format!("{commit}.{tries}");
            let reason = match self.commit_once(steps, &marker).await {
                Try::Committed => return Ok(()),
                Try::Failed(error) => return Err(error),
                Try::Again(reason) => reason,
                Try::Lost(reason) => {
                    if self.was_committed(&marker, &reason).await? {
                        return Ok(());
                    }
                    reason
                }
            };
            if tries >= TRIES {
                return Err(CommitError::Unavailable(format!("{reason}, {tries} times")));
            }
            self.rest(Work::Commit, tries).await;
        }
    }

    /// Waits before the next try, which is counted.
    pub(super) async fn rest(&self, work: Work, tries: u32) {
        metrics::counter!("paypier_database_retries_total", "work" => work.word()).increment(1);
        tokio::time::sleep(self.pause(tries)).await;
    }

    /// 1, 2, 4 … 64 ms and up to as much again, spread by a counter.
    fn pause(&self, tries: u32) -> Duration {
        let base = 500u64.saturating_mul(1u64.checked_shl(tries.min(7)).unwrap_or(1));
        let spread = self.jitter.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed) >> 32;
        Duration::from_micros(base.saturating_add(spread.checked_rem(base.saturating_add(1)).unwrap_or(0)))
    }

    fn text(&self, write: Write, rows: usize) -> Arc<str> {
        let known = self.texts.read().unwrap_or_else(PoisonError::into_inner).get(&(write, rows)).cloned();
        known.unwrap_or_else(|| {
            let text: Arc<str> = write.text(rows, Dialect::Postgres).into();
            self.texts
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .insert((write, rows), Arc::clone(&text));
            text
        })
    }

    /// The one statement for these steps, if there is one.
    fn one_statement(&self, steps: &[Step]) -> Option<Arc<str>> {
        if steps.len() > MOST_STATEMENTS {
            return None;
        }
        let shape = shape(steps);
        if let Some(known) = self.shapes.read().unwrap_or_else(PoisonError::into_inner).get(&shape) {
            return known.clone();
        }
        let mut shapes = self.shapes.write().unwrap_or_else(PoisonError::into_inner);
        if shapes.len() >= MOST_SHAPES {
            return None;
        }
        let text = one_statement(&shape).map(Arc::from);
        shapes.insert(shape, text.clone());
        text
    }

    async fn commit_once(&self, steps: &[Step], marker: &str) -> Try {
        let client = match connection(&self.pool).await {
            Ok(client) => client,
            // Nothing was sent.
            Err(none) => return Try::Failed(none.into()),
        };
        let marker = Value::from(marker.to_owned());
        let ordered = self.faults.read_only() || self.faults.disk_full() || self.faults.has_io_error();
        let sent = match self.one_statement(steps) {
            Some(text) if !ordered => whole(&client, &text, &marker, steps).await,
            _ => self.stepwise(&client, &marker, steps).await,
        };
        if self.faults.takes_connection_loss() {
            return Try::Lost("ordered by a test".into());
        }
        match sent {
            Ok(()) => Try::Committed,
            Err(Refused { error, write }) => self.refused(client, &error, write),
        }
    }

    fn refused(&self, client: Object, error: &tokio_postgres::Error, write: Option<Write>) -> Try {
        if is_lost(error) {
            let _ = Object::take(client);
            return Try::Lost(told(error));
        }
        if is_retryable(error) {
            return Try::Again(told(error));
        }
        Try::Failed(commit_error(error, write))
    }

    /// Sends a change statement by statement, BEGIN to COMMIT, before the first answer.
    async fn stepwise(&self, client: &Object, marker: &Value, steps: &[Step]) -> Result<(), Refused> {
        let mark = client.prepare_cached(MARK).await.map_err(Refused::whole)?;
        let mut statements = Vec::with_capacity(steps.len());
        for step in steps {
            let text = self.text(step.statement, step.rows);
            statements.push(client.prepare_cached(&text).await.map_err(Refused::whole)?);
        }
        let begin = if self.faults.read_only() { "BEGIN READ ONLY" } else { "BEGIN" };
        let mut calls: Vec<Call<'_>> = Vec::with_capacity(steps.len().saturating_add(4));
        calls.push(Box::pin(async { client.batch_execute(begin).await.map(|()| 0) }));
        if self.faults.disk_full() || self.faults.takes_io_error() {
            calls.push(Box::pin(async { client.batch_execute(FULL_DISK).await.map(|()| 0) }));
        }
        calls.push(Box::pin(client.execute_raw(&mark, [parameter(marker)])));
        let first_step = calls.len();
        for (step, statement) in steps.iter().zip(&statements) {
            calls.push(Box::pin(client.execute_raw(statement, step.values.iter().map(parameter))));
        }
        calls.push(Box::pin(async { client.batch_execute("COMMIT").await.map(|()| 0) }));
        let results = pipelined(calls).await;
        let failure =
            results.into_iter().enumerate().find_map(|(index, result)| result.err().map(|e| (index, e)));
        let Some((index, error)) = failure else { return Ok(()) };
        let write =
            index.checked_sub(first_step).and_then(|index| steps.get(index)).map(|step| step.statement);
        Err(Refused { error, write })
    }

    /// Asks what became of a commit by taking its marker's place: the insert waits for a transaction
    /// that still runs, finds the row of one that has committed, and otherwise keeps a late one out.
    async fn was_committed(&self, marker: &str, reason: &str) -> Result<bool, CommitError> {
        let deadline = Instant::now().checked_add(DOUBT).unwrap_or_else(Instant::now);
        let mut tries = 0u32;
        loop {
            tries = tries.saturating_add(1);
            let asked = tokio::time::timeout_at(deadline, self.ask_for(marker)).await;
            match asked {
                Ok(Some(committed)) => return Ok(committed),
                Ok(None) if Instant::now() < deadline => tokio::time::sleep(self.pause(tries)).await,
                Ok(None) | Err(_) => return Err(CommitError::InDoubt(reason.to_owned())),
            }
        }
    }

    async fn ask_for(&self, marker: &str) -> Option<bool> {
        let client = connection(&self.pool).await.ok()?;
        let text = format!("{MARK} ON CONFLICT (commit_id) DO NOTHING");
        match client.execute(&text, &[&marker]).await {
            Ok(inserted) => Some(inserted == 0),
            Err(_) => {
                let _ = Object::take(client);
                None
            }
        }
    }
}

/// What the server would not do, and the statement that it is about.
struct Refused {
    error: tokio_postgres::Error,
    write: Option<Write>,
}

impl Refused {
    fn whole(error: tokio_postgres::Error) -> Self {
        Self { error, write: None }
    }
}

/// Sends a change as its one statement, which is a transaction by itself.
async fn whole(client: &Object, text: &str, marker: &Value, steps: &[Step]) -> Result<(), Refused> {
    let statement = client.prepare_cached(text).await.map_err(Refused::whole)?;
    let values: Vec<&Value> =
        std::iter::once(marker).chain(steps.iter().flat_map(|step| &step.values)).collect();
    match client.execute_raw(&statement, values.into_iter().map(parameter)).await {
        Ok(_) => Ok(()),
        Err(error) => {
            let write = culprit(&error, steps);
            Err(Refused { error, write })
        }
    }
}

/// Which part of a whole change the server refused: an untouched one names its place, a constraint
/// its table.
fn culprit(error: &tokio_postgres::Error, steps: &[Step]) -> Option<Write> {
    let failure = error.as_db_error()?;
    if let Some(place) = untouched_place(failure) {
        return steps.get(place).map(|step| step.statement);
    }
    let table = failure.table()?;
    steps.iter().map(|step| step.statement).find(|write| write.table() == table)
}

/// The place that [`together`] makes an untouched part complain about. The words around it are the
/// server's, in its own language.
fn untouched_place(failure: &DbError) -> Option<usize> {
    if *failure.code() != SqlState::INVALID_TEXT_REPRESENTATION {
        return None;
    }
    let (_, rest) = failure.message().split_once("untouched ")?;
    let digits = rest.split(|letter: char| !letter.is_ascii_digit()).next()?;
    digits.parse().ok()
}

const FULL_DISK: &str = "DO $$ BEGIN RAISE EXCEPTION 'no space left on device (ordered by a test)' USING ERRCODE = '53100'; END $$";

/// Sends all calls in their order before it waits for the first answer.
async fn pipelined(mut calls: Vec<Call<'_>>) -> Vec<Result<u64, tokio_postgres::Error>> {
    let mut early: Vec<Option<Result<u64, tokio_postgres::Error>>> = Vec::with_capacity(calls.len());
    for call in &mut calls {
        // The first poll writes the request into the connection's buffer.
        early.push(match futures::poll!(call) {
            std::task::Poll::Ready(result) => Some(result),
            std::task::Poll::Pending => None,
        });
    }
    let mut results = Vec::with_capacity(calls.len());
    for (call, early) in calls.into_iter().zip(early) {
        results.push(match early {
            Some(result) => result,
            None => call.await,
        });
    }
    results
}

fn commit_error(error: &tokio_postgres::Error, write: Option<Write>) -> CommitError {
    let table = write.map_or("", Write::table);
    let Some(failure) = error.as_db_error() else {
        return CommitError::Unavailable(told(error));
    };
    let code = failure.code();
    if (*code == SqlState::DIVISION_BY_ZERO || untouched_place(failure).is_some())
        && let Some(write) = write
    {
        return match write.untouched() {
            Untouched::Conflict => CommitError::Conflict,
            Untouched::KeyTaken => CommitError::KeyTaken,
            Untouched::Fine => CommitError::Broken(format!("{table}: {}", failure.message())),
        };
    }
    if *code == SqlState::UNIQUE_VIOLATION
        && let Some(write) = write
    {
        return match write.duplicate() {
            Duplicate::Conflict => CommitError::Conflict,
            Duplicate::Exists => CommitError::Exists(table.to_owned()),
        };
    }
    let class = code.code().get(..2).unwrap_or("");
    let is_unavailable = matches!(class, "08" | "53" | "57" | "58" | "XX")
        || *code == SqlState::READ_ONLY_SQL_TRANSACTION
        || *code == SqlState::LOCK_NOT_AVAILABLE;
    if is_unavailable {
        CommitError::Unavailable(failure.message().to_owned())
    } else {
        CommitError::Broken(format!("{table}: {} ({})", failure.message(), code.code()))
    }
}
