//! Partner settlements as they are kept: settled transfers of one key, added up, and where they stand.
//!
//! [`super::group`] says what is added up; here are the changes. A transfer joins one settlement, once:
//! the write refuses a second one. Whatever a settlement gains or loses is posted to the ledger in the same
//! change, so that what a partner is owed is always what the books say.

use super::books;
use super::definition::PlatformKey;
use super::group::{Group, GroupKey, GroupKind, GroupTotal};
use super::id::{BulkPayoutId, PartnerId, PartnerSettlementId, PayoutId};
use super::payout::Payable;
use super::status::{PartnerSettlementStatus, SettlementRefusal};
use super::transfer::Transfer;
use crate::change::{Change, Write};
use crate::id::StoreId;
use crate::money::{Currency, MoneyError, SignedAmount};
use jiff::Timestamp;
use jiff::civil::Date;

/// A partner settlement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerSettlement {
    pub platform: PlatformKey,
    pub id: PartnerSettlementId,
    pub home: StoreId,
    pub created_at: Timestamp,
    /// Counts stored changes from 1.
    pub version: u64,
    pub partner: PartnerId,
    pub kind: GroupKind,
    pub currency: Currency,
    pub settles_on: Date,
    pub status: PartnerSettlementStatus,
    pub status_at: Timestamp,
    pub memo: Option<Box<str>>,
    pub total: GroupTotal,
    /// How many transfers are inside.
    pub transfers: u64,
    /// The payout that it is in, or was in last.
    pub payout: Option<PayoutId>,
    /// The bulk payout that has selected it.
    pub bulk: Option<BulkPayoutId>,
}

impl GroupKind {
    /// The word that it is stored and filtered by.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Order(_) => "ORDER",
            Self::OrderCancel(_) => "ORDER_CANCEL",
            Self::Manual | Self::ManualAlone(_) => "MANUAL",
        }
    }
}

impl PartnerSettlement {
    pub fn key(&self) -> GroupKey {
        GroupKey {
            environment: self.platform.environment,
            settles_on: self.settles_on,
            partner: self.partner.clone(),
            kind: self.kind.clone(),
            currency: self.currency,
        }
    }

    /// What it adds to a payout, with its tax-free part: cancels count negative.
    pub fn payable_amounts(&self) -> (SignedAmount, SignedAmount) {
        let group = Group { total: self.total.clone(), transfers: Vec::new() };
        group.payable(&self.kind)
    }

    /// As far as paying it needs it.
    pub fn payable(&self) -> Payable {
        let (settlement, tax_free) = self.payable_amounts();
        Payable {
            id: self.id.clone(),
            partner: self.partner.clone(),
            currency: self.currency,
            status: self.status,
            settlement,
            tax_free,
            alone: match &self.kind {
                GroupKind::ManualAlone(transfer) => Some(transfer.clone()),
                GroupKind::Order(_) | GroupKind::OrderCancel(_) | GroupKind::Manual => None,
            },
        }
    }

    /// The change that stores what has become of a settlement that was read at this version.
    pub fn changed(mut self) -> (Self, Change) {
        let expects = Some(self.version);
        self.version = self.version.saturating_add(1);
        let write = Write::PlatformPartnerSettlement { settlement: Box::new(self.clone()), expects };
        (self, Change { writes: vec![write], ..Change::default() })
    }

    pub fn with_status(mut self, status: PartnerSettlementStatus, at: Timestamp) -> Self {
        if self.status != status {
            self.status = status;
            self.status_at = at;
        }
        self
    }

    /// An operator's change of its status. What is put back, held or excluded is in no bulk payout.
    ///
    /// # Errors
    /// Changes that section 18 does not name.
    pub fn set_by_operator(
        self,
        to: PartnerSettlementStatus,
        at: Timestamp,
    ) -> Result<(Self, Change), SettlementRefusal> {
        let status = self.status.changed_by_operator(to)?;
        let bulk = None;
        Ok(Self { bulk, ..self.with_status(status, at) }.changed())
    }

    /// Without a transfer that is deleted. `left` are the first and last start date of those that stay;
    /// `None` when none stays, and the settlement with it.
    ///
    /// # Errors
    /// A sum leaves its range, which shows that it never contained the transfer.
    pub fn without(
        mut self,
        transfer: &Transfer,
        left: Option<(Option<Date>, Option<Date>)>,
        at: Timestamp,
    ) -> Result<Change, MoneyError> {
        let mut change = match left {
            None => self.removed(),
            Some((first, last)) => {
                self.total = less(&self.total, transfer, first, last)?;
                self.transfers = self.transfers.saturating_sub(1);
                self.changed().1
            }
        };
        change.postings.extend(books::unsettled(transfer, at)?);
        Ok(change)
    }

    /// The change that removes it.
    pub fn removed(&self) -> Change {
        let write = Write::PlatformPartnerSettlementRemoved {
            platform: self.platform.clone(),
            id: self.id.clone(),
            expects: self.version,
        };
        Change { writes: vec![write], ..Change::default() }
    }
}

fn less(
    total: &GroupTotal,
    transfer: &Transfer,
    first: Option<Date>,
    last: Option<Date>,
) -> Result<GroupTotal, MoneyError> {
    use super::transfer::TransferContent as C;
    Ok(match (total, &transfer.content) {
        (GroupTotal::Amounts { amount, first_start, last_start }, C::Order(_) | C::OrderCancel(_)) => {
            let gone = transfer.amount().cloned().unwrap_or_default();
            GroupTotal::Amounts {
                amount: amount.minus(&gone)?,
                first_start: first.unwrap_or(*first_start),
                last_start: last.unwrap_or(*last_start),
            }
        }
        (GroupTotal::Manual { settlement, tax_free }, C::Manual(manual)) => GroupTotal::Manual {
            settlement: settlement.minus(manual.settlement)?,
            tax_free: tax_free.minus(manual.tax_free)?,
        },
        // A key never mixes them.
        (GroupTotal::Amounts { .. }, C::Manual(_))
        | (GroupTotal::Manual { .. }, C::Order(_) | C::OrderCancel(_)) => total.clone(),
    })
}

/// What a new settlement is given.
#[derive(Debug, Clone)]
pub struct NewSettlement {
    pub id: PartnerSettlementId,
    pub platform: PlatformKey,
    pub home: StoreId,
}

/// Lets due transfers of one key join the settlement that still waits, or begin one. `transfers` are
/// those of the group.
///
/// # Errors
/// A sum leaves its range.
pub fn join(
    key: &GroupKey,
    group: Group,
    transfers: &[&Transfer],
    waiting: Option<PartnerSettlement>,
    new: NewSettlement,
    now: Timestamp,
) -> Result<Change, MoneyError> {
    let count = u64::try_from(group.transfers.len()).unwrap_or(u64::MAX);
    let ids = group.transfers.clone();
    let (settlement, mut change) = match waiting {
        Some(waiting) => {
            let before = Group { total: waiting.total.clone(), transfers: Vec::new() };
            let total = before.joined_by(&group)?.total;
            let transfers = waiting.transfers.saturating_add(count);
            PartnerSettlement { total, transfers, ..waiting }.changed()
        }
        None => {
            let settlement = PartnerSettlement {
                platform: new.platform,
                id: new.id,
                home: new.home,
                created_at: now,
                version: 1,
                partner: key.partner.clone(),
                kind: key.kind.clone(),
                currency: key.currency,
                settles_on: key.settles_on,
                status: PartnerSettlementStatus::Prepared,
                status_at: now,
                memo: None,
                total: group.total,
                transfers: count,
                payout: None,
                bulk: None,
            };
            let write =
                Write::PlatformPartnerSettlement { settlement: Box::new(settlement.clone()), expects: None };
            (settlement, Change { writes: vec![write], ..Change::default() })
        }
    };
    change.writes.extend(ids.into_iter().map(|transfer| Write::PlatformTransferJoined {
        platform: settlement.platform.clone(),
        transfer,
        settlement: settlement.id.clone(),
    }));
    for transfer in transfers {
        change.postings.extend(books::settled(transfer, now)?);
    }
    Ok(change)
}
