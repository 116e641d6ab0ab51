//! Updates of partners that are reserved for later.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;
use crate::v2::{
    Bank, Currency, PlatformPartner, PlatformPartnerFilterInput, PlatformPartnerTaxationType,
    PlatformProperties, UpdatePlatformPartnerBody,
};

/// An update that is reserved for later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SchedulePlatformPartnerBody {
    pub update: UpdatePlatformPartnerBody,
    /// Since when these terms hold, or from when on they will.
    pub applied_at: Timestamp,
}

/// The partner as it will be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SchedulePlatformPartnerResponse {
    pub scheduled_partner: PlatformPartner,
}

/// What takes the place of the reserved update.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReschedulePlatformPartnerBody {
    pub update: UpdatePlatformPartnerBody,
    /// Since when these terms hold, or from when on they will.
    pub applied_at: Timestamp,
}

/// The partner as it will be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReschedulePlatformPartnerResponse {
    pub scheduled_partner: PlatformPartner,
}

/// The reserved update is gone.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CancelPlatformPartnerScheduleResponse {}

/// One update that is reserved for many partners.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SchedulePlatformPartnersBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<PlatformPartnerFilterInput>,
    pub update: SchedulePlatformPartnersBodyUpdate,
    /// Since when these terms hold, or from when on they will.
    pub applied_at: Timestamp,
}

/// What changes about each of them; absent members stay.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SchedulePlatformPartnersBodyUpdate {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<SchedulePlatformPartnersBodyUpdateContact>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<SchedulePlatformPartnersBodyUpdateType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<SchedulePlatformPartnersBodyUpdateAccount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_contract_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_defined_properties: Option<PlatformProperties>,
}

/// What changes about the contact.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SchedulePlatformPartnersBodyUpdateContact {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// Another account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SchedulePlatformPartnersBodyUpdateAccount {
    pub bank: Bank,
    pub currency: Currency,
    pub number: String,
    pub holder: String,
    /// From a look-up of this account's holder; good once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_verification_id: Option<String>,
}

/// What changes about the kind they have; at most one of the members.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SchedulePlatformPartnersBodyUpdateType {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business: Option<SchedulePlatformPartnersBodyUpdateTypeBusiness>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wht_payer: Option<SchedulePlatformPartnersBodyUpdateTypeWhtPayer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub non_wht_payer: Option<SchedulePlatformPartnersBodyUpdateTypeNonWhtPayer>,
}

/// What changes about a business.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SchedulePlatformPartnersBodyUpdateTypeBusiness {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taxation_type: Option<PlatformPartnerTaxationType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_registration_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub representative_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_class: Option<String>,
    /// From a look-up of this business; good once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_verification_id: Option<String>,
}

/// What changes about a person whose tax is withheld.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SchedulePlatformPartnersBodyUpdateTypeWhtPayer {
    /// `YYYY-MM-DD` or `YYYYMMDD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub birthdate: Option<String>,
}

/// What changes about a person whose tax is not withheld.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SchedulePlatformPartnersBodyUpdateTypeNonWhtPayer {
    /// `YYYY-MM-DD` or `YYYYMMDD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub birthdate: Option<String>,
}

/// The update is reserved for all of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SchedulePlatformPartnersResponse {}
