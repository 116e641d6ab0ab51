//! Transfers as they are kept: what was registered, by which versions it was calculated, and which
//! partner settlement it has joined.
//!
//! What may be registered and what it is worth is decided in [`super::register`]. Here: the change that
//! registers, freezes or deletes one. Sums over the transfers of a payment, of an order or of a
//! cancellation are guarded by [`Hold`]s: every change that moves such a sum takes its next version.

use super::amount::SettlementAmount;
use super::calculator::ParameterValue;
use super::cancel::Cancel;
use super::contract::ContractTerms;
use super::definition::PlatformKey;
use super::delete::{self, DeletedKind, TransferDeleteRefusal};
use super::group::{DueContent, DueTransfer};
use super::id::{
    AdditionalFeePolicyId, ContractId, DiscountSharePolicyId, PartnerId, PartnerSettlementId, PayoutId,
    TransferId,
};
use super::manual::ManualAmount;
use super::order::Calculation;
use super::register::{
    CancelTransfer, DetailAsk, DiscountAsk, LineAsk, OrderAsk, OrderTransfer, PaymentFacts,
};
use super::status::{PartnerSettlementStatus, TransferDates, TransferStatus};
use crate::change::{Change, Write};
use crate::id::{CancellationId, ChannelKey, PaymentId, StoreId};
use crate::money::{Amount, Currency};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// The longest memo of a transfer, in characters.
pub const MAX_MEMO_CHARS: usize = 256;

/// A transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    pub platform: PlatformKey,
    pub id: TransferId,
    /// The store in whose books its movements are: the merchant's representative one.
    pub home: StoreId,
    pub created_at: Timestamp,
    /// Counts stored changes from 1.
    pub version: u64,
    pub partner: PartnerId,
    pub settles_on: Date,
    pub currency: Currency,
    pub memo: Option<Box<str>>,
    /// By keys that the merchant has defined, in the order of the request.
    pub properties: Vec<(Box<str>, Box<str>)>,
    pub content: TransferContent,
    /// The partner settlement that it has joined.
    pub settlement: Option<Joined>,
}

/// A partner settlement as its transfers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    pub id: PartnerSettlementId,
    pub status: PartnerSettlementStatus,
    /// The payout that it is in, or was in last.
    pub payout: Option<PayoutId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransferContent {
    Order(Box<OrderContent>),
    OrderCancel(Box<CancelContent>),
    Manual(ManualAmount),
}

/// A version of something, by the moment from which it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition<Id> {
    pub id: Id,
    pub applied_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderContent {
    pub contract: Edition<ContractId>,
    pub payment: TransferPayment,
    pub starts_on: Date,
    /// The settlement date as the request gave it; the contract's cycle makes it otherwise.
    pub asked_date: Option<Date>,
    /// The tax-free part as the request gave it.
    pub asked_tax_free: Option<Amount>,
    pub asked_parameters: BTreeMap<Box<str>, ParameterValue>,
    /// With defaults filled in.
    pub parameters: BTreeMap<Box<str>, ParameterValue>,
    pub discount_policies: BTreeMap<DiscountSharePolicyId, Timestamp>,
    pub additional_fee_policies: BTreeMap<AdditionalFeePolicyId, Timestamp>,
    pub calculation: Calculation,
    /// Nothing changes it any more: its start date has come.
    pub frozen: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelContent {
    pub original: TransferId,
    /// That of the order.
    pub contract: Edition<ContractId>,
    pub payment: TransferPayment,
    pub cancellation: OrderCancellation,
    pub starts_on: Date,
    pub asked_date: Option<Date>,
    pub asked: Cancel,
    /// Those of the order.
    pub parameters: BTreeMap<Box<str>, ParameterValue>,
    pub discount_policies: BTreeMap<DiscountSharePolicyId, Timestamp>,
    pub additional_fee_policies: BTreeMap<AdditionalFeePolicyId, Timestamp>,
    pub calculation: Calculation,
    pub frozen: bool,
}

/// The cancellation that a cancel belongs to, ours or one that the merchant knows of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderCancellation {
    pub id: CancellationId,
    pub cancelled_at: Timestamp,
}

/// The payment of an order as it is kept with the transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferPayment {
    pub id: PaymentId,
    /// That of the payment; of an external one the representative store.
    pub store: StoreId,
    /// The channel of a payment of ours. `None`: the merchant knows the payment, we do not.
    pub channel: Option<ChannelKey>,
    pub order_name: Option<Box<str>>,
    pub method: Option<PaidWith>,
    pub currency: Currency,
    pub paid_at: Option<Timestamp>,
}

/// What a payment was made with, as far as transfers tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaidWith {
    Card,
    Transfer,
    VirtualAccount,
    GiftCertificate,
    Mobile,
    /// Provider, and what stands behind it (`CARD`, `TRANSFER`, `CHARGE`), in the dialect's words.
    EasyPay {
        provider: Option<Box<str>>,
        method: Option<Box<str>>,
    },
    ConvenienceStore,
    Crypto,
}

impl PaidWith {
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Card => "CARD",
            Self::Transfer => "TRANSFER",
            Self::VirtualAccount => "VIRTUAL_ACCOUNT",
            Self::GiftCertificate => "GIFT_CERTIFICATE",
            Self::Mobile => "MOBILE",
            Self::EasyPay { .. } => "EASY_PAY",
            Self::ConvenienceStore => "CONVENIENCE_STORE",
            Self::Crypto => "CRYPTO",
        }
    }

    /// Any other kind than easy pay, by its word.
    pub fn plain(kind: &str) -> Option<Self> {
        [
            Self::Card,
            Self::Transfer,
            Self::VirtualAccount,
            Self::GiftCertificate,
            Self::Mobile,
            Self::ConvenienceStore,
            Self::Crypto,
        ]
        .into_iter()
        .find(|known| known.kind() == kind)
    }
}

impl TransferPayment {
    pub const fn is_ours(&self) -> bool {
        self.channel.is_some()
    }
}

/// What serialises changes that move one sum. `version` is the stored one that the sum was loaded
/// beside; `None`: nobody has held it yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    pub platform: PlatformKey,
    pub what: Box<str>,
    pub version: Option<u64>,
}

/// The hold of what is registered for a payment.
pub fn payment_hold(store: &StoreId, payment: &PaymentId) -> Box<str> {
    format!("payment:{store}:{payment}").into()
}

/// The hold of what is cancelled of an order transfer.
pub fn order_hold(order: &TransferId) -> Box<str> {
    format!("order:{order}").into()
}

/// The hold of what is registered under a cancellation of ours.
pub fn cancellation_hold(store: &StoreId, payment: &PaymentId, cancellation: &CancellationId) -> Box<str> {
    format!("cancellation:{store}:{payment}:{cancellation}").into()
}

impl Transfer {
    /// `None` for a manual transfer.
    pub fn starts_on(&self) -> Option<Date> {
        match &self.content {
            TransferContent::Order(order) => Some(order.starts_on),
            TransferContent::OrderCancel(cancel) => Some(cancel.starts_on),
            TransferContent::Manual(_) => None,
        }
    }

    pub fn status(&self, today: Date) -> TransferStatus {
        let dates = TransferDates { starts_on: self.starts_on(), settles_on: self.settles_on };
        TransferStatus::of(dates, today, self.settlement.as_ref().map(|joined| joined.status))
    }

    pub const fn kind(&self) -> &'static str {
        match &self.content {
            TransferContent::Order(_) => "ORDER",
            TransferContent::OrderCancel(_) => "ORDER_CANCEL",
            TransferContent::Manual(_) => "MANUAL",
        }
    }

    /// `None` for a manual transfer.
    pub fn calculation(&self) -> Option<&Calculation> {
        match &self.content {
            TransferContent::Order(order) => Some(&order.calculation),
            TransferContent::OrderCancel(cancel) => Some(&cancel.calculation),
            TransferContent::Manual(_) => None,
        }
    }

    pub fn amount(&self) -> Option<&SettlementAmount> {
        self.calculation().map(|calculation| &calculation.amount)
    }

    /// `None` for a manual transfer.
    pub fn contract(&self) -> Option<&Edition<ContractId>> {
        match &self.content {
            TransferContent::Order(order) => Some(&order.contract),
            TransferContent::OrderCancel(cancel) => Some(&cancel.contract),
            TransferContent::Manual(_) => None,
        }
    }

    /// `None` for a manual transfer.
    pub fn payment(&self) -> Option<&TransferPayment> {
        match &self.content {
            TransferContent::Order(order) => Some(&order.payment),
            TransferContent::OrderCancel(cancel) => Some(&cancel.payment),
            TransferContent::Manual(_) => None,
        }
    }

    /// Whether contract, policies and formulas can still change it.
    pub fn is_frozen(&self) -> bool {
        match &self.content {
            TransferContent::Order(order) => order.frozen,
            TransferContent::OrderCancel(cancel) => cancel.frozen,
            TransferContent::Manual(_) => true,
        }
    }

    /// As far as adding it up needs it.
    pub fn due(&self) -> DueTransfer<'_> {
        DueTransfer {
            id: self.id.clone(),
            partner: self.partner.clone(),
            environment: self.platform.environment,
            currency: self.currency,
            settles_on: self.settles_on,
            content: match &self.content {
                TransferContent::Order(order) => DueContent::Order {
                    contract: order.contract.id.clone(),
                    starts_on: order.starts_on,
                    amount: &order.calculation.amount,
                },
                TransferContent::OrderCancel(cancel) => DueContent::OrderCancel {
                    contract: cancel.contract.id.clone(),
                    starts_on: cancel.starts_on,
                    amount: &cancel.calculation.amount,
                },
                TransferContent::Manual(manual) => {
                    DueContent::Manual { settlement: manual.settlement, tax_free: manual.tax_free }
                }
            },
        }
    }

    /// The change that stores a new transfer, beside the holds that its sums were loaded with.
    pub fn registered(&self, holds: Vec<Hold>) -> Change {
        let mut change = Change::default();
        change.writes.extend(holds.into_iter().map(Write::PlatformHold));
        change.writes.push(Write::PlatformTransfer { transfer: Box::new(self.clone()), expects: None });
        change
    }

    /// The change that stores what has become of a transfer that was read at this version.
    pub fn changed(mut self) -> (Self, Change) {
        let expects = Some(self.version);
        self.version = self.version.saturating_add(1);
        let write = Write::PlatformTransfer { transfer: Box::new(self.clone()), expects };
        (self, Change { writes: vec![write], ..Change::default() })
    }

    /// Decides whether the transfer may be deleted; `cancels` are the order cancels of it that exist.
    /// What it has added to a partner settlement is not part of this change.
    ///
    /// # Errors
    /// See [`TransferDeleteRefusal`].
    pub fn delete(&self, cancels: usize, today: Date) -> Result<(), TransferDeleteRefusal> {
        let kind = match &self.content {
            TransferContent::Order(_) => DeletedKind::Order { cancels },
            TransferContent::OrderCancel(_) => DeletedKind::OrderCancel,
            TransferContent::Manual(_) => DeletedKind::Manual,
        };
        delete::transfer(kind, self.status(today), self.settlement.as_ref().map(|joined| joined.status))
    }

    /// The change that deletes it: its id stays taken.
    pub fn deleted(&self, holds: Vec<Hold>, at: Timestamp) -> Change {
        let mut change = Change::default();
        change.writes.extend(holds.into_iter().map(Write::PlatformHold));
        change.writes.push(Write::PlatformTransferDeleted {
            platform: self.platform.clone(),
            id: self.id.clone(),
            expects: self.version,
            at,
        });
        change
    }
}

impl OrderContent {
    /// From what was decided about a request, and what it named.
    pub fn of(
        ask: &OrderAsk,
        payment: TransferPayment,
        decided: OrderTransfer,
        discount_policies: BTreeMap<DiscountSharePolicyId, Timestamp>,
        additional_fee_policies: BTreeMap<AdditionalFeePolicyId, Timestamp>,
        today: Date,
    ) -> Self {
        let (contract, version) = decided.contract;
        Self {
            contract: Edition { id: contract, applied_at: version.applied_at },
            payment,
            starts_on: decided.starts_on,
            asked_date: ask.settlement_date,
            asked_tax_free: ask.tax_free,
            asked_parameters: ask.parameters.clone(),
            parameters: decided.parameters,
            discount_policies,
            additional_fee_policies,
            calculation: decided.calculation,
            frozen: decided.starts_on <= today,
        }
    }

    /// The request again, to be decided anew while the transfer is not frozen.
    pub fn ask(&self) -> OrderAsk {
        let discounts = |made: &[super::order::DiscountCalculation]| {
            let of = |one: &super::order::DiscountCalculation| DiscountAsk {
                policy: one.policy.clone(),
                amount: one.amount,
                tax_free: one.tax_free,
            };
            made.iter().map(of).collect::<Vec<_>>()
        };
        let fees = |made: &[super::order::FeeCalculation]| {
            made.iter().map(|fee| fee.policy.clone()).collect::<Vec<_>>()
        };
        let calculation = &self.calculation;
        let detail = if calculation.lines.is_empty() {
            DetailAsk::Amount(calculation.amount.order)
        } else {
            let line = |line: &super::order::LineCalculation| LineAsk {
                product: line.product.clone(),
                quantity: line.quantity,
                discounts: discounts(&line.discounts),
                additional_fees: fees(&line.additional_fees),
            };
            DetailAsk::Lines(calculation.lines.iter().map(line).collect())
        };
        OrderAsk {
            id: None,
            payment: self.payment.id.clone(),
            detail,
            tax_free: self.asked_tax_free,
            discounts: discounts(&calculation.discounts),
            additional_fees: fees(&calculation.additional_fees),
            parameters: self.asked_parameters.clone(),
            settlement_start_date: Some(self.starts_on),
            settlement_date: self.asked_date,
        }
    }

    /// The payment as registering looked at it; its sums are not looked at again.
    pub const fn facts(&self) -> PaymentFacts {
        PaymentFacts::External { currency: self.payment.currency, paid_at: self.payment.paid_at }
    }

    /// All policies that its discounts and fees name.
    pub fn policies(&self) -> (BTreeSet<&DiscountSharePolicyId>, BTreeSet<&AdditionalFeePolicyId>) {
        (self.discount_policies.keys().collect(), self.additional_fee_policies.keys().collect())
    }
}

impl CancelContent {
    /// From what was decided about a cancel of an order.
    pub fn of(
        order: &OrderContent,
        cancellation: OrderCancellation,
        asked: Cancel,
        asked_date: Option<Date>,
        decided: CancelTransfer,
        today: Date,
    ) -> Self {
        Self {
            original: decided.original,
            contract: order.contract.clone(),
            payment: order.payment.clone(),
            cancellation,
            starts_on: decided.starts_on,
            asked_date,
            asked,
            parameters: order.parameters.clone(),
            discount_policies: order.discount_policies.clone(),
            additional_fee_policies: order.additional_fee_policies.clone(),
            calculation: decided.calculation,
            frozen: decided.starts_on <= today,
        }
    }
}

/// When a contract settles what starts on a day.
///
/// # Errors
/// The dates are at the end of the calendar.
pub fn settles_on(
    terms: &ContractTerms,
    starts_on: Date,
    office: super::register::Office<'_>,
) -> Result<Date, super::cycle::DateError> {
    terms.cycle.settles_on(starts_on, office.setting.earlier_date, office.calendar)
}
