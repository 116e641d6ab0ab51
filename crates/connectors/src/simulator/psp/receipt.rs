//! Receipts: what the PSP shows a buyer about a payment.
//!
//! A receipt is public to whoever has its link, so the link cannot be guessed: it ends in a tag that
//! only the PSP can make. Looking at a receipt writes nothing; what time has changed is shown.

use super::Psp;
use super::books::BooksError;
use super::order::{Order, RefundRow, RefundState, State};
use super::pages::{ORDER, page};
use jiff::Timestamp;
use paypier_domain::id::StoreId;
use paypier_domain::money::{Amount, Currency};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use subtle::ConstantTimeEq;

/// Everything but RFC 3986's unreserved characters.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What a receipt says. Amounts are minor units of `currency`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The PSP's own name of the order.
    pub id: String,
    /// The merchant's name of it.
    pub reference: String,
    pub merchant_id: String,
    /// What the merchant called it; anything, also nothing.
    pub order_name: String,
    pub amount: Amount,
    /// What has gone back.
    pub refunded: Amount,
    pub currency: Currency,
    pub standing: Standing,
    pub approved_at: Timestamp,
    pub approval_number: Option<String>,
    pub paid_with: PaidWith,
    pub refunds: Vec<ReceiptRefund>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Approved, and the merchant has not taken the money yet.
    Approved,
    Paid,
    PartlyRefunded,
    Refunded,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaidWith {
    Card {
        name: String,
        /// Masked.
        number: String,
    },
    Transfer {
        bank: String,
        account_number: String,
    },
    /// A wallet, a phone bill, a gift certificate, …
    Other {
        /// As the API names it.
        method: String,
        provider: Option<String>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptRefund {
    /// Counts the order's refunds from 1; a refund's link ends in `#refund-<number>`.
    pub number: usize,
    pub amount: Amount,
    pub progress: RefundProgress,
}

/// A refund that was refused at once is not on the receipt: nothing was ever promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundProgress {
    Requested(Timestamp),
    Done(Timestamp),
    Failed(Timestamp),
    Stopped(Timestamp),
}

impl Psp {
    /// Where the order's receipt is.
    pub(super) fn receipt_url(&self, store: &StoreId, reference: &str) -> String {
        format!(
            "{}/sandbox/receipts/{}/{}/{}",
            self.public_url,
            utf8_percent_encode(store.as_str(), SEGMENT),
            utf8_percent_encode(reference, SEGMENT),
            self.receipt_tag(store, reference),
        )
    }

    /// 16 hexadecimal digits.
    fn receipt_tag(&self, store: &StoreId, reference: &str) -> String {
        let derived = self.deriver.derive("receipt", &[store.as_str(), reference]);
        hex::encode(derived.first_chunk::<8>().unwrap_or(&[0; 8]))
    }

    /// Whether the tag is this receipt's. Compared in constant time.
    pub fn is_receipt_tag(&self, store: &StoreId, reference: &str, tag: &str) -> bool {
        tag.as_bytes().ct_eq(self.receipt_tag(store, reference).as_bytes()).into()
    }

    /// The receipt as it stands at `now`, the store's own time. `None` when the tag is not the
    /// receipt's, and when nothing was approved under the reference; the two are not told apart.
    ///
    /// # Errors
    /// The books cannot be read.
    pub async fn receipt(
        &self,
        store: &StoreId,
        reference: &str,
        tag: &str,
        now: Timestamp,
    ) -> Result<Option<Receipt>, BooksError> {
        if !self.is_receipt_tag(store, reference, tag) {
            return Ok(None);
        }
        let Some(record) = self.books.record(store, ORDER, reference).await? else { return Ok(None) };
        let mut order: Order = page(&record)?;
        order.advance(now);
        Ok(order.receipt(record.merchant_id, reference))
    }
}

impl Order {
    fn receipt(self, merchant_id: String, reference: &str) -> Option<Receipt> {
        let approved_at = self.approved_at()?;
        let refunded = self.refunded_amount();
        Some(Receipt {
            merchant_id,
            reference: reference.to_owned(),
            amount: self.amount,
            refunded,
            currency: self.currency,
            standing: if refunded == self.amount {
                Standing::Refunded
            } else if !refunded.is_zero() {
                Standing::PartlyRefunded
            } else if matches!(self.state, State::Approved { captured_at: None, .. }) {
                Standing::Approved
            } else {
                Standing::Paid
            },
            approved_at,
            paid_with: match (self.card, self.account, self.method) {
                (Some(card), ..) => PaidWith::Card { name: card.name, number: card.number },
                (None, Some(account), _) => {
                    PaidWith::Transfer { bank: account.bank, account_number: account.number }
                }
                (None, None, Some(method)) => {
                    PaidWith::Other { method: method.method, provider: method.provider }
                }
                (None, None, None) => return None,
            },
            refunds: self
                .refunds
                .iter()
                .enumerate()
                .filter_map(|(place, row)| row.on_receipt(place.saturating_add(1)))
                .collect(),
            approval_number: self.approval_number,
            order_name: self.order_name,
            id: self.id,
        })
    }
}

impl RefundRow {
    fn on_receipt(&self, number: usize) -> Option<ReceiptRefund> {
        let progress = match self.state {
            RefundState::Pending { .. } => RefundProgress::Requested(self.requested_at),
            RefundState::Succeeded { at, .. } => RefundProgress::Done(at),
            RefundState::Failed { at } => RefundProgress::Failed(at),
            RefundState::Stopped { at } => RefundProgress::Stopped(at),
            RefundState::Refused { .. } => return None,
        };
        Some(ReceiptRefund { number, amount: self.amount, progress })
    }
}
