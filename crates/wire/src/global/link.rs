//! Payment links: made, changed, read.

use serde_json::{Map, Value};

use crate::global::body::{answer, choices, request};
use crate::global::details::{
    BillingContent, BillingDetails, ChosenPaymentMethod, ChosenPaymentMethodContent, CustomerContent,
    CustomerDetails, DccRateContent, Environment, MerchantContent, MerchantDccRate, MerchantDetails, Note,
    NoteContent, OrderItem, OrderItemContent, ShippingContent, ShippingDetails,
};
use crate::global::time::Milliseconds;
use crate::global::{Choice, Decimal, Described, Flag, Number, Schemas};
use crate::time::Timestamp;

choices! {
    /// How a payment link stands.
    pub enum LinkStatus {
        Created = "Created",
        Processing = "Processing",
        Success = "Success",
        Expired = "Expired",
        Cancelled = "Cancelled",
    }
}

choices! {
    /// What a reminder's time is counted in. Both spellings are published.
    any case pub enum ReminderTimeUnit {
        Hour = "hour",
        Hours = "hours",
        Day = "day",
        Days = "days",
    }
}

request! {
    /// A new payment link.
    pub struct CreatePaymentLinkRequest {
        portone_key [required]: String,
        chaipay_key: String,
        key: String,
        merchant_details [required]: MerchantDetails,
        merchant_order_id [required]: String,
        signature_hash [required]: String,
        environment [required]: Choice<Environment>,
        amount [required]: Number,
        currency [required]: String,
        country_code [required]: String,
        /// The merchant's own label of the link.
        custom_link_ref: String,
        description: String,
        billing_details: BillingDetails,
        shipping_details: ShippingDetails,
        order_details: Vec<OrderItem>,
        success_url [required]: String,
        failure_url [required]: String,
        pending_url: String,
        mobile_redirect_url: String,
        expiry_date: String,
        /// From the link's creation; what older clients send.
        expiry_hours: Number,
        /// Unlike elsewhere, any word is kept.
        source [required]: String,
        show_shipping_details: Flag,
        show_back_button: Flag,
        show_items: Flag,
        show_saved_cards: Flag,
        default_guest_checkout: Flag,
        is_billing_shipping_same: Flag,
        is_checkout_embed: Flag,
        override_auto_redirect: Flag,
        customer_details: CustomerDetails,
        notify_by_email: Flag,
        notify_by_phone: Flag,
        notes: Vec<Note>,
        /// Before the expiry.
        reminder_time: Number,
        reminder_time_unit: Choice<ReminderTimeUnit>,
        send_immediately: Flag,
        scheduled_date: String,
        chosen_payment_methods: Vec<ChosenPaymentMethod>,
        custom_txn_webhook_urls: Vec<String>,
        user_configured_field1: String,
        user_configured_field2: String,
        user_configured_field3: String,
        user_configured_field4: String,
        user_configured_field5: String,
        use_merchant_configured_dcc_rate: Flag,
        merchant_dcc_rate: MerchantDccRate,
        /// The mobile app that calls; some need no signature.
        application_id as "applicationId": String,
    }
}

answer! {
    /// A payment link that was made: the published answer is the first two references, the rest says what was
    /// stored.
    pub struct PaymentLinkCreated {
        is_success: bool,
        payment_link_ref: String,
        payment_link: String,
        status: String,
        merchant_order_id: String,
        custom_link_ref: String,
        amount: Decimal,
        currency: String,
        country_code: String,
        environment: String,
        /// `null` when it does not expire.
        expiry_date: Option<Milliseconds>,
        created_at: Option<Timestamp>,
        status_code: String,
        status_reason: String,
        message: String,
    }
}

request! {
    /// What to change of a payment link. Objects are replaced as a whole.
    pub struct UpdatePaymentLinkRequest {
        country_code: String,
        amount: Number,
        currency: String,
        billing_details: BillingDetails,
        shipping_details: ShippingDetails,
        order_details: Vec<OrderItem>,
        success_url: String,
        failure_url: String,
        pending_url: String,
        merchant_details: MerchantDetails,
        expiry_date: String,
        reminder_time: Number,
        reminder_time_unit: Choice<ReminderTimeUnit>,
        scheduled_date: String,
        description: String,
        mobile_redirect_url: String,
        show_shipping_details: Flag,
        show_back_button: Flag,
        default_guest_checkout: Flag,
        is_checkout_embed: Flag,
        notify_by_email: Flag,
        notify_by_phone: Flag,
        is_billing_shipping_same: Flag,
        show_items: Flag,
        show_saved_cards: Flag,
        notes: Vec<Note>,
        custom_txn_webhook_urls: Vec<String>,
        user_configured_field1: String,
        user_configured_field2: String,
        user_configured_field3: String,
        user_configured_field4: String,
        user_configured_field5: String,
        customer_details: CustomerDetails,
        use_merchant_configured_dcc_rate: Flag,
        merchant_dcc_rate: MerchantDccRate,
    }
}

answer! {
    /// The instalment settings of a link.
    pub struct LinkBankDetails {
        is_merchant_sponsored: bool,
        override_default: bool,
    }
}

/// The methods that were chosen, and `{}` when none were.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChosenMethods(pub Vec<ChosenPaymentMethodContent>);

impl serde::Serialize for ChosenMethods {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_empty() {
            return serde::ser::SerializeMap::end(serializer.serialize_map(Some(0))?);
        }
        self.0.serialize(serializer)
    }
}

impl Described for ChosenMethods {
    fn schema(found: &mut Schemas) -> Value {
        Vec::<ChosenPaymentMethodContent>::schema(found)
    }
}

answer! {
    /// A payment link, as read after a change.
    pub struct PaymentLinkDetails {
        chaipay_key: String,
        country_code: String,
        merchant_order_id: String,
        amount: Decimal,
        currency: String,
        billing_details: BillingContent,
        shipping_details: ShippingContent,
        order_details: Vec<OrderItemContent>,
        success_url: String,
        failure_url: String,
        pending_url: String,
        signature_hash: String,
        merchant_details: MerchantContent,
        /// Whole hours from creation to expiry, `0` without one.
        expiry_hours: i64,
        status: String,
        link: String,
        created_at: Option<Timestamp>,
        expired_at: Option<Timestamp>,
        source: String,
        description: String,
        mobile_redirect_url: String,
        show_shipping_details: bool,
        show_back_button: bool,
        default_guest_checkout: bool,
        is_checkout_embed: bool,
        notify_by_email: bool,
        notify_by_phone: bool,
        is_billing_shipping_same: bool,
        show_items: bool,
        environment: String,
        bank_details: LinkBankDetails,
        link_order_ref: String,
        customer_details: CustomerContent,
        unit_amount: Decimal,
        stock_quantity: i64,
        chosen_payment_methods: ChosenMethods,
        custom_page_fields: Map<String, Value>,
        /// `null` when there are none.
        notes: Option<Vec<NoteContent>>,
        master_merchant_key: String,
        show_saved_cards: bool,
        support_email: String,
        support_phone: String,
        qrcode_link: String,
        custom_txn_webhook_urls: Vec<String>,
        transaction_forex_details: Map<String, Value>,
        dynamic_currency_checkout_enabled: bool,
        dynamic_currency_signature_hash: String,
        portone_key: String,
        user_configured_field1: String,
        user_configured_field2: String,
        user_configured_field3: String,
        user_configured_field4: String,
        user_configured_field5: String,
        dcc_markup_factor: Decimal,
        is_dcc_invoice_checkout_defaulted: bool,
        show_fx_conversion: bool,
        expiry_date: Option<Milliseconds>,
        reminder_time: Decimal,
        reminder_time_unit: String,
        scheduled_date: Option<Milliseconds>,
        use_merchant_configured_dcc_rate: bool,
        merchant_dcc_rate: Option<DccRateContent>,
    }
}

answer! {
    /// An attempt to pay a link.
    pub struct LinkTransaction {
        channel_order_ref as "channelOrderRef": String,
        created_at as "createdAt": Option<Timestamp>,
        merchant_order_ref as "merchantOrderRef": String,
        status: String,
        status_code as "statusCode": String,
        status_reason as "statusReason": String,
    }
}

answer! {
    /// How a payment link stands. Unlike everywhere else, names are in camel case.
    pub struct PaymentLinkContent {
        merchant_order_ref as "merchantOrderRef": String,
        payment_link_ref as "paymentLinkRef": String,
        status: String,
        /// Oldest first.
        transactions_list as "transactionsList": Vec<LinkTransaction>,
        /// Not published; clients read it.
        link: String,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_chosen_methods_are_an_empty_object() {
        assert_eq!(serde_json::to_string(&ChosenMethods::default()).unwrap(), "{}");
        let chosen = ChosenMethods(vec![ChosenPaymentMethodContent {
            payment_channel: "CHILLPAY".into(),
            payment_method: "CHILLPAY_QRCODE".into(),
        }]);
        assert_eq!(
            serde_json::to_string(&chosen).unwrap(),
            r#"[{"payment_channel":"CHILLPAY","payment_method":"CHILLPAY_QRCODE"}]"#
        );
    }
}
