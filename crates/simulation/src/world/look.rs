//! Looking: at the payments that a step has touched, at the whole database now and then, and for what
//! must not be written anywhere.

use super::World;
use crate::ground::Finding;
use crate::model::Account;
use crate::office::SHOPS;
use crate::operations::Payment;
use paypier::verify::{self, VerifyOptions};
use paypier_domain::id::{PaymentId, PaymentKey, StoreId};
use paypier_storage::ReadError;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};
use tracing_subscriber::fmt::MakeWriter;

pub(super) fn key_of(payment: &Payment) -> PaymentKey {
    PaymentKey { store: StoreId::known(payment.store), payment: PaymentId::known(payment.id.as_str()) }
}

/// When the whole database is proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Audit {
    /// Answers may be outstanding.
    Running,
    /// Everything must have come to its end.
    AtRest,
}

impl World<'_> {
    pub(super) async fn look_at_touched(&mut self) -> Result<(), Finding> {
        self.look_at_touched_globally().await?;
        for payment in std::mem::take(&mut self.touched) {
            self.look_at(&payment).await?;
        }
        Ok(())
    }

    pub(super) async fn look_at(&mut self, payment: &Payment) -> Result<(), Finding> {
        self.ground.hush(true);
        let looked = self.looked_at(payment).await;
        self.ground.hush(false);
        looked
    }

    async fn looked_at(&mut self, name: &Payment) -> Result<(), Finding> {
        let Some(process) = &self.process else { return Ok(()) };
        let storage = &process.composed.app.storage;
        let unread =
            |error: ReadError| Finding::new("what is stored can be read", format!("{name}: {error}"));
        let key = key_of(name);
        let Some(payment) = storage.payment(&key).await.map_err(unread)? else {
            return self.payments.is_missing(name);
        };
        let events = storage.events_of(&key).await.map_err(unread)?;
        let entries = storage.ledger_of(&key).await.map_err(unread)?;
        let mut psp = BTreeMap::new();
        for attempt in &payment.attempts {
            let record = storage.simulator_record(&key.store, "order", attempt.id.as_str()).await;
            if let Some(record) = record.map_err(unread)? {
                let account = Account { approved: record.approved, refunded: record.refunded };
                psp.insert(attempt.id.to_string(), account);
            }
        }
        let seen = crate::model::Seen { payment: &payment, events: &events, entries: &entries, psp: &psp };
        self.payments.look_at(name, &seen)?;
        self.schedules.look_at(name, &payment)
    }

    /// The server's own proof of the whole database.
    pub(super) async fn audit(&self, when: Audit) -> Result<(), Finding> {
        let Some(process) = &self.process else { return Ok(()) };
        self.ground.hush(true);
        let report = verify::run(&process.composed.app.storage, VerifyOptions::default()).await;
        let books = self.market_books_agree().await;
        self.ground.hush(false);
        books?;
        let report =
            report.map_err(|error| Finding::new("what is stored can be read", format!("{error:#}")))?;
        if let Some(difference) = report.differences.first() {
            return Err(Finding::new("paypier verify finds no difference", format!("{difference:?}")));
        }
        match (when, report.open.first()) {
            (Audit::AtRest, Some(open)) => {
                Err(Finding::new("everything that was outstanding is resolved", format!("{open:?}")))
            }
            (Audit::AtRest | Audit::Running, _) => Ok(()),
        }
    }

    /// Card numbers and secrets: not in the database's bytes, not in the log, not in a webhook.
    pub(super) fn search_for_secrets(&self, log: &[u8], folder: &Path) -> Result<(), Finding> {
        has_no_secret(log)?;
        has_no_secret(&self.ground.post.everything())?;
        let files = std::fs::read_dir(folder)
            .map_err(|error| Finding::new("the simulation works", error.to_string()))?;
        for file in files.flatten() {
            let bytes = std::fs::read(file.path()).unwrap_or_default();
            has_no_secret(&bytes).map_err(|finding| {
                Finding::new(finding.law, format!("{} in {}", finding.what, file.path().display()))
            })?;
        }
        Ok(())
    }
}

/// # Errors
/// A card number or an API secret stands in these bytes.
pub(super) fn has_no_secret(bytes: &[u8]) -> Result<(), Finding> {
    // Every card number begins with one of three digits, and most bytes do not.
    let mut numbers: Vec<&[u8]> = crate::operations::card_numbers().map(str::as_bytes).collect();
    numbers.extend(SHOPS.iter().map(|shop| shop.secret.as_bytes()));
    numbers.extend(SHOPS.iter().map(|shop| shop.second_secret.as_bytes()));
    let mut run = 0usize;
    for (at, byte) in bytes.iter().enumerate() {
        run = if byte.is_ascii_digit() { run.saturating_add(1) } else { 0 };
        let is_candidate = run == CARD_DIGITS || (*byte == b'-' && bytes.get(at..).is_some_and(is_secret));
        if !is_candidate {
            continue;
        }
        let from = at.saturating_sub(CARD_DIGITS.saturating_sub(1));
        let found = bytes.get(from..=at).unwrap_or_default();
        if run == CARD_DIGITS && numbers.iter().any(|number| found.ends_with(number)) {
            return Err(Finding::new(
                "no card number is written anywhere",
                String::from_utf8_lossy(found.get(..6).unwrap_or_default()).into_owned(),
            ));
        }
        if *byte == b'-' {
            return Err(Finding::new("no secret is written anywhere", "an API secret"));
        }
    }
    Ok(())
}

const CARD_DIGITS: usize = 16;

/// The end that all API secrets of the world have.
fn is_secret(bytes: &[u8]) -> bool {
    bytes.starts_with(b"-0123456789abcdefghijklmnop")
}

/// What the server logs during a run.
#[derive(Debug, Clone, Default)]
pub(super) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub(super) fn bytes(&self) -> Vec<u8> {
        crate::ground::locked(&self.0).clone()
    }

    pub(super) fn subscriber(&self) -> impl tracing::Subscriber + Send + Sync + use<> {
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::INFO)
            .with_ansi(false)
            .without_time()
            .with_writer(self.clone())
            .finish()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        crate::ground::locked(&self.0).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_number_is_found_wherever_it_stands() {
        for text in ["4242424242424242", "x\0\u{1}4242424242424242", "{\"n\":\"5555555555554444\"}"] {
            assert!(has_no_secret(text.as_bytes()).is_err(), "{text}");
        }
        for text in ["424242424242424", "4242424242424241", "42424242****4242", ""] {
            assert!(has_no_secret(text.as_bytes()).is_ok(), "{text}");
        }
        assert!(has_no_secret(SHOPS[0].secret.as_bytes()).is_err());
    }
}
