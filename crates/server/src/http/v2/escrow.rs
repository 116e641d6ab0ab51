//! Deliveries of payments in escrow, and stores on a sales slip.

use super::ask::Ask;
use super::translate::{escrow, store_receipt};
use crate::app::success::Verdict;
use crate::app::ticket::Ticket;
use std::sync::Arc;

/// `POST /payments/{paymentId}/escrow/logistics`
pub(super) async fn report(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let command = escrow::reported(ask.payment_id()?, ask.body()?)?;
    ask.app.ask_escrow(&ask.caller, command, &ticket).await
}

/// `PATCH /payments/{paymentId}/escrow/logistics`
pub(super) async fn correct(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let command = escrow::corrected(ask.payment_id()?, ask.body()?)?;
    ask.app.ask_escrow(&ask.caller, command, &ticket).await
}

/// `POST /payments/{paymentId}/escrow/complete`
pub(super) async fn complete(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let command = escrow::completed(ask.payment_id()?, ask.body()?);
    ask.app.ask_escrow(&ask.caller, command, &ticket).await
}

/// `POST /payments/{paymentId}/register-store-receipt`
pub(super) async fn register_store_receipt(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let command = store_receipt::asked(ask.payment_id()?, ask.body()?)?;
    ask.app.register_store_receipt(&ask.caller, command, &ticket).await
}
