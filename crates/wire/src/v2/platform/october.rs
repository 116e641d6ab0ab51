//! Movements of the account in the form of October 2024, which a setting offers instead of today's: one kind for
//! each thing that money goes out for. The description shows today's.
//!
//! What today's form has and this one lacked is left out, except for where a movement stands: a client that
//! reads no more than it knows is not disturbed by it, and nobody else would know whether the money has arrived.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;
use crate::union::union;
use crate::v2::{
    Bank, Currency, PageInfo, PlatformAccountTransferStatus, PlatformAccountTransferStatusStats,
    PlatformDepositAccountTransfer,
};

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
    pub enum PlatformAccountTransfer by "type" {
        "DEPOSIT" => Deposit(PlatformDepositAccountTransfer),
        "PARTNER_PAYOUT" => PartnerPayout(PlatformPartnerPayoutAccountTransfer),
        "REMIT" => Remit(PlatformRemitAccountTransfer),
    }
}

/// Money goes to a partner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformPartnerPayoutAccountTransfer {
    pub id: String,
    /// The bank's number of it.
    pub sequence_number: i32,
    pub currency: Currency,
    pub deposit_bank: Bank,
    pub deposit_account_number: String,
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
    /// Of the TEST data.
    pub is_for_test: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub partner_id: String,
    /// Opaque.
    pub partner_graphql_id: String,
    pub bulk_payout_id: String,
    /// Opaque.
    pub bulk_payout_graphql_id: String,
    pub payout_id: String,
    /// Opaque.
    pub payout_graphql_id: String,
    pub status_updated_at: Timestamp,
    pub status: PlatformAccountTransferStatus,
}

/// Money goes back to the merchant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformRemitAccountTransfer {
    pub id: String,
    /// The bank's number of it, from 1; 0 as long as nobody has approved it and the bank was not asked.
    pub sequence_number: i32,
    pub currency: Currency,
    pub deposit_bank: Bank,
    pub deposit_account_number: String,
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
    /// Of the TEST data.
    pub is_for_test: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// The document that asks for it; the movement's own id where there is none.
    pub document_id: String,
    pub status_updated_at: Timestamp,
    pub status: PlatformAccountTransferStatus,
}
