//! Billing keys that are issued in a window, and the first payment with one.
//!
//! The key has its id from the moment the window opens. The buyer's authentication moves nothing; what it
//! is exchanged for is the lasting token. With a first payment, the issued key and the intention to charge
//! it are one change, so that there is no key whose payment was forgotten.

use super::approve::TOKEN_LIFETIME;
use super::submit::Submitted;
use super::{Visit, issue_token};
use crate::app::App;
use crate::app::charging::{ChargePlan, Instrument};
use crate::app::commit::MOST_TRIES;
use crate::app::confirm_billing_key::confirmed;
use crate::app::directory::StoreProfile;
use crate::app::failure::Failure;
use crate::app::psp::Route;
use crate::app::ticket::Ticket;
use crate::keyring::digest;
use jiff::Timestamp;
use paypier_domain::billing_key::{self, BillingKey, HoldingState, KeyMethod, PendingApproval};
use paypier_domain::change::Change;
use paypier_domain::checkout::{Authenticated, KeyPurpose, PaymentPurpose, Step};
use paypier_domain::id::PaymentKey;
use paypier_domain::outcome::Outcome;
use paypier_domain::payment::pay::{self, ApproveRefusal};
use paypier_domain::payment::{self, Method, Payment, settle};
use paypier_domain::psp::StoredInstrument;
use paypier_storage::CommitError;

impl App {
    /// The buyer is done: handed over to the merchant's server, or on to the PSP.
    ///
    /// # Errors
    /// Nothing could be recorded, or the first payment was refused or is not known.
    pub(super) async fn issue_in_window(
        &self,
        visit: &Visit,
        token: Option<&str>,
        about: &KeyPurpose,
        route: &Route,
        authenticated: Authenticated,
    ) -> Result<Submitted, Failure> {
        let is_handed_over =
            visit.profile.channel(&route.channel.key).is_some_and(|channel| channel.manual_approval);
        if is_handed_over {
            let Some(token) = token else { return Ok(Submitted::NeedsToken) };
            self.hand_key_over(visit, token, about, authenticated.instrument).await?;
            return Ok(Submitted::Look);
        }
        let Some(key) = self.begin_issuance(visit, about).await? else { return Ok(Submitted::Look) };
        let none = Ticket::none();
        self.finish_issuance(&visit.profile, route, key, about, &authenticated.instrument, &none).await?;
        Ok(Submitted::Look)
    }

    async fn hand_key_over(
        &self,
        visit: &Visit,
        token: &str,
        about: &KeyPurpose,
        instrument: String,
    ) -> Result<(), Failure> {
        let token_digest = digest(&issue_token(token));
        for _ in 0..MOST_TRIES {
            let Some(key) = self.storage.billing_key(&about.billing_key).await? else { return Ok(()) };
            let now = self.now(&visit.profile, key.environment);
            let approval = PendingApproval {
                token_digest,
                expires_at: now.checked_add(TOKEN_LIFETIME).unwrap_or(now),
                instrument: instrument.clone(),
            };
            let Ok(handed) = billing_key::hand_over(&key, approval) else { return Ok(()) };
            let ended = visit.window.at(Step::HandedOver { token_digest }).replacing(Some(&visit.window));
            match self.commit(&visit.profile, &Ticket::none(), handed.change.and(ended)).await {
                Ok(()) => return Ok(()),
                Err(CommitError::Conflict) => {
                    if self.storage.window(&visit.window.digest).await?.as_ref() != Some(&visit.window) {
                        return Ok(());
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    /// The intention, durable. `None` when this window does not get to ask.
    async fn begin_issuance(&self, visit: &Visit, about: &KeyPurpose) -> Result<Option<BillingKey>, Failure> {
        let Some(key) = self.storage.billing_key(&about.billing_key).await? else { return Ok(None) };
        let now = self.now(&visit.profile, key.environment);
        let Ok(asked) = billing_key::ask(&key, self.policy.limits.answer_overdue, now) else {
            return Ok(None);
        };
        match self.commit(&visit.profile, &Ticket::none(), asked.change).await {
            Ok(()) => Ok(Some(asked.key)),
            // Another tab was faster.
            Err(CommitError::Conflict) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Asks the PSP for the lasting token, records how that ended, and charges the first payment. `ticket` is
    /// of the merchant's server, when it approves: its answer is remembered by whatever decides it.
    ///
    /// # Errors
    /// Nothing could be recorded, or the first payment was refused or is not known.
    pub(in crate::app) async fn finish_issuance(
        &self,
        profile: &StoreProfile,
        route: &Route,
        key: BillingKey,
        about: &KeyPurpose,
        instrument: &str,
        ticket: &Ticket,
    ) -> Result<BillingKey, Failure> {
        let reference = reference(&key, route);
        let call = route.call(self.now(profile, key.environment));
        let asked = route.connector.keep_authenticated(&call, &reference, instrument);
        let outcome = route.measured("keep_authenticated", asked).await;
        let Some(pays) = &about.payment else {
            let mut issued = self.key_issued(profile, route, &key, outcome);
            ticket.finish(&mut issued.change, &confirmed(&issued.key, None));
            self.commit(profile, ticket, issued.change).await?;
            return Ok(issued.key);
        };
        self.issue_and_pay(profile, route, key, pays, outcome, ticket).await
    }

    fn key_issued(
        &self,
        profile: &StoreProfile,
        route: &Route,
        key: &BillingKey,
        outcome: Outcome<StoredInstrument>,
    ) -> billing_key::Decided {
        let now = self.now(profile, key.environment);
        billing_key::issued(key, vec![(route.channel.key.clone(), outcome)], now)
    }

    async fn issue_and_pay(
        &self,
        profile: &StoreProfile,
        route: &Route,
        key: BillingKey,
        pays: &PaymentPurpose,
        outcome: Outcome<StoredInstrument>,
        ticket: &Ticket,
    ) -> Result<BillingKey, Failure> {
        let issued = self.key_issued(profile, route, &key, outcome);
        let of = PaymentKey { store: profile.store.id.clone(), payment: pays.payment.clone() };
        let lane = self.lanes.enter(&of).await;
        for _ in 0..MOST_TRIES {
            let payment = self.reloaded(&of).await?;
            let moment = self.moment(profile, payment.environment);
            let (change, sent) = self.first_payment(&payment, pays, &issued.key, moment.at);
            let mut change = issued.change.clone().and(change);
            if sent.is_none() {
                // Nothing is charged, so this is the end of the request. Otherwise the charge is.
                ticket.finish(&mut change, &confirmed(&issued.key, Some(&pays.payment)));
            }
            match self.commit(profile, ticket, change).await {
                Ok(()) => {
                    drop(lane);
                    drop(moment);
                    if let Some(sent) = sent {
                        self.charge_first(profile, route, sent, pays, &issued.key, ticket).await?;
                    }
                    return Ok(issued.key);
                }
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    /// What becomes of the first payment together with the key: sent, or failed because there is no key.
    fn first_payment(
        &self,
        payment: &Payment,
        pays: &PaymentPurpose,
        key: &BillingKey,
        now: Timestamp,
    ) -> (Change, Option<Payment>) {
        if !key.is_issued() {
            let (code, message, reason) = refusal(key);
            let failure = payment::Failure {
                at: now,
                reason: Some(reason),
                pg_code: Some(code),
                pg_message: Some(message),
            };
            let given_up = settle::given_up(payment, &pays.transaction, failure, now);
            return (given_up.map(|decided| decided.change).unwrap_or_default(), None);
        }
        let skip_success = key.notices.skip_success;
        let method = method_of(key, 0);
        // Whoever ends the charge ends the request that had the key issued.
        let claim = key.claim.clone();
        let limits = self.policy.limits;
        let approved = pay::approve(payment, &pays.transaction, method, skip_success, claim, limits, now);
        match approved {
            Ok(decided) => (decided.change, Some(decided.payment)),
            // The key stands; another attempt of the payment was faster.
            Err(ApproveRefusal::NotWaiting | ApproveRefusal::AlreadyPaid | ApproveRefusal::InProgress(_)) => {
                (Change::default(), None)
            }
        }
    }

    async fn charge_first(
        &self,
        profile: &StoreProfile,
        route: &Route,
        payment: Payment,
        pays: &PaymentPurpose,
        key: &BillingKey,
        ticket: &Ticket,
    ) -> Result<(), Failure> {
        let request = payment
            .attempt(&pays.transaction)
            .and_then(payment::Attempt::as_request)
            .ok_or_else(|| Failure::internal(format!("the attempt {} cannot be sent", pays.transaction)))?;
        let token = key
            .token_at(&route.channel.key)
            .ok_or_else(|| Failure::internal(format!("the billing key {} has no token", key.id)))?
            .to_owned();
        let plan = ChargePlan {
            payment: payment.key.clone(),
            request,
            promotion: None,
            instrument: Instrument::Stored { token },
            installment_months: 0,
            bypass: pays.bypass.clone(),
            beside: Vec::new(),
        };
        self.finish_charge(profile, route, payment, plan, ticket).await.map(|_| ())
    }

    /// What becomes of the first payment of a key whose issuance was interrupted: it failed with it.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn first_payment_interrupted(
        &self,
        key: &BillingKey,
        now: Timestamp,
    ) -> Result<Change, Failure> {
        let Some(first) = &key.first_payment else { return Ok(Change::default()) };
        let of = PaymentKey { store: key.store.clone(), payment: first.payment.clone() };
        let Some(payment) = self.storage.payment(&of).await? else { return Ok(Change::default()) };
        let (code, message, reason) = refusal(key);
        let failure = payment::Failure {
            at: now,
            reason: Some(reason),
            pg_code: Some(code),
            pg_message: Some(message),
        };
        let given_up = settle::given_up(&payment, &first.transaction, failure, now);
        Ok(given_up.map(|decided| decided.change).unwrap_or_default())
    }

    /// Fails a key that waits in its window, with its first payment.
    ///
    /// # Errors
    /// Nothing could be recorded.
    pub(super) async fn refuse_key(
        &self,
        visit: &Visit,
        about: &KeyPurpose,
        (code, message, reason): (&str, &str, &str),
    ) -> Result<(), Failure> {
        for _ in 0..MOST_TRIES {
            let Some(change) = self.key_given_up(visit, about, (code, message, reason)).await? else {
                return Ok(());
            };
            match self.commit(&visit.profile, &Ticket::none(), change).await {
                Ok(()) => return Ok(()),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    /// The change that ends a waiting key and its first payment. `None` when it does not wait any more.
    pub(super) async fn key_given_up(
        &self,
        visit: &Visit,
        about: &KeyPurpose,
        (code, message, reason): (&str, &str, &str),
    ) -> Result<Option<Change>, Failure> {
        let Some(key) = self.storage.billing_key(&about.billing_key).await? else { return Ok(None) };
        let now = self.now(&visit.profile, key.environment);
        let Ok(failed) = billing_key::given_up(&key, (code, message, reason), now) else { return Ok(None) };
        let Some(pays) = &about.payment else { return Ok(Some(failed.change)) };
        let of = PaymentKey { store: visit.window.store.clone(), payment: pays.payment.clone() };
        let payment = self.reloaded(&of).await?;
        let failure = payment::Failure {
            at: now,
            reason: Some(reason.to_owned()),
            pg_code: Some(code.to_owned()),
            pg_message: Some(message.to_owned()),
        };
        let given_up = settle::given_up(&payment, &pays.transaction, failure, now);
        let rest = given_up.map(|decided| decided.change).unwrap_or_default();
        Ok(Some(failed.change.and(rest)))
    }
}

/// Our name for the issuance at the PSP.
pub fn reference(key: &BillingKey, route: &Route) -> String {
    format!("{}:{}", key.id, route.channel.key)
}

/// Why a key was not issued: the PSP's code and message, and ours.
pub fn refusal(key: &BillingKey) -> (String, String, String) {
    key.holdings
        .iter()
        .find_map(|holding| match &holding.state {
            HoldingState::Refused { pg_code, pg_message, message, .. } => {
                Some((pg_code.clone(), pg_message.clone(), message.clone()))
            }
            HoldingState::Asked | HoldingState::Held { .. } | HoldingState::Released => None,
        })
        .unwrap_or_default()
}

/// How a payment with this key is paid.
pub fn method_of(key: &BillingKey, months: u8) -> Method {
    let card = key.card().cloned();
    match &key.method {
        KeyMethod::Card => Method::Card {
            card: card.unwrap_or_default(),
            approval_number: None,
            installment: (months > 0).then_some(payment::Installment {
                months,
                is_interest_free: false,
                is_interest_free_from_merchant: false,
            }),
            is_point_used: false,
        },
        KeyMethod::EasyPay { provider } => Method::EasyPay { provider: provider.clone(), card },
        KeyMethod::Paypal => Method::EasyPay { provider: Some("PAYPAL".into()), card },
        KeyMethod::Mobile => Method::Mobile { phone_number: None },
        KeyMethod::Transfer { bank } => Method::Transfer { bank: bank.clone(), account_number: None },
    }
}
