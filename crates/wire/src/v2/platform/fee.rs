//! Fees and who bears the VAT on them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::union::union;
use crate::words::words;

union! {
    /// A fee: a share of the order amount, or an amount.
    pub enum PlatformFee by "type" {
        "FIXED_AMOUNT" => FixedAmount(PlatformFixedAmountFee),
        "FIXED_RATE" => FixedRate(PlatformFixedRateFee),
    }
}

/// A share of the order amount.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformFixedRateFee {
    /// Thousandths of a percent: 10,000 is 10 %.
    pub rate: i32,
}

/// So much, whatever the order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformFixedAmountFee {
    /// Minor units of KRW.
    pub amount: i64,
}

/// A fee; exactly one of the two members.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformFeeInput {
    /// Thousandths of a percent of the order amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixed_rate: Option<i32>,
    /// Minor units of KRW.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixed_amount: Option<i64>,
}

words! {
    /// Who bears the VAT on a fee.
    pub enum PlatformPayer {
        Partner = "PARTNER",
        Merchant = "MERCHANT",
    }
}
