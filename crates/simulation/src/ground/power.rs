//! Power: whether the process lives, and where it is going to die.

use super::locked;
use std::sync::Mutex;
use tokio::sync::Notify;

/// Where a task of the server waits for the world, which is where a process can die: between two of
/// these nothing happens that anybody could see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    Read,
    /// Nothing of the transaction is written.
    BeforeCommit,
    /// Everything is written, and nobody was told.
    AfterCommit,
    /// A request to the PSP is about to leave.
    PspAsked,
    /// The PSP has done what it was asked to, and its answer is under way.
    PspActed,
    /// A webhook is about to leave.
    Posting,
    /// The receiver has answered, and nothing is recorded.
    Posted,
}

impl Spot {
    pub const ALL: [Self; 7] = [
        Self::Read,
        Self::BeforeCommit,
        Self::AfterCommit,
        Self::PspAsked,
        Self::PspActed,
        Self::Posting,
        Self::Posted,
    ];
}

#[derive(Debug, Default)]
pub struct Power {
    state: Mutex<State>,
    died: Notify,
}

#[derive(Debug, Default)]
struct State {
    is_dead: bool,
    fuse: Option<(Spot, u64)>,
}

impl Power {
    pub fn is_dead(&self) -> bool {
        locked(&self.state).is_dead
    }

    /// The process is going to die when this spot has been passed so often.
    pub fn lay_fuse(&self, spot: Spot, passes: u64) {
        locked(&self.state).fuse = Some((spot, passes));
    }

    /// Everybody stops where he is.
    pub fn cut(&self) {
        locked(&self.state).is_dead = true;
        self.died.notify_one();
    }

    /// A new process begins.
    pub fn restore(&self) {
        *locked(&self.state) = State::default();
    }

    /// No fuse burns any more.
    pub fn put_out(&self) {
        locked(&self.state).fuse = None;
    }

    /// Whether the process is still alive behind this spot.
    pub fn passes(&self, spot: Spot) -> bool {
        let mut state = locked(&self.state);
        if let Some((at, left)) = &mut state.fuse
            && *at == spot
        {
            match left.checked_sub(1) {
                Some(fewer) => *left = fewer,
                None => {
                    state.is_dead = true;
                    self.died.notify_one();
                }
            }
        }
        !state.is_dead
    }

    /// Ends when the process has died.
    pub async fn death(&self) {
        while !self.is_dead() {
            self.died.notified().await;
        }
    }
}
