//! Payment schedules: guards, lists, and the pace at which they are taken.

use crate::harness::at;
use crate::on_both;
use crate::sample::*;
use jiff::SignedDuration;
use paypier_domain::billing_key::{self, BillingKey};
use paypier_domain::change::{Change, Write};
use paypier_domain::channel::Environment;
use paypier_domain::customer::{Customer, Product};
use paypier_domain::id::{BillingKeyId, ChannelKey, ScheduleId, StoreId, TransactionId};
use paypier_domain::job::{Job, JobWrite, Task};
use paypier_domain::money::Currency;
use paypier_domain::payment::{Installment, Notices, Order, Origin, Payment, Platform};
use paypier_domain::schedule::{Run, Schedule, ScheduleStatus, ScheduledCharge, State};
use paypier_storage::{CommitError, PageAsk, ScheduleFilter, ScheduleSortBy, SortOrder, Storage};

fn origin() -> Origin {
    Origin { platform: Platform::Api, ip_address: "::1".into(), user_agent: None, url: None }
}

fn billing_key_row(id: &str) -> BillingKey {
    BillingKey {
        id: BillingKeyId::known(id),
        store: StoreId::known("store-1"),
        merchant: merchant(),
        environment: Environment::Test,
        version: 1,
        customer: Customer::default(),
        custom_data: None,
        origin: origin(),
        channel_group: None,
        issue_id: None,
        issue_name: None,
        method: billing_key::KeyMethod::Card,
        approval: None,
        notices: Notices::default(),
        claim: None,
        requested_at: at(0),
        going_since: None,
        first_payment: None,
        holdings: Vec::new(),
        state: billing_key::State::Issued { at: at(0) },
    }
}

pub fn schedule(id: &str, payment: &str, billing_key: &str, time_to_pay: i64) -> Schedule {
    Schedule {
        id: ScheduleId::known(id),
        payment: key(payment),
        merchant: merchant(),
        environment: Environment::Test,
        version: 1,
        charge: ScheduledCharge {
            billing_key: BillingKeyId::known(billing_key),
            channel: Some(ChannelKey::known("channel-key-1")),
            order: Order {
                name: "한 달".into(),
                customer: Customer { id: Some("c-1".into()), ..Customer::default() },
                products: vec![Product {
                    id: "p-1".into(),
                    name: "book".into(),
                    tag: None,
                    link: None,
                    code: None,
                    amount: 1_000,
                    quantity: 2,
                }],
                custom_data: Some("{}".into()),
                ..Order::default()
            },
            currency: Currency::KRW,
            total: won(1_000),
            tax_free: won(100),
            vat: Some(won(0)),
            installment: Some(Installment {
                months: 3,
                is_interest_free: true,
                is_interest_free_from_merchant: false,
            }),
            is_point_used: true,
            origin: origin(),
            notices: Notices { urls: vec!["https://x".into()], skip_success: false },
            promotion: Some("promotion-id-1".into()),
            bypass: Some("{\"a\":1}".into()),
        },
        created_at: at(1),
        time_to_pay: at(time_to_pay),
        state: State::Scheduled,
    }
}

pub async fn has_key(storage: &Storage, id: &str) {
    let key = Box::new(billing_key_row(id));
    storage.commit(writes(vec![Write::BillingKey { key, expects: None }])).await.unwrap();
}

pub fn creation(schedule: &Schedule, key: u64, payment: Option<u64>) -> Change {
    writes(vec![Write::NewSchedule { schedule: Box::new(schedule.clone()), key, payment }])
}

fn update(schedule: &Schedule, expects: u64) -> Change {
    writes(vec![Write::Schedule { schedule: Box::new(schedule.clone()), expects }])
}

/// The payment as a schedule makes it.
fn scheduled(mut payment: Payment, id: &str) -> Payment {
    payment.attempts[0].schedule = Some(ScheduleId::known(id));
    payment
}

on_both! {
    async fn schedules_read_back_in_every_state(db: &Db) {
        let storage = db.migrated().await;
        has_key(&storage, "key-1").await;
        let mut stored = schedule("s-1", "order-1", "key-1", 100);
        storage.commit(creation(&stored, 1, None)).await.unwrap();
        let store = StoreId::known("store-1");
        assert_eq!(storage.schedule(&store, &stored.id).await.unwrap().as_ref(), Some(&stored));
        assert_eq!(storage.schedule(&StoreId::known("store-2"), &stored.id).await.unwrap(), None);
        let run = || Run { transaction: TransactionId::known("t-1"), started_at: at(101) };
        for state in [
            State::Started(run()),
            State::Pending { run: run(), at: at(102) },
            State::Succeeded { run: run(), at: at(103) },
            State::Failed { run: Some(run()), started_at: at(101), at: at(104) },
            State::Failed { run: None, started_at: at(101), at: at(101) },
            State::Revoked { at: at(50) },
        ] {
            let expects = stored.version;
            stored = Schedule { state, version: expects + 1, ..stored };
            storage.commit(update(&stored, expects)).await.unwrap();
            assert_eq!(storage.commit(update(&stored, expects)).await, Err(CommitError::Conflict));
            assert_eq!(storage.schedule(&store, &stored.id).await.unwrap().as_ref(), Some(&stored));
        }
        assert_eq!(storage.schedules_in_key_order(None, 10).await.unwrap(), [stored.clone()]);
        let behind = storage.schedules_in_key_order(Some((&store, &stored.id)), 10).await.unwrap();
        assert_eq!(behind, []);
    }
}

on_both! {
    async fn what_a_schedule_was_decided_beside_is_guarded(db: &Db) {
        let storage = db.migrated().await;
        has_key(&storage, "key-1").await;
        let first = schedule("s-1", "order-1", "key-1", 100);
        assert_eq!(storage.commit(creation(&first, 2, None)).await, Err(CommitError::Conflict), "another version");
        assert_eq!(storage.commit(creation(&first, 1, Some(1))).await, Err(CommitError::Conflict), "no payment");
        storage.commit(creation(&first, 1, None)).await.unwrap();
        assert_eq!(storage.waiting_schedule_of(&key("order-1")).await.unwrap(), Some(first.id.clone()));
        let (store, billing_key) = (StoreId::known("store-1"), BillingKeyId::known("key-1"));
        let waiting = || storage.waiting_schedule_with(&store, &billing_key);
        assert_eq!(waiting().await.unwrap(), Some(first.id.clone()));
        // The key has its next version, so that who decided beside the old one is noticed.
        let other = schedule("s-2", "order-1", "key-1", 200);
        assert_eq!(storage.commit(creation(&other, 1, None)).await, Err(CommitError::Conflict));
        assert_eq!(storage.commit(creation(&other, 2, None)).await, Err(CommitError::Conflict), "one waits");
        let revoked = Schedule { version: 2, state: State::Revoked { at: at(5) }, ..first.clone() };
        storage.commit(update(&revoked, 1)).await.unwrap();
        assert_eq!(waiting().await.unwrap(), None);
        storage.commit(creation(&other, 2, None)).await.unwrap();
        // A payment that exists is held as well, and one that came in between is noticed.
        let (changes, _) = key_in("order-9", at(0));
        storage.commit(changes[0].clone()).await.unwrap();
        let beside = schedule("s-3", "order-9", "key-1", 300);
        assert_eq!(storage.commit(creation(&beside, 3, None)).await, Err(CommitError::Conflict));
        storage.commit(creation(&beside, 3, Some(1))).await.unwrap();
        let last = changes[2].clone();
        assert!(last.writes.iter().any(|write| matches!(write, Write::Payment { expects: Some(1), .. })));
        assert_eq!(storage.commit(last).await, Err(CommitError::Conflict), "the payment was held");
    }
}

on_both! {
    async fn a_payment_that_is_scheduled_is_not_made_otherwise(db: &Db) {
        let storage = db.migrated().await;
        has_key(&storage, "key-1").await;
        storage.commit(creation(&schedule("s-1", "order-1", "key-1", 100), 1, None)).await.unwrap();
        let (changes, _) = key_in("order-1", at(0));
        assert_eq!(storage.commit(changes[0].clone()).await, Err(CommitError::Conflict));
        assert_eq!(storage.payment(&key("order-1")).await.unwrap(), None);
        // Another store's payment of this id is another payment.
        let mut neighbour = begun(&changes[0]);
        neighbour.key.store = StoreId::known("store-2");
        storage.commit(inserts(&neighbour)).await.unwrap();
        // The schedule's own payment is.
        let run = Run { transaction: TransactionId::known("tx-order-1"), started_at: at(100) };
        let started = Schedule { version: 2, state: State::Started(run), ..schedule("s-1", "order-1", "key-1", 100) };
        let claim = update(&started, 1).and(inserts(&scheduled(begun(&changes[0]), "s-1")));
        storage.commit(claim.clone()).await.unwrap();
        assert!(storage.payment(&key("order-1")).await.unwrap().is_some());
        assert_eq!(storage.commit(claim).await, Err(CommitError::Conflict), "once");
    }
}

on_both! {
    async fn schedules_are_listed_by_what_is_asked_for(db: &Db) {
        let storage = db.migrated().await;
        storage.commit(writes(vec![Write::Store(store("store-1"))])).await.unwrap();
        has_key(&storage, "key-1").await;
        has_key(&storage, "key-2").await;
        let mut one = schedule("s-1", "order-1", "key-1", 100);
        let mut two = Schedule { created_at: at(9), ..schedule("s-2", "order-2", "key-2", 200) };
        let live = Schedule { environment: Environment::Live, ..schedule("s-3", "order-3", "key-1", 300) };
        for (schedule, version) in [(&one, 1), (&two, 1), (&live, 2)] {
            storage.commit(creation(schedule, version, None)).await.unwrap();
        }
        let run = Run { transaction: TransactionId::known("t-1"), started_at: at(101) };
        one = Schedule { version: 2, state: State::Succeeded { run, at: at(400) }, ..one };
        two = Schedule { version: 2, state: State::Revoked { at: at(50) }, ..two };
        storage.commit(update(&one, 1).and(update(&two, 1))).await.unwrap();
        let all = ScheduleFilter {
            merchant: merchant(),
            store: None,
            environment: None,
            billing_key: None,
            statuses: vec![],
            from: at(0),
            until: at(1_000),
            sort_by: ScheduleSortBy::TimeToPay,
            order: SortOrder::Asc,
        };
        let page = PageAsk { number: 0, size: 10 };
        for (filter, expected) in [
            (all.clone(), vec!["s-1", "s-2", "s-3"]),
            (ScheduleFilter { order: SortOrder::Desc, ..all.clone() }, vec!["s-3", "s-2", "s-1"]),
            (ScheduleFilter { sort_by: ScheduleSortBy::CreatedAt, ..all.clone() }, vec!["s-1", "s-3", "s-2"]),
            (ScheduleFilter { sort_by: ScheduleSortBy::CompletedAt, ..all.clone() }, vec!["s-2", "s-3", "s-1"]),
            (ScheduleFilter { sort_by: ScheduleSortBy::StatusTimestamp, ..all.clone() }, vec!["s-2", "s-1", "s-3"]),
            (ScheduleFilter { from: at(100), until: at(200), ..all.clone() }, vec!["s-1"]),
            (ScheduleFilter { billing_key: Some("key-1".into()), ..all.clone() }, vec!["s-1", "s-3"]),
            (ScheduleFilter { environment: Some(Environment::Live), ..all.clone() }, vec!["s-3"]),
            (ScheduleFilter { statuses: vec![ScheduleStatus::Revoked, ScheduleStatus::Scheduled], ..all.clone() }, vec!["s-2", "s-3"]),
            (ScheduleFilter { store: Some(StoreId::known("store-9")), ..all.clone() }, vec![]),
        ] {
            let found = storage.schedules(&filter, page).await.unwrap();
            let ids: Vec<&str> = found.items.iter().map(|schedule| schedule.id.as_str()).collect();
            assert_eq!(ids, expected, "{filter:?}");
            assert_eq!(found.total, u64::try_from(expected.len()).unwrap());
        }
        let second = storage.schedules(&all, PageAsk { number: 1, size: 2 }).await.unwrap();
        assert_eq!((second.items.len(), second.total), (1, 3));
        let (store, billing_key) = (StoreId::known("store-1"), BillingKeyId::known("key-1"));
        let waiting = storage.waiting_schedules_with(&store, &billing_key).await.unwrap();
        assert_eq!(waiting, std::slice::from_ref(&live));
        // A test clock that begins anew takes what was planned by it along.
        storage.commit(writes(vec![Write::EmptyTestData { store: StoreId::known("store-1") }])).await.unwrap();
        assert_eq!(storage.schedules(&all, page).await.unwrap().items, [live]);
    }
}

on_both! {
    async fn schedules_are_taken_at_a_pace_of_their_own(db: &Db) {
        let storage = db.migrated().await;
        let run = |number: i64| Job {
            task: Task::RunSchedule { schedule: ScheduleId::known(format!("s-{number}")) },
            store: StoreId::known("store-1"),
            environment: Environment::Test,
            due_at: at(number),
            runs: 0,
        };
        let mut jobs: Vec<JobWrite> = (0..5).map(run).map(JobWrite::Put).collect();
        jobs.extend([JobWrite::Put(job("a", at(9))), JobWrite::Put(job("b", at(9)))]);
        storage.commit(Change { jobs, ..Change::default() }).await.unwrap();
        let take = async |limit, schedules| {
            let taken = storage.take_due_jobs(at(10), SignedDuration::from_secs(60), limit, schedules).await.unwrap();
            taken.iter().map(|job| job.task.key()).collect::<Vec<_>>()
        };
        assert_eq!(take(1, 0).await, ["simulator_notification:a"], "many that are due hide nothing else");
        assert_eq!(take(0, 2).await, ["run_schedule:s-0", "run_schedule:s-1"]);
        assert_eq!(take(9, 1).await, ["run_schedule:s-2", "simulator_notification:b"]);
        assert_eq!(take(0, 9).await, ["run_schedule:s-3", "run_schedule:s-4"]);
        assert_eq!(take(9, 9).await, Vec::<String>::new());
    }
}
