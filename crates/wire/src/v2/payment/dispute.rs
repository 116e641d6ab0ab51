//! Chargebacks and other disputes of a paid payment.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;
use crate::words::words;

/// One dispute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Dispute {
    pub status: DisputeStatus,
    /// The PSP's name for the dispute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_dispute_id: Option<String>,
    pub reason: String,
    pub created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<Timestamp>,
}

words! {
    /// Whether a dispute is over.
    pub enum DisputeStatus {
        Unresolved = "UNRESOLVED",
        Resolved = "RESOLVED",
    }
}
