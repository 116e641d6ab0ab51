//! Instants on the wire.
//!
//! Written as RFC 3339 in UTC with `Z` and as many digits of a second as are needed, at most six: some clients
//! parse nothing else. Read with any offset. What a calendar makes of an instant is left to `domain`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::de::{self, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::schema::{KnownFormat, Schema, SchemaFormat, Type};
use utoipa::openapi::{ObjectBuilder, RefOr};
use utoipa::{PartialSchema, ToSchema};

/// An instant, in whole microseconds. Anything finer is cut off when it is made, so that what was written and
/// what is read back are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// The instant itself.
    #[must_use]
    pub const fn get(self) -> jiff::Timestamp {
        self.0
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(instant: jiff::Timestamp) -> Self {
        // Whole microseconds of an instant in range are in range.
        Self(jiff::Timestamp::from_microsecond(instant.as_microsecond()).unwrap_or(instant))
    }
}

impl From<Timestamp> for jiff::Timestamp {
    fn from(timestamp: Timestamp) -> Self {
        timestamp.0
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// The text is not an instant in RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotRfc3339;

impl fmt::Display for NotRfc3339 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an RFC 3339 date and time with an offset")
    }
}

impl std::error::Error for NotRfc3339 {}

impl FromStr for Timestamp {
    type Err = NotRfc3339;

    fn from_str(text: &str) -> Result<Self, NotRfc3339> {
        // jiff reads more than RFC 3339: basic form, hours alone, zone names in brackets.
        let plain = matches!(
            text.as_bytes(),
            [_, _, _, _, b'-', _, _, b'-', _, _, b'T' | b't' | b' ', _, _, b':', _, _, b':', _, _, _, ..]
        );
        if !plain || text.ends_with(']') {
            return Err(NotRfc3339);
        }
        text.parse::<jiff::Timestamp>().map(Self::from).map_err(|_| NotRfc3339)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Timestamp;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an RFC 3339 date and time with an offset")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Timestamp, E> {
                text.parse().map_err(|_| E::invalid_value(Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

impl PartialSchema for Timestamp {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .into()
    }
}

impl ToSchema for Timestamp {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Timestamp")
    }
}

/// A day of the calendar, without a zone: `2024-04-25`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(jiff::civil::Date);

impl Date {
    /// The day itself.
    #[must_use]
    pub const fn get(self) -> jiff::civil::Date {
        self.0
    }
}

impl From<jiff::civil::Date> for Date {
    fn from(day: jiff::civil::Date) -> Self {
        Self(day)
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Date;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a day as YYYY-MM-DD")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Date, E> {
                // jiff reads more than that: basic form, and times behind the day.
                let is_plain = matches!(text.as_bytes(), [_, _, _, _, b'-', _, _, b'-', _, _]);
                let day = is_plain.then(|| text.parse().ok()).flatten();
                day.map(Date).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

impl PartialSchema for Date {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
            .into()
    }
}

impl ToSchema for Date {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Date")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_offset_is_read_and_utc_is_written() {
        for (read, written) in [
            ("2024-04-25T10:00:00Z", "2024-04-25T10:00:00Z"),
            ("2024-04-25t10:00:00z", "2024-04-25T10:00:00Z"),
            ("2024-04-25T10:00:00+09:00", "2024-04-25T01:00:00Z"),
            ("2024-04-25T10:00:00.5-03:30", "2024-04-25T13:30:00.5Z"),
            ("2024-04-25T10:00:00.123456789Z", "2024-04-25T10:00:00.123456Z"),
            ("2024-04-25T10:00:00.000Z", "2024-04-25T10:00:00Z"),
        ] {
            let timestamp: Timestamp = serde_json::from_value(read.into()).unwrap();
            assert_eq!(serde_json::to_value(timestamp).unwrap(), written);
        }
    }

    #[test]
    fn what_is_not_rfc_3339_is_refused() {
        for text in [
            "",
            "2024-04-25",
            "2024-04-25T10:00:00",
            "20240425T100000Z",
            "2024-04-25T10Z",
            "2024-04-25T10:00Z",
            "2024-13-25T10:00:00Z",
            "2024-04-25T25:00:00Z",
            "2024-04-25T10:00:00+09:00[Asia/Seoul]",
            "1714039200",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
        assert!(serde_json::from_value::<Timestamp>(1_714_039_200.into()).is_err());
    }

    #[test]
    fn days_are_read_in_one_form() {
        for day in ["2024-02-29", "0001-01-01", "9999-12-31"] {
            let read: Date = serde_json::from_value(day.into()).unwrap();
            assert_eq!(serde_json::to_value(read).unwrap(), day);
        }
        for text in ["", "20240229", "2024-02-30", "2023-02-29", "2024-2-9", "2024-02-29T00:00", "2024-W09-4"]
        {
            assert!(serde_json::from_value::<Date>(text.into()).is_err(), "{text}");
        }
    }
}
