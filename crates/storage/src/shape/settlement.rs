//! What an order, or a cancel of one, is worth: amounts, lines, and the rules that a cancel needs again.

use super::{Read, Senseless, amount};
use paypier_domain::money::{Amount, Rounding, SignedAmount};
use paypier_domain::settlement::amount::{Member, SettlementAmount};
use paypier_domain::settlement::calculator::ParameterValue;
use paypier_domain::settlement::cancel::{Cancel, CancelDetail, DiscountCancel, LineCancel};
use paypier_domain::settlement::contract::PaymentVat;
use paypier_domain::settlement::id::{AdditionalFeePolicyId, DiscountSharePolicyId, ProductId};
use paypier_domain::settlement::order::{
    Calculation as Calculated, DiscountCalculation, FeeCalculation, KeptRules, LineCalculation, Product,
};
use paypier_domain::settlement::working::Working;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The seventeen members in the order of [`Member::ALL`], then the merchant's own figures.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Amounts(Vec<i64>, #[serde(default)] BTreeMap<String, i64>);

impl Amounts {
    pub(crate) fn of(amounts: &SettlementAmount) -> Self {
        let own = amounts.user_defined.iter().map(|(key, value)| (key.to_string(), value.minor_units()));
        Self(Member::ALL.iter().map(|member| amounts.member(*member).minor_units()).collect(), own.collect())
    }

    pub(crate) fn read(self) -> Read<SettlementAmount> {
        let unsigned = |member: Member| amount(self.signed(member)?, "amounts");
        let signed = |member: Member| signed(self.signed(member)?, "amounts");
        let own =
            self.1.iter().map(|(key, value)| Ok((key.as_str().into(), self::signed(*value, "amounts")?)));
        Ok(SettlementAmount {
            order: unsigned(Member::Order)?,
            order_tax_free: unsigned(Member::OrderTaxFree)?,
            discount: unsigned(Member::Discount)?,
            discount_tax_free: unsigned(Member::DiscountTaxFree)?,
            payment: unsigned(Member::Payment)?,
            payment_tax_free: unsigned(Member::PaymentTaxFree)?,
            payment_vat: unsigned(Member::PaymentVat)?,
            payment_supply: unsigned(Member::PaymentSupply)?,
            payment_vat_burden: unsigned(Member::PaymentVatBurden)?,
            platform_fee: signed(Member::PlatformFee)?,
            platform_fee_vat: signed(Member::PlatformFeeVat)?,
            additional_fee: signed(Member::AdditionalFee)?,
            additional_fee_vat: signed(Member::AdditionalFeeVat)?,
            discount_share: signed(Member::DiscountShare)?,
            discount_share_tax_free: signed(Member::DiscountShareTaxFree)?,
            settlement: signed(Member::Settlement)?,
            settlement_tax_free: signed(Member::SettlementTaxFree)?,
            user_defined: own.collect::<Read<_>>()?,
        })
    }

    fn signed(&self, member: Member) -> Read<i64> {
        let place = Member::ALL.iter().position(|known| *known == member);
        place.and_then(|place| self.0.get(place)).copied().ok_or(Senseless("amounts"))
    }
}

pub(crate) fn signed(units: i64, member: &'static str) -> Read<SignedAmount> {
    SignedAmount::new(units).map_err(|_| Senseless(member))
}

/// Policy, amount, tax-free part, share, tax-free share.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Discount(String, i64, i64, i64, i64);

/// Policy, amount, VAT.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Fee(String, i64, i64);

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Line {
    id: String,
    name: String,
    unit: i64,
    #[serde(default)]
    tax_free: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    quantity: u32,
    amounts: Amounts,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    discounts: Vec<Discount>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    fees: Vec<Fee>,
}

/// A calculation without its working, which has a column of its own.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Calculation {
    amounts: Amounts,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    lines: Vec<Line>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    discounts: Vec<Discount>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    fees: Vec<Fee>,
    vat: String,
    tax_free: String,
    withholds_vat: bool,
}

const fn rounding_word(rounding: Rounding) -> &'static str {
    match rounding {
        Rounding::Down => "DOWN",
        Rounding::HalfUp => "NEAREST",
        Rounding::Up => "UP",
    }
}

fn rounding(word: &str) -> Read<Rounding> {
    [Rounding::Down, Rounding::HalfUp, Rounding::Up]
        .into_iter()
        .find(|known| rounding_word(*known) == word)
        .ok_or(Senseless("rounding"))
}

fn discounts(of: &[DiscountCalculation]) -> Vec<Discount> {
    of.iter()
        .map(|one| {
            Discount(
                one.policy.as_str().to_owned(),
                one.amount.minor_units(),
                one.tax_free.minor_units(),
                one.share.minor_units(),
                one.share_tax_free.minor_units(),
            )
        })
        .collect()
}

fn read_discounts(of: Vec<Discount>) -> Read<Vec<DiscountCalculation>> {
    of.into_iter()
        .map(|Discount(policy, units, tax_free, share, share_tax_free)| {
            Ok(DiscountCalculation {
                policy: DiscountSharePolicyId::known(policy),
                amount: amount(units, "discounts")?,
                tax_free: amount(tax_free, "discounts")?,
                share: signed(share, "discounts")?,
                share_tax_free: signed(share_tax_free, "discounts")?,
            })
        })
        .collect()
}

fn fees(of: &[FeeCalculation]) -> Vec<Fee> {
    of.iter()
        .map(|one| Fee(one.policy.as_str().to_owned(), one.amount.minor_units(), one.vat.minor_units()))
        .collect()
}

fn read_fees(of: Vec<Fee>) -> Read<Vec<FeeCalculation>> {
    of.into_iter()
        .map(|Fee(policy, units, vat)| {
            Ok(FeeCalculation {
                policy: AdditionalFeePolicyId::known(policy),
                amount: signed(units, "fees")?,
                vat: signed(vat, "fees")?,
            })
        })
        .collect()
}

impl Calculation {
    pub(crate) fn of(calculation: &Calculated) -> Self {
        let line = |line: &LineCalculation| Line {
            id: line.product.id.as_str().to_owned(),
            name: line.product.name.to_string(),
            unit: line.product.amount.minor_units(),
            tax_free: line.product.tax_free.minor_units(),
            tag: line.product.tag.as_deref().map(str::to_owned),
            quantity: line.quantity,
            amounts: Amounts::of(&line.amount),
            discounts: discounts(&line.discounts),
            fees: fees(&line.additional_fees),
        };
        Self {
            amounts: Amounts::of(&calculation.amount),
            lines: calculation.lines.iter().map(line).collect(),
            discounts: discounts(&calculation.discounts),
            fees: fees(&calculation.additional_fees),
            vat: rounding_word(calculation.kept.vat).to_owned(),
            tax_free: rounding_word(calculation.kept.tax_free).to_owned(),
            withholds_vat: calculation.kept.payment_vat == PaymentVat::Withheld,
        }
    }

    pub(crate) fn read(self) -> Read<Calculated> {
        let line = |line: Line| {
            Ok(LineCalculation {
                product: Product {
                    id: ProductId::known(line.id),
                    name: line.name.into(),
                    amount: amount(line.unit, "lines.unit")?,
                    tax_free: amount(line.tax_free, "lines.tax_free")?,
                    tag: line.tag.map(Into::into),
                },
                quantity: line.quantity,
                amount: line.amounts.read()?,
                discounts: read_discounts(line.discounts)?,
                additional_fees: read_fees(line.fees)?,
            })
        };
        Ok(Calculated {
            amount: self.amounts.read()?,
            lines: self.lines.into_iter().map(line).collect::<Read<_>>()?,
            discounts: read_discounts(self.discounts)?,
            additional_fees: read_fees(self.fees)?,
            kept: KeptRules {
                vat: rounding(&self.vat)?,
                tax_free: rounding(&self.tax_free)?,
                payment_vat: if self.withholds_vat { PaymentVat::Withheld } else { PaymentVat::Settled },
            },
            working: Working::default(),
        })
    }
}

/// Policy, amount, tax-free part.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Taken(String, i64, i64);

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Detail {
    Amount(i64),
    Lines(Vec<(String, u32, Vec<Taken>)>),
    All,
}

/// A cancel as it was asked for.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Asked {
    detail: Detail,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tax_free: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    discounts: Vec<Taken>,
}

fn taken(of: &[DiscountCancel]) -> Vec<Taken> {
    of.iter()
        .map(|one| {
            Taken(one.policy.as_str().to_owned(), one.amount.minor_units(), one.tax_free.minor_units())
        })
        .collect()
}

fn read_taken(of: Vec<Taken>) -> Read<Vec<DiscountCancel>> {
    of.into_iter()
        .map(|Taken(policy, units, tax_free)| {
            Ok(DiscountCancel {
                policy: DiscountSharePolicyId::known(policy),
                amount: amount(units, "asked.discounts")?,
                tax_free: amount(tax_free, "asked.discounts")?,
            })
        })
        .collect()
}

impl Asked {
    pub(crate) fn of(cancel: &Cancel) -> Self {
        Self {
            detail: match &cancel.detail {
                CancelDetail::Amount(amount) => Detail::Amount(amount.minor_units()),
                CancelDetail::Lines(lines) => Detail::Lines(
                    lines
                        .iter()
                        .map(|line| (line.product.as_str().to_owned(), line.quantity, taken(&line.discounts)))
                        .collect(),
                ),
                CancelDetail::All => Detail::All,
            },
            tax_free: cancel.tax_free.map(Amount::minor_units),
            discounts: taken(&cancel.discounts),
        }
    }

    pub(crate) fn read(self) -> Read<Cancel> {
        Ok(Cancel {
            detail: match self.detail {
                Detail::Amount(units) => CancelDetail::Amount(amount(units, "asked.amount")?),
                Detail::Lines(lines) => CancelDetail::Lines(
                    lines
                        .into_iter()
                        .map(|(product, quantity, discounts)| {
                            let (product, discounts) = (ProductId::known(product), read_taken(discounts)?);
                            Ok(LineCancel { product, quantity, discounts })
                        })
                        .collect::<Read<_>>()?,
                ),
                Detail::All => CancelDetail::All,
            },
            tax_free: self.tax_free.map(|units| amount(units, "asked.tax_free")).transpose()?,
            discounts: read_taken(self.discounts)?,
        })
    }
}

/// Decimal and scale by key.
pub(crate) type Parameters = BTreeMap<String, (i64, u8)>;

pub(crate) fn parameters(of: &BTreeMap<Box<str>, ParameterValue>) -> Parameters {
    of.iter().map(|(key, value)| (key.to_string(), (value.decimal(), value.scale()))).collect()
}

pub(crate) fn read_parameters(of: Parameters) -> Read<BTreeMap<Box<str>, ParameterValue>> {
    of.into_iter()
        .map(|(key, (decimal, scale))| {
            Ok((key.into(), ParameterValue::new(decimal, scale).ok_or(Senseless("parameters"))?))
        })
        .collect()
}
