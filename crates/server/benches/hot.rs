//! The pure code that every payment passes through: what of a payment's cost is ours, without
//! network and database. `cargo bench -p paypier`.

use criterion::{Criterion, criterion_group, criterion_main};
use jiff::Timestamp;
use paypier::app::read::PaymentView;
use paypier::http::v2::translate;
use paypier::webhooks::sign::{SigningKey, headers};
use paypier_domain::id::{PaymentId, PaymentKey, StoreId, TransactionId};
use paypier_storage::bare::{key_in_payment, statements_of};
use paypier_wire::v2;
use std::hint::black_box;

/// As a shop sends it.
const BODY: &str = r#"{
  "channelKey": "channel-key-01890000-0000-7000-8000-000000000001",
  "orderName": "one book, delivered in the morning",
  "customer": {"id": "customer-1", "name": {"full": "Hong Gildong"}, "email": "gildong@example.com",
               "phoneNumber": "010-1234-5678"},
  "customData": "{\"cart\":\"c-8841\",\"coupon\":null}",
  "amount": {"total": 10000, "taxFree": 0},
  "currency": "KRW",
  "method": {"card": {"credential": {"number": "4242424242424242", "expiryYear": "30", "expiryMonth": "12",
             "birthOrBusinessRegistrationNumber": "900101", "passwordTwoDigits": "12"},
             "installment": {"monthlyInstallment": 0}}},
  "noticeUrls": ["https://shop.example/webhooks/paypier"]
}"#;

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).expect("a time within the range of times")
}

fn key() -> PaymentKey {
    PaymentKey { store: StoreId::known("store-1"), payment: PaymentId::known("order-1") }
}

fn transaction() -> TransactionId {
    TransactionId::known("01890000-0000-7000-8000-000000000042")
}

fn hot(c: &mut Criterion) {
    c.bench_function("read a key-in body", |b| {
        b.iter(|| {
            serde_json::from_str::<v2::InstantPaymentInput>(black_box(BODY)).map(|body| body.order_name)
        });
    });
    let (key, transaction) = (key(), transaction());
    c.bench_function("decide a payment: intention, and outcome", |b| {
        b.iter(|| key_in_payment(black_box(&key), &transaction, now()));
    });
    let (changes, payment) = key_in_payment(&key, &transaction, now()).expect("the sample can be paid");
    c.bench_function("plan the statements of its three changes", |b| {
        b.iter(|| changes.iter().map(|change| statements_of(black_box(change))).sum::<usize>());
    });
    let view = PaymentView { payment, deliveries: Vec::new(), receipt: None };
    c.bench_function("show a paid payment as JSON", |b| {
        b.iter(|| {
            let shown = translate::payment::shown(black_box(&view)).expect("a paid payment can be shown");
            serde_json::to_vec(&shown).map(|json| json.len())
        });
    });
    let keys = [SigningKey::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("a well-formed secret")];
    let body = vec![b'x'; 300];
    c.bench_function("sign a webhook of 300 bytes", |b| {
        b.iter(|| headers(&keys, "msg_1", now(), black_box(&body)));
    });
}

criterion_group!(benches, hot);
criterion_main!(benches);
