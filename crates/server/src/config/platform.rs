//! The settlement platform.

use super::setting::{Setting, setting};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformConfig {
    /// Whether `/platform` is served.
    pub enabled: bool,
}

impl Default for PlatformConfig {
    fn default() -> Self {
        Self { enabled: true }
    }
}

pub(super) const SETTINGS: &[Setting] =
    &[setting!("platform.enabled", "PAYPIER_PLATFORM_ENABLED", platform.enabled, "true or false")];
