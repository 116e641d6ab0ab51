//! What operators do with withdrawals: ask for one, approve it (another person than who asked), give it up.
//!
//! An approved one is a remittance like that of a payout ([`super::remit`]): stored before the bank hears of
//! it, never sent twice, and asked about by its number until it has ended.

use super::Desk;
use super::bulk::{remit_job, remit_task};
use super::payout::MovementView;
use super::settlement_outcome::{SettlementDone, SettlementFailure};
use crate::app::App;
use crate::app::commit::MOST_TRIES;
use crate::app::failure::Failure;
use crate::app::success::{Success, Verdict};
use crate::app::ticket::Ticket;
use paypier_domain::change::{Change, Write};
use paypier_domain::job::JobWrite;
use paypier_domain::money::Amount;
use paypier_domain::settlement::definition::PlatformKey;
use paypier_domain::settlement::paying::{
    AccountTransfer, AccountTransferId, PaidTo, PayoutAccount, PayoutAccountId, Purpose,
};
use paypier_domain::settlement::withdrawal::{self, WithdrawalAsk};
use paypier_storage::CommitError;

/// A withdrawal that an operator asks for.
#[derive(Debug, Clone)]
pub struct Withdraw {
    pub to: PaidTo,
    /// Above 0, in the account's currency.
    pub amount: Amount,
    pub withdrawal_memo: Option<Box<str>>,
    pub deposit_memo: Option<Box<str>>,
}

impl App {
    /// Sets money of an account aside, to be withdrawn once somebody else approves.
    ///
    /// # Errors
    /// There is no such account, or too little in it that no payout has been promised.
    pub async fn withdraw(
        &self,
        desk: &Desk,
        platform: &PlatformKey,
        id: &PayoutAccountId,
        (command, by): (&Withdraw, &str),
        ticket: &Ticket,
    ) -> Verdict {
        for _ in 0..MOST_TRIES {
            let account = self.withdrawal_account(desk, platform).await?.filter(|account| account.id == *id);
            let account = account.ok_or(SettlementFailure::NoAccount)?;
            let ask = WithdrawalAsk {
                id: AccountTransferId::known(self.ids.prefixed("at-")),
                to: command.to.clone(),
                amount: command.amount,
                deposit_memo: command.deposit_memo.clone(),
                withdrawal_memo: command.withdrawal_memo.clone(),
                by: by.into(),
            };
            // Of two at once, the write lets only as much through as the account holds; the other looks again.
            let changed = withdrawal::ask(&account, ask, self.platform_now(desk, platform))
                .map_err(SettlementFailure::Withdraw)?;
            if let Some(verdict) = self.withdrawal_changed(desk, changed, account, ticket).await? {
                return verdict;
            }
        }
        Err(Failure::Overloaded)
    }

    /// A second person lets a withdrawal happen, at once.
    ///
    /// # Errors
    /// There is none, or see [`withdrawal::ApproveWithdrawalRefusal`].
    pub async fn approve_withdrawal(
        &self,
        desk: &Desk,
        platform: &PlatformKey,
        id: &AccountTransferId,
        by: &str,
        ticket: &Ticket,
    ) -> Verdict {
        for _ in 0..MOST_TRIES {
            // Bulk payouts take the bank's numbers under the same hold.
            let hold = self.execution_hold(platform).await?;
            let (transfer, account) = self.known_withdrawal(platform, id).await?;
            let now = self.platform_now(desk, platform);
            let (transfer, mut change) = withdrawal::approve(transfer, &account, by, now)
                .map_err(SettlementFailure::ApproveWithdrawal)?;
            change.writes.insert(0, Write::PlatformHold(hold));
            change.jobs.push(remit_job(&transfer, now));
            let changed = (transfer, change);
            if let Some(verdict) = self.withdrawal_changed(desk, changed, account, ticket).await? {
                return verdict;
            }
        }
        Err(Failure::Overloaded)
    }

    /// Gives a withdrawal up before the bank is asked; its money is free again.
    ///
    /// # Errors
    /// There is none, or the bank was asked.
    pub async fn cancel_withdrawal(
        &self,
        desk: &Desk,
        platform: &PlatformKey,
        id: &AccountTransferId,
        ticket: &Ticket,
    ) -> Verdict {
        for _ in 0..MOST_TRIES {
            let (transfer, account) = self.known_withdrawal(platform, id).await?;
            let now = self.platform_now(desk, platform);
            let (transfer, mut change) =
                withdrawal::cancel(transfer, now).map_err(SettlementFailure::CancelWithdrawal)?;
            change.jobs.push(JobWrite::Remove(remit_task(&transfer).key()));
            let changed = (transfer, change);
            if let Some(verdict) = self.withdrawal_changed(desk, changed, account, ticket).await? {
                return verdict;
            }
        }
        Err(Failure::Overloaded)
    }

    /// A movement that pays a partner is a payout's, and none of these.
    async fn known_withdrawal(
        &self,
        platform: &PlatformKey,
        id: &AccountTransferId,
    ) -> Result<(AccountTransfer, PayoutAccount), Failure> {
        let is_withdrawal = |transfer: &AccountTransfer| {
            transfer.withdrawal().is_some_and(|of| matches!(of.purpose, Purpose::Remit { .. }))
        };
        let found = self.storage.account_transfer(platform, id).await?.filter(is_withdrawal);
        let transfer = found.ok_or(SettlementFailure::WithdrawalMissing)?;
        let account = self.storage.payout_account(platform, &transfer.account).await?;
        let account = account.ok_or_else(|| Failure::internal("the account of a withdrawal is gone"))?;
        Ok((transfer, account))
    }

    /// Stores what became of a withdrawal. `None`: somebody else was first, decide again.
    async fn withdrawal_changed(
        &self,
        desk: &Desk,
        (transfer, mut change): (AccountTransfer, Change),
        account: PayoutAccount,
        ticket: &Ticket,
    ) -> Result<Option<Verdict>, Failure> {
        let success = Success::from(SettlementDone::Withdrawal(Box::new(MovementView { transfer, account })));
        ticket.finish(&mut change, &Ok(success.clone()));
        match self.commit(&desk.profile, ticket, change).await {
            Ok(()) => Ok(Some(Ok(success))),
            Err(CommitError::Conflict) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
