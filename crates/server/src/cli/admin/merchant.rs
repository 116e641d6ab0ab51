//! `paypier admin merchant`.

use super::store::new_store;
use super::{Desk, changed, checked_name};
use crate::cli::report::Report;
use clap::Subcommand;
use paypier_domain::account::Merchant;
use paypier_domain::change::Write;
use paypier_domain::id::MerchantId;
use serde_json::json;

#[derive(Debug, Subcommand)]
pub enum MerchantCommand {
    /// Make a merchant with its first store, whose secrets may act on the merchant's other stores
    Create {
        /// What people call it, 1 to 100 characters
        #[arg(long)]
        name: String,
        /// What people call its first store [default: the merchant's name]
        #[arg(long, value_name = "NAME")]
        store_name: Option<String>,
    },
    /// Show all merchants
    List,
}

/// # Errors
/// A name that is none, or the database.
pub async fn run(desk: &Desk, command: MerchantCommand) -> anyhow::Result<Report> {
    match command {
        MerchantCommand::Create { name, store_name } => create(desk, &name, store_name.as_deref()).await,
        MerchantCommand::List => list(desk).await,
    }
}

async fn create(desk: &Desk, name: &str, store_name: Option<&str>) -> anyhow::Result<Report> {
    let name = checked_name(name)?;
    let store_name = checked_name(store_name.unwrap_or(&name))?;
    let merchant = Merchant {
        id: MerchantId::known(desk.ids.prefixed("merchant-")),
        name: name.clone(),
        created_at: desk.now(),
    };
    let store = new_store(desk, &merchant.id, store_name, true);
    desk.commit(vec![Write::Merchant(merchant.clone()), Write::Store(store.clone())]).await?;
    Ok(changed(
        format!("The merchant {name} was made, with its first store."),
        vec![
            ("id", json!(merchant.id.as_str())),
            ("name", json!(name)),
            ("storeId", json!(store.id.as_str())),
            ("storeName", json!(store.name)),
        ],
    )
    .noted(format!("Next: paypier admin secret create --store {} --name backend", store.id)))
}

async fn list(desk: &Desk) -> anyhow::Result<Report> {
    let mut rows = Vec::new();
    for merchant in desk.storage.merchants().await? {
        let stores = desk.storage.stores_of(&merchant.id).await?;
        rows.push(vec![
            json!(merchant.id.as_str()),
            json!(merchant.name),
            json!(stores.len()),
            json!(merchant.created_at.to_string()),
        ]);
    }
    Ok(Report::list(
        vec!["id", "name", "stores", "createdAt"],
        rows,
        "There is no merchant yet: paypier admin merchant create --name NAME",
    ))
}
