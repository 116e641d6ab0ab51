//! A PSP that says nothing, nonsense, or something else later (7 to 10, 16).

use super::{APPROVED, LOST, UNANSWERED, closes, open, survives};
use http::Method;
use paypier_simulation::network::Weather;
use paypier_simulation::office::SHOPS;
use paypier_simulation::play::Stage;
use serde_json::json;

/// The outcome stays unknown while the weather lasts, and the truth is found afterwards.
async fn unknown_and_then_paid(stage: &Stage) {
    let mut order = stage.order(APPROVED, 3_000);
    order["channelGroupId"] = json!(stage.shop.group());
    order.as_object_mut().unwrap().remove("channelKey");
    let unknown = stage.post("/payments/order-1/instant", &order).await;
    assert_eq!((unknown.word().as_str(), unknown.pg_code()), ("502 PG_PROVIDER", "OUTCOME_UNKNOWN"));
    assert_eq!(stage.status("order-1").await, "PAY_PENDING");
    for _ in 0..3 {
        stage.after(3_600).await;
        assert_eq!(stage.status("order-1").await, "PAY_PENDING", "never called failed");
        let refused = stage.post("/payments/order-1/instant", &order).await;
        assert_eq!(refused.word(), "409 ALREADY_PAID", "not tried elsewhere either");
    }
    stage.weather(Weather::FAIR);
    stage.after(2 * 24 * 3_600).await;
    assert_eq!(stage.status("order-1").await, "PAID");
    assert_eq!(stage.ground.traffic.asked(&Method::POST, "/v1/charges"), 1);
    assert_eq!(stage.psp().await, (1, 3_000));
    assert_eq!(stage.events("order-1").await, ["PayPending", "Paid"]);
    assert_eq!(stage.webhooks("order-1"), ["PayPending", "Paid"]);
    closes(stage).await;
}

#[test]
fn failure_07_the_psp_does_not_answer() {
    survives(&open(), async |stage| {
        stage.weather(UNANSWERED);
        unknown_and_then_paid(stage).await;
    });
}

#[test]
fn failure_08_the_psp_answers_garbage() {
    for weather in [Weather { garbage: 1000, ..Weather::FAIR }, Weather { torn: 1000, ..Weather::FAIR }] {
        survives(&open(), async |stage| {
            stage.weather(weather);
            unknown_and_then_paid(stage).await;
        });
    }
}

/// The PSP has never seen it, proves so, and executes it after all.
async fn approved_late(stage: &Stage) {
    stage.weather(LOST);
    let unknown = stage.pays("order-1", APPROVED, 3_000).await;
    assert_eq!(unknown.pg_code(), "OUTCOME_UNKNOWN");
    stage.weather(Weather::FAIR);
    stage.after(60).await;
    assert_eq!(stage.status("order-1").await, "FAILED");
    let transaction = stage.transaction("order-1").await;
    let body = json!({
        "reference": transaction, "amount": 3_000, "currency": "KRW",
        "card": { "number": super::NOTIFIES_FIRST, "expiryYear": "39", "expiryMonth": "12" },
    });
    assert_eq!(stage.calls_psp("charges", &transaction, &body).await.status, 200);
    stage.after(60).await;
}

#[test]
fn failure_09_called_failed_and_paid_later() {
    survives(&open(), async |stage| {
        approved_late(stage).await;
        assert_eq!(stage.status("order-1").await, "PAID", "this shop accepts late approvals");
        assert_eq!(stage.webhooks("order-1"), ["PayPending", "Failed", "Paid"]);
        closes(stage).await;
    });
    survives(&open(), async |stage| {
        let stage = stage.of(&SHOPS[1]);
        approved_late(&stage).await;
        stage.after(60).await;
        assert_eq!(stage.status("order-1").await, "CANCELLED", "this one gives them back at once");
        assert_eq!(stage.psp().await, (1, 0));
        assert_eq!(stage.webhooks("order-1"), ["PayPending", "Failed", "Paid", "Cancelled"]);
        closes(&stage).await;
    });
}

#[test]
fn failure_10_not_found_shortly_after_a_time_out_is_no_proof() {
    let mut play = open();
    // Shorter than the PSP takes at most to show what it has.
    play.settings.caller_patience = std::time::Duration::from_secs(2);
    survives(&play, async |stage| {
        stage.weather(LOST);
        let asking = {
            let stage = stage.clone();
            tokio::spawn(async move { stage.pays("order-1", APPROVED, 3_000).await })
        };
        // Lost was the request, not what is asked about it.
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        stage.weather(Weather::FAIR);
        let unknown = asking.await.unwrap();
        assert_eq!(unknown.pg_code(), "OUTCOME_UNKNOWN");
        assert!(stage.ground.traffic.asked(&Method::GET, &stage.transaction("order-1").await) > 0);
        assert_eq!(stage.status("order-1").await, "PAY_PENDING");
        stage.after(30).await;
        assert_eq!(stage.status("order-1").await, "FAILED", "asked again, and proved");
        assert_eq!(stage.pays("order-1", APPROVED, 3_000).await.status, 200);
        assert_eq!(stage.psp().await, (1, 3_000));
        closes(stage).await;
    });
}

/// The window had been open for a while, but the PSP was asked for money only now.
#[test]
fn failure_10_not_found_is_no_proof_however_long_the_window_was_open() {
    let mut play = open();
    play.settings.caller_patience = std::time::Duration::from_secs(2);
    survives(&play, async |stage| {
        let body = json!({
            "channelKey": stage.shop.channel(paypier_simulation::office::ChannelKind::Card),
            "orderName": "a book", "totalAmount": 3_000, "currency": "KRW",
            "card": { "number": APPROVED, "expiryYear": "39", "expiryMonth": "12" },
        });
        let window = stage.post("/sandbox/payments/order-1/authenticate", &body).await;
        stage.after(60).await;
        stage.weather(LOST);
        let confirming = {
            let (stage, token) = (stage.clone(), window.body["paymentToken"].clone());
            tokio::spawn(async move {
                stage.post("/payments/order-1/confirm", &json!({ "paymentToken": token })).await
            })
        };
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        stage.weather(Weather::FAIR);
        assert_eq!(confirming.await.unwrap().pg_code(), "OUTCOME_UNKNOWN");
        assert_eq!(stage.status("order-1").await, "PAY_PENDING");
        stage.after(60).await;
        assert_eq!(stage.status("order-1").await, "FAILED", "asked again, and proved");
        closes(stage).await;
    });
}

#[test]
fn failure_16_a_refund_without_an_answer_blocks_its_amount() {
    survives(&open(), async |stage| {
        assert_eq!(stage.pays("order-1", APPROVED, 10_000).await.status, 200);
        stage.weather(UNANSWERED);
        let unknown = stage.cancels("order-1", Some(7_000)).await;
        assert_eq!((unknown.status, &unknown.body["cancellation"]["status"]), (200, &json!("REQUESTED")));
        let refused = stage.cancels("order-1", Some(4_000)).await;
        assert_eq!(refused.word(), "409 CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT");
        stage.weather(Weather::FAIR);
        assert_eq!(stage.cancels("order-1", Some(3_000)).await.status, 200, "the rest is free");
        stage.after(24 * 3_600).await;
        assert_eq!(stage.status("order-1").await, "CANCELLED");
        assert_eq!(stage.psp().await, (1, 0));
        closes(stage).await;
    });
}
