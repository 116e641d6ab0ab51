//! The numbers of a bench, for people and for programs.

use super::load::{Outcome, Pace};
use super::process::{self, Usage};
use super::{BenchOptions, Form};
use hdrhistogram::Histogram;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// Microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Latency {
    pub p50: u64,
    pub p95: u64,
    pub p99: u64,
    pub max: u64,
}

impl Latency {
    pub fn of(latencies: &Histogram<u64>) -> Self {
        Self {
            p50: latencies.value_at_quantile(0.50),
            p95: latencies.value_at_quantile(0.95),
            p99: latencies.value_at_quantile(0.99),
            max: latencies.max(),
        }
    }
}

impl std::fmt::Display for Latency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [p50, p95, p99, max] = [self.p50, self.p95, self.p99, self.max].map(millis);
        write!(f, "p50 {p50}   p95 {p95}   p99 {p99}   max {max}")
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BenchReport {
    pub scenario: &'static str,
    pub unit: &'static str,
    pub engine: &'static str,
    pub clients: usize,
    /// Of open arrivals; absent in a closed loop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<u32>,
    pub existing: u64,
    pub seconds: f64,
    pub done: u64,
    pub per_second: u64,
    pub latency_micros: Latency,
    pub errors: BTreeMap<String, u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_seconds: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_generator_cpu_seconds: Option<f64>,
    /// Of PostgreSQL, when it runs on this machine and is what is measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_cpu_seconds: Option<f64>,
    /// Done per second of the server's and the database's CPU.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_cpu_second: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peak_memory_kib: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bare_per_second: Option<u64>,
    /// Thousandths of the bare loop's rate. Only of what writes the rows that the bare loop writes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio_to_bare_permille: Option<u64>,
}

impl BenchReport {
    pub fn of(
        options: &BenchOptions,
        engine: &'static str,
        outcome: &Outcome,
        usage: Usage,
        bare: Option<u64>,
    ) -> Self {
        let latencies = &outcome.tally.latencies;
        let done = latencies.len();
        let per_second = per(done, outcome.elapsed);
        let database = usage.database;
        let server = usage.process.map(|process| {
            process
                .saturating_sub(usage.load.unwrap_or(Duration::ZERO))
                .saturating_add(database.unwrap_or(Duration::ZERO))
        });
        Self {
            scenario: options.scenario.as_str(),
            unit: options.scenario.unit(),
            engine,
            clients: options.clients,
            rate: match options.pace {
                Pace::Closed => None,
                Pace::Open { per_second } => Some(per_second),
            },
            existing: options.existing,
            seconds: outcome.elapsed.as_secs_f64(),
            done,
            per_second,
            latency_micros: Latency::of(latencies),
            errors: outcome.tally.errors.clone(),
            cpu_seconds: usage.process.map(|cpu| cpu.as_secs_f64()),
            load_generator_cpu_seconds: usage.load.map(|cpu| cpu.as_secs_f64()),
            database_cpu_seconds: database.map(|cpu| cpu.as_secs_f64()),
            per_cpu_second: server.filter(|cpu| !cpu.is_zero()).map(|cpu| per(done, cpu)),
            peak_memory_kib: process::peak_memory_kib(),
            bare_per_second: bare,
            ratio_to_bare_permille: bare.and_then(|bare| per_second.saturating_mul(1000).checked_div(bare)),
        }
    }

    /// How many requests failed.
    pub fn error_count(&self) -> u64 {
        self.errors.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    fn human(&self) -> String {
        let pace = match self.rate {
            None => "closed loop".to_owned(),
            Some(rate) => format!("{rate} arrivals a second"),
        };
        let latency = &self.latency_micros;
        let mut lines = vec![
            format!(
                "{} on {}: {} clients, {pace}, {:.1} s, {} payments before",
                self.scenario, self.engine, self.clients, self.seconds, self.existing
            ),
            format!("  {:<18}{} a second ({} in all)", self.unit, self.per_second, self.done),
            format!("  {:<18}{latency}", "latency, ms"),
        ];
        let errors: Vec<String> =
            self.errors.iter().map(|(what, count)| format!("{count} × {what}")).collect();
        lines.push(format!(
            "  {:<18}{}",
            "errors",
            if errors.is_empty() { "none".into() } else { errors.join(", ") }
        ));
        if let (Some(process), Some(load)) = (self.cpu_seconds, self.load_generator_cpu_seconds) {
            let database =
                self.database_cpu_seconds.map(|cpu| format!(", PostgreSQL {cpu:.2}")).unwrap_or_default();
            let server = (process - load).max(0.0);
            lines.push(format!("  {:<18}server {server:.2}{database}, load generator {load:.2}", "CPU, s"));
        }
        if let Some(rate) = self.per_cpu_second {
            lines.push(format!("  {:<18}{rate}", "per CPU second"));
        }
        if let Some(kib) = self.peak_memory_kib {
            lines.push(format!("  {:<18}{} MiB with the load generator", "peak memory", kib / 1024));
        }
        if let (Some(bare), Some(ratio)) = (self.bare_per_second, self.ratio_to_bare_permille) {
            let (whole, rest) = (ratio / 1000, ratio % 1000);
            lines.push(format!("  {:<18}{bare} payments a second; ratio {whole}.{rest:03}", "bare loop"));
        }
        lines.join("\n")
    }
}

/// How many a second.
pub fn per(count: u64, time: Duration) -> u64 {
    let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX).max(1);
    count.saturating_mul(1_000_000).checked_div(micros).unwrap_or(0)
}

pub fn millis(micros: u64) -> String {
    format!("{}.{:02}", micros / 1000, micros % 1000 / 10)
}

/// Tells whoever waits how far it is; not part of the result.
#[expect(clippy::print_stderr, reason = "the result goes to the standard output")]
pub fn progress(text: &str) {
    eprintln!("{text}");
}

pub fn print(report: &BenchReport, form: Form) {
    print_as(report, report.human(), form);
}

#[expect(clippy::print_stdout, reason = "the result of the command")]
pub fn print_as(report: &impl Serialize, human: String, form: Form) {
    match form {
        Form::Human => println!("{human}"),
        // Texts and numbers only: it cannot fail to be written.
        Form::Json => println!("{}", serde_json::to_string_pretty(report).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_latencies_are_told_exactly() {
        assert_eq!(per(80_000, Duration::from_secs(10)), 8_000);
        assert_eq!(per(1, Duration::ZERO), 1_000_000);
        assert_eq!((millis(14_239), millis(90)), ("14.23".into(), "0.09".into()));
    }
}
