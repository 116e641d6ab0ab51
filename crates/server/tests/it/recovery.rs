//! Power cuts, restarts and upgrades: nothing that was told is lost, nothing is done twice.

use crate::shop::{APPROVED, Answer, Database, Engine, SILENT_FOR_LONG, Shop, both_databases, card, sent};
use paypier::cli::dev::demo;
use paypier_storage::OpenError;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// One request of a story, which can be repeated.
#[derive(Debug, Clone)]
struct Wish {
    key: String,
    path: String,
    body: String,
}

impl Wish {
    fn to(path: String, body: &Value) -> Self {
        Self { key: format!("wish-to-{}", path.replace('/', "-")), path, body: body.to_string() }
    }

    fn request(&self, shop: &Shop) -> reqwest::RequestBuilder {
        let request = shop.request("POST", &self.path).header("idempotency-key", &self.key);
        request.timeout(Duration::from_secs(20)).body(self.body.clone())
    }
}

/// When the power goes: so many answers have come, and a little time has passed since. However slow
/// the machine is, some cuts fall before all answers and some after the first.
#[derive(Debug, Clone, Copy)]
struct Moment {
    answers: usize,
    and_then: Duration,
}

impl Moment {
    fn random(random: &mut StdRng, most_answers: usize, most_micros: u64) -> Self {
        Self {
            answers: random.random_range(0..=most_answers),
            and_then: Duration::from_micros(random.random_range(0..=most_micros)),
        }
    }
}

impl Shop {
    /// Everybody asks at once, and at this moment the power is gone. What was answered until then, in
    /// the order of the wishes, and the shop after the restart.
    async fn loses_power_amid(self, wishes: &[Wish], moment: Moment) -> (Vec<Option<Answer>>, Self) {
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        let is_cut = Arc::new(AtomicBool::new(false));
        let asked: Vec<_> = wishes
            .iter()
            .map(|wish| {
                let (request, tell, is_cut) = (wish.request(&self), tell.clone(), is_cut.clone());
                tokio::spawn(async move {
                    let answer = sent(request).await;
                    let _ = tell.send(());
                    // A machine without power says nothing; a runtime that is taken down may.
                    answer.filter(|_| !is_cut.load(Ordering::SeqCst))
                })
            })
            .collect();
        for _ in 0..moment.answers {
            told.recv().await;
        }
        // A little later, and nobody waits for anything.
        let _ = tokio::time::timeout(moment.and_then, std::future::pending::<()>()).await;
        is_cut.store(true, Ordering::SeqCst);
        let shop = self.loses_power_and_opens_again().await;
        let mut answers = Vec::new();
        for answer in asked {
            answers.push(answer.await.unwrap());
        }
        (answers, shop)
    }

    /// The wish is repeated until it has an answer that stays.
    async fn grants(&self, wish: &Wish) -> Answer {
        for _ in 0..10 {
            let answer = self.send(wish.request(self)).await;
            let is_open = answer.body["type"] == "IDEMPOTENCY_OUTSTANDING_REQUEST"
                || answer.body["pgCode"] == "OUTCOME_UNKNOWN"
                || answer.body["pgCode"] == "NOT_EXECUTED";
            if !is_open {
                return answer;
            }
            self.after("PT1M").await;
        }
        panic!("{} has no lasting answer: {}", wish.path, self.send(wish.request(self)).await.text());
    }
}

#[test]
fn a_power_cut_at_any_moment_loses_no_payment_and_doubles_none() {
    both_databases(|engine| async move {
        let mut random = StdRng::seed_from_u64(24);
        let mut shop = Shop::open(engine).await;
        shop.faults(json!({ "latencyMs": 15 })).await;
        let (mut told_before_the_cut, mut silent) = (0, 0);
        let rounds = 15;
        for round in 0..rounds {
            let wishes: Vec<_> = (0..6)
                .map(|number| {
                    Wish::to(format!("/payments/cut-{round}-{number}/instant"), &shop.order(APPROVED, 1_000))
                })
                .collect();
            let moment = Moment::random(&mut random, 5, 40_000);
            let (answers, after) = shop.loses_power_amid(&wishes, moment).await;
            shop = after;
            for (number, (wish, answer)) in wishes.iter().zip(answers).enumerate() {
                let id = format!("cut-{round}-{number}");
                match answer {
                    // Acknowledged is durable, at once and to the byte.
                    Some(told) => {
                        assert_eq!(told.status, 200, "{}", told.text());
                        assert_eq!(shop.status(&id).await, "PAID", "{id}");
                        assert_eq!(shop.send(wish.request(&shop)).await.text(), told.text());
                        told_before_the_cut += 1;
                    }
                    None => silent += 1,
                }
            }
            for (number, wish) in wishes.iter().enumerate() {
                shop.grants(wish).await.succeeds();
                assert_eq!(shop.status(&format!("cut-{round}-{number}")).await, "PAID");
            }
            assert_eq!(
                shop.psp().await,
                ((round + 1) * 6, (round as i64 + 1) * 6_000),
                "in round {round}, cut at {moment:?}"
            );
        }
        assert!(
            told_before_the_cut > 0 && silent > 0,
            "the cuts fell before and after answers: {told_before_the_cut}, {silent}"
        );
        shop.faults(json!({})).await;
        for round in 0..rounds {
            for number in 0..6 {
                let webhooks = shop.webhooks(&format!("cut-{round}-{number}")).await;
                let mut once = webhooks.clone();
                // Sent again after a crash is allowed; it is the same message.
                once.dedup();
                assert_eq!(once.iter().filter(|kind| *kind == "Paid").count(), 1, "{webhooks:?}");
                assert_eq!(once.last().map(String::as_str), Some("Paid"), "{webhooks:?}");
            }
        }
        shop.closes().await;
    });
}

#[test]
fn a_power_cut_amid_refunds_and_captures_gives_back_exactly_what_was_asked() {
    both_databases(|engine| async move {
        let mut random = StdRng::seed_from_u64(15);
        let mut shop = Shop::open(engine).await;
        let captured_later = demo::CHANNELS.iter().find(|channel| channel.manual_capture).unwrap().key;
        for id in ["part", "whole", "captured"] {
            for round in 0..6 {
                let mut order = shop.order(APPROVED, 10_000);
                if id == "captured" {
                    order["channelKey"] = json!(captured_later);
                }
                shop.post(&format!("/payments/{id}-{round}/instant"), &order).await.succeeds();
            }
        }
        shop.faults(json!({ "latencyMs": 15 })).await;
        for round in 0..6 {
            let wishes = [
                Wish::to(
                    format!("/payments/part-{round}/cancel"),
                    &json!({ "reason": "a part", "amount": 3_000 }),
                ),
                Wish::to(format!("/payments/whole-{round}/cancel"), &json!({ "reason": "all of it" })),
                Wish::to(format!("/payments/captured-{round}/capture"), &json!({})),
            ];
            let moment = Moment::random(&mut random, 2, 40_000);
            let (answers, after) = shop.loses_power_amid(&wishes, moment).await;
            shop = after;
            for answer in answers.into_iter().flatten() {
                answer.succeeds();
            }
            shop.after("PT2M").await;
            for wish in &wishes {
                shop.grants(wish).await.succeeds();
            }
            let part = shop.payment(&format!("part-{round}")).await;
            assert_eq!(part["status"], "PARTIAL_CANCELLED");
            assert_eq!(part["amount"]["cancelled"], 3_000, "in round {round}: {part}");
            assert_eq!(shop.status(&format!("whole-{round}")).await, "CANCELLED");
            shop.post(&format!("/payments/captured-{round}/capture"), &json!({})).await.succeeds();
        }
        assert_eq!(shop.psp().await, (18, 6 * (7_000 + 10_000)));
        shop.closes().await;
    });
}

#[test]
fn a_power_cut_amid_issuance_leaves_a_key_or_a_refusal() {
    both_databases(|engine| async move {
        let mut random = StdRng::seed_from_u64(5);
        let mut shop = Shop::open(engine).await;
        shop.faults(json!({ "latencyMs": 10 })).await;
        for round in 0..6 {
            let body = json!({ "channelKey": demo::CARD.key, "method": { "card": card(APPROVED) }, "customData": round.to_string() });
            let wish = Wish::to("/billing-keys".into(), &body);
            let wish = Wish { key: format!("{}-{round}", wish.key), ..wish };
            let moment = Moment::random(&mut random, 0, 30_000);
            let (answers, after) = shop.loses_power_amid(std::slice::from_ref(&wish), moment).await;
            shop = after;
            shop.after("PT2M").await;
            let answer = shop.send(wish.request(&shop)).await;
            match (&answers[0], answer.status) {
                (Some(told), _) => assert_eq!(told.text(), answer.text()),
                (None, 200) => {}
                (None, 502) => assert_eq!(answer.body["pgCode"], "OUTCOME_UNKNOWN", "{}", answer.text()),
                (None, status) => panic!("{status}: {}", answer.text()),
            }
        }
        let list = shop.get("/billing-keys").await.succeeds();
        for key in list["items"].as_array().unwrap() {
            assert_eq!(key["status"], "ISSUED");
        }
        shop.closes().await;
    });
}

#[test]
fn a_question_to_the_psp_is_asked_on_after_a_restart() {
    both_databases(|engine| async move {
        let shop =
            Shop::open_with(engine, |config| config.limits.caller_patience = Duration::from_millis(400))
                .await;
        let order = shop.order(SILENT_FOR_LONG, 4_000);
        let wish = Wish::to("/payments/order-1/instant".into(), &order);
        shop.send(wish.request(&shop)).await.refused(502, "PG_PROVIDER");
        let shop = shop.loses_power_and_opens_again().await;
        assert_eq!(shop.status("order-1").await, "PAY_PENDING");
        shop.after("PT1H").await;
        assert_eq!(shop.status("order-1").await, "PAID");
        shop.send(wish.request(&shop)).await.succeeds();
        let mut webhooks = shop.webhooks("order-1").await;
        // What left just before the cut may leave again.
        webhooks.dedup();
        assert_eq!(webhooks, ["PayPending", "Paid"]);
        assert_eq!(shop.psp().await, (1, 4_000));
        shop.closes().await;
    });
}

#[test]
fn webhooks_that_were_not_delivered_leave_after_a_restart() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.receiver.answers(503);
        shop.is_paid("order-1", 1_000).await;
        shop.cancels("order-1", None).await.succeeds();
        shop.jobs_run().await;
        let shop = shop.loses_power_and_opens_again().await;
        shop.receiver.answers(200);
        shop.after("PT10M").await;
        let mut kinds = shop.webhooks("order-1").await;
        kinds.dedup();
        assert_eq!(kinds, ["Paid", "Cancelled"]);
        shop.closes().await;
    });
}

#[test]
fn the_shops_clock_survives_a_restart_and_never_goes_back() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let clock = async |shop: &Shop| {
            let now = shop.get("/sandbox/clock").await.succeeds()["now"].as_str().unwrap().to_owned();
            now.parse::<jiff::Timestamp>().unwrap()
        };
        let start = clock(&shop).await;
        shop.after("P30D").await;
        shop.is_paid("order-1", 1_000).await;
        let before = clock(&shop).await;
        assert!(before.duration_since(start).as_hours() >= 30 * 24);
        let shop = shop.loses_power_and_opens_again().await;
        let after = clock(&shop).await;
        assert!(after >= before && after.duration_since(before).as_mins() < 5);
        for back in [
            json!({ "advance": "-PT1H" }),
            json!({ "advance": "PT-1H" }),
            json!({ "now": start.to_string() }),
        ] {
            shop.post("/sandbox/clock", &back).await.refused(400, "INVALID_REQUEST");
        }
        shop.after("PT1H").await;
        assert!(clock(&shop).await.duration_since(after).as_mins() >= 60);
        shop.closes().await;
    });
}

/// Marks the database as migrated by a binary of the future, or takes the mark away.
async fn set_future(database: &Database, is_future: bool) {
    let sql = if is_future {
        "INSERT INTO schema_version (version, name, applied_at) VALUES (999, '0999_future.sql', 0)"
    } else {
        "DELETE FROM schema_version WHERE version = 999"
    };
    database.runs_sql(sql).await;
}

#[test]
fn a_database_of_a_newer_binary_is_refused_and_left_alone() {
    both_databases(|engine: Engine| async move {
        let shop = Shop::open(engine).await;
        shop.is_paid("order-1", 1_000).await;
        let config = shop.config.clone();
        let shop = shop
            .opens_again_after(|database| async move {
                set_future(&database, true).await;
                let refusal =
                    paypier::compose::migrate(&config, &paypier::compose::Machine::real()).await.unwrap_err();
                let refusal = format!("{refusal:#}");
                assert!(refusal.contains("999") && refusal.contains("at least as new"), "{refusal}");
                let options = paypier_storage::Options::new(database.url.clone(), "an-older-binary");
                let refused = paypier_storage::Storage::open(options).await.unwrap_err();
                assert!(matches!(refused, OpenError::NewerSchema { found: 999, .. }), "{refused}");
                set_future(&database, false).await;
            })
            .await;
        assert_eq!(shop.status("order-1").await, "PAID");
        shop.closes().await;
    });
}

#[test]
fn old_requests_are_finished_when_the_server_was_away_for_long() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.faults(json!({ "latencyMs": 200 })).await;
        let mut order = shop.order(APPROVED, 1_000);
        // A message that is signed two days from now would be refused.
        order["noticeUrls"] = json!([]);
        let wish = Wish::to("/payments/order-1/instant".into(), &order);
        let (answers, shop) = shop
            .loses_power_amid(
                std::slice::from_ref(&wish),
                Moment { answers: 0, and_then: Duration::from_millis(50) },
            )
            .await;
        assert!(answers[0].is_none());
        // The machine is switched on again two days later.
        let shop = shop.opens_again_after(|_| async {}).await;
        shop.wall.passes(2 * 24 * 60 * 60);
        shop.jobs_run().await;
        shop.grants(&wish).await.succeeds();
        assert_eq!(shop.status("order-1").await, "PAID");
        assert_eq!(shop.psp().await, (1, 1_000));
        shop.closes().await;
    });
}
