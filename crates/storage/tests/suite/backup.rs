//! A copy that is made while payments are taken.

use crate::harness::{Db, at};
use crate::sample::*;
use paypier_storage::{DatabaseUrl, OpenError, Options, Storage, backup};
use std::path::PathBuf;

fn path(db: &Db) -> PathBuf {
    match &db.url {
        DatabaseUrl::Sqlite(path) => path.clone(),
        DatabaseUrl::Postgres(_) => unreachable!("a file"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_has_everything_that_was_durable_before_it_began() {
    let db = Db::sqlite();
    let storage = db.migrated().await;
    for number in 0..50 {
        for change in key_in(&format!("before-{number}"), at(number)).0 {
            storage.commit(change).await.unwrap();
        }
    }
    let busy = storage.clone();
    let load = tokio::spawn(async move {
        for number in 0..400 {
            for change in key_in(&format!("during-{number}"), at(number)).0 {
                busy.commit(change).await.unwrap();
            }
        }
    });
    let copy = path(&db).with_file_name("copy.db");
    let report = backup(&path(&db), &copy).await.unwrap();
    load.await.unwrap();

    assert!(report.payments >= 50, "{report:?}");
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&copy).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
    let copied = Storage::open(Options::new(DatabaseUrl::Sqlite(copy.clone()), "copy")).await.unwrap();
    for number in 0..50 {
        let payment = copied.payment(&key(&format!("before-{number}"))).await.unwrap().unwrap();
        assert_eq!(payment.status(), paypier_domain::payment::Status::Paid);
    }
    let sums = copied.ledger_sums().await.unwrap();
    assert!(!sums.is_empty() && sums.iter().all(|sum| sum.entries == sum.balance));
    assert_eq!(copied.posting_imbalances().await.unwrap(), []);
    // What is there is never written over.
    let refused = backup(&path(&db), &copy).await;
    assert!(matches!(refused, Err(OpenError::Unreachable(_))), "{refused:?}");
}

#[tokio::test]
async fn a_damaged_database_gives_no_backup() {
    let db = Db::sqlite();
    let storage = db.migrated().await;
    for number in 0..200 {
        storage.commit(key_in(&format!("order-{number}"), at(0)).0[0].clone()).await.unwrap();
    }
    drop(storage);
    db.sql("PRAGMA wal_checkpoint(TRUNCATE)").await;
    let mut bytes = std::fs::read(path(&db)).unwrap();
    // So much that it cannot all be the insides of long texts, which nothing could notice.
    let damaged = bytes.len() / 4..bytes.len() / 4 * 3;
    bytes[damaged].fill(0xA5);
    std::fs::write(path(&db), bytes).unwrap();
    let refused = backup(&path(&db), &path(&db).with_file_name("copy.db")).await;
    assert!(matches!(refused, Err(OpenError::Corrupt(_))), "{refused:?}");
}
