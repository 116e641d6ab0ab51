//! Checkout profiles and payment sessions.

use crate::query::account::Digest;
use crate::row::{Row, text};
use crate::shape::checkout as shape;
use crate::{ReadError, Storage};
use paypier_domain::channel::Environment;
use paypier_domain::checkout_profile::CheckoutProfile;
use paypier_domain::id::{PaymentId, ProfileKey, StoreId};
use paypier_domain::payment_session::PaymentSession;

texts! {
    PROFILE = "SELECT store_id, profile_key, environment, created_at, body FROM checkout_profiles WHERE profile_key = ?1";
    PROFILES_OF = "SELECT store_id, profile_key, environment, created_at, body FROM checkout_profiles \
        WHERE store_id = ?1 ORDER BY created_at, profile_key";
    SESSION = "SELECT digest, store_id, payment_id, environment, created_at, expires_at, closed_at, body \
        FROM payment_sessions WHERE digest = ?1";
}

impl Storage {
    /// A profile of any store, also one that was deleted.
    pub async fn checkout_profile(&self, key: &ProfileKey) -> Result<Option<CheckoutProfile>, ReadError> {
        self.one("checkout_profiles", PROFILE, vec![text(key.as_str())], profile).await
    }

    /// The store's profiles, deleted ones included, by creation time.
    pub async fn checkout_profiles_of(&self, store: &StoreId) -> Result<Vec<CheckoutProfile>, ReadError> {
        self.all("checkout_profiles", PROFILES_OF, vec![text(store.as_str())], profile).await
    }

    /// The session whose id has this digest.
    pub async fn payment_session(&self, digest: &Digest) -> Result<Option<PaymentSession>, ReadError> {
        self.one("payment_sessions", SESSION, vec![digest.to_vec().into()], session).await
    }
}

fn profile(mut row: Row) -> Result<CheckoutProfile, ReadError> {
    let store = StoreId::known(row.text("store_id")?);
    let key = ProfileKey::known(row.text("profile_key")?);
    let environment = row.word("environment", Environment::parse)?;
    let created_at = row.at("created_at")?;
    let shape: shape::Profile<'static> = row.document("body")?;
    shape.read(store, key, environment, created_at).map_err(|wrong| row.broken("body", wrong.0))
}

fn session(mut row: Row) -> Result<PaymentSession, ReadError> {
    let columns = shape::SessionColumns {
        digest: row.digest("digest")?,
        store: StoreId::known(row.text("store_id")?),
        payment: PaymentId::known(row.text("payment_id")?),
        environment: row.word("environment", Environment::parse)?,
        created_at: row.at("created_at")?,
        expires_at: row.at("expires_at")?,
        closed_at: row.optional_at("closed_at")?,
    };
    let shape: shape::Session<'static> = row.document("body")?;
    shape.read(columns).map_err(|wrong| row.broken("body", wrong.0))
}
