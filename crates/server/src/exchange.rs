//! The network between a connector and its PSP.
//!
//! What a connector may conclude from silence is decided here, and there are two cases: not a byte
//! was sent (no connection), or something may have arrived (everything else). Redirects are not
//! followed, certificates are checked, proxies of the environment are not used, and an answer is
//! bounded in time and size.

use async_trait::async_trait;
use paypier_connectors::exchange::{Exchange, ExchangeError, ExchangeRequest, ExchangeResponse};
use std::fmt::Write as _;
use std::time::Duration;
use url::Url;

/// From the first step to a connection that is ready, name resolution and TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest answer that is read, in bytes: far above any that a PSP gives.
const MOST_ANSWER_BYTES: usize = 4 * 1024 * 1024;

/// Whether a PSP may be called without TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plain {
    /// To this machine only, for emulators.
    ToLoopback,
    Never,
}

/// Why a base address is not called.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BaseError {
    #[error("{0} is not https: credentials and cards would travel in the clear")]
    NotHttps(Url),
    #[error(
        "{0} is not https, and plain http is only for an emulator on this machine (127.0.0.1 or localhost)"
    )]
    NotLoopback(Url),
}

/// The way to one PSP over HTTP.
#[derive(Clone)]
pub struct HttpExchange {
    client: reqwest::Client,
    /// Without a slash at the end.
    base: String,
}

impl std::fmt::Debug for HttpExchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HttpExchange({})", self.base)
    }
}

impl HttpExchange {
    /// # Errors
    /// The base address must not be called, or TLS cannot be set up at all.
    pub fn new(base: &Url, plain: Plain) -> anyhow::Result<Self> {
        check(base, plain)?;
        let client = match builder().build() {
            Ok(client) => client,
            // A machine without the system's certificates can still serve the sandbox; it must not
            // fail to start. Every call to a PSP then ends as not sent.
            Err(error) => {
                let client = builder().tls_certs_only([]).build()?;
                tracing::warn!(%error, "the system has no certificates to trust: PSPs cannot be called; install ca-certificates");
                client
            }
        };
        Ok(Self { client, base: base.as_str().trim_end_matches('/').to_owned() })
    }

    async fn answered(&self, request: ExchangeRequest) -> Result<ExchangeResponse, reqwest::Error> {
        let mut sent = self
            .client
            .request(request.method, format!("{}{}", self.base, request.path))
            // Connecting is included, and usually done: connections are kept.
            .timeout(request.read_timeout)
            .body(request.body);
        for (name, value) in request.headers {
            sent = sent.header(name, value);
        }
        let mut response = sent.send().await?;
        let status = response.status();
        let headers = response
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .collect();
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await? {
            body.extend_from_slice(&piece);
            if body.len() > MOST_ANSWER_BYTES {
                // Cut off, so that no connector can read it: it ends as not understood.
                body.truncate(MOST_ANSWER_BYTES);
                break;
            }
        }
        Ok(ExchangeResponse { status, headers, body: body.into() })
    }
}

fn check(base: &Url, plain: Plain) -> Result<(), BaseError> {
    let is_loopback = match base.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    match (base.scheme(), plain) {
        ("https", _) => Ok(()),
        (_, Plain::ToLoopback) if is_loopback => Ok(()),
        (_, Plain::ToLoopback) => Err(BaseError::NotLoopback(base.clone())),
        (_, Plain::Never) => Err(BaseError::NotHttps(base.clone())),
    }
}

fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(concat!("paypier/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        // Repeating a request is the connector's decision, never the client's.
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy()
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_max_idle_per_host(32)
}

#[async_trait]
impl Exchange for HttpExchange {
    async fn send(&self, request: ExchangeRequest) -> Result<ExchangeResponse, ExchangeError> {
        self.answered(request).await.map_err(|error| {
            let reason = causes(&error);
            if error.is_connect() || error.is_builder() {
                ExchangeError::NotSent(reason)
            } else {
                ExchangeError::NoAnswer(reason)
            }
        })
    }
}

/// An error's causes without the address, whose query may hold more than a log should.
fn causes(error: &reqwest::Error) -> String {
    let mut text = if error.is_timeout() { "timed out".to_owned() } else { String::new() };
    let mut next: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(cause) = next {
        // Writing to a string cannot fail.
        let _ = write!(text, "{}{cause}", if text.is_empty() { "" } else { ": " });
        next = cause.source();
    }
    if text.is_empty() { "the exchange broke off".into() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::Method;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn request() -> ExchangeRequest {
        ExchangeRequest {
            method: Method::POST,
            path: "/v1/things".into(),
            headers: vec![("authorization", "Bearer secret".into())],
            body: Bytes::from_static(b"a=b"),
            read_timeout: Duration::from_millis(200),
        }
    }

    /// What comes of a request to a server that reads it and then does this.
    async fn after(deed: &'static [u8], is_silent: bool) -> Result<ExchangeResponse, ExchangeError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = url(&format!("http://{}", listener.local_addr().unwrap()));
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut read = [0; 4096];
            let _ = stream.read(&mut read).await;
            stream.write_all(deed).await.unwrap();
            if is_silent {
                std::future::pending::<()>().await;
            }
        });
        HttpExchange::new(&base, Plain::ToLoopback).unwrap().send(request()).await
    }

    #[test]
    fn production_calls_nobody_without_tls() {
        for (base, in_production, locally) in [
            ("https://api.stripe.com", true, true),
            ("https://proxy.internal:8443/stripe", true, true),
            ("http://127.0.0.1:1", false, true),
            ("http://[::1]:1", false, true),
            ("http://localhost:1", false, true),
            ("http://api.stripe.com", false, false),
            ("http://10.0.0.1", false, false),
            ("http://localhost.example", false, false),
        ] {
            assert_eq!(check(&url(base), Plain::Never).is_ok(), in_production, "{base}");
            assert_eq!(check(&url(base), Plain::ToLoopback).is_ok(), locally, "{base}");
        }
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_was_sent_nothing() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = url(&format!("http://{}", listener.local_addr().unwrap()));
        drop(listener);
        let exchange = HttpExchange::new(&base, Plain::ToLoopback).unwrap();
        assert!(matches!(exchange.send(request()).await, Err(ExchangeError::NotSent(_))));
    }

    #[tokio::test]
    async fn whatever_breaks_after_sending_leaves_a_doubt() {
        for (deed, is_silent) in [
            (&b""[..], false),
            (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", false),
            (b"SSH-2.0-OpenSSH\r\n", false),
            (b"", true),
            (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", true),
        ] {
            let answered = after(deed, is_silent).await;
            assert!(matches!(answered, Err(ExchangeError::NoAnswer(_))), "{answered:?}");
        }
    }

    #[tokio::test]
    async fn an_answer_arrives_and_a_redirect_is_one() {
        let answered =
            after(b"HTTP/1.1 307 Go\r\nlocation: /else\r\ncontent-length: 2\r\n\r\nno", false).await;
        let answered = answered.unwrap();
        assert_eq!((answered.status.as_u16(), answered.body.as_ref()), (307, &b"no"[..]));
    }
}
