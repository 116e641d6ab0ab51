//! Transfers as they are registered.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::{Date, Timestamp};
use crate::v2::{
    Currency, EasyPayMethodType, EasyPayProvider, PlatformUserDefinedPropertyKeyValue, TransferParameters,
};

/// What a partner earns from one payment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePlatformOrderTransferBody {
    pub partner_id: String,
    /// That of the partner when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
    pub payment_id: String,
    pub order_detail: CreatePlatformOrderTransferBodyOrderDetail,
    /// Replaces what the lines add up to; minor units of the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_free_amount: Option<i64>,
    /// A day in Korea; that of the payment when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settlement_start_date: Option<Date>,
    /// A day in Korea; by the contract's cycle when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settlement_date: Option<Date>,
    /// None is an empty list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discounts: Option<Vec<CreatePlatformOrderTransferBodyDiscount>>,
    /// None is an empty list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_fees: Option<Vec<CreatePlatformOrderTransferBodyAdditionalFee>>,
    /// Given when the payment is none of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_payment_detail: Option<CreatePlatformOrderTransferBodyExternalPaymentDetail>,
    /// Of the TEST data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_for_test: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<TransferParameters>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_defined_properties: Option<Vec<PlatformUserDefinedPropertyKeyValue>>,
    /// Chosen by us when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// Exactly one of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePlatformOrderTransferBodyOrderDetail {
    /// Before discounts; minor units of the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_amount: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_lines: Option<Vec<CreatePlatformOrderTransferBodyOrderLine>>,
}

/// So many of a product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePlatformOrderTransferBodyOrderLine {
    pub product: CreatePlatformOrderTransferBodyProduct,
    pub quantity: i32,
    /// None is an empty list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discounts: Option<Vec<CreatePlatformOrderTransferBodyDiscount>>,
    /// None is an empty list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_fees: Option<Vec<CreatePlatformOrderTransferBodyAdditionalFee>>,
}

/// What is sold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePlatformOrderTransferBodyProduct {
    pub id: String,
    pub name: String,
    /// Of one unit; minor units of the currency.
    pub amount: i64,
    /// Of one unit; minor units of the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_free_amount: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
}

/// A discount that the buyer was given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePlatformOrderTransferBodyDiscount {
    pub share_policy_id: String,
    /// On a line: for the whole line. Minor units of the currency.
    pub amount: i64,
    /// Minor units of the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_free_amount: Option<i64>,
}

/// A fee beside the platform fee.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePlatformOrderTransferBodyAdditionalFee {
    pub policy_id: String,
}

/// A payment that the merchant knows of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePlatformOrderTransferBodyExternalPaymentDetail {
    pub currency: Currency,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<PlatformPaymentMethodInput>,
}

/// Exactly one of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformPaymentMethodInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<PlatformPaymentMethodCardInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer: Option<PlatformPaymentMethodTransferInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub virtual_account: Option<PlatformPaymentMethodVirtualAccountInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gift_certificate: Option<PlatformPaymentMethodGiftCertificateInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mobile: Option<PlatformPaymentMethodMobileInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub easy_pay: Option<PlatformPaymentMethodEasyPayInput>,
}

/// A card.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlatformPaymentMethodCardInput {}

/// A bank transfer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlatformPaymentMethodTransferInput {}

/// A virtual account.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlatformPaymentMethodVirtualAccountInput {}

/// A gift certificate.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlatformPaymentMethodGiftCertificateInput {}

/// A phone bill.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlatformPaymentMethodMobileInput {}

/// An easy-pay service.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformPaymentMethodEasyPayInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<EasyPayProvider>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method_type: Option<EasyPayMethodType>,
}

/// What is taken back of an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePlatformOrderCancelTransferBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_id: Option<String>,
    /// Names the order; or `partnerId` and `paymentId` do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer_id: Option<String>,
    pub cancellation_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
    /// Everything when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_detail: Option<CreatePlatformOrderCancelTransferBodyOrderDetail>,
    /// Minor units of the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_free_amount: Option<i64>,
    /// None is an empty list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discounts: Option<Vec<CreatePlatformOrderCancelTransferBodyDiscount>>,
    /// A day in Korea.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settlement_start_date: Option<Date>,
    /// A day in Korea.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settlement_date: Option<Date>,
    /// Given when the payment is none of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_cancellation_detail: Option<CreatePlatformOrderCancelTransferBodyExternalCancellationDetail>,
    /// Of the TEST data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_for_test: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_defined_properties: Option<Vec<PlatformUserDefinedPropertyKeyValue>>,
    /// Chosen by us when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// Exactly one of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePlatformOrderCancelTransferBodyOrderDetail {
    /// Before discounts; minor units of the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_amount: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_lines: Option<Vec<CreatePlatformOrderCancelTransferBodyOrderLine>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub all: Option<CreatePlatformOrderCancelTransferBodyOrderDetailAll>,
}

/// All that is left.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CreatePlatformOrderCancelTransferBodyOrderDetailAll {}

/// So many of a product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePlatformOrderCancelTransferBodyOrderLine {
    pub product_id: String,
    pub quantity: i32,
    /// None is an empty list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discounts: Option<Vec<CreatePlatformOrderCancelTransferBodyDiscount>>,
}

/// How much of a discount is taken back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePlatformOrderCancelTransferBodyDiscount {
    pub share_policy_id: String,
    /// Minor units of the currency.
    pub amount: i64,
    /// Minor units of the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_free_amount: Option<i64>,
}

/// A cancellation that the merchant knows of.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePlatformOrderCancelTransferBodyExternalCancellationDetail {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancelled_at: Option<Timestamp>,
}

/// An amount that somebody decided; below 0 it is taken off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePlatformManualTransferBody {
    pub partner_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
    /// Minor units of the currency.
    pub settlement_amount: i64,
    /// Minor units of the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settlement_tax_free_amount: Option<i64>,
    /// A day in Korea.
    pub settlement_date: Date,
    /// Of the TEST data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_for_test: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_defined_properties: Option<Vec<PlatformUserDefinedPropertyKeyValue>>,
    /// Chosen by us when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// That of the partner's account when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settlement_currency: Option<Currency>,
}
