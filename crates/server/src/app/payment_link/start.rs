//! A payer starts to pay a link.
//!
//! What was started before and waits for its payer ends in the same change, so that two payers do not pay at once:
//! whoever starts last goes on. While a payment is at the PSP nobody starts another one.

use super::{LinkStanding, over};
use crate::app::App;
use crate::app::failure::Failure;
use crate::app::global::Refusal;
use crate::app::global::caller::GlobalCaller;
use crate::app::global::channel::{engine_key, rows, simulated};
use crate::app::global::initiate::{NewTry, engine_order};
use crate::app::pay_instantly::{AmountsAsk, Sale};
use crate::app::ticket::Ticket;
use crate::keyring::digest;
use paypier_domain::catalogue::Method;
use paypier_domain::change::{Change, Write};
use paypier_domain::channel::Environment;
use paypier_domain::checkout::Presentation;
use paypier_domain::global::{Choice, Destinations, GlobalOrder, OfLink, Person, Taking, Texts};
use paypier_domain::id::ChannelKey;
use paypier_domain::money::Amount;
use paypier_domain::payment::{Notices, Origin};

/// What a payer's form says.
#[derive(Debug, Clone)]
pub struct PayLink {
    pub choice: Choice,
    pub name: String,
    pub email: String,
    pub phone: String,
    /// Where it is delivered, when the page asked.
    pub delivery: Option<Person>,
    pub origin: Origin,
    /// The page stands in a frame, and says so.
    pub is_framed: bool,
    /// As the browser names it.
    pub language: Option<String>,
}

/// Why no payment is started.
#[derive(Debug)]
pub enum StartLinkFailure {
    Missing,
    /// The link is final, or a payment of it is not decided yet: how it stands is on its page.
    Over,
    NotOffered,
    TryAgain,
    Failed(Failure),
}

impl From<Failure> for StartLinkFailure {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Overloaded | Failure::Unavailable => Self::TryAgain,
            other => Self::Failed(other),
        }
    }
}

/// How often somebody else may be faster before the payer is asked to try again.
const MOST_STARTS: u32 = 5;

/// Why a payment ended that waited for its payer, as its transaction tells it.
pub const REPLACED: &str = "LINK_REPLACED";

impl App {
    /// Starts a payment, and gives the token of the window that it is paid in.
    ///
    /// # Errors
    /// See [`StartLinkFailure`]; nothing was stored.
    pub async fn start_link(&self, reference: &str, ask: PayLink) -> Result<String, StartLinkFailure> {
        for _ in 0..MOST_STARTS {
            let standing = self.link_standing(reference).await?.ok_or(StartLinkFailure::Missing)?;
            if standing.life().payment_started(standing.at).is_err()
                || standing.link.attempts >= self.policy.limits.max_attempts
            {
                return Err(StartLinkFailure::Over);
            }
            let offered = self.link_methods(&standing);
            let method = offered
                .into_iter()
                .find(|method| method.channel == ask.choice.channel && method.key == ask.choice.method)
                .ok_or(StartLinkFailure::NotOffered)?;
            let key = self.channel_of_link(&standing, method).await?;
            let caller = self.global_caller_of(&standing.link.store).await?;
            let caller = caller.ok_or(StartLinkFailure::NotOffered)?;
            match self.open_link_try(&caller, &standing, &ask, key).await {
                Ok(token) => return Ok(token),
                // Somebody else started, changed, cancelled or paid it meanwhile: look again.
                Err(Refusal::DuplicateReference) => {}
                Err(Refusal::Inactive | Refusal::ChannelNotEnabled(_) | Refusal::NoCredentials(_)) => {
                    return Err(StartLinkFailure::NotOffered);
                }
                Err(Refusal::Failed(failure)) => return Err(failure.into()),
                Err(other) => return Err(StartLinkFailure::Failed(Failure::internal(other))),
            }
        }
        Err(StartLinkFailure::TryAgain)
    }

    async fn open_link_try(
        &self,
        caller: &GlobalCaller,
        standing: &LinkStanding,
        ask: &PayLink,
        key: ChannelKey,
    ) -> Result<String, Refusal> {
        let link = &standing.link;
        let number = link.attempts.saturating_add(1);
        let reference = link.attempt_reference(number);
        let mut order = self.new_order(caller, link.environment, &reference, vec![ask.choice.clone()])?;
        told(&mut order, standing, ask);
        let return_token = self.random_token();
        order.return_digest = Some(digest(&return_token));
        let (started, change) = link.started(&order.reference);
        let mut beside = over(standing, REPLACED, "another payment of the link was started").and(change);
        beside.deliveries.extend(self.link_told(&standing.profile, link, &started)?);
        let sale = Sale {
            order: engine_order(&order),
            amounts: AmountsAsk { total: link.terms.amount, tax_free: Amount::ZERO, vat: Some(Amount::ZERO) },
            currency: link.terms.currency,
            origin: ask.origin.clone(),
            notices: Notices::default(),
            promotion: None,
            bypass: None,
            receipt: None,
        };
        let new = NewTry {
            order,
            before: None,
            place: 0,
            sale,
            return_token: &return_token,
            language: ask.language.clone(),
            beside,
            channel: Some(key),
            presentation: if ask.is_framed && link.terms.switches.is_checkout_embed {
                Presentation::Iframe
            } else {
                Presentation::Redirection
            },
        };
        self.open_try(caller, new).await.map(|opened| opened.token)
    }

    /// The engine's channel that the method goes through. In the sandbox one is made where the merchant has no
    /// credentials: a link may offer what the simulated PSP can stand in for.
    async fn channel_of_link(
        &self,
        standing: &LinkStanding,
        method: &Method,
    ) -> Result<ChannelKey, StartLinkFailure> {
        let (profile, link) = (&standing.profile, &standing.link);
        let key = engine_key(&link.store, link.environment, method.channel, Taking::Purchase);
        if profile.channel(&key).is_some() {
            return Ok(key);
        }
        let simulator = self.simulator.as_ref().filter(|_| link.environment == Environment::Test);
        let psp = simulator.ok_or(StartLinkFailure::NotOffered)?;
        let serving = simulated(psp, &link.store, method.channel);
        let made = rows(
            Some(&serving),
            (&self.keyring, self.random.as_ref()),
            (&link.store, link.environment, method.channel, "GLOBAL"),
            &serde_json::Map::new(),
            self.clock.now(),
        )?;
        // Not the merchant's credentials: there are none.
        let writes = made.into_iter().filter(|write| matches!(write, Write::Channel(_))).collect();
        let stored = self.commit_with(&Ticket::none(), Change { writes, ..Change::default() }).await;
        stored.map_err(Failure::from)?;
        self.directory.forget();
        Ok(key)
    }
}

/// What the order of a try says: the link's terms, and what the payer typed.
fn told(order: &mut GlobalOrder, standing: &LinkStanding, ask: &PayLink) {
    let link = &standing.link;
    let terms = &link.terms;
    let mut billing = terms.billing.clone().unwrap_or_default();
    // A full name that was not touched keeps its two halves.
    if ask.name != billing.full_name() {
        (billing.name, billing.surname) = (ask.name.clone(), String::new());
    }
    billing.email.clone_from(&ask.email);
    billing.phone.clone_from(&ask.phone);
    let shipping = match (&ask.delivery, terms.switches.is_billing_shipping_same) {
        (Some(delivery), _) => delivery.clone(),
        (None, true) => billing.clone(),
        (None, false) => terms.shipping.clone().unwrap_or_default(),
    };
    if billing.place.country_code.is_empty() {
        billing.place.country_code.clone_from(&terms.country);
    }
    order.source = "checkout".to_owned();
    order.link = Some(OfLink {
        reference: link.reference.clone(),
        merchant_reference: link.order_ref.clone(),
        urls: terms.webhook_urls.clone(),
    });
    order.texts = Texts { description: terms.description.clone(), fields: terms.fields.clone() };
    order.destinations = Destinations {
        success: terms.success_url.clone(),
        failure: terms.failure_url.clone(),
        pending: terms.pending_url.clone(),
        mobile: terms.mobile_redirect_url.clone(),
    };
    order.keeps_page = terms.switches.override_auto_redirect;
    order.billing = billing;
    order.shipping = shipping;
    order.lines.clone_from(&terms.lines);
}
