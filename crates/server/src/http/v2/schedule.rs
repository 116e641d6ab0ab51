//! The handlers of payment schedules.

use super::answers::ok;
use super::ask::{Answered, Ask};
use super::translate as to;
use crate::app::success::Verdict;
use crate::app::ticket::Ticket;
use std::sync::Arc;

/// `POST /payments/{paymentId}/schedule`
pub(super) async fn create(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let command = to::schedule::asked(ask.payment_id()?, ask.body()?, ask.origin())?;
    ask.app.schedule_payment(&ask.caller, command, &ticket).await
}

/// `GET /payment-schedules/{paymentScheduleId}`
pub(super) async fn get_one(ask: Arc<Ask>) -> Answered {
    let schedule = ask.app.schedule(&ask.caller, ask.store()?.as_deref(), &ask.schedule_id()?).await?;
    ok(&to::schedule::shown(&schedule)?)
}

/// `GET /payment-schedules`
pub(super) async fn get_page(ask: Arc<Ask>) -> Answered {
    let criteria: paypier_wire::v2::GetPaymentSchedulesBody = ask.criteria()?;
    let named = criteria.filter.as_ref().and_then(|filter| filter.store_id.as_deref());
    let store = ask.caller.reach(&ask.app, named).await?;
    let page = to::page::asked(criteria.page.as_ref(), to::page::Reach::Unbounded)?;
    let filter = to::schedule::filter(&ask.caller, store, criteria, ask.app.clock.now())?;
    let found = ask.app.storage.schedules(&filter, page).await?;
    ok(&to::schedule::page(&found.items, page, found.total)?)
}

/// `DELETE /payment-schedules`
pub(super) async fn revoke(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let command = to::schedule::revocation(ask.criteria()?)?;
    ask.app.revoke_schedules(&ask.caller, command, &ticket).await
}
