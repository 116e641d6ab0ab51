//! A merchant's server and its payers.

use crate::checkout::visitor::{Got, card, got, nonce};
use crate::shop::{Answer, Shop, sent};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use jiff::Timestamp;
use paypier::cli::dev::demo;
use paypier::global::signature::{MerchantSecret, sign};
use paypier::global::token;
use paypier_wire::global::signed;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

static BROWSER: LazyLock<reqwest::Client> = LazyLock::new(|| {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .pool_max_idle_per_host(0)
        .build()
        .unwrap()
});

pub fn secret() -> MerchantSecret {
    MerchantSecret::new(demo::GLOBAL_SECRET)
}

/// A call with the demo merchant's key and a token of its own making.
impl Shop {
    pub fn global_token(&self) -> String {
        format!("Bearer {}", token::issue(&secret(), demo::GLOBAL_CLIENT_KEY, self.app().clock.now()))
    }

    pub fn global(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.anonymous(method, path)
            .header("x-portone-client-key", demo::GLOBAL_CLIENT_KEY)
            .header("authorization", self.global_token())
            .header("content-type", "application/json")
    }

    pub async fn global_get(&self, path: &str) -> Answer {
        sent(self.global("GET", path)).await.unwrap()
    }

    pub async fn global_post(&self, path: &str, body: &Value) -> Answer {
        sent(self.global("POST", path).body(body.to_string())).await.unwrap()
    }

    pub async fn global_put(&self, path: &str, body: &Value) -> Answer {
        sent(self.global("PUT", path).body(body.to_string())).await.unwrap()
    }

    /// A payment of so much by card at OMISE, signed.
    pub fn sale(&self, reference: &str, amount: &str) -> Value {
        self.sale_at(reference, amount, "THB", "OMISE", "OMISE_CREDIT_CARD")
    }

    pub fn sale_at(
        &self,
        reference: &str,
        amount: &str,
        currency: &str,
        channel: &str,
        method: &str,
    ) -> Value {
        let body = json!({
            "key": demo::GLOBAL_CLIENT_KEY, "merchant_order_id": reference, "pmt_channel": channel,
            "pmt_method": method, "description": "a book", "environment": "sandbox",
            "amount": serde_json::from_str::<Value>(amount).unwrap(), "currency": currency,
            "success_url": "https://shop.example/ok?order=1", "failure_url": "https://shop.example/ko",
            "pending_url": "https://shop.example/wait",
            "billing_details": {
                "billing_name": "N", "billing_surname": "K", "billing_email": "n@example.com",
                "billing_phone": "+66812345678",
                "billing_address": { "city": "City", "country_code": "TH", "line_1": "address", "line_2": "address_2" },
            },
        });
        signed_sale(body)
    }

    /// Starts a payment without a token: the signature is the proof.
    pub async fn initiates(&self, body: &Value) -> Answer {
        let request = self
            .anonymous("POST", "/api/initiatePayment")
            .header("x-portone-client-key", demo::GLOBAL_CLIENT_KEY)
            .header("content-type", "application/json");
        sent(request.body(body.to_string())).await.unwrap()
    }

    /// A payment whose payer has paid with this card. Its reference of ours.
    pub async fn is_paid_globally(&self, body: &Value, number: &str) -> String {
        let started = self.initiates(body).await.succeeds();
        let payer = Payer::at(started["redirect_url"].as_str().unwrap());
        payer.types(number).await;
        started["order_ref"].as_str().unwrap().to_owned()
    }

    pub async fn global_transaction(&self, order_ref: &str) -> Value {
        let path = format!("/api/{}/transaction-details", demo::GLOBAL_CLIENT_KEY);
        self.global_post(&path, &json!({ "order_ref": order_ref })).await.succeeds()["content"].clone()
    }

    pub async fn tells(&self, ear: &Ear, topic: &str) {
        let path = format!("/api/merchant/{}/webhook", demo::GLOBAL_CLIENT_KEY);
        let body = json!({ "name": topic, "url": ear.url, "type": topic, "environment": "sandbox" });
        self.global_post(&path, &body).await.succeeds();
    }
}

/// The same body with the signature that it has to have.
pub fn signed_sale(mut body: Value) -> Value {
    let text = |member: &str| body[member].as_str().unwrap_or_default().to_owned();
    let (currency, failure, order, success) =
        (text("currency"), text("failure_url"), text("merchant_order_id"), text("success_url"));
    let signature = sign(
        &secret(),
        &signed::PaymentRequest {
            amount: body["amount"].to_string().parse().unwrap(),
            client_key: demo::GLOBAL_CLIENT_KEY,
            currency: &currency,
            failure_url: &failure,
            merchant_order_id: &order,
            success_url: &success,
        },
    );
    body["signature_hash"] = json!(signature);
    body
}

/// A payer's browser on a hosted page.
pub struct Payer {
    pub page: String,
}

impl Payer {
    pub fn at(url: &str) -> Self {
        Self { page: url.to_owned() }
    }

    pub async fn sees(&self) -> Got {
        got(BROWSER.get(&self.page)).await
    }

    pub async fn submits(&self, fields: &[(&str, &str)]) -> Got {
        let page = self.sees().await;
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.append_pair("nonce", &nonce(&page.html));
        for (name, value) in fields {
            body.append_pair(name, value);
        }
        let form = BROWSER
            .post(&self.page)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.finish());
        got(form).await
    }

    pub async fn types(&self, number: &str) -> Got {
        self.submits(&card(number)).await
    }

    /// Follows the pages of this server until the browser is sent elsewhere, or stays: where it is then, and what
    /// it sees.
    pub async fn ends_up(&self) -> (String, Option<Got>) {
        let home = url::Url::parse(&self.page).unwrap().origin();
        let mut at = self.page.clone();
        for _ in 0..10 {
            let seen = got(BROWSER.get(&at)).await;
            let next = if (300..400).contains(&seen.status) {
                seen.header("location").to_owned()
            } else if let Some(rest) = seen.html.split("http-equiv=\"refresh\" content=\"0; url=").nth(1) {
                rest.split('"').next().unwrap().to_owned()
            } else {
                return (at, Some(seen));
            };
            let next = url::Url::parse(&at).unwrap().join(&next).unwrap();
            if next.origin() != home {
                return (next.to_string(), None);
            }
            at = next.to_string();
        }
        panic!("the browser is sent in circles");
    }

    /// The merchant's page that the browser ends up at, with the parameters behind its address.
    pub async fn comes_back(&self) -> (String, Vec<(String, String)>) {
        let (url, seen) = self.ends_up().await;
        assert!(seen.is_none(), "stays at {url}: {}", seen.unwrap().html);
        let parsed = url::Url::parse(&url).unwrap();
        (url, parsed.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }
}

/// Presses a button on the page between two tries.
pub async fn presses(page: &str, choice: &str) -> Got {
    let form = BROWSER
        .post(page)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("choice={choice}"));
    got(form).await
}

pub fn parameter<'a>(parameters: &'a [(String, String)], name: &str) -> &'a str {
    parameters
        .iter()
        .find(|(known, _)| known == name)
        .map_or_else(|| panic!("{name} is not in {parameters:?}"), |(_, value)| value.as_str())
}

/// A merchant's endpoint for messages.
#[derive(Clone)]
pub struct Ear {
    pub url: String,
    heard: Arc<Heard>,
}

struct Heard {
    all: Mutex<Vec<Value>>,
    raw: Mutex<Vec<String>>,
    status: AtomicU16,
}

impl Ear {
    pub async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let heard =
            Arc::new(Heard { all: Mutex::default(), raw: Mutex::default(), status: AtomicU16::new(200) });
        let router = Router::new().route("/hook", post(hear)).with_state(heard.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, heard }
    }

    pub fn answers(&self, status: u16) {
        self.heard.status.store(status, Ordering::SeqCst);
    }

    pub fn all(&self) -> Vec<Value> {
        self.heard.all.lock().unwrap().clone()
    }

    pub fn raw(&self) -> Vec<String> {
        self.heard.raw.lock().unwrap().clone()
    }

    /// Waits until so many messages have come.
    pub async fn hears(&self, count: usize) -> Vec<Value> {
        for _ in 0..300 {
            if self.all().len() >= count {
                return self.all();
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("heard {:#?}", self.all());
    }
}

async fn hear(State(heard): State<Arc<Heard>>, body: Bytes) -> StatusCode {
    heard.all.lock().unwrap().push(serde_json::from_slice(&body).unwrap());
    heard.raw.lock().unwrap().push(String::from_utf8(body.to_vec()).unwrap());
    StatusCode::from_u16(heard.status.load(Ordering::SeqCst)).unwrap()
}

/// A refusal in the dialect's envelope.
#[track_caller]
pub fn refused(answer: Answer, status: u16, code: &str, reason: &str) -> Value {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(
        (answer.body["status_code"].as_str(), answer.body["status_reason"].as_str()),
        (Some(code), Some(reason)),
        "{}",
        answer.text()
    );
    assert!(!answer.body["message"].as_str().unwrap().is_empty());
    answer.body
}

pub fn now(shop: &Shop) -> Timestamp {
    shop.app().clock.now()
}
