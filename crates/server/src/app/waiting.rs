//! Asking the PSP how something ended, for as long as the caller may be kept waiting.

use super::App;
use super::charging::{finding, never_happened};
use paypier_domain::outcome::{Doubt, Found, Outcome};
use std::future::Future;
use std::time::Duration;
use tokio::time::Instant;

/// Waits between questions; afterwards the last one again and again.
const WAITS: [Duration; 5] = [
    Duration::from_millis(300),
    Duration::from_millis(700),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];
const LAST_WAIT: Duration = Duration::from_secs(6);

impl App {
    /// Asks until the PSP says how it ended or the caller's patience is over; `note` is told what each
    /// question found.
    pub(super) async fn ask_until_known<T, F>(
        &self,
        look: impl Fn() -> F + Send + Sync,
        mut note: impl FnMut(String) + Send,
    ) -> Outcome<T>
    where
        F: Future<Output = Found<T>> + Send,
    {
        let started = Instant::now();
        let mut last = Doubt { reason: "the PSP was not reached in time".into() };
        for wait in WAITS.iter().copied().chain(std::iter::repeat(LAST_WAIT)) {
            if started.elapsed().saturating_add(wait) >= self.policy.caller_patience {
                break;
            }
            tokio::time::sleep(wait).await;
            let found = look().await;
            note(finding(&found));
            match found {
                Found::Known(Outcome::Unknown(doubt)) | Found::NoAnswer(doubt) => last = doubt,
                Found::Known(outcome) => return outcome,
                Found::Absent => return Outcome::NotSent(never_happened()),
                Found::NotYet => {}
            }
        }
        Outcome::Unknown(last)
    }
}
