//! Which database, and how it is used.

use super::setting::{Given, Readable, Setting, quoted, setting};
use paypier_storage::DatabaseUrl;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseConfig {
    /// When not set, an SQLite file in the data folder.
    pub url: Option<DatabaseUrl>,
    /// Connections that read.
    pub readers: u32,
    /// Connections that write (PostgreSQL; SQLite always has one writer).
    pub writers: u32,
    /// Changes that may wait to be written; one more is refused with 503.
    pub queue: u32,
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self { url: None, readers: 4, writers: 12, queue: 4096 }
    }
}

impl Readable for DatabaseUrl {
    fn read(given: &Given<'_>) -> Option<Self> {
        String::read(given)?.parse().ok()
    }
    fn show(&self) -> String {
        quoted(&self.to_string())
    }
}

pub(super) const SETTINGS: &[Setting] = &[
    setting!(
        "database.url",
        "PAYPIER_DATABASE_URL",
        database.url,
        "sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE, or nothing for an SQLite file in the data folder",
        Withheld
    ),
    setting!(
        "database.readers",
        "PAYPIER_DATABASE_READERS",
        database.readers,
        "a whole number from 1 to 256",
        1..=256
    ),
    setting!(
        "database.writers",
        "PAYPIER_DATABASE_WRITERS",
        database.writers,
        "a whole number from 1 to 256",
        1..=256
    ),
    setting!(
        "database.queue",
        "PAYPIER_DATABASE_QUEUE",
        database.queue,
        "a whole number from 64 to 1000000",
        64..=1_000_000
    ),
];
