//! What PSPs tell us unasked: believed only when it is theirs, fresh, about their own, and only once.

use crate::shop::{APPROVED, Answer, CANCELS_LATER, DECLINED, SILENT_AND_NOT_CHARGED, Shop, both_databases};
use hmac::{Hmac, KeyInit, Mac};
use paypier::cli::dev::demo;
use paypier::clock::Clock;
use paypier_domain::account::LateApproval;
use paypier_domain::id::StoreId;
use serde_json::{Value, json};
use sha2::Sha256;

const VIRTUAL_ACCOUNTS: demo::DemoChannel = demo::CHANNELS[2];

impl Shop {
    /// What the PSP would say now about the charge: the body of its first notification.
    async fn psp_would_say(&self, transaction: &str) -> Vec<u8> {
        let store = StoreId::known(demo::STORE_ID);
        let psp = self.app().simulator.clone().unwrap();
        let (now, id) = (self.app().test_clock(&store).await.unwrap(), format!("sbxn_1_{transaction}"));
        psp.notification(&store, &id, now, self.wall.now())
            .await
            .unwrap()
            .expect("it was announced")
            .body
            .to_vec()
    }

    fn signature(&self, account: &str, seconds_ago: i64, body: &[u8]) -> String {
        let seconds = self.wall.now().as_second() - seconds_ago;
        let mut mac = Hmac::<Sha256>::new_from_slice(self.psp_key(account).as_bytes()).unwrap();
        mac.update(format!("{seconds}.").as_bytes());
        mac.update(body);
        format!("t={seconds},v1={}", hex::encode(mac.finalize().into_bytes()))
    }

    async fn is_told(&self, channel: &str, signature: Option<String>, body: &[u8]) -> Answer {
        let mut request = self.anonymous("POST", &format!("/psp/notifications/{}/{channel}", demo::STORE_ID));
        if let Some(signature) = signature {
            request = request.header("x-sandbox-signature", signature);
        }
        self.send(request.body(body.to_vec())).await
    }

    /// Signed now by the account of the channel.
    async fn hears(&self, channel: demo::DemoChannel, body: &[u8]) -> Answer {
        self.is_told(channel.key, Some(self.signature(channel.pg_merchant_id, 0, body)), body).await
    }

    async fn transaction(&self, id: &str) -> String {
        self.payment(id).await["transactionId"].as_str().unwrap().to_owned()
    }

    async fn waits_for_a_deposit(&self, id: &str, total: i64) -> String {
        let order = json!({
            "channelKey": VIRTUAL_ACCOUNTS.key, "orderName": "a book", "currency": "KRW", "amount": { "total": total },
            "noticeUrls": [self.receiver.url],
            "method": { "virtualAccount": { "bank": "SHINHAN", "expiry": { "validHours": 24 }, "option": { "type": "NORMAL" } } },
        });
        self.post(&format!("/payments/{id}/instant"), &order).await.succeeds();
        self.transaction(id).await
    }
}

#[test]
fn forged_and_stale_notifications_are_refused_before_anything_in_them_is_used() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let transaction = shop.waits_for_a_deposit("order-1", 20_000).await;
        let truth = shop.psp_would_say(&transaction).await;
        let mut lie: Value = serde_json::from_slice(&truth).unwrap();
        lie["charge"]["status"] = json!("PAID");
        lie["charge"]["depositedAmount"] = json!(20_000);
        let lie = lie.to_string().into_bytes();
        let before = shop.payment("order-1").await;
        let (account, key) = (VIRTUAL_ACCOUNTS.pg_merchant_id, VIRTUAL_ACCOUNTS.key);
        let good = shop.signature(account, 0, &truth);
        for (signature, body) in [
            (None, &lie),
            (Some(String::new()), &lie),
            (Some("t=1,v1=".into()), &lie),
            (Some("garbage".into()), &lie),
            (Some(good.clone()), &lie),
            (Some(good.replace("v1=", "v0=")), &truth),
            (Some(good.replace("t=", "t=1")), &truth),
            (Some(shop.signature(demo::CARD.pg_merchant_id, 0, &lie)), &lie),
            (Some(shop.signature("nobody", 0, &lie)), &lie),
            (Some(shop.signature(account, 301, &lie)), &lie),
            (Some(shop.signature(account, -301, &lie)), &lie),
            (Some(shop.signature(account, i64::from(i32::MAX), &lie)), &lie),
        ] {
            let shown = format!("{signature:?}");
            let answer = shop.is_told(key, signature, body).await;
            assert_eq!(answer.status, 401, "{shown}: {}", answer.text());
            answer.refused(401, "UNAUTHORIZED");
        }
        for body in
            [b"".as_slice(), b"{}", b"[]", b"\xff", br#"{"reference":"a","charge":{"reference":"b"}}"#]
        {
            shop.hears(VIRTUAL_ACCOUNTS, body).await.refused(400, "INVALID_REQUEST");
        }
        for path in ["store-unknown/x", "%00/x", "x/%2F", "x/%"] {
            let request = shop.anonymous("POST", &format!("/psp/notifications/{path}")).body(truth.clone());
            shop.send(request).await.refused(404, "NOT_FOUND");
        }
        assert_eq!(shop.webhooks("order-1").await, ["VirtualAccountIssued"]);
        // Somebody repeats an authentic one later.
        let old = shop.signature(account, 0, &truth);
        shop.is_told(key, Some(old.clone()), &truth).await;
        shop.wall.passes(302);
        shop.is_told(key, Some(old), &truth).await.refused(401, "UNAUTHORIZED");
        shop.jobs_run().await;
        let mut after = shop.payment("order-1").await;
        after["webhooks"] = before["webhooks"].clone();
        assert_eq!(after, before);
        shop.closes().await;
    });
}

#[test]
fn a_channel_speaks_for_its_own_charges_alone() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let transaction = shop.waits_for_a_deposit("order-1", 20_000).await;
        let mut lie: Value = serde_json::from_slice(&shop.psp_would_say(&transaction).await).unwrap();
        lie["charge"]["status"] = json!("PAID");
        let lie = lie.to_string().into_bytes();
        // Authentic for another channel of the store, and about this channel's charge.
        shop.hears(demo::CARD, &lie).await.refused(404, "NOT_FOUND");
        shop.hears(demo::BACKUP, &lie).await.refused(404, "NOT_FOUND");
        // Another store's PSP account, under its own address.
        shop.opens_sub_store("store-sub", "sub-secret").await;
        let psp = shop.app().simulator.clone().unwrap();
        let secret = psp.secret_key(&StoreId::known("store-sub"), "account-of-store-sub");
        let seconds = shop.wall.now().as_second();
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(format!("{seconds}.").as_bytes());
        mac.update(&lie);
        let signature = format!("t={seconds},v1={}", hex::encode(mac.finalize().into_bytes()));
        let path = "/psp/notifications/store-sub/channel-key-of-store-sub";
        let request = shop.anonymous("POST", path).header("x-sandbox-signature", signature).body(lie.clone());
        // A charge that is not that store's: taken note of, and nothing else.
        assert_eq!(shop.send(request).await.status, 200);
        assert_eq!(shop.status("order-1").await, "VIRTUAL_ACCOUNT_ISSUED");
        // The PSP's words about a charge that nobody knows are accepted, or it would repeat them for ever.
        let unknown =
            String::from_utf8(lie).unwrap().replace(&transaction, "00000000-0000-0000-0000-000000000000");
        assert_eq!(shop.hears(VIRTUAL_ACCOUNTS, unknown.as_bytes()).await.status, 200);
        assert_eq!(shop.webhooks("order-1").await, ["VirtualAccountIssued"]);
        shop.closes().await;
    });
}

#[test]
fn duplicates_and_regressions_have_no_effect() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        let transaction = shop.waits_for_a_deposit("order-1", 20_000).await;
        let issued = shop.psp_would_say(&transaction).await;
        shop.hears(VIRTUAL_ACCOUNTS, &issued).await;
        shop.post("/sandbox/payments/order-1/deposit", &json!({ "amount": 20_000 })).await.succeeds();
        let paid = shop.psp_would_say(&transaction).await;
        assert_eq!(shop.status("order-1").await, "PAID");
        // Old, new, old, new: the payment stays where it is.
        for body in [&issued, &paid, &issued, &paid] {
            assert_eq!(shop.hears(VIRTUAL_ACCOUNTS, body).await.status, 200);
            assert_eq!(shop.status("order-1").await, "PAID");
        }
        assert_eq!(shop.webhooks("order-1").await, ["VirtualAccountIssued", "Paid"]);
        assert_eq!(shop.psp().await, (1, 20_000));
        let events = shop.list("/payment-events-by-cursor", &json!({})).await.succeeds();
        assert_eq!(events["items"].as_array().unwrap().len(), 1);
        shop.closes().await;
    });
}

#[test]
fn twenty_copies_at_once_are_one_deposit() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.faults(json!({ "duplicateNotificationRate": 1 })).await;
        let transaction = shop.waits_for_a_deposit("order-1", 20_000).await;
        shop.post("/sandbox/payments/order-1/deposit", &json!({ "amount": 20_000 })).await.succeeds();
        let paid = shop.psp_would_say(&transaction).await;
        let copies = (0..20).map(|_| {
            let signature = shop.signature(VIRTUAL_ACCOUNTS.pg_merchant_id, 0, &paid);
            let path = format!("/psp/notifications/{}/{}", demo::STORE_ID, VIRTUAL_ACCOUNTS.key);
            shop.anonymous("POST", &path).header("x-sandbox-signature", signature).body(paid.clone())
        });
        for answer in crate::shop::at_once(copies.collect()).await {
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
        assert_eq!(shop.status("order-1").await, "PAID");
        assert_eq!(shop.webhooks("order-1").await, ["VirtualAccountIssued", "Paid"]);
        assert_eq!(shop.psp().await, (1, 20_000));
        shop.closes().await;
    });
}

#[test]
fn a_refund_ends_once_whoever_brings_the_news_and_in_which_order() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.pays("order-1", CANCELS_LATER, 10_000).await.succeeds();
        let transaction = shop.transaction("order-1").await;
        shop.cancels("order-1", Some(4_000)).await.succeeds();
        let pending = shop.psp_would_say(&transaction).await;
        shop.after("PT11M").await;
        let ended = shop.psp_would_say(&transaction).await;
        for body in [&pending, &ended, &pending] {
            assert_eq!(shop.hears(demo::CARD, body).await.status, 200);
        }
        let payment = shop.payment("order-1").await;
        assert_eq!(
            (&payment["status"], &payment["amount"]["cancelled"]),
            (&json!("PARTIAL_CANCELLED"), &json!(4_000))
        );
        assert_eq!(shop.webhooks("order-1").await, ["Paid", "CancelPending", "PartialCancelled"]);
        assert_eq!(shop.psp().await, (1, 6_000));
        shop.closes().await;
    });
}

#[test]
fn a_late_approval_is_accepted_where_the_store_wants_that() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.pays("order-1", SILENT_AND_NOT_CHARGED, 4_000).await.refused(502, "PG_PROVIDER");
        let transaction = shop.transaction("order-1").await;
        shop.after("PT1M").await;
        assert_eq!(shop.status("order-1").await, "FAILED");
        shop.psp_charges_after_all(demo::CARD.pg_merchant_id, &transaction, (4_000, "KRW")).await;
        let payment = shop.payment("order-1").await;
        assert_eq!((&payment["status"], &payment["transactionId"]), (&json!("PAID"), &json!(transaction)));
        assert_eq!(shop.webhooks("order-1").await, ["PayPending", "Failed", "Paid"]);
        let triggers: Vec<_> =
            payment["webhooks"].as_array().unwrap().iter().map(|w| w["trigger"].clone()).collect();
        assert!(triggers.contains(&json!("ASYNC_PAY_APPROVED")), "{triggers:?}");
        shop.pays("order-1", APPROVED, 4_000).await.refused(409, "ALREADY_PAID");
        assert_eq!(shop.psp().await, (1, 4_000));
        shop.closes().await;
    });
}

#[test]
fn a_late_approval_is_given_back_at_once_where_the_store_wants_that() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.decides_about_late_approvals(LateApproval::CancelAtOnce).await;
        shop.pays("order-1", SILENT_AND_NOT_CHARGED, 4_000).await.refused(502, "PG_PROVIDER");
        let transaction = shop.transaction("order-1").await;
        shop.after("PT1M").await;
        shop.psp_charges_after_all(demo::CARD.pg_merchant_id, &transaction, (4_000, "KRW")).await;
        assert_eq!(shop.status("order-1").await, "CANCELLED");
        assert_eq!(shop.webhooks("order-1").await, ["PayPending", "Failed", "Paid", "Cancelled"]);
        assert_eq!(shop.psp().await, (1, 0));
        shop.closes().await;
    });
}

#[test]
fn a_second_success_of_one_payment_is_given_back() {
    both_databases(|engine| async move {
        let shop = Shop::open(engine).await;
        shop.pays("order-1", SILENT_AND_NOT_CHARGED, 4_000).await.refused(502, "PG_PROVIDER");
        let late = shop.transaction("order-1").await;
        shop.after("PT1M").await;
        shop.pays("order-1", DECLINED, 4_000).await.refused(502, "PG_PROVIDER");
        shop.pays("order-1", APPROVED, 4_000).await.succeeds();
        let paid = shop.transaction("order-1").await;
        shop.psp_charges_after_all(demo::CARD.pg_merchant_id, &late, (4_000, "KRW")).await;
        let payment = shop.payment("order-1").await;
        assert_eq!((&payment["status"], &payment["transactionId"]), (&json!("PAID"), &json!(paid)));
        assert_eq!(shop.psp().await, (2, 4_000), "charged twice, given back once");
        let lines = shop.psp_lines().await;
        assert!(lines.contains(&("REFUND".into(), late, 4_000)), "{lines:?}");
        assert_eq!(shop.webhooks("order-1").await, ["PayPending", "Failed", "Failed", "Paid"]);
        shop.closes().await;
    });
}
