//! Payment sessions, and what a checkout profile offers.

use super::buyer::filled_in;
use super::{About, Ask, Scene};
use crate::model::Place;
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
        "currency": "KRW", "totalAmount": amount, "orderName": "a book", "ttlSeconds": scene.dice.between(1, 200_000),
    });
    Some(scene.change(Method::POST, "/payment-sessions".into(), body, About::CreateSession { payment }))
}

pub fn read(scene: &mut Scene<'_>) -> Option<Ask> {
    let (_, id) = scene.known.session(scene.shop.id, &mut scene.dice)?;
    Some(scene.open(Method::GET, format!("/payment-sessions/{id}"), Bytes::new(), About::Anything))
}

pub fn close(scene: &mut Scene<'_>) -> Option<Ask> {
    let (_, id) = scene.known.session(scene.shop.id, &mut scene.dice)?;
    let path = format!("/payment-sessions/{id}/close");
    Some(scene.change(Method::POST, path, Value::Null, About::Anything))
}

/// The order sheet, as whoever has the link sees it.
pub fn see_sheet(scene: &mut Scene<'_>) -> Option<Ask> {
    let (payment, id) = scene.known.session(scene.shop.id, &mut scene.dice)?;
    let path = format!("/checkout/sessions/{id}");
    Some(scene.open(Method::GET, path.clone(), Bytes::new(), About::SeePage { payment, path }))
}

/// A buyer chooses how to pay; now and then from a page that was left behind.
pub fn choose(scene: &mut Scene<'_>) -> Option<Ask> {
    let form = scene.known.form(scene.shop.id, Place::Sheet, &mut scene.dice)?;
    filled_in(scene, form)
}

pub fn see_window(scene: &mut Scene<'_>) -> Option<Ask> {
    let (payment, path) = scene.known.session_window(scene.shop.id, &mut scene.dice)?;
    Some(scene.open(Method::GET, path.clone(), Bytes::new(), About::SeePage { payment, path }))
}

pub fn send_form(scene: &mut Scene<'_>) -> Option<Ask> {
    let form = scene.known.form(scene.shop.id, Place::SessionWindow, &mut scene.dice)?;
    filled_in(scene, form)
}
