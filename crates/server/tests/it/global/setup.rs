//! What a merchant sets up: endpoints and credentials.

use super::merchant::{Ear, refused};
use crate::shop::{APPROVED, Shop, both_databases, sent};
use paypier::app::global::caller::{new_merchant, seal_secret};
use paypier::cli::dev::demo;
use paypier::clock::SystemRandom;
use paypier::global::signature::MerchantSecret;
use paypier::global::token;
use paypier_domain::change::Write;
use paypier_domain::global::Brand;
use paypier_domain::id::StoreId;
use serde_json::json;

const KEY: &str = demo::GLOBAL_CLIENT_KEY;

#[test]
fn endpoints_are_added_once_and_listed_by_environment() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let path = format!("/api/merchant/{KEY}/webhook");
        let body = json!({ "name": "webhook test", "url": "https://shop.example/hook", "type": "payment_status",
            "environment": "sandbox" });
        let added = shop.global_post(&path, &body).await.succeeds();
        assert_eq!(added["message"], "Webhook added successfully!");
        assert!(added["content"]["created_at"].as_str().unwrap().ends_with(" +0000 UTC"));
        assert_eq!(added["content"]["enabled"], true);
        refused(shop.global_post(&path, &body).await, 400, "5002", "DUPLICATE_FOUND_ERROR");
        for (member, value, code, reason) in [
            ("url", json!("nonsense"), "4001", "INVALID_REQUEST"),
            ("type", json!("anything"), "4001", "INVALID_REQUEST"),
            ("name", json!(""), "4001", "INVALID_REQUEST"),
            ("environment", json!("test"), "4034", "INVALID_ENVIRONMENT"),
        ] {
            let mut body = body.clone();
            body[member] = value;
            refused(shop.global_post(&path, &body).await, 400, code, reason);
        }
        let listed = shop.global_get(&format!("{path}?environment=sandbox")).await.succeeds();
        assert_eq!(listed["content"][0]["uuid"], added["content"]["uuid"]);
        assert!(listed["content"][0]["created_at"].as_str().unwrap().ends_with('Z'));
        let live = shop.global_get(&format!("{path}?environment=live")).await.succeeds();
        assert_eq!(live["content"], json!([]));
        refused(shop.global_get(&path).await, 400, "4001", "INVALID_REQUEST");
    });
}

#[test]
fn check_28_an_endpoint_that_is_down_gets_the_same_bytes_again() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let ear = Ear::open().await;
        ear.answers(503);
        shop.tells(&ear, "payment_status").await;
        shop.is_paid_globally(&shop.sale("Merchant_1", "100"), APPROVED).await;
        ear.hears(1).await;
        ear.answers(200);
        shop.after("PT1H").await;
        shop.jobs_run().await;
        ear.hears(2).await;
        let raw = ear.raw();
        assert_eq!(raw[0], raw[1]);
        shop.closes().await;
    });
}

#[test]
fn credentials_are_stored_masked_and_replaced() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let path = format!("/api/merchant/{KEY}/add-pay-channel/ONEPAY");
        let body =
            json!({ "creds": { "accessCode": "1234567890abc" }, "country": "VN", "environment": "live" });
        refused(shop.global_put(&path, &body).await, 400, "4044", "CREDS_NOT_FOUND");
        let added = shop.global_post(&path, &body).await.succeeds();
        assert_eq!(added["message"], "Payment Channel Creds added successfully!");
        assert_eq!(added["content"]["PaymentChannelKey"], "ONEPAY");
        assert_eq!(added["content"]["maskedData"], json!({ "accessCode": "**********abc" }));
        shop.global_put(&path, &body).await.succeeds();
        let read = format!("/api/merchant/{KEY}/pay-channel/ONEPAY?environment=live&payType=PAYIN");
        let read = shop.global_get(&read).await.succeeds();
        assert_eq!(
            read["content"][0],
            json!({ "key": "ONEPAY", "type": "Gateway", "logo": "", "creds": { "accessCode": "**********abc" },
                "is_enabled": true, "country": "VN", "pay_type": "PAYIN", "is_va_flow": false })
        );
        for query in ["", "?environment=live", "?payType=PAYIN"] {
            let path = format!("/api/merchant/{KEY}/pay-channel/ONEPAY{query}");
            refused(shop.global_get(&path).await, 400, "4001", "INVALID_REQUEST");
        }
        let unknown = shop.global_post(&format!("/api/merchant/{KEY}/add-pay-channel/NOWHERE"), &body).await;
        refused(unknown, 400, "4046", "INVALID_PAYMENT_CHANNEL_KEY");
        let mut empty = body.clone();
        empty["creds"] = json!({});
        refused(shop.global_post(&path, &empty).await, 400, "4064", "MISSING_MANDATORY_FIELD");
        // Nothing serves it yet, so it is not taken for a payment.
        let mut sale = shop.sale_at("Merchant_1", "1000", "VND", "ONEPAY", "ONEPAY_CREDIT_CARD");
        sale["environment"] = json!("live");
        refused(shop.initiates(&sale).await, 400, "5023", "INVALID_PAYMENT_CHANNEL");
    });
}

#[test]
fn methods_are_listed_by_group_with_what_their_psps_refund() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let path = format!("/merchants/{KEY}/paymethodsbyKey?currency=thb&environment=sandbox");
        let groups = shop.global_get(&path).await.succeeds();
        let cards = groups["CARD"].as_array().unwrap();
        let omise = cards.iter().find(|card| card["payment_method_key"] == "OMISE_CREDIT_CARD").unwrap();
        assert_eq!(omise["currency"], "THB,SGD,MYR");
        assert_eq!(omise["is_partial_refund_allowed"], true);
        assert_eq!(cards.iter().filter(|card| card["is_default"] == true).count(), 1);
        assert!(cards.iter().all(|card| card["payment_channel_key"] != "MOMOPAY"), "takes no baht");
        // Nothing can be used where no connector serves it.
        let live = path.replace("sandbox", "live");
        assert_eq!(shop.global_get(&live).await.succeeds(), json!({}));
        let none = format!("/merchants/{KEY}/paymethodsbyKey?currency=XXY&environment=sandbox");
        refused(shop.global_get(&none).await, 400, "4075", "INVALID_CURRENCY");
    });
}

#[test]
fn what_is_another_merchants_is_unknown() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.founds_merchant("merchant-b").await;
        shop.founds_store("merchant-b", "store-b", true).await;
        let (store, random) = (StoreId::known("store-b"), SystemRandom);
        let sealed = seal_secret(&shop.app().keyring, &store, "b".repeat(64).as_str(), &random).unwrap();
        let now = shop.app().clock.now();
        let other = new_merchant(&store, "AnotherClientKey", sealed, Brand::default(), &random, now);
        shop.writes(vec![Write::GlobalMerchant(Box::new(other))]).await;

        let order = shop.is_paid_globally(&shop.sale("Merchant_1", "100"), APPROVED).await;
        shop.is_paid("v2-order", 1_000).await;
        let token = token::issue(&MerchantSecret::new("b".repeat(64)), "AnotherClientKey", now);
        let call = |method: &str, path: String| {
            shop.anonymous(method, &path)
                .header("x-portone-client-key", "AnotherClientKey")
                .header("authorization", format!("Bearer {token}"))
                .header("content-type", "application/json")
        };
        for reference in [order.as_str(), "v2-order"] {
            let details = json!({ "order_ref": reference }).to_string();
            let refund = json!({ "channel": "OMISE", "description": "d", "environment": "sandbox",
                "refund_type": "full", "refund_reason": "r" });
            for request in [
                call("GET", format!("/api/transaction/{reference}/status")),
                call("POST", "/api/AnotherClientKey/transaction-details".to_owned()).body(details),
                call("GET", format!("/api/refund/{reference}")),
                call("POST", format!("/api/refund/{reference}")).body(refund.to_string()),
            ] {
                refused(sent(request).await.unwrap(), 400, "4096", "INVALID_REFERENCE");
            }
        }
        // Our token is worth nothing with another's key, and the other way round.
        let crossed = shop
            .anonymous("GET", "/api/transaction/Merchant_1/status")
            .header("x-portone-client-key", KEY)
            .header("authorization", format!("Bearer {token}"));
        refused(sent(crossed).await.unwrap(), 401, "4054", "INVALID_UNAUTHORIZED_JWT_TOKEN_ERROR");
        let theirs = call("POST", format!("/api/merchant/{KEY}/fetch-all-payments")).body(
            json!({ "page": 1, "size": 1, "from": "2006-01-02", "to": "2199-01-02", "environment": "sandbox" })
                .to_string(),
        );
        let reason = "INVALID_UNAUTHORISED_TRANSACTION_IAMPORTKEY_ERROR";
        refused(sent(theirs).await.unwrap(), 401, "4010", reason);
    });
}
