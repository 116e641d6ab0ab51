//! Korean cash receipts: as they appear inside payments and payment requests, issued by hand, and listed.

mod issue;
mod list;

pub use issue::*;
pub use list::*;

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;
use crate::union::union;
use crate::v2::Currency;
use crate::words::words;

union! {
    /// The cash receipt of a payment.
    pub enum PaymentCashReceipt by "status" {
        "ISSUED" => Issued(IssuedPaymentCashReceipt),
        "CANCELLED" => Cancelled(CancelledPaymentCashReceipt),
    }
}

/// A cash receipt that is valid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IssuedPaymentCashReceipt {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<CashReceiptType>,
    /// The PSP's name for the receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_receipt_id: Option<String>,
    pub issue_number: String,
    /// Minor units of the currency.
    pub total_amount: i64,
    /// Minor units of the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_free_amount: Option<i64>,
    pub currency: Currency,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    pub issued_at: Timestamp,
}

/// A cash receipt that was withdrawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CancelledPaymentCashReceipt {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<CashReceiptType>,
    /// The PSP's name for the receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_receipt_id: Option<String>,
    pub issue_number: String,
    /// Minor units of the currency.
    pub total_amount: i64,
    /// Minor units of the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_free_amount: Option<i64>,
    pub currency: Currency,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    pub issued_at: Timestamp,
    /// When it was withdrawn.
    pub cancelled_at: Timestamp,
}

words! {
    /// The states of a cash receipt a filter knows.
    pub enum PaymentCashReceiptStatus {
        Issued = "ISSUED",
        Cancelled = "CANCELLED",
    }
}

words! {
    /// Whether a cash receipt came with the payment.
    pub enum CashReceiptIssuanceStatus {
        Issued = "ISSUED",
        NotIssued = "NOT_ISSUED",
    }
}

words! {
    /// What a cash receipt is good for: a person's deduction or a company's expense.
    pub enum CashReceiptType {
        Personal = "PERSONAL",
        Corporate = "CORPORATE",
    }
}

/// Asks for a cash receipt, or for none.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CashReceiptInput {
    #[serde(rename = "type")]
    pub kind: CashReceiptInputType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_identity_number: Option<String>,
}

/// Never shows the number the buyer is known by to the tax office.
impl fmt::Debug for CashReceiptInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CashReceiptInput").field("kind", &self.kind).finish_non_exhaustive()
    }
}

words! {
    /// The cash receipt asked for.
    pub enum CashReceiptInputType {
        Personal = "PERSONAL",
        Corporate = "CORPORATE",
        NoReceipt = "NO_RECEIPT",
    }
}
