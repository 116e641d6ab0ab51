//! Connecting partners to the provider of tax invoices.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;
use crate::v2::{PlatformPartner, PlatformPartnerFilterInput};
use crate::words::words;

/// The partner, with how the connection stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConnectPartnerCounterpartyResponse {
    pub partner: PlatformPartner,
}

/// The partner, with how the connection stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DisconnectPartnerCounterpartyResponse {
    pub partner: PlatformPartner,
}

/// Which partners are to be connected.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConnectBulkPartnerCounterpartyBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<PlatformPartnerFilterInput>,
}

/// The task that connects them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConnectBulkPartnerCounterpartyResponse {
    pub bulk_task: PlatformBulkTask,
}

/// Which partners are to be disconnected.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DisconnectBulkPartnerCounterpartyBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<PlatformPartnerFilterInput>,
}

/// The task that disconnects them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DisconnectBulkPartnerCounterpartyResponse {
    pub bulk_task: PlatformBulkTask,
}

/// Work on many things, one after the other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformBulkTask {
    pub id: String,
    /// Opaque; the same for all versions.
    pub graphql_id: String,
    pub status: PlatformBulkTaskStatus,
    pub r#type: PlatformBulkTaskType,
    pub progress_stats: PlatformBulkTaskProgressStats,
    /// Whether it belongs to the test environment.
    pub is_for_test: bool,
    pub status_updated_at: Timestamp,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

words! {
    /// How the work stands.
    pub enum PlatformBulkTaskStatus {
        Prepared = "PREPARED",
        Processing = "PROCESSING",
        Completed = "COMPLETED",
        Canceled = "CANCELED",
    }
}

words! {
    /// What is done.
    pub enum PlatformBulkTaskType {
        CreateTransfers = "CREATE_TRANSFERS",
        CreatePartners = "CREATE_PARTNERS",
        ConnectMemberCompanies = "CONNECT_MEMBER_COMPANIES",
        DisconnectMemberCompanies = "DISCONNECT_MEMBER_COMPANIES",
        SendPayoutSettlementStatements = "SEND_PAYOUT_SETTLEMENT_STATEMENTS",
    }
}

/// How far the work is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformBulkTaskProgressStats {
    pub prepared_count: i64,
    pub processing_count: i64,
    pub succeeded_count: i64,
    pub failed_count: i64,
    pub canceled_count: i64,
}
