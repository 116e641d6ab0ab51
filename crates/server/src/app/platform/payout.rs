//! Payouts, bulk payouts and the movements of their account, as they are listed.

use super::Desk;
use super::shelf::{Fallback, Shelf};
use crate::app::App;
use crate::app::failure::Failure;
use paypier_domain::settlement::definition::{Partner, PlatformKey};
use paypier_domain::settlement::id::BulkPayoutId;
use paypier_domain::settlement::paying::{
    AccountTransfer, BulkAccountTransfer, BulkAccountTransferId, BulkPayout, Payout, PayoutAccount,
};
use paypier_storage::{
    BulkPayoutFilter, ByStatus, MovementFilter, MovementsFilter, Page, PageAsk, PayoutFilter,
};

/// A payout with its partner.
#[derive(Debug, Clone, PartialEq)]
pub struct PayoutView {
    pub payout: Payout,
    pub partner: Partner,
}

/// A bulk payout with its payouts by status.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkView {
    pub bulk: BulkPayout,
    pub payouts: ByStatus,
}

/// A movement with the account that it is of.
#[derive(Debug, Clone, PartialEq)]
pub struct MovementView {
    pub transfer: AccountTransfer,
    pub account: PayoutAccount,
}

/// Movements that were asked for together, by status.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkMovementView {
    pub bulk: BulkAccountTransfer,
    pub movements: ByStatus,
}

impl App {
    pub(crate) async fn payout_views(
        &self,
        desk: &Desk,
        platform: &PlatformKey,
        payouts: Vec<Payout>,
    ) -> Result<Vec<PayoutView>, Failure> {
        let mut shelf = Shelf::new(self, platform, Fallback::Live, self.platform_now(desk, platform));
        let mut views = Vec::with_capacity(payouts.len());
        for payout in payouts {
            let partner = shelf.known_partner(&payout.partner).await?;
            views.push(PayoutView { payout, partner });
        }
        Ok(views)
    }

    /// A page of payouts, and how many match of each status.
    ///
    /// # Errors
    /// It looks at too much.
    pub async fn platform_payouts(
        &self,
        desk: &Desk,
        filter: &PayoutFilter,
        page: PageAsk,
    ) -> Result<(Page<PayoutView>, ByStatus), Failure> {
        let (found, counts) = self.storage.platform_payouts(filter, page).await?;
        let items = self.payout_views(desk, &filter.platform, found.items).await?;
        Ok((Page { items, total: found.total, total_is_exact: found.total_is_exact }, counts))
    }

    pub(crate) async fn bulk_views(
        &self,
        platform: &PlatformKey,
        bulks: Vec<BulkPayout>,
    ) -> Result<Vec<BulkView>, Failure> {
        let ids: Vec<BulkPayoutId> = bulks.iter().map(|bulk| bulk.id.clone()).collect();
        let mut stats = self.storage.payout_stats(platform, &ids).await?;
        let view = |bulk: BulkPayout| {
            let payouts = stats.remove(&bulk.id).unwrap_or_default();
            BulkView { bulk, payouts }
        };
        Ok(bulks.into_iter().map(view).collect())
    }

    /// A page of bulk payouts, and how many match of each status.
    ///
    /// # Errors
    /// It looks at too much.
    pub async fn bulk_payouts(
        &self,
        filter: &BulkPayoutFilter,
        page: PageAsk,
    ) -> Result<(Page<BulkView>, ByStatus), Failure> {
        let (found, counts) = self.storage.bulk_payouts(filter, page).await?;
        let items = self.bulk_views(&filter.platform, found.items).await?;
        Ok((Page { items, total: found.total, total_is_exact: found.total_is_exact }, counts))
    }

    /// A page of movements, and how many match of each status.
    ///
    /// # Errors
    /// It looks at too much.
    pub async fn account_transfers(
        &self,
        filter: &MovementFilter,
        page: PageAsk,
    ) -> Result<(Page<MovementView>, ByStatus), Failure> {
        let (found, counts) = self.storage.account_transfers(filter, page).await?;
        let accounts = self.storage.payout_accounts(&filter.platform).await?;
        let view = |transfer: AccountTransfer| {
            let account = accounts.iter().find(|account| account.id == transfer.account).cloned();
            let account = account.ok_or_else(|| Failure::internal("the account of a movement is gone"))?;
            Ok(MovementView { transfer, account })
        };
        let items = found.items.into_iter().map(view).collect::<Result<_, Failure>>()?;
        Ok((Page { items, total: found.total, total_is_exact: found.total_is_exact }, counts))
    }

    /// A page of bulk account transfers, and how many match of each status.
    ///
    /// # Errors
    /// It looks at too much.
    pub async fn bulk_account_transfers(
        &self,
        filter: &MovementsFilter,
        page: PageAsk,
    ) -> Result<(Page<BulkMovementView>, ByStatus), Failure> {
        let (found, counts) = self.storage.bulk_account_transfers(filter, page).await?;
        let ids: Vec<BulkAccountTransferId> = found.items.iter().map(|bulk| bulk.id.clone()).collect();
        let mut stats = self.storage.movement_stats(&filter.platform, &ids).await?;
        let view = |bulk: BulkAccountTransfer| {
            let movements = stats.remove(&bulk.id).unwrap_or_default();
            BulkMovementView { bulk, movements }
        };
        let items = found.items.into_iter().map(view).collect();
        Ok((Page { items, total: found.total, total_is_exact: found.total_is_exact }, counts))
    }
}
