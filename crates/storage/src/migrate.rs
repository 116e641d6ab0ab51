//! Migrations: embedded, in order, each in one transaction, safe to run again and at the same time.
//!
//! What was applied is remembered with its checksum, so that a migration that was edited afterwards is
//! noticed: the schema of such a database is one that nobody has tested.

use crate::engine::{check_version, postgres, sqlite};
use crate::error::OpenError;
use crate::options::DatabaseUrl;
use crate::row::micros;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

/// What [`migrate`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationReport {
    /// The version before, 0 for an empty database.
    pub from: u32,
    /// The version now.
    pub to: u32,
    /// File names of the migrations that were applied now.
    pub applied: Vec<String>,
    /// Whether events were given new positions, because the database had been restored into a
    /// PostgreSQL cluster whose transactions are numbered lower (see [`OpenError::RestoredElsewhere`]).
    pub events_renumbered: bool,
}

impl MigrationReport {
    fn beginning(found: u32) -> Self {
        Self { from: found, to: found, applied: Vec::new(), events_renumbered: false }
    }
}

pub(crate) struct Migration {
    version: u32,
    name: &'static str,
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

macro_rules! migrations {
    ($($version:literal $name:literal),* $(,)?) => {
        pub(crate) const MIGRATIONS: &[Migration] = &[$(Migration {
            version: $version,
            name: $name,
            sqlite: include_str!(concat!("../migrations/sqlite/", $name)),
            postgres: include_str!(concat!("../migrations/postgres/", $name)),
        }),*];
    };
}

migrations! {
    1 "0001_base.sql",
    2 "0002_schedules.sql",
    3 "0003_accounts_and_escrow.sql",
    4 "0004_cash_receipts.sql",
    5 "0005_identity_verifications.sql",
    6 "0006_promotions.sql",
    7 "0007_checkout_profiles_and_sessions.sql",
    8 "0008_checkout_windows.sql",
    9 "0009_global.sql",
    10 "0010_payment_links.sql",
    11 "0011_subscriptions.sql",
    12 "0012_platform.sql",
    13 "0013_settlement.sql",
    14 "0014_many_transfers.sql",
    15 "0015_withdrawals.sql",
}

/// The version that this binary works with.
pub(crate) const KNOWN: u32 = newest(MIGRATIONS);

const fn newest(mut migrations: &[Migration]) -> u32 {
    let mut newest = 0;
    while let [migration, rest @ ..] = migrations {
        if migration.version > newest {
            newest = migration.version;
        }
        migrations = rest;
    }
    newest
}

const VERSION_TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_version \
     (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)";

/// Beside the versions, because databases of before have the one without the other.
const CHECKSUM_TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_checksum \
     (version BIGINT NOT NULL PRIMARY KEY, checksum TEXT NOT NULL)";

const CHECKSUMS: &str = "SELECT version, checksum FROM schema_checksum";

/// The restored database's newest event against the number that the next transaction will have.
const IS_RESTORED_ELSEWHERE: &str = "SELECT coalesce(max(position) >= \
     pg_snapshot_xmax(pg_current_snapshot())::text::bigint, false) FROM events";

/// Keeps the order, and puts all of them before every transaction that this cluster will number.
const RENUMBER_EVENTS: &str = "UPDATE events SET position = position - (SELECT max(position) FROM events)";

/// SHA-256 of what a migration does: comments and white space may be corrected later.
fn checksum(sql: &str) -> String {
    let mut digest = Sha256::new();
    for word in sql.lines().flat_map(|line| line.split("--").next().unwrap_or("").split_whitespace()) {
        digest.update(word.as_bytes());
        digest.update(b" ");
    }
    hexadecimal(&digest.finalize())
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a String cannot fail.
        let _ = std::fmt::Write::write_fmt(&mut text, format_args!("{byte:02x}"));
        text
    })
}

/// Compares what was applied with what this binary would apply.
fn check_checksums(
    applied: &BTreeMap<i64, String>,
    text: fn(&Migration) -> &'static str,
) -> Result<(), OpenError> {
    for migration in MIGRATIONS {
        if let Some(found) = applied.get(&i64::from(migration.version))
            && *found != checksum(text(migration))
        {
            return Err(OpenError::EditedMigration { name: migration.name.to_owned() });
        }
    }
    Ok(())
}

/// Whether the migrations that this file has seen are those of this binary.
pub(crate) fn check_sqlite(connection: &rusqlite::Connection) -> Result<(), OpenError> {
    let read = || -> rusqlite::Result<BTreeMap<i64, String>> {
        if !connection.table_exists(None, "schema_checksum")? {
            return Ok(BTreeMap::new());
        }
        connection.prepare(CHECKSUMS)?.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
    };
    check_checksums(&read().map_err(|error| sqlite::open_error(&error))?, |migration| migration.sqlite)
}

/// Whether the migrations that this database has seen are those of this binary, and whether its events
/// are numbered by the cluster that it is in.
pub(crate) async fn check_postgres(client: &tokio_postgres::Client) -> Result<(), OpenError> {
    check_applied_postgres(client).await?;
    let row = client.query_one(IS_RESTORED_ELSEWHERE, &[]).await.map_err(|error| broken(&error))?;
    if row.get(0) { Err(OpenError::RestoredElsewhere) } else { Ok(()) }
}

async fn check_applied_postgres(client: &tokio_postgres::Client) -> Result<(), OpenError> {
    let row = client
        .query_one("SELECT to_regclass('schema_checksum') IS NOT NULL", &[])
        .await
        .map_err(|error| broken(&error))?;
    if !row.get::<_, bool>(0) {
        return Ok(());
    }
    let rows = client.query(CHECKSUMS, &[]).await.map_err(|error| broken(&error))?;
    let applied = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    check_checksums(&applied, |migration| migration.postgres)
}

fn broken(error: &tokio_postgres::Error) -> OpenError {
    OpenError::Unreachable(postgres::told(error))
}

/// Brings the database to this binary's schema. Does nothing when it is there already.
///
/// # Errors
/// See [`OpenError`]. A migration that failed has changed nothing.
pub async fn migrate(url: &DatabaseUrl, now: Timestamp) -> Result<MigrationReport, OpenError> {
    migrate_up_to(url, KNOWN, now).await
}

/// As [`migrate`], and no further than to `version`: how a database of an earlier program is made. For
/// tests.
///
/// # Errors
/// As [`migrate`].
#[doc(hidden)]
pub async fn migrate_up_to(
    url: &DatabaseUrl,
    version: u32,
    now: Timestamp,
) -> Result<MigrationReport, OpenError> {
    match url {
        DatabaseUrl::Sqlite(path) => {
            let path = path.clone();
            tokio::task::spawn_blocking(move || migrate_sqlite(&path, version, now))
                .await
                .map_err(|_| OpenError::Unreachable("migrating was interrupted".into()))?
        }
        DatabaseUrl::Postgres(url) => migrate_postgres(url, version, now).await,
    }
}

fn up_to(version: u32) -> impl Iterator<Item = &'static Migration> {
    MIGRATIONS.iter().filter(move |migration| migration.version <= version)
}

fn newer(found: u32) -> Result<(), OpenError> {
    match check_version(found) {
        Err(error @ OpenError::NewerSchema { .. }) => Err(error),
        _ => Ok(()),
    }
}

pub(crate) fn migrate_sqlite(
    path: &Path,
    version: u32,
    now: Timestamp,
) -> Result<MigrationReport, OpenError> {
    let mut connection = sqlite::connect(path, sqlite::Role::Writer)?;
    let broken = |error: rusqlite::Error| sqlite::open_error(&error);
    let mut report: Option<MigrationReport> = None;
    loop {
        // Waits for another process that migrates, and then sees what it did.
        let transaction =
            connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(broken)?;
        let found = sqlite::schema_version(&transaction).map_err(broken)?;
        newer(found)?;
        check_sqlite(&transaction)?;
        let mut done = report.take().unwrap_or_else(|| MigrationReport::beginning(found));
        done.to = found;
        let Some(next) = up_to(version).find(|migration| migration.version > found) else {
            remember_sqlite(&transaction, version).map_err(broken)?;
            transaction.commit().map_err(broken)?;
            return Ok(done);
        };
        transaction.execute_batch(VERSION_TABLE).map_err(broken)?;
        transaction.execute_batch(next.sqlite).map_err(broken)?;
        transaction
            .execute(
                "INSERT INTO schema_version (version, name, applied_at) VALUES (?1, ?2, ?3)",
                rusqlite::params![next.version, next.name, micros(now)],
            )
            .map_err(broken)?;
        transaction.commit().map_err(broken)?;
        done.applied.push(next.name.to_owned());
        report = Some(done);
    }
}

/// Remembers the checksums of everything that was applied. A database of before this was remembered
/// is taken at its word.
fn remember_sqlite(transaction: &rusqlite::Transaction<'_>, version: u32) -> rusqlite::Result<()> {
    transaction.execute_batch(CHECKSUM_TABLE)?;
    for migration in up_to(version) {
        transaction.execute(
            "INSERT INTO schema_checksum (version, checksum) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            rusqlite::params![migration.version, checksum(migration.sqlite)],
        )?;
    }
    Ok(())
}

async fn remember_postgres(
    client: &tokio_postgres::Client,
    version: u32,
) -> Result<(), tokio_postgres::Error> {
    client.batch_execute(CHECKSUM_TABLE).await?;
    for migration in up_to(version) {
        client
            .execute(
                "INSERT INTO schema_checksum (version, checksum) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                &[&i64::from(migration.version), &checksum(migration.postgres)],
            )
            .await?;
    }
    Ok(())
}

pub(crate) async fn migrate_postgres(
    url: &str,
    version: u32,
    now: Timestamp,
) -> Result<MigrationReport, OpenError> {
    let access = postgres::Access::new(url, "migrate", postgres::Patience::Unlimited)?;
    let broken = |error: tokio_postgres::Error| broken(&error);
    let (mut client, driver) = access.connect().await.map_err(broken)?;
    // Two that create it at once collide in the catalogue; the one that loses finds it there.
    if client.batch_execute(VERSION_TABLE).await.is_err() {
        client.batch_execute(VERSION_TABLE).await.map_err(broken)?;
    }
    let mut report: Option<MigrationReport> = None;
    loop {
        let transaction = client.transaction().await.map_err(broken)?;
        // Waits for another process that migrates, and then sees what it did.
        transaction.batch_execute("LOCK TABLE schema_version IN EXCLUSIVE MODE").await.map_err(broken)?;
        let found = postgres::schema_version(transaction.client()).await.map_err(broken)?;
        newer(found)?;
        check_applied_postgres(transaction.client()).await?;
        let mut done = report.take().unwrap_or_else(|| MigrationReport::beginning(found));
        done.to = found;
        let Some(next) = up_to(version).find(|migration| migration.version > found) else {
            remember_postgres(transaction.client(), version).await.map_err(broken)?;
            let row = transaction.query_one(IS_RESTORED_ELSEWHERE, &[]).await.map_err(broken)?;
            done.events_renumbered = row.get(0);
            if done.events_renumbered {
                transaction.batch_execute(RENUMBER_EVENTS).await.map_err(broken)?;
            }
            transaction.commit().await.map_err(broken)?;
            drop(client);
            let _ = driver.await;
            return Ok(done);
        };
        transaction.batch_execute(next.postgres).await.map_err(broken)?;
        transaction
            .execute(
                "INSERT INTO schema_version (version, name, applied_at) VALUES ($1, $2, $3)",
                &[&i64::from(next.version), &next.name, &micros(now)],
            )
            .await
            .map_err(broken)?;
        transaction.commit().await.map_err(broken)?;
        done.applied.push(next.name.to_owned());
        report = Some(done);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_is_about_statements_and_not_about_their_dress() {
        let plain = checksum("CREATE TABLE a (b TEXT);");
        assert_eq!(checksum("-- Why.\nCREATE TABLE a\n  (b TEXT); -- a remark\n\n"), plain);
        assert_ne!(checksum("CREATE TABLE a (b INTEGER);"), plain);
        // Words must not run together.
        assert_ne!(checksum("CREATE TABLE a (bTEXT);"), plain);
    }
}
