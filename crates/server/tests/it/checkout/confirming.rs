//! Who approves: the merchant's server is asked (confirm process), or approves by itself (manual approval).

use super::visitor::{Visitor, card, opening};
use crate::shop::{APPROVED, Shop, TOKEN_DECLINED, both_databases};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use paypier::cli::dev::demo;
use paypier_domain::account::{
    ConfirmProcess, PayloadContentType, PayloadVersion, StorePolicy, WebhookEndpoint,
};
use paypier_domain::change::Write;
use paypier_domain::channel::Environment;
use paypier_domain::id::StoreId;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// What the merchant's server says when it is asked.
#[derive(Clone)]
enum Says {
    Answer(u16, &'static str),
    /// Nothing, until it is allowed to.
    Waits(Arc<Notify>),
}

/// Content type, body as JSON, body as text.
type Heard = (String, Value, String);

/// The merchant's server that is asked.
#[derive(Clone)]
struct Desk {
    url: String,
    inner: Arc<(Mutex<Says>, Mutex<Vec<Heard>>)>,
}

impl Desk {
    async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/confirm", listener.local_addr().unwrap());
        let desk = Self { url, inner: Arc::new((Mutex::new(Says::Answer(200, "")), Mutex::default())) };
        let router = Router::new().route("/confirm", post(asked)).with_state(desk.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        desk
    }

    fn says(&self, says: Says) {
        *self.inner.0.lock().unwrap() = says;
    }

    fn questions(&self) -> Vec<Heard> {
        self.inner.1.lock().unwrap().clone()
    }
}

async fn asked(State(desk): State<Desk>, headers: HeaderMap, bytes: Bytes) -> (StatusCode, &'static str) {
    let webhook = standardwebhooks::Webhook::new(demo::WEBHOOK_SECRET).unwrap();
    webhook.verify(&bytes, &headers).expect("the signature is right");
    let kind = headers["content-type"].to_str().unwrap().to_owned();
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    desk.inner.1.lock().unwrap().push((kind, body, String::from_utf8(bytes.to_vec()).unwrap()));
    let says = desk.inner.0.lock().unwrap().clone();
    match says {
        Says::Answer(status, body) => (StatusCode::from_u16(status).unwrap(), body),
        Says::Waits(allowed) => {
            allowed.notified().await;
            (StatusCode::OK, "")
        }
    }
}

impl Shop {
    async fn behaves(&self, policy: StorePolicy) {
        let mut store = self.app().storage.store(&StoreId::known(demo::STORE_ID)).await.unwrap().unwrap();
        store.policy = policy;
        self.writes(vec![Write::Store(store)]).await;
    }

    async fn opens_asking(&self, id: &str, url: &str) -> Visitor {
        let mut body = opening(self, id, 7_000);
        body["request"]["confirmUrl"] = json!(url);
        self.visits(&body).await
    }

    async fn opens_for_approval_by_the_shop(&self, id: &str, changes: Value) -> Visitor {
        let mut body = opening(self, id, 7_000);
        body["request"]["channelKey"] = json!(manual());
        for (name, value) in changes.as_object().unwrap() {
            body["request"][name] = value.clone();
        }
        self.visits(&body).await
    }

    async fn approves(&self, id: &str, token: &Value) -> crate::shop::Answer {
        self.post(&format!("/payments/{id}/confirm"), &json!({ "paymentToken": token })).await
    }
}

fn manual() -> &'static str {
    demo::CHANNELS.iter().find(|channel| channel.manual_approval).unwrap().key
}

#[test]
fn only_http_200_approves_and_the_merchant_may_say_why_not() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let desk = Desk::open().await;
        let visitor = shop.opens_asking("yes", &desk.url).await;
        visitor.types(APPROVED).await.goes_to();
        assert_eq!(shop.status("yes").await, "PAID");
        let (kind, question, _) = desk.questions().remove(0);
        assert_eq!(kind, "application/json");
        assert_eq!(question["type"], "Transaction.Confirm");
        assert_eq!(
            question["data"],
            json!({
                "storeId": demo::STORE_ID, "paymentId": "yes",
                "transactionId": visitor.opened["ids"]["txId"], "totalAmount": 7_000,
            })
        );

        let default = "the merchant's server did not confirm the payment";
        for (status, body, message) in [
            (201, "", default),
            (204, "", default),
            (302, "", default),
            (400, r#"{"errorMessage":"품절입니다"}"#, "품절입니다"),
            (500, "oops", default),
        ] {
            desk.says(Says::Answer(status, body));
            let id = format!("no-{status}");
            let visitor = shop.opens_asking(&id, &desk.url).await;
            visitor.types(APPROVED).await.goes_to();
            let result = visitor.result().await["result"].clone();
            assert_eq!(
                (&result["code"], &result["message"]),
                (&json!("ConfirmProcessFailed"), &json!(message)),
                "{status}"
            );
            let failed = shop.payment(&id).await;
            assert_eq!(
                (&failed["status"], &failed["failure"]["reason"]),
                (&json!("FAILED"), &json!(message))
            );
            assert!(failed["failure"]["pgCode"].is_null());
            assert_eq!(shop.webhooks(&id).await, ["Ready", "Failed"]);
        }
        assert_eq!(desk.questions().len(), 6, "nobody is asked twice");
        // Nobody is there at all.
        let visitor = shop.opens_asking("nobody", "http://127.0.0.1:9/confirm").await;
        visitor.types(APPROVED).await.goes_to();
        assert_eq!(visitor.result().await["result"]["code"], "ConfirmProcessFailed");
        assert_eq!(shop.psp().await, (1, 7_000));
        shop.closes().await;
    });
}

#[test]
fn the_question_is_asked_in_the_stores_payload_version() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let desk = Desk::open().await;
        for (content_type, expected) in [
            (PayloadContentType::Json, "application/json"),
            (PayloadContentType::Form, "application/x-www-form-urlencoded"),
        ] {
            shop.writes(vec![Write::WebhookEndpoint(WebhookEndpoint {
                store: StoreId::known(demo::STORE_ID),
                environment: Environment::Test,
                url: shop.receiver.url.clone(),
                version: PayloadVersion::V20240101,
                content_type,
            })])
            .await;
            let id = format!("order-{}", expected.len());
            let visitor = shop.opens_asking(&id, &desk.url).await;
            visitor.types(APPROVED).await.goes_to();
            let (kind, body, text) = desk.questions().pop().unwrap();
            assert_eq!(kind, expected);
            let tx = visitor.opened["ids"]["txId"].as_str().unwrap();
            match content_type {
                PayloadContentType::Json => {
                    assert_eq!(body, json!({ "payment_id": id, "tx_id": tx, "total_amount": 7_000 }));
                }
                PayloadContentType::Form => {
                    assert_eq!(text, format!("payment_id={id}&tx_id={tx}&total_amount=7000"));
                }
            }
        }
        shop.closes().await;
    });
}

#[test]
fn while_the_merchant_thinks_nothing_can_be_submitted_or_closed() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let desk = Desk::open().await;
        let allowed = Arc::new(Notify::new());
        desk.says(Says::Waits(allowed.clone()));
        let visitor = shop.opens_asking("order-1", &desk.url).await;
        let (first, second) = (visitor.form(&card(APPROVED)).await, visitor.form(&card(APPROVED)).await);
        let sending = tokio::spawn(first.send());
        crate::shop::eventually("the merchant is asked", || async { !desk.questions().is_empty() }).await;
        assert_eq!(visitor.closes().await, json!({ "state": "OPEN" }));
        assert_eq!(second.send().await.unwrap().status(), 303);
        assert_eq!(shop.status("order-1").await, "READY");
        allowed.notify_one();
        assert_eq!(sending.await.unwrap().unwrap().status(), 303);
        assert_eq!(shop.status("order-1").await, "PAID");
        assert_eq!((desk.questions().len(), shop.psp().await), (1, (1, 7_000)));
        shop.closes().await;
    });
}

#[test]
fn a_crash_while_the_merchant_is_asked_charges_nothing_and_asks_nobody_again() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let desk = Desk::open().await;
        desk.says(Says::Waits(Arc::new(Notify::new())));
        let visitor = shop.opens_asking("order-1", &desk.url).await;
        let sending = tokio::spawn(visitor.form(&card(APPROVED)).await.send());
        crate::shop::eventually("the merchant is asked", || async { !desk.questions().is_empty() }).await;
        let shop = shop.loses_power_and_opens_again().await;
        let _ = sending.await;
        shop.jobs_run().await;
        assert_eq!(shop.status("order-1").await, "FAILED");
        let path = format!("/checkout/windows/{}/result", visitor.token);
        let result = shop.send(shop.anonymous("GET", &path)).await.succeeds();
        assert_eq!(result["result"]["code"], "ConfirmProcessFailed");
        assert_eq!((desk.questions().len(), shop.psp().await), (1, (0, 0)));
        assert_eq!(shop.webhooks("order-1").await, ["Ready", "Failed"]);
        shop.closes().await;
    });
}

#[test]
fn a_store_ignores_allows_or_demands_the_confirm_process() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let desk = Desk::open().await;
        desk.says(Says::Answer(400, ""));
        shop.behaves(StorePolicy { confirm_process: ConfirmProcess::Off, ..StorePolicy::default() }).await;
        shop.opens_asking("ignored", &desk.url).await.types(APPROVED).await.goes_to();
        assert_eq!((shop.status("ignored").await.as_str(), desk.questions().len()), ("PAID", 0));

        shop.behaves(StorePolicy { confirm_process: ConfirmProcess::Required, ..StorePolicy::default() })
            .await;
        let refused = shop.opens(&opening(&shop, "order-1", 7_000)).await;
        assert_eq!((refused.status, &refused.body["code"]), (400, &json!("ConfirmUrlRequired")));
        shop.get("/payments/order-1").await.refused(404, "PAYMENT_NOT_FOUND");
        shop.opens_asking("order-1", &desk.url).await.types(APPROVED).await.goes_to();
        assert_eq!((shop.status("order-1").await.as_str(), desk.questions().len()), ("FAILED", 1));
        // Payments by API are not asked about.
        shop.is_paid("by-api", 1_000).await;
        assert_eq!(desk.questions().len(), 1);
        shop.closes().await;
    });
}

#[test]
fn a_private_address_is_not_asked_in_production() {
    both_databases(|engine| async move {
        let shop = Shop::open_as(engine, paypier::compose::Mode::Production, |_| {}).await;
        let desk = Desk::open().await;
        let mut body = opening(&shop, "order-1", 7_000);
        body["request"]["confirmUrl"] = json!(desk.url);
        body["request"]["noticeUrls"] = Value::Null;
        let visitor = shop.visits(&body).await;
        visitor.types(APPROVED).await.goes_to();
        assert_eq!(visitor.result().await["result"]["code"], "ConfirmProcessFailed");
        assert_eq!((desk.questions().len(), shop.psp().await), (0, (0, 0)));
        shop.closes().await;
    });
}

#[test]
fn the_shops_server_approves_with_the_token_that_its_page_was_told() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let desk = Desk::open().await;
        let visitor = shop.opens_for_approval_by_the_shop("order-1", json!({ "confirmUrl": desk.url })).await;
        visitor.types(APPROVED).await.goes_to();
        let result = visitor.result().await["result"].clone();
        let token = &result["paymentToken"];
        assert_eq!(token.as_str().unwrap().len(), 43);
        assert!(result["code"].is_null());
        assert_eq!(visitor.closes().await["result"], result, "it was handed over");
        assert_eq!((shop.status("order-1").await.as_str(), shop.psp().await), ("READY", (0, 0)));
        assert!(desk.questions().is_empty(), "manual approval wins");
        shop.approves("order-1", &json!(visitor.token)).await.refused(400, "INVALID_PAYMENT_TOKEN");
        let paid = shop.approves("order-1", token).await.succeeds();
        assert!(paid["pgTxId"].is_string() && paid["paidAt"].is_string());
        shop.approves("order-1", token).await.refused(409, "ALREADY_PAID");
        assert_eq!(shop.webhooks("order-1").await, ["Ready", "Paid"]);
        assert_eq!(shop.psp().await, (1, 7_000));
        for bytes in shop.stored_bytes() {
            let token = token.as_str().unwrap().as_bytes();
            assert!(!bytes.windows(token.len()).any(|window| window == token), "the token is not kept");
        }
        shop.closes().await;
    });
}

#[test]
fn a_redirect_brings_the_payment_token() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let changes =
            json!({ "redirectUrl": "https://shop.example/done", "windowType": { "pc": "REDIRECTION" } });
        let visitor = shop.opens_for_approval_by_the_shop("order-1", changes).await;
        visitor.types(APPROVED).await.goes_to();
        let at = visitor.sees().await;
        let token = at.goes_to().split("&paymentToken=").nth(1).unwrap().to_owned();
        shop.approves("order-1", &json!(token)).await.succeeds();
        shop.closes().await;
    });
}

#[test]
fn an_account_is_issued_by_the_shops_approval() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let changes = json!({ "payMethod": "VIRTUAL_ACCOUNT" });
        let visitor = shop.opens_for_approval_by_the_shop("order-1", changes).await;
        visitor
            .submits(&[("intent", "account"), ("bank", "SHINHAN"), ("depositor", "홍길동")])
            .await
            .goes_to();
        assert_eq!(shop.status("order-1").await, "READY");
        let token = visitor.result().await["result"]["paymentToken"].clone();
        shop.approves("order-1", &token).await.succeeds();
        let issued = shop.payment("order-1").await;
        assert_eq!(
            (&issued["status"], &issued["method"]["bank"]),
            (&json!("VIRTUAL_ACCOUNT_ISSUED"), &json!("SHINHAN"))
        );
        assert!(!issued["method"]["accountNumber"].as_str().unwrap().is_empty());
        shop.post("/sandbox/payments/order-1/deposit", &json!({ "amount": 7_000 })).await.succeeds();
        assert_eq!(shop.webhooks("order-1").await, ["Ready", "VirtualAccountIssued", "Paid"]);
        shop.closes().await;
    });
}

#[test]
fn a_token_lapses_is_used_up_and_the_sandbox_needs_the_window_for_it() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let visitor = shop.opens_for_approval_by_the_shop("late", json!({})).await;
        visitor.types(APPROVED).await.goes_to();
        let token = visitor.result().await["result"]["paymentToken"].clone();
        shop.after("PT10M").await;
        shop.approves("late", &token).await.refused(400, "INVALID_PAYMENT_TOKEN");
        assert_eq!(shop.status("late").await, "READY");

        let visitor = shop.opens_for_approval_by_the_shop("declined", json!({})).await;
        visitor.types(TOKEN_DECLINED).await.goes_to();
        let token = visitor.result().await["result"]["paymentToken"].clone();
        shop.approves("declined", &token).await.refused(502, "PG_PROVIDER");
        shop.approves("declined", &token).await.refused(400, "INVALID_PAYMENT_TOKEN");
        assert_eq!(shop.status("declined").await, "FAILED");

        let visitor = shop.opens_for_approval_by_the_shop("played", json!({})).await;
        let path = "/sandbox/payments/played/complete";
        shop.post(path, &json!({ "outcome": "approve" })).await.refused(400, "INVALID_REQUEST");
        shop.post(path, &json!({ "outcome": "approve", "window": "x" }))
            .await
            .refused(400, "INVALID_REQUEST");
        shop.post(path, &json!({ "outcome": "approve", "window": visitor.token })).await.succeeds();
        let token = visitor.result().await["result"]["paymentToken"].clone();
        shop.approves("played", &token).await.succeeds();
        assert_eq!(shop.status("played").await, "PAID");
        shop.closes().await;
    });
}

#[test]
fn a_store_may_have_the_webhook_tried_before_the_page_is_told() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let policy = StorePolicy { result_waits_for_webhook: true, ..StorePolicy::default() };
        shop.behaves(policy).await;
        let desk = Desk::open().await;
        let allowed = Arc::new(Notify::new());
        desk.says(Says::Waits(allowed.clone()));
        let mut body = opening(&shop, "order-1", 7_000);
        // The endpoint for webhooks takes its time.
        body["request"]["noticeUrls"] = json!([desk.url]);
        let visitor = shop.visits(&body).await;
        visitor.types(APPROVED).await.goes_to();
        assert_eq!(shop.status("order-1").await, "PAID");
        assert_eq!(visitor.result().await, json!({ "state": "OPEN" }));
        assert!(visitor.sees().await.html.contains("http-equiv=\"refresh\""));
        let told = || async {
            allowed.notify_waiters();
            visitor.result().await["state"] == "ENDED"
        };
        crate::shop::eventually("the page is told", told).await;
        assert!(visitor.result().await["result"]["code"].is_null());
        desk.says(Says::Answer(200, ""));
        shop.closes().await;
    });
}
