//! Payment links, by our reference or the merchant's.

use crate::row::{Row, text};
use crate::shape::payment_link::{Link as Shape, Named};
use crate::{ReadError, Storage};
use paypier_domain::channel::Environment;
use paypier_domain::id::{MerchantId, StoreId};
use paypier_domain::link::LinkStatus;
use paypier_domain::payment_link::PaymentLink;

texts! {
    LINK = "SELECT store_id, link_ref, merchant_id, environment, order_ref, label, version, status, created_at, \
        expires_at, body FROM payment_links WHERE link_ref = ?1";
    LINK_BY_ORDER = "SELECT store_id, link_ref, merchant_id, environment, order_ref, label, version, status, created_at, \
        expires_at, body FROM payment_links WHERE store_id = ?1 AND environment = ?2 AND order_ref = ?3";
}

impl Storage {
    /// The link with our reference, whoever asks.
    pub async fn payment_link(&self, reference: &str) -> Result<Option<PaymentLink>, ReadError> {
        self.one("payment_links", LINK, vec![text(reference)], read).await
    }

    /// The link with the merchant's reference.
    pub async fn payment_link_by_order(
        &self,
        store: &StoreId,
        environment: Environment,
        order_ref: &str,
    ) -> Result<Option<PaymentLink>, ReadError> {
        let values = vec![text(store.as_str()), environment.as_str().into(), text(order_ref)];
        self.one("payment_links", LINK_BY_ORDER, values, read).await
    }
}

fn read(mut row: Row) -> Result<PaymentLink, ReadError> {
    let named = Named {
        store: StoreId::known(row.text("store_id")?),
        reference: row.text("link_ref")?,
        merchant: MerchantId::known(row.text("merchant_id")?),
        environment: row.word("environment", Environment::parse)?,
        order_ref: row.text("order_ref")?,
        label: row.optional_text("label")?,
        version: row.count("version")?,
        status: row.word("status", LinkStatus::parse)?,
        created_at: row.at("created_at")?,
        expires_at: row.optional_at("expires_at")?,
    };
    let shape: Shape<'static> = row.document("body")?;
    shape.read(named).map_err(|wrong| row.broken("body", wrong.0))
}
