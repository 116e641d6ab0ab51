//! Scenarios: the same world, with somebody who decides what happens instead of the dice.

use crate::ground::{Finding, Ground, pass};
use crate::network::Weather;
use crate::office::{ChannelKind, SHOPS, Shop};
use crate::operations::{About, Ask, PATIENCE};
use crate::process::{Process, Settings};
use crate::world::{Town, answer};
use axum::Router;
use bytes::Bytes;
use http::Method;
use jiff::SignedDuration;
use paypier::app::App;
use paypier::verify::{self, Report, VerifyOptions};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::task::LocalSet;

/// One world, and the processes that live in it one after the other.
#[derive(Debug)]
pub struct Play {
    pub ground: Arc<Ground>,
    pub settings: Settings,
    /// The database's file.
    pub path: PathBuf,
    _folder: TempDir,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub text: String,
    pub body: Value,
}

impl Reply {
    /// `200`, or the status with the type of the refusal.
    pub fn word(&self) -> String {
        match self.body["type"].as_str() {
            Some(kind) if self.status != 200 => format!("{} {kind}", self.status),
            _ => self.status.to_string(),
        }
    }

    pub fn pg_code(&self) -> &str {
        self.body["pgCode"].as_str().unwrap_or("")
    }
}

impl Play {
    /// # Errors
    /// The database cannot be written.
    pub fn open(town: &Town) -> anyhow::Result<Self> {
        let (folder, path) = town.house()?;
        Ok(Self {
            ground: Ground::new(25, true),
            // The PSP is waited for longer than the network takes at most: what is merely slow is answered.
            settings: Settings {
                read_timeout: Duration::from_secs(3),
                caller_patience: Duration::from_secs(8),
            },
            path,
            _folder: folder,
        })
    }

    /// One life of the server: starts it on what is there, lets the scene be played, and kills it.
    /// `Ok(None)` when it died before the scene was over.
    ///
    /// # Errors
    /// It does not start.
    pub fn life<T>(&self, scene: impl AsyncFnOnce(&Stage) -> T) -> anyhow::Result<Option<T>> {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
        let local = LocalSet::new();
        let ground = self.ground.clone();
        ground.power.restore();
        let played = runtime.block_on(local.run_until(async {
            ground.clock.start();
            let played = tokio::select! {
                biased;
                () = ground.power.death() => Ok(None),
                played = self.play(scene) => played.map(Some),
            };
            ground.clock.stop();
            played
        }));
        ground.power.cut();
        drop(local);
        drop(runtime);
        played
    }

    async fn play<T>(&self, scene: impl AsyncFnOnce(&Stage) -> T) -> anyhow::Result<T> {
        let process = Process::start(&self.ground, &self.path, &self.settings).await?;
        let stage = Stage {
            app: process.composed.app.clone(),
            router: process.router.clone(),
            ground: self.ground.clone(),
            shop: &SHOPS[0],
        };
        Ok(scene(&stage).await)
    }
}

/// A server that runs, and who plays with it.
#[derive(Debug, Clone)]
pub struct Stage {
    pub app: App,
    router: Router,
    pub ground: Arc<Ground>,
    pub shop: &'static Shop,
}

impl Stage {
    /// The same server for another shop.
    #[must_use]
    pub fn of(&self, shop: &'static Shop) -> Self {
        Self { shop, ..self.clone() }
    }

    pub async fn send(&self, method: Method, path: &str, body: &Value, key: Option<&str>) -> Reply {
        let mut headers = vec![("authorization", format!("PortOne {}", self.shop.secret))];
        if let Some(key) = key {
            headers.push(("idempotency-key", key.to_owned()));
        }
        self.send_as(method, path, Bytes::from(body.to_string()), headers).await
    }

    pub async fn send_as(
        &self,
        method: Method,
        path: &str,
        body: Bytes,
        headers: Vec<(&'static str, String)>,
    ) -> Reply {
        let ask = Ask {
            operation: "(play)",
            method,
            path: path.to_owned(),
            body,
            headers,
            key: None,
            about: About::Anything,
            patience: PATIENCE,
        };
        let (status, bytes) = answer(self.router.clone(), &ask).await.unwrap_or_default();
        Reply {
            status,
            text: String::from_utf8_lossy(&bytes).into_owned(),
            body: serde_json::from_slice(&bytes).unwrap_or_default(),
        }
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, &json!({}), None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send(Method::POST, path, body, None).await
    }

    /// A payment of `total` won with this card.
    pub fn order(&self, card: &str, total: i64) -> Value {
        json!({
            "channelKey": self.shop.channel(ChannelKind::Card), "orderName": "a book", "currency": "KRW",
            "amount": { "total": total }, "method": { "card": { "credential": {
                "number": card, "expiryYear": "39", "expiryMonth": "12",
                "birthOrBusinessRegistrationNumber": "900101", "passwordTwoDigits": "12",
            }}},
        })
    }

    pub async fn pays(&self, id: &str, card: &str, total: i64) -> Reply {
        self.post(&format!("/payments/{id}/instant"), &self.order(card, total)).await
    }

    pub async fn cancels(&self, id: &str, amount: Option<i64>) -> Reply {
        let mut body = json!({ "reason": "changed my mind" });
        if let Some(amount) = amount {
            body["amount"] = json!(amount);
        }
        self.post(&format!("/payments/{id}/cancel"), &body).await
    }

    pub async fn status(&self, id: &str) -> String {
        let payment = self.get(&format!("/payments/{id}")).await;
        payment.body["status"].as_str().map_or_else(|| payment.word(), str::to_owned)
    }

    /// The latest attempt's id.
    pub async fn transaction(&self, id: &str) -> String {
        let payment = self.get(&format!("/payments/{id}")).await;
        payment.body["transactionId"].as_str().unwrap_or_default().to_owned()
    }

    /// How often the PSP charged for the shop, and what it holds for it.
    pub async fn psp(&self) -> (usize, i64) {
        let ledger = self.get("/sandbox/psp/ledger?size=1000").await;
        let lines = ledger.body["lines"].as_array().cloned().unwrap_or_default();
        let of = |kind: &str| lines.iter().filter(|line| line["kind"] == kind).collect::<Vec<_>>();
        let sum = |kind: &str| {
            of(kind).iter().fold(0i64, |sum, line| sum.saturating_add(line["amount"].as_i64().unwrap_or(0)))
        };
        (of("CHARGE").len(), sum("CHARGE").saturating_sub(sum("REFUND")))
    }

    /// The kinds of the payment's events, in order.
    pub async fn events(&self, id: &str) -> Vec<String> {
        use paypier_domain::event::Subject;
        let key = paypier_domain::id::PaymentKey {
            store: self.shop.store(),
            payment: paypier_domain::id::PaymentId::known(id),
        };
        let events = self.app.storage.events_of(&key).await.unwrap_or_default();
        let kind = |stored: &paypier_storage::StoredEvent| match &stored.event.subject {
            Subject::Payment(event) => event.kind.as_str().to_owned(),
            Subject::BillingKey { kind, .. } => kind.as_str().to_owned(),
        };
        events.iter().map(kind).collect()
    }

    /// What the shop's endpoint got about the payment.
    pub fn webhooks(&self, id: &str) -> Vec<String> {
        self.ground.post.about(&self.shop.endpoint(), &format!("{}/{id}", self.shop.id))
    }

    pub fn weather(&self, weather: Weather) {
        self.ground.traffic.set_weather(weather);
    }

    /// The machine's clock goes on by this much, and what became due is done.
    pub async fn after(&self, seconds: i64) {
        self.ground.clock.set_by(SignedDuration::from_secs(seconds));
        pass(Duration::from_millis(1_500)).await;
        self.app.run_due_work().await;
    }

    /// A call to the PSP by somebody who has the shop's key to it.
    pub async fn calls_psp(&self, path: &str, reference: &str, body: &Value) -> Reply {
        let account = self.shop.psp_account(ChannelKind::Card);
        let secret = self.app.simulator.as_ref().map(|psp| psp.secret_key(&self.shop.store(), &account));
        let headers = vec![
            ("x-sandbox-store", self.shop.id.to_owned()),
            ("x-sandbox-merchant", account),
            ("x-sandbox-secret", secret.unwrap_or_default()),
            ("idempotency-key", reference.to_owned()),
        ];
        let path = format!("/sandbox/psp/v1/{path}");
        self.send_as(Method::POST, &path, Bytes::from(body.to_string()), headers).await
    }

    /// The notification that the PSP would send now with this number, and where it goes.
    pub async fn notification(
        &self,
        id: &str,
        number: usize,
    ) -> Option<(Vec<(&'static str, String)>, Bytes)> {
        let (store, transaction) = (self.shop.store(), self.transaction(id).await);
        let app = &self.app;
        let now = app.test_clock(&store).await.ok()?;
        let psp = app.simulator.as_ref()?;
        let name = format!("sbxn_{number}_{transaction}");
        let sent = psp.notification(&store, &name, now, app.clock.now()).await.ok()??;
        Some((sent.headers, sent.body))
    }

    pub async fn notifies(&self, headers: Vec<(&'static str, String)>, body: Bytes) -> Reply {
        let channel = self.shop.channel(ChannelKind::Card);
        let path = format!("/psp/notifications/{}/{channel}", self.shop.id);
        self.send_as(Method::POST, &path, body, headers).await
    }

    /// The server's proof of the whole database.
    ///
    /// # Errors
    /// It cannot be read.
    pub async fn audit(&self) -> Result<Report, Finding> {
        let report = verify::run(&self.app.storage, VerifyOptions::default()).await;
        report.map_err(|error| Finding::new("what is stored can be read", format!("{error:#}")))
    }
}
