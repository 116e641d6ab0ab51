//! Deliveries of orders in escrow: what the merchant reports, and what the carrier and the buyer do.

use super::code::Code;
use super::order::Order;
use super::{Asking, Done, Psp, Trouble};
use jiff::Timestamp;
use paypier_domain::id::StoreId;
use serde::{Deserialize, Serialize};

/// `POST` and `PUT /v1/charges/{reference}/delivery`. Whoever sends and receives is looked at and not
/// kept, like everything else that is not here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeliveryBody {
    company: String,
    invoice_number: String,
    sent_at: Timestamp,
}

/// As it is stored with its order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Delivery {
    company: String,
    invoice_number: String,
    sent_at: Timestamp,
    registered_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    modified_at: Option<Timestamp>,
    status: DeliveryStatus,
    /// When the buyer, or the time to object, has decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<Timestamp>,
    #[serde(default)]
    is_automatic: bool,
}

/// Where a delivery is, and where a control can move it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeliveryStatus {
    Registered,
    Delivered,
    Confirmed,
    Rejected,
    RejectConfirmed,
    Cancelled,
}

impl DeliveryStatus {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "REGISTERED",
            Self::Delivered => "DELIVERED",
            Self::Confirmed => "CONFIRMED",
            Self::Rejected => "REJECTED",
            Self::RejectConfirmed => "REJECT_CONFIRMED",
            Self::Cancelled => "CANCELLED",
        }
    }

    const fn is_open(self) -> bool {
        matches!(self, Self::Registered | Self::Delivered)
    }

    /// Whether carrier and buyer can move it from here to there.
    const fn leads_to(self, next: Self) -> bool {
        match self {
            Self::Registered => matches!(next, Self::Delivered | Self::Confirmed | Self::Rejected),
            Self::Delivered => matches!(next, Self::Confirmed | Self::Rejected),
            Self::Rejected => matches!(next, Self::RejectConfirmed),
            Self::Confirmed | Self::RejectConfirmed | Self::Cancelled => false,
        }
    }
}

/// Why a delivery was not moved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryRefusal {
    #[error("the PSP has no order with this reference")]
    NotFound,
    #[error("no delivery of this order was reported")]
    NotRegistered,
    #[error("the delivery is {0} and cannot become {1}")]
    Impossible(&'static str, &'static str),
    #[error(transparent)]
    Books(#[from] super::books::BooksError),
}

impl Delivery {
    fn is_reported_by(&self, body: &DeliveryBody) -> bool {
        self.company == body.company
            && self.invoice_number == body.invoice_number
            && self.sent_at == body.sent_at
    }

    /// The whole order was given back.
    pub(super) fn cancel(&mut self, now: Timestamp) {
        if self.status != DeliveryStatus::Cancelled {
            self.status = DeliveryStatus::Cancelled;
            self.ended_at = Some(now);
        }
    }
}

/// An invoice number of nothing but zeros is nobody's.
fn is_invoice(body: &DeliveryBody) -> bool {
    !body.company.trim().is_empty()
        && body.invoice_number.chars().any(|digit| digit != '0')
        && body.invoice_number.chars().count() <= 100
}

impl Order {
    fn deliverable(&self) -> Result<(), Code> {
        if !self.is_escrow {
            return Err(Code::NotInEscrow);
        }
        if self.approved_at().is_none() {
            return Err(Code::NotApproved);
        }
        Ok(())
    }

    /// Repeated: the first answer.
    fn report(&mut self, body: &DeliveryBody, now: Timestamp) -> Result<(), Code> {
        self.deliverable()?;
        match &self.delivery {
            Some(known) if known.is_reported_by(body) => Ok(()),
            Some(_) => Err(Code::DeliveryRegistered),
            None if !is_invoice(body) => Err(Code::InvoiceUnknown),
            None => {
                self.delivery = Some(Delivery {
                    company: body.company.clone(),
                    invoice_number: body.invoice_number.clone(),
                    sent_at: body.sent_at,
                    registered_at: now,
                    modified_at: None,
                    status: DeliveryStatus::Registered,
                    ended_at: None,
                    is_automatic: false,
                });
                Ok(())
            }
        }
    }

    /// Repeated: the first answer.
    fn correct(&mut self, body: &DeliveryBody, now: Timestamp) -> Result<(), Code> {
        self.deliverable()?;
        let delivery = self.delivery.as_mut().ok_or(Code::DeliveryNotRegistered)?;
        if delivery.modified_at.is_some() && delivery.is_reported_by(body) {
            return Ok(());
        }
        if !delivery.status.is_open() {
            return Err(Code::DeliveryOver);
        }
        if !is_invoice(body) {
            return Err(Code::InvoiceUnknown);
        }
        delivery.company.clone_from(&body.company);
        delivery.invoice_number.clone_from(&body.invoice_number);
        delivery.sent_at = body.sent_at;
        delivery.modified_at = Some(now);
        Ok(())
    }

    /// Repeated: the first answer.
    fn complete(&mut self, now: Timestamp) -> Result<(), Code> {
        self.deliverable()?;
        let delivery = self.delivery.as_mut().ok_or(Code::DeliveryNotRegistered)?;
        match delivery.status {
            DeliveryStatus::Registered | DeliveryStatus::Delivered => {
                delivery.status = DeliveryStatus::Confirmed;
                delivery.ended_at = Some(now);
                Ok(())
            }
            DeliveryStatus::Confirmed => Ok(()),
            DeliveryStatus::Rejected | DeliveryStatus::RejectConfirmed | DeliveryStatus::Cancelled => {
                Err(Code::DeliveryOver)
            }
        }
    }

    fn moves(
        &mut self,
        to: DeliveryStatus,
        is_automatic: bool,
        now: Timestamp,
    ) -> Result<(), DeliveryRefusal> {
        let delivery = self.delivery.as_mut().ok_or(DeliveryRefusal::NotRegistered)?;
        if delivery.status == to {
            return Ok(());
        }
        if !delivery.status.leads_to(to) {
            return Err(DeliveryRefusal::Impossible(delivery.status.as_str(), to.as_str()));
        }
        delivery.status = to;
        delivery.ended_at = (to != DeliveryStatus::Delivered).then_some(now);
        delivery.is_automatic = is_automatic && to == DeliveryStatus::Confirmed;
        Ok(())
    }
}

impl Psp {
    pub(super) async fn report_delivery(
        &self,
        asking: &Asking<'_>,
        reference: &str,
        body: DeliveryBody,
    ) -> Result<Done, Trouble> {
        self.change_delivery(asking, reference, |order| order.report(&body, asking.now)).await
    }

    pub(super) async fn correct_delivery(
        &self,
        asking: &Asking<'_>,
        reference: &str,
        body: DeliveryBody,
    ) -> Result<Done, Trouble> {
        self.change_delivery(asking, reference, |order| order.correct(&body, asking.now)).await
    }

    pub(super) async fn complete_delivery(
        &self,
        asking: &Asking<'_>,
        reference: &str,
    ) -> Result<Done, Trouble> {
        self.change_delivery(asking, reference, |order| order.complete(asking.now)).await
    }

    async fn change_delivery(
        &self,
        asking: &Asking<'_>,
        reference: &str,
        decide: impl Fn(&mut Order) -> Result<(), Code> + Send + Sync,
    ) -> Result<Done, Trouble> {
        let changed = self
            .change(asking.store, reference, Some(asking.merchant), asking.now, |order| {
                decide(order)?;
                Ok(((), Vec::new()))
            })
            .await?;
        Ok(self.shown(asking, &changed.order, reference))
    }

    /// Plays the carrier and the buyer: moves the order's delivery on, and tells the merchant.
    ///
    /// # Errors
    /// See [`DeliveryRefusal`].
    pub async fn move_delivery(
        &self,
        store: &StoreId,
        reference: &str,
        to: DeliveryStatus,
        is_automatic: bool,
        now: Timestamp,
    ) -> Result<(), DeliveryRefusal> {
        let result = self
            .change(store, reference, None, now, |order| {
                let moved = order.moves(to, is_automatic, now);
                let dues = if moved.is_ok() { vec![now] } else { Vec::new() };
                Ok((moved, dues))
            })
            .await;
        match result {
            Ok(changed) => changed.value,
            Err(Trouble::Refused(_)) => Err(DeliveryRefusal::NotFound),
            Err(Trouble::Books(error)) => Err(error.into()),
        }
    }
}
