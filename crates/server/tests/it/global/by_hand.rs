//! Transactions whose end the merchant says.

use super::merchant::{Ear, Payer, refused, secret};
use crate::shop::{APPROVED, Answer, SILENT_FOR_LONG, Shop, at_once, both_databases, eventually};
use paypier::cli::dev::demo;
use paypier::global::signature::sign;
use paypier_wire::global::signed;
use serde_json::{Value, json};

const KEY: &str = demo::GLOBAL_CLIENT_KEY;
const PATH: &str = "/api/transaction/status";

fn update(reference: &str, status: &str) -> Value {
    let message = signed::StatusUpdate { client_key: KEY, merchant_order_ref: reference, status };
    json!({ "merchant_order_ref": reference, "status": status, "signature": sign(&secret(), &message) })
}

async fn sets(shop: &Shop, reference: &str, status: &str) -> Answer {
    shop.global_put(PATH, &update(reference, status)).await
}

/// A transfer of 50,000 dong that is waited for. Its reference of ours.
async fn waits_for_a_transfer(shop: &Shop, reference: &str) -> String {
    let sale = shop.sale_at(reference, "50000", "VND", "APPOTAPAY", "APPOTAPAY_VA_WOORI");
    let started = shop.initiates(&sale).await.succeeds();
    let payer = Payer::at(started["redirect_url"].as_str().unwrap());
    payer.submits(&[("intent", "account"), ("bank", "KOOKMIN"), ("depositor", "N K")]).await;
    started["order_ref"].as_str().unwrap().to_owned()
}

async fn status(shop: &Shop, order: &str) -> String {
    shop.global_transaction(order).await["status"].as_str().unwrap().to_owned()
}

#[test]
fn a_transfer_that_the_merchant_has_seen_is_a_success() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let ear = Ear::open().await;
        shop.tells(&ear, "payment_status").await;
        let order = waits_for_a_transfer(&shop, "Merchant_1").await;
        assert_eq!(ear.hears(1).await[0]["status"], "Pending");
        let done = sets(&shop, "Merchant_1", "Success").await.succeeds();
        assert_eq!(
            done,
            json!({ "message": "Transaction status updated successfully", "status_code": "2000", "status_reason": "SUCCESS" })
        );
        let heard = ear.hears(2).await;
        assert_eq!((&heard[1]["status"], &heard[1]["status_code"]), (&json!("Success"), &json!("2000")));
        assert_eq!(shop.status(&order).await, "PAID");
        shop.after("P30D").await;
        shop.jobs_run().await;
        assert_eq!(status(&shop, &order).await, "Success", "it does not expire any more");
        shop.closes().await;
    });
}

#[test]
fn an_account_that_the_merchant_calls_failed_is_closed_at_the_psp() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let order = waits_for_a_transfer(&shop, "Merchant_1").await;
        sets(&shop, "Merchant_1", "Failed").await.succeeds();
        assert_eq!(status(&shop, &order).await, "Failed");
        let deposit = json!({ "amount": 50_000 });
        let late = shop.post(&format!("/sandbox/payments/{order}/deposit"), &deposit).await;
        assert_eq!(late.status, 400, "{}", late.text());
        // A part of the money is there already: the PSP keeps the account open, and says so.
        let begun = waits_for_a_transfer(&shop, "Merchant_2").await;
        shop.post(&format!("/sandbox/payments/{begun}/deposit"), &json!({ "amount": 1 })).await.succeeds();
        refused(sets(&shop, "Merchant_2", "Failed").await, 400, "4080", "PAYMENT_SERVICE_PROVIDER_ERROR");
        assert_eq!(status(&shop, &begun).await, "Pending");
        shop.closes().await;
    });
}

#[test]
fn a_payment_that_the_psp_leaves_open_ends_as_the_merchant_has_looked_up() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        for (reference, said) in [("Merchant_1", "Success"), ("Merchant_2", "Failed")] {
            let sale = shop.sale_at(reference, "100", "THB", "OMISE", "OMISE_TRUEMONEY");
            let started = shop.initiates(&sale).await.succeeds();
            let payer = Payer::at(started["redirect_url"].as_str().unwrap());
            payer.submits(&[("intent", "approve_later")]).await;
            let order = started["order_ref"].as_str().unwrap();
            assert_eq!(status(&shop, order).await, "Pending");
            sets(&shop, reference, said).await.succeeds();
            assert_eq!(status(&shop, order).await, said);
        }
    });
}

#[test]
fn of_many_who_say_it_at_once_one_is_heard_and_the_money_is_booked_once() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let order = waits_for_a_transfer(&shop, "Merchant_1").await;
        let body = update("Merchant_1", "Success").to_string();
        let all = (0..8).map(|_| shop.global("PUT", PATH).body(body.clone())).collect();
        let answers = at_once(all).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        for answer in answers.into_iter().filter(|answer| answer.status != 200) {
            refused(answer, 400, "4001", "INVALID_REQUEST");
        }
        assert_eq!(shop.payment(&order).await["amount"]["paid"], 50_000);
        shop.closes().await;
    });
}

#[test]
fn the_link_of_a_transaction_that_is_set_to_success_is_paid() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let reference = shop.has_link(&super::links::link("ORDER-1")).await;
        let payer = shop.payer_of(&reference);
        let window = payer.chooses("OMISE:OMISE_TRUEMONEY").await.goes_to().to_owned();
        Payer::at(&format!("{}{window}", shop.url)).submits(&[("intent", "approve_later")]).await;
        let stands = shop.link_stands(&reference).await;
        assert_eq!(stands["transactionsList"][0]["status"], "Pending");
        let attempt = stands["transactionsList"][0]["merchantOrderRef"].as_str().unwrap().to_owned();
        sets(&shop, &attempt, "Success").await.succeeds();
        assert_eq!(shop.link_stands(&reference).await["status"], "Success");
    });
}

#[test]
fn what_the_psp_never_named_is_no_success_and_may_be_called_failed() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let order = shop.is_paid_globally(&shop.sale("Merchant_1", "100"), SILENT_FOR_LONG).await;
        assert_eq!(status(&shop, &order).await, "Pending");
        let told = refused(sets(&shop, "Merchant_1", "Success").await, 400, "4001", "INVALID_REQUEST");
        assert!(told["message"].as_str().unwrap().contains("has not named this payment"), "{told}");
        assert_eq!(status(&shop, &order).await, "Pending");
        sets(&shop, "Merchant_1", "Failed").await.succeeds();
        assert_eq!(status(&shop, &order).await, "Failed");
    });
}

#[test]
fn what_is_being_sent_is_not_set_beside_it() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let started = shop.initiates(&shop.sale("Merchant_1", "100")).await.succeeds();
        let order = started["order_ref"].as_str().unwrap().to_owned();
        let payer = Payer::at(started["redirect_url"].as_str().unwrap());
        shop.faults(json!({ "latencyMs": 250 })).await;
        let says_failed = async {
            eventually("it is being sent", || async { status(&shop, &order).await != "Initiated" }).await;
            sets(&shop, "Merchant_1", "Failed").await
        };
        let (_, said) = tokio::join!(payer.types(APPROVED), says_failed);
        refused(said, 400, "4001", "INVALID_REQUEST");
        assert_eq!(status(&shop, &order).await, "Success", "the PSP's word");
        shop.closes().await;
    });
}

#[test]
fn what_does_not_wait_for_the_merchants_word_is_not_set() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.initiates(&shop.sale("Initiated_1", "100")).await.succeeds();
        shop.is_paid_globally(&shop.sale("Paid_1", "100"), APPROVED).await;
        let mut held = shop.sale("Held_1", "100");
        held["transaction_type"] = json!("PREAUTH");
        shop.is_paid_globally(&super::merchant::signed_sale(held), APPROVED).await;
        for reference in ["Initiated_1", "Paid_1", "Held_1"] {
            for status in ["Success", "Failed"] {
                refused(sets(&shop, reference, status).await, 400, "4001", "INVALID_REQUEST");
            }
        }
        let order = waits_for_a_transfer(&shop, "Merchant_1").await;
        for status in ["Cancelled", "success", "Pending", "SUCCESS"] {
            refused(sets(&shop, "Merchant_1", status).await, 400, "4079", "INVALID_STATUS_TYPE");
        }
        refused(sets(&shop, "Nobody_1", "Success").await, 400, "4096", "INVALID_REFERENCE");
        for member in ["merchant_order_ref", "status", "signature"] {
            let mut body = update("Merchant_1", "Success");
            body.as_object_mut().unwrap().remove(member);
            refused(shop.global_put(PATH, &body).await, 400, "4001", "INVALID_REQUEST");
        }
        // A signature over another status, or another order.
        for (reference, status) in [("Merchant_1", "Failed"), ("Merchant_2", "Success")] {
            let mut body = update("Merchant_1", "Success");
            body["signature"] = update(reference, status)["signature"].clone();
            let answer = shop.global_put(PATH, &body).await;
            refused(answer, 401, "4011", "INVALID_UNAUTHORISED_TRANSACTION_SIGNATURE_ERROR");
        }
        assert_eq!(self::status(&shop, &order).await, "Pending");
        shop.closes().await;
    });
}
