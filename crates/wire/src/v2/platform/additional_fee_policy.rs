//! Policies about fees beside the platform fee.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;
use crate::v2::{PageInfo, PageInput, PlatformFee, PlatformFeeInput, PlatformPayer};

/// A fee beside the platform fee.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformAdditionalFeePolicy {
    pub id: String,
    /// Opaque; the same for all versions.
    pub graphql_id: String,
    pub name: String,
    pub fee: PlatformFee,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
    pub vat_payer: PlatformPayer,
    pub is_archived: bool,
    /// Since when these terms hold, or from when on they will.
    pub applied_at: Timestamp,
    /// Whether it belongs to the test environment.
    pub is_for_test: bool,
}

/// A new policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePlatformAdditionalFeePolicyBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    pub name: String,
    pub fee: PlatformFeeInput,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
    pub vat_payer: PlatformPayer,
}

/// The new policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePlatformAdditionalFeePolicyResponse {
    pub additional_fee_policy: PlatformAdditionalFeePolicy,
}

/// What changes about a policy; absent members stay.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdatePlatformAdditionalFeePolicyBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fee: Option<PlatformFeeInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat_payer: Option<PlatformPayer>,
}

/// The policy as it is now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdatePlatformAdditionalFeePolicyResponse {
    pub additional_fee_policy: PlatformAdditionalFeePolicy,
}

/// The archived policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ArchivePlatformAdditionalFeePolicyResponse {
    pub additional_fee_policy: PlatformAdditionalFeePolicy,
}

/// The recovered policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecoverPlatformAdditionalFeePolicyResponse {
    pub additional_fee_policy: PlatformAdditionalFeePolicy,
}

/// Which policies.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetPlatformAdditionalFeePoliciesBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<PageInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<PlatformAdditionalFeePolicyFilterInput>,
}

/// A page of policies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetPlatformAdditionalFeePoliciesResponse {
    pub items: Vec<PlatformAdditionalFeePolicy>,
    pub page: PageInfo,
}

/// What policies are narrowed down by.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformAdditionalFeePolicyFilterInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_archived: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat_payers: Option<Vec<PlatformPayer>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keyword: Option<PlatformAdditionalFeePolicyFilterInputKeyword>,
}

/// A text that is looked for; at most one member.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformAdditionalFeePolicyFilterInputKeyword {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fee: Option<String>,
}

/// An update that is reserved for later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SchedulePlatformAdditionalFeePolicyBody {
    pub update: UpdatePlatformAdditionalFeePolicyBody,
    /// Since when these terms hold, or from when on they will.
    pub applied_at: Timestamp,
}

/// The policy as it will be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SchedulePlatformAdditionalFeePolicyResponse {
    pub scheduled_additional_fee_policy: PlatformAdditionalFeePolicy,
}

/// What takes the place of the reserved update.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReschedulePlatformAdditionalFeePolicyBody {
    pub update: UpdatePlatformAdditionalFeePolicyBody,
    /// Since when these terms hold, or from when on they will.
    pub applied_at: Timestamp,
}

/// The policy as it will be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReschedulePlatformAdditionalFeePolicyResponse {
    pub scheduled_additional_fee_policy: PlatformAdditionalFeePolicy,
}

/// The reserved update is gone.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CancelPlatformAdditionalFeePolicyScheduleResponse {}
