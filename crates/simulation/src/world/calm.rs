//! Calm: nothing goes wrong any more and time passes. Then nothing may be left open, every message
//! must have been taken, and everybody must be told again what they were told before.

use super::look::Audit;
use super::{World, page_of_events, page_of_feed};
use crate::dice::Dice;
use crate::ground::{Finding, Mood, pass};
use crate::model::Moment;
use crate::network::Weather;
use crate::office::{SHOPS, Shop};
use crate::operations::{About, Ask, PATIENCE, Payment, with_criteria};
use bytes::Bytes;
use http::Method;
use jiff::SignedDuration;
use paypier_domain::id::{ScheduleId, StoreId};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// How the machine's clock runs ahead while everything comes to rest: the waits between questions to
/// the PSP, and the longest life of a virtual account.
const TIME_PASSES: [i64; 18] = [
    2,
    12,
    35,
    130,
    620,
    3_700,
    7 * 3_600,
    25 * 3_600,
    25 * 3_600,
    25 * 3_600,
    25 * 3_600,
    25 * 3_600,
    25 * 3_600,
    25 * 3_600,
    25 * 3_600,
    25 * 3_600,
    25 * 3_600,
    25 * 3_600,
];
/// Above any test clock.
const FAR: SignedDuration = SignedDuration::from_hours(20 * 365 * 24);
/// Earlier requests that are sent again in the end.
const REPEATED: u64 = 12;

/// More pages than any run fills.
const MOST_PAGES: u32 = 10_000;

fn missed(
    law: &'static str,
    store: &str,
    all: &BTreeSet<String>,
    seen: &BTreeSet<String>,
) -> Result<(), Finding> {
    match all.difference(seen).next() {
        Some(missed) => Err(Finding::new(law, format!("{store}: {missed} was passed over"))),
        None => Ok(()),
    }
}

impl World<'_> {
    pub(super) async fn come_to_rest(&mut self) -> Result<(), Finding> {
        self.ground.trace.say("calm");
        self.ground.reseed(self.plan.seed);
        self.ground.power.put_out();
        self.ground.traffic.set_weather(Weather::FAIR);
        self.ground.set_mood(Mood::default());
        self.ground.post.everybody_takes();
        self.disk_is_fine();
        self.until_nothing_is_under_way().await?;
        for shop in &SHOPS {
            self.says("PUT", &format!("/sandbox/psp/faults?storeId={}", shop.id), shop.secret).await?;
        }
        self.reserved_ones_can_be_paid().await?;
        let mut is_idle = self.time_passes().await?;
        if !is_idle {
            self.things_are_at_rest().await?;
            self.end_subscriptions().await?;
            is_idle = self.time_passes().await?;
        }
        if !is_idle {
            return Err(Finding::new(
                "everything that was outstanding is resolved",
                "something is still due after days of calm",
            ));
        }
        self.audit(Audit::AtRest).await?;
        self.look_at_markets(Moment::AtRest).await?;
        let all: Vec<Payment> = self.payments.all().cloned().collect();
        for payment in &all {
            self.look_at(payment).await?;
        }
        self.things_are_at_rest().await?;
        self.schedules_have_ended().await?;
        self.messages_are_taken().await?;
        self.every_status_was_told().await?;
        self.dialects_agree().await?;
        self.acknowledged_is_readable().await?;
        self.told_again().await?;
        self.look_at_markets(Moment::AtRest).await?;
        self.statements_tie().await?;
        self.readers_missed_nothing().await
    }

    /// Time passes until nothing is due any more; says whether that is so.
    async fn time_passes(&mut self) -> Result<bool, Finding> {
        for seconds in TIME_PASSES {
            if self.is_idle().await? {
                return Ok(true);
            }
            self.ground.clock.set_by(SignedDuration::from_secs(seconds));
            pass(Duration::from_millis(2_200)).await;
            self.until_nothing_is_under_way().await?;
        }
        self.is_idle().await
    }

    async fn schedules_have_ended(&self) -> Result<(), Finding> {
        let Some(process) = &self.process else { return Ok(()) };
        for (schedule, payment) in self.schedules.planned() {
            let id = ScheduleId::known(schedule.as_str());
            let stored = process.composed.app.storage.schedule(&StoreId::known(payment.store), &id).await;
            let stored =
                stored.map_err(|error| Finding::new("what is stored can be read", error.to_string()))?;
            self.schedules.has_ended(schedule, stored.map(|stored| stored.status()))?;
        }
        Ok(())
    }

    /// Whoever goes on from where he was has seen, in the end, what one sees who begins anew.
    async fn readers_missed_nothing(&mut self) -> Result<(), Finding> {
        for shop in &SHOPS {
            let (mut after, mut all) = (String::new(), BTreeSet::new());
            let mut has_caught_up = false;
            for _ in 0..MOST_PAGES {
                // The reader catches up first, and then somebody begins anew.
                let at =
                    if has_caught_up { after.clone() } else { self.known.feed(shop.id).unwrap_or_default() };
                let path = format!("/webhook-events?limit=100&after={at}&storeId={}", shop.id);
                let page = self.says("GET", &path, shop.secret).await?;
                let (next, seen) = page_of_feed(&page);
                let is_last = seen.is_empty();
                if has_caught_up {
                    all.extend(seen);
                    after = next.unwrap_or(after);
                    if is_last {
                        break;
                    }
                } else {
                    let from = self.known.feed(shop.id);
                    self.known.fed(shop.id, from.as_ref(), next.as_deref(), seen);
                    has_caught_up = is_last;
                }
            }
            missed("the event feed misses nothing", shop.id, &all, &self.known.has_been_fed(shop.id))?;
            self.follower_missed_nothing(shop).await?;
        }
        Ok(())
    }

    async fn follower_missed_nothing(&mut self, shop: &'static Shop) -> Result<(), Finding> {
        // What just happened is shown a moment later.
        pass(Duration::from_millis(50)).await;
        let (mut after, mut all) = (None, BTreeSet::new());
        let mut has_caught_up = false;
        for _ in 0..MOST_PAGES {
            let at = if has_caught_up { after.clone() } else { self.known.follows(shop.id) };
            let mut criteria = json!({ "size": 100, "storeId": shop.id });
            if let Some(at) = &at {
                criteria["cursor"] = json!(at);
            }
            let path = with_criteria("/payment-events-by-cursor", &criteria);
            let page = self.says("GET", &path, shop.secret).await?;
            let (next, seen) = page_of_events(&page);
            let is_last = seen.is_empty();
            if has_caught_up {
                all.extend(seen);
                after = next.or(after);
                if is_last {
                    break;
                }
            } else {
                let from = self.known.follows(shop.id);
                self.known.followed(shop.id, from.as_ref(), next.as_deref(), seen);
                has_caught_up = is_last;
            }
        }
        if self.clock_went_back {
            // This list is in the order of time, and time was not.
            return Ok(());
        }
        missed("a walk by cursor misses nothing", shop.id, &all, &self.known.has_followed(shop.id))
    }

    /// Whether no job and no delivery of a store waits.
    async fn is_idle(&self) -> Result<bool, Finding> {
        let Some(process) = &self.process else { return Ok(true) };
        let app = &process.composed.app;
        let far = app.clock.now().checked_add(FAR).unwrap_or(jiff::Timestamp::MAX);
        for shop in &SHOPS {
            let due = app.storage.due_of_store(&shop.store(), far).await;
            let due = due.map_err(|error| Finding::new("what is stored can be read", error.to_string()))?;
            if due.is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// One request and its answer.
    pub(super) async fn says(
        &mut self,
        method: &'static str,
        path: &str,
        secret: &str,
    ) -> Result<Value, Finding> {
        self.says_body(method, path, secret, &json!({})).await
    }

    /// The same of something that is given.
    pub(super) async fn says_body(
        &mut self,
        method: &'static str,
        path: &str,
        secret: &str,
        body: &Value,
    ) -> Result<Value, Finding> {
        let ask = Ask {
            operation: "(calm)",
            method: Method::from_bytes(method.as_bytes()).unwrap_or(Method::GET),
            path: path.to_owned(),
            body: Bytes::from(body.to_string()),
            headers: vec![("authorization", format!("PortOne {secret}"))],
            key: None,
            about: About::Anything,
            patience: PATIENCE,
        };
        let Some(process) = &self.process else { return Ok(Value::Null) };
        let mut answer = super::answer(process.router.clone(), &ask).await;
        if matches!(answer, Some((503, _))) {
            // A failure of the disk that was ordered for the next write may have waited until now.
            answer = super::answer(process.router.clone(), &ask).await;
        }
        let Some((200, bytes)) = answer else {
            return Err(Finding::new(
                "in calm, everything that was promised is done",
                format!("{method} {path}: {answer:?}"),
            ));
        };
        self.ground.trace.bytes(&bytes);
        Ok(serde_json::from_slice(&bytes).unwrap_or_default())
    }

    /// Messages whose tries were used up are seen and sent again; then every message was taken.
    async fn messages_are_taken(&mut self) -> Result<(), Finding> {
        for shop in &SHOPS {
            let dead = self.says("GET", "/webhook-events/dead", shop.secret).await?;
            let ids: Vec<String> = dead["items"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|item| item["webhookId"].as_str().map(str::to_owned))
                .collect();
            self.ground.post.expect_any_order_at_all();
            for id in ids {
                self.says("POST", &format!("/webhook-events/{id}/replay"), shop.secret).await?;
            }
        }
        match self.ground.post.untaken().first() {
            Some(id) => {
                Err(Finding::new("every message is taken in the end", format!("{id} was never taken")))
            }
            None => self.every_event_was_told().await,
        }
    }

    /// The event feed names each event's messages; those are the ones that were carried.
    async fn every_event_was_told(&mut self) -> Result<(), Finding> {
        for shop in SHOPS.iter().filter(|shop| shop.is_representative) {
            let mut after = String::new();
            loop {
                let page = self
                    .says("GET", &format!("/webhook-events?limit=100&after={after}"), shop.secret)
                    .await?;
                let items = page["items"].as_array().cloned().unwrap_or_default();
                for item in &items {
                    let messages = item["webhookIds"].as_array().cloned().unwrap_or_default();
                    let is_told = messages
                        .iter()
                        .all(|id| id.as_str().is_some_and(|id| self.ground.post.has_taken(id)));
                    if item["isNotified"] == true && (messages.is_empty() || !is_told) {
                        return Err(Finding::new("every event is told", item.to_string()));
                    }
                    if item["environment"] != "TEST" {
                        return Err(Finding::new("TEST and LIVE never meet", item.to_string()));
                    }
                }
                match page["next"].as_str() {
                    Some(next) if !items.is_empty() => next.clone_into(&mut after),
                    _ => break,
                }
            }
        }
        Ok(())
    }

    async fn acknowledged_is_readable(&mut self) -> Result<(), Finding> {
        let acknowledged: Vec<Payment> = self.payments.acknowledged().cloned().collect();
        for payment in acknowledged {
            let Some(shop) = SHOPS.iter().find(|shop| shop.id == payment.store) else { continue };
            let body = self.says("GET", &format!("/payments/{}", payment.id), shop.secret).await?;
            let status = body["status"].as_str().unwrap_or("");
            if !matches!(status, "PAID" | "PARTIAL_CANCELLED" | "CANCELLED") {
                return Err(Finding::new(
                    "an acknowledged payment reads as paid",
                    format!("{payment} reads {status}"),
                ));
            }
        }
        Ok(())
    }

    /// Requests that were answered for good are sent again.
    async fn told_again(&mut self) -> Result<(), Finding> {
        let mut dice = Dice::for_purpose(self.plan.seed, 8);
        let settled: Vec<Ask> = self.keys.settled().into_iter().cloned().collect();
        for _ in 0..REPEATED {
            let Some(ask) = dice.pick(&settled).cloned() else { break };
            self.send(Ask { patience: PATIENCE, ..ask });
            self.until_at_most(0).await?;
        }
        let all: Vec<Payment> = self.payments.all().cloned().collect();
        for payment in &all {
            self.look_at(payment).await?;
        }
        Ok(())
    }
}
