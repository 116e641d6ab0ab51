//! Movements of the accounts from which partners are paid.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;
use crate::union::union;
use crate::v2::{Bank, Currency, DateTimeRange, PageInfo, PageInput};
use crate::words::words;

/// Which account transfers to list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetAccountTransfersBody1 {
    /// Of the TEST data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_for_test: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<PageInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<PlatformAccountTransferFilter>,
}

/// What movements are narrowed down by; members that are absent, and empty lists, do not narrow.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformAccountTransferFilter {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trade_timestamp_range: Option<DateTimeRange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_timestamp_range: Option<DateTimeRange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_updated_timestamp_range: Option<DateTimeRange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduled_timestamp_range: Option<DateTimeRange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_transfer_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bank_account_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bulk_account_transfer_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payout_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_transfer_ids: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub types: Option<Vec<PlatformAccountTransferType>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statuses: Option<Vec<PlatformAccountTransferStatus>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depositor_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deposit_account_holder: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deposit_memo: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawal_memo: Option<String>,
}

words! {
    /// Kinds of movements, as either revision names them.
    pub enum PlatformAccountTransferType {
        Deposit = "DEPOSIT",
        Withdrawal = "WITHDRAWAL",
        WithdrawalPartnerPayout = "WITHDRAWAL_PARTNER_PAYOUT",
        WithdrawalRemit = "WITHDRAWAL_REMIT",
    }
}

/// A page of account transfers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetPlatformAccountTransfersResponse {
    pub items: Vec<PlatformAccountTransfer>,
    pub page: PageInfo,
    pub counts: PlatformAccountTransferStatusStats,
}

union! {
    /// A movement of an account of the merchant.
    #[allow(clippy::large_enum_variant, reason = "nearly all movements are withdrawals, the large variant")]
    pub enum PlatformAccountTransfer by "type" {
        "DEPOSIT" => Deposit(PlatformDepositAccountTransfer),
        "WITHDRAWAL" => Withdrawal(PlatformWithdrawalAccountTransfer),
    }
}

/// Money came in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformDepositAccountTransfer {
    pub id: String,
    pub bank_account_id: String,
    pub bank_account_graphql_id: String,
    pub bank_account: PlatformBankAccountDetail,
    pub currency: Currency,
    /// Minor units of the currency.
    pub amount: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deposit_memo: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traded_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub depositor_name: String,
    /// Of the TEST data.
    pub is_for_test: bool,
    pub status_updated_at: Timestamp,
    pub status: PlatformAccountTransferStatus,
}

/// Money goes out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformWithdrawalAccountTransfer {
    pub id: String,
    pub bank_account_id: String,
    pub bank_account_graphql_id: String,
    pub bank_account: PlatformBankAccountDetail,
    /// The bank's number of it; there once the bank was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence_number: Option<i32>,
    pub currency: Currency,
    pub deposit_bank: Bank,
    pub deposit_account_number: String,
    pub deposit_account_holder: String,
    /// Minor units of the currency.
    pub amount: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawal_memo: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deposit_memo: Option<String>,
    /// The balance behind it, in minor units of the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balance: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fail_reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traded_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Of the TEST data.
    pub is_for_test: bool,
    pub withdrawal_type: Type,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner_graphql_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bulk_payout_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bulk_payout_graphql_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payout_id: Option<String>,
    /// Opaque.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payout_graphql_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bulk_account_transfer_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bulk_account_transfer_graphql_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document_id: Option<String>,
    pub status_updated_at: Timestamp,
    pub status: PlatformAccountTransferStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduled_at: Option<Timestamp>,
}

words! {
    /// What a withdrawal is for.
    pub enum Type {
        PartnerPayout = "PARTNER_PAYOUT",
        Remit = "REMIT",
    }
}

words! {
    /// Where a movement stands.
    pub enum PlatformAccountTransferStatus {
        Prepared = "PREPARED",
        Scheduled = "SCHEDULED",
        Cancelled = "CANCELLED",
        Stopped = "STOPPED",
        Processing = "PROCESSING",
        AsyncProcessing = "ASYNC_PROCESSING",
        Succeeded = "SUCCEEDED",
        Failed = "FAILED",
    }
}

/// Of each status.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformAccountTransferStatusStats {
    pub prepared: i64,
    pub scheduled: i64,
    pub cancelled: i64,
    pub stopped: i64,
    pub processing: i64,
    pub async_processing: i64,
    pub succeeded: i64,
    pub failed: i64,
}

/// An account of the merchant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformBankAccountDetail {
    pub account_number: String,
    pub bank: Bank,
    pub provider: PlatformBankAccountProvider,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
}

words! {
    /// Who moves its money.
    pub enum PlatformBankAccountProvider {
        HyphenData = "HYPHEN_DATA",
        HyphenFirm = "HYPHEN_FIRM",
        Dozn = "DOZN",
        Mock = "MOCK",
    }
}

/// Which bulk account transfers to list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetPlatformBulkAccountTransfersBody {
    /// Of the TEST data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_for_test: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<PageInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<PlatformBulkAccountTransferFilterInput>,
}

/// What they are narrowed down by.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformBulkAccountTransferFilterInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statuses: Option<Vec<PlatformBulkAccountTransferStatus>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub criteria: Option<PlatformBulkAccountTransferFilterInputCriteria>,
}

/// Exactly one of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformBulkAccountTransferFilterInputCriteria {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp_range: Option<DateTimeRange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_updated_timestamp_range: Option<DateTimeRange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bulk_account_transfer_id: Option<String>,
}

/// A page of bulk account transfers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetPlatformBulkAccountTransfersResponse {
    pub items: Vec<PlatformBulkAccountTransfer>,
    pub page: PageInfo,
    pub counts: PlatformBulkAccountTransferStatusStats,
}

/// Many movements that were asked for together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformBulkAccountTransfer {
    pub id: String,
    /// Opaque; stays the same through all versions.
    pub graphql_id: String,
    pub creator_id: String,
    pub bank_account_id: String,
    pub bank_account_graphql_id: String,
    /// Minor units of the currency.
    pub total_amount: i64,
    pub status: PlatformBulkAccountTransferStatus,
    pub stats: PlatformBulkAccountTransferStats,
    pub status_updated_at: Timestamp,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduled_at: Option<Timestamp>,
}

/// The movements inside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformBulkAccountTransferStats {
    /// Minor units of the currency.
    pub amount: PlatformAccountTransferStatusStats,
    pub count: PlatformAccountTransferStatusStats,
}

words! {
    /// Where many movements stand.
    pub enum PlatformBulkAccountTransferStatus {
        Prepared = "PREPARED",
        Scheduled = "SCHEDULED",
        Ongoing = "ONGOING",
        Completed = "COMPLETED",
    }
}

/// How many match of each status, whatever statuses are asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformBulkAccountTransferStatusStats {
    pub prepared: i64,
    pub scheduled: i64,
    pub ongoing: i64,
    pub completed: i64,
}
