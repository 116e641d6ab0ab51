//! The disk and the database's file (21 to 23).
//!
//! A connection that is lost while committing (22) exists with PostgreSQL only and is tested in
//! `crates/storage/tests/suite/faults.rs`; what SQLite has of it is a COMMIT that fails. Flushes that
//! lie are power cuts, which the drills in `tests/drill` make.

use super::{APPROVED, NOTIFIES_FIRST, closes, open, survives};
use http::Method;
use paypier_simulation::network::Weather;
use paypier_simulation::office::ChannelKind;
use paypier_simulation::play::Stage;
use serde_json::json;
use std::fs;
use std::time::Duration;

const KEY: &str = "the-order-of-kim-0001";

async fn refuses_money_and_keeps_reading(stage: &Stage, fails: impl Fn(bool)) {
    assert_eq!(stage.pays("order-1", APPROVED, 5_000).await.status, 200);
    fails(true);
    for id in ["order-2", "order-3"] {
        assert_eq!(stage.pays(id, APPROVED, 5_000).await.word(), "503 SERVICE_UNAVAILABLE");
    }
    assert_eq!(stage.cancels("order-1", None).await.word(), "503 SERVICE_UNAVAILABLE");
    assert_eq!(stage.status("order-1").await, "PAID", "reading goes on");
    assert_eq!(stage.ground.traffic.asked(&Method::POST, "/v1/charges"), 1, "nobody was asked for money");
    fails(false);
    assert_eq!(stage.pays("order-2", APPROVED, 5_000).await.status, 200);
    assert_eq!(stage.psp().await, (2, 10_000));
    closes(stage).await;
}

#[test]
fn failure_21_the_disk_is_full() {
    survives(&open(), async |stage| {
        let disk = stage.ground.disk.clone();
        refuses_money_and_keeps_reading(stage, |on| disk.set_disk_full(on)).await;
    });
}

#[test]
fn failure_21_the_disk_is_read_only() {
    survives(&open(), async |stage| {
        let disk = stage.ground.disk.clone();
        refuses_money_and_keeps_reading(stage, |on| disk.set_read_only(on)).await;
    });
}

/// What a notification has told already is not called unknown because the answer cannot be written.
#[test]
fn failure_21_the_disk_fails_between_the_notification_and_the_answer() {
    survives(&open(), async |stage| {
        stage.weather(Weather { slow: 1000, ..Weather::FAIR });
        let paying = {
            let stage = stage.clone();
            tokio::spawn(async move { stage.pays("order-1", NOTIFIES_FIRST, 5_000).await })
        };
        while stage.status("order-1").await != "PAID" {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert!(!paying.is_finished(), "the answer is still under way");
        stage.ground.disk.set_disk_full(true);
        assert_eq!(paying.await.unwrap().status, 200);
        stage.ground.disk.set_disk_full(false);
        closes(stage).await;
    });
}

/// The PSP has captured, and nobody can write it down: that is not "nothing was done".
#[test]
fn failure_21_the_disk_fails_before_a_capture_is_recorded() {
    survives(&open(), async |stage| {
        let mut order = stage.order(APPROVED, 5_000);
        order["channelKey"] = json!(stage.shop.channel(ChannelKind::CapturedLater));
        assert_eq!(stage.post("/payments/order-1/instant", &order).await.status, 200);
        stage.weather(Weather { slow: 1000, ..Weather::FAIR });
        let capturing = {
            let stage = stage.clone();
            let path = "/payments/order-1/capture";
            tokio::spawn(async move { stage.send(Method::POST, path, &json!({}), Some(KEY)).await })
        };
        tokio::task::yield_now().await;
        while stage.ground.traffic.asked(&Method::POST, "/capture") == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        stage.ground.disk.set_disk_full(true);
        let unknown = capturing.await.unwrap();
        assert_eq!((unknown.word().as_str(), unknown.pg_code()), ("502 PG_PROVIDER", "OUTCOME_UNKNOWN"));
        stage.ground.disk.set_disk_full(false);
        stage.weather(Weather::FAIR);
        stage.after(120).await;
        let path = "/payments/order-1/capture";
        assert_eq!(stage.send(Method::POST, path, &json!({}), Some(KEY)).await.status, 200);
        closes(stage).await;
    });
}

#[test]
fn failure_22_a_commit_fails() {
    survives(&open(), async |stage| {
        stage.ground.disk.fail_next_commit();
        let order = stage.order(APPROVED, 5_000);
        let refused = stage.send(Method::POST, "/payments/order-1/instant", &order, Some(KEY)).await;
        assert_eq!(refused.word(), "503 SERVICE_UNAVAILABLE");
        let again = stage.send(Method::POST, "/payments/order-1/instant", &order, Some(KEY)).await;
        assert_eq!(again.status, 200, "the key was not used up by what did not happen");
        assert_eq!(stage.psp().await, (1, 5_000));
        closes(stage).await;
    });
}

#[test]
fn failure_23_a_page_of_the_file_is_damaged() {
    let play = open();
    survives(&play, async |stage| {
        for number in 0..20 {
            assert_eq!(stage.pays(&format!("order-{number}"), APPROVED, 5_000).await.status, 200);
        }
    });
    // Somebody restores the file alone: what the log held goes into it when it is closed.
    let backup = fs::read(&play.path).unwrap();
    let mut damaged = backup.clone();
    let page = damaged.len() / 4096 / 2 * 4096;
    damaged[page..page + 4096].fill(0xff);
    fs::write(&play.path, &damaged).unwrap();
    let refused = play.life(async |_| ()).unwrap_err();
    assert!(format!("{refused:#}").contains("damaged"), "{refused:#}");
    assert_eq!(fs::read(&play.path).unwrap(), damaged, "nothing was changed");
    fs::write(&play.path, &backup).unwrap();
    survives(&play, async |stage| {
        assert_eq!(stage.status("order-7").await, "PAID");
        closes(stage).await;
    });
}
