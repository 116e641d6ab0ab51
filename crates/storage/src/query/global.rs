//! What the Global dialect keeps beside the engine.

use crate::row::{Row, Value, text};
use crate::shape::global as shape;
use crate::{ReadError, Storage};
use paypier_domain::account::Sealed;
use paypier_domain::channel::Environment;
use paypier_domain::global::{
    GlobalChannel, GlobalEndpoint, GlobalMerchant, GlobalOrder, RefundKind, RefundNote, Topic,
};
use paypier_domain::id::{CancellationId, ChannelKey, PaymentId, StoreId};

texts! {
    MERCHANT = "SELECT store_id, client_key, secret, created_at, body FROM global_merchants WHERE store_id = ?1";
    MERCHANT_BY_KEY = "SELECT store_id, client_key, secret, created_at, body FROM global_merchants \
        WHERE client_key = ?1";
    CHANNELS_OF = "SELECT store_id, environment, name, channel_key, country, credentials, updated_at \
        FROM global_channels WHERE store_id = ?1 ORDER BY environment, name";
    ENDPOINTS_OF = "SELECT store_id, endpoint_id, environment, topic, name, url, is_enabled, created_at \
        FROM global_endpoints WHERE store_id = ?1 ORDER BY created_at, endpoint_id";
    ORDER = "SELECT store_id, order_ref, environment, merchant_ref, payment_id, version, created_at, body \
        FROM global_orders WHERE store_id = ?1 AND order_ref = ?2";
    ORDER_BY_REF = "SELECT store_id, order_ref, environment, merchant_ref, payment_id, version, created_at, body \
        FROM global_orders WHERE order_ref = ?1";
    ORDERS_BY_MERCHANT_REF = "SELECT store_id, order_ref, environment, merchant_ref, payment_id, version, \
        created_at, body FROM global_orders WHERE store_id = ?1 AND merchant_ref = ?2 \
        AND environment IN ('TEST', 'LIVE') ORDER BY created_at DESC, order_ref DESC";
    ORDER_OF_PAYMENT = "SELECT store_id, order_ref, environment, merchant_ref, payment_id, version, created_at, body \
        FROM global_orders WHERE store_id = ?1 AND payment_id = ?2";
    ORDERS_OF_LINK = "SELECT store_id, order_ref, environment, merchant_ref, payment_id, version, created_at, body \
        FROM global_orders WHERE store_id = ?1 AND link_ref = ?2 ORDER BY created_at, order_ref";
    ORDERS_OF_SUBSCRIPTION = "SELECT store_id, order_ref, environment, merchant_ref, payment_id, version, \
        created_at, body FROM global_orders WHERE store_id = ?1 AND subscription_ref = ?2 \
        ORDER BY created_at, order_ref";
    REFUND_NOTES_OF = "SELECT store_id, cancellation_id, environment, payment_id, kind, description \
        FROM global_refunds WHERE store_id = ?1 AND payment_id = ?2 ORDER BY cancellation_id";
}

impl Storage {
    /// The store as the Global dialect knows it; `None` when it has no credentials there.
    pub async fn global_merchant(&self, store: &StoreId) -> Result<Option<GlobalMerchant>, ReadError> {
        self.one("global_merchants", MERCHANT, vec![text(store.as_str())], merchant).await
    }

    pub async fn global_merchant_by_key(
        &self,
        client_key: &str,
    ) -> Result<Option<GlobalMerchant>, ReadError> {
        self.one("global_merchants", MERCHANT_BY_KEY, vec![text(client_key)], merchant).await
    }

    pub async fn global_channels_of(&self, store: &StoreId) -> Result<Vec<GlobalChannel>, ReadError> {
        self.all("global_channels", CHANNELS_OF, vec![text(store.as_str())], |mut row| {
            Ok(GlobalChannel {
                store: StoreId::known(row.text("store_id")?),
                environment: row.word("environment", Environment::parse)?,
                name: row.text("name")?,
                key: ChannelKey::known(row.text("channel_key")?),
                country: row.text("country")?,
                credentials: Sealed(row.blob("credentials")?),
                updated_at: row.at("updated_at")?,
            })
        })
        .await
    }

    /// The store's endpoints, by creation time.
    pub async fn global_endpoints_of(&self, store: &StoreId) -> Result<Vec<GlobalEndpoint>, ReadError> {
        self.all("global_endpoints", ENDPOINTS_OF, vec![text(store.as_str())], |mut row| {
            Ok(GlobalEndpoint {
                store: StoreId::known(row.text("store_id")?),
                id: row.text("endpoint_id")?,
                environment: row.word("environment", Environment::parse)?,
                topic: row.word("topic", Topic::parse)?,
                name: row.text("name")?,
                url: row.text("url")?,
                is_enabled: row.flag("is_enabled")?,
                created_at: row.at("created_at")?,
            })
        })
        .await
    }

    pub async fn global_order(
        &self,
        store: &StoreId,
        reference: &str,
    ) -> Result<Option<GlobalOrder>, ReadError> {
        self.one("global_orders", ORDER, vec![text(store.as_str()), text(reference)], order).await
    }

    /// Whatever its store: for payers, whose browsers know no more than this.
    pub async fn global_order_by_reference(&self, reference: &str) -> Result<Option<GlobalOrder>, ReadError> {
        self.one("global_orders", ORDER_BY_REF, vec![text(reference)], order).await
    }

    /// By the merchant's reference: at most one an environment, the newest first.
    pub async fn global_orders_by_merchant_reference(
        &self,
        store: &StoreId,
        reference: &str,
    ) -> Result<Vec<GlobalOrder>, ReadError> {
        self.orders(ORDERS_BY_MERCHANT_REF, vec![text(store.as_str()), text(reference)]).await
    }

    /// The order that this payment is.
    pub async fn global_order_of(
        &self,
        store: &StoreId,
        payment: &PaymentId,
    ) -> Result<Option<GlobalOrder>, ReadError> {
        let values = vec![text(store.as_str()), text(payment.as_str())];
        self.one("global_orders", ORDER_OF_PAYMENT, values, order).await
    }

    /// The orders that pay or paid a link, oldest first.
    pub async fn global_orders_of_link(
        &self,
        store: &StoreId,
        link: &str,
    ) -> Result<Vec<GlobalOrder>, ReadError> {
        self.orders(ORDERS_OF_LINK, vec![text(store.as_str()), text(link)]).await
    }

    /// The deductions of a subscription, oldest first.
    pub async fn global_orders_of_subscription(
        &self,
        store: &StoreId,
        subscription: &str,
    ) -> Result<Vec<GlobalOrder>, ReadError> {
        self.orders(ORDERS_OF_SUBSCRIPTION, vec![text(store.as_str()), text(subscription)]).await
    }

    /// What was said about the cancellations of a payment, in the order of their ids.
    pub async fn refund_notes_of(
        &self,
        store: &StoreId,
        payment: &PaymentId,
    ) -> Result<Vec<RefundNote>, ReadError> {
        let values = vec![text(store.as_str()), text(payment.as_str())];
        self.all("global_refunds", REFUND_NOTES_OF, values, |mut row| {
            Ok(RefundNote {
                store: StoreId::known(row.text("store_id")?),
                cancellation: CancellationId::known(row.text("cancellation_id")?),
                environment: row.word("environment", Environment::parse)?,
                payment: PaymentId::known(row.text("payment_id")?),
                kind: row.word("kind", RefundKind::parse)?,
                description: row.text("description")?,
            })
        })
        .await
    }

    async fn orders(&self, sql: &'static str, values: Vec<Value>) -> Result<Vec<GlobalOrder>, ReadError> {
        self.all("global_orders", sql, values, order).await
    }
}

fn merchant(mut row: Row) -> Result<GlobalMerchant, ReadError> {
    let store = StoreId::known(row.text("store_id")?);
    let client_key = row.text("client_key")?;
    let secret = Sealed(row.blob("secret")?);
    let created_at = row.at("created_at")?;
    let shape: shape::Merchant<'static> = row.document("body")?;
    Ok(shape.read(store, client_key, secret, created_at))
}

fn order(mut row: Row) -> Result<GlobalOrder, ReadError> {
    let columns = shape::OrderColumns {
        store: StoreId::known(row.text("store_id")?),
        reference: row.text("order_ref")?,
        environment: row.word("environment", Environment::parse)?,
        merchant_reference: row.text("merchant_ref")?,
        payment: PaymentId::known(row.text("payment_id")?),
        version: row.count("version")?,
        created_at: row.at("created_at")?,
    };
    let shape: shape::Order<'static> = row.document("body")?;
    shape.read(columns).map_err(|wrong| row.broken("body", wrong.0))
}
