//! Many callers at once: the guard is in the write.

use crate::shop::{APPROVED, Shop, at_once, both_databases, sent};
use serde_json::json;

#[test]
fn twenty_callers_of_one_payment_lead_to_one_charge() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let order = shop.order(APPROVED, 3_000).to_string();
        let calls =
            (0..20).map(|_| shop.request("POST", "/payments/one/instant").body(order.clone())).collect();
        let answers = at_once(calls).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        for answer in answers.iter().filter(|answer| answer.status != 200) {
            answer.clone().refused(409, "ALREADY_PAID");
        }
        assert_eq!(shop.psp().await, (1, 3_000));
        assert_eq!(shop.webhooks("one").await, ["Paid"]);
        shop.closes().await;
    });
}

#[test]
fn of_twenty_five_tenths_exactly_ten_are_cancelled() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.is_paid("tenths", 10_000).await;
        let body = json!({ "reason": "a tenth", "amount": 1_000 }).to_string();
        let calls =
            (0..25).map(|_| shop.request("POST", "/payments/tenths/cancel").body(body.clone())).collect();
        let answers = at_once(calls).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 10);
        for answer in answers.iter().filter(|answer| answer.status != 200) {
            assert_eq!(answer.status, 409, "{}", answer.body);
        }
        assert_eq!(shop.status("tenths").await, "CANCELLED");
        assert_eq!(shop.psp().await, (1, 0));
        let webhooks = shop.webhooks("tenths").await;
        assert_eq!(webhooks.len(), 11, "{webhooks:?}");
        assert_eq!(webhooks.last().map(String::as_str), Some("Cancelled"));
        let sequences: Vec<_> = shop
            .receiver
            .about("tenths")
            .iter()
            .map(|w| w.body["data"]["sequence"].as_u64().unwrap())
            .collect();
        assert_eq!(sequences, (1..=11).collect::<Vec<_>>(), "in order, without gaps");
        shop.closes().await;
    });
}

#[test]
fn a_caller_that_hangs_up_does_not_stop_the_work() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.faults(json!({ "latencyMs": 150 })).await;
        let request =
            shop.request("POST", "/payments/gone/instant").body(shop.order(APPROVED, 3_000).to_string());
        let hung_up = request.timeout(std::time::Duration::from_millis(60)).send().await;
        assert!(hung_up.is_err());
        crate::shop::eventually("the payment", || async {
            shop.get("/payments/gone").await.body["status"] == "PAID"
        })
        .await;
        shop.closes().await;
    });
}

#[test]
fn of_a_capture_and_a_cancellation_at_once_one_has_its_way_and_the_books_tie() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let channel = paypier::cli::dev::demo::CHANNELS.iter().find(|c| c.manual_capture).unwrap().key;
        shop.faults(json!({ "latencyMs": 50 })).await;
        for round in 0..4 {
            let id = format!("race-{round}");
            let mut order = shop.order(APPROVED, 2_000);
            order["channelKey"] = json!(channel);
            shop.post(&format!("/payments/{id}/instant"), &order).await.succeeds();
            let capture = sent(shop.request("POST", &format!("/payments/{id}/capture")));
            let body = json!({ "reason": "race" }).to_string();
            let cancel = sent(shop.request("POST", &format!("/payments/{id}/cancel")).body(body));
            let (captured, cancelled) = tokio::join!(capture, cancel);
            let (captured, cancelled) = (captured.unwrap(), cancelled.unwrap());
            for answer in [&captured, &cancelled] {
                assert!(matches!(answer.status, 200 | 409), "{} {}", answer.status, answer.body);
            }
            assert!(captured.status == 200 || cancelled.status == 200);
        }
        shop.closes().await;
    });
}
