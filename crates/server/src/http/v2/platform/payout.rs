//! Payouts, bulk payouts, and the movements of their account.

use super::transfer::registry;
use super::{desk, page};
use crate::config::platform::AccountTransfers;
use crate::http::v2::answers::ok;
use crate::http::v2::ask::{Answered, Ask};
use crate::http::v2::translate::platform::{account_transfer, october, payout as to};
use paypier_wire::v2;
use std::sync::Arc;

/// `GET /platform/payouts`
pub(in crate::http::v2) async fn list(ask: Arc<Ask>) -> Answered {
    let desk = desk(&ask).await?;
    let criteria: v2::GetPlatformPayoutsBody = ask.criteria()?;
    let page = page(criteria.page.as_ref())?;
    let platform = registry(&desk, criteria.is_for_test).platform;
    let filter = to::filter(platform, criteria.filter)?;
    let (found, counts) = ask.app.platform_payouts(&desk, &filter, page).await?;
    ok(&to::page(&found, &counts, page)?)
}

/// `GET /platform/bulk-payouts`
pub(in crate::http::v2) async fn bulk(ask: Arc<Ask>) -> Answered {
    let desk = desk(&ask).await?;
    let criteria: v2::GetPlatformBulkPayoutsBody = ask.criteria()?;
    let page = page(criteria.page.as_ref())?;
    let platform = registry(&desk, criteria.is_for_test).platform;
    let filter = to::bulk_filter(platform, criteria.filter)?;
    let (found, counts) = ask.app.bulk_payouts(&filter, page).await?;
    ok(&to::bulk_page(&found, &counts, page))
}

/// `GET /platform/account-transfers`
pub(in crate::http::v2) async fn movements(ask: Arc<Ask>) -> Answered {
    let desk = desk(&ask).await?;
    let criteria: v2::GetAccountTransfersBody1 = ask.criteria()?;
    let page = page(criteria.page.as_ref())?;
    let platform = registry(&desk, criteria.is_for_test).platform;
    let filter = account_transfer::filter(platform, criteria.filter)?;
    let (found, counts) = ask.app.account_transfers(&filter, page).await?;
    match ask.options().account_transfers {
        AccountTransfers::Current => ok(&account_transfer::page(&found, &counts, page)?),
        AccountTransfers::October2024 => ok(&october::page(&found, &counts, page)?),
    }
}

/// `GET /platform/bulk-account-transfers`
pub(in crate::http::v2) async fn bulk_movements(ask: Arc<Ask>) -> Answered {
    let desk = desk(&ask).await?;
    let criteria: v2::GetPlatformBulkAccountTransfersBody = ask.criteria()?;
    let page = page(criteria.page.as_ref())?;
    let platform = registry(&desk, criteria.is_for_test).platform;
    let filter = account_transfer::bulk_filter(platform, criteria.filter)?;
    let (found, counts) = ask.app.bulk_account_transfers(&filter, page).await?;
    ok(&account_transfer::bulk_page(&found, &counts, page))
}
