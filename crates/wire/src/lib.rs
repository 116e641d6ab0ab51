//! The bodies of both dialects and of webhooks, as types and nothing else.
//!
//! A type here says how something is written, never what it means: no rule is decided, no amount is added up,
//! no clock is read. Translation to and from `domain` lives beside the handlers, in `server`; this crate does
//! not know `domain`, which keeps the slowest code to compile out of every other build.
//!
//! What always holds:
//! - An optional member that is absent is left out, never `null` ([`global`] spells empty ones out instead);
//!   `null` is read as absent, and members nobody knows are ignored.
//! - In V2, amounts are JSON integers in minor units of their currency; `1000.0` and `"1000"` are refused. In
//!   [`global`], they are decimals of the major unit, exact in both directions.
//! - Instants are written in UTC with `Z` and read with any offset ([`time::Timestamp`]).
//! - A word that is not in the list of its enum is refused.
//! - What holds a secret does not show it when debugged.

pub mod global;
pub mod time;
mod union;
pub mod v2;
pub mod webhook;
mod words;
