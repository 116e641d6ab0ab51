//! `paypier webhooks`: a developer's tools. They are clients of a running server and nothing more.

use super::dev::{SANDBOX_FILE, SandboxFile};
use super::{Context, Misuse};
use crate::config::API_SECRET_VARIABLE;
use crate::webhooks_cli::{
    self, Begin, ListenOptions, ReplayOptions, Sequence, Server, TriggerOptions, What,
};
use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::path::PathBuf;
use url::Url;

/// Watch, forward, repeat and provoke webhooks (for developers).
///
/// Against `paypier dev` on this machine they need no flags: they read sandbox.json in the data folder.
#[derive(Debug, Subcommand)]
pub enum WebhooksCommand {
    /// Print events as they happen; with --forward-to also post them to a local server
    #[command(
        after_help = "Example:\n  paypier webhooks listen --forward-to http://localhost:3000/webhook\n\n\
                            It goes on where it stopped, so nothing is missed while it is away."
    )]
    Listen(ListenArgs),
    /// Send webhooks again
    #[command(after_help = "Examples:\n  paypier webhooks replay 0198…            one webhook by its id\n  \
                            paypier webhooks replay --payment order-1\n  paypier webhooks replay --dead")]
    Replay(ReplayArgs),
    /// Play a named sequence of events for a payment of yours, on the sandbox
    #[command(
        after_help = "Example:\n  paypier webhooks trigger payment.partial_cancelled --payment-id order-7 --amount 9900"
    )]
    Trigger(TriggerArgs),
}

#[derive(Debug, Clone, Default, Args)]
pub struct ServerArgs {
    /// Where the server is [default: from sandbox.json in the data folder]
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// An API secret; other users of this machine can see it here, so better in PAYPIER_API_SECRET
    /// [default: from sandbox.json in the data folder]
    #[arg(long, alias = "secret", value_name = "SECRET")]
    pub api_secret: Option<String>,
    /// Only this store [default: what the secret reaches]
    #[arg(long, value_name = "STORE_ID")]
    pub store: Option<String>,
}

#[derive(Debug, Args)]
pub struct ListenArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    /// Post each event here, signed as the server would
    #[arg(long, value_name = "URL")]
    pub forward_to: Option<Url>,
    /// Where to begin
    #[arg(long, value_enum, default_value_t = Since::Last)]
    pub since: Since,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Since {
    /// Where it stopped; the first time, now
    Last,
    Now,
    /// The first event there is
    Start,
}

impl From<Since> for Begin {
    fn from(since: Since) -> Self {
        match since {
            Since::Last => Self::WhereItStopped,
            Since::Now => Self::Now,
            Since::Start => Self::Start,
        }
    }
}

#[derive(Debug, Args)]
#[group(id = "what", required = true, multiple = false, args = ["webhook_id", "payment", "dead"])]
pub struct ReplayArgs {
    /// One webhook
    #[arg(value_name = "WEBHOOK_ID")]
    pub webhook_id: Option<String>,
    /// The latest webhook of this payment
    #[arg(long, value_name = "PAYMENT_ID")]
    pub payment: Option<String>,
    /// Every webhook whose tries are used up
    #[arg(long)]
    pub dead: bool,
    #[command(flatten)]
    pub server: ServerArgs,
}

#[derive(Debug, Args)]
pub struct TriggerArgs {
    #[arg(value_name = "SEQUENCE", value_enum)]
    pub sequence: Sequence,
    /// Your id for the payment, so that you know it when its webhooks come
    #[arg(long, value_name = "ID")]
    pub payment_id: String,
    /// Korean won, 1 or more
    #[arg(long, value_name = "WON", default_value_t = TriggerOptions::DEFAULT_AMOUNT, value_parser = clap::value_parser!(i64).range(1..))]
    pub amount: i64,
    /// Where a sequence waits, move the store's test clock instead; it stays moved
    #[arg(long)]
    pub advance_clock: bool,
    /// A channel as NAME=CHANNEL_KEY, NAME one of card, billing, virtualAccount; repeat it
    /// [default: from sandbox.json in the data folder]
    #[arg(long = "channel", value_name = "NAME=CHANNEL_KEY", value_parser = channel)]
    pub channels: Vec<(String, String)>,
    #[command(flatten)]
    pub server: ServerArgs,
}

fn channel(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, key)) if !name.is_empty() && !key.is_empty() => Ok((name.to_owned(), key.to_owned())),
        Some(_) | None => Err("a channel is NAME=CHANNEL_KEY".into()),
    }
}

/// # Errors
/// The server is not named and no local one is known, or what the command itself reports.
pub async fn run(context: Context, command: WebhooksCommand) -> anyhow::Result<()> {
    match command {
        WebhooksCommand::Listen(args) => {
            let (server, _) = reach(&context, args.server)?;
            let data_dir: PathBuf = context.config.server.data_dir.clone();
            let options =
                ListenOptions { server, forward_to: args.forward_to, data_dir, begin: args.since.into() };
            tokio::select! {
                ended = webhooks_cli::listen(options) => ended,
                interrupted = tokio::signal::ctrl_c() => interrupted.context("Ctrl-C cannot be listened to"),
            }
        }
        WebhooksCommand::Replay(args) => {
            let what = match (args.webhook_id, args.payment, args.dead) {
                (Some(id), _, _) => What::Webhook(id),
                (None, Some(payment), _) => What::Payment(payment),
                (None, None, true) => What::Dead,
                (None, None, false) => {
                    return Err(Misuse("name a webhook, --payment or --dead".into()).into());
                }
            };
            let (server, _) = reach(&context, args.server)?;
            webhooks_cli::replay(ReplayOptions { server, what }).await
        }
        WebhooksCommand::Trigger(args) => {
            let (server, mut channels) = reach(&context, args.server)?;
            channels.extend(args.channels);
            webhooks_cli::trigger(TriggerOptions {
                server,
                channels,
                sequence: args.sequence,
                payment_id: args.payment_id,
                amount: args.amount,
                advance_clock: args.advance_clock,
            })
            .await
        }
    }
}

/// Which server, and its demo channels when it is the local one. The local server's secret is used
/// for the local server only.
fn reach(context: &Context, args: ServerArgs) -> anyhow::Result<(Server, BTreeMap<String, String>)> {
    let given = args.api_secret.or_else(|| context.environment.get(API_SECRET_VARIABLE).map(str::to_owned));
    match (args.url, given) {
        (Some(url), Some(secret)) => {
            let server =
                Server { url: checked(&url)?, api_secret: SecretString::from(secret), store_id: args.store };
            Ok((server, BTreeMap::new()))
        }
        (Some(_), None) => Err(Misuse(format!(
            "--url needs the server's API secret: set {API_SECRET_VARIABLE}, or give --api-secret"
        ))
        .into()),
        (None, given) => {
            let folder = &context.config.server.data_dir;
            let local = SandboxFile::in_folder(folder).read().with_context(|| {
                format!(
                    "no server is named (--url) and none is known in {}; start `paypier dev` with the same --data-dir, which \
                     writes {SANDBOX_FILE} there",
                    folder.display()
                )
            })?;
            let secret = given.unwrap_or(local.v2.api_secret);
            let server =
                Server { url: local.url, api_secret: SecretString::from(secret), store_id: args.store };
            Ok((server, local.v2.channels))
        }
    }
}

fn checked(url: &str) -> Result<String, Misuse> {
    match Url::parse(url) {
        Ok(parsed) if matches!(parsed.scheme(), "http" | "https") && parsed.has_host() => {
            Ok(url.trim_end_matches('/').to_owned())
        }
        Ok(_) | Err(_) => Err(Misuse(format!("--url takes the server's http or https address, not {url:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::Machine;
    use crate::config::{Config, Environment};
    use secrecy::ExposeSecret;

    fn context(folder: &std::path::Path, environment: &[(&str, &str)]) -> Context {
        let mut config = Config::default();
        config.server.data_dir = folder.to_owned();
        Context { config, environment: Environment::of(environment), machine: Machine::real() }
    }

    #[test]
    fn the_local_server_is_found_by_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let refusal = reach(&context(folder.path(), &[]), ServerArgs::default()).unwrap_err();
        assert!(format!("{refusal:#}").contains("start `paypier dev`"), "{refusal:#}");

        SandboxFile::in_folder(folder.path()).write("http://127.0.0.1:8080").unwrap();
        let (server, channels) = reach(&context(folder.path(), &[]), ServerArgs::default()).unwrap();
        assert_eq!(server.url, "http://127.0.0.1:8080");
        assert!(channels.contains_key("card"));
    }

    #[test]
    fn the_local_secret_is_not_sent_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        SandboxFile::in_folder(folder.path()).write("http://127.0.0.1:8080").unwrap();
        let elsewhere =
            || ServerArgs { url: Some("https://pay.example.com/".into()), ..ServerArgs::default() };
        assert!(reach(&context(folder.path(), &[]), elsewhere()).unwrap_err().is::<Misuse>());
        let context = context(folder.path(), &[("PAYPIER_API_SECRET", "theirs")]);
        let (server, channels) = reach(&context, elsewhere()).unwrap();
        assert_eq!(
            (server.url.as_str(), server.api_secret.expose_secret()),
            ("https://pay.example.com", "theirs")
        );
        assert!(channels.is_empty());
    }
}
