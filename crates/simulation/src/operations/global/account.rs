//! Credentials, endpoints and channels.

use super::{Matter, ask, called};
use crate::operations::{About, Ask, Scene};
use http::Method;
use serde_json::{Value, json};

pub fn token(scene: &mut Scene<'_>) -> Option<Ask> {
    let shop = scene.shop;
    let body = json!({ "portone_key": shop.client_key(), "portone_secret": shop.global_secret_text() });
    let mut ask =
        ask(scene, Method::POST, "/api/merchant/auth-token".into(), &body, Matter::Token { store: shop.id });
    ask.headers.clear();
    ask.headers.push(("content-type", "application/json".into()));
    Some(ask)
}

/// The key is public; the secret is another store's.
pub fn token_guessed(scene: &mut Scene<'_>) -> Option<Ask> {
    let shop = scene.shop;
    let other = crate::office::SHOPS.iter().find(|other| other.id != shop.id)?;
    let body = json!({ "portone_key": shop.client_key(), "portone_secret": other.global_secret_text() });
    let path = "/api/merchant/auth-token".into();
    Some(called(scene, Method::POST, path, &body, (shop.client_key(), None), About::Trespass))
}

pub fn signature(scene: &mut Scene<'_>) -> Option<Ask> {
    let shop = scene.shop;
    let amount = scene.amount();
    let body = json!({
        "portone_key": shop.client_key(), "currency": shop.global_currency(), "amount": shop.json_number(amount),
        "merchant_order_id": super::reference(scene, "T"), "success_url": super::SUCCESS, "failure_url": super::FAILURE,
    });
    Some(ask(scene, Method::POST, "/api/merchant/generate-signature".into(), &body, Matter::Anything))
}

pub fn add_webhook(scene: &mut Scene<'_>) -> Option<Ask> {
    let shop = scene.shop;
    let topic = scene.dice.pick(&[
        "payment_status",
        "payment_link_status",
        "refund_status",
        "subscription_status",
    ])?;
    let body = json!({
        "name": format!("{topic} more"), "url": format!("http://more.example/{}/{topic}", shop.id), "type": topic,
        "environment": "sandbox",
    });
    let path = format!("/api/merchant/{}/webhook", shop.client_key());
    Some(ask(scene, Method::POST, path, &body, Matter::Anything))
}

pub fn webhooks(scene: &mut Scene<'_>) -> Option<Ask> {
    let path = format!("/api/merchant/{}/webhook?environment=sandbox", scene.shop.client_key());
    Some(ask(scene, Method::GET, path, &Value::Null, Matter::Anything))
}

/// What is given here ends like all secrets do: it may be found nowhere.
fn credentials(scene: &Scene<'_>) -> Value {
    let key = format!("psp-secret-of-{}-0123456789abcdefghijklmnop", scene.shop.id);
    json!({ "creds": { "merchantId": "m-1", "secretKey": key }, "country": "GLOBAL", "environment": "sandbox" })
}

pub fn add_channel(scene: &mut Scene<'_>) -> Option<Ask> {
    let path = format!("/api/merchant/{}/add-pay-channel/TAZAPAY", scene.shop.client_key());
    let body = credentials(scene);
    Some(ask(scene, Method::POST, path, &body, Matter::Anything))
}

pub fn update_channel(scene: &mut Scene<'_>) -> Option<Ask> {
    let path = format!("/api/merchant/{}/add-pay-channel/TAZAPAY", scene.shop.client_key());
    let body = credentials(scene);
    Some(ask(scene, Method::PUT, path, &body, Matter::Anything))
}

pub fn channel(scene: &mut Scene<'_>) -> Option<Ask> {
    let key = scene.shop.client_key();
    let path = format!("/api/merchant/{key}/pay-channel/TAZAPAY?environment=sandbox&payType=PAYIN");
    Some(ask(scene, Method::GET, path, &Value::Null, Matter::Anything))
}

pub fn methods(scene: &mut Scene<'_>) -> Option<Ask> {
    let (key, currency) = (scene.shop.client_key(), scene.shop.global_currency());
    let path = format!("/merchants/{key}/paymethodsbyKey?currency={currency}&environment=sandbox");
    Some(ask(scene, Method::GET, path, &Value::Null, Matter::Anything))
}
