//! Partner settlements: what a day adds up to, what the merchant has paid by itself, deleting, statements.

use super::partner;
use super::transfers::earns_outside;
use crate::shop::{Answer, Shop, at_once, both_databases, with_criteria};
use serde_json::{Value, json};

impl Shop {
    /// The settlements that a filter leaves, and how many there are of each status.
    pub(super) async fn settlements(&self, filter: Value) -> (Vec<Value>, Value) {
        let path = with_criteria("/platform/partner-settlements", &json!({ "filter": filter }));
        let list = self.get(&format!("{path}&test=true")).await.succeeds();
        let items = list["items"].as_array().unwrap().clone();
        assert_eq!(list["page"]["totalCount"], items.len(), "{filter}");
        (items, list["counts"].clone())
    }

    pub(super) async fn settlement(&self, partner: &str, kind: &str) -> String {
        let (items, _) =
            self.settlements(json!({ "partnerIds": [partner], "settlementTypes": [kind] })).await;
        assert_eq!(items.len(), 1, "{items:?}");
        items[0]["id"].as_str().unwrap().to_owned()
    }

    async fn has_paid(&self, id: &str, settlements: &[&str]) -> Answer {
        let body = json!({ "bulkPayoutId": id, "partnerSettlementIds": settlements });
        self.post("/platform/partner-settlements/complete-payout?test=true", &body).await
    }

    async fn forgets(&self, settlements: &[&str]) -> Answer {
        let body = json!({ "partnerSettlementIds": settlements });
        self.post("/platform/partner-settlements/delete?test=true", &body).await
    }

    async fn says_of(&self, settlement: &str, status: &str) -> Answer {
        let path = format!("/operator/platform/partner-settlements/{settlement}?test=true");
        self.patch(&path, &json!({ "status": status })).await
    }

    /// What a partner's account shows of March.
    pub(super) async fn statement(&self, partner: &str) -> Value {
        let path = format!("/operator/platform/partners/{partner}/statement");
        self.get(&format!("{path}?test=true&from=2027-03-01&until=2027-03-31")).await.succeeds()
    }

    /// Two orders of `p`, a cancel of one, and something that `b` is given; all due on Friday, the fifth, or
    /// before. It is Friday noon.
    pub(super) async fn friday(&self) {
        self.registers(&earns_outside("t-1", 10_000)).await.succeeds();
        self.registers(&earns_outside("t-2", 20_000)).await.succeeds();
        let cancel = json!({
            "id": "c-2", "transferId": "t-2", "cancellationId": "x", "externalCancellationDetail": {},
            "orderDetail": { "orderAmount": 5_000 }, "discounts": [],
        });
        self.takes_back(&cancel).await.succeeds();
        let gift =
            json!({ "id": "m", "partnerId": "b", "settlementAmount": 700, "settlementDate": "2027-03-03" });
        self.gives(&gift).await.succeeds();
        assert!(self.settlements(json!({})).await.0.is_empty());
        self.after("P3D").await;
    }
}

/// Types and amounts of the lines.
fn moves(statement: &Value) -> Vec<(String, i64)> {
    let lines = statement["lines"].as_array().unwrap();
    lines
        .iter()
        .map(|line| (line["type"].as_str().unwrap().to_owned(), line["amount"].as_i64().unwrap()))
        .collect()
}

#[test]
fn a_day_adds_up_and_what_was_paid_outside_closes_it() {
    both_databases(|engine| async move {
        let shop = Shop::marketplace(engine).await;
        shop.friday().await;
        let (items, counts) = shop.settlements(json!({})).await;
        assert_eq!((items.len(), &counts["payoutPrepared"], &counts["paidOut"]), (3, &json!(3), &json!(0)));
        let (order, cancel, gift) = (
            shop.settlement("p", "ORDER").await,
            shop.settlement("p", "ORDER_CANCEL").await,
            shop.settlement("b", "MANUAL").await,
        );
        let of = |id: &str| items.iter().find(|item| item["id"] == id).unwrap();
        assert_eq!(
            (&of(&order)["amount"]["order"], &of(&order)["amount"]["settlement"]),
            (&json!(30_000), &json!(26_700))
        );
        assert_eq!(of(&cancel)["amount"]["settlement"], 4_450);
        assert_eq!((&of(&gift)["amount"], &of(&gift)["settlementDate"]), (&json!(700), &json!("2027-03-03")));
        assert_eq!((&of(&order)["contract"]["id"], &of(&order)["partner"]["id"]), (&json!("c"), &json!("p")));
        for (filter, expected) in [
            (json!({ "settlementDates": ["2027-03-03", "2027-03-04"] }), vec![&gift]),
            (json!({ "contractIds": ["c"] }), vec![&order, &cancel]),
            (json!({ "statuses": ["PAID_OUT"] }), vec![]),
            (json!({ "settlementCurrencies": ["USD"] }), vec![]),
            (json!({ "partnerTags": ["bread"] }), vec![&order, &cancel, &gift]),
            (json!({ "keyword": { "partnerSettlementId": order } }), vec![&order]),
        ] {
            let (found, counts) = shop.settlements(filter.clone()).await;
            let mut ids: Vec<&str> = found.iter().map(|item| item["id"].as_str().unwrap()).collect();
            let mut expected: Vec<&str> = expected.iter().map(|id| id.as_str()).collect();
            ids.sort_unstable();
            expected.sort_unstable();
            assert_eq!(ids, expected, "{filter}");
            // Counts look away from the statuses that are asked for.
            let all = filter.get("statuses").is_some();
            assert_eq!(counts["payoutPrepared"], if all { 3 } else { expected.len() }, "{filter}");
        }
        // 22,250, of which 660 and 60 are withheld.
        let done = shop.has_paid("paid-1", &[&order, &cancel]).await.succeeds();
        assert_eq!((&done["payoutCount"], &done["partnerSettlementCount"]), (&json!(1), &json!(2)));
        assert_eq!(done["bulkPayoutId"], "paid-1");
        let path = with_criteria(
            "/platform/payouts",
            &json!({ "filter": { "criteria": { "bulkPayoutId": "paid-1" } } }),
        );
        let payouts = shop.get(&format!("{path}&test=true")).await.succeeds();
        let payout = &payouts["items"][0];
        for (member, units) in [
            ("settlementAmount", 22_250),
            ("incomeTaxAmount", 660),
            ("localIncomeTaxAmount", 60),
            ("amount", 21_530),
        ] {
            assert_eq!(payout[member], units, "{member}");
        }
        assert_eq!((&payout["status"], &payout["method"]), (&json!("SUCCEEDED"), &json!("DIRECT")));
        assert_eq!((&payouts["counts"]["succeeded"], &payouts["page"]["totalCount"]), (&json!(1), &json!(1)));
        let bulks = shop.get("/platform/bulk-payouts?test=true").await.succeeds();
        assert_eq!(
            (&bulks["items"][0]["id"], &bulks["items"][0]["status"]),
            (&json!("paid-1"), &json!("COMPLETED"))
        );
        let paid = shop.get("/platform/transfers/t-1?test=true").await.succeeds();
        assert_eq!((&paid["status"], &paid["payoutId"]), (&json!("PAID_OUT"), &payout["id"]));
        assert_eq!(shop.transfers(json!({ "statuses": ["PAID_OUT"] })).await.len(), 3);

        let statement = shop.statement("p").await;
        let mut lines = moves(&statement);
        assert_eq!(lines.pop(), Some(("PAID".into(), -22_250)));
        lines.sort_unstable();
        let settled: Vec<(String, i64)> =
            [-4_450, 8_900, 17_800].map(|units| ("SETTLED".into(), units)).into();
        assert_eq!(lines, settled);
        assert_eq!((&statement["openingBalance"], &statement["closingBalance"]), (&json!(0), &json!(0)));
        assert_eq!(
            (&statement["paid"]["amount"], &statement["paid"]["incomeTaxAmount"]),
            (&payout["amount"], &json!(660))
        );
        assert_eq!(shop.statement("b").await["closingBalance"], 700);
        shop.get("/operator/platform/partners/nobody/statement?test=true&from=2027-03-01&until=2027-03-31")
            .await
            .refused(404, "PLATFORM_PARTNER_NOT_FOUND");
        shop.closes().await;
    });
}

#[test]
fn only_what_can_be_paid_is_recorded_as_paid() {
    both_databases(|engine| async move {
        let shop = Shop::marketplace(engine).await;
        shop.friday().await;
        let (order, cancel, gift) = (
            shop.settlement("p", "ORDER").await,
            shop.settlement("p", "ORDER_CANCEL").await,
            shop.settlement("b", "MANUAL").await,
        );
        shop.says_of(&gift, "PAYOUT_WITHHELD").await.succeeds();
        shop.says_of(&gift, "PAID_OUT").await.refused(400, "INVALID_REQUEST");
        shop.says_of("none", "PAYOUT_WITHHELD").await.refused(404, "PLATFORM_PARTNER_SETTLEMENTS_NOT_FOUND");
        shop.has_paid("x", &[]).await.refused(400, "PLATFORM_NO_SELECTED_PARTNER_SETTLEMENTS");
        shop.has_paid("x", &["none", "none"])
            .await
            .refused(400, "PLATFORM_DUPLICATED_PARTNER_SETTLEMENT_IDS");
        let missing = shop.has_paid("x", &["none", &gift]).await;
        assert_eq!(missing.refused(404, "PLATFORM_PARTNER_SETTLEMENTS_NOT_FOUND")["ids"], json!(["none"]));
        let held = shop.has_paid("x", &[&cancel, &gift]).await;
        assert_eq!(held.refused(400, "PLATFORM_NON_PAYABLE_PARTNER_SETTLEMENTS")["ids"], json!([gift]));
        // A cancel alone would be a payout below nothing.
        shop.has_paid("x", &[&cancel]).await.refused(400, "PLATFORM_CURRENCY_NOT_SUPPORTED");
        let tomorrow = json!({
            "bulkPayoutId": "x", "partnerSettlementIds": [], "completedAt": "2027-03-06",
        });
        let complete = "/platform/partner-settlements/complete-payout?test=true";
        shop.post(complete, &tomorrow).await.refused(400, "INVALID_REQUEST");

        // Whoever pays the same again is told so; of many at once one is right.
        let ask = |number: i32| {
            let body =
                json!({ "bulkPayoutId": format!("b-{number}"), "partnerSettlementIds": [order, cancel] });
            shop.request("POST", complete).body(body.to_string())
        };
        let (won, lost): (Vec<_>, Vec<_>) =
            at_once((0..8).map(ask).collect()).await.into_iter().partition(|answer| answer.status == 200);
        assert_eq!(won.len(), 1);
        for answer in lost {
            answer.refused(400, "PLATFORM_NON_PAYABLE_PARTNER_SETTLEMENTS");
        }
        let bulk = won.into_iter().next().unwrap().succeeds()["bulkPayoutId"].as_str().unwrap().to_owned();
        shop.says_of(&gift, "PAYOUT_PREPARED").await.succeeds();
        shop.has_paid(&bulk, &[&gift]).await.refused(409, "PLATFORM_BULK_PAYOUT_ID_ALREADY_EXISTS");
        shop.delete("/platform/transfers/t-1?test=true")
            .await
            .refused(400, "PLATFORM_TRANSFER_NON_DELETABLE_STATUS");
        let paid = shop.forgets(&[&gift, &order]).await;
        assert_eq!(paid.refused(400, "PLATFORM_NON_DELETABLE_PARTNER_SETTLEMENTS")["ids"], json!([order]));
        shop.closes().await;
    });
}

#[test]
fn deleting_settlements_deletes_what_is_inside_or_nothing() {
    both_databases(|engine| async move {
        let shop = Shop::marketplace(engine).await;
        shop.friday().await;
        let (order, cancel) =
            (shop.settlement("p", "ORDER").await, shop.settlement("p", "ORDER_CANCEL").await);
        shop.forgets(&[]).await.refused(400, "INVALID_REQUEST");
        let missing = shop.forgets(&[&order, "none"]).await;
        assert_eq!(missing.refused(404, "PLATFORM_PARTNER_SETTLEMENTS_NOT_FOUND")["ids"], json!(["none"]));
        let orphans = shop.forgets(&[&order]).await;
        assert_eq!(
            orphans.refused(400, "PLATFORM_REFERENCED_CANCEL_ORDER_TRANSFERS_EXIST")["ids"],
            json!([order])
        );
        // A transfer that is deleted leaves its settlement.
        shop.delete("/platform/transfers/t-1?test=true").await.succeeds();
        let (left, _) = shop.settlements(json!({ "settlementTypes": ["ORDER"] })).await;
        assert_eq!(
            (&left[0]["amount"]["settlement"], &left[0]["amount"]["order"]),
            (&json!(17_800), &json!(20_000))
        );
        shop.forgets(&[&order, &cancel]).await.succeeds();
        for gone in ["t-1", "t-2", "c-2"] {
            shop.get(&format!("/platform/transfers/{gone}?test=true"))
                .await
                .refused(404, "PLATFORM_TRANSFER_NOT_FOUND");
        }
        assert_eq!(shop.settlements(json!({})).await.0.len(), 1);
        let statement = shop.statement("p").await;
        assert_eq!(
            (statement["lines"].as_array().unwrap().len(), &statement["closingBalance"]),
            (6, &json!(0))
        );
        // The order can be registered again, under another id.
        let mut again = earns_outside("t-1", 10_000);
        shop.registers(&again).await.refused(409, "PLATFORM_TRANSFER_ID_ALREADY_USED");
        again["id"] = json!("t-3");
        shop.registers(&again).await.succeeds();
        shop.closes().await;
    });
}

#[test]
fn of_many_who_delete_the_larger_part_of_a_settlement_one_does() {
    both_databases(|engine| async move {
        let shop = Shop::marketplace(engine).await;
        let mut small = earns_outside("small", 1_000);
        small["paymentId"] = json!("another");
        shop.registers(&small).await.succeeds();
        shop.registers(&earns_outside("large", 10_000)).await.succeeds();
        shop.after("P3D").await;
        shop.settlement("p", "ORDER").await;
        // Whoever comes late may find the transfer, and then a sum that is less than it.
        let ask = |_| shop.request("DELETE", "/platform/transfers/large?test=true");
        let (won, lost): (Vec<_>, Vec<_>) =
            at_once((0..12).map(ask).collect()).await.into_iter().partition(|answer| answer.status == 200);
        assert_eq!(won.len(), 1);
        for answer in lost {
            answer.refused(404, "PLATFORM_TRANSFER_NOT_FOUND");
        }
        let (left, _) = shop.settlements(json!({})).await;
        assert_eq!((left.len(), &left[0]["amount"]["order"]), (1, &json!(1_000)));
        shop.closes().await;
    });
}

#[test]
fn what_is_due_later_waits_and_joins_what_is_not_paid_yet() {
    both_databases(|engine| async move {
        let shop = Shop::marketplace(engine).await;
        shop.post("/platform/partners?test=true", &partner("q", super::person())).await.succeeds();
        shop.registers(&earns_outside("t-1", 10_000)).await.succeeds();
        let mut later = earns_outside("t-2", 1_000);
        later["settlementDate"] = json!("2027-03-12");
        shop.registers(&later).await.succeeds();
        shop.after("P3D").await;
        let order = shop.settlement("p", "ORDER").await;
        // Registered on the day itself: it belongs to the same settlement, until that one is paid.
        let mut late = earns_outside("t-3", 2_000);
        late["settlementDate"] = json!("2027-03-05");
        shop.registers(&late).await.succeeds();
        let (items, _) = shop.settlements(json!({})).await;
        assert_eq!((items.len(), &items[0]["amount"]["settlement"]), (1, &json!(8_900 + 1_780)));
        shop.has_paid("first", &[&order]).await.succeeds();
        late["id"] = json!("t-4");
        late["paymentId"] = json!("another");
        shop.registers(&late).await.succeeds();
        let (items, counts) = shop.settlements(json!({})).await;
        assert_eq!((items.len(), &counts["paidOut"], &counts["payoutPrepared"]), (2, &json!(1), &json!(1)));
        shop.after("P7D").await;
        assert_eq!(shop.settlements(json!({ "settlementDates": ["2027-03-12"] })).await.0.len(), 1);
        shop.closes().await;
    });
}
