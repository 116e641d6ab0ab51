//! Card payments in windows.

use super::visitor::{card, got, nonce, opening};
use crate::shop::{APPROVED, DECLINED, PSP_ERROR, SILENT_BUT_CHARGED, Shop, TOKEN_DECLINED, both_databases};
use paypier::cli::dev::demo;
use serde_json::{Value, json};

const ASKS_FOR_A_CODE: &str = "4000000000003220";

#[test]
fn a_buyer_pays_in_a_frame_and_the_page_is_told() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let visitor = shop.pays_by_card_in_window("order-1", 7_000).await;
        assert_eq!(visitor.opened["windowType"], "IFRAME");
        assert_eq!(visitor.opened["forceRedirect"], false);
        let ready = shop.payment("order-1").await;
        assert_eq!(
            (&ready["status"], &ready["transactionId"]),
            (&json!("READY"), &visitor.opened["ids"]["txId"])
        );
        assert_eq!(visitor.result().await, json!({ "state": "OPEN" }));

        let page = visitor.sees().await;
        assert!(page.html.contains("a book") && page.html.contains("7,000"), "{}", page.html);
        for (header, expected) in [
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
        ] {
            assert_eq!(page.header(header), expected);
        }
        assert!(page.header("content-security-policy").ends_with("frame-ancestors https://shop.example"));

        let to_page = visitor.types("4242 4242 4242 4242").await;
        assert_eq!(to_page.goes_to(), format!("/checkout/{}", visitor.token));
        let told = visitor.result().await;
        assert_eq!(
            told,
            json!({ "state": "ENDED", "result": {
                "transactionType": "PAYMENT", "paymentId": "order-1", "txId": visitor.opened["ids"]["txId"],
            }})
        );
        let end = visitor.sees().await;
        assert!(
            end.html.contains("data-result") && end.html.contains("https://shop.example"),
            "{}",
            end.html
        );

        let paid = shop.payment("order-1").await;
        assert_eq!(paid["status"], "PAID");
        assert_eq!(paid["method"]["card"]["number"], "42424242****4242");
        assert_eq!(paid["method"]["type"], "PaymentMethodCard");
        assert_eq!(
            (&paid["origin"]["platformType"], &paid["origin"]["url"]),
            (&json!("PC"), &json!("https://shop.example/cart"))
        );
        assert_eq!(paid["customer"]["name"], "홍길동");
        assert_eq!(visitor.closes().await, told, "closing afterwards tells the same");
        assert_eq!(shop.webhooks("order-1").await, ["Ready", "Paid"]);
        assert_eq!(shop.psp().await, (1, 7_000));
        shop.closes().await;
    });
}

#[test]
fn a_redirect_carries_the_members_of_success_and_of_failure() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        for (id, number, ends_with) in [
            ("order-1", APPROVED, ""),
            (
                "order-2",
                DECLINED,
                "&code=PGProviderError&message=The%20card%20issuer%20declined%20the%20payment.\
                 &pgCode=SANDBOX_DECLINED&pgMessage=The%20card%20issuer%20declined%20the%20payment.",
            ),
        ] {
            let mut body = opening(&shop, id, 7_000);
            body["request"]["redirectUrl"] = json!("https://shop.example/done?cart=1#end");
            body["page"]["platform"] = json!("MOBILE");
            let visitor = shop.visits(&body).await;
            assert_eq!(visitor.opened["windowType"], "REDIRECTION");
            assert!(
                visitor.sees().await.header("content-security-policy").ends_with("frame-ancestors 'none'")
            );
            visitor.types(number).await.goes_to();
            let expected = format!(
                "https://shop.example/done?cart=1&transactionType=PAYMENT&paymentId={id}&txId={}{ends_with}#end",
                visitor.opened["ids"]["txId"].as_str().unwrap()
            );
            assert_eq!(visitor.sees().await.goes_to(), expected);
            assert_eq!(visitor.result().await["redirectUrl"], expected);
            assert_eq!(shop.payment(id).await["origin"]["platformType"], "MOBILE");
        }
        shop.closes().await;
    });
}

#[test]
fn a_forced_redirect_is_told_to_the_page_that_has_the_frame() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let mut body = opening(&shop, "order-1", 7_000);
        body["request"]["forceRedirect"] = json!(true);
        let without = shop.visits(&body).await;
        assert_eq!(without.opened["forceRedirect"], false, "there is nowhere to go");
        body["request"]["redirectUrl"] = json!("myshop://done");
        let visitor = shop.visits(&body).await;
        assert_eq!(
            (&visitor.opened["windowType"], &visitor.opened["forceRedirect"]),
            (&json!("IFRAME"), &json!(true))
        );
        visitor.types(APPROVED).await.goes_to();
        let told = visitor.result().await;
        assert!(told["redirectUrl"].as_str().unwrap().starts_with("myshop://done?transactionType=PAYMENT&"));
        assert_eq!(visitor.sees().await.status, 200, "a frame does not show the shop");
        shop.closes().await;
    });
}

#[test]
fn the_issuers_code_is_asked_for_once() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        for (id, code, status) in [("right", "123456", "PAID"), ("wrong", "654321", "FAILED")] {
            let visitor = shop.pays_by_card_in_window(id, 7_000).await;
            visitor.types(ASKS_FOR_A_CODE).await.goes_to();
            assert_eq!(shop.status(id).await, "READY");
            assert!(visitor.sees().await.html.contains("name=\"code\""));
            // The card form of before is stale: whatever it brings has no effect.
            visitor.submits(&card(APPROVED)).await.goes_to();
            assert_eq!(shop.status(id).await, "READY");
            visitor.submits(&[("intent", "code"), ("code", code)]).await.goes_to();
            assert_eq!(shop.status(id).await, status);
        }
        let failed = shop.payment("wrong").await;
        assert_eq!(failed["failure"]["pgCode"], "SANDBOX_AUTHENTICATION_FAILED");
        assert_eq!(shop.psp().await, (1, 7_000));
        shop.closes().await;
    });
}

#[test]
fn a_refusal_ends_the_window_and_the_payment_may_be_tried_again() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        for (number, code) in [
            (DECLINED, "SANDBOX_DECLINED"),
            // This one passes the issuer's page and is declined when it is charged.
            (TOKEN_DECLINED, "SANDBOX_DECLINED"),
            (PSP_ERROR, "SANDBOX_PSP_ERROR"),
        ] {
            let visitor = shop.pays_by_card_in_window("order-1", 7_000).await;
            visitor.types(number).await.goes_to();
            let result = visitor.result().await["result"].clone();
            assert_eq!(
                (&result["code"], &result["pgCode"]),
                (&json!("PGProviderError"), &json!(code)),
                "{result}"
            );
            assert_eq!(shop.status("order-1").await, "FAILED");
        }
        shop.pays_by_card_in_window("order-1", 7_000).await.types(APPROVED).await.goes_to();
        assert_eq!(shop.status("order-1").await, "PAID");
        assert_eq!(
            shop.webhooks("order-1").await,
            ["Ready", "Failed", "Ready", "Failed", "Ready", "Failed", "Ready", "Paid"]
        );
        shop.closes().await;
    });
}

#[test]
fn what_is_typed_wrongly_is_corrected_and_not_sent() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let visitor = shop.pays_by_card_in_window("order-1", 7_000).await;
        for fields in [
            vec![("intent", "card"), ("number", "4242"), ("expiry", "12/39")],
            vec![("intent", "card"), ("number", APPROVED), ("expiry", "13/39")],
            vec![("intent", "card"), ("number", APPROVED), ("expiry", "12/39"), ("installment", "13")],
        ] {
            let again = visitor.submits(&fields).await;
            assert_eq!(again.status, 200);
            assert!(again.html.contains("role=\"alert\""), "{}", again.html);
            assert!(!again.html.contains(APPROVED), "a card number is never sent back");
        }
        visitor.submits(&[("intent", "pay")]).await.goes_to();
        visitor.submits(&[("intent", "account"), ("bank", "SHINHAN")]).await.goes_to();
        visitor.submits(&[("intent", "approve")]).await.goes_to();
        assert_eq!(shop.status("order-1").await, "READY");
        visitor
            .submits(&[("intent", "card"), ("number", APPROVED), ("expiry", "12/39"), ("installment", "3")])
            .await
            .goes_to();
        let paid = shop.payment("order-1").await;
        assert_eq!((&paid["status"], &paid["method"]["installment"]["month"]), (&json!("PAID"), &json!(3)));
        shop.closes().await;
    });
}

#[test]
fn many_submissions_at_once_charge_once() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let visitor = shop.pays_by_card_in_window("order-1", 7_000).await;
        let nonce = nonce(&visitor.sees().await.html);
        let forms: Vec<_> = (0..8).map(|_| visitor.form_with(&nonce, &card(APPROVED))).collect();
        for got in crate::shop::at_once(forms).await {
            assert_eq!(got.status, 303, "{}", got.text());
        }
        assert_eq!(shop.psp().await, (1, 7_000));
        assert_eq!(visitor.result().await["state"], "ENDED");
        // The back button shows the form of before once more.
        got(visitor.form_with(&nonce, &card(APPROVED))).await.goes_to();
        assert_eq!(shop.psp().await, (1, 7_000));
        assert_eq!(shop.webhooks("order-1").await, ["Ready", "Paid"]);
        shop.closes().await;
    });
}

#[test]
fn of_two_windows_of_one_payment_one_is_paid() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let first = shop.pays_by_card_in_window("order-1", 7_000).await;
        let second = shop.pays_by_card_in_window("order-1", 7_000).await;
        let (one, other) = (first.form(&card(APPROVED)).await, second.form(&card(APPROVED)).await);
        crate::shop::at_once(vec![one, other]).await;
        assert_eq!(shop.psp().await, (1, 7_000));
        let results = [first.result().await["result"].clone(), second.result().await["result"].clone()];
        let failed: Vec<&Value> = results.iter().filter(|result| !result["code"].is_null()).collect();
        assert_eq!(failed.len(), 1, "{results:?}");
        let code = failed[0]["code"].as_str().unwrap();
        assert!(["PaymentAlreadyPaid", "InvalidEntityState"].contains(&code), "{code}");

        let refused = shop.opens(&opening(&shop, "order-1", 7_000)).await;
        assert_eq!((refused.status, &refused.body["code"]), (409, &json!("PaymentAlreadyPaid")));
        shop.closes().await;
    });
}

#[test]
fn a_closed_window_fails_its_attempt_unless_it_was_sent() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let visitor = shop.pays_by_card_in_window("order-1", 7_000).await;
        let form = visitor.form(&card(APPROVED)).await;
        let closed = visitor.closes().await;
        let result = &closed["result"];
        assert_eq!(
            (&result["code"], &result["pgCode"]),
            (&json!("PGProviderError"), &json!("SANDBOX_BUYER_CANCELLED"))
        );
        assert_eq!(visitor.closes().await, closed);
        got(form).await.goes_to();
        let failed = shop.payment("order-1").await;
        assert_eq!((&failed["status"], &failed["failure"]["pgCode"]), (&json!("FAILED"), &result["pgCode"]));
        assert_eq!(shop.psp().await, (0, 0));
        // The button on the page does the same.
        let visitor = shop.pays_by_card_in_window("order-1", 7_000).await;
        visitor.submits(&[("intent", "cancel")]).await.goes_to();
        assert_eq!(visitor.result().await["result"]["pgCode"], "SANDBOX_BUYER_CANCELLED");
        assert_eq!(shop.webhooks("order-1").await, ["Ready", "Failed", "Ready", "Failed"]);
        shop.closes().await;
    });
}

#[test]
fn a_window_that_expired_takes_nothing_and_the_payment_stays_ready() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let visitor = shop.pays_by_card_in_window("order-1", 7_000).await;
        let form = visitor.form(&card(APPROVED)).await;
        shop.after("PT61M").await;
        got(form).await.goes_to();
        assert_eq!(visitor.result().await["result"]["code"], "DeadlineExceeded");
        assert_eq!(shop.status("order-1").await, "READY");
        assert_eq!(shop.psp().await, (0, 0));
        shop.closes().await;
    });
}

#[test]
fn nobody_gets_anything_with_another_token_or_from_another_site() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let visitor = shop.pays_by_card_in_window("order-1", 7_000).await;
        for token in ["", "x", &"A".repeat(43), &"-".repeat(44), "..%2Fpayments", "%00"] {
            for (method, path) in [
                ("GET", format!("/checkout/{token}")),
                ("POST", format!("/checkout/{token}")),
                ("GET", format!("/checkout/windows/{token}/result")),
                ("POST", format!("/checkout/windows/{token}/close")),
            ] {
                let answer = shop.send(shop.anonymous(method, &path)).await;
                assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text());
            }
        }
        for (header, value) in [
            ("origin", "https://evil.example"),
            ("origin", "https://shop.example"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            let foreign = got(visitor.form(&card(APPROVED)).await.header(header, value)).await;
            assert_eq!(foreign.status, 403, "{header}: {value}");
        }
        got(visitor.form_with("guessed", &card(APPROVED))).await.goes_to();
        assert_eq!(shop.status("order-1").await, "READY");
        let own = visitor
            .form(&card(APPROVED))
            .await
            .header("origin", &shop.url)
            .header("sec-fetch-site", "same-origin");
        got(own).await.goes_to();
        assert_eq!(shop.status("order-1").await, "PAID");
        for bytes in shop.stored_bytes() {
            let is_in = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
            assert!(!is_in(&visitor.token), "the token is not kept");
            assert!(!is_in(APPROVED), "the number is not kept");
        }
        shop.closes().await;
    });
}

#[test]
fn start_errors_store_nothing() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let with = |changes: Value| {
            let mut body = opening(&shop, "order-1", 7_000);
            for (name, value) in changes.as_object().unwrap() {
                body["request"][name] = value.clone();
            }
            body
        };
        let registered = json!({ "totalAmount": 7_000, "currency": "KRW" });
        shop.post("/payments/order-1/pre-register", &registered).await.succeeds();
        let identity = demo::CHANNELS.iter().find(|channel| channel.name == "identity").unwrap().key;
        for (body, status, code) in [
            (json!([]), 400, "BadRequest"),
            (json!({ "kind": "PAYMENT" }), 400, "BadRequest"),
            (json!({ "kind": "GIFT", "request": {}, "page": {} }), 400, "BadRequest"),
            (with(json!({ "storeId": "store-nobody" })), 404, "StoreNotFound"),
            (with(json!({ "channelKey": "channel-key-nobody" })), 404, "ChannelNotFound"),
            (with(json!({ "channelKey": identity })), 404, "ChannelNotFound"),
            (with(json!({ "channelKey": null })), 400, "RequestParseFailed"),
            (with(json!({ "channelGroupId": demo::GROUP_ID })), 400, "RequestParseFailed"),
            (with(json!({ "channelKey": null, "channelGroupId": "nobody" })), 404, "ChannelNotFound"),
            (with(json!({ "totalAmount": 70 })), 409, "AmountNotEqualToPredefined"),
            (with(json!({ "currency": "USD" })), 409, "AmountNotEqualToPredefined"),
            (with(json!({ "paymentId": "order-0", "totalAmount": 0 })), 400, "RequestParseFailed"),
            (with(json!({ "totalAmount": 7000.5 })), 400, "RequestParseFailed"),
            (with(json!({ "totalAmount": "7000" })), 400, "RequestParseFailed"),
            (with(json!({ "paymentId": "order-0", "taxFreeAmount": 7_001 })), 400, "RequestParseFailed"),
            (with(json!({ "orderName": " " })), 400, "RequestParseFailed"),
            (with(json!({ "paymentId": "" })), 400, "RequestParseFailed"),
            (with(json!({ "currency": "WON" })), 400, "RequestParseFailed"),
            (with(json!({ "payMethod": "SHELLS" })), 400, "RequestParseFailed"),
            (with(json!({ "windowType": { "pc": "UI" } })), 400, "RequestParseFailed"),
            (with(json!({ "windowType": { "pc": "DOOR" } })), 400, "RequestParseFailed"),
            (with(json!({ "redirectUrl": "javascript:alert(1)" })), 400, "RequestParseFailed"),
            (with(json!({ "redirectUrl": "java\nscript:alert(1)" })), 400, "RequestParseFailed"),
            (with(json!({ "redirectUrl": "data:text/html,x" })), 400, "RequestParseFailed"),
            (with(json!({ "redirectUrl": "/done" })), 400, "RequestParseFailed"),
            (with(json!({ "noticeUrls": ["ftp://shop.example"] })), 400, "RequestParseFailed"),
            (with(json!({ "confirmUrl": "mailto:a@b" })), 400, "RequestParseFailed"),
            (with(json!({ "customer": { "email": "nobody" } })), 400, "RequestParseFailed"),
            (with(json!({ "customer": { "gender": "GENDER_NONE" } })), 400, "RequestParseFailed"),
            (with(json!({ "productType": "VIRTUAL" })), 400, "RequestParseFailed"),
            (with(json!({ "bypass": [] })), 400, "RequestParseFailed"),
            (with(json!({ "promotionId": "promotion-id-nobody" })), 400, "RequestParseFailed"),
            (
                with(
                    json!({ "card": { "installment": { "monthOption": { "fixedMonth": 3, "availableMonthList": [3] } } } }),
                ),
                400,
                "RequestParseFailed",
            ),
        ] {
            let refused = shop.opens(&body).await;
            assert_eq!(
                (refused.status, refused.body["code"].as_str()),
                (status, Some(code)),
                "{body}: {}",
                refused.text()
            );
            assert!(!refused.body["message"].as_str().unwrap().is_empty());
            if body["request"]["paymentId"].is_string() {
                assert_eq!(refused.body["transactionType"], "PAYMENT", "{body}");
            }
        }
        shop.get("/payments/order-1").await.refused(404, "PAYMENT_NOT_FOUND");
        assert_eq!(shop.webhooks("order-1").await, [""; 0]);

        let disabled =
            "UPDATE channels SET body = replace(body, '\"is_enabled\":true', '\"is_enabled\":false')";
        shop.runs_sql(disabled).await;
        shop.app().directory.forget();
        let group = with(json!({ "channelKey": null, "channelGroupId": demo::GROUP_ID }));
        let refused = shop.opens(&group).await;
        assert_eq!((refused.status, &refused.body["code"]), (404, &json!("AllChannelsNotSatisfied")));
        shop.closes().await;
    });
}

#[test]
fn any_origin_may_open_a_window_and_none_is_given_credentials() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let visitor = shop.pays_by_card_in_window("order-1", 7_000).await;
        for (method, path) in [
            ("OPTIONS", "/checkout/windows".to_owned()),
            ("POST", "/checkout/windows".to_owned()),
            ("OPTIONS", format!("/checkout/windows/{}/result", visitor.token)),
            ("GET", format!("/checkout/windows/{}/result", visitor.token)),
        ] {
            let answer = got(shop.anonymous(method, &path).header("origin", "https://shop.example")).await;
            assert_eq!(answer.header("access-control-allow-origin"), "*", "{method} {path}");
            assert_eq!(answer.header("access-control-allow-credentials"), "");
        }
        shop.closes().await;
    });
}

#[test]
fn a_channel_group_draws_one_channel_for_the_attempt() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let mut body = opening(&shop, "order-1", 7_000);
        body["request"]["channelKey"] = Value::Null;
        body["request"]["channelGroupId"] = json!(demo::GROUP_ID);
        let visitor = shop.visits(&body).await;
        let drawn = shop.payment("order-1").await["channel"]["key"].clone();
        visitor.types(APPROVED).await.goes_to();
        let paid = shop.payment("order-1").await;
        assert_eq!((&paid["channel"]["key"], &paid["channelGroup"]["id"]), (&drawn, &json!(demo::GROUP_ID)));
        shop.closes().await;
    });
}

#[test]
fn a_psp_that_says_nothing_is_asked_and_a_crash_in_between_is_mended() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let visitor = shop.pays_by_card_in_window("order-1", 7_000).await;
        visitor.types(SILENT_BUT_CHARGED).await.goes_to();
        assert_eq!(shop.status("order-1").await, "PAID");

        // The power fails while the PSP is being asked.
        let visitor = shop.pays_by_card_in_window("order-2", 5_000).await;
        let form = visitor.form(&card(SILENT_BUT_CHARGED)).await;
        let sending = tokio::spawn(form.send());
        crate::shop::eventually("the attempt is sent", || async {
            shop.status("order-2").await == "PAY_PENDING"
        })
        .await;
        assert_eq!(visitor.closes().await, json!({ "state": "OPEN" }), "it is being approved");
        let shop = shop.loses_power_and_opens_again().await;
        let _ = sending.await;
        shop.jobs_run().await;
        shop.after("PT10S").await;
        assert_eq!(shop.status("order-2").await, "PAID");
        assert_eq!(shop.psp().await, (2, 12_000));
        let result =
            shop.send(shop.anonymous("GET", &format!("/checkout/windows/{}/result", visitor.token))).await;
        assert_eq!(result.succeeds()["state"], "ENDED");
        shop.closes().await;
    });
}

#[test]
fn what_a_merchant_writes_is_text_on_the_page() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let hostile = "</title><script>alert(1)</script>\"'>";
        let mut body = opening(&shop, "order-1", 7_000);
        body["request"]["orderName"] = json!(hostile);
        body["request"]["customer"]["fullName"] = json!(hostile);
        body["request"]["customData"] = json!({ "x": hostile });
        body["request"]["products"] = json!([{ "id": hostile, "name": hostile, "amount": 1, "quantity": 1 }]);
        let visitor = shop.visits(&body).await;
        let page = visitor.sees().await;
        assert!(!page.html.contains("alert(1)</script>"), "{}", page.html);
        assert_eq!(page.html.matches("<script").count(), 1);
        visitor.types(APPROVED).await.goes_to();
        let end = visitor.sees().await;
        assert!(!end.html.contains("alert(1)</script>"), "{}", end.html);
        let paid = shop.payment("order-1").await;
        assert_eq!(paid["orderName"], hostile);
        assert_eq!(paid["customData"], json!({ "x": hostile }).to_string());
        shop.closes().await;
    });
}
