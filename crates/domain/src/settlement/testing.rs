//! Orders for the tests of this module, in few words.

#![allow(clippy::arithmetic_side_effects, clippy::type_complexity, reason = "tests")]

pub(super) mod transfer;

use super::amount::{Member, SettlementAmount};
use super::contract::PaymentVat;
use super::id::{AdditionalFeePolicyId, DiscountSharePolicyId, ProductId};
use super::order::{AdditionalFee, ContractFees, Discount, Order, OrderDetail, OrderLine, Product};
use super::policy::{Fee, Payer};
use crate::money::{Amount, Rate};
use std::collections::BTreeMap;

pub(super) fn amount(units: i64) -> Amount {
    Amount::new(units).unwrap()
}

pub(super) fn order(units: i64) -> Order {
    Order {
        detail: OrderDetail::Amount(amount(units)),
        tax_free: None,
        discounts: vec![],
        additional_fees: vec![],
        parameters: BTreeMap::new(),
    }
}

pub(super) fn lines(lines: Vec<OrderLine>) -> Order {
    Order { detail: OrderDetail::Lines(lines), ..order(0) }
}

pub(super) fn line(product: &str, unit: i64, quantity: u32) -> OrderLine {
    OrderLine {
        product: Product {
            id: ProductId::known(product),
            name: product.into(),
            amount: amount(unit),
            tax_free: Amount::ZERO,
            tag: None,
        },
        quantity,
        discounts: vec![],
        additional_fees: vec![],
    }
}

impl OrderLine {
    pub(super) fn with_tax_free(mut self, unit: i64) -> Self {
        self.product.tax_free = amount(unit);
        self
    }

    pub(super) fn with_discount(mut self, discount: Discount) -> Self {
        self.discounts.push(discount);
        self
    }

    pub(super) fn with_fee(mut self, fee: AdditionalFee) -> Self {
        self.additional_fees.push(fee);
        self
    }
}

impl Order {
    pub(super) fn with_tax_free(mut self, units: i64) -> Self {
        self.tax_free = Some(amount(units));
        self
    }

    pub(super) fn with_discount(mut self, discount: Discount) -> Self {
        self.discounts.push(discount);
        self
    }

    pub(super) fn with_fee(mut self, fee: AdditionalFee) -> Self {
        self.additional_fees.push(fee);
        self
    }
}

/// A discount, its tax-free part, and the partner's share in thousandths of a percent.
pub(super) fn discount(policy: &str, units: i64, tax_free: i64, share: u32) -> Discount {
    Discount {
        policy: DiscountSharePolicyId::known(policy),
        partner_share: Rate::millipercent(share),
        amount: amount(units),
        tax_free: amount(tax_free),
    }
}

pub(super) fn fee(policy: &str, fee: Fee, vat_payer: Payer) -> AdditionalFee {
    AdditionalFee { policy: AdditionalFeePolicyId::known(policy), fee, vat_payer }
}

/// In thousandths of a percent.
pub(super) const fn rate(rate: u32) -> Fee {
    Fee::Rate(Rate::millipercent(rate))
}

pub(super) fn fixed(units: i64) -> Fee {
    Fee::Fixed(amount(units))
}

/// The partner bears the fee's VAT, and the payment's VAT is settled.
pub(super) const fn contract(platform_fee: Fee) -> ContractFees {
    ContractFees { platform_fee, vat_payer: Payer::Partner, payment_vat: PaymentVat::Settled }
}

impl ContractFees {
    pub(super) const fn vat_by_merchant(self) -> Self {
        Self { vat_payer: Payer::Merchant, ..self }
    }

    pub(super) const fn withholding_vat(self) -> Self {
        Self { payment_vat: PaymentVat::Withheld, ..self }
    }
}

/// The seventeen members in the order of the specification's tables.
pub(super) fn row(amount: &SettlementAmount) -> [i64; 17] {
    Member::ALL.map(|member| amount.member(member).minor_units())
}

/// The identities that hold for every order, line and cancel (section 26.3).
pub(super) fn holds(amount: &SettlementAmount) {
    let of = |member| amount.member(member).minor_units();
    assert_eq!(of(Member::Payment), of(Member::Order) - of(Member::Discount));
    assert_eq!(
        of(Member::Payment),
        of(Member::PaymentSupply) + of(Member::PaymentVat) + of(Member::PaymentTaxFree)
    );
    assert!([0, of(Member::PaymentVat)].contains(&of(Member::PaymentVatBurden)));
    assert_eq!(
        of(Member::Settlement),
        of(Member::Order)
            - of(Member::PaymentVatBurden)
            - of(Member::PlatformFee)
            - of(Member::PlatformFeeVat)
            - of(Member::AdditionalFee)
            - of(Member::AdditionalFeeVat)
            - of(Member::DiscountShare)
    );
}
