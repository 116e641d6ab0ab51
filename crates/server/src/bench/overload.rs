//! Twice as much as it can do: what the server makes of more requests than it has room for.
//!
//! Four parts, on one server: what it can do at most (closed loop); how it is when it is calm (half of
//! that, open arrivals); the overload (a multiple, open arrivals, from a crowd of connections); and the
//! calm again, which begins in the moment in which the overload ends. Beside the overload, paths that
//! an operator needs are asked ten times a second.

use super::load::{Curve, Outcome, Pace};
use super::process;
use super::report::{Latency, millis, per};
use super::server::BenchServer;
use super::{BenchOptions, drive};
use crate::cli::dev::demo;
use anyhow::Context;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

/// The calm part of a measurement, and the part of capacity at which it is.
const CALM_FOR: Duration = Duration::from_secs(4);
const CALM_SHARE: u32 = 2;
/// Callers are as many as come in this time, each with a connection of its own.
const CROWD_OF: Duration = Duration::from_secs(1);
const CROWD: std::ops::RangeInclusive<u32> = 256..=8_000;
/// The recovery is looked at in slices of this length.
const SLICE: Duration = Duration::from_millis(250);
/// A slice is calm when it is at most this many times as slow as the calm before, or that fast anyway.
const CALM_TIMES: u64 = 2;
const CALM_ANYWAY: Duration = Duration::from_millis(50);
/// What an operator asks while the server is crowded.
const PROBES: [&str; 4] = ["/healthz", "/readyz", "/metrics", "/sandbox/clock"];
const PROBE_EVERY: Duration = Duration::from_millis(100);
const PROBE_PATIENCE: Duration = Duration::from_secs(10);

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OverloadReport {
    pub scenario: &'static str,
    pub engine: &'static str,
    /// Of a closed loop.
    pub capacity_per_second: u64,
    /// At half of it.
    pub calm_latency_micros: Latency,
    /// Arrivals in the overload, and the connections they came on.
    pub arrivals_per_second: u32,
    pub connections: usize,
    pub accepted_per_second: u64,
    /// Thousandths of the capacity.
    pub accepted_permille: u64,
    pub accepted_latency_micros: Latency,
    pub refused: u64,
    pub refused_latency_micros: Latency,
    /// Refused without `Retry-After`.
    pub refused_without_advice: u64,
    /// Anything that was neither accepted nor refused for load.
    pub errors: BTreeMap<String, u64>,
    /// How late the load generator itself was. It shares the machine; what it adds is in the latencies.
    pub sent_late_micros: Latency,
    pub probes: Vec<Probe>,
    /// From the end of the overload until requests were answered as in the calm before. Absent: not
    /// within the time that was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovered_after_millis: Option<u64>,
}

/// A path that was asked beside the overload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Probe {
    pub path: &'static str,
    pub asked: u64,
    pub failed: u64,
    pub longest_micros: u64,
}

/// # Errors
/// As [`super::measure`].
pub async fn measure(
    options: &BenchOptions,
    factor: u32,
    server: &BenchServer,
    run: u64,
) -> anyhow::Result<OverloadReport> {
    let closed = drive(options, server, run, Curve::NotKept).await?;
    let capacity = per(closed.tally.latencies.len(), closed.elapsed);
    let whole = u32::try_from(capacity).unwrap_or(u32::MAX).max(CALM_SHARE);
    let open = |per_second| Pace::Open { per_second };

    let calm = BenchOptions {
        pace: open(whole.checked_div(CALM_SHARE).unwrap_or(1)),
        duration: CALM_FOR,
        ..options.clone()
    };
    let before = drive(&calm, server, run.wrapping_add(1), Curve::NotKept).await?;
    let calm_latency = Latency::of(&before.tally.latencies);

    let arrivals = whole.saturating_mul(factor);
    let of_crowd = u64::from(arrivals).saturating_mul(CROWD_OF.as_secs());
    let crowd = u32::try_from(of_crowd).unwrap_or(u32::MAX).clamp(*CROWD.start(), *CROWD.end());
    let connections = usize::try_from(crowd).unwrap_or(usize::MAX);
    let flood = BenchOptions { pace: open(arrivals), clients: connections, ..options.clone() };
    let after = BenchOptions { warm_up: Duration::ZERO, ..calm };
    let lasts = flood.warm_up.saturating_add(flood.duration);
    let (over, after, probes) = tokio::join!(
        drive(&flood, server, run.wrapping_add(2), Curve::NotKept),
        async {
            sleep(lasts).await;
            drive(&after, server, run.wrapping_add(3), Curve::Kept).await
        },
        probes(server, lasts),
    );
    let (over, after) = (over?, after?);
    let slow = calm_latency.p99.saturating_mul(CALM_TIMES).max(whole_micros(CALM_ANYWAY));
    Ok(report(options, server.engine(), capacity, calm_latency, arrivals, connections, &over)
        .with(probes?, recovered(&after.tally.curve, slow)))
}

fn report(
    options: &BenchOptions,
    engine: &'static str,
    capacity: u64,
    calm_latency: Latency,
    arrivals: u32,
    connections: usize,
    over: &Outcome,
) -> OverloadReport {
    let tally = &over.tally;
    let accepted = per(tally.latencies.len(), over.elapsed);
    let mut errors = tally.errors.clone();
    errors.remove("HTTP 503");
    OverloadReport {
        scenario: options.scenario.as_str(),
        engine,
        capacity_per_second: capacity,
        calm_latency_micros: calm_latency,
        arrivals_per_second: arrivals,
        connections,
        accepted_per_second: accepted,
        accepted_permille: accepted.saturating_mul(1_000).checked_div(capacity).unwrap_or(0),
        accepted_latency_micros: Latency::of(&tally.latencies),
        refused: tally.refused.len(),
        refused_latency_micros: Latency::of(&tally.refused),
        refused_without_advice: tally.refused_without_advice,
        errors,
        sent_late_micros: Latency::of(&tally.sent_late),
        probes: Vec::new(),
        recovered_after_millis: None,
    }
}

impl OverloadReport {
    fn with(self, probes: Vec<Probe>, recovered: Option<Duration>) -> Self {
        let recovered_after_millis =
            recovered.map(|after| u64::try_from(after.as_millis()).unwrap_or(u64::MAX));
        Self { probes, recovered_after_millis, ..self }
    }

    pub fn human(&self) -> String {
        let mut lines = vec![
            format!(
                "{} on {}: {} arrivals a second on {} connections",
                self.scenario, self.engine, self.arrivals_per_second, self.connections
            ),
            format!("  {:<18}{} a second in a closed loop", "capacity", self.capacity_per_second),
            format!("  {:<18}{}   at half of it", "calm, ms", self.calm_latency_micros),
            format!(
                "  {:<18}{} a second, {}.{} % of the capacity",
                "accepted",
                self.accepted_per_second,
                self.accepted_permille / 10,
                self.accepted_permille % 10
            ),
            format!("  {:<18}{}", "  latency, ms", self.accepted_latency_micros),
            format!(
                "  {:<18}{} with 503, {} of them without Retry-After",
                "refused", self.refused, self.refused_without_advice
            ),
            format!("  {:<18}{}", "  latency, ms", self.refused_latency_micros),
            format!("  {:<18}{}", "  sent late, ms", self.sent_late_micros),
        ];
        let errors: Vec<String> =
            self.errors.iter().map(|(what, count)| format!("{count} × {what}")).collect();
        lines.push(format!(
            "  {:<18}{}",
            "errors",
            if errors.is_empty() { "none".into() } else { errors.join(", ") }
        ));
        for probe in &self.probes {
            lines.push(format!(
                "  {:<18}asked {} times, failed {}, longest {} ms",
                probe.path,
                probe.asked,
                probe.failed,
                millis(probe.longest_micros)
            ));
        }
        lines.push(match self.recovered_after_millis {
            Some(after) => format!("  {:<18}{after} ms after the end", "calm again"),
            None => format!("  {:<18}not within {} s", "calm again", CALM_FOR.as_secs()),
        });
        if let Some(kib) = process::peak_memory_kib() {
            lines.push(format!("  {:<18}{} MiB with the load generator", "peak memory", kib / 1024));
        }
        lines.join("\n")
    }
}

/// When the first slice of time ended of which 99 in 100 requests took at most `slow` microseconds.
fn recovered(curve: &[(u64, u64)], slow: u64) -> Option<Duration> {
    let mut slices: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for (at, took) in curve {
        slices.entry(at.checked_div(whole_micros(SLICE)).unwrap_or(0)).or_default().push(*took);
    }
    let is_calm = |latencies: &Vec<u64>| {
        let late = latencies.iter().filter(|latency| **latency > slow).count();
        late.saturating_mul(100) <= latencies.len()
    };
    let (number, _) = slices.iter().find(|(_, latencies)| is_calm(latencies))?;
    SLICE.checked_mul(u32::try_from(number.saturating_add(1)).ok()?)
}

fn whole_micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// Asks each path again and again for as long as it is told.
async fn probes(server: &BenchServer, lasts: Duration) -> anyhow::Result<Vec<Probe>> {
    let client =
        reqwest::Client::builder().timeout(PROBE_PATIENCE).build().context("probes cannot be sent")?;
    let asking = PROBES.map(|path| probe(&client, server, path, lasts));
    Ok(futures::future::join_all(asking).await)
}

async fn probe(client: &reqwest::Client, server: &BenchServer, path: &'static str, lasts: Duration) -> Probe {
    let mut probe = Probe { path, asked: 0, failed: 0, longest_micros: 0 };
    let mut ticks = interval(PROBE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let began = Instant::now();
    while began.elapsed() < lasts {
        ticks.tick().await;
        let asked = Instant::now();
        let request = client
            .get(format!("http://{}{path}", server.address()))
            .header("authorization", format!("PortOne {}", demo::API_SECRET));
        let answer = match request.send().await {
            Ok(answer) if answer.status().is_success() => answer.bytes().await.is_ok(),
            Ok(_) | Err(_) => false,
        };
        probe.asked = probe.asked.saturating_add(1);
        if !answer {
            probe.failed = probe.failed.saturating_add(1);
        }
        probe.longest_micros = probe.longest_micros.max(whole_micros(asked.elapsed()));
    }
    probe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_calm_slice_ends_the_recovery() {
        let second = |number: u64, took: u64| (0..100).map(move |n| (number * 250_000 + n, took));
        let curve: Vec<_> =
            second(0, 900).chain(second(1, 500)).chain(second(2, 90)).chain(second(3, 700)).collect();
        assert_eq!(recovered(&curve, 100), Some(Duration::from_millis(750)));
        assert_eq!(recovered(&curve, 80), None);
        let mut with_one_late = second(0, 90).collect::<Vec<_>>();
        with_one_late[7].1 = 5_000;
        assert_eq!(recovered(&with_one_late, 100), Some(Duration::from_millis(250)), "one in a hundred");
        with_one_late[8].1 = 5_000;
        assert_eq!(recovered(&with_one_late, 100), None);
        assert_eq!(recovered(&[], 100), None);
    }
}
