//! What the operators of the two marketplaces ask of the settlement platform: terms, partners, transfers,
//! settlements, and payouts that one person makes and another approves.
//!
//! A merchant's platform is reached with the secret of its representative store, whose clock is the
//! platform's. All ids begin with the merchant's, so that whatever is told to the wrong one shows.

pub mod lists;
pub mod operator;
pub mod partners;
pub mod settling;
pub mod terms;
pub mod transfers;

use super::{About, Ask, Scene};
use crate::model::Marketplace;
use crate::office::{Person, SHOPS};
use bytes::Bytes;
use http::Method;
use jiff::civil::Date;
use paypier_domain::settlement::day_in_korea;
use serde_json::Value;

/// What a request about the platform is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deal {
    pub merchant: &'static str,
    pub by: Person,
    pub what: What,
}

/// What is followed of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    Nothing,
    /// Somebody who may not: the answer must be a refusal.
    Forbidden,
    /// A list of the LIVE environment, where nothing ever happens.
    NothingLive,
    /// A partner is made or changed, vouched for by something that was looked up.
    Partner {
        id: String,
        look_up: Option<String>,
    },
    Partners,
    ReadPartner(String),
    /// Whose account it is, of the one account that partners are vouched for with.
    LookUp,
    Order {
        partner: String,
        payment: String,
        is_external: bool,
        has_lines: bool,
    },
    Cancel {
        order: String,
    },
    Manual,
    ReadTransfer(String),
    Delete(String),
    ListSettlements,
    /// What a bulk payout has selected.
    ListInside(String),
    CompletePayout {
        bulk: String,
        settlements: Vec<String>,
    },
    DeleteSettlements(Vec<String>),
    ChangeSettlement(String),
    /// A bulk payout is made, by hand or of a payout that failed.
    MakeBulk,
    /// It is changed: what is in it, its payouts, its end.
    ChangeBulk(String),
    Approve(String),
    ReadBulk(String),
    ListBulks,
    ListPayouts,
    Payout(String),
    Deposit {
        depositor: String,
    },
    Accounts,
    Statement {
        partner: String,
    },
}

/// Goes to a merchant's marketplace, more often to the first one, so that what is asked there meets.
fn market<'a>(scene: &mut Scene<'a>) -> &'a Marketplace {
    let [first, _, second] = &SHOPS;
    let shop = if scene.dice.happens(700) { first } else { second };
    scene.goes_to(shop);
    let known = scene.known;
    known.market(scene.shop.merchant)
}

/// An id of the merchant's.
fn id(scene: &Scene<'_>, rest: &str) -> String {
    format!("{}-{rest}", scene.shop.merchant)
}

/// One of the first so many ids of a kind; mostly of those that are there from the beginning.
fn numbered(scene: &mut Scene<'_>, kind: &str, furnished: u64, most: u64) -> String {
    let number = if scene.dice.happens(750) { scene.dice.below(furnished) } else { scene.dice.below(most) };
    id(scene, &format!("{kind}-{number}"))
}

/// The platform's day in Korea, as far as it was told, and so many days later.
fn day(scene: &Scene<'_>, later: i64) -> Date {
    let now = scene.known.time_of(scene.shop.id, scene.now);
    let today = day_in_korea(now);
    today.checked_add(jiff::Span::new().days(later)).unwrap_or(today)
}

fn anybody(scene: &mut Scene<'_>) -> Person {
    if scene.dice.happens(250) { Person::Second } else { Person::First }
}

/// Of the TEST environment.
fn in_test(path: &str) -> String {
    let mark = if path.contains('?') { '&' } else { '?' };
    format!("{path}{mark}test=true")
}

fn asks(
    scene: &mut Scene<'_>,
    by: Person,
    (method, path): (Method, String),
    body: &Value,
    what: What,
) -> Ask {
    let about = About::Platform(Box::new(Deal { merchant: scene.shop.merchant, by, what }));
    let bytes = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
    let mut ask = scene.open(method, path, bytes, about);
    ask.headers.push(("authorization", format!("PortOne {}", scene.shop.secret_of(by))));
    ask
}

/// Something is read.
fn reads(scene: &mut Scene<'_>, path: &str, what: What) -> Option<Ask> {
    let by = anybody(scene);
    Some(asks(scene, by, (Method::GET, in_test(path)), &Value::Null, what))
}

/// Something is changed by whoever is there.
fn changes(scene: &mut Scene<'_>, method: Method, path: &str, body: &Value, what: What) -> Option<Ask> {
    let by = anybody(scene);
    changes_by(scene, by, (method, path), body, what)
}

/// The same by a certain person, mostly under an idempotency key.
fn changes_by(
    scene: &mut Scene<'_>,
    by: Person,
    (method, path): (Method, &str),
    body: &Value,
    what: What,
) -> Option<Ask> {
    let ask = asks(scene, by, (method, in_test(path)), body, what);
    Some(scene.under_key(ask))
}
