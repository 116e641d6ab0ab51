//! What is listed about payouts and the account that they are paid from.

use super::{What, market, numbered, reads};
use crate::operations::{Ask, Scene, with_criteria};
use serde_json::{Value, json};

/// Everything that the world ever is.
fn all_days() -> Value {
    json!({ "from": "2028-01-01T00:00:00Z", "until": "2029-12-31T00:00:00Z" })
}

pub fn payouts(scene: &mut Scene<'_>) -> Option<Ask> {
    let market = market(scene);
    let criteria = match market.bulk(&mut scene.dice, |_| true) {
        Some(bulk) if scene.dice.happens(500) => json!({ "bulkPayoutId": bulk.id }),
        _ => json!({ "timestampRange": all_days() }),
    };
    let mut filter = json!({ "criteria": criteria });
    match scene.dice.below(6) {
        0 => filter["statuses"] = json!(["FAILED", "SUCCEEDED"]),
        1 => filter["partnerIds"] = json!([numbered(scene, "bakery", 4, 7)]),
        2 => filter["payoutAccountBanks"] = json!(["KOOKMIN"]),
        _ => {}
    }
    let criteria = json!({ "filter": filter, "page": { "number": 0, "size": 50 } });
    reads(scene, &with_criteria("/platform/payouts", &criteria), What::ListPayouts)
}

pub fn bulks(scene: &mut Scene<'_>) -> Option<Ask> {
    market(scene);
    let filter = match scene.dice.below(4) {
        0 => json!({ "statuses": ["PREPARING", "PREPARED"] }),
        1 => json!({ "methods": ["AGENCY"] }),
        _ => json!({}),
    };
    let criteria = json!({ "filter": filter, "page": { "number": 0, "size": 20 } });
    reads(scene, &with_criteria("/platform/bulk-payouts", &criteria), What::ListBulks)
}

pub fn movements(scene: &mut Scene<'_>) -> Option<Ask> {
    market(scene);
    let filter = match scene.dice.below(6) {
        4 => json!({ "types": ["WITHDRAWAL_REMIT"] }),
        0 => json!({ "types": ["DEPOSIT"] }),
        1 => json!({ "types": ["WITHDRAWAL_PARTNER_PAYOUT"], "statuses": ["SUCCEEDED", "FAILED"] }),
        2 => json!({ "depositorName": "we" }),
        3 => json!({ "createdTimestampRange": all_days() }),
        _ => json!({}),
    };
    let criteria = json!({ "filter": filter, "page": { "number": 0, "size": 20 } });
    reads(scene, &with_criteria("/platform/account-transfers", &criteria), What::Nothing)
}

pub fn bulk_movements(scene: &mut Scene<'_>) -> Option<Ask> {
    market(scene);
    let page = json!({ "page": { "number": 0, "size": 20 } });
    reads(scene, &with_criteria("/platform/bulk-account-transfers", &page), What::Nothing)
}
