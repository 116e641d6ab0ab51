//! Identity verification by the API: a code by SMS, or an app.

use crate::shop::{Answer, Engine, Shop, at_once, both_databases};
use paypier::cli::dev::demo;
use paypier_domain::change::Write;
use paypier_domain::channel::ChannelUsage;
use serde_json::{Value, json};
use std::time::Duration;

const CODE: &str = "000000";
const WRONG: &str = "123456";

fn channel() -> &'static str {
    demo::CHANNELS.iter().find(|channel| channel.usage == ChannelUsage::IdentityVerification).unwrap().key
}

impl Shop {
    fn who_says(&self, method: &str) -> Value {
        json!({
            "channelKey": channel(), "operator": "SKT", "method": method, "customData": "{\"a\":1}",
            "customer": {
                "id": "c-1", "name": "Hong Gildong", "phoneNumber": "01012345678",
                "identityNumber": "9001012", "ipAddress": "203.0.113.7",
            },
        })
    }

    async fn sends_code(&self, id: &str, body: &Value) -> Answer {
        self.post(&format!("/identity-verifications/{id}/send"), body).await
    }

    async fn code_is_sent(&self, id: &str) {
        assert_eq!(self.sends_code(id, &self.who_says("SMS")).await.succeeds(), json!({}));
    }

    async fn confirms_code(&self, id: &str, otp: &str) -> Answer {
        self.post(&format!("/identity-verifications/{id}/confirm"), &json!({ "otp": otp })).await
    }

    async fn resends_code(&self, id: &str) -> Answer {
        self.send(self.request("POST", &format!("/identity-verifications/{id}/resend"))).await
    }

    async fn verification_of(&self, id: &str) -> Value {
        self.get(&format!("/identity-verifications/{id}")).await.succeeds()
    }
}

async fn opens_impatiently(engine: Engine) -> Shop {
    Shop::open_with(engine, |config| config.limits.caller_patience = Duration::from_millis(500)).await
}

#[test]
fn somebody_shows_to_be_who_they_say() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.code_is_sent("who-1").await;
        let ready = shop.verification_of("who-1").await;
        assert_eq!(
            (&ready["status"], &ready["id"], &ready["version"]),
            (&json!("READY"), &json!("who-1"), &json!("V2"))
        );
        let asked = &ready["requestedCustomer"];
        assert_eq!(
            (
                &asked["name"],
                &asked["phoneNumber"],
                &asked["birthYear"],
                &asked["birthMonth"],
                &asked["birthDay"]
            ),
            (&json!("Hong Gildong"), &json!("01012345678"), &json!("1990"), &json!("01"), &json!("01"))
        );
        shop.sends_code("who-1", &shop.who_says("SMS"))
            .await
            .refused(409, "IDENTITY_VERIFICATION_ALREADY_SENT");
        let verified = shop.confirms_code("who-1", CODE).await.succeeds()["identityVerification"].clone();
        let person = &verified["verifiedCustomer"];
        assert_eq!(
            (
                &person["name"],
                &person["phoneNumber"],
                &person["birthDate"],
                &person["gender"],
                &person["isForeigner"]
            ),
            (
                &json!("Hong Gildong"),
                &json!("01012345678"),
                &json!("1990-01-01"),
                &json!("FEMALE"),
                &json!(false)
            )
        );
        assert_eq!((&person["operator"], &person["id"]), (&json!("SKT"), &json!("c-1")));
        assert_eq!((person["ci"].as_str().unwrap().len(), person["di"].as_str().unwrap().len()), (88, 64));
        assert_eq!((&verified["status"], &verified["customData"]), (&json!("VERIFIED"), &json!("{\"a\":1}")));
        assert!(verified["pgRawResponse"].as_str().unwrap().contains(person["ci"].as_str().unwrap()));
        assert!(verified["pgTxId"].is_string() && verified["verifiedAt"].is_string());
        assert_eq!(shop.verification_of("who-1").await, verified, "read as it was answered");
        shop.confirms_code("who-1", CODE).await.refused(409, "IDENTITY_VERIFICATION_ALREADY_VERIFIED");
        shop.resends_code("who-1").await.refused(409, "IDENTITY_VERIFICATION_ALREADY_VERIFIED");
        shop.sends_code("who-1", &shop.who_says("SMS"))
            .await
            .refused(409, "IDENTITY_VERIFICATION_ALREADY_VERIFIED");
        // The same person again is the same person.
        shop.code_is_sent("who-2").await;
        let again = shop.confirms_code("who-2", CODE).await.succeeds()["identityVerification"].clone();
        for member in ["ci", "di", "birthDate"] {
            assert_eq!(again["verifiedCustomer"][member], person[member], "{member}");
        }
        // What identifies a person for life is nowhere in clear, and neither is the code.
        let (ci, di) = (person["ci"].as_str().unwrap(), person["di"].as_str().unwrap());
        for file in shop.stored_bytes() {
            for secret in [ci, di, "9001012"] {
                assert!(
                    !file.windows(secret.len()).any(|window| window == secret.as_bytes()),
                    "{secret} is kept in clear"
                );
            }
        }
        shop.jobs_run().await;
        assert!(shop.receiver.all().is_empty(), "nobody is told of verifications");
        shop.closes().await;
    });
}

#[test]
fn the_third_wrong_code_closes_the_request_and_another_may_be_sent() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.code_is_sent("who-1").await;
        for _ in 0..2 {
            let refusal = shop.confirms_code("who-1", WRONG).await.refused(502, "PG_PROVIDER");
            assert_eq!(refusal["pgCode"], "SANDBOX_IDENTITY_WRONG_CODE");
            assert_eq!(shop.verification_of("who-1").await["status"], "READY");
        }
        let refusal = shop.confirms_code("who-1", WRONG).await.refused(502, "PG_PROVIDER");
        assert_eq!(refusal["pgCode"], "SANDBOX_IDENTITY_CLOSED");
        let failed = shop.verification_of("who-1").await;
        assert_eq!(
            (&failed["status"], &failed["failure"]["pgCode"]),
            (&json!("FAILED"), &json!("SANDBOX_IDENTITY_CLOSED"))
        );
        shop.confirms_code("who-1", CODE).await.refused(404, "IDENTITY_VERIFICATION_NOT_SENT");
        shop.resends_code("who-1").await.refused(404, "IDENTITY_VERIFICATION_NOT_SENT");
        shop.code_is_sent("who-1").await;
        shop.confirms_code("who-1", WRONG).await.refused(502, "PG_PROVIDER");
        shop.confirms_code("who-1", CODE).await.succeeds();
        shop.closes().await;
    });
}

#[test]
fn a_code_is_sent_again_until_the_psp_has_had_enough() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.resends_code("who-1").await.refused(404, "IDENTITY_VERIFICATION_NOT_FOUND");
        shop.code_is_sent("who-1").await;
        for _ in 0..5 {
            assert_eq!(shop.resends_code("who-1").await.succeeds(), json!({}));
        }
        let refusal = shop.resends_code("who-1").await.refused(502, "PG_PROVIDER");
        assert_eq!(refusal["pgCode"], "SANDBOX_IDENTITY_RESENT_TOO_OFTEN");
        shop.confirms_code("who-1", CODE).await.succeeds();
        shop.closes().await;
    });
}

#[test]
fn a_code_runs_out_and_then_another_may_be_sent() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.code_is_sent("who-1").await;
        shop.after("PT9M").await;
        shop.resends_code("who-1").await.succeeds();
        shop.after("PT9M").await;
        assert_eq!(shop.verification_of("who-1").await["status"], "READY", "the later code is younger");
        shop.after("PT1M").await;
        let refusal = shop.confirms_code("who-1", CODE).await.refused(502, "PG_PROVIDER");
        assert_eq!(refusal["pgCode"], "SANDBOX_IDENTITY_CLOSED");
        assert_eq!(shop.verification_of("who-1").await["status"], "FAILED");
        shop.code_is_sent("who-1").await;
        shop.after("PT10M").await;
        // A resend hears of it as well.
        shop.resends_code("who-1").await.refused(502, "PG_PROVIDER");
        shop.code_is_sent("who-1").await;
        shop.confirms_code("who-1", CODE).await.succeeds();
        shop.closes().await;
    });
}

#[test]
fn an_app_is_answered_before_it_counts() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let mut who = shop.who_says("APP");
        who["customer"]["identityNumber"] = Value::Null;
        shop.sends_code("who-1", &who).await.succeeds();
        let refusal = shop
            .send(shop.request("POST", "/identity-verifications/who-1/confirm"))
            .await
            .refused(502, "PG_PROVIDER");
        assert_eq!(refusal["pgCode"], "SANDBOX_IDENTITY_NOT_APPROVED");
        shop.resends_code("who-1").await.refused(400, "INVALID_REQUEST");
        shop.send(shop.request("POST", "/sandbox/identity-verifications/who-1/approve")).await.succeeds();
        let verified =
            shop.send(shop.request("POST", "/identity-verifications/who-1/confirm")).await.succeeds();
        assert_eq!(verified["identityVerification"]["status"], "VERIFIED");
        shop.send(shop.request("POST", "/sandbox/identity-verifications/who-1/approve"))
            .await
            .refused(400, "INVALID_REQUEST");
        // A code by SMS is no app.
        shop.code_is_sent("who-2").await;
        shop.send(shop.request("POST", "/sandbox/identity-verifications/who-2/approve"))
            .await
            .refused(400, "INVALID_REQUEST");
        shop.send(shop.request("POST", "/sandbox/identity-verifications/nobody/approve"))
            .await
            .refused(404, "IDENTITY_VERIFICATION_NOT_FOUND");
        shop.closes().await;
    });
}

#[test]
fn refusals_come_in_their_order_and_leave_no_trace() {
    both_databases(|engine| async move {
        let shop = Shop::open_with(engine, |config| config.limits.max_attempts = 2).await;
        let with = |change: Value, customer: Value| {
            let mut who = shop.who_says("SMS");
            for (name, member) in change.as_object().unwrap() {
                who[name] = member.clone();
            }
            for (name, member) in customer.as_object().unwrap() {
                who["customer"][name] = member.clone();
            }
            who
        };
        let none = || json!({});
        for (who, status, kind) in [
            (with(json!({ "storeId": "store-x", "method": "FAX" }), none()), 403, "FORBIDDEN"),
            (with(json!({ "method": "FAX" }), none()), 400, "INVALID_REQUEST"),
            (with(none(), json!({ "identityNumber": null })), 400, "INVALID_REQUEST"),
            (with(none(), json!({ "phoneNumber": "010-1234" })), 400, "INVALID_REQUEST"),
            (with(none(), json!({ "id": "x".repeat(201) })), 400, "INVALID_REQUEST"),
            (with(json!({ "channelKey": "channel-key-x" }), none()), 404, "CHANNEL_NOT_FOUND"),
            (with(json!({ "channelKey": demo::CARD.key }), none()), 404, "CHANNEL_NOT_FOUND"),
        ] {
            let refusal = shop.sends_code("who-1", &who).await.refused(status, kind);
            assert!(!refusal.to_string().contains("Hong"), "{refusal}");
        }
        shop.get("/identity-verifications/who-1").await.refused(404, "IDENTITY_VERIFICATION_NOT_FOUND");
        shop.confirms_code("who-1", CODE).await.refused(404, "IDENTITY_VERIFICATION_NOT_FOUND");
        shop.code_is_sent("who-1").await;
        let missing =
            shop.post("/identity-verifications/who-1/confirm", &none()).await.refused(400, "INVALID_REQUEST");
        assert!(missing["message"].as_str().unwrap().starts_with("otp is required"), "{missing}");
        let too_long = shop.confirms_code("who-1", &"0".repeat(21)).await.refused(400, "INVALID_REQUEST");
        assert!(!too_long.to_string().contains("0000000"), "{too_long}");
        for _ in 0..3 {
            shop.confirms_code("who-1", WRONG).await.refused(502, "PG_PROVIDER");
        }
        shop.code_is_sent("who-1").await;
        for _ in 0..3 {
            shop.confirms_code("who-1", WRONG).await.refused(502, "PG_PROVIDER");
        }
        shop.sends_code("who-1", &shop.who_says("SMS")).await.refused(400, "MAX_TRANSACTION_COUNT_REACHED");
        // A payment cannot go where people are verified.
        let mut order = shop.order("4242424242424242", 1_000);
        order["channelKey"] = json!(channel());
        shop.post("/payments/order-1/instant", &order).await.refused(404, "CHANNEL_NOT_FOUND");
        shop.closes().await;
    });
}

#[test]
fn each_provider_takes_what_it_takes() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let as_provider = async |provider: &str| {
            let mut stored = shop.stored_channel(channel()).await;
            stored.pg_provider = provider.into();
            shop.writes(vec![Write::Channel(Box::new(stored))]).await;
        };
        as_provider("KCP_V2").await;
        for id in ["who-1", "who_1", &"w".repeat(41)] {
            shop.sends_code(id, &shop.who_says("SMS")).await.refused(400, "INVALID_REQUEST");
        }
        shop.code_is_sent(&"w".repeat(40)).await;
        as_provider("INICIS_UNIFIED").await;
        shop.sends_code("who1", &shop.who_says("SMS")).await.refused(400, "INVALID_REQUEST");
        shop.closes().await;
    });
}

#[test]
fn of_many_at_once_one_is_sent_and_one_is_confirmed() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let body = shop.who_says("SMS").to_string();
        let path = "/identity-verifications/who-1/send";
        let answers = at_once((0..8).map(|_| shop.request("POST", path).body(body.clone())).collect()).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        for answer in answers.into_iter().filter(|answer| answer.status != 200) {
            answer.refused(409, "IDENTITY_VERIFICATION_ALREADY_SENT");
        }
        let (path, body) = ("/identity-verifications/who-1/confirm", json!({ "otp": CODE }).to_string());
        let answers = at_once((0..8).map(|_| shop.request("POST", path).body(body.clone())).collect()).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        for answer in answers.into_iter().filter(|answer| answer.status != 200) {
            let kind = answer.body["type"].as_str().unwrap().to_owned();
            let expected = if kind.ends_with("NOT_SENT") {
                (404, "IDENTITY_VERIFICATION_NOT_SENT")
            } else {
                (409, "IDENTITY_VERIFICATION_ALREADY_VERIFIED")
            };
            answer.refused(expected.0, expected.1);
        }
        shop.closes().await;
    });
}

#[test]
fn a_key_replays_who_it_was_and_keeps_no_copy_of_it() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.code_is_sent("who-1").await;
        let confirm = |otp: &str| {
            shop.request("POST", "/identity-verifications/who-1/confirm")
                .header("idempotency-key", format!("confirm-who-1-with-{otp}"))
                .body(json!({ "otp": otp }).to_string())
        };
        let wrong = shop.send(confirm(WRONG)).await;
        assert_eq!(wrong.status, 502);
        let first = shop.send(confirm(CODE)).await;
        assert_eq!(first.status, 200, "{}", first.body);
        assert_eq!(shop.send(confirm(CODE)).await.bytes, first.bytes);
        assert_eq!(shop.send(confirm(WRONG)).await.bytes, wrong.bytes, "replayed, not counted");
        let ci = first.body["identityVerification"]["verifiedCustomer"]["ci"].as_str().unwrap().to_owned();
        for file in shop.stored_bytes() {
            assert!(
                !file.windows(ci.len()).any(|window| window == ci.as_bytes()),
                "the remembered answer holds the CI"
            );
        }
        let shop = shop.loses_power_and_opens_again().await;
        let again = shop
            .request("POST", "/identity-verifications/who-1/confirm")
            .header("idempotency-key", format!("confirm-who-1-with-{CODE}"))
            .body(json!({ "otp": CODE }).to_string());
        assert_eq!(shop.send(again).await.bytes, first.bytes);
        shop.closes().await;
    });
}

#[test]
fn a_silent_psp_is_asked_until_it_is_known() {
    both_databases(|engine| async move {
        let shop = opens_impatiently(engine).await;
        let (mut sent, mut never_sent, mut verified, mut still_ready) = (0, 0, 0, 0);
        for seed in 0..6 {
            let id = format!("who-{seed}");
            shop.faults(json!({ "dropAnswerRate": 1.0, "seed": seed })).await;
            let refusal = shop.sends_code(&id, &shop.who_says("SMS")).await.refused(502, "PG_PROVIDER");
            assert_eq!(refusal["pgCode"], "OUTCOME_UNKNOWN");
            assert_eq!(shop.verification_of(&id).await["status"], "READY");
            shop.confirms_code(&id, CODE).await.refused(404, "IDENTITY_VERIFICATION_NOT_SENT");
            shop.sends_code(&id, &shop.who_says("SMS"))
                .await
                .refused(409, "IDENTITY_VERIFICATION_ALREADY_SENT");
            shop.faults(json!({ "dropAnswerRate": 0.0 })).await;
            shop.after("PT5M").await;
            match shop.verification_of(&id).await["status"].as_str().unwrap() {
                "READY" => sent += 1,
                "FAILED" => {
                    never_sent += 1;
                    shop.code_is_sent(&id).await;
                }
                other => panic!("{other}"),
            }
            shop.faults(json!({ "dropAnswerRate": 1.0, "seed": seed })).await;
            let refusal = shop.confirms_code(&id, CODE).await.refused(502, "PG_PROVIDER");
            assert_eq!(refusal["pgCode"], "OUTCOME_UNKNOWN");
            shop.faults(json!({ "dropAnswerRate": 0.0 })).await;
            shop.after("PT2M").await;
            match shop.verification_of(&id).await["status"].as_str().unwrap() {
                "VERIFIED" => verified += 1,
                "READY" => {
                    still_ready += 1;
                    shop.confirms_code(&id, CODE).await.succeeds();
                }
                other => panic!("{other}"),
            }
        }
        assert!(
            sent > 0 && never_sent > 0 && verified > 0 && still_ready > 0,
            "every fate occurs: {sent} {never_sent} {verified} {still_ready}"
        );
        shop.closes().await;
    });
}

#[test]
fn verifications_are_listed_by_what_is_asked_for() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        for (id, name, phone, operator) in [
            ("who-1", "Kim", "01011110000", "SKT"),
            ("who-2", "Lee", "01022220000", "KT"),
            ("who-3", "Park", "01033330000", "LGU_MVNO"),
        ] {
            let mut who = shop.who_says("SMS");
            who["operator"] = json!(operator);
            who["customer"]["name"] = json!(name);
            who["customer"]["phoneNumber"] = json!(phone);
            shop.sends_code(id, &who).await.succeeds();
            shop.after("PT1M").await;
        }
        shop.confirms_code("who-1", CODE).await.succeeds();
        shop.after("PT1M").await;
        for _ in 0..3 {
            shop.confirms_code("who-2", WRONG).await.refused(502, "PG_PROVIDER");
        }
        let pg_tx = shop.verification_of("who-1").await["pgTxId"].clone();
        for (criteria, expected) in [
            (json!({}), vec!["who-3", "who-2", "who-1"]),
            (json!({ "sort": { "order": "ASC" } }), vec!["who-1", "who-2", "who-3"]),
            (json!({ "page": { "number": 1, "size": 2 } }), vec!["who-1"]),
            (json!({ "sort": { "by": "STATUS_UPDATED_AT" } }), vec!["who-2", "who-1", "who-3"]),
            (json!({ "filter": { "timeRangeField": "VERIFIED_AT" } }), vec!["who-1"]),
            (json!({ "filter": { "timeRangeField": "FAILED_AT" } }), vec!["who-2"]),
            (json!({ "filter": { "statuses": ["READY"] } }), vec!["who-3"]),
            (json!({ "filter": { "statuses": ["VERIFIED", "FAILED"] } }), vec!["who-2", "who-1"]),
            (json!({ "filter": { "identityVerificationId": "who-2" } }), vec!["who-2"]),
            (json!({ "filter": { "identityVerificationTxId": "nobody" } }), vec![]),
            (json!({ "filter": { "pgTxId": pg_tx } }), vec!["who-1"]),
            (json!({ "filter": { "pgMerchantId": "demo-identity" } }), vec!["who-3", "who-2", "who-1"]),
            (
                json!({ "filter": { "pgProviders": ["DANAL"], "carriers": ["KT", "LGU_MVNO"] } }),
                vec!["who-3", "who-2"],
            ),
            (json!({ "filter": { "pgCompanies": ["KCP"] } }), vec![]),
            (json!({ "filter": { "customer": { "name": "Lee" } } }), vec!["who-2"]),
            (json!({ "filter": { "customer": { "phoneNumber": "01033330000" } } }), vec!["who-3"]),
            (
                json!({ "filter": { "customer": { "birthYear": "1990", "birthMonth": "01", "birthDay": "01" } } }),
                vec!["who-3", "who-2", "who-1"],
            ),
            (json!({ "filter": { "customer": { "gender": "FEMALE" } } }), vec!["who-1"]),
            (json!({ "filter": { "isTest": false } }), vec![]),
            (json!({ "filter": { "version": "V1" } }), vec![]),
        ] {
            let page = shop.list("/identity-verifications", &criteria).await.succeeds();
            let found: Vec<&str> =
                page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect();
            assert_eq!(found, expected, "{criteria}");
        }
        // A verification that was tried twice is one, by its latest attempt.
        shop.code_is_sent("who-2").await;
        let page = shop.list("/identity-verifications", &json!({})).await.succeeds();
        assert_eq!(page["page"]["totalCount"], 3);
        shop.list("/identity-verifications", &json!({ "filter": { "storeId": "store-x" } }))
            .await
            .refused(403, "FORBIDDEN");
        shop.closes().await;
    });
}

#[test]
fn verifications_belong_to_their_store_and_are_emptied_with_it() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.has_a_neighbour("merchant-n", "store-n", "secret-of-the-neighbour-0123456789").await;
        shop.code_is_sent("who-1").await;
        let neighbour =
            |method: &str, path: &str| shop.request_as("secret-of-the-neighbour-0123456789", method, path);
        let unknown = "IDENTITY_VERIFICATION_NOT_FOUND";
        shop.send(neighbour("GET", "/identity-verifications/who-1")).await.refused(404, unknown);
        shop.send(neighbour("POST", "/identity-verifications/who-1/resend")).await.refused(404, unknown);
        let code = json!({ "otp": CODE }).to_string();
        shop.send(neighbour("POST", "/identity-verifications/who-1/confirm").body(code))
            .await
            .refused(404, unknown);
        let listed = shop.send(neighbour("GET", "/identity-verifications")).await.succeeds();
        assert_eq!(listed["page"]["totalCount"], 0);
        shop.post("/sandbox/reset", &json!({})).await.succeeds();
        shop.get("/identity-verifications/who-1").await.refused(404, unknown);
        shop.code_is_sent("who-1").await;
        shop.confirms_code("who-1", CODE).await.succeeds();
        shop.closes().await;
    });
}
