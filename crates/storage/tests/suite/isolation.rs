//! PostgreSQL at an isolation where transactions that get into each other's way are ended by the
//! database: they are tried again, and counted, and nobody outside notices.

use crate::harness::{Db, at, run_sql};
use crate::sample::*;
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use paypier_domain::job::{Job, JobWrite};
use paypier_storage::DatabaseUrl;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts what is tried again, whoever runs in this process.
#[derive(Debug, Default, Clone)]
struct Retries(Arc<AtomicU64>);

impl Recorder for Retries {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        match key.name() {
            "paypier_database_retries_total" => Counter::from_arc(self.0.clone()),
            _ => Counter::noop(),
        }
    }
    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }
    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

fn serializable(db: Db) -> Db {
    let DatabaseUrl::Postgres(url) = &db.url else { panic!("only PostgreSQL has isolations") };
    let url = DatabaseUrl::Postgres(format!("{url}%20-c%20default_transaction_isolation%3Dserializable"));
    Db { url, faults: db.faults.clone(), place: std::mem::replace(&mut { db }.place, nowhere()) }
}

/// Nothing that would be removed.
fn nowhere() -> crate::harness::Place {
    crate::harness::Place::File { _dir: tempfile::tempdir().unwrap() }
}

/// Waits until a session of this database waits for a lock that another one holds.
async fn somebody_waits(watch: &tokio_postgres::Client) {
    for _ in 0..3_000 {
        let waiting = watch
            .query_one("SELECT count(*) FROM pg_stat_activity waits, pg_stat_activity holds \
                 WHERE holds.query LIKE 'BEGIN; UPDATE jobs SET runs%' AND holds.pid = ANY (pg_blocking_pids(waits.pid))", &[])
            .await
            .unwrap();
        if waiting.get::<_, i64>(0) > 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("nobody ever waited");
}

async fn connected(url: &str) -> tokio_postgres::Client {
    let mut config: tokio_postgres::Config = url.parse().unwrap();
    if config.get_hosts().is_empty() {
        config.host("/var/run/postgresql");
    }
    let (client, connection) = config.connect(tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_cannot_be_serialised_is_tried_again_and_counted() {
    let Some(db) = Db::postgres().await else { return };
    let db = serializable(db);
    let DatabaseUrl::Postgres(url) = db.url.clone() else { panic!("PostgreSQL was asked for") };
    let storage = db.migrated().await;
    let retries = Retries::default();
    metrics::set_global_recorder(retries.clone()).unwrap();
    storage.commit(puts(vec![job("a", at(10))])).await.unwrap();
    run_sql(&url, "SELECT 1 / (current_setting('transaction_isolation') = 'serializable')::int")
        .await
        .unwrap();

    // Somebody writes the row that the change is about to write, and commits while the change waits: the
    // change began before that, so its transaction can only be ended.
    let (other, watch) = (connected(&url).await, connected(&url).await);
    other.batch_execute("BEGIN; UPDATE jobs SET runs = 7").await.unwrap();
    let before = retries.0.load(Ordering::SeqCst);
    let writing = {
        let storage = storage.clone();
        let later = Job { runs: 1, ..job("a", at(50)) };
        tokio::spawn(async move { storage.commit(puts(vec![later])).await })
    };
    somebody_waits(&watch).await;
    other.batch_execute("COMMIT").await.unwrap();
    writing.await.unwrap().unwrap();
    assert!(retries.0.load(Ordering::SeqCst) > before, "it was not tried again");

    // The same for a claim of the queue.
    other.batch_execute("BEGIN; UPDATE jobs SET lease_until = 1").await.unwrap();
    let before = retries.0.load(Ordering::SeqCst);
    let taking = {
        let storage = storage.clone();
        tokio::spawn(async move { storage.release_all_leases().await })
    };
    // The claim sees no lease as long as this one is not committed, so it does not wait for it.
    taking.await.unwrap().unwrap();
    other.batch_execute("ROLLBACK").await.unwrap();
    other.batch_execute("UPDATE jobs SET lease_until = 1").await.unwrap();
    other.batch_execute("BEGIN; UPDATE jobs SET runs = 8").await.unwrap();
    let taking = {
        let storage = storage.clone();
        tokio::spawn(async move { storage.release_all_leases().await })
    };
    somebody_waits(&watch).await;
    other.batch_execute("COMMIT").await.unwrap();
    taking.await.unwrap().unwrap();
    assert!(retries.0.load(Ordering::SeqCst) > before, "the claim was not tried again");
    let taken = storage.take_due_jobs(at(60), jiff::SignedDuration::from_secs(60), 9, 0).await.unwrap();
    assert_eq!(taken.iter().map(|job| (job.due_at, job.runs)).collect::<Vec<_>>(), [(at(50), 8)]);
    storage.commit(jobs(vec![JobWrite::Remove(taken[0].task.key())])).await.unwrap();
}

fn jobs(jobs: Vec<JobWrite>) -> paypier_domain::change::Change {
    paypier_domain::change::Change { jobs, ..Default::default() }
}
