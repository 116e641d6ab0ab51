//! Cancellations and disputes.

use super::attempt::ClaimRef;
use super::{Read, Senseless, Text, amount, flag, instant, is, maybe, maybe_instant, own, shape, text};
use crate::row::micros;
use paypier_domain::id::{CancellationId, PgCancellationId, TransactionId};
use paypier_domain::payment as domain;
use paypier_domain::payment::CancellationState;
use paypier_domain::payment::cancel::{CancelOrigin, RefundAccount};
use paypier_domain::promotion::RetainOption;
use serde::{Deserialize, Serialize};

shape! { Cancellation { transaction: Text<'a>, order_amount: i64, refund: i64, tax_free: i64, vat: i64,
reason: Text<'a>, origin: Text<'a>, requested_at: i64, state: State<'a>;
requester: Text<'a>, skip_webhook: bool, claim: ClaimRef<'a>, refund_account: Account<'a>,
pg_cancellation_id: Text<'a>, queries: u32, retain: Text<'a> } }

shape! { Account { bank: Text<'a>, number: Text<'a>, holder_name: Text<'a>; holder_phone_number: Text<'a> } }

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum State<'a> {
    Sending,
    Unknown {
        since: i64,
    },
    Requested {
        since: i64,
    },
    Succeeded {
        at: i64,
        fee_returned: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        receipt_url: Option<Text<'a>>,
    },
    Failed {
        at: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pg_code: Option<Text<'a>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pg_message: Option<Text<'a>>,
    },
}

impl<'a> Cancellation<'a> {
    pub(crate) fn of(cancellation: &'a domain::Cancellation) -> Self {
        Self {
            transaction: text(cancellation.transaction.as_str()),
            order_amount: cancellation.order_amount.minor_units(),
            refund: cancellation.refund.minor_units(),
            tax_free: cancellation.tax_free.minor_units(),
            vat: cancellation.vat.minor_units(),
            reason: text(&cancellation.reason),
            origin: text(cancellation.origin.as_str()),
            requested_at: micros(cancellation.requested_at),
            state: match &cancellation.state {
                CancellationState::Sending => State::Sending,
                CancellationState::Unknown { since } => State::Unknown { since: micros(*since) },
                CancellationState::Requested { since } => State::Requested { since: micros(*since) },
                CancellationState::Succeeded { at, fee_returned, receipt_url } => State::Succeeded {
                    at: micros(*at),
                    fee_returned: fee_returned.minor_units(),
                    receipt_url: maybe(receipt_url),
                },
                CancellationState::Failed { at, pg_code, pg_message } => {
                    State::Failed { at: micros(*at), pg_code: maybe(pg_code), pg_message: maybe(pg_message) }
                }
            },
            requester: maybe(&cancellation.requester),
            skip_webhook: flag(cancellation.skip_webhook),
            claim: cancellation.claim.as_ref().map(ClaimRef::of),
            refund_account: cancellation.refund_account.as_ref().map(|account| Account {
                bank: text(&account.bank),
                number: text(&account.number),
                holder_name: text(&account.holder_name),
                holder_phone_number: maybe(&account.holder_phone_number),
            }),
            pg_cancellation_id: cancellation.pg_cancellation_id.as_ref().map(|id| text(id.as_str())),
            queries: (cancellation.queries > 0).then_some(cancellation.queries),
            retain: cancellation.retain.map(|option| text(option.as_str())),
        }
    }

    pub(crate) fn read(self, id: CancellationId) -> Read<domain::Cancellation> {
        Ok(domain::Cancellation {
            id,
            transaction: TransactionId::known(self.transaction),
            order_amount: amount(self.order_amount, "order_amount")?,
            refund: amount(self.refund, "refund")?,
            tax_free: amount(self.tax_free, "tax_free")?,
            vat: amount(self.vat, "vat")?,
            reason: self.reason.into_owned(),
            requester: own(self.requester),
            origin: CancelOrigin::parse(&self.origin).ok_or(Senseless("origin"))?,
            requested_at: instant(self.requested_at, "requested_at")?,
            skip_webhook: is(self.skip_webhook),
            claim: self.claim.map(ClaimRef::read),
            refund_account: self.refund_account.map(|account| RefundAccount {
                bank: account.bank.into_owned(),
                number: account.number.into_owned(),
                holder_name: account.holder_name.into_owned(),
                holder_phone_number: own(account.holder_phone_number),
            }),
            pg_cancellation_id: self.pg_cancellation_id.map(PgCancellationId::known),
            queries: self.queries.unwrap_or(0),
            retain: self
                .retain
                .map(|option| RetainOption::parse(&option).ok_or(Senseless("retain")))
                .transpose()?,
            state: match self.state {
                State::Sending => CancellationState::Sending,
                State::Unknown { since } => {
                    CancellationState::Unknown { since: instant(since, "state.since")? }
                }
                State::Requested { since } => {
                    CancellationState::Requested { since: instant(since, "state.since")? }
                }
                State::Succeeded { at, fee_returned, receipt_url } => CancellationState::Succeeded {
                    at: instant(at, "state.at")?,
                    fee_returned: amount(fee_returned, "state.fee_returned")?,
                    receipt_url: own(receipt_url),
                },
                State::Failed { at, pg_code, pg_message } => CancellationState::Failed {
                    at: instant(at, "state.at")?,
                    pg_code: own(pg_code),
                    pg_message: own(pg_message),
                },
            },
        })
    }
}

shape! { Dispute { reason: Text<'a>, created_at: i64; pg_dispute_id: Text<'a>, resolved_at: i64 } }

impl<'a> Dispute<'a> {
    pub(crate) fn of(dispute: &'a domain::Dispute) -> Self {
        Self {
            reason: text(&dispute.reason),
            created_at: micros(dispute.created_at),
            pg_dispute_id: maybe(&dispute.pg_dispute_id),
            resolved_at: dispute.resolved_at.map(micros),
        }
    }

    pub(crate) fn read(self) -> Read<domain::Dispute> {
        Ok(domain::Dispute {
            pg_dispute_id: own(self.pg_dispute_id),
            reason: self.reason.into_owned(),
            created_at: instant(self.created_at, "created_at")?,
            resolved_at: maybe_instant(self.resolved_at, "resolved_at")?,
        })
    }
}
