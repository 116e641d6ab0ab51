//! Payments that are made by billing key at a later time: once, whatever happens meanwhile.

use crate::checkout::visitor::opening;
use crate::shop::{
    APPROVED, Answer, SILENT_AND_NOT_CHARGED, SILENT_FOR_LONG, Shop, TOKEN_DECLINED, at_once, both_databases,
    card, eventually,
};
use jiff::{SignedDuration, Timestamp};
use paypier::cli::dev::demo;
use paypier::clock::Clock;
use paypier_domain::change::Change;
use paypier_domain::channel::Environment;
use paypier_domain::id::{ScheduleId, StoreId};
use paypier_domain::job::{Job, JobWrite, Task};
use serde_json::{Value, json};
use std::time::Duration;

impl Shop {
    async fn has_card_on_file(&self, number: &str) -> String {
        let issuance = json!({ "channelKey": demo::CARD.key, "method": { "card": card(number) },
            "customer": { "id": "c-1", "email": "hong@example.com" } });
        let issued = self.post("/billing-keys", &issuance).await.succeeds();
        issued["billingKeyInfo"]["billingKey"].as_str().unwrap().to_owned()
    }

    /// So long after the shop's present.
    async fn later(&self, hours: i64) -> Timestamp {
        let clock = self.get("/sandbox/clock").await.succeeds();
        let now: Timestamp = clock["now"].as_str().unwrap().parse().unwrap();
        now + SignedDuration::from_hours(hours)
    }

    fn plan(&self, key: &str, time_to_pay: Timestamp) -> Value {
        json!({ "timeToPay": time_to_pay.to_string(), "payment": {
            "billingKey": key, "orderName": "a month of books", "currency": "KRW",
            "amount": { "total": 5_000 }, "noticeUrls": [self.receiver.url],
        }})
    }

    async fn plans(&self, id: &str, key: &str, hours: i64) -> Answer {
        let plan = self.plan(key, self.later(hours).await);
        self.post(&format!("/payments/{id}/schedule"), &plan).await
    }

    /// The id of a schedule that was accepted.
    async fn is_planned(&self, id: &str, key: &str, hours: i64) -> String {
        let body = self.plans(id, key, hours).await.succeeds();
        body["schedule"]["id"].as_str().unwrap().to_owned()
    }

    async fn schedule(&self, id: &str) -> Value {
        self.get(&format!("/payment-schedules/{id}")).await.succeeds()
    }

    async fn schedule_status(&self, id: &str) -> String {
        self.schedule(id).await["status"].as_str().unwrap().to_owned()
    }

    fn revocation(&self, criteria: &Value) -> reqwest::RequestBuilder {
        self.request("DELETE", &crate::shop::with_criteria("/payment-schedules", criteria))
    }

    async fn revokes(&self, criteria: &Value) -> Answer {
        self.send(self.revocation(criteria)).await
    }

    /// The power is gone for so many hours of the shop's time. Receivers judge signatures by real time, so it
    /// is the test clock that goes on, as another instance would move it.
    async fn closes_for(self, hours: i64) -> Self {
        let micros = hours * 3_600_000_000;
        self.opens_again_after(|database| async move {
            database.runs_sql(&format!("UPDATE stores SET test_clock_offset = {micros}")).await;
            database.runs_sql(&format!("UPDATE jobs SET wake_at = due_at - {micros}")).await;
        })
        .await
    }

    /// Attempts of the payment, as many as there are.
    async fn tries_of(&self, id: &str) -> usize {
        let found = self.get(&format!("/payments/{id}/transactions")).await.succeeds();
        found["items"].as_array().unwrap().len()
    }

    async fn charges_now(&self, id: &str, key: &str) -> Answer {
        let body = json!({ "billingKey": key, "orderName": "books", "currency": "KRW", "amount": { "total": 5_000 } });
        self.post(&format!("/payments/{id}/billing-key"), &body).await
    }

    async fn deletes_key(&self, key: &str) -> Answer {
        self.send(self.request("DELETE", &format!("/billing-keys/{key}"))).await
    }
}

#[test]
fn a_payment_is_planned_made_and_told() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let key = shop.has_card_on_file(APPROVED).await;
        let time = shop.later(24).await;
        let mut plan = shop.plan(&key, time);
        plan["payment"]["customData"] = json!("month 1");
        plan["payment"]["installmentMonth"] = json!(3);
        let made = shop.post("/payments/month-1/schedule", &plan).await.succeeds();
        let id = made["schedule"]["id"].as_str().unwrap().to_owned();
        let waiting = shop.schedule(&id).await;
        assert_eq!(
            (&waiting["status"], &waiting["paymentId"], &waiting["billingKey"], &waiting["totalAmount"]),
            (&json!("SCHEDULED"), &json!("month-1"), &json!(key), &json!(5_000))
        );
        assert_eq!(
            (
                &waiting["customData"],
                &waiting["isCulturalExpense"],
                &waiting["isEscrow"],
                &waiting["vatAmount"]
            ),
            (&json!("month 1"), &json!(false), &json!(false), &json!(455))
        );
        assert_eq!((&waiting["installmentMonth"], &waiting["customer"]["id"]), (&json!(3), &json!("c-1")));
        let planned: Timestamp = waiting["timeToPay"].as_str().unwrap().parse().unwrap();
        assert_eq!(planned.as_microsecond(), time.as_microsecond());
        assert!(waiting.get("startedAt").is_none() && waiting.get("completedAt").is_none());
        shop.get("/payments/month-1").await.refused(404, "PAYMENT_NOT_FOUND");
        // Never early.
        shop.after("PT23H59M").await;
        assert_eq!((shop.schedule_status(&id).await.as_str(), shop.psp().await), ("SCHEDULED", (0, 0)));
        shop.after("PT2M").await;

        let done = shop.schedule(&id).await;
        assert_eq!(done["status"], "SUCCEEDED");
        let started: Timestamp = done["startedAt"].as_str().unwrap().parse().unwrap();
        assert!(started >= planned && started < planned + SignedDuration::from_mins(1), "{done}");
        let payment = shop.payment("month-1").await;
        assert_eq!(
            (&payment["status"], &payment["scheduleId"], &payment["billingKey"]),
            (&json!("PAID"), &json!(id), &json!(key))
        );
        assert_eq!(
            (&payment["customData"], &payment["origin"]["platformType"], &payment["customer"]["email"]),
            (&json!("month 1"), &json!("API"), &json!("hong@example.com"))
        );
        assert_eq!(payment["method"]["installment"]["month"], 3);
        assert_eq!(shop.psp().await, (1, 5_000));
        assert_eq!(shop.webhooks("month-1").await, ["Paid"], "and nothing about the schedule");
        let scheduled =
            shop.list("/payments", &json!({ "filter": { "isScheduled": true } })).await.succeeds();
        assert_eq!(scheduled["page"]["totalCount"], 1);
        shop.cancels("month-1", None).await.succeeds();
        assert_eq!(shop.schedule_status(&id).await, "SUCCEEDED", "what was paid stays paid");
        shop.after("P30D").await;
        assert_eq!(shop.psp().await, (1, 0), "once");
        shop.get("/payment-schedules/unknown").await.refused(404, "PAYMENT_SCHEDULE_NOT_FOUND");
        shop.closes().await;
    });
}

#[test]
fn what_cannot_be_planned_is_refused_in_order() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let key = shop.has_card_on_file(APPROVED).await;
        let gone = shop.has_card_on_file(APPROVED).await;
        shop.deletes_key(&gone).await.succeeds();
        shop.is_paid("paid", 1_000).await;
        shop.is_paid("cancelled", 1_000).await;
        shop.cancels("cancelled", None).await.succeeds();
        let issue = json!({ "channelKey": demo::CHANNELS[2].key, "orderName": "tea", "currency": "KRW",
            "amount": { "total": 1_000 }, "method": { "virtualAccount": { "bank": "SHINHAN",
            "expiry": { "validHours": 1 }, "option": { "type": "NORMAL" } } } });
        shop.post("/payments/issued/instant", &issue).await.succeeds();
        shop.pays("pending", SILENT_FOR_LONG, 1_000).await.refused(502, "PG_PROVIDER");
        shop.is_planned("planned", &key, 1).await;
        let time = shop.later(24).await;
        let plan = |change: Value| {
            let mut plan = shop.plan(&key, time);
            for (name, member) in change.as_object().unwrap() {
                match name.as_str() {
                    "timeToPay" => plan[name] = member.clone(),
                    _ => plan["payment"][name] = member.clone(),
                }
            }
            plan
        };
        let too_much = json!({ "total": 1_000, "taxFree": 1_001 });
        for (payment, body, status, kind) in [
            ("new", json!({}), 400, "INVALID_REQUEST"),
            ("new", json!({ "payment": plan(json!({}))["payment"] }), 400, "INVALID_REQUEST"),
            ("new", plan(json!({ "storeId": "store-of-another" })), 403, "FORBIDDEN"),
            ("new", plan(json!({ "storeId": "store-of-another", "orderName": 5 })), 403, "FORBIDDEN"),
            (
                "new",
                plan(json!({ "timeToPay": "2020-01-01T00:00:00Z", "billingKey": "unknown" })),
                400,
                "INVALID_REQUEST",
            ),
            (
                "new",
                plan(json!({ "promotionId": "promotion-id-unknown", "billingKey": "unknown" })),
                400,
                "INVALID_REQUEST",
            ),
            (
                "paid",
                plan(json!({ "billingKey": "unknown", "amount": too_much })),
                404,
                "BILLING_KEY_NOT_FOUND",
            ),
            (
                "paid",
                plan(json!({ "billingKey": gone, "amount": too_much })),
                409,
                "BILLING_KEY_ALREADY_DELETED",
            ),
            ("paid", plan(json!({ "amount": too_much })), 409, "ALREADY_PAID_OR_WAITING"),
            ("cancelled", plan(json!({})), 409, "ALREADY_PAID_OR_WAITING"),
            ("issued", plan(json!({})), 409, "ALREADY_PAID_OR_WAITING"),
            ("pending", plan(json!({})), 409, "ALREADY_PAID_OR_WAITING"),
            ("planned", plan(json!({ "amount": too_much })), 409, "PAYMENT_SCHEDULE_ALREADY_EXISTS"),
            ("new", plan(json!({ "amount": too_much })), 409, "SUM_OF_PARTS_EXCEEDS_TOTAL_AMOUNT"),
        ] {
            shop.post(&format!("/payments/{payment}/schedule"), &body).await.refused(status, kind);
        }
        // By the shop's own clock.
        shop.after("P2D").await;
        shop.post("/payments/new/schedule", &plan(json!({}))).await.refused(400, "INVALID_REQUEST");
        shop.get("/payments/new").await.refused(404, "PAYMENT_NOT_FOUND");
        let all = json!({ "filter": { "from": "2020-01-01T00:00:00Z", "until": "2099-01-01T00:00:00Z" } });
        assert_eq!(shop.list("/payment-schedules", &all).await.succeeds()["page"]["totalCount"], 1);
        shop.closes().await;
    });
}

#[test]
fn a_planned_payment_is_not_made_otherwise_until_it_is_revoked() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let key = shop.has_card_on_file(APPROVED).await;
        shop.pays("tried", crate::shop::DECLINED, 5_000).await.refused(502, "PG_PROVIDER");
        for id in ["new", "tried"] {
            shop.is_planned(id, &key, 24).await;
            let kind = "PAYMENT_SCHEDULE_ALREADY_EXISTS";
            shop.pays(id, APPROVED, 5_000).await.refused(409, kind);
            shop.charges_now(id, &key).await.refused(409, kind);
            let window = json!({ "channelKey": demo::CARD.key, "orderName": "a book", "totalAmount": 5_000,
                "currency": "KRW", "card": { "number": APPROVED, "expiryYear": "39", "expiryMonth": "12" } });
            shop.post(&format!("/sandbox/payments/{id}/authenticate"), &window).await.refused(409, kind);
        }
        shop.deletes_key(&key).await.refused(409, "PAYMENT_SCHEDULE_ALREADY_EXISTS");
        shop.charges_now("another", &key).await.succeeds();
        assert_eq!(shop.psp().await, (1, 5_000), "a refused deletion leaves the key as it was");
        let revoked = shop.revokes(&json!({ "billingKey": key })).await.succeeds();
        assert_eq!(revoked["revokedScheduleIds"].as_array().unwrap().len(), 2);
        shop.is_paid("new", 5_000).await;
        shop.charges_now("tried", &key).await.succeeds();
        shop.deletes_key(&key).await.succeeds();
        shop.after("P2D").await;
        assert_eq!(shop.psp().await, (3, 15_000));
        shop.closes().await;
    });
}

#[test]
fn a_window_that_was_open_when_the_payment_was_planned_is_not_approved() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let key = shop.has_card_on_file(APPROVED).await;
        let window = json!({ "channelKey": demo::CARD.key, "orderName": "a book", "totalAmount": 5_000,
            "currency": "KRW", "card": { "number": APPROVED, "expiryYear": "39", "expiryMonth": "12" } });
        let opened = shop.post("/sandbox/payments/order-1/authenticate", &window).await.succeeds();
        let id = shop.is_planned("order-1", &key, 24).await;
        let confirm = json!({ "paymentToken": opened["paymentToken"] });
        shop.post("/payments/order-1/confirm", &confirm)
            .await
            .refused(409, "PAYMENT_SCHEDULE_ALREADY_EXISTS");
        shop.after("P1D").await;
        assert_eq!((shop.schedule_status(&id).await.as_str(), shop.psp().await), ("SUCCEEDED", (1, 5_000)));
        shop.closes().await;
    });
}

#[test]
fn no_window_takes_a_payment_that_is_planned() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let key = shop.has_card_on_file(APPROVED).await;
        let visitor = shop.pays_by_card_in_window("order-1", 5_000).await;
        for id in ["order-1", "order-2"] {
            shop.is_planned(id, &key, 24).await;
            let opened = shop.opens(&opening(&shop, id, 5_000)).await;
            assert_eq!(
                (opened.status, &opened.body["code"]),
                (409, &json!("InvalidEntityState")),
                "{opened:?}"
            );
        }
        visitor.types(APPROVED).await;
        assert_eq!(visitor.result().await["result"]["code"], "InvalidEntityState");
        assert_eq!(shop.psp().await, (0, 0));
        shop.after("P1D").await;
        assert_eq!(shop.psp().await, (2, 10_000));
        shop.closes().await;
    });
}

#[test]
fn a_refusal_ends_the_schedule_and_is_not_tried_again() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let key = shop.has_card_on_file(TOKEN_DECLINED).await;
        let id = shop.is_planned("month-1", &key, 24).await;
        shop.after("P1D").await;
        let failed = shop.schedule(&id).await;
        assert_eq!(failed["status"], "FAILED");
        assert!(failed["startedAt"].is_string() && failed["completedAt"].is_string());
        let payment = shop.payment("month-1").await;
        assert_eq!(
            (&payment["status"], &payment["failure"]["pgCode"], &payment["scheduleId"]),
            (&json!("FAILED"), &json!("SANDBOX_DECLINED"), &json!(id))
        );
        shop.after("P30D").await;
        assert_eq!(shop.tries_of("month-1").await, 1);
        // The merchant decides what comes next, under the same id.
        let other = shop.has_card_on_file(APPROVED).await;
        let again = shop.is_planned("month-1", &other, 24).await;
        shop.after("P1D").await;
        assert_eq!(shop.schedule_status(&again).await, "SUCCEEDED");
        assert_eq!(shop.schedule_status(&id).await, "FAILED");
        assert_eq!(shop.webhooks("month-1").await, ["Failed", "Paid"]);
        assert_eq!(shop.psp().await, (1, 5_000));
        shop.closes().await;
    });
}

#[test]
fn a_silent_psp_makes_the_schedule_wait_until_it_has_spoken() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let long = shop.has_card_on_file(SILENT_FOR_LONG).await;
        let lost = shop.has_card_on_file(SILENT_AND_NOT_CHARGED).await;
        let (charged, never) =
            (shop.is_planned("long", &long, 24).await, shop.is_planned("lost", &lost, 24).await);
        let time = shop.later(24).await;
        shop.post("/sandbox/clock", &json!({ "now": time.to_string() })).await.succeeds();
        eventually("both are waited for", || async {
            shop.schedule_status(&charged).await == "PENDING"
                && shop.schedule_status(&never).await == "PENDING"
        })
        .await;
        assert_eq!(
            (shop.status("long").await.as_str(), shop.status("lost").await.as_str()),
            ("PAY_PENDING", "PAY_PENDING")
        );
        let pending = shop.schedule(&charged).await;
        assert!(pending["startedAt"].is_string() && pending["completedAt"].is_string(), "{pending}");
        // What waits for its end is not waiting for its time.
        shop.revokes(&json!({ "scheduleIds": [charged] }))
            .await
            .refused(409, "PAYMENT_SCHEDULE_ALREADY_PROCESSED");
        shop.after("PT1H").await;
        assert_eq!(
            (shop.schedule_status(&charged).await, shop.status("long").await),
            ("SUCCEEDED".into(), "PAID".into())
        );
        assert_eq!(
            (shop.schedule_status(&never).await, shop.status("lost").await),
            ("FAILED".into(), "FAILED".into())
        );
        assert_eq!(shop.webhooks("long").await, ["PayPending", "Paid"]);
        assert_eq!(shop.webhooks("lost").await, ["PayPending", "Failed"]);
        assert_eq!(shop.psp().await, (1, 5_000));
        shop.closes().await;
    });
}

#[test]
fn what_no_channel_can_take_fails_and_is_told() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let key = shop.has_card_on_file(APPROVED).await;
        // Channels are looked for when the time has come.
        let mut plan = shop.plan(&key, shop.later(24).await);
        plan["payment"]["channelKey"] = json!(demo::BACKUP.key);
        let made = shop.post("/payments/elsewhere/schedule", &plan).await.succeeds();
        let elsewhere = made["schedule"]["id"].as_str().unwrap().to_owned();
        let id = shop.is_planned("month-1", &key, 24).await;
        let channel = shop.stored_channel(demo::CARD.key).await;
        let closed = paypier_domain::channel::Channel { is_enabled: false, ..channel };
        shop.writes(vec![paypier_domain::change::Write::Channel(Box::new(closed))]).await;
        shop.after("P1D").await;
        for (schedule, payment) in [(&id, "month-1"), (&elsewhere, "elsewhere")] {
            assert_eq!(shop.schedule_status(schedule).await, "FAILED");
            let failed = shop.payment(payment).await;
            assert_eq!((&failed["status"], &failed["scheduleId"]), (&json!("FAILED"), &json!(schedule)));
            assert!(failed["failure"]["reason"].as_str().unwrap().contains("channel"), "{failed}");
            assert_eq!(shop.webhooks(payment).await, ["Failed"]);
        }
        assert_eq!(shop.psp().await, (0, 0));
        shop.closes().await;
    });
}

#[test]
fn schedules_are_revoked_all_or_none() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let (key, other) = (shop.has_card_on_file(APPROVED).await, shop.has_card_on_file(APPROVED).await);
        let ran = shop.is_planned("ran", &key, 1).await;
        let first = shop.is_planned("first", &key, 48).await;
        let second = shop.is_planned("second", &key, 72).await;
        let foreign = shop.is_planned("foreign", &other, 48).await;
        shop.after("PT2H").await;
        let gone = shop.has_card_on_file(APPROVED).await;
        let dropped = shop.is_planned("dropped", &gone, 48).await;
        let revoked = shop.revokes(&json!({ "scheduleIds": [dropped] })).await.succeeds();
        assert_eq!(revoked["revokedScheduleIds"], json!([dropped]));
        assert!(revoked["revokedAt"].is_string());
        assert_eq!(shop.schedule(&dropped).await["revokedAt"], revoked["revokedAt"]);
        shop.deletes_key(&gone).await.succeeds();
        for (criteria, status, kind) in [
            (json!({}), 400, "INVALID_REQUEST"),
            (json!({ "scheduleIds": [] }), 400, "INVALID_REQUEST"),
            (json!({ "storeId": "store-of-another", "billingKey": key }), 403, "FORBIDDEN"),
            (json!({ "billingKey": "unknown", "scheduleIds": ["unknown"] }), 404, "BILLING_KEY_NOT_FOUND"),
            (json!({ "scheduleIds": [first, "unknown", ran] }), 404, "PAYMENT_SCHEDULE_NOT_FOUND"),
            (
                json!({ "billingKey": key, "scheduleIds": [first, foreign] }),
                404,
                "PAYMENT_SCHEDULE_NOT_FOUND",
            ),
            (json!({ "billingKey": gone, "scheduleIds": [first] }), 404, "PAYMENT_SCHEDULE_NOT_FOUND"),
            (json!({ "billingKey": gone }), 409, "BILLING_KEY_ALREADY_DELETED"),
            (json!({ "billingKey": gone, "scheduleIds": [dropped] }), 409, "BILLING_KEY_ALREADY_DELETED"),
            (json!({ "scheduleIds": [dropped, first, ran] }), 409, "PAYMENT_SCHEDULE_ALREADY_PROCESSED"),
            (json!({ "scheduleIds": [first, dropped] }), 409, "PAYMENT_SCHEDULE_ALREADY_REVOKED"),
        ] {
            shop.revokes(&criteria).await.refused(status, kind);
            // The same in the body.
            let in_body = shop.request("DELETE", "/payment-schedules").body(criteria.to_string());
            shop.send(in_body).await.refused(status, kind);
        }
        shop.send(shop.request("DELETE", "/payment-schedules")).await.refused(400, "INVALID_REQUEST");
        shop.send(shop.request("DELETE", "/payment-schedules?requestBody=%7B"))
            .await
            .refused(400, "INVALID_REQUEST");
        for waiting in [&first, &second, &foreign] {
            assert_eq!(shop.schedule_status(waiting).await, "SCHEDULED");
        }
        // The key alone: what ran or was revoked is passed over.
        let both = shop.revokes(&json!({ "billingKey": key })).await.succeeds();
        assert_eq!(both["revokedScheduleIds"], json!([first, second]));
        let nothing = shop.revokes(&json!({ "billingKey": key })).await.succeeds();
        assert_eq!(nothing, json!({ "revokedScheduleIds": [] }));
        let named = json!({ "billingKey": other, "scheduleIds": [foreign, foreign] });
        assert_eq!(shop.revokes(&named).await.succeeds()["revokedScheduleIds"], json!([foreign]));
        shop.after("P7D").await;
        assert_eq!(shop.psp().await, (1, 5_000));
        shop.get("/payments/first").await.refused(404, "PAYMENT_NOT_FOUND");
        shop.closes().await;
    });
}

#[test]
fn schedules_are_listed_by_what_is_asked_for() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let (key, other) =
            (shop.has_card_on_file(APPROVED).await, shop.has_card_on_file(TOKEN_DECLINED).await);
        let paid = shop.is_planned("paid", &key, 1).await;
        let failed = shop.is_planned("failed", &other, 2).await;
        shop.after("PT3H").await;
        let later = shop.is_planned("later", &key, 48).await;
        let soon = shop.is_planned("soon", &key, 24).await;
        shop.revokes(&json!({ "scheduleIds": [soon] })).await.succeeds();
        let until = "2099-01-01T00:00:00Z";
        let all = |filter: Value, sort: Value| {
            let mut filter = filter;
            filter["from"] = json!("2020-01-01T00:00:00Z");
            filter["until"] = json!(until);
            json!({ "filter": filter, "sort": sort })
        };
        for (criteria, expected) in [
            // Without an end, what lies in the future is not shown.
            (json!({}), vec![]),
            (all(json!({}), json!({})), vec![&later, &soon, &failed, &paid]),
            (all(json!({}), json!({ "order": "ASC" })), vec![&paid, &failed, &soon, &later]),
            (all(json!({}), json!({ "by": "CREATED_AT" })), vec![&soon, &later, &failed, &paid]),
            (
                all(json!({ "status": ["SUCCEEDED", "FAILED"] }), json!({ "by": "COMPLETED_AT" })),
                vec![&failed, &paid],
            ),
            (all(json!({}), json!({ "by": "STATUS_TIMESTAMP" })), vec![&later, &soon, &failed, &paid]),
            (all(json!({ "status": ["REVOKED"] }), json!({})), vec![&soon]),
            (all(json!({ "status": ["PENDING", "STARTED"] }), json!({})), vec![]),
            (all(json!({ "billingKey": other }), json!({})), vec![&failed]),
            (all(json!({ "isForTest": false }), json!({})), vec![]),
            (
                all(json!({ "isForTest": true, "billingKey": key, "status": ["SCHEDULED"] }), json!({})),
                vec![&later],
            ),
        ] {
            let found = shop.list("/payment-schedules", &criteria).await.succeeds();
            let ids: Vec<&str> =
                found["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect();
            assert_eq!(ids, expected, "{criteria}");
            assert_eq!(found["page"]["totalCount"], expected.len());
        }
        let mut second = all(json!({}), json!({}));
        second["page"] = json!({ "number": 1, "size": 3 });
        let found = shop.list("/payment-schedules", &second).await.succeeds();
        assert_eq!((found["items"].as_array().unwrap().len(), &found["page"]["totalCount"]), (1, &json!(4)));
        let turned = json!({ "filter": { "from": until, "until": "2098-01-01T00:00:00Z" } });
        shop.list("/payment-schedules", &turned).await.refused(400, "INVALID_REQUEST");
        shop.closes().await;
    });
}

#[test]
fn schedules_of_another_store_are_out_of_reach() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let key = shop.has_card_on_file(APPROVED).await;
        let id = shop.is_planned("month-1", &key, 24).await;
        shop.has_a_neighbour("merchant-neighbour", "store-neighbour", "secret-of-a-neighbour").await;
        let ask = |method: &str, path: &str| shop.request_as("secret-of-a-neighbour", method, path);
        shop.send(ask("GET", &format!("/payment-schedules/{id}")))
            .await
            .refused(404, "PAYMENT_SCHEDULE_NOT_FOUND");
        let named = format!("/payment-schedules/{id}?storeId={}", demo::STORE_ID);
        shop.send(ask("GET", &named)).await.refused(403, "FORBIDDEN");
        let revoke = |criteria: Value| ask("DELETE", "/payment-schedules").body(criteria.to_string());
        let named = revoke(json!({ "scheduleIds": [id] }));
        shop.send(named).await.refused(404, "PAYMENT_SCHEDULE_NOT_FOUND");
        shop.send(revoke(json!({ "billingKey": key }))).await.refused(404, "BILLING_KEY_NOT_FOUND");
        let plan = shop.plan(&key, shop.later(24).await).to_string();
        shop.send(ask("POST", "/payments/mine/schedule").body(plan))
            .await
            .refused(404, "BILLING_KEY_NOT_FOUND");
        let list = shop.send(ask("GET", "/payment-schedules")).await.succeeds();
        assert_eq!(list["page"]["totalCount"], 0);
        assert_eq!(shop.schedule_status(&id).await, "SCHEDULED");
        shop.closes().await;
    });
}

#[test]
fn a_key_is_answered_once_also_at_the_other_address() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let key = shop.has_card_on_file(APPROVED).await;
        let plan = shop.plan(&key, shop.later(24).await).to_string();
        let ask = |path: &str| {
            shop.request("POST", path).header("idempotency-key", "the-first-month-of-c-1").body(plan.clone())
        };
        let answers = at_once((0..8).map(|_| ask("/payments/month-1/schedules")).collect()).await;
        let told: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 200).collect();
        assert!(!told.is_empty() && told.iter().all(|answer| answer.bytes == told[0].bytes));
        for answer in answers.iter().filter(|answer| answer.status != 200) {
            answer.clone().refused(409, "IDEMPOTENCY_OUTSTANDING_REQUEST");
        }
        assert_eq!(shop.send(ask("/payments/month-1/schedules")).await.bytes, told[0].bytes);
        let revoke = || {
            shop.revocation(&json!({ "billingKey": key })).header("idempotency-key", "no-more-of-c-1-ever")
        };
        let first = shop.send(revoke()).await;
        assert_eq!(first.clone().succeeds()["revokedScheduleIds"].as_array().unwrap().len(), 1);
        assert_eq!(shop.send(revoke()).await.bytes, first.bytes, "and not: there was nothing to revoke");
        shop.closes().await;
    });
}

#[test]
fn of_many_who_plan_one_payment_one_does() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let key = shop.has_card_on_file(APPROVED).await;
        let plan = shop.plan(&key, shop.later(24).await).to_string();
        let calls =
            (0..12).map(|_| shop.request("POST", "/payments/one/schedule").body(plan.clone())).collect();
        let answers = at_once(calls).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        for answer in answers.into_iter().filter(|answer| answer.status != 200) {
            answer.refused(409, "PAYMENT_SCHEDULE_ALREADY_EXISTS");
        }
        shop.after("P1D").await;
        assert_eq!(shop.psp().await, (1, 5_000));
        shop.closes().await;
    });
}

#[test]
fn a_revocation_and_the_run_have_one_winner() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let key = shop.has_card_on_file(APPROVED).await;
        let mut charged = 0;
        for round in 0..6 {
            let payment = format!("race-{round}");
            let id = shop.is_planned(&payment, &key, 1).await;
            let clock = shop.request("POST", "/sandbox/clock").body(json!({ "advance": "PT1H" }).to_string());
            let answers = at_once(vec![clock, shop.revocation(&json!({ "scheduleIds": [id] }))]).await;
            answers[0].clone().succeeds();
            match answers[1].status {
                200 => {
                    assert_eq!(shop.schedule_status(&id).await, "REVOKED");
                    shop.get(&format!("/payments/{payment}")).await.refused(404, "PAYMENT_NOT_FOUND");
                }
                _ => {
                    answers[1].clone().refused(409, "PAYMENT_SCHEDULE_ALREADY_PROCESSED");
                    shop.jobs_run().await;
                    assert_eq!(shop.schedule_status(&id).await, "SUCCEEDED");
                    charged += 1;
                }
            }
        }
        assert_eq!(shop.psp().await.0, charged);
        shop.closes().await;
    });
}

#[test]
fn planning_and_deleting_the_key_have_one_winner() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.faults(json!({ "latencyMs": 20 })).await;
        for round in 0..4 {
            let key = shop.has_card_on_file(APPROVED).await;
            let plan = shop.plan(&key, shop.later(24).await).to_string();
            let planning = shop.request("POST", &format!("/payments/race-{round}/schedule")).body(plan);
            let deleting = shop.request("DELETE", &format!("/billing-keys/{key}"));
            let answers = at_once(vec![planning, deleting]).await;
            match (answers[0].status, answers[1].status) {
                (200, _) => answers[1].clone().refused(409, "PAYMENT_SCHEDULE_ALREADY_EXISTS"),
                _ => answers[0].clone().refused(409, "BILLING_KEY_ALREADY_DELETED"),
            };
            assert!(
                answers.iter().any(|answer| answer.status == 200),
                "{} {}",
                answers[0].body,
                answers[1].body
            );
        }
        shop.closes().await;
    });
}

#[test]
fn planning_and_paying_at_once_end_in_one_payment() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let key = shop.has_card_on_file(APPROVED).await;
        for round in 0..6 {
            let id = format!("race-{round}");
            let plan = shop.plan(&key, shop.later(24).await).to_string();
            let planning = shop.request("POST", &format!("/payments/{id}/schedule")).body(plan);
            let order = shop.order(APPROVED, 5_000).to_string();
            let paying = shop.request("POST", &format!("/payments/{id}/instant")).body(order);
            let answers = at_once(vec![planning, paying]).await;
            assert!(
                answers.iter().any(|answer| answer.status == 200),
                "{} {}",
                answers[0].body,
                answers[1].body
            );
            if answers[1].status != 200 {
                answers[1].clone().refused(409, "PAYMENT_SCHEDULE_ALREADY_EXISTS");
            }
            if answers[0].status != 200 {
                answers[0].clone().refused(409, "ALREADY_PAID_OR_WAITING");
            }
            shop.after("P1D").await;
            assert_eq!(shop.status(&id).await, "PAID");
        }
        assert_eq!(shop.psp().await, (6, 30_000), "never twice");
        shop.closes().await;
    });
}

/// The run's job as another instance, or the same one after its lease, would have it once more.
async fn runs_again(shop: &Shop, id: &str) {
    let job = Job {
        task: Task::RunSchedule { schedule: ScheduleId::known(id) },
        store: StoreId::known(demo::STORE_ID),
        environment: Environment::Test,
        due_at: shop.wall.now(),
        runs: 1,
    };
    let change = Change { jobs: vec![JobWrite::Put(job)], ..Change::default() };
    shop.app().storage.commit(change).await.unwrap();
    shop.jobs_run().await;
}

#[test]
fn a_job_that_comes_twice_charges_once() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let key = shop.has_card_on_file(APPROVED).await;
        let id = shop.is_planned("month-1", &key, 1).await;
        let revoked = shop.is_planned("month-2", &key, 1).await;
        shop.revokes(&json!({ "scheduleIds": [revoked] })).await.succeeds();
        shop.after("PT2H").await;
        for schedule in [&id, &revoked, &id, &"of-nobody".to_owned()] {
            runs_again(&shop, schedule).await;
        }
        assert_eq!((shop.psp().await, shop.tries_of("month-1").await), ((1, 5_000), 1));
        assert_eq!(shop.schedule_status(&revoked).await, "REVOKED");
        // One that comes early waits.
        let early = shop.is_planned("month-3", &key, 24).await;
        runs_again(&shop, &early).await;
        assert_eq!(shop.schedule_status(&early).await, "SCHEDULED");
        shop.after("P1D").await;
        assert_eq!(shop.schedule_status(&early).await, "SUCCEEDED");
        shop.closes().await;
    });
}

#[test]
fn a_power_cut_while_the_psp_is_asked_neither_loses_nor_doubles_the_charge() {
    both_databases(|engine| async move {
        let mut shop = Shop::open(engine).await;
        for (round, latency) in [(0, 400), (1, 0), (2, 15)] {
            let key = shop.has_card_on_file(APPROVED).await;
            let payment = format!("month-{round}");
            let id = shop.is_planned(&payment, &key, 1).await;
            shop.faults(json!({ "latencyMs": latency })).await;
            let advance =
                shop.request("POST", "/sandbox/clock").body(json!({ "advance": "PT1H" }).to_string());
            let moving = tokio::spawn(crate::shop::sent(advance));
            eventually("it was claimed", || async { shop.schedule_status(&id).await != "SCHEDULED" }).await;
            shop = shop.loses_power_and_opens_again().await;
            drop(moving);
            shop.faults(json!({ "latencyMs": 0 })).await;
            shop.after("PT10M").await;
            assert_eq!(
                (shop.schedule_status(&id).await.as_str(), shop.status(&payment).await.as_str()),
                ("SUCCEEDED", "PAID")
            );
            assert_eq!(shop.tries_of(&payment).await, 1);
            assert_eq!(shop.psp().await, (round + 1, 5_000 * i64::try_from(round + 1).unwrap()));
            assert_eq!(shop.webhooks(&payment).await.last().map(String::as_str), Some("Paid"));
        }
        shop.closes().await;
    });
}

#[test]
fn what_became_due_while_nobody_served_is_caught_up_once() {
    both_databases(|engine| async move {
        let shop = Shop::open_with(engine, |config| config.limits.schedules_at_once = 2).await;
        let key = shop.has_card_on_file(APPROVED).await;
        let mut planned = Vec::new();
        for number in 0..9 {
            planned.push(shop.is_planned(&format!("month-{number}"), &key, 1 + number).await);
        }
        let shop = shop.closes_for(5 * 24).await;
        eventually("all have run", || async {
            let list = json!({ "filter": { "status": ["SUCCEEDED"], "from": "2020-01-01T00:00:00Z", "until": "2099-01-01T00:00:00Z" } });
            shop.list("/payment-schedules", &list).await.succeeds()["page"]["totalCount"] == 9
        })
        .await;
        assert_eq!(shop.psp().await, (9, 45_000));
        for (number, id) in planned.iter().enumerate() {
            assert_eq!(shop.payment(&format!("month-{number}")).await["scheduleId"], json!(id));
            assert_eq!(shop.webhooks(&format!("month-{number}")).await, ["Paid"]);
        }
        shop.closes().await;
    });
}

#[test]
fn what_is_later_than_the_operator_allows_fails_and_is_told() {
    both_databases(|engine| async move {
        let hours = |hours: u64| Duration::from_secs(hours * 3600);
        let shop = Shop::open_with(engine, |config| config.limits.schedule_lateness = hours(6)).await;
        let key = shop.has_card_on_file(APPROVED).await;
        let (missed, late) =
            (shop.is_planned("missed", &key, 1).await, shop.is_planned("late", &key, 20).await);
        let shop = shop.closes_for(24).await;
        eventually("both are over", || async {
            shop.schedule_status(&missed).await == "FAILED"
                && shop.schedule_status(&late).await == "SUCCEEDED"
        })
        .await;
        let payment = shop.payment("missed").await;
        assert_eq!(payment["status"], "FAILED");
        assert!(payment["failure"]["reason"].as_str().unwrap().contains("had passed by 23h"), "{payment}");
        assert_eq!(shop.webhooks("missed").await, ["Failed"]);
        assert_eq!(shop.psp().await, (1, 5_000));
        shop.closes().await;
    });
}

#[test]
fn without_a_database_nothing_is_planned_and_what_is_due_waits() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let key = shop.has_card_on_file(APPROVED).await;
        let id = shop.is_planned("month-1", &key, 1).await;
        let plan = shop.plan(&key, shop.later(24).await);
        shop.disk.set_disk_full(true);
        shop.post("/payments/month-2/schedule", &plan).await.refused(503, "SERVICE_UNAVAILABLE");
        shop.revokes(&json!({ "scheduleIds": [id] })).await.refused(503, "SERVICE_UNAVAILABLE");
        shop.disk.set_disk_full(false);
        assert_eq!(shop.schedule_status(&id).await, "SCHEDULED");
        eventually("the clock moves again", || async {
            shop.send(shop.request("POST", "/sandbox/clock").body(json!({ "advance": "PT1H" }).to_string()))
                .await
                .status
                == 200
        })
        .await;
        shop.jobs_run().await;
        assert_eq!((shop.schedule_status(&id).await.as_str(), shop.psp().await), ("SUCCEEDED", (1, 5_000)));
        shop.closes().await;
    });
}
