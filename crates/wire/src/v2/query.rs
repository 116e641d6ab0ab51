//! Queries: what an operation reads from behind the `?` of its address.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::v2::BillingKeyDeleteRequester;

/// The store to act on; that of the credential when absent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StoreQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_id: Option<String>,
}

/// The criteria of a read as JSON in the query, which is where clients that cannot send a body with a read put
/// them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RequestBodyQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_body: Option<String>,
}

/// How to delete a billing key.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeleteBillingKeyQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requester: Option<BillingKeyDeleteRequester>,
    /// Keeps the webhook of success from being sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_webhook: Option<bool>,
}
