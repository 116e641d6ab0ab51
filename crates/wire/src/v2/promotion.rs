//! Promotions: discounts that a store gives for the cards of one company, out of a budget.
//!
//! The revision of October 2024 knew one discount and a minimum amount; both are written beside the
//! partitions that replaced them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;
use crate::union::union;
use crate::v2::Currency;
use crate::words::words;

union! {
    /// A promotion, tagged by what is paid with.
    pub enum Promotion by "type" {
        "CARD" => Card(CardPromotion),
    }
}

/// A discount for the cards of one company.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CardPromotion {
    pub id: String,
    pub store_id: String,
    pub name: String,
    pub discount_policy: PromotionDiscountPolicy,
    /// The discount of the lowest partition, for clients that know one only.
    pub discount_type: PromotionDiscount,
    /// From which order amount on there is a discount, for the same clients; minor units of the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_payment_amount: Option<i64>,
    /// Minor units of the currency.
    pub total_budget: i64,
    /// The most that a discount in percent may be, in minor units of the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_discount_amount: Option<i64>,
    /// Minor units of the currency.
    pub spent_amount: i64,
    pub currency: Currency,
    pub start_at: Timestamp,
    pub end_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terminated_at: Option<Timestamp>,
    pub card_company: PromotionCardCompany,
    pub status: PromotionStatus,
    pub created_at: Timestamp,
    pub recover_option: PromotionRecoverOption,
}

/// Discounts by order amount.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PromotionDiscountPolicy {
    pub partitions: Vec<PromotionDiscountPartition>,
}

/// The discount of orders from an amount on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PromotionDiscountPartition {
    /// Minor units of the currency.
    pub amount_from: i64,
    pub scheme: PromotionDiscountScheme,
}

union! {
    /// What is taken off.
    pub enum PromotionDiscountScheme by "type" {
        "AMOUNT" => Amount(PromotionAmountDiscountScheme),
        "PERCENT" => Percent(PromotionPercentDiscountScheme),
    }
}

/// Always so much.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PromotionAmountDiscountScheme {
    /// Minor units of the currency.
    pub amount: i64,
}

/// A part of the order amount.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PromotionPercentDiscountScheme {
    pub percent: i32,
}

union! {
    /// What is taken off, as the revision of October 2024 has it.
    pub enum PromotionDiscount by "type" {
        "AMOUNT" => Amount(PromotionAmountDiscount),
        "PERCENT" => Percent(PromotionPercentDiscount),
    }
}

/// Always so much.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PromotionAmountDiscount {
    /// Minor units of the currency.
    pub amount: i64,
}

/// A part of the order amount.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PromotionPercentDiscount {
    pub percent: i32,
}

union! {
    /// Whether a discount that is given back returns to the budget.
    pub enum PromotionRecoverOption by "type" {
        "RECOVER" => Recover(PromotionRecoverOptionRecover),
        "NO_RECOVER" => NoRecover(PromotionRecoverOptionNoRecover),
    }
}

/// It returns.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PromotionRecoverOptionRecover {}

/// It does not return; something may be set aside for that.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PromotionRecoverOptionNoRecover {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spare_budget: Option<PromotionSpareBudget>,
}

union! {
    /// What is set aside beyond the budget.
    pub enum PromotionSpareBudget by "type" {
        "AMOUNT" => Amount(PromotionSpareBudgetAmount),
        "PERCENT" => Percent(PromotionSpareBudgetPercent),
    }
}

/// So much.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PromotionSpareBudgetAmount {
    /// Minor units of the currency.
    pub amount: i64,
}

/// A part of the total budget.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PromotionSpareBudgetPercent {
    pub percent: i32,
}

words! {
    /// Whose cards a promotion may be for.
    pub enum PromotionCardCompany {
        WooriCard = "WOORI_CARD",
        BcCard = "BC_CARD",
        SamsungCard = "SAMSUNG_CARD",
        ShinhanCard = "SHINHAN_CARD",
        HyundaiCard = "HYUNDAI_CARD",
        LotteCard = "LOTTE_CARD",
        NhCard = "NH_CARD",
        HanaCard = "HANA_CARD",
        KookminCard = "KOOKMIN_CARD",
    }
}

words! {
    /// How a promotion stands.
    pub enum PromotionStatus {
        Scheduled = "SCHEDULED",
        InProgress = "IN_PROGRESS",
        Paused = "PAUSED",
        BudgetExhausted = "BUDGET_EXHAUSTED",
        Terminated = "TERMINATED",
        Completed = "COMPLETED",
    }
}
