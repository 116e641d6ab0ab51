//! Bulk payouts: one person makes them, another lets them happen, and the bank moves the money.

use super::{What, changes, changes_by, day, id, market, reads};
use crate::model::{Bulk, Settled};
use crate::office::Person;
use crate::operations::{About, Ask, Scene};
use http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;

const BULKS: &str = "/operator/platform/bulk-payouts";

pub fn make(scene: &mut Scene<'_>) -> Option<Ask> {
    let market = market(scene);
    let by = super::anybody(scene);
    let days: Vec<String> = if scene.dice.happens(700) {
        let mut days: Vec<String> =
            market.all_settled().filter(|one| one.is_payable()).map(|one| one.settles_on.clone()).collect();
        days.sort();
        days.dedup();
        days.truncate(10);
        days
    } else {
        [0, -1].map(|later| day(scene, later).to_string()).to_vec()
    };
    let days = if days.is_empty() { vec![day(scene, 0).to_string()] } else { days };
    let method = if scene.dice.happens(800) { "AGENCY" } else { "DIRECT" };
    let mut body = json!({ "method": method, "currency": "KRW", "settlementDates": days });
    if scene.dice.happens(700) {
        body["id"] = json!(id(scene, &format!("bulk-{}", scene.step)));
    }
    changes_by(scene, by, (Method::POST, BULKS), &body, What::MakeBulk)
}

/// A bulk payout that stands somewhere, or any.
fn bulk(scene: &mut Scene<'_>, status: &str) -> Option<Bulk> {
    let market = market(scene);
    if scene.dice.happens(60) {
        return market.bulk(&mut scene.dice, |_| true).cloned();
    }
    market.bulk(&mut scene.dice, |bulk| bulk.status == status).cloned()
}

/// Takes out what is below nothing, or something, or puts something in.
pub fn select(scene: &mut Scene<'_>) -> Option<Ask> {
    let bulk = bulk(scene, "PREPARING")?;
    let market = scene.known.market(scene.shop.merchant);
    let of = |wanted: &dyn Fn(&Settled) -> bool| -> Vec<String> {
        market.all_settled().filter(|one| wanted(one)).map(|one| one.id.clone()).take(30).collect()
    };
    let body = match scene.dice.below(10) {
        0 | 1 => {
            let one = market.settled(&mut scene.dice, Settled::is_payable)?;
            json!({ "select": [one.id] })
        }
        2 => {
            let one = market.settled(&mut scene.dice, Settled::is_payable)?;
            json!({ "deselect": [one.id] })
        }
        // Partners who owe something wait with all of what they are owed.
        _ => {
            let owing: Vec<&str> = market
                .all_settled()
                .filter(|one| one.amount < 0 && one.is_payable())
                .map(|one| one.partner.as_str())
                .collect();
            json!({ "deselect": of(&|one| one.bulk_is(&bulk.id) && owing.contains(&one.partner.as_str())) })
        }
    };
    let path = format!("{BULKS}/{}/partner-settlements", bulk.id);
    changes(scene, Method::POST, &path, &body, What::ChangeBulk(bulk.id))
}

pub fn generate(scene: &mut Scene<'_>) -> Option<Ask> {
    let bulk = bulk(scene, "PREPARING")?;
    let body = if scene.dice.happens(300) { json!({ "depositMemo": "bread" }) } else { json!({}) };
    let path = format!("{BULKS}/{}/payouts", bulk.id);
    changes(scene, Method::POST, &path, &body, What::ChangeBulk(bulk.id))
}

/// The next slots of ten minutes.
fn slot(scene: &mut Scene<'_>) -> Timestamp {
    let now = scene.known.time_of(scene.shop.id, scene.now).as_second();
    let slots = i64::try_from(scene.dice.between(1, 4)).unwrap_or(1);
    let at = now.saturating_sub(now.rem_euclid(600)).saturating_add(slots.saturating_mul(600));
    Timestamp::from_second(at).unwrap_or(Timestamp::MAX)
}

/// Somebody else lets it happen; sometimes the same person tries.
pub fn approve(scene: &mut Scene<'_>) -> Option<Ask> {
    let bulk = bulk(scene, "PREPARED")?;
    let other = match bulk.maker {
        Some(Person::First) => Person::Second,
        Some(Person::Second) => Person::First,
        None => super::anybody(scene),
    };
    let by = if scene.dice.happens(120) { super::anybody(scene) } else { other };
    let body =
        if scene.dice.happens(200) { json!({ "scheduledAt": slot(scene).to_string() }) } else { json!({}) };
    let path = format!("{BULKS}/{}/approve", bulk.id);
    changes_by(scene, by, (Method::POST, &path), &body, What::Approve(bulk.id))
}

pub fn cancel(scene: &mut Scene<'_>) -> Option<Ask> {
    let status = if scene.dice.happens(700) { "PREPARED" } else { "PREPARING" };
    let bulk = bulk(scene, status)?;
    let path = format!("{BULKS}/{}/cancel", bulk.id);
    changes(scene, Method::POST, &path, &json!({}), What::ChangeBulk(bulk.id))
}

/// Time passes at a marketplace: banks open, they say how something ended, a day begins.
pub fn wait(scene: &mut Scene<'_>) -> Option<Ask> {
    market(scene);
    let by = scene.dice.pick(&["PT6M", "PT6M", "PT61M", "PT10H", "P1D"]).copied()?;
    let about = About::MoveClock { store: scene.shop.id };
    let mut ask = scene.ask(Method::POST, "/sandbox/clock".into(), json!({ "advance": by }), about);
    // As everybody who moves a clock.
    ask.patience = Duration::from_secs(86_400);
    Some(ask)
}

fn any_bulk(scene: &mut Scene<'_>) -> Option<Bulk> {
    market(scene).bulk(&mut scene.dice, |_| true).cloned()
}

pub fn read(scene: &mut Scene<'_>) -> Option<Ask> {
    let bulk = any_bulk(scene)?;
    reads(scene, &format!("{BULKS}/{}", bulk.id), What::ReadBulk(bulk.id))
}

pub fn inside(scene: &mut Scene<'_>) -> Option<Ask> {
    let bulk = any_bulk(scene)?;
    let path = format!("{BULKS}/{}/partner-settlements?page=0&size=50", bulk.id);
    reads(scene, &path, What::ListInside(bulk.id))
}

/// Another marketplace's bulk payout cannot be approved from here.
pub fn approve_anothers(scene: &mut Scene<'_>) -> Option<Ask> {
    let bulk = any_bulk(scene)?;
    let [first, _, second] = &crate::office::SHOPS;
    scene.goes_to(if scene.shop.id == first.id { second } else { first });
    let path = format!("{BULKS}/{}/approve", bulk.id);
    changes(scene, Method::POST, &path, &json!({}), What::Forbidden)
}

fn payout(scene: &mut Scene<'_>, statuses: &[&str]) -> Option<String> {
    let market = market(scene);
    if scene.dice.happens(100) {
        return market.payout(&mut scene.dice, |_| true);
    }
    market.payout(&mut scene.dice, |status| statuses.contains(&status))
}

pub fn read_payout(scene: &mut Scene<'_>) -> Option<Ask> {
    let id = payout(scene, &["CONFIRMED", "PREPARED", "PROCESSING", "SUCCEEDED", "FAILED"])?;
    reads(scene, &format!("/operator/platform/payouts/{id}"), What::Payout(id))
}

fn step(scene: &mut Scene<'_>, word: &str, statuses: &[&str]) -> Option<Ask> {
    let id = payout(scene, statuses)?;
    let by = super::anybody(scene);
    let what = if word == "retry" { What::MakeBulk } else { What::Payout(id.clone()) };
    let path = format!("/operator/platform/payouts/{id}/{word}");
    changes_by(scene, by, (Method::POST, &path), &json!({}), what)
}

/// Takes one out of the line while it waits there, which is not for long.
pub fn stop(scene: &mut Scene<'_>) -> Option<Ask> {
    step(scene, "stop", &["PREPARED", "PROCESSING"])
}

pub fn cancel_payout(scene: &mut Scene<'_>) -> Option<Ask> {
    step(scene, "cancel", &["STOPPED", "CONFIRMED", "FAILED"])
}

pub fn retry(scene: &mut Scene<'_>) -> Option<Ask> {
    // What the bank has not ended yet is not tried again, however often somebody wants it.
    let statuses: &[&str] = if scene.dice.happens(300) { &["PROCESSING"] } else { &["FAILED"] };
    step(scene, "retry", statuses)
}

pub fn accounts(scene: &mut Scene<'_>) -> Option<Ask> {
    market(scene);
    reads(scene, "/operator/platform/accounts", What::Accounts)
}

pub fn deposit(scene: &mut Scene<'_>) -> Option<Ask> {
    market(scene);
    let depositor = format!("we-{}", scene.step);
    let amount = scene.dice.pick(&[1i64, 50_000, 700_000_000]).copied()?;
    let body: Value = json!({ "amount": amount, "depositorName": depositor });
    let path = "/operator/platform/accounts/mock/deposits";
    changes(scene, Method::POST, path, &body, What::Deposit { depositor })
}
