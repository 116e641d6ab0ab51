//! Reading payments, keys, events and what belongs to them, inside what the caller may reach.

use super::App;
use super::caller::Caller;
use super::failure::{Failure, Missing};
use paypier_domain::billing_key::BillingKey;
use paypier_domain::cash_receipt::{self, CashReceipt};
use paypier_domain::delivery::Delivery;
use paypier_domain::id::{BillingKeyId, PaymentId, PaymentKey, ScheduleId, StoreId};
use paypier_domain::payment::Payment;
use paypier_domain::schedule::Schedule;
use std::collections::{BTreeMap, HashMap};

/// A payment with the deliveries that are shown with it.
#[derive(Debug, Clone)]
pub struct PaymentView {
    pub payment: Payment,
    pub deliveries: Vec<Delivery>,
    /// The latest receipt that was ever valid; only payments in cash have one.
    pub receipt: Option<CashReceipt>,
}

/// Whether a receipt is looked for at all: most payments are by card, and reading them costs nothing more.
fn may_have_receipt(payment: &Payment) -> bool {
    payment.paid_attempt().and_then(|attempt| attempt.method.as_ref()).is_some_and(cash_receipt::is_cash)
}

impl App {
    /// # Errors
    /// No such payment in the store, or the store is out of reach.
    pub async fn payment(
        &self,
        caller: &Caller,
        store: Option<&str>,
        id: &PaymentId,
    ) -> Result<PaymentView, Failure> {
        let profile = caller.store(self, store).await?;
        let key = PaymentKey { store: profile.store.id.clone(), payment: id.clone() };
        let payment = self.storage.payment(&key).await?.ok_or(Failure::NotFound(Missing::Payment))?;
        let deliveries = self.storage.deliveries_of(&key.store, &[key.payment.as_str()]).await?;
        let receipt = if may_have_receipt(&payment) {
            self.storage.cash_receipts_of(&key.store, &[key.payment.as_str()]).await?.pop()
        } else {
            None
        };
        Ok(PaymentView { payment, deliveries, receipt })
    }

    /// Payments with their deliveries, in the same order.
    ///
    /// # Errors
    /// The database could not be read.
    pub async fn with_deliveries(&self, payments: Vec<Payment>) -> Result<Vec<PaymentView>, Failure> {
        // Stores are read in an order that repeats itself.
        let mut by_store: BTreeMap<StoreId, Vec<&str>> = BTreeMap::new();
        for payment in &payments {
            by_store.entry(payment.key.store.clone()).or_default().push(payment.key.payment.as_str());
        }
        let mut deliveries: HashMap<(StoreId, String), Vec<Delivery>> = HashMap::new();
        for (store, subjects) in by_store {
            for delivery in self.storage.deliveries_of(&store, &subjects).await? {
                deliveries.entry((store.clone(), delivery.subject.clone())).or_default().push(delivery);
            }
        }
        let mut in_cash: BTreeMap<StoreId, Vec<&str>> = BTreeMap::new();
        for payment in payments.iter().filter(|payment| may_have_receipt(payment)) {
            in_cash.entry(payment.key.store.clone()).or_default().push(payment.key.payment.as_str());
        }
        let mut receipts: HashMap<PaymentKey, CashReceipt> = HashMap::new();
        for (store, ids) in in_cash {
            let found = self.storage.cash_receipts_of(&store, &ids).await?;
            receipts.extend(found.into_iter().map(|receipt| (receipt.payment.clone(), receipt)));
        }
        Ok(payments
            .into_iter()
            .map(|payment| {
                let subject = (payment.key.store.clone(), payment.key.payment.to_string());
                PaymentView {
                    deliveries: deliveries.remove(&subject).unwrap_or_default(),
                    receipt: receipts.remove(&payment.key),
                    payment,
                }
            })
            .collect())
    }

    /// An issued or deleted billing key. Keys whose issuance never succeeded are not found.
    ///
    /// # Errors
    /// No such key in the store, or the store is out of reach.
    pub async fn billing_key(
        &self,
        caller: &Caller,
        store: Option<&str>,
        id: &BillingKeyId,
    ) -> Result<BillingKey, Failure> {
        let profile = caller.store(self, store).await?;
        self.storage
            .billing_key(id)
            .await?
            .filter(|key| key.store == profile.store.id)
            .ok_or(Failure::NotFound(Missing::BillingKey))
    }

    /// # Errors
    /// No such schedule in the store, or the store is out of reach.
    pub async fn schedule(
        &self,
        caller: &Caller,
        store: Option<&str>,
        id: &ScheduleId,
    ) -> Result<Schedule, Failure> {
        let profile = caller.store(self, store).await?;
        self.storage.schedule(&profile.store.id, id).await?.ok_or(Failure::NotFound(Missing::Schedule))
    }
}
