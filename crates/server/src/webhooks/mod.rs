//! Webhooks: what a merchant is told about an event, how it is signed, and how it leaves.
//!
//! [`render`] makes the body, [`sign`] the headers, [`send`] carries it, [`target`] says where it may
//! go, and [`execution`] is the four in order: one try of one delivery. [`mailroom`] bounds how many
//! are on their way. Who is told is decided in `app/notice.rs`; when a delivery is tried again, in
//! `domain::delivery` and `jobs/outbox.rs`.
//!
//! What always holds: the id and the body of a message never change, its timestamp and signatures are
//! made anew at each try, and neither holds anything but ids.

pub mod execution;
pub mod mailroom;
pub mod network;
pub mod render;
pub mod send;
pub mod sign;
pub mod target;
#[cfg(test)]
mod tests;
