//! The paypier server: use cases, HTTP, jobs and the command line around the pure crates.

pub mod app;
pub mod bench;
pub mod cli;
pub mod clock;
pub mod compose;
pub mod config;
pub mod exchange;
pub mod global;
pub mod http;
pub mod jobs;
pub mod keyring;
pub mod notify;
pub mod simulator_books;
pub mod verify;
pub mod webhooks;
pub mod webhooks_cli;
