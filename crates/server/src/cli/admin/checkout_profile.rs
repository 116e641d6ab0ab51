//! `paypier admin checkout-profile`: what the hosted checkout offers.

use super::{Desk, Environment, changed, checked_name};
use crate::cli::Misuse;
use crate::cli::report::Report;
use anyhow::Context;
use clap::{Args, Subcommand};
use paypier_domain::account::Store;
use paypier_domain::change::Write;
use paypier_domain::channel::{self, ChannelUsage};
use paypier_domain::checkout_profile::{CheckoutMethod, CheckoutProfile, Offer};
use paypier_domain::id::{ChannelKey, ProfileKey};
use paypier_domain::money::{Amount, Currency};
use serde_json::{Value, json};

const EXAMPLE: &str = "\
Example, a card for everybody and a wallet for buyers in Japan who pay from 100 to 1,000,000 yen:
  paypier admin checkout-profile create --store store-… --environment test --name 'Abroad'
  paypier admin checkout-profile set profile-key-… --method CARD_INTERNATIONAL --channel channel-key-…
  paypier admin checkout-profile set profile-key-… --method PAY_PAY --channel channel-key-… \\
      --country JP --currency JPY --least 100 --most 1000000

A payment session names the profile by profileKey; GET /checkout-profiles/evaluate says what it offers for an
order. A method is offered when it is enabled, and country, currency and amount fit; without --country or
--currency every one does. Amounts are minor units of the currency. Methods are shown in the order of their first
set. A TEST profile has TEST channels only, a LIVE one LIVE channels only.";

#[derive(Debug, Subcommand)]
pub enum CheckoutProfileCommand {
    /// Make a profile that offers nothing yet
    #[command(after_help = EXAMPLE)]
    Create {
        #[arg(long, value_name = "STORE_ID")]
        store: String,
        #[arg(long, value_enum)]
        environment: Environment,
        /// What people call it, 1 to 100 characters
        #[arg(long)]
        name: String,
    },
    /// Show a store's profiles
    List {
        #[arg(long, value_name = "STORE_ID")]
        store: String,
    },
    /// Show what a profile offers
    Show {
        #[arg(value_name = "PROFILE_KEY")]
        key: String,
    },
    /// Offer a method, or offer it otherwise
    #[command(after_help = EXAMPLE)]
    Set(Box<SetArgs>),
    /// Delete a profile for good, or offer a method no longer
    Delete {
        #[arg(value_name = "PROFILE_KEY")]
        key: String,
        /// Only this method
        #[arg(long, value_name = "METHOD", value_parser = method)]
        method: Option<CheckoutMethod>,
    },
}

#[derive(Debug, Args)]
pub struct SetArgs {
    #[arg(value_name = "PROFILE_KEY")]
    key: String,
    /// CARD_KR, CARD_INTERNATIONAL, PAY_PAL, …
    #[arg(long, value_parser = method)]
    method: CheckoutMethod,
    /// Through which channel it is paid
    #[arg(long, value_name = "CHANNEL_KEY")]
    channel: String,
    /// Only for buyers in this country, by its two letters; repeat it
    #[arg(long = "country", value_parser = country)]
    countries: Vec<String>,
    /// Only in this currency, by its three letters; repeat it
    #[arg(long = "currency", value_parser = currency)]
    currencies: Vec<Currency>,
    /// Only from this amount on
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    least: Option<Amount>,
    /// Only up to this amount
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    most: Option<Amount>,
    /// Keep it, and do not offer it for now
    #[arg(long)]
    disabled: bool,
}

fn method(text: &str) -> Result<CheckoutMethod, String> {
    CheckoutMethod::parse(text).ok_or_else(|| {
        let all: Vec<_> = CheckoutMethod::ALL.iter().map(|method| method.as_str()).collect();
        format!("a method is one of {}", all.join(", "))
    })
}

fn country(text: &str) -> Result<String, String> {
    let is_known = paypier_wire::v2::Country::parse(text).is_some();
    if is_known {
        Ok(text.to_owned())
    } else {
        Err("a country is two capital letters of ISO 3166, as JP".into())
    }
}

fn currency(text: &str) -> Result<Currency, String> {
    Currency::parse(text).ok_or_else(|| "a currency is three capital letters of ISO 4217, as JPY".to_owned())
}

fn amount(text: &str) -> Result<Amount, String> {
    let units = text.parse::<i64>().map_err(|_| "an amount is a whole number of minor units".to_owned())?;
    Amount::new(units).map_err(|error| error.to_string())
}

/// # Errors
/// No such store, profile or channel, offers that make no profile, or the database.
pub async fn run(desk: &Desk, command: CheckoutProfileCommand) -> anyhow::Result<Report> {
    match command {
        CheckoutProfileCommand::Create { store, environment, name } => {
            let profile = CheckoutProfile {
                key: ProfileKey::known(desk.ids.prefixed("profile-key-")),
                store: desk.store(&store).await?.id,
                environment: channel::Environment::from(environment),
                name: checked_name(&name)?,
                offers: Vec::new(),
                created_at: desk.now(),
                is_deleted: false,
            };
            let report = written(desk, &profile, "was made").await?;
            Ok(report.noted("Next: offer a method with `paypier admin checkout-profile set`."))
        }
        CheckoutProfileCommand::List { store } => list(desk, &store).await,
        CheckoutProfileCommand::Show { key } => {
            let profile = existing(desk, &key).await?;
            Ok(Report::sections(vec![
                ("profile", Report::record(described(&profile))),
                ("methods", offers(&profile)),
            ]))
        }
        CheckoutProfileCommand::Set(args) => set(desk, *args).await,
        CheckoutProfileCommand::Delete { key, method: None } => {
            let profile = CheckoutProfile { is_deleted: true, ..existing(desk, &key).await? };
            written(desk, &profile, "was deleted").await
        }
        CheckoutProfileCommand::Delete { key, method: Some(method) } => {
            let mut profile = existing(desk, &key).await?;
            let before = profile.offers.len();
            profile.offers.retain(|offer| offer.method != method);
            if profile.offers.len() == before {
                return Err(Misuse(format!("the profile does not offer {method}")).into());
            }
            written(desk, &profile, "was changed").await
        }
    }
}

async fn set(desk: &Desk, args: SetArgs) -> anyhow::Result<Report> {
    let mut profile = existing(desk, &args.key).await?;
    let store = desk.store(profile.store.as_str()).await?;
    let key = ChannelKey::known(args.channel);
    check_channel(desk, &store, &profile, &key).await?;
    let offer = Offer {
        method: args.method,
        channel: key,
        is_enabled: !args.disabled,
        countries: args.countries,
        currencies: args.currencies,
        least: args.least,
        most: args.most,
    };
    match profile.offers.iter_mut().find(|other| other.method == offer.method) {
        Some(other) => *other = offer,
        None => profile.offers.push(offer),
    }
    profile.check().map_err(|error| Misuse(error.to_string()))?;
    written(desk, &profile, "was changed").await
}

async fn check_channel(
    desk: &Desk,
    store: &Store,
    profile: &CheckoutProfile,
    key: &ChannelKey,
) -> anyhow::Result<()> {
    let channel = desk.storage.channel(&store.id, key).await?;
    let channel = channel.ok_or_else(|| Misuse(format!("the store {} has no channel {key}", store.id)))?;
    if channel.environment != profile.environment {
        return Err(Misuse(format!(
            "the channel {key} is {}, and a {} profile takes {} channels only",
            channel.environment.as_str(),
            profile.environment.as_str(),
            profile.environment.as_str()
        ))
        .into());
    }
    match channel.usage {
        ChannelUsage::Payment => Ok(()),
        ChannelUsage::IdentityVerification => {
            Err(Misuse(format!("the channel {key} verifies identities; nothing is paid through it")).into())
        }
    }
}

async fn existing(desk: &Desk, key: &str) -> anyhow::Result<CheckoutProfile> {
    let found = desk.storage.checkout_profile(&ProfileKey::known(key)).await?;
    found.filter(|profile| !profile.is_deleted).with_context(|| {
        format!(
            "there is no checkout profile {key:?}; `paypier admin checkout-profile list --store …` shows a store's"
        )
    })
}

async fn written(desk: &Desk, profile: &CheckoutProfile, what: &str) -> anyhow::Result<Report> {
    desk.commit(vec![Write::CheckoutProfile(Box::new(profile.clone()))]).await?;
    Ok(changed(format!("The checkout profile {} {what}.", profile.name), described(profile)))
}

async fn list(desk: &Desk, store: &str) -> anyhow::Result<Report> {
    let store = desk.store(store).await?;
    let profiles = desk.storage.checkout_profiles_of(&store.id).await?;
    let rows = profiles
        .iter()
        .filter(|profile| !profile.is_deleted)
        .map(|profile| {
            let methods: Vec<&str> = profile.offers.iter().map(|offer| offer.method.as_str()).collect();
            vec![
                json!(profile.key.as_str()),
                json!(profile.name),
                json!(profile.environment.as_str()),
                json!(methods.join(" ")),
            ]
        })
        .collect();
    Ok(Report::list(
        vec!["key", "name", "environment", "methods"],
        rows,
        "The store has no checkout profiles; `paypier admin checkout-profile create` makes one.",
    ))
}

fn offers(profile: &CheckoutProfile) -> Report {
    let or_any = |words: Vec<&str>| if words.is_empty() { json!("any") } else { json!(words.join(" ")) };
    let units = |amount: Option<Amount>| amount.map_or(Value::Null, |amount| json!(amount.minor_units()));
    let row = |offer: &Offer| {
        vec![
            json!(offer.method.as_str()),
            json!(offer.channel.as_str()),
            json!(offer.is_enabled),
            or_any(offer.countries.iter().map(String::as_str).collect()),
            or_any(offer.currencies.iter().map(Currency::code).collect()),
            units(offer.least),
            units(offer.most),
        ]
    };
    let columns = vec!["method", "channelKey", "enabled", "countries", "currencies", "least", "most"];
    Report::list(columns, profile.offers.iter().map(row).collect(), "It offers nothing yet.")
}

fn described(profile: &CheckoutProfile) -> Vec<(&'static str, Value)> {
    let methods: Vec<&str> = profile.offers.iter().map(|offer| offer.method.as_str()).collect();
    vec![
        ("key", json!(profile.key.as_str())),
        ("store", json!(profile.store.as_str())),
        ("environment", json!(profile.environment.as_str())),
        ("name", json!(profile.name)),
        ("methods", json!(methods.join(" "))),
    ]
}
