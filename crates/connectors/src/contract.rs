//! What every connector offers, and what each answer must mean.
//!
//! Operations take and give plain values. Each mutating call carries `reference`, our own name for
//! it, which the connector uses as order number and idempotency key, so that a repeated call is the
//! same call and [`Connector::query`] can ask about it. A connector never guesses: what it does not
//! understand is [`Outcome::Unknown`].

use crate::exchange::Exchange;
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use paypier_domain::cash_receipt;
use paypier_domain::channel::ChannelSnapshot;
use paypier_domain::checkout::PayMethod;
use paypier_domain::customer::Customer;
use paypier_domain::id::{PgCancellationId, PgTxId, StoreId};
use paypier_domain::identity_verification::{Birth, CodeSent, Method};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::outcome::{Decline, DeclineClass, Doubt, Found, Outcome};
use paypier_domain::payment::cancel::RefundAccount;
use paypier_domain::payment::escrow::{Logistics, Particulars, Standing};
use paypier_domain::promotion::CardCompany;
use paypier_domain::psp::{
    CardDetails, Charge, Chargeback, DisputeReport, Receipt, Refund, StoreLine, StoredInstrument,
};
use std::time::Duration;

/// What a connector can do, declared and not discovered by failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    pub card_key_in: bool,
    pub stored_charge: bool,
    pub virtual_account: bool,
    /// What a buyer can authenticate with in a window of ours ([`Connector::authenticate`]).
    pub window_methods: &'static [PayMethod],
    /// What a buyer can give a lasting right to in a window ([`Connector::keep_authenticated`]).
    pub window_key_methods: &'static [PayMethod],
    pub manual_capture: bool,
    pub partial_refund: bool,
    /// A pending refund can be stopped before it is executed.
    pub stop_refund: bool,
    /// Money can be held until the buyer has accepted the goods.
    pub escrow: bool,
    pub cash_receipt: bool,
    pub identity_verification: bool,
    pub idempotency: Idempotency,
    /// After this long a "not found" proves that the request never happened; `None`: it never does.
    pub absent_is_conclusive_after: Option<SignedDuration>,
    pub notifications: Authenticity,
    /// How long the connector waits for an answer after the request was sent.
    pub read_timeout: Duration,
    /// Upper-case ISO 4217 codes; empty means every currency.
    pub currencies: &'static [&'static str],
}

/// How the PSP tells a repeated request from a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idempotency {
    Header { lifetime: SignedDuration },
    BodyField { lifetime: SignedDuration },
    UniqueOrderNumber,
    SingleUseToken,
    None,
}

/// How far a notification can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authenticity {
    Signed,
    /// Carries a shared secret.
    Secret,
    /// Only says "look again": the connector is queried.
    UnsignedHint,
    None,
}

/// What every call is given.
pub struct Call<'a> {
    pub exchange: &'a dyn Exchange,
    pub store: &'a StoreId,
    pub channel: &'a ChannelSnapshot,
    /// The channel's credentials: a JSON object, opened from its seal for this call.
    pub credentials: &'a str,
    /// The store's time, which answers fall back to when the PSP does not say when.
    pub now: Timestamp,
}

impl std::fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Call({}, ..)", self.channel.key)
    }
}

/// A card as the buyer typed it. Passed on to the PSP and forgotten: it is never stored or printed,
/// and its memory is cleared when it is dropped.
pub struct Card {
    number: String,
    pub expiry_year: String,
    pub expiry_month: String,
    birth_or_business_number: Option<String>,
    password_two_digits: Option<String>,
}

impl Card {
    pub const fn new(
        number: String,
        expiry_year: String,
        expiry_month: String,
        birth_or_business_number: Option<String>,
        password_two_digits: Option<String>,
    ) -> Self {
        Self { number, expiry_year, expiry_month, birth_or_business_number, password_two_digits }
    }

    /// For the request to the PSP only.
    pub fn number(&self) -> &str {
        &self.number
    }
    pub fn birth_or_business_number(&self) -> Option<&str> {
        self.birth_or_business_number.as_deref()
    }
    pub fn password_two_digits(&self) -> Option<&str> {
        self.password_two_digits.as_deref()
    }

    /// The number without its middle: the first 8 and the last 4 digits at most, never more than
    /// PCI DSS 3.4 lets be shown.
    pub fn masked_number(&self) -> String {
        let digits: Vec<char> = self.number.chars().collect();
        let count = digits.len();
        let shown_at_start = if count >= 16 { 8 } else { 6.min(count.saturating_sub(4)) };
        digits
            .iter()
            .enumerate()
            .map(
                |(index, digit)| {
                    if index < shown_at_start || index >= count.saturating_sub(4) { *digit } else { '*' }
                },
            )
            .collect()
    }

    /// The first 6 digits, which name the issuer.
    pub fn bin(&self) -> String {
        self.number.chars().take(6).collect()
    }
}

impl std::fmt::Debug for Card {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Card(..)")
    }
}

impl Drop for Card {
    fn drop(&mut self) {
        use zeroize::Zeroize;
        self.number.zeroize();
        self.birth_or_business_number.zeroize();
        self.password_two_digits.zeroize();
    }
}

/// What is charged, common to all methods.
#[derive(Debug, Clone, Copy)]
pub struct ChargeAsk<'a> {
    pub reference: &'a str,
    pub payment_id: &'a str,
    pub order_name: &'a str,
    pub amount: Amount,
    pub tax_free: Amount,
    pub vat: Amount,
    pub currency: Currency,
    pub customer: &'a Customer,
    /// 0 is a lump sum.
    pub installment_months: u8,
    /// Approve only; the money is taken by [`Connector::capture`].
    pub manual_capture: bool,
    /// The money is held until the buyer has accepted the goods.
    pub is_escrow: bool,
    /// The caller's own members for this PSP, a JSON object, passed on as they are.
    pub bypass: Option<&'a str>,
}

#[derive(Debug, Clone, Copy)]
pub struct AccountAsk<'a> {
    pub charge: ChargeAsk<'a>,
    pub bank: &'a str,
    pub expires_at: Timestamp,
    pub remittee_name: Option<&'a str>,
    /// The merchant's fixed account, when the account number does not rotate.
    pub fixed_account: Option<FixedAccount<'a>>,
}

/// Which lasting account is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FixedAccount<'a> {
    /// A name that the PSP knows; the same name always leads to the same account number.
    PgAccountId(&'a str),
    /// One of the numbers that the PSP has given to the merchant.
    Number(&'a str),
}

/// A buyer's authentication in a window. It moves no money: what it gives is good for one charge.
#[derive(Debug, Clone, Copy)]
pub struct AuthenticateAsk<'a> {
    /// Our name for this try; a buyer may try several times.
    pub reference: &'a str,
    /// The charge that may be made with what is given, and no other.
    pub charge_reference: &'a str,
    /// Zero for a billing key, which charges nothing by itself.
    pub amount: Amount,
    pub currency: Currency,
    pub with: BuyerInstrument<'a>,
}

/// What a buyer authenticates with.
#[derive(Debug, Clone, Copy)]
pub enum BuyerInstrument<'a> {
    Card(&'a Card),
    /// On a page of the provider's own, which the sandbox plays: `kind` is the wallet, the kind of gift
    /// certificate or the chain of stores.
    Page {
        method: PayMethod,
        kind: Option<&'a str>,
        buyer: PlayedBuyer,
    },
}

/// What a buyer did on a provider's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlayedBuyer {
    Approves,
    /// The provider will say later.
    ApprovesLater,
    IsDeclined,
}

/// What a buyer's authentication led to.
#[derive(Clone, PartialEq, Eq)]
pub struct BuyerAuthentication {
    /// The PSP's token, which [`Connector::charge_stored`] takes for this one charge.
    pub token: String,
    /// The issuer wants a code before the token is good for anything ([`Connector::answer_challenge`]).
    pub needs_code: bool,
    pub card: Option<CardDetails>,
}

impl std::fmt::Debug for BuyerAuthentication {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BuyerAuthentication(needs_code: {}, ..)", self.needs_code)
    }
}

#[derive(Debug, Clone, Copy)]
pub struct RefundAsk<'a> {
    pub reference: &'a str,
    /// The charge's reference and PSP id.
    pub charge_reference: &'a str,
    pub pg_tx_id: &'a PgTxId,
    pub amount: Amount,
    pub tax_free: Amount,
    pub vat: Amount,
    pub currency: Currency,
    pub reason: &'a str,
    pub refund_account: Option<&'a RefundAccount>,
}

/// What is told about the parcel of a charge in escrow.
#[derive(Debug, Clone, Copy)]
pub struct DeliveryAsk<'a> {
    pub charge_reference: &'a str,
    pub pg_tx_id: &'a PgTxId,
    pub logistics: &'a Logistics,
    pub particulars: &'a Particulars,
}

/// What stores below the merchant's have sold, for the sales slip of a charge.
#[derive(Debug, Clone, Copy)]
pub struct StoreLinesAsk<'a> {
    pub charge_reference: &'a str,
    pub pg_tx_id: &'a PgTxId,
    pub lines: &'a [StoreLine],
}

/// A cash receipt to be issued. Not printed: it says who the buyer is to the tax office.
#[derive(Clone, Copy)]
pub struct ReceiptAsk<'a> {
    pub reference: &'a str,
    pub payment_id: &'a str,
    pub order_name: &'a str,
    pub kind: cash_receipt::Kind,
    pub amount: Amount,
    pub tax_free: Amount,
    pub vat: Amount,
    pub currency: Currency,
    /// A phone number, a receipt card's number or a business registration number.
    pub identity_number: &'a str,
    /// `PHONE`, `CARD` or `BUSINESS`, when the caller says.
    pub identity_kind: Option<&'a str>,
    pub customer: &'a Customer,
    /// The merchant's own number, where the PSP wants it.
    pub business_registration_number: Option<&'a str>,
    /// `TRANSFER` or `VIRTUAL_ACCOUNT`, where the PSP wants it.
    pub paid_by: Option<&'a str>,
    /// When the money was paid, when the caller says.
    pub paid_at: Option<Timestamp>,
}

impl std::fmt::Debug for ReceiptAsk<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ReceiptAsk({}, ..)", self.reference)
    }
}

/// Who is to be verified. Not printed: it says who somebody is.
#[derive(Clone, Copy)]
pub struct IdentityAsk<'a> {
    pub reference: &'a str,
    pub verification_id: &'a str,
    pub customer_id: Option<&'a str>,
    pub name: &'a str,
    /// Digits only.
    pub phone_number: &'a str,
    /// The first seven digits of the resident number.
    pub identity_number: Option<&'a str>,
    pub ip_address: &'a str,
    /// `SKT`, `KT_MVNO`, …
    pub operator: Option<&'a str>,
    pub method: Method,
    /// The caller's own members for this PSP, a JSON object, passed on as they are.
    pub bypass: Option<&'a str>,
}

impl std::fmt::Debug for IdentityAsk<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "IdentityAsk({}, ..)", self.reference)
    }
}

/// Who the PSP says it is. Not printed, and its memory is cleared: CI and DI name a person for life.
#[derive(Clone, PartialEq, Eq)]
pub struct IdentityFound {
    pub pg_tx_id: PgTxId,
    pub at: Timestamp,
    pub name: String,
    pub operator: Option<String>,
    pub phone_number: Option<String>,
    pub birth: Birth,
    /// `MALE`, `FEMALE` or `OTHER`.
    pub gender: Option<String>,
    pub is_foreigner: Option<bool>,
    pub ci: Option<String>,
    pub di: Option<String>,
    /// The PSP's answer in full.
    pub raw: String,
}

impl std::fmt::Debug for IdentityFound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "IdentityFound({}, ..)", self.pg_tx_id)
    }
}

impl Drop for IdentityFound {
    fn drop(&mut self) {
        use zeroize::Zeroize;
        self.ci.zeroize();
        self.di.zeroize();
        self.raw.zeroize();
    }
}

/// How an identity verification stands at the PSP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdentityStanding {
    /// The person has yet to show the code, or to answer the app.
    Waiting(CodeSent),
    Verified(Box<IdentityFound>),
    /// It takes no code any more.
    Closed(Decline),
}

/// An answer of a PSP as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawAnswer {
    /// The status of HTTP.
    pub status: u16,
    pub body: String,
}

/// A discount that a PSP gives on cards of one company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardDiscount {
    /// As the PSP names it.
    pub id: String,
    /// In the dialect's words.
    pub company: String,
    pub discount: Amount,
    /// From which amount on.
    pub minimum: Amount,
}

/// A charge with everything the PSP says about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    pub charge: Outcome<Charge>,
    /// By our reference of the refund.
    pub refunds: Vec<(String, Outcome<Refund>)>,
    pub captured_at: Option<Timestamp>,
    /// When the virtual account of the charge was closed; one that only expired is not.
    pub account_closed_at: Option<Timestamp>,
    /// How the delivery of a charge in escrow stands; `None` before one was reported.
    pub delivery: Option<Standing>,
    pub disputes: Vec<DisputeReport>,
    pub chargebacks: Vec<Chargeback>,
}

/// What a notification turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notification {
    /// It is the PSP's, and says how the charge with this reference stands.
    Verified { reference: String, snapshot: Box<Snapshot> },
    /// Something may have happened to this charge: ask.
    Hint {
        reference: String,
        /// The PSP's name for this one sending of it, when it has one: the same name again is a
        /// replay and not the PSP repeating itself.
        delivery: Option<String>,
    },
    /// It is the PSP's, and about nothing that is kept here.
    Unrelated,
}

/// Why a notification is refused, before anything in it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotificationRefusal {
    #[error("the signature is missing or wrong")]
    Forged,
    #[error("the timestamp is too far from now")]
    Stale,
    #[error("the notification is not of a known form")]
    Malformed,
    #[error("the notification was received before")]
    Replayed,
}

impl NotificationRefusal {
    /// As one lower-case word, for metrics.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Forged => "forged",
            Self::Stale => "stale",
            Self::Malformed => "malformed",
            Self::Replayed => "replayed",
        }
    }
}

/// The exact answer that a PSP expects to its notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationReply {
    pub status: u16,
    pub content_type: &'static str,
    pub body: &'static str,
}

/// One PSP. Object-safe; pure values in and out. Operations that a PSP lacks answer
/// [`not_supported`].
#[async_trait]
pub trait Connector: Send + Sync + std::fmt::Debug {
    /// As channels name it.
    fn name(&self) -> &'static str;

    fn capabilities(&self) -> Capabilities;

    /// After this long a refund or capture that is not shown with its charge never arrived; `None`:
    /// that is never proven. Charges themselves may be harder to find.
    fn unlisted_is_conclusive_after(&self) -> Option<SignedDuration> {
        self.capabilities().absent_is_conclusive_after
    }

    /// The company that issues cards with these first digits, as far as the PSP publishes it: promotions
    /// are for the cards of one company, and a card that is typed in names none.
    fn card_company(&self, _bin: &str) -> Option<CardCompany> {
        None
    }

    /// Whether the credentials have the form that the PSP's keys have, and fit the environment.
    ///
    /// # Errors
    /// What is wrong with them, without quoting them.
    fn check_credentials(&self, call: &Call<'_>) -> Result<(), String>;

    /// Charges a card whose number the merchant has. Safe to repeat with the same reference only if
    /// [`Capabilities::idempotency`] says so; otherwise query first.
    async fn charge_card(&self, call: &Call<'_>, ask: &ChargeAsk<'_>, card: &Card) -> Outcome<Charge>;

    /// Charges a stored instrument.
    async fn charge_stored(&self, call: &Call<'_>, ask: &ChargeAsk<'_>, token: &str) -> Outcome<Charge>;

    /// Opens an account for the buyer's transfer: `Pending` with [`Charge::account`] set.
    async fn issue_virtual_account(&self, call: &Call<'_>, ask: &AccountAsk<'_>) -> Outcome<Charge>;

    /// Closes an account that nothing was deposited into.
    async fn close_virtual_account(
        &self,
        call: &Call<'_>,
        reference: &str,
        pg_tx_id: &PgTxId,
    ) -> Outcome<Timestamp>;

    /// Takes the money of an approved charge.
    async fn capture(
        &self,
        call: &Call<'_>,
        reference: &str,
        pg_tx_id: &PgTxId,
        amount: Amount,
    ) -> Outcome<Timestamp>;

    /// Gives money back. Safe to repeat with the same reference only if idempotency says so.
    async fn refund(&self, call: &Call<'_>, ask: &RefundAsk<'_>) -> Outcome<Refund>;

    /// Stops a refund that the PSP has accepted and not executed.
    async fn stop_refund(
        &self,
        call: &Call<'_>,
        reference: &str,
        id: &PgCancellationId,
    ) -> Outcome<Timestamp>;

    /// Reports the parcel of a charge in escrow. Safe to repeat. The answer is when the PSP took it.
    async fn report_delivery(&self, _call: &Call<'_>, _ask: &DeliveryAsk<'_>) -> Outcome<Timestamp> {
        not_supported("escrow")
    }

    /// Changes what was reported. Safe to repeat.
    async fn correct_delivery(&self, _call: &Call<'_>, _ask: &DeliveryAsk<'_>) -> Outcome<Timestamp> {
        not_supported("escrow")
    }

    /// Completes the purchase of a charge in escrow. Safe to repeat.
    async fn complete_purchase(
        &self,
        _call: &Call<'_>,
        _reference: &str,
        _pg_tx_id: &PgTxId,
        _from_store: bool,
    ) -> Outcome<Timestamp> {
        not_supported("escrow")
    }

    /// Whether this channel can put stores on a sales slip.
    ///
    /// # Errors
    /// Why it cannot, for the merchant.
    fn takes_store_lines(&self, _call: &Call<'_>) -> Result<(), String> {
        Err("the PSP of this channel puts no stores on its sales slips".into())
    }

    /// Puts stores on the sales slip of a charge, in place of those that are there. Safe to repeat. The
    /// answer is where the slip is.
    async fn register_store_lines(
        &self,
        _call: &Call<'_>,
        _ask: &StoreLinesAsk<'_>,
    ) -> Outcome<Option<String>> {
        not_supported("stores on a sales slip")
    }

    /// Exchanges a card for a token. Never repeated blindly.
    async fn issue_stored(
        &self,
        call: &Call<'_>,
        reference: &str,
        customer: &Customer,
        card: &Card,
    ) -> Outcome<StoredInstrument>;

    /// Takes what a buyer did in a window for a token that is good for one charge. Moves no money.
    async fn authenticate(
        &self,
        _call: &Call<'_>,
        _ask: &AuthenticateAsk<'_>,
    ) -> Outcome<BuyerAuthentication> {
        not_supported("payment windows")
    }

    /// Passes on the code that the issuer wanted. A wrong one is the end of this authentication.
    async fn answer_challenge(
        &self,
        _call: &Call<'_>,
        _token: &str,
        _code: &str,
    ) -> Outcome<BuyerAuthentication> {
        not_supported("payment windows")
    }

    /// Exchanges a buyer's authentication for a lasting token: a billing key of a window. The
    /// authentication named `reference` as its charge.
    async fn keep_authenticated(
        &self,
        _call: &Call<'_>,
        _reference: &str,
        _token: &str,
    ) -> Outcome<StoredInstrument> {
        not_supported("payment windows")
    }

    /// Makes a token useless. Safe to repeat.
    async fn delete_stored(&self, call: &Call<'_>, token: &str) -> Outcome<Timestamp>;

    /// Issues a cash receipt. Safe to repeat with the same reference only if idempotency says so.
    async fn issue_receipt(&self, _: &Call<'_>, _: &ReceiptAsk<'_>) -> Outcome<Receipt> {
        not_supported("cash receipts")
    }

    /// Withdraws a cash receipt, always whole. Safe to repeat.
    async fn withdraw_receipt(
        &self,
        _: &Call<'_>,
        _reference: &str,
        _pg_receipt_id: &str,
    ) -> Outcome<Timestamp> {
        not_supported("cash receipts")
    }

    /// How the cash receipt that we named `reference` stands at the PSP; `age` as in
    /// [`Connector::query`].
    async fn query_receipt(&self, _: &Call<'_>, _reference: &str, _age: SignedDuration) -> Found<Receipt> {
        Found::NoAnswer(Doubt { reason: "the PSP of this channel has no cash receipts".into() })
    }

    /// Sends a code to somebody's phone, or has an app ask them. A decline of the class
    /// [`DeclineClass::Payer`] from the operations below leaves the verification waiting; every other one
    /// ends it.
    async fn send_identity_code(&self, _: &Call<'_>, _: &IdentityAsk<'_>) -> Outcome<CodeSent> {
        not_supported("identity verification")
    }

    /// Sends another code, which makes the earlier one void. Safe to repeat.
    async fn resend_identity_code(&self, _: &Call<'_>, _reference: &str) -> Outcome<Timestamp> {
        not_supported("identity verification")
    }

    /// Shows the code, or that the app was answered. Safe to repeat: what was verified stays so.
    async fn confirm_identity(
        &self,
        _: &Call<'_>,
        _reference: &str,
        _otp: Option<&str>,
    ) -> Outcome<IdentityFound> {
        not_supported("identity verification")
    }

    /// How the identity verification that we named `reference` stands at the PSP; `age` as in
    /// [`Connector::query`].
    async fn query_identity(
        &self,
        _: &Call<'_>,
        _reference: &str,
        _age: SignedDuration,
    ) -> Found<IdentityStanding> {
        Found::NoAnswer(Doubt { reason: "the PSP of this channel verifies nobody".into() })
    }

    /// How the charge that we named `reference` stands at the PSP. `age` is how long ago it was sent:
    /// a "not found" younger than [`Capabilities::absent_is_conclusive_after`] is [`Found::NotYet`].
    async fn query(
        &self,
        call: &Call<'_>,
        reference: &str,
        pg_tx_id: Option<&PgTxId>,
        age: SignedDuration,
    ) -> Found<Snapshot>;

    /// What the PSP itself says about one of its orders, passed on as it came. `reference` is our name for it,
    /// where the order is ours. Changes nothing.
    async fn raw_order(
        &self,
        _call: &Call<'_>,
        _pg_tx_id: &str,
        _reference: Option<&str>,
    ) -> Outcome<RawAnswer> {
        not_supported("a look at its own orders")
    }

    /// The discounts that the PSP itself gives on a payment of this amount. Changes nothing.
    async fn card_discounts(&self, _call: &Call<'_>, _amount: Amount) -> Outcome<Vec<CardDiscount>> {
        not_supported("discounts of its own")
    }

    /// Tells the PSP what was delivered for a charge: a JSON object in the dialect's words. Safe to repeat.
    async fn confirm_delivery(&self, _call: &Call<'_>, _reference: &str, _proof: &str) -> Outcome<Timestamp> {
        not_supported("a record of deliveries")
    }

    /// Checks a notification and reads it. Pure.
    ///
    /// # Errors
    /// See [`NotificationRefusal`].
    fn read_notification(
        &self,
        credentials: &str,
        headers: &http::HeaderMap,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Notification, NotificationRefusal>;

    fn notification_reply(&self) -> NotificationReply;
}

/// The answer of an operation that the PSP does not have; nothing was sent.
pub fn not_supported<T>(operation: &str) -> Outcome<T> {
    Outcome::Declined(Decline {
        class: DeclineClass::NotSupported,
        code: "NOT_SUPPORTED".into(),
        message: format!("the PSP of this channel does not offer {operation}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_never_prints_and_masks_its_middle() {
        let card = Card::new(
            "4242424242424242".into(),
            "30".into(),
            "12".into(),
            Some("900101".into()),
            Some("12".into()),
        );
        assert_eq!(format!("{card:?}"), "Card(..)");
        assert_eq!(card.masked_number(), "42424242****4242");
        let amex = Card::new("378282246310005".into(), "30".into(), "12".into(), None, None);
        assert_eq!(amex.masked_number(), "378282*****0005");
    }
}
