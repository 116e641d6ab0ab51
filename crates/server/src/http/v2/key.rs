//! The `Idempotency-Key` header: the caller's name for one request.
//!
//! An RFC 8941 string, so in quotes; earlier documentation showed it bare, so both are taken and mean
//! the same key.

use crate::app::failure::Failure;
use http::HeaderMap;
use sha2::{Digest, Sha256};

const HEADER: &str = "idempotency-key";

/// The key, without its quotes.
///
/// # Errors
/// `Invalid` when there are two, or it is not 16 to 256 printable ASCII characters, or its quotes do
/// not match.
pub fn read(headers: &HeaderMap) -> Result<Option<String>, Failure> {
    let mut all = headers.get_all(HEADER).iter();
    let Some(value) = all.next() else { return Ok(None) };
    let key = value.to_str().ok().and_then(|text| unquoted(text.trim()));
    match (key, all.next()) {
        (Some(key), None) => Ok(Some(key)),
        _ => Err(Failure::Invalid(
            "Idempotency-Key must be one text of 16 to 256 printable ASCII characters, in double quotes or bare".into(),
        )),
    }
}

fn unquoted(text: &str) -> Option<String> {
    let key = match text.strip_prefix('"') {
        Some(rest) => {
            let mut key = String::with_capacity(rest.len());
            let mut characters = rest.chars();
            loop {
                match characters.next()? {
                    '"' => break,
                    '\\' => key.push(characters.next().filter(|c| matches!(c, '"' | '\\'))?),
                    other => key.push(other),
                }
            }
            // Parameters behind the string have no meaning here.
            characters.next().is_none().then_some(key)?
        }
        None if text.contains('"') => return None,
        None => text.to_owned(),
    };
    let is_printable = key.bytes().all(|byte| (0x20..=0x7e).contains(&byte));
    ((16..=256).contains(&key.len()) && is_printable).then_some(key)
}

/// What tells one request from another that carries the same key.
pub fn fingerprint(method: &str, address: &str, body: &[u8]) -> [u8; 32] {
    let mut digest = Sha256::new();
    // Neither a method nor an address holds a line feed, so the parts cannot run into each other.
    for part in [method.as_bytes(), b"\n", address.as_bytes(), b"\n", body] {
        digest.update(part);
    }
    digest.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn keys_are_read_in_quotes_and_bare() {
        let longest = "x".repeat(256);
        let too_long = "x".repeat(257);
        for (sent, key) in [
            ("\"0123456789abcdef\"", Some("0123456789abcdef")),
            ("0123456789abcdef", Some("0123456789abcdef")),
            ("  0123456789abcdef ", Some("0123456789abcdef")),
            (r#""a\"b\\c-0123456789""#, Some("a\"b\\c-0123456789")),
            (&longest, Some(longest.as_str())),
            (&too_long, None),
            ("0123456789abcde", None),
            ("", None),
            ("\"\"", None),
            ("\"unfinished-quotation-mark", None),
            ("unbegun-quotation-mark\"", None),
            ("\"0123456789abcdef\";a=1", None),
            (r#""escapes \nothing else""#, None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HEADER, HeaderValue::from_str(sent).unwrap());
            assert_eq!(read(&headers).ok().flatten().as_deref(), key, "{sent}");
            assert_eq!(read(&headers).is_err(), key.is_none(), "{sent}");
        }
        assert_eq!(read(&HeaderMap::new()), Ok(None));
    }

    #[test]
    fn garbage_and_two_keys_are_refused() {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, HeaderValue::from_bytes(b"\xff123456789abcdef0").unwrap());
        assert!(read(&headers).is_err());
        headers.insert(HEADER, HeaderValue::from_static("0123456789abcdef"));
        headers.append(HEADER, HeaderValue::from_static("0123456789abcdef"));
        assert!(read(&headers).is_err());
    }

    #[test]
    fn every_part_of_a_request_counts() {
        let prints =
            [("POST", "/a", "b"), ("DELETE", "/a", "b"), ("POST", "/a?x", "b"), ("POST", "/a", "bc")]
                .map(|(method, address, body)| fingerprint(method, address, body.as_bytes()));
        for (index, print) in prints.iter().enumerate() {
            assert!(!prints[..index].contains(print));
        }
    }
}
