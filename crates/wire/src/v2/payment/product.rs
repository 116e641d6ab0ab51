//! What was bought.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::words::words;

/// One product of an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentProduct {
    pub id: String,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The price of one, in minor units of the currency.
    pub amount: i64,
    pub quantity: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

words! {
    /// Whether something is sent by mail.
    pub enum PaymentProductType {
        Physical = "PHYSICAL",
        Digital = "DIGITAL",
    }
}
