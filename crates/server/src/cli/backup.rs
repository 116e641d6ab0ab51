//! `paypier backup`: a copy of an SQLite database, beside a server that goes on.

use super::report::{Form, Report};
use super::transfer::{Made, free_name};
use super::{Context, Misuse};
use clap::Args;
use paypier_storage::DatabaseUrl;
use serde_json::json;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  paypier backup /backup/paypier-$(date +%F).db
  paypier verify --database-url sqlite:/backup/paypier-2026-12-01.db

The copy is complete in itself and opens with the same master key. It holds buyers' data: only its owner
may read it. PostgreSQL has tools of its own (pg_dump, continuous archiving); docs/operating/backup.md
says how. To move to another kind of database, use `paypier export`.";

/// Copy an SQLite database while it is used.
///
/// The copy shows one instant, and everything that was acknowledged before it. It is read through once
/// before it gets its name, so that a file of that name is a sound backup.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct BackupArgs {
    /// Where the copy goes; must not exist
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// # Errors
/// It is no SQLite database, it is damaged, or there is no room for the copy.
pub async fn run(context: Context, args: BackupArgs) -> anyhow::Result<()> {
    let url = context.config.database_url();
    let DatabaseUrl::Sqlite(source) = &url else {
        return Err(Misuse(format!(
            "{url} is PostgreSQL, which makes its own backups: `pg_dump --format=custom --file={} …` for a copy of this \
             instant, or continuous archiving to lose nothing (docs/operating/backup.md)",
            args.file.display()
        ))
        .into());
    };
    let file = free_name(args.file)?;
    let made = Made::beside(&file)?;
    let copied = paypier_storage::backup(source, made.path())
        .await
        .map_err(|error| anyhow::Error::new(error).context(format!("{url} cannot be backed up")))?;
    made.named(&file)?;
    let shown = Report::record(vec![
        ("file", json!(file.display().to_string())),
        ("bytes", json!(copied.bytes)),
        ("payments", json!(copied.payments)),
        ("schemaVersion", json!(copied.schema)),
    ])
    .headed(format!("{url} was copied, and the copy is sound."))
    .noted("Keep it apart from the master key, which its sealed values need.");
    println!("{}", shown.rendered(if args.json { Form::Json } else { Form::Human }));
    Ok(())
}
