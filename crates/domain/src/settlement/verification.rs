//! Looked-up accounts and companies, whose ids spare a partner a second look-up (v2-platform, sections 7.1
//! and 8).
//!
//! What was looked up is kept as a digest: nobody needs to read it again.

use super::definition::PlatformKey;
use super::partner::BusinessStatus;
use jiff::{SignedDuration, Timestamp};

/// How long a look-up is good for.
pub const LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// A look-up that succeeded. Good once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    pub platform: PlatformKey,
    pub id: Box<str>,
    pub of: VerificationOf,
    pub made_at: Timestamp,
    pub used_at: Option<Timestamp>,
}

/// What was looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VerificationOf {
    /// Bank, number and holder, by their digest.
    Account { digest: [u8; 32] },
    /// A registration number, by its digest, and what the tax office said.
    Company { digest: [u8; 32], status: BusinessStatus },
}

/// Why a look-up cannot be used, in the order of the checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerificationRefusal {
    #[error("no such look-up was made in the last 24 hours")]
    Unknown,
    #[error("this look-up was used already; each is good once")]
    Used,
    #[error("what was looked up differs from what is registered")]
    Differs,
}

impl Verification {
    /// Whether it vouches for what has this digest.
    ///
    /// # Errors
    /// See [`VerificationRefusal`].
    pub fn vouches_for(&self, wanted: &[u8; 32], now: Timestamp) -> Result<(), VerificationRefusal> {
        let (VerificationOf::Account { digest } | VerificationOf::Company { digest, .. }) = &self.of;
        if self.used_at.is_some() {
            return Err(VerificationRefusal::Used);
        }
        if now.duration_since(self.made_at) >= LIFETIME {
            return Err(VerificationRefusal::Unknown);
        }
        if digest != wanted {
            return Err(VerificationRefusal::Differs);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::Environment;
    use crate::id::MerchantId;

    #[test]
    fn a_look_up_is_good_once_for_a_day_and_for_what_was_looked_up() {
        let at = |hours: i64| Timestamp::from_second(hours * 3_600).unwrap();
        let platform = PlatformKey { merchant: MerchantId::known("m"), environment: Environment::Live };
        let of = VerificationOf::Account { digest: [1; 32] };
        let made = Verification { platform, id: "v".into(), of, made_at: at(0), used_at: None };
        let used = Verification { used_at: Some(at(1)), ..made.clone() };
        for (verification, digest, hour, expected) in [
            (&made, [1; 32], 23, Ok(())),
            (&made, [1; 32], 24, Err(VerificationRefusal::Unknown)),
            (&made, [2; 32], 23, Err(VerificationRefusal::Differs)),
            (&used, [2; 32], 48, Err(VerificationRefusal::Used)),
        ] {
            assert_eq!(verification.vouches_for(&digest, at(hour)), expected, "{hour}");
        }
    }
}
