//! `paypier webhooks listen`: prints events as they happen and hands them to a local server.
//!
//! The place behind the last event that was handed over is kept in a file. A listener that was away
//! goes on there and misses nothing; one that is killed between handing over and keeping repeats one
//! event, as webhooks may.

use super::client::{Client, Server};
use super::line::{Forwarded, Paint, line};
use super::position::Position;
use crate::http::events::{FeedItem, NOW};
use anyhow::Context;
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::Instant;
use url::Url;

#[derive(Debug, Clone)]
pub struct ListenOptions {
    pub server: Server,
    /// Each event is posted here as the server would post it: its id, a fresh timestamp and the
    /// store's signatures.
    pub forward_to: Option<Url>,
    /// Where the place in the events is kept.
    pub data_dir: PathBuf,
    pub begin: Begin,
}

/// Where a listener begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Begin {
    /// Where it stopped; from now on when it never ran.
    #[default]
    WhereItStopped,
    Now,
    /// With the first event there is.
    Start,
}

/// Below the server's longest wait.
const WAIT_SECONDS: u32 = 20;

/// Few, so that the last one's signature is still fresh when its turn comes.
const EVENTS_AT_ONCE: u32 = 20;

/// Signatures older than this are asked for again. Receivers accept five minutes.
const FRESH_FOR: Duration = Duration::from_secs(120);

/// Waits between tries to reach the server, and the longest of them.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(15);

/// Waits between tries to hand one event to a local server that does not listen, which it does not
/// while it is being restarted.
const RESTART_WAITS: [Duration; 4] =
    [Duration::from_millis(250), Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2)];

/// As long as the server itself would wait.
const FORWARD_PATIENCE: Duration = Duration::from_secs(30);

/// Listens until it is cancelled.
///
/// # Errors
/// The server refuses the credential or the place, or the place cannot be kept.
pub async fn listen(options: ListenOptions) -> anyhow::Result<()> {
    let paint = Paint::of_stdout();
    let mut listener = Listener::new(options)?;
    listener.announce();
    loop {
        for (item, forwarded) in listener.next().await? {
            println!("{}", line(&item, &forwarded, paint));
        }
    }
}

/// A listener and how far it has come.
#[derive(Debug)]
pub(super) struct Listener {
    client: Client,
    forward: Option<(reqwest::Client, Url)>,
    position: Position,
    after: String,
    wait: Duration,
}

impl Listener {
    pub fn new(options: ListenOptions) -> anyhow::Result<Self> {
        let ListenOptions { server, forward_to, data_dir, begin } = options;
        let client = Client::new(server)?;
        let place = client.server();
        let position = Position::new(
            &data_dir,
            &place.url,
            place.store_id.as_deref(),
            forward_to.as_ref().map(Url::as_str),
        );
        let after = match begin {
            Begin::WhereItStopped => position.read()?.unwrap_or_else(|| NOW.to_owned()),
            Begin::Now => NOW.to_owned(),
            Begin::Start => String::new(),
        };
        let forward = forward_to.map(|url| anyhow::Ok((forwarder()?, url))).transpose()?;
        Ok(Self { client, forward, position, after, wait: FIRST_WAIT })
    }

    fn announce(&self) {
        let from = if self.after == NOW { "from now on" } else { "from where this listener stopped" };
        let to = self.forward.as_ref().map(|(_, url)| format!(", forwarding to {url}")).unwrap_or_default();
        eprintln!("Listening to {} {from}{to}. Ctrl-C ends it.", self.client.server().url);
    }

    /// The next events, handed over already; none when nothing happened for a while.
    pub async fn next(&mut self) -> anyhow::Result<Vec<(FeedItem, Forwarded)>> {
        let asked_at = Instant::now();
        // The place "now" must not move while nothing happens, so it is turned into a cursor at once.
        let wait = if self.after == NOW { 0 } else { WAIT_SECONDS };
        let feed = match self.client.feed(&self.after, wait, EVENTS_AT_ONCE).await {
            Ok(feed) => feed,
            Err(error) if error.is_passing() => {
                if self.wait == FIRST_WAIT {
                    eprintln!("{error}; trying again until it can.");
                }
                tokio::time::sleep(self.wait).await;
                self.wait = self.wait.saturating_mul(2).min(LONGEST_WAIT);
                return Ok(Vec::new());
            }
            Err(error) => {
                return Err(error).with_context(|| {
                    format!("events cannot be read from the place in {}", self.position.path().display())
                });
            }
        };
        if self.wait != FIRST_WAIT {
            eprintln!("The server is back.");
            self.wait = FIRST_WAIT;
        }
        let answered_at = Instant::now();
        tracing::debug!(waited = ?answered_at.duration_since(asked_at), events = feed.items.len(), "the server answered");
        if feed.items.is_empty() {
            self.keep(feed.next)?;
        }
        let mut handed_over = Vec::with_capacity(feed.items.len());
        for item in feed.items {
            if answered_at.elapsed() > FRESH_FOR {
                break;
            }
            let forwarded = self.forward(&item).await;
            self.keep(item.cursor.clone())?;
            handed_over.push((item, forwarded));
        }
        Ok(handed_over)
    }

    fn keep(&mut self, cursor: String) -> anyhow::Result<()> {
        if self.after != cursor {
            self.position.write(&cursor)?;
            self.after = cursor;
        }
        Ok(())
    }

    async fn forward(&self, item: &FeedItem) -> Forwarded {
        let Some((client, url)) = &self.forward else { return Forwarded::Not };
        if !item.is_notified {
            return Forwarded::Silent;
        }
        let mut waits = RESTART_WAITS.into_iter();
        loop {
            let started = Instant::now();
            let mut request = client.post(url.clone()).body(item.body.clone());
            for (name, value) in &item.headers {
                request = request.header(name, value);
            }
            match request.send().await {
                Ok(answer) => {
                    let millis = started.elapsed().as_millis();
                    return Forwarded::Answered { status: answer.status().as_u16(), millis };
                }
                Err(error) if error.is_connect() => match waits.next() {
                    Some(wait) => tokio::time::sleep(wait).await,
                    None => return Forwarded::Failed(format!("nobody listens at {url}")),
                },
                Err(error) if error.is_timeout() => {
                    return Forwarded::Failed(format!("no answer within {} s", FORWARD_PATIENCE.as_secs()));
                }
                Err(error) => return Forwarded::Failed(format!("no answer: {error}")),
            }
        }
    }
}

fn forwarder() -> anyhow::Result<reqwest::Client> {
    reqwest::Client::builder()
        .timeout(FORWARD_PATIENCE)
        .redirect(reqwest::redirect::Policy::none())
        // The local server is local; a proxy of the environment would not find it.
        .no_proxy()
        .user_agent(concat!("paypier/", env!("CARGO_PKG_VERSION")))
        .build()
        .context("the HTTP client cannot be set up")
}
