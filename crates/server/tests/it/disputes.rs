//! Disputes at the buyer's bank, and money that a PSP takes back because of one.

use crate::shop::{CANCELS_LATER, Shop, both_databases};
use paypier::cli::dev::demo;
use paypier_domain::account::{PayloadContentType, PayloadVersion};
use paypier_domain::id::StoreId;
use paypier_domain::money::Amount;
use serde_json::{Value, json};

impl Shop {
    async fn is_disputed(&self, id: &str) -> String {
        let body = json!({ "reason": "not recognised" });
        let opened = self.post(&format!("/sandbox/payments/{id}/dispute"), &body).await.succeeds();
        opened["disputeId"].as_str().unwrap().to_owned()
    }

    async fn dispute_ends(&self, id: &str, body: &Value) {
        self.post(&format!("/sandbox/payments/{id}/dispute/resolve"), body).await.succeeds();
    }

    pub async fn is_charged_back(&self, id: &str, amount: Option<i64>) {
        let body =
            amount.map_or(json!({}), |amount| json!({ "amount": amount, "reason": "the dispute was lost" }));
        self.post(&format!("/sandbox/payments/{id}/chargeback"), &body).await.succeeds();
    }
}

#[test]
fn a_dispute_is_shown_and_told_and_moves_nothing() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.faults(json!({ "duplicateNotificationRate": 1 })).await;
        shop.is_paid("order-1", 10_000).await;
        assert_eq!(shop.payment("order-1").await["disputes"], json!([]));
        let first = shop.is_disputed("order-1").await;
        let payment = shop.payment("order-1").await;
        let dispute = &payment["disputes"][0];
        assert_eq!(
            (&dispute["status"], &dispute["reason"], &dispute["pgDisputeId"]),
            (&json!("UNRESOLVED"), &json!("not recognised"), &json!(first))
        );
        assert_eq!(dispute["resolvedAt"], Value::Null);
        shop.is_disputed("order-1").await;
        shop.dispute_ends("order-1", &json!({ "disputeId": first })).await;
        let payment = shop.payment("order-1").await;
        assert_eq!(payment["status"], "PAID");
        let states: Vec<_> =
            payment["disputes"].as_array().unwrap().iter().map(|dispute| &dispute["status"]).collect();
        assert_eq!(states, ["RESOLVED", "UNRESOLVED"]);
        assert!(payment["disputes"][0]["resolvedAt"].is_string());
        assert_eq!(
            shop.webhooks("order-1").await,
            ["Paid", "DisputeCreated", "DisputeCreated", "DisputeResolved"]
        );
        let triggers: Vec<_> = shop.payment("order-1").await["webhooks"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|webhook| webhook["trigger"].as_str().map(str::to_owned))
            .collect();
        assert_eq!(triggers, ["DISPUTE_CREATED", "DISPUTE_CREATED", "DISPUTE_RESOLVED"]);
        assert_eq!(shop.psp().await, (1, 10_000));
        let events = shop.list("/payment-events-by-cursor", &json!({})).await.succeeds();
        assert_eq!(events["items"].as_array().unwrap().len(), 1, "only what moved money is listed");
        shop.closes().await;
    });
}

#[test]
fn a_chargeback_is_a_cancellation_that_nobody_asked_for() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.faults(json!({ "duplicateNotificationRate": 1 })).await;
        shop.is_paid("order-1", 10_000).await;
        shop.is_disputed("order-1").await;
        shop.dispute_ends("order-1", &json!({})).await;
        shop.is_charged_back("order-1", Some(4_000)).await;
        let payment = shop.payment("order-1").await;
        assert_eq!(
            (&payment["status"], &payment["amount"]["cancelled"]),
            (&json!("PARTIAL_CANCELLED"), &json!(4_000))
        );
        let cancellation = &payment["cancellations"][0];
        assert_eq!(
            (&cancellation["status"], &cancellation["trigger"], &cancellation["reason"]),
            (&json!("SUCCEEDED"), &json!("CHARGEBACK"), &json!("the dispute was lost"))
        );
        assert_eq!(cancellation["totalAmount"], 4_000);
        // What is left can still be refunded, and not more.
        shop.cancels("order-1", Some(6_001)).await.refused(409, "CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT");
        shop.cancels("order-1", Some(1_000)).await.succeeds();
        shop.is_charged_back("order-1", None).await;
        let payment = shop.payment("order-1").await;
        assert_eq!(
            (&payment["status"], &payment["amount"]["cancelled"]),
            (&json!("CANCELLED"), &json!(10_000))
        );
        shop.cancels("order-1", None).await.refused(409, "PAYMENT_ALREADY_CANCELLED");
        assert_eq!(
            shop.webhooks("order-1").await,
            [
                "Paid",
                "DisputeCreated",
                "DisputeResolved",
                "PartialCancelled",
                "PartialCancelled",
                "Cancelled"
            ]
        );
        let lines = shop.psp_lines().await;
        let kinds: Vec<_> = lines.iter().map(|(kind, _, amount)| (kind.as_str(), *amount)).collect();
        assert_eq!(
            kinds,
            [("CHARGE", 10_000), ("REFUND", 1_000), ("CHARGEBACK", 4_000), ("CHARGEBACK", 5_000)]
        );
        let events = shop.list("/payment-events-by-cursor", &json!({})).await.succeeds();
        let moved: Vec<_> = events["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["paymentEvent"]["eventAmount"].as_i64().unwrap())
            .collect();
        assert_eq!(moved, [10_000, -4_000, -1_000, -5_000]);
        shop.closes().await;
    });
}

#[test]
fn a_chargeback_takes_only_what_a_pending_refund_has_left() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.pays("order-1", CANCELS_LATER, 10_000).await.succeeds();
        shop.cancels("order-1", Some(7_000)).await.succeeds();
        let refusal = shop
            .post("/sandbox/payments/order-1/chargeback", &json!({ "amount": 3_001 }))
            .await
            .refused(400, "INVALID_REQUEST");
        assert_eq!(refusal["message"], "the amount must be above 0 and at most 3000, which is what is left");
        shop.is_charged_back("order-1", None).await;
        assert_eq!(shop.status("order-1").await, "PARTIAL_CANCELLED");
        shop.after("PT11M").await;
        assert_eq!(shop.status("order-1").await, "CANCELLED");
        assert_eq!(shop.psp().await, (1, 0));
        shop.closes().await;
    });
}

#[test]
fn stores_on_the_first_payload_version_hear_no_disputes() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let (version, content_type) = (PayloadVersion::V20240101, PayloadContentType::Json);
        shop.has_endpoint(&shop.receiver.url, version, content_type).await;
        let mut order = shop.order(crate::shop::APPROVED, 1_000);
        order.as_object_mut().unwrap().remove("noticeUrls");
        shop.post("/payments/order-1/instant", &order).await.succeeds();
        shop.is_disputed("order-1").await;
        shop.jobs_run().await;
        let payment = shop.payment("order-1").await;
        assert_eq!(payment["disputes"].as_array().unwrap().len(), 1);
        assert_eq!(payment["webhooks"].as_array().unwrap().len(), 1, "{}", payment["webhooks"]);
        shop.closes().await;
    });
}

#[test]
fn only_what_is_there_can_be_disputed_resolved_or_taken_back() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.pays("failed", crate::shop::DECLINED, 1_000).await.refused(502, "PG_PROVIDER");
        shop.is_paid("order-1", 1_000).await;
        for (path, body) in [
            ("failed/dispute", json!({})),
            ("failed/chargeback", json!({})),
            ("order-1/dispute/resolve", json!({})),
            ("order-1/dispute/resolve", json!({ "disputeId": "sbxd_9_x" })),
            ("order-1/dispute", json!({ "reason": " " })),
            ("order-1/chargeback", json!({ "amount": 0 })),
            ("order-1/chargeback", json!({ "amount": 1_001 })),
            ("order-1/chargeback", json!({ "sum": 1 })),
        ] {
            let answer = shop.post(&format!("/sandbox/payments/{path}"), &body).await;
            answer.refused(400, "INVALID_REQUEST");
        }
        shop.post("/sandbox/payments/never/dispute", &json!({})).await.refused(404, "PAYMENT_NOT_FOUND");
        assert_eq!(shop.webhooks("order-1").await, ["Paid"]);
        assert_eq!(shop.psp().await, (1, 1_000));
        shop.closes().await;
    });
}

#[test]
fn a_chargeback_that_was_not_told_before_the_power_went_is_told_afterwards() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.is_paid("order-1", 10_000).await;
        let transaction = shop.payment("order-1").await["transactionId"].as_str().unwrap().to_owned();
        let (store, psp) = (StoreId::known(demo::STORE_ID), shop.app().simulator.clone().unwrap());
        let now = shop.app().test_clock(&store).await.unwrap();
        let amount = Some(Amount::new(4_000).unwrap());
        psp.charge_back(&store, &transaction, amount, "lost", now).await.unwrap();
        let shop = shop.loses_power_and_opens_again().await;
        shop.after("PT10M").await;
        assert_eq!(shop.status("order-1").await, "PARTIAL_CANCELLED");
        assert_eq!(shop.psp().await, (1, 6_000));
        let mut webhooks = shop.webhooks("order-1").await;
        // What was on its way when the power went arrives again.
        webhooks.dedup();
        assert_eq!(webhooks, ["Paid", "PartialCancelled"]);
        shop.closes().await;
    });
}

#[test]
fn a_chargeback_that_meets_a_refund_of_ours_is_taken_note_of_when_that_has_ended() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.is_paid("order-1", 10_000).await;
        let transaction = shop.payment("order-1").await["transactionId"].as_str().unwrap().to_owned();
        // The refund's answer gets lost, and meanwhile the PSP takes back all that it holds.
        shop.faults(json!({ "dropAnswerRate": 1, "seed": 5 })).await;
        let cancelled = shop.cancels("order-1", Some(7_000)).await.succeeds();
        assert_eq!(cancelled["cancellation"]["status"], "REQUESTED");
        let (store, psp) = (StoreId::known(demo::STORE_ID), shop.app().simulator.clone().unwrap());
        let now = shop.app().test_clock(&store).await.unwrap();
        psp.charge_back(&store, &transaction, None, "lost", now).await.unwrap();
        shop.jobs_run().await;
        shop.faults(json!({})).await;
        shop.after("PT10M").await;
        shop.after("PT1H").await;
        assert_eq!(shop.status("order-1").await, "CANCELLED");
        assert_eq!(shop.psp().await, (1, 0));
        shop.closes().await;
    });
}
