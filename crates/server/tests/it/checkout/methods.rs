//! Every other method: a provider's page that the sandbox plays, and accounts to transfer to.

use super::visitor::opening;
use crate::shop::{APPROVED, Shop, both_databases};
use serde_json::{Value, json};

/// A method, its options, and the method that the payment shows when it is paid.
fn methods() -> Vec<(&'static str, Value, Value)> {
    vec![
        (
            "EASY_PAY",
            json!({ "easyPay": { "easyPayProvider": "EASY_PAY_PROVIDER_KAKAOPAY" } }),
            json!({ "type": "PaymentMethodEasyPay", "provider": "KAKAOPAY" }),
        ),
        (
            "TRANSFER",
            json!({ "transfer": { "bankCode": "BANK_SHINHAN_BANK" } }),
            json!({ "type": "PaymentMethodTransfer", "bank": "SHINHAN" }),
        ),
        (
            "MOBILE",
            json!({ "mobile": { "carrier": "SKT", "avaliableCarriers": ["CARRIER_KT"] } }),
            json!({ "type": "PaymentMethodMobile" }),
        ),
        (
            "GIFT_CERTIFICATE",
            json!({ "giftCertificate": { "giftCertificateType": "CULTURE_GIFT" } }),
            json!({ "type": "PaymentMethodGiftCertificate", "giftCertificateType": "CULTUREGIFT" }),
        ),
        ("PAYPAL", json!({}), json!({ "type": "PaymentMethodEasyPay", "provider": "PAYPAL" })),
        ("ALIPAY", json!({}), json!({ "type": "PaymentMethodEasyPay", "provider": "ALIPAY" })),
        (
            "ALIPAY_PLUS",
            json!({ "alipayPlus": { "easyPayProvider": "GCASH" } }),
            json!({ "type": "PaymentMethodEasyPay", "provider": "G_CASH" }),
        ),
        (
            "CONVENIENCE_STORE",
            json!({ "convenienceStore": { "paymentDeadline": { "validHours": 24 } } }),
            json!({ "type": "PaymentMethodConvenienceStore" }),
        ),
    ]
}

fn by(shop: &Shop, id: &str, method: &str, options: &Value) -> Value {
    let mut body = opening(shop, id, 7_000);
    body["request"]["payMethod"] = json!(method);
    for (name, value) in options.as_object().unwrap() {
        body["request"][name] = value.clone();
    }
    body
}

#[test]
fn every_method_is_approved_on_its_providers_page_and_shown_as_what_it_is() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        for (method, options, shown) in methods() {
            let id = format!("order-{method}");
            let visitor = shop.visits(&by(&shop, &id, method, &options)).await;
            visitor.submits(&[("intent", "approve")]).await.goes_to();
            let paid = shop.payment(&id).await;
            assert_eq!(paid["status"], "PAID", "{method}: {paid}");
            for (member, value) in shown.as_object().unwrap() {
                assert_eq!(paid["method"][member], *value, "{method}: {}", paid["method"]);
            }
            match method {
                "GIFT_CERTIFICATE" => assert!(!paid["method"]["approvalNumber"].as_str().unwrap().is_empty()),
                "CONVENIENCE_STORE" => {
                    assert!(paid["method"]["confirmationNumber"].is_string());
                    assert!(paid["method"]["paymentDeadline"].is_string());
                }
                _ => {}
            }
            assert!(visitor.result().await["result"]["code"].is_null());
            let receipt = paid["receiptUrl"].as_str().unwrap().strip_prefix(&shop.url).unwrap().to_owned();
            assert_eq!(shop.send(shop.anonymous("GET", &receipt)).await.status, 200, "{method}");
            shop.cancels(&id, Some(2_000)).await.succeeds();
        }
        let count = methods().len();
        let sum = i64::try_from(count).unwrap() * 5_000;
        assert_eq!(shop.psp().await, (count, sum));
        shop.closes().await;
    });
}

#[test]
fn a_provider_that_declines_or_says_nothing() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        for (method, options, _) in methods() {
            let id = format!("order-{method}");
            let visitor = shop.visits(&by(&shop, &id, method, &options)).await;
            let silent = visitor.submits(&[("intent", "silence")]).await;
            assert_eq!((silent.status, shop.status(&id).await.as_str()), (200, "READY"), "{method}");
            assert_eq!(visitor.result().await, json!({ "state": "OPEN" }));
            visitor.submits(&[("intent", "decline")]).await.goes_to();
            assert_eq!(shop.status(&id).await, "FAILED");
            assert_eq!(visitor.result().await["result"]["pgCode"], "SANDBOX_DECLINED");
        }
        assert_eq!(shop.psp().await, (0, 0));
        shop.closes().await;
    });
}

#[test]
fn a_wallet_that_says_later_is_pending_and_then_paid() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let visitor = shop.visits(&by(&shop, "order-1", "PAYPAL", &json!({}))).await;
        visitor.submits(&[("intent", "approve_later")]).await.goes_to();
        assert_eq!(shop.status("order-1").await, "PAY_PENDING");
        let told = visitor.result().await;
        assert_eq!((&told["state"], &told["result"]["code"]), (&json!("ENDED"), &Value::Null));
        assert_eq!(shop.psp().await, (0, 0));
        shop.after("PT10M").await;
        assert_eq!(shop.status("order-1").await, "PAID");
        assert_eq!(shop.webhooks("order-1").await, ["Ready", "PayPending", "Paid"]);
        assert_eq!(shop.psp().await, (1, 7_000));
        shop.closes().await;
    });
}

#[test]
fn an_account_is_issued_in_the_window_shown_and_deposited_into() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let options = json!({ "virtualAccount": { "accountExpiry": { "validHours": 24 } }, "redirectUrl": "https://shop.example/done", "windowType": { "pc": "REDIRECTION" } });
        let visitor = shop.visits(&by(&shop, "order-1", "VIRTUAL_ACCOUNT", &options)).await;
        visitor
            .submits(&[("intent", "account"), ("bank", "KOOKMIN"), ("depositor", "홍길동")])
            .await
            .goes_to();
        let issued = shop.payment("order-1").await;
        assert_eq!(issued["status"], "VIRTUAL_ACCOUNT_ISSUED");
        assert_eq!(
            (&issued["method"]["type"], &issued["method"]["bank"]),
            (&json!("PaymentMethodVirtualAccount"), &json!("KOOKMIN"))
        );
        let number = issued["method"]["accountNumber"].as_str().unwrap();
        let shown = visitor.sees().await;
        assert!(shown.status == 200 && shown.html.contains(number), "{}", shown.html);
        let on = visitor.submits(&[("intent", "done")]).await;
        assert!(
            on.goes_to().starts_with("https://shop.example/done?transactionType=PAYMENT&paymentId=order-1")
        );
        assert!(visitor.result().await["result"]["code"].is_null());
        shop.post("/sandbox/payments/order-1/deposit", &json!({ "amount": 7_000 })).await.succeeds();
        assert_eq!(shop.status("order-1").await, "PAID");
        assert_eq!(shop.webhooks("order-1").await, ["Ready", "VirtualAccountIssued", "Paid"]);

        let fixed = json!({ "virtualAccount": { "bankCode": "BANK_SHINHAN_BANK" } });
        let visitor = shop.visits(&by(&shop, "order-2", "VIRTUAL_ACCOUNT", &fixed)).await;
        let other = visitor.submits(&[("intent", "account"), ("bank", "KOOKMIN")]).await;
        assert_eq!(
            (other.status, shop.status("order-2").await.as_str()),
            (200, "READY"),
            "another bank than the merchant's"
        );
        visitor.submits(&[("intent", "account"), ("bank", "SHINHAN")]).await.goes_to();
        assert_eq!(shop.status("order-2").await, "VIRTUAL_ACCOUNT_ISSUED");
        shop.closes().await;
    });
}

#[test]
fn options_that_make_no_sense_are_start_errors() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        for (method, options) in [
            ("EASY_PAY", json!({ "easyPay": { "easyPayProvider": "SHELLPAY" } })),
            ("EASY_PAY", json!({ "easyPay": "KAKAOPAY" })),
            ("TRANSFER", json!({ "transfer": { "bankCode": "BANK_OF_THE_MOON" } })),
            (
                "TRANSFER",
                json!({ "transfer": { "cashReceiptType": "ANONYMOUS", "customerIdentifier": "010" } }),
            ),
            ("MOBILE", json!({ "mobile": { "carrier": "PIGEON" } })),
            ("MOBILE", json!({ "mobile": { "availableCarriers": ["PIGEON"] } })),
            ("GIFT_CERTIFICATE", json!({ "giftCertificate": { "giftCertificateType": "PAPER" } })),
            ("VIRTUAL_ACCOUNT", json!({ "virtualAccount": { "accountExpiry": {} } })),
            (
                "VIRTUAL_ACCOUNT",
                json!({ "virtualAccount": { "accountExpiry": { "validHours": 1, "dueDate": "20300101" } } }),
            ),
            ("VIRTUAL_ACCOUNT", json!({ "virtualAccount": { "accountExpiry": { "dueDate": "20200101" } } })),
            ("VIRTUAL_ACCOUNT", json!({ "virtualAccount": { "fixedOption": {} } })),
            ("CONVENIENCE_STORE", json!({ "convenienceStore": { "paymentDeadline": { "validHours": 0 } } })),
        ] {
            let refused = shop.opens(&by(&shop, "order-1", method, &options)).await;
            assert_eq!(
                (refused.status, &refused.body["code"]),
                (400, &json!("RequestParseFailed")),
                "{options}: {}",
                refused.text()
            );
        }
        shop.get("/payments/order-1").await.refused(404, "PAYMENT_NOT_FOUND");
        shop.closes().await;
    });
}

#[test]
fn the_sandbox_plays_the_buyer_without_a_browser() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let plays = async |id: &str, outcome: &str| {
            shop.post(&format!("/sandbox/payments/{id}/complete"), &json!({ "outcome": outcome })).await
        };
        let mut all = methods();
        all.push(("CARD", json!({}), Value::Null));
        for (method, options, _) in all {
            for (outcome, status) in
                [("timeout", "READY"), ("approve", "PAID"), ("decline", "FAILED"), ("cancel", "FAILED")]
            {
                let id = format!("{method}-{outcome}");
                shop.visits(&by(&shop, &id, method, &options)).await;
                assert_eq!(plays(&id, outcome).await.succeeds(), json!({}));
                assert_eq!(shop.status(&id).await, status, "{id}");
                if status != "READY" {
                    plays(&id, "approve").await.refused(400, "INVALID_REQUEST");
                }
            }
        }
        shop.visits(&by(&shop, "account", "VIRTUAL_ACCOUNT", &json!({}))).await;
        plays("account", "approve").await.succeeds();
        assert_eq!(shop.status("account").await, "VIRTUAL_ACCOUNT_ISSUED");
        shop.is_paid("keyed-in", 1_000).await;
        plays("keyed-in", "approve").await.refused(400, "INVALID_REQUEST");
        shop.closes().await;
    });
}

#[test]
fn an_order_in_escrow_is_opened_where_its_provider_takes_it_in_a_window() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let products = json!([{ "id": "b", "name": "a book", "amount": 7_000, "quantity": 1 }]);
        for (provider, products, is_taken) in [
            // By API KSNET takes none.
            ("KSNET", json!([]), true),
            ("KCP_V2", json!([]), false),
            ("KCP_V2", products.clone(), true),
            ("KPN", json!([]), true),
            ("TOSSPAYMENTS", json!([]), true),
        ] {
            let (key, id) = (format!("channel-of-{provider}"), format!("{provider}-{is_taken}"));
            shop.has_channel_of(provider, &key, None).await;
            let mut body = opening(&shop, &id, 7_000);
            body["request"]["channelKey"] = json!(key);
            body["request"]["isEscrow"] = json!(true);
            body["request"]["products"] = products;
            if !is_taken {
                for kind in ["PAYMENT", "ISSUE_BILLING_KEY_AND_PAY"] {
                    body["kind"] = json!(kind);
                    body["request"]["billingKeyAndPayMethod"] = json!("CARD");
                    let refused = shop.opens(&body).await;
                    assert_eq!(
                        (refused.status, &refused.body["code"]),
                        (400, &json!("RequestParseFailed")),
                        "{}",
                        refused.text()
                    );
                    assert!(refused.body["message"].as_str().unwrap().starts_with("products: KCP"), "{kind}");
                }
                shop.get(&format!("/payments/{id}")).await.refused(404, "PAYMENT_NOT_FOUND");
                continue;
            }
            let visitor = shop.visits(&body).await;
            visitor.types(APPROVED).await.goes_to();
            let paid = shop.payment(&id).await;
            assert_eq!(
                (&paid["status"], &paid["escrow"]["status"]),
                (&json!("PAID"), &json!("BEFORE_REGISTERED")),
                "{provider}"
            );
        }
        shop.closes().await;
    });
}
