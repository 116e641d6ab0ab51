//! Plans, subscriptions and deductions: what is read back, and what storage itself holds.

use crate::harness::at;
use crate::on_both;
use crate::sample::*;
use paypier_domain::change::{Change, Notify, Write};
use paypier_domain::channel::Environment;
use paypier_domain::customer::Customer;
use paypier_domain::id::{BillingKeyId, PaymentId, PlanRef, StoreId, SubscriptionRef};
use paypier_domain::job::{Job, JobWrite, Task};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::notice::{Notice, NoticeKind, NoticeResult, Way};
use paypier_domain::subscription::{
    Addresses, Cost, Cycle, Deduction, DeductionState, Ending, Enrolling, Means, Missed, Note, Period, Plan,
    PlanKind, Regular, Running, Slot, State, Step, Subscription, Terms, Totals,
};
use paypier_storage::CommitError;

fn store() -> StoreId {
    StoreId::known("store-1")
}

fn step() -> Step {
    Step::new(2, Period::Week).unwrap()
}

fn plan(reference: &str, merchant_ref: &str) -> Plan {
    Plan {
        reference: PlanRef::known(reference),
        store: store(),
        merchant: merchant(),
        environment: Environment::Test,
        version: 1,
        merchant_ref: merchant_ref.into(),
        name: "1000 USD per month".into(),
        description: "books".into(),
        source: "api".into(),
        notes: vec![Note { key: "key1".into(), value: String::new() }],
        currency: Currency::USD,
        kind: PlanKind::Regular { amount: won(1_000), step: step() },
        created_at: at(1),
        cancelled_at: None,
    }
}

fn regular() -> Terms {
    Terms::Regular(Regular {
        plan_amount: won(1_000),
        quantity: 3,
        step: step(),
        totals: Totals::of(won(1_000), 3, 3, &[10]).unwrap(),
        missed: Missed::ExtendsSchedule,
        starts_at: Some(at(5)),
        trial: Some(Step::new(7, Period::Day).unwrap()),
    })
}

fn subscription(reference: &str, merchant_ref: &str) -> Subscription {
    Subscription {
        reference: SubscriptionRef::known(reference),
        store: store(),
        merchant: merchant(),
        environment: Environment::Test,
        version: 1,
        merchant_ref: merchant_ref.into(),
        plan: PlanRef::known("plan-1"),
        plan_name: "monthly".into(),
        source: "api".into(),
        description: "a month of books".into(),
        country: "TH".into(),
        customer: Customer { name: Some("N".into()), ..Customer::default() },
        notify_by_email: true,
        notify_by_phone: false,
        notices: vec![Notice {
            kind: NoticeKind::Invitation,
            way: Way::Email,
            at: at(2),
            tries: 1,
            result: NoticeResult::Waiting("no connection".into()),
        }],
        notes: Vec::new(),
        costs: vec![Cost { key: "tax".into(), value: 15 }, Cost { key: "rebate".into(), value: -5 }],
        currency: Currency::USD,
        terms: regular(),
        addresses: Addresses {
            success: "https://s".into(),
            failure: "https://f".into(),
            pending: "https://p".into(),
        },
        ip_address: "::1".into(),
        created_at: at(1),
        expires_at: at(1_000),
        collected_amount: Amount::ZERO,
        collected_count: 0,
        deductions: 0,
        enrolments: 0,
        last_event: 0,
        state: State::Created { enrolling: None },
    }
}

fn written(subscription: &Subscription, expects: Option<u64>) -> Change {
    let subscription = Box::new(subscription.clone());
    writes(vec![Write::Subscription { subscription, expects, notify: Notify::No }])
}

fn deduction(number: u64, payment: &str, slot: Slot) -> Deduction {
    Deduction {
        store: store(),
        environment: Environment::Test,
        subscription: SubscriptionRef::known("sub-1"),
        number,
        payment: PaymentId::known(payment),
        slot,
        amount: won(100),
        created_at: at(10),
        state: DeductionState::Going,
    }
}

fn begins(deduction: &Deduction) -> Change {
    writes(vec![Write::NewDeduction(Box::new(deduction.clone()))])
}

fn ends(deduction: &Deduction, state: DeductionState) -> Change {
    writes(vec![Write::Deduction(Box::new(Deduction { state, ..deduction.clone() }))])
}

on_both! {
    async fn plans_read_back_and_have_one_reference_each(db: &Db) {
        let storage = db.migrated().await;
        let mut stored = plan("plan-1", "Plan_1");
        let insert = |plan: &Plan| writes(vec![Write::Plan { plan: Box::new(plan.clone()), expects: None }]);
        storage.commit(insert(&stored)).await.unwrap();
        let on_demand = Plan { kind: PlanKind::OnDemand, notes: Vec::new(), ..plan("plan-2", "Plan_2") };
        storage.commit(insert(&on_demand)).await.unwrap();
        assert!(matches!(storage.commit(insert(&plan("plan-3", "Plan_1"))).await, Err(CommitError::Exists(_))));
        let live = Plan { environment: Environment::Live, ..plan("plan-4", "Plan_1") };
        storage.commit(insert(&live)).await.unwrap();

        stored = Plan { version: 2, cancelled_at: Some(at(9)), ..stored };
        let update = writes(vec![Write::Plan { plan: Box::new(stored.clone()), expects: Some(1) }]);
        storage.commit(update.clone()).await.unwrap();
        assert_eq!(storage.commit(update).await, Err(CommitError::Conflict));
        assert_eq!(storage.plan(&store(), &stored.reference).await.unwrap(), Some(stored.clone()));
        assert_eq!(storage.plan(&StoreId::known("store-2"), &stored.reference).await.unwrap(), None);
        assert_eq!(storage.plan(&store(), &on_demand.reference).await.unwrap(), Some(on_demand));
        let found = storage.plan_by_merchant_ref(&store(), Environment::Live, "Plan_1").await.unwrap();
        assert_eq!(found, Some(live));
    }
}

on_both! {
    async fn subscriptions_read_back_in_every_state(db: &Db) {
        let storage = db.migrated().await;
        let mut stored = subscription("sub-1", "Subscription_1");
        storage.commit(written(&stored, None)).await.unwrap();
        let twin = subscription("sub-2", "Subscription_1");
        assert!(matches!(storage.commit(written(&twin, None)).await, Err(CommitError::Exists(_))));
        let means = || Means { channel: "ONEPAY".into(), method: "ONEPAY_SUBSCRIPTION_CARD".into() };
        let key = || BillingKeyId::known("billing-key-1");
        let cycle = Cycle {
            anchor: at(5),
            trial_ends_at: Some(at(4)),
            ended: 2,
            missed_in_a_row: 1,
            arrears: won(30),
            due_at: at(50),
            failures: 1,
            unsent: 2,
            tried_at: Some(at(40)),
            triggered_at: Some(at(39)),
            going: Some(PaymentId::known("payment-1")),
        };
        let running = |cycle| Running { billing_key: key(), means: means(), enrolled_at: at(3), cycle };
        let enrolling = |payment| {
            let enrolling = Enrolling { billing_key: key(), means: means(), since: at(2), payment };
            State::Created { enrolling: Some(enrolling) }
        };
        for state in [
            enrolling(None),
            enrolling(Some(PaymentId::known("payment-1"))),
            State::Active(running(Some(cycle.clone()))),
            State::Active(running(None)),
            State::Ended { how: Ending::Completed, at: at(60), ran: Some(running(Some(cycle))) },
            State::Ended { how: Ending::Expired, at: at(60), ran: None },
            State::Ended { how: Ending::CancelledByMerchant, at: at(60), ran: None },
            State::Ended { how: Ending::GivenUp, at: at(60), ran: None },
            State::Ended { how: Ending::CancelledByPsp, at: at(60), ran: None },
        ] {
            let expects = stored.version;
            stored = Subscription {
                state,
                version: expects + 1,
                collected_amount: won(7),
                collected_count: 2,
                deductions: 3,
                enrolments: 2,
                last_event: 4,
                ..stored
            };
            storage.commit(written(&stored, Some(expects))).await.unwrap();
            assert_eq!(storage.commit(written(&stored, Some(expects))).await, Err(CommitError::Conflict));
            assert_eq!(storage.subscription(&store(), &stored.reference).await.unwrap().as_ref(), Some(&stored));
        }
        let terms = Terms::OnDemand { initial: won(500), additional: won(10) };
        let on_demand = Subscription { terms, ..subscription("sub-3", "Subscription_3") };
        storage.commit(written(&on_demand, None)).await.unwrap();
        let by_reference = storage.subscription_by_reference(&on_demand.reference).await.unwrap();
        assert_eq!(by_reference.as_ref(), Some(&on_demand));
        let found = storage.subscription_by_merchant_ref(&store(), Environment::Test, "Subscription_3").await;
        assert_eq!(found.unwrap(), Some(on_demand.clone()));
        let walked = storage.subscriptions_in_key_order(None, 1).await.unwrap();
        assert_eq!(walked, [stored.clone()]);
        let behind = storage.subscriptions_in_key_order(Some((&store(), &stored.reference)), 9).await.unwrap();
        assert_eq!(behind, [on_demand]);
    }
}

on_both! {
    async fn a_date_is_charged_once_and_a_payment_is_one_deduction(db: &Db) {
        let storage = db.migrated().await;
        let first = deduction(1, "payment-1", Slot::Cycle(0));
        storage.commit(begins(&first)).await.unwrap();
        let rival = deduction(2, "payment-2", Slot::Cycle(0));
        assert_eq!(storage.commit(begins(&rival)).await, Err(CommitError::Conflict), "under way");
        let same_payment = deduction(2, "payment-1", Slot::OnDemand);
        assert_eq!(storage.commit(begins(&same_payment)).await, Err(CommitError::Conflict));
        let reference = SubscriptionRef::known("sub-1");
        assert!(storage.is_being_deducted(&store(), &reference).await.unwrap());

        storage.commit(ends(&first, DeductionState::Failed { at: at(11), is_last: false })).await.unwrap();
        storage.commit(begins(&rival)).await.unwrap();
        let revived = ends(&first, DeductionState::Collected { at: at(12) });
        assert_eq!(storage.commit(revived).await, Err(CommitError::Exists("subscription_deductions".into())), "paid otherwise");
        let collected = DeductionState::Collected { at: at(12) };
        storage.commit(ends(&rival, collected)).await.unwrap();
        assert_eq!(storage.commit(ends(&rival, collected)).await, Err(CommitError::Conflict), "it has ended");
        let late = deduction(3, "payment-3", Slot::Cycle(0));
        assert_eq!(storage.commit(begins(&late)).await, Err(CommitError::Conflict), "collected");

        // On demand there are as many as the merchant wants.
        for number in [3, 4] {
            storage.commit(begins(&deduction(number, &format!("payment-{number}"), Slot::OnDemand))).await.unwrap();
        }
        let read = storage.deductions_of(&store(), &reference, 10).await.unwrap();
        assert_eq!(read.iter().map(|deduction| deduction.number).collect::<Vec<_>>(), [1, 2, 3, 4]);
        assert_eq!(read[0].state, DeductionState::Failed { at: at(11), is_last: false });
        assert_eq!(read[1], Deduction { state: collected, ..rival });
        assert_eq!(storage.deduction_of(&key("payment-4")).await.unwrap().map(|d| d.slot), Some(Slot::OnDemand));
        assert_eq!(storage.deduction_of(&key("payment-9")).await.unwrap(), None);
    }
}

on_both! {
    async fn jobs_of_subscriptions_read_back_and_deductions_have_the_pace_of_schedules(db: &Db) {
        let storage = db.migrated().await;
        let subscription = SubscriptionRef::known("sub-1");
        let tasks = [
            Task::DeductCycle { subscription: subscription.clone() },
            Task::SendSubscription { subscription: subscription.clone() },
            Task::ExpireSubscription { subscription: subscription.clone() },
            Task::ReleaseSubscriptionKey { subscription, key: BillingKeyId::known("billing-key-1") },
        ];
        let put = |task: &Task| {
            JobWrite::Put(Job { task: task.clone(), store: store(), environment: Environment::Test, due_at: at(1), runs: 0 })
        };
        let jobs = tasks.iter().map(put).collect();
        storage.commit(Change { jobs, ..Change::default() }).await.unwrap();
        let lease = jiff::SignedDuration::from_secs(60);
        let aside = storage.take_due_jobs(at(2), lease, 10, 0).await.unwrap();
        assert_eq!(aside.len(), 3);
        let paced = storage.take_due_jobs(at(2), lease, 0, 10).await.unwrap();
        assert_eq!(paced.into_iter().map(|job| job.task).collect::<Vec<_>>(), tasks[..1]);
    }
}

on_both! {
    async fn emptying_test_data_leaves_live_subscriptions(db: &Db) {
        let storage = db.migrated().await;
        let live = Subscription { environment: Environment::Live, ..subscription("sub-9", "Subscription_9") };
        for one in [&subscription("sub-1", "Subscription_1"), &live] {
            storage.commit(written(one, None)).await.unwrap();
        }
        storage.commit(begins(&deduction(1, "payment-1", Slot::OnDemand))).await.unwrap();
        let plan = Box::new(plan("plan-1", "Plan_1"));
        storage.commit(writes(vec![Write::Plan { plan, expects: None }])).await.unwrap();
        storage.commit(writes(vec![Write::EmptyTestData { store: store() }])).await.unwrap();
        let reference = SubscriptionRef::known("sub-1");
        assert_eq!(storage.subscription(&store(), &reference).await.unwrap(), None);
        assert_eq!(storage.deductions_of(&store(), &reference, 9).await.unwrap(), []);
        assert_eq!(storage.plan(&store(), &PlanRef::known("plan-1")).await.unwrap(), None);
        assert_eq!(storage.subscription(&store(), &live.reference).await.unwrap(), Some(live));
    }
}
