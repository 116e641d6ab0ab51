//! The merchant's endpoint: keeps what arrives, checks every signature, and misbehaves when told to.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use paypier::cli::dev::demo;
use serde_json::Value;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

#[derive(Clone)]
pub struct Receiver {
    pub url: String,
    inner: Arc<Inner>,
}

struct Inner {
    received: Mutex<Vec<Received>>,
    answer: AtomicU16,
}

#[derive(Debug, Clone)]
pub struct Received {
    pub id: String,
    pub timestamp: String,
    pub signature: String,
    pub content_type: String,
    pub raw: Vec<u8>,
    pub body: Value,
}

impl Received {
    /// `Paid` of `Transaction.Paid`.
    pub fn kind(&self) -> &str {
        self.body["type"].as_str().unwrap_or_default().trim_start_matches("Transaction.")
    }
}

impl Receiver {
    pub async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhooks", listener.local_addr().unwrap());
        let inner = Arc::new(Inner { received: Mutex::default(), answer: AtomicU16::new(200) });
        let router = Router::new().route("/webhooks", post(receive)).with_state(inner.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, inner }
    }

    /// From now on every webhook is answered with this status.
    pub fn answers(&self, status: u16) {
        self.inner.answer.store(status, Ordering::SeqCst);
    }

    pub fn all(&self) -> Vec<Received> {
        self.inner.received.lock().unwrap().clone()
    }

    pub fn about_key(&self, billing_key: &str) -> Vec<Received> {
        self.all().into_iter().filter(|webhook| webhook.body["data"]["billingKey"] == billing_key).collect()
    }

    pub fn about(&self, payment_id: &str) -> Vec<Received> {
        self.all().into_iter().filter(|webhook| webhook.body["data"]["paymentId"] == payment_id).collect()
    }
}

async fn receive(State(inner): State<Arc<Inner>>, headers: HeaderMap, bytes: Bytes) -> StatusCode {
    // An independent implementation of Standard Webhooks is the judge.
    standardwebhooks::Webhook::new(demo::WEBHOOK_SECRET)
        .unwrap()
        .verify(&bytes, &headers)
        .expect("the signature is right");
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    inner.received.lock().unwrap().push(Received {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
        content_type: header("content-type"),
        raw: bytes.to_vec(),
        body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
    });
    StatusCode::from_u16(inner.answer.load(Ordering::SeqCst)).unwrap()
}
