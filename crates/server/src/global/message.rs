//! What is said about a transaction: its details, its row in a list, its messages to the merchant's endpoints and
//! the parameters of the way back. Signed where the dialect signs.

use super::amount::written;
use super::signature::{MerchantSecret, sign};
use super::transaction::{Transaction, refund_date, refund_reference, refund_status};
use paypier_domain::global::{OrderLine, RefundKind};
use paypier_domain::payment::Cancellation;
use paypier_wire::global::redirect::PaymentRedirect;
use paypier_wire::global::signed;
use paypier_wire::global::time::Microseconds;
use paypier_wire::global::webhook::{PaymentStatusWebhook, RefundStatusWebhook};
use paypier_wire::global::{
    Decimal, OrderLineContent, OrderLines, PaymentRow, RefundContent, RefundType, Refunds,
    TransactionDetailsContent,
};

/// A transaction with everything that is known of it.
pub fn details(transaction: &Transaction<'_>, secret: &MerchantSecret) -> TransactionDetailsContent {
    let order = transaction.order;
    let link = order.link.as_ref();
    let [field1, field2, field3, field4, field5] = order.texts.fields.clone();
    let attempt = transaction.attempt();
    TransactionDetailsContent {
        currency: transaction.currency(),
        amount: transaction.amount(),
        order_ref: order.reference.clone(),
        channel_order_ref: transaction.channel_order_ref(),
        merchant_order_ref: order.merchant_reference.clone(),
        country_code: transaction.country_code(),
        status: transaction.status().to_string(),
        channel_key: transaction.channel_key().to_owned(),
        method_name: transaction.method_name(),
        method_key: transaction.method_key().to_owned(),
        channel_logo: String::new(),
        method_sub_type: transaction.method_sub_type().to_owned(),
        buyer_name: order.billing.full_name(),
        buyer_email: order.billing.email.clone(),
        buyer_phone: order.billing.phone.clone(),
        buyer_address1: order.billing.place.line_1.clone(),
        buyer_address2: order.billing.place.line_2.clone(),
        buyer_city: order.billing.place.city.clone(),
        buyer_country: order.billing.place.country_code.clone(),
        status_code: transaction.code_digits(),
        status_reason: transaction.code_reason(),
        status_channel_reason: transaction.channel_reason(),
        date: Some(order.created_at.into()),
        is_refund_allowed: transaction.is_refund_allowed(),
        is_multi_refund_allowed: transaction.is_multi_refund_allowed(),
        refund_completed: transaction.refund_completed(),
        user_agent: attempt.and_then(|attempt| attempt.origin.user_agent.clone()).unwrap_or_default(),
        ip_address: attempt.map(|attempt| attempt.origin.ip_address.clone()).unwrap_or_default(),
        description: order.texts.description.clone(),
        payment_link_ref: link.map(|link| link.reference.clone()).unwrap_or_default(),
        source: order.source.clone(),
        payment_method_used: transaction.payment_method_used(),
        merchant_name: transaction.merchant.brand.name.clone(),
        merchant_key: transaction.merchant.client_key.clone(),
        merchant_email_address: transaction.merchant.brand.email.clone(),
        channel_name: transaction.channel_key().to_owned(),
        payment_link_merchant_order_ref: link.map(|link| link.merchant_reference.clone()).unwrap_or_default(),
        customer_email_address: order.billing.email.clone(),
        customer_phone_number: order.billing.phone.clone(),
        customer_name: order.billing.full_name(),
        created_by: String::new(),
        user_message: transaction.user_message().to_owned(),
        routing_enabled: order.is_routed,
        payment_page_ref: String::new(),
        refund_status: transaction.refund_status(),
        subscription_order_ref: order.subscription.clone().unwrap_or_default(),
        is_cross_border_transaction: false,
        order_details: OrderLines { data: order.lines.iter().map(line).collect() },
        signature_hash: webhook_signature(transaction, secret),
        user_configured_field1: field1,
        user_configured_field2: field2,
        user_configured_field3: field3,
        user_configured_field4: field4,
        user_configured_field5: field5,
        user_uuid: String::new(),
        auto_refund: false,
    }
}

fn line(line: &OrderLine) -> OrderLineContent {
    OrderLineContent {
        item_id: line.id.clone(),
        product_name: line.name.clone(),
        price: line.price.parse().unwrap_or_default(),
        quantity: line.quantity,
        image: line.image.clone(),
        additional_details: serde_json::from_str(&line.details).unwrap_or_default(),
    }
}

/// A transaction in a list.
pub fn row(transaction: &Transaction<'_>, secret: &MerchantSecret) -> PaymentRow {
    let details = details(transaction, secret);
    PaymentRow {
        currency: details.currency,
        amount: details.amount,
        order_ref: details.order_ref,
        merchant_order_ref: details.merchant_order_ref,
        status: details.status,
        channel_key: details.channel_key,
        method_name: details.method_name,
        method_key: details.method_key,
        method_type: transaction.method_type().to_owned(),
        channel_logo: details.channel_logo,
        method_sub_type: details.method_sub_type,
        status_code: details.status_code,
        status_reason: details.status_reason,
        status_channel_reason: details.status_channel_reason,
        created_at: details.date,
        is_refund_allowed: details.is_refund_allowed,
        is_multi_refund_allowed: details.is_multi_refund_allowed,
        source: details.source,
        payment_method_used: details.payment_method_used,
        merchant_key: details.merchant_key,
        merchant_email_address: details.merchant_email_address,
        channel_name: details.channel_name,
        remit_status: "UNSETTLED".to_owned(),
        created_by: details.created_by,
        subscription_order_ref: details.subscription_order_ref,
        is_cross_border_transaction: details.is_cross_border_transaction,
        link_order_ref: details.payment_link_merchant_order_ref.clone(),
        payment_link_merchant_order_ref: details.payment_link_merchant_order_ref,
        channel_order_ref: details.channel_order_ref,
        country_code: details.country_code,
        buyer_name: details.buyer_name,
        buyer_email: details.buyer_email,
        buyer_phone: details.buyer_phone,
        buyer_address1: details.buyer_address1,
        buyer_address2: details.buyer_address2,
        buyer_city: details.buyer_city,
        buyer_country: details.buyer_country,
        signature_hash: details.signature_hash,
        refund_completed: details.refund_completed,
        user_agent: details.user_agent,
        ip_address: details.ip_address,
        description: details.description,
        payment_link_ref: details.payment_link_ref,
        merchant_name: details.merchant_name,
        recon_status: String::new(),
        user_configured_field1: details.user_configured_field1,
        user_configured_field2: details.user_configured_field2,
        user_configured_field3: details.user_configured_field3,
        user_configured_field4: details.user_configured_field4,
        user_configured_field5: details.user_configured_field5,
    }
}

/// The signature over a transaction as its webhook has it.
pub fn webhook_signature(transaction: &Transaction<'_>, secret: &MerchantSecret) -> String {
    let (channel_order_ref, country_code) = (transaction.channel_order_ref(), transaction.country_code());
    let (currency, method_name) = (transaction.currency(), transaction.method_name());
    sign(
        secret,
        &signed::PaymentWebhook {
            amount: transaction.amount(),
            channel_key: transaction.channel_key(),
            channel_order_ref: &channel_order_ref,
            country_code: &country_code,
            currency: &currency,
            merchant_order_ref: &transaction.order.merchant_reference,
            method_name: &method_name,
            order_ref: &transaction.order.reference,
            status: &transaction.status().to_string(),
        },
    )
}

/// The message that a transaction has another status.
pub fn payment_webhook(transaction: &Transaction<'_>, secret: &MerchantSecret) -> PaymentStatusWebhook {
    let details = details(transaction, secret);
    let said = |text: String| Some(text).filter(|text| !text.is_empty());
    PaymentStatusWebhook {
        currency: details.currency,
        amount: details.amount,
        order_ref: details.order_ref,
        channel_order_ref: details.channel_order_ref,
        merchant_order_ref: details.merchant_order_ref,
        country_code: details.country_code,
        status: details.status,
        channel_key: details.channel_key,
        method_name: details.method_name,
        method_key: details.method_key,
        method_sub_type: details.method_sub_type,
        buyer_name: details.buyer_name,
        buyer_email: details.buyer_email,
        buyer_phone: details.buyer_phone,
        buyer_address1: details.buyer_address1,
        buyer_address2: details.buyer_address2,
        buyer_city: details.buyer_city,
        buyer_country: details.buyer_country,
        signature_hash: details.signature_hash,
        status_code: details.status_code,
        status_reason: details.status_reason,
        status_channel_reason: details.status_channel_reason,
        created_at: Some(Microseconds(transaction.order.created_at)),
        is_refund_allowed: details.is_refund_allowed,
        is_multi_refund_allowed: details.is_multi_refund_allowed,
        user_agent: details.user_agent,
        description: details.description,
        ip_address: details.ip_address,
        link_order_ref: details.payment_link_merchant_order_ref,
        payment_link_ref: details.payment_link_ref,
        source: details.source,
        payment_method_used: details.payment_method_used,
        merchant_name: details.merchant_name,
        merchant_key: details.merchant_key,
        merchant_email_address: details.merchant_email_address,
        channel_name: details.channel_name,
        environment: transaction.environment().to_string(),
        user_message: details.user_message,
        receipt_url: transaction.receipt_url(),
        masked_card_number: transaction.masked_card_number(),
        refund_status: said(details.refund_status),
        user_configured_field1: said(details.user_configured_field1),
        user_configured_field2: said(details.user_configured_field2),
        user_configured_field3: said(details.user_configured_field3),
        user_configured_field4: said(details.user_configured_field4),
        user_configured_field5: said(details.user_configured_field5),
        ..PaymentStatusWebhook::default()
    }
}

fn refunded(transaction: &Transaction<'_>, cancellation: &Cancellation) -> Decimal {
    transaction.attempt().map_or(Decimal::ZERO, |attempt| written(cancellation.refund, attempt.currency))
}

/// The message that a refund has another status. It is not signed.
pub fn refund_webhook(transaction: &Transaction<'_>, cancellation: &Cancellation) -> RefundStatusWebhook {
    let reference = refund_reference(cancellation);
    let said = transaction.refund_description(cancellation);
    RefundStatusWebhook {
        refund_date: Some(Microseconds(refund_date(cancellation))),
        psp_refund_id: psp_refund_id(cancellation),
        amount: refunded(transaction, cancellation),
        currency: transaction.currency(),
        refund_status: refund_status(cancellation).to_string(),
        refund_type: transaction.refund_kind(cancellation).as_str().to_owned(),
        refund_reason: cancellation.reason.clone(),
        merchant_id: transaction.merchant.number.clone(),
        description: if said.is_empty() { format!("Refund for transaction {reference}") } else { said },
        refund_id: reference,
        payment_txn_ref: transaction.order.reference.clone(),
        payment_channel: transaction.channel_key().to_owned(),
        payment_method: transaction.method_name(),
    }
}

fn psp_refund_id(cancellation: &Cancellation) -> String {
    cancellation.pg_cancellation_id.as_ref().map(|id| id.as_str().to_owned()).unwrap_or_default()
}

/// Whether the rows of refunds name the merchant: they do where a refund is made, and not where they are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    Merchant,
    Nobody,
}

/// Every refund of a transaction, oldest first, and what is left.
pub fn refunds(transaction: &Transaction<'_>, naming: Naming) -> Refunds {
    let cancellations = transaction.payment.map_or(&[][..], |payment| payment.cancellations.as_slice());
    Refunds {
        amount_to_refund: transaction.amount_to_refund(),
        refund_details: cancellations
            .iter()
            .map(|cancellation| RefundContent {
                refund_date: refund_date(cancellation).into(),
                refund_id: refund_reference(cancellation),
                psp_refund_id: psp_refund_id(cancellation),
                amount: refunded(transaction, cancellation),
                currency: transaction.currency(),
                refund_status: refund_status(cancellation),
                refund_type: match transaction.refund_kind(cancellation) {
                    RefundKind::Full => RefundType::Full,
                    RefundKind::Partial => RefundType::Partial,
                },
                refund_reason: cancellation.reason.clone(),
                merchant_id: match naming {
                    Naming::Merchant => Some(transaction.merchant.number.clone()),
                    Naming::Nobody => None,
                },
            })
            .collect(),
    }
}

/// The signature of the way back: over four members of the transaction, and over no amount.
pub fn redirect_signature(transaction: &Transaction<'_>, secret: &MerchantSecret) -> String {
    let channel_order_ref = transaction.channel_order_ref();
    sign(
        secret,
        &signed::Redirect {
            channel_order_ref: &channel_order_ref,
            merchant_order_ref: &transaction.order.merchant_reference,
            order_ref: &transaction.order.reference,
            status: &transaction.status().to_string(),
        },
    )
}

/// What is appended to the merchant's address.
pub fn redirect(transaction: &Transaction<'_>, secret: &MerchantSecret) -> PaymentRedirect {
    let details = details(transaction, secret);
    let brand = &transaction.merchant.brand;
    PaymentRedirect {
        amount: details.amount,
        currency: details.currency,
        merchant_order_ref: details.merchant_order_ref,
        order_ref: details.order_ref,
        channel_order_ref: details.channel_order_ref,
        link_order_ref: details.payment_link_merchant_order_ref,
        message: details.user_message,
        status: details.status,
        status_channel_reason: details.status_channel_reason,
        status_code: details.status_code,
        status_reason: details.status_reason,
        signature_hash: redirect_signature(transaction, secret),
        buyer_address1: details.buyer_address1,
        buyer_address2: details.buyer_address2,
        buyer_city: details.buyer_city,
        buyer_country: details.buyer_country,
        buyer_email: details.buyer_email,
        buyer_name: details.buyer_name,
        buyer_phone: details.buyer_phone,
        channel_key: details.channel_key,
        channel_name: details.channel_name,
        description: details.description,
        lang: "en".to_owned(),
        merchant_brand_name: brand.name.clone(),
        merchant_logo: brand.logo.clone(),
        method_key: details.method_key,
        method_name: details.method_name,
        payment_source: details.source,
        support_email: brand.support_email.clone(),
        support_phone: brand.support_phone.clone(),
    }
}

/// An address with these parameters behind what its query has; its fragment stays last.
pub fn with_parameters(address: &str, parameters: &[(&'static str, String)]) -> String {
    let (before, fragment) = match address.split_once('#') {
        Some((before, fragment)) => (before, Some(fragment)),
        None => (address, None),
    };
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in parameters {
        query.append_pair(name, value);
    }
    let query = query.finish();
    let mark = match before.split_once('?') {
        None => "?",
        Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
        Some(_) => "&",
    };
    let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
    format!("{before}{mark}{query}{fragment}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_go_behind_the_query_and_before_the_fragment() {
        let parameters = [("status", "Success".to_owned()), ("signature_hash", "a+b/c=".to_owned())];
        let tail = "status=Success&signature_hash=a%2Bb%2Fc%3D";
        for (address, expected) in [
            ("https://shop.example/ok", format!("https://shop.example/ok?{tail}")),
            (
                "https://shop.example/ok?order=1&x=a+b",
                format!("https://shop.example/ok?order=1&x=a+b&{tail}"),
            ),
            ("https://shop.example/ok?", format!("https://shop.example/ok?{tail}")),
            ("https://shop.example/#/ok", format!("https://shop.example/?{tail}#/ok")),
            ("chaiport://checkout", format!("chaiport://checkout?{tail}")),
        ] {
            assert_eq!(with_parameters(address, &parameters), expected, "{address}");
        }
    }
}
