//! Registering an order transfer.

use super::{Found, IdUse, Office};
use crate::id::PaymentId;
use crate::money::{Amount, Currency};
use crate::settlement::calculator::ParameterValue;
use crate::settlement::contract::ContractTerms;
use crate::settlement::cycle::DateError;
use crate::settlement::id::{
    AdditionalFeePolicyId, ContractId, DiscountSharePolicyId, ProductId, TransferId,
};
use crate::settlement::limit::{PaymentExceeded, PaymentParts, fits_payment};
use crate::settlement::order::{
    AdditionalFee, AmountExceeded, Calculation, CalculationRefusal, ContractFees, Discount, Order,
    OrderDetail, OrderLine, Product, calculate, twice,
};
use crate::settlement::policy::{AdditionalFeeTerms, DiscountShareTerms};
use crate::settlement::setting::OrdersPerPartner;
use crate::settlement::version::{Version, Versioned};
use crate::settlement::{day_in_korea, is_supported};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// An order transfer as it is asked for: policies by name, amounts as given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderAsk {
    pub id: Option<TransferId>,
    pub payment: PaymentId,
    pub detail: DetailAsk,
    pub tax_free: Option<Amount>,
    pub discounts: Vec<DiscountAsk>,
    pub additional_fees: Vec<AdditionalFeePolicyId>,
    pub parameters: BTreeMap<Box<str>, ParameterValue>,
    pub settlement_start_date: Option<Date>,
    pub settlement_date: Option<Date>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DetailAsk {
    Amount(Amount),
    Lines(Vec<LineAsk>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineAsk {
    pub product: Product,
    pub quantity: u32,
    pub discounts: Vec<DiscountAsk>,
    pub additional_fees: Vec<AdditionalFeePolicyId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscountAsk {
    pub policy: DiscountSharePolicyId,
    pub amount: Amount,
    pub tax_free: Amount,
}

/// The payment that an order belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentFacts {
    /// One of ours that was paid, whatever was cancelled since.
    Ours { currency: Currency, paid_at: Timestamp, paid: PaymentParts, registered: PaymentParts },
    /// One that the merchant knows of; its amounts are not checked.
    External { currency: Currency, paid_at: Option<Timestamp> },
}

impl PaymentFacts {
    pub const fn currency(&self) -> Currency {
        match self {
            Self::Ours { currency, .. } | Self::External { currency, .. } => *currency,
        }
    }

    const fn paid_at(&self) -> Option<Timestamp> {
        match self {
            Self::Ours { paid_at, .. } => Some(*paid_at),
            Self::External { paid_at, .. } => *paid_at,
        }
    }
}

/// What was found of what an order names.
#[derive(Debug, Clone, Copy)]
pub struct OrderFound<'a> {
    /// Whether the partner exists and is not archived.
    pub partner: Found,
    /// The contract that the request names, or the partner's default on the start date.
    pub contract: Option<&'a Versioned<ContractTerms>>,
    pub discount_policies: &'a BTreeMap<DiscountSharePolicyId, Versioned<DiscountShareTerms>>,
    pub additional_fee_policies: &'a BTreeMap<AdditionalFeePolicyId, Versioned<AdditionalFeeTerms>>,
    pub payment: Option<&'a PaymentFacts>,
    /// The first property key that the merchant has not defined.
    pub unknown_property: Option<&'a str>,
    /// Whether the id is in use, also by a transfer that was deleted.
    pub id: IdUse,
    /// An order transfer of the same payment, store and partner.
    pub existing: Option<&'a TransferId>,
}

/// Why an order transfer is refused, in the order of the checks (section 10.4).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderRefusal {
    /// `INVALID_REQUEST`. Sums that leave the range are found last of all, when they are made.
    #[error(transparent)]
    Malformed(CalculationRefusal),
    #[error("no such partner, or it is archived")]
    PartnerNotFound,
    #[error("no such contract, or it is archived")]
    ContractNotFound,
    #[error("unknown or archived discount share policies: {}", Listed(.0))]
    DiscountSharePoliciesNotFound(Vec<DiscountSharePolicyId>),
    #[error("unknown or archived additional fee policies: {}", Listed(.0))]
    AdditionalFeePoliciesNotFound(Vec<AdditionalFeePolicyId>),
    #[error("no such payment, or it was not paid")]
    PaymentNotFound,
    #[error("no property {0} is defined")]
    PropertyNotFound(Box<str>),
    #[error("no settlement parameter {0} is defined")]
    ParameterNotFound(Box<str>),
    #[error("the transfer id {0} is or was in use")]
    IdAlreadyUsed(TransferId),
    #[error("the payment has the transfer {0} of this partner already")]
    AlreadyExists(TransferId),
    #[error("product {0} is on two lines")]
    ProductTwice(ProductId),
    #[error("settlements in {0} are not supported")]
    CurrencyNotSupported(Currency),
    #[error("the contract {contract} charges a fixed amount in KRW, and the settlement is in {settlement}")]
    ContractFeeCurrency { contract: ContractId, settlement: Currency },
    #[error("the policy {policy} charges a fixed amount in KRW, and the settlement is in {settlement}")]
    AdditionalFeeCurrency { policy: AdditionalFeePolicyId, settlement: Currency },
    #[error(transparent)]
    Exceeded(AmountExceeded),
    #[error(transparent)]
    PaymentExceeded(#[from] PaymentExceeded),
    #[error("the settlement date {settles_on} is before the start date {starts_on}")]
    DateBeforeStart { starts_on: Date, settles_on: Date },
    /// The dates are at the end of the calendar: `INVALID_REQUEST`.
    #[error(transparent)]
    NoDate(#[from] DateError),
}

struct Listed<'a, T>(&'a [T]);

impl<T: std::fmt::Display> std::fmt::Display for Listed<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, item) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            item.fmt(f)?;
        }
        Ok(())
    }
}

/// An order transfer that may be registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderTransfer {
    pub starts_on: Date,
    pub settles_on: Date,
    pub currency: Currency,
    pub contract: (ContractId, Version<ContractTerms>),
    /// With defaults filled in.
    pub parameters: BTreeMap<Box<str>, ParameterValue>,
    pub calculation: Calculation,
}

/// The day on which an order starts to count: as asked, else that of the payment, else today.
pub fn start_date(asked: Option<Date>, payment: &PaymentFacts, today: Date) -> Date {
    asked.or_else(|| payment.paid_at().map(day_in_korea)).unwrap_or(today)
}

/// Decides whether an order transfer may be registered, and what it is worth. It is also what is
/// done again whenever a policy, a contract or a formula changes while a transfer is not frozen.
///
/// # Errors
/// See [`OrderRefusal`]; the first rule that is broken, in its order.
pub fn order(
    ask: &OrderAsk,
    found: OrderFound<'_>,
    office: Office<'_>,
) -> Result<OrderTransfer, OrderRefusal> {
    ask.well_formed().map_err(OrderRefusal::Malformed)?;
    if found.partner == Found::NotFound {
        return Err(OrderRefusal::PartnerNotFound);
    }
    let contract =
        found.contract.filter(|contract| !contract.archived).ok_or(OrderRefusal::ContractNotFound)?;
    ask.policies_found(found)?;
    let payment = found.payment.ok_or(OrderRefusal::PaymentNotFound)?;
    if let Some(key) = found.unknown_property {
        return Err(OrderRefusal::PropertyNotFound(key.into()));
    }
    let calculator = &office.setting.calculator;
    let parameters = calculator.parameter_values(&ask.parameters).map_err(OrderRefusal::ParameterNotFound)?;
    if let (Some(id), IdUse::Used) = (&ask.id, found.id) {
        return Err(OrderRefusal::IdAlreadyUsed(id.clone()));
    }
    if let (Some(existing), OrdersPerPartner::One) = (found.existing, office.setting.orders_per_partner) {
        return Err(OrderRefusal::AlreadyExists(existing.clone()));
    }
    let starts_on = start_date(ask.settlement_start_date, payment, office.today);
    let version = contract.in_force_on(starts_on);
    let terms = &version.terms;
    let order = ask.resolved(found, starts_on, &parameters);
    let fees = ContractFees {
        platform_fee: terms.platform_fee,
        vat_payer: terms.platform_fee_vat_payer,
        payment_vat: terms.payment_vat,
    };
    let calculated = match calculate(&order, &fees, calculator) {
        Err(CalculationRefusal::ProductTwice(product)) => return Err(OrderRefusal::ProductTwice(product)),
        calculated => calculated,
    };
    let currency = payment.currency();
    fees_can_be_charged(currency, contract, terms, &order)?;
    let calculation = calculated.map_err(|refusal| match refusal {
        CalculationRefusal::Exceeded(exceeded) => OrderRefusal::Exceeded(exceeded),
        malformed => OrderRefusal::Malformed(malformed),
    })?;
    if let PaymentFacts::Ours { paid, registered, .. } = payment {
        fits_payment(*registered, PaymentParts::of(&calculation.amount), *paid)?;
    }
    let settles_on = match ask.settlement_date {
        Some(settles_on) if settles_on < starts_on => {
            return Err(OrderRefusal::DateBeforeStart { starts_on, settles_on });
        }
        Some(settles_on) => settles_on,
        None => terms.cycle.settles_on(starts_on, office.setting.earlier_date, office.calendar)?,
    };
    let contract = (contract.id.clone(), version);
    Ok(OrderTransfer { starts_on, settles_on, currency, contract, parameters, calculation })
}

/// A fixed amount is one of won: it cannot be charged in another currency.
fn fees_can_be_charged(
    settlement: Currency,
    contract: &Versioned<ContractTerms>,
    terms: &ContractTerms,
    order: &Order,
) -> Result<(), OrderRefusal> {
    if !is_supported(settlement) {
        return Err(OrderRefusal::CurrencyNotSupported(settlement));
    }
    if settlement == Currency::KRW {
        return Ok(());
    }
    if terms.platform_fee.is_fixed() {
        return Err(OrderRefusal::ContractFeeCurrency { contract: contract.id.clone(), settlement });
    }
    match order.all_additional_fees().find(|own| own.fee.is_fixed()) {
        Some(own) => Err(OrderRefusal::AdditionalFeeCurrency { policy: own.policy.clone(), settlement }),
        None => Ok(()),
    }
}

impl OrderAsk {
    fn lines(&self) -> &[LineAsk] {
        match &self.detail {
            DetailAsk::Amount(_) => &[],
            DetailAsk::Lines(lines) => lines,
        }
    }

    /// What can be said of the request without looking anything up.
    fn well_formed(&self) -> Result<(), CalculationRefusal> {
        if matches!(&self.detail, DetailAsk::Lines(lines) if lines.is_empty()) {
            return Err(CalculationRefusal::NoLines);
        }
        if let Some(line) = self.lines().iter().find(|line| line.quantity == 0) {
            return Err(CalculationRefusal::NoQuantity(line.product.id.clone()));
        }
        let lists = self.lines().iter().map(|line| &line.discounts).chain([&self.discounts]);
        match lists.filter_map(|list| twice(list.iter().map(|discount| &discount.policy))).next() {
            Some(policy) => Err(CalculationRefusal::PolicyTwice(policy.clone())),
            None => Ok(()),
        }
    }

    /// Every policy of the order and of its lines; an archived one counts as missing.
    fn policies_found(&self, found: OrderFound<'_>) -> Result<(), OrderRefusal> {
        let discounts = self.lines().iter().map(|line| &line.discounts).chain([&self.discounts]);
        let missing: BTreeSet<&DiscountSharePolicyId> = discounts
            .flatten()
            .map(|discount| &discount.policy)
            .filter(|id| found.discount_policies.get(id).is_none_or(|policy| policy.archived))
            .collect();
        if !missing.is_empty() {
            let missing = missing.into_iter().cloned().collect();
            return Err(OrderRefusal::DiscountSharePoliciesNotFound(missing));
        }
        let fees = self.lines().iter().map(|line| &line.additional_fees).chain([&self.additional_fees]);
        let missing: BTreeSet<&AdditionalFeePolicyId> = fees
            .flatten()
            .filter(|id| found.additional_fee_policies.get(id).is_none_or(|policy| policy.archived))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(OrderRefusal::AdditionalFeePoliciesNotFound(missing.into_iter().cloned().collect()))
    }

    /// With the policies as they stand on the start date.
    fn resolved(
        &self,
        found: OrderFound<'_>,
        starts_on: Date,
        parameters: &BTreeMap<Box<str>, ParameterValue>,
    ) -> Order {
        let discounts = |asked: &[DiscountAsk]| -> Vec<Discount> {
            let of = |ask: &DiscountAsk| {
                let policy = found.discount_policies.get(&ask.policy)?.in_force_on(starts_on);
                Some(Discount {
                    policy: ask.policy.clone(),
                    partner_share: policy.terms.partner_share,
                    amount: ask.amount,
                    tax_free: ask.tax_free,
                })
            };
            asked.iter().filter_map(of).collect()
        };
        let fees = |asked: &[AdditionalFeePolicyId]| -> Vec<AdditionalFee> {
            let of = |id: &AdditionalFeePolicyId| {
                let terms = found.additional_fee_policies.get(id)?.in_force_on(starts_on).terms;
                Some(AdditionalFee { policy: id.clone(), fee: terms.fee, vat_payer: terms.vat_payer })
            };
            asked.iter().filter_map(of).collect()
        };
        let line = |ask: &LineAsk| OrderLine {
            product: ask.product.clone(),
            quantity: ask.quantity,
            discounts: discounts(&ask.discounts),
            additional_fees: fees(&ask.additional_fees),
        };
        Order {
            detail: match &self.detail {
                DetailAsk::Amount(amount) => OrderDetail::Amount(*amount),
                DetailAsk::Lines(lines) => OrderDetail::Lines(lines.iter().map(line).collect()),
            },
            tax_free: self.tax_free,
            discounts: discounts(&self.discounts),
            additional_fees: fees(&self.additional_fees),
            parameters: parameters.clone(),
        }
    }
}
