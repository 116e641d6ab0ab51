//! The Global dialect in the world: what its answers, redirects and messages say, what is stored about its links
//! and subscriptions, and whether both dialects tell the same.

use super::World;
use crate::ground::Finding;
use crate::model::{Answered, Global, SeenLink, SeenSubscription, SubscriptionKind};
use crate::office::{SHOPS, Shop};
use crate::operations::global::{Matter, Thing};
use crate::operations::{About, Ask, Payment};
use crate::post::Told;
use paypier::keyring::digest;
use paypier_domain::global::Topic;
use paypier_domain::id::{PaymentKey, SubscriptionRef};
use paypier_storage::ReadError;
use paypier_wire::global::signed;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What the world remembers of the dialect.
#[derive(Debug, Default)]
pub(super) struct Globally {
    pub(super) laws: Global,
    touched: BTreeSet<Thing>,
    /// Windows that payers of links were led to; whose payment each is, its page does not say.
    windows: Vec<(Thing, String)>,
}

/// Where the server says that it is.
const HOME: &str = "http://paypier.example";

fn shop_of(store: &str) -> &'static Shop {
    SHOPS.iter().find(|shop| shop.id == store).unwrap_or(&SHOPS[0])
}

fn text<'a>(body: &'a Value, member: &str) -> &'a str {
    body[member].as_str().unwrap_or_default()
}

/// The minor units of a number of the dialect.
fn units(number: &Value, currency: &str) -> Option<i64> {
    let decimal: paypier_wire::global::Decimal = number.to_string().trim_matches('"').parse().ok()?;
    decimal.minor_units(if currency == "USD" { 2 } else { 0 }).ok()
}

/// The parameters behind an address, as a browser reads them.
fn parameters(address: &str) -> BTreeMap<String, String> {
    let query = address.split_once('?').map_or("", |(_, query)| query);
    let decoded = |text: &str| {
        percent_encoding::percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
    };
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

impl World<'_> {
    /// A request leaves.
    pub(super) fn is_asked_globally(&mut self, ask: &Ask) {
        match &ask.about {
            About::Global(Matter::Trigger { thing }) => self.globally.laws.is_triggered(thing),
            About::Global(Matter::Initiate { store, reference, .. }) => {
                self.known.global.uses(store, "T", reference);
            }
            About::Global(Matter::Deduct { thing, reference, .. }) => {
                self.known.global.uses(thing.store(), "T", reference);
            }
            About::Global(Matter::MakeLink { store, reference }) => {
                self.known.global.uses(store, "L", reference);
            }
            _ => {}
        }
    }

    /// A request has come to its end, with or without an answer.
    pub(super) fn touched_globally(&mut self, ask: &Ask) {
        if let About::Global(matter) = &ask.about {
            self.globally.touched.extend(matter.thing().cloned());
        }
    }

    fn has_order(&mut self, payment: &Payment) {
        self.payments.meet(payment);
        self.known.global.has_order(payment);
        self.touched.insert(payment.clone());
    }

    fn has_thing(&mut self, thing: &Thing) {
        self.globally.laws.meet(thing);
        match thing {
            Thing::Link { .. } => self.known.global.has_link(thing),
            Thing::Subscription { .. } => self.known.global.has_subscription(thing),
        }
        self.globally.touched.insert(thing.clone());
    }

    /// Somebody was told that so much was paid.
    fn was_told_success(&mut self, payment: &Payment, amount: Option<i64>) {
        self.has_order(payment);
        self.known.is_paid(payment);
        if let Some(amount) = amount.or_else(|| self.payments.asked(payment)) {
            self.payments.was_told_paid(payment, amount);
        }
    }

    /// What an answer of the dialect says about what must be true from now on.
    pub(super) fn judge_globally(&mut self, matter: &Matter, answered: &Answered) -> Result<(), Finding> {
        let body = &answered.body;
        match (matter, answered.status) {
            (Matter::Token { store }, 200) => {
                self.known.global.was_given_token(store, text(&body["content"], "token").to_owned());
            }
            (Matter::Initiate { store, reference, amount }, 200) => {
                let payment = Payment { store, id: text(body, "order_ref").to_owned() };
                self.globally.laws.was_accepted(store, "transaction", reference, &payment.id)?;
                self.payments.was_asked(&payment, *amount);
                self.has_order(&payment);
                self.opens_window(&payment, text(body, "redirect_url"));
            }
            (Matter::Look { store }, 200) => {
                let content = if body["content"].is_object() { &body["content"] } else { body };
                let payment = Payment { store, id: text(content, "order_ref").to_owned() };
                if text(content, "status") == "Success" {
                    self.was_told_success(&payment, None);
                } else {
                    self.has_order(&payment);
                }
            }
            (Matter::Details { payment }, status) => self.details_were_read(payment, status, answered)?,
            (Matter::List { store }, 200) => self.list_was_read(store, body)?,
            (Matter::Capture { payment }, 200) => self.was_told_success(payment, None),
            (Matter::Refund { payment, amount }, 200) => self.refunds_were_read(payment, *amount, body)?,
            (Matter::MakeLink { store, reference }, 200) => {
                let thing = Thing::Link { store, reference: text(body, "payment_link_ref").to_owned() };
                self.globally.laws.was_accepted(store, "link", reference, thing.reference())?;
                self.has_thing(&thing);
            }
            (Matter::LookForLink { store }, 200) => {
                let content = &body["content"];
                let thing = Thing::Link { store, reference: text(content, "paymentLinkRef").to_owned() };
                self.has_thing(&thing);
                self.link_stands(&thing, text(content, "status"));
            }
            (Matter::ReadLink { thing }, 200) => self.link_stands(thing, text(&body["content"], "status")),
            (Matter::SeeLink { thing }, 200) => {
                self.known.global.saw_link_page(thing, &String::from_utf8_lossy(&answered.bytes));
            }
            (Matter::StartLink { thing }, 303) => {
                let to = String::from_utf8_lossy(&answered.bytes);
                if let Some(token) = to.strip_prefix("/checkout/") {
                    self.known.global.has_begun(thing);
                    self.globally.windows.push((thing.clone(), token.to_owned()));
                }
            }
            (Matter::MakePlan { store, reference, is_regular }, 200) => {
                let plan = text(body, "order_ref");
                self.globally.laws.was_accepted(store, "plan", reference, plan)?;
                self.known.global.has_plan(store, plan, *is_regular);
            }
            (Matter::MakeSubscription { store, reference, is_regular }, 200) => {
                let thing = Thing::Subscription { store, reference: text(body, "order_ref").to_owned() };
                self.globally.laws.was_accepted(store, "subscription", reference, thing.reference())?;
                let kind = if *is_regular { SubscriptionKind::Regular } else { SubscriptionKind::OnDemand };
                self.known.global.is_of_kind(&thing, kind);
                self.has_thing(&thing);
            }
            (Matter::ReadSubscription { thing }, 200) if text(&body["content"], "status") == "Active" => {
                self.known.global.is_active(thing);
            }
            (Matter::SeeSubscription { thing } | Matter::Enrol { thing }, 200) => {
                self.known.global.saw_enrolment(thing, &String::from_utf8_lossy(&answered.bytes));
            }
            (Matter::Enrol { thing }, 303) => {
                let to = String::from_utf8_lossy(&answered.bytes).into_owned();
                if to.starts_with(crate::operations::global::SUCCESS) {
                    self.known.global.is_active(thing);
                }
                self.was_led_to_shop(thing.store(), &to)?;
            }
            (Matter::Deduct { thing, reference, amount }, 200) => {
                let payment = Payment { store: thing.store(), id: text(body, "order_ref").to_owned() };
                self.globally.laws.was_accepted(thing.store(), "transaction", reference, &payment.id)?;
                self.payments.was_asked(&payment, *amount);
                self.has_order(&payment);
                if text(body, "status").eq_ignore_ascii_case("success") {
                    self.was_told_success(&payment, Some(*amount));
                }
            }
            (Matter::CancelSubscription { thing }, 200) => self.globally.laws.was_told_cancelled(thing),
            (Matter::ComeBack { payment, path }, 200)
                if String::from_utf8_lossy(&answered.bytes).contains("name=\"choice\"") =>
            {
                self.known.global.stands_at_crossroads(payment, path);
            }
            (Matter::ComeBack { payment, .. }, 302) => {
                let to = String::from_utf8_lossy(&answered.bytes).into_owned();
                self.was_led_on(payment, &to)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// A browser is sent on from a page about a payment: to a window, to where windows end, or to the shop.
    pub(super) fn was_led_on(&mut self, payment: &Payment, to: &str) -> Result<(), Finding> {
        match to.strip_prefix(HOME).or_else(|| to.starts_with('/').then_some(to)) {
            Some(path) if path.starts_with("/checkout/return/") => self.known.global.led_back(payment, path),
            Some(path) => self.opens_window(payment, path),
            None => self.was_led_to_shop(payment.store, to)?,
        }
        Ok(())
    }

    fn opens_window(&mut self, payment: &Payment, url: &str) {
        let path = url.strip_prefix(HOME).unwrap_or(url);
        if let Some(token) = path.strip_prefix("/checkout/").filter(|token| !token.contains('/')) {
            self.known.checkout_opened(payment, token.to_owned());
            self.known.global.window_opened(payment, token.to_owned());
        }
    }

    /// What the merchant's page is told behind its address is signed, and true.
    fn was_led_to_shop(&mut self, store: &'static str, to: &str) -> Result<(), Finding> {
        let said = parameters(to);
        let word = |name: &str| said.get(name).map_or("", String::as_str);
        if !said.contains_key("signature_hash") {
            return Ok(());
        }
        let shop = shop_of(store);
        let right = shop.signs(&signed::Redirect {
            channel_order_ref: word("channel_order_ref"),
            merchant_order_ref: word("merchant_order_ref"),
            order_ref: word("order_ref"),
            status: word("status"),
        });
        if word("signature_hash") != right {
            return Err(Finding::new("what is told is signed", to.to_owned()));
        }
        let payment = Payment { store, id: word("order_ref").to_owned() };
        // Where nothing was charged there is no transaction, and the subscription's own name stands for it.
        let is_charged = word("order_ref") != word("subscription_order_ref");
        if word("status") == "Success" && is_charged {
            let amount = serde_json::from_str(word("amount")).unwrap_or_default();
            self.was_told_success(&payment, units(&amount, word("currency")));
        }
        Ok(())
    }

    fn details_were_read(
        &mut self,
        payment: &Payment,
        status: u16,
        answered: &Answered,
    ) -> Result<(), Finding> {
        let content = &answered.body["content"];
        if status == 400 && text(&answered.body, "status_code") == "4096" && answered.was_acknowledged {
            return self.payments.is_missing(payment);
        }
        if status != 200 {
            return Ok(());
        }
        let stands = text(content, "status");
        if answered.was_acknowledged && !matches!(stands, "Success" | "Authorized" | "Voided") {
            return Err(Finding::new(
                "an acknowledged payment reads as paid",
                format!("{payment} reads {stands}"),
            ));
        }
        match stands {
            "Success" => {
                self.payments_told(payment, content);
                self.known.global.is_refundable(payment, text(content, "channel_key"));
            }
            "Authorized" => self.known.global.is_authorised(payment),
            _ => {}
        }
        Ok(())
    }

    fn payments_told(&mut self, payment: &Payment, content: &Value) {
        if let Some(amount) = units(&content["amount"], text(content, "currency")) {
            self.payments.was_told_paid(payment, amount);
            self.known.is_paid(payment);
        }
    }

    fn list_was_read(&mut self, store: &'static str, body: &Value) -> Result<(), Finding> {
        for row in body["body"]["content"].as_array().into_iter().flatten() {
            if text(row, "merchant_key") != shop_of(store).client_key() {
                return Err(Finding::new("what does not concern the caller is refused", row.to_string()));
            }
            let payment = Payment { store, id: text(row, "order_ref").to_owned() };
            self.payments.meet(&payment);
            if text(row, "status") == "Success" {
                self.payments_told(&payment, row);
            }
        }
        Ok(())
    }

    fn refunds_were_read(
        &mut self,
        payment: &Payment,
        asked: Option<i64>,
        body: &Value,
    ) -> Result<(), Finding> {
        let rows = body["refundDetails"].as_array().cloned().unwrap_or_default();
        let mut sum = 0i64;
        for row in rows.iter().filter(|row| text(row, "refund_status") == "SUCCESS") {
            sum = sum.saturating_add(units(&row["amount"], text(row, "currency")).unwrap_or(0));
        }
        // Money is told, as in the other dialect: of a payment with a discount of that dialect's, less than the order
        // loses comes back.
        let is_discounted = payment.id.starts_with("order-");
        let is_there = |asked| {
            let mut told = rows.iter().filter_map(|row| units(&row["amount"], text(row, "currency")));
            told.any(|told| told == asked || is_discounted && told < asked)
        };
        if asked.is_some_and(|asked| !is_there(asked)) {
            return Err(Finding::new("a refund is of what was asked for", format!("{asked:?}: {body}")));
        }
        if body["amountToRefund"].as_f64().is_none_or(|left| left < 0.0) {
            return Err(Finding::new("never more is cancelled than was paid", body.to_string()));
        }
        self.payments.was_told_given_back(payment, sum);
        Ok(())
    }

    fn link_stands(&mut self, thing: &Thing, status: &str) {
        if status == "Success" {
            self.globally.laws.was_told_paid(thing);
        }
    }

    /// What messages have told meanwhile.
    pub(super) fn take_told(&mut self) {
        for Told { shop, topic, subject, status, body } in self.ground.post.take_told() {
            match topic {
                Topic::Payment => {
                    let payment = Payment { store: shop.id, id: subject };
                    self.has_order(&payment);
                    if status == "Success" {
                        self.known.global.is_refundable(&payment, text(&body, "channel_key"));
                        let amount = units(&body["amount"], text(&body, "currency"));
                        self.was_told_success(&payment, amount);
                    }
                }
                Topic::PaymentLink => {
                    let thing = Thing::Link { store: shop.id, reference: subject };
                    self.link_stands(&thing, &status);
                }
                Topic::Subscription | Topic::Refund | Topic::Payout | Topic::Onboarding => {}
            }
        }
    }

    pub(super) async fn look_at_touched_globally(&mut self) -> Result<(), Finding> {
        for (thing, token) in std::mem::take(&mut self.globally.windows) {
            let Some(process) = &self.process else { return Ok(()) };
            self.ground.hush(true);
            let window = process.composed.app.storage.window(&digest(&token)).await;
            self.ground.hush(false);
            let window = window.map_err(|error| unread(&thing, &error))?;
            if let Some(of) = window.as_ref().and_then(|window| window.purpose.payment()) {
                let payment = Payment { store: thing.store(), id: of.payment.to_string() };
                self.has_order(&payment);
                self.opens_window(&payment, &format!("/checkout/{token}"));
            }
        }
        for thing in std::mem::take(&mut self.globally.touched) {
            self.look_at_thing(&thing, false).await?;
        }
        Ok(())
    }

    /// Looks at a link or a subscription, and at each payment of it.
    pub(super) async fn look_at_thing(&mut self, thing: &Thing, is_at_rest: bool) -> Result<(), Finding> {
        self.ground.hush(true);
        let payments = match thing {
            Thing::Link { .. } => self.look_at_link(thing, is_at_rest).await,
            Thing::Subscription { .. } => self.look_at_subscription(thing, is_at_rest).await,
        };
        self.ground.hush(false);
        for payment in payments? {
            self.payments.meet(&payment);
            self.look_at(&payment).await?;
        }
        Ok(())
    }

    async fn look_at_link(&mut self, thing: &Thing, is_at_rest: bool) -> Result<Vec<Payment>, Finding> {
        let Some(process) = &self.process else { return Ok(Vec::new()) };
        let storage = &process.composed.app.storage;
        let unread = |error: ReadError| unread(thing, &error);
        let store = shop_of(thing.store()).store();
        let link = storage.payment_link(thing.reference()).await.map_err(unread)?;
        let Some(link) = link else {
            return Err(Finding::new("what was made is never lost", thing.to_string()));
        };
        let orders = storage.global_orders_of_link(&store, thing.reference()).await.map_err(unread)?;
        let mut payments = Vec::new();
        for order in orders {
            let key = PaymentKey { store: store.clone(), payment: order.payment };
            payments.extend(storage.payment(&key).await.map_err(unread)?);
        }
        let seen = SeenLink { link: &link, payments: &payments, is_at_rest };
        self.globally.laws.look_at_link(thing, &seen)?;
        let named = |id: String| Payment { store: thing.store(), id };
        Ok(payments.iter().map(|payment| named(payment.key.payment.to_string())).collect())
    }

    async fn look_at_subscription(
        &mut self,
        thing: &Thing,
        is_at_rest: bool,
    ) -> Result<Vec<Payment>, Finding> {
        const MOST: u32 = 10_000;
        let Some(process) = &self.process else { return Ok(Vec::new()) };
        let app = &process.composed.app;
        let storage = &app.storage;
        let unread = |error: ReadError| unread(thing, &error);
        let (store, reference) = (shop_of(thing.store()).store(), SubscriptionRef::known(thing.reference()));
        let found = storage.subscription(&store, &reference).await.map_err(unread)?;
        let Some(subscription) = found else {
            return Err(Finding::new("what was made is never lost", thing.to_string()));
        };
        let deductions = storage.deductions_of(&store, &reference, MOST).await.map_err(unread)?;
        let mut payments = BTreeMap::new();
        for deduction in &deductions {
            let key = PaymentKey { store: store.clone(), payment: deduction.payment.clone() };
            if let Some(payment) = storage.payment(&key).await.map_err(unread)? {
                payments.insert(deduction.payment.to_string(), payment);
            }
        }
        let now = app.test_clock(&store).await.unwrap_or_else(|_| app.clock.now());
        let (subscription, deductions) = (&subscription, deductions.as_slice());
        let seen = SeenSubscription { subscription, deductions, payments: &payments, now, is_at_rest };
        self.globally.laws.look_at_subscription(thing, &seen)?;
        Ok(payments.into_keys().map(|id| Payment { store: thing.store(), id }).collect())
    }
}

fn unread(thing: &Thing, error: &ReadError) -> Finding {
    Finding::new("what is stored can be read", format!("{thing}: {error}"))
}
