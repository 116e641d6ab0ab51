//! Putting the sales of stores below the merchant's on the sales slip of a payment.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::v2::Currency;

/// Puts lines on the slip.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegisterStoreReceiptBody {
    pub items: Vec<RegisterStoreReceiptBodyItem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_id: Option<String>,
}

/// What one of the stores has sold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegisterStoreReceiptBodyItem {
    pub store_business_registration_number: String,
    pub store_name: String,
    /// Minor units of the currency.
    pub total_amount: i64,
    /// Minor units of the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_free_amount: Option<i64>,
    /// Minor units of the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat_amount: Option<i64>,
    /// Minor units of the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supply_amount: Option<i64>,
    pub currency: Currency,
}

/// The lines are on the slip.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegisterStoreReceiptResponse {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt_url: Option<String>,
}
