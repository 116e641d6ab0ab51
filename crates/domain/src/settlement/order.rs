//! What an order transfer is worth to its partner (v2-platform, section 15).
//!
//! Everything is computed from the order amount, not from the payment: a discount lowers what the
//! buyer pays, and the partner bears only its share of it. Lines are computed each from their own
//! data; the whole is their sum plus the discounts and fees of the order, except for the figures
//! that are computed on the totals again: VAT and supply of the payment, settlement, and its tax-free
//! part. A component is rounded once.

mod desk;

use self::desk::Desk;
pub(super) use self::desk::{settlement_of, tax_free_of};
use super::amount::SettlementAmount;
use super::calculator::{Calculator, Component, ParameterValue};
use super::contract::PaymentVat;
use super::id::{AdditionalFeePolicyId, DiscountSharePolicyId, ProductId};
use super::policy::{Fee, Payer};
use super::working::{Step, Working};
use crate::money::{Amount, MoneyError, Rate, Rounding, SignedAmount, split_by_weight};
use std::collections::BTreeMap;

/// What is registered: the order as far as one partner earns from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub detail: OrderDetail,
    /// Replaces the tax-free part that the lines add up to.
    pub tax_free: Option<Amount>,
    pub discounts: Vec<Discount>,
    pub additional_fees: Vec<AdditionalFee>,
    /// Values for the merchant's own formulas, defaults filled in.
    pub parameters: BTreeMap<Box<str>, ParameterValue>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderDetail {
    Amount(Amount),
    Lines(Vec<OrderLine>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderLine {
    pub product: Product,
    /// Above 0.
    pub quantity: u32,
    pub discounts: Vec<Discount>,
    pub additional_fees: Vec<AdditionalFee>,
}

/// A product; amounts are of one unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    pub id: ProductId,
    pub name: Box<str>,
    pub amount: Amount,
    pub tax_free: Amount,
    pub tag: Option<Box<str>>,
}

/// A discount that the buyer was given, and the policy that shares it. On a line: for the whole line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discount {
    pub policy: DiscountSharePolicyId,
    pub partner_share: Rate,
    pub amount: Amount,
    pub tax_free: Amount,
}

/// A fee beside the platform fee, as its policy stands on the settlement start date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdditionalFee {
    pub policy: AdditionalFeePolicyId,
    pub fee: Fee,
    pub vat_payer: Payer,
}

impl Order {
    /// Those of the lines, then those of the whole.
    pub fn all_additional_fees(&self) -> impl Iterator<Item = &AdditionalFee> {
        let lines: &[OrderLine] = match &self.detail {
            OrderDetail::Amount(_) => &[],
            OrderDetail::Lines(lines) => lines,
        };
        lines.iter().flat_map(|line| &line.additional_fees).chain(&self.additional_fees)
    }
}

/// What a contract says about amounts, as it stands on the settlement start date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContractFees {
    pub platform_fee: Fee,
    pub vat_payer: Payer,
    pub payment_vat: PaymentVat,
}

/// A transfer's amounts with everything they are made of: of an order, or of a cancel of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calculation {
    pub amount: SettlementAmount,
    pub lines: Vec<LineCalculation>,
    /// Those of the order as a whole; those of a line are with the line.
    pub discounts: Vec<DiscountCalculation>,
    pub additional_fees: Vec<FeeCalculation>,
    pub kept: KeptRules,
    pub working: Working,
}

/// The rules that a later cancel needs again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptRules {
    pub vat: Rounding,
    pub tax_free: Rounding,
    pub payment_vat: PaymentVat,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineCalculation {
    pub product: Product,
    /// Units ordered, or cancelled.
    pub quantity: u32,
    pub amount: SettlementAmount,
    pub discounts: Vec<DiscountCalculation>,
    pub additional_fees: Vec<FeeCalculation>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscountCalculation {
    pub policy: DiscountSharePolicyId,
    pub amount: Amount,
    pub tax_free: Amount,
    pub share: SignedAmount,
    pub share_tax_free: SignedAmount,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeeCalculation {
    pub policy: AdditionalFeePolicyId,
    pub amount: SignedAmount,
    /// The partner's part of the VAT on it.
    pub vat: SignedAmount,
}

/// Why the amounts of an order (or of a cancel) do not fit each other: `asked` is above `allowed`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}: {asked} where at most {allowed} is allowed{of}", of = self.of_product())]
pub struct AmountExceeded {
    pub reason: ExceededReason,
    pub asked: Amount,
    pub allowed: Amount,
    /// The line, when it is one.
    pub product: Option<ProductId>,
}

impl AmountExceeded {
    fn of_product(&self) -> String {
        self.product.as_ref().map_or_else(String::new, |id| format!(" (product {id})"))
    }
}

/// In the order of the checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ExceededReason {
    #[error("the discount exceeds the order amount")]
    DiscountThanOrder,
    #[error("the tax-free part of the discount exceeds the discount")]
    DiscountTaxFreeThanDiscount,
    #[error("the tax-free part of the discount exceeds that of the order")]
    DiscountTaxFreeThanOrderTaxFree,
    #[error("the tax-free part of the payment exceeds the payment")]
    PaymentTaxFreeThanPayment,
}

/// Why an order has no amounts, in the order of the checks: malformed ones first, then each line,
/// then the whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalculationRefusal {
    #[error("the order has no lines")]
    NoLines,
    #[error("a quantity of 0 was given for product {0}")]
    NoQuantity(ProductId),
    #[error("the discount share policy {0} is named twice in one list")]
    PolicyTwice(DiscountSharePolicyId),
    #[error(transparent)]
    OutOfRange(#[from] MoneyError),
    #[error("product {0} is on two lines")]
    ProductTwice(ProductId),
    #[error(transparent)]
    Exceeded(#[from] AmountExceeded),
}

/// The four amounts that an order gives, of a line or of the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Given {
    pub order: Amount,
    pub order_tax_free: Amount,
    pub discount: Amount,
    pub discount_tax_free: Amount,
}

impl Given {
    /// Whether the four fit each other (section 10.4).
    pub(super) fn checked(self, product: Option<&ProductId>) -> Result<Self, AmountExceeded> {
        use ExceededReason as R;
        let payment = self.order.minus_or_zero(self.discount);
        let payment_tax_free = self.order_tax_free.minus_or_zero(self.discount_tax_free);
        for (reason, asked, allowed) in [
            (R::DiscountThanOrder, self.discount, self.order),
            (R::DiscountTaxFreeThanDiscount, self.discount_tax_free, self.discount),
            (R::DiscountTaxFreeThanOrderTaxFree, self.discount_tax_free, self.order_tax_free),
            (R::PaymentTaxFreeThanPayment, payment_tax_free, payment),
        ] {
            if asked > allowed {
                return Err(AmountExceeded { reason, asked, allowed, product: product.cloned() });
            }
        }
        Ok(self)
    }
}

/// Calculates an order transfer.
///
/// # Errors
/// See [`CalculationRefusal`]; the first rule that is broken, in its order.
pub fn calculate(
    order: &Order,
    contract: &ContractFees,
    calculator: &Calculator,
) -> Result<Calculation, CalculationRefusal> {
    let lines: &[OrderLine] = match &order.detail {
        OrderDetail::Amount(_) => &[],
        OrderDetail::Lines(lines) if lines.is_empty() => return Err(CalculationRefusal::NoLines),
        OrderDetail::Lines(lines) => lines,
    };
    well_formed(order, lines)?;
    let given_lines = lines.iter().map(given_of_line).collect::<Result<Vec<_>, MoneyError>>()?;
    let whole = given_of_whole(order, &given_lines)?;
    products_once(lines)?;
    for (line, given) in lines.iter().zip(&given_lines) {
        discounts_fit(&line.discounts, Some(&line.product.id))?;
        given.checked(Some(&line.product.id))?;
    }
    discounts_fit(&order.discounts, None)?;
    whole.checked(None)?;

    let parameters = order
        .parameters
        .iter()
        .map(|(key, value)| Ok((key.clone(), value.fraction()?)))
        .collect::<Result<BTreeMap<_, _>, MoneyError>>()?;
    let mut desk = Desk::new(contract, calculator, parameters);
    let fees = allocated(contract.platform_fee, &given_lines);
    let mut calculated = Vec::with_capacity(lines.len());
    for (index, ((line, given), fee)) in lines.iter().zip(given_lines).zip(fees).enumerate() {
        calculated.push(desk.line(index, line, given, fee)?);
    }
    Ok(desk.whole(order, whole, calculated)?)
}

fn well_formed(order: &Order, lines: &[OrderLine]) -> Result<(), CalculationRefusal> {
    if let Some(line) = lines.iter().find(|line| line.quantity == 0) {
        return Err(CalculationRefusal::NoQuantity(line.product.id.clone()));
    }
    let lists = lines.iter().map(|line| &line.discounts).chain([&order.discounts]);
    match lists.filter_map(|list| twice(list.iter().map(|discount| &discount.policy))).next() {
        Some(policy) => Err(CalculationRefusal::PolicyTwice(policy.clone())),
        None => Ok(()),
    }
}

/// The first item that an earlier one equals.
pub(super) fn twice<'a, T: Ord>(items: impl Iterator<Item = &'a T>) -> Option<&'a T> {
    let mut seen = std::collections::BTreeSet::new();
    items.into_iter().find(|item| !seen.insert(*item))
}

fn products_once(lines: &[OrderLine]) -> Result<(), CalculationRefusal> {
    match twice(lines.iter().map(|line| &line.product.id)) {
        Some(product) => Err(CalculationRefusal::ProductTwice(product.clone())),
        None => Ok(()),
    }
}

fn discounts_fit(discounts: &[Discount], product: Option<&ProductId>) -> Result<(), AmountExceeded> {
    match discounts.iter().find(|discount| discount.tax_free > discount.amount) {
        Some(discount) => Err(AmountExceeded {
            reason: ExceededReason::DiscountTaxFreeThanDiscount,
            asked: discount.tax_free,
            allowed: discount.amount,
            product: product.cloned(),
        }),
        None => Ok(()),
    }
}

pub(super) fn sum(amounts: impl IntoIterator<Item = Amount>) -> Result<Amount, MoneyError> {
    amounts.into_iter().try_fold(Amount::ZERO, Amount::plus)
}

/// `units` of an amount each.
pub(super) fn units_of(amount: Amount, units: u32) -> Result<Amount, MoneyError> {
    let product = i128::from(amount.minor_units()).saturating_mul(i128::from(units));
    Amount::new(i64::try_from(product).unwrap_or(i64::MAX))
}

fn given_of_line(line: &OrderLine) -> Result<Given, MoneyError> {
    Ok(Given {
        order: units_of(line.product.amount, line.quantity)?,
        order_tax_free: units_of(line.product.tax_free, line.quantity)?,
        discount: sum(line.discounts.iter().map(|discount| discount.amount))?,
        discount_tax_free: sum(line.discounts.iter().map(|discount| discount.tax_free))?,
    })
}

fn given_of_whole(order: &Order, lines: &[Given]) -> Result<Given, MoneyError> {
    let own = |part: fn(&Discount) -> Amount| sum(order.discounts.iter().map(part));
    Ok(Given {
        order: match order.detail {
            OrderDetail::Amount(amount) => amount,
            OrderDetail::Lines(_) => sum(lines.iter().map(|line| line.order))?,
        },
        order_tax_free: match order.tax_free {
            Some(tax_free) => tax_free,
            None => sum(lines.iter().map(|line| line.order_tax_free))?,
        },
        discount: sum(lines.iter().map(|line| line.discount))?.plus(own(|discount| discount.amount)?)?,
        discount_tax_free: sum(lines.iter().map(|line| line.discount_tax_free))?
            .plus(own(|discount| discount.tax_free)?)?,
    })
}

/// The contract's fee as each line bears it: a rate applies to each, a fixed amount is charged once
/// and divided by order amount.
fn allocated(fee: Fee, lines: &[Given]) -> Vec<(Fee, Option<Amount>)> {
    match fee {
        Fee::Rate(_) => vec![(fee, None); lines.len()],
        Fee::Fixed(whole) => {
            let weights: Vec<u64> =
                lines.iter().map(|line| u64::try_from(line.order.minor_units()).unwrap_or(0)).collect();
            split_by_weight(whole, &weights).into_iter().map(|part| (Fee::Fixed(part), Some(whole))).collect()
        }
    }
}

impl Calculation {
    /// The lines of the working, as a merchant reads them.
    pub fn explained(&self) -> impl Iterator<Item = &Step> {
        self.working.steps().iter()
    }
}

#[cfg(test)]
pub(super) mod tests;
