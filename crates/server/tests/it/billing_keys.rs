//! Billing keys: a right to charge a buyer who is not there, at one PSP or at several.

use crate::shop::{APPROVED, Answer, DECLINED, Shop, TOKEN_DECLINED, both_databases, card};
use paypier::cli::dev::demo;
use serde_json::{Value, json};

const GROUP: &str = "channel-group-test-story";

impl Shop {
    fn issuance(&self, number: &str) -> Value {
        json!({ "channelKey": demo::CARD.key, "method": { "card": card(number) }, "noticeUrls": [self.receiver.url] })
    }

    fn super_issuance(&self, group: &str) -> Value {
        json!({ "channelGroupId": group, "method": { "card": card(APPROVED) }, "noticeUrls": [self.receiver.url] })
    }

    async fn issues(&self, body: &Value) -> String {
        let issued = self.post("/billing-keys", body).await.succeeds();
        issued["billingKeyInfo"]["billingKey"].as_str().unwrap().to_owned()
    }

    async fn charges(&self, id: &str, key: &str, more: &Value) -> Answer {
        let mut body = json!({
            "billingKey": key, "orderName": "a month of books", "currency": "KRW", "amount": { "total": 5_000 },
            "noticeUrls": [self.receiver.url],
        });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        self.post(&format!("/payments/{id}/billing-key"), &body).await
    }

    async fn deletes(&self, key: &str) -> Answer {
        self.send(self.request("DELETE", &format!("/billing-keys/{key}"))).await
    }

    async fn key_webhooks(&self, key: &str) -> Vec<String> {
        self.jobs_run().await;
        self.receiver.about_key(key).iter().map(|webhook| webhook.kind().to_owned()).collect()
    }

    /// The channel that took the payment.
    async fn taker(&self, id: &str) -> String {
        self.payment(id).await["channel"]["key"].as_str().unwrap().to_owned()
    }
}

fn none() -> Value {
    json!({})
}

fn channels(body: &Value) -> Vec<&str> {
    body.as_array().unwrap().iter().map(|channel| channel["key"].as_str().unwrap()).collect()
}

#[test]
fn a_key_is_issued_read_charged_and_deleted() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let mut issuance = shop.issuance(APPROVED);
        issuance["customer"] =
            json!({ "id": "c-1", "name": { "full": "Hong Gildong" }, "email": "hong@example.com" });
        issuance["customData"] = json!("{\"plan\":1}");
        let answer = shop.post("/billing-keys", &issuance).await.succeeds();
        assert_eq!(answer["channelSpecificFailures"], json!([]));
        assert_eq!(channels(&answer["billingKeyInfo"]["channels"]), [demo::CARD.key]);
        let key = answer["billingKeyInfo"]["billingKey"].as_str().unwrap().to_owned();
        assert!(key.starts_with("billing-key-"));

        let info = shop.get(&format!("/billing-keys/{key}")).await.succeeds();
        assert_eq!(
            (&info["status"], &info["customer"]["name"], &info["customData"]),
            (&json!("ISSUED"), &json!("Hong Gildong"), &json!("{\"plan\":1}"))
        );
        assert_eq!(info["methods"][0]["card"]["brand"], "VISA");
        assert!(!info.to_string().contains(APPROVED) && !info.to_string().contains("null"), "{info}");

        shop.charges("month-1", &key, &none()).await.succeeds();
        let more = json!({ "customer": { "email": "other@example.com" } });
        shop.charges("month-2", &key, &more).await.succeeds();
        shop.charges("month-1", &key, &none()).await.refused(409, "ALREADY_PAID");
        let (first, second) = (shop.payment("month-1").await, shop.payment("month-2").await);
        assert_eq!((&first["billingKey"], &first["status"]), (&json!(key), &json!("PAID")));
        assert_eq!(
            (&first["customer"]["name"], &first["customer"]["email"]),
            (&json!("Hong Gildong"), &json!("hong@example.com"))
        );
        assert_eq!(
            (&second["customer"]["name"], &second["customer"]["email"]),
            (&json!("Hong Gildong"), &json!("other@example.com"))
        );
        shop.cancels("month-2", None).await.succeeds();
        assert_eq!(shop.webhooks("month-2").await, ["Paid", "Cancelled"]);

        assert!(shop.deletes(&key).await.succeeds()["deletedAt"].is_string());
        shop.deletes(&key).await.refused(409, "BILLING_KEY_ALREADY_DELETED");
        shop.charges("month-3", &key, &none()).await.refused(409, "BILLING_KEY_ALREADY_DELETED");
        let info = shop.get(&format!("/billing-keys/{key}")).await.succeeds();
        assert_eq!((&info["status"], channels(&info["channels"]).len()), (&json!("DELETED"), 1));
        assert_eq!(shop.key_webhooks(&key).await, ["BillingKey.Issued", "BillingKey.Deleted"]);
        shop.get("/payments/month-3").await.refused(404, "PAYMENT_NOT_FOUND");
        assert_eq!(shop.psp().await, (2, 5_000));
        // What was paid with it can still be cancelled.
        shop.cancels("month-1", None).await.succeeds();
        shop.closes().await;
    });
}

#[test]
fn a_card_may_be_refused_when_the_key_is_issued_or_when_it_is_charged() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let refusal = shop.post("/billing-keys", &shop.issuance(DECLINED)).await.refused(502, "PG_PROVIDER");
        assert_eq!(refusal["pgCode"], "SANDBOX_DECLINED");
        shop.jobs_run().await;
        let failed = shop.receiver.all();
        assert_eq!(failed.len(), 1);
        assert_eq!(failed[0].body["type"], "BillingKey.Failed");
        let never = failed[0].body["data"]["billingKey"].as_str().unwrap();
        shop.get(&format!("/billing-keys/{never}")).await.refused(404, "BILLING_KEY_NOT_FOUND");
        shop.deletes(never).await.refused(404, "BILLING_KEY_NOT_ISSUED");
        shop.charges("month-1", never, &none()).await.refused(404, "BILLING_KEY_NOT_FOUND");

        let key = shop.issues(&shop.issuance(TOKEN_DECLINED)).await;
        for _ in 0..2 {
            let refusal = shop.charges("month-1", &key, &none()).await.refused(502, "PG_PROVIDER");
            assert_eq!(refusal["pgCode"], "SANDBOX_DECLINED");
        }
        let payment = shop.payment("month-1").await;
        assert_eq!((&payment["status"], &payment["billingKey"]), (&json!("FAILED"), &json!(key)));
        assert_eq!(shop.webhooks("month-1").await, ["Failed", "Failed"]);
        assert_eq!(shop.psp().await, (0, 0));
        for unknown in ["billing-key-unknown", "x"] {
            shop.get(&format!("/billing-keys/{unknown}")).await.refused(404, "BILLING_KEY_NOT_FOUND");
            shop.deletes(unknown).await.refused(404, "BILLING_KEY_NOT_FOUND");
        }
        shop.closes().await;
    });
}

#[test]
fn skip_webhook_hides_issuance_and_deletion_but_not_a_refusal() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let mut issuance = shop.issuance(APPROVED);
        issuance["skipWebhook"] = json!(true);
        let key = shop.issues(&issuance).await;
        shop.send(shop.request(
            "DELETE",
            &format!("/billing-keys/{key}?skipWebhook=true&reason=bye&requester=CUSTOMER"),
        ))
        .await
        .succeeds();
        assert_eq!(shop.key_webhooks(&key).await, Vec::<String>::new());
        issuance["method"] = json!({ "card": card(DECLINED) });
        shop.post("/billing-keys", &issuance).await.refused(502, "PG_PROVIDER");
        shop.jobs_run().await;
        assert_eq!(shop.receiver.all().len(), 1);
        for query in ["skipWebhook=yes", "requester=NOBODY"] {
            shop.send(shop.request("DELETE", &format!("/billing-keys/{key}?{query}")))
                .await
                .refused(400, "INVALID_REQUEST");
        }
        shop.closes().await;
    });
}

#[test]
fn keys_are_listed_by_what_is_asked_for() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let issue = async |customer: Value, channel: Option<&str>| {
            let mut issuance = shop.issuance(APPROVED);
            issuance["customer"] = customer;
            match channel {
                Some(channel) => issuance["channelKey"] = json!(channel),
                None => {
                    issuance.as_object_mut().unwrap().remove("channelKey");
                    issuance["channelGroupId"] = json!(demo::GROUP_ID);
                }
            }
            shop.issues(&issuance).await
        };
        let kim = issue(json!({ "id": "c-1", "name": { "full": "Kim" }, "email": "kim@example.com", "phoneNumber": "01011" }), Some(demo::CARD.key)).await;
        let lee = issue(
            json!({ "id": "c-2", "name": { "full": "Lee" }, "zipcode": "06234" }),
            Some(demo::BACKUP.key),
        )
        .await;
        let both = issue(json!({ "id": "c-1", "name": { "full": "Kimchi" } }), None).await;
        shop.deletes(&lee).await.succeeds();
        shop.post("/billing-keys", &shop.issuance(DECLINED)).await.refused(502, "PG_PROVIDER");

        for (criteria, expected) in [
            (json!({}), vec![&both, &lee, &kim]),
            (json!({ "sort": { "order": "ASC" } }), vec![&kim, &lee, &both]),
            (json!({ "filter": { "status": ["ISSUED"] } }), vec![&both, &kim]),
            (json!({ "filter": { "status": ["DELETED"] } }), vec![&lee]),
            (json!({ "filter": { "status": [] } }), vec![&both, &lee, &kim]),
            (json!({ "filter": { "customerId": "c-1" } }), vec![&both, &kim]),
            (json!({ "filter": { "customerId": "c-" } }), vec![]),
            (json!({ "filter": { "pgProviders": ["NICE_V2"] } }), vec![&both, &lee]),
            (json!({ "filter": { "pgCompanies": ["TOSSPAYMENTS"] } }), vec![&both, &kim]),
            (json!({ "filter": { "pgCompanies": ["PAYPAL"] } }), vec![]),
            (json!({ "filter": { "channelGroupIds": [demo::GROUP_ID] } }), vec![&both]),
            (json!({ "filter": { "methods": ["CARD"] } }), vec![&both, &lee, &kim]),
            (json!({ "filter": { "methods": ["EASY_PAY"] } }), vec![]),
            (json!({ "filter": { "platformType": "API" } }), vec![&both, &lee, &kim]),
            (json!({ "filter": { "platformType": "SDK_PC" } }), vec![]),
            (
                json!({ "filter": { "textSearch": { "field": "CUSTOMER_NAME", "value": "Kim" } } }),
                vec![&both, &kim],
            ),
            (json!({ "filter": { "textSearch": { "field": "CUSTOMER_NAME", "value": "im" } } }), vec![]),
            (
                json!({ "filter": { "textSearch": { "field": "CUSTOMER_EMAIL", "value": "kim@" } } }),
                vec![&kim],
            ),
            (
                json!({ "filter": { "textSearch": { "field": "CUSTOMER_PHONE_NUMBER", "value": "0101" } } }),
                vec![&kim],
            ),
            (
                json!({ "filter": { "textSearch": { "field": "CUSTOMER_ZIPCODE", "value": "06" } } }),
                vec![&lee],
            ),
            // Nothing is kept of a deleted key's card.
            (
                json!({ "filter": { "textSearch": { "field": "CARD_BIN", "value": "4242" } } }),
                vec![&both, &kim],
            ),
            (json!({ "filter": { "textSearch": { "field": "BILLING_KEY", "value": kim } } }), vec![&kim]),
            (
                json!({ "filter": { "textSearch": { "field": "CHANNEL_GROUP_NAME", "value": "Cards over" } } }),
                vec![&both],
            ),
            (json!({ "filter": { "timeRangeField": "DELETED_AT" } }), vec![&lee]),
            (json!({ "filter": { "until": "2020-01-01T00:00:00Z" } }), vec![]),
            (json!({ "filter": { "version": "V1" } }), vec![]),
        ] {
            let list = shop.list("/billing-keys", &criteria).await.succeeds();
            let found: Vec<_> = list["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["billingKey"].as_str().unwrap())
                .collect();
            assert_eq!(found, expected, "{criteria}");
            assert_eq!(list["page"]["totalCount"], expected.len(), "{criteria}");
        }
        let page =
            shop.list("/billing-keys", &json!({ "page": { "number": 1, "size": 2 } })).await.succeeds();
        assert_eq!(page["items"][0]["billingKey"], kim.as_str());
        assert_eq!(page["page"], json!({ "number": 1, "size": 2, "totalCount": 3 }));
        for criteria in [
            json!({ "page": { "size": 0 } }),
            json!({ "page": { "number": -1 } }),
            json!({ "filter": { "from": "2026-02-01T00:00:00Z", "until": "2026-01-01T00:00:00Z" } }),
            json!({ "filter": { "status": ["READY?"] } }),
        ] {
            shop.list("/billing-keys", &criteria).await.refused(400, "INVALID_REQUEST");
        }
        shop.closes().await;
    });
}

#[test]
fn a_super_key_lives_with_the_channels_that_granted_it() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.groups(GROUP, &[(demo::CARD.key, 60, true), (demo::BACKUP.key, 40, true)]).await;
        shop.loses_credentials(demo::BACKUP.key).await;
        let answer = shop.post("/billing-keys", &shop.super_issuance(GROUP)).await.succeeds();
        assert_eq!(channels(&answer["billingKeyInfo"]["channels"]), [demo::CARD.key]);
        let failures = answer["channelSpecificFailures"].as_array().unwrap();
        assert_eq!(failures.len(), 1);
        assert_eq!(
            (&failures[0]["type"], &failures[0]["channel"]["key"]),
            (&json!("PG_PROVIDER"), &json!(demo::BACKUP.key))
        );
        assert!(failures[0]["pgCode"].as_str().unwrap().starts_with("SANDBOX_"), "{answer}");
        let key = answer["billingKeyInfo"]["billingKey"].as_str().unwrap().to_owned();
        let info = shop.get(&format!("/billing-keys/{key}")).await.succeeds();
        let responses = info["pgBillingKeyIssueResponses"].as_array().unwrap();
        let kinds: Vec<_> = responses.iter().map(|response| response["type"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["ISSUED", "FAILED"]);
        assert_eq!(info["channelGroup"]["id"], GROUP);

        // Only the channel that holds the key is drawn, whatever the weights say.
        shop.finds_credentials(demo::BACKUP.key).await;
        for number in 0..6 {
            let id = format!("month-{number}");
            shop.charges(&id, &key, &none()).await.succeeds();
            assert_eq!(shop.taker(&id).await, demo::CARD.key);
        }
        assert_eq!(shop.payment("month-0").await["channelGroup"]["id"], GROUP);
        let elsewhere = json!({ "channelKey": demo::BACKUP.key });
        shop.charges("month-6", &key, &elsewhere).await.refused(404, "CHANNEL_NOT_FOUND");
        shop.charges("month-6", &key, &json!({ "channelKey": "unknown" }))
            .await
            .refused(404, "CHANNEL_NOT_FOUND");
        assert_eq!(shop.key_webhooks(&key).await, ["BillingKey.Issued"]);
        shop.closes().await;
    });
}

#[test]
fn a_super_key_that_no_channel_grants_is_refused_channel_by_channel() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.groups(GROUP, &[(demo::CARD.key, 60, true), (demo::BACKUP.key, 40, true)]).await;
        shop.loses_credentials(demo::CARD.key).await;
        shop.loses_credentials(demo::BACKUP.key).await;
        let refusal =
            shop.post("/billing-keys", &shop.super_issuance(GROUP)).await.refused(502, "CHANNEL_SPECIFIC");
        let failing: Vec<_> = refusal["failures"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| f["channel"]["key"].as_str().unwrap())
            .collect();
        assert_eq!(failing, [demo::CARD.key, demo::BACKUP.key]);
        assert_eq!(refusal["succeededChannels"], json!([]));
        shop.jobs_run().await;
        let kinds: Vec<_> = shop.receiver.all().iter().map(|webhook| webhook.kind().to_owned()).collect();
        assert_eq!(kinds, ["BillingKey.Failed"]);
        for group in ["channel-group-test-unknown", ""] {
            let answer = shop.post("/billing-keys", &shop.super_issuance(group)).await;
            let (status, kind) =
                if group.is_empty() { (400, "INVALID_REQUEST") } else { (404, "CHANNEL_NOT_FOUND") };
            answer.refused(status, kind);
        }
        shop.closes().await;
    });
}

#[test]
fn a_super_key_is_charged_by_the_groups_present_weights() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        // Weight 0 is issued on and not drawn.
        shop.groups(GROUP, &[(demo::CARD.key, 100, true), (demo::BACKUP.key, 0, true)]).await;
        let key = shop.issues(&shop.super_issuance(GROUP)).await;
        let info = shop.get(&format!("/billing-keys/{key}")).await.succeeds();
        assert_eq!(channels(&info["channels"]), [demo::CARD.key, demo::BACKUP.key]);
        let mut number = 0;
        let mut charge = async |more: &Value| {
            number += 1;
            let id = format!("month-{number}");
            shop.charges(&id, &key, more).await.succeeds();
            shop.taker(&id).await
        };
        for _ in 0..5 {
            assert_eq!(charge(&none()).await, demo::CARD.key);
        }
        assert_eq!(charge(&json!({ "channelKey": demo::BACKUP.key })).await, demo::BACKUP.key);
        shop.groups(GROUP, &[(demo::CARD.key, 0, true), (demo::BACKUP.key, 100, true)]).await;
        for _ in 0..5 {
            assert_eq!(charge(&none()).await, demo::BACKUP.key);
        }
        shop.groups(GROUP, &[(demo::CARD.key, 50, true), (demo::BACKUP.key, 50, true)]).await;
        let mut takers = Vec::new();
        for _ in 0..24 {
            takers.push(charge(&none()).await);
        }
        assert!(
            takers.iter().any(|taker| taker == demo::CARD.key)
                && takers.iter().any(|taker| taker == demo::BACKUP.key)
        );
        // Only a channel of weight 0 is left: it is used rather than none.
        shop.groups(GROUP, &[(demo::CARD.key, 0, true), (demo::BACKUP.key, 100, false)]).await;
        for _ in 0..3 {
            assert_eq!(charge(&none()).await, demo::CARD.key);
        }
        shop.groups(GROUP, &[(demo::CARD.key, 0, false), (demo::BACKUP.key, 100, false)]).await;
        shop.charges("nowhere", &key, &none()).await.refused(404, "CHANNEL_NOT_FOUND");
        let mut order = shop.order(APPROVED, 1_000);
        order.as_object_mut().unwrap().remove("channelKey");
        order["channelGroupId"] = json!(GROUP);
        shop.post("/payments/nowhere/instant", &order).await.refused(404, "CHANNEL_NOT_FOUND");
        shop.closes().await;
    });
}

#[test]
fn deleting_a_super_key_is_finished_when_every_channel_has_forgotten_it() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.groups(GROUP, &[(demo::CARD.key, 60, true), (demo::BACKUP.key, 40, true)]).await;
        let key = shop.issues(&shop.super_issuance(GROUP)).await;
        shop.loses_credentials(demo::BACKUP.key).await;
        let refusal = shop.deletes(&key).await.refused(502, "CHANNEL_SPECIFIC");
        assert_eq!(channels(&refusal["succeededChannels"]), [demo::CARD.key]);
        assert_eq!(refusal["failures"][0]["channel"]["key"], demo::BACKUP.key);
        let info = shop.get(&format!("/billing-keys/{key}")).await.succeeds();
        assert_eq!(
            (&info["status"], channels(&info["channels"])),
            (&json!("ISSUED"), vec![demo::BACKUP.key])
        );
        shop.finds_credentials(demo::BACKUP.key).await;
        shop.charges("month-1", &key, &none()).await.succeeds();
        assert_eq!(shop.taker("month-1").await, demo::BACKUP.key);
        shop.deletes(&key).await.succeeds();
        assert_eq!(shop.key_webhooks(&key).await, ["BillingKey.Issued", "BillingKey.Deleted"]);
        shop.closes().await;
    });
}
