//! `paypier admin global`: a store's credentials in the Global dialect.

use super::{Desk, at, changed};
use crate::app::global::caller::{new_credentials, new_merchant, seal_secret};
use crate::cli::Misuse;
use crate::cli::report::Report;
use crate::compose::secrets;
use anyhow::Context;
use clap::Subcommand;
use paypier_domain::change::Write;
use paypier_domain::global::{Brand, GlobalMerchant};
use serde_json::json;
use url::Url;

#[derive(Debug, Subcommand)]
pub enum GlobalCommand {
    /// Give a store a client key and a secret, and print the secret, this one time
    Create {
        #[arg(long, value_name = "STORE_ID")]
        store: String,
    },
    /// Replace a store's secret and print the new one; tokens and signatures of the old one end at once
    RotateSecret {
        #[arg(long, value_name = "STORE_ID")]
        store: String,
    },
    /// Change how pages and messages show the merchant, and what it may do
    Set {
        #[arg(long, value_name = "STORE_ID")]
        store: String,
        /// What payers read as the seller's name
        #[arg(long)]
        name: Option<String>,
        /// The merchant's own address, in answers about its credentials
        #[arg(long)]
        email: Option<String>,
        /// The address of a picture
        #[arg(long, value_name = "URL")]
        logo: Option<String>,
        /// Where payers ask for help by mail
        #[arg(long)]
        support_email: Option<String>,
        /// Where payers ask for help by telephone
        #[arg(long)]
        support_phone: Option<String>,
        /// Inactive merchants may use the sandbox only
        #[arg(long)]
        active: Option<bool>,
        /// Pages that need no signature: scheme, host and port, separated by commas; empty for none
        #[arg(long, value_name = "ORIGINS")]
        origins: Option<String>,
    },
    /// Show a store's client key; never its secret
    Show {
        #[arg(long, value_name = "STORE_ID")]
        store: String,
    },
}

/// # Errors
/// No such store, credentials where there are some already, or none where there have to be, or the database.
pub async fn run(desk: &Desk, command: GlobalCommand) -> anyhow::Result<Report> {
    match command {
        GlobalCommand::Create { store } => create(desk, &store).await,
        GlobalCommand::RotateSecret { store } => rotate(desk, &store).await,
        GlobalCommand::Set { store, name, email, logo, support_email, support_phone, active, origins } => {
            let before = merchant(desk, &store).await?;
            let brand = Brand {
                name: name.unwrap_or(before.brand.name),
                email: email.unwrap_or(before.brand.email),
                logo: logo.unwrap_or(before.brand.logo),
                support_email: support_email.unwrap_or(before.brand.support_email),
                support_phone: support_phone.unwrap_or(before.brand.support_phone),
            };
            let origins = match origins {
                Some(origins) => parsed(&origins)?,
                None => before.origins,
            };
            let is_active = active.unwrap_or(before.is_active);
            let after = GlobalMerchant { brand, origins, is_active, ..before };
            desk.commit(vec![Write::GlobalMerchant(Box::new(after.clone()))]).await?;
            Ok(shown(&after).headed("Changed."))
        }
        GlobalCommand::Show { store } => Ok(shown(&merchant(desk, &store).await?)),
    }
}

fn parsed(origins: &str) -> anyhow::Result<Vec<String>> {
    let origins = origins.split(',').map(str::trim).filter(|origin| !origin.is_empty());
    origins
        .map(|origin| {
            let is_origin = Url::parse(origin).is_ok_and(|url| url.origin().ascii_serialization() == origin);
            if is_origin {
                Ok(origin.to_owned())
            } else {
                let text = format!("--origins takes origins like https://shop.example, not {origin:?}");
                Err(Misuse(text).into())
            }
        })
        .collect()
}

async fn merchant(desk: &Desk, store: &str) -> anyhow::Result<GlobalMerchant> {
    let store = desk.store(store).await?;
    desk.storage.global_merchant(&store.id).await?.with_context(|| {
        format!(
            "the store {0} has no credentials in the Global dialect; `paypier admin global create --store {0}` \
             makes some",
            store.id
        )
    })
}

async fn create(desk: &Desk, store: &str) -> anyhow::Result<Report> {
    let store = desk.store(store).await?;
    if desk.storage.global_merchant(&store.id).await?.is_some() {
        let text = format!("the store {} has credentials in the Global dialect already", store.id);
        return Err(Misuse(text).into());
    }
    let keyring = secrets::administrator_keys(&desk.config)?;
    let (client_key, secret) = new_credentials(desk.random());
    let sealed = seal_secret(&keyring, &store.id, &secret, desk.random())?;
    let brand = Brand { name: store.name.clone(), ..Brand::default() };
    let made = new_merchant(&store.id, &client_key, sealed, brand, desk.random(), desk.now());
    desk.commit(vec![Write::GlobalMerchant(Box::new(made))]).await?;
    Ok(changed(
        "The store can be used in the Global dialect. The secret is shown this one time.",
        vec![
            ("storeId", json!(store.id.as_str())),
            ("clientKey", json!(client_key)),
            ("secret", json!(secret.as_str())),
        ],
    ))
}

async fn rotate(desk: &Desk, store: &str) -> anyhow::Result<Report> {
    let before = merchant(desk, store).await?;
    let keyring = secrets::administrator_keys(&desk.config)?;
    let (_, clear) = new_credentials(desk.random());
    let secret = seal_secret(&keyring, &before.store, &clear, desk.random())?;
    let after = GlobalMerchant { secret, ..before };
    desk.commit(vec![Write::GlobalMerchant(Box::new(after.clone()))]).await?;
    Ok(changed(
        "The old secret is worth nothing any more. The new one is shown this one time.",
        vec![
            ("storeId", json!(after.store.as_str())),
            ("clientKey", json!(after.client_key)),
            ("secret", json!(clear.as_str())),
        ],
    ))
}

fn shown(merchant: &GlobalMerchant) -> Report {
    Report::record(vec![
        ("storeId", json!(merchant.store.as_str())),
        ("clientKey", json!(merchant.client_key)),
        ("merchantId", json!(merchant.number)),
        ("isActive", json!(merchant.is_active)),
        ("name", json!(merchant.brand.name)),
        ("email", json!(merchant.brand.email)),
        ("origins", json!(merchant.origins)),
        ("createdAt", at(Some(merchant.created_at))),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_origins() {
        assert_eq!(
            parsed("https://a.example, http://127.0.0.1:3000").unwrap(),
            ["https://a.example", "http://127.0.0.1:3000"]
        );
        assert!(parsed("").unwrap().is_empty());
        for wrong in ["a.example", "https://a.example/", "https://a.example/x"] {
            assert!(parsed(wrong).is_err(), "{wrong}");
        }
    }
}
