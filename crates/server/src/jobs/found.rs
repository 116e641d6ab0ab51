//! What a question to a PSP means for whoever waits for the answer.

use crate::app::charging::never_happened;
use jiff::SignedDuration;
use paypier_domain::outcome::{Doubt, Found, Outcome};

/// As long as a request is younger than this, "not found yet" is not worth telling the merchant.
pub(super) const TOO_EARLY_TO_TELL: SignedDuration = SignedDuration::from_secs(20);

/// What the PSP's word means; `None` when it is too early to tell anybody that nobody knows.
pub(super) fn known<T>(found: Found<T>, is_early: bool) -> Option<Outcome<T>> {
    match found {
        Found::Known(outcome) => Some(outcome),
        Found::Absent => Some(Outcome::NotSent(never_happened())),
        Found::NotYet | Found::NoAnswer(_) if is_early => None,
        Found::NotYet => {
            Some(Outcome::Unknown(Doubt { reason: "the PSP does not know the request yet".into() }))
        }
        Found::NoAnswer(doubt) => Some(Outcome::Unknown(doubt)),
    }
}
