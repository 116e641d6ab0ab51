//! The page on which a customer enrols, and where it leads.
//!
//! Whoever has the link's reference sees it. Its form is taken from our own page only: the nonce counts the
//! confirmations, so that a page that was left behind confirms nothing once more. Of two confirmations one wins;
//! the other one is shown how it ended.

use crate::app::checkout::submit::Submission;
use crate::app::checkout::view::Notice;
use crate::app::subscription::{Enrol, Enrollable, Enrolment, SubscriptionRefusal};
use crate::global::message::with_parameters;
use crate::global::subscription::redirect;
use crate::http::Http;
use crate::http::checkout::form::{Form, Sent};
use crate::http::checkout::page::{answered, is_own, language, see_other};
use crate::http::pages::checkout::model::Refusal;
use crate::http::pages::checkout::of_subscription::{code, rendered};
use crate::http::pages::checkout::refused;
use crate::http::v2::ask::Open;
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use paypier_domain::id::SubscriptionRef;
use paypier_domain::subscription::Means;
use paypier_wire::global::{Ksuid, TransactionStatus};

pub fn routes() -> Router<Http> {
    Router::new()
        .route("/subscribe/", get(shown).post(submitted))
        .route("/subscribe", get(shown).post(submitted))
}

/// `GET /subscribe/?ref=…`
async fn shown(ask: Open) -> Response {
    match found(&ask).await {
        Ok(Some(link)) => page(&ask, &link, None),
        Ok(None) => missing(&ask),
        Err(refusal) => unavailable(&ask, &refusal),
    }
}

async fn found(ask: &Open) -> Result<Option<Enrollable>, SubscriptionRefusal> {
    // What is no reference is never looked for, nor written into an address.
    let named = ask.parameter("ref")?.and_then(|text| text.parse::<Ksuid>().ok());
    match named {
        Some(reference) => Ok(ask.app.enrollable(&SubscriptionRef::known(reference.to_string())).await?),
        None => Ok(None),
    }
}

fn page(ask: &Open, link: &Enrollable, notice: Option<Notice>) -> Response {
    let now = ask.app.now(&link.profile, link.subscription.environment);
    answered(StatusCode::OK, &rendered(link, language(ask), notice, now))
}

/// `POST /subscribe/?ref=…`
async fn submitted(ask: Open) -> Response {
    let link = match found(&ask).await {
        Ok(Some(link)) => link,
        Ok(None) => return missing(&ask),
        Err(refusal) => return unavailable(&ask, &refusal),
    };
    let here = format!("/subscribe/?ref={}", link.subscription.reference);
    if !is_own(&ask) {
        return answered(StatusCode::FORBIDDEN, &refused(Refusal::Stale, language(&ask), &here));
    }
    let form = Form::read(ask.bytes());
    if form.nonce() != link.subscription.enrolments.to_string() {
        return see_other(&here);
    }
    if form.field("consent") != "yes" {
        return page(&ask, &link, Some(Notice::Malformed));
    }
    let offer = link.offers.iter().find(|offer| code(offer) == form.field("method"));
    let Some(means) = offer.map(|offer| offer.means.clone()) else {
        return page(&ask, &link, Some(Notice::NotOffered));
    };
    let card = match form.sent(&ask.origin().ip_address) {
        Sent::Submission(Submission::Card { card, .. }) => card,
        Sent::Malformed(notice) => return page(&ask, &link, Some(notice)),
        Sent::Submission(_) | Sent::Done | Sent::Strange => return see_other(&here),
    };
    drop(form);
    enrolled(&ask, link, means, card, &here).await
}

async fn enrolled(
    ask: &Open,
    link: Enrollable,
    means: Means,
    card: paypier_connectors::contract::Card,
    here: &str,
) -> Response {
    let enrol =
        Enrol { subscription: link.subscription.reference.clone(), means, card, origin: ask.origin() };
    let app = ask.app.clone();
    match ask.worked_off(async move { app.enrol(enrol).await }).await {
        Some(Ok(enrolment)) => led(ask, &link, enrolment, here).await,
        Some(Err(refusal)) => unavailable(ask, &refusal),
        None => see_other(here),
    }
}

/// Where the customer goes from here: on to the shop, or to the page once more.
async fn led(ask: &Open, link: &Enrollable, enrolment: Enrolment, here: &str) -> Response {
    let notice = match enrolment {
        Enrolment::Kept(subscription) => return back(ask, link, &subscription, None),
        Enrolment::Charged(subscription, view) => return back(ask, link, &subscription, Some(&view)),
        Enrolment::Refused(_) => return see_other(here),
        Enrolment::CardRefused => Notice::CardRefused,
        Enrolment::NotOffered => Notice::NotOffered,
    };
    // The nonce is another one now.
    match found(ask).await {
        Ok(Some(link)) => page(ask, &link, Some(notice)),
        Ok(None) => missing(ask),
        Err(refusal) => unavailable(ask, &refusal),
    }
}

fn back(
    ask: &Open,
    link: &Enrollable,
    subscription: &paypier_domain::subscription::Subscription,
    view: Option<&crate::app::global::order::OrderView>,
) -> Response {
    let secret = match ask.app.global_secret(&link.global) {
        Ok(secret) => secret,
        Err(failure) => return unavailable(ask, &failure.into()),
    };
    let transaction = view.map(|view| view.transaction(&link.global));
    let language = language(ask).tag();
    let told = redirect(subscription, transaction.as_ref(), &link.global.merchant, &secret, language);
    let addresses = &subscription.addresses;
    let address = match transaction.map(|transaction| transaction.status()) {
        None | Some(TransactionStatus::Success | TransactionStatus::Authorized) => &addresses.success,
        Some(TransactionStatus::Initiated | TransactionStatus::Pending | TransactionStatus::UnderReview) => {
            &addresses.pending
        }
        Some(
            TransactionStatus::Failed
            | TransactionStatus::Expired
            | TransactionStatus::Error
            | TransactionStatus::Voided
            | TransactionStatus::Cancelled,
        ) => &addresses.failure,
    };
    see_other(&with_parameters(address, &told.parameters()))
}

fn missing(ask: &Open) -> Response {
    answered(StatusCode::NOT_FOUND, &refused(Refusal::Missing, language(ask), ""))
}

fn unavailable(ask: &Open, refusal: &SubscriptionRefusal) -> Response {
    tracing::error!(?refusal, "the page of a subscription could not be shown");
    answered(StatusCode::SERVICE_UNAVAILABLE, &refused(Refusal::Unavailable, language(ask), ""))
}
