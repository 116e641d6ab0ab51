//! Partners that are connected to the provider of tax invoices.

use super::{CLOSED, GOING, business, contract, partner, person};
use crate::shop::{Shop, both_databases};
use serde_json::json;

const CONNECT: &str = "/platform/partners/counterparty-connect";
const DISCONNECT: &str = "/platform/partners/counterparty-disconnect";

impl Shop {
    async fn connection(&self, id: &str) -> String {
        let partner = self.get(&format!("/platform/partners/{id}")).await.succeeds();
        partner["type"]["memberCompanyConnectionStatus"].as_str().unwrap().to_owned()
    }
}

#[test]
fn a_business_is_connected_and_disconnected_when_the_provider_says_so() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.has_contract("c").await;
        shop.has_partner("going", business(GOING)).await;
        shop.has_partner("closed", business(CLOSED)).await;
        for id in ["going", "closed"] {
            let asked = shop.post(&format!("{CONNECT}/{id}"), &json!({})).await.succeeds();
            assert_eq!(asked["partner"]["type"]["memberCompanyConnectionStatus"], "CONNECT_PENDING");
            let again = shop.post(&format!("{CONNECT}/{id}"), &json!({})).await;
            again.refused(400, "PLATFORM_COUNTERPARTY_NOT_CONNECTABLE_STATUS");
            for rest in ["archive", "recover"] {
                let answer = shop.post(&format!("/platform/partners/{id}/{rest}"), &json!({})).await;
                answer.refused(409, "PLATFORM_PARTNER_PENDING_NTS_OPERATION");
            }
        }
        shop.after("PT1M").await;
        assert_eq!(shop.connection("going").await, "CONNECTED");
        let closed = shop.get("/platform/partners/closed").await.succeeds();
        assert_eq!(closed["type"]["memberCompanyConnectionStatus"], "CONNECT_FAILED");
        assert!(!closed["type"]["memberCompanyConnectionFailedReason"].as_str().unwrap().is_empty());
        // What failed may be asked for again.
        shop.post(&format!("{CONNECT}/closed"), &json!({})).await.succeeds();
        let again = shop.post(&format!("{CONNECT}/going"), &json!({})).await;
        again.refused(400, "PLATFORM_COUNTERPARTY_NOT_CONNECTABLE_STATUS");

        let asked = shop.post(&format!("{DISCONNECT}/going"), &json!({})).await.succeeds();
        assert_eq!(asked["partner"]["type"]["memberCompanyConnectionStatus"], "DISCONNECT_PENDING");
        shop.after("PT1M").await;
        assert_eq!(shop.connection("going").await, "NOT_CONNECTED");
        let again = shop.post(&format!("{DISCONNECT}/going"), &json!({})).await;
        again.refused(400, "PLATFORM_COUNTERPARTY_NOT_CONNECTED");
        shop.closes().await;
    });
}

#[test]
fn a_connection_is_refused_for_the_first_thing_that_is_wrong() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.has_contract("c").await;
        shop.has_partner("person", person()).await;
        let mut simple = business(GOING);
        simple["business"]["taxationType"] = "SIMPLE".into();
        shop.has_partner("simple", simple).await;
        shop.has_partner("archived", person()).await;
        shop.post("/platform/partners/archived/archive", &json!({})).await.succeeds();
        let reserved = json!({ "update": { "memo": "x" }, "appliedAt": shop.in_hours(1).await });
        shop.has_partner("reserved", person()).await;
        shop.post("/platform/partners/reserved/schedule", &reserved).await.succeeds();
        for (path, id, status, kind) in [
            (CONNECT, "none", 404, "PLATFORM_PARTNER_NOT_FOUND"),
            (CONNECT, "archived", 409, "PLATFORM_ARCHIVED_PARTNER"),
            (CONNECT, "reserved", 409, "PLATFORM_PARTNER_SCHEDULE_EXISTS"),
            (CONNECT, "person", 400, "PLATFORM_PARTNER_TYPE_IS_NOT_BUSINESS"),
            (CONNECT, "simple", 400, "PLATFORM_PARTNER_TAXATION_TYPE_IS_SIMPLE"),
            (DISCONNECT, "none", 404, "PLATFORM_PARTNER_NOT_FOUND"),
            (DISCONNECT, "archived", 409, "PLATFORM_ARCHIVED_PARTNER_NTS_NOT_ALLOWED"),
            (DISCONNECT, "reserved", 400, "PLATFORM_PARTNER_TYPE_IS_NOT_BUSINESS"),
            (DISCONNECT, "simple", 400, "PLATFORM_PARTNER_TAXATION_TYPE_IS_SIMPLE"),
        ] {
            shop.post(&format!("{path}/{id}"), &json!({})).await.refused(status, kind);
        }
        // Nobody issues LIVE invoices yet, whoever it is for.
        shop.post("/platform/contracts", &contract("c")).await.succeeds();
        shop.post("/platform/partners", &partner("live", business(GOING))).await.succeeds();
        for path in [CONNECT, DISCONNECT] {
            shop.post(&format!("{path}/live?test=false"), &json!({}))
                .await
                .refused(403, "PLATFORM_BTX_NOT_ENABLED");
            shop.post(&format!("{path}/live"), &json!({})).await.refused(403, "PLATFORM_BTX_NOT_ENABLED");
            shop.post(&format!("{path}?test=false"), &json!({}))
                .await
                .refused(403, "PLATFORM_BTX_NOT_ENABLED");
        }
        shop.closes().await;
    });
}

#[test]
fn many_are_connected_by_one_task() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.has_contract("c").await;
        let nobody = shop.post(&format!("{CONNECT}?test=true"), &json!({})).await;
        nobody.refused(404, "PLATFORM_PARTNER_NOT_FOUND");
        shop.has_partner("person", person()).await;
        let none = shop.post(&format!("{CONNECT}?test=true"), &json!({})).await;
        none.refused(404, "PLATFORM_TARGET_PARTNER_NOT_FOUND");
        for (id, number) in [("one", GOING), ("two", GOING), ("closed", CLOSED)] {
            shop.has_partner(id, business(number)).await;
        }
        let task =
            shop.post(&format!("{CONNECT}?test=true"), &json!({ "filter": { "types": ["BUSINESS"] } })).await;
        let task = task.succeeds()["bulkTask"].clone();
        assert_eq!(
            (&task["type"], &task["status"]),
            (&json!("CONNECT_MEMBER_COMPANIES"), &json!("PROCESSING"))
        );
        assert_eq!(task["progressStats"]["processingCount"], 3);
        shop.after("PT1M").await;
        assert_eq!(
            [shop.connection("one").await, shop.connection("two").await, shop.connection("closed").await],
            ["CONNECTED", "CONNECTED", "CONNECT_FAILED"]
        );
        let task =
            shop.post(&format!("{DISCONNECT}?test=true"), &json!({})).await.succeeds()["bulkTask"].clone();
        assert_eq!(
            (&task["type"], &task["progressStats"]["processingCount"]),
            (&json!("DISCONNECT_MEMBER_COMPANIES"), &json!(2))
        );
        shop.closes().await;
    });
}

#[test]
fn what_the_tax_office_knows_of_a_connected_partner_does_not_change_beside_it() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.has_contract("c").await;
        shop.has_partner("p", business(GOING)).await;
        let at = shop.in_hours(24).await;
        let reserve = |update: serde_json::Value| json!({ "update": update, "appliedAt": at });
        shop.post(&format!("{CONNECT}/p"), &json!({})).await.succeeds();
        shop.after("PT1M").await;
        let number = json!({ "type": { "business": { "businessRegistrationNumber": CLOSED } } });
        let kind = json!({ "type": { "nonWhtPayer": {} } });
        let memo = json!({ "memo": "x" });
        for (update, refusal) in [
            (&number, "PLATFORM_MEMBER_COMPANY_CONNECTED_PARTNER_BRN_UNCHANGEABLE"),
            (&kind, "PLATFORM_MEMBER_COMPANY_CONNECTED_PARTNER_TYPE_UNCHANGEABLE"),
        ] {
            shop.patch("/platform/partners/p", update).await.refused(409, refusal);
            shop.post("/platform/partners/p/schedule", &reserve(update.clone())).await.refused(409, refusal);
        }
        shop.patch("/platform/partners/p", &memo).await.succeeds();
        let cannot = "PLATFORM_MEMBER_COMPANY_CONNECTED_PARTNER_CANNOT_BE_SCHEDULED";
        shop.post("/platform/partners/p/schedule", &reserve(memo.clone())).await.refused(409, cannot);
        for update in [&memo, &number, &kind] {
            shop.put("/platform/partners/p/schedule", &reserve(update.clone())).await.refused(409, cannot);
        }
        let many = shop.post("/platform/partners/schedule?test=true", &reserve(memo)).await;
        let many = many.refused(409, "PLATFORM_MEMBER_COMPANY_CONNECTED_PARTNERS_CANNOT_BE_SCHEDULED");
        assert_eq!(many["ids"], json!(["p"]));
        // The same number, and everything else about the business, may be named.
        let same = json!({ "type": { "business": { "businessRegistrationNumber": GOING, "companyName": "Cake Inc." } } });
        shop.patch("/platform/partners/p", &same).await.succeeds();
        shop.closes().await;
    });
}
