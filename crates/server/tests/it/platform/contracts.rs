//! Contracts and their cycles.

use super::{contract, ids};
use crate::shop::{Shop, both_databases};
use serde_json::{Value, json};

const CONTRACTS: &str = "/platform/contracts?test=true";

#[test]
fn a_contract_settles_by_one_of_four_methods() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let with = |method: Value| {
            let mut body = contract("x");
            body.as_object_mut().unwrap().remove("id");
            body["settlementCycle"]["method"] = method;
            body
        };
        for (method, shown) in [
            (json!({ "daily": {} }), json!({ "type": "DAILY" })),
            (
                json!({ "weekly": { "daysOfWeek": ["SUN", "MON", "SUN"] } }),
                json!({ "type": "WEEKLY", "daysOfWeek": ["MON", "SUN"] }),
            ),
            (
                json!({ "monthly": { "daysOfMonth": [31, 15] } }),
                json!({ "type": "MONTHLY", "daysOfMonth": [15, 31] }),
            ),
            (
                json!({ "manualDates": { "dates": [{ "month": 7, "day": 1 }, { "month": 2, "day": 29 }] } }),
                json!({ "type": "MANUAL_DATES", "dates": [{ "month": 2, "day": 29 }, { "month": 7, "day": 1 }] }),
            ),
        ] {
            let made = shop.post(CONTRACTS, &with(method)).await.succeeds()["contract"].clone();
            assert_eq!(made["settlementCycle"]["method"], shown);
            let id = made["id"].as_str().unwrap();
            assert_eq!(shop.get(&format!("/platform/contracts/{id}")).await.succeeds(), made);
        }
        for method in [
            json!({}),
            json!({ "daily": {}, "weekly": { "daysOfWeek": ["MON"] } }),
            json!({ "weekly": { "daysOfWeek": [] } }),
            json!({ "weekly": { "daysOfWeek": ["MONDAY"] } }),
            json!({ "monthly": { "daysOfMonth": [] } }),
            json!({ "monthly": { "daysOfMonth": [0] } }),
            json!({ "monthly": { "daysOfMonth": [32] } }),
            json!({ "manualDates": { "dates": [] } }),
            json!({ "manualDates": { "dates": [{ "month": 2, "day": 30 }] } }),
        ] {
            shop.post(CONTRACTS, &with(method)).await.refused(400, "INVALID_REQUEST");
        }
        for lag in [0, 11] {
            let mut body = contract("x");
            body["settlementCycle"]["lagDays"] = lag.into();
            shop.post(CONTRACTS, &body).await.refused(400, "INVALID_REQUEST");
        }
        let mut incomplete = contract("x");
        incomplete.as_object_mut().unwrap().remove("subtractPaymentVatAmount");
        shop.post(CONTRACTS, &incomplete).await.refused(400, "INVALID_REQUEST");
        shop.closes().await;
    });
}

#[test]
fn a_contract_has_the_life_of_a_policy_and_stays_with_its_partners() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let made = shop.has_contract("c").await;
        assert_eq!((&made["graphqlId"], &made["platformFee"]["rate"]), (&json!("NTpj"), &json!(10_000)));
        shop.post(CONTRACTS, &contract("c")).await.refused(409, "PLATFORM_CONTRACT_ALREADY_EXISTS");
        shop.get("/platform/contracts/none").await.refused(404, "PLATFORM_CONTRACT_NOT_FOUND");
        let change = json!({ "subtractPaymentVatAmount": true, "platformFee": { "fixedAmount": 500 } });
        let changed = shop.patch("/platform/contracts/c", &change).await.succeeds()["contract"].clone();
        assert_eq!(changed["platformFee"], json!({ "type": "FIXED_AMOUNT", "amount": 500 }));
        assert_eq!(changed["settlementCycle"], made["settlementCycle"]);
        for (filter, found) in [
            (json!({ "platformFeePayers": ["PARTNER"] }), vec!["c"]),
            (json!({ "platformFeePayers": ["MERCHANT"] }), vec![]),
            (json!({ "cycleTypes": ["WEEKLY", "DAILY"], "datePolicies": ["HOLIDAY_BEFORE"] }), vec!["c"]),
            (json!({ "cycleTypes": ["DAILY"] }), vec![]),
            (json!({ "keyword": { "name": "BAKE" } }), vec!["c"]),
        ] {
            let path = crate::shop::with_criteria("/platform/contracts", &json!({ "filter": filter }));
            let list = shop.get(&format!("{path}&test=true")).await.succeeds();
            assert_eq!(ids(&list), found, "{filter}");
        }

        // A contract may be archived although it is somebody's default; nobody new gets it.
        shop.has_partner("p", super::person()).await;
        shop.post("/platform/contracts/c/archive", &json!({})).await.succeeds();
        let refused = shop.post("/platform/partners?test=true", &super::partner("q", super::person())).await;
        refused.refused(404, "PLATFORM_CONTRACT_NOT_FOUND");
        shop.patch("/platform/partners/p", &json!({ "memo": "still here" })).await.succeeds();
        let options = shop.get("/platform/partner-filter-options?test=true").await.succeeds();
        assert_eq!(options["contractSummary"], json!([{ "id": "c", "name": "bakers" }]));
        shop.closes().await;
    });
}
