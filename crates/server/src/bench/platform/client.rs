//! One caller of the server, who reads every answer whole, or as it comes.

use crate::bench::load::Connection;
use crate::cli::dev::demo;
use anyhow::{Context, bail};
use bytes::Bytes;
use http::{HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use serde_json::Value;
use std::net::SocketAddr;

#[derive(Debug)]
pub struct Client {
    address: SocketAddr,
    connection: Connection,
}

impl Client {
    /// # Errors
    /// The server cannot be reached.
    pub async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        Ok(Self { address, connection: Connection::open(address).await? })
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        secret: &str,
        body: Bytes,
    ) -> anyhow::Result<Request<Full<Bytes>>> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().context("a path of the bench is no path")?;
        let headers = request.headers_mut();
        headers.insert(header::HOST, HeaderValue::from_str(&self.address.to_string())?);
        headers.insert(header::AUTHORIZATION, HeaderValue::from_str(&format!("PortOne {secret}"))?);
        Ok(request)
    }

    /// A connection that the server has not closed: while rows are written, nobody asks it anything for minutes.
    async fn usable(&mut self) -> anyhow::Result<&mut Connection> {
        if !self.connection.is_usable() {
            self.connection = Connection::open(self.address).await?;
        }
        Ok(&mut self.connection)
    }

    async fn answer(&mut self, request: Request<Full<Bytes>>) -> anyhow::Result<Value> {
        let path = request.uri().to_string();
        let (status, body) = self.usable().await?.body_of(request).await?;
        if status != StatusCode::OK {
            bail!("{path}: {status} {}", String::from_utf8_lossy(&body));
        }
        serde_json::from_slice(&body).with_context(|| format!("{path}: the answer is not JSON"))
    }

    /// # Errors
    /// It is refused, or the connection is lost.
    pub async fn get(&mut self, path: &str) -> anyhow::Result<Value> {
        let request = self.request(Method::GET, path, demo::API_SECRET, Bytes::new())?;
        self.answer(request).await
    }

    /// # Errors
    /// It is refused, or the connection is lost.
    pub async fn post(&mut self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.post_as(demo::API_SECRET, path, body).await
    }

    /// # Errors
    /// It is refused, or the connection is lost.
    pub async fn post_as(&mut self, secret: &str, path: &str, body: &Value) -> anyhow::Result<Value> {
        let request = self.request(Method::POST, path, secret, Bytes::from(body.to_string()))?;
        self.answer(request).await
    }

    /// Reads an answer of any length without keeping it; says how many lines it had.
    ///
    /// # Errors
    /// It is refused, or breaks off.
    pub async fn lines_of(&mut self, path: &str) -> anyhow::Result<u64> {
        let request = self.request(Method::GET, path, demo::API_SECRET, Bytes::new())?;
        let mut response = self.usable().await?.send(request).await?;
        if response.status() != StatusCode::OK {
            bail!("{path}: {}", response.status());
        }
        let mut lines = 0u64;
        while let Some(frame) = response.body_mut().frame().await {
            let frame = frame.context("the answer broke off")?;
            let Some(data) = frame.data_ref() else { continue };
            let here = data.iter().filter(|byte| **byte == b'\n').count();
            lines = lines.saturating_add(u64::try_from(here).unwrap_or(u64::MAX));
        }
        Ok(lines)
    }
}
