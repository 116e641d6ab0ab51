//! Idempotency keys: the same key gets the same answer, and the work is done once.

use super::App;
use super::failure::Failure;
use super::success::{Success, Verdict};
use super::ticket::Ticket;
use paypier_domain::change::Change;
use paypier_domain::claim::{Answer, Claim, ClaimRef, ClaimWrite};
use paypier_domain::outcome::Outcome;
use paypier_storage::CommitError;
use std::future::Future;

/// What a request with a key gets.
#[derive(Debug)]
pub enum Once {
    /// The remembered answer of an earlier request, byte by byte.
    Replayed(Answer),
    /// This request's own verdict.
    Decided(Verdict),
}

impl App {
    /// Runs `work` at most once for the claim's key. Without a claim it just runs.
    ///
    /// The key is taken by the first commit of the work itself, so that a crash leaves either both or
    /// neither. A verdict that nothing was committed for is remembered by a commit of its own.
    pub async fn once<F, Fut>(&self, claim: Option<Claim>, work: F) -> Once
    where
        F: FnOnce(Ticket) -> Fut,
        Fut: Future<Output = Verdict>,
    {
        let Some(claim) = claim else { return Once::Decided(work(Ticket::none()).await) };
        match self.replay(&claim).await {
            Ok(Some(answer)) => return Once::Replayed(answer),
            Ok(None) => {}
            Err(failure) => return Once::Decided(Err(failure)),
        }
        let ticket = Ticket::new(claim.clone(), self.answers.clone());
        let verdict = work(ticket.clone()).await;
        if verdict == Err(Failure::KeyOutstanding) {
            // Another request took the key in between. It may have finished by now.
            return match self.replay(&claim).await {
                Ok(Some(answer)) => Once::Replayed(answer),
                Ok(None) => Once::Decided(verdict),
                Err(failure) => Once::Decided(Err(failure)),
            };
        }
        if ticket.is_unfinished() {
            let mut change = Change::default();
            ticket.finish(&mut change, &verdict);
            if change.claim.is_some() {
                match self.commit_with(&ticket, change).await {
                    Ok(()) => {}
                    // Refused, and meanwhile another request took the key: its answer is the answer.
                    Err(CommitError::KeyTaken) => {
                        return match self.replay(&claim).await {
                            Ok(Some(answer)) => Once::Replayed(answer),
                            Ok(None) => Once::Decided(Err(Failure::KeyOutstanding)),
                            Err(failure) => Once::Decided(Err(failure)),
                        };
                    }
                    // Nothing was done. Told what cannot be remembered, the caller would be told something
                    // else the next time that it shows this key.
                    Err(error) if ticket.is_fresh() => return Once::Decided(Err(error.into())),
                    // The work is done and its answer is true; only the replay is lost.
                    Err(error) => tracing::warn!(%error, "an idempotent answer could not be remembered"),
                }
            } else if ticket.is_fresh() && verdict.is_err() {
                // A refusal that is not remembered, and maybe only because another request has done meanwhile,
                // under this very key, what was asked for.
                match self.replay(&claim).await {
                    Ok(Some(answer)) => return Once::Replayed(answer),
                    Ok(None) => {}
                    Err(failure) => return Once::Decided(Err(failure)),
                }
            }
        }
        Once::Decided(verdict)
    }

    /// Lets a change that ends something remember the answer of the request that began it. The
    /// request's own ticket does that while the request runs. When somebody else ends it, a
    /// notification or a job, the request gets the true answer in place of an earlier "unknown"; one
    /// that was interrupted before anything happened gives its key back, so that the caller may
    /// repeat it and it is carried out.
    pub(super) fn answer_request(
        &self,
        change: &mut Change,
        ticket: &Ticket,
        begun_by: Option<&ClaimRef>,
        fate: Fate,
        verdict: &Verdict,
    ) {
        if !ticket.is_none() {
            ticket.finish(change, verdict);
            return;
        }
        let Some(reference) = begun_by else { return };
        change.claim = match fate {
            Fate::NeverSent => Some(ClaimWrite::Release(reference.clone())),
            Fate::Ended => self
                .answers
                .answer(&reference.operation, verdict)
                .map(|answer| ClaimWrite::Finish(reference.clone(), answer)),
        };
    }

    async fn replay(&self, claim: &Claim) -> Result<Option<Answer>, Failure> {
        let reference = &claim.reference;
        let stored = self.storage.claim(&reference.merchant, &reference.key).await?;
        let Some(stored) = stored else { return Ok(None) };
        if stored.fingerprint != claim.fingerprint {
            return Err(Failure::KeyReused);
        }
        stored.answer.map_or(Err(Failure::KeyOutstanding), |answer| Ok(Some(answer)))
    }
}

/// How an interrupted request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Nobody was told anything and nothing happened at the PSP.
    NeverSent,
    Ended,
}

impl Fate {
    /// `was_silent`: the request had not been answered before.
    pub(super) fn of<T>(outcome: &Outcome<T>, was_silent: bool) -> Self {
        if was_silent && matches!(outcome, Outcome::NotSent(_)) { Self::NeverSent } else { Self::Ended }
    }
}

/// A verdict with nothing to say.
pub const DONE: Verdict = Ok(Success::Done);
