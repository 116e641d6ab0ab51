//! What the JSON columns hold. The domain derives no serialisation on purpose: a stored shape is a
//! promise to every later version and is declared here. Each shape is made from the domain by `of`
//! without copying text, and read back by `read`, whose error is the member that made no sense.
//! Absent members are left out; instants are microseconds since 1970, bytes are hexadecimal.

pub(crate) mod account;
pub(crate) mod attempt;
pub(crate) mod billing_key;
pub(crate) mod cancellation;
pub(crate) mod cash_receipt;
pub(crate) mod channel;
pub(crate) mod checkout;
pub(crate) mod customer;
pub(crate) mod delivery;
pub(crate) mod escrow;
pub(crate) mod event;
pub(crate) mod global;
pub(crate) mod identity_verification;
pub(crate) mod job;
pub(crate) mod notice;
pub(crate) mod paying;
pub(crate) mod payment_link;
pub(crate) mod platform;
pub(crate) mod platform_setting;
pub(crate) mod promotion;
pub(crate) mod schedule;
pub(crate) mod settlement;
pub(crate) mod subscription;
pub(crate) mod transfer;
pub(crate) mod window;

use jiff::Timestamp;
use paypier_domain::money::Amount;
use std::borrow::Cow;

/// A stored member that made no sense, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Senseless(pub &'static str);

pub(crate) type Read<T> = Result<T, Senseless>;
pub(crate) type Text<'a> = Cow<'a, str>;

/// Declares a stored shape: members that are always there, then members that may be absent.
macro_rules! shape {
    ($(#[$doc:meta])* $name:ident { $($must:ident : $must_type:ty),* $(,)? ; $($may:ident : $may_type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, serde::Serialize, serde::Deserialize)]
        pub(crate) struct $name<'a> {
            $(pub(crate) $must: $must_type,)*
            $(#[serde(default, skip_serializing_if = "Option::is_none")] pub(crate) $may: Option<$may_type>,)*
        }
    };
}
pub(crate) use shape;

pub(crate) fn text(text: &str) -> Text<'_> {
    Cow::Borrowed(text)
}

pub(crate) fn maybe(text: &Option<String>) -> Option<Text<'_>> {
    text.as_deref().map(Cow::Borrowed)
}

pub(crate) fn own(text: Option<Text<'_>>) -> Option<String> {
    text.map(Cow::into_owned)
}

/// `true` is stored, `false` is left out.
pub(crate) fn flag(is: bool) -> Option<bool> {
    is.then_some(true)
}

pub(crate) fn is(flag: Option<bool>) -> bool {
    flag.unwrap_or(false)
}

pub(crate) fn instant(micros: i64, member: &'static str) -> Read<Timestamp> {
    Timestamp::from_microsecond(micros).map_err(|_| Senseless(member))
}

pub(crate) fn maybe_instant(micros: Option<i64>, member: &'static str) -> Read<Option<Timestamp>> {
    micros.map(|micros| instant(micros, member)).transpose()
}

pub(crate) fn amount(minor_units: i64, member: &'static str) -> Read<Amount> {
    Amount::new(minor_units).map_err(|_| Senseless(member))
}

/// The document of a shape. The shapes hold nothing that JSON cannot say.
pub(crate) fn document<S: serde::Serialize>(shape: &S) -> String {
    serde_json::to_string(shape).unwrap_or_default()
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

pub(crate) fn digest(text: &str) -> Option<[u8; 32]> {
    bytes(text)?.try_into().ok()
}

/// What [`hexadecimal`] wrote.
pub(crate) fn bytes(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) {
        return None;
    }
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    text.as_bytes().chunks(2).map(pair).collect()
}
