//! Payments through the V2 API on a Stripe channel, with localstripe behind it.

use super::door::Counterpart::Localstripe;
use super::{CAPTURE, CARDS, INTENTS, MANUAL, REFUNDS, Trade, with};
use crate::shop::{APPROVED, card};
use serde_json::{Value, json};

/// Attaches, and is declined when it is charged.
const DECLINED_LATER: &str = "4000000000000341";
/// Declined when it is attached.
const DECLINED_AT_ONCE: &str = "4000000000000002";

#[test]
fn a_card_is_charged_and_given_back_in_parts() {
    with(Localstripe, |trade| async move {
        let answer = trade.pays("order", APPROVED, 10_000).await.succeeds();
        assert!(answer["payment"]["pgTxId"].as_str().unwrap().starts_with("pi_"), "{answer}");
        let payment = trade.payment("order").await;
        assert_eq!(
            (&payment["status"], &payment["channel"]["pgProvider"]),
            (&json!("PAID"), &json!("STRIPE"))
        );
        assert_eq!(payment["method"]["card"]["number"], "42424242****4242");
        assert!(!payment.to_string().contains(APPROVED));
        let secret = trade.intents("order").await[0]["client_secret"].as_str().unwrap().to_owned();
        for bytes in trade.shop.stored_bytes() {
            let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
            assert!(!holds(APPROVED) && !holds(&secret), "the card's number or the page's secret is stored");
        }

        trade.cancels("order", Some(3_000)).await.succeeds();
        assert_eq!(trade.status("order").await, "PARTIAL_CANCELLED");
        trade.cancels("order", Some(2_500)).await.succeeds();
        trade.cancels("order", Some(4_501)).await.refused(409, "CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT");
        trade.cancels("order", None).await.succeeds();
        assert_eq!(trade.status("order").await, "CANCELLED");
        assert_eq!(trade.refunded("order").await, [2_500, 3_000, 4_500]);
        assert_eq!(
            trade.webhooks("order").await,
            ["Paid", "PartialCancelled", "PartialCancelled", "Cancelled"]
        );

        let keys: Vec<_> = trade.door.seen(REFUNDS).into_iter().map(|seen| seen.key.unwrap()).collect();
        assert_eq!(keys.len(), 3);
        assert!(
            keys[0] != keys[1] && keys[1] != keys[2] && keys[0] != keys[2],
            "each refund has its own key"
        );
        trade.shop.closes().await;
    });
}

#[test]
fn a_currency_with_decimals_is_charged_to_the_cent() {
    with(Localstripe, |trade| async move {
        let mut order = trade.order(CARDS, APPROVED, 1_050);
        order["currency"] = "USD".into();
        trade.shop.post(&format!("/payments/{}/instant", trade.id("order")), &order).await.succeeds();
        let intents = trade.intents("order").await;
        assert_eq!((&intents[0]["amount"], &intents[0]["currency"]), (&json!(1_050), &json!("usd")));
        trade.shop.closes().await;
    });
}

#[test]
fn a_declined_card_fails_the_attempt_and_another_one_may_follow() {
    with(Localstripe, |trade| async move {
        let refusal = trade.pays("order", DECLINED_LATER, 5_000).await.refused(502, "PG_PROVIDER");
        assert_eq!(
            (&refusal["pgCode"], trade.status("order").await.as_str()),
            (&json!("card_declined"), "FAILED")
        );
        trade.pays("order", APPROVED, 5_000).await.succeeds();
        assert_eq!(trade.webhooks("order").await, ["Failed", "Paid"]);
        let succeeded = trade.intents("order").await;
        let succeeded = succeeded.iter().filter(|intent| intent["status"] == "succeeded");
        assert_eq!(succeeded.count(), 1);
        trade.shop.closes().await;
    });
}

#[test]
fn a_payment_method_that_stripe_has_already_is_charged_without_a_card() {
    with(Localstripe, |trade| async move {
        let form = [
            ("type", "card"),
            ("card[number]", "5555555555554444"),
            ("card[exp_month]", "12"),
            ("card[exp_year]", "2039"),
            ("card[cvc]", "123"),
        ];
        let method = trade.door.does("/v1/payment_methods", &form).await;
        trade.pays_by(CARDS, "order", method["id"].as_str().unwrap(), 2_000).await.succeeds();
        assert!(trade.door.seen("POST /v1/payment_methods").is_empty(), "the card stays here");
        assert_eq!(trade.intents("order").await[0]["payment_method"], method["id"]);
        trade.shop.closes().await;
    });
}

async fn issues(trade: &Trade, number: &str) -> crate::shop::Answer {
    let body = json!({
        "channelKey": CARDS, "method": { "card": card(number) }, "noticeUrls": [trade.shop.receiver.url],
        "customer": { "id": "c-1", "name": { "full": "Hong Gildong" }, "email": "hong@example.com" },
    });
    trade.shop.post("/billing-keys", &body).await
}

fn charge(key: &str, url: &str) -> Value {
    json!({
        "billingKey": key, "orderName": "a month of books", "currency": "KRW", "amount": { "total": 5_000 },
        "noticeUrls": [url],
    })
}

#[test]
fn a_billing_key_is_issued_charged_and_deleted() {
    with(Localstripe, |trade| async move {
        let issued = issues(&trade, APPROVED).await.succeeds();
        let key = issued["billingKeyInfo"]["billingKey"].as_str().unwrap().to_owned();
        let body = charge(&key, &trade.shop.receiver.url);
        for name in ["january", "february"] {
            trade.shop.post(&format!("/payments/{}/billing-key", trade.id(name)), &body).await.succeeds();
            let intents = trade.intents(name).await;
            assert_eq!((intents.len(), &intents[0]["status"]), (1, &json!("succeeded")));
            let customer = intents[0]["customer"].as_str().unwrap();
            assert_eq!(
                trade.door.asks(&format!("/v1/customers/{customer}")).await["email"],
                "hong@example.com"
            );
        }
        trade.cancels("january", Some(1_000)).await.succeeds();
        assert_eq!(trade.refunded("january").await, [1_000]);

        let method = trade.intents("january").await[0]["payment_method"].as_str().unwrap().to_owned();
        let deleted = trade.shop.request("DELETE", &format!("/billing-keys/{key}"));
        trade.shop.send(deleted).await.succeeds();
        assert_eq!(trade.door.asks(&format!("/v1/payment_methods/{method}")).await["customer"], Value::Null);
        let refused = trade.shop.post(&format!("/payments/{}/billing-key", trade.id("march")), &body).await;
        refused.refused(409, "BILLING_KEY_ALREADY_DELETED");
        trade.shop.closes().await;
    });
}

#[test]
fn a_card_that_may_not_be_stored_gives_no_billing_key() {
    with(Localstripe, |trade| async move {
        let refusal = issues(&trade, DECLINED_AT_ONCE).await.refused(502, "PG_PROVIDER");
        assert_eq!(refusal["pgCode"], "card_declined");
        // Stored, and declined when it is charged.
        let issued = issues(&trade, DECLINED_LATER).await.succeeds();
        let key = issued["billingKeyInfo"]["billingKey"].as_str().unwrap();
        let body = charge(key, &trade.shop.receiver.url);
        let refusal = trade.shop.post(&format!("/payments/{}/billing-key", trade.id("order")), &body).await;
        assert_eq!(refusal.refused(502, "PG_PROVIDER")["pgCode"], "card_declined");
        trade.shop.closes().await;
    });
}

#[test]
fn an_approved_payment_is_captured_once() {
    with(Localstripe, |trade| async move {
        trade.pays_at(MANUAL, "order", APPROVED, 8_000).await.succeeds();
        assert_eq!(trade.intents("order").await[0]["status"], "requires_capture");
        trade.captures("order").await.succeeds();
        trade.captures("order").await.succeeds();
        assert_eq!(trade.intents("order").await[0]["status"], "succeeded");
        assert_eq!((trade.door.seen(CAPTURE).len(), trade.door.seen(INTENTS).len()), (1, 1));
        trade.cancels("order", Some(3_000)).await.succeeds();
        assert_eq!(trade.refunded("order").await, [3_000]);
        trade.shop.closes().await;
    });
}

#[test]
fn an_approved_payment_is_released_in_whole_only() {
    with(Localstripe, |trade| async move {
        trade.pays_at(MANUAL, "order", APPROVED, 8_000).await.succeeds();
        let refusal = trade.cancels("order", Some(3_000)).await.refused(502, "PG_PROVIDER");
        assert_eq!(refusal["pgCode"], "PARTIAL_RELEASE_NOT_SUPPORTED");
        assert_eq!(trade.status("order").await, "PAID");
        trade.cancels("order", None).await.succeeds();
        assert_eq!(trade.status("order").await, "CANCELLED");
        assert_eq!(trade.intents("order").await[0]["status"], "canceled");
        assert!(trade.refunded("order").await.is_empty(), "nothing was taken, so nothing is refunded");
        trade.shop.closes().await;
    });
}
