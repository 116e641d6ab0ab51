//! Asking the provider of tax invoices what has become of a connection.
//!
//! Safe to repeat: only a connection that is pending is changed, and only to what the provider says.

use super::Next;
use crate::app::App;
use crate::app::failure::Failure;
use jiff::SignedDuration;
use paypier_domain::job::Job;
use paypier_domain::settlement::definition::PlatformKey;
use paypier_domain::settlement::id::PartnerId;

/// How long the provider is left alone when it is still at it.
const WAIT: SignedDuration = SignedDuration::from_mins(1);

pub(super) async fn resolve(
    app: &App,
    job: &Job,
    platform: &PlatformKey,
    partner: &PartnerId,
) -> Result<Next, Failure> {
    let is_pending = app.settle_connection(job, platform, partner).await?;
    Ok(if is_pending { Next::Later(WAIT) } else { Next::Done })
}
