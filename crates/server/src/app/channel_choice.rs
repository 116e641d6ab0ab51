//! Choosing the channel of one attempt: the named one, or one drawn from a group by weight.

use super::App;
use super::directory::StoreProfile;
use super::failure::{Failure, Missing};
use super::psp::Route;
use paypier_connectors::contract::Capabilities;
use paypier_domain::channel::{Channel, ChannelGroupSnapshot, ChannelUsage, ZeroWeights};
use paypier_domain::checkout::PayMethod;
use paypier_domain::id::{ChannelGroupId, ChannelKey};
use paypier_domain::money::Currency;

/// What the chosen channel must be able to do. A member of a group that cannot is left out before
/// the draw; a named channel that cannot is not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    CardKeyIn,
    StoredCharge,
    VirtualAccount,
    /// A window in which buyers pay so.
    Window(PayMethod),
    /// A window in which buyers give such a right.
    KeyWindow(PayMethod),
    CashReceipt,
    IdentityVerification,
}

impl Wanted {
    fn is_offered(self, capabilities: &Capabilities) -> bool {
        match self {
            Self::CardKeyIn => capabilities.card_key_in,
            Self::StoredCharge => capabilities.stored_charge,
            Self::VirtualAccount => capabilities.virtual_account,
            Self::Window(method) => capabilities.window_methods.contains(&method),
            Self::KeyWindow(method) => capabilities.window_key_methods.contains(&method),
            Self::CashReceipt => capabilities.cash_receipt,
            Self::IdentityVerification => capabilities.identity_verification,
        }
    }

    const fn usage(self) -> ChannelUsage {
        match self {
            Self::CardKeyIn
            | Self::StoredCharge
            | Self::VirtualAccount
            | Self::Window(_)
            | Self::KeyWindow(_)
            | Self::CashReceipt => ChannelUsage::Payment,
            Self::IdentityVerification => ChannelUsage::IdentityVerification,
        }
    }
}

impl App {
    /// # Errors
    /// `Missing::Channel` when the key or group is unknown, disabled, of another use, or no member
    /// of the group can serve the request.
    pub fn choose_channel(
        &self,
        profile: &StoreProfile,
        channel: Option<&ChannelKey>,
        group: Option<&ChannelGroupId>,
        wanted: Wanted,
        currency: Currency,
    ) -> Result<(Route, Option<ChannelGroupSnapshot>), Failure> {
        if let Some(key) = channel {
            if !self.can_serve(profile, key, wanted, currency) {
                return Err(Failure::NotFound(Missing::Channel));
            }
            return Ok((self.route(profile, key)?, None));
        }
        let Some(id) = group else {
            return Err(Failure::Invalid("one of channelKey and channelGroupId is needed".into()));
        };
        let group = profile.group(id).ok_or(Failure::NotFound(Missing::Channel))?;
        let drawn = group
            .draw(self.random.number(), ZeroWeights::Never, |key| {
                self.can_serve(profile, key, wanted, currency)
            })
            .ok_or(Failure::NotFound(Missing::Channel))?;
        Ok((self.route(profile, drawn)?, Some(group.snapshot())))
    }

    /// Whether the channel is there, enabled, for this use, and its PSP offers what is wanted.
    pub fn can_serve(
        &self,
        profile: &StoreProfile,
        key: &ChannelKey,
        wanted: Wanted,
        currency: Currency,
    ) -> bool {
        profile.channel(key).is_some_and(|channel| {
            self.capabilities(channel, wanted.usage()).is_some_and(|capabilities| {
                wanted.is_offered(&capabilities)
                    && (capabilities.currencies.is_empty()
                        || capabilities.currencies.contains(&currency.code()))
            })
        })
    }

    /// Whether the channel is there, enabled, for payments, and its PSP takes the currency.
    pub fn takes(&self, profile: &StoreProfile, key: &ChannelKey, currency: Currency) -> bool {
        profile.channel(key).is_some_and(|channel| {
            self.capabilities(channel, ChannelUsage::Payment).is_some_and(|capabilities| {
                capabilities.currencies.is_empty() || capabilities.currencies.contains(&currency.code())
            })
        })
    }

    /// What the PSP of an enabled channel of this use offers; `None` when the channel cannot be used.
    fn capabilities(&self, channel: &Channel, usage: ChannelUsage) -> Option<Capabilities> {
        let is_usable = channel.is_enabled && channel.usage == usage;
        let (connector, _) = self.psps.get(&channel.connector)?;
        is_usable.then(|| connector.capabilities())
    }
}
