//! An empty store again: its TEST data and the PSP's side of it are gone, its channels, secrets and
//! endpoints stay.

use super::control::{Control, detached, reply};
use super::simulator;
use crate::app::App;
use crate::app::failure::Failure;
use crate::app::ticket::Ticket;
use axum::response::Response;
use paypier_domain::change::{Change, Write};
use paypier_domain::id::StoreId;
use serde::Serialize;

/// Nothing to say.
#[derive(Debug, Serialize)]
struct Emptied {}

/// `POST /sandbox/reset`
pub async fn emptied(control: Control) -> Response {
    let Control { app, profile, .. } = control;
    reply(detached(async move { empty(&app, &profile.store.id).await }).await)
}

async fn empty(app: &App, store: &StoreId) -> Result<Emptied, Failure> {
    let mut change = Change::default();
    change.writes.push(Write::EmptyTestData { store: store.clone() });
    // The platform is the merchant's; its clock and its jobs are the representative store's.
    if let Some(profile) = app.directory.store(app, store).await?
        && profile.store.is_representative
    {
        change.writes.push(Write::EmptyPlatform { merchant: profile.store.merchant.clone() });
    }
    app.commit_with(&Ticket::none(), change).await?;
    app.directory.forget();
    simulator(app)?.forget(store).await;
    Ok(Emptied {})
}
