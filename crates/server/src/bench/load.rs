//! The load generator: clients on kept-alive connections, each with one request under way.
//!
//! Closed loop: a client sends its next request when it has the answer to the last; the rate is what
//! the server can do. Open arrivals: requests are due at fixed times whether or not the server keeps
//! up, and a latency counts from when its request was due, so that waiting in front of a slow server
//! is not left out (coordinated omission).

use super::process::{Database, Usage};
use super::scenario::{ClientRequest, Scenario, Templates, issued_key};
use crate::cli::dev::demo;
use anyhow::{Context, bail};
use bytes::Bytes;
use hdrhistogram::Histogram;
use http::{Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

/// Payments that are read when none were there before.
const READ_FROM: u64 = 2_000;
/// The longest latency that is told apart, in microseconds.
const LONGEST_MICROS: u64 = 120_000_000;
const RECONNECT_AFTER: Duration = Duration::from_millis(20);
const MOST_KINDS_OF_ERROR: usize = 50;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    Closed,
    Open { per_second: u32 },
}

/// What is to be done.
#[derive(Debug)]
pub struct Load {
    pub address: SocketAddr,
    pub scenario: Scenario,
    pub clients: usize,
    pub pace: Pace,
    pub warm_up: Duration,
    pub duration: Duration,
    pub existing: u64,
    pub database: Database,
    /// Tells this run's payments from those of others.
    pub run: u64,
    pub curve: Curve,
}

/// Whether every latency is kept with its moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Curve {
    Kept,
    NotKept,
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    pub tally: Tally,
    pub elapsed: Duration,
    pub usage: Usage,
}

/// What all clients share.
struct Shared {
    load: Arc<Load>,
    templates: Templates,
    next: AtomicU64,
    warm_until: Instant,
    until: Instant,
    tally: Mutex<Tally>,
}

/// What all clients saw. Times are microseconds.
#[derive(Debug)]
pub struct Tally {
    /// Of what succeeded, from when it was due.
    pub latencies: Histogram<u64>,
    /// Of what was refused for load.
    pub refused: Histogram<u64>,
    /// How much later than due requests were sent: the load generator's own share.
    pub sent_late: Histogram<u64>,
    /// Refused for load without a word on when to come again.
    pub refused_without_advice: u64,
    /// By what went wrong, refusals included.
    pub errors: BTreeMap<String, u64>,
    /// When requests were due, after the warm-up, and how long they took.
    pub curve: Vec<(u64, u64)>,
}

/// The server has too much to do.
#[derive(Debug, thiserror::Error)]
#[error("HTTP 503")]
struct Refused {
    has_advice: bool,
}

/// Runs a load to its end.
///
/// # Errors
/// The server cannot be reached, or what the scenario needs cannot be made.
pub async fn generate(load: Arc<Load>) -> anyhow::Result<Outcome> {
    let templates = prepared(&load).await?;
    let start = Instant::now();
    let warm_until = start.checked_add(load.warm_up).context("the warm-up is too long")?;
    let until = warm_until.checked_add(load.duration).context("the duration is too long")?;
    let tally = Mutex::new(Tally::new()?);
    let shared = Arc::new(Shared { load, templates, next: AtomicU64::new(0), warm_until, until, tally });
    let mut clients = JoinSet::new();
    for _ in 0..shared.load.clients {
        clients.spawn(client(shared.clone()));
    }
    sleep_until(warm_until).await;
    let before = Usage::now(shared.load.database).await;
    sleep_until(until).await;
    let usage = Usage::now(shared.load.database).await.since(before);
    while let Some(ended) = clients.join_next().await {
        ended.context("a client broke off")?;
    }
    let elapsed = shared.load.duration;
    let shared = Arc::into_inner(shared).context("a client is still there")?;
    // What began inside the time is counted, and nothing else.
    let tally = shared.tally.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(Outcome { tally, elapsed, usage })
}

fn histogram() -> anyhow::Result<Histogram<u64>> {
    Histogram::new_with_bounds(1, LONGEST_MICROS, 3).context("a histogram cannot be made")
}

/// Makes what the scenario's requests are about.
async fn prepared(load: &Load) -> anyhow::Result<Templates> {
    let templates = Templates::new(&load.address.to_string(), demo::API_SECRET, demo::CARD.key)?;
    let mut connection = Connection::open(load.address).await?;
    match load.scenario {
        Scenario::KeyIn | Scenario::Cancel => Ok(templates),
        Scenario::BillingKey => {
            let (status, body) = connection.body_of(templates.issue()?).await?;
            if status != StatusCode::OK {
                bail!("a billing key cannot be issued: {status} {}", String::from_utf8_lossy(&body));
            }
            let key = issued_key(&body)?;
            Ok(templates.charging(&key))
        }
        Scenario::Read => {
            if load.existing == 0 {
                for number in 0..READ_FROM {
                    let (status, body) = connection.body_of(templates.pay(&load.read_id(number))?).await?;
                    if status != StatusCode::OK {
                        bail!(
                            "a payment to be read cannot be made: {status} {}",
                            String::from_utf8_lossy(&body)
                        );
                    }
                }
            }
            Ok(templates)
        }
    }
}

impl Load {
    fn new_id(&self, number: u64) -> String {
        format!("bench-{:016x}-{number}", self.run)
    }

    /// The id of a payment that was there before.
    fn read_id(&self, number: u64) -> String {
        if self.existing > 0 {
            super::fill::payment_id(number)
        } else {
            format!("bench-{:016x}-read-{number}", self.run)
        }
    }

    /// Any of the payments that were there before; neighbours in time are far apart.
    fn any_id(&self, number: u64) -> String {
        let count = if self.existing > 0 { self.existing } else { READ_FROM };
        let mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
        self.read_id(mixed.checked_rem(count).unwrap_or(0))
    }
}

impl Shared {
    /// When request `number` is due.
    fn due(&self, number: u64) -> Option<Instant> {
        match self.load.pace {
            Pace::Closed => None,
            Pace::Open { per_second } => {
                let nanos = number.checked_mul(1_000_000_000)?.checked_div(u64::from(per_second))?;
                self.warm_until.checked_sub(self.load.warm_up)?.checked_add(Duration::from_nanos(nanos))
            }
        }
    }
}

async fn client(shared: Arc<Shared>) {
    let mut connection = None;
    loop {
        let number = shared.next.fetch_add(1, Ordering::Relaxed);
        let due = shared.due(number);
        if let Some(due) = due {
            if due >= shared.until {
                return;
            }
            sleep_until(due).await;
        }
        let started = due.unwrap_or_else(Instant::now);
        if started >= shared.until {
            return;
        }
        let open = match connection.take() {
            Some(open) => Ok(open),
            None => Connection::open(shared.load.address).await,
        };
        let mut open = match open {
            Ok(open) => open,
            Err(error) => {
                shared.failed(started, &error);
                sleep(RECONNECT_AFTER).await;
                continue;
            }
        };
        shared.sent(started);
        match step(&shared, &mut open, number, started).await {
            Ok(micros) => {
                shared.succeeded(started, micros);
                connection = Some(open);
            }
            Err(error) => {
                if open.is_usable() {
                    connection = Some(open);
                } else {
                    sleep(RECONNECT_AFTER).await;
                }
                shared.failed(started, &error);
            }
        }
    }
}

impl Tally {
    fn new() -> anyhow::Result<Self> {
        Ok(Self {
            latencies: histogram()?,
            refused: histogram()?,
            sent_late: histogram()?,
            refused_without_advice: 0,
            errors: BTreeMap::new(),
            curve: Vec::new(),
        })
    }
}

/// What was due before the warm-up ended is not noted.
impl Shared {
    fn noted(&self, due: Instant, note: impl FnOnce(&mut Tally)) {
        if due >= self.warm_until {
            // The clients share one thread, so nobody ever waits here.
            note(&mut self.tally.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    fn sent(&self, due: Instant) {
        self.noted(due, |tally| tally.sent_late.saturating_record(micros_since(due)));
    }

    fn succeeded(&self, due: Instant, micros: u64) {
        self.noted(due, |tally| {
            tally.latencies.saturating_record(micros);
            if self.load.curve == Curve::Kept {
                let at = due.saturating_duration_since(self.warm_until);
                tally.curve.push((whole_micros(at), micros));
            }
        });
    }

    fn failed(&self, due: Instant, error: &anyhow::Error) {
        self.noted(due, |tally| {
            if let Some(refused) = error.downcast_ref::<Refused>() {
                tally.refused.saturating_record(micros_since(due));
                if !refused.has_advice {
                    tally.refused_without_advice = tally.refused_without_advice.saturating_add(1);
                }
            }
            let what = error.to_string();
            if tally.errors.len() < MOST_KINDS_OF_ERROR || tally.errors.contains_key(&what) {
                let count = tally.errors.entry(what).or_default();
                *count = count.saturating_add(1);
            }
        });
    }
}

fn micros_since(start: Instant) -> u64 {
    whole_micros(start.elapsed())
}

fn whole_micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// One unit of the scenario: the microseconds of what is measured.
async fn step(
    shared: &Shared,
    connection: &mut Connection,
    number: u64,
    started: Instant,
) -> anyhow::Result<u64> {
    let (load, templates) = (&shared.load, &shared.templates);
    let mut started = started;
    let request = match load.scenario {
        Scenario::KeyIn => templates.pay(&load.new_id(number))?,
        Scenario::BillingKey => templates.pay_with_billing_key(&load.new_id(number))?,
        Scenario::Read => templates.read(&load.any_id(number))?,
        Scenario::Cancel => {
            let id = load.new_id(number);
            connection.succeeds(templates.pay(&id)?).await?;
            started = Instant::now();
            templates.cancel(&id)?
        }
    };
    connection.succeeds(request).await?;
    Ok(micros_since(started))
}

/// One kept-alive connection.
#[derive(Debug)]
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
}

impl Connection {
    /// # Errors
    /// The server cannot be reached.
    pub async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.context("the server cannot be reached")?;
        stream.set_nodelay(true).context("TCP_NODELAY cannot be set")?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await.context("no HTTP connection")?;
        // It ends with its sender.
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection of the bench ended");
            }
        });
        Ok(Self { sender })
    }

    pub fn is_usable(&self) -> bool {
        !self.sender.is_closed()
    }

    /// Sends, reads the whole answer without keeping it, and wants a 200.
    async fn succeeds(&mut self, request: ClientRequest) -> anyhow::Result<()> {
        let mut response = self.send(request).await?;
        let status = response.status();
        while let Some(frame) = response.body_mut().frame().await {
            frame.context("the answer broke off")?;
        }
        match status {
            StatusCode::OK => Ok(()),
            StatusCode::SERVICE_UNAVAILABLE => {
                Err(Refused { has_advice: response.headers().contains_key(header::RETRY_AFTER) }.into())
            }
            other => bail!("HTTP {}", other.as_u16()),
        }
    }

    /// Sends, and leaves the answer's body to be read.
    ///
    /// # Errors
    /// The connection is lost.
    pub async fn send(&mut self, request: ClientRequest) -> anyhow::Result<Response<Incoming>> {
        self.sender.ready().await.context("the connection was closed")?;
        self.sender.send_request(request).await.context("no answer")
    }

    /// Sends, and keeps the whole answer.
    ///
    /// # Errors
    /// The connection is lost.
    pub async fn body_of(&mut self, request: ClientRequest) -> anyhow::Result<(StatusCode, Bytes)> {
        let response = self.send(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await.context("the answer broke off")?.to_bytes();
        Ok((status, body))
    }
}
