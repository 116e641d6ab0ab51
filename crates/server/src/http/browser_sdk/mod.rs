//! `/v2/browser-sdk.js` and `/v2/browser-sdk.esm.js`: the script behind `window.PortOne`.
//!
//! Built from `sdk/browser` and committed here, so that building the server needs no Node.js. It is
//! for pages of any origin, finds its server by its own address, and is asked for again after five
//! minutes, so that a shop whose server was updated has the new one soon.

use super::fixed_document::FixedDocument;
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use http::{HeaderMap, HeaderName, header};
use std::sync::LazyLock;

static SCRIPT: LazyLock<FixedDocument> = LazyLock::new(|| document(include_str!("browser-sdk.js")));
static MODULE: LazyLock<FixedDocument> = LazyLock::new(|| document(include_str!("browser-sdk.esm.js")));

fn document(script: &'static str) -> FixedDocument {
    FixedDocument::new(script, "text/javascript; charset=utf-8")
        .with(header::CACHE_CONTROL, "public, max-age=300")
        .with(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")
        // Pages that isolate themselves (Cross-Origin-Embedder-Policy) may load it as well.
        .with(HeaderName::from_static("cross-origin-resource-policy"), "cross-origin")
}

pub fn routes() -> Router {
    Router::new().route("/v2/browser-sdk.js", get(script)).route("/v2/browser-sdk.esm.js", get(module))
}

async fn script(headers: HeaderMap) -> Response {
    SCRIPT.response(&headers)
}

async fn module(headers: HeaderMap) -> Response {
    MODULE.response(&headers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use http::{Request, StatusCode};
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    #[tokio::test]
    async fn the_script_is_for_every_page_and_is_kept_by_its_tag() {
        for path in ["/v2/browser-sdk.js", "/v2/browser-sdk.esm.js"] {
            let ask = |tag: &str| {
                Request::get(path).header(header::IF_NONE_MATCH, tag).body(Body::empty()).unwrap()
            };
            let answer = routes().oneshot(ask("")).await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK);
            let headers = answer.headers().clone();
            assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
            assert_eq!(headers[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
            assert_eq!(headers[header::CACHE_CONTROL], "public, max-age=300");
            let body = answer.into_body().collect().await.unwrap().to_bytes();
            assert!(body.len() <= 25_000, "{path} has {} bytes", body.len());

            let tag = headers[header::ETAG].to_str().unwrap();
            let answer = routes().oneshot(ask(tag)).await.unwrap();
            assert_eq!(answer.status(), StatusCode::NOT_MODIFIED);
            assert!(answer.into_body().collect().await.unwrap().to_bytes().is_empty());
        }
    }

    #[test]
    fn the_script_names_no_other_host_and_evaluates_no_text() {
        for script in [include_str!("browser-sdk.js"), include_str!("browser-sdk.esm.js")] {
            for word in ["http://", "https://", "eval(", "Function(", "innerHTML", "document.write"] {
                assert!(!script.contains(word), "{word}");
            }
        }
    }
}
