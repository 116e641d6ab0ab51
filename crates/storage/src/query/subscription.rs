//! Plans, subscriptions and deductions.

use crate::engine::Query;
use crate::row::{Row, text};
use crate::shape::subscription::{Columns, Plan as PlanShape, PlanColumns, Subscription as Shape};
use crate::{ReadError, Storage};
use paypier_domain::channel::Environment;
use paypier_domain::id::{MerchantId, PaymentId, PaymentKey, PlanRef, StoreId, SubscriptionRef};
use paypier_domain::money::Amount;
use paypier_domain::subscription::{Deduction, DeductionState, Plan, Slot, Subscription};

const COLUMNS: &str = "store_id, subscription_ref, merchant_id, environment, merchant_ref, plan_ref, \
     version, created_at, expires_at, collected_amount, collected_count, body";

texts! {
    PLAN = "SELECT store_id, plan_ref, merchant_id, environment, merchant_ref, version, created_at, \
        cancelled_at, body FROM subscription_plans WHERE store_id = ?1 AND plan_ref = ?2";
    PLAN_BY_MERCHANT_REF = "SELECT store_id, plan_ref, merchant_id, environment, merchant_ref, version, \
        created_at, cancelled_at, body FROM subscription_plans \
        WHERE store_id = ?1 AND environment = ?2 AND merchant_ref = ?3";
    SUBSCRIPTION = "SELECT store_id, subscription_ref, merchant_id, environment, merchant_ref, plan_ref, \
        version, created_at, expires_at, collected_amount, collected_count, body \
        FROM subscriptions WHERE store_id = ?1 AND subscription_ref = ?2";
    SUBSCRIPTION_BY_REF = "SELECT store_id, subscription_ref, merchant_id, environment, merchant_ref, \
        plan_ref, version, created_at, expires_at, collected_amount, collected_count, body \
        FROM subscriptions WHERE subscription_ref = ?1";
    SUBSCRIPTION_BY_MERCHANT_REF = "SELECT store_id, subscription_ref, merchant_id, environment, \
        merchant_ref, plan_ref, version, created_at, expires_at, collected_amount, collected_count, body \
        FROM subscriptions WHERE store_id = ?1 AND environment = ?2 AND merchant_ref = ?3";
    DEDUCTION_OF_PAYMENT = "SELECT store_id, subscription_ref, number, environment, payment_id, slot, kind, \
        amount, created_at, status, ended_at, is_last FROM subscription_deductions \
        WHERE store_id = ?1 AND payment_id = ?2";
    DEDUCTIONS = "SELECT store_id, subscription_ref, number, environment, payment_id, slot, kind, \
        amount, created_at, status, ended_at, is_last FROM subscription_deductions \
        WHERE store_id = ?1 AND subscription_ref = ?2 ORDER BY number LIMIT ?3";
    GOING_DEDUCTION = "SELECT payment_id FROM subscription_deductions \
        WHERE store_id = ?1 AND subscription_ref = ?2 AND status = 'GOING' LIMIT 1";
}

impl Storage {
    pub async fn plan(&self, store: &StoreId, reference: &PlanRef) -> Result<Option<Plan>, ReadError> {
        let values = vec![text(store.as_str()), text(reference.as_str())];
        self.one("subscription_plans", PLAN, values, plan).await
    }

    /// The plan that the merchant calls so.
    pub async fn plan_by_merchant_ref(
        &self,
        store: &StoreId,
        environment: Environment,
        reference: &str,
    ) -> Result<Option<Plan>, ReadError> {
        let values = vec![text(store.as_str()), environment.as_str().into(), text(reference)];
        self.one("subscription_plans", PLAN_BY_MERCHANT_REF, values, plan).await
    }

    pub async fn subscription(
        &self,
        store: &StoreId,
        reference: &SubscriptionRef,
    ) -> Result<Option<Subscription>, ReadError> {
        let values = vec![text(store.as_str()), text(reference.as_str())];
        self.one("subscriptions", SUBSCRIPTION, values, subscription).await
    }

    /// Whatever its store: for customers, whose browsers know no more than this.
    pub async fn subscription_by_reference(
        &self,
        reference: &SubscriptionRef,
    ) -> Result<Option<Subscription>, ReadError> {
        self.one("subscriptions", SUBSCRIPTION_BY_REF, vec![text(reference.as_str())], subscription).await
    }

    /// Subscriptions in the order of their keys, for whoever looks at all of them.
    pub async fn subscriptions_in_key_order(
        &self,
        after: Option<(&StoreId, &SubscriptionRef)>,
        limit: u32,
    ) -> Result<Vec<Subscription>, ReadError> {
        let (behind, values) = match after {
            None => ("", Vec::new()),
            Some((store, reference)) => (
                " WHERE (store_id, subscription_ref) > (?1, ?2)",
                vec![text(store.as_str()), text(reference.as_str())],
            ),
        };
        let sql = format!(
            "SELECT {COLUMNS} FROM subscriptions{behind} ORDER BY store_id, subscription_ref LIMIT {limit}"
        );
        let rows = self.engine.rows(Query::walk("subscriptions", sql, values)).await?;
        rows.into_iter().map(subscription).collect()
    }

    /// The subscription that the merchant calls so.
    pub async fn subscription_by_merchant_ref(
        &self,
        store: &StoreId,
        environment: Environment,
        reference: &str,
    ) -> Result<Option<Subscription>, ReadError> {
        let values = vec![text(store.as_str()), environment.as_str().into(), text(reference)];
        self.one("subscriptions", SUBSCRIPTION_BY_MERCHANT_REF, values, subscription).await
    }

    /// The deduction that this payment is, when it is one.
    pub async fn deduction_of(&self, payment: &PaymentKey) -> Result<Option<Deduction>, ReadError> {
        let values = vec![text(payment.store.as_str()), text(payment.payment.as_str())];
        self.one("subscription_deductions", DEDUCTION_OF_PAYMENT, values, deduction).await
    }

    /// The first deductions of a subscription, failed ones included, in the order in which they were made.
    pub async fn deductions_of(
        &self,
        store: &StoreId,
        reference: &SubscriptionRef,
        limit: u32,
    ) -> Result<Vec<Deduction>, ReadError> {
        let values = vec![text(store.as_str()), text(reference.as_str()), limit.into()];
        self.all("subscription_deductions", DEDUCTIONS, values, deduction).await
    }

    /// Whether a deduction of the subscription is under way.
    pub async fn is_being_deducted(
        &self,
        store: &StoreId,
        reference: &SubscriptionRef,
    ) -> Result<bool, ReadError> {
        let values = vec![text(store.as_str()), text(reference.as_str())];
        let going = self
            .one("subscription_deductions", GOING_DEDUCTION, values, |mut row| row.text("payment_id"))
            .await?;
        Ok(going.is_some())
    }
}

fn plan(mut row: Row) -> Result<Plan, ReadError> {
    let columns = PlanColumns {
        store: StoreId::known(row.text("store_id")?),
        reference: PlanRef::known(row.text("plan_ref")?),
        merchant: MerchantId::known(row.text("merchant_id")?),
        environment: row.word("environment", Environment::parse)?,
        merchant_ref: row.text("merchant_ref")?,
        version: row.count("version")?,
        created_at: row.at("created_at")?,
        cancelled_at: row.optional_at("cancelled_at")?,
    };
    let shape: PlanShape<'static> = row.document("body")?;
    shape.read(columns).map_err(|wrong| row.broken("body", wrong.0))
}

fn money(row: &mut Row, column: &'static str) -> Result<Amount, ReadError> {
    let units = row.int(column)?;
    Amount::new(units).map_err(|wrong| row.broken(column, &wrong.to_string()))
}

fn subscription(mut row: Row) -> Result<Subscription, ReadError> {
    let columns = Columns {
        store: StoreId::known(row.text("store_id")?),
        reference: SubscriptionRef::known(row.text("subscription_ref")?),
        merchant: MerchantId::known(row.text("merchant_id")?),
        environment: row.word("environment", Environment::parse)?,
        merchant_ref: row.text("merchant_ref")?,
        plan: PlanRef::known(row.text("plan_ref")?),
        version: row.count("version")?,
        created_at: row.at("created_at")?,
        expires_at: row.at("expires_at")?,
        collected_amount: money(&mut row, "collected_amount")?,
        collected_count: row.small("collected_count")?,
    };
    let shape: Shape<'static> = row.document("body")?;
    shape.read(columns).map_err(|wrong| row.broken("body", wrong.0))
}

fn deduction(mut row: Row) -> Result<Deduction, ReadError> {
    let store = StoreId::known(row.text("store_id")?);
    let subscription = SubscriptionRef::known(row.text("subscription_ref")?);
    let number = row.count("number")?;
    let environment = row.word("environment", Environment::parse)?;
    let payment = PaymentId::known(row.text("payment_id")?);
    let place = row.optional_int("slot")?.map(u32::try_from).transpose();
    let place = place.map_err(|_| row.broken("slot", "no number of a slot"))?;
    let kind = row.text("kind")?;
    let slot = match (kind.as_str(), place) {
        ("INITIAL", _) => Slot::Initial,
        ("CYCLE", Some(cycle)) => Slot::Cycle(cycle),
        ("ON_DEMAND", None) => Slot::OnDemand,
        _ => return Err(row.broken("kind", "no kind of a deduction")),
    };
    let amount = money(&mut row, "amount")?;
    let created_at = row.at("created_at")?;
    let status = row.text("status")?;
    let ended_at = row.optional_at("ended_at")?;
    let is_last = row.flag("is_last")?;
    let state = match (status.as_str(), ended_at) {
        ("GOING", None) => DeductionState::Going,
        ("COLLECTED", Some(at)) => DeductionState::Collected { at },
        ("FAILED", Some(at)) => DeductionState::Failed { at, is_last },
        _ => return Err(row.broken("status", "no state of a deduction")),
    };
    Ok(Deduction { store, environment, subscription, number, payment, slot, amount, created_at, state })
}
