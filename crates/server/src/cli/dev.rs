//! `paypier dev`: everything on one machine, for its own user.

pub mod demo;
mod sandbox_file;

use super::{Context, Misuse};
use crate::compose::{self, Ingredients, Migration, Mode, Ready, SoleUse, secrets};
use crate::config::Config;
use clap::Args;
use tokio::time::Instant;

pub use sandbox_file::{FILE_NAME as SANDBOX_FILE, SandboxFile};

const EXAMPLES: &str = "\
Examples:
  paypier                                  http://127.0.0.1:8080, data in ./paypier-data
  paypier dev --listen 127.0.0.1:0         a free port; the address is in sandbox.json
  paypier dev --data-dir /tmp/try          data elsewhere
  paypier dev --fresh                      without what earlier runs left behind

As soon as requests are accepted, sandbox.json in the data folder has the address and the credentials.
The credentials are the same on every machine and open to everybody: there is no real money here, only
loopback addresses are listened on, and `paypier serve` refuses a database with them in it.";

/// Run on this machine: embedded database, simulated PSP, demo credentials.
#[derive(Debug, Default, Args)]
#[command(after_help = EXAMPLES)]
pub struct DevArgs {
    /// Begin with an empty database: the SQLite file in the data folder is removed first
    #[arg(long)]
    pub fresh: bool,
}

/// # Errors
/// The address is not loopback, or the server cannot be started.
pub async fn run(context: Context, args: DevArgs) -> anyhow::Result<()> {
    let started = Instant::now();
    let Context { mut config, machine, .. } = context;
    check_configuration(&config)?;
    config.sandbox.enabled = true;
    compose::make_folder(&config.server.data_dir)?;
    let sole_use = SoleUse::of(&config.database_url())?;
    // Its coming back says that requests are accepted.
    let file = SandboxFile::in_folder(&config.server.data_dir);
    file.remove()?;
    if args.fresh {
        remove_database(&config)?;
    }
    compose::fit_open_files(&mut config);
    let (listener, bound) = compose::listen(&config).await?;
    let keyring = secrets::local_keys(&config, &machine)?;
    let storage = compose::open_storage(&config, &machine, Migration::Apply).await?;
    let url = config.public_url(bound);
    let composed = compose::application(Ingredients {
        config: &config,
        mode: Mode::Local,
        machine,
        storage,
        keyring,
        sandbox_secret: Some(demo::SANDBOX_SECRET),
        public_url: url.clone(),
    })?;
    demo::provide(&composed.app).await?;
    let ready = Ready { url, started };
    compose::run(composed, &config, listener, ready, |ready| {
        file.write(&ready.url)?;
        println!("{}", banner(&ready.url, &file));
        Ok(())
    })
    .await?;
    // Whoever waits for the next start must not take this one's file for it.
    file.remove()?;
    drop(sole_use);
    Ok(())
}

/// # Errors
/// The address is reachable from elsewhere, or there are several replicas.
pub fn check_configuration(config: &Config) -> anyhow::Result<()> {
    let listen = config.server.listen;
    if !listen.ip().is_loopback() {
        return Err(Misuse(format!(
            "`paypier dev` listens on loopback addresses only, and {listen} is none: its credentials are known to \
             everybody. Use 127.0.0.1:{} or [::1]:{}; to be reached from elsewhere run `paypier serve`. In a container, \
             share the host's network (docker run --network host)",
            listen.port(),
            listen.port()
        ))
        .into());
    }
    if config.server.replicas > 1 {
        return Err(
            Misuse("`paypier dev` is one process; several replicas are for `paypier serve`".into()).into()
        );
    }
    Ok(())
}

fn remove_database(config: &Config) -> anyhow::Result<()> {
    let paypier_storage::DatabaseUrl::Sqlite(path) = config.database_url() else {
        return Err(
            Misuse("--fresh removes an SQLite file; empty a PostgreSQL database yourself".into()).into()
        );
    };
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.clone().into_os_string();
        name.push(suffix);
        match std::fs::remove_file(&name) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                let context = format!("{} cannot be removed", name.to_string_lossy());
                return Err(anyhow::Error::new(error).context(context));
            }
        }
    }
    Ok(())
}

fn banner(url: &str, file: &SandboxFile) -> String {
    format!(
        r#"
paypier is ready at {url}

  a shop to try   {url}/demo
  API secret      {secret}
  store           {store}
  webhook secret  {webhook_secret}
  card channel    {card}
  Global key      {global_key} (its secret is in the file below)
  all of it       {file}
  documentation   {url}/docs

A first payment:

  curl -sS {url}/payments/order-1/instant \
    -H 'Authorization: PortOne {secret}' \
    -d '{{"channelKey":"{card}","orderName":"Coffee","amount":{{"total":4500}},"currency":"KRW",
         "method":{{"card":{{"credential":{{"number":"4242424242424242","expiryYear":"30","expiryMonth":"12",
         "birthOrBusinessRegistrationNumber":"900101","passwordTwoDigits":"12"}}}}}}}}'

  curl -sS {url}/payments/order-1 -H 'Authorization: PortOne {secret}'

Webhooks as they happen: paypier webhooks listen
Ctrl-C stops it.
"#,
        secret = demo::API_SECRET,
        store = demo::STORE_ID,
        webhook_secret = demo::WEBHOOK_SECRET,
        card = demo::CARD.key,
        global_key = demo::GLOBAL_CLIENT_KEY,
        file = file.path().display(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_listened_on() {
        for (listen, is_accepted) in [
            ("127.0.0.1:8080", true),
            ("127.0.0.7:0", true),
            ("[::1]:8080", true),
            ("0.0.0.0:8080", false),
            ("[::]:8080", false),
            ("192.168.1.5:8080", false),
        ] {
            let mut config = Config::default();
            config.server.listen = listen.parse().unwrap();
            let checked = check_configuration(&config);
            assert_eq!(checked.is_ok(), is_accepted, "{listen}");
            if let Err(refusal) = checked {
                assert!(refusal.is::<Misuse>() && refusal.to_string().contains("paypier serve"), "{refusal}");
            }
        }
    }

    #[test]
    fn the_payment_in_the_banner_is_json() {
        let folder = tempfile::tempdir().unwrap();
        let banner = banner("http://127.0.0.1:1", &SandboxFile::in_folder(folder.path()));
        let body = banner.split("-d '").nth(1).and_then(|rest| rest.split('\'').next()).unwrap();
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["channelKey"], demo::CARD.key);
    }
}
