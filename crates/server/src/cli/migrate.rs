//! `paypier migrate`: brings the database to this binary's schema.

use super::Context;
use super::report::{Form, Report};
use clap::Args;
use serde_json::json;

/// Bring the database to the schema of this version.
///
/// Each migration is one transaction; running it again, or on several machines at once, is safe. Make a
/// backup first: an older version cannot use a migrated database. `paypier dev` does this by itself,
/// `paypier serve` only with --migrate.
#[derive(Debug, Default, Args)]
#[command(after_help = "Example:\n  paypier migrate --database-url postgres://paypier@db/paypier")]
pub struct MigrateArgs {
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// # Errors
/// The database cannot be reached, is damaged, or is newer than this binary.
pub async fn run(context: Context, args: MigrateArgs) -> anyhow::Result<()> {
    let report = crate::compose::migrate(&context.config, &context.machine).await?;
    let url = context.config.database_url();
    let headline = if report.events_renumbered {
        format!("{url} came from another PostgreSQL cluster: its events have new places, in their old order.")
    } else if report.applied.is_empty() {
        format!("{url} has schema version {} already; nothing was changed.", report.to)
    } else {
        format!("{url} was brought from schema version {} to {}.", report.from, report.to)
    };
    let shown = Report::record(vec![
        ("from", json!(report.from)),
        ("to", json!(report.to)),
        ("applied", json!(report.applied)),
        ("eventsRenumbered", json!(report.events_renumbered)),
    ])
    .headed(headline);
    println!("{}", shown.rendered(if args.json { Form::Json } else { Form::Human }));
    Ok(())
}
