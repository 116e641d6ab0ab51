//! A remittance: the bank is asked to pay a partner or the merchant, and later how that ended.
//!
//! The intention is stored before the bank hears of it. What the bank has accepted is never sent again: how
//! it ends is asked for by its number. Running a job twice is harmless, because each step is taken at the
//! version that was seen.

use super::bulk::remit_job;
use super::{Desk, Mode};
use crate::app::App;
use crate::app::commit::MOST_TRIES;
use crate::app::failure::Failure;
use crate::app::ticket::Ticket;
use jiff::SignedDuration;
use paypier_connectors::simulator::bank::{self, Remittance};
use paypier_domain::change::Write;
use paypier_domain::channel::Environment;
use paypier_domain::id::{PaymentId, PaymentKey, StoreId};
use paypier_domain::settlement::definition::PlatformKey;
use paypier_domain::settlement::id::BulkPayoutId;
use paypier_domain::settlement::paying::{
    AccountMoved, AccountTransfer, AccountTransferId, AccountTransferStatus, Direction, Purpose, Withdrawal,
};
use paypier_domain::settlement::status::{BulkPayoutStatus, PayoutStep};
use paypier_domain::settlement::withdrawal::arrived;
use paypier_storage::CommitError;

/// When a job is to run again; `None`: it is done.
pub type Again = Option<SignedDuration>;

impl App {
    async fn desk_of(
        &self,
        store: &StoreId,
        environment: Environment,
    ) -> Result<Option<(Desk, PlatformKey)>, Failure> {
        let Some(profile) = self.directory.store(self, store).await? else { return Ok(None) };
        let mode = match environment {
            Environment::Live => Mode::Live,
            Environment::Test => Mode::Test,
        };
        let desk = Desk { profile, mode };
        let platform = desk.home();
        Ok(Some((desk, platform)))
    }

    /// A day of a store's platform begins.
    ///
    /// # Errors
    /// Nothing can be read or written.
    pub(crate) async fn run_platform_day(
        &self,
        store: &StoreId,
        environment: Environment,
    ) -> Result<(), Failure> {
        match self.desk_of(store, environment).await? {
            Some((desk, platform)) => self.platform_day_begins(&desk.profile, &platform).await,
            None => Ok(()),
        }
    }

    /// Executes a bulk payout whose time has come. Where it cannot be (another is going on, the balance is
    /// too low), it waits for the next slot.
    ///
    /// # Errors
    /// Nothing can be read or written.
    pub(crate) async fn run_reserved_bulk(
        &self,
        store: &StoreId,
        environment: Environment,
        id: &BulkPayoutId,
    ) -> Result<Again, Failure> {
        let Some((desk, platform)) = self.desk_of(store, environment).await? else { return Ok(None) };
        for _ in 0..MOST_TRIES {
            let hold = self.storage.platform_hold(&platform, "execution").await?;
            let Some(bulk) = self.storage.bulk_payout(&platform, id).await? else { return Ok(None) };
            if bulk.status != BulkPayoutStatus::Prepared || bulk.reserved_for.is_none() {
                return Ok(None);
            }
            let ((_, mut change), jobs) = match self.executed(&desk, bulk).await {
                Ok(executed) => executed,
                Err(Failure::Platform(refusal)) => {
                    tracing::warn!(%refusal, "a reserved bulk payout waits for the next slot");
                    return Ok(Some(SignedDuration::from_mins(10)));
                }
                Err(failure) => return Err(failure),
            };
            change.jobs.extend(jobs);
            change.writes.push(Write::PlatformHold(paypier_domain::settlement::transfer::Hold {
                platform: platform.clone(),
                what: "execution".into(),
                version: hold,
            }));
            match self.commit(&desk.profile, &Ticket::none(), change).await {
                Ok(()) => {
                    self.finish_bulk(&desk, &platform, id).await?;
                    return Ok(None);
                }
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    /// Takes the next step of a remittance.
    ///
    /// # Errors
    /// Nothing can be read or written.
    pub(crate) async fn run_remittance(
        &self,
        store: &StoreId,
        environment: Environment,
        id: &AccountTransferId,
    ) -> Result<Again, Failure> {
        let Some((desk, platform)) = self.desk_of(store, environment).await? else { return Ok(None) };
        for _ in 0..MOST_TRIES {
            let Some(transfer) = self.storage.account_transfer(&platform, id).await? else { return Ok(None) };
            let Some(withdrawal) = transfer.withdrawal().cloned() else { return Ok(None) };
            let now = self.platform_now(&desk, &platform);
            let done = match transfer.status {
                AccountTransferStatus::Prepared => {
                    self.remittance_begins(&desk, transfer, &withdrawal).await?
                }
                AccountTransferStatus::Processing => {
                    // The bank has it under its number by now, or takes it: the sandbox's accepts all.
                    let (transfer, mut change) =
                        transfer.with_status(AccountTransferStatus::AsyncProcessing, now).changed(now);
                    let due = now.checked_add(bank::TAKES).unwrap_or(now);
                    change.jobs.push(remit_job(&transfer, due));
                    match self.commit(&desk.profile, &Ticket::none(), change).await {
                        Ok(()) => return Ok(Some(bank::TAKES)),
                        Err(error) => Err(error),
                    }
                }
                AccountTransferStatus::AsyncProcessing => {
                    match bank::look_up(&withdrawal.to.number, transfer.status_at, now) {
                        Remittance::Pending { until } => {
                            return Ok(Some(until.duration_since(now).max(SignedDuration::from_secs(1))));
                        }
                        ended => self.remittance_ends(&desk, transfer, &withdrawal, ended).await?,
                    }
                }
                AccountTransferStatus::Scheduled
                | AccountTransferStatus::Cancelled
                | AccountTransferStatus::Stopped
                | AccountTransferStatus::Succeeded
                | AccountTransferStatus::Failed => {
                    if let Purpose::PartnerPayout { bulk, .. } = &withdrawal.purpose {
                        self.finish_bulk(&desk, &platform, bulk).await?;
                    }
                    return Ok(None);
                }
            };
            match done {
                Ok(()) | Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    async fn remittance_begins(
        &self,
        desk: &Desk,
        transfer: AccountTransfer,
        withdrawal: &Withdrawal,
    ) -> Result<Result<(), CommitError>, Failure> {
        let platform = transfer.platform.clone();
        let now = self.platform_now(desk, &platform);
        let (_, mut change) = transfer.with_status(AccountTransferStatus::Processing, now).changed(now);
        if let Purpose::PartnerPayout { payout, .. } = &withdrawal.purpose
            && let Some(payout) = self.storage.platform_payout(&platform, payout).await?
        {
            let inside = self.storage.settlements_of_payout(&platform, &payout.id).await?;
            let (_, step) = payout.step(PayoutStep::Begin, inside, now).map_err(Failure::internal)?;
            change = change.and(step);
        }
        Ok(self.commit(&desk.profile, &Ticket::none(), change).await)
    }

    async fn remittance_ends(
        &self,
        desk: &Desk,
        transfer: AccountTransfer,
        withdrawal: &Withdrawal,
        ended: Remittance,
    ) -> Result<Result<(), CommitError>, Failure> {
        let platform = transfer.platform.clone();
        let now = self.platform_now(desk, &platform);
        // One at a time, so that each knows what the account holds behind it.
        let lane = PaymentKey { store: transfer.home.clone(), payment: PaymentId::known("\u{1f}account") };
        let _lane = self.lanes.enter(&lane).await;
        let hold = self.account_hold(&platform, &transfer.account).await?;
        let account = self.storage.payout_account(&platform, &transfer.account).await?;
        let account = account.ok_or_else(|| Failure::internal("the account of a remittance is gone"))?;
        let units = transfer.amount.minor_units();
        let moved = |balance: i64| AccountMoved {
            platform: platform.clone(),
            account: account.id.clone(),
            balance,
            held: units.saturating_neg(),
            sequences: 0,
        };
        let payout = match &withdrawal.purpose {
            Purpose::PartnerPayout { payout, .. } => self.storage.platform_payout(&platform, payout).await?,
            Purpose::Remit { .. } => None,
        };
        let inside = match &payout {
            Some(payout) => self.storage.settlements_of_payout(&platform, &payout.id).await?,
            None => Vec::new(),
        };
        let bulk = payout.as_ref().map(|payout| payout.bulk.clone());
        let mut change = match ended {
            Remittance::Pending { .. } => return Ok(Ok(())),
            Remittance::Done { at } => {
                let transfer = AccountTransfer {
                    traded_at: Some(at),
                    balance: Some(account.balance.minus_or_zero(transfer.amount)),
                    ..transfer.with_status(AccountTransferStatus::Succeeded, now)
                };
                let posted = match withdrawal.purpose {
                    Purpose::PartnerPayout { .. } => None,
                    Purpose::Remit { .. } => arrived(&transfer, now),
                };
                let (_, mut change) = transfer.changed(now);
                change.postings.extend(posted);
                if let Some(payout) = payout {
                    let (_, paid) = payout.succeeded(inside, now).map_err(Failure::internal)?;
                    change = change.and(paid);
                }
                change.writes.push(Write::PlatformAccountMoved(moved(units.saturating_neg())));
                change
            }
            Remittance::Rejected { at, reason } => {
                let failed = Withdrawal { fail_reason: Some(reason.into()), ..withdrawal.clone() };
                let transfer = AccountTransfer {
                    traded_at: Some(at),
                    direction: Direction::Withdrawal(Box::new(failed)),
                    ..transfer.with_status(AccountTransferStatus::Failed, now)
                };
                let (_, mut change) = transfer.changed(now);
                if let Some(payout) = payout {
                    let (_, failed) = payout.failed(reason, inside, now).map_err(Failure::internal)?;
                    change = change.and(failed);
                }
                change.writes.push(Write::PlatformAccountMoved(moved(0)));
                change
            }
        };
        change.writes.push(Write::PlatformHold(hold));
        let committed = self.commit(&desk.profile, &Ticket::none(), change).await;
        if let (Ok(()), Some(bulk)) = (&committed, bulk) {
            self.finish_bulk(desk, &platform, &bulk).await?;
        }
        Ok(committed)
    }
}
