//! Figures for the value-added tax: what LIVE payments took and gave back, in won, by way of paying and
//! by contract with a PSP.
//!
//! By transaction, a charge belongs to the time at which it was paid and a cancellation to the time at which it
//! succeeded, as the PSP dates them. By settlement, both belong to the time at which the ledger booked
//! them, which is when their event says that money moved: there is no other word of a PSP's settlement as
//! long as no settlement file is read.

use crate::engine::Query;
use crate::row::{Row, Value, micros, text};
use crate::sql::Dialect;
use crate::{ReadError, Storage};
use jiff::Timestamp;
use paypier_domain::id::{MerchantId, StoreId};

/// Which time a figure belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VatBasis {
    Transaction,
    Settlement,
}

/// What a report covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VatFilter {
    pub basis: VatBasis,
    pub merchant: MerchantId,
    /// One store, or all of the merchant's.
    pub store: Option<StoreId>,
    /// Only these of them; empty does not narrow.
    pub stores: Vec<String>,
    /// Inclusive and exclusive.
    pub from: Timestamp,
    pub until: Timestamp,
}

/// The figures of one way of paying at one contract. Cancellations are taken off, so that they may be
/// negative. Minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VatFigures {
    /// `CARD`, `VIRTUAL_ACCOUNT`, …; of easy pay, whether a card is behind it is told beside it.
    pub method: Option<String>,
    pub is_by_card: bool,
    pub pg_provider: Option<String>,
    pub pg_merchant_id: Option<String>,
    /// What was paid, discounts taken off.
    pub total: i64,
    pub tax_free: i64,
    pub vat: i64,
}

/// What is summed up of a charge and of a cancellation. `a` is the paid attempt, `c` the cancellation.
fn parts(dialect: Dialect) -> (String, String) {
    let text = |path: &[&str]| member(dialect, "a.body", path);
    let number = |table: &str, path: &[&str]| format!("CAST({} AS BIGINT)", member(dialect, table, path));
    let of = format!(
        "p.method AS method, CASE WHEN {} IS NULL THEN 0 ELSE 1 END AS by_card, {} AS provider, {} AS contract",
        // A card that nothing is known about is an empty object, which is not null.
        whole(dialect, "a.body", &["method", "card"]),
        text(&["channel", "pg_provider"]),
        text(&["channel", "pg_merchant_id"]),
    );
    let charge = format!(
        "SELECT {of}, p.to_pay AS total, {} AS tax_free, {} AS vat",
        number("a.body", &["amounts", "tax_free"]),
        number("a.body", &["amounts", "vat"]),
    );
    let cancellation = format!(
        "SELECT {of}, -c.refund AS total, -{} AS tax_free, -{} AS vat",
        number("c.body", &["tax_free"]),
        number("c.body", &["vat"]),
    );
    (charge, cancellation)
}

/// A member of a JSON document, as text.
fn member(dialect: Dialect, document: &str, path: &[&str]) -> String {
    match dialect {
        Dialect::Sqlite => format!("json_extract({document}, '$.{}')", path.join(".")),
        Dialect::Postgres => format!("({document}::json #>> '{{{}}}')", path.join(",")),
    }
}

/// A member that may be an object; null when it is not there.
fn whole(dialect: Dialect, document: &str, path: &[&str]) -> String {
    match dialect {
        Dialect::Sqlite => format!("json_extract({document}, '$.{}')", path.join(".")),
        Dialect::Postgres => format!("({document}::json #> '{{{}}}')", path.join(",")),
    }
}

/// By transaction. A payment's status has the time of its charge as long as nothing was cancelled, and else
/// that of its latest cancellation, which neither the charge nor an earlier cancellation is after: so both are
/// found by an index on the status's time.
fn by_transaction(dialect: Dialect) -> String {
    let (charge, cancellation) = parts(dialect);
    let paid_at = format!("CAST({} AS BIGINT)", member(dialect, "a.body", &["state", "at"]));
    let cancelled_at = format!("CAST({} AS BIGINT)", member(dialect, "c.body", &["state", "at"]));
    let later = match dialect {
        Dialect::Sqlite => "max",
        Dialect::Postgres => "greatest",
    };
    let of =
        "FROM payments p JOIN attempts a ON a.store_id = p.store_id AND a.root = p.root AND a.is_paid = 1";
    let whose = "p.store_id = ?1 AND p.environment = 'LIVE' AND p.currency = 'KRW'";
    let cancelled = "p.status IN ('PARTIAL_CANCELLED', 'CANCELLED') AND p.status_at >= ?2";
    // A PSP's clock may be behind ours; a payment is not paid before it is made.
    let charged = format!("{later}({paid_at}, p.created_at)");
    format!(
        "{charge} {of} WHERE {whose} AND p.status = 'PAID' AND p.status_at >= ?2 AND p.status_at < ?3 \
         UNION ALL {charge} {of} WHERE {whose} AND {cancelled} AND {charged} >= ?2 AND {charged} < ?3 \
         UNION ALL {cancellation} {of} JOIN cancellations c ON c.store_id = p.store_id AND c.root = p.root \
         WHERE {whose} AND {cancelled} AND {} = 'SUCCEEDED' AND {cancelled_at} >= ?2 AND {cancelled_at} < ?3",
        member(dialect, "c.body", &["state", "is"]),
    )
}

/// By settlement: the events that moved money.
fn by_settlement(dialect: Dialect) -> String {
    let (charge, cancellation) = parts(dialect);
    let of = "FROM events e JOIN payments p ON p.store_id = e.store_id AND p.payment_id = e.subject \
              JOIN attempts a ON a.store_id = p.store_id AND a.root = p.root AND a.is_paid = 1";
    let whose =
        "e.store_id = ?1 AND e.at >= ?2 AND e.at < ?3 AND e.environment = 'LIVE' AND p.currency = 'KRW'";
    let id = member(dialect, "e.body", &["payment", "cancellation"]);
    format!(
        "{charge} {of} WHERE {whose} AND e.moved <> 0 AND e.moved > 0 \
         UNION ALL {cancellation} {of} JOIN cancellations c ON c.store_id = p.store_id AND c.cancellation_id = {id} \
         WHERE {whose} AND e.moved <> 0 AND e.moved < 0"
    )
}

/// The whole statement: of a store and a range, as one moment shows them.
pub(crate) fn report(basis: VatBasis, dialect: Dialect) -> String {
    let rows = match basis {
        VatBasis::Transaction => by_transaction(dialect),
        VatBasis::Settlement => by_settlement(dialect),
    };
    format!(
        "SELECT method, provider, contract, by_card, CAST(sum(total) AS TEXT), CAST(sum(tax_free) AS TEXT), \
         CAST(sum(vat) AS TEXT) FROM ({rows}) figures GROUP BY method, provider, contract, by_card \
         ORDER BY method, provider, contract, by_card"
    )
}

impl Storage {
    /// The figures of each way of paying and contract that occurs.
    pub async fn vat_figures(&self, filter: &VatFilter) -> Result<Vec<VatFigures>, ReadError> {
        let mut stores = self.covered(&filter.merchant, filter.store.as_ref()).await?;
        if !filter.stores.is_empty() {
            stores.retain(|store| filter.stores.iter().any(|wanted| wanted == store.as_str()));
        }
        let sql = report(filter.basis, self.engine.dialect());
        let reports = stores.iter().map(|store| {
            let values: Vec<Value> =
                vec![text(store.as_str()), micros(filter.from).into(), micros(filter.until).into()];
            self.engine.rows(Query::scan("payments", sql.clone(), values))
        });
        let reports = futures::future::try_join_all(reports).await?;
        reports.into_iter().flatten().map(read).collect()
    }
}

fn read(mut row: Row) -> Result<VatFigures, ReadError> {
    let (method, pg_provider, pg_merchant_id) =
        (row.optional_text("method")?, row.optional_text("provider")?, row.optional_text("contract")?);
    let is_by_card = row.flag("by_card")?;
    Ok(VatFigures {
        method,
        is_by_card,
        pg_provider,
        pg_merchant_id,
        total: sum(&mut row, "total")?,
        tax_free: sum(&mut row, "tax_free")?,
        vat: sum(&mut row, "vat")?,
    })
}

/// Sums are carried as text, because the databases sum integers up to different types.
fn sum(row: &mut Row, column: &str) -> Result<i64, ReadError> {
    let sum = row.text(column)?;
    sum.parse().map_err(|_| row.broken(column, "is no sum"))
}
