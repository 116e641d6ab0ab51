//! Cash receipts as they are read and searched.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;
use crate::union::union;
use crate::v2::{
    CashReceiptType, Currency, PageInfo, PageInput, PgCompany, PgProvider, PortOneVersion, SelectedChannel,
    SortOrder,
};
use crate::words::words;

union! {
    /// A cash receipt.
    pub enum CashReceipt by "status" {
        "ISSUED" => Issued(IssuedCashReceipt),
        "CANCELLED" => Cancelled(CancelledCashReceipt),
        "ISSUE_FAILED" => IssueFailed(IssueFailedCashReceipt),
    }
}

/// A receipt that is valid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IssuedCashReceipt {
    pub merchant_id: String,
    pub store_id: String,
    pub payment_id: String,
    pub channel: SelectedChannel,
    /// Minor units of the currency.
    pub amount: i64,
    /// Minor units of the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_free_amount: Option<i64>,
    /// Minor units of the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat_amount: Option<i64>,
    pub currency: Currency,
    pub order_name: String,
    /// Asked for by itself, and not together with a payment.
    pub is_manual: bool,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<CashReceiptType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_receipt_id: Option<String>,
    pub issue_number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    pub issued_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_updated_at: Option<Timestamp>,
}

/// A receipt that was withdrawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CancelledCashReceipt {
    pub merchant_id: String,
    pub store_id: String,
    pub payment_id: String,
    pub channel: SelectedChannel,
    /// Minor units of the currency.
    pub amount: i64,
    /// Minor units of the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_free_amount: Option<i64>,
    /// Minor units of the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat_amount: Option<i64>,
    pub currency: Currency,
    pub order_name: String,
    /// Asked for by itself, and not together with a payment.
    pub is_manual: bool,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<CashReceiptType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_receipt_id: Option<String>,
    pub issue_number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    pub issued_at: Timestamp,
    /// When it was withdrawn.
    pub cancelled_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_updated_at: Option<Timestamp>,
}

/// A receipt that the PSP did not issue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IssueFailedCashReceipt {
    pub merchant_id: String,
    pub store_id: String,
    pub payment_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<SelectedChannel>,
    pub order_name: String,
    /// Asked for by itself, and not together with a payment.
    pub is_manual: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_updated_at: Option<Timestamp>,
}

/// Which receipts to list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetCashReceiptsBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<PageInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<CashReceiptSortInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<CashReceiptFilterInput>,
}

/// One page of receipts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetCashReceiptsResponse {
    pub items: Vec<CashReceipt>,
    pub page: PageInfo,
}

/// The order of a list of receipts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CashReceiptSortInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<CashReceiptSortBy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<SortOrder>,
}

words! {
    /// The instants receipts are ordered by.
    pub enum CashReceiptSortBy {
        IssuedAt = "ISSUED_AT",
        CancelledAt = "CANCELLED_AT",
        StatusUpdatedAt = "STATUS_UPDATED_AT",
    }
}

words! {
    /// The instants a range is applied to.
    pub enum CashReceiptTimeRangeField {
        IssuedAt = "ISSUED_AT",
        CancelledAt = "CANCELLED_AT",
        StatusUpdatedAt = "STATUS_UPDATED_AT",
    }
}

words! {
    /// The statuses a filter knows; the word for a receipt that was not issued differs from the receipt's own.
    pub enum CashReceiptStatus {
        Issued = "ISSUED",
        Cancelled = "CANCELLED",
        Failed = "FAILED",
    }
}

/// What receipts are narrowed down by; members that are absent do not narrow.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CashReceiptFilterInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_range_field: Option<CashReceiptTimeRangeField>,
    /// The beginning of the range, included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// The end of the range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_test: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statuses: Option<Vec<CashReceiptStatus>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_manual: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_receipt_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_merchant_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_providers: Option<Vec<PgProvider>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_companies: Option<Vec<PgCompany>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<PortOneVersion>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub types: Option<Vec<CashReceiptType>>,
}
