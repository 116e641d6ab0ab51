//! Checkout profiles and payment sessions, as a merchant's server and a buyer's browser use them.

use crate::shop::{Shop, at_once, both_databases};
use paypier::cli::dev::demo;
use paypier_domain::change::{Change, Write};
use paypier_domain::checkout_profile::CheckoutProfile;
use paypier_domain::id::{PaymentId, PaymentKey, ProfileKey, StoreId};
use serde_json::{Value, json};

const EVALUATE: &str = "/checkout-profiles/evaluate";

impl Shop {
    pub fn session(&self, more: &Value) -> Value {
        let mut body = json!({
            "storeId": demo::STORE_ID, "paymentId": "order-1", "profileKey": demo::PROFILE_KEY,
            "country": "KR", "currency": "KRW", "totalAmount": 5_000, "orderName": "a book",
        });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    }

    pub async fn opens_session(&self, more: &Value) -> String {
        let made = self.post("/payment-sessions", &self.session(more)).await.succeeds();
        made["sessionId"].as_str().unwrap().to_owned()
    }

    /// As a browser that has nothing but the address.
    async fn browser_gets(&self, path: &str) -> crate::shop::Answer {
        self.send(self.anonymous("GET", path)).await
    }

    pub async fn changes_profile(&self, change: impl Fn(CheckoutProfile) -> CheckoutProfile) {
        let key = ProfileKey::known(demo::PROFILE_KEY);
        let profile = self.app().storage.checkout_profile(&key).await.unwrap().unwrap();
        let write = Write::CheckoutProfile(Box::new(change(profile)));
        self.app().storage.commit(Change { writes: vec![write], ..Change::default() }).await.unwrap();
        self.app().directory.forget();
    }
}

fn methods(answer: &Value) -> Vec<String> {
    answer["methods"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["paymentMethod"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_profile_offers_what_fits_the_order() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let asked = |country: &str, currency: &str, amount: &str| {
            format!(
                "{EVALUATE}?profileKey={}&country={country}&currency={currency}&amount={amount}",
                demo::PROFILE_KEY
            )
        };
        let at_home = shop.browser_gets(&asked("KR", "KRW", "5000")).await.succeeds();
        assert_eq!(methods(&at_home), ["CARD_KR", "KAKAO_PAY"]);
        assert_eq!(at_home["methods"][0]["channelKey"], demo::CARD.key);
        let abroad = shop.browser_gets(&asked("JP", "USD", "5000")).await.succeeds();
        assert_eq!(methods(&abroad), ["CARD_INTERNATIONAL", "PAY_PAL"]);
        assert_eq!(
            methods(&shop.browser_gets(&asked("KR", "USD", "5000")).await.succeeds()),
            ["CARD_INTERNATIONAL", "PAY_PAL"]
        );
        assert_eq!(
            methods(&shop.browser_gets(&asked("JP", "JPY", "5000")).await.succeeds()),
            [] as [&str; 0]
        );
        // Below what the wallet takes.
        assert_eq!(methods(&shop.browser_gets(&asked("KR", "KRW", "99")).await.succeeds()), ["CARD_KR"]);

        for (path, member) in [
            (format!("{EVALUATE}?country=KR&currency=KRW&amount=1"), "profileKey"),
            (asked("KR", "KRW", "1").replace("&amount=1", ""), "amount"),
            (asked("KR", "KRW", "x"), "amount"),
            (asked("KR", "KRW", "0"), "amount"),
            (asked("KR", "KRW", "-1"), "amount"),
            (asked("Korea", "KRW", "1"), "country"),
            (asked("KR", "won", "1"), "currency"),
        ] {
            let refusal = shop.browser_gets(&path).await.refused(400, "INVALID_REQUEST");
            assert!(refusal["message"].as_str().unwrap().contains(member), "{path}: {refusal}");
        }
        shop.browser_gets(&asked("KR", "KRW", "1").replace(demo::PROFILE_KEY, "profile-key-other"))
            .await
            .refused(404, "PROFILE_SETTINGS_NOT_FOUND");
        // What is switched off is not offered, and what is deleted is not there.
        shop.changes_profile(|mut profile| {
            profile.offers[0].is_enabled = false;
            profile
        })
        .await;
        assert_eq!(methods(&shop.browser_gets(&asked("KR", "KRW", "5000")).await.succeeds()), ["KAKAO_PAY"]);
        shop.changes_profile(|profile| CheckoutProfile { is_deleted: true, ..profile }).await;
        shop.browser_gets(&asked("KR", "KRW", "5000")).await.refused(404, "PROFILE_SETTINGS_NOT_FOUND");
        shop.closes().await;
    });
}

#[test]
fn a_session_is_made_and_seen_by_whoever_knows_its_id() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let more = json!({
            "paymentMethod": "KAKAO_PAY", "redirectUrl": "https://shop.example/done?x=1",
            "products": [{ "name": "a book", "unitPrice": 4_000, "quantity": 2, "startDate": "2026-01-01", "nPayUid": "u" }],
            "customerName": "Kim", "customerEmail": "kim@example.com", "storeName": "Books",
            "agreements": [{ "name": "terms", "url": "https://shop.example/terms" }],
            "orderImageUrl": "https://shop.example/book.png", "customData": "{\"cart\":7}",
            "colors": { "primary": "#0a0", "primaryHover": "rgb(0 1 2)" }, "ttlSeconds": 120,
        });
        let made = shop.post("/payment-sessions", &shop.session(&more)).await.succeeds();
        let id = made["sessionId"].as_str().unwrap();
        assert_eq!(id.len(), 48);
        assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'), "{id}");
        assert_eq!(made["url"], format!("{}/checkout/sessions/{id}", shop.url));
        let seen = shop.browser_gets(&format!("/payment-sessions/{id}")).await.succeeds();
        assert_eq!(
            (&seen["id"], &seen["paymentId"], &seen["storeId"]),
            (&json!(id), &json!("order-1"), &json!(demo::STORE_ID))
        );
        assert_eq!(
            (&seen["expiresAt"], &seen["totalAmount"], &seen["country"]),
            (&made["expiresAt"], &json!(5_000), &json!("KR"))
        );
        for (name, value) in more.as_object().unwrap().iter().filter(|(name, _)| *name != "ttlSeconds") {
            assert_eq!(seen[name], *value, "{name}");
        }
        // Two sessions of one payment are two; a bare one says no more than it was told.
        let bare = shop.opens_session(&json!({})).await;
        assert_ne!(bare, id);
        let bare = shop.browser_gets(&format!("/payment-sessions/{bare}")).await.succeeds();
        assert_eq!(bare.as_object().unwrap().len(), 10, "{bare}");
        assert!(bare["products"].is_null());
        // Only the digest is kept with the session.
        let key = PaymentKey { store: StoreId::known(demo::STORE_ID), payment: PaymentId::known("order-1") };
        let stored = shop.app().payment_session(id).await.unwrap();
        assert_eq!(stored.payment, key);
        let methods = shop.app().session_methods(&stored).await.unwrap();
        assert_eq!(methods.len(), 2);
        shop.closes().await;
    });
}

#[test]
fn what_is_wrong_with_a_session_is_said() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        for (more, member) in [
            (json!({ "profileKey": "profile-key-other" }), "profileKey"),
            (json!({ "paymentMethod": "DANA" }), "paymentMethod"),
            (json!({ "totalAmount": 0 }), "totalAmount"),
            (json!({ "ttlSeconds": 0 }), "ttlSeconds"),
            (json!({ "ttlSeconds": -1 }), "ttlSeconds"),
            (json!({ "redirectUrl": "javascript:alert(1)" }), "redirectUrl"),
        ] {
            let refusal =
                shop.post("/payment-sessions", &shop.session(&more)).await.refused(400, "INVALID_REQUEST");
            assert!(refusal["message"].as_str().unwrap().contains(member), "{more}: {refusal}");
        }
        for word in
            [json!({ "country": "Korea" }), json!({ "paymentMethod": "CASH" }), json!({ "currency": "WON" })]
        {
            shop.post("/payment-sessions", &shop.session(&word)).await.refused(400, "INVALID_REQUEST");
        }
        let mut without_store = shop.session(&json!({}));
        without_store.as_object_mut().unwrap().remove("storeId");
        shop.post("/payment-sessions", &without_store).await.refused(400, "INVALID_REQUEST");
        shop.post("/payment-sessions", &shop.session(&json!({ "storeId": "store-other" })))
            .await
            .refused(403, "FORBIDDEN");
        // The store is looked at before the rest.
        shop.post("/payment-sessions", &shop.session(&json!({ "storeId": "store-other", "totalAmount": 0 })))
            .await
            .refused(403, "FORBIDDEN");
        let week = 7 * 24 * 60 * 60;
        shop.opens_session(&json!({ "ttlSeconds": week })).await;
        shop.post("/payment-sessions", &shop.session(&json!({ "ttlSeconds": week + 1 })))
            .await
            .refused(400, "MAX_TTL_EXCEEDED");
        shop.send(shop.anonymous("POST", "/payment-sessions").body(shop.session(&json!({})).to_string()))
            .await
            .refused(401, "UNAUTHORIZED");
        shop.closes().await;
    });
}

#[test]
fn a_session_ends_with_its_time_or_when_it_is_closed() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let (short, usual) =
            (shop.opens_session(&json!({ "ttlSeconds": 60 })).await, shop.opens_session(&json!({})).await);
        shop.after("PT59S").await;
        shop.browser_gets(&format!("/payment-sessions/{short}")).await.succeeds();
        shop.after("PT1S").await;
        shop.browser_gets(&format!("/payment-sessions/{short}")).await.refused(410, "SESSION_EXPIRED");
        shop.browser_gets(&format!("/payment-sessions/{usual}")).await.succeeds();
        let close = |id: &str| shop.send(shop.request("POST", &format!("/payment-sessions/{id}/close")));
        let closed = close(&usual).await.succeeds()["closedAt"].clone();
        shop.browser_gets(&format!("/payment-sessions/{usual}")).await.refused(410, "SESSION_EXPIRED");
        shop.after("PT1M").await;
        assert_eq!(close(&usual).await.succeeds()["closedAt"], closed);
        // One whose time is over can be closed, too, and stays as it was closed.
        let late = close(&short).await.succeeds()["closedAt"].clone();
        shop.after("PT1M").await;
        assert_eq!(close(&short).await.succeeds()["closedAt"], late);
        for id in ["other", "", &usual[..47], &format!("{usual}x")] {
            let status = shop.browser_gets(&format!("/payment-sessions/{id}")).await;
            if !id.is_empty() {
                status.refused(404, "SESSION_NOT_FOUND");
                close(id).await.refused(404, "SESSION_NOT_FOUND");
            }
        }
        let stranger = shop.send(shop.anonymous("POST", &format!("/payment-sessions/{usual}/close"))).await;
        stranger.refused(401, "UNAUTHORIZED");
        shop.closes().await;
    });
}

#[test]
fn closing_at_once_has_one_time_and_a_repeated_request_makes_one_session() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let id = shop.opens_session(&json!({})).await;
        let path = format!("/payment-sessions/{id}/close");
        let answers = at_once((0..8).map(|_| shop.request("POST", &path)).collect()).await;
        let times: std::collections::BTreeSet<String> =
            answers.into_iter().map(|answer| answer.succeeds()["closedAt"].to_string()).collect();
        assert_eq!(times.len(), 1, "{times:?}");

        let make = || {
            shop.request("POST", "/payment-sessions")
                .header("idempotency-key", "\"the-session-of-kim-0001\"")
                .body(shop.session(&json!({})).to_string())
        };
        let first = shop.send(make()).await.succeeds();
        assert_eq!(shop.send(make()).await.succeeds(), first);
        let shop = shop.loses_power_and_opens_again().await;
        let id = first["sessionId"].as_str().unwrap();
        shop.browser_gets(&format!("/payment-sessions/{id}")).await.succeeds();
        shop.closes().await;
    });
}

#[test]
fn pages_of_any_origin_may_read_what_everybody_may() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let id = shop.opens_session(&json!({})).await;
        let evaluate =
            format!("{EVALUATE}?profileKey={}&country=KR&currency=KRW&amount=1000", demo::PROFILE_KEY);
        for path in [evaluate.clone(), format!("/payment-sessions/{id}"), "/payment-sessions/other".into()] {
            let answer =
                shop.anonymous("GET", &path).header("origin", "https://a.example").send().await.unwrap();
            assert_eq!(answer.headers()["access-control-allow-origin"], "*", "{path}");
            assert!(!answer.headers().contains_key("access-control-allow-credentials"));
            let asked = shop.anonymous("OPTIONS", &path).send().await.unwrap();
            assert_eq!(
                (asked.status().as_u16(), &asked.headers()["access-control-allow-methods"]),
                (204, &"GET".parse().unwrap())
            );
        }
        for path in ["/payments/order-1", &format!("/payment-sessions/{id}/close"), "/payment-sessions"] {
            let answer = shop.request("GET", path).send().await.unwrap();
            assert!(!answer.headers().contains_key("access-control-allow-origin"), "{path}");
        }
        shop.closes().await;
    });
}
