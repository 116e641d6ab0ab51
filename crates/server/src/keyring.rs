//! Secrets at rest: digests of what we only compare, envelope encryption of what we must read back.
//!
//! A sealed value names the master key it was sealed under, so that a new key can be added, old
//! values stay readable and everything can be sealed again.

use crate::clock::Random;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use paypier_domain::account::Sealed;
use secrecy::{ExposeSecret, SecretBox};
use sha2::{Digest, Sha256};

/// Master keys, the newest first. Values are sealed under the newest.
pub struct Keyring {
    keys: Vec<MasterKey>,
}

struct MasterKey {
    id: [u8; 4],
    key: SecretBox<[u8; 32]>,
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keyring({} keys)", self.keys.len())
    }
}

/// Why a value cannot be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    #[error("there is no master key")]
    Empty,
    #[error("the value was sealed under a master key that is not configured")]
    UnknownKey,
    #[error("the value was tampered with, or belongs somewhere else")]
    Broken,
}

const FORMAT: u8 = 1;
const NONCE: usize = 12;
const WRAPPED_KEY: usize = 32 + 16;

impl Keyring {
    /// `keys` are 32 bytes each, the newest first.
    pub fn new(keys: Vec<[u8; 32]>) -> Self {
        let keys = keys
            .into_iter()
            .map(|key| {
                let digest = Sha256::digest(key);
                let mut id = [0; 4];
                id.copy_from_slice(&digest[..4]);
                MasterKey { id, key: SecretBox::new(Box::new(key)) }
            })
            .collect();
        Self { keys }
    }

    /// Encrypts `clear` under a key of its own, which is wrapped by the newest master key.
    /// `purpose` binds the value to its place (for example the channel key); opening needs the same.
    ///
    /// # Errors
    /// There is no master key.
    pub fn seal(&self, purpose: &str, clear: &[u8], random: &dyn Random) -> Result<Sealed, KeyringError> {
        let master = self.keys.first().ok_or(KeyringError::Empty)?;
        let mut data_key = [0; 32];
        let mut nonces = [0; 2 * NONCE];
        random.fill(&mut data_key);
        random.fill(&mut nonces);
        let (key_nonce, data_nonce) = nonces.split_at(NONCE);
        let wrapped = encrypt(master.key.expose_secret(), key_nonce, purpose, &data_key)?;
        let body = encrypt(&data_key, data_nonce, purpose, clear)?;
        zeroize::Zeroize::zeroize(&mut data_key);
        let mut sealed = vec![FORMAT];
        sealed.extend_from_slice(&master.id);
        sealed.extend_from_slice(&nonces);
        sealed.extend_from_slice(&wrapped);
        sealed.extend_from_slice(&body);
        Ok(Sealed(sealed))
    }

    /// # Errors
    /// The master key is not configured, or the value is not what was sealed for this purpose.
    pub fn open(&self, purpose: &str, sealed: &Sealed) -> Result<Vec<u8>, KeyringError> {
        let rest = sealed.0.strip_prefix(&[FORMAT]).ok_or(KeyringError::Broken)?;
        let (id, rest) = rest.split_at_checked(4).ok_or(KeyringError::Broken)?;
        let (key_nonce, rest) = rest.split_at_checked(NONCE).ok_or(KeyringError::Broken)?;
        let (data_nonce, rest) = rest.split_at_checked(NONCE).ok_or(KeyringError::Broken)?;
        let (wrapped, body) = rest.split_at_checked(WRAPPED_KEY).ok_or(KeyringError::Broken)?;
        let master = self.keys.iter().find(|key| key.id == id).ok_or(KeyringError::UnknownKey)?;
        let mut data_key = decrypt(master.key.expose_secret(), key_nonce, purpose, wrapped)?;
        let exact: [u8; 32] = data_key.as_slice().try_into().map_err(|_| KeyringError::Broken)?;
        let clear = decrypt(&exact, data_nonce, purpose, body);
        zeroize::Zeroize::zeroize(&mut data_key);
        clear
    }

    /// The names of the master keys. They say nothing about the keys.
    pub fn names(&self) -> Vec<String> {
        self.keys.iter().map(|key| hex::encode(key.id)).collect()
    }

    /// Whether the value is sealed under the newest master key.
    pub fn is_current(&self, sealed: &Sealed) -> bool {
        self.keys.first().is_some_and(|key| sealed.0.get(1..5) == Some(key.id.as_slice()))
    }
}

/// The name of the master key that a value was sealed under.
pub fn sealed_under(sealed: &Sealed) -> Option<String> {
    sealed.0.get(1..5).map(hex::encode)
}

fn encrypt(key: &[u8; 32], nonce: &[u8], purpose: &str, clear: &[u8]) -> Result<Vec<u8>, KeyringError> {
    let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key));
    let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| KeyringError::Broken)?;
    cipher
        .encrypt(&Nonce::from(nonce), Payload { msg: clear, aad: purpose.as_bytes() })
        .map_err(|_| KeyringError::Broken)
}

fn decrypt(key: &[u8; 32], nonce: &[u8], purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, KeyringError> {
    let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key));
    let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| KeyringError::Broken)?;
    cipher
        .decrypt(&Nonce::from(nonce), Payload { msg: sealed, aad: purpose.as_bytes() })
        .map_err(|_| KeyringError::Broken)
}

/// What is stored of a secret that is only ever compared: SHA-256. Looking a digest up leaks nothing
/// about the secret, so the look-up needs no constant time.
pub fn digest(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemRandom;

    #[test]
    fn what_is_sealed_opens_only_for_its_purpose_and_key() {
        let old = Keyring::new(vec![[1; 32]]);
        let rotated = Keyring::new(vec![[2; 32], [1; 32]]);
        let sealed = old.seal("channel-key-1", b"{\"secretKey\":\"s\"}", &SystemRandom).unwrap();
        assert_eq!(old.open("channel-key-1", &sealed).unwrap(), b"{\"secretKey\":\"s\"}");
        assert_eq!(rotated.open("channel-key-1", &sealed).unwrap(), b"{\"secretKey\":\"s\"}");
        assert!(!rotated.is_current(&sealed));
        assert_eq!(old.open("channel-key-2", &sealed), Err(KeyringError::Broken));
        assert_eq!(Keyring::new(vec![[3; 32]]).open("channel-key-1", &sealed), Err(KeyringError::UnknownKey));
        let mut torn = sealed;
        if let Some(last) = torn.0.last_mut() {
            *last ^= 1;
        }
        assert_eq!(old.open("channel-key-1", &torn), Err(KeyringError::Broken));
        assert_eq!(old.open("channel-key-1", &Sealed(vec![1, 2, 3])), Err(KeyringError::Broken));
    }
}
