//! Between the dialect and the domain, one subject a file.
//!
//! `asked` reads what a caller asks for: it takes a body apart once, refuses what the dialect does not
//! accept, and gives back a command or a filter. `shown` writes what a caller sees. Both are plain
//! functions; the dialect's words stay on this side.

pub mod amount;
pub mod bank;
pub mod billing_key;
pub mod billing_key_filter;
pub mod cancellation;
pub mod card;
pub mod cash_receipt;
pub mod cash_receipt_filter;
pub mod channel;
pub mod charge;
pub mod checkout;
pub mod common;
pub mod confirm;
pub mod customer;
pub mod escrow;
pub mod event;
pub mod identity_verification;
pub mod identity_verification_filter;
pub mod instant;
pub mod method;
pub mod page;
pub mod payment;
pub mod payment_filter;
pub mod pg_specific;
pub mod platform;
pub mod pre_register;
pub mod product;
pub mod promotion;
pub mod range;
pub mod sale;
pub mod schedule;
pub mod store_receipt;
pub mod transaction;
pub mod vat;
pub mod webhook;

use crate::app::failure::Failure;
use paypier_domain::id::IdError;

/// A refusal that names the member and what is accepted. Values are named only where they cannot be
/// a secret.
fn invalid(member: &str, accepted: &str) -> Failure {
    Failure::Invalid(format!("{member} {accepted}"))
}

/// An optional id that a caller wrote.
///
/// # Errors
/// It is empty, too long or holds control characters.
pub fn id<T>(
    member: &str,
    text: Option<&str>,
    parse: fn(&str) -> Result<T, IdError>,
) -> Result<Option<T>, Failure> {
    text.map(parse).transpose().map_err(|error| Failure::Invalid(format!("{member}: {error}")))
}

/// An optional word of one of the dialect's lists.
///
/// # Errors
/// It is another word.
pub fn word<T>(member: &str, text: Option<&str>, parse: fn(&str) -> Option<T>) -> Result<Option<T>, Failure> {
    match text.map(parse) {
        None => Ok(None),
        Some(Some(word)) => Ok(Some(word)),
        Some(None) => Err(invalid(member, "is none of the accepted words")),
    }
}
