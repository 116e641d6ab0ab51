//! The PSP's side of the books, and what is to go wrong at the PSP.

use super::control::{Asked, Control, detached, reply};
use super::simulator;
use crate::app::failure::Failure;
use axum::response::Response;
use jiff::Timestamp;
use paypier_connectors::simulator::psp::{BooksError, Faults, LedgerKind, LedgerLine, Total};
use paypier_domain::channel::Environment;
use paypier_domain::money::Rate;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The largest delay that is accepted; longer ones look like a lost answer, which has its own rate.
const MOST_LATENCY_MS: u32 = 60_000;
const DEFAULT_LINES: usize = 100;
const MOST_LINES: usize = 1_000;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LedgerView {
    totals: Vec<TotalView>,
    lines: Vec<LineView>,
    /// Give it as `after` to go on; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TotalView {
    pg_merchant_id: String,
    /// The store's channels with this PSP account.
    channel_keys: Vec<String>,
    currency: String,
    approved: i64,
    refunded: i64,
    held: i64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LineView {
    kind: &'static str,
    /// Our transaction id.
    reference: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refund_reference: Option<String>,
    amount: i64,
    currency: String,
    at: Timestamp,
    pg_merchant_id: String,
}

/// `GET /sandbox/psp/ledger?after=…&size=…`
pub async fn ledger(control: Control) -> Response {
    reply(ledger_view(&control).await)
}

async fn ledger_view(control: &Control) -> Result<LedgerView, Failure> {
    let psp = simulator(&control.app)?;
    let store = &control.profile.store.id;
    let size = match control.parameter("size")? {
        None => DEFAULT_LINES,
        Some(text) => text
            .parse()
            .ok()
            .filter(|size| (1..=MOST_LINES).contains(size))
            .ok_or_else(|| Failure::Invalid(format!("size must be a number from 1 to {MOST_LINES}")))?,
    };
    let mut next = control.parameter("after")?;
    let mut lines = Vec::new();
    loop {
        // A page is that of whole orders, so it may have some lines more than asked for, or none.
        let wanted = u32::try_from(size.saturating_sub(lines.len())).unwrap_or(u32::MAX);
        let page = psp.ledger(store, next.as_deref(), wanted).await.map_err(unreachable)?;
        lines.extend(page.lines.into_iter().map(line_view));
        next = page.next;
        if next.is_none() || lines.len() >= size {
            break;
        }
    }
    let totals = psp.totals(store).await.map_err(unreachable)?;
    Ok(LedgerView {
        totals: totals.into_iter().map(|total| total_view(control, total)).collect(),
        lines,
        next,
    })
}

fn line_view(line: LedgerLine) -> LineView {
    LineView {
        kind: match line.kind {
            LedgerKind::Charge => "CHARGE",
            LedgerKind::Refund => "REFUND",
            LedgerKind::Chargeback => "CHARGEBACK",
        },
        reference: line.reference,
        refund_reference: line.refund_reference,
        amount: line.amount.minor_units(),
        currency: line.currency.to_string(),
        at: line.at,
        pg_merchant_id: line.merchant_id,
    }
}

fn total_view(control: &Control, total: Total) -> TotalView {
    let channels = control.profile.channels.iter().filter(|channel| {
        channel.environment == Environment::Test && channel.pg_merchant_id == total.merchant_id
    });
    TotalView {
        channel_keys: channels.map(|channel| channel.key.to_string()).collect(),
        pg_merchant_id: total.merchant_id,
        currency: total.currency.to_string(),
        approved: total.approved,
        refunded: total.refunded,
        held: total.approved.saturating_sub(total.refunded),
    }
}

/// Rates are read from the text of the number, so that 0.05 is exactly 5 %.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FaultsBody {
    latency_ms: Option<u32>,
    error_rate: Option<Box<RawValue>>,
    drop_answer_rate: Option<Box<RawValue>>,
    duplicate_notification_rate: Option<Box<RawValue>>,
    seed: Option<u64>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct FaultsView {
    latency_ms: u32,
    error_rate: Box<RawValue>,
    drop_answer_rate: Box<RawValue>,
    duplicate_notification_rate: Box<RawValue>,
    seed: u64,
}

/// `GET /sandbox/psp/faults`
pub async fn faults(control: Control) -> Response {
    let shown = async {
        let psp = simulator(&control.app)?;
        faults_view(psp.faults(&control.profile.store.id).await.map_err(unreachable)?)
    };
    reply(shown.await)
}

/// `PUT /sandbox/psp/faults`: what is left out goes well.
pub async fn set_faults(asked: Asked<FaultsBody>) -> Response {
    let Asked { control: Control { app, profile, .. }, body } = asked;
    reply(
        detached(async move {
            let faults = wanted(&body)?;
            let now = app.now(&profile, Environment::Test);
            simulator(&app)?.set_faults(&profile.store.id, faults, now).await.map_err(unreachable)?;
            faults_view(faults)
        })
        .await,
    )
}

fn wanted(body: &FaultsBody) -> Result<Faults, Failure> {
    let latency_ms = body.latency_ms.unwrap_or(0);
    if latency_ms > MOST_LATENCY_MS {
        return Err(Failure::Invalid(format!(
            "latencyMs is {latency_ms}; at most {MOST_LATENCY_MS} is accepted"
        )));
    }
    Ok(Faults {
        latency_ms,
        error_rate: rate("errorRate", body.error_rate.as_deref())?,
        drop_answer_rate: rate("dropAnswerRate", body.drop_answer_rate.as_deref())?,
        duplicate_notification_rate: rate(
            "duplicateNotificationRate",
            body.duplicate_notification_rate.as_deref(),
        )?,
        seed: body.seed.unwrap_or(0),
    })
}

fn rate(member: &str, given: Option<&RawValue>) -> Result<Rate, Failure> {
    let Some(given) = given else { return Ok(Rate::bps(0)) };
    Faults::rate(given.get()).ok_or_else(|| {
        Failure::Invalid(format!(
            "{member} must be a number from 0 to 1 with at most four decimals, such as 0.05"
        ))
    })
}

fn faults_view(faults: Faults) -> Result<FaultsView, Failure> {
    Ok(FaultsView {
        latency_ms: faults.latency_ms,
        error_rate: number(faults.error_rate)?,
        drop_answer_rate: number(faults.drop_answer_rate)?,
        duplicate_notification_rate: number(faults.duplicate_notification_rate)?,
        seed: faults.seed,
    })
}

/// A rate as the decimal number that it was given as.
fn number(rate: Rate) -> Result<Box<RawValue>, Failure> {
    let bps = rate.as_bps();
    let decimals = format!("{:04}", bps % 10_000);
    let text = match decimals.trim_end_matches('0') {
        "" => format!("{}", bps / 10_000),
        decimals => format!("{}.{decimals}", bps / 10_000),
    };
    RawValue::from_string(text).map_err(Failure::internal)
}

fn unreachable(error: BooksError) -> Failure {
    match error {
        BooksError::Conflict => Failure::Overloaded,
        BooksError::Unavailable(reason) => {
            tracing::error!(reason, "the simulated PSP cannot reach its books");
            Failure::Unavailable
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_come_back_as_they_were_given() {
        for text in ["0", "1", "0.05", "0.0001", "0.5", "0.1234"] {
            let body: FaultsBody = serde_json::from_str(&format!("{{\"errorRate\": {text}}}")).unwrap();
            let view = faults_view(wanted(&body).unwrap()).unwrap();
            assert_eq!(view.error_rate.get(), text);
            assert_eq!(view.drop_answer_rate.get(), "0");
        }
    }

    #[test]
    fn what_is_no_probability_is_refused() {
        for text in ["1.1", "-0.1", "\"0.1\"", "true", "0.00001", "{}"] {
            let body: FaultsBody = serde_json::from_str(&format!("{{\"errorRate\": {text}}}")).unwrap();
            assert!(matches!(wanted(&body), Err(Failure::Invalid(_))), "{text}");
        }
        let slow: FaultsBody = serde_json::from_str("{\"latencyMs\": 60001}").unwrap();
        assert!(wanted(&slow).is_err());
    }
}
