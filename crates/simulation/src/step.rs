//! The plan of a run: steps that are decided by the seed before anything happens, each with a seed of
//! its own, so that any of them can be left out and the others still mean the same.

use crate::dice::Dice;
use crate::ground::Spot;
use crate::operations::{OPERATIONS, global};

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

/// How a deed is drawn.
type Draw = fn(&mut Dice, Leaning) -> Deed;

/// What is mostly spoken in a world. Stories of the Global dialect are long, and hardly ever come to their end
/// where everything else is asked as often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leaning {
    Nowhere,
    Global,
}

/// What happens, with its weight.
const DEEDS: &[(u32, Draw)] = &[
    (700, |dice, leaning| Deed::Ask(operation(dice, leaning))),
    (45, |dice, leaning| Deed::Crowd(operation(dice, leaning))),
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

fn operation(dice: &mut Dice, leaning: Leaning) -> usize {
    if leaning == Leaning::Global && dice.happens(700) {
        let drawn = dice.weighted(global::OPERATIONS, |operation| operation.weight);
        let name = drawn.map_or("", |(_, operation)| operation.name);
        return OPERATIONS.iter().position(|operation| operation.name == name).unwrap_or(0);
    }
    dice.weighted(&OPERATIONS, |operation| operation.weight).map_or(0, |(index, _)| index)
}

impl Plan {
    pub fn new(seed: u64, steps: u32) -> Self {
        let mut dice = Dice::for_purpose(seed, 4);
        let leaning = if dice.happens(350) { Leaning::Global } else { Leaning::Nowhere };
        let steps = (0..steps)
            .map(|number| {
                let deed = dice.weighted(DEEDS, |(weight, _)| *weight).map(|(_, (_, make))| *make);
                let deed = deed.map_or(Deed::Rest, |make| make(&mut dice, leaning));
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
