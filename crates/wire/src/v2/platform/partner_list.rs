//! Lists of partners.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::v2::{
    Bank, Currency, PageInfo, PageInput, PlatformAccountStatus, PlatformPartner,
    PlatformPartnerBusinessStatus, PlatformPartnerMemberCompanyConnectionStatus, PlatformPartnerTaxationType,
    PlatformPartnerTypeName,
};

/// Which partners.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetPlatformPartnersBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<PageInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<PlatformPartnerFilterInput>,
}

/// A page of partners.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetPlatformPartnersResponse {
    pub items: Vec<PlatformPartner>,
    pub page: PageInfo,
}

/// What partners are narrowed down by.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformPartnerFilterInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_archived: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub banks: Option<Vec<Bank>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_currencies: Option<Vec<Currency>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ids: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract_ids: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_statuses: Option<Vec<PlatformAccountStatus>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_statuses: Option<Vec<PlatformPartnerBusinessStatus>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub types: Option<Vec<PlatformPartnerTypeName>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taxation_types: Option<Vec<PlatformPartnerTaxationType>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member_company_connection_statuses: Option<Vec<PlatformPartnerMemberCompanyConnectionStatus>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keyword: Option<PlatformPartnerFilterInputKeyword>,
}

/// A text that is looked for; at most one member.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformPartnerFilterInputKeyword {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_registration_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_contract_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_holder: Option<String>,
}

/// What there is to narrow partners down by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformPartnerFilterOptions {
    pub tags: Vec<String>,
    pub contract_summary: Vec<PlatformPartnerContractSummary>,
}

/// A contract, by its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformPartnerContractSummary {
    pub id: String,
    pub name: String,
}
