//! The 25 failures that the server survives, each set up on purpose in the simulated world. A file
//! holds what belongs together; the number in a name is the failure's.

mod clocks;
mod crashes;
mod disk;
mod endpoints;
mod idempotency;
mod notifications;
mod races;
mod settlement;
mod silence;
mod upgrades;

use paypier_simulation::Town;
use paypier_simulation::network::Weather;
use paypier_simulation::play::{Play, Reply, Stage};
use std::sync::OnceLock;

const APPROVED: &str = "4242424242424242";
const NOTIFIES_FIRST: &str = "4000000000008888";

fn open() -> Play {
    static TOWN: OnceLock<Town> = OnceLock::new();
    Play::open(TOWN.get_or_init(|| Town::new().unwrap())).unwrap()
}

/// A scene in which nobody dies.
fn survives<T>(play: &Play, scene: impl AsyncFnOnce(&Stage) -> T) -> T {
    play.life(scene).unwrap().expect("nobody was to die")
}

/// A scene that ends with the process's death.
fn dies(play: &Play, scene: impl AsyncFnOnce(&Stage)) {
    assert!(play.life(scene).unwrap().is_none(), "the process was to die");
}

/// No answer of the PSP arrives.
const UNANSWERED: Weather = Weather { unanswered: 1000, ..Weather::FAIR };
/// No request arrives at the PSP.
const LOST: Weather = Weather { lost: 1000, ..Weather::FAIR };

fn words(replies: &[Reply]) -> Vec<String> {
    let mut words: Vec<String> = replies.iter().map(Reply::word).collect();
    words.sort();
    words
}

/// The books are proved and nothing is open.
async fn closes(stage: &Stage) {
    let report = stage.audit().await.unwrap();
    assert!(report.differences.is_empty() && report.open.is_empty(), "{report:#?}");
}
