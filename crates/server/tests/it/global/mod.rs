//! Stories in the Global dialect. Numbers in names are those of the acceptance checks that a story carries out.

mod authentication;
mod by_hand;
mod expiry;
mod failover;
mod hostile;
mod links;
pub mod merchant;
mod payments;
mod refunds;
mod setup;
mod subscriptions;
mod subscriptions_invited;
mod subscriptions_refused;
mod subscriptions_regular;
