//! Payments in every state, for the tests of decisions.

#![allow(clippy::arithmetic_side_effects, clippy::type_complexity, reason = "tests")]

use super::{Amounts, Limits, Notices, Order, Origin, Payment, Platform, Request, pay, settle};
use crate::channel::{ChannelSnapshot, Environment};
use crate::id::{ChannelId, ChannelKey, MerchantId, PaymentId, PaymentKey, PgTxId, StoreId, TransactionId};
use crate::money::{Amount, Currency};
use crate::outcome::{Decline, DeclineClass, Doubt, Outcome};
use crate::psp::{Charge, VirtualAccount};
use jiff::Timestamp;

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

pub fn won(units: i64) -> Amount {
    Amount::new(units).unwrap()
}

pub fn key() -> PaymentKey {
    PaymentKey { store: StoreId::known("store-1"), payment: PaymentId::known("order-1") }
}

pub fn request(transaction: &str, total: i64, tax_free: i64) -> Request {
    Request {
        transaction: TransactionId::known(transaction),
        currency: Currency::KRW,
        amounts: Amounts::new(won(total), won(tax_free), None, Amount::ZERO).unwrap(),
        order: Order { name: "a book".into(), ..Order::default() },
        origin: Origin {
            platform: Platform::Api,
            ip_address: "127.0.0.1".into(),
            user_agent: None,
            url: None,
        },
        channel: ChannelSnapshot {
            key: ChannelKey::known("channel-key-1"),
            id: ChannelId::known("channel-id-1"),
            name: "cards".into(),
            environment: Environment::Test,
            connector: "sandbox".into(),
            pg_provider: "TOSSPAYMENTS".into(),
            pg_merchant_id: "mid".into(),
        },
        channel_group: None,
        billing_key: None,
        schedule: None,
        promotion: None,
        notices: Notices::default(),
        claim: None,
        method: None,
    }
}

pub fn begun(existing: Option<&Payment>, transaction: &str, total: i64, tax_free: i64) -> Payment {
    let merchant = MerchantId::known("merchant-1");
    let request = request(transaction, total, tax_free);
    pay::begin(existing, &key(), &merchant, request, Limits::default(), at(0)).unwrap().payment
}

pub fn charge(units: i64) -> Charge {
    Charge {
        pg_tx_id: PgTxId::known("pg-1"),
        amount: won(units),
        at: at(1),
        fee: won(units / 31),
        card: None,
        account: None,
        approval_number: None,
        receipt_url: None,
        raw: None,
    }
}

pub fn account(units: i64) -> Charge {
    let account = VirtualAccount {
        bank: Some("SHINHAN".into()),
        account_number: "110".into(),
        kind: None,
        remittee_name: None,
        remitter_name: None,
        expires_at: None,
        issued_at: None,
        deposited: Amount::ZERO,
    };
    Charge { account: Some(account), ..charge(units) }
}

pub fn declined<T>() -> Outcome<T> {
    Outcome::Declined(Decline { class: DeclineClass::Issuer, code: "NO".into(), message: "no".into() })
}

pub fn unknown<T>() -> Outcome<T> {
    Outcome::Unknown(Doubt { reason: "silence".into() })
}

/// The payment after `outcome`, or as it was when nothing changed.
pub fn after(payment: &Payment, transaction: &str, outcome: Outcome<Charge>) -> Payment {
    match settle::attempt(payment, &TransactionId::known(transaction), outcome, false, at(2)) {
        settle::Settled::Changed(decided, _) => decided.payment,
        settle::Settled::Unchanged => payment.clone(),
    }
}

pub fn paid(total: i64, tax_free: i64) -> Payment {
    after(&begun(None, "t1", total, tax_free), "t1", Outcome::Done(charge(total)))
}
