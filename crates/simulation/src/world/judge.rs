//! Judging: what each answer says about what must be true from now on, and what callers learn from it.

use super::{World, page_of_events, page_of_feed};
use crate::ground::Finding;
use crate::model::Answered;
use crate::operations::{About, Payment, internal_error};

impl World<'_> {
    /// What an answer says about what must be true from now on.
    pub(super) fn judge(&mut self, answered: &Answered) -> Result<(), Finding> {
        if answered.status == 500 {
            return Err(internal_error(answered.ask.operation, &answered.bytes));
        }
        self.keys.answered(answered)?;
        if let About::Platform(deal) = &answered.ask.about {
            let known = self.known.markets.at(deal.merchant);
            return self.markets.of(deal.merchant).answered(deal, answered, known);
        }
        let body = &answered.body;
        let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
        match (&answered.ask.about, answered.succeeds()) {
            (About::Trespass | About::ForgedNotification, true) => {
                return Err(Finding::new(
                    "what does not concern the caller is refused",
                    format!("{} {}", answered.ask.operation, answered.ask.path),
                ));
            }
            (About::Health, false) => {
                return Err(Finding::new(
                    "what needs no database always answers",
                    format!("{}: {}", answered.ask.path, answered.status),
                ));
            }
            (About::Pay { payment, amount, is_captured_later, is_in_escrow }, true) => {
                self.payments.was_told_paid(payment, *amount);
                self.known.is_paid(payment);
                if *is_captured_later {
                    self.known.is_capturable(payment);
                }
                if *is_in_escrow {
                    self.known.is_in_escrow(payment);
                }
            }
            (About::IssueAccount { payment }, true) => self.known.account_issued(payment, 0),
            (About::Escrow { payment }, true) => {
                let is_complete = body["completedAt"].is_string();
                if is_complete || body["appliedAt"].is_string() {
                    self.payments.was_told_of_delivery(payment, is_complete);
                }
            }
            (About::CloseAccount { payment }, true) => {
                if let Some(at) = body["closedAt"].as_str().and_then(|at| at.parse().ok()) {
                    self.payments.was_told_closed(payment, at);
                }
            }
            (About::Authenticate { payment, amount }, true) => {
                if let Some(token) = text(&body["paymentToken"]) {
                    self.known.window_opened(payment, token, *amount);
                }
            }
            (About::OpenCheckout { payment }, true) => {
                if let Some(window) = text(&body["window"]) {
                    self.known.checkout_opened(payment, window);
                }
            }
            (About::Confirm { payment, amount }, true) => {
                self.payments.was_told_paid(payment, *amount);
                self.known.is_paid(payment);
            }
            (About::Follow { store, after }, true) => {
                let (next, seen) = page_of_events(body);
                self.known.followed(store, after.as_ref(), next.as_deref(), seen);
            }
            (About::Feed { store, after }, true) => {
                let (next, seen) = page_of_feed(body);
                self.known.fed(store, after.as_ref(), next.as_deref(), seen);
            }
            (About::Cancel { payment }, true) => {
                let cancellation = &body["cancellation"];
                let (id, amount) = (text(&cancellation["id"]), cancellation["totalAmount"].as_i64());
                if let (Some(id), Some(amount)) = (id, amount) {
                    match cancellation["status"].as_str() {
                        Some("SUCCEEDED") => {
                            self.payments.was_told_refunded(payment, &id, amount);
                            self.known.was_cancelled(payment, id, amount);
                        }
                        _ => self.known.cancellation_waits(payment, id),
                    }
                }
            }
            (About::IssueKey { store }, true) => {
                let key = text(&body["billingKeyInfo"]["billingKey"]).or_else(|| text(&body["billingKey"]));
                if let Some(key) = key {
                    self.known.has_key(store, key);
                }
            }
            (About::Plan { payment }, true) => {
                if let Some(schedule) = text(&body["schedule"]["id"]) {
                    self.known.is_planned(payment.store, schedule.clone());
                    self.schedules.was_told_planned(schedule, payment.clone());
                }
            }
            (About::Revoke, true) => {
                for schedule in body["revokedScheduleIds"].as_array().into_iter().flatten().filter_map(text) {
                    self.schedules.was_told_revoked(schedule);
                }
            }
            (About::ReadSchedule { schedule }, false) if answered.status == 404 => {
                return Err(Finding::new("a schedule that was accepted is never lost", schedule.clone()));
            }
            (About::Untaxed, true) if body["items"] != serde_json::json!([]) => {
                return Err(Finding::new(
                    "TEST and LIVE never meet",
                    format!("a report for the tax: {body}"),
                ));
            }
            (About::MoveClock { store }, true) => {
                let ahead = body["ahead"].as_str().and_then(|ahead| ahead.parse().ok());
                self.known.clock_was_moved(store, ahead.unwrap_or_default());
            }
            (About::CreateSession { payment }, true) => {
                if let Some(session) = text(&body["sessionId"]) {
                    self.known.has_session(payment, session);
                }
            }
            (About::SeePage { payment, path }, true) => {
                self.known.saw_page(payment, path, &String::from_utf8_lossy(&answered.bytes));
            }
            (About::SeePage { payment, .. }, false) if answered.status == 303 => {
                self.was_led_on(&payment.clone(), &String::from_utf8_lossy(&answered.bytes))?;
            }
            (About::Global(matter), _) => self.judge_globally(matter, answered)?,
            (About::SendForm { payment }, true) => {
                // A form that was wrong is shown again.
                self.known.saw_page(payment, &answered.ask.path, &String::from_utf8_lossy(&answered.bytes));
            }
            (About::SendForm { payment }, false) if answered.status == 303 => {
                self.known.was_led_to(payment, &String::from_utf8_lossy(&answered.bytes));
            }
            (About::OpenKeyCheckout { store }, true) => {
                if let Some(key) = text(&body["ids"]["billingKey"]) {
                    self.known.key_asked(store, key);
                }
            }
            (About::Login { store } | About::Refresh { store, .. }, true) => {
                if let (Some(access), Some(refresh)) =
                    (text(&body["accessToken"]), text(&body["refreshToken"]))
                {
                    self.known.logged_in(*store, access, refresh);
                }
            }
            (About::Identity { store, id }, true) => {
                let who = if body["status"] == "VERIFIED" { body } else { &body["identityVerification"] };
                if who.is_object() && !self.known.was_verified(store, id, who) {
                    return Err(Finding::new(
                        "somebody is verified once, and stays who they are",
                        format!("{store}/{id}: {who}"),
                    ));
                }
            }
            (About::ReadPayment { payment }, _) => self.was_read(payment.clone(), answered)?,
            _ => {}
        }
        Ok(())
    }

    /// A merchant reads a payment, and learns what it can ask about.
    fn was_read(&mut self, payment: Payment, answered: &Answered) -> Result<(), Finding> {
        if answered.ask.operation != "getPayment" {
            return Ok(());
        }
        if answered.status == 404 && answered.was_acknowledged {
            return self.payments.is_missing(&payment);
        }
        let body = &answered.body;
        if !answered.succeeds() {
            return Ok(());
        }
        let status = body["status"].as_str().unwrap_or("");
        if answered.was_acknowledged && !matches!(status, "PAID" | "PARTIAL_CANCELLED" | "CANCELLED") {
            return Err(Finding::new(
                "an acknowledged payment reads as paid",
                format!("{payment} reads {status}"),
            ));
        }
        if status == "VIRTUAL_ACCOUNT_ISSUED"
            && let Some(total) = body["amount"]["total"].as_i64()
        {
            self.known.account_issued(&payment, total);
        }
        if let Some(url) = body["receiptUrl"].as_str() {
            self.known.heard_of_receipt(url.to_owned());
        }
        if let (Some(pg_tx_id), Some(transaction)) = (body["pgTxId"].as_str(), body["transactionId"].as_str())
        {
            self.known.heard_of_charge(payment.store, pg_tx_id.to_owned(), transaction.to_owned());
        }
        for webhook in body["webhooks"].as_array().into_iter().flatten() {
            if let Some(id) = webhook["id"].as_str() {
                self.known.heard_of_message(id.to_owned());
            }
        }
        Ok(())
    }
}
