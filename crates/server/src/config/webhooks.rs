//! Sending webhooks.

use super::setting::{Given, Readable, Setting, quoted, setting};
use crate::webhooks::network::Networks;
use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhooksConfig {
    /// How often one webhook may be sent again by request.
    pub max_manual_deliveries: u32,
    /// Until a receiver's connection is ready, name resolution and TLS included.
    pub connect_timeout: Duration,
    /// Until the receiver's answer begins, and between two pieces of it.
    pub read_timeout: Duration,
    /// Networks that are called although they are not public.
    pub internal_networks: Networks,
}

impl Readable for Networks {
    fn read(given: &Given<'_>) -> Option<Self> {
        // Empty means none.
        Option::<String>::read(given)?.unwrap_or_default().parse().ok()
    }
    fn show(&self) -> String {
        quoted(&self.to_string())
    }
}

impl Default for WebhooksConfig {
    fn default() -> Self {
        let thirty = Duration::from_secs(30);
        Self {
            max_manual_deliveries: 10,
            connect_timeout: thirty,
            read_timeout: thirty,
            internal_networks: Networks::default(),
        }
    }
}

pub(super) const SETTINGS: &[Setting] = &[
    setting!(
        "webhooks.max_manual_deliveries",
        "PAYPIER_WEBHOOKS_MAX_MANUAL_DELIVERIES",
        webhooks.max_manual_deliveries,
        "a whole number from 0 to 1000",
        0..=1_000
    ),
    setting!(
        "webhooks.connect_timeout",
        "PAYPIER_WEBHOOKS_CONNECT_TIMEOUT",
        webhooks.connect_timeout,
        "a time from 1s to 30s, with its unit (ms, s)",
        Duration::from_secs(1)..=Duration::from_secs(30)
    ),
    setting!(
        "webhooks.read_timeout",
        "PAYPIER_WEBHOOKS_READ_TIMEOUT",
        webhooks.read_timeout,
        "a time from 1s to 30s, with its unit (ms, s)",
        Duration::from_secs(1)..=Duration::from_secs(30)
    ),
    setting!(
        "webhooks.internal_networks",
        "PAYPIER_WEBHOOKS_INTERNAL_NETWORKS",
        webhooks.internal_networks,
        "networks separated by commas, such as 10.1.0.0/16, fd00:5::/32, or nothing"
    ),
];
