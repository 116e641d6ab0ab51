//! Payouts, bulk payouts and the movements of the account that they are paid from, as they are kept.
//!
//! [`super::bulk`] and [`super::payout`] say what may be paid; [`super::status`] which steps are possible.
//! Here are the changes. A bulk payout is made by one person and approved by another; what its payouts do
//! to their settlements is in the same change as what is done to them.

use super::books;
use super::bulk::{self, ApproveRefusal, PayoutMethod};
use super::definition::PlatformKey;
use super::id::{BulkPayoutId, PartnerId, PayoutId};
use super::partner_settlement::PartnerSettlement;
use super::payout::{PayoutAmounts, PayoutTerms};
use super::status::{
    BulkPayoutStatus, BulkPayoutStep, BulkPayoutStepRefusal, PayoutStatus, PayoutStep, PayoutStepRefusal,
};
use crate::change::{Change, Write};
use crate::id::StoreId;
use crate::money::{Amount, Currency, MoneyError, SignedAmount};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// The longest text of a passbook, in characters.
pub const MAX_PASSBOOK_CHARS: usize = 50;
/// Partner settlements that one bulk payout may hold.
pub const MAX_SETTLEMENTS: usize = 5_000;
/// What the account of the TEST environment holds to begin with, won.
pub const TEST_BALANCE: i64 = 1_000_000_000;
/// How long the bank takes to say how a remittance ended.
pub const BANK_TAKES: SignedDuration = SignedDuration::from_mins(5);

/// What one partner is paid in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payout {
    pub platform: PlatformKey,
    pub id: PayoutId,
    pub home: StoreId,
    pub bulk: BulkPayoutId,
    pub created_at: Timestamp,
    /// Counts stored changes from 1.
    pub version: u64,
    pub method: PayoutMethod,
    pub status: PayoutStatus,
    pub status_at: Timestamp,
    pub partner: PartnerId,
    pub terms: PayoutTerms,
    pub account: PaidTo,
    pub amounts: PayoutAmounts,
    pub memo: Option<Box<str>>,
    pub withdrawal_memo: Option<Box<str>>,
    pub deposit_memo: Option<Box<str>>,
    pub scheduled_at: Option<Timestamp>,
    pub fail_reason: Option<Box<str>>,
}

/// Where a partner's money goes, as it was when the payout was made. Number and holder are not for logs.
#[derive(Clone, PartialEq, Eq)]
pub struct PaidTo {
    pub bank: Box<str>,
    pub number: Box<str>,
    pub holder: Box<str>,
}

impl std::fmt::Debug for PaidTo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PaidTo({}, ..)", self.bank)
    }
}

impl Payout {
    /// The change that stores what has become of a payout that was read at this version.
    pub fn changed(mut self) -> (Self, Change) {
        let expects = Some(self.version);
        self.version = self.version.saturating_add(1);
        let write = Write::PlatformPayout { payout: Box::new(self.clone()), expects };
        (self, Change { writes: vec![write], ..Change::default() })
    }

    /// A step, with what it does to the settlements inside.
    ///
    /// # Errors
    /// Steps that are not possible from here.
    pub fn step(
        mut self,
        step: PayoutStep,
        settlements: Vec<PartnerSettlement>,
        at: Timestamp,
    ) -> Result<(Self, Change), PayoutStepRefusal> {
        self.status = self.status.after(step)?;
        self.status_at = at;
        let of_settlements = self.status.of_settlements();
        let (payout, mut change) = self.changed();
        if let Some(status) = of_settlements {
            for settlement in settlements.into_iter().filter(|one| one.status != status) {
                change = change.and(settlement.with_status(status, at).changed().1);
            }
        }
        Ok((payout, change))
    }

    /// The money reached the partner.
    ///
    /// # Errors
    /// It was not on its way.
    pub fn succeeded(
        self,
        settlements: Vec<PartnerSettlement>,
        at: Timestamp,
    ) -> Result<(Self, Change), PayoutError> {
        let step = match self.method {
            PayoutMethod::Agency => PayoutStep::Succeed,
            PayoutMethod::Direct => PayoutStep::PaidOutside,
        };
        let (payout, mut change) = self.step(step, settlements, at)?;
        change.postings.extend(books::paid(&payout, at)?);
        Ok((payout, change))
    }

    /// It came back, or was not accepted.
    ///
    /// # Errors
    /// It was not on its way.
    pub fn failed(
        self,
        reason: &str,
        settlements: Vec<PartnerSettlement>,
        at: Timestamp,
    ) -> Result<(Self, Change), PayoutStepRefusal> {
        Self { fail_reason: Some(reason.into()), ..self }.step(PayoutStep::Fail, settlements, at)
    }
}

/// Why a payout could not be settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PayoutError {
    #[error(transparent)]
    Step(#[from] PayoutStepRefusal),
    #[error(transparent)]
    OutOfRange(#[from] MoneyError),
}

/// One execution of many payouts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkPayout {
    pub platform: PlatformKey,
    pub id: BulkPayoutId,
    pub home: StoreId,
    pub name: Box<str>,
    /// Who made it, and who approved it: never the same.
    pub created_by: Box<str>,
    pub approved_by: Option<Box<str>>,
    pub method: PayoutMethod,
    pub currency: Currency,
    pub settlement_dates: BTreeSet<Date>,
    pub status: BulkPayoutStatus,
    pub status_at: Timestamp,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub version: u64,
    /// When it is executed, if that was reserved.
    pub reserved_for: Option<Timestamp>,
    pub total_settlement: SignedAmount,
    pub total_payout: Amount,
}

impl BulkPayout {
    /// The change that stores what has become of a bulk payout that was read at this version.
    pub fn changed(mut self, at: Timestamp) -> (Self, Change) {
        let expects = Some(self.version);
        self.version = self.version.saturating_add(1);
        self.updated_at = at;
        let write = Write::PlatformBulkPayout { bulk: Box::new(self.clone()), expects };
        (self, Change { writes: vec![write], ..Change::default() })
    }

    /// # Errors
    /// Steps that are not possible from here.
    pub fn step(mut self, step: BulkPayoutStep, at: Timestamp) -> Result<Self, BulkPayoutStepRefusal> {
        self.status = self.status.after(step)?;
        self.status_at = at;
        Ok(self)
    }

    /// Approved by a second person.
    ///
    /// # Errors
    /// See [`ApproveRefusal`].
    pub fn approved(mut self, by: &str) -> Result<Self, ApproveRefusal> {
        bulk::approve(self.status, &self.created_by, by)?;
        self.approved_by = Some(by.into());
        Ok(self)
    }

    /// Its last payout has ended, and there is nothing to do behind it.
    ///
    /// # Errors
    /// It is not being executed.
    pub fn completed(self, at: Timestamp) -> Result<Self, BulkPayoutStepRefusal> {
        self.step(BulkPayoutStep::PayoutsEnded, at)?.step(BulkPayoutStep::Complete, at)
    }
}

impl PayoutStatus {
    /// Whether nothing more happens to it by itself.
    pub const fn is_ended(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Stopped | Self::Cancelled)
    }
}

crate::id::ids! {
    checked by plain_id;
    /// A movement of the account that partners are paid from.
    AccountTransferId;
    BulkAccountTransferId;
    /// An account that partners are paid from.
    PayoutAccountId;
}

fn plain_id(id: &str) -> Result<&str, crate::id::IdError> {
    crate::id::checked(id, super::id::MAX_PLATFORM_ID_CHARS)
}

/// Where a movement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountTransferStatus {
    Prepared,
    Scheduled,
    Cancelled,
    Stopped,
    /// The bank is being asked.
    Processing,
    /// The bank has accepted it; how it ends is asked by its number, and it is never sent again.
    AsyncProcessing,
    Succeeded,
    Failed,
}

impl AccountTransferStatus {
    pub const ALL: [Self; 8] = [
        Self::Prepared,
        Self::Scheduled,
        Self::Cancelled,
        Self::Stopped,
        Self::Processing,
        Self::AsyncProcessing,
        Self::Succeeded,
        Self::Failed,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Prepared => "PREPARED",
            Self::Scheduled => "SCHEDULED",
            Self::Cancelled => "CANCELLED",
            Self::Stopped => "STOPPED",
            Self::Processing => "PROCESSING",
            Self::AsyncProcessing => "ASYNC_PROCESSING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == text)
    }
}

/// Where many movements stand that were asked for together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BulkAccountTransferStatus {
    Prepared,
    Scheduled,
    Ongoing,
    Completed,
}

impl BulkAccountTransferStatus {
    pub const ALL: [Self; 4] = [Self::Prepared, Self::Scheduled, Self::Ongoing, Self::Completed];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Prepared => "PREPARED",
            Self::Scheduled => "SCHEDULED",
            Self::Ongoing => "ONGOING",
            Self::Completed => "COMPLETED",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == text)
    }
}

/// A movement of the account that partners are paid from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountTransfer {
    pub platform: PlatformKey,
    pub id: AccountTransferId,
    pub home: StoreId,
    pub account: PayoutAccountId,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub version: u64,
    pub status: AccountTransferStatus,
    pub status_at: Timestamp,
    pub currency: Currency,
    pub amount: Amount,
    pub direction: Direction,
    pub deposit_memo: Option<Box<str>>,
    pub withdrawal_memo: Option<Box<str>>,
    /// What the account held behind it.
    pub balance: Option<Amount>,
    pub traded_at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Direction {
    Deposit { depositor: Box<str> },
    Withdrawal(Box<Withdrawal>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    pub to: PaidTo,
    pub purpose: Purpose,
    /// The bank's number, there once the bank was asked.
    pub sequence: Option<u32>,
    pub fail_reason: Option<Box<str>>,
    pub scheduled_at: Option<Timestamp>,
    pub bulk: Option<BulkAccountTransferId>,
}

/// What a withdrawal is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    PartnerPayout {
        partner: PartnerId,
        bulk: BulkPayoutId,
        payout: PayoutId,
    },
    /// To an account of the merchant's. Who asked for it, and who approved it: never the same.
    Remit {
        document: Option<Box<str>>,
        asked_by: Box<str>,
        approved_by: Option<Box<str>>,
    },
}

impl AccountTransfer {
    /// The change that stores what has become of a movement that was read at this version.
    pub fn changed(mut self, at: Timestamp) -> (Self, Change) {
        let expects = Some(self.version);
        self.version = self.version.saturating_add(1);
        self.updated_at = at;
        let write = Write::PlatformAccountTransfer { transfer: Box::new(self.clone()), expects };
        (self, Change { writes: vec![write], ..Change::default() })
    }

    #[must_use]
    pub fn with_status(mut self, status: AccountTransferStatus, at: Timestamp) -> Self {
        self.status = status;
        self.status_at = at;
        self
    }

    pub fn withdrawal(&self) -> Option<&Withdrawal> {
        match &self.direction {
            Direction::Withdrawal(withdrawal) => Some(withdrawal),
            Direction::Deposit { .. } => None,
        }
    }
}

/// Movements that were asked for together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkAccountTransfer {
    pub platform: PlatformKey,
    pub id: BulkAccountTransferId,
    pub home: StoreId,
    pub account: PayoutAccountId,
    pub created_by: Box<str>,
    pub total: Amount,
    pub status: BulkAccountTransferStatus,
    pub status_at: Timestamp,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub version: u64,
    pub scheduled_at: Option<Timestamp>,
}

impl BulkAccountTransfer {
    /// The change that stores what has become of it since it was read at this version.
    pub fn changed(mut self, status: BulkAccountTransferStatus, at: Timestamp) -> (Self, Change) {
        let expects = Some(self.version);
        self.version = self.version.saturating_add(1);
        self.updated_at = at;
        if self.status != status {
            self.status = status;
            self.status_at = at;
        }
        let write = Write::PlatformBulkAccountTransfer { bulk: Box::new(self.clone()), expects };
        (self, Change { writes: vec![write], ..Change::default() })
    }
}

/// An account that partners are paid from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutAccount {
    pub platform: PlatformKey,
    pub id: PayoutAccountId,
    pub home: StoreId,
    /// Who moves its money: `MOCK` in the TEST environment.
    pub provider: Box<str>,
    pub bank: Box<str>,
    pub number: Box<str>,
    pub holder: Option<Box<str>>,
    pub currency: Currency,
    pub created_at: Timestamp,
    pub balance: Amount,
    /// The part of the balance that is on its way out.
    pub held: Amount,
    /// The bank's numbers that were used.
    pub last_sequence: u32,
}

impl PayoutAccount {
    /// What may still be paid.
    pub const fn free(&self) -> Amount {
        self.balance.minus_or_zero(self.held)
    }

    /// The account of the TEST environment, with the money it begins with.
    pub fn of_test(platform: PlatformKey, home: StoreId, now: Timestamp) -> (Self, Change) {
        let account = Self {
            platform,
            id: PayoutAccountId::known(TEST_ACCOUNT),
            home,
            provider: "MOCK".into(),
            bank: "KOOKMIN".into(),
            number: "00000000000000".into(),
            holder: None,
            currency: Currency::KRW,
            created_at: now,
            balance: Amount::new(TEST_BALANCE).unwrap_or_default(),
            held: Amount::ZERO,
            last_sequence: 0,
        };
        let mut change = Change::default();
        change.postings.extend(books::deposited(
            &account.platform,
            &account.home,
            TEST_ACCOUNT,
            (account.balance, account.currency),
            now,
        ));
        change.writes.push(Write::PlatformAccount(Box::new(account.clone())));
        (account, change)
    }
}

/// The id of the account of the TEST environment.
pub const TEST_ACCOUNT: &str = "mock";

/// A movement of what an account holds; the write refuses what would make balance or hold negative, or
/// the hold larger than the balance. Minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountMoved {
    pub platform: PlatformKey,
    pub account: PayoutAccountId,
    pub balance: i64,
    pub held: i64,
    /// How many of the bank's numbers are used.
    pub sequences: u32,
}

#[cfg(test)]
mod tests {
    use super::super::status::PartnerSettlementStatus as S;
    use super::super::testing::transfer::{bulk_payout, payout, settlement};
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_payout_takes_its_settlements_along_and_posts_when_it_arrives() {
        let made = payout("po", 10_000, PayoutMethod::Agency, false);
        let inside = |status| vec![settlement("s1", status), settlement("s2", status)];
        let (queued, change) = made.step(PayoutStep::Queue, inside(S::Confirmed), at(1)).unwrap();
        assert_eq!((queued.status, queued.version, change.writes.len()), (PayoutStatus::Prepared, 2, 3));
        let (asked, change) = queued.step(PayoutStep::Begin, inside(S::InPayout), at(2)).unwrap();
        // They are in payout already.
        assert_eq!(change.writes.len(), 1);
        assert!(asked.clone().step(PayoutStep::Cancel, vec![], at(3)).is_err());
        let (failed, change) = asked.clone().failed("closed", inside(S::InPayout), at(3)).unwrap();
        assert_eq!((failed.status, failed.fail_reason.as_deref()), (PayoutStatus::Failed, Some("closed")));
        assert!(change.postings.is_empty());
        let (paid, change) = asked.succeeded(inside(S::InPayout), at(3)).unwrap();
        assert_eq!((paid.status, paid.status_at, change.postings.len()), (PayoutStatus::Succeeded, at(3), 1));
        let stored = change.writes.iter().filter(|write| {
            matches!(write, Write::PlatformPartnerSettlement { settlement, .. } if settlement.status == S::PaidOut)
        });
        assert_eq!(stored.count(), 2);
        assert!(paid.succeeded(vec![], at(4)).is_err());
    }

    #[test]
    fn one_person_makes_and_another_approves() {
        let bulk = BulkPayout { status: BulkPayoutStatus::Prepared, ..bulk_payout("b") };
        assert_eq!(bulk.clone().approved("anna"), Err(ApproveRefusal::SamePerson));
        let approved = bulk.approved("ben").unwrap();
        assert_eq!(approved.approved_by.as_deref(), Some("ben"));
        let ongoing = approved.step(BulkPayoutStep::Execute, at(1)).unwrap();
        assert_eq!(ongoing.completed(at(2)).unwrap().status, BulkPayoutStatus::Completed);
        assert!(bulk_payout("b").completed(at(1)).is_err());
    }
}
