//! Whether the items of an order make its amount.

use paypier_domain::money::Currency;
use paypier_wire::global::Decimal;

/// What is sold, and what is added and taken off.
#[derive(Debug, Clone, Copy, Default)]
pub struct Order<'a> {
    /// The price of one piece, and how many.
    pub items: &'a [(Decimal, i64)],
    pub shipping: Decimal,
    pub tax: Decimal,
    pub discount: Decimal,
}

impl Order<'_> {
    /// Items, shipping and tax without the discount. None when it has too many digits.
    pub fn total(&self) -> Option<Decimal> {
        let items = self
            .items
            .iter()
            .try_fold(Decimal::ZERO, |sum, (price, quantity)| sum.plus(price.times(*quantity)?))?;
        items.plus(self.shipping)?.plus(self.tax)?.plus(self.discount.times(-1)?)
    }

    /// Whether that is the amount, once it is rounded (half to even) to the currency's minor unit. A price may
    /// have more places than the currency. Without items there is nothing to add up.
    pub fn makes(&self, amount: Decimal, currency: Currency) -> bool {
        self.items.is_empty()
            || self.total().is_some_and(|total| total.rounded_half_even(currency.exponent()) == amount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn makes(
        items: &[(&str, i64)],
        [shipping, tax, discount, amount]: [&str; 4],
        currency: Currency,
    ) -> bool {
        let decimal = |text: &str| text.parse::<Decimal>().unwrap();
        let items: Vec<_> = items.iter().map(|(price, quantity)| (decimal(price), *quantity)).collect();
        let order = Order {
            items: &items,
            shipping: decimal(shipping),
            tax: decimal(tax),
            discount: decimal(discount),
        };
        order.makes(decimal(amount), currency)
    }

    #[test]
    fn items_and_charges_make_the_amount() {
        let thb = Currency::parse("THB").unwrap();
        for (items, numbers, currency, answer) in [
            (vec![("50", 4), ("200", 1)], ["100", "0", "200", "300"], thb, true),
            (vec![("50", 4), ("200", 1)], ["100", "0", "200", "301"], thb, false),
            (vec![("50", 4), ("200", 1)], ["100", "1", "200", "301"], thb, true),
            (vec![], ["100", "0", "200", "1"], thb, true),
            (vec![("0.1", 3)], ["0", "0", "0", "0.3"], Currency::USD, true),
            (vec![("33.333", 3)], ["0", "0", "0", "100"], Currency::USD, true),
            (vec![("33.333", 3)], ["0", "0", "0", "99.999"], Currency::USD, false),
            (vec![("33.3", 3)], ["0", "0", "0", "100"], Currency::KRW, true),
            (
                vec![("1", i64::MAX), ("123456789012345678901234567890", i64::MAX)],
                ["0", "0", "0", "1"],
                thb,
                false,
            ),
        ] {
            assert_eq!(makes(&items, numbers, currency), answer, "{items:?} {numbers:?}");
        }
    }
}
