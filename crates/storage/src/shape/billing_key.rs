//! Billing keys: everything but id, store, merchant, environment and version, which are columns.

use super::attempt::{Card, ClaimRef, Notices, Origin};
use super::channel::{GroupSnapshot, Snapshot};
use super::customer::Customer;
use super::{Read, Senseless, Text, digest, hexadecimal, instant, maybe, maybe_instant, own, shape, text};
use crate::row::micros;
use paypier_domain::billing_key as domain;
use paypier_domain::channel::Environment;
use paypier_domain::id::{BillingKeyId, MerchantId, PaymentId, PgTxId, StoreId, TransactionId};
use serde::{Deserialize, Serialize};

shape! { BillingKey { origin: Origin<'a>, requested_at: i64, holdings: Vec<Holding<'a>>, state: State;
customer: Customer<'a>, custom_data: Text<'a>, channel_group: GroupSnapshot<'a>, issue_id: Text<'a>,
issue_name: Text<'a>, method: KeyMethod<'a>, approval: Approval<'a>, notices: Notices<'a>, claim: ClaimRef<'a>,
going_since: i64, first_payment: FirstPayment<'a> } }

shape! { FirstPayment { payment: Text<'a>, transaction: Text<'a>; } }

shape! { KeyMethod { kind: Text<'a>; provider: Text<'a>, bank: Text<'a> } }
shape! { Approval { token_digest: Text<'a>, expires_at: i64, instrument: Text<'a>; } }

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum State {
    Ready,
    Sending,
    Issued { at: i64 },
    Failed { at: i64 },
    Deleted { issued_at: i64, at: i64 },
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Holding<'a> {
    channel: Snapshot<'a>,
    state: HoldingState<'a>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum HoldingState<'a> {
    Asked,
    Held {
        token: Text<'a>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pg_tx_id: Option<Text<'a>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        card: Option<Card<'a>>,
    },
    Refused {
        at: i64,
        pg_code: Text<'a>,
        pg_message: Text<'a>,
        message: Text<'a>,
    },
    Released,
}

pub(crate) const fn status_word(state: &domain::State) -> &'static str {
    match state {
        domain::State::Ready => "READY",
        domain::State::Sending => "SENDING",
        domain::State::Issued { .. } => "ISSUED",
        domain::State::Failed { .. } => "FAILED",
        domain::State::Deleted { .. } => "DELETED",
    }
}

/// Which key, from the columns beside the document.
pub(crate) struct Named {
    pub(crate) id: BillingKeyId,
    pub(crate) store: StoreId,
    pub(crate) merchant: MerchantId,
    pub(crate) environment: Environment,
    pub(crate) version: u64,
}

impl<'a> BillingKey<'a> {
    pub(crate) fn of(key: &'a domain::BillingKey) -> Self {
        Self {
            origin: Origin::of(&key.origin),
            requested_at: micros(key.requested_at),
            holdings: key.holdings.iter().map(Holding::of).collect(),
            state: match key.state {
                domain::State::Ready => State::Ready,
                domain::State::Sending => State::Sending,
                domain::State::Issued { at } => State::Issued { at: micros(at) },
                domain::State::Failed { at } => State::Failed { at: micros(at) },
                domain::State::Deleted { issued_at, at } => {
                    State::Deleted { issued_at: micros(issued_at), at: micros(at) }
                }
            },
            customer: Customer::of(&key.customer),
            custom_data: maybe(&key.custom_data),
            channel_group: key.channel_group.as_ref().map(GroupSnapshot::of),
            issue_id: maybe(&key.issue_id),
            issue_name: maybe(&key.issue_name),
            method: KeyMethod::of(&key.method),
            approval: key.approval.as_ref().map(|approval| Approval {
                token_digest: hexadecimal(&approval.token_digest).into(),
                expires_at: micros(approval.expires_at),
                instrument: text(&approval.instrument),
            }),
            notices: Notices::of(&key.notices),
            claim: key.claim.as_ref().map(ClaimRef::of),
            going_since: key.going_since.map(micros),
            first_payment: key.first_payment.as_ref().map(|first| FirstPayment {
                payment: text(first.payment.as_str()),
                transaction: text(first.transaction.as_str()),
            }),
        }
    }

    pub(crate) fn read(self, named: Named) -> Read<domain::BillingKey> {
        Ok(domain::BillingKey {
            id: named.id,
            store: named.store,
            merchant: named.merchant,
            environment: named.environment,
            version: named.version,
            customer: self.customer.map(Customer::read).unwrap_or_default(),
            custom_data: own(self.custom_data),
            origin: self.origin.read()?,
            channel_group: self.channel_group.map(GroupSnapshot::read).transpose()?,
            issue_id: own(self.issue_id),
            issue_name: own(self.issue_name),
            method: self.method.map(KeyMethod::read).transpose()?.unwrap_or_default(),
            approval: self
                .approval
                .map(|approval| {
                    Ok(domain::PendingApproval {
                        token_digest: digest(&approval.token_digest)
                            .ok_or(Senseless("approval.token_digest"))?,
                        expires_at: instant(approval.expires_at, "approval.expires_at")?,
                        instrument: approval.instrument.into_owned(),
                    })
                })
                .transpose()?,
            notices: self.notices.map(Notices::read).unwrap_or_default(),
            claim: self.claim.map(ClaimRef::read),
            requested_at: instant(self.requested_at, "requested_at")?,
            going_since: maybe_instant(self.going_since, "going_since")?,
            first_payment: self.first_payment.map(|first| domain::FirstPayment {
                payment: PaymentId::known(first.payment),
                transaction: TransactionId::known(first.transaction),
            }),
            holdings: self.holdings.into_iter().map(Holding::read).collect::<Read<_>>()?,
            state: match self.state {
                State::Ready => domain::State::Ready,
                State::Sending => domain::State::Sending,
                State::Issued { at } => domain::State::Issued { at: instant(at, "state.at")? },
                State::Failed { at } => domain::State::Failed { at: instant(at, "state.at")? },
                State::Deleted { issued_at, at } => domain::State::Deleted {
                    issued_at: instant(issued_at, "state.issued_at")?,
                    at: instant(at, "state.at")?,
                },
            },
        })
    }
}

impl<'a> KeyMethod<'a> {
    /// `None` for a card, which every key was once.
    fn of(method: &'a domain::KeyMethod) -> Option<Self> {
        let (provider, bank) = match method {
            domain::KeyMethod::Card => return None,
            domain::KeyMethod::EasyPay { provider } => (maybe(provider), None),
            domain::KeyMethod::Transfer { bank } => (None, maybe(bank)),
            domain::KeyMethod::Mobile | domain::KeyMethod::Paypal => (None, None),
        };
        Some(Self { kind: text(method.kind()), provider, bank })
    }

    fn read(self) -> Read<domain::KeyMethod> {
        Ok(match self.kind.as_ref() {
            "CARD" => domain::KeyMethod::Card,
            "EASY_PAY" => domain::KeyMethod::EasyPay { provider: own(self.provider) },
            "MOBILE" => domain::KeyMethod::Mobile,
            "PAYPAL" => domain::KeyMethod::Paypal,
            "TRANSFER" => domain::KeyMethod::Transfer { bank: own(self.bank) },
            _ => return Err(Senseless("method.kind")),
        })
    }
}

impl<'a> Holding<'a> {
    fn of(holding: &'a domain::Holding) -> Self {
        Self {
            channel: Snapshot::of(&holding.channel),
            state: match &holding.state {
                domain::HoldingState::Asked => HoldingState::Asked,
                domain::HoldingState::Held { token, pg_tx_id, card } => HoldingState::Held {
                    token: text(token),
                    pg_tx_id: pg_tx_id.as_ref().map(|id| text(id.as_str())),
                    card: card.as_ref().map(Card::of),
                },
                domain::HoldingState::Refused { at, pg_code, pg_message, message } => HoldingState::Refused {
                    at: micros(*at),
                    pg_code: text(pg_code),
                    pg_message: text(pg_message),
                    message: text(message),
                },
                domain::HoldingState::Released => HoldingState::Released,
            },
        }
    }

    fn read(self) -> Read<domain::Holding> {
        Ok(domain::Holding {
            channel: self.channel.read()?,
            state: match self.state {
                HoldingState::Asked => domain::HoldingState::Asked,
                HoldingState::Held { token, pg_tx_id, card } => domain::HoldingState::Held {
                    token: token.into_owned(),
                    pg_tx_id: pg_tx_id.map(PgTxId::known),
                    card: card.map(Card::read),
                },
                HoldingState::Refused { at, pg_code, pg_message, message } => domain::HoldingState::Refused {
                    at: instant(at, "holdings.state.at")?,
                    pg_code: pg_code.into_owned(),
                    pg_message: pg_message.into_owned(),
                    message: message.into_owned(),
                },
                HoldingState::Released => domain::HoldingState::Released,
            },
        })
    }
}
