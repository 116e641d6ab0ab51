//! The numbers of a marketplace, for people and for programs.

use crate::bench::report::Latency;
use serde::Serialize;

/// Something that was done as a whole.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stage {
    pub name: &'static str,
    /// Of what it was done.
    pub count: u64,
    pub unit: &'static str,
    pub seconds: f64,
    pub per_second: u64,
    /// The most memory that the process had while it was done, load generator included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peak_memory_kib: Option<u64>,
}

/// A list that was read again and again.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PageLatency {
    pub name: &'static str,
    /// As the answer says: exact up to what a list counts.
    pub total_count: u64,
    pub items: u64,
    pub first_micros: u64,
    pub latency_micros: Latency,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlatformReport {
    pub engine: &'static str,
    pub transfers: u64,
    pub partners: u64,
    pub existing: u64,
    pub stages: Vec<Stage>,
    /// From the moment at which the day begins until payouts are made.
    pub settled_into_payouts_seconds: f64,
    pub pages: Vec<PageLatency>,
}

impl PlatformReport {
    pub fn human(&self) -> String {
        let mut lines = vec![format!(
            "platform on {}: {} order transfers of {} partners, {} transfers before",
            self.engine, self.transfers, self.partners, self.existing
        )];
        for stage in &self.stages {
            let memory = stage.peak_memory_kib.map(|kib| format!(", peak {} MiB", kib / 1024));
            lines.push(format!(
                "  {:<26}{:>8.2} s  {} {} a second ({} in all){}",
                stage.name,
                stage.seconds,
                stage.per_second,
                stage.unit,
                stage.count,
                memory.unwrap_or_default()
            ));
        }
        lines.push(format!("  {:<26}{:>8.2} s", "settled into payouts", self.settled_into_payouts_seconds));
        if !self.pages.is_empty() {
            lines.push("  pages of transfer-summaries, ms".into());
        }
        for page in &self.pages {
            lines.push(format!(
                "    {:<30}{}   first {}   {} of {}",
                page.name,
                page.latency_micros,
                crate::bench::report::millis(page.first_micros),
                page.items,
                page.total_count
            ));
        }
        lines.join("\n")
    }
}
