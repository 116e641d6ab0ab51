//! The attempts of one payment. The same shape as a payment, except that `id` names the attempt, and that
//! there are neither origin nor disputes.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;
use crate::union::union;
use crate::v2::{
    CashReceiptIssuanceStatus, ChannelGroupSummary, Country, Currency, Customer, PaymentAmount,
    PaymentCancellation, PaymentCashReceipt, PaymentEscrow, PaymentFailure, PaymentMethod, PaymentProduct,
    PaymentWebhook, PortOneVersion, SelectedChannel,
};

/// All attempts of a payment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetPaymentTransactionsResponse {
    pub items: Vec<PaymentTransaction>,
}

union! {
    /// An attempt, tagged by its status.
    pub enum PaymentTransaction by "status" {
        "READY" => Ready(ReadyPaymentTransaction),
        "PAY_PENDING" => PayPending(PayPendingPaymentTransaction),
        "VIRTUAL_ACCOUNT_ISSUED" => VirtualAccountIssued(VirtualAccountIssuedPaymentTransaction),
        "PAID" => Paid(PaidPaymentTransaction),
        "FAILED" => Failed(FailedPaymentTransaction),
        "PARTIAL_CANCELLED" => PartialCancelled(PartialCancelledPaymentTransaction),
        "CANCELLED" => Cancelled(CancelledPaymentTransaction),
    }
}

/// An attempt whose window was opened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReadyPaymentTransaction {
    /// Ours: names the attempt.
    pub id: String,
    /// The merchant's: names the payment.
    pub payment_id: String,
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

/// An attempt the PSP has not decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PayPendingPaymentTransaction {
    /// Ours: names the attempt.
    pub id: String,
    /// The merchant's: names the payment.
    pub payment_id: String,
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

/// An attempt that waits for a deposit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualAccountIssuedPaymentTransaction {
    /// Ours: names the attempt.
    pub id: String,
    /// The merchant's: names the payment.
    pub payment_id: String,
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

/// The attempt that succeeded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaidPaymentTransaction {
    /// Ours: names the attempt.
    pub id: String,
    /// The merchant's: names the payment.
    pub payment_id: String,
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
}

/// An attempt that failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FailedPaymentTransaction {
    /// Ours: names the attempt.
    pub id: String,
    /// The merchant's: names the payment.
    pub payment_id: String,
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

/// The attempt that succeeded, of which part went back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PartialCancelledPaymentTransaction {
    /// Ours: names the attempt.
    pub id: String,
    /// The merchant's: names the payment.
    pub payment_id: String,
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

/// The attempt that succeeded, all of which went back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CancelledPaymentTransaction {
    /// Ours: names the attempt.
    pub id: String,
    /// The merchant's: names the payment.
    pub payment_id: String,
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
