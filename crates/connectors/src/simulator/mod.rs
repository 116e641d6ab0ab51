//! The sandbox: a PSP that anyone can rehearse every outcome with, and the connector to it.
//!
//! Two halves that share nothing but the wire, as if two companies had written them. The connector
//! (`capabilities`, `request`, `answer`, `codes`, `notification`) is one like every other and takes no
//! shortcut; the PSP ([`psp`]) has books, rules and a ledger of its own. [`in_process`] joins them
//! without a network; over HTTP they speak the same requests. Cards and what they do are listed in
//! `psp/cards.rs`.
//!
//! # The PSP's codes
//!
//! | code | HTTP | means to us | said when |
//! |---|---|---|---|
//! | `SANDBOX_DECLINED` | 402 | declined: issuer | card 0002; a token of card 0341 |
//! | `SANDBOX_INSUFFICIENT_FUNDS` | 402 | declined: issuer | card 9995 |
//! | `SANDBOX_LOST_OR_STOLEN` | 402 | declined: issuer | card 9987 |
//! | `SANDBOX_EXPIRED_CARD` | 402 | declined: payer | card 0069; an expiry in the past |
//! | `SANDBOX_INCORRECT_SECURITY_DATA` | 402 | declined: payer | card 0127; a birth or business number or password of the wrong length |
//! | `SANDBOX_INVALID_CARD` | 402 | declined: payer | a number that fails the Luhn check; an expiry that is no month |
//! | `SANDBOX_AUTHENTICATION_FAILED` | 402 | declined: payer | a wrong 3-D Secure code; an authentication used for another charge |
//! | `SANDBOX_PSP_ERROR` | 503 | not sent | card 0119; nothing was executed |
//! | `SANDBOX_UNAUTHORIZED` | 401 | declined: misconfiguration | wrong merchant id or secret key |
//! | `SANDBOX_INVALID_REQUEST` | 400 | declined: refused | amount 0, another currency than the order's, an account that expires in the past, … |
//! | `SANDBOX_UNKNOWN_CALL` | 404 | declined: not supported | no such path |
//! | `SANDBOX_ORDER_NOT_FOUND` | 404 | query: not yet, absent after 5 s; else declined: refused | |
//! | `SANDBOX_TOKEN_NOT_FOUND` | 404 | declined: refused | the token was deleted, or never issued |
//! | `SANDBOX_REFUND_NOT_FOUND` | 404 | declined: refused | |
//! | `SANDBOX_REFERENCE_REUSED` | 409 | declined: refused | the reference names another request |
//! | `SANDBOX_NOT_APPROVED` | 409 | declined: refused | capture or refund of an order that is not approved |
//! | `SANDBOX_NOT_CAPTURABLE` | 409 | declined: refused | the order was captured with its approval |
//! | `SANDBOX_CAPTURE_AMOUNT_MISMATCH` | 422 | declined: refused | neither the whole amount nor what refunds left of it |
//! | `SANDBOX_REFUND_REFUSED` | 422 | declined: refused | card 5134 |
//! | `SANDBOX_REFUND_EXCEEDS_APPROVED` | 422 | declined: refused | pending refunds count |
//! | `SANDBOX_REFUND_ACCOUNT_MISSING` | 422 | declined: refused | refund of a deposit |
//! | `SANDBOX_REFUND_ACCOUNT_UNKNOWN` | 422 | declined: refused | refund of a deposit to an account ending in 00 |
//! | `SANDBOX_RECEIPT_NOT_FOUND` | 404 | query: not yet, absent after 5 s; else declined: refused | |
//! | `SANDBOX_RECEIPT_REFUSED` | 422 | declined: refused | a cash receipt for an identity number that ends in 0000 |
//! | `SANDBOX_IDENTITY_NOT_FOUND` | 404 | query: not yet, absent after 5 s; else declined: refused | |
//! | `SANDBOX_IDENTITY_WRONG_CODE` | 422 | declined: payer | any code but 000000, twice |
//! | `SANDBOX_IDENTITY_CLOSED` | 409 | declined: refused | the third wrong code; ten minutes after the last code |
//! | `SANDBOX_IDENTITY_NOT_APPROVED` | 409 | declined: payer | the app was not answered |
//! | `SANDBOX_IDENTITY_NOT_BY_SMS` | 409 | declined: payer | a code again, where an app asks |
//! | `SANDBOX_IDENTITY_RESENT_TOO_OFTEN` | 429 | declined: payer | the sixth code again |
//! | `SANDBOX_REFUND_FAILED` | in a refund | declined: refused | card 5126, after 10 minutes |
//! | `SANDBOX_REFUND_STOPPED` | in a refund | declined: refused | stopped while pending |
//! | `SANDBOX_REFUND_NOT_PENDING` | 409 | declined: refused | too late to stop |
//! | `SANDBOX_NOT_IN_ESCROW` | 409 | declined: refused | a delivery of an order that is not in escrow |
//! | `SANDBOX_DELIVERY_REGISTERED` | 409 | declined: refused | another delivery was reported before |
//! | `SANDBOX_DELIVERY_NOT_REGISTERED` | 409 | declined: refused | none was |
//! | `SANDBOX_DELIVERY_OVER` | 409 | declined: refused | the buyer has decided |
//! | `SANDBOX_INVOICE_UNKNOWN` | 422 | declined: refused | an invoice number of zeros only |
//! | `SANDBOX_STORE_UNKNOWN` | 422 | declined: refused | a business number that fails its check digit |
//! | `SANDBOX_ACCOUNT_EXPIRED` | 409, in an order | declined: payer | not deposited in time |
//! | `SANDBOX_ACCOUNT_CLOSED` | in an order | declined: refused | closed by the merchant |
//! | `SANDBOX_ACCOUNT_HAS_DEPOSIT` | 409 | declined: refused | too late to close |
//! | `SANDBOX_NOT_WAITING_FOR_DEPOSIT` | 409 | declined: refused | closing what is no waiting account |
//!
//! No answer, HTTP 5xx otherwise, a body that cannot be read, an undocumented code, or a code under a
//! status that it does not belong to: unknown.

mod answer;
pub mod bank;
mod bins;
mod capabilities;
mod codes;
pub mod in_process;
mod notification;
pub mod psp;
pub mod registry;
mod request;
#[cfg(test)]
mod tests;

pub use in_process::InProcess;
pub use psp::{Psp, PspOptions};

use crate::contract::{
    AccountAsk, AuthenticateAsk, BuyerAuthentication, Call, Capabilities, Card, CardDiscount, ChargeAsk,
    Connector, DeliveryAsk, IdentityAsk, IdentityFound, IdentityStanding, Notification, NotificationRefusal,
    NotificationReply, RawAnswer, ReceiptAsk, RefundAsk, Snapshot, StoreLinesAsk, not_supported,
};
use crate::exchange::ExchangeRequest;
use answer::Answered;
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use paypier_domain::channel::Environment;
use paypier_domain::customer::Customer;
use paypier_domain::id::{PgCancellationId, PgTxId, StoreId};
use paypier_domain::identity_verification::CodeSent;
use paypier_domain::money::Amount;
use paypier_domain::outcome::{Decline, Doubt, Found, Outcome};
use paypier_domain::promotion::CardCompany;
use paypier_domain::psp::{Charge, Receipt, Refund, StoredInstrument};
use request::{Credentials, Request, Requests};
use std::time::Duration;

/// The header that names the store whose sandbox is meant. Every request carries it; both transports
/// find the store by it.
pub const STORE_HEADER: &str = "x-sandbox-store";

/// The store that a request to the PSP is about.
pub fn store_of(request: &ExchangeRequest) -> Option<StoreId> {
    let (_, store) = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(STORE_HEADER))?;
    StoreId::parse(store).ok()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SandboxOptions {
    /// How long to wait for an answer after the request was sent.
    pub read_timeout: Duration,
}

impl Default for SandboxOptions {
    fn default() -> Self {
        Self { read_timeout: Duration::from_secs(3) }
    }
}

/// The connector to the simulated PSP.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sandbox {
    options: SandboxOptions,
}

impl Sandbox {
    pub const fn new(options: SandboxOptions) -> Self {
        Self { options }
    }

    const fn requests<'a>(&self, call: &'a Call<'a>) -> Requests<'a> {
        Requests::new(call, self.options.read_timeout)
    }
}

/// Sends the request and reads its answer; a request that could not be made was not sent.
async fn ask<T>(
    call: &Call<'_>,
    request: Request,
    read: impl FnOnce(Answered) -> Outcome<T> + Send,
) -> Outcome<T> {
    match request {
        Ok(request) => read(call.exchange.send(request).await),
        Err(decline) => Outcome::Declined(decline),
    }
}

#[async_trait]
impl Connector for Sandbox {
    fn name(&self) -> &'static str {
        "sandbox"
    }

    fn capabilities(&self) -> Capabilities {
        capabilities::of(self.options.read_timeout)
    }

    fn card_company(&self, bin: &str) -> Option<CardCompany> {
        bins::company_of(bin)
    }

    fn check_credentials(&self, call: &Call<'_>) -> Result<(), String> {
        let Some(credentials) = Credentials::read(call.credentials) else {
            return Err("the credentials are a JSON object with the member secretKey".into());
        };
        let is_key = credentials
            .secret_key
            .strip_prefix("sandbox_sk_")
            .is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match call.channel.environment {
            Environment::Live => Err("the sandbox serves TEST channels only".into()),
            Environment::Test if !is_key => Err("secretKey is sandbox_sk_ and 32 hexadecimal digits".into()),
            Environment::Test => Ok(()),
        }
    }

    async fn charge_card(&self, call: &Call<'_>, asked: &ChargeAsk<'_>, card: &Card) -> Outcome<Charge> {
        let request = self.requests(call).charge_card(asked, card);
        ask(call, request, |answered| answer::charge(answered, asked.reference, asked.currency, call.now))
            .await
    }

    async fn charge_stored(&self, call: &Call<'_>, asked: &ChargeAsk<'_>, token: &str) -> Outcome<Charge> {
        let request = self.requests(call).charge_token(asked, token);
        ask(call, request, |answered| answer::charge(answered, asked.reference, asked.currency, call.now))
            .await
    }

    async fn issue_virtual_account(&self, call: &Call<'_>, asked: &AccountAsk<'_>) -> Outcome<Charge> {
        let request = self.requests(call).open_account(asked);
        let charge = asked.charge;
        ask(call, request, |answered| answer::charge(answered, charge.reference, charge.currency, call.now))
            .await
    }

    async fn close_virtual_account(
        &self,
        call: &Call<'_>,
        reference: &str,
        _: &PgTxId,
    ) -> Outcome<Timestamp> {
        let request = self.requests(call).close_account(reference);
        ask(call, request, |answered| answer::closed(answered, reference)).await
    }

    async fn capture(
        &self,
        call: &Call<'_>,
        reference: &str,
        _: &PgTxId,
        amount: Amount,
    ) -> Outcome<Timestamp> {
        let request = self.requests(call).capture(reference, amount);
        ask(call, request, |answered| answer::captured(answered, reference)).await
    }

    async fn refund(&self, call: &Call<'_>, asked: &RefundAsk<'_>) -> Outcome<Refund> {
        let request = self.requests(call).refund(asked);
        ask(call, request, |answered| {
            answer::refund(answered, asked.reference, asked.charge_reference, asked.amount)
        })
        .await
    }

    async fn stop_refund(
        &self,
        call: &Call<'_>,
        _reference: &str,
        id: &PgCancellationId,
    ) -> Outcome<Timestamp> {
        let request = self.requests(call).stop_refund(id.as_str());
        ask(call, request, |answered| answer::stopped(answered, id)).await
    }

    async fn report_delivery(&self, call: &Call<'_>, asked: &DeliveryAsk<'_>) -> Outcome<Timestamp> {
        let request = self.requests(call).report_delivery(asked);
        ask(call, request, |answered| answer::reported(answered, asked.charge_reference)).await
    }

    async fn correct_delivery(&self, call: &Call<'_>, asked: &DeliveryAsk<'_>) -> Outcome<Timestamp> {
        // As the contract of the PSP that this channel stands for has it.
        if matches!(call.channel.pg_provider.as_str(), "NICE_V2" | "NICE") {
            return not_supported("changes of a delivery that was reported");
        }
        let request = self.requests(call).correct_delivery(asked);
        ask(call, request, |answered| answer::corrected(answered, asked.charge_reference)).await
    }

    async fn complete_purchase(
        &self,
        call: &Call<'_>,
        reference: &str,
        _: &PgTxId,
        from_store: bool,
    ) -> Outcome<Timestamp> {
        let request = self.requests(call).complete_purchase(reference, from_store);
        ask(call, request, |answered| answer::completed(answered, reference)).await
    }

    fn takes_store_lines(&self, call: &Call<'_>) -> Result<(), String> {
        let key = Credentials::read(call.credentials).and_then(|credentials| credentials.ini_api_key);
        match key {
            Some(key) if !key.trim().is_empty() => Ok(()),
            Some(_) | None => Err("the channel has no INIApi key (iniApiKey in its credentials)".into()),
        }
    }

    async fn register_store_lines(
        &self,
        call: &Call<'_>,
        asked: &StoreLinesAsk<'_>,
    ) -> Outcome<Option<String>> {
        let request = self.requests(call).register_store_lines(asked);
        ask(call, request, |answered| answer::lines_registered(answered, asked.charge_reference)).await
    }

    async fn issue_stored(
        &self,
        call: &Call<'_>,
        reference: &str,
        _: &Customer,
        card: &Card,
    ) -> Outcome<StoredInstrument> {
        let request = self.requests(call).issue_token(reference, card);
        ask(call, request, answer::issued).await
    }

    async fn authenticate(
        &self,
        call: &Call<'_>,
        asked: &AuthenticateAsk<'_>,
    ) -> Outcome<BuyerAuthentication> {
        let request = self.requests(call).authenticate(asked);
        ask(call, request, answer::authenticated).await
    }

    async fn answer_challenge(
        &self,
        call: &Call<'_>,
        token: &str,
        code: &str,
    ) -> Outcome<BuyerAuthentication> {
        let request = self.requests(call).answer_challenge(token, code);
        ask(call, request, answer::authenticated).await
    }

    async fn keep_authenticated(
        &self,
        call: &Call<'_>,
        reference: &str,
        token: &str,
    ) -> Outcome<StoredInstrument> {
        let request = self.requests(call).keep_authenticated(reference, token);
        ask(call, request, answer::issued).await
    }

    async fn delete_stored(&self, call: &Call<'_>, token: &str) -> Outcome<Timestamp> {
        let request = self.requests(call).delete_token(token);
        ask(call, request, |answered| answer::deleted(answered, token)).await
    }

    async fn issue_receipt(&self, call: &Call<'_>, asked: &ReceiptAsk<'_>) -> Outcome<Receipt> {
        let request = self.requests(call).issue_receipt(asked);
        ask(call, request, |answered| answer::receipt(answered, asked.reference, asked.amount)).await
    }

    async fn withdraw_receipt(&self, call: &Call<'_>, reference: &str, _: &str) -> Outcome<Timestamp> {
        let request = self.requests(call).withdraw_receipt(reference);
        ask(call, request, |answered| answer::withdrawn(answered, reference)).await
    }

    async fn query_receipt(&self, call: &Call<'_>, reference: &str, age: SignedDuration) -> Found<Receipt> {
        let is_conclusive = age >= capabilities::ABSENT_IS_CONCLUSIVE_AFTER;
        match self.requests(call).query_receipt(reference) {
            Ok(request) => answer::found_receipt(call.exchange.send(request).await, reference, is_conclusive),
            Err(Decline { code, .. }) => {
                Found::NoAnswer(Doubt { reason: format!("the query cannot be made: {code}") })
            }
        }
    }

    async fn send_identity_code(&self, call: &Call<'_>, asked: &IdentityAsk<'_>) -> Outcome<CodeSent> {
        let request = self.requests(call).request_identity(asked);
        ask(call, request, |answered| answer::code_sent(answered, asked.reference)).await
    }

    async fn resend_identity_code(&self, call: &Call<'_>, reference: &str) -> Outcome<Timestamp> {
        let request = self.requests(call).resend_identity(reference);
        ask(call, request, |answered| answer::code_sent(answered, reference).map(|sent| sent.at)).await
    }

    async fn confirm_identity(
        &self,
        call: &Call<'_>,
        reference: &str,
        otp: Option<&str>,
    ) -> Outcome<IdentityFound> {
        let request = self.requests(call).confirm_identity(reference, otp);
        ask(call, request, |answered| answer::identity(answered, reference)).await
    }

    async fn query_identity(
        &self,
        call: &Call<'_>,
        reference: &str,
        age: SignedDuration,
    ) -> Found<IdentityStanding> {
        let is_conclusive = age >= capabilities::ABSENT_IS_CONCLUSIVE_AFTER;
        match self.requests(call).query_identity(reference) {
            Ok(request) => {
                answer::found_identity(call.exchange.send(request).await, reference, is_conclusive)
            }
            Err(Decline { code, .. }) => {
                Found::NoAnswer(Doubt { reason: format!("the query cannot be made: {code}") })
            }
        }
    }

    async fn query(
        &self,
        call: &Call<'_>,
        reference: &str,
        _: Option<&PgTxId>,
        age: SignedDuration,
    ) -> Found<Snapshot> {
        let is_conclusive = age >= capabilities::ABSENT_IS_CONCLUSIVE_AFTER;
        match self.requests(call).query(reference) {
            Ok(request) => {
                answer::found(call.exchange.send(request).await, reference, is_conclusive, call.now)
            }
            Err(Decline { code, .. }) => {
                Found::NoAnswer(Doubt { reason: format!("the query cannot be made: {code}") })
            }
        }
    }

    async fn raw_order(
        &self,
        call: &Call<'_>,
        pg_tx_id: &str,
        reference: Option<&str>,
    ) -> Outcome<RawAnswer> {
        ask(call, self.requests(call).raw_order(pg_tx_id, reference), answer::raw).await
    }

    async fn card_discounts(&self, call: &Call<'_>, amount: Amount) -> Outcome<Vec<CardDiscount>> {
        ask(call, self.requests(call).card_discounts(amount), answer::discounts).await
    }

    async fn confirm_delivery(&self, call: &Call<'_>, reference: &str, proof: &str) -> Outcome<Timestamp> {
        let request = self.requests(call).confirm_delivery(reference, proof);
        ask(call, request, |answered| answer::delivered(answered, reference)).await
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
        NotificationReply { status: 200, content_type: "text/plain", body: "OK" }
    }
}
