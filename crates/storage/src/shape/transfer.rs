//! Transfers and partner settlements.

use super::settlement::{Amounts, Asked, Calculation, Parameters, parameters, read_parameters, signed};
use super::{Read, Senseless, amount, instant, maybe_instant};
use crate::row::micros;
use jiff::civil::Date;
use paypier_domain::id::{CancellationId, ChannelKey, PaymentId, StoreId};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::settlement::group::GroupTotal;
use paypier_domain::settlement::id::{AdditionalFeePolicyId, ContractId, DiscountSharePolicyId, TransferId};
use paypier_domain::settlement::manual::ManualAmount;
use paypier_domain::settlement::transfer as domain;
use paypier_domain::settlement::transfer::{
    CancelContent, Edition, OrderCancellation, OrderContent, PaidWith, TransferContent, TransferPayment,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Transfer {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    memo: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    properties: Vec<(String, String)>,
    content: Content,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Content {
    Order(Box<Order>),
    Cancel(Box<Cancel>),
    /// Settlement and its tax-free part.
    Manual(i64, i64),
}

#[derive(Debug, Serialize, Deserialize)]
struct Order {
    contract: (String, i64),
    payment: Payment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asked_date: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asked_tax_free: Option<i64>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    asked_parameters: Parameters,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    parameters: Parameters,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    discount_policies: BTreeMap<String, i64>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    fee_policies: BTreeMap<String, i64>,
    calculation: Calculation,
}

#[derive(Debug, Serialize, Deserialize)]
struct Cancel {
    contract: (String, i64),
    payment: Payment,
    cancelled_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asked_date: Option<Date>,
    asked: Asked,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    parameters: Parameters,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    discount_policies: BTreeMap<String, i64>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    fee_policies: BTreeMap<String, i64>,
    calculation: Calculation,
}

#[derive(Debug, Serialize, Deserialize)]
struct Payment {
    id: String,
    store: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    channel: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    order_name: Option<String>,
    /// The kind; of easy pay also provider and what stands behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    method: Option<(String, Option<String>, Option<String>)>,
    currency: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    paid_at: Option<i64>,
}

/// What the columns hold beside what identifies the transfer.
#[derive(Debug)]
pub(crate) struct Columns {
    pub(crate) starts_on: Option<Date>,
    pub(crate) currency: Currency,
    pub(crate) frozen: bool,
    pub(crate) original: Option<TransferId>,
    pub(crate) cancellation: Option<CancellationId>,
}

/// What the body holds of a transfer.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) memo: Option<Box<str>>,
    pub(crate) properties: Vec<(Box<str>, Box<str>)>,
    pub(crate) content: TransferContent,
}

fn edition(edition: &Edition<ContractId>) -> (String, i64) {
    (edition.id.as_str().to_owned(), micros(edition.applied_at))
}

fn read_edition((id, at): (String, i64)) -> Read<Edition<ContractId>> {
    Ok(Edition { id: ContractId::known(id), applied_at: instant(at, "contract")? })
}

fn payment(payment: &TransferPayment) -> Payment {
    let method = |method: &PaidWith| {
        let own = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
        match method {
            PaidWith::EasyPay { provider, method: behind } => {
                (method.kind().to_owned(), own(provider), own(behind))
            }
            PaidWith::Card
            | PaidWith::Transfer
            | PaidWith::VirtualAccount
            | PaidWith::GiftCertificate
            | PaidWith::Mobile
            | PaidWith::ConvenienceStore
            | PaidWith::Crypto => (method.kind().to_owned(), None, None),
        }
    };
    Payment {
        id: payment.id.as_str().to_owned(),
        store: payment.store.as_str().to_owned(),
        channel: payment.channel.as_ref().map(|key| key.as_str().to_owned()),
        order_name: payment.order_name.as_deref().map(str::to_owned),
        method: payment.method.as_ref().map(method),
        currency: payment.currency.code().to_owned(),
        paid_at: payment.paid_at.map(micros),
    }
}

fn read_payment(payment: Payment) -> Read<TransferPayment> {
    let method = |(kind, provider, behind): (String, Option<String>, Option<String>)| {
        let easy_pay =
            PaidWith::EasyPay { provider: provider.map(Into::into), method: behind.map(Into::into) };
        if kind == easy_pay.kind() { Some(easy_pay) } else { PaidWith::plain(&kind) }
            .ok_or(Senseless("payment.method"))
    };
    Ok(TransferPayment {
        id: PaymentId::known(payment.id),
        store: StoreId::known(payment.store),
        channel: payment.channel.map(ChannelKey::known),
        order_name: payment.order_name.map(Into::into),
        method: payment.method.map(method).transpose()?,
        currency: Currency::parse(&payment.currency).ok_or(Senseless("payment.currency"))?,
        paid_at: maybe_instant(payment.paid_at, "payment.paid_at")?,
    })
}

type DiscountPolicies = BTreeMap<DiscountSharePolicyId, jiff::Timestamp>;
type FeePolicies = BTreeMap<AdditionalFeePolicyId, jiff::Timestamp>;

fn discount_policies(of: &DiscountPolicies) -> BTreeMap<String, i64> {
    of.iter().map(|(id, at)| (id.as_str().to_owned(), micros(*at))).collect()
}

fn fee_policies(of: &FeePolicies) -> BTreeMap<String, i64> {
    of.iter().map(|(id, at)| (id.as_str().to_owned(), micros(*at))).collect()
}

fn read_policies<Id: Ord>(
    of: BTreeMap<String, i64>,
    id: impl Fn(String) -> Id,
) -> Read<BTreeMap<Id, jiff::Timestamp>> {
    of.into_iter().map(|(name, at)| Ok((id(name), instant(at, "policies")?))).collect()
}

impl Transfer {
    pub(crate) fn of(transfer: &domain::Transfer) -> Self {
        let content = match &transfer.content {
            TransferContent::Order(order) => Content::Order(Box::new(Order {
                contract: edition(&order.contract),
                payment: payment(&order.payment),
                asked_date: order.asked_date,
                asked_tax_free: order.asked_tax_free.map(Amount::minor_units),
                asked_parameters: parameters(&order.asked_parameters),
                parameters: parameters(&order.parameters),
                discount_policies: discount_policies(&order.discount_policies),
                fee_policies: fee_policies(&order.additional_fee_policies),
                calculation: Calculation::of(&order.calculation),
            })),
            TransferContent::OrderCancel(cancel) => Content::Cancel(Box::new(Cancel {
                contract: edition(&cancel.contract),
                payment: payment(&cancel.payment),
                cancelled_at: micros(cancel.cancellation.cancelled_at),
                asked_date: cancel.asked_date,
                asked: Asked::of(&cancel.asked),
                parameters: parameters(&cancel.parameters),
                discount_policies: discount_policies(&cancel.discount_policies),
                fee_policies: fee_policies(&cancel.additional_fee_policies),
                calculation: Calculation::of(&cancel.calculation),
            })),
            TransferContent::Manual(manual) => {
                Content::Manual(manual.settlement.minor_units(), manual.tax_free.minor_units())
            }
        };
        let own = |(key, value): &(Box<str>, Box<str>)| (key.to_string(), value.to_string());
        Self {
            memo: transfer.memo.as_deref().map(str::to_owned),
            properties: transfer.properties.iter().map(own).collect(),
            content,
        }
    }

    pub(crate) fn read(self, columns: Columns) -> Read<Body> {
        let starts_on = || columns.starts_on.ok_or(Senseless("starts_on"));
        let content = match self.content {
            Content::Order(order) => TransferContent::Order(Box::new(OrderContent {
                contract: read_edition(order.contract)?,
                payment: read_payment(order.payment)?,
                starts_on: starts_on()?,
                asked_date: order.asked_date,
                asked_tax_free: order
                    .asked_tax_free
                    .map(|units| amount(units, "asked_tax_free"))
                    .transpose()?,
                asked_parameters: read_parameters(order.asked_parameters)?,
                parameters: read_parameters(order.parameters)?,
                discount_policies: read_policies(order.discount_policies, DiscountSharePolicyId::known)?,
                additional_fee_policies: read_policies(order.fee_policies, AdditionalFeePolicyId::known)?,
                calculation: order.calculation.read()?,
                frozen: columns.frozen,
            })),
            Content::Cancel(cancel) => TransferContent::OrderCancel(Box::new(CancelContent {
                original: columns.original.clone().ok_or(Senseless("original"))?,
                contract: read_edition(cancel.contract)?,
                payment: read_payment(cancel.payment)?,
                cancellation: OrderCancellation {
                    id: columns.cancellation.clone().ok_or(Senseless("cancellation"))?,
                    cancelled_at: instant(cancel.cancelled_at, "cancelled_at")?,
                },
                starts_on: starts_on()?,
                asked_date: cancel.asked_date,
                asked: cancel.asked.read()?,
                parameters: read_parameters(cancel.parameters)?,
                discount_policies: read_policies(cancel.discount_policies, DiscountSharePolicyId::known)?,
                additional_fee_policies: read_policies(cancel.fee_policies, AdditionalFeePolicyId::known)?,
                calculation: cancel.calculation.read()?,
                frozen: columns.frozen,
            })),
            Content::Manual(settlement, tax_free) => TransferContent::Manual(ManualAmount {
                settlement: signed(settlement, "manual")?,
                tax_free: signed(tax_free, "manual")?,
                currency: columns.currency,
            }),
        };
        Ok(Body {
            memo: self.memo.map(Into::into),
            properties: self.properties.into_iter().map(|(key, value)| (key.into(), value.into())).collect(),
            content,
        })
    }
}

/// The working as it is told: a line for each step.
pub(crate) fn working(transfer: &domain::Transfer) -> Option<String> {
    let lines: Vec<String> = transfer.calculation()?.explained().map(ToString::to_string).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// What a partner settlement's body holds.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Settlement {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) memo: Option<String>,
    total: Total,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Total {
    Amounts(Box<Amounts>, Date, Date),
    Manual(i64, i64),
}

impl Settlement {
    pub(crate) fn of(memo: Option<&str>, total: &GroupTotal) -> Self {
        Self {
            memo: memo.map(str::to_owned),
            total: match total {
                GroupTotal::Amounts { amount, first_start, last_start } => {
                    Total::Amounts(Box::new(Amounts::of(amount)), *first_start, *last_start)
                }
                GroupTotal::Manual { settlement, tax_free } => {
                    Total::Manual(settlement.minor_units(), tax_free.minor_units())
                }
            },
        }
    }

    pub(crate) fn total(self) -> Read<GroupTotal> {
        Ok(match self.total {
            Total::Amounts(amounts, first_start, last_start) => {
                GroupTotal::Amounts { amount: amounts.read()?, first_start, last_start }
            }
            Total::Manual(settlement, tax_free) => GroupTotal::Manual {
                settlement: signed(settlement, "total")?,
                tax_free: signed(tax_free, "total")?,
            },
        })
    }
}
