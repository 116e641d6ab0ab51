//! The process is killed around its call to the PSP (5, 6), and at every other place that a payment
//! passes.

use super::{APPROVED, closes, dies, open, survives};
use bytes::Bytes;
use http::Method;
use jiff::SignedDuration;
use paypier::global::token;
use paypier_simulation::ground::Spot;
use paypier_simulation::play::{Play, Reply, Stage};
use paypier_wire::global::signed;
use serde_json::{Value, json};
use std::cell::RefCell;

const KEY: &str = "the-order-of-kim-0001";

async fn asks(stage: &Stage) -> paypier_simulation::play::Reply {
    let order = stage.order(APPROVED, 3_000);
    stage.send(Method::POST, "/payments/order-1/instant", &order, Some(KEY)).await
}

/// The client repeats its request until it is told how it ended.
async fn repeats(stage: &Stage) -> paypier_simulation::play::Reply {
    for _ in 0..8 {
        let reply = asks(stage).await;
        if reply.word() != "409 IDEMPOTENCY_OUTSTANDING_REQUEST" && reply.pg_code() != "OUTCOME_UNKNOWN" {
            return reply;
        }
        stage.after(20).await;
    }
    panic!("no lasting answer")
}

fn killed_at(spot: Spot, passes: u64) -> Play {
    let play = open();
    dies(&play, async |stage| {
        stage.ground.power.lay_fuse(spot, passes);
        asks(stage).await;
    });
    play
}

#[test]
fn failure_05_killed_before_the_psp_was_asked() {
    let play = killed_at(Spot::PspAsked, 0);
    survives(&play, async |stage| {
        assert_eq!(stage.status("order-1").await, "PAY_PENDING", "the intention is durable");
        assert_eq!(stage.psp().await, (0, 0));
        stage.after(10).await;
        assert_eq!(repeats(stage).await.status, 200);
        assert_eq!(stage.psp().await, (1, 3_000));
        closes(stage).await;
    });
}

#[test]
fn failure_06_killed_after_the_psp_answered() {
    let play = killed_at(Spot::PspActed, 0);
    survives(&play, async |stage| {
        stage.after(0).await;
        assert_eq!(stage.status("order-1").await, "PAID", "the result is adopted");
        assert_eq!(repeats(stage).await.status, 200);
        assert_eq!(stage.psp().await, (1, 3_000));
        assert_eq!(stage.webhooks("order-1"), ["Paid"]);
        closes(stage).await;
    });
}

#[test]
fn killed_at_every_place_that_a_payment_passes() {
    let mut deaths = 0;
    for spot in Spot::ALL {
        for passes in 0..12 {
            let play = open();
            let lived = play.life(async |stage| {
                stage.ground.power.lay_fuse(spot, passes);
                asks(stage).await;
                stage.after(0).await;
            });
            deaths += u32::from(lived.unwrap().is_none());
            survives(&play, async |stage| {
                stage.after(10).await;
                assert_eq!(repeats(stage).await.status, 200, "{spot:?} {passes}");
                stage.after(200).await;
                assert_eq!(stage.psp().await, (1, 3_000), "{spot:?} {passes}");
                let webhooks = stage.webhooks("order-1");
                assert_eq!(webhooks.last().map(String::as_str), Some("Paid"), "{spot:?} {passes}");
                closes(stage).await;
            });
        }
    }
    assert!(deaths > 20, "{deaths} deaths");
}

/// The first cancellation never left, so that its key was given back; the second one, under the same
/// key, is under way when the process dies again. That is no difference in the books.
#[test]
fn killed_twice_under_one_key() {
    let play = open();
    survives(&play, async |stage| {
        assert_eq!(stage.pays("order-1", APPROVED, 3_000).await.status, 200);
    });
    let cancels = async |stage: &Stage| {
        let body = serde_json::json!({ "reason": "changed my mind" });
        stage.send(Method::POST, "/payments/order-1/cancel", &body, Some(KEY)).await
    };
    dies(&play, async |stage| {
        stage.ground.power.lay_fuse(Spot::PspAsked, 0);
        cancels(stage).await;
    });
    survives(&play, async |stage| stage.after(30).await);
    dies(&play, async |stage| {
        stage.ground.power.lay_fuse(Spot::PspAsked, 0);
        cancels(stage).await;
    });
    survives(&play, async |stage| {
        let report = stage.audit().await.unwrap();
        assert!(report.differences.is_empty(), "{report:#?}");
        stage.after(30).await;
        assert_eq!(cancels(stage).await.status, 200);
        assert_eq!(stage.psp().await, (1, 0));
        closes(stage).await;
    });
}

#[test]
fn killed_while_a_capture_is_under_way() {
    let play = open();
    dies(&play, async |stage| {
        let mut order = stage.order(APPROVED, 3_000);
        let channel = stage.shop.channel(paypier_simulation::office::ChannelKind::CapturedLater);
        order["channelKey"] = serde_json::json!(channel);
        assert_eq!(stage.post("/payments/order-1/instant", &order).await.status, 200);
        stage.ground.power.lay_fuse(Spot::PspAsked, 0);
        let nothing = serde_json::json!({});
        stage.send(Method::POST, "/payments/order-1/capture", &nothing, Some(KEY)).await;
    });
    survives(&play, async |stage| {
        let report = stage.audit().await.unwrap();
        assert!(report.differences.is_empty(), "{report:#?}");
        stage.after(30).await;
        let nothing = serde_json::json!({});
        let again = stage.send(Method::POST, "/payments/order-1/capture", &nothing, Some(KEY)).await;
        assert_eq!(again.status, 200);
        closes(stage).await;
    });
}

/// A call of the shop's in the Global dialect.
async fn calls(stage: &Stage, method: Method, path: &str, body: &Value) -> Reply {
    let shop = stage.shop;
    let token = token::issue(&shop.global_secret(), shop.client_key(), stage.app.clock.now());
    let headers = vec![
        ("x-portone-client-key", shop.client_key().to_owned()),
        ("authorization", format!("Bearer {token}")),
    ];
    stage.send_as(method, path, Bytes::from(body.to_string()), headers).await
}

/// A link by which a customer may enrol for three hours.
async fn has_subscription(stage: &Stage) -> String {
    let shop = stage.shop;
    let (client_key, currency) = (shop.client_key(), shop.global_currency());
    let (url, order) = ("https://shop.example/back", "Order_1");
    let message = signed::OnDemandPlan { client_key, currency, merchant_order_ref: order };
    let mut body = json!({
        "portone_key": client_key, "merchant_order_ref": order, "source": "api", "currency": currency,
        "environment": "sandbox", "name": "beans", "plan_type": "ONDEMAND", "signature_hash": shop.signs(&message),
    });
    let plan = calls(stage, Method::POST, "/api/subscription/createPlan", &body).await;
    let message = signed::OnDemandSubscription {
        client_key,
        currency,
        failure_url: url,
        merchant_order_ref: order,
        success_url: url,
    };
    let expiry = stage.app.clock.now().checked_add(SignedDuration::from_hours(3)).unwrap();
    for (member, value) in [
        ("subscription_type", json!("ONDEMAND")),
        ("initial_amount", json!(0)),
        ("plan_order_ref", plan.body["order_ref"].clone()),
        ("success_url", json!(url)),
        ("failure_url", json!(url)),
        ("pending_url", json!(url)),
        ("expiry_date", json!(expiry.to_string())),
        ("signature_hash", json!(shop.signs(&message))),
    ] {
        body[member] = value;
    }
    let made = calls(stage, Method::POST, "/api/subscription/createSubscription", &body).await;
    made.body["order_ref"].as_str().unwrap().to_owned()
}

#[test]
fn killed_while_a_customer_enrols_and_the_link_expires_all_the_same() {
    let play = open();
    let subscription = RefCell::new(String::new());
    dies(&play, async |stage| {
        let reference = has_subscription(stage).await;
        subscription.replace(reference.clone());
        let page = format!("/subscribe/?ref={reference}");
        let shown = stage.send_as(Method::GET, &page, Bytes::new(), Vec::new()).await;
        let value = |name: &str| {
            let rest = shown.text.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
            rest.split('"').next().unwrap().to_owned()
        };
        let form = format!(
            "nonce={}&intent=card&method={}&consent=yes&number={APPROVED}&expiry=1239&birth=900101&password=12",
            value("nonce"),
            value("method").replace('/', "%2F"),
        );
        stage.ground.power.lay_fuse(Spot::PspAsked, 0);
        let headers = vec![("content-type", "application/x-www-form-urlencoded".to_owned())];
        stage.send_as(Method::POST, &page, Bytes::from(form), headers).await;
    });
    survives(&play, async |stage| {
        let path = format!("/api/subscription/{}", subscription.borrow());
        for _ in 0..6 {
            stage.after(3_700).await;
        }
        let read = calls(stage, Method::GET, &path, &json!({})).await;
        assert_eq!(read.body["content"]["status"], "Expired", "{}", read.text);
        closes(stage).await;
    });
}
