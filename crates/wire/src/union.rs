//! Unions: enums whose variants are objects told apart by one member, their tag.

use utoipa::openapi::schema::{Schema, Type};
use utoipa::openapi::{ObjectBuilder, RefOr};

/// Declares a union. The body of a variant does not hold the tag; it is written and read by the union.
///
/// The schema is `oneOf` with a discriminator, as the dialect describes it, and the schema of each body is
/// published with the tag as a required member. A body may be in two unions if its tag is the same in both.
macro_rules! union {
    (
        $(#[$meta:meta])*
        pub enum $name:ident by $tag:literal { $($value:literal => $variant:ident($body:ident),)+ }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(tag = $tag)]
        pub enum $name { $(#[serde(rename = $value)] $variant($body),)+ }

        impl $name {
            /// The value of the tag.
            #[must_use]
            pub const fn tag(&self) -> &'static str {
                match self { $(Self::$variant(_) => $value,)+ }
            }
        }

        $(impl From<$body> for $name {
            fn from(body: $body) -> Self {
                Self::$variant(body)
            }
        })+

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                crate::union::one_of($tag, &[$(($value, <$body as utoipa::ToSchema>::name()),)+])
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed(stringify!($name))
            }

            fn schemas(
                schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::Schema>)>,
            ) {
                $(
                    let body = <$body as utoipa::PartialSchema>::schema();
                    schemas.push((
                        <$body as utoipa::ToSchema>::name().into_owned(),
                        crate::union::tagged(body, $tag, $value),
                    ));
                    <$body as utoipa::ToSchema>::schemas(schemas);
                )+
            }
        }
    };
}
pub(crate) use union;

/// The schema of a union: references to its bodies and the values that lead to them.
pub(crate) fn one_of<N: AsRef<str>>(tag: &str, bodies: &[(&str, N)]) -> RefOr<Schema> {
    use utoipa::openapi::Ref;
    use utoipa::openapi::schema::{Discriminator, OneOfBuilder};

    let mut one_of = OneOfBuilder::new();
    let mut mapping = Vec::with_capacity(bodies.len());
    for (value, name) in bodies {
        let body = Ref::from_schema_name(name.as_ref());
        mapping.push((*value, body.ref_location.clone()));
        one_of = one_of.item(body);
    }
    one_of.discriminator(Some(Discriminator::with_mapping(tag, mapping))).into()
}

/// The schema of a body with the tag its union writes.
pub(crate) fn tagged(body: RefOr<Schema>, tag: &str, value: &str) -> RefOr<Schema> {
    match body {
        RefOr::T(Schema::Object(mut object)) => {
            let word = ObjectBuilder::new().schema_type(Type::String).enum_values(Some([value])).into();
            object.properties.insert(tag.to_owned(), word);
            object.required.insert(0, tag.to_owned());
            RefOr::T(Schema::Object(object))
        }
        other => other,
    }
}
