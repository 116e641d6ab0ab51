//! Updates that are reserved for later.

use super::{ids, person};
use crate::shop::{Shop, both_databases};
use serde_json::{Value, json};

/// Path, an update, the member it changes, the member of answers, and the middle of error types.
fn things() -> [(&'static str, Value, &'static str, &'static str, &'static str); 4] {
    [
        (
            "discount-share-policies",
            json!({ "partnerShareRate": 7 }),
            "partnerShareRate",
            "DiscountSharePolicy",
            "DISCOUNT_SHARE_POLICY",
        ),
        (
            "additional-fee-policies",
            json!({ "vatPayer": "PARTNER" }),
            "vatPayer",
            "AdditionalFeePolicy",
            "ADDITIONAL_FEE_POLICY",
        ),
        (
            "contracts",
            json!({ "platformFeeVatPayer": "MERCHANT" }),
            "platformFeeVatPayer",
            "Contract",
            "CONTRACT",
        ),
        ("partners", json!({ "memo": "later" }), "memo", "Partner", "PARTNER"),
    ]
}

impl Shop {
    async fn has_one_of_each(&self) {
        let share = json!({ "id": "x", "name": "share", "partnerShareRate": 1 });
        self.post("/platform/discount-share-policies?test=true", &share).await.succeeds();
        let fee = json!({ "id": "x", "name": "fee", "fee": { "fixedRate": 1 }, "vatPayer": "MERCHANT" });
        self.post("/platform/additional-fee-policies?test=true", &fee).await.succeeds();
        self.has_contract("c").await;
        self.has_contract("x").await;
        self.has_partner("x", person()).await;
    }
}

#[test]
fn a_reserved_update_applies_by_itself_when_its_time_has_come() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.has_one_of_each().await;
        let at = shop.in_hours(24).await;
        for (path, update, member, name, _) in things() {
            let one = format!("/platform/{path}/x");
            let body = json!({ "update": update, "appliedAt": at });
            let reserved = shop.post(&format!("{one}/schedule?test=true"), &body).await.succeeds();
            let reserved = &reserved[format!("scheduled{name}")];
            assert_eq!((&reserved[member], &reserved["appliedAt"]), (&update[member], &json!(at)), "{path}");
            let now = shop.get(&one).await.succeeds();
            assert_ne!(now[member], update[member], "{path}");
            assert_eq!(&shop.get(&format!("{one}/schedule")).await.succeeds(), reserved);
            // A change meanwhile is kept by the update, which names something else.
            shop.patch(&one, &json!({ "name": "renamed" })).await.succeeds();
        }
        shop.after("PT24H").await;
        // A server that was away when the time came finds it all the same.
        let shop = shop.loses_power_and_opens_again().await;
        for (path, update, member, _, kind) in things() {
            let one = format!("/platform/{path}/x");
            let now = shop.get(&one).await.succeeds();
            assert_eq!((&now[member], &now["appliedAt"]), (&update[member], &json!(at)), "{path}");
            assert_eq!(now["name"], "renamed");
            let gone = shop.get(&format!("{one}/schedule")).await;
            gone.refused(404, &format!("PLATFORM_{kind}_NOT_FOUND"));
        }
        let by_rate = json!({ "filter": { "partnerShareRates": [7] } });
        let path = crate::shop::with_criteria("/platform/discount-share-policies", &by_rate);
        assert_eq!(ids(&shop.get(&format!("{path}&test=true")).await.succeeds()), ["x"]);
        let by_memo = json!({ "filter": { "keyword": { "memo": "later" } } });
        let path = crate::shop::with_criteria("/platform/partners", &by_memo);
        assert_eq!(ids(&shop.get(&format!("{path}&test=true")).await.succeeds()), ["x"]);
        // What has applied is no longer in the way.
        for (path, ..) in things() {
            shop.post(&format!("/platform/{path}/x/archive"), &json!({})).await.succeeds();
        }
        shop.closes().await;
    });
}

#[test]
fn one_update_is_reserved_at_a_time_and_it_can_be_replaced_and_taken_back() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.has_one_of_each().await;
        let (at, later, past) = (shop.in_hours(24).await, shop.in_hours(48).await, shop.in_hours(-1).await);
        for (path, update, member, name, kind) in things() {
            let one = format!("/platform/{path}/x/schedule");
            let not_found = format!("PLATFORM_{kind}_NOT_FOUND");
            let body = json!({ "update": update, "appliedAt": at });
            // Nothing is reserved yet, and there is nothing to replace.
            shop.put(&one, &body).await.refused(404, &not_found);
            shop.delete(&one).await.refused(404, &not_found);
            shop.get(&one).await.refused(404, &not_found);
            for unknown in ["GET", "POST", "PUT", "DELETE"] {
                let path = format!("/platform/{path}/none/schedule");
                let answer = shop.send(shop.request(unknown, &path).body(body.to_string())).await;
                answer.refused(404, &not_found);
            }
            let too_early = json!({ "update": update, "appliedAt": past });
            shop.post(&one, &too_early).await.refused(400, "INVALID_REQUEST");
            shop.post(&one, &json!({ "update": update })).await.refused(400, "INVALID_REQUEST");

            shop.post(&one, &body).await.succeeds();
            let again = shop.post(&one, &body).await;
            again.refused(409, &format!("PLATFORM_{kind}_SCHEDULE_ALREADY_EXISTS"));
            shop.put(&one, &too_early).await.refused(400, "INVALID_REQUEST");
            let archive = shop.post(&format!("/platform/{path}/x/archive"), &json!({})).await;
            archive.refused(409, &format!("PLATFORM_CANNOT_ARCHIVE_SCHEDULED_{kind}"));

            // The other update takes its place whole: what the first one named is as it was.
            let other = json!({ "update": { "name": "another" }, "appliedAt": later });
            let replaced = shop.put(&one, &other).await.succeeds()[format!("scheduled{name}")].clone();
            assert_eq!((&replaced["name"], &replaced["appliedAt"]), (&json!("another"), &json!(later)));
            assert_ne!(replaced[member], update[member]);

            assert_eq!(shop.delete(&one).await.succeeds(), json!({}));
            shop.get(&one).await.refused(404, &not_found);
            shop.post(&format!("/platform/{path}/x/archive"), &json!({})).await.succeeds();
            let archived = shop.post(&one, &body).await;
            archived.refused(409, &format!("PLATFORM_ARCHIVED_{kind}"));
        }
        shop.closes().await;
    });
}
