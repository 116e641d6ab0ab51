//! What a PSP tells us about a payment, in words that are the same for every PSP.

use crate::id::{PgCancellationId, PgTxId};
use crate::money::{Amount, Currency};
use jiff::Timestamp;

/// A charge as the PSP sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    pub pg_tx_id: PgTxId,
    /// What the PSP says it charged, minor units of the payment's currency.
    pub amount: Amount,
    /// When the PSP approved it; our clock when the PSP does not say.
    pub at: Timestamp,
    /// What the PSP keeps of it.
    pub fee: Amount,
    pub card: Option<CardDetails>,
    pub account: Option<VirtualAccount>,
    pub approval_number: Option<String>,
    pub receipt_url: Option<String>,
    /// The PSP's answer in full, without secrets and card numbers.
    pub raw: Option<String>,
}

/// A refund as the PSP sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    pub pg_cancellation_id: PgCancellationId,
    pub amount: Amount,
    pub at: Timestamp,
    /// How much of its fee the PSP gave back.
    pub fee_returned: Amount,
    pub receipt_url: Option<String>,
    pub raw: Option<String>,
}

/// What may be kept of a card: never the number.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CardDetails {
    /// `SHINHAN_CARD`, …
    pub publisher: Option<String>,
    pub issuer: Option<String>,
    /// `VISA`, `MASTER`, `LOCAL`, …
    pub brand: Option<String>,
    /// `CREDIT`, `DEBIT`, `GIFT`.
    pub kind: Option<String>,
    /// `PERSONAL`, `CORPORATE`.
    pub owner: Option<String>,
    /// The first 6 or 8 digits.
    pub bin: Option<String>,
    pub name: Option<String>,
    /// Masked: at most the first 8 and the last 4 digits.
    pub masked_number: Option<String>,
}

/// An account that a buyer transfers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualAccount {
    pub bank: Option<String>,
    pub account_number: String,
    /// `NORMAL` or `FIXED`.
    pub kind: Option<String>,
    pub remittee_name: Option<String>,
    pub remitter_name: Option<String>,
    pub expires_at: Option<Timestamp>,
    pub issued_at: Option<Timestamp>,
    /// What was transferred into it so far, as the PSP says: less than the amount asked for while the
    /// rest is waited for, more where the depositor sent too much. What is too much is no part of the
    /// payment; it stays with the PSP for its owner.
    pub deposited: Amount,
}

/// A buyer's objection, as the PSP tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputeReport {
    pub pg_dispute_id: String,
    pub reason: String,
    pub created_at: Timestamp,
    pub resolved_at: Option<Timestamp>,
}

/// Money that the PSP took back from the merchant of its own accord.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chargeback {
    /// The PSP's name of it; in the same space as its names of refunds.
    pub pg_cancellation_id: PgCancellationId,
    pub amount: Amount,
    pub at: Timestamp,
    /// How much of its fee the PSP gave back.
    pub fee_returned: Amount,
    pub reason: String,
}

/// What a store below the merchant's has sold: a line on a sales slip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreLine {
    /// Ten digits.
    pub business_registration_number: String,
    pub name: String,
    pub total: Amount,
    pub tax_free: Option<Amount>,
    pub vat: Option<Amount>,
    pub supply: Option<Amount>,
    pub currency: Currency,
}

/// A cash receipt as the PSP sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub pg_receipt_id: String,
    /// The tax office's number of it.
    pub issue_number: String,
    pub url: Option<String>,
    pub at: Timestamp,
    /// It was withdrawn, and is not valid any more.
    pub cancelled_at: Option<Timestamp>,
}

/// The PSP's token for a stored instrument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredInstrument {
    pub token: String,
    pub pg_tx_id: Option<PgTxId>,
    pub card: Option<CardDetails>,
    pub at: Timestamp,
}
