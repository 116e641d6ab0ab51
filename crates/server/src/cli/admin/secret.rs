//! `paypier admin secret`: API secrets. Shown once, stored as a digest, any number at a time.

use super::{Desk, at, changed, checked_name};
use crate::cli::report::Report;
use crate::keyring::digest;
use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Subcommand;
use jiff::{SignedDuration, Timestamp};
use paypier_domain::account::ApiSecret;
use paypier_domain::change::Write;
use paypier_domain::id::SecretId;
use serde_json::json;
use zeroize::Zeroizing;

#[derive(Debug, Subcommand)]
pub enum SecretCommand {
    /// Make an API secret and print it, this one time
    Create {
        #[arg(long, value_name = "STORE_ID")]
        store: String,
        /// What it is for, 1 to 100 characters
        #[arg(long)]
        name: String,
        /// Days until it stops working, 1 to 3650 [default: it never does]
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..=3650))]
        expires_in_days: Option<u16>,
    },
    /// Show a store's secrets; never the secrets themselves
    List {
        #[arg(long, value_name = "STORE_ID")]
        store: String,
        /// Deleted ones, too
        #[arg(long)]
        all: bool,
    },
    /// End a secret and every token made from it
    Delete {
        #[arg(value_name = "SECRET_ID")]
        id: String,
    },
}

/// # Errors
/// No such store or secret, or the database.
pub async fn run(desk: &Desk, command: SecretCommand) -> anyhow::Result<Report> {
    match command {
        SecretCommand::Create { store, name, expires_in_days } => {
            create(desk, &store, &name, expires_in_days).await
        }
        SecretCommand::List { store, all } => list(desk, &store, all).await,
        SecretCommand::Delete { id } => delete(desk, &id).await,
    }
}

async fn create(desk: &Desk, store: &str, name: &str, days: Option<u16>) -> anyhow::Result<Report> {
    let store = desk.store(store).await?;
    let now = desk.now();
    let expires_at = match days {
        Some(days) => {
            let lifetime = SignedDuration::from_hours(i64::from(days).saturating_mul(24));
            Some(now.checked_add(lifetime).context("the secret would expire after the year 9999")?)
        }
        None => None,
    };
    let mut bytes = Zeroizing::new([0; 64]);
    desk.random().fill(bytes.as_mut_slice());
    let clear = Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice()));
    let secret = ApiSecret {
        id: SecretId::known(desk.ids.uuid().to_string()),
        merchant: store.merchant.clone(),
        store: store.id.clone(),
        name: checked_name(name)?,
        digest: digest(&clear),
        created_at: now,
        expires_at,
        deleted_at: None,
    };
    desk.commit(vec![Write::ApiSecret(secret.clone())]).await?;
    Ok(changed(
        format!(
            "The API secret {} of the store {} was made. It is shown this one time:",
            secret.name, store.name
        ),
        vec![
            ("id", json!(secret.id.as_str())),
            ("apiSecret", json!(clear.as_str())),
            ("storeId", json!(store.id.as_str())),
            ("name", json!(secret.name)),
            ("expiresAt", at(expires_at)),
        ],
    )
    .noted("Callers send it as: Authorization: PortOne <apiSecret>"))
}

async fn list(desk: &Desk, store: &str, all: bool) -> anyhow::Result<Report> {
    let store = desk.store(store).await?;
    let now = desk.now();
    let rows = desk
        .storage
        .secrets_of(&store.id)
        .await?
        .into_iter()
        .filter(|secret| all || secret.deleted_at.is_none())
        .map(|secret| {
            vec![
                json!(secret.id.as_str()),
                json!(secret.name),
                json!(state(&secret, now)),
                json!(secret.created_at.to_string()),
                at(secret.expires_at),
                at(secret.deleted_at),
            ]
        })
        .collect();
    Ok(Report::list(
        vec!["id", "name", "state", "createdAt", "expiresAt", "deletedAt"],
        rows,
        "The store has no API secret: paypier admin secret create --store STORE_ID --name NAME",
    ))
}

fn state(secret: &ApiSecret, now: Timestamp) -> &'static str {
    match (secret.deleted_at, secret.is_usable(now)) {
        (Some(_), _) => "deleted",
        (None, true) => "usable",
        (None, false) => "expired",
    }
}

async fn delete(desk: &Desk, id: &str) -> anyhow::Result<Report> {
    let id = SecretId::known(id);
    let found = desk.storage.secret(&id).await?;
    let secret = found.with_context(|| {
        format!("there is no API secret {:?}; `paypier admin secret list` shows a store's", id.as_str())
    })?;
    let members = |deleted_at| {
        vec![("id", json!(secret.id.as_str())), ("name", json!(secret.name)), ("deletedAt", at(deleted_at))]
    };
    if secret.deleted_at.is_some() {
        return Ok(changed(
            "The API secret was deleted before; nothing was changed.",
            members(secret.deleted_at),
        ));
    }
    let deleted_at = Some(desk.now());
    let tokens = Write::Tokens { secret: id.clone(), superseded: None, tokens: Vec::new() };
    desk.commit(vec![Write::ApiSecret(ApiSecret { deleted_at, ..secret.clone() }), tokens]).await?;
    Ok(changed("The API secret was deleted, and with it every token made from it.", members(deleted_at)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use paypier_domain::id::{MerchantId, StoreId};

    #[test]
    fn a_secret_is_usable_until_it_expires_or_is_deleted() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let secret = ApiSecret {
            id: SecretId::known("1"),
            merchant: MerchantId::known("m"),
            store: StoreId::known("s"),
            name: "n".into(),
            digest: [0; 32],
            created_at: now,
            expires_at: None,
            deleted_at: None,
        };
        assert_eq!(state(&secret, now), "usable");
        assert_eq!(state(&ApiSecret { expires_at: Some(now), ..secret.clone() }, now), "expired");
        assert_eq!(state(&ApiSecret { deleted_at: Some(now), ..secret }, now), "deleted");
    }
}
