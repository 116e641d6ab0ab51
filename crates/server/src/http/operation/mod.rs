//! What the people who run the server look at: is it alive, can it serve, how busy is it, and what
//! does it offer.
//!
//! Nothing here needs a credential and nothing here shows data: an installation that does not want
//! its numbers read keeps `/metrics` behind its proxy. Documents and pages are made once, at the
//! start.

mod document;
pub mod example;
pub mod metrics;
mod readiness;
mod reference;
pub mod unknown_outcomes;

use super::fixed_document::FixedDocument;
use crate::app::App;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use document::Document;
use example::ExampleValues;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use metrics_exporter_prometheus::PrometheusHandle;
use readiness::Readiness;
use std::sync::Arc;
use tokio::task::AbortHandle;

const V2_DESCRIPTION: &str = "/openapi/v2.json";
const GLOBAL_DESCRIPTION: &str = "/openapi/global.json";

/// What the operation endpoints are made of. Cheap to clone; all clones are one.
#[derive(Debug, Clone)]
pub struct OperationState(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    metrics: PrometheusHandle,
    readiness: Readiness,
    v2_description: FixedDocument,
    global_description: FixedDocument,
    reference: FixedDocument,
    /// Tidies the recorded numbers even when nobody asks for them.
    upkeep: Option<AbortHandle>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(upkeep) = &self.upkeep {
            upkeep.abort();
        }
    }
}

impl OperationState {
    /// Renders everything that is served unchanged. To be called inside the runtime that serves.
    pub fn new(metrics: PrometheusHandle, values: &ExampleValues) -> Self {
        let description = paypier_wire::v2::openapi::openapi();
        // The description is made of our own types: it cannot fail to be written.
        let description = serde_json::to_value(&description).unwrap_or_default();
        let others = [("Global dialect", GLOBAL_DESCRIPTION)];
        let page = reference::page(&Document::read(&description), V2_DESCRIPTION, &others, values);
        let upkeep = tokio::runtime::Handle::try_current()
            .ok()
            .map(|runtime| runtime.spawn(metrics::keep_up(metrics.clone())).abort_handle());
        Self(Arc::new(Inner {
            metrics,
            readiness: Readiness::default(),
            v2_description: FixedDocument::new(description.to_string(), "application/json"),
            global_description: FixedDocument::new(
                paypier_wire::global::openapi::openapi().to_string(),
                "application/json",
            ),
            reference: FixedDocument::new(page.html, "text/html; charset=utf-8")
                .under_policy(&page.content_security_policy),
            upkeep,
        }))
    }

    /// From now on this process says that it cannot serve, so that balancers send nothing new.
    pub fn drain(&self) {
        self.0.readiness.drain();
    }
}

#[derive(Debug, Clone)]
struct Served {
    app: App,
    operation: OperationState,
}

/// `/healthz`, `/readyz`, `/metrics`, `/openapi/…` and `/docs`.
pub fn routes(app: App, operation: OperationState) -> Router {
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .route("/metrics", get(numbers))
        .route(V2_DESCRIPTION, get(v2_description))
        .route(GLOBAL_DESCRIPTION, get(global_description))
        .route("/docs", get(reference))
        .route("/docs/", get(|| async { Redirect::permanent("/docs") }))
        .with_state(Served { app, operation })
}

/// Alive: this process answers. It says nothing about the database, so that a database that is away
/// for a while does not get every process of ours restarted.
async fn alive() -> Response {
    answer(StatusCode::OK, "application/json", r#"{"status":"alive"}"#.to_owned())
}

/// Ready: this process can do what it is for, and wants to.
async fn ready(State(served): State<Served>) -> Response {
    match served.operation.0.readiness.ask(&served.app.storage).await {
        Ok(()) => answer(StatusCode::OK, "application/json", r#"{"status":"ready"}"#.to_owned()),
        Err(hindrance) => {
            let body = serde_json::json!({"status": "not ready", "reason": hindrance.to_string()});
            answer(StatusCode::SERVICE_UNAVAILABLE, "application/json", body.to_string())
        }
    }
}

async fn numbers(State(served): State<Served>) -> Response {
    let body = served.operation.0.metrics.render();
    answer(StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", body)
}

async fn v2_description(State(served): State<Served>, headers: HeaderMap) -> Response {
    served.operation.0.v2_description.response(&headers)
}

async fn global_description(State(served): State<Served>, headers: HeaderMap) -> Response {
    served.operation.0.global_description.response(&headers)
}

async fn reference(State(served): State<Served>, headers: HeaderMap) -> Response {
    served.operation.0.reference.response(&headers)
}

fn answer(status: StatusCode, content_type: &'static str, body: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, body).into_response()
}

#[cfg(test)]
mod tests;
