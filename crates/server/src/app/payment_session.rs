//! Payment sessions: made by the merchant's server, read by whoever has the id, closed by the merchant.

use super::App;
use super::caller::{Caller, shown};
use super::checkout_profile::Order;
use super::failure::{Failure, Missing};
use super::success::{Success, Verdict};
use super::ticket::Ticket;
use crate::keyring::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use paypier_domain::change::{Change, Write};
use paypier_domain::checkout_profile::CheckoutMethod;
use paypier_domain::id::{PaymentId, PaymentKey, ProfileKey};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::payment_session::{Agreement, Colors, PaymentSession, SessionProduct};
use paypier_storage::CommitError;

/// `POST /payment-sessions` in no dialect's words.
#[derive(Debug)]
pub struct CreatePaymentSession {
    pub store: String,
    pub payment_id: PaymentId,
    pub profile: ProfileKey,
    pub method: Option<CheckoutMethod>,
    pub country: String,
    pub currency: Currency,
    pub total: Amount,
    pub order_name: String,
    pub redirect_url: Option<String>,
    pub products: Option<Vec<SessionProduct>>,
    pub customer_name: Option<String>,
    pub customer_email: Option<String>,
    pub store_name: Option<String>,
    pub agreements: Option<Vec<Agreement>>,
    pub order_image_url: Option<String>,
    pub custom_data: Option<String>,
    pub colors: Option<Colors>,
    pub ttl_seconds: Option<i64>,
}

/// A session that was made. The id is told once, to the merchant.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionMade {
    pub id: String,
    pub url: String,
    pub expires_at: Timestamp,
}

// Whoever knows the id sees the buyer's data; it is never printed.
impl std::fmt::Debug for SessionMade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SessionMade(until {}, ..)", self.expires_at)
    }
}

impl App {
    /// # Errors
    /// Store out of reach; a profile that the store does not have, or a method that the profile does
    /// not; a lifetime that is not accepted.
    pub async fn create_payment_session(
        &self,
        caller: &Caller,
        ask: CreatePaymentSession,
        ticket: &Ticket,
    ) -> Verdict {
        let profile = caller.store(self, Some(&ask.store)).await?;
        let found = self.storage.checkout_profile(&ask.profile).await?;
        let offered =
            found.filter(|found| found.store == profile.store.id && !found.is_deleted).ok_or_else(|| {
                let key = shown(ask.profile.as_str());
                Failure::Invalid(format!("profileKey: the store has no checkout profile {key}"))
            })?;
        if let Some(method) = ask.method.filter(|method| !offered.has(*method)) {
            return Err(Failure::Invalid(format!("paymentMethod: the profile does not offer {method}")));
        }
        let lifetime = self.policy.session_lifetimes.asked(ask.ttl_seconds)?;
        let now = self.now(&profile, offered.environment);
        let expires_at = now.checked_add(lifetime).unwrap_or(Timestamp::MAX);
        let id = self.session_id();
        let session = PaymentSession {
            digest: digest(&id),
            payment: PaymentKey { store: profile.store.id.clone(), payment: ask.payment_id },
            environment: offered.environment,
            profile: ask.profile,
            method: ask.method,
            country: ask.country,
            currency: ask.currency,
            total: ask.total,
            order_name: ask.order_name,
            redirect_url: ask.redirect_url,
            products: ask.products,
            customer_name: ask.customer_name,
            customer_email: ask.customer_email,
            store_name: ask.store_name,
            agreements: ask.agreements,
            order_image_url: ask.order_image_url,
            custom_data: ask.custom_data,
            colors: ask.colors,
            created_at: now,
            expires_at,
            closed_at: None,
        };
        let url = format!("{}/checkout/sessions/{id}", self.policy.public_url);
        let verdict = Ok(Success::SessionMade(SessionMade { id, url, expires_at }));
        let mut change = Change::default();
        change.writes.push(Write::PaymentSession(Box::new(session)));
        ticket.finish(&mut change, &verdict);
        self.commit(&profile, ticket, change).await?;
        verdict
    }

    /// 288 random bits in 48 characters that an address can hold.
    fn session_id(&self) -> String {
        let mut bytes = [0; 36];
        self.random.fill(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The session with this id, for everybody who knows it. It is found by its digest, so that how long
    /// that takes says nothing about an id that is nearly right.
    ///
    /// # Errors
    /// No such session; or its time is over, or it was closed.
    pub async fn payment_session(&self, id: &str) -> Result<PaymentSession, Failure> {
        let missing = || Failure::NotFound(Missing::PaymentSession);
        let session = self.storage.payment_session(&digest(id)).await?.ok_or_else(missing)?;
        let store = self.directory.store(self, &session.payment.store).await?.ok_or_else(missing)?;
        if session.is_open(self.now(&store, session.environment)) {
            Ok(session)
        } else {
            Err(Failure::SessionOver)
        }
    }

    /// What the session can be paid with now.
    ///
    /// # Errors
    /// Its profile was deleted.
    pub async fn session_methods(
        &self,
        session: &PaymentSession,
    ) -> Result<Vec<super::checkout_profile::MethodOffer>, Failure> {
        let (profile, store) = self.checkout_profile(&session.profile).await?;
        let order =
            Order { country: session.country.clone(), currency: session.currency, amount: session.total };
        Ok(self.profile_methods(&profile, &store, &order))
    }

    /// Closes the session, also one whose time is over; closing it again changes nothing.
    ///
    /// # Errors
    /// No such session in a store that the caller reaches.
    pub async fn close_payment_session(&self, caller: &Caller, id: &str, ticket: &Ticket) -> Verdict {
        let missing = || Failure::NotFound(Missing::PaymentSession);
        let digest = digest(id);
        loop {
            let session = self.storage.payment_session(&digest).await?.ok_or_else(missing)?;
            let profile = match caller.store(self, Some(session.payment.store.as_str())).await {
                // Somebody else's session is one that does not exist.
                Err(Failure::Forbidden(_)) => return Err(missing()),
                reached => reached?,
            };
            if let Some(at) = session.closed_at {
                return Ok(Success::SessionClosed { at });
            }
            let at = self.now(&profile, session.environment);
            let verdict = Ok(Success::SessionClosed { at });
            let mut change = Change::default();
            change.writes.push(Write::SessionClosed { digest, at });
            ticket.finish(&mut change, &verdict);
            match self.commit(&profile, ticket, change).await {
                Ok(()) => return verdict,
                // Somebody else closed it, which happens once; or its TEST data was emptied.
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}
