//! The channel a payment went through, the group it was picked from, and how single channels of a group
//! failed.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::union::union;
use crate::v2::PgProvider;
use crate::words::words;

/// The channel that was used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SelectedChannel {
    #[serde(rename = "type")]
    pub kind: SelectedChannelType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub pg_provider: PgProvider,
    /// The PSP's name for the merchant.
    pub pg_merchant_id: String,
}

words! {
    /// The environment of a channel.
    pub enum SelectedChannelType {
        Live = "LIVE",
        Test = "TEST",
    }
}

/// The group the channel was picked from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChannelGroupSummary {
    pub id: String,
    pub name: String,
    /// Whether its channels are those of the test environment.
    pub is_for_test: bool,
}

union! {
    /// How one channel of several failed.
    pub enum ChannelSpecificFailure by "type" {
        "INVALID_REQUEST" => InvalidRequest(ChannelSpecificFailureInvalidRequest),
        "PG_PROVIDER" => PgProvider(ChannelSpecificFailurePgProvider),
    }
}

/// The request lacks something this channel needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChannelSpecificFailureInvalidRequest {
    pub channel: SelectedChannel,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// The PSP of this channel refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChannelSpecificFailurePgProvider {
    pub channel: SelectedChannel,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The PSP's own code; empty when it gave none.
    pub pg_code: String,
    /// The PSP's own words; empty when it gave none.
    pub pg_message: String,
}
