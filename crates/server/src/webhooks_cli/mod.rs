//! `paypier webhooks`: a developer's side of webhooks, over the same API that everybody has.
//!
//! Nothing here opens a database or knows the server's insides: what these commands do, a script with
//! an API secret can do as well.

#![expect(clippy::print_stdout, reason = "what happened is what these commands are for")]
#![expect(clippy::print_stderr, reason = "a command's complaints belong to standard error")]

mod client;
mod line;
mod listen;
mod position;
mod replay;
mod trigger;

pub use client::{Server, ServerError};
pub use listen::{Begin, ListenOptions, listen};
pub use replay::{ReplayOptions, What, replay};
pub use trigger::{Sequence, TriggerOptions, trigger};

#[cfg(test)]
mod tests;
