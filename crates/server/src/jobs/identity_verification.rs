//! Identity verifications of which the PSP has not said how the last request ended.
//!
//! Safe to repeat: asking changes nothing at the PSP, and an answer that is known already changes
//! nothing here.

use super::Next;
use super::found::{TOO_EARLY_TO_TELL, known};
use crate::app::App;
use crate::app::failure::Failure;
use crate::app::identity_verification::VerificationAnswer;
use crate::app::ticket::Ticket;
use paypier_domain::id::{IdentityVerificationTxId, StoreId};
use paypier_domain::identity_verification::State;
use paypier_domain::job::{Job, wait_before_query};

pub(super) async fn resolve(
    app: &App,
    job: &Job,
    store: &StoreId,
    tx: &IdentityVerificationTxId,
) -> Result<Next, Failure> {
    let found = app.storage.identity_verification_attempt(store, tx).await?;
    let Some(verification) = found else { return Ok(Next::Done) };
    let Some(profile) = app.directory.store(app, store).await? else { return Ok(Next::Done) };
    let (is_confirmation, was_told) = match verification.state {
        State::Sending => (false, false),
        State::SendUnknown { .. } => (false, true),
        State::Confirming { was_told, .. } => (true, was_told),
        State::Open | State::Ready | State::Verified(_) | State::Failed(_) => return Ok(Next::Done),
    };
    let route = app.route(&profile, &verification.channel.key)?;
    let age = app.now(&profile, verification.environment).duration_since(verification.asked_at());
    let is_early = !was_told && age < TOO_EARLY_TO_TELL;
    let answer = if is_confirmation {
        let found = app.look_up_confirmation(&profile, &route, &verification).await;
        match known(found, is_early) {
            Some(outcome) => Some(VerificationAnswer::Confirm(app.proved(&verification, outcome)?)),
            None => None,
        }
    } else {
        let found = app.look_up_sending(&profile, &route, &verification).await;
        known(found, is_early).map(VerificationAnswer::Send)
    };
    let Some(answer) = answer else { return Ok(Next::Later(wait_before_query(job.runs.min(1)))) };
    let before = verification.version;
    let settled = app.settle_verification(&profile, verification, &answer, &Ticket::none()).await?;
    // A change removes its job or gives it its next time.
    Ok(if settled.version != before { Next::Queued } else { Next::Later(wait_before_query(job.runs)) })
}
