//! How much each deduction is, and when all has been collected.
//!
//! The total is the plan's amount times quantity times count, and the additional costs once: they are collected
//! with the first deduction that succeeds. An amount that finally could not be collected is either carried into
//! the next deduction, or never merged, and the schedule grows by a step. Either way exactly the total is
//! collected in the end, never more on the way.

use crate::money::Amount;

/// After so many deductions in a row that finally failed, a subscription is given up.
pub const MISSED_IN_A_ROW: u32 = 3;

/// Days after which a failed deduction is tried again, each time as a new transaction.
const RETRIES_AFTER_DAYS: [i64; 3] = [1, 3, 5];

/// How many days after it was due a deduction is tried again that has failed so many times; none when it has
/// finally failed.
pub fn retry_after_days(failures: usize) -> Option<i64> {
    failures.checked_sub(1).and_then(|index| RETRIES_AFTER_DAYS.get(index)).copied()
}

/// What a subscription costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// Of each deduction.
    pub recurring: Amount,
    /// Once.
    pub additional: Amount,
    pub total: Amount,
    /// How many deductions.
    pub count: u32,
}

/// Why a subscription has no total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TotalsRefusal {
    #[error("a quantity is at least one, not {0}")]
    Quantity(i64),
    #[error("there is at least one deduction, not {0}")]
    Count(i64),
    #[error("the additional costs add up to {0}, which is below zero")]
    Additional(i64),
    #[error("the total is above the largest amount")]
    TooLarge,
}

impl Totals {
    /// The totals of so many times so many of a plan, and costs in minor units, of which single ones may be
    /// negative.
    ///
    /// # Errors
    /// As listed in [`TotalsRefusal`], in that order.
    pub fn of(plan: Amount, quantity: i64, count: i64, costs: &[i64]) -> Result<Self, TotalsRefusal> {
        if quantity < 1 {
            return Err(TotalsRefusal::Quantity(quantity));
        }
        let Ok(deductions) = u32::try_from(count) else { return Err(TotalsRefusal::Count(count)) };
        if deductions == 0 {
            return Err(TotalsRefusal::Count(count));
        }
        let costs =
            costs.iter().try_fold(0i64, |sum, cost| sum.checked_add(*cost)).ok_or(TotalsRefusal::TooLarge)?;
        if costs < 0 {
            return Err(TotalsRefusal::Additional(costs));
        }
        let times = |amount: Amount, times: i64| {
            amount
                .minor_units()
                .checked_mul(times)
                .and_then(|units| Amount::new(units).ok())
                .ok_or(TotalsRefusal::TooLarge)
        };
        let recurring = times(plan, quantity)?;
        let additional = Amount::new(costs).map_err(|_| TotalsRefusal::TooLarge)?;
        let total = times(recurring, count)?.plus(additional).map_err(|_| TotalsRefusal::TooLarge)?;
        Ok(Self { recurring, additional, total, count: deductions })
    }
}

/// What becomes of an amount that finally could not be collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missed {
    /// It is added to the next deduction.
    Accumulates,
    /// The schedule grows by a step.
    ExtendsSchedule,
}

/// How far a subscription has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Collection {
    pub totals: Totals,
    pub missed: Missed,
    pub collected_amount: Amount,
    /// Deductions that succeeded.
    pub collected_count: u32,
    /// Deductions that came to an end, either way.
    pub ended: u32,
    /// The last ones of these, as far as they failed.
    pub missed_in_a_row: u32,
    /// Due beside the recurring amount: the additional costs until they are paid, and what accumulated.
    pub arrears: Amount,
}

impl Collection {
    pub const fn new(totals: Totals, missed: Missed) -> Self {
        Self {
            totals,
            missed,
            collected_amount: Amount::ZERO,
            collected_count: 0,
            ended: 0,
            missed_in_a_row: 0,
            arrears: totals.additional,
        }
    }

    /// What the next deduction is; nothing when all has been collected.
    pub fn due(&self) -> Option<Amount> {
        let left = self.totals.total.minus_or_zero(self.collected_amount);
        if left.is_zero() {
            return None;
        }
        let slot_has_amount = match self.missed {
            // Behind the last slot there are only arrears.
            Missed::Accumulates => self.ended < self.totals.count,
            Missed::ExtendsSchedule => true,
        };
        let recurring = if slot_has_amount { self.totals.recurring } else { Amount::ZERO };
        let due = recurring.plus(self.arrears).unwrap_or(left);
        Some(due.min(left)).filter(|due| !due.is_zero())
    }

    /// The deduction that was due has succeeded.
    #[must_use]
    pub fn collected(self) -> Self {
        let Some(due) = self.due() else { return self };
        Self {
            collected_amount: self.collected_amount.plus(due).unwrap_or(self.totals.total),
            collected_count: self.collected_count.saturating_add(1),
            ended: self.ended.saturating_add(1),
            missed_in_a_row: 0,
            arrears: Amount::ZERO,
            ..self
        }
    }

    /// The deduction that was due has finally failed.
    #[must_use]
    pub fn failed(self) -> Self {
        let Some(due) = self.due() else { return self };
        let arrears = match self.missed {
            Missed::Accumulates => due,
            Missed::ExtendsSchedule => self.arrears,
        };
        Self {
            ended: self.ended.saturating_add(1),
            missed_in_a_row: self.missed_in_a_row.saturating_add(1),
            arrears,
            ..self
        }
    }

    /// Everything has been collected.
    pub fn is_complete(&self) -> bool {
        self.due().is_none()
    }

    /// Too many deductions in a row have failed.
    pub const fn is_given_up(&self) -> bool {
        self.missed_in_a_row >= MISSED_IN_A_ROW
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn amount(units: i64) -> Amount {
        Amount::new(units).unwrap()
    }

    fn totals(plan: i64, quantity: i64, count: i64, costs: &[i64]) -> Result<i64, TotalsRefusal> {
        Totals::of(amount(plan), quantity, count, costs).map(|totals| totals.total.minor_units())
    }

    #[test]
    fn additional_costs_count_once() {
        assert_eq!(totals(1_000, 3, 3, &[5, 5]), Ok(9_010));
        assert_eq!(totals(103, 1, 4, &[]), Ok(412));
        assert_eq!(totals(1_000, 1, 1, &[50, -20]), Ok(1_030));
    }

    #[test]
    fn what_has_no_total_is_refused() {
        for (plan, quantity, count, costs, refusal) in [
            (1_000, 0, 0, vec![-1], TotalsRefusal::Quantity(0)),
            (1_000, -1, 1, vec![], TotalsRefusal::Quantity(-1)),
            (1_000, 1, 0, vec![-1], TotalsRefusal::Count(0)),
            (1_000, 1, -3, vec![], TotalsRefusal::Count(-3)),
            (1_000, 1, 1, vec![5, -6], TotalsRefusal::Additional(-1)),
            (1_000, 1, 1, vec![i64::MAX, 1], TotalsRefusal::TooLarge),
            (1_000_000_000, i64::MAX, 1, vec![], TotalsRefusal::TooLarge),
            (1_000_000_000_000, 1, 4_000_000_000, vec![], TotalsRefusal::TooLarge),
        ] {
            assert_eq!(totals(plan, quantity, count, &costs), Err(refusal), "{plan} × {quantity} × {count}");
        }
    }

    fn dues(missed: Missed, successes: &[bool]) -> Vec<i64> {
        let totals = Totals::of(amount(1_000), 1, 3, &[10]).unwrap();
        let mut collection = Collection::new(totals, missed);
        let mut dues = Vec::new();
        for success in successes {
            dues.push(collection.due().map_or(0, Amount::minor_units));
            collection = if *success { collection.collected() } else { collection.failed() };
        }
        assert_eq!(collection.is_complete(), collection.collected_amount == totals.total);
        dues
    }

    #[test]
    fn a_missed_amount_accumulates() {
        assert_eq!(dues(Missed::Accumulates, &[true, true, true, true]), [1_010, 1_000, 1_000, 0]);
        assert_eq!(dues(Missed::Accumulates, &[false, true, true, true]), [1_010, 2_010, 1_000, 0]);
        assert_eq!(
            dues(Missed::Accumulates, &[true, true, false, false, true, true]),
            [1_010, 1_000, 1_000, 1_000, 1_000, 0]
        );
        assert_eq!(
            dues(Missed::Accumulates, &[false, false, false, true, true]),
            [1_010, 2_010, 3_010, 3_010, 0]
        );
    }

    #[test]
    fn or_the_schedule_grows() {
        assert_eq!(
            dues(Missed::ExtendsSchedule, &[false, true, false, true, true, true]),
            [1_010, 1_010, 1_000, 1_000, 1_000, 0]
        );
    }

    #[test]
    fn a_failed_deduction_is_tried_again_three_times() {
        let days: Vec<_> = (0..6).map(retry_after_days).collect();
        assert_eq!(days, [None, Some(1), Some(3), Some(5), None, None]);
    }

    #[test]
    fn three_in_a_row_are_too_many() {
        let totals = Totals::of(amount(1_000), 1, 9, &[]).unwrap();
        let twice = Collection::new(totals, Missed::ExtendsSchedule).failed().failed();
        assert!(!twice.is_given_up());
        assert!(twice.failed().is_given_up());
        assert!(!twice.collected().failed().is_given_up(), "not in a row");
    }

    proptest! {
        #[test]
        fn exactly_the_total_is_collected(
            plan in 1i64..100_000, quantity in 1i64..5, count in 1i64..12, cost in 0i64..10_000,
            accumulates: bool, outcomes in prop::collection::vec(any::<bool>(), 0..40),
        ) {
            let totals = Totals::of(amount(plan), quantity, count, &[cost]).unwrap();
            let missed = if accumulates { Missed::Accumulates } else { Missed::ExtendsSchedule };
            let mut collection = Collection::new(totals, missed);
            for success in outcomes {
                let before = collection.collected_amount;
                collection = if success { collection.collected() } else { collection.failed() };
                prop_assert!(before <= collection.collected_amount && collection.collected_amount <= totals.total);
            }
            // From here on everything succeeds.
            for _ in 0..=count {
                collection = collection.collected();
            }
            prop_assert!(collection.is_complete());
            prop_assert_eq!(collection.collected_amount, totals.total);
            if !accumulates {
                prop_assert_eq!(collection.collected_count, totals.count);
            }
        }
    }
}
