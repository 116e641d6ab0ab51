//! What only one PSP offers: KakaoPay's orders, KCP's discounts, Paymentwall's deliveries.

use super::{amount as amounts, id, invalid, word};
use crate::app::failure::Failure;
use crate::app::pg_specific::ConfirmDelivery;
use paypier_connectors::contract::{CardDiscount, RawAnswer};
use paypier_domain::id::TransactionId;
use paypier_domain::money::Amount;
use paypier_wire::v2::{self, PaymentwallDeliveryType, PgPromotionCardCompany};

pub fn raw(answer: RawAnswer) -> v2::GetKakaopayPaymentOrderResponse {
    v2::GetKakaopayPaymentOrderResponse { status_code: answer.status.into(), body: answer.body }
}

/// # Errors
/// Not a whole number above 0.
pub fn amount(text: &str) -> Result<Amount, Failure> {
    let units = text.parse().map_err(|_| invalid("amount", "must be an integer"))?;
    amounts::asked_above_zero("amount", units)
}

/// # Errors
/// None of the dialect's companies.
pub fn company(text: Option<&str>) -> Result<Option<&'static str>, Failure> {
    Ok(word("cardCompany", text, PgPromotionCardCompany::parse)?.map(PgPromotionCardCompany::as_str))
}

/// Discounts for cards of companies that the dialect has no word for are left out.
pub fn discounts(discounts: &[CardDiscount]) -> v2::GetPgCardPromotionsResponse {
    let one = |discount: &CardDiscount| {
        Some(v2::PgCardPromotion {
            promotion_id: discount.id.clone(),
            card_company: PgPromotionCardCompany::parse(&discount.company)?,
            discount_amount: discount.discount.minor_units(),
            minimum_payment_amount: discount.minimum.minor_units(),
        })
    };
    v2::GetPgCardPromotionsResponse { promotions: Some(discounts.iter().filter_map(one).collect()) }
}

const MOST_ATTACHMENTS: usize = 20;

/// # Errors
/// A text that must not be empty, or what is missing of a delivery by mail.
pub fn delivery(body: v2::ConfirmPaymentwallDeliveryBody) -> Result<ConfirmDelivery, Failure> {
    let transaction = id("transactionId", Some(&body.transaction_id), TransactionId::parse)?
        .ok_or_else(|| invalid("transactionId", "is required"))?;
    for (member, text) in [("details", &body.details), ("shippingAddressEmail", &body.shipping_address_email)]
    {
        if text.trim().is_empty() {
            return Err(invalid(member, "must not be empty"));
        }
    }
    if body.attachments.as_ref().is_some_and(|all| all.len() > MOST_ATTACHMENTS) {
        return Err(invalid("attachments", &format!("must have at most {MOST_ATTACHMENTS} elements")));
    }
    if body.delivery_type == PaymentwallDeliveryType::Physical {
        let is_given = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
        for (member, is_given) in [
            ("carrierTrackingId", is_given(&body.carrier_tracking_id)),
            ("carrierType", is_given(&body.carrier_type)),
            ("shippingAddressCountry", body.shipping_address_country.is_some()),
            ("shippingAddressCity", is_given(&body.shipping_address_city)),
            ("shippingAddressZip", is_given(&body.shipping_address_zip)),
            ("shippingAddressState", is_given(&body.shipping_address_state)),
            ("shippingAddressStreet", is_given(&body.shipping_address_street)),
            ("shippingAddressPhone", is_given(&body.shipping_address_phone)),
            ("shippingAddressFirstname", is_given(&body.shipping_address_firstname)),
            ("shippingAddressLastname", is_given(&body.shipping_address_lastname)),
        ] {
            if !is_given {
                return Err(invalid(member, "is required where deliveryType is PHYSICAL"));
            }
        }
    }
    let proof = serde_json::to_string(&body)
        .map_err(|error| Failure::internal(format!("a delivery cannot be written: {error}")))?;
    Ok(ConfirmDelivery { transaction, status: body.delivery_status.as_str(), proof })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::v2::body;
    use serde_json::{Value, json};

    fn sample(kind: &str) -> Value {
        json!({
            "transactionId": "t-1", "deliveryType": kind, "deliveryStatus": "ORDER_SHIPPED",
            "estimatedDeliveryDatetime": "2026-05-01T00:00:00Z", "estimatedUpdateDatetime": "2026-05-01T00:00:00Z",
            "refundable": false, "details": "a book", "shippingAddressEmail": "hong@example.com",
            "carrierTrackingId": "1", "carrierType": "CJ", "shippingAddressCountry": "KR",
            "shippingAddressCity": "Seoul", "shippingAddressZip": "06234", "shippingAddressState": "Seoul",
            "shippingAddressStreet": "Teheran-ro 1", "shippingAddressPhone": "01012345678",
            "shippingAddressFirstname": "Gildong", "shippingAddressLastname": "Hong",
        })
    }

    fn read(sent: &Value) -> Result<ConfirmDelivery, Failure> {
        body::read(sent.to_string().as_bytes()).and_then(delivery)
    }

    #[test]
    fn what_is_sent_by_mail_needs_an_address() {
        assert_eq!(read(&sample("PHYSICAL")).unwrap().status, "ORDER_SHIPPED");
        let optional: Vec<String> = sample("PHYSICAL").as_object().unwrap().keys().cloned().collect();
        for member in
            optional.iter().filter(|name| name.starts_with("carrier") || name.starts_with("shippingAddress"))
        {
            if member == "shippingAddressEmail" {
                continue;
            }
            let (mut by_mail, mut digital) = (sample("PHYSICAL"), sample("DIGITAL"));
            by_mail.as_object_mut().unwrap().remove(member);
            digital.as_object_mut().unwrap().remove(member);
            let refusal = read(&by_mail).unwrap_err().to_string();
            assert_eq!(refusal, format!("{member} is required where deliveryType is PHYSICAL"));
            assert!(read(&digital).is_ok(), "{member}");
        }
        for member in ["transactionId", "details", "shippingAddressEmail"] {
            let mut empty = sample("DIGITAL");
            empty[member] = json!("");
            assert!(read(&empty).is_err(), "{member}");
        }
        let mut many = sample("DIGITAL");
        many["attachments"] = json!(vec!["https://example.com/1.png"; 21]);
        assert!(read(&many).is_err());
    }

    #[test]
    fn amounts_and_companies_are_words_of_the_query() {
        for (text, accepted) in
            [("1000", true), ("0", false), ("-1", false), ("1.5", false), ("", false), ("1e3", false)]
        {
            assert_eq!(amount(text).is_ok(), accepted, "{text}");
        }
        assert_eq!(company(Some("BC_CARD")).unwrap(), Some("BC_CARD"));
        assert!(company(Some("NO_CARD")).is_err());
        assert_eq!(company(None).unwrap(), None);
    }
}
