//! Time (17 to 19).
//!
//! What is planned stands on jobs that are due at a time, taken under a lease, done once whoever does them
//! and however late. 17 and 18 are about those jobs, and about the schedules that stand on them.

use super::{APPROVED, UNANSWERED, closes, dies, open, survives};
use http::Method;
use jiff::SignedDuration;
use paypier::clock::Clock as _;
use paypier_simulation::ground::Spot;
use paypier_simulation::network::Weather;
use paypier_simulation::office::ChannelKind;
use paypier_simulation::play::Stage;
use serde_json::json;
use std::time::Duration;

async fn has_card_on_file(stage: &Stage) -> String {
    let body = json!({
        "channelKey": stage.shop.channel(ChannelKind::Card),
        "method": { "card": { "credential": { "number": APPROVED, "expiryYear": "39", "expiryMonth": "12" } } },
    });
    let issued = stage.post("/billing-keys", &body).await;
    issued.body["billingKeyInfo"]["billingKey"].as_str().unwrap().to_owned()
}

/// The id of the schedule of a payment of 3 000 won, so many seconds from now.
async fn plans(stage: &Stage, id: &str, key: &str, seconds: i64) -> String {
    let time = stage.ground.clock.now().saturating_add(SignedDuration::from_secs(seconds)).unwrap();
    let body = json!({ "timeToPay": time.to_string(), "payment": {
        "billingKey": key, "orderName": "a month", "currency": "KRW", "amount": { "total": 3_000 },
    }});
    let planned = stage.post(&format!("/payments/{id}/schedule"), &body).await;
    assert_eq!(planned.status, 200, "{}", planned.text);
    planned.body["schedule"]["id"].as_str().unwrap().to_owned()
}

async fn schedule_status(stage: &Stage, id: &str) -> String {
    stage.get(&format!("/payment-schedules/{id}")).await.body["status"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

/// Wherever the process dies while it runs a schedule, and when it dies again while it comes back.
#[test]
fn failure_17_a_schedule_fires_again_after_a_restart() {
    let mut deaths = 0;
    for spot in Spot::ALL {
        for passes in 0..8 {
            let play = open();
            let mut id = String::new();
            survives(&play, async |stage| {
                let key = has_card_on_file(stage).await;
                id = plans(stage, "order-1", &key, 60).await;
            });
            for _ in 0..2 {
                let lived = play.life(async |stage| {
                    stage.ground.power.lay_fuse(spot, passes);
                    stage.after(90).await;
                });
                deaths += u32::from(lived.unwrap().is_none());
            }
            survives(&play, async |stage| {
                stage.after(120).await;
                stage.after(600).await;
                assert_eq!(schedule_status(stage, &id).await, "SUCCEEDED", "{spot:?} {passes}");
                assert_eq!(stage.status("order-1").await, "PAID", "{spot:?} {passes}");
                assert_eq!(stage.psp().await, (1, 3_000), "{spot:?} {passes}");
                let events = stage.events("order-1").await;
                assert_eq!(events.iter().filter(|event| *event == "Paid").count(), 1, "{events:?}");
                closes(stage).await;
            });
        }
    }
    assert!(deaths > 20, "{deaths} deaths");
}

#[test]
fn failure_18_the_server_was_down_across_the_times_of_schedules() {
    let play = open();
    let mut planned = Vec::new();
    survives(&play, async |stage| {
        let key = has_card_on_file(stage).await;
        for number in 0..20 {
            planned.push(plans(stage, &format!("order-{number}"), &key, 3_600 + number * 600).await);
        }
        let revoked = json!({ "scheduleIds": [planned[0]] });
        assert_eq!(stage.send(Method::DELETE, "/payment-schedules", &revoked, None).await.status, 200);
    });
    play.ground.clock.stands_for(Duration::from_secs(3 * 24 * 3_600));
    survives(&play, async |stage| {
        stage.after(30).await;
        assert_eq!(schedule_status(stage, &planned[0]).await, "REVOKED");
        for (number, id) in planned.iter().enumerate().skip(1) {
            assert_eq!(schedule_status(stage, id).await, "SUCCEEDED");
            assert_eq!(stage.events(&format!("order-{number}")).await, ["Paid"]);
        }
        assert_eq!(stage.psp().await, (19, 57_000), "caught up once each");
        stage.after(3_600).await;
        assert_eq!(stage.psp().await, (19, 57_000));
        closes(stage).await;
    });
}

/// The clock jumps back behind the time to pay after the schedule has run, and over the next one's.
#[test]
fn failure_19_the_clock_jumps_across_the_times_of_schedules() {
    survives(&open(), async |stage| {
        let key = has_card_on_file(stage).await;
        let first = plans(stage, "order-1", &key, 600).await;
        stage.after(700).await;
        stage.ground.clock.set_by(SignedDuration::from_hours(-1));
        let second = plans(stage, "order-2", &key, 1_800).await;
        stage.after(60).await;
        assert_eq!(schedule_status(stage, &second).await, "SCHEDULED", "never early");
        stage.ground.clock.set_by(SignedDuration::from_hours(30));
        stage.after(60).await;
        for id in [&first, &second] {
            assert_eq!(schedule_status(stage, id).await, "SUCCEEDED");
        }
        assert_eq!(stage.psp().await, (2, 6_000));
        closes(stage).await;
    });
}

#[test]
fn failure_17_a_job_runs_twice_after_a_restart() {
    let play = open();
    survives(&play, async |stage| {
        stage.weather(UNANSWERED);
        assert_eq!(stage.pays("order-1", APPROVED, 3_000).await.pg_code(), "OUTCOME_UNKNOWN");
    });
    // Twice it dies when the job has its answer and nothing is recorded.
    for _ in 0..2 {
        play.ground.traffic.set_weather(Weather::FAIR);
        dies(&play, async |stage| {
            stage.ground.power.lay_fuse(Spot::PspActed, 0);
            stage.after(3_600).await;
        });
    }
    survives(&play, async |stage| {
        stage.after(10).await;
        assert_eq!(stage.status("order-1").await, "PAID");
        assert_eq!(stage.events("order-1").await, ["PayPending", "Paid"], "one effect");
        assert_eq!(stage.psp().await, (1, 3_000));
        closes(stage).await;
    });
}

#[test]
fn failure_18_the_server_was_down_when_jobs_were_due() {
    let play = open();
    survives(&play, async |stage| {
        stage.weather(UNANSWERED);
        for id in ["order-1", "order-2", "order-3"] {
            assert_eq!(stage.pays(id, APPROVED, 3_000).await.pg_code(), "OUTCOME_UNKNOWN");
        }
    });
    play.ground.clock.stands_for(Duration::from_secs(3 * 24 * 3_600));
    play.ground.traffic.set_weather(Weather::FAIR);
    survives(&play, async |stage| {
        stage.after(1).await;
        for id in ["order-1", "order-2", "order-3"] {
            assert_eq!(stage.status(id).await, "PAID");
            let asked = stage.ground.traffic.asked(&Method::GET, &stage.transaction(id).await);
            assert!(asked < 12, "caught up once and not once for each missed time: {asked}");
        }
        assert_eq!(stage.psp().await, (3, 9_000));
        closes(stage).await;
    });
}

#[test]
fn failure_19_the_clock_jumps_back_and_forth_over_a_leap_day() {
    survives(&open(), async |stage| {
        let jumps = [-3_600, 26 * 3_600, -300, 2 * 24 * 3_600, -24 * 3_600];
        for (number, jump) in (1..).zip(jumps) {
            let id = format!("order-{number}");
            assert_eq!(stage.pays(&id, APPROVED, 5_000).await.status, 200);
            stage.ground.clock.set_by(SignedDuration::from_secs(jump));
            assert_eq!(stage.cancels(&id, Some(2_000)).await.status, 200);
            stage.ground.clock.set_by(SignedDuration::from_secs(-jump));
            assert_eq!(stage.cancels(&id, None).await.status, 200);
            stage.after(60).await;
            assert_eq!(stage.status(&id).await, "CANCELLED");
            let story = ["Paid", "PartialCancelled", "Cancelled"];
            assert_eq!(stage.events(&id).await, story, "the order is that of numbers, not of times");
            assert_eq!(stage.webhooks(&id), story);
        }
        closes(stage).await;
    });
}

/// Cancels are calculated in the order in which they came, whatever the machine's clock said meanwhile.
#[test]
fn a_clock_that_is_set_back_does_not_change_what_cancels_take_back() {
    survives(&open(), async |stage| {
        let succeeds = async |path: &str, body: serde_json::Value| {
            let done = stage.post(path, &body).await;
            assert_eq!(done.status, 200, "{path}: {}", done.text);
            done.body
        };
        let clock = stage.get("/sandbox/clock").await.body;
        let now: jiff::Timestamp = clock["now"].as_str().unwrap().parse().unwrap();
        let today = paypier_domain::settlement::day_in_korea(now);
        let (merchant, day) =
            (stage.shop.merchant, |later| today.saturating_add(jiff::Span::new().days(later)));
        let order = json!({
            "id": "t-1", "partnerId": format!("{merchant}-bakery-0"), "paymentId": "elsewhere",
            "contractId": format!("{merchant}-contract-0"), "discounts": [], "additionalFees": [],
            "orderDetail": { "orderAmount": 850 }, "settlementStartDate": day(0),
            "externalPaymentDetail": { "currency": "KRW", "paidAt": now.to_string(), "orderName": "bread" },
        });
        succeeds("/platform/transfers/order?test=true", order).await;
        let cancel = |id: &str, detail: serde_json::Value, starts_on: jiff::civil::Date| {
            json!({
                "id": id, "transferId": "t-1", "cancellationId": id, "externalCancellationDetail": {},
                "orderDetail": detail, "discounts": [], "settlementStartDate": starts_on,
            })
        };
        let take_back = "/platform/transfers/order-cancel?test=true";
        succeeds(take_back, cancel("c-1", json!({ "orderAmount": 300 }), day(0))).await;
        stage.ground.clock.set_by(SignedDuration::from_mins(-5));
        let rest = succeeds(take_back, cancel("c-2", json!({ "all": {} }), day(2))).await;
        assert_eq!(rest["transfer"]["amount"]["order"], 550);
        succeeds("/sandbox/clock", json!({ "advance": "P4D" })).await;
        let begun = stage.get("/platform/transfers/c-2?test=true").await.body;
        assert_eq!(begun["amount"]["order"], 550, "{begun}");
    });
}
