//! The pages that buyers see, and the forms that they send.
//!
//! A page is shown to whoever has its token, in a frame of the opening page's origin only. A form is taken
//! from our own pages: its nonce is of this step of this window, and a browser that says where it comes
//! from must say that it comes from here. Every form is answered by a redirect to the page, so that going
//! back and reloading send nothing twice.

use super::api::told_as_json;
use super::form::{Form, Sent};
use super::session;
use crate::app::checkout::is_token;
use crate::app::checkout::submit::Submitted;
use crate::app::checkout::view::{Notice, StepView, WindowView};
use crate::app::failure::Failure;
use crate::http::pages::checkout::model::{Language, Refusal};
use crate::http::pages::checkout::{Rendered, of_window, refused};
use crate::http::v2::ask::Open;
use crate::keyring::digest;
use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use paypier_domain::checkout::Presentation;
use subtle::ConstantTimeEq;
use url::Url;

/// A window's page: by itself, or below the payment session that the buyer comes from and goes back to.
struct Place {
    token: String,
    session: Option<String>,
}

impl Place {
    /// What is no token and no id is never written into a redirect.
    fn of(ask: &Open) -> Option<Self> {
        let segment = |index| ask.segment(index).ok();
        let place = match segment(3).filter(|token| !token.is_empty()) {
            None => Self { token: segment(1)?, session: None },
            Some(token) => Self { token, session: Some(segment(2).filter(|id| session::is_session_id(id))?) },
        };
        is_token(&place.token).then_some(place)
    }

    fn address(&self) -> String {
        match &self.session {
            None => format!("/checkout/{}", self.token),
            Some(id) => format!("{}/{}", session::address(id), self.token),
        }
    }

    /// A window is found below its own session only.
    fn has(&self, view: &WindowView) -> bool {
        self.session.as_deref().is_none_or(|id| {
            view.session.as_ref().is_some_and(|session| bool::from(digest(id).ct_eq(&session.digest)))
        })
    }
}

/// `GET /checkout/{window}` and `GET /checkout/sessions/{session}/{window}`
pub async fn shown(ask: Open) -> Response {
    let Some(place) = Place::of(&ask) else { return missing(&ask) };
    look(&ask, &place, None).await
}

/// The window as it stands; `notice` is about the form that was just sent.
async fn look(ask: &Open, place: &Place, notice: Option<Notice>) -> Response {
    match ask.app.window_view(&place.token, notice).await {
        Ok(Some(view)) if place.has(&view) => on(&view, place),
        Ok(_) => missing(ask),
        Err(failure) => unavailable(ask, &failure, &place.address()),
    }
}

/// `POST /checkout/{window}` and `POST /checkout/sessions/{session}/{window}`
pub async fn submitted(ask: Open) -> Response {
    let Some(place) = Place::of(&ask) else { return missing(&ask) };
    if !is_own(&ask) {
        return answered(StatusCode::FORBIDDEN, &refused(Refusal::Stale, language(&ask), &place.address()));
    }
    let form = Form::read(ask.bytes());
    let submission = match form.sent(&ask.origin().ip_address) {
        Sent::Submission(submission) => submission,
        Sent::Done => return done(&ask, &place).await,
        Sent::Malformed(notice) => return look(&ask, &place, Some(notice)).await,
        Sent::Strange => return see_other(&place.address()),
    };
    let nonce = form.nonce().to_owned();
    drop(form);
    let (app, of) = (ask.app.clone(), place.token.clone());
    match ask.worked_off(async move { app.submit(&of, &nonce, submission).await }).await {
        Some(Ok(Some(Submitted::Look | Submitted::NeedsToken))) => see_other(&place.address()),
        Some(Ok(Some(Submitted::WrongCode))) => look(&ask, &place, Some(Notice::Malformed)).await,
        Some(Ok(Some(Submitted::TryAgain))) => look(&ask, &place, Some(Notice::TryAgain)).await,
        Some(Ok(Some(Submitted::NotOffered))) => look(&ask, &place, Some(Notice::NotOffered)).await,
        Some(Ok(Some(Submitted::Silent))) => match ask.app.window_view(&place.token, None).await {
            Ok(Some(view)) => page(&WindowView { step: StepView::Silent, ..view }, &place),
            Ok(None) => missing(&ask),
            Err(failure) => unavailable(&ask, &failure, &place.address()),
        },
        Some(Ok(None)) => missing(&ask),
        Some(Err(failure)) => unavailable(&ask, &failure, &place.address()),
        None => unavailable(&ask, &Failure::internal("the work of a form broke off"), &place.address()),
    }
}

/// Where a window's page leads: on to the shop, back to its session, or to what there is to see.
fn on(view: &WindowView, place: &Place) -> Response {
    let StepView::Ended(ended) = &view.step else { return page(view, place) };
    match (&ended.result.redirect_url, &place.session) {
        // A page that vanished at once would take the account number with it.
        (Some(url), _)
            if ended.account.is_none()
                && (view.presentation == Presentation::Redirection || view.is_of_embedded_link()) =>
        {
            see_other(url)
        }
        // The session's page says how its order stands, now and whenever somebody looks again.
        (None, Some(id)) => see_other(&session::after(id, ended.result.member("txId"))),
        (Some(_) | None, _) => page(view, place),
    }
}

/// The buyer has seen the account: the visit ends.
async fn done(ask: &Open, place: &Place) -> Response {
    match ask.app.window_view(&place.token, None).await {
        Ok(Some(view)) => match view.step.clone() {
            StepView::Ended(ended) => {
                let seen = crate::app::checkout::view::EndView { account: None, ..ended };
                on(&WindowView { step: StepView::Ended(seen), ..view }, place)
            }
            _ => see_other(&place.address()),
        },
        Ok(None) => missing(ask),
        Err(failure) => unavailable(ask, &failure, &place.address()),
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

fn page(view: &WindowView, place: &Place) -> Response {
    let told = match &view.step {
        StepView::Ended(ended) if ended.account.is_none() => {
            serde_json::to_string(&told_as_json(&ended.result)).ok()
        }
        _ => None,
    };
    answered(StatusCode::OK, &of_window::rendered(view, &place.address(), told))
}

pub(super) fn missing(ask: &Open) -> Response {
    answered(StatusCode::NOT_FOUND, &refused(Refusal::Missing, language(ask), ""))
}

pub(super) fn unavailable(ask: &Open, failure: &Failure, again: &str) -> Response {
    if let Failure::Internal(inside) = failure {
        tracing::error!(inside = ?inside, "a checkout page could not be shown");
    }
    answered(StatusCode::SERVICE_UNAVAILABLE, &refused(Refusal::Unavailable, language(ask), again))
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
