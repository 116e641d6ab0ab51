//! Signatures of webhooks, as Standard Webhooks define them: HMAC-SHA-256 over id, time and body.
//!
//! A message is signed with every active secret of the store's environment, the newest first, so that
//! a secret can be replaced without losing one: issue the second, deploy it, expire the first.

use crate::clock::Random;
use crate::keyring::{Keyring, KeyringError};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use paypier_domain::account::{Sealed, WebhookSecret};
use paypier_domain::channel::Environment;
use paypier_domain::id::{SecretId, StoreId};
use sha2::Sha256;
use zeroize::Zeroizing;

/// What secrets are handed out with in front.
pub const SECRET_PREFIX: &str = "whsec_";

/// Random bytes of a secret that we make.
const SECRET_BYTES: usize = 32;

/// Fewer or more bytes make no key; verifiers refuse an empty one, and 64 is the longest published.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 1..=64;

/// A key to sign with.
pub struct SigningKey(Zeroizing<Vec<u8>>);

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(..)")
    }
}

/// Why a secret cannot be signed with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    #[error("the webhook secret {id} cannot be opened: {error}")]
    Sealed { id: SecretId, error: KeyringError },
    #[error("a webhook secret is `whsec_` and the standard base64 of 1 to 64 bytes")]
    Malformed,
}

/// What a webhook secret is sealed for. The sealed text is the secret as it was handed out, with its
/// prefix.
pub fn secret_purpose(store: &StoreId, id: &SecretId) -> String {
    format!("webhook-secret:{store}:{id}")
}

/// A new secret as it is handed out: `whsec_` and the base64 of 32 random bytes.
pub fn new_secret(random: &dyn Random) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([0; SECRET_BYTES]);
    random.fill(bytes.as_mut_slice());
    Zeroizing::new(format!("{SECRET_PREFIX}{}", STANDARD.encode(bytes.as_slice())))
}

/// Seals a secret for its place in the store.
///
/// # Errors
/// It is no secret, or there is no master key.
pub fn seal_secret(
    keyring: &Keyring,
    store: &StoreId,
    id: &SecretId,
    secret: &str,
    random: &dyn Random,
) -> Result<Sealed, SecretError> {
    SigningKey::parse(secret)?;
    keyring
        .seal(&secret_purpose(store, id), secret.as_bytes(), random)
        .map_err(|error| SecretError::Sealed { id: id.clone(), error })
}

impl SigningKey {
    /// Reads a secret, with or without its prefix.
    ///
    /// # Errors
    /// It is not base64, or has no or too many bytes.
    pub fn parse(secret: &str) -> Result<Self, SecretError> {
        let text = secret.strip_prefix(SECRET_PREFIX).unwrap_or(secret);
        let key = Zeroizing::new(STANDARD.decode(text).map_err(|_| SecretError::Malformed)?);
        if !KEY_BYTES.contains(&key.len()) {
            return Err(SecretError::Malformed);
        }
        Ok(Self(key))
    }

    fn signature(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

/// The keys that a message of this environment is signed with at `now` (real time), the newest first.
/// None when the store has no secret yet.
///
/// # Errors
/// A secret that is active cannot be opened. The message is then not sent: without its signature a
/// receiver would refuse it, and one that does not look would learn to accept forgeries.
pub fn active_keys(
    keyring: &Keyring,
    secrets: &[WebhookSecret],
    environment: Environment,
    now: Timestamp,
) -> Result<Vec<SigningKey>, SecretError> {
    let mut active: Vec<&WebhookSecret> = secrets
        .iter()
        .filter(|secret| secret.environment == environment && secret.expired_at.is_none_or(|at| now < at))
        .collect();
    active.sort_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
    active.into_iter().map(|secret| open(keyring, secret)).collect()
}

fn open(keyring: &Keyring, secret: &WebhookSecret) -> Result<SigningKey, SecretError> {
    let clear = keyring
        .open(&secret_purpose(&secret.store, &secret.id), &secret.sealed)
        .map_err(|error| SecretError::Sealed { id: secret.id.clone(), error })?;
    let clear = Zeroizing::new(clear);
    SigningKey::parse(std::str::from_utf8(&clear).map_err(|_| SecretError::Malformed)?)
}

/// The headers of a message that is sent at `now` (real time: receivers compare it with their clock,
/// whatever the store's test clock says). Without a key there is no signature.
pub fn headers(keys: &[SigningKey], id: &str, now: Timestamp, body: &[u8]) -> Vec<(&'static str, String)> {
    let timestamp = now.as_second();
    let mut headers = vec![("webhook-id", id.to_owned()), ("webhook-timestamp", timestamp.to_string())];
    if !keys.is_empty() {
        let signatures: Vec<String> = keys.iter().map(|key| key.signature(id, timestamp, body)).collect();
        headers.push(("webhook-signature", signatures.join(" ")));
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, SystemClock, SystemRandom};
    use http::{HeaderMap, HeaderName, HeaderValue};
    use standardwebhooks::Webhook;

    fn map(headers: &[(&'static str, String)]) -> HeaderMap {
        headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
            .collect()
    }

    fn secret(
        keyring: &Keyring,
        id: &str,
        clear: &str,
        created_at: &str,
        expired_at: Option<&str>,
    ) -> WebhookSecret {
        let (store, id) = (StoreId::known("store-1"), SecretId::known(id));
        WebhookSecret {
            sealed: seal_secret(keyring, &store, &id, clear, &SystemRandom).unwrap(),
            id,
            store,
            environment: Environment::Test,
            created_at: created_at.parse().unwrap(),
            expired_at: expired_at.map(|at| at.parse().unwrap()),
        }
    }

    #[test]
    fn the_published_vector_comes_out() {
        // From the Standard Webhooks reference libraries.
        let key = SigningKey::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let body = br#"{"test": 2432232314}"#;
        assert_eq!(
            key.signature("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn an_independent_verifier_accepts_what_is_signed_and_nothing_else() {
        let secret = new_secret(&SystemRandom);
        let key = SigningKey::parse(&secret).unwrap();
        let verifier = Webhook::new(&secret).unwrap();
        let now = SystemClock.now();
        for body in [
            r#"{"type":"Transaction.Paid"}"#,
            r#"{"orderName":"주문 🛒"}"#,
            "payment_id=%EC%A3%BC&status=Paid",
        ] {
            let headers = map(&headers(std::slice::from_ref(&key), "message-1", now, body.as_bytes()));
            verifier.verify(body.as_bytes(), &headers).unwrap();
            assert!(verifier.verify(format!("{body} ").as_bytes(), &headers).is_err());
        }
        let old = now.checked_sub(jiff::SignedDuration::from_secs(301)).unwrap();
        assert!(verifier.verify(b"{}", &map(&headers(&[key], "message-1", old, b"{}"))).is_err());
    }

    #[test]
    fn two_active_secrets_sign_both_and_either_verifies() {
        let keyring = Keyring::new(vec![[7; 32]]);
        let clear: Vec<_> = (0..3).map(|_| new_secret(&SystemRandom)).collect();
        let secrets = [
            secret(&keyring, "older", &clear[0], "2026-01-01T00:00:00Z", Some("2999-01-01T00:00:00Z")),
            secret(&keyring, "newer", &clear[1], "2026-02-01T00:00:00Z", None),
            secret(&keyring, "expired", &clear[2], "2025-01-01T00:00:00Z", Some("2026-01-01T00:00:00Z")),
        ];
        let now = SystemClock.now();
        let keys = active_keys(&keyring, &secrets, Environment::Test, now).unwrap();
        let signed = headers(&keys, "message-1", now, b"{}");
        let (_, signatures) = signed.iter().find(|(name, _)| *name == "webhook-signature").unwrap();
        let newest = SigningKey::parse(&clear[1]).unwrap().signature("message-1", now.as_second(), b"{}");
        assert_eq!(signatures.split(' ').count(), 2);
        assert_eq!(signatures.split(' ').next(), Some(newest.as_str()));
        for accepted in &clear[..2] {
            Webhook::new(accepted).unwrap().verify(b"{}", &map(&signed)).unwrap();
        }
        assert!(Webhook::new(&clear[2]).unwrap().verify(b"{}", &map(&signed)).is_err());
        assert!(active_keys(&keyring, &secrets, Environment::Live, now).unwrap().is_empty());
    }

    #[test]
    fn a_secret_that_cannot_be_opened_is_not_passed_over() {
        let keyring = Keyring::new(vec![[7; 32]]);
        let mut moved = secret(&keyring, "one", &new_secret(&SystemRandom), "2026-01-01T00:00:00Z", None);
        moved.store = StoreId::known("store-2");
        let refused = active_keys(&keyring, &[moved], Environment::Test, SystemClock.now()).unwrap_err();
        assert_eq!(refused, SecretError::Sealed { id: SecretId::known("one"), error: KeyringError::Broken });
    }

    #[test]
    fn without_a_secret_there_is_no_signature_header() {
        let names: Vec<_> =
            headers(&[], "message-1", SystemClock.now(), b"{}").into_iter().map(|(n, _)| n).collect();
        assert_eq!(names, ["webhook-id", "webhook-timestamp"]);
    }

    #[test]
    fn what_is_no_secret_is_refused() {
        for text in ["", "whsec_", "whsec_***", "whsec_YQ", &format!("whsec_{}", STANDARD.encode([1; 65]))] {
            assert_eq!(SigningKey::parse(text).unwrap_err(), SecretError::Malformed, "{text}");
        }
        SigningKey::parse(&STANDARD.encode([1; 24])).unwrap();
    }
}
