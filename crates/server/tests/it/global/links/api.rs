//! What a merchant's server asks of links, and what it is refused.

use super::{KEY, example, link, signed};
use crate::global::merchant::{refused, signed_sale};
use crate::shop::{Shop, at_once, both_databases, sent};
use serde_json::{Value, json};

const PAYMENT: &str = "INVALID_PAYMENT_REQUEST";

#[test]
fn check_12_the_published_example_makes_a_link_that_says_back_what_it_was_given() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let body = example();
        let made = shop.makes_link(&body).await.succeeds();
        let reference = made["payment_link_ref"].as_str().unwrap();
        assert_eq!(reference.len(), 27);
        assert_eq!(made["payment_link"], format!("{}?ref={reference}", shop.url));
        for (member, value) in [
            ("is_success", json!(true)),
            ("status", json!("Created")),
            ("merchant_order_id", json!("011352FD604A301")),
            ("custom_link_ref", json!("786283tghjwefdhvsdvbfnvbn")),
            ("amount", json!(2500)),
            ("currency", json!("THB")),
            ("country_code", json!("TH")),
            ("environment", json!("sandbox")),
            ("expiry_date", json!("2024-07-28T18:30:00.000Z")),
            ("status_code", json!("2000")),
            ("status_reason", json!("SUCCESS")),
            ("message", json!("Payment link created successfully")),
        ] {
            assert_eq!(made[member], value, "{member}");
        }

        // Its dates are past: it has expired as soon as somebody looks.
        let stands = shop.link_stands(reference).await;
        assert_eq!(stands["status"], "Expired");
        let mut later = example();
        later["merchant_order_id"] = json!("011352FD604A302");
        later["custom_link_ref"] = json!("other");
        later["expiry_date"] = json!("2099-07-28T18:30:00.000Z");
        let later = signed(later);
        let reference = shop.has_link(&later).await;
        let path = format!("/api/update-paylink/{reference}");
        let updated = shop.global_put(&path, &json!({ "description": "another" })).await.succeeds();
        assert_eq!(updated["message"], "Payment link updated successfully");
        let content = &updated["content"];
        assert_eq!(content["description"], "another");
        for member in [
            "notes",
            "chosen_payment_methods",
            "customer_details",
            "success_url",
            "pending_url",
            "scheduled_date",
            "expiry_date",
            "reminder_time",
            "reminder_time_unit",
            "notify_by_email",
            "source",
        ] {
            assert_eq!(content[member], later[member], "{member}");
        }
        for details in ["billing_details", "shipping_details"] {
            for (member, value) in later[details].as_object().unwrap() {
                if let Some(address) = value.as_object() {
                    for (part, value) in address {
                        assert_eq!(&content[details][member][part], value, "{details}.{member}.{part}");
                    }
                } else {
                    assert_eq!(&content[details][member], value, "{details}.{member}");
                }
            }
        }
        assert_eq!(content["merchant_details"]["promo_code"], "NA");
        assert_eq!((&content["chaipay_key"], &content["portone_key"]), (&json!(KEY), &json!(KEY)));
        assert_eq!(content["signature_hash"], later["signature_hash"]);
        shop.closes().await;
    });
}

#[test]
fn check_13_what_is_missing_unsigned_or_without_a_token_makes_no_link() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let body = link("ORDER-1");
        let mut unsigned = body.clone();
        unsigned.as_object_mut().unwrap().remove("signature_hash");
        let said = refused(
            shop.makes_link(&unsigned).await,
            401,
            "4010",
            "INVALID_UNAUTHORISED_TRANSACTION_IAMPORTKEY_ERROR",
        );
        assert_eq!(
            (&said["message"], &said["is_success"]),
            (&json!("signature_hash is a required field"), &json!(false))
        );
        let mut forged = body.clone();
        forged["amount"] = json!(1);
        refused(
            shop.makes_link(&forged).await,
            401,
            "4011",
            "INVALID_UNAUTHORISED_TRANSACTION_SIGNATURE_ERROR",
        );
        let tokenless = shop
            .anonymous("POST", "/api/paymentLink")
            .header("x-portone-client-key", KEY)
            .header("content-type", "application/json")
            .body(body.to_string());
        refused(sent(tokenless).await.unwrap(), 401, "4054", "INVALID_UNAUTHORIZED_JWT_TOKEN_ERROR");
        for member in [
            "portone_key",
            "merchant_details",
            "source",
            "amount",
            "currency",
            "country_code",
            "merchant_order_id",
            "success_url",
            "failure_url",
        ] {
            let mut body = body.clone();
            body.as_object_mut().unwrap().remove(member);
            let said = refused(shop.makes_link(&body).await, 400, "4001", PAYMENT);
            assert_eq!(said["message"], format!("{member} is a required field"));
        }
        let mut body = body.clone();
        body.as_object_mut().unwrap().remove("environment");
        refused(shop.makes_link(&body).await, 400, "4034", "INVALID_ENVIRONMENT");
        let path = "/api/paymentLink/ORDER-1/status";
        refused(shop.global_get(path).await, 400, "4050", "INVALID_LINK_MERCHANT_ORDER_REF");
        shop.closes().await;
    });
}

#[test]
fn check_14_items_and_charges_make_the_amount() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let with = |order: &str, amount: i64, items: bool| {
            let mut body = link(order);
            body["amount"] = json!(amount);
            body["merchant_details"] = json!({ "name": "Pier Coffee", "promo_code": "SPRING", "promo_discount": 200, "shipping_charges": 100 });
            if items {
                body["order_details"] = json!([
                    { "id": "1", "name": "beans", "price": 50, "quantity": 4, "image": "https://img.example/b.png" },
                    { "id": "2", "name": "grinder", "price": 200, "quantity": 1 },
                ]);
            }
            signed(body)
        };
        shop.makes_link(&with("A", 300, true)).await.succeeds();
        let said = refused(shop.makes_link(&with("B", 301, true)).await, 400, "4001", PAYMENT);
        assert_eq!(
            said["message"],
            "Summation of order value, tax, duties, shipping and discount is equal to amount"
        );
        shop.makes_link(&with("C", 301, false)).await.succeeds();
        shop.closes().await;
    });
}

#[test]
fn what_is_not_of_its_form_is_refused_with_its_code() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let long = |count: usize| "x".repeat(count);
        let many = |count: usize| {
            (0..count).map(|n| json!({ "key": n.to_string(), "value": "v" })).collect::<Vec<Value>>()
        };
        for (member, value, code, reason) in [
            ("amount", json!(0), "4041", "INVALID_AMOUNT"),
            ("amount", json!(-1), "4041", "INVALID_AMOUNT"),
            ("amount", json!("abc"), "4041", "INVALID_AMOUNT"),
            ("currency", json!("ABC"), "4075", "INVALID_CURRENCY"),
            ("country_code", json!("THA"), "4001", PAYMENT),
            ("environment", json!("test"), "4034", "INVALID_ENVIRONMENT"),
            ("success_url", json!("javascript:alert(1)"), "5030", "INVALID_REDIRECT_URL"),
            ("failure_url", json!("/relative"), "5030", "INVALID_REDIRECT_URL"),
            ("pending_url", json!("https://a b"), "5030", "INVALID_REDIRECT_URL"),
            ("mobile_redirect_url", json!("data:text/html,x"), "5030", "INVALID_REDIRECT_URL"),
            (
                "merchant_details",
                json!({ "name": "a", "back_url": "javascript:alert(1)" }),
                "5030",
                "INVALID_REDIRECT_URL",
            ),
            ("merchant_details", json!({ "name": "a", "promo_discount": -1 }), "4001", PAYMENT),
            ("merchant_details", json!({ "logo": "" }), "4001", PAYMENT),
            ("description", json!(long(256)), "4001", PAYMENT),
            ("user_configured_field3", json!(long(256)), "4001", PAYMENT),
            ("notes", json!([{ "key": "k", "value": long(1_025) }]), "4001", PAYMENT),
            ("notes", json!([{ "key": long(65), "value": "v" }]), "4001", PAYMENT),
            ("notes", json!(many(51)), "4001", PAYMENT),
            ("expiry_date", json!("tomorrow"), "4001", PAYMENT),
            ("scheduled_date", json!("2026-13-01"), "4001", PAYMENT),
            ("reminder_time_unit", json!("weeks"), "4001", PAYMENT),
            ("order_details", json!([{ "name": "a" }]), "4001", PAYMENT),
            ("order_details", json!([{ "name": "a", "price": 300, "quantity": 0 }]), "4001", PAYMENT),
            (
                "chosen_payment_methods",
                json!([{ "payment_channel": "NOWHERE", "payment_method": "X" }]),
                "4046",
                "INVALID_PAYMENT_CHANNEL_KEY",
            ),
            (
                "chosen_payment_methods",
                json!([{ "payment_channel": "OMISE", "payment_method": "CHILLPAY_QRCODE" }]),
                "4057",
                "INVALID_PAYMENT_METHOD",
            ),
            ("custom_txn_webhook_urls", json!(["ftp://a"]), "4001", PAYMENT),
            ("merchant_order_id", json!("a\nb"), "4001", PAYMENT),
            ("merchant_order_id", json!(long(129)), "4001", PAYMENT),
        ] {
            let mut body = link("ORDER-1");
            body[member] = value.clone();
            // What is no number cannot be signed, and is refused before the signature is looked at.
            let body = if member == "amount" { body } else { signed(body) };
            let answer = shop.makes_link(&body).await;
            let said = refused(answer, 400, code, reason);
            assert_eq!(said["is_success"], false, "{member} {value}");
        }
        for (members, code, reason) in [
            (
                json!({ "notify_by_email": true, "customer_details": { "email_address": "kim" } }),
                "4052",
                "INVALID_EMAIL_ADDRESS",
            ),
            (json!({ "notify_by_email": true, "billing_details": {} }), "4064", "MISSING_MANDATORY_FIELD"),
            (json!({ "notify_by_phone": true, "billing_details": {} }), "4064", "MISSING_MANDATORY_FIELD"),
            (json!({ "reminder_time": 0, "reminder_time_unit": "hours" }), "4001", PAYMENT),
            (json!({ "reminder_time": -1, "reminder_time_unit": "hours" }), "4001", PAYMENT),
            (json!({ "currency": "KRW", "amount": 1.5 }), "4076", "INVALID_AMOUNT_CURRENCY_ERROR"),
        ] {
            let mut body = link("ORDER-1");
            for (member, value) in members.as_object().unwrap() {
                body[member] = value.clone();
            }
            refused(shop.makes_link(&signed(body)).await, 400, code, reason);
        }
        let mut foreign = link("ORDER-1");
        foreign["portone_key"] = json!("AAAAAAAAAAAAAAAA");
        refused(
            shop.makes_link(&foreign).await,
            401,
            "4010",
            "INVALID_UNAUTHORISED_TRANSACTION_IAMPORTKEY_ERROR",
        );
        let path = "/api/paymentLink/ORDER-1/status";
        refused(shop.global_get(path).await, 400, "4050", "INVALID_LINK_MERCHANT_ORDER_REF");
        shop.closes().await;
    });
}

#[test]
fn in_live_a_choice_that_nothing_serves_is_refused() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let mut body = link("ORDER-1");
        body["environment"] = json!("live");
        refused(
            shop.makes_link(&signed(body.clone())).await,
            400,
            "4058",
            "PAYMENT_METHOD_CONFIGURATION_ERROR",
        );
        body.as_object_mut().unwrap().remove("chosen_payment_methods");
        let reference = shop.has_link(&signed(body)).await;
        let page = shop.payer_of(&reference).sees().await;
        assert!(page.html.contains("No payment method can be used"), "{}", page.html);
        shop.closes().await;
    });
}

#[test]
fn of_many_links_with_one_reference_one_is_made() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let body = link("ORDER-1");
        let requests =
            (0..20).map(|_| shop.global("POST", "/api/paymentLink").body(body.to_string())).collect();
        let answers = at_once(requests).await;
        let made = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(made, 1);
        for answer in answers.into_iter().filter(|answer| answer.status != 200) {
            refused(answer, 400, "4050", "INVALID_LINK_MERCHANT_ORDER_REF");
        }
        let mut labelled = link("ORDER-2");
        labelled["custom_link_ref"] = json!("label");
        shop.makes_link(&signed_sale(labelled.clone())).await.succeeds();
        labelled["merchant_order_id"] = json!("ORDER-3");
        refused(
            shop.makes_link(&signed_sale(labelled)).await,
            400,
            "4050",
            "INVALID_LINK_MERCHANT_ORDER_REF",
        );
        shop.closes().await;
    });
}

#[test]
fn check_15_a_link_is_cancelled_once_and_only_cancelled() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let ear = shop.hears_links().await;
        let reference = shop.has_link(&link("ORDER-1")).await;
        let path = format!("/api/paymentLink/{reference}/status/deleted");
        let said = refused(shop.global_put(&path, &json!({})).await, 401, "4001", PAYMENT);
        assert_eq!(said["message"], "Invalid status! Only cancelled status is allowed");
        let said = shop.cancels_link(&reference).await.succeeds();
        assert_eq!(said["message"], "Payment link status updated successfully to cancelled");
        shop.cancels_link(&reference).await.succeeds();
        assert_eq!(shop.link_stands(&reference).await["status"], "Cancelled");
        let path = format!("/api/update-paylink/{reference}");
        refused(shop.global_put(&path, &json!({ "amount": 1 })).await, 400, "4001", PAYMENT);
        refused(
            shop.cancels_link("2BEemUknaImTq5ljmoNQQV2tSll").await,
            400,
            "4083",
            "INVALID_PAYMENT_LINK_REF",
        );
        let page = shop.payer_of(&reference).sees().await;
        assert!(page.html.contains("This payment link was cancelled"), "{}", page.html);
        assert!(!page.html.contains("<form"));
        let heard = ear.hears(1).await;
        assert_eq!((heard.len(), &heard[0]["status"]), (1, &json!("Cancelled")));
        shop.closes().await;
    });
}

#[test]
fn a_link_is_found_by_all_of_its_references_and_by_its_own_merchant() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let reference = shop.has_link(&link("ORDER 1/2")).await;
        for path in [
            format!("/api/paymentLink/{reference}/fetch-status"),
            "/api/paymentLink/ORDER%201%2F2/status".to_owned(),
            format!("/api/merchant/{KEY}/paymentLink/ORDER%201%2F2/status"),
        ] {
            let found = shop.global_get(&path).await.succeeds();
            assert_eq!(
                found["content"],
                json!({
                    "merchantOrderRef": "ORDER 1/2", "paymentLinkRef": reference, "status": "Created",
                    "transactionsList": [], "link": format!("{}?ref={reference}", shop.url),
                })
            );
            assert!(found.get("message").is_none());
        }
        refused(
            shop.global_get("/api/merchant/AAAAAAAAAAAAAAAA/paymentLink/ORDER-1/status").await,
            401,
            "4010",
            "INVALID_UNAUTHORISED_TRANSACTION_IAMPORTKEY_ERROR",
        );
        refused(
            shop.global_get("/api/paymentLink/2BEemUknaImTq5ljmoNQQV2tSll/fetch-status").await,
            400,
            "4083",
            "INVALID_PAYMENT_LINK_REF",
        );
        // Everybody with the reference sees what the page shows, and not what is the merchant's alone.
        let shown =
            sent(shop.anonymous("GET", &format!("/api/paymentLink/{reference}"))).await.unwrap().succeeds();
        assert_eq!(shown["content"]["amount"], 300);
        assert_eq!(
            (&shown["content"]["signature_hash"], &shown["content"]["notes"]),
            (&json!(""), &Value::Null)
        );
        shop.closes().await;
    });
}
