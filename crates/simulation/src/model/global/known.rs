//! What merchants and payers of the dialect know: references and pages that they were given, to go on from.

use crate::dice::Dice;
use crate::model::known::remember;
use crate::operations::Payment;
use crate::operations::global::Thing;
use std::collections::BTreeMap;

/// How a subscription collects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscriptionKind {
    /// At dates of its own.
    Regular,
    /// Whenever the merchant asks.
    OnDemand,
}

type Of<T> = BTreeMap<&'static str, Vec<T>>;

#[derive(Debug, Default)]
pub struct GlobalKnown {
    tokens: BTreeMap<&'static str, String>,
    /// References that were used, by what they are for.
    references: BTreeMap<(&'static str, &'static str), Vec<String>>,
    windows: Of<(Payment, String)>,
    orders: Of<Payment>,
    /// Payments that were told to be paid, and the channel that they went through.
    refundable: Of<(Payment, String)>,
    authorised: Of<Payment>,
    links: Of<Thing>,
    /// A link's page as it was shown: the methods that it offered.
    pages: Of<(Thing, Vec<String>)>,
    /// Links that somebody has begun to pay.
    begun: Of<Thing>,
    ways_back: Of<(Payment, String)>,
    crossroads: Of<(Payment, String)>,
    plans: Of<(String, bool)>,
    subscriptions: Of<Thing>,
    /// What kind a subscription is.
    kinds: BTreeMap<Thing, SubscriptionKind>,
    active: Of<Thing>,
    /// The page of a subscription as it was shown: its nonce, and the methods that it offered.
    enrolments: Of<(Thing, String, Vec<String>)>,
}

/// One of the latest so many.
fn one_of<T: Clone>(of: &Of<T>, store: &str, latest: usize, dice: &mut Dice) -> Option<T> {
    let all = of.get(store)?;
    dice.pick(all.get(all.len().saturating_sub(latest)..)?).cloned()
}

impl GlobalKnown {
    pub fn was_given_token(&mut self, store: &'static str, token: String) {
        self.tokens.insert(store, token);
    }

    pub fn token(&self, store: &str) -> Option<String> {
        self.tokens.get(store).cloned()
    }

    /// The merchant has asked for something under this reference.
    pub fn uses(&mut self, store: &'static str, kind: &'static str, reference: &str) {
        remember(self.references.entry((store, kind)).or_default(), reference.to_owned());
    }

    pub fn reference(&self, store: &'static str, kind: &'static str, dice: &mut Dice) -> Option<String> {
        let used = self.references.get(&(store, kind))?;
        dice.pick(used.get(used.len().saturating_sub(6)..)?).cloned()
    }

    /// A payer was led to a window.
    pub fn window_opened(&mut self, payment: &Payment, token: String) {
        remember(self.windows.entry(payment.store).or_default(), (payment.clone(), token));
    }

    pub fn window(&self, store: &str, dice: &mut Dice) -> Option<(Payment, String)> {
        one_of(&self.windows, store, 5, dice)
    }

    pub fn has_order(&mut self, payment: &Payment) {
        remember(self.orders.entry(payment.store).or_default(), payment.clone());
    }

    pub fn order(&self, store: &str, dice: &mut Dice) -> Option<Payment> {
        one_of(&self.orders, store, 8, dice)
    }

    pub fn is_refundable(&mut self, payment: &Payment, channel: &str) {
        let all = self.refundable.entry(payment.store).or_default();
        remember(all, (payment.clone(), channel.to_owned()));
    }

    pub fn refundable(&self, store: &str, dice: &mut Dice) -> Option<(Payment, String)> {
        one_of(&self.refundable, store, 6, dice)
    }

    pub fn is_authorised(&mut self, payment: &Payment) {
        remember(self.authorised.entry(payment.store).or_default(), payment.clone());
    }

    pub fn authorised(&self, store: &str, dice: &mut Dice) -> Option<Payment> {
        one_of(&self.authorised, store, 3, dice)
    }

    pub fn has_link(&mut self, thing: &Thing) {
        remember(self.links.entry(thing.store()).or_default(), thing.clone());
    }

    pub fn link(&self, store: &str, dice: &mut Dice) -> Option<Thing> {
        one_of(&self.links, store, 4, dice)
    }

    pub fn saw_link_page(&mut self, thing: &Thing, html: &str) {
        let offered = values(html, "name=\"method\" value=\"");
        if !offered.is_empty() {
            remember(self.pages.entry(thing.store()).or_default(), (thing.clone(), offered));
        }
    }

    /// Somebody was led from a link's page to a window.
    pub fn has_begun(&mut self, thing: &Thing) {
        remember(self.begun.entry(thing.store()).or_default(), thing.clone());
    }

    /// A page of a link, mostly one of the latest; an older one was left behind. Often it is the page of a link that
    /// somebody else is about to pay.
    pub fn link_page(&self, store: &str, dice: &mut Dice) -> Option<(Thing, Vec<String>)> {
        if let Some(begun) = one_of(&self.begun, store, 2, dice).filter(|_| dice.happens(350)) {
            return self.pages.get(store)?.iter().rev().find(|(thing, _)| *thing == begun).cloned();
        }
        let latest = if dice.happens(150) { 24 } else { 3 };
        one_of(&self.pages, store, latest, dice)
    }

    /// A window leads back here.
    pub fn led_back(&mut self, payment: &Payment, path: &str) {
        let all = self.ways_back.entry(payment.store).or_default();
        remember(all, (payment.clone(), path.to_owned()));
    }

    pub fn way_back(&self, store: &str, dice: &mut Dice) -> Option<(Payment, String)> {
        one_of(&self.ways_back, store, 4, dice)
    }

    /// The payer is asked whether to go on.
    pub fn stands_at_crossroads(&mut self, payment: &Payment, path: &str) {
        let all = self.crossroads.entry(payment.store).or_default();
        remember(all, (payment.clone(), path.to_owned()));
    }

    pub fn crossroads(&self, store: &str, dice: &mut Dice) -> Option<(Payment, String)> {
        one_of(&self.crossroads, store, 2, dice)
    }

    pub fn has_plan(&mut self, store: &'static str, plan: &str, is_regular: bool) {
        remember(self.plans.entry(store).or_default(), (plan.to_owned(), is_regular));
    }

    pub fn plan(&self, store: &str, dice: &mut Dice) -> Option<(String, bool)> {
        one_of(&self.plans, store, 4, dice)
    }

    pub fn has_subscription(&mut self, thing: &Thing) {
        remember(self.subscriptions.entry(thing.store()).or_default(), thing.clone());
    }

    pub fn subscription(&self, store: &str, dice: &mut Dice) -> Option<Thing> {
        one_of(&self.subscriptions, store, 3, dice)
    }

    pub fn is_of_kind(&mut self, thing: &Thing, kind: SubscriptionKind) {
        self.kinds.insert(thing.clone(), kind);
    }

    pub fn is_active(&mut self, thing: &Thing) {
        remember(self.active.entry(thing.store()).or_default(), thing.clone());
    }

    /// One of the latest that somebody has enrolled in, of a kind or of any.
    pub fn active(&self, store: &str, kind: Option<SubscriptionKind>, dice: &mut Dice) -> Option<Thing> {
        let fits = |thing: &&Thing| kind.is_none_or(|kind| self.kinds.get(*thing) == Some(&kind));
        let all: Vec<&Thing> = self.active.get(store)?.iter().filter(fits).collect();
        dice.pick(all.get(all.len().saturating_sub(4)..)?).map(|thing| (*thing).clone())
    }

    pub fn saw_enrolment(&mut self, thing: &Thing, html: &str) {
        let offered = values(html, "name=\"method\" value=\"");
        let nonce = values(html, "name=\"nonce\" value=\"").into_iter().next();
        if let (Some(nonce), false) = (nonce, offered.is_empty()) {
            let all = self.enrolments.entry(thing.store()).or_default();
            remember(all, (thing.clone(), nonce, offered));
        }
    }

    /// The latest page of it, now and then an older one.
    pub fn enrolment(&self, thing: &Thing, dice: &mut Dice) -> Option<(String, Vec<String>)> {
        let seen: Vec<_> =
            self.enrolments.get(thing.store())?.iter().filter(|(of, ..)| of == thing).collect();
        let latest = if dice.happens(100) { seen.len() } else { 1 };
        dice.pick(seen.get(seen.len().saturating_sub(latest)..)?)
            .map(|(_, nonce, offered)| (nonce.clone(), offered.clone()))
    }
}

/// The texts that stand in the page behind this one, each up to the next quotation mark.
fn values(html: &str, behind: &str) -> Vec<String> {
    html.split(behind).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}
