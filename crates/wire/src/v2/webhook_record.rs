//! What became of the webhooks of a payment, and sending one again.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;
use crate::words::words;

/// One webhook and its latest delivery.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentWebhook {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_status: Option<PaymentWebhookPaymentStatus>,
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<PaymentWebhookStatus>,
    pub url: String,
    /// Whether nobody waited for the delivery.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_async: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_execution_count: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_execution_count: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger: Option<PaymentWebhookTrigger>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<PaymentWebhookRequest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<PaymentWebhookResponse>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub triggered_at: Option<Timestamp>,
}

words! {
    /// The status of the payment when the webhook was made.
    pub enum PaymentWebhookPaymentStatus {
        Ready = "READY",
        VirtualAccountIssued = "VIRTUAL_ACCOUNT_ISSUED",
        Paid = "PAID",
        Failed = "FAILED",
        PartialCancelled = "PARTIAL_CANCELLED",
        Cancelled = "CANCELLED",
        PayPending = "PAY_PENDING",
    }
}

words! {
    /// How the latest delivery ended.
    pub enum PaymentWebhookStatus {
        Succeeded = "SUCCEEDED",
        FailedNotOkResponse = "FAILED_NOT_OK_RESPONSE",
        FailedUnexpectedError = "FAILED_UNEXPECTED_ERROR",
    }
}

words! {
    /// What caused a webhook; absent for the plain course of things.
    pub enum PaymentWebhookTrigger {
        Manual = "MANUAL",
        VirtualAccountDeposit = "VIRTUAL_ACCOUNT_DEPOSIT",
        AsyncCancelApproved = "ASYNC_CANCEL_APPROVED",
        AsyncCancelFailed = "ASYNC_CANCEL_FAILED",
        AsyncPayApproved = "ASYNC_PAY_APPROVED",
        AsyncPayFailed = "ASYNC_PAY_FAILED",
        AsyncPayPending = "ASYNC_PAY_PENDING",
        DisputeCreated = "DISPUTE_CREATED",
        DisputeResolved = "DISPUTE_RESOLVED",
    }
}

/// What was sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentWebhookRequest {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    pub body: String,
    /// When it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requested_at: Option<Timestamp>,
}

/// What the merchant's endpoint answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentWebhookResponse {
    /// The HTTP status, as text.
    pub code: String,
    pub header: String,
    pub body: String,
    pub responded_at: Timestamp,
}

/// Which webhook to send again; the latest when none is named.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResendWebhookBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_id: Option<String>,
    /// The id of the webhook, as in its header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_id: Option<String>,
}

/// The webhook after it was sent again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResendWebhookResponse {
    pub webhook: PaymentWebhook,
}
