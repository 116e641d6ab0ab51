//! The simulated PSP's books.

use crate::engine::Query;
use crate::row::{Row, text};
use crate::{ReadError, Storage};
use paypier_domain::change::SimulatorRecord;
use paypier_domain::id::StoreId;
use paypier_domain::money::Currency;

/// What the simulated PSP believes it charged and gave back, minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimulatorTotal {
    pub merchant_id: String,
    pub currency: Option<Currency>,
    pub approved: i64,
    pub refunded: i64,
}

texts! {
    RECORD = "SELECT store_id, kind, record_id, version, merchant_id, currency, approved, refunded, at, document \
        FROM simulator_records WHERE store_id = ?1 AND kind = ?2 AND record_id = ?3";
    RECORDS = "SELECT store_id, kind, record_id, version, merchant_id, currency, approved, refunded, at, document \
        FROM simulator_records WHERE store_id = ?1 AND kind = ?2 AND record_id > ?3 ORDER BY record_id LIMIT ?4";
    TOTALS = "SELECT merchant_id, currency, CAST(sum(approved) AS BIGINT), CAST(sum(refunded) AS BIGINT) \
        FROM simulator_records WHERE store_id = ?1 GROUP BY merchant_id, currency ORDER BY merchant_id, currency";
    /// From one store to the next: the table may have many rows of few stores.
    STORES = "WITH RECURSIVE s (store_id) AS (SELECT (SELECT min(store_id) FROM simulator_records) \
        UNION ALL SELECT (SELECT min(r.store_id) FROM simulator_records r WHERE r.store_id > s.store_id) \
        FROM s WHERE s.store_id IS NOT NULL) SELECT store_id FROM s WHERE store_id IS NOT NULL";
}

impl Storage {
    /// One record. Its `expects` is the stored version: changed and written back, it guards itself.
    pub async fn simulator_record(
        &self,
        store: &StoreId,
        kind: &str,
        id: &str,
    ) -> Result<Option<SimulatorRecord>, ReadError> {
        self.one("simulator_records", RECORD, vec![text(store.as_str()), text(kind), text(id)], read).await
    }

    /// The records of a kind behind this id, by id.
    pub async fn simulator_records(
        &self,
        store: &StoreId,
        kind: &str,
        after_id: Option<&str>,
        limit: u32,
    ) -> Result<Vec<SimulatorRecord>, ReadError> {
        let values = vec![text(store.as_str()), text(kind), text(after_id.unwrap_or("")), limit.into()];
        let rows = self.engine.rows(Query::scan("simulator_records", RECORDS, values)).await?;
        rows.into_iter().map(read).collect()
    }

    pub async fn simulator_totals(&self, store: &StoreId) -> Result<Vec<SimulatorTotal>, ReadError> {
        let rows =
            self.engine.rows(Query::scan("simulator_records", TOTALS, vec![text(store.as_str())])).await?;
        let totals: Vec<SimulatorTotal> = rows
            .into_iter()
            .map(|mut row| {
                Ok(SimulatorTotal {
                    merchant_id: row.text("merchant_id")?,
                    currency: currency(&mut row)?,
                    approved: row.int("approved")?,
                    refunded: row.int("refunded")?,
                })
            })
            .collect::<Result<_, ReadError>>()?;
        // Settings and tokens move no money.
        Ok(totals.into_iter().filter(|total| total.approved != 0 || total.refunded != 0).collect())
    }

    pub async fn stores_with_simulator(&self) -> Result<Vec<StoreId>, ReadError> {
        let rows = self.engine.rows(Query::scan("simulator_records", STORES, Vec::new())).await?;
        rows.into_iter().map(|mut row| Ok(StoreId::known(row.text("store_id")?))).collect()
    }
}

fn currency(row: &mut Row) -> Result<Option<Currency>, ReadError> {
    row.optional_text("currency")?
        .map(|code| Currency::parse(&code).ok_or_else(|| row.broken("currency", "is no currency")))
        .transpose()
}

fn read(mut row: Row) -> Result<SimulatorRecord, ReadError> {
    let store = StoreId::known(row.text("store_id")?);
    let kind = row.text("kind")?;
    let id = row.text("record_id")?;
    let version = row.count("version")?;
    Ok(SimulatorRecord {
        store,
        kind,
        id,
        version,
        expects: Some(version),
        merchant_id: row.text("merchant_id")?,
        currency: currency(&mut row)?,
        approved: row.int("approved")?,
        refunded: row.int("refunded")?,
        at: row.at("at")?,
        document: row.text("document")?,
    })
}
