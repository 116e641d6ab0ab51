//! The checkout over HTTP: what the browser SDK asks, and the pages that buyers see.
//!
//! The SDK speaks from any origin and without credentials: everything it sends is untrusted. The token of
//! a window is the only key to it; it is never logged (the log has routes, not paths), never sent as a
//! referrer, and pages that carry it are not cached.

mod api;
pub(in crate::http) mod form;
mod members;
pub(in crate::http) mod page;
mod sdk_request;
mod session;
#[cfg(test)]
mod tests;
mod vocabulary;

use super::Http;
use axum::Router;
use axum::routing::{get, post, put};

/// Everything below `/checkout`, without what stands around every request.
pub fn routes() -> Router<Http> {
    Router::new()
        .route("/checkout/windows", post(api::open).options(api::preflight))
        .route("/checkout/windows/{window}", put(api::update).options(api::preflight))
        .route("/checkout/windows/{window}/result", get(api::result).options(api::preflight))
        .route("/checkout/windows/{window}/close", post(api::close).options(api::preflight))
        .route("/checkout/sessions/{session}", get(session::shown).post(session::submitted))
        .route("/checkout/sessions/{session}/{window}", get(page::shown).post(page::submitted))
        .route("/checkout/{window}", get(page::shown).post(page::submitted))
}
