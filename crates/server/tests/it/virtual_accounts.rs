//! Virtual accounts: issued, deposited into too little and too much, expired, closed, refunded.

use crate::shop::{APPROVED, Answer, Shop, at_once, both_databases, eventually};
use paypier::cli::dev::demo;
use paypier_domain::id::{PaymentId, PaymentKey, StoreId};
use serde_json::{Value, json};

const CHANNEL: demo::DemoChannel = demo::CHANNELS[2];

impl Shop {
    fn account_order(&self, total: i64, change: Value) -> Value {
        let mut account =
            json!({ "bank": "SHINHAN", "expiry": { "validHours": 24 }, "option": { "type": "NORMAL" } });
        for (name, member) in change.as_object().unwrap() {
            account[name] = member.clone();
        }
        json!({
            "channelKey": CHANNEL.key, "orderName": "a book", "currency": "KRW", "amount": { "total": total },
            "noticeUrls": [self.receiver.url], "method": { "virtualAccount": account },
        })
    }

    async fn opens_account(&self, id: &str, total: i64) {
        let order = self.account_order(total, json!({}));
        self.post(&format!("/payments/{id}/instant"), &order).await.succeeds();
    }

    async fn is_deposited(&self, id: &str, amount: i64) -> Value {
        self.post(&format!("/sandbox/payments/{id}/deposit"), &json!({ "amount": amount })).await.succeeds()
    }

    /// The bank lets it through although the account is past its time.
    async fn is_deposited_late(&self, id: &str, amount: i64) -> Answer {
        self.post(&format!("/sandbox/payments/{id}/deposit"), &json!({ "amount": amount, "late": true }))
            .await
    }

    async fn expires(&self, id: &str) {
        self.send(self.request("POST", &format!("/sandbox/payments/{id}/expire"))).await.succeeds();
    }

    async fn closes_account(&self, id: &str) -> Answer {
        self.send(self.request("POST", &format!("/payments/{id}/virtual-account/close"))).await
    }

    async fn refunds_to(&self, id: &str, amount: Option<i64>, number: &str) -> Answer {
        let account = json!({ "bank": "SHINHAN", "number": number, "holderName": "Hong Gildong" });
        let mut body = json!({ "reason": "changed my mind", "refundAccount": account });
        if let Some(amount) = amount {
            body["amount"] = amount.into();
        }
        self.post(&format!("/payments/{id}/cancel"), &body).await
    }

    async fn refund_status(&self, id: &str) -> Value {
        self.payment(id).await["method"]["refundStatus"].clone()
    }

    /// What was seen about the payment, for operators.
    async fn evidence(&self, id: &str) -> Vec<String> {
        let key = PaymentKey { store: StoreId::known(demo::STORE_ID), payment: PaymentId::known(id) };
        let evidence = self.app().storage.evidence_of(&key).await.unwrap();
        evidence.into_iter().map(|evidence| evidence.finding).collect()
    }
}

#[test]
fn an_account_that_waits_is_closed_once_and_its_payment_id_is_free_again() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.opens_account("order-1", 20_000).await;
        shop.pays("order-1", APPROVED, 20_000).await.refused(409, "ALREADY_PAID");
        let closed = shop.closes_account("order-1").await.succeeds();
        let payment = shop.payment("order-1").await;
        assert_eq!(payment["status"], "FAILED");
        assert_eq!(payment["failure"], json!({ "reason": "virtual account closed" }));
        assert_eq!(payment["failedAt"], closed["closedAt"]);
        shop.closes_account("order-1").await.refused(409, "PAYMENT_NOT_WAITING_FOR_DEPOSIT");
        assert_eq!(shop.webhooks("order-1").await, ["VirtualAccountIssued", "Failed"]);
        shop.pays("order-1", APPROVED, 20_000).await.succeeds();
        assert_eq!(shop.webhooks("order-1").await, ["VirtualAccountIssued", "Failed", "Paid"]);
        assert_eq!(shop.psp().await, (1, 20_000));
        shop.closes().await;
    });
}

#[test]
fn every_refusal_to_close_has_its_condition_and_its_place() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.has_a_neighbour("merchant-2", "store-2", "neighbours-secret").await;
        let close = |id: &str, query: &str| {
            shop.send(shop.request("POST", &format!("/payments/{id}/virtual-account/close{query}")))
        };
        close("never", "").await.refused(404, "PAYMENT_NOT_FOUND");
        close("never", "?storeId=store-2").await.refused(403, "FORBIDDEN");
        close("a%00", "?storeId=store-2").await.refused(403, "FORBIDDEN");
        close("a%00", "").await.refused(400, "INVALID_REQUEST");
        shop.is_paid("paid", 1_000).await;
        close("paid", "").await.refused(409, "PAYMENT_NOT_WAITING_FOR_DEPOSIT");
        shop.cancels("paid", None).await.succeeds();
        close("paid", "").await.refused(409, "PAYMENT_NOT_WAITING_FOR_DEPOSIT");
        shop.opens_account("va", 1_000).await;
        let strange = shop.request_as("neighbours-secret", "POST", "/payments/va/virtual-account/close");
        shop.send(strange).await.refused(404, "PAYMENT_NOT_FOUND");
        // Something lies on the account: the PSP does not close it, and says so in its own words.
        shop.is_deposited("va", 400).await;
        let refusal = close("va", "").await.refused(502, "PG_PROVIDER");
        assert_eq!(refusal["pgCode"], "SANDBOX_ACCOUNT_HAS_DEPOSIT");
        assert_eq!(shop.status("va").await, "VIRTUAL_ACCOUNT_ISSUED");
        shop.is_deposited("va", 600).await;
        close("va", "").await.refused(409, "PAYMENT_NOT_WAITING_FOR_DEPOSIT");
        assert_eq!(shop.webhooks("va").await, ["VirtualAccountIssued", "Paid"]);
        shop.closes().await;
    });
}

#[test]
fn a_key_closes_once_and_hears_the_same_answer() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.opens_account("order-1", 20_000).await;
        let close = || {
            let path = "/payments/order-1/virtual-account/close";
            shop.send(shop.request("POST", path).header("idempotency-key", "\"close-order-1-once\""))
        };
        let first = close().await;
        let again = close().await;
        first.clone().succeeds();
        assert_eq!((again.status, again.bytes), (first.status, first.bytes));
        shop.closes().await;
    });
}

#[test]
fn of_two_that_close_at_once_one_does_and_the_other_hears_that_it_is_closed() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.opens_account("order-1", 20_000).await;
        let closing = || shop.request("POST", "/payments/order-1/virtual-account/close");
        let answers = at_once((0..6).map(|_| closing()).collect()).await;
        let closed = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(closed, 1, "{answers:?}");
        for answer in answers.into_iter().filter(|answer| answer.status != 200) {
            answer.refused(409, "PAYMENT_NOT_WAITING_FOR_DEPOSIT");
        }
        assert_eq!(shop.webhooks("order-1").await, ["VirtualAccountIssued", "Failed"]);
        shop.closes().await;
    });
}

#[test]
fn of_a_deposit_and_a_closing_that_meet_one_wins_and_the_money_is_where_the_payment_says() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        for round in 0..6 {
            let id = format!("order-{round}");
            shop.opens_account(&id, 1_000).await;
            let deposit = shop
                .request("POST", &format!("/sandbox/payments/{id}/deposit"))
                .body(json!({ "amount": 1_000 }).to_string());
            let closing = shop.request("POST", &format!("/payments/{id}/virtual-account/close"));
            let requests = if round % 2 == 0 { vec![deposit, closing] } else { vec![closing, deposit] };
            let answers = at_once(requests).await;
            let status = shop.status(&id).await;
            let closed =
                answers.iter().any(|answer| answer.status == 200 && answer.body["closedAt"].is_string());
            assert_eq!(status, if closed { "FAILED" } else { "PAID" }, "{answers:?}");
            let last = if closed { "Failed" } else { "Paid" };
            assert_eq!(shop.webhooks(&id).await, ["VirtualAccountIssued", last]);
        }
        let paid = shop.list("/payments", &json!({ "filter": { "status": ["PAID"] } })).await.succeeds();
        let paid = paid["page"]["totalCount"].as_i64().unwrap();
        assert_eq!(shop.psp().await.1, paid * 1_000);
        shop.closes().await;
    });
}

#[test]
fn a_deposit_after_the_close_is_seen_and_goes_back_and_nobody_counts_on_it() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.opens_account("order-1", 20_000).await;
        shop.closes_account("order-1").await.succeeds();
        let refusal = shop
            .post("/sandbox/payments/order-1/deposit", &json!({ "amount": 20_000 }))
            .await
            .refused(400, "INVALID_REQUEST");
        assert!(refusal["message"].as_str().unwrap().contains("no virtual account that waits"));
        shop.faults(json!({ "duplicateNotificationRate": 1 })).await;
        assert_eq!(shop.is_deposited_late("order-1", 20_000).await.succeeds()["isPaid"], true);
        shop.jobs_run().await;
        assert_eq!(shop.status("order-1").await, "FAILED");
        assert_eq!(shop.psp().await, (1, 0), "taken, and given back once");
        assert_eq!(shop.webhooks("order-1").await, ["VirtualAccountIssued", "Failed"]);
        let evidence = shop.evidence("order-1").await;
        for said in ["closing the account is done", "the PSP says: done", "the charge was given back"] {
            assert!(evidence.iter().any(|finding| finding == said), "{said}: {evidence:?}");
        }
        let events = shop.list("/payment-events-by-cursor", &json!({})).await.succeeds();
        assert_eq!(events["items"], json!([]));
        shop.closes().await;
    });
}

#[test]
fn an_account_past_its_time_stays_and_counts_a_deposit_that_the_bank_lets_through() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        for id in ["late", "closed", "moved"] {
            shop.opens_account(id, 20_000).await;
        }
        for id in ["late", "closed"] {
            shop.expires(id).await;
            shop.expires(id).await;
        }
        shop.after("PT25H").await;
        for id in ["late", "closed", "moved"] {
            assert_eq!(shop.status(id).await, "VIRTUAL_ACCOUNT_ISSUED", "{id}");
            assert_eq!(shop.webhooks(id).await, ["VirtualAccountIssued"], "{id}");
            shop.post(&format!("/sandbox/payments/{id}/deposit"), &json!({ "amount": 20_000 }))
                .await
                .refused(400, "INVALID_REQUEST");
        }
        shop.is_deposited_late("late", 20_000).await.succeeds();
        let payment = shop.payment("late").await;
        assert_eq!(payment["status"], "PAID");
        let triggers: Vec<_> =
            payment["webhooks"].as_array().unwrap().iter().filter_map(|w| w["trigger"].as_str()).collect();
        assert_eq!(triggers, ["VIRTUAL_ACCOUNT_DEPOSIT"]);
        // The id of one that expired becomes free by closing it.
        shop.closes_account("closed").await.succeeds();
        assert_eq!(shop.status("closed").await, "FAILED");
        shop.pays("closed", APPROVED, 20_000).await.succeeds();
        shop.send(shop.request("POST", "/sandbox/payments/late/expire"))
            .await
            .refused(400, "INVALID_REQUEST");
        shop.closes().await;
    });
}

#[test]
fn too_little_waits_too_much_is_noted_and_the_books_have_what_was_asked_for() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.opens_account("order-1", 10_000).await;
        let short = shop.is_deposited("order-1", 4_000).await;
        assert_eq!(short, json!({ "deposited": 4_000, "waiting": 6_000, "overpaid": 0, "isPaid": false }));
        let waiting = shop.payment("order-1").await;
        assert_eq!(
            (&waiting["status"], &waiting["amount"]["paid"]),
            (&json!("VIRTUAL_ACCOUNT_ISSUED"), &json!(0))
        );
        assert_eq!(shop.psp().await, (0, 0));
        let over = shop.is_deposited("order-1", 7_500).await;
        assert_eq!(over, json!({ "deposited": 11_500, "waiting": 0, "overpaid": 1_500, "isPaid": true }));
        let payment = shop.payment("order-1").await;
        assert_eq!((&payment["status"], &payment["amount"]["paid"]), (&json!("PAID"), &json!(10_000)));
        let raw: Value = serde_json::from_str(payment["pgResponse"].as_str().unwrap()).unwrap();
        assert_eq!(raw["charge"]["account"]["overpaidAmount"], 1_500);
        let evidence = shop.evidence("order-1").await;
        for said in [
            "the PSP says: pending; 4000 were deposited, 6000 are missing",
            "the PSP says: done; 11500 were deposited, 1500 more than asked for, which are the depositor's",
        ] {
            assert!(evidence.iter().any(|finding| finding == said), "{said}: {evidence:?}");
        }
        assert_eq!(shop.webhooks("order-1").await, ["VirtualAccountIssued", "Paid"]);
        assert_eq!(shop.psp().await, (1, 10_000));
        // What is refunded is the payment; the surplus is the depositor's and not ours to give.
        shop.refunds_to("order-1", Some(10_001), "110-222-333344")
            .await
            .refused(409, "CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT");
        shop.refunds_to("order-1", None, "110-222-333344").await.succeeds();
        assert_eq!(shop.psp().await, (1, 0));
        shop.closes().await;
    });
}

#[test]
fn a_refund_of_a_deposit_says_how_far_it_has_come() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        for (id, amount, number, answer, at_once, later) in [
            ("done", None, "110-1", "SUCCEEDED", "COMPLETED", "COMPLETED"),
            ("wired", None, "110-11", "REQUESTED", "PENDING", "COMPLETED"),
            ("returned", None, "110-13", "REQUESTED", "PENDING", "FAILED"),
            ("part", Some(4_000), "110-13", "REQUESTED", "PENDING", "PARTIAL_REFUND_FAILED"),
        ] {
            shop.opens_account(id, 10_000).await;
            shop.is_deposited(id, 10_000).await;
            assert_eq!(shop.refund_status(id).await, Value::Null, "{id}");
            let cancelled = shop.refunds_to(id, amount, number).await.succeeds();
            assert_eq!(cancelled["cancellation"]["status"], answer, "{id}");
            assert_eq!(shop.refund_status(id).await, at_once, "{id}");
            shop.after("PT11M").await;
            assert_eq!(shop.refund_status(id).await, later, "{id}");
        }
        shop.refunds_to("part", None, "110-2").await.succeeds();
        assert_eq!(shop.refund_status("part").await, "COMPLETED");
        assert_eq!(shop.status("part").await, "CANCELLED");
        // An account that does not exist is refused at once; another one may be named.
        let refusal = shop.refunds_to("returned", None, "110-00").await.refused(502, "PG_PROVIDER");
        assert_eq!(refusal["pgCode"], "SANDBOX_REFUND_ACCOUNT_UNKNOWN");
        assert_eq!(shop.refund_status("returned").await, "FAILED");
        shop.post("/payments/returned/cancel", &json!({ "reason": "no account" }))
            .await
            .refused(400, "INVALID_REQUEST");
        shop.closes().await;
    });
}

#[test]
fn lasting_accounts_keep_their_number_and_a_receipt_that_was_asked_for_is_kept() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let number = |id: &'static str, fixed: Value| {
            let order = shop.account_order(1_000, json!({ "option": { "type": "FIXED", "fixed": fixed } }));
            let shop = &shop;
            async move {
                shop.post(&format!("/payments/{id}/instant"), &order).await.succeeds();
                let method = shop.payment(id).await["method"].clone();
                assert_eq!(method["accountType"], "FIXED");
                method["accountNumber"].as_str().unwrap().to_owned()
            }
        };
        assert_eq!(number("named", json!({ "accountNumber": "11012345678" })).await, "11012345678");
        let first = number("first", json!({ "pgAccountId": "customer-7" })).await;
        assert_eq!(number("second", json!({ "pgAccountId": "customer-7" })).await, first);
        for (id, receipt) in [
            ("personal", json!({ "type": "PERSONAL", "customerIdentityNumber": "010-1234-5678" })),
            ("corporate", json!({ "type": "CORPORATE", "customerIdentityNumber": "1234567890" })),
            ("none", json!({ "type": "NO_RECEIPT", "customerIdentityNumber": "" })),
        ] {
            let order = shop.account_order(1_000, json!({ "cashReceipt": receipt }));
            shop.post(&format!("/payments/{id}/instant"), &order).await.succeeds();
            let key = PaymentKey { store: StoreId::known(demo::STORE_ID), payment: PaymentId::known(id) };
            let stored = shop.app().storage.payment(&key).await.unwrap().unwrap();
            let wanted = stored.attempts[0].order.cash_receipt.as_ref();
            let kind = wanted.map_or("NO_RECEIPT", |wanted| wanted.kind.as_str());
            assert_eq!(kind, receipt["type"]);
            assert!(!format!("{stored:?}").contains("1234-5678"), "the number is never printed");
        }
        let wrong = json!({ "cashReceipt": { "type": "PERSONAL", "customerIdentityNumber": "" } });
        let order = shop.account_order(1_000, wrong);
        shop.post("/payments/wrong/instant", &order).await.refused(400, "INVALID_REQUEST");
        shop.closes().await;
    });
}

#[test]
fn a_closing_whose_answer_is_lost_is_found_out_and_its_key_hears_the_truth() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.opens_account("order-1", 20_000).await;
        let close = |shop: &Shop| {
            shop.request("POST", "/payments/order-1/virtual-account/close")
                .header("idempotency-key", "\"close-order-1-once\"")
        };
        // The PSP carries it out, and its answers get lost.
        shop.faults(json!({ "dropAnswerRate": 1, "seed": 7 })).await;
        let unknown = shop.send(close(&shop)).await.refused(502, "PG_PROVIDER");
        assert_eq!(unknown["pgCode"], "OUTCOME_UNKNOWN");
        assert_eq!(shop.status("order-1").await, "VIRTUAL_ACCOUNT_ISSUED");
        shop.closes_account("order-1").await.refused(409, "PAYMENT_NOT_WAITING_FOR_DEPOSIT");
        let shop = shop.loses_power_and_opens_again().await;
        shop.faults(json!({ "dropAnswerRate": 0 })).await;
        shop.after("PT2M").await;
        shop.jobs_run().await;
        // Whether the PSP had heard of it or not: both sides agree, and the key knows which it is.
        match shop.status("order-1").await.as_str() {
            "FAILED" => assert!(shop.send(close(&shop)).await.succeeds()["closedAt"].is_string()),
            "VIRTUAL_ACCOUNT_ISSUED" => {
                let told = shop.send(close(&shop)).await.refused(502, "PG_PROVIDER");
                assert_eq!(told["pgCode"], "NOT_EXECUTED");
                shop.closes_account("order-1").await.succeeds();
            }
            other => panic!("{other}"),
        }
        shop.closes().await;
    });
}

#[test]
fn power_that_is_lost_while_closing_leaves_nothing_open() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.opens_account("order-1", 20_000).await;
        // The intention is written; what the PSP answers to it is not.
        shop.faults(json!({ "latencyMs": 250 })).await;
        let request = shop.request("POST", "/payments/order-1/virtual-account/close");
        let closing = tokio::spawn(crate::shop::sent(request));
        let app = shop.app().clone();
        eventually("an intention to close", || async {
            let key =
                PaymentKey { store: StoreId::known(demo::STORE_ID), payment: PaymentId::known("order-1") };
            let payment = app.storage.payment(&key).await.unwrap().unwrap();
            payment.attempts[0].account.closing.is_some() || payment.attempts[0].account.closed_at.is_some()
        })
        .await;
        let shop = shop.loses_power_and_opens_again().await;
        let _ = closing.await;
        shop.faults(json!({ "latencyMs": 0 })).await;
        shop.after("PT5M").await;
        shop.jobs_run().await;
        if shop.status("order-1").await == "VIRTUAL_ACCOUNT_ISSUED" {
            shop.closes_account("order-1").await.succeeds();
        }
        assert_eq!(shop.status("order-1").await, "FAILED");
        assert_eq!(shop.webhooks("order-1").await, ["VirtualAccountIssued", "Failed"]);
        shop.closes().await;
    });
}

#[test]
fn an_account_that_its_provider_does_not_issue_is_refused_before_anything_is_asked() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let fixed = json!({ "option": { "type": "FIXED", "fixed": { "pgAccountId": "customer-7" } } });
        for (provider, change) in [
            ("KCP_V2", fixed),
            ("PAYMENTWALL", json!({})),
            ("TOSSPAYMENTS", json!({ "expiry": { "validHours": 2_161 } })),
        ] {
            let key = format!("channel-of-{provider}");
            shop.has_channel_of(provider, &key, None).await;
            let mut order = shop.account_order(1_000, change);
            order["channelKey"] = json!(key);
            shop.post("/payments/refused/instant", &order).await.refused(400, "INVALID_REQUEST");
            shop.get("/payments/refused").await.refused(404, "PAYMENT_NOT_FOUND");
        }
        // What they do issue is issued.
        for (id, provider, change) in [
            ("normal", "KCP_V2", json!({})),
            ("long", "TOSSPAYMENTS", json!({ "expiry": { "validHours": 2_160 } })),
        ] {
            let mut order = shop.account_order(1_000, change);
            order["channelKey"] = json!(format!("channel-of-{provider}"));
            shop.post(&format!("/payments/{id}/instant"), &order).await.succeeds();
        }
        shop.closes().await;
    });
}
