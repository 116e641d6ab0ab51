//! Contracts: what the platform keeps of an order, and when it settles (v2-platform, section 5).

use super::cycle::SettlementCycle;
use super::id::ContractId;
use super::policy::{Fee, Payer};
use super::version::{Terms, VersionKind};

/// The terms of one version of a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractTerms {
    pub name: Box<str>,
    pub platform_fee: Fee,
    pub platform_fee_vat_payer: Payer,
    pub cycle: SettlementCycle,
    pub payment_vat: PaymentVat,
    pub memo: Option<Box<str>>,
}

/// What becomes of the VAT that a payment contains: the member `subtractPaymentVatAmount`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PaymentVat {
    /// Withheld from the settlement: the merchant pays it to the tax office.
    Withheld,
    /// Settled with the rest: the partner pays it.
    Settled,
}

/// What an update of a contract names; an absent member keeps its value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContractUpdate {
    pub name: Option<Box<str>>,
    pub platform_fee: Option<Fee>,
    pub platform_fee_vat_payer: Option<Payer>,
    pub cycle: Option<SettlementCycle>,
    pub payment_vat: Option<PaymentVat>,
    pub memo: Option<Box<str>>,
}

impl Terms for ContractTerms {
    type Id = ContractId;
    type Update = ContractUpdate;
    const KIND: VersionKind = VersionKind::Contract;

    fn updated(&self, update: &Self::Update) -> Self {
        Self {
            name: update.name.clone().unwrap_or_else(|| self.name.clone()),
            platform_fee: update.platform_fee.unwrap_or(self.platform_fee),
            platform_fee_vat_payer: update.platform_fee_vat_payer.unwrap_or(self.platform_fee_vat_payer),
            cycle: update.cycle.clone().unwrap_or_else(|| self.cycle.clone()),
            payment_vat: update.payment_vat.unwrap_or(self.payment_vat),
            memo: update.memo.clone().or_else(|| self.memo.clone()),
        }
    }
}
