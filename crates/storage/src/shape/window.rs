//! Checkout windows: everything about one but its digest, owner, environment, version and times.

use super::attempt::Method;
use super::{
    Read, Senseless, Text, digest, flag, hexadecimal, instant, is, maybe, maybe_instant, own, shape, text,
};
use crate::row::micros;
use jiff::Timestamp;
use paypier_domain::channel::Environment;
use paypier_domain::checkout as domain;
use paypier_domain::checkout::{EndCode, FixedAccount, InstallmentOffer, PayMethod, Presentation};
use paypier_domain::id::{
    BillingKeyId, IdentityVerificationId, IdentityVerificationTxId, MerchantId, PaymentId, StoreId,
    TransactionId,
};
use serde::{Deserialize, Serialize};

shape! { Window { origin: Text<'a>, presentation: Text<'a>, purpose: Purpose<'a>, step: Step<'a>;
language: Text<'a>, session: Text<'a>, redirect_url: Text<'a>, force_redirect: bool } }

/// What is in columns of its own.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) digest: [u8; 32],
    pub(crate) store: StoreId,
    pub(crate) merchant: MerchantId,
    pub(crate) environment: Environment,
    pub(crate) version: u64,
    pub(crate) opened_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

impl<'a> Window<'a> {
    pub(crate) fn of(window: &'a domain::Window) -> Self {
        Self {
            origin: text(&window.page.origin),
            presentation: text(window.presentation.as_str()),
            purpose: Purpose::of(&window.purpose),
            step: Step::of(&window.step),
            language: maybe(&window.page.language),
            session: window.page.session.map(|session| hexadecimal(&session).into()),
            redirect_url: maybe(&window.redirect_url),
            force_redirect: flag(window.force_redirect),
        }
    }

    pub(crate) fn read(self, named: Named) -> Read<domain::Window> {
        Ok(domain::Window {
            digest: named.digest,
            store: named.store,
            merchant: named.merchant,
            environment: named.environment,
            version: named.version,
            opened_at: named.opened_at,
            expires_at: named.expires_at,
            page: domain::OpeningPage {
                origin: self.origin.into_owned(),
                language: own(self.language),
                session: match self.session {
                    Some(session) => Some(digest(&session).ok_or(Senseless("session"))?),
                    None => None,
                },
            },
            presentation: Presentation::parse(&self.presentation).ok_or(Senseless("presentation"))?,
            redirect_url: own(self.redirect_url),
            force_redirect: is(self.force_redirect),
            purpose: self.purpose.read()?,
            step: self.step.read()?,
        })
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "for", rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Purpose<'a> {
    Payment {
        payment: Text<'a>,
        transaction: Text<'a>,
        method: Text<'a>,
        choices: Choices<'a>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        confirm_url: Option<Text<'a>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bypass: Option<Text<'a>>,
    },
    BillingKey {
        billing_key: Text<'a>,
        method: Text<'a>,
        choices: Choices<'a>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pay: Option<Box<Purpose<'a>>>,
    },
    Identity {
        verification: Text<'a>,
        tx: Text<'a>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bypass: Option<Text<'a>>,
    },
}

impl<'a> Purpose<'a> {
    fn of(purpose: &'a domain::Purpose) -> Self {
        match purpose {
            domain::Purpose::Payment(about) => Self::of_payment(about),
            domain::Purpose::BillingKey(about) => Self::BillingKey {
                billing_key: text(about.billing_key.as_str()),
                method: text(about.method.as_str()),
                choices: Choices::of(&about.choices),
                pay: about.payment.as_ref().map(|about| Box::new(Self::of_payment(about))),
            },
            domain::Purpose::Identity(about) => Self::Identity {
                verification: text(about.verification.as_str()),
                tx: text(about.tx.as_str()),
                bypass: maybe(&about.bypass),
            },
        }
    }

    fn of_payment(about: &'a domain::PaymentPurpose) -> Self {
        Self::Payment {
            payment: text(about.payment.as_str()),
            transaction: text(about.transaction.as_str()),
            method: text(about.method.as_str()),
            choices: Choices::of(&about.choices),
            confirm_url: maybe(&about.confirm_url),
            bypass: maybe(&about.bypass),
        }
    }

    fn read(self) -> Read<domain::Purpose> {
        Ok(match self {
            Self::Payment { payment, transaction, method, choices, confirm_url, bypass } => {
                domain::Purpose::Payment(domain::PaymentPurpose {
                    payment: PaymentId::known(payment),
                    transaction: TransactionId::known(transaction),
                    method: PayMethod::parse(&method).ok_or(Senseless("purpose.method"))?,
                    choices: choices.read()?,
                    confirm_url: own(confirm_url),
                    bypass: own(bypass),
                })
            }
            Self::BillingKey { billing_key, method, choices, pay } => {
                let payment = match pay.map(|pay| pay.read()).transpose()? {
                    None => None,
                    Some(domain::Purpose::Payment(about)) => Some(about),
                    Some(domain::Purpose::BillingKey(_) | domain::Purpose::Identity(_)) => {
                        return Err(Senseless("purpose.pay"));
                    }
                };
                domain::Purpose::BillingKey(domain::KeyPurpose {
                    billing_key: BillingKeyId::known(billing_key),
                    method: PayMethod::parse(&method).ok_or(Senseless("purpose.method"))?,
                    choices: choices.read()?,
                    payment,
                })
            }
            Self::Identity { verification, tx, bypass } => {
                domain::Purpose::Identity(domain::IdentityPurpose {
                    verification: IdentityVerificationId::known(verification),
                    tx: IdentityVerificationTxId::known(tx),
                    bypass: own(bypass),
                })
            }
        })
    }
}

shape! { Choices { ; kind: Text<'a>, bank: Text<'a>, due_at: i64, fixed_account: Text<'a>,
pg_account_id: Text<'a>, remittee_name: Text<'a>, fixed_months: u8, months: Vec<u8> } }

impl<'a> Choices<'a> {
    fn of(choices: &'a domain::Choices) -> Self {
        let (fixed_months, months) = match &choices.installments {
            InstallmentOffer::Usual => (None, None),
            InstallmentOffer::Fixed(months) => (Some(*months), None),
            InstallmentOffer::OneOf(months) => (None, Some(months.clone())),
        };
        let (fixed_account, pg_account_id) = match &choices.fixed_account {
            None => (None, None),
            Some(FixedAccount::Number(number)) => (Some(text(number)), None),
            Some(FixedAccount::PgAccountId(id)) => (None, Some(text(id))),
        };
        Self {
            kind: maybe(&choices.kind),
            bank: maybe(&choices.bank),
            due_at: choices.due_at.map(micros),
            fixed_account,
            pg_account_id,
            remittee_name: maybe(&choices.remittee_name),
            fixed_months,
            months,
        }
    }

    fn read(self) -> Read<domain::Choices> {
        Ok(domain::Choices {
            kind: own(self.kind),
            bank: own(self.bank),
            due_at: maybe_instant(self.due_at, "purpose.choices.due_at")?,
            fixed_account: match (own(self.fixed_account), own(self.pg_account_id)) {
                (Some(number), _) => Some(FixedAccount::Number(number)),
                (None, Some(id)) => Some(FixedAccount::PgAccountId(id)),
                (None, None) => None,
            },
            remittee_name: own(self.remittee_name),
            installments: match (self.fixed_months, self.months) {
                (Some(months), _) => InstallmentOffer::Fixed(months),
                (None, Some(months)) => InstallmentOffer::OneOf(months),
                (None, None) => InstallmentOffer::Usual,
            },
        })
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Step<'a> {
    Open,
    Challenged {
        instrument: Text<'a>,
        method: Method<'a>,
        months: u8,
    },
    Confirming {
        since: i64,
    },
    HandedOver {
        token_digest: Text<'a>,
    },
    Ended {
        code: Text<'a>,
        message: Text<'a>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pg_code: Option<Text<'a>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pg_message: Option<Text<'a>>,
    },
}

impl<'a> Step<'a> {
    fn of(step: &'a domain::Step) -> Self {
        match step {
            domain::Step::Open => Self::Open,
            domain::Step::Challenged { authenticated } => Self::Challenged {
                instrument: text(&authenticated.instrument),
                method: Method::of(&authenticated.method),
                months: authenticated.installment_months,
            },
            domain::Step::Confirming { since } => Self::Confirming { since: micros(*since) },
            domain::Step::HandedOver { token_digest } => {
                Self::HandedOver { token_digest: hexadecimal(token_digest).into() }
            }
            domain::Step::Ended(ending) => Self::Ended {
                code: text(ending.code.as_str()),
                message: text(&ending.message),
                pg_code: maybe(&ending.pg_code),
                pg_message: maybe(&ending.pg_message),
            },
        }
    }

    fn read(self) -> Read<domain::Step> {
        Ok(match self {
            Self::Open => domain::Step::Open,
            Self::Challenged { instrument, method, months } => domain::Step::Challenged {
                authenticated: domain::Authenticated {
                    instrument: instrument.into_owned(),
                    method: method.read()?,
                    installment_months: months,
                },
            },
            Self::Confirming { since } => domain::Step::Confirming { since: instant(since, "step.since")? },
            Self::HandedOver { token_digest } => domain::Step::HandedOver {
                token_digest: digest(&token_digest).ok_or(Senseless("step.token_digest"))?,
            },
            Self::Ended { code, message, pg_code, pg_message } => domain::Step::Ended(domain::Ending {
                code: EndCode::parse(&code).ok_or(Senseless("step.code"))?,
                message: message.into_owned(),
                pg_code: own(pg_code),
                pg_message: own(pg_message),
            }),
        })
    }
}
