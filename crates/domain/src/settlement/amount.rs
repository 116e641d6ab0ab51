//! The amounts of a transfer, of a line of it, or of many transfers together.

use crate::money::{Amount, MoneyError, SignedAmount};
use std::collections::BTreeMap;

/// What an order (or the cancelled part of one) is worth to a partner. Minor units of one currency.
///
/// Always: `payment = order − discount = payment_supply + payment_vat + payment_tax_free`, and
/// `settlement = order − payment_vat_burden − platform_fee − platform_fee_vat − additional_fee −
/// additional_fee_vat − discount_share`. In an order cancel every member is what is taken back, so
/// it is positive where the order's is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SettlementAmount {
    /// Before any discount.
    pub order: Amount,
    pub order_tax_free: Amount,
    pub discount: Amount,
    pub discount_tax_free: Amount,
    /// What the buyer pays for it.
    pub payment: Amount,
    pub payment_tax_free: Amount,
    pub payment_vat: Amount,
    pub payment_supply: Amount,
    /// The part of the payment's VAT that is withheld from the partner: all of it or nothing.
    pub payment_vat_burden: Amount,
    pub platform_fee: SignedAmount,
    /// What the partner bears of the fee's VAT; 0 when the merchant pays it.
    pub platform_fee_vat: SignedAmount,
    pub additional_fee: SignedAmount,
    pub additional_fee_vat: SignedAmount,
    /// What the partner bears of the discounts.
    pub discount_share: SignedAmount,
    pub discount_share_tax_free: SignedAmount,
    /// What the partner gets; negative when fees and shares exceed the order.
    pub settlement: SignedAmount,
    pub settlement_tax_free: SignedAmount,
    /// The merchant's own figures by key.
    pub user_defined: BTreeMap<Box<str>, SignedAmount>,
}

/// One member of a [`SettlementAmount`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Member {
    Order,
    OrderTaxFree,
    Discount,
    DiscountTaxFree,
    Payment,
    PaymentTaxFree,
    PaymentVat,
    PaymentSupply,
    PaymentVatBurden,
    PlatformFee,
    PlatformFeeVat,
    AdditionalFee,
    AdditionalFeeVat,
    DiscountShare,
    DiscountShareTaxFree,
    Settlement,
    SettlementTaxFree,
}

impl Member {
    pub const ALL: [Self; 17] = [
        Self::Order,
        Self::OrderTaxFree,
        Self::Discount,
        Self::DiscountTaxFree,
        Self::Payment,
        Self::PaymentTaxFree,
        Self::PaymentVat,
        Self::PaymentSupply,
        Self::PaymentVatBurden,
        Self::PlatformFee,
        Self::PlatformFeeVat,
        Self::AdditionalFee,
        Self::AdditionalFeeVat,
        Self::DiscountShare,
        Self::DiscountShareTaxFree,
        Self::Settlement,
        Self::SettlementTaxFree,
    ];

    /// As a merchant reads it.
    pub const fn as_words(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::OrderTaxFree => "order, tax-free",
            Self::Discount => "discount",
            Self::DiscountTaxFree => "discount, tax-free",
            Self::Payment => "payment",
            Self::PaymentTaxFree => "payment, tax-free",
            Self::PaymentVat => "VAT of the payment",
            Self::PaymentSupply => "payment, taxable, without VAT",
            Self::PaymentVatBurden => "VAT of the payment, withheld",
            Self::PlatformFee => "platform fee",
            Self::PlatformFeeVat => "VAT on the platform fee",
            Self::AdditionalFee => "additional fees",
            Self::AdditionalFeeVat => "VAT on the additional fees",
            Self::DiscountShare => "share of discounts",
            Self::DiscountShareTaxFree => "share of discounts, tax-free",
            Self::Settlement => "settlement",
            Self::SettlementTaxFree => "settlement, tax-free",
        }
    }
}

impl SettlementAmount {
    pub fn member(&self, member: Member) -> SignedAmount {
        match member {
            Member::Order => self.order.into(),
            Member::OrderTaxFree => self.order_tax_free.into(),
            Member::Discount => self.discount.into(),
            Member::DiscountTaxFree => self.discount_tax_free.into(),
            Member::Payment => self.payment.into(),
            Member::PaymentTaxFree => self.payment_tax_free.into(),
            Member::PaymentVat => self.payment_vat.into(),
            Member::PaymentSupply => self.payment_supply.into(),
            Member::PaymentVatBurden => self.payment_vat_burden.into(),
            Member::PlatformFee => self.platform_fee,
            Member::PlatformFeeVat => self.platform_fee_vat,
            Member::AdditionalFee => self.additional_fee,
            Member::AdditionalFeeVat => self.additional_fee_vat,
            Member::DiscountShare => self.discount_share,
            Member::DiscountShareTaxFree => self.discount_share_tax_free,
            Member::Settlement => self.settlement,
            Member::SettlementTaxFree => self.settlement_tax_free,
        }
    }

    /// The taxable part of the payment, its VAT included.
    pub const fn payment_supply_with_vat(&self) -> Amount {
        self.payment.minus_or_zero(self.payment_tax_free)
    }

    /// What the merchant keeps: all fees, their VAT, the shares of discounts, and VAT withheld.
    ///
    /// # Errors
    /// The sum leaves the range.
    pub fn fees(&self) -> Result<SignedAmount, MoneyError> {
        SignedAmount::sum([
            self.platform_fee,
            self.platform_fee_vat,
            self.additional_fee,
            self.additional_fee_vat,
            self.discount_share,
            self.payment_vat_burden.into(),
        ])
    }

    /// Member by member.
    ///
    /// # Errors
    /// A member leaves its range.
    pub fn plus(&self, other: &Self) -> Result<Self, MoneyError> {
        self.combined(other, Amount::plus, SignedAmount::plus)
    }

    /// Member by member.
    ///
    /// # Errors
    /// A member leaves its range, which for most ends at 0.
    pub fn minus(&self, other: &Self) -> Result<Self, MoneyError> {
        let less = |a: Amount, b: Amount| {
            a.minus(b).ok_or(MoneyError::Negative(a.minor_units().saturating_sub(b.minor_units())))
        };
        self.combined(other, less, SignedAmount::minus)
    }

    fn combined(
        &self,
        other: &Self,
        amounts: impl Fn(Amount, Amount) -> Result<Amount, MoneyError>,
        signed: impl Fn(SignedAmount, SignedAmount) -> Result<SignedAmount, MoneyError>,
    ) -> Result<Self, MoneyError> {
        let mut user_defined = self.user_defined.clone();
        for (key, value) in &other.user_defined {
            let mine = user_defined.entry(key.clone()).or_default();
            *mine = signed(*mine, *value)?;
        }
        Ok(Self {
            order: amounts(self.order, other.order)?,
            order_tax_free: amounts(self.order_tax_free, other.order_tax_free)?,
            discount: amounts(self.discount, other.discount)?,
            discount_tax_free: amounts(self.discount_tax_free, other.discount_tax_free)?,
            payment: amounts(self.payment, other.payment)?,
            payment_tax_free: amounts(self.payment_tax_free, other.payment_tax_free)?,
            payment_vat: amounts(self.payment_vat, other.payment_vat)?,
            payment_supply: amounts(self.payment_supply, other.payment_supply)?,
            payment_vat_burden: amounts(self.payment_vat_burden, other.payment_vat_burden)?,
            platform_fee: signed(self.platform_fee, other.platform_fee)?,
            platform_fee_vat: signed(self.platform_fee_vat, other.platform_fee_vat)?,
            additional_fee: signed(self.additional_fee, other.additional_fee)?,
            additional_fee_vat: signed(self.additional_fee_vat, other.additional_fee_vat)?,
            discount_share: signed(self.discount_share, other.discount_share)?,
            discount_share_tax_free: signed(self.discount_share_tax_free, other.discount_share_tax_free)?,
            settlement: signed(self.settlement, other.settlement)?,
            settlement_tax_free: signed(self.settlement_tax_free, other.settlement_tax_free)?,
            user_defined,
        })
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::type_complexity, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn sums_and_differences_are_member_by_member() {
        let won = |units| SignedAmount::new(units).unwrap();
        let one = SettlementAmount {
            order: Amount::new(10_000).unwrap(),
            payment: Amount::new(8_000).unwrap(),
            payment_tax_free: Amount::new(3_000).unwrap(),
            payment_vat_burden: Amount::new(454).unwrap(),
            platform_fee: won(1_000),
            platform_fee_vat: won(100),
            discount_share: won(-5),
            settlement: won(-7),
            user_defined: BTreeMap::from([("points".into(), won(3))]),
            ..Default::default()
        };
        let two = one.plus(&one).unwrap();
        for member in Member::ALL {
            assert_eq!(two.member(member).minor_units(), 2 * one.member(member).minor_units(), "{member:?}");
        }
        assert_eq!(two.user_defined.get("points"), Some(&won(6)));
        assert_eq!(two.minus(&one).unwrap(), one);
        assert_eq!(one.minus(&two), Err(MoneyError::Negative(-10_000)));
        assert_eq!(one.fees().unwrap(), won(1_549));
        assert_eq!(one.payment_supply_with_vat(), Amount::new(5_000).unwrap());
    }
}
