//! `paypier bench --platform`: a marketplace's payday, and its lists.
//!
//! Orders are written, the store's test clock is moved to payday, partners are paid, and then pages and the
//! sheet are read, all through the operations that a marketplace uses. Memory is the process's own: the load
//! generator is part of it.

mod client;
mod market;
mod report;

pub use report::{PageLatency, PlatformReport, Stage};

use super::process;
use super::report::{Latency, per, progress};
use super::server::BenchServer;
use crate::cli::dev::demo;
use crate::compose::Machine;
use crate::keyring::digest;
use anyhow::Context;
use client::Client;
use hdrhistogram::Histogram;
use jiff::Timestamp;
use jiff::civil::Date;
use market::{Market, contract_id, partner_id, product_id};
use paypier_domain::account::ApiSecret;
use paypier_domain::change::{Change, Write};
use paypier_domain::id::{MerchantId, SecretId, StoreId};
use paypier_storage::Storage;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::Instant;

/// How often each page is read.
const READS: u32 = 25;
/// Who approves; whoever makes a bulk payout does not.
const SECOND: &str = "bench-second-person-secret-0123456789abcdefghijklmnopqrstuvwxyz";
/// How often the clock is moved until the bank has paid everybody.
const MOST_MOVES: u32 = 20;
/// An hour at which banks are open, in Korea.
const OPEN: &str = "T10:00:00+09:00";

/// How large the marketplace is.
#[derive(Debug, Clone, Copy)]
pub struct PlatformOptions {
    /// Orders that are due on payday.
    pub transfers: u64,
    pub partners: u64,
    /// Transfers that are in the database before and not due.
    pub existing: u64,
}

struct Run {
    client: Client,
    stages: Vec<Stage>,
}

impl Run {
    async fn timed<T>(
        &mut self,
        (name, count, unit): (&'static str, u64, &'static str),
        doing: impl AsyncFnOnce(&mut Client) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        process::forget_peak_memory();
        progress(&format!("{name} …"));
        let started = Instant::now();
        let done = doing(&mut self.client).await.with_context(|| format!("{name} failed"))?;
        let elapsed = started.elapsed();
        progress(&format!("{name}: {:.2} s", elapsed.as_secs_f64()));
        self.stages.push(Stage {
            name,
            count,
            unit,
            seconds: elapsed.as_secs_f64(),
            per_second: per(count, elapsed),
            peak_memory_kib: process::peak_memory_kib(),
        });
        Ok(done)
    }
}

/// # Errors
/// A request is refused, or the database cannot be written.
pub async fn measure(
    options: PlatformOptions,
    server: &BenchServer,
    machine: &Machine,
) -> anyhow::Result<PlatformReport> {
    let storage = server.storage().context("a marketplace needs a server of its own")?;
    second_person(storage, machine.clock.now()).await?;
    let client = Client::open(server.address()).await?;
    let mut run = Run { client, stages: Vec::new() };
    let market = Market {
        partners: options.partners,
        now: now(&mut run.client).await?,
        run: machine.random.number() & 0xFFFF_FFFF,
    };
    let partners = ("partners registered", options.partners, "partners");
    run.timed(partners, async |client| market.opens(client).await).await?;
    if options.existing > 0 {
        let what = ("transfers before, written", options.existing, "transfers");
        run.timed(what, async |_| market.fills(storage, options.existing).await).await?;
    }
    let what = ("orders written", options.transfers, "transfers");
    run.timed(what, async |_| market.sells(storage, options.transfers).await).await?;
    let seconds = payday(&mut run, &market, options).await?;
    let days = (market.today(), market.payday());
    let pages = pages(&mut run.client, options, days).await?;
    let all = options.transfers.saturating_add(options.existing);
    let lines = run
        .timed(("the sheet, all of it", all, "rows"), async |client| {
            client.lines_of("/platform/transfer-summaries/sheet-file?test=true").await
        })
        .await?;
    // Its heading is a line, too.
    anyhow::ensure!(lines > all, "the sheet has {lines} lines of {all} transfers");
    Ok(PlatformReport {
        engine: server.engine(),
        transfers: options.transfers,
        partners: options.partners,
        existing: options.existing,
        stages: run.stages,
        settled_into_payouts_seconds: seconds,
        pages,
    })
}

async fn second_person(storage: &Storage, now: Timestamp) -> anyhow::Result<()> {
    let id = SecretId::known("bench-second-person");
    if storage.secret(&id).await?.is_some() {
        return Ok(());
    }
    let secret = ApiSecret {
        id,
        merchant: MerchantId::known(demo::MERCHANT_ID),
        store: StoreId::known(demo::STORE_ID),
        name: "bench".into(),
        digest: digest(SECOND),
        created_at: now,
        expires_at: None,
        deleted_at: None,
    };
    let change = Change { writes: vec![Write::ApiSecret(secret)], ..Change::default() };
    storage.commit(change).await.context("the second person's secret cannot be written")
}

async fn now(client: &mut Client) -> anyhow::Result<Timestamp> {
    let clock = client.get("/sandbox/clock").await?;
    let now = clock.get("now").and_then(Value::as_str).context("the clock has no time")?;
    now.parse().context("the clock's time cannot be read")
}

/// From settled orders to money at the bank; the seconds until payouts were made.
async fn payday(run: &mut Run, market: &Market, options: PlatformOptions) -> anyhow::Result<f64> {
    let PlatformOptions { transfers, partners, .. } = options;
    let bulk = format!("bench-{:08x}", market.run);
    let day = market.payday();
    let before = run.stages.len();
    run.timed(("the day begins: settled", transfers, "transfers"), async |client| {
        client.post("/sandbox/clock", &json!({"now": format!("{day}{OPEN}")})).await
    })
    .await?;
    let made = run
        .timed(("a bulk payout selects them", partners, "settlements"), async |client| {
            let body = json!({"id": bulk, "method": "AGENCY", "currency": "KRW", "settlementDates": [day.to_string()]});
            client.post("/operator/platform/bulk-payouts?test=true", &body).await?;
            let inside = format!("/operator/platform/bulk-payouts/{bulk}/partner-settlements?test=true&size=1");
            client.get(&inside).await
        })
        .await?;
    let selected = made.pointer("/page/totalCount").and_then(Value::as_u64).unwrap_or(0);
    let expected = partners.min(transfers);
    anyhow::ensure!(selected == expected, "{selected} settlements were selected of {expected}");
    let of_bulk = format!("/operator/platform/bulk-payouts/{bulk}");
    run.timed(("payouts made", partners, "payouts"), async |client| {
        client.post(&format!("{of_bulk}/payouts?test=true"), &json!({})).await
    })
    .await?;
    let seconds = run.stages.iter().skip(before).map(|stage| stage.seconds).sum();
    run.timed(("approved by a second person", partners, "payouts"), async |client| {
        client.post_as(SECOND, &format!("{of_bulk}/approve?test=true"), &json!({})).await
    })
    .await?;
    run.timed(("paid by the bank", partners, "payouts"), async |client| {
        // The clock waits for what it makes due, but not for ever.
        for _ in 0..MOST_MOVES {
            client.post("/sandbox/clock", &json!({"advance": "PT6M"})).await?;
            let paid = client.get(&format!("{of_bulk}?test=true")).await?;
            if paid.pointer("/status").and_then(Value::as_str) == Some("COMPLETED") {
                return Ok(());
            }
        }
        anyhow::bail!("the bulk payout is still not completed")
    })
    .await?;
    Ok(seconds)
}

/// The lists that people look at, each as its filter and page.
fn lists(options: PlatformOptions, (today, payday): (Date, Date)) -> Vec<(&'static str, Value, u64)> {
    let all = options.transfers.saturating_add(options.existing);
    let a_month = json!({"from": payday, "until": payday.saturating_add(jiff::ToSpan::days(29))});
    let one_day = json!({"from": payday, "until": payday});
    vec![
        ("everything", json!({}), 0),
        ("everything, at 1/10", json!({}), all / 100),
        ("everything, in the middle", json!({}), all / 20),
        ("everything, the last page", json!({}), (all / 10).saturating_sub(1)),
        ("orders", json!({"types": ["ORDER"]}), 0),
        ("by hand", json!({"types": ["MANUAL"]}), 0),
        ("orders and cancels", json!({"types": ["ORDER", "ORDER_CANCEL"]}), 0),
        ("scheduled", json!({"statuses": ["SCHEDULED"]}), 0),
        ("in process", json!({"statuses": ["IN_PROCESS"]}), 0),
        ("settled", json!({"statuses": ["SETTLED"]}), 0),
        ("in payout", json!({"statuses": ["IN_PAYOUT"]}), 0),
        ("paid out", json!({"statuses": ["PAID_OUT"]}), 0),
        ("orders, paid out", json!({"types": ["ORDER"], "statuses": ["PAID_OUT"]}), 0),
        ("settled on a day", json!({"settlementDateRange": one_day}), 0),
        ("settled in a month", json!({"settlementDateRange": a_month}), 0),
        ("orders settled in a month", json!({"settlementDateRange": a_month, "types": ["ORDER"]}), 0),
        ("started on a day", json!({"settlementStartDateRange": {"from": today, "until": today}}), 0),
        ("one contract", json!({"contractIds": [contract_id(1)]}), 0),
        ("easy pay", json!({"paymentMethodTypes": ["EASY_PAY"]}), 0),
        ("a partner", json!({"keyword": {"partnerId": partner_id(7)}}), 0),
        ("partners with a tag", json!({"partnerTags": ["tag-7"]}), 0),
        ("a product", json!({"keyword": {"productId": product_id(7)}}), 0),
        ("a product's name, all have it", json!({"keyword": {"productName": "A loaf of bread"}}), 0),
        ("a text that none holds", json!({"keyword": {"transferMemo": "nobody wrote this"}}), 0),
    ]
}

async fn pages(
    client: &mut Client,
    options: PlatformOptions,
    days: (Date, Date),
) -> anyhow::Result<Vec<PageLatency>> {
    let mut measured = Vec::new();
    progress("pages of transfer-summaries …");
    for (name, filter, number) in lists(options, days) {
        let criteria = json!({"page": {"number": number, "size": 10}, "filter": filter}).to_string();
        let criteria = percent_encoding::utf8_percent_encode(&criteria, percent_encoding::NON_ALPHANUMERIC);
        let path = format!("/platform/transfer-summaries?test=true&requestBody={criteria}");
        let mut latencies: Histogram<u64> =
            Histogram::new_with_bounds(1, 120_000_000, 3).context("a histogram cannot be made")?;
        let first = Instant::now();
        let page = client.get(&path).await.with_context(|| format!("the list \"{name}\""))?;
        let first_micros = micros(first.elapsed());
        for _ in 0..READS {
            let started = Instant::now();
            client.get(&path).await?;
            latencies.saturating_record(micros(started.elapsed()));
        }
        let items = page.get("transferSummaries").and_then(Value::as_array).map_or(0, Vec::len);
        measured.push(PageLatency {
            name,
            total_count: page.pointer("/page/totalCount").and_then(Value::as_u64).unwrap_or(0),
            items: u64::try_from(items).unwrap_or(u64::MAX),
            first_micros,
            latency_micros: Latency::of(&latencies),
        });
    }
    Ok(measured)
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
