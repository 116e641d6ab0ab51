//! Merchants' endpoints that are down, slow, or lead elsewhere (20).
//!
//! That addresses inside the house are refused in production is the real courier's work and is tested
//! in the server's `webhooks/target.rs`; here the courier is the world's.

use super::{APPROVED, closes, open, survives};
use paypier_simulation::office::SHOPS;
use paypier_simulation::post::Manner;

#[test]
fn failure_20_an_endpoint_is_down_for_hours() {
    for manner in [Manner::Fails, Manner::Hangs, Manner::Redirects, Manner::Refuses] {
        survives(&open(), async |stage| {
            let neighbour = stage.of(&SHOPS[2]);
            stage.ground.post.set_manner(&stage.shop.endpoint(), manner);
            for number in 0..6 {
                let id = format!("order-{number}");
                assert_eq!(stage.pays(&id, APPROVED, 5_000).await.status, 200);
                assert_eq!(stage.cancels(&id, None).await.status, 200);
            }
            assert_eq!(neighbour.pays("order-1", APPROVED, 5_000).await.status, 200);
            tokio::time::sleep(std::time::Duration::from_secs(2)).await;
            assert_eq!(neighbour.webhooks("order-1"), ["Paid"], "others are not kept waiting: {manner:?}");
            assert!(!stage.ground.post.untaken().is_empty(), "{manner:?}");
            stage.ground.post.everybody_takes();
            for _ in 0..4 {
                stage.after(2 * 3_600).await;
                tokio::time::sleep(std::time::Duration::from_secs(61)).await;
            }
            for number in 0..6 {
                let id = format!("order-{number}");
                assert_eq!(stage.webhooks(&id), ["Paid", "Cancelled"], "in order: {manner:?}");
            }
            assert_eq!(stage.ground.post.untaken(), Vec::<String>::new(), "{manner:?}");
            assert_eq!(stage.ground.take_finding(), None);
            closes(stage).await;
        });
    }
}
