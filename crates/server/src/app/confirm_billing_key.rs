//! Issuing by the merchant's server what the buyer authenticated in a window (manual approval), with or
//! without a first payment.

use super::App;
use super::caller::Caller;
use super::commit::MOST_TRIES;
use super::directory::StoreProfile;
use super::failure::{Failure, Missing};
use super::issue_billing_key::issuance_verdict;
use super::success::{Success, Verdict};
use super::ticket::Ticket;
use crate::keyring::digest;
use paypier_domain::billing_key::{self, BillingKey, ConfirmRefusal};
use paypier_domain::channel::Environment;
use paypier_domain::checkout::{KeyPurpose, PaymentPurpose};
use paypier_domain::id::{PaymentId, PaymentKey};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::payment::AttemptState;
use paypier_storage::CommitError;

/// `POST /billing-keys/confirm` and `/billing-keys/confirm-issue-and-pay` in no dialect's words. All
/// members but the token are the caller's beliefs: one that is wrong refuses the request.
pub struct ConfirmBillingKey {
    pub store: Option<String>,
    pub issue_token: String,
    pub is_test: Option<bool>,
    pub skip_webhook: bool,
    /// Whether the first payment is approved as well, and what the caller believes about it.
    pub pays: Option<PaymentBeliefs>,
}

#[derive(Debug, Default)]
pub struct PaymentBeliefs {
    pub payment_id: Option<PaymentId>,
    pub currency: Option<Currency>,
    pub total: Option<Amount>,
    pub tax_free: Option<Amount>,
}

// The token issues a key; it is never printed.
impl std::fmt::Debug for ConfirmBillingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ConfirmBillingKey(pays: {}, ..)", self.pays.is_some())
    }
}

impl App {
    /// # Errors
    /// A token that is unknown, expired, used, of another store or of the other operation; issued before; a
    /// belief that is wrong; the PSP's refusal. When the key is issued and its payment refused, the key
    /// stays.
    pub async fn confirm_billing_key(
        &self,
        caller: &Caller,
        ask: ConfirmBillingKey,
        ticket: &Ticket,
    ) -> Verdict {
        let profile = caller.store(self, ask.store.as_deref()).await?;
        let token = digest(&ask.issue_token);
        let missing = || Failure::NotFound(Missing::BillingKey);
        let window = self.storage.window_by_handed(&token).await?;
        let window = window.filter(|window| window.store == profile.store.id).ok_or_else(missing)?;
        let about = window.purpose.key().cloned().ok_or_else(missing)?;
        if about.payment.is_some() != ask.pays.is_some() {
            return Err(missing());
        }
        let is_test = window.environment == Environment::Test;
        believed("isTest", ask.is_test.as_ref(), &is_test)?;
        if let (Some(beliefs), Some(pays)) = (&ask.pays, &about.payment) {
            self.check_payment(&profile, beliefs, pays).await?;
        }
        let (key, instrument) = self.begin_confirming_key(&profile, &about, &token, &ask, ticket).await?;
        let channel = key
            .holdings
            .first()
            .map(|holding| holding.channel.key.clone())
            .ok_or_else(|| Failure::internal(format!("the billing key {} has no channel", key.id)))?;
        let route = self.route(&profile, &channel)?;
        let finished = self.finish_issuance(&profile, &route, key, &about, &instrument, ticket).await;
        let pays = about.payment.as_ref().map(|pays| &pays.payment);
        finished.and_then(|key| confirmed(&key, pays))
    }

    async fn check_payment(
        &self,
        profile: &StoreProfile,
        beliefs: &PaymentBeliefs,
        pays: &PaymentPurpose,
    ) -> Result<(), Failure> {
        let of = PaymentKey { store: profile.store.id.clone(), payment: pays.payment.clone() };
        let payment = self.storage.payment(&of).await?.ok_or(Failure::NotFound(Missing::BillingKey))?;
        let Some(attempt) = payment.attempt(&pays.transaction) else {
            return Err(Failure::NotFound(Missing::BillingKey));
        };
        believed("paymentId", beliefs.payment_id.as_ref(), &pays.payment)?;
        believed("currency", beliefs.currency.as_ref(), &attempt.currency)?;
        believed("totalAmount", beliefs.total.as_ref(), &attempt.amounts.total)?;
        believed("taxFreeAmount", beliefs.tax_free.as_ref(), &attempt.amounts.tax_free)?;
        // Paid in another window meanwhile: issuing a key for nothing helps nobody.
        if attempt.state == AttemptState::Ready && payment.paid_attempt().is_some() {
            return Err(Failure::NotFound(Missing::BillingKey));
        }
        Ok(())
    }

    async fn begin_confirming_key(
        &self,
        profile: &StoreProfile,
        about: &KeyPurpose,
        token: &[u8; 32],
        ask: &ConfirmBillingKey,
        ticket: &Ticket,
    ) -> Result<(BillingKey, String), Failure> {
        for _ in 0..MOST_TRIES {
            let key = self
                .storage
                .billing_key(&about.billing_key)
                .await?
                .ok_or(Failure::NotFound(Missing::BillingKey))?;
            let now = self.now(profile, key.environment);
            let (decided, instrument) = billing_key::confirm(
                &key,
                token,
                ticket.reference(),
                ask.skip_webhook,
                self.policy.limits.answer_overdue,
                now,
            )?;
            let mut change = decided.change;
            ticket.begin(&mut change);
            match self.commit(profile, ticket, change).await {
                Ok(()) => return Ok((decided.key, instrument)),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }
}

/// The answer to a request that had a key issued, with a first payment or without.
///
/// # Errors
/// It was not issued.
pub(super) fn confirmed(key: &BillingKey, pays: Option<&PaymentId>) -> Verdict {
    issuance_verdict(key)?;
    Ok(Success::BillingKeyConfirmed { key: key.id.clone(), payment: pays.cloned() })
}

fn believed<T: PartialEq + std::fmt::Display>(
    member: &'static str,
    believed: Option<&T>,
    actual: &T,
) -> Result<(), Failure> {
    match believed {
        Some(believed) if believed != actual => Err(Failure::ConfirmKey(ConfirmRefusal::Mismatch {
            member,
            believed: believed.to_string(),
            actual: actual.to_string(),
        })),
        _ => Ok(()),
    }
}
