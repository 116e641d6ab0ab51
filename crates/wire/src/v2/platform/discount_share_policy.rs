//! Policies about who bears a discount.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;
use crate::v2::{PageInfo, PageInput};

/// What share of a discount the partner bears.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformDiscountSharePolicy {
    pub id: String,
    /// Opaque; the same for all versions.
    pub graphql_id: String,
    pub name: String,
    /// Thousandths of a percent: 100,000 is the whole discount.
    pub partner_share_rate: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
    pub is_archived: bool,
    /// Since when these terms hold, or from when on they will.
    pub applied_at: Timestamp,
    /// Whether it belongs to the test environment.
    pub is_for_test: bool,
}

/// A new policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePlatformDiscountSharePolicyBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    pub name: String,
    /// Thousandths of a percent: 100,000 is the whole discount.
    pub partner_share_rate: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
}

/// The new policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePlatformDiscountSharePolicyResponse {
    pub discount_share_policy: PlatformDiscountSharePolicy,
}

/// What changes about a policy; absent members stay.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdatePlatformDiscountSharePolicyBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Thousandths of a percent: 100,000 is the whole discount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner_share_rate: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
}

/// The policy as it is now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdatePlatformDiscountSharePolicyResponse {
    pub discount_share_policy: PlatformDiscountSharePolicy,
}

/// The archived policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ArchivePlatformDiscountSharePolicyResponse {
    pub discount_share_policy: PlatformDiscountSharePolicy,
}

/// The recovered policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecoverPlatformDiscountSharePolicyResponse {
    pub discount_share_policy: PlatformDiscountSharePolicy,
}

/// Which policies.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetPlatformDiscountSharePoliciesBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<PageInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<PlatformDiscountSharePolicyFilterInput>,
}

/// A page of policies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetPlatformDiscountSharePoliciesResponse {
    pub items: Vec<PlatformDiscountSharePolicy>,
    pub page: PageInfo,
}

/// What policies are narrowed down by.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformDiscountSharePolicyFilterInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_archived: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner_share_rates: Option<Vec<i32>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keyword: Option<PlatformDiscountSharePolicyFilterInputKeyword>,
}

/// A text that is looked for; at most one member.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformDiscountSharePolicyFilterInputKeyword {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What there is to narrow policies down by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformDiscountSharePolicyFilterOptions {
    pub partner_share_rates: Vec<i32>,
}

/// An update that is reserved for later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SchedulePlatformDiscountSharePolicyBody {
    pub update: UpdatePlatformDiscountSharePolicyBody,
    /// Since when these terms hold, or from when on they will.
    pub applied_at: Timestamp,
}

/// The policy as it will be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SchedulePlatformDiscountSharePolicyResponse {
    pub scheduled_discount_share_policy: PlatformDiscountSharePolicy,
}

/// What takes the place of the reserved update.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReschedulePlatformDiscountSharePolicyBody {
    pub update: UpdatePlatformDiscountSharePolicyBody,
    /// Since when these terms hold, or from when on they will.
    pub applied_at: Timestamp,
}

/// The policy as it will be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReschedulePlatformDiscountSharePolicyResponse {
    pub scheduled_discount_share_policy: PlatformDiscountSharePolicy,
}

/// The reserved update is gone.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CancelPlatformDiscountSharePolicyScheduleResponse {}
