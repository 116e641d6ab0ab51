//! One cancel at work: the part of each figure that it takes back.

use super::{DiscountNow, LinePart, Taken};
use crate::money::{Amount, MoneyError, SignedAmount};
use crate::settlement::amount::{Member, SettlementAmount};
use crate::settlement::contract::PaymentVat;
use crate::settlement::order::{
    Calculation, DiscountCalculation, FeeCalculation, Given, LineCalculation, settlement_of, tax_free_of,
};
use crate::settlement::working::{Figure, Place, Rule, Working};

/// How far a place is cancelled: so many of so many, earlier cancels and this one together.
#[derive(Clone, Copy)]
struct Extent {
    place: Place,
    so_far: i64,
    of: i64,
    complete: bool,
}

impl Extent {
    const fn rule(self, earlier: SignedAmount) -> Rule {
        if self.complete {
            Rule::Rest { earlier }
        } else {
            Rule::Reversed { cancelled: self.so_far, of: self.of, earlier }
        }
    }
}

pub(super) fn reversed(
    original: &Calculation,
    taken: &Taken,
    complete: bool,
    given: Given,
    own: &[DiscountNow],
    lines: &[LinePart<'_>],
) -> Result<Calculation, MoneyError> {
    let mut reversal = Reversal { original, working: Working::default() };
    let mut cancelled = Vec::new();
    for (index, part) in lines.iter().enumerate().filter(|(_, part)| part.quantity > 0) {
        cancelled.push(reversal.line(index, part)?);
    }
    let place = Place::Whole;
    let so_far = taken.amount.order.plus(given.order)?.minor_units();
    let extent = Extent { place, so_far, of: original.amount.order.minor_units(), complete };
    let mut amount = reversal.given(extent, &original.amount, &taken.amount, given)?;
    let discounts = reversal.discounts(extent, &original.discounts, &taken.discounts, own)?;
    let fees = reversal.fees(extent, &original.additional_fees, &taken.fees)?;
    let of_lines =
        |member| SignedAmount::sum(cancelled.iter().map(|line: &LineCalculation| line.amount.member(member)));
    if cancelled.is_empty() {
        reversal.platform_fee(extent, &mut amount, &original.amount, &taken.amount)?;
    } else {
        amount.platform_fee = reversal.sum(place, Member::PlatformFee, of_lines(Member::PlatformFee)?)?;
        amount.platform_fee_vat =
            reversal.sum(place, Member::PlatformFeeVat, of_lines(Member::PlatformFeeVat)?)?;
    }
    reversal.add_up(place, &mut amount, &discounts, &fees, of_lines)?;
    reversal.close(extent, &mut amount, &original.amount, &taken.amount)?;
    Ok(Calculation {
        amount,
        lines: cancelled,
        discounts: discounts.into_iter().filter(|discount| !is_nothing(discount)).collect(),
        additional_fees: fees,
        kept: original.kept,
        working: reversal.working,
    })
}

const fn is_nothing(discount: &DiscountCalculation) -> bool {
    discount.amount.is_zero()
        && discount.tax_free.is_zero()
        && discount.share.is_zero()
        && discount.share_tax_free.is_zero()
}

struct Reversal<'a> {
    original: &'a Calculation,
    working: Working,
}

impl Reversal<'_> {
    fn line(&mut self, index: usize, part: &LinePart<'_>) -> Result<LineCalculation, MoneyError> {
        let place = Place::Line(index);
        let (line, taken) = (part.line, part.taken);
        let so_far = i64::from(taken.quantity).saturating_add(i64::from(part.quantity));
        let extent = Extent { place, so_far, of: line.quantity.into(), complete: part.complete };
        let mut amount = self.given(extent, &line.amount, &taken.amount, part.given)?;
        let discounts = self.discounts(extent, &line.discounts, &taken.discounts, &part.discounts)?;
        let fees = self.fees(extent, &line.additional_fees, &taken.fees)?;
        self.platform_fee(extent, &mut amount, &line.amount, &taken.amount)?;
        self.add_up(place, &mut amount, &discounts, &fees, |_| Ok(SignedAmount::ZERO))?;
        self.close(extent, &mut amount, &line.amount, &taken.amount)?;
        Ok(LineCalculation {
            product: line.product.clone(),
            quantity: part.quantity,
            amount,
            discounts: discounts.into_iter().filter(|discount| !is_nothing(discount)).collect(),
            additional_fees: fees,
        })
    }

    fn given(
        &mut self,
        extent: Extent,
        original: &SettlementAmount,
        taken: &SettlementAmount,
        given: Given,
    ) -> Result<SettlementAmount, MoneyError> {
        let Given { order, order_tax_free, discount, discount_tax_free } = given;
        let (place, working) = (extent.place, &mut self.working);
        for (member, amount) in [
            (Member::Order, order),
            (Member::OrderTaxFree, order_tax_free),
            (Member::Discount, discount),
            (Member::DiscountTaxFree, discount_tax_free),
        ] {
            working.note(place, Figure::Member(member), Rule::Given, amount)?;
        }
        let less = |amount: Amount| Rule::Less(amount.into());
        let payment = working.note_amount(place, Member::Payment, less(discount), order)?;
        let payment_tax_free =
            working.note_amount(place, Member::PaymentTaxFree, less(discount_tax_free), order_tax_free)?;
        let taxable = payment.minus_or_zero(payment_tax_free);
        let earlier = taken.payment_vat.into();
        let payment_vat = if extent.complete {
            working.note_amount(place, Member::PaymentVat, Rule::Rest { earlier }, original.payment_vat)?
        } else {
            let so_far = taken.payment_supply_with_vat().plus(taxable)?;
            let rounding = self.original.kept.vat;
            let rule = Rule::VatReversed { rounding, earlier, at_most: taxable };
            working.note_amount(place, Member::PaymentVat, rule, so_far)?
        };
        let payment_supply = working.note_amount(place, Member::PaymentSupply, less(payment_vat), taxable)?;
        let burden = match self.original.kept.payment_vat {
            PaymentVat::Withheld => Rule::Withheld,
            PaymentVat::Settled => Rule::NotWithheld,
        };
        let payment_vat_burden = working.note_amount(place, Member::PaymentVatBurden, burden, payment_vat)?;
        Ok(SettlementAmount {
            order,
            order_tax_free,
            discount,
            discount_tax_free,
            payment,
            payment_tax_free,
            payment_vat,
            payment_supply,
            payment_vat_burden,
            ..Default::default()
        })
    }

    /// The partner's shares, in the proportion of each discount that is taken back.
    fn discounts(
        &mut self,
        extent: Extent,
        original: &[DiscountCalculation],
        taken: &[DiscountCalculation],
        now: &[DiscountNow],
    ) -> Result<Vec<DiscountCalculation>, MoneyError> {
        let mut cancelled = Vec::with_capacity(original.len());
        for ((of, taken), now) in original.iter().zip(taken).zip(now) {
            let of_amount = Extent {
                so_far: taken.amount.plus(now.amount)?.minor_units(),
                of: of.amount.minor_units(),
                ..extent
            };
            let of_tax_free = Extent {
                so_far: taken.tax_free.plus(now.tax_free)?.minor_units(),
                of: of.tax_free.minor_units(),
                ..extent
            };
            let figure = Figure::Share(of.policy.clone());
            let share = self.working.note(extent.place, figure, of_amount.rule(taken.share), of.share)?;
            let figure = Figure::ShareTaxFree(of.policy.clone());
            let rule = of_tax_free.rule(taken.share_tax_free);
            let share_tax_free = self.working.note(extent.place, figure, rule, of.share_tax_free)?;
            cancelled.push(DiscountCalculation {
                policy: of.policy.clone(),
                amount: now.amount,
                tax_free: now.tax_free,
                share,
                share_tax_free,
            });
        }
        Ok(cancelled)
    }

    fn fees(
        &mut self,
        extent: Extent,
        original: &[FeeCalculation],
        taken: &[FeeCalculation],
    ) -> Result<Vec<FeeCalculation>, MoneyError> {
        let mut cancelled = Vec::with_capacity(original.len());
        for (of, taken) in original.iter().zip(taken) {
            let figure = Figure::Fee(of.policy.clone());
            let amount = self.working.note(extent.place, figure, extent.rule(taken.amount), of.amount)?;
            let figure = Figure::FeeVat(of.policy.clone());
            let vat = self.working.note(extent.place, figure, extent.rule(taken.vat), of.vat)?;
            cancelled.push(FeeCalculation { policy: of.policy.clone(), amount, vat });
        }
        Ok(cancelled)
    }

    fn platform_fee(
        &mut self,
        extent: Extent,
        amount: &mut SettlementAmount,
        original: &SettlementAmount,
        taken: &SettlementAmount,
    ) -> Result<(), MoneyError> {
        let (place, rule) = (extent.place, extent.rule(taken.platform_fee));
        amount.platform_fee =
            self.working.note(place, Figure::Member(Member::PlatformFee), rule, original.platform_fee)?;
        let rule = extent.rule(taken.platform_fee_vat);
        amount.platform_fee_vat = self.working.note(
            place,
            Figure::Member(Member::PlatformFeeVat),
            rule,
            original.platform_fee_vat,
        )?;
        Ok(())
    }

    /// The members that are sums over policies, those of the lines included.
    fn add_up(
        &mut self,
        place: Place,
        amount: &mut SettlementAmount,
        discounts: &[DiscountCalculation],
        fees: &[FeeCalculation],
        of_lines: impl Fn(Member) -> Result<SignedAmount, MoneyError>,
    ) -> Result<(), MoneyError> {
        let share = SignedAmount::sum(discounts.iter().map(|own| own.share))?;
        let share_tax_free = SignedAmount::sum(discounts.iter().map(|own| own.share_tax_free))?;
        let fee = SignedAmount::sum(fees.iter().map(|own| own.amount))?;
        let vat = SignedAmount::sum(fees.iter().map(|own| own.vat))?;
        for (member, own, result) in [
            (Member::DiscountShare, share, &mut amount.discount_share),
            (Member::DiscountShareTaxFree, share_tax_free, &mut amount.discount_share_tax_free),
            (Member::AdditionalFee, fee, &mut amount.additional_fee),
            (Member::AdditionalFeeVat, vat, &mut amount.additional_fee_vat),
        ] {
            *result = self.sum(place, member, own.plus(of_lines(member)?)?)?;
        }
        Ok(())
    }

    fn sum(&mut self, place: Place, member: Member, total: SignedAmount) -> Result<SignedAmount, MoneyError> {
        self.working.note(place, Figure::Member(member), Rule::Sum, total)
    }

    fn close(
        &mut self,
        extent: Extent,
        amount: &mut SettlementAmount,
        original: &SettlementAmount,
        taken: &SettlementAmount,
    ) -> Result<(), MoneyError> {
        let place = extent.place;
        amount.settlement = settlement_of(&mut self.working, place, amount)?;
        amount.settlement_tax_free = if extent.complete {
            let rule = Rule::Rest { earlier: taken.settlement_tax_free };
            let figure = Figure::Member(Member::SettlementTaxFree);
            self.working.note(place, figure, rule, original.settlement_tax_free)?
        } else {
            tax_free_of(&mut self.working, place, amount, self.original.kept.tax_free)?
        };
        for (key, of) in &original.user_defined {
            let rule = extent.rule(taken.user_defined.get(key).copied().unwrap_or_default());
            let result = self.working.note(place, Figure::UserDefined(key.clone()), rule, *of)?;
            amount.user_defined.insert(key.clone(), result);
        }
        Ok(())
    }
}
