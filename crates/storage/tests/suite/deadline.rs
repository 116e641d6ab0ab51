//! Reads that take too long are given up; walks over whole tables are not.

use crate::harness::at;
use crate::on_both;
use crate::sample::*;
use paypier_storage::{Options, PageAsk, PaymentFilter, ReadError, SearchField, Storage, TextSearch};
use std::time::Duration;

/// As many payments as copies of one make: reading them all takes far longer than the deadline, on any machine.
const MANY: &str = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000) \
     INSERT INTO payments (store_id, payment_id, root, merchant_id, environment, created_at, version, last_event, \
       updated_at, status_changed_at, status, status_at, transaction_id, claimed_order_amount, claimed_refund, \
       total, to_pay, currency, platform, is_escrow, is_scheduled, order_name) \
     SELECT store_id, payment_id || CAST(i AS TEXT), root || CAST(i AS TEXT), merchant_id, environment, created_at + i, \
       version, last_event, updated_at, status_changed_at, status, status_at + i, transaction_id, claimed_order_amount, \
       claimed_refund, total, to_pay, currency, platform, is_escrow, is_scheduled, order_name \
     FROM payments CROSS JOIN n";

/// A search that no index helps and nothing matches.
fn looks_at_everything() -> PaymentFilter {
    let search = |prefix: &str| TextSearch { field: SearchField::All, prefix: prefix.into() };
    PaymentFilter {
        store: Some(key("").store),
        text_search: vec![search("nothing has this")],
        ..PaymentFilter::of(merchant(), at(-1), at(100))
    }
}

/// Asks until a thread was free in time: on a busy machine waiting for one may take as long as a read may.
async fn refusal(storage: &Storage, first: PageAsk) -> ReadError {
    loop {
        match storage.payments(&looks_at_everything(), first).await {
            Err(ReadError::Overloaded) => {}
            Err(error) => return error,
            Ok(page) => panic!("found {} within the deadline", page.items.len()),
        }
    }
}

on_both! {
    async fn a_search_that_looks_at_too_much_is_given_up(db: &Db) {
        drop(db.migrated().await);
        let long = Options { scan_deadline: Duration::from_secs(300), ..db.options() };
        let patient = Storage::open(long).await.unwrap();
        patient.commit(writes(vec![paypier_domain::change::Write::Store(store("store-1"))])).await.unwrap();
        for change in key_in("order-1", at(0)).0 {
            patient.commit(change).await.unwrap();
        }
        db.sql(MANY).await;
        let scan_deadline = Duration::from_millis(25);
        let storage = Storage::open(Options { scan_deadline, ..db.options() }).await.unwrap();
        let first = PageAsk { number: 0, size: 10 };

        let refused = refusal(&storage, first).await;
        assert_eq!(refused, ReadError::TooExpensive(scan_deadline));
        assert!(refused.to_string().contains("narrow the time range"), "{refused}");
        assert_eq!(patient.payments(&looks_at_everything(), first).await.unwrap().items, []);

        // A walk goes to its end, and the connections are as good as before.
        assert_eq!(storage.event_sequence_gaps().await.unwrap().len(), 60_000);
        assert_eq!(storage.payments_in_key_order(None, 100).await.unwrap().len(), 100);
        for _ in 0..10 {
            assert_eq!(refusal(&storage, first).await, ReadError::TooExpensive(scan_deadline));
        }
        assert!(patient.payment(&key("order-1")).await.unwrap().is_some());
    }
}
