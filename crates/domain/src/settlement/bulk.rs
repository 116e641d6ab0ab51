//! Bulk payouts: what may be paid in one execution, when, and what the merchant has paid by itself
//! (v2-platform, sections 18 and 20).

use super::day_in_korea;
use super::id::{BulkPayoutId, PartnerId, PartnerSettlementId};
use super::payout::{Payable, PayoutPlan, Share};
use super::status::BulkPayoutStatus;
use crate::money::{Amount, Currency, MoneyError, SignedAmount};
use jiff::Timestamp;
use jiff::civil::{Date, Time, time};
use std::collections::BTreeSet;

/// Settlement dates that one bulk payout may be created for.
pub const MAX_SETTLEMENT_DATES: usize = 10;
/// Reserved executions that a merchant may have at a time.
pub const MAX_RESERVED: usize = 10;
/// Reservations are for full slots of so many minutes.
pub const SLOT_MINUTES: i8 = 10;
/// Korean banks are not asked from the first of these times until the second, past midnight.
pub const MAINTENANCE: (Time, Time) = (time(22, 50, 0, 0), time(1, 0, 0, 0));

/// How the money reaches the partners.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PayoutMethod {
    /// Through the firm-banking provider.
    Agency,
    /// By the merchant itself; the server records it.
    Direct,
}

impl PayoutMethod {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agency => "AGENCY",
            Self::Direct => "DIRECT",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Agency, Self::Direct].into_iter().find(|method| method.as_str() == text)
    }
}

/// A bulk payout as it is asked for: everything that is due on some days, in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateAsk {
    pub id: BulkPayoutId,
    pub method: PayoutMethod,
    pub currency: Currency,
    pub settlement_dates: BTreeSet<Date>,
}

/// What was found of what a bulk payout names.
#[derive(Debug, Clone, Copy)]
pub struct CreateFound<'a> {
    pub id_is_used: bool,
    /// Whether an account to withdraw from is allocated to the merchant.
    pub has_withdrawal_account: bool,
    /// The partner settlements of those days and that currency, with the bulk payout that has
    /// selected each and is not executed yet.
    pub settlements: &'a [(Payable, Option<BulkPayoutId>)],
}

/// Why a bulk payout is not created, in the order of the checks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreateRefusal {
    #[error("{0} settlement dates are named; from 1 to {MAX_SETTLEMENT_DATES} are accepted")]
    Dates(usize),
    #[error("the bulk payout id {0} is in use")]
    IdAlreadyExists(BulkPayoutId),
    #[error("the bank pays out in KRW only, not in {0}")]
    CurrencyNotSupported(Currency),
    #[error("no account to withdraw from is allocated")]
    NoWithdrawalAccount,
    #[error("nothing can be paid for those dates")]
    NothingPayable,
    #[error("the bulk payout {0} has selected the same settlements")]
    SelectedByAnother(BulkPayoutId),
}

/// Decides whether a bulk payout may be created, and what is selected in it to begin with: all that
/// can be paid. What cannot be paid is not selected, and can be once it has become payable.
///
/// # Errors
/// See [`CreateRefusal`]; the first rule that is broken, in its order.
pub fn create(ask: &CreateAsk, found: CreateFound<'_>) -> Result<Vec<PartnerSettlementId>, CreateRefusal> {
    let dates = ask.settlement_dates.len();
    if dates == 0 || dates > MAX_SETTLEMENT_DATES {
        return Err(CreateRefusal::Dates(dates));
    }
    if found.id_is_used {
        return Err(CreateRefusal::IdAlreadyExists(ask.id.clone()));
    }
    match ask.method {
        PayoutMethod::Agency if ask.currency != Currency::KRW => {
            return Err(CreateRefusal::CurrencyNotSupported(ask.currency));
        }
        PayoutMethod::Agency if !found.has_withdrawal_account => {
            return Err(CreateRefusal::NoWithdrawalAccount);
        }
        PayoutMethod::Agency | PayoutMethod::Direct => {}
    }
    let payable = || found.settlements.iter().filter(|(row, _)| row.status.is_payable());
    if payable().next().is_none() {
        return Err(CreateRefusal::NothingPayable);
    }
    match payable().find_map(|(_, selected_by)| selected_by.as_ref()) {
        Some(other) => Err(CreateRefusal::SelectedByAnother(other.clone())),
        None => Ok(payable().map(|(row, _)| row.id.clone()).collect()),
    }
}

/// Why a bulk payout is not approved, in the order of the checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApproveRefusal {
    #[error("the bulk payout is {0}, and not prepared")]
    NotPrepared(BulkPayoutStatus),
    #[error("who has created a bulk payout cannot approve it")]
    SamePerson,
}

/// Decides whether somebody may approve a bulk payout: money leaves only when two people want it.
///
/// # Errors
/// See [`ApproveRefusal`]; the first rule that is broken, in its order.
pub fn approve(status: BulkPayoutStatus, created_by: &str, approved_by: &str) -> Result<(), ApproveRefusal> {
    if status != BulkPayoutStatus::Prepared {
        return Err(ApproveRefusal::NotPrepared(status));
    }
    if created_by == approved_by { Err(ApproveRefusal::SamePerson) } else { Ok(()) }
}

/// Why payouts are not generated, in the order of the checks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GenerateRefusal {
    #[error("payouts are generated already: the bulk payout is {0}")]
    NotPreparing(BulkPayoutStatus),
    #[error("the bank pays out in KRW only, not in {0}")]
    CurrencyNotSupported(Currency),
    #[error("no partner settlement is selected")]
    NothingSelected,
    #[error("{} partner settlements cannot be paid now", .0.len())]
    NonPayable(Vec<PartnerSettlementId>),
    #[error("would be paid less than nothing: {}", names(.0))]
    NegativePartners(Vec<PartnerId>),
}

/// The first partners, for people.
fn names(partners: &[PartnerId]) -> String {
    const SHOWN: usize = 20;
    let mut names: Vec<&str> = partners.iter().take(SHOWN).map(PartnerId::as_str).collect();
    if partners.len() > SHOWN {
        names.push("…");
    }
    names.join(", ")
}

/// Decides which payouts are made of what is selected. Partners that cannot be paid are named, so
/// that they can be deselected; one never blocks the others for good.
///
/// # Errors
/// See [`GenerateRefusal`]; the first rule that is broken, in its order.
pub fn generate(
    status: BulkPayoutStatus,
    method: PayoutMethod,
    currency: Currency,
    selected: PayoutPlan,
) -> Result<Vec<Share>, GenerateRefusal> {
    if status != BulkPayoutStatus::Preparing {
        return Err(GenerateRefusal::NotPreparing(status));
    }
    if method == PayoutMethod::Agency && currency != Currency::KRW {
        return Err(GenerateRefusal::CurrencyNotSupported(currency));
    }
    let held = selected.held.iter().flat_map(|(_, share)| share.settlements.iter());
    let foreign = selected.payouts.iter().chain(&selected.carried).filter(|share| share.currency != currency);
    let non_payable: Vec<PartnerSettlementId> = selected
        .left_out
        .iter()
        .chain(held)
        .chain(foreign.flat_map(|share| share.settlements.iter()))
        .cloned()
        .collect();
    if !non_payable.is_empty() {
        return Err(GenerateRefusal::NonPayable(non_payable));
    }
    if !selected.carried.is_empty() {
        let partners = selected.carried.into_iter().map(|share| share.partner).collect();
        return Err(GenerateRefusal::NegativePartners(partners));
    }
    if selected.payouts.is_empty() { Err(GenerateRefusal::NothingSelected) } else { Ok(selected.payouts) }
}

/// What else is going on at the merchant's account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountState {
    pub balance: Amount,
    /// Whether another bulk payout is being executed.
    pub is_executing: bool,
    pub reserved: usize,
}

/// Why a bulk payout is neither executed nor reserved, in the order of the checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExecuteRefusal {
    #[error("the bulk payout is {0}, and not prepared")]
    NotPrepared(BulkPayoutStatus),
    #[error("another bulk payout is being executed")]
    AnotherIsExecuting,
    #[error("{MAX_RESERVED} bulk payouts are reserved already")]
    TooManyReserved,
    #[error("{0} is no slot of {SLOT_MINUTES} minutes")]
    NotASlot(Timestamp),
    #[error("{0} is not in the future")]
    NotInTheFuture(Timestamp),
    #[error("the banks are closed for maintenance at {0}")]
    Maintenance(Timestamp),
    #[error("the payouts add up to {total}, and the account holds {balance}")]
    BalanceTooLow { total: Amount, balance: Amount },
}

/// Decides whether a bulk payout may be executed now.
///
/// # Errors
/// See [`ExecuteRefusal`]; the first rule that is broken, in its order.
pub fn execute(
    status: BulkPayoutStatus,
    total: Amount,
    account: AccountState,
    now: Timestamp,
) -> Result<(), ExecuteRefusal> {
    if status != BulkPayoutStatus::Prepared {
        return Err(ExecuteRefusal::NotPrepared(status));
    }
    if account.is_executing {
        return Err(ExecuteRefusal::AnotherIsExecuting);
    }
    if is_maintenance(now) {
        return Err(ExecuteRefusal::Maintenance(now));
    }
    covered(total, account)
}

/// Decides whether a bulk payout may be reserved for a moment.
///
/// # Errors
/// See [`ExecuteRefusal`]; the first rule that is broken, in its order.
pub fn reserve(
    status: BulkPayoutStatus,
    total: Amount,
    account: AccountState,
    at: Timestamp,
    now: Timestamp,
) -> Result<(), ExecuteRefusal> {
    if status != BulkPayoutStatus::Prepared {
        return Err(ExecuteRefusal::NotPrepared(status));
    }
    if account.reserved >= MAX_RESERVED {
        return Err(ExecuteRefusal::TooManyReserved);
    }
    let clock = time_in_korea(at);
    if clock.minute().checked_rem(SLOT_MINUTES) != Some(0)
        || clock.second() != 0
        || clock.subsec_nanosecond() != 0
    {
        return Err(ExecuteRefusal::NotASlot(at));
    }
    if at <= now {
        return Err(ExecuteRefusal::NotInTheFuture(at));
    }
    if is_maintenance(at) {
        return Err(ExecuteRefusal::Maintenance(at));
    }
    covered(total, account)
}

fn covered(total: Amount, account: AccountState) -> Result<(), ExecuteRefusal> {
    let balance = account.balance;
    if total > balance { Err(ExecuteRefusal::BalanceTooLow { total, balance }) } else { Ok(()) }
}

fn time_in_korea(at: Timestamp) -> Time {
    jiff::tz::offset(9).to_datetime(at).time()
}

/// Whether the banks are closed at a moment, for the night's maintenance.
pub fn is_maintenance(at: Timestamp) -> bool {
    let (from, until) = MAINTENANCE;
    let clock = time_in_korea(at);
    clock >= from || clock < until
}

/// What was found of a record of money that the merchant paid by itself.
#[derive(Debug, Clone, Copy)]
pub struct CompleteFound<'a> {
    pub settlements: &'a [Payable],
    /// Whether a bulk payout of that id exists.
    pub bulk_payout_exists: bool,
}

/// Why money paid outside is not recorded, in the order of the checks (section 18).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompleteRefusal {
    /// `INVALID_REQUEST`.
    #[error("the payout would have been completed on {completed_at}, and today is {today}")]
    InTheFuture { completed_at: Date, today: Date },
    #[error("no partner settlement is named")]
    NothingSelected,
    #[error("the partner settlement {0} is named twice")]
    NamedTwice(PartnerSettlementId),
    #[error("{} partner settlements do not exist", .0.len())]
    NotFound(Vec<PartnerSettlementId>),
    #[error("{} partner settlements cannot be paid now", .0.len())]
    NonPayable(Vec<PartnerSettlementId>),
    #[error("would have been paid less than nothing: {}", names(.0))]
    NegativePartners(Vec<PartnerId>),
    #[error("the bulk payout id {0} is in use")]
    IdAlreadyExists(BulkPayoutId),
    #[error(transparent)]
    OutOfRange(#[from] MoneyError),
}

/// Decides whether partner settlements may be recorded as paid outside: one payout for each partner
/// and currency, whatever the partner's own status is, for the money has left.
///
/// # Errors
/// See [`CompleteRefusal`]; the first rule that is broken, in its order.
pub fn complete_outside(
    id: &BulkPayoutId,
    asked: &[PartnerSettlementId],
    completed_at: Option<Date>,
    found: CompleteFound<'_>,
    now: Timestamp,
) -> Result<Vec<Share>, CompleteRefusal> {
    let today = day_in_korea(now);
    if let Some(completed_at) = completed_at.filter(|day| *day > today) {
        return Err(CompleteRefusal::InTheFuture { completed_at, today });
    }
    if asked.is_empty() {
        return Err(CompleteRefusal::NothingSelected);
    }
    if let Some(id) = super::order::twice(asked.iter()) {
        return Err(CompleteRefusal::NamedTwice(id.clone()));
    }
    let known: BTreeSet<_> = found.settlements.iter().map(|row| &row.id).collect();
    let missing: Vec<_> = asked.iter().filter(|id| !known.contains(id)).cloned().collect();
    if !missing.is_empty() {
        return Err(CompleteRefusal::NotFound(missing));
    }
    let non_payable: Vec<_> =
        found.settlements.iter().filter(|row| !row.status.is_payable()).map(|row| row.id.clone()).collect();
    if !non_payable.is_empty() {
        return Err(CompleteRefusal::NonPayable(non_payable));
    }
    let plan = super::payout::plan(found.settlements, |_| true)?;
    if !plan.carried.is_empty() {
        let partners = plan.carried.into_iter().map(|share| share.partner).collect();
        return Err(CompleteRefusal::NegativePartners(partners));
    }
    if found.bulk_payout_exists {
        Err(CompleteRefusal::IdAlreadyExists(id.clone()))
    } else {
        Ok(plan.payouts)
    }
}

/// The sum that payouts take from the merchant's account.
///
/// # Errors
/// A sum above the largest amount.
pub fn total(payouts: impl IntoIterator<Item = Amount>) -> Result<Amount, MoneyError> {
    let sum = SignedAmount::sum(payouts.into_iter().map(SignedAmount::from))?;
    sum.to_amount().ok_or(MoneyError::Negative(sum.minor_units()))
}

#[cfg(test)]
mod tests;
