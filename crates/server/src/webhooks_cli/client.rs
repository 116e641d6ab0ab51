//! The server as a client sees it.

use crate::http::events::{DeadWebhooks, Feed};
use anyhow::Context;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;

/// Where the server is and who asks.
#[derive(Debug, Clone)]
pub struct Server {
    /// For example `http://127.0.0.1:8080`.
    pub url: String,
    pub api_secret: SecretString,
    /// Only this store. Else what the secret reaches.
    pub store_id: Option<String>,
}

/// Why the server did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// It said no.
    #[error("the server refused: {kind}: {message} (HTTP {status})")]
    Refused { status: u16, kind: String, message: String },
    /// It was not reached, or was cut off; asking again may help.
    #[error("the server cannot be reached: {0}")]
    Unreachable(String),
    /// It answered with something else than it promises.
    #[error("the server's answer cannot be read: {0}")]
    Unreadable(String),
}

impl ServerError {
    /// Whether the same request may succeed a little later.
    pub const fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable(_) => true,
            Self::Refused { status, .. } => *status == 429 || *status >= 500,
            Self::Unreadable(_) => false,
        }
    }
}

/// What stays readable in a path or a query.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, KEPT).to_string()
}

/// Longer than the longest answer: a webhook that is sent again may take a minute.
const PATIENCE: Duration = Duration::from_secs(90);

#[derive(Debug, Clone)]
pub(super) struct Client {
    http: reqwest::Client,
    server: Server,
}

impl Client {
    pub fn new(server: Server) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .context("the HTTP client cannot be set up")?;
        let url = server.url.trim_end_matches('/').to_owned();
        Ok(Self { http, server: Server { url, ..server } })
    }

    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Events behind `after`; waits up to `wait` seconds for one.
    pub async fn feed(&self, after: &str, wait: u32, limit: u32) -> Result<Feed, ServerError> {
        let mut path = format!("/webhook-events?after={}&wait={wait}&limit={limit}", encoded(after));
        if let Some(store) = &self.server.store_id {
            path = format!("{path}&storeId={}", encoded(store));
        }
        self.call(Method::GET, &path, None::<&()>).await
    }

    pub async fn dead(&self) -> Result<DeadWebhooks, ServerError> {
        let store = self.server.store_id.as_ref();
        let query = store.map_or_else(String::new, |store| format!("?storeId={}", encoded(store)));
        self.call(Method::GET, &format!("/webhook-events/dead{query}"), None::<&()>).await
    }

    pub async fn get(&self, path: &str) -> Result<Value, ServerError> {
        self.call(Method::GET, path, None::<&()>).await
    }

    pub async fn post(&self, path: &str, body: &impl Serialize) -> Result<Value, ServerError> {
        self.call(Method::POST, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Result<Value, ServerError> {
        self.call(Method::DELETE, path, None::<&()>).await
    }

    async fn call<Answer: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<Answer, ServerError> {
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.server.url))
            .header("authorization", format!("PortOne {}", self.server.api_secret.expose_secret()));
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(|error| unreachable(&error))?;
        let status = response.status();
        let text = response.text().await.map_err(|error| unreachable(&error))?;
        if status != StatusCode::OK {
            return Err(refused(status, &text));
        }
        serde_json::from_str(&text).map_err(|error| ServerError::Unreadable(error.to_string()))
    }
}

fn unreachable(error: &reqwest::Error) -> ServerError {
    let cause = std::iter::successors(std::error::Error::source(error), |cause| cause.source()).last();
    ServerError::Unreachable(cause.map_or_else(|| error.to_string(), ToString::to_string))
}

fn refused(status: StatusCode, text: &str) -> ServerError {
    let body: Value = serde_json::from_str(text).unwrap_or_default();
    let member = |name: &str| body.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
    let pg = member("pgMessage").map(|pg| format!(" [{}: {pg}]", member("pgCode").unwrap_or_default()));
    ServerError::Refused {
        status: status.as_u16(),
        kind: member("type").unwrap_or_else(|| "no type".to_owned()),
        message: format!("{}{}", member("message").unwrap_or_default(), pg.unwrap_or_default()),
    }
}
