//! Manual approval: the buyer authenticated in a window, the shop's server approves.

use crate::shop::{APPROVED, DECLINED, Shop, both_databases};
use paypier::cli::dev::demo;
use serde_json::{Value, json};

impl Shop {
    /// The buyer goes through the window; gives back what the shop's page gets.
    async fn authenticates(&self, id: &str, card_number: &str, total: i64) -> crate::shop::Answer {
        let body = json!({
            "channelKey": demo::CARD.key, "orderName": "a book", "totalAmount": total, "currency": "KRW",
            "noticeUrls": [self.receiver.url],
            "card": { "number": card_number, "expiryYear": "39", "expiryMonth": "12" },
        });
        self.post(&format!("/sandbox/payments/{id}/authenticate"), &body).await
    }

    async fn confirms(&self, id: &str, body: Value) -> crate::shop::Answer {
        self.post(&format!("/payments/{id}/confirm"), &body).await
    }
}

#[test]
fn a_payment_token_approves_what_the_buyer_authenticated_once() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let window = shop.authenticates("order-1", APPROVED, 7_000).await.succeeds();
        let token = window["paymentToken"].as_str().unwrap();
        assert_eq!(shop.status("order-1").await, "READY");

        shop.confirms("nobody", json!({ "paymentToken": token })).await.refused(404, "PAYMENT_NOT_FOUND");
        shop.confirms("order-1", json!({ "paymentToken": "guessed" }))
            .await
            .refused(400, "INVALID_PAYMENT_TOKEN");
        for (member, wrong) in [
            ("totalAmount", json!(6_999)),
            ("currency", json!("USD")),
            ("isTest", json!(false)),
            ("txId", json!("another")),
        ] {
            let mut body = json!({ "paymentToken": token });
            body[member] = wrong;
            shop.confirms("order-1", body).await.refused(409, "INFORMATION_MISMATCH");
        }
        assert_eq!(shop.psp().await, (0, 0), "nothing was approved");

        let believed = json!({ "paymentToken": token, "txId": window["txId"], "totalAmount": 7_000, "currency": "KRW", "isTest": true });
        let answer = shop.confirms("order-1", believed.clone()).await.succeeds();
        assert!(answer["pgTxId"].is_string() && answer["paidAt"].is_string(), "flat: {answer}");
        shop.confirms("order-1", believed).await.refused(409, "ALREADY_PAID");
        assert_eq!(shop.webhooks("order-1").await, ["Ready", "Paid"]);
        assert_eq!(shop.psp().await, (1, 7_000));
        shop.closes().await;
    });
}

#[test]
fn a_payment_token_lapses_and_the_payment_stays_ready() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let window = shop.authenticates("order-1", APPROVED, 7_000).await.succeeds();
        shop.after("PT10M").await;
        let late = shop.confirms("order-1", json!({ "paymentToken": window["paymentToken"] })).await;
        late.refused(400, "INVALID_PAYMENT_TOKEN");
        assert_eq!(shop.status("order-1").await, "READY");
        // The buyer may try again, in a window or otherwise.
        shop.is_paid("order-1", 7_000).await;
        shop.closes().await;
    });
}

#[test]
fn what_a_browser_says_must_be_what_was_registered() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let registered = json!({ "totalAmount": 7_000, "currency": "KRW" });
        assert_eq!(shop.post("/payments/order-1/pre-register", &registered).await.succeeds(), json!({}));
        shop.get("/payments/order-1").await.refused(404, "PAYMENT_NOT_FOUND");
        shop.authenticates("order-1", APPROVED, 70).await.refused(400, "INVALID_REQUEST");
        shop.authenticates("order-1", APPROVED, 7_000).await.succeeds();
        shop.is_paid("order-1", 7_000).await;
        shop.post("/payments/order-1/pre-register", &registered).await.refused(409, "ALREADY_PAID");
        shop.closes().await;
    });
}

#[test]
fn a_card_that_fails_when_it_is_approved_uses_the_token_up() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.authenticates("declined", DECLINED, 7_000).await.refused(502, "PG_PROVIDER");
        shop.get("/payments/declined").await.refused(404, "PAYMENT_NOT_FOUND");
        // This card passes the window and is declined when it is charged.
        let window = shop.authenticates("order-1", "4000000000000341", 7_000).await.succeeds();
        let body = json!({ "paymentToken": window["paymentToken"] });
        shop.confirms("order-1", body.clone()).await.refused(502, "PG_PROVIDER");
        assert_eq!(shop.status("order-1").await, "FAILED");
        shop.confirms("order-1", body).await.refused(400, "INVALID_PAYMENT_TOKEN");
        assert_eq!(shop.webhooks("order-1").await, ["Ready", "Failed"]);
        shop.closes().await;
    });
}
