//! Requests that come more than once (1 to 4).

use super::{APPROVED, closes, open, survives};
use http::Method;
use paypier_simulation::network::Weather;
use paypier_simulation::play::Stage;

const KEY: &str = "the-order-of-kim-0001";

async fn charges_asked(stage: &Stage) -> usize {
    stage.ground.traffic.asked(&Method::POST, "/v1/charges")
}

#[test]
fn failure_01_the_same_request_twice_in_sequence() {
    survives(&open(), async |stage| {
        let order = stage.order(APPROVED, 3_000);
        let first = stage.send(Method::POST, "/payments/order-1/instant", &order, Some(KEY)).await;
        let second = stage.send(Method::POST, "/payments/order-1/instant", &order, Some(KEY)).await;
        assert_eq!((first.status, &first), (200, &second));
        assert_eq!(charges_asked(stage).await, 1);
        assert_eq!(stage.psp().await, (1, 3_000));
        closes(stage).await;
    });
}

#[test]
fn failure_02_thirty_at_once_with_the_same_key() {
    survives(&open(), async |stage| {
        stage.weather(Weather { slow: 1000, ..Weather::FAIR });
        let order = stage.order(APPROVED, 3_000);
        let callers: Vec<_> = (0..30)
            .map(|_| {
                let (stage, order) = (stage.clone(), order.clone());
                tokio::spawn(async move {
                    stage.send(Method::POST, "/payments/order-1/instant", &order, Some(KEY)).await
                })
            })
            .collect();
        let mut replies = Vec::new();
        for caller in callers {
            replies.push(caller.await.unwrap());
        }
        let done: Vec<_> = replies.iter().filter(|reply| reply.status == 200).collect();
        assert!(!done.is_empty());
        assert!(done.iter().all(|reply| reply.text == done[0].text));
        assert!(replies.iter().all(|r| r.status == 200 || r.word() == "409 IDEMPOTENCY_OUTSTANDING_REQUEST"));
        assert_eq!(charges_asked(stage).await, 1);
        assert_eq!(stage.psp().await, (1, 3_000));
        closes(stage).await;
    });
}

#[test]
fn failure_03_the_same_key_for_another_request() {
    survives(&open(), async |stage| {
        let order = stage.order(APPROVED, 3_000);
        let first = stage.send(Method::POST, "/payments/order-1/instant", &order, Some(KEY)).await;
        let other = stage.order(APPROVED, 4_000);
        let refused = stage.send(Method::POST, "/payments/order-1/instant", &other, Some(KEY)).await;
        let elsewhere = stage.send(Method::POST, "/payments/order-2/instant", &order, Some(KEY)).await;
        assert_eq!(first.status, 200);
        for refused in [refused, elsewhere] {
            assert_eq!(refused.word(), "400 INVALID_REQUEST");
            let message = refused.body["message"].as_str().unwrap();
            assert!(message.to_lowercase().contains("key"), "{message}");
        }
        assert_eq!(stage.status("order-2").await, "404 PAYMENT_NOT_FOUND");
        assert_eq!(stage.psp().await, (1, 3_000));
        closes(stage).await;
    });
}

#[test]
fn failure_04_no_key_and_the_same_payment_id_twice() {
    survives(&open(), async |stage| {
        stage.weather(Weather { slow: 1000, ..Weather::FAIR });
        let order = stage.order(APPROVED, 3_000);
        let other = {
            let (stage, order) = (stage.clone(), order.clone());
            tokio::spawn(async move { stage.post("/payments/order-1/instant", &order).await })
        };
        let one = stage.post("/payments/order-1/instant", &order).await;
        let other = other.await.unwrap();
        assert_eq!(super::words(&[one, other]), ["200", "409 ALREADY_PAID"]);
        assert_eq!(stage.post("/payments/order-1/instant", &order).await.word(), "409 ALREADY_PAID");
        assert_eq!(stage.psp().await, (1, 3_000));
        closes(stage).await;
    });
}
