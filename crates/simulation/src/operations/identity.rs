//! Who somebody is.

use super::body::with_criteria;
use super::{About, Ask, Scene};
use crate::office::ChannelKind;
use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

/// Ids are spoken of for a while, so that requests about one of them meet.
fn id(scene: &mut Scene<'_>) -> String {
    let era = scene.step.checked_div(14).unwrap_or(0);
    let back = u32::try_from(scene.dice.below(3)).unwrap_or(0);
    format!("who-{}", era.saturating_sub(back))
}

fn about(scene: &Scene<'_>, id: &str) -> About {
    About::Identity { store: scene.shop.id, id: id.to_owned() }
}

pub fn send(scene: &mut Scene<'_>) -> Option<Ask> {
    let id = id(scene);
    let (name, phone, number) = *scene.dice.pick(&[
        ("Hong Gildong", "01012345678", "9001011"),
        ("Kim Yuna", "01087654321", "0509054"),
        ("Jane Doe", "01011112222", "8807076"),
    ])?;
    let method = if scene.dice.happens(300) { "APP" } else { "SMS" };
    let body = json!({
        "channelKey": scene.shop.channel(ChannelKind::Identity), "operator": "SKT", "method": method,
        "customer": { "name": name, "phoneNumber": phone, "identityNumber": number, "ipAddress": "203.0.113.7" },
    });
    let about = about(scene, &id);
    Some(scene.change(Method::POST, format!("/identity-verifications/{id}/send"), body, about))
}

pub fn confirm(scene: &mut Scene<'_>) -> Option<Ask> {
    let id = id(scene);
    let otp = if scene.dice.happens(250) { "123456" } else { "000000" };
    let about = about(scene, &id);
    let path = format!("/identity-verifications/{id}/confirm");
    Some(scene.change(Method::POST, path, json!({ "otp": otp }), about))
}

pub fn resend(scene: &mut Scene<'_>) -> Option<Ask> {
    let id = id(scene);
    let about = about(scene, &id);
    Some(scene.change(Method::POST, format!("/identity-verifications/{id}/resend"), Value::Null, about))
}

pub fn read(scene: &mut Scene<'_>) -> Option<Ask> {
    let id = id(scene);
    let about = about(scene, &id);
    Some(scene.ask(Method::GET, format!("/identity-verifications/{id}"), Value::Null, about))
}

pub fn list(scene: &mut Scene<'_>) -> Option<Ask> {
    let criteria = json!({ "page": { "number": 0, "size": 20 } });
    let path = with_criteria("/identity-verifications", &criteria);
    Some(scene.ask(Method::GET, path, Value::Null, About::Anything))
}

pub fn approve(scene: &mut Scene<'_>) -> Option<Ask> {
    let id = id(scene);
    let path = format!("/sandbox/identity-verifications/{id}/approve");
    Some(scene.ask(Method::POST, path, Value::Null, About::Anything))
}

/// The shop's page asks for a window in which somebody says who they are.
pub fn open_window(scene: &mut Scene<'_>) -> Option<Ask> {
    let id = id(scene);
    let request = json!({
        "storeId": scene.shop.id, "channelKey": scene.shop.channel(ChannelKind::Identity),
        "identityVerificationId": id, "customer": { "fullName": "Hong Gildong", "phoneNumber": "01012345678" },
    });
    let page =
        json!({ "url": "https://shop.example/join", "origin": "https://shop.example", "platform": "PC" });
    let body = json!({ "kind": "IDENTITY_VERIFICATION", "request": request, "page": page }).to_string();
    Some(scene.open(Method::POST, "/checkout/windows".into(), Bytes::from(body), About::Anything))
}

pub fn complete(scene: &mut Scene<'_>) -> Option<Ask> {
    let id = id(scene);
    let outcome = scene.dice.pick(&["approve", "approve", "decline", "cancel", "timeout"]).copied()?;
    let path = format!("/sandbox/identity-verifications/{id}/complete");
    Some(scene.ask(Method::POST, path, json!({ "outcome": outcome }), About::Anything))
}
