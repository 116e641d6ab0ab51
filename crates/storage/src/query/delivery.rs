//! Deliveries as records; taking due ones is the queue's work.

use crate::engine::Query;
use crate::row::{Row, text};
use crate::shape::delivery::Delivery as Shape;
use crate::{ReadError, Storage};
use paypier_domain::channel::Environment;
use paypier_domain::delivery::{Delivery, DeliveryState};
use paypier_domain::id::{StoreId, WebhookId};
use paypier_domain::payment::Status;

/// What [`read`] takes.
pub(crate) const COLUMNS: &str = "webhook_id, store_id, environment, subject, sequence, url, state, due_at, \
     created_at, status_when_sent, body";

texts! {
    DELIVERY = "SELECT webhook_id, store_id, environment, subject, sequence, url, state, due_at, \
         created_at, status_when_sent, body FROM deliveries WHERE webhook_id = ?1";
    DELIVERIES_OF = "SELECT webhook_id, store_id, environment, subject, sequence, url, state, due_at, \
         created_at, status_when_sent, body FROM deliveries WHERE store_id = ?1 AND lane = \
         coalesce((SELECT p.root FROM payments p WHERE p.store_id = ?1 AND p.payment_id = ?2), ?2) \
         ORDER BY sequence, webhook_id";
}

impl Storage {
    pub async fn delivery(&self, id: &WebhookId) -> Result<Option<Delivery>, ReadError> {
        self.one("deliveries", DELIVERY, vec![text(id.as_str())], read).await
    }

    /// The deliveries about these payments or billing keys of the store, by subject and sequence.
    pub async fn deliveries_of(
        &self,
        store: &StoreId,
        subjects: &[&str],
    ) -> Result<Vec<Delivery>, ReadError> {
        if let [subject] = subjects {
            return self
                .all("deliveries", DELIVERIES_OF, vec![text(store.as_str()), text(subject)], read)
                .await;
        }
        let mut found = Vec::new();
        for chunk in subjects.chunks(200) {
            let mut values = vec![text(store.as_str())];
            let marks: Vec<String> = chunk
                .iter()
                .map(|subject| {
                    values.push(text(subject));
                    format!("?{}", values.len())
                })
                .collect();
            let sql = format!(
                "SELECT {COLUMNS} FROM deliveries WHERE store_id = ?1 AND (lane IN ({marks}) OR lane IN \
                 (SELECT p.root FROM payments p WHERE p.store_id = ?1 AND p.payment_id IN ({marks})))",
                marks = marks.join(", ")
            );
            for row in self.engine.rows(Query::scan("deliveries", sql, values)).await? {
                found.push(read(row)?);
            }
        }
        found.sort_by(|a, b| (&a.subject, a.sequence, &a.id).cmp(&(&b.subject, b.sequence, &b.id)));
        Ok(found)
    }

    /// Deliveries whose tries are used up, the latest first.
    pub async fn dead_deliveries(&self, store: &StoreId, limit: u32) -> Result<Vec<Delivery>, ReadError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM deliveries WHERE store_id = ?1 AND state = 'DEAD' \
             ORDER BY created_at DESC, webhook_id DESC LIMIT {limit}"
        );
        let rows = self.engine.rows(Query::scan("deliveries", sql, vec![text(store.as_str())])).await?;
        rows.into_iter().map(read).collect()
    }
}

pub(crate) fn read(mut row: Row) -> Result<Delivery, ReadError> {
    let id = WebhookId::known(row.text("webhook_id")?);
    let store = StoreId::known(row.text("store_id")?);
    let environment = row.word("environment", Environment::parse)?;
    let subject = row.text("subject")?;
    let sequence = row.count("sequence")?;
    let url = row.text("url")?;
    let state = row.text("state")?;
    let due_at = row.at("due_at")?;
    let created_at = row.at("created_at")?;
    let status_when_sent = row
        .optional_text("status_when_sent")?
        .map(|word| Status::parse(&word).ok_or_else(|| row.broken("status_when_sent", "is no status")))
        .transpose()?;
    let shape: Shape<'static> = row.document("body")?;
    let parts = shape.read().map_err(|wrong| row.broken("body", wrong.0))?;
    Ok(Delivery {
        id,
        event: parts.event,
        store,
        environment,
        subject,
        sequence,
        url,
        version: parts.version,
        content_type: parts.content_type,
        body: parts.body,
        status_when_sent,
        trigger: parts.trigger,
        created_at,
        state: match state.as_str() {
            "DUE" => DeliveryState::Due { at: due_at },
            "SUCCEEDED" => DeliveryState::Succeeded,
            "DEAD" => DeliveryState::Dead,
            _ => return Err(row.broken("state", "is no state of a delivery")),
        },
        executions: parts.executions,
        manual_executions: parts.manual_executions,
        last: parts.last,
    })
}
