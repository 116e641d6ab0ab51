//! Records of the books: how orders and settings are put into them and read back.

use super::books::BooksError;
use super::order::Order;
use jiff::Timestamp;
use paypier_domain::change::SimulatorRecord;
use paypier_domain::id::StoreId;
use serde::de::DeserializeOwned;

pub(super) const ORDER: &str = "order";
pub(super) const SETTINGS: &str = "settings";

pub(super) fn order_record(
    store: &StoreId,
    merchant_id: &str,
    reference: &str,
    order: &Order,
    expects: Option<u64>,
) -> Result<SimulatorRecord, BooksError> {
    Ok(SimulatorRecord {
        store: store.clone(),
        kind: ORDER.to_owned(),
        id: reference.to_owned(),
        version: expects.unwrap_or(0).saturating_add(1),
        expects,
        merchant_id: merchant_id.to_owned(),
        currency: Some(order.currency),
        approved: order.approved_amount().minor_units(),
        refunded: order.refunded_amount().minor_units(),
        at: order.created_at,
        document: document(order)?,
    })
}

pub(super) fn settings_record(
    store: &StoreId,
    id: &str,
    stored: Option<&SimulatorRecord>,
    document: String,
    now: Timestamp,
) -> SimulatorRecord {
    let expects = stored.map(|record| record.version);
    SimulatorRecord {
        store: store.clone(),
        kind: SETTINGS.to_owned(),
        id: id.to_owned(),
        version: expects.unwrap_or(0).saturating_add(1),
        expects,
        merchant_id: String::new(),
        currency: None,
        approved: 0,
        refunded: 0,
        at: now,
        document,
    }
}

pub(super) fn document(page: &impl serde::Serialize) -> Result<String, BooksError> {
    serde_json::to_string(page).map_err(|error| BooksError::Unavailable(error.to_string()))
}

pub(super) fn page<T: DeserializeOwned>(record: &SimulatorRecord) -> Result<T, BooksError> {
    serde_json::from_str(&record.document).map_err(|error| {
        let SimulatorRecord { store, kind, id, .. } = record;
        BooksError::Unavailable(format!("simulator record {store}/{kind}/{id} cannot be read: {error}"))
    })
}
