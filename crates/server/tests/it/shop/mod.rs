//! A shop that is open: the server, its database, and verbs of the field to use it.

mod clock;
mod database;
mod office;
mod raw;
mod receiver;

pub use clock::WallClock;
pub use database::{Database, Engine, both_databases};
pub use office::SECOND_SECRET;
pub use receiver::Receiver;

use paypier::app::App;
use paypier::cli::dev::demo;
use paypier::clock::{Ids, SystemRandom};
use paypier::compose::{self, Composed, Ingredients, Machine, Mode};
use paypier::config::Config;
use paypier::jobs;
use paypier::keyring::Keyring;
use paypier_storage::{Faults, Options, Storage};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;
use tracing_subscriber::EnvFilter;

/// A server of one story, in a runtime of its own, so that it can be cut off like a machine without
/// power. Its database outlives it.
pub struct Shop {
    pub url: String,
    pub receiver: Receiver,
    /// What goes wrong in the database, from now on.
    pub disk: Faults,
    pub wall: Arc<WallClock>,
    pub config: Config,
    pub mode: Mode,
    client: reqwest::Client,
    server: Option<Server>,
    database: Database,
}

/// What a server is started from; it outlives the server.
#[derive(Clone)]
struct Ground {
    config: Config,
    mode: Mode,
    disk: Faults,
    wall: Arc<WallClock>,
}

struct Server {
    runtime: Runtime,
    composed: Composed,
}

impl Server {
    /// Every task is dropped where it is, and only then what they hold on to: a task that sees its
    /// server stop would still write something down, which no power cut does.
    fn cut_off(self) {
        let Self { runtime, composed } = self;
        // A thread of its own, because a story may not wait for a runtime's end.
        let ends = std::thread::spawn(move || {
            runtime.shutdown_timeout(Duration::from_secs(1));
            drop(composed);
        });
        let _ = ends.join();
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            server.cut_off();
        }
    }
}

/// An answer of the server.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub bytes: Vec<u8>,
    pub body: Value,
}

impl Answer {
    /// Demands success.
    #[track_caller]
    pub fn succeeds(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body
    }

    /// Demands a refusal with this status and type, in the envelope, that gives nothing away.
    #[track_caller]
    pub fn refused(self, status: u16, kind: &str) -> Value {
        assert_eq!((self.status, self.body["type"].as_str()), (status, Some(kind)), "{}", self.text());
        let message = self.body["message"].as_str().expect("a refusal says why");
        assert!(!message.is_empty());
        const INSIDES: [&str; 11] = [
            "rusqlite", "sqlite", "postgres", "panicked", "src/", ".rs:", "SELECT ", "INSERT ", "thread '",
            "serde", "Some(",
        ];
        for inside in INSIDES {
            assert!(!self.text().contains(inside), "{inside} leaks: {}", self.text());
        }
        self.body
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

pub fn card(number: &str) -> Value {
    json!({ "credential": {
        "number": number, "expiryYear": "39", "expiryMonth": "12",
        "birthOrBusinessRegistrationNumber": "900101", "passwordTwoDigits": "12",
    }})
}

pub const APPROVED: &str = "4242424242424242";
pub const OTHER_APPROVED: &str = "5555555555554444";
pub const DECLINED: &str = "4000000000000002";
pub const INSUFFICIENT_FUNDS: &str = "4000000000009995";
pub const PSP_ERROR: &str = "4000000000000119";
pub const SILENT_BUT_CHARGED: &str = "4000000000006000";
pub const SILENT_AND_NOT_CHARGED: &str = "4000000000006018";
pub const SILENT_FOR_LONG: &str = "4000000000006026";
pub const CANCELS_LATER: &str = "4000000000007726";
pub const CANCEL_FAILS_LATER: &str = "4000000000005126";
pub const CANCEL_REFUSED: &str = "4000000000005134";
pub const TOKEN_DECLINED: &str = "4000000000000341";
pub const NOTIFIES_FIRST: &str = "4000000000008888";

impl Shop {
    pub async fn open(engine: Engine) -> Self {
        Self::open_with(engine, |_| {}).await
    }

    /// With settings of its own. Silence of the PSP is short here: 300 ms, and callers wait 2 s.
    pub async fn open_with(engine: Engine, settle: impl FnOnce(&mut Config)) -> Self {
        Self::open_as(engine, Mode::Local, settle).await
    }

    pub async fn open_as(engine: Engine, mode: Mode, settle: impl FnOnce(&mut Config)) -> Self {
        // `RUST_LOG=paypier=debug` shows what the server has to say about a story.
        let log = tracing_subscriber::fmt().with_test_writer().with_env_filter(EnvFilter::from_default_env());
        let _ = log.try_init();
        let database = Database::make(engine).await;
        let mut config = Config::default();
        config.sandbox.enabled = true;
        config.sandbox.read_timeout = Duration::from_millis(300);
        config.limits.caller_patience = Duration::from_secs(2);
        config.database.url = Some(database.url.clone());
        settle(&mut config);
        let receiver = Receiver::open().await;
        let ground = Ground { config, mode, disk: Faults::default(), wall: Arc::default() };
        Self::start(ground, database, receiver).await
    }

    async fn start(ground: Ground, database: Database, receiver: Receiver) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (url, composed) = match runtime.spawn(serve(ground.clone())).await {
            Ok(served) => served,
            Err(error) => {
                runtime.shutdown_background();
                panic!("the shop does not open: {error}");
            }
        };
        let server = Some(Server { runtime, composed });
        let Ground { config, mode, disk, wall } = ground;
        Self { url, receiver, disk, wall, config, mode, client: reqwest::Client::new(), server, database }
    }

    pub fn app(&self) -> &App {
        &self.server.as_ref().unwrap().composed.app
    }

    /// The server forgets everything that was not durable, as in a power cut: whatever runs is
    /// dropped where it is. Then it opens again on the same database.
    pub async fn loses_power_and_opens_again(self) -> Self {
        let (ground, database, receiver) = self.loses_power();
        Self::start(ground, database, receiver).await
    }

    /// The same, and somebody does something to the database before it opens again.
    pub async fn opens_again_after<Fut: Future<Output = ()>>(
        self,
        deed: impl FnOnce(Database) -> Fut,
    ) -> Self {
        let (ground, database, receiver) = self.loses_power();
        deed(database.clone()).await;
        Self::start(ground, database, receiver).await
    }

    fn loses_power(mut self) -> (Ground, Database, Receiver) {
        self.server.take().unwrap().cut_off();
        let ground = Ground {
            config: self.config.clone(),
            mode: self.mode,
            disk: self.disk.clone(),
            wall: self.wall.clone(),
        };
        (ground, self.database.clone(), self.receiver.clone())
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        sent(request).await.unwrap()
    }

    pub async fn runs_sql(&self, sql: &str) {
        self.database.runs_sql(sql).await;
    }

    /// A request with the shop's API secret. `path` is sent as it is.
    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.request_as(demo::API_SECRET, method, path)
    }

    pub fn request_as(&self, secret: &str, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.anonymous(method, path).header("authorization", format!("PortOne {secret}"))
    }

    pub fn anonymous(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method.parse().unwrap(), format!("{}{path}", self.url))
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request("POST", path).body(body.to_string())).await
    }

    /// A list with criteria, as the SDKs send them.
    pub async fn list(&self, path: &str, criteria: &Value) -> Answer {
        self.get(&with_criteria(path, criteria)).await
    }

    /// What a key-in payment of `total` won with this card looks like.
    pub fn order(&self, card_number: &str, total: i64) -> Value {
        json!({
            "channelKey": demo::CARD.key, "orderName": "a book", "currency": "KRW",
            "amount": { "total": total }, "method": { "card": card(card_number) },
            "noticeUrls": [self.receiver.url],
        })
    }

    pub async fn pays(&self, id: &str, card_number: &str, total: i64) -> Answer {
        self.post(&format!("/payments/{id}/instant"), &self.order(card_number, total)).await
    }

    /// An approved payment.
    pub async fn is_paid(&self, id: &str, total: i64) {
        self.pays(id, APPROVED, total).await.succeeds();
    }

    pub async fn cancels(&self, id: &str, amount: Option<i64>) -> Answer {
        let mut body = json!({ "reason": "changed my mind" });
        if let Some(amount) = amount {
            body["amount"] = amount.into();
        }
        self.post(&format!("/payments/{id}/cancel"), &body).await
    }

    pub async fn payment(&self, id: &str) -> Value {
        self.get(&format!("/payments/{id}")).await.succeeds()
    }

    pub async fn status(&self, id: &str) -> String {
        self.payment(id).await["status"].as_str().unwrap().to_owned()
    }

    /// Moves the shop's clock and runs what became due on the way.
    pub async fn after(&self, duration: &str) {
        self.post("/sandbox/clock", &json!({ "advance": duration })).await.succeeds();
    }

    /// Everything that is due now has run when this returns.
    pub async fn jobs_run(&self) {
        self.app().run_due_work().await;
    }

    /// The types of the webhooks about this payment, in the order in which they arrived.
    pub async fn webhooks(&self, id: &str) -> Vec<String> {
        self.jobs_run().await;
        self.receiver.about(id).iter().map(|webhook| webhook.kind().to_owned()).collect()
    }

    pub async fn faults(&self, faults: Value) {
        self.send(self.request("PUT", "/sandbox/psp/faults").body(faults.to_string())).await.succeeds();
    }

    /// With what an account at the PSP proves who it is.
    pub fn psp_key(&self, account: &str) -> String {
        self.app()
            .simulator
            .as_ref()
            .unwrap()
            .secret_key(&paypier_domain::id::StoreId::known(demo::STORE_ID), account)
    }

    /// The PSP carries out what it had not answered: under this reference, with another card's luck.
    pub async fn psp_charges_after_all(
        &self,
        account: &str,
        transaction: &str,
        (total, currency): (i64, &str),
    ) {
        let body = json!({
            "reference": transaction, "amount": total, "currency": currency,
            "card": { "number": NOTIFIES_FIRST, "expiryYear": "39", "expiryMonth": "12" },
        });
        let request = self
            .anonymous("POST", "/sandbox/psp/v1/charges")
            .header("x-sandbox-store", demo::STORE_ID)
            .header("x-sandbox-merchant", account)
            .header("x-sandbox-secret", self.psp_key(account))
            .header("idempotency-key", transaction);
        self.send(request.body(body.to_string())).await.succeeds();
        self.jobs_run().await;
    }

    /// What the PSP says it did: `CHARGE` and `REFUND` with our transaction id and the amount.
    pub async fn psp_lines(&self) -> Vec<(String, String, i64)> {
        let ledger = self.get("/sandbox/psp/ledger?size=1000").await.succeeds();
        let line = |line: &Value| {
            let word = |name: &str| line[name].as_str().unwrap().to_owned();
            (word("kind"), word("reference"), line["amount"].as_i64().unwrap())
        };
        ledger["lines"].as_array().unwrap().iter().map(line).collect()
    }

    /// How often the PSP charged, and the sum of it less refunds.
    pub async fn psp(&self) -> (usize, i64) {
        let lines = self.psp_lines().await;
        let charges = lines.iter().filter(|(kind, ..)| kind == "CHARGE").count();
        let sum = lines
            .iter()
            .map(|(kind, _, amount)| if kind == "CHARGE" { *amount } else { -amount.abs() })
            .sum();
        (charges, sum)
    }

    /// What the database's own files hold; nothing where they are not ours to read.
    pub fn stored_bytes(&self) -> Vec<Vec<u8>> {
        let paypier_storage::DatabaseUrl::Sqlite(path) = &self.database.url else { return Vec::new() };
        let folder = std::fs::read_dir(path.parent().unwrap()).unwrap();
        folder.map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
    }

    /// Proves the books; every story ends with it.
    pub async fn closes(self) {
        self.jobs_run().await;
        let report = paypier::verify::run(&self.app().storage, paypier::verify::VerifyOptions::default())
            .await
            .unwrap();
        assert!(report.differences.is_empty(), "{:#?}", report.differences);
    }
}

async fn serve(ground: Ground) -> (String, Composed) {
    let Ground { config, mode, disk, wall } = ground;
    let machine = Machine { clock: wall, random: Arc::new(SystemRandom) };
    let storage = open_storage(&config, &machine, disk).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let composed = compose::application(Ingredients {
        config: &config,
        mode,
        machine,
        storage,
        keyring: Keyring::new(vec![[7; 32]]),
        sandbox_secret: Some(demo::SANDBOX_SECRET),
        public_url: url.clone(),
    })
    .unwrap();
    demo::provide(&composed.app).await.unwrap();
    jobs::recover(&composed.app).await.unwrap();
    let _runs_on = jobs::start(composed.app.clone());
    let options = compose::http_options(&config);
    let router = paypier::http::router(composed.app.clone(), options);
    tokio::spawn(async move {
        axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>()).await.unwrap();
    });
    (url, composed)
}

/// As `compose::open_storage`, with faults that a story can order.
async fn open_storage(config: &Config, machine: &Machine, disk: Faults) -> Storage {
    compose::migrate(config, machine).await.unwrap();
    let ids = Ids { clock: machine.clock.clone(), random: machine.random.clone() };
    let mut options = Options::new(config.database_url(), ids.uuid().to_string());
    options.readers = config.database.readers.try_into().unwrap();
    options.writers = config.database.writers.try_into().unwrap();
    options.queue = config.database.queue.try_into().unwrap();
    options.faults = disk;
    Storage::open(options).await.unwrap()
}

/// The answer to a request, or nothing when the connection broke.
pub async fn sent(request: reqwest::RequestBuilder) -> Option<Answer> {
    let response = request.send().await.ok()?;
    let status = response.status().as_u16();
    let bytes = response.bytes().await.ok()?.to_vec();
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    Some(Answer { status, bytes, body })
}

/// All of them at once; the answers in the same order.
pub async fn at_once(requests: Vec<reqwest::RequestBuilder>) -> Vec<Answer> {
    let tasks: Vec<_> = requests.into_iter().map(|request| tokio::spawn(sent(request))).collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap().expect("an answer"));
    }
    answers
}

/// The address of a list with its criteria in the query.
pub fn with_criteria(path: &str, criteria: &Value) -> String {
    let text = criteria.to_string();
    format!(
        "{path}?requestBody={}",
        percent_encoding::utf8_percent_encode(&text, percent_encoding::NON_ALPHANUMERIC)
    )
}

/// Waits until `check` holds, for at most 20 seconds.
pub async fn eventually<F, Fut>(what: &str, check: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = bool>,
{
    for _ in 0..400 {
        if check().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what} did not happen within 20 seconds");
}
