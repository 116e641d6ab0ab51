//! What a payment is worth and how that divides. All members are minor units of the currency of the payment.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How the amount of a payment divides, and what has become of it. Every member is in minor units of the
/// currency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentAmount {
    /// What was asked for, before any discount.
    pub total: i64,
    /// The part of the total that is free of tax.
    pub tax_free: i64,
    /// The tax inside the total.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat: Option<i64>,
    /// The total without tax and without what is free of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supply: Option<i64>,
    /// All discounts together.
    pub discount: i64,
    /// What the buyer paid. Cancelling does not reduce it.
    pub paid: i64,
    /// What went back so far; only cancellations that succeeded count.
    pub cancelled: i64,
    /// The part of it that is free of tax.
    pub cancelled_tax_free: i64,
}

/// The amount asked for, in minor units of the currency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentAmountInput {
    /// What is asked for.
    pub total: i64,
    /// The part of the total that is free of tax; nothing when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_free: Option<i64>,
    /// The tax inside the total; worked out when absent, kept as given otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat: Option<i64>,
}
