//! `paypier export` and `paypier import`: a database moves as one file.

use super::report::{Form, Report};
use super::{Context, Misuse};
use crate::compose::{SoleUse, secrets};
use crate::keyring::sealed_under;
use anyhow::Context as _;
use clap::Args;
use paypier_storage::Storage;
use paypier_storage::transfer::{self, Company, Header, Observer, Summary};
use serde_json::json;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::Instant;

/// How often progress is told.
const TOLD_EVERY: Duration = Duration::from_secs(2);
const BUFFER: usize = 256 * 1024;

const EXPORT_EXAMPLES: &str = "\
From SQLite to PostgreSQL, with the server stopped:
  paypier export /backup/move.paypier
  paypier import /backup/move.paypier --database-url postgres://paypier@db/paypier
  paypier verify --database-url postgres://paypier@db/paypier

The file holds buyers' data, and is readable by its owner only. Credentials in it stay sealed: whoever
imports it needs the same master key. It is lines of JSON with a SHA-256 of all of them at the end; the
same data gives the same digest, whichever database it is in. docs/operating/moving.md describes it.";

/// Write the whole database into one file, to be imported elsewhere.
///
/// Works from SQLite and PostgreSQL, and shows one instant. A server that is running is refused, because
/// what it takes later would be left behind.
#[derive(Debug, Args)]
#[command(after_help = EXPORT_EXAMPLES)]
pub struct ExportArgs {
    /// Where the export goes; must not exist
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Export beside servers that go on: what they take later is not in the file. For a look, not for a move
    #[arg(long)]
    pub while_serving: bool,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
    /// Do not say on standard error how far it is
    #[arg(long)]
    pub quiet: bool,
}

/// Fill an empty database from an export.
///
/// Into SQLite or PostgreSQL, whichever the file came from. The database does not exist yet, or was
/// migrated and never used. All is imported or nothing: a damaged file, a full disk or a crash leaves the
/// database as it was, and the command can be run again.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  paypier import /backup/move.paypier --database-url postgres://paypier@db/paypier\n\nThen: paypier verify"
)]
pub struct ImportArgs {
    /// What `paypier export` has written
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Import although a master key is missing: what it sealed has to be entered again
    #[arg(long)]
    pub without_master_key: bool,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
    /// Do not say on standard error how far it is
    #[arg(long)]
    pub quiet: bool,
}

/// # Errors
/// The database cannot be read or is in use, or the file cannot be written.
pub async fn export(context: Context, args: ExportArgs) -> anyhow::Result<()> {
    let started = Instant::now();
    let url = context.config.database_url();
    let file = free_name(args.file)?;
    let storage = context.storage().await?;
    let company = if args.while_serving { Company::Serving } else { Company::Alone };
    let _sole_use = match company {
        Company::Alone => Some(SoleUse::of(&url).context(
            "a database that is served cannot be moved (`--while-serving` exports what is there now)",
        )?),
        Company::Serving => None,
    };
    let keys = sealing_keys(&storage, &context).await?;
    // Its own connections must not look like a server's.
    drop(storage);
    let made = Made::beside(&file)?;
    let out = BufWriter::with_capacity(BUFFER, made.create()?);
    let summary =
        transfer::export(&url, out, keys, company, context.machine.clock.now(), observer(args.quiet)).await;
    let summary = summary.with_context(|| format!("{url} cannot be exported"))?;
    made.named(&file)?;
    let shown = report(&summary, started, &file)
        .headed(format!("{url} was exported."))
        .noted("It holds buyers' data, and needs the same master key where it is imported.");
    println!("{}", shown.rendered(if args.json { Form::Json } else { Form::Human }));
    Ok(())
}

/// # Errors
/// The file is not whole or of another version, the database is not empty or in use, or a master key
/// is missing.
pub async fn import(context: Context, args: ImportArgs) -> anyhow::Result<()> {
    let started = Instant::now();
    let url = context.config.database_url();
    let open = || -> anyhow::Result<BufReader<File>> {
        let file =
            File::open(&args.file).with_context(|| format!("{} cannot be read", args.file.display()))?;
        Ok(BufReader::with_capacity(BUFFER, file))
    };
    let header = transfer::header(open()?).with_context(|| args.file.display().to_string())?;
    if !args.without_master_key {
        check_keys(&header, &context)?;
    }
    let _sole_use = SoleUse::of(&url)?;
    let now = context.machine.clock.now();
    let summary = transfer::import(&url, open()?, now, observer(args.quiet)).await;
    let summary =
        summary.with_context(|| format!("{} cannot be imported into {url}", args.file.display()))?;
    let shown = report(&summary, started, &args.file)
        .headed(format!("{url} was filled."))
        .noted("Next: paypier verify, then start the server.");
    println!("{}", shown.rendered(if args.json { Form::Json } else { Form::Human }));
    Ok(())
}

/// The master keys that what is in use was sealed under.
async fn sealing_keys(storage: &Storage, context: &Context) -> anyhow::Result<Vec<String>> {
    let mut names = BTreeSet::new();
    for merchant in storage.merchants().await? {
        for store in storage.stores_of(&merchant.id).await? {
            let channels = storage.channels_of(&store.id).await?;
            names.extend(channels.iter().filter_map(|channel| sealed_under(&channel.credentials)));
            let secrets = storage.webhook_secrets_of(&store.id, context.machine.clock.now()).await?;
            names.extend(secrets.iter().filter_map(|secret| sealed_under(&secret.sealed)));
            let global = storage.global_merchant(&store.id).await?;
            names.extend(global.and_then(|merchant| sealed_under(&merchant.secret)));
            let given = storage.global_channels_of(&store.id).await?;
            names.extend(given.iter().filter_map(|channel| sealed_under(&channel.credentials)));
        }
    }
    Ok(names.into_iter().collect())
}

fn check_keys(header: &Header, context: &Context) -> anyhow::Result<()> {
    if header.sealed_under.is_empty() {
        return Ok(());
    }
    let keyring = secrets::administrator_keys(&context.config).context(
        "the export holds sealed credentials: give the master key of the server that it came from, or import with \
         --without-master-key and enter them again",
    )?;
    let known = keyring.names();
    let missing: Vec<&str> = header
        .sealed_under
        .iter()
        .map(String::as_str)
        .filter(|name| !known.iter().any(|known| known == name))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Misuse(format!(
        "the export holds credentials that were sealed under master keys that are not configured here (they begin their \
         SHA-256 with {}): give those of the server that it came from (PAYPIER_MASTER_KEY or the key file), or import \
         with --without-master-key and enter the credentials again. Nothing was imported",
        missing.join(", ")
    ))
    .into())
}

fn report(summary: &Summary, started: Instant, file: &Path) -> Report {
    let seconds = started.elapsed().as_millis().max(1);
    let rate = u128::from(summary.rows).saturating_mul(1000).checked_div(seconds).unwrap_or(0);
    let payments =
        summary.tables.iter().find(|table| table.table == "payments").map_or(0, |table| table.rows);
    Report::record(vec![
        ("file", json!(file.display().to_string())),
        ("payments", json!(payments)),
        ("rows", json!(summary.rows)),
        ("bytes", json!(summary.bytes)),
        ("sha256", json!(summary.sha256)),
        ("milliseconds", json!(u64::try_from(seconds).unwrap_or(u64::MAX))),
        ("rowsPerSecond", json!(u64::try_from(rate).unwrap_or(u64::MAX))),
    ])
}

/// Tells how far it is, on standard error.
fn observer(is_quiet: bool) -> Observer {
    if is_quiet {
        return Box::new(|_| {});
    }
    let started = Instant::now();
    let mut told_at = started;
    Box::new(move |progress| {
        if told_at.elapsed() < TOLD_EVERY {
            return;
        }
        told_at = Instant::now();
        let per_cent = progress.rows.saturating_mul(100).checked_div(progress.rows_in_all).unwrap_or(100);
        let rate = progress.rows.checked_div(started.elapsed().as_secs().max(1)).unwrap_or(0);
        eprintln!(
            "{} of {} rows ({per_cent} %), {rate} rows/s, {} MiB",
            progress.rows,
            progress.rows_in_all,
            progress.bytes / (1024 * 1024)
        );
    })
}

/// A name that nothing has yet: results never replace what is there.
///
/// # Errors
/// Something has it.
pub(super) fn free_name(file: PathBuf) -> anyhow::Result<PathBuf> {
    if file.symlink_metadata().is_ok() {
        return Err(Misuse(format!("{} exists already; nothing was written over it", file.display())).into());
    }
    Ok(file)
}

/// A file that is being made under another name, which it loses when it is complete. Removed
/// otherwise, so that no name stands for half a file.
#[derive(Debug)]
pub(super) struct Made {
    partial: PathBuf,
}

impl Made {
    pub(super) fn beside(file: &Path) -> anyhow::Result<Self> {
        let mut name = OsString::from(file);
        name.push(".partial");
        let partial = PathBuf::from(name);
        match std::fs::remove_file(&partial) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error).with_context(|| {
                format!("{}, which an earlier run left, cannot be removed", partial.display())
            }),
            _ => Ok(Self { partial }),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.partial
    }

    /// Readable by its owner only.
    fn create(&self) -> anyhow::Result<File> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&self.partial).with_context(|| format!("{} cannot be made", self.partial.display()))
    }

    /// On the disk before it has its name.
    pub(super) fn named(self, file: &Path) -> anyhow::Result<()> {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let renamed = File::open(&self.partial)
            .and_then(|made| made.sync_all())
            .and_then(|()| std::fs::rename(&self.partial, file))
            .and_then(|()| File::open(folder)?.sync_all());
        renamed.with_context(|| format!("{} cannot be finished", file.display()))
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        // It is gone already when it got its name.
        let _ = std::fs::remove_file(&self.partial);
    }
}
