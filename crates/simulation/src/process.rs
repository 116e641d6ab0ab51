//! One process of the server: everything between its start and its end, however that comes.

use crate::ground::Ground;
use crate::network::Network;
use crate::office;
use crate::post::Postman;
use axum::Router;
use paypier::clock::Ids;
use paypier::compose::{self, Composed, Ingredients, Mode, Outside};
use paypier::config::Config;
use paypier::http::HttpOptions;
use paypier::keyring::Keyring;
use paypier::notify::Nobody;
use paypier_connectors::exchange::Exchange;
use paypier_storage::{DatabaseUrl, Options, Storage};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the simulated PSP derives its keys from.
pub const SANDBOX_SECRET: [u8; 32] = *b"paypier-simulated-world-psp-key!";

/// What an operator would set.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// How long the PSP is waited for.
    pub read_timeout: Duration,
    /// How long a caller is kept waiting while an outcome is unknown.
    pub caller_patience: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { read_timeout: Duration::from_secs(3), caller_patience: Duration::from_secs(30) }
    }
}

impl Settings {
    fn config(&self) -> Config {
        let mut config = Config::default();
        config.sandbox.enabled = true;
        config.sandbox.read_timeout = self.read_timeout;
        config.limits.caller_patience = self.caller_patience;
        config
    }
}

/// A server that runs. Dropping it stops nothing: its tasks belong to the runtime.
#[derive(Debug)]
pub struct Process {
    pub composed: Composed,
    pub router: Router,
}

/// Puts a server together on the database at `path`; starts nothing.
///
/// # Errors
/// The database cannot be opened.
pub async fn compose(ground: &Arc<Ground>, path: &Path, settings: &Settings) -> anyhow::Result<Composed> {
    compose_on(ground, path, settings, &Arc::default()).await
}

type Psp = Arc<Mutex<Option<Arc<dyn Exchange>>>>;

async fn compose_on(
    ground: &Arc<Ground>,
    path: &Path,
    settings: &Settings,
    psp: &Psp,
) -> anyhow::Result<Composed> {
    let machine = office::machine(ground);
    let ids = Ids { clock: machine.clock.clone(), random: machine.random.clone() };
    let mut options = Options::new(DatabaseUrl::Sqlite(path.to_owned()), ids.uuid().to_string());
    options.faults = ground.disk.clone();
    options.inline = Some(office::disk(ground));
    let storage = Storage::open(options).await?;
    let network = {
        let (ground, psp) = (ground.clone(), psp.clone());
        Box::new(move |direct: Arc<dyn Exchange>| -> Arc<dyn Exchange> {
            *crate::ground::locked(&psp) = Some(direct.clone());
            Arc::new(Network { ground, psp: direct })
        })
    };
    let outside = Outside {
        network,
        psps: Vec::new(),
        courier: Arc::new(Postman(ground.clone())),
        messenger: Arc::new(Nobody),
    };
    let config = settings.config();
    Ok(compose::application_in(
        Ingredients {
            config: &config,
            mode: Mode::Local,
            machine,
            storage,
            keyring: Keyring::new(vec![[7; 32]]),
            sandbox_secret: Some(SANDBOX_SECRET),
            public_url: "http://paypier.example".into(),
        },
        outside,
    ))
}

impl Process {
    /// Starts a server as `paypier serve` does: takes up what an earlier one left open, then serves.
    ///
    /// # Errors
    /// The database cannot be opened, or recovery cannot write.
    pub async fn start(ground: &Arc<Ground>, path: &Path, settings: &Settings) -> anyhow::Result<Self> {
        let psp = Psp::default();
        let composed = compose_on(ground, path, settings, &psp).await?;
        // What had left the dead process arrives at the PSP before anybody asks about it.
        let direct = crate::ground::locked(&psp).clone();
        for request in ground.traffic.left_behind(ground.clock.passed()) {
            ground.trace.say(format!("  psp <- {} {}: left behind", request.method, request.path));
            if let Some(direct) = &direct {
                let _ = direct.send(request).await;
            }
        }
        paypier::jobs::recover(&composed.app).await?;
        compose::queue_purge(&composed.app).await?;
        let _runs_on = paypier::jobs::start(composed.app.clone());
        let options: HttpOptions = compose::http_options(&settings.config());
        let router = paypier::http::router(composed.app.clone(), options);
        Ok(Self { composed, router })
    }
}
