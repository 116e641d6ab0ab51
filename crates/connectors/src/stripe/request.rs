//! Requests to Stripe's API: forms with bracketed names, answered with JSON.
//!
//! A card's number travels in one request only, the one that exchanges it for a payment method. What
//! moves money names that payment method, so that it can be repeated under its key without the card.

use super::StripeOptions;
use super::money::to_stripe;
use crate::contract::{Call, Card, ChargeAsk, RefundAsk};
use crate::exchange::ExchangeRequest;
use bytes::Bytes;
use http::Method;
use paypier_domain::customer::Customer;
use paypier_domain::money::{Amount, Currency};
use paypier_domain::outcome::{Decline, DeclineClass};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// The version whose shapes are read; Stripe keeps answering in it whatever the account's own is.
const API_VERSION: &str = "2024-06-20";

/// The metadata that ties Stripe's objects to ours. On intents and refunds: the charge's reference.
pub(super) const REFERENCE: &str = "paypier_reference";
/// On intents: what was asked for, in our units, such as `1000 KRW`.
pub(super) const ASKED: &str = "paypier_asked";
/// On intents: the merchant's name for the payment, for people who look at Stripe's dashboard.
const PAYMENT: &str = "paypier_payment";
/// On refunds: the refund's own reference.
pub(super) const REFUND: &str = "paypier_refund";
/// On intents that were approved and then released: the reference of the refund that did it.
pub(super) const VOID: &str = "paypier_void";

/// How many objects a page of a list has; Stripe's most.
const PAGE: &str = "100";

/// RFC 3986, section 2.3: what needs no escaping.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Which parameters are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Parameters {
    /// What Stripe documents and the connector wants.
    #[default]
    All,
    /// Only what an emulator is likely to know. It is also taken not to honour idempotency keys, so
    /// nothing is ever repeated, and not to search, so charges are looked for in lists.
    Minimal,
}

/// The channel's credentials.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Credentials {
    /// `sk_…`, or a restricted key `rk_…`.
    pub(super) secret_key: String,
    /// `whsec_…`; without one every event is refused.
    #[serde(default)]
    pub(super) webhook_secret: Option<String>,
    /// Whether a request may name a payment method that Stripe has already, in its bypass.
    #[serde(default)]
    pub(super) payment_method_ids: bool,
}

impl Credentials {
    /// # Errors
    /// What is wrong with the object, without quoting any value of it.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let mut read: Self = serde_json::from_str(text).map_err(|_| {
            "the credentials are a JSON object with the members secretKey (sk_test_… or sk_live_…), webhookSecret \
             (whsec_…, once Stripe has one) and paymentMethodIds (true or false, may be left out), and no others"
                .to_owned()
        })?;
        // Anybody can sign with a key that is empty.
        read.webhook_secret = read.webhook_secret.filter(|secret| !secret.is_empty());
        Ok(read)
    }
}

/// The caller's own members for Stripe.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Bypass {
    /// A payment method that Stripe has already, such as one that a page made with Stripe.js.
    pub(super) payment_method: Option<String>,
    pub(super) statement_descriptor_suffix: Option<String>,
}

impl Bypass {
    pub(super) fn read(text: Option<&str>) -> Result<Self, Decline> {
        let Some(text) = text else { return Ok(Self::default()) };
        serde_json::from_str(text).map_err(|_| Decline {
            class: DeclineClass::NotSupported,
            code: "BYPASS_NOT_SUPPORTED".into(),
            message: "the bypass of a Stripe payment takes paymentMethod and statementDescriptorSuffix"
                .into(),
        })
    }
}

/// A stored card: whose it is, and which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stored<'a> {
    pub(super) customer: &'a str,
    pub(super) payment_method: &'a str,
}

impl<'a> Stored<'a> {
    pub(super) fn read(token: &'a str) -> Option<Self> {
        let (customer, payment_method) = token.split_once('/')?;
        (customer.starts_with("cus_") && !payment_method.is_empty())
            .then_some(Self { customer, payment_method })
    }

    pub(super) fn token(self) -> String {
        format!("{}/{}", self.customer, self.payment_method)
    }
}

/// A form under construction; its memory is cleared, for it may hold a card.
struct Form(Zeroizing<Vec<u8>>);

impl Form {
    fn new() -> Self {
        // Enough for every form here: growing would leave copies behind that nobody clears.
        Self(Zeroizing::new(Vec::with_capacity(4096)))
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        if !self.0.is_empty() {
            self.0.push(b'&');
        }
        for (index, text) in [name, value].into_iter().enumerate() {
            if index > 0 {
                self.0.push(b'=');
            }
            for piece in utf8_percent_encode(text, UNRESERVED) {
                self.0.extend_from_slice(piece.as_bytes());
            }
        }
        self
    }

    fn with_some(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    fn body(self) -> Bytes {
        Bytes::from_owner(self.0)
    }
}

/// What is asked about an amount, as [`ASKED`] keeps it.
pub(super) fn asked(amount: Amount, currency: Currency) -> String {
    format!("{amount} {currency}")
}

/// Makes the requests of one call.
pub(super) struct Requests {
    authorization: String,
    pub(super) is_naming_payment_methods: bool,
    options: StripeOptions,
}

impl Requests {
    /// # Errors
    /// The channel's credentials cannot be read.
    pub(super) fn of(call: &Call<'_>, options: StripeOptions) -> Result<Self, Decline> {
        let credentials = Credentials::read(call.credentials).map_err(|message| Decline {
            class: DeclineClass::Misconfiguration,
            code: "CREDENTIALS_UNREADABLE".into(),
            message,
        })?;
        Ok(Self {
            authorization: format!("Bearer {}", credentials.secret_key),
            is_naming_payment_methods: credentials.payment_method_ids,
            options,
        })
    }

    const fn is_full(&self) -> bool {
        matches!(self.options.parameters, Parameters::All)
    }

    /// Exchanges a card for a payment method.
    pub(super) fn payment_method(&self, reference: &str, card: &Card) -> ExchangeRequest {
        let year = &card.expiry_year;
        let year = if year.len() == 2 { format!("20{year}") } else { year.clone() };
        let form = Form::new()
            .with("type", "card")
            .with("card[number]", card.number())
            .with("card[exp_month]", &card.expiry_month)
            .with("card[exp_year]", &year);
        self.post("/v1/payment_methods".into(), "payment-method", reference, form)
    }

    /// Makes the intent and confirms it in one request.
    pub(super) fn charge(
        &self,
        ask: &ChargeAsk<'_>,
        payment_method: &str,
        customer: Option<&str>,
        bypass: &Bypass,
    ) -> Result<ExchangeRequest, Decline> {
        let amount = to_stripe(ask.amount, ask.currency)?.to_string();
        let mut form = Form::new()
            .with("amount", &amount)
            .with("currency", &ask.currency.code().to_ascii_lowercase())
            .with("payment_method", payment_method)
            .with_some("customer", customer)
            .with("payment_method_types[]", "card")
            .with("capture_method", if ask.manual_capture { "manual" } else { "automatic" })
            .with("confirm", "true")
            .with(&metadata(REFERENCE), ask.reference)
            .with(&metadata(ASKED), &asked(ask.amount, ask.currency))
            .with(&metadata(PAYMENT), ask.payment_id);
        if customer.is_some() {
            form = form.with("off_session", "true");
        }
        if self.is_full() {
            form = form
                .with("description", ask.order_name)
                .with_some("statement_descriptor_suffix", bypass.statement_descriptor_suffix.as_deref())
                .with("expand[]", "latest_charge.balance_transaction");
            if customer.is_none() {
                // Nobody is there to authenticate: without this the intent would wait for ever. With
                // off_session Stripe does the same by itself.
                form = form.with("error_on_requires_action", "true");
            }
        }
        Ok(self.post("/v1/payment_intents".into(), "charge", ask.reference, form))
    }

    pub(super) fn intent(&self, id: &str) -> ExchangeRequest {
        self.get(format!(
            "/v1/payment_intents/{}?expand%5B%5D=latest_charge.balance_transaction",
            escaped(id)
        ))
    }

    /// Whether [`Requests::find`] asks for the one intent, and not for pages of all of them.
    pub(super) const fn is_searching(&self) -> bool {
        self.is_full()
    }

    /// Looks for the intent of a charge: `after` is the last id of the page before.
    pub(super) fn find(&self, reference: &str, after: Option<&str>) -> ExchangeRequest {
        match self.options.parameters {
            Parameters::All => {
                let query = format!("metadata['{REFERENCE}']:'{}'", quoted(reference));
                self.get(format!(
                    "/v1/payment_intents/search?query={}&expand%5B%5D=data.latest_charge.balance_transaction",
                    escaped(&query)
                ))
            }
            Parameters::Minimal => self.get(page("/v1/payment_intents?limit=", after)),
        }
    }

    pub(super) fn capture(&self, reference: &str, id: &str, amount: i64) -> ExchangeRequest {
        let form = Form::new().with("amount_to_capture", &amount.to_string());
        self.post(format!("/v1/payment_intents/{}/capture", escaped(id)), "capture", reference, form)
    }

    /// Writes on an approved intent which refund is about to release it.
    pub(super) fn mark_void(&self, reference: &str, id: &str) -> ExchangeRequest {
        let form = Form::new().with(&metadata(VOID), reference);
        self.post(format!("/v1/payment_intents/{}", escaped(id)), "mark-void", reference, form)
    }

    /// Releases an approved intent.
    pub(super) fn void(&self, reference: &str, id: &str) -> ExchangeRequest {
        let mut form = Form::new();
        if self.is_full() {
            form = form.with("cancellation_reason", "requested_by_customer");
        }
        self.post(format!("/v1/payment_intents/{}/cancel", escaped(id)), "void", reference, form)
    }

    pub(super) fn refund(&self, ask: &RefundAsk<'_>) -> Result<ExchangeRequest, Decline> {
        let amount = to_stripe(ask.amount, ask.currency)?.to_string();
        let mut form = Form::new()
            .with("payment_intent", ask.pg_tx_id.as_str())
            .with("amount", &amount)
            .with(&metadata(REFERENCE), ask.charge_reference)
            .with(&metadata(REFUND), ask.reference);
        if self.is_full() {
            form = form.with("reason", "requested_by_customer");
        }
        Ok(self.post("/v1/refunds".into(), "refund", ask.reference, form))
    }

    pub(super) fn refunds(&self, id: &str, after: Option<&str>) -> ExchangeRequest {
        self.get(page(&format!("/v1/refunds?payment_intent={}&limit=", escaped(id)), after))
    }

    pub(super) fn customer(&self, reference: &str, customer: &Customer) -> ExchangeRequest {
        let form = Form::new()
            .with_some("name", customer.name.as_deref())
            .with_some("email", customer.email.as_deref())
            .with_some("phone", customer.phone_number.as_deref())
            .with(&metadata(REFERENCE), reference);
        self.post("/v1/customers".into(), "customer", reference, form)
    }

    pub(super) fn setup_intent(&self, reference: &str, customer: &str) -> ExchangeRequest {
        let form = Form::new()
            .with("customer", customer)
            .with("usage", "off_session")
            .with("payment_method_types[]", "card")
            .with(&metadata(REFERENCE), reference);
        self.post("/v1/setup_intents".into(), "setup", reference, form)
    }

    pub(super) fn confirm_setup(&self, reference: &str, id: &str, payment_method: &str) -> ExchangeRequest {
        let form = Form::new().with("payment_method", payment_method);
        self.post(format!("/v1/setup_intents/{}/confirm", escaped(id)), "confirm-setup", reference, form)
    }

    /// Confirming a setup attaches the card; emulators leave that to a call of its own.
    pub(super) fn attach(&self, reference: &str, stored: Stored<'_>) -> Option<ExchangeRequest> {
        if self.is_full() {
            return None;
        }
        let form = Form::new().with("customer", stored.customer);
        let path = format!("/v1/payment_methods/{}/attach", escaped(stored.payment_method));
        Some(self.post(path, "attach", reference, form))
    }

    pub(super) fn detach(&self, payment_method: &str) -> ExchangeRequest {
        let path = format!("/v1/payment_methods/{}/detach", escaped(payment_method));
        self.post(path, "detach", payment_method, Form::new())
    }

    pub(super) fn stored(&self, payment_method: &str) -> ExchangeRequest {
        self.get(format!("/v1/payment_methods/{}", escaped(payment_method)))
    }

    fn get(&self, path: String) -> ExchangeRequest {
        self.request(Method::GET, path, self.headers(), Bytes::new())
    }

    fn post(&self, path: String, operation: &str, reference: &str, form: Form) -> ExchangeRequest {
        let mut headers = self.headers();
        headers.push(("content-type", "application/x-www-form-urlencoded".to_owned()));
        headers.push(("idempotency-key", idempotency_key(operation, reference)));
        self.request(Method::POST, path, headers, form.body())
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        vec![("authorization", self.authorization.clone()), ("stripe-version", API_VERSION.to_owned())]
    }

    fn request(
        &self,
        method: Method,
        path: String,
        headers: Vec<(&'static str, String)>,
        body: Bytes,
    ) -> ExchangeRequest {
        ExchangeRequest { method, path, headers, body, read_timeout: self.options.read_timeout }
    }
}

/// The same for the same operation under the same reference, and for nothing else. References are
/// unique for each attempt and each cancellation.
fn idempotency_key(operation: &str, reference: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(operation);
    hash.update([0]);
    hash.update(reference);
    format!("paypier-{}", hex::encode(hash.finalize()))
}

fn metadata(name: &str) -> String {
    format!("metadata[{name}]")
}

fn page(path: &str, after: Option<&str>) -> String {
    let after = after.map(|id| format!("&starting_after={}", escaped(id))).unwrap_or_default();
    format!("{path}{PAGE}{after}")
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// A string inside a search query.
fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\'', "\\'")
}
