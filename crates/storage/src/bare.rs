//! The bare loop that `paypier bench` compares with: the same rows, durability and batches as one
//! key-in payment (intention, the simulated PSP's record, outcome: three commits), without HTTP,
//! decisions, reads, queue or guards against each other.

use crate::engine::{postgres, sqlite};
use crate::plan::{self, Context, Step};
use crate::row::Value;
use crate::{DatabaseUrl, OpenError};
use jiff::Timestamp;
use paypier_domain::change::{Change, SimulatorRecord, Write};
use paypier_domain::channel::{ChannelSnapshot, Environment};
use paypier_domain::id::{
    ChannelId, ChannelKey, MerchantId, PaymentId, PaymentKey, PgTxId, StoreId, TransactionId,
};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::outcome::Outcome;
use paypier_domain::payment::{
    Amounts, Installment, Limits, Method, Notices, Order, Origin, Payment, Platform, Request, pay, settle,
};
use paypier_domain::psp::{CardDetails, Charge};
use std::time::Duration;
use tokio::time::Instant;

/// One key-in payment as its three changes, and as it is in the end.
pub fn key_in_payment(
    key: &PaymentKey,
    transaction: &TransactionId,
    now: Timestamp,
) -> Option<([Change; 3], Payment)> {
    let amount = |units| Amount::new(units).ok();
    let total = amount(10_000)?;
    let card = CardDetails {
        publisher: Some("SHINHAN_CARD".into()),
        issuer: Some("SHINHAN_CARD".into()),
        brand: Some("VISA".into()),
        kind: Some("CREDIT".into()),
        owner: Some("PERSONAL".into()),
        bin: Some("424242".into()),
        name: Some("Sandbox card".into()),
        masked_number: Some("42424242****4242".into()),
    };
    let request = Request {
        transaction: transaction.clone(),
        currency: Currency::KRW,
        amounts: Amounts::new(total, Amount::ZERO, None, Amount::ZERO).ok()?,
        order: Order { name: "one book".into(), ..Order::default() },
        origin: Origin {
            platform: Platform::Api,
            ip_address: "127.0.0.1".into(),
            user_agent: None,
            url: None,
        },
        channel: ChannelSnapshot {
            key: ChannelKey::known("channel-key-01890000-0000-7000-8000-000000000001"),
            id: ChannelId::known("channel-id-01890000-0000-7000-8000-000000000001"),
            name: "sandbox".into(),
            environment: Environment::Test,
            connector: "sandbox".into(),
            pg_provider: "TOSSPAYMENTS".into(),
            pg_merchant_id: "sandbox-mid".into(),
        },
        channel_group: None,
        billing_key: None,
        schedule: None,
        promotion: None,
        notices: Notices::default(),
        claim: None,
        method: Some(Method::Card {
            card: CardDetails { bin: Some("424242".into()), ..CardDetails::default() },
            approval_number: None,
            installment: Some(Installment {
                months: 0,
                is_interest_free: false,
                is_interest_free_from_merchant: false,
            }),
            is_point_used: false,
        }),
    };
    let merchant = MerchantId::known("merchant-01890000-0000-7000-8000-000000000001");
    let begun = pay::begin(None, key, &merchant, request, Limits::default(), now).ok()?;
    let charge = Charge {
        pg_tx_id: PgTxId::known(format!("sim_{transaction}")),
        amount: total,
        at: now,
        fee: amount(320)?,
        card: Some(card),
        account: None,
        approval_number: Some("12345678".into()),
        receipt_url: Some(format!("http://localhost:8080/sandbox/receipts/{transaction}")),
        raw: Some(r#"{"status":"DONE","method":"CARD","approveNo":"12345678"}"#.into()),
    };
    let record = SimulatorRecord {
        store: key.store.clone(),
        kind: "order".into(),
        id: transaction.as_str().to_owned(),
        version: 1,
        expects: None,
        merchant_id: "sandbox-mid".into(),
        currency: Some(Currency::KRW),
        approved: 10_000,
        refunded: 0,
        at: now,
        document: format!(
            r#"{{"reference":"{transaction}","amount":10000,"status":"DONE","card":"42424242****4242"}}"#
        ),
    };
    let simulated = Change { writes: vec![Write::Simulator(Box::new(record))], ..Change::default() };
    match settle::attempt(&begun.payment, transaction, Outcome::Done(charge), false, now) {
        settle::Settled::Changed(paid, _) => Some(([begun.change, simulated, paid.change], paid.payment)),
        settle::Settled::Unchanged => None,
    }
}

/// How many statements a change becomes: the work of planning it, for benchmarks.
pub fn statements_of(change: &Change) -> usize {
    plan::steps(change, &Context { commit: "1", balance_shards: 16 }).len()
}

/// Stands for the number of a payment in the values that are copied for each.
const MARK: &str = "@@";

/// Writes key-in payments for `duration` from `clients` clients and answers payments per second. The
/// database must be migrated and is for nothing else: `run` names the rows and must be a new name.
///
/// # Errors
/// The database cannot be opened or written.
pub async fn payments_per_second(
    url: &DatabaseUrl,
    run: &str,
    clients: usize,
    duration: Duration,
    now: Timestamp,
) -> Result<u64, OpenError> {
    let key = PaymentKey {
        store: StoreId::known(format!("store-{run}")),
        payment: PaymentId::known(format!("bare-{run}-{MARK}")),
    };
    let transaction = TransactionId::known(format!("{run}-{MARK}"));
    let (changes, _) = key_in_payment(&key, &transaction, now)
        .ok_or_else(|| OpenError::Unreachable("the sample payment cannot be made".into()))?;
    let shards = match url {
        DatabaseUrl::Sqlite(_) => 1,
        DatabaseUrl::Postgres(_) => 16,
    };
    let context = Context { commit: run, balance_shards: shards };
    let templates: Vec<Vec<Step>> = changes.iter().map(|change| plan::steps(change, &context)).collect();
    let clients = clients.max(1);
    let started = Instant::now();
    let written = match url {
        DatabaseUrl::Sqlite(path) => {
            let path = path.clone();
            tokio::task::spawn_blocking(move || {
                sqlite::bare(&path, &templates, clients.min(256), duration, numbered)
            })
            .await
            .map_err(|_| OpenError::Unreachable("the loop was interrupted".into()))??
        }
        DatabaseUrl::Postgres(url) => {
            postgres::bare(url, run, &templates, clients, duration, shards, numbered).await?
        }
    };
    let elapsed = started.elapsed().as_millis().max(1);
    let per_second = u128::from(written).saturating_mul(1000).checked_div(elapsed).unwrap_or(0);
    Ok(u64::try_from(per_second).unwrap_or(u64::MAX))
}

/// The values of a template for payment `number`.
fn numbered(values: &[Value], number: u64) -> Vec<Value> {
    let number = format!("{number:012}");
    values
        .iter()
        .map(|value| match value {
            Value::Text(text) if text.contains(MARK) => Value::from(text.replace(MARK, &number)),
            other => other.clone(),
        })
        .collect()
}
