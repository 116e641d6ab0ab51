//! SQLite's side: a database is read in one transaction, and filled in a file of its own that takes
//! its place when it is complete.

use super::file::{Cell, Header, Piece, Reader, Writer};
use super::table::{self, Table};
use super::{Observer, ROWS_AT_ONCE, Summary, TransferError};
use crate::engine::{check_version, sqlite};
use crate::migrate::{KNOWN, check_sqlite, migrate_sqlite};
use jiff::Timestamp;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

fn broken(error: &rusqlite::Error) -> TransferError {
    match sqlite::open_error(error) {
        crate::OpenError::Unreachable(text) => TransferError::Database(text),
        other => TransferError::Open(other),
    }
}

pub(super) fn export(
    path: &Path,
    out: impl Write,
    sealed_under: Vec<String>,
    now: Timestamp,
    mut observer: Observer,
) -> Result<Summary, TransferError> {
    if !path.exists() {
        check_version(0)?;
    }
    let connection = sqlite::connect(path, sqlite::Role::Reader)?;
    // All that follows sees the instant of the first read.
    connection.execute_batch("BEGIN").map_err(|error| broken(&error))?;
    check_version(sqlite::schema_version(&connection).map_err(|error| broken(&error))?)?;
    check_sqlite(&connection)?;
    let tables = table::all()?;
    let rows: Vec<u64> = tables
        .iter()
        .map(|table| connection.query_row(&table.count(), [], |row| row.get::<_, i64>(0)))
        .map(|count| count.map(|count| u64::try_from(count).unwrap_or(0)))
        .collect::<rusqlite::Result<_>>()
        .map_err(|error| broken(&error))?;
    let mut writer = Writer::begin(out, Header::new(&tables, &rows, sealed_under))?;
    for table in &tables {
        writer.table(&table.name)?;
        let mut statement = connection.prepare(&table.select()).map_err(|error| broken(&error))?;
        let mut rows = statement.raw_query();
        let mut until_report = ROWS_AT_ONCE;
        while let Some(row) = rows.next().map_err(|error| broken(&error))? {
            let cells = (0..table.columns.len())
                .map(|index| cell(table, index, row.get_ref(index).map_err(|error| broken(&error))?))
                .collect::<Result<Vec<_>, _>>()?;
            writer.row(cells.into_iter())?;
            until_report = until_report.saturating_sub(1);
            if until_report == 0 {
                until_report = ROWS_AT_ONCE;
                observer(writer.progress());
            }
        }
    }
    observer(writer.progress());
    writer.end(now, "SQLite")
}

fn cell<'a>(table: &Table, index: usize, value: ValueRef<'a>) -> Result<Cell<'a>, TransferError> {
    let name = || table.columns.get(index).map(|column| column.name.clone()).unwrap_or_default();
    Ok(match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(value) => Cell::Int(value),
        ValueRef::Text(bytes) => Cell::Text(std::str::from_utf8(bytes).map_err(|_| {
            TransferError::Database(format!("a text in {}.{} is not UTF-8", table.name, name()))
        })?),
        ValueRef::Blob(bytes) => Cell::Blob(bytes),
        ValueRef::Real(_) => {
            return Err(TransferError::Database(format!("{}.{} holds a fraction", table.name, name())));
        }
    })
}

pub(super) fn import(
    path: &Path,
    input: impl BufRead,
    now: Timestamp,
    mut observer: Observer,
) -> Result<Summary, TransferError> {
    // A file that cannot be imported is refused before anything is made.
    let reader = Reader::open(input)?;
    check_empty(path)?;
    let aside = Aside::make(path)?;
    migrate_sqlite(&aside.path, KNOWN, now)?;
    let summary = fill(&aside.path, reader, &mut observer)?;
    aside.take_place_of(path)?;
    Ok(summary)
}

fn check_empty(path: &Path) -> Result<(), TransferError> {
    let size = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    if size == 0 {
        return Ok(());
    }
    let connection = sqlite::connect(path, sqlite::Role::Writer)?;
    let version = sqlite::schema_version(&connection).map_err(|error| broken(&error))?;
    if version > 0 {
        check_version(version)?;
        for table in table::all()? {
            let has_rows = connection
                .prepare(&table.any())
                .and_then(|mut any| any.exists([]))
                .map_err(|error| broken(&error))?;
            if has_rows {
                return Err(TransferError::NotEmpty { table: table.name });
            }
        }
    }
    let foreign: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND ?1 = 0", [version], |row| {
            row.get(0)
        })
        .map_err(|error| broken(&error))?;
    if foreign > 0 {
        return Err(TransferError::NotEmpty { table: "tables of another program".into() });
    }
    Ok(())
}

/// The file that is being filled, beside the one it will replace. Removed unless it took its place.
struct Aside {
    path: PathBuf,
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

/// The files that SQLite keeps beside its own.
fn with_company(path: &Path) -> [PathBuf; 4] {
    [path.to_owned(), beside(path, "-wal"), beside(path, "-shm"), beside(path, "-journal")]
}

impl Aside {
    fn make(target: &Path) -> Result<Self, TransferError> {
        let path = beside(target, ".importing");
        for left_over in with_company(&path) {
            remove(&left_over)?;
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        // It holds buyers' data.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&path).map_err(|error| TransferError::io(&error))?;
        Ok(Self { path })
    }

    /// Durable before it gets its name, so that a power cut leaves the old file or the new one.
    fn take_place_of(self, target: &Path) -> Result<(), TransferError> {
        let renamed = || -> std::io::Result<()> {
            File::open(&self.path)?.sync_all()?;
            for old in with_company(target).iter().skip(1) {
                if old.exists() {
                    std::fs::remove_file(old)?;
                }
            }
            std::fs::rename(&self.path, target)?;
            match target.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                Some(folder) => File::open(folder)?.sync_all(),
                None => File::open(".")?.sync_all(),
            }
        };
        renamed().map_err(|error| TransferError::io(&error))
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        // What stays behind is removed by the next import.
        for file in with_company(&self.path) {
            let _ = remove(&file);
        }
    }
}

fn remove(path: &Path) -> Result<(), TransferError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(TransferError::io(&error)),
        _ => Ok(()),
    }
}

/// Rows first, then indexes: sorting once is several times as fast as keeping the order row by row.
fn fill<R: BufRead>(
    path: &Path,
    mut reader: Reader<R>,
    observer: &mut Observer,
) -> Result<Summary, TransferError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| broken(&error))?;
    let indexes = prepare(&connection).map_err(|error| broken(&error))?;
    let mut insert = None;
    let mut until_report = ROWS_AT_ONCE;
    loop {
        match reader.next()? {
            Piece::Table => {
                let text = reader.table().map(Table::insert).unwrap_or_default();
                insert = Some(connection.prepare(&text).map_err(|error| broken(&error))?);
            }
            Piece::Row(values) => {
                let Some(insert) = insert.as_mut() else {
                    return Err(reader.refused("a row before any table"));
                };
                insert
                    .execute(rusqlite::params_from_iter(values))
                    .map_err(|error| reader.refused(&error.to_string()))?;
                until_report = until_report.saturating_sub(1);
                if until_report == 0 {
                    until_report = ROWS_AT_ONCE;
                    observer(reader.progress());
                }
            }
            Piece::End => break,
        }
    }
    drop(insert);
    observer(reader.progress());
    finish(&connection, &indexes).map_err(|error| broken(&error))?;
    connection.close().map_err(|(_, error)| broken(&error))?;
    reader.summary()
}

/// Nobody else knows the file, and a half-filled one is thrown away: neither a log nor flushes are
/// needed. Answers the statements that make the indexes again.
fn prepare(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    connection.query_row("PRAGMA journal_mode = OFF", [], |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    connection.pragma_update(None, "cache_size", -64 * 1024)?;
    // Sorting for an index may take more memory than there is.
    connection.pragma_update(None, "temp_store", "FILE")?;
    let made: Vec<(String, String)> = connection
        .prepare(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY rowid",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (name, _) in &made {
        connection.execute_batch(&format!("DROP INDEX {name}"))?;
    }
    connection.execute_batch("BEGIN")?;
    Ok(made.into_iter().map(|(_, sql)| sql).collect())
}

fn finish(connection: &Connection, indexes: &[String]) -> rusqlite::Result<()> {
    connection.execute_batch("COMMIT")?;
    for index in indexes {
        connection.execute_batch(index)?;
    }
    Ok(())
}
