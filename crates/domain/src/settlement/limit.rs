//! What the transfers of one payment, and the cancels of one cancellation, may add up to at most:
//! what the buyer paid, and what the buyer got back (v2-platform, sections 10.3 and 11.4).

use super::amount::SettlementAmount;
use super::cancel::AmountKind;
use crate::money::{Amount, MoneyError};

/// An amount of money with its tax-free part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PaymentParts {
    pub total: Amount,
    pub tax_free: Amount,
}

impl PaymentParts {
    /// What the buyer pays of an order, or gets back with a cancel.
    pub const fn of(amount: &SettlementAmount) -> Self {
        Self { total: amount.payment, tax_free: amount.payment_tax_free }
    }

    /// # Errors
    /// A sum above the largest amount.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        Ok(Self { total: self.total.plus(other.total)?, tax_free: self.tax_free.plus(other.tax_free)? })
    }

    const fn supply_with_vat(self) -> Amount {
        self.total.minus_or_zero(self.tax_free)
    }
}

/// Which part is exceeded, in the order of the checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum PaymentPart {
    #[error("the payment")]
    Total,
    #[error("the tax-free part of the payment")]
    TaxFree,
    #[error("the taxable part of the payment")]
    SupplyWithVat,
}

/// More is registered than was paid. `registered` does not contain `asked`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{part} is {allowed}, of which {registered} is registered; {asked} more cannot be")]
pub struct PaymentExceeded {
    pub part: PaymentPart,
    pub registered: Amount,
    pub asked: Amount,
    pub allowed: Amount,
}

/// More is registered under a cancellation than it gave back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the cancellation is of {allowed} ({kind}), of which {registered} is registered; {asked} more cannot be"
)]
pub struct CancellationExceeded {
    pub kind: AmountKind,
    pub registered: Amount,
    pub asked: Amount,
    pub allowed: Amount,
}

fn exceeds(registered: Amount, asked: Amount, allowed: Amount) -> bool {
    registered.plus(asked).map_or(true, |sum| sum > allowed)
}

/// Whether an order transfer fits beside those that are registered for its payment: `paid` is what
/// was paid originally, whatever was cancelled since.
///
/// # Errors
/// The first part that is exceeded.
pub fn fits_payment(
    registered: PaymentParts,
    asked: PaymentParts,
    paid: PaymentParts,
) -> Result<(), PaymentExceeded> {
    for (part, registered, asked, allowed) in [
        (PaymentPart::Total, registered.total, asked.total, paid.total),
        (PaymentPart::TaxFree, registered.tax_free, asked.tax_free, paid.tax_free),
        (
            PaymentPart::SupplyWithVat,
            registered.supply_with_vat(),
            asked.supply_with_vat(),
            paid.supply_with_vat(),
        ),
    ] {
        if exceeds(registered, asked, allowed) {
            return Err(PaymentExceeded { part, registered, asked, allowed });
        }
    }
    Ok(())
}

/// Whether a cancel fits beside those that are registered under its cancellation, those of other
/// partners included.
///
/// # Errors
/// The first part that is exceeded.
pub fn fits_cancellation(
    registered: PaymentParts,
    asked: PaymentParts,
    cancelled: PaymentParts,
) -> Result<(), CancellationExceeded> {
    for (kind, registered, asked, allowed) in [
        (
            AmountKind::SupplyWithVat,
            registered.supply_with_vat(),
            asked.supply_with_vat(),
            cancelled.supply_with_vat(),
        ),
        (AmountKind::TaxFree, registered.tax_free, asked.tax_free, cancelled.tax_free),
    ] {
        if exceeds(registered, asked, allowed) {
            return Err(CancellationExceeded { kind, registered, asked, allowed });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::amount;
    use super::*;

    fn parts(total: i64, tax_free: i64) -> PaymentParts {
        PaymentParts { total: amount(total), tax_free: amount(tax_free) }
    }

    #[test]
    fn the_transfers_of_a_payment_never_exceed_it() {
        use PaymentPart::{SupplyWithVat, Total};
        // registered, asked, paid; the part that is exceeded with its three amounts
        for (registered, asked, paid, expected) in [
            // Section 17: a second partner with 2,001 beside 8,000 of 10,000.
            (parts(8_000, 0), parts(2_001, 0), parts(10_000, 0), Some((Total, 8_000, 2_001, 10_000))),
            (parts(8_000, 0), parts(2_000, 0), parts(10_000, 0), None),
            (
                parts(0, 0),
                parts(5_000, 3_001),
                parts(10_000, 3_000),
                Some((PaymentPart::TaxFree, 0, 3_001, 3_000)),
            ),
            (
                parts(4_000, 0),
                parts(4_000, 0),
                parts(10_000, 3_000),
                Some((SupplyWithVat, 4_000, 4_000, 7_000)),
            ),
            (parts(7_000, 0), parts(3_000, 3_000), parts(10_000, 3_000), None),
        ] {
            let found = fits_payment(registered, asked, paid).err();
            let expected = expected.map(|(part, registered, asked, allowed)| PaymentExceeded {
                part,
                registered: amount(registered),
                asked: amount(asked),
                allowed: amount(allowed),
            });
            assert_eq!(found, expected, "{registered:?} {asked:?} {paid:?}");
        }
        let most = parts(crate::money::MAX_AMOUNT, 0);
        assert!(fits_payment(most, parts(1, 0), most).is_err());
    }

    #[test]
    fn the_cancels_of_a_cancellation_never_exceed_it() {
        use AmountKind::{SupplyWithVat, TaxFree};
        for (registered, asked, cancelled, expected) in [
            (parts(500, 0), parts(500, 0), parts(1_000, 0), None),
            (parts(500, 0), parts(501, 0), parts(1_000, 0), Some((SupplyWithVat, 500, 501, 1_000))),
            (parts(0, 0), parts(300, 301), parts(1_000, 300), Some((TaxFree, 0, 301, 300))),
            (parts(0, 0), parts(800, 0), parts(1_000, 300), Some((SupplyWithVat, 0, 800, 700))),
        ] {
            let found = fits_cancellation(registered, asked, cancelled).err();
            let expected = expected.map(|(kind, registered, asked, allowed)| CancellationExceeded {
                kind,
                registered: amount(registered),
                asked: amount(asked),
                allowed: amount(allowed),
            });
            assert_eq!(found, expected, "{registered:?} {asked:?} {cancelled:?}");
        }
    }
}
