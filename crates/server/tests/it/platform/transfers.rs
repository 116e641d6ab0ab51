//! Transfers: what a partner earns from an order, what a cancel takes back, lists, the sheet, deleting.

use super::{business, partner, person};
use crate::shop::{Answer, Engine, Shop, at_once, both_databases, with_criteria};
use paypier::config::Config;
use serde_json::{Value, json};

impl Shop {
    /// A marketplace at noon of Tuesday, 2 March 2027 in Korea: contract `c` (10 %, Fridays), a person `p`, a
    /// business `b`, a policy that shares discounts by half and one about wrapping.
    pub(super) async fn marketplace(engine: Engine) -> Self {
        Self::marketplace_with(engine, |_| {}).await
    }

    /// With settings of its own.
    pub(super) async fn marketplace_with(engine: Engine, settle: impl FnOnce(&mut Config)) -> Self {
        let shop = Self::open_with(engine, settle).await;
        shop.post("/sandbox/clock", &json!({ "now": "2027-03-02T03:00:00Z" })).await.succeeds();
        shop.has_contract("c").await;
        shop.has_partner("p", person()).await;
        shop.has_partner("b", business(super::GOING)).await;
        let half = json!({ "id": "half", "name": "half", "partnerShareRate": 50_000 });
        shop.post("/platform/discount-share-policies?test=true", &half).await.succeeds();
        let wrap = json!({
            "id": "wrap", "name": "wrapping", "fee": { "fixedAmount": 300 }, "vatPayer": "PARTNER",
        });
        shop.post("/platform/additional-fee-policies?test=true", &wrap).await.succeeds();
        shop
    }

    pub(super) async fn registers(&self, body: &Value) -> Answer {
        self.post("/platform/transfers/order?test=true", body).await
    }

    pub(super) async fn takes_back(&self, body: &Value) -> Answer {
        self.post("/platform/transfers/order-cancel?test=true", body).await
    }

    pub(super) async fn gives(&self, body: &Value) -> Answer {
        self.post("/platform/transfers/manual?test=true", body).await
    }

    /// The ids of the transfers that a filter leaves, the newest first.
    pub(super) async fn transfers(&self, filter: Value) -> Vec<String> {
        let path = with_criteria("/platform/transfer-summaries", &json!({ "filter": filter }));
        let list = self.get(&format!("{path}&test=true")).await.succeeds();
        let items = list["transferSummaries"].as_array().unwrap();
        assert_eq!(list["page"]["totalCount"], items.len());
        items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    }
}

/// What the partner earns from a payment of ours, by amount.
pub(super) fn earns(id: &str, payment: &str, amount: i64) -> Value {
    json!({
        "id": id, "partnerId": "p", "paymentId": payment, "orderDetail": { "orderAmount": amount },
        "discounts": [], "additionalFees": [],
    })
}

/// The same from a payment that the merchant knows of.
pub(super) fn earns_outside(id: &str, amount: i64) -> Value {
    let mut body = earns(id, &format!("order-of-{id}"), amount);
    body["externalPaymentDetail"] = json!({ "currency": "KRW", "paidAt": "2027-03-02T01:00:00Z" });
    body
}

fn lines(id: &str) -> Value {
    json!({
        "id": id, "partnerId": "p", "paymentId": "order-1", "memo": "Spring sale",
        "orderDetail": { "orderLines": [
            { "product": { "id": "A", "name": "A Tale", "amount": 2_000 }, "quantity": 5,
              "discounts": [{ "sharePolicyId": "half", "amount": 1_000 }], "additionalFees": [{ "policyId": "wrap" }] },
            { "product": { "id": "B", "name": "Two Cities", "amount": 4_000 }, "quantity": 1,
              "discounts": [], "additionalFees": [] },
        ] },
        "discounts": [], "additionalFees": [],
    })
}

#[test]
fn an_order_is_registered_settled_on_its_day_and_shown_as_it_was_calculated() {
    both_databases(|engine| async move {
        let shop = Shop::marketplace(engine).await;
        shop.is_paid("order-1", 20_000).await;
        let made = shop.registers(&lines("t-1")).await.succeeds()["transfer"].clone();
        // 14,000 at 10 % with its VAT; half of 1,000 and 300 with its VAT on top of it.
        for (member, units) in [
            ("order", 14_000),
            ("payment", 13_000),
            ("platformFee", 1_400),
            ("platformFeeVat", 140),
            ("additionalFee", 300),
            ("additionalFeeVat", 30),
            ("discountShare", 500),
            ("settlement", 11_630),
            ("paymentVat", 1_181),
            ("supply", 11_819),
            ("taxFree", 0),
        ] {
            assert_eq!(made["amount"][member], units, "{member}");
        }
        assert_eq!(
            (&made["type"], &made["status"], &made["settlementStartDate"], &made["settlementDate"]),
            (&json!("ORDER"), &json!("IN_PROCESS"), &json!("2027-03-02"), &json!("2027-03-05"))
        );
        assert_eq!(
            (&made["payment"]["type"], &made["payment"]["id"]),
            (&json!("PORT_ONE"), &json!("order-1"))
        );
        assert_eq!(made["orderLines"][0]["discounts"][0]["sharePolicy"]["id"], "half");
        assert_eq!(made["graphqlId"], "Njp0LTE=");
        assert!(made.get("payoutId").is_none() && made["isForTest"] == true);
        assert_eq!(shop.get("/platform/transfers/t-1?test=true").await.succeeds(), made);
        // Whoever does not say looks at both; LIVE has none.
        assert_eq!(shop.get("/platform/transfers/t-1").await.succeeds(), made);
        shop.get("/platform/transfers/t-1?test=false").await.refused(404, "PLATFORM_TRANSFER_NOT_FOUND");
        let working = shop.get("/operator/platform/transfers/t-1/working?test=true").await.succeeds();
        assert!(
            working["working"]
                .as_array()
                .unwrap()
                .iter()
                .any(|step| step.as_str().unwrap().contains("settlement 11630"))
        );

        // Later terms change nothing about what has begun.
        shop.patch("/platform/contracts/c?test=true", &json!({ "platformFee": { "fixedRate": 50_000 } }))
            .await
            .succeeds();
        shop.after("PT60H").await;
        let settled = shop.get("/platform/transfers/t-1?test=true").await.succeeds();
        assert_eq!((&settled["status"], &settled["amount"]), (&json!("SETTLED"), &made["amount"]));
        shop.closes().await;
    });
}

#[test]
fn cancels_take_back_what_the_order_gave_and_no_more() {
    both_databases(|engine| async move {
        let shop = Shop::marketplace(engine).await;
        shop.is_paid("order-1", 14_000).await;
        shop.registers(&lines("t-1")).await.succeeds();
        let cancelled = shop.cancels("order-1", Some(4_000)).await.succeeds();
        let cancellation = cancelled["cancellation"]["id"].as_str().unwrap().to_owned();
        let part = json!({
            "id": "c-1", "transferId": "t-1", "cancellationId": cancellation, "discounts": [],
            "orderDetail": { "orderLines": [{ "productId": "A", "quantity": 2, "discounts": [{ "sharePolicyId": "half", "amount": 400 }] }] },
        });
        let made = shop.takes_back(&part).await.succeeds()["transfer"].clone();
        assert_eq!(
            (&made["type"], &made["amount"]["order"], &made["amount"]["discount"]),
            (&json!("ORDER_CANCEL"), &json!(4_000), &json!(400))
        );
        assert_eq!(
            (&made["amount"]["platformFee"], &made["amount"]["discountShare"]),
            (&json!(400), &json!(200))
        );
        assert_eq!(made["cancellation"]["id"], cancellation.as_str());
        // The rest is taken back whole, member by member.
        let rest = shop.cancels("order-1", None).await.succeeds();
        let rest = json!({
            "partnerId": "p", "paymentId": "order-1", "cancellationId": rest["cancellation"]["id"],
            "discounts": [], "orderDetail": { "all": {} },
        });
        let all = shop.takes_back(&rest).await.succeeds()["transfer"].clone();
        let order = shop.get("/platform/transfers/t-1?test=true").await.succeeds();
        for (member, of) in order["amount"].as_object().unwrap() {
            if let Some(of) = of.as_i64() {
                let sum = made["amount"][member].as_i64().unwrap() + all["amount"][member].as_i64().unwrap();
                assert_eq!(sum, of, "{member}");
            }
        }
        // An order with cancels stays until they are gone, and then its amounts can be cancelled again.
        shop.delete("/platform/transfers/t-1?test=true")
            .await
            .refused(400, "PLATFORM_CANCEL_ORDER_TRANSFERS_EXISTS");
        shop.delete(&format!("/platform/transfers/{}?test=true", all["id"].as_str().unwrap()))
            .await
            .succeeds();
        shop.takes_back(&rest).await.succeeds();
        shop.closes().await;
    });
}

#[test]
fn of_fifty_who_register_at_once_only_what_was_paid_for_gets_through() {
    both_databases(|engine| async move {
        let shop = Shop::marketplace(engine).await;
        shop.is_paid("order-1", 10_000).await;
        for number in 0..15 {
            shop.post("/platform/partners?test=true", &partner(&format!("q-{number}"), person()))
                .await
                .succeeds();
        }
        let requests = (0..15).map(|number| {
            let mut body = earns(&format!("t-{number}"), "order-1", 1_500);
            body["partnerId"] = json!(format!("q-{number}"));
            shop.request("POST", "/platform/transfers/order?test=true").body(body.to_string())
        });
        let answers = at_once(requests.collect()).await;
        let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
        assert_eq!(won.len(), 6);
        for answer in lost {
            let refused = answer.refused(400, "PLATFORM_SETTLEMENT_PAYMENT_AMOUNT_EXCEEDED_PORT_ONE_PAYMENT");
            assert_eq!(
                (&refused["requestSettlementPaymentAmount"], &refused["portOnePaymentAmount"]),
                (&json!(1_500), &json!(10_000))
            );
        }
        // Two equal requests: one wins.
        let twice = earns_outside("twice", 1_000);
        let requests = (0..4)
            .map(|_| shop.request("POST", "/platform/transfers/order?test=true").body(twice.to_string()));
        let answers = at_once(requests.collect()).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        // Cancels of one order: the order bounds them all.
        let cancel = |number: i32| {
            json!({
                "transferId": "twice", "cancellationId": format!("x-{number}"), "externalCancellationDetail": {},
                "orderDetail": { "orderAmount": 400 }, "discounts": [],
            })
        };
        let requests = (0..8).map(|number| {
            shop.request("POST", "/platform/transfers/order-cancel?test=true")
                .body(cancel(number).to_string())
        });
        let answers = at_once(requests.collect()).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 2);
        shop.closes().await;
    });
}

#[test]
fn lists_and_the_sheet_show_what_a_filter_leaves() {
    both_databases(|engine| async move {
        let shop = Shop::marketplace(engine).await;
        shop.is_paid("order-1", 20_000).await;
        shop.registers(&lines("t-1")).await.succeeds();
        let mut outside = earns_outside("t-2", 1_000);
        outside["memo"] = json!("=HYPERLINK(\"http://x\")");
        outside["externalPaymentDetail"]["method"] = json!({ "easyPay": { "provider": "KAKAOPAY" } });
        shop.registers(&outside).await.succeeds();
        let gift = json!({ "id": "t-3", "partnerId": "b", "settlementAmount": -700, "settlementDate": "2027-03-01" });
        shop.gives(&gift).await.succeeds();
        let all: &[&str] = &["t-3", "t-2", "t-1"];
        for (filter, expected) in [
            (json!({}), all),
            (json!({ "types": [] }), all),
            (json!({ "types": ["MANUAL"] }), &["t-3"]),
            (json!({ "statuses": ["SETTLED"] }), &["t-3"]),
            (json!({ "statuses": ["IN_PROCESS"] }), &["t-2", "t-1"]),
            (
                json!({ "settlementStartDateRange": { "from": "2027-03-02", "until": "2027-03-02" } }),
                &["t-2", "t-1"],
            ),
            (json!({ "settlementDateRange": { "from": "2027-03-01", "until": "2027-03-04" } }), &["t-3"]),
            (json!({ "partnerTags": ["bread", "x"] }), all),
            (json!({ "partnerTags": ["x"] }), &[]),
            (json!({ "contractIds": ["c"] }), &["t-2", "t-1"]),
            (json!({ "discountSharePolicyIds": ["half"] }), &["t-1"]),
            (json!({ "additionalFeePolicyIds": ["wrap"] }), &["t-1"]),
            (json!({ "paymentMethodTypes": ["EASY_PAY"] }), &["t-2"]),
            (json!({ "keyword": { "all": "spring" } }), &["t-1"]),
            (json!({ "keyword": { "all": "BAKERY" } }), all),
            (json!({ "keyword": { "productName": "Two Cities" } }), &["t-1"]),
            (json!({ "keyword": { "partnerId": "b" } }), &["t-3"]),
            (json!({ "keyword": { "partnerName": "bake" } }), all),
            (json!({ "keyword": { "transferMemo": "sale" } }), &["t-1"]),
            (json!({ "keyword": { "paymentId": "order-1" } }), &["t-1"]),
        ] {
            assert_eq!(shop.transfers(filter.clone()).await, expected, "{filter}");
        }
        for filter in [
            json!({ "keyword": { "all": "a", "partnerId": "b" } }),
            json!({ "settlementStartDateRange": { "from": "2027-03-03", "until": "2027-03-02" } }),
            json!({ "settlementStartDateRange": { "from": "2027-03-01", "until": "2027-03-02" },
                    "settlementDateRange": { "from": "2027-03-01", "until": "2027-03-02" } }),
        ] {
            let path = with_criteria("/platform/transfer-summaries", &json!({ "filter": filter }));
            shop.get(&format!("{path}&test=true")).await.refused(400, "INVALID_REQUEST");
        }
        let criteria = json!({ "fields": ["TRANSFER_ID", "TYPE", "TRANSFER_MEMO", "SETTLEMENT_AMOUNT", "PARTNER_NAME"] });
        let path = with_criteria("/platform/transfer-summaries/sheet-file", &criteria);
        let sheet = shop.get(&format!("{path}&test=true")).await;
        assert_eq!(sheet.status, 200);
        assert_eq!(
            sheet.text(),
            "\u{feff}정산건 아이디,구분,메모,정산 금액,파트너 이름\r\nt-3,MANUAL,,-700,a bakery\r\n\
             t-2,ORDER,\"'=HYPERLINK(\"\"http://x\"\")\",890,a bakery\r\nt-1,ORDER,Spring sale,11630,a bakery\r\n"
        );
        let all_columns = shop.get("/platform/transfer-summaries/sheet-file?test=true").await.text();
        assert_eq!(all_columns.lines().count(), 4);
        let unknown =
            with_criteria("/platform/transfer-summaries/sheet-file", &json!({ "fields": ["NOTHING"] }));
        shop.get(&format!("{unknown}&test=true")).await.refused(400, "INVALID_REQUEST");
        let stranger = shop.send(shop.anonymous("GET", "/platform/transfer-summaries/sheet-file")).await;
        assert_eq!(stranger.status, 401);
        shop.closes().await;
    });
}

#[test]
fn what_has_not_started_follows_its_contract_until_it_does() {
    both_databases(|engine| async move {
        let shop = Shop::marketplace(engine).await;
        let mut body = earns_outside("t-1", 10_000);
        body["settlementStartDate"] = json!("2027-03-10");
        let made = shop.registers(&body).await.succeeds()["transfer"].clone();
        assert_eq!((&made["status"], &made["amount"]["settlement"]), (&json!("SCHEDULED"), &json!(8_900)));
        let cheaper = json!({ "platformFee": { "fixedRate": 5_000 } });
        shop.patch("/platform/contracts/c?test=true", &cheaper).await.succeeds();
        let settlement = |transfer: Value| transfer["amount"]["settlement"].clone();
        let transfer = "/platform/transfers/t-1?test=true";
        assert_eq!(settlement(shop.get(transfer).await.succeeds()), 9_450);
        shop.after("P8D").await;
        let started = shop.get(transfer).await.succeeds();
        assert_eq!((&started["status"], settlement(started.clone())), (&json!("IN_PROCESS"), json!(9_450)));
        shop.patch("/platform/contracts/c?test=true", &json!({ "platformFee": { "fixedRate": 90_000 } }))
            .await
            .succeeds();
        assert_eq!(settlement(shop.get(transfer).await.succeeds()), 9_450);
        shop.closes().await;
    });
}

#[test]
fn a_cancel_that_has_not_begun_takes_back_what_its_order_was_worth_when_that_began() {
    both_databases(|engine| async move {
        let shop = Shop::marketplace(engine).await;
        let mut order = earns_outside("t-1", 10_000);
        order["settlementStartDate"] = json!("2027-03-10");
        shop.registers(&order).await.succeeds();
        let cancel = json!({
            "id": "c-1", "transferId": "t-1", "cancellationId": "x", "externalCancellationDetail": {},
            "orderDetail": { "all": {} }, "discounts": [], "settlementStartDate": "2027-03-12",
        });
        shop.takes_back(&cancel).await.succeeds();
        let fee = |rate: i64| json!({ "platformFee": { "fixedRate": rate } });
        shop.patch("/platform/contracts/c?test=true", &fee(5_000)).await.succeeds();
        // The order begins with the new fee; what comes later is no business of either.
        shop.after("P9D").await;
        shop.patch("/platform/contracts/c?test=true", &fee(90_000)).await.succeeds();
        shop.after("P2D").await;
        let given = shop.get("/platform/transfers/t-1?test=true").await.succeeds();
        let taken = shop.get("/platform/transfers/c-1?test=true").await.succeeds();
        assert_eq!((&given["amount"]["settlement"], &taken["amount"]), (&json!(9_450), &given["amount"]));
        shop.closes().await;
    });
}
