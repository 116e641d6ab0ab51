//! The merchant's credentials at a PSP. They are never read back: all but the last three characters of each are
//! stars, so that a person can tell which one is there.

use serde_json::{Map, Value};

use crate::global::body::{answer, choices, request};
use crate::global::details::Environment;
use crate::global::lenient::{Choice, Secret};

choices! {
    /// Which way the money goes.
    pub enum PayType {
        PayIn = "PAYIN",
        PayOut = "PAYOUT",
    }
}

choices! {
    /// What a channel is.
    pub enum ChannelType {
        Gateway = "Gateway",
        Bank = "Bank",
        DigitalWallet = "Digital Wallet",
    }
}

request! {
    /// New or replaced credentials; their members are the PSP's.
    pub struct ChannelCredentialsRequest {
        creds [required]: Secret<Map<String, Value>>,
        country [required]: String,
        environment [required]: Choice<Environment>,
    }
}

answer! {
    /// Credentials that were stored.
    pub struct ChannelCredentialsContent {
        merchant_uuid as "MerchantUUID": String,
        payment_channel_key as "PaymentChannelKey": String,
        masked_data as "maskedData": Map<String, Value>,
    }
}

/// Credentials that are read.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct ChannelContent {
    pub key: String,
    #[serde(rename = "type")]
    pub kind: ChannelType,
    pub logo: String,
    /// Masked.
    pub creds: Map<String, Value>,
    pub is_enabled: bool,
    pub country: String,
    pub pay_type: PayType,
    pub is_va_flow: bool,
}

impl crate::global::Described for ChannelContent {
    fn schema(found: &mut crate::global::Schemas) -> Value {
        let text = || serde_json::json!({"type": "string"});
        let flag = || serde_json::json!({"type": "boolean"});
        found.refer("ChannelContent", |found| {
            crate::global::body::object(vec![
                ("key", text()),
                ("type", ChannelType::schema(found)),
                ("logo", text()),
                ("creds", serde_json::json!({"type": "object"})),
                ("is_enabled", flag()),
                ("country", text()),
                ("pay_type", PayType::schema(found)),
                ("is_va_flow", flag()),
            ])
        })
    }
}

answer! {
    /// A method that the merchant can be paid with.
    pub struct PayMethodContent {
        payment_channel_key: String,
        payment_method_key: String,
        sub_type: String,
        logo: String,
        display_name: String,
        is_default: bool,
        is_enabled: bool,
        is_merchant_sponsored: bool,
        collect_payslip: bool,
        tokenization_possible: bool,
        name: String,
        /// Countries, joined with commas.
        country: String,
        /// Currencies, joined with commas; empty where every currency is taken.
        currency: String,
        /// Not published, like the two behind it: what its PSP refunds.
        is_refund_allowed: bool,
        is_partial_refund_allowed: bool,
        is_multi_refund_allowed: bool,
    }
}

/// A credential with all but its last three characters replaced by stars; the length stays. Of three or fewer,
/// nothing is shown.
#[must_use]
pub fn masked(credential: &str) -> String {
    let length = credential.chars().count();
    let hidden = if length > 3 { length.saturating_sub(3) } else { length };
    credential.chars().enumerate().map(|(at, shown)| if at < hidden { '*' } else { shown }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_three_characters_are_shown() {
        for (credential, shown) in [
            ("1234567890abc", "**********abc"),
            ("abcd", "*bcd"),
            ("abc", "***"),
            ("", ""),
            ("비밀번호넷다", "***호넷다"),
        ] {
            assert_eq!(masked(credential), shown);
        }
        assert_eq!(masked(&"f".repeat(64)), format!("{}fff", "*".repeat(61)));
    }

    #[test]
    fn credentials_do_not_show_themselves() {
        let request: ChannelCredentialsRequest =
            serde_json::from_str(r#"{"creds":{"secretKey":"hidden"},"country":"VN","environment":"live"}"#)
                .unwrap();
        assert!(!format!("{request:?}").contains("hidden"));
        assert_eq!(request.creds.unwrap().0["secretKey"], "hidden");
    }
}
