//! Disputes and chargebacks: what the buyer's bank does, played by whoever asks.

use super::api::minor_units;
use super::books::BooksError;
use super::order::Order;
use super::{Psp, Trouble};
use jiff::Timestamp;
use paypier_domain::id::StoreId;
use paypier_domain::money::Amount;
use serde::{Deserialize, Serialize};

/// Of one order; nobody objects more often.
const MOST: usize = 50;

/// As it is stored with its order; its number is its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DisputeRow {
    reason: String,
    opened_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved_at: Option<Timestamp>,
}

/// Money that was taken back from the merchant. The fee is not given back with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChargebackRow {
    #[serde(with = "minor_units")]
    pub(super) amount: Amount,
    reason: String,
    pub(super) at: Timestamp,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DisputeView<'a> {
    id: String,
    #[serde(flatten)]
    row: &'a DisputeRow,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChargebackView<'a> {
    id: String,
    #[serde(flatten)]
    row: &'a ChargebackRow,
}

/// Why nothing was disputed, resolved or taken back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DisputeRefusal {
    #[error("the PSP has no order with this reference")]
    NotFound,
    #[error("the order is not paid, so there is nothing to dispute")]
    NotPaid,
    #[error("the order has {MOST} of them already")]
    TooMany,
    #[error("the order has no open dispute with this id")]
    NotOpen,
    #[error("the amount must be above 0 and at most {0}, which is what is left")]
    NothingLeft(Amount),
    #[error(transparent)]
    Books(#[from] BooksError),
}

fn dispute_id(place: usize, reference: &str) -> String {
    format!("sbxd_{}_{reference}", place.saturating_add(1))
}

/// The PSP's name of the money that it took back.
pub(super) fn chargeback_id(place: usize, reference: &str) -> String {
    format!("sbxb_{}_{reference}", place.saturating_add(1))
}

impl Order {
    pub(super) fn dispute_views(&self, reference: &str) -> Vec<DisputeView<'_>> {
        let view = |(place, row)| DisputeView { id: dispute_id(place, reference), row };
        self.disputes.iter().enumerate().map(view).collect()
    }

    pub(super) fn chargeback_views(&self, reference: &str) -> Vec<ChargebackView<'_>> {
        let view = |(place, row)| ChargebackView { id: chargeback_id(place, reference), row };
        self.chargebacks.iter().enumerate().map(view).collect()
    }

    pub(super) fn taken_back(&self) -> Amount {
        Amount::total(self.chargebacks.iter().map(|row| row.amount))
    }

    fn dispute(&mut self, reason: &str, now: Timestamp) -> Result<usize, DisputeRefusal> {
        if self.approved_at().is_none() {
            return Err(DisputeRefusal::NotPaid);
        }
        if self.disputes.len() >= MOST {
            return Err(DisputeRefusal::TooMany);
        }
        let row = DisputeRow { reason: reason.to_owned(), opened_at: now, resolved_at: None };
        self.disputes.push(row);
        Ok(self.disputes.len().saturating_sub(1))
    }

    /// Without an id the one that was opened last.
    fn resolve(&mut self, reference: &str, id: Option<&str>, now: Timestamp) -> Result<(), DisputeRefusal> {
        let place = self.disputes.iter().enumerate().rev().find_map(|(place, row)| {
            let is_meant = id.is_none_or(|id| id == dispute_id(place, reference));
            (row.resolved_at.is_none() && is_meant).then_some(place)
        });
        let row = place.and_then(|place| self.disputes.get_mut(place)).ok_or(DisputeRefusal::NotOpen)?;
        row.resolved_at = Some(now);
        Ok(())
    }

    /// Without an amount all that is left.
    fn take_back(
        &mut self,
        amount: Option<Amount>,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), DisputeRefusal> {
        if self.approved_at().is_none() {
            return Err(DisputeRefusal::NotPaid);
        }
        if self.chargebacks.len() >= MOST {
            return Err(DisputeRefusal::TooMany);
        }
        let left = self.left();
        let amount = amount.unwrap_or(left);
        if amount.is_zero() || amount > left {
            return Err(DisputeRefusal::NothingLeft(left));
        }
        self.chargebacks.push(ChargebackRow { amount, reason: reason.to_owned(), at: now });
        self.ends_delivery(now);
        Ok(())
    }
}

impl Psp {
    /// The buyer objects at the bank; the merchant is notified. The answer is the PSP's id of it.
    ///
    /// # Errors
    /// See [`DisputeRefusal`].
    pub async fn open_dispute(
        &self,
        store: &StoreId,
        reference: &str,
        reason: &str,
        now: Timestamp,
    ) -> Result<String, DisputeRefusal> {
        let place = self.disputed(store, reference, now, |order| order.dispute(reason, now)).await?;
        Ok(dispute_id(place, reference))
    }

    /// The bank has decided; the merchant is notified.
    ///
    /// # Errors
    /// See [`DisputeRefusal`].
    pub async fn resolve_dispute(
        &self,
        store: &StoreId,
        reference: &str,
        id: Option<&str>,
        now: Timestamp,
    ) -> Result<(), DisputeRefusal> {
        self.disputed(store, reference, now, |order| order.resolve(reference, id, now)).await
    }

    /// The PSP takes money back from the merchant, all that is left unless told otherwise, and notifies it.
    ///
    /// # Errors
    /// See [`DisputeRefusal`].
    pub async fn charge_back(
        &self,
        store: &StoreId,
        reference: &str,
        amount: Option<Amount>,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), DisputeRefusal> {
        self.disputed(store, reference, now, |order| order.take_back(amount, reason, now)).await
    }

    async fn disputed<T: Send>(
        &self,
        store: &StoreId,
        reference: &str,
        now: Timestamp,
        decide: impl Fn(&mut Order) -> Result<T, DisputeRefusal> + Send + Sync,
    ) -> Result<T, DisputeRefusal> {
        let result = self
            .change(store, reference, None, now, |order| {
                let decided = decide(order);
                let dues = if decided.is_ok() { vec![now] } else { Vec::new() };
                Ok((decided, dues))
            })
            .await;
        match result {
            Ok(changed) => changed.value,
            Err(Trouble::Refused(_)) => Err(DisputeRefusal::NotFound),
            Err(Trouble::Books(error)) => Err(error.into()),
        }
    }
}
