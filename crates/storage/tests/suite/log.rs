//! The write-ahead log of the embedded database stays bounded while it is written without a pause.

use crate::harness::{Db, at};
use crate::sample::*;
use paypier_storage::DatabaseUrl;

const MIB: u64 = 1024 * 1024;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_is_moved_into_the_file_and_begins_anew() {
    let db = Db::sqlite();
    let storage = db.migrated().await;
    let DatabaseUrl::Sqlite(path) = &db.url else { return };
    let log = path.with_file_name(format!("{}-wal", path.file_name().unwrap().display()));
    let size = |path: &std::path::Path| std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    // A long order name, so that few payments fill many pages.
    let filler = "x".repeat(200_000);
    for number in 0..400 {
        let mut change = key_in(&format!("order-{number}"), at(0)).0[0].clone();
        for write in &mut change.writes {
            if let paypier_domain::change::Write::Payment { payment, .. } = write {
                for attempt in &mut payment.attempts {
                    attempt.order.name.clone_from(&filler);
                }
            }
        }
        storage.commit(change).await.unwrap();
    }
    // Twice the text was written in all: as a column and in the attempt's document.
    let written = 400 * 2 * 200_000;
    assert!(size(path) > written * 3 / 4, "the file has {} MiB", size(path) / MIB);
    assert!(size(&log) < 100 * MIB, "the log has {} MiB", size(&log) / MIB);
    assert_eq!(storage.payments_in_key_order(None, 1000).await.unwrap().len(), 400);
}
