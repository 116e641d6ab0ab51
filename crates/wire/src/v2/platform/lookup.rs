//! Whose account it is, and how a business stands.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Date;
use crate::words::words;

/// Whose account it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformAccountHolder {
    pub holder_name: String,
    /// From a look-up of this account's holder; good once.
    pub account_verification_id: String,
}

/// How a business stands with the tax office.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetPlatformCompanyStatePayload {
    pub company_state: PlatformCompanyState,
    /// From a look-up of this business; good once.
    pub company_verification_id: String,
}

/// How a business stands with the tax office.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformCompanyState {
    pub taxation_type: PlatformTaxationType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taxation_type_date: Option<Date>,
    pub business_status: PlatformBusinessStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_suspended_date: Option<Date>,
}

words! {
    /// How the tax office taxes a business.
    pub enum PlatformTaxationType {
        Normal = "NORMAL",
        SimpleTaxInvoiceIssuer = "SIMPLE_TAX_INVOICE_ISSUER",
        Simple = "SIMPLE",
        TaxFree = "TAX_FREE",
        AssignedIdNumber = "ASSIGNED_ID_NUMBER",
        Special = "SPECIAL",
    }
}

words! {
    /// Whether a business is going on.
    pub enum PlatformBusinessStatus {
        InBusiness = "IN_BUSINESS",
        Closed = "CLOSED",
        Suspended = "SUSPENDED",
    }
}
