//! Events: what is not in columns.

use super::{Read, Senseless, Text, amount, shape, text};
use paypier_domain::event as domain;
use paypier_domain::event::{BillingKeyEventKind, PaymentEventKind, Subject, Trigger};
use paypier_domain::id::{BillingKeyId, CancellationId, PaymentId, PaymentKey, StoreId, TransactionId};
use paypier_domain::payment::{AmountsNow, Status};
use serde::{Deserialize, Serialize};

shape! { Event { kind: Text<'a>; trigger: Text<'a>, payment: PaymentPart<'a> } }

shape! { PaymentPart { transaction: Text<'a>, status: Text<'a>, amounts: Amounts; cancellation: Text<'a> } }

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Amounts {
    total: i64,
    tax_free: i64,
    vat: i64,
    supply: i64,
    discount: i64,
    paid: i64,
    cancelled: i64,
    cancelled_tax_free: i64,
}

impl<'a> Event<'a> {
    pub(crate) fn of(event: &'a domain::Event) -> Self {
        let trigger = event.trigger.map(|trigger| text(trigger.as_str()));
        match &event.subject {
            Subject::BillingKey { kind, .. } => Self { kind: text(kind.as_str()), trigger, payment: None },
            Subject::Payment(event) => Self {
                kind: text(event.kind.as_str()),
                trigger,
                payment: Some(PaymentPart {
                    transaction: text(event.transaction.as_str()),
                    status: text(event.status.as_str()),
                    cancellation: event.cancellation.as_ref().map(|id| text(id.as_str())),
                    amounts: Amounts {
                        total: event.amounts.total.minor_units(),
                        tax_free: event.amounts.tax_free.minor_units(),
                        vat: event.amounts.vat.minor_units(),
                        supply: event.amounts.supply.minor_units(),
                        discount: event.amounts.discount.minor_units(),
                        paid: event.amounts.paid.minor_units(),
                        cancelled: event.amounts.cancelled.minor_units(),
                        cancelled_tax_free: event.amounts.cancelled_tax_free.minor_units(),
                    },
                }),
            },
        }
    }

    pub(crate) fn trigger(&self) -> Read<Option<Trigger>> {
        self.trigger.as_ref().map(|word| Trigger::parse(word).ok_or(Senseless("trigger"))).transpose()
    }

    pub(crate) fn read(
        self,
        store: StoreId,
        subject: String,
        sequence: Option<u64>,
        moved: i64,
    ) -> Read<Subject> {
        match (self.payment, sequence) {
            (Some(part), Some(sequence)) => Ok(Subject::Payment(domain::PaymentEvent {
                payment: PaymentKey { store, payment: PaymentId::known(subject) },
                transaction: TransactionId::known(part.transaction),
                cancellation: part.cancellation.map(CancellationId::known),
                kind: PaymentEventKind::parse(&self.kind).ok_or(Senseless("kind"))?,
                sequence,
                status: Status::parse(&part.status).ok_or(Senseless("payment.status"))?,
                amounts: AmountsNow {
                    total: amount(part.amounts.total, "payment.amounts.total")?,
                    tax_free: amount(part.amounts.tax_free, "payment.amounts.tax_free")?,
                    vat: amount(part.amounts.vat, "payment.amounts.vat")?,
                    supply: amount(part.amounts.supply, "payment.amounts.supply")?,
                    discount: amount(part.amounts.discount, "payment.amounts.discount")?,
                    paid: amount(part.amounts.paid, "payment.amounts.paid")?,
                    cancelled: amount(part.amounts.cancelled, "payment.amounts.cancelled")?,
                    cancelled_tax_free: amount(
                        part.amounts.cancelled_tax_free,
                        "payment.amounts.cancelled_tax_free",
                    )?,
                },
                moved,
            })),
            (None, None) => Ok(Subject::BillingKey {
                key: BillingKeyId::known(subject),
                kind: BillingKeyEventKind::parse(&self.kind).ok_or(Senseless("kind"))?,
            }),
            (Some(_), None) | (None, Some(_)) => Err(Senseless("payment")),
        }
    }
}
