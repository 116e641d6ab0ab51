//! When the PSP says nothing: nobody guesses, nobody charges twice, and the truth comes out.

use crate::shop::{
    APPROVED, Engine, NOTIFIES_FIRST, SILENT_AND_NOT_CHARGED, SILENT_BUT_CHARGED, SILENT_FOR_LONG, Shop,
    both_databases,
};
use serde_json::json;
use std::time::Duration;

#[test]
fn a_charge_that_happened_in_silence_is_found_while_the_caller_waits() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.pays("order-1", SILENT_BUT_CHARGED, 4_000).await.succeeds();
        assert_eq!(shop.status("order-1").await, "PAID");
        assert_eq!(shop.webhooks("order-1").await, ["Paid"]);
        assert_eq!(shop.psp().await, (1, 4_000));
        shop.closes().await;
    });
}

#[test]
fn a_charge_that_did_not_happen_is_not_called_failed_before_that_is_proven() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let refusal = shop.pays("order-1", SILENT_AND_NOT_CHARGED, 4_000).await.refused(502, "PG_PROVIDER");
        assert_eq!(refusal["pgCode"], "OUTCOME_UNKNOWN");
        assert_eq!(shop.status("order-1").await, "PAY_PENDING");
        shop.pays("order-1", APPROVED, 4_000).await.refused(409, "ALREADY_PAID");
        shop.after("PT1M").await;
        assert_eq!(shop.status("order-1").await, "FAILED");
        assert_eq!(shop.webhooks("order-1").await, ["PayPending", "Failed"]);
        shop.pays("order-1", APPROVED, 4_000).await.succeeds();
        assert_eq!(shop.psp().await, (1, 4_000));
        shop.closes().await;
    });
}

async fn opens_impatiently(engine: Engine) -> Shop {
    Shop::open_with(engine, |config| config.limits.caller_patience = Duration::from_millis(500)).await
}

#[test]
fn a_long_silence_ends_as_paid_and_the_key_replays_the_truth() {
    both_databases(|engine| async move {
        let shop = opens_impatiently(engine).await;
        let order = shop.order(SILENT_FOR_LONG, 4_000).to_string();
        let again = || {
            shop.request("POST", "/payments/order-1/instant")
                .header("idempotency-key", "\"order-1-first-try\"")
                .body(order.clone())
        };
        let refusal = shop.send(again()).await.refused(502, "PG_PROVIDER");
        assert_eq!(refusal["pgCode"], "OUTCOME_UNKNOWN");
        let payment = shop.payment("order-1").await;
        assert_eq!((&payment["status"], &payment["amount"]["paid"]), (&json!("PAY_PENDING"), &json!(0)));
        assert_eq!(shop.send(again()).await.body["pgCode"], "OUTCOME_UNKNOWN", "still the truth");
        shop.after("PT1H").await;
        assert_eq!(shop.status("order-1").await, "PAID");
        let truth = shop.send(again()).await.succeeds();
        assert!(truth["payment"]["paidAt"].is_string());
        assert_eq!(shop.webhooks("order-1").await, ["PayPending", "Paid"]);
        let key = paypier_domain::id::PaymentKey {
            store: paypier_domain::id::StoreId::known(paypier::cli::dev::demo::STORE_ID),
            payment: paypier_domain::id::PaymentId::known("order-1"),
        };
        let evidence = shop.app().storage.evidence_of(&key).await.unwrap();
        assert!(evidence.len() >= 4, "every question is kept");
        assert_eq!(shop.psp().await, (1, 4_000));
        shop.closes().await;
    });
}

#[test]
fn garbage_and_lost_answers_never_charge_twice() {
    both_databases(|engine| async move {
        let shop = opens_impatiently(engine).await;
        shop.faults(
            json!({ "errorRate": 0.4, "dropAnswerRate": 0.3, "duplicateNotificationRate": 0.3, "seed": 7 }),
        )
        .await;
        let mut told = 0;
        for number in 0..12 {
            let id = format!("storm-{number}");
            let answer = shop.pays(&id, APPROVED, 1_000).await;
            assert!(matches!(answer.status, 200 | 502), "{} {}", answer.status, answer.body);
            told += usize::from(answer.status == 200);
        }
        shop.faults(json!({ "errorRate": 0.0, "dropAnswerRate": 0.0 })).await;
        shop.after("P2D").await;
        let mut paid = 0;
        for number in 0..12 {
            let status = shop.status(&format!("storm-{number}")).await;
            assert!(status == "PAID" || status == "FAILED", "storm-{number} is {status}");
            paid += usize::from(status == "PAID");
        }
        assert!(paid >= told);
        assert_eq!(shop.psp().await, (paid, i64::try_from(paid).unwrap() * 1_000));
        shop.closes().await;
    });
}

#[test]
fn a_notification_before_the_answer_and_twice_has_one_effect() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.pays("order-1", NOTIFIES_FIRST, 4_000).await.succeeds();
        shop.jobs_run().await;
        assert_eq!(shop.status("order-1").await, "PAID");
        assert_eq!(shop.webhooks("order-1").await, ["Paid"]);
        assert_eq!(shop.psp().await, (1, 4_000));
        shop.closes().await;
    });
}

#[test]
fn an_unanswered_refund_keeps_its_amount_until_it_is_known() {
    both_databases(|engine| async move {
        let shop = opens_impatiently(engine).await;
        shop.is_paid("order-1", 10_000).await;
        shop.faults(json!({ "dropAnswerRate": 1.0, "errorRate": 0.0, "seed": 3 })).await;
        let answer = shop.cancels("order-1", Some(6_000)).await.succeeds();
        assert_eq!(answer["cancellation"]["status"], "REQUESTED");
        shop.cancels("order-1", Some(4_001)).await.refused(409, "CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT");
        shop.faults(json!({ "dropAnswerRate": 0.0 })).await;
        shop.after("PT2H").await;
        let payment = shop.payment("order-1").await;
        let ended = payment["cancellations"][0]["status"].as_str().unwrap().to_owned();
        assert!(ended == "SUCCEEDED" || ended == "FAILED", "{ended}");
        let held =
            payment["amount"]["paid"].as_i64().unwrap() - payment["amount"]["cancelled"].as_i64().unwrap();
        assert_eq!(shop.psp().await.1, held);
        shop.closes().await;
    });
}
