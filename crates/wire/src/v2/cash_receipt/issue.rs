//! Issuing a cash receipt by hand, and withdrawing it.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;
use crate::v2::{CashReceiptType, Currency, PaymentAmountInput, PaymentProductType};
use crate::words::words;

/// Asks for a receipt for money that was paid in cash, through this server or not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IssueCashReceiptBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_id: Option<String>,
    /// The merchant's name for the deal.
    pub payment_id: String,
    pub channel_key: String,
    #[serde(rename = "type")]
    pub kind: CashReceiptType,
    pub order_name: String,
    pub currency: Currency,
    pub amount: PaymentAmountInput,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_type: Option<PaymentProductType>,
    pub customer: IssueCashReceiptCustomerInput,
    /// When the money was paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_registration_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_method: Option<IssueCashReceiptPaymentMethodType>,
}

/// Whose receipt it is.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IssueCashReceiptCustomerInput {
    /// The number that the buyer is known by to the tax office.
    pub identity_number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity_number_type: Option<IssueCashReceiptCustomerInputIdentityNumberType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
}

/// Never shows who the buyer is.
impl fmt::Debug for IssueCashReceiptCustomerInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssueCashReceiptCustomerInput")
            .field("identity_number_type", &self.identity_number_type)
            .finish_non_exhaustive()
    }
}

words! {
    /// What kind of number the buyer is known by.
    pub enum IssueCashReceiptCustomerInputIdentityNumberType {
        Phone = "PHONE",
        Card = "CARD",
        Business = "BUSINESS",
    }
}

words! {
    /// How the money was paid.
    pub enum IssueCashReceiptPaymentMethodType {
        Transfer = "TRANSFER",
        VirtualAccount = "VIRTUAL_ACCOUNT",
    }
}

/// The receipt that was issued.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IssueCashReceiptResponse {
    pub cash_receipt: CashReceiptSummary,
}

/// A receipt in short.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CashReceiptSummary {
    /// The tax office's number of it.
    pub issue_number: String,
    /// Where it can be seen; empty when the PSP does not say.
    pub url: String,
    /// The PSP's name for it.
    pub pg_receipt_id: String,
}

/// The receipt was withdrawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CancelCashReceiptResponse {
    /// Minor units of the currency; always the whole amount.
    pub cancelled_amount: i64,
    pub cancelled_at: Timestamp,
}
