//! What is sent to the merchant's endpoints, in the documented order of members.

use serde_json::{Map, Value};

use crate::global::Decimal;
use crate::global::body::answer;
use crate::global::time::Microseconds;
use crate::time::Timestamp;

answer! {
    /// `payment_status`: a transaction has another status.
    pub struct PaymentStatusWebhook {
        currency: String,
        amount: Decimal,
        order_ref: String,
        channel_order_ref: String,
        merchant_order_ref: String,
        country_code: String,
        status: String,
        channel_key: String,
        method_name: String,
        method_key: String,
        method_sub_type: String,
        buyer_name: String,
        buyer_email: String,
        buyer_phone: String,
        buyer_address1: String,
        buyer_address2: String,
        buyer_city: String,
        buyer_country: String,
        signature_hash: String,
        status_code: String,
        status_reason: String,
        status_channel_reason: String,
        created_at: Option<Microseconds>,
        is_refund_allowed: bool,
        is_multi_refund_allowed: bool,
        user_agent: String,
        description: String,
        ip_address: String,
        /// The merchant's own reference of the payment link; empty without one.
        link_order_ref: String,
        payment_link_ref: String,
        source: String,
        payment_method_used: String,
        merchant_name: String,
        merchant_key: String,
        merchant_email_address: String,
        channel_name: String,
        environment: String,
        user_message: String,
        receipt_url: String,
        masked_card_number: String,
        cross_border_data: CrossBorderData,
        additional_payment_details: Map<String, Value>,
        installment_details: InstallmentDetails,
        is_cross_border_transaction: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        refund_status: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        user_configured_field1: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        user_configured_field2: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        user_configured_field3: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        user_configured_field4: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        user_configured_field5: Option<String>,
    }
}

answer! {
    /// `{}` unless the payer pays in another currency.
    pub struct CrossBorderData {
        #[serde(skip_serializing_if = "Option::is_none")]
        forex_details: Option<ForexDetails>,
    }
}

answer! {
    /// What the merchant asked for, and what the payer pays.
    pub struct ForexDetails {
        forex_rate: Decimal,
        invoice_amount: Decimal,
        invoice_currency: String,
        payment_amount: Decimal,
        payment_currency: String,
    }
}

answer! {
    /// `{}` unless the payer pays by instalments.
    pub struct InstallmentDetails {
        #[serde(skip_serializing_if = "Option::is_none")]
        bank_code: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        interest: Option<Decimal>,
        #[serde(skip_serializing_if = "Option::is_none")]
        is_merchant_sponsored: Option<bool>,
        /// Months.
        #[serde(skip_serializing_if = "Option::is_none")]
        period: Option<i64>,
    }
}

answer! {
    /// `payment_link_status`: a payment link has another status.
    pub struct PaymentLinkStatusWebhook {
        link_ref: String,
        link: String,
        currency: String,
        amount: Decimal,
        /// Signed as `country_code`.
        country_code as "countryCode": String,
        chaipaykey: String,
        status: String,
        success_url: String,
        /// The failure URL.
        cancel_url: String,
        merchant_order_ref: String,
        is_billing_shipping_same: bool,
        merchant_name: String,
        merchant_logo: String,
        merchant_back_url: String,
        merchant_shipping_charges: Decimal,
        merchant_promo_code: String,
        merchant_promo_discount: Decimal,
        /// Of whoever made the link, like the address below.
        user_agent: String,
        ip_address: String,
        /// Whole hours from creation to expiry, `0` without one.
        expiry_hours: i64,
        created_at: Option<Timestamp>,
        source: String,
        description: String,
        mobile_redirect_url: String,
        show_shipping_details: bool,
        show_back_button: bool,
        is_checkout_embed: bool,
        notify_by_email: bool,
        notify_by_phone: bool,
        show_items: bool,
        merchant_key: String,
        merchant_email_address: String,
        customer_name: String,
        customer_email_address: String,
        customer_phone_number: String,
        payment_page_ref: String,
        unit_amount: Decimal,
        stock_quantity: i64,
        signature_hash: String,
        show_saved_cards: bool,
        portone_key: String,
        user_configured_field1: String,
        user_configured_field2: String,
        user_configured_field3: String,
        user_configured_field4: String,
        user_configured_field5: String,
    }
}

answer! {
    /// `refund_status`: a refund has another status. It has no signature.
    pub struct RefundStatusWebhook {
        refund_date: Option<Microseconds>,
        refund_id: String,
        psp_refund_id: String,
        amount: Decimal,
        currency: String,
        refund_status: String,
        refund_type: String,
        refund_reason: String,
        merchant_id: String,
        description: String,
        payment_txn_ref: String,
        payment_channel: String,
        payment_method: String,
    }
}

answer! {
    /// `subscription_status`: a subscription has another status.
    pub struct SubscriptionStatusWebhook {
        allow_accumulate: String,
        recurring_amount: Decimal,
        chaipaykey: String,
        currency: String,
        customer_email_address: String,
        customer_name: String,
        customer_phone_number: String,
        environment: String,
        frequency: i64,
        expired_at: Option<Timestamp>,
        link: String,
        merchant_order_ref: String,
        /// Of the plan.
        name: String,
        notify_by_email: bool,
        notify_by_phone: bool,
        order_ref: String,
        plan_order_ref: String,
        period: String,
        quantity: i64,
        recurrance_count: i64,
        source: String,
        started_at: Option<Timestamp>,
        created_at: Option<Timestamp>,
        status: String,
        subscription_type: String,
        signature_hash: String,
        total_amount: Decimal,
        collected_amount: Decimal,
        ip_address: String,
        collected_count: i64,
        portone_key: String,
        trial_frequency: i64,
        trial_period: String,
        next_deduction_amount: Decimal,
        next_deduction_date: Option<Timestamp>,
        in_trial: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        additional_cost: Option<Map<String, Value>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        total_additional_cost: Option<Decimal>,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<&str> {
        text.trim_matches(['{', '}'])
            .split(",\"")
            .filter_map(|member| member.split_once("\":"))
            .map(|(name, _)| name.trim_start_matches('"'))
            .collect()
    }

    #[test]
    fn a_link_is_told_in_the_documented_order() {
        let text = serde_json::to_string(&PaymentLinkStatusWebhook::default()).unwrap();
        assert_eq!(
            names(&text).join(" "),
            "link_ref link currency amount countryCode chaipaykey status success_url cancel_url \
             merchant_order_ref is_billing_shipping_same merchant_name merchant_logo merchant_back_url \
             merchant_shipping_charges merchant_promo_code merchant_promo_discount user_agent ip_address \
             expiry_hours created_at source description mobile_redirect_url show_shipping_details \
             show_back_button is_checkout_embed notify_by_email notify_by_phone show_items merchant_key \
             merchant_email_address customer_name customer_email_address customer_phone_number \
             payment_page_ref unit_amount stock_quantity signature_hash show_saved_cards portone_key \
             user_configured_field1 user_configured_field2 user_configured_field3 user_configured_field4 \
             user_configured_field5"
        );
    }

    #[test]
    fn empty_objects_stay() {
        let text = serde_json::to_string(&PaymentStatusWebhook::default()).unwrap();
        assert!(text.ends_with(
            r#""cross_border_data":{},"additional_payment_details":{},"installment_details":{},"is_cross_border_transaction":false}"#
        ), "{text}");
    }

    #[test]
    fn a_refund_is_told_as_the_sample_does() {
        let refund = RefundStatusWebhook {
            refund_date: Some(Microseconds("2024-09-26T10:42:24.650023Z".parse().unwrap())),
            amount: 500.into(),
            ..RefundStatusWebhook::default()
        };
        assert_eq!(
            serde_json::to_string(&refund).unwrap(),
            r#"{"refund_date":"2024-09-26 10:42:24.650023 +0000 UTC","refund_id":"","psp_refund_id":"","amount":500,"currency":"","refund_status":"","refund_type":"","refund_reason":"","merchant_id":"","description":"","payment_txn_ref":"","payment_channel":"","payment_method":""}"#
        );
    }
}
