//! What every control has in common: who asks, about which store, with what body, and how it is
//! answered. Errors have the V2 envelope.

use crate::app::App;
use crate::app::caller::Caller;
use crate::app::directory::StoreProfile;
use crate::app::failure::Failure;
use crate::http::address;
use crate::http::v2::problem;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::Response;
use http::header;
use http::request::Parts;
use paypier_domain::claim::Answer;
use paypier_wire::v2::ErrorType;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use std::future::Future;
use std::sync::Arc;

/// A control whose caller is known and whose store the caller may reach.
#[derive(Debug)]
pub struct Control {
    pub app: App,
    pub caller: Caller,
    pub profile: Arc<StoreProfile>,
    parts: Parts,
}

/// The same with the body read.
#[derive(Debug)]
pub struct Asked<T> {
    pub control: Control,
    pub body: T,
}

impl FromRequestParts<App> for Control {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let reached = async {
            let authorization =
                parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
            let caller = app.authenticate(authorization).await?;
            let named = parameter(parts, "storeId")?;
            let profile = caller.store(app, named.as_deref()).await?;
            Ok((caller, profile))
        };
        let (caller, profile) = reached.await.map_err(|failure| refusal(&failure))?;
        Ok(Self { app: app.clone(), caller, profile, parts: parts.clone() })
    }
}

impl<T: DeserializeOwned> FromRequest<App> for Asked<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        // Strangers are turned away before anything that they sent is read.
        let control = Control::from_request_parts(&mut parts, app).await?;
        let body = read_body(Request::from_parts(parts, body)).await?;
        let body = parsed(&body).map_err(|failure| refusal(&failure))?;
        Ok(Self { control, body })
    }
}

impl Control {
    /// A query parameter.
    ///
    /// # Errors
    /// It is not well encoded.
    pub fn parameter(&self, name: &str) -> Result<Option<String>, Failure> {
        parameter(&self.parts, name)
    }

    /// The path's segment `index`, counted from 0, decoded.
    ///
    /// # Errors
    /// It is not well encoded.
    pub fn segment(&self, index: usize) -> Result<String, Failure> {
        address::segment(self.parts.uri.path(), index)
            .map_err(|malformed| Failure::Invalid(format!("a part of the path {malformed}")))
    }

    pub fn parts(&self) -> &Parts {
        &self.parts
    }
}

fn parameter(parts: &Parts, name: &str) -> Result<Option<String>, Failure> {
    address::parameter(parts.uri.query(), name)
        .map_err(|malformed| Failure::Invalid(format!("the query parameter {name} {malformed}")))
}

/// The whole body, as far as the limit of the server allows.
pub async fn read_body(request: Request) -> Result<Bytes, Response> {
    Bytes::from_request(request, &()).await.map_err(|_| {
        problem::transport(
            ErrorType::PayloadTooLarge,
            "the body is larger than this server accepts, or ended early",
        )
    })
}

const NO_OBJECT: &str = "the body must be a JSON object with the members of this call";

/// JSON whatever the content type says; an empty body is `{}`. A refusal names the member and never
/// repeats its value, which may be a card number.
fn parsed<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    let text = body.trim_ascii();
    let text = if text.is_empty() { b"{}" } else { text };
    // Derived readers would take an array for an object.
    if matches!(text.first(), Some(b'[')) {
        return Err(Failure::Invalid(NO_OBJECT.to_owned()));
    }
    let mut json = serde_json::Deserializer::from_slice(text);
    let read = serde_path_to_error::deserialize::<_, T>(&mut json).map_err(|error| {
        let path = error.path().to_string();
        match error.inner().classify() {
            Category::Data => {
                let said = error.inner().to_string();
                let missing = said.split("missing field `").nth(1).and_then(|rest| rest.split('`').next());
                match missing {
                    Some(name) if path == "." => format!("{name} is required"),
                    Some(name) => format!("{path}.{name} is required"),
                    None if path == "." => NO_OBJECT.to_owned(),
                    None => format!("{path} is not of the type or range that this call takes"),
                }
            }
            Category::Syntax | Category::Eof | Category::Io => "the body is not JSON".to_owned(),
        }
    });
    let read = read.map_err(Failure::Invalid)?;
    json.end().map_err(|_| Failure::Invalid("the body has something behind its JSON object".into()))?;
    Ok(read)
}

/// The answer of a control.
pub fn reply(result: Result<impl Serialize, Failure>) -> Response {
    let written = result.and_then(|value| serde_json::to_vec(&value).map_err(Failure::internal));
    match written {
        Ok(body) => problem::response(Answer { status: 200, body }),
        Err(failure) => refusal(&failure),
    }
}

pub fn refusal(failure: &Failure) -> Response {
    if let Failure::Internal(inside) = failure {
        tracing::error!(inside = ?inside, "an internal error was answered by a sandbox control");
    }
    problem::response(problem::answer(failure))
}

/// Runs what changes something to its end, whether or not the caller waits for it.
pub async fn detached<T, F>(work: F) -> Result<T, Failure>
where
    T: Send + 'static,
    F: Future<Output = Result<T, Failure>> + Send + 'static,
{
    tokio::spawn(work)
        .await
        .map_err(|error| Failure::internal(format!("a sandbox control broke off: {error}")))?
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Body {
        #[expect(dead_code, reason = "only read")]
        card: Card,
    }

    #[derive(Debug, Deserialize)]
    struct Card {
        #[expect(dead_code, reason = "only read")]
        number: String,
    }

    #[test]
    fn a_refusal_names_the_member_and_not_its_value() {
        for (body, message) in [
            ("", "card is required"),
            ("{\"card\": {}}", "card.number is required"),
            (
                "{\"card\": {\"number\": 4242424242424242}}",
                "card.number is not of the type or range that this call takes",
            ),
            ("[1]", "the body must be a JSON object with the members of this call"),
            ("{", "the body is not JSON"),
            ("{\"card\": {\"number\": \"1\"}} x", "the body has something behind its JSON object"),
        ] {
            assert_eq!(
                parsed::<Body>(body.as_bytes()).unwrap_err(),
                Failure::Invalid(message.into()),
                "{body}"
            );
        }
    }
}
