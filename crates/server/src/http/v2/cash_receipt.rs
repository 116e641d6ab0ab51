//! Handlers of cash receipts.

use super::answers::ok;
use super::ask::{Answered, Ask};
use super::translate as to;
use crate::app::success::Verdict;
use crate::app::ticket::Ticket;
use paypier_wire::v2::GetCashReceiptsBody;
use std::sync::Arc;

/// `POST /cash-receipts`
pub async fn issue(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let command = to::cash_receipt::asked(ask.body()?)?;
    ask.app.issue_cash_receipt(&ask.caller, command, &ticket).await
}

/// `GET /cash-receipts`
pub async fn list(ask: Arc<Ask>) -> Answered {
    let criteria: GetCashReceiptsBody = ask.criteria()?;
    let named = criteria.filter.as_ref().and_then(|filter| filter.store_id.as_deref());
    let store = ask.caller.reach(&ask.app, named).await?;
    let page = to::page::asked(criteria.page.as_ref(), to::page::Reach::Unbounded)?;
    let now = ask.app.clock.now();
    let Some(filter) = to::cash_receipt_filter::asked(&ask.caller, store, criteria, now)? else {
        return ok(&to::cash_receipt::page(&[], page, 0)?);
    };
    let found = ask.app.storage.cash_receipts(&filter, page).await?;
    ok(&to::cash_receipt::page(&found.items, page, found.total)?)
}

/// `GET /payments/{paymentId}/cash-receipt`
pub async fn read(ask: Arc<Ask>) -> Answered {
    let receipt = ask.app.cash_receipt(&ask.caller, ask.store()?.as_deref(), &ask.payment_id()?).await?;
    ok(&to::cash_receipt::shown(&receipt)?)
}

/// `POST /payments/{paymentId}/cash-receipt/cancel`
pub async fn cancel(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let (store, payment) = (ask.store()?, ask.payment_id()?);
    ask.app.withdraw_cash_receipt(&ask.caller, store.as_deref(), &payment, &ticket).await
}
