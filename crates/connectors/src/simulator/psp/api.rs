//! The PSP's API on the wire: the bodies that it takes, and the answers that it gives.

use super::authentications::Buyer;
use super::code::Code;
use crate::exchange::ExchangeResponse;
use bytes::Bytes;
use http::StatusCode;
use jiff::Timestamp;
use paypier_domain::money::{Amount, Currency};
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

/// `POST /v1/charges`, with exactly one of `card` and `token`. Amounts are in minor units.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChargeBody {
    pub(super) reference: String,
    #[serde(default)]
    pub(super) order_name: String,
    #[serde(with = "minor_units")]
    pub(super) amount: Amount,
    #[serde(with = "currency_code")]
    pub(super) currency: Currency,
    #[serde(default)]
    pub(super) manual_capture: bool,
    #[serde(default)]
    pub(super) escrow: bool,
    pub(super) card: Option<CardBody>,
    pub(super) token: Option<String>,
}

/// A card as it was typed. It has no printed form and its memory is cleared.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CardBody {
    number: String,
    pub(super) expiry_year: String,
    pub(super) expiry_month: String,
    birth_or_business_number: Option<String>,
    password_two_digits: Option<String>,
}

impl CardBody {
    pub(super) fn number(&self) -> &str {
        &self.number
    }
    pub(super) fn birth_or_business_number(&self) -> Option<&str> {
        self.birth_or_business_number.as_deref()
    }
    pub(super) fn password_two_digits(&self) -> Option<&str> {
        self.password_two_digits.as_deref()
    }
}

impl Drop for CardBody {
    fn drop(&mut self) {
        self.number.zeroize();
        self.birth_or_business_number.zeroize();
        self.password_two_digits.zeroize();
    }
}

/// `POST /v1/virtual-accounts`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AccountBody {
    pub(super) reference: String,
    #[serde(default)]
    pub(super) order_name: String,
    #[serde(with = "minor_units")]
    pub(super) amount: Amount,
    #[serde(with = "currency_code")]
    pub(super) currency: Currency,
    pub(super) bank: String,
    #[serde(default)]
    pub(super) escrow: bool,
    pub(super) expires_at: Timestamp,
    pub(super) remittee_name: Option<String>,
    pub(super) remitter_name: Option<String>,
    pub(super) fixed_account: Option<String>,
    /// The merchant's name of a lasting account whose number the PSP chooses.
    pub(super) fixed_account_id: Option<String>,
}

/// `POST /v1/charges/{reference}/capture`.
#[derive(Deserialize)]
pub(super) struct CaptureBody {
    #[serde(with = "minor_units")]
    pub(super) amount: Amount,
}

/// `POST /v1/charges/{reference}/refunds`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RefundBody {
    pub(super) reference: String,
    #[serde(with = "minor_units")]
    pub(super) amount: Amount,
    #[serde(with = "currency_code")]
    pub(super) currency: Currency,
    pub(super) refund_account: Option<RefundAccountBody>,
}

/// Looked at and not kept.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RefundAccountBody {
    bank: String,
    number: String,
    holder_name: String,
}

impl RefundAccountBody {
    pub(super) fn is_complete(&self) -> bool {
        ![&self.bank, &self.number, &self.holder_name].iter().any(|part| part.trim().is_empty())
    }

    /// The last two digits, which decide what becomes of a transfer to it.
    pub(super) fn ending(&self) -> &str {
        let start = self.number.len().saturating_sub(2);
        self.number.get(start..).unwrap_or_default()
    }
}

/// `POST /v1/tokens`, with exactly one of `card` and `authentication`.
#[derive(Deserialize)]
pub(super) struct TokenBody {
    pub(super) reference: String,
    pub(super) card: Option<CardBody>,
    /// A buyer's authentication in a window, in place of a card.
    pub(super) authentication: Option<String>,
}

/// `POST /v1/authentications`, with exactly one of `card` and `method`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AuthenticationBody {
    pub(super) reference: String,
    pub(super) charge_reference: String,
    #[serde(with = "minor_units")]
    pub(super) amount: Amount,
    #[serde(with = "currency_code")]
    pub(super) currency: Currency,
    pub(super) card: Option<CardBody>,
    pub(super) method: Option<String>,
    pub(super) provider: Option<String>,
    pub(super) buyer: Option<Buyer>,
}

/// `POST /v1/authentications/{token}/code`.
#[derive(Deserialize)]
pub(super) struct CodeBody {
    pub(super) code: String,
}

/// `POST /v1/cash-receipts`. Who the buyer is to the tax office is looked at and not kept.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CashReceiptBody {
    pub(super) reference: String,
    #[serde(default)]
    pub(super) order_name: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(with = "minor_units")]
    pub(super) amount: Amount,
    #[serde(with = "currency_code")]
    pub(super) currency: Currency,
    identity_number: String,
}

impl CashReceiptBody {
    pub(super) fn identity_number(&self) -> &str {
        &self.identity_number
    }
}

impl Drop for CashReceiptBody {
    fn drop(&mut self) {
        self.identity_number.zeroize();
    }
}

/// `POST /v1/identity-verifications`. The resident number is looked at and not kept.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct IdentityRequestBody {
    pub(super) reference: String,
    pub(super) name: String,
    pub(super) phone_number: String,
    pub(super) operator: Option<String>,
    pub(super) method: String,
    identity_number: Option<String>,
}

impl IdentityRequestBody {
    pub(super) fn identity_number(&self) -> Option<&str> {
        self.identity_number.as_deref()
    }
}

impl Drop for IdentityRequestBody {
    fn drop(&mut self) {
        self.identity_number.zeroize();
    }
}

/// `POST /v1/identity-verifications/{reference}/confirm`.
#[derive(Deserialize)]
pub(super) struct IdentityCodeBody {
    otp: Option<String>,
}

impl IdentityCodeBody {
    pub(super) fn otp(&self) -> Option<&str> {
        self.otp.as_deref()
    }
}

impl Drop for IdentityCodeBody {
    fn drop(&mut self) {
        self.otp.zeroize();
    }
}

#[derive(Serialize)]
pub(super) struct FailureView {
    pub(super) code: &'static str,
    pub(super) message: &'static str,
}

impl From<Code> for FailureView {
    fn from(code: Code) -> Self {
        Self { code: code.as_str(), message: code.message() }
    }
}

pub(super) fn answer(status: StatusCode, body: &impl Serialize) -> ExchangeResponse {
    match serde_json::to_vec(body) {
        Ok(body) => ExchangeResponse {
            status,
            headers: vec![("content-type".into(), "application/json".into())],
            body: Bytes::from(body),
        },
        Err(_) => garbage(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

pub(super) fn refusal(code: Code) -> ExchangeResponse {
    answer(code.status(), &FailureView::from(code))
}

/// What a broken machine in front of the PSP would say.
pub(super) fn garbage(status: StatusCode) -> ExchangeResponse {
    ExchangeResponse {
        status,
        headers: vec![("content-type".into(), "text/html".into())],
        body: Bytes::from_static(b"<html><head><title>Oops</title></head><body>Something went wrong"),
    }
}

/// Amounts as JSON integers of minor units.
pub(super) mod minor_units {
    use paypier_domain::money::Amount;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(
        amount: &Amount,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(amount.minor_units())
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Amount, D::Error> {
        Amount::new(i64::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// Currencies as their codes.
pub(super) mod currency_code {
    use paypier_domain::money::Currency;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};
    use std::borrow::Cow;

    pub(in super::super) fn serialize<S: Serializer>(
        currency: &Currency,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(currency.code())
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Currency, D::Error> {
        let code = Cow::<'de, str>::deserialize(deserializer)?;
        Currency::parse(&code).ok_or_else(|| D::Error::custom("not an ISO 4217 code"))
    }
}
