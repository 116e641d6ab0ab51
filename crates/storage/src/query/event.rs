//! Events: the history of a payment, the walk by cursor, and the live listener.

use crate::engine::Query;
use crate::row::{Row, Value, text};
use crate::shape::event::Event as Shape;
use crate::sql::Dialect;
use crate::{Cursor, CursorError, CursorRange, ReadError, Storage};
use paypier_domain::change::Notify;
use paypier_domain::channel::Environment;
use paypier_domain::delivery::Delivery;
use paypier_domain::event::Event;
use paypier_domain::id::{EventId, MerchantId, PaymentKey, StoreId};

/// An event as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    pub event: Event,
    /// Whether the merchant was told.
    pub notify: Notify,
}

/// A place in the order in which events were committed. Not comparable between databases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventPosition {
    pub(crate) position: i64,
    pub(crate) id: String,
}

/// Before all events. What came from another database has places below zero on PostgreSQL.
impl Default for EventPosition {
    fn default() -> Self {
        Self { position: i64::MIN, id: String::new() }
    }
}

/// Marks a cursor as a place among events, where other cursors have a store.
const AMONG_EVENTS: &str = "event";

/// Opaque text, as other cursors.
impl std::fmt::Display for EventPosition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Cursor { at: self.position, store: AMONG_EVENTS.to_owned(), id: self.id.clone() }.fmt(f)
    }
}

impl std::str::FromStr for EventPosition {
    type Err = CursorError;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        let cursor: Cursor = text.parse()?;
        if cursor.store != AMONG_EVENTS {
            return Err(CursorError);
        }
        Ok(Self { position: cursor.at, id: cursor.id })
    }
}

/// An event and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PositionedEvent {
    pub position: EventPosition,
    pub stored: StoredEvent,
}

const COLUMNS: &str =
    "event_id, merchant_id, store_id, environment, subject, sequence, at, moved, notify, body";

texts! {
    EVENTS_OF = "SELECT event_id, merchant_id, store_id, environment, subject, sequence, at, moved, notify, body \
         FROM events WHERE store_id = ?1 AND lane = \
         coalesce((SELECT p.root FROM payments p WHERE p.store_id = ?1 AND p.payment_id = ?2), ?2) \
         AND sequence IS NOT NULL ORDER BY sequence";
    EVENT_OF_DELIVERY = "SELECT event_id, merchant_id, store_id, environment, subject, sequence, at, moved, \
         notify, body FROM events WHERE store_id = ?1 AND lane = \
         coalesce((SELECT p.root FROM payments p WHERE p.store_id = ?1 AND p.payment_id = ?2), ?2) \
         AND event_id = ?3 LIMIT 1";
}

impl Storage {
    /// The payment's events, in order.
    pub async fn events_of(&self, key: &PaymentKey) -> Result<Vec<StoredEvent>, ReadError> {
        let values = vec![text(key.store.as_str()), text(key.payment.as_str())];
        self.all("events", EVENTS_OF, values, |mut row| read(&mut row)).await
    }

    /// The event that a delivery tells of.
    pub async fn event_of(&self, delivery: &Delivery) -> Result<Option<StoredEvent>, ReadError> {
        let values =
            vec![text(delivery.store.as_str()), text(&delivery.subject), text(delivery.event.as_str())];
        self.one("events", EVENT_OF_DELIVERY, values, |mut row| read(&mut row)).await
    }

    /// Events that moved money (paid, partly cancelled, cancelled), ascending by time.
    pub async fn payment_events_after(
        &self,
        range: &CursorRange,
    ) -> Result<Vec<(Cursor, StoredEvent)>, ReadError> {
        let stores = self.covered(&range.merchant, range.store.as_ref()).await?;
        let walks = stores.iter().map(|store| async move {
            let select = format!("SELECT {COLUMNS} FROM events WHERE moved <> 0 AND store_id = ?1");
            let (sql, values) = super::cursor_walk(range, store, &select, ("at", "event_id"));
            self.engine.rows(Query::scan("events", sql, values)).await
        });
        let mut found: Vec<(Cursor, StoredEvent)> = Vec::new();
        for mut row in futures::future::try_join_all(walks).await?.into_iter().flatten() {
            let stored = read(&mut row)?;
            let cursor = Cursor {
                at: crate::row::micros(stored.event.at),
                store: stored.event.store.as_str().to_owned(),
                id: stored.event.id.as_str().to_owned(),
            };
            found.push((cursor, stored));
        }
        found.sort_by(|(a, _), (b, _)| (a.at, &a.store, &a.id).cmp(&(b.at, &b.store, &b.id)));
        found.truncate(usize::try_from(range.limit).unwrap_or(usize::MAX));
        Ok(found)
    }

    /// All events behind `after`, in the order of commit. No event is ever skipped: on SQLite
    /// positions are given by the only writer; on PostgreSQL a position is the transaction's number,
    /// and events show up once every transaction with a smaller number has ended.
    pub async fn events_after(
        &self,
        merchant: &MerchantId,
        store: Option<&StoreId>,
        after: &EventPosition,
        limit: u32,
    ) -> Result<Vec<PositionedEvent>, ReadError> {
        let mut values: Vec<Value> = vec![after.position.into(), text(merchant.as_str())];
        let behind = match self.engine.dialect() {
            Dialect::Sqlite => "position > ?1".to_owned(),
            Dialect::Postgres => {
                values.push(text(&after.id));
                format!("(position, event_id) > (?1, ?3) AND {ENDED}")
            }
        };
        let of_store = store.map_or_else(String::new, |store| {
            values.push(text(store.as_str()));
            format!(" AND store_id = ?{}", values.len())
        });
        let sql = format!(
            "SELECT position, {COLUMNS} FROM events WHERE {behind} AND merchant_id = ?2{of_store} \
             ORDER BY position, event_id LIMIT {limit}"
        );
        let rows = self.engine.rows(Query::scan("events", sql, values)).await?;
        rows.into_iter()
            .map(|mut row| {
                let position = row.int("position")?;
                let stored = read(&mut row)?;
                let id = stored.event.id.as_str().to_owned();
                Ok(PositionedEvent { position: EventPosition { position, id }, stored })
            })
            .collect()
    }

    /// The place behind everything that is committed now: where a live listener begins.
    pub async fn events_end(&self) -> Result<EventPosition, ReadError> {
        let visible = match self.engine.dialect() {
            Dialect::Sqlite => String::new(),
            Dialect::Postgres => format!(" WHERE {ENDED}"),
        };
        let sql = format!(
            "SELECT position, event_id FROM events{visible} ORDER BY position DESC, event_id DESC LIMIT 1"
        );
        match self.engine.row(Query::scan("events", sql, Vec::new())).await? {
            Some(mut row) => Ok(EventPosition { position: row.int("position")?, id: row.text("event_id")? }),
            None => Ok(EventPosition::default()),
        }
    }
}

/// Written by a transaction that ended before every transaction that still runs began.
const ENDED: &str = "position < pg_snapshot_xmin(pg_current_snapshot())::text::bigint";

fn read(row: &mut Row) -> Result<StoredEvent, ReadError> {
    let id = EventId::known(row.text("event_id")?);
    let merchant = MerchantId::known(row.text("merchant_id")?);
    let store = StoreId::known(row.text("store_id")?);
    let environment = row.word("environment", Environment::parse)?;
    let subject = row.text("subject")?;
    let sequence = row
        .optional_int("sequence")?
        .map(|sequence| u64::try_from(sequence).map_err(|_| row.broken("sequence", "is negative")))
        .transpose()?;
    let at = row.at("at")?;
    let moved = row.int("moved")?;
    let notify = Notify::unless(!row.flag("notify")?);
    let shape: Shape<'static> = row.document("body")?;
    let trigger = shape.trigger().map_err(|wrong| row.broken("body", wrong.0))?;
    let subject =
        shape.read(store.clone(), subject, sequence, moved).map_err(|wrong| row.broken("body", wrong.0))?;
    Ok(StoredEvent { event: Event { id, merchant, store, environment, at, trigger, subject }, notify })
}
