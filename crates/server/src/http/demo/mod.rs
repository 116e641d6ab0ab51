//! `/demo`: a shop to try the server with, in local mode only.
//!
//! The page plays the shop's front end: it calls the browser SDK like any shop's page. The routes below
//! it play the shop's back end: they hold the demo secret and pass on a few questions to this server's
//! own API, as a shop's server would over the network. Nothing is decided here. Pages of other origins
//! get nothing from these routes, because whoever reaches them acts as the shop.

mod page;

use crate::http::fixed_document::FixedDocument;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::sync::Arc;
use tower::ServiceExt;

/// What the one thing in the shop costs, in won.
const PRICE: u32 = 12_900;

/// What the demo shop got from its payment provider when it signed up: us.
#[derive(Debug, Clone)]
pub struct DemoShop {
    /// The demo credential of local mode, which is no secret.
    pub api_secret: &'static str,
    pub store_id: &'static str,
    /// Channel keys by the name that `sandbox.json` gives them.
    pub channels: Vec<(&'static str, &'static str)>,
}

#[derive(Debug, Clone)]
struct Served {
    shop: Arc<DemoShop>,
    page: FixedDocument,
    /// Everything that this server serves to shops.
    api: Router,
}

pub fn routes(shop: DemoShop, api: Router) -> Router {
    let page = page::document(&shop);
    let served = Served { shop: Arc::new(shop), page, api };
    Router::new()
        .route("/demo", get(shown))
        .route("/demo/payments/{paymentId}", get(payment))
        .route("/demo/payments/{paymentId}/cancel", post(cancelled))
        .route("/demo/payments/{paymentId}/deposit", post(deposited))
        .route("/demo/payments/{paymentId}/charge/{billingKey}", post(charged))
        .route("/demo/billing-keys/{billingKey}", get(billing_key))
        .route("/demo/events", get(events))
        .with_state(served)
}

async fn shown(State(served): State<Served>, headers: HeaderMap) -> Response {
    served.page.response(&headers)
}

async fn payment(State(served): State<Served>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    served.asks(&headers, Method::GET, format!("/payments/{}", segment(&id)), "").await
}

async fn cancelled(State(served): State<Served>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let body = r#"{"reason":"The buyer of the demo shop changed their mind"}"#;
    served.asks(&headers, Method::POST, format!("/payments/{}/cancel", segment(&id)), body).await
}

async fn deposited(State(served): State<Served>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let body = format!(r#"{{"amount":{PRICE}}}"#);
    served.asks(&headers, Method::POST, format!("/sandbox/payments/{}/deposit", segment(&id)), body).await
}

async fn billing_key(State(served): State<Served>, Path(key): Path<String>, headers: HeaderMap) -> Response {
    served.asks(&headers, Method::GET, format!("/billing-keys/{}", segment(&key)), "").await
}

async fn charged(
    State(served): State<Served>,
    Path((id, key)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let body = serde_json::json!({
        "billingKey": key, "orderName": "Pour-over set", "amount": { "total": PRICE }, "currency": "KRW",
    });
    served
        .asks(&headers, Method::POST, format!("/payments/{}/billing-key", segment(&id)), body.to_string())
        .await
}

async fn events(State(served): State<Served>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let query = query.unwrap_or_default();
    served.asks(&headers, Method::GET, format!("/webhook-events?{query}"), "").await
}

impl Served {
    /// Asks this server's own API as the shop's server would.
    async fn asks(
        &self,
        headers: &HeaderMap,
        method: Method,
        path: String,
        body: impl Into<Body>,
    ) -> Response {
        if !is_our_page(headers) {
            return StatusCode::FORBIDDEN.into_response();
        }
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("PortOne {}", self.shop.api_secret))
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.into());
        let Ok(request) = request else { return StatusCode::BAD_REQUEST.into_response() };
        let Ok(mut answer) = self.api.clone().oneshot(request).await;
        answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        answer
    }
}

/// Browsers say where a request comes from, and no page can make them say something else.
fn is_our_page(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_none_or(|site| site == "same-origin")
}

fn segment(text: &str) -> impl std::fmt::Display + '_ {
    utf8_percent_encode(text, NON_ALPHANUMERIC)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    const SECRET: &str = "demo-api-secret";

    fn shop() -> Router {
        let echo = |request: Request<Body>| async move {
            let said = request.headers()[header::AUTHORIZATION].to_str().unwrap().to_owned();
            format!("{} {} {said}", request.method(), request.uri())
        };
        let shop =
            DemoShop { api_secret: SECRET, store_id: "store-1", channels: vec![("card", "channel-key-1")] };
        routes(shop, Router::new().fallback(echo))
    }

    async fn asks(method: Method, path: &str, site: &str) -> (StatusCode, String) {
        let request = Request::builder().method(method).uri(path).header("sec-fetch-site", site);
        let answer = shop().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let status = answer.status();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn the_shops_back_end_asks_the_api_with_its_secret() {
        for (method, path, asked) in [
            (Method::GET, "/demo/payments/order-1", "GET /payments/order%2D1"),
            (Method::GET, "/demo/payments/a%2Fb", "GET /payments/a%2Fb"),
            (Method::POST, "/demo/payments/order-1/cancel", "POST /payments/order%2D1/cancel"),
            (Method::POST, "/demo/payments/order-1/deposit", "POST /sandbox/payments/order%2D1/deposit"),
            (Method::GET, "/demo/billing-keys/key-1", "GET /billing-keys/key%2D1"),
            (Method::POST, "/demo/payments/order-1/charge/key-1", "POST /payments/order%2D1/billing-key"),
            (Method::GET, "/demo/events?after=now&wait=5", "GET /webhook-events?after=now&wait=5"),
        ] {
            let (status, body) = asks(method, path, "same-origin").await;
            assert_eq!((status, body), (StatusCode::OK, format!("{asked} PortOne {SECRET}")));
        }
    }

    #[tokio::test]
    async fn a_page_of_another_origin_cannot_act_as_the_shop() {
        for site in ["cross-site", "same-site", "none"] {
            for (method, path) in
                [(Method::GET, "/demo/payments/a"), (Method::POST, "/demo/payments/a/cancel")]
            {
                assert_eq!(asks(method, path, site).await, (StatusCode::FORBIDDEN, String::new()));
            }
        }
    }

    #[tokio::test]
    async fn the_page_holds_no_secret() {
        let (status, page) = asks(Method::GET, "/demo", "none").await;
        assert_eq!(status, StatusCode::OK);
        assert!(page.contains("channel-key-1") && page.contains("/v2/browser-sdk.js"));
        assert!(!page.contains(SECRET));
    }
}
