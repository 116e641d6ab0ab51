//! The description of the dialect, built from [`operations`] and the types they name. Nothing is described here
//! that is not in the table; what an operation means is told in the documentation, not in this document.

use std::borrow::Cow;
use std::collections::BTreeMap;

use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::{
    HttpMethod, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathItem, PathsBuilder,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::response::ResponsesBuilder;
use utoipa::openapi::schema::{ArrayItems, KnownFormat, SchemaFormat, SchemaType, Type};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ComponentsBuilder, Content, InfoBuilder, ObjectBuilder, OpenApi, OpenApiBuilder, Paths, Ref, RefOr,
    Required, ResponseBuilder, Schema,
};
use utoipa::{PartialSchema, ToSchema};

use crate::time::{Date, Timestamp};
use crate::union::{one_of, tagged};
use crate::v2::PlatformErrorDetails;
use crate::v2::error::{ChannelSpecificError, ErrorType, PgProviderError, Problem};
use crate::v2::october;
use crate::v2::operation::{
    Access, Method, Operation, QueryValue, Request, Schemas, Stability, Subject, operations, path_word,
};

/// The scheme of an access token.
const BEARER: &str = "bearerJwt";
/// The scheme of an API secret.
const SECRET: &str = "portOne";

/// The whole document. Takes some milliseconds to build: keep it.
#[must_use]
pub fn openapi() -> OpenApi {
    let info = InfoBuilder::new()
        .title("paypier, V2 dialect")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Amounts are integers in minor units of their currency. Members without a value are left out. \
             Success is always 200.",
        ))
        .build();
    let components = ComponentsBuilder::new()
        .schemas_from_iter(schemas())
        .security_scheme(
            BEARER,
            SecurityScheme::Http(
                HttpBuilder::new()
                    .scheme(HttpAuthScheme::Bearer)
                    .description(Some("An access token, as answered by `POST /login/api-secret`."))
                    .build(),
            ),
        )
        .security_scheme(
            SECRET,
            SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(
                "Authorization",
                "`PortOne `, with the space, and an API secret.",
            ))),
        )
        .build();
    let tags = [
        Subject::Payment,
        Subject::BillingKey,
        Subject::Schedule,
        Subject::Promotion,
        Subject::Checkout,
        Subject::CashReceipt,
        Subject::IdentityVerification,
        Subject::Reconciliation,
        Subject::PgSpecific,
        Subject::Platform,
        Subject::Auth,
        Subject::Common,
    ]
    .map(|subject| TagBuilder::new().name(subject.as_str()).build());
    OpenApiBuilder::new().info(info).paths(paths()).components(Some(components)).tags(Some(tags)).build()
}

fn paths() -> Paths {
    operations()
        .fold(PathsBuilder::new(), |paths, operation| {
            let method = match operation.method {
                Method::Get => HttpMethod::Get,
                Method::Post => HttpMethod::Post,
                Method::Put => HttpMethod::Put,
                Method::Patch => HttpMethod::Patch,
                Method::Delete => HttpMethod::Delete,
            };
            paths.path(operation.path, PathItem::new(method, described(operation)))
        })
        .build()
}

fn described(operation: &Operation) -> OperationBuilder {
    let mut described = OperationBuilder::new()
        .operation_id(Some(operation.id))
        .tag(operation.subject.as_str())
        .summary(Some(operation.summary))
        .parameters(Some(parameters(operation)))
        .responses(responses(operation).build());
    if operation.access == Access::Credential {
        described = described
            .security(SecurityRequirement::new::<_, [String; 0], String>(BEARER, []))
            .security(SecurityRequirement::new::<_, [String; 0], String>(SECRET, []));
    }
    if operation.stability == Stability::Unstable {
        described =
            described.extensions(Some(ExtensionsBuilder::new().add("x-portone-unstable", true).build()));
    }
    let (body, required) = match &operation.request {
        Request::None | Request::Query(_) => return described,
        Request::Body(body) => (body, Required::True),
        Request::QueryOrBody(body) | Request::NeededQueryOrBody(body) => (body, Required::False),
    };
    described.request_body(Some(
        RequestBodyBuilder::new().content(JSON, content(body.name)).required(Some(required)).build(),
    ))
}

const JSON: &str = "application/json";

fn content(schema: &str) -> Content {
    Content::new(Some(Ref::from_schema_name(schema)))
}

fn parameters(operation: &Operation) -> Vec<Parameter> {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let path = operation.path_parameters().map(|name| {
        let value = match path_word(name) {
            Some(word) => RefOr::from(Ref::from_schema_name(word.name)),
            None => text().into(),
        };
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .schema(Some(value))
            .build()
    });
    let query = operation.query.iter().map(|query| {
        let (value, required) = match &query.value {
            QueryValue::Needed(value) => (*value, Required::True),
            value => (value, Required::False),
        };
        ParameterBuilder::new()
            .name(query.name)
            .parameter_in(ParameterIn::Query)
            .required(required)
            .schema(Some(schema_of(value)))
            .build()
    });
    let mut parameters: Vec<Parameter> = path.chain(query).collect();
    if let Request::QueryOrBody(criteria) | Request::NeededQueryOrBody(criteria) = &operation.request {
        let is_needed = matches!(operation.request, Request::NeededQueryOrBody(_));
        let mark = serde_json::json!({"enabled": true, "required": is_needed});
        let mut parameter = ParameterBuilder::new()
            .name("requestBody")
            .parameter_in(ParameterIn::Query)
            .required(Required::False)
            .description(Some("The criteria as JSON, for clients that cannot send a body."))
            .extensions(Some(ExtensionsBuilder::new().add("x-portone-query-or-body", mark).build()))
            .build();
        parameter.content = BTreeMap::from([(JSON.to_owned(), RefOr::T(content(criteria.name)))]);
        parameters.push(parameter);
    }
    if let Request::Query(criteria) = &operation.request {
        let mut parameter = ParameterBuilder::new()
            .name("requestBody")
            .parameter_in(ParameterIn::Query)
            .required(Required::True)
            .description(Some("The criteria as JSON."))
            .build();
        parameter.content = BTreeMap::from([(JSON.to_owned(), RefOr::T(content(criteria.name)))]);
        parameters.push(parameter);
    }
    if operation.takes_idempotency_key() {
        let key = ParameterBuilder::new()
            .name("Idempotency-Key")
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some("Names the request: the same key is answered once."))
            .schema(Some(text()))
            .build();
        parameters.push(key);
    }
    parameters
}

fn collect_words(value: &QueryValue, found: &mut Schemas) {
    match value {
        QueryValue::Text | QueryValue::Flag | QueryValue::Integer => {}
        QueryValue::Word(word) => word.collect(found),
        QueryValue::Needed(value) => collect_words(value, found),
    }
}

fn schema_of(value: &QueryValue) -> RefOr<Schema> {
    match value {
        QueryValue::Text => ObjectBuilder::new().schema_type(Type::String).into(),
        QueryValue::Flag => ObjectBuilder::new().schema_type(Type::Boolean).into(),
        QueryValue::Integer => {
            let format = SchemaFormat::KnownFormat(KnownFormat::Int64);
            ObjectBuilder::new().schema_type(Type::Integer).format(Some(format)).into()
        }
        QueryValue::Word(word) => Ref::from_schema_name(word.name).into(),
        QueryValue::Needed(value) => schema_of(value),
    }
}

fn responses(operation: &Operation) -> ResponsesBuilder {
    let answer = |about: &str, schema: &str| {
        ResponseBuilder::new().description(about).content(JSON, content(schema)).build()
    };
    let done = if operation.response.is_sheet() {
        let sheet = ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)));
        let content = Content::new(Some(RefOr::T(Schema::Object(sheet.build()))));
        ResponseBuilder::new().description("Done.").content(operation.response.name, content).build()
    } else {
        answer("Done.", operation.response.name)
    };
    let mut responses = ResponsesBuilder::new().response("200", done);
    let mut statuses: Vec<u16> = operation.errors.iter().map(|error| error.status()).collect();
    statuses.sort_unstable();
    statuses.dedup();
    for status in statuses {
        let types = operation.errors.iter().filter(|error| error.status() == status);
        let about = types.map(|error| error.as_str()).collect::<Vec<_>>().join(", ");
        responses = responses.response(status.to_string(), answer(&about, operation.error));
    }
    responses.response("default", answer("The transport refused.", &Problem::name()))
}

fn schemas() -> BTreeMap<String, RefOr<Schema>> {
    let mut found = Schemas::new();
    for operation in operations() {
        operation.response.collect(&mut found);
        match &operation.request {
            Request::None => {}
            Request::Body(body)
            | Request::QueryOrBody(body)
            | Request::NeededQueryOrBody(body)
            | Request::Query(body) => {
                body.collect(&mut found);
            }
        }
        for query in operation.query {
            collect_words(&query.value, &mut found);
        }
        let bodies: Vec<_> =
            operation.errors.iter().map(|error| (error.as_str(), error.schema_name())).collect();
        operation.path_parameters().filter_map(path_word).for_each(|word| word.collect(&mut found));
        found.push((operation.error.to_owned(), one_of("type", &bodies)));
        for error in operation.errors {
            found.push((error.schema_name(), error_schema(*error)));
        }
    }
    PgProviderError::schemas(&mut found);
    ChannelSpecificError::schemas(&mut found);
    PlatformErrorDetails::schemas(&mut found);
    found.push((Problem::name().into_owned(), Problem::schema()));
    Problem::schemas(&mut found);
    written(found)
}

/// What a setting writes in the place of what the description says: the bodies of [`october`].
pub fn schemas_of_october() -> BTreeMap<String, RefOr<Schema>> {
    use october::{GetPlatformAccountTransfersResponse as Answer, PlatformAccountTransfer as Movement};
    let mut found = vec![(Answer::name().into_owned(), Answer::schema())];
    found.push((Movement::name().into_owned(), Movement::schema()));
    Movement::schemas(&mut found);
    written(found)
}

/// By name, as the dialect writes them.
fn written(found: Schemas) -> BTreeMap<String, RefOr<Schema>> {
    let instant = Timestamp::schema();
    let mut schemas: BTreeMap<_, _> = found.into_iter().collect();
    schemas.remove(&*Timestamp::name());
    let day = Date::schema();
    schemas.remove(&*Date::name());
    for schema in schemas.values_mut() {
        as_written(schema, &[(Timestamp::name(), &instant), (Date::name(), &day)]);
    }
    schemas
}

/// The schema of the body of one error.
fn error_schema(error: ErrorType) -> RefOr<Schema> {
    let body = if error == ErrorType::PgProvider {
        PgProviderError::schema()
    } else if error == ErrorType::ChannelSpecific {
        ChannelSpecificError::schema()
    } else if let Some(mut members) = PlatformErrorDetails::schema(error) {
        if let RefOr::T(Schema::Object(object)) = &mut members {
            object.properties.insert("message".into(), ObjectBuilder::new().schema_type(Type::String).into());
        }
        members
    } else {
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .property("message", ObjectBuilder::new().schema_type(Type::String))
            .into()
    };
    tagged(body, "type", error.as_str())
}

/// Derived schemas let an optional member be `null` and refer to instants and days by name; what is written
/// never has `null`, and the dialect describes those in place.
fn as_written(schema: &mut RefOr<Schema>, in_place: &[(Cow<'static, str>, &RefOr<Schema>)]) {
    match schema {
        RefOr::Ref(reference) => {
            let named = in_place.iter().find(|(name, _)| {
                reference.ref_location == Ref::from_schema_name(name.as_ref()).ref_location
            });
            if let Some((_, written)) = named {
                let about = std::mem::take(&mut reference.description);
                *schema = (*written).clone();
                if let RefOr::T(Schema::Object(object)) = schema
                    && !about.is_empty()
                {
                    object.description = Some(about);
                }
            }
        }
        RefOr::T(Schema::Object(object)) => {
            without_null(&mut object.schema_type);
            for member in object.properties.values_mut() {
                as_written(member, in_place);
            }
        }
        RefOr::T(Schema::Array(array)) => {
            without_null(&mut array.schema_type);
            if let ArrayItems::RefOrSchema(item) = &mut array.items {
                as_written(item, in_place);
            }
        }
        RefOr::T(Schema::OneOf(one_of)) => {
            one_of.items.retain(|item| !is_null(item));
            for item in &mut one_of.items {
                as_written(item, in_place);
            }
            if one_of.discriminator.is_none()
                && one_of.items.len() == 1
                && let Some(only) = one_of.items.pop()
            {
                *schema = only;
            }
        }
        RefOr::T(_) => {}
    }
}

fn is_null(schema: &RefOr<Schema>) -> bool {
    matches!(schema, RefOr::T(Schema::Object(object)) if object.schema_type == SchemaType::Type(Type::Null))
}

fn without_null(schema_type: &mut SchemaType) {
    if let SchemaType::Array(types) = schema_type {
        types.retain(|kind| *kind != Type::Null);
        if types.len() == 1
            && let Some(only) = types.pop()
        {
            *schema_type = SchemaType::Type(only);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_leads_somewhere() {
        fn references(value: &serde_json::Value, found: &mut Vec<String>) {
            match value {
                serde_json::Value::Object(members) => {
                    for (name, member) in members {
                        match (name.as_str(), member) {
                            ("$ref", serde_json::Value::String(to)) => found.push(to.clone()),
                            _ => references(member, found),
                        }
                    }
                }
                serde_json::Value::Array(items) => items.iter().for_each(|item| references(item, found)),
                _ => {}
            }
        }
        let document = serde_json::to_value(openapi()).unwrap();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(!found.is_empty());
        for to in found {
            assert!(document.pointer(to.trim_start_matches('#')).is_some(), "{to}");
        }
    }

    #[test]
    fn no_member_may_be_null() {
        let document = serde_json::to_string(&openapi()).unwrap();
        assert!(!document.contains("\"null\""));
    }

    #[test]
    fn a_body_names_its_schema_as_the_table_does() {
        for operation in operations() {
            let mut schemas = Schemas::new();
            operation.response.collect(&mut schemas);
            if operation.response.is_sheet() {
                assert!(schemas.is_empty());
                continue;
            }
            assert_eq!(schemas[0].0, operation.response.name);
        }
    }
}
