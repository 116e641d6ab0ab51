//! What callers were told, and what they may be told after that.

use crate::ground::Finding;
use crate::operations::{About, Ask};
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// An answer that a caller got.
#[derive(Debug, Clone)]
pub struct Answered {
    pub ask: Ask,
    pub status: u16,
    pub bytes: Bytes,
    pub body: Value,
    /// Nothing went wrong on the disk since the request was sent.
    pub disk_was_fine: bool,
    /// The payment that it is about was known to be paid when the request was sent.
    pub was_acknowledged: bool,
}

impl Answered {
    pub fn kind(&self) -> &str {
        self.body["type"].as_str().unwrap_or("")
    }

    fn pg_code(&self) -> &str {
        self.body["pgCode"].as_str().unwrap_or("")
    }

    pub const fn succeeds(&self) -> bool {
        self.status == 200
    }

    /// The outcome of the request, and not of the circumstances: a repetition must hear the same.
    fn is_final(&self) -> bool {
        match (self.status, self.kind()) {
            // A cancellation that is still pending is told as it stands; the truth replaces it.
            (200, _) => self.body["cancellation"]["status"] != "REQUESTED",
            (401 | 429 | 503, _) => false,
            (_, "IDEMPOTENCY_OUTSTANDING_REQUEST") => false,
            // "Somebody is at it just now" has no word of its own in this dialect.
            (
                409,
                "ALREADY_PAID"
                | "PAYMENT_NOT_PAID"
                | "PAYMENT_NOT_WAITING_FOR_DEPOSIT"
                | "CANCELLABLE_AMOUNT_CONSISTENCY_BROKEN",
            ) => false,
            (_, "CASH_RECEIPT_ALREADY_ISSUED" | "CASH_RECEIPT_NOT_ISSUED") => false,
            (_, "IDENTITY_VERIFICATION_ALREADY_SENT" | "IDENTITY_VERIFICATION_NOT_SENT") => false,
            // The provider of tax invoices, banks and the tax office may say something else the next time.
            (_, "PLATFORM_PARTNER_PENDING_NTS_OPERATION") => false,
            (_, "PG_PROVIDER") => !matches!(self.pg_code(), "OUTCOME_UNKNOWN" | "NOT_EXECUTED"),
            // The key was used for another request.
            (400, "INVALID_REQUEST") => false,
            _ => self.disk_was_fine,
        }
    }

    fn shown(&self) -> String {
        format!("{} {}", self.status, String::from_utf8_lossy(&self.bytes))
    }
}

/// Idempotency keys: the same key, the same answer.
#[derive(Debug, Default)]
pub struct Keys {
    keys: BTreeMap<(&'static str, String), Key>,
    /// Tokens that were traded for new ones.
    spent_tokens: BTreeSet<String>,
}

#[derive(Debug)]
struct Key {
    ask: Ask,
    answer: Option<Answered>,
    /// By the machine's clock, which keys are forgotten by.
    first_used: Timestamp,
}

/// Well before the server may forget them, which is after 30 days.
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(20 * 24);

const LAW: &str = "the same key gets the same answer";

impl Keys {
    /// A request leaves. A key that is used for another request keeps its first meaning.
    pub fn asked(&mut self, ask: &Ask, now: Timestamp) {
        self.keys.retain(|_, key| now.duration_since(key.first_used) < FORGOTTEN_AFTER);
        if let Some(name) = &ask.key {
            self.keys.entry(name.clone()).or_insert_with(|| Key {
                ask: ask.clone(),
                answer: None,
                first_used: now,
            });
        }
    }

    /// Requests that were sent under a key, to be sent again.
    pub fn repeatable(&self) -> Vec<&Ask> {
        self.keys.values().map(|key| &key.ask).collect()
    }

    /// Those whose answer can only be the one that was given.
    pub fn settled(&self) -> Vec<&Ask> {
        self.keys.values().filter(|key| key.answer.is_some()).map(|key| &key.ask).collect()
    }

    pub fn answered(&mut self, answered: &Answered) -> Result<(), Finding> {
        self.tokens(answered)?;
        let Some(key) = answered.ask.key.as_ref().and_then(|name| self.keys.get_mut(name)) else {
            return Ok(());
        };
        let is_same = key.ask.method == answered.ask.method
            && key.ask.path == answered.ask.path
            && key.ask.body == answered.ask.body;
        if !is_same {
            // The first request may not have arrived, or been turned away before its key was taken.
            let is_taken = key.answer.is_some();
            if is_taken && answered.succeeds() {
                return Err(Finding::new(
                    "a key that was used for another request is refused",
                    format!("{}: {}", answered.ask.operation, answered.shown()),
                ));
            }
            return Ok(());
        }
        match &key.answer {
            Some(first) if answered.is_final() => {
                // What a PSP approves late replaces the failure that was told.
                let is_late = first.kind() == "PG_PROVIDER" && answered.succeeds();
                if first.bytes != answered.bytes && !is_late {
                    let what = format!(
                        "{}: {} and then {}",
                        answered.ask.operation,
                        first.shown(),
                        answered.shown()
                    );
                    return Err(Finding::new(LAW, what));
                }
                if is_late {
                    key.answer = Some(answered.clone());
                }
                Ok(())
            }
            Some(first) if first.succeeds() && !is_circumstance(answered) => Err(Finding::new(
                LAW,
                format!("{}: {} and then {}", answered.ask.operation, first.shown(), answered.shown()),
            )),
            Some(_) => Ok(()),
            None => {
                if answered.is_final() {
                    key.answer = Some(answered.clone());
                }
                Ok(())
            }
        }
    }

    fn tokens(&mut self, answered: &Answered) -> Result<(), Finding> {
        let About::Refresh { token, .. } = &answered.ask.about else { return Ok(()) };
        if answered.succeeds() && !self.spent_tokens.insert(token.clone()) {
            return Err(Finding::new("a refresh token is good for one exchange", "it was good for two"));
        }
        Ok(())
    }
}

/// An answer about the server's circumstances, which may be given to any request at any time.
fn is_circumstance(answered: &Answered) -> bool {
    matches!(answered.status, 401 | 429 | 503) || answered.kind() == "IDEMPOTENCY_OUTSTANDING_REQUEST"
}
