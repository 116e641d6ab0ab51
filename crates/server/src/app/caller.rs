//! Who asks, and what they may reach. Unscoped access does not exist: every read and every command
//! takes a store that came out of [`Caller::store`] or [`Caller::reach`].

use super::App;
use super::directory::StoreProfile;
use super::failure::Failure;
use paypier_domain::id::{MerchantId, SecretId, StoreId};
use std::sync::Arc;

/// An authenticated caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub merchant: MerchantId,
    /// The store that the secret belongs to.
    pub store: StoreId,
    pub secret: SecretId,
    /// Secrets of the representative store act on all stores of the merchant.
    pub is_representative: bool,
}

impl Caller {
    /// The store to act on: the named one when the caller may reach it, else the caller's own.
    ///
    /// # Errors
    /// `Forbidden` for a store that is unknown or not the caller's to reach; the two are not told
    /// apart.
    pub async fn store(&self, app: &App, named: Option<&str>) -> Result<Arc<StoreProfile>, Failure> {
        let id = named.map_or_else(|| self.store.clone(), StoreId::known);
        let forbidden = || {
            Failure::Forbidden(format!(
                "the store {} cannot be reached with this credential",
                shown(id.as_str())
            ))
        };
        if id != self.store && !self.is_representative {
            return Err(forbidden());
        }
        let profile = app.directory.store(app, &id).await?.ok_or_else(forbidden)?;
        if profile.store.merchant != self.merchant {
            return Err(forbidden());
        }
        Ok(profile)
    }

    /// The stores that a list covers: the named one, or everything the caller may reach (`None`
    /// inside means all stores of the merchant).
    ///
    /// # Errors
    /// As [`Caller::store`].
    pub async fn reach(&self, app: &App, named: Option<&str>) -> Result<Option<StoreId>, Failure> {
        match named {
            Some(_) => Ok(Some(self.store(app, named).await?.store.id.clone())),
            None if self.is_representative => Ok(None),
            None => Ok(Some(self.store.clone())),
        }
    }
}

/// A caller's text, cut so that an error message stays a message.
pub fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    if text.chars().count() <= LONGEST {
        return text.escape_debug().to_string();
    }
    let start: String = text.chars().take(LONGEST).collect();
    format!("{}…", start.escape_debug())
}
