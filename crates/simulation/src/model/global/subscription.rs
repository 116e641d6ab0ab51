//! What may be true of a subscription: a date is collected once, never before it has come, never after the end;
//! and what it says was collected was.

use super::link::{is_kept, is_paid};
use crate::ground::Finding;
use crate::operations::global::Thing;
use jiff::{SignedDuration, Timestamp};
use paypier_domain::payment::Payment;
use paypier_domain::subscription::{
    Deduction, DeductionState, Missed, Period, Slot, State, Subscription as Stored, SubscriptionStatus, Terms,
};
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub struct Subscription {
    /// Somebody was told so.
    pub is_cancelled: bool,
    /// Somebody may have asked for a deduction out of turn.
    pub is_triggered: bool,
    /// How it ended, and how many deductions there were then.
    ended: Option<(SubscriptionStatus, usize)>,
    /// By payment, what was collected.
    collected: BTreeMap<String, i64>,
}

/// What is stored about a subscription at one moment.
#[derive(Debug)]
pub struct SeenSubscription<'a> {
    pub subscription: &'a Stored,
    pub deductions: &'a [Deduction],
    /// By the payment's id.
    pub payments: &'a BTreeMap<String, Payment>,
    /// By the store's clock.
    pub now: Timestamp,
    /// Nothing is under way any more.
    pub is_at_rest: bool,
}

impl Subscription {
    pub fn look_at(&mut self, thing: &Thing, seen: &SeenSubscription<'_>) -> Result<(), Finding> {
        let broken = |law, what: String| Err(Finding::new(law, format!("{thing}: {what}")));
        self.end(seen).or_else(|what| broken("a subscription that has ended deducts nothing", what))?;
        self.totals(seen).or_else(|what| broken("a subscription says what was collected", what))?;
        slots(seen).or_else(|what| broken("a date of a subscription is deducted once", what))?;
        if !self.is_triggered {
            dates(seen).or_else(|what| broken("nothing is deducted before its date", what))?;
        }
        if seen.is_at_rest {
            at_rest(seen).or_else(|what| broken("what is due is deducted, and once", what))?;
        }
        Ok(())
    }

    fn end(&mut self, seen: &SeenSubscription<'_>) -> Result<(), String> {
        let how = match &seen.subscription.state {
            State::Ended { how, .. } => Some(how.status()),
            State::Created { .. } | State::Active(_) => None,
        };
        if self.is_cancelled && how != Some(SubscriptionStatus::Cancelled) {
            return Err(format!("its cancellation was told, and it is {how:?}"));
        }
        let count = seen.deductions.len();
        match (self.ended, how) {
            (None, Some(how)) => self.ended = Some((how, count)),
            (Some(before), now) if now != Some(before.0) || count != before.1 => {
                return Err(format!("{before:?} and then {now:?} with {count}"));
            }
            (None | Some(_), _) => {}
        }
        Ok(())
    }

    /// What was collected stays so, and its sum is what the subscription says.
    fn totals(&mut self, seen: &SeenSubscription<'_>) -> Result<(), String> {
        let mut collected = BTreeMap::new();
        for deduction in seen.deductions {
            let name = deduction.payment.to_string();
            let payment = seen.payments.get(&name).ok_or_else(|| format!("{name} is no payment"))?;
            if matches!(deduction.state, DeductionState::Collected { .. }) {
                if !is_paid(payment) {
                    return Err(format!("{name} is collected and not paid"));
                }
                collected.insert(name, deduction.amount.minor_units());
            }
        }
        if let Some((lost, _)) =
            self.collected.iter().find(|(name, amount)| collected.get(*name) != Some(amount))
        {
            return Err(format!("{lost} was collected"));
        }
        let sum = collected.values().fold(0i64, |sum, amount| sum.saturating_add(*amount));
        let said = (seen.subscription.collected_amount.minor_units(), seen.subscription.collected_count);
        if said != (sum, u32::try_from(collected.len()).unwrap_or(u32::MAX)) {
            return Err(format!("{said:?} are said, {collected:?} were"));
        }
        self.collected = collected;
        Ok(())
    }
}

fn slots(seen: &SeenSubscription<'_>) -> Result<(), String> {
    let mut taken: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    let (mut going, mut on_demand) = (0u32, 0u32);
    for deduction in seen.deductions {
        if matches!(deduction.state, DeductionState::Going) && deduction.slot != Slot::OnDemand {
            going = going.saturating_add(1);
        }
        match (deduction.slot.number(), deduction.state) {
            (Some(number), DeductionState::Collected { .. }) => {
                taken.entry(number).or_default().push(deduction.payment.as_str());
            }
            (Some(_), DeductionState::Going | DeductionState::Failed { .. }) => {}
            (None, _) => on_demand = on_demand.saturating_add(1),
        }
    }
    if let Some((number, payments)) = taken.iter().find(|(_, payments)| payments.len() > 1) {
        return Err(format!("date {number} by {payments:?}"));
    }
    if going > 1 {
        return Err(format!("{going} are under way"));
    }
    if on_demand > 0 && matches!(seen.subscription.terms, Terms::Regular(_)) {
        return Err("a regular one was deducted from on demand".into());
    }
    Ok(())
}

/// Dates are counted from the first one. It is known where the first one was charged at enrolment.
fn dates(seen: &SeenSubscription<'_>) -> Result<(), String> {
    let Terms::Regular(regular) = &seen.subscription.terms else { return Ok(()) };
    let unit = match regular.step.period() {
        Period::Hour => 1,
        Period::Day => 24,
        Period::Week | Period::Month | Period::Quarter | Period::Year => return Ok(()),
    };
    let step = regular.step.frequency().saturating_mul(unit);
    if regular.trial.is_some() || regular.starts_at.is_some() {
        return Ok(());
    }
    let is_first = |deduction: &&Deduction| {
        deduction.slot == Slot::Cycle(0) && matches!(deduction.state, DeductionState::Collected { .. })
    };
    let Some(first) = seen.deductions.iter().find(is_first) else { return Ok(()) };
    for deduction in seen.deductions {
        let Slot::Cycle(number) = deduction.slot else { continue };
        let hours = step.saturating_mul(i64::from(number));
        let due = first.created_at.checked_add(SignedDuration::from_hours(hours)).unwrap_or(Timestamp::MAX);
        if number > 0 && deduction.created_at < due {
            return Err(format!("date {number} is {due}, and was taken at {}", deduction.created_at));
        }
    }
    Ok(())
}

/// How long a deduction may be asked about, where nothing is lost on the way to the PSP.
const MOST_ASKED: SignedDuration = SignedDuration::from_hours(1);

fn at_rest(seen: &SeenSubscription<'_>) -> Result<(), String> {
    for deduction in seen.deductions {
        match deduction.state {
            // Where every card is silent, each date begins another one while the last is asked about.
            DeductionState::Going if seen.now.duration_since(deduction.created_at) < MOST_ASKED => {
                return Ok(());
            }
            DeductionState::Going => return Err(format!("{} is under way", deduction.payment)),
            DeductionState::Collected { .. } => {}
            // What a PSP took after all for what had failed goes back, unless it refuses that.
            DeductionState::Failed { .. } => {
                let payment = seen.payments.get(deduction.payment.as_str());
                if let Some(payment) = payment.filter(|payment| is_kept(payment)) {
                    return Err(format!("{} failed, and the money was kept", payment.key.payment));
                }
            }
        }
    }
    let Terms::Regular(regular) = &seen.subscription.terms else { return Ok(()) };
    match &seen.subscription.state {
        State::Active(running) => match &running.cycle {
            Some(cycle) if cycle.due_at > seen.now => Ok(()),
            late => Err(format!("{late:?} at {}", seen.now)),
        },
        State::Ended { how, .. } if how.status() == SubscriptionStatus::Completed => {
            let collected = seen.subscription.collected_amount;
            let is_whole = match regular.missed {
                Missed::Accumulates => collected == regular.totals.total,
                Missed::ExtendsSchedule => seen.subscription.collected_count == regular.totals.count,
            };
            if is_whole {
                Ok(())
            } else {
                Err(format!("completed with {collected:?} of {:?}", regular.totals))
            }
        }
        State::Ended { .. } | State::Created { .. } => Ok(()),
    }
}
