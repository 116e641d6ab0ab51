//! What operators ask for at addresses of our own, and what they are told: what other servers have in their
//! console only.

use serde::{Deserialize, Serialize};

use crate::time::{Date, Timestamp};
use crate::v2::{
    Bank, Currency, PlatformAccountTransfer, PlatformBulkPayout, PlatformPartnerSettlement,
    PlatformPartnerSettlementStatus, PlatformPayout, PlatformPayoutMethod,
};

/// `POST /operator/platform/bulk-payouts`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateBulkPayoutBody {
    /// Chosen by us when absent.
    pub id: Option<String>,
    pub name: Option<String>,
    pub method: PlatformPayoutMethod,
    pub currency: Currency,
    pub settlement_dates: Vec<Date>,
}

/// `POST /operator/platform/bulk-payouts/{id}/partner-settlements`
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SelectPartnerSettlementsBody {
    pub select: Vec<String>,
    pub deselect: Vec<String>,
}

/// `POST /operator/platform/bulk-payouts/{id}/payouts`
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GeneratePayoutsBody {
    pub withdrawal_memo: Option<String>,
    pub deposit_memo: Option<String>,
}

/// `POST /operator/platform/bulk-payouts/{id}/approve`
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ApproveBulkPayoutBody {
    /// A slot of ten minutes; at once when absent.
    pub scheduled_at: Option<Timestamp>,
}

/// `PATCH /operator/platform/partner-settlements/{id}`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangePartnerSettlementBody {
    pub status: PlatformPartnerSettlementStatus,
}

/// `POST /operator/platform/accounts/{id}/deposits`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DepositBody {
    /// Minor units of the currency.
    pub amount: i64,
    pub depositor_name: String,
}

/// `POST /operator/platform/accounts/{id}/withdrawals`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WithdrawalBody {
    /// Minor units of the account's currency.
    pub amount: i64,
    pub bank: Bank,
    pub account_number: String,
    pub holder: String,
    pub withdrawal_memo: Option<String>,
    pub deposit_memo: Option<String>,
}

/// A bulk payout that was made or changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BulkPayoutAnswer {
    pub bulk_payout: PlatformBulkPayout,
}

/// A payout that was changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PayoutAnswer {
    pub payout: PlatformPayout,
}

/// A withdrawal that was asked for or changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountTransferAnswer {
    pub account_transfer: PlatformAccountTransfer,
}

/// A settlement that was changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PartnerSettlementAnswer {
    pub partner_settlement: PlatformPartnerSettlement,
}

/// The accounts that partners are paid from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PayoutAccountsAnswer {
    pub items: Vec<PayoutAccountAnswer>,
}

/// An account that partners are paid from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PayoutAccountAnswer {
    pub id: String,
    pub provider: String,
    pub bank: String,
    pub account_number: String,
    pub currency: Currency,
    /// Minor units of the currency.
    pub balance: i64,
    /// The part of the balance that is on its way out.
    pub held: i64,
    pub is_for_test: bool,
}

/// How the amounts of a transfer came about.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TransferWorkingAnswer {
    pub transfer_id: String,
    /// A line for each step.
    pub working: Vec<String>,
}

/// What a partner was owed, what moved it, and what is owed after that. Minor units of the currency.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PartnerStatementAnswer {
    pub partner_id: String,
    pub currency: Currency,
    pub from: Date,
    pub until: Date,
    /// Owed before the first day.
    pub opening_balance: i64,
    pub lines: Vec<PartnerStatementLine>,
    /// Owed behind the last line.
    pub closing_balance: i64,
    /// There are more lines than one statement shows; ask for fewer days.
    pub is_truncated: bool,
    /// What the payouts among the lines took off the balance, and what became of it.
    pub paid: PartnerStatementPaid,
}

/// One movement of what is owed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PartnerStatementLine {
    pub at: Timestamp,
    /// `SETTLED`, `DELETED` or `PAID`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payout_id: Option<String>,
    /// Above 0 is owed more.
    pub amount: i64,
    pub balance: i64,
}

/// Payouts, added up.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PartnerStatementPaid {
    pub count: i64,
    pub settlement_amount: i64,
    pub vat_on_top: i64,
    pub income_tax_amount: i64,
    pub local_income_tax_amount: i64,
    pub amount: i64,
}
