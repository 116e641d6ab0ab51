//! The Global dialect: its operations in a table of their own, and what its requests have in common.

mod account;
mod link;
mod matter;
mod payer;
mod payment;
mod refund;
mod subscription;

pub use matter::{Matter, Thing};

use super::{About, Ask, Scene};
use bytes::Bytes;
use http::Method;
use paypier::global::token;
use serde_json::{Value, json};

super::operations! { Global:
    // weight, name, route, how one is imagined
    3 "createAuthToken" "POST" "/api/merchant/auth-token" account::token;
    1 "createAuthToken (guessed)" "POST" "/api/merchant/auth-token" account::token_guessed;
    1 "generateSignature" "POST" "/api/merchant/generate-signature" account::signature;
    1 "addWebhook" "POST" "/api/merchant/{key}/webhook" account::add_webhook;
    1 "listWebhooks" "GET" "/api/merchant/{key}/webhook" account::webhooks;
    1 "addChannelCredentials" "POST" "/api/merchant/{key}/add-pay-channel/{pckey}" account::add_channel;
    1 "updateChannelCredentials" "PUT" "/api/merchant/{key}/add-pay-channel/{pckey}" account::update_channel;
    1 "getChannelCredentials" "GET" "/api/merchant/{key}/pay-channel/{pckey}" account::channel;
    1 "listPaymentMethods" "GET" "/merchants/{key}/paymethodsbyKey" account::methods;
    12 "initiatePayment" "POST" "/api/initiatePayment" payment::initiate;
    1 "initiatePayment (forged)" "POST" "/api/initiatePayment" payment::initiate_forged;
    4 "getTransactionStatus" "GET" "/api/transaction/{merchantOrderRef}/status" payment::status;
    1 "getTransactionStatus (legacy)" "GET" "/api/getTransactionStatus/{ref}" payment::legacy_status;
    5 "getTransactionDetails" "POST" "/api/{key}/transaction-details" payment::details;
    1 "getTransactionDetails (another's)" "POST" "/api/{key}/transaction-details" payment::anothers_details;
    2 "captureTransaction" "POST" "/api/transaction/{order_ref}/capture" payment::capture;
    1 "updateTransactionStatus" "PUT" "/api/transaction/status" payment::update_status;
    1 "updateTransactionDetails" "PUT" "/api/{portOneKey}/update-transaction-details/{merchant_order_ref}" payment::update_details;
    1 "fetchAllPayments" "POST" "/api/merchant/{key}/fetch-all-payments" payment::list;
    7 "createRefund" "POST" "/api/refund/{portone_order_ref}" refund::part;
    3 "createRefund (full)" "POST" "/api/refund/{portone_order_ref}" refund::full;
    1 "createRefund (another's)" "POST" "/api/refund/{portone_order_ref}" refund::anothers;
    2 "getRefunds" "GET" "/api/refund/{portone_order_ref}" refund::read;
    7 "createPaymentLink" "POST" "/api/paymentLink" link::create;
    1 "createPaymentLink (forged)" "POST" "/api/paymentLink" link::create_forged;
    2 "updatePaymentLink" "PUT" "/api/update-paylink/{payment_link_ref}" link::update;
    1 "updatePaymentLinkStatus" "PUT" "/api/paymentLink/{payment_link_ref}/status/{link_status}" link::cancel;
    1 "updatePaymentLinkStatus (another's)" "PUT" "/api/paymentLink/{payment_link_ref}/status/{link_status}" link::cancel_anothers;
    1 "getPaymentLinkByMerchantRef" "GET" "/api/paymentLink/{merchantLinkRef}/status" link::by_merchant_reference;
    1 "getPaymentLinkOfMerchant" "GET" "/api/merchant/{smchKey}/paymentLink/{merchantLinkRef}/status" link::of_merchant;
    2 "getPaymentLink" "GET" "/api/paymentLink/{portOneLinkRef}/fetch-status" link::read;
    1 "getPaymentLinkPage" "GET" "/api/paymentLink/{link_ref}" link::shown;
    2 "link page (query)" "GET" "/" payer::see_link_by_query;
    3 "link page" "GET" "/pay/{reference}" payer::see_link;
    12 "link form" "POST" "/pay/{reference}" payer::choose;
    1 "link result (success)" "GET" "/success.html" payer::success;
    1 "link result (failure)" "GET" "/failure.html" payer::failure;
    1 "link result (pending)" "GET" "/pending.html" payer::pending;
    22 "checkout form (global)" "POST" "/checkout/{window}" payer::pays;
    8 "payer comes back" "GET" "/checkout/return/{order}/{token}" payer::comes_back;
    2 "payer decides" "POST" "/checkout/return/{order}/{token}" payer::decides;
    4 "createPlan" "POST" "/api/subscription/createPlan" subscription::create_plan;
    1 "getPlan" "GET" "/api/subscription/plan/{orderRef}" subscription::plan;
    1 "updatePlanStatus" "PUT" "/api/subscription/plan/{orderRef}/status/{status}" subscription::cancel_plan;
    8 "createSubscription" "POST" "/api/subscription/createSubscription" subscription::create;
    1 "createSubscription (forged)" "POST" "/api/subscription/createSubscription" subscription::create_forged;
    12 "deduct" "POST" "/api/subscription/deduct" subscription::deduct;
    1 "deduct (forged)" "POST" "/api/subscription/deduct" subscription::deduct_forged;
    4 "createDeduction" "POST" "/api/subscription/createDeduction" subscription::create_deduction;
    4 "triggerNextDeduction" "PUT" "/api/subscription/triggerNextDeduction" subscription::trigger;
    2 "getSubscription" "GET" "/api/subscription/{orderRef}" subscription::read;
    1 "getSubscription (another's)" "GET" "/api/subscription/{orderRef}" subscription::read_anothers;
    2 "getSubscriptionTransactions" "GET" "/api/subscription/{orderRef}/txns-records" subscription::records;
    1 "updateSubscriptionStatus" "PUT" "/api/subscription/{orderRef}/status/{status}" subscription::cancel;
    2 "enrolment page" "GET" "/subscribe/" payer::see_subscription;
    1 "enrolment page (bare)" "GET" "/subscribe" payer::see_subscription_bare;
    12 "enrolment form" "POST" "/subscribe/" payer::enrol;
    1 "enrolment form (bare)" "POST" "/subscribe" payer::enrol_bare;
}

pub const SUCCESS: &str = "https://shop.example/ok?order=1&x=a+b";
pub const FAILURE: &str = "https://shop.example/ko";
pub const PENDING: &str = "https://shop.example/wait";

/// Cards and wallets of the catalogue that every store can be paid with.
const METHODS: &[(&str, &str, u32)] = &[
    ("PAYLETTER", "PAYLETTER_CREDIT_CARD", 10),
    ("PORTONE_KR", "PORTONE_PAYMENTWALL_CREDIT_CARD", 3),
    ("PORTONE_KR", "PORTONE_EXIMBAY_ALIPAY", 2),
];

/// A channel and a method of it.
fn method(scene: &mut Scene<'_>) -> (&'static str, &'static str) {
    let drawn = scene.dice.weighted(METHODS, |(_, _, weight)| *weight);
    drawn.map_or(("PAYLETTER", "PAYLETTER_CREDIT_CARD"), |(_, (channel, method, _))| (channel, method))
}

/// A reference of the merchant's, mostly one that others use at the time.
fn reference(scene: &mut Scene<'_>, kind: &str) -> String {
    let era = scene.step.checked_div(3).unwrap_or(0);
    let mut back = 0u32;
    while back < 20 && scene.dice.happens(300) {
        back = back.saturating_add(1);
    }
    format!("{kind}_{}", era.saturating_sub(back))
}

/// A reference that the merchant has used, to ask what became of it.
fn used_reference(scene: &mut Scene<'_>, kind: &'static str) -> String {
    let used = scene.known.global.reference(scene.shop.id, kind, &mut scene.dice);
    used.unwrap_or_else(|| reference(scene, kind))
}

/// A call with the store's key and a token: one that we gave out, or one of the store's own making.
fn ask(scene: &mut Scene<'_>, method: Method, path: String, body: &Value, about: Matter) -> Ask {
    let shop = scene.shop;
    let given = scene.known.global.token(shop.id).filter(|_| scene.dice.happens(150));
    let token = given.unwrap_or_else(|| token::issue(&shop.global_secret(), shop.client_key(), scene.now));
    called(scene, method, path, body, (shop.client_key(), Some(token)), About::Global(about))
}

/// The same by the other merchant, who is to find nothing.
fn ask_as_stranger(scene: &mut Scene<'_>, method: Method, path: String, body: &Value) -> Option<Ask> {
    let mine = scene.shop.merchant;
    let stranger = crate::office::SHOPS.iter().find(|other| other.merchant != mine)?;
    let token = token::issue(&stranger.global_secret(), stranger.client_key(), scene.now);
    Some(called(scene, method, path, body, (stranger.client_key(), Some(token)), About::Trespass))
}

fn called(
    scene: &mut Scene<'_>,
    method: Method,
    path: String,
    body: &Value,
    (key, token): (&str, Option<String>),
    about: About,
) -> Ask {
    let bytes = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
    let mut ask = scene.open(method, path, bytes, about);
    ask.headers.push(("x-portone-client-key", key.to_owned()));
    ask.headers.extend(token.map(|token| ("authorization", format!("Bearer {token}"))));
    ask.headers.push(("content-type", "application/json".into()));
    ask
}

/// The same body with another signature than it has to have.
fn forged(mut ask: Ask) -> Option<Ask> {
    let mut body: Value = serde_json::from_slice(&ask.body).ok()?;
    let right = body["signature_hash"].as_str()?;
    let wrong: String = right.chars().rev().collect();
    body["signature_hash"] = json!(wrong);
    ask.body = Bytes::from(body.to_string());
    ask.about = About::ForgedNotification;
    Some(ask)
}

fn text<'a>(body: &'a Value, member: &str) -> &'a str {
    body[member].as_str().unwrap_or_default()
}

fn form(scene: &mut Scene<'_>, path: String, fields: &[(&str, String)], about: About) -> Ask {
    let written = |(name, value): &(&str, String)| {
        format!("{name}={}", percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC))
    };
    let body = fields.iter().map(written).collect::<Vec<_>>().join("&");
    let mut ask = scene.open(Method::POST, path, Bytes::from(body), about);
    ask.headers.push(("content-type", "application/x-www-form-urlencoded".into()));
    ask
}
