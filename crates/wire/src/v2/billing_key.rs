//! Billing keys: issuing one by card credentials, reading it, deleting it. Lists and filters are in [`list`],
//! the instruments behind a key in [`method`], charging one in [`charge`].

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;
use crate::union::union;
use crate::v2::{
    BillingKeyPaymentMethod, CardCredential, ChannelGroupSummary, ChannelSpecificFailure, Customer,
    CustomerInput, SelectedChannel,
};
use crate::words::words;

pub mod charge;
pub mod confirm;
pub mod list;
pub mod method;

union! {
    /// A billing key, tagged by whether it still exists.
    pub enum BillingKeyInfo by "status" {
        "ISSUED" => Issued(IssuedBillingKeyInfo),
        "DELETED" => Deleted(DeletedBillingKeyInfo),
    }
}

/// A billing key that can be charged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IssuedBillingKeyInfo {
    pub billing_key: String,
    pub merchant_id: String,
    pub store_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub methods: Option<Vec<BillingKeyPaymentMethod>>,
    pub channels: Vec<SelectedChannel>,
    pub customer: Customer,
    /// The merchant's own text, given back as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue_name: Option<String>,
    /// When it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requested_at: Option<Timestamp>,
    pub issued_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_group: Option<ChannelGroupSummary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_billing_key_issue_responses: Option<Vec<PgBillingKeyIssueResponse>>,
}

/// A billing key that was deleted; kept for the record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeletedBillingKeyInfo {
    pub billing_key: String,
    pub merchant_id: String,
    pub store_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub methods: Option<Vec<BillingKeyPaymentMethod>>,
    pub channels: Vec<SelectedChannel>,
    pub customer: Customer,
    /// The merchant's own text, given back as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue_name: Option<String>,
    /// When it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requested_at: Option<Timestamp>,
    pub issued_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_group: Option<ChannelGroupSummary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_billing_key_issue_responses: Option<Vec<PgBillingKeyIssueResponse>>,
    pub deleted_at: Timestamp,
}

union! {
    /// How one channel answered when the key was issued.
    pub enum PgBillingKeyIssueResponse by "type" {
        "ISSUED" => Issued(IssuedPgBillingKeyIssueResponse),
        "FAILED" => Failed(FailedPgBillingKeyIssueResponse),
    }
}

/// The channel holds the key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IssuedPgBillingKeyIssueResponse {
    pub channel: SelectedChannel,
    /// The PSP's name for the transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_tx_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<BillingKeyPaymentMethod>,
}

/// The channel refused to hold the key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FailedPgBillingKeyIssueResponse {
    pub channel: SelectedChannel,
    pub failure: BillingKeyFailure,
}

/// Why a channel did not issue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BillingKeyFailure {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The PSP's own code; empty when it gave none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_code: Option<String>,
    /// The PSP's own words; empty when it gave none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_message: Option<String>,
    pub failed_at: Timestamp,
}

/// Asks for a billing key without a window. Exactly one of channel and channel group is meant to be given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IssueBillingKeyBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_id: Option<String>,
    pub method: InstantBillingKeyPaymentMethodInput,
    /// The channel to use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_key: Option<String>,
    /// A group to pick a channel from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_group_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerInput>,
    /// The merchant's own text, given back as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_data: Option<String>,
    /// Members for the PSP, by the PSP; not looked into.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub bypass: Option<serde_json::Map<String, serde_json::Value>>,
    /// Where webhooks go instead of the configured place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice_urls: Option<Vec<String>>,
    /// Keeps the webhook of success from being sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_webhook: Option<bool>,
}

/// The instrument to make a key of.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstantBillingKeyPaymentMethodInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<InstantBillingKeyPaymentMethodInputCard>,
}

/// A card to make a key of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstantBillingKeyPaymentMethodInputCard {
    pub credential: CardCredential,
}

/// The new key, and the channels of the group that would not take it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IssueBillingKeyResponse {
    pub billing_key_info: BillingKeyInfoSummary,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_specific_failures: Option<Vec<ChannelSpecificFailure>>,
}

/// A key that was just issued.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BillingKeyInfoSummary {
    pub billing_key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channels: Option<Vec<SelectedChannel>>,
    pub issued_at: Timestamp,
}

/// The key is gone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeleteBillingKeyResponse {
    pub deleted_at: Timestamp,
}

words! {
    /// On whose behalf a key is deleted.
    pub enum BillingKeyDeleteRequester {
        Customer = "CUSTOMER",
        Admin = "ADMIN",
    }
}
