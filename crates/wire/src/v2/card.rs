//! Cards: what may be shown of one, and the credentials that may not.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::words::words;

/// A card as far as it may be shown.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Card {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publisher: Option<String>,
    /// The code of the company that issued it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brand: Option<CardBrand>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<CardType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner_type: Option<CardOwnerType>,
    /// The digits that name the issuer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Masked, never the whole number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
}

words! {
    /// The network of a card.
    pub enum CardBrand {
        Local = "LOCAL",
        Master = "MASTER",
        Unionpay = "UNIONPAY",
        Visa = "VISA",
        Jcb = "JCB",
        Amex = "AMEX",
        Diners = "DINERS",
    }
}

words! {
    /// Where the money of a card comes from.
    pub enum CardType {
        Credit = "CREDIT",
        Debit = "DEBIT",
        Gift = "GIFT",
    }
}

words! {
    /// Who a card was issued to.
    pub enum CardOwnerType {
        Personal = "PERSONAL",
        Corporate = "CORPORATE",
    }
}

/// What is printed on a card, and what its holder knows. Passed on to the PSP and forgotten.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CardCredential {
    pub number: String,
    /// Two digits.
    pub expiry_year: String,
    /// Two digits.
    pub expiry_month: String,
    /// Birthday as six digits of a person, ten digits of a company.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_or_business_registration_number: Option<String>,
    /// The first two digits of the password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_two_digits: Option<String>,
}

/// Never shows any of its members.
impl fmt::Debug for CardCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CardCredential").finish_non_exhaustive()
    }
}
