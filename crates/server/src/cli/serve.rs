//! `paypier serve`: production.

use super::dev::demo;
use super::{Context, Misuse};
use crate::app::App;
use crate::app::global::caller::secret_purpose as global_secret_purpose;
use crate::app::psp::credentials_purpose;
use crate::compose::{self, Ingredients, Machine, Migration, Mode, Ready, SoleUse, secrets};
use crate::config::{Config, Override};
use crate::keyring::{Keyring, KeyringError, digest};
use crate::webhooks::sign::secret_purpose;
use anyhow::bail;
use clap::Args;
use paypier_domain::account::Store;
use paypier_domain::channel::{Channel, Environment};
use paypier_domain::id::MerchantId;
use paypier_storage::{DatabaseUrl, Storage};
use tokio::time::Instant;

const EXAMPLES: &str = "\
Examples:
  export PAYPIER_MASTER_KEY=$(openssl rand -base64 32)      keep it; without it the database is of no use
  paypier migrate --database-url postgres://paypier@db/paypier
  paypier serve   --database-url postgres://paypier@db/paypier --listen 0.0.0.0:8080 \\
                  --public-url https://pay.example.com --log json
  paypier admin merchant create --name 'Acme' --database-url postgres://paypier@db/paypier

It refuses to start without a master key, with the demo credentials of `paypier dev` in the database,
with several replicas on SQLite, and with LIVE channels on the simulated PSP. Webhooks never go to
loopback or private addresses. TLS is the proxy's work. SIGTERM stops it in order.";

/// Run in production.
#[derive(Debug, Default, Args)]
#[command(after_help = EXAMPLES)]
pub struct ServeArgs {
    /// How many processes serve this database [env: PAYPIER_REPLICAS] [default: 1]
    #[arg(long, value_name = "COUNT")]
    pub replicas: Option<String>,
    /// Migrate the database first when it is older than this binary
    #[arg(long)]
    pub migrate: bool,
}

impl ServeArgs {
    pub(super) fn overrides(&self) -> Vec<Override> {
        let replicas = self.replicas.clone();
        replicas
            .map(|value| Override { flag: "--replicas", key: "server.replicas", value })
            .into_iter()
            .collect()
    }
}

/// # Errors
/// A refusal of production, or the server cannot be started.
pub async fn run(context: Context, args: ServeArgs) -> anyhow::Result<()> {
    let started = Instant::now();
    let Context { mut config, machine, .. } = context;
    check_configuration(&config)?;
    let keyring = secrets::required_keys(&config)?;
    let sandbox_secret =
        if config.sandbox.enabled { Some(secrets::sandbox_secret(&config, &machine)?) } else { None };
    let sole_use = SoleUse::of(&config.database_url())?;
    compose::fit_open_files(&mut config);
    let (listener, bound) = compose::listen(&config).await?;
    let migration = if args.migrate { Migration::Apply } else { Migration::Refuse };
    let storage = compose::open_storage(&config, &machine, migration).await?;
    check_database(&storage, &config).await?;
    check_seals(&storage, &keyring, &machine).await?;
    let public_url = config.public_url(bound);
    let composed = compose::application(Ingredients {
        config: &config,
        mode: Mode::Production,
        machine,
        storage,
        keyring,
        sandbox_secret,
        public_url: public_url.clone(),
    })?;
    check_sandbox_secret(&composed.app, &config).await?;
    let ready = Ready { url: public_url, started };
    compose::run(composed, &config, listener, ready, |_| Ok(())).await?;
    drop(sole_use);
    Ok(())
}

/// What production refuses before it touches anything.
///
/// # Errors
/// See the message.
pub fn check_configuration(config: &Config) -> anyhow::Result<()> {
    match config.database_url() {
        DatabaseUrl::Sqlite(_) if config.server.replicas > 1 => Err(Misuse(format!(
            "server.replicas = {} needs a database that several processes can share, and SQLite is not one: give \
             --database-url postgres://… or run one replica",
            config.server.replicas
        ))
        .into()),
        DatabaseUrl::Sqlite(_) | DatabaseUrl::Postgres(_) => Ok(()),
    }
}

/// What production refuses to find in its database.
///
/// # Errors
/// See the message.
pub async fn check_database(storage: &Storage, config: &Config) -> anyhow::Result<()> {
    let demo_secret = storage.secret_by_digest(&digest(demo::API_SECRET)).await?;
    let demo_merchant = storage.merchant(&MerchantId::known(demo::MERCHANT_ID)).await?;
    if demo_secret.is_some_and(|secret| secret.deleted_at.is_none()) || demo_merchant.is_some() {
        bail!(
            "the database {} was used by `paypier dev`: it holds the demo credentials, which everybody knows. Production \
             needs a database of its own; name one with --database-url, or another folder with --data-dir",
            config.database_url()
        );
    }
    for store in all_stores(storage).await? {
        for channel in storage.channels_of(&store.id).await? {
            check_channel(&channel, config)?;
        }
    }
    Ok(())
}

/// Whether everything that requests will need can be opened. A wrong master key must be noticed
/// now, not by the first buyer.
///
/// # Errors
/// See the message.
pub async fn check_seals(storage: &Storage, keyring: &Keyring, machine: &Machine) -> anyhow::Result<()> {
    let refusal = |what: String, error: KeyringError| {
        anyhow::anyhow!(
            "{what} cannot be opened: {error}. Start with the master key that sealed it (several, the newest first, in \
             PAYPIER_MASTER_KEY or the key file); if that key is lost, replace what it sealed with `paypier admin`"
        )
    };
    for store in all_stores(storage).await? {
        for channel in storage.channels_of(&store.id).await?.iter().filter(|channel| channel.is_enabled) {
            let opened = keyring.open(&credentials_purpose(&channel.key), &channel.credentials);
            opened
                .map_err(|error| refusal(format!("the credentials of the channel {}", channel.key), error))?;
        }
        for secret in storage.webhook_secrets_of(&store.id, machine.clock.now()).await? {
            let opened = keyring.open(&secret_purpose(&secret.store, &secret.id), &secret.sealed);
            opened.map_err(|error| refusal(format!("the webhook secret {}", secret.id), error))?;
        }
        if let Some(merchant) = storage.global_merchant(&store.id).await? {
            let opened = keyring.open(&global_secret_purpose(&store.id), &merchant.secret);
            opened.map_err(|error| refusal(format!("the Global secret of the store {}", store.id), error))?;
        }
    }
    Ok(())
}

/// Whether the simulated PSP still is the one that its channels were made with.
///
/// # Errors
/// Another secret was given, or a new one was made because the old file was not found.
pub async fn check_sandbox_secret(app: &App, config: &Config) -> anyhow::Result<()> {
    let Some(psp) = &app.simulator else { return Ok(()) };
    for store in all_stores(&app.storage).await? {
        for channel in app.storage.channels_of(&store.id).await? {
            if channel.connector != "sandbox" || !channel.is_enabled {
                continue;
            }
            let expected = demo::sandbox_credentials(psp, &store.id, &channel.pg_merchant_id);
            let opened = app.keyring.open(&credentials_purpose(&channel.key), &channel.credentials);
            if opened.is_ok_and(|clear| clear != expected.as_bytes()) {
                bail!(
                    "the channel {} was made with another secret of the simulated PSP, which would refuse every payment on \
                     it. Name the file that holds the first one in sandbox.secret_file (now {}), or rotate the channel's \
                     credentials with `paypier admin channel rotate-credentials`",
                    channel.key,
                    secrets::sandbox_secret_file(config).display()
                );
            }
        }
    }
    Ok(())
}

async fn all_stores(storage: &Storage) -> anyhow::Result<Vec<Store>> {
    let mut stores = Vec::new();
    for merchant in storage.merchants().await? {
        stores.extend(storage.stores_of(&merchant.id).await?);
    }
    Ok(stores)
}

/// The simulated PSP takes no real money, so nothing LIVE may rely on it.
///
/// # Errors
/// See the message.
pub fn check_channel(channel: &Channel, config: &Config) -> anyhow::Result<()> {
    if channel.connector != "sandbox" {
        return Ok(());
    }
    match channel.environment {
        Environment::Live => bail!(
            "the LIVE channel {} of the store {} is served by the simulated PSP, which takes no money. Correct it in the \
             database; `paypier admin channel create` never makes such a channel",
            channel.key,
            channel.store
        ),
        Environment::Test if channel.is_enabled && !config.sandbox.enabled => bail!(
            "the TEST channel {} of the store {} is served by the simulated PSP, which is switched off. Switch it on with \
             sandbox.enabled = true (PAYPIER_SANDBOX_ENABLED=true), or disable the channel with `paypier admin channel \
             disable {} --store {}`",
            channel.key,
            channel.store,
            channel.key,
            channel.store
        ),
        Environment::Test => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use paypier_domain::account::Sealed;
    use paypier_domain::channel::ChannelUsage;
    use paypier_domain::id::{ChannelId, ChannelKey, StoreId};

    fn channel(environment: Environment, connector: &str) -> Channel {
        Channel {
            key: ChannelKey::known("channel-key-1"),
            id: ChannelId::known("channel-id-1"),
            store: StoreId::known("store-1"),
            name: "cards".into(),
            environment,
            usage: ChannelUsage::Payment,
            connector: connector.into(),
            pg_provider: "TOSSPAYMENTS".into(),
            pg_merchant_id: "mid".into(),
            manual_capture: false,
            manual_approval: false,
            is_enabled: true,
            credentials: Sealed(Vec::new()),
        }
    }

    #[test]
    fn several_replicas_need_more_than_sqlite() {
        let mut config = Config::default();
        check_configuration(&config).unwrap();
        config.server.replicas = 2;
        let refusal = check_configuration(&config).unwrap_err();
        assert!(refusal.is::<Misuse>() && refusal.to_string().contains("postgres://"), "{refusal}");
        config.database.url = Some("postgres://db/pay".parse().unwrap());
        check_configuration(&config).unwrap();
    }

    #[test]
    fn the_simulated_psp_serves_test_channels_where_it_is_switched_on() {
        let off = Config::default();
        let mut on = Config::default();
        on.sandbox.enabled = true;
        for (channel, config, is_accepted) in [
            (channel(Environment::Test, "sandbox"), &on, true),
            (channel(Environment::Test, "sandbox"), &off, false),
            (Channel { is_enabled: false, ..channel(Environment::Test, "sandbox") }, &off, true),
            (channel(Environment::Live, "sandbox"), &on, false),
            (channel(Environment::Live, "tosspayments"), &off, true),
        ] {
            assert_eq!(check_channel(&channel, config).is_ok(), is_accepted, "{channel:?}");
        }
    }
}
