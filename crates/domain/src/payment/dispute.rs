//! Disputes: a buyer's objection at the issuer, as the PSP reports it, and the money that a PSP takes back
//! from the merchant because of one.
//!
//! Nobody asks for either: both are heard, in any order and any number of times, and have one effect. A
//! dispute moves no money and does not change the payment's status. A chargeback is a cancellation that
//! nobody asked for: it has its posting and its event like every other.

use super::cancel::{CancelOrigin, Cancellation, CancellationState, refund_posting, succeeded_kind};
use super::{Decided, Draft, Payment, escrow};
use crate::cash_receipt;
use crate::change::{Notify, RowWrite};
use crate::event::{PaymentEventKind, Trigger};
use crate::id::{CancellationId, TransactionId};
use crate::money::Amount;
use crate::psp::{Chargeback, DisputeReport};
use jiff::Timestamp;

/// A buyer's objection at the issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispute {
    pub pg_dispute_id: Option<String>,
    pub reason: String,
    pub created_at: Timestamp,
    pub resolved_at: Option<Timestamp>,
}

/// Disputes that are kept of one payment. A PSP that reports more is not believed.
const MOST_DISPUTES: usize = 100;

/// Takes over the disputes that the PSP tells of. `None` when all is known.
pub fn heard(
    payment: &Payment,
    id: &TransactionId,
    reports: &[DisputeReport],
    now: Timestamp,
) -> Option<Decided> {
    payment.paid_attempt().filter(|attempt| attempt.id == *id)?;
    let mut draft = Draft::of(payment, now);
    let mut has_news = false;
    for report in reports {
        let place = draft
            .payment
            .disputes
            .iter()
            .position(|known| known.pg_dispute_id.as_deref() == Some(report.pg_dispute_id.as_str()));
        let place = match place {
            Some(place) => place,
            None if draft.payment.disputes.len() >= MOST_DISPUTES => continue,
            None => {
                draft.payment.disputes.push(Dispute {
                    pg_dispute_id: Some(report.pg_dispute_id.clone()),
                    reason: report.reason.clone(),
                    created_at: report.created_at,
                    resolved_at: None,
                });
                has_news = true;
                let trigger = Some(Trigger::DisputeCreated);
                draft.event(PaymentEventKind::DisputeCreated, id, None, trigger, 0, Notify::Yes);
                draft.payment.disputes.len().saturating_sub(1)
            }
        };
        let Some(known) = draft.payment.disputes.get_mut(place) else { continue };
        // A resolution stands: a PSP that opens the matter again gives it a new id.
        if known.resolved_at.is_none() && report.resolved_at.is_some() {
            known.resolved_at = report.resolved_at;
            has_news = true;
            let trigger = Some(Trigger::DisputeResolved);
            draft.event(PaymentEventKind::DisputeResolved, id, None, trigger, 0, Notify::Yes);
        }
    }
    has_news.then(|| draft.decided())
}

/// What a report that money was taken back did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChargedBack {
    Changed(Box<Decided>),
    /// Known already.
    Unchanged,
    /// The PSP took what a cancellation of ours holds whose answer is outstanding. Its books say who was
    /// first: to be looked at again when the cancellation has ended.
    Later,
    /// The PSP says that it took more than the payment still holds. Nothing is written: a person has to
    /// find out, and `paypier verify` shows the difference.
    TooMuch {
        taken: Amount,
        held: Amount,
    },
}

/// Records that the PSP took money back. `id` names the cancellation if there is to be one.
pub fn charged_back(
    payment: &Payment,
    transaction: &TransactionId,
    chargeback: &Chargeback,
    id: CancellationId,
    now: Timestamp,
) -> ChargedBack {
    let is_known = payment
        .cancellations
        .iter()
        .any(|known| known.pg_cancellation_id.as_ref() == Some(&chargeback.pg_cancellation_id));
    let Some(attempt) = payment.paid_attempt().filter(|attempt| attempt.id == *transaction && !is_known)
    else {
        return ChargedBack::Unchanged;
    };
    let held = attempt.amounts.to_pay().minus_or_zero(payment.claimed(|c| c.refund));
    let taken = chargeback.amount;
    if taken > held || taken.is_zero() {
        let is_held_by_us = payment.cancellations.iter().any(|c| c.is_claiming() && !c.is_succeeded());
        return if is_held_by_us { ChargedBack::Later } else { ChargedBack::TooMuch { taken, held } };
    }
    let cancellable = payment.cancellable();
    let empties = taken == held;
    let order_amount = if empties { cancellable } else { taken.min(cancellable) };
    // Nobody has said which part it is of: the taxable one goes first. Never is more VAT left than there is
    // left to take it with, so that parts add up however many there are.
    let tax_free_left = attempt.amounts.tax_free.minus_or_zero(payment.claimed(|c| c.tax_free));
    let taxable_left = cancellable.minus_or_zero(tax_free_left);
    let tax_free = order_amount.minus_or_zero(taxable_left);
    let taxable = order_amount.minus_or_zero(tax_free);
    let vat_left = attempt.amounts.vat.minus_or_zero(payment.claimed(|c| c.vat));
    let at_least = vat_left.minus_or_zero(taxable_left.minus_or_zero(taxable));
    let vat = taxable.divided_half_up(11).min(vat_left).max(at_least);
    let cancellation = Cancellation {
        id: id.clone(),
        transaction: transaction.clone(),
        order_amount,
        refund: taken,
        tax_free,
        vat,
        reason: chargeback.reason.clone(),
        requester: None,
        origin: CancelOrigin::Chargeback,
        requested_at: now,
        skip_webhook: false,
        claim: None,
        refund_account: None,
        retain: None,
        pg_cancellation_id: Some(chargeback.pg_cancellation_id.clone()),
        queries: 0,
        state: CancellationState::Succeeded {
            at: chargeback.at,
            fee_returned: chargeback.fee_returned,
            receipt_url: None,
        },
    };
    let mut draft = Draft::of(payment, now);
    if let Some(posting) = refund_posting(payment, &cancellation, chargeback.fee_returned, now) {
        draft.change.postings.push(posting);
    }
    draft.payment.cancellations.push(cancellation);
    draft.touched.cancellations.push((id.clone(), RowWrite::Insert));
    let kind = succeeded_kind(&draft.payment);
    if kind == PaymentEventKind::Cancelled {
        escrow::given_back(&mut draft, transaction);
    }
    draft.event(kind, transaction, Some(&id), None, taken.minor_units().saturating_neg(), Notify::Yes);
    draft.change.jobs.extend(cash_receipt::withdrawn_with(&draft.payment, now));
    ChargedBack::Changed(Box::new(draft.decided()))
}

#[cfg(test)]
mod tests;
