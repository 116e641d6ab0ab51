//! Playing the person who answers the app of an identity verification.

use super::control::{Control, detached, reply};
use super::simulator;
use crate::app::failure::{Failure, Missing};
use axum::response::Response;
use paypier_connectors::simulator::psp::BooksError;
use paypier_connectors::simulator::psp::identity::ApprovalRefusal;
use paypier_domain::channel::Environment;
use paypier_domain::id::IdentityVerificationId;
use paypier_domain::identity_verification::{IdentityVerification, VerificationKey};
use serde::Serialize;

/// Nothing to say.
#[derive(Debug, Serialize)]
struct ApprovedView {}

/// `POST /sandbox/identity-verifications/{identityVerificationId}/approve`
pub async fn approve(control: Control) -> Response {
    reply(detached(async move { approved(&control).await }).await)
}

async fn approved(control: &Control) -> Result<ApprovedView, Failure> {
    let verification = found(control).await?;
    let now = control.app.now(&control.profile, Environment::Test);
    let psp = simulator(&control.app)?;
    let approved = psp.approve_identity(&verification.key.store, verification.reference(), now).await;
    approved.map_err(|refusal| match refusal {
        ApprovalRefusal::Books(BooksError::Conflict) => Failure::Overloaded,
        ApprovalRefusal::Books(BooksError::Unavailable(_)) => Failure::Unavailable,
        ApprovalRefusal::NotFound | ApprovalRefusal::NotByApp | ApprovalRefusal::NotWaiting => {
            Failure::Invalid(refusal.to_string())
        }
    })?;
    Ok(ApprovedView {})
}

/// The latest attempt of the verification that the path names, of the store's TEST data.
pub(super) async fn found(control: &Control) -> Result<IdentityVerification, Failure> {
    let id = IdentityVerificationId::parse(&control.segment(2)?)
        .map_err(|error| Failure::Invalid(format!("identityVerificationId in the path: {error}")))?;
    let key = VerificationKey { store: control.profile.store.id.clone(), id };
    let found = control.app.storage.identity_verification(&key).await?;
    let verification = found.ok_or(Failure::NotFound(Missing::IdentityVerification))?;
    if verification.environment != Environment::Test {
        return Err(Failure::Forbidden("it is LIVE; the sandbox plays with TEST data only".into()));
    }
    Ok(verification)
}
