//! What a cancel takes back of an order transfer (v2-platform, section 11).
//!
//! Amounts are positive where the order's are. A part of an order takes its proportion of each
//! component, cumulatively: what all cancels so far should have taken, less what the earlier ones
//! took. The cancel that completes the order takes what is left, so that cancels in any order and any
//! split add up to the order exactly. What a cancel leaves must be an order again: its discounts not
//! above its amount, and so on. That is why a complete cancel is always possible.

mod reversal;
mod taken;

use self::reversal::reversed;
use self::taken::{LineTaken, Taken};
use super::amount::SettlementAmount;
use super::id::{DiscountSharePolicyId, ProductId};
use super::order::{
    AmountExceeded, Calculation, DiscountCalculation, Given, LineCalculation, sum, twice, units_of,
};
use crate::money::{Amount, MoneyError};

/// What is asked to be cancelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancel {
    pub detail: CancelDetail,
    /// The tax-free part of the cancelled order amount. Absent: what the lines say; by amount, all
    /// that is left when it completes the order, else nothing.
    pub tax_free: Option<Amount>,
    pub discounts: Vec<DiscountCancel>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CancelDetail {
    /// An order amount, before discounts.
    Amount(Amount),
    Lines(Vec<LineCancel>),
    All,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineCancel {
    pub product: ProductId,
    pub quantity: u32,
    pub discounts: Vec<DiscountCancel>,
}

/// How much of a discount is taken back. Disregarded where a cancel is complete: all of it is then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscountCancel {
    pub policy: DiscountSharePolicyId,
    pub amount: Amount,
    pub tax_free: Amount,
}

/// Why a cancel is refused, in the order of the checks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CancelRefusal {
    #[error("the cancel takes nothing back")]
    Nothing,
    #[error("an order registered by amount is cancelled by amount, one with lines by lines")]
    DetailMismatched,
    #[error("nothing is left to cancel")]
    AlreadyCancelled,
    #[error("the discount share policy {policy} is named twice in one list")]
    PolicyTwice { policy: DiscountSharePolicyId },
    #[error("product {0} is named twice")]
    ProductTwice(ProductId),
    #[error("the order has no product {0}")]
    ProductNotFound(ProductId),
    #[error("the order has no discount of the policy {policy} there")]
    PolicyNotFound { policy: DiscountSharePolicyId, product: Option<ProductId> },
    #[error("{cancellable} units of product {product} can be cancelled")]
    QuantityExceeded { product: ProductId, cancellable: u32 },
    #[error("{kind}: asked to cancel {asked}, cancellable are {cancellable}")]
    AmountExceeded { kind: AmountKind, cancellable: Amount, asked: Amount },
    #[error("discount {policy}: asked to cancel {asked}, cancellable are {cancellable}")]
    DiscountExceeded {
        policy: DiscountSharePolicyId,
        cancellable: Amount,
        asked: Amount,
        product: Option<ProductId>,
    },
    #[error("discount {policy}: asked to cancel {asked} tax-free, cancellable are {cancellable}")]
    DiscountTaxFreeExceeded {
        policy: DiscountSharePolicyId,
        cancellable: Amount,
        asked: Amount,
        product: Option<ProductId>,
    },
    /// Of what is cancelled, or of what would be left.
    #[error(transparent)]
    Exceeded(#[from] AmountExceeded),
    #[error(transparent)]
    OutOfRange(#[from] MoneyError),
}

/// The two parts of an amount that are compared one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum AmountKind {
    #[error("tax-free")]
    TaxFree,
    #[error("taxable, with VAT")]
    SupplyWithVat,
}

/// Calculates a cancel. `earlier` are the cancels of the same order that exist, in any order.
///
/// # Errors
/// See [`CancelRefusal`]; the first rule that is broken, in its order.
pub fn calculate(
    original: &Calculation,
    earlier: &[&Calculation],
    cancel: &Cancel,
) -> Result<Calculation, CancelRefusal> {
    fits_detail(original, cancel)?;
    let taken = Taken::by(original, earlier)?;
    if taken.is_all(original) {
        return Err(CancelRefusal::AlreadyCancelled);
    }
    names_fit(original, cancel)?;
    let quantities = quantities(original, &taken, cancel)?;
    let complete = match &cancel.detail {
        CancelDetail::All => true,
        CancelDetail::Amount(amount) => Some(*amount) == original.amount.order.minus(taken.amount.order),
        CancelDetail::Lines(_) => quantities
            .iter()
            .zip(&taken.lines)
            .zip(&original.lines)
            .all(|((now, taken), line)| taken.quantity.checked_add(*now) == Some(line.quantity)),
    };
    let lines = original
        .lines
        .iter()
        .zip(&taken.lines)
        .zip(&quantities)
        .map(|((line, taken), quantity)| LinePart::of(line, taken, *quantity))
        .collect::<Result<Vec<_>, MoneyError>>()?;
    let given = amount_of_whole(original, &taken, cancel, complete, &lines)?;
    let lines = lines
        .into_iter()
        .map(|part| part.with_discounts(cancel))
        .collect::<Result<Vec<_>, CancelRefusal>>()?;
    let own = discounts_now(&original.discounts, &taken.discounts, &cancel.discounts, complete, None)?;
    let given = with_discounts(given, lines.iter().flat_map(|line| &line.discounts).chain(&own))?;

    for line in lines.iter().filter(|line| line.quantity > 0) {
        consistent(&line.line.amount, &line.taken.amount, line.given, Some(&line.line.product.id))?;
    }
    consistent(&original.amount, &taken.amount, given, None)?;
    Ok(reversed(original, &taken, complete, given, &own, &lines)?)
}

/// By amount or by lines, as the order; and something at all.
fn fits_detail(original: &Calculation, cancel: &Cancel) -> Result<(), CancelRefusal> {
    match &cancel.detail {
        CancelDetail::Lines(lines) if lines.is_empty() || lines.iter().any(|line| line.quantity == 0) => {
            Err(CancelRefusal::Nothing)
        }
        CancelDetail::Amount(amount) if amount.is_zero() && !original.amount.order.is_zero() => {
            Err(CancelRefusal::Nothing)
        }
        CancelDetail::Amount(_) if !original.lines.is_empty() => Err(CancelRefusal::DetailMismatched),
        CancelDetail::Lines(_) if original.lines.is_empty() => Err(CancelRefusal::DetailMismatched),
        CancelDetail::Amount(_) | CancelDetail::Lines(_) | CancelDetail::All => Ok(()),
    }
}

/// Every product and policy once, and each one that the order has.
fn names_fit(original: &Calculation, cancel: &Cancel) -> Result<(), CancelRefusal> {
    let asked: &[LineCancel] = match &cancel.detail {
        CancelDetail::Lines(lines) => lines,
        CancelDetail::Amount(_) | CancelDetail::All => &[],
    };
    for list in asked.iter().map(|line| &line.discounts).chain([&cancel.discounts]) {
        if let Some(policy) = twice(list.iter().map(|discount| &discount.policy)) {
            return Err(CancelRefusal::PolicyTwice { policy: policy.clone() });
        }
    }
    if let Some(product) = twice(asked.iter().map(|line| &line.product)) {
        return Err(CancelRefusal::ProductTwice(product.clone()));
    }
    let line_of = |product: &ProductId| original.lines.iter().find(|line| line.product.id == *product);
    if let Some(unknown) = asked.iter().find(|line| line_of(&line.product).is_none()) {
        return Err(CancelRefusal::ProductNotFound(unknown.product.clone()));
    }
    let known = |discounts: &[DiscountCalculation], asked: &[DiscountCancel], product: Option<&ProductId>| {
        match asked.iter().find(|now| discounts.iter().all(|of| of.policy != now.policy)) {
            Some(unknown) => Err(CancelRefusal::PolicyNotFound {
                policy: unknown.policy.clone(),
                product: product.cloned(),
            }),
            None => Ok(()),
        }
    };
    for line in asked {
        let discounts = line_of(&line.product).map_or(&[][..], |of| &of.discounts);
        known(discounts, &line.discounts, Some(&line.product))?;
    }
    known(&original.discounts, &cancel.discounts, None)
}

/// Units that are cancelled now, a number for each line of the order.
fn quantities(original: &Calculation, taken: &Taken, cancel: &Cancel) -> Result<Vec<u32>, CancelRefusal> {
    let left = original
        .lines
        .iter()
        .zip(&taken.lines)
        .map(|(line, taken)| (line, line.quantity.saturating_sub(taken.quantity)));
    match &cancel.detail {
        CancelDetail::All => Ok(left.map(|(_, left)| left).collect()),
        CancelDetail::Amount(_) => Ok(Vec::new()),
        CancelDetail::Lines(asked) => left
            .map(|(line, left)| {
                match asked.iter().find(|asked| asked.product == line.product.id).map(|asked| asked.quantity)
                {
                    Some(quantity) if quantity > left => Err(CancelRefusal::QuantityExceeded {
                        product: line.product.id.clone(),
                        cancellable: left,
                    }),
                    Some(quantity) => Ok(quantity),
                    None => Ok(0),
                }
            })
            .collect(),
    }
}

/// What is cancelled of the order amount and its tax-free part; discounts are not known yet.
fn amount_of_whole(
    original: &Calculation,
    taken: &Taken,
    cancel: &Cancel,
    complete: bool,
    lines: &[LinePart<'_>],
) -> Result<Given, CancelRefusal> {
    let left = original.amount.order.minus_or_zero(taken.amount.order);
    let left_tax_free = original.amount.order_tax_free.minus_or_zero(taken.amount.order_tax_free);
    let order = match &cancel.detail {
        CancelDetail::All => left,
        CancelDetail::Amount(amount) => *amount,
        CancelDetail::Lines(_) => sum(lines.iter().map(|line| line.given.order))?,
    };
    let order_tax_free = match cancel.tax_free {
        Some(tax_free) => tax_free,
        None if complete => left_tax_free,
        None => sum(lines.iter().map(|line| line.given.order_tax_free))?,
    };
    for (kind, asked, cancellable) in [
        (AmountKind::TaxFree, order_tax_free, left_tax_free),
        (AmountKind::SupplyWithVat, order.minus_or_zero(order_tax_free), left.minus_or_zero(left_tax_free)),
    ] {
        if asked > cancellable {
            return Err(CancelRefusal::AmountExceeded { kind, cancellable, asked });
        }
    }
    Ok(Given { order, order_tax_free, ..Given::default() })
}

/// Of one discount: how much is taken back now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct DiscountNow {
    amount: Amount,
    tax_free: Amount,
}

/// How much of each discount is taken back, in the order's order.
fn discounts_now(
    original: &[DiscountCalculation],
    taken: &[DiscountCalculation],
    asked: &[DiscountCancel],
    complete: bool,
    product: Option<&ProductId>,
) -> Result<Vec<DiscountNow>, CancelRefusal> {
    original
        .iter()
        .zip(taken)
        .map(|(of, taken)| {
            let amount_left = of.amount.minus_or_zero(taken.amount);
            let tax_free_left = of.tax_free.minus_or_zero(taken.tax_free);
            if complete {
                return Ok(DiscountNow { amount: amount_left, tax_free: tax_free_left });
            }
            let Some(now) = asked.iter().find(|now| now.policy == of.policy) else {
                return Ok(DiscountNow { amount: Amount::ZERO, tax_free: Amount::ZERO });
            };
            let (policy, product) = (of.policy.clone(), product.cloned());
            if now.amount > amount_left {
                let (cancellable, asked) = (amount_left, now.amount);
                return Err(CancelRefusal::DiscountExceeded { policy, cancellable, asked, product });
            }
            if now.tax_free > tax_free_left {
                let (cancellable, asked) = (tax_free_left, now.tax_free);
                return Err(CancelRefusal::DiscountTaxFreeExceeded { policy, cancellable, asked, product });
            }
            Ok(DiscountNow { amount: now.amount, tax_free: now.tax_free })
        })
        .collect()
}

fn with_discounts<'a>(
    given: Given,
    discounts: impl Iterator<Item = &'a DiscountNow> + Clone,
) -> Result<Given, MoneyError> {
    Ok(Given {
        discount: sum(discounts.clone().map(|now| now.amount))?,
        discount_tax_free: sum(discounts.map(|now| now.tax_free))?,
        ..given
    })
}

/// The cancel's own amounts must fit each other, and so must those that it leaves.
fn consistent(
    original: &SettlementAmount,
    taken: &SettlementAmount,
    now: Given,
    product: Option<&ProductId>,
) -> Result<(), AmountExceeded> {
    now.checked(product)?;
    let left = |of: Amount, taken: Amount, now: Amount| of.minus_or_zero(taken).minus_or_zero(now);
    Given {
        order: left(original.order, taken.order, now.order),
        order_tax_free: left(original.order_tax_free, taken.order_tax_free, now.order_tax_free),
        discount: left(original.discount, taken.discount, now.discount),
        discount_tax_free: left(original.discount_tax_free, taken.discount_tax_free, now.discount_tax_free),
    }
    .checked(product)
    .map(|_| ())
}

/// A line of the order, what earlier cancels took of it, and what this one takes.
struct LinePart<'a> {
    line: &'a LineCalculation,
    taken: &'a LineTaken,
    quantity: u32,
    complete: bool,
    given: Given,
    discounts: Vec<DiscountNow>,
}

impl<'a> LinePart<'a> {
    fn of(line: &'a LineCalculation, taken: &'a LineTaken, quantity: u32) -> Result<Self, MoneyError> {
        let complete = quantity > 0 && taken.quantity.checked_add(quantity) == Some(line.quantity);
        let given = Given {
            order: units_of(line.product.amount, quantity)?,
            order_tax_free: units_of(line.product.tax_free, quantity)?,
            ..Given::default()
        };
        Ok(Self { line, taken, quantity, complete, given, discounts: Vec::new() })
    }

    fn with_discounts(mut self, cancel: &Cancel) -> Result<Self, CancelRefusal> {
        let product = &self.line.product.id;
        let asked = match &cancel.detail {
            CancelDetail::Lines(lines) => lines.iter().find(|line| line.product == *product),
            CancelDetail::Amount(_) | CancelDetail::All => None,
        };
        let asked = asked.map_or(&[][..], |line| &line.discounts);
        self.discounts =
            discounts_now(&self.line.discounts, &self.taken.discounts, asked, self.complete, Some(product))?;
        self.given = with_discounts(self.given, self.discounts.iter())?;
        Ok(self)
    }
}

#[cfg(test)]
mod tests;
