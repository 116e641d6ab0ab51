//! What only one PSP offers.

use super::{About, Ask, Scene};
use crate::office::ChannelKind;
use http::Method;
use serde_json::{Value, json};

/// A request with the secret of the shop's own store: these name no other.
fn own(scene: &mut Scene<'_>, method: Method, path: String, body: &Value) -> Ask {
    let bytes = if body.is_null() { bytes::Bytes::new() } else { body.to_string().into() };
    let mut ask = scene.open(method, path, bytes, About::Anything);
    ask.headers.push(("authorization", format!("PortOne {}", scene.shop.secret)));
    ask
}

pub fn kakaopay_order(scene: &mut Scene<'_>) -> Option<Ask> {
    let order = scene.known.charge(scene.shop.id, &mut scene.dice)?.0;
    let order = if scene.dice.happens(200) { "of-nobody".to_owned() } else { order };
    let channel = scene.shop.channel(ChannelKind::Card);
    let path = format!("/kakaopay/payment/order?pgTxId={order}&channelKey={channel}");
    Some(own(scene, Method::GET, path, &Value::Null))
}

pub fn card_promotions(scene: &mut Scene<'_>) -> Option<Ask> {
    let (channel, amount) = (scene.shop.channel(ChannelKind::Backup), scene.amount());
    let mut path = format!("/payment-gateways/card-promotion?channelKey={channel}&amount={amount}");
    if scene.dice.happens(300) {
        path.push_str("&cardCompany=BC_CARD");
    }
    Some(own(scene, Method::GET, path, &Value::Null))
}

/// Mostly of a payment that was made elsewhere, which is refused.
pub fn confirm_delivery(scene: &mut Scene<'_>) -> Option<Ask> {
    let transaction = scene.known.charge(scene.shop.id, &mut scene.dice)?.1;
    let status = scene.dice.pick(&["ORDER_PLACED", "ORDER_SHIPPED", "DELIVERED"]).copied()?;
    let body = json!({
        "transactionId": transaction, "deliveryType": "DIGITAL", "deliveryStatus": status,
        "estimatedDeliveryDatetime": "2028-03-01T00:00:00Z", "estimatedUpdateDatetime": "2028-03-01T00:00:00Z",
        "refundable": true, "details": "a book", "shippingAddressEmail": "hong@example.com",
    });
    Some(own(scene, Method::POST, "/paymentwall/delivery/confirm".into(), &body))
}
