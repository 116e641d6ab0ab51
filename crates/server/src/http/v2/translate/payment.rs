//! Payments as they are read: the successful attempt, or else the latest, with what became of it.

use super::common::{Common, Now, cancellations, disputes, failure, some, standing};
use super::{amount, cash_receipt, page};
use crate::app::failure::Failure;
use crate::app::read::PaymentView;
use paypier_domain::payment::{AttemptState, Status};
use paypier_storage::{Cursor, PageAsk};
use paypier_wire::v2;

macro_rules! body {
    ($body:ident, $common:ident, $now:ident, $($rest:tt)*) => {
        standing!(
            $body, $common, $now, $($rest)*,
            id: $common.payment_id, transaction_id: $common.transaction_id, origin: $common.origin
        )
    };
}

/// # Errors
/// What is stored cannot be said in this dialect.
pub fn shown(view: &PaymentView) -> Result<v2::Payment, Failure> {
    let payment = &view.payment;
    let attempt = payment
        .current()
        .ok_or_else(|| Failure::internal(format!("payment {} has no attempts", payment.key)))?;
    let mut c = Common::of(payment, attempt, view.deliveries.iter())?;
    let now = Now::of(payment, attempt);
    Ok(match &attempt.state {
        AttemptState::Ready => body!(ReadyPayment, c, now, channel: c.channel),
        AttemptState::Sending | AttemptState::Unknown { .. } | AttemptState::Pending { .. } => {
            body!(PayPendingPayment, c, now, channel: c.channel()?, pg_tx_id: c.pg_tx_id)
        }
        AttemptState::AccountIssued { .. } => {
            body!(VirtualAccountIssuedPayment, c, now, channel: c.channel()?, pg_tx_id: c.pg_tx_id)
        }
        AttemptState::Failed(failed) => body!(
            FailedPayment, c, now, channel: c.channel,
            failed_at: failed.at.into(), failure: failure(failed)
        ),
        AttemptState::Paid(paid) => {
            let channel = c.channel()?;
            let (pg_tx_id, receipt_url, paid_at) =
                (c.pg_tx_id.take(), paid.receipt_url.clone(), paid.at.into());
            let (receipt, issuance) = cash_receipt::of_payment(payment, view.receipt.as_ref())?;
            let cancelled_at = payment.cancelled_at().unwrap_or(payment.status_changed_at).into();
            match payment.status() {
                Status::PartialCancelled => body!(
                    PartialCancelledPayment, c, now, channel: channel,
                    paid_at: Some(paid_at), pg_tx_id, receipt_url, cash_receipt: receipt,
                    cash_receipt_issuance_status: issuance, cancellations: cancellations(payment), cancelled_at
                ),
                Status::Cancelled => body!(
                    CancelledPayment, c, now, channel: channel,
                    paid_at: Some(paid_at), pg_tx_id, receipt_url, cash_receipt: receipt,
                    cash_receipt_issuance_status: issuance, cancellations: cancellations(payment), cancelled_at
                ),
                Status::Paid
                | Status::Ready
                | Status::Pending
                | Status::VirtualAccountIssued
                | Status::Failed => {
                    body!(
                        PaidPayment, c, now, channel: channel,
                        paid_at, pg_tx_id, pg_response: paid.pg_response.clone(), cash_receipt: receipt,
                        cash_receipt_issuance_status: issuance, receipt_url, disputes: disputes(payment),
                        cancellations: some(cancellations(payment))
                    )
                }
            }
        }
    })
}

/// # Errors
/// As [`shown`].
pub fn page(views: &[PaymentView], asked: PageAsk, total: u64) -> Result<v2::GetPaymentsResponse, Failure> {
    let items = views.iter().map(shown).collect::<Result<_, _>>()?;
    Ok(v2::GetPaymentsResponse { items, page: page::shown(asked, total) })
}

/// Payments with the cursors behind them, both in the same order.
///
/// # Errors
/// As [`shown`].
pub fn by_cursor(
    views: &[PaymentView],
    cursors: &[Cursor],
) -> Result<v2::GetAllPaymentsByCursorResponse, Failure> {
    let one = |(view, cursor): (&PaymentView, &Cursor)| {
        Ok(v2::PaymentWithCursor { payment: shown(view)?, cursor: cursor.to_string() })
    };
    let items = views.iter().zip(cursors).map(one).collect::<Result<_, Failure>>()?;
    Ok(v2::GetAllPaymentsByCursorResponse { items })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::v2::samples;

    #[test]
    fn every_status_has_its_variant() {
        for (name, view) in samples::payments() {
            let shown = shown(&view).unwrap();
            assert_eq!(shown.tag(), name.split(',').next().unwrap(), "{name}");
            insta::with_settings!({snapshot_suffix => name.replace([',', ' '], "_")}, {
                insta::assert_json_snapshot!(shown);
            });
        }
    }

    #[test]
    fn nothing_is_null_and_amounts_are_integers() {
        for (name, view) in samples::payments() {
            let text = serde_json::to_string(&shown(&view).unwrap()).unwrap();
            assert!(!text.contains("null"), "{name}");
            assert!(serde_json::from_str::<v2::Payment>(&text).is_ok(), "{name}");
        }
    }
}
