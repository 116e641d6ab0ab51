//! The hosted checkout: which methods a profile offers, and payment sessions.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;
use crate::v2::{Country, Currency};
use crate::words::words;

words! {
    /// What a buyer can pay with at the hosted checkout.
    pub enum CheckoutPaymentMethod {
        CardKr = "CARD_KR",
        NPay = "N_PAY",
        KakaoPay = "KAKAO_PAY",
        TossPay = "TOSS_PAY",
        CardInternational = "CARD_INTERNATIONAL",
        PayPal = "PAY_PAL",
        UnionPay = "UNION_PAY",
        AlipayCn = "ALIPAY_CN",
        AlipayHk = "ALIPAY_HK",
        TrueMoney = "TRUE_MONEY",
        Dana = "DANA",
        TouchNGo = "TOUCH_N_GO",
        GCash = "G_CASH",
        WeChatPay = "WE_CHAT_PAY",
        Klarna = "KLARNA",
        EContext = "E_CONTEXT",
        GrabPayMy = "GRAB_PAY_MY",
        GrabPaySg = "GRAB_PAY_SG",
        ShopeePayTh = "SHOPEE_PAY_TH",
        PayPay = "PAY_PAY",
        Bpi = "BPI",
        RabbitLinePay = "RABBIT_LINE_PAY",
        ConvenienceStoreJp = "CONVENIENCE_STORE_JP",
        AmazonPay = "AMAZON_PAY",
        RakutenPay = "RAKUTEN_PAY",
        DBarai = "D_BARAI",
        AuPay = "AU_PAY",
        Merpay = "MERPAY",
    }
}

/// The methods that a profile offers for an order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EvaluateCheckoutProfileResponse {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub methods: Option<Vec<EvaluatedCheckoutMethod>>,
}

/// A method and the channel that it is paid through.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EvaluatedCheckoutMethod {
    pub payment_method: CheckoutPaymentMethod,
    pub channel_key: String,
}

/// Asks for a page where a payment can be paid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePaymentSessionBody {
    pub store_id: String,
    pub payment_id: String,
    pub profile_key: String,
    /// Paid with at once, without an order sheet, where nothing more has to be known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_method: Option<CheckoutPaymentMethod>,
    pub country: Country,
    pub currency: Currency,
    /// Minor units of the currency.
    pub total_amount: i64,
    pub order_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub products: Option<Vec<PaymentSessionProduct>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_name: Option<String>,
    /// The buyer has to agree to each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreements: Option<Vec<PaymentSessionAgreement>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_image_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub colors: Option<PaymentSessionColors>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl_seconds: Option<i64>,
}

/// Where the page is and until when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePaymentSessionResponse {
    pub session_id: String,
    pub url: String,
    pub expires_at: Timestamp,
}

/// What the page shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentSession {
    pub id: String,
    pub store_id: String,
    pub payment_id: String,
    pub profile_key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_method: Option<CheckoutPaymentMethod>,
    pub country: Country,
    pub currency: Currency,
    /// Minor units of the currency.
    pub total_amount: i64,
    pub order_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub products: Option<Vec<PaymentSessionProduct>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreements: Option<Vec<PaymentSessionAgreement>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_image_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub colors: Option<PaymentSessionColors>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// One line of the order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentSessionProduct {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Minor units of the currency.
    pub unit_price: i64,
    pub quantity: i32,
    /// `yyyy-MM-dd`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date)]
    pub start_date: Option<String>,
    /// `yyyy-MM-dd`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date)]
    pub end_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n_pay_category_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n_pay_category_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n_pay_uid: Option<String>,
}

/// Something that the buyer has to agree to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentSessionAgreement {
    pub name: String,
    pub url: String,
}

/// The colours of the page, as CSS writes them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentSessionColors {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary_hover: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary_light: Option<String>,
}

/// When the page was closed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClosePaymentSessionResponse {
    pub closed_at: Timestamp,
}
