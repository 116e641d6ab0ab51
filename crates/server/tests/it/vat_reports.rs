//! Figures for the value-added tax: LIVE sales in won, day by day in Seoul.

use crate::shop::{APPROVED, Answer, CANCELS_LATER, Shop, both_databases, with_criteria};
use jiff::tz::TimeZone;
use paypier::cli::dev::demo;
use paypier::clock::Clock;
use paypier_domain::change::Write;
use paypier_domain::channel::{Channel, Environment};
use serde_json::{Value, json};

const LIVE: &str = "channel-key-live";

impl Shop {
    /// A LIVE channel of the demo store, with this provider. (The simulated PSP takes its money like any
    /// other's; administrators cannot make such a channel.)
    async fn sells_for_real(&self, key: &str, provider: &str) {
        let channel = self.channel(demo::STORE_ID, key, &format!("account-of-{key}"));
        let live = Channel { environment: Environment::Live, pg_provider: provider.into(), ..channel };
        self.writes(vec![Write::Channel(Box::new(live))]).await;
    }

    async fn sells_through(&self, id: &str, channel: &str, amount: Value) {
        let mut order = self.order(APPROVED, 1);
        order["channelKey"] = json!(channel);
        order["amount"] = amount;
        // Webhooks are signed by the wall clock, which a story here pushes.
        order.as_object_mut().unwrap().remove("noticeUrls");
        self.post(&format!("/payments/{id}/instant"), &order).await.succeeds();
    }

    async fn vat_reports(&self, basis: &str, criteria: &Value) -> Answer {
        self.get(&with_criteria(&format!("/payment-reconciliations/{basis}/vat-report"), criteria)).await
    }

    fn today(&self) -> jiff::civil::Date {
        self.wall.now().to_zoned(TimeZone::fixed(jiff::tz::offset(9))).date()
    }
}

fn range(from: impl ToString, until: impl ToString) -> Value {
    json!({ "from": from.to_string(), "until": until.to_string() })
}

#[test]
fn sales_and_cancellations_are_added_up_by_their_parts() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.sells_for_real(LIVE, "NICE_V2").await;
        shop.sells_for_real("channel-key-live-2", "KCP_V2").await;
        // TEST is no sale, and dollars have no Korean tax.
        shop.is_paid("test", 55_000).await;
        shop.sells_through("taxed", LIVE, json!({ "total": 11_000 })).await;
        shop.sells_through("free", LIVE, json!({ "total": 10_000, "taxFree": 10_000 })).await;
        shop.sells_through("rounded", LIVE, json!({ "total": 10_005 })).await;
        shop.sells_through("gone", LIVE, json!({ "total": 3_300 })).await;
        shop.sells_through("other", "channel-key-live-2", json!({ "total": 5_500, "vat": 0 })).await;
        let mut dollars = shop.order(APPROVED, 600);
        (dollars["channelKey"], dollars["currency"]) = (json!(LIVE), json!("USD"));
        shop.post("/payments/dollars/instant", &dollars).await.succeeds();
        let mut part = json!({ "reason": "one of two", "amount": 1_100, "vatAmount": 100 });
        shop.post("/payments/taxed/cancel", &part).await.succeeds();
        part["amount"] = json!(550);
        part["vatAmount"] = json!(50);
        shop.post("/payments/taxed/cancel", &part).await.succeeds();
        shop.cancels("gone", None).await.succeeds();
        let today = shop.today();
        let days = range(today.yesterday().unwrap(), today.tomorrow().unwrap());
        let expected = json!({
            "items": [{ "paymentMethod": "CARD", "supplyAmount": 8_500 + 9_095 + 5_500, "vatAmount": 850 + 910,
                "taxFreeAmount": 10_000, "totalAmount": 9_350 + 10_000 + 10_005 + 5_500 }],
            "summary": { "totalSupplyAmount": 23_095, "totalVatAmount": 1_760, "totalTaxFreeAmount": 10_000,
                "totalAmount": 34_855 },
            "pgSpecifiers": [
                { "pgMerchantId": "account-of-channel-key-live-2", "pgProvider": "KCP" },
                { "pgMerchantId": "account-of-channel-key-live", "pgProvider": "NICEPAY" },
            ],
        });
        for basis in ["transactions", "settlements"] {
            let report = shop.vat_reports(basis, &json!({ "dateRange": days })).await.succeeds();
            assert_eq!(report, expected, "{basis}");
            let kcp = json!([{ "pgMerchantId": "account-of-channel-key-live-2", "pgProvider": "KCP" }]);
            for (filter, total) in [
                (json!({ "pgSpecifiers": kcp }), 5_500),
                (json!({ "pgSpecifiers": [{ "pgMerchantId": "another", "pgProvider": "KCP" }] }), 0),
                (json!({ "pgSpecifiers": [], "storeIds": [] }), 34_855),
                (json!({ "storeIds": [demo::STORE_ID, "store-unknown"] }), 34_855),
                (json!({ "storeIds": ["store-unknown"] }), 0),
            ] {
                let report =
                    shop.vat_reports(basis, &json!({ "dateRange": days, "filter": filter })).await.succeeds();
                assert_eq!(report["summary"]["totalAmount"], total, "{basis} {filter}");
                assert_eq!(report["items"].as_array().unwrap().is_empty(), total == 0);
            }
            let before = range("2020-01-01", "2020-03-01");
            let nothing = shop.vat_reports(basis, &json!({ "dateRange": before })).await.succeeds();
            assert_eq!((&nothing["items"], &nothing["pgSpecifiers"]), (&json!([]), &json!([])));
            assert_eq!(nothing["summary"]["totalSupplyAmount"], 0);
        }
        for (statuses, total) in [(json!(["MATCHED"]), 0), (json!(["NOT_COLLECTED"]), 34_855)] {
            let filter = json!({ "reconciliationStatuses": statuses });
            let report =
                shop.vat_reports("transactions", &json!({ "dateRange": days, "filter": filter })).await;
            assert_eq!(report.succeeds()["summary"]["totalAmount"], total);
        }
        shop.closes().await;
    });
}

#[test]
fn what_was_sold_and_what_was_taken_back_belong_to_their_own_days() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.sells_for_real(LIVE, "TOSSPAYMENTS").await;
        shop.sells_through("sold", LIVE, json!({ "total": 11_000 })).await;
        shop.sells_through("kept", LIVE, json!({ "total": 1_100 })).await;
        let first = shop.today();
        shop.wall.passes(26 * 3_600);
        shop.cancels("sold", None).await.succeeds();
        let last = shop.today();
        assert!(first < last);
        for basis in ["transactions", "settlements"] {
            for (from, until, total) in [(first, first, 12_100), (last, last, -11_000), (first, last, 1_100)]
            {
                let report =
                    shop.vat_reports(basis, &json!({ "dateRange": range(from, until) })).await.succeeds();
                assert_eq!(report["summary"]["totalAmount"], total, "{basis} from {from} until {until}");
                assert_eq!(report["items"][0]["totalAmount"], total);
            }
        }
        shop.closes().await;
    });
}

#[test]
fn what_has_no_end_yet_is_not_reported() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.sells_for_real(LIVE, "TOSSPAYMENTS").await;
        let mut order = shop.order(CANCELS_LATER, 11_000);
        order["channelKey"] = json!(LIVE);
        shop.post("/payments/order-1/instant", &order).await.succeeds();
        let asked = shop.cancels("order-1", None).await.succeeds();
        assert_eq!(asked["cancellation"]["status"], "REQUESTED");
        let today = shop.today();
        let days = json!({ "dateRange": range(today.yesterday().unwrap(), today.tomorrow().unwrap()) });
        for basis in ["transactions", "settlements"] {
            let report = shop.vat_reports(basis, &days).await.succeeds();
            assert_eq!(report["summary"]["totalAmount"], 11_000, "{basis}");
        }
        shop.closes().await;
    });
}

#[test]
fn reports_are_asked_for_in_the_query_and_of_ones_own_stores() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.sells_for_real(LIVE, "TOSSPAYMENTS").await;
        shop.sells_through("sold", LIVE, json!({ "total": 11_000 })).await;
        let today = shop.today();
        let days = json!({ "dateRange": range(today.yesterday().unwrap(), today.tomorrow().unwrap()) });
        shop.has_a_neighbour("merchant-neighbour", "store-neighbour", "secret-of-a-neighbour").await;
        for basis in ["transactions", "settlements"] {
            let path = format!("/payment-reconciliations/{basis}/vat-report");
            shop.get(&path).await.refused(400, "INVALID_REQUEST");
            let in_body = shop.request("GET", &path).body(days.to_string());
            shop.send(in_body).await.refused(400, "INVALID_REQUEST");
            for criteria in [
                json!({}),
                json!({ "dateRange": { "from": "2026-01-01" } }),
                json!({ "dateRange": range("2026-01-02", "2026-01-01") }),
                json!({ "dateRange": range("2026-01-01", "2026-07-01") }),
                json!({ "dateRange": range("2026-02-29", "2026-03-01") }),
                json!({ "dateRange": range("2026-01-01", "2026-01-02"), "filter": { "storeIds": "x" } }),
                json!({ "dateRange": range("2026-01-01", "2026-01-02"), "filter": { "pgSpecifiers": [{ "pgMerchantId": "x" }] } }),
            ] {
                shop.vat_reports(basis, &criteria).await.refused(400, "INVALID_REQUEST");
            }
            let mut named = days.clone();
            named["filter"] = json!({ "storeIds": [demo::STORE_ID] });
            for criteria in [&days, &named] {
                let ask = shop.request_as("secret-of-a-neighbour", "GET", &with_criteria(&path, criteria));
                assert_eq!(shop.send(ask).await.succeeds()["items"], json!([]));
            }
        }
        shop.closes().await;
    });
}
