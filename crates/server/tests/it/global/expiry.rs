//! Payments that nobody completes.

use super::merchant::{Ear, Payer, parameter, presses};
use crate::shop::{APPROVED, PSP_ERROR, SILENT_FOR_LONG, Shop, both_databases};
use serde_json::{Value, json};

async fn starts(shop: &Shop, body: &Value) -> (String, Payer) {
    let started = shop.initiates(body).await.succeeds();
    let order = started["order_ref"].as_str().unwrap().to_owned();
    (order, Payer::at(started["redirect_url"].as_str().unwrap()))
}

async fn status(shop: &Shop, order: &str) -> (String, String) {
    let details = shop.global_transaction(order).await;
    let text = |member: &str| details[member].as_str().unwrap().to_owned();
    (text("status"), text("status_code"))
}

fn stands(status: &str, code: &str) -> (String, String) {
    (status.to_owned(), code.to_owned())
}

#[test]
fn a_payment_that_nobody_completes_expires_after_a_day_and_the_merchant_is_told_once() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let ear = Ear::open().await;
        shop.tells(&ear, "payment_status").await;
        let (order, payer) = starts(&shop, &shop.sale("Merchant_1", "100")).await;
        shop.after("PT23H59M").await;
        shop.jobs_run().await;
        assert_eq!(status(&shop, &order).await, stands("Initiated", ""));
        assert!(ear.all().is_empty());
        shop.after("PT2M").await;
        shop.jobs_run().await;
        let heard = ear.hears(1).await;
        assert_eq!(
            (&heard[0]["status"], &heard[0]["status_code"], &heard[0]["order_ref"]),
            (&json!("Expired"), &json!("4082"), &json!(order))
        );
        assert_eq!(status(&shop, &order).await, stands("Expired", "4082"));
        assert_eq!(shop.status(&order).await, "FAILED", "the other dialect tells the same");
        // The payer who comes late pays nothing and is led to the shop.
        payer.sees().await;
        let (address, parameters) = payer.comes_back().await;
        assert!(address.starts_with("https://shop.example/ko"), "{address}");
        assert_eq!(parameter(&parameters, "status"), "Expired");
        shop.after("P3D").await;
        shop.jobs_run().await;
        assert_eq!(ear.all().len(), 1);
        assert_eq!(shop.psp().await, (0, 0));
        shop.closes().await;
    });
}

#[test]
fn a_code_expires_when_its_minutes_are_over() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let sale = shop.sale_at("Merchant_1", "100", "THB", "CHILLPAY", "CHILLPAY_QRCODE");
        let started = shop.initiates(&sale).await.succeeds();
        assert_eq!(started["expiry_in_minutes"], "60");
        let order = started["order_ref"].as_str().unwrap();
        shop.after("PT59M").await;
        shop.jobs_run().await;
        assert_eq!(status(&shop, order).await, stands("Initiated", ""));
        shop.after("PT2M").await;
        shop.jobs_run().await;
        assert_eq!(status(&shop, order).await, stands("Expired", "4082"));
        shop.closes().await;
    });
}

#[test]
fn a_payment_expires_although_the_server_was_down_when_its_time_was_over() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let ear = Ear::open().await;
        shop.tells(&ear, "payment_status").await;
        let (order, _) = starts(&shop, &shop.sale("Merchant_1", "100")).await;
        shop.after("PT23H").await;
        let shop = shop.loses_power_and_opens_again().await;
        shop.after("P10D").await;
        shop.jobs_run().await;
        assert_eq!(ear.hears(1).await[0]["status"], "Expired");
        assert_eq!(status(&shop, &order).await, stands("Expired", "4082"));
        let shop = shop.loses_power_and_opens_again().await;
        shop.jobs_run().await;
        assert_eq!(ear.all().len(), 1, "and only once");
        shop.closes().await;
    });
}

#[test]
fn what_was_paid_or_is_at_the_psp_does_not_expire() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let paid = shop.is_paid_globally(&shop.sale("Merchant_1", "100"), APPROVED).await;
        let (silent, payer) = starts(&shop, &shop.sale("Merchant_2", "100")).await;
        payer.types(SILENT_FOR_LONG).await;
        shop.faults(json!({ "dropAnswerRate": 1 })).await;
        assert_eq!(status(&shop, &silent).await, stands("Pending", "1000"));
        shop.after("P2D").await;
        shop.jobs_run().await;
        assert_eq!(status(&shop, &paid).await, stands("Success", "2000"));
        assert_eq!(status(&shop, &silent).await, stands("Pending", "1000"), "only evidence ends it");
        shop.faults(json!({})).await;
        shop.after("P1D").await;
        shop.jobs_run().await;
        assert_eq!(status(&shop, &silent).await, stands("Success", "2000"));
        shop.closes().await;
    });
}

#[test]
fn a_payer_who_never_says_whether_to_try_another_way_does_not_go_on() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let ear = Ear::open().await;
        shop.tells(&ear, "payment_status").await;
        let mut body = shop.sale("Merchant_1", "100");
        body["routing_enabled"] = json!(true);
        body["routing_params"] = json!({ "type": "failover", "data": [
            { "channel_key": "GBPRIMEPAY", "method_key": "GBPRIMEPAY_CREDIT_CARD", "rank": 1 },
            { "channel_key": "OMISE", "method_key": "OMISE_CREDIT_CARD", "rank": 2 },
        ]});
        let (order, payer) = starts(&shop, &body).await;
        payer.types(PSP_ERROR).await;
        let (between, _) = payer.ends_up().await;
        assert_eq!(status(&shop, &order).await, stands("Initiated", ""));
        shop.after("P1D").await;
        shop.jobs_run().await;
        assert_eq!(status(&shop, &order).await, stands("Failed", "4080"));
        assert_eq!(ear.hears(1).await[0]["status"], "Failed");
        presses(&between, "retry").await;
        assert_eq!(status(&shop, &order).await, stands("Failed", "4080"), "it is too late to go on");
        assert_eq!(ear.all().len(), 1);
        shop.closes().await;
    });
}

#[test]
fn an_account_is_closed_when_nobody_transfers_in_time() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let ear = Ear::open().await;
        shop.tells(&ear, "payment_status").await;
        let sale = |reference| shop.sale_at(reference, "50000", "VND", "APPOTAPAY", "APPOTAPAY_VA_WOORI");
        let (empty, payer) = starts(&shop, &sale("Merchant_1")).await;
        payer.submits(&[("intent", "account"), ("bank", "KOOKMIN"), ("depositor", "N K")]).await;
        let (begun, payer) = starts(&shop, &sale("Merchant_2")).await;
        payer.submits(&[("intent", "account"), ("bank", "KOOKMIN"), ("depositor", "N K")]).await;
        assert_eq!(status(&shop, &empty).await, stands("Pending", "1000"));
        let part = json!({ "amount": 20_000 });
        shop.post(&format!("/sandbox/payments/{begun}/deposit"), &part).await.succeeds();
        shop.after("P8D").await;
        shop.jobs_run().await;
        assert_eq!(status(&shop, &empty).await, stands("Expired", "4072"));
        // What is there of it goes back to where it came from.
        assert_eq!(status(&shop, &begun).await, stands("Expired", "4072"));
        ear.hears(4).await;
        shop.closes().await;
        let told: Vec<(Value, Value)> =
            ear.all().iter().map(|one| (one["merchant_order_ref"].clone(), one["status"].clone())).collect();
        assert!(told.contains(&(json!("Merchant_1"), json!("Expired"))), "{told:?}");
        assert_eq!(told.len(), 4, "{told:?}");
    });
}

#[test]
fn what_was_started_for_a_link_expires_and_the_link_can_be_paid_still() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let reference = shop.has_link(&super::links::link("ORDER-1")).await;
        shop.payer_of(&reference).starts().await;
        shop.after("P1D").await;
        shop.jobs_run().await;
        let stands = shop.link_stands(&reference).await;
        assert_eq!(stands["status"], "Processing");
        assert_eq!(stands["transactionsList"][0]["status"], "Expired");
        shop.payer_of(&reference).starts().await.types(APPROVED).await;
        assert_eq!(shop.link_stands(&reference).await["status"], "Success");
        shop.closes().await;
    });
}
