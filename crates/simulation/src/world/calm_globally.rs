//! Calm in the Global dialect: links and subscriptions have come to rest, every status was told, and both dialects
//! tell the same truth about each payment.

use super::World;
use crate::dice::Dice;
use crate::ground::Finding;
use crate::office::{SHOPS, Shop};
use crate::operations::global::Thing;
use crate::operations::{About, Ask, PATIENCE, Payment};
use bytes::Bytes;
use http::Method;
use paypier::clock::Clock;
use paypier::global::token;
use paypier_domain::global::Topic;
use paypier_domain::id::SubscriptionRef;
use paypier_domain::link::LinkStatus;
use paypier_domain::subscription::{State, SubscriptionStatus};
use paypier_wire::global::Decimal;
use serde_json::{Value, json};

/// Payments of the other dialect that are asked about in both.
const SAMPLE: u64 = 25;

fn shop_of(store: &str) -> &'static Shop {
    SHOPS.iter().find(|shop| shop.id == store).unwrap_or(&SHOPS[0])
}

impl World<'_> {
    async fn says_globally(
        &mut self,
        shop: &Shop,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Result<(u16, Value), Finding> {
        let token = token::issue(&shop.global_secret(), shop.client_key(), self.ground.clock.now());
        let ask = Ask {
            operation: "(calm)",
            method,
            path: path.to_owned(),
            body: if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) },
            headers: vec![
                ("x-portone-client-key", shop.client_key().to_owned()),
                ("authorization", format!("Bearer {token}")),
            ],
            key: None,
            about: About::Anything,
            patience: PATIENCE,
        };
        let Some(process) = &self.process else { return Ok((0, Value::Null)) };
        let mut answer = super::answer(process.router.clone(), &ask).await;
        if matches!(answer, Some((503, _))) {
            // A failure of the disk that was ordered for the next write may have waited until now.
            answer = super::answer(process.router.clone(), &ask).await;
        }
        let (status, bytes) = answer.unwrap_or_default();
        self.ground.trace.bytes(&bytes);
        Ok((status, serde_json::from_slice(&bytes).unwrap_or_default()))
    }

    /// What is regular would go on for longer than anybody wants to wait: its merchant ends it.
    pub(super) async fn end_subscriptions(&mut self) -> Result<(), Finding> {
        for thing in self.globally.laws.things() {
            let Thing::Subscription { store, reference } = &thing else { continue };
            let shop = shop_of(store);
            let path = format!("/api/subscription/{reference}");
            let (_, read) = self.says_globally(shop, Method::GET, &path, &Value::Null).await?;
            if read["content"]["status"] != "Active" {
                continue;
            }
            let path = format!("{path}/status/cancelled");
            let (status, said) = self.says_globally(shop, Method::PUT, &path, &Value::Null).await?;
            if status != 200 {
                return Err(Finding::new(
                    "in calm, everything that was promised is done",
                    format!("{thing}: {status} {said}"),
                ));
            }
            self.globally.laws.was_told_cancelled(&thing);
        }
        Ok(())
    }

    /// Subscriptions and links, when nothing is under way any more.
    pub(super) async fn things_are_at_rest(&mut self) -> Result<(), Finding> {
        for thing in self.globally.laws.things() {
            self.look_at_thing(&thing, true).await?;
        }
        self.references_are_kept().await
    }

    /// What somebody was told is taken by a reference is still found by it.
    async fn references_are_kept(&mut self) -> Result<(), Finding> {
        let accepted: Vec<_> = self
            .globally
            .laws
            .accepted()
            .map(|(store, kind, reference, ours)| (store, kind, reference.to_owned(), ours.to_owned()))
            .collect();
        for (store, kind, reference, ours) in accepted {
            let (path, member) = match kind {
                "transaction" => (format!("/api/transaction/{reference}/status"), "order_ref"),
                "link" => (format!("/api/paymentLink/{reference}/status"), "paymentLinkRef"),
                _ => continue,
            };
            let (status, found) =
                self.says_globally(shop_of(store), Method::GET, &path, &Value::Null).await?;
            if status != 200 || found["content"][member] != ours.as_str() {
                return Err(Finding::new(
                    "what was made is never lost",
                    format!("{kind} {store}/{reference} is {ours}, and {status} {found}"),
                ));
            }
        }
        Ok(())
    }

    /// Every status that something has come to was told to whoever listens.
    pub(super) async fn every_status_was_told(&mut self) -> Result<(), Finding> {
        let things = self.globally.laws.things();
        for thing in things {
            let (topic, status) = match self.standing_of(&thing).await? {
                Some(standing) => standing,
                None => continue,
            };
            self.was_told(shop_of(thing.store()), topic, thing.reference(), status)?;
        }
        Ok(())
    }

    fn was_told(&self, shop: &Shop, topic: Topic, subject: &str, status: &str) -> Result<(), Finding> {
        if self.ground.post.has_heard(&shop.global_endpoint(topic), topic, subject, status) {
            return Ok(());
        }
        let what = format!("{} {}/{subject} is {status}", topic.as_str(), shop.id);
        Err(Finding::new("every status of the Global dialect is told", what))
    }

    async fn standing_of(&self, thing: &Thing) -> Result<Option<(Topic, &'static str)>, Finding> {
        let Some(process) = &self.process else { return Ok(None) };
        let storage = &process.composed.app.storage;
        let unread = |error: paypier_storage::ReadError| {
            Finding::new("what is stored can be read", format!("{thing}: {error}"))
        };
        match thing {
            Thing::Link { reference, .. } => {
                let link = storage.payment_link(reference).await.map_err(unread)?;
                let status = link.map(|link| link.status).filter(|status| *status != LinkStatus::Created);
                Ok(status.map(|status| (Topic::PaymentLink, status.as_str())))
            }
            Thing::Subscription { store, reference } => {
                let (store, reference) = (shop_of(store).store(), SubscriptionRef::known(reference.as_str()));
                let stored = storage.subscription(&store, &reference).await.map_err(unread)?;
                let status = stored.and_then(|stored| match &stored.state {
                    State::Created { .. } => None,
                    State::Active(_) => Some("Active"),
                    State::Ended { how, .. } => Some(match how.status() {
                        SubscriptionStatus::Completed => "Completed",
                        SubscriptionStatus::Expired => "Expired",
                        _ => "Cancelled",
                    }),
                });
                Ok(status.map(|status| (Topic::Subscription, status)))
            }
        }
    }

    /// Both dialects are asked about the same payments.
    pub(super) async fn dialects_agree(&mut self) -> Result<(), Finding> {
        let all: Vec<Payment> = self.payments.all().cloned().collect();
        let is_of_this = |payment: &&Payment| !payment.id.starts_with("order-");
        let mut asked: Vec<Payment> = all.iter().filter(is_of_this).cloned().collect();
        let others: Vec<Payment> = all.iter().filter(|payment| !is_of_this(payment)).cloned().collect();
        let mut dice = Dice::for_purpose(self.plan.seed, 9);
        for _ in 0..SAMPLE {
            asked.extend(dice.pick(&others).cloned());
        }
        for payment in asked {
            self.tell_the_same(&payment).await?;
        }
        Ok(())
    }

    async fn tell_the_same(&mut self, payment: &Payment) -> Result<(), Finding> {
        let Some(process) = &self.process else { return Ok(()) };
        let stored = process.composed.app.storage.payment(&super::look::key_of(payment)).await;
        if !matches!(stored, Ok(Some(_))) {
            return Ok(());
        }
        let shop = shop_of(payment.store);
        let one = self.says("GET", &format!("/payments/{}", payment.id), shop.secret).await?;
        let path = format!("/api/{}/transaction-details", shop.client_key());
        let (status, other) =
            self.says_globally(shop, Method::POST, &path, &json!({ "order_ref": payment.id })).await?;
        let path = format!("/api/refund/{}", payment.id);
        let (refunds_status, refunds) = self.says_globally(shop, Method::GET, &path, &Value::Null).await?;
        let differ = |what: &str| {
            let what = format!("{payment}, {what}: {one} | {other} | {refunds}");
            Err(Finding::new("both dialects tell the same truth", what))
        };
        if status != 200 || refunds_status != 200 {
            return differ("one does not know it");
        }
        let content = &other["content"];
        let (here, there) = (one["status"].as_str().unwrap_or(""), content["status"].as_str().unwrap_or(""));
        let agree = match here {
            "READY" => matches!(there, "Initiated" | "Expired"),
            "PENDING" | "VIRTUAL_ACCOUNT_ISSUED" => there == "Pending",
            "PAID" | "PARTIAL_CANCELLED" => matches!(there, "Success" | "Authorized"),
            "CANCELLED" => matches!(there, "Success" | "Voided"),
            "FAILED" => matches!(there, "Failed" | "Cancelled" | "Expired" | "Initiated"),
            _ => false,
        };
        if !agree {
            return differ("the status");
        }
        let decimals = if content["currency"] == "USD" { 2 } else { 0 };
        let minor = |number: &Value| {
            let decimal: Option<Decimal> = number.to_string().parse().ok();
            decimal.and_then(|decimal| decimal.minor_units(decimals).ok())
        };
        let is_paid = matches!(here, "PAID" | "PARTIAL_CANCELLED" | "CANCELLED");
        if is_paid && minor(&content["amount"]) != one["amount"]["total"].as_i64() {
            return differ("the amount");
        }
        let succeeded = |rows: &Value, member: &str, word: &str, amount: &str| {
            let mut rows = rows.as_array().into_iter().flatten().filter(|row| row[member] == word);
            rows.try_fold(0i64, |sum, row| sum.checked_add(minor(&row[amount])?))
        };
        let back_there = succeeded(&refunds["refundDetails"], "refund_status", "SUCCESS", "amount");
        let v2_back = one["cancellations"].as_array().into_iter().flatten();
        let v2_back = v2_back
            .filter(|row| row["status"] == "SUCCEEDED")
            .try_fold(0i64, |sum, row| sum.checked_add(row["totalAmount"].as_i64()?));
        if back_there != v2_back {
            return differ("what was given back");
        }
        if matches!(there, "Success" | "Failed" | "Authorized" | "Voided" | "Cancelled")
            && content["order_ref"] == payment.id.as_str()
            && !payment.id.starts_with("order-")
        {
            self.was_told(shop, Topic::Payment, &payment.id, there)?;
        }
        Ok(())
    }
}
