//! An administrator at work, on a database of its own.

use super::channel::{ChannelCommand, CreateArgs, CredentialsArgs, OneChannel, Usage};
use super::channel_group::{ChannelGroupCommand, MembersArgs};
use super::global::GlobalCommand;
use super::keys::KeysCommand;
use super::merchant::MerchantCommand;
use super::secret::SecretCommand;
use super::webhook::{ContentType, Version, WebhookCommand, WebhookSecretCommand};
use super::*;
use crate::app::caller::Caller;
use crate::app::cancel_payment::CancelPayment;
use crate::app::cash_receipt::WantedReceipt;
use crate::app::idempotency::Once;
use crate::app::issue_billing_key::IssueBillingKey;
use crate::app::pay_instantly::{AccountExpiry, AmountsAsk, InstantMethod, PayInstantly, Sale};
use crate::app::pay_with_billing_key::PayWithBillingKey;
use crate::app::schedule_payment::SchedulePayment;
use crate::app::success::{Success, Verdict};
use crate::app::ticket::Ticket;
use crate::cli::dev::demo;
use crate::cli::serve;
use crate::compose::{Ingredients, Migration, Mode, application, open_storage, secrets};
use crate::config::security::MasterKeys;
use crate::keyring::{Keyring, digest};
use crate::verify::Rule;
use clap::Parser;
use paypier_connectors::contract::Card;
use paypier_connectors::simulator::psp::Faults;
use paypier_domain::cash_receipt::{Kind, identity_purpose};
use paypier_domain::claim::{Claim, ClaimRef};
use paypier_domain::evidence::EvidenceKind;
use paypier_domain::id::{ChannelKey, PaymentId, PaymentKey};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::payment::{CancellationState, Notices, Order, Origin, Payment, Platform, Status};
use paypier_wire::v2::pg::PgProvider;
use std::future::Future;

struct Office {
    desk: Desk,
    _folder: tempfile::TempDir,
}

impl Office {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.server.data_dir = folder.path().to_owned();
        config.sandbox.enabled = true;
        config.security.master_keys = MasterKeys::parse(&hex::encode([1; 32]));
        let storage = open_storage(&config, &Machine::real(), Migration::Apply).await.unwrap();
        Self { desk: Desk::new(config, Machine::real(), storage), _folder: folder }
    }

    async fn store(&self) -> String {
        let made =
            merchant::run(&self.desk, MerchantCommand::Create { name: "Acme".into(), store_name: None })
                .await;
        member(&made.unwrap(), "storeId")
    }

    async fn channel(&self, store: &str, environment: Environment) -> anyhow::Result<String> {
        let args = CreateArgs {
            store: store.into(),
            name: "Cards".into(),
            connector: "sandbox".into(),
            pg_provider: PgProvider::Tosspayments,
            pg_merchant_id: "acme".into(),
            environment,
            usage: Usage::Payment,
            manual_capture: false,
            manual_approval: false,
            credentials: CredentialsArgs::default(),
        };
        Ok(member(&channel::run(&self.desk, ChannelCommand::Create(args)).await?, "channelKey"))
    }

    /// A Stripe channel with credentials from a file.
    async fn stripe_channel(
        &self,
        store: &str,
        environment: Environment,
        credentials: &str,
    ) -> anyhow::Result<Report> {
        let file = self._folder.path().join("stripe.json");
        std::fs::write(&file, credentials).unwrap();
        let args = CreateArgs {
            store: store.into(),
            name: "Cards".into(),
            connector: "stripe".into(),
            pg_provider: PgProvider::Stripe,
            pg_merchant_id: "acct_1".into(),
            environment,
            usage: Usage::Payment,
            manual_capture: false,
            manual_approval: false,
            credentials: CredentialsArgs { credentials_file: Some(file), ..CredentialsArgs::default() },
        };
        channel::run(&self.desk, ChannelCommand::Create(args)).await
    }

    async fn webhook_secret(&self, store: &str) -> anyhow::Result<Report> {
        let command = WebhookSecretCommand::Create { store: store.into(), environment: Environment::Test };
        webhook::run(&self.desk, WebhookCommand::Secret(command)).await
    }

    fn composed(&self) -> crate::compose::Composed {
        application(Ingredients {
            config: &self.desk.config,
            mode: Mode::Local,
            machine: Machine::real(),
            storage: self.desk.storage.clone(),
            keyring: secrets::administrator_keys(&self.desk.config).unwrap(),
            sandbox_secret: Some(demo::SANDBOX_SECRET),
            public_url: "http://127.0.0.1:1".into(),
        })
        .unwrap()
    }

    async fn provides_the_demo(&self) {
        demo::provide(&self.composed().app).await.unwrap();
    }
}

fn shown(report: &Report) -> Value {
    serde_json::from_str(&report.rendered(Form::Json)).unwrap()
}

fn member(report: &Report, name: &str) -> String {
    shown(report)[name].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_stripe_channel_takes_the_keys_of_its_environment_and_says_where_events_go() {
    const TEST: &str = r#"{"secretKey":"sk_test_0123456789abcdef"}"#;
    const LIVE: &str = r#"{"secretKey":"sk_live_0123456789abcdef","webhookSecret":"whsec_0123456789abcdef"}"#;
    let office = Office::open().await;
    let store = office.store().await;
    for (environment, credentials) in [(Environment::Test, TEST), (Environment::Live, LIVE)] {
        let made = office.stripe_channel(&store, environment, credentials).await.unwrap();
        let key = member(&made, "channelKey");
        let said = made.rendered(Form::Human);
        assert!(said.contains(&format!("/psp/notifications/{store}/{key}")), "{said}");
        assert!(!said.contains("0123456789abcdef"), "{said}");
        let stored = office
            .desk
            .storage
            .channel(
                &paypier_domain::id::StoreId::known(store.as_str()),
                &paypier_domain::id::ChannelKey::known(key),
            )
            .await
            .unwrap()
            .unwrap();
        assert!(!stored.credentials.0.windows(16).any(|bytes| bytes == b"0123456789abcdef"), "sealed");
    }
    for (environment, credentials, expected) in [
        (Environment::Live, TEST, "secretKey is a test key and the channel is a live channel"),
        (Environment::Test, LIVE, "secretKey is a live key and the channel is a test channel"),
        (Environment::Test, r#"{"key":"sk_test_0123456789abcdef"}"#, "secretKey (sk_test_… or sk_live_…)"),
    ] {
        let refusal = office.stripe_channel(&store, environment, credentials).await.unwrap_err();
        assert!(refusal.is::<Misuse>());
        assert!(refusal.to_string().contains(expected), "{refusal}");
    }
}

#[tokio::test]
async fn an_api_secret_is_shown_once_stored_as_a_digest_and_ends_when_deleted() {
    let office = Office::open().await;
    let store = office.store().await;
    let create =
        SecretCommand::Create { store: store.clone(), name: "backend".into(), expires_in_days: Some(1) };
    let made = secret::run(&office.desk, create).await.unwrap();
    let clear = member(&made, "apiSecret");

    let stored = office.desk.storage.secret_by_digest(&digest(&clear)).await.unwrap().unwrap();
    assert!(stored.is_usable(office.desk.now()) && stored.expires_at.is_some());
    let list = || SecretCommand::List { store: store.clone(), all: false };
    let listed = secret::run(&office.desk, list()).await.unwrap();
    assert_eq!(shown(&listed)[0]["state"], "usable");
    assert!(!listed.rendered(Form::Json).contains(&clear));

    let delete = || SecretCommand::Delete { id: stored.id.as_str().into() };
    secret::run(&office.desk, delete()).await.unwrap();
    let again = secret::run(&office.desk, delete()).await.unwrap();
    assert!(again.rendered(Form::Human).contains("nothing was changed"));
    assert_eq!(shown(&secret::run(&office.desk, list()).await.unwrap()), json!([]));
}

#[tokio::test]
async fn two_webhook_secrets_sign_and_a_third_waits_until_one_expired() {
    let office = Office::open().await;
    let store = office.store().await;
    let first = member(&office.webhook_secret(&store).await.unwrap(), "id");
    office.webhook_secret(&store).await.unwrap();
    let refusal = office.webhook_secret(&store).await.unwrap_err().to_string();
    assert!(refusal.contains("2 active TEST webhook secrets") && refusal.contains(&first), "{refusal}");

    let expire = WebhookSecretCommand::Expire { id: first, store: store.clone() };
    webhook::run(&office.desk, WebhookCommand::Secret(expire)).await.unwrap();
    office.webhook_secret(&store).await.unwrap();
    let list = |all| WebhookCommand::Secret(WebhookSecretCommand::List { store: store.clone(), all });
    assert_eq!(shown(&webhook::run(&office.desk, list(false)).await.unwrap()).as_array().unwrap().len(), 2);
    assert_eq!(shown(&webhook::run(&office.desk, list(true)).await.unwrap()).as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn webhooks_go_to_public_addresses_in_a_version_that_exists() {
    let office = Office::open().await;
    let store = office.store().await;
    let set = |url: &str, version, content_type| WebhookCommand::SetEndpoint {
        store: store.clone(),
        environment: Environment::Live,
        url: url.into(),
        version,
        content_type,
    };
    for refused in [
        set("http://127.0.0.1/hook", Version::V20240425, ContentType::Json),
        set("http://169.254.169.254/", Version::V20240425, ContentType::Json),
        set("ftp://acme.example/", Version::V20240425, ContentType::Json),
        set("https://acme.example/hook", Version::V20240425, ContentType::Form),
    ] {
        assert!(webhook::run(&office.desk, refused).await.unwrap_err().is::<Misuse>());
    }
    let accepted = set("https://acme.example/hook", Version::V20240101, ContentType::Form);
    webhook::run(&office.desk, accepted).await.unwrap();
    // The demo database is local mode's, where the merchant's server is on the same machine.
    office.provides_the_demo().await;
    webhook::run(&office.desk, set("http://127.0.0.1/hook", Version::V20240425, ContentType::Json))
        .await
        .unwrap();
}

#[tokio::test]
async fn channels_are_switched_grouped_and_never_live_on_the_simulated_psp() {
    let office = Office::open().await;
    let store = office.store().await;
    assert!(office.channel(&store, Environment::Live).await.unwrap_err().is::<Misuse>());
    let key = office.channel(&store, Environment::Test).await.unwrap();
    let one = || OneChannel { key: key.clone(), store: store.clone() };
    let disabled = channel::run(&office.desk, ChannelCommand::Disable(one())).await.unwrap();
    assert_eq!(shown(&disabled)["isEnabled"], false);
    channel::run(&office.desk, ChannelCommand::Enable(one())).await.unwrap();

    let members = |weight| MembersArgs { members: vec![(key.clone(), weight)], disabled: Vec::new() };
    let create = |environment, weight| ChannelGroupCommand::Create {
        store: store.clone(),
        environment,
        name: "Cards".into(),
        members: members(weight),
    };
    assert!(channel_group::run(&office.desk, create(Environment::Test, 99)).await.is_err());
    assert!(channel_group::run(&office.desk, create(Environment::Live, 100)).await.is_err());
    let made = channel_group::run(&office.desk, create(Environment::Test, 100)).await.unwrap();
    let id = member(&made, "id");
    assert!(id.starts_with("channel-group-test-"));
    let delete = || ChannelGroupCommand::Delete { id: id.clone(), store: store.clone() };
    channel_group::run(&office.desk, delete()).await.unwrap();
    assert!(channel_group::run(&office.desk, delete()).await.is_err());
}

#[tokio::test]
async fn resealing_makes_the_old_master_key_superfluous() {
    let mut office = Office::open().await;
    let store = office.store().await;
    let key = office.channel(&store, Environment::Test).await.unwrap();
    office.webhook_secret(&store).await.unwrap();
    global::run(&office.desk, GlobalCommand::Create { store: store.clone() }).await.unwrap();

    let (old, new) = (hex::encode([1; 32]), hex::encode([2; 32]));
    office.desk.config.security.master_keys = MasterKeys::parse(&new);
    assert!(keys::run(&office.desk, KeysCommand::Reseal).await.is_err(), "the old key is still needed");
    office.desk.config.security.master_keys = MasterKeys::parse(&format!("{new},{old}"));
    let resealed = keys::run(&office.desk, KeysCommand::Reseal).await.unwrap();
    assert_eq!(
        shown(&resealed),
        json!({
            "channelsResealed": 1, "webhookSecretsResealed": 1, "identitiesResealed": 0, "taxNumbersResealed": 0,
            "globalResealed": 1,
            "alreadyCurrent": 0, "expiredAndUnreadable": 0,
        })
    );
    let again = keys::run(&office.desk, KeysCommand::Reseal).await.unwrap();
    assert_eq!(shown(&again)["alreadyCurrent"], 3);

    let channels = office.desk.storage.channels_of(&StoreId::known(store)).await.unwrap();
    let purpose = crate::app::psp::credentials_purpose(&paypier_domain::id::ChannelKey::known(key));
    Keyring::new(vec![[2; 32]]).open(&purpose, &channels[0].credentials).unwrap();
}

#[tokio::test]
async fn the_tax_numbers_of_buyers_are_resealed_in_orders_and_in_schedules() {
    let mut till = Till::open().await;
    let app = till.composed.app.clone();
    let authorization = format!("PortOne {}", demo::API_SECRET);
    let caller = app.authenticate(Some(&authorization)).await.unwrap();
    let wanted = || WantedReceipt {
        kind: Kind::Personal,
        identity_number: zeroize::Zeroizing::new("01012345678".into()),
    };
    let account = demo::CHANNELS.iter().find(|channel| channel.name == "virtualAccount").unwrap();
    let ask = PayInstantly {
        store: None,
        payment_id: PaymentId::known("account"),
        channel: Some(ChannelKey::known(account.key)),
        channel_group: None,
        method: InstantMethod::VirtualAccount {
            bank: "SHINHAN".into(),
            expiry: AccountExpiry::ValidHours(1),
            fixed_account: None,
            remittee_name: None,
        },
        sale: Sale { receipt: Some(wanted()), ..sale() },
    };
    app.pay_instantly(&caller, ask, &Ticket::none()).await.unwrap();
    let issue = IssueBillingKey {
        store: None,
        channel: Some(ChannelKey::known(demo::CARD.key)),
        channel_group: None,
        card: Card::new("4242424242424242".into(), "39".into(), "12".into(), None, None),
        customer: Default::default(),
        custom_data: None,
        issue_id: None,
        issue_name: None,
        origin: sale().origin,
        notices: Notices::default(),
    };
    let Success::BillingKeyIssued(key) =
        app.issue_billing_key(&caller, issue, &Ticket::none()).await.unwrap()
    else {
        panic!("no key")
    };
    let later = SchedulePayment {
        charge: PayWithBillingKey {
            store: None,
            payment_id: PaymentId::known("later"),
            billing_key: key.id,
            channel: None,
            installment: None,
            is_point_used: false,
            schedule: None,
            beside: Vec::new(),
            sale: Sale { receipt: Some(wanted()), ..sale() },
        },
        time_to_pay: app.clock.now().checked_add(jiff::SignedDuration::from_hours(48)).unwrap(),
    };
    let Success::Scheduled(schedule) = app.schedule_payment(&caller, later, &Ticket::none()).await.unwrap()
    else {
        panic!("no schedule")
    };
    let before = till.payment("account").await;

    let (old, new) = (hex::encode([1; 32]), hex::encode([2; 32]));
    till.office.desk.config.security.master_keys = MasterKeys::parse(&new);
    let refusal = keys::run(&till.office.desk, KeysCommand::Reseal).await.unwrap_err();
    assert!(refusal.to_string().contains("tax number"), "{refusal:#}");
    till.office.desk.config.security.master_keys = MasterKeys::parse(&format!("{new},{old}"));
    let resealed = keys::run(&till.office.desk, KeysCommand::Reseal).await.unwrap();
    assert_eq!(shown(&resealed)["taxNumbersResealed"], 2);
    let again = keys::run(&till.office.desk, KeysCommand::Reseal).await.unwrap();
    assert_eq!(shown(&again)["taxNumbersResealed"], 0);

    let newest = Keyring::new(vec![[2; 32]]);
    let after = till.payment("account").await;
    let attempt = &after.attempts[0];
    let sealed = &attempt.order.cash_receipt.as_ref().unwrap().identity;
    assert_eq!(newest.open(&identity_purpose(attempt.id.as_str()), sealed).unwrap(), b"01012345678");
    assert_eq!(
        (after.updated_at, after.status(), after.last_event),
        (before.updated_at, before.status(), before.last_event)
    );
    let store = StoreId::known(demo::STORE_ID);
    let stored = till.office.desk.storage.schedule(&store, &schedule).await.unwrap().unwrap();
    let sealed = &stored.charge.order.cash_receipt.as_ref().unwrap().identity;
    assert_eq!(newest.open(&identity_purpose(schedule.as_str()), sealed).unwrap(), b"01012345678");
}

#[tokio::test]
async fn global_credentials_are_made_once_shown_without_the_secret_and_replaced() {
    let office = Office::open().await;
    let store = office.store().await;
    let made = global::run(&office.desk, GlobalCommand::Create { store: store.clone() }).await.unwrap();
    let (key, secret) = (member(&made, "clientKey"), member(&made, "secret"));
    assert_eq!((key.len(), secret.len()), (16, 64));
    assert!(global::run(&office.desk, GlobalCommand::Create { store: store.clone() }).await.is_err());
    let seen = global::run(&office.desk, GlobalCommand::Show { store: store.clone() }).await.unwrap();
    assert_eq!(member(&seen, "clientKey"), key);
    assert!(!shown(&seen).to_string().contains(&secret));
    let rotated =
        global::run(&office.desk, GlobalCommand::RotateSecret { store: store.clone() }).await.unwrap();
    assert_eq!(member(&rotated, "clientKey"), key);
    assert_ne!(member(&rotated, "secret"), secret);
    let set = GlobalCommand::Set {
        store: store.clone(),
        name: Some("Acme Pay".into()),
        email: None,
        logo: None,
        support_email: None,
        support_phone: None,
        active: Some(false),
        origins: Some("https://acme.example".into()),
    };
    let set = global::run(&office.desk, set).await.unwrap();
    assert_eq!(shown(&set)["isActive"], false);
    let stored = office.desk.storage.global_merchant(&StoreId::known(store)).await.unwrap().unwrap();
    assert_eq!((stored.brand.name.as_str(), stored.origins.len()), ("Acme Pay", 1));
}

#[tokio::test]
async fn the_demo_is_provided_once_and_production_refuses_it() {
    let office = Office::open().await;
    office.store().await;
    serve::check_database(&office.desk.storage, &office.desk.config).await.unwrap();
    office.provides_the_demo().await;
    let store = StoreId::known(demo::STORE_ID);
    let one = OneChannel { key: demo::CARD.key.into(), store: demo::STORE_ID.into() };
    channel::run(&office.desk, ChannelCommand::Disable(one)).await.unwrap();
    office.provides_the_demo().await;

    let channels = office.desk.storage.channels_of(&store).await.unwrap();
    // Each channel of the Global catalogue takes money at once, or later.
    let of_global = paypier_domain::catalogue::channels().len().saturating_mul(2);
    assert_eq!(channels.len(), demo::CHANNELS.len() + of_global);
    let card = channels.iter().find(|channel| channel.key.as_str() == demo::CARD.key).unwrap();
    assert!(!card.is_enabled, "what somebody changed stays changed");
    let refusal =
        serve::check_database(&office.desk.storage, &office.desk.config).await.unwrap_err().to_string();
    assert!(refusal.contains("demo credentials"), "{refusal}");
}

fn sale() -> Sale {
    Sale {
        order: Order { name: "Tea".into(), ..Order::default() },
        amounts: AmountsAsk { total: Amount::new(10_000).unwrap(), tax_free: Amount::ZERO, vat: None },
        currency: Currency::KRW,
        origin: Origin {
            platform: Platform::Api,
            ip_address: "127.0.0.1".into(),
            user_agent: None,
            url: None,
        },
        notices: Notices::default(),
        promotion: None,
        bypass: None,
        receipt: None,
    }
}

/// A shop whose PSP leaves questions open, and the two who close them.
struct Till {
    office: Office,
    composed: crate::compose::Composed,
}

const LOST: &str = "4000000000006026";
const REFUNDS_LATER: &str = "4000000000007726";

impl Till {
    async fn open() -> Self {
        let mut office = Office::open().await;
        office.desk.config.limits.caller_patience = std::time::Duration::from_millis(10);
        office.desk.config.sandbox.read_timeout = std::time::Duration::from_millis(50);
        let composed = office.composed();
        demo::provide(&composed.app).await.unwrap();
        Self { office, composed }
    }

    fn key(id: &str) -> PaymentKey {
        PaymentKey { store: StoreId::known(demo::STORE_ID), payment: PaymentId::known(id) }
    }

    /// A keyed request of the shop's server, as the HTTP layer would make it.
    async fn asks<Fut>(&self, operation: &str, key: &str, work: impl FnOnce(Caller, Ticket) -> Fut) -> Once
    where
        Fut: Future<Output = Verdict>,
    {
        let authorization = format!("PortOne {}", demo::API_SECRET);
        let caller = self.composed.app.authenticate(Some(&authorization)).await.unwrap();
        let reference =
            ClaimRef { merchant: caller.merchant.clone(), key: key.into(), operation: operation.into() };
        let claim = Claim { reference, fingerprint: [0; 32], at: self.composed.app.clock.now() };
        self.composed.app.once(Some(claim), |ticket| work(caller, ticket)).await
    }

    async fn charges(&self, id: &str, number: &str) -> Once {
        let ask = PayInstantly {
            store: None,
            payment_id: PaymentId::known(id),
            channel: Some(ChannelKey::known(demo::CARD.key)),
            channel_group: None,
            method: InstantMethod::Card {
                card: Card::new(number.into(), "39".into(), "12".into(), None, None),
                installment: None,
                is_point_used: false,
            },
            sale: sale(),
        };
        let app = self.composed.app.clone();
        self.asks("payInstantly", &format!("pay-{id}"), |caller, ticket| async move {
            app.pay_instantly(&caller, ask, &ticket).await
        })
        .await
    }

    async fn cancels(&self, id: &str, amount: i64) -> Once {
        let ask = CancelPayment {
            store: None,
            payment_id: PaymentId::known(id),
            amount: Some(Amount::new(amount).unwrap()),
            tax_free: None,
            vat: None,
            current_cancellable: None,
            reason: "late".into(),
            requester: None,
            refund_account: None,
            retain: paypier_domain::promotion::RetainOption::Release,
            skip_webhook: false,
        };
        let app = self.composed.app.clone();
        self.asks("cancelPayment", &format!("cancel-{id}"), |caller, ticket| async move {
            app.cancel_payment(&caller, ask, &ticket).await
        })
        .await
    }

    /// What the request with this key is told when it is repeated.
    async fn is_told(&self, operation: &str, key: &str) -> (u16, String) {
        match self.asks(operation, key, |_, _| async { panic!("it is not carried out again") }).await {
            Once::Replayed(answer) => (answer.status, String::from_utf8(answer.body).unwrap()),
            Once::Decided(verdict) => panic!("{verdict:?}"),
        }
    }

    async fn payment(&self, id: &str) -> Payment {
        self.office.desk.storage.payment(&Self::key(id)).await.unwrap().unwrap()
    }

    async fn operators_said(&self, id: &str) -> Vec<String> {
        let evidence = self.office.desk.storage.evidence_of(&Self::key(id)).await.unwrap();
        let operators = evidence.into_iter().filter(|seen| seen.kind == EvidenceKind::Operator);
        operators.map(|seen| format!("{} {}", seen.subject.unwrap_or_default(), seen.finding)).collect()
    }

    async fn resolves(&self, arguments: &[&str]) -> anyhow::Result<Report> {
        let fixed = ["paypier", "admin", "payment", "resolve", "--store", demo::STORE_ID];
        let line = fixed.iter().chain(arguments);
        let command = match crate::cli::Cli::try_parse_from(line)?.command {
            Some(crate::cli::Command::Admin(AdminArgs {
                command: AdminCommand::Payment(command), ..
            })) => command,
            other => panic!("{other:?}"),
        };
        payment::run(&self.office.desk, command).await
    }
}

const BY_TWO: [&str; 6] = [
    "--operator",
    "kim@acme.example",
    "--approved-by",
    "lee@acme.example",
    "--reason",
    "seen in the console",
];

#[tokio::test]
async fn two_people_end_an_unknown_charge_and_its_request_learns_the_truth() {
    let till = Till::open().await;
    for id in ["paid", "failed"] {
        till.charges(id, LOST).await;
        assert_eq!(till.payment(id).await.status(), Status::Pending);
        let (status, told) = till.is_told("payInstantly", &format!("pay-{id}")).await;
        assert!(status != 200 && told.contains("OUTCOME_UNKNOWN"), "{status} {told}");
    }
    let paid = [&["paid", "--outcome", "paid", "--pg-tx-id", "sbx_seen"][..], &BY_TWO].concat();
    let report = till.resolves(&paid).await.unwrap();
    assert_eq!(shown(&report)["status"], "PAID");
    let (status, told) = till.is_told("payInstantly", "pay-paid").await;
    assert!(status == 200 && told.contains("sbx_seen"), "{status} {told}");
    assert_eq!(
        till.operators_said("paid").await,
        [" charged, decided by kim@acme.example, approved by lee@acme.example: seen in the console"]
    );
    let again = till.resolves(&paid).await.unwrap_err().to_string();
    assert_eq!(again, "the payment is PAID and no attempt of it waits for a decision");

    till.resolves(&[&["failed", "--outcome", "failed"][..], &BY_TWO].concat()).await.unwrap();
    assert_eq!(till.payment("failed").await.status(), Status::Failed);
    let (status, told) = till.is_told("payInstantly", "pay-failed").await;
    assert!(status != 200 && told.contains("OPERATOR_DECISION"), "{status} {told}");
    assert!(
        !told.contains("seen in the console") && !told.contains("kim@"),
        "what was seen stays inside: {told}"
    );
    assert_eq!(till.operators_said("failed").await.len(), 1);
}

#[tokio::test]
async fn two_people_end_an_open_cancellation_and_its_money_is_booked_or_free_again() {
    let till = Till::open().await;
    for (id, outcome, status, cancellable) in
        [("back", "refunded", Status::PartialCancelled, 6_000), ("kept", "failed", Status::Paid, 10_000)]
    {
        till.charges(id, REFUNDS_LATER).await;
        till.cancels(id, 4_000).await;
        let waiting = till.payment(id).await;
        assert!(matches!(waiting.cancellations[0].state, CancellationState::Requested { .. }));
        assert_eq!(waiting.cancellable().minor_units(), 6_000);
        let cancellation = waiting.cancellations[0].id.to_string();

        let line = [&[id, "--cancellation", &cancellation, "--outcome", outcome][..], &BY_TWO].concat();
        assert_eq!(shown(&till.resolves(&line).await.unwrap())["cancellationId"], json!(cancellation));
        let payment = till.payment(id).await;
        assert_eq!((payment.status(), payment.cancellable().minor_units()), (status, cancellable));
        let said = till.operators_said(id).await;
        assert!(said.len() == 1 && said[0].starts_with(&cancellation), "{said:?}");
        assert!(said[0].contains("decided by kim@acme.example, approved by lee@acme.example"), "{said:?}");
        let (status, told) = till.is_told("cancelPayment", &format!("cancel-{id}")).await;
        match outcome {
            "refunded" => assert!(status == 200 && told.contains("SUCCEEDED"), "{told}"),
            _ => assert!(status != 200 && told.contains("OPERATOR_DECISION"), "{told}"),
        }
        let again = till.resolves(&line).await.unwrap_err().to_string();
        assert_eq!(again, format!("the cancellation {cancellation} is {outcome} and waits for no decision"));
    }
    // Our books hold together; that the simulated PSP has refunded nothing yet is found, and named.
    let report =
        crate::verify::run(&till.office.desk.storage, crate::verify::VerifyOptions::default()).await.unwrap();
    assert!(!report.differences.is_empty() && report.is_complete, "{}", report.human());
    for difference in &report.differences {
        assert!(matches!(difference.rule, Rule::PspAgrees | Rule::PspTotals), "{}", report.human());
    }
    till.cancels("kept", 10_000).await;
}

#[tokio::test]
async fn a_refund_that_the_psp_never_named_needs_its_name() {
    let till = Till::open().await;
    till.charges("a", "4242424242424242").await;
    let psp = till.composed.app.simulator.as_ref().unwrap();
    let faults = Faults { drop_answer_rate: Faults::rate("1").unwrap(), ..Faults::NONE };
    let store = StoreId::known(demo::STORE_ID);
    psp.set_faults(&store, faults, till.office.desk.now()).await.unwrap();
    till.cancels("a", 4_000).await;
    let unknown = till.payment("a").await.cancellations[0].clone();
    assert!(matches!(unknown.state, CancellationState::Unknown { .. }), "{unknown:?}");

    let line = [&["a", "--cancellation", unknown.id.as_str(), "--outcome", "refunded"][..], &BY_TWO].concat();
    let refusal = till.resolves(&line).await.unwrap_err();
    assert!(refusal.is::<Misuse>() && refusal.to_string().contains("--pg-cancellation-id"), "{refusal}");
    till.resolves(&[&line[..], &["--pg-cancellation-id", "sbxr_seen"]].concat()).await.unwrap();
    let refunded = till.payment("a").await.cancellations[0].clone();
    assert!(refunded.is_succeeded());
    assert_eq!(refunded.pg_cancellation_id.unwrap().as_str(), "sbxr_seen");
}

#[tokio::test]
async fn a_decision_that_two_people_did_not_make_or_that_says_nothing_is_refused() {
    let till = Till::open().await;
    till.charges("a", LOST).await;
    let alone = ["--operator", "kim", "--approved-by", "Kim ", "--reason", "seen"];
    let silent = ["--operator", "kim", "--approved-by", "lee", "--reason", "  "];
    let two = BY_TWO;
    for (what, who, text) in [
        (&["a", "--outcome", "failed"][..], &alone, "two pairs of eyes"),
        (&["a", "--outcome", "failed"], &silent, "--reason"),
        (&["a", "--outcome", "failed", "--pg-tx-id", "x"], &two, "--outcome paid only"),
        (
            &["a", "--outcome", "failed", "--refunded-at", "2026-01-01T00:00:00Z"],
            &two,
            "--outcome refunded only",
        ),
        (&["a", "--outcome", "refunded"], &two, "needs --cancellation"),
        (
            &["a", "--cancellation", "c", "--outcome", "paid", "--pg-tx-id", "x"],
            &two,
            "--outcome refunded or",
        ),
        (
            &["a", "--outcome", "paid", "--pg-tx-id", "x", "--paid-at", "2020-01-01T00:00:00Z"],
            &two,
            "is not between the request",
        ),
        (
            &["a", "--outcome", "paid", "--pg-tx-id", "x", "--paid-at", "2999-01-01T00:00:00Z"],
            &two,
            "is not between the request",
        ),
    ] {
        let refusal = till.resolves(&[what, who].concat()).await.unwrap_err();
        assert!(refusal.is::<Misuse>() && refusal.to_string().contains(text), "{what:?}: {refusal}");
    }
    for (what, text) in [
        (&["b", "--outcome", "failed"][..], "has no payment"),
        (&["a", "--cancellation", "c", "--outcome", "failed"], "no cancellation with this id"),
    ] {
        let refusal = till.resolves(&[what, &two].concat()).await.unwrap_err();
        assert!(refusal.to_string().contains(text), "{what:?}: {refusal}");
    }
    assert_eq!(till.payment("a").await.status(), Status::Pending);
    assert_eq!(till.operators_said("a").await, Vec::<String>::new());
}

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    args: AdminArgs,
}

impl Office {
    /// `paypier admin promotion …`
    async fn promotion(&self, line: &str) -> anyhow::Result<Report> {
        let words = ["admin", "promotion"].into_iter().chain(line.split_whitespace());
        match Line::try_parse_from(words)?.args.command {
            AdminCommand::Promotion(command) => promotion::run(&self.desk, command).await,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_promotion_is_made_paused_resumed_edited_and_ended() {
    let office = Office::open().await;
    let store = office.store().await;
    let create = |more: &str| {
        format!(
            "create --store {store} --environment test --name Spring --card-company NH_CARD --discount 10000=10% \
             --discount 5000=250 --budget 100000 --end 2099-01-01T00:00:00Z {more}"
        )
    };
    let made =
        office.promotion(&create("--max-discount 3000 --no-recover --spare-budget 20%")).await.unwrap();
    let id = member(&made, "id");
    assert!(id.starts_with("promotion-id-"), "{id}");
    let is = |report: &Report, name: &str, value: &str| {
        let found = shown(report)[name].clone();
        assert_eq!(found.as_str().map_or_else(|| found.to_string(), str::to_owned), value);
    };
    is(&made, "status", "IN_PROGRESS");
    is(&made, "discount", "5000=250 10000=10%");
    is(&made, "left", "100000");
    is(&made, "spareBudget", "20000");
    is(&office.promotion(&format!("pause {id}")).await.unwrap(), "status", "PAUSED");
    is(&office.promotion(&format!("edit {id} --name Summer")).await.unwrap(), "name", "Summer");
    let refused = office.promotion(&format!("edit {id} --budget 5")).await.unwrap_err().to_string();
    assert_eq!(
        refused,
        "the budget cannot be changed while the promotion is PAUSED; everything can be changed while it is SCHEDULED"
    );
    is(&office.promotion(&format!("resume {id}")).await.unwrap(), "status", "IN_PROGRESS");
    is(&office.promotion(&format!("terminate {id}")).await.unwrap(), "status", "TERMINATED");
    let refused = office.promotion(&format!("resume {id}")).await.unwrap_err().to_string();
    assert_eq!(
        refused,
        "the promotion is over (its status is TERMINATED); nothing about it can change any more"
    );
    let shown = office.promotion(&format!("show {id}")).await.unwrap();
    is(&shown, "name", "Summer");

    let later = office.promotion(&create("--start 2098-01-01T00:00:00Z")).await.unwrap();
    is(&later, "status", "SCHEDULED");
    let edited = format!("edit {} --discount 0=1% --budget 7 --recover --currency USD", member(&later, "id"));
    let edited = office.promotion(&edited).await.unwrap();
    is(&edited, "discount", "0=1%");
    is(&edited, "totalBudget", "7");
    let listed = office.promotion(&format!("list --store {store}")).await.unwrap();
    let text = listed.rendered(crate::cli::report::Form::Human);
    assert!(text.contains("Summer") && text.contains("TERMINATED") && text.contains("SCHEDULED"), "{text}");
    for (line, said) in [
        (create("--start 2099-02-01T00:00:00Z"), "a promotion ends after it starts"),
        (create("--discount 20000=10%"), "at a higher rate"),
        (create("--discount 20000=0%"), "1 to 100"),
        (create("--spare-budget 5"), "--no-recover"),
        (create("--start 2000-01-01T00:00:00Z").replace("2099", "2001"), "which is past"),
        ("show nobody".to_owned(), "there is no promotion"),
        (format!("edit {id}"), "there is nothing to change"),
    ] {
        let refused = office.promotion(&line).await.unwrap_err();
        assert!(format!("{refused:#}").contains(said), "{line}: {refused:#}");
    }
}

impl Office {
    /// `paypier admin checkout-profile …`
    async fn checkout_profile(&self, line: &str) -> anyhow::Result<Report> {
        let words = ["admin", "checkout-profile"].into_iter().chain(line.split_whitespace());
        match Line::try_parse_from(words)?.args.command {
            AdminCommand::CheckoutProfile(command) => checkout_profile::run(&self.desk, command).await,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_checkout_profile_is_made_set_and_deleted() {
    let office = Office::open().await;
    let store = office.store().await;
    let channel = office.channel(&store, Environment::Test).await.unwrap();
    let create =
        |environment: &str| format!("create --store {store} --environment {environment} --name Abroad");
    let key = member(&office.checkout_profile(&create("test")).await.unwrap(), "key");
    let live = member(&office.checkout_profile(&create("live")).await.unwrap(), "key");
    let set = |key: &str, more: &str| format!("set {key} --channel {channel} {more}");
    for (more, methods) in [
        ("--method PAY_PAY --country JP --currency JPY --least 100 --most 200", "PAY_PAY"),
        ("--method CARD_INTERNATIONAL", "PAY_PAY CARD_INTERNATIONAL"),
        ("--method PAY_PAY --disabled", "PAY_PAY CARD_INTERNATIONAL"),
    ] {
        let made = office.checkout_profile(&set(&key, more)).await.unwrap();
        assert_eq!(member(&made, "methods"), methods, "{more}");
    }
    let shown = office.checkout_profile(&format!("show {key}")).await.unwrap();
    let text = shown.rendered(crate::cli::report::Form::Human);
    assert!(text.contains("PAY_PAY") && text.contains(&channel), "{text}");
    for (line, said) in [
        (set(&key, "--method CASH"), "a method is one of"),
        (set(&key, "--method DANA --country Indonesia"), "ISO 3166"),
        (set(&key, "--method DANA --least 2 --most 1"), "for no amount"),
        (set(&key, "--method DANA").replace(&channel, "channel-key-other"), "has no channel"),
        (set(&live, "--method DANA"), "takes LIVE channels only"),
        (set("profile-key-other", "--method DANA"), "there is no checkout profile"),
        (format!("delete {key} --method DANA"), "does not offer DANA"),
    ] {
        let refused = office.checkout_profile(&line).await.unwrap_err();
        assert!(format!("{refused:#}").contains(said), "{line}: {refused:#}");
    }
    let changed = office.checkout_profile(&format!("delete {key} --method PAY_PAY")).await.unwrap();
    assert_eq!(member(&changed, "methods"), "CARD_INTERNATIONAL");
    office.checkout_profile(&format!("delete {key}")).await.unwrap();
    assert!(office.checkout_profile(&format!("show {key}")).await.is_err());
    let listed = office.checkout_profile(&format!("list --store {store}")).await.unwrap();
    let text = listed.rendered(crate::cli::report::Form::Human);
    assert!(text.contains(&live) && !text.contains(&key), "{text}");
}

impl Office {
    /// `paypier admin property …`
    async fn property(&self, line: &str) -> anyhow::Result<Report> {
        let words = ["admin", "property"].into_iter().chain(line.split_whitespace());
        match Line::try_parse_from(words)?.args.command {
            AdminCommand::Property(command) => property::run(&self.desk, command).await,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_property_is_defined_renamed_and_listed() {
    let office = Office::open().await;
    let store = office.desk.store(&office.store().await).await.unwrap();
    let merchant = store.merchant.as_str();
    let define = |more: &str| format!("define --merchant {merchant} --environment test --of partner {more}");
    office.property(&define("--key grade --name Grade")).await.unwrap();
    let renamed = office.property(&define("--key grade --name Level --secret")).await.unwrap();
    assert_eq!((member(&renamed, "name"), member(&renamed, "values")), ("Level".into(), "secret".into()));
    let list = |environment: &str| format!("list --merchant {merchant} --environment {environment}");
    let listed = office.property(&list("test")).await.unwrap().rendered(crate::cli::report::Form::Human);
    assert!(listed.contains("grade") && listed.contains("Level") && !listed.contains("Grade"), "{listed}");
    let live = office.property(&list("live")).await.unwrap().rendered(crate::cli::report::Form::Human);
    assert!(live.contains("No property is defined."), "{live}");
    for (line, said) in [
        (define(&format!("--key {} --name x", "k".repeat(65))), "64 characters"),
        (define("--key k --name x").replace(merchant, "merchant-other"), "there is no merchant"),
    ] {
        let refused = office.property(&line).await.unwrap_err();
        assert!(format!("{refused:#}").contains(said), "{line}: {refused:#}");
    }
}
