//! Keys, tokens and signatures.

use super::merchant::{now, refused, secret, signed_sale};
use crate::shop::{Shop, both_databases, sent};
use paypier::cli::dev::demo;
use paypier::global::token;
use serde_json::{Value, json};

const KEY: &str = demo::GLOBAL_CLIENT_KEY;

async fn trades(shop: &Shop, body: &Value) -> crate::shop::Answer {
    let request =
        shop.anonymous("POST", "/api/merchant/auth-token").header("content-type", "application/json");
    sent(request.body(body.to_string())).await.unwrap()
}

#[test]
fn check_1_a_secret_is_traded_for_a_token_of_six_hours() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let body = json!({ "portone_key": KEY, "portone_secret": demo::GLOBAL_SECRET });
        let answer = trades(&shop, &body).await.succeeds();
        assert_eq!(answer["message"], "Auth Token generated successfully!");
        assert_eq!(answer["status_code"], "2000");
        assert_eq!(answer["content"]["expires_in"], 21_600);
        let token = answer["content"]["token"].as_str().unwrap();
        token::verify(&secret(), KEY, token, now(&shop)).unwrap();
        let request = shop
            .anonymous("GET", "/api/transaction/none/status")
            .header("x-portone-client-key", KEY)
            .header("authorization", format!("Bearer {token}"));
        refused(sent(request).await.unwrap(), 400, "4096", "INVALID_REFERENCE");

        let unknown = trades(&shop, &json!({ "portone_key": "Unknown", "portone_secret": "x" })).await;
        let unknown = refused(unknown, 400, "4016", "MERCHANT_NOT_FOUND");
        assert_eq!(unknown["message"], "Merchant not found for this key : Unknown");
        let missing = trades(&shop, &json!({ "portone_secret": "x" })).await;
        let missing = refused(missing, 400, "4001", "INVALID_REQUEST");
        assert_eq!(missing["message"], "Invalid Request, err : portone_key is a required field");
        let wrong = trades(&shop, &json!({ "portone_key": KEY, "portone_secret": "x" })).await;
        refused(wrong, 401, "4099", "INVALID_UNAUTHORISED_PORTONE_SECRET_ERROR");
        refused(trades(&shop, &json!([1])).await, 400, "4001", "INVALID_REQUEST");
    });
}

#[test]
fn check_2_and_3_every_protected_call_asks_for_key_and_token_in_every_form() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let bare = token::issue(&secret(), KEY, now(&shop));
        let path = "/api/transaction/none/status";
        for authorization in [
            format!("Bearer {bare}"),
            format!("bearer   {bare}"),
            format!("BearerToken {bare}"),
            bare.clone(),
        ] {
            for name in ["X-Portone-Client-Key", "x-chaipay-client-key"] {
                let request =
                    shop.anonymous("GET", path).header(name, KEY).header("authorization", &authorization);
                refused(sent(request).await.unwrap(), 400, "4096", "INVALID_REFERENCE");
            }
        }
        let calls = [
            ("GET", path.to_owned()),
            ("POST", format!("/api/{KEY}/transaction-details")),
            ("POST", "/api/transaction/x/capture".to_owned()),
            ("PUT", "/api/transaction/status".to_owned()),
            ("PUT", format!("/api/{KEY}/update-transaction-details/x")),
            ("POST", format!("/api/merchant/{KEY}/fetch-all-payments")),
            ("POST", "/api/refund/x".to_owned()),
            ("GET", "/api/refund/x".to_owned()),
            ("POST", format!("/api/merchant/{KEY}/webhook")),
            ("GET", format!("/api/merchant/{KEY}/webhook")),
            ("POST", format!("/api/merchant/{KEY}/add-pay-channel/OMISE")),
            ("PUT", format!("/api/merchant/{KEY}/add-pay-channel/OMISE")),
            ("GET", format!("/api/merchant/{KEY}/pay-channel/OMISE")),
            ("POST", "/api/merchant/generate-signature".to_owned()),
        ];
        let reason = "INVALID_UNAUTHORISED_TRANSACTION_IAMPORTKEY_ERROR";
        let old = token::issue(
            &secret(),
            KEY,
            now(&shop).checked_sub(jiff::SignedDuration::from_hours(7)).unwrap(),
        );
        let foreign = token::issue(&secret(), "AnotherClientKey", now(&shop));
        for (method, path) in &calls {
            let request = || shop.anonymous(method, path).header("content-type", "application/json");
            let answer = refused(sent(request()).await.unwrap(), 401, "4010", reason);
            assert_eq!(answer["message"], "key is a required field");
            let answer = sent(request().header("x-portone-client-key", "Nobodys")).await.unwrap();
            assert_eq!(refused(answer, 401, "4010", reason)["message"], "invalid auth key");
            let known = || request().header("x-portone-client-key", KEY);
            for authorization in [None, Some("Bearer x.y.z"), Some(old.as_str()), Some(foreign.as_str())] {
                let request = match authorization {
                    None => known(),
                    Some(authorization) => known().header("authorization", authorization),
                };
                let answer = sent(request).await.unwrap();
                let answer = refused(answer, 401, "4054", "INVALID_UNAUTHORIZED_JWT_TOKEN_ERROR");
                assert_eq!(answer["message"], "The JWT Token or header is invalid or expired!");
            }
        }
        // A path with somebody else's key.
        let other = shop.global_post("/api/AnotherClientKey/transaction-details", &json!({})).await;
        refused(other, 401, "4010", reason);
    });
}

#[test]
fn check_4_and_5_a_generated_signature_is_the_one_that_is_accepted() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let sale = shop.sale("Merchant_1", "100.25");
        let body = json!({
            "portone_key": KEY, "currency": "THB", "amount": 100.25, "merchant_order_id": "Merchant_1",
            "success_url": sale["success_url"], "failure_url": sale["failure_url"],
        });
        let answer = shop.global_post("/api/merchant/generate-signature", &body).await.succeeds();
        assert_eq!(answer["message"], "Signature generated successfully!");
        assert_eq!(answer["content"]["signature"], sale["signature_hash"]);
        shop.initiates(&sale).await.succeeds();

        for member in ["portone_key", "currency", "amount", "merchant_order_id", "success_url", "failure_url"]
        {
            let mut body = body.clone();
            body.as_object_mut().unwrap().remove(member);
            let answer = shop.global_post("/api/merchant/generate-signature", &body).await;
            let answer = refused(answer, 400, "4001", "INVALID_REQUEST");
            assert_eq!(answer["message"], format!("Invalid Request, err : {member} is a required field"));
        }

        let mut wrong = shop.sale("Merchant_2", "100.25");
        wrong["amount"] = json!(100.5);
        let answer = refused(
            shop.initiates(&wrong).await,
            401,
            "4011",
            "INVALID_UNAUTHORISED_TRANSACTION_SIGNATURE_ERROR",
        );
        assert_eq!(answer["is_success"], false);
        // It left nothing behind.
        shop.initiates(&signed_sale(wrong)).await.succeeds();
    });
}

#[test]
fn addresses_and_bodies_that_are_none_are_refused_in_the_dialects_envelope() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        refused(shop.global_get("/api/nothing/here").await, 404, "5001", "RECORD_NOT_FOUND_ERROR");
        refused(shop.global_get("/api/initiatePayment").await, 405, "4001", "INVALID_REQUEST_DATA");
        let html = sent(
            shop.anonymous("POST", "/api/merchant/auth-token").header("content-type", "text/html").body("{}"),
        );
        refused(html.await.unwrap(), 415, "4001", "INVALID_REQUEST_DATA");
        // Only announced: a server that refuses at once may close before the rest has left.
        let long = format!(
            "POST /api/refund/x HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nContent-Type: application/json\r\n\
             X-Portone-Client-Key: {}\r\nAuthorization: {}\r\nContent-Length: 5000000000\r\n\r\n",
            demo::GLOBAL_CLIENT_KEY,
            shop.global_token()
        );
        refused(shop.answers_bytes(long.as_bytes()).await, 413, "4001", "INVALID_REQUEST_DATA");
        let broken = sent(shop.global("POST", "/api/refund/x").body("{")).await.unwrap();
        let broken = refused(broken, 400, "4001", "INVALID_REQUEST");
        assert!(broken["message"].as_str().unwrap().starts_with("Invalid Request, err : "));
    });
}
