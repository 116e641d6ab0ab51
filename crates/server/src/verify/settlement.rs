//! The settlement platform: what partners are owed, what was paid, and the account that it was paid from.

use super::report::{Report, Rule};
use anyhow::Context;
use paypier_storage::Storage;

/// # Errors
/// The database cannot be read.
pub async fn compare(storage: &Storage, report: &mut Report) -> anyhow::Result<()> {
    for gap in
        storage.settlement_gaps().await.context("the books of the settlement platform cannot be read")?
    {
        report.differs(
            Rule::SettlementBooks,
            format!("{} {} {} in {}", gap.store, gap.environment.as_str(), gap.subject, gap.currency),
            format!("what {} add up to, {}", gap.of, gap.expected),
            gap.found.to_string(),
        );
    }
    Ok(())
}
