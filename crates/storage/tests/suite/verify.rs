//! The books prove themselves, and show it when they do not.

use crate::harness::at;
use crate::on_both;
use crate::sample::*;
use paypier_storage::{GuardColumns, GuardedPayment};

on_both! {
    async fn sums_hold_after_many_concurrent_payments(db: &Db) {
        let storage = db.migrated().await;
        let tasks: Vec<_> = (0..60)
            .map(|number| {
                let storage = storage.clone();
                tokio::spawn(async move {
                    for change in key_in(&format!("order-{number}"), at(number)).0 {
                        storage.commit(change).await.unwrap();
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let sums = storage.ledger_sums().await.unwrap();
        let named: Vec<(String, i128, i128)> = sums
            .iter()
            .map(|sum| (sum.account.name().split(':').next().unwrap().to_owned(), sum.entries, sum.balance))
            .collect();
        assert_eq!(
            named,
            [("psp_fees", 60 * 320), ("psp_receivable", 60 * 9_680), ("sales", -600_000)]
                .map(|(account, sum)| (account.to_owned(), sum, sum))
        );
        assert_eq!(storage.receivable_by_channel().await.unwrap()[0].amount, 60 * 9_680);
        assert_eq!(storage.posting_imbalances().await.unwrap(), []);
        assert_eq!(storage.event_sequence_gaps().await.unwrap(), []);
        assert_eq!(storage.integrity_problems().await.unwrap(), Vec::<String>::new());
    }
}

on_both! {
    async fn books_that_were_tampered_with_do_not_prove(db: &Db) {
        let storage = db.migrated().await;
        for change in key_in("order-1", at(0)).0 {
            storage.commit(change).await.unwrap();
        }
        db.sql("UPDATE ledger_entries SET signed = signed + 1 WHERE account = 'sales'").await;
        let sums = storage.ledger_sums().await.unwrap();
        assert_eq!(sums.iter().filter(|sum| sum.entries != sum.balance).count(), 1);
        let imbalances = storage.posting_imbalances().await.unwrap();
        assert_eq!((imbalances.len(), imbalances[0].sum), (1, 1));
        db.sql("DELETE FROM events").await;
        let gaps = storage.event_sequence_gaps().await.unwrap();
        assert_eq!((gaps.len(), gaps[0].last_event, gaps[0].stored_events), (1, 1, 0));
    }
}

on_both! {
    async fn jobs_that_are_not_queued_are_named(db: &Db) {
        let storage = db.migrated().await;
        storage.commit(puts((0..300).map(|number| job(&format!("n-{number}"), at(0))).collect())).await.unwrap();
        db.sql("DELETE FROM jobs WHERE job_key LIKE '%:n-27'").await;
        let keys: Vec<String> = (0..301).map(|number| job(&format!("n-{number}"), at(0)).task.key()).collect();
        let missing = ["simulator_notification:n-27", "simulator_notification:n-300"];
        assert_eq!(storage.missing_jobs(&keys).await.unwrap(), missing);
        assert_eq!(storage.missing_jobs(&[]).await.unwrap(), Vec::<String>::new());
    }
}

on_both! {
    async fn guard_columns_are_read_as_they_are_stored(db: &Db) {
        let storage = db.migrated().await;
        let (changes, paid) = key_in("order-1", at(0));
        for change in changes {
            storage.commit(change).await.unwrap();
        }
        let transaction = paid.attempts[0].id.clone();
        let mut columns = GuardColumns {
            status: "PAID".into(),
            transaction: transaction.as_str().into(),
            claimed_order_amount: 0,
            claimed_refund: 0,
            total: 10_000,
            to_pay: 10_000,
            paid: vec![transaction],
        };
        let stored = storage.guarded_payment(&paid.key).await.unwrap();
        assert_eq!(stored, Some(GuardedPayment { payment: paid.clone(), columns: columns.clone() }));
        db.sql("UPDATE payments SET status = 'FAILED', claimed_order_amount = 7, claimed_refund = 6").await;
        db.sql("UPDATE attempts SET is_paid = 0").await;
        columns.status = "FAILED".into();
        (columns.claimed_order_amount, columns.claimed_refund) = (7, 6);
        columns.paid.clear();
        assert_eq!(storage.payments_in_key_order(None, 10).await.unwrap(), [GuardedPayment { payment: paid, columns }]);
    }
}

on_both! {
    async fn a_row_that_cannot_be_read_names_itself(db: &Db) {
        let storage = db.migrated().await;
        let (changes, paid) = key_in("order-1", at(0));
        storage.commit(changes[0].clone()).await.unwrap();
        db.sql("UPDATE attempts SET body = '{\"state\": 7}'").await;
        let error = storage.payment(&paid.key).await.unwrap_err().to_string();
        for part in ["attempts.body", "store-1/order-1"] {
            assert!(error.contains(part), "{error}");
        }
    }
}
