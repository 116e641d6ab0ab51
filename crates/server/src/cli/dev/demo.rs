//! The demo merchant of local mode. Its credentials are the same on every machine, so that an example
//! works wherever it is copied to; that everybody knows them is why `paypier serve` refuses them.

use crate::app::App;
use crate::app::global::caller::{
    new_merchant, seal_secret as seal_global_secret, secret_purpose as global_secret_purpose,
};
use crate::app::global::channel::{rows, simulated};
use crate::app::psp::credentials_purpose;
use crate::app::ticket::Ticket;
use crate::keyring::digest;
use crate::webhooks::sign::{seal_secret, secret_purpose};
use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use paypier_connectors::simulator::psp::Psp;
use paypier_domain::account::{ApiSecret, Merchant, Store, StorePolicy, WebhookSecret};
use paypier_domain::catalogue;
use paypier_domain::change::{Change, Write};
use paypier_domain::channel::{Channel, ChannelGroup, ChannelUsage, Environment, Member};
use paypier_domain::checkout_profile::{CheckoutMethod, CheckoutProfile, Offer};
use paypier_domain::global::{Brand, GlobalMerchant};
use paypier_domain::id::{
    ChannelGroupId, ChannelId, ChannelKey, MerchantId, ProfileKey, PromotionId, SecretId, StoreId,
};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::promotion::{
    Budget, CardCompany, DiscountPolicy, Partition, Promotion, Recovery, Scheme,
};

pub const MERCHANT_ID: &str = "merchant-de300000-0000-4000-8000-000000000001";
pub const STORE_ID: &str = "store-de300000-0000-4000-8000-000000000002";
pub const SECRET_ID: &str = "de300000-0000-4000-8000-000000000003";
pub const API_SECRET: &str = "demo-api-secret-for-local-use-only-0123456789abcdefghijklmnopqrstuvwxyz";
pub const WEBHOOK_SECRET_ID: &str = "de300000-0000-4000-8000-000000000004";
/// Base64 of `paypier-demo-webhook-secret-0001`.
pub const WEBHOOK_SECRET: &str = "whsec_cGF5cGllci1kZW1vLXdlYmhvb2stc2VjcmV0LTAwMDE=";
pub const GROUP_ID: &str = "channel-group-test-de300000-0000-4000-8000-000000000005";
/// 10 % off from 5,000 won on, at most 10,000, for cards that begin with 4242.
pub const PROMOTION_ID: &str = "promotion-id-de300000-0000-4000-8000-000000000006";
/// The demo store in the Global dialect.
pub const GLOBAL_CLIENT_KEY: &str = "DemoClientKeyLcl";
pub const GLOBAL_SECRET: &str = "de30de30de30de30de30de30de30de30de30de30de30de30de30de30de30de30";
/// Its number there.
pub const GLOBAL_NUMBER: &str = "1000000";
/// What the demo store's hosted checkout offers.
pub const PROFILE_KEY: &str = "profile-key-de300000-0000-4000-8000-000000000007";
/// What the simulated PSP of local mode derives its keys from.
pub const SANDBOX_SECRET: [u8; 32] = *b"paypier-demo-sandbox-psp-secret!";

/// A channel of the demo store, served by the simulated PSP.
#[derive(Debug, Clone, Copy)]
pub struct DemoChannel {
    /// As `sandbox.json` names it.
    pub name: &'static str,
    pub title: &'static str,
    pub key: &'static str,
    pub id: &'static str,
    pub pg_provider: &'static str,
    /// One PSP account a channel, so that the PSP's books tell the channels apart.
    pub pg_merchant_id: &'static str,
    pub usage: ChannelUsage,
    pub manual_capture: bool,
    pub manual_approval: bool,
}

macro_rules! demo_channel {
    ($name:literal, $title:literal, $number:literal, $provider:literal, $merchant:literal) => {
        DemoChannel {
            name: $name,
            title: $title,
            key: concat!("channel-key-de300000-0000-4000-8000-0000000001", $number),
            id: concat!("channel-id-de300000-0000-4000-8000-0000000002", $number),
            pg_provider: $provider,
            pg_merchant_id: $merchant,
            usage: ChannelUsage::Payment,
            manual_capture: false,
            manual_approval: false,
        }
    };
}

pub const CARD: DemoChannel = demo_channel!("card", "Cards", "01", "TOSSPAYMENTS", "demo-card");
pub const EASY_PAY: DemoChannel = demo_channel!("easyPay", "Easy pay", "04", "KAKAOPAY", "demo-easy-pay");
pub const BACKUP: DemoChannel = demo_channel!("backup", "Cards, second PSP", "08", "NICE_V2", "demo-backup");

/// The eight channels that `sandbox.json` promises, one whose payments are captured separately and one
/// whose windows are approved by the merchant's server, because neither can be tried otherwise, and one that
/// takes the word of what was delivered.
pub const CHANNELS: [DemoChannel; 11] = [
    CARD,
    demo_channel!("billing", "Billing keys", "02", "TOSSPAYMENTS", "demo-billing"),
    demo_channel!("virtualAccount", "Virtual accounts", "03", "TOSSPAYMENTS", "demo-virtual-account"),
    EASY_PAY,
    demo_channel!("transfer", "Transfers", "05", "KCP_V2", "demo-transfer"),
    demo_channel!("mobile", "Mobile", "06", "DANAL_TPAY", "demo-mobile"),
    DemoChannel {
        usage: ChannelUsage::IdentityVerification,
        ..demo_channel!("identity", "Identity verification", "07", "DANAL", "demo-identity")
    },
    BACKUP,
    DemoChannel {
        manual_capture: true,
        ..demo_channel!("manualCapture", "Cards, captured later", "09", "TOSSPAYMENTS", "demo-manual-capture")
    },
    DemoChannel {
        manual_approval: true,
        ..demo_channel!(
            "manualApproval",
            "Cards, approved by the shop",
            "10",
            "TOSSPAYMENTS",
            "demo-manual-approval"
        )
    },
    demo_channel!("paymentwall", "Cards, with deliveries", "11", "PAYMENTWALL", "demo-paymentwall"),
];

/// The group draws between two PSPs for cards. Half and half, so that a handful of payments shows
/// both; both members issue, so that a billing key of the group is a super billing key.
const GROUP: [(&str, u8); 2] = [(CARD.key, 50), (BACKUP.key, 50)];

/// Writes what is missing of the demo merchant. What is there stays as it is (somebody may have
/// disabled a channel or moved the test clock), unless its secrets cannot be opened any more because
/// the master key in the data folder was replaced.
///
/// # Errors
/// The database cannot be read or written.
pub async fn provide(app: &App) -> anyhow::Result<()> {
    let change = missing(app).await?;
    if change == Change::default() {
        return Ok(());
    }
    app.commit_with(&Ticket::none(), change).await.context("the demo credentials cannot be written")?;
    app.directory.forget();
    Ok(())
}

async fn missing(app: &App) -> anyhow::Result<Change> {
    let now = app.clock.now();
    let merchant = MerchantId::known(MERCHANT_ID);
    let store = StoreId::known(STORE_ID);
    let mut change = Change::default();
    if app.storage.merchant(&merchant).await?.is_none() {
        change.writes.push(Write::Merchant(Merchant {
            id: merchant.clone(),
            name: "Demo merchant".into(),
            created_at: now,
        }));
    }
    if app.storage.store(&store).await?.is_none() {
        change.writes.push(Write::Store(Store {
            id: store.clone(),
            merchant: merchant.clone(),
            name: "Demo store".into(),
            is_representative: true,
            policy: StorePolicy::default(),
            test_clock_offset: SignedDuration::ZERO,
            created_at: now,
        }));
    }
    let secret = SecretId::known(SECRET_ID);
    if app.storage.secret(&secret).await?.is_none() {
        change.writes.push(Write::ApiSecret(ApiSecret {
            id: secret,
            merchant,
            store: store.clone(),
            name: "demo".into(),
            digest: digest(API_SECRET),
            created_at: now,
            expires_at: None,
            deleted_at: None,
        }));
    }
    webhook_secret(app, &store, now, &mut change).await?;
    channels(app, &store, &mut change).await?;
    global(app, &store, now, &mut change).await?;
    if app.storage.channel_groups_of(&store).await?.iter().all(|group| group.id.as_str() != GROUP_ID) {
        change.writes.push(Write::ChannelGroup(group(store.clone())));
    }
    if app.storage.promotion(&PromotionId::known(PROMOTION_ID)).await?.is_none() {
        change.writes.push(Write::Promotion { promotion: Box::new(promotion(store, now)?), expects: None });
    }
    if app.storage.checkout_profile(&ProfileKey::known(PROFILE_KEY)).await?.is_none() {
        change.writes.push(Write::CheckoutProfile(Box::new(profile(StoreId::known(STORE_ID), now)?)));
    }
    Ok(change)
}

async fn webhook_secret(
    app: &App,
    store: &StoreId,
    now: Timestamp,
    change: &mut Change,
) -> anyhow::Result<()> {
    let id = SecretId::known(WEBHOOK_SECRET_ID);
    let purpose = secret_purpose(store, &id);
    let stored = app
        .storage
        .webhook_secrets_of(store, Timestamp::MIN)
        .await?
        .into_iter()
        .find(|secret| secret.id == id);
    if stored.is_some_and(|secret| app.keyring.open(&purpose, &secret.sealed).is_ok()) {
        return Ok(());
    }
    change.writes.push(Write::WebhookSecret(WebhookSecret {
        sealed: seal_secret(&app.keyring, store, &id, WEBHOOK_SECRET, app.random.as_ref())?,
        id,
        store: store.clone(),
        environment: Environment::Test,
        created_at: now,
        expired_at: None,
    }));
    Ok(())
}

async fn channels(app: &App, store: &StoreId, change: &mut Change) -> anyhow::Result<()> {
    let simulator = app.simulator.as_ref().context("the simulated PSP is switched off")?;
    let stored = app.storage.channels_of(store).await?;
    for demo in &CHANNELS {
        let key = ChannelKey::known(demo.key);
        let stored = stored.iter().find(|channel| channel.key == key);
        let purpose = credentials_purpose(&key);
        if stored.is_some_and(|channel| app.keyring.open(&purpose, &channel.credentials).is_ok()) {
            continue;
        }
        let clear = sandbox_credentials(simulator, store, demo.pg_merchant_id);
        let credentials = app.keyring.seal(&purpose, clear.as_bytes(), app.random.as_ref())?;
        let channel = match stored {
            Some(stored) => Channel { credentials, ..stored.clone() },
            None => Channel {
                key,
                id: ChannelId::known(demo.id),
                store: store.clone(),
                name: demo.title.into(),
                environment: Environment::Test,
                usage: demo.usage,
                connector: "sandbox".into(),
                pg_provider: demo.pg_provider.into(),
                pg_merchant_id: demo.pg_merchant_id.into(),
                manual_capture: demo.manual_capture,
                manual_approval: demo.manual_approval,
                is_enabled: true,
                credentials,
            },
        };
        change.writes.push(Write::Channel(Box::new(channel)));
    }
    Ok(())
}

/// The store's credentials in the Global dialect, and every channel of its catalogue, each served by the simulated
/// PSP.
async fn global(app: &App, store: &StoreId, now: Timestamp, change: &mut Change) -> anyhow::Result<()> {
    let simulator = app.simulator.as_ref().context("the simulated PSP is switched off")?;
    let random = app.random.as_ref();
    let stored = app.storage.global_merchant(store).await?;
    let is_whole = stored
        .is_some_and(|merchant| app.keyring.open(&global_secret_purpose(store), &merchant.secret).is_ok());
    if !is_whole {
        let brand =
            Brand { name: "Demo store".into(), email: "shop@demo.example".into(), ..Brand::default() };
        let secret = seal_global_secret(&app.keyring, store, GLOBAL_SECRET, random)?;
        let merchant = new_merchant(store, GLOBAL_CLIENT_KEY, secret, brand, random, now);
        let merchant = GlobalMerchant { number: GLOBAL_NUMBER.into(), ..merchant };
        change.writes.push(Write::GlobalMerchant(Box::new(merchant)));
    }
    let given = serde_json::json!({ "merchantId": "demo", "secretKey": "demo-secret" });
    let given = given.as_object().cloned().unwrap_or_default();
    let known = app.storage.global_channels_of(store).await?;
    let engine = app.storage.channels_of(store).await?;
    for name in catalogue::channels() {
        let stored =
            known.iter().find(|channel| channel.environment == Environment::Test && channel.name == *name);
        let is_whole = stored.is_some_and(|channel| {
            let purpose = credentials_purpose(&channel.key);
            let of_engine = engine.iter().find(|engine| engine.key == channel.key);
            of_engine.is_some_and(|engine| app.keyring.open(&purpose, &engine.credentials).is_ok())
        });
        if is_whole {
            continue;
        }
        let serving = simulated(simulator, store, name);
        let place = (store, Environment::Test, *name, "GLOBAL");
        change.writes.extend(rows(Some(&serving), (&app.keyring, random), place, &given, now)?);
    }
    Ok(())
}

/// The credentials that the simulated PSP has given to this merchant of its, as a channel keeps them.
pub fn sandbox_credentials(psp: &Psp, store: &StoreId, pg_merchant_id: &str) -> String {
    serde_json::json!({ "secretKey": psp.secret_key(store, pg_merchant_id) }).to_string()
}

fn group(store: StoreId) -> ChannelGroup {
    ChannelGroup {
        id: ChannelGroupId::known(GROUP_ID),
        store,
        name: "Cards over two PSPs".into(),
        environment: Environment::Test,
        members: GROUP
            .iter()
            .map(|(channel, weight)| Member {
                channel: ChannelKey::known(*channel),
                weight: *weight,
                is_enabled: true,
            })
            .collect(),
        is_deleted: false,
    }
}

/// At home in won, abroad in dollars.
fn profile(store: StoreId, now: Timestamp) -> anyhow::Result<CheckoutProfile> {
    let least = Amount::new(100).context("an amount of the demo profile")?;
    let offer = |method, channel: &DemoChannel, currency, least| Offer {
        method,
        channel: ChannelKey::known(channel.key),
        is_enabled: true,
        countries: Vec::new(),
        currencies: vec![currency],
        least,
        most: None,
    };
    let home = |offer: Offer| Offer { countries: vec!["KR".into()], ..offer };
    Ok(CheckoutProfile {
        key: ProfileKey::known(PROFILE_KEY),
        store,
        environment: Environment::Test,
        name: "At home and abroad".into(),
        offers: vec![
            home(offer(CheckoutMethod::CardKr, &CARD, Currency::KRW, None)),
            home(offer(CheckoutMethod::KakaoPay, &EASY_PAY, Currency::KRW, Some(least))),
            offer(CheckoutMethod::CardInternational, &BACKUP, Currency::USD, None),
            offer(CheckoutMethod::PayPal, &EASY_PAY, Currency::USD, Some(least)),
        ],
        created_at: now,
        is_deleted: false,
    })
}

/// In progress from the start, and for longer than a demo lasts.
fn promotion(store: StoreId, now: Timestamp) -> anyhow::Result<Promotion> {
    let won = |units| Amount::new(units).context("an amount of the demo promotion");
    let partition = Partition { from: won(5_000)?, scheme: Scheme::Percent(10) };
    Ok(Promotion {
        id: PromotionId::known(PROMOTION_ID),
        store,
        environment: Environment::Test,
        name: "Ten percent off".into(),
        card_company: CardCompany::Kookmin,
        currency: Currency::KRW,
        policy: DiscountPolicy::new(vec![partition], Some(won(10_000)?))?,
        total_budget: won(1_000_000)?,
        recovery: Recovery::Recover,
        start_at: now,
        end_at: now.checked_add(SignedDuration::from_hours(24 * 3650))?,
        created_at: now,
        paused_at: None,
        terminated_at: None,
        terms: 1,
        budget: Budget::default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use paypier_wire::v2::pg::PgProvider;
    use std::collections::BTreeSet;

    #[test]
    fn the_demo_channels_are_distinct_and_of_known_providers() {
        for of in [
            |c: &DemoChannel| c.name,
            |c: &DemoChannel| c.key,
            |c: &DemoChannel| c.id,
            |c: &DemoChannel| c.pg_merchant_id,
        ] {
            assert_eq!(CHANNELS.iter().map(of).collect::<BTreeSet<_>>().len(), CHANNELS.len());
        }
        for channel in &CHANNELS {
            assert!(PgProvider::parse(channel.pg_provider).is_some(), "{}", channel.pg_provider);
        }
    }

    #[test]
    fn the_demo_group_is_a_valid_group_of_demo_channels() {
        let group = group(StoreId::known(STORE_ID));
        group.check().unwrap();
        for member in &group.members {
            assert!(CHANNELS.iter().any(|channel| channel.key == member.channel.as_str()));
        }
    }

    #[test]
    fn the_webhook_secret_has_the_documented_form() {
        let key = STANDARD.decode(WEBHOOK_SECRET.strip_prefix("whsec_").unwrap()).unwrap();
        assert_eq!(key, b"paypier-demo-webhook-secret-0001");
    }
}
