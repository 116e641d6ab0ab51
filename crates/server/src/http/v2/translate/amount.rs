//! Amounts and currencies.

use super::invalid;
use crate::app::failure::Failure;
use crate::app::pay_instantly::AmountsAsk;
use paypier_domain::money::{Amount, Currency, MAX_AMOUNT};
use paypier_domain::payment::AmountsNow;
use paypier_wire::v2;

/// # Errors
/// The amount is negative or out of range.
pub fn asked(member: &str, minor_units: i64) -> Result<Amount, Failure> {
    Amount::new(minor_units)
        .map_err(|_| invalid(member, &format!("must be from 0 to {MAX_AMOUNT}, in minor units")))
}

/// # Errors
/// As [`asked`].
pub fn asked_if_any(member: &str, minor_units: Option<i64>) -> Result<Option<Amount>, Failure> {
    minor_units.map(|units| asked(member, units)).transpose()
}

/// # Errors
/// As [`asked`], and 0.
pub fn asked_above_zero(member: &str, minor_units: i64) -> Result<Amount, Failure> {
    match asked(member, minor_units)? {
        Amount::ZERO => Err(invalid(member, "must be above 0")),
        amount => Ok(amount),
    }
}

/// # Errors
/// A total of 0, or a part that is negative or out of range.
pub fn asked_in_parts(amount: &v2::PaymentAmountInput) -> Result<AmountsAsk, Failure> {
    Ok(AmountsAsk {
        total: asked_above_zero("amount.total", amount.total)?,
        tax_free: asked_if_any("amount.taxFree", amount.tax_free)?.unwrap_or_default(),
        vat: asked_if_any("amount.vat", amount.vat)?,
    })
}

/// # Errors
/// The standard does not know the currency; a test says that it knows all of the dialect's.
pub fn currency(currency: v2::Currency) -> Result<Currency, Failure> {
    Currency::parse(currency.as_str()).ok_or_else(|| invalid("currency", "is not a currency of ISO 4217"))
}

/// # Errors
/// The dialect does not know the currency; a test says that it knows all.
pub fn currency_shown(currency: Currency) -> Result<v2::Currency, Failure> {
    v2::Currency::parse(currency.code())
        .ok_or_else(|| Failure::internal(format!("the currency {currency} has no word in this dialect")))
}

pub fn shown(now: &AmountsNow) -> v2::PaymentAmount {
    v2::PaymentAmount {
        total: now.total.minor_units(),
        tax_free: now.tax_free.minor_units(),
        vat: Some(now.vat.minor_units()),
        supply: Some(now.supply.minor_units()),
        discount: now.discount.minor_units(),
        paid: now.paid.minor_units(),
        cancelled: now.cancelled.minor_units(),
        cancelled_tax_free: now.cancelled_tax_free.minor_units(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_currency_of_the_dialect_is_one_of_the_domain() {
        for word in v2::Currency::ALL {
            let found = currency(*word).unwrap();
            assert_eq!(currency_shown(found).unwrap(), *word);
        }
    }

    #[test]
    fn amounts_are_bounded_and_a_total_is_something() {
        let input = |total, tax_free, vat| v2::PaymentAmountInput { total, tax_free, vat };
        for (amount, refusal) in [
            (input(1, None, None), None),
            (input(1000, Some(0), Some(0)), None),
            (input(0, None, None), Some("amount.total must be above 0")),
            (input(-1, None, None), Some("amount.total must be from 0 to 1000000000000000, in minor units")),
            (
                input(i64::MAX, None, None),
                Some("amount.total must be from 0 to 1000000000000000, in minor units"),
            ),
            (
                input(1, Some(-1), None),
                Some("amount.taxFree must be from 0 to 1000000000000000, in minor units"),
            ),
            (input(1, None, Some(-1)), Some("amount.vat must be from 0 to 1000000000000000, in minor units")),
        ] {
            let refused = asked_in_parts(&amount).err().map(|failure| failure.to_string());
            assert_eq!(refused.as_deref(), refusal);
        }
    }
}
