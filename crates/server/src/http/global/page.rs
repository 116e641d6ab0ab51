//! Between the payer and the merchant: where a hosted payment ends, and the page that asks whether to try another
//! way.
//!
//! The address has a token that only the payer's browser knows. What is told to the merchant's page is signed.

use crate::app::global::Refusal;
use crate::app::global::retry::Returned;
use crate::global::message::{redirect, with_parameters};
use crate::http::Http;
use crate::http::v2::ask::Open;
use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::get;
use http::{HeaderValue, StatusCode, header};
use paypier_domain::failover::Next;
use paypier_domain::global::Destinations;
use paypier_wire::global::TransactionStatus;

pub fn routes() -> Router<Http> {
    Router::new().route("/checkout/return/{order}/{token}", get(returned).post(decided))
}

/// `GET /checkout/return/{order}/{token}`
async fn returned(ask: Open) -> Response {
    match found(&ask).await {
        Ok(Some((returned, token))) => answered(&ask, returned, &token),
        Ok(None) => page(StatusCode::NOT_FOUND, &text("Not found", "There is no such payment.")),
        Err(refusal) => unavailable(&refusal),
    }
}

/// `POST /checkout/return/{order}/{token}`: the payer's choice on the page between two tries.
async fn decided(ask: Open) -> Response {
    let (returned, token) = match found(&ask).await {
        Ok(Some(found)) => found,
        Ok(None) => return page(StatusCode::NOT_FOUND, &text("Not found", "There is no such payment.")),
        Err(refusal) => return unavailable(&refusal),
    };
    let goes_on = form_says(ask.bytes(), "retry");
    let app = ask.app.clone();
    let here = here(&returned, &token);
    let work = async move {
        if goes_on {
            // Of two clicks one opens a window; the other one looks again.
            match app.retry(&returned, &token).await {
                Ok(Some(url)) => Ok(Some(url)),
                Ok(None) => Ok(None),
                Err(refusal) => Err(refusal),
            }
        } else {
            app.give_up_order(returned).await.map(|_| None)
        }
    };
    match ask.worked_off(work).await {
        Some(Ok(Some(url))) => see_other(&url),
        Some(Ok(None)) => see_other(&here),
        Some(Err(refusal)) => unavailable(&refusal),
        None => unavailable(&Refusal::UnknownOrder),
    }
}

async fn found(ask: &Open) -> Result<Option<(Returned, String)>, Refusal> {
    let (Ok(reference), Ok(token)) = (ask.segment(2), ask.segment(3)) else { return Ok(None) };
    Ok(ask.app.returned(&reference, &token).await?.map(|returned| (returned, token)))
}

fn here(returned: &Returned, token: &str) -> String {
    format!("/checkout/return/{}/{token}", returned.view.order.reference)
}

fn answered(_: &Open, returned: Returned, token: &str) -> Response {
    if let Next::Try(_) = returned.next() {
        return between(&returned, token);
    }
    let transaction = returned.view.transaction(&returned.caller.global);
    let status = transaction.status();
    let parameters = redirect(&transaction, &returned.caller.secret).parameters();
    match destination(status, &returned.view.order.destinations) {
        Some(address) if !returned.view.order.keeps_page => see_other(&with_parameters(address, &parameters)),
        _ => {
            let shown: Vec<(&str, String)> = parameters
                .into_iter()
                .filter(|(name, value)| {
                    matches!(*name, "status" | "amount" | "currency" | "merchant_order_ref" | "order_ref")
                        && !value.is_empty()
                })
                .collect();
            let lines: String =
                shown.iter().map(|(name, value)| format!("<p>{}: {}</p>", name, escaped(value))).collect();
            page(StatusCode::OK, &format!("<h1>{}</h1>{lines}", escaped(transaction.user_message())))
        }
    }
}

/// Where a payer goes whose transaction stands so. None when nothing was said.
fn destination(status: TransactionStatus, to: &Destinations) -> Option<&str> {
    let address = if !to.mobile.is_empty() {
        &to.mobile
    } else {
        match status {
            TransactionStatus::Success | TransactionStatus::Authorized => &to.success,
            TransactionStatus::Pending | TransactionStatus::UnderReview if to.pending.is_empty() => {
                &to.success
            }
            TransactionStatus::Pending | TransactionStatus::UnderReview => &to.pending,
            // A payer who comes back without having paid anything does not go on.
            TransactionStatus::Initiated
            | TransactionStatus::Failed
            | TransactionStatus::Expired
            | TransactionStatus::Error
            | TransactionStatus::Voided
            | TransactionStatus::Cancelled => &to.failure,
        }
    };
    Some(address.as_str()).filter(|address| !address.is_empty())
}

/// The page after a failed try: why, and whether to go on.
fn between(returned: &Returned, token: &str) -> Response {
    let transaction = returned.view.transaction(&returned.caller.global);
    let failed = transaction.attempt();
    let reason = failed
        .and_then(|attempt| match &attempt.state {
            paypier_domain::payment::AttemptState::Failed(failure) => failure.pg_message.clone(),
            _ => None,
        })
        .unwrap_or_else(|| "The payment did not succeed.".to_owned());
    let here = here(returned, token);
    page(
        StatusCode::OK,
        &format!(
            "<h1>The payment failed</h1><p>{reason}</p>\
             <form method=\"post\" action=\"{here}\">\
             <button name=\"choice\" value=\"retry\">Retry</button> \
             <button name=\"choice\" value=\"cancel\">Cancel</button></form>",
            reason = escaped(&reason),
            here = escaped(&here),
        ),
    )
}

fn form_says(body: &[u8], word: &str) -> bool {
    url::form_urlencoded::parse(body).any(|(name, value)| name == "choice" && value == word)
}

fn text(title: &str, sentence: &str) -> String {
    format!("<h1>{}</h1><p>{}</p>", escaped(title), escaped(sentence))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn unavailable(refusal: &Refusal) -> Response {
    tracing::warn!(?refusal, "a payer's page could not be shown");
    page(StatusCode::SERVICE_UNAVAILABLE, &text("Not now", "Please load this page again in a moment."))
}

fn page(status: StatusCode, inside: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Payment</title></head>\
         <body><main>{inside}</main></body></html>"
    );
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    harden(headers);
    response
}

fn harden(headers: &mut http::HeaderMap) {
    let fixed = HeaderValue::from_static;
    let policy = fixed("default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'");
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff"));
    headers.insert(header::REFERRER_POLICY, fixed("no-referrer"));
    headers.insert(header::CACHE_CONTROL, fixed("no-store"));
}

fn see_other(url: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::FOUND;
    match HeaderValue::from_str(url) {
        Ok(url) => {
            response.headers_mut().insert(header::LOCATION, url);
        }
        Err(_) => *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE,
    }
    harden(response.headers_mut());
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payers_go_where_their_status_leads() {
        let to = Destinations {
            success: "s".into(),
            failure: "f".into(),
            pending: "p".into(),
            mobile: String::new(),
        };
        let without_pending = Destinations { pending: String::new(), ..to.clone() };
        let app = Destinations { mobile: "app".into(), ..to.clone() };
        for (status, to, address) in [
            (TransactionStatus::Success, &to, "s"),
            (TransactionStatus::Pending, &to, "p"),
            (TransactionStatus::Pending, &without_pending, "s"),
            (TransactionStatus::Cancelled, &to, "f"),
            (TransactionStatus::Expired, &to, "f"),
            (TransactionStatus::Initiated, &to, "f"),
            (TransactionStatus::Failed, &app, "app"),
        ] {
            assert_eq!(destination(status, to), Some(address), "{status}");
        }
        assert_eq!(destination(TransactionStatus::Success, &Destinations::default()), None);
    }
}
