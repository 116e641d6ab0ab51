//! What payments mean.
//!
//! Pure: no asynchronous code, no IO, no clock, no randomness. A decision is a function from loaded
//! state and a command to a [`change::Change`], or to a refusal that names the rule it broke. The
//! shell around it (the `paypier` server crate) loads, commits and calls PSPs.

pub mod account;
pub mod billing_key;
pub mod cash_receipt;
pub mod catalogue;
pub mod change;
pub mod channel;
pub mod checkout;
pub mod checkout_profile;
pub mod claim;
pub mod customer;
pub mod delivery;
pub mod event;
pub mod evidence;
pub mod failover;
pub mod global;
pub mod id;
pub mod identity_verification;
pub mod job;
pub mod ledger;
pub mod link;
pub mod money;
pub mod notice;
pub mod outcome;
pub mod payment;
pub mod payment_link;
pub mod payment_session;
pub mod promotion;
pub mod psp;
pub mod schedule;
pub mod settlement;
pub mod subscription;

pub use jiff::Timestamp;
