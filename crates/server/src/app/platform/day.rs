//! A day of a platform begins: transfers that start are frozen, those that are due are added up.
//!
//! Nothing depends on when it runs: what a transfer's status is follows from its dates, and whoever needs the
//! sums lets the day begin first. Running it twice is harmless: a transfer is frozen and joins a settlement
//! once, which the writes see to.

use super::Desk;
use super::shelf::Fallback;
use crate::app::App;
use crate::app::commit::MOST_TRIES;
use crate::app::directory::StoreProfile;
use crate::app::failure::Failure;
use crate::app::ticket::Ticket;
use futures::stream::{self, StreamExt};
use paypier_domain::change::Change;
use paypier_domain::settlement::day_in_korea;
use paypier_domain::settlement::definition::PlatformKey;
use paypier_domain::settlement::group::partner_settlements;
use paypier_domain::settlement::id::{PartnerSettlementId, TransferId};
use paypier_domain::settlement::partner_settlement::{NewSettlement, join};
use paypier_domain::settlement::transfer::{Transfer, TransferContent};
use paypier_storage::CommitError;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Transfers that are looked at together.
const AT_ONCE: u32 = 1_000;
/// Transfers that are frozen by one change.
const FROZEN_AT_ONCE: usize = 20;
/// Changes that are under way together: what shares a flush, or a turn of the database.
const CHANGES_AT_ONCE: usize = 32;

impl App {
    /// Freezes what has started, and adds up what is due.
    ///
    /// # Errors
    /// Nothing can be read or written; what was done stays done.
    pub(crate) async fn platform_day_begins(
        &self,
        profile: &Arc<StoreProfile>,
        platform: &PlatformKey,
    ) -> Result<(), Failure> {
        let mut desk = Desk { profile: profile.clone(), mode: super::Mode::Unsaid };
        desk.mode = match platform.environment {
            paypier_domain::channel::Environment::Live => super::Mode::Live,
            paypier_domain::channel::Environment::Test => super::Mode::Test,
        };
        self.freeze_started(&desk, platform).await?;
        self.settle_due(&desk, platform).await
    }

    async fn freeze_started(&self, desk: &Desk, platform: &PlatformKey) -> Result<(), Failure> {
        let mut lost = 0;
        while lost < MOST_TRIES {
            let today = day_in_korea(self.platform_now(desk, platform));
            let started = self.storage.started_transfers(platform, today, AT_ONCE).await?;
            if started.is_empty() {
                return Ok(());
            }
            let mut counter = self.counter(desk, platform, Fallback::Live).await?;
            let mut changes = vec![Change::default()];
            for transfer in started {
                let (_, change) = frozen(counter.refreshed(self, transfer).await?).changed();
                match changes.last_mut() {
                    Some(last) if last.writes.len() < FROZEN_AT_ONCE => {
                        *last = std::mem::take(last).and(change);
                    }
                    Some(_) | None => changes.push(change),
                }
            }
            // Where a change is lost, a transfer of it was deleted, or frozen by somebody else.
            if !self.committed_together(desk, changes).await? {
                lost = lost.saturating_add(1);
            }
        }
        Err(Failure::Overloaded)
    }

    async fn settle_due(&self, desk: &Desk, platform: &PlatformKey) -> Result<(), Failure> {
        let mut lost = 0;
        while lost < MOST_TRIES {
            let now = self.platform_now(desk, platform);
            let due = self.storage.due_transfers(platform, day_in_korea(now), AT_ONCE).await?;
            if due.is_empty() {
                return Ok(());
            }
            let manual = self.storage.platform_setting(platform).await?.setting.manual_settlement;
            let groups =
                partner_settlements(due.iter().map(Transfer::due), manual).map_err(Failure::internal)?;
            let by_id: BTreeMap<&TransferId, &Transfer> = due.iter().map(|one| (&one.id, one)).collect();
            let mut changes = Vec::with_capacity(groups.len());
            for (key, group) in groups {
                let inside: Vec<&Transfer> =
                    group.transfers.iter().filter_map(|id| by_id.get(id).copied()).collect();
                let waiting = self.storage.waiting_settlement(platform, &key).await?;
                let new = NewSettlement {
                    id: PartnerSettlementId::known(self.ids.prefixed("pst-")),
                    platform: platform.clone(),
                    home: desk.profile.store.id.clone(),
                };
                changes.push(join(&key, group, &inside, waiting, new, now).map_err(Failure::internal)?);
            }
            if !self.committed_together(desk, changes).await? {
                lost = lost.saturating_add(1);
            }
        }
        Err(Failure::Overloaded)
    }

    /// Commits changes that do not touch each other. Whether all of them were: those that somebody else's
    /// change kept out are looked at again.
    async fn committed_together(&self, desk: &Desk, changes: Vec<Change>) -> Result<bool, Failure> {
        let ticket = Ticket::none();
        let mut commits = stream::iter(changes)
            .map(|change| self.commit(&desk.profile, &ticket, change))
            .buffer_unordered(CHANGES_AT_ONCE);
        let mut all = true;
        // Those behind a failure are left to end as well: what is under way must not be given up halfway.
        let mut failed = None;
        while let Some(committed) = commits.next().await {
            match committed {
                Ok(()) => {}
                Err(CommitError::Conflict) => all = false,
                Err(error) => failed = Some(error),
            }
        }
        failed.map_or(Ok(all), |error| Err(error.into()))
    }
}

fn frozen(mut transfer: Transfer) -> Transfer {
    match &mut transfer.content {
        TransferContent::Order(order) => order.frozen = true,
        TransferContent::OrderCancel(cancel) => cancel.frozen = true,
        TransferContent::Manual(_) => {}
    }
    transfer
}
