//! The record of a run: its lines when somebody wants to read them, and always their digest, by which
//! two runs are compared.

use super::locked;
use std::sync::Mutex;

#[derive(Debug)]
pub struct Trace {
    keeps_lines: bool,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    digest: u64,
    lines: Vec<String>,
}

/// FNV-1a: enough to tell two runs apart, and cheap.
const OFFSET: u64 = 0xCBF2_9CE4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01B3;

impl Trace {
    pub fn new(keeps_lines: bool) -> Self {
        Self { keeps_lines, state: Mutex::new(State { digest: OFFSET, lines: Vec::new() }) }
    }

    /// Something worth a line. What it says is part of the digest.
    pub fn say(&self, line: impl Into<String>) {
        let line = line.into();
        self.bytes(line.as_bytes());
        if self.keeps_lines {
            locked(&self.state).lines.push(line);
        }
    }

    /// Something small: its line is only made when lines are kept.
    pub fn note(&self, line: impl FnOnce() -> String) {
        self.bytes(b".");
        if self.keeps_lines {
            let line = line();
            locked(&self.state).lines.push(line);
        }
    }

    /// What is too long to be a line and must be the same nevertheless.
    pub fn bytes(&self, bytes: &[u8]) {
        let mut state = locked(&self.state);
        for byte in bytes {
            state.digest = (state.digest ^ u64::from(*byte)).wrapping_mul(PRIME);
        }
    }

    pub fn digest(&self) -> u64 {
        locked(&self.state).digest
    }

    pub fn lines(&self) -> Vec<String> {
        locked(&self.state).lines.clone()
    }
}
