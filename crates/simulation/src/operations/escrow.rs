//! What happens to goods whose payment is held until the buyer has them, and what stands on a slip.

use super::{About, Ask, Payment, Scene};
use http::Method;
use serde_json::{Value, json};

fn payment_in_escrow(scene: &mut Scene<'_>) -> Option<Payment> {
    match scene.known.in_escrow(scene.shop.id, &mut scene.dice) {
        Some(payment) if scene.dice.happens(900) => Some(payment),
        _ => scene.known.paid_payment(scene.shop.id, &mut scene.dice),
    }
}

/// What every provider takes; now and then an invoice number that no carrier knows.
fn parcel(scene: &mut Scene<'_>) -> Value {
    let party = json!({
        "name": "Hong Gildong", "phoneNumber": "01012345678", "zipcode": "04524",
        "address": { "addressLine1": "Wangsimni-ro 83", "addressLine2": "3F" },
    });
    let invoice = match scene.dice.below(8) {
        0 => "000".to_owned(),
        _ => format!("6012-{}", scene.dice.between(1, 9)),
    };
    json!({
        "sender": party, "receiver": party,
        "products": [{ "id": "p", "name": "a book", "amount": 1_000, "quantity": 1 }],
        "logistics": { "company": "CJ", "invoiceNumber": invoice, "sentAt": "2026-04-25T10:00:00Z" },
    })
}

pub fn report(scene: &mut Scene<'_>) -> Option<Ask> {
    let payment = payment_in_escrow(scene)?;
    let body = parcel(scene);
    let path = format!("/payments/{}/escrow/logistics", payment.id);
    Some(scene.change(Method::POST, path, body, About::Escrow { payment }))
}

pub fn correct(scene: &mut Scene<'_>) -> Option<Ask> {
    let payment = payment_in_escrow(scene)?;
    let body = parcel(scene);
    let path = format!("/payments/{}/escrow/logistics", payment.id);
    Some(scene.change(Method::PATCH, path, body, About::Escrow { payment }))
}

pub fn complete(scene: &mut Scene<'_>) -> Option<Ask> {
    let payment = payment_in_escrow(scene)?;
    let path = format!("/payments/{}/escrow/complete", payment.id);
    Some(scene.change(Method::POST, path, json!({}), About::Escrow { payment }))
}

pub fn move_parcel(scene: &mut Scene<'_>) -> Option<Ask> {
    let payment = payment_in_escrow(scene)?;
    let moves = ["DELIVERED", "DELIVERED", "CONFIRMED", "REJECTED", "REJECT_CONFIRMED"];
    let to = scene.dice.pick(&moves).copied()?;
    let path = format!("/sandbox/payments/{}/escrow", payment.id);
    Some(scene.ask(Method::POST, path, json!({ "to": to }), About::ReadPayment { payment }))
}

pub fn register_store_receipt(scene: &mut Scene<'_>) -> Option<Ask> {
    let payment = scene.known.paid_payment(scene.shop.id, &mut scene.dice)?;
    let body = json!({ "items": [{
        "storeBusinessRegistrationNumber": "1208147521", "storeName": "a stall", "totalAmount": 1_000,
        "taxFreeAmount": 0, "vatAmount": 91, "supplyAmount": 909, "currency": "KRW",
    }]});
    let path = format!("/payments/{}/register-store-receipt", payment.id);
    Some(scene.change(Method::POST, path, body, About::Escrow { payment }))
}
