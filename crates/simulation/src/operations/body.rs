//! What requests have in common: who asks, under which key, with which card.

use super::{About, Ask, PATIENCE, Payment};
use crate::dice::Dice;
use crate::model::Known;
use crate::office::{SHOPS, Shop};
use bytes::Bytes;
use http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;

/// What an operation is imagined from.
#[derive(Debug)]
pub struct Scene<'a> {
    pub dice: Dice,
    /// The number of the step, which decides which payments are spoken of.
    pub step: u32,
    /// By the machine's clock.
    pub now: Timestamp,
    /// What the merchants have been told so far.
    pub known: &'a Known,
    pub shop: &'static Shop,
    shop_index: usize,
}

/// Cards of the sandbox, with how often each is used.
const CARDS: &[(&str, u32)] = &[
    (APPROVED, 30),
    ("5555555555554444", 8),
    ("9400000000000000", 2),
    ("4000000000000002", 4),
    ("4000000000009995", 2),
    ("4000000000000069", 1),
    ("4000000000000119", 3),
    ("4000000000000341", 2),
    ("4000000000006000", 5),
    ("4000000000006018", 5),
    ("4000000000006026", 4),
    ("4000000000007726", 8),
    ("4000000000005126", 5),
    ("4000000000005134", 3),
    ("4000000000008888", 6),
];

pub const APPROVED: &str = "4242424242424242";
/// Its issuer asks for a code; used in windows only, because it is declined elsewhere.
pub const CHALLENGED: &str = "4000000000003220";

/// Every number of a card or receipt card that is ever used: none of them may be found anywhere.
pub fn card_numbers() -> impl Iterator<Item = &'static str> {
    CARDS.iter().map(|(number, _)| *number).chain([CHALLENGED]).chain(super::receipts::RECEIPT_CARDS)
}

impl<'a> Scene<'a> {
    pub fn new(seed: u64, step: u32, now: Timestamp, known: &'a Known) -> Self {
        let mut dice = Dice::for_purpose(seed, 3);
        let index = usize::try_from(dice.below(u64::try_from(SHOPS.len()).unwrap_or(1))).unwrap_or(0);
        Self { shop: SHOPS.get(index).unwrap_or(&SHOPS[0]), shop_index: index, dice, step, now, known }
    }

    /// Goes on as somebody of another shop.
    pub fn goes_to(&mut self, shop: &'static Shop) {
        self.shop_index = SHOPS.iter().position(|one| one.id == shop.id).unwrap_or(0);
        self.shop = shop;
    }

    pub const fn shop_index(&self) -> usize {
        self.shop_index
    }

    /// A payment of the shop: mostly one of those that others speak of at the time, so that they meet.
    pub fn payment(&mut self) -> Payment {
        let era = self.step.checked_div(9).unwrap_or(0);
        let mut back = 0u32;
        while back < 20 && self.dice.happens(450) {
            back = back.saturating_add(1);
        }
        Payment { store: self.shop.id, id: format!("order-{}", era.saturating_sub(back)) }
    }

    pub fn card_number(&mut self) -> &'static str {
        self.dice.weighted(CARDS, |(_, weight)| *weight).map_or(APPROVED, |(_, (number, _))| number)
    }

    pub fn card(&mut self) -> Value {
        json!({ "credential": {
            "number": self.card_number(), "expiryYear": "39", "expiryMonth": "12",
            "birthOrBusinessRegistrationNumber": "900101", "passwordTwoDigits": "12",
        }})
    }

    pub fn amount(&mut self) -> i64 {
        self.dice.pick(&[1_000i64, 5_000, 10_000, 33_000]).copied().unwrap_or(1_000)
    }

    /// Adds URLs that are told instead of the shop's endpoint, now and then.
    pub fn with_notices(&mut self, mut body: Value) -> Value {
        if self.dice.happens(250) {
            body["noticeUrls"] = json!([self.shop.other_endpoint()]);
        } else if self.dice.happens(60) {
            body["noticeUrls"] = json!([self.shop.other_endpoint(), self.shop.endpoint()]);
        }
        body
    }

    /// A request with the shop's credential. Its merchant may name the store, and sometimes acts on it
    /// with the secret of the representative store.
    pub fn ask(&mut self, method: Method, path: String, body: Value, about: About) -> Ask {
        let secret = self.dice.happens(80).then(|| {
            SHOPS.iter().find(|other| other.merchant == self.shop.merchant && other.is_representative)
        });
        let (mut body, mut path) = (body, path);
        let credential = match secret.flatten() {
            Some(representative) => {
                if matches!(method, Method::POST | Method::PATCH)
                    && body.is_object()
                    && !path.starts_with("/sandbox")
                {
                    body["storeId"] = json!(self.shop.id);
                } else {
                    let mark = if path.contains('?') { '&' } else { '?' };
                    path = format!("{path}{mark}storeId={}", self.shop.id);
                }
                format!("PortOne {}", representative.secret)
            }
            None => match self.known.access_token(self.shop_index) {
                Some(token) if self.dice.happens(150) => format!("Bearer {token}"),
                _ => format!("PortOne {}", self.shop.secret),
            },
        };
        let bytes = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
        Ask {
            operation: "",
            method,
            path,
            body: bytes,
            headers: vec![("authorization", credential)],
            key: None,
            about,
            patience: self.patience(),
        }
    }

    /// The same, and in most cases under an idempotency key.
    pub fn change(&mut self, method: Method, path: String, body: Value, about: About) -> Ask {
        let ask = self.ask(method, path, body, about);
        self.under_key(ask)
    }

    /// Most requests that change something carry an idempotency key.
    pub fn under_key(&mut self, mut ask: Ask) -> Ask {
        if self.dice.happens(650) {
            let key = format!("key-{:04}-{:016x}", self.step, self.dice.number());
            ask.headers.push(("idempotency-key", format!("\"{key}\"")));
            ask.key = Some((self.shop.merchant, key));
        }
        ask
    }

    /// A request without a credential of the shop.
    pub fn open(&mut self, method: Method, path: String, body: Bytes, about: About) -> Ask {
        Ask {
            operation: "",
            method,
            path,
            body,
            headers: Vec::new(),
            key: None,
            about,
            patience: self.patience(),
        }
    }

    fn patience(&mut self) -> Duration {
        if self.dice.happens(60) { self.dice.millis(0, 800) } else { PATIENCE }
    }
}

/// The criteria of a list, as the SDKs send them.
pub fn with_criteria(path: &str, criteria: &Value) -> String {
    let text = criteria.to_string();
    let text = percent_encoding::utf8_percent_encode(&text, percent_encoding::NON_ALPHANUMERIC);
    format!("{path}?requestBody={text}")
}
