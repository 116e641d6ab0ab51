//! One key, one request, one answer.

use crate::shop::{
    APPROVED, Answer, DECLINED, OTHER_APPROVED, Shop, at_once, both_databases, card, eventually,
};
use paypier::cli::dev::demo;
use serde_json::{Value, json};

const KEY: &str = "the-first-order-of-kim";

impl Shop {
    fn keyed(&self, key: &str, path: &str, body: &Value) -> reqwest::RequestBuilder {
        self.request("POST", path).header("idempotency-key", key).body(body.to_string())
    }

    async fn repeats(&self, key: &str, path: &str, body: &Value) -> Answer {
        self.send(self.keyed(key, path, body)).await
    }

    async fn attempts(&self, id: &str) -> usize {
        self.get(&format!("/payments/{id}/transactions")).await.succeeds()["items"].as_array().unwrap().len()
    }
}

#[test]
fn the_same_request_twice_is_one_payment_and_one_answer_byte_by_byte() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let order = shop.order(APPROVED, 3_000);
        let first = shop.repeats(KEY, "/payments/order-1/instant", &order).await;
        first.clone().succeeds();
        // Half a year later in the shop's time nothing has changed about it.
        shop.after("P20D").await;
        for key in [KEY.to_owned(), format!("\"{KEY}\"")] {
            let again = shop.repeats(&key, "/payments/order-1/instant", &order).await;
            assert_eq!((again.status, again.text()), (200, first.text()));
        }
        assert_eq!(shop.psp().await, (1, 3_000));
        assert_eq!(shop.attempts("order-1").await, 1);
        assert_eq!(shop.webhooks("order-1").await, ["Paid"]);
        shop.closes().await;
    });
}

#[test]
fn a_deposit_does_not_change_the_answer_to_the_request_for_its_account() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let accounts = demo::CHANNELS.iter().find(|channel| channel.name == "virtualAccount").unwrap();
        let mut order = shop.order(APPROVED, 3_000);
        order["channelKey"] = json!(accounts.key);
        order["method"] = json!({ "virtualAccount": {
            "bank": "SHINHAN", "expiry": { "validHours": 24 }, "option": { "type": "NORMAL" },
        }});
        let first = shop.repeats(KEY, "/payments/order-1/instant", &order).await;
        first.clone().succeeds();
        shop.after("PT1H").await;
        let deposit = json!({ "amount": 3_000 });
        shop.post("/sandbox/payments/order-1/deposit", &deposit).await.succeeds();
        assert_eq!(shop.status("order-1").await, "PAID");
        let again = shop.repeats(KEY, "/payments/order-1/instant", &order).await;
        assert_eq!((again.status, again.text()), (200, first.text()));
        shop.closes().await;
    });
}

#[test]
fn thirty_at_once_with_one_key_are_one_charge() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.faults(json!({ "latencyMs": 60 })).await;
        let order = shop.order(APPROVED, 3_000);
        let calls = (0..30).map(|_| shop.keyed(KEY, "/payments/order-1/instant", &order)).collect();
        let answers = at_once(calls).await;
        let (done, waiting): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
        assert!(!done.is_empty());
        for answer in &done {
            assert_eq!(answer.text(), done[0].text());
        }
        for answer in waiting {
            answer.refused(409, "IDEMPOTENCY_OUTSTANDING_REQUEST");
        }
        let later = shop.repeats(KEY, "/payments/order-1/instant", &order).await;
        assert_eq!(later.text(), done[0].text());
        assert_eq!(shop.psp().await, (1, 3_000));
        assert_eq!(shop.attempts("order-1").await, 1);
        assert_eq!(shop.webhooks("order-1").await, ["Paid"]);
        shop.closes().await;
    });
}

#[test]
fn the_key_of_another_request_is_refused_and_nothing_is_done() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let order = shop.order(APPROVED, 3_000);
        shop.repeats(KEY, "/payments/order-1/instant", &order).await.succeeds();
        let dearer = shop.order(APPROVED, 4_000);
        shop.repeats(KEY, "/payments/order-1/instant", &dearer).await.refused(400, "INVALID_REQUEST");
        shop.repeats(KEY, "/payments/order-2/instant", &order).await.refused(400, "INVALID_REQUEST");
        shop.repeats(KEY, "/payments/order-1/cancel", &json!({ "reason": "x" }))
            .await
            .refused(400, "INVALID_REQUEST");
        shop.get("/payments/order-2").await.refused(404, "PAYMENT_NOT_FOUND");
        assert_eq!(shop.status("order-1").await, "PAID");
        assert_eq!(shop.psp().await, (1, 3_000));
        shop.closes().await;
    });
}

#[test]
fn a_malformed_key_is_refused_where_keys_count_and_ignored_where_not() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let order = shop.order(APPROVED, 3_000);
        let too_long = "x".repeat(257);
        for key in ["short", "\"\"", "\"unclosed-quotation-mark", "unopened-quotation-mark\"", &too_long, " "]
        {
            shop.repeats(key, "/payments/order-1/instant", &order).await.refused(400, "INVALID_REQUEST");
            shop.send(shop.request("GET", "/payments").header("idempotency-key", key)).await.succeeds();
        }
        let twice = shop
            .keyed(KEY, "/payments/order-1/instant", &order)
            .header("idempotency-key", "another-key-beside-it");
        shop.send(twice).await.refused(400, "INVALID_REQUEST");
        let bytes = reqwest::header::HeaderValue::from_bytes(b"\xff\xfe garbage of bytes").unwrap();
        let garbage = shop
            .request("POST", "/payments/order-1/instant")
            .header("idempotency-key", bytes)
            .body(order.to_string());
        shop.send(garbage).await.refused(400, "INVALID_REQUEST");
        shop.get("/payments/order-1").await.refused(404, "PAYMENT_NOT_FOUND");
        shop.closes().await;
    });
}

#[test]
fn a_decline_is_an_answer_and_is_repeated_without_a_second_try() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let order = shop.order(DECLINED, 3_000);
        let first = shop.repeats(KEY, "/payments/order-1/instant", &order).await;
        first.clone().refused(502, "PG_PROVIDER");
        let again = shop.repeats(KEY, "/payments/order-1/instant", &order).await;
        assert_eq!((again.status, again.text()), (first.status, first.text()));
        assert_eq!(shop.attempts("order-1").await, 1);
        assert_eq!(shop.webhooks("order-1").await, ["Failed"]);
        // A new key is a new try.
        let paid = shop
            .repeats("the-second-try-of-kim", "/payments/order-1/instant", &shop.order(APPROVED, 3_000))
            .await;
        paid.succeeds();
        let stale = shop.repeats(KEY, "/payments/order-1/instant", &order).await;
        assert_eq!(stale.text(), first.text());
        assert_eq!(shop.psp().await, (1, 3_000));
        shop.closes().await;
    });
}

#[test]
fn refusals_are_remembered_too_but_not_those_of_strangers() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let order = shop.order(APPROVED, 3_000);
        let path = "/payments/order-1/cancel";
        let cancel = json!({ "reason": "too early" });
        let early = shop.repeats("too-early-to-cancel", path, &cancel).await;
        early.clone().refused(404, "PAYMENT_NOT_FOUND");
        let mut wrong = order.clone();
        wrong["amount"]["total"] = json!(-1);
        let invalid = shop.repeats("an-invalid-request", "/payments/order-1/instant", &wrong).await;
        invalid.clone().refused(400, "INVALID_REQUEST");

        let stranger = shop.anonymous("POST", "/payments/order-1/instant").header("idempotency-key", KEY);
        shop.send(stranger.body(order.to_string())).await.refused(401, "UNAUTHORIZED");
        shop.repeats(KEY, "/payments/order-1/instant", &order).await.succeeds();

        assert_eq!(shop.repeats("too-early-to-cancel", path, &cancel).await.text(), early.text());
        assert_eq!(
            shop.repeats("an-invalid-request", "/payments/order-1/instant", &wrong).await.text(),
            invalid.text()
        );
        let again = shop.repeats("paid-before-already", "/payments/order-1/instant", &order).await;
        again.clone().refused(409, "ALREADY_PAID");
        assert_eq!(
            shop.repeats("paid-before-already", "/payments/order-1/instant", &order).await.text(),
            again.text()
        );
        assert_eq!(shop.status("order-1").await, "PAID");
        shop.closes().await;
    });
}

#[test]
fn an_answer_that_cannot_be_remembered_is_not_given() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let mut order = shop.order(APPROVED, 3_000);
        order["channelKey"] = json!(demo::CHANNELS.iter().find(|c| c.manual_capture).unwrap().key);
        shop.post("/payments/order-1/instant", &order).await.succeeds();
        let capture = "/payments/order-1/capture";
        shop.post(capture, &json!({})).await.succeeds();

        // Captured before: there is nothing to do, and nothing to write but the answer under this key.
        shop.disk.set_disk_full(true);
        shop.repeats("captured-already", capture, &json!({})).await.refused(503, "SERVICE_UNAVAILABLE");
        shop.repeats("paid-once-already", "/payments/order-1/instant", &order)
            .await
            .refused(503, "SERVICE_UNAVAILABLE");
        shop.disk.set_disk_full(false);

        // So the same key may be told what is true by then.
        eventually("the recovery", || async { shop.cancels("order-1", None).await.status == 200 }).await;
        let told = shop.repeats("captured-already", capture, &json!({})).await;
        told.clone().refused(409, "PAYMENT_NOT_PAID");
        assert_eq!(shop.repeats("captured-already", capture, &json!({})).await.text(), told.text());
        shop.closes().await;
    });
}

#[test]
fn a_key_belongs_to_its_merchant() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.has_a_neighbour("merchant-other", "store-other", "other-secret").await;
        shop.opens_sub_store("store-sub", "sub-secret").await;
        shop.repeats(KEY, "/payments/order-1/instant", &shop.order(APPROVED, 3_000)).await.succeeds();
        let mut theirs = shop.order(OTHER_APPROVED, 5_000);
        theirs["channelKey"] = json!("channel-key-of-store-other");
        let request = |secret: &str, body: &Value| {
            let request = shop.request_as(secret, "POST", "/payments/order-1/instant");
            request.header("idempotency-key", KEY).body(body.to_string())
        };
        shop.send(request("other-secret", &theirs)).await.succeeds();
        let seen = shop.send(shop.request_as("other-secret", "GET", "/payments/order-1")).await.succeeds();
        assert_eq!(seen["amount"]["total"], 5_000);
        // The merchant's own sub-store shares its keys.
        shop.send(request("sub-secret", &theirs)).await.refused(400, "INVALID_REQUEST");
        shop.closes().await;
    });
}

#[test]
fn a_refund_and_a_billing_key_are_made_once_for_their_key() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.is_paid("order-1", 10_000).await;
        let cancel = json!({ "reason": "a part", "amount": 4_000 });
        let calls = (0..10).map(|_| shop.keyed(KEY, "/payments/order-1/cancel", &cancel)).collect();
        let answers = at_once(calls).await;
        let done: Vec<_> = answers.iter().filter(|answer| answer.status == 200).map(Answer::text).collect();
        assert!(!done.is_empty() && done.iter().all(|text| *text == done[0]));
        assert_eq!(shop.repeats(KEY, "/payments/order-1/cancel", &cancel).await.text(), done[0]);
        assert_eq!(shop.psp().await, (1, 6_000));

        let issue = json!({ "channelKey": demo::CARD.key, "method": { "card": card(APPROVED) } });
        let first = shop.repeats("a-key-for-a-billing-key", "/billing-keys", &issue).await;
        let again = shop.repeats("a-key-for-a-billing-key", "/billing-keys", &issue).await;
        assert_eq!(first.text(), again.text());
        let key = first.succeeds()["billingKeyInfo"]["billingKey"].as_str().unwrap().to_owned();
        let delete = || {
            shop.request("DELETE", &format!("/billing-keys/{key}"))
                .header("idempotency-key", "delete-that-billing-key")
        };
        let first = shop.send(delete()).await;
        first.clone().succeeds();
        assert_eq!(shop.send(delete()).await.text(), first.text());
        shop.closes().await;
    });
}

#[test]
fn a_remembered_answer_survives_a_power_cut() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let (paid, declined) = (shop.order(APPROVED, 3_000), shop.order(DECLINED, 3_000));
        let first = shop.repeats(KEY, "/payments/order-1/instant", &paid).await;
        let second = shop.repeats("another-key-for-a-decline", "/payments/order-2/instant", &declined).await;
        let shop = shop.loses_power_and_opens_again().await;
        let again = shop.repeats(KEY, "/payments/order-1/instant", &paid).await;
        assert_eq!((again.status, again.text()), (200, first.text()));
        let again = shop.repeats("another-key-for-a-decline", "/payments/order-2/instant", &declined).await;
        assert_eq!((again.status, again.text()), (502, second.text()));
        assert_eq!(shop.psp().await, (1, 3_000));
        shop.closes().await;
    });
}

#[test]
fn without_a_key_the_second_post_of_a_payment_id_is_refused() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.is_paid("order-1", 3_000).await;
        shop.pays("order-1", APPROVED, 3_000).await.refused(409, "ALREADY_PAID");
        assert_eq!(shop.psp().await, (1, 3_000));
        shop.closes().await;
    });
}
