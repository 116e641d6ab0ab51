//! How a payment was paid. The tag is the name of the schema, not a short word; wallets are in
//! [`easy_pay`](super::easy_pay).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;
use crate::union::union;
use crate::v2::{Bank, Card, PaymentMethodEasyPay};
use crate::words::words;

union! {
    /// How a payment was, or is to be, paid.
    pub enum PaymentMethod by "type" {
        "PaymentMethodCard" => Card(PaymentMethodCard),
        "PaymentMethodConvenienceStore" => ConvenienceStore(PaymentMethodConvenienceStore),
        "PaymentMethodCrypto" => Crypto(PaymentMethodCrypto),
        "PaymentMethodEasyPay" => EasyPay(PaymentMethodEasyPay),
        "PaymentMethodGiftCertificate" => GiftCertificate(PaymentMethodGiftCertificate),
        "PaymentMethodMobile" => Mobile(PaymentMethodMobile),
        "PaymentMethodTransfer" => Transfer(PaymentMethodTransfer),
        "PaymentMethodVirtualAccount" => VirtualAccount(PaymentMethodVirtualAccount),
    }
}

/// A card.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentMethodCard {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub installment: Option<PaymentInstallment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub point_used: Option<bool>,
}

/// Paying by the month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentInstallment {
    /// Months to pay in; 0 is at once.
    pub month: i32,
    pub is_interest_free: bool,
    /// Whether the merchant pays the interest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_interest_free_from_merchant: Option<bool>,
}

/// A transfer the buyer authorised.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentMethodTransfer {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bank: Option<Bank>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_number: Option<String>,
}

/// An account issued for the buyer to transfer to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentMethodVirtualAccount {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bank: Option<Bank>,
    pub account_number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_type: Option<PaymentMethodVirtualAccountType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remittee_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remitter_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expired_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refund_status: Option<PaymentMethodVirtualAccountRefundStatus>,
}

words! {
    /// Whether the account is for this payment alone.
    pub enum PaymentMethodVirtualAccountType {
        Fixed = "FIXED",
        Normal = "NORMAL",
    }
}

words! {
    /// How far sending the money back has come.
    pub enum PaymentMethodVirtualAccountRefundStatus {
        Pending = "PENDING",
        PartialRefundFailed = "PARTIAL_REFUND_FAILED",
        Failed = "FAILED",
        Completed = "COMPLETED",
    }
}

/// A gift certificate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentMethodGiftCertificate {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gift_certificate_type: Option<PaymentMethodGiftCertificateType>,
    pub approval_number: String,
}

words! {
    /// Who issued the gift certificate.
    pub enum PaymentMethodGiftCertificateType {
        Booknlife = "BOOKNLIFE",
        SmartMunsang = "SMART_MUNSANG",
        Cultureland = "CULTURELAND",
        Happymoney = "HAPPYMONEY",
        Culturegift = "CULTUREGIFT",
    }
}

/// A phone bill.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentMethodMobile {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
}

/// Cash at a Japanese convenience store.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentMethodConvenienceStore {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub convenience_store_brand: Option<ConvenienceStoreBrand>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmation_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_deadline: Option<Timestamp>,
}

words! {
    /// A chain of convenience stores.
    pub enum ConvenienceStoreBrand {
        Lawson = "LAWSON",
        FamilyMart = "FAMILY_MART",
        MiniStop = "MINI_STOP",
        SevenEleven = "SEVEN_ELEVEN",
        Seicomart = "SEICOMART",
    }
}

/// A cryptocurrency.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentMethodCrypto {}
