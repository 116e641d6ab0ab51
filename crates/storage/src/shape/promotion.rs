//! Promotions, and the discount that an attempt was given.

use super::{Read, Senseless, Text, amount, flag, instant, is, maybe_instant, shape, text};
use crate::row::micros;
use jiff::Timestamp;
use paypier_domain::channel::Environment;
use paypier_domain::id::{PromotionId, StoreId};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::promotion as domain;
use paypier_domain::promotion::{CardCompany, Hold, Recovery, Scheme, Spare};
use serde::{Deserialize, Serialize};

shape! { Promotion { name: Text<'a>, card_company: Text<'a>, currency: Text<'a>, policy: Policy,
recovers: bool, start_at: i64, end_at: i64; spare: Portion, paused_at: i64, terminated_at: i64 } }

/// An amount or a percentage.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Portion {
    Amount(i64),
    Percent(u8),
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Policy {
    partitions: Vec<Partition>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_discount: Option<i64>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Partition {
    from: i64,
    discount: Portion,
}

impl Policy {
    pub(crate) fn of(policy: &domain::DiscountPolicy) -> Self {
        Self {
            partitions: policy
                .partitions()
                .iter()
                .map(|partition| Partition {
                    from: partition.from.minor_units(),
                    discount: match partition.scheme {
                        Scheme::Amount(amount) => Portion::Amount(amount.minor_units()),
                        Scheme::Percent(percent) => Portion::Percent(percent),
                    },
                })
                .collect(),
            max_discount: policy.max_discount().map(Amount::minor_units),
        }
    }

    pub(crate) fn read(self) -> Read<domain::DiscountPolicy> {
        let partitions = self.partitions.into_iter().map(|partition| {
            Ok(domain::Partition {
                from: amount(partition.from, "policy.partitions.from")?,
                scheme: match partition.discount {
                    Portion::Amount(units) => Scheme::Amount(amount(units, "policy.partitions.discount")?),
                    Portion::Percent(percent) => Scheme::Percent(percent),
                },
            })
        });
        let max_discount = self.max_discount.map(|cap| amount(cap, "policy.max_discount")).transpose()?;
        Ok(domain::DiscountPolicy::known(partitions.collect::<Read<_>>()?, max_discount))
    }
}

/// What the columns hold.
#[derive(Debug)]
pub(crate) struct Columns {
    pub(crate) id: PromotionId,
    pub(crate) store: StoreId,
    pub(crate) environment: Environment,
    pub(crate) created_at: Timestamp,
    pub(crate) terms: u64,
    pub(crate) total_budget: Amount,
    pub(crate) budget: domain::Budget,
}

impl<'a> Promotion<'a> {
    pub(crate) fn of(promotion: &'a domain::Promotion) -> Self {
        let (recovers, spare) = match promotion.recovery {
            Recovery::Recover => (true, None),
            Recovery::NoRecover { spare } => (false, spare),
        };
        Self {
            name: text(&promotion.name),
            card_company: text(promotion.card_company.as_str()),
            currency: text(promotion.currency.code()),
            policy: Policy::of(&promotion.policy),
            recovers,
            start_at: micros(promotion.start_at),
            end_at: micros(promotion.end_at),
            spare: spare.map(|spare| match spare {
                Spare::Amount(amount) => Portion::Amount(amount.minor_units()),
                Spare::Percent(percent) => Portion::Percent(percent),
            }),
            paused_at: promotion.paused_at.map(micros),
            terminated_at: promotion.terminated_at.map(micros),
        }
    }

    pub(crate) fn read(self, columns: Columns) -> Read<domain::Promotion> {
        let spare = match self.spare {
            None => None,
            Some(Portion::Amount(units)) => Some(Spare::Amount(amount(units, "spare")?)),
            Some(Portion::Percent(percent)) => Some(Spare::Percent(percent)),
        };
        Ok(domain::Promotion {
            id: columns.id,
            store: columns.store,
            environment: columns.environment,
            name: self.name.into_owned(),
            card_company: CardCompany::parse(&self.card_company).ok_or(Senseless("card_company"))?,
            currency: Currency::parse(&self.currency).ok_or(Senseless("currency"))?,
            policy: self.policy.read()?,
            total_budget: columns.total_budget,
            recovery: if self.recovers { Recovery::Recover } else { Recovery::NoRecover { spare } },
            start_at: instant(self.start_at, "start_at")?,
            end_at: instant(self.end_at, "end_at")?,
            created_at: columns.created_at,
            paused_at: maybe_instant(self.paused_at, "paused_at")?,
            terminated_at: maybe_instant(self.terminated_at, "terminated_at")?,
            terms: columns.terms,
            budget: columns.budget,
        })
    }
}

shape! { Use { id: Text<'a>, card_company: Text<'a>, discount: i64, policy: Policy, terms: u64, hold: Text<'a>; recovers: bool } }

const fn hold_word(hold: Hold) -> &'static str {
    match hold {
        Hold::Held => "HELD",
        Hold::Spent => "SPENT",
        Hold::Released => "RELEASED",
    }
}

impl<'a> Use<'a> {
    pub(crate) fn of(used: &'a domain::PromotionUse) -> Self {
        Self {
            id: text(used.id.as_str()),
            card_company: text(used.card_company.as_str()),
            discount: used.discount.minor_units(),
            policy: Policy::of(&used.policy),
            terms: used.terms,
            hold: text(hold_word(used.hold)),
            recovers: flag(used.recovers),
        }
    }

    pub(crate) fn read(self) -> Read<domain::PromotionUse> {
        let hold = [Hold::Held, Hold::Spent, Hold::Released]
            .into_iter()
            .find(|hold| hold_word(*hold) == self.hold)
            .ok_or(Senseless("promotion.hold"))?;
        Ok(domain::PromotionUse {
            id: PromotionId::known(self.id),
            card_company: CardCompany::parse(&self.card_company)
                .ok_or(Senseless("promotion.card_company"))?,
            discount: amount(self.discount, "promotion.discount")?,
            policy: self.policy.read()?,
            recovers: is(self.recovers),
            terms: self.terms,
            hold,
        })
    }
}
