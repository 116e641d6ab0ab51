//! `paypier admin`: merchants, stores, secrets, channels and what an operator has to see and decide.
//!
//! These commands work on the database itself, beside a server that runs: it sees a change within
//! limits.directory_staleness. All writes go through `storage.commit`, like everybody's.

pub mod channel;
pub mod channel_group;
pub mod checkout_profile;
pub mod global;
pub mod keys;
pub mod merchant;
pub mod payment;
pub mod promotion;
pub mod property;
pub mod secret;
pub mod store;
pub mod webhook;

use super::report::{Form, Report};
use super::{Context, Misuse};
use crate::clock::{Ids, Random};
use crate::compose::Machine;
use crate::config::Config;
use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use paypier_domain::account::Store;
use paypier_domain::change::{Change, Write};
use paypier_domain::id::{MerchantId, StoreId};
use paypier_storage::{CommitError, Storage};
use serde_json::{Value, json};

const EXAMPLES: &str = "\
From nothing to a payment:
  paypier admin merchant create --name 'Acme'
      makes the merchant and its first store, which may act on the merchant's other stores
  paypier admin secret create --store store-… --name 'backend'
      prints the API secret, once
  paypier admin channel create --store store-… --connector sandbox --pg-provider TOSSPAYMENTS \\
      --pg-merchant-id acme --environment test --name 'Cards'
  paypier admin webhook set-endpoint --store store-… --environment test --url https://acme.example/hook
  paypier admin webhook secret create --store store-… --environment test

The commands need the same --database-url and the same master key (PAYPIER_MASTER_KEY) as the server.
A running server sees a change within a second (limits.directory_staleness).";

/// Merchants, stores, secrets, channels, webhook endpoints; payments that need a person.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct AdminArgs {
    /// Print JSON instead of tables
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: AdminCommand,
}

#[derive(Debug, Subcommand)]
pub enum AdminCommand {
    /// Who has stores and is paid
    #[command(subcommand)]
    Merchant(merchant::MerchantCommand),
    /// What owns payments, channels and webhook endpoints
    #[command(subcommand)]
    Store(store::StoreCommand),
    /// API secrets: what callers authenticate with
    #[command(subcommand)]
    Secret(secret::SecretCommand),
    /// A store's configured use of a PSP
    #[command(subcommand)]
    Channel(channel::ChannelCommand),
    /// Weighted groups of channels
    #[command(subcommand)]
    ChannelGroup(channel_group::ChannelGroupCommand),
    /// Where webhooks go and what they are signed with
    #[command(subcommand)]
    Webhook(webhook::WebhookCommand),
    /// One payment with its history and evidence; unknown outcomes that a person decides
    #[command(subcommand)]
    Payment(payment::PaymentCommand),
    /// What the hosted checkout offers
    #[command(subcommand)]
    CheckoutProfile(checkout_profile::CheckoutProfileCommand),
    /// Discounts for the cards of one company, out of a budget
    #[command(subcommand)]
    Promotion(promotion::PromotionCommand),
    /// A store's credentials in the Global dialect
    #[command(subcommand)]
    Global(global::GlobalCommand),
    /// What a merchant keeps about its partners and transfers
    #[command(subcommand)]
    Property(property::PropertyCommand),
    /// The master key
    #[command(subcommand)]
    Keys(keys::KeysCommand),
}

/// # Errors
/// What the command refuses, or the database.
pub async fn run(context: Context, args: AdminArgs) -> anyhow::Result<()> {
    let storage = context.storage().await?;
    let desk = Desk::new(context.config, context.machine, storage);
    let report = match args.command {
        AdminCommand::Merchant(command) => merchant::run(&desk, command).await,
        AdminCommand::Store(command) => store::run(&desk, command).await,
        AdminCommand::Secret(command) => secret::run(&desk, command).await,
        AdminCommand::Channel(command) => channel::run(&desk, command).await,
        AdminCommand::ChannelGroup(command) => channel_group::run(&desk, command).await,
        AdminCommand::Webhook(command) => webhook::run(&desk, command).await,
        AdminCommand::Payment(command) => payment::run(&desk, command).await,
        AdminCommand::CheckoutProfile(command) => checkout_profile::run(&desk, command).await,
        AdminCommand::Promotion(command) => promotion::run(&desk, command).await,
        AdminCommand::Global(command) => global::run(&desk, command).await,
        AdminCommand::Property(command) => property::run(&desk, command).await,
        AdminCommand::Keys(command) => keys::run(&desk, command).await,
    }?;
    println!("{}", report.rendered(if args.json { Form::Json } else { Form::Human }));
    Ok(())
}

/// TEST or LIVE, as the command line spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Environment {
    Test,
    Live,
}

impl From<Environment> for paypier_domain::channel::Environment {
    fn from(environment: Environment) -> Self {
        match environment {
            Environment::Test => Self::Test,
            Environment::Live => Self::Live,
        }
    }
}

/// What an administrator's command works with.
#[derive(Debug)]
pub struct Desk {
    pub config: Config,
    pub machine: Machine,
    pub storage: Storage,
    pub ids: Ids,
}

impl Desk {
    pub fn new(config: Config, machine: Machine, storage: Storage) -> Self {
        let ids = Ids { clock: machine.clock.clone(), random: machine.random.clone() };
        Self { config, machine, storage, ids }
    }

    pub fn now(&self) -> Timestamp {
        self.machine.clock.now()
    }

    pub fn random(&self) -> &dyn Random {
        self.machine.random.as_ref()
    }

    /// # Errors
    /// The database refused; the text says what to do.
    pub async fn commit(&self, writes: Vec<Write>) -> anyhow::Result<()> {
        let committed = self.storage.commit(Change { writes, ..Change::default() }).await;
        committed.map_err(|error| {
            let advice = match &error {
                CommitError::Conflict => "somebody else changed the same thing; run the command again",
                CommitError::InDoubt(_) => {
                    "look with the list command whether it was written before you run it again"
                }
                CommitError::KeyTaken
                | CommitError::Exists(_)
                | CommitError::Overloaded
                | CommitError::Unavailable(_)
                | CommitError::Broken(_) => "nothing was changed",
            };
            anyhow::Error::new(error).context(advice)
        })
    }

    /// # Errors
    /// There is no such store.
    pub async fn store(&self, id: &str) -> anyhow::Result<Store> {
        let found = self.storage.store(&StoreId::known(id)).await?;
        found.with_context(|| format!("there is no store {id:?}; `paypier admin store list` shows all"))
    }

    /// All stores of the database, in the order of their making.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn stores(&self) -> anyhow::Result<Vec<Store>> {
        let mut stores = Vec::new();
        for merchant in self.storage.merchants().await? {
            stores.extend(self.storage.stores_of(&merchant.id).await?);
        }
        Ok(stores)
    }

    /// # Errors
    /// There is no such merchant.
    pub async fn merchant(&self, id: &str) -> anyhow::Result<paypier_domain::account::Merchant> {
        let found = self.storage.merchant(&MerchantId::known(id)).await?;
        found.with_context(|| format!("there is no merchant {id:?}; `paypier admin merchant list` shows all"))
    }
}

/// A name that people gave: not empty, one line, not a novel.
///
/// # Errors
/// It is something else.
pub fn checked_name(name: &str) -> anyhow::Result<String> {
    const LONGEST: usize = 100;
    let name = name.trim();
    if name.is_empty() || name.chars().count() > LONGEST || name.chars().any(char::is_control) {
        return Err(
            Misuse(format!("--name takes 1 to {LONGEST} characters on one line, not {name:?}")).into()
        );
    }
    Ok(name.to_owned())
}

/// An instant that may be missing.
pub fn at(instant: Option<Timestamp>) -> Value {
    instant.map_or(Value::Null, |instant| json!(instant.to_string()))
}

/// The report of a command that changed something.
pub fn changed(headline: impl Into<String>, members: Vec<(&'static str, Value)>) -> Report {
    Report::record(members).headed(headline)
}

#[cfg(test)]
mod tests;
