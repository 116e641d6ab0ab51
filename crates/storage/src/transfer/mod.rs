//! The whole database as one file, and back: how a database moves between SQLite and PostgreSQL.
//!
//! Owns the file's format ([`file`]) and how each database is read and filled. What always holds: a
//! file shows one instant (one read transaction); its digest depends on the data alone, so that the
//! same data gives the same digest whichever database it was in; memory is bounded, whatever the size;
//! and a database is filled whole or stays as it was.

mod file;
mod postgres;
mod sqlite;
mod table;

use crate::error::OpenError;
use crate::options::DatabaseUrl;
use jiff::Timestamp;
use std::io::{BufRead, Write};

pub use file::{FORMAT_VERSION, Header, TableCount};

/// Rows between two reports of progress, and rows that are handed over together.
const ROWS_AT_ONCE: usize = 512;
/// Batches that may wait between the database and the file.
const BATCHES_WAITING: usize = 4;

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub rows: u64,
    pub rows_in_all: u64,
    pub bytes: u64,
}

/// Is told now and then how far it is, and once at the end.
pub type Observer = Box<dyn FnMut(Progress) + Send>;

/// What was carried over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    pub tables: Vec<TableCount>,
    pub rows: u64,
    pub bytes: u64,
    /// SHA-256 of the data, in hexadecimal.
    pub sha256: String,
}

/// Why a database was not exported or imported. Nothing was changed then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransferError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("the file cannot be read or written: {0}")]
    File(String),
    #[error("this is not an export of paypier: its first line is no header of one")]
    NoExport,
    #[error("the file has version {found} of the export format, and this binary reads version {known}")]
    OtherFormat { found: u32, known: u32 },
    #[error(
        "the file was exported from schema version {found}, and this binary has {known}; export it again with this version of paypier (after `paypier migrate`), or import it with the version that exported it"
    )]
    OtherSchema { found: u32, known: u32 },
    #[error(
        "the file ends in line {line}, before its own end: it was cut off; nothing was imported. Copy it again, or export again"
    )]
    Truncated { line: u64 },
    #[error("the file is damaged ({why}, line {line}); nothing was imported. Copy it again, or export again")]
    Damaged { line: u64, why: String },
    #[error(
        "the database is not empty (there are rows in {table}); nothing was imported. Import into a new database: one that exists is never mixed with another"
    )]
    NotEmpty { table: String },
    #[error(
        "{connections} other connections of paypier are open on the database; stop all servers first, so that nothing is written while it moves"
    )]
    InUse { connections: u64 },
    #[error("the database refused ({0})")]
    Database(String),
}

impl TransferError {
    fn io(error: &std::io::Error) -> Self {
        Self::File(error.to_string())
    }
}

/// Who else may use the database while it is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Company {
    /// Nobody: what is exported is all there will be.
    Alone,
    /// Servers may go on; what they write later is not in the file.
    Serving,
}

/// Writes the database, as it is at this instant, to `out`. `sealed_under` names the master keys that
/// sealed values in it need.
///
/// # Errors
/// See [`TransferError`].
pub async fn export(
    url: &DatabaseUrl,
    out: impl Write + Send + 'static,
    sealed_under: Vec<String>,
    company: Company,
    now: Timestamp,
    observer: Observer,
) -> Result<Summary, TransferError> {
    match url {
        DatabaseUrl::Sqlite(path) => {
            let path = path.clone();
            on_thread(move || sqlite::export(&path, out, sealed_under, now, observer)).await
        }
        DatabaseUrl::Postgres(url) => postgres::export(url, out, sealed_under, company, now, observer).await,
    }
}

/// What a file says about itself. The rest of it is not looked at.
///
/// # Errors
/// It is no export, or one of another format or schema.
pub fn header(input: impl BufRead) -> Result<Header, TransferError> {
    file::Reader::open(input).map(|reader| reader.header().clone())
}

/// Fills an empty database from a file: one that does not exist yet, or one that was migrated and
/// never used. `input` is at the beginning of the file.
///
/// # Errors
/// See [`TransferError`]; the database is as it was.
pub async fn import(
    url: &DatabaseUrl,
    input: impl BufRead + Send + 'static,
    now: Timestamp,
    observer: Observer,
) -> Result<Summary, TransferError> {
    match url {
        DatabaseUrl::Sqlite(path) => {
            let path = path.clone();
            on_thread(move || sqlite::import(&path, input, now, observer)).await
        }
        DatabaseUrl::Postgres(url) => postgres::import(url, input, now, observer).await,
    }
}

async fn on_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, TransferError> + Send + 'static,
) -> Result<T, TransferError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|_| Err(TransferError::Database("the work was interrupted".into())))
}
