//! A full disk, a read-only database, I/O errors, panics, lost connections.

use crate::harness::{Db, at};
use crate::on_both;
use crate::sample::*;
use paypier_storage::{CommitError, Storage};

async fn refuses_money_and_keeps_reading(db: &Db, storage: &Storage, set: impl Fn(bool)) {
    let (before, paid) = key_in("order-1", at(0));
    storage.commit(before[0].clone()).await.unwrap();
    let intended = storage.payment(&paid.key).await.unwrap();
    set(true);
    for number in 2..6 {
        let refused = storage.commit(key_in(&format!("order-{number}"), at(0)).0[0].clone()).await;
        assert!(matches!(refused, Err(CommitError::Unavailable(_))), "{refused:?}");
        assert_eq!(storage.payment(&paid.key).await.unwrap(), intended, "reads go on");
    }
    let refused = storage.commit(before[2].clone()).await;
    assert!(matches!(refused, Err(CommitError::Unavailable(_))), "{refused:?}");
    assert_eq!(storage.payment(&paid.key).await.unwrap(), intended, "nothing is half written");
    assert_eq!(storage.ledger_sums().await.unwrap(), []);
    set(false);
    storage.commit(before[2].clone()).await.unwrap();
    storage.commit(key_in("order-2", at(0)).0[0].clone()).await.unwrap();
    drop(db.open().await);
    assert_eq!(storage.payments_in_key_order(None, 10).await.unwrap().len(), 2);
    assert_eq!(storage.integrity_problems().await.unwrap(), Vec::<String>::new());
}

on_both! {
    async fn a_full_disk_refuses_writes_and_keeps_reads(db: &Db) {
        let storage = db.migrated().await;
        refuses_money_and_keeps_reading(db, &storage, |on| db.faults.set_disk_full(on)).await;
    }
}

on_both! {
    async fn a_read_only_database_refuses_writes_and_keeps_reads(db: &Db) {
        let storage = db.migrated().await;
        refuses_money_and_keeps_reading(db, &storage, |on| db.faults.set_read_only(on)).await;
    }
}

on_both! {
    async fn a_commit_that_fails_fails_for_everybody_in_it(db: &Db) {
        let storage = db.migrated().await;
        db.faults.fail_next_commit();
        let tasks: Vec<_> = (0..20)
            .map(|number| {
                let (storage, change) = (storage.clone(), key_in(&format!("order-{number}"), at(0)).0[0].clone());
                tokio::spawn(async move { storage.commit(change).await })
            })
            .collect();
        let (mut written, mut failed) = (0, 0);
        for task in tasks {
            match task.await.unwrap() {
                Ok(()) => written += 1,
                Err(CommitError::Unavailable(_)) => failed += 1,
                Err(other) => panic!("{other:?}"),
            }
        }
        assert!(failed >= 1);
        assert_eq!(storage.payments_in_key_order(None, 100).await.unwrap().len(), written);
    }
}

#[tokio::test]
async fn a_panic_in_one_change_does_not_harm_the_others() {
    let db = Db::sqlite();
    let storage = db.migrated().await;
    db.faults.panic_in_next_change();
    let tasks: Vec<_> = (0..20)
        .map(|number| {
            let (storage, change) = (storage.clone(), key_in(&format!("order-{number}"), at(0)).0[0].clone());
            tokio::spawn(async move { storage.commit(change).await })
        })
        .collect();
    let mut broken = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(()) => {}
            Err(CommitError::Broken(text)) => {
                assert!(text.contains("panicked"), "{text}");
                broken += 1;
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(broken, 1);
    assert_eq!(storage.payments_in_key_order(None, 100).await.unwrap().len(), 19);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_connection_was_lost_is_asked_for_and_not_repeated() {
    let Some(db) = Db::postgres().await else { return };
    let storage = db.migrated().await;
    db.faults.lose_connection_at_next_commit();
    let (changes, paid) = key_in("order-1", at(0));
    assert_eq!(storage.commit(changes[0].clone()).await, Ok(()), "the marker says that it was committed");
    assert!(storage.payment(&paid.key).await.unwrap().is_some());
    // A change that the database refused and whose refusal was lost: refused, not in doubt.
    db.faults.lose_connection_at_next_commit();
    assert_eq!(storage.commit(changes[0].clone()).await, Err(CommitError::Conflict));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_are_cut_under_load_lose_and_repeat_nothing() {
    let Some(db) = Db::postgres().await else { return };
    drop(db.migrated().await);
    // Only this storage's own connections are cut: other tests run beside this one.
    let options = db.options();
    let name = format!("paypier {}", options.instance);
    let storage = Storage::open(options).await.unwrap();
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let storage = storage.clone();
            tokio::spawn(async move {
                let mut acknowledged = Vec::new();
                for number in 0..60 {
                    let (changes, paid) = key_in(&format!("order-{writer}-{number}"), at(0));
                    // Each change is committed exactly once, or refused with nothing written.
                    for change in changes {
                        match storage.commit(change.clone()).await {
                            Ok(()) => {}
                            Err(CommitError::Unavailable(_)) => storage.commit(change).await.unwrap(),
                            Err(other) => panic!("{other:?}"),
                        }
                    }
                    acknowledged.push(paid);
                }
                acknowledged
            })
        })
        .collect();
    for _ in 0..15 {
        tokio::time::sleep(std::time::Duration::from_millis(60)).await;
        db.sql(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE application_name = '{name}' AND state <> 'idle'"
        ))
        .await;
    }
    for writer in writers {
        for paid in writer.await.unwrap() {
            assert_eq!(storage.payment(&paid.key).await.unwrap(), Some(paid));
        }
    }
    assert!(storage.ledger_sums().await.unwrap().iter().all(|sum| sum.entries == sum.balance));
    assert_eq!(storage.event_sequence_gaps().await.unwrap(), []);
}

#[tokio::test]
async fn a_read_whose_connection_was_cut_is_read_once_more() {
    let Some(db) = Db::postgres().await else { return };
    drop(db.migrated().await);
    let options = db.options();
    let name = format!("paypier {}", options.instance);
    let storage = Storage::open(options).await.unwrap();
    for _ in 0..20 {
        let cut = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{name}'"
        );
        let key = key("order-1");
        let (read, ()) = tokio::join!(storage.payment(&key), db.sql(&cut));
        assert_eq!(read, Ok(None));
        assert_eq!(storage.payment(&key).await, Ok(None));
    }
}
