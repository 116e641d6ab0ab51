//! Pinning what a payment must cost.

use super::App;
use super::caller::Caller;
use super::failure::Failure;
use super::idempotency::DONE;
use super::success::Verdict;
use super::ticket::Ticket;
use paypier_domain::change::{Change, Write};
use paypier_domain::channel::Environment;
use paypier_domain::id::{PaymentId, PaymentKey};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::payment::PreRegistration;
use paypier_domain::payment::pay::PayRefusal;

/// `POST /payments/{paymentId}/pre-register` in no dialect's words.
#[derive(Debug)]
pub struct PreRegister {
    pub store: Option<String>,
    pub payment_id: PaymentId,
    pub total: Option<Amount>,
    pub tax_free: Option<Amount>,
    pub currency: Option<Currency>,
}

impl App {
    /// Registers, or replaces what was registered.
    ///
    /// # Errors
    /// Store out of reach, or the payment was paid before.
    pub async fn pre_register(&self, caller: &Caller, ask: PreRegister, ticket: &Ticket) -> Verdict {
        let profile = caller.store(self, ask.store.as_deref()).await?;
        let key = PaymentKey { store: profile.store.id.clone(), payment: ask.payment_id };
        if self.storage.payment(&key).await?.is_some_and(|payment| payment.paid_attempt().is_some()) {
            return Err(Failure::Pay(PayRefusal::AlreadyPaid));
        }
        // Which environment the payment will have is decided by its channel, later.
        let registered_at = self.now(&profile, Environment::Test);
        let mut change = Change::default();
        change.writes.push(Write::PreRegistration(PreRegistration {
            key,
            total: ask.total,
            tax_free: ask.tax_free,
            currency: ask.currency,
            registered_at,
        }));
        ticket.finish(&mut change, &DONE);
        self.commit(&profile, ticket, change).await?;
        DONE
    }
}
