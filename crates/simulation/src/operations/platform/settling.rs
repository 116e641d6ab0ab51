//! Partner settlements: listing them, what the merchant pays by itself, deleting, and what an operator says.

use super::{What, changes, day, id, market, numbered, reads};
use crate::model::Settled;
use crate::operations::{Ask, Scene, with_criteria};
use http::Method;
use serde_json::json;

pub fn list(scene: &mut Scene<'_>) -> Option<Ask> {
    market(scene);
    let filter = match scene.dice.below(8) {
        0 => json!({ "statuses": ["PAYOUT_PREPARED", "PAYOUT_FAILED", "CANCELLED"] }),
        1 => json!({ "partnerIds": [numbered(scene, "bakery", 4, 7)] }),
        2 => json!({ "settlementDates": [day(scene, 0).to_string(), day(scene, -1).to_string()] }),
        3 => json!({ "settlementTypes": ["ORDER"], "contractIds": [id(scene, "contract-0")] }),
        _ => json!({}),
    };
    let criteria = json!({ "filter": filter, "page": { "number": 0, "size": 50 } });
    reads(scene, &with_criteria("/platform/partner-settlements", &criteria), What::ListSettlements)
}

/// What a partner is owed, as far as it is known: what can be paid, and mostly only what is above nothing.
fn owed(scene: &mut Scene<'_>) -> Option<Vec<Settled>> {
    let market = market(scene);
    let payable = |one: &Settled| one.is_payable();
    let first = market.settled(&mut scene.dice, payable)?.clone();
    let all = scene.dice.happens(250);
    let several = scene.dice.happens(600);
    let belongs = |one: &&Settled| {
        one.is_payable() && (all || (several && one.partner == first.partner) || one.id == first.id)
    };
    let mut found: Vec<Settled> = market.all_settled().filter(belongs).cloned().collect();
    if scene.dice.happens(700) {
        found.retain(|one| one.amount > 0);
    }
    found.truncate(12);
    (!found.is_empty()).then_some(found)
}

fn ids(settled: &[Settled]) -> Vec<String> {
    settled.iter().map(|one| one.id.clone()).collect()
}

/// The merchant has paid, and says so.
pub fn complete(scene: &mut Scene<'_>) -> Option<Ask> {
    let settlements = ids(&owed(scene)?);
    let bulk = id(scene, &format!("paid-{}", scene.step));
    let mut body = json!({ "bulkPayoutId": bulk, "partnerSettlementIds": settlements });
    if scene.dice.happens(300) {
        body["completedAt"] = json!(day(scene, 0).to_string());
    }
    let what = What::CompletePayout { bulk, settlements };
    changes(scene, Method::POST, "/platform/partner-settlements/complete-payout", &body, what)
}

pub fn delete(scene: &mut Scene<'_>) -> Option<Ask> {
    let market = market(scene);
    let one = market.settled(&mut scene.dice, |_| true)?.clone();
    // Orders go with their cancels, or stay.
    let mut settlements = vec![one.id.clone()];
    if scene.dice.happens(500) {
        let cancels = market.all_settled().filter(|other| other.partner == one.partner && other.id != one.id);
        settlements.extend(cancels.map(|other| other.id.clone()).take(3));
    }
    let body = json!({ "partnerSettlementIds": settlements });
    let what = What::DeleteSettlements(settlements);
    changes(scene, Method::POST, "/platform/partner-settlements/delete", &body, what)
}

/// Holds one back, excludes it, or lets it go again.
pub fn change(scene: &mut Scene<'_>) -> Option<Ask> {
    let market = market(scene);
    let one = market.settled(&mut scene.dice, |_| true)?.clone();
    let to = match one.status.as_str() {
        "PAYOUT_PREPARED" => "PAYOUT_WITHHELD",
        "PAYOUT_WITHHELD" if scene.dice.happens(200) => "PAYOUT_EXCLUDED",
        _ => "PAYOUT_PREPARED",
    };
    let path = format!("/operator/platform/partner-settlements/{}", one.id);
    changes(scene, Method::PATCH, &path, &json!({ "status": to }), What::ChangeSettlement(one.id))
}

/// What was owed and what was paid, over some days or over all of them.
pub fn statement(scene: &mut Scene<'_>) -> Option<Ask> {
    market(scene);
    let partner = numbered(scene, "bakery", 4, 7);
    let (from, until) = if scene.dice.happens(500) {
        (day(scene, -1).to_string(), day(scene, 0).to_string())
    } else {
        ("2028-01-01".to_owned(), "2029-12-31".to_owned())
    };
    let path = format!("/operator/platform/partners/{partner}/statement?from={from}&until={until}");
    reads(scene, &path, What::Statement { partner })
}
