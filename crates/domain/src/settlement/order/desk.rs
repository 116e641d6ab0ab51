//! One calculation at work: a place after the other, each figure by its rule.

use super::{
    AdditionalFee, Calculation, Component, ContractFees, Discount, DiscountCalculation, FeeCalculation,
    Given, KeptRules, LineCalculation, Order, OrderLine,
};
use crate::money::{Amount, Fraction, MoneyError, Rounding, SignedAmount};
use crate::settlement::amount::{Member, SettlementAmount};
use crate::settlement::calculator::Calculator;
use crate::settlement::contract::PaymentVat;
use crate::settlement::formula::{Values, Variable};
use crate::settlement::policy::{Fee, Payer};
use crate::settlement::working::{Figure, Place, Rule, Working};
use std::collections::BTreeMap;

/// What one calculation works with.
pub(super) struct Desk<'a> {
    contract: &'a ContractFees,
    calculator: &'a Calculator,
    parameters: BTreeMap<Box<str>, Fraction>,
    working: Working,
}

impl<'a> Desk<'a> {
    pub(super) fn new(
        contract: &'a ContractFees,
        calculator: &'a Calculator,
        parameters: BTreeMap<Box<str>, Fraction>,
    ) -> Self {
        Self { contract, calculator, parameters, working: Working::default() }
    }

    pub(super) fn line(
        &mut self,
        index: usize,
        line: &OrderLine,
        given: Given,
        (fee, of_whole): (Fee, Option<Amount>),
    ) -> Result<LineCalculation, MoneyError> {
        let place = Place::Line(index);
        let note = |working: &mut Working, member, unit: Amount| {
            working.note(place, Figure::Member(member), Rule::Units(line.quantity), unit)
        };
        note(&mut self.working, Member::Order, line.product.amount)?;
        note(&mut self.working, Member::OrderTaxFree, line.product.tax_free)?;
        let mut amount = self.given(place, given)?;
        let discounts = self.discounts(place, &amount, &line.discounts)?;
        amount.discount_share =
            self.total(place, Member::DiscountShare, discounts.iter().map(|discount| discount.share))?;
        amount.discount_share_tax_free = self.total(
            place,
            Member::DiscountShareTaxFree,
            discounts.iter().map(|discount| discount.share_tax_free),
        )?;
        self.platform_fee(place, &mut amount, fee, of_whole)?;
        let additional_fees = self.additional_fees(place, &amount, &line.additional_fees)?;
        amount.additional_fee =
            self.total(place, Member::AdditionalFee, additional_fees.iter().map(|fee| fee.amount))?;
        amount.additional_fee_vat =
            self.total(place, Member::AdditionalFeeVat, additional_fees.iter().map(|fee| fee.vat))?;
        self.close(place, &mut amount)?;
        Ok(LineCalculation {
            product: line.product.clone(),
            quantity: line.quantity,
            amount,
            discounts,
            additional_fees,
        })
    }

    pub(super) fn whole(
        mut self,
        order: &Order,
        given: Given,
        lines: Vec<LineCalculation>,
    ) -> Result<Calculation, MoneyError> {
        let place = Place::Whole;
        let by_lines = !lines.is_empty();
        let rule = if by_lines { Rule::Sum } else { Rule::Given };
        self.working.note(place, Figure::Member(Member::Order), rule.clone(), given.order)?;
        let rule = if order.tax_free.is_some() { Rule::Given } else { rule };
        self.working.note(place, Figure::Member(Member::OrderTaxFree), rule, given.order_tax_free)?;
        let mut amount = self.given(place, given)?;
        let discounts = self.discounts(place, &amount, &order.discounts)?;
        amount.discount_share = self.total(
            place,
            Member::DiscountShare,
            lines.iter().map(|line| line.amount.discount_share).chain(discounts.iter().map(|own| own.share)),
        )?;
        amount.discount_share_tax_free = self.total(
            place,
            Member::DiscountShareTaxFree,
            lines
                .iter()
                .map(|line| line.amount.discount_share_tax_free)
                .chain(discounts.iter().map(|own| own.share_tax_free)),
        )?;
        if by_lines {
            amount.platform_fee =
                self.total(place, Member::PlatformFee, lines.iter().map(|line| line.amount.platform_fee))?;
            amount.platform_fee_vat = self.total(
                place,
                Member::PlatformFeeVat,
                lines.iter().map(|line| line.amount.platform_fee_vat),
            )?;
        } else {
            self.platform_fee(place, &mut amount, self.contract.platform_fee, None)?;
        }
        let additional_fees = self.additional_fees(place, &amount, &order.additional_fees)?;
        amount.additional_fee = self.total(
            place,
            Member::AdditionalFee,
            lines
                .iter()
                .map(|line| line.amount.additional_fee)
                .chain(additional_fees.iter().map(|own| own.amount)),
        )?;
        amount.additional_fee_vat = self.total(
            place,
            Member::AdditionalFeeVat,
            lines
                .iter()
                .map(|line| line.amount.additional_fee_vat)
                .chain(additional_fees.iter().map(|own| own.vat)),
        )?;
        self.close(place, &mut amount)?;
        let kept = KeptRules {
            vat: self.calculator.vat,
            tax_free: self.calculator.tax_free,
            payment_vat: self.contract.payment_vat,
        };
        Ok(Calculation { amount, lines, discounts, additional_fees, kept, working: self.working })
    }

    /// The amounts that follow from what was given: payment, its VAT and supply.
    fn given(&mut self, place: Place, given: Given) -> Result<SettlementAmount, MoneyError> {
        let Given { order, order_tax_free, discount, discount_tax_free } = given;
        let working = &mut self.working;
        working.note(place, Figure::Member(Member::Discount), Rule::Given, discount)?;
        working.note(place, Figure::Member(Member::DiscountTaxFree), Rule::Given, discount_tax_free)?;
        let less = |amount: Amount| Rule::Less(amount.into());
        let payment = working.note_amount(place, Member::Payment, less(discount), order)?;
        let payment_tax_free =
            working.note_amount(place, Member::PaymentTaxFree, less(discount_tax_free), order_tax_free)?;
        let taxable = payment.minus_or_zero(payment_tax_free);
        let vat = Rule::VatContained(self.calculator.vat);
        let payment_vat = working.note_amount(place, Member::PaymentVat, vat, taxable)?;
        let payment_supply = working.note_amount(place, Member::PaymentSupply, less(payment_vat), taxable)?;
        let burden = match self.contract.payment_vat {
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

    fn discounts(
        &mut self,
        place: Place,
        amount: &SettlementAmount,
        discounts: &[Discount],
    ) -> Result<Vec<DiscountCalculation>, MoneyError> {
        let mut calculated = Vec::with_capacity(discounts.len());
        for discount in discounts {
            let fee = Fee::Rate(discount.partner_share);
            let component = &self.calculator.discount_share;
            let rule = |of: Amount| {
                rule_of(component, fee, || values(amount).with(Variable::DiscountAmount, of).with_fee(fee))
            };
            let figure = Figure::Share(discount.policy.clone());
            let share = self.working.note(place, figure, rule(discount.amount)?, discount.amount)?;
            let figure = Figure::ShareTaxFree(discount.policy.clone());
            let share_tax_free =
                self.working.note(place, figure, rule(discount.tax_free)?, discount.tax_free)?;
            calculated.push(DiscountCalculation {
                policy: discount.policy.clone(),
                amount: discount.amount,
                tax_free: discount.tax_free,
                share,
                share_tax_free,
            });
        }
        Ok(calculated)
    }

    fn platform_fee(
        &mut self,
        place: Place,
        amount: &mut SettlementAmount,
        fee: Fee,
        of_whole: Option<Amount>,
    ) -> Result<(), MoneyError> {
        let shared = values(amount).with(Variable::DiscountShareAmount, amount.discount_share);
        let mut rule = rule_of(&self.calculator.platform_fee, fee, || shared.with_fee(fee))?;
        if let (Rule::Fixed(part), Some(whole)) = (&rule, of_whole) {
            rule = Rule::FixedPart { part: *part, whole };
        }
        let figure = Figure::Member(Member::PlatformFee);
        amount.platform_fee = self.working.note(place, figure, rule, amount.order)?;
        let vat = self.fee_vat(self.contract.vat_payer);
        let figure = Figure::Member(Member::PlatformFeeVat);
        amount.platform_fee_vat = self.working.note(place, figure, vat, amount.platform_fee)?;
        Ok(())
    }

    const fn fee_vat(&self, payer: Payer) -> Rule {
        match payer {
            Payer::Partner => Rule::VatOnTop(self.calculator.vat),
            Payer::Merchant => Rule::MerchantBears,
        }
    }

    fn additional_fees(
        &mut self,
        place: Place,
        amount: &SettlementAmount,
        fees: &[AdditionalFee],
    ) -> Result<Vec<FeeCalculation>, MoneyError> {
        let mut calculated = Vec::with_capacity(fees.len());
        for own in fees {
            let rule = rule_of(&self.calculator.additional_fee, own.fee, || {
                values(amount)
                    .with(Variable::DiscountShareAmount, amount.discount_share)
                    .with(Variable::PlatformFeeAmount, amount.platform_fee)
                    .with(Variable::PlatformFeeVat, amount.platform_fee_vat)
                    .with_fee(own.fee)
            })?;
            let fee = self.working.note(place, Figure::Fee(own.policy.clone()), rule, amount.order)?;
            let vat = self.fee_vat(own.vat_payer);
            let vat = self.working.note(place, Figure::FeeVat(own.policy.clone()), vat, fee)?;
            calculated.push(FeeCalculation { policy: own.policy.clone(), amount: fee, vat });
        }
        Ok(calculated)
    }

    fn total(
        &mut self,
        place: Place,
        member: Member,
        parts: impl Iterator<Item = SignedAmount>,
    ) -> Result<SignedAmount, MoneyError> {
        let total = SignedAmount::sum(parts)?;
        self.working.note(place, Figure::Member(member), Rule::Sum, total)
    }

    /// The settlement, its tax-free part and the merchant's own figures.
    fn close(&mut self, place: Place, amount: &mut SettlementAmount) -> Result<(), MoneyError> {
        let rounding = self.calculator.tax_free;
        amount.settlement = settlement_of(&mut self.working, place, amount)?;
        amount.settlement_tax_free = tax_free_of(&mut self.working, place, amount, rounding)?;
        for own in &self.calculator.user_defined {
            let ratio = match amount.order.minor_units() {
                0 => Fraction::ZERO,
                order => Fraction::new(amount.order_tax_free.minor_units().into(), order.into())?,
            };
            let values = values(amount)
                .with(Variable::DiscountShareAmount, amount.discount_share)
                .with(Variable::PlatformFeeAmount, amount.platform_fee)
                .with(Variable::PlatformFeeVat, amount.platform_fee_vat)
                .with(Variable::AdditionalFeeAmount, amount.additional_fee)
                .with(Variable::AdditionalFeeVat, amount.additional_fee_vat)
                .with(Variable::PaymentVatAmount, amount.payment_vat)
                .with(Variable::PaymentVatBurdenAmount, amount.payment_vat_burden)
                .with(Variable::SettlementAmount, amount.settlement)
                .with_fraction(Variable::OrderTaxFreeRatio, ratio)
                .with_parameters(self.parameters.clone());
            let (formula, rounding) = (own.formula.clone(), own.rounding);
            let rule = Rule::Formula { formula, values: Box::new(values), rounding };
            let figure = Figure::UserDefined(own.key.clone());
            let result = self.working.note(place, figure, rule, amount.order)?;
            amount.user_defined.insert(own.key.clone(), result);
        }
        Ok(())
    }
}

fn values(amount: &SettlementAmount) -> Values {
    Values::default()
        .with(Variable::OrderAmount, amount.order)
        .with(Variable::PaymentAmount, amount.payment)
        .with(Variable::DiscountAmount, amount.discount)
}

/// The standard formula of a component without evaluating it, or the merchant's own with its values.
fn rule_of(
    component: &Component,
    fee: Fee,
    values: impl FnOnce() -> Result<Values, MoneyError>,
) -> Result<Rule, MoneyError> {
    let rounding = component.rounding;
    Ok(match (&component.formula, fee) {
        (Some(formula), _) => {
            Rule::Formula { formula: formula.clone(), values: Box::new(values()?), rounding }
        }
        (None, Fee::Rate(rate)) => Rule::Rate { rate, rounding },
        (None, Fee::Fixed(amount)) => Rule::Fixed(amount),
    })
}

/// What is left of the order amount for the partner, of a place whose other amounts are there.
pub(in super::super) fn settlement_of(
    working: &mut Working,
    place: Place,
    amount: &SettlementAmount,
) -> Result<SignedAmount, MoneyError> {
    let fees = Rule::Less(amount.fees()?);
    working.note(place, Figure::Member(Member::Settlement), fees, amount.order)
}

/// The tax-free part of a settlement: in the proportion of the order's, less what the partner bears
/// of tax-free discounts.
pub(in super::super) fn tax_free_of(
    working: &mut Working,
    place: Place,
    amount: &SettlementAmount,
    rounding: Rounding,
) -> Result<SignedAmount, MoneyError> {
    let rule = Rule::TaxFreePart {
        tax_free: amount.order_tax_free,
        order: amount.order,
        less: amount.discount_share_tax_free,
        rounding,
    };
    let base = amount.settlement.plus(amount.discount_share)?;
    working.note(place, Figure::Member(Member::SettlementTaxFree), rule, base)
}
