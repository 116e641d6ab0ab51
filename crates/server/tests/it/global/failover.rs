//! Payments on a route of several channels.

use super::merchant::{Ear, Payer, parameter, presses, refused, signed_sale};
use crate::shop::{APPROVED, INSUFFICIENT_FUNDS, PSP_ERROR, Shop, both_databases};
use serde_json::{Value, json};

fn routed(shop: &Shop, reference: &str) -> Value {
    let mut body = shop.sale(reference, "100");
    body["routing_enabled"] = json!(true);
    body["routing_params"] = json!({ "type": "failover", "data": [
        { "channel_key": "OMISE", "method_key": "OMISE_CREDIT_CARD", "rank": 2 },
        { "channel_key": "GBPRIMEPAY", "method_key": "GBPRIMEPAY_CREDIT_CARD", "rank": 1 },
    ]});
    body
}

async fn begins(shop: &Shop, reference: &str) -> (String, Payer) {
    let started = shop.initiates(&routed(shop, reference)).await.succeeds();
    let order = started["order_ref"].as_str().unwrap().to_owned();
    (order, Payer::at(started["redirect_url"].as_str().unwrap()))
}

/// The page between two tries, and what is written on it.
async fn asked_between(payer: &Payer) -> String {
    let (page, seen) = payer.ends_up().await;
    let seen = seen.expect("a page");
    assert!(
        seen.status == 200 && seen.html.contains("Retry") && seen.html.contains("Cancel"),
        "{}",
        seen.html
    );
    page
}

#[test]
fn check_26_a_psp_that_fails_is_followed_by_the_next_one_under_one_reference() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let ear = Ear::open().await;
        shop.tells(&ear, "payment_status").await;
        let (order, payer) = begins(&shop, "Merchant_1").await;
        assert_eq!(shop.global_transaction(&order).await["channel_key"], "GBPRIMEPAY");
        payer.types(PSP_ERROR).await;
        let page = asked_between(&payer).await;
        assert_eq!(shop.global_transaction(&order).await["status"], "Initiated");
        let next = Payer::at(presses(&page, "retry").await.header("location"));
        next.types(APPROVED).await;
        let (_, back) = next.comes_back().await;
        assert_eq!(parameter(&back, "status"), "Success");
        assert_eq!(parameter(&back, "order_ref"), order);
        assert_eq!(parameter(&back, "channel_key"), "OMISE");
        let details = shop.global_transaction(&order).await;
        assert_eq!((&details["channel_key"], &details["routing_enabled"]), (&json!("OMISE"), &json!(true)));
        let heard = ear.hears(1).await;
        assert_eq!(
            (heard.len(), &heard[0]["status"], &heard[0]["channel_key"]),
            (1, &json!("Success"), &json!("OMISE"))
        );
        shop.closes().await;
    });
}

#[test]
fn check_26_a_payer_who_is_at_fault_tries_the_same_psp_and_may_give_up() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let ear = Ear::open().await;
        shop.tells(&ear, "payment_status").await;
        let (order, payer) = begins(&shop, "Merchant_1").await;
        payer.types(INSUFFICIENT_FUNDS).await;
        let page = asked_between(&payer).await;
        let next = Payer::at(presses(&page, "retry").await.header("location"));
        assert_eq!(shop.global_transaction(&order).await["channel_key"], "GBPRIMEPAY");
        next.types(INSUFFICIENT_FUNDS).await;
        let page = asked_between(&next).await;
        presses(&page, "cancel").await;
        let (url, back) = next.comes_back().await;
        assert!(url.starts_with("https://shop.example/ko?"), "{url}");
        assert_eq!(parameter(&back, "status"), "Failed");
        let heard = ear.hears(1).await;
        assert_eq!((heard.len(), &heard[0]["status"]), (1, &json!("Failed")));
        // It stays given up.
        presses(&page, "retry").await;
        assert_eq!(shop.global_transaction(&order).await["status"], "Failed");
        shop.closes().await;
    });
}

#[test]
fn check_26_when_both_fail_the_last_one_is_told() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let ear = Ear::open().await;
        shop.tells(&ear, "payment_status").await;
        let (_, payer) = begins(&shop, "Merchant_1").await;
        payer.types(PSP_ERROR).await;
        let page = asked_between(&payer).await;
        let next = Payer::at(presses(&page, "retry").await.header("location"));
        next.types(PSP_ERROR).await;
        let (_, back) = next.comes_back().await;
        assert_eq!((parameter(&back, "status"), parameter(&back, "channel_key")), ("Failed", "OMISE"));
        let heard = ear.hears(1).await;
        assert_eq!((&heard[0]["status"], &heard[0]["channel_key"]), (&json!("Failed"), &json!("OMISE")));
        shop.closes().await;
    });
}

#[test]
fn routes_that_are_none_are_refused() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let with = |params: Value| {
            let mut body = routed(&shop, "Merchant_1");
            body["routing_params"] = params;
            signed_sale(body)
        };
        let choice = |rank: i64, channel: &str| json!({ "channel_key": channel, "method_key": format!("{channel}_CREDIT_CARD"), "rank": rank });
        for (params, code, reason) in [
            (Value::Null, "4001", "INVALID_PAYMENT_REQUEST"),
            (json!({ "type": "failover", "data": [] }), "4001", "INVALID_PAYMENT_REQUEST"),
            (
                json!({ "data": [choice(1, "OMISE"), choice(1, "GBPRIMEPAY")] }),
                "4001",
                "INVALID_PAYMENT_REQUEST",
            ),
            (json!({ "route_ref": "Route_2P0qQgyROrPuzJDZebGSIsfYsX4" }), "4096", "INVALID_REFERENCE"),
            (
                json!({ "data": [choice(1, "NOWHERE"), choice(2, "NEITHER")] }),
                "5023",
                "INVALID_PAYMENT_CHANNEL",
            ),
        ] {
            refused(shop.initiates(&with(params)).await, 400, code, reason);
        }
        // One that cannot be used is passed over.
        let started =
            shop.initiates(&with(json!({ "data": [choice(1, "NOWHERE"), choice(2, "OMISE")] }))).await;
        let started = started.succeeds();
        assert_eq!(
            shop.global_transaction(started["order_ref"].as_str().unwrap()).await["channel_key"],
            "OMISE"
        );
        shop.closes().await;
    });
}
