//! What the operators of the two marketplaces ask of the settlement platform: terms, partners, transfers,
//! settlements, and payouts that one person makes and another approves.
//!
//! A merchant's platform is reached with the secret of its representative store, whose clock is the
//! platform's. All ids begin with the merchant's, so that whatever is told to the wrong one shows.

pub mod lists;
pub mod operator;
pub mod partners;
pub mod settling;
pub mod terms;
pub mod transfers;

use super::{About, Ask, Scene};
use crate::model::Marketplace;
use crate::office::{Person, SHOPS};
use bytes::Bytes;
use http::Method;
use jiff::civil::Date;
use paypier_domain::settlement::day_in_korea;
use serde_json::Value;

super::operations! { Platform:
    // weight, name, route, how one is imagined
    // The settlement platform: its terms.
    1 "getPlatformSetting" "GET" "/platform/setting" terms::setting;
    2 "updatePlatformSetting" "PATCH" "/platform/setting" terms::change_setting;
    1 "getPlatform" "GET" "/platform" terms::october_setting;
    1 "updatePlatform" "PATCH" "/platform" terms::change_october_setting;
    1 "createContract" "POST" "/platform/contracts" terms::contracts::create;
    1 "getContracts" "GET" "/platform/contracts" terms::contracts::list;
    1 "getContract" "GET" "/platform/contracts/{id}" terms::contracts::read;
    1 "updateContract" "PATCH" "/platform/contracts/{id}" terms::contracts::change;
    1 "archiveContract" "POST" "/platform/contracts/{id}/archive" terms::contracts::archive;
    1 "recoverContract" "POST" "/platform/contracts/{id}/recover" terms::contracts::recover;
    1 "getContractSchedule" "GET" "/platform/contracts/{id}/schedule" terms::contracts::scheduled;
    1 "scheduleContract" "POST" "/platform/contracts/{id}/schedule" terms::contracts::schedule;
    1 "rescheduleContract" "PUT" "/platform/contracts/{id}/schedule" terms::contracts::reschedule;
    1 "cancelContractSchedule" "DELETE" "/platform/contracts/{id}/schedule" terms::contracts::unschedule;
    1 "createDiscountSharePolicy" "POST" "/platform/discount-share-policies" terms::shares::create;
    1 "getDiscountSharePolicys" "GET" "/platform/discount-share-policies" terms::shares::list;
    1 "getDiscountSharePolicy" "GET" "/platform/discount-share-policies/{id}" terms::shares::read;
    1 "updateDiscountSharePolicy" "PATCH" "/platform/discount-share-policies/{id}" terms::shares::change;
    1 "archiveDiscountSharePolicy" "POST" "/platform/discount-share-policies/{id}/archive" terms::shares::archive;
    1 "recoverDiscountSharePolicy" "POST" "/platform/discount-share-policies/{id}/recover" terms::shares::recover;
    1 "getDiscountSharePolicySchedule" "GET" "/platform/discount-share-policies/{id}/schedule" terms::shares::scheduled;
    1 "scheduleDiscountSharePolicy" "POST" "/platform/discount-share-policies/{id}/schedule" terms::shares::schedule;
    1 "rescheduleDiscountSharePolicy" "PUT" "/platform/discount-share-policies/{id}/schedule" terms::shares::reschedule;
    1 "cancelDiscountSharePolicySchedule" "DELETE" "/platform/discount-share-policies/{id}/schedule" terms::shares::unschedule;
    1 "createAdditionalFeePolicy" "POST" "/platform/additional-fee-policies" terms::fees::create;
    1 "getAdditionalFeePolicys" "GET" "/platform/additional-fee-policies" terms::fees::list;
    1 "getAdditionalFeePolicy" "GET" "/platform/additional-fee-policies/{id}" terms::fees::read;
    1 "updateAdditionalFeePolicy" "PATCH" "/platform/additional-fee-policies/{id}" terms::fees::change;
    1 "archiveAdditionalFeePolicy" "POST" "/platform/additional-fee-policies/{id}/archive" terms::fees::archive;
    1 "recoverAdditionalFeePolicy" "POST" "/platform/additional-fee-policies/{id}/recover" terms::fees::recover;
    1 "getAdditionalFeePolicySchedule" "GET" "/platform/additional-fee-policies/{id}/schedule" terms::fees::scheduled;
    1 "scheduleAdditionalFeePolicy" "POST" "/platform/additional-fee-policies/{id}/schedule" terms::fees::schedule;
    1 "rescheduleAdditionalFeePolicy" "PUT" "/platform/additional-fee-policies/{id}/schedule" terms::fees::reschedule;
    1 "cancelAdditionalFeePolicySchedule" "DELETE" "/platform/additional-fee-policies/{id}/schedule" terms::fees::unschedule;
    3 "createPartner" "POST" "/platform/partners" terms::bakeries::create;
    1 "getPartners" "GET" "/platform/partners" terms::bakeries::list;
    1 "getPartner" "GET" "/platform/partners/{id}" terms::bakeries::read;
    3 "updatePartner" "PATCH" "/platform/partners/{id}" terms::bakeries::change;
    1 "archivePartner" "POST" "/platform/partners/{id}/archive" terms::bakeries::archive;
    2 "recoverPartner" "POST" "/platform/partners/{id}/recover" terms::bakeries::recover;
    1 "getPartnerSchedule" "GET" "/platform/partners/{id}/schedule" terms::bakeries::scheduled;
    1 "schedulePartner" "POST" "/platform/partners/{id}/schedule" terms::bakeries::schedule;
    1 "reschedulePartner" "PUT" "/platform/partners/{id}/schedule" terms::bakeries::reschedule;
    1 "cancelPartnerSchedule" "DELETE" "/platform/partners/{id}/schedule" terms::bakeries::unschedule;
    1 "getDiscountSharePolicyFilterOptions" "GET" "/platform/discount-share-policy-filter-options" terms::share_options;
    1 "getPartners (another store)" "GET" "/platform/partners" partners::from_another_store;
    1 "getPartners (LIVE)" "GET" "/platform/partners" partners::live;
    1 "getPartnerFilterOptions" "GET" "/platform/partner-filter-options" partners::options;
    2 "createPartners" "POST" "/platform/partners/batch" partners::batch;
    1 "schedulePartners" "POST" "/platform/partners/schedule" partners::schedule_many;
    1 "connectCounterparty" "POST" "/platform/partners/counterparty-connect/{id}" partners::connect;
    1 "connectCounterparties" "POST" "/platform/partners/counterparty-connect" partners::connect_many;
    1 "disconnectCounterparty" "POST" "/platform/partners/counterparty-disconnect/{id}" partners::disconnect;
    1 "disconnectCounterparties" "POST" "/platform/partners/counterparty-disconnect" partners::disconnect_many;
    2 "getBankAccountHolder" "GET" "/platform/bank-accounts/{bank}/{accountNumber}/holder" partners::holder;
    1 "getCompanyState" "GET" "/platform/companies/{businessRegistrationNumber}/state" partners::company;
    // What partners earn, and how they are paid.
    9 "createOrderTransfer" "POST" "/platform/transfers/order" transfers::of_payment;
    5 "createOrderTransfer (external)" "POST" "/platform/transfers/order" transfers::external;
    3 "cancelPayment (of an order)" "POST" "/payments/{paymentId}/cancel" transfers::give_back;
    10 "createOrderCancelTransfer" "POST" "/platform/transfers/order-cancel" transfers::cancel_ours;
    9 "createOrderCancelTransfer (external)" "POST" "/platform/transfers/order-cancel" transfers::cancel_external;
    5 "createManualTransfer" "POST" "/platform/transfers/manual" transfers::manual;
    2 "getTransfer" "GET" "/platform/transfers/{id}" transfers::read;
    1 "getTransfer (another's)" "GET" "/platform/transfers/{id}" transfers::anothers;
    2 "deleteTransfer" "DELETE" "/platform/transfers/{id}" transfers::delete;
    2 "getTransferSummaries" "GET" "/platform/transfer-summaries" transfers::summaries;
    1 "getTransferSheet" "GET" "/platform/transfer-summaries/sheet-file" transfers::sheet;
    1 "operatorGetWorking" "GET" "/operator/platform/transfers/{id}/working" transfers::working;
    7 "getPartnerSettlements" "GET" "/platform/partner-settlements" settling::list;
    3 "completePayout" "POST" "/platform/partner-settlements/complete-payout" settling::complete;
    1 "deletePartnerSettlements" "POST" "/platform/partner-settlements/delete" settling::delete;
    1 "operatorChangeSettlement" "PATCH" "/operator/platform/partner-settlements/{id}" settling::change;
    2 "operatorGetStatement" "GET" "/operator/platform/partners/{id}/statement" settling::statement;
    6 "operatorCreateBulkPayout" "POST" "/operator/platform/bulk-payouts" operator::make;
    1 "operatorGetBulkPayout" "GET" "/operator/platform/bulk-payouts/{id}" operator::read;
    2 "operatorGetBulkSettlements" "GET" "/operator/platform/bulk-payouts/{id}/partner-settlements" operator::inside;
    4 "operatorSelectSettlements" "POST" "/operator/platform/bulk-payouts/{id}/partner-settlements" operator::select;
    7 "operatorGeneratePayouts" "POST" "/operator/platform/bulk-payouts/{id}/payouts" operator::generate;
    8 "operatorApproveBulkPayout" "POST" "/operator/platform/bulk-payouts/{id}/approve" operator::approve;
    1 "operatorApproveBulkPayout (another's)" "POST" "/operator/platform/bulk-payouts/{id}/approve" operator::approve_anothers;
    2 "operatorCancelBulkPayout" "POST" "/operator/platform/bulk-payouts/{id}/cancel" operator::cancel;
    1 "operatorGetPayout" "GET" "/operator/platform/payouts/{id}" operator::read_payout;
    2 "operatorStopPayout" "POST" "/operator/platform/payouts/{id}/stop" operator::stop;
    2 "operatorCancelPayout" "POST" "/operator/platform/payouts/{id}/cancel" operator::cancel_payout;
    4 "operatorRetryPayout" "POST" "/operator/platform/payouts/{id}/retry" operator::retry;
    1 "operatorGetAccounts" "GET" "/operator/platform/accounts" operator::accounts;
    2 "operatorDeposit" "POST" "/operator/platform/accounts/{id}/deposits" operator::deposit;
    2 "operatorWithdraw" "POST" "/operator/platform/accounts/{id}/withdrawals" operator::withdraw;
    3 "operatorApproveWithdrawal" "POST" "/operator/platform/account-transfers/{id}/approve" operator::approve_withdrawal;
    1 "operatorCancelWithdrawal" "POST" "/operator/platform/account-transfers/{id}/cancel" operator::cancel_withdrawal;
    5 "sandbox clock (of a platform)" "POST" "/sandbox/clock" operator::wait;
    5 "getPayouts" "GET" "/platform/payouts" lists::payouts;
    2 "getBulkPayouts" "GET" "/platform/bulk-payouts" lists::bulks;
    1 "getAccountTransfers" "GET" "/platform/account-transfers" lists::movements;
    1 "getBulkAccountTransfers" "GET" "/platform/bulk-account-transfers" lists::bulk_movements;
}

/// What a request about the platform is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deal {
    pub merchant: &'static str,
    pub by: Person,
    pub what: What,
}

/// What is followed of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    Nothing,
    /// Somebody who may not: the answer must be a refusal.
    Forbidden,
    /// A list of the LIVE environment, where nothing ever happens.
    NothingLive,
    /// A partner is made or changed, vouched for by something that was looked up.
    Partner {
        id: String,
        look_up: Option<String>,
    },
    Partners,
    ReadPartner(String),
    /// Whose account it is, of the one account that partners are vouched for with.
    LookUp,
    Order {
        partner: String,
        payment: String,
        is_external: bool,
        has_lines: bool,
    },
    Cancel {
        order: String,
    },
    Manual,
    ReadTransfer(String),
    Delete(String),
    ListSettlements,
    /// What a bulk payout has selected.
    ListInside(String),
    CompletePayout {
        bulk: String,
        settlements: Vec<String>,
    },
    DeleteSettlements(Vec<String>),
    ChangeSettlement(String),
    /// A bulk payout is made, by hand or of a payout that failed.
    MakeBulk,
    /// It is changed: what is in it, its payouts, its end.
    ChangeBulk(String),
    Approve(String),
    ReadBulk(String),
    ListBulks,
    ListPayouts,
    Payout(String),
    Deposit {
        depositor: String,
    },
    /// Money is to be taken out under a memo of its own.
    Withdraw {
        memo: String,
    },
    /// It is approved or given up.
    Withdrawal,
    Accounts,
    Statement {
        partner: String,
    },
}

/// Goes to a merchant's marketplace, more often to the first one, so that what is asked there meets.
fn market<'a>(scene: &mut Scene<'a>) -> &'a Marketplace {
    let [first, _, second] = &SHOPS;
    let shop = if scene.dice.happens(700) { first } else { second };
    scene.goes_to(shop);
    let known = scene.known;
    known.market(scene.shop.merchant)
}

/// An id of the merchant's.
fn id(scene: &Scene<'_>, rest: &str) -> String {
    format!("{}-{rest}", scene.shop.merchant)
}

/// One of the first so many ids of a kind; mostly of those that are there from the beginning.
fn numbered(scene: &mut Scene<'_>, kind: &str, furnished: u64, most: u64) -> String {
    let number = if scene.dice.happens(750) { scene.dice.below(furnished) } else { scene.dice.below(most) };
    id(scene, &format!("{kind}-{number}"))
}

/// The platform's day in Korea, as far as it was told, and so many days later.
fn day(scene: &Scene<'_>, later: i64) -> Date {
    let now = scene.known.time_of(scene.shop.id, scene.now);
    let today = day_in_korea(now);
    today.checked_add(jiff::Span::new().days(later)).unwrap_or(today)
}

fn anybody(scene: &mut Scene<'_>) -> Person {
    if scene.dice.happens(250) { Person::Second } else { Person::First }
}

/// Of the TEST environment.
fn in_test(path: &str) -> String {
    let mark = if path.contains('?') { '&' } else { '?' };
    format!("{path}{mark}test=true")
}

fn asks(
    scene: &mut Scene<'_>,
    by: Person,
    (method, path): (Method, String),
    body: &Value,
    what: What,
) -> Ask {
    let about = About::Platform(Box::new(Deal { merchant: scene.shop.merchant, by, what }));
    let bytes = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
    let mut ask = scene.open(method, path, bytes, about);
    ask.headers.push(("authorization", format!("PortOne {}", scene.shop.secret_of(by))));
    ask
}

/// Something is read.
fn reads(scene: &mut Scene<'_>, path: &str, what: What) -> Option<Ask> {
    let by = anybody(scene);
    Some(asks(scene, by, (Method::GET, in_test(path)), &Value::Null, what))
}

/// Something is changed by whoever is there.
fn changes(scene: &mut Scene<'_>, method: Method, path: &str, body: &Value, what: What) -> Option<Ask> {
    let by = anybody(scene);
    changes_by(scene, by, (method, path), body, what)
}

/// The same by a certain person, mostly under an idempotency key.
fn changes_by(
    scene: &mut Scene<'_>,
    by: Person,
    (method, path): (Method, &str),
    body: &Value,
    what: What,
) -> Option<Ask> {
    let ask = asks(scene, by, (method, in_test(path)), body, what);
    Some(scene.under_key(ask))
}
