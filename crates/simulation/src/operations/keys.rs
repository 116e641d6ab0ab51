//! Billing keys.

use super::body::with_criteria;
use super::{About, Ask, Scene};
use crate::office::ChannelKind;
use http::Method;
use serde_json::{Value, json};

pub fn issue(scene: &mut Scene<'_>) -> Option<Ask> {
    let mut body = json!({ "method": { "card": scene.card() } });
    body = scene.with_notices(body);
    if scene.dice.happens(400) {
        body["channelGroupId"] = json!(scene.shop.group());
    } else {
        body["channelKey"] = json!(scene.shop.channel(ChannelKind::Card));
    }
    let about = About::IssueKey { store: scene.shop.id };
    Some(scene.change(Method::POST, "/billing-keys".into(), body, about))
}

/// Nobody has approved anything: the token is made up.
pub fn confirm_guessed(scene: &mut Scene<'_>) -> Option<Ask> {
    let body = json!({ "billingIssueToken": "guessed" });
    Some(scene.change(Method::POST, "/billing-keys/confirm".into(), body, About::Trespass))
}

pub fn confirm_and_pay_guessed(scene: &mut Scene<'_>) -> Option<Ask> {
    let body = json!({
        "billingIssueToken": "guessed", "paymentId": scene.payment().id, "totalAmount": scene.amount(),
    });
    Some(scene.change(Method::POST, "/billing-keys/confirm-issue-and-pay".into(), body, About::Trespass))
}

pub fn delete(scene: &mut Scene<'_>) -> Option<Ask> {
    let key = scene.known.billing_key(scene.shop.id, &mut scene.dice)?;
    let path = format!("/billing-keys/{key}");
    Some(scene.change(Method::DELETE, path, Value::Null, About::DeleteKey { key }))
}

pub fn read(scene: &mut Scene<'_>) -> Option<Ask> {
    let key = scene.known.billing_key(scene.shop.id, &mut scene.dice)?;
    let path = format!("/billing-keys/{key}");
    Some(scene.ask(Method::GET, path, Value::Null, About::ReadKey { key }))
}

pub fn list(scene: &mut Scene<'_>) -> Option<Ask> {
    let path = with_criteria("/billing-keys", &json!({ "page": { "number": 0, "size": 20 } }));
    Some(scene.ask(Method::GET, path, Value::Null, About::Anything))
}
