//! `paypier admin keys`: the master key.

use super::{Desk, changed};
use crate::app::global::caller;
use crate::app::global::channel::given_purpose;
use crate::app::psp::credentials_purpose;
use crate::cli::report::Report;
use crate::compose::secrets;
use crate::keyring::Keyring;
use crate::webhooks::sign::secret_purpose;
use anyhow::Context;
use clap::Subcommand;
use jiff::Timestamp;
use paypier_domain::account::{Sealed, WebhookSecret};
use paypier_domain::change::Write;
use paypier_domain::channel::Channel;
use paypier_domain::global::{GlobalChannel, GlobalMerchant};
use paypier_domain::id::StoreId;
use paypier_domain::identity_verification::{State, secrets_purpose};
use serde_json::json;
use zeroize::Zeroizing;

/// Verifications that are read together.
const RESEALED_AT_ONCE: u32 = 256;

#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Seal everything again under the newest master key
    ///
    /// Put the new key first (PAYPIER_MASTER_KEY=new,old), restart the servers, run this, then remove the
    /// old key. It can be interrupted and run again. While it runs, nobody should change channels or
    /// webhook secrets.
    Reseal,
}

/// # Errors
/// Something was sealed under a key that is not configured, or the database.
pub async fn run(desk: &Desk, command: KeysCommand) -> anyhow::Result<Report> {
    match command {
        KeysCommand::Reseal => reseal(desk).await,
    }
}

async fn reseal(desk: &Desk) -> anyhow::Result<Report> {
    let keyring = secrets::administrator_keys(&desk.config)?;
    let (mut channels, mut webhook_secrets, mut current, mut unreadable) = (0_u64, 0_u64, 0_u64, 0_u64);
    let (mut identities, mut global) = (0_u64, 0_u64);
    for store in desk.stores().await? {
        let (resealed_here, current_here) = reseal_identities(desk, &keyring, &store.id).await?;
        identities = identities.saturating_add(resealed_here);
        current = current.saturating_add(current_here);
        let (resealed_here, current_here) = reseal_global(desk, &keyring, &store.id).await?;
        global = global.saturating_add(resealed_here);
        current = current.saturating_add(current_here);
        for channel in desk.storage.channels_of(&store.id).await? {
            let purpose = credentials_purpose(&channel.key);
            let resealed = resealed(desk, &keyring, &purpose, &channel.credentials).with_context(|| {
                format!("the credentials of the channel {} of the store {}", channel.key, store.id)
            })?;
            match resealed {
                Some(credentials) => {
                    desk.commit(vec![Write::Channel(Box::new(Channel { credentials, ..channel }))]).await?;
                    channels = channels.saturating_add(1);
                }
                None => current = current.saturating_add(1),
            }
        }
        for secret in desk.storage.webhook_secrets_of(&store.id, Timestamp::MIN).await? {
            let purpose = secret_purpose(&secret.store, &secret.id);
            let resealed = match resealed(desk, &keyring, &purpose, &secret.sealed) {
                // Nobody signs with an expired secret; one whose key is lost is left as it is.
                Err(_) if secret.expired_at.is_some() => {
                    unreadable = unreadable.saturating_add(1);
                    continue;
                }
                resealed => resealed
                    .with_context(|| format!("the webhook secret {} of the store {}", secret.id, store.id))?,
            };
            match resealed {
                Some(sealed) => {
                    desk.commit(vec![Write::WebhookSecret(WebhookSecret { sealed, ..secret })]).await?;
                    webhook_secrets = webhook_secrets.saturating_add(1);
                }
                None => current = current.saturating_add(1),
            }
        }
    }
    Ok(changed(
        "Everything is sealed under the newest master key; older keys can be removed.",
        vec![
            ("channelsResealed", json!(channels)),
            ("webhookSecretsResealed", json!(webhook_secrets)),
            ("identitiesResealed", json!(identities)),
            ("globalResealed", json!(global)),
            ("alreadyCurrent", json!(current)),
            ("expiredAndUnreadable", json!(unreadable)),
        ],
    ))
}

/// A store's secret in the Global dialect, and the credentials that it gave there.
async fn reseal_global(desk: &Desk, keyring: &Keyring, store: &StoreId) -> anyhow::Result<(u64, u64)> {
    let (mut done, mut current) = (0_u64, 0_u64);
    let mut writes = Vec::new();
    if let Some(merchant) = desk.storage.global_merchant(store).await? {
        let purpose = caller::secret_purpose(store);
        let resealed = resealed(desk, keyring, &purpose, &merchant.secret)
            .with_context(|| format!("the Global secret of the store {store}"))?;
        match resealed {
            Some(secret) => {
                writes.push(Write::GlobalMerchant(Box::new(GlobalMerchant { secret, ..merchant })));
                done = done.saturating_add(1);
            }
            None => current = current.saturating_add(1),
        }
    }
    for channel in desk.storage.global_channels_of(store).await? {
        let purpose = given_purpose(store, channel.environment, &channel.name);
        let resealed = resealed(desk, keyring, &purpose, &channel.credentials)
            .with_context(|| format!("the credentials of {} of the store {store}", channel.name))?;
        match resealed {
            Some(credentials) => {
                writes.push(Write::GlobalChannel(Box::new(GlobalChannel { credentials, ..channel })));
                done = done.saturating_add(1);
            }
            None => current = current.saturating_add(1),
        }
    }
    if !writes.is_empty() {
        desk.commit(writes).await?;
    }
    Ok((done, current))
}

/// What names people for life: how many were sealed again, and how many were under the newest key already.
async fn reseal_identities(desk: &Desk, keyring: &Keyring, store: &StoreId) -> anyhow::Result<(u64, u64)> {
    let (mut done, mut current) = (0_u64, 0_u64);
    let mut after = None;
    loop {
        let page =
            desk.storage.sealed_identity_verifications(store, after.as_ref(), RESEALED_AT_ONCE).await?;
        let Some(last) = page.last() else { return Ok((done, current)) };
        after = Some(last.clone());
        for mut verification in page {
            let purpose = secrets_purpose(&verification.tx);
            let State::Verified(proof) = &mut verification.state else { continue };
            let resealed = resealed(desk, keyring, &purpose, &proof.secrets).with_context(|| {
                format!("what is sealed of the identity verification {}", verification.tx)
            })?;
            let Some(secrets) = resealed else {
                current = current.saturating_add(1);
                continue;
            };
            proof.secrets = secrets;
            let expects = Some(verification.version);
            verification.version = verification.version.saturating_add(1);
            let write = Write::IdentityVerification { verification: Box::new(verification), expects };
            desk.commit(vec![write]).await?;
            done = done.saturating_add(1);
        }
    }
}

/// The value under the newest key; `None` when it is there already and opens.
fn resealed(
    desk: &Desk,
    keyring: &Keyring,
    purpose: &str,
    sealed: &Sealed,
) -> anyhow::Result<Option<Sealed>> {
    let clear = Zeroizing::new(keyring.open(purpose, sealed).context(
        "cannot be opened: give the key that it was sealed under as well (PAYPIER_MASTER_KEY=new,old)",
    )?);
    if keyring.is_current(sealed) {
        return Ok(None);
    }
    Ok(Some(keyring.seal(purpose, &clear, desk.random())?))
}
