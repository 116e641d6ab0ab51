//! Schedules: everything but what is in columns.

use super::attempt::{Installment, Notices, Order, Origin};
use super::{Read, Senseless, Text, amount, flag, instant, is, maybe, own, shape, text};
use crate::row::micros;
use jiff::Timestamp;
use paypier_domain::channel::Environment;
use paypier_domain::id::{BillingKeyId, ChannelKey, MerchantId, PaymentKey, ScheduleId, TransactionId};
use paypier_domain::money::Currency;
use paypier_domain::schedule as domain;
use serde::{Deserialize, Serialize};

shape! { Schedule { order: Order<'a>, currency: Text<'a>, total: i64, tax_free: i64, origin: Origin<'a>,
state: State<'a>;
channel: Text<'a>, vat: i64, installment: Installment, is_point_used: bool, notices: Notices<'a>,
promotion: Text<'a>, bypass: Text<'a> } }

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum State<'a> {
    Scheduled,
    Started {
        transaction: Text<'a>,
        started_at: i64,
    },
    Pending {
        transaction: Text<'a>,
        started_at: i64,
        at: i64,
    },
    Succeeded {
        transaction: Text<'a>,
        started_at: i64,
        at: i64,
    },
    Failed {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        transaction: Option<Text<'a>>,
        started_at: i64,
        at: i64,
    },
    Revoked {
        at: i64,
    },
}

/// What the columns beside the document say.
pub(crate) struct Named {
    pub(crate) id: ScheduleId,
    pub(crate) payment: PaymentKey,
    pub(crate) merchant: MerchantId,
    pub(crate) environment: Environment,
    pub(crate) billing_key: BillingKeyId,
    pub(crate) version: u64,
    pub(crate) created_at: Timestamp,
    pub(crate) time_to_pay: Timestamp,
}

impl<'a> Schedule<'a> {
    pub(crate) fn of(schedule: &'a domain::Schedule) -> Self {
        let charge = &schedule.charge;
        Self {
            order: Order::of(&charge.order),
            currency: text(charge.currency.code()),
            total: charge.total.minor_units(),
            tax_free: charge.tax_free.minor_units(),
            origin: Origin::of(&charge.origin),
            state: State::of(&schedule.state),
            channel: charge.channel.as_ref().map(|key| text(key.as_str())),
            vat: charge.vat.map(paypier_domain::money::Amount::minor_units),
            installment: charge.installment.as_ref().map(Installment::of),
            is_point_used: flag(charge.is_point_used),
            notices: Notices::of(&charge.notices),
            promotion: maybe(&charge.promotion),
            bypass: maybe(&charge.bypass),
        }
    }

    pub(crate) fn read(self, named: Named) -> Read<domain::Schedule> {
        Ok(domain::Schedule {
            id: named.id,
            payment: named.payment,
            merchant: named.merchant,
            environment: named.environment,
            version: named.version,
            charge: domain::ScheduledCharge {
                billing_key: named.billing_key,
                channel: self.channel.map(ChannelKey::known),
                order: self.order.read()?,
                currency: Currency::parse(&self.currency).ok_or(Senseless("currency"))?,
                total: amount(self.total, "total")?,
                tax_free: amount(self.tax_free, "tax_free")?,
                vat: self.vat.map(|vat| amount(vat, "vat")).transpose()?,
                installment: self.installment.map(Installment::read).transpose()?,
                is_point_used: is(self.is_point_used),
                origin: self.origin.read()?,
                notices: self.notices.map(Notices::read).unwrap_or_default(),
                promotion: own(self.promotion),
                bypass: own(self.bypass),
            },
            created_at: named.created_at,
            time_to_pay: named.time_to_pay,
            state: self.state.read()?,
        })
    }
}

impl<'a> State<'a> {
    fn of(state: &'a domain::State) -> Self {
        let run = |run: &'a domain::Run| (text(run.transaction.as_str()), micros(run.started_at));
        match state {
            domain::State::Scheduled => Self::Scheduled,
            domain::State::Started(started) => {
                let (transaction, started_at) = run(started);
                Self::Started { transaction, started_at }
            }
            domain::State::Pending { run: pending, at } => {
                let (transaction, started_at) = run(pending);
                Self::Pending { transaction, started_at, at: micros(*at) }
            }
            domain::State::Succeeded { run: succeeded, at } => {
                let (transaction, started_at) = run(succeeded);
                Self::Succeeded { transaction, started_at, at: micros(*at) }
            }
            domain::State::Failed { run, started_at, at } => Self::Failed {
                transaction: run.as_ref().map(|run| text(run.transaction.as_str())),
                started_at: micros(*started_at),
                at: micros(*at),
            },
            domain::State::Revoked { at } => Self::Revoked { at: micros(*at) },
        }
    }

    fn read(self) -> Read<domain::State> {
        let run = |transaction: Text<'a>, started_at: i64| -> Read<domain::Run> {
            Ok(domain::Run {
                transaction: TransactionId::known(transaction),
                started_at: instant(started_at, "state.started_at")?,
            })
        };
        Ok(match self {
            Self::Scheduled => domain::State::Scheduled,
            Self::Started { transaction, started_at } => {
                domain::State::Started(run(transaction, started_at)?)
            }
            Self::Pending { transaction, started_at, at } => {
                domain::State::Pending { run: run(transaction, started_at)?, at: instant(at, "state.at")? }
            }
            Self::Succeeded { transaction, started_at, at } => {
                domain::State::Succeeded { run: run(transaction, started_at)?, at: instant(at, "state.at")? }
            }
            Self::Failed { transaction, started_at, at } => domain::State::Failed {
                run: transaction.map(|transaction| run(transaction, started_at)).transpose()?,
                started_at: instant(started_at, "state.started_at")?,
                at: instant(at, "state.at")?,
            },
            Self::Revoked { at } => domain::State::Revoked { at: instant(at, "state.at")? },
        })
    }
}
