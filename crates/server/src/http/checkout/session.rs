//! The page of a payment session, and the form that it sends.
//!
//! Whoever knows the address sees the page. It makes nothing when it is read, so that whoever looks at a
//! link before its reader does (a messenger, a mail filter) begins no payment.

use super::form::Form;
use super::page::{answered, is_own, language, missing, see_other, unavailable};
use crate::app::checkout::session::{SessionView, SheetChoice, SheetTaken, Standing};
use crate::app::checkout::start::{StartCode, StartError};
use crate::app::failure::Failure;
use crate::http::pages::checkout::model::Refusal;
use crate::http::pages::checkout::of_session::{self, Problem, Sheet};
use crate::http::pages::checkout::refused;
use crate::http::v2::ask::Open;
use axum::response::Response;
use http::{StatusCode, header};
use paypier_domain::checkout_profile::CheckoutMethod;
use paypier_domain::id::TransactionId;
use paypier_domain::payment::{Origin, Platform};

/// The query parameter that names the attempt a buyer comes back from.
const TRIED: &str = "attempt";

/// Where the session's page is.
pub fn address(id: &str) -> String {
    format!("/checkout/sessions/{id}")
}

/// The page for a buyer who comes back from an attempt.
pub fn after(id: &str, transaction: Option<&str>) -> String {
    match transaction {
        Some(transaction) => format!("{}?{TRIED}={transaction}", address(id)),
        None => address(id),
    }
}

/// What could be a session's id; nothing else is written into an address.
pub fn is_session_id(text: &str) -> bool {
    text.len() == 48 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
}

fn id(ask: &Open) -> Option<String> {
    ask.segment(2).ok().filter(|id| is_session_id(id))
}

/// `GET /checkout/sessions/{session}`
pub async fn shown(ask: Open) -> Response {
    let Some(id) = id(&ask) else { return missing(&ask) };
    let tried =
        ask.parameter(TRIED).ok().flatten().filter(|tried| tried.len() <= 64).map(TransactionId::known);
    match ask.app.session_view(&id, tried.as_ref()).await {
        Ok(Some(view)) => page(&ask, &id, &view, None),
        Ok(None) => missing(&ask),
        Err(failure) => unavailable(&ask, &failure, &address(&id)),
    }
}

/// `POST /checkout/sessions/{session}`
pub async fn submitted(ask: Open) -> Response {
    let Some(id) = id(&ask) else { return missing(&ask) };
    if !is_own(&ask) {
        return answered(StatusCode::FORBIDDEN, &refused(Refusal::Stale, language(&ask), &address(&id)));
    }
    let form = Form::read(ask.bytes());
    let view = match ask.app.session_view(&id, None).await {
        Ok(Some(view)) => view,
        Ok(None) => return missing(&ask),
        Err(failure) => return unavailable(&ask, &failure, &address(&id)),
    };
    let agreements = view.session.agreements.as_ref().map_or(0, Vec::len);
    if !form.agrees_to(agreements) {
        return page(&ask, &id, &view, Some(Problem::Disagreed));
    }
    let Some(method) = CheckoutMethod::parse(form.method()) else {
        return page(&ask, &id, &view, Some(Problem::NotOffered));
    };
    let choice =
        SheetChoice { nonce: form.nonce().to_owned(), method, origin: origin(&ask), language: spoken(&ask) };
    let (app, of) = (ask.app.clone(), id.clone());
    match ask.worked_off(async move { app.choose_on_sheet(&of, choice).await }).await {
        Some(Ok(Some(SheetTaken::Window(token)))) => see_other(&format!("{}/{token}", address(&id))),
        Some(Ok(Some(SheetTaken::Look))) => see_other(&address(&id)),
        Some(Ok(Some(SheetTaken::NotOffered))) => page(&ask, &id, &view, Some(Problem::NotOffered)),
        Some(Ok(None)) => missing(&ask),
        Some(Err(error)) => not_opened(&ask, &id, &error).await,
        None => unavailable(&ask, &Failure::internal("the work of a form broke off"), &address(&id)),
    }
}

/// A window that did not open: the session has gone on meanwhile, or the shop has to do something.
async fn not_opened(ask: &Open, id: &str, error: &StartError) -> Response {
    let view = match ask.app.session_view(id, None).await {
        Ok(Some(view)) => view,
        Ok(None) => return missing(ask),
        Err(failure) => return unavailable(ask, &failure, &address(id)),
    };
    if !matches!(view.standing, Standing::Open { .. }) {
        return see_other(&address(id));
    }
    match error.code {
        StartCode::ChannelNotFound | StartCode::AllChannelsNotSatisfied => {
            page(ask, id, &view, Some(Problem::NotOffered))
        }
        StartCode::Unavailable | StartCode::Internal => unavailable(ask, &Failure::Unavailable, &address(id)),
        StartCode::BadRequest
        | StartCode::RequestParseFailed
        | StartCode::StoreNotFound
        | StartCode::PaymentAlreadyPaid
        | StartCode::InvalidEntityState
        | StartCode::AmountNotEqualToPredefined
        | StartCode::ConfirmUrlRequired
        | StartCode::IdentityVerificationAlreadyVerified
        | StartCode::ResourceExhausted => {
            tracing::warn!(
                payment.id = %view.session.payment.payment,
                code = error.code.as_str(),
                why = %error.message,
                "a payment session cannot be paid"
            );
            let nonce = ask.app.sheet_nonce(id);
            let address = address(id);
            let sheet = Sheet { address: &address, nonce: &nonce, language: language(ask), problem: None };
            answered(StatusCode::CONFLICT, &of_session::refused(&view, Refusal::Unpayable, sheet))
        }
    }
}

fn page(ask: &Open, id: &str, view: &SessionView, problem: Option<Problem>) -> Response {
    let status = match &view.standing {
        Standing::Closed | Standing::Cancelled | Standing::Expired => StatusCode::GONE,
        Standing::NoMethod => StatusCode::CONFLICT,
        Standing::Open { .. }
        | Standing::Working
        | Standing::Pending
        | Standing::AccountIssued(_)
        | Standing::Paid => StatusCode::OK,
    };
    let (address, nonce) = (address(id), ask.app.sheet_nonce(id));
    let sheet = Sheet { address: &address, nonce: &nonce, language: language(ask), problem };
    answered(status, &of_session::rendered(view, sheet))
}

/// The buyer's browser. The page's own address is left out: whoever knows it sees the session.
fn origin(ask: &Open) -> Origin {
    let origin = ask.origin();
    let is_phone = origin.user_agent.as_deref().is_some_and(|agent| agent.contains("Mobi"));
    Origin { platform: if is_phone { Platform::Mobile } else { Platform::Pc }, url: None, ..origin }
}

/// The language that the browser likes best: `ko-KR`.
fn spoken(ask: &Open) -> Option<String> {
    let accepted = ask.headers().get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let first = accepted.split([',', ';']).next()?.trim();
    (!first.is_empty() && first.len() <= 35).then(|| first.to_owned())
}
