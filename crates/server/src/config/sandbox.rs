//! The simulated PSP.

use super::setting::{Setting, setting};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SandboxConfig {
    /// Whether TEST channels may be served by the simulated PSP. Always so in local mode.
    pub enabled: bool,
    /// What the simulated PSP derives its merchants' keys from; made at the first start. When not
    /// set, a file in the data folder.
    pub secret_file: Option<PathBuf>,
    /// How long the connector waits for the simulated PSP's answer.
    pub read_timeout: Duration,
}

impl Default for SandboxConfig {
    fn default() -> Self {
        Self { enabled: false, secret_file: None, read_timeout: Duration::from_secs(3) }
    }
}

pub(super) const SETTINGS: &[Setting] = &[
    setting!("sandbox.enabled", "PAYPIER_SANDBOX_ENABLED", sandbox.enabled, "true or false"),
    setting!(
        "sandbox.secret_file",
        "PAYPIER_SANDBOX_SECRET_FILE",
        sandbox.secret_file,
        "the path of a file, or nothing for sandbox-psp.key in the data folder"
    ),
    setting!(
        "sandbox.read_timeout",
        "PAYPIER_SANDBOX_READ_TIMEOUT",
        sandbox.read_timeout,
        "a time from 100ms to 25s, with its unit (ms, s)",
        Duration::from_millis(100)..=Duration::from_secs(25)
    ),
];
