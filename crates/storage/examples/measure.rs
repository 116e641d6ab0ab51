//! Measures what docs/storage.md states. `measure commits URL`, `measure fill URL COUNT`,
//! `measure lists URL`. The database must be scratch.
#![expect(clippy::print_stdout, reason = "its output is its purpose")]
#![expect(clippy::disallowed_methods, reason = "a measurement needs the real clock and its arguments")]
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, reason = "it stops at the first surprise")]

use paypier_domain::Timestamp;
use paypier_domain::account::{Merchant, Store, StorePolicy};
use paypier_domain::change::{Change, Write};
use paypier_domain::id::{MerchantId, PaymentId, PaymentKey, StoreId, TransactionId};
use paypier_storage::{
    DatabaseUrl, Options, PageAsk, PaymentFilter, SearchField, SortBy, Storage, TextSearch, TimeField, bare,
    migrate,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().collect();
    let url: DatabaseUrl = args[2].parse().unwrap();
    let now = Timestamp::now();
    migrate(&url, now).await.unwrap();
    let run = format!("{:x}", now.as_microsecond());
    let storage = Storage::open(Options::new(url.clone(), run.clone())).await.unwrap();
    match args[1].as_str() {
        "commits" => {
            for clients in [1, 8, 64, 256] {
                let rate =
                    commits(&storage, &format!("{run}-{clients}"), clients, Duration::from_secs(4)).await;
                let bare = bare::payments_per_second(
                    &url,
                    &format!("b{run}-{clients}"),
                    clients,
                    Duration::from_secs(4),
                    now,
                )
                .await
                .unwrap();
                println!("{clients:>4} clients: {rate:>6} payments/s, bare loop {bare:>6}");
            }
        }
        "fill" => fill(&storage, &run, args[3].parse().unwrap()).await,
        _ => lists(&storage, &args[3]).await,
    }
}

/// Three commits a payment: intention, simulator, outcome.
async fn commits(storage: &Storage, run: &str, clients: usize, duration: Duration) -> u64 {
    let numbers = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let tasks: Vec<_> = (0..clients)
        .map(|_| {
            let (storage, numbers, run) = (storage.clone(), Arc::clone(&numbers), run.to_owned());
            tokio::spawn(async move {
                while started.elapsed() < duration {
                    let number = numbers.fetch_add(1, Ordering::Relaxed);
                    let key = PaymentKey {
                        store: StoreId::known(format!("store-{run}")),
                        payment: PaymentId::known(format!("order-{run}-{number:012}")),
                    };
                    let transaction = TransactionId::known(format!("{run}-{number:012}"));
                    let (changes, _) = bare::key_in_payment(&key, &transaction, Timestamp::now()).unwrap();
                    for change in changes {
                        storage.commit(change).await.unwrap();
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    u64::try_from(u128::from(numbers.load(Ordering::Relaxed)) * 1000 / started.elapsed().as_millis()).unwrap()
}

/// Fills one store with payments over 80 days, random ids.
async fn fill(storage: &Storage, run: &str, count: u64) {
    let merchant = MerchantId::known("merchant-01890000-0000-7000-8000-000000000001");
    let store = StoreId::known(format!("store-{run}"));
    let now = Timestamp::now();
    let change = Change {
        writes: vec![
            Write::Merchant(Merchant { id: merchant.clone(), name: "m".into(), created_at: now }),
            Write::Store(Store {
                id: store.clone(),
                merchant,
                name: "s".into(),
                is_representative: true,
                policy: StorePolicy::default(),
                test_clock_offset: Default::default(),
                created_at: now,
            }),
        ],
        ..Change::default()
    };
    let _ = storage.commit(change).await;
    let begin = now.as_microsecond() - 80 * 86_400_000_000;
    let step = 80 * 86_400_000_000 / i64::try_from(count).unwrap();
    let numbers = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let tasks: Vec<_> = (0..256)
        .map(|_| {
            let (storage, store, numbers) = (storage.clone(), store.clone(), Arc::clone(&numbers));
            tokio::spawn(async move {
                loop {
                    let number = numbers.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        break;
                    }
                    if number % 100_000 == 0 {
                        println!("{number} after {:?}", started.elapsed());
                    }
                    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
                    let key = PaymentKey {
                        store: store.clone(),
                        payment: PaymentId::known(format!("{mixed:016x}-{number}")),
                    };
                    let transaction = TransactionId::known(format!("01890000-{number:012}"));
                    let at =
                        Timestamp::from_microsecond(begin + step * i64::try_from(number).unwrap()).unwrap();
                    let (mut changes, _) = bare::key_in_payment(&key, &transaction, at).unwrap();
                    for change in &mut changes {
                        for write in &mut change.writes {
                            if let Write::Payment { payment, .. } = write {
                                let order = &mut payment.attempts[0].order;
                                order.customer.email = Some(format!("buyer{}@example.com", mixed % 500_000));
                                order.customer.name = Some(format!("Kim {}", mixed % 5_000));
                            }
                        }
                    }
                    for (index, change) in changes.into_iter().enumerate() {
                        // One in a thousand stays pending.
                        if index < 2 || number % 1000 != 0 {
                            storage.commit(change).await.unwrap();
                        }
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    println!("store {store}, {:?}", started.elapsed());
}

async fn lists(storage: &Storage, store: &str) {
    let merchant = MerchantId::known("merchant-01890000-0000-7000-8000-000000000001");
    let store = StoreId::known(store);
    let now = Timestamp::now();
    let from = Timestamp::from_microsecond(now.as_microsecond() - 90 * 86_400_000_000).unwrap();
    let day = Timestamp::from_microsecond(now.as_microsecond() - 40 * 86_400_000_000).unwrap();
    let all = PaymentFilter { store: Some(store.clone()), ..PaymentFilter::of(merchant, from, now) };
    let search = |field, prefix: &str| PaymentFilter {
        text_search: vec![TextSearch { field, prefix: prefix.into() }],
        ..all.clone()
    };
    use paypier_domain::payment::Status;
    let cases = [
        ("everything", all.clone()),
        ("all stores of the merchant", PaymentFilter { store: None, ..all.clone() }),
        ("paid", PaymentFilter { statuses: vec![Status::Paid], ..all.clone() }),
        ("pending, 1 in 1000", PaymentFilter { statuses: vec![Status::Pending], ..all.clone() }),
        ("failed, none", PaymentFilter { statuses: vec![Status::Failed], ..all.clone() }),
        (
            "cards of VISA",
            PaymentFilter { methods: vec!["CARD".into()], card_brand: Some("VISA".into()), ..all.clone() },
        ),
        ("cards of another brand, none", PaymentFilter { card_brand: Some("JCB".into()), ..all.clone() }),
        ("created, sorted by status", PaymentFilter { time_field: TimeField::CreatedAt, ..all.clone() }),
        (
            "an old day, sorted by request",
            PaymentFilter {
                from: day,
                until: Timestamp::from_microsecond(day.as_microsecond() + 86_400_000_000).unwrap(),
                sort_by: SortBy::RequestedAt,
                ..all.clone()
            },
        ),
        ("email of one buyer", search(SearchField::CustomerEmail, "buyer4711@")),
        ("email of everybody", search(SearchField::CustomerEmail, "buyer")),
        ("name, 200 rows", search(SearchField::CustomerName, "Kim 4711")),
        ("payment id", search(SearchField::PaymentId, "ab12")),
        ("transaction id", search(SearchField::TxId, "01890000-000000004711")),
        ("pg tx id", search(SearchField::PgTxId, "sim_01890000-000000004711")),
        ("order name of all", search(SearchField::OrderName, "one")),
        ("order name of none", search(SearchField::OrderName, "zzz")),
        ("zipcode of none (no index)", search(SearchField::CustomerZipcode, "99999")),
        ("any field, common", search(SearchField::All, "one")),
    ];
    for (name, filter) in cases {
        let mut times = Vec::new();
        let mut last = None;
        for _ in 0..7 {
            let started = Instant::now();
            let page = storage.payments(&filter, PageAsk { number: 0, size: 10 }).await.unwrap();
            times.push(started.elapsed());
            last = Some(page);
        }
        times.sort();
        let page = last.unwrap();
        println!(
            "{name:<34} {:>9.1?} median, {:>9.1?} worst, {} rows, total {}{}",
            times[3],
            times[6],
            page.items.len(),
            page.total,
            if page.total_is_exact { "" } else { "+" }
        );
    }
    let key = storage.payments(&all, PageAsk { number: 3, size: 10 }).await.unwrap().items[0].key.clone();
    let started = Instant::now();
    for _ in 0..1000 {
        storage.payment(&key).await.unwrap().unwrap();
    }
    println!("one payment by key: {:?}", started.elapsed() / 1000);
}
