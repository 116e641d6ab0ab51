//! Puts the parts together: configuration in, a running server out.
//!
//! This is where the machine's clock, randomness, files and sockets are handed to code that knows
//! none of them. What differs between local mode and production is decided by [`Mode`] here and in
//! `cli/dev.rs` and `cli/serve.rs`, nowhere else.

mod listener;
mod sandbox;
pub mod secrets;

use crate::app::platform::lookup::{Registries, Registry};
use crate::app::psp::Psps;
use crate::app::ticket::Ticket;
use crate::app::{App, Parts, Policy};
use crate::cli::dev::demo;
use crate::clock::{Clock, Random};
use crate::config::Config;
use crate::exchange::{HttpExchange, Plain};
use crate::http::HttpOptions;
use crate::http::demo::DemoShop;
use crate::http::operation::example::ExampleValues;
use crate::http::operation::{OperationState, metrics, unknown_outcomes};
use crate::http::v2::answers::V2Answers;
use crate::keyring::Keyring;
use crate::notify::{Messenger, Notifier};
use crate::webhooks::send::{Courier, HttpCourier, Patience};
use crate::webhooks::target::Targets;
use anyhow::{Context, bail};
use jiff::SignedDuration;
use paypier_connectors::Connector;
use paypier_connectors::exchange::Exchange;
use paypier_connectors::simulator::registry::{SandboxBank, SandboxTaxOffice};
use paypier_connectors::simulator::{Sandbox, SandboxOptions};
use paypier_connectors::stripe::Stripe;
use paypier_domain::change::Change;
use paypier_domain::channel::Environment;
use paypier_domain::id::StoreId;
use paypier_domain::job::{Job, JobWrite, Task};
use paypier_domain::payment::Limits;
use paypier_domain::payment_session::SessionLifetimes;
use paypier_storage::{DatabaseUrl, MigrationReport, OpenError, Storage};
use sandbox::{Link, TestClocks};
use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

/// What the server is run for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// On one machine, for its own user: the sandbox, demo credentials, private webhook targets.
    Local,
    Production,
}

/// What is ambient elsewhere.
#[derive(Debug, Clone)]
pub struct Machine {
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
}

impl Machine {
    /// The real one.
    pub fn real() -> Self {
        Self { clock: Arc::new(crate::clock::SystemClock), random: Arc::new(crate::clock::SystemRandom) }
    }
}

/// What an application is made from.
#[derive(Debug)]
pub struct Ingredients<'a> {
    pub config: &'a Config,
    pub mode: Mode,
    pub machine: Machine,
    pub storage: Storage,
    pub keyring: Keyring,
    /// What the simulated PSP derives its keys from; `None` switches it off.
    pub sandbox_secret: Option<[u8; 32]>,
    /// Without a slash at the end.
    pub public_url: String,
}

/// Puts something between a connector and a PSP's exchange.
pub type Between = Box<dyn FnOnce(Arc<dyn Exchange>) -> Arc<dyn Exchange>>;

/// What lies outside the process: where its calls to PSPs and its webhooks go.
pub struct Outside {
    /// What lies between us and the simulated PSP.
    pub network: Between,
    /// PSPs that are other companies.
    pub psps: Vec<(Arc<dyn Connector>, Arc<dyn Exchange>)>,
    pub courier: Arc<dyn Courier>,
    pub messenger: Arc<dyn Messenger>,
}

/// An application whose parts know each other. When it is dropped, they let go of each other: the
/// simulated PSP calls back into the application, which would otherwise keep itself alive.
#[derive(Debug)]
pub struct Composed {
    pub app: App,
    mode: Mode,
    link: Link,
}

impl Drop for Composed {
    fn drop(&mut self) {
        self.link.cut();
    }
}

impl std::fmt::Debug for Outside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Outside(..)")
    }
}

impl Outside {
    /// The real one.
    fn real(config: &Config, mode: Mode) -> anyhow::Result<Self> {
        let policy = policy(config, mode);
        let targets = Targets::allowed(policy.allow_private_targets, &config.webhooks.internal_networks);
        let courier =
            HttpCourier::new(targets, patience(config)).context("sending webhooks cannot be set up")?;
        let messenger = Arc::new(Notifier::new(&config.notify)?);
        let stripe: (Arc<dyn Connector>, Arc<dyn Exchange>) =
            (Arc::new(Stripe::new(config.stripe.options())), Arc::new(way_to_stripe(config, mode)?));
        Ok(Self {
            network: Box::new(|exchange| exchange),
            psps: vec![stripe],
            courier: Arc::new(courier),
            messenger,
        })
    }
}

/// Makes the application; starts nothing.
///
/// # Errors
/// Webhooks cannot be sent from this machine, or a PSP's address must not be called.
pub fn application(ingredients: Ingredients<'_>) -> anyhow::Result<Composed> {
    let outside = Outside::real(ingredients.config, ingredients.mode)?;
    Ok(application_in(ingredients, outside))
}

/// The same in a world of the caller's making.
pub fn application_in(ingredients: Ingredients<'_>, outside: Outside) -> Composed {
    let Ingredients { config, mode, machine, storage, keyring, sandbox_secret, public_url } = ingredients;
    let link = Link::default();
    let mut psps: Vec<(Arc<dyn Connector>, Arc<dyn Exchange>)> = Vec::new();
    let clocks = TestClocks::new(link.clone(), machine.clock.clone());
    let simulator =
        sandbox_secret.map(|secret| sandbox::psp(&clocks, storage.clone(), secret, public_url.clone()));
    if let Some(psp) = &simulator {
        let options = SandboxOptions { read_timeout: config.sandbox.read_timeout };
        let exchange = Arc::new(sandbox::exchange(&clocks, psp.clone(), &machine));
        psps.push((Arc::new(Sandbox::new(options)), (outside.network)(exchange)));
    }
    psps.extend(outside.psps);
    let policy = Policy { public_url, ..policy(config, mode) };
    let app = App::new(Parts {
        storage,
        clock: machine.clock,
        random: machine.random,
        keyring,
        psps: Psps::new(psps),
        simulator: simulator.clone(),
        answers: Arc::new(V2Answers),
        registries: registries(simulator.is_some()),
        courier: outside.courier,
        messenger: outside.messenger,
        policy,
    });
    link.tie(app.clone());
    Composed { app, mode, link }
}

/// The sandbox answers for TEST data. No provider of LIVE data has been connected yet.
fn registries(has_sandbox: bool) -> Registries {
    let test = if has_sandbox {
        Registry { bank: Some(Arc::new(SandboxBank)), tax_office: Some(Arc::new(SandboxTaxOffice)) }
    } else {
        Registry::default()
    };
    Registries { live: Registry::default(), test }
}

fn way_to_stripe(config: &Config, mode: Mode) -> anyhow::Result<HttpExchange> {
    let plain = match mode {
        Mode::Local => Plain::ToLoopback,
        Mode::Production => Plain::Never,
    };
    HttpExchange::new(&config.stripe.api_base, plain)
        .context("stripe.api_base (PAYPIER_STRIPE_API_BASE) cannot be used")
}

/// What the configuration says about behaviour.
pub fn policy(config: &Config, mode: Mode) -> Policy {
    Policy {
        limits: Limits {
            max_attempts: config.limits.max_attempts,
            max_cancellations: config.limits.max_cancellations,
            answer_overdue: SignedDuration::try_from(config.limits.answer_overdue)
                .unwrap_or(SignedDuration::MAX),
        },
        caller_patience: config.limits.caller_patience,
        access_token_lifetime: config.security.access_token_lifetime,
        refresh_token_lifetime: config.security.refresh_token_lifetime,
        max_manual_deliveries: config.webhooks.max_manual_deliveries,
        idempotency_lifetime: config.limits.idempotency_lifetime,
        schedules_at_once: config.limits.schedules_at_once,
        schedule_lateness: (!config.limits.schedule_lateness.is_zero()).then(|| {
            SignedDuration::try_from(config.limits.schedule_lateness).unwrap_or(SignedDuration::MAX)
        }),
        allow_private_targets: match mode {
            Mode::Local => true,
            Mode::Production => false,
        },
        window_lifetime: SignedDuration::try_from(config.limits.checkout_window)
            .unwrap_or(SignedDuration::MAX),
        session_lifetimes: SessionLifetimes {
            usual: SignedDuration::try_from(config.limits.session_lifetime).unwrap_or(SignedDuration::MAX),
            longest: SignedDuration::try_from(config.limits.longest_session).unwrap_or(SignedDuration::MAX),
        },
        platform_enabled: config.platform.enabled,
        public_url: String::new(),
        has_siblings: config.server.replicas > 1,
        directory_staleness: config.limits.directory_staleness,
    }
}

fn patience(config: &Config) -> Patience {
    Patience {
        connect: config.webhooks.connect_timeout,
        read: config.webhooks.read_timeout,
        ..Patience::default()
    }
}

/// What the configuration says about HTTP.
pub fn http_options(config: &Config) -> HttpOptions {
    HttpOptions {
        body_limit: config.limits.max_body_size.in_memory(),
        max_in_flight: usize::try_from(config.limits.max_requests).unwrap_or(usize::MAX),
        longest_line: config.limits.longest_line,
        deadline: config.limits.request_deadline,
        trusted_proxy: config.server.trusted_proxy,
        account_transfers: config.platform.account_transfers,
        ..HttpOptions::default()
    }
}

/// Whether a database that is behind this binary is brought up to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Migration {
    Apply,
    Refuse,
}

/// Opens the database of the configuration.
///
/// # Errors
/// It cannot be reached, is damaged, newer than this binary, or older and must not be migrated.
pub async fn open_storage(
    config: &Config,
    machine: &Machine,
    migration: Migration,
) -> anyhow::Result<Storage> {
    let url = config.database_url();
    make_folder_of(&url)?;
    match migration {
        Migration::Apply => {
            let report = migrate(config, machine).await?;
            if !report.applied.is_empty() {
                tracing::info!(from = report.from, to = report.to, "the database was migrated");
            }
        }
        Migration::Refuse => {}
    }
    let ids = crate::clock::Ids { clock: machine.clock.clone(), random: machine.random.clone() };
    let mut options = paypier_storage::Options::new(url.clone(), ids.uuid().to_string());
    options.readers = usize::try_from(config.database.readers).unwrap_or(usize::MAX);
    options.writers = usize::try_from(config.database.writers).unwrap_or(usize::MAX);
    options.queue = usize::try_from(config.database.queue).unwrap_or(usize::MAX);
    match Storage::open(options).await {
        Ok(storage) => Ok(storage),
        Err(error @ OpenError::NeedsMigration { .. }) => Err(anyhow::Error::new(error).context(format!(
            "the database {url} cannot be used yet (`paypier serve --migrate` would migrate it)"
        ))),
        Err(error) => Err(anyhow::Error::new(error).context(format!("the database {url} cannot be opened"))),
    }
}

/// Brings the database of the configuration to this binary's schema.
///
/// # Errors
/// It cannot be reached, is damaged, or is newer than this binary.
pub async fn migrate(config: &Config, machine: &Machine) -> anyhow::Result<MigrationReport> {
    let url = config.database_url();
    make_folder_of(&url)?;
    paypier_storage::migrate(&url, machine.clock.now())
        .await
        .with_context(|| format!("the database {url} cannot be migrated"))
}

fn make_folder_of(url: &DatabaseUrl) -> anyhow::Result<()> {
    match url {
        DatabaseUrl::Sqlite(path) => {
            if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                make_folder(folder)?;
            }
            make_private_file(path)
        }
        DatabaseUrl::Postgres(_) => Ok(()),
    }
}

/// Makes the database's file, when there is none, so that only its owner may read it: it holds buyers'
/// data. SQLite gives its log the same permissions.
fn make_private_file(path: &Path) -> anyhow::Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error).with_context(|| {
            format!("the database {} cannot be made; choose another folder with --data-dir", path.display())
        }),
    }
}

/// Makes a folder that only its owner may look into, when there is none.
///
/// # Errors
/// It cannot be made.
pub fn make_folder(folder: &Path) -> anyhow::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).with_context(|| {
        format!(
            "the folder {} cannot be made; choose another with --data-dir, or make it writable",
            folder.display()
        )
    })
}

/// A process's sole use of an SQLite file; given back when it is dropped or the process ends.
#[derive(Debug)]
pub struct SoleUse {
    _lock: Option<File>,
}

impl SoleUse {
    /// # Errors
    /// Another server uses the file.
    pub fn of(url: &DatabaseUrl) -> anyhow::Result<Self> {
        let DatabaseUrl::Sqlite(path) = url else { return Ok(Self { _lock: None }) };
        make_folder_of(url)?;
        let mut name = path.clone().into_os_string();
        name.push(".lock");
        let name = PathBuf::from(name);
        let file = File::create(&name)
            .with_context(|| format!("the lock file {} cannot be made", name.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _lock: Some(file) }),
            Err(std::fs::TryLockError::WouldBlock) => bail!(
                "another paypier serves the database {url}. Stop it first, or give this one a folder of its own with \
                 --data-dir. Several servers on one database need PostgreSQL (--database-url)"
            ),
            Err(std::fs::TryLockError::Error(error)) => Err(anyhow::Error::new(error)
                .context(format!("the lock file {} cannot be locked", name.display()))),
        }
    }
}

/// Connections that may wait to be accepted. With the usual 128 a crowd that arrives in one moment is
/// not refused but made to wait for a second, which is when clients knock again. The system caps it
/// (net.core.somaxconn).
const BACKLOG: u32 = 4096;

fn bound_to(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A restart must not wait for the old process's connections to be forgotten.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Takes the address of the configuration.
///
/// # Errors
/// Something else has it, or it is not this machine's.
pub async fn listen(config: &Config) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let address = config.server.listen;
    let listener = bound_to(address).with_context(|| {
        format!(
            "{address} cannot be listened on. If another program, perhaps another paypier, uses it, stop that or choose \
             another address with --listen"
        )
    })?;
    let bound = listener.local_addr().context("the bound address cannot be read")?;
    Ok((listener, bound))
}

/// Asks the system for as many open files as it grants, and lets the configured number of connections
/// fit into them: a server that runs out of files cannot reach its database or a PSP either.
pub fn fit_open_files(config: &mut Config) {
    // Files, database connections and outgoing calls need some, too.
    const OTHERS: u64 = 512;
    let granted = match rlimit::increase_nofile_limit(rlimit::INFINITY) {
        Ok(granted) => granted,
        Err(error) => {
            tracing::warn!(%error, "the limit of open files cannot be raised");
            return;
        }
    };
    let room = u32::try_from(granted.saturating_sub(OTHERS).max(OTHERS)).unwrap_or(u32::MAX);
    if room < config.server.max_connections {
        tracing::warn!(
            max_connections = config.server.max_connections,
            accepted = room,
            "the system allows fewer open files than server.max_connections needs; raise the limit (ulimit -Hn, LimitNOFILE=)"
        );
        config.server.max_connections = room;
    }
}

/// What is said when requests are accepted.
#[derive(Debug, Clone)]
pub struct Ready {
    /// As clients reach the server, without a slash at the end.
    pub url: String,
    /// When the command began.
    pub started: Instant,
}

/// Serves until SIGINT or SIGTERM, then stops in order: `/readyz` says no for a while, so that a load
/// balancer turns away; no new connections, running requests end,
/// work that callers have left behind ends, jobs stop, the database is closed. `on_ready` is called
/// when requests are accepted.
///
/// # Errors
/// `on_ready` failed, or the signals cannot be listened to.
pub async fn run(
    composed: Composed,
    config: &Config,
    listener: TcpListener,
    ready: Ready,
    on_ready: impl FnOnce(&Ready) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let (asked, stop) = (CancellationToken::new(), CancellationToken::new());
    let signals = stop_on_signals(asked.clone())?;
    if config.server.replicas == 1 {
        take_up(&composed.app).await.context("what an earlier process left open cannot be taken up")?;
    }
    queue_purge(&composed.app).await?;
    let scheduler = crate::jobs::start(composed.app.clone());
    let operation = OperationState::new(metrics::install(), &examples(composed.mode, &ready.url));
    let options = HttpOptions {
        operation: Some(operation.clone()),
        demo: demo_shop(composed.mode),
        ..http_options(config)
    };
    let work = options.work.clone();
    let router = crate::http::router(composed.app.clone(), options);
    let server_config = config.server.clone();
    let serving = {
        let stop = stop.clone();
        tokio::spawn(async move { listener::serve(listener, router, &server_config, stop).await })
    };
    let watch = tokio::spawn(unknown_outcomes::watch(composed.app.clone()));
    let said = on_ready(&ready);
    if said.is_err() {
        stop.cancel();
    } else {
        tracing::info!(url = ready.url, milliseconds = millis(ready.started.elapsed()), "ready");
        asked.cancelled().await;
        operation.drain();
        let delay = config.server.drain_delay;
        if !delay.is_zero() {
            tracing::info!(
                milliseconds = millis(delay),
                "stopping soon: not ready for new requests any more"
            );
            tokio::time::sleep(delay).await;
        }
        stop.cancel();
    }
    watch.abort();
    operation.drain();
    composed.app.mailroom.close();
    let stopping = Instant::now();
    tracing::info!("stopping: running requests end first");
    let cut_off = serving.await.context("the task that serves connections failed")?;
    work.close();
    let left = config.server.drain_timeout.saturating_sub(stopping.elapsed()).max(Duration::from_secs(1));
    let is_drained = timeout(left, work.wait()).await.is_ok();
    if cut_off > 0 || !is_drained {
        tracing::warn!(
            connections = cut_off,
            work = work.len(),
            "not everything ended in time; the next start finds out how it ended at the PSPs"
        );
    }
    scheduler.stop().await;
    signals.abort();
    drop(composed);
    tracing::info!(milliseconds = millis(stopping.elapsed()), "stopped");
    said
}

/// How long the database may take to notice that an earlier process is gone.
const LAST_BREATH: Duration = Duration::from_secs(3);

/// Takes up at once what an earlier process left open. When somebody else works on the database, it
/// may be theirs: then it is left to leases and due times, as with several replicas.
async fn take_up(app: &App) -> anyhow::Result<()> {
    let began = Instant::now();
    while app.storage.is_shared().await? {
        if began.elapsed() >= LAST_BREATH {
            tracing::warn!(
                "another process uses this database, and server.replicas is 1. What an earlier process left open is not \
                 taken up at once. If it is another server, give all of them the same number of replicas"
            );
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    crate::jobs::recover(app).await?;
    Ok(())
}

/// Removing what is past its time queues itself again; here it is queued for the first time, or moved
/// to now. It belongs to no store; the name is nobody's.
///
/// # Errors
/// The database cannot be written.
pub async fn queue_purge(app: &App) -> anyhow::Result<()> {
    let job = Job {
        task: Task::Purge,
        store: StoreId::known("store-none"),
        environment: Environment::Live,
        due_at: app.clock.now(),
        runs: 0,
    };
    let change = Change { jobs: vec![JobWrite::Put(job)], ..Change::default() };
    app.commit_with(&Ticket::none(), change).await.context("the database cannot be written")
}

/// The shop to try things with. It acts with the demo credential, so it exists where that does.
fn demo_shop(mode: Mode) -> Option<DemoShop> {
    match mode {
        Mode::Local => Some(DemoShop {
            api_secret: demo::API_SECRET,
            store_id: demo::STORE_ID,
            channels: demo::CHANNELS.iter().map(|channel| (channel.name, channel.key)).collect(),
        }),
        Mode::Production => None,
    }
}

/// What the examples of `/docs` speak of. The demo credentials are shown where they are valid.
fn examples(mode: Mode, url: &str) -> ExampleValues {
    let (api_secret, channel_key) = match mode {
        Mode::Local => (Some(demo::API_SECRET.to_owned()), Some(demo::CARD.key.to_owned())),
        Mode::Production => (None, None),
    };
    ExampleValues { base_url: url.to_owned(), api_secret, channel_key }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The first signal asks for an orderly stop; the second one ends the process at once, which is safe
/// at any moment.
fn stop_on_signals(stop: CancellationToken) -> anyhow::Result<tokio::task::JoinHandle<()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt()).context("SIGINT cannot be listened to")?;
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be listened to")?;
    Ok(tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        stop.cancel();
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::warn!("a second signal: stopping at once");
        std::process::exit(1);
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_webhook_targets_are_for_local_mode_only() {
        assert!(policy(&Config::default(), Mode::Local).allow_private_targets);
        assert!(!policy(&Config::default(), Mode::Production).allow_private_targets);
    }

    #[test]
    fn production_refuses_to_call_stripe_without_tls() {
        let mut config = Config::default();
        assert!(way_to_stripe(&config, Mode::Production).is_ok());
        config.stripe.api_base = "http://127.0.0.1:12111".parse().unwrap();
        assert!(way_to_stripe(&config, Mode::Local).is_ok());
        let refusal = format!("{:#}", way_to_stripe(&config, Mode::Production).unwrap_err());
        assert!(refusal.contains("stripe.api_base") && refusal.contains("not https"), "{refusal}");
    }

    #[test]
    fn the_default_configuration_is_the_default_behaviour() {
        assert_eq!(policy(&Config::default(), Mode::Production), Policy::default());
        assert_eq!(patience(&Config::default()), Patience::default());
        let (ours, theirs) = (http_options(&Config::default()), HttpOptions::default());
        assert_eq!(
            (ours.body_limit, ours.max_in_flight, ours.longest_line, ours.deadline, ours.trusted_proxy),
            (
                theirs.body_limit,
                theirs.max_in_flight,
                theirs.longest_line,
                theirs.deadline,
                theirs.trusted_proxy
            )
        );
    }

    #[test]
    fn two_servers_cannot_share_an_sqlite_file() {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("paypier.db"));
        let first = SoleUse::of(&url).unwrap();
        let refusal = SoleUse::of(&url).unwrap_err().to_string();
        assert!(refusal.contains("another paypier serves the database"), "{refusal}");
        drop(first);
        SoleUse::of(&url).unwrap();
    }
}
