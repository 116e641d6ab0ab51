//! Cash receipts: each open one has its job, and those of the simulated PSP are valid there exactly
//! when they are valid here.

use super::report::{Difference, Open, Report, Rule};
use anyhow::Context;
use paypier_connectors::simulator::psp::cash_receipt::{CASH_RECEIPT, booked};
use paypier_domain::cash_receipt::CashReceipt;
use paypier_domain::id::CashReceiptId;
use paypier_domain::job::Task;
use paypier_storage::Storage;

const SIMULATOR: &str = "sandbox";
const PAGE: u32 = 256;

/// # Errors
/// The database cannot be read.
pub async fn run(storage: &Storage, report: &mut Report) -> anyhow::Result<()> {
    ours(storage, report).await?;
    theirs(storage, report).await
}

async fn ours(storage: &Storage, report: &mut Report) -> anyhow::Result<()> {
    let mut after: Option<CashReceipt> = None;
    loop {
        let page = storage
            .cash_receipts_in_key_order(after.as_ref(), PAGE)
            .await
            .context("the cash receipts cannot be read")?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.clone());
        for receipt in &page {
            report.checked.cash_receipts = report.checked.cash_receipts.saturating_add(1);
            look_at(storage, receipt, report).await?;
        }
    }
}

async fn look_at(storage: &Storage, receipt: &CashReceipt, report: &mut Report) -> anyhow::Result<()> {
    if difference(storage, receipt).await?.is_none() {
        return Ok(());
    }
    // It may just have been changing: only what is wrong twice, and the same each time, is wrong.
    let again = storage.cash_receipt(&receipt.payment.store, &receipt.id).await;
    let Some(again) = again.context("a cash receipt cannot be read")? else { return Ok(()) };
    match difference(storage, &again).await? {
        Some(Found::Open(open)) => report.add_open(open),
        Some(Found::Wrong(wrong)) if again.version == receipt.version => report.add(wrong),
        Some(Found::Wrong(_)) | None => {}
    }
    Ok(())
}

enum Found {
    Open(Open),
    Wrong(Difference),
}

async fn difference(storage: &Storage, receipt: &CashReceipt) -> anyhow::Result<Option<Found>> {
    let subject = format!("{} cash receipt {}", receipt.payment, receipt.id);
    let wrong = |rule, expected: String, found: String| {
        Ok(Some(Found::Wrong(Difference::new(rule, subject.clone(), expected, found))))
    };
    if receipt.is_open() {
        let task = Task::ResolveCashReceipt { payment: receipt.payment.clone(), receipt: receipt.id.clone() };
        let key = task.key();
        let missing =
            storage.missing_jobs(std::slice::from_ref(&key)).await.context("the jobs cannot be read")?;
        if missing.is_empty() {
            let state = "the PSP has yet to say whether it exists".to_owned();
            return Ok(Some(Found::Open(Open { subject, state })));
        }
        return wrong(Rule::JobQueued, format!("the job {key}"), "no such job".to_owned());
    }
    if receipt.channel.connector != SIMULATOR {
        return Ok(None);
    }
    let (store, id) = (&receipt.payment.store, receipt.reference());
    let record = storage.simulator_record(store, CASH_RECEIPT, id).await;
    let record = record.context("the simulated PSP's books cannot be read")?;
    let theirs = record.as_ref().map(booked).transpose().context("a record of the simulated PSP")?;
    let is_valid_there = theirs.as_ref().is_some_and(|theirs| theirs.is_valid);
    let is_valid_here = receipt.blocks_others();
    if is_valid_here == is_valid_there {
        return Ok(None);
    }
    let word = |is_valid| if is_valid { "valid" } else { "not valid" };
    wrong(
        Rule::ReceiptAgrees,
        format!("as the PSP says: {}", word(is_valid_there)),
        format!("kept as {}", word(is_valid_here)),
    )
}

/// Receipts that the simulated PSP issued and nobody here knows of.
async fn theirs(storage: &Storage, report: &mut Report) -> anyhow::Result<()> {
    let stores = storage.stores_with_simulator().await;
    for store in stores.context("the simulated PSP's books cannot be read")? {
        let mut after: Option<String> = None;
        loop {
            let page = storage.simulator_records(&store, CASH_RECEIPT, after.as_deref(), PAGE).await;
            let page = page.context("the simulated PSP's cash receipts cannot be read")?;
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            for record in &page {
                let ours = storage.cash_receipt(&store, &CashReceiptId::known(record.id.as_str())).await;
                if ours.context("a cash receipt cannot be read")?.is_none() {
                    report.differs(
                        Rule::ReceiptAgrees,
                        format!("{store} cash receipt {} at the simulated PSP", record.id),
                        "a cash receipt of ours with this id",
                        "none",
                    );
                }
            }
        }
    }
    Ok(())
}
