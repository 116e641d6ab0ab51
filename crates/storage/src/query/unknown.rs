//! Outcomes that nobody knows yet: what was asked of a PSP and never answered usably.
//!
//! They are found through the jobs that ask about them, so that a look costs as much as there is open,
//! however many payments there are.

use crate::engine::Query;
use crate::row::{Value, text};
use crate::shape::job::Task as Shape;
use crate::sql::Dialect;
use crate::{ReadError, Storage};
use jiff::Timestamp;
use paypier_domain::channel::Environment;
use paypier_domain::id::StoreId;
use paypier_domain::job::Task;

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownOutcome {
    /// What is asked about: an attempt, a cancellation, a capture, the closing of an account or a delivery.
    pub task: Task,
    pub environment: Environment,
    /// In the store's own time, like the next two.
    pub since: Timestamp,
    pub next_question_at: Timestamp,
    /// How often was asked since the caller was answered.
    pub questions: u32,
}

/// A member of a JSON document, as text.
fn member(dialect: Dialect, document: &str, path: &[&str]) -> String {
    match dialect {
        Dialect::Sqlite => format!("json_extract({document}, '$.{}')", path.join(".")),
        Dialect::Postgres => format!("{document}::json #>> '{{{}}}'", path.join(",")),
    }
}

impl Storage {
    /// The longest unknown first. Captures, closings and deliveries count from the second question on: until then its answer
    /// may only be on its way.
    pub async fn unknown_outcomes(
        &self,
        store: Option<&StoreId>,
        limit: u32,
    ) -> Result<Vec<UnknownOutcome>, ReadError> {
        let values: Vec<Value> = store.iter().map(|store| text(store.as_str())).collect();
        let of_store = if store.is_some() { " WHERE store_id = ?1" } else { "" };
        let sql = format!(
            "SELECT job_key, environment, due_at, runs, body, since FROM ({}) u{of_store} \
             ORDER BY since, job_key LIMIT {limit}",
            self.unknown_sql()
        );
        let rows = self.engine.rows(Query::scan("jobs", sql, values)).await?;
        rows.into_iter()
            .map(|mut row| {
                row.skip();
                Ok(UnknownOutcome {
                    environment: row.word("environment", Environment::parse)?,
                    next_question_at: row.at("due_at")?,
                    questions: row.small("runs")?,
                    task: row.document::<Shape<'static>>("body")?.read(),
                    since: row.at("since")?,
                })
            })
            .collect()
    }

    /// How many there are of each kind of question, and since when the oldest is.
    pub async fn count_unknown_outcomes(&self) -> Result<Vec<(String, u64, Timestamp)>, ReadError> {
        let sql = format!("SELECT kind, count(*), min(since) FROM ({}) u GROUP BY kind", self.unknown_sql());
        let rows = self.engine.rows(Query::scan("jobs", sql, Vec::new())).await?;
        rows.into_iter()
            .map(|mut row| Ok((row.text("kind")?, row.count("count")?, row.at("since")?)))
            .collect()
    }

    fn unknown_sql(&self) -> String {
        let dialect = self.engine.dialect();
        let of = |kind: &str, table: &str, id: &str, since: &[&str], condition: &str| {
            let since = member(dialect, &format!("{table}.body"), since);
            // The name of a job is its kind, a colon, and what it asks about.
            let id_begins = kind.len().saturating_add(2);
            format!(
                "SELECT job_key, jobs.environment, due_at, runs, jobs.body, CAST({since} AS BIGINT) AS since, \
                 kind, jobs.store_id \
                 FROM jobs JOIN {table} ON {table}.store_id = jobs.store_id \
                 AND {table}.{id} = substr(jobs.job_key, {id_begins}) \
                 WHERE kind = '{kind}' AND {since} IS NOT NULL AND {condition}"
            )
        };
        let is_unknown = |table: &str| {
            format!("{} = 'UNKNOWN'", member(dialect, &format!("{table}.body"), &["state", "is"]))
        };
        let since = ["state", "since"];
        [
            of("resolve_attempt", "attempts", "transaction_id", &since, &is_unknown("attempts")),
            of(
                "resolve_capture",
                "attempts",
                "transaction_id",
                &["state", "capture", "SENDING", "since"],
                "jobs.runs > 0",
            ),
            of(
                "resolve_delivery",
                "attempts",
                "transaction_id",
                &["escrow", "asking", "since"],
                "jobs.runs > 0",
            ),
            of("resolve_closing", "attempts", "transaction_id", &["account", "closing"], "jobs.runs > 0"),
            of(
                "resolve_cancellation",
                "cancellations",
                "cancellation_id",
                &since,
                &is_unknown("cancellations"),
            ),
        ]
        .join(" UNION ALL ")
    }
}
