//! Taking the money of a payment that was only authorised.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Asks for an authorised payment to be captured.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CapturePaymentBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_id: Option<String>,
}

/// The payment was captured; there is nothing else to say.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CapturePaymentResponse {}
