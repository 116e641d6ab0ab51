//! The amounts of an order: the total and its tax-free, tax and discount parts.

use crate::money::Amount;

/// The parts of an order's price, minor units. `tax_free + vat <= total` always holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amounts {
    /// The order amount before any discount.
    pub total: Amount,
    pub tax_free: Amount,
    pub vat: Amount,
    /// What promotions, card companies and easy-pay points take off the total.
    pub discount: Amount,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountsError {
    #[error("the total amount must be above 0")]
    ZeroTotal,
    #[error("the tax-free amount {tax_free} and the VAT {vat} exceed the total amount {total}")]
    PartsExceedTotal { total: Amount, tax_free: Amount, vat: Amount },
    #[error("the discount {discount} is not below the total amount {total}")]
    DiscountExceedsTotal { total: Amount, discount: Amount },
}

impl Amounts {
    /// `vat` absent is (total − tax_free) / 11 rounded half up; an explicit VAT is kept, 0 included.
    ///
    /// # Errors
    /// A zero total, parts above the total, a discount that leaves nothing to pay.
    pub fn new(
        total: Amount,
        tax_free: Amount,
        vat: Option<Amount>,
        discount: Amount,
    ) -> Result<Self, AmountsError> {
        if total.is_zero() {
            return Err(AmountsError::ZeroTotal);
        }
        let vat = vat.unwrap_or_else(|| total.minus_or_zero(tax_free).divided_half_up(11));
        let parts = tax_free.minor_units().saturating_add(vat.minor_units());
        if parts > total.minor_units() {
            return Err(AmountsError::PartsExceedTotal { total, tax_free, vat });
        }
        if discount >= total {
            return Err(AmountsError::DiscountExceedsTotal { total, discount });
        }
        Ok(Self { total, tax_free, vat, discount })
    }

    /// The price without tax and without the tax-free part.
    pub fn supply(&self) -> Amount {
        self.total.minus_or_zero(self.tax_free).minus_or_zero(self.vat)
    }

    /// What the PSP is asked to charge.
    pub fn to_pay(&self) -> Amount {
        self.total.minus_or_zero(self.discount)
    }
}

/// The amounts of a payment as they stand at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AmountsNow {
    pub total: Amount,
    pub tax_free: Amount,
    pub vat: Amount,
    pub supply: Amount,
    pub discount: Amount,
    /// What was charged; 0 before approval; not reduced by cancellations.
    pub paid: Amount,
    /// What succeeded cancellations gave back.
    pub cancelled: Amount,
    pub cancelled_tax_free: Amount,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(units: i64) -> Amount {
        Amount::new(units).unwrap()
    }

    #[test]
    fn the_documented_sample_holds() {
        let amounts = Amounts::new(amount(1000), Amount::ZERO, None, Amount::ZERO).unwrap();
        assert_eq!((amounts.vat, amounts.supply()), (amount(91), amount(909)));
    }

    #[test]
    fn parts_and_totals() {
        // total, tax-free, VAT, discount, accepted
        for (total, tax_free, vat, discount, accepted) in [
            (1000, 0, Some(0), 0, true),
            (1000, 1000, None, 0, true),
            (1000, 1000, Some(1), 0, false),
            (1000, 500, Some(500), 0, true),
            (1000, 500, Some(501), 0, false),
            (0, 0, None, 0, false),
            (1000, 0, None, 999, true),
            (1000, 0, None, 1000, false),
            (1000, 1001, None, 0, false),
        ] {
            let made = Amounts::new(amount(total), amount(tax_free), vat.map(amount), amount(discount));
            assert_eq!(made.is_ok(), accepted, "{total} {tax_free} {vat:?} {discount}");
        }
    }
}
