//! Who lives in the world: two merchants with three stores, their channels, secrets and endpoints.
//!
//! The database that every run begins with is made once, by the server's own code, and copied.

pub mod global;
mod marketplace;

use crate::ground::{Chance, Disk, Ground};
use crate::process::{SANDBOX_SECRET, compose};
use anyhow::Context;
use jiff::SignedDuration;
use paypier::app::App;
use paypier::app::psp::credentials_purpose;
use paypier::app::ticket::Ticket;
use paypier::clock::Clock;
use paypier::config::Config;
use paypier::keyring::digest;
use paypier::webhooks::sign::seal_secret;
use paypier_domain::account::{
    ApiSecret, LateApproval, Merchant, PayloadContentType, PayloadVersion, Store, StorePolicy,
    WebhookEndpoint, WebhookSecret,
};
use paypier_domain::change::{Change, Write};
use paypier_domain::channel::{Channel, ChannelGroup, ChannelUsage, Environment, Member};
use paypier_domain::checkout_profile::{CheckoutMethod, CheckoutProfile, Offer};
use paypier_domain::id::{
    ChannelGroupId, ChannelId, ChannelKey, MerchantId, ProfileKey, PromotionId, SecretId, StoreId,
};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::promotion::{
    Budget, CardCompany, DiscountPolicy, Partition, Promotion, Recovery, Scheme, Spare,
};
use paypier_storage::DatabaseUrl;
use std::path::Path;
use std::sync::Arc;

/// A store of the world.
#[derive(Debug, Clone, Copy)]
pub struct Shop {
    pub merchant: &'static str,
    pub id: &'static str,
    pub secret: &'static str,
    /// Of a second person who works there.
    pub second_secret: &'static str,
    /// Its secret reaches the merchant's other stores.
    pub is_representative: bool,
    late_approval: LateApproval,
}

pub const SHOPS: [Shop; 3] = [
    Shop {
        merchant: "merchant-1",
        id: "store-1",
        secret: "api-secret-of-store-1-0123456789abcdefghijklmnop",
        second_secret: "api-secret-of-store-1-second-0123456789abcdefghijklmnop",
        is_representative: true,
        late_approval: LateApproval::Accept,
    },
    Shop {
        merchant: "merchant-1",
        id: "store-2",
        secret: "api-secret-of-store-2-0123456789abcdefghijklmnop",
        second_secret: "api-secret-of-store-2-second-0123456789abcdefghijklmnop",
        is_representative: false,
        late_approval: LateApproval::CancelAtOnce,
    },
    Shop {
        merchant: "merchant-2",
        id: "store-3",
        secret: "api-secret-of-store-3-0123456789abcdefghijklmnop",
        second_secret: "api-secret-of-store-3-second-0123456789abcdefghijklmnop",
        is_representative: true,
        late_approval: LateApproval::Accept,
    },
];

/// What a channel is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelKind {
    Card,
    Backup,
    CapturedLater,
    Account,
    Identity,
}

impl ChannelKind {
    pub const ALL: [Self; 5] = [Self::Card, Self::Backup, Self::CapturedLater, Self::Account, Self::Identity];

    /// Three of them are of PSPs that offer something of their own.
    const fn provider(self) -> &'static str {
        match self {
            Self::Card => "KAKAOPAY",
            Self::Backup => "KCP_V2",
            Self::CapturedLater => "PAYMENTWALL",
            Self::Account => "INICIS_V2",
            Self::Identity => "DANAL",
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Backup => "backup",
            Self::CapturedLater => "captured-later",
            Self::Account => "account",
            Self::Identity => "identity",
        }
    }
}

impl Shop {
    pub fn channel(&self, kind: ChannelKind) -> String {
        format!("channel-key-{}-{}", self.id, kind.word())
    }

    pub fn group(&self) -> String {
        format!("channel-group-test-{}", self.id)
    }

    pub fn psp_account(&self, kind: ChannelKind) -> String {
        format!("account-{}-{}", self.id, kind.word())
    }

    /// What its hosted checkout offers.
    pub fn profile(&self) -> String {
        format!("profile-key-{}", self.id)
    }

    /// Of cards that begin with 4242; its budget lasts for some dozen payments.
    pub fn promotion(&self) -> String {
        format!("promotion-id-{}", self.id)
    }

    /// Where its webhooks go.
    pub fn endpoint(&self) -> String {
        format!("http://shop.example/{}/webhooks", self.id)
    }

    /// Where those of single payments go that name it.
    pub fn other_endpoint(&self) -> String {
        format!("http://other.example/{}/notices", self.id)
    }

    /// Where nothing may ever arrive, because everything in this world is TEST.
    pub fn live_endpoint(&self) -> String {
        format!("http://live.example/{}", self.id)
    }

    pub const fn secret_of(&self, person: Person) -> &'static str {
        match person {
            Person::First => self.secret,
            Person::Second => self.second_secret,
        }
    }

    pub fn store(&self) -> StoreId {
        StoreId::known(self.id)
    }
}

/// Who asks for a store: money of the platform leaves only when two of them want it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Person {
    First,
    Second,
}

const WEBHOOK_SECRET: &str = "whsec_c2ltdWxhdGVkLXdlYmhvb2stc2VjcmV0LTAwMDE=";

/// The bytes of a database in which everybody has moved in and nothing has happened.
///
/// # Errors
/// The folder cannot be written to.
pub fn prepared(folder: &Path) -> anyhow::Result<Vec<u8>> {
    let path = folder.join("template.db");
    let ground = Ground::new(0, false);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let local = tokio::task::LocalSet::new();
    runtime.block_on(local.run_until(async {
        paypier_storage::migrate(&DatabaseUrl::Sqlite(path.clone()), ground.clock.now()).await?;
        ground.clock.start();
        let composed = compose(&ground, &path, &crate::process::Settings::default()).await?;
        furnish(&composed.app).await?;
        let options = paypier::compose::http_options(&Config::default());
        marketplace::opens(&paypier::http::router(composed.app.clone(), options)).await
    }))?;
    // The last connection writes everything into the file and removes the log.
    drop(local);
    drop(runtime);
    let log = folder.join("template.db-wal");
    anyhow::ensure!(!log.exists(), "the template's log {} was not folded in", log.display());
    std::fs::read(&path).context("the template cannot be read back")
}

async fn furnish(app: &App) -> anyhow::Result<()> {
    let now = app.clock.now();
    let mut writes = Vec::new();
    for merchant in ["merchant-1", "merchant-2"] {
        writes.push(Write::Merchant(Merchant {
            id: MerchantId::known(merchant),
            name: merchant.into(),
            created_at: now,
        }));
    }
    for shop in &SHOPS {
        writes.push(Write::Store(Store {
            id: shop.store(),
            merchant: MerchantId::known(shop.merchant),
            name: shop.id.into(),
            is_representative: shop.is_representative,
            policy: StorePolicy { late_approval: shop.late_approval, ..StorePolicy::default() },
            test_clock_offset: SignedDuration::ZERO,
            created_at: now,
        }));
        for (id, secret) in [("secret", shop.secret), ("second-secret", shop.second_secret)] {
            writes.push(Write::ApiSecret(ApiSecret {
                id: SecretId::known(format!("{id}-{}", shop.id)),
                merchant: MerchantId::known(shop.merchant),
                store: shop.store(),
                name: "simulation".into(),
                digest: digest(secret),
                created_at: now,
                expires_at: None,
                deleted_at: None,
            }));
        }
        for (environment, url) in
            [(Environment::Test, shop.endpoint()), (Environment::Live, shop.live_endpoint())]
        {
            writes.push(Write::WebhookEndpoint(WebhookEndpoint {
                store: shop.store(),
                environment,
                url,
                version: PayloadVersion::V20240425,
                content_type: PayloadContentType::Json,
            }));
        }
        let id = SecretId::known(format!("webhook-secret-{}", shop.id));
        writes.push(Write::WebhookSecret(WebhookSecret {
            sealed: seal_secret(&app.keyring, &shop.store(), &id, WEBHOOK_SECRET, app.random.as_ref())?,
            id,
            store: shop.store(),
            environment: Environment::Test,
            created_at: now,
            expired_at: None,
        }));
        for kind in ChannelKind::ALL {
            writes.push(Write::Channel(Box::new(channel(app, shop, kind)?)));
        }
        let member = |kind, weight| Member {
            channel: ChannelKey::known(shop.channel(kind)),
            weight,
            is_enabled: true,
        };
        writes.push(Write::ChannelGroup(ChannelGroup {
            id: ChannelGroupId::known(shop.group()),
            store: shop.store(),
            name: "cards".into(),
            environment: Environment::Test,
            members: vec![member(ChannelKind::Card, 50), member(ChannelKind::Backup, 50)],
            is_deleted: false,
        }));
    }
    for shop in &SHOPS {
        writes.push(Write::CheckoutProfile(Box::new(CheckoutProfile {
            key: ProfileKey::known(shop.profile()),
            store: shop.store(),
            environment: Environment::Test,
            name: "checkout".into(),
            offers: [
                (CheckoutMethod::CardKr, ChannelKind::Card),
                (CheckoutMethod::KakaoPay, ChannelKind::Backup),
            ]
            .map(|(method, kind)| Offer {
                method,
                channel: ChannelKey::known(shop.channel(kind)),
                is_enabled: true,
                countries: Vec::new(),
                currencies: Vec::new(),
                least: None,
                most: None,
            })
            .to_vec(),
            created_at: now,
            is_deleted: false,
        })));
        writes.push(Write::Promotion { promotion: Box::new(promotion(shop, now)?), expects: None });
        writes.extend(global::furniture(app, shop, now)?);
    }
    let change = Change { writes, ..Change::default() };
    app.commit_with(&Ticket::none(), change).await.context("the template cannot be written")
}

fn promotion(shop: &Shop, now: jiff::Timestamp) -> anyhow::Result<Promotion> {
    let won = |units| Amount::new(units).context("an amount of a promotion");
    let tiers = vec![
        Partition { from: won(5_000)?, scheme: Scheme::Amount(won(400)?) },
        Partition { from: won(10_000)?, scheme: Scheme::Percent(10) },
    ];
    // What the representative's cancellations take back does not return.
    let recovery = match shop.is_representative {
        true => Recovery::NoRecover { spare: Some(Spare::Percent(30)) },
        false => Recovery::Recover,
    };
    Ok(Promotion {
        id: PromotionId::known(shop.promotion()),
        store: shop.store(),
        environment: Environment::Test,
        name: "spring".into(),
        card_company: CardCompany::Kookmin,
        currency: Currency::KRW,
        policy: DiscountPolicy::new(tiers, Some(won(2_000)?))?,
        total_budget: won(20_000)?,
        recovery,
        start_at: now,
        end_at: now.checked_add(SignedDuration::from_hours(24 * 3650))?,
        created_at: now,
        paused_at: None,
        terminated_at: None,
        terms: 1,
        budget: Budget::default(),
    })
}

fn channel(app: &App, shop: &Shop, kind: ChannelKind) -> anyhow::Result<Channel> {
    let psp = app.simulator.as_ref().context("the simulated PSP is switched off")?;
    let key = ChannelKey::known(shop.channel(kind));
    let account = shop.psp_account(kind);
    let mut clear = paypier::cli::dev::demo::sandbox_credentials(psp, &shop.store(), &account);
    // The provider that puts stores on its sales slips wants a key for it.
    if kind == ChannelKind::Account {
        let mut credentials: serde_json::Value = serde_json::from_str(&clear)?;
        credentials["iniApiKey"] = serde_json::json!("ini-api-key");
        clear = credentials.to_string();
    }
    Ok(Channel {
        credentials: app.keyring.seal(&credentials_purpose(&key), clear.as_bytes(), app.random.as_ref())?,
        id: ChannelId::known(format!("channel-id-{}-{}", shop.id, kind.word())),
        name: kind.word().into(),
        key,
        store: shop.store(),
        environment: Environment::Test,
        usage: match kind {
            ChannelKind::Identity => ChannelUsage::IdentityVerification,
            ChannelKind::Card | ChannelKind::Backup | ChannelKind::CapturedLater | ChannelKind::Account => {
                ChannelUsage::Payment
            }
        },
        connector: "sandbox".into(),
        pg_provider: kind.provider().into(),
        pg_merchant_id: account,
        manual_capture: kind == ChannelKind::CapturedLater,
        manual_approval: false,
        is_enabled: true,
    })
}

/// The simulated PSP's key of a store's account, which its notifications are signed with.
pub const fn psp_secret() -> [u8; 32] {
    SANDBOX_SECRET
}

/// What a server of the world is given beside its database.
pub fn machine(ground: &Arc<Ground>) -> paypier::compose::Machine {
    paypier::compose::Machine {
        clock: Arc::new(GroundClock(ground.clone())),
        random: Arc::new(Chance(ground.clone())),
    }
}

/// The ground's clock, as the server knows clocks.
#[derive(Debug)]
struct GroundClock(Arc<Ground>);

impl Clock for GroundClock {
    fn now(&self) -> jiff::Timestamp {
        self.0.clock.now()
    }
}

/// The disk of a server of the world.
pub fn disk(ground: &Arc<Ground>) -> Arc<Disk> {
    Arc::new(Disk(ground.clone()))
}
