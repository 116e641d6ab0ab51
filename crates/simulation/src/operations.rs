//! Everything that can be asked of the server over HTTP, in one table: an operation that is added to
//! the server is added here in one line, and a test fails until it is.

mod body;
mod buyer;
mod escrow;
mod identity;
mod keys;
mod merchant;
mod platform;
mod psp;
mod reading;
mod receipts;
mod schedules;
mod sessions;
mod specialties;

pub use body::{Scene, card_numbers, with_criteria};
pub use platform::{Deal, What, partners as platform_partners, terms as platform_terms};

use crate::ground::Finding;
use bytes::Bytes;
use http::Method;
use std::time::Duration;

/// One kind of request.
#[derive(Debug)]
pub struct Operation {
    pub name: &'static str,
    /// How often it is asked, compared with the others.
    pub weight: u32,
    /// The method and path of the server's route.
    pub route: (&'static str, &'static str),
    /// Imagines one; `None` when nothing is there yet that it could be about.
    pub imagine: fn(&mut Scene<'_>) -> Option<Ask>,
}

impl Operation {
    pub fn is_of_platform(&self) -> bool {
        let (_, path) = self.route;
        let is_its_clock = self.name.contains("(of a platform)");
        is_its_clock || path.starts_with("/platform") || path.starts_with("/operator/platform")
    }
}

/// What a request is about, for the model that judges its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// Nothing that the model follows.
    Anything,
    /// The next page of a walk through all events of a store.
    Follow {
        store: &'static str,
        after: Option<String>,
    },
    /// The next page of a merchant's event feed.
    Feed {
        store: &'static str,
        after: Option<String>,
    },
    /// A payment is to be paid with so much.
    Pay {
        payment: Payment,
        amount: i64,
        is_captured_later: bool,
        is_in_escrow: bool,
    },
    IssueAccount {
        payment: Payment,
    },
    Authenticate {
        payment: Payment,
        amount: i64,
    },
    Confirm {
        payment: Payment,
        amount: i64,
    },
    CloseAccount {
        payment: Payment,
    },
    Escrow {
        payment: Payment,
    },
    Capture {
        payment: Payment,
    },
    Cancel {
        payment: Payment,
    },
    StopCancellation {
        payment: Payment,
        cancellation: String,
    },
    Resend {
        payment: Payment,
    },
    ReadPayment {
        payment: Payment,
    },
    /// A window opens for a payment.
    OpenCheckout {
        payment: Payment,
    },
    /// A window opens for a billing key.
    OpenKeyCheckout {
        store: &'static str,
    },
    /// A page is shown to the buyer of a payment, at this path: its forms can be sent.
    SeePage {
        payment: Payment,
        path: String,
    },
    /// A buyer sends a form of a page; it may lead to another page.
    SendForm {
        payment: Payment,
    },
    /// Somebody else's payment: must not be answered.
    Trespass,
    IssueKey {
        store: &'static str,
    },
    DeleteKey {
        key: String,
    },
    ReadKey {
        key: String,
    },
    /// A payment is to be made later.
    Plan {
        payment: Payment,
    },
    ReadSchedule {
        schedule: String,
    },
    Revoke,
    /// TEST payments are no sales.
    Untaxed,
    CreateSession {
        payment: Payment,
    },
    Login {
        store: usize,
    },
    Refresh {
        store: usize,
        token: String,
    },
    /// Must be refused as forged or stale.
    ForgedNotification,
    MoveClock {
        store: &'static str,
    },
    /// A message is sent again by its id.
    Replay,
    /// Whether somebody is who they say.
    Identity {
        store: &'static str,
        id: String,
    },
    /// The server's own pages, which are always there.
    Health,
    /// Something of a merchant's settlement platform.
    Platform(Box<Deal>),
}

/// A payment's full name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Payment {
    pub store: &'static str,
    pub id: String,
}

impl std::fmt::Display for Payment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.store, self.id)
    }
}

impl About {
    /// The merchant whose settlement platform may have changed: by what was asked of it, or by time.
    pub fn market(&self) -> Option<&'static str> {
        match self {
            Self::Platform(deal) => Some(deal.merchant),
            Self::MoveClock { store } => crate::office::SHOPS
                .iter()
                .find(|shop| shop.id == *store && shop.is_representative)
                .map(|shop| shop.merchant),
            _ => None,
        }
    }

    /// The payment that may have changed.
    pub fn payment(&self) -> Option<&Payment> {
        match self {
            Self::Pay { payment, .. }
            | Self::IssueAccount { payment }
            | Self::Authenticate { payment, .. }
            | Self::Confirm { payment, .. }
            | Self::CloseAccount { payment }
            | Self::OpenCheckout { payment }
            | Self::SeePage { payment, .. }
            | Self::SendForm { payment }
            | Self::Escrow { payment }
            | Self::Capture { payment }
            | Self::Cancel { payment }
            | Self::StopCancellation { payment, .. }
            | Self::Resend { payment }
            | Self::Plan { payment }
            | Self::ReadPayment { payment } => Some(payment),
            Self::Anything
            | Self::Follow { .. }
            | Self::Feed { .. }
            | Self::Trespass
            | Self::IssueKey { .. }
            | Self::OpenKeyCheckout { .. }
            | Self::DeleteKey { .. }
            | Self::ReadKey { .. }
            | Self::ReadSchedule { .. }
            | Self::Revoke
            | Self::Untaxed
            | Self::CreateSession { .. }
            | Self::Login { .. }
            | Self::Refresh { .. }
            | Self::ForgedNotification
            | Self::MoveClock { .. }
            | Self::Replay
            | Self::Identity { .. }
            | Self::Platform(_)
            | Self::Health => None,
        }
    }
}

/// One request, complete.
#[derive(Debug, Clone)]
pub struct Ask {
    pub operation: &'static str,
    pub method: Method,
    /// Path and query.
    pub path: String,
    pub body: Bytes,
    pub headers: Vec<(&'static str, String)>,
    /// The idempotency key, when there is one, and whose it is.
    pub key: Option<(&'static str, String)>,
    pub about: About,
    /// When the caller hangs up.
    pub patience: Duration,
}

/// As long as clients are told to wait, and a little.
pub const PATIENCE: Duration = Duration::from_secs(62);

macro_rules! operations {
    ($($weight:literal $name:literal $method:literal $path:literal $imagine:path;)+) => {
        /// Every operation.
        pub const OPERATIONS: &[Operation] = &[$(Operation {
            name: $name,
            weight: $weight,
            route: ($method, $path),
            imagine: $imagine,
        }),+];
    };
}

operations! {
    // weight, name, route, how one is imagined
    24 "payInstantly" "POST" "/payments/{paymentId}/instant" merchant::pay_by_card;
    4 "payInstantly (account)" "POST" "/payments/{paymentId}/instant" merchant::pay_by_account;
    8 "payWithBillingKey" "POST" "/payments/{paymentId}/billing-key" merchant::pay_with_key;
    2 "preRegisterPayment" "POST" "/payments/{paymentId}/pre-register" merchant::pre_register;
    7 "cancelPayment" "POST" "/payments/{paymentId}/cancel" merchant::cancel;
    9 "cancelPayment (part)" "POST" "/payments/{paymentId}/cancel" merchant::cancel_part;
    2 "closeVirtualAccount" "POST" "/payments/{paymentId}/virtual-account/close" merchant::close_account;
    3 "applyEscrowLogistics" "POST" "/payments/{paymentId}/escrow/logistics" escrow::report;
    1 "modifyEscrowLogistics" "PATCH" "/payments/{paymentId}/escrow/logistics" escrow::correct;
    2 "confirmEscrow" "POST" "/payments/{paymentId}/escrow/complete" escrow::complete;
    1 "registerStoreReceipt" "POST" "/payments/{paymentId}/register-store-receipt" escrow::register_store_receipt;
    3 "stopPaymentCancellation" "POST" "/payments/{paymentId}/cancellations/{cancellationId}/stop" merchant::stop;
    4 "capturePayment" "POST" "/payments/{paymentId}/capture" merchant::capture;
    4 "confirmPayment" "POST" "/payments/{paymentId}/confirm" merchant::confirm;
    2 "resendWebhook" "POST" "/payments/{paymentId}/resend-webhook" merchant::resend;
    4 "issueBillingKey" "POST" "/billing-keys" keys::issue;
    1 "confirmBillingKey (guessed)" "POST" "/billing-keys/confirm" keys::confirm_guessed;
    1 "confirmBillingKeyIssueAndPay (guessed)" "POST" "/billing-keys/confirm-issue-and-pay" keys::confirm_and_pay_guessed;
    2 "deleteBillingKey" "DELETE" "/billing-keys/{billingKey}" keys::delete;
    1 "getBillingKeyInfo" "GET" "/billing-keys/{billingKey}" keys::read;
    1 "getBillingKeyInfos" "GET" "/billing-keys" keys::list;
    6 "issueCashReceipt" "POST" "/cash-receipts" receipts::issue;
    1 "getCashReceipts" "GET" "/cash-receipts" receipts::list;
    2 "getCashReceiptByPaymentId" "GET" "/payments/{paymentId}/cash-receipt" receipts::read;
    4 "cancelCashReceiptByPaymentId" "POST" "/payments/{paymentId}/cash-receipt/cancel" receipts::cancel;
    5 "sendIdentityVerification" "POST" "/identity-verifications/{identityVerificationId}/send" identity::send;
    6 "confirmIdentityVerification" "POST" "/identity-verifications/{identityVerificationId}/confirm" identity::confirm;
    2 "resendIdentityVerification" "POST" "/identity-verifications/{identityVerificationId}/resend" identity::resend;
    2 "getIdentityVerification" "GET" "/identity-verifications/{identityVerificationId}" identity::read;
    1 "getIdentityVerifications" "GET" "/identity-verifications" identity::list;
    2 "sandbox approve" "POST" "/sandbox/identity-verifications/{identityVerificationId}/approve" identity::approve;
    7 "createPaymentSchedule" "POST" "/payments/{paymentId}/schedule" schedules::plan;
    2 "getPaymentSchedule" "GET" "/payment-schedules/{paymentScheduleId}" schedules::read;
    1 "getPaymentSchedules" "GET" "/payment-schedules" schedules::list;
    3 "revokePaymentSchedules" "DELETE" "/payment-schedules" schedules::revoke;
    6 "getPayment" "GET" "/payments/{paymentId}" reading::payment;
    1 "getPayment (another's)" "GET" "/payments/{paymentId}" reading::anothers_payment;
    2 "getPaymentTransactions" "GET" "/payments/{paymentId}/transactions" reading::transactions;
    2 "getPayments" "GET" "/payments" reading::payments;
    1 "getAllPaymentsByCursor" "GET" "/payments-by-cursor" reading::payments_by_cursor;
    3 "getAllPaymentEventsByCursor" "GET" "/payment-events-by-cursor" reading::events_by_cursor;
    1 "evaluateCheckoutProfile" "GET" "/checkout-profiles/evaluate" sessions::evaluate;
    4 "createPaymentSession" "POST" "/payment-sessions" sessions::create;
    1 "getPaymentSession" "GET" "/payment-sessions/{sessionId}" sessions::read;
    1 "closePaymentSession" "POST" "/payment-sessions/{sessionId}/close" sessions::close;
    1 "getPromotion" "GET" "/promotions/{promotionId}" reading::promotion;
    1 "getKakaopayPaymentOrder" "GET" "/kakaopay/payment/order" specialties::kakaopay_order;
    1 "getPgCardPromotions" "GET" "/payment-gateways/card-promotion" specialties::card_promotions;
    2 "confirmPaymentwallDelivery" "POST" "/paymentwall/delivery/confirm" specialties::confirm_delivery;
    1 "getPaymentReconciliationTransactionVatReport" "GET" "/payment-reconciliations/transactions/vat-report" reading::vat_by_transaction;
    1 "getPaymentReconciliationSettlementVatReport" "GET" "/payment-reconciliations/settlements/vat-report" reading::vat_by_settlement;
    1 "getBankInfos" "GET" "/banks" reading::banks;
    2 "loginViaApiSecret" "POST" "/login/api-secret" reading::login;
    1 "refreshToken" "POST" "/token/refresh" reading::refresh;
    3 "events" "GET" "/webhook-events" reading::event_feed;
    1 "dead webhooks" "GET" "/webhook-events/dead" reading::dead_webhooks;
    1 "replay" "POST" "/webhook-events/{webhookId}/replay" reading::replay;
    4 "sandbox authenticate" "POST" "/sandbox/payments/{paymentId}/authenticate" buyer::authenticate;
    4 "sandbox deposit" "POST" "/sandbox/payments/{paymentId}/deposit" buyer::deposit;
    1 "sandbox deposit (late)" "POST" "/sandbox/payments/{paymentId}/deposit" buyer::deposit_late;
    1 "sandbox expire" "POST" "/sandbox/payments/{paymentId}/expire" buyer::expire;
    3 "sandbox complete" "POST" "/sandbox/payments/{paymentId}/complete" buyer::complete;
    4 "checkout" "POST" "/checkout/windows" buyer::open_window;
    2 "checkout (updated)" "PUT" "/checkout/windows/{window}" buyer::update_window;
    2 "checkout (key)" "POST" "/checkout/windows" buyer::open_key_window;
    1 "checkout (identity)" "POST" "/checkout/windows" identity::open_window;
    5 "checkout page" "GET" "/checkout/{window}" buyer::see_window;
    6 "checkout form" "POST" "/checkout/{window}" buyer::send_form;
    7 "session page" "GET" "/checkout/sessions/{session}" sessions::see_sheet;
    6 "session form" "POST" "/checkout/sessions/{session}" sessions::choose;
    6 "session window" "GET" "/checkout/sessions/{session}/{window}" sessions::see_window;
    8 "session window form" "POST" "/checkout/sessions/{session}/{window}" sessions::send_form;
    1 "checkout form (forged)" "POST" "/checkout/{window}" buyer::forge_form;
    3 "checkout result" "GET" "/checkout/windows/{window}/result" buyer::window_result;
    1 "checkout close" "POST" "/checkout/windows/{window}/close" buyer::close_window;
    2 "sandbox escrow" "POST" "/sandbox/payments/{paymentId}/escrow" escrow::move_parcel;
    2 "sandbox dispute" "POST" "/sandbox/payments/{paymentId}/dispute" buyer::dispute;
    1 "sandbox dispute (resolved)" "POST" "/sandbox/payments/{paymentId}/dispute/resolve" buyer::resolve_dispute;
    2 "sandbox chargeback" "POST" "/sandbox/payments/{paymentId}/chargeback" buyer::charge_back;
    2 "sandbox complete (key)" "POST" "/sandbox/billing-keys/{billingKey}/complete" buyer::complete_key;
    1 "sandbox complete (identity)" "POST" "/sandbox/identity-verifications/{identityVerificationId}/complete" identity::complete;
    2 "sandbox billing key" "POST" "/sandbox/billing-keys" buyer::register_card;
    1 "sandbox receipt" "GET" "/sandbox/receipts/{storeId}/{reference}/{tag}" buyer::receipt;
    1 "sandbox clock" "GET" "/sandbox/clock" psp::read_clock;
    2 "sandbox clock (moved)" "POST" "/sandbox/clock" psp::move_clock;
    1 "sandbox ledger" "GET" "/sandbox/psp/ledger" psp::ledger;
    1 "sandbox faults" "GET" "/sandbox/psp/faults" psp::faults;
    1 "sandbox faults (set)" "PUT" "/sandbox/psp/faults" psp::set_faults;
    1 "sandbox psp" "ANY" "/sandbox/psp/v1/{*call}" psp::direct_call;
    3 "psp notification" "POST" "/psp/notifications/{storeId}/{channelKey}" psp::notification;
    1 "psp notification (forged)" "POST" "/psp/notifications/{storeId}/{channelKey}" psp::forged_notification;
    // The settlement platform: its terms.
    1 "getPlatformSetting" "GET" "/platform/setting" platform::terms::setting;
    2 "updatePlatformSetting" "PATCH" "/platform/setting" platform::terms::change_setting;
    1 "getPlatform" "GET" "/platform" platform::terms::october_setting;
    1 "updatePlatform" "PATCH" "/platform" platform::terms::change_october_setting;
    1 "createContract" "POST" "/platform/contracts" platform::terms::contracts::create;
    1 "getContracts" "GET" "/platform/contracts" platform::terms::contracts::list;
    1 "getContract" "GET" "/platform/contracts/{id}" platform::terms::contracts::read;
    1 "updateContract" "PATCH" "/platform/contracts/{id}" platform::terms::contracts::change;
    1 "archiveContract" "POST" "/platform/contracts/{id}/archive" platform::terms::contracts::archive;
    1 "recoverContract" "POST" "/platform/contracts/{id}/recover" platform::terms::contracts::recover;
    1 "getContractSchedule" "GET" "/platform/contracts/{id}/schedule" platform::terms::contracts::scheduled;
    1 "scheduleContract" "POST" "/platform/contracts/{id}/schedule" platform::terms::contracts::schedule;
    1 "rescheduleContract" "PUT" "/platform/contracts/{id}/schedule" platform::terms::contracts::reschedule;
    1 "cancelContractSchedule" "DELETE" "/platform/contracts/{id}/schedule" platform::terms::contracts::unschedule;
    1 "createDiscountSharePolicy" "POST" "/platform/discount-share-policies" platform::terms::shares::create;
    1 "getDiscountSharePolicys" "GET" "/platform/discount-share-policies" platform::terms::shares::list;
    1 "getDiscountSharePolicy" "GET" "/platform/discount-share-policies/{id}" platform::terms::shares::read;
    1 "updateDiscountSharePolicy" "PATCH" "/platform/discount-share-policies/{id}" platform::terms::shares::change;
    1 "archiveDiscountSharePolicy" "POST" "/platform/discount-share-policies/{id}/archive" platform::terms::shares::archive;
    1 "recoverDiscountSharePolicy" "POST" "/platform/discount-share-policies/{id}/recover" platform::terms::shares::recover;
    1 "getDiscountSharePolicySchedule" "GET" "/platform/discount-share-policies/{id}/schedule" platform::terms::shares::scheduled;
    1 "scheduleDiscountSharePolicy" "POST" "/platform/discount-share-policies/{id}/schedule" platform::terms::shares::schedule;
    1 "rescheduleDiscountSharePolicy" "PUT" "/platform/discount-share-policies/{id}/schedule" platform::terms::shares::reschedule;
    1 "cancelDiscountSharePolicySchedule" "DELETE" "/platform/discount-share-policies/{id}/schedule" platform::terms::shares::unschedule;
    1 "createAdditionalFeePolicy" "POST" "/platform/additional-fee-policies" platform::terms::fees::create;
    1 "getAdditionalFeePolicys" "GET" "/platform/additional-fee-policies" platform::terms::fees::list;
    1 "getAdditionalFeePolicy" "GET" "/platform/additional-fee-policies/{id}" platform::terms::fees::read;
    1 "updateAdditionalFeePolicy" "PATCH" "/platform/additional-fee-policies/{id}" platform::terms::fees::change;
    1 "archiveAdditionalFeePolicy" "POST" "/platform/additional-fee-policies/{id}/archive" platform::terms::fees::archive;
    1 "recoverAdditionalFeePolicy" "POST" "/platform/additional-fee-policies/{id}/recover" platform::terms::fees::recover;
    1 "getAdditionalFeePolicySchedule" "GET" "/platform/additional-fee-policies/{id}/schedule" platform::terms::fees::scheduled;
    1 "scheduleAdditionalFeePolicy" "POST" "/platform/additional-fee-policies/{id}/schedule" platform::terms::fees::schedule;
    1 "rescheduleAdditionalFeePolicy" "PUT" "/platform/additional-fee-policies/{id}/schedule" platform::terms::fees::reschedule;
    1 "cancelAdditionalFeePolicySchedule" "DELETE" "/platform/additional-fee-policies/{id}/schedule" platform::terms::fees::unschedule;
    3 "createPartner" "POST" "/platform/partners" platform::terms::bakeries::create;
    1 "getPartners" "GET" "/platform/partners" platform::terms::bakeries::list;
    1 "getPartner" "GET" "/platform/partners/{id}" platform::terms::bakeries::read;
    3 "updatePartner" "PATCH" "/platform/partners/{id}" platform::terms::bakeries::change;
    1 "archivePartner" "POST" "/platform/partners/{id}/archive" platform::terms::bakeries::archive;
    2 "recoverPartner" "POST" "/platform/partners/{id}/recover" platform::terms::bakeries::recover;
    1 "getPartnerSchedule" "GET" "/platform/partners/{id}/schedule" platform::terms::bakeries::scheduled;
    1 "schedulePartner" "POST" "/platform/partners/{id}/schedule" platform::terms::bakeries::schedule;
    1 "reschedulePartner" "PUT" "/platform/partners/{id}/schedule" platform::terms::bakeries::reschedule;
    1 "cancelPartnerSchedule" "DELETE" "/platform/partners/{id}/schedule" platform::terms::bakeries::unschedule;
    1 "getDiscountSharePolicyFilterOptions" "GET" "/platform/discount-share-policy-filter-options" platform::terms::share_options;
    1 "getPartners (another store)" "GET" "/platform/partners" platform::partners::from_another_store;
    1 "getPartners (LIVE)" "GET" "/platform/partners" platform::partners::live;
    1 "getPartnerFilterOptions" "GET" "/platform/partner-filter-options" platform::partners::options;
    2 "createPartners" "POST" "/platform/partners/batch" platform::partners::batch;
    1 "schedulePartners" "POST" "/platform/partners/schedule" platform::partners::schedule_many;
    1 "connectCounterparty" "POST" "/platform/partners/counterparty-connect/{id}" platform::partners::connect;
    1 "connectCounterparties" "POST" "/platform/partners/counterparty-connect" platform::partners::connect_many;
    1 "disconnectCounterparty" "POST" "/platform/partners/counterparty-disconnect/{id}" platform::partners::disconnect;
    1 "disconnectCounterparties" "POST" "/platform/partners/counterparty-disconnect" platform::partners::disconnect_many;
    2 "getBankAccountHolder" "GET" "/platform/bank-accounts/{bank}/{accountNumber}/holder" platform::partners::holder;
    1 "getCompanyState" "GET" "/platform/companies/{businessRegistrationNumber}/state" platform::partners::company;
    5 "sandbox clock (of a platform)" "POST" "/sandbox/clock" platform::operator::wait;
    // What partners earn, and how they are paid.
    9 "createOrderTransfer" "POST" "/platform/transfers/order" platform::transfers::of_payment;
    5 "createOrderTransfer (external)" "POST" "/platform/transfers/order" platform::transfers::external;
    3 "cancelPayment (of an order)" "POST" "/payments/{paymentId}/cancel" platform::transfers::give_back;
    10 "createOrderCancelTransfer" "POST" "/platform/transfers/order-cancel" platform::transfers::cancel_ours;
    9 "createOrderCancelTransfer (external)" "POST" "/platform/transfers/order-cancel" platform::transfers::cancel_external;
    5 "createManualTransfer" "POST" "/platform/transfers/manual" platform::transfers::manual;
    2 "getTransfer" "GET" "/platform/transfers/{id}" platform::transfers::read;
    1 "getTransfer (another's)" "GET" "/platform/transfers/{id}" platform::transfers::anothers;
    2 "deleteTransfer" "DELETE" "/platform/transfers/{id}" platform::transfers::delete;
    2 "getTransferSummaries" "GET" "/platform/transfer-summaries" platform::transfers::summaries;
    1 "getTransferSheet" "GET" "/platform/transfer-summaries/sheet-file" platform::transfers::sheet;
    1 "operatorGetWorking" "GET" "/operator/platform/transfers/{id}/working" platform::transfers::working;
    7 "getPartnerSettlements" "GET" "/platform/partner-settlements" platform::settling::list;
    3 "completePayout" "POST" "/platform/partner-settlements/complete-payout" platform::settling::complete;
    1 "deletePartnerSettlements" "POST" "/platform/partner-settlements/delete" platform::settling::delete;
    1 "operatorChangeSettlement" "PATCH" "/operator/platform/partner-settlements/{id}" platform::settling::change;
    2 "operatorGetStatement" "GET" "/operator/platform/partners/{id}/statement" platform::settling::statement;
    6 "operatorCreateBulkPayout" "POST" "/operator/platform/bulk-payouts" platform::operator::make;
    1 "operatorGetBulkPayout" "GET" "/operator/platform/bulk-payouts/{id}" platform::operator::read;
    2 "operatorGetBulkSettlements" "GET" "/operator/platform/bulk-payouts/{id}/partner-settlements" platform::operator::inside;
    4 "operatorSelectSettlements" "POST" "/operator/platform/bulk-payouts/{id}/partner-settlements" platform::operator::select;
    7 "operatorGeneratePayouts" "POST" "/operator/platform/bulk-payouts/{id}/payouts" platform::operator::generate;
    8 "operatorApproveBulkPayout" "POST" "/operator/platform/bulk-payouts/{id}/approve" platform::operator::approve;
    1 "operatorApproveBulkPayout (another's)" "POST" "/operator/platform/bulk-payouts/{id}/approve" platform::operator::approve_anothers;
    2 "operatorCancelBulkPayout" "POST" "/operator/platform/bulk-payouts/{id}/cancel" platform::operator::cancel;
    1 "operatorGetPayout" "GET" "/operator/platform/payouts/{id}" platform::operator::read_payout;
    2 "operatorStopPayout" "POST" "/operator/platform/payouts/{id}/stop" platform::operator::stop;
    2 "operatorCancelPayout" "POST" "/operator/platform/payouts/{id}/cancel" platform::operator::cancel_payout;
    4 "operatorRetryPayout" "POST" "/operator/platform/payouts/{id}/retry" platform::operator::retry;
    1 "operatorGetAccounts" "GET" "/operator/platform/accounts" platform::operator::accounts;
    2 "operatorDeposit" "POST" "/operator/platform/accounts/{id}/deposits" platform::operator::deposit;
    5 "getPayouts" "GET" "/platform/payouts" platform::lists::payouts;
    2 "getBulkPayouts" "GET" "/platform/bulk-payouts" platform::lists::bulks;
    1 "getAccountTransfers" "GET" "/platform/account-transfers" platform::lists::movements;
    1 "getBulkAccountTransfers" "GET" "/platform/bulk-account-transfers" platform::lists::bulk_movements;
}

/// Routes that the simulation leaves alone, each with the reason.
pub const LEFT_OUT: &[(&str, &str, &str)] =
    &[("POST", "/sandbox/reset", "empties what every law is about; stories in http/sandbox/tests.rs")];

/// What is said about an answer that must never be given.
pub fn internal_error(operation: &str, body: &[u8]) -> Finding {
    Finding::new("no answer is an internal error", format!("{operation}: {}", String::from_utf8_lossy(body)))
}
