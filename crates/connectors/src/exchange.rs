//! The HTTP exchange that a connector talks through. The network, a recording and the in-process
//! simulator are all one of these.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, StatusCode};
use std::time::Duration;

/// One request to a PSP.
#[derive(Clone, PartialEq, Eq)]
pub struct ExchangeRequest {
    pub method: Method,
    /// Path and query below the PSP's base address, beginning with `/`.
    pub path: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Bytes,
    /// How long to wait for the answer after the request was sent.
    pub read_timeout: Duration,
}

// Headers carry credentials and bodies carry card numbers: neither is ever printed.
impl std::fmt::Debug for ExchangeRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} ({} bytes)", self.method, self.path, self.body.len())
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeResponse {
    pub status: StatusCode,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeError {
    /// Not a byte of the request left: it certainly did not happen.
    #[error("not sent: {0}")]
    NotSent(String),
    /// The request may have been received; no usable answer came.
    #[error("no answer: {0}")]
    NoAnswer(String),
}

#[async_trait]
pub trait Exchange: Send + Sync {
    /// Sends one request and waits for its answer. Redirects are not followed.
    ///
    /// # Errors
    /// See [`ExchangeError`].
    async fn send(&self, request: ExchangeRequest) -> Result<ExchangeResponse, ExchangeError>;
}
