//! Charging a billing key for one payment.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;
use crate::v2::{
    CashReceiptInput, Country, Currency, CustomerInput, Locale, PaymentAmountInput, PaymentProduct,
    PaymentProductType, SeparatedAddressInput,
};

/// Asks for a payment by billing key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BillingKeyPaymentInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_id: Option<String>,
    pub billing_key: String,
    /// The channel to use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_key: Option<String>,
    pub order_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerInput>,
    /// The merchant's own text, given back as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_data: Option<String>,
    pub amount: PaymentAmountInput,
    pub currency: Currency,
    /// Months to pay in; 0 is at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub installment_month: Option<i32>,
    /// Whether the merchant pays the interest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_free_interest_from_merchant: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_card_point: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cash_receipt: Option<CashReceiptInput>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// Members for the PSP, by the PSP; not looked into.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub bypass: Option<serde_json::Map<String, serde_json::Value>>,
    /// Keeps the webhook of success from being sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_webhook: Option<bool>,
}

/// The payment was approved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PayWithBillingKeyResponse {
    pub payment: BillingKeyPaymentSummary,
}

/// What the PSP said when it approved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BillingKeyPaymentSummary {
    /// The PSP's name for the transaction.
    pub pg_tx_id: String,
    pub paid_at: Timestamp,
}
