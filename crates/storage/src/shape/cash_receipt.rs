//! Cash receipts: everything but the names, the number, merchant, environment, version and what lists
//! are narrowed down by alone, which are columns. Who the buyer is to the tax office is not kept.

use super::attempt::{Amounts, ClaimRef};
use super::channel::Snapshot;
use super::{Read, Senseless, Text, instant, shape, text};
use crate::row::micros;
use paypier_domain::cash_receipt as domain;
use paypier_domain::cash_receipt::ReceiptStatus;
use paypier_domain::channel::Environment;
use paypier_domain::id::{CashReceiptId, MerchantId, PaymentKey};
use paypier_domain::money::Currency;
use serde::{Deserialize, Serialize};

shape! { CashReceipt { channel: Snapshot<'a>, currency: Text<'a>, amounts: Amounts, state: State<'a>;
claim: ClaimRef<'a>, queries: u32 } }

shape! { Issue { at: i64, number: Text<'a>, pg_receipt_id: Text<'a>; url: Text<'a> } }

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum State<'a> {
    Issuing,
    Unknown { since: i64 },
    Issued { issue: Issue<'a> },
    Withdrawing { issue: Issue<'a>, since: i64, was_told: bool },
    Cancelled { issue: Issue<'a>, at: i64 },
    Failed { at: i64, reason: Text<'a>, pg_code: Text<'a>, pg_message: Text<'a> },
}

/// What is not known to exist has a status of its own, which no list shows.
pub(crate) fn status_word(receipt: &domain::CashReceipt) -> &'static str {
    receipt.status().map_or("OPEN", ReceiptStatus::as_str)
}

/// Which receipt, from the columns beside the document.
pub(crate) struct Named {
    pub(crate) payment: PaymentKey,
    pub(crate) number: u32,
    pub(crate) id: CashReceiptId,
    pub(crate) merchant: MerchantId,
    pub(crate) environment: Environment,
    pub(crate) is_manual: bool,
    pub(crate) kind: domain::Kind,
    pub(crate) order_name: String,
    pub(crate) requested_at: i64,
    pub(crate) status_at: i64,
    pub(crate) version: u64,
}

impl<'a> Issue<'a> {
    fn of(issue: &'a domain::Issue) -> Self {
        Self {
            at: micros(issue.at),
            number: text(&issue.number),
            pg_receipt_id: text(&issue.pg_receipt_id),
            url: issue.url.as_deref().map(text),
        }
    }

    fn read(self) -> Read<domain::Issue> {
        Ok(domain::Issue {
            at: instant(self.at, "state.issue.at")?,
            number: self.number.into_owned(),
            pg_receipt_id: self.pg_receipt_id.into_owned(),
            url: self.url.map(Text::into_owned),
        })
    }
}

impl<'a> CashReceipt<'a> {
    pub(crate) fn of(receipt: &'a domain::CashReceipt) -> Self {
        Self {
            channel: Snapshot::of(&receipt.channel),
            currency: text(receipt.currency.code()),
            amounts: Amounts::of(&receipt.amounts),
            state: State::of(&receipt.state),
            claim: receipt.claim.as_ref().map(ClaimRef::of),
            queries: (receipt.queries > 0).then_some(receipt.queries),
        }
    }

    pub(crate) fn read(self, named: Named) -> Read<domain::CashReceipt> {
        Ok(domain::CashReceipt {
            id: named.id,
            payment: named.payment,
            number: named.number,
            merchant: named.merchant,
            environment: named.environment,
            version: named.version,
            channel: self.channel.read()?,
            kind: named.kind,
            order_name: named.order_name,
            currency: Currency::parse(&self.currency).ok_or(Senseless("currency"))?,
            amounts: self.amounts.read()?,
            origin: if named.is_manual { domain::Origin::Manual } else { domain::Origin::Payment },
            claim: self.claim.map(ClaimRef::read),
            requested_at: instant(named.requested_at, "requested_at")?,
            status_changed_at: instant(named.status_at, "status_at")?,
            queries: self.queries.unwrap_or(0),
            state: self.state.read()?,
        })
    }
}

impl<'a> State<'a> {
    fn of(state: &'a domain::State) -> Self {
        match state {
            domain::State::Issuing => Self::Issuing,
            domain::State::Unknown { since } => Self::Unknown { since: micros(*since) },
            domain::State::Issued(issue) => Self::Issued { issue: Issue::of(issue) },
            domain::State::Withdrawing { issue, since, was_told } => {
                Self::Withdrawing { issue: Issue::of(issue), since: micros(*since), was_told: *was_told }
            }
            domain::State::Cancelled { issue, at } => {
                Self::Cancelled { issue: Issue::of(issue), at: micros(*at) }
            }
            domain::State::Failed(failure) => Self::Failed {
                at: micros(failure.at),
                reason: text(&failure.reason),
                pg_code: text(&failure.pg_code),
                pg_message: text(&failure.pg_message),
            },
        }
    }

    fn read(self) -> Read<domain::State> {
        Ok(match self {
            Self::Issuing => domain::State::Issuing,
            Self::Unknown { since } => domain::State::Unknown { since: instant(since, "state.since")? },
            Self::Issued { issue } => domain::State::Issued(issue.read()?),
            Self::Withdrawing { issue, since, was_told } => domain::State::Withdrawing {
                issue: issue.read()?,
                since: instant(since, "state.since")?,
                was_told,
            },
            Self::Cancelled { issue, at } => {
                domain::State::Cancelled { issue: issue.read()?, at: instant(at, "state.at")? }
            }
            Self::Failed { at, reason, pg_code, pg_message } => domain::State::Failed(domain::Failure {
                at: instant(at, "state.at")?,
                reason: reason.into_owned(),
                pg_code: pg_code.into_owned(),
                pg_message: pg_message.into_owned(),
            }),
        })
    }
}
