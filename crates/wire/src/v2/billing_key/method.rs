//! The instruments a billing key can stand for. The tag is the name of the schema, not a short word.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::union::union;
use crate::v2::{Bank, Card, EasyPayProvider};

union! {
    /// The instrument behind a billing key.
    pub enum BillingKeyPaymentMethod by "type" {
        "BillingKeyPaymentMethodCard" => Card(BillingKeyPaymentMethodCard),
        "BillingKeyPaymentMethodEasyPay" => EasyPay(BillingKeyPaymentMethodEasyPay),
        "BillingKeyPaymentMethodMobile" => Mobile(BillingKeyPaymentMethodMobile),
        "BillingKeyPaymentMethodPaypal" => Paypal(BillingKeyPaymentMethodPaypal),
        "BillingKeyPaymentMethodTransfer" => Transfer(BillingKeyPaymentMethodTransfer),
    }
}

/// A card.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BillingKeyPaymentMethodCard {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
}

/// A wallet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BillingKeyPaymentMethodEasyPay {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<EasyPayProvider>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<BillingKeyPaymentMethodEasyPayMethod>,
}

/// A phone bill.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BillingKeyPaymentMethodMobile {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
}

/// A PayPal account.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BillingKeyPaymentMethodPaypal {}

/// A bank account.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BillingKeyPaymentMethodTransfer {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bank: Option<Bank>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_number: Option<String>,
}

union! {
    /// What the wallet draws on.
    pub enum BillingKeyPaymentMethodEasyPayMethod by "type" {
        "BillingKeyPaymentMethodCard" => Card(BillingKeyPaymentMethodCard),
        "BillingKeyPaymentMethodEasyPayCharge" => Charge(BillingKeyPaymentMethodEasyPayCharge),
        "BillingKeyPaymentMethodTransfer" => Transfer(BillingKeyPaymentMethodTransfer),
    }
}

/// The balance of the wallet itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BillingKeyPaymentMethodEasyPayCharge {}
