//! Plans, subscriptions and deductions over HTTP. The page on which customers enrol is [`page`].
//!
//! In the dialect's order: what is missing, words and numbers, the signature, and then the rules of the use case.

mod deduct;
pub mod page;
mod plan;
mod read;
mod refuse;
mod subscribe;

pub use deduct::{create_deduction, deduct, trigger};
pub use plan::{create_plan, plan, update_plan};
pub use read::{cancel, subscription, transactions};
pub use subscribe::create_subscription;

use super::call::{Answered, Call};
use super::problem::Refused;
use crate::global::signature;
use paypier_domain::channel::Environment;
use paypier_domain::money::Currency;
use paypier_domain::subscription::{Note, Period, Step};
use paypier_wire::global::code::fault;
use paypier_wire::global::signed::Signed;
use paypier_wire::global::{self as wire, Choice, Choices, Code, NoteContent, Number, Source};

fn missing(member: &str) -> Refused {
    Refused::invalid(Code::InvalidRequest, format!("{member} is a required field"))
}

/// A text that must be there; an empty one is none.
fn text<'a>(member: &str, value: Option<&'a String>) -> Answered<&'a str> {
    value.map(String::as_str).filter(|text| !text.is_empty()).ok_or_else(|| missing(member))
}

fn some<T>(member: &str, value: Option<T>) -> Answered<T> {
    value.ok_or_else(|| missing(member))
}

/// The caller's own key, by any of its names.
fn own_key(call: &Call, names: [&Option<String>; 3]) -> Answered<()> {
    let named = names.into_iter().flatten().find(|key| !key.is_empty());
    let named = some("portone_key", named)?;
    if named == call.caller()?.client_key() { Ok(()) } else { Err(fault::CLIENT_KEY_UNKNOWN.into()) }
}

/// A word that must be there. Which one it is, is looked at later.
fn word<'a, T: Choices>(member: &str, value: Option<&'a Choice<T>>) -> Answered<&'a Choice<T>> {
    value.filter(|word| !word.as_str().is_empty()).ok_or_else(|| missing(member))
}

fn source(value: &Choice<Source>) -> Answered<Source> {
    value
        .known()
        .ok_or_else(|| Refused::invalid(Code::InvalidRequest, "source must be one of default, api, checkout"))
}

/// # Errors
/// Of another currency than those of ISO 4217.
fn currency(text: &str) -> Answered<Currency> {
    Currency::parse(&text.to_ascii_uppercase())
        .ok_or_else(|| Refused::invalid(Code::InvalidCurrency, "Invalid currency"))
}

fn signed(call: &Call, message: &impl Signed, signature: &str) -> Answered<()> {
    if signature::verify(&call.caller()?.secret, message, signature) {
        Ok(())
    } else {
        Err(fault::SIGNATURE_MISMATCH.into())
    }
}

/// A whole number. What is none is out of every range.
fn whole(number: Number) -> i64 {
    number.whole().unwrap_or(0)
}

/// So many of these periods. Hours are for trying things out.
fn step(
    frequency: Number,
    period: &Choice<wire::Period>,
    environment: Option<Environment>,
) -> Answered<Step> {
    let wrong_period = || Refused::invalid(Code::InvalidPeriod, "Period must be one of H, D, W, M, Q, Y");
    let period = match period.known().ok_or_else(wrong_period)? {
        wire::Period::Hour if environment == Some(Environment::Live) => return Err(wrong_period()),
        wire::Period::Hour => Period::Hour,
        wire::Period::Day => Period::Day,
        wire::Period::Week => Period::Week,
        wire::Period::Month => Period::Month,
        wire::Period::Quarter => Period::Quarter,
        wire::Period::Year => Period::Year,
    };
    Step::new(whole(frequency), period)
        .map_err(|_| Refused::invalid(Code::InvalidFrequency, "Frequency must be from 1 to 1000"))
}

/// Texts that are kept for the merchant are not without bounds.
const LONGEST_TEXT: usize = 2_000;
const MOST_NOTES: usize = 50;

fn kept(member: &str, value: Option<&String>) -> Answered<String> {
    bounded(member, value, LONGEST_TEXT)
}

fn bounded(member: &str, value: Option<&String>, most: usize) -> Answered<String> {
    let text = value.map(String::as_str).unwrap_or_default();
    if text.chars().count() > most || text.contains('\0') {
        let message = format!("{member} has more than {most} characters");
        return Err(Refused::invalid(Code::InvalidRequest, message));
    }
    Ok(text.to_owned())
}

fn notes(notes: Option<&Vec<wire::Note>>) -> Answered<Vec<Note>> {
    let notes = notes.map(Vec::as_slice).unwrap_or_default();
    if notes.len() > MOST_NOTES {
        let message = format!("there are at most {MOST_NOTES} notes");
        return Err(Refused::invalid(Code::InvalidRequest, message));
    }
    notes
        .iter()
        .map(|note| {
            Ok(Note { key: kept("notes", note.key.as_ref())?, value: kept("notes", note.value.as_ref())? })
        })
        .collect()
}

fn notes_shown(notes: &[Note]) -> Vec<NoteContent> {
    notes.iter().map(|note| NoteContent { key: note.key.clone(), value: note.value.clone() }).collect()
}
