//! What is asked without changing a payment.

use super::body::with_criteria;
use super::{About, Ask, Scene};
use crate::office::SHOPS;
use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

pub fn payment(scene: &mut Scene<'_>) -> Option<Ask> {
    let payment = match scene.known.paid_payment(scene.shop.id, &mut scene.dice) {
        Some(payment) if scene.dice.happens(600) => payment,
        _ => scene.payment(),
    };
    let path = format!("/payments/{}", payment.id);
    Some(scene.ask(Method::GET, path, Value::Null, About::ReadPayment { payment }))
}

pub fn anothers_payment(scene: &mut Scene<'_>) -> Option<Ask> {
    let payment = scene.payment();
    let stranger = SHOPS.iter().find(|other| other.merchant != scene.shop.merchant)?;
    let path = format!("/payments/{}?storeId={}", payment.id, payment.store);
    let mut ask = scene.open(Method::GET, path, Bytes::new(), About::Trespass);
    ask.headers.push(("authorization", format!("PortOne {}", stranger.secret)));
    Some(ask)
}

pub fn promotion(scene: &mut Scene<'_>) -> Option<Ask> {
    let path = format!("/promotions/{}", scene.shop.promotion());
    Some(scene.ask(Method::GET, path, Value::Null, About::Anything))
}

pub fn transactions(scene: &mut Scene<'_>) -> Option<Ask> {
    let payment = scene.payment();
    let path = format!("/payments/{}/transactions", payment.id);
    Some(scene.ask(Method::GET, path, Value::Null, About::Anything))
}

pub fn payments(scene: &mut Scene<'_>) -> Option<Ask> {
    let criteria = match scene.dice.below(3) {
        0 => json!({ "page": { "number": 0, "size": 10 } }),
        1 => json!({ "page": { "number": 0, "size": 10 }, "filter": { "status": ["PAID"] } }),
        _ => json!({ "page": { "number": 1, "size": 5 }, "filter": { "isTest": true } }),
    };
    Some(scene.ask(Method::GET, with_criteria("/payments", &criteria), Value::Null, About::Anything))
}

pub fn payments_by_cursor(scene: &mut Scene<'_>) -> Option<Ask> {
    let path = with_criteria("/payments-by-cursor", &json!({ "size": scene.dice.between(1, 20) }));
    Some(scene.ask(Method::GET, path, Value::Null, About::Anything))
}

/// A follower goes on from where it was; others begin anew.
pub fn events_by_cursor(scene: &mut Scene<'_>) -> Option<Ask> {
    let mut criteria = json!({ "size": scene.dice.between(1, 20), "storeId": scene.shop.id });
    let about = if scene.dice.happens(700) {
        let after = scene.known.follows(scene.shop.id);
        if let Some(after) = &after {
            criteria["cursor"] = json!(after);
        }
        About::Follow { store: scene.shop.id, after }
    } else {
        About::Anything
    };
    Some(scene.ask(Method::GET, with_criteria("/payment-events-by-cursor", &criteria), Value::Null, about))
}

fn vat_report(scene: &mut Scene<'_>, path: &str) -> Option<Ask> {
    let criteria = json!({ "dateRange": { "from": "2028-02-28", "until": "2028-03-31" } });
    Some(scene.ask(Method::GET, with_criteria(path, &criteria), Value::Null, About::Untaxed))
}

pub fn vat_by_transaction(scene: &mut Scene<'_>) -> Option<Ask> {
    vat_report(scene, "/payment-reconciliations/transactions/vat-report")
}

pub fn vat_by_settlement(scene: &mut Scene<'_>) -> Option<Ask> {
    vat_report(scene, "/payment-reconciliations/settlements/vat-report")
}

pub fn banks(scene: &mut Scene<'_>) -> Option<Ask> {
    Some(scene.open(Method::GET, "/banks".into(), Bytes::new(), About::Health))
}

pub fn login(scene: &mut Scene<'_>) -> Option<Ask> {
    let body = json!({ "apiSecret": scene.shop.secret }).to_string();
    let about = About::Login { store: scene.shop_index() };
    Some(scene.open(Method::POST, "/login/api-secret".into(), body.into(), about))
}

pub fn refresh(scene: &mut Scene<'_>) -> Option<Ask> {
    let store = scene.shop_index();
    let token = scene.known.refresh_token(store, &mut scene.dice)?;
    let body = json!({ "refreshToken": token }).to_string();
    Some(scene.open(Method::POST, "/token/refresh".into(), body.into(), About::Refresh { store, token }))
}

pub fn event_feed(scene: &mut Scene<'_>) -> Option<Ask> {
    let after = scene.known.feed(scene.shop.id);
    let path = format!(
        "/webhook-events?limit={}&wait={}&after={}&storeId={}",
        scene.dice.between(1, 20),
        scene.dice.below(2),
        after.as_deref().unwrap_or(""),
        scene.shop.id
    );
    let mut ask = scene.open(Method::GET, path, Bytes::new(), About::Feed { store: scene.shop.id, after });
    ask.headers.push(("authorization", format!("PortOne {}", scene.shop.secret)));
    Some(ask)
}

pub fn dead_webhooks(scene: &mut Scene<'_>) -> Option<Ask> {
    Some(scene.ask(Method::GET, "/webhook-events/dead".into(), Value::Null, About::Anything))
}

pub fn replay(scene: &mut Scene<'_>) -> Option<Ask> {
    let message = scene.known.message(&mut scene.dice)?;
    let path = format!("/webhook-events/{message}/replay");
    let mut ask = scene.open(Method::POST, path, Bytes::new(), About::Replay);
    ask.headers.push(("authorization", format!("PortOne {}", scene.shop.secret)));
    Some(ask)
}
