//! `paypier bench`: how fast this machine is.

use super::Context;
use crate::bench::{BenchOptions, Comparison, Form, Pace, PlatformOptions, Scenario};
use crate::config::quantity;
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

const EXAMPLES: &str = "\
Examples:
  paypier bench
  paypier bench --scenario read --existing 1000000
  paypier bench --rate 2000 --clients 256 --duration 1m
  paypier bench --overload 2
  paypier bench --platform --existing 900000             a marketplace's payday and its lists
  paypier bench --database-url postgres://paypier@localhost/paypier_bench
  paypier bench --at 127.0.0.1:8080                      a `paypier dev` that runs already

Without --database-url it measures an SQLite file of its own. A database that is named is written to:
name one that holds nothing else.";

/// Measure the real HTTP server, and beside it a bare loop that writes the same rows.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct BenchArgs {
    /// What is asked of the server: key-in, read, billing-key or cancel
    #[arg(long, value_name = "NAME", default_value = "key-in")]
    pub scenario: Scenario,
    /// Connections that are used at the same time
    #[arg(long, value_name = "COUNT", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub clients: u16,
    /// Requests per second, due at fixed times [default: each client asks again when it has its answer]
    #[arg(long, value_name = "PER_SECOND", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub rate: Option<u32>,
    /// Find out what it can do at most, then send this many times as much, and watch it recover
    #[arg(long, value_name = "FACTOR", conflicts_with_all = ["rate", "existing"], value_parser = clap::value_parser!(u32).range(2..=100))]
    pub overload: Option<u32>,
    /// How long it is measured, such as 10s or 1m
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = measured)]
    pub duration: Duration,
    /// Load before the measurement, not counted
    #[arg(long, value_name = "TIME", default_value = "3s", value_parser = warmed_up)]
    pub warm_up: Duration,
    /// Settle and pay the order transfers of a marketplace, then read its lists
    #[arg(long, conflicts_with_all = ["scenario", "rate", "overload", "at"])]
    pub platform: bool,
    /// Order transfers that are due (--platform)
    #[arg(long, value_name = "COUNT", default_value_t = 100_000, requires = "platform", value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub transfers: u64,
    /// Partners that they are of (--platform)
    #[arg(long, value_name = "COUNT", default_value_t = 5_000, requires = "platform", value_parser = clap::value_parser!(u64).range(1..=5_000))]
    pub partners: u64,
    /// Payments that are in the database before; with --platform, transfers
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    pub existing: u64,
    /// Where the SQLite file is made for the time being; on the disk that is to be measured [default:
    /// the data folder]
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    /// Drive a server of `paypier dev` that runs already, with its demo credentials
    #[arg(long, value_name = "IP:PORT", conflicts_with = "existing")]
    pub at: Option<SocketAddr>,
    /// Leave out the bare loop
    #[arg(long)]
    pub no_comparison: bool,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

fn measured(text: &str) -> Result<Duration, String> {
    between(text, Duration::from_secs(1))
        .ok_or_else(|| "a time from 1s to 1h, with its unit (s, m, h)".into())
}

fn warmed_up(text: &str) -> Result<Duration, String> {
    between(text, Duration::ZERO).ok_or_else(|| "a time from 0s to 1h, with its unit (s, m, h)".into())
}

fn between(text: &str, shortest: Duration) -> Option<Duration> {
    quantity::duration(text).filter(|duration| (shortest..=Duration::from_secs(3_600)).contains(duration))
}

/// # Errors
/// The server cannot be started, or a payment failed.
pub async fn run(context: Context, args: BenchArgs) -> anyhow::Result<()> {
    // The system's temporary folder may live in memory, where a flush costs nothing.
    let folder = args.folder.unwrap_or(context.config.server.data_dir);
    crate::compose::make_folder(&folder)?;
    let is_compared = !args.no_comparison && args.at.is_none();
    let options = BenchOptions {
        scenario: args.scenario,
        clients: usize::from(args.clients),
        pace: args.rate.map_or(Pace::Closed, |per_second| Pace::Open { per_second }),
        duration: args.duration,
        warm_up: args.warm_up,
        existing: args.existing,
        database: context.config.database.url,
        folder: Some(folder),
        at: args.at,
        comparison: if is_compared { Comparison::BareLoop } else { Comparison::None },
        form: if args.json { Form::Json } else { Form::Human },
    };
    if args.platform {
        let platform =
            PlatformOptions { transfers: args.transfers, partners: args.partners, existing: args.existing };
        return crate::bench::run_platform(options, platform).await;
    }
    match args.overload {
        Some(factor) => crate::bench::run_overloaded(options, factor).await,
        None => crate::bench::run(options).await,
    }
}
