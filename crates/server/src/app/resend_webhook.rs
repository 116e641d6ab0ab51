//! Sending a webhook again because somebody asks for it.
//!
//! The message is the same (id, body), its timestamp and signatures are new, and it goes to the URL
//! on record. It counts against a quota of its own and not against the schedule; a success ends the
//! schedule. A receiver that fails is no failure of the request.

use super::App;
use super::caller::Caller;
use super::commit::MOST_TRIES;
use super::directory::StoreProfile;
use super::failure::{Failure, Missing};
use super::success::{Success, Verdict};
use super::ticket::Ticket;
use crate::jobs::outbox;
use paypier_domain::delivery::Delivery;
use paypier_domain::id::{PaymentId, PaymentKey, WebhookId};
use paypier_storage::CommitError;

impl App {
    /// Sends the named webhook of a payment again, or its latest one, and waits for the outcome.
    ///
    /// # Errors
    /// No such payment, no webhook or not of this payment, quota used up.
    pub async fn resend_webhook(
        &self,
        caller: &Caller,
        store: Option<&str>,
        payment_id: &PaymentId,
        webhook: Option<&WebhookId>,
        ticket: &Ticket,
    ) -> Verdict {
        let profile = caller.store(self, store).await?;
        let key = PaymentKey { store: profile.store.id.clone(), payment: payment_id.clone() };
        if self.storage.payment(&key).await?.is_none() {
            return Err(Failure::NotFound(Missing::Payment));
        }
        let deliveries = self.storage.deliveries_of(&key.store, &[key.payment.as_str()]).await?;
        let delivery = deliveries
            .into_iter()
            // A billing key may be named like the payment; only payments have a status.
            .filter(|delivery| delivery.status_when_sent.is_some())
            .filter(|delivery| webhook.is_none_or(|id| delivery.id == *id))
            .max_by(|a, b| (a.sequence, a.created_at, &a.id).cmp(&(b.sequence, b.created_at, &b.id)))
            .ok_or(Failure::NotFound(Missing::Webhook))?;
        self.send_again(&profile, delivery, ticket).await
    }

    /// Sends a webhook again by its id alone, whatever it is about.
    ///
    /// # Errors
    /// No such webhook within the caller's reach, quota used up.
    pub async fn replay_webhook(&self, caller: &Caller, webhook: &WebhookId) -> Verdict {
        let missing = || Failure::NotFound(Missing::Webhook);
        let delivery = self.storage.delivery(webhook).await?.ok_or_else(missing)?;
        // Somebody else's webhook is not told from one that does not exist.
        let profile = match caller.store(self, Some(delivery.store.as_str())).await {
            Err(Failure::Forbidden(_)) => return Err(missing()),
            reached => reached?,
        };
        self.send_again(&profile, delivery, &Ticket::none()).await
    }

    /// Webhooks of a store whose tries are used up, the latest first.
    ///
    /// # Errors
    /// The store is out of reach.
    pub async fn dead_webhooks(
        &self,
        caller: &Caller,
        store: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Delivery>, Failure> {
        let profile = caller.store(self, store).await?;
        Ok(self.storage.dead_deliveries(&profile.store.id, limit).await?)
    }

    async fn send_again(&self, profile: &StoreProfile, delivery: Delivery, ticket: &Ticket) -> Verdict {
        let (sent, limit) = (delivery.manual_executions, self.policy.max_manual_deliveries);
        if sent >= limit {
            return Err(Failure::WebhookQuota { sent, limit });
        }
        let execution = self.execute(profile, &delivery).await?;
        let mut before = delivery;
        for _ in 0..MOST_TRIES {
            let mut after = before.clone();
            after.executed_manually(execution.clone());
            let verdict = Ok(Success::WebhookResent(Box::new(after.clone())));
            let mut change = outbox::change(profile, &before, after);
            // The key is taken together with the record: a copy of the request that comes in between
            // sends the same message once more, which receivers know how to ignore.
            ticket.finish(&mut change, &verdict);
            match self.commit_with(ticket, change).await {
                Ok(()) => {
                    // Later webhooks of the payment may have waited for this one.
                    self.bell.notify_one();
                    return verdict;
                }
                // The schedule tried it meanwhile; what is recorded adds to that.
                Err(CommitError::Conflict) => {
                    before = self.storage.delivery(&before.id).await?.unwrap_or(before);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }
}
