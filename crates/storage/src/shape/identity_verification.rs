//! Identity verifications: everything but the names, the number, who it is, when it was and what is
//! sealed, which are columns.

use super::attempt::ClaimRef;
use super::channel::Snapshot;
use super::{Read, Senseless, Text, instant, maybe, own, shape, text};
use crate::row::micros;
use paypier_domain::account::Sealed;
use paypier_domain::channel::Environment;
use paypier_domain::id::{IdentityVerificationTxId, MerchantId, PgTxId};
use paypier_domain::identity_verification as domain;
use paypier_domain::identity_verification::{Birth, VerificationKey};
use serde::{Deserialize, Serialize};

shape! { IdentityVerification { channel: Snapshot<'a>, state: State<'a>;
customer: Customer<'a>, operator: Text<'a>, method: Text<'a>, custom_data: Text<'a>, claim: ClaimRef<'a>,
refused_confirmations: u32, resends: u32, queries: u32 } }

shape! { Customer { ; id: Text<'a>, name: Text<'a>, phone_number: Text<'a>, birth: Text<'a> } }

shape! { Person { name: Text<'a>, birth: Text<'a>; operator: Text<'a>, phone_number: Text<'a>,
gender: Text<'a>, is_foreigner: bool } }

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum State<'a> {
    Open,
    Sending,
    SendUnknown {
        since: i64,
    },
    Ready,
    Confirming {
        since: i64,
        was_told: bool,
    },
    Verified {
        at: i64,
        person: Person<'a>,
    },
    Failed {
        at: i64,
        reason: Text<'a>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pg_code: Option<Text<'a>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pg_message: Option<Text<'a>>,
    },
}

/// Which attempt, from the columns beside the document.
pub(crate) struct Named {
    pub(crate) key: VerificationKey,
    pub(crate) number: u32,
    pub(crate) tx: IdentityVerificationTxId,
    pub(crate) merchant: MerchantId,
    pub(crate) environment: Environment,
    pub(crate) origin: domain::Origin,
    pub(crate) requested_at: i64,
    pub(crate) version: u64,
    pub(crate) pg_tx_id: Option<String>,
    pub(crate) status_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) sealed: Option<Vec<u8>>,
}

fn birth(birth: &Birth) -> Text<'static> {
    format!("{}-{}-{}", birth.year, birth.month, birth.day).into()
}

fn read_birth(text: &str, member: &'static str) -> Read<Birth> {
    let mut parts = text.splitn(3, '-').map(str::to_owned);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(year), Some(month), Some(day)) => Ok(Birth { year, month, day }),
        _ => Err(Senseless(member)),
    }
}

impl<'a> IdentityVerification<'a> {
    pub(crate) fn of(verification: &'a domain::IdentityVerification) -> Self {
        let customer = &verification.customer;
        Self {
            channel: Snapshot::of(&verification.channel),
            state: State::of(&verification.state),
            customer: Some(Customer {
                id: maybe(&customer.id),
                name: maybe(&customer.name),
                phone_number: maybe(&customer.phone_number),
                birth: customer.birth.as_ref().map(birth),
            }),
            operator: maybe(&verification.operator),
            method: verification.method.map(|method| text(method.as_str())),
            custom_data: maybe(&verification.custom_data),
            claim: verification.claim.as_ref().map(ClaimRef::of),
            refused_confirmations: counted(verification.refused_confirmations),
            resends: counted(verification.resends),
            queries: counted(verification.queries),
        }
    }

    pub(crate) fn read(self, named: Named) -> Read<domain::IdentityVerification> {
        let customer = match self.customer {
            Some(customer) => domain::AskedCustomer {
                id: own(customer.id),
                name: own(customer.name),
                phone_number: own(customer.phone_number),
                birth: customer
                    .birth
                    .as_deref()
                    .map(|text| read_birth(text, "customer.birth"))
                    .transpose()?,
            },
            None => domain::AskedCustomer::default(),
        };
        let method = self.method.map(|word| domain::Method::parse(&word).ok_or(Senseless("method")));
        let pg_tx_id = named.pg_tx_id.map(PgTxId::known);
        Ok(domain::IdentityVerification {
            key: named.key,
            number: named.number,
            tx: named.tx,
            merchant: named.merchant,
            environment: named.environment,
            version: named.version,
            channel: self.channel.read()?,
            origin: named.origin,
            customer,
            operator: own(self.operator),
            method: method.transpose()?,
            custom_data: own(self.custom_data),
            claim: self.claim.map(ClaimRef::read),
            requested_at: instant(named.requested_at, "requested_at")?,
            updated_at: instant(named.updated_at, "updated_at")?,
            status_changed_at: instant(named.status_at, "status_at")?,
            refused_confirmations: self.refused_confirmations.unwrap_or(0),
            resends: self.resends.unwrap_or(0),
            queries: self.queries.unwrap_or(0),
            state: self.state.read(pg_tx_id.as_ref(), named.sealed)?,
            pg_tx_id,
        })
    }
}

fn counted(count: u32) -> Option<u32> {
    (count > 0).then_some(count)
}

impl<'a> State<'a> {
    fn of(state: &'a domain::State) -> Self {
        match state {
            domain::State::Open => Self::Open,
            domain::State::Sending => Self::Sending,
            domain::State::SendUnknown { since } => Self::SendUnknown { since: micros(*since) },
            domain::State::Ready => Self::Ready,
            domain::State::Confirming { since, was_told } => {
                Self::Confirming { since: micros(*since), was_told: *was_told }
            }
            domain::State::Verified(proof) => Self::Verified {
                at: micros(proof.at),
                person: Person {
                    name: text(&proof.person.name),
                    operator: maybe(&proof.person.operator),
                    phone_number: maybe(&proof.person.phone_number),
                    birth: birth(&proof.person.birth),
                    gender: maybe(&proof.person.gender),
                    is_foreigner: proof.person.is_foreigner,
                },
            },
            domain::State::Failed(failure) => Self::Failed {
                at: micros(failure.at),
                reason: text(&failure.reason),
                pg_code: maybe(&failure.pg_code),
                pg_message: maybe(&failure.pg_message),
            },
        }
    }

    fn read(self, pg_tx_id: Option<&PgTxId>, sealed: Option<Vec<u8>>) -> Read<domain::State> {
        Ok(match self {
            Self::Open => domain::State::Open,
            Self::Sending => domain::State::Sending,
            Self::SendUnknown { since } => {
                domain::State::SendUnknown { since: instant(since, "state.since")? }
            }
            Self::Ready => domain::State::Ready,
            Self::Confirming { since, was_told } => {
                domain::State::Confirming { since: instant(since, "state.since")?, was_told }
            }
            Self::Verified { at, person } => domain::State::Verified(Box::new(domain::Proof {
                at: instant(at, "state.at")?,
                pg_tx_id: pg_tx_id.cloned().ok_or(Senseless("pg_tx_id"))?,
                person: domain::Person {
                    name: person.name.into_owned(),
                    operator: own(person.operator),
                    phone_number: own(person.phone_number),
                    birth: read_birth(&person.birth, "state.person.birth")?,
                    gender: own(person.gender),
                    is_foreigner: person.is_foreigner,
                },
                secrets: Sealed(sealed.ok_or(Senseless("sealed"))?),
            })),
            Self::Failed { at, reason, pg_code, pg_message } => domain::State::Failed(domain::Failure {
                at: instant(at, "state.at")?,
                reason: reason.into_owned(),
                pg_code: own(pg_code),
                pg_message: own(pg_message),
            }),
        })
    }
}
