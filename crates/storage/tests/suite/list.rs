//! Lists: filters, order, pages, search, cursors.

use crate::harness::{Db, at};
use crate::on_both;
use crate::sample::*;
use paypier_domain::change::Write;
use paypier_domain::channel::Environment;
use paypier_domain::customer::{Address, Customer};
use paypier_domain::delivery::ExecutionResult;
use paypier_domain::event::PaymentEventKind;
use paypier_domain::id::*;
use paypier_domain::money::Currency;
use paypier_domain::payment::*;
use paypier_storage::*;

/// Twenty payments, one a second: 1, 4, 7 … failed, the others paid; every fifth is LIVE.
async fn shop(db: &Db) -> Storage {
    let storage = db.migrated().await;
    let second_store = paypier_domain::account::Store { created_at: at(1), ..store("store-2") };
    storage.commit(writes(vec![Write::Store(store("store-1")), Write::Store(second_store)])).await.unwrap();
    for number in 0..20i64 {
        let name = format!("order-{number:02}");
        let (_, mut payment) = key_in(&name, at(number));
        payment.status_changed_at = at(100 - number);
        let attempt = &mut payment.attempts[0];
        attempt.order.customer = Customer {
            name: Some(format!("Kim {number}")),
            email: Some(format!("kim{}@example.com", number % 4)),
            phone_number: Some("01012345678".into()),
            zipcode: Some(format!("0{number}")),
            address: Some(Address::OneLine("Seoul, Mapo".into())),
            ..Customer::default()
        };
        attempt.order.is_escrow = number == 3;
        attempt.pg_tx_id = Some(PgTxId::known(format!("pg-{number:02}")));
        if number % 3 == 1 {
            attempt.state = AttemptState::Failed(Failure {
                at: at(100 - number),
                reason: Some("stolen card".into()),
                pg_code: None,
                pg_message: None,
            });
        } else if let AttemptState::Paid(paid) = &mut attempt.state {
            paid.at = at(100 - number);
        }
        if number % 5 == 0 {
            payment.environment = Environment::Live;
        }
        if number == 7 {
            attempt.currency = Currency::USD;
            attempt.schedule = Some(ScheduleId::known("schedule-7"));
            attempt.billing_key = Some(BillingKeyId::known("billing-key-7"));
            attempt.method = Some(Method::GiftCertificate {
                kind: Some("BOOKNLIFE".into()),
                approval_number: "G7".into(),
            });
        }
        if number == 19 {
            payment.key.store = StoreId::known("store-2");
        }
        storage.commit(inserts(&payment)).await.unwrap();
    }
    storage
}

fn all() -> PaymentFilter {
    PaymentFilter {
        time_field: TimeField::CreatedAt,
        sort_by: SortBy::RequestedAt,
        ..PaymentFilter::of(merchant(), at(0), at(1000))
    }
}

fn of_store() -> PaymentFilter {
    PaymentFilter { store: Some(StoreId::known("store-1")), ..all() }
}

async fn numbers(storage: &Storage, filter: &PaymentFilter, number: u32, size: u32) -> (Vec<u32>, u64) {
    let page = storage.payments(filter, PageAsk { number, size }).await.unwrap();
    assert!(page.total_is_exact);
    let numbers = page.items.iter().map(|p| p.key.payment.as_str()[6..].parse().unwrap()).collect();
    (numbers, page.total)
}

on_both! {
    async fn pages_are_cut_from_one_order(db: &Db) {
        let storage = shop(db).await;
        assert_eq!(numbers(&storage, &all(), 0, 5).await, (vec![19, 18, 17, 16, 15], 20));
        assert_eq!(numbers(&storage, &all(), 3, 5).await, (vec![4, 3, 2, 1, 0], 20));
        assert_eq!(numbers(&storage, &all(), 4, 5).await, (vec![], 20));
        assert_eq!(numbers(&storage, &of_store(), 1, 5).await, (vec![13, 12, 11, 10, 9], 19));
        let ascending = PaymentFilter { order: SortOrder::Asc, ..all() };
        assert_eq!(numbers(&storage, &ascending, 1, 3).await.0, [3, 4, 5]);
        // The latest status was the first payment's.
        let by_status = PaymentFilter { sort_by: SortBy::StatusChangedAt, ..of_store() };
        assert_eq!(numbers(&storage, &by_status, 0, 3).await.0, [0, 1, 2]);
        let range = PaymentFilter { from: at(5), until: at(8), ..of_store() };
        assert_eq!(numbers(&storage, &range, 0, 9).await, (vec![7, 6, 5], 3));
        let changed = PaymentFilter { time_field: TimeField::StatusChangedAt, from: at(95), until: at(98), ..of_store() };
        assert_eq!(numbers(&storage, &changed, 0, 9).await, (vec![5, 4, 3], 3));
        let nobody = PaymentFilter { merchant: MerchantId::known("merchant-2"), ..of_store() };
        assert_eq!(numbers(&storage, &nobody, 0, 9).await, (vec![], 0), "a store of another merchant");
        let backwards = PaymentFilter { from: at(9), until: at(8), ..all() };
        assert_eq!(numbers(&storage, &backwards, 0, 9).await, (vec![], 0));
    }
}

on_both! {
    async fn filters_combine(db: &Db) {
        let storage = shop(db).await;
        let failed = PaymentFilter { statuses: vec![Status::Failed], ..all() };
        assert_eq!(numbers(&storage, &failed, 0, 3).await, (vec![19, 16, 13], 7));
        let either = PaymentFilter { statuses: vec![Status::Failed, Status::Paid], ..all() };
        assert_eq!(numbers(&storage, &either, 0, 1).await.1, 20);
        let live_and_failed = PaymentFilter { environment: Some(Environment::Live), ..failed.clone() };
        assert_eq!(numbers(&storage, &live_and_failed, 0, 9).await, (vec![10], 1));
        for (filter, found) in [
            (PaymentFilter { is_escrow: Some(true), ..all() }, vec![3]),
            (PaymentFilter { is_scheduled: Some(true), ..all() }, vec![7]),
            (PaymentFilter { currency: Some(Currency::USD), ..all() }, vec![7]),
            (PaymentFilter { methods: vec!["GIFT_CERTIFICATE".into()], ..all() }, vec![7]),
            (PaymentFilter { gift_kind: Some("BOOKNLIFE".into()), ..all() }, vec![7]),
            (PaymentFilter { gift_kind: Some("CULTURELAND".into()), ..all() }, vec![]),
            (PaymentFilter { platform: Some(Platform::Pc), ..all() }, vec![]),
            (PaymentFilter { card_brand: Some("JCB".into()), ..all() }, vec![]),
            (PaymentFilter { pg_providers: vec!["NICE".into()], ..all() }, vec![]),
            (PaymentFilter { escrow_status: Some("DELIVERED".into()), ..all() }, vec![]),
            (PaymentFilter { cash_receipt: Some(CashReceiptFilter::default()), ..all() }, vec![]),
        ] {
            let count = u64::try_from(found.len()).unwrap();
            assert_eq!(numbers(&storage, &filter, 0, 9).await, (found, count), "{filter:?}");
        }
        let visa = PaymentFilter {
            card_brand: Some("VISA".into()),
            card_type: Some("CREDIT".into()),
            card_owner: Some("PERSONAL".into()),
            platform: Some(Platform::Api),
            pg_providers: vec!["NICE".into(), "TOSSPAYMENTS".into()],
            ..all()
        };
        assert_eq!(numbers(&storage, &visa, 0, 1).await.1, 19);
    }
}

on_both! {
    async fn payments_are_found_by_how_their_webhook_ended(db: &Db) {
        let storage = shop(db).await;
        let mut told = delivery("w-1", "order-02", 1, "https://a", at(5));
        told.executed(execution(ExecutionResult::NotOk), at(9), 12);
        storage.commit(delivers(vec![told])).await.unwrap();
        let filter = |status| PaymentFilter { webhook_status: Some(status), ..all() };
        assert_eq!(numbers(&storage, &filter(WebhookStatus::NotOk), 0, 9).await, (vec![2], 1));
        assert_eq!(numbers(&storage, &filter(WebhookStatus::Succeeded), 0, 9).await, (vec![], 0));
    }
}

on_both! {
    async fn prefixes_are_searched_in_every_field(db: &Db) {
        use SearchField::*;
        let storage = shop(db).await;
        let search = |entries: &[(SearchField, &str)]| PaymentFilter {
            text_search: entries
                .iter()
                .map(|(field, prefix)| TextSearch { field: *field, prefix: (*prefix).into() })
                .collect(),
            ..all()
        };
        for (entries, found) in [
            (vec![(PaymentId, "order-1")], vec![19, 18, 17, 16, 15, 14, 13, 12, 11, 10]),
            (vec![(TxId, "tx-order-05")], vec![5]),
            (vec![(PgTxId, "pg-0")], vec![9, 8, 7, 6, 5, 4, 3, 2, 1, 0]),
            (vec![(CustomerEmail, "kim1@")], vec![17, 13, 9, 5, 1]),
            (vec![(CustomerEmail, "kim1@"), (PgTxId, "pg-1")], vec![17, 13]),
            (vec![(CustomerEmail, "kim1@"), (FailReason, "stolen")], vec![13, 1]),
            (vec![(CustomerName, "Kim 12")], vec![12]),
            (vec![(CustomerZipcode, "011")], vec![11]),
            (vec![(ScheduleId, "schedule")], vec![7]),
            (vec![(BillingKey, "billing-key-7")], vec![7]),
            (vec![(GiftCertificationApprovalNumber, "G")], vec![7]),
            (vec![(CardApprovalNumber, "G")], vec![]),
            (vec![(All, "Kim 12")], vec![12]),
            (vec![(All, "012")], vec![12]),
            (vec![(All, "pg-03")], vec![3]),
            (vec![(All, "tx-order-04")], vec![4]),
            (vec![(All, "nothing has this")], vec![]),
            (vec![(CustomerEmail, "Kim1@")], vec![]),
            (vec![(CustomerEmail, "im1@")], vec![]),
            (vec![(PaymentId, "order-1%")], vec![]),
            (vec![(PaymentId, "order-1'; DROP TABLE payments; --")], vec![]),
            (vec![(PgReceiptId, "x")], vec![]),
            (vec![(CancelReason, "x")], vec![]),
        ] {
            let filter = search(&entries);
            let count = u64::try_from(found.len()).unwrap();
            assert_eq!(numbers(&storage, &filter, 0, 20).await, (found, count), "{entries:?}");
        }
        for (field, prefix, count) in [
            (OrderName, "one", 20),
            (CustomerPhoneNumber, "010", 20),
            (CustomerAddress, "Seoul", 20),
            (CardNumber, "4242", 19),
            (CardBin, "42", 19),
            (CardIssuer, "SHINHAN", 19),
            (CardAcquirer, "SHINHAN", 19),
            (CardReceiptName, "Sandbox", 19),
            (CardInstallment, "0", 19),
            (CardApprovalNumber, "1234", 19),
            (PgMerchantId, "sandbox", 20),
            (UserAgent, "x", 0),
            (PromotionId, "x", 0),
            (TransBank, "x", 0),
            (VirtualAccountHolderName, "x", 0),
            (VirtualAccountBank, "x", 0),
            (VirtualAccountNumber, "x", 0),
            (PgCancellationId, "x", 0),
            (ReceiptApprovalNumber, "x", 0),
            (All, "", 20),
        ] {
            assert_eq!(numbers(&storage, &search(&[(field, prefix)]), 0, 1).await.1, count, "{field:?} {prefix}");
        }
        let paged = search(&[(CustomerEmail, "kim1@")]);
        assert_eq!(numbers(&storage, &paged, 1, 2).await, (vec![9, 5], 5));
        let paged = PaymentFilter { store: Some(StoreId::known("store-1")), order: SortOrder::Asc, ..paged };
        assert_eq!(numbers(&storage, &paged, 1, 2).await, (vec![9, 13], 5));
    }
}

on_both! {
    async fn a_walk_by_cursor_sees_each_payment_once_whatever_is_inserted(db: &Db) {
        let storage = shop(db).await;
        let mut range = CursorRange {
            merchant: merchant(),
            store: None,
            from: at(2),
            until: at(18),
            after: None,
            limit: 3,
        };
        let mut seen = Vec::new();
        loop {
            let some = storage.payments_after(&range).await.unwrap();
            let Some((cursor, _)) = some.last() else { break };
            range.after = Some(cursor.to_string().parse().unwrap());
            seen.extend(some.iter().map(|(_, payment)| payment.key.payment.as_str().to_owned()));
            // One that sorts before what was seen already.
            let name = format!("inserted-{}", seen.len());
            storage.commit(inserts(&key_in(&name, at(2)).1)).await.unwrap();
        }
        let mut expected: Vec<String> = (2..18).map(|n| format!("order-{n:02}")).collect();
        // Same instant, smaller id: behind the beginning, before the first cursor; never seen again.
        expected.retain(|name| seen.contains(name));
        assert_eq!(expected.len(), 16);
        let mut once = seen.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), seen.len());
    }
}

on_both! {
    async fn cursors_tell_payments_of_one_instant_in_two_stores_apart(db: &Db) {
        let storage = shop(db).await;
        for number in 0..10 {
            let (_, mut payment) = key_in(&format!("same-{}", number % 5), at(500));
            payment.attempts[0].id = TransactionId::known(format!("same-{number}"));
            if number >= 5 {
                payment.key.store = StoreId::known("store-2");
            }
            storage.commit(inserts(&payment)).await.unwrap();
        }
        let mut range =
            CursorRange { merchant: merchant(), store: None, from: at(400), until: at(600), after: None, limit: 3 };
        let mut seen = Vec::new();
        loop {
            let some = storage.payments_after(&range).await.unwrap();
            let Some((cursor, _)) = some.last() else { break };
            range.after = Some(cursor.clone());
            seen.extend(some.into_iter().map(|(_, payment)| payment.key));
        }
        let mut sorted = seen.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!(sorted.len(), 10);
        assert_eq!(sorted, seen);
    }
}

on_both! {
    async fn events_that_moved_money_are_walked_and_repeated_ones_are_not(db: &Db) {
        let storage = db.migrated().await;
        storage.commit(writes(vec![Write::Store(store("store-1"))])).await.unwrap();
        storage
            .commit(tells(vec![
                event("order-1", 1, PaymentEventKind::PayPending, 0, 1),
                event("order-1", 2, PaymentEventKind::Paid, 100, 2),
                event("order-1", 3, PaymentEventKind::PartialCancelled, -30, 3),
                // A failed asynchronous cancellation repeats the status.
                event("order-1", 4, PaymentEventKind::PartialCancelled, 0, 4),
                event("order-1", 5, PaymentEventKind::Cancelled, -70, 5),
            ]))
            .await
            .unwrap();
        let mut range = CursorRange {
            merchant: merchant(),
            store: Some(StoreId::known("store-1")),
            from: at(0),
            until: at(10),
            after: None,
            limit: 2,
        };
        let first = storage.payment_events_after(&range).await.unwrap();
        range.after = Some(first[1].0.clone());
        let second = storage.payment_events_after(&range).await.unwrap();
        let moved = |events: &[(Cursor, StoredEvent)]| -> Vec<i64> {
            events
                .iter()
                .map(|(_, stored)| match &stored.event.subject {
                    paypier_domain::event::Subject::Payment(event) => event.moved,
                    paypier_domain::event::Subject::BillingKey { .. } => 0,
                })
                .collect()
        };
        assert_eq!((moved(&first), moved(&second)), (vec![100, -30], vec![-70]));
    }
}

on_both! {
    async fn a_live_listener_misses_nothing_that_is_committed_meanwhile(db: &Db) {
        let storage = db.migrated().await;
        storage.commit(tells(vec![event("before", 1, PaymentEventKind::Paid, 1, 1)])).await.unwrap();
        let mut position = storage.events_end().await.unwrap();
        let writers: Vec<_> = (0..8)
            .map(|writer| {
                let storage = storage.clone();
                tokio::spawn(async move {
                    for number in 0..25 {
                        let name = format!("order-{writer}-{number}");
                        let change = tells(vec![
                            event(&name, 1, PaymentEventKind::Ready, 0, 1),
                            event(&name, 2, PaymentEventKind::Paid, 1, 1),
                        ]);
                        storage.commit(change).await.unwrap();
                    }
                })
            })
            .collect();
        let mut seen = Vec::new();
        // Patience for a busy machine: whoever else writes to this PostgreSQL keeps events back.
        let mut quiet = 0;
        while quiet < 3_000 && seen.len() < 400 {
            let some = storage.events_after(&merchant(), None, &position, 7).await.unwrap();
            match some.last() {
                Some(last) => {
                    position = last.position.clone();
                    quiet = 0;
                }
                None => {
                    quiet += 1;
                    tokio::time::sleep(std::time::Duration::from_millis(10)).await;
                }
            }
            // A transaction of somebody else that still ran may have kept the first one back.
            let new = some.into_iter().map(|event| event.stored.event.id);
            seen.extend(new.filter(|id| !id.as_str().starts_with("tx-before")));
        }
        for writer in writers {
            writer.await.unwrap();
        }
        let count = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!((seen.len(), count), (400, 400));
        let other = storage.events_after(&MerchantId::known("other"), None, &EventPosition::default(), 9).await;
        assert_eq!(other.unwrap(), []);
    }
}
