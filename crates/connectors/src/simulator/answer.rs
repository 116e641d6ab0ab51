//! Answers of the simulated PSP, read into the five meanings.
//!
//! Only what its documentation says is believed: a status and a code that belong together, an order
//! that is the one asked about. Everything else is unknown, whatever it looks like.

use super::codes::{IDENTITY_NOT_FOUND, Meaning, ORDER_NOT_FOUND, RECEIPT_NOT_FOUND, documented};
use crate::contract::{
    BuyerAuthentication, CardDiscount, IdentityFound, IdentityStanding, RawAnswer, Snapshot,
};
use crate::exchange::{ExchangeError, ExchangeResponse};
use http::StatusCode;
use jiff::Timestamp;
use paypier_domain::id::{PgCancellationId, PgTxId};
use paypier_domain::identity_verification::{Birth, CodeSent};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::outcome::{Decline, DeclineClass, Doubt, Found, NotSent, Outcome};
use paypier_domain::payment::escrow::{DeliveryState, Standing};
use paypier_domain::psp::{
    CardDetails, Charge, Chargeback, DisputeReport, Receipt, Refund, StoredInstrument, VirtualAccount,
};
use serde::{Deserialize, de::DeserializeOwned};

pub(super) type Answered = Result<ExchangeResponse, ExchangeError>;

#[derive(Deserialize)]
struct Failure {
    code: String,
    message: String,
}

/// An order, as answers and notifications carry it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrderAnswer {
    id: String,
    pub(super) reference: String,
    status: String,
    amount: i64,
    currency: String,
    fee: i64,
    approved_at: Option<Timestamp>,
    captured_at: Option<Timestamp>,
    closed_at: Option<Timestamp>,
    approval_number: Option<String>,
    receipt_url: Option<String>,
    card: Option<CardAnswer>,
    account: Option<AccountAnswer>,
    failure: Option<Failure>,
    delivery: Option<DeliveryAnswer>,
    #[serde(default)]
    disputes: Vec<DisputeAnswer>,
    #[serde(default)]
    chargebacks: Vec<ChargebackAnswer>,
    refunds: Vec<RefundAnswer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DeliveryAnswer {
    company: String,
    invoice_number: String,
    sent_at: Timestamp,
    registered_at: Timestamp,
    modified_at: Option<Timestamp>,
    status: String,
    ended_at: Option<Timestamp>,
    #[serde(default)]
    is_automatic: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DisputeAnswer {
    id: String,
    reason: String,
    opened_at: Timestamp,
    resolved_at: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ChargebackAnswer {
    id: String,
    amount: i64,
    reason: String,
    at: Timestamp,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoreLinesAnswer {
    reference: String,
    receipt_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CardAnswer {
    brand: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    owner_type: Option<String>,
    issuer: Option<String>,
    publisher: Option<String>,
    name: Option<String>,
    bin: Option<String>,
    number: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AccountAnswer {
    bank: Option<String>,
    number: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    remittee_name: Option<String>,
    remitter_name: Option<String>,
    issued_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    #[serde(default)]
    deposited: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RefundAnswer {
    id: String,
    reference: String,
    charge_reference: String,
    status: String,
    amount: i64,
    fee_returned: i64,
    requested_at: Timestamp,
    completed_at: Option<Timestamp>,
    failure: Option<Failure>,
    receipt_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TokenAnswer {
    token: String,
    issued_at: Timestamp,
    deleted_at: Option<Timestamp>,
    /// What the issuer wants before the token is good for anything.
    challenge: Option<String>,
    card: Option<CardAnswer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReceiptAnswer {
    id: String,
    reference: String,
    status: String,
    amount: i64,
    issue_number: String,
    url: Option<String>,
    issued_at: Timestamp,
    cancelled_at: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct IdentityAnswer {
    id: String,
    reference: String,
    status: String,
    sent_at: Timestamp,
    verified_at: Option<Timestamp>,
    person: Option<PersonAnswer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PersonAnswer {
    name: String,
    phone_number: Option<String>,
    operator: Option<String>,
    birth_date: String,
    gender: Option<String>,
    is_foreigner: Option<bool>,
    ci: Option<String>,
    di: Option<String>,
}

#[derive(Deserialize)]
struct DiscountsAnswer {
    discounts: Vec<DiscountAnswer>,
}

#[derive(Deserialize)]
struct DiscountAnswer {
    id: String,
    company: String,
    discount: i64,
    minimum: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DeliveryProofAnswer {
    reference: String,
    confirmed_at: Timestamp,
}

fn doubt<T>(reason: impl Into<String>) -> Outcome<T> {
    Outcome::Unknown(Doubt { reason: reason.into() })
}

/// The body of a 200 as `B`; everything else as what it means.
fn read<B: DeserializeOwned, T>(
    answered: Answered,
    accept: impl FnOnce(B, &ExchangeResponse) -> Outcome<T>,
) -> Outcome<T> {
    let response = match answered {
        Ok(response) => response,
        Err(ExchangeError::NotSent(reason)) => {
            return Outcome::NotSent(NotSent { code: "NOT_SENT".into(), message: reason });
        }
        Err(ExchangeError::NoAnswer(reason)) => return doubt(format!("no answer: {reason}")),
    };
    if response.status == StatusCode::OK {
        // The reader's own words may quote the body: they are not repeated.
        return match serde_json::from_slice(&response.body) {
            Ok(body) => accept(body, &response),
            Err(_) => doubt("HTTP 200 with a body that is not of the documented form"),
        };
    }
    let status = response.status.as_u16();
    let Ok(failure) = serde_json::from_slice::<Failure>(&response.body) else {
        return doubt(format!("HTTP {status} without a readable code"));
    };
    let Some(documented) = documented(&failure.code) else {
        return doubt(format!("HTTP {status} with an undocumented code"));
    };
    if documented.status != Some(status) {
        return doubt(format!("HTTP {status} with the code {}, which do not belong together", failure.code));
    }
    match documented.meaning {
        Meaning::Declined(class) => declined(class, failure),
        Meaning::NothingExecuted => {
            Outcome::NotSent(NotSent { code: failure.code, message: failure.message })
        }
    }
}

fn declined<T>(class: DeclineClass, failure: Failure) -> Outcome<T> {
    Outcome::Declined(Decline { class, code: failure.code, message: failure.message })
}

/// A failure that an order or refund carries.
fn failed<T>(failure: Option<Failure>) -> Outcome<T> {
    match failure {
        Some(failure) => match documented(&failure.code).map(|documented| documented.meaning) {
            Some(Meaning::Declined(class)) => declined(class, failure),
            Some(Meaning::NothingExecuted) | None => doubt("a failure with an undocumented code"),
        },
        None => doubt("a failure without a code"),
    }
}

fn text_of(body: &[u8]) -> Option<String> {
    String::from_utf8(body.to_vec()).ok()
}

fn amount_of(minor_units: i64) -> Option<Amount> {
    Amount::new(minor_units).ok()
}

impl From<CardAnswer> for CardDetails {
    fn from(card: CardAnswer) -> Self {
        Self {
            publisher: card.publisher,
            issuer: card.issuer,
            brand: card.brand,
            kind: card.kind,
            owner: card.owner_type,
            bin: card.bin,
            name: card.name,
            masked_number: card.number,
        }
    }
}

impl From<AccountAnswer> for VirtualAccount {
    fn from(account: AccountAnswer) -> Self {
        Self {
            bank: account.bank,
            account_number: account.number,
            kind: account.kind,
            remittee_name: account.remittee_name,
            remitter_name: account.remitter_name,
            expires_at: account.expires_at,
            issued_at: account.issued_at,
            deposited: amount_of(account.deposited).unwrap_or_default(),
        }
    }
}

/// The answer to a charge or to the opening of an account. `now` is when it was approved if the PSP
/// does not say.
pub(super) fn charge(
    answered: Answered,
    reference: &str,
    currency: Currency,
    now: Timestamp,
) -> Outcome<Charge> {
    read(answered, |order: OrderAnswer, response| {
        if order.reference != reference {
            return doubt("the answer is about another order");
        }
        if order.currency != currency.code() {
            return doubt("the answer is in another currency");
        }
        charge_of(order, text_of(&response.body), now)
    })
}

fn charge_of(order: OrderAnswer, raw: Option<String>, now: Timestamp) -> Outcome<Charge> {
    let (Some(amount), Some(fee)) = (amount_of(order.amount), amount_of(order.fee)) else {
        return doubt("an amount of the order is out of range");
    };
    let charge = Charge {
        pg_tx_id: PgTxId::known(order.id),
        amount,
        at: order.approved_at.or(order.account.as_ref().and_then(|account| account.issued_at)).unwrap_or(now),
        fee,
        card: order.card.map(CardDetails::from),
        account: order.account.map(VirtualAccount::from),
        approval_number: order.approval_number,
        receipt_url: order.receipt_url,
        raw,
    };
    match order.status.as_str() {
        "APPROVED" | "CAPTURED" | "PAID" => Outcome::Done(charge),
        "PENDING" => Outcome::Pending(charge),
        "WAITING_FOR_DEPOSIT" if charge.account.is_some() => Outcome::Pending(charge),
        "DECLINED" | "EXPIRED" | "CLOSED" => failed(order.failure),
        _ => doubt("the order has an undocumented status"),
    }
}

fn refund_of(refund: RefundAnswer, raw: Option<String>) -> Outcome<Refund> {
    let (Some(amount), Some(fee_returned)) = (amount_of(refund.amount), amount_of(refund.fee_returned))
    else {
        return doubt("an amount of the refund is out of range");
    };
    let read = Refund {
        pg_cancellation_id: PgCancellationId::known(refund.id),
        amount,
        at: refund.completed_at.unwrap_or(refund.requested_at),
        fee_returned,
        receipt_url: refund.receipt_url,
        raw,
    };
    match (refund.status.as_str(), refund.completed_at) {
        ("SUCCEEDED", Some(_)) => Outcome::Done(read),
        ("PENDING", None) => Outcome::Pending(read),
        ("FAILED" | "STOPPED" | "REFUSED", _) => failed(refund.failure),
        _ => doubt("the refund has an undocumented status"),
    }
}

/// The answer to a refund of `asked`.
pub(super) fn refund(
    answered: Answered,
    reference: &str,
    charge_reference: &str,
    asked: Amount,
) -> Outcome<Refund> {
    read(answered, |refund: RefundAnswer, response| {
        if refund.reference != reference || refund.charge_reference != charge_reference {
            return doubt("the answer is about another refund");
        }
        if refund.amount != asked.minor_units() {
            return doubt("the answer is about another amount");
        }
        refund_of(refund, text_of(&response.body))
    })
}

pub(super) fn captured(answered: Answered, reference: &str) -> Outcome<Timestamp> {
    read(answered, |order: OrderAnswer, _| match (order.status.as_str(), order.captured_at) {
        ("CAPTURED", Some(at)) if order.reference == reference => Outcome::Done(at),
        _ => doubt("the answer does not say that the order is captured"),
    })
}

fn standing(delivery: DeliveryAnswer) -> Option<Standing> {
    Some(Standing {
        state: DeliveryState::parse(&delivery.status, delivery.is_automatic)?,
        company: delivery.company,
        invoice_number: delivery.invoice_number,
        sent_at: delivery.sent_at,
        applied_at: delivery.registered_at,
        modified_at: delivery.modified_at,
        ended_at: delivery.ended_at,
    })
}

/// The delivery that an answer shows, and when it was `taken`.
fn delivery_of(
    answered: Answered,
    reference: &str,
    taken: impl FnOnce(Standing) -> Option<Timestamp>,
) -> Outcome<Timestamp> {
    read(answered, |mut order: OrderAnswer, _| {
        let shown = order.delivery.take().filter(|_| order.reference == reference).and_then(standing);
        match shown.and_then(taken) {
            Some(at) => Outcome::Done(at),
            None => doubt("the answer does not show what was said about the delivery"),
        }
    })
}

pub(super) fn reported(answered: Answered, reference: &str) -> Outcome<Timestamp> {
    delivery_of(answered, reference, |shown| Some(shown.applied_at))
}

pub(super) fn corrected(answered: Answered, reference: &str) -> Outcome<Timestamp> {
    delivery_of(answered, reference, |shown| shown.modified_at)
}

pub(super) fn completed(answered: Answered, reference: &str) -> Outcome<Timestamp> {
    delivery_of(answered, reference, |shown| match shown.state {
        DeliveryState::Confirmed { .. } => shown.ended_at,
        DeliveryState::Registered
        | DeliveryState::Delivered
        | DeliveryState::Rejected
        | DeliveryState::RejectConfirmed
        | DeliveryState::Cancelled => None,
    })
}

pub(super) fn lines_registered(answered: Answered, reference: &str) -> Outcome<Option<String>> {
    read(answered, |registered: StoreLinesAnswer, _| {
        if registered.reference == reference {
            Outcome::Done(registered.receipt_url)
        } else {
            doubt("the answer is about another order")
        }
    })
}

pub(super) fn closed(answered: Answered, reference: &str) -> Outcome<Timestamp> {
    read(answered, |order: OrderAnswer, _| match (order.status.as_str(), order.closed_at) {
        ("CLOSED", Some(at)) if order.reference == reference => Outcome::Done(at),
        _ => doubt("the answer does not say that the account is closed"),
    })
}

pub(super) fn stopped(answered: Answered, id: &PgCancellationId) -> Outcome<Timestamp> {
    read(answered, |refund: RefundAnswer, _| match (refund.status.as_str(), refund.completed_at) {
        ("STOPPED", Some(at)) if refund.id == id.as_str() => Outcome::Done(at),
        _ => doubt("the answer does not say that the refund is stopped"),
    })
}

/// An answer that is passed on, whatever it says.
pub(super) fn raw(answered: Answered) -> Outcome<RawAnswer> {
    match answered {
        Ok(response) => match String::from_utf8(response.body.to_vec()) {
            Ok(body) => Outcome::Done(RawAnswer { status: response.status.as_u16(), body }),
            Err(_) => doubt("an answer that is no text"),
        },
        Err(ExchangeError::NotSent(reason)) => {
            Outcome::NotSent(NotSent { code: "NOT_SENT".into(), message: reason })
        }
        Err(ExchangeError::NoAnswer(reason)) => doubt(format!("no answer: {reason}")),
    }
}

pub(super) fn discounts(answered: Answered) -> Outcome<Vec<CardDiscount>> {
    read(answered, |listed: DiscountsAnswer, _| {
        let discounts: Option<Vec<CardDiscount>> = listed
            .discounts
            .into_iter()
            .map(|one| {
                Some(CardDiscount {
                    id: one.id,
                    company: one.company,
                    discount: amount_of(one.discount)?,
                    minimum: amount_of(one.minimum)?,
                })
            })
            .collect();
        discounts.map_or_else(|| doubt("an amount of a discount is out of range"), Outcome::Done)
    })
}

pub(super) fn delivered(answered: Answered, reference: &str) -> Outcome<Timestamp> {
    read(answered, |confirmed: DeliveryProofAnswer, _| {
        if confirmed.reference == reference {
            Outcome::Done(confirmed.confirmed_at)
        } else {
            doubt("the answer is about another order")
        }
    })
}

pub(super) fn issued(answered: Answered) -> Outcome<StoredInstrument> {
    read(answered, |issued: TokenAnswer, _| {
        if issued.token.is_empty() || issued.deleted_at.is_some() {
            return doubt("the answer has no usable token");
        }
        Outcome::Done(StoredInstrument {
            token: issued.token,
            pg_tx_id: None,
            card: issued.card.map(CardDetails::from),
            at: issued.issued_at,
        })
    })
}

pub(super) fn authenticated(answered: Answered) -> Outcome<BuyerAuthentication> {
    read(answered, |issued: TokenAnswer, _| {
        if issued.token.is_empty() || issued.deleted_at.is_some() {
            return doubt("the answer has no usable token");
        }
        let needs_code = match issued.challenge.as_deref() {
            None => false,
            Some("CODE") => true,
            Some(_) => return doubt("the answer has an undocumented challenge"),
        };
        let card = issued.card.map(CardDetails::from);
        Outcome::Done(BuyerAuthentication { token: issued.token, needs_code, card })
    })
}

pub(super) fn deleted(answered: Answered, token: &str) -> Outcome<Timestamp> {
    read(answered, |deleted: TokenAnswer, _| match deleted.deleted_at {
        Some(at) if deleted.token == token => Outcome::Done(at),
        _ => doubt("the answer does not say that the token is deleted"),
    })
}

/// The answer to a query. `is_conclusive` says that an order that is not there never was.
pub(super) fn found(
    answered: Answered,
    reference: &str,
    is_conclusive: bool,
    now: Timestamp,
) -> Found<Snapshot> {
    let outcome = read(answered, |order: OrderAnswer, response| {
        if order.reference != reference {
            return doubt("the answer is about another order");
        }
        Outcome::Done(snapshot(order, text_of(&response.body), now))
    });
    told(outcome, ORDER_NOT_FOUND, is_conclusive)
}

/// What a query's answer says; `not_found` is the code that says that there is no such thing.
fn told<T>(outcome: Outcome<T>, not_found: &str, is_conclusive: bool) -> Found<T> {
    match outcome {
        Outcome::Done(known) => Found::Known(Outcome::Done(known)),
        Outcome::Declined(decline) if decline.code == not_found => {
            if is_conclusive {
                Found::Absent
            } else {
                Found::NotYet
            }
        }
        Outcome::Declined(decline) => {
            Found::NoAnswer(Doubt { reason: format!("the query was refused: {}", decline.code) })
        }
        Outcome::NotSent(not_sent) => {
            Found::NoAnswer(Doubt { reason: format!("the query was not sent: {}", not_sent.code) })
        }
        Outcome::Unknown(doubt) => Found::NoAnswer(doubt),
        Outcome::Pending(_) => Found::NoAnswer(Doubt { reason: "the query has no pending answers".into() }),
    }
}

fn receipt_of(receipt: ReceiptAnswer, reference: &str) -> Outcome<Receipt> {
    if receipt.reference != reference {
        return doubt("the answer is about another cash receipt");
    }
    match (receipt.status.as_str(), receipt.cancelled_at) {
        ("ISSUED", None) | ("CANCELLED", Some(_)) => Outcome::Done(Receipt {
            pg_receipt_id: receipt.id,
            issue_number: receipt.issue_number,
            url: receipt.url,
            at: receipt.issued_at,
            cancelled_at: receipt.cancelled_at,
        }),
        _ => doubt("the cash receipt has an undocumented status"),
    }
}

/// The answer to the request for a receipt over `asked`.
pub(super) fn receipt(answered: Answered, reference: &str, asked: Amount) -> Outcome<Receipt> {
    read(answered, |receipt: ReceiptAnswer, _| {
        if receipt.amount != asked.minor_units() {
            return doubt("the answer is about another amount");
        }
        receipt_of(receipt, reference)
    })
}

pub(super) fn withdrawn(answered: Answered, reference: &str) -> Outcome<Timestamp> {
    read(answered, |receipt: ReceiptAnswer, _| match receipt_of(receipt, reference) {
        Outcome::Done(Receipt { cancelled_at: Some(at), .. }) => Outcome::Done(at),
        _ => doubt("the answer does not say that the cash receipt is cancelled"),
    })
}

/// The answer to a question about a receipt. `is_conclusive` says that one that is not there never was.
pub(super) fn found_receipt(answered: Answered, reference: &str, is_conclusive: bool) -> Found<Receipt> {
    let outcome = read(answered, |receipt: ReceiptAnswer, _| receipt_of(receipt, reference));
    told(outcome, RECEIPT_NOT_FOUND, is_conclusive)
}

fn identity_standing(
    answer: IdentityAnswer,
    reference: &str,
    raw: Option<String>,
) -> Outcome<IdentityStanding> {
    if answer.reference != reference {
        return doubt("the answer is about another identity verification");
    }
    match (answer.status.as_str(), answer.verified_at, answer.person, raw) {
        ("WAITING", None, None, _) => Outcome::Done(IdentityStanding::Waiting(CodeSent {
            pg_tx_id: PgTxId::known(answer.id),
            at: answer.sent_at,
        })),
        ("VERIFIED", Some(at), Some(person), Some(raw)) => {
            let Some(birth) = birth(&person.birth_date) else { return doubt("the date of birth is no date") };
            Outcome::Done(IdentityStanding::Verified(Box::new(IdentityFound {
                pg_tx_id: PgTxId::known(answer.id),
                at,
                name: person.name,
                operator: person.operator,
                phone_number: person.phone_number,
                birth,
                gender: person.gender,
                is_foreigner: person.is_foreigner,
                ci: person.ci,
                di: person.di,
                raw,
            })))
        }
        ("CLOSED", None, None, _) => Outcome::Done(IdentityStanding::Closed(Decline {
            class: DeclineClass::Refused,
            code: "SANDBOX_IDENTITY_CLOSED".into(),
            message: "the identity verification takes no code any more".into(),
        })),
        _ => doubt("the identity verification has an undocumented status"),
    }
}

/// `yyyy-MM-dd`.
fn birth(date: &str) -> Option<Birth> {
    let date: jiff::civil::Date = date.parse().ok()?;
    Some(Birth {
        year: format!("{:04}", date.year()),
        month: format!("{:02}", date.month()),
        day: format!("{:02}", date.day()),
    })
}

/// The answer to the request for a code, the first one or another.
pub(super) fn code_sent(answered: Answered, reference: &str) -> Outcome<CodeSent> {
    read(answered, |answer: IdentityAnswer, _| match identity_standing(answer, reference, None) {
        Outcome::Done(IdentityStanding::Waiting(sent)) => Outcome::Done(sent),
        _ => doubt("the answer does not say that a code was sent"),
    })
}

pub(super) fn identity(answered: Answered, reference: &str) -> Outcome<IdentityFound> {
    read(answered, |answer: IdentityAnswer, response| {
        match identity_standing(answer, reference, text_of(&response.body)) {
            Outcome::Done(IdentityStanding::Verified(found)) => Outcome::Done(*found),
            _ => doubt("the answer does not say who it is"),
        }
    })
}

/// The answer to a question. `is_conclusive` says that a verification that is not there never was.
pub(super) fn found_identity(
    answered: Answered,
    reference: &str,
    is_conclusive: bool,
) -> Found<IdentityStanding> {
    let outcome = read(answered, |answer: IdentityAnswer, response| {
        identity_standing(answer, reference, text_of(&response.body))
    });
    told(outcome, IDENTITY_NOT_FOUND, is_conclusive)
}

/// An order with all that the PSP says about it.
pub(super) fn snapshot(mut order: OrderAnswer, raw: Option<String>, now: Timestamp) -> Snapshot {
    let reference = order.reference.clone();
    let refunds = std::mem::take(&mut order.refunds)
        .into_iter()
        .map(|refund| {
            let name = refund.reference.clone();
            let is_ours = refund.charge_reference == reference;
            (name, if is_ours { refund_of(refund, None) } else { doubt("the refund is of another order") })
        })
        .collect();
    let account_closed_at = order.closed_at.filter(|_| order.status == "CLOSED");
    // An undocumented state says nothing about the delivery; a negative amount nothing about money.
    let delivery = order.delivery.take().and_then(standing);
    let disputes = std::mem::take(&mut order.disputes)
        .into_iter()
        .map(|dispute| DisputeReport {
            pg_dispute_id: dispute.id,
            reason: dispute.reason,
            created_at: dispute.opened_at,
            resolved_at: dispute.resolved_at,
        })
        .collect();
    let chargebacks = std::mem::take(&mut order.chargebacks)
        .into_iter()
        .filter_map(|taken| {
            Some(Chargeback {
                pg_cancellation_id: PgCancellationId::known(taken.id),
                amount: amount_of(taken.amount)?,
                at: taken.at,
                fee_returned: Amount::ZERO,
                reason: taken.reason,
            })
        })
        .collect();
    Snapshot {
        refunds,
        captured_at: order.captured_at,
        account_closed_at,
        delivery,
        disputes,
        chargebacks,
        charge: charge_of(order, raw, now),
    }
}

#[cfg(test)]
mod tests;
