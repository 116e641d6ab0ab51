//! What may be true: a small model of the promises, written from the specification.
//!
//! The model never asks the server how something is decided. It remembers what the merchants were
//! told, what the PSP did, and what was seen before, and knows which of the server's states fit that.

mod answers;
mod global;
mod known;
mod payment;
mod platform;
mod schedule;

pub use answers::{Answered, Keys};
pub use global::{Global, GlobalKnown, SeenLink, SeenSubscription, SubscriptionKind};
pub use known::{Filling, Form, Heard, Known, Place};
pub use payment::{Account, Payments, Seen};
pub use platform::{
    BookLines, Bulk, Market, Marketplace, Marketplaces, Markets, Moment, Order, PaidPayment, SeenMarket,
    Settled, statement_ties,
};
pub use schedule::Schedules;
