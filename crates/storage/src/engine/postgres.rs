//! PostgreSQL: a change is one transaction that is sent whole, without waiting (see [`commit`]).
//!
//! Guards fail by themselves inside their statement, so that a broken guard ends the transaction
//! before it is committed. Every commit inserts a marker row; when the connection is lost before the
//! answer, the marker says what became of it.

mod access;
mod commit;
mod statistics;
mod tls;

pub(crate) use access::{Access, Patience, told};

use super::{Kind, Query, check_version, gauge};
use crate::error::{CommitError, OpenError, ReadError};
use crate::options::Options;
use crate::plan::Step;
use crate::row::Value;
use crate::sql::{Statement as Write, dollars};
use access::connection;
use commit::{Commits, TRIES, Work, is_retryable};
use deadpool_postgres::{Object, Pool};
use statistics::Statistics;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type};

/// How often a read is tried whose connection was lost. All of a pool's connections may be lost at once,
/// as when the server restarts, and each is noticed by itself.
const READ_TRIES: u32 = 16;
/// Walks over whole tables that run at once; the others wait.
const WALKS: usize = 2;

type Rows = Vec<Vec<Value>>;

pub(crate) struct Postgres {
    commits: Arc<Commits>,
    queue: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    reads: Pool,
    /// For what may take its time. Its connections are made when they are first needed.
    walks: Pool,
    deadline: Duration,
    _statistics: Statistics,
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(value) => value.to_sql(kind, out),
            Self::Text(value) => value.as_ref().to_sql(kind, out),
            Self::Blob(value) => value.as_slice().to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::TEXT | Type::VARCHAR | Type::BYTEA)
    }

    tokio_postgres::types::to_sql_checked!();
}

impl Postgres {
    pub(crate) async fn open(url: &str, options: &Options) -> Result<Self, OpenError> {
        let access = |patience| Access::new(url, &options.instance, patience);
        let deadline = options.scan_deadline;
        let writes = access(Patience::OfServer)?.bounded_pool(options.writers);
        let reads = access(Patience::AtMost(deadline))?.bounded_pool(options.readers);
        let walks = access(Patience::Unlimited)?.pool(WALKS, None);
        let client = connection(&writes).await?;
        let unreachable = |error: tokio_postgres::Error| OpenError::Unreachable(told(&error));
        // Where everything is SERIALIZABLE, these reads could lose against writers; here nothing depends on it.
        client.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY").await.map_err(unreachable)?;
        let version = schema_version(&client).await.map_err(unreachable)?;
        check_version(version)?;
        crate::migrate::check_postgres(&client).await?;
        client.batch_execute("COMMIT").await.map_err(unreachable)?;
        drop(client);
        Ok(Self {
            commits: Arc::new(Commits::new(writes, options.faults.clone())),
            queue: Arc::new(Semaphore::new(options.queue.max(1))),
            waiting: Arc::new(AtomicUsize::new(0)),
            _statistics: Statistics::keep(reads.clone(), walks.clone()),
            reads,
            walks,
            deadline,
        })
    }

    pub(crate) async fn commit(&self, steps: Vec<Step>, commit: String) -> Result<(), CommitError> {
        let permit = Arc::clone(&self.queue).try_acquire_owned().map_err(|_| CommitError::Overloaded)?;
        let commits = Arc::clone(&self.commits);
        let waiting = Arc::clone(&self.waiting);
        let depth = waiting.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        metrics::gauge!("paypier_commit_queue_depth").set(gauge(depth));
        // A task of its own: a caller that stops waiting must not stop half of a transaction.
        let task = tokio::spawn(async move {
            let result = commits.commit(&steps, &commit).await;
            let depth = waiting.fetch_sub(1, Ordering::Relaxed).saturating_sub(1);
            metrics::gauge!("paypier_commit_queue_depth").set(gauge(depth));
            drop(permit);
            result
        });
        task.await.unwrap_or_else(|_| Err(CommitError::InDoubt("the commit's task has stopped".into())))
    }

    pub(crate) async fn query(&self, query: Query) -> Result<Rows, ReadError> {
        let mut tries = 0u32;
        loop {
            tries = tries.saturating_add(1);
            match self.query_once(&query).await? {
                Ok(answer) => return rows(answer),
                Err(error) if error.code() == Some(&SqlState::QUERY_CANCELED) => {
                    return Err(query.kind.cut_off(self.deadline));
                }
                // The connection was lost, perhaps while nobody used it: reading again is safe. A walk is
                // long, and its caller knows better where to go on.
                Err(error) if is_lost(&error) && tries < READ_TRIES && query.kind != Kind::Walk => {}
                // Where everything is SERIALIZABLE, a read can lose against writers as well.
                Err(error) if is_retryable(&error) && tries < TRIES => {
                    self.commits.rest(Work::Read, tries).await;
                }
                Err(error) => return Err(read_error(&error)),
            }
        }
    }

    async fn query_once(
        &self,
        query: &Query,
    ) -> Result<Result<Vec<tokio_postgres::Row>, tokio_postgres::Error>, ReadError> {
        let pool = match query.kind {
            Kind::Point | Kind::Scan => &self.reads,
            Kind::Walk => &self.walks,
        };
        let client = connection(pool).await?;
        let answer = match query.kind {
            Kind::Point => prepared(&client, query).await,
            Kind::Scan | Kind::Walk => select(&client, query).await,
        };
        if answer.as_ref().is_err_and(is_lost) {
            // It may not have noticed yet that it is closed.
            let _ = Object::take(client);
        }
        Ok(answer)
    }

    pub(crate) async fn queue(&self, statements: Vec<Query>) -> Result<Vec<Rows>, ReadError> {
        let mut tries = 0u32;
        loop {
            tries = tries.saturating_add(1);
            match self.queue_once(&statements).await {
                Err(Queued::Refused(error)) if tries < TRIES && is_retryable(&error) => {
                    self.commits.rest(Work::Queue, tries).await;
                }
                Err(Queued::Refused(error)) => return Err(read_error(&error)),
                Err(Queued::NoConnection(none)) => return Err(none.into()),
                Ok(answers) => return answers.into_iter().map(rows).collect(),
            }
        }
    }
}

fn parameter(value: &Value) -> &(dyn ToSql + Sync) {
    value
}

pub(crate) async fn schema_version(client: &Client) -> Result<u32, tokio_postgres::Error> {
    let row = client.query_one("SELECT to_regclass('schema_version') IS NOT NULL", &[]).await?;
    if !row.get::<_, bool>(0) {
        return Ok(0);
    }
    let row = client.query_one("SELECT coalesce(max(version), 0)::bigint FROM schema_version", &[]).await?;
    Ok(u32::try_from(row.get::<_, i64>(0)).unwrap_or(0))
}

/// Runs a text that is used every time.
async fn prepared(client: &Object, query: &Query) -> Result<Vec<tokio_postgres::Row>, tokio_postgres::Error> {
    let statement = client.prepare_cached(&dollars(&query.text)).await?;
    let values: Vec<&(dyn ToSql + Sync)> = query.values.iter().map(parameter).collect();
    client.query(&statement, &values).await
}

/// Runs a text that is made for one occasion: one round trip, nothing kept.
async fn select(client: &Client, query: &Query) -> Result<Vec<tokio_postgres::Row>, tokio_postgres::Error> {
    let values: Vec<(&(dyn ToSql + Sync), Type)> = query
        .values
        .iter()
        .map(|value| {
            let kind = match value {
                Value::Int(_) => Type::INT8,
                Value::Text(_) | Value::Null => Type::TEXT,
                Value::Blob(_) => Type::BYTEA,
            };
            (parameter(value), kind)
        })
        .collect();
    client.query_typed(&dollars(&query.text), &values).await
}

fn rows(rows: Vec<tokio_postgres::Row>) -> Result<Rows, ReadError> {
    rows.iter()
        .map(|row| {
            (0..row.len())
                .map(|index| {
                    let kind = row.columns().get(index).map(|column| column.type_().clone());
                    match kind {
                        Some(Type::INT8) => row.try_get::<_, Option<i64>>(index).map(Value::from),
                        Some(Type::INT4) => {
                            row.try_get::<_, Option<i32>>(index).map(|value| value.map(i64::from).into())
                        }
                        Some(Type::BYTEA) => row.try_get::<_, Option<Vec<u8>>>(index).map(Value::from),
                        _ => row.try_get::<_, Option<String>>(index).map(Value::from),
                    }
                    .map_err(|error| read_error(&error))
                })
                .collect()
        })
        .collect()
}

/// Not a word of the server, or its last one: the connection is gone, or the library cannot go on.
fn is_lost(error: &tokio_postgres::Error) -> bool {
    match error.code() {
        None => true,
        Some(code) => {
            *code == SqlState::ADMIN_SHUTDOWN
                || *code == SqlState::CRASH_SHUTDOWN
                || code.code().starts_with("08")
        }
    }
}

fn read_error(error: &tokio_postgres::Error) -> ReadError {
    ReadError::Unavailable(told(error))
}

/// Why statements of the queue did not run.
enum Queued {
    NoConnection(access::NoConnection),
    Refused(tokio_postgres::Error),
}

impl Postgres {
    async fn queue_once(&self, statements: &[Query]) -> Result<Vec<Vec<tokio_postgres::Row>>, Queued> {
        let mut client = connection(&self.commits.pool).await.map_err(Queued::NoConnection)?;
        let transaction = client.transaction().await.map_err(Queued::Refused)?;
        let mut answers = Vec::with_capacity(statements.len());
        for statement in statements {
            answers.push(select(transaction.client(), statement).await.map_err(Queued::Refused)?);
        }
        transaction.commit().await.map_err(Queued::Refused)?;
        Ok(answers)
    }
}

/// The bare loop: each client writes payments one after the other, each change its one
/// statement, nothing else.
pub(crate) async fn bare(
    url: &str,
    run: &str,
    templates: &[Vec<Step>],
    clients: usize,
    duration: Duration,
    shards: u16,
    numbered: fn(&[Value], u64) -> Vec<Value>,
) -> Result<u64, OpenError> {
    let broken = |error: tokio_postgres::Error| OpenError::Unreachable(told(&error));
    // As many connections as the storage would use.
    let pool = Access::new(url, "bare", Patience::OfServer)?.bounded_pool(clients.min(12));
    let numbers = AtomicU64::new(0);
    let started = Instant::now();
    let texts: Vec<String> =
        templates.iter().filter_map(|template| commit::one_statement(&commit::shape(template))).collect();
    let client = || async {
        while started.elapsed() < duration {
            let number = numbers.fetch_add(1, Ordering::Relaxed);
            for (index, (template, text)) in templates.iter().zip(&texts).enumerate() {
                let client = connection(&pool).await?;
                let statement = client.prepare_cached(text).await.map_err(broken)?;
                let mut values = vec![Value::from(format!("{run}-{number}-{index}"))];
                for step in template {
                    values.extend(spread(step, numbered(&step.values, number), number, shards));
                }
                client.execute_raw(&statement, values.iter().map(parameter)).await.map_err(broken)?;
            }
        }
        Ok::<(), OpenError>(())
    };
    futures::future::try_join_all((0..clients).map(|_| client())).await?;
    Ok(numbers.load(Ordering::Relaxed))
}

/// Balances of a template go to the shard of its template; here they are spread as in earnest.
fn spread(step: &Step, mut values: Vec<Value>, number: u64, shards: u16) -> Vec<Value> {
    if step.statement == Write::BalanceAdd {
        let shard = number.checked_rem(u64::from(shards)).unwrap_or(0);
        for value in values.iter_mut().skip(4).step_by(6) {
            *value = shard.into();
        }
    }
    values
}
