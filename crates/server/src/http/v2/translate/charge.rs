//! `POST /payments/{paymentId}/billing-key`: charging a billing key.

use super::{cash_receipt, id, invalid, sale};
use crate::app::failure::Failure;
use crate::app::pay_with_billing_key::PayWithBillingKey;
use paypier_domain::id::{BillingKeyId, ChannelKey, PaymentId};
use paypier_domain::payment::Origin;
use paypier_wire::v2;

/// # Errors
/// Whatever the dialect does not accept.
pub fn asked(
    payment_id: PaymentId,
    body: v2::BillingKeyPaymentInput,
    origin: Origin,
) -> Result<PayWithBillingKey, Failure> {
    let billing_key = id("billingKey", Some(&body.billing_key), BillingKeyId::parse)?
        .ok_or_else(|| invalid("billingKey", "is required"))?;
    let channel = id("channelKey", body.channel_key.as_deref(), ChannelKey::parse)?;
    let installment = sale::installment(
        "installmentMonth",
        body.installment_month,
        None,
        body.use_free_interest_from_merchant,
    )?;
    let sale = sale::Asked {
        order_name: body.order_name,
        customer: body.customer,
        custom_data: body.custom_data,
        amount: body.amount,
        currency: body.currency,
        country: body.country,
        locale: body.locale,
        notice_urls: body.notice_urls,
        skip_webhook: body.skip_webhook,
        products: body.products,
        product_count: body.product_count,
        product_type: body.product_type,
        shipping_address: body.shipping_address,
        promotion_id: body.promotion_id,
        bypass: body.bypass,
        is_cultural_expense: None,
        is_escrow: None,
        cash_receipt: cash_receipt::wanted("cashReceipt", body.cash_receipt)?,
    };
    Ok(PayWithBillingKey {
        store: body.store_id,
        payment_id,
        billing_key,
        channel,
        installment,
        is_point_used: body.use_card_point.unwrap_or(false),
        schedule: None,
        sale: sale::asked(sale, origin)?,
        beside: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::v2::{body, samples};
    use serde_json::json;

    #[test]
    fn charges_are_read_and_refused_by_name() {
        for (change, refusal) in [
            (json!({}), None),
            (json!({"channelKey": "channel-key-1", "installmentMonth": 3, "locale": "KO_KR"}), None),
            (json!({"billingKey": ""}), Some("billingKey: the id is empty")),
            (json!({"billingKey": null}), Some("billingKey must be a string")),
            (json!({"installmentMonth": -1}), Some("installmentMonth must be from 0 to 60")),
            (json!({"orderName": ""}), Some("orderName must not be empty")),
            (json!({"locale": "XX"}), Some("locale must be one of the words of Locale")),
        ] {
            let mut order = json!({"billingKey": "billing-key-1", "orderName": "plan", "amount": {"total": 9_900}, "currency": "KRW"});
            for (name, member) in change.as_object().unwrap() {
                order[name] = member.clone();
            }
            let read = body::read(order.to_string().as_bytes())
                .and_then(|body| asked(PaymentId::known("order-1"), body, samples::origin()));
            assert_eq!(read.err().map(|failure| failure.to_string()).as_deref(), refusal, "{order}");
        }
    }
}
