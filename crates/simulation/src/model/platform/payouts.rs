//! What may be true of payouts: a settlement is paid by one at most, its amount is the settlements less what is
//! withheld, two people let it happen, and what has ended stays so.

use super::settlements::owed;
use super::{Market, Moment, SeenMarket, broken, sum};
use crate::ground::Finding;
use paypier_domain::money::Currency;
use paypier_domain::settlement::bulk::PayoutMethod;
use paypier_domain::settlement::partner_settlement::PartnerSettlement;
use paypier_domain::settlement::paying::{BulkPayout, Payout};
use paypier_domain::settlement::payout::{PartnerType, Taxation};
use paypier_domain::settlement::setting::{AmountType, Withholding};
use paypier_domain::settlement::status::{BulkPayoutStatus, PayoutStatus};
use std::collections::BTreeMap;

/// Whether a payout holds its settlements: nobody else may pay them.
const fn holds(status: PayoutStatus) -> bool {
    !matches!(status, PayoutStatus::Failed | PayoutStatus::Cancelled)
}

impl Market {
    pub(super) fn payouts_fit(&mut self, seen: &SeenMarket, moment: Moment) -> Result<(), Finding> {
        let mut inside: BTreeMap<&str, Vec<&PartnerSettlement>> = BTreeMap::new();
        for settlement in &seen.settlements {
            if let Some(payout) = &settlement.payout {
                inside.entry(payout.as_str()).or_default().push(settlement);
                let ever = self.seen.inside.entry(payout.to_string()).or_default();
                ever.insert(settlement.id.to_string());
            }
        }
        for payout in &seen.payouts {
            self.stays_as_it_ended(payout)?;
            if holds(payout.status) {
                let settlements = inside.get(payout.id.as_str()).map(Vec::as_slice).unwrap_or_default();
                is_its_settlements(payout, settlements)?;
            }
            let is_under_way = matches!(
                payout.status,
                PayoutStatus::Scheduled | PayoutStatus::Prepared | PayoutStatus::Processing
            );
            if is_under_way && moment == Moment::AtRest {
                let what = format!("payout {} is {}", payout.id, payout.status);
                return broken("in calm no remittance is left open", what);
            }
        }
        self.paid_by_one(seen)?;
        for bulk in &seen.bulks {
            self.bulk_fits(bulk, seen, moment)?;
        }
        for told in &self.told.succeeded {
            let found = seen.payouts.iter().find(|payout| payout.id.as_str() == told);
            if found.map(|payout| payout.status) != Some(PayoutStatus::Succeeded) {
                let what = format!("{told} is {:?}", found.map(|payout| payout.status));
                return broken("a payout that was told succeeded stays so", what);
            }
        }
        Ok(())
    }

    fn stays_as_it_ended(&mut self, payout: &Payout) -> Result<(), Finding> {
        let now = (payout.status, payout.amounts);
        let Some(before) = self.seen.payouts.insert(payout.id.to_string(), now) else { return Ok(()) };
        let may_follow = match before.0 {
            PayoutStatus::Succeeded | PayoutStatus::Cancelled => payout.status == before.0,
            // Given up, or as it is; it is tried again by another payout.
            PayoutStatus::Failed => matches!(payout.status, PayoutStatus::Failed | PayoutStatus::Cancelled),
            // The bank was asked: it can only have ended since.
            PayoutStatus::Processing => !matches!(
                payout.status,
                PayoutStatus::Confirmed
                    | PayoutStatus::Scheduled
                    | PayoutStatus::Prepared
                    | PayoutStatus::Stopped
            ),
            PayoutStatus::Confirmed
            | PayoutStatus::Scheduled
            | PayoutStatus::Prepared
            | PayoutStatus::Stopped => true,
        };
        if !may_follow || before.1 != payout.amounts {
            return broken("a payout stays as it ended", format!("{}: {before:?}, then {now:?}", payout.id));
        }
        Ok(())
    }

    /// Over all payouts that a settlement was ever in.
    fn paid_by_one(&self, seen: &SeenMarket) -> Result<(), Finding> {
        let mut by: BTreeMap<&str, &str> = BTreeMap::new();
        for payout in seen.payouts.iter().filter(|payout| payout.status == PayoutStatus::Succeeded) {
            for settlement in self.seen.inside.get(payout.id.as_str()).into_iter().flatten() {
                if let Some(other) = by.insert(settlement, payout.id.as_str()) {
                    let what = format!("{settlement} by {other} and {}", payout.id);
                    return broken("a settlement is paid once at most", what);
                }
            }
        }
        Ok(())
    }

    fn bulk_fits(&mut self, bulk: &BulkPayout, seen: &SeenMarket, moment: Moment) -> Result<(), Finding> {
        if bulk.approved_by.as_ref() == Some(&bulk.created_by) {
            return broken("two people let money leave", bulk.id.to_string());
        }
        let of_it = || seen.payouts.iter().filter(|payout| payout.bulk == bulk.id);
        let has_left = of_it().any(|payout| payout.status == PayoutStatus::Succeeded);
        // Whoever says that it was paid outside answers for it alone.
        let is_recorded = bulk.method == PayoutMethod::Direct;
        if has_left && bulk.approved_by.is_none() && !is_recorded {
            return broken("two people let money leave", format!("nobody has approved {}", bulk.id));
        }
        let before = self.seen.bulks.insert(bulk.id.to_string(), bulk.status);
        if let Some(before @ (BulkPayoutStatus::Completed | BulkPayoutStatus::Cancelled)) = before
            && before != bulk.status
        {
            return broken(
                "a bulk payout stays as it ended",
                format!("{}: {before}, {}", bulk.id, bulk.status),
            );
        }
        let is_open = matches!(bulk.status, BulkPayoutStatus::Ongoing | BulkPayoutStatus::PostProcessPending);
        if is_open && (moment == Moment::AtRest) {
            return broken("in calm no remittance is left open", format!("{} is {}", bulk.id, bulk.status));
        }
        if bulk.status == BulkPayoutStatus::Completed
            && let Some(open) = of_it().find(|payout| !payout.status.has_ended())
        {
            let what = format!("{} of {} is {}", open.id, bulk.id, open.status);
            return broken("a bulk payout is complete when its payouts have ended", what);
        }
        Ok(())
    }
}

/// The sum of what is inside, the taxes that are withheld, and the VAT on top, as docs/settlement.md says.
fn is_its_settlements(payout: &Payout, inside: &[&PartnerSettlement]) -> Result<(), Finding> {
    let amounts = &payout.amounts;
    let settlement = sum(inside.iter().map(|one| owed(one)));
    let tax_free = sum(inside.iter().map(|one| one.payable_amounts().1.minor_units()));
    let is_withheld = payout.terms.partner == PartnerType::WhtPayer
        && payout.terms.withholding == Withholding::Deducted
        && payout.terms.currency == Currency::KRW;
    let in_tens = |units: i128| units.saturating_sub(units.rem_euclid(10));
    let part = |units: i128, of: i128| units.checked_div(of).unwrap_or(0);
    let income = if is_withheld { in_tens(part(settlement.saturating_mul(3), 100)) } else { 0 };
    let local = in_tens(part(income, 10));
    let is_taxed = match payout.terms.partner {
        PartnerType::Business(taxation) => taxation != Taxation::TaxFree,
        PartnerType::WhtPayer | PartnerType::NonWhtPayer => false,
    };
    let on_top = if is_taxed && payout.terms.amount_type == AmountType::Net {
        part(settlement.saturating_sub(tax_free), 10)
    } else {
        0
    };
    let arrives = settlement.saturating_add(on_top).saturating_sub(income).saturating_sub(local);
    let found = [amounts.settlement, amounts.income_tax, amounts.local_income_tax, amounts.amount]
        .map(|amount| i128::from(amount.minor_units()));
    let is_partners = inside.iter().all(|one| one.partner == payout.partner);
    if found != [settlement, income, local, arrives] || !is_partners {
        let expected = [settlement, income, local, arrives];
        let what = format!("{}: {found:?} and not {expected:?}", payout.id);
        return broken("what a partner is paid is what was settled less what is withheld", what);
    }
    Ok(())
}
