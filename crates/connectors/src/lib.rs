//! Connectors: our code for one PSP each, behind one trait.
//!
//! A connector translates between the domain's words and one PSP's wire. It has no database, no
//! clock and no socket of its own: the HTTP exchange is handed in with each call, so that a recording
//! can replay what a PSP once said. Who retries, stores and schedules is the application.

pub mod contract;
pub mod exchange;
pub mod registry;
pub mod simulator;
pub mod stripe;

pub use contract::Connector;
