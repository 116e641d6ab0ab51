//! Raw addresses taken apart: first split, then decoded.
//!
//! A merchant's id may hold any character, encoded: `/`, `?`, `#`, blanks, Korean, `..`. So a path is
//! split on `/` while it is still encoded, and each segment is decoded on its own; nothing is
//! normalised. What is not UTF-8 or not well encoded is refused, never repaired.

use std::fmt;

/// Why a part of an address cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Malformed {
    /// `%` without two hexadecimal digits behind it.
    Escape,
    NotUtf8,
    /// There is no such part.
    Missing,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Escape => "has a % that two hexadecimal digits do not follow",
            Self::NotUtf8 => "is not UTF-8 after decoding",
            Self::Missing => "is missing",
        })
    }
}

/// What a `+` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plus {
    Itself,
    Blank,
}

/// The `index`th segment of a raw path, from 0, decoded.
///
/// # Errors
/// See [`Malformed`].
pub fn segment(path: &str, index: usize) -> Result<String, Malformed> {
    let raw = path.strip_prefix('/').unwrap_or(path).split('/').nth(index).ok_or(Malformed::Missing)?;
    decoded(raw, Plus::Itself)
}

/// The value of the first query parameter of this name, decoded; `+` is a blank, as forms and the
/// Python SDK write it.
///
/// # Errors
/// See [`Malformed`].
pub fn parameter(query: Option<&str>, name: &str) -> Result<Option<String>, Malformed> {
    let found = query.unwrap_or_default().split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let is_it = key == name || decoded(key, Plus::Blank).is_ok_and(|key| key == name);
        is_it.then_some(value)
    });
    found.map(|value| decoded(value, Plus::Blank)).transpose()
}

fn decoded(raw: &str, plus: Plus) -> Result<String, Malformed> {
    if !raw.bytes().any(|byte| byte == b'%' || (byte == b'+' && plus == Plus::Blank)) {
        return Ok(raw.to_owned());
    }
    let mut bytes = raw.bytes();
    let mut plain = Vec::with_capacity(raw.len());
    while let Some(byte) = bytes.next() {
        plain.push(match byte {
            b'%' => {
                let digit =
                    |byte: Option<u8>| char::from(byte?).to_digit(16).and_then(|d| u8::try_from(d).ok());
                let (Some(high), Some(low)) = (digit(bytes.next()), digit(bytes.next())) else {
                    return Err(Malformed::Escape);
                };
                (high << 4) | low
            }
            b'+' if plus == Plus::Blank => b' ',
            other => other,
        });
    }
    String::from_utf8(plain).map_err(|_| Malformed::NotUtf8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn segments_are_split_before_they_are_decoded() {
        for (path, index, id) in [
            ("/payments/order-1", 1, Ok("order-1")),
            ("/payments/a%2Fb/cancel", 1, Ok("a/b")),
            ("/payments/a%2fb/cancel", 2, Ok("cancel")),
            ("/payments/a%3Fb%3Dc", 1, Ok("a?b=c")),
            ("/payments/a%23b", 1, Ok("a#b")),
            ("/payments/a%20b", 1, Ok("a b")),
            ("/payments/a+b", 1, Ok("a+b")),
            ("/payments/a%252Fb", 1, Ok("a%2Fb")),
            ("/payments/%EC%A3%BC%EB%AC%B8-%F0%9F%98%80", 1, Ok("주문-😀")),
            ("/payments/..", 1, Ok("..")),
            ("/payments/%2E%2E%2Fx", 1, Ok("../x")),
            ("/payments/a%00b", 1, Ok("a\0b")),
            ("/payments//cancel", 1, Ok("")),
            ("/payments", 1, Err(Malformed::Missing)),
            ("/payments/a%2", 1, Err(Malformed::Escape)),
            ("/payments/a%", 1, Err(Malformed::Escape)),
            ("/payments/%zz", 1, Err(Malformed::Escape)),
            ("/payments/%+1", 1, Err(Malformed::Escape)),
            ("/payments/%ff", 1, Err(Malformed::NotUtf8)),
            ("/payments/%ED%A0%80", 1, Err(Malformed::NotUtf8)),
        ] {
            assert_eq!(segment(path, index).as_deref().map_err(|e| *e), id, "{path}");
        }
    }

    #[test]
    fn parameters_are_found_by_name_and_a_plus_is_a_blank() {
        for (query, value) in [
            (None, Ok(None)),
            (Some(""), Ok(None)),
            (Some("&&"), Ok(None)),
            (Some("storeId=store-1"), Ok(Some("store-1"))),
            (Some("x=1&storeId=a%26b+c%2B"), Ok(Some("a&b c+"))),
            (Some("store%49d=x"), Ok(Some("x"))),
            (Some("storeId"), Ok(Some(""))),
            (Some("storeId=a=b"), Ok(Some("a=b"))),
            (Some("storeId=1&storeId=2"), Ok(Some("1"))),
            (Some("storeId=%"), Err(Malformed::Escape)),
            (Some("%zz=1&storeId=x"), Ok(Some("x"))),
        ] {
            let found = parameter(query, "storeId");
            assert_eq!(found.as_ref().map(Option::as_deref).map_err(|e| *e), value, "{query:?}");
        }
    }

    proptest! {
        #[test]
        fn what_was_encoded_is_read_back(id in ".{0,40}", rest in "[a-z/%.]{0,10}") {
            let encoded = percent_encoding::utf8_percent_encode(&id, percent_encoding::NON_ALPHANUMERIC);
            prop_assert_eq!(segment(&format!("/payments/{encoded}/{rest}"), 1), Ok(id.clone()));
            prop_assert_eq!(parameter(Some(&format!("a=b&c={encoded}&d")), "c"), Ok(Some(id)));
        }

        #[test]
        fn no_address_panics(address in "\\PC{0,60}", escapes in "[%0-9a-fA-F/+&=]{0,60}", index in 0usize..5) {
            for text in [address, escapes] {
                let _ = segment(&text, index);
                let _ = parameter(Some(&text), "c");
            }
        }
    }
}
