//! A customer's enrolment: keeping the card, and the first charge.
//!
//! The link is taken and the billing key's intention stored in one commit, then the PSP is asked for the key. What
//! it says is one commit with what follows from it: the first charge begins, or the subscription runs. A process
//! that dies while the PSP is asked leaves a key that its own job ends, and with it the link is free again.

use super::{Offer, SubscriptionRefusal};
use crate::app::App;
use crate::app::commit::MOST_TRIES;
use crate::app::directory::StoreProfile;
use crate::app::global::order::OrderView;
use crate::app::psp::Route;
use crate::app::subscription::charge::lane_of;
use crate::app::ticket::Ticket;
use paypier_connectors::contract::Card;
use paypier_domain::billing_key::{self, BillingKey, Holding, HoldingState, KeyMethod, State as KeyState};
use paypier_domain::change::Change;
use paypier_domain::id::{BillingKeyId, PaymentId, SubscriptionRef};
use paypier_domain::payment::{Notices, Origin};
use paypier_domain::subscription::{self, EnrolRefusal, Enrolled, Means, Subscription};
use paypier_storage::CommitError;

/// What a customer confirms.
#[derive(Debug)]
pub struct Enrol {
    pub subscription: SubscriptionRef,
    /// One of the ways to pay that were offered.
    pub means: Means,
    pub card: Card,
    /// The customer's browser.
    pub origin: Origin,
}

/// How an enrolment ended.
#[derive(Debug, Clone)]
pub enum Enrolment {
    /// Nothing was charged; the card is kept.
    Kept(Box<Subscription>),
    /// The first charge, however it ended: the transaction says it.
    Charged(Box<Subscription>, Box<OrderView>),
    /// The PSP did not keep the card; another one may do.
    CardRefused,
    /// The way to pay is not offered.
    NotOffered,
    Refused(EnrolRefusal),
}

impl App {
    /// Enrols the customer with this card.
    ///
    /// # Errors
    /// There is no such link, or nothing could be recorded.
    pub async fn enrol(&self, ask: Enrol) -> Result<Enrolment, SubscriptionRefusal> {
        let Some(link) = self.enrollable(&ask.subscription).await? else {
            return Err(SubscriptionRefusal::UnknownSubscription);
        };
        let profile = link.profile.clone();
        let Some(offer) = link.offers.iter().find(|offer| offer.means == ask.means) else {
            return Ok(Enrolment::NotOffered);
        };
        let route = self.route(&profile, &offer.channel)?;
        let key = self.new_key(&profile, &link.subscription, &route, ask.origin);
        let begun = match self.take_link(&profile, link.subscription, key, offer).await? {
            Ok(begun) => begun,
            Err(refusal) => return Ok(Enrolment::Refused(refusal)),
        };
        let (subscription, key) = begun;
        let call = route.call(self.now(&profile, key.environment));
        let reference = format!("{}:{}", key.id, route.channel.key);
        let outcome = route
            .measured(
                "issue_stored",
                route.connector.issue_stored(&call, &reference, &key.customer, &ask.card),
            )
            .await;
        drop(ask.card);
        let now = self.now(&profile, key.environment);
        let issued = billing_key::issued(&key, vec![(route.channel.key.clone(), outcome)], now);
        if !issued.key.is_issued() {
            self.give_link_back(&profile, subscription, &key.id, issued.change).await?;
            return Ok(Enrolment::CardRefused);
        }
        self.enrolled(&profile, subscription, issued, &offer.means).await
    }

    /// The key as it is asked for.
    fn new_key(
        &self,
        profile: &StoreProfile,
        subscription: &Subscription,
        route: &Route,
        origin: Origin,
    ) -> BillingKey {
        BillingKey {
            id: BillingKeyId::known(self.ids.prefixed("billing-key-")),
            store: profile.store.id.clone(),
            merchant: profile.store.merchant.clone(),
            environment: subscription.environment,
            version: 0,
            customer: subscription.customer.clone(),
            custom_data: None,
            origin,
            channel_group: None,
            issue_id: Some(subscription.reference.to_string()),
            issue_name: Some(subscription.plan_name.clone()),
            method: KeyMethod::Card,
            approval: None,
            notices: Notices::default(),
            claim: None,
            requested_at: self.now(profile, subscription.environment),
            going_since: None,
            first_payment: None,
            holdings: vec![Holding { channel: route.channel.clone(), state: HoldingState::Asked }],
            state: KeyState::Sending,
        }
    }

    /// Takes the link and stores the intention to keep the card, in one commit: of two customers one has it.
    async fn take_link(
        &self,
        profile: &StoreProfile,
        mut subscription: Subscription,
        key: BillingKey,
        offer: &Offer,
    ) -> Result<Result<(Subscription, BillingKey), EnrolRefusal>, SubscriptionRefusal> {
        let _lane = self.lanes.enter(&lane_of(&subscription)).await;
        for _ in 0..MOST_TRIES {
            let reloaded = self.storage.subscription(&subscription.store, &subscription.reference).await?;
            subscription = reloaded.ok_or(SubscriptionRefusal::UnknownSubscription)?;
            subscription = self.without_dead_enrolment(subscription).await?;
            let plan = self.storage.plan(&subscription.store, &subscription.plan).await?;
            let is_earlier_over = self.earlier_is_over(&subscription).await?;
            let now = self.now(profile, subscription.environment);
            let is_plan_active = plan.is_some_and(|plan| plan.is_active());
            let taken = subscription::begin(
                &subscription,
                is_plan_active,
                is_earlier_over,
                &key.id,
                &offer.means,
                now,
            );
            let taken = match taken {
                Ok(taken) => taken,
                Err(refusal) => return Ok(Err(refusal)),
            };
            let begun = billing_key::begin(key.clone(), self.policy.limits.answer_overdue, now);
            let change = taken.change.and(begun.change);
            match self.commit(profile, &Ticket::none(), change).await {
                Ok(()) => return Ok(Ok((taken.subscription, begun.key))),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    /// The PSP did not keep the card: stores that, and frees the link for another try.
    async fn give_link_back(
        &self,
        profile: &StoreProfile,
        mut subscription: Subscription,
        key: &BillingKeyId,
        of_key: Change,
    ) -> Result<(), SubscriptionRefusal> {
        for _ in 0..MOST_TRIES {
            let freed = subscription::refuse(&subscription, key);
            let change = of_key.clone().and(freed.map(|freed| freed.change).unwrap_or_default());
            match self.commit(profile, &Ticket::none(), change).await {
                Ok(()) => return Ok(()),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
            let reloaded = self.storage.subscription(&subscription.store, &subscription.reference).await?;
            subscription = reloaded.ok_or(SubscriptionRefusal::UnknownSubscription)?;
        }
        Err(CommitError::Conflict.into())
    }

    /// The card is kept: stores that together with what follows from it.
    async fn enrolled(
        &self,
        profile: &StoreProfile,
        mut subscription: Subscription,
        issued: billing_key::Decided,
        means: &Means,
    ) -> Result<Enrolment, SubscriptionRefusal> {
        let key = issued.key;
        for _ in 0..MOST_TRIES {
            let now = self.now(profile, subscription.environment);
            match Enrolled::with(&subscription, &key.id, now) {
                Enrolled::Charge { amount, slot } => {
                    let names = self.names_of_deduction(&subscription);
                    let payment = PaymentId::known(names.reference.as_str());
                    let prepared =
                        self.prepared_deduction(profile, &subscription, (&key, means), names, amount).await?;
                    let begun = self
                        .begin_deduction(
                            profile,
                            subscription.clone(),
                            &prepared,
                            &issued.change,
                            |subscription, now| {
                                Ok(subscription::charge(subscription, &key.id, &payment, (amount, slot), now))
                            },
                        )
                        .await?;
                    if let Some(begun) = begun {
                        let order = prepared.order.clone();
                        let ticket = Ticket::none();
                        let _told =
                            self.finish_charge(profile, &prepared.route, begun, prepared.plan, &ticket).await;
                        let view = self.order_view(profile, order).await?;
                        let subscription = self.reloaded_subscription(&subscription).await?;
                        return Ok(Enrolment::Charged(Box::new(subscription), Box::new(view)));
                    }
                }
                Enrolled::Starts => {
                    if let Some(started) = subscription::start(&subscription, &key.id, now) {
                        let change = issued.change.clone().and(started.change);
                        match self.commit(profile, &Ticket::none(), change).await {
                            Ok(()) => return Ok(Enrolment::Kept(Box::new(started.subscription))),
                            Err(CommitError::Conflict) => {}
                            Err(error) => return Err(error.into()),
                        }
                    }
                }
                Enrolled::Lost => {
                    let status = subscription.status_at(now);
                    let mut change = issued.change.clone();
                    change.jobs.push(subscription::release(&subscription, &key.id, now));
                    self.commit(profile, &Ticket::none(), change).await?;
                    return Ok(Enrolment::Refused(EnrolRefusal::Over(status)));
                }
            }
            subscription = self.reloaded_subscription(&subscription).await?;
        }
        Err(CommitError::Conflict.into())
    }

    async fn reloaded_subscription(
        &self,
        subscription: &Subscription,
    ) -> Result<Subscription, SubscriptionRefusal> {
        let reloaded = self.storage.subscription(&subscription.store, &subscription.reference).await?;
        reloaded.ok_or(SubscriptionRefusal::UnknownSubscription)
    }
}
