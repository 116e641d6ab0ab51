//! A copy of an SQLite database while it is used.

use crate::engine::{check_version, sqlite};
use crate::error::OpenError;
use std::fs::{File, OpenOptions};
use std::path::Path;

/// What was copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupReport {
    pub bytes: u64,
    /// Payments in the copy: what a person can compare.
    pub payments: u64,
    pub schema: u32,
}

/// Copies the database to `target`, which must not exist, as it is at this instant, and reads the whole
/// copy once to see that it is sound. `VACUUM INTO` reads in one transaction: it neither waits for
/// the writer nor starts over when somebody writes, and the copy is one file without a log.
///
/// `target` gets what was copied as it is written: give it a name that nobody takes for a backup, and
/// rename it when this has returned. Then it is on the disk.
///
/// # Errors
/// The database or the copy is damaged, or there is no room. A copy that was begun stays behind.
pub async fn backup(source: &Path, target: &Path) -> Result<BackupReport, OpenError> {
    let (source, target) = (source.to_owned(), target.to_owned());
    tokio::task::spawn_blocking(move || copy(&source, &target))
        .await
        .map_err(|_| OpenError::Unreachable("the backup was interrupted".into()))?
}

fn copy(source: &Path, target: &Path) -> Result<BackupReport, OpenError> {
    let broken = |error: rusqlite::Error| sqlite::open_error(&error);
    let io = |error: std::io::Error| OpenError::Unreachable(format!("{}: {error}", target.display()));
    if !source.exists() {
        check_version(0)?;
    }
    let connection = sqlite::connect(source, sqlite::Role::Writer)?;
    check_version(sqlite::schema_version(&connection).map_err(broken)?)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    // It holds buyers' data. SQLite accepts an empty file.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(target).map_err(io)?);
    let name = target
        .to_str()
        .ok_or_else(|| OpenError::Unreachable("the name of the backup is not UTF-8".into()))?;
    connection.execute("VACUUM INTO ?1", [name]).map_err(broken)?;
    drop(connection);
    let report = look_at(target)?;
    File::open(target).and_then(|file| file.sync_all()).map_err(io)?;
    Ok(report)
}

/// Reads every page of a copy that nobody else knows.
fn look_at(copy: &Path) -> Result<BackupReport, OpenError> {
    let broken = |error: rusqlite::Error| sqlite::open_error(&error);
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY | rusqlite::OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = rusqlite::Connection::open_with_flags(copy, flags).map_err(broken)?;
    let found: String =
        connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(broken)?;
    if found != "ok" {
        return Err(OpenError::Corrupt(found));
    }
    let payments: i64 =
        connection.query_row("SELECT count(*) FROM payments", [], |row| row.get(0)).map_err(broken)?;
    let schema = sqlite::schema_version(&connection).map_err(broken)?;
    let bytes = std::fs::metadata(copy).map_or(0, |metadata| metadata.len());
    Ok(BackupReport { bytes, payments: u64::try_from(payments).unwrap_or(0), schema })
}
