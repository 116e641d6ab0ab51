//! What the earlier cancels of an order took, added up.

use crate::money::{MoneyError, SignedAmount};
use crate::settlement::amount::SettlementAmount;
use crate::settlement::order::{Calculation, DiscountCalculation, FeeCalculation, LineCalculation, sum};

/// What earlier cancels took, in the shape of the order.
pub(super) struct Taken {
    pub amount: SettlementAmount,
    pub discounts: Vec<DiscountCalculation>,
    pub fees: Vec<FeeCalculation>,
    pub lines: Vec<LineTaken>,
    pub cancels: usize,
}

pub(super) struct LineTaken {
    pub quantity: u32,
    pub amount: SettlementAmount,
    pub discounts: Vec<DiscountCalculation>,
    pub fees: Vec<FeeCalculation>,
}

impl Taken {
    pub(super) fn by(original: &Calculation, earlier: &[&Calculation]) -> Result<Self, MoneyError> {
        let mut amount = SettlementAmount::default();
        for cancel in earlier {
            amount = amount.plus(&cancel.amount)?;
        }
        let lines = original
            .lines
            .iter()
            .map(|line| {
                let cancelled: Vec<&LineCalculation> = earlier
                    .iter()
                    .flat_map(|cancel| &cancel.lines)
                    .filter(|cancelled| cancelled.product.id == line.product.id)
                    .collect();
                let mut amount = SettlementAmount::default();
                for part in &cancelled {
                    amount = amount.plus(&part.amount)?;
                }
                Ok(LineTaken {
                    quantity: cancelled.iter().fold(0, |sum, part| part.quantity.saturating_add(sum)),
                    amount,
                    discounts: discounts_taken(
                        &line.discounts,
                        cancelled.iter().map(|part| &part.discounts),
                    )?,
                    fees: fees_taken(
                        &line.additional_fees,
                        cancelled.iter().map(|part| &part.additional_fees),
                    )?,
                })
            })
            .collect::<Result<_, MoneyError>>()?;
        Ok(Self {
            amount,
            discounts: discounts_taken(&original.discounts, earlier.iter().map(|cancel| &cancel.discounts))?,
            fees: fees_taken(
                &original.additional_fees,
                earlier.iter().map(|cancel| &cancel.additional_fees),
            )?,
            lines,
            cancels: earlier.len(),
        })
    }

    /// An order of nothing is cancelled by its first cancel.
    pub(super) fn is_all(&self, original: &Calculation) -> bool {
        if original.lines.is_empty() {
            self.amount.order >= original.amount.order
                && (self.cancels > 0 || !original.amount.order.is_zero())
        } else {
            original.lines.iter().zip(&self.lines).all(|(line, taken)| taken.quantity >= line.quantity)
        }
    }
}

fn discounts_taken<'a>(
    original: &[DiscountCalculation],
    earlier: impl Iterator<Item = &'a Vec<DiscountCalculation>> + Clone,
) -> Result<Vec<DiscountCalculation>, MoneyError> {
    original
        .iter()
        .map(|of| {
            let parts = earlier.clone().flatten().filter(|part| part.policy == of.policy);
            Ok(DiscountCalculation {
                policy: of.policy.clone(),
                amount: sum(parts.clone().map(|part| part.amount))?,
                tax_free: sum(parts.clone().map(|part| part.tax_free))?,
                share: SignedAmount::sum(parts.clone().map(|part| part.share))?,
                share_tax_free: SignedAmount::sum(parts.map(|part| part.share_tax_free))?,
            })
        })
        .collect()
}

/// A policy may charge twice in one list; a cancel lists every fee of the place, in the same order.
fn fees_taken<'a>(
    original: &[FeeCalculation],
    earlier: impl Iterator<Item = &'a Vec<FeeCalculation>> + Clone,
) -> Result<Vec<FeeCalculation>, MoneyError> {
    original
        .iter()
        .enumerate()
        .map(|(index, of)| {
            let parts = earlier.clone().filter_map(|fees| fees.get(index));
            Ok(FeeCalculation {
                policy: of.policy.clone(),
                amount: SignedAmount::sum(parts.clone().map(|part| part.amount))?,
                vat: SignedAmount::sum(parts.map(|part| part.vat))?,
            })
        })
        .collect()
}
