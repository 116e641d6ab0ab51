//! What the PSP says unasked (11 to 13).
//!
//! The sandbox's notifications are signed and carry the whole order. PSPs that only hint, or sign in
//! other ways, have their own tests beside their connectors.

use super::{APPROVED, NOTIFIES_FIRST, closes, open, survives};
use bytes::Bytes;
use jiff::SignedDuration;
use paypier_simulation::network::Weather;

#[test]
fn failure_11_the_notification_comes_before_the_answer() {
    survives(&open(), async |stage| {
        stage.weather(Weather { slow: 1000, ..Weather::FAIR });
        assert_eq!(stage.pays("order-1", NOTIFIES_FIRST, 3_000).await.status, 200);
        stage.weather(Weather::FAIR);
        assert_eq!(stage.pays("order-2", APPROVED, 3_000).await.status, 200);
        stage.after(60).await;
        for id in ["order-1", "order-2"] {
            assert_eq!(stage.status(id).await, "PAID");
            assert_eq!(stage.events(id).await, ["Paid"], "the same in either order");
        }
        assert_eq!(stage.psp().await, (2, 6_000));
        closes(stage).await;
    });
}

#[test]
fn failure_12_notifications_twice_and_out_of_order() {
    survives(&open(), async |stage| {
        assert_eq!(stage.pays("order-1", NOTIFIES_FIRST, 3_000).await.status, 200);
        let (headers, body) = stage.notification("order-1", 1).await.expect("the PSP has announced it");
        assert_eq!(stage.cancels("order-1", None).await.status, 200);
        for _ in 0..3 {
            assert_eq!(stage.notifies(headers.clone(), body.clone()).await.status, 200, "copies are taken");
        }
        assert_eq!(stage.status("order-1").await, "CANCELLED", "and change nothing");
        assert_eq!(stage.events("order-1").await, ["Paid", "Cancelled"]);
        assert_eq!(stage.psp().await, (1, 0));
        closes(stage).await;
    });
}

#[test]
fn failure_13_forged_altered_and_stale_notifications() {
    survives(&open(), async |stage| {
        assert_eq!(stage.pays("order-1", NOTIFIES_FIRST, 3_000).await.status, 200);
        stage.after(0).await;
        let before = stage.get("/payments/order-1").await;
        let (headers, body) = stage.notification("order-1", 1).await.expect("the PSP has announced it");
        let altered = Bytes::from(String::from_utf8_lossy(&body).replace("3000", "9000"));
        assert_ne!(altered, body);
        let forged: Vec<_> =
            headers.iter().map(|(name, value)| (*name, value.replace("v1=", "v1=00"))).collect();
        assert_eq!(stage.notifies(headers.clone(), altered).await.status, 401);
        assert_eq!(stage.notifies(forged, body.clone()).await.status, 401);
        assert_eq!(stage.notifies(Vec::new(), body.clone()).await.status, 401);
        stage.ground.clock.set_by(SignedDuration::from_mins(10));
        assert_eq!(stage.notifies(headers, body).await.status, 401, "stale");
        assert_eq!(stage.get("/payments/order-1").await, before);
        closes(stage).await;
    });
}
