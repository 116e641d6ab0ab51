//! Identity verifications in windows.

use crate::shop::{Shop, both_databases};
use paypier::cli::dev::demo;
use serde_json::{Value, json};

const RIGHT_CODE: &str = "000000";

fn channel() -> &'static str {
    demo::CHANNELS.iter().find(|channel| channel.name == "identity").unwrap().key
}

fn verifying(id: &str) -> Value {
    json!({
        "kind": "IDENTITY_VERIFICATION",
        "request": {
            "storeId": demo::STORE_ID, "channelKey": channel(), "identityVerificationId": id,
            "customer": { "customerId": "c-7", "fullName": "홍길동", "phoneNumber": "010-1234-5678" },
            "customData": { "why": "tobacco" },
        },
        "page": { "url": "https://shop.example/join", "origin": "https://shop.example", "platform": "PC", "language": "ko-KR" },
    })
}

const PERSON: [(&str, &str); 5] = [
    ("intent", "identity"),
    ("name", "홍길동"),
    ("birth", "900101-1"),
    ("phone", "010-1234-5678"),
    ("carrier", "SKT"),
];

#[test]
fn somebody_shows_in_a_window_who_they_are() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let visitor = shop.visits(&verifying("iv-1")).await;
        let ids = visitor.opened["ids"].clone();
        assert_eq!(
            (&ids["transactionType"], &ids["identityVerificationId"]),
            (&json!("IDENTITY_VERIFICATION"), &json!("iv-1"))
        );
        let found = shop.get("/identity-verifications/iv-1").await.succeeds();
        assert_eq!(found["status"], "READY");
        visitor.submits(&PERSON).await.goes_to();
        let wrong = visitor.submits(&[("intent", "code"), ("code", "999999")]).await;
        assert_eq!(wrong.status, 200);
        assert_eq!(visitor.result().await["state"], "OPEN");
        visitor.submits(&[("intent", "code"), ("code", RIGHT_CODE)]).await.goes_to();
        assert_eq!(visitor.result().await, json!({ "state": "ENDED", "result": ids }));
        let found = shop.get("/identity-verifications/iv-1").await.succeeds();
        assert_eq!(
            (&found["status"], &found["verifiedCustomer"]["name"]),
            (&json!("VERIFIED"), &json!("홍길동"))
        );
        let again = shop.opens(&verifying("iv-1")).await;
        assert_eq!((again.status, &again.body["code"]), (409, &json!("IdentityVerificationAlreadyVerified")));
        shop.closes().await;
    });
}

#[test]
fn a_window_that_is_closed_verified_nobody() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let visitor = shop.visits(&verifying("iv-1")).await;
        visitor.submits(&PERSON).await.goes_to();
        let told = visitor.closes().await;
        assert_eq!(
            (&told["result"]["code"], &told["result"]["pgCode"]),
            (&json!("PGProviderError"), &json!("SANDBOX_BUYER_CANCELLED"))
        );
        let found = shop.get("/identity-verifications/iv-1").await.succeeds();
        assert_eq!(found["status"], "FAILED");
        // Another window is another attempt.
        let next = shop.visits(&verifying("iv-1")).await;
        assert_ne!(
            next.opened["ids"]["identityVerificationTxId"],
            visitor.opened["ids"]["identityVerificationTxId"]
        );
        shop.closes().await;
    });
}

#[test]
fn what_a_person_says_is_checked_before_it_is_sent() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let visitor = shop.visits(&verifying("iv-1")).await;
        for (field, value) in [("name", ""), ("birth", "900101"), ("phone", "x"), ("carrier", "NOBODY")] {
            let mut fields = PERSON;
            for pair in &mut fields {
                if pair.0 == field {
                    pair.1 = value;
                }
            }
            let page = visitor.submits(&fields).await;
            assert_eq!(page.status, 200, "{field}");
        }
        assert_eq!(visitor.result().await["state"], "OPEN");
        shop.closes().await;
    });
}

#[test]
fn the_sandbox_plays_the_person_who_shows_who_they_are() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let completes = async |id: &str, outcome: &str| {
            let path = format!("/sandbox/identity-verifications/{id}/complete");
            shop.post(&path, &json!({ "outcome": outcome })).await
        };
        let status = async |id: &str| {
            shop.get(&format!("/identity-verifications/{id}")).await.succeeds()["status"].clone()
        };
        let visitor = shop.visits(&verifying("iv-1")).await;
        completes("iv-1", "timeout").await.succeeds();
        assert_eq!(status("iv-1").await, "READY");
        completes("iv-1", "approve").await.succeeds();
        let found = shop.get("/identity-verifications/iv-1").await.succeeds();
        assert_eq!(
            (&found["status"], &found["verifiedCustomer"]["name"], &found["verifiedCustomer"]["phoneNumber"]),
            (&json!("VERIFIED"), &json!("홍길동"), &json!("01012345678"))
        );
        assert_eq!(visitor.result().await["state"], "ENDED");
        completes("iv-1", "approve").await.refused(400, "INVALID_REQUEST");
        // A person whose code was sent goes on with the code.
        let visitor = shop.visits(&verifying("iv-2")).await;
        visitor.submits(&PERSON).await.goes_to();
        completes("iv-2", "approve").await.succeeds();
        assert_eq!(status("iv-2").await, "VERIFIED");
        for outcome in ["decline", "cancel"] {
            let id = format!("iv-{outcome}");
            let visitor = shop.visits(&verifying(&id)).await;
            completes(&id, outcome).await.succeeds();
            assert_eq!(status(&id).await, "FAILED", "{outcome}");
            assert_eq!(visitor.result().await["result"]["code"], "PGProviderError", "{outcome}");
        }
        completes("iv-nobody", "approve").await.refused(404, "IDENTITY_VERIFICATION_NOT_FOUND");
        completes("iv-1", "explode").await.refused(400, "INVALID_REQUEST");
        shop.closes().await;
    });
}
