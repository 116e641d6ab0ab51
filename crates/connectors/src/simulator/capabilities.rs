//! What the simulated PSP can do, as its documentation says.

use crate::contract::{Authenticity, Capabilities, Idempotency};
use jiff::SignedDuration;
use paypier_domain::checkout::PayMethod;
use std::time::Duration;

pub(super) const fn of(read_timeout: Duration) -> Capabilities {
    Capabilities {
        card_key_in: true,
        stored_charge: true,
        virtual_account: true,
        window_methods: &PayMethod::ALL,
        window_key_methods: &[
            PayMethod::Card,
            PayMethod::Mobile,
            PayMethod::EasyPay,
            PayMethod::Paypal,
            PayMethod::Transfer,
        ],
        manual_capture: true,
        partial_refund: true,
        stop_refund: true,
        escrow: true,
        cash_receipt: true,
        identity_verification: true,
        // The PSP never forgets a reference; a year is longer than anything is repeated.
        idempotency: Idempotency::Header { lifetime: SignedDuration::from_hours(365 * 24) },
        absent_is_conclusive_after: Some(ABSENT_IS_CONCLUSIVE_AFTER),
        notifications: Authenticity::Signed,
        read_timeout,
        currencies: &[],
    }
}

/// A request that the PSP has received is visible to queries at once; five seconds are left to the
/// network.
pub(super) const ABSENT_IS_CONCLUSIVE_AFTER: SignedDuration = SignedDuration::from_secs(5);
