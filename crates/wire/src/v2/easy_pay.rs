//! Wallets, and what a wallet was charged from.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::union::union;
use crate::v2::{Bank, PaymentMethodCard, PaymentMethodTransfer};
use crate::words::words;

/// A wallet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentMethodEasyPay {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<EasyPayProvider>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub easy_pay_method: Option<PaymentMethodEasyPayMethod>,
}

union! {
    /// What the wallet drew on.
    pub enum PaymentMethodEasyPayMethod by "type" {
        "PaymentMethodCard" => Card(PaymentMethodCard),
        "PaymentMethodEasyPayMethodCharge" => Charge(PaymentMethodEasyPayMethodCharge),
        "PaymentMethodTransfer" => Transfer(PaymentMethodTransfer),
    }
}

/// The balance of the wallet itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentMethodEasyPayMethodCharge {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bank: Option<Bank>,
}

words! {
    /// A wallet by the name of who runs it.
    pub enum EasyPayProvider {
        Samsungpay = "SAMSUNGPAY",
        Kakaopay = "KAKAOPAY",
        Naverpay = "NAVERPAY",
        Payco = "PAYCO",
        Ssgpay = "SSGPAY",
        Chai = "CHAI",
        Lpay = "LPAY",
        Kpay = "KPAY",
        Tosspay = "TOSSPAY",
        Lgpay = "LGPAY",
        Pinpay = "PINPAY",
        Applepay = "APPLEPAY",
        Skpay = "SKPAY",
        TossBrandpay = "TOSS_BRANDPAY",
        KbApp = "KB_APP",
        Alipay = "ALIPAY",
        Hyphen = "HYPHEN",
        Tmoney = "TMONEY",
        Paypal = "PAYPAL",
        Smilepay = "SMILEPAY",
        Mir = "MIR",
        Wechat = "WECHAT",
        Linepay = "LINEPAY",
        Klarna = "KLARNA",
        Grabpay = "GRABPAY",
        Shopeepay = "SHOPEEPAY",
        Jkopay = "JKOPAY",
        Paypay = "PAYPAY",
        Amazonpay = "AMAZONPAY",
        Rakutenpay = "RAKUTENPAY",
        Dbarai = "DBARAI",
        Aupay = "AUPAY",
        Merpay = "MERPAY",
        Moneytree = "MONEYTREE",
        Kplus = "KPLUS",
        Tinaba = "TINABA",
        BillEase = "BILL_EASE",
        Kredivo = "KREDIVO",
        RabbitLinePay = "RABBIT_LINE_PAY",
        AlipayHk = "ALIPAY_HK",
        AkulakuPayLater = "AKULAKU_PAY_LATER",
        Boost = "BOOST",
        Bpi = "BPI",
        Dana = "DANA",
        GCash = "G_CASH",
        Hipay = "HIPAY",
        Mpay = "MPAY",
        TouchNGo = "TOUCH_N_GO",
        TrueMoney = "TRUE_MONEY",
        DokuWallet = "DOKU_WALLET",
        JeniusPay = "JENIUS_PAY",
        Ovo = "OVO",
        Maya = "MAYA",
        Qris = "QRIS",
        ThaiQr = "THAI_QR",
        GooglePay = "GOOGLE_PAY",
    }
}
