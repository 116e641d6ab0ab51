//! `paypier verify`: proves the whole database, and compares it with the simulated PSP's own books.
//!
//! Everything is derived a second time from what is stored and compared with what is stored about
//! it: postings from payments, balances from postings, events from states, guards from rows, jobs
//! from what is open, our money from the PSP's. It reads only, page by page, so its memory does not grow with the
//! database, and it may run beside a serving process: what looks wrong is read again before it is
//! reported, because it may just have been changing.

mod books;
mod guard;
mod identities;
mod payment;
mod promotions;
mod receipts;
mod report;
mod schedule;
mod settlement;
mod subscription;

pub use report::{Difference, Open, Report, Rule};

use anyhow::Context;
use books::Books;
use futures::stream::{self, StreamExt};
use payment::Seen;
use paypier_domain::id::{PaymentId, PaymentKey, PromotionId, StoreId};
use paypier_storage::{GuardedPayment, ReadError, Storage};
use promotions::Promotions;
use std::time::Duration;
use tokio::time::Instant;

/// Payments that are read at once.
const PAGE: u32 = 256;
/// Payments that are looked at side by side.
const AT_ONCE: usize = 8;
/// How often a payment that changes while it is looked at is read again.
const READ_AGAIN: u32 = 5;
const SAY_EVERY: Duration = Duration::from_secs(2);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifyOptions {
    pub progress: Progress,
    /// Differences (and open items) that are listed; all are counted.
    pub most_listed: usize,
}

impl Default for VerifyOptions {
    fn default() -> Self {
        Self { progress: Progress::Silent, most_listed: 10_000 }
    }
}

/// Whether a long run says how far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    ToStderr,
    Silent,
}

/// Proves the database.
///
/// # Errors
/// The database cannot be read. A row that is not what this program wrote is a difference and not an
/// error.
pub async fn run(storage: &Storage, options: VerifyOptions) -> anyhow::Result<Report> {
    let mut report = Report::new(options.most_listed);
    file(storage, &mut report).await?;
    ledger(storage, &mut report).await?;
    let mut books = Books::default();
    let mut promotions = Promotions::before(storage).await?;
    payments(storage, options, &mut report, &mut books, &mut promotions).await?;
    schedule::all(storage, &mut report).await?;
    subscription::all(storage, &mut report).await?;
    books.compare(storage, &mut report).await?;
    promotions.compare(storage, &mut report).await?;
    receipts::run(storage, &mut report).await?;
    settlement::compare(storage, &mut report).await?;
    identities::run(storage, &mut report).await?;
    Ok(report)
}

async fn file(storage: &Storage, report: &mut Report) -> anyhow::Result<()> {
    let problems = storage.integrity_problems().await.context("the database cannot be checked")?;
    report.checked.file = true;
    for problem in problems {
        report.differs(Rule::DatabaseFile, "the database", "no complaint of the database engine", problem);
    }
    Ok(())
}

/// What is true of the ledger as a whole, whatever payments it is about.
async fn ledger(storage: &Storage, report: &mut Report) -> anyhow::Result<()> {
    for imbalance in storage.posting_imbalances().await.context("the ledger cannot be read")? {
        report.differs(
            Rule::PostingBalances,
            format!("{} posting {}", imbalance.payment, imbalance.posting),
            "lines that sum to 0",
            format!("a sum of {}", imbalance.sum),
        );
    }
    for account in storage.ledger_sums().await.context("the balances cannot be read")? {
        report.checked.accounts = report.checked.accounts.saturating_add(1);
        if account.entries != account.balance {
            report.differs(
                Rule::BalanceIsSum,
                format!(
                    "{} {} account {} in {}",
                    account.store,
                    account.environment.as_str(),
                    account.account.name(),
                    account.currency
                ),
                format!("the sum of its entries, {}", account.entries),
                format!("a balance of {}", account.balance),
            );
        }
    }
    for gap in storage.event_sequence_gaps().await.context("the events cannot be read")? {
        report.differs(
            Rule::EventSequence,
            gap.payment.to_string(),
            format!("events numbered 1 to {}", gap.last_event),
            format!("{} events, the highest number is {}", gap.stored_events, gap.highest),
        );
    }
    Ok(())
}

async fn payments(
    storage: &Storage,
    options: VerifyOptions,
    report: &mut Report,
    books: &mut Books,
    promotions: &mut Promotions,
) -> anyhow::Result<()> {
    let mut progress = Spoken::new(options.progress);
    let mut after: Option<PaymentKey> = None;
    // Rows of a page that could not be read are read one by one.
    let mut singly = 0u32;
    loop {
        let limit = if singly > 0 { 1 } else { PAGE };
        singly = singly.saturating_sub(1);
        let page = match storage.payments_in_key_order(after.as_ref(), limit).await {
            Ok(page) => page,
            Err(ReadError::Broken(_)) if limit > 1 => {
                singly = PAGE;
                continue;
            }
            Err(ReadError::Broken(what)) => {
                let expected = "rows as this program writes them";
                let Some(key) = broken_payment(storage, &what).await else {
                    report.differs(Rule::RowReadable, "a payment", expected, what);
                    report.is_complete = false;
                    break;
                };
                report.differs(Rule::RowReadable, key.to_string(), expected, what);
                after = Some(key);
                continue;
            }
            Err(error) => return Err(error).context("the payments cannot be read"),
        };
        let Some(last) = page.last() else { break };
        after = Some(last.payment.key.clone());
        let mut looked_at = stream::iter(page).map(|payment| look_at(storage, payment)).buffered(AT_ONCE);
        while let Some(found) = looked_at.next().await {
            let found = found?;
            progress.one_more();
            report.checked.payments = report.checked.payments.saturating_add(1);
            report.checked.attempts = report.checked.attempts.saturating_add(found.attempts);
            report.checked.cancellations = report.checked.cancellations.saturating_add(found.cancellations);
            report.checked.events = report.checked.events.saturating_add(found.events);
            report.checked.entries = report.checked.entries.saturating_add(found.entries);
            found.differences.into_iter().for_each(|difference| report.add(difference));
            found.open.into_iter().for_each(|open| report.add_open(open));
            books.ours(found.charged);
            promotions.add(found.promoted);
        }
    }
    progress.end();
    Ok(())
}

/// The payment whose row cannot be read, from the storage's own words (`…, row STORE/PAYMENT: …`).
/// Ids may hold any punctuation, so every reading is tried: the right one cannot be read either.
async fn broken_payment(storage: &Storage, what: &str) -> Option<PaymentKey> {
    let (_, row) = what.split_once(", row ")?;
    let (store, rest) = row.split_once('/')?;
    let ends = rest.match_indices(": ").map(|(at, _)| at).chain([rest.len()]);
    for id in ends.filter_map(|end| rest.get(..end)) {
        let key = PaymentKey { store: StoreId::known(store), payment: PaymentId::known(id) };
        if matches!(storage.payment(&key).await, Err(ReadError::Broken(_))) {
            return Some(key);
        }
    }
    None
}

/// What one payment turned out to be.
#[derive(Debug, Default)]
struct Found {
    attempts: u64,
    cancellations: u64,
    events: u64,
    entries: u64,
    differences: Vec<Difference>,
    open: Vec<Open>,
    charged: Vec<payment::Charged>,
    promoted: Vec<((StoreId, PromotionId), promotions::Derived)>,
}

/// Looks at a payment, again when it looks wrong: it may just have been changing, and some of what
/// belongs to it changes without its version.
async fn look_at(storage: &Storage, mut payment: GuardedPayment) -> anyhow::Result<Found> {
    let mut before: Option<(u64, Vec<Difference>)> = None;
    for _ in 0..READ_AGAIN {
        let found = look_once(storage, &payment).await?;
        if found.differences.is_empty() {
            return Ok(found);
        }
        let now = (payment.payment.version, found.differences.clone());
        if before.as_ref() == Some(&now) {
            return Ok(found);
        }
        before = Some(now);
        let key = &payment.payment.key;
        match storage.guarded_payment(key).await {
            Ok(Some(now)) => payment = now,
            Err(ReadError::Broken(_)) => return Ok(found),
            // Its store's TEST data was emptied meanwhile.
            Ok(None) => return Ok(Found::default()),
            Err(error) => {
                return Err(error).with_context(|| format!("the payment {key} cannot be read"));
            }
        }
    }
    look_once(storage, &payment).await
}

async fn look_once(storage: &Storage, guarded: &GuardedPayment) -> anyhow::Result<Found> {
    let payment = &guarded.payment;
    let key = &payment.key;
    let mut found = Found {
        attempts: count(payment.attempts.len()),
        cancellations: count(payment.cancellations.len()),
        promoted: promotions::derived(payment),
        ..Found::default()
    };
    let read = tokio::try_join!(storage.events_of(key), storage.ledger_of(key));
    let Some((events, entries)) = readable(read, &mut found, key)? else { return Ok(found) };
    found.events = count(events.len());
    found.entries = count(entries.len());
    let seen = Seen { payment, events: &events, entries: &entries };
    found.differences.extend(seen.differences());
    found.differences.extend(guard::column_differences(guarded));
    found.differences.extend(missing_jobs(storage, &seen).await?);
    found.open = seen.open();
    found.charged = seen.charged();
    for (claim, subject) in seen.ended_claims() {
        let stored = storage.claim(&claim.merchant, &claim.key).await;
        // A key that is gone was past its time.
        if let Some(Some(stored)) = readable(stored, &mut found, key)?
            && stored.answer.is_none()
        {
            found.differences.push(Difference::new(
                Rule::AnswerRemembered,
                format!("{key} {subject}, idempotency key of {}", claim.operation),
                "a remembered answer, because the request has ended",
                "a request that still runs",
            ));
        }
    }
    Ok(found)
}

/// What is open and nobody will close.
async fn missing_jobs(storage: &Storage, seen: &Seen<'_>) -> anyhow::Result<Vec<Difference>> {
    let needed = guard::jobs(seen);
    if needed.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<String> = needed.iter().map(|needed| needed.task.key()).collect();
    let missing = storage
        .missing_jobs(&keys)
        .await
        .with_context(|| format!("the jobs of {} cannot be read", seen.payment.key))?;
    Ok(needed
        .into_iter()
        .filter(|needed| missing.contains(&needed.task.key()))
        .map(guard::Needed::missing)
        .collect())
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// A row that cannot be read is a difference; a database that cannot be read is an error.
fn readable<T>(read: Result<T, ReadError>, found: &mut Found, key: &PaymentKey) -> anyhow::Result<Option<T>> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(ReadError::Broken(what)) => {
            let expected = "rows as this program writes them";
            found.differences.push(Difference::new(Rule::RowReadable, key.to_string(), expected, what));
            Ok(None)
        }
        Err(error) => Err(error).with_context(|| format!("what belongs to {key} cannot be read")),
    }
}

/// How far a run is, said now and then.
struct Spoken {
    progress: Progress,
    started: Instant,
    said: Instant,
    payments: u64,
}

impl Spoken {
    fn new(progress: Progress) -> Self {
        let now = Instant::now();
        Self { progress, started: now, said: now, payments: 0 }
    }

    fn one_more(&mut self) {
        self.payments = self.payments.saturating_add(1);
        if self.payments.is_multiple_of(64) && self.said.elapsed() >= SAY_EVERY {
            self.say("so far");
            self.said = Instant::now();
        }
    }

    /// Says nothing about a run that was over before anybody wondered.
    fn end(&self) {
        if self.started.elapsed() >= SAY_EVERY {
            self.say("in all");
        }
    }

    #[expect(clippy::print_stderr, reason = "progress is for whoever waits at the terminal, not for the log")]
    fn say(&self, word: &str) {
        if self.progress == Progress::Silent {
            return;
        }
        let millis = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
        let rate = self.payments.saturating_mul(1000).checked_div(millis).unwrap_or(0);
        eprintln!("verify: {} payments {word}, {rate} a second", self.payments);
    }
}

#[cfg(test)]
mod tests;
