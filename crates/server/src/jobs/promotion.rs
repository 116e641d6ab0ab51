//! Giving up the discount that is held for a window which nobody closes.
//!
//! Safe to repeat: only what is held is given up, and the payment's version guards that.

use super::Next;
use crate::app::App;
use crate::app::failure::Failure;
use paypier_domain::id::{PaymentKey, TransactionId};

pub(super) async fn release(
    app: &App,
    key: &PaymentKey,
    transaction: &TransactionId,
) -> Result<Next, Failure> {
    let Some(profile) = app.directory.store(app, &key.store).await? else { return Ok(Next::Done) };
    Ok(if app.give_up_discount(&profile, key, transaction).await? { Next::Queued } else { Next::Done })
}
