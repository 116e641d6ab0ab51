//! Payouts and bulk payouts.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;
use crate::v2::{
    Bank, Currency, DateTimeRange, PageInfo, PageInput, PlatformPartner, PlatformPartnerTaxationType,
    PlatformPartnerTypeName, SettlementAmountType,
};
use crate::words::words;

/// Which payouts to list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetPlatformPayoutsBody {
    /// Of the TEST data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_for_test: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<PageInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<PlatformPayoutFilterInput>,
}

/// What payouts are narrowed down by; lists that are absent or empty do not narrow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformPayoutFilterInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statuses: Option<Vec<PlatformPayoutStatus>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner_ids: Option<Vec<String>>,
    pub criteria: PlatformPayoutFilterInputCriteria,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payout_account_banks: Option<Vec<Bank>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner_tags: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payout_currencies: Option<Vec<Currency>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payout_ids: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_invoice_statuses: Option<Vec<PlatformPayoutTaxInvoiceStatus>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner_types: Option<Vec<PlatformPartnerTypeName>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner_taxation_types: Option<Vec<PlatformPartnerTaxationType>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settlement_statement_statuses: Option<Vec<PlatformPayoutSettlementStatementStatus>>,
}

/// Exactly one of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformPayoutFilterInputCriteria {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp_range: Option<DateTimeRange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_updated_timestamp_range: Option<DateTimeRange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduled_timestamp_range: Option<DateTimeRange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settlement_statement_issued_timestamp_range: Option<DateTimeRange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payout_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bulk_payout_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_invoice_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settlement_statement_id: Option<String>,
}

/// A page of payouts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetPlatformPayoutsResponse {
    pub items: Vec<PlatformPayout>,
    pub page: PageInfo,
    pub counts: PlatformPayoutStatusStats,
}

/// What one partner is paid in one currency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformPayout {
    pub id: String,
    /// Opaque; stays the same through all versions.
    pub graphql_id: String,
    pub bulk_payout_id: String,
    pub bulk_payout_graphql_id: String,
    pub method: PlatformPayoutMethod,
    pub status: PlatformPayoutStatus,
    pub status_updated_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
    pub partner: PlatformPartner,
    pub account: PlatformPayoutAccount,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_invoice_id: Option<String>,
    pub tax_invoice_status: PlatformPayoutTaxInvoiceStatus,
    pub currency: Currency,
    /// Minor units of the currency.
    pub amount: i64,
    /// Minor units of the currency.
    pub supply_amount: i64,
    /// Minor units of the currency.
    pub tax_free_amount: i64,
    /// Minor units of the currency.
    pub vat_amount: i64,
    /// Minor units of the currency.
    pub settlement_amount: i64,
    /// Minor units of the currency.
    pub settlement_tax_free_amount: i64,
    /// Minor units of the currency.
    pub income_tax_amount: i64,
    /// Minor units of the currency.
    pub local_income_tax_amount: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawal_memo: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deposit_memo: Option<String>,
    pub created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduled_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fail_reason: Option<String>,
    /// Whether withholding tax was taken off, as the setting was.
    pub deduct_wht: bool,
    pub settlement_amount_type: SettlementAmountType,
    pub settlement_statement: PlatformPayoutSettlementStatementSummary,
}

/// Where the money goes, as it was when the payout was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformPayoutAccount {
    pub bank: Bank,
    pub number: String,
    pub holder: String,
}

/// The statement to the partner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformPayoutSettlementStatementSummary {
    pub status: PlatformPayoutSettlementStatementStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_at: Option<Timestamp>,
}

words! {
    /// Where a payout stands.
    pub enum PlatformPayoutStatus {
        Confirmed = "CONFIRMED",
        Prepared = "PREPARED",
        Cancelled = "CANCELLED",
        Stopped = "STOPPED",
        Processing = "PROCESSING",
        Succeeded = "SUCCEEDED",
        Failed = "FAILED",
        Scheduled = "SCHEDULED",
    }
}

words! {
    /// Who pays.
    pub enum PlatformPayoutMethod {
        Direct = "DIRECT",
        Agency = "AGENCY",
    }
}

words! {
    /// Where the tax invoice of a payout stands.
    pub enum PlatformPayoutTaxInvoiceStatus {
        None = "NONE",
        Drafted = "DRAFTED",
        DraftPending = "DRAFT_PENDING",
        DraftFailed = "DRAFT_FAILED",
        Requested = "REQUESTED",
        RequestPending = "REQUEST_PENDING",
        RequestFailed = "REQUEST_FAILED",
        RequestCancelled = "REQUEST_CANCELLED",
        RequestRefused = "REQUEST_REFUSED",
        Issued = "ISSUED",
        IssuePending = "ISSUE_PENDING",
        IssueFailed = "ISSUE_FAILED",
        IssuanceCancelled = "ISSUANCE_CANCELLED",
        CancelPending = "CANCEL_PENDING",
        BeforeSending = "BEFORE_SENDING",
        WaitingSending = "WAITING_SENDING",
        Sending = "SENDING",
        SendingPending = "SENDING_PENDING",
        SendingCompleted = "SENDING_COMPLETED",
        SendingFailed = "SENDING_FAILED",
    }
}

words! {
    /// Where the statement to the partner stands.
    pub enum PlatformPayoutSettlementStatementStatus {
        Unsent = "UNSENT",
        Sent = "SENT",
        SendFailed = "SEND_FAILED",
        SendPrepared = "SEND_PREPARED",
    }
}

/// Of each status.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformPayoutStatusStats {
    pub confirmed: i64,
    pub prepared: i64,
    pub cancelled: i64,
    pub stopped: i64,
    pub processing: i64,
    pub succeeded: i64,
    pub failed: i64,
    pub scheduled: i64,
}

/// Which bulk payouts to list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetPlatformBulkPayoutsBody {
    /// Of the TEST data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_for_test: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<PageInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<PlatformBulkPayoutFilterInput>,
}

/// What bulk payouts are narrowed down by.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformBulkPayoutFilterInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statuses: Option<Vec<PlatformBulkPayoutStatus>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub methods: Option<Vec<PlatformPayoutMethod>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub criteria: Option<PlatformBulkPayoutFilterInputCriteria>,
}

/// Exactly one of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformBulkPayoutFilterInputCriteria {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp_range: Option<DateTimeRange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_updated_timestamp_range: Option<DateTimeRange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bulk_payout_id: Option<String>,
}

/// A page of bulk payouts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetPlatformBulkPayoutsResponse {
    pub items: Vec<PlatformBulkPayout>,
    pub page: PageInfo,
    pub counts: PlatformBulkPayoutStatusStats,
}

/// One execution of many payouts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformBulkPayout {
    pub id: String,
    /// Opaque; stays the same through all versions.
    pub graphql_id: String,
    pub name: String,
    pub creator_id: String,
    pub method: PlatformPayoutMethod,
    /// Minor units of the currency.
    pub total_payout_amount: i64,
    /// Minor units of the currency.
    pub total_settlement_amount: i64,
    pub status: PlatformBulkPayoutStatus,
    pub payout_stats: PlatformBulkPayoutStats,
    pub status_updated_at: Timestamp,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// For clients of October 2024.
    pub are_payouts_generated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduled_at: Option<Timestamp>,
}

/// The payouts inside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformBulkPayoutStats {
    /// Minor units of the currency.
    pub amount: PlatformPayoutStatusStats,
    pub count: PlatformPayoutStatusStats,
}

words! {
    /// Where a bulk payout stands.
    pub enum PlatformBulkPayoutStatus {
        Preparing = "PREPARING",
        Prepared = "PREPARED",
        Ongoing = "ONGOING",
        PostProcessPending = "POST_PROCESS_PENDING",
        Cancelled = "CANCELLED",
        Completed = "COMPLETED",
        Scheduled = "SCHEDULED",
        Stopped = "STOPPED",
    }
}

/// How many match of each status, whatever statuses are asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformBulkPayoutStatusStats {
    pub preparing: i64,
    pub prepared: i64,
    pub ongoing: i64,
    pub post_process_pending: i64,
    pub completed: i64,
    pub cancelled: i64,
    pub scheduled: i64,
    pub stopped: i64,
}
