//! Cash receipts: what the PSP tells the tax office, and takes back.
//!
//! A receipt is issued at once, unless the identity number ends in `0000`. The number itself is looked
//! at and forgotten; a repeated request is told from another one by a fingerprint.

use super::api::CashReceiptBody;
use super::books::BooksError;
use super::code::Code;
use super::pages::{document, page};
use super::secret::number_below;
use super::{Asking, Done, Psp, TRIES, Trouble};
use jiff::Timestamp;
use paypier_domain::change::SimulatorRecord;
use paypier_domain::id::StoreId;
use paypier_domain::money::{Amount, Currency};
use serde::{Deserialize, Serialize};

/// The kind of its records.
pub const CASH_RECEIPT: &str = "cash-receipt";
/// The tax office knows nobody whose number ends so.
const UNKNOWN_TO_TAX_OFFICE: &str = "0000";
const FEWEST_DIGITS: usize = 8;
const MOST_DIGITS: usize = 19;

/// As it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Page {
    id: String,
    fingerprint: String,
    order_name: String,
    kind: String,
    #[serde(with = "super::api::minor_units")]
    amount: Amount,
    #[serde(with = "super::api::currency_code")]
    currency: Currency,
    issue_number: String,
    issued_at: Timestamp,
    cancelled_at: Option<Timestamp>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View<'a> {
    id: &'a str,
    reference: &'a str,
    status: &'static str,
    #[serde(rename = "type")]
    kind: &'a str,
    amount: i64,
    currency: &'a str,
    issue_number: &'a str,
    url: &'a str,
    issued_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancelled_at: Option<Timestamp>,
}

/// A receipt as the buyer sees it. Amounts are minor units of `currency`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownCashReceipt {
    pub issue_number: String,
    pub order_name: String,
    pub merchant_id: String,
    /// `PERSONAL` or `CORPORATE`.
    pub kind: String,
    pub amount: Amount,
    pub currency: Currency,
    pub issued_at: Timestamp,
    pub cancelled_at: Option<Timestamp>,
}

/// What the books say about one receipt, for whoever compares them with others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookedCashReceipt {
    pub reference: String,
    pub issue_number: String,
    pub amount: Amount,
    pub is_valid: bool,
}

/// # Errors
/// The record is none that the PSP wrote.
pub fn booked(record: &SimulatorRecord) -> Result<BookedCashReceipt, BooksError> {
    let stored: Page = page(record)?;
    Ok(BookedCashReceipt {
        reference: record.id.clone(),
        issue_number: stored.issue_number,
        amount: stored.amount,
        is_valid: stored.cancelled_at.is_none(),
    })
}

impl Page {
    fn view<'a>(&'a self, reference: &'a str, url: &'a str) -> View<'a> {
        View {
            id: &self.id,
            reference,
            status: if self.cancelled_at.is_some() { "CANCELLED" } else { "ISSUED" },
            kind: &self.kind,
            amount: self.amount.minor_units(),
            currency: self.currency.code(),
            issue_number: &self.issue_number,
            url,
            issued_at: self.issued_at,
            cancelled_at: self.cancelled_at,
        }
    }
}

impl Psp {
    /// A receipt that is refused leaves nothing behind.
    pub(super) async fn issue_cash_receipt(
        &self,
        asking: &Asking<'_>,
        body: CashReceiptBody,
    ) -> Result<Done, Trouble> {
        asking.accepts(&body.reference)?;
        let identity = body.identity_number();
        let is_number = (FEWEST_DIGITS..=MOST_DIGITS).contains(&identity.len())
            && identity.bytes().all(|byte| byte.is_ascii_digit());
        let is_kind = matches!(body.kind.as_str(), "PERSONAL" | "CORPORATE");
        if body.amount.is_zero() || !is_kind || !is_number {
            return Err(Code::InvalidRequest.into());
        }
        if identity.ends_with(UNKNOWN_TO_TAX_OFFICE) {
            return Err(Code::ReceiptRefused.into());
        }
        let reference = body.reference.as_str();
        let name = [asking.store.as_str(), asking.merchant, reference];
        let minor_units = body.amount.minor_units().to_string();
        let essentials = [&name[..], &[&minor_units, body.currency.code(), &body.kind, identity]].concat();
        let derived = self.deriver.derive("cash-receipt", &name);
        let issued = Page {
            id: format!("sbxr_{}", hex::encode(derived.first_chunk::<8>().unwrap_or(&[0; 8]))),
            fingerprint: self.deriver.derive_hex("cash-receipt-fingerprint", &essentials),
            order_name: body.order_name.clone(),
            kind: body.kind.clone(),
            amount: body.amount,
            currency: body.currency,
            issue_number: format!("{:09}", number_below(&derived, 8, 1_000_000_000)),
            issued_at: asking.now,
            cancelled_at: None,
        };
        match self.books.write(record(asking, reference, &issued, None)?, Vec::new()).await {
            Ok(()) => Ok(self.cash_receipt_told(asking, reference, &issued)),
            Err(BooksError::Conflict) => {
                let (_, stored) = self.stored_cash_receipt(asking, reference).await?;
                if stored.fingerprint != issued.fingerprint {
                    return Err(Code::ReferenceReused.into());
                }
                // As the first answer told it.
                Ok(self.cash_receipt_told(asking, reference, &Page { cancelled_at: None, ..stored }))
            }
            Err(error @ BooksError::Unavailable(_)) => Err(error.into()),
        }
    }

    pub(super) async fn query_cash_receipt(
        &self,
        asking: &Asking<'_>,
        reference: &str,
    ) -> Result<Done, Trouble> {
        let (_, stored) = self.stored_cash_receipt(asking, reference).await?;
        Ok(self.cash_receipt_told(asking, reference, &stored))
    }

    /// Repeated: the first answer.
    pub(super) async fn cancel_cash_receipt(
        &self,
        asking: &Asking<'_>,
        reference: &str,
    ) -> Result<Done, Trouble> {
        for _ in 0..TRIES {
            let (version, mut stored) = self.stored_cash_receipt(asking, reference).await?;
            if stored.cancelled_at.is_some() {
                return Ok(self.cash_receipt_told(asking, reference, &stored));
            }
            stored.cancelled_at = Some(asking.now);
            match self.books.write(record(asking, reference, &stored, Some(version))?, Vec::new()).await {
                Ok(()) => return Ok(self.cash_receipt_told(asking, reference, &stored)),
                Err(BooksError::Conflict) => {}
                Err(error @ BooksError::Unavailable(_)) => return Err(error.into()),
            }
        }
        Err(BooksError::Conflict.into())
    }

    async fn stored_cash_receipt(
        &self,
        asking: &Asking<'_>,
        reference: &str,
    ) -> Result<(u64, Page), Trouble> {
        let found = self.books.record(asking.store, CASH_RECEIPT, reference).await?;
        let found =
            found.filter(|found| found.merchant_id == asking.merchant).ok_or(Code::ReceiptNotFound)?;
        Ok((found.version, page(&found)?))
    }

    fn cash_receipt_told(&self, asking: &Asking<'_>, reference: &str, stored: &Page) -> Done {
        Done::answering(&stored.view(reference, &self.receipt_url(asking.store, reference)))
    }

    /// The cash receipt behind a link, when the tag is its own.
    ///
    /// # Errors
    /// The books cannot be read.
    pub async fn shown_cash_receipt(
        &self,
        store: &StoreId,
        reference: &str,
        tag: &str,
    ) -> Result<Option<ShownCashReceipt>, BooksError> {
        if !self.is_receipt_tag(store, reference, tag) {
            return Ok(None);
        }
        let Some(record) = self.books.record(store, CASH_RECEIPT, reference).await? else { return Ok(None) };
        let stored: Page = page(&record)?;
        Ok(Some(ShownCashReceipt {
            issue_number: stored.issue_number,
            order_name: stored.order_name,
            merchant_id: record.merchant_id,
            kind: stored.kind,
            amount: stored.amount,
            currency: stored.currency,
            issued_at: stored.issued_at,
            cancelled_at: stored.cancelled_at,
        }))
    }
}

fn record(
    asking: &Asking<'_>,
    reference: &str,
    stored: &Page,
    expects: Option<u64>,
) -> Result<SimulatorRecord, BooksError> {
    Ok(SimulatorRecord {
        store: asking.store.clone(),
        kind: CASH_RECEIPT.to_owned(),
        id: reference.to_owned(),
        version: expects.unwrap_or(0).saturating_add(1),
        expects,
        merchant_id: asking.merchant.to_owned(),
        // A receipt moves no money: the sums of the books leave it out.
        currency: None,
        approved: 0,
        refunded: 0,
        at: stored.issued_at,
        document: document(stored)?,
    })
}
