//! Members that an operation requires, and words that it has a code of its own for.

use super::call::Answered;
use super::problem::Refused;
use paypier_domain::channel;
use paypier_wire::global::code::fault;
use paypier_wire::global::{Choice, Code, Environment};

/// How an operation says that a member is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// `4001 INVALID_REQUEST`, `Invalid Request, err : <member> is a required field`.
    Request,
    /// `4001 INVALID_PAYMENT_REQUEST`, `<member> is a required field`.
    Payment,
}

/// A member that is missing.
pub fn missing(tone: Tone, member: &str) -> Refused {
    match tone {
        Tone::Request => Refused::invalid(
            Code::InvalidRequest,
            format!("Invalid Request, err : {member} is a required field"),
        ),
        Tone::Payment => {
            Refused::invalid(Code::InvalidPaymentRequest, format!("{member} is a required field"))
        }
    }
}

/// A text that must be there; an empty one is none.
///
/// # Errors
/// It is missing.
pub fn text<'a>(tone: Tone, member: &str, value: Option<&'a String>) -> Answered<&'a str> {
    value.map(String::as_str).filter(|text| !text.is_empty()).ok_or_else(|| missing(tone, member))
}

/// Anything that must be there.
///
/// # Errors
/// It is missing.
pub fn some<T>(tone: Tone, member: &str, value: Option<T>) -> Answered<T> {
    value.ok_or_else(|| missing(tone, member))
}

/// Where the call is about.
///
/// # Errors
/// It is missing or another word.
pub fn environment(value: Option<&Choice<Environment>>) -> Answered<channel::Environment> {
    match value.and_then(Choice::known) {
        Some(Environment::Live) => Ok(channel::Environment::Live),
        Some(Environment::Sandbox) => Ok(channel::Environment::Test),
        None => Err(fault::ENVIRONMENT.into()),
    }
}

/// The same in a query.
///
/// # Errors
/// As [`environment`].
pub fn environment_word(word: Option<&str>) -> Answered<channel::Environment> {
    match word {
        Some("live") => Ok(channel::Environment::Live),
        Some("sandbox") => Ok(channel::Environment::Test),
        _ => Err(fault::ENVIRONMENT.into()),
    }
}
