//! What a checkout profile offers for an order.

use super::App;
use super::directory::StoreProfile;
use super::failure::{Failure, Missing};
use paypier_domain::checkout_profile::{CheckoutMethod, CheckoutProfile};
use paypier_domain::id::{ChannelKey, ProfileKey};
use paypier_domain::money::{Amount, Currency};
use std::sync::Arc;

/// An order, as far as it decides what it can be paid with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Of the buyer, by ISO 3166 code.
    pub country: String,
    pub currency: Currency,
    pub amount: Amount,
}

/// A method that can be paid with, and the channel that it is paid through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MethodOffer {
    pub method: CheckoutMethod,
    pub channel: ChannelKey,
}

impl App {
    /// A profile and the store that it belongs to. Whoever knows the key may ask.
    ///
    /// # Errors
    /// No such profile.
    pub async fn checkout_profile(
        &self,
        key: &ProfileKey,
    ) -> Result<(CheckoutProfile, Arc<StoreProfile>), Failure> {
        let missing = || Failure::NotFound(Missing::CheckoutProfile);
        let profile = self.storage.checkout_profile(key).await?.filter(|found| !found.is_deleted);
        let profile = profile.ok_or_else(missing)?;
        let store = self.directory.store(self, &profile.store).await?.ok_or_else(missing)?;
        Ok((profile, store))
    }

    /// What the profile offers for the order, in the profile's order: nothing is kept for anybody.
    ///
    /// # Errors
    /// No such profile.
    pub async fn evaluate_profile(
        &self,
        key: &ProfileKey,
        order: &Order,
    ) -> Result<Vec<MethodOffer>, Failure> {
        let (profile, store) = self.checkout_profile(key).await?;
        Ok(self.profile_methods(&profile, &store, order))
    }

    /// The same of a profile that is at hand. A channel that is disabled, of the other environment, or
    /// whose PSP does not take the currency, offers nothing.
    pub fn profile_methods(
        &self,
        profile: &CheckoutProfile,
        store: &StoreProfile,
        order: &Order,
    ) -> Vec<MethodOffer> {
        let offers = profile.offers_for(&order.country, order.currency, order.amount);
        let usable = offers.filter(|offer| {
            self.takes(store, &offer.channel, order.currency)
                && store
                    .channel(&offer.channel)
                    .is_some_and(|channel| channel.environment == profile.environment)
        });
        usable.map(|offer| MethodOffer { method: offer.method, channel: offer.channel.clone() }).collect()
    }
}
