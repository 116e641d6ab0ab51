//! Due jobs and deliveries: leases, lanes, limits, the test clock.

use crate::harness::at;
use crate::on_both;
use crate::sample::*;
use jiff::SignedDuration;
use paypier_domain::change::{Change, Write};
use paypier_domain::channel::Environment;
use paypier_domain::delivery::{Delivery, DeliveryState, ExecutionResult};
use paypier_domain::id::StoreId;
use paypier_domain::job::{Job, JobWrite};

const LEASE: SignedDuration = SignedDuration::from_secs(60);

fn ids(deliveries: &[Delivery]) -> Vec<&str> {
    deliveries.iter().map(|delivery| delivery.id.as_str()).collect()
}

fn keys(jobs: &[Job]) -> Vec<String> {
    jobs.iter().map(|job| job.task.key().split(':').nth(1).unwrap_or("").to_owned()).collect()
}

on_both! {
    async fn a_job_is_taken_once_until_its_lease_ends(db: &Db) {
        let storage = db.migrated().await;
        storage.commit(puts(vec![job("b", at(20)), job("a", at(10)), job("c", at(99))])).await.unwrap();
        assert_eq!(storage.next_wake(5).await.unwrap(), Some(at(10)));
        assert_eq!(storage.take_due_jobs(at(9), LEASE, 10, 0).await.unwrap(), []);
        assert_eq!(keys(&storage.take_due_jobs(at(20), LEASE, 1, 0).await.unwrap()), ["a"]);
        assert_eq!(keys(&storage.take_due_jobs(at(20), LEASE, 10, 0).await.unwrap()), ["b"]);
        assert_eq!(storage.take_due_jobs(at(79), LEASE, 10, 0).await.unwrap(), []);
        assert_eq!(storage.next_wake(5).await.unwrap(), Some(at(80)), "the end of the leases");
        assert_eq!(keys(&storage.take_due_jobs(at(80), LEASE, 10, 0).await.unwrap()), ["a", "b"]);
        // Done, and put off.
        let done = Change {
            jobs: vec![JobWrite::Remove("simulator_notification:a".into()), JobWrite::Put(job("b", at(200)))],
            ..Change::default()
        };
        storage.commit(done).await.unwrap();
        assert_eq!(storage.next_wake(5).await.unwrap(), Some(at(99)));
        assert_eq!(keys(&storage.take_due_jobs(at(300), LEASE, 10, 0).await.unwrap()), ["c", "b"]);
        storage.release_all_leases().await.unwrap();
        assert_eq!(keys(&storage.take_due_jobs(at(300), LEASE, 10, 0).await.unwrap()), ["c", "b"]);
    }
}

on_both! {
    async fn a_job_that_was_removed_while_it_ran_is_not_put_off(db: &Db) {
        let storage = db.migrated().await;
        storage.commit(puts(vec![job("a", at(10)), job("b", at(10))])).await.unwrap();
        let taken = storage.take_due_jobs(at(20), LEASE, 10, 0).await.unwrap();
        assert_eq!(taken.len(), 2);
        // Whoever answers a job's question removes it, also while the job is asking.
        let answered = vec![JobWrite::Remove("simulator_notification:a".into())];
        storage.commit(Change { jobs: answered, ..Change::default() }).await.unwrap();
        let later = |key| JobWrite::PutOff(Job { runs: 4, ..job(key, at(50)) });
        storage.commit(Change { jobs: vec![later("a"), later("b")], ..Change::default() }).await.unwrap();
        assert_eq!(storage.take_due_jobs(at(49), LEASE, 10, 0).await.unwrap(), []);
        let again = storage.take_due_jobs(at(50), LEASE, 10, 0).await.unwrap();
        assert_eq!(again, [Job { runs: 4, ..job("b", at(50)) }]);
    }
}

on_both! {
    async fn a_job_that_was_queued_again_while_it_ran_runs_again(db: &Db) {
        let storage = db.migrated().await;
        storage.commit(puts(vec![job("a", at(10)), job("b", at(10)), job("c", at(10))])).await.unwrap();
        assert_eq!(storage.take_due_jobs(at(20), LEASE, 10, 0).await.unwrap().len(), 3);
        // There is more to do, which the runs did not see any more.
        storage.commit(puts(vec![job("a", at(11)), job("b", at(12))])).await.unwrap();
        let ends = vec![
            JobWrite::Done("simulator_notification:a".into()),
            JobWrite::PutOff(Job { runs: 4, ..job("b", at(5_000)) }),
            JobWrite::Done("simulator_notification:c".into()),
        ];
        storage.commit(Change { jobs: ends, ..Change::default() }).await.unwrap();
        let again = storage.take_due_jobs(at(20), LEASE, 10, 0).await.unwrap();
        assert_eq!(again, [job("a", at(11)), job("b", at(12))]);
        let done = again.iter().map(|job| JobWrite::Done(job.task.key())).collect();
        storage.commit(Change { jobs: done, ..Change::default() }).await.unwrap();
        storage.release_all_leases().await.unwrap();
        assert_eq!(storage.take_due_jobs(at(9_000), LEASE, 10, 0).await.unwrap(), []);
    }
}

on_both! {
    async fn no_job_is_taken_by_two(db: &Db) {
        let storage = db.migrated().await;
        let other = db.open().await;
        let jobs = (0..100).map(|n| job(&format!("{n:03}"), at(n))).collect();
        storage.commit(puts(jobs)).await.unwrap();
        let takers: Vec<_> = [storage.clone(), other, storage.clone(), storage]
            .into_iter()
            .map(|storage| {
                tokio::spawn(async move {
                    let mut taken = Vec::new();
                    loop {
                        let some = storage.take_due_jobs(at(1000), LEASE, 7, 0).await.unwrap();
                        if some.is_empty() {
                            break;
                        }
                        taken.extend(keys(&some));
                    }
                    taken
                })
            })
            .collect();
        let mut all = Vec::new();
        for taker in takers {
            all.extend(taker.await.unwrap());
        }
        all.sort();
        // A claim that finds rows locked by another passes them over and may end early.
        let count = all.len();
        all.dedup();
        assert_eq!(all.len(), count, "a job was taken twice");
        assert_eq!(count, 100);
    }
}

on_both! {
    async fn interrupted_jobs_are_made_due_at_the_start(db: &Db) {
        let storage = db.migrated().await;
        let change = key_in("order-1", at(0)).0[0].clone();
        storage.commit(change).await.unwrap();
        storage.commit(puts(vec![job("a", at(90))])).await.unwrap();
        storage.make_due_now(&["resolve_attempt"], at(1)).await.unwrap();
        let due = storage.take_due_jobs(at(1), LEASE, 10, 0).await.unwrap();
        assert_eq!(due.iter().map(|job| job.task.kind()).collect::<Vec<_>>(), ["resolve_attempt"]);
        assert_eq!(storage.next_wake(1).await.unwrap(), Some(at(61)));
    }
}

on_both! {
    async fn deliveries_of_one_lane_leave_in_order(db: &Db) {
        let storage = db.migrated().await;
        storage
            .commit(delivers(vec![
                delivery("1", "order-1", 1, "https://a", at(10)),
                delivery("2", "order-1", 2, "https://a", at(10)),
                delivery("3", "order-1", 2, "https://b", at(10)),
                delivery("4", "order-2", 1, "https://a", at(11)),
            ]))
            .await
            .unwrap();
        let mut taken = storage.take_due_deliveries(at(20), LEASE, 10, 10).await.unwrap();
        taken.sort_by(|a, b| a.id.cmp(&b.id));
        assert_eq!(ids(&taken), ["1", "3", "4"], "2 waits for 1, another URL and another payment do not");
        assert_eq!(storage.take_due_deliveries(at(20), LEASE, 10, 10).await.unwrap(), []);
        assert_eq!(storage.next_wake(10).await.unwrap(), Some(at(80)), "what waits for another is no reason to wake");

        // The first fails and is due later: the second still waits.
        let mut first = taken[0].clone();
        first.executed(execution(ExecutionResult::NotOk), at(20), 30_000);
        assert_eq!(first.state, DeliveryState::Due { at: at(50) });
        storage.commit(writes(vec![Write::Delivery { delivery: Box::new(first.clone()), expects: 0 }])).await.unwrap();
        assert_eq!(storage.take_due_deliveries(at(30), LEASE, 10, 10).await.unwrap(), []);
        assert_eq!(storage.next_wake(10).await.unwrap(), Some(at(50)));
        assert_eq!(ids(&storage.take_due_deliveries(at(50), LEASE, 10, 10).await.unwrap()), ["1"]);
        first.executed(execution(ExecutionResult::Succeeded), at(51), 0);
        storage.commit(writes(vec![Write::Delivery { delivery: Box::new(first), expects: 1 }])).await.unwrap();
        assert_eq!(ids(&storage.take_due_deliveries(at(52), LEASE, 10, 10).await.unwrap()), ["2"]);
    }
}

on_both! {
    async fn a_slow_endpoint_keeps_to_its_limit_and_hides_nobody(db: &Db) {
        let storage = db.migrated().await;
        let mut many: Vec<Delivery> =
            (0..60).map(|n| delivery(&format!("slow-{n:02}"), &format!("order-{n}"), 1, "https://slow", at(n))).collect();
        many.push(delivery("fast", "order-99", 1, "https://zfast", at(70)));
        storage.commit(delivers(many)).await.unwrap();
        let taken = storage.take_due_deliveries(at(100), LEASE, 20, 3).await.unwrap();
        assert_eq!(ids(&taken).len(), 4);
        assert!(ids(&taken).contains(&"fast"));
        assert_eq!(storage.take_due_deliveries(at(100), LEASE, 20, 3).await.unwrap(), []);
        assert_eq!(storage.next_wake(3).await.unwrap(), Some(at(160)), "a full URL is no reason to wake");
        assert_eq!(storage.next_wake(4).await.unwrap(), Some(at(3)));
        assert_eq!(storage.take_due_deliveries(at(100), LEASE, 2, 10).await.unwrap().len(), 2, "the limit of a call");
        assert_eq!(storage.take_due_deliveries(at(200), LEASE, 20, 3).await.unwrap().len(), 4, "leases have ended");
    }
}

on_both! {
    async fn a_test_clock_moves_what_is_due_in_its_store_only(db: &Db) {
        let storage = db.migrated().await;
        storage.commit(writes(vec![Write::Store(store("store-1")), Write::Store(store("store-2"))])).await.unwrap();
        let live = Job { environment: Environment::Live, ..job("live", at(100)) };
        let other = Job { store: StoreId::known("store-2"), ..job("other", at(100)) };
        storage.commit(puts(vec![job("test", at(100)), live, other])).await.unwrap();
        storage.commit(delivers(vec![delivery("w", "order-1", 1, "https://a", at(110))])).await.unwrap();
        let store_1 = StoreId::known("store-1");
        let clock = |seconds| {
            writes(vec![Write::TestClock { store: store_1.clone(), offset: SignedDuration::from_secs(seconds) }])
        };
        assert_eq!(storage.due_of_store(&store_1, at(99)).await.unwrap(), None);
        assert_eq!(storage.due_of_store(&store_1, at(200)).await.unwrap(), Some(at(100)));
        storage.commit(clock(30)).await.unwrap();
        assert_eq!(storage.next_wake(9).await.unwrap(), Some(at(70)));
        storage.commit(clock(90)).await.unwrap();
        assert_eq!(storage.store(&store_1).await.unwrap().unwrap().test_clock_offset, SignedDuration::from_secs(90));
        assert_eq!(keys(&storage.take_due_jobs(at(10), LEASE, 9, 0).await.unwrap()), ["test"]);
        assert_eq!(storage.take_due_deliveries(at(19), LEASE, 9, 9).await.unwrap(), []);
        assert_eq!(ids(&storage.take_due_deliveries(at(20), LEASE, 9, 9).await.unwrap()), ["w"]);
        // What is queued under the moved clock wakes by it.
        let mut change = puts(vec![job("later", at(300))]);
        change.clock_offset = SignedDuration::from_secs(90);
        storage.commit(change).await.unwrap();
        assert_eq!(keys(&storage.take_due_jobs(at(215), LEASE, 9, 0).await.unwrap()), ["test", "live", "other", "later"]);
    }
}

on_both! {
    async fn a_delivery_behind_another_is_not_the_stores_next_due(db: &Db) {
        let storage = db.migrated().await;
        let store = StoreId::known("store-1");
        storage
            .commit(delivers(vec![
                delivery("1", "order-1", 1, "https://a", at(500)),
                delivery("2", "order-1", 2, "https://a", at(10)),
            ]))
            .await
            .unwrap();
        assert_eq!(storage.due_of_store(&store, at(400)).await.unwrap(), None);
        assert_eq!(storage.due_of_store(&store, at(500)).await.unwrap(), Some(at(500)));
    }
}
