//! Partners: who is paid, where to, and how the tax office sees them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::{Date, Timestamp};
use crate::union::union;
use crate::v2::{Bank, Currency, PlatformProperties};
use crate::words::words;

/// Who is paid, and where to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformPartner {
    pub id: String,
    /// Opaque; the same for all versions.
    pub graphql_id: String,
    pub name: String,
    pub contact: PlatformContact,
    pub account: PlatformAccount,
    pub status: PlatformPartnerStatus,
    pub default_contract_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
    pub tags: Vec<String>,
    pub r#type: PlatformPartnerType,
    pub is_archived: bool,
    /// Since when these terms hold, or from when on they will.
    pub applied_at: Timestamp,
    pub user_defined_properties: PlatformProperties,
    /// Whether it belongs to the test environment.
    pub is_for_test: bool,
}

words! {
    /// What the operator says about a partner.
    pub enum PlatformPartnerStatus {
        Pending = "PENDING",
        Approved = "APPROVED",
        Rejected = "REJECTED",
    }
}

/// Whom to write to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformContact {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    pub email: String,
}

/// Where the money goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformAccount {
    pub bank: Bank,
    pub currency: Currency,
    pub number: String,
    pub holder: String,
    pub status: PlatformAccountStatus,
}

words! {
    /// What is known about an account's holder.
    pub enum PlatformAccountStatus {
        Verified = "VERIFIED",
        VerifyFailed = "VERIFY_FAILED",
        VerifyError = "VERIFY_ERROR",
        NotVerified = "NOT_VERIFIED",
        Unknown = "UNKNOWN",
        Verifying = "VERIFYING",
        Expired = "EXPIRED",
    }
}

union! {
    /// A partner to the tax office.
    pub enum PlatformPartnerType by "type" {
        "BUSINESS" => Business(PlatformPartnerTypeBusiness),
        "NON_WHT_PAYER" => NonWhtPayer(PlatformPartnerTypeNonWhtPayer),
        "WHT_PAYER" => WhtPayer(PlatformPartnerTypeWhtPayer),
    }
}

/// A business.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformPartnerTypeBusiness {
    pub company_name: String,
    pub taxation_type: PlatformPartnerTaxationType,
    pub business_status: PlatformPartnerBusinessStatus,
    pub business_registration_number: String,
    pub representative_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_class: Option<String>,
    pub member_company_connection_status: PlatformPartnerMemberCompanyConnectionStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member_company_connection_failed_reason: Option<String>,
}

/// A person whose tax is withheld.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformPartnerTypeWhtPayer {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birthdate: Option<Date>,
}

/// A person whose tax is not withheld.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformPartnerTypeNonWhtPayer {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birthdate: Option<Date>,
}

words! {
    /// How a business is taxed.
    pub enum PlatformPartnerTaxationType {
        Normal = "NORMAL",
        SimpleTaxInvoiceIssuer = "SIMPLE_TAX_INVOICE_ISSUER",
        Simple = "SIMPLE",
        TaxFree = "TAX_FREE",
    }
}

words! {
    /// What the tax office says about a business.
    pub enum PlatformPartnerBusinessStatus {
        NotVerified = "NOT_VERIFIED",
        VerifyError = "VERIFY_ERROR",
        NotFound = "NOT_FOUND",
        InBusiness = "IN_BUSINESS",
        Closed = "CLOSED",
        Suspended = "SUSPENDED",
        VerifyFailed = "VERIFY_FAILED",
        Verifying = "VERIFYING",
    }
}

words! {
    /// How a business stands with the provider of tax invoices.
    pub enum PlatformPartnerMemberCompanyConnectionStatus {
        NotConnected = "NOT_CONNECTED",
        ConnectPending = "CONNECT_PENDING",
        Connected = "CONNECTED",
        ConnectFailed = "CONNECT_FAILED",
        DisconnectPending = "DISCONNECT_PENDING",
    }
}

words! {
    /// The kinds of partners.
    pub enum PlatformPartnerTypeName {
        Business = "BUSINESS",
        WhtPayer = "WHT_PAYER",
        NonWhtPayer = "NON_WHT_PAYER",
    }
}
