//! Partner settlements.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::{Date, Timestamp};
use crate::union::union;
use crate::v2::{
    Currency, DateRange, PageInfo, PageInput, PlatformContract, PlatformOrderSettlementAmount,
    PlatformPartner,
};
use crate::words::words;

/// Which partner settlements to list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetPlatformPartnerSettlementsBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<PageInput>,
    pub filter: PlatformPartnerSettlementFilterInput,
    /// Of the TEST data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_for_test: Option<bool>,
}

/// What partner settlements are narrowed down by; members that are absent, and empty lists, do not narrow.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformPartnerSettlementFilterInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settlement_dates: Option<Vec<Date>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract_ids: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner_tags: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settlement_currencies: Option<Vec<Currency>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statuses: Option<Vec<PlatformPartnerSettlementStatus>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner_ids: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settlement_types: Option<Vec<PlatformPartnerSettlementType>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keyword: Option<PlatformPartnerSettlementFilterKeywordInput>,
}

/// At most one of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformPartnerSettlementFilterKeywordInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner_settlement_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payout_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bulk_payout_id: Option<String>,
}

words! {
    /// What it adds up.
    pub enum PlatformPartnerSettlementType {
        Manual = "MANUAL",
        Order = "ORDER",
        OrderCancel = "ORDER_CANCEL",
    }
}

/// A page of partner settlements.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetPlatformPartnerSettlementsResponse {
    pub items: Vec<PlatformPartnerSettlement>,
    pub page: PageInfo,
    pub counts: PlatformPartnerSettlementStatusStats,
}

union! {
    /// What a partner is owed for one day.
    pub enum PlatformPartnerSettlement by "type" {
        "MANUAL" => Manual(PlatformPartnerManualSettlement),
        "ORDER" => Order(PlatformPartnerOrderSettlement),
        "ORDER_CANCEL" => OrderCancel(PlatformPartnerOrderCancelSettlement),
    }
}

/// Orders of one contract and day, added up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformPartnerOrderSettlement {
    pub id: String,
    /// Opaque; stays the same through all versions.
    pub graphql_id: String,
    pub partner: PlatformPartner,
    /// A day in Korea.
    pub settlement_date: Date,
    pub settlement_currency: Currency,
    pub status: PlatformPartnerSettlementStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_updated_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
    pub contract: PlatformContract,
    pub settlement_start_date_range: DateRange,
    /// Minor units of the currency.
    pub amount: PlatformOrderSettlementAmount,
    /// Of the TEST data.
    pub is_for_test: bool,
}

/// Cancels of one contract and day, added up; positive where the cancels are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformPartnerOrderCancelSettlement {
    pub id: String,
    /// Opaque; stays the same through all versions.
    pub graphql_id: String,
    pub partner: PlatformPartner,
    /// A day in Korea.
    pub settlement_date: Date,
    pub settlement_currency: Currency,
    pub status: PlatformPartnerSettlementStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_updated_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
    pub contract: PlatformContract,
    pub settlement_start_date_range: DateRange,
    /// Minor units of the currency.
    pub amount: PlatformOrderSettlementAmount,
    /// Of the TEST data.
    pub is_for_test: bool,
}

/// Manual transfers of one day, added up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformPartnerManualSettlement {
    pub id: String,
    /// Opaque; stays the same through all versions.
    pub graphql_id: String,
    pub partner: PlatformPartner,
    /// A day in Korea.
    pub settlement_date: Date,
    pub settlement_currency: Currency,
    pub status: PlatformPartnerSettlementStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_updated_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
    /// Minor units of the currency.
    pub amount: i64,
    /// Minor units of the currency.
    pub tax_free_amount: i64,
    /// Of the TEST data.
    pub is_for_test: bool,
}

words! {
    /// Where a partner settlement stands.
    pub enum PlatformPartnerSettlementStatus {
        PayoutScheduled = "PAYOUT_SCHEDULED",
        PayoutPrepared = "PAYOUT_PREPARED",
        PayoutWithheld = "PAYOUT_WITHHELD",
        PayoutExcluded = "PAYOUT_EXCLUDED",
        PayoutFailed = "PAYOUT_FAILED",
        InPayout = "IN_PAYOUT",
        PaidOut = "PAID_OUT",
        Cancelled = "CANCELLED",
        Confirmed = "CONFIRMED",
    }
}

/// How many match of each status, whatever statuses are asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformPartnerSettlementStatusStats {
    pub payout_scheduled: i64,
    pub payout_prepared: i64,
    pub payout_withheld: i64,
    pub payout_excluded: i64,
    pub payout_failed: i64,
    pub payout_cancelled: i64,
    pub payout_confirmed: i64,
    pub in_payout: i64,
    pub paid_out: i64,
}

/// Money that the merchant has paid by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CompletePlatformPayoutByPartnerSettlementIdsBody {
    pub bulk_payout_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub partner_settlement_ids: Vec<String>,
    /// A day in Korea; today when absent.
    #[serde(alias = "completeAt", skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Date>,
    /// Of the TEST data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_for_test: Option<bool>,
}

/// What was recorded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CompletePlatformPayoutByPartnerSettlementIdsResponse {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bulk_payout_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bulk_payout_graphql_id: Option<String>,
    pub payout_count: i32,
    pub partner_settlement_count: i32,
}

/// Which partner settlements to delete, with their transfers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeletePlatformPartnerSettlementsBody {
    pub partner_settlement_ids: Vec<String>,
    /// Of the TEST data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_for_test: Option<bool>,
}

/// They are gone.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DeletePlatformPartnerSettlementsResponse {}
