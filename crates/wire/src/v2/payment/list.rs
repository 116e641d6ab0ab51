//! Lists of payments, by page and by cursor.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;
use crate::v2::{PageInfo, PageInput, Payment, PaymentFilterInput};

/// Which payments to list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetPaymentsBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<PageInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<PaymentFilterInput>,
}

/// One page of payments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetPaymentsResponse {
    pub items: Vec<Payment>,
    pub page: PageInfo,
}

/// Where to continue reading payments.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetAllPaymentsByCursorBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_id: Option<String>,
    /// The beginning of the range, included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// The end of the range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Opaque; hand it back to continue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// How many at most; 10 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<i32>,
}

/// The next payments; none at the end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetAllPaymentsByCursorResponse {
    pub items: Vec<PaymentWithCursor>,
}

/// A payment and the cursor to continue after it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentWithCursor {
    pub payment: Payment,
    /// Opaque; hand it back to continue.
    pub cursor: String,
}
