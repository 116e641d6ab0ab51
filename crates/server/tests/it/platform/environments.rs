//! LIVE and TEST, who may come in, and in which order that is found out.

use super::{contract, ids};
use crate::shop::{Shop, both_databases};
use paypier_wire::v2::operation::{Subject, operations};
use serde_json::{Value, json};

/// Of a store that is not the representative one.
const OTHER_SECRET: &str = "a secret of another store of the same merchant";

#[test]
fn live_and_test_share_nothing_and_a_name_without_environment_is_looked_for_in_both() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let made = |test: &'static str, name: &'static str| {
            let mut body = contract("both");
            body["name"] = name.into();
            (format!("/platform/contracts{test}"), body)
        };
        let (path, body) = made("?test=true", "tested");
        let tested = shop.post(&path, &body).await.succeeds();
        assert_eq!(tested["contract"]["isForTest"], true);
        // Nothing is said: LIVE is looked at first, then TEST.
        assert_eq!(shop.get("/platform/contracts/both").await.succeeds()["name"], "tested");
        shop.get("/platform/contracts/both?test=false").await.refused(404, "PLATFORM_CONTRACT_NOT_FOUND");
        let (path, body) = made("", "live");
        let live = shop.post(&path, &body).await.succeeds();
        assert_eq!(live["contract"]["isForTest"], false);
        assert_eq!(shop.get("/platform/contracts/both").await.succeeds()["name"], "live");
        assert_eq!(shop.get("/platform/contracts/both?test=true").await.succeeds()["name"], "tested");
        // The opaque id is the entity's, whatever its environment and version.
        assert_eq!(live["contract"]["graphqlId"], tested["contract"]["graphqlId"]);

        // Lists without an environment are LIVE.
        for (query, name) in [("", "live"), ("?test=false", "live"), ("?test=true", "tested")] {
            let list = shop.get(&format!("/platform/contracts{query}")).await.succeeds();
            assert_eq!((ids(&list), &list["items"][0]["name"]), (vec!["both"], &Value::from(name)));
        }
        shop.closes().await;
    });
}

#[test]
fn whoever_may_not_come_in_is_told_before_anything_is_read() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.opens_sub_store("store-second", OTHER_SECRET).await;
        let nonsense = "{\"name\":";
        for (method, path) in [("POST", "/platform/contracts"), ("PATCH", "/platform/setting?test=maybe")] {
            let stranger = shop.send(shop.anonymous(method, path).body(nonsense)).await;
            stranger.refused(401, "UNAUTHORIZED");
            let other = shop.send(shop.request_as(OTHER_SECRET, method, path).body(nonsense)).await;
            other.refused(403, "FORBIDDEN");
            shop.send(shop.request(method, path).body(nonsense)).await.refused(400, "INVALID_REQUEST");
        }
        shop.closes().await;

        let closed = Shop::open_with(engine, |config| config.platform.enabled = false).await;
        closed.opens_sub_store("store-second", OTHER_SECRET).await;
        for secret in [paypier::cli::dev::demo::API_SECRET, OTHER_SECRET] {
            let answer =
                closed.send(closed.request_as(secret, "POST", "/platform/contracts").body(nonsense)).await;
            answer.refused(403, "PLATFORM_NOT_ENABLED");
        }
        closed.get("/platform/partners").await.refused(403, "PLATFORM_NOT_ENABLED");
        closed.closes().await;
    });
}

#[test]
fn the_same_key_makes_one_contract_and_gives_one_answer() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let mut body = contract("once");
        body.as_object_mut().unwrap().remove("id");
        let ask = || {
            shop.request("POST", "/platform/contracts?test=true")
                .header("idempotency-key", "\"a-contract-of-november\"")
                .body(body.to_string())
        };
        let first = shop.send(ask()).await;
        let second = shop.send(ask()).await;
        assert_eq!((first.status, &first.bytes), (second.status, &second.bytes));
        assert_eq!(shop.get("/platform/contracts?test=true").await.succeeds()["page"]["totalCount"], 1);
        let id = first.body["contract"]["id"].as_str().unwrap();
        assert!(id.len() == 10 && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()), "{id}");
        shop.closes().await;
    });
}

#[test]
fn emptying_the_sandbox_empties_the_tested_platform_and_no_other() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        for test in ["?test=true", ""] {
            shop.post(&format!("/platform/contracts{test}"), &contract("c")).await.succeeds();
            let change = json!({ "deductWht": false });
            shop.send(shop.request("PATCH", &format!("/platform/setting{test}")).body(change.to_string()))
                .await
                .succeeds();
        }
        shop.post("/sandbox/reset", &json!({})).await.succeeds();
        shop.get("/platform/contracts/c?test=true").await.refused(404, "PLATFORM_CONTRACT_NOT_FOUND");
        assert_eq!(shop.get("/platform/setting?test=true").await.succeeds()["deductWht"], true);
        shop.get("/platform/contracts/c?test=false").await.succeeds();
        assert_eq!(shop.get("/platform/setting?test=false").await.succeeds()["deductWht"], false);
        shop.closes().await;
    });
}

fn of_the_platform() -> impl Iterator<Item = (&'static str, String, &'static str)> {
    operations().filter(|operation| operation.subject == Subject::Platform).map(|operation| {
        let path = operation
            .path
            .replace("{id}", "prey")
            .replace("{bank}", "KOOKMIN")
            .replace("{accountNumber}", "110123456781")
            .replace("{businessRegistrationNumber}", "1208147521");
        (operation.method.as_str(), path, operation.id)
    })
}

#[test]
fn every_operation_is_the_merchants_own() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.opens_sub_store("store-sub", "sub-secret").await;
        shop.has_a_neighbour("merchant-other", "store-other", "other-secret").await;
        for test in ["?test=true", ""] {
            shop.post(&format!("/platform/contracts{test}"), &contract("c")).await.succeeds();
            let prey = super::partner("prey", super::business(super::GOING));
            shop.post(&format!("/platform/partners{test}"), &prey).await.succeeds();
            shop.post(&format!("/platform/contracts{test}"), &contract("prey")).await.succeeds();
        }
        let before = shop.get("/platform/partners/prey").await.succeeds();
        for (method, path, id) in of_the_platform() {
            for secret in [None, Some("stolen-and-wrong")] {
                let mut asked = shop.anonymous(method, &path).body("{");
                if let Some(secret) = secret {
                    asked = asked.header("authorization", format!("PortOne {secret}"));
                }
                shop.send(asked).await.refused(401, "UNAUTHORIZED");
            }
            for body in ["{", "{}"] {
                let answer = shop.send(shop.request_as("sub-secret", method, &path).body(body)).await;
                assert_eq!(answer.status, 403, "{id}: {}", answer.body);
            }
            // Another merchant has nothing of this name, and lists nothing.
            for test in ["", "?test=true"] {
                let path = format!("{path}{test}");
                let answer = shop.send(shop.request_as("other-secret", method, &path).body("{}")).await;
                match answer.status {
                    // Nothing of the merchant's own: rules have standard values, numbers are everybody's.
                    200 if path.contains("/prey") => panic!("{id}: {}", answer.body),
                    200 => assert!(
                        answer.body["items"].as_array().is_none_or(Vec::is_empty),
                        "{id}: {}",
                        answer.body
                    ),
                    404 | 400 | 503 => {}
                    // No provider of LIVE invoices, whoever asks.
                    403 if path.contains("counterparty") && test.is_empty() => {}
                    other => panic!("{id} is answered with {other}: {}", answer.body),
                }
            }
        }
        assert_eq!(shop.get("/platform/partners/prey").await.succeeds(), before);
        shop.closes().await;
    });
}
