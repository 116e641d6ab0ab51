//! Identity verifications that have not ended: each that a PSP has yet to answer about has its job.

use super::report::{Difference, Open, Report, Rule};
use anyhow::Context;
use paypier_domain::identity_verification::IdentityVerification;
use paypier_storage::Storage;

const PAGE: u32 = 256;

/// # Errors
/// The database cannot be read.
pub async fn run(storage: &Storage, report: &mut Report) -> anyhow::Result<()> {
    let mut after: Option<IdentityVerification> = None;
    loop {
        let page = storage
            .open_identity_verifications(after.as_ref(), PAGE)
            .await
            .context("the identity verifications cannot be read")?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.clone());
        // What waits for a person ends when the person comes, or never.
        for verification in page.iter().filter(|verification| verification.is_outstanding()) {
            look_at(storage, verification, report).await?;
        }
    }
}

async fn look_at(
    storage: &Storage,
    verification: &IdentityVerification,
    report: &mut Report,
) -> anyhow::Result<()> {
    let subject = format!("{} identity verification {}", verification.key, verification.tx);
    if has_job(storage, verification).await? {
        let state = "the PSP has yet to say what became of it".to_owned();
        report.add_open(Open { subject, state });
        return Ok(());
    }
    // It may just have ended, and its job with it.
    let again = storage.identity_verification_attempt(&verification.key.store, &verification.tx).await;
    let again = again.context("an identity verification cannot be read")?;
    let Some(again) = again.filter(|again| again.is_outstanding()) else { return Ok(()) };
    if !has_job(storage, &again).await? {
        let expected = format!("the job {}", again.resolution().key());
        report.add(Difference::new(Rule::JobQueued, subject, expected, "no such job"));
    }
    Ok(())
}

async fn has_job(storage: &Storage, verification: &IdentityVerification) -> anyhow::Result<bool> {
    let key = verification.resolution().key();
    let missing =
        storage.missing_jobs(std::slice::from_ref(&key)).await.context("the jobs cannot be read")?;
    Ok(missing.is_empty())
}
