//! Cancelling a payment, what became of it, and stopping a cancellation the PSP has not answered.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;
use crate::union::union;
use crate::v2::Bank;
use crate::words::words;

/// Asks for money to go back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CancelPaymentBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_id: Option<String>,
    /// Minor units of the currency; all that is left when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    /// Minor units of the currency; in proportion when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_free_amount: Option<i64>,
    /// Minor units of the currency; in proportion when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat_amount: Option<i64>,
    pub reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requester: Option<CancelRequester>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promotion_discount_retain_option: Option<PromotionDiscountRetainOption>,
    /// What the caller believes can be cancelled, in minor units of the currency; refused when it is not so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_cancellable_amount: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refund_account: Option<CancelPaymentBodyRefundAccount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refund_email: Option<String>,
    /// Keeps the webhook of success from being sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_webhook: Option<bool>,
}

/// Where the money of a virtual account payment goes back to.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CancelPaymentBodyRefundAccount {
    pub bank: Bank,
    pub number: String,
    pub holder_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder_phone_number: Option<String>,
}

/// Never shows the account or its holder.
impl fmt::Debug for CancelPaymentBodyRefundAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelPaymentBodyRefundAccount").field("bank", &self.bank).finish_non_exhaustive()
    }
}

words! {
    /// On whose behalf a payment is cancelled.
    pub enum CancelRequester {
        Customer = "CUSTOMER",
        Admin = "ADMIN",
    }
}

words! {
    /// What a partial cancellation does to a promotion's discount.
    pub enum PromotionDiscountRetainOption {
        Retain = "RETAIN",
        Release = "RELEASE",
    }
}

/// The cancellation as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CancelPaymentResponse {
    pub cancellation: PaymentCancellation,
}

union! {
    /// A cancellation, tagged by its own status.
    pub enum PaymentCancellation by "status" {
        "SUCCEEDED" => Succeeded(SucceededPaymentCancellation),
        "REQUESTED" => Requested(RequestedPaymentCancellation),
        "FAILED" => Failed(FailedPaymentCancellation),
    }
}

/// The money went back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SucceededPaymentCancellation {
    pub id: String,
    /// The PSP's name for the cancellation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_cancellation_id: Option<String>,
    /// Minor units of the currency.
    pub total_amount: i64,
    /// Minor units of the currency.
    pub tax_free_amount: i64,
    /// Minor units of the currency.
    pub vat_amount: i64,
    /// The part that went back as the wallet's discount, in minor units of the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub easy_pay_discount_amount: Option<i64>,
    pub reason: String,
    /// When the money went back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancelled_at: Option<Timestamp>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Where the buyer sees the receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger: Option<Trigger>,
}

/// The PSP has accepted the request and not decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RequestedPaymentCancellation {
    pub id: String,
    /// The PSP's name for the cancellation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_cancellation_id: Option<String>,
    /// Minor units of the currency.
    pub total_amount: i64,
    /// Minor units of the currency.
    pub tax_free_amount: i64,
    /// Minor units of the currency.
    pub vat_amount: i64,
    /// The part that went back as the wallet's discount, in minor units of the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub easy_pay_discount_amount: Option<i64>,
    pub reason: String,
    /// When it was last cancelled with success.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancelled_at: Option<Timestamp>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger: Option<Trigger>,
}

/// The PSP refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FailedPaymentCancellation {
    pub id: String,
    /// The PSP's name for the cancellation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_cancellation_id: Option<String>,
    /// Minor units of the currency.
    pub total_amount: i64,
    /// Minor units of the currency.
    pub tax_free_amount: i64,
    /// Minor units of the currency.
    pub vat_amount: i64,
    /// The part that went back as the wallet's discount, in minor units of the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub easy_pay_discount_amount: Option<i64>,
    pub reason: String,
    /// When it was last cancelled with success.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancelled_at: Option<Timestamp>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger: Option<Trigger>,
}

words! {
    /// What caused a cancellation.
    pub enum Trigger {
        Console = "CONSOLE",
        Api = "API",
        PortoneAdmin = "PORTONE_ADMIN",
        Chargeback = "CHARGEBACK",
    }
}

/// Asks for a pending cancellation to be given up.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StopPaymentCancellationBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_id: Option<String>,
}

/// The cancellation was given up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StopPaymentCancellationResponse {
    pub stopped_at: Timestamp,
}
