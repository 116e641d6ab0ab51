//! Many partners by one request: all of them, or none.

use super::{GOING, business, ids, partner, person};
use crate::shop::{Shop, both_databases};
use serde_json::{Value, json};

const BATCH: &str = "/platform/partners/batch?test=true";
const SCHEDULE: &str = "/platform/partners/schedule?test=true";

async fn count(shop: &Shop) -> i64 {
    shop.get("/platform/partners?test=true").await.succeeds()["page"]["totalCount"].as_i64().unwrap()
}

#[test]
fn many_partners_are_made_together_or_not_at_all() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.has_contract("c").await;
        shop.has_partner("old", person()).await;
        let batch = |partners: Vec<Value>| json!({ "partners": partners });
        shop.post(BATCH, &batch(vec![])).await.refused(400, "INVALID_REQUEST");
        let many = (0..1_001).map(|n| partner(&n.to_string(), person())).collect();
        shop.post(BATCH, &batch(many)).await.refused(400, "INVALID_REQUEST");

        // Each row mends what the row before was refused for.
        let mut rows = vec![
            partner("a", person()),
            partner("old", business(GOING)),
            partner("a", person()),
            partner("b", person()),
        ];
        rows[3]["type"] = json!({});
        rows[1]["account"]["currency"] = "GBP".into();
        rows[0]["defaultContractId"] = "none".into();
        rows[3]["defaultContractId"] = "nor this".into();
        rows[2]["userDefinedProperties"] = json!({ "grade": { "string": "gold" } });
        shop.post(BATCH, &batch(rows.clone())).await.refused(400, "INVALID_REQUEST");
        rows[3]["type"] = person();
        shop.post(BATCH, &batch(rows.clone())).await.refused(400, "PLATFORM_CURRENCY_NOT_SUPPORTED");
        rows[1]["account"]["currency"] = "KRW".into();
        let refusal =
            shop.post(BATCH, &batch(rows.clone())).await.refused(400, "PLATFORM_PARTNER_IDS_DUPLICATED");
        assert_eq!((&refusal["ids"], &refusal["graphqlIds"]), (&json!(["a"]), &json!(["NDph"])));
        rows[2]["id"] = "c".into();
        let refusal =
            shop.post(BATCH, &batch(rows.clone())).await.refused(404, "PLATFORM_CONTRACTS_NOT_FOUND");
        assert_eq!(refusal["ids"], json!(["none", "nor this"]));
        rows[0]["defaultContractId"] = "c".into();
        rows[3]["defaultContractId"] = "c".into();
        let refusal = shop.post(BATCH, &batch(rows.clone())).await;
        refusal.refused(404, "PLATFORM_USER_DEFINED_PROPERTY_NOT_FOUND");
        shop.defines_property("grade").await;
        let refusal =
            shop.post(BATCH, &batch(rows.clone())).await.refused(409, "PLATFORM_PARTNER_IDS_ALREADY_EXISTS");
        assert_eq!((&refusal["ids"], &refusal["graphqlIds"]), (&json!(["old"]), &json!(["NDpvbGQ="])));
        assert_eq!(count(&shop).await, 1);
        rows[1].as_object_mut().unwrap().remove("id");
        let made = shop.post(BATCH, &batch(rows)).await.succeeds()["partners"].clone();
        let names: Vec<_> = made.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
        assert_eq!((names[0], names[2], names[3]), ("a", "c", "b"));
        assert_eq!(made[1]["type"]["businessStatus"], "IN_BUSINESS");
        assert_eq!(count(&shop).await, 5);
        shop.closes().await;
    });
}

#[test]
fn one_update_is_reserved_for_all_who_match_or_for_none() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        for id in ["c", "d"] {
            shop.has_contract(id).await;
        }
        for id in ["a", "b"] {
            shop.has_partner(id, person()).await;
            shop.after("PT1S").await;
        }
        shop.has_partner("archived", person()).await;
        shop.post("/platform/partners/archived/archive", &json!({})).await.succeeds();
        let at = shop.in_hours(24).await;
        let past = shop.in_hours(-1).await;
        let body =
            |update: Value, filter: Value| json!({ "update": update, "filter": filter, "appliedAt": at });
        let update = json!({ "defaultContractId": "d" });

        let early = json!({ "update": update, "appliedAt": past });
        shop.post(SCHEDULE, &early).await.refused(400, "INVALID_REQUEST");
        let unknown = body(json!({ "defaultContractId": "none" }), json!({}));
        shop.post(SCHEDULE, &unknown).await.refused(404, "PLATFORM_CONTRACT_NOT_FOUND");
        let unknown = body(json!({ "userDefinedProperties": { "x": { "string": "" } } }), json!({}));
        shop.post(SCHEDULE, &unknown).await.refused(404, "PLATFORM_USER_DEFINED_PROPERTY_NOT_FOUND");
        let archived = body(update.clone(), json!({ "isArchived": true }));
        shop.post(SCHEDULE, &archived).await.refused(409, "PLATFORM_ARCHIVED_PARTNERS_CANNOT_BE_SCHEDULED");
        // Nobody becomes of another kind by an update for many.
        let kind = body(json!({ "type": business(GOING) }), json!({}));
        shop.post(SCHEDULE, &kind).await.refused(400, "INVALID_REQUEST");

        let own = json!({ "update": { "memo": "own" }, "appliedAt": at });
        shop.post("/platform/partners/b/schedule", &own).await.succeeds();
        let refusal = shop.post(SCHEDULE, &body(update.clone(), json!({}))).await;
        let refusal = refusal.refused(409, "PLATFORM_PARTNER_SCHEDULES_ALREADY_EXIST");
        assert_eq!((&refusal["ids"], &refusal["graphqlIds"]), (&json!(["b"]), &json!(["NDpi"])));
        shop.get("/platform/partners/a/schedule").await.refused(404, "PLATFORM_PARTNER_NOT_FOUND");

        shop.delete("/platform/partners/b/schedule").await.succeeds();
        assert_eq!(shop.post(SCHEDULE, &body(update.clone(), json!({}))).await.succeeds(), json!({}));
        shop.after("PT24H").await;
        let of = json!({ "filter": { "contractIds": ["d"] } });
        let path = crate::shop::with_criteria("/platform/partners", &of);
        assert_eq!(ids(&shop.get(&format!("{path}&test=true")).await.succeeds()), ["b", "a"]);
        assert_eq!(shop.get("/platform/partners/archived").await.succeeds()["defaultContractId"], "c");
        // Nobody matches: nothing is reserved, and nothing is wrong.
        let nobody =
            json!({ "update": update, "filter": { "ids": ["none"] }, "appliedAt": shop.in_hours(1).await });
        shop.post(SCHEDULE, &nobody).await.succeeds();
        shop.closes().await;
    });
}
