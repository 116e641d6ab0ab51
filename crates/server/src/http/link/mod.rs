//! Payment links in a payer's browser: the page, the form that starts a payment, and the pages that results are
//! shown on when a merchant has none.
//!
//! Whoever has the reference may look and pay. Opening the page changes nothing; the form starts a payment, in the
//! checkout's own window. A form is taken from our own pages only, as far as browsers say where it comes from.

mod form;
mod view;

use super::Http;
use crate::app::payment_link::start::{PayLink, StartLinkFailure};
use crate::http::global::page::is_framed;
use crate::http::pages::checkout::Rendered;
use crate::http::pages::checkout::model::Language;
use crate::http::pages::checkout::policy;
use crate::http::pages::link::model::{LinkPage, LinkStep, Problem, ResultPage};
use crate::http::pages::link::{Told, render, render_telling};
use crate::http::v2::ask::Open;
use crate::http::v2::problem;
use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::get;
use form::Sent;
use http::{HeaderValue, StatusCode, header};
use paypier_wire::v2::ErrorType;
use url::Url;

/// The pages, without what stands around every request.
pub fn routes() -> Router<Http> {
    Router::new()
        .route("/", get(by_query))
        .route("/pay/{reference}", get(shown).post(submitted))
        .route("/success.html", get(success))
        .route("/failure.html", get(failure))
        .route("/pending.html", get(pending))
}

/// `GET /?ref=…`, as links are written.
async fn by_query(ask: Open) -> Response {
    let reference = ask.parameter("ref").unwrap_or_else(|_| Some(String::new()));
    // Without one it is a page for people only; a program that asks for the root finds no operation there.
    let reads_pages = ask
        .headers()
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    if reference.is_none() && !reads_pages {
        return problem::transport(ErrorType::NotFound, "no operation has this path");
    }
    page_of(&ask, &reference.unwrap_or_default(), None).await
}

/// `GET /pay/{reference}`
async fn shown(ask: Open) -> Response {
    let reference = ask.segment(1).unwrap_or_default();
    page_of(&ask, &reference, None).await
}

/// `POST /pay/{reference}`
async fn submitted(ask: Open) -> Response {
    let reference = ask.segment(1).unwrap_or_default();
    if !is_own(&ask) {
        return alone(&ask, StatusCode::FORBIDDEN, LinkStep::Unavailable, "");
    }
    let sent = match form::read(ask.bytes()) {
        Ok(sent) => sent,
        Err(problem) => return page_of(&ask, &reference, Some(problem)).await,
    };
    let Sent { choice, payer, delivery } = sent;
    let pay = PayLink {
        choice,
        name: payer.name,
        email: payer.email,
        phone: payer.phone,
        delivery: delivery.map(form::receiver),
        origin: ask.origin(),
        is_framed: is_framed(&ask),
        language: accepted(&ask),
    };
    let (app, of) = (ask.app.clone(), reference.clone());
    match ask.worked_off(async move { app.start_link(&of, pay).await }).await {
        Some(Ok(token)) => see_other(&format!("/checkout/{token}")),
        Some(Err(StartLinkFailure::NotOffered)) => page_of(&ask, &reference, Some(Problem::NotOffered)).await,
        Some(Err(StartLinkFailure::TryAgain)) => page_of(&ask, &reference, Some(Problem::TryAgain)).await,
        // How it stands is on the page.
        Some(Err(StartLinkFailure::Over | StartLinkFailure::Missing)) => {
            page_of(&ask, &reference, None).await
        }
        Some(Err(StartLinkFailure::Failed(failure))) => {
            tracing::error!(?failure, "a payment of a link could not be started");
            alone(&ask, StatusCode::SERVICE_UNAVAILABLE, LinkStep::Unavailable, &format!("/pay/{reference}"))
        }
        None => {
            alone(&ask, StatusCode::SERVICE_UNAVAILABLE, LinkStep::Unavailable, &format!("/pay/{reference}"))
        }
    }
}

async fn success(ask: Open) -> Response {
    alone(&ask, StatusCode::OK, LinkStep::Result(ResultPage::Success), "")
}

async fn failure(ask: Open) -> Response {
    alone(&ask, StatusCode::OK, LinkStep::Result(ResultPage::Failure), "")
}

async fn pending(ask: Open) -> Response {
    alone(&ask, StatusCode::OK, LinkStep::Result(ResultPage::Pending), "")
}

/// The page of a link in a frame, where a payment of it has ended: how the link stands, and what the page around the
/// frame is told about the payment.
pub async fn ended_in_frame(ask: &Open, reference: &str, result: String) -> Response {
    let standing = match ask.app.link_standing(reference).await {
        Ok(Some(standing)) => standing,
        Ok(None) | Err(_) => return page_of(ask, reference, None).await,
    };
    let methods = ask.app.link_methods(&standing);
    let url = ask.app.link_url(&standing.link);
    let page = view::page(&standing, &methods, url, accepted(ask).as_deref(), None);
    match policy::source(&standing.link.terms.success_url) {
        Some(origin) => answered(StatusCode::OK, &render_telling(&page, &Told { result, origin })),
        None => answered(StatusCode::OK, &render(&page)),
    }
}

async fn page_of(ask: &Open, reference: &str, problem: Option<Problem>) -> Response {
    match ask.app.link_standing(reference).await {
        Ok(Some(standing)) => {
            let methods = ask.app.link_methods(&standing);
            let url = ask.app.link_url(&standing.link);
            let page = view::page(&standing, &methods, url, accepted(ask).as_deref(), problem);
            answered(StatusCode::OK, &render(&page))
        }
        Ok(None) => alone(ask, StatusCode::NOT_FOUND, LinkStep::Missing, ""),
        Err(failure) => {
            tracing::warn!(?failure, "the page of a payment link could not be shown");
            alone(ask, StatusCode::SERVICE_UNAVAILABLE, LinkStep::Unavailable, &format!("/pay/{reference}"))
        }
    }
}

/// A page that stands for no order. `again` is where to look again, where that helps.
fn alone(ask: &Open, status: StatusCode, step: LinkStep, again: &str) -> Response {
    let is_path = again.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'/');
    let page = LinkPage {
        language: Language::of(accepted(ask).as_deref().unwrap_or_default()),
        merchant: String::new(),
        logo: None,
        is_test: false,
        order: None,
        action: if is_path { again.to_owned() } else { String::new() },
        back: None,
        framed_by: Vec::new(),
        step,
    };
    answered(status, &render(&page))
}

/// What the browser reads best.
fn accepted(ask: &Open) -> Option<String> {
    ask.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// Whether the browser says that the form comes from a page of ours, or says nothing.
fn is_own(ask: &Open) -> bool {
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

fn see_other(path: &str) -> Response {
    let mut response = answered(StatusCode::SEE_OTHER, &Rendered::empty());
    if let Ok(path) = HeaderValue::from_str(path) {
        response.headers_mut().insert(header::LOCATION, path);
    }
    response
}

fn answered(status: StatusCode, page: &Rendered) -> Response {
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
