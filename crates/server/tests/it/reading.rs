//! Reading payments back: one, a list narrowed down, everything by cursor.

use crate::shop::{
    APPROVED, CANCELS_LATER, DECLINED, Engine, OTHER_APPROVED, SILENT_FOR_LONG, Shop, both_databases, sent,
    with_criteria,
};
use paypier::cli::dev::demo;
use paypier_domain::change::Write;
use paypier_domain::channel::{Channel, Environment};
use paypier_wire::v2::{
    GetAllPaymentEventsByCursorResponse, GetAllPaymentsByCursorResponse, GetPaymentTransactionsResponse,
    GetPaymentsResponse, Payment,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const DEBIT: &str = "4000056655665556";

impl Shop {
    /// A shop with one payment of each kind.
    async fn with_one_of_each(engine: Engine) -> Self {
        let shop =
            Self::open_with(engine, |config| config.limits.caller_patience = Duration::from_millis(400))
                .await;
        let live = Channel {
            environment: Environment::Live,
            ..shop.channel(demo::STORE_ID, "channel-key-live", "live-account")
        };
        shop.writes(vec![Write::Channel(Box::new(live))]).await;
        shop.orders("paid-visa", APPROVED, |order| {
            order["orderName"] = json!("red shoes");
            order["customer"] = json!({
                "id": "c-1", "name": { "full": "Kim Minsu" }, "email": "kim@example.com", "phoneNumber": "010-1111", "zipcode": "06234",
                "address": { "addressLine1": "Teheran-ro 1", "addressLine2": "2F", "city": "Seoul" },
            });
        })
        .await;
        shop.orders("paid-master", OTHER_APPROVED, |order| {
            order["channelKey"] = json!(demo::BACKUP.key);
            order["currency"] = json!("USD");
            order["orderName"] = json!("blue shoes");
            order["customer"] = json!({ "name": { "full": "Kimura 100%" }, "email": "kimura@example.com" });
        })
        .await;
        shop.orders("paid-debit", DEBIT, |order| order["isEscrow"] = json!(true)).await;
        shop.orders("paid-live", APPROVED, |order| {
            order["channelKey"] = json!("channel-key-live");
            order["noticeUrls"] = json!([]);
        })
        .await;
        shop.pays("failed", DECLINED, 1_000).await.refused(502, "PG_PROVIDER");
        shop.pays("pending", SILENT_FOR_LONG, 1_000).await.refused(502, "PG_PROVIDER");
        shop.orders("account", APPROVED, |order| {
            order["channelKey"] = json!(demo::CHANNELS[2].key);
            order["method"] = json!({ "virtualAccount": { "bank": "SHINHAN", "expiry": { "validHours": 24 }, "option": { "type": "NORMAL" }, "remitteeName": "Bookshop" } });
        })
        .await;
        let window = json!({
            "channelKey": demo::CARD.key, "orderName": "a book", "totalAmount": 1_000, "currency": "KRW", "noticeUrls": [shop.receiver.url],
            "card": { "number": APPROVED, "expiryYear": "39", "expiryMonth": "12" },
        });
        shop.post("/sandbox/payments/ready/authenticate", &window).await.succeeds();
        shop.is_paid("part", 10_000).await;
        shop.cancels("part", Some(4_000)).await.succeeds();
        shop.is_paid("gone", 10_000).await;
        shop.post("/payments/gone/cancel", &json!({ "reason": "too late" })).await.succeeds();
        shop.pays("asked-back", CANCELS_LATER, 10_000).await.succeeds();
        shop.cancels("asked-back", Some(1_000)).await.succeeds();
        shop.jobs_run().await;
        shop
    }

    async fn orders(&self, id: &str, card_number: &str, change: impl FnOnce(&mut Value)) {
        let mut order = self.order(card_number, 1_000);
        change(&mut order);
        self.post(&format!("/payments/{id}/instant"), &order).await.succeeds();
    }

    /// The ids that are found, in the order of the list.
    async fn finds(&self, filter: &Value) -> Vec<String> {
        let list =
            self.list("/payments", &json!({ "filter": filter, "page": { "size": 100 } })).await.succeeds();
        ids(&list["items"])
    }
}

fn ids(items: &Value) -> Vec<String> {
    items.as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

/// Reads JSON as clients do and writes it again: nothing is lost and nothing is added.
#[track_caller]
fn round_trips<T: Serialize + DeserializeOwned>(value: &Value) -> T {
    let typed: T = serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{error}: {value}"));
    assert_eq!(serde_json::to_value(&typed).unwrap(), *value);
    assert!(!value.to_string().contains(":null"), "{value}");
    typed
}

#[test]
fn every_kind_of_payment_is_read_as_its_variant_everywhere() {
    both_databases(|engine| async move {
        let shop = Shop::with_one_of_each(engine).await;
        let list = shop.list("/payments", &json!({ "page": { "size": 100 } })).await.succeeds();
        round_trips::<GetPaymentsResponse>(&list);
        let walk = shop.list("/payments-by-cursor", &json!({ "size": 100 })).await.succeeds();
        round_trips::<GetAllPaymentsByCursorResponse>(&walk);
        let events = shop.list("/payment-events-by-cursor", &json!({ "size": 100 })).await.succeeds();
        round_trips::<GetAllPaymentEventsByCursorResponse>(&events);
        for (id, status, members) in [
            ("ready", "READY", vec!["channel"]),
            ("pending", "PAY_PENDING", vec!["channel"]),
            ("account", "VIRTUAL_ACCOUNT_ISSUED", vec!["channel", "method"]),
            (
                "paid-visa",
                "PAID",
                vec!["channel", "paidAt", "disputes", "pgTxId", "pgResponse", "receiptUrl"],
            ),
            ("asked-back", "PAID", vec!["channel", "paidAt", "disputes", "cancellations"]),
            ("failed", "FAILED", vec!["channel", "failedAt", "failure"]),
            ("part", "PARTIAL_CANCELLED", vec!["channel", "cancellations", "cancelledAt", "paidAt"]),
            ("gone", "CANCELLED", vec!["channel", "cancellations", "cancelledAt", "paidAt"]),
        ] {
            let payment = shop.payment(id).await;
            assert_eq!(payment["status"], status, "{id}");
            for member in members {
                assert!(payment.get(member).is_some(), "{id} lacks {member}: {payment}");
            }
            round_trips::<Payment>(&payment);
            assert!(list["items"].as_array().unwrap().contains(&payment), "{id} in the list");
            assert!(
                walk["items"].as_array().unwrap().iter().any(|item| item["payment"] == payment),
                "{id} by cursor"
            );
            let tries = shop.get(&format!("/payments/{id}/transactions")).await.succeeds();
            round_trips::<GetPaymentTransactionsResponse>(&tries);
            assert_eq!(
                (&tries["items"][0]["id"], &tries["items"][0]["paymentId"]),
                (&payment["transactionId"], &json!(id))
            );
        }
        let kinds: Vec<_> = events["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| {
                (
                    item["paymentEvent"]["paymentId"].as_str().unwrap(),
                    item["paymentEvent"]["type"].as_str().unwrap(),
                    item["paymentEvent"]["eventAmount"].as_i64().unwrap(),
                )
            })
            .filter(|(id, ..)| ["part", "gone", "pending", "account"].contains(id))
            .collect();
        assert_eq!(
            kinds,
            [
                ("part", "PAID", 10_000),
                ("part", "PARTIAL_CANCELLED", -4_000),
                ("gone", "PAID", 10_000),
                ("gone", "CANCELLED", -10_000)
            ]
        );
        shop.closes().await;
    });
}

#[test]
fn the_list_is_narrowed_down_by_each_member_of_the_filter() {
    both_databases(|engine| async move {
        let shop = Shop::with_one_of_each(engine).await;
        let everything = 11;
        assert_eq!(shop.finds(&json!({})).await.len(), everything);
        for (filter, expected) in [
            (json!({ "status": ["PENDING"] }), vec!["pending"]),
            (json!({ "status": ["READY"] }), vec!["ready"]),
            (json!({ "status": ["FAILED", "CANCELLED"] }), vec!["failed", "gone"]),
            (json!({ "status": ["PARTIAL_CANCELLED"] }), vec!["part"]),
            (json!({ "status": ["VIRTUAL_ACCOUNT_ISSUED"] }), vec!["account"]),
            (
                json!({ "status": ["PAID"] }),
                vec!["asked-back", "paid-debit", "paid-live", "paid-master", "paid-visa"],
            ),
            (json!({ "methods": ["VIRTUAL_ACCOUNT"] }), vec!["account"]),
            (json!({ "methods": ["EASY_PAY", "MOBILE", "CRYPTO"] }), vec![]),
            (json!({ "methods": ["CARD"], "status": ["FAILED"] }), vec!["failed"]),
            (json!({ "pgProvider": ["NICE_V2"] }), vec!["paid-master"]),
            (json!({ "pgProvider": ["NICE_V2", "KAKAOPAY"], "currency": "KRW" }), vec![]),
            (json!({ "isTest": false }), vec!["paid-live"]),
            (json!({ "isTest": true, "currency": "USD" }), vec!["paid-master"]),
            (json!({ "currency": "USD" }), vec!["paid-master"]),
            (json!({ "currency": "JPY" }), vec![]),
            (json!({ "isScheduled": true }), vec![]),
            (json!({ "isEscrow": true }), vec!["paid-debit"]),
            (json!({ "cardBrand": "MASTER" }), vec!["paid-master"]),
            (json!({ "cardType": "DEBIT" }), vec!["paid-debit"]),
            (
                json!({ "cardBrand": "VISA", "cardType": "CREDIT", "status": ["CANCELLED", "PARTIAL_CANCELLED"] }),
                vec!["gone", "part"],
            ),
            (json!({ "platformType": "SDK_MOBILE" }), vec![]),
            (json!({ "version": "V1" }), vec![]),
            (json!({ "cashReceiptStatus": "ISSUED" }), vec![]),
            (json!({ "giftCertificateType": "HAPPYMONEY" }), vec![]),
            (json!({ "merchantId": demo::MERCHANT_ID, "status": ["FAILED"] }), vec!["failed"]),
            (json!({ "storeId": demo::STORE_ID, "status": ["FAILED"] }), vec!["failed"]),
        ] {
            let mut found = shop.finds(&filter).await;
            found.sort();
            assert_eq!(found, expected, "{filter}");
        }
        for empty in [
            json!({ "status": [], "methods": [], "pgProvider": [], "textSearch": [] }),
            json!({ "version": "V2" }),
            json!({ "invented": 1 }),
        ] {
            assert_eq!(shop.finds(&empty).await.len(), everything, "{empty}");
        }
        assert_eq!(shop.finds(&json!({ "isScheduled": false })).await.len(), everything);
        for (filter, status) in [
            (json!({ "merchantId": "merchant-other" }), 403),
            (json!({ "storeId": "store-other" }), 403),
            (json!({ "status": ["PAY_PENDING"] }), 400),
            (json!({ "currency": "XYZ" }), 400),
            (json!({ "isTest": "yes" }), 400),
            (json!({ "textSearch": [{ "field": "NOWHERE", "value": "x" }] }), 400),
        ] {
            let answer = shop.list("/payments", &json!({ "filter": filter })).await;
            answer.refused(status, if status == 403 { "FORBIDDEN" } else { "INVALID_REQUEST" });
        }
        shop.closes().await;
    });
}

#[test]
fn text_is_found_by_how_it_begins() {
    both_databases(|engine| async move {
        let shop = Shop::with_one_of_each(engine).await;
        let (visa, failed, part, account) = (
            shop.payment("paid-visa").await,
            shop.payment("failed").await,
            shop.payment("part").await,
            shop.payment("account").await,
        );
        let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned();
        let issued =
            json!({ "channelKey": demo::CARD.key, "method": { "card": crate::shop::card(APPROVED) } });
        let key = text(&shop.post("/billing-keys", &issued).await.succeeds()["billingKeyInfo"]["billingKey"]);
        let charge = json!({ "billingKey": key, "orderName": "a month", "currency": "KRW", "amount": { "total": 500 } });
        shop.post("/payments/by-key/billing-key", &charge).await.succeeds();
        let rows: Vec<(&str, String, Vec<&str>)> = vec![
            ("PAYMENT_ID", "paid-v".into(), vec!["paid-visa"]),
            ("PAYMENT_ID", "visa".into(), vec![]),
            ("PAYMENT_ID", "PAID".into(), vec![]),
            ("PAYMENT_ID", "paid_visa".into(), vec![]),
            ("PAYMENT_ID", "paid%".into(), vec![]),
            ("TX_ID", text(&visa["transactionId"]), vec!["paid-visa"]),
            ("FAIL_REASON", text(&failed["failure"]["reason"]), vec!["failed"]),
            ("CARD_BIN", "555555".into(), vec!["paid-master"]),
            ("CARD_BIN", "55".into(), vec!["paid-master"]),
            ("CARD_NUMBER", "555555".into(), vec!["paid-master"]),
            ("CARD_NUMBER", "5555555555554444".into(), vec![]),
            ("CARD_APPROVAL_NUMBER", text(&visa["method"]["approvalNumber"]), vec!["paid-visa"]),
            ("VIRTUAL_ACCOUNT_BANK", "SHIN".into(), vec!["account"]),
            (
                "VIRTUAL_ACCOUNT_NUMBER",
                text(&account["method"]["accountNumber"])[..5].into(),
                vec!["account"],
            ),
            ("VIRTUAL_ACCOUNT_HOLDER_NAME", "Book".into(), vec!["account"]),
            ("PG_MERCHANT_ID", "demo-back".into(), vec!["paid-master"]),
            ("PG_TX_ID", text(&visa["pgTxId"]), vec!["paid-visa"]),
            ("PG_CANCELLATION_ID", text(&part["cancellations"][0]["pgCancellationId"]), vec!["part"]),
            ("CANCEL_REASON", "too l".into(), vec!["gone"]),
            ("CANCEL_REASON", "late".into(), vec![]),
            ("ORDER_NAME", "red".into(), vec!["paid-visa"]),
            ("ORDER_NAME", "shoes".into(), vec![]),
            ("CUSTOMER_NAME", "Kim".into(), vec!["paid-master", "paid-visa"]),
            ("CUSTOMER_NAME", "Kimura 100%".into(), vec!["paid-master"]),
            ("CUSTOMER_NAME", "%".into(), vec![]),
            ("CUSTOMER_NAME", "Kim_".into(), vec![]),
            ("CUSTOMER_NAME", "' OR 1=1 --".into(), vec![]),
            ("CUSTOMER_EMAIL", "kim@".into(), vec!["paid-visa"]),
            ("CUSTOMER_PHONE_NUMBER", "010-11".into(), vec!["paid-visa"]),
            ("CUSTOMER_ADDRESS", "Seoul Te".into(), vec!["paid-visa"]),
            ("CUSTOMER_ZIPCODE", "06".into(), vec!["paid-visa"]),
            ("BILLING_KEY", key.clone(), vec!["by-key"]),
            ("SCHEDULE_ID", "x".into(), vec![]),
            ("PROMOTION_ID", "x".into(), vec![]),
            ("ALL", "Kimu".into(), vec!["paid-master"]),
            ("ALL", "red".into(), vec!["paid-visa"]),
            ("ALL", "paid-d".into(), vec!["paid-debit"]),
            ("ALL", key, vec!["by-key"]),
            ("ALL", "SHINHAN".into(), vec!["account"]),
            ("ALL", text(&part["cancellations"][0]["pgCancellationId"]), vec!["part"]),
            ("ALL", "nothing begins like this".into(), vec![]),
        ];
        for (field, value, expected) in rows {
            let mut found = shop.finds(&json!({ "textSearch": [{ "field": field, "value": value }] })).await;
            found.sort();
            assert_eq!(found, expected, "{field} {value}");
        }
        let both = json!({ "textSearch": [{ "field": "CUSTOMER_NAME", "value": "Kim" }, { "field": "ORDER_NAME", "value": "blue" }] });
        assert_eq!(shop.finds(&both).await, ["paid-master"]);
        let neither = json!({ "textSearch": [{ "field": "CUSTOMER_NAME", "value": "Kimura" }, { "field": "ORDER_NAME", "value": "red" }] });
        assert!(shop.finds(&neither).await.is_empty());
        let everybody = json!({ "textSearch": [{ "field": "ALL", "value": "" }] });
        assert_eq!(shop.finds(&everybody).await.len(), 12);
        shop.closes().await;
    });
}

#[test]
fn lists_are_sorted_ranged_and_paged() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        for id in ["a", "b", "c", "d"] {
            shop.is_paid(id, 1_000).await;
            shop.after("PT1H").await;
        }
        shop.cancels("a", None).await.succeeds();
        for (filter, expected) in [
            (json!({}), ["a", "d", "c", "b"]),
            (json!({ "sortOrder": "ASC" }), ["b", "c", "d", "a"]),
            (json!({ "sortBy": "REQUESTED_AT" }), ["d", "c", "b", "a"]),
            (json!({ "timestampType": "CREATED_AT" }), ["d", "c", "b", "a"]),
            (
                json!({ "timestampType": "CREATED_AT", "sortBy": "STATUS_CHANGED_AT", "sortOrder": "ASC" }),
                ["b", "c", "d", "a"],
            ),
        ] {
            assert_eq!(shop.finds(&filter).await, expected, "{filter}");
        }
        // From is part of the range, until is not.
        let requested = async |id: &str| shop.payment(id).await["requestedAt"].clone();
        let (b, d) = (requested("b").await, requested("d").await);
        let range = json!({ "timestampType": "CREATED_AT", "from": b, "until": d });
        assert_eq!(shop.finds(&range).await, ["c", "b"]);
        let cancelled_at = shop.payment("a").await["cancelledAt"].clone();
        assert_eq!(
            shop.finds(&json!({ "from": cancelled_at })).await,
            ["a"],
            "the time proper to the status"
        );
        assert_eq!(
            shop.finds(&json!({ "timestampType": "CREATED_AT", "from": cancelled_at })).await,
            Vec::<String>::new()
        );
        assert!(shop.finds(&json!({ "from": b, "until": b })).await.is_empty());
        for (from, until) in
            [(&d, &b), (&json!("yesterday"), &b), (&json!("2026-01-01"), &b), (&json!(0), &b)]
        {
            let answer = shop.list("/payments", &json!({ "filter": { "from": from, "until": until } })).await;
            answer.refused(400, "INVALID_REQUEST");
        }
        // An offset is an instant like any other.
        let instant: jiff::Timestamp = b.as_str().unwrap().parse().unwrap();
        let seoul = instant
            .to_zoned(jiff::tz::TimeZone::get("Asia/Seoul").unwrap())
            .strftime("%Y-%m-%dT%H:%M:%S%.f%:z")
            .to_string();
        assert_eq!(
            shop.finds(&json!({ "timestampType": "CREATED_AT", "from": seoul, "until": d })).await,
            ["c", "b"]
        );

        for (page, expected, info) in [
            (json!({}), vec!["a", "d", "c", "b"], json!({ "number": 0, "size": 10, "totalCount": 4 })),
            (json!({ "size": 3 }), vec!["a", "d", "c"], json!({ "number": 0, "size": 3, "totalCount": 4 })),
            (
                json!({ "size": 3, "number": 1 }),
                vec!["b"],
                json!({ "number": 1, "size": 3, "totalCount": 4 }),
            ),
            (json!({ "size": 3, "number": 2 }), vec![], json!({ "number": 2, "size": 3, "totalCount": 4 })),
            (
                json!({ "size": 1_000, "number": 59 }),
                vec![],
                json!({ "number": 59, "size": 1_000, "totalCount": 4 }),
            ),
            (json!({ "number": 5_999 }), vec![], json!({ "number": 5_999, "size": 10, "totalCount": 4 })),
        ] {
            let list = shop.list("/payments", &json!({ "page": page })).await.succeeds();
            assert_eq!(
                (ids(&list["items"]), &list["page"]),
                (expected.into_iter().map(str::to_owned).collect(), &info),
                "{page}"
            );
        }
        for page in [
            json!({ "size": 1_000, "number": 60 }),
            json!({ "number": 6_000 }),
            json!({ "size": 0 }),
            json!({ "size": -1 }),
            json!({ "size": 1_001 }),
            json!({ "number": -1 }),
            json!({ "number": i64::MAX }),
            json!({ "size": "10" }),
            json!({ "size": 1.5 }),
        ] {
            shop.list("/payments", &json!({ "page": page })).await.refused(400, "INVALID_REQUEST");
        }
        shop.closes().await;
    });
}

#[test]
fn criteria_come_in_the_query_or_in_the_body_and_the_query_wins() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.is_paid("paid", 1_000).await;
        shop.pays("failed", DECLINED, 1_000).await.refused(502, "PG_PROVIDER");
        let of = |status: &str| json!({ "filter": { "status": [status] } });
        let in_body =
            shop.send(shop.request("GET", "/payments").body(of("PAID").to_string())).await.succeeds();
        assert_eq!(ids(&in_body["items"]), ["paid"]);
        let both =
            shop.request("GET", &with_criteria("/payments", &of("FAILED"))).body(of("PAID").to_string());
        assert_eq!(ids(&shop.send(both).await.succeeds()["items"]), ["failed"]);
        let beside_garbage = shop.request("GET", &with_criteria("/payments", &of("FAILED"))).body("garbage");
        assert_eq!(ids(&shop.send(beside_garbage).await.succeeds()["items"]), ["failed"]);
        for path in [
            "/payments",
            "/payments?",
            "/payments?requestBody=",
            "/payments?requestBody=%7B%7D",
            "/payments?other=1",
        ] {
            assert_eq!(shop.get(path).await.succeeds()["page"]["totalCount"], 2, "{path}");
        }
        for path in ["/payments/paid?", "/payments/paid/transactions?"] {
            shop.get(path).await.succeeds();
        }
        // With a blank written as a plus, as the Python SDK does.
        let plus = shop
            .get("/payments?requestBody=%7B%22filter%22%3A+%7B%22status%22%3A+%5B%22PAID%22%5D%7D%7D")
            .await
            .succeeds();
        assert_eq!(ids(&plus["items"]), ["paid"]);
        shop.closes().await;
    });
}

#[test]
fn what_is_older_than_ninety_days_is_shown_when_it_is_asked_for() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.is_paid("old", 1_000).await;
        shop.jobs_run().await;
        shop.wall.passes(91 * 24 * 60 * 60);
        assert!(shop.finds(&json!({})).await.is_empty());
        assert_eq!(shop.finds(&json!({ "from": "2020-01-01T00:00:00Z" })).await, ["old"]);
        let walk = shop.list("/payments-by-cursor", &json!({})).await.succeeds();
        assert_eq!(walk["items"], json!([]));
        let walk =
            shop.list("/payments-by-cursor", &json!({ "from": "2020-01-01T00:00:00Z" })).await.succeeds();
        assert_eq!(walk["items"][0]["payment"]["id"], "old");
        shop.closes().await;
    });
}

/// Follows a list by cursor as long as there is more.
async fn walks(
    shop: &Shop,
    path: &str,
    size: usize,
    mut cursor: Option<String>,
) -> (Vec<Value>, Option<String>) {
    let mut seen = Vec::new();
    loop {
        let mut criteria = json!({ "size": size });
        if let Some(cursor) = &cursor {
            criteria["cursor"] = json!(cursor);
        }
        let page = shop.list(path, &criteria).await.succeeds();
        let items = page["items"].as_array().unwrap().clone();
        assert!(items.len() <= size);
        let Some(last) = items.last() else { return (seen, cursor) };
        cursor = Some(last["cursor"].as_str().unwrap().to_owned());
        seen.extend(items);
    }
}

impl Shop {
    /// Twelve times five payments at once, one of the five partly cancelled.
    async fn sells(&self, done: &AtomicBool) {
        for round in 0..12 {
            let calls = (0..5).map(|number| {
                let order = self.order(APPROVED, 1_000).to_string();
                self.request("POST", &format!("/payments/order-{round}-{number}/instant")).body(order)
            });
            for answer in crate::shop::at_once(calls.collect()).await {
                answer.succeeds();
            }
            self.cancels(&format!("order-{round}-0"), Some(400)).await.succeeds();
        }
        done.store(true, Ordering::SeqCst);
    }
}

fn payment_id(item: &Value) -> String {
    item["payment"]["id"].as_str().unwrap().to_owned()
}

fn event_id(item: &Value) -> String {
    item["paymentEvent"]["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_walk_by_cursor_finds_everything_that_was_there_once_while_more_comes_in() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let done = AtomicBool::new(false);
        let reads = async |path: &'static str, id: fn(&Value) -> String| {
            let mut before = BTreeSet::new();
            loop {
                let was_done = done.load(Ordering::SeqCst);
                let (items, _) = walks(&shop, path, 7, None).await;
                let seen: BTreeSet<_> = items.iter().map(id).collect();
                assert_eq!(seen.len(), items.len(), "nothing twice");
                assert!(seen.is_superset(&before), "passed over: {:?}", before.difference(&seen));
                before = seen;
                if was_done {
                    return items;
                }
            }
        };
        let ((), payments, events) = tokio::join!(
            shop.sells(&done),
            reads("/payments-by-cursor", payment_id),
            reads("/payment-events-by-cursor", event_id),
        );
        assert_eq!((payments.len(), events.len()), (60, 72));
        let at = |text: &Value| text.as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
        assert!(payments.iter().map(|item| at(&item["payment"]["requestedAt"])).is_sorted());
        assert!(events.iter().map(|item| at(&item["paymentEvent"]["createdAt"])).is_sorted());
        shop.closes().await;
    });
}

#[test]
fn a_reader_that_goes_on_from_its_last_cursor_misses_nothing() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let done = AtomicBool::new(false);
        let follows = async |path: &'static str, id: fn(&Value) -> String| {
            let (mut seen, mut cursor) = (Vec::new(), None);
            loop {
                let was_done = done.load(Ordering::SeqCst);
                let (more, next) = walks(&shop, path, 4, cursor).await;
                cursor = next;
                seen.extend(more.iter().map(id));
                if was_done {
                    return seen;
                }
            }
        };
        let ((), payments, events) = tokio::join!(
            shop.sells(&done),
            follows("/payments-by-cursor", payment_id),
            follows("/payment-events-by-cursor", event_id),
        );
        for (seen, path, id) in [
            (payments, "/payments-by-cursor", payment_id as fn(&Value) -> String),
            (events, "/payment-events-by-cursor", event_id),
        ] {
            let (all, _) = walks(&shop, path, 1_000, None).await;
            let missing: Vec<_> = all.iter().map(id).filter(|id| !seen.contains(id)).collect();
            assert!(missing.is_empty(), "{path} passed over {missing:?}");
            assert_eq!(seen.len(), all.len(), "nothing twice");
        }
        shop.closes().await;
    });
}

#[test]
fn a_cursor_is_given_out_by_us_or_refused() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        for number in 0..3 {
            shop.is_paid(&format!("order-{number}"), 1_000).await;
        }
        shop.jobs_run().await;
        for path in ["/payments-by-cursor", "/payment-events-by-cursor"] {
            let page = shop.list(path, &json!({ "size": 1 })).await.succeeds();
            let cursor = page["items"][0]["cursor"].as_str().unwrap().to_owned();
            let rest = shop.list(path, &json!({ "cursor": cursor })).await.succeeds();
            assert_eq!(rest["items"].as_array().unwrap().len(), 2);
            // The same cursor gives the same again; a range narrows it.
            assert_eq!(shop.list(path, &json!({ "cursor": cursor })).await.succeeds(), rest);
            let none = shop.list(path, &json!({ "cursor": cursor, "until": "2020-01-01T00:00:00Z", "from": "2019-01-01T00:00:00Z" })).await;
            assert_eq!(none.succeeds()["items"], json!([]));
            let broken = [
                json!("garbage"),
                json!("0"),
                json!("'"),
                json!("%00"),
                json!(format!("{cursor}x")),
                json!(&cursor[1..]),
                json!(cursor.to_uppercase()),
                json!("x".repeat(5_000)),
                json!(7),
                json!({}),
            ];
            for broken in broken {
                let answer = shop.list(path, &json!({ "cursor": broken })).await;
                assert_eq!(answer.status, 400, "{path} {broken}: {}", answer.text());
                answer.refused(400, "INVALID_REQUEST");
            }
            for size in [json!(0), json!(-1), json!(1_001), json!(2.5)] {
                shop.list(path, &json!({ "size": size })).await.refused(400, "INVALID_REQUEST");
            }
            let turned = json!({ "from": "2026-02-01T00:00:00Z", "until": "2026-01-01T00:00:00Z" });
            shop.list(path, &turned).await.refused(400, "INVALID_REQUEST");
            shop.list(path, &json!({ "storeId": "store-other" })).await.refused(403, "FORBIDDEN");
        }
        shop.closes().await;
    });
}

#[test]
fn a_payment_is_readable_before_its_webhook_and_its_answer_arrive() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let answers: Vec<_> = (0..10)
            .map(|number| {
                let id = format!("order-{number}");
                let pay = shop
                    .request("POST", &format!("/payments/{id}/instant"))
                    .body(shop.order(APPROVED, 1_000).to_string());
                let read = shop.request("GET", &format!("/payments/{id}"));
                tokio::spawn(async move {
                    sent(pay).await.unwrap().succeeds();
                    sent(read).await.unwrap().succeeds()["status"].clone()
                })
            })
            .collect();
        for answer in answers {
            assert_eq!(answer.await.unwrap(), "PAID");
        }
        shop.closes().await;
    });
}
