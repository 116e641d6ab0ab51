//! Billing keys, one and listed.

use super::{Page, PageAsk};
use crate::engine::Query;
use crate::query::payment::SortOrder;
use crate::row::{Row, Value, micros, text};
use crate::shape::attempt::platform_word;
use crate::shape::billing_key::{BillingKey as Shape, Named};
use crate::sql::Dialect;
use crate::{ReadError, Storage};
use jiff::Timestamp;
use paypier_domain::billing_key::BillingKey;
use paypier_domain::channel::Environment;
use paypier_domain::id::{BillingKeyId, MerchantId, StoreId};
use paypier_domain::payment::Platform;

/// The instant that a range or an order is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BillingKeyTimeField {
    #[default]
    RequestedAt,
    IssuedAt,
    DeletedAt,
    /// The time proper to the present status.
    StatusTimestamp,
}

/// The field that a prefix is looked for in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BillingKeySearch {
    CardBin,
    CardNumber,
    PgMerchantId,
    CustomerName,
    CustomerEmail,
    CustomerPhoneNumber,
    CustomerAddress,
    CustomerZipcode,
    UserAgent,
    BillingKey,
    ChannelGroupName,
}

/// What billing keys are narrowed down by; empty lists and `None` do not narrow. Keys that were
/// never issued (`Sending`, `Failed`) are listed only when `statuses` asks for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillingKeyFilter {
    pub merchant: MerchantId,
    pub store: Option<StoreId>,
    pub environment: Option<Environment>,
    pub time_field: BillingKeyTimeField,
    pub from: Timestamp,
    pub until: Timestamp,
    /// `SENDING`, `ISSUED`, `FAILED`, `DELETED`; empty means `ISSUED` and `DELETED`.
    pub statuses: Vec<String>,
    pub channel_groups: Vec<String>,
    pub customer_id: Option<String>,
    pub platform: Option<Platform>,
    /// Held at a channel of one of these.
    pub pg_providers: Vec<String>,
    /// Method kinds; a stored instrument is a `CARD`.
    pub methods: Vec<String>,
    pub search: Option<(BillingKeySearch, String)>,
    pub sort_by: BillingKeyTimeField,
    pub order: SortOrder,
}

texts! {
    BILLING_KEY = "SELECT billing_key_id, store_id, merchant_id, environment, version, body \
        FROM billing_keys WHERE billing_key_id = ?1";
}

const COLUMNS: &str = "k.billing_key_id, k.store_id, k.merchant_id, k.environment, k.version, k.body";

impl BillingKeyTimeField {
    const fn column(self) -> &'static str {
        match self {
            Self::RequestedAt => "requested_at",
            Self::IssuedAt => "issued_at",
            Self::DeletedAt => "deleted_at",
            Self::StatusTimestamp => "status_at",
        }
    }
}

impl Storage {
    pub async fn billing_key(&self, id: &BillingKeyId) -> Result<Option<BillingKey>, ReadError> {
        self.one("billing_keys", BILLING_KEY, vec![text(id.as_str())], read).await
    }

    /// A page of billing keys. There are far fewer of them than payments, so that totals are exact.
    pub async fn billing_keys(
        &self,
        filter: &BillingKeyFilter,
        page: PageAsk,
    ) -> Result<Page<BillingKey>, ReadError> {
        let stores = self.covered(&filter.merchant, filter.store.as_ref()).await?;
        if stores.is_empty() {
            return Ok(Page { items: Vec::new(), total: 0, total_is_exact: true });
        }
        let mut values: Vec<Value> = Vec::new();
        let condition = condition(filter, &stores, self.engine.dialect(), &mut values);
        let sort = filter.sort_by.column();
        let order = match filter.order {
            SortOrder::Asc => "ASC",
            SortOrder::Desc => "DESC",
        };
        let list = format!(
            "SELECT {COLUMNS} FROM billing_keys k WHERE {condition} \
             ORDER BY k.{sort} {order}, k.billing_key_id {order} LIMIT {} OFFSET {}",
            page.size,
            page.offset()
        );
        let count = format!("SELECT count(*) FROM billing_keys k WHERE {condition}");
        let rows = self.engine.rows(Query::scan("billing_keys", list, values.clone())).await?;
        let items = rows.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let total = match self.engine.row(Query::scan("billing_keys", count, values)).await? {
            Some(mut row) => row.count("count")?,
            None => 0,
        };
        Ok(Page { items, total, total_is_exact: true })
    }
}

fn condition(
    filter: &BillingKeyFilter,
    stores: &[StoreId],
    dialect: Dialect,
    values: &mut Vec<Value>,
) -> String {
    let mut bind = |value: Value| {
        values.push(value);
        format!("?{}", values.len())
    };
    let mut all = Vec::new();
    let mut any_of = |column: &str, wanted: Vec<Value>| {
        let marks: Vec<String> = wanted.into_iter().map(&mut bind).collect();
        format!("{column} IN ({})", marks.join(", "))
    };
    all.push(any_of("k.store_id", stores.iter().map(|store| text(store.as_str())).collect()));
    let statuses = if filter.statuses.is_empty() {
        vec!["ISSUED".into(), "DELETED".into()]
    } else {
        filter.statuses.iter().map(|status| text(status)).collect()
    };
    all.push(any_of("k.status", statuses));
    if !filter.channel_groups.is_empty() {
        all.push(any_of("k.channel_group_id", filter.channel_groups.iter().map(|id| text(id)).collect()));
    }
    if !filter.methods.is_empty() {
        let json = match dialect {
            Dialect::Sqlite => "",
            Dialect::Postgres => "::json",
        };
        // A card, which every key was once, is left out of the document.
        let kind = format!("coalesce(k.body{json} -> 'method' ->> 'kind', 'CARD')");
        all.push(any_of(&kind, filter.methods.iter().map(|method| text(method)).collect()));
    }
    let column = filter.time_field.column();
    let (from, until) = (bind(micros(filter.from).into()), bind(micros(filter.until).into()));
    all.push(format!("k.{column} >= {from} AND k.{column} < {until}"));
    for (column, value) in [
        ("environment", filter.environment.map(|environment| Value::from(environment.as_str()))),
        ("customer_id", filter.customer_id.as_deref().map(text)),
        ("platform", filter.platform.map(|platform| platform_word(platform).into())),
    ] {
        if let Some(value) = value {
            all.push(format!("k.{column} = {}", bind(value)));
        }
    }
    let each_holding = match dialect {
        Dialect::Sqlite => "SELECT h.value AS value FROM json_each(k.body, '$.holdings') h",
        Dialect::Postgres => "SELECT h.value AS value FROM json_array_elements(k.body::json -> 'holdings') h",
    };
    let json = match dialect {
        Dialect::Sqlite => "",
        Dialect::Postgres => "::json",
    };
    if !filter.pg_providers.is_empty() {
        let marks: Vec<String> = filter.pg_providers.iter().map(|name| bind(text(name))).collect();
        // A deleted key is held nowhere; it is found where it was, as it is shown.
        all.push(format!(
            "EXISTS (SELECT 1 FROM ({each_holding}) e WHERE (e.value -> 'state' ->> 'is' = 'HELD' \
             OR (k.status = 'DELETED' AND e.value -> 'state' ->> 'is' = 'RELEASED')) \
             AND e.value -> 'channel' ->> 'pg_provider' IN ({}))",
            marks.join(", ")
        ));
    }
    if let Some((field, prefix)) = &filter.search
        && !prefix.is_empty()
    {
        let length = prefix.chars().count();
        let mark = bind(text(prefix));
        let starts = |expression: &str| format!("substr({expression}, 1, {length}) = {mark}");
        let member = |path: &str| starts(&format!("(k.body{json} {path})"));
        let of_holding = |path: &str| {
            format!(
                "EXISTS (SELECT 1 FROM ({each_holding}) e WHERE {})",
                starts(&format!("(e.value {path})"))
            )
        };
        all.push(match field {
            BillingKeySearch::CardBin => of_holding("-> 'state' -> 'card' ->> 'bin'"),
            BillingKeySearch::CardNumber => of_holding("-> 'state' -> 'card' ->> 'masked_number'"),
            BillingKeySearch::PgMerchantId => of_holding("-> 'channel' ->> 'pg_merchant_id'"),
            BillingKeySearch::CustomerName => member("-> 'customer' ->> 'name'"),
            BillingKeySearch::CustomerEmail => member("-> 'customer' ->> 'email'"),
            BillingKeySearch::CustomerPhoneNumber => member("-> 'customer' ->> 'phone_number'"),
            BillingKeySearch::CustomerAddress => member("-> 'customer' -> 'address' ->> 'one_line'"),
            BillingKeySearch::CustomerZipcode => member("-> 'customer' ->> 'zipcode'"),
            BillingKeySearch::UserAgent => member("-> 'origin' ->> 'user_agent'"),
            BillingKeySearch::BillingKey => starts("k.billing_key_id"),
            BillingKeySearch::ChannelGroupName => member("-> 'channel_group' ->> 'name'"),
        });
    }
    all.join(" AND ")
}

fn read(mut row: Row) -> Result<BillingKey, ReadError> {
    let named = Named {
        id: BillingKeyId::known(row.text("billing_key_id")?),
        store: StoreId::known(row.text("store_id")?),
        merchant: MerchantId::known(row.text("merchant_id")?),
        environment: row.word("environment", Environment::parse)?,
        version: row.count("version")?,
    };
    let shape: Shape<'static> = row.document("body")?;
    shape.read(named).map_err(|wrong| row.broken("body", wrong.0))
}
