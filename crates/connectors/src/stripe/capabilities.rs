//! What Stripe can do for this connector.

use super::StripeOptions;
use super::request::Parameters;
use crate::contract::{Authenticity, Capabilities, Idempotency};
use jiff::SignedDuration;

/// Keys are kept for at least 24 hours; an hour is left to clocks and queues.
const KEYS_LIVE: SignedDuration = SignedDuration::from_hours(23);

/// A refund or capture is listed with its intent as soon as it exists, so what is not listed after
/// this long never arrived: longer than Stripe works on any request.
pub(super) const UNLISTED_IS_CONCLUSIVE_AFTER: SignedDuration = SignedDuration::from_mins(5);

pub(super) const fn of(options: StripeOptions) -> Capabilities {
    Capabilities {
        card_key_in: true,
        stored_charge: true,
        virtual_account: false,
        // Stripe's own page would have to be opened; windows of ours do not.
        window_methods: &[],
        window_key_methods: &[],
        manual_capture: true,
        partial_refund: true,
        stop_refund: false,
        escrow: false,
        cash_receipt: false,
        identity_verification: false,
        idempotency: match options.parameters {
            Parameters::All => Idempotency::Header { lifetime: KEYS_LIVE },
            Parameters::Minimal => Idempotency::None,
        },
        // The search that finds a charge by our reference lags, by a minute and in incidents by more.
        absent_is_conclusive_after: None,
        notifications: Authenticity::Signed,
        read_timeout: options.read_timeout,
        currencies: super::money::CURRENCIES,
    }
}
