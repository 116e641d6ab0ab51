//! The merchant's office: what an administrator sets up.

use super::Shop;
use jiff::SignedDuration;
use paypier::app::psp::credentials_purpose;
use paypier::app::ticket::Ticket;
use paypier::cli::dev::demo;
use paypier::clock::{Clock, SystemRandom};
use paypier::keyring::digest;
use paypier::webhooks::sign::seal_secret;
use paypier_domain::account::{
    ApiSecret, LateApproval, Merchant, PayloadContentType, PayloadVersion, Sealed, Store, StorePolicy,
    WebhookEndpoint, WebhookSecret,
};
use paypier_domain::change::{Change, Write};
use paypier_domain::channel::{Channel, ChannelGroup, ChannelUsage, Environment, Member};
use paypier_domain::id::{ChannelGroupId, ChannelId, ChannelKey, MerchantId, SecretId, StoreId};

/// A second webhook secret.
pub const SECOND_SECRET: &str = "whsec_c2Vjb25kLXdlYmhvb2stc2VjcmV0LW9mLWEtc3Rvcnk=";

impl Shop {
    /// Commits what an administrator's command would, in this process.
    pub async fn writes(&self, writes: Vec<Write>) {
        self.writes_elsewhere(writes).await;
        self.app().directory.forget();
    }

    /// The same from another process: nobody tells this one.
    pub async fn writes_elsewhere(&self, writes: Vec<Write>) {
        self.app().commit_with(&Ticket::none(), Change { writes, ..Change::default() }).await.unwrap();
    }

    pub async fn founds_merchant(&self, id: &str) {
        let merchant = Merchant { id: MerchantId::known(id), name: id.into(), created_at: self.wall.now() };
        self.writes(vec![Write::Merchant(merchant)]).await;
    }

    pub async fn founds_store(&self, merchant: &str, id: &str, is_representative: bool) {
        self.writes(vec![Write::Store(Store {
            id: StoreId::known(id),
            merchant: MerchantId::known(merchant),
            name: id.into(),
            is_representative,
            policy: StorePolicy::default(),
            test_clock_offset: SignedDuration::ZERO,
            created_at: self.wall.now(),
        })])
        .await;
    }

    /// A store of the demo merchant with a secret and a channel of its own.
    pub async fn opens_sub_store(&self, id: &str, secret: &str) {
        self.founds_store(demo::MERCHANT_ID, id, false).await;
        self.furnishes(demo::MERCHANT_ID, id, secret).await;
    }

    /// Another merchant, whose store has a secret and a channel of its own.
    pub async fn has_a_neighbour(&self, merchant: &str, store: &str, secret: &str) {
        self.founds_merchant(merchant).await;
        self.founds_store(merchant, store, true).await;
        self.furnishes(merchant, store, secret).await;
    }

    async fn furnishes(&self, merchant: &str, store: &str, secret: &str) {
        let secret = self.secret(merchant, store, secret);
        let channel = self.channel(store, &format!("channel-key-of-{store}"), &format!("account-of-{store}"));
        let webhooks = self.webhook_secret(store, demo::WEBHOOK_SECRET);
        self.writes(vec![
            Write::ApiSecret(secret),
            Write::Channel(Box::new(channel)),
            Write::WebhookSecret(webhooks),
        ])
        .await;
    }

    fn webhook_secret(&self, store: &str, secret: &str) -> WebhookSecret {
        let (store, id) = (StoreId::known(store), SecretId::known(format!("{secret}-of-{store}")));
        WebhookSecret {
            sealed: seal_secret(&self.app().keyring, &store, &id, secret, &SystemRandom).unwrap(),
            id,
            store,
            environment: Environment::Test,
            created_at: self.wall.now(),
            expired_at: None,
        }
    }

    pub fn secret(&self, merchant: &str, store: &str, secret: &str) -> ApiSecret {
        ApiSecret {
            id: SecretId::known(format!("id-of-{secret}")),
            merchant: MerchantId::known(merchant),
            store: StoreId::known(store),
            name: secret.into(),
            digest: digest(secret),
            created_at: self.wall.now(),
            expires_at: None,
            deleted_at: None,
        }
    }

    /// A TEST channel for payments at the simulated PSP's account of this name.
    pub fn channel(&self, store: &str, key: &str, account: &str) -> Channel {
        let psp = self.app().simulator.clone().unwrap();
        let store = StoreId::known(store);
        let clear = demo::sandbox_credentials(&psp, &store, account);
        let key = ChannelKey::known(key);
        Channel {
            credentials: self.sealed(&key, &clear),
            id: ChannelId::known(format!("id-of-{key}")),
            name: key.to_string(),
            key,
            store,
            environment: Environment::Test,
            usage: ChannelUsage::Payment,
            connector: "sandbox".into(),
            pg_provider: "TOSSPAYMENTS".into(),
            pg_merchant_id: account.into(),
            manual_capture: false,
            manual_approval: false,
            is_enabled: true,
        }
    }

    pub fn sealed(&self, channel: &ChannelKey, credentials: &str) -> Sealed {
        self.app().keyring.seal(&credentials_purpose(channel), credentials.as_bytes(), &SystemRandom).unwrap()
    }

    pub async fn stored_channel(&self, key: &str) -> Channel {
        let store = StoreId::known(demo::STORE_ID);
        self.app().storage.channel(&store, &ChannelKey::known(key)).await.unwrap().unwrap()
    }

    /// From now on the PSP refuses what comes through this channel: its key is wrong.
    pub async fn loses_credentials(&self, key: &str) {
        let channel = self.stored_channel(key).await;
        let credentials = self.sealed(&channel.key, r#"{"secretKey":"wrong"}"#);
        self.writes(vec![Write::Channel(Box::new(Channel { credentials, ..channel }))]).await;
    }

    pub async fn finds_credentials(&self, key: &str) {
        let channel = self.stored_channel(key).await;
        let psp = self.app().simulator.clone().unwrap();
        let clear = demo::sandbox_credentials(&psp, &channel.store, &channel.pg_merchant_id);
        let credentials = self.sealed(&channel.key, &clear);
        self.writes(vec![Write::Channel(Box::new(Channel { credentials, ..channel }))]).await;
    }

    /// A group of the demo store: channel, weight, enabled.
    pub async fn groups(&self, id: &str, members: &[(&str, u8, bool)]) {
        let member = |(channel, weight, is_enabled): &(&str, u8, bool)| Member {
            channel: ChannelKey::known(*channel),
            weight: *weight,
            is_enabled: *is_enabled,
        };
        self.writes(vec![Write::ChannelGroup(ChannelGroup {
            id: ChannelGroupId::known(id),
            store: StoreId::known(demo::STORE_ID),
            name: id.into(),
            environment: Environment::Test,
            members: members.iter().map(member).collect(),
            is_deleted: false,
        })])
        .await;
    }

    pub async fn decides_about_late_approvals(&self, late_approval: LateApproval) {
        let store = self.app().storage.store(&StoreId::known(demo::STORE_ID)).await.unwrap().unwrap();
        self.writes(vec![Write::Store(Store {
            policy: StorePolicy { late_approval, ..StorePolicy::default() },
            ..store
        })])
        .await;
    }

    pub async fn has_endpoint(&self, url: &str, version: PayloadVersion, content_type: PayloadContentType) {
        self.writes(vec![Write::WebhookEndpoint(WebhookEndpoint {
            store: StoreId::known(demo::STORE_ID),
            environment: Environment::Test,
            url: url.into(),
            version,
            content_type,
        })])
        .await;
    }

    /// Adds [`SECOND_SECRET`].
    pub async fn rotates_webhook_secrets(&self) {
        let secret = self.webhook_secret(demo::STORE_ID, SECOND_SECRET);
        self.writes(vec![Write::WebhookSecret(secret)]).await;
    }

    pub async fn expires_second_secret(&self) {
        let secret = self.webhook_secret(demo::STORE_ID, SECOND_SECRET);
        self.writes(vec![Write::WebhookSecret(WebhookSecret {
            expired_at: Some(self.wall.now()),
            ..secret
        })])
        .await;
    }
}
