//! What may be true of partner settlements: each transfer is in one, each is the sum of its transfers, and one
//! that was paid stays as it was.

use super::{Market, Moment, SeenMarket, broken};
use crate::ground::Finding;
use paypier_domain::settlement::group::GroupKind;
use paypier_domain::settlement::partner_settlement::PartnerSettlement;
use paypier_domain::settlement::status::PartnerSettlementStatus;
use paypier_domain::settlement::transfer::{Transfer, TransferContent};
use std::collections::BTreeMap;

/// What a transfer adds to what its partner is owed, minor units.
pub(super) fn worth(transfer: &Transfer) -> i64 {
    match &transfer.content {
        TransferContent::Order(order) => order.calculation.amount.settlement.minor_units(),
        TransferContent::OrderCancel(cancel) => {
            cancel.calculation.amount.settlement.minor_units().saturating_neg()
        }
        TransferContent::Manual(manual) => manual.settlement.minor_units(),
    }
}

/// What a settlement adds to a payout, minor units.
pub(super) fn owed(settlement: &PartnerSettlement) -> i64 {
    settlement.payable_amounts().0.minor_units()
}

fn is_of_kind(settlement: &PartnerSettlement, transfer: &Transfer) -> bool {
    match (&settlement.kind, &transfer.content) {
        (GroupKind::Order(contract), TransferContent::Order(order)) => order.contract.id == *contract,
        (GroupKind::OrderCancel(contract), TransferContent::OrderCancel(cancel)) => {
            cancel.contract.id == *contract
        }
        (GroupKind::Manual, TransferContent::Manual(_)) => true,
        (GroupKind::ManualAlone(alone), TransferContent::Manual(_)) => transfer.id == *alone,
        (
            GroupKind::Order(_) | GroupKind::OrderCancel(_) | GroupKind::Manual | GroupKind::ManualAlone(_),
            TransferContent::Order(_) | TransferContent::OrderCancel(_) | TransferContent::Manual(_),
        ) => false,
    }
}

impl Market {
    pub(super) fn settlements_fit(&mut self, seen: &SeenMarket, moment: Moment) -> Result<(), Finding> {
        let mut inside: BTreeMap<&str, Vec<&Transfer>> = BTreeMap::new();
        for transfer in &seen.transfers {
            match &transfer.settlement {
                Some(joined) => inside.entry(joined.id.as_str()).or_default().push(transfer),
                None => has_time(transfer, seen, moment)?,
            }
        }
        for settlement in &seen.settlements {
            let id = settlement.id.as_str();
            self.seen.partners.insert(id.to_owned(), settlement.partner.to_string());
            let transfers = inside.remove(id).unwrap_or_default();
            adds_up(settlement, &transfers)?;
            self.paid_stays_paid(settlement)?;
        }
        if let Some((gone, transfers)) = inside.into_iter().next() {
            let what = format!("{gone}, of {} transfers, is not there", transfers.len());
            return broken("a settlement that was joined is there", what);
        }
        self.recorded_is_paid(seen)
    }

    fn paid_stays_paid(&mut self, settlement: &PartnerSettlement) -> Result<(), Finding> {
        let id = settlement.id.as_str();
        let now = (settlement.status == PartnerSettlementStatus::PaidOut).then(|| {
            let payout = settlement.payout.as_ref().map(ToString::to_string).unwrap_or_default();
            (payout, owed(settlement))
        });
        match (self.seen.paid.get(id), now) {
            (Some(before), now) if now.as_ref() != Some(before) => {
                let what = format!("{id}: {before:?}, and then {now:?} ({})", settlement.status);
                broken("a settlement is paid once and stays so", what)
            }
            (None, Some(now)) => {
                self.seen.paid.insert(id.to_owned(), now);
                Ok(())
            }
            (Some(_), _) | (None, None) => Ok(()),
        }
    }

    /// What somebody was told is recorded as paid outside.
    fn recorded_is_paid(&self, seen: &SeenMarket) -> Result<(), Finding> {
        for (bulk, settlements) in &self.told.completed {
            for id in settlements {
                let found = seen.settlements.iter().find(|one| one.id.as_str() == id);
                let is_paid = found.is_some_and(|one| {
                    one.status == PartnerSettlementStatus::PaidOut
                        && one.bulk.as_ref().is_some_and(|of| of.as_str() == bulk)
                });
                if !is_paid {
                    let what = format!("{id} in {bulk}: {:?}", found.map(|one| (one.status, &one.bulk)));
                    return broken("what was recorded as paid stays so", what);
                }
            }
        }
        Ok(())
    }
}

/// At rest, what is due has been added up: a clock that jumped brought the day.
fn has_time(transfer: &Transfer, seen: &SeenMarket, moment: Moment) -> Result<(), Finding> {
    let has_begun = transfer.starts_on().is_none_or(|day| day <= seen.today);
    if moment == Moment::AtRest && has_begun && transfer.settles_on <= seen.today {
        let what = format!("{} of {}, and it is {}", transfer.id, transfer.settles_on, seen.today);
        return broken("what is due is added up", what);
    }
    Ok(())
}

fn adds_up(settlement: &PartnerSettlement, transfers: &[&Transfer]) -> Result<(), Finding> {
    let units = super::sum(transfers.iter().map(|transfer| worth(transfer)));
    let belongs = |transfer: &&&Transfer| {
        transfer.partner == settlement.partner
            && transfer.settles_on == settlement.settles_on
            && transfer.currency == settlement.currency
            && is_of_kind(settlement, transfer)
    };
    let is_whole = u64::try_from(transfers.len()).is_ok_and(|count| count == settlement.transfers);
    if units != i128::from(owed(settlement)) || !is_whole || !transfers.iter().all(|one| belongs(&one)) {
        let inside: Vec<_> = transfers.iter().map(|one| (one.id.as_str(), worth(one))).collect();
        let what = format!("{} is {} of {inside:?}", settlement.id, owed(settlement));
        return broken("a settlement is the sum of its transfers", what);
    }
    Ok(())
}
