//! The simulated PSP sends a notification: it arrives at the same door as any PSP's.
//!
//! Safe to repeat: a notification may arrive any number of times.

use super::Next;
use crate::app::App;
use crate::app::failure::Failure;
use crate::app::notification::NotificationFailure;
use jiff::SignedDuration;
use paypier_domain::channel::Environment;
use paypier_domain::id::StoreId;
use paypier_domain::job::Job;

pub(super) async fn notify(app: &App, job: &Job, id: &str) -> Result<Next, Failure> {
    match send(app, &job.store, id).await {
        Ok(()) => Ok(Next::Done),
        Err(NotificationFailure::NotRecorded) => Ok(Next::Later(SignedDuration::from_secs(2))),
        Err(error) => {
            Err(Failure::internal(format!("the simulated PSP's notification {id} was refused: {error}")))
        }
    }
}

/// Sends the simulated PSP's notification with this id now. One that was never scheduled is nothing.
///
/// # Errors
/// The notification could not be recorded, or no channel accepts it.
pub async fn send(app: &App, store: &StoreId, id: &str) -> Result<(), NotificationFailure> {
    let Some(simulator) = &app.simulator else { return Ok(()) };
    let profile = app.directory.store(app, store).await.map_err(|_| NotificationFailure::NotRecorded)?;
    let Some(profile) = profile else { return Ok(()) };
    let now = app.now(&profile, Environment::Test);
    let outgoing = simulator
        .notification(store, id, now, app.clock.now())
        .await
        .map_err(|_| NotificationFailure::NotRecorded)?;
    let Some(outgoing) = outgoing else { return Ok(()) };
    let mut headers = http::HeaderMap::new();
    for (name, value) in &outgoing.headers {
        if let Ok(value) = http::HeaderValue::from_str(value) {
            headers.insert(*name, value);
        }
    }
    // Several channels can share one PSP account; the notification belongs to one of them.
    let mut result = Err(NotificationFailure::UnknownChannel);
    for channel in &profile.channels {
        if channel.connector != "sandbox" || channel.pg_merchant_id != outgoing.merchant_id {
            continue;
        }
        match app.receive_notification(store, &channel.key, &headers, &outgoing.body).await {
            Ok(_) => return Ok(()),
            Err(NotificationFailure::UnknownChannel) => {}
            Err(error) => result = Err(error),
        }
    }
    result
}
