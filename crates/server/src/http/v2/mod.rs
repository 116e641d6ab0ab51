//! The V2 dialect over HTTP: its routes and handlers.
//!
//! A handler reads the request, has it translated, calls one use case and has the result translated
//! back; it decides nothing. Statuses come from `problem.rs` and `answers.rs` alone.

pub mod answers;
pub(in crate::http) mod ask;
#[doc(hidden)]
pub mod body;
mod cash_receipt;
mod checkout;
mod escrow;
mod identity_verification;
mod key;
mod pg_specific;
mod platform;
pub mod problem;
mod promotion;
#[cfg(test)]
pub(crate) mod samples;
mod schedule;
#[cfg(test)]
mod tests;
pub mod translate;
mod vat;
mod virtual_account;

use super::Http;
use crate::app::success::Verdict;
use crate::app::ticket::Ticket;
use answers::ok;
use ask::{Answered, Ask, Open};
use axum::Router;
use axum::routing::{delete, get, patch, post, put};
use checkout::{close_session, create_session, evaluate_profile, get_session};
use futures::stream::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use paypier_domain::channel::Environment;
use paypier_domain::claim::Answer;
use paypier_domain::id::{PaymentKey, StoreId, WebhookId};
use paypier_domain::payment::Payment;
use paypier_storage::{Cursor, StoredEvent};
use paypier_wire::v2::{
    BillingKeyDeleteRequester, CapturePaymentBody, GetPaymentTransactionsResponse, LoginViaApiSecretBody,
    LoginViaApiSecretResponse, RefreshTokenBody, RefreshTokenResponse, ResendWebhookBody,
    StopPaymentCancellationBody,
};
use promotion::get_promotion;
use std::collections::HashMap;
use std::sync::Arc;
use translate as to;

pub use answers::V2Answers;
pub(super) use checkout::from_any_origin;

macro_rules! routes {
    ($($method:ident $path:literal $id:literal $kind:ident $handler:path;)+) => {
        /// Method, path and operation id of everything that is served here.
        pub const ROUTES: &[(&str, &str, &str)] = &[$((stringify!($method), $path, $id),)+];

        /// The dialect's routes, without what stands around every request.
        pub fn routes() -> Router<Http> {
            Router::new()$(.route($path, routes!(@ $method $id $kind $handler)))+.merge(aliases())
        }
    };
    (@ $method:ident $id:literal open $handler:path) => {
        $method(|request: Open| ask::open(request, $handler))
    };
    (@ $method:ident $id:literal read $handler:path) => {
        $method(|request: Ask| ask::read(request, $handler))
    };
    (@ $method:ident $id:literal whole $handler:path) => {
        $method(|request: Ask| $handler(request))
    };
    (@ $method:ident $id:literal change $handler:path) => {
        $method(|request: Ask| ask::change(request, $id, $handler))
    };
}

routes! {
    get "/payments/{paymentId}" "getPayment" read get_payment;
    get "/payments" "getPayments" read get_payments;
    get "/payments-by-cursor" "getAllPaymentsByCursor" read get_payments_by_cursor;
    get "/payment-events-by-cursor" "getAllPaymentEventsByCursor" read get_events_by_cursor;
    get "/payments/{paymentId}/transactions" "getPaymentTransactions" read get_transactions;
    post "/payments/{paymentId}/instant" "payInstantly" change pay_instantly;
    post "/payments/{paymentId}/pre-register" "preRegisterPayment" change pre_register;
    post "/payments/{paymentId}/billing-key" "payWithBillingKey" change pay_with_billing_key;
    post "/payments/{paymentId}/cancel" "cancelPayment" change cancel_payment;
    post "/payments/{paymentId}/capture" "capturePayment" change capture_payment;
    post "/payments/{paymentId}/confirm" "confirmPayment" change confirm_payment;
    post "/payments/{paymentId}/resend-webhook" "resendWebhook" change resend_webhook;
    post "/payments/{paymentId}/cancellations/{cancellationId}/stop" "stopPaymentCancellation" change stop_cancellation;
    post "/payments/{paymentId}/escrow/logistics" "applyEscrowLogistics" change escrow::report;
    patch "/payments/{paymentId}/escrow/logistics" "modifyEscrowLogistics" change escrow::correct;
    post "/payments/{paymentId}/escrow/complete" "confirmEscrow" change escrow::complete;
    post "/payments/{paymentId}/register-store-receipt" "registerStoreReceipt" change escrow::register_store_receipt;
    post "/payments/{paymentId}/virtual-account/close" "closeVirtualAccount" change virtual_account::close;
    post "/billing-keys" "issueBillingKey" change issue_billing_key;
    post "/billing-keys/confirm" "confirmBillingKey" change confirm_billing_key;
    post "/billing-keys/confirm-issue-and-pay" "confirmBillingKeyIssueAndPay" change confirm_key_and_payment;
    get "/billing-keys" "getBillingKeyInfos" read get_billing_keys;
    get "/billing-keys/{billingKey}" "getBillingKeyInfo" read get_billing_key;
    delete "/billing-keys/{billingKey}" "deleteBillingKey" change delete_billing_key;
    post "/cash-receipts" "issueCashReceipt" change cash_receipt::issue;
    get "/cash-receipts" "getCashReceipts" read cash_receipt::list;
    get "/payments/{paymentId}/cash-receipt" "getCashReceiptByPaymentId" read cash_receipt::read;
    post "/payments/{paymentId}/cash-receipt/cancel" "cancelCashReceiptByPaymentId" change cash_receipt::cancel;
    get "/identity-verifications" "getIdentityVerifications" read identity_verification::list;
    get "/identity-verifications/{identityVerificationId}" "getIdentityVerification" read identity_verification::read;
    post "/identity-verifications/{identityVerificationId}/send" "sendIdentityVerification" change identity_verification::send;
    post "/identity-verifications/{identityVerificationId}/confirm" "confirmIdentityVerification" change identity_verification::confirm;
    post "/identity-verifications/{identityVerificationId}/resend" "resendIdentityVerification" change identity_verification::resend;
    post "/payments/{paymentId}/schedule" "createPaymentSchedule" change schedule::create;
    get "/payment-schedules" "getPaymentSchedules" read schedule::get_page;
    delete "/payment-schedules" "revokePaymentSchedules" change schedule::revoke;
    get "/payment-schedules/{paymentScheduleId}" "getPaymentSchedule" read schedule::get_one;
    get "/promotions/{promotionId}" "getPromotion" read get_promotion;
    get "/platform/setting" "getPlatformSetting" read platform::setting::read;
    patch "/platform/setting" "updatePlatformSetting" change platform::setting::change;
    get "/platform" "getPlatform" read platform::setting::read_in_october;
    patch "/platform" "updatePlatform" change platform::setting::change_in_october;
    post "/platform/discount-share-policies" "createPlatformDiscountSharePolicy" change platform::discount_share_policy::create;
    get "/platform/discount-share-policies" "getPlatformDiscountSharePolicies" read platform::discount_share_policy::list;
    get "/platform/discount-share-policies/{id}" "getPlatformDiscountSharePolicy" read platform::discount_share_policy::read;
    patch "/platform/discount-share-policies/{id}" "updatePlatformDiscountSharePolicy" change platform::discount_share_policy::change;
    post "/platform/discount-share-policies/{id}/archive" "archivePlatformDiscountSharePolicy" change platform::discount_share_policy::archive;
    post "/platform/discount-share-policies/{id}/recover" "recoverPlatformDiscountSharePolicy" change platform::discount_share_policy::recover;
    get "/platform/discount-share-policies/{id}/schedule" "getPlatformDiscountSharePolicySchedule" read platform::discount_share_policy::read_reserved;
    post "/platform/discount-share-policies/{id}/schedule" "scheduleDiscountSharePolicy" change platform::discount_share_policy::reserve;
    put "/platform/discount-share-policies/{id}/schedule" "rescheduleDiscountSharePolicy" change platform::discount_share_policy::replace;
    delete "/platform/discount-share-policies/{id}/schedule" "cancelPlatformDiscountSharePolicySchedule" change platform::discount_share_policy::unreserve;
    post "/platform/additional-fee-policies" "createPlatformAdditionalFeePolicy" change platform::additional_fee_policy::create;
    get "/platform/additional-fee-policies" "getPlatformAdditionalFeePolicies" read platform::additional_fee_policy::list;
    get "/platform/additional-fee-policies/{id}" "getPlatformAdditionalFeePolicy" read platform::additional_fee_policy::read;
    patch "/platform/additional-fee-policies/{id}" "updatePlatformAdditionalFeePolicy" change platform::additional_fee_policy::change;
    post "/platform/additional-fee-policies/{id}/archive" "archivePlatformAdditionalFeePolicy" change platform::additional_fee_policy::archive;
    post "/platform/additional-fee-policies/{id}/recover" "recoverPlatformAdditionalFeePolicy" change platform::additional_fee_policy::recover;
    get "/platform/additional-fee-policies/{id}/schedule" "getPlatformAdditionalFeePolicySchedule" read platform::additional_fee_policy::read_reserved;
    post "/platform/additional-fee-policies/{id}/schedule" "scheduleAdditionalFeePolicy" change platform::additional_fee_policy::reserve;
    put "/platform/additional-fee-policies/{id}/schedule" "rescheduleAdditionalFeePolicy" change platform::additional_fee_policy::replace;
    delete "/platform/additional-fee-policies/{id}/schedule" "cancelPlatformAdditionalFeePolicySchedule" change platform::additional_fee_policy::unreserve;
    post "/platform/contracts" "createPlatformContract" change platform::contract::create;
    get "/platform/contracts" "getPlatformContracts" read platform::contract::list;
    get "/platform/contracts/{id}" "getPlatformContract" read platform::contract::read;
    patch "/platform/contracts/{id}" "updatePlatformContract" change platform::contract::change;
    post "/platform/contracts/{id}/archive" "archivePlatformContract" change platform::contract::archive;
    post "/platform/contracts/{id}/recover" "recoverPlatformContract" change platform::contract::recover;
    get "/platform/contracts/{id}/schedule" "getPlatformContractSchedule" read platform::contract::read_reserved;
    post "/platform/contracts/{id}/schedule" "scheduleContract" change platform::contract::reserve;
    put "/platform/contracts/{id}/schedule" "rescheduleContract" change platform::contract::replace;
    delete "/platform/contracts/{id}/schedule" "cancelPlatformContractSchedule" change platform::contract::unreserve;
    post "/platform/partners" "createPlatformPartner" change platform::partner::create;
    get "/platform/partners" "getPlatformPartners" read platform::partner::list;
    get "/platform/partners/{id}" "getPlatformPartner" read platform::partner::read;
    patch "/platform/partners/{id}" "updatePlatformPartner" change platform::partner::change;
    post "/platform/partners/{id}/archive" "archivePlatformPartner" change platform::partner::archive;
    post "/platform/partners/{id}/recover" "recoverPlatformPartner" change platform::partner::recover;
    get "/platform/partners/{id}/schedule" "getPlatformPartnerSchedule" read platform::partner::read_reserved;
    post "/platform/partners/{id}/schedule" "schedulePartner" change platform::partner::reserve;
    put "/platform/partners/{id}/schedule" "reschedulePartner" change platform::partner::replace;
    delete "/platform/partners/{id}/schedule" "cancelPlatformPartnerSchedule" change platform::partner::unreserve;
    get "/platform/discount-share-policy-filter-options" "getPlatformDiscountSharePolicyFilterOptions" read platform::discount_share_policy::options;
    get "/platform/partner-filter-options" "getPlatformPartnerFilterOptions" read platform::partner::options;
    post "/platform/partners/batch" "createPlatformPartners" change platform::partner::create_many;
    post "/platform/partners/schedule" "schedulePlatformPartners" change platform::partner::reserve_many;
    post "/platform/partners/counterparty-connect/{id}" "connectPartnerCounterparty" change platform::counterparty::connect;
    post "/platform/partners/counterparty-connect" "connectBulkPartnerCounterparty" change platform::counterparty::connect_many;
    post "/platform/partners/counterparty-disconnect/{id}" "disconnectPartnerCounterparty" change platform::counterparty::disconnect;
    post "/platform/partners/counterparty-disconnect" "disconnectBulkPartnerCounterparty" change platform::counterparty::disconnect_many;
    get "/platform/bank-accounts/{bank}/{accountNumber}/holder" "getPlatformAccountHolder" read platform::lookup::holder;
    get "/platform/companies/{businessRegistrationNumber}/state" "getPlatformCompanyState" read platform::lookup::company;
    post "/platform/transfers/order" "createPlatformOrderTransfer" change platform::transfer::order;
    post "/platform/transfers/order-cancel" "createPlatformOrderCancelTransfer" change platform::transfer::cancel;
    post "/platform/transfers/manual" "createPlatformManualTransfer" change platform::transfer::manual;
    get "/platform/transfers/{id}" "getPlatformTransfer" read platform::transfer::read;
    delete "/platform/transfers/{id}" "deletePlatformTransfer" change platform::transfer::delete;
    get "/platform/transfer-summaries" "getPlatformTransferSummaries" read platform::transfer::list;
    get "/platform/transfer-summaries/sheet-file" "downloadPlatformTransferSheet" whole platform::transfer::sheet;
    get "/platform/partner-settlements" "getPlatformPartnerSettlements" read platform::partner_settlement::list;
    post "/platform/partner-settlements/complete-payout" "completePlatformPayoutByPartnerSettlementIds" change platform::partner_settlement::complete;
    post "/platform/partner-settlements/delete" "deletePlatformPartnerSettlements" change platform::partner_settlement::delete;
    get "/platform/payouts" "getPlatformPayouts" read platform::payout::list;
    get "/platform/bulk-payouts" "getPlatformBulkPayouts" read platform::payout::bulk;
    get "/platform/account-transfers" "getPlatformAccountTransfers" read platform::payout::movements;
    get "/platform/bulk-account-transfers" "getPlatformBulkAccountTransfers" read platform::payout::bulk_movements;
    get "/kakaopay/payment/order" "getKakaopayPaymentOrder" read pg_specific::kakaopay_order;
    post "/paymentwall/delivery/confirm" "confirmPaymentwallDelivery" change pg_specific::confirm_delivery;
    get "/payment-gateways/card-promotion" "getPgCardPromotions" read pg_specific::card_promotions;
    get "/payment-reconciliations/settlements/vat-report" "getPaymentReconciliationSettlementVatReport" read vat::by_settlement;
    get "/payment-reconciliations/transactions/vat-report" "getPaymentReconciliationTransactionVatReport" read vat::by_transaction;
    get "/checkout-profiles/evaluate" "evaluateCheckoutProfile" open evaluate_profile;
    post "/payment-sessions" "createPaymentSession" change create_session;
    get "/payment-sessions/{sessionId}" "getPaymentSession" open get_session;
    post "/payment-sessions/{sessionId}/close" "closePaymentSession" change close_session;
    get "/banks" "getBankInfos" open get_banks;
    post "/login/api-secret" "loginViaApiSecret" open login;
    post "/token/refresh" "refreshToken" open refresh_token;
}

/// Other addresses of operations, which no description names: how people write them, and how they were
/// called before.
fn aliases() -> Router<Http> {
    let schedules = post(|request: Ask| ask::change(request, "createPaymentSchedule", schedule::create));
    let connect =
        |request: Ask| ask::change(request, "connectPartnerCounterparty", platform::counterparty::connect);
    let connect_many = |request: Ask| {
        ask::change(request, "connectBulkPartnerCounterparty", platform::counterparty::connect_many)
    };
    let disconnect = |request: Ask| {
        ask::change(request, "disconnectPartnerCounterparty", platform::counterparty::disconnect)
    };
    let disconnect_many = |request: Ask| {
        ask::change(request, "disconnectBulkPartnerCounterparty", platform::counterparty::disconnect_many)
    };
    Router::new()
        .merge(platform::operator::routes())
        .route("/payments/{paymentId}/schedules", schedules)
        .route("/platform/partners/member-company-connect/{id}", post(connect))
        .route("/platform/partners/member-company-connect", post(connect_many))
        .route("/platform/partners/member-company-disconnect/{id}", post(disconnect))
        .route("/platform/partners/member-company-disconnect", post(disconnect_many))
}

/// `GET /payments/{paymentId}`
async fn get_payment(ask: Arc<Ask>) -> Answered {
    let view = ask.app.payment(&ask.caller, ask.store()?.as_deref(), &ask.payment_id()?).await?;
    ok(&to::payment::shown(&view)?)
}

/// `GET /payments/{paymentId}/transactions`: the newest attempt first.
async fn get_transactions(ask: Arc<Ask>) -> Answered {
    let view = ask.app.payment(&ask.caller, ask.store()?.as_deref(), &ask.payment_id()?).await?;
    ok(&GetPaymentTransactionsResponse { items: to::transaction::all(&view)? })
}

/// `GET /payments`
async fn get_payments(ask: Arc<Ask>) -> Answered {
    let criteria: paypier_wire::v2::GetPaymentsBody = ask.criteria()?;
    let filter = criteria.filter.unwrap_or_default();
    let store = ask.caller.reach(&ask.app, filter.store_id.as_deref()).await?;
    let page = to::page::asked(criteria.page.as_ref(), to::page::Reach::SixtyThousand)?;
    let Some(filter) = to::payment_filter::asked(&ask.caller, store, filter, ask.app.clock.now())? else {
        return ok(&to::payment::page(&[], page, 0)?);
    };
    let found = ask.app.storage.payments(&filter, page).await?;
    let views = ask.app.with_deliveries(found.items).await?;
    ok(&to::payment::page(&views, page, found.total)?)
}

fn when_made((_, payment): &(Cursor, Payment)) -> (&StoreId, Environment, Timestamp) {
    (&payment.key.store, payment.environment, payment.created_at)
}

fn when_happened((_, stored): &(Cursor, StoredEvent)) -> (&StoreId, Environment, Timestamp) {
    (&stored.event.store, stored.event.environment, stored.event.at)
}

/// `GET /payments-by-cursor`
async fn get_payments_by_cursor(ask: Arc<Ask>) -> Answered {
    let criteria: paypier_wire::v2::GetAllPaymentsByCursorBody = ask.criteria()?;
    let store = ask.caller.reach(&ask.app, criteria.store_id.as_deref()).await?;
    let walk = to::range::Walk::from(criteria);
    let range = to::range::by_cursor(&ask.caller, store, walk, ask.app.clock.now())?;
    let settled = ask.app.settled(&ask.caller.merchant);
    let found = ask.app.storage.payments_after(&range).await?;
    let (cursors, payments): (Vec<_>, Vec<_>) =
        ask.app.settled_rows(settled, found, when_made).await?.into_iter().unzip();
    let views = ask.app.with_deliveries(payments).await?;
    ok(&to::payment::by_cursor(&views, &cursors)?)
}

/// `GET /payment-events-by-cursor`
async fn get_events_by_cursor(ask: Arc<Ask>) -> Answered {
    let criteria: paypier_wire::v2::GetAllPaymentEventsByCursorBody = ask.criteria()?;
    let store = ask.caller.reach(&ask.app, criteria.store_id.as_deref()).await?;
    let walk = to::range::Walk::from(criteria);
    let range = to::range::by_cursor(&ask.caller, store, walk, ask.app.clock.now())?;
    let settled = ask.app.settled(&ask.caller.merchant);
    let found = ask.app.storage.payment_events_after(&range).await?;
    let events = ask.app.settled_rows(settled, found, when_happened).await?;
    let mut keys: Vec<PaymentKey> =
        events.iter().filter_map(|(_, stored)| to::event::payment_of(&stored.event)).collect();
    keys.sort();
    keys.dedup();
    let one = |key: PaymentKey| {
        let storage = ask.app.storage.clone();
        async move { storage.payment(&key).await }
    };
    let payments: Vec<_> = futures::stream::iter(keys.into_iter().map(one))
        .buffered(PAYMENTS_AT_ONCE)
        .try_filter_map(|found| std::future::ready(Ok(found)))
        .try_collect()
        .await?;
    let views = ask.app.with_deliveries(payments).await?;
    let views: HashMap<PaymentKey, _> =
        views.into_iter().map(|view| (view.payment.key.clone(), view)).collect();
    ok(&to::event::by_cursor(&events, &views)?)
}

/// How many payments are read side by side for a list of events.
const PAYMENTS_AT_ONCE: usize = 8;

/// `POST /payments/{paymentId}/instant`
async fn pay_instantly(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let command = to::instant::asked(ask.payment_id()?, ask.body()?, ask.origin())?;
    ask.app.pay_instantly(&ask.caller, command, &ticket).await
}

/// `POST /payments/{paymentId}/pre-register`
async fn pre_register(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let command = to::pre_register::asked(ask.payment_id()?, ask.body()?)?;
    ask.app.pre_register(&ask.caller, command, &ticket).await
}

/// `POST /payments/{paymentId}/billing-key`
async fn pay_with_billing_key(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let command = to::charge::asked(ask.payment_id()?, ask.body()?, ask.origin())?;
    ask.app.pay_with_billing_key(&ask.caller, command, &ticket).await
}

/// `POST /payments/{paymentId}/cancel`
async fn cancel_payment(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let command = to::cancellation::asked(ask.payment_id()?, ask.body()?)?;
    ask.app.cancel_payment(&ask.caller, command, &ticket).await
}

/// `POST /payments/{paymentId}/capture`
async fn capture_payment(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let body: CapturePaymentBody = ask.body()?;
    ask.app.capture_payment(&ask.caller, body.store_id.as_deref(), &ask.payment_id()?, &ticket).await
}

/// `POST /payments/{paymentId}/confirm`
async fn confirm_payment(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let command = to::confirm::asked(ask.payment_id()?, ask.body()?)?;
    ask.app.confirm_payment(&ask.caller, command, &ticket).await
}

/// `POST /payments/{paymentId}/resend-webhook`
async fn resend_webhook(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let body: ResendWebhookBody = ask.body()?;
    let webhook = to::id("webhookId", body.webhook_id.as_deref(), WebhookId::parse)?;
    ask.app
        .resend_webhook(&ask.caller, body.store_id.as_deref(), &ask.payment_id()?, webhook.as_ref(), &ticket)
        .await
}

/// `POST /payments/{paymentId}/cancellations/{cancellationId}/stop`
async fn stop_cancellation(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let body: StopPaymentCancellationBody = ask.body()?;
    let (payment, cancellation) = (ask.payment_id()?, ask.cancellation_id()?);
    ask.app.stop_cancellation(&ask.caller, body.store_id.as_deref(), &payment, &cancellation, &ticket).await
}

/// `POST /billing-keys`
async fn issue_billing_key(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let command = to::billing_key::asked(ask.body()?, ask.origin())?;
    ask.app.issue_billing_key(&ask.caller, command, &ticket).await
}

/// `POST /billing-keys/confirm`
async fn confirm_billing_key(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let command = to::confirm::billing_key(ask.body()?)?;
    ask.app.confirm_billing_key(&ask.caller, command, &ticket).await
}

/// `POST /billing-keys/confirm-issue-and-pay`
async fn confirm_key_and_payment(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let command = to::confirm::billing_key_and_payment(ask.body()?)?;
    ask.app.confirm_billing_key(&ask.caller, command, &ticket).await
}

/// `GET /billing-keys`
async fn get_billing_keys(ask: Arc<Ask>) -> Answered {
    let criteria: paypier_wire::v2::GetBillingKeyInfosBody = ask.criteria()?;
    let named = criteria.filter.as_ref().and_then(|filter| filter.store_id.as_deref());
    let store = ask.caller.reach(&ask.app, named).await?;
    let page = to::page::asked(criteria.page.as_ref(), to::page::Reach::Unbounded)?;
    let Some(filter) = to::billing_key_filter::asked(&ask.caller, store, criteria, ask.app.clock.now())?
    else {
        return ok(&to::billing_key::page(&[], page, 0)?);
    };
    let found = ask.app.storage.billing_keys(&filter, page).await?;
    ok(&to::billing_key::page(&found.items, page, found.total)?)
}

/// `GET /billing-keys/{billingKey}`
async fn get_billing_key(ask: Arc<Ask>) -> Answered {
    let key = ask.app.billing_key(&ask.caller, ask.store()?.as_deref(), &ask.billing_key()?).await?;
    ok(&to::billing_key::shown(&key)?)
}

/// `DELETE /billing-keys/{billingKey}`
async fn delete_billing_key(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let requester = ask.parameter("requester")?;
    let requester = to::word("requester", requester.as_deref(), BillingKeyDeleteRequester::parse)?;
    let command = crate::app::delete_billing_key::DeleteBillingKey {
        store: ask.store()?,
        billing_key: ask.billing_key()?,
        skip_webhook: ask.flag("skipWebhook")?.unwrap_or(false),
        reason: ask.parameter("reason")?,
        requester: requester.map(|requester| requester.as_str().to_owned()),
    };
    ask.app.delete_billing_key(&ask.caller, command, &ticket).await
}

/// `GET /banks`
async fn get_banks(_: Arc<Open>) -> Answered {
    Ok(Answer { status: 200, body: to::bank::all_as_json().to_vec() })
}

/// `POST /login/api-secret`
async fn login(ask: Arc<Open>) -> Answered {
    let body: LoginViaApiSecretBody = ask.body()?;
    let pair = ask.app.login(&body.api_secret).await?;
    ok(&LoginViaApiSecretResponse { access_token: pair.access, refresh_token: pair.refresh })
}

/// `POST /token/refresh`
async fn refresh_token(ask: Arc<Open>) -> Answered {
    let body: RefreshTokenBody = ask.body()?;
    let pair = ask.app.refresh(&body.refresh_token).await?;
    ok(&RefreshTokenResponse { access_token: pair.access, refresh_token: pair.refresh })
}
