//! Cash receipts: issued by hand, together with a payment, withdrawn, and found again.

use crate::shop::{APPROVED, Answer, Engine, Shop, at_once, both_databases};
use paypier::cli::dev::demo;
use paypier::verify;
use paypier_domain::channel::ChannelUsage;
use paypier_domain::id::StoreId;
use serde_json::{Value, json};
use std::time::Duration;

const PHONE: &str = "01012345678";
/// The tax office knows nobody with a number that ends so.
const UNKNOWN_PHONE: &str = "01012340000";

impl Shop {
    fn receipt_ask(&self, deal: &str, total: i64) -> Value {
        json!({
            "paymentId": deal, "channelKey": demo::CARD.key, "type": "PERSONAL", "orderName": "a book",
            "currency": "KRW", "amount": { "total": total }, "customer": { "identityNumber": PHONE },
        })
    }

    async fn issues_receipt(&self, deal: &str, total: i64) -> Answer {
        self.post("/cash-receipts", &self.receipt_ask(deal, total)).await
    }

    async fn withdraws_receipt(&self, deal: &str) -> Answer {
        self.send(self.request("POST", &format!("/payments/{deal}/cash-receipt/cancel"))).await
    }

    async fn receipt_of(&self, deal: &str) -> Answer {
        self.get(&format!("/payments/{deal}/cash-receipt")).await
    }

    async fn receipt_status(&self, deal: &str) -> String {
        self.receipt_of(deal).await.succeeds()["status"].as_str().unwrap().to_owned()
    }

    /// A virtual account whose buyer wants a receipt for `identity`.
    async fn opens_account_wanting(&self, id: &str, total: i64, receipt: Value) {
        let channel = demo::CHANNELS.iter().find(|channel| channel.name == "virtualAccount").unwrap();
        let body = json!({
            "channelKey": channel.key, "orderName": "a book", "currency": "KRW", "amount": { "total": total },
            "noticeUrls": [self.receiver.url],
            "method": { "virtualAccount": {
                "bank": "SHINHAN", "expiry": { "validHours": 24 }, "option": { "type": "NORMAL" },
                "cashReceipt": receipt,
            }},
        });
        self.post(&format!("/payments/{id}/instant"), &body).await.succeeds();
    }

    async fn is_deposited_and_told(&self, id: &str, amount: i64) {
        self.post(&format!("/sandbox/payments/{id}/deposit"), &json!({ "amount": amount })).await.succeeds();
        self.jobs_run().await;
    }

    async fn gives_back(&self, id: &str, amount: Option<i64>) -> Answer {
        let mut body = json!({
            "reason": "changed my mind",
            "refundAccount": { "bank": "SHINHAN", "number": "110123456789", "holderName": "Hong Gildong" },
        });
        if let Some(amount) = amount {
            body["amount"] = amount.into();
        }
        self.post(&format!("/payments/{id}/cancel"), &body).await
    }

    /// How many receipts the PSP believes to be valid.
    async fn valid_at_the_psp(&self) -> usize {
        use paypier_connectors::simulator::psp::cash_receipt::{CASH_RECEIPT, booked};
        let store = StoreId::known(demo::STORE_ID);
        let records = self.app().storage.simulator_records(&store, CASH_RECEIPT, None, 1_000).await.unwrap();
        records.iter().filter(|record| booked(record).unwrap().is_valid).count()
    }
}

async fn opens_impatiently(engine: Engine) -> Shop {
    Shop::open_with(engine, |config| config.limits.caller_patience = Duration::from_millis(500)).await
}

#[test]
fn a_receipt_is_issued_read_withdrawn_and_issued_again() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let issued = shop.issues_receipt("deal-1", 11_000).await.succeeds();
        let summary = &issued["cashReceipt"];
        for member in ["issueNumber", "url", "pgReceiptId"] {
            assert!(summary[member].as_str().is_some_and(|text| !text.is_empty()), "{member}: {summary}");
        }
        let shown = shop.receipt_of("deal-1").await.succeeds();
        assert_eq!(
            (&shown["status"], &shown["isManual"], &shown["amount"], &shown["vatAmount"], &shown["type"]),
            (&json!("ISSUED"), &json!(true), &json!(11_000), &json!(1_000), &json!("PERSONAL"))
        );
        assert_eq!(shown["issueNumber"], summary["issueNumber"]);
        assert_eq!(shown["channel"]["key"], demo::CARD.key);
        assert!(!shown.to_string().contains("null") && !shown.to_string().contains(PHONE));
        // The link leads to what the buyer sees.
        let page = shop
            .send(shop.anonymous("GET", summary["url"].as_str().unwrap().strip_prefix(&shop.url).unwrap()))
            .await;
        assert_eq!(page.status, 200);
        assert!(page.text().contains(summary["issueNumber"].as_str().unwrap()), "{}", page.text());

        shop.issues_receipt("deal-1", 11_000).await.refused(409, "CASH_RECEIPT_ALREADY_ISSUED");
        let withdrawn = shop.withdraws_receipt("deal-1").await.succeeds();
        assert_eq!(withdrawn["cancelledAmount"], 11_000);
        let shown = shop.receipt_of("deal-1").await.succeeds();
        assert_eq!(
            (&shown["status"], &shown["cancelledAt"]),
            (&json!("CANCELLED"), &withdrawn["cancelledAt"])
        );
        shop.withdraws_receipt("deal-1").await.refused(404, "CASH_RECEIPT_NOT_ISSUED");
        shop.issues_receipt("deal-1", 5_000).await.succeeds();
        let shown = shop.receipt_of("deal-1").await.succeeds();
        assert_eq!((&shown["status"], &shown["amount"]), (&json!("ISSUED"), &json!(5_000)));
        assert_eq!(shop.valid_at_the_psp().await, 1);
        shop.closes().await;
    });
}

#[test]
fn what_the_tax_office_refuses_is_kept_as_failed_and_may_be_tried_again() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let mut ask = shop.receipt_ask("deal-1", 11_000);
        ask["customer"]["identityNumber"] = json!(UNKNOWN_PHONE);
        let refusal = shop.post("/cash-receipts", &ask).await.refused(502, "PG_PROVIDER");
        assert_eq!(refusal["pgCode"], "SANDBOX_RECEIPT_REFUSED");
        let shown = shop.receipt_of("deal-1").await.succeeds();
        assert_eq!((&shown["status"], &shown["isManual"]), (&json!("ISSUE_FAILED"), &json!(true)));
        assert!(shown.get("issuedAt").is_none() && shown.get("issueNumber").is_none(), "{shown}");
        shop.withdraws_receipt("deal-1").await.refused(404, "CASH_RECEIPT_NOT_ISSUED");
        shop.issues_receipt("deal-1", 11_000).await.succeeds();
        assert_eq!(shop.receipt_status("deal-1").await, "ISSUED");
        shop.closes().await;
    });
}

#[test]
fn refusals_come_in_their_order_and_leave_no_trace() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.issues_receipt("deal-1", 11_000).await.succeeds();
        let with = |deal: &str, change: Value| {
            let mut ask = shop.receipt_ask(deal, 11_000);
            for (name, member) in change.as_object().unwrap() {
                ask[name] = member.clone();
            }
            ask
        };
        let identity = demo::CHANNELS.iter().find(|c| c.usage == ChannelUsage::IdentityVerification).unwrap();
        for (ask, status, kind) in [
            // The store is looked at before anything else, the channel before the state.
            (with("deal-1", json!({ "storeId": "store-x", "type": "NONE" })), 403, "FORBIDDEN"),
            (with("deal-1", json!({ "type": "NO_RECEIPT" })), 400, "INVALID_REQUEST"),
            (with("deal-2", json!({ "customer": {} })), 400, "INVALID_REQUEST"),
            (with("deal-2", json!({ "customer": { "identityNumber": "hong" } })), 400, "INVALID_REQUEST"),
            (with("deal-2", json!({ "amount": { "total": 100, "vat": 101 } })), 400, "INVALID_REQUEST"),
            (with("deal-1", json!({ "channelKey": "channel-key-x" })), 404, "CHANNEL_NOT_FOUND"),
            (with("deal-2", json!({ "channelKey": identity.key })), 404, "CHANNEL_NOT_FOUND"),
            (with("deal-1", json!({})), 409, "CASH_RECEIPT_ALREADY_ISSUED"),
        ] {
            let refusal = shop.post("/cash-receipts", &ask).await.refused(status, kind);
            assert!(!refusal.to_string().contains(PHONE), "{refusal}");
        }
        shop.receipt_of("deal-2").await.refused(404, "CASH_RECEIPT_NOT_FOUND");
        shop.withdraws_receipt("deal-2").await.refused(404, "CASH_RECEIPT_NOT_FOUND");
        let elsewhere = "/payments/deal-1/cash-receipt/cancel?storeId=store-x";
        shop.send(shop.request("POST", elsewhere)).await.refused(403, "FORBIDDEN");
        assert_eq!(shop.valid_at_the_psp().await, 1);
        shop.closes().await;
    });
}

#[test]
fn a_channel_whose_psp_has_no_receipts_is_not_found() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let mut stripe = shop.stored_channel(demo::BACKUP.key).await;
        stripe.connector = "stripe".into();
        shop.writes(vec![paypier_domain::change::Write::Channel(Box::new(stripe))]).await;
        let mut ask = shop.receipt_ask("deal-1", 11_000);
        ask["channelKey"] = json!(demo::BACKUP.key);
        shop.post("/cash-receipts", &ask).await.refused(404, "CHANNEL_NOT_FOUND");
        shop.closes().await;
    });
}

#[test]
fn of_many_at_once_one_receipt_is_issued_and_one_withdrawn() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let ask = shop.receipt_ask("deal-1", 11_000).to_string();
        let requests = (0..8).map(|_| shop.request("POST", "/cash-receipts").body(ask.clone())).collect();
        let answers = at_once(requests).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        for answer in answers.into_iter().filter(|answer| answer.status != 200) {
            answer.refused(409, "CASH_RECEIPT_ALREADY_ISSUED");
        }
        assert_eq!(shop.valid_at_the_psp().await, 1);
        let path = "/payments/deal-1/cash-receipt/cancel";
        let answers = at_once((0..8).map(|_| shop.request("POST", path)).collect()).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        for answer in answers.into_iter().filter(|answer| answer.status != 200) {
            answer.refused(404, "CASH_RECEIPT_NOT_ISSUED");
        }
        assert_eq!(shop.valid_at_the_psp().await, 0);
        shop.closes().await;
    });
}

#[test]
fn one_key_gets_one_receipt_and_the_same_answer() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let ask = shop.receipt_ask("deal-1", 11_000).to_string();
        let issue = || {
            shop.request("POST", "/cash-receipts")
                .header("idempotency-key", "receipt-of-deal-1")
                .body(ask.clone())
        };
        let first = shop.send(issue()).await;
        assert_eq!(first.status, 200);
        assert_eq!(shop.send(issue()).await.bytes, first.bytes);
        let withdraw = || {
            shop.request("POST", "/payments/deal-1/cash-receipt/cancel")
                .header("idempotency-key", "withdraw-deal-1-once")
        };
        let gone = shop.send(withdraw()).await;
        assert_eq!(gone.status, 200);
        assert_eq!(shop.send(withdraw()).await.bytes, gone.bytes);
        assert_eq!(shop.send(issue()).await.bytes, first.bytes, "replayed, not issued again");
        assert_eq!(shop.receipt_status("deal-1").await, "CANCELLED");
        shop.closes().await;
    });
}

#[test]
fn a_silent_psp_is_asked_until_it_is_known_and_the_key_replays_the_truth() {
    both_databases(|engine| async move {
        let shop = opens_impatiently(engine).await;
        // With this seed the PSP executes the request and loses its answer, and every question as well.
        shop.faults(json!({ "dropAnswerRate": 1.0, "seed": 3 })).await;
        let ask = shop.receipt_ask("deal-1", 11_000).to_string();
        let issue = || {
            shop.request("POST", "/cash-receipts")
                .header("idempotency-key", "receipt-of-deal-1")
                .body(ask.clone())
        };
        let refusal = shop.send(issue()).await.refused(502, "PG_PROVIDER");
        assert_eq!(refusal["pgCode"], "OUTCOME_UNKNOWN");
        // Nobody sees what may not exist, and nobody makes a second one.
        shop.receipt_of("deal-1").await.refused(404, "CASH_RECEIPT_NOT_FOUND");
        shop.issues_receipt("deal-1", 11_000).await.refused(409, "CASH_RECEIPT_ALREADY_ISSUED");
        shop.withdraws_receipt("deal-1").await.refused(404, "CASH_RECEIPT_NOT_ISSUED");
        shop.faults(json!({ "dropAnswerRate": 0.0 })).await;
        shop.after("PT2H").await;
        let truth = shop.send(issue()).await;
        let status = shop.receipt_status("deal-1").await;
        match status.as_str() {
            "ISSUED" => assert_eq!(truth.status, 200, "{}", truth.body),
            "ISSUE_FAILED" => assert_eq!(truth.body["pgCode"], "NOT_EXECUTED"),
            other => panic!("{other}"),
        }
        assert_eq!(shop.valid_at_the_psp().await, usize::from(status == "ISSUED"));
        shop.closes().await;
    });
}

#[test]
fn an_unanswered_withdrawal_leaves_the_receipt_valid_until_the_psp_says_otherwise() {
    both_databases(|engine| async move {
        let (mut withdrawn, mut kept) = (0, 0);
        let shop = opens_impatiently(engine).await;
        for seed in 0..6 {
            let deal = format!("deal-{seed}");
            shop.issues_receipt(&deal, 11_000).await.succeeds();
            shop.faults(json!({ "dropAnswerRate": 1.0, "seed": seed })).await;
            let refusal = shop.withdraws_receipt(&deal).await.refused(502, "PG_PROVIDER");
            assert_eq!(refusal["pgCode"], "OUTCOME_UNKNOWN");
            assert_eq!(shop.receipt_status(&deal).await, "ISSUED");
            shop.withdraws_receipt(&deal).await.refused(404, "CASH_RECEIPT_NOT_ISSUED");
            shop.faults(json!({ "dropAnswerRate": 0.0 })).await;
            shop.after("PT2H").await;
            match shop.receipt_status(&deal).await.as_str() {
                "CANCELLED" => withdrawn += 1,
                "ISSUED" => {
                    kept += 1;
                    shop.withdraws_receipt(&deal).await.succeeds();
                }
                other => panic!("{other}"),
            }
        }
        assert!(withdrawn > 0 && kept > 0, "both fates occur: {withdrawn} withdrawn, {kept} kept");
        assert_eq!(shop.valid_at_the_psp().await, 0);
        shop.closes().await;
    });
}

#[test]
fn a_power_cut_while_the_psp_is_asked_leaves_one_receipt_or_none() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.faults(json!({ "latencyMs": 200, "seed": 1 })).await;
        let request =
            shop.request("POST", "/cash-receipts").body(shop.receipt_ask("deal-1", 11_000).to_string());
        let asking = tokio::spawn(async move { crate::shop::sent(request).await });
        crate::shop::eventually("an intention", || async {
            let key = paypier_domain::id::PaymentKey {
                store: StoreId::known(demo::STORE_ID),
                payment: paypier_domain::id::PaymentId::known("deal-1"),
            };
            shop.app().storage.latest_cash_receipt(&key).await.unwrap().is_some()
        })
        .await;
        let shop = shop.loses_power_and_opens_again().await;
        let _ = asking.await;
        shop.faults(json!({ "latencyMs": 0 })).await;
        shop.after("PT1H").await;
        let valid = shop.valid_at_the_psp().await;
        let status = shop.receipt_status("deal-1").await;
        assert_eq!(status, if valid == 1 { "ISSUED" } else { "ISSUE_FAILED" });
        shop.closes().await;
    });
}

#[test]
fn a_deposit_issues_the_receipt_that_the_buyer_wanted() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let wanted = json!({ "type": "CORPORATE", "customerIdentityNumber": "123-45-67890" });
        shop.opens_account_wanting("order-1", 11_000, wanted).await;
        shop.receipt_of("order-1").await.refused(404, "CASH_RECEIPT_NOT_FOUND");
        shop.is_deposited_and_told("order-1", 11_000).await;
        let payment = shop.payment("order-1").await;
        assert_eq!(
            (&payment["status"], &payment["cashReceiptIssuanceStatus"]),
            (&json!("PAID"), &json!("ISSUED"))
        );
        let receipt = &payment["cashReceipt"];
        assert_eq!(
            (&receipt["status"], &receipt["type"], &receipt["totalAmount"]),
            (&json!("ISSUED"), &json!("CORPORATE"), &json!(11_000))
        );
        let shown = shop.receipt_of("order-1").await.succeeds();
        assert_eq!((&shown["isManual"], &shown["issueNumber"]), (&json!(false), &receipt["issueNumber"]));
        // Issued once, however often the deposit is announced.
        assert_eq!(shop.valid_at_the_psp().await, 1);
        shop.issues_receipt("order-1", 11_000).await.refused(409, "CASH_RECEIPT_ALREADY_ISSUED");
        let listed =
            shop.list("/payments", &json!({ "filter": { "cashReceiptStatus": "ISSUED" } })).await.succeeds();
        assert_eq!(listed["items"][0]["cashReceipt"]["issueNumber"], receipt["issueNumber"]);
        // A part given back leaves the receipt; the whole takes it along.
        shop.gives_back("order-1", Some(1_000)).await.succeeds();
        shop.jobs_run().await;
        assert_eq!(shop.payment("order-1").await["cashReceipt"]["status"], "ISSUED");
        shop.gives_back("order-1", None).await.succeeds();
        shop.jobs_run().await;
        let payment = shop.payment("order-1").await;
        assert_eq!(
            (&payment["status"], &payment["cashReceipt"]["status"], &payment["cashReceiptIssuanceStatus"]),
            (&json!("CANCELLED"), &json!("CANCELLED"), &json!("NOT_ISSUED"))
        );
        assert_eq!(shop.valid_at_the_psp().await, 0);
        assert!(
            shop.stored_bytes().iter().all(|file| !contains(file, b"1234567890")),
            "the number is kept in clear"
        );
        shop.closes().await;
    });
}

fn contains(file: &[u8], text: &[u8]) -> bool {
    file.windows(text.len()).any(|window| window == text)
}

#[test]
fn a_buyer_may_want_none_and_a_refused_one_can_be_issued_by_hand() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.opens_account_wanting(
            "order-1",
            11_000,
            json!({ "type": "NO_RECEIPT", "customerIdentityNumber": "" }),
        )
        .await;
        shop.is_deposited_and_told("order-1", 11_000).await;
        let payment = shop.payment("order-1").await;
        assert_eq!(payment["cashReceiptIssuanceStatus"], "NOT_ISSUED");
        assert!(payment.get("cashReceipt").is_none());
        shop.receipt_of("order-1").await.refused(404, "CASH_RECEIPT_NOT_FOUND");

        let unknown = json!({ "type": "PERSONAL", "customerIdentityNumber": UNKNOWN_PHONE });
        shop.opens_account_wanting("order-2", 11_000, unknown).await;
        shop.is_deposited_and_told("order-2", 11_000).await;
        let shown = shop.receipt_of("order-2").await.succeeds();
        assert_eq!((&shown["status"], &shown["isManual"]), (&json!("ISSUE_FAILED"), &json!(false)));
        assert!(shop.payment("order-2").await.get("cashReceipt").is_none());
        shop.issues_receipt("order-2", 11_000).await.succeeds();
        assert_eq!(shop.payment("order-2").await["cashReceipt"]["status"], "ISSUED");
        // What the merchant issued by hand, the merchant takes back by hand.
        shop.gives_back("order-2", None).await.succeeds();
        shop.jobs_run().await;
        assert_eq!(shop.receipt_status("order-2").await, "ISSUED");
        shop.closes().await;
    });
}

#[test]
fn a_card_payment_has_no_receipt_of_its_own() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.pays("order-1", APPROVED, 11_000).await.succeeds();
        let payment = shop.payment("order-1").await;
        assert!(payment.get("cashReceipt").is_none() && payment.get("cashReceiptIssuanceStatus").is_none());
        shop.closes().await;
    });
}

#[test]
fn receipts_are_listed_by_what_is_asked_for() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        for (deal, kind, name, channel) in [
            ("deal-1", "PERSONAL", "apples", demo::CARD.key),
            ("deal-2", "CORPORATE", "apricots", demo::BACKUP.key),
            ("deal-3", "PERSONAL", "bread", demo::CARD.key),
        ] {
            let mut ask = shop.receipt_ask(deal, 11_000);
            ask["type"] = json!(kind);
            ask["orderName"] = json!(name);
            ask["channelKey"] = json!(channel);
            shop.post("/cash-receipts", &ask).await.succeeds();
            shop.after("PT1M").await;
        }
        shop.withdraws_receipt("deal-1").await.succeeds();
        let mut refused = shop.receipt_ask("deal-4", 11_000);
        refused["customer"]["identityNumber"] = json!(UNKNOWN_PHONE);
        shop.post("/cash-receipts", &refused).await.refused(502, "PG_PROVIDER");
        let pg_receipt = shop.receipt_of("deal-2").await.succeeds()["pgReceiptId"].clone();

        for (criteria, expected) in [
            (json!({}), vec!["deal-3", "deal-2", "deal-1"]),
            (json!({ "sort": { "by": "ISSUED_AT", "order": "ASC" } }), vec!["deal-1", "deal-2", "deal-3"]),
            (json!({ "page": { "number": 1, "size": 2 } }), vec!["deal-1"]),
            (
                json!({ "filter": { "timeRangeField": "STATUS_UPDATED_AT" }, "sort": { "by": "STATUS_UPDATED_AT" } }),
                vec!["deal-4", "deal-1", "deal-3", "deal-2"],
            ),
            (json!({ "filter": { "timeRangeField": "CANCELLED_AT" } }), vec!["deal-1"]),
            (json!({ "filter": { "statuses": ["CANCELLED"] } }), vec!["deal-1"]),
            (
                json!({ "filter": { "statuses": ["FAILED"], "timeRangeField": "STATUS_UPDATED_AT" } }),
                vec!["deal-4"],
            ),
            (json!({ "filter": { "types": ["CORPORATE"] } }), vec!["deal-2"]),
            (json!({ "filter": { "orderName": "ap" } }), vec!["deal-2", "deal-1"]),
            (json!({ "filter": { "paymentId": "deal-3" } }), vec!["deal-3"]),
            (json!({ "filter": { "pgReceiptId": pg_receipt } }), vec!["deal-2"]),
            (json!({ "filter": { "pgMerchantId": demo::BACKUP.pg_merchant_id } }), vec!["deal-2"]),
            (json!({ "filter": { "pgProviders": ["NICE_V2"] } }), vec!["deal-2"]),
            (json!({ "filter": { "pgCompanies": ["TOSSPAYMENTS"] } }), vec!["deal-3", "deal-1"]),
            (json!({ "filter": { "isManual": false } }), vec![]),
            (json!({ "filter": { "isTest": true, "isManual": true } }), vec!["deal-3", "deal-2", "deal-1"]),
            (json!({ "filter": { "isTest": false } }), vec![]),
            (json!({ "filter": { "version": "V1" } }), vec![]),
        ] {
            let page = shop.list("/cash-receipts", &criteria).await.succeeds();
            let found: Vec<&str> = page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["paymentId"].as_str().unwrap())
                .collect();
            assert_eq!(found, expected, "{criteria}");
        }
        let turned = json!({ "filter": { "from": "2026-02-01T00:00:00Z", "until": "2026-01-01T00:00:00Z" } });
        shop.list("/cash-receipts", &turned).await.refused(400, "INVALID_REQUEST");
        shop.list("/cash-receipts", &json!({ "filter": { "storeId": "store-x" } }))
            .await
            .refused(403, "FORBIDDEN");
        shop.closes().await;
    });
}

#[test]
fn payments_are_found_by_their_receipts() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        for id in ["order-1", "order-2"] {
            let wanted = json!({ "type": "PERSONAL", "customerIdentityNumber": PHONE });
            shop.opens_account_wanting(id, 11_000, wanted).await;
            shop.is_deposited_and_told(id, 11_000).await;
        }
        shop.withdraws_receipt("order-2").await.succeeds();
        let number = shop.receipt_of("order-1").await.succeeds()["issueNumber"].as_str().unwrap().to_owned();
        let receipt = shop.receipt_of("order-2").await.succeeds()["pgReceiptId"].as_str().unwrap().to_owned();
        let far = json!({ "from": "2020-01-01T00:00:00Z", "until": "2020-01-02T00:00:00Z" });
        for (filter, expected) in [
            (json!({ "cashReceiptType": "PERSONAL", "cashReceiptStatus": "ISSUED" }), vec!["order-1"]),
            (json!({ "cashReceiptStatus": "CANCELLED" }), vec!["order-2"]),
            (json!({ "cashReceiptType": "CORPORATE" }), vec![]),
            (json!({ "cashReceiptIssuedAtRange": far }), vec![]),
            (
                json!({ "textSearch": [{ "field": "RECEIPT_APPROVAL_NUMBER", "value": number }] }),
                vec!["order-1"],
            ),
            (json!({ "textSearch": [{ "field": "PG_RECEIPT_ID", "value": receipt }] }), vec!["order-2"]),
            (json!({ "textSearch": [{ "field": "ALL", "value": number }] }), vec!["order-1"]),
        ] {
            let page = shop.list("/payments", &json!({ "filter": filter })).await.succeeds();
            let found: Vec<&str> =
                page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect();
            assert_eq!(found, expected, "{filter}");
        }
        shop.closes().await;
    });
}

#[test]
fn receipts_belong_to_their_store_and_are_emptied_with_it() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.has_a_neighbour("merchant-n", "store-n", "secret-of-the-neighbour-0123456789").await;
        shop.issues_receipt("deal-1", 11_000).await.succeeds();
        let neighbour =
            |method: &str, path: &str| shop.request_as("secret-of-the-neighbour-0123456789", method, path);
        shop.send(neighbour("GET", "/payments/deal-1/cash-receipt"))
            .await
            .refused(404, "CASH_RECEIPT_NOT_FOUND");
        shop.send(neighbour("POST", "/payments/deal-1/cash-receipt/cancel"))
            .await
            .refused(404, "CASH_RECEIPT_NOT_FOUND");
        let listed = shop.send(neighbour("GET", "/cash-receipts")).await.succeeds();
        assert_eq!(listed["page"]["totalCount"], 0);
        shop.post("/sandbox/reset", &json!({})).await.succeeds();
        shop.receipt_of("deal-1").await.refused(404, "CASH_RECEIPT_NOT_FOUND");
        shop.issues_receipt("deal-1", 11_000).await.succeeds();
        shop.closes().await;
    });
}

#[test]
fn verify_compares_receipts_with_the_psps_own() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.issues_receipt("deal-1", 11_000).await.succeeds();
        shop.runs_sql("DELETE FROM simulator_records WHERE kind = 'cash-receipt'").await;
        let report = verify::run(&shop.app().storage, verify::VerifyOptions::default()).await.unwrap();
        let found = format!("{:?}", report.differences);
        assert!(found.contains("deal-1") && report.differences.len() == 1, "{found}");
    });
}

#[test]
fn a_chargeback_takes_the_receipt_with_it_when_nothing_is_left() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let wanted = json!({ "type": "PERSONAL", "customerIdentityNumber": "010-1234-5678" });
        shop.opens_account_wanting("order-1", 11_000, wanted).await;
        shop.is_deposited_and_told("order-1", 11_000).await;
        assert_eq!(
            (shop.receipt_status("order-1").await, shop.valid_at_the_psp().await),
            ("ISSUED".into(), 1)
        );
        shop.is_charged_back("order-1", Some(1_000)).await;
        shop.jobs_run().await;
        assert_eq!(
            (shop.receipt_status("order-1").await, shop.valid_at_the_psp().await),
            ("ISSUED".into(), 1)
        );
        shop.is_charged_back("order-1", None).await;
        shop.jobs_run().await;
        let payment = shop.payment("order-1").await;
        assert_eq!(
            (&payment["status"], &payment["cashReceipt"]["status"], &payment["amount"]["cancelled"]),
            (&json!("CANCELLED"), &json!("CANCELLED"), &json!(11_000))
        );
        assert_eq!((shop.valid_at_the_psp().await, shop.psp().await), (0, (1, 0)));
        // What was issued by hand stays the merchant's to withdraw.
        shop.is_paid("order-2", 11_000).await;
        shop.issues_receipt("order-2", 11_000).await.succeeds();
        shop.is_charged_back("order-2", None).await;
        shop.jobs_run().await;
        assert_eq!(shop.receipt_status("order-2").await, "ISSUED");
        shop.withdraws_receipt("order-2").await.succeeds();
        assert_eq!(shop.valid_at_the_psp().await, 0);
        shop.closes().await;
    });
}
