//! The name of one request, in the log and in the answer: the caller's own, when it is harmless.

use http::{HeaderMap, HeaderName, HeaderValue};
use std::fmt;
use std::sync::Arc;

pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is taken over from a caller, in characters.
const LONGEST: usize = 128;

/// Letters, digits and `._-:/+=@` only, so that it can stand in any log line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// The caller's id, or else one from `make`.
    pub fn of(headers: &HeaderMap, make: impl FnOnce() -> String) -> Self {
        let theirs = headers.get(&HEADER).and_then(|value| value.to_str().ok()).filter(|id| is_harmless(id));
        Self(theirs.map_or_else(|| make().into(), Into::into))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// For the answer's headers.
    pub fn header(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).unwrap_or_else(|_| HeaderValue::from_static("unprintable"))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_harmless(id: &str) -> bool {
    (1..=LONGEST).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-:/+=@".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harmless_ids_are_kept_and_others_replaced() {
        let long = "x".repeat(LONGEST + 1);
        for (sent, kept) in [
            (Some("req-1"), true),
            (Some("a.b:c/d+e=f@g_h"), true),
            (Some(""), false),
            (Some("two words"), false),
            (Some("a\tb"), false),
            (Some("{\"a\":1}"), false),
            (Some(long.as_str()), false),
            (None, false),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(sent) = sent {
                headers.insert(HEADER, HeaderValue::from_str(sent).unwrap());
            }
            let id = RequestId::of(&headers, || "ours".into());
            assert_eq!(id.as_str() == "ours", !kept, "{sent:?}");
        }
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, HeaderValue::from_bytes(b"\xff\xfe").unwrap());
        assert_eq!(RequestId::of(&headers, || "ours".into()).as_str(), "ours");
    }
}
