//! A database moves whole, between any two, or not at all.

use crate::harness::{Db, at};
use crate::sample::*;
use paypier_storage::transfer::{self, Company, Progress, Summary, TransferError};
use paypier_storage::{DatabaseUrl, EventPosition, OpenError, Storage, migrate};
use std::io::{BufReader, Cursor, Write};
use std::sync::{Arc, Mutex};

/// A file in memory that can be looked at after it was given away.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn export(db: &Db, company: Company) -> Result<(Vec<u8>, Summary), TransferError> {
    let paper = Paper::default();
    let keys = vec!["1a2b3c4d".to_owned()];
    let summary = transfer::export(&db.url, paper.clone(), keys, company, at(99), Box::new(|_| {})).await?;
    let bytes = paper.0.lock().unwrap().clone();
    Ok((bytes, summary))
}

async fn import(db: &Db, bytes: &[u8]) -> Result<Summary, TransferError> {
    import_watched(db, bytes, Box::new(|_| {})).await
}

async fn import_watched(
    db: &Db,
    bytes: &[u8],
    observer: transfer::Observer,
) -> Result<Summary, TransferError> {
    transfer::import(&db.url, BufReader::new(Cursor::new(bytes.to_vec())), at(100), observer).await
}

/// Something in as many tables as a change can write.
async fn fill(storage: &Storage) {
    for number in 0..600 {
        for change in key_in(&format!("주문-{number}"), at(number % 7)).0 {
            storage.commit(change).await.unwrap();
        }
    }
    storage.commit(puts(vec![job("one", at(5)), job("two", at(6))])).await.unwrap();
    let deliveries =
        (1..9).map(|n| delivery(&format!("w-{n}"), "주문-1", n, "https://a.example/\u{1}\"", at(1)));
    storage.commit(delivers(deliveries.collect())).await.unwrap();
    storage.commit(writes(vec![paypier_domain::change::Write::Store(store("store-1"))])).await.unwrap();
}

/// All events in their order, as soon as there are so many: on PostgreSQL one shows when every older
/// transaction of the cluster has ended, those of other tests included.
async fn events(storage: &Storage, count: usize) -> Vec<String> {
    for _ in 0..400 {
        let found = storage.events_after(&merchant(), None, &EventPosition::default(), 10_000).await.unwrap();
        if found.len() >= count {
            return found.into_iter().map(|event| event.stored.event.id.to_string()).collect();
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("the events do not show");
}

async fn moves(from: &Db, to: &Db) {
    let storage = from.migrated().await;
    fill(&storage).await;
    let (bytes, exported) = export(from, Company::Serving).await.unwrap();
    let seen = Arc::new(Mutex::new(Vec::<Progress>::new()));
    let observed = Arc::clone(&seen);
    let observer = Box::new(move |progress| observed.lock().unwrap().push(progress));

    let imported = import_watched(to, &bytes, observer).await.unwrap();

    assert_eq!(imported, exported);
    let seen = seen.lock().unwrap().clone();
    assert!(seen.is_sorted_by_key(|progress| progress.rows), "{seen:?}");
    assert_eq!(seen.last().map(|last| (last.rows, last.rows_in_all)), Some((exported.rows, exported.rows)));
    let moved = to.open().await;
    assert_eq!(moved.ledger_sums().await.unwrap(), storage.ledger_sums().await.unwrap());
    assert_eq!(moved.event_sequence_gaps().await.unwrap(), []);
    assert_eq!(moved.integrity_problems().await.unwrap(), Vec::<String>::new());
    let (before, after) = (events(&storage, 600).await, events(&moved, 600).await);
    assert_eq!(before.len(), 600);
    assert!(after == before, "events have another order");
    // The same data is the same file, wherever it is, but for the line that says when and where.
    let (again, _) = export(to, Company::Serving).await.unwrap();
    let data = |bytes: &[u8]| {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        text.lines().filter(|line| !line.starts_with("{\"end\"")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(data(&again), data(&bytes));
    // It goes on being used: guards, indexes and the order of events are those of any database.
    for change in key_in("after", at(200)).0 {
        moved.commit(change).await.unwrap();
    }
    assert!(moved.commit(key_in("after", at(200)).0[0].clone()).await.is_err());
    let later = events(&moved, 601).await;
    assert!(later.len() == 601 && later[..600] == before, "what is new does not come last");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_sqlite_to_sqlite() {
    moves(&Db::sqlite(), &Db::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_sqlite_to_postgres() {
    let Some(to) = Db::postgres().await else { return };
    moves(&Db::sqlite(), &to).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_postgres_to_sqlite() {
    let Some(from) = Db::postgres().await else { return };
    moves(&from, &Db::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_postgres_to_postgres() {
    let (Some(from), Some(to)) = (Db::postgres().await, Db::postgres().await) else { return };
    moves(&from, &to).await;
}

crate::on_both! {
    async fn what_is_damaged_or_cut_off_leaves_the_database_as_it_was(db: &Db) {
        let source = Db::sqlite();
        fill(&source.migrated().await).await;
        let (bytes, _) = export(&source, Company::Alone).await.unwrap();
        migrate(&db.url, at(0)).await.unwrap();
        let cut = &bytes[..bytes.len() / 2];
        assert!(matches!(import(db, cut).await, Err(TransferError::Truncated { .. })));
        let mut changed = bytes.clone();
        let place = bytes.len() - bytes.len() / 3;
        let digit = (place..bytes.len()).find(|at| bytes[*at] == b'7').unwrap();
        changed[digit] = b'8';
        assert!(matches!(import(db, &changed).await, Err(TransferError::Damaged { .. })));
        // A row that the database refuses: the same payment twice, with a digest that is right.
        let text = String::from_utf8(bytes.clone()).unwrap();
        let twice = with_right_digest(&text.replace("주문-11\"", "주문-12\""));
        let refused = import(db, twice.as_bytes()).await;
        assert!(matches!(refused, Err(TransferError::Database(_))), "{refused:?}");

        let storage = db.open().await;
        assert_eq!(storage.payments_in_key_order(None, 10).await.unwrap(), []);
        drop(storage);
        if let DatabaseUrl::Sqlite(path) = &db.url {
            let left: Vec<_> = std::fs::read_dir(path.parent().unwrap()).unwrap().flatten().collect();
            assert!(left.iter().all(|file| !file.file_name().to_string_lossy().contains("importing")), "{left:?}");
        }
        // Nothing stands in the way of the whole file.
        assert_eq!(import(db, &bytes).await.map(|done| done.rows > 0), Ok(true));
    }
}

fn with_right_digest(text: &str) -> String {
    use sha2::Digest;
    let end = text.trim_end().rfind('\n').unwrap() + 1;
    let digest = sha2::Sha256::digest(&text.as_bytes()[..end]);
    let hexadecimal: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut last: serde_json::Value = serde_json::from_str(&text[end..]).unwrap();
    last["sha256"] = hexadecimal.into();
    // "end" sorts first, as it must.
    format!("{}{last}\n", &text[..end])
}

crate::on_both! {
    async fn a_database_that_is_in_use_takes_nothing_in(db: &Db) {
        let source = Db::sqlite();
        fill(&source.migrated().await).await;
        let (bytes, _) = export(&source, Company::Alone).await.unwrap();
        let storage = db.migrated().await;
        storage.commit(puts(vec![job("one", at(5))])).await.unwrap();
        drop(storage);
        let refused = import(db, &bytes).await;
        assert_eq!(refused, Err(TransferError::NotEmpty { table: "jobs".into() }));
        db.sql("INSERT INTO schema_version (version, name, applied_at) VALUES (99, '0099_later.sql', 0)").await;
        let newer = |error| matches!(error, TransferError::Open(OpenError::NewerSchema { found: 99, .. }));
        assert!(import(db, &bytes).await.is_err_and(newer));
        assert!(export(db, Company::Serving).await.is_err_and(newer));
    }
}

#[tokio::test]
async fn a_file_of_another_program_is_not_replaced() {
    let source = Db::sqlite();
    drop(source.migrated().await);
    let (bytes, _) = export(&source, Company::Alone).await.unwrap();
    let foreign = Db::sqlite();
    foreign.sql("CREATE TABLE diary (entry TEXT)").await;
    assert!(matches!(import(&foreign, &bytes).await, Err(TransferError::NotEmpty { .. })));
    let unmigrated = Db::sqlite();
    let needs = |error| matches!(error, TransferError::Open(OpenError::NeedsMigration { found: 0, .. }));
    assert!(export(&unmigrated, Company::Alone).await.is_err_and(needs));
}
