//! Money that is taken out of the payout account to an account of the merchant's.
//!
//! One person asks for it, and the money is set aside: no payout can promise it any more. Another person
//! approves it, and the bank is asked. Nobody has proved whose account it goes to, so that it takes two people
//! as every other way out does. From the approval on it is a remittance like that of a payout.

use super::books;
use super::bulk::is_maintenance;
use super::definition::PlatformKey;
use super::paying::{
    AccountMoved, AccountTransfer, AccountTransferId, AccountTransferStatus, Direction, PaidTo,
    PayoutAccount, PayoutAccountId, Purpose, Withdrawal,
};
use crate::change::{Change, Write};
use crate::ledger::Posting;
use crate::money::Amount;
use jiff::Timestamp;

/// A withdrawal as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithdrawalAsk {
    pub id: AccountTransferId,
    pub to: PaidTo,
    /// Above 0, in the account's currency.
    pub amount: Amount,
    pub deposit_memo: Option<Box<str>>,
    pub withdrawal_memo: Option<Box<str>>,
    /// Who asks.
    pub by: Box<str>,
}

/// Why a withdrawal is not taken on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WithdrawRefusal {
    #[error("the withdrawal is of {amount}, and the account has {free} that is not on its way out")]
    BalanceTooLow { amount: Amount, free: Amount },
}

/// Why a withdrawal is not approved, in the order of the checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApproveWithdrawalRefusal {
    #[error("the withdrawal is {}, and not waiting for anybody's approval", .0.as_str())]
    NotWaiting(AccountTransferStatus),
    #[error("who has asked for a withdrawal cannot approve it")]
    SamePerson,
    #[error("the banks are closed for maintenance at {0}")]
    Maintenance(Timestamp),
}

/// Why a withdrawal is not given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CancelWithdrawalRefusal {
    #[error("the withdrawal is {}; it can be given up until the bank is asked", .0.as_str())]
    BankWasAsked(AccountTransferStatus),
}

/// Decides whether a withdrawal is taken on; its money is held back from now on.
///
/// # Errors
/// See [`WithdrawRefusal`].
pub fn ask(
    account: &PayoutAccount,
    ask: WithdrawalAsk,
    now: Timestamp,
) -> Result<(AccountTransfer, Change), WithdrawRefusal> {
    let free = account.free();
    if ask.amount > free {
        return Err(WithdrawRefusal::BalanceTooLow { amount: ask.amount, free });
    }
    let asked = AccountTransfer {
        platform: account.platform.clone(),
        id: ask.id,
        home: account.home.clone(),
        account: account.id.clone(),
        created_at: now,
        updated_at: now,
        version: 1,
        status: AccountTransferStatus::Prepared,
        status_at: now,
        currency: account.currency,
        amount: ask.amount,
        direction: Direction::Withdrawal(Box::new(Withdrawal {
            to: ask.to,
            purpose: Purpose::Remit { document: None, asked_by: ask.by, approved_by: None },
            sequence: None,
            fail_reason: None,
            scheduled_at: None,
            bulk: None,
        })),
        deposit_memo: ask.deposit_memo,
        withdrawal_memo: ask.withdrawal_memo,
        balance: None,
        traded_at: None,
    };
    let held = moved(&asked.platform, &asked.account, asked.amount.minor_units(), 0);
    let stored = Write::PlatformAccountTransfer { transfer: Box::new(asked.clone()), expects: None };
    Ok((asked, Change { writes: vec![stored, held], ..Change::default() }))
}

/// Decides whether somebody may approve a withdrawal, which gets the next of the bank's numbers. The change
/// must be committed under the hold of what is executed, as that of payouts, so that no number is used twice.
///
/// # Errors
/// See [`ApproveWithdrawalRefusal`]; the first rule that is broken, in its order.
pub fn approve(
    transfer: AccountTransfer,
    account: &PayoutAccount,
    by: &str,
    now: Timestamp,
) -> Result<(AccountTransfer, Change), ApproveWithdrawalRefusal> {
    use ApproveWithdrawalRefusal as R;
    let not_waiting = R::NotWaiting(transfer.status);
    let waiting = transfer.withdrawal().filter(|_| transfer.status == AccountTransferStatus::Prepared);
    let Some(withdrawal) = waiting.cloned() else { return Err(not_waiting) };
    let Purpose::Remit { document, asked_by, approved_by: None } = withdrawal.purpose else {
        return Err(not_waiting);
    };
    if asked_by.as_ref() == by {
        return Err(R::SamePerson);
    }
    if is_maintenance(now) {
        return Err(R::Maintenance(now));
    }
    let approved = Withdrawal {
        purpose: Purpose::Remit { document, asked_by, approved_by: Some(by.into()) },
        sequence: Some(account.last_sequence.saturating_add(1)),
        ..withdrawal
    };
    let transfer = AccountTransfer { direction: Direction::Withdrawal(Box::new(approved)), ..transfer };
    let (transfer, mut change) = transfer.changed(now);
    change.writes.push(moved(&account.platform, &account.id, 0, 1));
    Ok((transfer, change))
}

/// Decides whether a withdrawal may be given up; its money is free again.
///
/// # Errors
/// See [`CancelWithdrawalRefusal`].
pub fn cancel(
    transfer: AccountTransfer,
    now: Timestamp,
) -> Result<(AccountTransfer, Change), CancelWithdrawalRefusal> {
    if transfer.status != AccountTransferStatus::Prepared {
        return Err(CancelWithdrawalRefusal::BankWasAsked(transfer.status));
    }
    let units = transfer.amount.minor_units().saturating_neg();
    let (transfer, mut change) = transfer.with_status(AccountTransferStatus::Cancelled, now).changed(now);
    change.writes.push(moved(&transfer.platform, &transfer.account, units, 0));
    Ok((transfer, change))
}

/// What is posted when the money has arrived.
pub fn arrived(transfer: &AccountTransfer, at: Timestamp) -> Option<Posting> {
    let money = (transfer.amount, transfer.currency);
    books::withdrawn(&transfer.platform, &transfer.home, transfer.id.as_str(), money, at)
}

fn moved(platform: &PlatformKey, account: &PayoutAccountId, held: i64, sequences: u32) -> Write {
    Write::PlatformAccountMoved(AccountMoved {
        platform: platform.clone(),
        account: account.clone(),
        balance: 0,
        held,
        sequences,
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::transfer::platform;
    use super::*;
    use crate::id::StoreId;

    fn won(units: i64) -> Amount {
        Amount::new(units).unwrap()
    }

    /// It holds 10,000, of which 4,000 are on their way out, and the bank's number 7 was used.
    fn account() -> PayoutAccount {
        let (account, _) = PayoutAccount::of_test(platform(), StoreId::known("s"), Timestamp::UNIX_EPOCH);
        PayoutAccount { balance: won(10_000), held: won(4_000), last_sequence: 7, ..account }
    }

    fn asked(units: i64) -> Result<(AccountTransfer, Change), WithdrawRefusal> {
        let to = PaidTo { bank: "KOOKMIN".into(), number: "1".into(), holder: "we".into() };
        let ask = WithdrawalAsk {
            id: AccountTransferId::known("at"),
            to,
            amount: won(units),
            deposit_memo: None,
            withdrawal_memo: None,
            by: "anna".into(),
        };
        super::ask(&account(), ask, noon())
    }

    fn noon() -> Timestamp {
        "2027-03-05T03:00:00Z".parse().unwrap()
    }

    fn account_moved(change: &Change) -> (i64, i64, u32) {
        let moved = |write: &Write| match write {
            Write::PlatformAccountMoved(moved) => Some((moved.balance, moved.held, moved.sequences)),
            _ => None,
        };
        change.writes.iter().find_map(moved).unwrap()
    }

    #[test]
    fn what_is_promised_already_is_not_taken_out() {
        let (asked_for, change) = asked(6_000).unwrap();
        assert_eq!(account_moved(&change), (0, 6_000, 0));
        assert_eq!(asked_for.withdrawal().unwrap().sequence, None);
        assert_eq!(
            asked(6_001),
            Err(WithdrawRefusal::BalanceTooLow { amount: won(6_001), free: won(6_000) })
        );
    }

    #[test]
    fn another_person_approves_once_while_the_banks_are_open() {
        use ApproveWithdrawalRefusal as R;
        let (waiting, _) = asked(1).unwrap();
        let night = "2027-03-05T14:00:00Z".parse().unwrap();
        for (by, at, refusal) in [
            ("anna", noon(), R::SamePerson),
            ("anna", night, R::SamePerson),
            ("ben", night, R::Maintenance(night)),
        ] {
            assert_eq!(approve(waiting.clone(), &account(), by, at), Err(refusal));
        }
        let (approved, change) = approve(waiting, &account(), "ben", noon()).unwrap();
        assert_eq!((approved.status, approved.version), (AccountTransferStatus::Prepared, 2));
        assert_eq!(approved.withdrawal().unwrap().sequence, Some(8));
        assert_eq!(account_moved(&change), (0, 0, 1));
        let again = approve(approved, &account(), "cleo", noon());
        assert_eq!(again, Err(R::NotWaiting(AccountTransferStatus::Prepared)));
    }

    #[test]
    fn it_is_given_up_until_the_bank_is_asked() {
        let (waiting, _) = asked(6_000).unwrap();
        let (approved, _) = approve(waiting.clone(), &account(), "ben", noon()).unwrap();
        for given_up in [waiting, approved.clone()] {
            let (given_up, change) = cancel(given_up, noon()).unwrap();
            assert_eq!(given_up.status, AccountTransferStatus::Cancelled);
            assert_eq!(account_moved(&change), (0, -6_000, 0));
        }
        for status in [AccountTransferStatus::Processing, AccountTransferStatus::Succeeded] {
            let refused = cancel(approved.clone().with_status(status, noon()), noon());
            assert_eq!(refused, Err(CancelWithdrawalRefusal::BankWasAsked(status)));
        }
    }

    #[test]
    fn what_has_arrived_is_off_the_account() {
        let (asked, _) = asked(6_000).unwrap();
        let posting = arrived(&asked, noon()).unwrap();
        let lines: Vec<(String, i64)> =
            posting.entries().iter().map(|entry| (entry.account.name(), entry.signed)).collect();
        assert_eq!(lines.len(), 2);
        for line in [("payout_account".to_owned(), -6_000), ("payout_funding".to_owned(), 6_000)] {
            assert!(lines.contains(&line), "{lines:?}");
        }
    }
}
