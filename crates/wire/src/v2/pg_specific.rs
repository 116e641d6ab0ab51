//! What only one PSP offers.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;
use crate::v2::Country;
use crate::words::words;

/// What KakaoPay answered, passed on as it came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetKakaopayPaymentOrderResponse {
    /// The status of its HTTP answer.
    pub status_code: i32,
    /// Its body, a JSON text.
    pub body: String,
}

/// What was delivered, for Paymentwall to defend the payment with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConfirmPaymentwallDeliveryBody {
    pub transaction_id: String,
    pub delivery_type: PaymentwallDeliveryType,
    pub delivery_status: PaymentwallDeliveryStatus,
    pub estimated_delivery_datetime: Timestamp,
    pub estimated_update_datetime: Timestamp,
    /// Why the status changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub refundable: bool,
    pub details: String,
    pub shipping_address_email: String,
    /// This and what follows up to the last name is needed for what is sent by mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carrier_tracking_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carrier_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_address_country: Option<Country>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_address_city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_address_zip: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_address_state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_address_street: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_address_phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_address_firstname: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_address_lastname: Option<String>,
    /// Addresses of pictures and documents that prove it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachments: Option<Vec<String>>,
}

/// Paymentwall has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConfirmPaymentwallDeliveryResponse {}

/// The discounts that the PSP itself gives now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetPgCardPromotionsResponse {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promotions: Option<Vec<PgCardPromotion>>,
}

/// One discount of the PSP.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PgCardPromotion {
    /// As the PSP names it.
    pub promotion_id: String,
    pub card_company: PgPromotionCardCompany,
    /// What is taken off.
    pub discount_amount: i64,
    /// From which amount on.
    pub minimum_payment_amount: i64,
}

words! {
    /// Whether something is sent by mail.
    pub enum PaymentwallDeliveryType {
        Digital = "DIGITAL",
        Physical = "PHYSICAL",
    }
}

words! {
    /// How far a delivery is.
    pub enum PaymentwallDeliveryStatus {
        OrderPlaced = "ORDER_PLACED",
        OrderShipped = "ORDER_SHIPPED",
        Delivered = "DELIVERED",
    }
}

words! {
    /// The companies whose cards a PSP gives discounts for.
    pub enum PgPromotionCardCompany {
        KoreaDevelopmentBank = "KOREA_DEVELOPMENT_BANK",
        Kfcc = "KFCC",
        Shinhyup = "SHINHYUP",
        Epost = "EPOST",
        SavingsBankKorea = "SAVINGS_BANK_KOREA",
        KakaoBank = "KAKAO_BANK",
        WooriCard = "WOORI_CARD",
        BcCard = "BC_CARD",
        GwangjuCard = "GWANGJU_CARD",
        SamsungCard = "SAMSUNG_CARD",
        ShinhanCard = "SHINHAN_CARD",
        HyundaiCard = "HYUNDAI_CARD",
        LotteCard = "LOTTE_CARD",
        SuhyupCard = "SUHYUP_CARD",
        CitiCard = "CITI_CARD",
        NhCard = "NH_CARD",
        JeonbukCard = "JEONBUK_CARD",
        JejuCard = "JEJU_CARD",
        HanaCard = "HANA_CARD",
        KookminCard = "KOOKMIN_CARD",
        KBank = "K_BANK",
        TossBank = "TOSS_BANK",
        MiraeAssetSecurities = "MIRAE_ASSET_SECURITIES",
    }
}
