//! Identity verifications, one and listed.

use super::{Page, PageAsk};
use crate::engine::Query;
use crate::query::payment::SortOrder;
use crate::row::{Row, Value, micros, text};
use crate::shape::identity_verification::{IdentityVerification as Shape, Named};
use crate::{ReadError, Storage};
use jiff::Timestamp;
use paypier_domain::channel::Environment;
use paypier_domain::id::{IdentityVerificationId, IdentityVerificationTxId, MerchantId, StoreId};
use paypier_domain::identity_verification::{IdentityVerification, Origin, VerificationKey};

/// The instant that a range or an order is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum VerificationTimeField {
    #[default]
    RequestedAt,
    VerifiedAt,
    FailedAt,
    /// When the present status began.
    StatusUpdatedAt,
}

impl VerificationTimeField {
    const fn column(self) -> &'static str {
        match self {
            Self::RequestedAt => "requested_at",
            Self::VerifiedAt => "verified_at",
            Self::FailedAt => "failed_at",
            Self::StatusUpdatedAt => "status_at",
        }
    }
}

/// What verifications are narrowed down by; empty lists and `None` do not narrow. Of an id its latest
/// attempt is listed, or else the one that is named.
#[derive(Clone, PartialEq, Eq)]
pub struct VerificationFilter {
    pub merchant: MerchantId,
    pub store: Option<StoreId>,
    pub time_field: VerificationTimeField,
    /// Inclusive.
    pub from: Timestamp,
    /// Exclusive.
    pub until: Timestamp,
    pub id: Option<String>,
    pub tx: Option<String>,
    pub environment: Option<Environment>,
    /// `READY`, `VERIFIED`, `FAILED`.
    pub statuses: Vec<String>,
    pub pg_tx_id: Option<String>,
    pub pg_merchant_id: Option<String>,
    pub pg_providers: Vec<String>,
    pub carriers: Vec<String>,
    pub name: Option<String>,
    pub birth_year: Option<String>,
    pub birth_month: Option<String>,
    pub birth_day: Option<String>,
    pub phone_number: Option<String>,
    pub gender: Option<String>,
    pub sort_by: VerificationTimeField,
    pub order: SortOrder,
}

impl std::fmt::Debug for VerificationFilter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VerificationFilter({} from {} until {}, ..)", self.merchant, self.from, self.until)
    }
}

const COLUMNS: &str = "store_id, verification_id, number, tx_id, merchant_id, environment, origin, \
     requested_at, version, pg_tx_id, status_at, updated_at, sealed, body";

texts! {
    LATEST = "SELECT store_id, verification_id, number, tx_id, merchant_id, environment, origin, \
        requested_at, version, pg_tx_id, status_at, updated_at, sealed, body FROM identity_verifications \
        WHERE store_id = ?1 AND verification_id = ?2 ORDER BY number DESC LIMIT 1";
    BY_TX = "SELECT store_id, verification_id, number, tx_id, merchant_id, environment, origin, \
        requested_at, version, pg_tx_id, status_at, updated_at, sealed, body FROM identity_verifications \
        WHERE store_id = ?1 AND tx_id = ?2";
    SEALED = "SELECT store_id, verification_id, number, tx_id, merchant_id, environment, origin, \
        requested_at, version, pg_tx_id, status_at, updated_at, sealed, body FROM identity_verifications \
        WHERE store_id = ?1 AND sealed IS NOT NULL AND (verification_id, number) > (?2, ?3) \
        ORDER BY verification_id, number LIMIT ?4";
    NEXT_OPEN = "SELECT store_id, verification_id, number, tx_id, merchant_id, environment, origin, \
        requested_at, version, pg_tx_id, status_at, updated_at, sealed, body FROM identity_verifications \
        WHERE is_open = 1 AND (store_id, verification_id, number) > (?1, ?2, ?3) \
        ORDER BY store_id, verification_id, number LIMIT ?4";
}

impl Storage {
    /// The latest attempt under an id; when one ever succeeded, that one.
    pub async fn identity_verification(
        &self,
        key: &VerificationKey,
    ) -> Result<Option<IdentityVerification>, ReadError> {
        let values = vec![text(key.store.as_str()), text(key.id.as_str())];
        self.one("identity_verifications", LATEST, values, read).await
    }

    pub async fn identity_verification_attempt(
        &self,
        store: &StoreId,
        tx: &IdentityVerificationTxId,
    ) -> Result<Option<IdentityVerification>, ReadError> {
        let values = vec![text(store.as_str()), text(tx.as_str())];
        self.one("identity_verifications", BY_TX, values, read).await
    }

    /// Attempts of a store that hold something sealed, in key order behind `after`.
    pub async fn sealed_identity_verifications(
        &self,
        store: &StoreId,
        after: Option<&IdentityVerification>,
        limit: u32,
    ) -> Result<Vec<IdentityVerification>, ReadError> {
        let (id, number) = after.map_or(("", 0), |after| (after.key.id.as_str(), after.number));
        let values = vec![text(store.as_str()), text(id), number.into(), limit.into()];
        let rows = self.engine.rows(Query::walk("identity_verifications", SEALED, values)).await?;
        rows.into_iter().map(read).collect()
    }

    /// All attempts of the database that have not ended, in key order behind `after`. For `paypier verify`.
    pub async fn open_identity_verifications(
        &self,
        after: Option<&IdentityVerification>,
        limit: u32,
    ) -> Result<Vec<IdentityVerification>, ReadError> {
        let (store, id, number) = after
            .map_or(("", "", 0), |after| (after.key.store.as_str(), after.key.id.as_str(), after.number));
        let values = vec![text(store), text(id), number.into(), limit.into()];
        let rows = self.engine.rows(Query::walk("identity_verifications", NEXT_OPEN, values)).await?;
        rows.into_iter().map(read).collect()
    }

    /// A page of verifications. There are far fewer of them than payments, so that totals are exact.
    pub async fn identity_verifications(
        &self,
        filter: &VerificationFilter,
        page: PageAsk,
    ) -> Result<Page<IdentityVerification>, ReadError> {
        let stores = self.covered(&filter.merchant, filter.store.as_ref()).await?;
        if stores.is_empty() {
            return Ok(Page { items: Vec::new(), total: 0, total_is_exact: true });
        }
        let mut values: Vec<Value> = Vec::new();
        let condition = condition(filter, &stores, &mut values);
        let sort = filter.sort_by.column();
        let order = match filter.order {
            SortOrder::Asc => "ASC",
            SortOrder::Desc => "DESC",
        };
        // What never happened comes last either way, on both databases.
        let list = format!(
            "SELECT {COLUMNS} FROM identity_verifications v WHERE {condition} \
             ORDER BY {sort} {order} NULLS LAST, tx_id {order} LIMIT {} OFFSET {}",
            page.size,
            page.offset()
        );
        let count = format!("SELECT count(*) FROM identity_verifications v WHERE {condition}");
        let rows = self.engine.rows(Query::scan("identity_verifications", list, values.clone())).await?;
        let items = rows.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let total = match self.engine.row(Query::scan("identity_verifications", count, values)).await? {
            Some(mut row) => row.count("count")?,
            None => 0,
        };
        Ok(Page { items, total, total_is_exact: true })
    }
}

fn condition(filter: &VerificationFilter, stores: &[StoreId], values: &mut Vec<Value>) -> String {
    let mut bind = |value: Value| {
        values.push(value);
        format!("?{}", values.len())
    };
    let mut all = Vec::new();
    if filter.tx.is_none() {
        all.push(
            "number = (SELECT max(o.number) FROM identity_verifications o WHERE o.store_id = v.store_id \
             AND o.verification_id = v.verification_id)"
                .to_owned(),
        );
    }
    let mut any_of = |column: &str, wanted: Vec<Value>| {
        let marks: Vec<String> = wanted.into_iter().map(&mut bind).collect();
        format!("{column} IN ({})", marks.join(", "))
    };
    all.push(any_of("store_id", stores.iter().map(|store| text(store.as_str())).collect()));
    for (column, wanted) in
        [("status", &filter.statuses), ("pg_provider", &filter.pg_providers), ("carrier", &filter.carriers)]
    {
        if !wanted.is_empty() {
            all.push(any_of(column, wanted.iter().map(|word| text(word)).collect()));
        }
    }
    let column = filter.time_field.column();
    let (from, until) = (bind(micros(filter.from).into()), bind(micros(filter.until).into()));
    all.push(format!("{column} >= {from} AND {column} < {until}"));
    for (column, value) in [
        ("verification_id", filter.id.as_deref()),
        ("tx_id", filter.tx.as_deref()),
        ("environment", filter.environment.map(Environment::as_str)),
        ("pg_tx_id", filter.pg_tx_id.as_deref()),
        ("pg_merchant_id", filter.pg_merchant_id.as_deref()),
        ("name", filter.name.as_deref()),
        ("birth_year", filter.birth_year.as_deref()),
        ("birth_month", filter.birth_month.as_deref()),
        ("birth_day", filter.birth_day.as_deref()),
        ("phone_number", filter.phone_number.as_deref()),
        ("gender", filter.gender.as_deref()),
    ] {
        if let Some(value) = value {
            all.push(format!("{column} = {}", bind(text(value))));
        }
    }
    all.join(" AND ")
}

fn read(mut row: Row) -> Result<IdentityVerification, ReadError> {
    let key = VerificationKey {
        store: StoreId::known(row.text("store_id")?),
        id: IdentityVerificationId::known(row.text("verification_id")?),
    };
    let number = row.count("number")?;
    let named = Named {
        key,
        number: u32::try_from(number).map_err(|_| row.broken("number", "is too large"))?,
        tx: IdentityVerificationTxId::known(row.text("tx_id")?),
        merchant: MerchantId::known(row.text("merchant_id")?),
        environment: row.word("environment", Environment::parse)?,
        origin: row.word("origin", Origin::parse)?,
        requested_at: row.int("requested_at")?,
        version: row.count("version")?,
        pg_tx_id: row.optional_text("pg_tx_id")?,
        status_at: row.int("status_at")?,
        updated_at: row.int("updated_at")?,
        sealed: row.optional_blob("sealed")?,
    };
    let shape: Shape<'static> = row.document("body")?;
    shape.read(named).map_err(|wrong| row.broken("body", wrong.0))
}
