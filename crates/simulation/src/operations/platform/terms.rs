//! Settings, and the three kinds of rules that partners are settled by: contracts, shares of discounts and
//! additional fees. They have the same requests.

use super::{What, changes, id, market, numbered, reads};
use crate::operations::{Ask, Scene, with_criteria};
use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

pub fn setting(scene: &mut Scene<'_>) -> Option<Ask> {
    market(scene);
    reads(scene, "/platform/setting", What::Nothing)
}

pub fn change_setting(scene: &mut Scene<'_>) -> Option<Ask> {
    market(scene);
    let body = match scene.dice.below(6) {
        0 => json!({ "deductWht": scene.dice.happens(500) }),
        1 | 2 => json!({ "settlementAmountType": if scene.dice.happens(500) { "NET" } else { "GROSS" } }),
        3 => json!({ "manualSettlementPerTransfer": scene.dice.happens(500) }),
        4 => json!({ "defaultDepositMemo": "bread", "defaultWithdrawalMemo": "partners" }),
        _ => json!({ "adjustSettlementDateAfterHolidayIfEarlier": scene.dice.happens(500) }),
    };
    changes(scene, Method::PATCH, "/platform/setting", &body, What::Nothing)
}

pub fn october_setting(scene: &mut Scene<'_>) -> Option<Ask> {
    market(scene);
    reads(scene, "/platform", What::Nothing)
}

pub fn change_october_setting(scene: &mut Scene<'_>) -> Option<Ask> {
    market(scene);
    let formulas = [
        "(ORDER_AMOUNT × FIXED_RATE) + FIXED_AMOUNT",
        "올림(PAYMENT_AMOUNT × FIXED_RATE)",
        // A fault, and nothing changes.
        "ORDER_AMOUNT +",
    ];
    let body = match scene.dice.below(3) {
        0 => json!({ "roundType": scene.dice.pick(&["OFF", "UP", "DOWN"]).copied() }),
        1 => json!({ "settlementFormula": { "platformFee": scene.dice.pick(&formulas).copied() } }),
        _ => json!({ "settlementRule": { "subtractWhtInPayoutAmount": scene.dice.happens(600) } }),
    };
    changes(scene, Method::PATCH, "/platform", &body, What::Nothing)
}

pub fn share_options(scene: &mut Scene<'_>) -> Option<Ask> {
    market(scene);
    reads(scene, "/platform/discount-share-policy-filter-options", What::Nothing)
}

/// What is versioned and can be reserved, archived and recovered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Contract,
    Share,
    Fee,
    Partner,
}

impl Kind {
    const fn path(self) -> &'static str {
        match self {
            Self::Contract => "/platform/contracts",
            Self::Share => "/platform/discount-share-policies",
            Self::Fee => "/platform/additional-fee-policies",
            Self::Partner => "/platform/partners",
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Contract => "contract",
            Self::Share => "share",
            Self::Fee => "fee",
            Self::Partner => "bakery",
        }
    }

    /// How many are there from the beginning.
    pub const fn furnished(self) -> u64 {
        match self {
            Self::Contract => 2,
            Self::Share | Self::Fee => 1,
            Self::Partner => 4,
        }
    }

    fn what(self, id: &str) -> What {
        match self {
            Self::Partner => What::Partner { id: id.to_owned(), look_up: None },
            Self::Contract | Self::Share | Self::Fee => What::Nothing,
        }
    }

    /// A small change of its terms.
    fn update(self, scene: &mut Scene<'_>) -> Value {
        let rate = scene.dice.pick(&[0u64, 5_000, 10_000, 50_000]).copied().unwrap_or(0);
        match self {
            Self::Contract => match scene.dice.below(3) {
                0 => {
                    json!({ "platformFeeVatPayer": if scene.dice.happens(500) { "MERCHANT" } else { "PARTNER" } })
                }
                1 => json!({ "subtractPaymentVatAmount": scene.dice.happens(400) }),
                _ => json!({ "platformFee": { "fixedRate": rate } }),
            },
            Self::Share => json!({ "partnerShareRate": rate }),
            Self::Fee => json!({ "fee": { "fixedAmount": rate.checked_div(100).unwrap_or(0) } }),
            Self::Partner => super::partners::update(scene),
        }
    }
}

/// A contract: the first settles the next day, whatever day it is; the second on any day that is none of rest.
pub fn contract(id: &str, number: u64) -> Value {
    let policy = if number == 0 { "CALENDAR_DAY" } else { "HOLIDAY_AFTER" };
    json!({
        "id": id, "name": "bakers", "platformFee": { "fixedRate": 10_000 },
        "settlementCycle": { "lagDays": 1, "datePolicy": policy, "method": { "daily": {} } },
        "platformFeeVatPayer": "PARTNER", "subtractPaymentVatAmount": number == 1,
    })
}

pub fn share(id: &str) -> Value {
    json!({ "id": id, "name": "half", "partnerShareRate": 50_000 })
}

pub fn fee(id: &str) -> Value {
    json!({ "id": id, "name": "wrapping", "fee": { "fixedAmount": 300 }, "vatPayer": "PARTNER" })
}

/// One of a kind that others speak of, too.
fn any(scene: &mut Scene<'_>, kind: Kind) -> String {
    numbered(scene, kind.word(), kind.furnished(), kind.furnished().saturating_add(4))
}

/// One that is mostly none of those which everything else refers to.
fn any_to_lose(scene: &mut Scene<'_>, kind: Kind) -> String {
    if scene.dice.happens(80) {
        return any(scene, kind);
    }
    let number = kind.furnished().saturating_add(scene.dice.below(4));
    id(scene, &format!("{}-{number}", kind.word()))
}

fn create(scene: &mut Scene<'_>, kind: Kind) -> Option<Ask> {
    market(scene);
    let number = scene.dice.below(kind.furnished().saturating_add(4));
    let id = id(scene, &format!("{}-{number}", kind.word()));
    let body = match kind {
        Kind::Contract => contract(&id, number),
        Kind::Share => share(&id),
        Kind::Fee => fee(&id),
        Kind::Partner => super::partners::partner(scene, number),
    };
    let mut what = kind.what(&id);
    if let What::Partner { look_up, .. } = &mut what {
        *look_up = body["account"]["accountVerificationId"].as_str().map(str::to_owned);
    }
    changes(scene, Method::POST, kind.path(), &body, what)
}

fn list(scene: &mut Scene<'_>, kind: Kind) -> Option<Ask> {
    market(scene);
    let page = json!({ "number": scene.dice.below(2), "size": 5 });
    let filter = match (kind, scene.dice.below(3)) {
        (_, 0) => json!({}),
        (_, 1) => json!({ "isArchived": true }),
        (Kind::Contract, _) => json!({ "platformFeePayers": ["PARTNER"] }),
        (Kind::Share, _) => json!({ "partnerShareRates": [50_000] }),
        (Kind::Fee, _) => json!({ "vatPayers": ["PARTNER"] }),
        (Kind::Partner, _) => super::partners::filter(scene),
    };
    let path = with_criteria(kind.path(), &json!({ "page": page, "filter": filter }));
    reads(scene, &path, What::Nothing)
}

fn read(scene: &mut Scene<'_>, kind: Kind) -> Option<Ask> {
    market(scene);
    let id = any(scene, kind);
    let what = if kind == Kind::Partner { What::ReadPartner(id.clone()) } else { What::Nothing };
    reads(scene, &format!("{}/{id}", kind.path()), what)
}

fn change(scene: &mut Scene<'_>, kind: Kind) -> Option<Ask> {
    market(scene);
    let (id, body) = (any(scene, kind), kind.update(scene));
    changes(scene, Method::PATCH, &format!("{}/{id}", kind.path()), &body, kind.what(&id))
}

fn shelve(scene: &mut Scene<'_>, kind: Kind, word: &str) -> Option<Ask> {
    market(scene);
    let id = if word == "recover" { any(scene, kind) } else { any_to_lose(scene, kind) };
    changes(scene, Method::POST, &format!("{}/{id}/{word}", kind.path()), &json!({}), kind.what(&id))
}

fn scheduled(scene: &mut Scene<'_>, kind: Kind) -> Option<Ask> {
    market(scene);
    let id = any(scene, kind);
    reads(scene, &format!("{}/{id}/schedule", kind.path()), What::Nothing)
}

fn schedule(scene: &mut Scene<'_>, kind: Kind, method: Method) -> Option<Ask> {
    market(scene);
    let (id, update) = (any(scene, kind), kind.update(scene));
    let now = scene.known.time_of(scene.shop.id, scene.now);
    let hours = i64::try_from(scene.dice.between(1, 30)).unwrap_or(1);
    let at = now.checked_add(SignedDuration::from_hours(hours)).unwrap_or(now);
    // Whole seconds, which are written as they are read.
    let at = jiff::Timestamp::from_second(at.as_second()).unwrap_or(at);
    let body = json!({ "update": update, "appliedAt": at.to_string() });
    changes(scene, method, &format!("{}/{id}/schedule", kind.path()), &body, kind.what(&id))
}

fn unschedule(scene: &mut Scene<'_>, kind: Kind) -> Option<Ask> {
    market(scene);
    let id = any(scene, kind);
    let path = format!("{}/{id}/schedule", kind.path());
    changes(scene, Method::DELETE, &path, &Value::Null, kind.what(&id))
}

/// The same requests for each kind.
macro_rules! kinds {
    ($($module:ident $kind:ident;)+) => {$(
        pub mod $module {
            use super::Kind::$kind as KIND;
            use crate::operations::{Ask, Scene};
            use http::Method;

            pub fn create(scene: &mut Scene<'_>) -> Option<Ask> {
                super::create(scene, KIND)
            }
            pub fn list(scene: &mut Scene<'_>) -> Option<Ask> {
                super::list(scene, KIND)
            }
            pub fn read(scene: &mut Scene<'_>) -> Option<Ask> {
                super::read(scene, KIND)
            }
            pub fn change(scene: &mut Scene<'_>) -> Option<Ask> {
                super::change(scene, KIND)
            }
            pub fn archive(scene: &mut Scene<'_>) -> Option<Ask> {
                super::shelve(scene, KIND, "archive")
            }
            pub fn recover(scene: &mut Scene<'_>) -> Option<Ask> {
                super::shelve(scene, KIND, "recover")
            }
            pub fn scheduled(scene: &mut Scene<'_>) -> Option<Ask> {
                super::scheduled(scene, KIND)
            }
            pub fn schedule(scene: &mut Scene<'_>) -> Option<Ask> {
                super::schedule(scene, KIND, Method::POST)
            }
            pub fn reschedule(scene: &mut Scene<'_>) -> Option<Ask> {
                super::schedule(scene, KIND, Method::PUT)
            }
            pub fn unschedule(scene: &mut Scene<'_>) -> Option<Ask> {
                super::unschedule(scene, KIND)
            }
        }
    )+};
}

kinds! {
    contracts Contract;
    shares Share;
    fees Fee;
    bakeries Partner;
}
