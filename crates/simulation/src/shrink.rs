//! Making a failing plan small: steps are left out for as long as the same law is still broken (ddmin;
//! Zeller and Hildebrandt 2002).

use crate::step::Plan;
use crate::world::{Failure, Town};

/// How often a smaller plan is tried at most.
const MOST_TRIES: u32 = 600;

/// The smallest plan that was found which breaks the same law, and its failure with the record of the
/// run. `said` is told after each success how many steps are left.
pub fn shrink(
    town: &Town,
    plan: &Plan,
    failure: &Failure,
    mut said: impl FnMut(usize),
) -> (Plan, Box<Failure>) {
    let tries = std::cell::Cell::new(0u32);
    let fails = |plan: &Plan| {
        tries.set(tries.get().saturating_add(1));
        (tries.get() <= MOST_TRIES)
            .then(|| town.run(plan, false).err())
            .flatten()
            .filter(|found| found.finding.law == failure.finding.law)
    };
    // What comes after the step that showed it is the first to go.
    let mut best = Plan {
        seed: plan.seed,
        steps: plan.steps.iter().filter(|step| step.number <= failure.step).copied().collect(),
    };
    if fails(&best).is_none() {
        best = plan.clone();
    }
    let mut chunk = best.steps.len().div_ceil(2).max(1);
    loop {
        let mut from = 0usize;
        let mut has_shrunk = false;
        while from < best.steps.len() {
            let until = from.saturating_add(chunk);
            let kept = best.steps.iter().enumerate().filter(|(index, _)| *index < from || *index >= until);
            let smaller = Plan { seed: best.seed, steps: kept.map(|(_, step)| *step).collect() };
            if fails(&smaller).is_some() {
                best = smaller;
                has_shrunk = true;
                said(best.steps.len());
            } else {
                from = until;
            }
        }
        if chunk == 1 && !has_shrunk {
            break;
        }
        if !has_shrunk || chunk > best.steps.len() {
            chunk = chunk.div_ceil(2).min(best.steps.len().max(1));
            if best.steps.len() <= 1 {
                break;
            }
        }
        if tries.get() > MOST_TRIES {
            break;
        }
    }
    let failure = town.run(&best, true).err().unwrap_or_else(|| Box::new(failure.clone()));
    (best, failure)
}
