//! A database that cannot write: money operations are refused, reads go on, and nothing is half done.

use crate::shop::{APPROVED, Answer, Engine, Shop, at_once, both_databases, eventually, sent};
use serde_json::json;
use std::time::Duration;

impl Shop {
    /// Payment ids and their statuses, as they are listed.
    async fn shelf(&self) -> Vec<(String, String)> {
        let list = self
            .list("/payments", &json!({ "page": { "size": 1000 }, "filter": { "sortOrder": "ASC" } }))
            .await
            .succeeds();
        let word = |item: &serde_json::Value, name: &str| item[name].as_str().unwrap().to_owned();
        list["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| (word(item, "id"), word(item, "status")))
            .collect()
    }

    /// Every operation that would write something new.
    async fn tries_everything(&self) -> Vec<(&'static str, Answer)> {
        let issue = json!({ "channelKey": paypier::cli::dev::demo::CARD.key, "method": { "card": crate::shop::card(APPROVED) } });
        vec![
            ("instant", self.pays("refused", APPROVED, 1_000).await),
            ("cancel", self.cancels("paid", Some(100)).await),
            ("pre-register", self.post("/payments/refused/pre-register", &json!({ "totalAmount": 1 })).await),
            ("billing key", self.post("/billing-keys", &issue).await),
            ("clock", self.post("/sandbox/clock", &json!({ "advance": "P1D" })).await),
        ]
    }
}

#[test]
fn when_nothing_can_be_written_money_operations_are_refused_and_reads_go_on() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.is_paid("paid", 10_000).await;
        assert_eq!(shop.webhooks("paid").await, ["Paid"]);
        type Order = fn(&Shop, bool);
        let orders: [(&str, Order); 2] = [
            ("disk full", |shop, on| shop.disk.set_disk_full(on)),
            ("read-only", |shop, on| shop.disk.set_read_only(on)),
        ];
        for (what, order) in orders {
            shop.jobs_run().await;
            let before = (shop.shelf().await, shop.payment("paid").await, shop.psp().await);
            order(&shop, true);
            for (operation, answer) in shop.tries_everything().await {
                assert_eq!(answer.status, 503, "{operation} when {what}: {}", answer.text());
                answer.refused(503, "SERVICE_UNAVAILABLE");
            }
            assert_eq!((shop.shelf().await, shop.payment("paid").await, shop.psp().await), before, "{what}");
            shop.get("/payments/refused").await.refused(404, "PAYMENT_NOT_FOUND");
            order(&shop, false);
            eventually("the recovery", || async {
                shop.pays(&format!("after {what}").replace(' ', "-"), APPROVED, 1_000).await.status == 200
            })
            .await;
            assert_eq!(shop.shelf().await.len(), before.0.len() + 1);
        }
        shop.is_paid("refused", 1_000).await;
        shop.cancels("paid", Some(100)).await.succeeds();
        assert_eq!(shop.psp().await, (4, 12_900));
        shop.closes().await;
    });
}

#[test]
fn a_request_with_a_key_is_carried_out_once_the_disk_has_room_again() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.disk.set_disk_full(true);
        let order = shop.order(APPROVED, 1_000).to_string();
        let request = || {
            shop.request("POST", "/payments/order-1/instant")
                .header("idempotency-key", "while-the-disk-was-full")
                .body(order.clone())
        };
        shop.send(request()).await.refused(503, "SERVICE_UNAVAILABLE");
        shop.disk.set_disk_full(false);
        let done = shop.send(request()).await;
        done.clone().succeeds();
        assert_eq!(shop.send(request()).await.text(), done.text());
        assert_eq!(shop.psp().await, (1, 1_000));
        shop.closes().await;
    });
}

impl Shop {
    /// Orders a failed flush and asks, until it was this request's flush and not one of the scheduler.
    async fn is_refused_by_a_failed_flush(
        &self,
        path: impl Fn(usize) -> String,
        body: &serde_json::Value,
    ) -> usize {
        for granted in 0..50 {
            self.disk.fail_next_commit();
            let answer = self.post(&path(granted), body).await;
            if answer.status != 200 {
                answer.refused(503, "SERVICE_UNAVAILABLE");
                return granted;
            }
        }
        panic!("no flush failed");
    }
}

#[test]
fn one_failed_flush_refuses_what_was_in_it_and_nothing_else() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let mut order = shop.order(APPROVED, 1_000);
        order["noticeUrls"] = json!([]);
        let (mut charged, mut refunded) = (0, 0);
        for round in 0..5 {
            let id = |number| format!("order-{round}-{number}");
            let refused = shop
                .is_refused_by_a_failed_flush(|number| format!("/payments/{}/instant", id(number)), &order)
                .await;
            shop.get(&format!("/payments/{}", id(refused))).await.refused(404, "PAYMENT_NOT_FOUND");
            shop.post(&format!("/payments/{}/instant", id(refused)), &order).await.succeeds();
            charged += refused + 1;

            let cancel = json!({ "reason": "a little", "amount": 10 });
            let cancelled = shop
                .is_refused_by_a_failed_flush(|_| format!("/payments/{}/cancel", id(refused)), &cancel)
                .await;
            let payment = shop.payment(&id(refused)).await;
            assert_eq!(payment["amount"]["cancelled"], cancelled * 10);
            shop.cancels(&id(refused), None).await.succeeds();
            refunded += 1_000;
        }
        assert_eq!(shop.psp().await, (charged, charged as i64 * 1_000 - refunded));
        shop.closes().await;
    });
}

#[test]
fn a_disk_that_fills_up_amid_payments_leaves_truth_to_be_found() {
    both_databases(|engine| async move {
        let shop =
            Shop::open_with(engine, |config| config.limits.caller_patience = Duration::from_millis(400))
                .await;
        shop.faults(json!({ "latencyMs": 40 })).await;
        let mut told = Vec::new();
        for round in 0..8_u64 {
            let order = shop.order(APPROVED, 1_000).to_string();
            let ids: Vec<_> = (0..4).map(|number| format!("order-{round}-{number}")).collect();
            let calls = ids
                .iter()
                .map(|id| shop.request("POST", &format!("/payments/{id}/instant")).body(order.clone()));
            let asked = tokio::spawn(at_once(calls.collect()));
            let _ =
                tokio::time::timeout(Duration::from_millis(round * 10), std::future::pending::<()>()).await;
            shop.disk.set_disk_full(true);
            for (id, answer) in ids.into_iter().zip(asked.await.unwrap()) {
                match answer.status {
                    200 => told.push(id),
                    502 => assert_eq!(answer.refused(502, "PG_PROVIDER")["pgCode"], "OUTCOME_UNKNOWN"),
                    _ => drop(answer.refused(503, "SERVICE_UNAVAILABLE")),
                }
            }
            shop.disk.set_disk_full(false);
        }
        shop.faults(json!({})).await;
        shop.after("P1D").await;
        let shelf = shop.shelf().await;
        let paid: Vec<_> =
            shelf.iter().filter(|(_, status)| status == "PAID").map(|(id, _)| id.clone()).collect();
        assert!(shelf.iter().all(|(_, status)| status == "PAID" || status == "FAILED"), "{shelf:?}");
        assert!(told.iter().all(|id| paid.contains(id)), "told {told:?}, paid {paid:?}");
        assert_eq!(shop.psp().await, (paid.len(), paid.len() as i64 * 1_000));
        shop.closes().await;
    });
}

#[test]
fn a_connection_that_is_lost_amid_a_commit_is_asked_about_and_nothing_is_repeated() {
    both_databases(|engine| async move {
        if engine == Engine::Sqlite {
            // There is no connection to lose.
            return;
        }
        let shop = Shop::open(engine).await;
        for round in 0..6 {
            let id = format!("order-{round}");
            shop.disk.lose_connection_at_next_commit();
            shop.is_paid(&id, 1_000).await;
            shop.disk.lose_connection_at_next_commit();
            shop.cancels(&id, Some(400)).await.succeeds();
            assert_eq!(shop.webhooks(&id).await, ["Paid", "PartialCancelled"]);
        }
        assert_eq!(shop.psp().await, (6, 3_600));
        shop.closes().await;
    });
}

#[test]
fn a_panic_in_the_writer_costs_one_request_and_not_the_server() {
    both_databases(|engine| async move {
        if engine == Engine::Postgres {
            // There is no writer thread.
            return;
        }
        let shop = Shop::open(engine).await;
        shop.disk.panic_in_next_change();
        let answer = shop.pays("order-1", APPROVED, 1_000).await;
        assert!(matches!(answer.status, 500 | 503), "{}", answer.text());
        let kind = answer.body["type"].as_str().unwrap().to_owned();
        answer.clone().refused(answer.status, &kind);
        shop.get("/payments/order-1").await.refused(404, "PAYMENT_NOT_FOUND");
        shop.is_paid("order-1", 1_000).await;
        assert_eq!(shop.psp().await, (1, 1_000));
        shop.closes().await;
    });
}

#[test]
fn more_requests_than_there_is_room_for_are_refused_early_and_without_effect() {
    both_databases(|engine| async move {
        let shop = Shop::open_with(engine, |config| config.limits.max_requests = 4).await;
        shop.faults(json!({ "latencyMs": 150 })).await;
        let order = shop.order(APPROVED, 1_000).to_string();
        let path = |number: usize| format!("/payments/order-{number}/instant");
        let calls = (0..40).map(|number| shop.request("POST", &path(number)).body(order.clone())).collect();
        let answers = at_once(calls).await;
        let paid = answers.iter().filter(|answer| answer.status == 200).count();
        assert!((1..40).contains(&paid), "{paid}");
        for (number, answer) in answers.into_iter().enumerate() {
            if answer.status != 200 {
                answer.refused(503, "SERVICE_UNAVAILABLE");
                shop.get(&format!("/payments/order-{number}")).await.refused(404, "PAYMENT_NOT_FOUND");
            }
        }
        shop.faults(json!({})).await;
        assert_eq!(shop.psp().await, (paid, paid as i64 * 1_000));
        shop.is_paid("afterwards", 1_000).await;
        shop.closes().await;
    });
}

/// Makes every change that writes a payment take PostgreSQL so long, whatever the machine can do.
const SLOW_PAYMENTS: &str = "
    CREATE FUNCTION take_long() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_sleep(0.02); RETURN NULL; END';
    CREATE TRIGGER slow AFTER INSERT OR UPDATE ON payments FOR EACH STATEMENT EXECUTE FUNCTION take_long()";

#[test]
fn while_changes_stand_in_line_new_ones_are_refused_and_the_rest_is_served() {
    both_databases(|engine| async move {
        if engine == Engine::Sqlite {
            // Its writer takes hundreds at once: a test cannot make a line without measuring the machine.
            return;
        }
        let shop = Shop::open_with(engine, |config| {
            config.database.writers = 1;
            config.limits.longest_line = Duration::from_millis(10);
        })
        .await;
        shop.is_paid("before", 1_000).await;
        shop.runs_sql(SLOW_PAYMENTS).await;
        let order = shop.order(APPROVED, 1_000).to_string();
        let pay = |id: String| shop.request("POST", &format!("/payments/{id}/instant")).body(order.clone());
        let crowd: Vec<_> = (0..40).map(|n| tokio::spawn(sent(pay(format!("crowd-{n}"))))).collect();
        // Whoever is too late for the line is refused; whoever only looks, or plays the PSP, is not.
        // Nobody waits for the one before: who is in time stands in line until the crowd is gone.
        let mut late = Vec::new();
        for number in 0..40 {
            let id = format!("late-{number}");
            late.push((id.clone(), tokio::spawn(sent(pay(id)))));
            assert_eq!(shop.status("before").await, "PAID");
            shop.get("/sandbox/clock").await.succeeds();
        }
        let mut paid = 0;
        for one in crowd {
            let answer = one.await.unwrap().unwrap();
            assert!(matches!(answer.status, 200 | 503), "{}", answer.text());
            paid += usize::from(answer.status == 200);
        }
        assert!(paid > 0, "who is inside is served");
        let mut refused = 0;
        for (id, one) in late {
            let answer = one.await.unwrap().unwrap();
            if answer.status != 200 {
                answer.refused(503, "SERVICE_UNAVAILABLE");
                shop.get(&format!("/payments/{id}")).await.refused(404, "PAYMENT_NOT_FOUND");
                refused += 1;
            }
        }
        assert!(refused > 0, "nobody was refused");
        eventually("an end of the line", || async {
            shop.pays("after", APPROVED, 1_000).await.status == 200
        })
        .await;
        shop.closes().await;
    });
}

#[test]
fn a_write_queue_that_is_full_refuses_early_and_nothing_is_half_written() {
    both_databases(|engine| async move {
        let shop = Shop::open_with(engine, |config| {
            config.database.queue = 64;
            config.database.writers = 1;
            config.limits.caller_patience = Duration::from_millis(700);
        })
        .await;
        let order = shop.order(APPROVED, 1_000).to_string();
        let calls = (0..60)
            .map(|n| shop.request("POST", &format!("/payments/order-{n}/instant")).body(order.clone()))
            .collect();
        for answer in at_once(calls).await {
            match answer.status {
                200 => {}
                502 => assert_eq!(answer.refused(502, "PG_PROVIDER")["pgCode"], "OUTCOME_UNKNOWN"),
                _ => drop(answer.refused(503, "SERVICE_UNAVAILABLE")),
            }
        }
        let day = json!({ "advance": "P1D" });
        eventually("a moved clock", || async { shop.post("/sandbox/clock", &day).await.status == 200 }).await;
        let shelf = shop.shelf().await;
        assert!(shelf.iter().all(|(_, status)| status == "PAID" || status == "FAILED"), "{shelf:?}");
        let paid = shelf.iter().filter(|(_, status)| status == "PAID").count();
        assert_eq!(shop.psp().await, (paid, paid as i64 * 1_000));
        shop.closes().await;
    });
}
