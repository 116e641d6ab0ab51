//! The door that a counterpart of Stripe's stands behind: everything passes through, is written down,
//! and breaks where a story wants it to.
//!
//! A counterpart is not Stripe, and the few things that one lacks are put right here, in the open:
//! localstripe insists on a card's security code, and stripe-stateful-mock knows charges only, so that
//! intents are dressed as charges on their way in and as intents on their way out. Keys, errors and
//! amounts pass untouched.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counterpart {
    Localstripe,
    StatefulMock,
}

/// What goes wrong with one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It never arrives.
    LosesRequest,
    /// It is executed, and nobody hears of it.
    LosesAnswer,
    /// It never arrives, and something in between answers.
    AnswersInstead(u16, &'static str),
    /// It is executed, and something in between answers.
    AnswersAfterwards(u16, &'static str),
    /// It is executed, and the answer comes too late.
    IsSlow(Duration),
}

impl Fault {
    pub const fn is_executed(self) -> bool {
        match self {
            Self::LosesRequest | Self::AnswersInstead(..) => false,
            Self::LosesAnswer | Self::AnswersAfterwards(..) | Self::IsSlow(_) => true,
        }
    }
}

/// A request as it came to the door.
#[derive(Debug, Clone)]
pub struct Seen {
    /// `POST /v1/payment_intents/{id}/capture`.
    pub route: String,
    pub key: Option<String>,
    pub body: String,
}

#[derive(Clone)]
pub struct Door {
    pub url: String,
    inner: Arc<Inner>,
}

struct Inner {
    counterpart: Counterpart,
    behind: String,
    client: reqwest::Client,
    /// Faults to come, each for the next request to a route.
    plan: Mutex<Vec<(String, Fault)>>,
    seen: Mutex<Vec<Seen>>,
}

impl Door {
    pub async fn open(counterpart: Counterpart, behind: &str) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let inner = Arc::new(Inner {
            counterpart,
            behind: behind.trim_end_matches('/').to_owned(),
            client: reqwest::Client::new(),
            plan: Mutex::default(),
            seen: Mutex::default(),
        });
        let router = Router::new().fallback(passes).with_state(inner.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, inner }
    }

    /// The next request to this route meets this fault.
    pub fn next(&self, route: &str, fault: Fault) {
        self.inner.plan.lock().unwrap().push((route.to_owned(), fault));
    }

    /// No further faults.
    pub fn is_well(&self) {
        self.inner.plan.lock().unwrap().clear();
    }

    pub fn seen(&self, route: &str) -> Vec<Seen> {
        self.inner.seen.lock().unwrap().iter().filter(|seen| seen.route == route).cloned().collect()
    }

    /// Asks the counterpart itself.
    pub async fn asks(&self, path: &str) -> Value {
        let request = self.inner.client.get(format!("{}{path}", self.inner.behind));
        request.bearer_auth(super::SECRET_KEY).send().await.unwrap().json().await.unwrap()
    }

    /// Does something at the counterpart behind everybody's back.
    pub async fn does(&self, path: &str, form: &[(&str, &str)]) -> Value {
        let body: Vec<String> = form.iter().map(|(name, value)| pair(name, value)).collect();
        let request = self
            .inner
            .client
            .post(format!("{}{path}", self.inner.behind))
            .header("content-type", "application/x-www-form-urlencoded");
        let request = request.bearer_auth(super::SECRET_KEY).body(body.join("&"));
        let response = request.send().await.unwrap();
        let (status, text) = (response.status(), response.text().await.unwrap());
        assert!(status.is_success(), "{path}: {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }
}

fn pair(name: &str, value: &str) -> String {
    let escaped =
        |text| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    format!("{}={}", escaped(name), escaped(value))
}

/// The path with Stripe's ids left out.
fn route(method: &Method, path: &str) -> String {
    const IDS: [&str; 6] = ["pi_", "pm_", "seti_", "cus_", "re_", "ch_"];
    let segments: Vec<&str> = path
        .split('/')
        .map(|segment| if IDS.iter().any(|id| segment.starts_with(id)) { "{id}" } else { segment })
        .collect();
    format!("{method} {}", segments.join("/"))
}

async fn passes(State(door): State<Arc<Inner>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1024 * 1024).await.unwrap();
    let route = route(&head.method, head.uri.path());
    let key = head.headers.get("idempotency-key").map(|key| key.to_str().unwrap().to_owned());
    let text = String::from_utf8(body.to_vec()).unwrap();
    door.seen.lock().unwrap().push(Seen { route: route.clone(), key: key.clone(), body: text.clone() });
    let fault = {
        let mut plan = door.plan.lock().unwrap();
        let place = plan.iter().position(|(planned, _)| *planned == route);
        place.map(|place| plan.remove(place).1)
    };
    let target = head.uri.path_and_query().unwrap().to_string();
    let going = Going { method: head.method, target, key, body: text };
    match fault {
        Some(Fault::LosesRequest) => broken(),
        Some(Fault::AnswersInstead(status, body)) => answer(status, body.to_owned()),
        None => door.passed(going).await,
        Some(Fault::LosesAnswer) => {
            door.passed(going).await;
            broken()
        }
        Some(Fault::AnswersAfterwards(status, body)) => {
            door.passed(going).await;
            answer(status, body.to_owned())
        }
        Some(Fault::IsSlow(duration)) => {
            let answered = door.passed(going).await;
            tokio::time::sleep(duration).await;
            answered
        }
    }
}

/// An answer that breaks off before it is one.
fn broken() -> Response {
    let gone = futures::stream::once(async { Err::<Bytes, _>(std::io::Error::other("gone")) });
    Body::from_stream(gone).into_response()
}

fn answer(status: u16, body: String) -> Response {
    (StatusCode::from_u16(status).unwrap(), [("content-type", "application/json")], body).into_response()
}

/// A request on its way.
struct Going {
    method: Method,
    target: String,
    key: Option<String>,
    body: String,
}

impl Inner {
    async fn passed(&self, going: Going) -> Response {
        let (status, body) = match self.counterpart {
            Counterpart::Localstripe => {
                let mut going = going;
                if going.method == Method::POST && going.target == "/v1/payment_methods" {
                    going.body.push_str("&card[cvc]=123");
                }
                self.behind(going).await
            }
            Counterpart::StatefulMock => self.dressed(going).await,
        };
        answer(status, body)
    }

    async fn behind(&self, going: Going) -> (u16, String) {
        let mut request = self
            .client
            .request(going.method, format!("{}{}", self.behind, going.target))
            .bearer_auth(super::SECRET_KEY);
        if !going.body.is_empty() {
            request = request.header("content-type", "application/x-www-form-urlencoded").body(going.body);
        }
        if let Some(key) = going.key {
            request = request.header("idempotency-key", key);
        }
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    /// Intents as charges and back.
    async fn dressed(&self, going: Going) -> (u16, String) {
        let charge_of = |path: &str| path.trim_start_matches("/v1/payment_intents/pi_").to_owned();
        let path = going.target.split('?').next().unwrap().to_owned();
        match (going.method.as_str(), path.as_str()) {
            ("POST", "/v1/payment_intents") => {
                let kept = fields(&going.body).into_iter().filter_map(|(name, value)| match name.as_str() {
                    "payment_method" => Some(pair("source", &value)),
                    "capture_method" => {
                        Some(pair("capture", if value == "manual" { "false" } else { "true" }))
                    }
                    "amount" | "currency" => Some(pair(&name, &value)),
                    other if other.starts_with("metadata[") => Some(pair(&name, &value)),
                    _ => None,
                });
                let body = kept.collect::<Vec<_>>().join("&");
                self.as_intent(Going { target: "/v1/charges".into(), body, ..going }).await
            }
            ("GET", "/v1/payment_intents/search") => {
                let query = percent_decode_str(&going.target).decode_utf8().unwrap().into_owned();
                let target = "/v1/charges?limit=100".to_owned();
                let (_, found) = self.behind(Going { target, ..going }).await;
                let found: Value = serde_json::from_str(&found).unwrap();
                let named = found["data"].as_array().unwrap().iter().filter(|charge| {
                    charge["metadata"]["paypier_reference"]
                        .as_str()
                        .is_some_and(|reference| query.contains(&format!("'{reference}'")))
                });
                let data: Vec<Value> = named.map(intent).collect();
                (200, json!({ "data": data, "has_more": false }).to_string())
            }
            // The path is the same but for its first part, /v1/charges/{id}/capture.
            ("POST", path) if path.ends_with("/capture") => {
                let target = format!("/v1/charges/{}", charge_of(path));
                let body = going.body.replace("amount_to_capture=", "amount=");
                self.as_intent(Going { target, body, ..going }).await
            }
            ("GET", path) if path.starts_with("/v1/payment_intents/") => {
                let target = format!("/v1/charges/{}", charge_of(path));
                self.as_intent(Going { target, ..going }).await
            }
            ("POST", "/v1/refunds") => {
                let kept = fields(&going.body).into_iter().map(|(name, value)| match name.as_str() {
                    "payment_intent" => pair("charge", value.trim_start_matches("pi_")),
                    _ => pair(&name, &value),
                });
                let body = kept.collect::<Vec<_>>().join("&");
                self.behind(Going { body, ..going }).await
            }
            ("GET", "/v1/refunds") => {
                let target = going.target.replace("payment_intent=pi_", "charge=");
                self.behind(Going { target, ..going }).await
            }
            _ => self.behind(going).await,
        }
    }

    async fn as_intent(&self, going: Going) -> (u16, String) {
        match self.behind(going).await {
            (200, charge) => (200, intent(&serde_json::from_str(&charge).unwrap()).to_string()),
            refused => refused,
        }
    }
}

fn intent(charge: &Value) -> Value {
    let is_captured = charge["captured"] == true;
    json!({
        "id": format!("pi_{}", charge["id"].as_str().unwrap()), "object": "payment_intent",
        "status": if is_captured { "succeeded" } else { "requires_capture" },
        "amount": charge["amount"], "amount_received": if is_captured { charge["amount"].clone() } else { json!(0) },
        "currency": charge["currency"], "created": charge["created"], "metadata": charge["metadata"],
        "latest_charge": charge,
    })
}

fn fields(body: &str) -> Vec<(String, String)> {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8().unwrap().into_owned();
    body.split('&').filter_map(|field| field.split_once('=')).map(|(n, v)| (decoded(n), decoded(v))).collect()
}
