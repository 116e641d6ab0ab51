//! The hosted checkout: profiles and payment sessions.

use super::answers::ok;
use super::ask::{Answered, Ask, Open};
use super::translate as to;
use crate::app::failure::Failure;
use crate::app::success::Verdict;
use crate::app::ticket::Ticket;
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderValue, Method, StatusCode, header};
use std::sync::Arc;

/// `GET /checkout-profiles/evaluate`
pub(super) async fn evaluate_profile(ask: Arc<Open>) -> Answered {
    let given = |name: &'static str| {
        let value = ask.parameter(name)?;
        value.ok_or_else(|| Failure::Invalid(format!("the query parameter {name} is required")))
    };
    let (profile, order) = to::checkout::order(
        &given("profileKey")?,
        &given("country")?,
        &given("currency")?,
        &given("amount")?,
    )?;
    ok(&to::checkout::methods(&ask.app.evaluate_profile(&profile, &order).await?)?)
}

/// `POST /payment-sessions`
pub(super) async fn create_session(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let command = to::checkout::asked(ask.body()?)?;
    ask.app.create_payment_session(&ask.caller, command, &ticket).await
}

/// `GET /payment-sessions/{sessionId}`
pub(super) async fn get_session(ask: Arc<Open>) -> Answered {
    let id = ask.session_id()?;
    ok(&to::checkout::shown(&ask.app.payment_session(&id).await?, id)?)
}

/// `POST /payment-sessions/{sessionId}/close`
pub(super) async fn close_session(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    ask.app.close_payment_session(&ask.caller, &ask.session_id()?, &ticket).await
}

/// How long a browser may remember what a preflight said, in seconds.
const PREFLIGHT_LIVES: &str = "86400";

/// Lets pages of any origin read what everybody may read. Without credentials: a page has none of ours.
pub(in crate::http) async fn from_any_origin(request: Request, next: Next) -> Response {
    let is_session = |path: &str| {
        path.strip_prefix("/payment-sessions/").is_some_and(|id| !id.is_empty() && !id.contains('/'))
    };
    let path = request.uri().path();
    if path != "/checkout-profiles/evaluate" && !is_session(path) {
        return next.run(request).await;
    }
    let mut response = if request.method() == Method::OPTIONS {
        let mut preflight = Response::new(Body::empty());
        *preflight.status_mut() = StatusCode::NO_CONTENT;
        let headers = preflight.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type"));
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(PREFLIGHT_LIVES));
        preflight
    } else {
        next.run(request).await
    };
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}
