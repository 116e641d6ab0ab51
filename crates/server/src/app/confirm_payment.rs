//! Approving by the merchant's server what the buyer authenticated in a window (manual approval).

use super::App;
use super::caller::Caller;
use super::charging::{ChargePlan, FixedAccount, Instrument};
use super::commit::MOST_TRIES;
use super::directory::StoreProfile;
use super::failure::{Failure, Missing};
use super::success::Verdict;
use super::ticket::Ticket;
use crate::keyring::digest;
use jiff::Timestamp;
use paypier_domain::checkout::PaymentPurpose;
use paypier_domain::id::{PaymentId, PaymentKey, TransactionId};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::payment::pay::{self, Beliefs, Confirmed};
use paypier_domain::payment::{Attempt, Method, Request};
use paypier_storage::CommitError;

/// `POST /payments/{paymentId}/confirm` in no dialect's words. All members but the token are the
/// caller's beliefs: one that is wrong refuses the request.
pub struct ConfirmPayment {
    pub store: Option<String>,
    pub payment_id: PaymentId,
    pub payment_token: String,
    pub transaction: Option<TransactionId>,
    pub currency: Option<Currency>,
    pub total: Option<Amount>,
    pub tax_free: Option<Amount>,
    pub is_test: Option<bool>,
    pub skip_webhook: bool,
}

// The token approves a payment; it is never printed.
impl std::fmt::Debug for ConfirmPayment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ConfirmPayment({}, ..)", self.payment_id)
    }
}

impl App {
    /// # Errors
    /// No such payment; paid before; a token that is unknown, expired, used or of another payment; a
    /// belief that is wrong; the PSP's refusal or an unknown outcome.
    pub async fn confirm_payment(&self, caller: &Caller, ask: ConfirmPayment, ticket: &Ticket) -> Verdict {
        let profile = caller.store(self, ask.store.as_deref()).await?;
        let key = PaymentKey { store: profile.store.id.clone(), payment: ask.payment_id };
        let beliefs = Beliefs {
            transaction: ask.transaction,
            currency: ask.currency,
            total: ask.total,
            tax_free: ask.tax_free,
            is_test: ask.is_test,
        };
        let token = digest(&ask.payment_token);
        let confirmed =
            self.begin_confirmation(&profile, &key, &token, &beliefs, ask.skip_webhook, ticket).await?;
        let payment = confirmed.decided.payment;
        let request = payment
            .attempt(&confirmed.transaction)
            .and_then(Attempt::as_request)
            .ok_or_else(|| Failure::internal(format!("the confirmed attempt of {key} cannot be sent")))?;
        let route = self.route(&profile, &request.channel.key)?;
        let about = self.opened_for(&profile, &confirmed.transaction).await?;
        let (instrument, installment_months) = approved_with(&request, about.as_ref(), confirmed.instrument);
        let plan = ChargePlan {
            payment: key,
            request,
            promotion: None,
            instrument,
            installment_months,
            bypass: about.and_then(|about| about.bypass),
            beside: Vec::new(),
        };
        self.finish_charge(&profile, &route, payment, plan, ticket).await
    }

    /// What the page that opened the window had asked for.
    async fn opened_for(
        &self,
        profile: &StoreProfile,
        transaction: &TransactionId,
    ) -> Result<Option<PaymentPurpose>, Failure> {
        let window = self.storage.window_of(&profile.store.id, transaction).await?;
        Ok(window.and_then(|window| window.purpose.payment().cloned()))
    }

    async fn begin_confirmation(
        &self,
        profile: &StoreProfile,
        key: &PaymentKey,
        token: &[u8; 32],
        beliefs: &Beliefs,
        skip_success: bool,
        ticket: &Ticket,
    ) -> Result<Confirmed, Failure> {
        let _lane = self.lanes.enter(key).await;
        for _ in 0..MOST_TRIES {
            let payment = self.storage.payment(key).await?.ok_or(Failure::NotFound(Missing::Payment))?;
            // It was scheduled while its window was open.
            self.refuse_scheduled(key).await?;
            let now = self.now(profile, payment.environment);
            let confirmed = pay::confirm(
                &payment,
                token,
                beliefs,
                ticket.reference(),
                skip_success,
                self.policy.limits,
                now,
            )?;
            self.check_hold(&payment, &confirmed.transaction).await?;
            let mut change = confirmed.decided.change.clone();
            ticket.begin(&mut change);
            match self.commit(profile, ticket, change).await {
                Ok(()) => return Ok(confirmed),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }
}

/// With what the PSP is asked: an account is opened now, everything else was authenticated before.
fn approved_with(request: &Request, about: Option<&PaymentPurpose>, token: String) -> (Instrument, u8) {
    match &request.method {
        Some(Method::VirtualAccount { account }) => {
            let fixed = about.and_then(|about| about.choices.fixed_account.as_ref());
            let instrument = Instrument::VirtualAccount {
                bank: account.bank.clone().unwrap_or_default(),
                expires_at: account.expires_at.unwrap_or(Timestamp::MAX),
                fixed_account: fixed.map(FixedAccount::from),
                remittee_name: account.remittee_name.clone(),
            };
            (instrument, 0)
        }
        Some(Method::Card { installment, .. }) => {
            (Instrument::Stored { token }, installment.map_or(0, |installment| installment.months))
        }
        _ => (Instrument::Stored { token }, 0),
    }
}
