//! The simulated PSP behind a socket: the same PSP that is called in process, so that a connector
//! can be run over a real network. It has its own credentials (a merchant's key), not ours.
//!
//! `ANY /sandbox/psp/v1/…` with the header that names the store, or `ANY /sandbox/psp/v1/{storeId}/…`.

use super::control::{read_body, refusal};
use super::simulator;
use crate::app::App;
use crate::http::address;
use crate::http::v2::problem;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue};
use paypier_connectors::exchange::{ExchangeRequest, ExchangeResponse};
use paypier_connectors::simulator::STORE_HEADER;
use paypier_connectors::simulator::psp::PspAnswer;
use paypier_domain::id::StoreId;
use paypier_wire::v2::ErrorType;
use std::time::Duration;

const MOUNTED_AT: &str = "/sandbox/psp";
/// Above every connector's read timeout: whoever waits for an answer that never comes gives up
/// before we do.
const SILENCE: Duration = Duration::from_secs(45);
/// The headers that the PSP looks at.
const HEADERS: [&str; 4] = [STORE_HEADER, "x-sandbox-merchant", "x-sandbox-secret", "idempotency-key"];

pub async fn called(State(app): State<App>, request: Request) -> Response {
    let Some((store, path)) = addressed(&request) else {
        return problem::transport(
            ErrorType::InvalidRequest,
            "the store of a call to the simulated PSP is named by the header X-Sandbox-Store or by the path's next part",
        );
    };
    let psp = match simulator(&app) {
        Ok(psp) => psp,
        Err(failure) => return refusal(&failure),
    };
    let now = match app.test_clock(&store).await {
        Ok(now) => now,
        Err(failure) => return refusal(&failure),
    };
    let method = request.method().clone();
    let headers = HEADERS
        .iter()
        .filter_map(|name| Some((*name, request.headers().get(*name)?.to_str().ok()?.to_owned())))
        .collect();
    let body = match read_body(request).await {
        Ok(body) => body,
        Err(response) => return response,
    };
    let request = ExchangeRequest { method, path, headers, body, read_timeout: SILENCE };
    let random = app.random.number();
    // The PSP goes on with its work when the caller has gone.
    let work = tokio::spawn(async move {
        let reply = psp.handle(&store, request, now, random).await;
        // What goes out before the answer is queued: the scheduler has the time of the delay.
        if !reply.notify_first.is_empty() {
            app.bell.notify_one();
        }
        reply
    });
    let Ok(reply) = work.await else {
        return problem::panicked();
    };
    match reply.answer {
        PspAnswer::Answer(answer) => {
            tokio::time::sleep(reply.delay).await;
            answered(answer)
        }
        PspAnswer::NeverAnswer => {
            tokio::time::sleep(SILENCE).await;
            problem::too_late()
        }
    }
}

/// Which store is meant, and the call as the PSP knows it.
fn addressed(request: &Request) -> Option<(StoreId, String)> {
    let whole = request.uri().path_and_query().map_or("", |address| address.as_str());
    let call = whole.strip_prefix(MOUNTED_AT)?.strip_prefix("/v1/")?;
    let (first, rest) = call.split_once('/').unwrap_or((call, ""));
    let first = address::segment(first, 0).ok()?;
    let named = request.headers().get(STORE_HEADER).and_then(|value| value.to_str().ok());
    let (store, call) = match named {
        Some(named) if named == first => (first.as_str(), rest),
        Some(named) => (named, call),
        None => (first.as_str(), rest),
    };
    Some((StoreId::parse(store).ok()?, format!("/v1/{call}")))
}

fn answered(answer: ExchangeResponse) -> Response {
    let mut response = (answer.status, Body::from(answer.body)).into_response();
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_store_is_named_by_header_or_path() {
        for (path, named, store, call) in [
            ("/sandbox/psp/v1/charges/a%2Fb?x=1", Some("store-1"), "store-1", "/v1/charges/a%2Fb?x=1"),
            ("/sandbox/psp/v1/store-1/charges/a%2Fb", None, "store-1", "/v1/charges/a%2Fb"),
            ("/sandbox/psp/v1/store-1/charges", Some("store-1"), "store-1", "/v1/charges"),
        ] {
            let mut request = Request::builder().uri(path);
            if let Some(named) = named {
                request = request.header(STORE_HEADER, named);
            }
            let found = addressed(&request.body(Body::empty()).unwrap());
            assert_eq!(found, Some((StoreId::known(store), call.to_owned())), "{path}");
        }
    }
}
