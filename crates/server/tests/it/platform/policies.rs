//! Policies: who bears a discount, and fees beside the platform fee.

use super::ids;
use crate::shop::{Shop, both_databases};
use serde_json::{Value, json};

const SHARES: &str = "/platform/discount-share-policies";
const FEES: &str = "/platform/additional-fee-policies";

fn share(id: &str, rate: i64) -> Value {
    json!({ "id": id, "name": format!("Spring {id}"), "partnerShareRate": rate, "memo": "until May" })
}

fn fee(id: &str, fee: &Value) -> Value {
    json!({ "id": id, "name": "card", "fee": fee, "vatPayer": "MERCHANT" })
}

#[test]
fn a_discount_share_policy_is_made_changed_archived_and_recovered() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let at = |rest: &str| format!("{SHARES}{rest}?test=true");
        let made =
            shop.post(&at(""), &share("spring", 1_250)).await.succeeds()["discountSharePolicy"].clone();
        assert_eq!(made["graphqlId"], "MjpzcHJpbmc=");
        assert_eq!(
            (&made["partnerShareRate"], &made["memo"], &made["isArchived"]),
            (&json!(1_250), &json!("until May"), &json!(false))
        );
        assert_eq!(shop.get(&at("/spring")).await.succeeds(), made);
        let exists = shop.post(&at(""), &share("spring", 1)).await;
        exists.refused(409, "PLATFORM_DISCOUNT_SHARE_POLICY_ALREADY_EXISTS");

        shop.after("PT1H").await;
        let changed = shop.patch(&at("/spring"), &json!({ "partnerShareRate": 100_000 })).await.succeeds();
        let changed = &changed["discountSharePolicy"];
        assert_eq!((&changed["partnerShareRate"], &changed["name"]), (&json!(100_000), &made["name"]));
        assert_ne!(changed["appliedAt"], made["appliedAt"]);

        let archived = shop.post(&at("/spring/archive"), &json!({})).await.succeeds();
        assert_eq!(archived["discountSharePolicy"]["isArchived"], true);
        // Again, it is as it is wanted.
        shop.post(&at("/spring/archive"), &json!({})).await.succeeds();
        assert_eq!(shop.get(&at("/spring")).await.succeeds()["isArchived"], true);
        let update = json!({ "name": "x" });
        shop.patch(&at("/spring"), &update).await.refused(409, "PLATFORM_ARCHIVED_DISCOUNT_SHARE_POLICY");
        let exists = shop.post(&at(""), &share("spring", 1)).await;
        exists.refused(409, "PLATFORM_DISCOUNT_SHARE_POLICY_ALREADY_EXISTS");
        shop.post(&at("/spring/recover"), &json!({})).await.succeeds();
        shop.post(&at("/spring/recover"), &json!({})).await.succeeds();
        shop.patch(&at("/spring"), &update).await.succeeds();

        for (method, rest) in [("GET", ""), ("PATCH", ""), ("POST", "/archive"), ("POST", "/recover")] {
            let answer = shop.send(shop.request(method, &at(&format!("/none{rest}"))).body("{}")).await;
            answer.refused(404, "PLATFORM_DISCOUNT_SHARE_POLICY_NOT_FOUND");
        }
        for body in [share("a", -1), share("a", 100_001), share(" ", 1), share(&"x".repeat(129), 1)] {
            shop.post(&at(""), &body).await.refused(400, "INVALID_REQUEST");
        }
        let mut blank = share("a", 1);
        blank["name"] = "  ".into();
        shop.post(&at(""), &blank).await.refused(400, "INVALID_REQUEST");
        shop.patch(&at("/none"), &json!({ "memo": null })).await.refused(400, "INVALID_REQUEST");
        shop.closes().await;
    });
}

#[test]
fn policies_are_listed_by_rate_by_text_and_by_what_they_say() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        for (id, rate) in [("a", 50_000), ("b", 10_000), ("c", 50_000)] {
            shop.post(&format!("{SHARES}?test=true"), &share(id, rate)).await.succeeds();
            shop.after("PT1S").await;
        }
        shop.post(&format!("{SHARES}/b/archive?test=true"), &json!({})).await.succeeds();
        let listed = async |filter: Value| {
            let body = json!({ "filter": filter });
            let path = crate::shop::with_criteria(SHARES, &body);
            shop.get(&format!("{path}&test=true")).await.succeeds()
        };
        assert_eq!(ids(&listed(json!({})).await), ["c", "a"]);
        assert_eq!(ids(&listed(json!({ "isArchived": true })).await), ["b"]);
        assert_eq!(ids(&listed(json!({ "partnerShareRates": [50_000, 3] })).await), ["c", "a"]);
        assert_eq!(ids(&listed(json!({ "partnerShareRates": [10_000] })).await), Vec::<&str>::new());
        assert_eq!(ids(&listed(json!({ "keyword": { "name": "spring A" } })).await), ["a"]);
        assert_eq!(ids(&listed(json!({ "keyword": { "id": "C" } })).await), ["c"]);
        let two = json!({ "filter": { "keyword": { "id": "a", "name": "a" } } });
        shop.list(SHARES, &two).await.refused(400, "INVALID_REQUEST");
        // The body is read where the query says nothing.
        let asked = json!({ "page": { "number": 1, "size": 1 } }).to_string();
        let page =
            shop.send(shop.request("GET", &format!("{SHARES}?test=true")).body(asked)).await.succeeds();
        assert_eq!(
            (ids(&page), &page["page"]),
            (vec!["a"], &json!({ "number": 1, "size": 1, "totalCount": 2 }))
        );
        shop.list(SHARES, &json!({ "page": { "size": 1_001 } })).await.refused(400, "INVALID_REQUEST");

        let options = "/platform/discount-share-policy-filter-options?test=true";
        assert_eq!(shop.get(options).await.succeeds(), json!({ "partnerShareRates": [50_000] }));
        let archived = shop.get(&format!("{options}&isArchived=true")).await.succeeds();
        assert_eq!(archived, json!({ "partnerShareRates": [10_000] }));
        shop.closes().await;
    });
}

#[test]
fn a_fee_is_a_rate_or_an_amount() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let at = |rest: &str| format!("{FEES}{rest}?test=true");
        let rate = shop.post(&at(""), &fee("rate", &json!({ "fixedRate": 5_000 }))).await.succeeds();
        let rate = &rate["additionalFeePolicy"];
        assert_eq!(rate["fee"], json!({ "type": "FIXED_RATE", "rate": 5_000 }));
        assert_eq!((&rate["vatPayer"], &rate["graphqlId"]), (&json!("MERCHANT"), &json!("MzpyYXRl")));
        shop.after("PT1S").await;
        shop.post(&at(""), &fee("amount", &json!({ "fixedAmount": 300 }))).await.succeeds();
        let update = json!({ "fee": { "fixedAmount": 5_000 }, "vatPayer": "PARTNER" });
        let changed = shop.patch(&at("/amount"), &update).await.succeeds();
        assert_eq!(changed["additionalFeePolicy"]["fee"], json!({ "type": "FIXED_AMOUNT", "amount": 5_000 }));
        for wrong in [
            json!({}),
            json!({ "fixedRate": 1, "fixedAmount": 1 }),
            json!({ "fixedRate": 100_001 }),
            json!({ "fixedAmount": -1 }),
        ] {
            shop.post(&at(""), &fee("x", &wrong)).await.refused(400, "INVALID_REQUEST");
        }
        for (filter, found) in [
            (json!({ "vatPayers": ["PARTNER"] }), vec!["amount"]),
            (json!({ "vatPayers": ["PARTNER", "MERCHANT"] }), vec!["amount", "rate"]),
            (json!({ "keyword": { "fee": "5000" } }), vec!["amount", "rate"]),
            (json!({ "keyword": { "fee": "500" } }), vec![]),
            (json!({ "keyword": { "fee": "much" } }), vec![]),
        ] {
            let path = crate::shop::with_criteria(FEES, &json!({ "filter": filter }));
            let list = shop.get(&format!("{path}&test=true")).await.succeeds();
            assert_eq!(ids(&list), found, "{filter}");
        }
        let again = shop.post(&at(""), &fee("rate", &json!({ "fixedRate": 1 }))).await;
        again.refused(409, "PLATFORM_ADDITIONAL_FEE_POLICY_ALREADY_EXISTS");
        shop.get(&at("/none")).await.refused(404, "PLATFORM_ADDITIONAL_FEE_POLICY_NOT_FOUND");
        shop.post(&at("/rate/archive"), &json!({})).await.succeeds();
        let archived = shop.patch(&at("/rate"), &json!({ "name": "x" })).await;
        archived.refused(409, "PLATFORM_ARCHIVED_ADDITIONAL_FEE_POLICY");
        shop.closes().await;
    });
}

#[test]
fn of_many_who_take_one_id_one_gets_it() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let ask =
            |n: i64| shop.request("POST", &format!("{SHARES}?test=true")).body(share("one", n).to_string());
        let answers = crate::shop::at_once((0..10).map(ask).collect()).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        for answer in answers.into_iter().filter(|answer| answer.status != 200) {
            answer.refused(409, "PLATFORM_DISCOUNT_SHARE_POLICY_ALREADY_EXISTS");
        }
        // And of many who change it, each is heard: the versions are one after the other.
        let ask = |n: i64| {
            shop.request("PATCH", &format!("{SHARES}/one?test=true"))
                .body(json!({ "partnerShareRate": n }).to_string())
        };
        let answers = crate::shop::at_once((0..10).map(ask).collect()).await;
        assert!(answers.iter().all(|answer| answer.status == 200));
        shop.closes().await;
    });
}
