//! The sandbox over HTTP: a merchant's tests move the clock, play the buyer and the PSP, and look
//! into the PSP's own books.
//!
//! Only TEST data of a store that the credential reaches can be touched, and none of this exists
//! where the sandbox is switched off. A receipt is for buyers and needs its link instead. Nothing here has a way of its own to payments: whatever is
//! played goes through the simulated PSP, its notifications and the same use cases as in production.
//! The door for PSP notifications stands beside it and is open everywhere.

mod authenticate;
mod back_office;
mod books;
mod clock;
mod control;
mod identity;
mod notification;
mod play;
mod psp;
mod receipt;
mod reset;

use crate::app::App;
use crate::app::failure::Failure;
use axum::Router;
use axum::routing::{any, get, post};
use paypier_connectors::simulator::psp::Psp;
use std::sync::Arc;

/// Everything below `/sandbox`, when there is a sandbox, and `/psp/notifications`.
pub fn routes(app: App) -> Router {
    let sandbox = match &app.simulator {
        Some(_) => controls(),
        None => Router::new(),
    };
    Router::new()
        .route("/psp/notifications/{storeId}/{channelKey}", post(notification::received))
        .merge(sandbox)
        .with_state(app)
}

/// `/sandbox/clock`, when there is a sandbox: its answer may take long, and is waited for.
pub fn clock_routes(app: App) -> Router {
    let clock = match &app.simulator {
        Some(_) => Router::new().route("/sandbox/clock", get(clock::read).post(clock::moved)),
        None => Router::new(),
    };
    clock.with_state(app)
}

fn controls() -> Router<App> {
    Router::new()
        .route("/sandbox/payments/{paymentId}/authenticate", post(authenticate::authenticate))
        .route("/sandbox/payments/{paymentId}/deposit", post(play::deposit))
        .route("/sandbox/payments/{paymentId}/expire", post(play::expire))
        .route("/sandbox/payments/{paymentId}/escrow", post(back_office::escrow))
        .route("/sandbox/payments/{paymentId}/dispute", post(back_office::dispute))
        .route("/sandbox/payments/{paymentId}/dispute/resolve", post(back_office::resolve_dispute))
        .route("/sandbox/payments/{paymentId}/chargeback", post(back_office::charge_back))
        .route("/sandbox/payments/{paymentId}/complete", post(play::complete))
        .route("/sandbox/billing-keys", post(play::billing_key))
        .route("/sandbox/billing-keys/{billingKey}/complete", post(play::complete_billing_key))
        .route("/sandbox/identity-verifications/{identityVerificationId}/approve", post(identity::approve))
        .route(
            "/sandbox/identity-verifications/{identityVerificationId}/complete",
            post(play::complete_identity),
        )
        .route("/sandbox/psp/ledger", get(books::ledger))
        .route("/sandbox/psp/faults", get(books::faults).put(books::set_faults))
        .route("/sandbox/reset", post(reset::emptied))
        .route("/sandbox/psp/v1/{*call}", any(psp::called))
        .route("/sandbox/receipts/{storeId}/{reference}/{tag}", get(receipt::shown))
}

/// The simulated PSP. The routes exist only where it does.
fn simulator(app: &App) -> Result<Arc<Psp>, Failure> {
    app.simulator.clone().ok_or_else(|| Failure::internal("a sandbox route without a simulated PSP"))
}

#[cfg(test)]
mod tests;
