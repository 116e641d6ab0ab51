//! Transfers as they are searched and written into a sheet.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Date;
use crate::union::union;
use crate::v2::{
    Currency, DateRange, PageInfo, PageInput, PaymentMethodType, PlatformContract,
    PlatformOrderSettlementAmount, PlatformPartnerTaxationType, PlatformTransferStatus,
    PlatformUserDefinedPropertyKeyValue,
};
use crate::words::words;

/// Which transfers to list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetPlatformTransferSummariesBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<PageInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<PlatformTransferFilterInput>,
}

/// Which transfers to write, and how.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DownloadPlatformTransferSheetBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<PlatformTransferFilterInput>,
    /// Columns in this order, named as either revision names them; all when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer_user_defined_property_keys: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner_user_defined_property_keys: Option<Vec<String>>,
}

/// What transfers are narrowed down by; members that are absent, and empty lists, do not narrow.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformTransferFilterInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settlement_start_date_range: Option<DateRange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settlement_date_range: Option<DateRange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner_tags: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract_ids: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_share_policy_ids: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_fee_policy_ids: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_method_types: Option<Vec<PaymentMethodType>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_keys: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub types: Option<Vec<PlatformTransferType>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statuses: Option<Vec<PlatformTransferStatus>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_defined_property: Option<PlatformTransferPropertyExactMatchInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keyword: Option<PlatformTransferFilterInputKeyword>,
    /// Of the TEST data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_for_test: Option<bool>,
}

/// A property of a transfer and its value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformTransferPropertyExactMatchInput {
    pub key: String,
    pub value: String,
}

/// At most one of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformTransferFilterInputKeyword {
    /// Contained in ids, memo, product or partner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub all: Option<String>,
    /// Equals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_id: Option<String>,
    /// Equals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer_id: Option<String>,
    /// Contained.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer_memo: Option<String>,
    /// Equals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_id: Option<String>,
    /// Equals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_name: Option<String>,
    /// Equals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner_id: Option<String>,
    /// Contained.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner_name: Option<String>,
    /// Contained.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner_memo: Option<String>,
    /// Contained.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner_settlement_id: Option<String>,
    /// Equals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payout_id: Option<String>,
}

words! {
    /// What a transfer is about.
    pub enum PlatformTransferType {
        Order = "ORDER",
        OrderCancel = "ORDER_CANCEL",
        Manual = "MANUAL",
    }
}

/// A page of transfers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetPlatformTransferSummariesResponse {
    pub transfer_summaries: Vec<PlatformTransferSummary>,
    pub page: PageInfo,
}

union! {
    /// A transfer without its lines.
    pub enum PlatformTransferSummary by "type" {
        "MANUAL" => Manual(PlatformManualTransferSummary),
        "ORDER" => Order(PlatformOrderTransferSummary),
        "ORDER_CANCEL" => OrderCancel(PlatformOrderCancelTransferSummary),
    }
}

/// An order transfer without its lines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformOrderTransferSummary {
    pub id: String,
    /// Opaque; stays the same through all versions.
    pub graphql_id: String,
    pub store_id: String,
    pub partner: PlatformTransferSummaryPartner,
    pub contract: PlatformContract,
    pub status: PlatformTransferStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
    /// A day in Korea.
    pub settlement_date: Date,
    pub settlement_currency: Currency,
    /// Of the TEST data.
    pub is_for_test: bool,
    /// Deprecated: those of the partner, once more.
    pub partner_user_defined_properties: Vec<PlatformUserDefinedPropertyKeyValue>,
    pub user_defined_properties: Vec<PlatformUserDefinedPropertyKeyValue>,
    /// Minor units of the currency.
    pub amount: PlatformOrderSettlementAmount,
    pub payment: PlatformTransferSummaryPayment,
    /// A day in Korea.
    pub settlement_start_date: Date,
}

/// A cancel without its lines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformOrderCancelTransferSummary {
    pub id: String,
    /// Opaque; stays the same through all versions.
    pub graphql_id: String,
    pub store_id: String,
    pub partner: PlatformTransferSummaryPartner,
    pub contract: PlatformContract,
    pub status: PlatformTransferStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
    /// A day in Korea.
    pub settlement_date: Date,
    pub settlement_currency: Currency,
    /// Of the TEST data.
    pub is_for_test: bool,
    /// Deprecated: those of the partner, once more.
    pub partner_user_defined_properties: Vec<PlatformUserDefinedPropertyKeyValue>,
    pub user_defined_properties: Vec<PlatformUserDefinedPropertyKeyValue>,
    /// Minor units of the currency.
    pub amount: PlatformOrderSettlementAmount,
    pub payment: PlatformTransferSummaryPayment,
    /// A day in Korea.
    pub settlement_start_date: Date,
}

/// A manual transfer in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformManualTransferSummary {
    pub id: String,
    /// Opaque; stays the same through all versions.
    pub graphql_id: String,
    pub partner: PlatformTransferSummaryPartner,
    pub status: PlatformTransferStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
    /// A day in Korea.
    pub settlement_date: Date,
    pub settlement_currency: Currency,
    /// Of the TEST data.
    pub is_for_test: bool,
    /// Deprecated: those of the partner, once more.
    pub partner_user_defined_properties: Vec<PlatformUserDefinedPropertyKeyValue>,
    pub user_defined_properties: Vec<PlatformUserDefinedPropertyKeyValue>,
    /// Minor units of the currency.
    pub settlement_amount: i64,
    /// Minor units of the currency.
    pub settlement_tax_free_amount: i64,
}

/// The partner of a transfer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformTransferSummaryPartner {
    pub id: String,
    /// Opaque; stays the same through all versions.
    pub graphql_id: String,
    pub name: String,
    pub r#type: PlatformTransferSummaryPartnerType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taxation_type: Option<PlatformPartnerTaxationType>,
    pub user_defined_properties: Vec<PlatformUserDefinedPropertyKeyValue>,
}

words! {
    /// Who the partner is to the tax office.
    pub enum PlatformTransferSummaryPartnerType {
        Business = "BUSINESS",
        WhtPayer = "WHT_PAYER",
        NonWhtPayer = "NON_WHT_PAYER",
    }
}

union! {
    /// The payment of an order.
    pub enum PlatformTransferSummaryPayment by "type" {
        "EXTERNAL" => External(PlatformTransferSummaryExternalPayment),
        "PORT_ONE" => PortOne(PlatformTransferSummaryPortOnePayment),
    }
}

/// A payment that was made here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformTransferSummaryPortOnePayment {
    pub id: String,
    pub order_name: String,
    pub currency: Currency,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method_type: Option<PaymentMethodType>,
}

/// A payment that the merchant knows of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformTransferSummaryExternalPayment {
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_name: Option<String>,
    pub currency: Currency,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method_type: Option<PaymentMethodType>,
}
