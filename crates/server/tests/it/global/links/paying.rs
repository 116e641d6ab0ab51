//! Payers of links.

use super::{CardForm, link, signed};
use crate::global::merchant::{Ear, Payer, parameter, secret};
use crate::shop::{APPROVED, DECLINED, SILENT_AND_NOT_CHARGED, Shop, both_databases, eventually};
use paypier::global::signature::sign;
use paypier_wire::global::signed;
use serde_json::json;

#[test]
fn checks_15_17_and_18_a_payer_pays_a_link_once_and_everybody_is_told() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let (ear, payments) = (shop.hears_links().await, Ear::open().await);
        shop.tells(&payments, "payment_status").await;
        let mut body = link("ORDER-1");
        body["user_configured_field1"] = json!("one");
        let reference = shop.has_link(&signed(body)).await;

        let payer = shop.payer_of(&reference);
        let page = payer.sees().await;
        assert_eq!(page.status, 200);
        for words in [
            "Pier Coffee",
            "two bags of beans",
            "300.00",
            "Credit or debit card",
            "https://shop.example/cart",
        ] {
            assert!(page.html.contains(words), "{words}: {}", page.html);
        }
        assert_eq!(shop.link_stands(&reference).await["status"], "Created", "looking changes nothing");

        let window = payer.starts().await;
        assert_eq!(shop.link_stands(&reference).await["status"], "Processing");
        let policy = window.sees().await.header("content-security-policy").to_owned();
        assert!(policy.contains("https://shop.example;"), "the form ends there: {policy}");
        window.types(APPROVED).await;
        let (url, back) = window.comes_back().await;
        assert!(url.starts_with("https://shop.example/ok?order=1&x=a+b&amount=300&currency=THB&"), "{url}");
        let names: Vec<&str> = back.iter().skip(2).map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names.join(" "),
            "amount currency merchant_order_ref order_ref channel_order_ref link_order_ref message status \
             status_channel_reason status_code status_reason signature_hash buyer_address1 buyer_address2 \
             buyer_city buyer_country buyer_email buyer_name buyer_phone channel_key channel_name description \
             lang merchant_brand_name merchant_logo method_key method_name payment_source support_email \
             support_phone"
        );
        assert_eq!(
            (parameter(&back, "link_order_ref"), parameter(&back, "payment_source")),
            ("ORDER-1", "checkout")
        );
        assert!(parameter(&back, "merchant_order_ref").ends_with("_1"));
        let expected = sign(
            &secret(),
            &signed::Redirect {
                channel_order_ref: parameter(&back, "channel_order_ref"),
                merchant_order_ref: parameter(&back, "merchant_order_ref"),
                order_ref: parameter(&back, "order_ref"),
                status: "Success",
            },
        );
        assert_eq!(parameter(&back, "signature_hash"), expected);

        let stands = shop.link_stands(&reference).await;
        assert_eq!((&stands["status"], &stands["merchantOrderRef"]), (&json!("Success"), &json!("ORDER-1")));
        let transactions = stands["transactionsList"].as_array().unwrap();
        assert_eq!(transactions.len(), 1);
        assert_eq!(transactions[0]["merchantOrderRef"], parameter(&back, "merchant_order_ref"));
        assert_eq!(
            (&transactions[0]["status"], &transactions[0]["statusCode"]),
            (&json!("Success"), &json!("2000"))
        );

        let heard = ear.hears(2).await;
        let told: Vec<&str> = heard.iter().map(|message| message["status"].as_str().unwrap()).collect();
        assert_eq!(told, ["Processing", "Success"]);
        let message = &heard[1];
        let signature = sign(
            &secret(),
            &signed::LinkWebhook {
                amount: "300".parse().unwrap(),
                country_code: "TH",
                currency: "THB",
                link_ref: &reference,
                merchant_order_ref: "ORDER-1",
                status: "Success",
            },
        );
        assert_eq!(message["signature_hash"], signature);
        assert_eq!(
            (&message["countryCode"], &message["cancel_url"]),
            (&json!("TH"), &json!("https://shop.example/ko"))
        );
        let raw = ear.raw().remove(1);
        let order: Vec<usize> = [
            "\"link_ref\"",
            "\"countryCode\"",
            "\"cancel_url\"",
            "\"expiry_hours\"",
            "\"customer_name\"",
            "\"signature_hash\"",
            "\"portone_key\"",
            "\"user_configured_field1\":\"one\"",
            "\"user_configured_field5\"",
        ]
        .iter()
        .map(|name| raw.find(name).unwrap())
        .collect();
        assert!(order.is_sorted(), "{raw}");
        let paid = payments.hears(1).await;
        let paid = paid.last().unwrap();
        assert_eq!(
            (&paid["link_order_ref"], &paid["payment_link_ref"]),
            (&json!("ORDER-1"), &json!(reference))
        );
        assert_eq!((&paid["status"], &paid["source"]), (&json!("Success"), &json!("checkout")));

        let page = payer.sees().await;
        assert!(page.html.contains("This has been paid") && !page.html.contains("<form"), "{}", page.html);
        assert_eq!(payer.chooses("OMISE:OMISE_CREDIT_CARD").await.status, 200, "nothing is started");
        assert_eq!(shop.cancels_link(&reference).await.status, 400);
        assert_eq!(shop.psp().await.0, 1, "one charge");
        shop.closes().await;
    });
}

#[test]
fn a_payment_that_failed_may_be_tried_again_with_something_else() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let reference = shop.has_link(&link("ORDER-1")).await;
        let payer = shop.payer_of(&reference);
        let window = payer.starts().await;
        window.types(DECLINED).await;
        let (url, back) = window.comes_back().await;
        assert!(url.starts_with("https://shop.example/ko?"), "{url}");
        assert_eq!(parameter(&back, "status"), "Failed");
        let page = payer.sees().await;
        assert!(page.html.contains("The payment failed. You may try again."), "{}", page.html);
        assert_eq!(shop.link_stands(&reference).await["status"], "Processing");

        let window = payer.starts().await;
        window.types(APPROVED).await;
        let (url, _) = window.comes_back().await;
        assert!(url.starts_with("https://shop.example/ok?"), "{url}");
        let stands = shop.link_stands(&reference).await;
        let told: Vec<(&str, bool, bool)> = stands["transactionsList"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| {
                let reference = one["merchantOrderRef"].as_str().unwrap();
                (one["status"].as_str().unwrap(), reference.ends_with("_1"), reference.ends_with("_2"))
            })
            .collect();
        assert_eq!(told, [("Failed", true, false), ("Success", false, true)]);
        shop.closes().await;
    });
}

#[test]
fn check_19_of_two_payers_at_once_one_pays() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let reference = shop.has_link(&link("ORDER-1")).await;
        let payer = shop.payer_of(&reference);
        let first = CardForm::of(&payer.starts().await).await.unwrap();
        let second = CardForm::of(&payer.starts().await).await.unwrap();
        let (one, other) = tokio::join!(first.sends(APPROVED), second.sends(APPROVED));
        assert!(one.status < 400 && other.status < 400);
        let stands = shop.link_stands(&reference).await;
        assert_eq!(stands["status"], "Success");
        let won = stands["transactionsList"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["status"] == "Success")
            .count();
        assert_eq!((won, shop.psp().await.0), (1, 1));
        shop.closes().await;
    });
}

#[test]
fn check_19_many_payers_who_start_and_pay_in_any_order_pay_once() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let reference = shop.has_link(&link("ORDER-1")).await;
        let pays = async || {
            let payer = shop.payer_of(&reference);
            let got = payer.chooses("OMISE:OMISE_CREDIT_CARD").await;
            if got.status != 303 {
                return;
            }
            let window = Payer::at(&format!("{}{}", shop.url, got.header("location")));
            if let Some(form) = CardForm::of(&window).await {
                form.sends(APPROVED).await;
            }
        };
        tokio::join!(pays(), pays(), pays(), pays(), pays(), pays());
        let stands = shop.link_stands(&reference).await;
        let transactions = stands["transactionsList"].as_array().unwrap();
        let won = transactions.iter().filter(|one| one["status"] == "Success").count();
        let (charges, _) = shop.psp().await;
        assert!(won <= 1 && charges == won, "{stands}");
        assert_eq!(stands["status"] == "Success", won == 1);
        shop.closes().await;
    });
}

#[test]
fn a_link_that_expires_takes_its_open_window_along() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let ear = shop.hears_links().await;
        let mut body = link("ORDER-1");
        body["expiry_hours"] = json!(1);
        let reference = shop.has_link(&signed(body)).await;
        let payer = shop.payer_of(&reference);
        shop.after("PT30M").await;
        let window = payer.starts().await;
        shop.after("PT31M").await;
        shop.jobs_run().await;
        assert_eq!(shop.link_stands(&reference).await["status"], "Expired");
        let seen = window.sees().await;
        assert!(!seen.html.contains("name=\"number\""), "{}", seen.html);
        let page = payer.sees().await;
        assert!(page.html.contains("This payment link has expired"), "{}", page.html);
        let heard = ear.hears(2).await;
        let told: Vec<&str> = heard.iter().map(|message| message["status"].as_str().unwrap()).collect();
        assert_eq!(told, ["Processing", "Expired"]);
        assert_eq!(heard[1]["expiry_hours"], 1);
        assert_eq!(shop.psp().await.0, 0);
        shop.closes().await;
    });
}

#[test]
fn a_cancelled_link_cannot_be_paid_in_a_window_that_was_open() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let reference = shop.has_link(&link("ORDER-1")).await;
        let window = shop.payer_of(&reference).starts().await;
        let form = window.sees().await;
        assert!(form.html.contains("name=\"number\""));
        let (cancelled, _) = tokio::join!(shop.cancels_link(&reference), async {});
        cancelled.succeeds();
        let seen = window.sees().await;
        assert!(!seen.html.contains("name=\"number\""), "{}", seen.html);
        let (url, back) = window.comes_back().await;
        assert!(url.starts_with("https://shop.example/ko?"), "{url}");
        assert_eq!((parameter(&back, "status"), parameter(&back, "status_code")), ("Cancelled", "4071"));
        assert_eq!(shop.psp().await.0, 0);
        shop.closes().await;
    });
}

#[test]
fn of_a_link_that_is_being_paid_nothing_is_cancelled_and_a_second_success_is_given_back() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let reference = shop.has_link(&link("ORDER-1")).await;
        // While nobody knows whether the PSP has charged, the link stays as it is.
        let form = CardForm::of(&shop.payer_of(&reference).starts().await).await.unwrap();
        let (_, refused) = tokio::join!(form.sends(SILENT_AND_NOT_CHARGED), async {
            eventually("the PSP is asked", || async {
                shop.link_stands(&reference).await["transactionsList"][0]["status"] == "Pending"
            })
            .await;
            shop.cancels_link(&reference).await
        });
        assert_eq!((refused.status, &refused.body["status_code"]), (400, &json!("4001")));
        shop.after("PT1M").await;
        let list = shop.get("/payments").await.succeeds();
        let first = list["items"][0].clone();
        assert_eq!(first["status"], "FAILED", "{list}");
        // Another payer pays, and then the PSP carries out what it had forgotten.
        shop.payer_of(&reference).starts().await.types(APPROVED).await;
        assert_eq!(shop.link_stands(&reference).await["status"], "Success");
        let account = first["channel"]["pgMerchantId"].as_str().unwrap();
        let late = first["transactionId"].as_str().unwrap();
        shop.psp_charges_after_all(account, late, (30_000, "THB")).await;
        let payment = shop.payment(first["id"].as_str().unwrap()).await;
        assert_eq!(payment["status"], "CANCELLED", "{payment}");
        assert_eq!(shop.psp().await, (2, 30_000), "charged twice, given back once");
        let cancellations = payment["cancellations"].as_array().unwrap();
        assert_eq!((cancellations.len(), &cancellations[0]["totalAmount"]), (1, &json!(30_000)));
        assert_eq!(shop.link_stands(&reference).await["status"], "Success");
        shop.closes().await;
    });
}

#[test]
fn the_addresses_of_a_link_are_told_about_its_payments_beside_the_merchants() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let ear = Ear::open().await;
        let mut body = link("ORDER-1");
        body["custom_txn_webhook_urls"] = json!([ear.url]);
        let reference = shop.has_link(&signed(body)).await;
        let window = shop.payer_of(&reference).starts().await;
        window.types(APPROVED).await;
        let heard = ear.hears(1).await;
        assert_eq!(heard.last().unwrap()["payment_link_ref"], json!(reference));
        shop.closes().await;
    });
}

#[test]
fn a_payment_of_a_link_is_refunded_and_the_link_stays_paid() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let reference = shop.has_link(&link("ORDER-1")).await;
        let window = shop.payer_of(&reference).starts().await;
        window.types(APPROVED).await;
        let (_, back) = window.comes_back().await;
        let path = format!("/api/refund/{}", parameter(&back, "order_ref"));
        let body = json!({ "channel": "OMISE", "description": "d", "environment": "sandbox", "refund_type": "full",
            "refund_reason": "r" });
        let refunded = shop.global_post(&path, &body).await.succeeds();
        assert_eq!(refunded["amountToRefund"], 0);
        assert_eq!(shop.link_stands(&reference).await["status"], "Success");
        shop.closes().await;
    });
}
