//! Making and changing partners.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::v2::{Bank, Currency, PlatformPartner, PlatformPartnerTaxationType, PlatformProperties};

/// A new partner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePlatformPartnerBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    pub name: String,
    pub contact: CreatePlatformPartnerBodyContact,
    pub account: CreatePlatformPartnerBodyAccount,
    pub default_contract_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
    pub tags: Vec<String>,
    pub r#type: CreatePlatformPartnerBodyType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_defined_properties: Option<PlatformProperties>,
}

/// Whom to write to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePlatformPartnerBodyContact {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    pub email: String,
}

/// Where the money goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePlatformPartnerBodyAccount {
    pub bank: Bank,
    pub currency: Currency,
    pub number: String,
    pub holder: String,
    /// From a look-up of this account's holder; good once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_verification_id: Option<String>,
}

/// A partner to the tax office; exactly one of the members.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePlatformPartnerBodyType {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business: Option<CreatePlatformPartnerBodyTypeBusiness>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wht_payer: Option<CreatePlatformPartnerBodyTypeWhtPayer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub non_wht_payer: Option<CreatePlatformPartnerBodyTypeNonWhtPayer>,
}

/// A business.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePlatformPartnerBodyTypeBusiness {
    pub company_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taxation_type: Option<PlatformPartnerTaxationType>,
    pub business_registration_number: String,
    pub representative_name: String,
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

/// A person whose tax is withheld.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePlatformPartnerBodyTypeWhtPayer {
    /// `YYYY-MM-DD` or `YYYYMMDD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub birthdate: Option<String>,
}

/// A person whose tax is not withheld.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePlatformPartnerBodyTypeNonWhtPayer {
    /// `YYYY-MM-DD` or `YYYYMMDD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub birthdate: Option<String>,
}

/// The new partner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePlatformPartnerResponse {
    pub partner: PlatformPartner,
}

/// New partners; all of them, or none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePlatformPartnersBody {
    pub partners: Vec<CreatePlatformPartnerBody>,
}

/// The new partners, in the order asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePlatformPartnersResponse {
    pub partners: Vec<PlatformPartner>,
}

/// What changes about a partner; absent members stay.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdatePlatformPartnerBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<UpdatePlatformPartnerBodyContact>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<UpdatePlatformPartnerBodyAccount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_contract_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<UpdatePlatformPartnerBodyType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_defined_properties: Option<PlatformProperties>,
}

/// What changes about the contact.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdatePlatformPartnerBodyContact {
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
pub struct UpdatePlatformPartnerBodyAccount {
    pub bank: Bank,
    pub currency: Currency,
    pub number: String,
    pub holder: String,
    /// From a look-up of this account's holder; good once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_verification_id: Option<String>,
}

/// What changes about the kind, or another kind; at most one of the members.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdatePlatformPartnerBodyType {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business: Option<UpdatePlatformPartnerBodyTypeBusiness>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wht_payer: Option<UpdatePlatformPartnerBodyTypeWhtPayer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub non_wht_payer: Option<UpdatePlatformPartnerBodyTypeNonWhtPayer>,
}

/// A business, or what changes about it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdatePlatformPartnerBodyTypeBusiness {
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

/// A person whose tax is withheld.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdatePlatformPartnerBodyTypeWhtPayer {
    /// `YYYY-MM-DD` or `YYYYMMDD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub birthdate: Option<String>,
}

/// A person whose tax is not withheld.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdatePlatformPartnerBodyTypeNonWhtPayer {
    /// `YYYY-MM-DD` or `YYYYMMDD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub birthdate: Option<String>,
}

/// The partner as it is now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdatePlatformPartnerResponse {
    pub partner: PlatformPartner,
}

/// The archived partner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ArchivePlatformPartnerResponse {
    pub partner: PlatformPartner,
}

/// The recovered partner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecoverPlatformPartnerResponse {
    pub partner: PlatformPartner,
}
