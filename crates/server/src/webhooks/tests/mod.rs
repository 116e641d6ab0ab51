//! Stories about a shop's endpoint that answers, fails, hangs and comes back.

mod courier;
mod outbox;
mod receiver;
mod shop;
