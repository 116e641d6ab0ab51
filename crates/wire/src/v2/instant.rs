//! Paying without a window: by card credentials, or by having a virtual account issued.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;
use crate::v2::{
    Bank, CardCredential, CashReceiptInputType, Country, Currency, CustomerInput, PaymentAmountInput,
    PaymentProduct, PaymentProductType, SeparatedAddressInput,
};
use crate::words::words;

/// Asks for a payment without a window. Exactly one of channel and channel group is meant to be given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstantPaymentInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_id: Option<String>,
    /// The channel to use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_key: Option<String>,
    /// A group to pick a channel from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_group_id: Option<String>,
    pub method: InstantPaymentMethodInput,
    pub order_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_cultural_expense: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_escrow: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerInput>,
    /// The merchant's own text, given back as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_data: Option<String>,
    pub amount: PaymentAmountInput,
    pub currency: Currency,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
    /// Where webhooks go instead of the configured place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice_urls: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub products: Option<Vec<PaymentProduct>>,
    /// How many products the order has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_count: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_type: Option<PaymentProductType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_address: Option<SeparatedAddressInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promotion_id: Option<String>,
    /// Members for the PSP, by the PSP; not looked into.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub bypass: Option<serde_json::Map<String, serde_json::Value>>,
    /// Keeps the webhook of success from being sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_webhook: Option<bool>,
}

/// The method: exactly one of the two members is meant to be given.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstantPaymentMethodInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<InstantPaymentMethodInputCard>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub virtual_account: Option<InstantPaymentMethodInputVirtualAccount>,
}

/// Pay by card credentials.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstantPaymentMethodInputCard {
    pub credential: CardCredential,
    /// Months to pay in; 0 is at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub installment_month: Option<i32>,
    /// Whether a plan without interest is used where the issuer has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_free_installment_plan: Option<bool>,
    /// Whether the merchant pays the interest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_free_interest_from_merchant: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_card_point: Option<bool>,
}

/// Have an account issued that the buyer transfers to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstantPaymentMethodInputVirtualAccount {
    pub bank: Bank,
    pub expiry: InstantPaymentMethodInputVirtualAccountExpiry,
    pub option: InstantPaymentMethodInputVirtualAccountOption,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cash_receipt: Option<InstantPaymentMethodInputVirtualAccountCashReceiptInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remittee_name: Option<String>,
}

/// When the account closes: exactly one of the two members is meant to be given.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstantPaymentMethodInputVirtualAccountExpiry {
    /// Hours from issuing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_hours: Option<i32>,
    /// The instant itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_date: Option<Timestamp>,
}

/// Whether the account is for this payment alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstantPaymentMethodInputVirtualAccountOption {
    #[serde(rename = "type")]
    pub kind: InstantPaymentMethodInputVirtualAccountOptionType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixed: Option<InstantPaymentMethodInputVirtualAccountOptionFixed>,
}

words! {
    /// Whether the account is for this payment alone.
    pub enum InstantPaymentMethodInputVirtualAccountOptionType {
        Normal = "NORMAL",
        Fixed = "FIXED",
    }
}

/// Which lasting account: exactly one of the two members is meant to be given.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstantPaymentMethodInputVirtualAccountOptionFixed {
    /// The PSP's name for a lasting account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_account_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_number: Option<String>,
}

/// The cash receipt to issue on deposit.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstantPaymentMethodInputVirtualAccountCashReceiptInfo {
    #[serde(rename = "type")]
    pub kind: CashReceiptInputType,
    pub customer_identity_number: String,
}

/// Never shows the number the buyer is known by to the tax office.
impl fmt::Debug for InstantPaymentMethodInputVirtualAccountCashReceiptInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InstantPaymentMethodInputVirtualAccountCashReceiptInfo")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// The payment was approved, or the account issued.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PayInstantlyResponse {
    pub payment: InstantPaymentSummary,
}

/// What the PSP said when it approved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstantPaymentSummary {
    /// The PSP's name for the transaction.
    pub pg_tx_id: String,
    pub paid_at: Timestamp,
}
