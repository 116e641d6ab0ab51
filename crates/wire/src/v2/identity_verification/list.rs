//! Searching verifications: page, sort, filter.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;
use crate::v2::{
    Gender, IdentityVerification, PageInfo, PageInput, PgCompany, PgProvider, PortOneVersion, SortOrder,
};
use crate::words::words;

/// Which verifications to list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetIdentityVerificationsBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<PageInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<IdentityVerificationSortInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<IdentityVerificationFilterInput>,
}

/// One page of verifications.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetIdentityVerificationsResponse {
    pub items: Vec<IdentityVerification>,
    pub page: PageInfo,
}

/// The order of a list of verifications.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IdentityVerificationSortInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<IdentityVerificationSortBy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<SortOrder>,
}

words! {
    /// The instants verifications are ordered by.
    pub enum IdentityVerificationSortBy {
        RequestedAt = "REQUESTED_AT",
        VerifiedAt = "VERIFIED_AT",
        FailedAt = "FAILED_AT",
        StatusUpdatedAt = "STATUS_UPDATED_AT",
    }
}

words! {
    /// The instants a range is applied to.
    pub enum IdentityVerificationTimeRangeField {
        RequestedAt = "REQUESTED_AT",
        VerifiedAt = "VERIFIED_AT",
        FailedAt = "FAILED_AT",
        StatusUpdatedAt = "STATUS_UPDATED_AT",
    }
}

words! {
    /// How a verification stands.
    pub enum IdentityVerificationStatus {
        Ready = "READY",
        Verified = "VERIFIED",
        Failed = "FAILED",
    }
}

words! {
    /// Who runs a phone's network, as filters name it.
    pub enum Carrier {
        Skt = "SKT",
        Kt = "KT",
        Lgu = "LGU",
        SktMvno = "SKT_MVNO",
        KtMvno = "KT_MVNO",
        LguMvno = "LGU_MVNO",
    }
}

/// What verifications are narrowed down by; members that are absent do not narrow.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IdentityVerificationFilterInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_range_field: Option<IdentityVerificationTimeRangeField>,
    /// The beginning of the range, included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// The end of the range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity_verification_id: Option<String>,
    /// One try of a verification.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity_verification_tx_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_test: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statuses: Option<Vec<IdentityVerificationStatus>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_tx_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_merchant_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_providers: Option<Vec<PgProvider>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_companies: Option<Vec<PgCompany>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carriers: Option<Vec<Carrier>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<PortOneVersion>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<IdentityVerificationFilterCustomerInput>,
}

/// The person that verifications are narrowed down to.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IdentityVerificationFilterCustomerInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Four digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_year: Option<String>,
    /// Two digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_month: Option<String>,
    /// Two digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_day: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<Gender>,
}

/// Never shows who it is.
impl fmt::Debug for IdentityVerificationFilterCustomerInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentityVerificationFilterCustomerInput").finish_non_exhaustive()
    }
}
