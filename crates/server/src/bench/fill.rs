//! Payments that are there before anything is measured: written through the one write path, each
//! paid in one change, many at a time.

use crate::cli::dev::demo;
use crate::compose::Machine;
use anyhow::Context;
use futures::stream::{self, StreamExt};
use jiff::{SignedDuration, Timestamp};
use paypier_domain::change::{Change, RowWrite, Touched, Write};
use paypier_domain::channel::{ChannelSnapshot, Environment};
use paypier_domain::id::{
    ChannelId, ChannelKey, MerchantId, PaymentId, PaymentKey, PgTxId, StoreId, TransactionId,
};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::outcome::Outcome;
use paypier_domain::payment::settle::{self, Settled};
use paypier_domain::payment::{Amounts, Limits, Method, Notices, Order, Origin, Platform, Request, pay};
use paypier_domain::psp::{CardDetails, Charge};
use paypier_storage::{CommitError, Storage};

/// Changes that are under way at once: more than one flush takes.
const AT_ONCE: usize = 512;

/// The id of the `number`th payment that was there before.
pub fn payment_id(number: u64) -> String {
    format!("existing-{number}")
}

/// # Errors
/// The database cannot be written.
pub async fn payments(storage: &Storage, count: u64, machine: &Machine) -> anyhow::Result<()> {
    let now = machine.clock.now();
    let mut written = stream::iter(0..count)
        .map(|number| async move {
            let change = paid(number, count, now)?;
            match storage.commit(change).await {
                // An earlier bench wrote it to this PostgreSQL database.
                Ok(()) | Err(CommitError::Exists(_) | CommitError::Conflict) => anyhow::Ok(()),
                Err(error) => Err(error).context("the payments to begin with cannot be written"),
            }
        })
        .buffer_unordered(AT_ONCE);
    while let Some(one) = written.next().await {
        one?;
    }
    Ok(())
}

/// A whole payment as one change. Payments lie a second apart and end now.
fn paid(number: u64, count: u64, now: Timestamp) -> anyhow::Result<Change> {
    let age = i64::try_from(count.saturating_sub(number)).unwrap_or(i64::MAX / 2);
    let at = now.checked_sub(SignedDuration::from_secs(age)).unwrap_or(Timestamp::UNIX_EPOCH);
    let key =
        PaymentKey { store: StoreId::known(demo::STORE_ID), payment: PaymentId::known(payment_id(number)) };
    let transaction = TransactionId::known(format!("existing-transaction-{number}"));
    let total = Amount::new(15_000).context("an amount")?;
    let card = CardDetails {
        bin: Some("424242".into()),
        masked_number: Some("42424242****4242".into()),
        ..CardDetails::default()
    };
    let request = Request {
        transaction: transaction.clone(),
        currency: Currency::KRW,
        amounts: Amounts::new(total, Amount::ZERO, None, Amount::ZERO).context("amounts")?,
        order: Order { name: "Two tickets".into(), ..Order::default() },
        origin: Origin {
            platform: Platform::Api,
            ip_address: "127.0.0.1".into(),
            user_agent: None,
            url: None,
        },
        channel: ChannelSnapshot {
            key: ChannelKey::known(demo::CARD.key),
            id: ChannelId::known(demo::CARD.id),
            name: demo::CARD.title.into(),
            environment: Environment::Test,
            connector: "sandbox".into(),
            pg_provider: demo::CARD.pg_provider.into(),
            pg_merchant_id: demo::CARD.pg_merchant_id.into(),
        },
        channel_group: None,
        billing_key: None,
        schedule: None,
        promotion: None,
        notices: Notices::default(),
        claim: None,
        method: Some(Method::Card {
            card: card.clone(),
            approval_number: None,
            installment: None,
            is_point_used: false,
        }),
    };
    let merchant = MerchantId::known(demo::MERCHANT_ID);
    let begun = pay::begin(None, &key, &merchant, request, Limits::default(), at).context("a new payment")?;
    let charge = Charge {
        pg_tx_id: PgTxId::known(format!("existing_{number}")),
        amount: total,
        at,
        fee: Amount::new(480).context("an amount")?,
        card: Some(card),
        account: None,
        approval_number: Some("30012345".into()),
        receipt_url: None,
        raw: None,
    };
    let settled = settle::attempt(&begun.payment, &transaction, Outcome::Done(charge), false, at);
    let Settled::Changed(decided, _) = settled else { anyhow::bail!("a charge changes nothing") };
    let mut change = decided.change;
    // Both steps at once: the row is new, and nothing is left to be asked for.
    change.writes = vec![Write::Payment {
        payment: Box::new(decided.payment),
        expects: None,
        touched: Touched { attempts: vec![(transaction, RowWrite::Insert)], ..Touched::default() },
    }];
    change.events.splice(0..0, begun.change.events);
    change.jobs.clear();
    Ok(change)
}
