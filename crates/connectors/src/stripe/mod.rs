//! Stripe: cards through PaymentIntents, made and confirmed in one request from the server.
//!
//! # How a charge is made safe
//!
//! 1. The card is exchanged for a payment method. Nothing is charged by that, so whatever becomes of
//!    this request, nothing happened.
//! 2. The intent is made and confirmed, naming our reference in its metadata and under an idempotency
//!    key derived from it. When no usable answer comes, the same request is sent once more under the
//!    same key: Stripe answers with what the first one did, or does it now, and never both.
//! 3. What is unknown after that is looked for by our reference. Stripe's search lags, so not finding
//!    the charge proves nothing.
//!
//! Refunds are looked for by our reference before they are asked for, so that a refund that is asked
//! for again after Stripe has forgotten the key is not made twice.
//!
//! # Statuses
//!
//! | intent | to us |
//! |---|---|
//! | `succeeded`, `requires_capture` | done, when our reference, amount and currency are echoed |
//! | `requires_confirmation`, `requires_action`, `processing` | pending |
//! | `requires_payment_method` with an error | declined, by the error's code |
//! | `canceled` | done and given back when it had been approved, else declined |
//! | anything else, another amount or currency | unknown |
//!
//! Codes are in `codes.rs`, units of currencies in `money.rs`.

mod answer;
mod capabilities;
mod codes;
mod money;
mod notification;
mod request;
#[cfg(test)]
mod tests;

pub use request::Parameters;

use crate::contract::{
    AccountAsk, Call, Capabilities, Card, ChargeAsk, Connector, Notification, NotificationRefusal,
    NotificationReply, RefundAsk, Snapshot, not_supported,
};
use crate::exchange::{ExchangeError, ExchangeRequest, ExchangeResponse};
use answer::{
    Answered, CustomerAnswer, Failed, IntentAnswer, Page, PaymentMethodAnswer, RefundAnswer, SetupAnswer,
    card_details, kept, outcome, read,
};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use money::to_stripe;
use paypier_domain::channel::Environment;
use paypier_domain::customer::Customer;
use paypier_domain::id::{PgCancellationId, PgTxId};
use paypier_domain::money::Amount;
use paypier_domain::outcome::{Decline, DeclineClass, Doubt, Found, Outcome};
use paypier_domain::psp::{CardDetails, Charge, Refund, StoredInstrument};
use request::{Bypass, Credentials, Requests, Stored};
use std::time::Duration;

/// Pages of a list that are looked through at most: a thousand objects.
const MOST_PAGES: usize = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StripeOptions {
    /// How long to wait for an answer after the request was sent.
    pub read_timeout: Duration,
    /// Before a request is sent once more: long enough for a hiccup to pass.
    pub pause_before_repeating: Duration,
    pub parameters: Parameters,
}

impl Default for StripeOptions {
    fn default() -> Self {
        Self {
            read_timeout: Duration::from_secs(15),
            pause_before_repeating: Duration::from_millis(500),
            parameters: Parameters::All,
        }
    }
}

/// The connector to Stripe.
#[derive(Debug, Clone, Copy, Default)]
pub struct Stripe {
    options: StripeOptions,
}

/// One call's requests and the way to Stripe.
struct Talk<'a> {
    call: &'a Call<'a>,
    requests: Requests,
    /// The pause before a request is repeated, where Stripe knows it by its key.
    repeats_after: Option<Duration>,
}

impl Talk<'_> {
    /// Asks for something that changes nothing.
    async fn look(&self, request: ExchangeRequest) -> Answered {
        Answered { result: self.call.exchange.send(request).await, is_repeat: false }
    }

    /// Asks for something to be done, once more when it is not known whether it was.
    async fn act(&self, request: ExchangeRequest) -> Answered {
        let result = self.call.exchange.send(request.clone()).await;
        let Some(pause) = self.repeats_after.filter(|_| is_open(&result)) else {
            return Answered { result, is_repeat: false };
        };
        tokio::time::sleep(pause).await;
        Answered { result: self.call.exchange.send(request).await, is_repeat: true }
    }

    async fn intent(&self, id: &str) -> Result<(IntentAnswer, Option<String>), Failed> {
        let answered = self.look(self.requests.intent(id)).await;
        Ok((read(&answered)?, kept(&answered)))
    }

    /// All refunds of an intent.
    async fn refunds(&self, id: &str) -> Result<Vec<RefundAnswer>, Failed> {
        let mut refunds: Vec<RefundAnswer> = Vec::new();
        for _ in 0..MOST_PAGES {
            let after = refunds.last().map(|refund| refund.id.as_str());
            let page: Page<RefundAnswer> = read(&self.look(self.requests.refunds(id, after)).await)?;
            let is_last = !page.has_more || page.data.is_empty();
            refunds.extend(page.data);
            if is_last {
                return Ok(refunds);
            }
        }
        Err(Failed::doubt("the charge has more refunds than are looked through"))
    }

    /// The id of the intent with our reference, when Stripe shows one.
    async fn find(&self, reference: &str) -> Result<Option<String>, Failed> {
        let mut after: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let page: Page<IntentAnswer> =
                read(&self.look(self.requests.find(reference, after.as_deref())).await)?;
            let mut named = page.data.iter().filter(|intent| intent.is_named(reference));
            match (named.next(), named.next()) {
                (Some(intent), None) => return Ok(Some(intent.id.clone())),
                (Some(_), Some(_)) => return Err(Failed::doubt("two intents have the same reference")),
                (None, _) => {}
            }
            match page.data.last() {
                Some(last) if page.has_more && !self.requests.is_searching() => after = Some(last.id.clone()),
                Some(_) | None => return Ok(None),
            }
        }
        Ok(None)
    }

    async fn payment_method(&self, reference: &str, card: &Card) -> Result<PaymentMethodAnswer, Failed> {
        let answered = self.act(self.requests.payment_method(reference, card)).await;
        read(&answered).map_err(Failed::before_any_money)
    }

    async fn charge(
        &self,
        ask: &ChargeAsk<'_>,
        payment_method: &str,
        customer: Option<&str>,
        bypass: &Bypass,
    ) -> Result<Outcome<Charge>, Failed> {
        let answered = self.act(self.requests.charge(ask, payment_method, customer, bypass)?).await;
        Ok(answer::charge(&read(&answered)?, kept(&answered), ask, self.call.now))
    }

    async fn charge_card(&self, ask: &ChargeAsk<'_>, card: &Card) -> Result<Outcome<Charge>, Failed> {
        check(ask)?;
        let bypass = Bypass::read(ask.bypass)?;
        if let Some(known) = &bypass.payment_method {
            if !self.requests.is_naming_payment_methods {
                return Err(Failed::Declined(Decline {
                    class: DeclineClass::NotSupported,
                    code: "PAYMENT_METHOD_NOT_ALLOWED".into(),
                    message: "the channel does not allow requests to name a payment method; its credentials would say \
                              paymentMethodIds"
                        .into(),
                }));
            }
            return self.charge(ask, known, None, &bypass).await;
        }
        let method = self.payment_method(ask.reference, card).await?;
        let charged = self.charge(ask, &method.id, None, &bypass).await?;
        Ok(charged.map(|charge| Charge { card: Some(known_card(charge.card, card)), ..charge }))
    }

    async fn charge_stored(&self, ask: &ChargeAsk<'_>, token: &str) -> Result<Outcome<Charge>, Failed> {
        check(ask)?;
        let bypass = Bypass::read(ask.bypass)?;
        let stored = Stored::read(token).ok_or_else(|| {
            Failed::refused("TOKEN_UNREADABLE", "the billing key is none of this connector's")
        })?;
        self.charge(ask, stored.payment_method, Some(stored.customer), &bypass).await
    }

    async fn capture(&self, reference: &str, id: &str, amount: Amount) -> Result<Outcome<Timestamp>, Failed> {
        let (intent, _) = self.intent(id).await.map_err(Failed::before_any_money)?;
        if let Some(at) = intent.captured_at(self.call.now) {
            return Ok(Outcome::Done(at));
        }
        if intent.status != "requires_capture" {
            return Err(unexpected(&intent));
        }
        if intent.money().map(|(approved, _)| approved) != Some(amount) {
            return Err(Failed::refused("CAPTURE_AMOUNT_MISMATCH", "another amount was approved"));
        }
        let answered = self.act(self.requests.capture(reference, id, intent.amount)).await;
        let captured: IntentAnswer = read(&answered)?;
        match captured.captured_at(self.call.now) {
            Some(at) if captured.id == id => Ok(Outcome::Done(at)),
            Some(_) | None => Err(Failed::doubt("the answer does not say that the intent is captured")),
        }
    }

    async fn refund(&self, ask: &RefundAsk<'_>) -> Result<Outcome<Refund>, Failed> {
        let id = ask.pg_tx_id.as_str();
        let (intent, raw) = self.intent(id).await.map_err(Failed::before_any_money)?;
        if intent.is_released_by(ask.reference) {
            return Ok(Outcome::Done(answer::released(&intent, raw, self.call.now)));
        }
        match intent.status.as_str() {
            "requires_capture" => self.release(ask, &intent).await,
            "succeeded" => {
                let made = self.refunds(id).await.map_err(Failed::before_any_money)?;
                if let Some(same) = made.iter().find(|refund| refund.is_named(ask.reference)) {
                    return Ok(answer::refund(same, None, ask, self.call.now));
                }
                let answered = self.act(self.requests.refund(ask)?).await;
                Ok(answer::refund(&read(&answered)?, kept(&answered), ask, self.call.now))
            }
            _ => Err(unexpected(&intent)),
        }
    }

    /// Lets go of what was approved and not captured. Stripe has no object for that, so the intent is
    /// told first whose release it will be.
    async fn release(&self, ask: &RefundAsk<'_>, intent: &IntentAnswer) -> Result<Outcome<Refund>, Failed> {
        if intent.money() != Some((ask.amount, ask.currency)) {
            return Err(Failed::refused(
                "PARTIAL_RELEASE_NOT_SUPPORTED",
                "an approved payment is released in whole; capture it first to give a part back",
            ));
        }
        let marked = self.act(self.requests.mark_void(ask.reference, &intent.id)).await;
        let _: IntentAnswer = read(&marked).map_err(Failed::before_any_money)?;
        let answered = self.act(self.requests.void(ask.reference, &intent.id)).await;
        let released: IntentAnswer = read(&answered)?;
        if released.id != intent.id || released.status != "canceled" {
            return Err(Failed::doubt("the answer does not say that the intent is released"));
        }
        Ok(Outcome::Done(answer::released(&released, kept(&answered), self.call.now)))
    }

    async fn issue(
        &self,
        reference: &str,
        customer: &Customer,
        card: &Card,
    ) -> Result<Outcome<StoredInstrument>, Failed> {
        let method = self.payment_method(reference, card).await?;
        let answered = self.act(self.requests.customer(reference, customer)).await;
        let customer: CustomerAnswer = read(&answered).map_err(Failed::before_any_money)?;
        let answered = self.act(self.requests.setup_intent(reference, &customer.id)).await;
        let setup: SetupAnswer = read(&answered).map_err(Failed::before_any_money)?;
        let answered = self.act(self.requests.confirm_setup(reference, &setup.id, &method.id)).await;
        let confirmed: SetupAnswer = read(&answered)?;
        answer::set_up(&confirmed)?;
        let stored = Stored { customer: &customer.id, payment_method: &method.id };
        if let Some(attach) = self.requests.attach(reference, stored) {
            let _: PaymentMethodAnswer = read(&self.act(attach).await)?;
        }
        Ok(Outcome::Done(StoredInstrument {
            token: stored.token(),
            pg_tx_id: Some(PgTxId::known(setup.id)),
            card: Some(known_card(method.card.as_ref().map(card_details), card)),
            at: self.call.now,
        }))
    }

    async fn detach(&self, token: &str) -> Result<Outcome<Timestamp>, Failed> {
        let id = Stored::read(token).map_or(token, |stored| stored.payment_method);
        let answered = self.act(self.requests.detach(id)).await;
        let detached: PaymentMethodAnswer = match read(&answered) {
            // Detached before, perhaps by us: Stripe does not do it twice.
            Err(Failed::Declined(Decline { class: DeclineClass::Refused, .. })) => {
                read(&self.look(self.requests.stored(id)).await)?
            }
            detached => detached?,
        };
        if detached.id == id && detached.customer.is_none() {
            Ok(Outcome::Done(self.call.now))
        } else {
            Err(Failed::doubt("the answer does not say that the card is detached"))
        }
    }

    /// `None` when Stripe does not show a charge with the reference.
    async fn snapshot(
        &self,
        reference: &str,
        pg_tx_id: Option<&PgTxId>,
    ) -> Result<Option<Outcome<Snapshot>>, Failed> {
        let known = pg_tx_id.map(PgTxId::as_str).filter(|id| !id.is_empty());
        let id = match known {
            Some(id) => id.to_owned(),
            None => match self.find(reference).await? {
                Some(id) => id,
                None => return Ok(None),
            },
        };
        // What a search shows may be older than the intent itself.
        let (intent, raw) = self.intent(&id).await?;
        let refunds = if intent.status == "succeeded" { self.refunds(&id).await? } else { Vec::new() };
        Ok(Some(answer::snapshot(&intent, refunds, raw, reference, self.call.now)))
    }
}

/// Whether it is not known how a request ended, and sending it again under its key would tell.
fn is_open(result: &Result<ExchangeResponse, ExchangeError>) -> bool {
    match result {
        Ok(response) => response.status.is_server_error() || response.status == http::StatusCode::CONFLICT,
        Err(ExchangeError::NoAnswer(_)) => true,
        Err(ExchangeError::NotSent(_)) => false,
    }
}

/// What Stripe cannot be asked at all.
fn check(ask: &ChargeAsk<'_>) -> Result<(), Failed> {
    if ask.installment_months > 1 {
        return Err(Failed::Declined(Decline {
            class: DeclineClass::NotSupported,
            code: "INSTALLMENT_NOT_SUPPORTED".into(),
            message: "this connector charges in one sum; it does not offer installments".into(),
        }));
    }
    // Before the card is sent anywhere.
    to_stripe(ask.amount, ask.currency)?;
    Ok(())
}

fn unexpected(intent: &IntentAnswer) -> Failed {
    let message = format!("the intent is {} at Stripe", intent.status);
    Failed::refused("payment_intent_unexpected_state", message)
}

/// What Stripe says about a card, with what we know of its number: more than its last four digits.
fn known_card(said: Option<CardDetails>, card: &Card) -> CardDetails {
    CardDetails {
        bin: Some(card.bin()),
        masked_number: Some(card.masked_number()),
        ..said.unwrap_or_default()
    }
}

impl Stripe {
    pub const fn new(options: StripeOptions) -> Self {
        Self { options }
    }

    fn talk<'a>(&self, call: &'a Call<'a>) -> Result<Talk<'a>, Failed> {
        let repeats_after = match self.options.parameters {
            Parameters::All => Some(self.options.pause_before_repeating),
            Parameters::Minimal => None,
        };
        Ok(Talk { call, requests: Requests::of(call, self.options)?, repeats_after })
    }
}

#[async_trait]
impl Connector for Stripe {
    fn name(&self) -> &'static str {
        "stripe"
    }

    fn capabilities(&self) -> Capabilities {
        capabilities::of(self.options)
    }

    fn unlisted_is_conclusive_after(&self) -> Option<SignedDuration> {
        Some(capabilities::UNLISTED_IS_CONCLUSIVE_AFTER)
    }

    fn check_credentials(&self, call: &Call<'_>) -> Result<(), String> {
        let credentials = Credentials::read(call.credentials)?;
        let (environment, other) = match call.channel.environment {
            Environment::Test => ("test", "live"),
            Environment::Live => ("live", "test"),
        };
        let is_of = |mode: &str| {
            ["sk", "rk"].iter().any(|kind| {
                let rest = credentials.secret_key.strip_prefix(&format!("{kind}_{mode}_"));
                rest.is_some_and(|rest| {
                    rest.len() >= 16 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
                })
            })
        };
        if credentials.secret_key.starts_with("pk_") {
            return Err(
                "secretKey is a publishable key (pk_…); the secret key beside it is needed (sk_…)".into()
            );
        }
        if is_of(other) {
            return Err(format!("secretKey is a {other} key and the channel is a {environment} channel"));
        }
        if !is_of(environment) {
            return Err(format!(
                "secretKey is sk_{environment}_… or rk_{environment}_… as Stripe's dashboard shows it"
            ));
        }
        let is_webhook_secret = |secret: &String| {
            secret
                .strip_prefix("whsec_")
                .is_some_and(|rest| rest.len() >= 16 && rest.bytes().all(|byte| byte.is_ascii_graphic()))
        };
        if !credentials.webhook_secret.as_ref().is_none_or(is_webhook_secret) {
            return Err("webhookSecret is whsec_… as Stripe shows it for the webhook endpoint".into());
        }
        Ok(())
    }

    async fn charge_card(&self, call: &Call<'_>, ask: &ChargeAsk<'_>, card: &Card) -> Outcome<Charge> {
        match self.talk(call) {
            Ok(talk) => outcome(talk.charge_card(ask, card).await),
            Err(failed) => failed.into(),
        }
    }

    async fn charge_stored(&self, call: &Call<'_>, ask: &ChargeAsk<'_>, token: &str) -> Outcome<Charge> {
        match self.talk(call) {
            Ok(talk) => outcome(talk.charge_stored(ask, token).await),
            Err(failed) => failed.into(),
        }
    }

    async fn issue_virtual_account(&self, _: &Call<'_>, _: &AccountAsk<'_>) -> Outcome<Charge> {
        not_supported("virtual accounts")
    }

    async fn close_virtual_account(&self, _: &Call<'_>, _: &str, _: &PgTxId) -> Outcome<Timestamp> {
        not_supported("virtual accounts")
    }

    async fn capture(
        &self,
        call: &Call<'_>,
        reference: &str,
        pg_tx_id: &PgTxId,
        amount: Amount,
    ) -> Outcome<Timestamp> {
        match self.talk(call) {
            Ok(talk) => outcome(talk.capture(reference, pg_tx_id.as_str(), amount).await),
            Err(failed) => failed.into(),
        }
    }

    async fn refund(&self, call: &Call<'_>, ask: &RefundAsk<'_>) -> Outcome<Refund> {
        match self.talk(call) {
            Ok(talk) => outcome(talk.refund(ask).await),
            Err(failed) => failed.into(),
        }
    }

    async fn stop_refund(&self, _: &Call<'_>, _: &str, _: &PgCancellationId) -> Outcome<Timestamp> {
        not_supported("stopping a refund")
    }

    async fn issue_stored(
        &self,
        call: &Call<'_>,
        reference: &str,
        customer: &Customer,
        card: &Card,
    ) -> Outcome<StoredInstrument> {
        match self.talk(call) {
            Ok(talk) => outcome(talk.issue(reference, customer, card).await),
            Err(failed) => failed.into(),
        }
    }

    async fn delete_stored(&self, call: &Call<'_>, token: &str) -> Outcome<Timestamp> {
        match self.talk(call) {
            Ok(talk) => outcome(talk.detach(token).await),
            Err(failed) => failed.into(),
        }
    }

    async fn query(
        &self,
        call: &Call<'_>,
        reference: &str,
        pg_tx_id: Option<&PgTxId>,
        _: SignedDuration,
    ) -> Found<Snapshot> {
        let found = match self.talk(call) {
            Ok(talk) => talk.snapshot(reference, pg_tx_id).await,
            Err(failed) => Err(failed),
        };
        match found {
            Ok(Some(outcome)) => Found::Known(outcome),
            Ok(None) => Found::NotYet,
            Err(failed) => Found::NoAnswer(Doubt { reason: failed.reason() }),
        }
    }

    fn read_notification(
        &self,
        credentials: &str,
        headers: &http::HeaderMap,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Notification, NotificationRefusal> {
        notification::read(credentials, headers, body, now)
    }

    fn notification_reply(&self) -> NotificationReply {
        NotificationReply { status: 200, content_type: "text/plain", body: "" }
    }
}
