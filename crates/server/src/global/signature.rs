//! Signatures of the Global dialect: HMAC-SHA-256 over the signed members of a message, in base64.
//!
//! What is signed, and how it is written, is `wire`'s ([`Signed`]); here is only what needs the secret. Its 64
//! hexadecimal digits are the key as text, never decoded.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use paypier_wire::global::signed::Signed;
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

/// A merchant's secret. It signs messages and tokens.
#[derive(Clone)]
pub struct MerchantSecret(Zeroizing<String>);

impl std::fmt::Debug for MerchantSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MerchantSecret(..)")
    }
}

impl MerchantSecret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// Whether this is the secret, in a time that does not tell how much of it is right.
    pub fn is(&self, text: &str) -> bool {
        self.0.as_bytes().ct_eq(text.as_bytes()).into()
    }

    pub(super) fn mac(&self, message: &[u8]) -> [u8; 32] {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(self.0.as_bytes()).expect("HMAC takes keys of any length");
        mac.update(message);
        mac.finalize().into_bytes().into()
    }

    fn signature(&self, text: &str) -> String {
        STANDARD.encode(self.mac(text.as_bytes()))
    }
}

/// The signature of a message that we send.
pub fn sign(secret: &MerchantSecret, message: &impl Signed) -> String {
    secret.signature(&message.text())
}

/// Whether the signature is one of this message, or of a text that a published sample makes of it. Every one
/// of them is compared, whichever of them is right.
pub fn verify(secret: &MerchantSecret, message: &impl Signed, signature: &str) -> bool {
    let texts = message.accepted_texts();
    let right = texts.iter().fold(Choice::from(0), |right, text| {
        right | secret.signature(text).as_bytes().ct_eq(signature.as_bytes())
    });
    right.into()
}

#[cfg(test)]
pub(super) mod tests;
