//! One request's hold on its idempotency key, through all commits of a use case.

use super::success::{AnswerBook, Verdict};
use paypier_domain::change::Change;
use paypier_domain::claim::{Claim, ClaimRef, ClaimWrite};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

const FRESH: u8 = 0;
const BEGUN: u8 = 1;
const FINISHED: u8 = 2;

/// A ticket without a claim belongs to a request without a key and does nothing.
#[derive(Debug, Clone)]
pub struct Ticket(Option<Arc<Hold>>);

#[derive(Debug)]
struct Hold {
    claim: Claim,
    answers: Arc<dyn AnswerBook>,
    state: AtomicU8,
}

impl Ticket {
    pub const fn none() -> Self {
        Self(None)
    }

    pub fn new(claim: Claim, answers: Arc<dyn AnswerBook>) -> Self {
        Self(Some(Arc::new(Hold { claim, answers, state: AtomicU8::new(FRESH) })))
    }

    pub fn reference(&self) -> Option<ClaimRef> {
        self.0.as_ref().map(|hold| hold.claim.reference.clone())
    }

    /// Lets `change` take the key, when no change of this request did so before.
    pub fn begin(&self, change: &mut Change) {
        if let Some(hold) = &self.0
            && hold.state.load(Ordering::Acquire) == FRESH
        {
            change.claim = Some(ClaimWrite::Begin(hold.claim.clone()));
        }
    }

    /// Lets `change` remember the answer.
    pub fn finish(&self, change: &mut Change, verdict: &Verdict) {
        let Some(hold) = &self.0 else { return };
        let Some(answer) = hold.answers.answer(&hold.claim.reference.operation, verdict) else { return };
        change.claim = Some(match hold.state.load(Ordering::Acquire) {
            FRESH => ClaimWrite::Record(hold.claim.clone(), answer),
            _ => ClaimWrite::Finish(hold.claim.reference.clone(), answer),
        });
    }

    pub const fn is_none(&self) -> bool {
        self.0.is_none()
    }

    /// To be called after `change` was committed.
    pub fn committed(&self, change_claim: Option<&ClaimWrite>) {
        let Some(hold) = &self.0 else { return };
        match change_claim {
            Some(ClaimWrite::Begin(_)) => hold.state.store(BEGUN, Ordering::Release),
            Some(ClaimWrite::Record(..) | ClaimWrite::Finish(..)) => {
                hold.state.store(FINISHED, Ordering::Release)
            }
            Some(ClaimWrite::Release(_)) | None => {}
        }
    }

    /// Whether no change of this request has been committed yet.
    pub fn is_fresh(&self) -> bool {
        self.0.as_ref().is_some_and(|hold| hold.state.load(Ordering::Acquire) == FRESH)
    }

    /// Whether the answer still has to be remembered by a change of its own.
    pub fn is_unfinished(&self) -> bool {
        self.0.as_ref().is_some_and(|hold| hold.state.load(Ordering::Acquire) != FINISHED)
    }
}
