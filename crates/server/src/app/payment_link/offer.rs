//! What a link can be paid with.

use super::LinkStanding;
use crate::app::App;
use crate::app::channel_choice::Wanted;
use crate::app::directory::StoreProfile;
use crate::app::global::channel::engine_key;
use crate::app::global::initiate::paid_by;
use paypier_domain::catalogue::{self, Category, Method};
use paypier_domain::channel::Environment;
use paypier_domain::global::{Choice, Taking};
use paypier_domain::money::Currency;

impl App {
    /// The methods that the link's page offers: of those that the merchant chose, or else of all channels that it
    /// has credentials for, the ones that take the currency, serve the country and can be used here.
    pub fn link_methods(&self, standing: &LinkStanding) -> Vec<&'static Method> {
        let terms = &standing.link.terms;
        self.offered(
            &standing.profile,
            standing.link.environment,
            &terms.chosen,
            terms.currency,
            &terms.country,
        )
    }

    pub(crate) fn offered(
        &self,
        profile: &StoreProfile,
        environment: Environment,
        chosen: &[Choice],
        currency: Currency,
        country: &str,
    ) -> Vec<&'static Method> {
        let configured = |channel: &str| {
            profile.global.as_ref().is_some_and(|global| global.channel(environment, channel).is_some())
        };
        let candidates: Vec<&'static Method> = if chosen.is_empty() {
            catalogue::methods().iter().filter(|method| configured(method.channel)).collect()
        } else {
            chosen.iter().filter_map(|one| catalogue::find(&one.channel, &one.method)).collect()
        };
        candidates
            .into_iter()
            .filter(|method| {
                method.available
                    && method.category != Category::SubscriptionCard
                    && method.takes(currency.code())
                    && method.serves(country)
                    && self.can_take(profile, environment, (method, currency), configured(method.channel))
            })
            .collect()
    }

    /// Whether something here serves the method. In the sandbox the simulated PSP serves every channel, also those
    /// that the merchant has no credentials for.
    fn can_take(
        &self,
        profile: &StoreProfile,
        environment: Environment,
        (method, currency): (&Method, Currency),
        is_configured: bool,
    ) -> bool {
        match environment {
            Environment::Test => self.simulator.is_some(),
            Environment::Live if !is_configured => false,
            Environment::Live => {
                let key = engine_key(&profile.store.id, environment, method.channel, Taking::Purchase);
                let (pay_method, _) = paid_by(method);
                self.can_serve(profile, &key, Wanted::Window(pay_method), currency)
            }
        }
    }
}
