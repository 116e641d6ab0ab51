//! The Global dialect over HTTP, nearly everything below `/api`: its routes and handlers.
//!
//! A row of [`routes!`] names an operation of `wire`'s table, from which access, the form of refusals and the names
//! of path parameters are taken; [`call::serve`] does everything that calls have in common. A handler gets the call
//! and its body, checks members in the dialect's order, calls one use case and translates its result. Refusals are
//! written by `problem.rs` alone.

mod auth;
pub mod call;
mod channel;
mod endpoint;
mod link;
mod need;
pub mod page;
mod payment;
pub mod problem;
mod refund;
mod subscription;
mod translate;

use super::Http;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::{get, post, put};
use http::{HeaderValue, Method, StatusCode, header};

macro_rules! routes {
    ($($method:ident $path:literal $id:literal $handler:path;)+) => {
        /// Method, path and operation id of everything that is served here.
        pub const ROUTES: &[(&str, &str, &str)] = &[$((stringify!($method), $path, $id),)+];

        fn operations() -> Router<Http> {
            Router::new()$(.route($path, $method(|State(http): State<Http>, request: Request| {
                call::serve(http, request, $id, $handler)
            })))+
        }
    };
}

routes! {
    post "/api/merchant/auth-token" "createAuthToken" auth::create_token;
    post "/api/merchant/generate-signature" "generateSignature" auth::generate_signature;
    post "/api/initiatePayment" "initiatePayment" payment::initiate;
    get "/api/transaction/{merchantOrderRef}/status" "getTransactionStatus" payment::status;
    post "/api/{key}/transaction-details" "getTransactionDetails" payment::details;
    post "/api/transaction/{order_ref}/capture" "captureTransaction" payment::capture;
    put "/api/transaction/status" "updateTransactionStatus" payment::update_status;
    put "/api/{portOneKey}/update-transaction-details/{merchant_order_ref}" "updateTransactionDetails" payment::update_details;
    post "/api/merchant/{key}/fetch-all-payments" "fetchAllPayments" payment::list;
    post "/api/paymentLink" "createPaymentLink" link::create;
    put "/api/update-paylink/{payment_link_ref}" "updatePaymentLink" link::update;
    put "/api/paymentLink/{payment_link_ref}/status/{link_status}" "updatePaymentLinkStatus" link::update_status;
    get "/api/paymentLink/{merchantLinkRef}/status" "getPaymentLinkByMerchantRef" link::by_merchant_reference;
    get "/api/paymentLink/{portOneLinkRef}/fetch-status" "getPaymentLink" link::by_reference;
    get "/api/merchant/{smchKey}/paymentLink/{merchantLinkRef}/status" "getPaymentLinkOfMerchant" link::by_merchant_reference;
    get "/api/paymentLink/{link_ref}" "getPaymentLinkPage" link::shown;
    post "/api/refund/{portone_order_ref}" "createRefund" refund::create;
    get "/api/refund/{portone_order_ref}" "getRefunds" refund::read;
    post "/api/merchant/{key}/webhook" "addWebhook" endpoint::add;
    get "/api/merchant/{key}/webhook" "listWebhooks" endpoint::list;
    post "/api/merchant/{key}/add-pay-channel/{pckey}" "addChannelCredentials" channel::add;
    put "/api/merchant/{key}/add-pay-channel/{pckey}" "updateChannelCredentials" channel::update;
    get "/api/merchant/{key}/pay-channel/{pckey}" "getChannelCredentials" channel::read;
    get "/merchants/{key}/paymethodsbyKey" "listPaymentMethods" channel::methods_of;
    post "/api/subscription/createPlan" "createPlan" subscription::create_plan;
    get "/api/subscription/plan/{orderRef}" "getPlan" subscription::plan;
    put "/api/subscription/plan/{orderRef}/status/{status}" "updatePlanStatus" subscription::update_plan;
    post "/api/subscription/createSubscription" "createSubscription" subscription::create_subscription;
    post "/api/subscription/deduct" "deduct" subscription::deduct;
    post "/api/subscription/createDeduction" "createDeduction" subscription::create_deduction;
    put "/api/subscription/triggerNextDeduction" "triggerNextDeduction" subscription::trigger;
    get "/api/subscription/{orderRef}" "getSubscription" subscription::subscription;
    get "/api/subscription/{orderRef}/txns-records" "getSubscriptionTransactions" subscription::transactions;
    put "/api/subscription/{orderRef}/status/{status}" "updateSubscriptionStatus" subscription::cancel;
}

/// Everything below `/api`, and the pages between the payer and the merchant, without what stands around every
/// request.
pub fn routes() -> Router<Http> {
    let legacy = |State(http): State<Http>, request: Request| {
        call::serve(http, request, "getTransactionStatus", payment::legacy_status)
    };
    operations()
        .route("/api/getTransactionStatus/{ref}", get(legacy))
        .merge(page::routes())
        .merge(subscription::page::routes())
}

/// What pages of shops may ask with our script, from any origin: the signature proves who asks, and a page has no
/// credentials of ours that a browser would send by itself.
const FOR_PAGES: [&str; 2] = ["/api/initiatePayment", "/api/paymentLink"];

/// Lets pages of any origin start payments and make links.
pub async fn from_pages(request: Request, next: Next) -> Response {
    if !FOR_PAGES.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    let mut response = if request.method() == Method::OPTIONS {
        let mut preflight = Response::new(Body::empty());
        *preflight.status_mut() = StatusCode::NO_CONTENT;
        let headers = preflight.headers_mut();
        let allowed = "content-type, authorization, x-portone-client-key, x-chaipay-client-key";
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(allowed));
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
        preflight
    } else {
        next.run(request).await
    };
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_served_is_in_the_table_of_operations() {
        for (method, path, id) in ROUTES {
            let operation = paypier_wire::global::operation::operations()
                .find(|operation| operation.id == *id)
                .unwrap_or_else(|| panic!("{id} is in no table"));
            assert_eq!((operation.method.as_str().to_lowercase().as_str(), operation.path), (*method, *path));
        }
    }
}
