//! The router as a stranger and as a merchant see it.

use super::ask::{self, Ask, Open};
use super::{ROUTES, V2Answers};
use crate::app::psp::Psps;
use crate::app::success::{Success, Verdict};
use crate::app::ticket::Ticket;
use crate::app::{App, Parts, Policy};
use crate::clock::{SystemClock, SystemRandom};
use crate::http::guard::{self, Guard};
use crate::http::{Http, HttpOptions, router};
use crate::keyring::{Keyring, digest};
use crate::webhooks::send::{self, Courier, NoAnswer, Parcel};
use axum::Router;
use axum::body::Body;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post};
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use jiff::{SignedDuration, Timestamp};
use paypier_domain::account::{ApiSecret, Merchant, Store, StorePolicy};
use paypier_domain::change::{Change, Write};
use paypier_domain::id::{MerchantId, SecretId, StoreId};
use paypier_storage::{DatabaseUrl, Options, Storage, migrate};
use paypier_wire::v2::operation::{Access, Operation, operations};
use paypier_wire::v2::{Error, ErrorType};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tower::ServiceExt;

const SECRET: &str = "a-secret-of-the-first-store";

/// A server with an empty database.
struct Served {
    router: Router,
    http: Http,
    _folder: TempDir,
}

impl Served {
    async fn with(options: HttpOptions) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("paypier.db"));
        let epoch = Timestamp::UNIX_EPOCH;
        migrate(&url, epoch).await.unwrap();
        let storage = Storage::open(Options::new(url, "test")).await.unwrap();
        storage.commit(shop()).await.unwrap();
        let app = App::new(Parts {
            storage,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            keyring: Keyring::new(vec![[7; 32]]),
            psps: Psps::new(Vec::new()),
            simulator: None,
            registries: Default::default(),
            answers: Arc::new(V2Answers),
            courier: Arc::new(NoCourier),
            messenger: Arc::new(crate::notify::Nobody),
            policy: Policy::default(),
        });
        let http = Http { app: app.clone(), options: Arc::new(options.clone()) };
        Self { router: router(app, options), http, _folder: folder }
    }

    async fn open() -> Self {
        Self::with(HttpOptions::default()).await
    }

    async fn answers(&self, request: Request<Body>) -> Answered {
        let response = self.router.clone().oneshot(request).await.unwrap();
        Answered::from(response).await
    }

    /// The same server with one route of a test's own, with everything that stands around it.
    fn with_route(self, route: axum::routing::MethodRouter<Http>) -> Self {
        let guarded = from_fn_with_state(Guard::new(self.http.clone()), guard::stand);
        let router = Router::new().route("/test", route).with_state(self.http.clone()).layer(guarded);
        Self { router, ..self }
    }

    /// A request with the shop's secret.
    async fn ask(&self, method: &str, address: &str, body: &str) -> Answered {
        self.ask_with(method, address, body, &[]).await
    }

    async fn ask_with(&self, method: &str, address: &str, body: &str, headers: &[(&str, &str)]) -> Answered {
        let mut request = Request::builder()
            .method(method)
            .uri(address)
            .header("authorization", format!("PortOne {SECRET}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.answers(request.body(Body::from(body.to_owned())).unwrap()).await
    }
}

/// Nothing here sends webhooks.
#[derive(Debug)]
struct NoCourier;

#[async_trait::async_trait]
impl Courier for NoCourier {
    async fn carry(&self, _: Parcel) -> Result<send::Answer, NoAnswer> {
        Err(NoAnswer("there is no way out of a test".into()))
    }
}

/// A merchant with two stores and a secret of the second, which reaches only that one.
fn shop() -> Change {
    let at = Timestamp::UNIX_EPOCH;
    let merchant = MerchantId::known("merchant-1");
    let store = |id: &str, is_representative| {
        Write::Store(Store {
            id: StoreId::known(id),
            merchant: merchant.clone(),
            name: id.to_owned(),
            is_representative,
            policy: StorePolicy::default(),
            test_clock_offset: SignedDuration::ZERO,
            created_at: at,
        })
    };
    Change {
        writes: vec![
            Write::Merchant(Merchant { id: merchant.clone(), name: "shop".into(), created_at: at }),
            store("store-1", true),
            store("store-2", false),
            Write::ApiSecret(ApiSecret {
                id: SecretId::known("secret-1"),
                merchant: merchant.clone(),
                store: StoreId::known("store-2"),
                name: "till".into(),
                digest: digest(SECRET),
                created_at: at,
                expires_at: None,
                deleted_at: None,
            }),
        ],
        ..Change::default()
    }
}

/// An answer with its body read.
struct Answered {
    status: StatusCode,
    headers: http::HeaderMap,
    body: Vec<u8>,
}

impl Answered {
    async fn from(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Self { status: parts.status, headers: parts.headers, body }
    }

    /// The type of the refusal, whose status has to be the one that belongs to it.
    fn refusal(&self) -> ErrorType {
        let error: Error =
            serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()));
        assert_eq!(error.status(), self.status.as_u16(), "{}", self.text());
        assert_eq!(self.headers["content-type"], "application/json");
        assert!(self.headers.contains_key("x-request-id"));
        error.kind()
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// The operation's address with something in the place of its parameters.
fn address(operation: &Operation) -> String {
    operation
        .path
        .split('/')
        .map(|part| if part.starts_with('{') { "any" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

fn request(method: &str, address: &str, body: Body) -> Request<Body> {
    Request::builder().method(method).uri(address).body(body).unwrap()
}

#[test]
fn what_is_served_is_exactly_what_is_described() {
    let mut served: Vec<_> =
        ROUTES.iter().map(|(method, path, id)| (method.to_uppercase(), *path, *id)).collect();
    let mut described: Vec<_> = operations().map(|o| (o.method.as_str().to_owned(), o.path, o.id)).collect();
    served.sort();
    described.sort();
    assert_eq!(served, described);
}

/// Pages of any origin may read it; what they ask first is answered beside the dialect.
fn is_for_browsers(operation: &Operation) -> bool {
    matches!(operation.id, "evaluateCheckoutProfile" | "getPaymentSession")
}

#[tokio::test]
async fn every_route_refuses_strangers_and_only_public_ones_do_not() {
    let served = Served::open().await;
    for operation in operations() {
        for body in ["", "{", "{\"orderName\": 5}"] {
            let asked = request(operation.method.as_str(), &address(operation), Body::from(body));
            let answered = served.answers(asked).await;
            match operation.access {
                Access::Credential => {
                    assert_eq!(answered.refusal(), ErrorType::Unauthorized, "{}", operation.id)
                }
                Access::Public => assert_ne!(answered.status, 401, "{}: {}", operation.id, answered.text()),
            }
            let is_readable = answered.headers.contains_key("access-control-allow-origin");
            assert_eq!(is_readable, is_for_browsers(operation), "{}", operation.id);
        }
    }
}

#[tokio::test]
async fn malformed_authorizations_are_unauthorized_and_never_more() {
    let served = Served::open().await;
    for authorization in [
        &b""[..],
        b"PortOne",
        b"PortOne ",
        b"Basic Zm9v",
        b"Bearer wrong",
        b"PortOne wrong",
        b"\xff\xfe\x80",
        &[b'x'; 9000],
    ] {
        let asked = Request::builder()
            .uri("/payments/any")
            .header("authorization", authorization)
            .body(Body::empty());
        assert_eq!(
            served.answers(asked.unwrap()).await.refusal(),
            ErrorType::Unauthorized,
            "{authorization:?}"
        );
    }
}

#[tokio::test]
async fn a_method_that_a_path_has_not_is_told_in_the_envelope() {
    let served = Served::open().await;
    for operation in operations() {
        let own: Vec<_> =
            operations().filter(|o| o.path == operation.path).map(|o| o.method.as_str()).collect();
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS]
        {
            if own.contains(&method.as_str()) || (method == Method::OPTIONS && is_for_browsers(operation)) {
                continue;
            }
            let answered = served.answers(request(method.as_str(), &address(operation), Body::empty())).await;
            assert_eq!(answered.refusal(), ErrorType::MethodNotAllowed, "{method} {}", operation.path);
        }
    }
}

#[tokio::test]
async fn unknown_paths_are_told_in_the_envelope_and_nothing_is_normalised() {
    let served = Served::open().await;
    for path in [
        "/",
        "//",
        "/..",
        "/payments/",
        "/payments/a/../b",
        "/payments/a//cancel",
        "/%00",
        "/%ff",
        "/payments%2Fa",
        "//payments/a",
        "/PAYMENTS/a",
    ] {
        let answered = served.answers(request("GET", path, Body::empty())).await;
        assert_eq!(answered.refusal(), ErrorType::NotFound, "{path}");
    }
}

#[tokio::test]
async fn a_body_above_the_limit_is_refused_whether_it_says_so_or_not() {
    let served = Served::with(HttpOptions { body_limit: 100, ..HttpOptions::default() }).await;
    let large = format!("{{\"apiSecret\": \"{}\"}}", "x".repeat(100));
    let declared =
        Request::builder().method("POST").uri("/login/api-secret").header("content-length", large.len());
    let declared = served.answers(declared.body(Body::from(large.clone())).unwrap()).await;
    assert_eq!(declared.refusal(), ErrorType::PayloadTooLarge);
    let chunks =
        futures::stream::iter(large.into_bytes().into_iter().map(|byte| Ok::<_, std::io::Error>(vec![byte])));
    let streamed = served.answers(request("POST", "/login/api-secret", Body::from_stream(chunks))).await;
    assert_eq!(streamed.refusal(), ErrorType::PayloadTooLarge);
}

#[tokio::test]
async fn a_full_server_refuses_at_once() {
    let served = Served::with(HttpOptions { max_in_flight: 0, ..HttpOptions::default() }).await;
    let answered = served.answers(request("GET", "/banks", Body::empty())).await;
    assert_eq!(answered.refusal(), ErrorType::ServiceUnavailable);
    assert_eq!(answered.headers["retry-after"], "1");
}

#[tokio::test]
async fn places_are_given_back() {
    let served = Served::with(HttpOptions { max_in_flight: 1, ..HttpOptions::default() }).await;
    for _ in 0..3 {
        assert_eq!(served.answers(request("GET", "/banks", Body::empty())).await.status, 200);
    }
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_answered_all_the_same() {
    let options = HttpOptions { deadline: Duration::from_millis(20), ..HttpOptions::default() };
    let served = Served::with(options).await;
    let endless = Body::from_stream(futures::stream::pending::<Result<Vec<u8>, std::io::Error>>());
    let answered = served.answers(request("POST", "/login/api-secret", endless)).await;
    assert_eq!(answered.refusal(), ErrorType::ServiceUnavailable);
}

async fn broken(_: Open) -> StatusCode {
    panic!("hunter2")
}

async fn panics(_: Arc<Ask>, _: Ticket) -> Verdict {
    panic!("hunter2")
}

#[tokio::test]
async fn a_panic_is_answered_in_the_envelope_without_its_text() {
    let route = get(broken).post(|request: Ask| ask::change(request, "test", panics));
    let served = Served::open().await.with_route(route);
    for method in ["GET", "POST"] {
        let answered = served.ask(method, "/test", "").await;
        assert_eq!(answered.refusal(), ErrorType::InternalServerError);
        assert!(!answered.text().contains("hunter2"));
    }
}

#[tokio::test]
async fn work_is_finished_and_remembered_though_its_caller_has_left() {
    async fn slow(_: Arc<Ask>, _: Ticket) -> Verdict {
        tokio::time::sleep(Duration::from_millis(100)).await;
        Ok(Success::CancellationStopped { at: Timestamp::UNIX_EPOCH })
    }
    let served = Served::open().await.with_route(post(|request: Ask| ask::change(request, "test", slow)));
    let key = [("idempotency-key", "0123456789abcdef")];

    let left =
        tokio::time::timeout(Duration::from_millis(10), served.ask_with("POST", "/test", "", &key)).await;
    assert!(left.is_err());
    let work = &served.http.options.work;
    assert_eq!(work.len(), 1);
    work.close();
    work.wait().await;

    // The route would take its time; a remembered answer does not.
    let again = tokio::time::timeout(Duration::from_millis(90), served.ask_with("POST", "/test", "", &key))
        .await
        .unwrap();
    assert_eq!(
        (again.status, again.text().as_str()),
        (StatusCode::OK, r#"{"stoppedAt":"1970-01-01T00:00:00Z"}"#)
    );
}

#[tokio::test]
async fn a_request_id_is_kept_or_made() {
    let served = Served::open().await;
    let mut asked = request("GET", "/banks", Body::empty());
    asked.headers_mut().insert("x-request-id", "mine-1".parse().unwrap());
    assert_eq!(served.answers(asked).await.headers["x-request-id"], "mine-1");
    let made = served.answers(request("GET", "/banks", Body::empty())).await;
    assert_eq!(made.headers["x-request-id"].len(), 36);
}

#[tokio::test]
async fn hostile_ids_reach_the_use_case_decoded_and_bad_ones_are_refused() {
    let served = Served::open().await;
    for (id, refusal) in [
        ("order-1", ErrorType::PaymentNotFound),
        ("a%2Fb", ErrorType::PaymentNotFound),
        ("a%3Fb%3Dc%23d", ErrorType::PaymentNotFound),
        ("a%20b+c", ErrorType::PaymentNotFound),
        ("%EC%A3%BC%EB%AC%B8", ErrorType::PaymentNotFound),
        ("..", ErrorType::PaymentNotFound),
        ("%2E%2E%2F%2E%2E", ErrorType::PaymentNotFound),
        ("%25", ErrorType::PaymentNotFound),
        ("%ff", ErrorType::InvalidRequest),
        ("%", ErrorType::InvalidRequest),
        ("%2", ErrorType::InvalidRequest),
        ("a%00b", ErrorType::InvalidRequest),
        ("a%0Ab", ErrorType::InvalidRequest),
        (&"x".repeat(256), ErrorType::InvalidRequest),
    ] {
        for (method, rest, body) in [
            ("GET", "", ""),
            ("GET", "/transactions", ""),
            ("POST", "/cancel", r#"{"reason": "x"}"#),
            ("POST", "/capture", ""),
        ] {
            let answered = served.ask(method, &format!("/payments/{id}{rest}"), body).await;
            assert_eq!(answered.refusal(), refusal, "{method} {id}{rest}");
        }
    }
}

#[tokio::test]
async fn an_empty_id_is_not_an_id() {
    let served = Served::open().await;
    for (method, address) in [("POST", "/payments//cancel"), ("GET", "/payments//transactions")] {
        let answered = served.ask(method, address, r#"{"reason": "x"}"#).await;
        assert_eq!(answered.refusal(), ErrorType::InvalidRequest, "{address}");
    }
}

#[tokio::test]
async fn a_store_out_of_reach_is_forbidden_before_the_syntax_is_looked_at() {
    let served = Served::open().await;
    for (method, address, body) in [
        ("POST", "/payments/a/cancel", r#"{"storeId": "store-1"}"#),
        ("POST", "/payments/a/cancel", r#"{"storeId": "store-1", "reason": 5}"#),
        ("POST", "/payments/a/instant", r#"{"storeId": "store-9", "amount": "x"}"#),
        ("GET", "/payments/a?storeId=store-1", ""),
        ("GET", "/payments/%?storeId=store-1", ""),
        ("GET", "/payments?requestBody=%7B%22filter%22%3A%7B%22storeId%22%3A%22store-1%22%7D%7D", ""),
        ("GET", "/payments-by-cursor", r#"{"storeId": "store-1", "size": 0}"#),
        ("DELETE", "/billing-keys/a?storeId=store-1&skipWebhook=maybe", ""),
        ("POST", "/payments/a/schedule", r#"{"payment": {"storeId": "store-1"}}"#),
        ("DELETE", "/payment-schedules", r#"{"storeId": "store-1"}"#),
        ("DELETE", "/payment-schedules?requestBody=%7B%22storeId%22%3A%22store-1%22%7D", ""),
    ] {
        assert_eq!(
            served.ask(method, address, body).await.refusal(),
            ErrorType::Forbidden,
            "{method} {address} {body}"
        );
    }
    for (method, address, body) in [
        ("POST", "/payments/a/cancel", r#"{"storeId": "store-2"}"#),
        ("POST", "/payments/a/cancel", r#"{"storeId": 5, "reason": "x"}"#),
        ("GET", "/payments/%?storeId=store-2", ""),
        ("DELETE", "/billing-keys/a?skipWebhook=maybe", ""),
        ("DELETE", "/billing-keys/a?requester=NEIGHBOUR", ""),
        ("GET", "/payments?requestBody=%7B", ""),
        ("DELETE", "/payment-schedules", ""),
        ("DELETE", "/payment-schedules?requestBody=%7B%7D", ""),
        ("DELETE", "/payment-schedules?requestBody=%7B", ""),
        ("GET", "/payments?requestBody=%zz", ""),
        ("GET", "/payments/a?storeId=a%00", ""),
    ] {
        assert_eq!(
            served.ask(method, address, body).await.refusal(),
            ErrorType::InvalidRequest,
            "{method} {address} {body}"
        );
    }
}

#[tokio::test]
async fn a_key_is_answered_once_and_malformed_keys_are_refused() {
    let served = Served::open().await;
    let cancel = |key: &'static str, body: &'static str| served_cancel(&served, key, body);
    let first = cancel("\"0123456789abcdef\"", r#"{"reason": "x"}"#).await;
    let again = cancel("0123456789abcdef", r#"{"reason": "x"}"#).await;
    assert_eq!(first.refusal(), ErrorType::PaymentNotFound);
    assert_eq!((first.status, &first.body), (again.status, &again.body));
    let other = cancel("0123456789abcdef", r#"{"reason": "y"}"#).await;
    assert_eq!(other.refusal(), ErrorType::InvalidRequest);
    let short = cancel("short", r#"{"reason": "x"}"#).await;
    assert_eq!(short.refusal(), ErrorType::InvalidRequest);
}

async fn served_cancel(served: &Served, key: &str, body: &str) -> Answered {
    served.ask_with("POST", "/payments/never/cancel", body, &[("idempotency-key", key)]).await
}

#[tokio::test]
async fn lists_answer_from_an_empty_database() {
    let served = Served::open().await;
    for (address, body) in [
        ("/payments", r#"{"items":[],"page":{"number":0,"size":10,"totalCount":0}}"#),
        ("/payments?", r#"{"items":[],"page":{"number":0,"size":10,"totalCount":0}}"#),
        (
            "/payments?requestBody=%7B%22filter%22%3A%7B%22version%22%3A%22V1%22%7D%7D",
            r#"{"items":[],"page":{"number":0,"size":10,"totalCount":0}}"#,
        ),
        ("/payments-by-cursor", r#"{"items":[]}"#),
        ("/payment-events-by-cursor", r#"{"items":[]}"#),
        ("/payment-schedules", r#"{"items":[],"page":{"number":0,"size":10,"totalCount":0}}"#),
        ("/billing-keys?requestBody=%7B%7D", r#"{"items":[],"page":{"number":0,"size":10,"totalCount":0}}"#),
    ] {
        let answered = served.ask("GET", address, "").await;
        assert_eq!((answered.status, answered.text().as_str()), (StatusCode::OK, body), "{address}");
    }
}
