//! `POST /payments/{paymentId}/pre-register`: pinning what a payment must cost.

use super::amount;
use crate::app::failure::Failure;
use crate::app::pre_register::PreRegister;
use paypier_domain::id::PaymentId;
use paypier_wire::v2;

/// # Errors
/// A total of 0, or an amount that is negative or out of range.
pub fn asked(payment_id: PaymentId, body: v2::PreRegisterPaymentBody) -> Result<PreRegister, Failure> {
    Ok(PreRegister {
        store: body.store_id,
        payment_id,
        total: body.total_amount.map(|total| amount::asked_above_zero("totalAmount", total)).transpose()?,
        tax_free: amount::asked_if_any("taxFreeAmount", body.tax_free_amount)?,
        currency: body.currency.map(amount::currency).transpose()?,
    })
}
