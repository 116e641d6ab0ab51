//! `paypier verify`: proves the books.

use super::Context;
use crate::verify::{Progress, VerifyOptions};
use clap::Args;
use std::process::ExitCode;

/// Prove the whole database: ledger, balances, payments, events, and the simulated PSP's books.
///
/// It reads only and may run beside a serving process. Exit code 0: everything holds; 1: something
/// differs, and each difference is named with what to do.
#[derive(Debug, Default, Args)]
#[command(
    after_help = "Examples:\n  paypier verify\n  paypier verify --json --database-url postgres://paypier@db/paypier"
)]
pub struct VerifyArgs {
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
    /// Differences that are listed; all are counted
    #[arg(long, value_name = "COUNT", default_value_t = 10_000)]
    pub most_listed: usize,
    /// Do not say on standard error how far it is
    #[arg(long)]
    pub quiet: bool,
}

/// # Errors
/// The database cannot be read.
pub async fn run(context: Context, args: VerifyArgs) -> anyhow::Result<ExitCode> {
    let storage = context.storage().await?;
    let progress = if args.quiet { Progress::Silent } else { Progress::ToStderr };
    let report =
        crate::verify::run(&storage, VerifyOptions { progress, most_listed: args.most_listed }).await?;
    println!("{}", if args.json { report.json() } else { report.human() });
    Ok(if report.holds() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
