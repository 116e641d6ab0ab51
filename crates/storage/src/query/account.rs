//! Merchants, stores, secrets, tokens, channels, webhook endpoints.

use crate::engine::Query;
use crate::row::{Row, Value, micros, text};
use crate::shape::account as shape;
use crate::shape::channel as channel_shape;
use crate::{ReadError, Storage};
use jiff::{SignedDuration, Timestamp};
use paypier_domain::account::{
    ApiSecret, Merchant, Sealed, Store, Token, TokenKind, WebhookEndpoint, WebhookSecret,
};
use paypier_domain::channel::{Channel, ChannelGroup, Environment};
use paypier_domain::id::{ChannelGroupId, ChannelKey, MerchantId, SecretId, StoreId};

/// SHA-256 of a secret or token.
pub type Digest = [u8; 32];

texts! {
    MERCHANT = "SELECT merchant_id, created_at, body FROM merchants WHERE merchant_id = ?1";
    MERCHANTS = "SELECT merchant_id, created_at, body FROM merchants ORDER BY created_at, merchant_id";
    STORE = "SELECT store_id, merchant_id, created_at, test_clock_offset, body FROM stores WHERE store_id = ?1";
    STORES_OF = "SELECT store_id, merchant_id, created_at, test_clock_offset, body FROM stores \
        WHERE merchant_id = ?1 ORDER BY created_at, store_id";
    SECRET = "SELECT secret_id, store_id, digest, created_at, body FROM api_secrets WHERE secret_id = ?1";
    SECRET_BY_DIGEST = "SELECT secret_id, store_id, digest, created_at, body FROM api_secrets WHERE digest = ?1";
    SECRETS_OF = "SELECT secret_id, store_id, digest, created_at, body FROM api_secrets \
        WHERE store_id = ?1 ORDER BY created_at, secret_id";
    TOKEN = "SELECT digest, secret_id, kind, expires_at FROM tokens WHERE digest = ?1";
    CHANNEL = "SELECT store_id, channel_key, credentials, body FROM channels WHERE store_id = ?1 AND channel_key = ?2";
    CHANNELS_OF = "SELECT store_id, channel_key, credentials, body FROM channels WHERE store_id = ?1 ORDER BY channel_key";
    CHANNEL_GROUPS_OF = "SELECT store_id, channel_group_id, body FROM channel_groups WHERE store_id = ?1 \
        ORDER BY channel_group_id";
    WEBHOOK_ENDPOINTS_OF = "SELECT store_id, environment, body FROM webhook_endpoints WHERE store_id = ?1 \
        ORDER BY environment";
    WEBHOOK_SECRETS_OF = "SELECT secret_id, store_id, environment, sealed, created_at, expired_at FROM webhook_secrets \
        WHERE store_id = ?1 AND (expired_at IS NULL OR expired_at > ?2) ORDER BY created_at, secret_id";
}

impl Storage {
    pub async fn merchant(&self, id: &MerchantId) -> Result<Option<Merchant>, ReadError> {
        self.one("merchants", MERCHANT, vec![text(id.as_str())], merchant).await
    }

    /// All merchants, by creation time.
    pub async fn merchants(&self) -> Result<Vec<Merchant>, ReadError> {
        self.engine
            .rows(Query::scan("merchants", MERCHANTS, Vec::new()))
            .await?
            .into_iter()
            .map(merchant)
            .collect()
    }

    pub async fn store(&self, id: &StoreId) -> Result<Option<Store>, ReadError> {
        self.one("stores", STORE, vec![text(id.as_str())], store).await
    }

    /// The merchant's stores, by creation time.
    pub async fn stores_of(&self, merchant: &MerchantId) -> Result<Vec<Store>, ReadError> {
        self.all("stores", STORES_OF, vec![text(merchant.as_str())], store).await
    }

    pub async fn secret(&self, id: &SecretId) -> Result<Option<ApiSecret>, ReadError> {
        self.one("api_secrets", SECRET, vec![text(id.as_str())], secret).await
    }

    pub async fn secret_by_digest(&self, digest: &Digest) -> Result<Option<ApiSecret>, ReadError> {
        self.one("api_secrets", SECRET_BY_DIGEST, vec![digest.to_vec().into()], secret).await
    }

    /// The store's secrets, deleted ones included, by creation time.
    pub async fn secrets_of(&self, store: &StoreId) -> Result<Vec<ApiSecret>, ReadError> {
        self.all("api_secrets", SECRETS_OF, vec![text(store.as_str())], secret).await
    }

    pub async fn token(&self, digest: &Digest) -> Result<Option<Token>, ReadError> {
        self.one("tokens", TOKEN, vec![digest.to_vec().into()], |mut row| {
            Ok(Token {
                digest: row.digest("digest")?,
                secret: SecretId::known(row.text("secret_id")?),
                kind: row.word("kind", |word| match word {
                    "ACCESS" => Some(TokenKind::Access),
                    "REFRESH" => Some(TokenKind::Refresh),
                    _ => None,
                })?,
                expires_at: row.at("expires_at")?,
            })
        })
        .await
    }

    pub async fn channel(&self, store: &StoreId, key: &ChannelKey) -> Result<Option<Channel>, ReadError> {
        self.one("channels", CHANNEL, vec![text(store.as_str()), text(key.as_str())], channel).await
    }

    pub async fn channels_of(&self, store: &StoreId) -> Result<Vec<Channel>, ReadError> {
        self.all("channels", CHANNELS_OF, vec![text(store.as_str())], channel).await
    }

    /// The store's groups, deleted ones included.
    pub async fn channel_groups_of(&self, store: &StoreId) -> Result<Vec<ChannelGroup>, ReadError> {
        self.all("channel_groups", CHANNEL_GROUPS_OF, vec![text(store.as_str())], |mut row| {
            let (store, id) = (row.text("store_id")?, row.text("channel_group_id")?);
            let shape: channel_shape::Group<'static> = row.document("body")?;
            shape
                .read(StoreId::known(store), ChannelGroupId::known(id))
                .map_err(|wrong| row.broken("body", wrong.0))
        })
        .await
    }

    pub async fn webhook_endpoints_of(&self, store: &StoreId) -> Result<Vec<WebhookEndpoint>, ReadError> {
        self.all("webhook_endpoints", WEBHOOK_ENDPOINTS_OF, vec![text(store.as_str())], |mut row| {
            let store = StoreId::known(row.text("store_id")?);
            let environment = row.word("environment", Environment::parse)?;
            let shape: shape::Endpoint<'static> = row.document("body")?;
            shape.read(store, environment).map_err(|wrong| row.broken("body", wrong.0))
        })
        .await
    }

    /// The secrets that sign at `now`: never expired, or expiring later. Oldest first.
    pub async fn webhook_secrets_of(
        &self,
        store: &StoreId,
        now: Timestamp,
    ) -> Result<Vec<WebhookSecret>, ReadError> {
        self.all(
            "webhook_secrets",
            WEBHOOK_SECRETS_OF,
            vec![text(store.as_str()), micros(now).into()],
            |mut row| {
                Ok(WebhookSecret {
                    id: SecretId::known(row.text("secret_id")?),
                    store: StoreId::known(row.text("store_id")?),
                    environment: row.word("environment", Environment::parse)?,
                    sealed: Sealed(row.blob("sealed")?),
                    created_at: row.at("created_at")?,
                    expired_at: row.optional_at("expired_at")?,
                })
            },
        )
        .await
    }

    /// At most one row by key.
    pub(crate) async fn one<T>(
        &self,
        table: &'static str,
        sql: &'static str,
        values: Vec<Value>,
        read: impl FnOnce(Row) -> Result<T, ReadError>,
    ) -> Result<Option<T>, ReadError> {
        self.engine.row(Query::point(table, sql, values)).await?.map(read).transpose()
    }

    /// A few rows by key.
    pub(crate) async fn all<T>(
        &self,
        table: &'static str,
        sql: &'static str,
        values: Vec<Value>,
        read: impl FnMut(Row) -> Result<T, ReadError>,
    ) -> Result<Vec<T>, ReadError> {
        self.engine.rows(Query::point(table, sql, values)).await?.into_iter().map(read).collect()
    }
}

fn merchant(mut row: Row) -> Result<Merchant, ReadError> {
    let id = MerchantId::known(row.text("merchant_id")?);
    let created_at = row.at("created_at")?;
    let shape: shape::Merchant<'static> = row.document("body")?;
    Ok(shape.read(id, created_at))
}

fn store(mut row: Row) -> Result<Store, ReadError> {
    let id = StoreId::known(row.text("store_id")?);
    let merchant = MerchantId::known(row.text("merchant_id")?);
    let created_at = row.at("created_at")?;
    let offset = SignedDuration::from_micros(row.int("test_clock_offset")?);
    let shape: shape::Store<'static> = row.document("body")?;
    shape.read(id, merchant, created_at, offset).map_err(|wrong| row.broken("body", wrong.0))
}

fn secret(mut row: Row) -> Result<ApiSecret, ReadError> {
    let id = SecretId::known(row.text("secret_id")?);
    let store = StoreId::known(row.text("store_id")?);
    let digest = row.digest("digest")?;
    let created_at = row.at("created_at")?;
    let shape: shape::ApiSecret<'static> = row.document("body")?;
    shape.read(id, store, digest, created_at).map_err(|wrong| row.broken("body", wrong.0))
}

fn channel(mut row: Row) -> Result<Channel, ReadError> {
    let store = StoreId::known(row.text("store_id")?);
    let key = ChannelKey::known(row.text("channel_key")?);
    let credentials = Sealed(row.blob("credentials")?);
    let shape: channel_shape::Channel<'static> = row.document("body")?;
    shape.read(store, key, credentials).map_err(|wrong| row.broken("body", wrong.0))
}
