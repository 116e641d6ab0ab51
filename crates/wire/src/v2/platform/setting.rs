//! The rules of a merchant's settlements, as both revisions know them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::words::words;

/// The rules of a merchant's settlements.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformSetting {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_withdrawal_memo: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_deposit_memo: Option<String>,
    pub supports_multiple_order_transfers_per_partner: bool,
    pub adjust_settlement_date_after_holiday_if_earlier: bool,
    pub deduct_wht: bool,
    pub settlement_amount_type: SettlementAmountType,
    /// Whether it belongs to the test environment.
    pub is_for_test: bool,
    pub manual_settlement_per_transfer: bool,
}

words! {
    /// Whether settlement amounts contain the partner's VAT.
    pub enum SettlementAmountType {
        Net = "NET",
        Gross = "GROSS",
    }
}

/// What changes about the rules; absent members stay.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdatePlatformSettingBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_withdrawal_memo: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_deposit_memo: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supports_multiple_order_transfers_per_partner: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adjust_settlement_date_after_holiday_if_earlier: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deduct_wht: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settlement_amount_type: Option<SettlementAmountType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manual_settlement_per_transfer: Option<bool>,
}

/// The rules as they are now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdatePlatformSettingResponse {
    pub setting: PlatformSetting,
}

/// The rules of a merchant's settlements, as the revision of October 2024 knows them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Platform {
    pub merchant_id: String,
    /// Opaque; the same for all versions.
    pub graphql_id: String,
    pub round_type: PlatformRoundType,
    pub settlement_formula: PlatformSettlementFormula,
    pub settlement_rule: PlatformSettlementRule,
}

words! {
    /// How fractions of a minor unit are rounded: to the nearest, down, up.
    pub enum PlatformRoundType {
        Off = "OFF",
        Down = "DOWN",
        Up = "UP",
    }
}

/// How fees and shares are computed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformSettlementFormula {
    pub platform_fee: String,
    pub discount_share: String,
    pub additional_fee: String,
}

/// What happens around a settlement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformSettlementRule {
    pub supports_multiple_order_transfers_per_partner: bool,
    pub adjust_settlement_date_after_holiday_if_earlier: bool,
    pub subtract_wht_in_payout_amount: bool,
}

/// What changes about the rules; absent members stay.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdatePlatformBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub round_type: Option<PlatformRoundType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settlement_formula: Option<UpdatePlatformBodySettlementFormula>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settlement_rule: Option<UpdatePlatformBodySettlementRule>,
}

/// Formulas that change.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdatePlatformBodySettlementFormula {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform_fee: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_share: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_fee: Option<String>,
}

/// Rules that change.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdatePlatformBodySettlementRule {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supports_multiple_order_transfers_per_partner: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adjust_settlement_date_after_holiday_if_earlier: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subtract_wht_in_payout_amount: Option<bool>,
}

/// The rules as they are now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdatePlatformResponse {
    pub platform: Platform,
}
