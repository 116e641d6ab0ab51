//! Plans and subscriptions: everything but what is in columns.

use super::customer::Customer;
use super::notice::Notice;
use super::{Read, Senseless, Text, amount, flag, instant, is, maybe_instant, shape, text};
use crate::row::micros;
use jiff::Timestamp;
use paypier_domain::channel::Environment;
use paypier_domain::id::{BillingKeyId, MerchantId, PaymentId, PlanRef, StoreId, SubscriptionRef};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::subscription as domain;
use serde::{Deserialize, Serialize};

shape! { Note { key: Text<'a>, value: Text<'a>; } }

fn notes(notes: &[domain::Note]) -> Option<Vec<Note<'_>>> {
    let shapes = notes.iter().map(|note| Note { key: text(&note.key), value: text(&note.value) });
    (!notes.is_empty()).then(|| shapes.collect())
}

fn notes_read(notes: Option<Vec<Note<'_>>>) -> Vec<domain::Note> {
    let read = |note: Note<'_>| domain::Note { key: note.key.into_owned(), value: note.value.into_owned() };
    notes.unwrap_or_default().into_iter().map(read).collect()
}

/// An empty text is left out.
fn filled(value: &str) -> Option<Text<'_>> {
    (!value.is_empty()).then(|| text(value))
}

fn back(value: Option<Text<'_>>) -> String {
    value.map(Text::into_owned).unwrap_or_default()
}

shape! { Step { frequency: i64, period: Text<'a>; } }

const PERIODS: [(domain::Period, &str); 6] = [
    (domain::Period::Hour, "HOUR"),
    (domain::Period::Day, "DAY"),
    (domain::Period::Week, "WEEK"),
    (domain::Period::Month, "MONTH"),
    (domain::Period::Quarter, "QUARTER"),
    (domain::Period::Year, "YEAR"),
];

impl Step<'_> {
    fn of(step: domain::Step) -> Self {
        let word = PERIODS.iter().find(|(period, _)| *period == step.period()).map_or("", |(_, word)| *word);
        Self { frequency: step.frequency(), period: word.into() }
    }

    fn read(self, member: &'static str) -> Read<domain::Step> {
        let period = PERIODS.iter().find(|(_, word)| *word == self.period).map(|(period, _)| *period);
        domain::Step::new(self.frequency, period.ok_or(Senseless(member))?).map_err(|_| Senseless(member))
    }
}

shape! { Plan { name: Text<'a>, source: Text<'a>, currency: Text<'a>; description: Text<'a>,
notes: Vec<Note<'a>>, amount: i64, step: Step<'a> } }

/// What the columns beside a plan's document say.
pub(crate) struct PlanColumns {
    pub(crate) reference: PlanRef,
    pub(crate) store: StoreId,
    pub(crate) merchant: MerchantId,
    pub(crate) environment: Environment,
    pub(crate) merchant_ref: String,
    pub(crate) version: u64,
    pub(crate) created_at: Timestamp,
    pub(crate) cancelled_at: Option<Timestamp>,
}

impl<'a> Plan<'a> {
    pub(crate) fn of(plan: &'a domain::Plan) -> Self {
        let (amount, step) = match plan.kind {
            domain::PlanKind::Regular { amount, step } => (Some(amount.minor_units()), Some(Step::of(step))),
            domain::PlanKind::OnDemand => (None, None),
        };
        Self {
            name: text(&plan.name),
            source: text(&plan.source),
            currency: text(plan.currency.code()),
            description: filled(&plan.description),
            notes: notes(&plan.notes),
            amount,
            step,
        }
    }

    pub(crate) fn read(self, columns: PlanColumns) -> Read<domain::Plan> {
        let kind = match (self.amount, self.step) {
            (Some(units), Some(step)) => {
                domain::PlanKind::Regular { amount: amount(units, "amount")?, step: step.read("step")? }
            }
            (None, None) => domain::PlanKind::OnDemand,
            (Some(_), None) | (None, Some(_)) => return Err(Senseless("step")),
        };
        Ok(domain::Plan {
            reference: columns.reference,
            store: columns.store,
            merchant: columns.merchant,
            environment: columns.environment,
            version: columns.version,
            merchant_ref: columns.merchant_ref,
            name: self.name.into_owned(),
            description: back(self.description),
            source: self.source.into_owned(),
            notes: notes_read(self.notes),
            currency: Currency::parse(&self.currency).ok_or(Senseless("currency"))?,
            kind,
            created_at: columns.created_at,
            cancelled_at: columns.cancelled_at,
        })
    }
}

shape! { Subscription { plan_name: Text<'a>, source: Text<'a>, currency: Text<'a>, terms: Terms<'a>,
success_url: Text<'a>, failure_url: Text<'a>, pending_url: Text<'a>, deductions: u64, last_event: u64,
state: State<'a>;
description: Text<'a>, country: Text<'a>, customer: Customer<'a>, notify_by_email: bool,
notify_by_phone: bool, notices: Vec<Notice<'a>>, notes: Vec<Note<'a>>, costs: Vec<Cost<'a>>,
ip_address: Text<'a>, enrolments: u32 } }

shape! { Cost { key: Text<'a>, value: i64; } }

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Terms<'a> {
    Regular {
        plan_amount: i64,
        quantity: u32,
        count: u32,
        additional: i64,
        step: Step<'a>,
        accumulates: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        starts_at: Option<i64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        trial: Option<Step<'a>>,
    },
    OnDemand {
        initial: i64,
        additional: i64,
    },
}

impl Terms<'_> {
    fn of(terms: &domain::Terms) -> Self {
        match terms {
            domain::Terms::Regular(regular) => Self::Regular {
                plan_amount: regular.plan_amount.minor_units(),
                quantity: regular.quantity,
                count: regular.totals.count,
                additional: regular.totals.additional.minor_units(),
                step: Step::of(regular.step),
                accumulates: regular.missed == domain::Missed::Accumulates,
                starts_at: regular.starts_at.map(micros),
                trial: regular.trial.map(Step::of),
            },
            domain::Terms::OnDemand { initial, additional } => {
                Self::OnDemand { initial: initial.minor_units(), additional: additional.minor_units() }
            }
        }
    }

    fn read(self) -> Read<domain::Terms> {
        Ok(match self {
            Self::Regular {
                plan_amount,
                quantity,
                count,
                additional,
                step,
                accumulates,
                starts_at,
                trial,
            } => {
                let plan_amount = amount(plan_amount, "terms.plan_amount")?;
                let totals = domain::Totals::of(plan_amount, quantity.into(), count.into(), &[additional]);
                domain::Terms::Regular(domain::Regular {
                    plan_amount,
                    quantity,
                    step: step.read("terms.step")?,
                    totals: totals.map_err(|_| Senseless("terms"))?,
                    missed: if accumulates {
                        domain::Missed::Accumulates
                    } else {
                        domain::Missed::ExtendsSchedule
                    },
                    starts_at: maybe_instant(starts_at, "terms.starts_at")?,
                    trial: trial.map(|trial| trial.read("terms.trial")).transpose()?,
                })
            }
            Self::OnDemand { initial, additional } => domain::Terms::OnDemand {
                initial: amount(initial, "terms.initial")?,
                additional: amount(additional, "terms.additional")?,
            },
        })
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum State<'a> {
    Created {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        enrolling: Option<Enrolling<'a>>,
    },
    Active {
        running: Running<'a>,
    },
    Ended {
        how: Text<'a>,
        at: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ran: Option<Running<'a>>,
    },
}

shape! { Enrolling { billing_key: Text<'a>, channel: Text<'a>, method: Text<'a>, since: i64; payment: Text<'a> } }
shape! { Running { billing_key: Text<'a>, channel: Text<'a>, method: Text<'a>, enrolled_at: i64; cycle: Cycle<'a> } }
shape! { Cycle { anchor: i64, ended: u32, missed_in_a_row: u32, arrears: i64, due_at: i64;
trial_ends_at: i64, failures: u32, unsent: u32, tried_at: i64, triggered_at: i64, going: Text<'a> } }

const ENDINGS: [(domain::Ending, &str); 5] = [
    (domain::Ending::Completed, "COMPLETED"),
    (domain::Ending::Expired, "EXPIRED"),
    (domain::Ending::CancelledByMerchant, "CANCELLED_BY_MERCHANT"),
    (domain::Ending::GivenUp, "GIVEN_UP"),
    (domain::Ending::CancelledByPsp, "CANCELLED_BY_PSP"),
];

impl<'a> State<'a> {
    fn of(state: &'a domain::State) -> Self {
        match state {
            domain::State::Created { enrolling } => {
                Self::Created { enrolling: enrolling.as_ref().map(Enrolling::of) }
            }
            domain::State::Active(running) => Self::Active { running: Running::of(running) },
            domain::State::Ended { how, at, ran } => Self::Ended {
                how: ENDINGS.iter().find(|(ending, _)| ending == how).map_or("", |(_, word)| *word).into(),
                at: micros(*at),
                ran: ran.as_ref().map(Running::of),
            },
        }
    }

    fn read(self) -> Read<domain::State> {
        Ok(match self {
            Self::Created { enrolling } => {
                domain::State::Created { enrolling: enrolling.map(Enrolling::read).transpose()? }
            }
            Self::Active { running } => domain::State::Active(running.read()?),
            Self::Ended { how, at, ran } => domain::State::Ended {
                how: ENDINGS
                    .iter()
                    .find(|(_, word)| *word == how)
                    .map(|(ending, _)| *ending)
                    .ok_or(Senseless("state.how"))?,
                at: instant(at, "state.at")?,
                ran: ran.map(Running::read).transpose()?,
            },
        })
    }
}

impl<'a> Enrolling<'a> {
    fn of(enrolling: &'a domain::Enrolling) -> Self {
        Self {
            billing_key: text(enrolling.billing_key.as_str()),
            channel: text(&enrolling.means.channel),
            method: text(&enrolling.means.method),
            since: micros(enrolling.since),
            payment: enrolling.payment.as_ref().map(|payment| text(payment.as_str())),
        }
    }

    fn read(self) -> Read<domain::Enrolling> {
        Ok(domain::Enrolling {
            billing_key: BillingKeyId::known(self.billing_key),
            means: means(self.channel, self.method),
            since: instant(self.since, "state.enrolling.since")?,
            payment: self.payment.map(PaymentId::known),
        })
    }
}

fn means(channel: Text<'_>, method: Text<'_>) -> domain::Means {
    domain::Means { channel: channel.into_owned(), method: method.into_owned() }
}

/// A number that is left out when it is zero.
fn counted(number: u32) -> Option<u32> {
    (number > 0).then_some(number)
}

impl<'a> Running<'a> {
    fn of(running: &'a domain::Running) -> Self {
        Self {
            billing_key: text(running.billing_key.as_str()),
            channel: text(&running.means.channel),
            method: text(&running.means.method),
            enrolled_at: micros(running.enrolled_at),
            cycle: running.cycle.as_ref().map(|cycle| Cycle {
                anchor: micros(cycle.anchor),
                ended: cycle.ended,
                missed_in_a_row: cycle.missed_in_a_row,
                arrears: cycle.arrears.minor_units(),
                due_at: micros(cycle.due_at),
                trial_ends_at: cycle.trial_ends_at.map(micros),
                failures: counted(cycle.failures),
                unsent: counted(cycle.unsent),
                tried_at: cycle.tried_at.map(micros),
                triggered_at: cycle.triggered_at.map(micros),
                going: cycle.going.as_ref().map(|payment| text(payment.as_str())),
            }),
        }
    }

    fn read(self) -> Read<domain::Running> {
        Ok(domain::Running {
            billing_key: BillingKeyId::known(self.billing_key),
            means: means(self.channel, self.method),
            enrolled_at: instant(self.enrolled_at, "state.running.enrolled_at")?,
            cycle: self.cycle.map(Cycle::read).transpose()?,
        })
    }
}

impl Cycle<'_> {
    fn read(self) -> Read<domain::Cycle> {
        Ok(domain::Cycle {
            anchor: instant(self.anchor, "cycle.anchor")?,
            trial_ends_at: maybe_instant(self.trial_ends_at, "cycle.trial_ends_at")?,
            ended: self.ended,
            missed_in_a_row: self.missed_in_a_row,
            arrears: amount(self.arrears, "cycle.arrears")?,
            due_at: instant(self.due_at, "cycle.due_at")?,
            failures: self.failures.unwrap_or(0),
            unsent: self.unsent.unwrap_or(0),
            tried_at: maybe_instant(self.tried_at, "cycle.tried_at")?,
            triggered_at: maybe_instant(self.triggered_at, "cycle.triggered_at")?,
            going: self.going.map(PaymentId::known),
        })
    }
}

/// What the columns beside a subscription's document say.
pub(crate) struct Columns {
    pub(crate) reference: SubscriptionRef,
    pub(crate) store: StoreId,
    pub(crate) merchant: MerchantId,
    pub(crate) environment: Environment,
    pub(crate) merchant_ref: String,
    pub(crate) plan: PlanRef,
    pub(crate) version: u64,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) collected_amount: Amount,
    pub(crate) collected_count: u32,
}

impl<'a> Subscription<'a> {
    pub(crate) fn of(subscription: &'a domain::Subscription) -> Self {
        let cost = |cost: &'a domain::Cost| Cost { key: text(&cost.key), value: cost.value };
        Self {
            plan_name: text(&subscription.plan_name),
            source: text(&subscription.source),
            currency: text(subscription.currency.code()),
            terms: Terms::of(&subscription.terms),
            success_url: text(&subscription.addresses.success),
            failure_url: text(&subscription.addresses.failure),
            pending_url: text(&subscription.addresses.pending),
            deductions: subscription.deductions,
            last_event: subscription.last_event,
            state: State::of(&subscription.state),
            description: filled(&subscription.description),
            country: filled(&subscription.country),
            customer: Customer::of(&subscription.customer),
            notify_by_email: flag(subscription.notify_by_email),
            notify_by_phone: flag(subscription.notify_by_phone),
            notices: (!subscription.notices.is_empty())
                .then(|| subscription.notices.iter().map(Notice::of).collect()),
            notes: notes(&subscription.notes),
            costs: (!subscription.costs.is_empty()).then(|| subscription.costs.iter().map(cost).collect()),
            ip_address: filled(&subscription.ip_address),
            enrolments: counted(subscription.enrolments),
        }
    }

    pub(crate) fn read(self, columns: Columns) -> Read<domain::Subscription> {
        let cost = |cost: Cost<'_>| domain::Cost { key: cost.key.into_owned(), value: cost.value };
        Ok(domain::Subscription {
            reference: columns.reference,
            store: columns.store,
            merchant: columns.merchant,
            environment: columns.environment,
            version: columns.version,
            merchant_ref: columns.merchant_ref,
            plan: columns.plan,
            plan_name: self.plan_name.into_owned(),
            source: self.source.into_owned(),
            description: back(self.description),
            country: back(self.country),
            customer: self.customer.map(Customer::read).unwrap_or_default(),
            notify_by_email: is(self.notify_by_email),
            notify_by_phone: is(self.notify_by_phone),
            notices: self.notices.unwrap_or_default().into_iter().map(Notice::read).collect::<Read<_>>()?,
            notes: notes_read(self.notes),
            costs: self.costs.unwrap_or_default().into_iter().map(cost).collect(),
            currency: Currency::parse(&self.currency).ok_or(Senseless("currency"))?,
            terms: self.terms.read()?,
            addresses: domain::Addresses {
                success: self.success_url.into_owned(),
                failure: self.failure_url.into_owned(),
                pending: self.pending_url.into_owned(),
            },
            ip_address: back(self.ip_address),
            created_at: columns.created_at,
            expires_at: columns.expires_at,
            collected_amount: columns.collected_amount,
            collected_count: columns.collected_count,
            deductions: self.deductions,
            enrolments: self.enrolments.unwrap_or(0),
            last_event: self.last_event,
            state: self.state.read()?,
        })
    }
}
