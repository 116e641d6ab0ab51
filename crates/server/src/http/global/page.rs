//! Between the payer and the merchant: where a hosted payment ends, and the page that asks whether to try another
//! way.
//!
//! The address has a token that only the payer's browser knows. What is told to the merchant's page is signed: with
//! the address that the browser is sent to, or, where the page of a link stands in a frame of the merchant's page, in a
//! message to that page.

use crate::app::global::Refusal;
use crate::app::global::retry::Returned;
use crate::global::message::{redirect, with_parameters};
use crate::http::Http;
use crate::http::link::ended_in_frame;
use crate::http::pages::checkout::inventory;
use crate::http::v2::ask::Open;
use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use paypier_domain::failover::Next;
use paypier_domain::global::Destinations;
use paypier_domain::payment::AttemptState;
use paypier_domain::payment_link::PaymentLink;
use paypier_wire::global::TransactionStatus;
use sha2::{Digest, Sha256};

/// The query parameter with which the page between us and the merchant sends the browser on.
const GO: &str = "go";

pub fn routes() -> Router<Http> {
    Router::new().route("/checkout/return/{order}/{token}", get(returned).post(decided))
}

/// `GET /checkout/return/{order}/{token}`
async fn returned(ask: Open) -> Response {
    match found(&ask).await {
        Ok(Some((returned, token))) => match embedded(&ask, &returned).await {
            Ok(Some(link)) => ended_in_frame(&ask, &link.reference, told(&returned)).await,
            Ok(None) => answered(&ask, returned, &token),
            Err(refusal) => unavailable(&refusal),
        },
        Ok(None) => missing(),
        Err(refusal) => unavailable(&refusal),
    }
}

/// `POST /checkout/return/{order}/{token}`: the payer's choice on the page between two tries.
async fn decided(ask: Open) -> Response {
    let (returned, token) = match found(&ask).await {
        Ok(Some(found)) => found,
        Ok(None) => return missing(),
        Err(refusal) => return unavailable(&refusal),
    };
    let goes_on = form_says(ask.bytes(), "retry");
    let app = ask.app.clone();
    let here = here(&returned, &token);
    let work = async move {
        if goes_on {
            // Of two clicks one opens a window; the other one looks again.
            app.retry(&returned, &token).await
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

/// Sends the browser on. Not at once: where it comes from a form, browsers count everything that it is sent on to as
/// the form's target, and the page with the form knows no merchant. A page of its own ends that.
fn answered(ask: &Open, returned: Returned, token: &str) -> Response {
    if let Next::Try(_) = returned.next() {
        return between(&returned, token);
    }
    let transaction = returned.view.transaction(&returned.caller.global);
    let parameters = redirect(&transaction, &returned.caller.secret).parameters();
    let order = &returned.view.order;
    match destination(transaction.status(), &order.destinations) {
        Some(address) if !order.keeps_page => match ask.parameter(GO) {
            Ok(Some(_)) => see_other(&with_parameters(address, &parameters)),
            Ok(None) | Err(_) => {
                let on = format!("{}?{GO}=1", here(&returned, token));
                let content = html! {
                    h1 { "One moment" }
                    p.lead { a href=(on) { "Back to the shop" } }
                };
                page(StatusCode::OK, Some(&on), &content)
            }
        },
        _ => {
            let said = ["status", "amount", "currency", "merchant_order_ref", "order_ref"];
            let shown = parameters.iter().filter(|(name, value)| said.contains(name) && !value.is_empty());
            let content = html! {
                h1 { (transaction.user_message()) }
                @for (name, value) in shown { p { (name) ": " bdi { (value) } } }
            };
            page(StatusCode::OK, None, &content)
        }
    }
}

/// Whether the browser says that the page stands in a frame.
pub fn is_framed(ask: &Open) -> bool {
    let place = ask.headers().get("sec-fetch-dest").and_then(|value| value.to_str().ok());
    matches!(place, Some("iframe" | "frame"))
}

/// The link whose page is in a frame of the merchant's page, when there is one.
async fn embedded(ask: &Open, returned: &Returned) -> Result<Option<PaymentLink>, Refusal> {
    let Some(of) = returned.view.order.link.as_ref().filter(|_| is_framed(ask)) else { return Ok(None) };
    let link = ask.app.storage.payment_link(&of.reference).await?;
    Ok(link.filter(|link| link.terms.switches.is_checkout_embed))
}

/// What the page around the frame is told: the parameters of a redirect.
fn told(returned: &Returned) -> String {
    let transaction = returned.view.transaction(&returned.caller.global);
    let parameters = redirect(&transaction, &returned.caller.secret).parameters();
    let members: serde_json::Map<String, serde_json::Value> =
        parameters.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect();
    serde_json::Value::Object(members).to_string()
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
    let reason = transaction.attempt().and_then(|attempt| match &attempt.state {
        AttemptState::Failed(failure) => failure.pg_message.as_deref(),
        _ => None,
    });
    let content = html! {
        h1 { "The payment failed" }
        p.lead { (reason.unwrap_or("The payment did not succeed.")) }
        form method="post" action=(here(returned, token)) {
            button.main type="submit" name="choice" value="retry" { "Retry" }
            button type="submit" name="choice" value="cancel" { "Cancel" }
        }
    };
    page(StatusCode::OK, None, &content)
}

fn form_says(body: &[u8], word: &str) -> bool {
    url::form_urlencoded::parse(body).any(|(name, value)| name == "choice" && value == word)
}

fn missing() -> Response {
    let content = html! { h1 { "Not found" } p.lead { "There is no such payment." } };
    page(StatusCode::NOT_FOUND, None, &content)
}

fn unavailable(refusal: &Refusal) -> Response {
    tracing::warn!(?refusal, "a payer's page could not be shown");
    let content = html! { h1 { "Not now" } p.lead { "Please load this page again in a moment." } };
    page(StatusCode::SERVICE_UNAVAILABLE, None, &content)
}

fn page(status: StatusCode, on: Option<&str>, content: &Markup) -> Response {
    let html = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex, nofollow";
                @if let Some(on) = on { meta http-equiv="refresh" content={ "0; url=" (on) }; }
                title { "Payment" }
                link rel="icon" href="data:,";
                style { (PreEscaped(inventory::STYLE)) }
            }
            body.whole.alone { div.sheet { main { (content) } } }
        }
    };
    let mut response = Response::new(Body::from(html.into_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    harden(headers);
    response
}

fn harden(headers: &mut HeaderMap) {
    let fixed = HeaderValue::from_static;
    let style = STANDARD.encode(Sha256::digest(inventory::STYLE.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; img-src data:; form-action 'self'; \
         frame-ancestors 'none'; base-uri 'none'"
    );
    let closed = fixed("default-src 'none'; frame-ancestors 'none'");
    let policy = HeaderValue::from_str(&policy).unwrap_or(closed);
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
