//! The settlement platform.

use super::setting::{Given, Readable, Setting, quoted, setting};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformConfig {
    /// Whether `/platform` is served.
    pub enabled: bool,
    /// How `/platform/account-transfers` is answered.
    pub account_transfers: AccountTransfers,
}

impl Default for PlatformConfig {
    fn default() -> Self {
        Self { enabled: true, account_transfers: AccountTransfers::Current }
    }
}

/// The two revisions tell movements of the account apart by the same member with different values, so that no
/// answer can be both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountTransfers {
    /// `type` is `DEPOSIT` or `WITHDRAWAL`; `withdrawalType` says what for.
    Current,
    /// `type` is `DEPOSIT`, `PARTNER_PAYOUT` or `REMIT`.
    October2024,
}

impl Readable for AccountTransfers {
    fn read(given: &Given<'_>) -> Option<Self> {
        match String::read(given)?.as_str() {
            "current" => Some(Self::Current),
            "october-2024" => Some(Self::October2024),
            _ => None,
        }
    }
    fn show(&self) -> String {
        quoted(match self {
            Self::Current => "current",
            Self::October2024 => "october-2024",
        })
    }
}

pub(super) const SETTINGS: &[Setting] = &[
    setting!("platform.enabled", "PAYPIER_PLATFORM_ENABLED", platform.enabled, "true or false"),
    setting!(
        "platform.account_transfers",
        "PAYPIER_PLATFORM_ACCOUNT_TRANSFERS",
        platform.account_transfers,
        "current or october-2024"
    ),
];
