//! Issuing by server what the buyer has agreed to in a window.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::v2::Currency;

/// Issues a billing key by the token its window handed out. Members that repeat the issuance are compared
/// with it.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConfirmBillingKeyBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_id: Option<String>,
    /// What the window handed out.
    pub billing_issue_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_test: Option<bool>,
    /// Keeps the webhook of success from being sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_webhook: Option<bool>,
}

/// Never shows the token.
impl fmt::Debug for ConfirmBillingKeyBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfirmBillingKeyBody")
            .field("store_id", &self.store_id)
            .field("is_test", &self.is_test)
            .field("skip_webhook", &self.skip_webhook)
            .finish_non_exhaustive()
    }
}

/// The key that was issued.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConfirmedBillingKeySummary {
    pub billing_key: String,
}

/// Issues a billing key and approves the first payment with it.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConfirmBillingKeyIssueAndPayBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_id: Option<String>,
    /// What the window handed out.
    pub billing_issue_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// Minor units of the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_amount: Option<i64>,
    /// Minor units of the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_free_amount: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_test: Option<bool>,
    /// Keeps the webhooks of success from being sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_webhook: Option<bool>,
}

/// Never shows the token.
impl fmt::Debug for ConfirmBillingKeyIssueAndPayBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfirmBillingKeyIssueAndPayBody")
            .field("store_id", &self.store_id)
            .field("payment_id", &self.payment_id)
            .field("currency", &self.currency)
            .field("total_amount", &self.total_amount)
            .field("tax_free_amount", &self.tax_free_amount)
            .field("is_test", &self.is_test)
            .field("skip_webhook", &self.skip_webhook)
            .finish_non_exhaustive()
    }
}

/// The key that was issued and the payment that was made with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConfirmedBillingKeyIssueAndPaySummary {
    pub billing_key: String,
    pub payment_id: String,
}
