//! Tables that grew from nothing get statistics soon.
//!
//! PostgreSQL plans a statement once for a connection. What was planned while a table was small and without
//! statistics may go through a whole index for each row, and is kept until the table is analysed. By itself the server
//! does that after a minute or more, and by then a payday's hundred thousand rows should have been written. So whoever
//! writes looks every few seconds whether a table has grown by far since it was last analysed.

use super::access::{connection, told};
use crate::error::ReadError;
use deadpool_postgres::Pool;
use std::time::Duration;
use tokio::task::JoinHandle;

const EVERY: Duration = Duration::from_secs(3);
/// After something went wrong, which is likely to go wrong again.
const REST: Duration = Duration::from_secs(60);

/// Our tables with at least 500 rows, four times as many as when they were last analysed, the largest first. A role
/// that does not own them is not allowed to analyse them.
const OUTGROWN: &str = "SELECT quote_ident(c.relname) FROM pg_class c JOIN pg_stat_user_tables s ON s.relid = c.oid \
    WHERE s.schemaname = current_schema() AND pg_has_role(c.relowner, 'USAGE') AND s.n_live_tup >= 500 \
    AND s.n_live_tup > 4 * greatest(c.reltuples, 0) ORDER BY s.n_live_tup DESC LIMIT 8";

/// Keeps statistics for as long as it lives.
pub(super) struct Statistics(JoinHandle<()>);

impl Statistics {
    /// `reads` to look; `walks`, whose statements may take their time, to analyse.
    pub(super) fn keep(reads: Pool, walks: Pool) -> Self {
        Self(tokio::spawn(async move {
            let mut pause = EVERY;
            loop {
                tokio::time::sleep(pause).await;
                pause = EVERY;
                if let Err(error) = look(&reads, &walks).await {
                    // The server analyses by itself, only later.
                    tracing::debug!(error, "a table that has outgrown its statistics was not analysed");
                    pause = REST;
                }
            }
        }))
    }
}

impl Drop for Statistics {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Analyses what has outgrown its statistics. One table that fails does not keep the others from theirs.
async fn look(reads: &Pool, walks: &Pool) -> Result<(), String> {
    let lent = async |pool| connection(pool).await.map_err(|none| ReadError::from(none).to_string());
    let outgrown = lent(reads).await?.query(OUTGROWN, &[]).await.map_err(|error| told(&error))?;
    let mut outcome = Ok(());
    for row in outgrown {
        let table: String = row.get(0);
        // Another instance, or the server itself, may be at it.
        let analyse = format!("ANALYZE (SKIP_LOCKED) {table}");
        match lent(walks).await?.batch_execute(&analyse).await {
            Ok(()) => tracing::debug!(table, "analysed"),
            Err(error) => outcome = Err(format!("{table}: {}", told(&error))),
        }
    }
    outcome
}
