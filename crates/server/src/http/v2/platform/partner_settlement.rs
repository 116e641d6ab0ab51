//! Partner settlements.

use super::transfer::registry;
use super::{desk, page};
use crate::app::success::Verdict;
use crate::app::ticket::Ticket;
use crate::http::v2::answers::ok;
use crate::http::v2::ask::{Answered, Ask};
use crate::http::v2::translate::platform::partner_settlement as to;
use paypier_wire::v2;
use std::sync::Arc;

/// `GET /platform/partner-settlements`
pub(in crate::http::v2) async fn list(ask: Arc<Ask>) -> Answered {
    let desk = desk(&ask).await?;
    let criteria: v2::GetPlatformPartnerSettlementsBody = ask.criteria()?;
    let page = page(criteria.page.as_ref())?;
    let platform = registry(&desk, criteria.is_for_test).platform;
    let filter = to::filter(platform, criteria.filter)?;
    let (found, counts) = ask.app.partner_settlements(&desk, &filter, page).await?;
    ok(&to::page(&found, &counts, page)?)
}

/// `POST /platform/partner-settlements/complete-payout`
pub(in crate::http::v2) async fn complete(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let desk = desk(&ask).await?;
    let body: v2::CompletePlatformPayoutByPartnerSettlementIdsBody = ask.body()?;
    let platform = registry(&desk, body.is_for_test).platform;
    let command = to::complete(body)?;
    ask.app.complete_payout(&desk, &platform, command, &ticket).await
}

/// `POST /platform/partner-settlements/delete`
pub(in crate::http::v2) async fn delete(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let desk = desk(&ask).await?;
    let body: v2::DeletePlatformPartnerSettlementsBody = ask.body()?;
    let platform = registry(&desk, body.is_for_test).platform;
    let ids = to::ids(&body.partner_settlement_ids)?;
    ask.app.delete_settlements(&desk, &platform, &ids, &ticket).await
}
