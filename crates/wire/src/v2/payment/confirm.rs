//! Approving by server what the buyer has agreed to in the window.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;
use crate::v2::Currency;

/// Approves a payment by the token its window handed out. Members that repeat the payment are compared with
/// it.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConfirmPaymentBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_id: Option<String>,
    /// What the window handed out.
    pub payment_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tx_id: Option<String>,
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
    /// Keeps the webhook of success from being sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_webhook: Option<bool>,
}

/// Never shows the token.
impl fmt::Debug for ConfirmPaymentBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfirmPaymentBody")
            .field("store_id", &self.store_id)
            .field("tx_id", &self.tx_id)
            .field("currency", &self.currency)
            .field("total_amount", &self.total_amount)
            .field("tax_free_amount", &self.tax_free_amount)
            .field("is_test", &self.is_test)
            .field("skip_webhook", &self.skip_webhook)
            .finish_non_exhaustive()
    }
}

/// What the PSP said when it approved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConfirmedPaymentSummary {
    /// The PSP's name for the transaction.
    pub pg_tx_id: String,
    pub paid_at: Timestamp,
}
