//! Playing what happens outside of the shop after it was paid: the carrier, the buyer at the door, and the
//! buyer's bank.

use super::control::{Asked, Control, detached, reply};
use super::play::{arrived, played};
use super::simulator;
use crate::app::failure::Failure;
use axum::response::Response;
use jiff::Timestamp;
use paypier_connectors::simulator::psp::{BooksError, DeliveryRefusal, DeliveryStatus, DisputeRefusal, Psp};
use paypier_domain::channel::Environment;
use paypier_domain::money::Amount;
use paypier_domain::payment::Attempt;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Nothing to say.
#[derive(Debug, Serialize)]
struct Played {}

/// What every call here needs: the payment's attempt, the PSP, and the store's time.
async fn stage(control: &Control) -> Result<(Attempt, Arc<Psp>, Timestamp), Failure> {
    let (payment, attempt) = played(control).await?;
    // What happens afterwards happens to what was paid.
    let attempt = payment.paid_attempt().cloned().unwrap_or(attempt);
    Ok((attempt, simulator(&control.app)?, control.app.now(&control.profile, Environment::Test)))
}

fn of_books(error: &BooksError) -> Failure {
    match error {
        BooksError::Conflict => Failure::Overloaded,
        BooksError::Unavailable(_) => Failure::Unavailable,
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EscrowBody {
    to: DeliveryStatus,
    /// Nobody objected in time, instead of the buyer accepting. Of `CONFIRMED` only.
    #[serde(default)]
    automatic: bool,
}

/// `POST /sandbox/payments/{paymentId}/escrow`: moves the parcel on.
pub async fn escrow(asked: Asked<EscrowBody>) -> Response {
    reply(
        detached(async move {
            let Asked { control, body } = asked;
            let (attempt, psp, now) = stage(&control).await?;
            let store = &control.profile.store.id;
            let moved = psp.move_delivery(store, attempt.reference(), body.to, body.automatic, now).await;
            moved.map_err(|refusal| match &refusal {
                DeliveryRefusal::Books(error) => of_books(error),
                DeliveryRefusal::NotFound
                | DeliveryRefusal::NotRegistered
                | DeliveryRefusal::Impossible(..) => Failure::Invalid(refusal.to_string()),
            })?;
            arrived(&control.app).await;
            Ok(Played {})
        })
        .await,
    )
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisputeBody {
    reason: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DisputeView {
    dispute_id: String,
}

/// `POST /sandbox/payments/{paymentId}/dispute`: the buyer objects at the bank.
pub async fn dispute(asked: Asked<DisputeBody>) -> Response {
    reply(
        detached(async move {
            let Asked { control, body } = asked;
            let (attempt, psp, now) = stage(&control).await?;
            let reason = reason(body.reason, "the buyer does not recognise the charge")?;
            let store = &control.profile.store.id;
            let opened = psp.open_dispute(store, attempt.reference(), &reason, now).await;
            let dispute_id = opened.map_err(refused)?;
            arrived(&control.app).await;
            Ok(DisputeView { dispute_id })
        })
        .await,
    )
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResolveBody {
    /// The one that was opened last when absent.
    dispute_id: Option<String>,
}

/// `POST /sandbox/payments/{paymentId}/dispute/resolve`: the bank has decided.
pub async fn resolve_dispute(asked: Asked<ResolveBody>) -> Response {
    reply(
        detached(async move {
            let Asked { control, body } = asked;
            let (attempt, psp, now) = stage(&control).await?;
            let store = &control.profile.store.id;
            let resolved =
                psp.resolve_dispute(store, attempt.reference(), body.dispute_id.as_deref(), now).await;
            resolved.map_err(refused)?;
            arrived(&control.app).await;
            Ok(Played {})
        })
        .await,
    )
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChargebackBody {
    /// Minor units of the payment's currency; all that is left when absent.
    amount: Option<i64>,
    reason: Option<String>,
}

/// `POST /sandbox/payments/{paymentId}/chargeback`: the PSP takes money back from the merchant.
pub async fn charge_back(asked: Asked<ChargebackBody>) -> Response {
    reply(
        detached(async move {
            let Asked { control, body } = asked;
            let amount = body.amount.map(Amount::new).transpose();
            let amount = amount.map_err(|error| Failure::Invalid(format!("amount: {error}")))?;
            let (attempt, psp, now) = stage(&control).await?;
            let reason = reason(body.reason, "a dispute was lost")?;
            let store = &control.profile.store.id;
            let taken = psp.charge_back(store, attempt.reference(), amount, &reason, now).await;
            taken.map_err(refused)?;
            arrived(&control.app).await;
            Ok(Played {})
        })
        .await,
    )
}

const LONGEST_REASON: usize = 500;

fn reason(given: Option<String>, otherwise: &str) -> Result<String, Failure> {
    let reason = given.unwrap_or_else(|| otherwise.to_owned());
    let is_fit = !reason.trim().is_empty()
        && reason.chars().count() <= LONGEST_REASON
        && !reason.chars().any(char::is_control);
    if is_fit {
        Ok(reason)
    } else {
        Err(Failure::Invalid("reason must have 1 to 500 printable characters".into()))
    }
}

fn refused(refusal: DisputeRefusal) -> Failure {
    match &refusal {
        DisputeRefusal::Books(error) => of_books(error),
        DisputeRefusal::NotFound
        | DisputeRefusal::NotPaid
        | DisputeRefusal::TooMany
        | DisputeRefusal::NotOpen
        | DisputeRefusal::NothingLeft(_) => Failure::Invalid(refusal.to_string()),
    }
}
