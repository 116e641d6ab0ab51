//! Payloads of version 2024-01-01: three members, as JSON or as a form. Billing keys and disputes do not exist
//! in it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::webhook::form;
use crate::words::words;

/// Something that happened to a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Webhook {
    pub payment_id: String,
    pub tx_id: String,
    pub status: Status,
}

words! {
    /// What happened; for a pending cancellation not the status the payment has.
    pub enum Status {
        Ready = "Ready",
        Paid = "Paid",
        VirtualAccountIssued = "VirtualAccountIssued",
        PartialCancelled = "PartialCancelled",
        Cancelled = "Cancelled",
        Failed = "Failed",
        PayPending = "PayPending",
        CancelPending = "CancelPending",
    }
}

/// A question to the merchant that a payment waits for, not an event: it is never sent again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Confirm {
    pub payment_id: String,
    pub tx_id: String,
    /// Minor units of the currency.
    pub total_amount: i64,
}

impl Webhook {
    /// The body as `application/x-www-form-urlencoded`.
    #[must_use]
    pub fn to_form(&self) -> String {
        form::encode(&[
            ("payment_id", &self.payment_id),
            ("tx_id", &self.tx_id),
            ("status", self.status.as_str()),
        ])
    }

    /// Reads a form; none when a member is missing or the status is none of the list.
    #[must_use]
    pub fn from_form(body: &str) -> Option<Self> {
        Some(Self {
            payment_id: form::find(body, "payment_id")?,
            tx_id: form::find(body, "tx_id")?,
            status: Status::parse(&form::find(body, "status")?)?,
        })
    }
}

impl Confirm {
    /// The body as `application/x-www-form-urlencoded`.
    #[must_use]
    pub fn to_form(&self) -> String {
        form::encode(&[
            ("payment_id", &self.payment_id),
            ("tx_id", &self.tx_id),
            ("total_amount", &self.total_amount.to_string()),
        ])
    }

    /// Reads a form; none when a member is missing or the amount is not an integer.
    #[must_use]
    pub fn from_form(body: &str) -> Option<Self> {
        Some(Self {
            payment_id: form::find(body, "payment_id")?,
            tx_id: form::find(body, "tx_id")?,
            total_amount: form::find(body, "total_amount")?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn json_and_form_have_the_same_members() {
        let webhook = Webhook {
            payment_id: "주문 1&2=3".into(),
            tx_id: "tx-1".into(),
            status: Status::VirtualAccountIssued,
        };
        assert_eq!(
            serde_json::to_value(&webhook).unwrap(),
            json!({"payment_id": "주문 1&2=3", "tx_id": "tx-1", "status": "VirtualAccountIssued"})
        );
        assert_eq!(
            webhook.to_form(),
            "payment_id=%EC%A3%BC%EB%AC%B8+1%262%3D3&tx_id=tx-1&status=VirtualAccountIssued"
        );
    }

    #[test]
    fn a_form_without_a_member_is_no_webhook() {
        assert_eq!(Webhook::from_form("payment_id=1&tx_id=2"), None);
        assert_eq!(Webhook::from_form("payment_id=1&tx_id=2&status=PAID"), None);
        assert_eq!(Confirm::from_form("payment_id=1&tx_id=2&total_amount=1000.0"), None);
    }

    proptest! {
        #[test]
        fn a_form_is_read_as_it_was_written(payment_id: String, tx_id: String, total_amount: i64) {
            let webhook =
                Webhook { payment_id: payment_id.clone(), tx_id: tx_id.clone(), status: Status::Paid };
            prop_assert_eq!(Webhook::from_form(&webhook.to_form()), Some(webhook));
            let confirm = Confirm { payment_id, tx_id, total_amount };
            prop_assert_eq!(Confirm::from_form(&confirm.to_form()), Some(confirm));
        }

        #[test]
        fn no_text_makes_reading_panic(body: String) {
            let _ = Webhook::from_form(&body);
            let _ = Confirm::from_form(&body);
        }
    }
}
