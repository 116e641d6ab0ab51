//! The checkout: windows in which buyers pay.
//!
//! `open` checks what a page asks for and makes the attempt; `view` says what the buyer sees; `submit`
//! takes what the buyer did; `approve` asks the PSP; `end` says how it ended. What always holds: a token
//! is compared by its digest only and is never stored or logged; what a browser says about amounts is
//! compared with what was registered; an attempt goes to the PSP once, because the write that sends it
//! names the version of the payment; and how a payment ended is read from its attempt, so that every tab
//! and every repetition tells the same.

pub mod approve;
pub mod close;
pub mod confirm_process;
pub mod end;
pub mod identity;
pub mod keys;
pub mod open;
pub mod play;
pub mod session;
pub mod start;
pub mod submit;
pub mod view;

use super::App;
use super::directory::StoreProfile;
use super::failure::Failure;
use crate::keyring::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use end::Outcome;
use jiff::{SignedDuration, Timestamp};
use paypier_domain::billing_key::{BillingKey, State as KeyState};
use paypier_domain::checkout::Window;
use paypier_domain::delivery::DeliveryState;
use paypier_domain::identity_verification::{IdentityVerification, State as IdentityState};
use paypier_domain::payment::{Attempt, AttemptState, Payment};
use paypier_domain::payment_session::PaymentSession;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Characters of a token: 32 bytes in base64url.
const TOKEN_CHARS: usize = 43;

/// Whether a text could be the token of a window.
pub fn is_token(text: &str) -> bool {
    text.len() == TOKEN_CHARS && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
}

/// A window as it stands, with what it is about.
#[derive(Debug, Clone)]
pub struct Visit {
    pub profile: Arc<StoreProfile>,
    pub window: Window,
    pub payment: Option<Payment>,
    pub key: Option<BillingKey>,
    pub identity: Option<IdentityVerification>,
    /// The payment session whose order sheet opened the window, while it is kept.
    pub session: Option<PaymentSession>,
}

impl Visit {
    /// The attempt that the window is about, when it is about one.
    pub fn attempt(&self) -> Option<&Attempt> {
        let about = self.window.purpose.payment()?;
        self.payment.as_ref()?.attempt(&about.transaction)
    }

    /// Whether everything that the window is about still waits for the buyer.
    pub fn is_waiting(&self) -> bool {
        self.attempt().is_none_or(|attempt| attempt.state == AttemptState::Ready)
            && self.key.as_ref().is_none_or(|key| key.state == KeyState::Ready)
            && self
                .identity
                .as_ref()
                .is_none_or(|identity| matches!(identity.state, IdentityState::Open | IdentityState::Ready))
    }
}

/// How long a result waits for its webhook, where the store wants that.
const LONGEST_HOLD: SignedDuration = SignedDuration::from_secs(30);

impl App {
    /// The window that a token names, as it stands. `None` for everything that is no token of a window
    /// that is still kept; the two are not told apart.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn visit(&self, token: &str) -> Result<Option<Visit>, Failure> {
        // Strangers who guess cost no look into the database.
        if !is_token(token) {
            return Ok(None);
        }
        let Some(window) = self.storage.window(&digest(token)).await? else { return Ok(None) };
        self.visit_of(window).await
    }

    /// The visit's outcome as it is told: where the store wants that, not before the webhook about it was
    /// tried once.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn visit_standing(&self, visit: &Visit, token: &str) -> Result<Outcome, Failure> {
        let now = self.now(&visit.profile, visit.window.environment);
        let outcome = end::outcome(visit, token, now);
        let waits = visit.profile.store.policy.result_waits_for_webhook;
        if waits && outcome != Outcome::Open && self.is_webhook_outstanding(visit, now).await? {
            return Ok(Outcome::Open);
        }
        Ok(outcome)
    }

    async fn is_webhook_outstanding(&self, visit: &Visit, now: Timestamp) -> Result<bool, Failure> {
        let payment = visit.payment.as_ref().map(|payment| payment.key.payment.as_str());
        let key = visit.key.as_ref().map(|key| key.id.as_str());
        let about: Vec<&str> = payment.into_iter().chain(key).collect();
        let deliveries = self.storage.deliveries_of(&visit.window.store, &about).await?;
        Ok(deliveries.iter().any(|delivery| {
            delivery.executions == 0
                && matches!(delivery.state, DeliveryState::Due { .. })
                && now.duration_since(delivery.created_at) < LONGEST_HOLD
        }))
    }

    /// What belongs to a window.
    pub(super) async fn visit_of(&self, window: Window) -> Result<Option<Visit>, Failure> {
        let Some(profile) = self.directory.store(self, &window.store).await? else { return Ok(None) };
        let payment = match window.payment() {
            Some(key) => self.storage.payment(&key).await?,
            None => None,
        };
        let key = match window.purpose.key() {
            Some(about) => self.storage.billing_key(&about.billing_key).await?,
            None => None,
        };
        let identity = match window.purpose.identity() {
            Some(about) => self.storage.identity_verification_attempt(&window.store, &about.tx).await?,
            None => None,
        };
        let session = match &window.page.session {
            Some(digest) => self.storage.payment_session(digest).await?,
            None => None,
        };
        // What a window is about goes with it: half of it is as good as nothing.
        let is_whole = payment.is_some() == window.purpose.payment().is_some()
            && key.is_some() == window.purpose.key().is_some()
            && identity.is_some() == window.purpose.identity().is_some();
        Ok(is_whole.then_some(Visit { profile, window, payment, key, identity, session }))
    }
}

/// A secret that is made of the window's token, so that it need not be kept and every repetition of the
/// result has the same one. Whoever knows the database does not know it.
fn derived(purpose: &str, token: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(purpose.as_bytes());
    hash.update([0]);
    hash.update(token.as_bytes());
    URL_SAFE_NO_PAD.encode(hash.finalize())
}

/// The token with which the merchant's server approves what the buyer authenticated in this window.
pub fn payment_token(token: &str) -> String {
    derived("paypier payment token", token)
}

/// The token with which the merchant's server has a billing key issued.
pub fn issue_token(token: &str) -> String {
    derived("paypier billing issue token", token)
}

/// What a form of the window's present step carries: a form of an earlier step has no effect.
pub fn step_nonce(token: &str, visit: &Visit) -> String {
    let status = visit.payment.as_ref().map(|payment| payment.status().as_str());
    let transaction = visit.window.purpose.payment().map(|about| about.transaction.as_str());
    let key = visit.key.as_ref().map(|key| key.version);
    let identity = visit.identity.as_ref().map(|identity| identity.version);
    let step = format!("{}/{transaction:?}/{status:?}/{key:?}/{identity:?}", visit.window.version);
    derived(&format!("paypier step {step}"), token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_derived_differs_by_purpose_and_token_and_is_repeatable() {
        assert_eq!(derived("a", "t"), derived("a", "t"));
        assert_ne!(derived("a", "t"), derived("b", "t"));
        assert_ne!(derived("a", "t"), derived("a", "u"));
        assert_ne!(derived("at", ""), derived("a", "t"));
        assert_eq!(payment_token("t").len(), TOKEN_CHARS);
    }
}
