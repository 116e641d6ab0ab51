//! Attempts as they are listed: like payments, without origin and disputes, each with its own amounts.

use super::common::{Common, Now, cancellations, failure, standing};
use super::{amount, cash_receipt};
use crate::app::failure::Failure;
use crate::app::read::PaymentView;
use paypier_domain::payment::{Attempt, AttemptState, Status};
use paypier_wire::v2;

macro_rules! body {
    ($body:ident, $common:ident, $now:ident, $($rest:tt)*) => {
        standing!($body, $common, $now, $($rest)*, id: $common.transaction_id, payment_id: $common.payment_id)
    };
}

/// All attempts of a payment, the newest first.
///
/// # Errors
/// What is stored cannot be said in this dialect.
pub fn all(view: &PaymentView) -> Result<Vec<v2::PaymentTransaction>, Failure> {
    view.payment.attempts.iter().rev().map(|attempt| one(view, attempt)).collect()
}

fn one(view: &PaymentView, attempt: &Attempt) -> Result<v2::PaymentTransaction, Failure> {
    let payment = &view.payment;
    // An event is named after its attempt: `<transaction>-<sequence>`.
    let is_own =
        |event: &str| event.strip_prefix(attempt.id.as_str()).is_some_and(|rest| rest.starts_with('-'));
    let deliveries = view.deliveries.iter().filter(|delivery| is_own(delivery.event.as_str()));
    let mut c = Common::of(payment, attempt, deliveries)?;
    let now = Now::of(payment, attempt);
    Ok(match &attempt.state {
        AttemptState::Ready => body!(ReadyPaymentTransaction, c, now, channel: c.channel),
        AttemptState::Sending | AttemptState::Unknown { .. } | AttemptState::Pending { .. } => {
            body!(PayPendingPaymentTransaction, c, now, channel: c.channel()?, pg_tx_id: c.pg_tx_id)
        }
        AttemptState::AccountIssued { .. } => {
            body!(VirtualAccountIssuedPaymentTransaction, c, now, channel: c.channel()?, pg_tx_id: c.pg_tx_id)
        }
        AttemptState::Failed(failed) => body!(
            FailedPaymentTransaction, c, now, channel: c.channel,
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
                    PartialCancelledPaymentTransaction, c, now, channel: channel,
                    paid_at: Some(paid_at), pg_tx_id, receipt_url, cash_receipt: receipt,
                    cash_receipt_issuance_status: issuance, cancellations: cancellations(payment), cancelled_at
                ),
                Status::Cancelled => body!(
                    CancelledPaymentTransaction, c, now, channel: channel,
                    paid_at: Some(paid_at), pg_tx_id, receipt_url, cash_receipt: receipt,
                    cash_receipt_issuance_status: issuance, cancellations: cancellations(payment), cancelled_at
                ),
                Status::Paid
                | Status::Ready
                | Status::Pending
                | Status::VirtualAccountIssued
                | Status::Failed => {
                    body!(
                        PaidPaymentTransaction, c, now, channel: channel,
                        paid_at, pg_tx_id, pg_response: paid.pg_response.clone(), cash_receipt: receipt,
                        cash_receipt_issuance_status: issuance, receipt_url
                    )
                }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::v2::samples;

    #[test]
    fn every_status_has_its_variant() {
        for (name, view) in samples::payments() {
            let shown = all(&view).unwrap();
            let newest = shown.first().unwrap();
            assert_eq!(newest.tag(), name.split(',').next().unwrap(), "{name}");
        }
    }

    #[test]
    fn attempts_are_listed_newest_first_each_with_its_own_amounts_and_webhooks() {
        insta::assert_json_snapshot!(all(&samples::paid_at_the_second_try()).unwrap());
    }
}
