//! Partners, one by one.

use super::{CLOSED, GOING, NOBODYS, SUSPENDED, business, ids, partner, person};
use crate::shop::{Shop, both_databases};
use paypier_connectors::simulator::registry::holder;
use serde_json::{Value, json};

const PARTNERS: &str = "/platform/partners?test=true";

#[test]
fn a_partner_is_what_was_registered_and_what_bank_and_tax_office_say() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.has_contract("c").await;
        shop.defines_property("grade").await;
        let mut asked = partner("baker", business(GOING));
        asked["account"]["holder"] = holder("110123456781").into();
        asked["userDefinedProperties"] = json!({ "grade": { "string": "gold" } });
        asked["memo"] = "since 2020".into();
        asked["type"]["business"]["companyAddress"] = "Seoul".into();
        let made = shop.post(PARTNERS, &asked).await.succeeds()["partner"].clone();
        assert_eq!(
            made,
            json!({
                "id": "baker", "graphqlId": "NDpiYWtlcg==", "name": "a bakery", "status": "APPROVED",
                "contact": { "name": "Hong", "email": "hong@example.com" },
                "account": {
                    "bank": "KOOKMIN", "currency": "KRW", "number": "110123456781",
                    "holder": holder("110123456781"), "status": "VERIFIED",
                },
                "defaultContractId": "c", "memo": "since 2020", "tags": ["bread"],
                "type": {
                    "type": "BUSINESS", "companyName": "Bread Inc.", "taxationType": "NORMAL",
                    "businessStatus": "IN_BUSINESS", "businessRegistrationNumber": "1208147521",
                    "representativeName": "Hong", "companyAddress": "Seoul",
                    "memberCompanyConnectionStatus": "NOT_CONNECTED",
                },
                "isArchived": false, "appliedAt": made["appliedAt"],
                "userDefinedProperties": { "grade": { "string": "gold" } }, "isForTest": true,
            })
        );
        assert_eq!(shop.get("/platform/partners/baker").await.succeeds(), made);

        for (number, holder, status) in [
            ("110123456781", "홍길동", "VERIFY_FAILED"),
            ("110123456700", "홍길동", "VERIFY_ERROR"),
            ("110123456799", "홍길동", "VERIFY_ERROR"),
        ] {
            let mut asked = partner("x", person());
            asked.as_object_mut().unwrap().remove("id");
            asked["account"]["number"] = number.into();
            asked["account"]["holder"] = holder.into();
            let made = shop.post(PARTNERS, &asked).await.succeeds()["partner"].clone();
            assert_eq!(made["account"]["status"], status, "{number}");
            assert!(made["id"].as_str().unwrap().starts_with("ptn-"));
        }
        for (number, status) in [(CLOSED, "CLOSED"), (SUSPENDED, "SUSPENDED"), (NOBODYS, "NOT_FOUND")] {
            let made = shop.has_partner(number, business(number)).await;
            assert_eq!(made["type"]["businessStatus"], status);
        }
        // Accounts in other currencies are looked up nowhere.
        let mut dollars = partner("dollars", json!({ "nonWhtPayer": { "birthdate": "19900102" } }));
        dollars["account"]["currency"] = "USD".into();
        let made = shop.post(PARTNERS, &dollars).await.succeeds()["partner"].clone();
        assert_eq!(made["account"]["status"], "NOT_VERIFIED");
        assert_eq!(made["type"], json!({ "type": "NON_WHT_PAYER", "birthdate": "1990-01-02" }));
        // LIVE has nobody to ask.
        shop.post("/platform/contracts", &super::contract("c")).await.succeeds();
        let made = shop.post("/platform/partners", &partner("l", business(GOING))).await.succeeds();
        assert_eq!(made["partner"]["account"]["status"], "NOT_VERIFIED");
        assert_eq!(made["partner"]["type"]["businessStatus"], "NOT_VERIFIED");
        shop.closes().await;
    });
}

#[test]
fn a_partner_is_refused_for_the_first_thing_that_is_wrong() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.has_contract("c").await;
        shop.has_partner("taken", person()).await;
        let with = |change: &dyn Fn(&mut Value)| {
            let mut body = partner("new", person());
            change(&mut body);
            body
        };
        let invalid: [&dyn Fn(&mut Value); 13] = [
            &|body| body["type"] = json!({}),
            &|body| body["type"] = json!({ "whtPayer": {}, "nonWhtPayer": {} }),
            &|body| body["type"] = json!({ "business": { "companyName": "x" } }),
            &|body| body["type"] = json!({ "whtPayer": { "birthdate": "2000-02-30" } }),
            &|body| body["account"]["number"] = "12a".into(),
            &|body| body["account"]["bank"] = "NO_BANK".into(),
            &|body| body["account"]["holder"] = " ".into(),
            &|body| body["tags"] = json!(vec!["t"; 11]),
            &|body| body["memo"] = "가".repeat(257).into(),
            &|body| body["name"] = " ".into(),
            &|body| body["id"] = "a\nb".into(),
            &|body| body["defaultContractId"] = "".into(),
            &|body| body["userDefinedProperties"] = json!({ "grade": "gold" }),
        ];
        for (index, change) in invalid.into_iter().enumerate() {
            // An unsupported currency, which has a type of its own, comes after what is invalid.
            let mut body = with(change);
            body["account"]["currency"] = "GBP".into();
            let answer = shop.post(PARTNERS, &body).await;
            assert_eq!(answer.body["type"], "INVALID_REQUEST", "{index}: {}", answer.text());
            answer.refused(400, "INVALID_REQUEST");
        }
        // Each row mends what the row before was refused for.
        let mut body = with(&|_| {});
        body["id"] = "taken".into();
        body["account"]["currency"] = "GBP".into();
        body["defaultContractId"] = "none".into();
        body["userDefinedProperties"] = json!({ "grade": { "string": "gold" } });
        body["account"]["accountVerificationId"] = "none".into();
        shop.post(PARTNERS, &body).await.refused(400, "PLATFORM_CURRENCY_NOT_SUPPORTED");
        body["account"]["currency"] = "KRW".into();
        shop.post(PARTNERS, &body).await.refused(404, "PLATFORM_CONTRACT_NOT_FOUND");
        body["defaultContractId"] = "c".into();
        shop.post(PARTNERS, &body).await.refused(404, "PLATFORM_USER_DEFINED_PROPERTY_NOT_FOUND");
        shop.defines_property("grade").await;
        shop.post(PARTNERS, &body).await.refused(404, "PLATFORM_ACCOUNT_VERIFICATION_NOT_FOUND");
        body["account"].as_object_mut().unwrap().remove("accountVerificationId");
        shop.post(PARTNERS, &body).await.refused(409, "PLATFORM_PARTNER_ID_ALREADY_EXISTS");
        body["id"] = "new".into();
        shop.post(PARTNERS, &body).await.succeeds();
        shop.closes().await;
    });
}

#[test]
fn a_change_keeps_what_it_does_not_name() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.has_contract("c").await;
        shop.has_contract("d").await;
        shop.defines_property("grade").await;
        shop.defines_property("zone").await;
        let mut asked = partner("p", business(GOING));
        asked["userDefinedProperties"] = json!({ "grade": { "string": "gold" } });
        let made = shop.post(PARTNERS, &asked).await.succeeds()["partner"].clone();
        let change = async |update: Value| shop.patch("/platform/partners/p", &update).await;
        let changed = change(json!({ "contact": { "phoneNumber": "010" }, "tags": [] })).await.succeeds();
        let changed = &changed["partner"];
        assert_eq!(
            changed["contact"],
            json!({ "name": "Hong", "email": "hong@example.com", "phoneNumber": "010" })
        );
        assert_eq!((&changed["tags"], &changed["account"]), (&json!([]), &made["account"]));
        // Properties are replaced as a whole.
        let changed =
            change(json!({ "userDefinedProperties": { "zone": { "string": "1" } } })).await.succeeds();
        assert_eq!(changed["partner"]["userDefinedProperties"], json!({ "zone": { "string": "1" } }));
        // Another account is looked up; the same one is not.
        let mut account =
            json!({ "bank": "KOOKMIN", "currency": "KRW", "number": "110123456781", "holder": "홍길동" });
        let same = change(json!({ "account": account.clone() })).await.succeeds();
        assert_eq!(same["partner"]["account"]["status"], "VERIFY_FAILED");
        account["holder"] = holder("110123456781").into();
        let other = change(json!({ "account": account })).await.succeeds();
        assert_eq!(other["partner"]["account"]["status"], "VERIFIED");
        // One member of a business, then its number, which is looked up anew.
        let update =
            json!({ "type": { "business": { "taxationType": "TAX_FREE" } }, "defaultContractId": "d" });
        let changed = change(update).await.succeeds()["partner"].clone();
        assert_eq!(
            (&changed["type"]["taxationType"], &changed["type"]["businessStatus"]),
            (&json!("TAX_FREE"), &json!("IN_BUSINESS"))
        );
        assert_eq!(changed["defaultContractId"], "d");
        let update = json!({ "type": { "business": { "businessRegistrationNumber": CLOSED } } });
        let changed = change(update).await.succeeds()["partner"].clone();
        assert_eq!(changed["type"]["businessStatus"], "CLOSED");
        // A person has nothing of the business; a business needs all that makes one.
        let changed = change(json!({ "type": { "nonWhtPayer": {} } })).await.succeeds();
        assert_eq!(changed["partner"]["type"], json!({ "type": "NON_WHT_PAYER" }));
        let half = json!({ "type": { "business": { "companyName": "Bread Inc." } } });
        change(half).await.refused(400, "PLATFORM_INSUFFICIENT_DATA_TO_CHANGE_PARTNER_TYPE");
        change(json!({ "type": business(GOING) })).await.succeeds();
        shop.closes().await;
    });
}

#[test]
fn a_change_is_refused_for_the_first_thing_that_is_wrong() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.has_contract("c").await;
        shop.has_partner("p", person()).await;
        let mut update = json!({
            "memo": null, "defaultContractId": "none",
            "userDefinedProperties": { "grade": { "string": "gold" } },
            "type": { "business": { "companyName": "x" } },
            "account": {
                "bank": "KOOKMIN", "currency": "KRW", "number": "1101", "holder": "x",
                "accountVerificationId": "none",
            },
        });
        let change =
            async |id: &str, update: &Value| shop.patch(&format!("/platform/partners/{id}"), update).await;
        change("none", &update).await.refused(400, "INVALID_REQUEST");
        update.as_object_mut().unwrap().remove("memo");
        // A currency that is not supported has no type of its own here.
        update["account"]["currency"] = "GBP".into();
        change("none", &update).await.refused(400, "INVALID_REQUEST");
        update["account"]["currency"] = "KRW".into();
        change("none", &update).await.refused(404, "PLATFORM_PARTNER_NOT_FOUND");
        shop.post("/platform/partners/p/archive", &json!({})).await.succeeds();
        change("p", &update).await.refused(404, "PLATFORM_CONTRACT_NOT_FOUND");
        update["defaultContractId"] = "c".into();
        change("p", &update).await.refused(404, "PLATFORM_USER_DEFINED_PROPERTY_NOT_FOUND");
        shop.defines_property("grade").await;
        change("p", &update).await.refused(404, "PLATFORM_ACCOUNT_VERIFICATION_NOT_FOUND");
        let found = shop.get("/platform/bank-accounts/KOOKMIN/1101/holder?test=true").await.succeeds();
        update["account"]["accountVerificationId"] = found["accountVerificationId"].clone();
        change("p", &update).await.refused(409, "PLATFORM_ARCHIVED_PARTNER");
        shop.post("/platform/partners/p/recover", &json!({})).await.succeeds();
        change("p", &update).await.refused(400, "PLATFORM_INSUFFICIENT_DATA_TO_CHANGE_PARTNER_TYPE");
        update.as_object_mut().unwrap().remove("type");
        change("p", &update).await.refused(400, "PLATFORM_ACCOUNT_VERIFICATION_FAILED");
        update["account"]["holder"] = found["holderName"].clone();
        change("p", &update).await.succeeds();
        change("p", &update).await.refused(409, "PLATFORM_ACCOUNT_VERIFICATION_ALREADY_USED");
        shop.closes().await;
    });
}

#[test]
fn a_partner_is_archived_recovered_and_found() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.has_contract("c").await;
        shop.has_partner("one", business(GOING)).await;
        shop.after("PT1S").await;
        shop.has_partner("two", person()).await;
        shop.post("/platform/partners/two/archive", &json!({})).await.succeeds();
        let again = shop.post("/platform/partners/two/archive", &json!({})).await.succeeds();
        assert_eq!(again["partner"]["isArchived"], true);
        shop.post(PARTNERS, &partner("two", person()))
            .await
            .refused(409, "PLATFORM_PARTNER_ID_ALREADY_EXISTS");
        for (filter, found) in [
            (json!({}), vec!["one"]),
            (json!({ "isArchived": true }), vec!["two"]),
            (
                json!({ "tags": ["bread", "x"], "banks": ["KOOKMIN"], "accountCurrencies": ["KRW"] }),
                vec!["one"],
            ),
            (json!({ "tags": [] , "ids": ["one", "two"], "contractIds": ["c"] }), vec!["one"]),
            (json!({ "types": ["WHT_PAYER"] }), vec![]),
            (
                json!({ "types": ["BUSINESS"], "taxationTypes": ["NORMAL"], "businessStatuses": ["IN_BUSINESS"] }),
                vec!["one"],
            ),
            (
                json!({ "accountStatuses": ["VERIFY_FAILED"], "memberCompanyConnectionStatuses": ["NOT_CONNECTED"] }),
                vec!["one"],
            ),
            (json!({ "keyword": { "email": "HONG@" } }), vec!["one"]),
            (json!({ "keyword": { "businessRegistrationNumber": "47521" } }), vec!["one"]),
            (json!({ "keyword": { "accountNumber": "1234" } }), vec!["one"]),
            (json!({ "keyword": { "accountHolder": "길동" } }), vec!["one"]),
            (json!({ "keyword": { "defaultContractId": "d" } }), vec![]),
        ] {
            let path = crate::shop::with_criteria("/platform/partners", &json!({ "filter": filter }));
            let list = shop.get(&format!("{path}&test=true")).await.succeeds();
            assert_eq!(ids(&list), found, "{filter}");
        }
        let recovered = shop.post("/platform/partners/two/recover", &json!({})).await.succeeds();
        assert_eq!(recovered["partner"]["isArchived"], false);
        shop.post("/platform/partners/two/recover", &json!({})).await.succeeds();
        for rest in ["archive", "recover"] {
            let answer = shop.post(&format!("/platform/partners/none/{rest}"), &json!({})).await;
            answer.refused(404, "PLATFORM_PARTNER_NOT_FOUND");
        }
        shop.get("/platform/partners/none").await.refused(404, "PLATFORM_PARTNER_NOT_FOUND");
        let options = shop.get("/platform/partner-filter-options?test=true").await.succeeds();
        assert_eq!(options["tags"], json!(["bread"]));
        shop.closes().await;
    });
}
