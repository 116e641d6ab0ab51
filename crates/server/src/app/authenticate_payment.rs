//! A buyer authenticates in a window, up to the point where the merchant's server has to approve.
//!
//! The window itself is the checkout's; here is what it leaves behind: an attempt that is `READY`,
//! the PSP's token for what the buyer authenticated with, and the payment token that
//! [`super::confirm_payment`] uses up. The sandbox control plays the buyer with it.

use super::App;
use super::caller::Caller;
use super::channel_choice::Wanted;
use super::checkout::approve::TOKEN_LIFETIME;
use super::commit::MOST_TRIES;
use super::failure::{Failure, PspFailure};
use super::pay_instantly::Sale;
use super::ticket::Ticket;
use crate::keyring::digest;
use paypier_connectors::contract::{AuthenticateAsk, BuyerInstrument, Card};
use paypier_domain::checkout::PayMethod;
use paypier_domain::id::{ChannelKey, PaymentId, PaymentKey, TransactionId};
use paypier_domain::outcome::Outcome;
use paypier_domain::payment::pay::{self, PayRefusal};
use paypier_domain::payment::{Authentication, Method};
use paypier_domain::psp::CardDetails;
use paypier_storage::CommitError;

#[derive(Debug)]
pub struct AuthenticatePayment {
    pub store: Option<String>,
    pub payment_id: PaymentId,
    pub channel: ChannelKey,
    pub card: Card,
    pub sale: Sale,
}

/// What the window hands to the merchant's page.
#[derive(Clone, PartialEq, Eq)]
pub struct Authenticated {
    pub transaction: TransactionId,
    pub payment_token: String,
}

// The token approves a payment; it is never printed.
impl std::fmt::Debug for Authenticated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Authenticated({}, ..)", self.transaction)
    }
}

impl App {
    /// # Errors
    /// Store out of reach, no usable channel, amounts that differ from the pre-registered ones, the
    /// refusals of a further attempt, or the PSP refuses the card.
    pub async fn authenticate_payment(
        &self,
        caller: &Caller,
        ask: AuthenticatePayment,
    ) -> Result<Authenticated, Failure> {
        let profile = caller.store(self, ask.store.as_deref()).await?;
        let key = PaymentKey { store: profile.store.id.clone(), payment: ask.payment_id };
        let (route, _) = self.choose_channel(
            &profile,
            Some(&ask.channel),
            None,
            Wanted::Window(PayMethod::Card),
            ask.sale.currency,
        )?;
        self.check_pre_registration(&key, &ask.sale).await?;
        let kept = CardDetails {
            bin: Some(ask.card.bin()),
            masked_number: Some(ask.card.masked_number()),
            ..CardDetails::default()
        };
        let method =
            Method::Card { card: kept, approval_number: None, installment: None, is_point_used: false };
        let promotion = self.promotion_of(&profile, &route.channel, ask.sale.promotion.as_deref()).await?;
        let (request, _) = self.request_of(ask.sale, &route.channel, None, Some(method), &Ticket::none())?;
        let transaction = request.transaction.clone();
        let call = route.call(self.now(&profile, route.channel.environment));
        let reference = format!("{transaction}:{}", self.ids.uuid());
        let asked = AuthenticateAsk {
            reference: &reference,
            charge_reference: transaction.as_str(),
            amount: request.amounts.to_pay(),
            currency: request.currency,
            with: BuyerInstrument::Card(&ask.card),
        };
        let authenticated = route.connector.authenticate(&call, &asked);
        let instrument = match route.measured("authenticate", authenticated).await {
            Outcome::Done(authentication) | Outcome::Pending(authentication) => authentication.token,
            Outcome::Declined(decline) => return Err(refused(decline.code, decline.message)),
            Outcome::NotSent(reason) => return Err(refused(reason.code, reason.message)),
            Outcome::Unknown(doubt) => return Err(refused(PspFailure::OUTCOME_UNKNOWN.into(), doubt.reason)),
        };
        let payment_token = self.random_token();
        let mut existing = self.storage.payment(&key).await?;
        self.refuse_scheduled(&key).await?;
        for _ in 0..MOST_TRIES {
            let moment = self.moment(&profile, route.channel.environment);
            let now = moment.at;
            let authentication = Authentication {
                token_digest: digest(&payment_token),
                expires_at: now.checked_add(TOKEN_LIFETIME).unwrap_or(now),
                instrument: instrument.clone(),
            };
            let merchant = &profile.store.merchant;
            let request = match &promotion {
                None => request.clone(),
                Some(promotion) => {
                    pay::check(existing.as_ref(), &request, self.policy.limits)?;
                    self.discounted(&route, request.clone(), promotion, now).await?
                }
            };
            let opened = pay::open(
                existing.as_ref(),
                &key,
                merchant,
                request,
                Some(authentication),
                self.policy.limits,
                now,
            )?;
            match self.commit(&profile, &Ticket::none(), opened.change).await {
                Ok(()) => return Ok(Authenticated { transaction, payment_token }),
                Err(CommitError::Conflict | CommitError::Exists(_)) => {
                    existing = self.storage.payment(&key).await?;
                    self.refuse_scheduled(&key).await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    /// Browsers are not believed: what was registered for the payment must be what is paid.
    pub(super) async fn check_pre_registration(&self, key: &PaymentKey, sale: &Sale) -> Result<(), Failure> {
        let Some(registered) = self.storage.pre_registration(key).await? else { return Ok(()) };
        let differs = registered.total.is_some_and(|total| total != sale.amounts.total)
            || registered.tax_free.is_some_and(|tax_free| tax_free != sale.amounts.tax_free)
            || registered.currency.is_some_and(|currency| currency != sale.currency);
        if differs {
            return Err(Failure::Pay(PayRefusal::DiffersFromRegistered));
        }
        Ok(())
    }
}

fn refused(code: String, message: String) -> Failure {
    Failure::Psp(PspFailure { code, message, note: "the PSP did not authenticate the card".into() })
}
