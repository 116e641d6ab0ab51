//! Payments on a named channel, and transactions.

use super::used_reference;
use super::{
    FAILURE, Matter, PENDING, SUCCESS, ask, ask_as_stranger, called, forged, method, reference, text,
};
use crate::office::Shop;
use crate::operations::{About, Ask, Payment, Scene};
use http::Method;
use paypier_wire::global::signed;
use serde_json::{Value, json};

/// The body with the signature that a payment or a link has to have.
pub fn signed_sale(shop: &Shop, mut body: Value, units: i64) -> Value {
    let signature = shop.signs(&signed::PaymentRequest {
        amount: shop.number(units),
        client_key: shop.client_key(),
        currency: text(&body, "currency"),
        failure_url: text(&body, "failure_url"),
        merchant_order_id: text(&body, "merchant_order_id"),
        success_url: text(&body, "success_url"),
    });
    body["signature_hash"] = json!(signature);
    body
}

pub fn initiate(scene: &mut Scene<'_>) -> Option<Ask> {
    let shop = scene.shop;
    let (order, amount, (channel, method)) = (reference(scene, "T"), scene.amount(), method(scene));
    let mut body = json!({
        "key": shop.client_key(), "merchant_order_id": order, "pmt_channel": channel, "pmt_method": method,
        "description": "a book", "environment": "sandbox", "amount": shop.json_number(amount),
        "currency": shop.global_currency(), "success_url": SUCCESS, "failure_url": FAILURE, "pending_url": PENDING,
        "billing_details": {
            "billing_name": "N", "billing_surname": "K", "billing_email": "n@example.com",
            "billing_phone": "+821012345678",
            "billing_address": { "city": "Seoul", "country_code": "KR", "line_1": "1 Street" },
        },
    });
    if scene.dice.happens(120) {
        body["transaction_type"] = json!("PREAUTH");
    } else if scene.dice.happens(180) {
        body["routing_enabled"] = json!(true);
        body["routing_params"] = json!({ "type": "failover", "data": [
            { "channel_key": "PORTONE_KR", "method_key": "PORTONE_PAYMENTWALL_CREDIT_CARD", "rank": 2 },
            { "channel_key": "PAYLETTER", "method_key": "PAYLETTER_CREDIT_CARD", "rank": 1 },
        ]});
    }
    if scene.dice.happens(60) {
        body["override_auto_redirect"] = json!(true);
    }
    if scene.dice.happens(150) {
        body["order_details"] =
            json!([{ "id": "1", "name": "a book", "price": shop.json_number(amount), "quantity": 1 }]);
    }
    let body = signed_sale(shop, body, amount);
    let about = Matter::Initiate { store: shop.id, reference: order, amount };
    if scene.dice.happens(500) {
        return Some(ask(scene, Method::POST, "/api/initiatePayment".into(), &body, about));
    }
    // The signature alone is proof enough.
    let caller = (shop.client_key(), None);
    let path = "/api/initiatePayment".into();
    Some(called(scene, Method::POST, path, &body, caller, About::Global(about)))
}

/// Somebody on the way has changed what is signed.
pub fn initiate_forged(scene: &mut Scene<'_>) -> Option<Ask> {
    forged(initiate(scene)?)
}

/// By the merchant's own reference, or by ours.
fn named(scene: &mut Scene<'_>) -> String {
    match scene.known.global.order(scene.shop.id, &mut scene.dice) {
        Some(payment) if scene.dice.happens(400) => payment.id,
        _ => used_reference(scene, "T"),
    }
}

pub fn status(scene: &mut Scene<'_>) -> Option<Ask> {
    let path = format!("/api/transaction/{}/status", named(scene));
    let about = Matter::Look { store: scene.shop.id };
    Some(ask(scene, Method::GET, path, &Value::Null, about))
}

pub fn legacy_status(scene: &mut Scene<'_>) -> Option<Ask> {
    let path = format!("/api/getTransactionStatus/{}", named(scene));
    let about = Matter::Look { store: scene.shop.id };
    Some(ask(scene, Method::GET, path, &Value::Null, about))
}

/// One of this dialect's payments, or of the other's.
pub fn any_payment(scene: &mut Scene<'_>) -> Option<Payment> {
    let of_the_other = scene.dice.happens(350);
    let known = scene.known.global.order(scene.shop.id, &mut scene.dice).filter(|_| !of_the_other);
    known.or_else(|| scene.known.paid_payment(scene.shop.id, &mut scene.dice))
}

pub fn details(scene: &mut Scene<'_>) -> Option<Ask> {
    let payment = any_payment(scene)?;
    let path = format!("/api/{}/transaction-details", scene.shop.client_key());
    let body = json!({ "order_ref": payment.id });
    Some(ask(scene, Method::POST, path, &body, Matter::Details { payment }))
}

pub fn anothers_details(scene: &mut Scene<'_>) -> Option<Ask> {
    let payment = any_payment(scene)?;
    let mine = scene.shop.merchant;
    let stranger = crate::office::SHOPS.iter().find(|other| other.merchant != mine)?;
    // What is called like this may exist there, too.
    if !payment.id.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
        return None;
    }
    let path = format!("/api/{}/transaction-details", stranger.client_key());
    ask_as_stranger(scene, Method::POST, path, &json!({ "order_ref": payment.id }))
}

pub fn capture(scene: &mut Scene<'_>) -> Option<Ask> {
    let payment = match scene.known.global.authorised(scene.shop.id, &mut scene.dice) {
        Some(payment) if scene.dice.happens(700) => payment,
        _ => match scene.known.capturable(scene.shop.id, &mut scene.dice) {
            Some(payment) if scene.dice.happens(600) => payment,
            _ => any_payment(scene)?,
        },
    };
    let path = format!("/api/transaction/{}/capture", payment.id);
    Some(ask(scene, Method::POST, path, &Value::Null, Matter::Capture { payment }))
}

/// Everything here settles by itself: whoever says otherwise is refused, with the right signature, too.
pub fn update_status(scene: &mut Scene<'_>) -> Option<Ask> {
    let shop = scene.shop;
    let order = named(scene);
    let message =
        signed::StatusUpdate { client_key: shop.client_key(), merchant_order_ref: &order, status: "Success" };
    let signature = shop.signs(&message);
    let body = json!({ "merchant_order_ref": order, "status": "Success", "signature": signature });
    let mut ask = ask(scene, Method::PUT, "/api/transaction/status".into(), &body, Matter::Anything);
    ask.about = About::Trespass;
    Some(ask)
}

pub fn update_details(scene: &mut Scene<'_>) -> Option<Ask> {
    let order = named(scene);
    let key = scene.shop.client_key();
    let path = format!("/api/{key}/update-transaction-details/{order}");
    let body = json!({ "description": "two books", "user_configured_field1": "\u{1f4d6}" });
    Some(ask(scene, Method::PUT, path, &body, Matter::Anything))
}

pub fn list(scene: &mut Scene<'_>) -> Option<Ask> {
    let shop = scene.shop;
    let body = json!({
        "page": 1, "size": scene.dice.between(1, 30), "from": "2020-01-01 00:00:00", "to": "2199-01-01 00:00:00",
        "environment": "sandbox",
    });
    let path = format!("/api/merchant/{}/fetch-all-payments", shop.client_key());
    Some(ask(scene, Method::POST, path, &body, Matter::List { store: shop.id }))
}
