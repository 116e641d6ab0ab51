//! The body of a webhook: an event in the words of one payload version.
//!
//! The same event always gives the same bytes: nothing but the event goes in, and members have a
//! fixed order. Ids only; state and amounts are read from the API by whoever receives it.

use paypier_domain::account::{PayloadContentType, PayloadVersion};
use paypier_domain::event::{Event, PaymentEvent, PaymentEventKind, Subject};
use paypier_wire::webhook::v2024_01_01::{self, Status};
use paypier_wire::webhook::v2024_04_25::{BillingKeyData, CancellationData, Message, TransactionData};
use serde::Serialize;

/// A body and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    pub content_type: &'static str,
    pub body: String,
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// What a version's content type is called on the wire. 2024-04-25 knows JSON alone.
pub const fn content_type(version: PayloadVersion, content_type: PayloadContentType) -> &'static str {
    match (version, content_type) {
        (PayloadVersion::V20240101, PayloadContentType::Form) => FORM,
        (PayloadVersion::V20240101, PayloadContentType::Json) | (PayloadVersion::V20240425, _) => JSON,
    }
}

/// Whether a version has words for an event. Billing keys and disputes do not exist in 2024-01-01.
pub const fn has_words(version: PayloadVersion, subject: &Subject) -> bool {
    match (version, subject) {
        (PayloadVersion::V20240425, _) => true,
        (PayloadVersion::V20240101, Subject::Payment(event)) => original_status(event.kind).is_some(),
        (PayloadVersion::V20240101, Subject::BillingKey { .. }) => false,
    }
}

/// The body of an event, or `None` when the version has no words for it.
pub fn render(event: &Event, version: PayloadVersion, kind: PayloadContentType) -> Option<Rendered> {
    let content_type = content_type(version, kind);
    let body = match version {
        PayloadVersion::V20240425 => current(event),
        PayloadVersion::V20240101 => original(event, kind)?,
    };
    Some(Rendered { content_type, body })
}

/// A message of version 2024-04-25 with its type in front.
#[derive(Serialize)]
struct Typed<Data> {
    #[serde(rename = "type")]
    name: String,
    #[serde(flatten)]
    message: Message<Data>,
}

/// Data of a payment's event with its number among them, which is ours: what is received out of
/// order can be told from what was lost.
#[derive(Serialize)]
struct Numbered<Data> {
    #[serde(flatten)]
    data: Data,
    sequence: u64,
}

fn current(event: &Event) -> String {
    let store_id = event.store.to_string();
    match &event.subject {
        Subject::Payment(PaymentEvent { payment, transaction, cancellation, kind, sequence, .. }) => {
            let payment_id = payment.payment.to_string();
            let transaction_id = transaction.to_string();
            let name = format!("Transaction.{}", kind.as_str());
            match cancellation {
                Some(cancellation) => typed(
                    event,
                    name,
                    Numbered {
                        data: CancellationData {
                            store_id,
                            payment_id,
                            transaction_id,
                            cancellation_id: cancellation.to_string(),
                        },
                        sequence: *sequence,
                    },
                ),
                None => typed(
                    event,
                    name,
                    Numbered {
                        data: TransactionData { store_id, payment_id, transaction_id },
                        sequence: *sequence,
                    },
                ),
            }
        }
        Subject::BillingKey { key, kind } => {
            let name = format!("BillingKey.{}", kind.as_str());
            typed(event, name, BillingKeyData { store_id, billing_key: key.to_string() })
        }
    }
}

fn typed<Data: Serialize>(event: &Event, name: String, data: Data) -> String {
    let message = Typed { name, message: Message { timestamp: event.at.into(), data } };
    serde_json::to_string(&message).expect("strings and numbers under fixed names are JSON")
}

fn original(event: &Event, kind: PayloadContentType) -> Option<String> {
    let Subject::Payment(payment_event) = &event.subject else { return None };
    let webhook = v2024_01_01::Webhook {
        payment_id: payment_event.payment.payment.to_string(),
        tx_id: payment_event.transaction.to_string(),
        status: original_status(payment_event.kind)?,
    };
    Some(match kind {
        PayloadContentType::Json => {
            serde_json::to_string(&webhook).expect("strings under fixed names are JSON")
        }
        PayloadContentType::Form => webhook.to_form(),
    })
}

const fn original_status(kind: PaymentEventKind) -> Option<Status> {
    match kind {
        PaymentEventKind::Ready => Some(Status::Ready),
        PaymentEventKind::Paid => Some(Status::Paid),
        PaymentEventKind::VirtualAccountIssued => Some(Status::VirtualAccountIssued),
        PaymentEventKind::PartialCancelled => Some(Status::PartialCancelled),
        PaymentEventKind::Cancelled => Some(Status::Cancelled),
        PaymentEventKind::Failed => Some(Status::Failed),
        PaymentEventKind::PayPending => Some(Status::PayPending),
        PaymentEventKind::CancelPending => Some(Status::CancelPending),
        PaymentEventKind::DisputeCreated | PaymentEventKind::DisputeResolved => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use paypier_domain::channel::Environment;
    use paypier_domain::event::BillingKeyEventKind;
    use paypier_domain::id::{
        BillingKeyId, CancellationId, EventId, MerchantId, PaymentId, PaymentKey, StoreId, TransactionId,
    };
    use paypier_domain::payment::{AmountsNow, Status as PaymentStatus};
    use paypier_wire::webhook::v2024_04_25::Webhook;

    fn event(subject: Subject) -> Event {
        Event {
            id: EventId::known("event-1"),
            merchant: MerchantId::known("merchant-1"),
            store: StoreId::known("store-1"),
            environment: Environment::Test,
            at: "2024-04-25T10:00:00.123456789Z".parse().unwrap(),
            trigger: None,
            subject,
        }
    }

    fn payment(kind: PaymentEventKind) -> Event {
        let is_cancellation = matches!(
            kind,
            PaymentEventKind::PartialCancelled
                | PaymentEventKind::Cancelled
                | PaymentEventKind::CancelPending
        );
        event(Subject::Payment(PaymentEvent {
            payment: PaymentKey { store: StoreId::known("store-1"), payment: PaymentId::known("주문 1&2") },
            transaction: TransactionId::known("tx-1"),
            cancellation: is_cancellation.then(|| CancellationId::known("cancellation-1")),
            kind,
            sequence: 3,
            status: PaymentStatus::Paid,
            amounts: AmountsNow::default(),
            moved: 0,
        }))
    }

    fn billing_key(kind: BillingKeyEventKind) -> Event {
        event(Subject::BillingKey { key: BillingKeyId::known("billing-key-1"), kind })
    }

    fn body(event: &Event, version: PayloadVersion, kind: PayloadContentType) -> String {
        render(event, version, kind).unwrap().body
    }

    #[test]
    fn the_current_version_names_what_happened_to_what_and_numbers_it() {
        let (version, json) = (PayloadVersion::V20240425, PayloadContentType::Json);
        assert_eq!(
            body(&payment(PaymentEventKind::Paid), version, json),
            concat!(
                r#"{"type":"Transaction.Paid","timestamp":"2024-04-25T10:00:00.123456Z","data":"#,
                r#"{"storeId":"store-1","paymentId":"주문 1&2","transactionId":"tx-1","sequence":3}}"#
            )
        );
        assert_eq!(
            body(&payment(PaymentEventKind::PartialCancelled), version, json),
            concat!(
                r#"{"type":"Transaction.PartialCancelled","timestamp":"2024-04-25T10:00:00.123456Z","data":"#,
                r#"{"storeId":"store-1","paymentId":"주문 1&2","transactionId":"tx-1","#,
                r#""cancellationId":"cancellation-1","sequence":3}}"#
            )
        );
        assert_eq!(
            body(&billing_key(BillingKeyEventKind::Issued), version, json),
            concat!(
                r#"{"type":"BillingKey.Issued","timestamp":"2024-04-25T10:00:00.123456Z","data":"#,
                r#"{"storeId":"store-1","billingKey":"billing-key-1"}}"#
            )
        );
    }

    #[test]
    fn the_original_version_has_three_members_as_json_or_form() {
        let paid = payment(PaymentEventKind::Paid);
        assert_eq!(
            render(&paid, PayloadVersion::V20240101, PayloadContentType::Json).unwrap(),
            Rendered {
                content_type: "application/json",
                body: r#"{"payment_id":"주문 1&2","tx_id":"tx-1","status":"Paid"}"#.into(),
            }
        );
        assert_eq!(
            render(&paid, PayloadVersion::V20240101, PayloadContentType::Form).unwrap(),
            Rendered {
                content_type: "application/x-www-form-urlencoded",
                body: "payment_id=%EC%A3%BC%EB%AC%B8+1%262&tx_id=tx-1&status=Paid".into(),
            }
        );
        assert_eq!(
            render(&paid, PayloadVersion::V20240425, PayloadContentType::Form).unwrap().content_type,
            "application/json"
        );
    }

    #[test]
    fn every_event_is_one_the_contract_knows_and_the_original_version_knows_eight_of_them() {
        let events = PaymentEventKind::ALL
            .into_iter()
            .map(payment)
            .chain(BillingKeyEventKind::ALL.into_iter().map(billing_key));
        let mut original = 0;
        for event in events {
            let body = body(&event, PayloadVersion::V20240425, PayloadContentType::Json);
            let read: Webhook = serde_json::from_str(&body).unwrap();
            let name = serde_json::to_value(&read).unwrap()["type"].clone();
            assert_eq!(serde_json::from_str::<serde_json::Value>(&body).unwrap()["type"], name);
            let words = render(&event, PayloadVersion::V20240101, PayloadContentType::Json);
            assert_eq!(words.is_some(), has_words(PayloadVersion::V20240101, &event.subject), "{body}");
            if let Some(words) = words {
                serde_json::from_str::<v2024_01_01::Webhook>(&words.body).unwrap();
                original += 1;
            }
        }
        assert_eq!(original, 8);
    }
}
