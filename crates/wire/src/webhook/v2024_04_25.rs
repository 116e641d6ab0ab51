//! Payloads of version 2024-04-25: `{"type", "timestamp", "data"}`, always JSON.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;

/// Something that happened to a payment or a billing key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type")]
pub enum Webhook {
    #[serde(rename = "Transaction.Ready")]
    TransactionReady(Message<TransactionData>),
    #[serde(rename = "Transaction.Paid")]
    TransactionPaid(Message<TransactionData>),
    #[serde(rename = "Transaction.VirtualAccountIssued")]
    TransactionVirtualAccountIssued(Message<TransactionData>),
    #[serde(rename = "Transaction.PartialCancelled")]
    TransactionPartialCancelled(Message<CancellationData>),
    #[serde(rename = "Transaction.Cancelled")]
    TransactionCancelled(Message<CancellationData>),
    #[serde(rename = "Transaction.Failed")]
    TransactionFailed(Message<TransactionData>),
    #[serde(rename = "Transaction.PayPending")]
    TransactionPayPending(Message<TransactionData>),
    #[serde(rename = "Transaction.CancelPending")]
    TransactionCancelPending(Message<CancellationData>),
    #[serde(rename = "Transaction.DisputeCreated")]
    TransactionDisputeCreated(Message<TransactionData>),
    #[serde(rename = "Transaction.DisputeResolved")]
    TransactionDisputeResolved(Message<TransactionData>),
    #[serde(rename = "BillingKey.Ready")]
    BillingKeyReady(Message<BillingKeyData>),
    #[serde(rename = "BillingKey.Issued")]
    BillingKeyIssued(Message<BillingKeyData>),
    #[serde(rename = "BillingKey.Failed")]
    BillingKeyFailed(Message<BillingKeyData>),
    #[serde(rename = "BillingKey.Deleted")]
    BillingKeyDeleted(Message<BillingKeyData>),
    #[serde(rename = "BillingKey.Updated")]
    BillingKeyUpdated(Message<BillingKeyData>),
}

/// A question to the merchant that a payment waits for, not an event: it is never sent again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type")]
pub enum Question {
    #[serde(rename = "Transaction.Confirm")]
    Confirm(Message<ConfirmData>),
}

/// What happened to what, and when it happened; the instant does not move when it is sent again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Message<Data> {
    pub timestamp: Timestamp,
    pub data: Data,
}

/// The attempt it happened to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TransactionData {
    pub store_id: String,
    pub payment_id: String,
    pub transaction_id: String,
}

/// The cancellation it happened to, and whose it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CancellationData {
    pub store_id: String,
    pub payment_id: String,
    pub transaction_id: String,
    pub cancellation_id: String,
}

/// The billing key it happened to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BillingKeyData {
    pub store_id: String,
    pub billing_key: String,
}

/// The attempt to agree to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConfirmData {
    pub store_id: String,
    pub payment_id: String,
    pub transaction_id: String,
    /// Minor units of the currency.
    pub total_amount: i64,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn timestamp() -> Timestamp {
        "2024-04-25T10:00:00.123Z".parse().unwrap()
    }

    #[test]
    fn a_cancellation_is_named_beside_its_payment() {
        let webhook = Webhook::TransactionPartialCancelled(Message {
            timestamp: timestamp(),
            data: CancellationData {
                store_id: "store-1".into(),
                payment_id: "주문-1".into(),
                transaction_id: "tx-1".into(),
                cancellation_id: "cancellation-1".into(),
            },
        });
        let body = serde_json::to_string(&webhook).unwrap();
        assert_eq!(
            body,
            concat!(
                r#"{"type":"Transaction.PartialCancelled","timestamp":"2024-04-25T10:00:00.123Z","#,
                r#""data":{"storeId":"store-1","paymentId":"주문-1","transactionId":"tx-1","#,
                r#""cancellationId":"cancellation-1"}}"#
            )
        );
        assert_eq!(serde_json::from_str::<Webhook>(&body).unwrap(), webhook);
    }

    #[test]
    fn a_billing_key_event_names_the_key() {
        let webhook = Webhook::BillingKeyIssued(Message {
            timestamp: timestamp(),
            data: BillingKeyData { store_id: "store-1".into(), billing_key: "billing-key-1".into() },
        });
        let body = serde_json::to_value(&webhook).unwrap();
        assert_eq!(
            body,
            json!({
                "type": "BillingKey.Issued",
                "timestamp": "2024-04-25T10:00:00.123Z",
                "data": {"storeId": "store-1", "billingKey": "billing-key-1"},
            })
        );
        assert_eq!(serde_json::from_value::<Webhook>(body).unwrap(), webhook);
    }

    #[test]
    fn a_question_tells_the_amount_to_agree_to() {
        let question = Question::Confirm(Message {
            timestamp: timestamp(),
            data: ConfirmData {
                store_id: "store-1".into(),
                payment_id: "payment-1".into(),
                transaction_id: "tx-1".into(),
                total_amount: 1_000,
            },
        });
        let body = serde_json::to_value(&question).unwrap();
        assert_eq!(body["type"], "Transaction.Confirm");
        assert_eq!(body["data"]["totalAmount"], 1_000);
        assert_eq!(serde_json::from_value::<Question>(body).unwrap(), question);
    }
}
