//! What requests may write in more than one way, and what may be wrong without making the body unreadable.

use std::fmt;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::global::body::Choices;
use crate::global::{Decimal, NotADecimal};

/// A number, or a text that holds one. Anything else is kept as the fault it is: the dialect answers a wrong
/// amount with another code than a body that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number(pub Result<Decimal, NotADecimal>);

impl Number {
    /// The number, when it is a usable one.
    #[must_use]
    pub fn decimal(self) -> Option<Decimal> {
        self.0.ok()
    }

    /// The number, when it is a whole one.
    #[must_use]
    pub fn whole(self) -> Option<i64> {
        self.decimal().and_then(Decimal::whole)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = raw.get();
        let number = if text.starts_with('"') {
            match serde_json::from_str::<String>(text) {
                Ok(text) => text.parse(),
                Err(error) => return Err(D::Error::custom(error)),
            }
        } else {
            text.parse()
        };
        Ok(Self(number))
    }
}

/// `true` and `false`, also as texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flag(pub bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Flag;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true or false")
            }

            fn visit_bool<E: Error>(self, value: bool) -> Result<Flag, E> {
                Ok(Flag(value))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Flag, E> {
                if text.eq_ignore_ascii_case("true") {
                    Ok(Flag(true))
                } else if text.eq_ignore_ascii_case("false") {
                    Ok(Flag(false))
                } else {
                    Err(E::invalid_value(Unexpected::Str(text), &self))
                }
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// A word of a list, or another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice<T> {
    Known(T),
    Other(String),
}

impl<T: Copy> Choice<T> {
    /// The word, when it is one of the list.
    #[must_use]
    pub fn known(&self) -> Option<T> {
        match self {
            Self::Known(word) => Some(*word),
            Self::Other(_) => None,
        }
    }
}

impl<T: Choices> Choice<T> {
    /// As it was sent, but for the case of letters where that does not count.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Known(word) => word.as_str(),
            Self::Other(word) => word,
        }
    }
}

impl<'de, T: Choices> Deserialize<'de> for Choice<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        Ok(match T::parse(&word) {
            Some(known) => Self::Known(known),
            None => Self::Other(word),
        })
    }
}

/// A text that is not shown when debugged.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret<T = String>(pub T);

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Secret<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

impl<T: serde::Serialize> serde::Serialize for Secret<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Body {
        amount: Option<Number>,
        flag: Option<Flag>,
    }

    fn amount(json: &str) -> Option<Number> {
        serde_json::from_str::<Body>(&format!("{{\"amount\": {json} }}")).unwrap().amount
    }

    #[test]
    fn amounts_are_read_digit_by_digit() {
        for (json, exact) in [
            ("100", "100"),
            ("100.250", "100.25"),
            ("\"100.250\"", "100.25"),
            ("\"\\u0031\"", "1"),
            ("0.1", "0.1"),
            ("1e2", "100"),
            // A double would make 9007199254740992 of it.
            ("9007199254740993", "9007199254740993"),
            ("0.30000000000000004", "0.30000000000000004"),
        ] {
            assert_eq!(amount(json), Some(Number(Ok(exact.parse().unwrap()))), "{json}");
        }
    }

    #[test]
    fn a_wrong_amount_does_not_make_the_body_unreadable() {
        assert_eq!(amount("null"), None);
        for json in ["\"abc\"", "\"\"", "\"1,000\"", "true", "{}", "[1]", "\"NaN\"", "\" 1\""] {
            assert_eq!(amount(json), Some(Number(Err(NotADecimal::NotANumber))), "{json}");
        }
        assert_eq!(amount("1e400"), Some(Number(Err(NotADecimal::OutOfRange))));
        assert!(serde_json::from_str::<Body>("{\"amount\": NaN}").is_err(), "no JSON");
        assert!(serde_json::from_str::<Body>("{\"amount\": 1, \"amount\": 2}").is_err(), "given twice");
    }

    #[test]
    fn flags_are_read_as_texts_too() {
        for (json, value) in
            [("true", true), ("false", false), ("\"true\"", true), ("\"False\"", false), ("\"TRUE\"", true)]
        {
            let body: Body = serde_json::from_str(&format!("{{\"flag\":{json}}}")).unwrap();
            assert_eq!(body.flag, Some(Flag(value)), "{json}");
        }
        for json in ["1", "\"yes\"", "\"\"", "{}"] {
            assert!(serde_json::from_str::<Body>(&format!("{{\"flag\":{json}}}")).is_err(), "{json}");
        }
    }

    #[test]
    fn a_secret_does_not_show_itself() {
        assert_eq!(format!("{:?}", Secret("hidden".to_owned())), "Secret(..)");
    }
}
