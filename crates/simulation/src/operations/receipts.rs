//! Cash receipts.

use super::body::with_criteria;
use super::{About, Ask, Scene};
use crate::office::ChannelKind;
use http::Method;
use serde_json::{Value, json};

/// Numbers of receipt cards, by which the tax office knows people. It does not know the last one. None
/// of them may be found anywhere.
pub const RECEIPT_CARDS: [&str; 3] = ["9410000011112222", "9410000033334444", "9410000055550000"];

/// What a buyer says who wants a receipt.
pub fn wanted(scene: &mut Scene<'_>) -> Value {
    let number = scene.dice.pick(&RECEIPT_CARDS).copied().unwrap_or(RECEIPT_CARDS[0]);
    match scene.dice.below(5) {
        0 => json!({ "type": "NO_RECEIPT", "customerIdentityNumber": "" }),
        1 => json!({ "type": "CORPORATE", "customerIdentityNumber": number }),
        _ => json!({ "type": "PERSONAL", "customerIdentityNumber": number }),
    }
}

pub fn issue(scene: &mut Scene<'_>) -> Option<Ask> {
    let (payment, amount) = (scene.payment(), scene.amount());
    let number = scene.dice.pick(&RECEIPT_CARDS).copied()?;
    let kind = if scene.dice.happens(300) { "CORPORATE" } else { "PERSONAL" };
    let body = json!({
        "paymentId": payment.id, "channelKey": scene.shop.channel(ChannelKind::Account), "type": kind,
        "orderName": "a book", "currency": "KRW", "amount": { "total": amount },
        "customer": { "identityNumber": number },
    });
    Some(scene.change(Method::POST, "/cash-receipts".into(), body, About::Anything))
}

pub fn cancel(scene: &mut Scene<'_>) -> Option<Ask> {
    let payment = scene.payment();
    let path = format!("/payments/{}/cash-receipt/cancel", payment.id);
    Some(scene.change(Method::POST, path, Value::Null, About::Anything))
}

pub fn read(scene: &mut Scene<'_>) -> Option<Ask> {
    let payment = scene.payment();
    let path = format!("/payments/{}/cash-receipt", payment.id);
    Some(scene.ask(Method::GET, path, Value::Null, About::Anything))
}

pub fn list(scene: &mut Scene<'_>) -> Option<Ask> {
    let field = scene.dice.pick(&["ISSUED_AT", "CANCELLED_AT", "STATUS_UPDATED_AT"]).copied()?;
    let criteria = json!({
        "page": { "number": 0, "size": 20 }, "filter": { "timeRangeField": field }, "sort": { "by": field },
    });
    Some(scene.ask(Method::GET, with_criteria("/cash-receipts", &criteria), Value::Null, About::Anything))
}
