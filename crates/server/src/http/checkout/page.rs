//! The pages that buyers see, and the forms that they send.
//!
//! A page is shown to whoever has its token, in a frame of the opening page's origin only. A form is taken
//! from our own pages: its nonce is of this step of this window, and a browser that says where it comes
//! from must say that it comes from here. Every form is answered by a redirect to the page, so that going
//! back and reloading send nothing twice.

use super::api::told_as_json;
use super::form::{Form, Sent};
use crate::app::checkout::is_token;
use crate::app::checkout::submit::Submitted;
use crate::app::checkout::view::{Notice, StepView, WindowView};
use crate::app::failure::Failure;
use crate::http::pages::checkout::model::{Language, Refusal};
use crate::http::pages::checkout::{Rendered, of_window, refused};
use crate::http::v2::ask::Open;
use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use paypier_domain::checkout::Presentation;
use url::Url;

/// `GET /checkout/{window}`
pub async fn shown(ask: Open) -> Response {
    let Ok(token) = ask.segment(1) else { return missing(&ask) };
    match ask.app.window_view(&token, None).await {
        Ok(Some(view)) => on(&view),
        Ok(None) => missing(&ask),
        Err(failure) => unavailable(&ask, &failure),
    }
}

/// `POST /checkout/{window}`
pub async fn submitted(ask: Open) -> Response {
    // What is no token is never written into a redirect.
    let Some(token) = ask.segment(1).ok().filter(|token| is_token(token)) else { return missing(&ask) };
    if !is_own(&ask) {
        return answered(
            StatusCode::FORBIDDEN,
            &refused(Refusal::Stale, language(&ask), &format!("/checkout/{token}")),
        );
    }
    let form = Form::read(ask.bytes());
    let submission = match form.sent(&ask.origin().ip_address) {
        Sent::Submission(submission) => submission,
        Sent::Done => return done(&ask, &token).await,
        Sent::Malformed(notice) => return again(&ask, &token, notice).await,
        Sent::Strange => return to_page(&token),
    };
    let nonce = form.nonce().to_owned();
    drop(form);
    let (app, of) = (ask.app.clone(), token.clone());
    match ask.worked_off(async move { app.submit(&of, &nonce, submission).await }).await {
        Some(Ok(Some(Submitted::Look | Submitted::NeedsToken))) => to_page(&token),
        Some(Ok(Some(Submitted::WrongCode))) => again(&ask, &token, Notice::Malformed).await,
        Some(Ok(Some(Submitted::TryAgain))) => again(&ask, &token, Notice::TryAgain).await,
        Some(Ok(Some(Submitted::NotOffered))) => again(&ask, &token, Notice::NotOffered).await,
        Some(Ok(Some(Submitted::Silent))) => match ask.app.window_view(&token, None).await {
            Ok(Some(view)) => page(&WindowView { step: StepView::Silent, ..view }),
            Ok(None) => missing(&ask),
            Err(failure) => unavailable(&ask, &failure),
        },
        Some(Ok(None)) => missing(&ask),
        Some(Err(failure)) => unavailable(&ask, &failure),
        None => unavailable(&ask, &Failure::internal("the work of a form broke off")),
    }
}

/// Where a window's page leads: on to the shop, or to what there is to see.
fn on(view: &WindowView) -> Response {
    match &view.step {
        // A page that vanished at once would take the account number with it.
        StepView::Ended(ended) if ended.account.is_none() => match &ended.result.redirect_url {
            Some(url) if view.presentation == Presentation::Redirection => see_other(url),
            _ => page(view),
        },
        _ => page(view),
    }
}

/// The buyer has seen the account: the visit ends.
async fn done(ask: &Open, token: &str) -> Response {
    match ask.app.window_view(token, None).await {
        Ok(Some(view)) => match view.step.clone() {
            StepView::Ended(ended) => {
                let seen = crate::app::checkout::view::EndView { account: None, ..ended };
                on(&WindowView { step: StepView::Ended(seen), ..view })
            }
            _ => to_page(token),
        },
        Ok(None) => missing(ask),
        Err(failure) => unavailable(ask, &failure),
    }
}

async fn again(ask: &Open, token: &str, notice: Notice) -> Response {
    match ask.app.window_view(token, Some(notice)).await {
        Ok(Some(view)) => on(&view),
        Ok(None) => missing(ask),
        Err(failure) => unavailable(ask, &failure),
    }
}

/// Whether the browser says that the form comes from a page of ours. Our pages send no referrer, and then
/// browsers write `null` for the origin of a form, so that alone proves nothing; the nonce does.
pub fn is_own(ask: &Open) -> bool {
    let header = |name: &str| ask.headers().get(name).and_then(|value| value.to_str().ok());
    if header("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return false;
    }
    match header("origin") {
        None | Some("null") => true,
        Some(origin) => Url::parse(&ask.app.policy.public_url)
            .is_ok_and(|url| url.origin().ascii_serialization() == origin),
    }
}

fn to_page(token: &str) -> Response {
    see_other(&format!("/checkout/{token}"))
}

pub fn see_other(url: &str) -> Response {
    let mut response = answered(StatusCode::SEE_OTHER, &Rendered::empty());
    match HeaderValue::from_str(url) {
        Ok(url) => {
            response.headers_mut().insert(header::LOCATION, url);
            response
        }
        // URLs were written out when they were taken, which leaves nothing that a header cannot hold.
        Err(_) => {
            tracing::error!("a redirect URL cannot be a header");
            answered(StatusCode::SERVICE_UNAVAILABLE, &refused(Refusal::Unavailable, Language::English, ""))
        }
    }
}

fn page(view: &WindowView) -> Response {
    let told = match &view.step {
        StepView::Ended(ended) if ended.account.is_none() => {
            serde_json::to_string(&told_as_json(&ended.result)).ok()
        }
        _ => None,
    };
    answered(StatusCode::OK, &of_window::rendered(view, told))
}

fn missing(ask: &Open) -> Response {
    answered(StatusCode::NOT_FOUND, &refused(Refusal::Missing, language(ask), ""))
}

fn unavailable(ask: &Open, failure: &Failure) -> Response {
    if let Failure::Internal(inside) = failure {
        tracing::error!(inside = ?inside, "a checkout page could not be shown");
    }
    let again = ask.segment(1).map_or_else(|_| String::new(), |token| format!("/checkout/{token}"));
    answered(StatusCode::SERVICE_UNAVAILABLE, &refused(Refusal::Unavailable, language(ask), &again))
}

pub fn answered(status: StatusCode, page: &Rendered) -> Response {
    let mut response = Response::new(Body::from(page.html.clone()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let fixed = HeaderValue::from_static;
    headers.insert(header::CONTENT_TYPE, fixed("text/html; charset=utf-8"));
    let policy =
        HeaderValue::from_str(&page.policy).unwrap_or(fixed("default-src 'none'; frame-ancestors 'none'"));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff"));
    headers.insert(header::REFERRER_POLICY, fixed("no-referrer"));
    headers.insert(header::CACHE_CONTROL, fixed("no-store"));
    headers.insert(header::HeaderName::from_static("x-robots-tag"), fixed("noindex, nofollow"));
    response
}

/// What the browser reads best, where no merchant has said what its buyers read.
pub fn language(ask: &Open) -> Language {
    let accepted = ask.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Language::of(accepted.unwrap_or_default())
}
