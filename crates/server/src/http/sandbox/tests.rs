//! A merchant's test rehearses against the sandbox, through HTTP.

use crate::app::App;
use crate::cli::dev::demo;
use crate::compose::{self, Composed, Ingredients, Machine, Migration, Mode, secrets};
use crate::config::Config;
use crate::http::{HttpOptions, router};
use axum::Router;
use axum::body::Body;
use http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::time::Duration;
use tower::ServiceExt;

struct Shop {
    router: Router,
    composed: Composed,
    _folder: tempfile::TempDir,
}

const VIRTUAL_ACCOUNT: &str = demo::CHANNELS[2].key;

impl Shop {
    async fn open() -> Self {
        let shop = Self::composed(Some(demo::SANDBOX_SECRET)).await;
        demo::provide(shop.app()).await.unwrap();
        shop
    }

    async fn composed(sandbox_secret: Option<[u8; 32]>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        folder.path().clone_into(&mut config.server.data_dir);
        config.sandbox.enabled = true;
        let machine = Machine::real();
        let storage = compose::open_storage(&config, &machine, Migration::Apply).await.unwrap();
        let keyring = secrets::local_keys(&config, &machine).unwrap();
        let composed = compose::application(Ingredients {
            config: &config,
            mode: Mode::Local,
            machine,
            storage,
            keyring,
            sandbox_secret,
            public_url: "http://127.0.0.1:8080".into(),
        })
        .unwrap();
        let router = router(composed.app.clone(), HttpOptions::default());
        Self { router, composed, _folder: folder }
    }

    fn app(&self) -> &App {
        &self.composed.app
    }

    async fn sends(&self, request: Request<Body>) -> (StatusCode, Value) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    async fn asks(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("PortOne {}", demo::API_SECRET))
            .body(body)
            .unwrap();
        self.sends(request).await
    }

    async fn gets(&self, path: &str) -> Value {
        let (status, body) = self.asks(Method::GET, path, Value::Null).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        body
    }

    async fn does(&self, method: Method, path: &str, body: Value) -> Value {
        let (status, answer) = self.asks(method, path, body).await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        answer
    }

    async fn is_refused(&self, method: Method, path: &str, body: Value) -> String {
        let (status, answer) = self.asks(method, path, body).await;
        assert!(answer["message"].is_string(), "{path}: {answer}");
        format!(
            "{} {}: {}",
            status.as_u16(),
            answer["type"].as_str().unwrap(),
            answer["message"].as_str().unwrap()
        )
    }

    async fn issues_account(&self, id: &str, total: i64) {
        let body = json!({
            "channelKey": VIRTUAL_ACCOUNT,
            "orderName": "Tea",
            "amount": {"total": total},
            "currency": "KRW",
            "method": {"virtualAccount": {
                "bank": "SHINHAN",
                "expiry": {"validHours": 24},
                "option": {"type": "NORMAL"},
            }},
        });
        self.does(Method::POST, &format!("/payments/{id}/instant"), body).await;
    }

    async fn pays_by_card(&self, id: &str) {
        let body = json!({
            "channelKey": demo::CARD.key,
            "orderName": "Tea",
            "amount": {"total": 1000},
            "currency": "KRW",
            "method": {"card": {"credential": card("4242424242424242")}},
        });
        self.does(Method::POST, &format!("/payments/{id}/instant"), body).await;
    }
}

fn card(number: &str) -> Value {
    json!({"number": number, "expiryYear": "40", "expiryMonth": "12",
        "birthOrBusinessRegistrationNumber": "900101", "passwordTwoDigits": "12"})
}

fn instant(clock: &Value) -> jiff::Timestamp {
    clock["now"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_moved_clock_answers_when_it_stands_however_long_that_takes() {
    let mut shop = Shop::open().await;
    shop.router =
        router(shop.app().clone(), HttpOptions { deadline: Duration::ZERO, ..HttpOptions::default() });
    // Sent more slowly than the deadline allows.
    let slowly = |path: &str, body: &'static str| {
        let body = async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            Ok::<_, std::io::Error>(body)
        };
        Request::post(path)
            .header(header::AUTHORIZATION, format!("PortOne {}", demo::API_SECRET))
            .body(Body::from_stream(futures::stream::once(body)))
            .unwrap()
    };
    let (status, _) = shop.sends(slowly("/sandbox/payments/order-1/deposit", r#"{"amount":1}"#)).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "whatever else takes longer than the deadline");
    let (status, body) = shop.sends(slowly("/sandbox/clock", r#"{"advance":"PT1H"}"#)).await;
    assert_eq!(status, StatusCode::OK, "{body}");
}

#[tokio::test]
async fn the_clock_moves_forward_and_never_back() {
    let shop = Shop::open().await;
    let before = instant(&shop.gets("/sandbox/clock").await);
    let after = shop.does(Method::POST, "/sandbox/clock", json!({"advance": "P1DT1H"})).await;
    let moved = instant(&after).duration_since(before).as_secs();
    assert!((90_000..90_060).contains(&moved), "{moved}");
    let refusal =
        shop.is_refused(Method::POST, "/sandbox/clock", json!({"now": "2020-01-01T00:00:00Z"})).await;
    assert!(refusal.starts_with("400 INVALID_REQUEST: the test clock is at "), "{refusal}");
    for (body, said) in [
        (json!({}), "give either advance"),
        (json!({"advance": "-PT1H"}), "a move back is refused"),
        (json!({"advance": 3600}), "advance is not of the type"),
        (json!({"advances": "PT1H"}), "is not of the type"),
        (json!({"advance": "P1M"}), "months and years differ"),
    ] {
        let refusal = shop.is_refused(Method::POST, "/sandbox/clock", body.clone()).await;
        assert!(refusal.starts_with("400 ") && refusal.contains(said), "{body}: {refusal}");
    }
}

#[tokio::test]
async fn a_deposit_pays_the_payment_before_the_call_answers() {
    let shop = Shop::open().await;
    shop.issues_account("va-1", 5_000).await;
    let part = shop.does(Method::POST, "/sandbox/payments/va-1/deposit", json!({"amount": 2_000})).await;
    assert_eq!(part, json!({"deposited": 2_000, "waiting": 3_000, "overpaid": 0, "isPaid": false}));
    assert_eq!(shop.gets("/payments/va-1").await["status"], "VIRTUAL_ACCOUNT_ISSUED");
    let rest = shop.does(Method::POST, "/sandbox/payments/va-1/deposit", json!({"amount": 3_000})).await;
    assert_eq!(rest["isPaid"], true);
    assert_eq!(shop.gets("/payments/va-1").await["status"], "PAID");
    let again = shop.is_refused(Method::POST, "/sandbox/payments/va-1/deposit", json!({"amount": 1})).await;
    assert_eq!(
        again,
        "400 INVALID_REQUEST: the payment has no virtual account that waits for a deposit; its latest attempt is paid"
    );
    for (path, body, start) in [
        ("/sandbox/payments/none/deposit", json!({"amount": 1}), "404 PAYMENT_NOT_FOUND"),
        ("/sandbox/payments/va-1/deposit", json!({"amount": -1}), "400 INVALID_REQUEST: amount"),
        ("/sandbox/payments/va-1/deposit", json!({"amount": 1.5}), "400 INVALID_REQUEST: amount"),
        ("/sandbox/payments/va-1/deposit", json!({}), "400 INVALID_REQUEST: amount is required"),
    ] {
        let refusal = shop.is_refused(Method::POST, path, body.clone()).await;
        assert!(refusal.starts_with(start), "{path} {body}: {refusal}");
    }
}

#[tokio::test]
async fn where_nothing_waits_on_the_hosted_page_it_is_said() {
    let shop = Shop::open().await;
    shop.pays_by_card("card-1").await;
    shop.issues_account("va-1", 5_000).await;
    let complete = |id: &str| format!("/sandbox/payments/{id}/complete");
    let paid = shop.is_refused(Method::POST, &complete("card-1"), json!({"outcome": "approve"})).await;
    assert_eq!(
        paid,
        "400 INVALID_REQUEST: nothing of the payment waits on the hosted page; its latest attempt is paid (the payment is PAID)"
    );
    let issued = shop.is_refused(Method::POST, &complete("va-1"), json!({"outcome": "approve"})).await;
    assert!(issued.contains("POST /sandbox/payments/{paymentId}/deposit"), "{issued}");
    let unknown = shop.is_refused(Method::POST, &complete("va-1"), json!({"outcome": "explode"})).await;
    assert!(unknown.starts_with("400 INVALID_REQUEST: outcome"), "{unknown}");
}

#[tokio::test]
async fn a_billing_key_is_issued_without_a_browser_and_can_be_charged() {
    let shop = Shop::open().await;
    let body = json!({
        "storeId": demo::STORE_ID,
        "billingKeyMethod": "CARD",
        "channelKey": demo::CARD.key,
        "issueId": "issue-1",
        "customer": {"fullName": "Kim Dana", "gender": "GENDER_FEMALE"},
        "customData": {"plan": "monthly"},
        "card": card("4242-4242-4242-4242"),
    });
    let issued = shop.does(Method::POST, "/sandbox/billing-keys", body).await;
    assert_eq!(issued["transactionType"], "ISSUE_BILLING_KEY");
    let key = issued["billingKey"].as_str().unwrap();
    assert_eq!(shop.gets(&format!("/billing-keys/{key}")).await["status"], "ISSUED");
    let pay = json!({"billingKey": key, "orderName": "Tea", "amount": {"total": 900}, "currency": "KRW"});
    shop.does(Method::POST, "/payments/by-key/billing-key", pay).await;
    let missing = shop.is_refused(Method::POST, "/sandbox/billing-keys", json!({"channelKey": "x"})).await;
    assert_eq!(missing, "400 INVALID_REQUEST: card is required");
    let broken = json!({"channelKey": demo::CARD.key, "card": {"number": 4242, "expiryYear": "40", "expiryMonth": "12"}});
    let refusal = shop.is_refused(Method::POST, "/sandbox/billing-keys", broken).await;
    assert!(refusal.contains("card.number") && !refusal.contains("4242"), "{refusal}");
    let declined = json!({"channelKey": "channel-key-none", "card": card("4242424242424242")});
    let refusal = shop.is_refused(Method::POST, "/sandbox/billing-keys", declined).await;
    assert!(refusal.starts_with("404 CHANNEL_NOT_FOUND"), "{refusal}");
}

#[tokio::test]
async fn the_psps_books_are_shown_line_by_line_and_in_sum() {
    let shop = Shop::open().await;
    for id in ["a", "b", "c"] {
        shop.pays_by_card(id).await;
    }
    shop.does(Method::POST, "/payments/b/cancel", json!({"reason": "late", "amount": 400})).await;
    let ledger = shop.gets("/sandbox/psp/ledger").await;
    assert_eq!(
        ledger["totals"],
        json!([{"pgMerchantId": demo::CARD.pg_merchant_id, "channelKeys": [demo::CARD.key], "currency": "KRW",
            "approved": 3000, "refunded": 400, "held": 2600}])
    );
    assert_eq!(ledger["lines"].as_array().unwrap().len(), 4);
    let mut lines = 0;
    let mut path = "/sandbox/psp/ledger?size=1".to_owned();
    loop {
        let page = shop.gets(&path).await;
        lines += page["lines"].as_array().unwrap().len();
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/sandbox/psp/ledger?size=1&after={next}");
    }
    assert_eq!(lines, 4);
    let refusal = shop.is_refused(Method::GET, "/sandbox/psp/ledger?size=0", Value::Null).await;
    assert!(refusal.contains("size must be a number from 1 to 1000"), "{refusal}");
}

#[tokio::test]
async fn faults_are_set_shown_and_felt() {
    let shop = Shop::open().await;
    let faults = json!({"latencyMs": 1, "errorRate": 0, "dropAnswerRate": 0, "duplicateNotificationRate": 0.25, "seed": 7});
    assert_eq!(shop.does(Method::PUT, "/sandbox/psp/faults", faults.clone()).await, faults);
    assert_eq!(shop.gets("/sandbox/psp/faults").await, faults);
    shop.pays_by_card("a").await;
    let cleared = shop.does(Method::PUT, "/sandbox/psp/faults", json!({})).await;
    assert_eq!((&cleared["latencyMs"], &cleared["duplicateNotificationRate"]), (&json!(0), &json!(0)));
    for body in [
        json!({"errorRate": 1.1}),
        json!({"errorRate": "0.1"}),
        json!({"latencyMs": -1}),
        json!({"other": 1}),
    ] {
        let refusal = shop.is_refused(Method::PUT, "/sandbox/psp/faults", body.clone()).await;
        assert!(refusal.starts_with("400 INVALID_REQUEST"), "{body}: {refusal}");
    }
}

#[tokio::test]
async fn a_reset_empties_the_store_and_keeps_its_credentials() {
    let shop = Shop::open().await;
    shop.pays_by_card("a").await;
    assert_eq!(shop.does(Method::POST, "/sandbox/reset", Value::Null).await, json!({}));
    let gone = shop.is_refused(Method::GET, "/payments/a", Value::Null).await;
    assert!(gone.starts_with("404 PAYMENT_NOT_FOUND"), "{gone}");
    assert_eq!(shop.gets("/sandbox/psp/ledger").await, json!({"totals": [], "lines": []}));
    shop.pays_by_card("a").await;
    let report =
        crate::verify::run(&shop.app().storage, crate::verify::VerifyOptions::default()).await.unwrap();
    assert!(report.holds(), "{}", report.human());
}

#[tokio::test]
async fn a_receipt_is_a_page_at_the_url_that_the_payment_names() {
    let shop = Shop::open().await;
    shop.pays_by_card("a").await;
    shop.does(Method::POST, "/payments/a/cancel", json!({"reason": "late", "amount": 400})).await;
    let payment = shop.gets("/payments/a").await;
    let path = |url: &Value| url.as_str().unwrap().strip_prefix("http://127.0.0.1:8080").unwrap().to_owned();
    let receipt = path(&payment["receiptUrl"]);
    assert_eq!(path(&payment["cancellations"][0]["receiptUrl"]), format!("{receipt}#refund-1"));

    let page = |path: String| {
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        let router = shop.router.clone();
        async move {
            let response = router.oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
            let header = |name: &str| parts.headers[name].to_str().unwrap().to_owned();
            assert_eq!(header("content-type"), "text/html; charset=utf-8");
            assert!(header("content-security-policy").starts_with("default-src 'none'"));
            assert_eq!(
                (header("cache-control"), header("referrer-policy")),
                ("no-store".into(), "no-referrer".into())
            );
            (parts.status, text)
        }
    };
    let (status, text) = page(receipt.clone()).await;
    assert_eq!(status, StatusCode::OK);
    for expected in
        ["no money moved", "Partly refunded", "1,000 <small>KRW", "400 KRW", "600 KRW", "4242 4242 •••• 4242"]
    {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert!(!text.contains("4242424242424242"));

    let guessed =
        format!("{}0000000000000000", receipt.strip_suffix(&receipt[receipt.len() - 16..]).unwrap());
    let elsewhere = receipt.replace(demo::STORE_ID, "store-of-somebody-else");
    for missing in
        [guessed, elsewhere, "/sandbox/receipts/%ff/x/y".into(), "/sandbox/receipts/a/%00/b".into()]
    {
        let (status, text) = page(missing.clone()).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{missing}");
        assert!(text.contains("There is no such receipt"), "{missing}: {text}");
    }
    shop.does(Method::POST, "/sandbox/reset", Value::Null).await;
    assert_eq!(page(receipt).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn strangers_reach_nothing() {
    let shop = Shop::open().await;
    for (method, path) in [
        (Method::GET, "/sandbox/clock"),
        (Method::POST, "/sandbox/clock"),
        (Method::POST, "/sandbox/payments/a/deposit"),
        (Method::POST, "/sandbox/payments/a/complete"),
        (Method::POST, "/sandbox/billing-keys"),
        (Method::POST, "/sandbox/billing-keys/a/complete"),
        (Method::POST, "/sandbox/identity-verifications/a/complete"),
        (Method::GET, "/sandbox/psp/ledger"),
        (Method::GET, "/sandbox/psp/faults"),
        (Method::PUT, "/sandbox/psp/faults"),
        (Method::POST, "/sandbox/reset"),
    ] {
        let request = Request::builder().method(method).uri(path).body(Body::from("garbage")).unwrap();
        let (status, body) = shop.sends(request).await;
        assert_eq!((status, &body["type"]), (StatusCode::UNAUTHORIZED, &json!("UNAUTHORIZED")), "{path}");
        let elsewhere = format!("{path}?storeId=store-of-somebody-else");
        let (status, _) = shop.asks(Method::GET, &elsewhere, Value::Null).await;
        assert!(matches!(status.as_u16(), 403 | 405), "{elsewhere} {status}");
    }
}

#[tokio::test]
async fn notifications_are_taken_from_whoever_can_sign_them_only() {
    let shop = Shop::open().await;
    let notify = |path: String, body: &'static str| {
        Request::builder().method(Method::POST).uri(path).body(Body::from(body)).unwrap()
    };
    let own = format!("/psp/notifications/{}/{}", demo::STORE_ID, demo::CARD.key);
    let (status, _) = shop.sends(notify(own.clone(), "{}")).await;
    assert!(matches!(status.as_u16(), 400 | 401), "{status}");
    let (status, _) = shop.sends(notify(format!("/psp/notifications/{}/none", demo::STORE_ID), "{}")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, _) = shop.sends(notify("/psp/notifications/%ff/none".into(), "{}")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_psp_answers_over_the_network_as_it_does_in_process() {
    let shop = Shop::open().await;
    let secret = shop
        .app()
        .simulator
        .as_ref()
        .unwrap()
        .secret_key(&paypier_domain::id::StoreId::known(demo::STORE_ID), demo::CARD.pg_merchant_id);
    shop.pays_by_card("a").await;
    let reference = shop.gets("/payments/a").await["transactionId"].as_str().unwrap().to_owned();
    let query = |path: String, secret: &str| {
        Request::builder()
            .uri(path)
            .header("x-sandbox-store", demo::STORE_ID)
            .header("x-sandbox-merchant", demo::CARD.pg_merchant_id)
            .header("x-sandbox-secret", secret)
            .body(Body::empty())
            .unwrap()
    };
    let (status, order) = shop.sends(query(format!("/sandbox/psp/v1/charges/{reference}"), &secret)).await;
    assert_eq!(status, StatusCode::OK, "{order}");
    let by_path = format!("/sandbox/psp/v1/{}/charges/{reference}", demo::STORE_ID);
    assert_eq!(shop.sends(query(by_path, &secret)).await, (status, order));
    let (status, _) = shop.sends(query(format!("/sandbox/psp/v1/charges/{reference}"), "wrong")).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn without_a_sandbox_there_are_no_controls_and_notifications_are_still_taken() {
    let shop = Shop::composed(None).await;
    for path in
        ["/sandbox/clock", "/sandbox/psp/ledger", "/sandbox/psp/v1/charges/1", "/sandbox/receipts/s/r/t"]
    {
        let (status, body) = shop.asks(Method::GET, path, Value::Null).await;
        assert_eq!((status, &body["type"]), (StatusCode::NOT_FOUND, &json!("NOT_FOUND")), "{path}");
    }
    let (status, body) = shop.asks(Method::POST, "/psp/notifications/store/channel", json!({})).await;
    assert_eq!((status, &body["message"]), (StatusCode::NOT_FOUND, &json!("no channel has this key")));
}
