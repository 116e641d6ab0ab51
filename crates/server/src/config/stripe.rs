//! Stripe.

use super::setting::{Setting, setting};
use paypier_connectors::stripe::{Parameters, StripeOptions};
use std::time::Duration;
use url::Url;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StripeConfig {
    /// Where Stripe's API is. Something else than Stripe is for tests; outside local mode it is
    /// reached through TLS only.
    pub api_base: Url,
    /// How long the connector waits for an answer after the request was sent.
    pub read_timeout: Duration,
    /// Whether only the parameters are sent that emulators know.
    pub minimal_parameters: bool,
}

impl Default for StripeConfig {
    fn default() -> Self {
        Self {
            api_base: Url::parse("https://api.stripe.com").expect("Stripe's address is a URL"),
            read_timeout: Duration::from_secs(15),
            minimal_parameters: false,
        }
    }
}

impl StripeConfig {
    pub fn options(&self) -> StripeOptions {
        StripeOptions {
            read_timeout: self.read_timeout,
            parameters: if self.minimal_parameters { Parameters::Minimal } else { Parameters::All },
            ..StripeOptions::default()
        }
    }
}

pub(super) const SETTINGS: &[Setting] = &[
    setting!(
        "stripe.api_base",
        "PAYPIER_STRIPE_API_BASE",
        stripe.api_base,
        "an http or https URL without query and fragment"
    ),
    setting!(
        "stripe.read_timeout",
        "PAYPIER_STRIPE_READ_TIMEOUT",
        stripe.read_timeout,
        "a time from 100ms to 20s, with its unit (ms, s)",
        Duration::from_millis(100)..=Duration::from_secs(20)
    ),
    setting!(
        "stripe.minimal_parameters",
        "PAYPIER_STRIPE_MINIMAL_PARAMETERS",
        stripe.minimal_parameters,
        "true or false"
    ),
];
