//! Opening and migrating.

use crate::harness::{Db, Place, at};
use crate::on_both;
use crate::sample::*;
use paypier_domain::id::MerchantId;
use paypier_storage::{
    DatabaseUrl, EventPosition, MigrationReport, OpenError, Storage, migrate, migrate_up_to,
};

/// The files of the migrations in their order, and the version that the last one leads to.
fn known_migrations() -> (Vec<String>, u32) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite");
    let files = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let version = names.last().unwrap()[..4].parse().unwrap();
    (names, version)
}

on_both! {
    async fn a_database_is_migrated_once(db: &Db) {
        let (files, known) = known_migrations();
        let unmigrated = Storage::open(db.options()).await.map(|_| ());
        assert_eq!(unmigrated, Err(OpenError::NeedsMigration { found: 0, known }));
        let first = migrate(&db.url, at(0)).await.unwrap();
        assert_eq!(first, MigrationReport { from: 0, to: known, applied: files, events_renumbered: false });
        let second = migrate(&db.url, at(1)).await.unwrap();
        assert_eq!(second, MigrationReport { from: known, to: known, applied: vec![], events_renumbered: false });
        db.open().await.ping().await.unwrap();
    }
}

on_both! {
    async fn a_database_of_the_first_schema_is_brought_along_with_its_rows(db: &Db) {
        let (files, known) = known_migrations();
        db.sql(match db.url {
            DatabaseUrl::Sqlite(_) => include_str!("../../migrations/sqlite/0001_base.sql"),
            DatabaseUrl::Postgres(_) => include_str!("../../migrations/postgres/0001_base.sql"),
        }).await;
        db.sql("CREATE TABLE schema_version (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)").await;
        db.sql("INSERT INTO schema_version (version, name, applied_at) VALUES (1, '0001_base.sql', 0)").await;
        db.sql("INSERT INTO pre_registrations (store_id, payment_id, total, registered_at) VALUES ('store-1', 'order-1', 700, 5)").await;
        let report = migrate(&db.url, at(0)).await.unwrap();
        assert_eq!((report.from, report.to, report.applied.as_slice()), (1, known, &files[1..]));
        let storage = db.open().await;
        let kept = storage.pre_registration(&key("order-1")).await.unwrap().unwrap();
        assert_eq!(kept.total, Some(won(700)));
        storage.commit(key_in("order-1", at(0)).0[0].clone()).await.unwrap();
    }
}

on_both! {
    async fn two_processes_may_migrate_at_once(db: &Db) {
        let tasks: Vec<_> = (0..6)
            .map(|_| {
                let url = db.url.clone();
                tokio::spawn(async move { migrate(&url, at(0)).await })
            })
            .collect();
        let mut applied = 0;
        for migration in tasks {
            applied += migration.await.unwrap().unwrap().applied.len();
        }
        assert_eq!(applied, known_migrations().0.len());
    }
}

on_both! {
    async fn a_database_of_the_first_version_keeps_its_rows_and_gets_what_it_lacks(db: &Db) {
        let (files, known) = known_migrations();
        let first = migrate_up_to(&db.url, 1, at(0)).await.unwrap();
        assert_eq!((first.to, first.applied), (1, vec!["0001_base.sql".to_owned()]));
        db.sql("INSERT INTO merchants (merchant_id, created_at, body) VALUES ('m-1', 0, '{\"name\":\"old\"}')").await;
        assert_eq!(
            Storage::open(db.options()).await.map(|_| ()),
            Err(OpenError::NeedsMigration { found: 1, known })
        );
        let rest = migrate(&db.url, at(1)).await.unwrap();
        assert_eq!((rest.from, rest.to), (1, known));
        assert_eq!(rest.applied, files[1..]);
        let merchant = db.open().await.merchant(&MerchantId::known("m-1")).await.unwrap().unwrap();
        assert_eq!(merchant.name, "old");
    }
}

on_both! {
    async fn a_newer_schema_is_refused(db: &Db) {
        drop(db.migrated().await);
        db.sql("INSERT INTO schema_version (version, name, applied_at) VALUES (99, '0099_later.sql', 0)").await;
        let refused = OpenError::NewerSchema { found: 99, known: known_migrations().1 };
        assert_eq!(Storage::open(db.options()).await.map(|_| ()), Err(refused.clone()));
        assert_eq!(migrate(&db.url, at(1)).await, Err(refused));
    }
}

on_both! {
    async fn a_migration_that_is_interrupted_leaves_nothing_and_runs_again(db: &Db) {
        // The last table of the first migration is there already: it fails near its end.
        db.sql("CREATE TABLE commits (something TEXT)").await;
        assert!(migrate(&db.url, at(0)).await.is_err());
        assert_eq!(
            Storage::open(db.options()).await.map(|_| ()),
            Err(OpenError::NeedsMigration { found: 0, known: known_migrations().1 })
        );
        db.sql("DROP TABLE commits").await;
        assert_eq!(migrate(&db.url, at(0)).await.unwrap().to, known_migrations().1);
        db.open().await.commit(key_in("order-1", at(0)).0[0].clone()).await.unwrap();
    }
}

on_both! {
    async fn a_migration_that_was_edited_after_it_was_applied_is_noticed(db: &Db) {
        drop(db.migrated().await);
        db.sql("UPDATE schema_checksum SET checksum = 'of other words'").await;
        let refused = OpenError::EditedMigration { name: "0001_base.sql".into() };
        assert_eq!(Storage::open(db.options()).await.map(|_| ()), Err(refused.clone()));
        assert_eq!(migrate(&db.url, at(1)).await, Err(refused));
        // Databases of before checksums were kept have none, and get them.
        db.sql("DROP TABLE schema_checksum").await;
        drop(db.open().await);
        assert_eq!(migrate(&db.url, at(1)).await.unwrap().applied, Vec::<String>::new());
        db.sql("UPDATE schema_checksum SET checksum = upper(checksum)").await;
        assert!(Storage::open(db.options()).await.is_err());
    }
}

/// As after `pg_restore`: positions are numbers of transactions of a cluster that was older.
#[tokio::test]
async fn a_database_restored_into_a_younger_cluster_is_refused_until_its_events_are_renumbered() {
    let Some(db) = Db::postgres().await else { return };
    let storage = db.migrated().await;
    for number in 0..3 {
        for change in key_in(&format!("order-{number}"), at(number)).0 {
            storage.commit(change).await.unwrap();
        }
    }
    // One shows when every older transaction of the cluster has ended, those of other tests included.
    let all = |storage: Storage, count: usize| async move {
        for _ in 0..400 {
            let found = storage.events_after(&merchant(), None, &EventPosition::default(), 10).await.unwrap();
            if found.len() >= count {
                return found.into_iter().map(|event| event.stored.event.id).collect::<Vec<_>>();
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        panic!("the events do not show");
    };
    let before = all(storage.clone(), 3).await;
    assert_eq!(before.len(), 3);
    drop(storage);
    db.sql("UPDATE events SET position = position + 1000000000000").await;
    assert_eq!(Storage::open(db.options()).await.map(|_| ()), Err(OpenError::RestoredElsewhere));
    assert!(migrate(&db.url, at(9)).await.unwrap().events_renumbered);
    assert!(!migrate(&db.url, at(9)).await.unwrap().events_renumbered);
    let storage = db.open().await;
    for change in key_in("order-3", at(3)).0 {
        storage.commit(change).await.unwrap();
    }
    let after = all(storage, 4).await;
    assert_eq!((&after[..3], after.len()), (&before[..], 4));
}

fn path(db: &Db) -> std::path::PathBuf {
    match (&db.url, &db.place) {
        (DatabaseUrl::Sqlite(path), Place::File { .. }) => path.clone(),
        _ => unreachable!("a file"),
    }
}

#[tokio::test]
async fn a_damaged_file_is_refused() {
    let db = Db::sqlite();
    let storage = db.migrated().await;
    for number in 0..200 {
        storage.commit(key_in(&format!("order-{number}"), at(0)).0[0].clone()).await.unwrap();
    }
    drop(storage);
    db.sql("PRAGMA wal_checkpoint(TRUNCATE)").await;
    let path = path(&db);
    let intact = std::fs::read(&path).unwrap();
    let size = intact.len();
    for (name, from, until) in
        [("header", 0, 32), ("schema", 100, 140), ("middle", size / 2, size / 2 + 4096)]
    {
        let mut bytes = intact.clone();
        bytes[from..until].fill(0xA5);
        std::fs::write(&path, &bytes).unwrap();
        let opened = Storage::open(db.options()).await.map(|_| ());
        assert!(matches!(opened, Err(OpenError::Corrupt(_))), "{name}: {opened:?}");
    }
    // A torn end.
    std::fs::write(&path, &intact[..size - 3 * 4096 - 100]).unwrap();
    let opened = Storage::open(db.options()).await.map(|_| ());
    assert!(matches!(opened, Err(OpenError::Corrupt(_))), "torn: {opened:?}");
    std::fs::write(&path, &intact).unwrap();
    assert_eq!(db.open().await.payments_in_key_order(None, 1000).await.unwrap().len(), 200);
}

#[tokio::test]
async fn an_unreachable_database_says_so_without_its_password() {
    let url: DatabaseUrl = "postgres://someone:s3cret@127.0.0.1:1/none".parse().unwrap();
    let error = migrate(&url, at(0)).await.unwrap_err();
    assert!(matches!(error, OpenError::Unreachable(_)));
    assert!(!error.to_string().contains("s3cret"));
}

#[tokio::test]
async fn both_migrations_lead_to_the_same_tables_and_columns() {
    let Some(postgres) = Db::postgres().await else { return };
    let sqlite = Db::sqlite();
    migrate(&sqlite.url, at(0)).await.unwrap();
    migrate(&postgres.url, at(0)).await.unwrap();
    let connection = rusqlite::Connection::open(path(&sqlite)).unwrap();
    let mut statement = connection
        .prepare(
            "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c \
             WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' ORDER BY 1, 2",
        )
        .unwrap();
    let here: Vec<(String, String)> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
    let Place::Schema { name, .. } = &postgres.place else { unreachable!("a schema") };
    let DatabaseUrl::Postgres(url) = &postgres.url else { unreachable!("PostgreSQL") };
    let mut config: tokio_postgres::Config = url.parse().unwrap();
    if config.get_hosts().is_empty() {
        config.host("/var/run/postgresql");
    }
    let (client, driver) = config.connect(tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(driver);
    let rows = client
        .query(
            "SELECT table_name::text, column_name::text FROM information_schema.columns \
             WHERE table_schema = $1 ORDER BY table_name::text COLLATE \"C\", column_name::text COLLATE \"C\"",
            &[name],
        )
        .await
        .unwrap();
    let there: Vec<(String, String)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    assert!(here.len() > 150);
    assert_eq!(here, there);
}
