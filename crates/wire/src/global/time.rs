//! Instants, in the format of each member. They are not one: some are written as RFC 3339 ([`Timestamp`]), some
//! with blanks and a zone by name, with six or nine digits of a second.

use std::fmt;

use jiff::Timestamp as Instant;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::global::body::{Described, Schemas};
use crate::time::Timestamp;

/// The instant of a text that a request may hold: ISO 8601 with or without a fraction, a `T`, an offset or a
/// time of day. Without an offset it is UTC.
#[must_use]
pub fn read(text: &str) -> Option<Instant> {
    // jiff reads more: basic forms, zone names in brackets.
    let dated = matches!(text.as_bytes(), [_, _, _, _, b'-', _, _, b'-', _, _, ..]);
    if !dated || text.ends_with(']') {
        return None;
    }
    if let Ok(instant) = text.parse::<Instant>() {
        return Some(instant);
    }
    let civil: DateTime = text.parse().ok()?;
    civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

macro_rules! format {
    ($(#[$about:meta])* $name:ident, $pattern:literal, $sample:literal) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Instant);

        impl $name {
            /// How one looks.
            pub const SAMPLE: &'static str = $sample;
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.to_zoned(TimeZone::UTC).strftime($pattern).fmt(f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl From<Instant> for $name {
            fn from(instant: Instant) -> Self {
                Self(instant)
            }
        }

        impl From<Timestamp> for $name {
            fn from(timestamp: Timestamp) -> Self {
                Self(timestamp.get())
            }
        }

        impl Described for $name {
            fn schema(_: &mut Schemas) -> Value {
                json!({"type": "string", "example": $sample})
            }
        }
    };
}

format! {
    /// `created_at` of payment webhooks and `refund_date` of refund webhooks. Always six digits.
    Microseconds, "%Y-%m-%d %H:%M:%S.%6f +0000 UTC", "2024-09-26 10:55:14.573735 +0000 UTC"
}

format! {
    /// `created_at` in the answer to adding a webhook. Always nine digits.
    Nanoseconds, "%Y-%m-%d %H:%M:%S.%9f +0000 UTC", "2022-06-29 05:50:34.020042694 +0000 UTC"
}

format! {
    /// Dates that came with a request and are answered as the documentation writes them. Always three digits.
    Milliseconds, "%Y-%m-%dT%H:%M:%S.%3fZ", "2024-07-28T18:30:00.000Z"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_the_documentation_writes_is_read() {
        for (text, instant) in [
            ("2024-07-28T18:30:00.000Z", "2024-07-28T18:30:00Z"),
            ("2006-01-02 15:04:05", "2006-01-02T15:04:05Z"),
            ("2022-12-11T09:05:35.803Z", "2022-12-11T09:05:35.803Z"),
            ("2021-08-20T13:00:00+05:30", "2021-08-20T07:30:00Z"),
            ("2021-07-08T23:58:05.190121+05:30", "2021-07-08T18:28:05.190121Z"),
            ("2024-07-28T18:30:00", "2024-07-28T18:30:00Z"),
            ("2024-07-28", "2024-07-28T00:00:00Z"),
        ] {
            assert_eq!(read(text), Some(instant.parse().unwrap()), "{text}");
        }
        for text in ["", "today", "20240728", "2024-13-01", "2024-07-28T25:00:00Z", "1722191400"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read("2024-07-28T18:30:00+07:00[Asia/Bangkok]"), None);
    }

    #[test]
    fn each_format_looks_like_its_sample() {
        let at = |text: &str| text.parse::<Instant>().unwrap();
        let micros = Microseconds(at("2024-09-26T10:55:14.573735Z"));
        assert_eq!(serde_json::to_value(micros).unwrap(), Microseconds::SAMPLE);
        assert_eq!(
            Microseconds(at("2024-09-26T10:55:14Z")).to_string(),
            "2024-09-26 10:55:14.000000 +0000 UTC"
        );
        assert_eq!(Nanoseconds(at("2022-06-29T05:50:34.020042694Z")).to_string(), Nanoseconds::SAMPLE);
        assert_eq!(Milliseconds(at("2024-07-28T18:30:00Z")).to_string(), Milliseconds::SAMPLE);
        assert_eq!(Milliseconds(at("2024-07-28T18:30:00.1234Z")).to_string(), "2024-07-28T18:30:00.123Z");
    }
}
