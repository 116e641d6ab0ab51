//! PostgreSQL plans well what has statistics; a table that grew from nothing gets them soon.

use crate::harness::{Db, run_sql};
use paypier_storage::DatabaseUrl;
use std::time::Duration;
use tokio::time::{Instant, sleep};

const HAS_STATISTICS: &str = "SELECT 1 / (reltuples >= 2000)::int FROM pg_class WHERE oid = 'jobs'::regclass";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_that_has_grown_is_analysed() {
    let Some(db) = Db::postgres().await else { return };
    let DatabaseUrl::Postgres(url) = db.url.clone() else { panic!("PostgreSQL was asked for") };
    let _storage = db.migrated().await;
    // The server itself is to leave it alone.
    run_sql(
        &url,
        "ALTER TABLE jobs SET (autovacuum_enabled = off); \
         INSERT INTO jobs (job_key, store_id, environment, kind, body, due_at, wake_at, runs, lease_until) \
         SELECT 'job-' || n, 's', 'TEST', 'k', '{}', n, n, 0, 0 FROM generate_series(1, 2000) n",
    )
    .await
    .unwrap();
    let began = Instant::now();
    while run_sql(&url, HAS_STATISTICS).await.is_err() {
        assert!(began.elapsed() < Duration::from_secs(60), "nobody has analysed it");
        sleep(Duration::from_millis(100)).await;
    }
}
