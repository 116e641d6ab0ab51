//! Manual approval, of payments and of billing keys.

use super::{amount, id, invalid};
use crate::app::confirm_billing_key::{ConfirmBillingKey, PaymentBeliefs};
use crate::app::confirm_payment::ConfirmPayment;
use crate::app::failure::Failure;
use paypier_domain::id::{PaymentId, TransactionId};
use paypier_wire::v2;

/// # Errors
/// An empty token, or an assertion that cannot be true of any payment.
pub fn asked(payment_id: PaymentId, body: v2::ConfirmPaymentBody) -> Result<ConfirmPayment, Failure> {
    if body.payment_token.is_empty() {
        return Err(invalid("paymentToken", "must not be empty"));
    }
    Ok(ConfirmPayment {
        store: body.store_id,
        payment_id,
        payment_token: body.payment_token,
        transaction: id("txId", body.tx_id.as_deref(), TransactionId::parse)?,
        currency: body.currency.map(amount::currency).transpose()?,
        total: amount::asked_if_any("totalAmount", body.total_amount)?,
        tax_free: amount::asked_if_any("taxFreeAmount", body.tax_free_amount)?,
        is_test: body.is_test,
        skip_webhook: body.skip_webhook.unwrap_or(false),
    })
}

/// # Errors
/// An empty token.
pub fn billing_key(body: v2::ConfirmBillingKeyBody) -> Result<ConfirmBillingKey, Failure> {
    Ok(ConfirmBillingKey {
        store: body.store_id,
        issue_token: issue_token(body.billing_issue_token)?,
        is_test: body.is_test,
        skip_webhook: body.skip_webhook.unwrap_or(false),
        pays: None,
    })
}

/// # Errors
/// An empty token, or an assertion that cannot be true of any payment.
pub fn billing_key_and_payment(
    body: v2::ConfirmBillingKeyIssueAndPayBody,
) -> Result<ConfirmBillingKey, Failure> {
    Ok(ConfirmBillingKey {
        store: body.store_id,
        issue_token: issue_token(body.billing_issue_token)?,
        is_test: body.is_test,
        skip_webhook: body.skip_webhook.unwrap_or(false),
        pays: Some(PaymentBeliefs {
            payment_id: id("paymentId", body.payment_id.as_deref(), PaymentId::parse)?,
            currency: body.currency.map(amount::currency).transpose()?,
            total: amount::asked_if_any("totalAmount", body.total_amount)?,
            tax_free: amount::asked_if_any("taxFreeAmount", body.tax_free_amount)?,
        }),
    })
}

fn issue_token(token: String) -> Result<String, Failure> {
    if token.is_empty() { Err(invalid("billingIssueToken", "must not be empty")) } else { Ok(token) }
}
