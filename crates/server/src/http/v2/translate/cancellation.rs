//! Cancellations: asking for one, and what became of it.

use super::{amount, invalid};
use crate::app::cancel_payment::CancelPayment;
use crate::app::failure::Failure;
use paypier_domain::id::PaymentId;
use paypier_domain::payment::cancel::{CancelOrigin, RefundAccount};
use paypier_domain::payment::{Cancellation, CancellationState};
use paypier_domain::promotion::RetainOption;
use paypier_wire::v2;

/// # Errors
/// An empty reason, an amount that is 0 or out of range, a refund account without number or holder.
pub fn asked(payment_id: PaymentId, body: v2::CancelPaymentBody) -> Result<CancelPayment, Failure> {
    if body.reason.trim().is_empty() {
        return Err(invalid("reason", "must not be empty"));
    }
    Ok(CancelPayment {
        store: body.store_id,
        payment_id,
        amount: body.amount.map(|asked| amount::asked_above_zero("amount", asked)).transpose()?,
        tax_free: amount::asked_if_any("taxFreeAmount", body.tax_free_amount)?,
        vat: amount::asked_if_any("vatAmount", body.vat_amount)?,
        current_cancellable: amount::asked_if_any(
            "currentCancellableAmount",
            body.current_cancellable_amount,
        )?,
        reason: body.reason,
        requester: body.requester.map(|requester| requester.as_str().to_owned()),
        refund_account: body.refund_account.map(refund_account).transpose()?,
        retain: match body.promotion_discount_retain_option {
            Some(v2::PromotionDiscountRetainOption::Retain) => RetainOption::Retain,
            Some(v2::PromotionDiscountRetainOption::Release) | None => RetainOption::Release,
        },
        skip_webhook: body.skip_webhook.unwrap_or(false),
    })
}

fn refund_account(account: v2::CancelPaymentBodyRefundAccount) -> Result<RefundAccount, Failure> {
    let is_number = account.number.bytes().any(|byte| byte.is_ascii_digit())
        && account.number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    if !is_number || account.number.len() > 40 {
        return Err(invalid("refundAccount.number", "must be digits and hyphens, at most 40"));
    }
    if account.holder_name.trim().is_empty() {
        return Err(invalid("refundAccount.holderName", "must not be empty"));
    }
    Ok(RefundAccount {
        bank: account.bank.as_str().to_owned(),
        number: account.number,
        holder_name: account.holder_name,
        holder_phone_number: account.holder_phone_number,
    })
}

/// Amounts are money that went back: what is paid less what is cancelled is what is still held.
pub fn shown(cancellation: &Cancellation) -> v2::PaymentCancellation {
    let id = cancellation.id.as_str().to_owned();
    let pg_cancellation_id = cancellation.pg_cancellation_id.as_ref().map(|id| id.as_str().to_owned());
    let total_amount = cancellation.refund.minor_units();
    let tax_free_amount = cancellation.tax_free.minor_units();
    let vat_amount = cancellation.vat.minor_units();
    let easy_pay_discount_amount = None;
    let reason = cancellation.reason.clone();
    let requested_at = cancellation.requested_at.into();
    let trigger = Some(trigger(cancellation.origin));
    match &cancellation.state {
        CancellationState::Succeeded { at, fee_returned: _, receipt_url } => {
            v2::SucceededPaymentCancellation {
                id,
                pg_cancellation_id,
                total_amount,
                tax_free_amount,
                vat_amount,
                easy_pay_discount_amount,
                reason,
                cancelled_at: Some((*at).into()),
                requested_at,
                receipt_url: receipt_url.clone(),
                trigger,
            }
            .into()
        }
        // Nobody knows yet: the dialect's word for that is "requested", whoever is waited for.
        CancellationState::Sending
        | CancellationState::Unknown { .. }
        | CancellationState::Requested { .. } => v2::RequestedPaymentCancellation {
            id,
            pg_cancellation_id,
            total_amount,
            tax_free_amount,
            vat_amount,
            easy_pay_discount_amount,
            reason,
            cancelled_at: None,
            requested_at,
            trigger,
        }
        .into(),
        CancellationState::Failed { .. } => v2::FailedPaymentCancellation {
            id,
            pg_cancellation_id,
            total_amount,
            tax_free_amount,
            vat_amount,
            easy_pay_discount_amount,
            reason,
            cancelled_at: None,
            requested_at,
            trigger,
        }
        .into(),
    }
}

const fn trigger(origin: CancelOrigin) -> v2::Trigger {
    match origin {
        CancelOrigin::Console => v2::Trigger::Console,
        CancelOrigin::Api => v2::Trigger::Api,
        CancelOrigin::Server => v2::Trigger::PortoneAdmin,
        CancelOrigin::Chargeback => v2::Trigger::Chargeback,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::v2::{body, samples};
    use serde_json::json;

    #[test]
    fn requests_are_read_and_refused_by_name() {
        let account = |number: &str, holder: &str| json!({"refundAccount": {"bank": "KAKAO", "number": number, "holderName": holder}});
        for (change, refusal) in [
            (json!({}), None),
            (json!({"amount": 1, "taxFreeAmount": 0, "vatAmount": 0, "currentCancellableAmount": 0}), None),
            (
                json!({"requester": "CUSTOMER", "promotionDiscountRetainOption": "RETAIN", "refundEmail": "a@b"}),
                None,
            ),
            (account("3333-01-2345678", "홍길동"), None),
            (json!({"reason": ""}), Some("reason must not be empty")),
            (json!({"reason": " \n"}), Some("reason must not be empty")),
            (json!({"amount": 0}), Some("amount must be above 0")),
            (json!({"amount": -1}), Some("amount must be from 0 to 1000000000000000, in minor units")),
            (
                json!({"taxFreeAmount": -1}),
                Some("taxFreeAmount must be from 0 to 1000000000000000, in minor units"),
            ),
            (
                json!({"requester": "NEIGHBOUR"}),
                Some("requester must be one of the words of CancelRequester"),
            ),
            (account("", "홍길동"), Some("refundAccount.number must be digits and hyphens, at most 40")),
            (account("12ab", "홍길동"), Some("refundAccount.number must be digits and hyphens, at most 40")),
            (account("110", " "), Some("refundAccount.holderName must not be empty")),
        ] {
            let mut ask = json!({"reason": "changed my mind"});
            for (name, member) in change.as_object().unwrap() {
                ask[name] = member.clone();
            }
            let read = body::read(ask.to_string().as_bytes())
                .and_then(|body| asked(PaymentId::known("order-1"), body));
            assert_eq!(read.err().map(|failure| failure.to_string()).as_deref(), refusal, "{ask}");
        }
    }

    #[test]
    fn every_state_has_its_word() {
        let at = samples::at(9);
        let all: Vec<_> = [
            CancellationState::Sending,
            CancellationState::Unknown { since: at },
            CancellationState::Requested { since: at },
            CancellationState::Succeeded {
                at,
                fee_returned: Default::default(),
                receipt_url: Some("https://psp/r".into()),
            },
            CancellationState::Failed { at, pg_code: Some("X".into()), pg_message: None },
        ]
        .into_iter()
        .map(|state| shown(&Cancellation { state, ..samples::cancellation() }))
        .collect();
        assert_eq!(
            all.iter().map(v2::PaymentCancellation::tag).collect::<Vec<_>>(),
            ["REQUESTED", "REQUESTED", "REQUESTED", "SUCCEEDED", "FAILED"]
        );
        insta::assert_json_snapshot!(all);
    }
}
