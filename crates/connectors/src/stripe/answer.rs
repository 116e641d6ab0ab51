//! Stripe's answers, read into the five meanings.
//!
//! Only what Stripe documents is believed, and of a charge only what names our reference, our amount
//! and our currency. Everything else is unknown, whatever it looks like.

use super::codes::{Meaning, StripeError, declined, meaning};
use super::money::from_stripe;
use super::request::{ASKED, REFERENCE, REFUND, VOID, asked};
use crate::contract::{ChargeAsk, RefundAsk, Snapshot};
use crate::exchange::{ExchangeError, ExchangeResponse};
use http::StatusCode;
use jiff::Timestamp;
use paypier_domain::id::{PgCancellationId, PgTxId};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::outcome::{Decline, DeclineClass, Doubt, NotSent, Outcome};
use paypier_domain::psp::{CardDetails, Charge, Refund};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use std::collections::HashMap;

/// What came back for a request.
pub(super) struct Answered {
    pub(super) result: Result<ExchangeResponse, ExchangeError>,
    /// The request was sent before under the same key, and how that ended is not known.
    pub(super) is_repeat: bool,
}

/// Every outcome but success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failed {
    Declined(Decline),
    NotSent(NotSent),
    Unknown(Doubt),
}

impl Failed {
    pub(super) fn doubt(reason: impl Into<String>) -> Self {
        Self::Unknown(Doubt { reason: reason.into() })
    }

    pub(super) fn refused(code: &str, message: impl Into<String>) -> Self {
        Self::Declined(Decline { class: DeclineClass::Refused, code: code.into(), message: message.into() })
    }

    /// Of a request that cannot have moved money, whatever became of it.
    pub(super) fn before_any_money(self) -> Self {
        match self {
            Self::Unknown(doubt) => Self::NotSent(NotSent {
                code: "NOT_EXECUTED".into(),
                message: format!("nothing was asked that moves money: {}", doubt.reason),
            }),
            certain @ (Self::Declined(_) | Self::NotSent(_)) => certain,
        }
    }

    pub(super) fn reason(&self) -> String {
        match self {
            Self::Declined(decline) => format!("refused: {}", decline.code),
            Self::NotSent(not_sent) => format!("not sent: {}", not_sent.code),
            Self::Unknown(doubt) => doubt.reason.clone(),
        }
    }
}

impl From<Decline> for Failed {
    fn from(decline: Decline) -> Self {
        Self::Declined(decline)
    }
}

impl<T> From<Failed> for Outcome<T> {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Declined(decline) => Self::Declined(decline),
            Failed::NotSent(not_sent) => Self::NotSent(not_sent),
            Failed::Unknown(doubt) => Self::Unknown(doubt),
        }
    }
}

/// Success, or the outcome that it was instead.
pub(super) fn outcome<T>(result: Result<Outcome<T>, Failed>) -> Outcome<T> {
    result.unwrap_or_else(Outcome::from)
}

fn doubt<T>(reason: impl Into<String>) -> Outcome<T> {
    Outcome::Unknown(Doubt { reason: reason.into() })
}

#[derive(Deserialize)]
struct ErrorAnswer {
    error: StripeError,
}

/// A related object: its id, or all of it when it was asked for.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Related<T> {
    Whole(Box<T>),
    Id(IgnoredAny),
}

impl<T> Related<T> {
    fn whole(&self) -> Option<&T> {
        match self {
            Self::Whole(object) => Some(object),
            Self::Id(_) => None,
        }
    }
}

type Metadata = HashMap<String, String>;

fn noted<'a>(metadata: &'a Option<Metadata>, name: &str) -> Option<&'a str> {
    metadata.as_ref()?.get(name).map(String::as_str)
}

#[derive(Debug, Deserialize)]
pub(super) struct IntentAnswer {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) amount: i64,
    amount_received: Option<i64>,
    pub(super) currency: String,
    created: i64,
    canceled_at: Option<i64>,
    cancellation_reason: Option<String>,
    latest_charge: Option<Related<ChargeAnswer>>,
    last_payment_error: Option<StripeError>,
    metadata: Option<Metadata>,
}

#[derive(Debug, Deserialize)]
struct ChargeAnswer {
    status: String,
    captured: bool,
    created: i64,
    receipt_url: Option<String>,
    balance_transaction: Option<Related<BalanceAnswer>>,
    payment_method_details: Option<MethodDetails>,
}

#[derive(Debug, Deserialize)]
struct BalanceAnswer {
    fee: i64,
    currency: String,
    created: i64,
}

#[derive(Debug, Deserialize)]
struct MethodDetails {
    card: Option<CardAnswer>,
}

#[derive(Debug, Deserialize)]
pub(super) struct CardAnswer {
    brand: Option<String>,
    funding: Option<String>,
    last4: Option<String>,
    authorization_code: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct RefundAnswer {
    pub(super) id: String,
    status: Option<String>,
    amount: i64,
    currency: String,
    created: i64,
    failure_reason: Option<String>,
    metadata: Option<Metadata>,
}

impl RefundAnswer {
    pub(super) fn is_named(&self, reference: &str) -> bool {
        noted(&self.metadata, REFUND) == Some(reference)
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct PaymentMethodAnswer {
    pub(super) id: String,
    pub(super) customer: Option<String>,
    pub(super) card: Option<CardAnswer>,
}

#[derive(Debug, Deserialize)]
pub(super) struct CustomerAnswer {
    pub(super) id: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct SetupAnswer {
    pub(super) id: String,
    pub(super) status: String,
    last_setup_error: Option<StripeError>,
}

/// A list or the result of a search.
#[derive(Debug, Deserialize)]
pub(super) struct Page<T> {
    pub(super) data: Vec<T>,
    pub(super) has_more: bool,
}

/// The body of a 200 as `B`, with its text; everything else as what it means.
pub(super) fn read<B: DeserializeOwned>(answered: &Answered) -> Result<B, Failed> {
    match read_once(&answered.result) {
        // Turned away at the door says nothing about the same request that may have gone through it.
        Err(Failed::NotSent(NotSent { code, .. })) if answered.is_repeat => {
            Err(Failed::doubt(format!("no answer, and the repetition was not executed: {code}")))
        }
        Err(Failed::Declined(Decline { class: DeclineClass::Misconfiguration, code, .. }))
            if answered.is_repeat =>
        {
            Err(Failed::doubt(format!("no answer, and the repetition was not let in: {code}")))
        }
        read => read,
    }
}

fn read_once<B: DeserializeOwned>(result: &Result<ExchangeResponse, ExchangeError>) -> Result<B, Failed> {
    let response = match result {
        Ok(response) => response,
        Err(ExchangeError::NotSent(reason)) => {
            return Err(Failed::NotSent(NotSent { code: "NOT_SENT".into(), message: reason.clone() }));
        }
        Err(ExchangeError::NoAnswer(reason)) => return Err(Failed::doubt(format!("no answer: {reason}"))),
    };
    let status = response.status.as_u16();
    if response.status == StatusCode::OK {
        // The reader's own words may quote the body: they are not repeated.
        return serde_json::from_slice(&response.body)
            .map_err(|_| Failed::doubt("HTTP 200 with a body that is not of the documented form"));
    }
    let Ok(ErrorAnswer { error }) = serde_json::from_slice(&response.body) else {
        return Err(Failed::doubt(format!("HTTP {status} without a readable error")));
    };
    match meaning(status, &error) {
        Some(meaning) => Err(failure(meaning, error)),
        None => Err(Failed::doubt(format!("HTTP {status} with an error that proves nothing"))),
    }
}

fn failure(meaning: Meaning, error: StripeError) -> Failed {
    let code = error.code().to_owned();
    let message = error.message.unwrap_or_default();
    match meaning {
        Meaning::Declined(class) => Failed::Declined(Decline { class, code, message }),
        Meaning::NothingExecuted => Failed::NotSent(NotSent { code, message }),
    }
}

/// The answer as it is kept: without the secret that would let a page confirm the intent.
pub(super) fn kept(answered: &Answered) -> Option<String> {
    let response = answered.result.as_ref().ok()?;
    let mut value: serde_json::Value = serde_json::from_slice(&response.body).ok()?;
    value.as_object_mut()?.remove("client_secret");
    Some(value.to_string())
}

fn instant(second: i64) -> Option<Timestamp> {
    Timestamp::from_second(second).ok()
}

impl IntentAnswer {
    pub(super) fn money(&self) -> Option<(Amount, Currency)> {
        from_stripe(self.amount, &self.currency)
    }

    /// Whether it is the intent that we made under this reference, unaltered.
    pub(super) fn is_ours(&self, reference: &str) -> bool {
        let is_as_asked = self
            .money()
            .is_some_and(|(amount, currency)| noted(&self.metadata, ASKED) == Some(&asked(amount, currency)));
        is_as_asked && self.is_named(reference)
    }

    pub(super) fn is_named(&self, reference: &str) -> bool {
        noted(&self.metadata, REFERENCE) == Some(reference)
    }

    pub(super) fn is_released_by(&self, reference: &str) -> bool {
        self.status == "canceled" && self.was_approved() && noted(&self.metadata, VOID) == Some(reference)
    }

    fn charge(&self) -> Option<&ChargeAnswer> {
        self.latest_charge.as_ref()?.whole()
    }

    /// Whether an issuer had approved it, whatever happened since.
    fn was_approved(&self) -> bool {
        self.charge().is_some_and(|charge| charge.status == "succeeded")
    }

    /// When the money was taken; `now` when Stripe does not say.
    pub(super) fn captured_at(&self, now: Timestamp) -> Option<Timestamp> {
        if self.status != "succeeded" {
            return None;
        }
        let balance = self.charge().and_then(|charge| charge.balance_transaction.as_ref()?.whole());
        Some(balance.and_then(|balance| instant(balance.created)).unwrap_or(now))
    }

    /// How the charge stands.
    fn standing(&self, raw: Option<String>, now: Timestamp) -> Outcome<Charge> {
        let Some((amount, _)) = self.money() else {
            return doubt("the intent has an amount that is none of ours");
        };
        match self.status.as_str() {
            "succeeded" if self.amount_received.is_none_or(|received| received == self.amount) => {
                Outcome::Done(self.made(amount, raw, now))
            }
            "succeeded" => doubt("another amount was taken than was approved"),
            "requires_capture" => Outcome::Done(self.made(amount, raw, now)),
            "requires_confirmation" | "requires_action" | "processing" => {
                Outcome::Pending(self.made(amount, raw, now))
            }
            "requires_payment_method" => match &self.last_payment_error {
                Some(error) => self.failed(error),
                None => doubt("the intent was never confirmed"),
            },
            "canceled" if self.was_approved() => Outcome::Done(self.made(amount, raw, now)),
            "canceled" => Outcome::Declined(Decline {
                class: DeclineClass::Refused,
                code: "canceled".into(),
                message: self.cancellation_reason.clone().unwrap_or_default(),
            }),
            _ => doubt("the intent has an undocumented status"),
        }
    }

    /// The status alone proves that nothing was charged, so an undocumented code is no doubt here.
    fn failed(&self, error: &StripeError) -> Outcome<Charge> {
        let message = error.message.clone().unwrap_or_default();
        let code = error.code().to_owned();
        match declined(error).unwrap_or(Meaning::Declined(DeclineClass::Issuer)) {
            Meaning::Declined(class) => Outcome::Declined(Decline { class, code, message }),
            Meaning::NothingExecuted => Outcome::NotSent(NotSent { code, message }),
        }
    }

    fn made(&self, amount: Amount, raw: Option<String>, now: Timestamp) -> Charge {
        let charge = self.charge();
        let card = charge.and_then(|charge| charge.payment_method_details.as_ref()?.card.as_ref());
        let at = charge.map_or(self.created, |charge| charge.created);
        Charge {
            pg_tx_id: PgTxId::known(self.id.as_str()),
            amount,
            at: instant(at).unwrap_or(now),
            fee: charge.and_then(|charge| self.fee(charge)).unwrap_or_default(),
            card: card.map(card_details),
            account: None,
            approval_number: card.and_then(|card| card.authorization_code.clone()),
            receipt_url: charge.and_then(|charge| charge.receipt_url.clone()),
            raw,
        }
    }

    /// What Stripe keeps, where it keeps it in the payment's own currency. A fee in the currency of
    /// the merchant's bank account cannot be booked against this payment.
    fn fee(&self, charge: &ChargeAnswer) -> Option<Amount> {
        let balance = charge.balance_transaction.as_ref()?.whole()?;
        let (fee, currency) = from_stripe(balance.fee, &balance.currency)?;
        let (_, own) = self.money()?;
        (charge.captured && currency == own).then_some(fee)
    }
}

/// The answer to the request that made and confirmed an intent.
pub(super) fn charge(
    intent: &IntentAnswer,
    raw: Option<String>,
    ask: &ChargeAsk<'_>,
    now: Timestamp,
) -> Outcome<Charge> {
    if !intent.is_named(ask.reference) {
        return doubt("the answer is about another charge");
    }
    if intent.money() != Some((ask.amount, ask.currency)) {
        return doubt("the answer is about another amount or currency");
    }
    if intent.status == "requires_capture" && !ask.manual_capture {
        return doubt("the charge was approved and, unlike asked, not captured");
    }
    intent.standing(raw, now)
}

/// The answer to a query: `refunds` are all of the intent's.
pub(super) fn snapshot(
    intent: &IntentAnswer,
    refunds: Vec<RefundAnswer>,
    raw: Option<String>,
    reference: &str,
    now: Timestamp,
) -> Outcome<Snapshot> {
    if !intent.is_ours(reference) {
        return doubt("the intent is not the one that was asked for");
    }
    let mut found: Vec<(String, Outcome<Refund>)> = refunds
        .into_iter()
        .map(|refund| {
            // Refunds that somebody made at Stripe have no reference of ours.
            let name = noted(&refund.metadata, REFUND).unwrap_or(&refund.id).to_owned();
            (name, standing_refund(&refund, None, now))
        })
        .collect();
    if let Some(release) = noted(&intent.metadata, VOID).filter(|name| intent.is_released_by(name)) {
        found.push((release.to_owned(), Outcome::Done(released(intent, None, now))));
    }
    Outcome::Done(Snapshot {
        charge: intent.standing(raw, now),
        refunds: found,
        captured_at: intent.captured_at(now),
        account_closed_at: None,
        delivery: None,
        disputes: Vec::new(),
        chargebacks: Vec::new(),
    })
}

/// Letting go of what was approved, told as the refund that it stands for.
pub(super) fn released(intent: &IntentAnswer, raw: Option<String>, now: Timestamp) -> Refund {
    Refund {
        pg_cancellation_id: PgCancellationId::known(intent.id.as_str()),
        amount: intent.money().map(|(amount, _)| amount).unwrap_or_default(),
        at: intent.canceled_at.and_then(instant).unwrap_or(now),
        fee_returned: Amount::ZERO,
        receipt_url: None,
        raw,
    }
}

/// The answer to a refund that was asked for.
pub(super) fn refund(
    refund: &RefundAnswer,
    raw: Option<String>,
    ask: &RefundAsk<'_>,
    now: Timestamp,
) -> Outcome<Refund> {
    if !refund.is_named(ask.reference) {
        return doubt("the answer is about another refund");
    }
    if from_stripe(refund.amount, &refund.currency) != Some((ask.amount, ask.currency)) {
        return doubt("the answer is about another amount or currency");
    }
    standing_refund(refund, raw, now)
}

fn standing_refund(refund: &RefundAnswer, raw: Option<String>, now: Timestamp) -> Outcome<Refund> {
    let Some((amount, _)) = from_stripe(refund.amount, &refund.currency) else {
        return doubt("the refund has an amount that is none of ours");
    };
    let read = Refund {
        pg_cancellation_id: PgCancellationId::known(refund.id.as_str()),
        amount,
        at: instant(refund.created).unwrap_or(now),
        // Stripe keeps its fee.
        fee_returned: Amount::ZERO,
        receipt_url: None,
        raw,
    };
    match refund.status.as_deref() {
        Some("succeeded") => Outcome::Done(read),
        Some("pending" | "requires_action") => Outcome::Pending(read),
        Some(status @ ("failed" | "canceled")) => Outcome::Declined(Decline {
            class: DeclineClass::Refused,
            code: refund.failure_reason.clone().unwrap_or_else(|| status.to_owned()),
            message: format!("the refund {status}"),
        }),
        Some(_) | None => doubt("the refund has an undocumented status"),
    }
}

/// Whether a card may be charged from now on.
pub(super) fn set_up(setup: &SetupAnswer) -> Result<(), Failed> {
    match (setup.status.as_str(), &setup.last_setup_error) {
        ("succeeded", _) => Ok(()),
        ("requires_action", _) => Err(Failed::Declined(Decline {
            class: DeclineClass::Payer,
            code: "authentication_required".into(),
            message: "the card's holder would have to be there and authenticate".into(),
        })),
        ("requires_payment_method", Some(error)) => Err(match declined(error) {
            Some(Meaning::Declined(class)) => Failed::Declined(Decline {
                class,
                code: error.code().to_owned(),
                message: error.message.clone().unwrap_or_default(),
            }),
            Some(Meaning::NothingExecuted) | None => {
                Failed::doubt("the setup ended with an undocumented code")
            }
        }),
        _ => Err(Failed::doubt("the setup has an undocumented status")),
    }
}

pub(super) fn card_details(card: &CardAnswer) -> CardDetails {
    let word = |word: &str| Some(word.to_owned());
    CardDetails {
        brand: match card.brand.as_deref() {
            Some("visa") => word("VISA"),
            Some("mastercard") => word("MASTER"),
            Some("amex") => word("AMEX"),
            Some("jcb") => word("JCB"),
            Some("diners") => word("DINERS"),
            Some("unionpay") => word("UNIONPAY"),
            Some(_) | None => None,
        },
        kind: match card.funding.as_deref() {
            Some("credit") => word("CREDIT"),
            Some("debit") => word("DEBIT"),
            Some("prepaid") => word("GIFT"),
            Some(_) | None => None,
        },
        masked_number: card.last4.as_ref().map(|last4| format!("************{last4}")),
        ..CardDetails::default()
    }
}
