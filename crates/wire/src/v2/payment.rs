//! A payment as it is read: one struct for each status, tagged by it. What can be done to a payment, its
//! lists and its parts are in the modules below.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;
use crate::union::union;
use crate::v2::{
    CashReceiptIssuanceStatus, ChannelGroupSummary, Country, Currency, Customer, Dispute, PaymentAmount,
    PaymentCancellation, PaymentCashReceipt, PaymentEscrow, PaymentMethod, PaymentOrigin, PaymentProduct,
    PaymentWebhook, PortOneVersion, SelectedChannel,
};

pub mod cancellation;
pub mod capture;
pub mod confirm;
pub mod dispute;
pub mod escrow;
pub mod event;
pub mod list;
pub mod origin;
pub mod pre_register;
pub mod product;
pub mod store_receipt;
pub mod transaction;
pub mod virtual_account;

union! {
    /// A payment, tagged by its status.
    pub enum Payment by "status" {
        "READY" => Ready(ReadyPayment),
        "PAY_PENDING" => PayPending(PayPendingPayment),
        "VIRTUAL_ACCOUNT_ISSUED" => VirtualAccountIssued(VirtualAccountIssuedPayment),
        "PAID" => Paid(PaidPayment),
        "FAILED" => Failed(FailedPayment),
        "PARTIAL_CANCELLED" => PartialCancelled(PartialCancelledPayment),
        "CANCELLED" => Cancelled(CancelledPayment),
    }
}

/// The window was opened; nothing has happened yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReadyPayment {
    /// The merchant's: names the payment.
    pub id: String,
    /// Ours: names the attempt.
    pub transaction_id: String,
    pub merchant_id: String,
    pub store_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<PaymentMethod>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<SelectedChannel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_group: Option<ChannelGroupSummary>,
    pub version: PortOneVersion,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_key: Option<String>,
    /// One element for each webhook of the payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhooks: Option<Vec<PaymentWebhook>>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Moves with every change.
    pub updated_at: Timestamp,
    /// Moves with every change of status.
    pub status_changed_at: Timestamp,
    pub order_name: String,
    pub amount: PaymentAmount,
    pub currency: Currency,
    pub customer: Customer,
    pub origin: PaymentOrigin,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promotion_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_cultural_expense: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escrow: Option<PaymentEscrow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub products: Option<Vec<PaymentProduct>>,
    /// How many products the order has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_count: Option<i32>,
    /// The merchant's own text, given back as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
}

/// The PSP has not decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PayPendingPayment {
    /// The merchant's: names the payment.
    pub id: String,
    /// Ours: names the attempt.
    pub transaction_id: String,
    pub merchant_id: String,
    pub store_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<PaymentMethod>,
    pub channel: SelectedChannel,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_group: Option<ChannelGroupSummary>,
    pub version: PortOneVersion,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_key: Option<String>,
    /// One element for each webhook of the payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhooks: Option<Vec<PaymentWebhook>>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Moves with every change.
    pub updated_at: Timestamp,
    /// Moves with every change of status.
    pub status_changed_at: Timestamp,
    pub order_name: String,
    pub amount: PaymentAmount,
    pub currency: Currency,
    pub customer: Customer,
    pub origin: PaymentOrigin,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promotion_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_cultural_expense: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escrow: Option<PaymentEscrow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub products: Option<Vec<PaymentProduct>>,
    /// How many products the order has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_count: Option<i32>,
    /// The merchant's own text, given back as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
    /// The PSP's name for the transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_tx_id: Option<String>,
}

/// An account waits for the deposit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualAccountIssuedPayment {
    /// The merchant's: names the payment.
    pub id: String,
    /// Ours: names the attempt.
    pub transaction_id: String,
    pub merchant_id: String,
    pub store_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<PaymentMethod>,
    pub channel: SelectedChannel,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_group: Option<ChannelGroupSummary>,
    pub version: PortOneVersion,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_key: Option<String>,
    /// One element for each webhook of the payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhooks: Option<Vec<PaymentWebhook>>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Moves with every change.
    pub updated_at: Timestamp,
    /// Moves with every change of status.
    pub status_changed_at: Timestamp,
    pub order_name: String,
    pub amount: PaymentAmount,
    pub currency: Currency,
    pub customer: Customer,
    pub origin: PaymentOrigin,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promotion_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_cultural_expense: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escrow: Option<PaymentEscrow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub products: Option<Vec<PaymentProduct>>,
    /// How many products the order has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_count: Option<i32>,
    /// The merchant's own text, given back as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
    /// The PSP's name for the transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_tx_id: Option<String>,
}

/// The money was taken. Cancellations that have not succeeded leave a payment here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaidPayment {
    /// The merchant's: names the payment.
    pub id: String,
    /// Ours: names the attempt.
    pub transaction_id: String,
    pub merchant_id: String,
    pub store_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<PaymentMethod>,
    pub channel: SelectedChannel,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_group: Option<ChannelGroupSummary>,
    pub version: PortOneVersion,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_key: Option<String>,
    /// One element for each webhook of the payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhooks: Option<Vec<PaymentWebhook>>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Moves with every change.
    pub updated_at: Timestamp,
    /// Moves with every change of status.
    pub status_changed_at: Timestamp,
    pub order_name: String,
    pub amount: PaymentAmount,
    pub currency: Currency,
    pub customer: Customer,
    pub origin: PaymentOrigin,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promotion_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_cultural_expense: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escrow: Option<PaymentEscrow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub products: Option<Vec<PaymentProduct>>,
    /// How many products the order has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_count: Option<i32>,
    /// The merchant's own text, given back as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
    pub paid_at: Timestamp,
    /// The PSP's name for the transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_tx_id: Option<String>,
    /// What the PSP answered in full, as JSON in a string.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_response: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cash_receipt: Option<PaymentCashReceipt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cash_receipt_issuance_status: Option<CashReceiptIssuanceStatus>,
    /// Where the buyer sees the receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt_url: Option<String>,
    /// Present even when there is none.
    pub disputes: Vec<Dispute>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancellations: Option<Vec<PaymentCancellation>>,
}

/// The latest attempt failed; another may follow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FailedPayment {
    /// The merchant's: names the payment.
    pub id: String,
    /// Ours: names the attempt.
    pub transaction_id: String,
    pub merchant_id: String,
    pub store_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<PaymentMethod>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<SelectedChannel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_group: Option<ChannelGroupSummary>,
    pub version: PortOneVersion,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_key: Option<String>,
    /// One element for each webhook of the payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhooks: Option<Vec<PaymentWebhook>>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Moves with every change.
    pub updated_at: Timestamp,
    /// Moves with every change of status.
    pub status_changed_at: Timestamp,
    pub order_name: String,
    pub amount: PaymentAmount,
    pub currency: Currency,
    pub customer: Customer,
    pub origin: PaymentOrigin,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promotion_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_cultural_expense: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escrow: Option<PaymentEscrow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub products: Option<Vec<PaymentProduct>>,
    /// How many products the order has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_count: Option<i32>,
    /// The merchant's own text, given back as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
    pub failed_at: Timestamp,
    pub failure: PaymentFailure,
}

/// Part of the money went back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PartialCancelledPayment {
    /// The merchant's: names the payment.
    pub id: String,
    /// Ours: names the attempt.
    pub transaction_id: String,
    pub merchant_id: String,
    pub store_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<PaymentMethod>,
    pub channel: SelectedChannel,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_group: Option<ChannelGroupSummary>,
    pub version: PortOneVersion,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_key: Option<String>,
    /// One element for each webhook of the payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhooks: Option<Vec<PaymentWebhook>>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Moves with every change.
    pub updated_at: Timestamp,
    /// Moves with every change of status.
    pub status_changed_at: Timestamp,
    pub order_name: String,
    pub amount: PaymentAmount,
    pub currency: Currency,
    pub customer: Customer,
    pub origin: PaymentOrigin,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promotion_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_cultural_expense: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escrow: Option<PaymentEscrow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub products: Option<Vec<PaymentProduct>>,
    /// How many products the order has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_count: Option<i32>,
    /// The merchant's own text, given back as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Timestamp>,
    /// The PSP's name for the transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_tx_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cash_receipt: Option<PaymentCashReceipt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cash_receipt_issuance_status: Option<CashReceiptIssuanceStatus>,
    /// Where the buyer sees the receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt_url: Option<String>,
    pub cancellations: Vec<PaymentCancellation>,
    /// When it was last cancelled with success.
    pub cancelled_at: Timestamp,
}

/// All of the money went back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CancelledPayment {
    /// The merchant's: names the payment.
    pub id: String,
    /// Ours: names the attempt.
    pub transaction_id: String,
    pub merchant_id: String,
    pub store_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<PaymentMethod>,
    pub channel: SelectedChannel,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_group: Option<ChannelGroupSummary>,
    pub version: PortOneVersion,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_key: Option<String>,
    /// One element for each webhook of the payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhooks: Option<Vec<PaymentWebhook>>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Moves with every change.
    pub updated_at: Timestamp,
    /// Moves with every change of status.
    pub status_changed_at: Timestamp,
    pub order_name: String,
    pub amount: PaymentAmount,
    pub currency: Currency,
    pub customer: Customer,
    pub origin: PaymentOrigin,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promotion_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_cultural_expense: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escrow: Option<PaymentEscrow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub products: Option<Vec<PaymentProduct>>,
    /// How many products the order has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_count: Option<i32>,
    /// The merchant's own text, given back as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Timestamp>,
    /// The PSP's name for the transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_tx_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cash_receipt: Option<PaymentCashReceipt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cash_receipt_issuance_status: Option<CashReceiptIssuanceStatus>,
    /// Where the buyer sees the receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt_url: Option<String>,
    pub cancellations: Vec<PaymentCancellation>,
    /// When it was last cancelled with success.
    pub cancelled_at: Timestamp,
}

/// Why an attempt failed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentFailure {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The PSP's own code; empty when it gave none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_code: Option<String>,
    /// The PSP's own words; empty when it gave none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_message: Option<String>,
}
