//! What answers are wrapped in. The dialect has four ways of it: content, flat, bare and body; an operation's
//! row names the type it answers. A flat answer is a type of its own, a bare one is no more than its members.

use serde::Serialize;
use serde_json::{Value, json};

use crate::global::body::{Described, Schemas, object};
use crate::global::{Code, Fault};

/// `{"content": …, "message": …, "status_code": …, "status_reason": …}`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Content<T> {
    pub content: T,
    /// Only where subscriptions are read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_success: Option<bool>,
    /// Not where something is only read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    pub status_code: Code,
    pub status_reason: &'static str,
}

impl<T> Content<T> {
    /// A success that says nothing more.
    pub fn of(content: T) -> Self {
        let code = Code::Success;
        Self { content, is_success: None, message: None, status_code: code, status_reason: code.reason() }
    }

    /// A success that says something.
    pub fn saying(content: T, message: &str) -> Self {
        Self { message: Some(message.to_owned()), ..Self::of(content) }
    }

    /// A success where the flag is written, too.
    pub fn flagged(content: T) -> Self {
        Self { is_success: Some(true), ..Self::of(content) }
    }
}

/// `{"body": …, "status_code": …, "status_reason": …, "status_message": …}`, where payments are listed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Body<T> {
    pub body: T,
    pub status_code: Code,
    pub status_reason: &'static str,
    pub status_message: &'static str,
}

impl<T> Body<T> {
    pub fn of(body: T) -> Self {
        let code = Code::Success;
        Self { body, status_code: code, status_reason: code.reason(), status_message: code.reason() }
    }
}

/// `{"data": …, "message": …, "status_code": …, "status_reason": …}`, where files are reconciled.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Data<T> {
    pub data: T,
    pub message: String,
    pub status_code: Code,
    pub status_reason: &'static str,
}

impl<T> Data<T> {
    pub fn saying(data: T, message: &str) -> Self {
        let code = Code::Success;
        Self { data, message: message.to_owned(), status_code: code, status_reason: code.reason() }
    }
}

/// A success without content.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Done {
    /// Only where subscriptions are changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_success: Option<bool>,
    pub message: String,
    pub status_code: Code,
    pub status_reason: &'static str,
}

impl Done {
    #[must_use]
    pub fn saying(message: &str) -> Self {
        let code = Code::Success;
        Self {
            is_success: None,
            message: message.to_owned(),
            status_code: code,
            status_reason: code.reason(),
        }
    }

    /// With the flag, as subscriptions write it.
    #[must_use]
    pub fn flagged(message: &str) -> Self {
        Self { is_success: Some(true), ..Self::saying(message) }
    }
}

/// How an operation writes what it refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalForm {
    /// `message`, `status_code`, `status_reason`.
    Plain,
    /// With `"is_success": false` in front.
    Flagged,
    /// With `status_message`, the reason once more, behind. Some of the published examples have only the one,
    /// some only the other.
    Twice,
    /// As `/deduct` writes it, whatever the code: `"400"` and `"Bad Request"`. Refusals of the caller are
    /// written as in [`Self::Flagged`].
    Deduction,
}

/// A refusal as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_success: Option<bool>,
    pub message: String,
    pub status_code: &'static str,
    pub status_reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_message: Option<&'static str>,
}

impl Refusal {
    /// The body of a refusal with this status, code and text.
    #[must_use]
    pub fn new(form: RefusalForm, status: u16, code: Code, message: &str) -> Self {
        let plain = Self {
            is_success: None,
            message: message.to_owned(),
            status_code: code.digits(),
            status_reason: code.reason(),
            status_message: None,
        };
        match form {
            RefusalForm::Plain => plain,
            RefusalForm::Flagged => Self { is_success: Some(false), ..plain },
            RefusalForm::Twice => Self { status_message: Some(code.reason()), ..plain },
            RefusalForm::Deduction if status == 400 => {
                Self { is_success: Some(false), status_code: "400", status_reason: "Bad Request", ..plain }
            }
            RefusalForm::Deduction => Self { is_success: Some(false), ..plain },
        }
    }

    /// The body of a documented refusal.
    #[must_use]
    pub fn of(form: RefusalForm, fault: Fault) -> Self {
        Self::new(form, fault.status, fault.code, fault.message)
    }

    /// The schema of a refusal in this form.
    pub(super) fn schema(form: RefusalForm, found: &mut Schemas) -> Value {
        let text = || json!({"type": "string"});
        let members = |flag: bool, twice: bool| {
            let mut members = Vec::new();
            if flag {
                members.push(("is_success", json!({"type": "boolean"})));
            }
            members.extend([("message", text()), ("status_code", text()), ("status_reason", text())]);
            if twice {
                members.push(("status_message", text()));
            }
            object(members)
        };
        match form {
            RefusalForm::Plain => found.refer("Refusal", |_| members(false, false)),
            RefusalForm::Flagged | RefusalForm::Deduction => {
                found.refer("FlaggedRefusal", |_| members(true, false))
            }
            RefusalForm::Twice => found.refer("RefusalSaidTwice", |_| members(false, true)),
        }
    }
}

/// The members of an envelope around `inner`, in place.
fn wrapped(name: &'static str, inner: Value, others: &[&'static str]) -> Value {
    let text = || json!({"type": "string"});
    let flag = |member: &str| if member == "is_success" { json!({"type": "boolean"}) } else { text() };
    let mut members = vec![(name, inner)];
    members.extend(others.iter().map(|member| (*member, flag(member))));
    object(members)
}

impl<T: Described> Described for Content<T> {
    fn schema(found: &mut Schemas) -> Value {
        let inner = T::schema(found);
        wrapped("content", inner, &["is_success", "message", "status_code", "status_reason"])
    }
}

impl<T: Described> Described for Body<T> {
    fn schema(found: &mut Schemas) -> Value {
        let inner = T::schema(found);
        wrapped("body", inner, &["message", "status_code", "status_reason", "status_message"])
    }
}

impl<T: Described> Described for Data<T> {
    fn schema(found: &mut Schemas) -> Value {
        let inner = T::schema(found);
        wrapped("data", inner, &["message", "status_code", "status_reason"])
    }
}

impl Described for Done {
    fn schema(_: &mut Schemas) -> Value {
        let text = || json!({"type": "string"});
        object(vec![
            ("is_success", json!({"type": "boolean"})),
            ("message", text()),
            ("status_code", text()),
            ("status_reason", text()),
        ])
    }
}

impl Described for Code {
    fn schema(_: &mut Schemas) -> Value {
        json!({"type": "string"})
    }
}

/// A page of a list, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page<T> {
    pub content: Vec<T>,
    pub total_elements: u64,
    pub total_pages: u64,
    pub size: u64,
    pub page: u64,
    pub number_of_elements: u64,
}

impl<T: Described> Described for Page<T> {
    fn schema(found: &mut Schemas) -> Value {
        let number = || json!({"type": "number"});
        let content = Vec::<T>::schema(found);
        object(vec![
            ("content", content),
            ("total_elements", number()),
            ("total_pages", number()),
            ("size", number()),
            ("page", number()),
            ("number_of_elements", number()),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::global::code::fault;

    fn text<T: Serialize>(body: &T) -> String {
        serde_json::to_string(body).unwrap()
    }

    #[test]
    fn successes_are_wrapped_as_their_operation_does_it() {
        assert_eq!(
            text(&Content::saying("x", "Auth Token generated successfully!")),
            r#"{"content":"x","message":"Auth Token generated successfully!","status_code":"2000","status_reason":"SUCCESS"}"#
        );
        assert_eq!(text(&Content::of(1)), r#"{"content":1,"status_code":"2000","status_reason":"SUCCESS"}"#);
        assert_eq!(
            text(&Content::flagged(1)),
            r#"{"content":1,"is_success":true,"status_code":"2000","status_reason":"SUCCESS"}"#
        );
        assert_eq!(
            text(&Body::of(1)),
            r#"{"body":1,"status_code":"2000","status_reason":"SUCCESS","status_message":"SUCCESS"}"#
        );
        assert_eq!(
            text(&Data::saying(1, "Done")),
            r#"{"data":1,"message":"Done","status_code":"2000","status_reason":"SUCCESS"}"#
        );
        assert_eq!(
            text(&Done::flagged("Subscription status updated successfully to cancelled")),
            r#"{"is_success":true,"message":"Subscription status updated successfully to cancelled","status_code":"2000","status_reason":"SUCCESS"}"#
        );
    }

    #[test]
    fn refusals_have_the_form_of_their_operation() {
        let of = |form| text(&Refusal::of(form, fault::CLIENT_KEY_MISSING));
        assert_eq!(
            of(RefusalForm::Plain),
            r#"{"message":"key is a required field","status_code":"4010","status_reason":"INVALID_UNAUTHORISED_TRANSACTION_IAMPORTKEY_ERROR"}"#
        );
        assert!(of(RefusalForm::Flagged).starts_with(r#"{"is_success":false,"message":"#));
        assert!(
            of(RefusalForm::Twice)
                .ends_with(r#""status_message":"INVALID_UNAUTHORISED_TRANSACTION_IAMPORTKEY_ERROR"}"#)
        );
        assert!(of(RefusalForm::Deduction).contains(r#""status_code":"4010""#));
        let invalid = Refusal::new(
            RefusalForm::Deduction,
            400,
            Code::InvalidRequest,
            "The API request failed due to invalid parameters.",
        );
        assert_eq!(
            text(&invalid),
            r#"{"is_success":false,"message":"The API request failed due to invalid parameters.","status_code":"400","status_reason":"Bad Request"}"#
        );
    }
}
