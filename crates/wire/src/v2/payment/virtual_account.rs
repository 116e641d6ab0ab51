//! Closing a virtual account that waits for its deposit.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;

/// The account takes no more deposits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CloseVirtualAccountResponse {
    pub closed_at: Timestamp,
}
