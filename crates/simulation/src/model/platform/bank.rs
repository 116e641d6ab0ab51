//! What the bank has moved, and what the books say of it: money leaves once, the account holds what it must, and
//! each partner is owed exactly what was not paid.

use super::settlements::{owed, worth};
use super::{BookLines, Market, Moment, SeenMarket, broken, sum};
use crate::ground::Finding;
use paypier_domain::settlement::bulk::PayoutMethod;
use paypier_domain::settlement::paying::{
    AccountTransfer, AccountTransferStatus as Moved, Direction, Payout, Purpose, TEST_BALANCE,
};
use paypier_domain::settlement::status::{PartnerSettlementStatus, PayoutStatus};
use paypier_domain::settlement::transfer::Transfer;
use std::collections::{BTreeMap, BTreeSet};

const fn is_open(status: Moved) -> bool {
    matches!(status, Moved::Prepared | Moved::Scheduled | Moved::Processing | Moved::AsyncProcessing)
}

fn of_payout(movement: &AccountTransfer) -> Option<&str> {
    match &movement.withdrawal()?.purpose {
        Purpose::PartnerPayout { payout, .. } => Some(payout.as_str()),
        Purpose::Remit { .. } => None,
    }
}

/// How many movements there are of each name.
fn counted<'a>(
    movements: &'a [AccountTransfer],
    name: impl Fn(&'a AccountTransfer) -> Option<&'a str>,
) -> BTreeMap<&'a str, u64> {
    let mut counted: BTreeMap<&str, u64> = BTreeMap::new();
    for name in movements.iter().filter_map(name) {
        let count = counted.entry(name).or_default();
        *count = count.saturating_add(1);
    }
    counted
}

/// Whether nobody has approved a withdrawal yet, which may be so for ever.
fn is_waiting(movement: &AccountTransfer) -> bool {
    let purpose = movement.withdrawal().map(|withdrawal| &withdrawal.purpose);
    movement.status == Moved::Prepared && matches!(purpose, Some(Purpose::Remit { approved_by: None, .. }))
}

/// The bank is asked about what one person has asked for and another approved.
fn two_people_want_it(movement: &AccountTransfer) -> Result<(), Finding> {
    let purpose = movement.withdrawal().map(|withdrawal| &withdrawal.purpose);
    let Some(Purpose::Remit { asked_by, approved_by, .. }) = purpose else { return Ok(()) };
    let is_so = match approved_by {
        Some(approved_by) => approved_by != asked_by,
        None => matches!(movement.status, Moved::Prepared | Moved::Cancelled),
    };
    let what = || format!("{} is {:?}: {asked_by}, {approved_by:?}", movement.id, movement.status);
    if is_so { Ok(()) } else { broken("two people let money leave", what()) }
}

impl Market {
    pub(super) fn bank_agrees(&mut self, seen: &SeenMarket, moment: Moment) -> Result<(), Finding> {
        let mut by_payout: BTreeMap<&str, Vec<&AccountTransfer>> = BTreeMap::new();
        let mut numbers = BTreeSet::new();
        for movement in &seen.movements {
            self.stays_moved(movement)?;
            two_people_want_it(movement)?;
            if let Some(payout) = of_payout(movement) {
                by_payout.entry(payout).or_default().push(movement);
            }
            let number = movement.withdrawal().and_then(|withdrawal| withdrawal.sequence);
            if let Some(number) = number
                && !numbers.insert((movement.account.as_str(), number))
            {
                return broken("the bank's numbers are used once", movement.id.to_string());
            }
            if moment == Moment::AtRest && is_open(movement.status) && !is_waiting(movement) {
                let what = format!("{} is {:?}", movement.id, movement.status);
                return broken("in calm no remittance is left open", what);
            }
        }
        for payout in &seen.payouts {
            let of_it = by_payout.remove(payout.id.as_str()).unwrap_or_default();
            moved_once(payout, &of_it)?;
        }
        if let Some((payout, _)) = by_payout.into_iter().next() {
            return broken("money leaves for payouts only", payout.to_owned());
        }
        self.accounts_fit(seen)?;
        self.books_fit(seen)
    }

    fn stays_moved(&mut self, movement: &AccountTransfer) -> Result<(), Finding> {
        let id = movement.id.to_string();
        let units = movement.amount.minor_units();
        let now = match movement.status {
            Moved::Succeeded => Some((true, units)),
            Moved::Failed | Moved::Cancelled | Moved::Stopped => Some((false, units)),
            Moved::Prepared | Moved::Scheduled | Moved::Processing | Moved::AsyncProcessing => None,
        };
        match (self.seen.ended.get(&id), now) {
            (Some(before), now) if now != Some(*before) => {
                broken("what the bank has told stays so", format!("{id}: {before:?}, then {now:?}"))
            }
            (None, Some(now)) => {
                self.seen.ended.insert(id, now);
                Ok(())
            }
            (Some(_), _) | (None, None) => Ok(()),
        }
    }

    fn accounts_fit(&self, seen: &SeenMarket) -> Result<(), Finding> {
        for account in &seen.accounts {
            let own = || seen.movements.iter().filter(|movement| movement.account == account.id);
            let units = |wanted: &dyn Fn(&AccountTransfer) -> bool| {
                sum(own().filter(|one| wanted(one)).map(|one| one.amount.minor_units()))
            };
            let is_deposit = |one: &AccountTransfer| matches!(one.direction, Direction::Deposit { .. });
            let put_in = units(&|one| is_deposit(one) && one.status == Moved::Succeeded);
            let taken = units(&|one| !is_deposit(one) && one.status == Moved::Succeeded);
            let held = units(&|one| !is_deposit(one) && is_open(one.status));
            let balance = i128::from(TEST_BALANCE).saturating_add(put_in).saturating_sub(taken);
            let found = (account.balance.minor_units(), account.held.minor_units());
            let is_so = (i128::from(found.0), i128::from(found.1)) == (balance, held);
            if !is_so || held > balance || found.1 < 0 {
                let what = format!("{}: {found:?} and not {:?}", account.id, (balance, held));
                return broken("the account holds what was put in less what has left", what);
            }
        }
        self.nothing_is_moved_twice(seen)
    }

    /// What somebody has asked for once, by the words that only that request has used.
    fn nothing_is_moved_twice(&self, seen: &SeenMarket) -> Result<(), Finding> {
        let put_in = counted(&seen.movements, |movement| match &movement.direction {
            Direction::Deposit { depositor } => Some(depositor),
            Direction::Withdrawal(_) => None,
        });
        let taken_out = counted(&seen.movements, |movement| match &movement.withdrawal()?.purpose {
            Purpose::Remit { .. } => movement.withdrawal_memo.as_deref(),
            Purpose::PartnerPayout { .. } => None,
        });
        for (made, asked, told) in [
            (put_in, &self.asked.deposits, &self.told.deposits),
            (taken_out, &self.asked.withdrawals, &self.told.withdrawals),
        ] {
            let asked = |name: &str| asked.get(name).copied().unwrap_or(u64::MAX);
            if let Some((twice, count)) = made.iter().find(|(name, count)| **count > asked(name)) {
                return broken("what was moved once counts once", format!("{twice}: {count} times"));
            }
            if let Some(lost) = told.iter().find(|told| !made.contains_key(told.as_str())) {
                return broken("a movement that somebody was told of is never lost", lost.clone());
            }
        }
        Ok(())
    }

    /// A line for each transfer that was settled and for each payout that arrived, once; together they are what
    /// is still owed.
    fn books_fit(&mut self, seen: &SeenMarket) -> Result<(), Finding> {
        for (partner, lines) in &seen.books {
            let unpaid = seen.settlements.iter().filter(|one| {
                one.partner.as_str() == partner
                    && one.currency == paypier_domain::money::Currency::KRW
                    && one.status != PartnerSettlementStatus::PaidOut
            });
            let (owed, posted) = (sum(unpaid.map(owed)), sum(lines.iter().map(|(_, units, _)| *units)));
            if owed != posted {
                let what = format!("{partner}: {posted} in the books, {owed} settled and not paid");
                return broken("a partner is owed exactly what was not paid", what);
            }
            each_is_posted_once(partner, lines, seen)?;
            for (posting, units, _) in lines {
                let first = self.seen.postings.entry(posting.clone()).or_insert(*units);
                if first != units {
                    return broken("what was posted stays", format!("{posting}: {first}, then {units}"));
                }
            }
        }
        Ok(())
    }
}

fn each_is_posted_once(partner: &str, lines: &BookLines, seen: &SeenMarket) -> Result<(), Finding> {
    let mut posted: BTreeMap<&str, i64> = BTreeMap::new();
    for (posting, units, _) in lines {
        if posted.insert(posting, *units).is_some() {
            return broken("what happened is posted once", format!("{partner}: {posting}"));
        }
    }
    let mut cause = |name: String, units: i64| {
        // What is worth nothing is not posted.
        let found = posted.remove(name.as_str()).unwrap_or(0);
        if found == units {
            Ok(())
        } else {
            broken("what happened is posted once", format!("{name}: {found}"))
        }
    };
    let won = paypier_domain::money::Currency::KRW;
    let own = |one: &&Transfer| one.partner.as_str() == partner && one.currency == won;
    for transfer in seen.transfers.iter().filter(own) {
        if transfer.settlement.is_some() {
            cause(format!("settled:{}", transfer.id), worth(transfer))?;
        }
    }
    for payout in seen.payouts.iter().filter(|one| one.partner.as_str() == partner) {
        if payout.status == PayoutStatus::Succeeded && payout.terms.currency == won {
            let units = payout.amounts.settlement.minor_units();
            cause(format!("paid:{}", payout.id), units.saturating_neg())?;
        }
    }
    // What is left belongs to transfers that were deleted: what they had added was taken off again.
    let mut left: BTreeMap<&str, i128> = BTreeMap::new();
    for (posting, units) in posted {
        let of = posting.split_once(':').map_or(posting, |(_, id)| id);
        let sum = left.entry(of).or_default();
        *sum = sum.saturating_add(i128::from(units));
    }
    match left.into_iter().find(|(_, units)| *units != 0) {
        Some((of, units)) => broken("what happened is posted once", format!("{partner}: {of} left {units}")),
        None => Ok(()),
    }
}

/// One remittance for a payout, and it went where and as the payout says.
fn moved_once(payout: &Payout, movements: &[&AccountTransfer]) -> Result<(), Finding> {
    let units = payout.amounts.amount.minor_units();
    let is_to = |movement: &AccountTransfer| {
        movement.withdrawal().is_some_and(|withdrawal| withdrawal.to.number == payout.account.number)
            && movement.amount.minor_units() == units
    };
    let fits = match (payout.method, payout.status, movements) {
        (PayoutMethod::Agency, PayoutStatus::Succeeded, []) => units == 0,
        (PayoutMethod::Agency, PayoutStatus::Succeeded, [one]) => {
            one.status == Moved::Succeeded && is_to(one) && !one_is_rejected(one)
        }
        (PayoutMethod::Agency, PayoutStatus::Failed, [one]) => one.status == Moved::Failed,
        (PayoutMethod::Agency, PayoutStatus::Prepared | PayoutStatus::Processing, [one]) => {
            is_open(one.status) && is_to(one)
        }
        (PayoutMethod::Agency, PayoutStatus::Stopped, [one]) => !is_open(one.status) && !has_moved(one),
        // Given up after it was stopped or had failed, or before anything was asked of the bank.
        (PayoutMethod::Agency, PayoutStatus::Cancelled, [] | [_]) => {
            !movements.iter().any(|one| has_moved(one))
        }
        (PayoutMethod::Agency, PayoutStatus::Confirmed | PayoutStatus::Scheduled, []) => true,
        (PayoutMethod::Direct, _, []) => true,
        (PayoutMethod::Agency | PayoutMethod::Direct, _, _) => false,
    };
    if fits {
        return Ok(());
    }
    let moved: Vec<_> = movements.iter().map(|one| (one.status, one.amount.minor_units())).collect();
    broken("the bank's book and ours agree", format!("{} {} of {units}: {moved:?}", payout.id, payout.status))
}

fn has_moved(movement: &AccountTransfer) -> bool {
    movement.status == Moved::Succeeded
}

/// The bank of this world rejects numbers that end so, and nothing of it arrives.
fn one_is_rejected(movement: &AccountTransfer) -> bool {
    movement.withdrawal().is_some_and(|withdrawal| withdrawal.to.number.ends_with("13"))
}
