//! The command line: what each command takes, what it prints, and how it ends.
//!
//! Exit codes: 0 it worked; 1 it did not, with one paragraph on standard error that says what to do
//! next; 2 the command line or the configuration is wrong. Results go to standard output, everything
//! else to standard error, so that output can be piped.

#![expect(clippy::print_stdout, reason = "printing is what a command line is for")]
#![expect(clippy::print_stderr, reason = "printing is what a command line is for")]

pub mod admin;
pub mod backup;
pub mod bench;
pub mod dev;
pub mod migrate;
pub mod report;
pub mod serve;
pub mod transfer;
pub mod verify;
pub mod webhooks;

use crate::compose::{Machine, Migration};
use crate::config::log::LogFormat;
use crate::config::{Config, ConfigError, Environment, Override};
use clap::{Args, Parser, Subcommand};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

const EXAMPLES: &str = "\
Examples:
  paypier                                        start on this machine, with demo credentials
  paypier dev --listen 127.0.0.1:9000            the same on another port
  paypier serve --database-url postgres://…      production
  paypier admin merchant create --name 'Acme'    the first thing a new production server needs
  paypier webhooks listen --forward-to http://localhost:3000/webhook

Every setting is also a line of a TOML file (--config) and an environment variable; flags win over
variables, variables over the file. config.example.toml lists all with defaults and units.";

/// A self-hostable payment server that speaks PortOne's APIs.
///
/// Without a command it is `paypier dev`: everything on this machine, with an embedded database, a
/// simulated PSP and well-known demo credentials, ready in a second.
#[derive(Debug, Parser)]
#[command(name = "paypier", version, after_help = EXAMPLES, max_term_width = 100, disable_help_subcommand = true)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Settings (accepted by every command)")]
pub struct Global {
    /// Address and port to listen on [env: PAYPIER_LISTEN] [default: 127.0.0.1:8080]
    #[arg(long, global = true, value_name = "IP:PORT")]
    pub listen: Option<String>,
    /// Folder for the SQLite file and local keys [env: PAYPIER_DATA_DIR] [default: ./paypier-data]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub data_dir: Option<String>,
    /// sqlite:PATH or postgres://… [env: PAYPIER_DATABASE_URL] [default: paypier.db in the data folder]
    #[arg(long, global = true, value_name = "URL", hide_default_value = true)]
    pub database_url: Option<String>,
    /// How clients reach the server, behind a proxy [env: PAYPIER_PUBLIC_URL] [default: from --listen]
    #[arg(long, global = true, value_name = "URL")]
    pub public_url: Option<String>,
    /// A TOML file with settings [env: PAYPIER_CONFIG] [default: none]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// text or json, to standard error [env: PAYPIER_LOG] [default: text]
    #[arg(long, global = true, value_name = "FORMAT")]
    pub log: Option<String>,
    /// What is logged, such as debug or info,paypier::jobs=debug [env: PAYPIER_LOG_FILTER] [default: info]
    #[arg(long, global = true, value_name = "FILTER")]
    pub log_filter: Option<String>,
}

impl Global {
    fn overrides(&self) -> Vec<Override> {
        [
            ("--listen", "server.listen", &self.listen),
            ("--data-dir", "server.data_dir", &self.data_dir),
            ("--database-url", "database.url", &self.database_url),
            ("--public-url", "server.public_url", &self.public_url),
            ("--log", "log.format", &self.log),
            ("--log-filter", "log.filter", &self.log_filter),
        ]
        .into_iter()
        .filter_map(|(flag, key, value)| Some(Override { flag, key, value: value.clone()? }))
        .collect()
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    Dev(dev::DevArgs),
    Serve(serve::ServeArgs),
    Migrate(migrate::MigrateArgs),
    Verify(verify::VerifyArgs),
    Backup(backup::BackupArgs),
    Export(transfer::ExportArgs),
    Import(transfer::ImportArgs),
    Bench(bench::BenchArgs),
    #[command(subcommand)]
    Webhooks(webhooks::WebhooksCommand),
    Admin(admin::AdminArgs),
}

/// Wrong from the start: nothing was tried. Ends with exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Misuse(pub String);

/// Ends the process without noise when its reader went away (`paypier verify | head -1`): printing
/// panics then, and a panic message would go to the terminal for nothing.
pub fn end_quietly_when_nobody_reads() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let is_broken_pipe = panic.payload().downcast_ref::<String>().is_some_and(|text| {
            text.starts_with("failed printing to stdout") && text.contains("Broken pipe")
        });
        if is_broken_pipe {
            std::process::exit(0);
        }
        usual(panic);
    }));
}

/// Parses the command line of the process, runs it, and says how it ended.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Also how --help and --version end, which are no errors.
            let code = if error.use_stderr() { 2 } else { 0 };
            return match error.print() {
                Ok(()) => ExitCode::from(code),
                Err(_) => ExitCode::from(2),
            };
        }
    };
    let ended = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| anyhow::Error::new(error).context("the runtime cannot be started"))
        .and_then(|runtime| {
            let ended = runtime.block_on(run(cli, Environment::of_process()));
            // What is still blocked in a system call must not keep the process.
            runtime.shutdown_background();
            ended
        });
    match ended {
        Ok(code) => code,
        Err(error) => {
            let is_misuse = error.is::<Misuse>() || error.is::<ConfigError>();
            eprintln!("paypier: {}", paragraph(&error));
            ExitCode::from(if is_misuse { 2 } else { 1 })
        }
    }
}

/// The error with its causes, as one paragraph.
fn paragraph(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        // Some libraries repeat their cause in their own text.
        if !text.contains(&cause) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&cause);
        }
    }
    text
}

/// What every command is given.
#[derive(Debug, Clone)]
pub struct Context {
    pub config: Config,
    pub environment: Environment,
    pub machine: Machine,
}

async fn run(cli: Cli, environment: Environment) -> anyhow::Result<ExitCode> {
    let command = cli.command.unwrap_or(Command::Dev(dev::DevArgs::default()));
    let mut overrides = cli.global.overrides();
    if let Command::Serve(args) = &command {
        overrides.extend(args.overrides());
    }
    let config = Config::load(cli.global.config.as_deref(), &environment, &overrides)?;
    log_to_stderr(&config, default_level(&command));
    for warning in crate::config::warnings(&environment) {
        tracing::warn!("{warning}");
    }
    let context = Context { config, environment, machine: Machine::real() };
    match command {
        Command::Dev(args) => dev::run(context, args).await.map(|()| ExitCode::SUCCESS),
        Command::Serve(args) => serve::run(context, args).await.map(|()| ExitCode::SUCCESS),
        Command::Migrate(args) => migrate::run(context, args).await.map(|()| ExitCode::SUCCESS),
        Command::Verify(args) => verify::run(context, args).await,
        Command::Backup(args) => backup::run(context, args).await.map(|()| ExitCode::SUCCESS),
        Command::Export(args) => transfer::export(context, args).await.map(|()| ExitCode::SUCCESS),
        Command::Import(args) => transfer::import(context, args).await.map(|()| ExitCode::SUCCESS),
        Command::Bench(args) => bench::run(context, args).await.map(|()| ExitCode::SUCCESS),
        Command::Webhooks(command) => webhooks::run(context, command).await.map(|()| ExitCode::SUCCESS),
        Command::Admin(args) => admin::run(context, args).await.map(|()| ExitCode::SUCCESS),
    }
}

/// How much a command says by itself when no filter was set: servers tell their story, commands only
/// what went wrong.
fn default_level(command: &Command) -> &'static str {
    match command {
        Command::Dev(_) | Command::Serve(_) => "info",
        Command::Migrate(_)
        | Command::Verify(_)
        | Command::Backup(_)
        | Command::Export(_)
        | Command::Import(_)
        | Command::Bench(_)
        | Command::Webhooks(_)
        | Command::Admin(_) => "warn",
    }
}

fn log_to_stderr(config: &Config, default_level: &str) {
    let is_default = config.log.filter == Config::default().log.filter;
    let filter = if is_default { default_level } else { config.log.filter.as_str() };
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new(default_level));
    let builder = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_env_filter(filter);
    // A second subscriber can only be a test's own; it stays.
    let _set = match config.log.format {
        LogFormat::Text => builder.with_target(false).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).with_current_span(false).try_init(),
    };
}

impl Context {
    /// Opens the database as it is.
    async fn storage(&self) -> anyhow::Result<paypier_storage::Storage> {
        crate::compose::open_storage(&self.config, &self.machine, Migration::Refuse).await
    }
}

#[cfg(test)]
mod tests;
