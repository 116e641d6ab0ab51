//! Bodies that callers send, from bytes to the command or filter that a use case is given.
//!
//! The first byte chooses the body's type, the rest is the body. Besides not panicking: a body is
//! accepted or refused as invalid, never an internal error; a refusal never repeats a long number,
//! which may be a card's; and what was accepted is written as something that is read back as the same.

#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use paypier::app::caller::Caller;
use paypier::app::failure::Failure;
use paypier::http::v2::body;
use paypier::http::v2::translate as to;
use paypier_domain::id::{MerchantId, PaymentId, SecretId, StoreId, WebhookId};
use paypier_domain::payment::{Origin, Platform};
use paypier_wire::v2;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;

fuzz_target!(|data: &[u8]| {
    let Some((choice, bytes)) = data.split_first() else { return };
    match choice % 15 {
        0 => command(bytes, |body| to::instant::asked(payment(), body, origin())),
        1 => command(bytes, |body| to::charge::asked(payment(), body, origin())),
        2 => command(bytes, |body| to::billing_key::asked(body, origin())),
        3 => command(bytes, |body| to::cancellation::asked(payment(), body)),
        4 => command(bytes, |body| to::pre_register::asked(payment(), body)),
        5 => command(bytes, |body| to::confirm::asked(payment(), body)),
        6 => command(bytes, |body: v2::ResendWebhookBody| {
            to::id("webhookId", body.webhook_id.as_deref(), WebhookId::parse)
        }),
        7 => command(bytes, |body: v2::GetPaymentsBody| {
            to::page::asked(body.page.as_ref(), to::page::Reach::SixtyThousand)?;
            to::payment_filter::asked(&caller(), None, body.filter.unwrap_or_default(), now())
        }),
        8 => command(bytes, |body: v2::GetBillingKeyInfosBody| {
            to::page::asked(body.page.as_ref(), to::page::Reach::Unbounded)?;
            to::billing_key_filter::asked(&caller(), None, body, now())
        }),
        9 => command(bytes, |body: v2::GetAllPaymentsByCursorBody| {
            to::range::by_cursor(&caller(), None, body.into(), now())
        }),
        10 => command(bytes, |body: v2::GetAllPaymentEventsByCursorBody| {
            to::range::by_cursor(&caller(), None, body.into(), now())
        }),
        11 => plain::<v2::CapturePaymentBody>(bytes),
        12 => plain::<v2::StopPaymentCancellationBody>(bytes),
        13 => plain::<v2::LoginViaApiSecretBody>(bytes),
        _ => plain::<v2::RefreshTokenBody>(bytes),
    }
});

fn plain<T: DeserializeOwned + Serialize + PartialEq + Debug>(bytes: &[u8]) {
    command(bytes, |_: T| Ok(()));
}

fn command<T, C>(bytes: &[u8], translate: impl FnOnce(T) -> Result<C, Failure>)
where
    T: DeserializeOwned + Serialize + PartialEq + Debug,
{
    let read: T = match body::read(bytes) {
        Ok(read) => read,
        Err(Failure::Invalid(text)) => {
            assert!(!has_long_number(&text), "a refusal repeats what may be a card number: {text}");
            return;
        }
        Err(other) => panic!("a body is refused as {other:?}"),
    };
    let written = body::written(&read).expect("what was read can be written");
    let again: T = body::read(&written).expect("what was written can be read");
    assert_eq!(read, again);
    if let Err(Failure::Internal(inside)) = translate(read) {
        panic!("a body leads to an internal error: {inside:?}");
    }
}

/// As many digits in a row as the shortest card number has.
fn has_long_number(text: &str) -> bool {
    text.as_bytes().windows(12).any(|window| window.iter().all(u8::is_ascii_digit))
}

fn payment() -> PaymentId {
    PaymentId::known("order-1")
}

fn origin() -> Origin {
    Origin { platform: Platform::Api, ip_address: "127.0.0.1".into(), user_agent: None, url: None }
}

fn caller() -> Caller {
    Caller {
        merchant: MerchantId::known("merchant-1"),
        store: StoreId::known("store-1"),
        secret: SecretId::known("secret-1"),
        is_representative: true,
    }
}

fn now() -> Timestamp {
    Timestamp::constant(1_800_000_000, 0)
}
