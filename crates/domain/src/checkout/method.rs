//! How a buyer may pay in a window, and what the merchant has left for them to choose.

use crate::billing_key::KeyMethod;
use crate::money::Amount;
use crate::payment::Method;
use crate::psp::{CardDetails, VirtualAccount};
use jiff::Timestamp;

/// A way to pay, in the words of the browser SDK.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PayMethod {
    Card,
    VirtualAccount,
    Transfer,
    Mobile,
    GiftCertificate,
    EasyPay,
    Paypal,
    Alipay,
    ConvenienceStore,
    AlipayPlus,
}

impl PayMethod {
    pub const ALL: [Self; 10] = [
        Self::Card,
        Self::VirtualAccount,
        Self::Transfer,
        Self::Mobile,
        Self::GiftCertificate,
        Self::EasyPay,
        Self::Paypal,
        Self::Alipay,
        Self::ConvenienceStore,
        Self::AlipayPlus,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Card => "CARD",
            Self::VirtualAccount => "VIRTUAL_ACCOUNT",
            Self::Transfer => "TRANSFER",
            Self::Mobile => "MOBILE",
            Self::GiftCertificate => "GIFT_CERTIFICATE",
            Self::EasyPay => "EASY_PAY",
            Self::Paypal => "PAYPAL",
            Self::Alipay => "ALIPAY",
            Self::ConvenienceStore => "CONVENIENCE_STORE",
            Self::AlipayPlus => "ALIPAY_PLUS",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == text)
    }

    /// The method as an attempt keeps it, as far as it is known before the buyer has done anything.
    pub fn asked(self, choices: &Choices) -> Method {
        match self {
            Self::Card => Method::Card {
                card: CardDetails::default(),
                approval_number: None,
                installment: None,
                is_point_used: false,
            },
            Self::VirtualAccount => Method::VirtualAccount {
                account: VirtualAccount {
                    bank: choices.bank.clone(),
                    account_number: String::new(),
                    kind: Some(if choices.fixed_account.is_some() { "FIXED" } else { "NORMAL" }.into()),
                    remittee_name: choices.remittee_name.clone(),
                    remitter_name: None,
                    expires_at: choices.due_at,
                    issued_at: None,
                    deposited: Amount::ZERO,
                },
            },
            Self::Transfer => Method::Transfer { bank: choices.bank.clone(), account_number: None },
            Self::Mobile => Method::Mobile { phone_number: None },
            Self::GiftCertificate => {
                Method::GiftCertificate { kind: choices.kind.clone(), approval_number: String::new() }
            }
            Self::EasyPay => Method::EasyPay { provider: choices.kind.clone(), card: None },
            // The dialect counts these wallets among the easy-pay providers.
            Self::Paypal => Method::EasyPay { provider: Some("PAYPAL".into()), card: None },
            Self::Alipay => Method::EasyPay { provider: Some("ALIPAY".into()), card: None },
            Self::AlipayPlus => Method::EasyPay {
                provider: Some(choices.kind.clone().unwrap_or_else(|| "ALIPAY".into())),
                card: None,
            },
            Self::ConvenienceStore => Method::ConvenienceStore {
                brand: choices.kind.clone(),
                confirmation_number: None,
                deadline: choices.due_at,
            },
        }
    }
}

impl PayMethod {
    /// The method of a billing key; `None` for methods that make none.
    pub fn key(self, choices: &Choices) -> Option<KeyMethod> {
        match self {
            Self::Card => Some(KeyMethod::Card),
            Self::EasyPay => Some(KeyMethod::EasyPay { provider: choices.kind.clone() }),
            Self::Mobile => Some(KeyMethod::Mobile),
            Self::Paypal => Some(KeyMethod::Paypal),
            Self::Transfer => Some(KeyMethod::Transfer { bank: choices.bank.clone() }),
            Self::VirtualAccount
            | Self::GiftCertificate
            | Self::Alipay
            | Self::ConvenienceStore
            | Self::AlipayPlus => None,
        }
    }
}

/// What the merchant fixed or narrowed down; what is absent is left to the buyer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choices {
    /// The wallet, the kind of gift certificate, the chain of stores.
    pub kind: Option<String>,
    /// The bank of a transfer or of a virtual account.
    pub bank: Option<String>,
    /// Until when an account waits for its deposit, or a store for its buyer.
    pub due_at: Option<Timestamp>,
    /// The merchant's own account, when the number does not rotate.
    pub fixed_account: Option<FixedAccount>,
    pub remittee_name: Option<String>,
    pub installments: InstallmentOffer,
}

/// A lasting account of the merchant's, as the PSP's contract names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FixedAccount {
    /// By the PSP's name of it.
    PgAccountId(String),
    Number(String),
}

/// Which instalments of a card payment the buyer may choose from, in months; 0 is a lump sum.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum InstallmentOffer {
    /// The card page's own list.
    #[default]
    Usual,
    Fixed(u8),
    OneOf(Vec<u8>),
}

/// What card pages offer when the merchant says nothing.
const USUAL_MONTHS: [u8; 12] = [0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

impl InstallmentOffer {
    /// In the order in which they are shown. Never empty.
    pub fn months(&self) -> Vec<u8> {
        match self {
            Self::Usual => USUAL_MONTHS.to_vec(),
            Self::Fixed(months) => vec![*months],
            Self::OneOf(months) if months.is_empty() => vec![0],
            Self::OneOf(months) => months.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_has_a_word_and_a_shape() {
        for method in PayMethod::ALL {
            assert_eq!(PayMethod::parse(method.as_str()), Some(method));
            let kind = method.asked(&Choices::default()).kind();
            match method {
                PayMethod::Paypal | PayMethod::Alipay | PayMethod::AlipayPlus => assert_eq!(kind, "EASY_PAY"),
                _ => assert_eq!(kind, method.as_str()),
            }
        }
        assert_eq!(PayMethod::parse("CRYPTO"), None);
    }

    #[test]
    fn there_is_always_something_to_choose() {
        for (offer, months) in [
            (InstallmentOffer::Fixed(3), vec![3]),
            (InstallmentOffer::OneOf(vec![0, 6]), vec![0, 6]),
            (InstallmentOffer::OneOf(vec![]), vec![0]),
        ] {
            assert_eq!(offer.months(), months);
        }
        assert_eq!(InstallmentOffer::Usual.months().first(), Some(&0));
    }
}
