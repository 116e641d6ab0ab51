//! The simulation's own tests: that it repeats itself, that it knows every operation, a short run of
//! it, and each of the 25 failures as a scenario.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod determinism;
mod operations;
mod scenarios;
mod short;
