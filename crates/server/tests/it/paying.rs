//! Paying with a card number and with a virtual account.

use crate::shop::{
    APPROVED, CANCELS_LATER, DECLINED, INSUFFICIENT_FUNDS, PSP_ERROR, Shop, both_databases, card,
};
use paypier::cli::dev::demo;
use serde_json::json;

#[test]
fn an_approved_card_is_paid_told_and_in_the_books() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let answer = shop.pays("order-1", APPROVED, 11_000).await.succeeds();
        assert!(
            answer["payment"]["pgTxId"].is_string()
                && answer["payment"]["paidAt"].as_str().unwrap().ends_with('Z')
        );

        let payment = shop.payment("order-1").await;
        assert_eq!(payment["status"], "PAID");
        assert_eq!(
            payment["amount"],
            json!({ "total": 11_000, "taxFree": 0, "vat": 1_000, "supply": 10_000, "discount": 0, "paid": 11_000,
                    "cancelled": 0, "cancelledTaxFree": 0 })
        );
        assert_eq!(payment["method"]["type"], "PaymentMethodCard");
        assert_eq!(payment["method"]["card"]["brand"], "VISA");
        assert_eq!(payment["channel"]["key"], demo::CARD.key);
        assert_eq!(payment["origin"]["platformType"], "API");
        assert_eq!(payment["disputes"], json!([]));
        assert_eq!(payment["customer"], json!({}));
        let text = payment.to_string();
        assert!(!text.contains(APPROVED) && !text.contains("null"), "{text}");

        assert_eq!(shop.webhooks("order-1").await, ["Paid"]);
        assert_eq!(shop.psp().await, (1, 11_000));
        shop.closes().await;
    });
}

#[test]
fn a_declined_card_fails_with_the_psps_words_and_may_be_tried_again() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        for (number, code) in [
            (DECLINED, "SANDBOX_DECLINED"),
            (INSUFFICIENT_FUNDS, "SANDBOX_INSUFFICIENT_FUNDS"),
            (PSP_ERROR, "SANDBOX_PSP_ERROR"),
        ] {
            let refusal = shop.pays("order-1", number, 5_000).await.refused(502, "PG_PROVIDER");
            assert_eq!(refusal["pgCode"], code);
            let payment = shop.payment("order-1").await;
            assert_eq!((&payment["status"], &payment["failure"]["pgCode"]), (&json!("FAILED"), &json!(code)));
        }
        shop.pays("order-1", APPROVED, 5_000).await.succeeds();
        assert_eq!(shop.webhooks("order-1").await, ["Failed", "Failed", "Failed", "Paid"]);
        let tries = shop.get("/payments/order-1/transactions").await.succeeds();
        let statuses: Vec<_> =
            tries["items"].as_array().unwrap().iter().map(|item| item["status"].clone()).collect();
        assert_eq!(statuses, ["PAID", "FAILED", "FAILED", "FAILED"], "newest first");
        assert_eq!(shop.psp().await, (1, 5_000));
        shop.pays("order-1", APPROVED, 5_000).await.refused(409, "ALREADY_PAID");
        shop.closes().await;
    });
}

#[test]
fn what_the_merchant_said_is_kept_and_shown() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let mut order = shop.order(APPROVED, 30_000);
        order["amount"] = json!({ "total": 30_000, "taxFree": 8_000 });
        order["customer"] = json!({
            "id": "c-1", "name": { "separated": { "first": "Gildong", "last": "Hong" } }, "email": "hong@example.com",
            "phoneNumber": "010-1234-5678", "zipcode": "06234",
            "address": { "addressLine1": "Teheran-ro 1", "addressLine2": "2F", "city": "Seoul" },
        });
        order["customData"] = json!("{\"cart\": \"한글 🛒\"}");
        order["products"] = json!([{ "id": "b", "name": "book", "amount": 15_000, "quantity": 2 }]);
        order["country"] = json!("KR");
        shop.post("/payments/%ED%95%9C%2F1/instant", &order).await.succeeds();
        let payment = shop.get("/payments/%ED%95%9C%2F1").await.succeeds();
        assert_eq!(payment["id"], "한/1");
        assert_eq!(payment["customer"]["name"], "Hong Gildong");
        assert_eq!(payment["customer"]["address"]["oneLine"], "Seoul Teheran-ro 1 2F");
        assert_eq!(payment["customData"], "{\"cart\": \"한글 🛒\"}");
        assert_eq!(payment["products"][0]["quantity"], 2);
        assert_eq!(payment["country"], "KR");
        assert_eq!(
            (&payment["amount"]["vat"], &payment["amount"]["supply"]),
            (&json!(2_000), &json!(20_000))
        );
        shop.closes().await;
    });
}

#[test]
fn a_virtual_account_waits_for_its_deposit() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let order = json!({
            "channelKey": demo::CHANNELS.iter().find(|c| c.name == "virtualAccount").unwrap().key,
            "orderName": "a book", "currency": "KRW", "amount": { "total": 20_000 }, "noticeUrls": [shop.receiver.url],
            "method": { "virtualAccount": {
                "bank": "SHINHAN", "expiry": { "validHours": 24 }, "option": { "type": "NORMAL" },
            }},
        });
        shop.post("/payments/va-1/instant", &order).await.succeeds();
        let payment = shop.payment("va-1").await;
        assert_eq!(payment["status"], "VIRTUAL_ACCOUNT_ISSUED");
        assert!(payment["method"]["accountNumber"].as_str().unwrap().len() > 6);
        shop.post("/payments/va-1/instant", &order).await.refused(409, "ALREADY_PAID");

        shop.post("/sandbox/payments/va-1/deposit", &json!({ "amount": 20_000 })).await.succeeds();
        shop.jobs_run().await;
        assert_eq!(shop.status("va-1").await, "PAID");
        assert_eq!(shop.webhooks("va-1").await, ["VirtualAccountIssued", "Paid"]);
        let deposit = shop.payment("va-1").await["webhooks"]
            .as_array()
            .unwrap()
            .iter()
            .any(|w| w["trigger"] == "VIRTUAL_ACCOUNT_DEPOSIT");
        assert!(deposit);
        shop.cancels("va-1", None).await.refused(400, "INVALID_REQUEST");
        shop.closes().await;
    });
}

#[test]
fn a_captured_payment_is_captured_once() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.is_paid("plain", 1_000).await;
        shop.post("/payments/plain/capture", &json!({})).await.refused(403, "FORBIDDEN");
        let mut order = shop.order(APPROVED, 1_000);
        order["channelKey"] = json!(demo::CHANNELS.iter().find(|c| c.manual_capture).unwrap().key);
        shop.post("/payments/later/instant", &order).await.succeeds();
        for _ in 0..2 {
            assert_eq!(shop.post("/payments/later/capture", &json!({})).await.succeeds(), json!({}));
        }
        shop.post("/payments/nothing/capture", &json!({})).await.refused(404, "PAYMENT_NOT_FOUND");
        shop.pays("failed", DECLINED, 1_000).await;
        shop.post("/payments/failed/capture", &json!({})).await.refused(409, "PAYMENT_NOT_PAID");
        shop.closes().await;
    });
}

#[test]
fn skip_webhook_hides_only_the_success_of_the_request_itself() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let mut order = shop.order(CANCELS_LATER, 1_000);
        order["skipWebhook"] = json!(true);
        shop.post("/payments/quiet/instant", &order).await.succeeds();
        order["method"] = json!({ "card": card(DECLINED) });
        shop.post("/payments/loud/instant", &order).await.refused(502, "PG_PROVIDER");
        assert_eq!(shop.webhooks("quiet").await, Vec::<String>::new());
        assert_eq!(shop.webhooks("loud").await, ["Failed"]);
        shop.closes().await;
    });
}

#[test]
fn a_payment_is_tried_as_often_as_the_shop_allows() {
    both_databases(|engine| async move {
        let shop = Shop::open_with(engine, |config| config.limits.max_attempts = 2).await;
        for _ in 0..2 {
            shop.pays("order-1", DECLINED, 5_000).await.refused(502, "PG_PROVIDER");
        }
        shop.pays("order-1", APPROVED, 5_000).await.refused(400, "MAX_TRANSACTION_COUNT_REACHED");
        assert_eq!(shop.webhooks("order-1").await, ["Failed", "Failed"]);
        assert_eq!(shop.psp().await, (0, 0));
        shop.closes().await;
    });
}
