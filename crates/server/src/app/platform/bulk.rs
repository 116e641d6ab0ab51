//! What operators do with bulk payouts: make one, choose what is in it, let payouts be generated, approve it
//! (another person than its maker), stop, cancel and try again.
//!
//! Approving an `AGENCY` bulk payout executes or reserves it: from then on the bank moves the money, one
//! remittance a job ([`super::remit`]). Approving a `DIRECT` one records that the merchant has paid.

use super::Desk;
use super::payout::{BulkView, PayoutView};
use super::settlement_outcome::{SettlementDone, SettlementFailure};
use super::shelf::{Fallback, Shelf};
use crate::app::App;
use crate::app::commit::MOST_TRIES;
use crate::app::failure::Failure;
use crate::app::success::{Success, Verdict};
use crate::app::ticket::Ticket;
use jiff::Timestamp;
use jiff::civil::Date;
use paypier_domain::change::{Change, Write};
use paypier_domain::channel::Environment;
use paypier_domain::job::{Job, JobWrite, Task};
use paypier_domain::money::{Amount, Currency, SignedAmount};
use paypier_domain::settlement::books;
use paypier_domain::settlement::bulk::{self, AccountState, CreateAsk, CreateFound, PayoutMethod};
use paypier_domain::settlement::definition::{Approval, PlatformKey};
use paypier_domain::settlement::id::{BulkPayoutId, PartnerId, PartnerSettlementId, PayoutId};
use paypier_domain::settlement::partner_settlement::PartnerSettlement;
use paypier_domain::settlement::paying::{
    AccountMoved, AccountTransfer, AccountTransferId, AccountTransferStatus, BulkAccountTransfer,
    BulkAccountTransferId, BulkAccountTransferStatus, BulkPayout, Direction, MAX_SETTLEMENTS, Payout,
    PayoutAccount, PayoutAccountId, Purpose, TEST_ACCOUNT, Withdrawal,
};
use paypier_domain::settlement::payout::{Payable, PayoutPlan, plan};
use paypier_domain::settlement::status::{
    BulkPayoutStatus, BulkPayoutStep, PartnerSettlementStatus, PayoutStatus, PayoutStep,
};
use paypier_domain::settlement::transfer::Hold;
use paypier_storage::{CommitError, PageAsk, SettlementFilter};
use std::collections::{BTreeMap, BTreeSet};

/// A bulk payout that an operator makes.
#[derive(Debug, Clone)]
pub struct CreateBulk {
    pub id: Option<BulkPayoutId>,
    pub name: Option<Box<str>>,
    pub method: PayoutMethod,
    pub currency: Currency,
    pub dates: BTreeSet<Date>,
}

/// Texts of the passbooks; absent: those of the setting.
#[derive(Debug, Clone, Default)]
pub struct Passbook {
    pub withdrawal: Option<Box<str>>,
    pub deposit: Option<Box<str>>,
}

/// The hold of what is executed on a platform: one bulk payout at a time.
const EXECUTION: &str = "execution";

/// The two sides of a change that an operator makes.
type Changed = (BulkPayout, Change);

impl App {
    /// # Errors
    /// See [`bulk::CreateRefusal`].
    pub async fn create_bulk_payout(
        &self,
        desk: &Desk,
        platform: &PlatformKey,
        command: CreateBulk,
        by: &str,
        ticket: &Ticket,
    ) -> Verdict {
        self.platform_day_begins(&desk.profile, platform).await?;
        let id = command.id.clone().unwrap_or_else(|| BulkPayoutId::known(self.ids.prefixed("bp-")));
        for _ in 0..MOST_TRIES {
            let now = self.platform_now(desk, platform);
            let filter = SettlementFilter {
                days: command.dates.iter().copied().take(bulk::MAX_SETTLEMENT_DATES).collect(),
                currencies: vec![command.currency.code().to_owned()],
                ..SettlementFilter::of(platform.clone())
            };
            let found =
                if filter.days.is_empty() { Vec::new() } else { self.all_settlements(&filter).await? };
            let rows: Vec<(Payable, Option<BulkPayoutId>)> =
                found.iter().map(|one| (one.payable(), selected_by(one))).collect();
            let ask = CreateAsk {
                id: id.clone(),
                method: command.method,
                currency: command.currency,
                settlement_dates: command.dates.clone(),
            };
            let selected = bulk::create(
                &ask,
                CreateFound {
                    id_is_used: self.storage.bulk_payout(platform, &id).await?.is_some(),
                    has_withdrawal_account: self.withdrawal_account(desk, platform).await?.is_some(),
                    settlements: &rows,
                },
            )
            .map_err(|refusal| SettlementFailure::CreateBulk(Box::new(refusal)))?;
            let selected: BTreeSet<PartnerSettlementId> = selected.into_iter().collect();
            let made = BulkPayout {
                platform: platform.clone(),
                id: id.clone(),
                home: desk.profile.store.id.clone(),
                name: command.name.clone().unwrap_or_else(|| id.as_str().into()),
                created_by: by.into(),
                approved_by: None,
                method: command.method,
                currency: command.currency,
                settlement_dates: command.dates.clone(),
                status: BulkPayoutStatus::Preparing,
                status_at: now,
                created_at: now,
                updated_at: now,
                version: 1,
                reserved_for: None,
                total_settlement: SignedAmount::ZERO,
                total_payout: Amount::ZERO,
            };
            let write = Write::PlatformBulkPayout { bulk: Box::new(made.clone()), expects: None };
            let mut change = Change { writes: vec![write], ..Change::default() };
            for one in found.into_iter().filter(|one| selected.contains(&one.id)) {
                change = change.and(chosen(one, Some(&made.id)).changed().1);
            }
            if let Some(verdict) = self.bulk_changed(desk, (made, change), Vec::new(), ticket).await? {
                return verdict;
            }
        }
        Err(Failure::Overloaded)
    }

    /// Puts settlements into a bulk payout, or takes them out, while it is being prepared.
    ///
    /// # Errors
    /// There is no such bulk payout or settlement, or it is prepared already.
    pub async fn select_settlements(
        &self,
        desk: &Desk,
        platform: &PlatformKey,
        id: &BulkPayoutId,
        (select, deselect): (&[PartnerSettlementId], &[PartnerSettlementId]),
        ticket: &Ticket,
    ) -> Verdict {
        for _ in 0..MOST_TRIES {
            let bulk = self.known_bulk(platform, id).await?;
            if bulk.status != BulkPayoutStatus::Preparing {
                let refusal = bulk::GenerateRefusal::NotPreparing(bulk.status);
                return Err(SettlementFailure::GenerateBulk(Box::new(refusal)).into());
            }
            let now = self.platform_now(desk, platform);
            let (bulk, mut change) = bulk.changed(now);
            for (ids, to) in [(select, Some(id)), (deselect, None)] {
                let found = self.storage.partner_settlements_by_id(platform, ids).await?;
                let missing: Vec<_> =
                    ids.iter().filter(|id| found.iter().all(|one| one.id != **id)).cloned().collect();
                if !missing.is_empty() {
                    return Err(SettlementFailure::SettlementsMissing(missing).into());
                }
                for one in found {
                    let by = selected_by(&one);
                    let fits = match to {
                        Some(_) => by.is_none() && one.status.is_payable() && one.currency == bulk.currency,
                        None => by.as_ref() == Some(id),
                    };
                    if by.as_ref() == to {
                        continue;
                    }
                    if !fits {
                        return Err(SettlementFailure::SettlementsNotPayable(vec![one.id]).into());
                    }
                    change = change.and(chosen(one, to).changed().1);
                }
            }
            if let Some(verdict) = self.bulk_changed(desk, (bulk, change), Vec::new(), ticket).await? {
                return verdict;
            }
        }
        Err(Failure::Overloaded)
    }

    /// Makes the payouts of what is selected.
    ///
    /// # Errors
    /// See [`bulk::GenerateRefusal`].
    pub async fn generate_payouts(
        &self,
        desk: &Desk,
        platform: &PlatformKey,
        id: &BulkPayoutId,
        passbook: &Passbook,
        ticket: &Ticket,
    ) -> Verdict {
        for _ in 0..MOST_TRIES {
            let bulk = self.known_bulk(platform, id).await?;
            let selected = self.storage.settlements_of_bulk(platform, id).await?;
            let selected: Vec<_> = selected.into_iter().filter(|one| one.payout.is_none()).collect();
            let changed = self.generated(desk, bulk, selected, passbook).await?;
            if let Some(verdict) = self.bulk_changed(desk, changed, Vec::new(), ticket).await? {
                return verdict;
            }
        }
        Err(Failure::Overloaded)
    }

    async fn generated(
        &self,
        desk: &Desk,
        bulk: BulkPayout,
        selected: Vec<PartnerSettlement>,
        passbook: &Passbook,
    ) -> Result<Changed, Failure> {
        let platform = bulk.platform.clone();
        let now = self.platform_now(desk, &platform);
        let mut shelf = Shelf::new(self, &platform, Fallback::Live, now);
        let mut approved: BTreeSet<PartnerId> = BTreeSet::new();
        for one in &selected {
            if shelf.known_partner(&one.partner).await?.approval == Approval::Approved {
                approved.insert(one.partner.clone());
            }
        }
        let payable: Vec<Payable> = selected.iter().map(PartnerSettlement::payable).collect();
        let planned: PayoutPlan =
            plan(&payable, |partner| approved.contains(partner)).map_err(Failure::internal)?;
        let shares = bulk::generate(bulk.status, bulk.method, bulk.currency, planned)
            .map_err(|refusal| SettlementFailure::GenerateBulk(Box::new(refusal)))?;
        let setting = self.storage.platform_setting(&platform).await?.setting;
        let by_id: BTreeMap<_, _> = selected.iter().map(|one| (&one.id, one)).collect();
        let mut change = Change::default();
        let (mut total_settlement, mut amounts) = (SignedAmount::ZERO, Vec::new());
        for share in &shares {
            let partner = shelf.known_partner(&share.partner).await?;
            let mut payout = self
                .new_payout(desk, &platform, &bulk.id, bulk.method, share, &partner, &setting)
                .map_err(SettlementFailure::Payout)?;
            payout.withdrawal_memo = passbook.withdrawal.clone().or(payout.withdrawal_memo);
            payout.deposit_memo = passbook.deposit.clone().or(payout.deposit_memo);
            let settlement = SignedAmount::from(payout.amounts.settlement);
            total_settlement = total_settlement.plus(settlement).map_err(Failure::internal)?;
            amounts.push(payout.amounts.amount);
            for one in share.settlements.iter().filter_map(|id| by_id.get(id)) {
                let confirmed = PartnerSettlement { payout: Some(payout.id.clone()), ..(*one).clone() };
                let confirmed = confirmed.with_status(PartnerSettlementStatus::Confirmed, now);
                change = change.and(confirmed.changed().1);
            }
            change.writes.push(Write::PlatformPayout { payout: Box::new(payout), expects: None });
        }
        let bulk = BulkPayout {
            total_settlement,
            total_payout: bulk::total(amounts).map_err(Failure::internal)?,
            ..bulk.step(BulkPayoutStep::Generate, now).map_err(SettlementFailure::BulkStep)?
        };
        let (bulk, own) = bulk.changed(now);
        Ok((bulk, own.and(change)))
    }

    /// A second person lets a bulk payout happen: at once, or at a reserved time.
    ///
    /// # Errors
    /// See [`bulk::ApproveRefusal`] and [`bulk::ExecuteRefusal`].
    pub async fn approve_bulk_payout(
        &self,
        desk: &Desk,
        platform: &PlatformKey,
        id: &BulkPayoutId,
        at: Option<Timestamp>,
        by: &str,
        ticket: &Ticket,
    ) -> Verdict {
        for _ in 0..MOST_TRIES {
            let hold = self.execution_hold(platform).await?;
            let bulk = self.known_bulk(platform, id).await?;
            let bulk = bulk.approved(by).map_err(SettlementFailure::ApproveBulk)?;
            let (changed, jobs) = match (bulk.method, at) {
                (PayoutMethod::Direct, Some(_)) => {
                    return Err(Failure::Invalid(
                        "scheduledAt: what the merchant pays by itself is not reserved here".into(),
                    ));
                }
                (PayoutMethod::Direct, None) => (self.paid_directly(desk, bulk).await?, Vec::new()),
                (PayoutMethod::Agency, None) => self.executed(desk, bulk).await?,
                (PayoutMethod::Agency, Some(at)) => self.reserved(desk, bulk, at).await?,
            };
            let (bulk, change) = changed;
            let guarded = of(vec![Write::PlatformHold(hold)]).and(change);
            if let Some(verdict) = self.bulk_changed(desk, (bulk, guarded), jobs, ticket).await? {
                return verdict;
            }
        }
        Err(Failure::Overloaded)
    }

    pub(crate) async fn execution_hold(&self, platform: &PlatformKey) -> Result<Hold, Failure> {
        let version = self.storage.platform_hold(platform, EXECUTION).await?;
        Ok(Hold { platform: platform.clone(), what: EXECUTION.into(), version })
    }

    async fn account_state(
        &self,
        desk: &Desk,
        platform: &PlatformKey,
    ) -> Result<(PayoutAccount, AccountState), Failure> {
        let account = self.withdrawal_account(desk, platform).await?.ok_or_else(|| {
            SettlementFailure::CreateBulk(Box::new(bulk::CreateRefusal::NoWithdrawalAccount))
        })?;
        let (going, reserved) = self.storage.bulk_payouts_under_way(platform).await?;
        let state = AccountState {
            balance: account.free(),
            is_executing: going > 0,
            reserved: usize::try_from(reserved).unwrap_or(usize::MAX),
        };
        Ok((account, state))
    }

    async fn reserved(
        &self,
        desk: &Desk,
        bulk: BulkPayout,
        at: Timestamp,
    ) -> Result<(Changed, Vec<JobWrite>), Failure> {
        let platform = bulk.platform.clone();
        let now = self.platform_now(desk, &platform);
        let (_, state) = self.account_state(desk, &platform).await?;
        bulk::reserve(bulk.status, bulk.total_payout, state, at, now)
            .map_err(SettlementFailure::ExecuteBulk)?;
        let mut change = Change::default();
        let mut inside_of = self.inside_of_bulk(&platform, &bulk.id).await?;
        for payout in self.storage.payouts_of_bulk(&platform, &bulk.id).await? {
            if payout.status != PayoutStatus::Confirmed {
                continue;
            }
            let inside = inside_of.remove(&payout.id).unwrap_or_default();
            let payout = Payout { scheduled_at: Some(at), ..payout };
            let (_, step) =
                payout.step(PayoutStep::Reserve, inside, now).map_err(SettlementFailure::PayoutStep)?;
            change = change.and(step);
        }
        let job = JobWrite::Put(Job {
            task: Task::ExecuteBulkPayout {
                store: bulk.home.clone(),
                environment: platform.environment,
                bulk: bulk.id.clone(),
            },
            store: bulk.home.clone(),
            environment: platform.environment,
            due_at: at,
            runs: 0,
        });
        let (bulk, own) = BulkPayout { reserved_for: Some(at), ..bulk }.changed(now);
        Ok(((bulk, own.and(change)), vec![job]))
    }

    /// Hands the payouts over to the bank, one job each.
    pub(crate) async fn executed(
        &self,
        desk: &Desk,
        bulk: BulkPayout,
    ) -> Result<(Changed, Vec<JobWrite>), Failure> {
        let platform = bulk.platform.clone();
        let now = self.platform_now(desk, &platform);
        let (account, state) = self.account_state(desk, &platform).await?;
        let payouts: Vec<Payout> = self
            .storage
            .payouts_of_bulk(&platform, &bulk.id)
            .await?
            .into_iter()
            .filter(|one| matches!(one.status, PayoutStatus::Confirmed | PayoutStatus::Scheduled))
            .collect();
        let total =
            bulk::total(payouts.iter().map(|payout| payout.amounts.amount)).map_err(Failure::internal)?;
        bulk::execute(bulk.status, total, state, now).map_err(SettlementFailure::ExecuteBulk)?;
        let movements = BulkAccountTransfer {
            platform: platform.clone(),
            id: BulkAccountTransferId::known(self.ids.prefixed("bat-")),
            home: bulk.home.clone(),
            account: account.id.clone(),
            created_by: bulk.approved_by.clone().unwrap_or_else(|| bulk.created_by.clone()),
            total,
            status: BulkAccountTransferStatus::Ongoing,
            status_at: now,
            created_at: now,
            updated_at: now,
            version: 1,
            scheduled_at: bulk.reserved_for,
        };
        let (mut change, mut jobs) = (Change::default(), Vec::new());
        let mut sequence = account.last_sequence;
        let mut inside_of = self.inside_of_bulk(&platform, &bulk.id).await?;
        for payout in payouts {
            let inside = inside_of.remove(&payout.id).unwrap_or_default();
            if payout.amounts.amount.is_zero() {
                // Orders and cancels that cancel out: there is nothing to ask the bank for.
                let payout = Payout { status: PayoutStatus::Processing, ..payout };
                change = change.and(payout.succeeded(inside, now).map_err(Failure::internal)?.1);
                continue;
            }
            let (payout, step) =
                payout.step(PayoutStep::Queue, inside, now).map_err(SettlementFailure::PayoutStep)?;
            change = change.and(step);
            sequence = sequence.saturating_add(1);
            let transfer = remittance(&payout, &account, &movements.id, sequence, now);
            jobs.push(remit_job(&transfer, now));
            change
                .writes
                .push(Write::PlatformAccountTransfer { transfer: Box::new(transfer), expects: None });
        }
        let moved = AccountMoved {
            platform: platform.clone(),
            account: account.id.clone(),
            balance: 0,
            held: total.minor_units(),
            sequences: sequence.saturating_sub(account.last_sequence),
        };
        change.writes.push(Write::PlatformBulkAccountTransfer { bulk: Box::new(movements), expects: None });
        change.writes.push(Write::PlatformAccountMoved(moved));
        let bulk = bulk.step(BulkPayoutStep::Execute, now).map_err(SettlementFailure::BulkStep)?;
        let (bulk, own) = bulk.changed(now);
        Ok(((bulk, own.and(change)), jobs))
    }

    async fn paid_directly(&self, desk: &Desk, bulk: BulkPayout) -> Result<Changed, Failure> {
        let platform = bulk.platform.clone();
        let now = self.platform_now(desk, &platform);
        let mut change = Change::default();
        let mut inside_of = self.inside_of_bulk(&platform, &bulk.id).await?;
        for payout in self.storage.payouts_of_bulk(&platform, &bulk.id).await? {
            if payout.status != PayoutStatus::Confirmed {
                continue;
            }
            let inside = inside_of.remove(&payout.id).unwrap_or_default();
            let (_, paid) = payout.succeeded(inside, now).map_err(Failure::internal)?;
            change = change.and(paid);
        }
        let bulk = bulk.step(BulkPayoutStep::Execute, now).map_err(SettlementFailure::BulkStep)?;
        let (bulk, own) = bulk.completed(now).map_err(SettlementFailure::BulkStep)?.changed(now);
        Ok((bulk, own.and(change)))
    }

    /// Gives a bulk payout up before it is executed; what was in it can be paid again.
    ///
    /// # Errors
    /// There is none, or it is being executed.
    pub async fn cancel_bulk_payout(
        &self,
        desk: &Desk,
        platform: &PlatformKey,
        id: &BulkPayoutId,
        ticket: &Ticket,
    ) -> Verdict {
        for _ in 0..MOST_TRIES {
            let now = self.platform_now(desk, platform);
            let bulk = self.known_bulk(platform, id).await?;
            let was = bulk.status;
            let bulk = bulk.step(BulkPayoutStep::Cancel, now).map_err(SettlementFailure::BulkStep)?;
            let mut change = Change::default();
            if was == BulkPayoutStatus::Preparing {
                for one in self.storage.settlements_of_bulk(platform, id).await? {
                    if selected_by(&one).as_ref() == Some(id) {
                        change = change.and(chosen(one, None).changed().1);
                    }
                }
            }
            let mut inside_of = self.inside_of_bulk(platform, id).await?;
            for payout in self.storage.payouts_of_bulk(platform, id).await? {
                let inside = inside_of.remove(&payout.id).unwrap_or_default();
                if let Some(step) = cancelled(payout, inside, now)? {
                    change = change.and(step);
                }
            }
            let jobs = vec![JobWrite::Remove(execute_task(&bulk).key())];
            let (bulk, own) = BulkPayout { reserved_for: None, ..bulk }.changed(now);
            if let Some(verdict) = self.bulk_changed(desk, (bulk, own.and(change)), jobs, ticket).await? {
                return verdict;
            }
        }
        Err(Failure::Overloaded)
    }

    /// Takes a payout out that waits, or gives one up that waits, was stopped or has failed.
    ///
    /// # Errors
    /// There is none, or it is not possible any more.
    pub async fn step_payout(
        &self,
        desk: &Desk,
        platform: &PlatformKey,
        id: &PayoutId,
        step: PayoutStep,
        ticket: &Ticket,
    ) -> Verdict {
        for _ in 0..MOST_TRIES {
            let now = self.platform_now(desk, platform);
            let payout = self.known_payout(platform, id).await?;
            let was = payout.status;
            let inside = self.storage.settlements_of_payout(platform, id).await?;
            let (payout, mut change) =
                payout.step(step, inside, now).map_err(SettlementFailure::PayoutStep)?;
            if was == PayoutStatus::Prepared && payout.status == PayoutStatus::Stopped {
                for transfer in self.storage.account_transfers_of_payout(platform, id).await? {
                    if transfer.status != AccountTransferStatus::Prepared {
                        continue;
                    }
                    change.writes.push(Write::PlatformAccountMoved(AccountMoved {
                        platform: platform.clone(),
                        account: transfer.account.clone(),
                        balance: 0,
                        held: transfer.amount.minor_units().saturating_neg(),
                        sequences: 0,
                    }));
                    change.jobs.push(JobWrite::Remove(remit_task(&transfer).key()));
                    let (_, stopped) = transfer.with_status(AccountTransferStatus::Stopped, now).changed(now);
                    change = change.and(stopped);
                }
            }
            let bulk = payout.bulk.clone();
            let view = self.payout_views(desk, platform, vec![payout]).await?.pop();
            let view = view.ok_or_else(|| Failure::internal("a payout has no view"))?;
            let success = Success::from(SettlementDone::Payout(Box::new(view)));
            ticket.finish(&mut change, &Ok(success.clone()));
            match self.commit(&desk.profile, ticket, change).await {
                Ok(()) => {
                    self.finish_bulk(desk, platform, &bulk).await?;
                    return Ok(success);
                }
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    /// Makes a new bulk payout of what a failed payout did not pay. Another person has to approve it.
    ///
    /// # Errors
    /// There is no such payout, or it has not failed.
    pub async fn retry_payout(
        &self,
        desk: &Desk,
        platform: &PlatformKey,
        id: &PayoutId,
        by: &str,
        ticket: &Ticket,
    ) -> Verdict {
        for _ in 0..MOST_TRIES {
            let now = self.platform_now(desk, platform);
            let payout = self.known_payout(platform, id).await?;
            if payout.status != PayoutStatus::Failed {
                return Err(SettlementFailure::NotFailed(payout.status).into());
            }
            let again: Vec<PartnerSettlement> = self
                .storage
                .settlements_of_payout(platform, id)
                .await?
                .into_iter()
                .filter(|one| one.status == PartnerSettlementStatus::Failed)
                .collect();
            let bulk_id = BulkPayoutId::known(self.ids.prefixed("bp-"));
            let again: Vec<PartnerSettlement> =
                again.into_iter().map(|one| chosen(one, Some(&bulk_id))).collect();
            let bulk = BulkPayout {
                platform: platform.clone(),
                id: bulk_id,
                home: desk.profile.store.id.clone(),
                name: format!("{id} again").into(),
                created_by: by.into(),
                approved_by: None,
                method: payout.method,
                currency: payout.terms.currency,
                settlement_dates: again.iter().map(|one| one.settles_on).collect(),
                status: BulkPayoutStatus::Preparing,
                status_at: now,
                created_at: now,
                updated_at: now,
                version: 1,
                reserved_for: None,
                total_settlement: SignedAmount::ZERO,
                total_payout: Amount::ZERO,
            };
            let memos = Passbook { withdrawal: payout.withdrawal_memo, deposit: payout.deposit_memo };
            let (bulk, mut change) = self.generated(desk, bulk, again, &memos).await?;
            // It is new: nothing of it is stored yet.
            for write in &mut change.writes {
                if let Write::PlatformBulkPayout { expects, .. } = write {
                    *expects = None;
                }
            }
            if let Some(verdict) = self.bulk_changed(desk, (bulk, change), Vec::new(), ticket).await? {
                return verdict;
            }
        }
        Err(Failure::Overloaded)
    }

    /// Puts money into the account of the TEST environment.
    ///
    /// # Errors
    /// There is no such account.
    pub async fn deposit(
        &self,
        desk: &Desk,
        platform: &PlatformKey,
        id: &PayoutAccountId,
        (amount, depositor): (Amount, &str),
        ticket: &Ticket,
    ) -> Verdict {
        for _ in 0..MOST_TRIES {
            let hold = self.account_hold(platform, id).await?;
            let account = self.withdrawal_account(desk, platform).await?.filter(|account| account.id == *id);
            let account = account.ok_or(SettlementFailure::NoAccount)?;
            let now = self.platform_now(desk, platform);
            let balance =
                account.balance.plus(amount).map_err(|error| Failure::Invalid(error.to_string()))?;
            let transfer = AccountTransfer {
                platform: platform.clone(),
                id: AccountTransferId::known(self.ids.prefixed("at-")),
                home: desk.profile.store.id.clone(),
                account: id.clone(),
                created_at: now,
                updated_at: now,
                version: 1,
                status: AccountTransferStatus::Succeeded,
                status_at: now,
                currency: account.currency,
                amount,
                direction: Direction::Deposit { depositor: depositor.into() },
                deposit_memo: None,
                withdrawal_memo: None,
                balance: Some(balance),
                traded_at: Some(now),
            };
            let mut change = of(vec![
                Write::PlatformHold(hold),
                Write::PlatformAccountMoved(AccountMoved {
                    platform: platform.clone(),
                    account: id.clone(),
                    balance: amount.minor_units(),
                    held: 0,
                    sequences: 0,
                }),
                Write::PlatformAccountTransfer { transfer: Box::new(transfer.clone()), expects: None },
            ]);
            let money = (amount, account.currency);
            change.postings.extend(books::deposited(
                platform,
                &transfer.home,
                transfer.id.as_str(),
                money,
                now,
            ));
            let success = Success::from(SettlementDone::Account(PayoutAccount { balance, ..account }));
            ticket.finish(&mut change, &Ok(success.clone()));
            match self.commit(&desk.profile, ticket, change).await {
                Ok(()) => return Ok(success),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    pub(crate) async fn account_hold(
        &self,
        platform: &PlatformKey,
        id: &PayoutAccountId,
    ) -> Result<Hold, Failure> {
        let what = format!("account:{id}");
        let version = self.storage.platform_hold(platform, &what).await?;
        Ok(Hold { platform: platform.clone(), what: what.into(), version })
    }

    /// The account that partners are paid from. That of the TEST environment is there from the first
    /// question on; the LIVE one needs a provider that moves money, and there is none yet.
    ///
    /// # Errors
    /// The database cannot be read or written.
    pub async fn withdrawal_account(
        &self,
        desk: &Desk,
        platform: &PlatformKey,
    ) -> Result<Option<PayoutAccount>, Failure> {
        let id = PayoutAccountId::known(TEST_ACCOUNT);
        if let Some(found) = self.storage.payout_account(platform, &id).await? {
            return Ok(Some(found));
        }
        if platform.environment == Environment::Live {
            return Ok(None);
        }
        let now = self.platform_now(desk, platform);
        let (account, change) = PayoutAccount::of_test(platform.clone(), desk.profile.store.id.clone(), now);
        match self.commit(&desk.profile, &Ticket::none(), change).await {
            Ok(()) => Ok(Some(account)),
            // Somebody else has just asked for the first time.
            Err(CommitError::Conflict | CommitError::Exists(_)) => {
                Ok(self.storage.payout_account(platform, &id).await?)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Ends a bulk payout whose payouts have all ended.
    ///
    /// # Errors
    /// The database cannot be read or written.
    pub(crate) async fn finish_bulk(
        &self,
        desk: &Desk,
        platform: &PlatformKey,
        id: &BulkPayoutId,
    ) -> Result<(), Failure> {
        for _ in 0..MOST_TRIES {
            let Some(bulk) = self.storage.bulk_payout(platform, id).await? else { return Ok(()) };
            // It is asked after each payout: to look at all of them each time would take forever.
            if bulk.status != BulkPayoutStatus::Ongoing || self.storage.has_open_payouts(platform, id).await?
            {
                return Ok(());
            }
            let now = self.platform_now(desk, platform);
            let (_, mut change) = bulk.completed(now).map_err(SettlementFailure::BulkStep)?.changed(now);
            let movements = self.storage.movements_for_bulk(platform, id).await?;
            for id in movements {
                if let Some(bulk) = self.storage.bulk_account_transfer(platform, &id).await?
                    && bulk.status == BulkAccountTransferStatus::Ongoing
                {
                    change = change.and(bulk.changed(BulkAccountTransferStatus::Completed, now).1);
                }
            }
            match self.commit(&desk.profile, &Ticket::none(), change).await {
                Ok(()) => return Ok(()),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Overloaded)
    }

    /// The settlements of each payout of a bulk payout that has not ended. What an ended one paid, or did not
    /// pay, may be in another bulk payout by now.
    async fn inside_of_bulk(
        &self,
        platform: &PlatformKey,
        id: &BulkPayoutId,
    ) -> Result<BTreeMap<PayoutId, Vec<PartnerSettlement>>, Failure> {
        let mut inside: BTreeMap<PayoutId, Vec<PartnerSettlement>> = BTreeMap::new();
        for one in self.storage.settlements_of_bulk(platform, id).await? {
            if let Some(payout) = one.payout.clone() {
                inside.entry(payout).or_default().push(one);
            }
        }
        Ok(inside)
    }

    async fn all_settlements(&self, filter: &SettlementFilter) -> Result<Vec<PartnerSettlement>, Failure> {
        let size = u32::try_from(MAX_SETTLEMENTS.saturating_add(1)).unwrap_or(u32::MAX);
        let (page, _) = self.storage.partner_settlements(filter, PageAsk { number: 0, size }).await?;
        if page.items.len() > MAX_SETTLEMENTS {
            return Err(Failure::Invalid(format!(
                "settlementDates: more than {MAX_SETTLEMENTS} partner settlements are of these days; name fewer"
            )));
        }
        Ok(page.items)
    }

    async fn known_bulk(&self, platform: &PlatformKey, id: &BulkPayoutId) -> Result<BulkPayout, Failure> {
        let found = self.storage.bulk_payout(platform, id).await?;
        found.ok_or_else(|| SettlementFailure::BulkMissing.into())
    }

    async fn known_payout(&self, platform: &PlatformKey, id: &PayoutId) -> Result<Payout, Failure> {
        let found = self.storage.platform_payout(platform, id).await?;
        found.ok_or_else(|| SettlementFailure::PayoutMissing.into())
    }

    /// # Errors
    /// There is none.
    pub async fn read_payout(
        &self,
        desk: &Desk,
        platform: &PlatformKey,
        id: &PayoutId,
    ) -> Result<PayoutView, Failure> {
        let payout = self.known_payout(platform, id).await?;
        let view = self.payout_views(desk, platform, vec![payout]).await?.pop();
        view.ok_or_else(|| Failure::internal("a payout has no view"))
    }

    /// # Errors
    /// There is none.
    pub async fn read_bulk_payout(
        &self,
        platform: &PlatformKey,
        id: &BulkPayoutId,
    ) -> Result<BulkView, Failure> {
        let bulk = self.known_bulk(platform, id).await?;
        let view = self.bulk_views(platform, vec![bulk]).await?.pop();
        view.ok_or_else(|| Failure::internal("a bulk payout has no view"))
    }

    /// Stores what an operator did to a bulk payout. `None`: somebody else was first, decide again.
    async fn bulk_changed(
        &self,
        desk: &Desk,
        (bulk, mut change): Changed,
        jobs: Vec<JobWrite>,
        ticket: &Ticket,
    ) -> Result<Option<Verdict>, Failure> {
        let platform = bulk.platform.clone();
        let id = bulk.id.clone();
        change.jobs.extend(jobs);
        let payouts = counted(&change);
        let view = BulkView { bulk, payouts };
        let success = Success::from(SettlementDone::Bulk(Box::new(view)));
        ticket.finish(&mut change, &Ok(success.clone()));
        match self.commit(&desk.profile, ticket, change).await {
            Ok(()) => {}
            Err(CommitError::Conflict) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        self.finish_bulk(desk, &platform, &id).await?;
        Ok(Some(Ok(success)))
    }
}

/// The payouts that a change writes, by status: all of the bulk payout that it is about.
fn counted(change: &Change) -> paypier_storage::ByStatus {
    let mut counts = paypier_storage::ByStatus::new();
    for write in &change.writes {
        if let Write::PlatformPayout { payout, .. } = write {
            let count = counts.entry(payout.status.as_str().to_owned()).or_default();
            count.0 = count.0.saturating_add(1);
            count.1 = count.1.saturating_add(i128::from(payout.amounts.amount.minor_units()));
        }
    }
    counts
}

fn of(writes: Vec<Write>) -> Change {
    Change { writes, ..Change::default() }
}

/// The bulk payout that has selected a settlement and has no payouts yet.
fn selected_by(settlement: &PartnerSettlement) -> Option<BulkPayoutId> {
    settlement.bulk.clone().filter(|_| settlement.payout.is_none())
}

/// A settlement in the selection of a bulk payout, or in none.
fn chosen(settlement: PartnerSettlement, by: Option<&BulkPayoutId>) -> PartnerSettlement {
    PartnerSettlement { bulk: by.cloned(), payout: None, ..settlement }
}

/// A payout that is given up, if it can be.
fn cancelled(
    payout: Payout,
    inside: Vec<PartnerSettlement>,
    now: Timestamp,
) -> Result<Option<Change>, Failure> {
    let payout = match payout.status {
        PayoutStatus::Scheduled => Payout { status: PayoutStatus::Confirmed, scheduled_at: None, ..payout },
        PayoutStatus::Confirmed => payout,
        PayoutStatus::Prepared
        | PayoutStatus::Processing
        | PayoutStatus::Succeeded
        | PayoutStatus::Failed
        | PayoutStatus::Stopped
        | PayoutStatus::Cancelled => return Ok(None),
    };
    let (_, change) = payout.step(PayoutStep::Cancel, inside, now).map_err(SettlementFailure::PayoutStep)?;
    Ok(Some(change))
}

fn execute_task(bulk: &BulkPayout) -> Task {
    Task::ExecuteBulkPayout {
        store: bulk.home.clone(),
        environment: bulk.platform.environment,
        bulk: bulk.id.clone(),
    }
}

pub(crate) fn remit_task(transfer: &AccountTransfer) -> Task {
    Task::Remit {
        store: transfer.home.clone(),
        environment: transfer.platform.environment,
        transfer: transfer.id.clone(),
    }
}

pub(crate) fn remit_job(transfer: &AccountTransfer, due_at: Timestamp) -> JobWrite {
    JobWrite::Put(Job {
        task: remit_task(transfer),
        store: transfer.home.clone(),
        environment: transfer.platform.environment,
        due_at,
        runs: 0,
    })
}

fn remittance(
    payout: &Payout,
    account: &PayoutAccount,
    movements: &BulkAccountTransferId,
    sequence: u32,
    now: Timestamp,
) -> AccountTransfer {
    AccountTransfer {
        platform: payout.platform.clone(),
        id: AccountTransferId::known(format!("at-{}", payout.id)),
        home: payout.home.clone(),
        account: account.id.clone(),
        created_at: now,
        updated_at: now,
        version: 1,
        status: AccountTransferStatus::Prepared,
        status_at: now,
        currency: payout.terms.currency,
        amount: payout.amounts.amount,
        direction: Direction::Withdrawal(Box::new(Withdrawal {
            to: payout.account.clone(),
            purpose: Purpose::PartnerPayout {
                partner: payout.partner.clone(),
                bulk: payout.bulk.clone(),
                payout: payout.id.clone(),
            },
            sequence: Some(sequence),
            fail_reason: None,
            scheduled_at: payout.scheduled_at,
            bulk: Some(movements.clone()),
        })),
        deposit_memo: payout.deposit_memo.clone(),
        withdrawal_memo: payout.withdrawal_memo.clone(),
        balance: None,
        traded_at: None,
    }
}
