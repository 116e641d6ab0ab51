//! `paypier admin channel`: a store's configured use of a PSP.

use super::{Desk, Environment, changed, checked_name};
use crate::app::psp::credentials_purpose;
use crate::cli::Misuse;
use crate::cli::dev::demo;
use crate::cli::report::Report;
use crate::compose::secrets;
use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};
use paypier_connectors::contract::{Call, Connector};
use paypier_connectors::exchange::{Exchange, ExchangeError, ExchangeRequest, ExchangeResponse};
use paypier_connectors::simulator::psp::books::MemoryBooks;
use paypier_connectors::simulator::psp::{Psp, PspOptions};
use paypier_connectors::simulator::{Sandbox, SandboxOptions};
use paypier_connectors::stripe::Stripe;
use paypier_domain::account::{Sealed, Store};
use paypier_domain::change::Write;
use paypier_domain::channel::{self, Channel, ChannelUsage};
use paypier_domain::id::{ChannelId, ChannelKey, MerchantId};
use paypier_wire::v2::pg::PgProvider;
use serde_json::{Value, json};
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use zeroize::Zeroizing;

const CREDENTIALS_HELP: &str = "\
Credentials by connector:
  sandbox  makes its own; give none
  stripe   {\"secretKey\": \"sk_test_…\", \"webhookSecret\": \"whsec_…\", \"paymentMethodIds\": false}
    secretKey         from Stripe's dashboard, Developers, API keys: sk_test_… for
                      --environment test, sk_live_… for live; or a restricted key, rk_…
    webhookSecret     what Stripe shows for the webhook endpoint that reports to
                      POST <public URL>/psp/notifications/<store id>/<channel key>.
                      Leave it out at first, since the channel key is not known before the
                      channel is made, and add it with rotate-credentials
    paymentMethodIds  true lets requests name a payment method that Stripe has already, in
                      their bypass, instead of the card

  paypier admin channel create --store store-… --connector stripe \\
      --pg-provider STRIPE --pg-merchant-id acct_… --environment test --name Cards \\
      --credentials-file stripe.json
  paypier admin channel rotate-credentials channel-key-… --store store-… \\
      --credentials-file stripe.json";

/// The connectors that this version has.
const CONNECTORS: &str = "sandbox, stripe";

#[derive(Debug, Subcommand)]
pub enum ChannelCommand {
    /// Make a channel
    ///
    /// The credentials are what the PSP gave to the merchant, as a JSON object. They are sealed under the
    /// master key before they are stored and never shown again. The simulated PSP (--connector sandbox)
    /// makes its own.
    #[command(after_help = CREDENTIALS_HELP)]
    Create(CreateArgs),
    /// Show a store's channels
    List {
        #[arg(long, value_name = "STORE_ID")]
        store: String,
    },
    /// Let payments use the channel (again)
    Enable(OneChannel),
    /// Keep new payments from the channel; what was begun on it is finished on it
    Disable(OneChannel),
    /// Let the merchant's server approve what buyers authenticate in windows, or the server itself
    ManualApproval {
        #[command(flatten)]
        channel: OneChannel,
        /// Whether it is the merchant's server
        #[arg(long, value_enum)]
        set: OnOff,
    },
    /// Replace the channel's credentials
    #[command(after_help = CREDENTIALS_HELP)]
    RotateCredentials {
        #[command(flatten)]
        channel: OneChannel,
        #[command(flatten)]
        credentials: CredentialsArgs,
    },
}

#[derive(Debug, Args)]
pub struct CreateArgs {
    #[arg(long, value_name = "STORE_ID")]
    pub store: String,
    /// What people call it, 1 to 100 characters
    #[arg(long)]
    pub name: String,
    /// Which connector serves it: sandbox or stripe
    #[arg(long)]
    pub connector: String,
    /// The PSP as the API names it, such as TOSSPAYMENTS or KAKAOPAY
    #[arg(long, value_name = "PG_PROVIDER", value_parser = provider)]
    pub pg_provider: PgProvider,
    /// The merchant's id at the PSP
    #[arg(long, value_name = "ID")]
    pub pg_merchant_id: String,
    #[arg(long, value_enum)]
    pub environment: Environment,
    #[arg(long, value_enum, default_value_t = Usage::Payment)]
    pub usage: Usage,
    /// Payments are approved first and captured by a call of their own
    #[arg(long)]
    pub manual_capture: bool,
    /// What buyers authenticate in windows is approved by the merchant's server, with a payment token
    #[arg(long)]
    pub manual_approval: bool,
    #[command(flatten)]
    pub credentials: CredentialsArgs,
}

/// Where credentials are read from. Not from the command line: everybody on the machine can read it.
#[derive(Debug, Clone, Default, Args)]
#[group(multiple = false)]
pub struct CredentialsArgs {
    /// Read the credentials, a JSON object, from this file
    #[arg(long, value_name = "FILE")]
    pub credentials_file: Option<PathBuf>,
    /// Read the credentials, a JSON object, from standard input
    #[arg(long)]
    pub credentials_stdin: bool,
    /// Read the credentials, a JSON object, from this environment variable
    #[arg(long, value_name = "VARIABLE")]
    pub credentials_env: Option<String>,
}

#[derive(Debug, Args)]
pub struct OneChannel {
    #[arg(value_name = "CHANNEL_KEY")]
    pub key: String,
    #[arg(long, value_name = "STORE_ID")]
    pub store: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OnOff {
    On,
    Off,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Usage {
    Payment,
    IdentityVerification,
}

impl From<Usage> for ChannelUsage {
    fn from(usage: Usage) -> Self {
        match usage {
            Usage::Payment => Self::Payment,
            Usage::IdentityVerification => Self::IdentityVerification,
        }
    }
}

fn provider(word: &str) -> Result<PgProvider, String> {
    PgProvider::parse(word).ok_or_else(|| {
        let known: Vec<&str> = PgProvider::ALL.iter().map(|provider| provider.as_str()).collect();
        format!("the API knows these: {}", known.join(", "))
    })
}

/// # Errors
/// No such store or channel, credentials that are none, or the database.
pub async fn run(desk: &Desk, command: ChannelCommand) -> anyhow::Result<Report> {
    match command {
        ChannelCommand::Create(args) => create(desk, args).await,
        ChannelCommand::List { store } => list(desk, &store).await,
        ChannelCommand::Enable(one) => switch(desk, &one, true).await,
        ChannelCommand::Disable(one) => switch(desk, &one, false).await,
        ChannelCommand::ManualApproval { channel, set } => {
            switch_approval(desk, &channel, set == OnOff::On).await
        }
        ChannelCommand::RotateCredentials { channel, credentials } => {
            rotate(desk, &channel, &credentials).await
        }
    }
}

async fn create(desk: &Desk, args: CreateArgs) -> anyhow::Result<Report> {
    let store = desk.store(&args.store).await?;
    let environment = channel::Environment::from(args.environment);
    if args.pg_merchant_id.is_empty() || args.pg_merchant_id.chars().any(char::is_control) {
        return Err(Misuse("--pg-merchant-id takes the merchant's id at the PSP, on one line".into()).into());
    }
    let mut made = Channel {
        key: ChannelKey::known(desk.ids.prefixed("channel-key-")),
        id: ChannelId::known(desk.ids.prefixed("channel-id-")),
        store: store.id.clone(),
        name: checked_name(&args.name)?,
        environment,
        usage: args.usage.into(),
        connector: args.connector,
        pg_provider: args.pg_provider.as_str().into(),
        pg_merchant_id: args.pg_merchant_id,
        manual_capture: args.manual_capture,
        manual_approval: args.manual_approval,
        is_enabled: true,
        credentials: Sealed(Vec::new()),
    };
    made.credentials = sealed_credentials(desk, &store, &made, &args.credentials).await?;
    desk.commit(vec![Write::Channel(Box::new(made.clone()))]).await?;
    let report =
        changed(format!("The {} channel {} was made.", environment.as_str(), made.name), described(&made));
    Ok(match made.connector.as_str() {
        "sandbox" => report,
        _ => report.noted(format!(
            "The PSP reports to: POST <public URL>/psp/notifications/{}/{}",
            made.store, made.key
        )),
    })
}

async fn list(desk: &Desk, store: &str) -> anyhow::Result<Report> {
    let store = desk.store(store).await?;
    let channels = desk.storage.channels_of(&store.id).await?;
    let columns = vec![
        "channelKey",
        "name",
        "environment",
        "usage",
        "connector",
        "pgProvider",
        "pgMerchantId",
        "manualCapture",
        "manualApproval",
        "isEnabled",
    ];
    let rows = channels
        .iter()
        .map(|channel| described(channel).into_iter().map(|(_, value)| value).collect())
        .collect();
    Ok(Report::list(columns, rows, "The store has no channel: paypier admin channel create --help"))
}

async fn switch(desk: &Desk, one: &OneChannel, is_enabled: bool) -> anyhow::Result<Report> {
    let found = existing(desk, one).await?;
    let word = if is_enabled { "enabled" } else { "disabled" };
    if found.is_enabled == is_enabled {
        return Ok(changed(
            format!("The channel {} was {word} before; nothing was changed.", found.name),
            described(&found),
        ));
    }
    let switched = Channel { is_enabled, ..found };
    desk.commit(vec![Write::Channel(Box::new(switched.clone()))]).await?;
    Ok(changed(format!("The channel {} is {word} now.", switched.name), described(&switched)))
}

async fn switch_approval(desk: &Desk, one: &OneChannel, manual_approval: bool) -> anyhow::Result<Report> {
    let found = existing(desk, one).await?;
    let switched = Channel { manual_approval, ..found };
    desk.commit(vec![Write::Channel(Box::new(switched.clone()))]).await?;
    let word = if manual_approval {
        "approved by the merchant's server (POST /payments/{paymentId}/confirm)"
    } else {
        "approved at once"
    };
    let text = format!("Payments in windows of the channel {} are {word} from now on.", switched.name);
    Ok(changed(text, described(&switched)))
}

async fn rotate(desk: &Desk, one: &OneChannel, args: &CredentialsArgs) -> anyhow::Result<Report> {
    let store = desk.store(&one.store).await?;
    let found = existing(desk, one).await?;
    let credentials = sealed_credentials(desk, &store, &found, args).await?;
    let rotated = Channel { credentials, ..found };
    desk.commit(vec![Write::Channel(Box::new(rotated.clone()))]).await?;
    Ok(changed(
        format!("The credentials of the channel {} were replaced.", rotated.name),
        described(&rotated),
    ))
}

async fn existing(desk: &Desk, one: &OneChannel) -> anyhow::Result<Channel> {
    let store = desk.store(&one.store).await?;
    let found = desk.storage.channel(&store.id, &ChannelKey::known(one.key.as_str())).await?;
    found.with_context(|| {
        format!(
            "the store {} has no channel {:?}; `paypier admin channel list --store {}` shows all",
            store.id, one.key, store.id
        )
    })
}

fn described(channel: &Channel) -> Vec<(&'static str, Value)> {
    vec![
        ("channelKey", json!(channel.key.as_str())),
        ("name", json!(channel.name)),
        ("environment", json!(channel.environment.as_str())),
        (
            "usage",
            json!(match channel.usage {
                ChannelUsage::Payment => "payment",
                ChannelUsage::IdentityVerification => "identity-verification",
            }),
        ),
        ("connector", json!(channel.connector)),
        ("pgProvider", json!(channel.pg_provider)),
        ("pgMerchantId", json!(channel.pg_merchant_id)),
        ("manualCapture", json!(channel.manual_capture)),
        ("manualApproval", json!(channel.manual_approval)),
        ("isEnabled", json!(channel.is_enabled)),
    ]
}

/// The connectors that this binary has.
fn connector(desk: &Desk, name: &str) -> anyhow::Result<Arc<dyn Connector>> {
    match name {
        "sandbox" => {
            Ok(Arc::new(Sandbox::new(SandboxOptions { read_timeout: desk.config.sandbox.read_timeout })))
        }
        "stripe" => Ok(Arc::new(Stripe::new(desk.config.stripe.options()))),
        _ => Err(Misuse(format!("there is no connector {name:?}; this version has: {CONNECTORS}")).into()),
    }
}

/// Reads or makes the credentials of `channel`, lets its connector check them, and seals them.
async fn sealed_credentials(
    desk: &Desk,
    store: &Store,
    channel: &Channel,
    args: &CredentialsArgs,
) -> anyhow::Result<Sealed> {
    let connector = connector(desk, &channel.connector)?;
    let given = read_credentials(args)?;
    let clear = match (channel.connector.as_str(), given) {
        ("sandbox", None) => Zeroizing::new(sandbox_credentials(desk, store, &channel.pg_merchant_id).await?),
        (_, Some(given)) => given,
        (_, None) => {
            return Err(Misuse(
                "the PSP's credentials are missing: give --credentials-file FILE, --credentials-stdin or --credentials-env VARIABLE"
                    .into(),
            )
            .into());
        }
    };
    let snapshot = channel.snapshot();
    let call = Call {
        exchange: &NoExchange,
        store: &store.id,
        channel: &snapshot,
        credentials: &clear,
        now: desk.now(),
    };
    connector
        .check_credentials(&call)
        .map_err(|reason| Misuse(format!("the credentials were not accepted: {reason}")))?;
    let keyring = secrets::administrator_keys(&desk.config)?;
    Ok(keyring.seal(&credentials_purpose(&channel.key), clear.as_bytes(), desk.random())?)
}

#[expect(clippy::disallowed_methods, reason = "the variable is not a setting: the operator names it")]
fn read_credentials(args: &CredentialsArgs) -> anyhow::Result<Option<Zeroizing<String>>> {
    let text = match (&args.credentials_file, args.credentials_stdin, &args.credentials_env) {
        (Some(file), _, _) => std::fs::read_to_string(file)
            .with_context(|| format!("the credentials file {} cannot be read", file.display()))?,
        (None, true, _) => {
            let mut text = String::new();
            std::io::stdin()
                .read_to_string(&mut text)
                .context("the credentials cannot be read from standard input")?;
            text
        }
        (None, false, Some(variable)) => std::env::var(variable)
            .with_context(|| format!("the credentials cannot be read from the variable {variable}"))?,
        (None, false, None) => return Ok(None),
    };
    let text = Zeroizing::new(text);
    let is_object = serde_json::from_str::<Value>(&text).is_ok_and(|value| value.is_object());
    if is_object {
        Ok(Some(text))
    } else {
        Err(Misuse("the credentials are not a JSON object".into()).into())
    }
}

/// What the simulated PSP gives to a merchant of its. In the database of local mode it derives from
/// the demo secret.
async fn sandbox_credentials(desk: &Desk, store: &Store, pg_merchant_id: &str) -> anyhow::Result<String> {
    let is_local = desk.storage.merchant(&MerchantId::known(demo::MERCHANT_ID)).await?.is_some();
    if !is_local && !desk.config.sandbox.enabled {
        return Err(Misuse(
            "the simulated PSP is switched off; switch it on with sandbox.enabled = true (PAYPIER_SANDBOX_ENABLED=true), \
             here and for the server"
                .into(),
        )
        .into());
    }
    let secret =
        if is_local { demo::SANDBOX_SECRET } else { secrets::sandbox_secret(&desk.config, &desk.machine)? };
    let psp = Psp::new(Arc::new(MemoryBooks::new()), PspOptions { secret, public_url: String::new() });
    Ok(demo::sandbox_credentials(&psp, &store.id, pg_merchant_id))
}

/// Checking the form of credentials asks nobody.
struct NoExchange;

#[async_trait::async_trait]
impl Exchange for NoExchange {
    async fn send(&self, _request: ExchangeRequest) -> Result<ExchangeResponse, ExchangeError> {
        Err(ExchangeError::NotSent("administration does not talk to PSPs".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_a_json_object_from_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("credentials.json");
        let args = CredentialsArgs { credentials_file: Some(file.clone()), ..CredentialsArgs::default() };
        assert!(read_credentials(&args).unwrap_err().to_string().contains("cannot be read"));
        std::fs::write(&file, "[1]").unwrap();
        assert!(read_credentials(&args).unwrap_err().is::<Misuse>());
        std::fs::write(&file, "{\"secretKey\":\"x\"}").unwrap();
        assert_eq!(read_credentials(&args).unwrap().unwrap().as_str(), "{\"secretKey\":\"x\"}");
        assert!(read_credentials(&CredentialsArgs::default()).unwrap().is_none());
    }

    #[test]
    fn an_unknown_provider_is_answered_with_the_known_ones() {
        assert_eq!(provider("TOSSPAYMENTS"), Ok(PgProvider::Tosspayments));
        assert!(provider("TOSS").unwrap_err().contains("TOSSPAYMENTS"));
    }
}
