//! A store with a payment's events in its outbox, a clock that is moved, and a scheduler that is run by hand.

use crate::app::caller::Caller;
use crate::app::directory::StoreProfile;
use crate::app::psp::Psps;
use crate::app::success::{AnswerBook, Verdict};
use crate::app::ticket::Ticket;
use crate::app::{App, Parts, Policy};
use crate::clock::{Clock, Random, SystemClock, SystemRandom};
use crate::jobs::outbox;
use crate::keyring::Keyring;
use crate::webhooks::send::{HttpCourier, Patience};
use crate::webhooks::sign::{new_secret, seal_secret};
use crate::webhooks::target::Targets;
use jiff::{SignedDuration, Timestamp};
use paypier_domain::account::{
    ApiSecret, Merchant, PayloadContentType, PayloadVersion, Store, StorePolicy, WebhookEndpoint,
    WebhookSecret,
};
use paypier_domain::change::{Change, Write};
use paypier_domain::channel::{ChannelSnapshot, Environment};
use paypier_domain::claim::Answer;
use paypier_domain::delivery::Delivery;
use paypier_domain::id::{
    ChannelId, ChannelKey, MerchantId, PaymentId, PaymentKey, PgTxId, SecretId, StoreId, TransactionId,
};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::outcome::Outcome;
use paypier_domain::payment::settle::{self, Settled};
use paypier_domain::payment::{Amounts, Limits, Notices, Order, Origin, Payment, Platform, Request, pay};
use paypier_domain::psp::Charge;
use paypier_storage::{DatabaseUrl, Options, Storage};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use zeroize::Zeroizing;

pub const API_SECRET: &str = "the-shop's-api-secret";

/// Starts at the real time, because receivers compare with theirs, and is moved by hand.
#[derive(Debug)]
struct MovedClock(Mutex<SignedDuration>);

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        SystemClock.now().checked_add(*self.0.lock().unwrap()).unwrap()
    }
}

/// Real randomness where ids are made, and the same wait every time.
#[derive(Debug)]
struct SteadyRandom;

impl Random for SteadyRandom {
    fn fill(&self, bytes: &mut [u8]) {
        SystemRandom.fill(bytes);
    }

    fn number(&self) -> u64 {
        1_234_567
    }
}

#[derive(Debug)]
struct NoAnswers;

impl AnswerBook for NoAnswers {
    fn answer(&self, _: &str, _: &Verdict) -> Option<Answer> {
        None
    }
}

pub struct Shop {
    pub app: App,
    pub store: StoreId,
    pub secrets: Vec<Zeroizing<String>>,
    clock: Arc<MovedClock>,
    _folder: tempfile::TempDir,
}

/// How the shop has set up its webhooks.
pub struct Setup<'a> {
    pub endpoint: Option<&'a str>,
    pub version: PayloadVersion,
    pub content_type: PayloadContentType,
    pub secrets: usize,
    pub targets: Targets,
}

impl Default for Setup<'_> {
    fn default() -> Self {
        Self {
            endpoint: None,
            version: PayloadVersion::V20240425,
            content_type: PayloadContentType::Json,
            secrets: 1,
            targets: Targets::Any,
        }
    }
}

impl Shop {
    pub async fn open(endpoint: &str) -> Self {
        Self::with(Setup { endpoint: Some(endpoint), ..Setup::default() }).await
    }

    pub async fn with(setup: Setup<'_>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("paypier.db"));
        paypier_storage::migrate(&url, SystemClock.now()).await.unwrap();
        let storage = Storage::open(Options::new(url, "test")).await.unwrap();
        let clock = Arc::new(MovedClock(Mutex::default()));
        let patience = Patience {
            connect: Duration::from_secs(2),
            read: Duration::from_millis(400),
            whole: Duration::from_secs(3),
        };
        let app = App::new(Parts {
            storage,
            clock: clock.clone(),
            random: Arc::new(SteadyRandom),
            keyring: Keyring::new(vec![[7; 32]]),
            psps: Psps::new(vec![]),
            simulator: None,
            registries: Default::default(),
            answers: Arc::new(NoAnswers),
            courier: Arc::new(HttpCourier::new(setup.targets.clone(), patience).unwrap()),
            messenger: Arc::new(crate::notify::Nobody),
            policy: Policy { directory_staleness: Duration::ZERO, ..Policy::default() },
        });
        let shop = Self {
            app,
            store: StoreId::known("store-1"),
            secrets: (0..setup.secrets).map(|_| new_secret(&SystemRandom)).collect(),
            clock,
            _folder: folder,
        };
        shop.app.storage.commit(shop.founding(&setup)).await.unwrap();
        shop
    }

    fn founding(&self, setup: &Setup<'_>) -> Change {
        let now = self.app.clock.now();
        let merchant = MerchantId::known("merchant-1");
        let mut change = Change::default();
        change.writes.push(Write::Merchant(Merchant {
            id: merchant.clone(),
            name: "Shop".into(),
            created_at: now,
        }));
        change.writes.push(Write::Store(Store {
            id: self.store.clone(),
            merchant: merchant.clone(),
            name: "Shop".into(),
            is_representative: true,
            policy: StorePolicy::default(),
            test_clock_offset: SignedDuration::ZERO,
            created_at: now,
        }));
        change.writes.push(Write::ApiSecret(ApiSecret {
            id: SecretId::known("secret-1"),
            merchant,
            store: self.store.clone(),
            name: "test".into(),
            digest: crate::keyring::digest(API_SECRET),
            created_at: now,
            expires_at: None,
            deleted_at: None,
        }));
        if let Some(url) = setup.endpoint {
            change.writes.push(Write::WebhookEndpoint(WebhookEndpoint {
                store: self.store.clone(),
                environment: Environment::Test,
                url: url.to_owned(),
                version: setup.version,
                content_type: setup.content_type,
            }));
        }
        for (index, secret) in self.secrets.iter().enumerate() {
            let id = SecretId::known(format!("webhook-secret-{index}"));
            let sealed = seal_secret(&self.app.keyring, &self.store, &id, secret, &SystemRandom).unwrap();
            change.writes.push(Write::WebhookSecret(WebhookSecret {
                id,
                store: self.store.clone(),
                environment: Environment::Test,
                sealed,
                created_at: now
                    .checked_add(SignedDuration::from_secs(i64::try_from(index).unwrap()))
                    .unwrap(),
                expired_at: None,
            }));
        }
        change
    }

    pub async fn profile(&self) -> Arc<StoreProfile> {
        self.app.directory.store(&self.app, &self.store).await.unwrap().unwrap()
    }

    pub fn caller(&self) -> Caller {
        Caller {
            merchant: MerchantId::known("merchant-1"),
            store: self.store.clone(),
            secret: SecretId::known("secret-1"),
            is_representative: true,
        }
    }

    /// A payment window is open: the payment's first event.
    pub async fn opens_window(&self, payment: &str, notice_urls: &[&str]) -> Payment {
        let now = self.app.clock.now();
        let decided = pay::open(
            None,
            &self.key(payment),
            &MerchantId::known("merchant-1"),
            request(payment, notice_urls),
            None,
            Limits::default(),
            now,
        );
        let decided = decided.unwrap();
        self.commit(decided.change).await;
        decided.payment
    }

    /// The buyer has paid: the payment's next event.
    pub async fn is_paid(&self, payment: &Payment) -> Payment {
        let now = self.app.clock.now();
        let charge = Charge {
            pg_tx_id: PgTxId::known("pg-1"),
            amount: Amount::new(1_000).unwrap(),
            at: now,
            fee: Amount::ZERO,
            card: None,
            account: None,
            approval_number: None,
            receipt_url: None,
            raw: None,
        };
        let id = payment.attempts[0].id.clone();
        let Settled::Changed(decided, _) = settle::attempt(payment, &id, Outcome::Done(charge), false, now)
        else {
            panic!("the payment was not paid")
        };
        self.commit(decided.change).await;
        decided.payment
    }

    async fn commit(&self, change: Change) {
        self.app.commit(&*self.profile().await, &Ticket::none(), change).await.unwrap();
    }

    fn key(&self, payment: &str) -> PaymentKey {
        PaymentKey { store: self.store.clone(), payment: PaymentId::known(payment) }
    }

    pub fn after(&self, wait: SignedDuration) {
        let mut ahead = self.clock.0.lock().unwrap();
        *ahead = ahead.checked_add(wait).unwrap();
    }

    /// Claims what is due, as the scheduler does.
    pub async fn due(&self) -> Vec<Delivery> {
        let now = self.app.clock.now();
        self.app.storage.take_due_deliveries(now, SignedDuration::from_secs(90), 100, 4).await.unwrap()
    }

    /// Sends what is due until nothing is, and says how many executions that were.
    pub async fn delivers(&self) -> usize {
        let mut executions = 0_usize;
        loop {
            let due = self.due().await;
            if due.is_empty() {
                return executions;
            }
            executions = executions.saturating_add(due.len());
            futures::future::join_all(due.into_iter().map(|delivery| outbox::deliver(&self.app, delivery)))
                .await;
        }
    }

    pub async fn deliveries(&self, payment: &str) -> Vec<Delivery> {
        self.app.storage.deliveries_of(&self.store, &[payment]).await.unwrap()
    }
}

fn request(payment: &str, notice_urls: &[&str]) -> Request {
    Request {
        transaction: TransactionId::known(format!("tx-{payment}")),
        currency: Currency::KRW,
        amounts: Amounts::new(Amount::new(1_000).unwrap(), Amount::ZERO, None, Amount::ZERO).unwrap(),
        order: Order { name: "주문 🛒".into(), ..Order::default() },
        origin: Origin {
            platform: Platform::Api,
            ip_address: "127.0.0.1".into(),
            user_agent: None,
            url: None,
        },
        channel: ChannelSnapshot {
            key: ChannelKey::known("channel-key-1"),
            id: ChannelId::known("channel-id-1"),
            name: "cards".into(),
            environment: Environment::Test,
            connector: "sandbox".into(),
            pg_provider: "TOSSPAYMENTS".into(),
            pg_merchant_id: "shop".into(),
        },
        channel_group: None,
        billing_key: None,
        schedule: None,
        promotion: None,
        notices: Notices {
            urls: notice_urls.iter().map(|url| (*url).to_owned()).collect(),
            skip_success: false,
        },
        claim: None,
        method: None,
    }
}
