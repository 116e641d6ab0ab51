//! The process is killed around its call to the PSP (5, 6), and at every other place that a payment
//! passes.

use super::{APPROVED, closes, dies, open, survives};
use http::Method;
use paypier_simulation::ground::Spot;
use paypier_simulation::play::{Play, Stage};

const KEY: &str = "the-order-of-kim-0001";

async fn asks(stage: &Stage) -> paypier_simulation::play::Reply {
    let order = stage.order(APPROVED, 3_000);
    stage.send(Method::POST, "/payments/order-1/instant", &order, Some(KEY)).await
}

/// The client repeats its request until it is told how it ended.
async fn repeats(stage: &Stage) -> paypier_simulation::play::Reply {
    for _ in 0..8 {
        let reply = asks(stage).await;
        if reply.word() != "409 IDEMPOTENCY_OUTSTANDING_REQUEST" && reply.pg_code() != "OUTCOME_UNKNOWN" {
            return reply;
        }
        stage.after(20).await;
    }
    panic!("no lasting answer")
}

fn killed_at(spot: Spot, passes: u64) -> Play {
    let play = open();
    dies(&play, async |stage| {
        stage.ground.power.lay_fuse(spot, passes);
        asks(stage).await;
    });
    play
}

#[test]
fn failure_05_killed_before_the_psp_was_asked() {
    let play = killed_at(Spot::PspAsked, 0);
    survives(&play, async |stage| {
        assert_eq!(stage.status("order-1").await, "PAY_PENDING", "the intention is durable");
        assert_eq!(stage.psp().await, (0, 0));
        stage.after(10).await;
        assert_eq!(repeats(stage).await.status, 200);
        assert_eq!(stage.psp().await, (1, 3_000));
        closes(stage).await;
    });
}

#[test]
fn failure_06_killed_after_the_psp_answered() {
    let play = killed_at(Spot::PspActed, 0);
    survives(&play, async |stage| {
        stage.after(0).await;
        assert_eq!(stage.status("order-1").await, "PAID", "the result is adopted");
        assert_eq!(repeats(stage).await.status, 200);
        assert_eq!(stage.psp().await, (1, 3_000));
        assert_eq!(stage.webhooks("order-1"), ["Paid"]);
        closes(stage).await;
    });
}

#[test]
fn killed_at_every_place_that_a_payment_passes() {
    let mut deaths = 0;
    for spot in Spot::ALL {
        for passes in 0..12 {
            let play = open();
            let lived = play.life(async |stage| {
                stage.ground.power.lay_fuse(spot, passes);
                asks(stage).await;
                stage.after(0).await;
            });
            deaths += u32::from(lived.unwrap().is_none());
            survives(&play, async |stage| {
                stage.after(10).await;
                assert_eq!(repeats(stage).await.status, 200, "{spot:?} {passes}");
                stage.after(200).await;
                assert_eq!(stage.psp().await, (1, 3_000), "{spot:?} {passes}");
                let webhooks = stage.webhooks("order-1");
                assert_eq!(webhooks.last().map(String::as_str), Some("Paid"), "{spot:?} {passes}");
                closes(stage).await;
            });
        }
    }
    assert!(deaths > 20, "{deaths} deaths");
}

/// The first cancellation never left, so that its key was given back; the second one, under the same
/// key, is under way when the process dies again. That is no difference in the books.
#[test]
fn killed_twice_under_one_key() {
    let play = open();
    survives(&play, async |stage| {
        assert_eq!(stage.pays("order-1", APPROVED, 3_000).await.status, 200);
    });
    let cancels = async |stage: &Stage| {
        let body = serde_json::json!({ "reason": "changed my mind" });
        stage.send(Method::POST, "/payments/order-1/cancel", &body, Some(KEY)).await
    };
    dies(&play, async |stage| {
        stage.ground.power.lay_fuse(Spot::PspAsked, 0);
        cancels(stage).await;
    });
    survives(&play, async |stage| stage.after(30).await);
    dies(&play, async |stage| {
        stage.ground.power.lay_fuse(Spot::PspAsked, 0);
        cancels(stage).await;
    });
    survives(&play, async |stage| {
        let report = stage.audit().await.unwrap();
        assert!(report.differences.is_empty(), "{report:#?}");
        stage.after(30).await;
        assert_eq!(cancels(stage).await.status, 200);
        assert_eq!(stage.psp().await, (1, 0));
        closes(stage).await;
    });
}

#[test]
fn killed_while_a_capture_is_under_way() {
    let play = open();
    dies(&play, async |stage| {
        let mut order = stage.order(APPROVED, 3_000);
        let channel = stage.shop.channel(paypier_simulation::office::ChannelKind::CapturedLater);
        order["channelKey"] = serde_json::json!(channel);
        assert_eq!(stage.post("/payments/order-1/instant", &order).await.status, 200);
        stage.ground.power.lay_fuse(Spot::PspAsked, 0);
        let nothing = serde_json::json!({});
        stage.send(Method::POST, "/payments/order-1/capture", &nothing, Some(KEY)).await;
    });
    survives(&play, async |stage| {
        let report = stage.audit().await.unwrap();
        assert!(report.differences.is_empty(), "{report:#?}");
        stage.after(30).await;
        let nothing = serde_json::json!({});
        let again = stage.send(Method::POST, "/payments/order-1/capture", &nothing, Some(KEY)).await;
        assert_eq!(again.status, 200);
        closes(stage).await;
    });
}
