//! Paying in a window, through HTTP: the merchant's page opens it, the buyer goes through its pages.

mod cards;
mod confirming;
mod identity;
mod keys;
mod methods;
mod sessions;
pub mod visitor;
