//! Delivering the outbox: a claimed delivery is sent once, and its outcome is recorded.
//!
//! Running twice is harmless because deliveries are at least once: a receiver tells copies by their
//! id. A delivery is claimed with a lease; a process that dies between sending and recording leaves
//! it to be sent again when the lease has ended. Storage hands out deliveries of one payment to one
//! URL in order, each after the one before it has succeeded or used up its tries.

use crate::app::App;
use crate::app::commit::MOST_TRIES;
use crate::app::directory::StoreProfile;
use crate::app::failure::Failure;
use jiff::{SignedDuration, Timestamp};
use paypier_domain::change::{Change, Write};
use paypier_domain::channel::Environment;
use paypier_domain::delivery::{Delivery, DeliveryState, Execution};
use paypier_storage::CommitError;
use std::sync::Arc;

/// How long a delivery steps back, and half of it again at random, when too many are under way to
/// its origin.
const STEP_BACK: SignedDuration = SignedDuration::from_secs(5);

/// Sends a claimed delivery once and records what came of it. What goes wrong on our side is logged
/// and leaves the delivery as it was: it is claimed again when its lease has ended.
pub async fn deliver(app: &App, delivery: Delivery) {
    let id = delivery.id.clone();
    let done = match app.mailroom.passage(&delivery.url) {
        Some(_passage) => send(app, &delivery).await,
        None => step_back(app, delivery).await,
    };
    if let Err(failure) = done {
        metrics::counter!("paypier_webhook_deliveries_total", "result" => "not_recorded").increment(1);
        tracing::warn!(
            webhook.id = %id,
            ?failure,
            "a webhook was not sent or its outcome not recorded; it is tried again when its lease has ended"
        );
    }
}

/// The change that writes a delivery down, with its due time on the store's clock. `before` is the
/// delivery as it was read: when somebody else sent it meanwhile, the change conflicts.
pub fn change(profile: &StoreProfile, before: &Delivery, after: Delivery) -> Change {
    Change {
        clock_offset: match after.environment {
            Environment::Test => profile.store.test_clock_offset,
            Environment::Live => SignedDuration::ZERO,
        },
        writes: vec![Write::Delivery { delivery: Box::new(after), expects: before.tries() }],
        ..Change::default()
    }
}

async fn send(app: &App, delivery: &Delivery) -> Result<(), Failure> {
    if let DeliveryState::Due { at } = delivery.state {
        super::catch_up(app, &delivery.store, delivery.environment, at).await;
    }
    let profile = profile_of(app, delivery).await?;
    if let DeliveryState::Due { at } = delivery.state {
        let age = app.now(&profile, delivery.environment).duration_since(at).as_secs_f64();
        metrics::gauge!("paypier_queue_age_seconds", "queue" => "deliveries").set(age.max(0.0));
    }
    let execution = app.execute(&profile, delivery).await?;

    let mut before = delivery.clone();
    for _ in 0..MOST_TRIES {
        // The store's clock may have been moved meanwhile; the next wait counts from where it is now.
        let profile = profile_of(app, delivery).await?;
        let mut after = before.clone();
        record(&mut after, execution.clone(), app.now(&profile, delivery.environment), app.random.number());
        let state = after.state;
        match app.storage.commit(change(&profile, &before, after)).await {
            Ok(()) => {
                if state == DeliveryState::Dead {
                    told_dead(delivery);
                }
                return Ok(());
            }
            // Somebody sent it by hand meanwhile; what is recorded adds to that.
            Err(CommitError::Conflict) => {
                before = app.storage.delivery(&delivery.id).await?.unwrap_or_else(|| delivery.clone());
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(Failure::Overloaded)
}

fn told_dead(delivery: &Delivery) {
    metrics::gauge!("paypier_webhook_dead").increment(1.0);
    tracing::warn!(
        webhook.id = %delivery.id,
        store.id = %delivery.store,
        subject = delivery.subject,
        "a webhook used up its tries; `paypier webhooks replay --dead` sends it again"
    );
}

/// Adds an execution of the schedule to what is known. A delivery that has succeeded stays so.
fn record(delivery: &mut Delivery, execution: Execution, ended_at: Timestamp, random: u64) {
    let before = delivery.state;
    delivery.executed(execution, ended_at, random);
    if before == DeliveryState::Succeeded {
        delivery.state = DeliveryState::Succeeded;
    }
}

async fn step_back(app: &App, delivery: Delivery) -> Result<(), Failure> {
    let profile = profile_of(app, &delivery).await?;
    let jitter =
        app.random.number().checked_rem(2_500).and_then(|millis| i64::try_from(millis).ok()).unwrap_or(0);
    let wait = STEP_BACK.saturating_add(SignedDuration::from_millis(jitter));
    let now = app.now(&profile, delivery.environment);
    let later = Delivery {
        state: DeliveryState::Due { at: now.checked_add(wait).unwrap_or(now) },
        ..delivery.clone()
    };
    Ok(app.storage.commit(change(&profile, &delivery, later)).await?)
}

async fn profile_of(app: &App, delivery: &Delivery) -> Result<Arc<StoreProfile>, Failure> {
    let profile = app.directory.store(app, &delivery.store).await?;
    profile.ok_or_else(|| Failure::internal(format!("the store {} of a webhook is gone", delivery.store)))
}
