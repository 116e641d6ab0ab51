//! Bodies: JSON whatever the content type says, and refusals that name the member.
//!
//! A refusal never repeats what was sent: it may be a card number. The good case is parsed once; only
//! a body that cannot be read is gone through again, to find the member that is wrong.

use crate::app::failure::Failure;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

/// Reads a body. An empty one is `{}`.
///
/// # Errors
/// `Invalid`, naming the member and what is accepted.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    let text = bytes.trim_ascii();
    let text = if text.is_empty() { b"{}" } else { text };
    // Derived readers would take an array for an object; the dialect does not.
    if text.first() != Some(&b'{') {
        return Err(Failure::Invalid("the body must be a JSON object".into()));
    }
    if has_nul(text) {
        return Err(Failure::Invalid("the body holds the character U+0000, which no text may hold".into()));
    }
    serde_json::from_slice(text).map_err(|_| refusal::<T>(text))
}

/// Whether some text of the body holds a NUL, which databases refuse. Written raw it is no JSON, so
/// only the escape needs to be looked for.
fn has_nul(text: &[u8]) -> bool {
    const ESCAPE: &[u8] = b"\\u0000";
    let mut backslashes = 0usize;
    text.windows(ESCAPE.len()).any(|window| {
        // A backslash that is itself escaped begins no escape.
        let begins = window == ESCAPE && backslashes.is_multiple_of(2);
        backslashes = if window.first() == Some(&b'\\') { backslashes.saturating_add(1) } else { 0 };
        begins
    })
}

fn refusal<T: DeserializeOwned>(text: &[u8]) -> Failure {
    let mut json = serde_json::Deserializer::from_slice(text);
    let (path, error) = match serde_path_to_error::deserialize::<_, T>(&mut json) {
        Ok(_) => return Failure::Invalid("the body has something behind its JSON object".into()),
        Err(error) => (error.path().to_string(), error.into_inner()),
    };
    match error.classify() {
        Category::Data => Failure::Invalid(member_refusal(&path, &error.to_string())),
        Category::Syntax | Category::Eof | Category::Io => Failure::Invalid(format!(
            "the body is not JSON (line {}, column {})",
            error.line(),
            error.column()
        )),
    }
}

/// A sentence about one member, from where it is and what serde says about it. Only serde's
/// `expected …` is taken over: it comes from our types, while the rest repeats what was sent.
fn member_refusal(path: &str, text: &str) -> String {
    let text = text.rsplit_once(" at line ").map_or(text, |(text, _)| text);
    let at = if path == "." { String::new() } else { path.to_owned() };
    let member = |name: &str| if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
    if let Some(name) = quoted(text, "missing field ") {
        return format!("{} is required", member(name));
    }
    if let Some(name) = quoted(text, "duplicate field ") {
        return format!("{} is given twice", member(name));
    }
    let at = if at.is_empty() { "the body" } else { &at };
    match text.rsplit_once(", expected ") {
        Some((_, expected)) => format!("{at} must be {}", human(expected)),
        None => format!("{at} is not accepted"),
    }
}

fn quoted<'a>(text: &'a str, before: &str) -> Option<&'a str> {
    text.strip_prefix(before)?.strip_prefix('`')?.strip_suffix('`')
}

fn human(expected: &str) -> &str {
    match expected {
        "i64" | "u64" => "an integer",
        "i32" | "u32" => "an integer of at most 32 bits",
        "a sequence" => "an array",
        "a map" => "an object",
        other if other.starts_with("struct ") => "an object",
        other => other,
    }
}

/// Writes a body.
///
/// # Errors
/// `Internal`; no type of the dialect makes it possible.
pub fn written<T: serde::Serialize>(body: &T) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec(body)
        .map_err(|error| Failure::internal(format!("an answer cannot be written: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use paypier_wire::v2::{CancelPaymentBody, GetPaymentsBody, InstantPaymentInput, ResendWebhookBody};
    use proptest::prelude::*;

    fn refused<T: DeserializeOwned>(body: &str) -> String {
        match read::<T>(body.as_bytes()) {
            Err(Failure::Invalid(text)) => text,
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("accepted: {body}"),
        }
    }

    #[test]
    fn refusals_name_the_member_and_what_is_accepted() {
        for (body, refusal) in [
            ("", "reason is required"),
            ("[]", "the body must be a JSON object"),
            ("null", "the body must be a JSON object"),
            ("\"text\"", "the body must be a JSON object"),
            ("{", "the body is not JSON (line 1, column 1)"),
            (r#"{"reason": "x",}"#, "the body is not JSON (line 1, column 16)"),
            (r#"{"reason": "x"} {}"#, "the body has something behind its JSON object"),
            (r#"{"reason": 5}"#, "reason must be a string"),
            (r#"{"reason": null}"#, "reason must be a string"),
            (r#"{"reason": "x", "amount": 10.5}"#, "amount must be an integer"),
            (r#"{"reason": "x", "amount": 1000.0}"#, "amount must be an integer"),
            (r#"{"reason": "x", "amount": 1e3}"#, "amount must be an integer"),
            (r#"{"reason": "x", "amount": "1000"}"#, "amount must be an integer"),
            (r#"{"reason": "x", "amount": 99999999999999999999}"#, "amount must be an integer"),
            (r#"{"reason": "x", "reason": "y"}"#, "reason is given twice"),
            (
                r#"{"reason": "x", "requester": "ME"}"#,
                "requester must be one of the words of CancelRequester",
            ),
            (r#"{"reason": "x", "skipWebhook": 1}"#, "skipWebhook must be a boolean"),
            (r#"{"reason": "x", "refundAccount": 1}"#, "refundAccount must be an object"),
            (
                r#"{"reason": "x", "refundAccount": {"bank": "KAKAO", "number": "1"}}"#,
                "refundAccount.holderName is required",
            ),
            (r#"{"reason": "a\u0000b"}"#, "the body holds the character U+0000, which no text may hold"),
        ] {
            assert_eq!(refused::<CancelPaymentBody>(body), refusal, "{body}");
        }
        assert_eq!(
            refused::<GetPaymentsBody>(r#"{"filter": {"status": ["PAID", "LOST"]}}"#),
            "filter.status[1] must be one of the words of PaymentStatus"
        );
        assert_eq!(
            refused::<GetPaymentsBody>(r#"{"page": {"size": 99999999999}}"#),
            "page.size must be an integer of at most 32 bits"
        );
    }

    #[test]
    fn null_and_unknown_members_are_passed_over_and_nothing_is_an_empty_object() {
        for body in ["", "  \n", "{}", r#"{"webhookId": null, "invented": {"by": [1.5]}}"#] {
            assert!(read::<ResendWebhookBody>(body.as_bytes()).is_ok(), "{body}");
        }
        assert!(read::<CancelPaymentBody>(br#"{"reason": "a literal \\u0000"}"#).is_ok());
    }

    #[test]
    fn a_card_number_is_never_repeated() {
        for body in [
            r#"{"method": {"card": {"credential": {"number": 4242424242424242}}}}"#,
            r#"{"method": {"card": {"credential": {"number": "4242424242424242", "expiryYear": 30}}}}"#,
            r#"{"method": {"card": "4242424242424242"}}"#,
            r#"{"method": "4242424242424242, expected x"}"#,
            r#"{"currency": "4242424242424242"}"#,
            r#"{"amount": {"total": "4242424242424242"}}"#,
            r#"{"products": [{"quantity": 4242424242424242}]}"#,
            r#"{"bypass": "4242424242424242"}"#,
            r#"{"method": {"virtualAccount": {"expiry": {"dueDate": "4242424242424242 at line , expected 4242424242424242"}}}}"#,
        ] {
            assert!(
                !refused::<InstantPaymentInput>(body).contains("4242"),
                "{}",
                refused::<InstantPaymentInput>(body)
            );
        }
    }

    proptest! {
        #[test]
        fn no_body_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "[{}\\[\\]\":,a-z0-9\\\\ue.]{0,80}") {
            let _ = read::<CancelPaymentBody>(&bytes);
            let _ = read::<CancelPaymentBody>(text.as_bytes());
        }
    }
}
