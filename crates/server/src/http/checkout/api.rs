//! What the browser SDK asks: JSON, from any origin.

use super::sdk_request::{self, Asked};
use crate::app::checkout::end::{Outcome, Result as Ended};
use crate::app::checkout::open::Opened;
use crate::app::checkout::start::{StartCode, StartError};
use crate::app::failure::Failure;
use crate::http::v2::ask::Open;
use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};

/// How long a browser may remember what a preflight said, in seconds.
const PREFLIGHT_LIVES: &str = "86400";

/// `OPTIONS` of everything here.
pub async fn preflight() -> Response {
    let mut response = answered(StatusCode::NO_CONTENT, Body::empty());
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, PUT"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type"));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(PREFLIGHT_LIVES));
    response
}

/// `POST /checkout/windows`
pub async fn open(ask: Open) -> Response {
    let sent = sdk_request::read(ask.bytes());
    let ids = sdk_request::ids(&sent);
    let opened = match sent.and_then(|sent| sdk_request::asked(sent, ask.origin())) {
        Ok(asked) => {
            let app = ask.app.clone();
            ask.worked_off(async move {
                match asked {
                    Asked::Payment(asked) => app.open_payment_window(*asked).await,
                    Asked::Key(asked) => app.open_key_window(*asked).await,
                    Asked::Identity(asked) => app.open_identity_window(*asked).await,
                }
            })
            .await
        }
        Err(error) => Some(Err(error)),
    };
    told(opened, &ask, ids)
}

/// `PUT /checkout/windows/{window}`
pub async fn update(ask: Open) -> Response {
    let sent = sdk_request::read(ask.bytes());
    let ids = sdk_request::ids(&sent);
    let token = ask.segment(2).unwrap_or_default();
    let updated = match sent.and_then(|sent| sdk_request::asked(sent, ask.origin())) {
        Ok(asked) => {
            let app = ask.app.clone();
            ask.worked_off(async move {
                match asked {
                    Asked::Payment(asked) => app.update_payment_window(*asked, &token).await,
                    Asked::Key(asked) => app.update_key_window(*asked, &token).await,
                    Asked::Identity(_) => Err(StartError::new(
                        StartCode::BadRequest,
                        "only what a button in the page is about can be changed",
                    )),
                }
            })
            .await
        }
        Err(error) => Some(Err(error)),
    };
    told(updated, &ask, ids)
}

/// `GET /checkout/windows/{window}/result`
pub async fn result(ask: Open) -> Response {
    let found = async {
        let token = ask.segment(2).unwrap_or_default();
        let Some(visit) = ask.app.visit(&token).await? else { return Ok(None) };
        ask.app.visit_standing(&visit, &token).await.map(Some)
    };
    standing(found.await)
}

/// `POST /checkout/windows/{window}/close`
pub async fn close(ask: Open) -> Response {
    let token = ask.segment(2).unwrap_or_default();
    let app = ask.app.clone();
    match ask.worked_off(async move { app.close_window(&token).await }).await {
        Some(closed) => standing(closed),
        None => refused(&StartError::new(StartCode::Internal, "an internal error occurred"), Map::new()),
    }
}

fn told(opened: Option<Result<Opened, StartError>>, ask: &Open, ids: Map<String, Value>) -> Response {
    let error = match opened {
        Some(Ok(opened)) => return ok(&shown(&opened, ask)),
        Some(Err(error)) => error,
        None => StartError::new(StartCode::Internal, "an internal error occurred"),
    };
    refused(&error, ids)
}

fn shown(opened: &Opened, ask: &Open) -> Value {
    let window = &opened.window;
    let ids: Map<String, Value> =
        window.ids().into_iter().map(|(name, id)| (name.to_owned(), Value::from(id))).collect();
    json!({
        "window": opened.token,
        "url": format!("{}/checkout/{}", ask.app.policy.public_url, opened.token),
        "windowType": window.presentation.as_str(),
        "forceRedirect": window.force_redirect && window.redirect_url.is_some(),
        "ids": ids,
    })
}

fn standing(outcome: Result<Option<Outcome>, Failure>) -> Response {
    match outcome {
        Ok(Some(Outcome::Open)) => ok(&json!({ "state": "OPEN" })),
        Ok(Some(Outcome::Ended(ended))) => {
            let mut body = told_as_json(&ended);
            body.insert("state".into(), "ENDED".into());
            ok(&Value::Object(body))
        }
        Ok(None) => {
            let body = json!({ "code": "NotFound", "message": "there is no such window, or not any more" });
            answered(StatusCode::NOT_FOUND, Body::from(body.to_string()))
        }
        Err(failure) => refused(&failure.into(), Map::new()),
    }
}

/// `result`, and `redirectUrl` where the buyer goes somewhere.
pub fn told_as_json(ended: &Ended) -> Map<String, Value> {
    let members: Map<String, Value> =
        ended.members.iter().map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str()))).collect();
    let mut body = Map::new();
    body.insert("result".into(), Value::Object(members));
    if let Some(url) = &ended.redirect_url {
        body.insert("redirectUrl".into(), Value::from(url.as_str()));
    }
    body
}

/// A start error with the ids that are known.
fn refused(error: &StartError, ids: Map<String, Value>) -> Response {
    let status = match error.code {
        StartCode::BadRequest | StartCode::RequestParseFailed | StartCode::ConfirmUrlRequired => {
            StatusCode::BAD_REQUEST
        }
        StartCode::StoreNotFound | StartCode::ChannelNotFound | StartCode::AllChannelsNotSatisfied => {
            StatusCode::NOT_FOUND
        }
        StartCode::PaymentAlreadyPaid
        | StartCode::InvalidEntityState
        | StartCode::IdentityVerificationAlreadyVerified
        | StartCode::AmountNotEqualToPredefined => StatusCode::CONFLICT,
        StartCode::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        StartCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        StartCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let mut body = ids;
    body.insert("code".into(), error.code.as_str().into());
    body.insert("message".into(), error.message.clone().into());
    answered(status, Body::from(Value::Object(body).to_string()))
}

fn ok(body: &Value) -> Response {
    answered(StatusCode::OK, Body::from(body.to_string()))
}

fn answered(status: StatusCode, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let fixed = HeaderValue::from_static;
    headers.insert(header::CONTENT_TYPE, fixed("application/json"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, fixed("*"));
    headers.insert(header::CACHE_CONTROL, fixed("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff"));
    headers.insert(header::REFERRER_POLICY, fixed("no-referrer"));
    response
}
