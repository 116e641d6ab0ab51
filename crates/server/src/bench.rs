//! `paypier bench`: how fast the real server is on this machine, and how near it comes to a loop that
//! only writes the same rows.
//!
//! The server of `paypier dev` is started in this process on a free loopback port, with a database of
//! its own, and driven over HTTP by clients on a thread of their own. Every answer is read and
//! checked; what is not a 200 is an error and counted as one. The load generator shares the machine
//! with the server, so its own CPU time is measured and shown apart.

mod fill;
mod load;
mod overload;
mod platform;
mod process;
mod report;
mod scenario;
mod server;

pub use load::Pace;
pub use overload::OverloadReport;
pub use platform::{PlatformOptions, PlatformReport};
pub use report::{BenchReport, Latency};
pub use scenario::Scenario;

use crate::compose::Machine;
use anyhow::{Context, bail};
use load::{Curve, Load, Outcome};
use paypier_storage::DatabaseUrl;
use process::Database;
use server::BenchServer;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// What is measured and how.
#[derive(Debug, Clone)]
pub struct BenchOptions {
    pub scenario: Scenario,
    /// Connections that are kept open; in a closed loop each has one request under way.
    pub clients: usize,
    pub pace: Pace,
    pub duration: Duration,
    /// Load before the measurement, not counted.
    pub warm_up: Duration,
    /// Payments that are in the database before anything is measured.
    pub existing: u64,
    /// `None`: an SQLite file in a temporary folder, removed afterwards. A PostgreSQL database is
    /// written to and left as it is; it must hold nothing but earlier benches.
    pub database: Option<DatabaseUrl>,
    /// Where the temporary folder is made; `None`: where the system keeps temporary files. Those may
    /// live in memory, where a flush costs nothing and the numbers mean nothing.
    pub folder: Option<PathBuf>,
    /// A server of `paypier dev` that runs already and is driven instead of one of our own. What is
    /// measured of processes is then the load generator's.
    pub at: Option<SocketAddr>,
    pub comparison: Comparison,
    pub form: Form,
}

/// Whether the bare loop is run behind the measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    BareLoop,
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Human,
    Json,
}

impl Default for BenchOptions {
    fn default() -> Self {
        Self {
            scenario: Scenario::KeyIn,
            clients: 64,
            pace: Pace::Closed,
            duration: Duration::from_secs(10),
            warm_up: Duration::from_secs(3),
            existing: 0,
            database: None,
            folder: None,
            at: None,
            comparison: Comparison::BareLoop,
            form: Form::Human,
        }
    }
}

/// Measures and prints.
///
/// # Errors
/// The server cannot be started, or the load generator cannot reach it.
pub async fn run(options: BenchOptions) -> anyhow::Result<()> {
    let form = options.form;
    let report = measure(options).await?;
    report::print(&report, form);
    Ok(())
}

/// Measures what becomes of `factor` times as many requests as the server can answer, and prints.
///
/// # Errors
/// As [`run`].
pub async fn run_overloaded(options: BenchOptions, factor: u32) -> anyhow::Result<()> {
    let form = options.form;
    let report = measure_overloaded(options, factor).await?;
    report::print_as(&report, report.human(), form);
    Ok(())
}

/// Measures a marketplace, and prints.
///
/// # Errors
/// As [`run`].
pub async fn run_platform(options: BenchOptions, platform: PlatformOptions) -> anyhow::Result<()> {
    let form = options.form;
    let report = measure_platform(options, platform).await?;
    report::print_as(&report, report.human(), form);
    Ok(())
}

/// # Errors
/// As [`run`].
pub async fn measure_platform(
    options: BenchOptions,
    platform: PlatformOptions,
) -> anyhow::Result<PlatformReport> {
    let machine = Machine::real();
    let folder = folder(&options, &machine)?;
    let server = BenchServer::start(&options, &folder.0, &machine).await?;
    let report = platform::measure(platform, &server, &machine).await;
    server.stop().await;
    report
}

/// # Errors
/// As [`run`].
pub async fn measure_overloaded(options: BenchOptions, factor: u32) -> anyhow::Result<OverloadReport> {
    check(&options)?;
    let machine = Machine::real();
    let folder = folder(&options, &machine)?;
    let server = BenchServer::start(&options, &folder.0, &machine).await?;
    let report = overload::measure(&options, factor, &server, machine.random.number()).await;
    server.stop().await;
    report
}

/// Measures.
///
/// # Errors
/// As [`run`].
pub async fn measure(options: BenchOptions) -> anyhow::Result<BenchReport> {
    check(&options)?;
    let machine = Machine::real();
    let folder = folder(&options, &machine)?;
    let server = BenchServer::start(&options, &folder.0, &machine).await?;
    if options.existing > 0
        && let Some(storage) = server.storage()
    {
        fill::payments(storage, options.existing, &machine).await?;
    }
    let outcome = drive(&options, &server, machine.random.number(), Curve::NotKept).await?;
    let usage = outcome.usage;
    let (engine, url) = (server.engine(), server.database().clone());
    // The bare loop has the machine to itself.
    server.stop().await;
    let bare = match options.comparison {
        Comparison::BareLoop => Some(bare(&options, &url, &folder.0, &machine).await?),
        Comparison::None => None,
    };
    Ok(BenchReport::of(&options, engine, &outcome, usage, bare))
}

fn check(options: &BenchOptions) -> anyhow::Result<()> {
    if options.clients == 0 || options.duration.is_zero() {
        bail!("a bench needs at least one client and a duration");
    }
    if let Pace::Open { per_second: 0 } = options.pace {
        bail!("a rate must be above 0");
    }
    if options.at.is_some() && (options.existing > 0 || options.comparison == Comparison::BareLoop) {
        bail!("with a server that runs already there is neither a bare loop nor a way to fill its database");
    }
    Ok(())
}

fn folder(options: &BenchOptions, machine: &Machine) -> anyhow::Result<Folder> {
    match &options.folder {
        Some(parent) => Folder::below(parent, machine),
        None => Folder::below(&std::env::temp_dir(), machine),
    }
}

/// Runs the load on a thread and runtime of its own, so that the server's runtime does the server's
/// work only.
async fn drive(
    options: &BenchOptions,
    server: &BenchServer,
    run: u64,
    curve: Curve,
) -> anyhow::Result<Outcome> {
    let load = Arc::new(Load {
        address: server.address(),
        scenario: options.scenario,
        clients: options.clients,
        pace: options.pace,
        warm_up: options.warm_up,
        duration: options.duration,
        existing: options.existing,
        database: match server.database() {
            DatabaseUrl::Sqlite(_) => Database::InProcess,
            DatabaseUrl::Postgres(_) => Database::Beside,
        },
        run,
        curve,
    });
    let (sender, receiver) = tokio::sync::oneshot::channel();
    std::thread::Builder::new()
        .name("bench-load".to_owned())
        .spawn(move || {
            let ended = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .context("the load generator's runtime cannot be started")
                .and_then(|runtime| runtime.block_on(load::generate(load)));
            // Nobody listens any more when the bench was given up.
            let _given_up = sender.send(ended);
        })
        .context("the load generator's thread cannot be started")?;
    receiver.await.context("the load generator broke off")?
}

/// Payments a second of the bare loop, on a file of its own beside the measured one, or in the same
/// PostgreSQL database.
async fn bare(
    options: &BenchOptions,
    url: &DatabaseUrl,
    folder: &std::path::Path,
    machine: &Machine,
) -> anyhow::Result<u64> {
    let url = match url {
        DatabaseUrl::Sqlite(_) => DatabaseUrl::Sqlite(folder.join("bare.db")),
        DatabaseUrl::Postgres(_) => url.clone(),
    };
    paypier_storage::migrate(&url, machine.clock.now())
        .await
        .context("the bare loop's database cannot be made")?;
    // Named as nothing else is: an earlier bench's rows may be there.
    let run = format!("bare-{:016x}", machine.random.number());
    paypier_storage::bare::payments_per_second(
        &url,
        &run,
        options.clients,
        options.duration,
        machine.clock.now(),
    )
    .await
    .context("the bare loop failed")
}

/// A folder that goes away with the bench.
#[derive(Debug)]
struct Folder(PathBuf);

impl Folder {
    fn below(parent: &std::path::Path, machine: &Machine) -> anyhow::Result<Self> {
        let folder = parent.join(format!("paypier-bench-{:016x}", machine.random.number()));
        crate::compose::make_folder(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(folder = %self.0.display(), %error, "the bench's folder cannot be removed");
        }
    }
}

#[cfg(test)]
mod tests;
