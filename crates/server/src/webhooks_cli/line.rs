//! One event on one line.

use crate::http::events::FeedItem;
use serde_json::Value;
use std::io::IsTerminal;

/// Colour is for people: it is left out when nobody looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paint {
    Colour,
    Plain,
}

#[derive(Debug, Clone, Copy)]
enum Tone {
    Green,
    Red,
    Dim,
}

impl Paint {
    pub fn of_stdout() -> Self {
        if std::io::stdout().is_terminal() { Self::Colour } else { Self::Plain }
    }

    fn with(self, tone: Tone, text: &str) -> String {
        let code = match (self, tone) {
            (Self::Plain, _) => return text.to_owned(),
            (Self::Colour, Tone::Green) => "32",
            (Self::Colour, Tone::Red) => "31",
            (Self::Colour, Tone::Dim) => "2",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// What became of forwarding an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Forwarded {
    /// There is nowhere to forward to.
    Not,
    /// The merchant is not told about it, so neither is the local server.
    Silent,
    Answered {
        status: u16,
        millis: u128,
    },
    Failed(String),
}

/// Time, type, what it is about, its number, the message's id, and what the local server said.
pub(super) fn line(item: &FeedItem, forwarded: &Forwarded, paint: Paint) -> String {
    let body: Value = serde_json::from_str(&item.body).unwrap_or_default();
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let name = text("/type");
    let tone = if name.ends_with(".Failed") { Tone::Red } else { Tone::Green };
    let mut parts = vec![paint.with(Tone::Dim, text("/timestamp")), paint.with(tone, name)];
    let about =
        [text("/data/paymentId"), text("/data/billingKey")].into_iter().find(|about| !about.is_empty());
    parts.push(shown(about.unwrap_or("?")));
    if let Some(sequence) = body.pointer("/data/sequence").and_then(Value::as_u64) {
        parts.push(format!("#{sequence}"));
    }
    if item.environment == "LIVE" {
        parts.push(paint.with(Tone::Red, "LIVE"));
    }
    parts.push(paint.with(Tone::Dim, &item.id));
    match forwarded {
        Forwarded::Not if item.is_notified => {}
        Forwarded::Not | Forwarded::Silent => parts.push(paint.with(Tone::Dim, "(not sent: skipWebhook)")),
        Forwarded::Answered { status, millis } => {
            let tone = if (200..300).contains(status) { Tone::Green } else { Tone::Red };
            parts.push(format!("→ {} ({millis} ms)", paint.with(tone, &status.to_string())));
        }
        Forwarded::Failed(reason) => parts.push(format!("→ {}", paint.with(Tone::Red, reason))),
    }
    parts.join("  ")
}

/// A merchant's id as it is safe to print: a terminal obeys control characters.
fn shown(text: &str) -> String {
    text.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(body: &str) -> FeedItem {
        FeedItem {
            cursor: "c".into(),
            id: "webhook-1".into(),
            store_id: "store-1".into(),
            environment: "TEST".into(),
            is_notified: true,
            webhook_ids: vec![],
            headers: [].into(),
            body: body.into(),
        }
    }

    const PAID: &str = r#"{"type":"Transaction.Paid","timestamp":"2026-11-20T10:00:00Z","data":{"storeId":"store-1","paymentId":"주문-1","transactionId":"tx-1","sequence":2}}"#;

    #[test]
    fn an_event_is_one_line_that_says_what_happened_to_what() {
        assert_eq!(
            line(&item(PAID), &Forwarded::Not, Paint::Plain),
            "2026-11-20T10:00:00Z  Transaction.Paid  주문-1  #2  webhook-1"
        );
        assert_eq!(
            line(&item(PAID), &Forwarded::Answered { status: 500, millis: 12 }, Paint::Plain),
            "2026-11-20T10:00:00Z  Transaction.Paid  주문-1  #2  webhook-1  → 500 (12 ms)"
        );
        let silent = FeedItem { is_notified: false, ..item(PAID) };
        assert!(line(&silent, &Forwarded::Silent, Paint::Plain).ends_with("(not sent: skipWebhook)"));
    }

    #[test]
    fn nothing_in_an_event_reaches_the_terminal_as_a_command() {
        let hostile = r#"{"type":"Transaction.Paid","data":{"paymentId":"a\u001b[2J\nb"}}"#;
        let text = line(&item(hostile), &Forwarded::Failed("no answer".into()), Paint::Plain);
        assert!(!text.contains('\u{1b}') && !text.contains('\n'), "{text}");
        assert!(line(&item(PAID), &Forwarded::Not, Paint::Colour).contains("\u{1b}[32mTransaction.Paid"));
    }
}
