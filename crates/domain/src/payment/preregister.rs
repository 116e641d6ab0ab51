//! Pinning what a payment must cost before the browser is asked, so that it cannot be tampered with.

use crate::id::PaymentKey;
use crate::money::{Amount, Currency};
use jiff::Timestamp;

/// What was registered; members that were not registered are not compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreRegistration {
    pub key: PaymentKey,
    pub total: Option<Amount>,
    pub tax_free: Option<Amount>,
    pub currency: Option<Currency>,
    pub registered_at: Timestamp,
}
