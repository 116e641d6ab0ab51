//! Virtual accounts after they were issued.

use super::ask::Ask;
use crate::app::success::Verdict;
use crate::app::ticket::Ticket;
use std::sync::Arc;

/// `POST /payments/{paymentId}/virtual-account/close`
pub(super) async fn close(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    ask.app.close_virtual_account(&ask.caller, ask.store()?.as_deref(), &ask.payment_id()?, &ticket).await
}
