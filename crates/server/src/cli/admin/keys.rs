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
use paypier_domain::cash_receipt::identity_purpose;
use paypier_domain::change::Write;
use paypier_domain::channel::Channel;
use paypier_domain::global::{GlobalChannel, GlobalMerchant};
use paypier_domain::id::{PaymentKey, ScheduleId, StoreId, TransactionId};
use paypier_domain::identity_verification::{State, secrets_purpose};
use paypier_domain::payment::{Payment, receipt_wish};
use paypier_storage::CommitError;
use serde_json::json;
use zeroize::Zeroizing;

/// Verifications, payments or schedules that are read together.
const RESEALED_AT_ONCE: u32 = 256;
/// How often a payment that changes meanwhile is tried.
const MOST_TRIES: u32 = 8;

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
    let (mut tax_numbers, current_numbers) = reseal_receipts_of_payments(desk, &keyring).await?;
    let (of_schedules, current_of_schedules) = reseal_receipts_of_schedules(desk, &keyring).await?;
    tax_numbers = tax_numbers.saturating_add(of_schedules);
    current = current.saturating_add(current_numbers).saturating_add(current_of_schedules);
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
            ("taxNumbersResealed", json!(tax_numbers)),
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

/// The numbers by which the tax office knows buyers whose receipts are wanted with a payment.
async fn reseal_receipts_of_payments(desk: &Desk, keyring: &Keyring) -> anyhow::Result<(u64, u64)> {
    let (mut done, mut current) = (0_u64, 0_u64);
    let mut after: Option<PaymentKey> = None;
    loop {
        let page = desk.storage.payments_in_key_order(after.as_ref(), RESEALED_AT_ONCE).await?;
        let Some(last) = page.last() else { return Ok((done, current)) };
        after = Some(last.payment.key.clone());
        for found in page {
            let payment = found.payment;
            for attempt in payment.attempts.iter().filter(|attempt| attempt.order.cash_receipt.is_some()) {
                if reseal_receipt(desk, keyring, &payment, &attempt.id).await? {
                    done = done.saturating_add(1);
                } else {
                    current = current.saturating_add(1);
                }
            }
        }
    }
}

/// Whether it had to be sealed again. Payments go on meanwhile: what was changed is read again.
async fn reseal_receipt(
    desk: &Desk,
    keyring: &Keyring,
    payment: &Payment,
    transaction: &TransactionId,
) -> anyhow::Result<bool> {
    let mut payment = payment.clone();
    for _ in 0..MOST_TRIES {
        let attempt = payment.attempt(transaction);
        let Some(wanted) = attempt.and_then(|attempt| attempt.order.cash_receipt.as_ref()) else {
            return Ok(false);
        };
        let purpose = identity_purpose(transaction.as_str());
        let resealed = resealed(desk, keyring, &purpose, &wanted.identity).with_context(|| {
            format!("the buyer's tax number in the attempt {transaction} of the payment {}", payment.key)
        })?;
        let Some(decided) = resealed.and_then(|sealed| receipt_wish::resealed(&payment, transaction, sealed))
        else {
            return Ok(false);
        };
        match desk.storage.commit(decided.change).await {
            Ok(()) => return Ok(true),
            Err(CommitError::Conflict) => match desk.storage.payment(&payment.key).await? {
                Some(now) => payment = now,
                None => return Ok(false),
            },
            Err(error) => return Err(error.into()),
        }
    }
    anyhow::bail!("the payment {} changes all the time; run the command again", payment.key)
}

/// The same in orders that are charged later.
async fn reseal_receipts_of_schedules(desk: &Desk, keyring: &Keyring) -> anyhow::Result<(u64, u64)> {
    let (mut done, mut current) = (0_u64, 0_u64);
    let mut after: Option<(StoreId, ScheduleId)> = None;
    loop {
        let behind = after.as_ref().map(|(store, id)| (store, id));
        let page = desk.storage.schedules_in_key_order(behind, RESEALED_AT_ONCE).await?;
        let Some(last) = page.last() else { return Ok((done, current)) };
        after = Some((last.payment.store.clone(), last.id.clone()));
        for mut schedule in page {
            let Some(wanted) = &mut schedule.charge.order.cash_receipt else { continue };
            let purpose = identity_purpose(schedule.id.as_str());
            let resealed = resealed(desk, keyring, &purpose, &wanted.identity)
                .with_context(|| format!("the buyer's tax number in the schedule {}", schedule.id))?;
            let Some(identity) = resealed else {
                current = current.saturating_add(1);
                continue;
            };
            wanted.identity = identity;
            let expects = schedule.version;
            schedule.version = schedule.version.saturating_add(1);
            desk.commit(vec![Write::Schedule { schedule: Box::new(schedule), expects }]).await?;
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
