//! What only one PSP offers: KakaoPay's look at an order, KCP's discounts, Paymentwall's deliveries.

use crate::shop::{APPROVED, Answer, DECLINED, Shop, both_databases};
use paypier::cli::dev::demo;
use serde_json::{Value, json};

fn demo_channel(name: &str) -> &'static str {
    demo::CHANNELS.iter().find(|channel| channel.name == name).unwrap().key
}

impl Shop {
    async fn pays_through(&self, channel: &str, id: &str, card: &str) -> Answer {
        let mut order = self.order(card, 5_000);
        order["channelKey"] = json!(channel);
        self.post(&format!("/payments/{id}/instant"), &order).await
    }

    async fn kakaopay(&self, query: &str) -> Answer {
        self.get(&format!("/kakaopay/payment/order?{query}")).await
    }

    async fn promotions(&self, query: &str) -> Answer {
        self.get(&format!("/payment-gateways/card-promotion?{query}")).await
    }

    async fn is_delivered(&self, change: Value) -> Answer {
        let mut body = json!({
            "deliveryType": "DIGITAL", "deliveryStatus": "DELIVERED", "refundable": false, "details": "a book",
            "estimatedDeliveryDatetime": "2030-01-01T00:00:00Z", "estimatedUpdateDatetime": "2030-01-01T00:00:00Z",
            "shippingAddressEmail": "hong@example.com",
        });
        for (name, member) in change.as_object().unwrap() {
            body[name] = member.clone();
        }
        self.post("/paymentwall/delivery/confirm", &body).await
    }
}

#[test]
fn kakaopay_is_asked_and_its_answer_is_passed_on_whatever_it_says() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let channel = demo_channel("easyPay");
        shop.pays_through(channel, "order-1", APPROVED).await.succeeds();
        let tid = shop.payment("order-1").await["pgTxId"].as_str().unwrap().to_owned();
        let shown = |answer: Value| {
            let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
            (answer["statusCode"].clone(), body)
        };
        let (status, order) =
            shown(shop.kakaopay(&format!("pgTxId={tid}&channelKey={channel}")).await.succeeds());
        assert_eq!(
            (&status, &order["tid"], &order["status"]),
            (&json!(200), &json!(tid), &json!("SUCCESS_PAYMENT"))
        );
        assert_eq!((&order["amount"]["total"], &order["item_name"]), (&json!(5_000), &json!("a book")));
        shop.cancels("order-1", Some(2_000)).await.succeeds();
        let (_, order) = shown(shop.kakaopay(&format!("pgTxId={tid}&channelKey={channel}")).await.succeeds());
        assert_eq!(
            (&order["status"], &order["canceled_amount"]["total"]),
            (&json!("PART_CANCEL_PAYMENT"), &json!(2_000))
        );
        // What it does not know, it says in its own words, and we say 200.
        shop.is_paid("elsewhere", 1_000).await;
        let elsewhere = shop.payment("elsewhere").await["pgTxId"].as_str().unwrap().to_owned();
        for unknown in ["T1234567890", elsewhere.as_str()] {
            let (status, error) =
                shown(shop.kakaopay(&format!("pgTxId={unknown}&channelKey={channel}")).await.succeeds());
            assert_eq!((&status, &error["error_message"]), (&json!(400), &json!("invalid tid")));
        }
        for query in [
            String::new(),
            format!("channelKey={channel}"),
            format!("pgTxId={tid}"),
            format!("pgTxId=&channelKey={channel}"),
            format!("pgTxId={tid}&channelKey=unknown"),
            format!("pgTxId={tid}&channelKey={}", demo::CARD.key),
        ] {
            shop.kakaopay(&query).await.refused(400, "INVALID_REQUEST");
        }
        shop.has_a_neighbour("merchant-neighbour", "store-neighbour", "secret-of-a-neighbour").await;
        let path = format!("/kakaopay/payment/order?pgTxId={tid}&channelKey={channel}");
        let stranger = shop.request_as("secret-of-a-neighbour", "GET", &path);
        shop.send(stranger).await.refused(400, "INVALID_REQUEST");
        shop.faults(json!({ "dropAnswerRate": 1.0, "seed": 1 })).await;
        shop.get(&path).await.refused(503, "SERVICE_UNAVAILABLE");
        shop.faults(json!({})).await;
        shop.get(&path).await.succeeds();
        shop.closes().await;
    });
}

#[test]
fn discounts_of_the_psp_are_listed_by_amount_and_company() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let channel = demo_channel("transfer");
        let ids = |answer: Value| -> Vec<String> {
            let promotions = answer["promotions"].as_array().unwrap().clone();
            promotions.iter().map(|one| one["promotionId"].as_str().unwrap().to_owned()).collect()
        };
        let all = shop.promotions(&format!("channelKey={channel}&amount=30000")).await.succeeds();
        assert_eq!(ids(all.clone()), ["SBX-CARD-1", "SBX-CARD-2", "SBX-CARD-3"]);
        assert_eq!(
            all["promotions"][1],
            json!({ "promotionId": "SBX-CARD-2", "cardCompany": "SHINHAN_CARD", "discountAmount": 1_000,
                "minimumPaymentAmount": 10_000 })
        );
        for (query, expected) in [
            ("amount=4999", vec![]),
            ("amount=50000&cardCompany=KAKAO_BANK", vec!["SBX-CARD-4"]),
            ("amount=49999&cardCompany=KAKAO_BANK", vec![]),
        ] {
            let found = shop.promotions(&format!("channelKey={channel}&{query}")).await.succeeds();
            assert_eq!(ids(found), expected, "{query}");
        }
        for query in [
            "amount=1000".to_owned(),
            format!("channelKey={channel}"),
            format!("channelKey={channel}&amount=0"),
            format!("channelKey={channel}&amount=1.5"),
            format!("channelKey={channel}&amount=1000&cardCompany=NO_CARD"),
            format!("channelKey={}&amount=1000", demo::CARD.key),
        ] {
            shop.promotions(&query).await.refused(400, "INVALID_REQUEST");
        }
        shop.promotions("channelKey=unknown&amount=1000").await.refused(404, "CHANNEL_NOT_FOUND");
        shop.loses_credentials(channel).await;
        let refused =
            shop.promotions(&format!("channelKey={channel}&amount=1000")).await.refused(502, "PG_PROVIDER");
        assert_eq!(refused["pgCode"], "SANDBOX_UNAUTHORIZED");
        shop.closes().await;
    });
}

#[test]
fn paymentwall_is_told_what_was_delivered() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let channel = demo_channel("paymentwall");
        shop.pays_through(channel, "order-1", APPROVED).await.succeeds();
        let transaction = shop.payment("order-1").await["transactionId"].clone();
        let told = || json!({ "transactionId": transaction });
        for status in ["ORDER_PLACED", "ORDER_SHIPPED", "DELIVERED", "DELIVERED"] {
            let mut more = told();
            more["deliveryStatus"] = json!(status);
            assert_eq!(shop.is_delivered(more).await.succeeds(), json!({}));
        }
        // The buyer's address is passed on and not kept.
        let mut by_mail = told();
        for (name, member) in json!({
            "deliveryType": "PHYSICAL", "carrierTrackingId": "1", "carrierType": "CJ", "shippingAddressCountry": "KR",
            "shippingAddressCity": "Seoul", "shippingAddressZip": "06234", "shippingAddressState": "Seoul",
            "shippingAddressStreet": "a-street-of-its-own", "shippingAddressPhone": "01012345678",
            "shippingAddressFirstname": "Gildong", "shippingAddressLastname": "Hong",
        })
        .as_object()
        .unwrap()
        {
            by_mail[name] = member.clone();
        }
        shop.is_delivered(by_mail.clone()).await.succeeds();
        let street = b"a-street-of-its-own";
        for file in shop.stored_bytes() {
            assert!(!file.windows(street.len()).any(|window| window == street));
        }
        by_mail.as_object_mut().unwrap().remove("carrierType");
        shop.is_delivered(by_mail).await.refused(400, "INVALID_REQUEST");

        shop.is_paid("elsewhere", 1_000).await;
        let elsewhere = shop.payment("elsewhere").await["transactionId"].clone();
        shop.pays_through(channel, "declined", DECLINED).await.refused(502, "PG_PROVIDER");
        let declined = shop.payment("declined").await["transactionId"].clone();
        for (change, status, kind) in [
            (json!({}), 400, "INVALID_REQUEST"),
            (json!({ "transactionId": transaction, "deliveryStatus": "LOST" }), 400, "INVALID_REQUEST"),
            (json!({ "transactionId": transaction, "shippingAddressEmail": "" }), 400, "INVALID_REQUEST"),
            (json!({ "transactionId": "unknown" }), 404, "PAYMENT_NOT_FOUND"),
            (json!({ "transactionId": elsewhere }), 400, "INVALID_REQUEST"),
            (json!({ "transactionId": declined }), 400, "INVALID_REQUEST"),
        ] {
            shop.is_delivered(change).await.refused(status, kind);
        }
        shop.faults(json!({ "dropAnswerRate": 1.0, "seed": 1 })).await;
        shop.is_delivered(told()).await.refused(503, "SERVICE_UNAVAILABLE");
        shop.faults(json!({})).await;
        shop.is_delivered(told()).await.succeeds();
        assert_eq!(shop.psp().await, (2, 6_000), "nothing moved");
        shop.closes().await;
    });
}
