//! What the merchants know: ids and tokens that they were given, to ask about later.

use super::{Marketplace, Marketplaces};
use crate::dice::Dice;
use crate::operations::Payment;
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default)]
pub struct Known {
    /// What is known in the Global dialect.
    pub global: super::GlobalKnown,
    paid: BTreeMap<&'static str, Vec<Payment>>,
    keys: BTreeMap<&'static str, Vec<String>>,
    sessions: BTreeMap<&'static str, Vec<(Payment, String)>>,
    session_windows: BTreeMap<&'static str, Vec<(Payment, String)>>,
    forms: BTreeMap<&'static str, Vec<Form>>,
    asked_keys: BTreeMap<&'static str, Vec<String>>,
    pending: BTreeMap<&'static str, Vec<(Payment, String)>>,
    capturable: BTreeMap<&'static str, Vec<Payment>>,
    windows: BTreeMap<&'static str, Vec<(Payment, String, i64)>>,
    checkouts: BTreeMap<&'static str, Vec<(Payment, String)>>,
    followed: BTreeMap<&'static str, Walk>,
    fed: BTreeMap<&'static str, Walk>,
    accounts: BTreeMap<&'static str, Vec<(Payment, i64)>>,
    account_payments: BTreeSet<Payment>,
    in_escrow: BTreeMap<&'static str, Vec<Payment>>,
    access: BTreeMap<usize, String>,
    refresh: BTreeMap<usize, Vec<String>>,
    messages: Vec<String>,
    receipts: Vec<String>,
    schedules: BTreeMap<&'static str, Vec<String>>,
    /// The PSP's name of a charge and ours.
    charges: BTreeMap<&'static str, Vec<(String, String)>>,
    /// How far a store's test clock runs ahead.
    ahead: BTreeMap<&'static str, SignedDuration>,
    notifications: Vec<Heard>,
    /// Who somebody turned out to be.
    people: BTreeMap<(&'static str, String), Value>,
    /// Cancellations that succeeded, with what they took back.
    cancelled: Vec<(Payment, String, i64)>,
    /// What the operators of the settlement platforms know.
    pub markets: Marketplaces,
}

/// A walk through something that grows, page by page: where it is, and what it has seen.
#[derive(Debug, Default)]
struct Walk {
    at: Option<String>,
    seen: BTreeSet<String>,
}

impl Walk {
    /// A page that was asked for from where the walk is; one that comes late is of no use.
    fn goes_on(&mut self, after: Option<&String>, next: Option<&str>, seen: Vec<String>) {
        if self.at.as_ref() == after {
            self.seen.extend(seen);
            if let Some(next) = next {
                self.at = Some(next.to_owned());
            }
        }
    }
}

/// A notification of the PSP, as somebody on the way could have kept it.
#[derive(Debug, Clone)]
pub struct Heard {
    pub store: &'static str,
    pub channel: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Bytes,
}

/// Where a page with a form is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Window,
    /// The order sheet of a session.
    Sheet,
    SessionWindow,
}

impl Place {
    pub fn of(path: &str) -> Option<Self> {
        let rest = path.strip_prefix("/checkout/")?;
        match rest.strip_prefix("sessions/") {
            None => (!rest.contains('/')).then_some(Self::Window),
            Some(rest) if rest.contains('?') => None,
            Some(rest) if rest.contains('/') => Some(Self::SessionWindow),
            Some(_) => Some(Self::Sheet),
        }
    }
}

/// What a form asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filling {
    Card,
    Code,
    Provider,
    Account,
    Sheet,
}

/// A form as a page showed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    pub payment: Payment,
    pub path: String,
    pub nonce: String,
    pub kind: Filling,
}

impl Form {
    fn of(payment: &Payment, path: &str, html: &str) -> Option<Self> {
        let has = |text: &str| html.contains(text);
        let kind = if has("name=\"number\"") {
            Filling::Card
        } else if has("name=\"code\"") {
            Filling::Code
        } else if has("name=\"bank\"") {
            Filling::Account
        } else if has("name=\"method\"") {
            Filling::Sheet
        } else if has("value=\"approve\"") {
            Filling::Provider
        } else {
            return None;
        };
        let rest = html.split("name=\"nonce\" value=\"").nth(1)?;
        let nonce = rest.split('"').next()?.to_owned();
        Some(Self { payment: payment.clone(), path: path.to_owned(), nonce, kind })
    }
}

/// Lists are short: what is spoken of is mostly recent, and so meets what others are doing.
const KEPT: usize = 24;

pub(super) fn remember<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if list.contains(&item) {
        return;
    }
    if list.len() >= KEPT {
        list.remove(0);
    }
    list.push(item);
}

impl Known {
    pub fn market(&self, merchant: &str) -> &Marketplace {
        self.markets.of(merchant)
    }

    pub fn was_cancelled(&mut self, payment: &Payment, cancellation: String, amount: i64) {
        remember(&mut self.cancelled, (payment.clone(), cancellation, amount));
    }

    /// The cancellations of a merchant's payments that are known to have succeeded.
    pub fn cancelled_payments(&self, merchant: &str) -> Vec<(Payment, String, i64)> {
        let is_own = |payment: &Payment| {
            crate::office::SHOPS.iter().any(|shop| shop.id == payment.store && shop.merchant == merchant)
        };
        self.cancelled.iter().filter(|(payment, ..)| is_own(payment)).cloned().collect()
    }

    /// A payment of this name that was paid.
    pub fn paid_named(&self, store: &str, id: &str) -> Option<Payment> {
        self.paid.get(store)?.iter().find(|payment| payment.id == id).cloned()
    }

    pub fn is_paid(&mut self, payment: &Payment) {
        remember(self.paid.entry(payment.store).or_default(), payment.clone());
    }

    /// Who it turned out to be under this id; says whether that is what was said before.
    pub fn was_verified(&mut self, store: &'static str, id: &str, who: &Value) -> bool {
        self.people.entry((store, id.to_owned())).or_insert_with(|| who.clone()) == who
    }

    pub fn has_key(&mut self, store: &'static str, key: String) {
        remember(self.keys.entry(store).or_default(), key);
    }

    pub fn has_session(&mut self, payment: &Payment, session: String) {
        remember(self.sessions.entry(payment.store).or_default(), (payment.clone(), session));
    }

    /// A session, mostly one of the latest.
    pub fn session(&self, store: &str, dice: &mut Dice) -> Option<(Payment, String)> {
        let made = self.sessions.get(store)?;
        dice.pick(made.get(made.len().saturating_sub(6)..)?).cloned()
    }

    /// A buyer was led here by a form. Of interest are the windows of sessions, which nobody else tells.
    pub fn was_led_to(&mut self, payment: &Payment, path: &str) {
        if Place::of(path) == Some(Place::SessionWindow) {
            let led = self.session_windows.entry(payment.store).or_default();
            remember(led, (payment.clone(), path.to_owned()));
        }
    }

    pub fn session_window(&self, store: &str, dice: &mut Dice) -> Option<(Payment, String)> {
        let led = self.session_windows.get(store)?;
        dice.pick(led.get(led.len().saturating_sub(4)..)?).cloned()
    }

    /// A page with a form was shown.
    pub fn saw_page(&mut self, payment: &Payment, path: &str, html: &str) {
        if let Some(form) = Form::of(payment, path, html) {
            remember(self.forms.entry(payment.store).or_default(), form);
        }
    }

    /// A form of such a page, mostly one of the latest; an older one is of a page that was left behind.
    pub fn form(&self, store: &str, place: Place, dice: &mut Dice) -> Option<Form> {
        let seen: Vec<&Form> =
            self.forms.get(store)?.iter().filter(|form| Place::of(&form.path) == Some(place)).collect();
        let from = if dice.happens(200) { 0 } else { seen.len().saturating_sub(2) };
        dice.pick(seen.get(from..)?).map(|form| (*form).clone())
    }

    /// The latest form that this page showed.
    pub fn form_at(&self, store: &str, path: &str) -> Option<Form> {
        self.forms.get(store)?.iter().rev().find(|form| form.path == path).cloned()
    }

    pub fn key_asked(&mut self, store: &'static str, key: String) {
        remember(self.asked_keys.entry(store).or_default(), key);
    }

    pub fn asked_key(&self, store: &str, dice: &mut Dice) -> Option<String> {
        let asked = self.asked_keys.get(store)?;
        dice.pick(asked.get(asked.len().saturating_sub(4)..)?).cloned()
    }

    pub fn cancellation_waits(&mut self, payment: &Payment, cancellation: String) {
        remember(self.pending.entry(payment.store).or_default(), (payment.clone(), cancellation));
    }

    pub fn window_opened(&mut self, payment: &Payment, token: String, amount: i64) {
        remember(self.windows.entry(payment.store).or_default(), (payment.clone(), token, amount));
    }

    pub fn checkout_opened(&mut self, payment: &Payment, window: String) {
        remember(self.checkouts.entry(payment.store).or_default(), (payment.clone(), window));
    }

    pub fn is_in_escrow(&mut self, payment: &Payment) {
        remember(self.in_escrow.entry(payment.store).or_default(), payment.clone());
    }

    pub fn in_escrow(&self, store: &str, dice: &mut Dice) -> Option<Payment> {
        dice.pick(self.in_escrow.get(store)?).cloned()
    }

    pub fn is_capturable(&mut self, payment: &Payment) {
        remember(self.capturable.entry(payment.store).or_default(), payment.clone());
    }

    pub fn capturable(&self, store: &str, dice: &mut Dice) -> Option<Payment> {
        let capturable = self.capturable.get(store)?;
        dice.pick(capturable.get(capturable.len().saturating_sub(4)..)?).cloned()
    }

    /// Where the walk through a store's events is.
    pub fn follows(&self, store: &str) -> Option<String> {
        self.followed.get(store)?.at.clone()
    }

    pub fn followed(
        &mut self,
        store: &'static str,
        after: Option<&String>,
        next: Option<&str>,
        seen: Vec<String>,
    ) {
        self.followed.entry(store).or_default().goes_on(after, next, seen);
    }

    pub fn has_followed(&self, store: &str) -> BTreeSet<String> {
        self.followed.get(store).map(|walk| walk.seen.clone()).unwrap_or_default()
    }

    /// Where the reader of a store's event feed is.
    pub fn feed(&self, store: &str) -> Option<String> {
        self.fed.get(store)?.at.clone()
    }

    pub fn fed(
        &mut self,
        store: &'static str,
        after: Option<&String>,
        next: Option<&str>,
        seen: Vec<String>,
    ) {
        self.fed.entry(store).or_default().goes_on(after, next, seen);
    }

    pub fn has_been_fed(&self, store: &str) -> BTreeSet<String> {
        self.fed.get(store).map(|walk| walk.seen.clone()).unwrap_or_default()
    }

    pub fn account_issued(&mut self, payment: &Payment, amount: i64) {
        self.account_payments.insert(payment.clone());
        remember(self.accounts.entry(payment.store).or_default(), (payment.clone(), amount));
        remember(self.paid.entry(payment.store).or_default(), payment.clone());
    }

    pub fn logged_in(&mut self, store: usize, access: String, refresh: String) {
        self.access.insert(store, access);
        remember(self.refresh.entry(store).or_default(), refresh);
    }

    pub fn message(&self, dice: &mut Dice) -> Option<String> {
        dice.pick(&self.messages).cloned()
    }

    pub fn heard_of_message(&mut self, message: String) {
        remember(&mut self.messages, message);
    }

    pub fn heard_of_receipt(&mut self, url: String) {
        remember(&mut self.receipts, url);
    }

    pub fn heard_of_charge(&mut self, store: &'static str, pg_tx_id: String, transaction: String) {
        remember(self.charges.entry(store).or_default(), (pg_tx_id, transaction));
    }

    pub fn charge(&self, store: &str, dice: &mut Dice) -> Option<(String, String)> {
        dice.pick(self.charges.get(store)?).cloned()
    }

    pub fn is_planned(&mut self, store: &'static str, schedule: String) {
        remember(self.schedules.entry(store).or_default(), schedule);
    }

    pub fn schedule(&self, store: &str, dice: &mut Dice) -> Option<String> {
        dice.pick(self.schedules.get(store)?).cloned()
    }

    pub fn clock_was_moved(&mut self, store: &'static str, ahead: SignedDuration) {
        self.ahead.insert(store, ahead);
    }

    /// The store's own time, as far as it was told.
    pub fn time_of(&self, store: &str, now: Timestamp) -> Timestamp {
        let ahead = self.ahead.get(store).copied().unwrap_or_default();
        now.checked_add(ahead).unwrap_or(now)
    }

    pub fn heard(&mut self, heard: Heard) {
        if self.notifications.len() >= KEPT {
            self.notifications.remove(0);
        }
        self.notifications.push(heard);
    }

    pub fn paid_payment(&self, store: &str, dice: &mut Dice) -> Option<Payment> {
        let paid = self.paid.get(store)?;
        // The latest ones are where something is still going on.
        let recent = paid.len().saturating_sub(6);
        let from = if dice.happens(700) { paid.get(recent..)? } else { paid.as_slice() };
        dice.pick(from).cloned()
    }

    pub fn is_account(&self, payment: &Payment) -> bool {
        self.account_payments.contains(payment)
    }

    pub fn billing_key(&self, store: &str, dice: &mut Dice) -> Option<String> {
        dice.pick(self.keys.get(store)?).cloned()
    }

    pub fn pending_cancellation(&self, store: &str, dice: &mut Dice) -> Option<(Payment, String)> {
        dice.pick(self.pending.get(store)?).cloned()
    }

    pub fn window(&self, store: &str, dice: &mut Dice) -> Option<(Payment, String, i64)> {
        dice.pick(self.windows.get(store)?).cloned()
    }

    /// A window of the checkout, mostly one of the latest.
    pub fn checkout(&self, store: &str, dice: &mut Dice) -> Option<(Payment, String)> {
        let opened = self.checkouts.get(store)?;
        dice.pick(opened.get(opened.len().saturating_sub(5)..)?).cloned()
    }

    pub fn account(&self, store: &str, dice: &mut Dice) -> Option<(Payment, i64)> {
        dice.pick(self.accounts.get(store)?).cloned()
    }

    pub fn access_token(&self, store: usize) -> Option<&String> {
        self.access.get(&store)
    }

    pub fn refresh_token(&self, store: usize, dice: &mut Dice) -> Option<String> {
        dice.pick(self.refresh.get(&store)?).cloned()
    }

    pub fn receipt(&self, dice: &mut Dice) -> Option<String> {
        dice.pick(&self.receipts).cloned()
    }

    pub fn notification(&self, dice: &mut Dice) -> Option<&Heard> {
        dice.pick(&self.notifications)
    }
}
