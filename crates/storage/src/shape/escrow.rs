//! Deliveries of payments in escrow: a part of an attempt.

use super::attempt::ClaimRef;
use super::customer::Address;
use super::{Read, Senseless, Text, flag, instant, is, maybe_instant, shape, text};
use crate::row::micros;
use paypier_domain::payment::escrow as domain;

shape! { Escrow { ; delivery: Delivery<'a>, asking: Asking<'a> } }

// `state` is what lists are filtered by.
shape! { Delivery { logistics: Logistics<'a>, applied_at: i64, state: Text<'a>;
modified_at: i64, is_automatic: bool } }

shape! { Logistics { company: Text<'a>, invoice_number: Text<'a>, sent_at: i64;
received_at: i64, address: Address<'a> } }

// `step` is REGISTER, MODIFY or COMPLETE; the first two have logistics.
shape! { Asking { step: Text<'a>, since: i64;
logistics: Logistics<'a>, from_store: bool, claim: ClaimRef<'a> } }

impl<'a> Escrow<'a> {
    pub(crate) fn of(escrow: &'a domain::Escrow) -> Self {
        Self {
            delivery: escrow.delivery.as_ref().map(Delivery::of),
            asking: escrow.asking.as_ref().map(Asking::of),
        }
    }

    pub(crate) fn read(self) -> Read<domain::Escrow> {
        Ok(domain::Escrow {
            delivery: self.delivery.map(Delivery::read).transpose()?,
            asking: self.asking.map(Asking::read).transpose()?,
        })
    }
}

impl<'a> Delivery<'a> {
    fn of(delivery: &'a domain::Delivery) -> Self {
        let is_automatic = matches!(delivery.state, domain::DeliveryState::Confirmed { is_automatic: true });
        Self {
            logistics: Logistics::of(&delivery.logistics),
            applied_at: micros(delivery.applied_at),
            state: text(delivery.state.as_str()),
            modified_at: delivery.modified_at.map(micros),
            is_automatic: flag(is_automatic),
        }
    }

    fn read(self) -> Read<domain::Delivery> {
        Ok(domain::Delivery {
            logistics: self.logistics.read()?,
            applied_at: instant(self.applied_at, "escrow.applied_at")?,
            modified_at: maybe_instant(self.modified_at, "escrow.modified_at")?,
            state: domain::DeliveryState::parse(&self.state, is(self.is_automatic))
                .ok_or(Senseless("escrow.state"))?,
        })
    }
}

impl<'a> Logistics<'a> {
    fn of(logistics: &'a domain::Logistics) -> Self {
        Self {
            company: text(&logistics.company),
            invoice_number: text(&logistics.invoice_number),
            sent_at: micros(logistics.sent_at),
            received_at: logistics.received_at.map(micros),
            address: logistics.address.as_ref().map(Address::of),
        }
    }

    fn read(self) -> Read<domain::Logistics> {
        Ok(domain::Logistics {
            company: self.company.into_owned(),
            invoice_number: self.invoice_number.into_owned(),
            sent_at: instant(self.sent_at, "escrow.sent_at")?,
            received_at: maybe_instant(self.received_at, "escrow.received_at")?,
            address: self.address.map(Address::read),
        })
    }
}

impl<'a> Asking<'a> {
    fn of(asking: &'a domain::Asking) -> Self {
        let (step, logistics, from_store) = match &asking.step {
            domain::Step::Register(logistics) => ("REGISTER", Some(Logistics::of(logistics)), None),
            domain::Step::Modify(logistics) => ("MODIFY", Some(Logistics::of(logistics)), None),
            domain::Step::Complete { from_store } => ("COMPLETE", None, flag(*from_store)),
        };
        Self {
            step: text(step),
            since: micros(asking.since),
            logistics,
            from_store,
            claim: asking.claim.as_ref().map(ClaimRef::of),
        }
    }

    fn read(self) -> Read<domain::Asking> {
        let step = match (self.step.as_ref(), self.logistics) {
            ("REGISTER", Some(logistics)) => domain::Step::Register(logistics.read()?),
            ("MODIFY", Some(logistics)) => domain::Step::Modify(logistics.read()?),
            ("COMPLETE", None) => domain::Step::Complete { from_store: is(self.from_store) },
            _ => return Err(Senseless("escrow.asking.step")),
        };
        Ok(domain::Asking {
            step,
            since: instant(self.since, "escrow.asking.since")?,
            claim: self.claim.map(ClaimRef::read),
        })
    }
}
