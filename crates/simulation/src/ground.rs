//! What a process stands on, and what outlives it: time, chance, power, and the record of a run.
//!
//! The server is given its clock, its randomness, its disk and its networks by the ground. All of
//! them may hold a task up, and any of them may be where the process dies: from then on nobody who
//! asks gets an answer, which is all that a dead process is.

mod clock;
mod power;
mod trace;

pub use clock::WallClock;
pub use power::{Power, Spot};
pub use trace::Trace;

use crate::dice::Dice;
use crate::network::Traffic;
use crate::post::PostOffice;
use paypier::clock::Random;
use paypier_storage::{Faults, Interference, Pause};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often and how long tasks are held up where they may be: per mille and milliseconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Mood {
    pub turns: u64,
    pub sleeps: u64,
    pub longest_ms: u64,
}

/// One for each run.
#[derive(Debug)]
pub struct Ground {
    pub clock: WallClock,
    pub power: Power,
    pub trace: Trace,
    pub traffic: Traffic,
    pub post: PostOffice,
    /// What goes wrong on the disk.
    pub disk: Faults,
    chance: Mutex<Dice>,
    fates: Mutex<Dice>,
    mood: Mutex<Mood>,
    /// While the books are checked nothing is held up, so that no one else runs in between.
    is_hushed: AtomicBool,
    findings: Mutex<Vec<Finding>>,
}

/// Something that must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The law that was broken.
    pub law: &'static str,
    pub what: String,
}

impl Finding {
    pub fn new(law: &'static str, what: impl Into<String>) -> Self {
        Self { law, what: what.into() }
    }
}

pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Ground {
    pub fn new(seed: u64, keeps_lines: bool) -> Arc<Self> {
        Arc::new(Self {
            clock: WallClock::default(),
            power: Power::default(),
            trace: Trace::new(keeps_lines),
            traffic: Traffic::default(),
            post: PostOffice::default(),
            disk: Faults::default(),
            chance: Mutex::new(Dice::for_purpose(seed, 1)),
            fates: Mutex::new(Dice::for_purpose(seed, 2)),
            mood: Mutex::default(),
            is_hushed: AtomicBool::new(false),
            findings: Mutex::default(),
        })
    }

    /// Each step of a run begins sequences of its own, so that a step that is left out changes as
    /// little as possible of what follows.
    pub fn reseed(&self, seed: u64) {
        *locked(&self.chance) = Dice::for_purpose(seed, 1);
        *locked(&self.fates) = Dice::for_purpose(seed, 2);
    }

    pub fn fates(&self) -> MutexGuard<'_, Dice> {
        locked(&self.fates)
    }

    pub fn set_mood(&self, mood: Mood) {
        *locked(&self.mood) = mood;
    }

    pub fn hush(&self, on: bool) {
        self.is_hushed.store(on, Ordering::SeqCst);
    }

    pub fn find(&self, finding: Finding) {
        locked(&self.findings).push(finding);
    }

    pub fn take_finding(&self) -> Option<Finding> {
        let mut findings = locked(&self.findings);
        if findings.is_empty() { None } else { Some(findings.remove(0)) }
    }

    /// Holds a task up here, as the mood has it; for ever when the process dies here or is dead.
    pub fn at(&self, spot: Spot) -> Option<Pause> {
        if !self.power.passes(spot) {
            return Some(Box::pin(std::future::pending()));
        }
        if self.is_hushed.load(Ordering::SeqCst) {
            return None;
        }
        let mood = *locked(&self.mood);
        let mut fates = self.fates();
        if fates.happens(mood.sleeps) {
            let wait = fates.millis(1, mood.longest_ms.max(1));
            return Some(Box::pin(tokio::time::sleep(wait)));
        }
        if fates.happens(mood.turns) {
            return Some(Box::pin(tokio::task::yield_now()));
        }
        None
    }
}

/// The server's disk.
#[derive(Debug)]
pub struct Disk(pub Arc<Ground>);

impl Interference for Disk {
    fn before_read(&self) -> Option<Pause> {
        self.0.at(Spot::Read)
    }

    fn before_commit(&self) -> Option<Pause> {
        self.0.at(Spot::BeforeCommit)
    }

    fn after_commit(&self) -> Option<Pause> {
        self.0.trace.note(|| "  committed".to_owned());
        self.0.at(Spot::AfterCommit)
    }
}

/// The server's randomness.
#[derive(Debug)]
pub struct Chance(pub Arc<Ground>);

impl Random for Chance {
    fn fill(&self, bytes: &mut [u8]) {
        let mut dice = locked(&self.0.chance);
        for chunk in bytes.chunks_mut(8) {
            for (byte, random) in chunk.iter_mut().zip(dice.number().to_le_bytes()) {
                *byte = random;
            }
        }
    }
}

/// Virtual time passes; whatever is due meanwhile happens.
pub async fn pass(time: Duration) {
    tokio::time::sleep(time).await;
}
