//! The settlement platform: settings, policies, contracts, partners, look-ups.
//!
//! Everything here belongs to a merchant and an environment ([`PlatformKey`]), not to a store, and is reached
//! with secrets of the merchant's representative store only, whose test clock is the platform's. What holds
//! is derived from what is stored and the time: a reserved update that is due holds whether or not anybody
//! has recorded it.

pub mod bulk;
pub mod counterparty;
pub mod day;
pub mod done;
pub mod failure;
pub mod lookup;
pub mod partner;
pub mod partner_settlement;
pub mod payout;
pub mod remit;
pub mod rule;
pub mod setting;
pub mod settlement_outcome;
pub mod shelf;
pub mod statement;
pub mod transfer;
pub mod transfer_view;
pub mod valid;
pub mod withdrawal;

pub use done::PlatformDone;
pub use failure::PlatformFailure;

use super::App;
use super::caller::Caller;
use super::directory::StoreProfile;
use super::failure::Failure;
use super::success::Success;
use super::ticket::Ticket;
use jiff::Timestamp;
use paypier_domain::change::{Change, Write};
use paypier_domain::channel::Environment;
use paypier_domain::settlement::definition::PlatformKey;
use paypier_storage::CommitError;
use std::sync::Arc;

/// Which environment a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Live,
    Test,
    /// The request does not say, as those of October 2024 cannot: what it names is looked for among LIVE
    /// data and then among TEST data; lists and new things are LIVE.
    Unsaid,
}

impl Mode {
    pub const fn of(test: Option<bool>) -> Self {
        match test {
            Some(true) => Self::Test,
            Some(false) => Self::Live,
            None => Self::Unsaid,
        }
    }

    /// Where lists are read and new things are made.
    pub const fn environment(self) -> Environment {
        match self {
            Self::Live | Self::Unsaid => Environment::Live,
            Self::Test => Environment::Test,
        }
    }

    /// Where something that is named is looked for, in this order.
    pub const fn places(self) -> &'static [Environment] {
        match self {
            Self::Live => &[Environment::Live],
            Self::Test => &[Environment::Test],
            Self::Unsaid => &[Environment::Live, Environment::Test],
        }
    }
}

/// A caller who may use the platform, and what for.
#[derive(Debug, Clone)]
pub struct Desk {
    /// The representative store: its clock is the platform's, and jobs are its.
    pub profile: Arc<StoreProfile>,
    pub mode: Mode,
}

impl Desk {
    pub fn platform(&self, environment: Environment) -> PlatformKey {
        PlatformKey { merchant: self.profile.store.merchant.clone(), environment }
    }

    /// Where lists are read and new things are made.
    pub fn home(&self) -> PlatformKey {
        self.platform(self.mode.environment())
    }

    pub fn places(&self) -> impl Iterator<Item = PlatformKey> {
        self.mode.places().iter().map(|environment| self.platform(*environment))
    }
}

impl App {
    /// Lets a caller to the platform. To be asked before anything that was sent is read.
    ///
    /// # Errors
    /// [`PlatformFailure::NotEnabled`]; `Forbidden` for secrets of other stores than the representative one.
    pub async fn platform_desk(&self, caller: &Caller) -> Result<Desk, Failure> {
        if !self.policy.platform_enabled {
            return Err(PlatformFailure::NotEnabled.into());
        }
        if !caller.is_representative {
            return Err(Failure::Forbidden(
                "the settlement platform is the merchant's; use a secret of its representative store".into(),
            ));
        }
        let profile = caller.store(self, None).await?;
        Ok(Desk { profile, mode: Mode::Unsaid })
    }

    /// The time of a platform's data.
    pub fn platform_now(&self, desk: &Desk, platform: &PlatformKey) -> Timestamp {
        self.now(&desk.profile, platform.environment)
    }

    /// Commits writes together with the answer to the request.
    ///
    /// # Errors
    /// See [`CommitError`].
    pub(crate) async fn commit_platform(
        &self,
        desk: &Desk,
        ticket: &Ticket,
        writes: Vec<Write>,
        success: &Success,
    ) -> Result<(), CommitError> {
        let mut change = Change { writes, ..Change::default() };
        ticket.finish(&mut change, &Ok(success.clone()));
        self.commit(&desk.profile, ticket, change).await
    }

    /// Ten characters that nobody has guessed, for ids of policies and contracts.
    pub(crate) fn short_id(&self) -> String {
        const LETTERS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        let mut random = self.random.number();
        (0..10)
            .map(|_| {
                let place = usize::try_from(random % 36).unwrap_or(0);
                random /= 36;
                LETTERS.get(place).copied().map_or('0', char::from)
            })
            .collect()
    }
}
