//! Cancelling in whole, in part, later, and not at all.

use crate::shop::{APPROVED, CANCEL_FAILS_LATER, CANCEL_REFUSED, CANCELS_LATER, Shop, both_databases};
use serde_json::json;

#[test]
fn a_payment_is_cancelled_in_parts_until_nothing_is_left() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.is_paid("order-1", 10_000).await;
        let first = shop.cancels("order-1", Some(7_000)).await.succeeds();
        assert_eq!(
            (&first["cancellation"]["status"], &first["cancellation"]["totalAmount"]),
            (&json!("SUCCEEDED"), &json!(7_000))
        );
        let refusal = shop
            .cancels("order-1", Some(4_000))
            .await
            .refused(409, "CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT");
        assert_eq!(refusal["message"], "asked to cancel 4000, cancellable are 3000");
        assert_eq!(shop.status("order-1").await, "PARTIAL_CANCELLED");
        shop.cancels("order-1", None).await.succeeds();
        let payment = shop.payment("order-1").await;
        assert_eq!(payment["status"], "CANCELLED");
        assert_eq!(
            (&payment["amount"]["paid"], &payment["amount"]["cancelled"]),
            (&json!(10_000), &json!(10_000))
        );
        assert_eq!(payment["cancellations"].as_array().unwrap().len(), 2);
        shop.cancels("order-1", None).await.refused(409, "PAYMENT_ALREADY_CANCELLED");
        shop.pays("order-1", APPROVED, 10_000).await.refused(409, "ALREADY_PAID");
        assert_eq!(shop.webhooks("order-1").await, ["Paid", "PartialCancelled", "Cancelled"]);
        assert_eq!(shop.psp().await, (1, 0));
        let events = shop.list("/payment-events-by-cursor", &json!({})).await.succeeds();
        let kinds: Vec<_> = events["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["paymentEvent"]["type"].clone())
            .collect();
        let amounts: Vec<_> = events["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["paymentEvent"]["eventAmount"].clone())
            .collect();
        assert_eq!(kinds.len(), 3, "{events}");
        assert_eq!(amounts, [10_000, -7_000, -3_000]);
        shop.closes().await;
    });
}

#[test]
fn a_pending_cancellation_keeps_its_amount_and_ends_later() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        for (id, number, status, last) in [
            ("later", CANCELS_LATER, "PARTIAL_CANCELLED", "PartialCancelled"),
            ("never", CANCEL_FAILS_LATER, "PAID", "Paid"),
        ] {
            shop.pays(id, number, 10_000).await.succeeds();
            let answer = shop.cancels(id, Some(6_000)).await.succeeds();
            assert_eq!(answer["cancellation"]["status"], "REQUESTED");
            let payment = shop.payment(id).await;
            assert_eq!(
                (&payment["status"], &payment["cancellations"][0]["status"]),
                (&json!("PAID"), &json!("REQUESTED"))
            );
            shop.cancels(id, Some(4_001)).await.refused(409, "CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT");
            shop.after("PT11M").await;
            assert_eq!(shop.status(id).await, status, "{id}");
            assert_eq!(shop.webhooks(id).await, ["Paid", "CancelPending", last], "{id}");
        }
        shop.closes().await;
    });
}

#[test]
fn a_pending_cancellation_can_be_stopped_once() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.pays("order-1", CANCELS_LATER, 10_000).await.succeeds();
        let answer = shop.cancels("order-1", None).await.succeeds();
        let stop = format!(
            "/payments/order-1/cancellations/{}/stop",
            answer["cancellation"]["id"].as_str().unwrap()
        );
        assert!(shop.send(shop.request("POST", &stop)).await.succeeds()["stoppedAt"].is_string());
        shop.send(shop.request("POST", &stop)).await.refused(409, "PAYMENT_CANCELLATION_NOT_PENDING");
        shop.post("/payments/order-1/cancellations/other/stop", &json!({}))
            .await
            .refused(404, "PAYMENT_CANCELLATION_NOT_FOUND");
        shop.after("PT11M").await;
        assert_eq!(shop.status("order-1").await, "PAID");
        shop.closes().await;
    });
}

#[test]
fn a_cancellation_that_the_psp_refuses_moves_nothing() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.pays("order-1", CANCEL_REFUSED, 10_000).await.succeeds();
        let refusal = shop.cancels("order-1", None).await.refused(502, "PG_PROVIDER");
        assert!(refusal["pgCode"].as_str().unwrap().starts_with("SANDBOX_"));
        let payment = shop.payment("order-1").await;
        assert_eq!((&payment["status"], &payment["amount"]["cancelled"]), (&json!("PAID"), &json!(0)));
        assert_eq!(payment["cancellations"][0]["status"], "FAILED");
        assert_eq!(shop.webhooks("order-1").await, ["Paid"]);
        shop.closes().await;
    });
}

#[test]
fn a_payment_is_cancelled_as_often_as_the_shop_allows() {
    both_databases(|engine| async move {
        let shop = Shop::open_with(engine, |config| config.limits.max_cancellations = 2).await;
        shop.is_paid("order-1", 10_000).await;
        for _ in 0..2 {
            shop.cancels("order-1", Some(1_000)).await.succeeds();
        }
        shop.cancels("order-1", Some(1_000)).await.refused(409, "MAX_CANCEL_COUNT_REACHED");
        assert_eq!(shop.psp().await, (1, 8_000));
        shop.closes().await;
    });
}
