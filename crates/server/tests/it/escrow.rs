//! Payments held in escrow until the buyer has the goods, and stores on a sales slip.

use crate::shop::{APPROVED, Answer, Shop, at_once, both_databases, sent};
use paypier::cli::dev::demo;
use paypier_domain::change::Write;
use paypier_domain::channel::Channel;
use serde_json::{Value, json};

fn parcel(invoice: &str) -> Value {
    json!({ "logistics": {
        "company": "CJ", "invoiceNumber": invoice, "sentAt": "2026-04-25T10:00:00+09:00",
    }})
}

fn complete_parcel(invoice: &str) -> Value {
    let party = json!({
        "name": "Hong Gildong", "phoneNumber": "01012345678", "zipcode": "04524",
        "address": { "addressLine1": "Wangsimni-ro 83", "addressLine2": "3F" },
    });
    let mut body = parcel(invoice);
    body["sender"] = party.clone();
    body["receiver"] = party;
    body["products"] = json!([{ "id": "p", "name": "a book", "amount": 10_000, "quantity": 1 }]);
    body
}

impl Shop {
    async fn pays_in_escrow(&self, id: &str, total: i64) {
        let mut order = self.order(APPROVED, total);
        order["isEscrow"] = json!(true);
        self.post(&format!("/payments/{id}/instant"), &order).await.succeeds();
    }

    /// The same through a channel of this provider.
    async fn pays_in_escrow_at(&self, id: &str, provider: &str) -> Answer {
        let key = format!("channel-of-{provider}");
        self.has_channel_of(provider, &key, None).await;
        let mut order = self.order(APPROVED, 10_000);
        order["isEscrow"] = json!(true);
        order["channelKey"] = json!(key);
        self.post(&format!("/payments/{id}/instant"), &order).await
    }

    /// A channel of another provider's, served by the simulated PSP.
    pub async fn has_channel_of(&self, provider: &str, key: &str, ini_api_key: Option<&str>) {
        let channel = self.channel(demo::STORE_ID, key, &format!("account-of-{provider}"));
        let psp = self.app().simulator.clone().unwrap();
        let clear = demo::sandbox_credentials(&psp, &channel.store, &channel.pg_merchant_id);
        let mut credentials: Value = serde_json::from_str(&clear).unwrap();
        if let Some(ini_api_key) = ini_api_key {
            credentials["iniApiKey"] = json!(ini_api_key);
        }
        let credentials = self.sealed(&channel.key, &credentials.to_string());
        let channel = Channel { pg_provider: provider.into(), credentials, ..channel };
        self.writes(vec![Write::Channel(Box::new(channel))]).await;
    }

    async fn reports(&self, id: &str, body: &Value) -> Answer {
        self.post(&format!("/payments/{id}/escrow/logistics"), body).await
    }

    async fn corrects(&self, id: &str, body: &Value) -> Answer {
        let path = format!("/payments/{id}/escrow/logistics");
        self.send(self.request("PATCH", &path).body(body.to_string())).await
    }

    async fn completes(&self, id: &str) -> Answer {
        self.post(&format!("/payments/{id}/escrow/complete"), &json!({})).await
    }

    async fn parcel_is(&self, id: &str, to: &str) -> Answer {
        self.post(&format!("/sandbox/payments/{id}/escrow"), &json!({ "to": to })).await
    }

    async fn escrow(&self, id: &str) -> Value {
        self.payment(id).await["escrow"].clone()
    }
}

#[test]
fn a_parcel_is_reported_corrected_delivered_and_the_purchase_completed() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.pays_in_escrow("order-1", 10_000).await;
        let before = shop.payment("order-1").await;
        assert_eq!(
            (&before["isEscrow"], &before["escrow"]["status"]),
            (&Value::Null, &json!("BEFORE_REGISTERED"))
        );
        let reported = shop.reports("order-1", &parcel("6012-1")).await.succeeds();
        assert_eq!(
            (&reported["invoiceNumber"], &reported["sentAt"]),
            (&json!("6012-1"), &json!("2026-04-25T01:00:00Z"))
        );
        let escrow = shop.escrow("order-1").await;
        assert_eq!(
            escrow,
            json!({
                "status": "REGISTERED", "company": "CJ", "invoiceNumber": "6012-1",
                "sentAt": "2026-04-25T01:00:00Z", "appliedAt": reported["appliedAt"],
            })
        );
        shop.reports("order-1", &parcel("6012-1")).await.refused(400, "INVALID_REQUEST");
        let corrected = shop.corrects("order-1", &parcel("6012-2")).await.succeeds();
        assert!(corrected["modifiedAt"].is_string());
        assert_eq!(shop.escrow("order-1").await["invoiceNumber"], "6012-2");
        shop.parcel_is("order-1", "DELIVERED").await.succeeds();
        assert_eq!(shop.escrow("order-1").await["status"], "DELIVERED");
        let completed = shop.completes("order-1").await.succeeds();
        assert!(completed["completedAt"].is_string());
        let escrow = shop.escrow("order-1").await;
        assert_eq!(
            (&escrow["status"], &escrow["isAutomaticallyConfirmed"]),
            (&json!("CONFIRMED"), &json!(false))
        );
        shop.completes("order-1").await.refused(400, "INVALID_REQUEST");
        shop.corrects("order-1", &parcel("6012-3")).await.refused(400, "INVALID_REQUEST");
        // Nothing of it is a status, an event or money.
        assert_eq!(shop.status("order-1").await, "PAID");
        assert_eq!(shop.webhooks("order-1").await, ["Paid"]);
        assert_eq!(shop.psp().await, (1, 10_000));
        shop.closes().await;
    });
}

#[test]
fn the_carrier_and_the_buyer_decide_too_and_lists_find_where_a_parcel_is() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        for (id, moves, last) in [
            ("registered", &[][..], "REGISTERED"),
            ("delivered", &["DELIVERED"], "DELIVERED"),
            ("rejected", &["DELIVERED", "REJECTED"], "REJECTED"),
            ("accepted-refusal", &["REJECTED", "REJECT_CONFIRMED"], "REJECT_CONFIRMED"),
            ("accepted", &["DELIVERED", "CONFIRMED"], "CONFIRMED"),
        ] {
            shop.pays_in_escrow(id, 10_000).await;
            shop.reports(id, &parcel("6012")).await.succeeds();
            for to in moves {
                shop.parcel_is(id, to).await.succeeds();
            }
            assert_eq!(shop.escrow(id).await["status"], last, "{id}");
        }
        shop.pays_in_escrow("early", 10_000).await;
        shop.is_paid("plain", 10_000).await;
        // What cannot be, is not; and a time that ran out is told apart.
        shop.parcel_is("registered", "REJECT_CONFIRMED").await.refused(400, "INVALID_REQUEST");
        shop.parcel_is("early", "DELIVERED").await.refused(400, "INVALID_REQUEST");
        shop.parcel_is("plain", "DELIVERED").await.refused(400, "INVALID_REQUEST");
        let automatic = json!({ "to": "CONFIRMED", "automatic": true });
        shop.post("/sandbox/payments/delivered/escrow", &automatic).await.succeeds();
        assert_eq!(shop.escrow("delivered").await["isAutomaticallyConfirmed"], true);
        shop.completes("rejected").await.refused(400, "INVALID_REQUEST");
        let found = |filter: Value| {
            let shop = &shop;
            async move {
                let page = shop.list("/payments", &json!({ "filter": filter })).await.succeeds();
                let ids = page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap());
                let mut ids: Vec<String> = ids.map(str::to_owned).collect();
                ids.sort();
                (ids, page["page"]["totalCount"].as_i64().unwrap())
            }
        };
        assert_eq!(found(json!({ "escrowStatus": "REJECTED" })).await, (vec!["rejected".into()], 1));
        let confirmed = found(json!({ "escrowStatus": "CONFIRMED" })).await;
        assert_eq!(confirmed, (vec!["accepted".into(), "delivered".into()], 2));
        assert_eq!(found(json!({ "escrowStatus": "CANCELLED" })).await.1, 0);
        assert_eq!(found(json!({ "isEscrow": true })).await.1, 6);
        assert_eq!(found(json!({ "isEscrow": false })).await, (vec!["plain".into()], 1));
        shop.closes().await;
    });
}

#[test]
fn a_whole_refund_ends_a_delivery_that_was_reported() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        for id in ["reported", "never-reported"] {
            shop.pays_in_escrow(id, 10_000).await;
        }
        shop.reports("reported", &parcel("6012")).await.succeeds();
        shop.cancels("reported", Some(4_000)).await.succeeds();
        assert_eq!(shop.escrow("reported").await["status"], "REGISTERED");
        for id in ["reported", "never-reported"] {
            shop.cancels(id, None).await.succeeds();
        }
        assert_eq!(shop.escrow("reported").await["status"], "CANCELLED");
        assert_eq!(shop.escrow("never-reported").await["status"], "BEFORE_REGISTERED");
        shop.reports("never-reported", &parcel("6012")).await.refused(409, "PAYMENT_NOT_PAID");
        shop.corrects("reported", &parcel("6013")).await.refused(409, "PAYMENT_NOT_PAID");
        shop.completes("reported").await.refused(409, "PAYMENT_NOT_PAID");
        shop.parcel_is("reported", "DELIVERED").await.refused(400, "INVALID_REQUEST");
        shop.closes().await;
    });
}

#[test]
fn every_refusal_of_escrow_has_its_condition_and_its_place() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.has_a_neighbour("merchant-2", "store-2", "neighbours-secret").await;
        let elsewhere = |body: Value| {
            let mut body = body;
            body["storeId"] = json!("store-2");
            body
        };
        let nonsense = json!({ "logistics": { "company": "OWL", "invoiceNumber": "1", "sentAt": "x" } });
        shop.reports("never", &elsewhere(nonsense.clone())).await.refused(403, "FORBIDDEN");
        shop.corrects("never", &elsewhere(parcel("1"))).await.refused(403, "FORBIDDEN");
        shop.reports("never", &nonsense).await.refused(400, "INVALID_REQUEST");
        shop.reports("never", &json!({})).await.refused(400, "INVALID_REQUEST");
        shop.reports("never", &parcel("1")).await.refused(404, "PAYMENT_NOT_FOUND");
        shop.corrects("never", &parcel("1")).await.refused(404, "PAYMENT_NOT_FOUND");
        shop.completes("never").await.refused(404, "PAYMENT_NOT_FOUND");
        shop.pays("failed", crate::shop::DECLINED, 1_000).await.refused(502, "PG_PROVIDER");
        shop.reports("failed", &parcel("1")).await.refused(409, "PAYMENT_NOT_PAID");
        shop.completes("failed").await.refused(409, "PAYMENT_NOT_PAID");
        shop.is_paid("plain", 1_000).await;
        for answer in [
            shop.reports("plain", &parcel("1")).await,
            shop.corrects("plain", &parcel("1")).await,
            shop.completes("plain").await,
        ] {
            let refusal = answer.refused(400, "INVALID_REQUEST");
            assert_eq!(refusal["message"], "the payment is not held in escrow");
        }
        shop.pays_in_escrow("order-1", 1_000).await;
        shop.corrects("order-1", &parcel("1")).await.refused(400, "INVALID_REQUEST");
        shop.completes("order-1").await.refused(400, "INVALID_REQUEST");
        // The PSP knows no such invoice, and nothing was reported then.
        let refusal = shop.reports("order-1", &parcel("000")).await.refused(502, "PG_PROVIDER");
        assert_eq!(refusal["pgCode"], "SANDBOX_INVOICE_UNKNOWN");
        assert_eq!(shop.escrow("order-1").await["status"], "BEFORE_REGISTERED");
        shop.reports("order-1", &parcel("1")).await.succeeds();
        shop.corrects("order-1", &parcel("000")).await.refused(502, "PG_PROVIDER");
        assert_eq!(shop.escrow("order-1").await["invoiceNumber"], "1");
        shop.closes().await;
    });
}

#[test]
fn each_provider_gets_what_its_contract_demands() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        for (id, provider, lacks) in [
            ("inicis", "INICIS_V2", "sender.name"),
            ("welcome", "WELCOME", "sender.name"),
            ("nice", "NICE_V2", "sender.name"),
        ] {
            shop.pays_in_escrow_at(id, provider).await.succeeds();
            let refusal = shop.reports(id, &parcel("1")).await.refused(400, "INVALID_REQUEST");
            assert_eq!(refusal["message"], format!("{provider} needs {lacks} for an escrow delivery"));
            shop.reports(id, &complete_parcel("1")).await.succeeds();
        }
        shop.corrects("inicis", &complete_parcel("2")).await.succeeds();
        // NICE has no change of what was reported.
        let refusal = shop.corrects("nice", &complete_parcel("2")).await.refused(502, "PG_PROVIDER");
        assert_eq!(refusal["pgCode"], "NOT_SUPPORTED");
        assert_eq!(shop.escrow("nice").await["invoiceNumber"], "1");
        // What a provider takes in its window only is refused before it is asked.
        for provider in ["KSNET", "KCP_V2"] {
            shop.pays_in_escrow_at("refused", provider).await.refused(400, "INVALID_REQUEST");
        }
        shop.has_channel_of("KPN", "channel-of-kpn", None).await;
        let account = json!({
            "channelKey": "channel-of-kpn", "orderName": "a book", "currency": "KRW", "isEscrow": true,
            "amount": { "total": 1_000 }, "method": { "virtualAccount": {
                "bank": "SHINHAN", "expiry": { "validHours": 1 }, "option": { "type": "NORMAL" },
            }},
        });
        shop.post("/payments/refused/instant", &account).await.refused(400, "INVALID_REQUEST");
        shop.get("/payments/refused").await.refused(404, "PAYMENT_NOT_FOUND");
        shop.closes().await;
    });
}

#[test]
fn of_two_that_report_at_once_one_does() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.pays_in_escrow("order-1", 10_000).await;
        let report = |number: usize| {
            shop.request("POST", "/payments/order-1/escrow/logistics")
                .body(parcel(&format!("6012-{number}")).to_string())
        };
        let answers = at_once((0..5).map(report).collect()).await;
        let taken: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
        assert_eq!(taken.len(), 1, "{answers:?}");
        assert_eq!(shop.escrow("order-1").await["invoiceNumber"], taken[0].body["invoiceNumber"]);
        for answer in answers.iter().filter(|answer| answer.status != 200) {
            let kind = answer.body["type"].as_str().unwrap();
            assert!(
                matches!((answer.status, kind), (400, "INVALID_REQUEST") | (409, "PAYMENT_NOT_PAID")),
                "{answer:?}"
            );
        }
        shop.closes().await;
    });
}

#[test]
fn a_report_whose_answer_is_lost_is_found_out_and_its_key_hears_the_truth() {
    both_databases(|engine| async move {
        for seed in 1..5 {
            let shop = Shop::open(engine).await;
            shop.pays_in_escrow("order-1", 10_000).await;
            let report = |shop: &Shop| {
                shop.request("POST", "/payments/order-1/escrow/logistics")
                    .header("idempotency-key", "\"report-order-1-once\"")
                    .body(parcel("6012").to_string())
            };
            shop.faults(json!({ "dropAnswerRate": 1, "seed": seed })).await;
            let unknown = shop.send(report(&shop)).await.refused(502, "PG_PROVIDER");
            assert_eq!(unknown["pgCode"], "OUTCOME_UNKNOWN");
            shop.corrects("order-1", &parcel("6013")).await.refused(409, "PAYMENT_NOT_PAID");
            let shop = shop.loses_power_and_opens_again().await;
            shop.faults(json!({ "dropAnswerRate": 0 })).await;
            shop.after("PT5M").await;
            shop.jobs_run().await;
            let told = shop.send(report(&shop)).await;
            match shop.escrow("order-1").await["status"].as_str() {
                Some("REGISTERED") => assert_eq!(told.succeeds()["invoiceNumber"], "6012"),
                Some("BEFORE_REGISTERED") => {
                    assert_eq!(told.refused(502, "PG_PROVIDER")["pgCode"], "NOT_EXECUTED");
                    shop.reports("order-1", &parcel("6012")).await.succeeds();
                }
                other => panic!("{other:?}"),
            }
            shop.closes().await;
        }
    });
}

#[test]
fn power_that_is_lost_while_reporting_leaves_nothing_open() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.pays_in_escrow("order-1", 10_000).await;
        shop.faults(json!({ "dropAnswerRate": 1, "seed": 3 })).await;
        let request = shop
            .request("POST", "/payments/order-1/escrow/logistics")
            .header("idempotency-key", "\"report-order-1-once\"")
            .body(parcel("6012").to_string());
        let reporting = tokio::spawn(sent(request));
        let app = shop.app().clone();
        crate::shop::eventually("an intention to report", || async {
            let key = paypier_domain::id::PaymentKey {
                store: paypier_domain::id::StoreId::known(demo::STORE_ID),
                payment: paypier_domain::id::PaymentId::known("order-1"),
            };
            let payment = app.storage.payment(&key).await.unwrap().unwrap();
            payment.attempts[0].escrow.is_some()
        })
        .await;
        let shop = shop.loses_power_and_opens_again().await;
        let _ = reporting.await;
        shop.faults(json!({ "dropAnswerRate": 0 })).await;
        shop.after("PT5M").await;
        shop.jobs_run().await;
        // Whoever was interrupted may repeat the request and is heard.
        let again = shop
            .request("POST", "/payments/order-1/escrow/logistics")
            .header("idempotency-key", "\"report-order-1-once\"")
            .body(parcel("6012").to_string());
        assert_eq!(shop.send(again).await.succeeds()["invoiceNumber"], "6012");
        assert_eq!(shop.escrow("order-1").await["status"], "REGISTERED");
        shop.closes().await;
    });
}

#[test]
fn stores_are_put_on_the_slip_of_an_inicis_payment() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.has_channel_of("INICIS_V2", "inicis", Some("ini-api-key")).await;
        shop.has_channel_of("INICIS_V2", "inicis-without", None).await;
        let pays = |id: &'static str, channel: &'static str| {
            let mut order = shop.order(APPROVED, 10_000);
            order["channelKey"] = json!(channel);
            let shop = &shop;
            async move { shop.post(&format!("/payments/{id}/instant"), &order).await.succeeds() }
        };
        pays("order-1", "inicis").await;
        pays("keyless", "inicis-without").await;
        shop.is_paid("toss", 10_000).await;
        shop.pays("failed", crate::shop::DECLINED, 1_000).await.refused(502, "PG_PROVIDER");
        let item = |change: Value| {
            let mut item = json!({
                "storeBusinessRegistrationNumber": "120-81-47521", "storeName": "a stall", "totalAmount": 1_000,
                "taxFreeAmount": 0, "vatAmount": 91, "supplyAmount": 909, "currency": "KRW",
            });
            for (name, member) in change.as_object().unwrap() {
                item[name] = member.clone();
            }
            item
        };
        let register = |id: &'static str, items: Value| {
            let shop = &shop;
            async move {
                shop.post(&format!("/payments/{id}/register-store-receipt"), &json!({ "items": items })).await
            }
        };
        let good = json!([item(json!({})), item(json!({ "storeName": "another stall" }))]);
        register("order-1", json!([])).await.refused(400, "INVALID_REQUEST");
        register("never", good.clone()).await.refused(404, "PAYMENT_NOT_FOUND");
        register("failed", good.clone()).await.refused(409, "PAYMENT_NOT_PAID");
        for (id, items) in [
            ("toss", good.clone()),
            ("order-1", json!([item(json!({ "currency": "USD" }))])),
            ("order-1", json!([item(json!({ "vatAmount": null }))])),
            ("keyless", good.clone()),
        ] {
            register(id, items).await.refused(400, "INVALID_REQUEST");
        }
        let unknown = json!([item(json!({ "storeBusinessRegistrationNumber": "1208147522" }))]);
        let refusal = register("order-1", unknown).await.refused(502, "PG_PROVIDER");
        assert_eq!(refusal["pgCode"], "SANDBOX_STORE_UNKNOWN");
        let slip = register("order-1", good.clone()).await.succeeds();
        assert_eq!(slip["receiptUrl"], shop.payment("order-1").await["receiptUrl"]);
        // Again: what was there is replaced. And the same key has the same answer.
        let keyed = || {
            shop.request("POST", "/payments/order-1/register-store-receipt")
                .header("idempotency-key", "\"register-receipt-1\"")
                .body(json!({ "items": good }).to_string())
        };
        let (first, again) = (shop.send(keyed()).await, shop.send(keyed()).await);
        assert_eq!((first.status, &first.bytes), (200, &again.bytes));
        shop.faults(json!({ "dropAnswerRate": 1 })).await;
        let lost = register("order-1", good.clone()).await.refused(502, "PG_PROVIDER");
        assert_eq!(lost["pgCode"], "OUTCOME_UNKNOWN");
        shop.faults(json!({})).await;
        assert_eq!(shop.webhooks("order-1").await, ["Paid"]);
        shop.closes().await;
    });
}
