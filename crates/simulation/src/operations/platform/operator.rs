//! Bulk payouts and withdrawals: one person asks for them, another lets them happen, and the bank moves the money.

use super::{What, changes, changes_by, day, id, market, reads};
use crate::model::{Bulk, Marketplace, Settled};
use crate::office::Person;
use crate::operations::{About, Ask, Scene, first};
use http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

const BULKS: &str = "/operator/platform/bulk-payouts";

pub fn make(scene: &mut Scene<'_>) -> Option<Ask> {
    let market = market(scene);
    if !market.all_settled().any(Settled::is_payable) && scene.dice.happens(800) {
        // Whoever knows of nothing that could be paid looks first.
        return first("getPartnerSettlements", super::settling::list(scene));
    }
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
    let body = match scene.dice.below(10) {
        0 | 1 => {
            let one = market.settled(&mut scene.dice, Settled::is_payable)?;
            json!({ "select": [one.id] })
        }
        2 => {
            let one = market.settled(&mut scene.dice, Settled::is_payable)?;
            json!({ "deselect": [one.id] })
        }
        _ => json!({ "deselect": of_those_who_owe(market, &bulk) }),
    };
    changes_inside(scene, bulk, &body)
}

fn changes_inside(scene: &mut Scene<'_>, bulk: Bulk, body: &Value) -> Option<Ask> {
    let path = format!("{BULKS}/{}/partner-settlements", bulk.id);
    changes(scene, Method::POST, &path, body, What::ChangeBulk(bulk.id))
}

/// Partners who owe something wait with all of what they are owed.
fn of_those_who_owe(market: &Marketplace, bulk: &Bulk) -> Vec<String> {
    let inside = || market.all_settled().filter(|one| one.bulk_is(&bulk.id));
    let mut owed: BTreeMap<&str, i64> = BTreeMap::new();
    for one in inside() {
        let sum = owed.entry(&one.partner).or_default();
        *sum = sum.saturating_add(one.amount);
    }
    let owes = |one: &&Settled| owed.get(one.partner.as_str()).is_some_and(|sum| *sum < 0);
    inside().filter(owes).map(|one| one.id.clone()).take(30).collect()
}

/// Makes the payouts of what is selected. A careful operator looks at it first, and takes out whoever owes.
pub fn generate(scene: &mut Scene<'_>) -> Option<Ask> {
    let bulk = bulk(scene, "PREPARING")?;
    if scene.dice.happens(800) {
        let market = scene.known.market(scene.shop.merchant);
        if !market.all_settled().any(|one| one.bulk_is(&bulk.id)) {
            return first("operatorGetBulkSettlements", inside_of(scene, bulk.id));
        }
        let owing = of_those_who_owe(market, &bulk);
        if !owing.is_empty() {
            let ask = changes_inside(scene, bulk, &json!({ "deselect": owing }));
            return first("operatorSelectSettlements", ask);
        }
    }
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
    let Some(bulk) = bulk(scene, "PREPARED") else {
        return first("operatorGeneratePayouts", generate(scene));
    };
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
    inside_of(scene, bulk.id)
}

fn inside_of(scene: &mut Scene<'_>, bulk: String) -> Option<Ask> {
    let path = format!("{BULKS}/{bulk}/partner-settlements?page=0&size=50");
    reads(scene, &path, What::ListInside(bulk))
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
    let statuses: &[&str] = if scene.dice.happens(150) { &["PROCESSING"] } else { &["FAILED"] };
    step(scene, "retry", statuses).or_else(|| first("getPayouts", super::lists::payouts(scene)))
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

/// To an account that receives the money, or to one that the bank rejects.
pub fn withdraw(scene: &mut Scene<'_>) -> Option<Ask> {
    market(scene);
    let memo = format!("out-{}", scene.step);
    let amount = scene.dice.pick(&[1i64, 50_000, 600_000_000]).copied()?;
    let number = if scene.dice.happens(250) { "200-13" } else { "200-7" };
    let body = json!({
        "amount": amount, "bank": "SHINHAN", "accountNumber": number, "holder": "we", "withdrawalMemo": memo,
    });
    let path = "/operator/platform/accounts/mock/withdrawals";
    changes(scene, Method::POST, path, &body, What::Withdraw { memo })
}

/// Somebody else lets the money out; sometimes whoever has asked tries.
pub fn approve_withdrawal(scene: &mut Scene<'_>) -> Option<Ask> {
    let (id, by) = withdrawal(scene)?;
    let other = match by {
        Some(Person::First) => Person::Second,
        Some(Person::Second) => Person::First,
        None => super::anybody(scene),
    };
    let by = if scene.dice.happens(120) { super::anybody(scene) } else { other };
    let path = format!("/operator/platform/account-transfers/{id}/approve");
    changes_by(scene, by, (Method::POST, &path), &json!({}), What::Withdrawal)
}

pub fn cancel_withdrawal(scene: &mut Scene<'_>) -> Option<Ask> {
    let (id, _) = withdrawal(scene)?;
    let path = format!("/operator/platform/account-transfers/{id}/cancel");
    changes(scene, Method::POST, &path, &json!({}), What::Withdrawal)
}

fn withdrawal(scene: &mut Scene<'_>) -> Option<(String, Option<Person>)> {
    let market = market(scene);
    market.withdrawal(&mut scene.dice)
}
