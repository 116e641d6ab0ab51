//! What happened to payments, one record an event, read in order by a cursor.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;
use crate::union::union;
use crate::v2::{
    CashReceiptIssuanceStatus, ChannelGroupSummary, Country, Currency, Customer, Dispute, PaymentAmount,
    PaymentCancellation, PaymentCashReceipt, PaymentEscrow, PaymentMethod, PaymentOrigin, PaymentProduct,
    PaymentWebhook, PortOneVersion, SelectedChannel,
};

/// Where to continue reading events.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetAllPaymentEventsByCursorBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_id: Option<String>,
    /// The beginning of the range, included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// The end of the range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Opaque; hand it back to continue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// How many at most; 10 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<i32>,
}

/// The next events; none at the end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetAllPaymentEventsByCursorResponse {
    pub items: Vec<PaymentEventWithCursor>,
}

/// An event and the cursor to continue after it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentEventWithCursor {
    pub payment_event: PaymentEvent,
    /// Opaque; hand it back to continue.
    pub cursor: String,
}

union! {
    /// Something that moved money, tagged by its type.
    pub enum PaymentEvent by "type" {
        "PAID" => Paid(PaidPaymentEvent),
        "PARTIAL_CANCELLED" => PartialCancelled(PartialCancelledPaymentEvent),
        "CANCELLED" => Cancelled(CancelledPaymentEvent),
    }
}

/// Money came in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaidPaymentEvent {
    pub id: String,
    /// The merchant's: names the payment.
    pub payment_id: String,
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
    /// One element for each webhook of the payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhooks: Option<Vec<PaymentWebhook>>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    pub created_at: Timestamp,
    pub order_name: String,
    pub total_amount: PaymentAmount,
    pub currency: Currency,
    pub customer: Customer,
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
    pub promotion_id: Option<String>,
    /// What this event moved, in minor units of the currency.
    pub event_amount: i64,
    pub origin: PaymentOrigin,
}

/// Part of the money went back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PartialCancelledPaymentEvent {
    pub id: String,
    /// The merchant's: names the payment.
    pub payment_id: String,
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
    /// One element for each webhook of the payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhooks: Option<Vec<PaymentWebhook>>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    pub created_at: Timestamp,
    pub order_name: String,
    pub total_amount: PaymentAmount,
    pub currency: Currency,
    pub customer: Customer,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cash_receipt: Option<PaymentCashReceipt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cash_receipt_issuance_status: Option<CashReceiptIssuanceStatus>,
    /// Where the buyer sees the receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancellation: Option<PaymentCancellation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promotion_id: Option<String>,
    /// What this event moved, in minor units of the currency.
    pub event_amount: i64,
    pub origin: PaymentOrigin,
}

/// The rest of the money went back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CancelledPaymentEvent {
    pub id: String,
    /// The merchant's: names the payment.
    pub payment_id: String,
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
    /// One element for each webhook of the payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhooks: Option<Vec<PaymentWebhook>>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    pub created_at: Timestamp,
    pub order_name: String,
    pub total_amount: PaymentAmount,
    pub currency: Currency,
    pub customer: Customer,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cash_receipt: Option<PaymentCashReceipt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cash_receipt_issuance_status: Option<CashReceiptIssuanceStatus>,
    /// Where the buyer sees the receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancellation: Option<PaymentCancellation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promotion_id: Option<String>,
    /// What this event moved, in minor units of the currency.
    pub event_amount: i64,
    pub origin: PaymentOrigin,
}
