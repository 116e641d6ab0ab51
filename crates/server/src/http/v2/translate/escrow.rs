//! Deliveries of payments in escrow: what is asked, and how they are shown.

use super::{customer, invalid, product};
use crate::app::escrow::EscrowAsk;
use crate::app::failure::Failure;
use paypier_domain::id::PaymentId;
use paypier_domain::payment::Attempt;
use paypier_domain::payment::escrow::{Delivery, DeliveryState, Logistics, Particulars, Party, Step};
use paypier_wire::v2;

/// # Errors
/// An empty or endless invoice number, products that make no sense.
pub fn reported(payment_id: PaymentId, body: v2::RegisterEscrowLogisticsBody) -> Result<EscrowAsk, Failure> {
    Ok(EscrowAsk {
        store: body.store_id,
        payment_id,
        step: Step::Register(logistics(body.logistics)?),
        particulars: particulars(body.sender, body.receiver, body.products, body.send_email)?,
    })
}

/// # Errors
/// As [`reported`].
pub fn corrected(payment_id: PaymentId, body: v2::ModifyEscrowLogisticsBody) -> Result<EscrowAsk, Failure> {
    Ok(EscrowAsk {
        store: body.store_id,
        payment_id,
        step: Step::Modify(logistics(body.logistics)?),
        particulars: particulars(body.sender, body.receiver, body.products, body.send_email)?,
    })
}

/// Where nothing is said about it, the merchant says so.
pub fn completed(payment_id: PaymentId, body: v2::ConfirmEscrowBody) -> EscrowAsk {
    EscrowAsk {
        store: body.store_id,
        payment_id,
        step: Step::Complete { from_store: body.from_store.unwrap_or(true) },
        particulars: Particulars::default(),
    }
}

const LONGEST_INVOICE_NUMBER: usize = 100;

fn logistics(asked: v2::PaymentLogistics) -> Result<Logistics, Failure> {
    let invoice_number = asked.invoice_number.trim();
    if invoice_number.is_empty()
        || invoice_number.chars().count() > LONGEST_INVOICE_NUMBER
        || invoice_number.chars().any(char::is_control)
    {
        return Err(invalid("logistics.invoiceNumber", "must have 1 to 100 printable characters"));
    }
    Ok(Logistics {
        company: asked.company.as_str().to_owned(),
        invoice_number: invoice_number.to_owned(),
        sent_at: asked.sent_at.get(),
        received_at: asked.received_at.map(|at| at.get()),
        address: asked.address.map(customer::address_asked),
    })
}

fn particulars(
    sender: Option<v2::PaymentEscrowSenderInput>,
    receiver: Option<v2::PaymentEscrowReceiverInput>,
    products: Option<Vec<v2::PaymentProduct>>,
    send_email: Option<bool>,
) -> Result<Particulars, Failure> {
    let sender = sender.unwrap_or_default();
    let receiver = receiver.unwrap_or_default();
    Ok(Particulars {
        sender: Party {
            name: sender.name,
            phone_number: sender.phone_number,
            zipcode: sender.zipcode,
            address: sender.address.map(customer::address_asked),
            relationship: sender.relationship,
        },
        receiver: Party {
            name: receiver.name,
            phone_number: receiver.phone_number,
            zipcode: receiver.zipcode,
            address: receiver.address.map(customer::address_asked),
            relationship: None,
        },
        products: product::asked(products)?,
        send_email: send_email.unwrap_or(true),
    })
}

/// A paid order in escrow; before anything was reported it stands at its first step.
pub fn shown(attempt: &Attempt) -> Option<v2::PaymentEscrow> {
    if !attempt.order.is_escrow || !attempt.is_paid() {
        return None;
    }
    let delivery = attempt.escrow.as_ref().and_then(|escrow| escrow.delivery.as_ref());
    Some(match delivery {
        Some(delivery) => standing(delivery),
        None => v2::BeforeRegisteredPaymentEscrow {}.into(),
    })
}

fn standing(delivery: &Delivery) -> v2::PaymentEscrow {
    let company = delivery.logistics.company.clone();
    let invoice_number = delivery.logistics.invoice_number.clone();
    let sent_at = Some(delivery.logistics.sent_at.into());
    let applied_at = Some(delivery.applied_at.into());
    match delivery.state {
        DeliveryState::Registered => {
            v2::RegisteredPaymentEscrow { company, invoice_number, sent_at, applied_at }.into()
        }
        DeliveryState::Delivered => {
            v2::DeliveredPaymentEscrow { company, invoice_number, sent_at, applied_at }.into()
        }
        DeliveryState::Confirmed { is_automatic } => v2::ConfirmedPaymentEscrow {
            company,
            invoice_number,
            sent_at,
            applied_at,
            is_automatically_confirmed: is_automatic,
        }
        .into(),
        DeliveryState::Rejected => {
            v2::RejectedPaymentEscrow { company, invoice_number, sent_at, applied_at }.into()
        }
        DeliveryState::RejectConfirmed => {
            v2::RejectConfirmedPaymentEscrow { company, invoice_number, sent_at, applied_at }.into()
        }
        DeliveryState::Cancelled => {
            v2::CancelledPaymentEscrow { company, invoice_number, sent_at, applied_at }.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::v2::{body, samples};
    use serde_json::{Value, json};

    fn read(change: Value) -> Result<EscrowAsk, Failure> {
        let mut report = json!({"logistics": {
            "company": "CJ", "invoiceNumber": " 6012-3456 ", "sentAt": "2026-04-25T10:00:00+09:00",
        }});
        for (name, member) in change.as_object().unwrap() {
            report[name] = member.clone();
        }
        reported(PaymentId::known("order-1"), body::read(report.to_string().as_bytes())?)
    }

    #[test]
    fn reports_are_read_and_refused_by_name() {
        let asked = read(json!({"sender": {"name": "Shop"}, "sendEmail": false})).unwrap();
        let Step::Register(logistics) = &asked.step else { panic!("{:?}", asked.step) };
        assert_eq!((logistics.company.as_str(), logistics.invoice_number.as_str()), ("CJ", "6012-3456"));
        assert_eq!(asked.particulars.sender.name.as_deref(), Some("Shop"));
        assert!(!asked.particulars.send_email && read(json!({})).unwrap().particulars.send_email);
        let parcel = |change: Value| {
            let mut parcel = json!({"company": "CJ", "invoiceNumber": "1", "sentAt": "2026-04-25T10:00:00Z"});
            for (name, member) in change.as_object().unwrap() {
                parcel[name] = member.clone();
            }
            json!({ "logistics": parcel })
        };
        for (change, refusal) in [
            (json!({"logistics": null}), "logistics must be an object"),
            (
                parcel(json!({"company": "OWL"})),
                "logistics.company must be one of the words of PaymentLogisticsCompany",
            ),
            (
                parcel(json!({"invoiceNumber": " "})),
                "logistics.invoiceNumber must have 1 to 100 printable characters",
            ),
            (
                parcel(json!({"invoiceNumber": "a\nb"})),
                "logistics.invoiceNumber must have 1 to 100 printable characters",
            ),
            (
                parcel(json!({"invoiceNumber": "1".repeat(101)})),
                "logistics.invoiceNumber must have 1 to 100 printable characters",
            ),
            (
                parcel(json!({"sentAt": "yesterday"})),
                "logistics.sentAt must be an RFC 3339 date and time with an offset",
            ),
            (
                json!({"products": [{"id": "p", "name": "n", "amount": -1, "quantity": 1}]}),
                "products[0] must have an amount and a quantity that are not negative",
            ),
        ] {
            assert_eq!(read(change.clone()).unwrap_err().to_string(), refusal, "{change}");
        }
    }

    #[test]
    fn a_completion_is_the_merchants_unless_it_says_otherwise() {
        for (from_store, expected) in [(None, true), (Some(true), true), (Some(false), false)] {
            let asked =
                completed(PaymentId::known("o"), v2::ConfirmEscrowBody { store_id: None, from_store });
            assert_eq!(asked.step, Step::Complete { from_store: expected });
        }
    }

    #[test]
    fn every_state_has_its_variant() {
        let all: Vec<_> = samples::deliveries().iter().map(standing).collect();
        insta::assert_json_snapshot!(all);
    }
}
