//! The PSP's side: the sandbox's controls of it, and its own notifications.

use super::{About, Ask, Scene};
use crate::office::{ChannelKind, SHOPS};
use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

pub fn read_clock(scene: &mut Scene<'_>) -> Option<Ask> {
    Some(scene.ask(Method::GET, "/sandbox/clock".into(), Value::Null, About::Anything))
}

const A_DAY: Duration = Duration::from_secs(86_400);

pub fn move_clock(scene: &mut Scene<'_>) -> Option<Ask> {
    let by = scene.dice.pick(&["PT10S", "PT1M", "PT11M", "PT1H", "P1D"]).copied()?;
    let about = About::MoveClock { store: scene.shop.id };
    let mut ask = scene.ask(Method::POST, "/sandbox/clock".into(), json!({ "advance": by }), about);
    // Who moves a clock waits until it stands: nobody pays in a time that runs away.
    ask.patience = A_DAY;
    Some(ask)
}

pub fn ledger(scene: &mut Scene<'_>) -> Option<Ask> {
    Some(scene.ask(Method::GET, "/sandbox/psp/ledger?size=50".into(), Value::Null, About::Anything))
}

pub fn faults(scene: &mut Scene<'_>) -> Option<Ask> {
    Some(scene.ask(Method::GET, "/sandbox/psp/faults".into(), Value::Null, About::Anything))
}

pub fn set_faults(scene: &mut Scene<'_>) -> Option<Ask> {
    let body = json!({
        "latencyMs": scene.dice.below(50), "errorRate": 0.05, "dropAnswerRate": 0.05,
        "duplicateNotificationRate": 0.3, "seed": scene.dice.below(1000),
    });
    Some(scene.ask(Method::PUT, "/sandbox/psp/faults".into(), body, About::Anything))
}

/// Whoever knows the PSP's address and not its keys.
pub fn direct_call(scene: &mut Scene<'_>) -> Option<Ask> {
    let path = format!("/sandbox/psp/v1/{}/charges/{:x}", scene.shop.id, scene.dice.number());
    let mut ask = scene.open(Method::GET, path, Bytes::new(), About::Anything);
    ask.headers.push(("x-sandbox-merchant", scene.shop.psp_account(ChannelKind::Card)));
    ask.headers.push(("x-sandbox-secret", "guessed".to_owned()));
    Some(ask)
}

/// One that the PSP has sent before, word by word: it may be a copy, and may be stale.
pub fn notification(scene: &mut Scene<'_>) -> Option<Ask> {
    let heard = scene.known.notification(&mut scene.dice)?.clone();
    let path = format!("/psp/notifications/{}/{}", heard.store, heard.channel);
    let mut ask = scene.open(Method::POST, path, heard.body, About::Anything);
    ask.headers = heard.headers;
    Some(ask)
}

/// The same words with another's signature, or other words with the same signature.
pub fn forged_notification(scene: &mut Scene<'_>) -> Option<Ask> {
    let heard = scene.known.notification(&mut scene.dice)?.clone();
    let (mut headers, mut body) = (heard.headers, heard.body.to_vec());
    if scene.dice.happens(500) {
        for (name, value) in &mut headers {
            if *name == "x-sandbox-signature" {
                *value = value.replacen(",v1=", ",v1=00", 1).chars().take(value.len()).collect();
            }
        }
    } else {
        body.push(b' ');
    }
    let stranger = SHOPS.iter().find(|shop| shop.id == heard.store)?;
    let path = format!("/psp/notifications/{}/{}", stranger.id, heard.channel);
    let mut ask = scene.open(Method::POST, path, Bytes::from(body), About::ForgedNotification);
    ask.headers = headers;
    Some(ask)
}
