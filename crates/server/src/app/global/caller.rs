//! Who calls: a store, by its client key, and the secret that proves it.

use crate::app::App;
use crate::app::caller::Caller;
use crate::app::directory::{GlobalProfile, StoreProfile};
use crate::app::failure::Failure;
use crate::clock::Random;
use crate::global::signature::MerchantSecret;
use crate::keyring::{Keyring, KeyringError};
use jiff::Timestamp;
use paypier_domain::account::Sealed;
use paypier_domain::global::{Brand, GlobalMerchant};
use paypier_domain::id::{SecretId, StoreId};
use paypier_wire::global::reference;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Client keys are 16 letters; longer texts are not looked for.
const MOST_KEY_CHARS: usize = 64;

/// A caller whose client key is known. Whether the secret was proved is up to whoever made it.
#[derive(Debug, Clone)]
pub struct GlobalCaller {
    pub profile: Arc<StoreProfile>,
    pub global: Arc<GlobalProfile>,
    pub secret: MerchantSecret,
}

impl GlobalCaller {
    pub fn merchant(&self) -> &GlobalMerchant {
        &self.global.merchant
    }

    pub fn client_key(&self) -> &str {
        &self.global.merchant.client_key
    }

    pub fn store(&self) -> &StoreId {
        &self.profile.store.id
    }

    /// The same caller where use cases of both dialects ask for one. It reaches its own store only.
    pub fn as_caller(&self) -> Caller {
        Caller {
            merchant: self.profile.store.merchant.clone(),
            store: self.profile.store.id.clone(),
            secret: SecretId::known(self.client_key()),
            is_representative: false,
        }
    }
}

/// What a store's secret is sealed for.
pub fn secret_purpose(store: &StoreId) -> String {
    format!("global-secret:{store}")
}

/// # Errors
/// The key ring cannot seal.
pub fn seal_secret(
    keyring: &Keyring,
    store: &StoreId,
    clear: &str,
    random: &dyn Random,
) -> Result<Sealed, KeyringError> {
    keyring.seal(&secret_purpose(store), clear.as_bytes(), random)
}

/// A new client key and a new secret, which is told once.
pub fn new_credentials(random: &dyn Random) -> (String, Zeroizing<String>) {
    let (mut key, mut secret) = ([0; 16], [0; 32]);
    random.fill(&mut key);
    random.fill(&mut secret);
    (reference::client_key(key), Zeroizing::new(reference::secret(secret)))
}

/// A merchant's row. Its number is made of randomness: nine digits, the first of them not zero.
pub fn new_merchant(
    store: &StoreId,
    client_key: &str,
    secret: Sealed,
    brand: Brand,
    random: &dyn Random,
    now: Timestamp,
) -> GlobalMerchant {
    let number = random.number().checked_rem(900_000_000).unwrap_or(0).saturating_add(100_000_000);
    GlobalMerchant {
        store: store.clone(),
        client_key: client_key.to_owned(),
        secret,
        number: number.to_string(),
        is_active: true,
        brand,
        origins: Vec::new(),
        created_at: now,
    }
}

impl App {
    /// The merchant with this client key. It proves nothing yet: the key is public.
    ///
    /// # Errors
    /// The database cannot be read, or the secret not be opened.
    pub async fn global_caller(&self, client_key: &str) -> Result<Option<GlobalCaller>, Failure> {
        if client_key.is_empty() || client_key.len() > MOST_KEY_CHARS || client_key.contains('\0') {
            return Ok(None);
        }
        let Some(store) = self.directory.client(self, client_key).await? else { return Ok(None) };
        let Some(profile) = self.directory.store(self, &store).await? else { return Ok(None) };
        // The key may have been replaced since it was looked up.
        let Some(global) = profile.global.clone().filter(|global| global.merchant.client_key == client_key)
        else {
            return Ok(None);
        };
        let secret = self.global_secret(&global)?;
        Ok(Some(GlobalCaller { profile, global, secret }))
    }

    /// The store's own credentials, for what is done in its name without a call of its own.
    ///
    /// # Errors
    /// As [`App::global_caller`].
    pub async fn global_caller_of(&self, store: &StoreId) -> Result<Option<GlobalCaller>, Failure> {
        let Some(profile) = self.directory.store(self, store).await? else { return Ok(None) };
        let Some(global) = profile.global.clone() else { return Ok(None) };
        let secret = self.global_secret(&global)?;
        Ok(Some(GlobalCaller { profile, global, secret }))
    }

    /// What the store signs with.
    ///
    /// # Errors
    /// It cannot be opened: the operator has to mend that, so it is internal.
    pub fn global_secret(&self, global: &GlobalProfile) -> Result<MerchantSecret, Failure> {
        let merchant = &global.merchant;
        let broken = |error: &dyn std::fmt::Display| {
            Failure::internal(format!("the Global secret of {} cannot be opened: {error}", merchant.store))
        };
        let clear = self
            .keyring
            .open(&secret_purpose(&merchant.store), &merchant.secret)
            .map_err(|error| broken(&error))?;
        let text = String::from_utf8(clear).map_err(|_| broken(&"it is no text"))?;
        Ok(MerchantSecret::new(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemRandom;

    #[test]
    fn new_credentials_look_like_the_published_ones() {
        let (key, secret) = new_credentials(&SystemRandom);
        assert!(key.len() == 16 && key.bytes().all(|b| b.is_ascii_alphabetic()));
        assert!(secret.len() == 64 && secret.bytes().all(|b| b.is_ascii_hexdigit()));
        let merchant = new_merchant(
            &StoreId::known("store-1"),
            &key,
            Sealed(Vec::new()),
            Brand::default(),
            &SystemRandom,
            Timestamp::UNIX_EPOCH,
        );
        assert_eq!(merchant.number.len(), 9);
    }
}
