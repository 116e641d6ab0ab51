//! How PostgreSQL is reached: the URL, pools, and patience with a server that has no room.

use super::tls;
use crate::error::{CommitError, OpenError, ReadError};
use deadpool_postgres::{
    Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, TimeoutType, Timeouts,
};
use std::error::Error as _;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long anybody waits for a connection.
const CONNECTION_WAIT: Duration = Duration::from_secs(5);
/// The longest pause before a server that had no room is asked again.
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// A server, and how to talk to it. Every connection of this crate is made by one of these.
#[derive(Clone)]
pub(crate) struct Access {
    config: Config,
    tls: MakeRustlsConnect,
}

/// How long a statement may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// As the server and the URL say.
    OfServer,
    AtMost(Duration),
    /// As long as it takes, whatever the server says.
    Unlimited,
}

impl Access {
    /// Understands a URL. `name` tells the server whose connections these are.
    pub(crate) fn new(url: &str, name: &str, patience: Patience) -> Result<Self, OpenError> {
        let (mut config, trust) = tls::parse(url)?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            config.host("/var/run/postgresql");
        }
        let is_local = |host: &Host| match host {
            Host::Unix(_) => true,
            Host::Tcp(_) => false,
        };
        if config.get_hostaddrs().is_empty() && config.get_hosts().iter().all(is_local) {
            // Nobody listens in on a socket of this machine, and PostgreSQL knows no TLS there.
            config.ssl_mode(SslMode::Disable);
        }
        let mut options = config.get_options().map(str::to_owned).into_iter().collect::<Vec<_>>();
        // Compiling a plan costs more than any statement here takes.
        options.push("-c jit=off".to_owned());
        match patience {
            Patience::OfServer => {}
            Patience::AtMost(deadline) => {
                options.push(format!("-c statement_timeout={}", deadline.as_millis().max(1)));
            }
            Patience::Unlimited => options.push("-c statement_timeout=0".to_owned()),
        }
        config.options(options.join(" "));
        if config.get_application_name().is_none() {
            config.application_name(format!("paypier {name}"));
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECTION_WAIT);
        }
        let tls = tls::connector(config.get_ssl_mode(), trust)?;
        Ok(Self { config, tls })
    }

    /// One connection, for as long as its client lives.
    pub(crate) async fn connect(&self) -> Result<(Client, JoinHandle<()>), tokio_postgres::Error> {
        let mut patience = Pauses::new();
        loop {
            match self.config.connect(self.tls.clone()).await {
                Ok((client, connection)) => {
                    // Ends when the client is dropped; its error reaches the client's calls.
                    let driver = tokio::spawn(async move {
                        let _ = connection.await;
                    });
                    return Ok((client, driver));
                }
                Err(error) if has_no_room(&error) && patience.pause().await => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Connections that are made when they are needed. `wait` bounds the time for a free one.
    pub(super) fn pool(&self, size: usize, wait: Option<Duration>) -> Pool {
        let manager = Manager::from_config(
            self.config.clone(),
            self.tls.clone(),
            ManagerConfig { recycling_method: RecyclingMethod::Fast },
        );
        let timeouts = Timeouts { wait, create: Some(CONNECTION_WAIT), recycle: Some(CONNECTION_WAIT) };
        let built = Pool::builder(manager)
            .max_size(size.max(1))
            .timeouts(timeouts)
            .runtime(deadpool_postgres::Runtime::Tokio1)
            .build();
        // The only error of building is a time-out without a runtime, and the runtime is given.
        built.expect("a pool with a runtime can be built")
    }

    /// A pool whose users are many and are refused when too many wait.
    pub(super) fn bounded_pool(&self, size: usize) -> Pool {
        self.pool(size, Some(CONNECTION_WAIT))
    }
}

/// Why there is no connection. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoConnection {
    /// All are in use, and none became free in time.
    Crowded,
    Unreachable(String),
}

impl From<NoConnection> for CommitError {
    fn from(none: NoConnection) -> Self {
        match none {
            NoConnection::Crowded => Self::Overloaded,
            NoConnection::Unreachable(text) => Self::Unavailable(text),
        }
    }
}

impl From<NoConnection> for ReadError {
    fn from(none: NoConnection) -> Self {
        match none {
            NoConnection::Crowded => Self::Overloaded,
            NoConnection::Unreachable(text) => Self::Unavailable(text),
        }
    }
}

impl From<NoConnection> for OpenError {
    fn from(none: NoConnection) -> Self {
        match none {
            NoConnection::Crowded => Self::Unreachable("no connection became free in time".into()),
            NoConnection::Unreachable(text) => Self::Unreachable(text),
        }
    }
}

/// A connection of the pool. A server that has no room for one more is asked again: by then one of
/// the pool's own may be free as well, so that a pool works with as many as it gets.
pub(super) async fn connection(pool: &Pool) -> Result<Object, NoConnection> {
    let mut patience = Pauses::new();
    loop {
        match pool.get().await {
            Ok(client) => return Ok(client),
            Err(PoolError::Timeout(TimeoutType::Wait)) => return Err(NoConnection::Crowded),
            Err(PoolError::Timeout(TimeoutType::Create | TimeoutType::Recycle)) => {
                return Err(NoConnection::Unreachable("no connection in time".into()));
            }
            Err(PoolError::Backend(error)) if has_no_room(&error) && patience.pause().await => {}
            Err(PoolError::Backend(error)) => return Err(NoConnection::Unreachable(told(&error))),
            Err(error) => return Err(NoConnection::Unreachable(error.to_string())),
        }
    }
}

/// Too many connections, or a server that is just starting: both pass.
fn has_no_room(error: &tokio_postgres::Error) -> bool {
    matches!(error.code(), Some(code) if *code == SqlState::TOO_MANY_CONNECTIONS || *code == SqlState::CANNOT_CONNECT_NOW)
}

/// Pauses that grow, up to [`CONNECTION_WAIT`] in all.
struct Pauses {
    next: Duration,
    until: Option<Instant>,
}

impl Pauses {
    fn new() -> Self {
        Self { next: Duration::from_millis(2), until: Instant::now().checked_add(CONNECTION_WAIT) }
    }

    /// Waits, or answers `false` when the time is up.
    async fn pause(&mut self) -> bool {
        if self.until.is_none_or(|until| Instant::now() >= until) {
            return false;
        }
        tokio::time::sleep(self.next).await;
        self.next = self.next.saturating_mul(2).min(LONGEST_PAUSE);
        true
    }
}

/// What the server said, or else what went wrong and why: the library's own text is only its kind.
pub(crate) fn told(error: &tokio_postgres::Error) -> String {
    if let Some(said) = error.as_db_error() {
        return said.message().to_owned();
    }
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(reason) = cause {
        text = format!("{text}: {reason}");
        if tls::is_distrust(reason) {
            text.push_str(
                "; sslrootcert=FILE in the URL names whom to trust instead of the system's authorities",
            );
        }
        cause = reason.source();
    }
    text
}
