//! Carrying one message to one URL, once.
//!
//! Redirects are not followed, TLS is validated, proxies of the environment are not used (they would
//! go around the guard of [`super::target`]), and what the receiver answers is bounded in time and
//! size: a receiver cannot keep us busy or fill our memory.

use super::target::{self, AcceptedOnly, Targets};
use async_trait::async_trait;
use bytes::Bytes;
use std::fmt::Write as _;
use std::time::Duration;

/// The longest answer that is kept, in bytes.
pub const MOST_ANSWER_BYTES: usize = 64 * 1024;

/// The longest answer headers that are kept, in bytes of names and values.
const MOST_HEADER_BYTES: usize = 16 * 1024;

/// One message, ready to leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel {
    pub url: String,
    /// Lower case, each once.
    pub headers: Vec<(&'static str, String)>,
    pub body: Bytes,
}

/// What the receiver said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Lower case, each once.
    pub headers: Vec<(String, String)>,
    /// Cut at [`MOST_ANSWER_BYTES`].
    pub body: String,
}

/// Nobody answered: a refused target, time-out, name resolution, TLS, reset. The text is for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoAnswer(pub String);

/// The way out. The network is one; tests and simulations have their own.
#[async_trait]
pub trait Courier: Send + Sync + std::fmt::Debug {
    /// Posts the message and waits for the answer, whatever it is.
    ///
    /// # Errors
    /// See [`NoAnswer`].
    async fn carry(&self, parcel: Parcel) -> Result<Answer, NoAnswer>;
}

/// How long a receiver is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// From the first step to a connection that is ready, name resolution and TLS included.
    pub connect: Duration,
    /// From the request to the answer's head, and between two pieces of its body.
    pub read: Duration,
    /// For all of it. Below the lease of a delivery, or it would be sent twice.
    pub whole: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(30),
            read: Duration::from_secs(30),
            whole: Duration::from_secs(60),
        }
    }
}

/// The network.
#[derive(Debug, Clone)]
pub struct HttpCourier {
    client: reqwest::Client,
    targets: Targets,
    patience: Patience,
}

impl HttpCourier {
    /// # Errors
    /// TLS cannot be set up at all.
    pub fn new(targets: Targets, patience: Patience) -> Result<Self, reqwest::Error> {
        let client = match builder(&targets, patience).build() {
            Ok(client) => client,
            // A machine without the system's certificates, such as a bare container, can still serve
            // plain http; it must not fail to start.
            Err(error) => {
                let client = builder(&targets, patience).tls_certs_only([]).build()?;
                tracing::warn!(%error, "the system has no certificates to trust: webhooks to https addresses will fail; install ca-certificates");
                client
            }
        };
        Ok(Self { client, targets, patience })
    }

    async fn post(&self, parcel: Parcel) -> Result<Answer, NoAnswer> {
        let url = target::parse(&parcel.url, &self.targets).map_err(|error| NoAnswer(error.to_string()))?;
        let mut request = self.client.post(url).body(parcel.body);
        for (name, value) in parcel.headers {
            request = request.header(name, value);
        }
        let mut response = request.send().await.map_err(|error| no_answer(&error))?;
        let status = response.status().as_u16();
        let headers = kept_headers(response.headers());
        let mut body = Vec::new();
        // An answer that breaks off is none: it is not known whether the receiver was done.
        while let Some(piece) = response.chunk().await.map_err(|error| no_answer(&error))? {
            let room = MOST_ANSWER_BYTES.saturating_sub(body.len());
            body.extend_from_slice(piece.get(..room).unwrap_or(&piece));
            if body.len() >= MOST_ANSWER_BYTES {
                break;
            }
        }
        Ok(Answer { status, headers, body: kept_text(&body, MOST_ANSWER_BYTES) })
    }
}

fn builder(targets: &Targets, patience: Patience) -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder()
        .user_agent(concat!("paypier/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .connect_timeout(patience.connect)
        .read_timeout(patience.read)
        .pool_max_idle_per_host(8);
    match targets {
        Targets::Public | Targets::PublicAnd(_) => builder.dns_resolver(AcceptedOnly(targets.clone())),
        Targets::Any => builder,
    }
}

#[async_trait]
impl Courier for HttpCourier {
    async fn carry(&self, parcel: Parcel) -> Result<Answer, NoAnswer> {
        // The outermost bound: a receiver that sends a byte a second would pass every other one.
        tokio::time::timeout(self.patience.whole, self.post(parcel)).await.unwrap_or_else(|_| {
            Err(NoAnswer(format!("no complete answer within {} s", self.patience.whole.as_secs())))
        })
    }
}

/// An error with its causes: the outermost one alone only says that sending failed.
fn no_answer(error: &reqwest::Error) -> NoAnswer {
    let mut text = String::new();
    let mut next: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(cause) = next {
        // Writing to a string cannot fail.
        let _ = write!(text, "{}{cause}", if text.is_empty() { "" } else { ": " });
        next = cause.source();
    }
    NoAnswer(if text.is_empty() { error.to_string() } else { text })
}

fn kept_headers(headers: &http::HeaderMap) -> Vec<(String, String)> {
    let mut room = MOST_HEADER_BYTES;
    let mut kept = Vec::with_capacity(headers.keys_len());
    for name in headers.keys() {
        let values: Vec<String> = headers
            .get_all(name)
            .iter()
            .map(|value| kept_text(value.as_bytes(), MOST_HEADER_BYTES))
            .collect();
        let value = values.join(", ");
        let size = name.as_str().len().saturating_add(value.len());
        if let Some(left) = room.checked_sub(size) {
            room = left;
            kept.push((name.as_str().to_owned(), value));
        }
    }
    kept
}

/// Text of at most `most` bytes. NUL is replaced like any other byte that is no text, because
/// PostgreSQL cannot store it.
fn kept_text(bytes: &[u8], most: usize) -> String {
    let mut text = String::from_utf8_lossy(bytes).replace('\0', "\u{fffd}");
    text.truncate(text.floor_char_boundary(most));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_an_answer_is_text_and_never_longer_than_asked() {
        assert_eq!(kept_text("주문".as_bytes(), 4), "주");
        assert_eq!(kept_text(b"a\0b", 64), "a\u{fffd}b");
        assert_eq!(kept_text(&[0xff; 10], 7), "\u{fffd}\u{fffd}");
        assert!(kept_text(&vec![0xff; MOST_ANSWER_BYTES], MOST_ANSWER_BYTES).len() <= MOST_ANSWER_BYTES);
    }
}
