//! The server that is measured: that of `paypier dev`, on a runtime of its own, or one that runs
//! already somewhere else.

use super::BenchOptions;
use crate::cli::dev::demo;
use crate::compose::{self, Ingredients, Machine, Migration, Mode, Ready, secrets};
use crate::config::Config;
use anyhow::{Context, bail};
use paypier_storage::{DatabaseUrl, Storage};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// How long the server's runtime may take to end.
const LONGEST_END: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub struct BenchServer {
    address: SocketAddr,
    storage: Option<Storage>,
    database: DatabaseUrl,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl BenchServer {
    /// # Errors
    /// The server cannot be started, or the database holds what is not a bench's.
    pub async fn start(options: &BenchOptions, folder: &Path, machine: &Machine) -> anyhow::Result<Self> {
        let mut config = Config::default();
        folder.clone_into(&mut config.server.data_dir);
        config.server.listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        config.sandbox.enabled = true;
        config.database.url.clone_from(&options.database);
        let database = config.database_url();
        if let Some(address) = options.at {
            return Ok(Self { address, storage: None, database, stop: None, thread: None });
        }
        let machine = machine.clone();
        let (started, is_started) = oneshot::channel();
        let (stop, is_stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("bench-server".to_owned())
            .spawn(move || serve(config, machine, started, is_stopped))
            .context("the server's thread cannot be started")?;
        let (address, storage) = is_started.await.context("the server broke off")??;
        Ok(Self { address, storage: Some(storage), database, stop: Some(stop), thread: Some(thread) })
    }

    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Of a server of our own.
    pub const fn storage(&self) -> Option<&Storage> {
        self.storage.as_ref()
    }

    pub const fn database(&self) -> &DatabaseUrl {
        &self.database
    }

    pub fn engine(&self) -> &'static str {
        self.storage.as_ref().map_or("a server that runs already", Storage::engine_word)
    }

    /// Ends the server and waits until it has ended.
    pub async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            // It has stopped by itself when nobody listens.
            let _stopped = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let joined = tokio::task::spawn_blocking(move || thread.join()).await;
            if !matches!(joined, Ok(Ok(()))) {
                tracing::warn!("the server of the bench broke off");
            }
        }
    }
}

type Started = anyhow::Result<(SocketAddr, Storage)>;

fn serve(config: Config, machine: Machine, started: oneshot::Sender<Started>, stop: oneshot::Receiver<()>) {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let _nobody = started.send(Err(error).context("the server's runtime cannot be started"));
            return;
        }
    };
    runtime.block_on(async move {
        let (composed, listener, ready) = match prepare(&config, machine).await {
            Ok(prepared) => prepared,
            Err(error) => {
                let _nobody = started.send(Err(error));
                return;
            }
        };
        let storage = composed.app.storage.clone();
        let address = listener.local_addr().context("the bound address cannot be read");
        let serving = compose::run(composed, &config, listener, ready, |_| {
            // Nobody waits any more when the bench was given up.
            let _given_up = started.send(address.map(|address| (address, storage)));
            Ok(())
        });
        tokio::select! {
            ended = serving => {
                if let Err(error) = ended {
                    tracing::error!(?error, "the server of the bench ended");
                }
            }
            _ = stop => {}
        }
    });
    runtime.shutdown_timeout(LONGEST_END);
}

async fn prepare(
    config: &Config,
    machine: Machine,
) -> anyhow::Result<(compose::Composed, tokio::net::TcpListener, Ready)> {
    let started = Instant::now();
    let (listener, bound) = compose::listen(config).await?;
    let keyring = secrets::local_keys(config, &machine)?;
    let storage = compose::open_storage(config, &machine, Migration::Apply).await?;
    let merchants = storage.merchants().await.context("the database cannot be read")?;
    if let Some(other) = merchants.iter().find(|merchant| merchant.id.as_str() != demo::MERCHANT_ID) {
        bail!(
            "the database {} holds the merchant {}: a bench writes to its database, so give it one of its own (createdb paypier_bench)",
            config.database_url(),
            other.id
        );
    }
    let url = config.public_url(bound);
    let composed = compose::application(Ingredients {
        config,
        mode: Mode::Local,
        machine,
        storage,
        keyring,
        sandbox_secret: Some(demo::SANDBOX_SECRET),
        public_url: url.clone(),
    })?;
    demo::provide(&composed.app).await?;
    Ok((composed, listener, Ready { url, started }))
}
