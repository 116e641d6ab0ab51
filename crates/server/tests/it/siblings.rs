//! What another instance on the same database does is noticed in time.

use crate::shop::{CANCELS_LATER, Engine, Shop, both_databases, eventually, sent};
use jiff::SignedDuration;
use paypier::cli::dev::demo;
use paypier_domain::change::{Change, Write};
use paypier_domain::channel::Environment;
use paypier_domain::id::StoreId;
use paypier_domain::job::{Job, JobWrite, Task};
use paypier_storage::{Options, Storage};
use std::time::Duration;

#[test]
fn work_that_is_due_by_a_clock_moved_elsewhere_is_done_by_that_clock() {
    both_databases(|engine| async move {
        // What this server knows of its store, it knows for longer than the story takes.
        let shop =
            Shop::open_with(engine, |config| config.limits.directory_staleness = Duration::from_secs(60))
                .await;
        shop.pays("order-1", CANCELS_LATER, 1_000).await.succeeds();
        shop.cancels("order-1", None).await.succeeds();
        assert_eq!(shop.status("order-1").await, "PAID", "the PSP takes its time");
        // As another instance would: this server's use cases are not told.
        let store = StoreId::known(demo::STORE_ID);
        let moved = Write::TestClock { store, offset: SignedDuration::from_hours(1) };
        let change = Change { writes: vec![moved], ..Change::default() };
        shop.app().storage.commit(change).await.unwrap();
        assert_eq!(shop.webhooks("order-1").await, ["Paid", "CancelPending", "Cancelled"]);
        assert_eq!(shop.psp().await, (1, 0));
        shop.closes().await;
    });
}

#[test]
fn what_siblings_queue_before_they_notice_a_moved_clock_is_put_on_it() {
    both_databases(|engine| async move {
        let shop = Shop::open_with(engine, |config| {
            config.server.replicas = 2;
            config.limits.directory_staleness = Duration::from_secs(2);
        })
        .await;
        let (app, store) = (shop.app().clone(), StoreId::known(demo::STORE_ID));
        let advance = serde_json::json!({ "advance": "PT1H" });
        let moving = tokio::spawn({
            let request = shop.request("POST", "/sandbox/clock").body(advance.to_string());
            async move { sent(request).await.unwrap() }
        });
        eventually("a moved clock", || async {
            let store = app.storage.store(&store).await.unwrap().unwrap();
            store.test_clock_offset > SignedDuration::from_mins(50)
        })
        .await;
        // A sibling that has not noticed queues something for half an hour later, by the old clock.
        let due_at = app.clock.now().checked_add(SignedDuration::from_mins(30)).unwrap();
        let task = Task::SimulatorNotification { id: "a sibling's".into() };
        let job = Job { task, store: store.clone(), environment: Environment::Test, due_at, runs: 0 };
        let change = Change { jobs: vec![JobWrite::Put(job)], ..Change::default() };
        app.storage.commit(change).await.unwrap();
        assert!(app.storage.due_of_store(&store, due_at).await.unwrap().is_some());
        moving.await.unwrap().succeeds();
        assert_eq!(app.storage.due_of_store(&store, due_at).await.unwrap(), None, "it has run");
        shop.closes().await;
    });
}

#[test]
fn a_database_is_shared_for_as_long_as_somebody_else_has_it_open() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let alone = || async { !shop.app().storage.is_shared().await.unwrap() };
        // The story's own preparations had connections, too.
        eventually("being alone", alone).await;
        let other = Storage::open(Options::new(shop.config.database_url(), "another")).await.unwrap();
        other.ping().await.unwrap();
        // A file cannot be shared by servers: its lock sees to that.
        assert_eq!(shop.app().storage.is_shared().await.unwrap(), engine == Engine::Postgres);
        drop(other);
        eventually("being alone again", alone).await;
        shop.closes().await;
    });
}
