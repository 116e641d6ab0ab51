//! Payments on a named channel, from their start to what the merchant reads.

use super::merchant::{Ear, Payer, parameter, refused, secret, signed_sale};
use crate::shop::{APPROVED, INSUFFICIENT_FUNDS, Shop, at_once, both_databases, sent};
use paypier::cli::dev::demo;
use paypier::global::signature::sign;
use paypier_wire::global::signed;
use serde_json::{Value, json};

const KEY: &str = demo::GLOBAL_CLIENT_KEY;

#[test]
fn check_17_and_25_a_payment_is_started_by_its_signature_paid_on_the_page_and_told_on_the_way_back() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let ear = Ear::open().await;
        shop.tells(&ear, "payment_status").await;
        let started = shop.initiates(&shop.sale("Merchant_1", "100.50")).await.succeeds();
        assert_eq!(started["is_success"], true);
        assert_eq!(started["merchant_order_ref"], "Merchant_1");
        let order_ref = started["order_ref"].as_str().unwrap();
        assert_eq!(order_ref.len(), 27);
        assert_eq!(started["additional_data"], Value::Null);
        assert!(started.get("qrcode_url").is_none());

        let status = shop.global_get("/api/transaction/Merchant_1/status").await.succeeds();
        assert_eq!(status["content"]["status"], "Initiated");
        assert!(status.get("message").is_none());
        let details = shop.global_transaction(order_ref).await;
        assert_eq!((&details["status_code"], &details["status_reason"]), (&json!(""), &json!("")));

        let payer = Payer::at(started["redirect_url"].as_str().unwrap());
        payer.types(APPROVED).await;
        let (url, back) = payer.comes_back().await;
        assert!(url.starts_with("https://shop.example/ok?order=1&amount=100.5&currency=THB&"), "{url}");
        assert_eq!(parameter(&back, "status"), "Success");
        assert_eq!(parameter(&back, "status_code"), "2000");
        assert_eq!(parameter(&back, "link_order_ref"), "");
        let signature = sign(
            &secret(),
            &signed::Redirect {
                channel_order_ref: parameter(&back, "channel_order_ref"),
                merchant_order_ref: "Merchant_1",
                order_ref,
                status: "Success",
            },
        );
        assert_eq!(parameter(&back, "signature_hash"), signature);

        let details = shop.global_transaction(order_ref).await;
        for (member, value) in [
            ("currency", json!("THB")),
            ("amount", json!(100.5)),
            ("status", json!("Success")),
            ("status_code", json!("2000")),
            ("status_reason", json!("SUCCESS")),
            ("channel_key", json!("OMISE")),
            ("method_key", json!("OMISE_CREDIT_CARD")),
            ("merchant_order_ref", json!("Merchant_1")),
            ("buyer_name", json!("N K")),
            ("buyer_city", json!("City")),
            ("country_code", json!("TH")),
            ("description", json!("a book")),
            ("is_refund_allowed", json!(true)),
            ("refund_completed", json!(false)),
            ("merchant_key", json!(KEY)),
            ("source", json!("api")),
            ("refund_status", json!("")),
        ] {
            assert_eq!(details[member], value, "{member}");
        }

        let heard = ear.hears(1).await;
        assert_eq!(heard.len(), 1);
        assert_eq!(heard[0]["status"], "Success");
        assert_eq!(heard[0]["masked_card_number"], "************4242");
        let text = |member: &str| heard[0][member].as_str().unwrap().to_owned();
        let signature = sign(
            &secret(),
            &signed::PaymentWebhook {
                amount: heard[0]["amount"].to_string().parse().unwrap(),
                channel_key: &text("channel_key"),
                channel_order_ref: &text("channel_order_ref"),
                country_code: &text("country_code"),
                currency: &text("currency"),
                merchant_order_ref: &text("merchant_order_ref"),
                method_name: &text("method_name"),
                order_ref: &text("order_ref"),
                status: &text("status"),
            },
        );
        assert_eq!(heard[0]["signature_hash"], signature);

        // The other dialect sees the same payment, and may give it back.
        let payment = shop.payment(order_ref).await;
        assert_eq!((&payment["status"], &payment["amount"]["total"]), (&json!("PAID"), &json!(10_050)));
        shop.cancels(order_ref, Some(50)).await.succeeds();
        let refunds = shop.global_get(&format!("/api/refund/{order_ref}")).await.succeeds();
        assert_eq!(refunds["amountToRefund"], json!(100));
        assert_eq!(refunds["refundDetails"][0]["amount"], json!(0.5));
        assert_eq!(refunds["refundDetails"][0]["refund_type"], "partial");
        shop.closes().await;
    });
}

#[test]
fn a_dispute_changes_no_status_and_the_success_is_not_told_again() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let (payments, refunds) = (Ear::open().await, Ear::open().await);
        shop.tells(&payments, "payment_status").await;
        shop.tells(&refunds, "refund_status").await;
        let order = shop.is_paid_globally(&shop.sale("Merchant_1", "100"), APPROVED).await;
        payments.hears(1).await;
        shop.post(&format!("/sandbox/payments/{order}/dispute"), &json!({})).await.succeeds();
        shop.post(&format!("/sandbox/payments/{order}/dispute/resolve"), &json!({})).await.succeeds();
        shop.jobs_run().await;
        shop.cancels(&order, Some(50)).await.succeeds();
        refunds.hears(1).await;
        assert_eq!(payments.all().len(), 1, "it is the success that it was");
        shop.closes().await;
    });
}

#[test]
fn a_failed_and_a_cancelled_payment_lead_to_the_failure_page_with_their_codes() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let ear = Ear::open().await;
        shop.tells(&ear, "payment_status").await;
        let started = shop.initiates(&shop.sale("Merchant_1", "100")).await.succeeds();
        let payer = Payer::at(started["redirect_url"].as_str().unwrap());
        payer.types(INSUFFICIENT_FUNDS).await;
        let (url, back) = payer.comes_back().await;
        assert!(url.starts_with("https://shop.example/ko?amount=100&"), "{url}");
        assert_eq!(parameter(&back, "status"), "Failed");
        assert_eq!(parameter(&back, "status_code"), "6002");
        assert_eq!(parameter(&back, "status_reason"), "FUNDS_LIMIT_ERROR");

        let started = shop.initiates(&shop.sale("Merchant_2", "100")).await.succeeds();
        let payer = Payer::at(started["redirect_url"].as_str().unwrap());
        payer.submits(&[("intent", "cancel")]).await;
        let (_, back) = payer.comes_back().await;
        assert_eq!(parameter(&back, "status"), "Cancelled");
        assert_eq!(parameter(&back, "status_code"), "4071");
        let heard = ear.hears(2).await;
        assert_eq!(
            heard.iter().map(|message| message["status"].clone()).collect::<Vec<_>>(),
            ["Failed", "Cancelled"]
        );
        shop.closes().await;
    });
}

#[test]
fn check_9_of_payments_a_reference_is_used_once_also_by_twenty_at_a_time() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let sale = shop.sale("Merchant_1", "100").to_string();
        let requests = (0..20).map(|_| {
            shop.anonymous("POST", "/api/initiatePayment")
                .header("x-portone-client-key", KEY)
                .header("content-type", "application/json")
                .body(sale.clone())
        });
        let answers = at_once(requests.collect()).await;
        let (made, refusals): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
        assert_eq!((made.len(), refusals.len()), (1, 19));
        for refusal in refusals {
            let refusal = refused(refusal, 400, "4002", "DUPLICATE_TRANSACTION_ERROR");
            assert_eq!(refusal["is_success"], false);
        }
        refused(
            shop.initiates(&shop.sale("Merchant_1", "7")).await,
            400,
            "4002",
            "DUPLICATE_TRANSACTION_ERROR",
        );
        shop.closes().await;
    });
}

#[test]
fn what_cannot_be_started_is_refused_with_its_code_and_leaves_nothing_behind() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let sale = shop.sale("Merchant_1", "100");
        for member in [
            "key",
            "merchant_order_id",
            "pmt_channel",
            "pmt_method",
            "description",
            "amount",
            "currency",
            "success_url",
            "failure_url",
        ] {
            let mut body = sale.clone();
            body.as_object_mut().unwrap().remove(member);
            let answer = refused(shop.initiates(&body).await, 400, "4001", "INVALID_PAYMENT_REQUEST");
            assert_eq!(answer["message"], format!("{member} is a required field"));
            assert_eq!(answer["is_success"], false);
        }
        let changed = |changes: Value| {
            let mut body = sale.clone();
            for (name, value) in changes.as_object().unwrap() {
                body[name] = value.clone();
            }
            body
        };
        let unsigned = shop.initiates(&changed(json!({ "signature_hash": "" }))).await;
        let unsigned = refused(unsigned, 401, "4001", "INVALID_PAYMENT_REQUEST");
        assert_eq!(unsigned["message"], "signature_hash is a required field");
        for (changes, code, reason) in [
            (json!({ "environment": "test" }), "4034", "INVALID_ENVIRONMENT"),
            (json!({ "environment": null }), "4034", "INVALID_ENVIRONMENT"),
            (json!({ "amount": 0 }), "4041", "INVALID_AMOUNT"),
            (json!({ "amount": -1 }), "4041", "INVALID_AMOUNT"),
            (json!({ "amount": "abc" }), "4041", "INVALID_AMOUNT"),
        ] {
            refused(shop.initiates(&changed(changes)).await, 400, code, reason);
        }
        for (changes, code, reason) in [
            (json!({ "amount": 0.001 }), "4076", "INVALID_AMOUNT_CURRENCY_ERROR"),
            (json!({ "currency": "XYZ" }), "4075", "INVALID_CURRENCY"),
            (json!({ "currency": "USD" }), "4075", "INVALID_CURRENCY"),
            (json!({ "pmt_channel": "NOWHERE" }), "4046", "INVALID_PAYMENT_CHANNEL_KEY"),
            (json!({ "pmt_method": "OMISE_NOTHING" }), "4057", "INVALID_PAYMENT_METHOD"),
            (
                json!({ "pmt_channel": "NAPAS", "pmt_method": "NAPAS_ATM_CARD", "currency": "VND" }),
                "4058",
                "PAYMENT_METHOD_CONFIGURATION_ERROR",
            ),
            (json!({ "environment": "live" }), "4044", "CREDS_NOT_FOUND"),
            (json!({ "success_url": "javascript:alert(1)" }), "5030", "INVALID_REDIRECT_URL"),
            (json!({ "transaction_type": "LATER" }), "4001", "INVALID_PAYMENT_REQUEST"),
            (
                json!({ "order_details": [{ "id": "a", "name": "A", "price": 50, "quantity": 3 }] }),
                "4001",
                "INVALID_PAYMENT_REQUEST",
            ),
        ] {
            let answer = shop.initiates(&signed_sale(changed(changes.clone()))).await;
            assert_eq!(answer.status, 400, "{changes}: {}", answer.text());
            refused(answer, 400, code, reason);
        }
        let epay = |amount: &str| {
            signed_sale(shop.sale_at("Merchant_1", amount, "VND", "EPAY", "EPAY_MOMOPAY_WALLET"))
        };
        refused(shop.initiates(&epay("999")).await, 400, "4077", "INVALID_MINIMUM_AMOUNT_LIMIT");
        refused(shop.initiates(&epay("20000001")).await, 400, "4078", "INVALID_MAXIMUM_AMOUNT_LIMIT");
        // A token that is there has to be right.
        let request = shop
            .anonymous("POST", "/api/initiatePayment")
            .header("x-portone-client-key", KEY)
            .header("authorization", "Bearer x.y.z")
            .header("content-type", "application/json")
            .body(sale.to_string());
        refused(sent(request).await.unwrap(), 401, "4054", "INVALID_UNAUTHORIZED_JWT_TOKEN_ERROR");
        // Nothing of all this has used the reference.
        let items = json!([
            { "id": "a", "name": "A", "price": 25, "quantity": "3" },
            { "id": "b", "name": "B", "price": 25.0, "quantity": 1, "additional_details": { "size": "L" } },
        ]);
        let started = shop.initiates(&changed(json!({ "order_details": items }))).await.succeeds();
        let details = shop.global_transaction(started["order_ref"].as_str().unwrap()).await;
        assert_eq!(
            details["order_details"]["data"][1],
            json!({ "item_id": "b", "product_name": "B", "price": 25, "quantity": 1, "image": "",
                "additional_details": { "size": "L" } })
        );
        shop.closes().await;
    });
}

#[test]
fn a_preauthorised_payment_is_captured_once() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let ear = Ear::open().await;
        shop.tells(&ear, "payment_status").await;
        let mut sale = shop.sale("Merchant_1", "100");
        sale["transaction_type"] = json!("PREAUTH");
        let order_ref = shop.is_paid_globally(&sale, APPROVED).await;
        assert_eq!(shop.global_transaction(&order_ref).await["status"], "Authorized");
        let path = format!("/api/transaction/{order_ref}/capture");
        let refund = json!({ "channel": "OMISE", "description": "d", "environment": "sandbox",
            "refund_type": "full", "refund_reason": "r" });
        let early = shop.global_post(&format!("/api/refund/{order_ref}"), &refund).await;
        refused(early, 400, "4070", "INVALID_PAYMENT_REQUEST_REFUND_NOT_ALLOWED");
        let answers = at_once((0..5).map(|_| shop.global("POST", &path)).collect()).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{answers:?}");
        assert_eq!(shop.global_transaction(&order_ref).await["status"], "Success");
        refused(sent(shop.global("POST", &path)).await.unwrap(), 400, "4001", "INVALID_REQUEST");
        let unknown = sent(shop.global("POST", "/api/transaction/unknown/capture")).await.unwrap();
        refused(unknown, 404, "4096", "INVALID_REFERENCE");
        let heard = ear.hears(2).await;
        assert_eq!(heard.iter().map(|m| m["status"].clone()).collect::<Vec<_>>(), ["Authorized", "Success"]);
        shop.closes().await;
    });
}

#[test]
fn texts_are_changed_and_payments_are_listed() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let order_ref = shop.is_paid_globally(&shop.sale("Merchant_1", "100"), APPROVED).await;
        shop.initiates(&shop.sale("주문 1/2", "7")).await.succeeds();
        let path = format!("/api/{KEY}/update-transaction-details/%EC%A3%BC%EB%AC%B8%201%2F2");
        let body = json!({ "description": "📦", "user_configured_field2": "[Yes, No], {op}" });
        let answer = shop.global_put(&path, &body).await.succeeds();
        assert_eq!(answer["message"], "Transaction details updated successfully");
        assert_eq!(answer["content"], body);
        let answer = shop.global_put(&path, &json!({ "user_configured_field1": " " })).await.succeeds();
        assert_eq!(answer["content"]["user_configured_field2"], "[Yes, No], {op}");
        let unknown = format!("/api/{KEY}/update-transaction-details/unknown");
        refused(shop.global_put(&unknown, &body).await, 400, "4096", "INVALID_REFERENCE");

        // A payment of the other dialect is listed as well.
        shop.is_paid("v2-order", 1_000).await;
        let path = format!("/api/merchant/{KEY}/fetch-all-payments");
        let ask = |page: Value, size: Value| {
            json!({ "page": page, "size": size, "from": "2006-01-02 15:04:05", "to": "2199-01-01T00:00:00.000Z",
                "environment": "sandbox" })
        };
        let listed = shop.global_post(&path, &ask(json!(1), json!("2"))).await.succeeds();
        assert_eq!(listed["status_message"], "SUCCESS");
        let body = &listed["body"];
        assert_eq!(
            [
                &body["total_elements"],
                &body["total_pages"],
                &body["size"],
                &body["page"],
                &body["number_of_elements"]
            ],
            [&json!(3), &json!(2), &json!(2), &json!(1), &json!(2)]
        );
        assert_eq!(body["content"][0]["order_ref"], "v2-order");
        assert_eq!(body["content"][0]["amount"], json!(1000));
        assert_eq!(body["content"][1]["merchant_order_ref"], "주문 1/2");
        let last = shop.global_post(&path, &ask(json!(2), json!(2))).await.succeeds();
        assert_eq!(last["body"]["content"][0]["order_ref"], order_ref.as_str());
        let mut live = ask(json!(1), json!(2));
        live["environment"] = json!("live");
        assert_eq!(shop.global_post(&path, &live).await.succeeds()["body"]["content"], json!([]));
        refused(shop.global_post(&path, &ask(json!(0), json!(2))).await, 400, "4001", "INVALID_REQUEST");
        let unknown = "/api/merchant/NobodysKey/fetch-all-payments";
        let unknown = shop.global_post(unknown, &ask(json!(1), json!(2))).await;
        let unknown = refused(unknown, 400, "4016", "MERCHANT_NOT_FOUND");
        assert_eq!(unknown["message"], "Merchants not found with this PortOne Key : NobodysKey");
        shop.closes().await;
    });
}
