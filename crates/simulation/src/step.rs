//! The plan of a run: steps that are decided by the seed before anything happens, each with a seed of
//! its own, so that any of them can be left out and the others still mean the same.

use crate::dice::Dice;
use crate::ground::Spot;
use crate::operations::{OPERATIONS, Operation, Part};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub seed: u64,
    pub steps: Vec<Step>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub number: u32,
    pub seed: u64,
    pub deed: Deed,
}

/// What a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Somebody asks something; the index of the operation.
    Ask(usize),
    /// Many ask the same at once.
    Crowd(usize),
    /// An earlier request is sent again under its key.
    Repeat,
    /// An earlier key is used for another request.
    Misuse,
    /// Somebody on the way keeps a notification of the PSP.
    Overhear,
    /// The network changes.
    Weather,
    /// An endpoint changes its manners.
    Endpoint,
    /// Tasks are held up more or less than before.
    Mood,
    /// The disk fails for a while.
    Disk,
    /// Somebody sets the machine's clock.
    SetClock,
    /// The process will die when it has passed this spot so often.
    Fuse(Spot, u64),
    /// The process dies now.
    PullPlug,
    /// Time passes.
    Rest,
    /// The server's own proof of the whole database.
    Audit,
}

/// What a plan is mostly about. Everything is asked in each plan; but what takes many steps, one behind the
/// other, comes to its end only where it is asked often.
fn focus(seed: u64) -> Part {
    match seed.checked_rem(3) {
        Some(1) => Part::Platform,
        Some(2) => Part::Global,
        _ => Part::Payments,
    }
}

fn weight(operation: &Operation, focus: Part) -> u32 {
    operation.weight.saturating_mul(if operation.part == focus { 4 } else { 1 })
}
/// How a deed is drawn.
type Draw = fn(&mut Dice, Part) -> Deed;

/// What happens, with its weight.
const DEEDS: &[(u32, Draw)] = &[
    (700, |dice, focus| Deed::Ask(operation(dice, focus))),
    (45, |dice, focus| Deed::Crowd(operation(dice, focus))),
    (70, |_, _| Deed::Repeat),
    (12, |_, _| Deed::Misuse),
    (15, |_, _| Deed::Overhear),
    (22, |_, _| Deed::Weather),
    (16, |_, _| Deed::Endpoint),
    (18, |_, _| Deed::Mood),
    (8, |_, _| Deed::Disk),
    (8, |_, _| Deed::SetClock),
    (20, |dice, _| {
        let spot = dice.pick(&Spot::ALL).copied().unwrap_or(Spot::BeforeCommit);
        Deed::Fuse(spot, dice.below(12))
    }),
    (6, |_, _| Deed::PullPlug),
    (40, |_, _| Deed::Rest),
    (4, |_, _| Deed::Audit),
];

fn operation(dice: &mut Dice, focus: Part) -> usize {
    dice.weighted(&OPERATIONS, |operation| weight(operation, focus)).map_or(0, |(index, _)| index)
}

impl Plan {
    pub fn new(seed: u64, steps: u32) -> Self {
        let (mut dice, focus) = (Dice::for_purpose(seed, 4), focus(seed));
        let steps = (0..steps)
            .map(|number| {
                let deed = dice.weighted(DEEDS, |(weight, _)| *weight).map(|(_, (_, make))| *make);
                let deed = deed.map_or(Deed::Rest, |make| make(&mut dice, focus));
                Step { number, seed: dice.number(), deed }
            })
            .collect();
        Self { seed, steps }
    }

    /// Only the steps with these numbers.
    #[must_use]
    pub fn only(&self, numbers: &[u32]) -> Self {
        let steps = self.steps.iter().filter(|step| numbers.contains(&step.number)).copied().collect();
        Self { seed: self.seed, steps }
    }
}
