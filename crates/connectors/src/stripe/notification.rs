//! Stripe's events: whether one is Stripe's own, and which charge it is about.
//!
//! An event is only ever a hint. Events come repeatedly and in any order, so what one says of the
//! object may be older than what we know; the charge is read again at Stripe instead.

use super::request::{Credentials, REFERENCE};
use crate::contract::{Notification, NotificationRefusal};
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use sha2::Sha256;
use std::collections::HashMap;

const SIGNATURE_HEADER: &str = "stripe-signature";
/// How far the time of signing may be from ours, either way; what Stripe's own libraries use.
const TOLERANCE: SignedDuration = SignedDuration::from_secs(300);

#[derive(Deserialize)]
struct Event {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    data: EventData,
}

#[derive(Deserialize)]
struct EventData {
    object: EventObject,
}

/// The object that the event is about. Charges have their intent's metadata, and refunds are given
/// the reference of their charge.
#[derive(Deserialize)]
struct EventObject {
    metadata: Option<HashMap<String, String>>,
}

/// Whether events of this type are about how a charge or refund stands.
fn is_about_a_charge(kind: &str) -> bool {
    ["payment_intent.", "charge.", "refund."].iter().any(|prefix| kind.starts_with(prefix))
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
    let event: Event = serde_json::from_slice(body).map_err(|_| NotificationRefusal::Malformed)?;
    let reference = event.data.object.metadata.and_then(|mut metadata| metadata.remove(REFERENCE));
    Ok(match reference {
        Some(reference) if is_about_a_charge(&event.kind) => {
            // Stripe signs each repetition anew, so the same event at the same second is a replay.
            let delivery = format!("{}@{}", event.id, signed_at.as_second());
            Notification::Hint { reference, delivery: Some(delivery) }
        }
        Some(_) | None => Notification::Unrelated,
    })
}

/// When the body was signed with the endpoint's secret. While a secret is being rolled Stripe sends a
/// signature with each; one that fits is enough. Compared in constant time.
fn verified(credentials: &str, headers: &HeaderMap, body: &[u8]) -> Option<Timestamp> {
    let secret = Credentials::read(credentials).ok()?.webhook_secret?;
    let header = headers.get(SIGNATURE_HEADER)?.to_str().ok()?;
    let members = || header.split(',').filter_map(|member| member.trim().split_once('='));
    let (_, time) = members().find(|(name, _)| *name == "t")?;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    let is_signed = members()
        .filter(|(name, _)| *name == "v1")
        .filter_map(|(_, signature)| hex::decode(signature).ok())
        .any(|signature| mac.clone().verify_slice(&signature).is_ok());
    if !is_signed {
        return None;
    }
    Timestamp::from_second(time.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    const SECRET: &str = r#"{"secretKey":"sk_test_0123456789abcdef","webhookSecret":"whsec_test"}"#;
    const BODY: &[u8] = br#"{"id":"evt_1","object":"event"}"#;
    /// Computed with a separate tool, from the published formula.
    const VECTOR: &str = "4c15fb2a43f93ef61eaa3e0893866d57cad9cad4223242cfb96f362480cb4021";
    const SIGNED_AT: i64 = 1_700_000_000;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn told(header: &str, body: &[u8], now: i64) -> Result<Notification, NotificationRefusal> {
        let mut headers = HeaderMap::new();
        headers.insert(SIGNATURE_HEADER, HeaderValue::from_str(header).unwrap());
        read(SECRET, &headers, body, at(now))
    }

    fn signed(body: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(b"whsec_test").unwrap();
        mac.update(format!("{SIGNED_AT}.{body}").as_bytes());
        format!("t={SIGNED_AT},v1={}", hex::encode(mac.finalize().into_bytes()))
    }

    #[test]
    fn the_published_formula_is_what_is_checked() {
        // The vector's body is no event that we know: that it is called malformed, and not forged,
        // says that its signature was accepted.
        let header = format!("t={SIGNED_AT},v1={VECTOR}");
        assert_eq!(told(&header, BODY, SIGNED_AT), Err(NotificationRefusal::Malformed));
    }

    #[test]
    fn a_signature_is_accepted_only_whole_and_fresh() {
        use NotificationRefusal::{Forged, Malformed, Stale};
        let zeros = "0".repeat(64);
        for (header, now, expected) in [
            (format!("t={SIGNED_AT},v1={zeros},v1={VECTOR}"), SIGNED_AT, Malformed),
            (format!("t={SIGNED_AT}, v1={VECTOR}, v0=abc"), SIGNED_AT, Malformed),
            (format!("t={SIGNED_AT},v1={VECTOR}"), SIGNED_AT + 300, Malformed),
            (format!("t={SIGNED_AT},v1={VECTOR}"), SIGNED_AT - 300, Malformed),
            (format!("t={SIGNED_AT},v1={VECTOR}"), SIGNED_AT + 301, Stale),
            (format!("t={SIGNED_AT},v1={VECTOR}"), SIGNED_AT - 301, Stale),
            (format!("t={},v1={VECTOR}", SIGNED_AT + 1), SIGNED_AT, Forged),
            (format!("t={SIGNED_AT},v1={zeros}"), SIGNED_AT, Forged),
            (format!("t={SIGNED_AT},v1={}", &VECTOR[..62]), SIGNED_AT, Forged),
            (format!("t={SIGNED_AT},v0={VECTOR}"), SIGNED_AT, Forged),
            (format!("v1={VECTOR}"), SIGNED_AT, Forged),
            (format!("t=,v1={VECTOR}"), SIGNED_AT, Forged),
            (String::new(), SIGNED_AT, Forged),
        ] {
            assert_eq!(told(&header, BODY, now), Err(expected), "{header} at {now}");
        }
        assert_eq!(read(SECRET, &HeaderMap::new(), BODY, at(SIGNED_AT)), Err(Forged));
    }

    #[test]
    fn a_channel_without_a_webhook_secret_believes_nobody() {
        let mut headers = HeaderMap::new();
        headers
            .insert(SIGNATURE_HEADER, HeaderValue::from_str(&format!("t={SIGNED_AT},v1={VECTOR}")).unwrap());
        for credentials in
            [r#"{"secretKey":"sk_test_0"}"#, r#"{"secretKey":"sk_test_0","webhookSecret":""}"#, "{}", ""]
        {
            let told = read(credentials, &headers, BODY, at(SIGNED_AT));
            assert_eq!(told, Err(NotificationRefusal::Forged), "{credentials}");
        }
    }

    #[test]
    fn an_event_names_the_charge_by_our_reference_and_nothing_else() {
        for (kind, metadata, expected) in [
            ("payment_intent.succeeded", r#"{"paypier_reference":"tx-1"}"#, Some("tx-1")),
            ("charge.refunded", r#"{"paypier_reference":"tx-1","other":"x"}"#, Some("tx-1")),
            ("refund.failed", r#"{"paypier_reference":"tx-1"}"#, Some("tx-1")),
            ("payment_intent.succeeded", "{}", None),
            ("payment_intent.succeeded", "null", None),
            ("customer.created", r#"{"paypier_reference":"tx-1"}"#, None),
            ("setup_intent.succeeded", r#"{"paypier_reference":"tx-1"}"#, None),
            ("payout.paid", "{}", None),
        ] {
            let body =
                format!(r#"{{"id":"evt_1","type":"{kind}","data":{{"object":{{"metadata":{metadata}}}}}}}"#);
            let told = told(&signed(&body), body.as_bytes(), SIGNED_AT).unwrap();
            let expected = match expected {
                Some(reference) => Notification::Hint {
                    reference: reference.into(),
                    delivery: Some(format!("evt_1@{SIGNED_AT}")),
                },
                None => Notification::Unrelated,
            };
            assert_eq!(told, expected, "{kind} {metadata}");
        }
    }

    #[test]
    fn a_signed_body_that_is_no_event_is_malformed() {
        for body in ["", "null", "[]", r#"{"id":"evt_1"}"#, r#"{"id":1,"type":2,"data":3}"#] {
            assert_eq!(
                told(&signed(body), body.as_bytes(), SIGNED_AT),
                Err(NotificationRefusal::Malformed),
                "{body}"
            );
        }
    }
}
