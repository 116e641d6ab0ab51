//! One suite for both databases. PostgreSQL is found by `PAYPIER_TEST_POSTGRES_URL` or at the local
//! socket; without one its half is left out and says so, except in CI, where that is a failure.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![expect(clippy::arithmetic_side_effects, reason = "small numbers of tests")]

mod harness;
mod sample;

mod access;
mod backup;
mod cash_receipt;
mod checkout;
mod commit;
mod crash;
mod deadline;
mod faults;
mod global;
mod identity_verification;
mod isolation;
mod list;
mod log;
mod open;
mod payment_links;
mod payouts;
mod platform;
mod promotion;
mod queue;
mod roundtrip;
mod schedules;
mod statistics;
mod subscriptions;
mod transfer;
mod transfers;
mod unknown;
mod verify;
mod windows;
