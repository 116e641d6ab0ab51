//! Refunds of this dialect, of payments of both.

use super::payment::any_payment;
use super::{Matter, ask, ask_as_stranger};
use crate::operations::{Ask, Payment, Scene};
use http::Method;
use serde_json::{Value, json};

fn refundable(scene: &mut Scene<'_>) -> Option<(Payment, String)> {
    scene.known.global.refundable(scene.shop.id, &mut scene.dice)
}

fn body(channel: &str, kind: &str) -> Value {
    json!({
        "channel": channel, "description": "a refund", "environment": "sandbox", "refund_type": kind,
        "refund_reason": "customer request",
    })
}

/// Now and then more than there ever was.
pub fn part(scene: &mut Scene<'_>) -> Option<Ask> {
    let (payment, channel) = refundable(scene)?;
    let mut body = body(&channel, "partial");
    let units = scene.dice.pick(&[400i64, 400, 1_000, 3_000, 7_000, 60_000]).copied()?;
    // A payment of the other dialect is in won, whatever the store sells in otherwise.
    let is_in_won = payment.id.starts_with("order-");
    body["amount"] = if is_in_won { json!(units) } else { scene.shop.json_number(units) };
    let path = format!("/api/refund/{}", payment.id);
    Some(ask(scene, Method::POST, path, &body, Matter::Refund { payment, amount: Some(units) }))
}

pub fn full(scene: &mut Scene<'_>) -> Option<Ask> {
    let (payment, channel) = refundable(scene)?;
    let path = format!("/api/refund/{}", payment.id);
    Some(ask(scene, Method::POST, path, &body(&channel, "full"), Matter::Refund { payment, amount: None }))
}

pub fn anothers(scene: &mut Scene<'_>) -> Option<Ask> {
    let payment = scene.known.global.order(scene.shop.id, &mut scene.dice)?;
    ask_as_stranger(scene, Method::POST, format!("/api/refund/{}", payment.id), &body("PAYLETTER", "full"))
}

pub fn read(scene: &mut Scene<'_>) -> Option<Ask> {
    let payment = any_payment(scene)?;
    let path = format!("/api/refund/{}", payment.id);
    Some(ask(scene, Method::GET, path, &Value::Null, Matter::Refund { payment, amount: None }))
}
