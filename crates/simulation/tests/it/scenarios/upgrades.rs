//! Another version of the server on the same database (24).
//!
//! There is one schema so far, so that no migration can be interrupted here; that a migration is one
//! transaction, may run again and beside another, is tested in `crates/storage/tests/suite/open.rs`.
//! An orderly stop, which waits for requests, is tested with the real listener.

use super::{APPROVED, closes, dies, open, survives};
use paypier_simulation::ground::Spot;

#[test]
fn failure_24_replaced_while_requests_are_under_way() {
    let play = open();
    dies(&play, async |stage| {
        let callers: Vec<_> = (0..6)
            .map(|number| {
                let stage = stage.clone();
                tokio::spawn(async move { stage.pays(&format!("order-{number}"), APPROVED, 1_000).await })
            })
            .collect();
        stage.ground.power.lay_fuse(Spot::PspActed, 3);
        for caller in callers {
            let _ = caller.await;
        }
    });
    survives(&play, async |stage| {
        stage.after(120).await;
        for number in 0..6 {
            let id = format!("order-{number}");
            let status = stage.status(&id).await;
            assert!(matches!(status.as_str(), "PAID" | "FAILED" | "404 PAYMENT_NOT_FOUND"), "{id} {status}");
        }
        closes(stage).await;
    });
}

#[test]
fn failure_24_an_older_binary_refuses_a_newer_schema() {
    let play = open();
    survives(&play, async |stage| {
        assert_eq!(stage.pays("order-1", APPROVED, 1_000).await.status, 200);
    });
    let mark = |sql: &str| rusqlite::Connection::open(&play.path).unwrap().execute_batch(sql).unwrap();
    mark("INSERT INTO schema_version (version, name, applied_at) VALUES (999, '0999_future.sql', 0)");
    let refused = format!("{:#}", play.life(async |_| ()).unwrap_err());
    assert!(refused.contains("999") && refused.contains("at least as new"), "{refused}");
    mark("DELETE FROM schema_version WHERE version = 999");
    survives(&play, async |stage| {
        assert_eq!(stage.status("order-1").await, "PAID");
        closes(stage).await;
    });
}
