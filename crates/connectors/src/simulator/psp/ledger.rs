//! What the PSP believes it charged and gave back: the other side of every books check.
//!
//! Derived from its orders, which are its only record; so the lines and the totals cannot disagree
//! with what it answers to a query.

use super::Psp;
use super::books::{BooksError, Total};
use super::disputes::chargeback_id;
use super::order::Order;
use super::pages::{ORDER, page};
use jiff::Timestamp;
use paypier_domain::id::StoreId;
use paypier_domain::money::{Amount, Currency};

/// One movement of money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerLine {
    /// The charge's.
    pub reference: String,
    pub kind: LedgerKind,
    /// Minor units of `currency`, never negative.
    pub amount: Amount,
    pub currency: Currency,
    pub at: Timestamp,
    /// The `pg_merchant_id` of the channel.
    pub merchant_id: String,
    /// Of refunds and chargebacks only.
    pub refund_reference: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LedgerKind {
    Charge,
    Refund,
    /// Taken back from the merchant; its reference is the PSP's own.
    Chargeback,
}

/// Lines of some orders, and where to go on. A page can be empty and not the last one: orders that
/// were declined have no lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerPage {
    pub lines: Vec<LedgerLine>,
    /// Pass as `after` for the next page; `None` on the last one.
    pub next: Option<String>,
}

impl Psp {
    /// The lines of at most `limit` orders, in the order of their references, those after `after`
    /// only.
    ///
    /// # Errors
    /// The books cannot be read.
    pub async fn ledger(
        &self,
        store: &StoreId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<LedgerPage, BooksError> {
        let limit = limit.max(1);
        let records = self.books.records(store, ORDER, after, limit).await?;
        let is_full = records.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
        let next = records.last().filter(|_| is_full).map(|record| record.id.clone());
        let mut lines = Vec::new();
        for record in records {
            let order: Order = page(&record)?;
            let line = |kind, amount, at, refund_reference| LedgerLine {
                reference: record.id.clone(),
                kind,
                amount,
                currency: order.currency,
                at,
                merchant_id: record.merchant_id.clone(),
                refund_reference,
            };
            if let Some(at) = order.approved_at() {
                lines.push(line(LedgerKind::Charge, order.amount, at, None));
            }
            for (reference, amount, at) in order.given_back() {
                lines.push(line(LedgerKind::Refund, amount, at, Some(reference.to_owned())));
            }
            for (place, row) in order.chargebacks.iter().enumerate() {
                let id = chargeback_id(place, &record.id);
                lines.push(line(LedgerKind::Chargeback, row.amount, row.at, Some(id)));
            }
        }
        Ok(LedgerPage { lines, next })
    }

    /// The same, summed up by merchant and currency.
    ///
    /// # Errors
    /// The books cannot be read.
    pub async fn totals(&self, store: &StoreId) -> Result<Vec<Total>, BooksError> {
        self.books.totals(store).await
    }
}
