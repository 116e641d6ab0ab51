//! Fixing the amount of a payment before its window opens.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::v2::Currency;

/// What a later attempt must ask for. Members that are absent are not checked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PreRegisterPaymentBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_id: Option<String>,
    /// Minor units of the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_amount: Option<i64>,
    /// Minor units of the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_free_amount: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
}

/// The amount is fixed; there is nothing else to say.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PreRegisterPaymentResponse {}
