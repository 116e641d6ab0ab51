//! Payments on a named channel and method, and transactions as they are read.

use serde_json::{Map, Value};

use crate::global::body::{answer, choices, request};
use crate::global::details::{
    BillingDetails, Environment, OrderItem, OrderLineContent, ShippingDetails, TokenParams,
};
use crate::global::{Choice, Decimal, Flag, Number};
use crate::time::Timestamp;

choices! {
    /// Whether the money is taken at once.
    pub enum TransactionType {
        PreAuth = "PREAUTH",
        Purchase = "PURCHASE",
    }
}

choices! {
    /// How a transaction stands. Written exactly so.
    pub enum TransactionStatus {
        Initiated = "Initiated",
        Pending = "Pending",
        /// Granted and not yet captured.
        Authorized = "Authorized",
        Success = "Success",
        Failed = "Failed",
        Expired = "Expired",
        /// The PSP has to be asked, and a person decides.
        Error = "Error",
        Voided = "Voided",
        /// By the payer.
        Cancelled = "Cancelled",
        UnderReview = "Under Review",
    }
}

request! {
    /// A channel and method to try, and when.
    pub struct RoutingChoice {
        channel_key: String,
        method_key: String,
        /// The lowest is tried first.
        rank: Number,
    }
}

request! {
    /// What to try when a PSP fails.
    pub struct RoutingParams {
        kind as "type": String,
        /// A stored route, under either name.
        routing_ref: String,
        route_ref: String,
        data: Vec<RoutingChoice>,
    }
}

request! {
    /// A transfer that the payer has already made.
    pub struct DirectBankTransferDetails {
        customer_name: String,
        payment_slip: String,
        transaction_time: String,
        amount_paid: Number,
    }
}

request! {
    /// For how long, at what interest.
    pub struct InstalmentPeriod {
        interest: Number,
        month: Number,
    }
}

request! {
    /// The bank and the plan of an instalment payment.
    pub struct InstalmentBank {
        bank_name: String,
        bank_code: String,
        is_merchant_sponsored: Flag,
        override_default: Flag,
        instalment_period: InstalmentPeriod,
    }
}

request! {
    /// What `initiatePayment` reads.
    pub struct InitiatePaymentRequest {
        key [required]: String,
        /// Names that other clients use for the key.
        portone_key: String,
        chaipay_key: String,
        merchant_order_id [required]: String,
        pmt_channel [required]: String,
        pmt_method [required]: String,
        description [required]: String,
        environment [required]: Choice<Environment>,
        amount [required]: Number,
        currency [required]: String,
        signature_hash [required]: String,
        billing_details: BillingDetails,
        shipping_details: ShippingDetails,
        token_params: TokenParams,
        order_details: Vec<OrderItem>,
        success_url [required]: String,
        failure_url [required]: String,
        pending_url: String,
        routing_enabled: Flag,
        routing_params: RoutingParams,
        transaction_type: Choice<TransactionType>,
        /// The page hands its result over instead of redirecting.
        override_auto_redirect: Flag,
        response_type: String,
        source: String,
        mobile_redirect_url: String,
        /// The mobile app that calls; some need no signature.
        application_id as "applicationId": String,
        direct_bank_transfer_details: DirectBankTransferDetails,
        bank_details: InstalmentBank,
        user_configured_field1: String,
        user_configured_field2: String,
        user_configured_field3: String,
        user_configured_field4: String,
        user_configured_field5: String,
    }
}

answer! {
    /// A payment that has been started at the PSP.
    pub struct InitiatePaymentAnswer {
        is_success: bool,
        redirect_url: String,
        channel_order_ref: String,
        merchant_order_ref: String,
        order_ref: String,
        message: String,
        deep_link: String,
        /// A form that the payer must post to the PSP; `null` when there is none.
        additional_data: Option<Map<String, Value>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        qrcode_url: Option<String>,
        /// A number, as text. There with a QR code.
        #[serde(skip_serializing_if = "Option::is_none")]
        expiry_in_minutes: Option<String>,
    }
}

answer! {
    /// How a transaction stands.
    pub struct TransactionStatusContent {
        channel_order_ref: String,
        order_ref: String,
        status: String,
    }
}

request! {
    /// Which transaction to read.
    pub struct TransactionDetailsRequest {
        order_ref [required]: String,
    }
}

answer! {
    /// The items of a transaction.
    pub struct OrderLines {
        data: Vec<OrderLineContent>,
    }
}

answer! {
    /// A transaction with everything that is known of it.
    pub struct TransactionDetailsContent {
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
        channel_logo: String,
        method_sub_type: String,
        buyer_name: String,
        buyer_email: String,
        buyer_phone: String,
        buyer_address1: String,
        buyer_address2: String,
        buyer_city: String,
        buyer_country: String,
        status_code: String,
        status_reason: String,
        status_channel_reason: String,
        /// When it was made.
        date: Option<Timestamp>,
        is_refund_allowed: bool,
        is_multi_refund_allowed: bool,
        refund_completed: bool,
        user_agent: String,
        ip_address: String,
        description: String,
        payment_link_ref: String,
        source: String,
        payment_method_used: String,
        merchant_name: String,
        merchant_key: String,
        merchant_email_address: String,
        channel_name: String,
        payment_link_merchant_order_ref: String,
        customer_email_address: String,
        customer_phone_number: String,
        customer_name: String,
        created_by: String,
        user_message: String,
        routing_enabled: bool,
        payment_page_ref: String,
        refund_status: String,
        subscription_order_ref: String,
        is_cross_border_transaction: bool,
        order_details: OrderLines,
        signature_hash: String,
        user_configured_field1: String,
        user_configured_field2: String,
        user_configured_field3: String,
        user_configured_field4: String,
        user_configured_field5: String,
        user_uuid: String,
        auto_refund: bool,
    }
}

request! {
    /// Which payments to list, by when they were made.
    pub struct FetchAllPaymentsRequest {
        page [required]: Number,
        size [required]: Number,
        from [required]: String,
        to [required]: String,
        environment [required]: Choice<Environment>,
    }
}

answer! {
    /// A payment in a list.
    pub struct PaymentRow {
        currency: String,
        amount: Decimal,
        order_ref: String,
        merchant_order_ref: String,
        status: String,
        channel_key: String,
        method_name: String,
        method_key: String,
        method_type: String,
        channel_logo: String,
        method_sub_type: String,
        status_code: String,
        status_reason: String,
        status_channel_reason: String,
        created_at: Option<Timestamp>,
        is_refund_allowed: bool,
        is_multi_refund_allowed: bool,
        source: String,
        payment_method_used: String,
        merchant_key: String,
        merchant_email_address: String,
        channel_name: String,
        /// Whether the PSP has paid it out: `UNSETTLED`.
        remit_status: String,
        created_by: String,
        subscription_order_ref: String,
        is_cross_border_transaction: bool,
        payment_link_merchant_order_ref: String,
        channel_order_ref: String,
        country_code: String,
        buyer_name: String,
        buyer_email: String,
        buyer_phone: String,
        buyer_address1: String,
        buyer_address2: String,
        buyer_city: String,
        buyer_country: String,
        signature_hash: String,
        refund_completed: bool,
        user_agent: String,
        ip_address: String,
        description: String,
        link_order_ref: String,
        payment_link_ref: String,
        merchant_name: String,
        recon_status: String,
        user_configured_field1: String,
        user_configured_field2: String,
        user_configured_field3: String,
        user_configured_field4: String,
        user_configured_field5: String,
    }
}

request! {
    /// The merchant's word about a payment that is settled by hand.
    pub struct UpdateTransactionStatusRequest {
        status [required]: String,
        merchant_order_ref [required]: String,
        signature [required]: String,
    }
}

request! {
    /// New texts of a transaction; those that are absent stay.
    pub struct UpdateTransactionDetailsRequest {
        description: String,
        user_configured_field1: String,
        user_configured_field2: String,
        user_configured_field3: String,
        user_configured_field4: String,
        user_configured_field5: String,
    }
}

answer! {
    /// The texts of a transaction, as stored. Empty ones are left out.
    pub struct TransactionTextsContent {
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<String>,
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
