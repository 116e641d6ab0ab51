//! Deleting transfers and partner settlements (v2-platform, sections 13 and 18).

use super::id::{PartnerSettlementId, TransferId};
use super::status::{PartnerSettlementStatus, TransferStatus};
use std::collections::BTreeSet;

/// What a transfer is, as far as deleting it asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeletedKind {
    Order {
        /// Order cancels that exist.
        cancels: usize,
    },
    OrderCancel,
    Manual,
}

/// Why a transfer is not deleted, in the order of the checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransferDeleteRefusal {
    #[error("a transfer that is {status} cannot be deleted")]
    NonDeletableStatus { status: TransferStatus },
    #[error("{0} order cancels refer to the transfer; delete them first")]
    CancelsExist(usize),
}

/// Decides whether a transfer may be deleted. A settled one may as long as its partner settlement may,
/// which loses it then.
///
/// # Errors
/// See [`TransferDeleteRefusal`].
pub const fn transfer(
    kind: DeletedKind,
    status: TransferStatus,
    settlement: Option<PartnerSettlementStatus>,
) -> Result<(), TransferDeleteRefusal> {
    let deletable = match (status, settlement) {
        (TransferStatus::Scheduled | TransferStatus::InProcess, _) => true,
        // Due today, and not yet added up.
        (TransferStatus::Settled, None) => true,
        (TransferStatus::Settled, Some(settlement)) => settlement.is_deletable(),
        (TransferStatus::PayoutConfirmed | TransferStatus::InPayout | TransferStatus::PaidOut, _) => false,
    };
    match kind {
        _ if !deletable => Err(TransferDeleteRefusal::NonDeletableStatus { status }),
        DeletedKind::Order { cancels } if cancels > 0 => Err(TransferDeleteRefusal::CancelsExist(cancels)),
        DeletedKind::Order { .. } | DeletedKind::OrderCancel | DeletedKind::Manual => Ok(()),
    }
}

/// A partner settlement that is asked to be deleted, with the transfers inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletedSettlement {
    pub id: PartnerSettlementId,
    pub status: PartnerSettlementStatus,
    pub transfers: Vec<DeletedTransfer>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletedTransfer {
    pub id: TransferId,
    /// The order cancels that refer to it, wherever they are.
    pub cancels: Vec<TransferId>,
}

/// Why partner settlements are not deleted, in the order of the checks; all offenders are named.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettlementDeleteRefusal {
    /// `INVALID_REQUEST`.
    #[error("no partner settlement is named")]
    Nothing,
    #[error("{} partner settlements do not exist", .0.len())]
    NotFound(Vec<PartnerSettlementId>),
    #[error("{} partner settlements are being paid or were paid", .0.len())]
    NonDeletable(Vec<PartnerSettlementId>),
    #[error("{} partner settlements contain orders whose cancels would stay", .0.len())]
    ReferencedCancelsExist(Vec<PartnerSettlementId>),
}

/// Decides whether partner settlements may be deleted with their transfers: all of them or none.
///
/// # Errors
/// See [`SettlementDeleteRefusal`]; the first rule that is broken, in its order.
pub fn partner_settlements(
    asked: &[PartnerSettlementId],
    found: &[DeletedSettlement],
) -> Result<(), SettlementDeleteRefusal> {
    if asked.is_empty() {
        return Err(SettlementDeleteRefusal::Nothing);
    }
    let known: BTreeSet<&PartnerSettlementId> = found.iter().map(|settlement| &settlement.id).collect();
    let missing: Vec<_> = asked.iter().filter(|id| !known.contains(id)).cloned().collect();
    if !missing.is_empty() {
        return Err(SettlementDeleteRefusal::NotFound(missing));
    }
    let of = |offends: &dyn Fn(&DeletedSettlement) -> bool| -> Vec<PartnerSettlementId> {
        found
            .iter()
            .filter(|settlement| offends(settlement))
            .map(|settlement| settlement.id.clone())
            .collect()
    };
    let non_deletable = of(&|settlement| !settlement.status.is_deletable());
    if !non_deletable.is_empty() {
        return Err(SettlementDeleteRefusal::NonDeletable(non_deletable));
    }
    let deleted: BTreeSet<&TransferId> =
        found.iter().flat_map(|settlement| &settlement.transfers).map(|transfer| &transfer.id).collect();
    let left_behind = of(&|settlement| {
        let mut cancels = settlement.transfers.iter().flat_map(|transfer| &transfer.cancels);
        cancels.any(|cancel| !deleted.contains(cancel))
    });
    if left_behind.is_empty() {
        Ok(())
    } else {
        Err(SettlementDeleteRefusal::ReferencedCancelsExist(left_behind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transfer_is_deletable_until_it_is_being_paid() {
        use PartnerSettlementStatus as S;
        use TransferStatus as T;
        let order = DeletedKind::Order { cancels: 0 };
        for (status, settlement, deletable) in [
            (T::Scheduled, None, true),
            (T::InProcess, None, true),
            (T::Settled, None, true),
            (T::Settled, Some(S::Prepared), true),
            (T::Settled, Some(S::Withheld), true),
            (T::Settled, Some(S::Cancelled), true),
            (T::Settled, Some(S::Excluded), true),
            (T::Settled, Some(S::Failed), false),
            (T::PayoutConfirmed, Some(S::Confirmed), false),
            (T::InPayout, Some(S::Scheduled), false),
            (T::InPayout, Some(S::InPayout), false),
            (T::PaidOut, Some(S::PaidOut), false),
        ] {
            let expected =
                if deletable { Ok(()) } else { Err(TransferDeleteRefusal::NonDeletableStatus { status }) };
            assert_eq!(transfer(order, status, settlement), expected, "{status} {settlement:?}");
            assert_eq!(transfer(DeletedKind::Manual, status, settlement), expected);
        }
        let cancelled = DeletedKind::Order { cancels: 2 };
        assert_eq!(transfer(cancelled, T::InProcess, None), Err(TransferDeleteRefusal::CancelsExist(2)));
        let status = T::PaidOut;
        let paid = transfer(cancelled, status, Some(S::PaidOut));
        assert_eq!(paid, Err(TransferDeleteRefusal::NonDeletableStatus { status }));
    }

    fn settlement(
        id: &str,
        status: PartnerSettlementStatus,
        transfers: &[(&str, &[&str])],
    ) -> DeletedSettlement {
        DeletedSettlement {
            id: PartnerSettlementId::known(id),
            status,
            transfers: transfers
                .iter()
                .map(|(id, cancels)| DeletedTransfer {
                    id: TransferId::known(*id),
                    cancels: cancels.iter().map(|id| TransferId::known(*id)).collect(),
                })
                .collect(),
        }
    }

    #[test]
    fn settlements_are_deleted_together_or_not_at_all() {
        use PartnerSettlementStatus as S;
        use SettlementDeleteRefusal as R;
        let ids = |ids: &[&str]| -> Vec<PartnerSettlementId> {
            ids.iter().map(|id| PartnerSettlementId::known(*id)).collect()
        };
        let order = settlement("s1", S::Prepared, &[("t1", &["t9"])]);
        let cancel = settlement("s2", S::Withheld, &[("t9", &[])]);
        let paid = settlement("s3", S::PaidOut, &[("t3", &["t9"])]);
        let failed = settlement("s4", S::Failed, &[]);
        for (asked, found, expected) in [
            (ids(&[]), vec![], Err(R::Nothing)),
            (ids(&["s1", "x", "y"]), vec![order.clone()], Err(R::NotFound(ids(&["x", "y"])))),
            (
                ids(&["s1", "s3", "s4"]),
                vec![order.clone(), paid, failed],
                Err(R::NonDeletable(ids(&["s3", "s4"]))),
            ),
            (ids(&["s1"]), vec![order.clone()], Err(R::ReferencedCancelsExist(ids(&["s1"])))),
            (ids(&["s1", "s2"]), vec![order, cancel.clone()], Ok(())),
            (ids(&["s2", "s2"]), vec![cancel], Ok(())),
        ] {
            assert_eq!(partner_settlements(&asked, &found), expected, "{asked:?}");
        }
    }
}
