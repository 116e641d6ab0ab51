//! What a PSP sends: answers to the connector's calls, and notifications.
//!
//! The first byte chooses the call, the next two the HTTP status, the rest is the body. Besides not
//! panicking: "done" and "pending" are only ever believed of a 200 whose body names what was asked
//! about; a notification is only ever believed with a signature over exactly these bytes.

#![no_main]

use async_trait::async_trait;
use futures::executor::block_on;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderValue, StatusCode};
use jiff::{SignedDuration, Timestamp};
use libfuzzer_sys::fuzz_target;
use paypier_connectors::Connector;
use paypier_connectors::contract::{
    AccountAsk, Call, Card, ChargeAsk, Notification, NotificationRefusal, RefundAsk,
};
use paypier_connectors::exchange::{Exchange, ExchangeError, ExchangeRequest, ExchangeResponse};
use paypier_connectors::simulator::Sandbox;
use paypier_domain::channel::{ChannelSnapshot, Environment};
use paypier_domain::customer::Customer;
use paypier_domain::id::{ChannelId, ChannelKey, PgCancellationId, PgTxId, StoreId};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::outcome::{Found, Outcome};
use sha2::Sha256;

const KEY: &str = "sandbox_sk_00000000000000000000000000000000";
const CREDENTIALS: &str = r#"{"secretKey":"sandbox_sk_00000000000000000000000000000000"}"#;
const REFERENCE: &str = "r-1";
const REFUND: &str = "c-1";
const TOKEN: &str = "t-1";

/// A PSP that always says the same.
struct Parrot(StatusCode, Vec<u8>);

#[async_trait]
impl Exchange for Parrot {
    async fn send(&self, _: ExchangeRequest) -> Result<ExchangeResponse, ExchangeError> {
        Ok(ExchangeResponse { status: self.0, headers: Vec::new(), body: self.1.clone().into() })
    }
}

fuzz_target!(|data: &[u8]| {
    let [choice, high, low, body @ ..] = data else { return };
    if choice % 11 == 10 {
        notified(*low, body);
        return;
    }
    // Most of the interest is in 200 and in what the documentation lists.
    let status = match high % 8 {
        0..=3 => StatusCode::OK,
        4 => StatusCode::PAYMENT_REQUIRED,
        5 => StatusCode::NOT_FOUND,
        6 => StatusCode::CONFLICT,
        _ => StatusCode::from_u16(u16::from_be_bytes([*high, *low]) % 900 + 100).expect("100 to 999"),
    };
    block_on(asked(*choice, status, body));
});

async fn asked(choice: u8, status: StatusCode, body: &[u8]) {
    let sandbox = Sandbox::default();
    let (store, channel) = (StoreId::known("store-1"), channel());
    let exchange = Parrot(status, body.to_vec());
    let call =
        Call { exchange: &exchange, store: &store, channel: &channel, credentials: CREDENTIALS, now: now() };
    let amount = Amount::new(1_000).expect("within bounds");
    let customer = Customer::default();
    let charge = ChargeAsk {
        reference: REFERENCE,
        payment_id: "order-1",
        order_name: "Tea",
        amount,
        tax_free: Amount::ZERO,
        vat: Amount::ZERO,
        currency: Currency::KRW,
        customer: &customer,
        installment_months: 0,
        manual_capture: false,
        bypass: None,
    };
    let card = || Card::new("4242424242424242".into(), "39".into(), "12".into(), None, None);
    let pg_tx_id = PgTxId::known("sbx_1");
    match choice % 11 {
        0 => believed(&sandbox.charge_card(&call, &charge, &card()).await, status, body, &[REFERENCE]),
        1 => believed(&sandbox.charge_stored(&call, &charge, TOKEN).await, status, body, &[REFERENCE]),
        2 => {
            let ask = AccountAsk {
                charge,
                bank: "SHINHAN",
                expires_at: now(),
                remittee_name: None,
                fixed_account: None,
            };
            believed(&sandbox.issue_virtual_account(&call, &ask).await, status, body, &[REFERENCE]);
        }
        3 => {
            let closed = sandbox.close_virtual_account(&call, REFERENCE, &pg_tx_id).await;
            believed(&closed, status, body, &[REFERENCE]);
        }
        4 => {
            let captured = sandbox.capture(&call, REFERENCE, &pg_tx_id, amount).await;
            believed(&captured, status, body, &[REFERENCE]);
        }
        5 => {
            let ask = RefundAsk {
                reference: REFUND,
                charge_reference: REFERENCE,
                pg_tx_id: &pg_tx_id,
                amount,
                tax_free: Amount::ZERO,
                vat: Amount::ZERO,
                currency: Currency::KRW,
                reason: "late",
                refund_account: None,
            };
            let refunded = sandbox.refund(&call, &ask).await;
            believed(&refunded, status, body, &[REFERENCE, REFUND]);
            if let Outcome::Done(refund) | Outcome::Pending(refund) = refunded {
                assert_eq!(refund.amount, amount);
            }
        }
        6 => {
            let id = PgCancellationId::known("sbxr_1_r-1");
            believed(&sandbox.stop_refund(&call, REFUND, &id).await, status, body, &[id.as_str()]);
        }
        7 => {
            let issued = sandbox.issue_stored(&call, REFERENCE, &customer, &card()).await;
            believed(&issued, status, body, &[]);
        }
        8 => believed(&sandbox.delete_stored(&call, TOKEN).await, status, body, &[TOKEN]),
        _ => {
            let age = SignedDuration::from_secs(if choice % 2 == 0 { 0 } else { 60 });
            match sandbox.query(&call, REFERENCE, None, age).await {
                Found::Known(outcome) => believed(&outcome, status, body, &[REFERENCE]),
                Found::Absent | Found::NotYet => assert_eq!(status, StatusCode::NOT_FOUND),
                Found::NoAnswer(_) => {}
            }
        }
    }
}

fn believed<T>(outcome: &Outcome<T>, status: StatusCode, body: &[u8], named: &[&str]) {
    match outcome {
        Outcome::Done(_) | Outcome::Pending(_) => {
            assert_eq!(status, StatusCode::OK);
            // Escaped, a name may be written otherwise than it reads; JSON then has a backslash.
            let text = String::from_utf8_lossy(body);
            assert!(named.iter().all(|name| text.contains(name)) || text.contains('\\'), "{text}");
        }
        Outcome::Declined(_) | Outcome::NotSent(_) | Outcome::Unknown(_) => {}
    }
}

fn notified(choice: u8, body: &[u8]) {
    let sandbox = Sandbox::default();
    let mut headers = HeaderMap::new();
    // Whatever a stranger puts into the header, without the key it is forged.
    let (header, signed) = body.split_at(body.len().min(usize::from(choice)));
    if let Ok(header) = HeaderValue::from_bytes(header) {
        headers.insert("x-sandbox-signature", header);
    }
    let refused = sandbox.read_notification(CREDENTIALS, &headers, signed, now());
    assert!(matches!(refused, Err(NotificationRefusal::Forged)), "believed without a signature");

    headers.insert("x-sandbox-signature", signature(body));
    match sandbox.read_notification(CREDENTIALS, &headers, body, now()) {
        Ok(Notification::Verified { .. }) | Err(NotificationRefusal::Malformed) => {}
        Ok(Notification::Hint { .. }) => panic!("the sandbox sends no hints"),
        Err(refusal) => panic!("well signed, and refused as {refusal:?}"),
    }
    let late = now() + SignedDuration::from_secs(301);
    let stale = sandbox.read_notification(CREDENTIALS, &headers, body, late);
    assert!(matches!(stale, Err(NotificationRefusal::Stale)));
}

fn signature(body: &[u8]) -> HeaderValue {
    let seconds = now().as_second();
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).expect("a key of any length");
    mac.update(format!("{seconds}.").as_bytes());
    mac.update(body);
    let text = format!("t={seconds},v1={}", hex::encode(mac.finalize().into_bytes()));
    HeaderValue::try_from(text).expect("ASCII")
}

fn now() -> Timestamp {
    Timestamp::constant(1_800_000_000, 0)
}

fn channel() -> ChannelSnapshot {
    ChannelSnapshot {
        key: ChannelKey::known("channel-key-1"),
        id: ChannelId::known("channel-id-1"),
        name: "Cards".into(),
        environment: Environment::Test,
        connector: "sandbox".into(),
        pg_provider: "TOSSPAYMENTS".into(),
        pg_merchant_id: "shop".into(),
    }
}
