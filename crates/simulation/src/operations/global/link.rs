//! Payment links, as the merchant's server makes and changes them.

use super::payment::signed_sale;
use super::{
    FAILURE, Matter, PENDING, SUCCESS, Thing, ask, ask_as_stranger, forged, reference, used_reference,
};
use crate::operations::{Ask, Scene};
use bytes::Bytes;
use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

pub fn create(scene: &mut Scene<'_>) -> Option<Ask> {
    let shop = scene.shop;
    let (order, amount) = (reference(scene, "L"), scene.amount());
    let mut body = json!({
        "portone_key": shop.client_key(), "merchant_details": { "name": shop.id, "back_url": "https://shop.example/cart" },
        "source": "api", "merchant_order_id": order, "description": "two bags of beans",
        "amount": shop.json_number(amount), "currency": shop.global_currency(), "country_code": "KR",
        "success_url": SUCCESS, "failure_url": FAILURE, "pending_url": PENDING, "environment": "sandbox",
    });
    if scene.dice.happens(700) {
        body["chosen_payment_methods"] = json!([
            { "payment_channel": "PAYLETTER", "payment_method": "PAYLETTER_CREDIT_CARD" },
            { "payment_channel": "PORTONE_KR", "payment_method": "PORTONE_EXIMBAY_ALIPAY" },
        ]);
    }
    if scene.dice.happens(300) {
        body["custom_link_ref"] = json!(format!("label-{order}"));
    }
    if scene.dice.happens(300) {
        let hours = i64::try_from(scene.dice.below(30)).unwrap_or(1);
        let at =
            scene.known.time_of(shop.id, scene.now).checked_add(SignedDuration::from_hours(hours)).ok()?;
        body["expiry_date"] = json!(at.to_string());
    }
    if scene.dice.happens(150) {
        body["custom_txn_webhook_urls"] = json!([shop.link_endpoint()]);
    }
    if scene.dice.happens(150) {
        body["customer_details"] = json!({ "name": "N K", "email_address": "n@example.com" });
        body["notify_by_email"] = json!(true);
        body["send_immediately"] = json!(true);
    }
    let body = signed_sale(shop, body, amount);
    let about = Matter::MakeLink { store: shop.id, reference: order };
    Some(ask(scene, Method::POST, "/api/paymentLink".into(), &body, about))
}

pub fn create_forged(scene: &mut Scene<'_>) -> Option<Ask> {
    forged(create(scene)?)
}

fn known(scene: &mut Scene<'_>) -> Option<Thing> {
    scene.known.global.link(scene.shop.id, &mut scene.dice)
}

/// Another amount, or another time to pay.
pub fn update(scene: &mut Scene<'_>) -> Option<Ask> {
    let thing = known(scene)?;
    let amount = scene.amount();
    let mut body = json!({ "description": "three bags of beans" });
    if scene.dice.happens(600) {
        body["amount"] = scene.shop.json_number(amount);
    }
    if scene.dice.happens(300) {
        let now = scene.known.time_of(scene.shop.id, scene.now);
        let hours = i64::try_from(scene.dice.below(40)).unwrap_or(1);
        body["expiry_date"] = json!(now.checked_add(SignedDuration::from_hours(hours)).ok()?.to_string());
    }
    let path = format!("/api/update-paylink/{}", thing.reference());
    Some(ask(scene, Method::PUT, path, &body, Matter::ChangeLink { thing }))
}

pub fn cancel(scene: &mut Scene<'_>) -> Option<Ask> {
    let thing = known(scene)?;
    let word = if scene.dice.happens(100) { "expired" } else { "cancelled" };
    let path = format!("/api/paymentLink/{}/status/{word}", thing.reference());
    Some(ask(scene, Method::PUT, path, &Value::Null, Matter::CancelLink { thing }))
}

pub fn cancel_anothers(scene: &mut Scene<'_>) -> Option<Ask> {
    let thing = known(scene)?;
    let path = format!("/api/paymentLink/{}/status/cancelled", thing.reference());
    ask_as_stranger(scene, Method::PUT, path, &Value::Null)
}

pub fn by_merchant_reference(scene: &mut Scene<'_>) -> Option<Ask> {
    let path = format!("/api/paymentLink/{}/status", used_reference(scene, "L"));
    let about = Matter::LookForLink { store: scene.shop.id };
    Some(ask(scene, Method::GET, path, &Value::Null, about))
}

pub fn of_merchant(scene: &mut Scene<'_>) -> Option<Ask> {
    let key = scene.shop.client_key();
    let path = format!("/api/merchant/{key}/paymentLink/{}/status", used_reference(scene, "L"));
    let about = Matter::LookForLink { store: scene.shop.id };
    Some(ask(scene, Method::GET, path, &Value::Null, about))
}

pub fn read(scene: &mut Scene<'_>) -> Option<Ask> {
    let thing = known(scene)?;
    let path = format!("/api/paymentLink/{}/fetch-status", thing.reference());
    Some(ask(scene, Method::GET, path, &Value::Null, Matter::ReadLink { thing }))
}

/// What anybody may know who has the link.
pub fn shown(scene: &mut Scene<'_>) -> Option<Ask> {
    let thing = known(scene)?;
    let path = format!("/api/paymentLink/{}", thing.reference());
    let about = crate::operations::About::Global(Matter::ReadLink { thing });
    Some(scene.open(Method::GET, path, Bytes::new(), about))
}
