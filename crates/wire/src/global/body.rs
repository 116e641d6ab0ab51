//! How bodies are declared: their members in the order they are written, and with them what the description
//! says. Written out here because a derived schema takes longer to compile, and because a member that the
//! dialect requires may still be absent when it is read.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};

use crate::global::{Choice, Decimal, Flag, Number, Secret};
use crate::time::Timestamp;

/// The schemas that a description has collected, by name.
#[derive(Debug, Clone, Default)]
pub struct Schemas(pub(super) BTreeMap<&'static str, Value>);

impl Schemas {
    /// A reference to the schema of this name, which is made unless it is there.
    pub(super) fn refer(&mut self, name: &'static str, make: impl FnOnce(&mut Self) -> Value) -> Value {
        if !self.0.contains_key(name) {
            self.0.insert(name, Value::Null);
            let schema = make(self);
            self.0.insert(name, schema);
        }
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }
}

/// What can be described.
pub trait Described {
    /// The schema, or a reference to it when it has a name.
    fn schema(found: &mut Schemas) -> Value;
}

/// An object schema of these members.
pub(super) fn object(members: Vec<(&'static str, Value)>) -> Value {
    let members: Map<String, Value> =
        members.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect();
    json!({"type": "object", "properties": members})
}

/// The same, with a mark on the members that are required.
pub(super) fn marked_object(members: Vec<(&'static str, Value, bool)>) -> Value {
    let required: Vec<&str> =
        members.iter().filter(|(_, _, required)| *required).map(|(name, _, _)| *name).collect();
    let required = json!(required);
    let mut schema = object(members.into_iter().map(|(name, schema, _)| (name, schema)).collect());
    if required != json!([]) {
        schema["required"] = required;
    }
    schema
}

/// A closed list of words.
pub trait Choices: Copy + 'static {
    /// Every word, in the order of the documentation.
    const ALL: &'static [Self];

    fn as_str(self) -> &'static str;

    /// The word, when it is one of the list.
    fn parse(word: &str) -> Option<Self>;
}

macro_rules! described_as {
    ($($kind:ty => $schema:tt,)+) => {
        $(impl Described for $kind {
            fn schema(_: &mut Schemas) -> Value {
                json!($schema)
            }
        })+
    };
}

described_as! {
    String => {"type": "string"},
    bool => {"type": "boolean"},
    Flag => {"type": "boolean"},
    i64 => {"type": "integer"},
    u64 => {"type": "integer"},
    Decimal => {"type": "number", "format": "double"},
    Number => {"type": "number", "format": "double"},
    Timestamp => {"type": "string"},
    Map<String, Value> => {"type": "object"},
}

impl<T: Described> Described for Option<T> {
    fn schema(found: &mut Schemas) -> Value {
        T::schema(found)
    }
}

impl<T: Described> Described for Secret<T> {
    fn schema(found: &mut Schemas) -> Value {
        T::schema(found)
    }
}

impl<T: Described> Described for Vec<T> {
    fn schema(found: &mut Schemas) -> Value {
        let items = T::schema(found);
        json!({"type": "array", "items": items})
    }
}

impl<T: Described, S> Described for HashMap<String, T, S> {
    fn schema(found: &mut Schemas) -> Value {
        let values = T::schema(found);
        json!({"type": "object", "additionalProperties": values})
    }
}

impl<T: Described> Described for BTreeMap<String, T> {
    fn schema(found: &mut Schemas) -> Value {
        let values = T::schema(found);
        json!({"type": "object", "additionalProperties": values})
    }
}

impl<T: Choices> Described for Choice<T> {
    fn schema(_: &mut Schemas) -> Value {
        let words: Vec<&str> = T::ALL.iter().map(|word| word.as_str()).collect();
        json!({"type": "string", "enum": words})
    }
}

/// Declares what a request holds. `member [required]: Kind` is a member that the dialect requires; reading a
/// body without it succeeds all the same. `member as "name"` has another name on the wire.
macro_rules! request {
    ($(#[$about:meta])* pub struct $name:ident {
        $($(#[$meta:meta])* $member:ident $([$need:ident])? $(as $wire:literal)?: $kind:ty,)*
    }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Default, PartialEq, serde::Deserialize)]
        #[serde(default)]
        pub struct $name {
            $($(#[$meta])* $(#[serde(rename = $wire)])? pub $member: Option<$kind>,)*
        }

        impl $crate::global::Described for $name {
            fn schema(found: &mut $crate::global::Schemas) -> serde_json::Value {
                found.refer(stringify!($name), |found| {
                    $crate::global::body::marked_object(vec![$((
                        $crate::global::body::member_name!($member $($wire)?),
                        <$kind as $crate::global::Described>::schema(found),
                        [$(stringify!($need))?].contains(&"required"),
                    ),)*])
                })
            }
        }
    };
}

/// Declares what an answer holds, in the order it is written.
macro_rules! answer {
    ($(#[$about:meta])* pub struct $name:ident {
        $($(#[$meta:meta])* $member:ident $(as $wire:literal)?: $kind:ty,)*
    }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Default, PartialEq, serde::Serialize)]
        pub struct $name {
            $($(#[$meta])* $(#[serde(rename = $wire)])? pub $member: $kind,)*
        }

        impl $crate::global::Described for $name {
            fn schema(found: &mut $crate::global::Schemas) -> serde_json::Value {
                found.refer(stringify!($name), |found| {
                    $crate::global::body::object(vec![$((
                        $crate::global::body::member_name!($member $($wire)?),
                        <$kind as $crate::global::Described>::schema(found),
                    ),)*])
                })
            }
        }
    };
}

/// The name of a member on the wire.
macro_rules! member_name {
    ($member:ident) => {
        stringify!($member)
    };
    ($member:ident $wire:literal) => {
        $wire
    };
}

/// Declares a closed list of words. `any case` in front reads them in upper and lower case alike.
macro_rules! choices {
    (@is $known:expr, $word:ident, case) => {
        $known.eq_ignore_ascii_case($word)
    };
    (@is $known:expr, $word:ident,) => {
        $known == $word
    };
    ($(#[$about:meta])* $(any $case:ident)? pub enum $name:ident {
        $($(#[$meta:meta])* $variant:ident = $word:literal,)+
    }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$meta])* $variant,)+ }

        impl $crate::global::Choices for $name {
            const ALL: &'static [Self] = &[$(Self::$variant,)+];

            fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| {
                    let known = $crate::global::Choices::as_str(*known);
                    $crate::global::body::choices!(@is known, word, $($case)?)
                })
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str($crate::global::Choices::as_str(*self))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str($crate::global::Choices::as_str(*self))
            }
        }

        impl $crate::global::Described for $name {
            fn schema(_: &mut $crate::global::Schemas) -> serde_json::Value {
                let words: Vec<&str> = <Self as $crate::global::Choices>::ALL
                    .iter()
                    .map(|word| $crate::global::Choices::as_str(*word))
                    .collect();
                serde_json::json!({"type": "string", "enum": words})
            }
        }
    };
}

pub(crate) use {answer, choices, member_name, request};

#[cfg(test)]
mod tests {
    use super::*;

    choices! {
        /// Two words.
        any case pub enum Side {
            Left = "left",
            Right = "right",
        }
    }

    request! {
        /// A body.
        pub struct Turn {
            side [required]: Choice<Side>,
            kind as "type": String,
            by [required] as "By": Number,
        }
    }

    #[test]
    fn a_request_is_read_whatever_is_missing_and_described_as_required() {
        let turn: Turn = serde_json::from_str(r#"{"side":"LEFT","type":"x","extra":[1]}"#).unwrap();
        assert_eq!(turn.side, Some(Choice::Known(Side::Left)));
        assert_eq!((turn.kind.as_deref(), turn.by), (Some("x"), None));
        let other: Turn = serde_json::from_str(r#"{"side":"up","By":"2"}"#).unwrap();
        assert_eq!(other.side, Some(Choice::Other("up".to_owned())));
        assert_eq!(other.by.and_then(Number::whole), Some(2));

        let mut found = Schemas::default();
        assert_eq!(Turn::schema(&mut found), json!({"$ref": "#/components/schemas/Turn"}));
        let schema = found.0.get("Turn").unwrap();
        assert_eq!(schema["required"], json!(["side", "By"]));
        assert_eq!(schema["properties"]["side"]["enum"], json!(["left", "right"]));
        assert_eq!(schema["properties"]["type"], json!({"type": "string"}));
    }
}
