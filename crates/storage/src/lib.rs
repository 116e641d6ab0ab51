//! The only SQL: one way to write, indexed reads, and the queue, on SQLite and PostgreSQL.
//!
//! Owns tables, statements, migrations, connections and what a stored row looks like. Leaves to
//! others what to write: a [`paypier_domain::change::Change`] is decided elsewhere and arrives here
//! as data. What always holds: a change is written whole or not at all, its guards are part of the
//! write itself, `Ok` from [`Storage::commit`] means durable, and a read never waits for a writer.

mod backup;
#[doc(hidden)]
pub mod bare;
mod cursor;
mod engine;
mod error;
mod migrate;
mod options;
mod plan;
mod pressure;
pub mod query;
mod queue;
mod row;
mod shape;
mod sql;
pub mod transfer;

pub use backup::{BackupReport, backup};
pub use cursor::{Cursor, CursorError, CursorRange};
pub use error::{CommitError, OpenError, ReadError};
pub use migrate::{MigrationReport, migrate, migrate_up_to};
pub use options::{DatabaseUrl, DatabaseUrlError, Faults, Interference, Options, Pause};
pub use query::account::Digest;
pub use query::billing_key::{BillingKeyFilter, BillingKeySearch, BillingKeyTimeField};
pub use query::cash_receipt::{ReceiptFilter, ReceiptTimeField};
pub use query::claim::StoredClaim;
pub use query::event::{EventPosition, PositionedEvent, StoredEvent};
pub use query::identity_verification::{VerificationFilter, VerificationTimeField};
pub use query::paying::{
    BulkPayoutFilter, ByStatus, MovementFilter, MovementsFilter, PartnerBook, PayingRange, PayingTime,
    PayoutFilter, SettlementFilter,
};
pub use query::payment::{
    CashReceiptFilter, GuardColumns, GuardedPayment, PaymentFilter, SearchField, SortBy, SortOrder,
    TextSearch, TimeField, WebhookStatus,
};
pub use query::platform::{PartnerFilter, PartnerText, RuleFilter};
pub use query::schedule::{ScheduleFilter, ScheduleSortBy};
pub use query::simulator::SimulatorTotal;
pub use query::transfer_filter::{TransferDay, TransferFilter, TransferKeyword, TransferPlace};
#[doc(hidden)]
pub use query::transfer_list::Rare;
pub use query::unknown::UnknownOutcome;
pub use query::vat::{VatBasis, VatFigures, VatFilter};
pub use query::verify::{Comparison, PostingImbalance, Receivable, SequenceGap, SettlementGap, StoredEntry};
pub use query::{Page, PageAsk};

use engine::Engine;
use paypier_domain::change::Change;
use std::sync::Arc;
use std::time::Duration;

/// A database that is open. Cheap to clone; all clones share connections, queue and writer.
#[derive(Clone)]
pub struct Storage {
    engine: Arc<Engine>,
}

impl std::fmt::Debug for Storage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Storage({})", self.engine.word())
    }
}

impl Storage {
    /// Opens a database that [`migrate`] has prepared.
    ///
    /// # Errors
    /// See [`OpenError`]; each says what to do next.
    pub async fn open(options: Options) -> Result<Self, OpenError> {
        Ok(Self { engine: Arc::new(Engine::open(options).await?) })
    }

    /// Writes a change, all of it or nothing. `Ok` means that it is durable.
    ///
    /// A caller that stops waiting has not stopped the write.
    ///
    /// # Errors
    /// See [`CommitError`]. Only [`CommitError::InDoubt`] leaves open whether it was written.
    pub async fn commit(&self, change: Change) -> Result<(), CommitError> {
        self.engine.commit(change).await
    }

    /// For how long a change that is handed over now will at least wait in line; zero when there is no
    /// line. Whoever refuses work early asks this before it begins.
    pub fn standing_wait(&self) -> Duration {
        self.engine.standing_wait()
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn ping(&self) -> Result<(), ReadError> {
        self.engine.ping().await
    }

    /// `sqlite` or `postgres`.
    pub fn engine_word(&self) -> &'static str {
        self.engine.word()
    }
}
