//! Notifications of the simulated PSP: whether one is its own, and what it says.

use super::answer::{OrderAnswer, snapshot};
use super::request::Credentials;
use crate::contract::{Notification, NotificationRefusal};
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use sha2::Sha256;

const SIGNATURE_HEADER: &str = "x-sandbox-signature";
/// How far the time of signing may be from ours, either way.
const TOLERANCE: SignedDuration = SignedDuration::from_secs(300);

#[derive(Deserialize)]
struct Message {
    reference: String,
    charge: OrderAnswer,
}

/// Checks the signature, then its age, and only then looks at the body. `now` is real time.
pub(super) fn read(
    credentials: &str,
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Result<Notification, NotificationRefusal> {
    let signed_at = verified(credentials, headers, body).ok_or(NotificationRefusal::Forged)?;
    if now.duration_since(signed_at).abs() > TOLERANCE {
        return Err(NotificationRefusal::Stale);
    }
    let message: Message = serde_json::from_slice(body).map_err(|_| NotificationRefusal::Malformed)?;
    if message.reference != message.charge.reference {
        return Err(NotificationRefusal::Malformed);
    }
    let raw = String::from_utf8(body.to_vec()).ok();
    // The PSP says when it approved; the time of signing is the next best.
    Ok(Notification::Verified {
        reference: message.reference,
        snapshot: Box::new(snapshot(message.charge, raw, signed_at)),
    })
}

/// When the body was signed with the channel's key. Compared in constant time.
fn verified(credentials: &str, headers: &HeaderMap, body: &[u8]) -> Option<Timestamp> {
    let key = Credentials::read(credentials)?.secret_key;
    let (time, signature) =
        headers.get(SIGNATURE_HEADER)?.to_str().ok()?.strip_prefix("t=")?.split_once(",v1=")?;
    let signature = hex::decode(signature).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok()?;
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    mac.verify_slice(&signature).ok()?;
    Timestamp::from_second(time.parse().ok()?).ok()
}
