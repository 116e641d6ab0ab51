//! What may be true in the Global dialect beside what holds for every payment: references are good for one thing,
//! a link is paid once, a date of a calendar is collected once, and nothing begins anew that has ended.

mod known;
mod link;
mod subscription;

pub use known::{GlobalKnown, SubscriptionKind};
pub use link::SeenLink;
pub use subscription::SeenSubscription;

use crate::ground::Finding;
use crate::operations::global::Thing;
use std::collections::BTreeMap;

/// Everything that is remembered of the dialect.
#[derive(Debug, Default)]
pub struct Global {
    /// By store, what it is for, and the merchant's reference: ours.
    accepted: BTreeMap<(&'static str, &'static str, String), String>,
    links: BTreeMap<Thing, link::Link>,
    subscriptions: BTreeMap<Thing, subscription::Subscription>,
}

impl Global {
    /// Somebody was told that what has this reference was made.
    ///
    /// # Errors
    /// Something else was made under it before.
    pub fn was_accepted(
        &mut self,
        store: &'static str,
        kind: &'static str,
        reference: &str,
        ours: &str,
    ) -> Result<(), Finding> {
        let name = (store, kind, reference.to_owned());
        match self.accepted.insert(name, ours.to_owned()) {
            None => Ok(()),
            Some(before) => Err(Finding::new(
                "a reference of the merchant's is good for one thing",
                format!("{kind} {store}/{reference}: {before} and then {ours}"),
            )),
        }
    }

    /// Every reference that somebody was told is taken, with its store and what it is for.
    pub fn accepted(&self) -> impl Iterator<Item = (&'static str, &'static str, &str, &str)> {
        self.accepted
            .iter()
            .map(|((store, kind, reference), ours)| (*store, *kind, reference.as_str(), ours.as_str()))
    }

    pub fn meet(&mut self, thing: &Thing) {
        match thing {
            Thing::Link { .. } => {
                self.links.entry(thing.clone()).or_default();
            }
            Thing::Subscription { .. } => {
                self.subscriptions.entry(thing.clone()).or_default();
            }
        }
    }

    /// Everything that was spoken of.
    pub fn things(&self) -> Vec<Thing> {
        self.links.keys().chain(self.subscriptions.keys()).cloned().collect()
    }

    /// Somebody was told that the link is paid.
    pub fn was_told_paid(&mut self, thing: &Thing) {
        self.links.entry(thing.clone()).or_default().is_told_paid = true;
    }

    /// Somebody was told that the subscription is cancelled.
    pub fn was_told_cancelled(&mut self, thing: &Thing) {
        self.subscriptions.entry(thing.clone()).or_default().is_cancelled = true;
    }

    /// Somebody asks for the next deduction out of turn.
    pub fn is_triggered(&mut self, thing: &Thing) {
        self.subscriptions.entry(thing.clone()).or_default().is_triggered = true;
    }

    /// # Errors
    /// The first law that is broken.
    pub fn look_at_link(&mut self, thing: &Thing, seen: &SeenLink<'_>) -> Result<(), Finding> {
        self.links.entry(thing.clone()).or_default().look_at(thing, seen)
    }

    /// # Errors
    /// The first law that is broken.
    pub fn look_at_subscription(
        &mut self,
        thing: &Thing,
        seen: &SeenSubscription<'_>,
    ) -> Result<(), Finding> {
        self.subscriptions.entry(thing.clone()).or_default().look_at(thing, seen)
    }
}
