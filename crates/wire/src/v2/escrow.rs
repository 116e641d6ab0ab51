//! The delivery state of a payment held in escrow.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;
use crate::union::union;

union! {
    /// The delivery of a payment in escrow, tagged by how far it has come.
    pub enum PaymentEscrow by "status" {
        "BEFORE_REGISTERED" => BeforeRegistered(BeforeRegisteredPaymentEscrow),
        "REGISTERED" => Registered(RegisteredPaymentEscrow),
        "DELIVERED" => Delivered(DeliveredPaymentEscrow),
        "CONFIRMED" => Confirmed(ConfirmedPaymentEscrow),
        "REJECTED" => Rejected(RejectedPaymentEscrow),
        "CANCELLED" => Cancelled(CancelledPaymentEscrow),
        "REJECT_CONFIRMED" => RejectConfirmed(RejectConfirmedPaymentEscrow),
    }
}

/// Nothing was reported about the delivery yet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BeforeRegisteredPaymentEscrow {}

/// The parcel was reported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegisteredPaymentEscrow {
    pub company: String,
    pub invoice_number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applied_at: Option<Timestamp>,
}

/// The parcel arrived.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeliveredPaymentEscrow {
    pub company: String,
    pub invoice_number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applied_at: Option<Timestamp>,
}

/// The buyer accepted, or the time to object is over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConfirmedPaymentEscrow {
    pub company: String,
    pub invoice_number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applied_at: Option<Timestamp>,
    /// Whether nobody objected in time, instead of the buyer accepting.
    pub is_automatically_confirmed: bool,
}

/// The buyer refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RejectedPaymentEscrow {
    pub company: String,
    pub invoice_number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applied_at: Option<Timestamp>,
}

/// The payment was cancelled before the buyer decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CancelledPaymentEscrow {
    pub company: String,
    pub invoice_number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applied_at: Option<Timestamp>,
}

/// The merchant has accepted the refusal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RejectConfirmedPaymentEscrow {
    pub company: String,
    pub invoice_number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applied_at: Option<Timestamp>,
}
