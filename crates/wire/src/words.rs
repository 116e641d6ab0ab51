//! The closed lists of words: enums that are one string on the wire.

/// Declares an enum whose variants are one word each on the wire.
///
/// It gets `ALL` in the order of declaration, `as_str`, `parse` and serialisation both ways. A word that is not
/// in the list is an error that names the enum and not its (up to 250) members. Serialisation is written out
/// here because the derived one also accepts `{"WORD": null}`, and takes longer to compile.
macro_rules! words {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$about:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$about])* $variant,)+ }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The value of a word on the wire; none when the word is not in the list.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Word;
                impl serde::de::Visitor<'_> for Word {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str(concat!("one of the words of ", stringify!($name)))
                    }

                    fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<Self::Value, E> {
                        $name::parse(word)
                            .ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(word), &self))
                    }
                }
                deserializer.deserialize_str(Word)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .enum_values(Some(Self::ALL.iter().map(|word| word.as_str())))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed(stringify!($name))
            }
        }
    };
}
pub(crate) use words;

#[cfg(test)]
mod tests {
    words! {
        /// Two words.
        pub enum Side {
            Left = "LEFT",
            RightHand = "RIGHT_HAND",
        }
    }

    #[test]
    fn a_word_is_read_as_it_was_written() {
        for side in Side::ALL {
            let text = serde_json::to_string(side).unwrap();
            assert_eq!(text, format!("\"{side}\""));
            assert_eq!(serde_json::from_str::<Side>(&text).unwrap(), *side);
        }
    }

    #[test]
    fn other_words_and_other_shapes_are_refused() {
        for text in ["\"left\"", "\"UP\"", "\"\"", "0", "{\"LEFT\":null}", "[\"LEFT\"]", "null"] {
            assert!(serde_json::from_str::<Side>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_refusal_names_the_enum_and_the_word() {
        let refusal = serde_json::from_str::<Side>("\"UP\"").unwrap_err().to_string();
        assert_eq!(
            refusal,
            "invalid value: string \"UP\", expected one of the words of Side at line 1 column 4"
        );
    }
}
