//! Reporting the delivery of a payment in escrow, changing the report, and completing the purchase.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;
use crate::v2::{PaymentProduct, SeparatedAddressInput};
use crate::words::words;

/// Reports the parcel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegisterEscrowLogisticsBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender: Option<PaymentEscrowSenderInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receiver: Option<PaymentEscrowReceiverInput>,
    pub logistics: PaymentLogistics,
    /// Whether the buyer is told by mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub send_email: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub products: Option<Vec<PaymentProduct>>,
}

/// Changes what was reported about the parcel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ModifyEscrowLogisticsBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender: Option<PaymentEscrowSenderInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receiver: Option<PaymentEscrowReceiverInput>,
    pub logistics: PaymentLogistics,
    /// Whether the buyer is told by mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub send_email: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub products: Option<Vec<PaymentProduct>>,
}

/// Who sends the parcel.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentEscrowSenderInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zipcode: Option<String>,
    /// What the sender is to the receiver.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relationship: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<SeparatedAddressInput>,
}

/// Never shows who it is.
impl fmt::Debug for PaymentEscrowSenderInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PaymentEscrowSenderInput").finish_non_exhaustive()
    }
}

/// Whom the parcel goes to.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentEscrowReceiverInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zipcode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<SeparatedAddressInput>,
}

/// Never shows who it is.
impl fmt::Debug for PaymentEscrowReceiverInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PaymentEscrowReceiverInput").finish_non_exhaustive()
    }
}

/// The parcel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentLogistics {
    pub company: PaymentLogisticsCompany,
    pub invoice_number: String,
    pub sent_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<SeparatedAddressInput>,
}

words! {
    /// Who carries a parcel.
    pub enum PaymentLogisticsCompany {
        Lotte = "LOTTE",
        Logen = "LOGEN",
        Dongwon = "DONGWON",
        Post = "POST",
        Cj = "CJ",
        Hanjin = "HANJIN",
        Daesin = "DAESIN",
        Ilyang = "ILYANG",
        Kyungdong = "KYUNGDONG",
        Chunil = "CHUNIL",
        PostRegistered = "POST_REGISTERED",
        Gs = "GS",
        Woori = "WOORI",
        Hapdong = "HAPDONG",
        Fedex = "FEDEX",
        Ups = "UPS",
        GsmNton = "GSM_NTON",
        Sungwon = "SUNGWON",
        LxPantos = "LX_PANTOS",
        Aci = "ACI",
        CjIntl = "CJ_INTL",
        Usps = "USPS",
        Ems = "EMS",
        Dhl = "DHL",
        Kgl = "KGL",
        Goodstoluck = "GOODSTOLUCK",
        Kunyoung = "KUNYOUNG",
        Slx = "SLX",
        Sf = "SF",
        Etc = "ETC",
    }
}

/// The parcel was reported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApplyEscrowLogisticsResponse {
    pub invoice_number: String,
    pub sent_at: Timestamp,
    /// When the PSP took the report.
    pub applied_at: Timestamp,
}

/// What was reported was changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ModifyEscrowLogisticsResponse {
    pub invoice_number: String,
    pub sent_at: Timestamp,
    /// When the PSP took the change.
    pub modified_at: Timestamp,
}

/// Completes the purchase.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConfirmEscrowBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_id: Option<String>,
    /// Whether the merchant says so and not the buyer. Naverpay wants to know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_store: Option<bool>,
}

/// The purchase is complete.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConfirmEscrowResponse {
    pub completed_at: Timestamp,
}
