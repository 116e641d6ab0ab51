//! What can go wrong, each with what it means for what was asked.

use std::time::Duration;

/// Why a database could not be opened or migrated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    #[error(
        "the database has schema version {found}, this binary knows versions up to {known}; start a binary that is at least as new as the one that migrated the database"
    )]
    NewerSchema { found: u32, known: u32 },
    #[error(
        "the database has schema version {found}, this binary needs {known}; run `paypier migrate` first"
    )]
    NeedsMigration { found: u32, known: u32 },
    #[error(
        "the migration {name} was applied to this database in other words than this binary has: its schema is one that nobody has tested; start the binary that migrated it, or restore a backup and migrate that"
    )]
    EditedMigration { name: String },
    /// Events on PostgreSQL are ordered by the numbers of their transactions. In another cluster
    /// (`pg_restore`) numbering begins anew: new events would sort before old ones and be missed.
    #[error(
        "the database was restored into another PostgreSQL cluster, whose transactions are numbered lower than its events; run `paypier migrate`, which gives the events new places in their old order"
    )]
    RestoredElsewhere,
    #[error(
        "the database is damaged ({0}); nothing was changed: keep a copy of the file, restore the latest backup and run `paypier verify`"
    )]
    Corrupt(String),
    #[error("the database cannot be reached ({0}); check its address, that it runs, and who may access it")]
    Unreachable(String),
}

/// Why a change was not written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// A guard held: a version was another than expected (or a row existed that must not exist
    /// yet), or a refresh token was gone. Load and decide again.
    #[error("somebody else changed it first; load and decide again")]
    Conflict,
    /// The idempotency key belongs to an earlier request.
    #[error("the idempotency key is taken")]
    KeyTaken,
    /// A row that is inserted once exists already; the text names its table.
    #[error("a row exists already: {0}")]
    Exists(String),
    /// Too many changes wait; nothing was written.
    #[error("too many changes wait to be written; nothing was written, repeat the request")]
    Overloaded,
    /// The database cannot write now: disk full, read-only, I/O error, no connection. Nothing was
    /// written.
    #[error("the database cannot write now ({0}); nothing was written")]
    Unavailable(String),
    /// The connection was lost while committing and the outcome could not be asked for in time.
    #[error("the connection was lost while committing and the outcome is not known ({0})")]
    InDoubt(String),
    /// A bug: a constraint other than a guard refused the rows. Nothing was written.
    #[error("the rows were refused, which is a bug ({0}); nothing was written")]
    Broken(String),
}

/// Why a read gave nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    #[error("too many reads wait; repeat the request")]
    Overloaded,
    #[error("the database does not answer ({0})")]
    Unavailable(String),
    /// It looked at too much and was given up after this long.
    #[error(
        "this looks at too many rows and was given up after {0:?}; narrow the time range or add filters, so that fewer rows are looked at"
    )]
    TooExpensive(Duration),
    /// A stored row is not what this program wrote; the text names table, column and row.
    #[error("a stored row cannot be read: {0}")]
    Broken(String),
}
