//! Payment schedules, one and listed.

use super::{Page, PageAsk};
use crate::engine::Query;
use crate::query::payment::SortOrder;
use crate::row::{Row, Value, micros, text};
use crate::shape::schedule::{Named, Schedule as Shape};
use crate::{ReadError, Storage};
use jiff::Timestamp;
use paypier_domain::channel::Environment;
use paypier_domain::id::{BillingKeyId, MerchantId, PaymentId, PaymentKey, ScheduleId, StoreId};
use paypier_domain::schedule::{Schedule, ScheduleStatus};

/// The instant that a list is ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ScheduleSortBy {
    CreatedAt,
    #[default]
    TimeToPay,
    /// What is not completed counts as older than everything that is.
    CompletedAt,
    /// The planned time, that of the try, or that of the revocation.
    StatusTimestamp,
}

/// Which schedules a list holds. Empty lists do not narrow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleFilter {
    pub merchant: MerchantId,
    pub store: Option<StoreId>,
    pub environment: Option<Environment>,
    pub billing_key: Option<String>,
    pub statuses: Vec<ScheduleStatus>,
    /// Of the time to pay: inclusive and exclusive.
    pub from: Timestamp,
    pub until: Timestamp,
    pub sort_by: ScheduleSortBy,
    pub order: SortOrder,
}

const COLUMNS: &str = "schedule_id, store_id, merchant_id, environment, payment_id, billing_key, version, \
     created_at, time_to_pay, body";

texts! {
    SCHEDULE = "SELECT schedule_id, store_id, merchant_id, environment, payment_id, billing_key, version, \
        created_at, time_to_pay, body FROM payment_schedules WHERE store_id = ?1 AND schedule_id = ?2";
    WAITING_OF_PAYMENT = "SELECT schedule_id FROM payment_schedules \
        WHERE store_id = ?1 AND payment_id = ?2 AND status = 'SCHEDULED'";
    WAITING_OF_KEY = "SELECT schedule_id, store_id, merchant_id, environment, payment_id, billing_key, version, \
        created_at, time_to_pay, body FROM payment_schedules \
        WHERE store_id = ?1 AND billing_key = ?2 AND status = 'SCHEDULED' ORDER BY time_to_pay, schedule_id";
    ONE_WAITING_OF_KEY = "SELECT schedule_id FROM payment_schedules \
        WHERE store_id = ?1 AND billing_key = ?2 AND status = 'SCHEDULED' LIMIT 1";
}

impl ScheduleSortBy {
    const fn column(self) -> &'static str {
        match self {
            Self::CreatedAt => "created_at",
            Self::TimeToPay => "time_to_pay",
            Self::CompletedAt => "completed_at",
            Self::StatusTimestamp => "status_at",
        }
    }
}

impl Storage {
    pub async fn schedule(&self, store: &StoreId, id: &ScheduleId) -> Result<Option<Schedule>, ReadError> {
        let values = vec![text(store.as_str()), text(id.as_str())];
        self.one("payment_schedules", SCHEDULE, values, read).await
    }

    /// The schedule that owns the payment id until it runs or is revoked.
    pub async fn waiting_schedule_of(&self, payment: &PaymentKey) -> Result<Option<ScheduleId>, ReadError> {
        let values = vec![text(payment.store.as_str()), text(payment.payment.as_str())];
        self.one("payment_schedules", WAITING_OF_PAYMENT, values, id).await
    }

    /// One of the schedules that wait to charge the billing key, when there is one.
    pub async fn waiting_schedule_with(
        &self,
        store: &StoreId,
        key: &BillingKeyId,
    ) -> Result<Option<ScheduleId>, ReadError> {
        let values = vec![text(store.as_str()), text(key.as_str())];
        self.one("payment_schedules", ONE_WAITING_OF_KEY, values, id).await
    }

    /// All schedules that wait to charge the billing key, by time.
    pub async fn waiting_schedules_with(
        &self,
        store: &StoreId,
        key: &BillingKeyId,
    ) -> Result<Vec<Schedule>, ReadError> {
        let values = vec![text(store.as_str()), text(key.as_str())];
        self.all("payment_schedules", WAITING_OF_KEY, values, read).await
    }

    /// A page of schedules, and how many there are.
    pub async fn schedules(
        &self,
        filter: &ScheduleFilter,
        page: PageAsk,
    ) -> Result<Page<Schedule>, ReadError> {
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
        let list = format!(
            "SELECT {COLUMNS} FROM payment_schedules WHERE {condition} \
             ORDER BY {sort} {order}, schedule_id {order} LIMIT {} OFFSET {}",
            page.size,
            page.offset()
        );
        let count = format!("SELECT count(*) FROM payment_schedules WHERE {condition}");
        let rows = self.engine.rows(Query::scan("payment_schedules", list, values.clone())).await?;
        let items = rows.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let total = match self.engine.row(Query::scan("payment_schedules", count, values)).await? {
            Some(mut row) => row.count("count")?,
            None => 0,
        };
        Ok(Page { items, total, total_is_exact: true })
    }

    /// Schedules in the order of their keys, for whoever looks at all of them.
    pub async fn schedules_in_key_order(
        &self,
        after: Option<(&StoreId, &ScheduleId)>,
        limit: u32,
    ) -> Result<Vec<Schedule>, ReadError> {
        let (behind, values) = match after {
            None => ("", Vec::new()),
            Some((store, id)) => {
                (" WHERE (store_id, schedule_id) > (?1, ?2)", vec![text(store.as_str()), text(id.as_str())])
            }
        };
        let sql = format!(
            "SELECT {COLUMNS} FROM payment_schedules{behind} ORDER BY store_id, schedule_id LIMIT {limit}"
        );
        let rows = self.engine.rows(Query::walk("payment_schedules", sql, values)).await?;
        rows.into_iter().map(read).collect()
    }
}

fn condition(filter: &ScheduleFilter, stores: &[StoreId], values: &mut Vec<Value>) -> String {
    let mut bind = |value: Value| {
        values.push(value);
        format!("?{}", values.len())
    };
    let mut any_of = |column: &str, wanted: Vec<Value>| {
        let marks: Vec<String> = wanted.into_iter().map(&mut bind).collect();
        format!("{column} IN ({})", marks.join(", "))
    };
    let mut all = vec![any_of("store_id", stores.iter().map(|store| text(store.as_str())).collect())];
    if !filter.statuses.is_empty() {
        all.push(any_of("status", filter.statuses.iter().map(|status| status.as_str().into()).collect()));
    }
    if let Some(key) = &filter.billing_key {
        all.push(format!("billing_key = {}", bind(text(key))));
    }
    if let Some(environment) = filter.environment {
        all.push(format!("environment = {}", bind(environment.as_str().into())));
    }
    let (from, until) = (bind(micros(filter.from).into()), bind(micros(filter.until).into()));
    all.push(format!("time_to_pay >= {from} AND time_to_pay < {until}"));
    all.join(" AND ")
}

fn id(mut row: Row) -> Result<ScheduleId, ReadError> {
    Ok(ScheduleId::known(row.text("schedule_id")?))
}

fn read(mut row: Row) -> Result<Schedule, ReadError> {
    let id = ScheduleId::known(row.text("schedule_id")?);
    let store = StoreId::known(row.text("store_id")?);
    let merchant = MerchantId::known(row.text("merchant_id")?);
    let environment = row.word("environment", Environment::parse)?;
    let named = Named {
        id,
        payment: PaymentKey { store, payment: PaymentId::known(row.text("payment_id")?) },
        merchant,
        environment,
        billing_key: BillingKeyId::known(row.text("billing_key")?),
        version: row.count("version")?,
        created_at: row.at("created_at")?,
        time_to_pay: row.at("time_to_pay")?,
    };
    let shape: Shape<'static> = row.document("body")?;
    shape.read(named).map_err(|wrong| row.broken("body", wrong.0))
}
