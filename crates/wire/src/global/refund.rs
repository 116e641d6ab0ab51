//! Refunds. They are answered bare: what is left to refund, and every refund of the transaction, oldest first.

use crate::global::body::{answer, choices, request};
use crate::global::details::Environment;
use crate::global::{Choice, Decimal, Number};
use crate::time::Timestamp;

choices! {
    /// How much to refund.
    any case pub enum RefundType {
        /// All that is left; the amount is ignored.
        Full = "full",
        Partial = "partial",
    }
}

choices! {
    /// How a refund stands.
    pub enum RefundStatus {
        Success = "SUCCESS",
        /// The PSP will settle it later, or has not answered.
        InQueue = "IN_QUEUE",
        Pending = "PENDING",
        Initiated = "INITIATED",
        Failed = "FAILED",
        Rejected = "REJECTED",
    }
}

request! {
    /// A refund.
    pub struct RefundRequest {
        amount [required]: Number,
        channel [required]: String,
        description [required]: String,
        environment [required]: Choice<Environment>,
        refund_type [required]: Choice<RefundType>,
        refund_reason [required]: String,
    }
}

answer! {
    /// What is left to refund, and what was refunded.
    pub struct Refunds {
        amount_to_refund as "amountToRefund": Decimal,
        refund_details as "refundDetails": Vec<RefundContent>,
    }
}

/// One refund.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct RefundContent {
    pub refund_date: Timestamp,
    /// Ours.
    pub refund_id: String,
    /// The PSP's; empty until it is known.
    pub psp_refund_id: String,
    pub amount: Decimal,
    pub currency: String,
    pub refund_status: RefundStatus,
    pub refund_type: RefundType,
    pub refund_reason: String,
    /// There when a refund is made, not when refunds are read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merchant_id: Option<String>,
}

impl crate::global::Described for RefundContent {
    fn schema(found: &mut crate::global::Schemas) -> serde_json::Value {
        let text = || serde_json::json!({"type": "string"});
        found.refer("RefundContent", |found| {
            crate::global::body::object(vec![
                ("refund_date", text()),
                ("refund_id", text()),
                ("psp_refund_id", text()),
                ("amount", Decimal::schema(found)),
                ("currency", text()),
                ("refund_status", RefundStatus::schema(found)),
                ("refund_type", RefundType::schema(found)),
                ("refund_reason", text()),
                ("merchant_id", text()),
            ])
        })
    }
}
