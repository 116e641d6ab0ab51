//! Scheduling a charge of a billing key for a later time.

use super::App;
use super::caller::Caller;
use super::commit::MOST_TRIES;
use super::failure::Failure;
use super::pay_with_billing_key::PayWithBillingKey;
use super::success::{Success, Verdict};
use super::ticket::Ticket;
use jiff::Timestamp;
use paypier_domain::id::{PaymentKey, ScheduleId};
use paypier_domain::schedule::{self, CreateRefusal, Present, Schedule, ScheduledCharge, State};
use paypier_storage::CommitError;

/// `POST /payments/{paymentId}/schedule` in no dialect's words.
#[derive(Debug)]
pub struct SchedulePayment {
    /// What will be charged. Its channel is looked for when the time has come.
    pub charge: PayWithBillingKey,
    pub time_to_pay: Timestamp,
}

impl App {
    /// # Errors
    /// Store out of reach, a time that is not in the future, a promotion or key that is unknown, a key
    /// that is deleted, a payment that is paid, waits or is scheduled already, amounts that do not fit.
    pub async fn schedule_payment(&self, caller: &Caller, ask: SchedulePayment, ticket: &Ticket) -> Verdict {
        let profile = caller.store(self, ask.charge.store.as_deref()).await?;
        let time_to_pay = ask.time_to_pay;
        // Test clocks run ahead: what has passed on the real one has passed on all.
        let real = self.clock.now();
        if time_to_pay <= real {
            return Err(CreateRefusal::NotInFuture { time_to_pay, now: real }.into());
        }
        if let Some(named) = &ask.charge.sale.promotion {
            self.known_promotion(&profile, named).await?;
        }
        let payment = PaymentKey { store: profile.store.id.clone(), payment: ask.charge.payment_id.clone() };
        let id = ScheduleId::known(self.ids.uuid().to_string());
        let mut charge = self.planned(&id, ask.charge)?;
        for _ in 0..MOST_TRIES {
            // In this order: what is made after the key and the payment were loaded is noticed by the write.
            let key = self.known_key(&profile, &charge.billing_key).await?;
            self.promotion_in(&profile, key.environment, charge.promotion.as_deref()).await?;
            let existing = self.storage.payment(&payment).await?;
            let active = self.storage.waiting_schedule_of(&payment).await?;
            charge.order.customer = charge.order.customer.or(&key.customer);
            let now = self.now(&profile, key.environment);
            let schedule = Schedule {
                id: id.clone(),
                payment: payment.clone(),
                merchant: profile.store.merchant.clone(),
                environment: key.environment,
                version: 0,
                charge: charge.clone(),
                created_at: now,
                time_to_pay,
                state: State::Scheduled,
            };
            let present = Present { key: &key, payment: existing.as_ref(), active: active.as_ref() };
            let decided = schedule::create(schedule, present, self.policy.limits.answer_overdue, now)?;
            let verdict = Ok(Success::Scheduled(id.clone()));
            let mut change = decided.change;
            ticket.finish(&mut change, &verdict);
            match self.commit(&profile, ticket, change).await {
                Ok(()) => return verdict,
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }
}

impl App {
    fn planned(&self, id: &ScheduleId, asked: PayWithBillingKey) -> Result<ScheduledCharge, Failure> {
        let sale = asked.sale;
        let mut order = sale.order;
        order.cash_receipt =
            sale.receipt.map(|wanted| self.sealed_receipt(id.as_str(), &wanted)).transpose()?;
        Ok(ScheduledCharge {
            billing_key: asked.billing_key,
            channel: asked.channel,
            order,
            currency: sale.currency,
            total: sale.amounts.total,
            tax_free: sale.amounts.tax_free,
            vat: sale.amounts.vat,
            installment: asked.installment,
            is_point_used: asked.is_point_used,
            origin: sale.origin,
            notices: sale.notices,
            promotion: sale.promotion,
            bypass: sale.bypass,
        })
    }
}
