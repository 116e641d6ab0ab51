//! Cancelling a payment.

use super::App;
use super::caller::Caller;
use super::success::Verdict;
use super::ticket::Ticket;
use paypier_domain::id::{CancellationId, PaymentId, PaymentKey};
use paypier_domain::money::Amount;
use paypier_domain::payment::cancel::{CancelAsk, CancelOrigin, RefundAccount};
use paypier_domain::promotion::RetainOption;

/// `POST /payments/{paymentId}/cancel` in no dialect's words. Amounts are order amounts.
#[derive(Debug)]
pub struct CancelPayment {
    pub store: Option<String>,
    pub payment_id: PaymentId,
    pub amount: Option<Amount>,
    pub tax_free: Option<Amount>,
    pub vat: Option<Amount>,
    pub current_cancellable: Option<Amount>,
    pub reason: String,
    /// `CUSTOMER` or `ADMIN`.
    pub requester: Option<String>,
    pub refund_account: Option<RefundAccount>,
    /// What becomes of a promotion's discount.
    pub retain: RetainOption,
    pub skip_webhook: bool,
}

impl App {
    /// # Errors
    /// Store out of reach, no such payment, the refusals of `cancel::request` in their order, or the
    /// PSP's refusal. A pending or unknown refund is a success whose cancellation is still requested.
    pub async fn cancel_payment(&self, caller: &Caller, ask: CancelPayment, ticket: &Ticket) -> Verdict {
        let profile = caller.store(self, ask.store.as_deref()).await?;
        let key = PaymentKey { store: profile.store.id.clone(), payment: ask.payment_id };
        let request = CancelAsk {
            id: CancellationId::known(self.ids.uuid().to_string()),
            amount: ask.amount,
            tax_free: ask.tax_free,
            vat: ask.vat,
            current_cancellable: ask.current_cancellable,
            reason: ask.reason,
            requester: ask.requester,
            origin: CancelOrigin::Api,
            refund_account: ask.refund_account,
            retain: ask.retain,
            skip_webhook: ask.skip_webhook,
            claim: ticket.reference(),
        };
        self.refund(&profile, &key, request, ticket).await
    }
}
