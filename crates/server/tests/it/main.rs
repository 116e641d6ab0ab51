//! Stories about a shop, its buyers and its PSP, through HTTP, on both databases.
//!
//! Each story opens a shop of its own: a server in this process with the demo merchant, the simulated
//! PSP, a fresh database, and a receiver for its webhooks. The shop's clock moves by `shop.after(..)`;
//! nothing sleeps for longer than an answer takes.

// Test code may panic; that is how it fails.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::as_conversions, reason = "tests")]
#![allow(clippy::print_stderr, reason = "tests say what they leave out")]

mod shop;
mod siblings;

mod authentication;
mod bad_input;
mod billing_keys;
mod cancelling;
mod cash_receipts;
mod checkout;
mod concurrency;
mod confirming;
mod disputes;
mod escrow;
mod global;
mod idempotency;
mod identity_verifications;
mod notifications;
mod paying;
mod payment_sessions;
mod pg_specific;
mod platform;
mod promotions;
mod reading;
mod recovery;
mod schedules;
mod storage_faults;
mod stripe;
mod unknown_outcomes;
mod vat_reports;
mod virtual_accounts;
mod webhooks;
