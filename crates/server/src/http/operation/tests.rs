//! The operation endpoints as a balancer, Prometheus and a browser see them.

use super::*;
use crate::compose::{self, Composed, Ingredients, Machine, Migration, Mode, secrets};
use crate::config::Config;
use axum::body::Body;
use axum::extract::Request;
use http_body_util::BodyExt;
use tower::ServiceExt;

struct Watched {
    router: Router,
    operation: OperationState,
    _composed: Composed,
    _folder: tempfile::TempDir,
}

impl Watched {
    async fn server() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        folder.path().clone_into(&mut config.server.data_dir);
        let machine = Machine::real();
        let storage = compose::open_storage(&config, &machine, Migration::Apply).await.unwrap();
        let keyring = secrets::local_keys(&config, &machine).unwrap();
        let public_url = "https://pay.example.com".to_owned();
        let ingredients = Ingredients {
            config: &config,
            mode: Mode::Local,
            machine,
            storage,
            keyring,
            sandbox_secret: None,
            public_url: public_url.clone(),
        };
        let composed = compose::application(ingredients).unwrap();
        let values = ExampleValues { base_url: public_url, api_secret: None, channel_key: None };
        let operation = OperationState::new(metrics::install(), &values);
        let router = routes(composed.app.clone(), operation.clone());
        Self { router, operation, _composed: composed, _folder: folder }
    }

    async fn gets(&self, path: &str) -> (StatusCode, HeaderMap, String) {
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        (parts.status, parts.headers, String::from_utf8(body.to_vec()).unwrap())
    }
}

#[tokio::test]
async fn a_server_is_ready_until_it_drains_and_alive_all_the_time() {
    let watched = Watched::server().await;
    assert_eq!(watched.gets("/healthz").await.0, StatusCode::OK);
    let (status, _, body) = watched.gets("/readyz").await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, r#"{"status":"ready"}"#));
    watched.operation.drain();
    let (status, _, body) = watched.gets("/readyz").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(body, r#"{"reason":"the server is shutting down","status":"not ready"}"#);
    assert_eq!(watched.gets("/healthz").await.0, StatusCode::OK);
}

#[tokio::test]
async fn the_numbers_are_those_of_this_process() {
    let watched = Watched::server().await;
    ::metrics::counter!("paypier_http_requests_total", "route" => "/x", "method" => "GET", "status" => "200")
        .increment(1);
    let (status, headers, body) = watched.gets("/metrics").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers[header::CONTENT_TYPE], "text/plain; version=0.0.4; charset=utf-8");
    assert!(body.contains("# TYPE paypier_http_requests_total counter"), "{body}");
    assert!(body.contains("# HELP paypier_http_requests_total Requests answered"), "{body}");
}

#[tokio::test]
async fn the_description_and_the_reference_are_served_and_kept_by_their_reader() {
    let watched = Watched::server().await;
    let (status, headers, body) = watched.gets("/openapi/v2.json").await;
    assert_eq!(
        (status, headers[header::CONTENT_TYPE].to_str().unwrap()),
        (StatusCode::OK, "application/json")
    );
    let description: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(description, serde_json::to_value(paypier_wire::v2::openapi::openapi()).unwrap());
    let (status, _, body) = watched.gets("/openapi/global.json").await;
    assert_eq!(status, StatusCode::OK);
    let global: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(global, paypier_wire::global::openapi::openapi());
    let (status, headers, body) = watched.gets("/docs").await;
    assert!(body.contains("href=\"/openapi/global.json\""));
    assert_eq!(status, StatusCode::OK);
    assert!(headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().starts_with("default-src 'none'"));
    assert!(body.contains("https://pay.example.com/payments/"), "examples speak of this server");
    assert_eq!(watched.gets("/docs/").await.0, StatusCode::PERMANENT_REDIRECT);
}
