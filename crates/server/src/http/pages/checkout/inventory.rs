//! Everything that a page of the checkout runs or is styled by (PCI DSS 6.4.3): one script and one
//! style, both our own, both in the page itself and named by their digest in its policy.

pub const SCRIPT: &str = include_str!("checkout.js");
pub const STYLE: &str = include_str!("checkout.css");
