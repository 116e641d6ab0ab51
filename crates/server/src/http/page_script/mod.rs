//! `/portone.js`: payments and links of the Global dialect from a shop's page.
//!
//! It is for pages of any origin and finds its server by its own address. What it asks is signed by the shop's server;
//! what it is told by the page in a frame is taken from this server's origin and from that frame alone.

use super::fixed_document::FixedDocument;
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use http::{HeaderMap, HeaderName, header};
use std::sync::LazyLock;

static SCRIPT: LazyLock<FixedDocument> = LazyLock::new(|| {
    FixedDocument::new(include_str!("portone.js"), "text/javascript; charset=utf-8")
        .with(header::CACHE_CONTROL, "public, max-age=300")
        .with(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")
        .with(HeaderName::from_static("cross-origin-resource-policy"), "cross-origin")
});

pub fn routes() -> Router {
    Router::new().route("/portone.js", get(script))
}

async fn script(headers: HeaderMap) -> Response {
    SCRIPT.response(&headers)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_script_names_no_host_and_evaluates_no_text() {
        let script = include_str!("portone.js");
        for word in ["http://", "https://", "eval(", "Function(", "innerHTML", "document.write"] {
            assert!(!script.contains(word), "{word}");
        }
    }
}
