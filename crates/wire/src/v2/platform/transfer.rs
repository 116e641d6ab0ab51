//! Transfers as they are read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::{Date, Timestamp};
use crate::union::union;
use crate::v2::{
    Currency, EasyPayProvider, PlatformAdditionalFeePolicy, PlatformContract, PlatformDiscountSharePolicy,
    PlatformPartner, PlatformUserDefinedPropertyValue,
};
use crate::words::words;

union! {
    /// One item of what a partner earns.
    pub enum PlatformTransfer by "type" {
        "MANUAL" => Manual(PlatformManualTransfer),
        "ORDER" => Order(PlatformOrderTransfer),
        "ORDER_CANCEL" => OrderCancel(PlatformOrderCancelTransfer),
    }
}

/// What a partner earns from an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformOrderTransfer {
    pub id: String,
    /// Opaque; stays the same through all versions.
    pub graphql_id: String,
    pub partner: PlatformPartner,
    pub status: PlatformTransferStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
    /// A day in Korea.
    pub settlement_date: Date,
    pub settlement_currency: Currency,
    /// Deprecated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payout_id: Option<String>,
    /// Deprecated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payout_graphql_id: Option<String>,
    /// Of the TEST data.
    pub is_for_test: bool,
    pub user_defined_properties: Vec<PlatformUserDefinedPropertyKeyValue>,
    /// Minor units of the currency.
    pub amount: PlatformOrderSettlementAmount,
    pub contract: PlatformContract,
    pub payment: PlatformPayment,
    /// A day in Korea.
    pub settlement_start_date: Date,
    pub order_lines: Vec<PlatformOrderTransferOrderLine>,
    pub additional_fees: Vec<PlatformOrderTransferAdditionalFee>,
    pub discounts: Vec<PlatformOrderTransferDiscount>,
    pub parameters: TransferParameters,
}

/// What is taken back of an order. Amounts are positive where those of the order are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformOrderCancelTransfer {
    pub id: String,
    /// Opaque; stays the same through all versions.
    pub graphql_id: String,
    pub partner: PlatformPartner,
    pub status: PlatformTransferStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
    /// A day in Korea.
    pub settlement_date: Date,
    pub settlement_currency: Currency,
    /// Deprecated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payout_id: Option<String>,
    /// Deprecated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payout_graphql_id: Option<String>,
    /// Of the TEST data.
    pub is_for_test: bool,
    pub user_defined_properties: Vec<PlatformUserDefinedPropertyKeyValue>,
    /// Minor units of the currency.
    pub amount: PlatformOrderSettlementAmount,
    pub contract: PlatformContract,
    pub payment: PlatformPayment,
    /// A day in Korea.
    pub settlement_start_date: Date,
    pub order_lines: Vec<PlatformOrderTransferOrderLine>,
    pub additional_fees: Vec<PlatformOrderTransferAdditionalFee>,
    pub discounts: Vec<PlatformOrderTransferDiscount>,
    pub cancellation: PlatformOrderTransferCancellation,
    pub parameters: TransferParameters,
}

/// An amount that somebody decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformManualTransfer {
    pub id: String,
    /// Opaque; stays the same through all versions.
    pub graphql_id: String,
    pub partner: PlatformPartner,
    pub status: PlatformTransferStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
    /// A day in Korea.
    pub settlement_date: Date,
    pub settlement_currency: Currency,
    /// Deprecated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payout_id: Option<String>,
    /// Deprecated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payout_graphql_id: Option<String>,
    /// Of the TEST data.
    pub is_for_test: bool,
    pub user_defined_properties: Vec<PlatformUserDefinedPropertyKeyValue>,
    /// Minor units of the currency.
    pub settlement_amount: i64,
    /// Minor units of the currency.
    pub settlement_tax_free_amount: i64,
}

words! {
    /// Where a transfer stands.
    pub enum PlatformTransferStatus {
        Scheduled = "SCHEDULED",
        InProcess = "IN_PROCESS",
        Settled = "SETTLED",
        InPayout = "IN_PAYOUT",
        PaidOut = "PAID_OUT",
        PayoutConfirmed = "PAYOUT_CONFIRMED",
    }
}

/// What an order, or the cancelled part of one, is worth. Minor units of the currency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformOrderSettlementAmount {
    /// What the partner gets; negative when fees and shares exceed the order.
    pub settlement: i64,
    pub settlement_tax_free: i64,
    /// What the buyer pays.
    pub payment: i64,
    pub payment_vat: i64,
    /// The part of the VAT in the payment that is withheld from the partner.
    pub payment_vat_burden: i64,
    pub payment_tax_free: i64,
    pub payment_supply: i64,
    /// Before discounts.
    pub order: i64,
    pub order_tax_free: i64,
    pub platform_fee: i64,
    /// What the partner bears of the fee's VAT.
    pub platform_fee_vat: i64,
    pub additional_fee: i64,
    /// What the partner bears of the fees' VAT.
    pub additional_fee_vat: i64,
    pub discount: i64,
    pub discount_tax_free: i64,
    /// What the partner bears of the discounts.
    pub discount_share: i64,
    pub discount_share_tax_free: i64,
    /// The merchant's own figures.
    pub user_defined_formulas: PlatformUserDefinedFormulaResults,
    /// Deprecated: `paymentTaxFree`.
    pub tax_free: i64,
    /// Deprecated: `paymentSupply`.
    pub supply: i64,
}

/// Figures by the keys of their formulas.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlatformUserDefinedFormulaResults(pub BTreeMap<String, i64>);

/// A product of an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformOrderTransferOrderLine {
    pub product: PlatformOrderTransferProduct,
    pub quantity: i32,
    pub discounts: Vec<PlatformOrderTransferDiscount>,
    pub additional_fees: Vec<PlatformOrderTransferAdditionalFee>,
    /// Minor units of the currency.
    pub amount: PlatformOrderSettlementAmount,
}

/// What is sold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformOrderTransferProduct {
    pub id: String,
    pub name: String,
    /// Of one unit; minor units of the currency.
    pub amount: i64,
    /// Of one unit; minor units of the currency.
    pub tax_free_amount: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
}

/// A discount, and what the partner bears of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformOrderTransferDiscount {
    pub share_policy: PlatformDiscountSharePolicy,
    /// Minor units of the currency.
    pub amount: i64,
    /// Minor units of the currency.
    pub tax_free_amount: i64,
    /// What the partner bears of it; minor units of the currency.
    pub share_amount: i64,
    /// Minor units of the currency.
    pub share_tax_free_amount: i64,
}

/// A fee beside the platform fee.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformOrderTransferAdditionalFee {
    pub policy: PlatformAdditionalFeePolicy,
    /// Minor units of the currency.
    pub amount: i64,
    /// What the partner bears of the fee's VAT; minor units of the currency.
    pub vat: i64,
}

/// The cancellation that a cancel belongs to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformOrderTransferCancellation {
    pub id: String,
    pub cancelled_at: Timestamp,
}

union! {
    /// The payment of an order.
    pub enum PlatformPayment by "type" {
        "EXTERNAL" => External(PlatformExternalPayment),
        "PORT_ONE" => PortOne(PlatformPortOnePayment),
    }
}

/// A payment that was made here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformPortOnePayment {
    pub id: String,
    pub store_id: String,
    pub channel_key: String,
    pub order_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<PlatformPaymentMethod>,
    pub currency: Currency,
    pub paid_at: Timestamp,
}

/// A payment that the merchant knows of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformExternalPayment {
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_name: Option<String>,
    pub currency: Currency,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<PlatformPaymentMethod>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Timestamp>,
}

union! {
    /// What was paid with.
    pub enum PlatformPaymentMethod by "type" {
        "CARD" => Card(PlatformPaymentMethodCard),
        "EASY_PAY" => EasyPay(PlatformPaymentMethodEasyPay),
        "GIFT_CERTIFICATE" => GiftCertificate(PlatformPaymentMethodGiftCertificate),
        "MOBILE" => Mobile(PlatformPaymentMethodMobile),
        "TRANSFER" => Transfer(PlatformPaymentMethodTransfer),
        "VIRTUAL_ACCOUNT" => VirtualAccount(PlatformPaymentMethodVirtualAccount),
    }
}

/// A card.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlatformPaymentMethodCard {}

/// A bank transfer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlatformPaymentMethodTransfer {}

/// A virtual account.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlatformPaymentMethodVirtualAccount {}

/// A gift certificate.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlatformPaymentMethodGiftCertificate {}

/// A phone bill.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlatformPaymentMethodMobile {}

/// An easy-pay service.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformPaymentMethodEasyPay {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<EasyPayProvider>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method_type: Option<EasyPayMethodType>,
}

words! {
    /// What stands behind an easy-pay payment.
    pub enum EasyPayMethodType {
        Card = "CARD",
        Transfer = "TRANSFER",
        Charge = "CHARGE",
    }
}

/// A number for the merchant's own formulas: `decimal` 15 with scale 1 is 1.5.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformSettlementParameterValue {
    pub decimal: i64,
    /// From 0 to 5: how many of the digits are behind the point; 0 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal_scale: Option<i32>,
}

/// Numbers by the keys of settlement parameters.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TransferParameters(pub BTreeMap<String, PlatformSettlementParameterValue>);

/// A value of a property that the merchant has defined.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformUserDefinedPropertyKeyValue {
    pub key: String,
    pub value: PlatformUserDefinedPropertyValue,
}

/// The transfer that was registered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateOrderTransferResponse {
    #[schema(value_type = PlatformOrderTransfer)]
    pub transfer: PlatformTransfer,
}

/// The cancel that was registered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateOrderCancelTransferResponse {
    #[schema(value_type = PlatformOrderCancelTransfer)]
    pub transfer: PlatformTransfer,
}

/// The manual transfer that was registered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateManualTransferResponse {
    #[schema(value_type = PlatformManualTransfer)]
    pub transfer: PlatformTransfer,
}

/// It is gone.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DeletePlatformTransferResponse {}
