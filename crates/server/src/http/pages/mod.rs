//! What people see in a browser.

pub mod checkout;
pub mod figure;
pub mod link;
