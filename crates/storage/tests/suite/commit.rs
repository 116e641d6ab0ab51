//! Guards, isolation of changes that share a flush, emptying and purging.

use crate::harness::{Db, at};
use crate::on_both;
use crate::sample::*;
use paypier_domain::account::{Token, TokenKind};
use paypier_domain::change::{Change, Write};
use paypier_domain::claim::{Claim, ClaimRef, ClaimWrite};
use paypier_domain::id::*;
use paypier_domain::payment::PreRegistration;
use paypier_storage::{CommitError, Options, Storage};

on_both! {
    async fn of_fifty_writers_one_wins_each_version(db: &Db) {
        let storage = db.migrated().await;
        let (changes, _) = key_in("order-1", at(0));
        let mut payment = begun(&changes[0]);
        storage.commit(changes[0].clone()).await.unwrap();
        for round in 0..5 {
            let expects = payment.version;
            payment.version += 1;
            let writers: Vec<_> = (0..50)
                .map(|_| {
                    let (storage, change) = (storage.clone(), updates(&payment, expects));
                    tokio::spawn(async move { storage.commit(change).await })
                })
                .collect();
            let mut won = 0;
            for writer in writers {
                match writer.await.unwrap() {
                    Ok(()) => won += 1,
                    Err(error) => assert_eq!(error, CommitError::Conflict),
                }
            }
            assert_eq!(won, 1, "round {round}");
        }
        assert_eq!(storage.payment(&payment.key).await.unwrap().unwrap().version, payment.version);
    }
}

on_both! {
    async fn of_thirty_requests_with_one_key_one_is_first(db: &Db) {
        let storage = db.migrated().await;
        let tasks: Vec<_> = (0..30)
            .map(|number| {
                let storage = storage.clone();
                let (mut changes, _) = key_in(&format!("order-{number}"), at(0));
                changes[0].claim = Some(ClaimWrite::Begin(Claim {
                    reference: ClaimRef { merchant: merchant(), key: "k".into(), operation: "pay".into() },
                    fingerprint: [0; 32],
                    at: at(0),
                }));
                let change = changes[0].clone();
                tokio::spawn(async move { storage.commit(change).await })
            })
            .collect();
        let mut first = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(()) => first += 1,
                Err(error) => assert_eq!(error, CommitError::KeyTaken),
            }
        }
        assert_eq!(first, 1);
        assert_eq!(storage.payments_in_key_order(None, 100).await.unwrap().len(), 1, "the others left nothing");
    }
}

on_both! {
    async fn a_payment_is_never_inserted_twice_nor_charged_twice(db: &Db) {
        let storage = db.migrated().await;
        let (changes, paid) = key_in("order-1", at(0));
        storage.commit(changes[0].clone()).await.unwrap();
        assert_eq!(storage.commit(changes[0].clone()).await, Err(CommitError::Conflict));
        storage.commit(changes[2].clone()).await.unwrap();
        assert_eq!(storage.commit(changes[2].clone()).await, Err(CommitError::Conflict));

        // The posting alone, a second time.
        let again = Change { postings: changes[2].postings.clone(), ..Change::default() };
        assert_eq!(storage.commit(again).await, Err(CommitError::Exists("ledger_entries".into())));

        // A second attempt that claims to be paid: the database says no, whatever the version.
        let mut twice = paid.clone();
        twice.version += 1;
        let mut second = twice.attempts[0].clone();
        (second.id, second.number) = (TransactionId::known("tx-second"), 2);
        twice.attempts.push(second);
        let mut change = updates(&twice, paid.version);
        if let Write::Payment { touched, .. } = &mut change.writes[0] {
            touched.attempts[1].1 = paypier_domain::change::RowWrite::Insert;
        }
        assert_eq!(storage.commit(change).await, Err(CommitError::Exists("attempts".into())));
        assert_eq!(storage.payment(&paid.key).await.unwrap(), Some(paid));
        let sums = storage.ledger_sums().await.unwrap();
        assert!(sums.iter().all(|sum| sum.entries == sum.balance), "{sums:?}");
    }
}

on_both! {
    async fn more_than_was_paid_cannot_be_stored_as_cancelled(db: &Db) {
        let storage = db.migrated().await;
        let (changes, paid) = key_in("order-1", at(0));
        for change in changes {
            storage.commit(change).await.unwrap();
        }
        let cancellation = |id: &str, units| paypier_domain::payment::Cancellation {
            id: CancellationId::known(id),
            transaction: paid.attempts[0].id.clone(),
            order_amount: won(units),
            refund: won(units),
            tax_free: won(0),
            vat: won(0),
            reason: "r".into(),
            requester: None,
            origin: paypier_domain::payment::cancel::CancelOrigin::Api,
            requested_at: at(1),
            skip_webhook: false,
            claim: None,
            refund_account: None,
            retain: None,
            pg_cancellation_id: None,
            queries: 0,
            state: paypier_domain::payment::CancellationState::Sending,
        };
        let mut after = paid.clone();
        after.version += 1;
        after.cancellations = vec![cancellation("c1", 7_000), cancellation("c2", 4_000)];
        let mut change = updates(&after, paid.version);
        if let Write::Payment { touched, .. } = &mut change.writes[0] {
            touched.attempts.clear();
            for row in &mut touched.cancellations {
                row.1 = paypier_domain::change::RowWrite::Insert;
            }
        }
        let refused = storage.commit(change).await;
        assert!(matches!(refused, Err(CommitError::Broken(_))), "{refused:?}");
        assert_eq!(storage.payment(&paid.key).await.unwrap(), Some(paid));
    }
}

on_both! {
    async fn one_bad_change_does_not_harm_those_that_share_its_flush(db: &Db) {
        let storage = db.migrated().await;
        let (blocked, _) = key_in("order-0", at(0));
        storage.commit(blocked[0].clone()).await.unwrap();
        let tasks: Vec<_> = (0..200)
            .map(|number| {
                let storage = storage.clone();
                // Every fourth is a payment that exists.
                let name = if number % 4 == 0 { "order-0".to_owned() } else { format!("order-{number}") };
                let change = key_in(&name, at(0)).0[0].clone();
                tokio::spawn(async move { (number, storage.commit(change).await) })
            })
            .collect();
        for task in tasks {
            let (number, result) = task.await.unwrap();
            assert_eq!(result, if number % 4 == 0 { Err(CommitError::Conflict) } else { Ok(()) });
        }
        assert_eq!(storage.payments_in_key_order(None, 1000).await.unwrap().len(), 151);
    }
}

on_both! {
    async fn test_data_is_emptied_and_live_data_stays(db: &Db) {
        let storage = db.migrated().await;
        for change in key_in("order-1", at(0)).0 {
            storage.commit(change).await.unwrap();
        }
        let mut live = begun(&key_in("order-2", at(0)).0[0]);
        live.environment = paypier_domain::channel::Environment::Live;
        storage.commit(inserts(&live)).await.unwrap();
        storage.commit(delivers(vec![delivery("w", "order-1", 1, "https://x", at(0))])).await.unwrap();
        storage.commit(puts(vec![job("1", at(0))])).await.unwrap();
        let registration = |payment: &str| {
            Write::PreRegistration(PreRegistration {
                key: key(payment),
                total: None,
                tax_free: None,
                currency: None,
                registered_at: at(0),
            })
        };
        storage.commit(writes(vec![registration("order-2"), registration("order-3")])).await.unwrap();
        storage.commit(writes(vec![Write::EmptyTestData { store: live.key.store.clone() }])).await.unwrap();
        let left: Vec<_> =
            storage.payments_in_key_order(None, 10).await.unwrap().into_iter().map(|left| left.payment).collect();
        assert_eq!(left, [live]);
        assert_eq!(storage.ledger_sums().await.unwrap(), []);
        assert_eq!(storage.events_of(&key("order-1")).await.unwrap(), []);
        assert_eq!(storage.next_wake(10).await.unwrap(), None);
        assert_eq!(storage.stores_with_simulator().await.unwrap(), []);
        assert!(storage.pre_registration(&key("order-2")).await.unwrap().is_some());
        assert!(storage.pre_registration(&key("order-3")).await.unwrap().is_none());
        for change in key_in("order-1", at(0)).0 {
            storage.commit(change).await.unwrap();
        }
    }
}

on_both! {
    async fn what_has_ended_is_purged(db: &Db) {
        let storage = db.migrated().await;
        let secret = SecretId::known("s");
        let token = |byte, expires| Token {
            digest: [byte; 32],
            kind: TokenKind::Access,
            secret: secret.clone(),
            expires_at: at(expires),
        };
        let mut change = writes(vec![Write::Tokens {
            secret: secret.clone(),
            superseded: None,
            tokens: vec![token(1, 10), token(2, 30)],
        }]);
        let claim = |key: &str, second| {
            ClaimWrite::Begin(Claim {
                reference: ClaimRef { merchant: merchant(), key: key.into(), operation: "pay".into() },
                fingerprint: [0; 32],
                at: at(second),
            })
        };
        change.claim = Some(claim("old", 5));
        storage.commit(change).await.unwrap();
        storage.commit(Change { claim: Some(claim("new", 15)), ..Change::default() }).await.unwrap();
        storage.commit(writes(vec![Write::Purge { claims_before: at(10), tokens_before: at(20) }])).await.unwrap();
        assert!(storage.claim(&merchant(), "old").await.unwrap().is_none());
        assert!(storage.claim(&merchant(), "new").await.unwrap().is_some());
        assert!(storage.token(&[1; 32]).await.unwrap().is_none());
        assert!(storage.token(&[2; 32]).await.unwrap().is_some());
    }
}

async fn overload(db: &Db) {
    let first = db.migrated().await;
    let options = Options { queue: 4, batch: 1, writers: 1, ..db.options() };
    let storage = Storage::open(options).await.unwrap();
    let tasks: Vec<_> = (0..400)
        .map(|number| {
            let (storage, change) = (storage.clone(), key_in(&format!("order-{number}"), at(0)).0[0].clone());
            tokio::spawn(async move { storage.commit(change).await })
        })
        .collect();
    let (mut written, mut refused) = (0, 0);
    for task in tasks {
        match task.await.unwrap() {
            Ok(()) => written += 1,
            Err(error) => {
                assert_eq!(error, CommitError::Overloaded);
                refused += 1;
            }
        }
    }
    assert!(written > 0 && refused > 0, "{written} written, {refused} refused");
    assert_eq!(first.payments_in_key_order(None, 1000).await.unwrap().len(), written);
}

on_both! {
    async fn a_full_queue_refuses_early_and_writes_nothing_of_it(db: &Db) {
        overload(db).await;
    }
}

on_both! {
    async fn a_caller_that_stops_waiting_has_not_stopped_the_write(db: &Db) {
        let storage = db.migrated().await;
        for number in 0..50 {
            let change = key_in(&format!("order-{number:02}"), at(0)).0[0].clone();
            let impatient = tokio::time::timeout(std::time::Duration::from_micros(20 * number), storage.commit(change));
            let _ = impatient.await;
        }
        // Whatever was written was written whole.
        storage.commit(puts(vec![job("end", at(0))])).await.unwrap();
        for written in storage.payments_in_key_order(None, 100).await.unwrap() {
            assert_eq!(written.payment.attempts.len(), 1);
        }
    }
}
