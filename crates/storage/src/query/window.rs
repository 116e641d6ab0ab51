//! Checkout windows, by their token's digest or by what they are about.

use crate::row::{Row, text};
use crate::shape::window::{Named, Window as Shape};
use crate::{Digest, ReadError, Storage};
use paypier_domain::channel::Environment;
use paypier_domain::checkout::Window;
use paypier_domain::id::{MerchantId, StoreId, TransactionId};

texts! {
    WINDOW = "SELECT store_id, merchant_id, window_digest, environment, version, opened_at, expires_at, body \
        FROM checkout_windows WHERE window_digest = ?1";
    WINDOW_OF = "SELECT store_id, merchant_id, window_digest, environment, version, opened_at, expires_at, body \
        FROM checkout_windows WHERE store_id = ?1 AND subject = ?2";
    WINDOW_BY_HANDED = "SELECT store_id, merchant_id, window_digest, environment, version, opened_at, expires_at, body \
        FROM checkout_windows WHERE handed_digest = ?1";
}

impl Storage {
    /// The window whose token has this digest.
    pub async fn window(&self, digest: &Digest) -> Result<Option<Window>, ReadError> {
        self.one("checkout_windows", WINDOW, vec![digest.to_vec().into()], read).await
    }

    /// The window that handed over a token with this digest to the merchant's page.
    pub async fn window_by_handed(&self, digest: &Digest) -> Result<Option<Window>, ReadError> {
        self.one("checkout_windows", WINDOW_BY_HANDED, vec![digest.to_vec().into()], read).await
    }

    /// The window that an attempt was made in.
    pub async fn window_of(
        &self,
        store: &StoreId,
        transaction: &TransactionId,
    ) -> Result<Option<Window>, ReadError> {
        self.window_about(store, transaction.as_str()).await
    }

    /// The window with this subject: a transaction; a billing key, when there is no first payment; the
    /// attempt of an identity verification.
    pub async fn window_about(&self, store: &StoreId, subject: &str) -> Result<Option<Window>, ReadError> {
        self.one("checkout_windows", WINDOW_OF, vec![text(store.as_str()), text(subject)], read).await
    }
}

fn read(mut row: Row) -> Result<Window, ReadError> {
    let store = StoreId::known(row.text("store_id")?);
    let merchant = MerchantId::known(row.text("merchant_id")?);
    let named = Named {
        digest: row.digest("window_digest")?,
        store,
        merchant,
        environment: row.word("environment", Environment::parse)?,
        version: row.count("version")?,
        opened_at: row.at("opened_at")?,
        expires_at: row.at("expires_at")?,
    };
    let shape: Shape<'static> = row.document("body")?;
    shape.read(named).map_err(|wrong| row.broken("body", wrong.0))
}
