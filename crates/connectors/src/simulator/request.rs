//! Requests to the simulated PSP's API.

use super::STORE_HEADER;
use crate::contract::{
    AccountAsk, AuthenticateAsk, BuyerInstrument, Call, Card, ChargeAsk, DeliveryAsk, FixedAccount,
    IdentityAsk, PlayedBuyer, ReceiptAsk, RefundAsk, StoreLinesAsk,
};
use crate::exchange::ExchangeRequest;
use bytes::Bytes;
use http::Method;
use jiff::Timestamp;
use paypier_domain::money::Amount;
use paypier_domain::outcome::{Decline, DeclineClass};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::time::Duration;

/// RFC 3986, section 2.3: what needs no escaping in a path's segment.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The channel's credentials.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Credentials {
    pub(super) secret_key: String,
    /// What KG Inicis wants beside it for some calls.
    pub(super) ini_api_key: Option<String>,
}

impl Credentials {
    pub(super) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CardMember<'a> {
    number: &'a str,
    expiry_year: &'a str,
    expiry_month: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    birth_or_business_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password_two_digits: Option<&'a str>,
}

impl<'a> From<&'a Card> for CardMember<'a> {
    fn from(card: &'a Card) -> Self {
        Self {
            number: card.number(),
            expiry_year: &card.expiry_year,
            expiry_month: &card.expiry_month,
            birth_or_business_number: card.birth_or_business_number(),
            password_two_digits: card.password_two_digits(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChargeMembers<'a> {
    reference: &'a str,
    order_id: &'a str,
    order_name: &'a str,
    amount: i64,
    tax_free: i64,
    vat: i64,
    currency: &'a str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    escrow: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    bypass: Option<&'a RawValue>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChargeMessage<'a> {
    #[serde(flatten)]
    charge: ChargeMembers<'a>,
    installment_months: u8,
    manual_capture: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    card: Option<CardMember<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AccountMessage<'a> {
    #[serde(flatten)]
    charge: ChargeMembers<'a>,
    bank: &'a str,
    expires_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    remittee_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remitter_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fixed_account: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fixed_account_id: Option<&'a str>,
}

#[derive(Serialize)]
struct CaptureMessage {
    amount: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RefundMessage<'a> {
    reference: &'a str,
    amount: i64,
    tax_free: i64,
    vat: i64,
    currency: &'a str,
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    refund_account: Option<RefundAccountMember<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RefundAccountMember<'a> {
    bank: &'a str,
    number: &'a str,
    holder_name: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DeliveryMessage<'a> {
    company: &'a str,
    invoice_number: &'a str,
    sent_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receiver_name: Option<&'a str>,
    send_email: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CompletionMessage {
    from_store: bool,
}

#[derive(Serialize)]
struct StoreLinesMessage<'a> {
    lines: Vec<StoreLineMember<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StoreLineMember<'a> {
    business_registration_number: &'a str,
    name: &'a str,
    total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    tax_free: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vat: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    supply: Option<i64>,
    currency: &'a str,
}

#[derive(Serialize)]
struct TokenMessage<'a> {
    reference: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    card: Option<CardMember<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authentication: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AuthenticationMessage<'a> {
    reference: &'a str,
    charge_reference: &'a str,
    amount: i64,
    currency: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    card: Option<CardMember<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    buyer: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReceiptMessage<'a> {
    reference: &'a str,
    order_id: &'a str,
    order_name: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    amount: i64,
    tax_free: i64,
    vat: i64,
    currency: &'a str,
    identity_number: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    paid_at: Option<Timestamp>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct IdentityMessage<'a> {
    reference: &'a str,
    name: &'a str,
    phone_number: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operator: Option<&'a str>,
    method: &'static str,
}

#[derive(Serialize)]
struct CodeMessage<'a> {
    code: &'a str,
}

#[derive(Serialize)]
struct IdentityCodeMessage<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    otp: Option<&'a str>,
}

/// Makes the requests of one call.
pub(super) struct Requests<'a> {
    call: &'a Call<'a>,
    read_timeout: Duration,
}

/// A request, or why the channel cannot make one; nothing was sent then.
pub(super) type Request = Result<ExchangeRequest, Decline>;

impl<'a> Requests<'a> {
    pub(super) const fn new(call: &'a Call<'a>, read_timeout: Duration) -> Self {
        Self { call, read_timeout }
    }

    pub(super) fn charge_card(&self, ask: &ChargeAsk<'_>, card: &Card) -> Request {
        self.charge(ask, Some(card.into()), None)
    }

    pub(super) fn charge_token(&self, ask: &ChargeAsk<'_>, token: &str) -> Request {
        self.charge(ask, None, Some(token))
    }

    fn charge(&self, ask: &ChargeAsk<'_>, card: Option<CardMember<'_>>, token: Option<&str>) -> Request {
        let message = ChargeMessage {
            charge: members(ask)?,
            installment_months: ask.installment_months,
            manual_capture: ask.manual_capture,
            card,
            token,
        };
        self.post("/v1/charges".to_owned(), ask.reference, &message)
    }

    pub(super) fn open_account(&self, ask: &AccountAsk<'_>) -> Request {
        let (fixed_account, fixed_account_id) = match ask.fixed_account {
            Some(FixedAccount::Number(number)) => (Some(number), None),
            Some(FixedAccount::PgAccountId(id)) => (None, Some(id)),
            None => (None, None),
        };
        let message = AccountMessage {
            charge: members(&ask.charge)?,
            bank: ask.bank,
            expires_at: ask.expires_at,
            remittee_name: ask.remittee_name,
            remitter_name: ask.charge.customer.name.as_deref(),
            fixed_account,
            fixed_account_id,
        };
        self.post("/v1/virtual-accounts".to_owned(), ask.charge.reference, &message)
    }

    pub(super) fn close_account(&self, reference: &str) -> Request {
        self.send(
            Method::POST,
            format!("/v1/virtual-accounts/{}/close", segment(reference)),
            None,
            Bytes::new(),
        )
    }

    pub(super) fn capture(&self, reference: &str, amount: Amount) -> Request {
        let message = CaptureMessage { amount: amount.minor_units() };
        self.post(format!("/v1/charges/{}/capture", segment(reference)), reference, &message)
    }

    pub(super) fn refund(&self, ask: &RefundAsk<'_>) -> Request {
        let message = RefundMessage {
            reference: ask.reference,
            amount: ask.amount.minor_units(),
            tax_free: ask.tax_free.minor_units(),
            vat: ask.vat.minor_units(),
            currency: ask.currency.code(),
            reason: ask.reason,
            refund_account: ask.refund_account.map(|account| RefundAccountMember {
                bank: &account.bank,
                number: &account.number,
                holder_name: &account.holder_name,
            }),
        };
        self.post(format!("/v1/charges/{}/refunds", segment(ask.charge_reference)), ask.reference, &message)
    }

    /// By the PSP's id, which names the refund whatever its charge is called.
    pub(super) fn stop_refund(&self, id: &str) -> Request {
        self.send(Method::POST, format!("/v1/refunds/{}/stop", segment(id)), None, Bytes::new())
    }

    /// The PSP is asked about `-` where we have no name for the order.
    pub(super) fn raw_order(&self, pg_tx_id: &str, reference: Option<&str>) -> Request {
        let path = format!("/v1/kakaopay/orders/{}/{}", segment(pg_tx_id), segment(reference.unwrap_or("-")));
        self.send(Method::GET, path, None, Bytes::new())
    }

    pub(super) fn card_discounts(&self, amount: Amount) -> Request {
        self.send(Method::GET, format!("/v1/card-discounts/{}", amount.minor_units()), None, Bytes::new())
    }

    pub(super) fn confirm_delivery(&self, reference: &str, proof: &str) -> Request {
        let path = format!("/v1/charges/{}/delivery-proof", segment(reference));
        self.send(Method::POST, path, None, Bytes::copy_from_slice(proof.as_bytes()))
    }

    pub(super) fn report_delivery(&self, ask: &DeliveryAsk<'_>) -> Request {
        self.delivery(Method::POST, ask)
    }

    pub(super) fn correct_delivery(&self, ask: &DeliveryAsk<'_>) -> Request {
        self.delivery(Method::PUT, ask)
    }

    fn delivery(&self, method: Method, ask: &DeliveryAsk<'_>) -> Request {
        let message = DeliveryMessage {
            company: &ask.logistics.company,
            invoice_number: &ask.logistics.invoice_number,
            sent_at: ask.logistics.sent_at,
            sender_name: ask.particulars.sender.name.as_deref(),
            receiver_name: ask.particulars.receiver.name.as_deref(),
            send_email: ask.particulars.send_email,
        };
        self.write(method, format!("/v1/charges/{}/delivery", segment(ask.charge_reference)), &message)
    }

    pub(super) fn complete_purchase(&self, reference: &str, from_store: bool) -> Request {
        let path = format!("/v1/charges/{}/delivery/complete", segment(reference));
        self.write(Method::POST, path, &CompletionMessage { from_store })
    }

    pub(super) fn register_store_lines(&self, ask: &StoreLinesAsk<'_>) -> Request {
        let lines = ask.lines.iter().map(|line| StoreLineMember {
            business_registration_number: &line.business_registration_number,
            name: &line.name,
            total: line.total.minor_units(),
            tax_free: line.tax_free.map(Amount::minor_units),
            vat: line.vat.map(Amount::minor_units),
            supply: line.supply.map(Amount::minor_units),
            currency: line.currency.code(),
        });
        let message = StoreLinesMessage { lines: lines.collect() };
        self.write(
            Method::PUT,
            format!("/v1/charges/{}/store-lines", segment(ask.charge_reference)),
            &message,
        )
    }

    pub(super) fn issue_token(&self, reference: &str, card: &Card) -> Request {
        self.post(
            "/v1/tokens".to_owned(),
            reference,
            &TokenMessage { reference, card: Some(card.into()), authentication: None },
        )
    }

    pub(super) fn keep_authenticated(&self, reference: &str, token: &str) -> Request {
        let message = TokenMessage { reference, card: None, authentication: Some(token) };
        self.post("/v1/tokens".to_owned(), reference, &message)
    }

    pub(super) fn authenticate(&self, ask: &AuthenticateAsk<'_>) -> Request {
        let (card, method, provider, buyer) = match ask.with {
            BuyerInstrument::Card(card) => (Some(CardMember::from(card)), None, None, None),
            BuyerInstrument::Page { method, kind, buyer } => {
                let buyer = match buyer {
                    PlayedBuyer::Approves => "APPROVES",
                    PlayedBuyer::ApprovesLater => "APPROVES_LATER",
                    PlayedBuyer::IsDeclined => "IS_DECLINED",
                };
                (None, Some(method.as_str()), kind, Some(buyer))
            }
        };
        let message = AuthenticationMessage {
            reference: ask.reference,
            charge_reference: ask.charge_reference,
            amount: ask.amount.minor_units(),
            currency: ask.currency.code(),
            card,
            method,
            provider,
            buyer,
        };
        self.post("/v1/authentications".to_owned(), ask.reference, &message)
    }

    pub(super) fn answer_challenge(&self, token: &str, code: &str) -> Request {
        let body = serde_json::to_vec(&CodeMessage { code })
            .map_err(|_| unsendable("the request cannot be written as JSON"))?;
        let path = format!("/v1/authentications/{}/code", segment(token));
        self.send(Method::POST, path, None, Bytes::from(body))
    }

    pub(super) fn delete_token(&self, token: &str) -> Request {
        self.send(Method::DELETE, format!("/v1/tokens/{}", segment(token)), None, Bytes::new())
    }

    pub(super) fn issue_receipt(&self, ask: &ReceiptAsk<'_>) -> Request {
        let message = ReceiptMessage {
            reference: ask.reference,
            order_id: ask.payment_id,
            order_name: ask.order_name,
            kind: ask.kind.as_str(),
            amount: ask.amount.minor_units(),
            tax_free: ask.tax_free.minor_units(),
            vat: ask.vat.minor_units(),
            currency: ask.currency.code(),
            identity_number: ask.identity_number,
            paid_at: ask.paid_at,
        };
        self.post("/v1/cash-receipts".to_owned(), ask.reference, &message)
    }

    pub(super) fn withdraw_receipt(&self, reference: &str) -> Request {
        let path = format!("/v1/cash-receipts/{}/cancel", segment(reference));
        self.send(Method::POST, path, None, Bytes::new())
    }

    pub(super) fn query_receipt(&self, reference: &str) -> Request {
        self.send(Method::GET, format!("/v1/cash-receipts/{}", segment(reference)), None, Bytes::new())
    }

    pub(super) fn request_identity(&self, ask: &IdentityAsk<'_>) -> Request {
        let message = IdentityMessage {
            reference: ask.reference,
            name: ask.name,
            phone_number: ask.phone_number,
            identity_number: ask.identity_number,
            operator: ask.operator,
            method: ask.method.as_str(),
        };
        self.post("/v1/identity-verifications".to_owned(), ask.reference, &message)
    }

    pub(super) fn resend_identity(&self, reference: &str) -> Request {
        let path = format!("/v1/identity-verifications/{}/resend", segment(reference));
        self.send(Method::POST, path, None, Bytes::new())
    }

    pub(super) fn confirm_identity(&self, reference: &str, otp: Option<&str>) -> Request {
        let path = format!("/v1/identity-verifications/{}/confirm", segment(reference));
        let body = serde_json::to_vec(&IdentityCodeMessage { otp })
            .map_err(|_| unsendable("the request cannot be written as JSON"))?;
        self.send(Method::POST, path, None, Bytes::from(body))
    }

    pub(super) fn query_identity(&self, reference: &str) -> Request {
        let path = format!("/v1/identity-verifications/{}", segment(reference));
        self.send(Method::GET, path, None, Bytes::new())
    }

    pub(super) fn query(&self, reference: &str) -> Request {
        self.send(Method::GET, format!("/v1/charges/{}", segment(reference)), None, Bytes::new())
    }

    fn post(&self, path: String, reference: &str, message: &impl Serialize) -> Request {
        let body =
            serde_json::to_vec(message).map_err(|_| unsendable("the request cannot be written as JSON"))?;
        self.send(Method::POST, path, Some(reference), Bytes::from(body))
    }

    /// What is safe to repeat as it is, and needs no key.
    fn write(&self, method: Method, path: String, message: &impl Serialize) -> Request {
        let body =
            serde_json::to_vec(message).map_err(|_| unsendable("the request cannot be written as JSON"))?;
        self.send(method, path, None, Bytes::from(body))
    }

    fn send(&self, method: Method, path: String, reference: Option<&str>, body: Bytes) -> Request {
        let credentials = Credentials::read(self.call.credentials).ok_or_else(|| Decline {
            class: DeclineClass::Misconfiguration,
            code: "CREDENTIALS_UNREADABLE".into(),
            message: "the channel's credentials have no secretKey".into(),
        })?;
        let mut headers = vec![
            ("content-type", "application/json".to_owned()),
            (STORE_HEADER, self.call.store.as_str().to_owned()),
            ("x-sandbox-merchant", self.call.channel.pg_merchant_id.clone()),
            ("x-sandbox-secret", credentials.secret_key),
        ];
        headers.extend(reference.map(|reference| ("idempotency-key", reference.to_owned())));
        Ok(ExchangeRequest { method, path, headers, body, read_timeout: self.read_timeout })
    }
}

fn members<'a>(ask: &'a ChargeAsk<'a>) -> Result<ChargeMembers<'a>, Decline> {
    let bypass = match ask.bypass {
        Some(text) => Some(serde_json::from_str(text).map_err(|_| unsendable("the bypass is not JSON"))?),
        None => None,
    };
    Ok(ChargeMembers {
        reference: ask.reference,
        order_id: ask.payment_id,
        order_name: ask.order_name,
        amount: ask.amount.minor_units(),
        tax_free: ask.tax_free.minor_units(),
        vat: ask.vat.minor_units(),
        currency: ask.currency.code(),
        escrow: ask.is_escrow,
        bypass,
    })
}

fn unsendable(message: &str) -> Decline {
    Decline { class: DeclineClass::Refused, code: "REQUEST_UNSENDABLE".into(), message: message.into() }
}

fn segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}
