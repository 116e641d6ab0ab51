//! The two databases behind one face: commits, queries, and statements of the queue.

pub(crate) mod postgres;
pub(crate) mod sqlite;

use crate::error::{CommitError, OpenError, ReadError};
use crate::migrate::KNOWN;
use crate::options::{DatabaseUrl, Options};
use crate::plan::{self, Context};
use crate::pressure::Line;
use crate::row::{Row, Value};
use crate::sql::Dialect;
use paypier_domain::change::Change;
use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// A read. Texts are written with `?1`.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    /// What rows are called in messages.
    pub(crate) table: &'static str,
    pub(crate) text: Cow<'static, str>,
    pub(crate) values: Vec<Value>,
    pub(crate) kind: Kind,
}

/// How much a read may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A few rows by key: cheaper to run at once than to hand over.
    Point,
    /// May look at many rows, or its text is made for one occasion. Given up after a while.
    Scan,
    /// Goes through a whole table on purpose; takes its time.
    Walk,
}

impl Kind {
    /// What it means that a read was given up after this long.
    pub(crate) fn cut_off(self, deadline: Duration) -> ReadError {
        match self {
            // A few rows by key are not too many: the database is too slow.
            Self::Point => ReadError::Unavailable(format!("no answer within {deadline:?}")),
            Self::Scan => ReadError::TooExpensive(deadline),
            Self::Walk => ReadError::Unavailable("a walk over a table was interrupted".into()),
        }
    }
}

impl Query {
    pub(crate) fn point(table: &'static str, text: &'static str, values: Vec<Value>) -> Self {
        Self { table, text: Cow::Borrowed(text), values, kind: Kind::Point }
    }

    pub(crate) fn scan(table: &'static str, text: impl Into<Cow<'static, str>>, values: Vec<Value>) -> Self {
        Self { table, text: text.into(), values, kind: Kind::Scan }
    }

    pub(crate) fn walk(table: &'static str, text: impl Into<Cow<'static, str>>, values: Vec<Value>) -> Self {
        Self { table, text: text.into(), values, kind: Kind::Walk }
    }
}

pub(crate) struct Engine {
    database: Database,
    instance: String,
    balance_shards: u16,
    commits: AtomicU64,
    line: Line,
}

enum Database {
    Sqlite(sqlite::Sqlite),
    Inline(sqlite::Inline),
    Postgres(postgres::Postgres),
}

impl Engine {
    pub(crate) async fn open(options: Options) -> Result<Self, OpenError> {
        let instance = options.instance.clone();
        let balance_shards = options.balance_shards.max(1);
        let served_at_once = match options.url {
            DatabaseUrl::Sqlite(_) => options.batch,
            DatabaseUrl::Postgres(_) => options.writers,
        };
        let database = match options.url.clone() {
            DatabaseUrl::Sqlite(path) => match options.inline.clone() {
                Some(interference) => Database::Inline(sqlite::Inline::open(&path, &options, interference)?),
                None => Database::Sqlite(sqlite::Sqlite::open(&path, &options).await?),
            },
            DatabaseUrl::Postgres(url) => Database::Postgres(postgres::Postgres::open(&url, &options).await?),
        };
        let line = Line::new(served_at_once);
        Ok(Self { database, instance, balance_shards, commits: AtomicU64::new(0), line })
    }

    pub(crate) fn instance(&self) -> &str {
        &self.instance
    }

    pub(crate) fn standing_wait(&self) -> Duration {
        self.line.standing()
    }

    pub(crate) fn word(&self) -> &'static str {
        match self.database {
            Database::Sqlite(_) | Database::Inline(_) => "sqlite",
            Database::Postgres(_) => "postgres",
        }
    }

    pub(crate) fn dialect(&self) -> Dialect {
        match self.database {
            Database::Sqlite(_) | Database::Inline(_) => Dialect::Sqlite,
            Database::Postgres(_) => Dialect::Postgres,
        }
    }

    pub(crate) async fn commit(&self, change: Change) -> Result<(), CommitError> {
        let started = Instant::now();
        let turn = self.line.enter();
        let number = self.commits.fetch_add(1, Ordering::Relaxed);
        let commit = format!("{}-{number:x}", self.instance);
        let context = Context { commit: &commit, balance_shards: self.balance_shards };
        let steps = plan::steps(&change, &context);
        drop(change);
        let result = match &self.database {
            Database::Sqlite(sqlite) => sqlite.commit(steps).await,
            Database::Inline(sqlite) => sqlite.commit(steps).await,
            Database::Postgres(postgres) => postgres.commit(steps, commit).await,
        };
        match &result {
            Err(CommitError::Overloaded) => turn.turned_away(),
            _ => drop(turn),
        }
        metrics::histogram!("paypier_commit_seconds").record(started.elapsed().as_secs_f64());
        metrics::counter!("paypier_commit_total", "result" => result_word(&result)).increment(1);
        result
    }

    pub(crate) async fn ping(&self) -> Result<(), ReadError> {
        self.rows(Query::point("schema_version", "SELECT count(*) FROM schema_version", Vec::new())).await?;
        Ok(())
    }

    /// The rows of a read.
    pub(crate) async fn rows(&self, query: Query) -> Result<Vec<Row>, ReadError> {
        let table = query.table;
        let rows = match &self.database {
            Database::Sqlite(sqlite) => sqlite.query(query).await?,
            Database::Inline(sqlite) => sqlite.query(query).await?,
            Database::Postgres(postgres) => postgres.query(query).await?,
        };
        Ok(rows.into_iter().map(|values| Row::new(table, values)).collect())
    }

    /// The only row of a read.
    pub(crate) async fn row(&self, query: Query) -> Result<Option<Row>, ReadError> {
        Ok(self.rows(query).await?.into_iter().next())
    }

    /// Statements of the queue in one transaction; answers the rows of each.
    pub(crate) async fn queue(&self, statements: Vec<Query>) -> Result<Vec<Vec<Row>>, ReadError> {
        let tables: Vec<&'static str> = statements.iter().map(|statement| statement.table).collect();
        let answers = match &self.database {
            Database::Sqlite(sqlite) => sqlite.queue(statements).await?,
            Database::Inline(sqlite) => sqlite.queue(statements).await?,
            Database::Postgres(postgres) => postgres.queue(statements).await?,
        };
        Ok(answers
            .into_iter()
            .zip(tables)
            .map(|(rows, table)| rows.into_iter().map(|values| Row::new(table, values)).collect())
            .collect())
    }
}

fn result_word(result: &Result<(), CommitError>) -> &'static str {
    match result {
        Ok(()) => "ok",
        Err(CommitError::Conflict) => "conflict",
        Err(CommitError::KeyTaken) => "key_taken",
        Err(CommitError::Exists(_)) => "exists",
        Err(CommitError::Overloaded) => "overloaded",
        Err(CommitError::Unavailable(_)) => "unavailable",
        Err(CommitError::InDoubt(_)) => "in_doubt",
        Err(CommitError::Broken(_)) => "broken",
    }
}

/// Whether this binary can work with a schema of this version.
pub(crate) fn check_version(found: u32) -> Result<(), OpenError> {
    match found.cmp(&KNOWN) {
        std::cmp::Ordering::Less => Err(OpenError::NeedsMigration { found, known: KNOWN }),
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(OpenError::NewerSchema { found, known: KNOWN }),
    }
}

/// A count as a metric. Counts of ours are far below 2^32.
pub(crate) fn gauge(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
