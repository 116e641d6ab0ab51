//! Keeps the numbers about unknown outcomes current: how many there are, and how old the oldest is.
//!
//! They are read from the database and not counted as they come and go, so that they are right after
//! a restart, and the same on every instance.

use crate::app::App;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// Often enough for an alert, and a small read: it looks at what is open only.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// The kinds of questions, by what they are about.
const KINDS: [(&str, &str); 5] = [
    ("resolve_attempt", "payment"),
    ("resolve_cancellation", "cancellation"),
    ("resolve_capture", "capture"),
    ("resolve_closing", "closing"),
    ("resolve_delivery", "delivery"),
];

/// Looks until it is aborted.
pub async fn watch(app: App) {
    let mut looks = interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        look(&app).await;
    }
}

async fn look(app: &App) {
    let counted = match app.storage.count_unknown_outcomes().await {
        Ok(counted) => counted,
        // The numbers stay as they are; that the database does not answer is told elsewhere.
        Err(error) => {
            tracing::debug!(%error, "unknown outcomes cannot be counted");
            return;
        }
    };
    let now = app.clock.now();
    for (kind, subject) in KINDS {
        let found = counted.iter().find(|(counted, ..)| counted == kind);
        let count = found.map_or(0, |(_, count, _)| u32::try_from(*count).unwrap_or(u32::MAX));
        // A store whose test clock was moved ahead has outcomes from the future.
        let age = found.map_or(0, |(.., since)| now.duration_since(*since).as_secs().max(0));
        metrics::gauge!("paypier_unknown_outcomes", "subject" => subject).set(f64::from(count));
        metrics::gauge!("paypier_unknown_outcome_oldest_seconds", "subject" => subject)
            .set(f64::from(u32::try_from(age).unwrap_or(u32::MAX)));
    }
}
