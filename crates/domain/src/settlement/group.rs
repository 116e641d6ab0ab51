//! Adding settled transfers up to partner settlements (v2-platform, section 18).

use super::amount::SettlementAmount;
use super::id::{ContractId, PartnerId, PartnerSettlementId, TransferId};
use super::setting::ManualSettlement;
use super::status::PartnerSettlementStatus;
use crate::channel::Environment;
use crate::money::{Currency, MoneyError, SignedAmount};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// A transfer that is due, as far as adding it up needs it.
#[derive(Debug, Clone)]
pub struct DueTransfer<'a> {
    pub id: TransferId,
    pub partner: PartnerId,
    pub environment: Environment,
    pub currency: Currency,
    pub settles_on: Date,
    pub content: DueContent<'a>,
}

#[derive(Debug, Clone)]
pub enum DueContent<'a> {
    Order { contract: ContractId, starts_on: Date, amount: &'a SettlementAmount },
    OrderCancel { contract: ContractId, starts_on: Date, amount: &'a SettlementAmount },
    Manual { settlement: SignedAmount, tax_free: SignedAmount },
}

/// What transfers must have in common to be one partner settlement. A contract is its id: its
/// versions do not divide.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupKey {
    pub environment: Environment,
    pub settles_on: Date,
    pub partner: PartnerId,
    pub kind: GroupKind,
    pub currency: Currency,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GroupKind {
    Order(ContractId),
    OrderCancel(ContractId),
    Manual,
    /// A manual transfer that is settled and paid by itself.
    ManualAlone(TransferId),
}

/// Transfers of one key, added up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub total: GroupTotal,
    pub transfers: Vec<TransferId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupTotal {
    /// Member by member; of cancels positive, as each cancel is.
    Amounts {
        amount: SettlementAmount,
        first_start: Date,
        last_start: Date,
    },
    Manual {
        settlement: SignedAmount,
        tax_free: SignedAmount,
    },
}

impl GroupKey {
    pub fn of(transfer: &DueTransfer<'_>, manual: ManualSettlement) -> Self {
        let kind = match &transfer.content {
            DueContent::Order { contract, .. } => GroupKind::Order(contract.clone()),
            DueContent::OrderCancel { contract, .. } => GroupKind::OrderCancel(contract.clone()),
            DueContent::Manual { .. } => match manual {
                ManualSettlement::Together => GroupKind::Manual,
                ManualSettlement::Each => GroupKind::ManualAlone(transfer.id.clone()),
            },
        };
        Self {
            environment: transfer.environment,
            settles_on: transfer.settles_on,
            partner: transfer.partner.clone(),
            kind,
            currency: transfer.currency,
        }
    }

    /// The partner settlement that a late transfer joins: the first that still waits to be paid. None:
    /// it begins one of its own. `existing` are the settlements of this key, oldest first.
    pub fn joins<'a>(
        &self,
        existing: impl IntoIterator<Item = (&'a PartnerSettlementId, PartnerSettlementStatus)>,
    ) -> Option<&'a PartnerSettlementId> {
        existing
            .into_iter()
            .find(|(_, status)| matches!(status, PartnerSettlementStatus::Prepared))
            .map(|(id, _)| id)
    }
}

impl GroupTotal {
    fn of(content: &DueContent<'_>) -> Self {
        match content {
            DueContent::Order { starts_on, amount, .. }
            | DueContent::OrderCancel { starts_on, amount, .. } => {
                Self::Amounts { amount: (*amount).clone(), first_start: *starts_on, last_start: *starts_on }
            }
            DueContent::Manual { settlement, tax_free } => {
                Self::Manual { settlement: *settlement, tax_free: *tax_free }
            }
        }
    }

    /// Both of one kind; a key never mixes them, and nothing is added if one did.
    fn plus(&self, other: &Self) -> Result<Self, MoneyError> {
        Ok(match (self, other) {
            (
                Self::Amounts { amount, first_start, last_start },
                Self::Amounts { amount: more, first_start: first, last_start: last },
            ) => Self::Amounts {
                amount: amount.plus(more)?,
                first_start: *first_start.min(first),
                last_start: *last_start.max(last),
            },
            (Self::Manual { settlement, tax_free }, Self::Manual { settlement: more, tax_free: free }) => {
                Self::Manual { settlement: settlement.plus(*more)?, tax_free: tax_free.plus(*free)? }
            }
            (Self::Amounts { .. }, Self::Manual { .. }) | (Self::Manual { .. }, Self::Amounts { .. }) => {
                self.clone()
            }
        })
    }
}

impl Group {
    fn of(transfer: &DueTransfer<'_>) -> Self {
        Self { total: GroupTotal::of(&transfer.content), transfers: vec![transfer.id.clone()] }
    }

    /// # Errors
    /// A sum leaves its range.
    pub fn joined_by(mut self, other: &Self) -> Result<Self, MoneyError> {
        self.total = self.total.plus(&other.total)?;
        self.transfers.extend(other.transfers.iter().cloned());
        Ok(self)
    }

    /// What this adds to a payout: cancels count negative here, and only here.
    pub fn payable(&self, kind: &GroupKind) -> (SignedAmount, SignedAmount) {
        match (&self.total, kind) {
            (GroupTotal::Amounts { amount, .. }, GroupKind::OrderCancel(_)) => {
                (amount.settlement.negated(), amount.settlement_tax_free.negated())
            }
            (
                GroupTotal::Amounts { amount, .. },
                GroupKind::Order(_) | GroupKind::Manual | GroupKind::ManualAlone(_),
            ) => (amount.settlement, amount.settlement_tax_free),
            (GroupTotal::Manual { settlement, tax_free }, _) => (*settlement, *tax_free),
        }
    }
}

/// Adds transfers up to partner settlements, ordered by environment, day, partner and kind. Each
/// transfer is in exactly one of them.
///
/// # Errors
/// A sum leaves its range.
pub fn partner_settlements<'a>(
    transfers: impl IntoIterator<Item = DueTransfer<'a>>,
    manual: ManualSettlement,
) -> Result<BTreeMap<GroupKey, Group>, MoneyError> {
    let mut groups: BTreeMap<GroupKey, Group> = BTreeMap::new();
    for transfer in transfers {
        match groups.entry(GroupKey::of(&transfer, manual)) {
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(Group::of(&transfer));
            }
            std::collections::btree_map::Entry::Occupied(mut place) => {
                let group = place.get_mut();
                group.total = group.total.plus(&GroupTotal::of(&transfer.content))?;
                group.transfers.push(transfer.id);
            }
        }
    }
    Ok(groups)
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::type_complexity, reason = "tests")]
mod tests {
    use super::super::calculator::Calculator;
    use super::super::order::calculate;
    use super::super::testing::{contract, order, rate};
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn amounts(units: i64) -> SettlementAmount {
        calculate(&order(units), &contract(rate(10_000)), &Calculator::default()).unwrap().amount
    }

    fn due<'a>(id: usize, partner: u8, day: i8, content: DueContent<'a>) -> DueTransfer<'a> {
        DueTransfer {
            id: TransferId::known(format!("t{id}")),
            partner: PartnerId::known(format!("p{partner}")),
            environment: Environment::Live,
            currency: Currency::KRW,
            settles_on: date(2024, 10, day),
            content,
        }
    }

    fn won(units: i64) -> SignedAmount {
        SignedAmount::new(units).unwrap()
    }

    #[test]
    fn what_differs_in_its_key_is_settled_apart() {
        let amount = amounts(10_000);
        let content = |contract: &str, starts_on| DueContent::Order {
            contract: ContractId::known(contract),
            starts_on: date(2024, 9, starts_on),
            amount: &amount,
        };
        let manual = |units| DueContent::Manual { settlement: won(units), tax_free: won(0) };
        let cancel = DueContent::OrderCancel {
            contract: ContractId::known("a"),
            starts_on: date(2024, 9, 5),
            amount: &amount,
        };
        let mut transfers = vec![
            due(1, 1, 1, content("a", 3)),
            due(2, 1, 1, content("a", 1)),
            due(3, 1, 1, content("b", 1)),
            due(4, 1, 2, content("a", 1)),
            due(5, 2, 1, content("a", 1)),
            due(6, 1, 1, cancel),
            due(7, 1, 1, manual(500)),
            due(8, 1, 1, manual(-700)),
            due(9, 1, 1, content("a", 1)),
            due(10, 1, 1, content("a", 1)),
        ];
        transfers[8].currency = Currency::USD;
        transfers[9].environment = Environment::Test;
        let groups = partner_settlements(transfers.clone(), ManualSettlement::Together).unwrap();
        let ids: Vec<Vec<&str>> =
            groups.values().map(|group| group.transfers.iter().map(TransferId::as_str).collect()).collect();
        // Test before live, then by day, partner, kind and currency.
        let expected: Vec<Vec<&str>> = vec![
            vec!["t10"],
            vec!["t1", "t2"],
            vec!["t9"],
            vec!["t3"],
            vec!["t6"],
            vec!["t7", "t8"],
            vec!["t5"],
            vec!["t4"],
        ];
        assert_eq!(ids, expected);
        let both = groups.values().nth(1).unwrap();
        let GroupTotal::Amounts { amount: total, first_start, last_start } = &both.total else {
            panic!("{both:?}")
        };
        assert_eq!(
            (total.settlement, *first_start, *last_start),
            (won(17_800), date(2024, 9, 1), date(2024, 9, 3))
        );
        let payable: Vec<i64> =
            groups.iter().map(|(key, group)| group.payable(&key.kind).0.minor_units()).collect();
        assert_eq!(payable, [8_900, 17_800, 8_900, 8_900, -8_900, -200, 8_900, 8_900]);

        let each = partner_settlements(transfers, ManualSettlement::Each).unwrap();
        assert_eq!(each.len(), groups.len() + 1);
    }

    #[test]
    fn a_late_transfer_joins_the_first_that_still_waits() {
        let amount = amounts(1_000);
        let content = DueContent::Order {
            contract: ContractId::known("a"),
            starts_on: date(2024, 9, 1),
            amount: &amount,
        };
        let key = GroupKey::of(&due(1, 1, 1, content), ManualSettlement::Together);
        let ids = ["s1", "s2", "s3"].map(PartnerSettlementId::known);
        use PartnerSettlementStatus as S;
        let existing = |statuses: [S; 3]| ids.iter().zip(statuses);
        assert_eq!(key.joins(existing([S::PaidOut, S::Prepared, S::Prepared])), Some(&ids[1]));
        assert_eq!(key.joins(existing([S::PaidOut, S::Withheld, S::Failed])), None);
    }

    proptest! {
        #[test]
        fn every_transfer_is_settled_once_and_no_won_is_lost(
            rows in prop::collection::vec((0u8..4, 1i8..4, 0i64..1_000_000, 0u8..3, 1i8..9), 0..60), each in any::<bool>(),
        ) {
            let amounts: Vec<SettlementAmount> = rows.iter().map(|row| amounts(row.2)).collect();
            let transfers: Vec<DueTransfer<'_>> = rows
                .iter()
                .zip(&amounts)
                .enumerate()
                .map(|(id, ((partner, day, units, kind, start), amount))| {
                    let (contract, starts_on) = (ContractId::known("c"), date(2024, 9, *start));
                    due(id, *partner, *day, match kind {
                        0 => DueContent::Order { contract, starts_on, amount },
                        1 => DueContent::OrderCancel { contract, starts_on, amount },
                        _ => DueContent::Manual { settlement: won(units - 500_000), tax_free: won(0) },
                    })
                })
                .collect();
            let manual = if each { ManualSettlement::Each } else { ManualSettlement::Together };
            let groups = partner_settlements(transfers.clone(), manual).unwrap();
            let mut seen: Vec<&TransferId> = groups.values().flat_map(|group| &group.transfers).collect();
            seen.sort();
            let mut all: Vec<&TransferId> = transfers.iter().map(|transfer| &transfer.id).collect();
            all.sort();
            prop_assert_eq!(seen, all);
            let payable = |groups: &BTreeMap<GroupKey, Group>| -> i64 {
                groups.iter().map(|(key, group)| group.payable(&key.kind).0.minor_units()).sum()
            };
            let expected: i64 = transfers.iter().map(|transfer| match &transfer.content {
                DueContent::Order { amount, .. } => amount.settlement.minor_units(),
                DueContent::OrderCancel { amount, .. } => -amount.settlement.minor_units(),
                DueContent::Manual { settlement, .. } => settlement.minor_units(),
            }).sum();
            prop_assert_eq!(payable(&groups), expected);

            // Settling in two runs is settling in one.
            let half = transfers.len() / 2;
            let mut merged = partner_settlements(transfers[..half].to_vec(), manual).unwrap();
            for (key, group) in partner_settlements(transfers[half..].to_vec(), manual).unwrap() {
                let joined = match merged.remove(&key) {
                    Some(earlier) => earlier.joined_by(&group).unwrap(),
                    None => group,
                };
                merged.insert(key, joined);
            }
            prop_assert_eq!(merged, groups);
        }
    }
}
