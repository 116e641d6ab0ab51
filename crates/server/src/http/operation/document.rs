//! A description in the OpenAPI form, read into what a reader of it looks for.
//!
//! It reads the serialised document and not the types behind it, so that whatever is served at
//! `/openapi/…` is what the reference shows. Members that are not understood are left out.

use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Default)]
pub struct Document {
    pub title: String,
    pub version: String,
    pub about: String,
    pub tags: Vec<Tag>,
    pub types: BTreeMap<String, Shape>,
}

#[derive(Debug, Clone)]
pub struct Tag {
    pub name: String,
    pub operations: Vec<Operation>,
}

#[derive(Debug, Clone)]
pub struct Operation {
    pub id: String,
    /// Upper case.
    pub method: String,
    pub path: String,
    pub summary: String,
    pub needs_credential: bool,
    pub is_unstable: bool,
    pub parameters: Vec<Parameter>,
    pub body: Option<Body>,
    pub answers: Vec<Answer>,
}

#[derive(Debug, Clone)]
pub struct Parameter {
    pub name: String,
    /// `path`, `query` or `header`.
    pub place: String,
    pub is_required: bool,
    pub about: String,
    pub kind: Kind,
}

impl Parameter {
    /// The JSON criteria that are accepted as a query parameter as well as in the body.
    pub fn is_criteria(&self) -> bool {
        self.place == "query" && self.name == "requestBody"
    }
}

#[derive(Debug, Clone)]
pub struct Body {
    pub kind: Kind,
    pub is_required: bool,
}

#[derive(Debug, Clone)]
pub struct Answer {
    /// A status, or `default`.
    pub status: String,
    pub about: String,
    pub kind: Option<Kind>,
}

/// What a value is, in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// One of [`Document::types`].
    Named(String),
    List(Box<Kind>),
    /// A type of JSON itself with its format, when it has one.
    Plain {
        name: String,
        format: Option<String>,
    },
    /// One of these words.
    Words(Vec<String>),
}

#[derive(Debug, Clone)]
pub struct Shape {
    pub about: String,
    pub form: Form,
}

#[derive(Debug, Clone)]
pub enum Form {
    /// Required members first, in the order in which the description requires them.
    Object(Vec<Member>),
    Words(Vec<String>),
    /// Which of several types it is, told by one member's value.
    Union {
        by: String,
        variants: Vec<(String, String)>,
    },
    Plain(Kind),
}

#[derive(Debug, Clone)]
pub struct Member {
    pub name: String,
    pub is_required: bool,
    pub about: String,
    pub kind: Kind,
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn words(value: &Value, name: &str) -> Vec<String> {
    items(value, name).iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn items<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn members<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    value.get(name).and_then(Value::as_object).into_iter().flatten()
}

fn is_true(value: &Value, name: &str) -> bool {
    value.get(name).and_then(Value::as_bool).unwrap_or(false)
}

/// The last segment of a reference.
fn referred(reference: &str) -> String {
    reference.rsplit('/').next().unwrap_or_default().to_owned()
}

impl Kind {
    fn read(schema: &Value) -> Self {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            return Self::Named(referred(reference));
        }
        if schema.get("enum").is_some() {
            return Self::Words(words(schema, "enum"));
        }
        let name = text(schema, "type");
        if name == "array" {
            let item = schema.get("items").map_or_else(|| Self::plain("any"), Self::read);
            return Self::List(Box::new(item));
        }
        let format = schema.get("format").and_then(Value::as_str).map(str::to_owned);
        Self::Plain { name: if name.is_empty() { "any".to_owned() } else { name }, format }
    }

    fn plain(name: &str) -> Self {
        Self::Plain { name: name.to_owned(), format: None }
    }

    /// The named type behind it, when there is one.
    pub fn target(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(name),
            Self::List(item) => item.target(),
            Self::Plain { .. } | Self::Words(_) => None,
        }
    }
}

impl Shape {
    fn read(schema: &Value) -> Self {
        Self { about: text(schema, "description"), form: Form::read(schema) }
    }
}

impl Form {
    fn read(schema: &Value) -> Self {
        if schema.get("oneOf").is_some() {
            return Self::union(schema);
        }
        if schema.get("properties").is_some() {
            let required = words(schema, "required");
            let mut found: Vec<Member> = members(schema, "properties")
                .map(|(name, value)| Member {
                    name: name.clone(),
                    is_required: required.contains(name),
                    about: text(value, "description"),
                    kind: Kind::read(value),
                })
                .collect();
            found.sort_by_key(|m| required.iter().position(|name| *name == m.name).unwrap_or(usize::MAX));
            return Self::Object(found);
        }
        match Kind::read(schema) {
            Kind::Words(words) => Self::Words(words),
            Kind::Plain { name, .. } if name == "object" => Self::Object(Vec::new()),
            kind @ (Kind::Named(_) | Kind::List(_) | Kind::Plain { .. }) => Self::Plain(kind),
        }
    }

    fn union(schema: &Value) -> Self {
        let discriminator = schema.get("discriminator").unwrap_or(&Value::Null);
        // The list has the order that the authors chose; the mapping is sorted by its words.
        let order: Vec<String> =
            items(schema, "oneOf").iter().map(|item| referred(&text(item, "$ref"))).collect();
        let mut variants: Vec<(String, String)> = members(discriminator, "mapping")
            .map(|(word, to)| (word.clone(), referred(to.as_str().unwrap_or_default())))
            .collect();
        if variants.is_empty() {
            variants = order.iter().map(|name| (String::new(), name.clone())).collect();
        }
        variants.sort_by_key(|(_, to)| order.iter().position(|name| name == to).unwrap_or(usize::MAX));
        Self::Union { by: text(discriminator, "propertyName"), variants }
    }
}

impl Operation {
    fn read(path: &str, method: &str, value: &Value) -> Self {
        let parameters = items(value, "parameters")
            .iter()
            .map(|parameter| Parameter {
                name: text(parameter, "name"),
                place: text(parameter, "in"),
                is_required: is_true(parameter, "required"),
                about: text(parameter, "description"),
                kind: parameter
                    .get("schema")
                    .or_else(|| parameter.pointer("/content/application~1json/schema"))
                    .map_or_else(|| Kind::plain("string"), Kind::read),
            })
            .collect();
        let body = value.get("requestBody").and_then(|body| {
            let kind = Kind::read(body.pointer("/content/application~1json/schema")?);
            Some(Body { kind, is_required: is_true(body, "required") })
        });
        let answers = members(value, "responses")
            .map(|(status, answer)| Answer {
                status: status.clone(),
                about: text(answer, "description"),
                kind: answer.pointer("/content/application~1json/schema").map(Kind::read),
            })
            .collect();
        Self {
            id: text(value, "operationId"),
            method: method.to_uppercase(),
            path: path.to_owned(),
            summary: text(value, "summary"),
            needs_credential: !items(value, "security").is_empty(),
            is_unstable: is_true(value, "x-portone-unstable"),
            parameters,
            body,
            answers,
        }
    }
}

impl Document {
    /// Reads a serialised description. What has no tag comes under `Other`.
    pub fn read(value: &Value) -> Self {
        let info = value.get("info").unwrap_or(&Value::Null);
        let mut tags: Vec<Tag> = items(value, "tags")
            .iter()
            .map(|tag| Tag { name: text(tag, "name"), operations: Vec::new() })
            .collect();
        for (path, item) in members(value, "paths") {
            for (method, operation) in item.as_object().into_iter().flatten() {
                let name = words(operation, "tags").into_iter().next().unwrap_or_else(|| "Other".to_owned());
                let read = Operation::read(path, method, operation);
                match tags.iter_mut().find(|tag| tag.name == name) {
                    Some(tag) => tag.operations.push(read),
                    None => tags.push(Tag { name, operations: vec![read] }),
                }
            }
        }
        tags.retain(|tag| !tag.operations.is_empty());
        for tag in &mut tags {
            // What everybody needs has the shorter address.
            tag.operations.sort_by_key(|o| (o.path.split('/').count(), o.path.len()));
        }
        Self {
            title: text(info, "title"),
            version: text(info, "version"),
            about: text(info, "description"),
            tags,
            types: value
                .get("components")
                .map(|components| {
                    members(components, "schemas")
                        .map(|(name, schema)| (name.clone(), Shape::read(schema)))
                        .collect()
                })
                .unwrap_or_default(),
        }
    }
}
