//! Where the database is and how it is used.

use std::fmt;
use std::path::PathBuf;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How to open a database.
#[derive(Debug, Clone)]
pub struct Options {
    pub url: DatabaseUrl,
    /// Connections that read. SQLite: 2 to 8; PostgreSQL: as many as reads run at once.
    pub readers: usize,
    /// Connections that write. PostgreSQL only: SQLite always has one writer.
    pub writers: usize,
    /// Changes that may wait to be written; one more is refused with `Overloaded`.
    pub queue: usize,
    /// Changes that share one flush at most (SQLite).
    pub batch: usize,
    /// How long a read may take; longer ones are given up with `TooExpensive`. Walks over whole tables
    /// (`paypier verify`) and migrations take as long as they need.
    pub scan_deadline: Duration,
    /// Rows that one balance is spread over, so that stores that sell a lot do not queue up behind
    /// one row. 1 is right for SQLite, 16 for PostgreSQL.
    pub balance_shards: u16,
    /// A name that no other start of any process on this database has; names commits and rows.
    pub instance: String,
    /// Failures on demand, for tests.
    #[doc(hidden)]
    pub faults: Faults,
    /// For simulations: SQLite without threads, each read and transaction under the eyes of this.
    #[doc(hidden)]
    pub inline: Option<Arc<dyn Interference>>,
}

/// Something to wait for. What waits for one that never ends is as good as killed.
#[doc(hidden)]
pub type Pause = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What a simulation does around reads and transactions. `None` lets them pass.
#[doc(hidden)]
pub trait Interference: Send + Sync + fmt::Debug {
    /// A read is about to happen.
    fn before_read(&self) -> Option<Pause>;
    /// A transaction is about to begin: nothing of it is written.
    fn before_commit(&self) -> Option<Pause>;
    /// A transaction has ended: what was committed is durable, and nobody was told.
    fn after_commit(&self) -> Option<Pause>;
}

impl Options {
    /// The defaults for this database. `instance` must be unique for this start of the process.
    pub fn new(url: DatabaseUrl, instance: impl Into<String>) -> Self {
        let balance_shards = match url {
            DatabaseUrl::Sqlite(_) => 1,
            DatabaseUrl::Postgres(_) => 16,
        };
        Self {
            url,
            readers: 4,
            writers: 12,
            queue: 4096,
            batch: 256,
            scan_deadline: Duration::from_secs(5),
            balance_shards,
            instance: instance.into(),
            faults: Faults::default(),
            inline: None,
        }
    }
}

/// Failures that a test orders; all off by default.
#[doc(hidden)]
#[derive(Debug, Clone, Default)]
pub struct Faults {
    flags: Arc<Flags>,
}

#[derive(Debug, Default)]
struct Flags {
    io_error_once: AtomicBool,
    lose_connection_once: AtomicBool,
    panic_once: AtomicBool,
    disk_full: AtomicBool,
    read_only: AtomicBool,
}

impl Faults {
    /// The next COMMIT fails with an I/O error; all changes of its batch are gone.
    pub fn fail_next_commit(&self) {
        self.flags.io_error_once.store(true, Ordering::SeqCst);
    }
    /// The next COMMIT is sent, and the connection is gone before its answer (PostgreSQL only).
    pub fn lose_connection_at_next_commit(&self) {
        self.flags.lose_connection_once.store(true, Ordering::SeqCst);
    }
    /// The code that runs the next change panics (SQLite only).
    pub fn panic_in_next_change(&self) {
        self.flags.panic_once.store(true, Ordering::SeqCst);
    }
    /// No page can be added to the database while this is on.
    pub fn set_disk_full(&self, on: bool) {
        self.flags.disk_full.store(on, Ordering::SeqCst);
    }
    /// Nothing can be written while this is on.
    pub fn set_read_only(&self, on: bool) {
        self.flags.read_only.store(on, Ordering::SeqCst);
    }

    pub(crate) fn has_io_error(&self) -> bool {
        self.flags.io_error_once.load(Ordering::SeqCst)
    }
    pub(crate) fn takes_io_error(&self) -> bool {
        self.flags.io_error_once.swap(false, Ordering::SeqCst)
    }
    pub(crate) fn takes_connection_loss(&self) -> bool {
        self.flags.lose_connection_once.swap(false, Ordering::SeqCst)
    }
    pub(crate) fn takes_panic(&self) -> bool {
        self.flags.panic_once.swap(false, Ordering::SeqCst)
    }
    pub(crate) fn disk_full(&self) -> bool {
        self.flags.disk_full.load(Ordering::SeqCst)
    }
    pub(crate) fn read_only(&self) -> bool {
        self.flags.read_only.load(Ordering::SeqCst)
    }
}

/// `sqlite:PATH`, `postgres://…` or `postgresql://…`. Shown without its password.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    Sqlite(PathBuf),
    Postgres(String),
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a database is named by sqlite:PATH, postgres://… or postgresql://…")]
pub struct DatabaseUrlError;

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return if path.is_empty() {
                Err(DatabaseUrlError)
            } else {
                Ok(Self::Sqlite(PathBuf::from(path)))
            };
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        Err(DatabaseUrlError)
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => f.write_str(&without_password(url)),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Everything but scheme, user, host, port and database is left out, so that neither
/// `user:password@` nor `?password=` can be shown.
fn without_password(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
    // A raw '/' or '?' may stand in a careless password: the host begins after the last '@'.
    let (user, place) = match rest.rsplit_once('@') {
        Some((credentials, place)) => {
            (credentials.split_once(':').map_or(credentials, |(user, _)| user), place)
        }
        None => ("", rest),
    };
    let place = place.split_once('?').map_or(place, |(place, _)| place);
    if user.is_empty() { format!("{scheme}://{place}") } else { format!("{scheme}://{user}@{place}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        for (url, shown) in [
            ("postgres://paypier:s3cret@db:5432/pay?sslmode=disable", "postgres://paypier@db:5432/pay"),
            ("postgresql://paypier:s3@cret@db/pay", "postgresql://paypier@db/pay"),
            ("postgres://db/pay?user=x&password=s3cret", "postgres://db/pay"),
            ("postgres:///pay?host=/run/postgresql", "postgres:///pay"),
            ("sqlite:/var/lib/paypier.db", "sqlite:/var/lib/paypier.db"),
        ] {
            assert_eq!(url.parse::<DatabaseUrl>().unwrap().to_string(), shown);
        }
    }

    #[test]
    fn other_databases_are_refused() {
        for url in ["", "sqlite:", "mysql://x", "paypier.db"] {
            assert!(url.parse::<DatabaseUrl>().is_err(), "{url}");
        }
    }
}
