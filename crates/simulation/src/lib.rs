//! A deterministic simulation of the whole server.
//!
//! The real router, use cases, jobs, webhooks, storage and simulated PSP run in one thread and in
//! virtual time, among merchants and buyers who do everything that can be done, in a world where
//! everything goes wrong that can go wrong: the network, the endpoints, the disk, the clocks, and the
//! process itself. One number decides all of it, so a run that finds something can be had again, and
//! made smaller until what is left is the story of a mistake.
//!
//! Nothing of the server is imitated. What is imitated is what surrounds it; and what may be true is
//! judged by a small [`model`] that was written from the specification.

pub mod dice;
pub mod ground;
pub mod model;
pub mod network;
pub mod office;
pub mod operations;
pub mod play;
pub mod post;
pub mod process;
pub mod shrink;
pub mod step;
pub mod world;

pub use step::{Deed, Plan, Step};
pub use world::{Failure, Report, Town};
