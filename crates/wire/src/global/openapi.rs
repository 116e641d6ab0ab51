//! The description of the dialect, built from [`operations`] and the types they name. Nothing is described here
//! that is not in the table, but for the webhooks.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::global::body::Described;
use crate::global::operation::{Access, Operation, Subject, operations};
use crate::global::webhook::{
    PaymentLinkStatusWebhook, PaymentStatusWebhook, RefundStatusWebhook, SubscriptionStatusWebhook,
};
use crate::global::{Refusal, Schemas};

/// The header with the client key.
const CLIENT_KEY: &str = "X-Portone-Client-Key";
/// The header with the key of a merchant that a master merchant acts for.
const SUB_MERCHANT: &str = "X-Portone-SubMerchant-Key";
/// The scheme of the client key.
const CLIENT_KEY_SCHEME: &str = "clientKey";
/// The scheme of a token.
const BEARER_SCHEME: &str = "bearerJwt";
/// The only content type.
const JSON: &str = "application/json";

/// The whole document. Takes some milliseconds to build: keep it.
#[must_use]
pub fn openapi() -> Value {
    let mut found = Schemas::default();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for operation in operations() {
        let described = described(operation, &mut found);
        let method = operation.method.as_str().to_ascii_lowercase();
        paths.entry(operation.path).or_default().insert(method, described);
    }
    let webhooks = webhooks(&mut found);
    let tags: Vec<Value> = Subject::ALL.iter().map(|subject| json!({"name": subject.as_str()})).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "paypier, Global dialect",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Amounts are decimals of the major unit of their currency, written in the shortest \
                            form. Members without a value are written empty. Success is always 200.",
        },
        "tags": tags,
        "paths": paths,
        "webhooks": webhooks,
        "components": {
            "schemas": found.0,
            "securitySchemes": {
                CLIENT_KEY_SCHEME: {
                    "type": "apiKey", "in": "header", "name": CLIENT_KEY,
                    "description": "The merchant's key. It is public.",
                },
                BEARER_SCHEME: {
                    "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                    "description": "A token that `POST /api/merchant/auth-token` answers, or one that is signed \
                                    with the merchant's secret.",
                },
            },
        },
    })
}

fn described(operation: &Operation, found: &mut Schemas) -> Value {
    let mut described = json!({
        "operationId": operation.id,
        "tags": [operation.subject.as_str()],
        "summary": operation.summary,
        "parameters": parameters(operation),
        "responses": responses(operation, found),
        "security": security(operation.access),
    });
    if let Some(request) = &operation.request {
        let schema = request.collect(found);
        described["requestBody"] = json!({"required": true, "content": {JSON: {"schema": schema}}});
    }
    described
}

fn security(access: Access) -> Value {
    if access.has_token() {
        json!([{CLIENT_KEY_SCHEME: [], BEARER_SCHEME: []}])
    } else if access.has_client_key() {
        json!([{CLIENT_KEY_SCHEME: []}])
    } else {
        json!([])
    }
}

fn parameters(operation: &Operation) -> Vec<Value> {
    let parameter = |name: &str, place: &str, required: bool| json!({"name": name, "in": place, "required": required, "schema": {"type": "string"}});
    let mut parameters: Vec<Value> =
        operation.path_parameters().map(|name| parameter(name, "path", true)).collect();
    parameters.extend(operation.query.iter().map(|query| parameter(query.name, "query", query.required)));
    // Headers that a security scheme describes are described there alone.
    if operation.sub_merchant {
        parameters.push(parameter(SUB_MERCHANT, "header", false));
    }
    parameters
}

fn responses(operation: &Operation, found: &mut Schemas) -> Value {
    let answer =
        |about: &str, schema: Value| json!({"description": about, "content": {JSON: {"schema": schema}}});
    let mut responses = Map::new();
    responses.insert("200".to_owned(), answer("Done.", operation.response.collect(found)));
    for status in operation.refusal_statuses() {
        let codes = operation.all_codes().filter(|code| code.status() == status);
        let about = codes.map(|code| code.to_string()).collect::<Vec<_>>().join(", ");
        let about =
            if about.is_empty() { "Refused with the status of another code.".to_owned() } else { about };
        let schema = Refusal::schema(operation.refusal, found);
        responses.insert(status.to_string(), answer(&about, schema));
    }
    Value::Object(responses)
}

fn webhooks(found: &mut Schemas) -> Value {
    let sent = |about: &str, schema: Value| {
        json!({
            "post": {
                "summary": about,
                "requestBody": {"required": true, "content": {JSON: {"schema": schema}}},
                "responses": {"200": {"description": "Received."}},
            }
        })
    };
    json!({
        "payment_status": sent("A payment has another status.", PaymentStatusWebhook::schema(found)),
        "payment_link_status": sent("A payment link has another status.", PaymentLinkStatusWebhook::schema(found)),
        "refund_status": sent("A refund has another status. It is not signed.", RefundStatusWebhook::schema(found)),
        "subscription_status": sent("A subscription has another status.", SubscriptionStatusWebhook::schema(found)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_leads_somewhere_and_every_schema_is_whole() {
        fn references(value: &Value, found: &mut Vec<String>) {
            match value {
                Value::Object(members) => {
                    for (name, member) in members {
                        match (name.as_str(), member) {
                            ("$ref", Value::String(to)) => found.push(to.clone()),
                            _ => references(member, found),
                        }
                    }
                }
                Value::Array(items) => items.iter().for_each(|item| references(item, found)),
                _ => {}
            }
        }
        let document = openapi();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 40, "{}", found.len());
        for reference in found {
            let place = reference.strip_prefix('#').unwrap();
            assert_eq!(document.pointer(place).unwrap()["type"], "object", "{reference}");
        }
    }

    #[test]
    fn a_call_without_a_token_asks_for_none() {
        let document = openapi();
        let security = |path: &str| document["paths"][path]["post"]["security"].clone();
        assert_eq!(security("/api/merchant/auth-token"), json!([]));
        assert_eq!(security("/api/initiatePayment"), json!([{"clientKey": []}]));
        assert_eq!(security("/api/paymentLink"), json!([{"clientKey": [], "bearerJwt": []}]));
    }
}
