//! Payment sessions, and what a checkout profile offers.

use super::{About, Ask, Scene};
use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

pub fn evaluate(scene: &mut Scene<'_>) -> Option<Ask> {
    let amount = scene.amount();
    let profile = scene.shop.profile();
    let path =
        format!("/checkout-profiles/evaluate?profileKey={profile}&country=KR&currency=KRW&amount={amount}");
    Some(scene.open(Method::GET, path, Bytes::new(), About::Anything))
}

pub fn create(scene: &mut Scene<'_>) -> Option<Ask> {
    let (payment, amount) = (scene.payment(), scene.amount());
    let body = json!({
        "storeId": scene.shop.id, "paymentId": payment.id, "profileKey": scene.shop.profile(), "country": "KR",
        "currency": "KRW", "totalAmount": amount, "orderName": "a book", "ttlSeconds": scene.dice.between(1, 3600),
    });
    Some(scene.change(
        Method::POST,
        "/payment-sessions".into(),
        body,
        About::CreateSession { store: scene.shop.id },
    ))
}

pub fn read(scene: &mut Scene<'_>) -> Option<Ask> {
    let id = scene.known.session(scene.shop.id, &mut scene.dice)?;
    Some(scene.open(Method::GET, format!("/payment-sessions/{id}"), Bytes::new(), About::Anything))
}

pub fn close(scene: &mut Scene<'_>) -> Option<Ask> {
    let id = scene.known.session(scene.shop.id, &mut scene.dice)?;
    let path = format!("/payment-sessions/{id}/close");
    Some(scene.change(Method::POST, path, Value::Null, About::Anything))
}
