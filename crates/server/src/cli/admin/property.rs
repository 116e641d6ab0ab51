//! `paypier admin property`: what a merchant keeps about its partners and transfers.

use super::{Desk, Environment, changed};
use crate::cli::Misuse;
use crate::cli::report::Report;
use clap::{Subcommand, ValueEnum};
use paypier_domain::change::Write;
use paypier_domain::settlement::definition::PlatformKey;
use paypier_domain::settlement::property::{PropertyDefinition, PropertyOf, Secrecy};
use serde_json::json;

const EXAMPLE: &str = "\
Example:
  paypier admin property define --merchant merchant-… --environment test --of partner --key grade --name 'Grade'

A partner is then made with \"userDefinedProperties\": {\"grade\": {\"string\": \"gold\"}}. There are at most ten for
partners and ten for transfers. A key stays what it is; defining it again gives it another name.";

#[derive(Debug, Subcommand)]
pub enum PropertyCommand {
    /// Define a property, or give it another name
    #[command(after_help = EXAMPLE)]
    Define {
        #[arg(long, value_name = "MERCHANT_ID")]
        merchant: String,
        #[arg(long, value_enum)]
        environment: Environment,
        /// What has it
        #[arg(long, value_enum)]
        of: Owner,
        /// By which requests name it, 1 to 64 characters without blanks
        #[arg(long)]
        key: String,
        /// What people call it, 1 to 128 characters
        #[arg(long)]
        name: String,
        /// Only administrators see the values
        #[arg(long)]
        secret: bool,
    },
    /// Show a merchant's properties
    List {
        #[arg(long, value_name = "MERCHANT_ID")]
        merchant: String,
        #[arg(long, value_enum)]
        environment: Environment,
    },
}

/// What has a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Owner {
    Partner,
    Transfer,
}

impl From<Owner> for PropertyOf {
    fn from(owner: Owner) -> Self {
        match owner {
            Owner::Partner => Self::Partner,
            Owner::Transfer => Self::Transfer,
        }
    }
}

const fn word(secrecy: Secrecy) -> &'static str {
    match secrecy {
        Secrecy::Open => "open",
        Secrecy::Secret => "secret",
    }
}

/// # Errors
/// No such merchant, a definition that is not accepted, or the database.
pub async fn run(desk: &Desk, command: PropertyCommand) -> anyhow::Result<Report> {
    match command {
        PropertyCommand::Define { merchant, environment, of, key, name, secret } => {
            let kept = kept(desk, &merchant, environment).await?;
            let expects = kept.revision;
            let secrecy = if secret { Secrecy::Secret } else { Secrecy::Open };
            let definition =
                PropertyDefinition { key: key.as_str().into(), name: name.as_str().into(), secrecy };
            let properties = kept.properties.clone().defined(of.into(), definition);
            let properties = properties.map_err(|error| Misuse(error.to_string()))?;
            let setting = Box::new(kept.with_properties(properties));
            desk.commit(vec![Write::PlatformSetting { setting, expects }]).await?;
            let members = vec![("key", json!(key)), ("name", json!(name)), ("values", json!(word(secrecy)))];
            Ok(changed(format!("The property {key} is defined."), members))
        }
        PropertyCommand::List { merchant, environment } => {
            let kept = kept(desk, &merchant, environment).await?;
            let rows = [("partner", &kept.properties.partner), ("transfer", &kept.properties.transfer)]
                .into_iter()
                .flat_map(|(of, all)| all.iter().map(move |one| (of, one)))
                .map(|(of, one)| {
                    vec![json!(of), json!(&*one.key), json!(&*one.name), json!(word(one.secrecy))]
                });
            let columns = vec!["of", "key", "name", "values"];
            Ok(Report::list(columns, rows.collect(), "No property is defined."))
        }
    }
}

async fn kept(
    desk: &Desk,
    merchant: &str,
    environment: Environment,
) -> anyhow::Result<paypier_domain::settlement::property::PlatformSetting> {
    let merchant = desk.merchant(merchant).await?.id;
    let platform = PlatformKey { merchant, environment: environment.into() };
    Ok(desk.storage.platform_setting(&platform).await?)
}
