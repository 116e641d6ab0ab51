//! Decisions about one payment that meet (14, 15).

use super::{APPROVED, closes, open, survives, words};
use paypier_simulation::network::Weather;
use paypier_simulation::office::ChannelKind;
use serde_json::json;

const SLOW: Weather = Weather { slow: 1000, ..Weather::FAIR };

#[test]
fn failure_14_two_refunds_at_once_above_what_was_captured() {
    survives(&open(), async |stage| {
        assert_eq!(stage.pays("order-1", APPROVED, 10_000).await.status, 200);
        stage.weather(SLOW);
        let callers: Vec<_> = [7_000, 7_000, 3_000, 3_000]
            .map(|amount| {
                let stage = stage.clone();
                tokio::spawn(async move { stage.cancels("order-1", Some(amount)).await })
            })
            .into();
        let mut replies = Vec::new();
        for caller in callers {
            replies.push(caller.await.unwrap());
        }
        let refused = "409 CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT";
        assert_eq!(words(&replies), ["200", "200", refused, refused], "exactly those that fit");
        assert_eq!(stage.psp().await, (1, 0));
        assert_eq!(stage.status("order-1").await, "CANCELLED");
        closes(stage).await;
    });
}

#[test]
fn failure_15_a_refund_while_the_capture_is_under_way() {
    survives(&open(), async |stage| {
        let mut order = stage.order(APPROVED, 10_000);
        order["channelKey"] = json!(stage.shop.channel(ChannelKind::CapturedLater));
        assert_eq!(stage.post("/payments/order-1/instant", &order).await.status, 200);
        stage.weather(SLOW);
        let capturing = {
            let stage = stage.clone();
            tokio::spawn(async move { stage.post("/payments/order-1/capture", &json!({})).await })
        };
        tokio::task::yield_now().await;
        let refused = stage.cancels("order-1", None).await;
        let captured = capturing.await.unwrap();
        assert_eq!(
            words(&[captured, refused]),
            ["200", "409 CANCELLABLE_AMOUNT_CONSISTENCY_BROKEN"],
            "one defined winner"
        );
        assert_eq!(stage.cancels("order-1", None).await.status, 200, "and then the other");
        assert_eq!(stage.psp().await, (1, 0));
        closes(stage).await;
    });
}

#[test]
fn failure_15_a_cancellation_while_the_approval_is_under_way() {
    survives(&open(), async |stage| {
        stage.weather(SLOW);
        let paying = {
            let stage = stage.clone();
            tokio::spawn(async move { stage.pays("order-1", APPROVED, 10_000).await })
        };
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        let refused = stage.cancels("order-1", None).await;
        assert_eq!(paying.await.unwrap().status, 200);
        assert_eq!(refused.word(), "409 PAYMENT_NOT_PAID");
        assert_eq!(stage.cancels("order-1", None).await.status, 200);
        closes(stage).await;
    });
}
