//! Policies about who bears a discount.

use super::rule::handlers;
use super::{desk, page, update};
use crate::app::failure::Failure;
use crate::app::success::Verdict;
use crate::app::ticket::Ticket;
use crate::http::v2::answers::ok;
use crate::http::v2::ask::{Answered, Ask};
use crate::http::v2::translate::page::shown;
use crate::http::v2::translate::platform as to;
use paypier_domain::settlement::id::DiscountSharePolicyId;
use paypier_domain::settlement::policy::DiscountShareTerms;
use paypier_wire::v2;
use std::sync::Arc;

handlers! {
    "/platform/discount-share-policies", DiscountShareTerms, DiscountSharePolicyId, discount_share_policy,
    CreatePlatformDiscountSharePolicyBody, UpdatePlatformDiscountSharePolicyBody, SchedulePlatformDiscountSharePolicyBody, ReschedulePlatformDiscountSharePolicyBody, GetPlatformDiscountSharePoliciesBody, GetPlatformDiscountSharePoliciesResponse
}

/// `GET /platform/discount-share-policy-filter-options`
pub(in crate::http::v2) async fn options(ask: Arc<Ask>) -> Answered {
    let desk = desk(&ask).await?;
    let archived = ask.flag("isArchived")?.unwrap_or(false);
    let rates = ask.app.discount_share_rates(&desk, archived).await?;
    ok(&v2::PlatformDiscountSharePolicyFilterOptions {
        // Rates are at most 100,000.
        partner_share_rates: rates.into_iter().map(|rate| i32::try_from(rate).unwrap_or(i32::MAX)).collect(),
    })
}
