//! The commands against a server that answers as it is told.

use super::client::Server;
use super::line::Forwarded;
use super::listen::{Begin, ListenOptions, Listener};
use super::replay::{ReplayOptions, What, replay};
use super::trigger::{Sequence, TriggerOptions, trigger};
use crate::http::events::{Feed, FeedItem};
use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use clap::ValueEnum;
use http::StatusCode;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use url::Url;

type Play = dyn Fn(&str, &str, &Value) -> (u16, Value) + Send + Sync;

/// A server, what it was asked, and how it answers.
#[derive(Clone)]
struct Fake {
    url: String,
    heard: Arc<Mutex<Vec<Heard>>>,
    play: Arc<Play>,
}

#[derive(Debug, Clone)]
struct Heard {
    call: String,
    headers: http::HeaderMap,
    body: String,
}

impl Fake {
    async fn open(play: impl Fn(&str, &str, &Value) -> (u16, Value) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let fake = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            heard: Arc::default(),
            play: Arc::new(play),
        };
        let router = Router::new().fallback(answer).with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        fake
    }

    fn server(&self) -> Server {
        Server { url: self.url.clone(), api_secret: "the-secret".into(), store_id: None }
    }

    fn calls(&self) -> Vec<String> {
        self.heard.lock().unwrap().iter().map(|heard| heard.call.clone()).collect()
    }
}

async fn answer(State(fake): State<Fake>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    let path = parts.uri.path_and_query().unwrap().as_str();
    fake.heard.lock().unwrap().push(Heard {
        call: format!("{} {path}", parts.method),
        headers: parts.headers.clone(),
        body: body.clone(),
    });
    let (status, answer) =
        (fake.play)(parts.method.as_str(), path, &serde_json::from_str(&body).unwrap_or_default());
    (StatusCode::from_u16(status).unwrap(), answer.to_string()).into_response()
}

fn event(number: usize) -> FeedItem {
    FeedItem {
        cursor: format!("cursor-{number}"),
        id: format!("webhook-{number}"),
        store_id: "store-1".into(),
        environment: "TEST".into(),
        is_notified: number != 2,
        webhook_ids: vec![],
        headers: BTreeMap::from([
            ("content-type".to_owned(), "application/json".to_owned()),
            ("webhook-id".to_owned(), format!("webhook-{number}")),
            ("webhook-signature".to_owned(), "v1,c2ln".to_owned()),
        ]),
        body: format!(r#"{{"type":"Transaction.Paid","data":{{"paymentId":"payment-{number}"}}}}"#),
    }
}

/// Gives the events 1 to `last`, two at a time, behind the cursor that is named.
fn feed_of(last: usize, path: &str) -> (u16, Value) {
    let after = path.split_once("after=").unwrap().1.split('&').next().unwrap();
    let done: usize = match after {
        "" => 0,
        "now" => last,
        cursor => cursor.strip_prefix("cursor-").unwrap().parse().unwrap(),
    };
    let items: Vec<FeedItem> = (1..=last).skip(done).take(2).map(event).collect();
    let next = items.last().map_or_else(|| format!("cursor-{done}"), |item| item.cursor.clone());
    (200, serde_json::to_value(Feed { items, next }).unwrap())
}

fn listener(fake: &Fake, folder: &Path, forward_to: Option<&str>, begin: Begin) -> Listener {
    Listener::new(ListenOptions {
        server: fake.server(),
        forward_to: forward_to.map(|url| Url::parse(url).unwrap()),
        data_dir: folder.to_owned(),
        begin,
    })
    .unwrap()
}

#[tokio::test]
async fn a_listener_that_was_away_goes_on_where_it_stopped() {
    let last = Arc::new(Mutex::new(3));
    let server = Fake::open({
        let last = last.clone();
        move |_, path, _| feed_of(*last.lock().unwrap(), path)
    })
    .await;
    let folder = tempfile::tempdir().unwrap();

    let mut first = listener(&server, folder.path(), None, Begin::WhereItStopped);
    assert!(first.next().await.unwrap().is_empty(), "a first listener begins now");
    drop(first);
    *last.lock().unwrap() = 6;
    let mut second = listener(&server, folder.path(), None, Begin::WhereItStopped);
    let mut seen = Vec::new();
    for _ in 0..2 {
        seen.extend(second.next().await.unwrap().into_iter().map(|(item, _)| item.id));
    }
    assert_eq!(seen, ["webhook-4", "webhook-5", "webhook-6"]);
    let mut from_the_start = listener(&server, folder.path(), None, Begin::Start);
    assert_eq!(from_the_start.next().await.unwrap()[0].0.id, "webhook-1");
    assert!(
        server
            .heard
            .lock()
            .unwrap()
            .iter()
            .all(|heard| heard.headers["authorization"] == "PortOne the-secret")
    );
}

#[tokio::test]
async fn events_are_forwarded_as_the_server_signed_them() {
    let server = Fake::open(|_, path, _| feed_of(3, path)).await;
    let shop = Fake::open(|_, _, body| {
        let is_first = body["data"]["paymentId"] == "payment-1";
        (if is_first { 200 } else { 500 }, json!({}))
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let url = format!("{}/webhooks", shop.url);
    let mut listener = listener(&server, folder.path(), Some(&url), Begin::Start);

    let mut handed_over = listener.next().await.unwrap();
    handed_over.extend(listener.next().await.unwrap());

    let outcomes: Vec<&Forwarded> = handed_over.iter().map(|(_, forwarded)| forwarded).collect();
    assert!(matches!(outcomes[0], Forwarded::Answered { status: 200, .. }), "{outcomes:?}");
    assert_eq!(outcomes[1], &Forwarded::Silent, "what the merchant is not told is not forwarded");
    assert!(matches!(outcomes[2], Forwarded::Answered { status: 500, .. }), "{outcomes:?}");
    let heard = shop.heard.lock().unwrap().clone();
    assert_eq!(
        heard.iter().map(|h| h.call.as_str()).collect::<Vec<_>>(),
        ["POST /webhooks", "POST /webhooks"]
    );
    assert_eq!(heard[0].body, event(1).body);
    for (name, value) in event(1).headers {
        assert_eq!(heard[0].headers[&name], value);
    }
}

#[tokio::test]
async fn a_server_that_is_away_is_waited_for_and_one_that_refuses_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let busy = Fake::open(|_, _, _| (503, json!({"type": "SERVICE_UNAVAILABLE"}))).await;
    assert!(listener(&busy, folder.path(), None, Begin::Now).next().await.unwrap().is_empty());
    let strict = Fake::open(|_, _, _| (401, json!({"type": "UNAUTHORIZED", "message": "who?"}))).await;
    let refused = listener(&strict, folder.path(), None, Begin::Now).next().await.unwrap_err();
    assert!(format!("{refused:#}").contains("UNAUTHORIZED: who? (HTTP 401)"), "{refused:#}");
}

#[tokio::test]
async fn dead_webhooks_are_replayed_in_order_and_one_that_fails_keeps_no_other() {
    let server = Fake::open(|method, path, _| {
        let dead = |id: &str, subject: &str, sequence: u64| {
            json!({"webhookId": id, "storeId": "store-1", "subject": subject, "sequence": sequence, "url": "http://x/", "executionCount": 6})
        };
        match (method, path) {
            ("GET", "/webhook-events/dead") => {
                (200, json!({"items": [dead("w3", "b", 2), dead("w2", "b", 1), dead("w1", "a", 1)]}))
            }
            ("POST", "/webhook-events/w1/replay") => {
                (400, json!({"type": "MAX_WEBHOOK_RETRY_COUNT_REACHED", "message": "enough"}))
            }
            _ => (200, json!({"webhook": {"id": "w", "url": "http://x/", "status": "SUCCEEDED", "response": {"code": "200"}}})),
        }
    })
    .await;
    let outcome = replay(ReplayOptions { server: server.server(), what: What::Dead }).await;
    assert_eq!(outcome.unwrap_err().to_string(), "1 webhooks were not accepted by their receivers");
    let calls = server.calls();
    assert_eq!(
        calls[1..],
        [
            "POST /webhook-events/w1/replay",
            "POST /webhook-events/w2/replay",
            "POST /webhook-events/w3/replay"
        ]
    );
}

#[tokio::test]
async fn one_webhook_is_replayed_by_its_id_and_a_payment_s_latest_by_the_payment() {
    let server = Fake::open(|_, _, _| {
        (200, json!({"webhook": {"id": "w", "url": "http://x/", "status": "FAILED_NOT_OK_RESPONSE", "response": {"code": "500"}}}))
    })
    .await;
    for what in [What::Webhook("w/1".into()), What::Payment("주문 1".into())] {
        replay(ReplayOptions { server: server.server(), what }).await.unwrap_err();
    }
    assert_eq!(
        server.calls(),
        ["POST /webhook-events/w%2F1/replay", "POST /payments/%EC%A3%BC%EB%AC%B8%201/resend-webhook"]
    );
}

/// A sandbox that does what its cards say, as far as sequences look at it.
fn sandbox(reads: &Mutex<u32>, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let card = body.pointer("/method/card/credential/number").and_then(Value::as_str).unwrap_or_default();
    match (method, path) {
        (_, "/payments/order-1/instant" | "/billing-keys")
            if matches!(card, "4000000000000002" | "4000000000006026") =>
        {
            (502, json!({"type": "PG_PROVIDER", "pgCode": "SANDBOX_DECLINED", "pgMessage": "no"}))
        }
        ("GET", "/payments/order-1") => {
            let mut reads = reads.lock().unwrap();
            *reads = reads.saturating_add(1);
            let late = *reads > 1;
            (
                200,
                json!({"status": if late { "PAID" } else { "PAY_PENDING" }, "method": {"accountNumber": "110"}}),
            )
        }
        ("POST", "/billing-keys") => (200, json!({"billingKeyInfo": {"billingKey": "billing-key-1"}})),
        _ => (
            200,
            json!({"payment": {"pgTxId": "pg-1"}, "cancellation": {"status": "SUCCEEDED", "totalAmount": 500}}),
        ),
    }
}

async fn played(sequence: Sequence, advance_clock: bool) -> anyhow::Result<Vec<String>> {
    let reads = Mutex::new(0);
    let server = Fake::open(move |method, path, body| sandbox(&reads, method, path, body)).await;
    let names = ["card", "billing", "virtualAccount"];
    trigger(TriggerOptions {
        server: server.server(),
        channels: names.into_iter().map(|name| (name.to_owned(), format!("channel-key-{name}"))).collect(),
        sequence,
        payment_id: "order-1".into(),
        amount: TriggerOptions::DEFAULT_AMOUNT,
        advance_clock,
    })
    .await?;
    let heard = server.heard.lock().unwrap().clone();
    for heard in heard.iter().filter(|heard| heard.call.ends_with("/instant")) {
        let body: Value = serde_json::from_str(&heard.body).unwrap();
        assert_eq!((&body["amount"]["total"], &body["currency"]), (&json!(1_000), &json!("KRW")));
        assert!(body["channelKey"].as_str().unwrap().starts_with("channel-key-"));
    }
    Ok(server.calls())
}

#[tokio::test]
async fn a_sequence_is_played_through_the_public_api() {
    let (pay, cancel) = ("POST /payments/order-1/instant", "POST /payments/order-1/cancel");
    for (sequence, calls) in [
        (Sequence::Paid, vec![pay]),
        (Sequence::Failed, vec![pay]),
        (Sequence::FailedThenPaid, vec![pay, pay]),
        (Sequence::PartialCancelledThenCancelled, vec![pay, cancel, cancel]),
        (
            Sequence::VirtualAccountDeposited,
            vec![pay, "GET /payments/order-1", "POST /sandbox/payments/order-1/deposit"],
        ),
        (
            Sequence::PendingThenPaid,
            vec![pay, "GET /payments/order-1", "POST /sandbox/clock", "GET /payments/order-1"],
        ),
        (Sequence::KeyPaid, vec!["POST /billing-keys", "POST /payments/order-1/billing-key"]),
        (Sequence::KeyFailed, vec!["POST /billing-keys"]),
        (Sequence::KeyDeleted, vec!["POST /billing-keys", "DELETE /billing-keys/billing-key-1"]),
    ] {
        assert_eq!(played(sequence, true).await.unwrap(), calls, "{sequence:?}");
    }
}

#[test]
fn sequences_have_the_names_that_events_have() {
    let names: Vec<String> = Sequence::value_variants()
        .iter()
        .map(|s| s.to_possible_value().unwrap().get_name().to_owned())
        .collect();
    for name in [
        "payment.paid",
        "payment.virtual_account_deposited",
        "payment.pending_then_paid",
        "billing_key.issued",
    ] {
        assert!(names.contains(&name.to_owned()), "{name}");
    }
    assert!(
        names.iter().all(|name| name.starts_with("payment.") || name.starts_with("billing_key.")),
        "{names:?}"
    );
}
