//! Reading plans and subscriptions: the merchant's side, and the customer's.

use super::SubscriptionRefusal;
use crate::app::App;
use crate::app::channel_choice::Wanted;
use crate::app::directory::GlobalProfile;
use crate::app::directory::StoreProfile;
use crate::app::failure::Failure;
use crate::app::global::caller::GlobalCaller;
use crate::app::global::order::OrderView;
use paypier_domain::billing_key::State as KeyState;
use paypier_domain::catalogue::{self, Category, Method};
use paypier_domain::id::{ChannelKey, PaymentId, PlanRef, SubscriptionRef};
use paypier_domain::subscription::{Deduction, Means, Plan, State, Subscription, SubscriptionStatus};
use std::sync::Arc;

/// Deductions that are listed at most. A subscription of hours has as many in five weeks.
const MOST_LISTED: u32 = 1_000;

/// A subscription as its customer may see it.
#[derive(Debug, Clone)]
pub struct Enrollable {
    pub profile: Arc<StoreProfile>,
    pub global: Arc<GlobalProfile>,
    pub subscription: Subscription,
    /// As it stands now.
    pub status: SubscriptionStatus,
    /// Whether the plan still takes customers.
    pub is_plan_active: bool,
    /// A customer is enrolling at this moment.
    pub is_under_way: bool,
    /// Ways to pay that can be kept, the first one preferred.
    pub offers: Vec<Offer>,
}

/// A way to pay, and the engine's channel that serves it.
#[derive(Debug, Clone)]
pub struct Offer {
    pub means: Means,
    pub name: &'static str,
    pub channel: ChannelKey,
}

impl App {
    /// # Errors
    /// The merchant has no plan of this name.
    pub async fn plan_of(
        &self,
        caller: &GlobalCaller,
        reference: &PlanRef,
    ) -> Result<Plan, SubscriptionRefusal> {
        self.storage.plan(caller.store(), reference).await?.ok_or(SubscriptionRefusal::UnknownPlan)
    }

    /// # Errors
    /// The merchant has no subscription of this name.
    pub async fn subscription_of(
        &self,
        caller: &GlobalCaller,
        reference: &SubscriptionRef,
    ) -> Result<Subscription, SubscriptionRefusal> {
        self.storage
            .subscription(caller.store(), reference)
            .await?
            .ok_or(SubscriptionRefusal::UnknownSubscription)
    }

    /// The deductions of a subscription as transactions, oldest first.
    ///
    /// # Errors
    /// The merchant has no subscription of this name.
    pub async fn deductions_of(
        &self,
        caller: &GlobalCaller,
        reference: &SubscriptionRef,
    ) -> Result<Vec<(Deduction, Option<OrderView>)>, SubscriptionRefusal> {
        let subscription = self.subscription_of(caller, reference).await?;
        let store = caller.store();
        let deductions = self.storage.deductions_of(store, &subscription.reference, MOST_LISTED).await?;
        let mut orders: std::collections::HashMap<PaymentId, _> = self
            .storage
            .global_orders_of_subscription(store, subscription.reference.as_str())
            .await?
            .into_iter()
            .map(|order| (order.payment.clone(), order))
            .collect();
        let mut found = Vec::with_capacity(deductions.len());
        for deduction in deductions {
            let view = match orders.remove(&deduction.payment) {
                Some(order) => Some(self.order_view(&caller.profile, order).await?),
                None => None,
            };
            found.push((deduction, view));
        }
        Ok(found)
    }

    /// What the customer with this link sees. None when there is no such link.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn enrollable(&self, reference: &SubscriptionRef) -> Result<Option<Enrollable>, Failure> {
        let Some(subscription) = self.storage.subscription_by_reference(reference).await? else {
            return Ok(None);
        };
        let Some(profile) = self.directory.store(self, &subscription.store).await? else { return Ok(None) };
        let Some(global) = profile.global.clone() else { return Ok(None) };
        let plan = self.storage.plan(&subscription.store, &subscription.plan).await?;
        let now = self.now(&profile, subscription.environment);
        let is_under_way = !self.earlier_is_over(&subscription).await?;
        Ok(Some(Enrollable {
            status: subscription.status_at(now),
            is_plan_active: plan.is_some_and(|plan| plan.is_active()),
            is_under_way,
            offers: self.offers(&profile, &global, &subscription),
            profile,
            global,
            subscription,
        }))
    }

    /// Whether an enrolment that was begun has come to nothing: its key was refused, or its process died before
    /// the key was there, which the key's own job has found out.
    pub(super) async fn earlier_is_over(&self, subscription: &Subscription) -> Result<bool, Failure> {
        let State::Created { enrolling: Some(enrolling) } = &subscription.state else { return Ok(true) };
        if enrolling.payment.is_some() {
            return Ok(false);
        }
        let key = self.storage.billing_key(&enrolling.billing_key).await?;
        Ok(key.is_none_or(|key| match key.state {
            KeyState::Failed { .. } | KeyState::Deleted { .. } => true,
            KeyState::Ready | KeyState::Sending | KeyState::Issued { .. } => false,
        }))
    }

    /// The subscription without an enrolment that came to nothing, as one does whose process died while the PSP
    /// was asked: it keeps the link from nothing, not from expiring either.
    pub(super) async fn without_dead_enrolment(
        &self,
        subscription: Subscription,
    ) -> Result<Subscription, Failure> {
        let is_link = matches!(subscription.state, State::Created { .. });
        if is_link && self.earlier_is_over(&subscription).await? {
            return Ok(Subscription { state: State::Created { enrolling: None }, ..subscription });
        }
        Ok(subscription)
    }

    /// Ways to pay that the merchant has, that take the currency, and whose PSP keeps a card: those made for
    /// subscriptions first, then cards.
    fn offers(
        &self,
        profile: &StoreProfile,
        global: &GlobalProfile,
        subscription: &Subscription,
    ) -> Vec<Offer> {
        let currency = subscription.currency;
        let is_kept = |method: &&Method| {
            method.available
                && matches!(method.category, Category::SubscriptionCard | Category::Card)
                && method.takes(currency.code())
                && (subscription.country.is_empty() || method.serves(&subscription.country))
        };
        let mut offers: Vec<(bool, Offer)> = global
            .channels
            .iter()
            .filter(|channel| channel.environment == subscription.environment)
            .filter(|channel| self.can_serve(profile, &channel.key, Wanted::StoredCharge, currency))
            .flat_map(|channel| {
                let of_channel =
                    catalogue::methods().iter().filter(move |method| method.channel == channel.name);
                of_channel.filter(is_kept).map(move |method| {
                    let means = Means { channel: method.channel.to_owned(), method: method.key.to_owned() };
                    let offer = Offer { means, name: method.name, channel: channel.key.clone() };
                    (method.category != Category::SubscriptionCard, offer)
                })
            })
            .collect();
        offers.sort_by_key(|(is_second, _)| *is_second);
        offers.into_iter().map(|(_, offer)| offer).collect()
    }
}
