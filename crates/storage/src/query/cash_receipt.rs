//! Cash receipts, one and listed.

use super::{Page, PageAsk};
use crate::engine::Query;
use crate::query::payment::SortOrder;
use crate::row::{Row, Value, micros, text};
use crate::shape::cash_receipt::{CashReceipt as Shape, Named};
use crate::{ReadError, Storage};
use jiff::Timestamp;
use paypier_domain::cash_receipt::{CashReceipt, Kind};
use paypier_domain::channel::Environment;
use paypier_domain::id::{CashReceiptId, MerchantId, PaymentId, PaymentKey, StoreId};

/// The instant that a range or an order is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReceiptTimeField {
    #[default]
    IssuedAt,
    CancelledAt,
    /// When the present status began.
    StatusUpdatedAt,
}

impl ReceiptTimeField {
    const fn column(self) -> &'static str {
        match self {
            Self::IssuedAt => "issued_at",
            Self::CancelledAt => "cancelled_at",
            Self::StatusUpdatedAt => "status_at",
        }
    }
}

/// What cash receipts are narrowed down by; empty lists and `None` do not narrow. Receipts of which
/// nobody knows whether they exist are never listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptFilter {
    pub merchant: MerchantId,
    pub store: Option<StoreId>,
    pub time_field: ReceiptTimeField,
    /// Inclusive.
    pub from: Timestamp,
    /// Exclusive.
    pub until: Timestamp,
    pub payment: Option<String>,
    pub environment: Option<Environment>,
    /// A prefix.
    pub order_name: Option<String>,
    /// `ISSUED`, `CANCELLED`, `FAILED`.
    pub statuses: Vec<String>,
    pub is_manual: Option<bool>,
    pub pg_receipt_id: Option<String>,
    pub pg_merchant_id: Option<String>,
    pub pg_providers: Vec<String>,
    pub kinds: Vec<Kind>,
    pub sort_by: ReceiptTimeField,
    pub order: SortOrder,
}

const COLUMNS: &str = "store_id, payment_id, number, receipt_id, merchant_id, environment, is_manual, kind, \
     order_name, requested_at, version, status_at, body";

texts! {
    LATEST = "SELECT store_id, payment_id, number, receipt_id, merchant_id, environment, is_manual, kind, \
        order_name, requested_at, version, status_at, body FROM cash_receipts \
        WHERE store_id = ?1 AND payment_id = ?2 ORDER BY number DESC LIMIT 1";
    SHOWN = "SELECT store_id, payment_id, number, receipt_id, merchant_id, environment, is_manual, kind, \
        order_name, requested_at, version, status_at, body FROM cash_receipts \
        WHERE store_id = ?1 AND payment_id = ?2 AND status <> 'OPEN' ORDER BY number DESC LIMIT 1";
    BY_ID = "SELECT store_id, payment_id, number, receipt_id, merchant_id, environment, is_manual, kind, \
        order_name, requested_at, version, status_at, body FROM cash_receipts \
        WHERE store_id = ?1 AND receipt_id = ?2";
    NEXT = "SELECT store_id, payment_id, number, receipt_id, merchant_id, environment, is_manual, kind, \
        order_name, requested_at, version, status_at, body FROM cash_receipts \
        WHERE (store_id, payment_id, number) > (?1, ?2, ?3) ORDER BY store_id, payment_id, number LIMIT ?4";
}

/// Payment ids that one statement asks for.
const IDS_AT_ONCE: usize = 200;

impl Storage {
    /// The latest receipt of a payment id, whether or not anybody may see it.
    pub async fn latest_cash_receipt(&self, key: &PaymentKey) -> Result<Option<CashReceipt>, ReadError> {
        self.one("cash_receipts", LATEST, vec![text(key.store.as_str()), text(key.payment.as_str())], read)
            .await
    }

    /// The latest receipt of a payment id of which it is known whether it exists.
    pub async fn shown_cash_receipt(&self, key: &PaymentKey) -> Result<Option<CashReceipt>, ReadError> {
        self.one("cash_receipts", SHOWN, vec![text(key.store.as_str()), text(key.payment.as_str())], read)
            .await
    }

    pub async fn cash_receipt(
        &self,
        store: &StoreId,
        id: &CashReceiptId,
    ) -> Result<Option<CashReceipt>, ReadError> {
        self.one("cash_receipts", BY_ID, vec![text(store.as_str()), text(id.as_str())], read).await
    }

    /// Of each of these payments of a store the latest receipt that was ever valid.
    pub async fn cash_receipts_of(
        &self,
        store: &StoreId,
        payments: &[&str],
    ) -> Result<Vec<CashReceipt>, ReadError> {
        let mut found = Vec::new();
        for chunk in payments.chunks(IDS_AT_ONCE) {
            let mut values = vec![text(store.as_str())];
            let marks: Vec<String> = chunk
                .iter()
                .map(|payment| {
                    values.push(text(payment));
                    format!("?{}", values.len())
                })
                .collect();
            let sql = format!(
                "SELECT {COLUMNS} FROM cash_receipts r WHERE store_id = ?1 AND payment_id IN ({}) \
                 AND status IN ('ISSUED', 'CANCELLED') AND number = (SELECT max(o.number) FROM cash_receipts o \
                 WHERE o.store_id = r.store_id AND o.payment_id = r.payment_id \
                 AND o.status IN ('ISSUED', 'CANCELLED')) ORDER BY payment_id",
                marks.join(", ")
            );
            for row in self.engine.rows(Query::scan("cash_receipts", sql, values)).await? {
                found.push(read(row)?);
            }
        }
        Ok(found)
    }

    /// All receipts of the database in key order, behind `after`. For `paypier verify`.
    pub async fn cash_receipts_in_key_order(
        &self,
        after: Option<&CashReceipt>,
        limit: u32,
    ) -> Result<Vec<CashReceipt>, ReadError> {
        let (store, payment, number) = after.map_or(("", "", 0), |receipt| {
            (receipt.payment.store.as_str(), receipt.payment.payment.as_str(), receipt.number)
        });
        let values = vec![text(store), text(payment), number.into(), limit.into()];
        let rows = self.engine.rows(Query::walk("cash_receipts", NEXT, values)).await?;
        rows.into_iter().map(read).collect()
    }

    /// A page of receipts. There are far fewer of them than payments, so that totals are exact.
    pub async fn cash_receipts(
        &self,
        filter: &ReceiptFilter,
        page: PageAsk,
    ) -> Result<Page<CashReceipt>, ReadError> {
        let stores = self.covered(&filter.merchant, filter.store.as_ref()).await?;
        if stores.is_empty() {
            return Ok(Page { items: Vec::new(), total: 0, total_is_exact: true });
        }
        let mut values: Vec<Value> = Vec::new();
        let condition = condition(filter, &stores, &mut values);
        let sort = filter.sort_by.column();
        // What was never issued or cancelled comes last either way, on both databases.
        let order = match filter.order {
            SortOrder::Asc => "ASC NULLS LAST",
            SortOrder::Desc => "DESC NULLS LAST",
        };
        let tie = match filter.order {
            SortOrder::Asc => "ASC",
            SortOrder::Desc => "DESC",
        };
        let list = format!(
            "SELECT {COLUMNS} FROM cash_receipts WHERE {condition} \
             ORDER BY {sort} {order}, receipt_id {tie} LIMIT {} OFFSET {}",
            page.size,
            page.offset()
        );
        let count = format!("SELECT count(*) FROM cash_receipts WHERE {condition}");
        let rows = self.engine.rows(Query::scan("cash_receipts", list, values.clone())).await?;
        let items = rows.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let total = match self.engine.row(Query::scan("cash_receipts", count, values)).await? {
            Some(mut row) => row.count("count")?,
            None => 0,
        };
        Ok(Page { items, total, total_is_exact: true })
    }
}

fn condition(filter: &ReceiptFilter, stores: &[StoreId], values: &mut Vec<Value>) -> String {
    let mut bind = |value: Value| {
        values.push(value);
        format!("?{}", values.len())
    };
    let mut all = vec!["status <> 'OPEN'".to_owned()];
    let mut any_of = |column: &str, wanted: Vec<Value>| {
        let marks: Vec<String> = wanted.into_iter().map(&mut bind).collect();
        format!("{column} IN ({})", marks.join(", "))
    };
    all.push(any_of("store_id", stores.iter().map(|store| text(store.as_str())).collect()));
    if !filter.statuses.is_empty() {
        all.push(any_of("status", filter.statuses.iter().map(|status| text(status)).collect()));
    }
    if !filter.pg_providers.is_empty() {
        all.push(any_of("pg_provider", filter.pg_providers.iter().map(|name| text(name)).collect()));
    }
    if !filter.kinds.is_empty() {
        all.push(any_of("kind", filter.kinds.iter().map(|kind| kind.as_str().into()).collect()));
    }
    let column = filter.time_field.column();
    let (from, until) = (bind(micros(filter.from).into()), bind(micros(filter.until).into()));
    all.push(format!("{column} >= {from} AND {column} < {until}"));
    for (column, value) in [
        ("payment_id", filter.payment.as_deref().map(text)),
        ("environment", filter.environment.map(|environment| environment.as_str().into())),
        ("is_manual", filter.is_manual.map(Value::from)),
        ("pg_receipt_id", filter.pg_receipt_id.as_deref().map(text)),
        ("pg_merchant_id", filter.pg_merchant_id.as_deref().map(text)),
    ] {
        if let Some(value) = value {
            all.push(format!("{column} = {}", bind(value)));
        }
    }
    if let Some(prefix) = filter.order_name.as_deref().filter(|prefix| !prefix.is_empty()) {
        let length = prefix.chars().count();
        all.push(format!("substr(order_name, 1, {length}) = {}", bind(text(prefix))));
    }
    all.join(" AND ")
}

fn read(mut row: Row) -> Result<CashReceipt, ReadError> {
    let payment = PaymentKey {
        store: StoreId::known(row.text("store_id")?),
        payment: PaymentId::known(row.text("payment_id")?),
    };
    let number = row.count("number")?;
    let named = Named {
        payment,
        number: u32::try_from(number).map_err(|_| row.broken("number", "is too large"))?,
        id: CashReceiptId::known(row.text("receipt_id")?),
        merchant: MerchantId::known(row.text("merchant_id")?),
        environment: row.word("environment", Environment::parse)?,
        is_manual: row.int("is_manual")? == 1,
        kind: row.word("kind", Kind::parse)?,
        order_name: row.text("order_name")?,
        requested_at: row.int("requested_at")?,
        version: row.count("version")?,
        status_at: row.int("status_at")?,
    };
    let shape: Shape<'static> = row.document("body")?;
    shape.read(named).map_err(|wrong| row.broken("body", wrong.0))
}
