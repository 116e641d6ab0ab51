//! Partners beside what they have in common with rules ([`super::terms::bakeries`]): many at once, what banks
//! and the tax office say, and the provider of tax invoices.

use super::terms::Kind;
use super::{What, changes, id, market, numbered, reads};
use crate::operations::{Ask, Scene, with_criteria};
use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

/// Receives money, and is rejected by the bank after it was accepted.
const ACCOUNTS: [&str; 2] = ["110123456781", "110123456713"];
/// A registration number whose business goes on, has closed, is nobody's.
const COMPANIES: [&str; 3] = ["1208147521", "1208000039", "1208147522"];

fn account(number: &str) -> Value {
    json!({ "bank": "KOOKMIN", "currency": "KRW", "number": number, "holder": "Hong" })
}

/// Who the first ones are; the others are drawn.
pub fn kind(number: u64) -> Value {
    match number.checked_rem(4).unwrap_or(0) {
        0 => json!({ "whtPayer": { "birthdate": "1990-01-02" } }),
        1 => json!({ "business": {
            "companyName": "Bread Inc.", "businessRegistrationNumber": COMPANIES[0], "representativeName": "Hong",
        }}),
        2 => json!({ "whtPayer": {} }),
        _ => json!({ "nonWhtPayer": {} }),
    }
}

/// A partner. The bank rejects the account of the third.
pub fn bakery(merchant: &str, number: u64, account_number: &str) -> Value {
    json!({
        "id": format!("{merchant}-bakery-{number}"), "name": "a bakery", "tags": ["bread"], "type": kind(number),
        "contact": { "name": "Hong", "email": "hong@example.com" }, "account": account(account_number),
        "defaultContractId": format!("{merchant}-contract-{}", number.checked_rem(2).unwrap_or(0)),
    })
}

pub fn furnished(merchant: &str, number: u64) -> Value {
    bakery(merchant, number, if number == 2 { ACCOUNTS[1] } else { ACCOUNTS[0] })
}

pub fn partner(scene: &mut Scene<'_>, number: u64) -> Value {
    let number_of_account = scene.dice.pick(&ACCOUNTS).copied().unwrap_or(ACCOUNTS[0]);
    let mut body = bakery(scene.shop.merchant, number, number_of_account);
    if scene.dice.happens(200) {
        body["account"]["currency"] = json!("USD");
    }
    // What was looked up vouches once.
    if let Some((look_up, holder)) = scene.known.market(scene.shop.merchant).look_up(&mut scene.dice) {
        body["account"] = account(ACCOUNTS[0]);
        body["account"]["holder"] = json!(holder);
        body["account"]["accountVerificationId"] = json!(look_up);
    }
    body
}

pub fn update(scene: &mut Scene<'_>) -> Value {
    match scene.dice.below(6) {
        0 | 1 => json!({ "account": account(ACCOUNTS[0]) }),
        2 => json!({ "account": account(ACCOUNTS[1]) }),
        3 => json!({ "memo": "later", "tags": ["bread", "cake"] }),
        4 => json!({ "defaultContractId": numbered(scene, "contract", 2, 6) }),
        _ => json!({ "type": kind(scene.dice.below(4)) }),
    }
}

pub fn filter(scene: &mut Scene<'_>) -> Value {
    match scene.dice.below(5) {
        0 => json!({ "tags": ["bread"] }),
        1 => json!({ "types": ["WHT_PAYER"], "accountCurrencies": ["KRW"] }),
        2 => json!({ "keyword": { "name": "BAKERY" } }),
        3 => json!({ "accountStatuses": ["VERIFY_FAILED"], "banks": ["KOOKMIN"] }),
        _ => json!({ "contractIds": [id(scene, "contract-0")] }),
    }
}

fn any(scene: &mut Scene<'_>) -> String {
    numbered(scene, "bakery", Kind::Partner.furnished(), 8)
}

pub fn options(scene: &mut Scene<'_>) -> Option<Ask> {
    market(scene);
    reads(scene, "/platform/partner-filter-options", What::Nothing)
}

pub fn batch(scene: &mut Scene<'_>) -> Option<Ask> {
    market(scene);
    let first = Kind::Partner.furnished().saturating_add(scene.dice.below(3));
    let partners: Vec<Value> =
        [first, first.saturating_add(1)].into_iter().map(|number| partner(scene, number)).collect();
    let body = json!({ "partners": partners });
    changes(scene, Method::POST, "/platform/partners/batch", &body, What::Partners)
}

pub fn schedule_many(scene: &mut Scene<'_>) -> Option<Ask> {
    market(scene);
    let now = scene.known.time_of(scene.shop.id, scene.now);
    let at = now.checked_add(SignedDuration::from_hours(5)).unwrap_or(now);
    let at = jiff::Timestamp::from_second(at.as_second()).unwrap_or(at);
    let ids = [any(scene), any(scene)];
    let body = json!({
        "filter": { "ids": ids }, "update": { "memo": "all of them" }, "appliedAt": at.to_string(),
    });
    changes(scene, Method::POST, "/platform/partners/schedule", &body, What::Partners)
}

fn counterparty(scene: &mut Scene<'_>, word: &str) -> Option<Ask> {
    market(scene);
    let id = if scene.dice.happens(500) { id(scene, "bakery-1") } else { any(scene) };
    let path = format!("/platform/partners/counterparty-{word}/{id}");
    changes(scene, Method::POST, &path, &json!({}), What::Partner { id, look_up: None })
}

pub fn connect(scene: &mut Scene<'_>) -> Option<Ask> {
    counterparty(scene, "connect")
}

pub fn disconnect(scene: &mut Scene<'_>) -> Option<Ask> {
    counterparty(scene, "disconnect")
}

fn counterparties(scene: &mut Scene<'_>, word: &str) -> Option<Ask> {
    market(scene);
    let body = json!({ "filter": { "tags": ["bread"] } });
    let path = format!("/platform/partners/counterparty-{word}");
    changes(scene, Method::POST, &path, &body, What::Partners)
}

pub fn connect_many(scene: &mut Scene<'_>) -> Option<Ask> {
    counterparties(scene, "connect")
}

pub fn disconnect_many(scene: &mut Scene<'_>) -> Option<Ask> {
    counterparties(scene, "disconnect")
}

pub fn holder(scene: &mut Scene<'_>) -> Option<Ask> {
    market(scene);
    let bank = scene.dice.pick(&["KOOKMIN", "KOOKMIN", "BANK_OF_KOREA"]).copied()?;
    // Nobody's, and a bank that is closed for the moment.
    let number = scene.dice.pick(&[ACCOUNTS[0], ACCOUNTS[1], "110123456700", "110123456799"]).copied()?;
    let what = if (bank, number) == ("KOOKMIN", ACCOUNTS[0]) { What::LookUp } else { What::Nothing };
    reads(scene, &format!("/platform/bank-accounts/{bank}/{number}/holder"), what)
}

pub fn company(scene: &mut Scene<'_>) -> Option<Ask> {
    market(scene);
    let number = scene.dice.pick(&COMPANIES).copied()?;
    reads(scene, &format!("/platform/companies/{number}/state"), What::Nothing)
}

/// A store that is not the representative one does not reach the platform.
pub fn from_another_store(scene: &mut Scene<'_>) -> Option<Ask> {
    let [_, other, _] = &crate::office::SHOPS;
    scene.goes_to(other);
    reads(scene, "/platform/partners", What::Forbidden)
}

/// Nothing is LIVE in this world.
pub fn live(scene: &mut Scene<'_>) -> Option<Ask> {
    market(scene);
    let path = with_criteria("/platform/partners", &json!({}));
    let path = if scene.dice.happens(500) { format!("{path}&test=false") } else { path };
    let by = super::anybody(scene);
    Some(super::asks(scene, by, (Method::GET, path), &Value::Null, What::NothingLive))
}
