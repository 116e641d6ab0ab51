//! Telling the merchant that a subscription has another status: the message is written down in the commit of what it
//! is about.

use crate::app::App;
use crate::app::directory::StoreProfile;
use crate::app::failure::Failure;
use crate::app::global::notice::About;
use crate::global::subscription::webhook;
use paypier_domain::change::{Change, Notify, Write};
use paypier_domain::delivery::Delivery;
use paypier_domain::global::Topic;

impl App {
    /// The deliveries about the subscriptions that a change gives another status.
    ///
    /// # Errors
    /// The secret cannot be opened.
    pub(in crate::app) fn subscription_deliveries(
        &self,
        profile: &StoreProfile,
        change: &Change,
    ) -> Result<Vec<Delivery>, Failure> {
        let Some(global) = &profile.global else { return Ok(Vec::new()) };
        let mut deliveries = Vec::new();
        for write in &change.writes {
            let Write::Subscription { subscription, notify: Notify::Yes, .. } = write else { continue };
            let environment = subscription.environment;
            if global.urls(environment, Topic::Subscription).next().is_none() {
                continue;
            }
            let secret = self.global_secret(global)?;
            let now = self.now(profile, environment);
            let message = webhook(subscription, &global.merchant, &secret, &self.policy.public_url, now);
            let about = About {
                environment,
                topic: Topic::Subscription,
                subject: subscription.reference.as_str(),
                number: subscription.last_event,
            };
            deliveries.extend(self.global_deliveries(profile, about, &[], &message)?);
        }
        Ok(deliveries)
    }
}
