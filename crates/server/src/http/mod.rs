//! The only sockets: HTTP in front of the use cases.
//!
//! Owns what every request has in common, whatever its dialect: a request id, admission, a deadline,
//! the log line, the metrics (`guard.rs`), and how a raw address is taken apart (`address.rs`). The
//! dialects are folders below. What always holds: every answer carries a request id and a body in an
//! envelope, whoever refuses; nothing that was sent is logged; work that was begun is finished,
//! whether or not anybody still waits for the answer.

#[doc(hidden)]
pub mod address;
mod browser_sdk;
pub mod checkout;
pub mod demo;
pub mod events;
mod fixed_document;
pub mod global;
mod guard;
pub mod link;
pub mod operation;
mod page_script;
pub mod pages;
mod request_id;
pub mod sandbox;
pub mod v2;

use crate::app::App;
use crate::config::platform::AccountTransfers;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use demo::DemoShop;
use guard::Guard;
use http::Uri;
use operation::OperationState;
use paypier_wire::v2::ErrorType;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::task::TaskTracker;

pub use request_id::RequestId;

/// What an operator may set about HTTP.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// The largest body that is read, in bytes. Default 1 MiB.
    pub body_limit: usize,
    /// Requests that are worked on at once; one more is refused with 503. Default 2048.
    pub max_in_flight: usize,
    /// For how long changes may stand in line at the database before requests that would add one are
    /// refused with 503. Default 100 ms.
    pub longest_line: Duration,
    /// How long a caller waits at most for an answer; work goes on behind it. Default 60 s.
    pub deadline: Duration,
    /// Whether the one proxy in front of us is believed when it names the caller: the last entry of
    /// `X-Forwarded-For` is then taken for the caller's address. Default no.
    pub trusted_proxy: bool,
    /// The form in which movements of the payout account are answered. Default the current one.
    pub account_transfers: AccountTransfers,
    /// Work that goes on without its caller. A shutdown closes it and waits for it.
    pub work: TaskTracker,
    /// `/healthz`, `/metrics`, … ; not served when absent.
    pub operation: Option<OperationState>,
    /// `/demo`, the shop to try things with; not served when absent.
    pub demo: Option<DemoShop>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            body_limit: 1024 * 1024,
            max_in_flight: 2048,
            longest_line: Duration::from_millis(100),
            deadline: Duration::from_secs(60),
            trusted_proxy: false,
            account_transfers: AccountTransfers::Current,
            work: TaskTracker::new(),
            operation: None,
            demo: None,
        }
    }
}

/// What handlers are given. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Http {
    pub app: App,
    pub options: Arc<HttpOptions>,
}

/// Everything that this process serves. The caller's address is taken from
/// `ConnectInfo<SocketAddr>`, which whoever accepts connections puts into each request.
pub fn router(app: App, options: HttpOptions) -> Router {
    let (operation, demo) = (options.operation.clone(), options.demo.clone());
    let http = Http { app: app.clone(), options: Arc::new(options) };
    let guard = Guard::new(http.clone());
    let always = |routes: Router| {
        routes
            .method_not_allowed_fallback(wrong_method)
            .layer(from_fn_with_state(guard.clone().without_admission(), guard::stand))
    };
    // PSP notifications end work that is under way, the event feed only reads, and whoever drives the
    // sandbox must be able to when the shop is crowded.
    let apart = guard.set_apart();
    let extensions = sandbox::routes(app.clone())
        .merge(events::routes(app.clone()))
        .layer(DefaultBodyLimit::max(http.options.body_limit))
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(apart.clone(), guard::stand));
    // Whoever moves the clock and goes on before it stands still would pay in a time that runs away:
    // a request that is under way for a second would look hours old. So the answer is the sign.
    let clock = sandbox::clock_routes(app.clone())
        .layer(DefaultBodyLimit::max(http.options.body_limit))
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(apart.without_deadline(), guard::stand));
    let api = v2::routes()
        .merge(checkout::routes())
        .merge(link::routes())
        .merge(global::routes())
        .with_state(http)
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        // Behind the fallback of methods, which would answer a preflight.
        .layer(from_fn(v2::from_any_origin))
        .layer(from_fn(global::from_pages))
        .layer(from_fn_with_state(guard.clone(), guard::stand))
        .merge(extensions)
        .merge(clock)
        // A page that cannot load the script cannot even say that the shop is crowded.
        .merge(always(browser_sdk::routes()))
        .merge(always(page_script::routes()));
    let demo = demo.map(|shop| always(demo::routes(shop, api.clone())));
    // An overloaded server still says that it is alive and how busy it is.
    let operation = operation.map(|operation| always(operation::routes(app, operation)));
    [demo, operation].into_iter().flatten().fold(api, Router::merge)
}

async fn unknown_path(uri: Uri) -> Response {
    if global::problem::is_path(uri.path()) {
        return global::problem::unknown_path();
    }
    v2::problem::transport(ErrorType::NotFound, "no operation has this path")
}

async fn wrong_method(uri: Uri) -> Response {
    if global::problem::is_path(uri.path()) {
        return global::problem::wrong_method();
    }
    v2::problem::transport(ErrorType::MethodNotAllowed, "the path has no operation with this method")
}
