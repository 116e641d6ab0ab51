//! Contracts.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;
use crate::v2::{
    PageInfo, PageInput, PlatformFee, PlatformFeeInput, PlatformPayer, PlatformSettlementCycle,
    PlatformSettlementCycleDatePolicy, PlatformSettlementCycleInput, PlatformSettlementCycleType,
};

/// What the platform keeps of an order, and when it settles.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformContract {
    pub id: String,
    /// Opaque; the same for all versions.
    pub graphql_id: String,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
    pub platform_fee: PlatformFee,
    pub settlement_cycle: PlatformSettlementCycle,
    pub platform_fee_vat_payer: PlatformPayer,
    /// Whether the VAT that a payment contains is withheld.
    pub subtract_payment_vat_amount: bool,
    pub is_archived: bool,
    /// Since when these terms hold, or from when on they will.
    pub applied_at: Timestamp,
    /// Whether it belongs to the test environment.
    pub is_for_test: bool,
}

/// A new contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePlatformContractBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
    pub platform_fee: PlatformFeeInput,
    pub settlement_cycle: PlatformSettlementCycleInput,
    pub platform_fee_vat_payer: PlatformPayer,
    /// Whether the VAT that a payment contains is withheld.
    pub subtract_payment_vat_amount: bool,
}

/// The new contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePlatformContractResponse {
    pub contract: PlatformContract,
}

/// What changes about a contract; absent members stay.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdatePlatformContractBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform_fee: Option<PlatformFeeInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settlement_cycle: Option<PlatformSettlementCycleInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform_fee_vat_payer: Option<PlatformPayer>,
    /// Whether the VAT that a payment contains is withheld.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subtract_payment_vat_amount: Option<bool>,
}

/// The contract as it is now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdatePlatformContractResponse {
    pub contract: PlatformContract,
}

/// The archived contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ArchivePlatformContractResponse {
    pub contract: PlatformContract,
}

/// The recovered contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecoverPlatformContractResponse {
    pub contract: PlatformContract,
}

/// Which contracts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetPlatformContractsBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<PageInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<PlatformContractFilterInput>,
}

/// A page of contracts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetPlatformContractsResponse {
    pub items: Vec<PlatformContract>,
    pub page: PageInfo,
}

/// What contracts are narrowed down by.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformContractFilterInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform_fee_payers: Option<Vec<PlatformPayer>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cycle_types: Option<Vec<PlatformSettlementCycleType>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_policies: Option<Vec<PlatformSettlementCycleDatePolicy>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_archived: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keyword: Option<PlatformContractFilterInputKeyword>,
}

/// A text that is looked for; at most one member.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformContractFilterInputKeyword {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// An update that is reserved for later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SchedulePlatformContractBody {
    pub update: UpdatePlatformContractBody,
    /// Since when these terms hold, or from when on they will.
    pub applied_at: Timestamp,
}

/// The contract as it will be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SchedulePlatformContractResponse {
    pub scheduled_contract: PlatformContract,
}

/// What takes the place of the reserved update.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReschedulePlatformContractBody {
    pub update: UpdatePlatformContractBody,
    /// Since when these terms hold, or from when on they will.
    pub applied_at: Timestamp,
}

/// The contract as it will be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReschedulePlatformContractResponse {
    pub scheduled_contract: PlatformContract,
}

/// The reserved update is gone.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CancelPlatformContractScheduleResponse {}
