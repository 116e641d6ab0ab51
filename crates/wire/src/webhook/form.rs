//! `application/x-www-form-urlencoded`, as browsers define it: a handful of characters stand for themselves, a
//! space is `+`, every other byte of UTF-8 is `%` and two digits.

use std::fmt::Write as _;

/// Writes members in the order given.
#[must_use]
pub fn encode(members: &[(&str, &str)]) -> String {
    let mut body = String::with_capacity(128);
    for (name, value) in members {
        if !body.is_empty() {
            body.push('&');
        }
        escape(name, &mut body);
        body.push('=');
        escape(value, &mut body);
    }
    body
}

/// The first value of a member; none when there is none, or when it is not UTF-8.
#[must_use]
pub fn find(body: &str, name: &str) -> Option<String> {
    body.split('&').find_map(|member| {
        let (found, value) = member.split_once('=').unwrap_or((member, ""));
        if unescape(found)? == name { unescape(value) } else { None }
    })
}

fn escape(text: &str, into: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'*' | b'-' | b'.' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                into.push(char::from(byte))
            }
            b' ' => into.push('+'),
            other => {
                // Writing to a string cannot fail.
                let _ = write!(into, "%{other:02X}");
            }
        }
    }
}

fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                u8::try_from(high.checked_mul(16)?.checked_add(low)?).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}
