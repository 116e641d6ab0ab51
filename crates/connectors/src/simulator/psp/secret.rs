//! Values that look random and can be made again: keys, tokens, ids and fingerprints.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Derives from the PSP's secret. What is derived for one purpose says nothing about another.
#[derive(Clone)]
pub(super) struct Deriver(Hmac<Sha256>);

impl Deriver {
    pub(super) fn new(secret: &[u8; 32]) -> Self {
        Self(keyed(secret))
    }

    /// Parts are told apart by their lengths: `["ab", "c"]` and `["a", "bc"]` differ.
    pub(super) fn derive(&self, purpose: &str, parts: &[&str]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for part in std::iter::once(&purpose).chain(parts) {
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac.finalize().into_bytes().into()
    }

    /// The first half of the derived value, in hexadecimal digits.
    pub(super) fn derive_hex(&self, purpose: &str, parts: &[&str]) -> String {
        let bytes = self.derive(purpose, parts);
        hex::encode(bytes.first_chunk::<16>().unwrap_or(&[0; 16]))
    }
}

/// A keyed hash, ready for the message.
pub(super) fn keyed(key: &[u8]) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "RFC 2104: a key of any length makes an HMAC")]
    Hmac::new_from_slice(key).expect("an HMAC takes keys of every length")
}

/// A number below `bound` from derived bytes.
pub(super) fn number_below(bytes: &[u8; 32], skip: usize, bound: u64) -> u64 {
    let part = bytes.get(skip..).and_then(|rest| rest.first_chunk::<8>()).copied().unwrap_or_default();
    u64::from_be_bytes(part).checked_rem(bound).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_purposes_are_told_apart() {
        let deriver = Deriver::new(&[7; 32]);
        assert_eq!(deriver.derive("a", &["b"]), deriver.derive("a", &["b"]));
        assert_ne!(deriver.derive("x", &["ab", "c"]), deriver.derive("x", &["a", "bc"]));
        assert_ne!(deriver.derive("x", &["a"]), deriver.derive("y", &["a"]));
        assert_ne!(deriver.derive("x", &["a"]), Deriver::new(&[8; 32]).derive("x", &["a"]));
    }
}
