//! Manual transfers: an amount that somebody decided, without fee, VAT or discount (v2-platform,
//! section 12).

use super::is_supported;
use super::setting::ManualSettlement;
use crate::money::{Currency, SignedAmount};

/// What a manual transfer adds to a partner's settlement, or takes from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ManualAmount {
    pub settlement: SignedAmount,
    /// Of the same sign, and not larger.
    pub tax_free: SignedAmount,
    pub currency: Currency,
}

/// Why a manual amount is refused, in the order of the checks. Between the first and the others
/// belong what the request names: partner and properties (404), and its id (409).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ManualRefusal {
    #[error("the tax-free amount {tax_free} is not a part of the amount {settlement}")]
    TaxFreeIsNoPart { settlement: SignedAmount, tax_free: SignedAmount },
    #[error("settlements in {0} are not supported")]
    CurrencyNotSupported(Currency),
    #[error("{0} is negative, and every manual transfer is paid by itself")]
    NegativeNotAllowed(SignedAmount),
}

impl ManualAmount {
    /// # Errors
    /// See [`ManualRefusal`]; the first rule that is broken, in its order.
    pub fn new(
        settlement: SignedAmount,
        tax_free: SignedAmount,
        currency: Currency,
        setting: ManualSettlement,
    ) -> Result<Self, ManualRefusal> {
        let same_sign = tax_free.is_zero() || tax_free.is_negative() == settlement.is_negative();
        if !same_sign || tax_free.minor_units().unsigned_abs() > settlement.minor_units().unsigned_abs() {
            return Err(ManualRefusal::TaxFreeIsNoPart { settlement, tax_free });
        }
        if !is_supported(currency) {
            return Err(ManualRefusal::CurrencyNotSupported(currency));
        }
        match setting {
            ManualSettlement::Each if settlement.is_negative() => {
                Err(ManualRefusal::NegativeNotAllowed(settlement))
            }
            ManualSettlement::Each | ManualSettlement::Together => {
                Ok(Self { settlement, tax_free, currency })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_amount_has_a_tax_free_part_of_its_own_sign() {
        let won = |units| SignedAmount::new(units).unwrap();
        let gbp = Currency::parse("GBP").unwrap();
        use ManualRefusal as R;
        use ManualSettlement::{Each, Together};
        let no_part = |settlement, tax_free| {
            Err(R::TaxFreeIsNoPart { settlement: won(settlement), tax_free: won(tax_free) })
        };
        // settlement, tax-free, currency, setting, refusal
        for (settlement, tax_free, currency, setting, expected) in [
            (1_000, 0, Currency::KRW, Together, Ok(())),
            (1_000, 1_000, Currency::KRW, Each, Ok(())),
            (0, 0, Currency::KRW, Each, Ok(())),
            (-400, -400, Currency::USD, Together, Ok(())),
            (1_000, 1_001, Currency::KRW, Together, no_part(1_000, 1_001)),
            (1_000, -1, Currency::KRW, Together, no_part(1_000, -1)),
            (-1_000, 1, Currency::KRW, Together, no_part(-1_000, 1)),
            (0, 1, Currency::KRW, Together, no_part(0, 1)),
            (-1, -2, gbp, Each, no_part(-1, -2)),
            (-1, 0, gbp, Each, Err(R::CurrencyNotSupported(gbp))),
            (-1, 0, Currency::KRW, Each, Err(R::NegativeNotAllowed(won(-1)))),
        ] {
            let made = ManualAmount::new(won(settlement), won(tax_free), currency, setting);
            assert_eq!(made.map(|_| ()), expected, "{settlement} {tax_free} {currency} {setting:?}");
        }
    }
}
