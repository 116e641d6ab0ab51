//! Billing keys that buyers give in windows.

use super::visitor::{Visitor, opening};
use crate::shop::{
    APPROVED, DECLINED, SILENT_BUT_CHARGED, Shop, TOKEN_DECLINED, both_databases, eventually, sent,
};
use paypier::cli::dev::demo;
use paypier::config::Config;
use paypier_domain::billing_key::State;
use paypier_domain::id::BillingKeyId;
use serde_json::{Value, json};

fn billing() -> &'static str {
    demo::CHANNELS.iter().find(|channel| channel.name == "billing").unwrap().key
}

fn manual() -> &'static str {
    demo::CHANNELS.iter().find(|channel| channel.manual_approval).unwrap().key
}

/// The page's request for a billing key; `changes` are members of the SDK's request.
fn issuing(shop: &Shop, changes: Value) -> Value {
    let mut body = json!({
        "kind": "ISSUE_BILLING_KEY",
        "request": {
            "storeId": demo::STORE_ID, "channelKey": billing(), "billingKeyMethod": "CARD",
            "issueId": "issue-1", "issueName": "monthly tea", "noticeUrls": [shop.receiver.url],
            "customer": { "customerId": "c-7", "fullName": "홍길동" }, "customData": { "plan": "a" },
        },
        "page": { "url": "https://shop.example/plan", "origin": "https://shop.example", "platform": "PC", "language": "ko-KR" },
    });
    for (name, value) in changes.as_object().unwrap() {
        body["request"][name] = value.clone();
    }
    body
}

fn issuing_and_paying(shop: &Shop, id: &str, changes: Value) -> Value {
    let mut body = opening(shop, id, 7_000);
    body["kind"] = json!("ISSUE_BILLING_KEY_AND_PAY");
    body["request"]["channelKey"] = json!(billing());
    body["request"]["billingKeyAndPayMethod"] = json!("MOBILE");
    for (name, value) in changes.as_object().unwrap() {
        body["request"][name] = value.clone();
    }
    body
}

fn key_of(visitor: &Visitor) -> String {
    visitor.opened["ids"]["billingKey"].as_str().unwrap().to_owned()
}

impl Shop {
    async fn told_about_key(&self, key: &str) -> Vec<String> {
        self.jobs_run().await;
        let about = self.receiver.about_key(key);
        about.iter().map(|webhook| webhook.body["type"].as_str().unwrap().to_owned()).collect()
    }

    async fn charges_key(&self, key: &str, id: &str) -> crate::shop::Answer {
        let body =
            json!({ "billingKey": key, "orderName": "tea", "amount": { "total": 3_000 }, "currency": "KRW" });
        self.post(&format!("/payments/{id}/billing-key"), &body).await
    }

    async fn key(&self, key: &str) -> crate::shop::Answer {
        self.get(&format!("/billing-keys/{key}")).await
    }
}

#[test]
fn a_card_is_kept_in_a_window_and_charged_later() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let visitor = shop.visits(&issuing(&shop, json!({}))).await;
        let key = key_of(&visitor);
        assert_eq!(
            visitor.opened["ids"],
            json!({ "transactionType": "ISSUE_BILLING_KEY", "billingKey": key })
        );
        shop.key(&key).await.refused(404, "BILLING_KEY_NOT_FOUND");
        assert!(visitor.sees().await.html.contains("monthly tea"));
        visitor.types(APPROVED).await.goes_to();
        let told = json!({ "state": "ENDED", "result": { "transactionType": "ISSUE_BILLING_KEY", "billingKey": key } });
        assert_eq!(visitor.result().await, told);
        assert_eq!(visitor.closes().await, told);
        let issued = shop.key(&key).await.succeeds();
        assert_eq!(
            (&issued["status"], &issued["issueId"], &issued["issueName"]),
            (&json!("ISSUED"), &json!("issue-1"), &json!("monthly tea"))
        );
        assert_eq!(issued["methods"][0]["type"], "BillingKeyPaymentMethodCard");
        assert_eq!(
            (&issued["customer"]["id"], &issued["customData"]),
            (&json!("c-7"), &json!(r#"{"plan":"a"}"#))
        );
        assert_eq!(shop.told_about_key(&key).await, ["BillingKey.Ready", "BillingKey.Issued"]);
        assert_eq!(shop.psp().await, (0, 0));
        shop.charges_key(&key, "order-1").await.succeeds();
        assert_eq!(shop.payment("order-1").await["method"]["type"], "PaymentMethodCard");
        assert_eq!(shop.psp().await, (1, 3_000));
        shop.closes().await;
    });
}

#[test]
fn every_method_of_a_key_is_shown_as_what_it_is_and_charged() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        for (method, options, of_key, of_payment) in [
            (
                "EASY_PAY",
                json!({ "easyPay": { "easyPayProvider": "NAVERPAY" } }),
                json!({ "type": "BillingKeyPaymentMethodEasyPay", "provider": "NAVERPAY" }),
                "PaymentMethodEasyPay",
            ),
            ("MOBILE", json!({}), json!({ "type": "BillingKeyPaymentMethodMobile" }), "PaymentMethodMobile"),
            ("PAYPAL", json!({}), json!({ "type": "BillingKeyPaymentMethodPaypal" }), "PaymentMethodEasyPay"),
            (
                "TRANSFER",
                json!({ "transfer": { "bankCode": "BANK_KOOKMIN_BANK" } }),
                json!({ "type": "BillingKeyPaymentMethodTransfer", "bank": "KOOKMIN" }),
                "PaymentMethodTransfer",
            ),
        ] {
            let mut changes = options.clone();
            changes["billingKeyMethod"] = json!(method);
            let visitor = shop.visits(&issuing(&shop, changes)).await;
            let key = key_of(&visitor);
            visitor.submits(&[("intent", "approve")]).await.goes_to();
            assert_eq!(shop.key(&key).await.succeeds()["methods"][0], of_key);
            let id = format!("order-{method}");
            shop.charges_key(&key, &id).await.succeeds();
            assert_eq!(shop.payment(&id).await["method"]["type"], of_payment, "{method}");
        }
        let criteria = json!({ "filter": { "methods": ["EASY_PAY", "MOBILE"] } });
        let listed = shop.list("/billing-keys", &criteria).await.succeeds();
        assert_eq!(listed["page"]["totalCount"], 2, "{listed}");
        shop.closes().await;
    });
}

#[test]
fn a_key_that_is_refused_or_given_up_was_never_issued() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let declined = shop.visits(&issuing(&shop, json!({}))).await;
        declined.types(DECLINED).await.goes_to();
        let result = declined.result().await["result"].clone();
        assert_eq!(
            (&result["code"], &result["pgCode"]),
            (&json!("PGProviderError"), &json!("SANDBOX_DECLINED"))
        );
        assert_eq!(result["billingKey"], json!(key_of(&declined)));

        let closed = shop.visits(&issuing(&shop, json!({}))).await;
        assert_eq!(closed.closes().await["result"]["pgCode"], "SANDBOX_BUYER_CANCELLED");
        let wrong_code = shop.visits(&issuing(&shop, json!({}))).await;
        wrong_code.types("4000000000003220").await.goes_to();
        wrong_code.submits(&[("intent", "code"), ("code", "000000")]).await.goes_to();
        let expired = shop.visits(&issuing(&shop, json!({}))).await;
        for visitor in [&declined, &closed, &wrong_code] {
            let key = key_of(visitor);
            assert_eq!(shop.told_about_key(&key).await, ["BillingKey.Ready", "BillingKey.Failed"]);
            shop.key(&key).await.refused(404, "BILLING_KEY_NOT_FOUND");
            shop.charges_key(&key, "order-1").await.refused(404, "BILLING_KEY_NOT_FOUND");
        }
        shop.after("PT61M").await;
        assert_eq!(expired.result().await["result"]["code"], "DeadlineExceeded");
        assert_eq!(shop.told_about_key(&key_of(&expired)).await, ["BillingKey.Ready"]);
        let right_code = shop.visits(&issuing(&shop, json!({}))).await;
        right_code.types("4000000000003220").await.goes_to();
        right_code.submits(&[("intent", "code"), ("code", "123456")]).await.goes_to();
        shop.key(&key_of(&right_code)).await.succeeds();
        shop.closes().await;
    });
}

#[test]
fn a_key_is_issued_and_charged_in_one_window() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let visitor = shop.visits(&issuing_and_paying(&shop, "order-1", json!({}))).await;
        let key = key_of(&visitor);
        assert_eq!(shop.status("order-1").await, "READY");
        visitor.submits(&[("intent", "approve")]).await.goes_to();
        let ids = &visitor.opened["ids"];
        assert_eq!(
            visitor.result().await["result"],
            json!({
                "transactionType": "ISSUE_BILLING_KEY_AND_PAY", "billingKey": key,
                "paymentId": "order-1", "txId": ids["txId"],
            })
        );
        let paid = shop.payment("order-1").await;
        assert_eq!((&paid["status"], &paid["billingKey"]), (&json!("PAID"), &json!(key)));
        assert_eq!(shop.told_about_key(&key).await, ["BillingKey.Ready", "BillingKey.Issued"]);
        assert_eq!(shop.webhooks("order-1").await, ["Ready", "Paid"]);
        assert_eq!(shop.psp().await, (1, 7_000));
        shop.charges_key(&key, "order-2").await.succeeds();

        // The key stands, its first payment does not.
        let card = json!({ "billingKeyAndPayMethod": "CARD" });
        let visitor = shop.visits(&issuing_and_paying(&shop, "order-3", card.clone())).await;
        visitor.types(TOKEN_DECLINED).await.goes_to();
        let result = visitor.result().await["result"].clone();
        assert_eq!(
            (&result["code"], &result["pgCode"]),
            (&json!("PGProviderError"), &json!("SANDBOX_DECLINED"))
        );
        assert_eq!(shop.status("order-3").await, "FAILED");
        shop.key(&key_of(&visitor)).await.succeeds();
        // Neither stands.
        let visitor = shop.visits(&issuing_and_paying(&shop, "order-4", card)).await;
        visitor.types(DECLINED).await.goes_to();
        assert_eq!(shop.status("order-4").await, "FAILED");
        assert_eq!(shop.told_about_key(&key_of(&visitor)).await, ["BillingKey.Ready", "BillingKey.Failed"]);
        let refused = shop.opens(&issuing_and_paying(&shop, "order-1", json!({}))).await;
        assert_eq!((refused.status, &refused.body["code"]), (409, &json!("PaymentAlreadyPaid")));
        shop.closes().await;
    });
}

#[test]
fn the_shops_server_has_the_key_issued() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let confirms = async |body: Value| shop.post("/billing-keys/confirm", &body).await;
        let visitor = shop.visits(&issuing(&shop, json!({ "channelKey": manual() }))).await;
        let key = key_of(&visitor);
        visitor.types(APPROVED).await.goes_to();
        let result = visitor.result().await["result"].clone();
        assert_eq!(result["billingKey"], "NEEDS_CONFIRMATION");
        let token = &result["billingIssueToken"];
        assert_eq!(shop.told_about_key(&key).await, ["BillingKey.Ready"]);
        shop.key(&key).await.refused(404, "BILLING_KEY_NOT_FOUND");

        confirms(json!({})).await.refused(400, "INVALID_REQUEST");
        confirms(json!({ "billingIssueToken": "" })).await.refused(400, "INVALID_REQUEST");
        confirms(json!({ "billingIssueToken": "guessed" })).await.refused(404, "BILLING_KEY_NOT_FOUND");
        confirms(json!({ "billingIssueToken": visitor.token })).await.refused(404, "BILLING_KEY_NOT_FOUND");
        confirms(json!({ "billingIssueToken": token, "isTest": false }))
            .await
            .refused(409, "INFORMATION_MISMATCH");
        let other = json!({ "billingIssueToken": token });
        shop.post("/billing-keys/confirm-issue-and-pay", &other).await.refused(404, "BILLING_KEY_NOT_FOUND");
        shop.has_a_neighbour("merchant-2", "store-2", "neighbour").await;
        let foreign = shop.request_as("neighbour", "POST", "/billing-keys/confirm").body(other.to_string());
        shop.send(foreign).await.refused(404, "BILLING_KEY_NOT_FOUND");

        let issued = confirms(json!({ "billingIssueToken": token, "isTest": true })).await.succeeds();
        assert_eq!(issued, json!({ "billingKey": key }));
        confirms(other).await.refused(409, "BILLING_KEY_ALREADY_ISSUED");
        assert_eq!(shop.told_about_key(&key).await, ["BillingKey.Ready", "BillingKey.Issued"]);
        shop.charges_key(&key, "order-1").await.succeeds();

        let late = shop.visits(&issuing(&shop, json!({ "channelKey": manual() }))).await;
        late.types(APPROVED).await.goes_to();
        let token = late.result().await["result"]["billingIssueToken"].clone();
        shop.after("PT10M").await;
        confirms(json!({ "billingIssueToken": token })).await.refused(404, "BILLING_KEY_NOT_FOUND");
        shop.closes().await;
    });
}

#[test]
fn the_shops_server_has_the_key_issued_and_charged() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let confirms = async |body: Value| shop.post("/billing-keys/confirm-issue-and-pay", &body).await;
        let visit = async |id: &str, method: &str| {
            let changes = json!({ "channelKey": manual(), "billingKeyAndPayMethod": method });
            shop.visits(&issuing_and_paying(&shop, id, changes)).await
        };
        let visitor = visit("order-1", "MOBILE").await;
        visitor.submits(&[("intent", "approve")]).await.goes_to();
        let result = visitor.result().await["result"].clone();
        assert_eq!(
            (&result["billingKey"], &result["txId"]),
            (&json!("NEEDS_CONFIRMATION"), &json!("NEEDS_CONFIRMATION"))
        );
        let token = &result["billingIssueToken"];
        for (member, wrong) in [
            ("paymentId", json!("order-2")),
            ("currency", json!("USD")),
            ("totalAmount", json!(6_999)),
            ("taxFreeAmount", json!(1)),
            ("isTest", json!(false)),
        ] {
            let mut body = json!({ "billingIssueToken": token });
            body[member] = wrong;
            confirms(body).await.refused(409, "INFORMATION_MISMATCH");
        }
        assert_eq!((shop.status("order-1").await.as_str(), shop.psp().await), ("READY", (0, 0)));
        let believed = json!({
            "billingIssueToken": token, "paymentId": "order-1", "currency": "KRW", "totalAmount": 7_000, "isTest": true,
        });
        let done = confirms(believed.clone()).await.succeeds();
        assert_eq!(done, json!({ "billingKey": key_of(&visitor), "paymentId": "order-1" }));
        confirms(believed).await.refused(409, "BILLING_KEY_ALREADY_ISSUED");
        assert_eq!(shop.webhooks("order-1").await, ["Ready", "Paid"]);
        assert_eq!(shop.psp().await, (1, 7_000));

        let visitor = visit("order-2", "CARD").await;
        visitor.types(TOKEN_DECLINED).await.goes_to();
        let token = visitor.result().await["result"]["billingIssueToken"].clone();
        confirms(json!({ "billingIssueToken": token })).await.refused(502, "PG_PROVIDER");
        assert_eq!(shop.status("order-2").await, "FAILED");
        shop.key(&key_of(&visitor)).await.succeeds();

        // Neither success is told when that is wished.
        let visitor = visit("order-3", "MOBILE").await;
        visitor.submits(&[("intent", "approve")]).await.goes_to();
        let token = visitor.result().await["result"]["billingIssueToken"].clone();
        confirms(json!({ "billingIssueToken": token, "skipWebhook": true })).await.succeeds();
        assert_eq!(shop.webhooks("order-3").await, ["Ready"]);
        assert_eq!(shop.told_about_key(&key_of(&visitor)).await, ["BillingKey.Ready"]);
        shop.closes().await;
    });
}

/// Without the repetitions of messages that were under way when the power failed.
fn once(mut told: Vec<String>) -> Vec<String> {
    told.dedup();
    told
}

/// Waits for the PSP for so long that the power can fail meanwhile.
fn patient(config: &mut Config) {
    config.sandbox.read_timeout = std::time::Duration::from_secs(15);
}

#[test]
fn a_crash_amid_issuing_and_paying_ends_the_request_the_key_and_the_payment() {
    both_databases(|engine| async move {
        let mut shop = Shop::open_with(engine, patient).await;
        let asked = |shop: &Shop, token: &Value, id: &str| {
            shop.request("POST", "/billing-keys/confirm-issue-and-pay")
                .header("idempotency-key", format!("\"issue-and-pay-of-{id}-1\""))
                .body(json!({ "billingIssueToken": token }).to_string())
        };
        // The power fails while the PSP is asked for the lasting token, and while it is asked for the money.
        for (id, number, ends) in [("order-1", APPROVED, "FAILED"), ("order-2", SILENT_BUT_CHARGED, "PAID")] {
            let changes = json!({ "channelKey": manual(), "billingKeyAndPayMethod": "CARD" });
            let visitor = shop.visits(&issuing_and_paying(&shop, id, changes)).await;
            let key = BillingKeyId::known(key_of(&visitor));
            visitor.types(number).await.goes_to();
            let token = visitor.result().await["result"]["billingIssueToken"].clone();
            if ends == "FAILED" {
                shop.faults(json!({ "latencyMs": 12_000 })).await;
            }
            let sending = tokio::spawn(sent(asked(&shop, &token, id)));
            eventually("the PSP is asked", || async {
                let stored = shop.app().storage.billing_key(&key).await.unwrap().unwrap();
                stored.state == State::Sending && ends == "FAILED" || shop.status(id).await == "PAY_PENDING"
            })
            .await;
            shop = shop.loses_power_and_opens_again().await;
            let _ = sending.await;
            shop.faults(json!({})).await;
            shop.jobs_run().await;
            shop.after("PT10M").await;
            assert_eq!(shop.status(id).await, ends);
            // The request has its answer, and shows it to whoever asks again.
            let told = shop.send(asked(&shop, &token, id)).await;
            let result = shop
                .send(shop.anonymous("GET", &format!("/checkout/windows/{}/result", visitor.token)))
                .await;
            assert_eq!(result.succeeds()["state"], "ENDED");
            if ends == "PAID" {
                assert_eq!(told.succeeds(), json!({ "billingKey": key.as_str(), "paymentId": id }));
                shop.key(key.as_str()).await.succeeds();
                assert_eq!(once(shop.webhooks(id).await), ["Ready", "Paid"]);
            } else {
                told.refused(502, "PG_PROVIDER");
                shop.key(key.as_str()).await.refused(404, "BILLING_KEY_NOT_FOUND");
                assert_eq!(once(shop.webhooks(id).await), ["Ready", "Failed"]);
                assert_eq!(
                    once(shop.told_about_key(key.as_str()).await),
                    ["BillingKey.Ready", "BillingKey.Failed"]
                );
            }
        }
        assert_eq!(shop.psp().await, (1, 7_000));
        // What failed may be paid anew by the same id.
        let again = shop.visits(&issuing_and_paying(&shop, "order-1", json!({}))).await;
        again.submits(&[("intent", "approve")]).await.goes_to();
        assert_eq!(shop.status("order-1").await, "PAID");
        shop.closes().await;
    });
}

#[test]
fn a_crash_while_a_key_is_confirmed_or_issued_in_its_window_is_mended() {
    both_databases(|engine| async move {
        let mut shop = Shop::open_with(engine, patient).await;
        let confirms = |shop: &Shop, token: &Value| {
            shop.request("POST", "/billing-keys/confirm")
                .header("idempotency-key", "\"confirmation-of-a-key-1\"")
                .body(json!({ "billingIssueToken": token }).to_string())
        };
        let is_sending = async |shop: &Shop, key: &BillingKeyId| {
            shop.app().storage.billing_key(key).await.unwrap().unwrap().state == State::Sending
        };
        // Confirmed by the shop's server.
        let visitor = shop.visits(&issuing(&shop, json!({ "channelKey": manual() }))).await;
        let key = BillingKeyId::known(key_of(&visitor));
        visitor.types(APPROVED).await.goes_to();
        let token = visitor.result().await["result"]["billingIssueToken"].clone();
        shop.faults(json!({ "latencyMs": 12_000 })).await;
        let sending = tokio::spawn(sent(confirms(&shop, &token)));
        eventually("the PSP is asked", || is_sending(&shop, &key)).await;
        shop = shop.loses_power_and_opens_again().await;
        let _ = sending.await;
        shop.faults(json!({})).await;
        shop.after("PT10M").await;
        shop.send(confirms(&shop, &token)).await.refused(502, "PG_PROVIDER");
        assert_eq!(once(shop.told_about_key(key.as_str()).await), ["BillingKey.Ready", "BillingKey.Failed"]);
        // Issued in the window, with a first payment.
        let visitor = shop.visits(&issuing_and_paying(&shop, "order-1", json!({}))).await;
        let key = BillingKeyId::known(key_of(&visitor));
        let form = visitor.form(&[("intent", "approve")]).await;
        shop.faults(json!({ "latencyMs": 12_000 })).await;
        let sending = tokio::spawn(form.send());
        eventually("the PSP is asked", || is_sending(&shop, &key)).await;
        shop = shop.loses_power_and_opens_again().await;
        let _ = sending.await;
        shop.faults(json!({})).await;
        shop.after("PT10M").await;
        assert_eq!(shop.status("order-1").await, "FAILED");
        assert_eq!(once(shop.webhooks("order-1").await), ["Ready", "Failed"]);
        assert_eq!(shop.psp().await, (0, 0));
        shop.closes().await;
    });
}

#[test]
fn the_sandbox_plays_the_buyer_who_gives_a_key() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let completes = async |key: &str, body: Value| {
            shop.post(&format!("/sandbox/billing-keys/{key}/complete"), &body).await
        };
        let kakao = json!({ "billingKeyMethod": "EASY_PAY", "easyPay": { "easyPayProvider": "KAKAOPAY" } });
        for changes in [json!({}), kakao] {
            let key = key_of(&shop.visits(&issuing(&shop, changes)).await);
            completes(&key, json!({ "outcome": "timeout" })).await.succeeds();
            shop.key(&key).await.refused(404, "BILLING_KEY_NOT_FOUND");
            completes(&key, json!({ "outcome": "approve" })).await.succeeds();
            assert_eq!(shop.key(&key).await.succeeds()["status"], "ISSUED");
            completes(&key, json!({ "outcome": "approve" })).await.refused(400, "INVALID_REQUEST");
        }
        for outcome in ["decline", "cancel"] {
            let visitor = shop.visits(&issuing(&shop, json!({}))).await;
            let key = key_of(&visitor);
            completes(&key, json!({ "outcome": outcome })).await.succeeds();
            assert_eq!(shop.told_about_key(&key).await, ["BillingKey.Ready", "BillingKey.Failed"]);
            assert_eq!(visitor.result().await["result"]["code"], "PGProviderError");
        }
        // With a first payment, by the key or by the payment.
        let visitor = shop.visits(&issuing_and_paying(&shop, "order-1", json!({}))).await;
        completes(&key_of(&visitor), json!({ "outcome": "approve" })).await.succeeds();
        assert_eq!(shop.status("order-1").await, "PAID");
        shop.visits(&issuing_and_paying(&shop, "order-2", json!({}))).await;
        let by_payment = json!({ "outcome": "approve" });
        shop.post("/sandbox/payments/order-2/complete", &by_payment).await.succeeds();
        assert_eq!(shop.status("order-2").await, "PAID");
        // The shop's server has the last word, by a token that is made of the window's.
        let visitor = shop.visits(&issuing(&shop, json!({ "channelKey": manual() }))).await;
        let key = key_of(&visitor);
        completes(&key, json!({ "outcome": "approve" })).await.refused(400, "INVALID_REQUEST");
        completes(&key, json!({ "outcome": "approve", "window": "other" }))
            .await
            .refused(400, "INVALID_REQUEST");
        completes(&key, json!({ "outcome": "approve", "window": visitor.token })).await.succeeds();
        let token = visitor.result().await["result"]["billingIssueToken"].clone();
        shop.post("/billing-keys/confirm", &json!({ "billingIssueToken": token })).await.succeeds();
        completes("billing-key-nobody", json!({ "outcome": "approve" }))
            .await
            .refused(404, "BILLING_KEY_NOT_FOUND");
        completes(&key, json!({ "outcome": "explode" })).await.refused(400, "INVALID_REQUEST");
        shop.closes().await;
    });
}

#[test]
fn start_errors_of_keys_store_nothing() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        for (changes, status, code) in [
            (json!({ "storeId": "store-nobody" }), 404, "StoreNotFound"),
            (json!({ "channelKey": "channel-key-nobody" }), 404, "ChannelNotFound"),
            (json!({ "channelKey": null }), 400, "RequestParseFailed"),
            (json!({ "channelGroupId": demo::GROUP_ID }), 400, "RequestParseFailed"),
            (json!({ "billingKeyMethod": "GIFT_CERTIFICATE" }), 404, "ChannelNotFound"),
            (json!({ "billingKeyMethod": "SHELLS" }), 400, "RequestParseFailed"),
            (json!({ "billingKeyMethod": null }), 400, "RequestParseFailed"),
            (json!({ "displayAmount": -1 }), 400, "RequestParseFailed"),
            (json!({ "redirectUrl": "javascript:1" }), 400, "RequestParseFailed"),
        ] {
            let refused = shop.opens(&issuing(&shop, changes.clone())).await;
            assert_eq!(
                (refused.status, &refused.body["code"]),
                (status, &json!(code)),
                "{changes}: {}",
                refused.text()
            );
        }
        assert!(shop.receiver.all().is_empty());
        shop.closes().await;
    });
}

#[test]
fn a_button_in_the_page_is_changed_until_it_is_pressed() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let mut body = opening(&shop, "order-1", 7_000);
        body["request"]["uiType"] = json!("PAYPAL_SPB");
        let visitor = shop.visits(&body).await;
        assert_eq!(visitor.opened["windowType"], "UI");
        body["request"]["totalAmount"] = json!(9_000);
        let path = format!("/checkout/windows/{}", visitor.token);
        let update =
            async |body: &Value| shop.send(shop.anonymous("PUT", &path).body(body.to_string())).await;
        let changed = update(&body).await.succeeds();
        assert_eq!(changed["window"], visitor.opened["window"]);
        assert_ne!(changed["ids"]["txId"], visitor.opened["ids"]["txId"]);
        body["request"]["totalAmount"] = json!(0);
        assert_eq!(update(&body).await.body["code"], "RequestParseFailed");
        visitor.submits(&[("intent", "approve")]).await.goes_to();
        let paid = shop.payment("order-1").await;
        assert_eq!((&paid["status"], &paid["amount"]["total"]), (&json!("PAID"), &json!(9_000)));
        body["request"]["totalAmount"] = json!(1_000);
        assert_eq!(update(&body).await.body["code"], "InvalidEntityState");
        // No button.
        let framed = shop.pays_by_card_in_window("order-2", 7_000).await;
        let path = format!("/checkout/windows/{}", framed.token);
        let refused =
            shop.send(shop.anonymous("PUT", &path).body(opening(&shop, "order-2", 1).to_string())).await;
        assert_eq!(refused.body["code"], "InvalidEntityState");
        shop.closes().await;
    });
}
